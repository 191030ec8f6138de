//! Where the rows that somebody is typing are kept while the window is closed: a file of this user's alone, gone when
//! the token is in use. What the rows are is `latchkey_token::worksheet`'s business.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use latchkey_token::worksheet::Worksheet;

/// Far more than any worksheet has.
const MAX_BYTES: u64 = 64 * 1024;

/// The file of one product's worksheet.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    file: PathBuf,
}

impl Kept {
    pub(crate) const fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// What was typed so far; an empty sheet where there is nothing, or nothing that can be read: it is only typed again.
    pub(crate) fn load(&self) -> Worksheet {
        let mut bytes = Vec::new();
        let is_file = fs::symlink_metadata(&self.file).is_ok_and(|file| file.is_file());
        let read = is_file.then(|| fs::File::open(&self.file)).and_then(Result::ok);
        let read = read.map(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
        match read {
            Some(Ok(_)) => Worksheet::restore(&String::from_utf8_lossy(&bytes)),
            _ => Worksheet::default(),
        }
    }

    /// Keeps what was typed. Where that can't be, typing goes on all the same, as long as the window is open.
    pub(crate) fn save(&self, sheet: &Worksheet) -> std::io::Result<()> {
        if sheet.is_empty() {
            return self.remove();
        }
        let folder = self.file.parent().unwrap_or_else(|| Path::new("."));
        create_folder(folder)?;
        // Made readable by its owner only, and put in place whole.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(sheet.saved().as_bytes())?;
        file.persist(&self.file)?;
        Ok(())
    }

    pub(crate) fn remove(&self) -> std::io::Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn create_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_there_again_for_its_owner_alone_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().join("latchkey/a.typing"));
        assert!(kept.load().is_empty());
        let mut sheet = Worksheet::default();
        let _ = sheet.enter(0, "LKREQ 07Y6F 604B");
        kept.save(&sheet).unwrap();
        assert_eq!(kept.load(), sheet);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&kept.file), mode(kept.file.parent().unwrap())), (0o600, 0o700));
        }
        kept.remove().unwrap();
        kept.remove().unwrap();
        assert!(kept.load().is_empty());
        kept.save(&sheet).unwrap();
        kept.save(&Worksheet::default()).unwrap();
        assert_eq!(fs::read_dir(kept.file.parent().unwrap()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_worksheet_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().join("a.typing"));
        fs::write(&kept.file, vec![0xff; 100_000]).unwrap();
        assert!(kept.load().is_empty());
        fs::remove_file(&kept.file).unwrap();
        fs::create_dir(&kept.file).unwrap();
        assert!(kept.load().is_empty());
    }
}
