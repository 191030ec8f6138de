//! Where the rows that somebody is typing are kept while the window is closed: a file of this user's alone, gone when
//! the token is in use. What the rows are is `latchkey_token::worksheet`'s business.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

use latchkey_files::Access;
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
        let file = latchkey_files::open(&self.file, Access::User);
        match file.map(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)) {
            Ok(Ok(_)) => Worksheet::restore(&String::from_utf8_lossy(&bytes)),
            _ => Worksheet::default(),
        }
    }

    /// Keeps what was typed. Where that can't be, typing goes on all the same, as long as the window is open.
    pub(crate) fn save(&self, sheet: &Worksheet) -> std::io::Result<()> {
        if sheet.is_empty() {
            return self.remove();
        }
        latchkey_files::create_folder(latchkey_files::folder_of(&self.file), Access::User)?;
        latchkey_files::replace(&self.file, sheet.saved().as_bytes(), Access::User)
    }

    pub(crate) fn remove(&self) -> std::io::Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
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
            let mode =
                |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&kept.file), mode(kept.file.parent().unwrap())), (0o600, 0o700));
        }
        kept.remove().unwrap();
        kept.remove().unwrap();
        assert!(kept.load().is_empty());
        kept.save(&sheet).unwrap();
        kept.save(&Worksheet::default()).unwrap();
        assert_eq!(fs::read_dir(kept.file.parent().unwrap()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_its_place_is_replaced_and_what_it_leads_to_is_neither_read_nor_changed() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().join("a.typing"));
        let mut sheet = Worksheet::default();
        let _ = sheet.enter(0, "LKREQ 07Y6F 604B");
        let (precious, victim) = (sheet.saved(), folder.path().join("victim"));
        fs::write(&victim, &precious).unwrap();
        std::os::unix::fs::symlink(&victim, &kept.file).unwrap();
        assert!(kept.load().is_empty());
        let _ = sheet.enter(1, "LKREQ 07Y6F 604B");
        kept.save(&sheet).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), precious);
        assert!(!kept.file.is_symlink());
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
