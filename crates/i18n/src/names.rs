//! The names that this installation's programs and files have: a vendor's package gives them names
//! of its own, and messages that quote a command or a file have to quote the one that is there.

use once_cell::race::OnceBox;

/// The names that every message can use, as the variables `$command_line` and `$config_file`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The program of the command line, as it is called.
    pub command_line: String,
    /// The file with the vendor's configuration of the product.
    pub config_file: String,
}

impl Default for Names {
    /// Our own names, which the programs of a release and the vendor's tools have.
    fn default() -> Self {
        Self { command_line: "latchkey".to_owned(), config_file: "latchkey.toml".to_owned() }
    }
}

/// The process's names, once they are chosen. No thread waits for another one here, which a fork
/// may leave behind.
static CHOSEN: OnceBox<Names> = OnceBox::new();

impl Names {
    /// The process's names: what [`Names::choose`] set before they were needed, or else our own.
    #[must_use]
    pub fn of_process() -> &'static Self {
        CHOSEN.get_or_init(Box::default)
    }

    /// Sets the process's names unless they have already been needed.
    pub fn choose(self) {
        let _ = CHOSEN.set(Box::new(self));
    }

    /// The variables of messages and their values.
    pub(crate) fn variables(&self) -> [(&'static str, &str); 2] {
        [("command_line", &self.command_line), ("config_file", &self.config_file)]
    }
}
