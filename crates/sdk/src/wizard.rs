//! Opening the wizard that lies beside the product.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::WizardError;
use crate::verdict::{Kind, Verdict};

/// Why the wizard is opened: it begins where that is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
#[non_exhaustive]
pub enum Reason {
    /// The person wants to see the licence.
    Asked = 0,
    /// There is no licence, or it has to be requested anew.
    Activate = 1,
    /// The lease is over or soon will be.
    Refresh = 2,
    /// The person wants to give the seat back.
    Deactivate = 3,
}

impl Reason {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Activate => "activate",
            Self::Refresh => "refresh",
            Self::Deactivate => "deactivate",
        }
    }
}

/// What puts a verdict right.
impl From<&Verdict> for Reason {
    fn from(verdict: &Verdict) -> Self {
        match verdict.kind() {
            Kind::NotActivated | Kind::HardwareChanged => Self::Activate,
            Kind::InGrace | Kind::Expired => Self::Refresh,
            _ => Self::Asked,
        }
    }
}

/// Opens the wizard: the one beside this program, or else the one on the search path. Doesn't wait for it.
///
/// # Errors
/// [`WizardError`] when there is none or it can't be started.
pub fn open_wizard(reason: Reason) -> Result<(), WizardError> {
    let program = std::env::current_exe().ok();
    start(program.as_deref().and_then(Path::parent), reason)
}

/// The same with the wizard in this folder: for products that run in somebody else's program, as a script does.
///
/// # Errors
/// As [`open_wizard`].
pub fn open_wizard_in(folder: &Path, reason: Reason) -> Result<(), WizardError> {
    start(Some(folder), reason)
}

fn start(folder: Option<&Path>, reason: Reason) -> Result<(), WizardError> {
    let name = format!("latchkey-wizard{}", std::env::consts::EXE_SUFFIX);
    let beside = folder.map(|folder| folder.join(&name)).filter(|wizard| wizard.is_file());
    let mut command = Command::new(beside.unwrap_or_else(|| PathBuf::from(&name)));
    if reason != Reason::Asked {
        command.args(["--reason", reason.name()]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // In a group of its own, so that closing the product's terminal doesn't close the window.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut wizard = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => WizardError::NotFound { name },
        _ => WizardError::Failed { reason: error.to_string() },
    })?;
    // Takes note of its end, so that none is left behind in a product that runs for weeks.
    let reaper = std::thread::Builder::new().name("latchkey-wizard".to_owned());
    let _ = reaper.spawn(move || wizard.wait());
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_wizard_in_the_folder_is_opened_and_told_why() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latchkey-wizard");
        assert!(matches!(
            open_wizard_in(folder.path(), Reason::Asked),
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
        assert_eq!(std::fs::read_to_string(told).unwrap(), "--reason refresh\n");
    }
}
