//! A file that was copied in a file manager, as the clipboard tells of it: by address, in one of the forms that file
//! managers have, or by its path as text. Which files are meant is found out here; reading them is `files`'.

use std::path::{Path, PathBuf};

use tauri::Url;

/// Most files that are read for one press of "Paste".
pub const MOST_FILES: usize = 64;

/// What file managers say before the addresses: GNOME's and those that follow it, in a format of their own and, some
/// versions of them, as text.
const WORDS: [&str; 5] = ["x-special/nautilus-clipboard", "copy", "cut", "copy-url", "move"];

/// What a text names that was offered as a list of addresses.
#[derive(Debug, PartialEq, Eq)]
pub enum Named {
    /// Files of this computer.
    Files(Vec<PathBuf>),
    /// A file that isn't on this computer's disks, by its address, without a name or a password to sign in there.
    Remote(String),
    /// More files than are read at once.
    TooMany {
        /// How many may be read.
        limit: usize,
    },
}

/// The files in a list of addresses (RFC 2483, `text/uri-list`, and what GNOME's file managers make of it). Nothing
/// where there is none, as in a link to a page.
#[must_use]
pub fn in_list(list: &str) -> Option<Named> {
    let mut files = Vec::new();
    let mut remote = None;
    for line in lines(list).filter(|line| !line.starts_with('#')) {
        match Url::parse(line) {
            Ok(address) if address.scheme() == "file" => match address.to_file_path() {
                Ok(path) if is_here(&path.to_string_lossy(), cfg!(windows)) => files.push(path),
                // Another computer's, by its name.
                Ok(_) | Err(()) => remote = remote.or_else(|| Some(without_secrets(address))),
            },
            // A page is no file, and its address may have a token in it.
            Ok(address) if ["http", "https", "mailto"].contains(&address.scheme()) => return None,
            Ok(address) => remote = remote.or_else(|| Some(without_secrets(address))),
            Err(_) => return None,
        }
    }
    named(files, remote)
}

/// The files that a text names, if it does nothing else: addresses, or whole paths of files that are there, in quotes or
/// not. "Copy path" and "Copy as path" give such texts, and the file managers of some desktops give nothing else.
#[must_use]
pub fn in_text(text: &str) -> Option<Named> {
    let here = ["file:///", "file://localhost/"];
    if lines(text).all(|line| here.iter().any(|start| line.starts_with(start))) {
        return in_list(text);
    }
    let mut files = Vec::new();
    for line in lines(text) {
        let path = line.trim_matches(['"', '\'']);
        // Even to ask whether a file is there would reach another computer, which learns who asked.
        if !is_here(path, cfg!(windows)) || !Path::new(path).is_file() {
            return None;
        }
        files.push(PathBuf::from(path));
        if files.len() > MOST_FILES {
            break;
        }
    }
    named(files, None)
}

/// Whether a path is a whole one on this computer's own drives, by its letters alone. Windows takes either slash, and what
/// begins with two of them, or with none, is in the network, a device, or depends on where the program was started.
fn is_here(path: &str, on_windows: bool) -> bool {
    match (on_windows, path.as_bytes()) {
        (true, [drive, b':', b'\\' | b'/', ..]) => drive.is_ascii_alphabetic(),
        (true, _) => false,
        (false, path) => path.starts_with(b"/") && !path.starts_with(b"//"),
    }
}

/// An address as it may be shown: some file managers put the password of a share into it.
fn without_secrets(mut address: Url) -> String {
    if address.cannot_be_a_base() {
        return format!("{}:…", address.scheme());
    }
    // Where there can be none, there is none.
    let _ = address.set_password(None);
    let _ = address.set_username("");
    address.set_query(None);
    address.set_fragment(None);
    address.into()
}

/// What was copied, as these files or another computer's.
pub(crate) fn named(files: Vec<PathBuf>, remote: Option<String>) -> Option<Named> {
    match remote {
        Some(address) => Some(Named::Remote(address)),
        None if files.is_empty() => None,
        None if files.len() > MOST_FILES => Some(Named::TooMany { limit: MOST_FILES }),
        None => Some(Named::Files(files)),
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split(['\n', '\r', '\0']).map(str::trim);
    lines.filter(|line| !line.is_empty() && !WORDS.contains(line))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Option<Named> {
        Some(Named::Files(paths.iter().map(PathBuf::from).collect()))
    }

    #[test]
    fn a_file_that_was_copied_is_found_in_every_form_that_file_managers_have() {
        for list in [
            "file:///home/ann/an%20answer.txt\r\n",
            "# copied\r\nfile:///home/ann/an%20answer.txt\r\n\0",
            "copy\nfile:///home/ann/an%20answer.txt",
            "cut\nfile://localhost/home/ann/an%20answer.txt",
            "x-special/nautilus-clipboard\ncopy\nfile:///home/ann/an%20answer.txt\n",
        ] {
            assert_eq!(in_list(list), files(&["/home/ann/an answer.txt"]), "{list:?}");
        }
        let two = "file:///a/f%C3%BCr%20Jos%C3%A9.txt\r\nfile:///b/100%25.txt\r\n";
        assert_eq!(in_list(two), files(&["/a/für José.txt", "/b/100%.txt"]));
    }

    #[test]
    fn another_computers_file_is_named_and_a_pages_address_is_left_to_be_read_as_text() {
        for address in ["smb://server/share/answer.txt", "mtp://phone/a.txt", "file://server/a.txt"]
        {
            let named = in_list(&format!("file:///a\r\n{address}\r\n"));
            assert_eq!(named, Some(Named::Remote(address.to_owned())));
        }
        for (address, shown) in [
            ("smb://ann:secret@server/share/a.txt", "smb://server/share/a.txt"),
            ("sftp://ann@server/a.txt?password=secret", "sftp://server/a.txt"),
            ("davs://ACME;ann:secret@server:8443/a%20b.txt", "davs://server:8443/a%20b.txt"),
            ("ftp:ann:secret@server", "ftp://server/"),
            ("x-share:ann:secret@server", "x-share:…"),
        ] {
            assert_eq!(in_list(address), Some(Named::Remote(shown.to_owned())), "{address}");
        }
        for list in ["https://licence.example/#LKRSP", "mailto:a@b.example", "", "a word", "# x"] {
            assert_eq!(in_list(list), None, "{list:?}");
        }
    }

    #[test]
    fn a_path_is_on_this_computer_by_its_letters_alone() {
        for path in [r"C:\Users\ann\a.txt", "d:/a.txt"] {
            assert!(is_here(path, true), "{path}");
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
            assert!(!is_here(path, true), "{path}");
        }
        assert!(is_here("/home/ann/a.txt", false));
        for path in ["//evil/s/a.txt", "///a.txt", "a.txt", "C:/a.txt", "~/a.txt", ""] {
            assert!(!is_here(path, false), "{path}");
        }
    }

    #[test]
    fn more_files_than_are_read_at_once_are_refused_and_not_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let paths = |count: usize| -> Vec<_> {
            let names = (0..count).map(|one| folder.path().join(format!("{one}.txt")));
            names.inspect(|path| std::fs::write(path, "LKRSP").unwrap()).collect()
        };
        let lines = |paths: &[PathBuf], start: &str| -> String {
            paths.iter().map(|path| format!("{start}{}\n", path.display())).collect()
        };
        let most = paths(MOST_FILES);
        let more = paths(MOST_FILES + 1);
        let refused = Some(Named::TooMany { limit: 64 });
        for start in ["", "file://"] {
            assert_eq!(in_text(&lines(&most, start)), Some(Named::Files(most.clone())));
            assert_eq!(in_text(&lines(&more, start)), refused);
        }
        assert_eq!(in_list(&lines(&more, "file://")), refused);
    }

    #[test]
    fn a_path_alone_is_a_file_only_where_it_is_there_and_the_text_is_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("an answer.txt");
        std::fs::write(&file, "LKRSP").unwrap();
        let path = file.display();
        let found = Some(Named::Files(vec![file.clone()]));
        for text in [format!("{path}"), format!(" \"{path}\"\r\n"), format!("'{path}'")] {
            assert_eq!(in_text(&text), found, "{text:?}");
        }
        assert_eq!(in_text(&format!("file://{}", path.to_string().replace(' ', "%20"))), found);
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
            assert_eq!(in_text(&text), None, "{text:?}");
        }
    }
}
