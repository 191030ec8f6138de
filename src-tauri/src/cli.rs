//! The command line: `latchkey-wizard [--product FILE] [--reason REASON] [TOKENFILE…]`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Activates, refreshes and deactivates a licence on a computer without a connection
#[derive(Debug, Clone, Default, Parser)]
#[command(version)]
pub struct Arguments {
    /// The product's configuration [default: the one beside the wizard]
    #[arg(
        long,
        value_name = "FILE",
        env = "LATCHKEY_CONFIG",
        value_parser = latchkey_console::path()
    )]
    pub product: Option<PathBuf>,
    /// Why the product opens the wizard; it starts there if the licence's state allows it
    #[arg(long, value_enum)]
    pub reason: Option<Reason>,
    /// Files with tokens to open
    #[arg(value_name = "TOKENFILE")]
    pub token_files: Vec<OsString>,
}

/// Why a product opens the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reason {
    /// There is no licence, or it must be requested again
    Activate,
    /// The lease has expired or is about to
    Refresh,
    /// The user wants to give the seat back
    Deactivate,
}

impl Arguments {
    /// Parses the arguments of this process. A configuration that was installed with the wizard
    /// takes precedence over the variable.
    ///
    /// # Errors
    /// Returns the [`clap::Error`], which is also how clap reports help and version.
    pub fn of_process() -> Result<Self, clap::Error> {
        let ignored = latchkey_config::ignored_variables();
        latchkey_console::parse_arguments_without(latchkey_console::of_process(), ignored)
    }

    /// The files with tokens, as absolute paths. What isn't a path on this computer stays as it was
    /// given: reading it fails, and the window reports why.
    #[must_use]
    pub fn token_files(&self) -> Vec<PathBuf> {
        self.token_files.iter().map(to_absolute).collect()
    }

    /// The configuration file: the one that was named, or else the one beside the wizard or in its
    /// resource folder.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.product.clone().unwrap_or_else(latchkey_config::default_config)
    }
}

fn to_absolute(file: &OsString) -> PathBuf {
    let as_given = PathBuf::from(file);
    let path = match as_given.exists() {
        true => as_given.clone(),
        false => match latchkey_console::path_of(file) {
            Ok(path) => path,
            Err(_) => return as_given,
        },
    };
    std::path::absolute(path).unwrap_or(as_given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_file_is_an_absolute_path_unless_it_is_no_path() {
        let here = std::env::current_dir().unwrap();
        let files = |files: &[&str]| {
            let token_files = files.iter().map(OsString::from).collect();
            Arguments { token_files, ..Arguments::default() }.token_files()
        };
        assert_eq!(files(&["a.txt", "b c.txt"]), [here.join("a.txt"), here.join("b c.txt")]);
        assert!(files(&["~/a.txt"])[0].is_absolute());
        for no_path in ["", "$HOME/a.txt", "https://a.example/a.txt", "\"a.txt\""] {
            assert_eq!(files(&[no_path]), [PathBuf::from(no_path)]);
        }
        #[cfg(not(windows))]
        assert_eq!(files(&[r"C:\a.txt"]), [PathBuf::from(r"C:\a.txt")]);
    }
}
