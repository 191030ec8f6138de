//! Starts the wizard that is installed with the product.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::WizardError;
use crate::verdict::{Verdict, VerdictKind};

/// Why the wizard is opened. It decides the screen that the wizard starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
#[non_exhaustive]
pub enum Reason {
    /// The user wants to see the licence.
    Manual = 0,
    /// There is no licence, or a new one has to be requested.
    Activate = 1,
    /// The lease has expired or is about to.
    Refresh = 2,
    /// The user wants to release the seat.
    Deactivate = 3,
}

impl Reason {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "asked",
            Self::Activate => "activate",
            Self::Refresh => "refresh",
            Self::Deactivate => "deactivate",
        }
    }
}

/// The reason that fits a verdict.
impl From<&Verdict> for Reason {
    fn from(verdict: &Verdict) -> Self {
        match verdict.kind() {
            VerdictKind::NotActivated | VerdictKind::HardwareChanged => Self::Activate,
            VerdictKind::InGrace | VerdictKind::Expired => Self::Refresh,
            _ => Self::Manual,
        }
    }
}

/// Starts the wizard from this program's folder, and returns without waiting for it. The search
/// path isn't used: it may have the wizard of another vendor.
///
/// # Errors
/// [`WizardError::NotFound`] if there is no wizard, [`WizardError::Failed`] if it can't be started.
pub fn open_wizard(reason: Reason) -> Result<(), WizardError> {
    let program = std::env::current_exe().ok();
    start(program.as_deref().and_then(Path::parent), reason)
}

/// Starts the wizard at a path, for products that run inside of another program, such as an
/// interpreter, and for wizards with a name of their own. The path is that of the wizard's program,
/// or of the folder with `latchkey-wizard` in it.
///
/// # Errors
/// As [`open_wizard`].
pub fn open_wizard_in(path: &Path, reason: Reason) -> Result<(), WizardError> {
    start(Some(path), reason)
}

fn start(path: Option<&Path>, reason: Reason) -> Result<(), WizardError> {
    let mut name = format!("latchkey-wizard{}", std::env::consts::EXE_SUFFIX);
    let in_folder = path.map(|path| path.join(&name));
    // What was looked for is the path itself, unless it is a folder.
    if let Some(path) = path.filter(|path| !path.as_os_str().is_empty() && !path.is_dir()) {
        name = path.display().to_string();
    }
    let mut candidates = [path.map(Path::to_owned), in_folder].into_iter().flatten();
    let Some(wizard) = candidates.find(|wizard| wizard.is_file()) else {
        return Err(WizardError::NotFound { name });
    };
    // A name without a folder would be looked for on the search path.
    let wizard = std::path::absolute(&wizard).unwrap_or(wizard);
    let mut command = Command::new(wizard);
    if reason != Reason::Manual {
        command.args(["--reason", reason.name()]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // In a process group of its own, so that closing the product's terminal doesn't close the
    // wizard.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut wizard = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => WizardError::NotFound { name },
        _ => WizardError::Failed { reason: error.to_string() },
    })?;
    // Waits for its end, so that no zombie processes accumulate in a product that runs for weeks.
    let reaper = std::thread::Builder::new().name("latchkey-wizard".to_owned());
    let _ = reaper.spawn(move || wizard.wait());
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_wizard_in_the_folder_is_started_with_the_reason() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latchkey-wizard");
        assert!(matches!(
            open_wizard_in(folder.path(), Reason::Manual),
            Err(WizardError::NotFound { .. })
        ));
        std::fs::write(
            &path,
            "#!/bin/sh\necho \"$*\" > \"$0.told.new\"\nmv \"$0.told.new\" \"$0.told\"\n",
        )
        .unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        open_wizard_in(folder.path(), Reason::Refresh).unwrap();
        let told = folder.path().join("latchkey-wizard.told");
        while !told.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(std::fs::read_to_string(&told).unwrap(), "--reason refresh\n");
        // The same under a vendor's name.
        std::fs::remove_file(told).unwrap();
        let own = folder.path().join("acme-cad-licence");
        std::fs::rename(&path, &own).unwrap();
        open_wizard_in(&own, Reason::Activate).unwrap();
        let told = folder.path().join("acme-cad-licence.told");
        while !told.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(std::fs::read_to_string(told).unwrap(), "--reason activate\n");
    }

    #[test]
    fn a_program_of_the_search_path_is_never_started_as_the_wizard() {
        // It is on the search path of every computer.
        let found = open_wizard_in(Path::new("sh"), Reason::Manual);
        assert_eq!(found, Err(WizardError::NotFound { name: "sh".to_owned() }));
        let found = open_wizard_in(Path::new(""), Reason::Manual);
        assert!(matches!(found, Err(WizardError::NotFound { .. })), "{found:?}");
    }
}
