//! Reads an activation code from a file or from standard input: from text, or from a picture of its
//! QR code.

use latchkey_token::{ActivationCode, TextError, decode_text, text_of_file};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::codes::Codes;
use crate::picture_process::read_picture_isolated;
use crate::qr_decode::is_picture;
use crate::reading_error::{FileReadError, ReadingError};

/// Far more bytes than any code has, and enough for a mail or a document that contains one.
const MAX_CODE_BYTES: usize = 64 * 1024;

/// Why no activation code can be read from a file.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum CodeFileError {
    /// The file contains nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// The file is a picture without a QR code. Letters in a picture aren't read.
    #[error("there is no QR code in the picture")]
    PictureWithoutCode,
    /// The file can't be read, or its QR code contains something else.
    #[error(transparent)]
    File(#[from] FileReadError),
}

impl From<ReadingError> for CodeFileError {
    fn from(error: ReadingError) -> Self {
        match error {
            ReadingError::NoCode => Self::PictureWithoutCode,
            error => Self::File(FileReadError::Picture(error)),
        }
    }
}

impl From<TextError> for CodeFileError {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Empty => Self::Empty,
            error => Self::File(FileReadError::Text(error)),
        }
    }
}

/// The text that contains an activation code, or the content of the QR code if the file is a
/// picture. Like [`read_picture_isolated`], it reads pictures in a separate process.
///
/// # Errors
/// Returns [`CodeFileError::Empty`] for an empty file, [`CodeFileError::PictureWithoutCode`] for a
/// picture without a QR code, and [`CodeFileError::File`] if the file can't be read, or if the QR
/// code isn't that of an activation code: it may contain a password, which must not be sent to the
/// vendor.
pub fn read_code_isolated(bytes: &[u8], memory: u64) -> Result<Zeroizing<String>, CodeFileError> {
    code_text(bytes, |picture| read_picture_isolated(picture, memory))
}

fn code_text(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Result<Codes, ReadingError>,
) -> Result<Zeroizing<String>, CodeFileError> {
    if is_picture(bytes) {
        return code_in_picture(&Zeroizing::new(read(bytes)?.text));
    }
    let bytes = &bytes[..bytes.len().min(MAX_CODE_BYTES)];
    let text = match text_of_file(bytes) {
        Ok(text) => Zeroizing::new(text),
        Err(TextError::Empty) => return Err(CodeFileError::Empty),
        // A code in a rich text document can be read as it is.
        Err(TextError::Document { format: "RTF" }) => Zeroizing::new(decode_text(bytes)),
        // A mail with pictures or documents attached has the code in its text.
        Err(error) => {
            let text = Zeroizing::new(decode_text(bytes));
            match text.parse::<ActivationCode>() {
                Ok(code) if code.is_generated() || matches!(error, TextError::Attached { .. }) => {
                    text
                }
                _ => return Err(error.into()),
            }
        }
    };
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// The activation code in a picture's QR code.
fn code_in_picture(text: &str) -> Result<Zeroizing<String>, CodeFileError> {
    let text = text.trim();
    let is_one_word = !text.contains(|character: char| {
        character.is_whitespace() || matches!(character, ':' | '/' | '=' | ';')
    });
    match TextError::of_other_code(text) {
        None | Some(TextError::CodeInstead) => {}
        // A code that the vendor chose has no recognisable form.
        Some(TextError::OtherCode { .. })
            if is_one_word && text.parse::<ActivationCode>().is_ok() => {}
        Some(other) => return Err(other.into()),
    }
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture_of(text: &'static str) -> Result<Zeroizing<String>, CodeFileError> {
        code_text(b"\x89PNG\r\n\x1a\n", |_| Ok(Codes { text: text.to_owned(), incomplete: None }))
    }

    #[test]
    fn a_code_is_read_from_text_and_from_a_picture_of_its_qr_code() {
        let none = |_: &[u8]| -> Result<Codes, ReadingError> { unreachable!("no picture") };
        assert_eq!(code_text(b" ACME-2027\n", none).unwrap().as_str(), "ACME-2027");
        assert_eq!(picture_of("ACME-2027\n").unwrap().as_str(), "ACME-2027");
        assert_eq!(code_text(b" \n", none), Err(CodeFileError::Empty));
    }

    #[test]
    fn a_qr_code_that_is_no_activation_code_is_refused() {
        for other in ["WIFI:T:WPA;S:Acme;P:hunter2;;", "https://acme.example/x"] {
            let refused = picture_of(other).unwrap_err();
            let is_named = matches!(
                refused,
                CodeFileError::File(FileReadError::Text(TextError::OtherCode { .. }))
            );
            assert!(is_named, "{refused:?}");
        }
        let blank = code_text(b"\x89PNG\r\n\x1a\n", |_| Err(ReadingError::NoCode));
        assert_eq!(blank, Err(CodeFileError::PictureWithoutCode));
    }
}
