//! What both command lines and the wizard's start-up share: paths as users write them, blank
//! environment variables, several input files, questions on a terminal, output in the terminal's
//! character set, and exit statuses.
//!
//! The content of messages is up to the programs; this crate only reads and writes it.

mod arguments;
mod charset;
mod completions_and_manuals;
mod exit;
mod path;
#[cfg(test)]
mod reference_doc;
mod sources;
mod streams;
mod terminal;
mod version;

pub use arguments::{
    of_process, own_name, parse_arguments, parse_arguments_without, secret_variable, variable,
    version,
};
pub use charset::{Charset, json_in_ascii, page_in_ascii};
pub use completions_and_manuals::write_completions_and_manuals;
pub use exit::{Exit, exit_statuses};
pub use path::{PathProblem, as_address, is_meant_as_path, path, path_of, strip_prefix};
pub use sources::{Source, shorten, sources};
#[cfg(windows)]
pub use streams::{attach_parent_console, redirect_errors};
pub use streams::{check_output, standard_input, write_error, write_output};
pub use terminal::{cut_line, is_terminal, read_pasted, read_secret, read_secret_line};
pub use version::VERSION;
