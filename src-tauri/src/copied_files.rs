//! Files that were copied in a file manager, as they appear on the clipboard: as URIs in one of the
//! formats of file managers, or as paths in a text. This module determines which files are meant;
//! `files` reads them.

use std::path::{Path, PathBuf};

use tauri::Url;

/// Most files that are read for one click on "Paste".
pub const MAX_FILES: usize = 64;

/// What GNOME's file manager and its relatives put before the URIs, in a format of their own and,
/// in some versions, in plain text.
const KEYWORDS: [&str; 5] = ["x-special/nautilus-clipboard", "copy", "cut", "copy-url", "move"];

/// The files that were copied.
#[derive(Debug, PartialEq, Eq)]
pub enum CopiedFiles {
    /// Files on this device.
    Local(Vec<PathBuf>),
    /// The URI of a file that isn't on this device, without user name and password.
    Remote(String),
    /// More files than can be read at once.
    TooMany {
        /// The largest number of files that can be read at once.
        limit: usize,
    },
}

/// Parses a list of URIs (RFC 2483, `text/uri-list`, and GNOME's variants of it). Returns `None` if
/// it names no file, such as a link to a web page.
#[must_use]
pub fn from_uri_list(list: &str) -> Option<CopiedFiles> {
    let mut files = Vec::new();
    let mut remote = None;
    for line in entries(list).filter(|line| !line.starts_with('#')) {
        match Url::parse(line) {
            Ok(address) if address.scheme() == "file" => match address.to_file_path() {
                Ok(path) if is_local_path(&path.to_string_lossy(), cfg!(windows)) => {
                    files.push(path)
                }
                // The URI names another host.
                Ok(_) | Err(()) => remote = remote.or_else(|| Some(without_credentials(address))),
            },
            // A web page isn't a file, and its URL may contain a token.
            Ok(address) if ["http", "https", "mailto"].contains(&address.scheme()) => return None,
            Ok(address) => remote = remote.or_else(|| Some(without_credentials(address))),
            Err(_) => return None,
        }
    }
    classify(files, remote)
}

/// Parses a text that consists of nothing but file URIs, or of absolute paths of existing files,
/// with or without quotes; `~/` is the user's home folder. "Copy path" and "Copy as path" create
/// such texts, and the file managers of some desktops offer nothing else. Returns `None` for any
/// other text.
#[must_use]
pub fn from_text(text: &str) -> Option<CopiedFiles> {
    let local = ["file:///", "file://localhost/"];
    if entries(text).all(|line| local.iter().any(|start| line.starts_with(start))) {
        return from_uri_list(text);
    }
    let mut files = Vec::new();
    for line in entries(text) {
        let path = line.trim_matches(['"', '\'']);
        let in_home = path.starts_with("~/").then(|| latchkey_console::path_of(path.as_ref()));
        let path = match &in_home {
            Some(path) => path.as_ref().ok()?.to_str()?,
            None => path,
        };
        // Even checking whether a remote file exists would contact another host and reveal the
        // user.
        if !is_local_path(path, cfg!(windows)) || !Path::new(path).is_file() {
            return None;
        }
        files.push(PathBuf::from(path));
        if files.len() > MAX_FILES {
            break;
        }
    }
    classify(files, None)
}

/// Returns the path that a text consists of, if nothing is there. If [`from_text`] finds no file at
/// that path, it was copied on another device, such as in the window of a remote desktop,
/// or the file doesn't exist any more.
#[must_use]
pub fn missing_path(text: &str) -> Option<String> {
    /// More bytes than people's paths have.
    const MAX_PATH_BYTES: usize = 1024;
    let path = text.trim().trim_matches(['"', '\'']);
    if path.len() > MAX_PATH_BYTES || path.contains(['\n', '\r']) {
        return None;
    }
    let is_windows_path = match path.as_bytes() {
        [drive, b':', b'\\' | b'/', _, ..] => drive.is_ascii_alphabetic(),
        [b'\\', b'\\', _, ..] => true,
        _ => false,
    };
    // A slash and one word may be anything.
    let rest = path.strip_prefix("~/").or_else(|| path.strip_prefix('/'));
    let is_unix_path = rest.is_some_and(|rest| {
        rest.contains(['/', '.']) && rest.split('/').all(|part| !part.is_empty())
    });
    // An existing folder isn't a missing file.
    let exists = is_unix_path && cfg!(unix) && Path::new(path).exists();
    ((is_windows_path || is_unix_path) && !exists).then(|| path.to_owned())
}

/// Whether a path is absolute and on a drive of this device, judged by its characters alone. On
/// Windows either slash separates folders; a path that starts with two slashes is a network path or
/// a device, and a path without a drive letter is relative to the program's current drive or
/// folder.
fn is_local_path(path: &str, on_windows: bool) -> bool {
    match (on_windows, path.as_bytes()) {
        (true, [drive, b':', b'\\' | b'/', ..]) => drive.is_ascii_alphabetic(),
        (true, _) => false,
        (false, path) => path.starts_with(b"/") && !path.starts_with(b"//"),
    }
}

/// A URI that may be shown: some file managers include the password of a network share.
fn without_credentials(mut address: Url) -> String {
    if address.cannot_be_a_base() {
        return format!("{}:…", address.scheme());
    }
    // These fail only for URIs that can't have credentials.
    let _ = address.set_password(None);
    let _ = address.set_username("");
    address.set_query(None);
    address.set_fragment(None);
    address.into()
}

/// The result for these local files, or for a remote one.
pub(crate) fn classify(files: Vec<PathBuf>, remote: Option<String>) -> Option<CopiedFiles> {
    match remote {
        Some(address) => Some(CopiedFiles::Remote(address)),
        None if files.is_empty() => None,
        None if files.len() > MAX_FILES => Some(CopiedFiles::TooMany { limit: MAX_FILES }),
        None => Some(CopiedFiles::Local(files)),
    }
}

fn entries(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split(['\n', '\r', '\0']).map(str::trim);
    lines.filter(|line| !line.is_empty() && !KEYWORDS.contains(line))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Option<CopiedFiles> {
        Some(CopiedFiles::Local(paths.iter().map(PathBuf::from).collect()))
    }

    #[test]
    fn copied_files_are_found_in_every_format_of_file_managers() {
        for list in [
            "file:///home/ann/an%20answer.txt\r\n",
            "# copied\r\nfile:///home/ann/an%20answer.txt\r\n\0",
            "copy\nfile:///home/ann/an%20answer.txt",
            "cut\nfile://localhost/home/ann/an%20answer.txt",
            "x-special/nautilus-clipboard\ncopy\nfile:///home/ann/an%20answer.txt\n",
        ] {
            assert_eq!(from_uri_list(list), files(&["/home/ann/an answer.txt"]), "{list:?}");
        }
        let two = "file:///a/f%C3%BCr%20Jos%C3%A9.txt\r\nfile:///b/100%25.txt\r\n";
        assert_eq!(from_uri_list(two), files(&["/a/für José.txt", "/b/100%.txt"]));
    }

    #[test]
    fn a_path_that_is_not_on_this_device_is_distinguished_from_text() {
        for path in [
            r"C:\Users\kim\an answer.txt",
            r"\\tsclient\C\answer.txt",
            "D:/answer.txt",
            "~/answer.txt",
            "/home/kim/answer",
            "/answer.txt",
        ] {
            for text in [path.to_owned(), format!("\"{path}\"\r\n"), format!("'{path}'")] {
                assert_eq!(from_text(&text), None, "{text}");
                assert_eq!(missing_path(&text).as_deref(), Some(path), "{text}");
            }
        }
        let long = format!("/{}/a.txt", "a".repeat(2000));
        for text in [
            "LKANS05NVG",
            "/",
            "/ a",
            "see /tmp/a\nand more",
            "/tmp/a\nand more",
            "C:",
            "https://a/b",
            "a/b.txt",
            &long,
            "",
        ] {
            assert_eq!(missing_path(text), None, "{text}");
        }
        // A folder that exists isn't a file that doesn't.
        let folder = tempfile::tempdir().unwrap();
        #[cfg(unix)]
        assert_eq!(missing_path(folder.path().to_str().unwrap()), None);
    }

    #[test]
    fn a_remote_file_is_reported_without_credentials_and_the_url_of_a_web_page_is_text() {
        for address in ["smb://server/share/answer.txt", "mtp://phone/a.txt", "file://server/a.txt"]
        {
            let named = from_uri_list(&format!("file:///a\r\n{address}\r\n"));
            assert_eq!(named, Some(CopiedFiles::Remote(address.to_owned())));
        }
        for (address, shown) in [
            ("smb://ann:secret@server/share/a.txt", "smb://server/share/a.txt"),
            ("sftp://ann@server/a.txt?password=secret", "sftp://server/a.txt"),
            ("davs://ACME;ann:secret@server:8443/a%20b.txt", "davs://server:8443/a%20b.txt"),
            ("ftp:ann:secret@server", "ftp://server/"),
            ("x-share:ann:secret@server", "x-share:…"),
        ] {
            assert_eq!(
                from_uri_list(address),
                Some(CopiedFiles::Remote(shown.to_owned())),
                "{address}"
            );
        }
        for list in ["https://licence.example/#LKRSP", "mailto:a@b.example", "", "a word", "# x"] {
            assert_eq!(from_uri_list(list), None, "{list:?}");
        }
    }

    #[test]
    fn a_path_is_recognised_as_local_by_its_characters_alone() {
        for path in [r"C:\Users\ann\a.txt", "d:/a.txt"] {
            assert!(is_local_path(path, true), "{path}");
        }
        for path in [
            "//evil/s/a.txt",
            r"\\evil\s\a.txt",
            r"/\evil\s\a.txt",
            r"\/evil/s/a.txt",
            "//./pipe/x",
            r"\\?\C:\a.txt",
            r"\??\C:\a.txt",
            r"\a.txt",
            "/a.txt",
            "C:a.txt",
            "C:",
            "é:/a.txt",
            "",
        ] {
            assert!(!is_local_path(path, true), "{path}");
        }
        assert!(is_local_path("/home/ann/a.txt", false));
        for path in ["//evil/s/a.txt", "///a.txt", "a.txt", "C:/a.txt", "~/a.txt", ""] {
            assert!(!is_local_path(path, false), "{path}");
        }
    }

    #[test]
    fn more_files_than_can_be_read_at_once_are_refused_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let paths = |count: usize| -> Vec<_> {
            let names = (0..count).map(|one| folder.path().join(format!("{one}.txt")));
            names.inspect(|path| std::fs::write(path, "LKRSP").unwrap()).collect()
        };
        let lines = |paths: &[PathBuf], start: &str| -> String {
            paths.iter().map(|path| format!("{start}{}\n", path.display())).collect()
        };
        let most = paths(MAX_FILES);
        let more = paths(MAX_FILES + 1);
        let refused = Some(CopiedFiles::TooMany { limit: 64 });
        for start in ["", "file://"] {
            assert_eq!(from_text(&lines(&most, start)), Some(CopiedFiles::Local(most.clone())));
            assert_eq!(from_text(&lines(&more, start)), refused);
        }
        assert_eq!(from_uri_list(&lines(&more, "file://")), refused);
    }

    #[test]
    fn a_text_names_files_only_if_they_exist_and_it_contains_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("an answer.txt");
        std::fs::write(&file, "LKRSP").unwrap();
        let path = file.display();
        let found = Some(CopiedFiles::Local(vec![file.clone()]));
        for text in [format!("{path}"), format!(" \"{path}\"\r\n"), format!("'{path}'")] {
            assert_eq!(from_text(&text), found, "{text:?}");
        }
        assert_eq!(from_text(&format!("file://{}", path.to_string().replace(' ', "%20"))), found);
        for text in [
            format!("the file is {path}"),
            format!("{path}\nLKRSP"),
            format!("{path}.missing"),
            format!("/{path}"),
            format!("{path}\n/{path}"),
            folder.path().display().to_string(),
            "LKRSP".to_owned(),
            String::new(),
        ] {
            assert_eq!(from_text(&text), None, "{text:?}");
        }
    }
}
