//! Token files: written so that they are really on the stick, read with a limit and an open mind. A picture's text is
//! what its QR codes say.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use latchkey_console::needless;
use latchkey_files::{Fault, folder_of, open_named, sync_opened_folder};
use latchkey_paper::PERSONS_MEMORY;
use latchkey_token::TextError;
use latchkey_token::limits::MAX_TEXT_BYTES;

use crate::error::{Answer, FileError, PictureError};
use crate::view::{Problem, TextView};

const MIB: u64 = 1024 * 1024;

/// Writes a token to a file, with a line end, and waits until the disk has it: a stick is pulled out
/// right after. It is written beside its place and put there whole: where a link is, which somebody may have put
/// into a folder that several people write to, the link is replaced and not the file that it leads to.
///
/// # Errors
/// [`FileError::NotWritten`].
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    let write = || {
        let mut named = tempfile::Builder::new();
        named.prefix(".latchkey-").suffix(".unfinished");
        // A token is no secret: whoever reads the folder's files reads this one.
        #[cfg(unix)]
        named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = named.tempfile_in(folder_of(path))?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        // The name is on the disk when the folder is. Where folders can't be opened, that is all there is.
        match std::fs::File::open(folder_of(path)) {
            Ok(folder) => sync_opened_folder(&folder),
            Err(_) => Ok(()),
        }
    };
    write().map_err(|source| FileError::not_written(path, source))
}

/// Reads the text of several files, one after another. A file that can't be used holds up none of the others: it is named
/// beside their text.
///
/// # Errors
/// What is wrong with each of them, where none can be used.
pub fn read_all(paths: &[PathBuf]) -> Answer<TextView> {
    let mut texts: Vec<(&PathBuf, String)> = Vec::new();
    let mut skipped = Vec::new();
    let mut room = MAX_TEXT_BYTES;
    for path in paths {
        match read(path, room) {
            Ok((text, left)) => {
                skipped.extend(left.map(|error| Problem::of(&error)));
                room = room.saturating_sub(text.len() + 1);
                texts.push((path, text));
            }
            Err(error) => skipped.push(Problem::of(&error)),
        }
    }
    if paths.len() > 1 {
        let all: Vec<_> = texts.iter().map(|(_, text)| text.clone()).collect();
        for index in without_any(&all).into_iter().rev() {
            let (path, _) = texts.remove(index);
            let (file, error) = (path.display().to_string(), TextError::NoneFound);
            skipped.push(Problem::of(&FileError::NotText { file, error }));
        }
    }
    let skipped = Problem::of_several(skipped);
    match skipped {
        Some(problem) if texts.is_empty() => Err(problem),
        skipped => {
            let text = texts.iter().flat_map(|(_, text)| [text.as_str(), "\n"]).collect();
            Ok(TextView { text, skipped })
        }
    }
}

/// The texts in which nothing is, not even a part of what stands in another one, in their order.
fn without_any(texts: &[String]) -> Vec<usize> {
    let has_none = |text: &str| matches!(latchkey_token::read(text), Err(TextError::NoneFound));
    let doubtful: Vec<_> = (0..texts.len()).filter(|index| has_none(&texts[*index])).collect();
    let mut without = needless(texts, &doubtful, |text| latchkey_token::read(text).ok());
    without.sort_unstable();
    without
}

/// A file's text, and why there may be more in it.
fn read(path: &Path, most: usize) -> Result<(String, Option<FileError>), FileError> {
    let mut bytes = Vec::new();
    open_named(path)
        .map_err(|fault| match fault {
            Fault::NotAFile if path.is_dir() => ErrorKind::IsADirectory.into(),
            Fault::NotAFile => ErrorKind::Unsupported.into(),
            fault => fault.into(),
        })
        // One byte more than allowed, to see that there is more.
        .and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
        .map_err(|source| FileError::not_read(path, source))?;
    if bytes.len() > most {
        let file = path.display().to_string();
        return Err(FileError::TooLarge { file, limit: MAX_TEXT_BYTES as u64 / MIB });
    }
    let file = path.display().to_string();
    let (text, left) = look_through(&file, &bytes)?;
    Ok((text, left.map(|error| FileError::Picture { file, error })))
}

/// A file's text, or what the QR codes in it say, and why there may be more of them.
fn look_through(file: &str, bytes: &[u8]) -> Result<(String, Option<PictureError>), FileError> {
    let file = || file.to_owned();
    match latchkey_paper::read_file_aside(bytes, PERSONS_MEMORY) {
        Ok(codes) => Ok((codes.text, codes.left.map(PictureError::from))),
        Err(latchkey_paper::FileError::Text(error)) => {
            Err(FileError::NotText { file: file(), error })
        }
        Err(latchkey_paper::FileError::Picture(error)) => {
            Err(FileError::Picture { file: file(), error: error.into() })
        }
    }
}

/// The text of a file that has been read already, or what the QR codes in it say where it is a picture.
///
/// # Errors
/// [`FileError::NotText`], [`FileError::Picture`].
pub fn said_in(file: &str, bytes: &[u8]) -> Result<String, FileError> {
    match look_through(file, bytes)? {
        // Codes may be missing, and there is no place where that could be said beside the text.
        (_, Some(error @ PictureError::Text(_))) => {
            Err(FileError::Picture { file: file.to_owned(), error })
        }
        (text, _) => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("request.txt");
        write(&path, "LKREQ").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "LKREQ\n");
        assert_eq!(read_all(&[path]).unwrap().text, "LKREQ\n\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_where_a_token_is_saved_is_replaced_and_the_file_that_it_leads_to_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, path) = (folder.path().join("victim"), folder.path().join("request.token"));
        std::fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        write(&path, "LKREQ").unwrap();
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "LKREQ\n");
        assert!(!path.is_symlink());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        // Those who may read what the person writes may read this too.
        let umask = std::fs::metadata(&victim).unwrap().permissions();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions(), umask);
    }

    #[test]
    fn every_encoding_that_a_token_survives_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for bytes in [
            b"LKREQ".to_vec(),
            b"\xef\xbb\xbfLKREQ".to_vec(),
            b"gr\xfc\xdfe LKREQ".to_vec(),
            [&[0xff, 0xfe][..], &wide("LKREQ")].concat(),
            wide("LKREQ"),
            [&b"Two computers:\r\n"[..], &wide("LKREQ")].concat(),
            [&b"LKREQ"[..], &[0; 100]].concat(),
        ] {
            std::fs::write(&path, &bytes).unwrap();
            let read = read_all(std::slice::from_ref(&path)).unwrap().text;
            assert!(read.contains("LKREQ"), "{bytes:?}: {read:?}");
        }
    }

    #[test]
    fn a_file_that_is_no_text_is_named_for_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("request");
        for (bytes, code) in [
            (&b"PK\x03\x04\x14\0\0\0request.txt\0\x01"[..], "text.archive"),
            (b"%PDF-1.7 and so on", "text.document"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1", "text.picture"),
            (b"\x01\x02\x03\x04\x05", "text.binary"),
            (b" \r\n", "text.empty"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let problem = read_all(std::slice::from_ref(&path)).unwrap_err();
            assert_eq!(problem.code, code);
            let told = problem.message;
            assert!(told.contains(&path.display().to_string()), "{told}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large");
        std::fs::File::create(&large).unwrap().set_len(MAX_TEXT_BYTES as u64 + 1).unwrap();
        let code = |path: PathBuf| read_all(&[path]).unwrap_err().code;
        assert_eq!(code(large), "wizard.file_too_large");
        assert_eq!(code(folder.path().join("missing")), "wizard.file_not_read");
        assert_eq!(code(folder.path().to_owned()), "wizard.file_not_read");
        assert!(matches!(write(folder.path(), "x"), Err(FileError::NotWritten { .. })));
    }

    #[test]
    fn one_bad_file_among_several_holds_up_none_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let [one, other] = [1, 2].map(token);
        let first = at("first.txt", one.as_bytes());
        let last = at("last.txt", other.as_bytes());
        let letter = at("letter.txt", b"Dear Ann, here they are.");
        let archive = at("all.zip", b"PK\x03\x04\x14\0\0\0request.txt\0\x01");
        let missing = folder.path().join("missing");
        let large = folder.path().join("large");
        std::fs::File::create(&large).unwrap().set_len(MAX_TEXT_BYTES as u64 + 1).unwrap();

        let bad = [letter, archive, missing, large, folder.path().to_owned()];
        let mut paths = vec![first.clone()];
        paths.extend(bad.clone());
        paths.push(last.clone());
        let read = read_all(&paths).unwrap();
        assert_eq!(read.text, format!("{one}\n{other}\n"));
        let told = read.skipped.unwrap().message;
        for path in &bad {
            assert!(told.contains(&path.display().to_string()), "{path:?}: {told}");
        }
        let told = read_all(&bad).unwrap_err().message;
        for path in &bad {
            assert!(told.contains(&path.display().to_string()), "{path:?}: {told}");
        }
        assert_eq!(read_all(&[first, last]).unwrap().skipped, None);
    }

    #[test]
    fn the_halves_of_a_token_in_two_files_are_one_text() {
        let folder = tempfile::tempdir().unwrap();
        let token = token(1);
        let (head, tail) = token.split_at(token.len() - 40);
        let paths = [("1", head), ("2", tail)].map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        });
        let read = read_all(&paths).unwrap();
        assert_eq!((read.text, read.skipped), (format!("{head}\n{tail}\n"), None));
    }

    fn token(seat: u8) -> String {
        use latchkey_token::{Refresh, SeatId, SecretKeys, Seed, seal};
        let keys = SecretKeys::from_seed(&Seed::from_bytes([1; 32])).unwrap();
        let refresh = Refresh {
            seat: SeatId::from_bytes([seat; 8]),
            issued_at: 0,
            lease_expiry: 1,
            sequence: 1,
            grace: None,
            features: None,
            attributes: None,
            subscription_end: None,
        };
        seal(&refresh, 1, &keys, keys.public()).unwrap().to_string()
    }
}
