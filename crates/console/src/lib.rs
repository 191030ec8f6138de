//! What both command lines, and the wizard's start, share: paths as people write them, variables that are empty, several
//! files at once, questions on a terminal, output that every terminal shows, and what an exit status means.
//!
//! What is said stays with the programs; here is only how it is heard and written.

mod arguments;
mod charset;
mod exit;
#[cfg(test)]
mod page;
mod path;
mod sources;
mod streams;
mod terminal;

pub use arguments::{of_process, parsed, variable};
pub use charset::{Charset, json_in_ascii, page_in_ascii};
pub use exit::{Exit, exit_statuses};
pub use path::{PathProblem, after_prefix, as_address, is_meant_as_path, path, path_of};
pub use sources::{Source, needless, shown, sources};
pub use streams::{standard_input, write_error, write_output};
pub use terminal::{cut_line, is_terminal, pasted, secret};
