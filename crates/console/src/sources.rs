//! The sources of a command's input text: files, standard input, or the text itself.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::path::{PathProblem, path_of};

/// The source of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Input,
    /// A file.
    File(PathBuf),
    /// The text of the arguments themselves.
    Text(String),
}

/// The sources that these arguments name, in order. Without arguments, and for `-`, it is standard
/// input. An argument that isn't a file may be a token, possibly split into several arguments;
/// `is_token` decides.
///
/// # Errors
/// Returns [`PathProblem::Variable`], [`PathProblem::Quoted`] or another error of [`path_of`] for
/// an argument that is neither a token nor a valid path.
pub fn sources(
    arguments: &[OsString],
    is_token: impl Fn(&str) -> bool,
) -> Result<Vec<Source>, PathProblem> {
    if arguments.is_empty() {
        return Ok(vec![Source::Input]);
    }
    let mut sources = Vec::new();
    let mut others = Vec::new();
    for argument in arguments {
        let as_written = PathBuf::from(argument);
        let path = if as_written.exists() { Ok(as_written) } else { path_of(argument) };
        match path {
            // Standard input is read once, however often it is named.
            _ if argument == "-" && sources.contains(&Source::Input) => {}
            _ if argument == "-" => sources.push(Source::Input),
            Ok(path) if path.exists() => sources.push(Source::File(path)),
            path => others.push((argument, path)),
        }
    }
    // A missing file must be reported even next to a token. No token contains these characters, and
    // a link or a sentence that contains a token is given as one argument.
    let is_name = |(argument, _): &(&OsString, _)| {
        let text = argument.to_string_lossy();
        text.contains(['.', '/', '\\']) && !is_token(&text)
    };
    let (named, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_name);
    for (_, path) in named {
        // Opening the file returns the reason why it can't be read.
        sources.push(Source::File(path?));
    }
    let text: Vec<_> = others.iter().map(|(argument, _)| argument.to_string_lossy()).collect();
    let text = text.join(" ");
    if !others.is_empty() && is_token(&text) {
        sources.push(Source::Text(text));
        return Ok(sources);
    }
    for (_, path) in others {
        sources.push(Source::File(path?));
    }
    Ok(sources)
}

/// Shortens a name that a user gave, so that it fits into a sentence.
#[must_use]
pub fn shorten(name: &str) -> String {
    const MOST: usize = 80;
    match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Vec<Source>, PathProblem> {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        sources(&arguments, |text| text.contains("TOKEN"))
    }

    #[test]
    fn files_standard_input_and_tokens_are_distinguished() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let (a, b, missing) = (path("a"), path("TOKEN"), path("missing"));
        for made in [&a, &b] {
            std::fs::write(made, "").unwrap();
        }
        let file = |path: &str| Source::File(path.into());
        assert_eq!(read(&[]), Ok(vec![Source::Input]));
        assert_eq!(read(&[&a, "-", &b]), Ok(vec![file(&a), Source::Input, file(&b)]));
        assert_eq!(read(&["-", &a, "-"]), Ok(vec![Source::Input, file(&a)]));
        let pieces = read(&["TOKEN", &a, "second"]);
        assert_eq!(pieces, Ok(vec![file(&a), Source::Text("TOKEN second".to_owned())]));
        assert_eq!(read(&[&a, &missing]), Ok(vec![file(&a), file(&missing)]));
        let beside = Ok(vec![file("missing.txt"), Source::Text("TOKEN second".to_owned())]);
        assert_eq!(read(&["TOKEN", "missing.txt", "second"]), beside);
        assert!(matches!(read(&["TOKEN", "$HOME/x"]), Err(PathProblem::Variable { .. })));
        let link = "https://licence.example/A/TOKEN";
        assert_eq!(read(&[link]), Ok(vec![Source::Text(link.to_owned())]));
        assert!(matches!(read(&["$HOME/x"]), Err(PathProblem::Variable { .. })));
    }

    #[test]
    fn a_long_name_is_shortened_in_a_sentence() {
        assert_eq!(shorten("a.txt"), "a.txt");
        assert_eq!(shorten(&"ä".repeat(100)), format!("{}…", "ä".repeat(80)));
    }
}
