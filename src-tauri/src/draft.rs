//! The draft of a token that is typed from paper. It survives closing the window in a file that
//! only this user can read, and is deleted when the token is applied.
//! `latchkey_token::manual_entry` defines its content.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

use latchkey_files::Access;
use latchkey_token::manual_entry::EntrySheet;

/// Far more than any entry sheet needs.
const MAX_BYTES: u64 = 64 * 1024;

/// The draft file of one product.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    file: PathBuf,
}

impl Draft {
    pub(crate) const fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// Loads what was typed so far. The entry sheet is empty if there is no file or it can't be
    /// read: then the rows are only typed again.
    pub(crate) fn load(&self) -> EntrySheet {
        let mut bytes = Vec::new();
        let file = latchkey_files::open(&self.file, Access::User);
        match file.map(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)) {
            Ok(Ok(_)) => EntrySheet::restore(&String::from_utf8_lossy(&bytes)),
            _ => EntrySheet::default(),
        }
    }

    /// Saves what was typed, or deletes the file if the entry sheet is empty.
    pub(crate) fn save(&self, sheet: &EntrySheet) -> std::io::Result<()> {
        if sheet.is_empty() {
            return self.remove();
        }
        latchkey_files::create_folder(latchkey_files::folder_of(&self.file), Access::User)?;
        latchkey_files::replace(&self.file, sheet.to_saved().as_bytes(), Access::User)
    }

    /// Deletes the draft. A missing file isn't an error.
    pub(crate) fn remove(&self) -> std::io::Result<()> {
        // A killed process leaves its rows in the temporary file.
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
    fn a_draft_is_readable_for_its_owner_only_and_kept_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let draft = Draft::new(folder.path().join("latchkey/a.typing"));
        assert!(draft.load().is_empty());
        let mut sheet = EntrySheet::default();
        let _ = sheet.enter(0, "LKREQ 07Y6F 604B");
        draft.save(&sheet).unwrap();
        assert_eq!(draft.load(), sheet);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode =
                |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&draft.file), mode(draft.file.parent().unwrap())), (0o600, 0o700));
        }
        draft.remove().unwrap();
        draft.remove().unwrap();
        assert!(draft.load().is_empty());
        draft.save(&sheet).unwrap();
        draft.save(&EntrySheet::default()).unwrap();
        assert_eq!(fs::read_dir(draft.file.parent().unwrap()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_the_draft_is_replaced_and_its_target_neither_read_nor_changed() {
        let folder = tempfile::tempdir().unwrap();
        let draft = Draft::new(folder.path().join("a.typing"));
        let mut sheet = EntrySheet::default();
        let _ = sheet.enter(0, "LKREQ 07Y6F 604B");
        let (precious, victim) = (sheet.to_saved(), folder.path().join("victim"));
        fs::write(&victim, &precious).unwrap();
        std::os::unix::fs::symlink(&victim, &draft.file).unwrap();
        assert!(draft.load().is_empty());
        let _ = sheet.enter(1, "LKREQ 07Y6F 604B");
        draft.save(&sheet).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), precious);
        assert!(!draft.file.is_symlink());
    }

    #[test]
    fn a_file_that_is_not_a_draft_is_loaded_as_an_empty_draft() {
        let folder = tempfile::tempdir().unwrap();
        let draft = Draft::new(folder.path().join("a.typing"));
        fs::write(&draft.file, vec![0xff; 100_000]).unwrap();
        assert!(draft.load().is_empty());
        fs::remove_file(&draft.file).unwrap();
        fs::create_dir(&draft.file).unwrap();
        assert!(draft.load().is_empty());
    }

    /// Only a process can be interrupted, so this test starts itself again, and saves or removes
    /// the rows there.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_save_that_is_interrupted_anywhere_leaves_the_old_rows_or_the_new_ones() {
        use latchkey_e2e_support::{
            Call, FAULTS, FileTreeState, Watched, interrupt, interruption_points,
        };
        const FILE: &str = "LATCHKEY_TEST_DRAFT_FILE";
        const TYPED: &str = "LATCHKEY_TEST_DRAFT";
        if let (Some(file), Some(typed)) = (std::env::var_os(FILE), std::env::var_os(TYPED)) {
            // The other process checks the result.
            let _ = Draft::new(file.into()).save(&EntrySheet::restore(&typed.to_string_lossy()));
            return;
        }
        let name = concat!(
            "draft::tests::",
            "a_save_that_is_interrupted_anywhere_leaves_the_old_rows_or_the_new_ones"
        );
        let home = tempfile::tempdir().unwrap();
        let draft = Draft::new(home.path().join("latchkey/a.typing"));
        let nothing = EntrySheet::default();
        let (mut one, mut two) = (nothing.clone(), nothing.clone());
        let _ = one.enter(0, "LKREQ 07Y6F 604B");
        let _ = two.enter(0, "LKREQ 07Y6F 604C");
        let mut runs = 0;
        for (old, new) in [(&nothing, &one), (&one, &two), (&two, &nothing)] {
            let before = FileTreeState::take(&[home.path()]);
            let watched = Watched { folders: vec![home.path()], ..Watched::default() };
            let call = || {
                let call = Call::new(&std::env::current_exe().unwrap());
                call.args(["--exact", name]).env(FILE, &draft.file).env(TYPED, new.to_saved())
            };
            let here = home.path().to_string_lossy();
            let points = interruption_points(call(), &watched);
            let points = points.iter().filter(|point| point.line.contains(&*here));
            for (fault, point) in points.flat_map(|point| FAULTS.map(|fault| (fault, point))) {
                before.restore();
                let answer = interrupt(call(), point, fault, &watched).answer;
                let found = draft.load();
                assert!(found == *old || found == *new, "{fault:?} at {}\n{answer}", point.line);
                let _ = call().run().succeeds();
                assert_eq!(draft.load(), *new, "{fault:?} at {}\n{answer}", point.line);
                let files = || fs::read_dir(draft.file.parent().unwrap()).unwrap().count();
                assert_eq!(files(), usize::from(!new.is_empty()), "{fault:?} at {}", point.line);
                // The token may also be applied before any more is typed.
                before.restore();
                let _ = interrupt(call(), point, fault, &watched);
                draft.remove().unwrap();
                let folder_is_there = draft.file.parent().unwrap().exists();
                assert!(!folder_is_there || files() == 0, "{fault:?} at {}", point.line);
                runs += 1;
            }
            before.restore();
            draft.save(new).unwrap();
        }
        // The points are: creating the folder; creating, writing, syncing and renaming the file,
        // twice; removing it.
        assert!(runs >= 4 * (1 + 2 * 5 + 1), "{runs} runs");
    }
}
