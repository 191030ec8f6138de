//! Where the configuration of an installed program is.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The variable that names the configuration of a program that was installed without one.
pub const CONFIG_VARIABLE: &str = "LATCHKEY_CONFIG";

/// The names of a configuration beside a program: that of the kit, and that of a vendor's own
/// package.
pub const CONFIG_NAMES: [&str; 2] = ["latchkey.toml", "licence.toml"];

/// The picture in the frame of the wizard's window, beside its configuration: PNG.
pub const WINDOW_ICON: &str = "window-icon.png";

/// Our own name of the command line, with which the names of our other programs begin.
const OWN_NAME: &str = "latchkey";

/// Finds the configuration that was installed with a program in this folder: beside it, or else in
/// the folder where packages for Linux (`bin` and `lib`) and bundles for macOS (`MacOS` and
/// `Resources`) keep data files. In other places a folder beside the program's own isn't the
/// installer's: anybody may make a folder next to one that lies directly below `C:\` or `/tmp`.
///
/// It takes precedence over [`CONFIG_VARIABLE`]: several vendors' programs may be on one computer,
/// and the variable of one of them must not turn another one's program into its own.
#[must_use]
pub fn installed_config(folder: &Path) -> Option<PathBuf> {
    installed_on(std::env::consts::OS, folder)
}

fn installed_on(system: &str, folder: &Path) -> Option<PathBuf> {
    let resources = match (system, folder.file_name().and_then(OsStr::to_str)) {
        ("linux", Some("bin")) => Some("lib/latchkey-wizard"),
        ("macos", Some("MacOS")) => Some("Resources"),
        _ => None,
    };
    let resources = resources.and_then(|name| Some(folder.parent()?.join(name)));
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
    default_config_of(&std::env::current_exe().unwrap_or_default())
}

fn default_config_of(program: &Path) -> PathBuf {
    let folder = program.parent().unwrap_or(Path::new(""));
    let usual = CONFIG_NAMES[usize::from(has_vendors_name(program))];
    installed_config(folder).unwrap_or_else(|| folder.join(usual))
}

/// The name that the configuration of this program has, even if another file is used in its place.
#[must_use]
pub fn config_name() -> String {
    name_of(&default_config())
}

/// The name of the command line that was installed with this wizard: `NAME-cli` beside `NAME`, as
/// vendors' packages have it, or else our own.
#[must_use]
pub fn command_line_of(wizard: &Path) -> String {
    let plain = if cfg!(windows) { wizard.with_extension("") } else { wizard.to_owned() };
    let of_vendor = name_of(&plain) + "-cli";
    let is_there = |name: &str| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        wizard.with_file_name(file).is_file()
    };
    let is_ours = !has_vendors_name(wizard) || is_there(OWN_NAME) && !is_there(&of_vendor);
    if is_ours { OWN_NAME.to_owned() } else { of_vendor }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether a program has a name that a vendor gave it. Ours, and those of our tests, begin with the
/// name of the command line.
fn has_vendors_name(program: &Path) -> bool {
    !name_of(program).starts_with(OWN_NAME)
}

/// The variables that don't count for this program: [`CONFIG_VARIABLE`], if a configuration was
/// installed with it.
#[must_use]
pub fn ignored_variables() -> &'static [&'static str] {
    program_folder().map_or(&[], |folder| ignored_in(&folder))
}

fn ignored_in(folder: &Path) -> &'static [&'static str] {
    if installed_config(folder).is_some() { &[CONFIG_VARIABLE] } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(folder: &Path) -> &Path {
        std::fs::create_dir_all(folder).unwrap();
        folder
    }

    #[test]
    fn a_configuration_is_found_beside_the_program_or_in_its_resource_folder() {
        for (system, programs, resources) in
            [("linux", "usr/bin", "usr/lib/latchkey-wizard"), ("macos", "MacOS", "Resources")]
        {
            let folder = tempfile::tempdir().unwrap();
            let [programs, resources] = [programs, resources].map(|name| folder.path().join(name));
            let (programs, resources) = (made(&programs), made(&resources));
            assert_eq!(installed_on(system, programs), None);
            let files = [
                resources.join("licence.toml"),
                resources.join("latchkey.toml"),
                programs.join("licence.toml"),
                programs.join("latchkey.toml"),
            ];
            // Each of them takes precedence over those before it.
            for file in files {
                std::fs::write(&file, "").unwrap();
                assert_eq!(installed_on(system, programs), Some(file));
            }
        }
    }

    /// A file beside the others, with the end that programs have here.
    fn program(folder: &Path, name: &str) -> PathBuf {
        let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        std::fs::write(&program, "").unwrap();
        program
    }

    #[test]
    fn the_command_line_of_a_wizard_has_the_name_that_it_was_installed_with() {
        let folder = tempfile::tempdir().unwrap();
        let ours = program(folder.path(), "latchkey-wizard");
        let acme = program(folder.path(), "acme-cad");
        assert_eq!(command_line_of(&ours), "latchkey");
        assert_eq!(command_line_of(&acme), "acme-cad-cli");
        program(folder.path(), "latchkey");
        assert_eq!(command_line_of(&ours), "latchkey");
        assert_eq!(command_line_of(&acme), "latchkey");
        program(folder.path(), "acme-cad-cli");
        assert_eq!(command_line_of(&acme), "acme-cad-cli");
    }

    #[test]
    fn a_missing_configuration_has_the_name_that_goes_with_the_program() {
        let folder = tempfile::tempdir().unwrap();
        for (name, config) in [
            ("latchkey", "latchkey.toml"),
            ("latchkey-wizard", "latchkey.toml"),
            ("acme-cad", "licence.toml"),
            ("acme-cad-cli", "licence.toml"),
        ] {
            let program = program(folder.path(), name);
            assert_eq!(default_config_of(&program), folder.path().join(config));
        }
        let installed = folder.path().join("licence.toml");
        std::fs::write(&installed, "").unwrap();
        assert_eq!(default_config_of(&program(folder.path(), "latchkey")), installed);
    }

    #[test]
    fn a_file_beside_the_program_beats_the_variable() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ignored_in(folder.path()), [""; 0]);
        for name in CONFIG_NAMES {
            let file = folder.path().join(name);
            std::fs::write(&file, "").unwrap();
            assert_eq!(installed_config(folder.path()), Some(file.clone()));
            assert_eq!(ignored_in(folder.path()), [CONFIG_VARIABLE]);
            std::fs::remove_file(file).unwrap();
        }
    }

    #[test]
    fn a_folder_that_was_planted_beside_the_one_of_the_program_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        for planted in ["lib/latchkey-wizard", "Resources"] {
            let planted = folder.path().join(planted);
            std::fs::write(made(&planted).join("latchkey.toml"), "").unwrap();
        }
        for (system, programs) in [
            ("linux", "product"),
            ("linux", "MacOS"),
            ("macos", "product"),
            ("macos", "bin"),
            ("windows", "product"),
            ("windows", "bin"),
            ("windows", "MacOS"),
        ] {
            let programs = folder.path().join(programs);
            assert_eq!(installed_on(system, made(&programs)), None, "{system}");
        }
        assert_eq!(installed_on("linux", Path::new("/")), None);
    }
}
