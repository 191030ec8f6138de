//! `latchkey-wizard [--product FILE] [--reason REASON] [TOKENFILE…]`.

use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

/// Activates, refreshes and deactivates a licence on a computer without a connection
#[derive(Debug, Clone, Default, Parser)]
#[command(version)]
pub struct Arguments {
    /// The product's latchkey.toml [default: latchkey.toml beside the wizard]
    #[arg(long, value_name = "FILE", env = "LATCHKEY_CONFIG", value_parser = latchkey_console::path())]
    pub product: Option<PathBuf>,
    /// Why it is opened: it begins there, if the licence's state allows it
    #[arg(long, value_enum)]
    pub reason: Option<Reason>,
    /// Files with tokens, to be opened at once
    #[arg(value_name = "TOKENFILE")]
    pub token_files: Vec<PathBuf>,
}

/// Why a product opens the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reason {
    /// There is no licence, or it has to be requested anew
    Activate,
    /// The lease is over or soon will be
    Refresh,
    /// The person wants to give the seat back
    Deactivate,
}

impl Arguments {
    /// The configuration that is meant: the named one; else the one beside the wizard, or in its resource folder.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.product.clone().unwrap_or_else(|| {
            let wizard = std::env::current_exe().ok();
            wizard.and_then(|wizard| installed(wizard.parent()?)).unwrap_or_else(|| NAME.into())
        })
    }
}

const NAME: &str = "latchkey.toml";

/// The configuration that was installed with a wizard in this folder. The one beside it, if there is none:
/// that is where somebody would look for it.
fn installed(folder: &Path) -> Option<PathBuf> {
    let beside = folder.join(NAME);
    // Where the packages of Linux and the bundle of macOS keep what isn't a program.
    let resources = ["lib/latchkey-wizard", "Resources"];
    let resources =
        resources.into_iter().filter_map(|place| Some(folder.parent()?.join(place).join(NAME)));
    let found = std::iter::once(beside.clone()).chain(resources).find(|file| file.is_file());
    found.or(Some(beside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_lies_beside_the_wizard_or_in_its_resource_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (programs, resources) =
            (folder.path().join("bin"), folder.path().join("lib/latchkey-wizard"));
        for made in [&programs, &resources] {
            std::fs::create_dir_all(made).unwrap();
        }
        assert_eq!(installed(&programs), Some(programs.join(NAME)));
        std::fs::write(resources.join(NAME), "").unwrap();
        assert_eq!(installed(&programs), Some(resources.join(NAME)));
        std::fs::write(programs.join(NAME), "").unwrap();
        assert_eq!(installed(&programs), Some(programs.join(NAME)));
    }
}
