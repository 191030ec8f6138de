//! Paths as users write them, including where no shell has expanded them: in quotes, after an
//! equals sign, in a systemd unit or in a container's environment variable.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::{OsStringValueParser, TypedValueParser};
use thiserror::Error;

/// Why a text is refused as a path. Each message states what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathProblem {
    /// The path is empty.
    #[error("a path can't be empty")]
    Empty,
    /// The path begins with a tilde, but the home folder is unknown.
    #[error("the home folder is unknown here: write the whole path instead of “~”")]
    NoHome,
    /// The path begins with another user's home folder.
    #[error(
        "the home folder of another user isn't looked up: write the whole path, or “./{text}” for a \
         file of that name"
    )]
    OtherHome {
        /// The text that was given.
        text: String,
    },
    /// The path contains a variable that no shell has expanded.
    #[error(
        "“{variable}” was not replaced by the shell, which does that outside single quotes only: write \
         the whole path{}",
        for_that_name(.text)
    )]
    Variable {
        /// The variable as it was given.
        variable: String,
        /// The whole text that was given.
        text: String,
    },
    /// The path is one of Windows, and this system isn't Windows.
    #[error(
        "“{text}” is a Windows path, and would be the name of one file here: write a path of this \
         system, or “./{text}” for a file of that name"
    )]
    Windows {
        /// The text that was given.
        text: String,
    },
    /// The path is in quotes that no shell has removed.
    #[error(
        "the quotes around “{inside}” are part of the text: they belong to a shell, and none has read this. \
         Write the path without them, or “./{text}” for a file of that name"
    )]
    Quoted {
        /// The text in the quotes.
        inside: String,
        /// The whole text that was given.
        text: String,
    },
    /// The path contains a line break or another control character.
    #[error(
        "“{}” has a control character in it: write the path alone, on one line",
        without_controls(.text)
    )]
    Control {
        /// The text that was given.
        text: String,
    },
    /// The path is a URL with a host.
    #[error("“{text}” is an address of a file on another computer: write the path of a file here")]
    Host {
        /// The text that was given.
        text: String,
    },
    /// The path is a URL that isn't one of a file.
    #[error("“{text}” is an address, and a path is needed")]
    Address {
        /// The text that was given.
        text: String,
    },
}

/// The value parser of clap for a path as users write it.
#[must_use]
pub fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|text| path_of(&text))
}

/// Interprets a path: a leading `~` is the home folder, and `file:///…` is the path of that URL. A
/// path that begins with `./` is taken literally. A trailing carriage return or line end is
/// removed, because scripts and `.env` files that were saved on Windows leave one.
///
/// ```
/// use latchkey_console::path_of;
/// use std::path::Path;
/// assert_eq!(path_of("file:///srv/a%20b".as_ref()).unwrap(), Path::new("/srv/a b"));
/// assert_eq!(path_of("a~".as_ref()).unwrap(), Path::new("a~"));
/// assert!(path_of("$HOME/licence".as_ref()).is_err());
/// ```
///
/// # Errors
/// Returns [`PathProblem::Empty`], [`PathProblem::NoHome`], [`PathProblem::Variable`] or another
/// variant of [`PathProblem`], which says what to write instead.
pub fn path_of(text: &OsStr) -> Result<PathBuf, PathProblem> {
    path_with(text, || directories::BaseDirs::new().map(|folders| folders.home_dir().to_owned()))
}

fn path_with(text: &OsStr, home: impl Fn() -> Option<PathBuf>) -> Result<PathBuf, PathProblem> {
    let text = match text.to_str() {
        Some(text) => OsStr::new(text.trim_end_matches(['\r', '\n'])),
        None => text,
    };
    if text.is_empty() {
        return Err(PathProblem::Empty);
    }
    if let Some(found) = as_address(text) {
        return found;
    }
    // Special characters are ASCII, so a path that isn't text needs no interpretation.
    let lossy = text.to_string_lossy();
    if lossy.contains(char::is_control) {
        return Err(PathProblem::Control { text: lossy.into_owned() });
    }
    if let Some(inside) = unquote(&lossy) {
        let inside = inside.to_owned();
        return Err(PathProblem::Quoted { inside, text: lossy.into_owned() });
    }
    if latchkey_files::is_foreign_windows_path(Path::new(text)) {
        return Err(PathProblem::Windows { text: lossy.into_owned() });
    }
    let mut parts = lossy.split(is_separator);
    let first = parts.next().unwrap_or_default();
    if matches!(first, "." | "..") {
        return Ok(text.into());
    }
    if let Some(variable) = lossy.split(is_separator).find_map(variable_in) {
        let text = lossy.clone().into_owned();
        return Err(PathProblem::Variable { variable: variable.to_owned(), text });
    }
    match first.strip_prefix('~') {
        None => Ok(text.into()),
        Some("") => {
            let home = home().filter(|home| home.is_absolute()).ok_or(PathProblem::NoHome)?;
            let rest = strip_prefix(text, "~").unwrap_or_default();
            let rest = rest.to_str().map_or_else(
                || Path::new(&rest).components().skip(1).collect::<PathBuf>(),
                |rest| rest.trim_start_matches(is_separator).into(),
            );
            Ok(if rest.as_os_str().is_empty() { home } else { home.join(rest) })
        }
        Some(_) => Err(PathProblem::OtherHome { text: lossy.into_owned() }),
    }
}

/// Whether a value that should be something else, such as an activation code, is a path: a file of
/// that name exists, or the text looks like a path.
#[must_use]
pub fn is_meant_as_path(text: &str) -> bool {
    const ENDINGS: [&str; 16] = [
        ".txt", ".eml", ".msg", ".mbox", ".html", ".htm", ".rtf", ".doc", ".docx", ".odt", ".pdf",
        ".png", ".jpg", ".jpeg", ".csv", ".md",
    ];
    let is_on_drive =
        text.as_bytes().get(1..3).is_some_and(|drive| matches!(drive, [b':', b'\\' | b'/']));
    let begins = ["./", "../", "~/", "/", ".\\", "..\\", "\\\\", "file:/"];
    let lower = text.to_ascii_lowercase();
    is_on_drive
        || begins.iter().any(|beginning| text.starts_with(beginning))
        || !text.contains(char::is_whitespace) && ENDINGS.iter().any(|end| lower.ends_with(end))
        || Path::new(text).is_file()
}

/// The text in the quotes, if the whole text is quoted.
fn unquote(text: &str) -> Option<&str> {
    let inside = |open: char, close: char| text.strip_prefix(open)?.strip_suffix(close);
    let quotes = [('"', '"'), ('\'', '\''), ('“', '”'), ('„', '“'), ('‘', '’'), ('«', '»')];
    quotes.into_iter().find_map(|(open, close)| inside(open, close))
}

fn without_controls(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// The path of a URL: `file:///path`, `file://localhost/path` or `file:/path` (RFC 8089), with its
/// percent-encoding decoded; `None` if it isn't such a URL.
#[must_use]
pub fn as_address(text: &OsStr) -> Option<Result<PathBuf, PathProblem>> {
    let text = text.to_str()?;
    let (scheme, rest) = text.split_once(":/")?;
    let letters = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    // A single letter is a drive.
    if scheme.len() < 2 || !letters || !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let shown = || text.to_owned();
    if !scheme.eq_ignore_ascii_case("file") {
        return rest.starts_with('/').then(|| Err(PathProblem::Address { text: shown() }));
    }
    let Some(rest) = rest.strip_prefix('/') else {
        return Some(decode_path(&format!("/{rest}")));
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if !(host.is_empty() || host.eq_ignore_ascii_case("localhost")) || path.len() < 2 {
        return Some(Err(PathProblem::Host { text: shown() }));
    }
    Some(decode_path(path))
}

/// The path of a URL, without its percent-encoding. `file:///C:/a` is a path on a drive of Windows.
fn decode_path(path: &str) -> Result<PathBuf, PathProblem> {
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(path).collect();
    if let [b'/', rest @ ..] = &bytes[..]
        && let [letter, b':', ..] = rest
        && letter.is_ascii_alphabetic()
    {
        let on_drive = String::from_utf8_lossy(rest).into_owned();
        if cfg!(windows) {
            return Ok(on_drive.into());
        }
        if latchkey_files::is_foreign_windows_path(Path::new(&on_drive)) {
            return Err(PathProblem::Windows { text: on_drive });
        }
    }
    #[cfg(unix)]
    return Ok(<OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into());
    #[cfg(not(unix))]
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}

/// `$NAME`, `${…` and, as Windows writes it, `%NAME%` and `$env:NAME`, if they are a whole
/// component of a path.
fn variable_in(part: &str) -> Option<&str> {
    let is_name = |name: &str| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    if part.starts_with("${") && part.ends_with('}') {
        return Some(part);
    }
    let name = part
        .strip_prefix("$env:")
        .or_else(|| part.strip_prefix('$'))
        .or_else(|| part.strip_prefix('%')?.strip_suffix('%'))?;
    is_name(name).then_some(part)
}

const fn is_separator(character: char) -> bool {
    character == '/' || (cfg!(windows) && character == '\\')
}

/// Removes a prefix. Paths needn't be text.
#[must_use]
pub fn strip_prefix(text: &OsStr, prefix: &str) -> Option<OsString> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
        let rest = text.as_bytes().strip_prefix(prefix.as_bytes())?;
        Some(OsString::from_vec(rest.to_vec()))
    }
    #[cfg(not(unix))]
    {
        text.to_str()?.strip_prefix(prefix).map(OsString::from)
    }
}

/// How to name a file whose name looks like a variable: with a relative path.
fn for_that_name(text: &str) -> String {
    match Path::new(text).has_root() {
        true => ", or, for a file of that name, a path from its folder on that begins with “./”"
            .to_owned(),
        false => format!(", or “./{text}” for a file of that name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path that is absolute on this system.
    const HOME: &str = if cfg!(windows) { "C:/home/kim" } else { "/home/kim" };

    fn read(text: &str) -> Result<PathBuf, PathProblem> {
        path_with(text.as_ref(), || Some(HOME.into()))
    }

    #[test]
    fn a_leading_tilde_is_the_home_folder_and_any_other_is_literal() {
        for (text, path) in [
            ("~", HOME),
            ("~/", HOME),
            ("~/licence", &format!("{HOME}/licence")),
            ("~//a/~/b", &format!("{HOME}/a/~/b")),
            ("a/~/b", "a/~/b"),
            ("a~", "a~"),
            ("./~/b", "./~/b"),
            ("./$HOME/b", "./$HOME/b"),
            ("../~kim", "../~kim"),
            ("/abs/olute", "/abs/olute"),
            ("-", "-"),
        ] {
            assert_eq!(read(text), Ok(path.into()), "{text}");
        }
        assert_eq!(path_with("~/x".as_ref(), || None), Err(PathProblem::NoHome));
        assert!(matches!(read("~kim/x"), Err(PathProblem::OtherHome { .. })));
        assert_eq!(read(""), Err(PathProblem::Empty));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_utf_8_is_kept_unchanged() {
        use std::os::unix::ffi::OsStrExt as _;
        let read = |bytes| path_with(OsStr::from_bytes(bytes), || Some("/h".into())).unwrap();
        assert_eq!(read(b"~/\xff/b").as_os_str().as_bytes(), b"/h/\xff/b");
        assert_eq!(read(b"/\xff~").as_os_str().as_bytes(), b"/\xff~");
    }

    #[cfg(not(windows))]
    #[test]
    fn a_path_of_windows_is_refused_and_names_no_file() {
        for text in [
            r"C:\licence",
            r"c:\",
            "C:",
            "C:licence",
            "a:b",
            "C:/Users/kim/licence",
            r"\\server\share\licence",
            r"\licence",
            r".\licence",
            r"..\licence",
            r"~\licence",
            r"licences\acme.vault",
            r"%APPDATA%\acme",
            r"C:\licence\sub/folder",
            "file:///C:/Users/kim/licence",
            "file:///c%3A%5CUsers",
            "file:/C:/licence",
        ] {
            let problem = read(text).unwrap_err();
            assert!(matches!(problem, PathProblem::Windows { .. }), "{text}: {problem:?}");
        }
        for text in [r"./C:\licence", "./a:b", r"/srv/a\b", "cc:/b", "1:/b", "ab:"] {
            assert_eq!(read(text), Ok(text.into()), "{text}");
        }
    }

    #[test]
    fn an_unexpanded_variable_is_refused() {
        for text in ["$HOME/a", "${HOME}/a", "/home/$USER/a", "%USERPROFILE%", "$env:HOME", "a/$X"]
        {
            assert!(matches!(read(text), Err(PathProblem::Variable { .. })), "{text}");
        }
        for text in ["$", "a$HOME", "$RECYCLE.BIN", "100%", "%", "%%", "$5", "a%20b"] {
            assert_eq!(read(text), Ok(text.into()));
        }
    }

    #[test]
    fn a_trailing_carriage_return_is_dropped_and_control_characters_are_refused() {
        assert_eq!(read("/srv/vend\r"), Ok("/srv/vend".into()));
        assert_eq!(read("vend\r\n"), Ok("vend".into()));
        assert_eq!(read("\r"), Err(PathProblem::Empty));
        for text in ["a\rb", "a\nb", "\tvend", "ve\u{1b}[0mnd"] {
            let problem = read(text).unwrap_err();
            assert!(matches!(problem, PathProblem::Control { .. }), "{text:?}");
            assert!(!problem.to_string().contains(char::is_control), "{text:?}");
        }
    }

    #[test]
    fn a_path_in_literal_quotes_is_refused() {
        for text in ["\"vend\"", "'vend'", "“vend”", "\"vend\"\r"] {
            let Err(PathProblem::Quoted { inside, .. }) = read(text) else { panic!("{text:?}") };
            assert_eq!(inside, "vend");
        }
        for text in ["./\"vend\"", "kim's", "\"vend", "a\"b\"", "\""] {
            assert_eq!(read(text), Ok(text.into()));
        }
    }

    #[test]
    fn a_path_is_distinguished_from_a_code() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("code");
        std::fs::write(&file, "").unwrap();
        let file = file.display().to_string();
        for path in [&file, "code.txt", "./code", "~/code", "C:\\Users\\kim\\code.txt", "Mail.EML"]
        {
            assert!(is_meant_as_path(path), "{path}");
        }
        for code in
            ["9GVD8-BE53E-0T03B-QF4HP", "KW7M/3RTZ/9PHC/X2VB", "ACME.2026", "Acme 2026 Promo"]
        {
            assert!(!is_meant_as_path(code), "{code}");
        }
    }

    #[test]
    fn no_hint_suggests_a_dot_before_the_root() {
        let told = |text| read(text).unwrap_err().to_string();
        assert!(told("$HOME/a").contains("“./$HOME/a”"));
        assert!(!told("/home/$USER/a").contains(".//"));
    }

    #[test]
    fn a_local_file_url_is_a_path_and_a_remote_one_is_refused() {
        for (text, path) in [
            ("file:///srv/x", "/srv/x"),
            ("file://localhost/srv/a%20b", "/srv/a b"),
            ("FILE:/srv/x", "/srv/x"),
            ("file:x", "file:x"),
            ("a b:/c", "a b:/c"),
        ] {
            assert_eq!(read(text), Ok(path.into()), "{text}");
        }
        for text in ["file://host/x", "file://x", "file://~/x", "file:///", "file://"] {
            assert!(matches!(read(text), Err(PathProblem::Host { .. })), "{text}");
        }
        for text in ["https://a.example/x", "s3://x/y"] {
            assert!(matches!(read(text), Err(PathProblem::Address { .. })), "{text}");
        }
    }
}
