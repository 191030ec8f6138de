//! Where the configuration of an installed program is.

use std::path::{Path, PathBuf};

/// The variable that names the configuration of a program that was installed without one.
pub const CONFIG_VARIABLE: &str = "LATCHKEY_CONFIG";

/// The names of a configuration beside a program: that of the kit, and that of a vendor's own
/// package.
pub const CONFIG_NAMES: [&str; 2] = ["latchkey.toml", "licence.toml"];

/// Finds the configuration that was installed with a program in this folder: beside it, or else in
/// the folder where packages for Linux and bundles for macOS keep data files.
///
/// It takes precedence over [`CONFIG_VARIABLE`]: several vendors' programs may be on one computer,
/// and the variable of one of them must not turn another one's program into its own.
#[must_use]
pub fn installed_config(folder: &Path) -> Option<PathBuf> {
    let resources = ["lib/latchkey-wizard", "Resources"];
    let resources = resources.iter().filter_map(|name| Some(folder.parent()?.join(name)));
    std::iter::once(folder.to_owned())
        .chain(resources)
        .flat_map(|folder| CONFIG_NAMES.map(|name| folder.join(name)))
        .find(|file| file.is_file())
}

/// The folder of this program.
#[must_use]
pub fn program_folder() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.to_owned())
}

/// The configuration that was installed with this program, or else the path beside it where a user
/// would expect one.
#[must_use]
pub fn default_config() -> PathBuf {
    let folder = program_folder().unwrap_or_default();
    installed_config(&folder).unwrap_or_else(|| folder.join(CONFIG_NAMES[0]))
}

/// Whether this program was installed with a configuration, so that [`CONFIG_VARIABLE`] doesn't
/// count.
#[must_use]
pub fn is_installed_with_config() -> bool {
    program_folder().is_some_and(|folder| installed_config(&folder).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_found_beside_the_program_or_in_its_resource_folder() {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join("bin");
        let resources = folder.path().join("lib/latchkey-wizard");
        for made in [&programs, &resources] {
            std::fs::create_dir_all(made).unwrap();
        }
        assert_eq!(installed_config(&programs), None);
        let files = [
            resources.join("licence.toml"),
            resources.join("latchkey.toml"),
            programs.join("licence.toml"),
            programs.join("latchkey.toml"),
        ];
        // Each of them takes precedence over those before it.
        for file in files {
            std::fs::write(&file, "").unwrap();
            assert_eq!(installed_config(&programs), Some(file));
        }
    }
}
