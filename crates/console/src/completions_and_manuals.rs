//! The completions and manual pages of a command line.

use std::fs;
use std::io;
use std::path::Path;

use clap::Command;
use clap_complete::aot::{Shell, generate_to};

/// Writes the completions of a program for every shell, and a manual page for it and for each of
/// its subcommands.
///
/// # Errors
/// Returns an [`io::Error`] if the folder can't be written.
pub fn write_completions_and_manuals(command: Command, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut command = without_help_commands(command);
    let name = command.get_name().to_owned();
    for shell in [Shell::Bash, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        generate_to(shell, &mut command, &name, folder)?;
    }
    clap_mangen::generate_to(command, folder)
}

/// `help` repeats all subcommands, and there would be a page for each of them.
fn without_help_commands(command: Command) -> Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help_commands)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_has_a_completion_and_every_subcommand_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let command = Command::new("tool")
            .subcommand(Command::new("seen").about("Can be seen"))
            .subcommand(Command::new("hidden").hide(true));
        write_completions_and_manuals(command, folder.path()).unwrap();
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let wanted = ["_tool", "_tool.ps1", "tool-seen.1", "tool.1", "tool.bash", "tool.fish"];
        assert_eq!(names, wanted);
        let page = fs::read_to_string(folder.path().join("tool-seen.1")).unwrap();
        assert!(page.contains("Can be seen"), "{page}");
    }
}
