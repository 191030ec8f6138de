//! Files that were handed in together: a text whose codes are in several of them is joined.

use std::collections::BTreeMap;

use latchkey_token::has_rows_without_beginning;

use crate::code_parts::CodeParts;
use crate::codes::{Codes, Reading, token_codes};
use crate::reading_error::{FileReadError, ReadingError};

/// What is in one of several files that were handed in together.
/// [`crate::read_one_of_several_isolated`] reads it.
#[derive(Debug)]
pub struct FileOfSeveral {
    pub(crate) result: Result<Codes, FileReadError>,
    /// The parts of texts whose other parts aren't in this file.
    pub(crate) parts: CodeParts,
}

impl FileOfSeveral {
    /// A text that was handed in with files.
    #[must_use]
    pub fn of_text(text: String) -> Self {
        Self { result: Ok(Codes::of_text(text)), parts: CodeParts::default() }
    }

    /// A file that consists of a picture.
    pub(crate) fn of_picture(reading: Reading) -> Self {
        let Reading { result, parts } = reading;
        Self { result: result.map_err(FileReadError::Picture).and_then(token_codes), parts }
    }

    /// The length in bytes of the file's own text, and of what it contributes to others.
    #[must_use]
    pub fn text_len(&self) -> usize {
        self.result.as_ref().map_or(0, |codes| codes.text.len()) + self.parts.text_len()
    }

    /// The text of each file. A text that several files contain parts of is in the first of them;
    /// the others are `None` if there is nothing else in them.
    ///
    /// # Errors
    /// As [`crate::read_file_isolated`].
    pub fn join_all(mut files: Vec<Self>) -> Vec<Result<Option<Codes>, FileReadError>> {
        Self::join_rows(&mut files);
        let mut all = CodeParts::default();
        for file in &files {
            all.extend(&file.parts);
        }
        let mut joined: BTreeMap<_, _> =
            all.sets().into_iter().map(|set| (set, all.join(set))).collect();
        let of_each = files.into_iter().map(|file| {
            let (mut texts, mut missing) = (Vec::new(), None);
            for set in file.parts.sets() {
                if let Some(joined) = joined.get_mut(&set) {
                    texts.append(&mut joined.texts);
                    missing = missing.or_else(|| joined.missing_of(&file.parts, set));
                }
            }
            match file.parts.is_empty() {
                true => file.result.map(Some),
                false => file.with_joined(texts, missing),
            }
        });
        of_each.collect()
    }

    /// Clears the report of rows without a beginning if another file has the beginning.
    fn join_rows(files: &mut [Self]) {
        let has_no_beginning = |codes: &Codes| codes.incomplete == Some(ReadingError::NoBeginning);
        let read = || files.iter().filter_map(|file| file.result.as_ref().ok());
        if files.len() < 2 || !read().any(has_no_beginning) {
            return;
        }
        let texts: Vec<_> = read().map(|codes| codes.text.as_str()).collect();
        if has_rows_without_beginning(&texts.join("\n")) {
            return;
        }
        for codes in files.iter_mut().filter_map(|file| file.result.as_mut().ok()) {
            codes.incomplete =
                codes.incomplete.filter(|incomplete| *incomplete != ReadingError::NoBeginning);
        }
    }

    fn with_joined(
        self,
        mut texts: Vec<String>,
        missing: Option<ReadingError>,
    ) -> Result<Option<Codes>, FileReadError> {
        let (own, incomplete) = match self.result {
            Ok(Codes { text, incomplete }) => (Some(text), incomplete),
            Err(FileReadError::Picture(error)) => (None, Some(error)),
            // A missing part is more useful to report than the kind of another code.
            Err(FileReadError::Text(_)) => (None, None),
        };
        let incomplete =
            incomplete.filter(|error| !matches!(error, ReadingError::CodeParts { .. }));
        let incomplete = incomplete.or(missing);
        // Texts that might belong together were already joined within the file.
        texts.retain(|text| own.as_ref().is_none_or(|own| !own.contains(text)));
        let texts: Vec<_> = own.into_iter().chain(texts).collect();
        match incomplete {
            Some(error) if texts.is_empty() => Err(FileReadError::Picture(error)),
            None if texts.is_empty() => Ok(None),
            incomplete => token_codes(Codes { text: texts.join("\n"), incomplete }).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};
    use latchkey_token::TextError;

    use super::*;
    use crate::qr_decode::tests::{draw, long_token, png};
    use crate::qr_decode::{read_with_parts, text_or_codes};

    const MEMORY: u64 = 64 * 1024 * 1024;
    const WORDS: &str = "Three codes hold these words together.";
    /// Three codes that hold a text together, as segno's `make_sequence` made them.
    const PARTS: &str = include_str!("../tests/parts.txt");

    /// A picture of the codes with these numbers, one below the other.
    fn picture(numbers: &[usize]) -> Vec<u8> {
        let codes: Vec<Vec<&[u8]>> =
            PARTS.split("\n\n").map(|code| code.lines().map(str::as_bytes).collect()).collect();
        let side = codes[0].len() as u32 * 4 + 40;
        png(&GrayImage::from_fn(side, side * numbers.len() as u32, |x, y| {
            let code = &codes[numbers[(y / side) as usize]];
            let at = |at: u32| (at % side).checked_sub(20).map(|at| at as usize / 4);
            let is_dark = at(x).zip(at(y)).is_some_and(|(x, y)| {
                code.get(y).and_then(|row| row.get(x)).is_some_and(|module| *module == b'#')
            });
            Luma([if is_dark { 0 } else { 255 }])
        }))
    }

    fn read(bytes: &[u8]) -> FileOfSeveral {
        text_or_codes(bytes, |picture| read_with_parts(picture, MEMORY))
    }

    fn joined(files: &[&[u8]]) -> Vec<Result<Option<Codes>, FileReadError>> {
        FileOfSeveral::join_all(files.iter().map(|bytes| read(bytes)).collect())
    }

    fn missing(have: u8) -> FileReadError {
        FileReadError::Picture(ReadingError::CodeParts { have, count: 3 })
    }

    #[test]
    fn codes_in_several_files_are_joined_in_their_order() {
        let [first, second, third] = [0, 1, 2].map(|number| picture(&[number]));
        let token = long_token().to_string();
        let code = &crate::pictures(&long_token(), None)[0];
        let whole = png(&draw(code, 4));
        // The words aren't a token.
        let other = TextError::OtherCode { what: "text", said: String::new(), characters: 38 };
        for files in [[&first, &second, &third], [&third, &first, &second]] {
            let read = joined(&files.map(Vec::as_slice));
            assert_eq!(read, [Err(FileReadError::Text(other.clone())), Ok(None), Ok(None)]);
        }
        // What they contribute to one another counts towards their length.
        assert!([&first, &second, &third].iter().all(|part| read(part).text_len() > 0));
        // Between others, of which one has more in it.
        let both = [&first[..], token.as_bytes(), &picture(&[1, 2]), &whole];
        let read = joined(&both);
        assert_eq!(read[0], Err(FileReadError::Text(other)));
        assert_eq!(read[1], Ok(Some(Codes { text: token, incomplete: None })));
        assert_eq!(read[2], Ok(None));
        assert_eq!(read[3], Ok(Some(Codes { text: code.text().to_owned(), incomplete: None })));
        // A text that is empty isn't somewhere else.
        let empty = FileOfSeveral::join_all(vec![FileOfSeveral::of_text(String::new())]);
        assert_eq!(empty, [Ok(Some(Codes { text: String::new(), incomplete: None }))]);
    }

    #[test]
    fn tokens_whose_parts_share_a_parity_are_joined_across_files() {
        let parity = |text: &str| text.bytes().fold(0, |parity, byte| parity ^ byte);
        // One byte after the second token gives it the parity of the first one.
        let [first, second] = [(); 2].map(|()| long_token().to_string());
        assert_ne!(first, second);
        let second = format!("{second}{}", char::from(parity(&first) ^ parity(&second)));
        let set = (parity(&first), 2);
        assert_eq!(parity(&second), set.0);
        let file = |parts: &[(u8, &str)]| {
            let mut of_file = CodeParts::default();
            for (number, text) in parts {
                let (start, end) = text.split_at(150);
                of_file.insert(set, *number, [start, end][usize::from(*number)].to_owned());
            }
            let missing = ReadingError::CodeParts { have: 1, count: 2 };
            FileOfSeveral { result: Err(FileReadError::Picture(missing)), parts: of_file }
        };
        let both = Ok(Some(Codes { text: format!("{first}\n{second}"), incomplete: None }));
        // The pages of a scan, of which each has a part of each token.
        let pages = || [file(&[(0, &first), (0, &second)]), file(&[(1, &first), (1, &second)])];
        let [front, back] = pages();
        assert_eq!(FileOfSeveral::join_all(vec![front, back]), [both.clone(), Ok(None)]);
        let crossed = vec![file(&[(0, &first), (1, &second)]), file(&[(1, &first), (0, &second)])];
        assert_eq!(FileOfSeveral::join_all(crossed), [both, Ok(None)]);
        // Only the file with a part of the other one isn't complete.
        let missing = FileReadError::Picture(ReadingError::CodeParts { have: 1, count: 2 });
        let first_alone = Ok(Some(Codes { text: first.clone(), incomplete: None }));
        let files = vec![file(&[(0, &first)]), file(&[(1, &first)]), file(&[(0, &second)])];
        assert_eq!(FileOfSeveral::join_all(files), [first_alone, Ok(None), Err(missing)]);
    }

    #[test]
    fn rows_without_their_beginning_are_reported_unless_it_is_in_another_file() {
        let [token, other] = [(); 2].map(|()| long_token().to_string());
        let (start, end) = other.split_at(200);
        let texts = |texts: &[String]| {
            let files: Vec<_> = texts.iter().map(|text| read(text.as_bytes())).collect();
            let joined = FileOfSeveral::join_all(files);
            joined.into_iter().map(|file| file.unwrap().unwrap().incomplete).collect::<Vec<_>>()
        };
        let reported = Some(ReadingError::NoBeginning);
        let (with_end, with_start) = (format!("{token}\n\n{end}\n"), format!("{start}\n"));
        assert_eq!(texts(std::slice::from_ref(&with_end)), [reported]);
        assert_eq!(texts(&[token.clone(), with_end.clone()]), [None, reported]);
        assert_eq!(texts(&[with_end, with_start]), [None, None]);
        let pasted = FileOfSeveral::of_text(format!("{end}\n{token}"));
        assert_eq!(pasted.result.unwrap().incomplete, reported);
    }

    #[test]
    fn what_is_missing_of_all_files_is_reported_for_each() {
        let [first, second] = [0, 1].map(|number| picture(&[number]));
        assert_eq!(joined(&[&first]), [Err(missing(1))]);
        assert_eq!(joined(&[&first, &second]), [Err(missing(2)), Err(missing(2))]);
        // The same part twice is one.
        assert_eq!(joined(&[&first, &first]), [Err(missing(1)), Err(missing(1))]);
        assert_eq!(read(&first).result, Err(missing(1)));
    }

    #[test]
    fn codes_in_several_pictures_of_a_mail_are_joined() {
        let mail = |numbers: &[usize]| {
            let pictures: Vec<_> = numbers.iter().map(|number| picture(&[*number])).collect();
            let pictures: Vec<_> = pictures.iter().map(Vec::as_slice).collect();
            crate::qr_decode::tests::mail(&pictures)
        };
        // All parts are there, and they contain no token.
        let whole = read(&mail(&[0, 1, 2]));
        assert!(whole.parts.is_empty());
        assert!(matches!(whole.result, Err(FileReadError::Text(TextError::Attached { .. }))));
        assert_eq!(read(&mail(&[0, 2])).result, Err(missing(2)));
        // The rest is in another file.
        let rest = picture(&[1]);
        let read = joined(&[&mail(&[0, 2]), &rest]);
        assert!(matches!(&read[0], Err(FileReadError::Text(TextError::OtherCode { .. }))));
        assert_eq!(read[1], Ok(None));
        assert_eq!(WORDS.chars().count(), 38);
    }
}
