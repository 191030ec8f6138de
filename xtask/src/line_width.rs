//! Checks that comments and Markdown are wrapped at 100 columns. Code is formatted by `rustfmt`,
//! and sentences in catalogues and strings can't be wrapped.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::root;

const COLUMNS: usize = 100;

/// Folders with generated files.
const GENERATED: &[&str] = &["corpus", "dist", "gen", "generated", "node_modules", "target"];

/// The marks that begin a comment, by the ending of the file's name.
fn comment_marks(ending: &str) -> &'static [&'static str] {
    match ending {
        "rs" | "cs" => &["//"],
        "c" | "h" | "css" | "js" | "svelte" | "ts" => &["//", "/*", "* "],
        "ftl" | "py" | "sh" | "toml" => &["#"],
        _ => &[],
    }
}

/// The numbers of the lines of prose in a file that are wider than [`COLUMNS`] and could be broken.
fn wide_lines(text: &str, ending: &str) -> Vec<usize> {
    let mut is_code = false;
    let mut wide = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        let is_prose = if ending == "md" {
            is_code ^= trimmed.starts_with("```");
            !is_code && !trimmed.starts_with('|')
        } else {
            // A line of a string that continues may look like a comment.
            let is_comment = comment_marks(ending).iter().any(|mark| trimmed.starts_with(mark));
            is_comment && !trimmed.ends_with('\\')
        };
        // Besides marks of comments and lists, the line has to have two words to be broken.
        let words = trimmed.split(' ').filter(|word| word.contains(char::is_alphanumeric));
        if is_prose && line.chars().count() > COLUMNS && words.count() > 1 {
            wide.push(index + 1);
        }
    }
    wide
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        match path.is_dir() {
            true if name.starts_with('.') || GENERATED.contains(&&*name) => {}
            true => files.extend(files_below(&path)),
            false => files.push(path),
        }
    }
    files
}

#[test]
fn comments_and_markdown_are_wrapped_at_100_columns() {
    let mut wide = Vec::new();
    for path in files_below(&root()) {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        if ending != "md" && comment_marks(&ending).is_empty() {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let name = path.strip_prefix(root()).unwrap().display();
        wide.extend(wide_lines(&text, &ending).iter().map(|line| format!("{name}:{line}")));
    }
    assert!(wide.is_empty(), "wider than {COLUMNS} columns:\n{}", wide.join("\n"));
}

#[test]
fn only_prose_that_can_be_broken_is_too_wide() {
    let long = "word ".repeat(21);
    for (text, ending, expected) in [
        (format!("// {long}\n"), "rs", vec![1]),
        (format!("let one = 1;\n    /// {long}\n"), "rs", vec![2]),
        (format!("let text = \"{long}\";\n"), "rs", vec![]),
        (format!("    // {long}\\\n"), "rs", vec![]),
        (format!("/// {}\n", "a_long_name".repeat(10)), "rs", vec![]),
        (format!("# {long}\n"), "toml", vec![1]),
        (format!(" * {long}\n"), "c", vec![1]),
        (format!("{long}\n"), "md", vec![1]),
        (format!("| {long} |\n"), "md", vec![]),
        (format!("```\n{long}\n```\n{long}\n"), "md", vec![4]),
        (format!("- `{}`\n", "a_long_name".repeat(10)), "md", vec![]),
        (long, "txt", vec![]),
    ] {
        assert_eq!(wide_lines(&text, ending), expected, "{ending}: {text}");
    }
}
