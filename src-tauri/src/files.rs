//! Token files: written so that they are safely on a removable disk, and read with a size limit in
//! whatever encoding they have. The text of a picture is the text of its QR codes.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use latchkey_console::shorten;
use latchkey_files::{Fault, folder_of, open_named, sync_opened_folder};
use latchkey_paper::{
    Codes, FileOfSeveral, FileReadError, INTERACTIVE_MEMORY, ReadingError,
    read_one_of_several_isolated,
};
use latchkey_token::limits::MAX_TEXT_BYTES;
use latchkey_token::{TextError, texts_without_token};
use serde::Deserialize;

use crate::error::{CommandResult, FileError};
use crate::view::{Problem, TextView};

const MIB: u64 = 1024 * 1024;

/// Writes a token to a file, with a line end, and waits until it is on the disk, which may be a USB
/// stick that is removed right after. The file is written under a temporary name and renamed: a
/// link in its place, which another user of a shared folder may have put there, is replaced, and
/// the link's target stays as it is.
///
/// # Errors
/// [`FileError::WriteFailed`] if any step of this fails.
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    let write = || {
        let mut named = tempfile::Builder::new();
        named.prefix(".latchkey-").suffix(".unfinished");
        // A token isn't secret: everyone who can read the folder's files may read this one.
        #[cfg(unix)]
        named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = named.tempfile_in(folder_of(path))?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        // The name is on the disk once the folder is synced. Some systems can't open folders.
        match std::fs::File::open(folder_of(path)) {
            Ok(folder) => sync_opened_folder(&folder),
            Err(_) => Ok(()),
        }
    };
    write().map_err(|source| FileError::write_failed(path, source))
}

/// Reads the text of several files, one after another. A file that can't be used doesn't affect the
/// others: the result names it beside their text.
///
/// # Errors
/// If no file can be used: a [`Problem`] of the first one's [`FileError::ReadFailed`],
/// [`FileError::TooLarge`], [`FileError::Picture`] or [`FileError::NotText`], with the messages of
/// all.
pub fn read_all(paths: &[PathBuf]) -> CommandResult<TextView> {
    let mut files = Vec::new();
    let mut room = MAX_TEXT_BYTES;
    for path in paths {
        let read = read(path, room);
        room = room.saturating_sub(read.as_ref().map_or(0, |file| file.text_len() + 1));
        files.push((path.display().to_string(), read));
    }
    let mut texts = FileTexts::from_results(files);
    if paths.len() > 1 {
        texts.skip_without_token();
    }
    texts.into_view()
}

/// A file that was dropped onto the window. The pages never learn its path.
#[derive(Debug, PartialEq, Eq)]
pub struct DroppedFile<'a> {
    name: String,
    content: DroppedContent<'a>,
}

#[derive(Debug, PartialEq, Eq)]
enum DroppedContent<'a> {
    Bytes(&'a [u8]),
    TooLarge,
    Unreadable,
}

/// What the pages say about a dropped file.
#[derive(Deserialize)]
struct DroppedHeader {
    name: String,
    content: DroppedHeaderContent,
}

/// The size of the content in bytes, or why the page hasn't read it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum DroppedHeaderContent {
    Size(usize),
    TooLarge,
    Unreadable,
}

impl<'a> DroppedFile<'a> {
    /// Parses the files of one drop, as `ui/src/files.ts` writes them: a line of JSON that
    /// describes each, and their contents one after another. Returns `None` if the sizes don't
    /// match the contents.
    #[must_use]
    pub fn parse_all(body: &'a [u8]) -> Option<Vec<Self>> {
        let end = body.iter().position(|byte| *byte == b'\n')?;
        let headers: Vec<DroppedHeader> = serde_json::from_slice(&body[..end]).ok()?;
        let mut rest = &body[end + 1..];
        let mut files = Vec::with_capacity(headers.len());
        for DroppedHeader { name, content } in headers {
            let content = match content {
                DroppedHeaderContent::TooLarge => DroppedContent::TooLarge,
                DroppedHeaderContent::Unreadable => DroppedContent::Unreadable,
                DroppedHeaderContent::Size(size) => {
                    let (bytes, others) = rest.split_at_checked(size)?;
                    rest = others;
                    DroppedContent::Bytes(bytes)
                }
            };
            files.push(Self { name, content });
        }
        rest.is_empty().then_some(files)
    }

    fn read(&self) -> Result<FileOfSeveral, FileError> {
        match self.content {
            DroppedContent::Bytes(bytes) => {
                Ok(read_one_of_several_isolated(bytes, INTERACTIVE_MEMORY))
            }
            DroppedContent::TooLarge => Err(too_large(&self.name)),
            // A folder, or a file that was deleted meanwhile.
            DroppedContent::Unreadable => {
                let file = self.name.clone();
                Err(FileError::ReadFailed { file, source: ErrorKind::Other.into() })
            }
        }
    }
}

/// The texts of files that belong together, with the files' names, and what is wrong with the files
/// that can't be used.
#[derive(Default)]
pub(crate) struct FileTexts {
    texts: Vec<(String, String)>,
    skipped: Vec<Problem>,
}

impl FileTexts {
    pub(crate) fn of_dropped(files: &[DroppedFile<'_>]) -> Self {
        Self::from_results(files.iter().map(|file| (file.name.clone(), file.read())).collect())
    }

    /// The texts of these files, or why they couldn't be opened.
    fn from_results(files: Vec<(String, Result<FileOfSeveral, FileError>)>) -> Self {
        let (mut opened, mut results) = (Vec::new(), Vec::new());
        for (file, read) in files {
            results.push((file, read.map(|read| opened.push(read))));
        }
        let mut joined = FileOfSeveral::join_all(opened).into_iter();
        let mut texts = Self::default();
        for (file, opened) in results {
            match opened {
                Ok(()) => {
                    if let Some(read) = joined.next() {
                        texts.push(file, read);
                    }
                }
                Err(error) => texts.skipped.push(Problem::new(&error)),
            }
        }
        texts
    }

    fn push(&mut self, file: String, read: Result<Option<Codes>, FileReadError>) {
        let mut skip = |error: FileError| self.skipped.push(Problem::new(&error));
        let picture =
            |error: ReadingError| FileError::Picture { file: file.clone(), error: error.into() };
        match read {
            Ok(Some(Codes { text, incomplete })) => {
                incomplete.map(picture).into_iter().for_each(skip);
                self.texts.push((file, text));
            }
            // Another file has the text of its codes.
            Ok(None) => {}
            Err(FileReadError::Picture(error)) => skip(picture(error)),
            Err(FileReadError::Text(error)) => skip(FileError::NotText { file, error }),
        }
    }

    /// The number of texts that are used.
    pub(crate) const fn len(&self) -> usize {
        self.texts.len()
    }

    /// Leaves out the texts in which there is neither a token nor a part of one.
    pub(crate) fn skip_without_token(&mut self) {
        let all: Vec<_> = self.texts.iter().map(|(_, text)| text.clone()).collect();
        for (left_out, (index, error)) in texts_without_token(&all).into_iter().enumerate() {
            self.skip(index - left_out, error);
        }
    }

    /// Leaves out one text.
    pub(crate) fn skip(&mut self, index: usize, error: TextError) {
        let (file, _) = self.texts.remove(index);
        self.skipped.push(Problem::new(&FileError::NotText { file, error }));
    }

    /// All texts, one after another.
    pub(crate) fn joined(&self) -> String {
        self.texts.iter().flat_map(|(_, text)| [text.as_str(), "\n"]).collect()
    }

    /// All texts, one after another, and what is wrong with the other files.
    ///
    /// # Errors
    /// If none can be used, a [`Problem`] of the first one's error, with the messages of all:
    /// [`FileError::ReadFailed`] or [`FileError::NotAPath`] if it couldn't be read,
    /// [`FileError::Picture`] if no code in it could be read, and [`FileError::NotText`] if it is
    /// neither text nor a picture, or has no token in it.
    pub(crate) fn into_view(self) -> CommandResult<TextView> {
        let text = self.joined();
        match Problem::merge(self.skipped) {
            Some(problem) if self.texts.is_empty() => Err(problem),
            skipped => Ok(TextView { text, skipped }),
        }
    }
}

/// Reads a file of at most this size.
fn read(path: &Path, most: usize) -> Result<FileOfSeveral, FileError> {
    let mut bytes = Vec::new();
    open_named(path)
        .map_err(|fault| match fault {
            Fault::NotAFile if path.is_dir() => ErrorKind::IsADirectory.into(),
            Fault::NotAFile => ErrorKind::Unsupported.into(),
            fault => fault.into(),
        })
        // One byte beyond the limit shows that the file is too large.
        .and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
        .map_err(|source| not_read(path, source))?;
    if bytes.len() > most {
        return Err(too_large(&path.display().to_string()));
    }
    Ok(read_one_of_several_isolated(&bytes, INTERACTIVE_MEMORY))
}

fn too_large(file: &str) -> FileError {
    FileError::TooLarge { file: file.to_owned(), limit: MAX_TEXT_BYTES as u64 / MIB }
}

/// Why a file can't be read. A file that doesn't exist may have been named by something that can't
/// be a path on this computer.
fn not_read(path: &Path, source: std::io::Error) -> FileError {
    let is_missing = matches!(source.kind(), ErrorKind::NotFound | ErrorKind::InvalidFilename);
    match latchkey_console::path_of(path.as_os_str()) {
        Err(problem) if is_missing => {
            FileError::NotAPath { file: shorten(&path.display().to_string()), problem }
        }
        _ => FileError::read_failed(path, source),
    }
}

#[cfg(test)]
mod tests {
    use latchkey_token::HasErrorCode as _;

    use super::*;

    #[test]
    fn a_token_that_is_written_can_be_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("request.txt");
        write(&path, "LKREQ").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "LKREQ\n");
        assert_eq!(read_all(&[path]).unwrap().text, "LKREQ\n\n");
    }

    #[cfg(unix)]
    #[test]
    fn saving_a_token_replaces_a_link_and_leaves_its_target_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, path) = (folder.path().join("victim"), folder.path().join("request.token"));
        std::fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        write(&path, "LKREQ").unwrap();
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "LKREQ\n");
        assert!(!path.is_symlink());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        // The file has the permissions of any other file that the user writes.
        let umask = std::fs::metadata(&victim).unwrap().permissions();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions(), umask);
    }

    #[test]
    fn every_encoding_that_preserves_a_token_is_read() {
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
    fn a_file_that_is_not_text_is_reported_as_what_it_is() {
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
            let message = problem.message;
            assert!(message.contains(&path.display().to_string()), "{message}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_or_written_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large");
        std::fs::File::create(&large).unwrap().set_len(MAX_TEXT_BYTES as u64 + 1).unwrap();
        let code = |path: PathBuf| read_all(&[path]).unwrap_err().code;
        assert_eq!(code(large), "wizard.file_too_large");
        assert_eq!(code(folder.path().join("missing")), "wizard.file_not_read");
        assert_eq!(code(folder.path().to_owned()), "wizard.file_not_read");
        assert!(matches!(write(folder.path(), "x"), Err(FileError::WriteFailed { .. })));
    }

    #[test]
    fn what_cannot_be_a_path_is_reported_with_the_reason() {
        let variable = format!("{}/$USER/a.txt", std::env::temp_dir().display());
        for (name, reason) in [
            ("$HOME/a.txt", "wizard-reason-variable"),
            (&*variable, "wizard-reason-variable"),
            ("https://a.example/a.txt", "wizard-reason-address"),
            ("file://server/a.txt", "wizard-reason-address"),
            ("\"a.txt\"", "wizard-reason-quoted"),
            ("", "wizard-reason-no_path"),
            ("a\nb", "wizard-reason-no_path"),
            #[cfg(not(windows))]
            (r"C:\Users\kim\a.txt", "wizard-reason-windows_path"),
            #[cfg(not(windows))]
            (r"\\server\a.txt", "wizard-reason-windows_path"),
        ] {
            let problem = read_all(&[name.into()]).unwrap_err();
            assert_eq!(problem.code, "wizard.file_not_read", "{name}");
            let reason = latchkey_i18n::text(reason, &[]);
            assert!(problem.message.contains(&reason), "{name}: {}", problem.message);
        }
    }

    #[test]
    fn one_bad_file_among_several_does_not_affect_the_others() {
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
        let message = read.skipped.unwrap().message;
        for path in &bad {
            assert!(message.contains(&path.display().to_string()), "{path:?}: {message}");
        }
        let message = read_all(&bad).unwrap_err().message;
        for path in &bad {
            assert!(message.contains(&path.display().to_string()), "{path:?}: {message}");
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

    /// The files of one drop, as the pages send them.
    fn dropped(header: &str, contents: &[u8]) -> Vec<u8> {
        [header.as_bytes(), b"\n", contents].concat()
    }

    #[test]
    fn dropped_files_are_separated_by_their_sizes() {
        let header = r#"[{"name":"a b.txt","content":{"size":3}},
            {"name":"Größe","content":"unreadable"},
            {"name":"c","content":{"size":2}},{"name":"d.iso","content":"too_large"}]"#;
        let body = dropped(&header.replace('\n', " "), b"a\n\0cc");
        let files = DroppedFile::parse_all(&body).unwrap();
        let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a b.txt", "Größe", "c", "d.iso"]);
        assert_eq!(files[0].content, DroppedContent::Bytes(b"a\n\0"));
        assert_eq!(files[2].content, DroppedContent::Bytes(b"cc"));
        let codes = [1, 3].map(|index| files[index].read().unwrap_err().code().name);
        assert_eq!(codes, ["wizard.file_not_read", "wizard.file_too_large"]);
        assert_eq!(DroppedFile::parse_all(b"[]\n"), Some(Vec::new()));
        let one = r#"[{"name":"a","content":{"size":2}}]"#;
        for wrong in [&dropped(one, b"a")[..], &dropped(one, b"abc"), one.as_bytes(), b"", b"\n"] {
            assert_eq!(DroppedFile::parse_all(wrong), None, "{wrong:?}");
        }
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
