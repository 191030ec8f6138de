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
        // What a killed window left is rows as well.
        for file in [&latchkey_files::beside(&self.file, ".new"), &self.file] {
            match fs::remove_file(file) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
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

    /// Only a process can be cut short, so this test starts itself again, and keeps or removes the rows there.
    #[cfg(target_os = "linux")]
    #[test]
    fn rows_whose_keeping_is_cut_short_anywhere_are_the_old_ones_or_the_new_ones() {
        use latchkey_e2e_support::{Call, FAULTS, Snapshot, Watched, cut_short, points};
        const FILE: &str = "LATCHKEY_TEST_TYPED_FILE";
        const TYPED: &str = "LATCHKEY_TEST_TYPED";
        if let (Some(file), Some(typed)) = (std::env::var_os(FILE), std::env::var_os(TYPED)) {
            // What became of it, the other process sees.
            let _ = Kept::new(file.into()).save(&Worksheet::restore(&typed.to_string_lossy()));
            return;
        }
        let name = "draft::tests::rows_whose_keeping_is_cut_short_anywhere_are_the_old_ones_or_the_new_ones";
        let home = tempfile::tempdir().unwrap();
        let kept = Kept::new(home.path().join("latchkey/a.typing"));
        let nothing = Worksheet::default();
        let (mut one, mut two) = (nothing.clone(), nothing.clone());
        let _ = one.enter(0, "LKREQ 07Y6F 604B");
        let _ = two.enter(0, "LKREQ 07Y6F 604C");
        let mut runs = 0;
        for (old, new) in [(&nothing, &one), (&one, &two), (&two, &nothing)] {
            let before = Snapshot::of(&[home.path()]);
            let watched = Watched { folders: vec![home.path()], ..Watched::default() };
            let call = || {
                let call = Call::new(&std::env::current_exe().unwrap());
                call.args(["--exact", name]).env(FILE, &kept.file).env(TYPED, new.saved())
            };
            let here = home.path().to_string_lossy();
            let points = points(call(), &watched);
            let points = points.iter().filter(|point| point.line.contains(&*here));
            for (fault, point) in points.flat_map(|point| FAULTS.map(|fault| (fault, point))) {
                before.put_back();
                let cut = cut_short(call(), point, fault, &watched);
                let found = kept.load();
                assert!(found == *old || found == *new, "{fault:?} at {}\n{cut}", point.line);
                let _ = call().run().succeeds();
                assert_eq!(kept.load(), *new, "{fault:?} at {}\n{cut}", point.line);
                let files = || fs::read_dir(kept.file.parent().unwrap()).unwrap().count();
                assert_eq!(files(), usize::from(!new.is_empty()), "{fault:?} at {}", point.line);
                // Or the token is in use before any more is typed.
                before.put_back();
                let _ = cut_short(call(), point, fault, &watched);
                kept.remove().unwrap();
                let folder_is_there = kept.file.parent().unwrap().exists();
                assert!(!folder_is_there || files() == 0, "{fault:?} at {}", point.line);
                runs += 1;
            }
            before.put_back();
            kept.save(new).unwrap();
        }
        // Making the folder, and making, writing, syncing and renaming the file, twice; removing it.
        assert!(runs >= 4 * (1 + 2 * 5 + 1), "{runs} runs");
    }
}
