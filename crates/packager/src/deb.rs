//! Packages of Debian and of the distributions that follow it (deb(5)).

use std::fmt::Write as _;
use std::io;

use data_encoding::HEXLOWER;
use latchkey_archive::{Entry, Files, gzip, tar};
use md5::{Digest as _, Md5};

use crate::kit::Kit;
use crate::package::Requirements;
use crate::section::{OnRemoval, Section};

/// Writes a package.
///
/// # Errors
/// Returns an [`io::Error`] if a file is too large for the format.
pub(crate) fn write(
    kit: &Kit,
    files: &Files,
    needed: &Requirements,
    architecture: &str,
    time: u64,
) -> io::Result<Vec<u8>> {
    let section = &kit.section;
    let mut control = Files::from([
        ("control".to_owned(), Entry::data(fields(section, files, needed, architecture))),
        ("md5sums".to_owned(), Entry::data(digests(files))),
    ]);
    if section.on_removal == OnRemoval::Deactivate {
        control.insert("prerm".to_owned(), Entry::program(removal_script(section, "remove")));
    }
    let members = [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.gz", gzip(&tar(&control, "./", time)?)?),
        ("data.tar.gz", gzip(&tar(files, "./", time)?)?),
    ];
    let mut package = ar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = ar::Header::new(name.as_bytes().to_vec(), content.len() as u64);
        header.set_mode(0o100_644);
        header.set_mtime(time);
        package.append(&header, &*content)?;
    }
    package.into_inner()
}

/// The fields of the package (Debian Policy, section 5.3).
fn fields(section: &Section, files: &Files, needed: &Requirements, architecture: &str) -> String {
    let Section { name, version, maintainer, homepage, summary, description, .. } = section;
    let kilobytes: usize = files.values().map(|file| file.content.len().div_ceil(1024)).sum();
    // In Debian 13 and Ubuntu 24.04 GTK has another name, and provides this one.
    let mut text = format!(
        "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n\
         Maintainer: {maintainer}\nInstalled-Size: {kilobytes}\n\
         Depends: libc6{}, libwebkit2gtk-4.1-0, libgtk-3-0\n\
         Section: utils\nPriority: optional\n",
        match &needed.glibc {
            Some(version) => format!(" (>= {version})"),
            None => String::new(),
        },
    );
    if let Some(homepage) = homepage {
        let _ = writeln!(text, "Homepage: {homepage}");
    }
    let _ = writeln!(text, "Description: {}", summary.english());
    for line in description.trim().lines() {
        match line.trim() {
            "" => text.push_str(" .\n"),
            line => drop(writeln!(text, " {line}")),
        }
    }
    text
}

/// The newest version of the C library that a program names among its symbols.
pub(crate) fn glibc(files: &Files) -> Option<String> {
    const MARK: &[u8] = b"GLIBC_2.";
    let programs = files.values().filter(|file| file.is_program);
    let minors = programs.flat_map(|program| {
        program.content.windows(MARK.len() + 3).filter_map(|window| {
            let digits = window.strip_prefix(MARK)?;
            let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
            // A name that continues with a letter is another one.
            let is_whole = digits.get(length).is_none_or(|byte| matches!(byte, 0 | b'.'));
            std::str::from_utf8(&digits[..length]).ok()?.parse::<u16>().ok().filter(|_| is_whole)
        })
    });
    minors.max().map(|minor| format!("2.{minor}"))
}

/// The digests that `dpkg --verify` compares.
fn digests(files: &Files) -> String {
    files.iter().fold(String::new(), |mut text, (name, file)| {
        let _ = writeln!(text, "{}  {name}", HEXLOWER.encode(&Md5::digest(&file.content)));
        text
    })
}

/// The script that runs before the package is removed, which is told the reason. The token stays in
/// the outbox as well, so nothing is lost if the file is.
pub(crate) fn removal_script(section: &Section, reason: &str) -> String {
    let (path, name) = (section.path(), &section.name);
    format!(
        r#"#!/bin/sh
set -e
[ "$1" = {reason} ] || exit 0
umask 077
folder=/var/lib/{name}
token=
said=
status=5
# The file is made by the redirection, which with -C neither follows a link nor uses a file.
set -C
if mkdir -p "$folder" && token=$(mktemp -u "$folder/deactivation.XXXXXX"); then
    status=0
    said=$("{path}/{name}-cli" deactivate --yes 2>&1 > "$token") || status=$?
fi
# 4: there is no licence.
[ "$status" = 4 ] || [ -z "$said" ] || echo "$said" >&2
if [ "$status" = 0 ]; then
    mv "$token" "$token.token"
    echo "{name}: the licence of this computer was removed. The token that returns the seat is in $token.token" >&2
else
    rm -f "$token"
    rmdir "$folder" 2> /dev/null || true
    [ "$status" = 4 ] || echo "{name}: the licence of this computer could not be returned, and is kept" >&2
fi
"#
    )
}
