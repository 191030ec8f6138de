//! Packages of Red Hat, SUSE and the distributions that follow them: the format of RPM 4, as its
//! reference manual describes it (lead, signature, header, and a cpio archive).

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use latchkey_archive::{Entry, Files, digest, gzip};
use md5::{Digest as _, Md5};

use crate::deb;
use crate::kit::Kit;
use crate::package::Requirements;
use crate::section::{OnRemoval, Section};

/// The release of a version. A vendor raises the version instead.
pub(crate) const RELEASE: &str = "1";

/// The modes of folders and files in a file system (`S_IFDIR`, `S_IFREG`).
const FOLDER: u32 = 0o040_755;
const FILE: u32 = 0o100_000;

/// The value of a tag.
enum Value {
    Text(String),
    /// A text in several languages, of which only one is here.
    Translated(String),
    Texts(Vec<String>),
    Shorts(Vec<u16>),
    Numbers(Vec<u32>),
    Bytes(Vec<u8>),
}

/// A file or folder of a package, under its whole path.
struct Item<'a> {
    path: String,
    mode: u32,
    content: &'a [u8],
}

/// Writes a package. `files` are all its files, of which those in the installation folder are in
/// folders of its own.
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
    let time = u32::try_from(time).map_err(io::Error::other)?;
    let items = items(&kit.section, files);
    let payload = gzip(&cpio(&items, time)?)?;
    let header = tags(&kit.section, needed, &items, architecture, time, &payload)?;
    let header = header_bytes(63, &header)?;
    let both = [header.as_slice(), &payload].concat();
    let signature = BTreeMap::from([
        // The digest of the header; then the size and the digest of header and archive.
        (273, Value::Text(digest(&header))),
        (1000, Value::Numbers(vec![size(both.len())?])),
        (1004, Value::Bytes(Md5::digest(&both).to_vec())),
    ]);
    let mut package = lead(&kit.section);
    package.extend(header_bytes(62, &signature)?);
    package.resize(package.len().next_multiple_of(8), 0);
    package.extend(both);
    Ok(package)
}

fn size(bytes: usize) -> io::Result<u32> {
    u32::try_from(bytes).map_err(io::Error::other)
}

/// The oldest part, which only says that this is a package.
fn lead(section: &Section) -> Vec<u8> {
    let mut lead = vec![0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, 0, 1];
    lead.extend(format!("{}-{}-{RELEASE}", section.name, section.version).bytes().take(65));
    lead.resize(76, 0);
    // Linux, and a signature in the form of a header.
    lead.extend([0, 1, 0, 5]);
    lead.resize(96, 0);
    lead
}

/// The folders that are the package's own, and all files, in the order of their paths.
fn items<'a>(section: &Section, files: &'a Files) -> Vec<Item<'a>> {
    let own = [section.path(), format!("/usr/share/doc/{}", section.name)];
    let is_own = |folder: &str| own.iter().any(|own| Path::new(folder).starts_with(own));
    let mut items: BTreeMap<String, Item<'a>> = BTreeMap::new();
    for (name, Entry { is_program, content }) in files {
        let path = format!("/{name}");
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        for folder in folders.filter(|folder| is_own(folder)) {
            let item = Item { path: folder.to_owned(), mode: FOLDER, content: &[] };
            items.insert(folder.to_owned(), item);
        }
        let mode = FILE | if *is_program { 0o755 } else { 0o644 };
        items.insert(path.clone(), Item { path, mode, content });
    }
    items.into_values().collect()
}

/// The paths of the folders that are the package's own.
#[cfg(test)]
pub(crate) fn folders(section: &Section, files: &Files) -> Vec<String> {
    let items = items(section, files).into_iter();
    items.filter(|item| item.mode == FOLDER).map(|item| item.path).collect()
}

/// The archive of the files, in the form “newc”.
fn cpio(items: &[Item<'_>], time: u32) -> io::Result<Vec<u8>> {
    let mut archive = Vec::new();
    let mut append = |inode: usize, path: &str, mode: u32, links: u32, content: &[u8]| {
        let fields = [
            size(inode)?,
            mode,
            0,
            0,
            links,
            if inode == 0 { 0 } else { time },
            size(content.len())?,
            0,
            0,
            0,
            0,
            size(path.len() + 1)?,
            0,
        ];
        archive.extend_from_slice(b"070701");
        for field in fields {
            archive.extend_from_slice(format!("{field:08x}").as_bytes());
        }
        archive.extend_from_slice(path.as_bytes());
        archive.push(0);
        archive.resize(archive.len().next_multiple_of(4), 0);
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(4), 0);
        io::Result::Ok(())
    };
    for (index, item) in items.iter().enumerate() {
        let links = if item.mode == FOLDER { 2 } else { 1 };
        append(index + 1, &format!(".{}", item.path), item.mode, links, item.content)?;
    }
    append(0, "TRAILER!!!", 0, 1, &[])?;
    Ok(archive)
}

/// What the package needs: a name, how its version is compared, and the version.
fn requirements(
    section: &Section,
    Requirements { glibc }: &Requirements,
) -> Vec<(String, u32, String)> {
    const AT_MOST_OF_RPM: u32 = 1 << 24 | 1 << 3 | 1 << 1;
    const BEFORE_REMOVAL: u32 = 1 << 11 | 1 << 8;
    let mut needed: Vec<_> = [
        ("rpmlib(CompressedFileNames)", "3.0.4-1"),
        ("rpmlib(FileDigests)", "4.6.0-1"),
        ("rpmlib(PayloadFilesHavePrefix)", "4.0-1"),
    ]
    .map(|(name, version)| (name.to_owned(), AT_MOST_OF_RPM, version.to_owned()))
    .into();
    // Libraries by their own names, because each distribution has other names of packages.
    let glibc = glibc.as_ref();
    let glibc = glibc.map(|version| format!("libc.so.6(GLIBC_{version})(64bit)"));
    let libraries = ["libgtk-3.so.0()(64bit)", "libwebkit2gtk-4.1.so.0()(64bit)"];
    let libraries = libraries.map(str::to_owned).into_iter().chain(glibc);
    needed.extend(libraries.map(|library| (library, 0, String::new())));
    if section.on_removal == OnRemoval::Deactivate {
        needed.push(("/bin/sh".to_owned(), BEFORE_REMOVAL, String::new()));
    }
    needed.sort();
    needed
}

fn tags(
    section: &Section,
    needed: &Requirements,
    items: &[Item<'_>],
    architecture: &str,
    time: u32,
    payload: &[u8],
) -> io::Result<BTreeMap<u32, Value>> {
    use Value::{Numbers, Shorts, Text, Texts, Translated};

    const EQUAL: u32 = 1 << 3;
    const SHA256: u32 = 8;
    let Section { name, version, maintainer, homepage, summary, description, .. } = section;
    let count = items.len();
    let sizes: Vec<u32> =
        items.iter().map(|item| size(item.content.len())).collect::<Result<_, _>>()?;
    let mut folders: Vec<String> = Vec::new();
    let mut folder_indexes = Vec::new();
    let mut base_names = Vec::new();
    for item in items {
        let at = item.path.rfind('/').map_or(0, |at| at + 1);
        let (folder, base) = item.path.split_at(at);
        let index = folders.iter().position(|known| known == folder).unwrap_or_else(|| {
            folders.push(folder.to_owned());
            folders.len() - 1
        });
        folder_indexes.push(size(index)?);
        base_names.push(base.to_owned());
    }
    let file_digest = |item: &Item<'_>| match item.mode {
        FOLDER => String::new(),
        _ => digest(item.content),
    };
    let inodes = (1..=count).map(size).collect::<Result<_, _>>()?;
    let needed = requirements(section, needed);
    let text = |text: &str| Text(text.to_owned());
    let root = || Texts(vec!["root".to_owned(); count]);
    let empty = || Texts(vec![String::new(); count]);
    let total = sizes.iter().fold(0_u32, |total, size| total.saturating_add(*size));
    let modes = items.iter().map(|item| u16::try_from(item.mode).unwrap_or_default()).collect();
    let long = match description.trim() {
        "" => summary.english(),
        long => long,
    };
    let mut tags = BTreeMap::from([
        (100, Texts(vec!["C".to_owned()])),
        (1000, text(name)),
        (1001, text(version)),
        (1002, text(RELEASE)),
        (1004, Translated(summary.english().to_owned())),
        (1005, Translated(long.to_owned())),
        (1006, Numbers(vec![time])),
        (1007, text("localhost")),
        (1009, Numbers(vec![total])),
        // The licence of the programs; the folder `licences` has those of everything in them.
        (1014, text("MIT OR Apache-2.0")),
        (1015, text(maintainer)),
        (1016, Translated("Applications/System".to_owned())),
        (1021, text("linux")),
        (1022, text(architecture)),
        // The files: sizes, modes, devices, times, digests, links, flags, owners.
        (1028, Numbers(sizes)),
        (1030, Shorts(modes)),
        (1033, Shorts(vec![0; count])),
        (1034, Numbers(vec![time; count])),
        (1035, Texts(items.iter().map(file_digest).collect())),
        (1036, empty()),
        (1037, Numbers(vec![0; count])),
        (1039, root()),
        (1040, root()),
        (1044, Text(format!("{name}-{version}-{RELEASE}.src.rpm"))),
        (1045, Numbers(vec![u32::MAX; count])),
        (1047, Texts(vec![name.clone()])),
        (1048, Numbers(needed.iter().map(|(_, flags, _)| *flags).collect())),
        (1049, Texts(needed.iter().map(|(name, ..)| name.clone()).collect())),
        (1050, Texts(needed.iter().map(|(.., version)| version.clone()).collect())),
        (1064, text("4.16.0")),
        (1095, Numbers(vec![1; count])),
        (1096, Numbers(inodes)),
        (1097, empty()),
        (1112, Numbers(vec![EQUAL])),
        (1113, Texts(vec![format!("{version}-{RELEASE}")])),
        (1116, Numbers(folder_indexes)),
        (1117, Texts(base_names)),
        (1118, Texts(folders)),
        (1124, text("cpio")),
        (1125, text("gzip")),
        (1126, text("6")),
        (5011, Numbers(vec![SHA256])),
        (5092, Texts(vec![digest(payload)])),
        (5093, Numbers(vec![SHA256])),
    ]);
    if let Some(homepage) = homepage {
        tags.insert(1020, text(homepage));
    }
    if section.on_removal == OnRemoval::Deactivate {
        // The number of packages that are left: none, unless it is an upgrade.
        tags.insert(1025, Text(deb::removal_script(section, "0")));
        tags.insert(1087, text("/bin/sh"));
    }
    Ok(tags)
}

/// A header: an index of the tags in their order, and their values. The tag `region` spans all of
/// it, so that a signature can cover it.
fn header_bytes(region: u32, tags: &BTreeMap<u32, Value>) -> io::Result<Vec<u8>> {
    const BYTES: u32 = 7;
    let mut index = Vec::new();
    let mut store = Vec::new();
    let mut add = |tag: u32, kind: u32, at: usize, count: usize| {
        for field in [tag, kind, size(at)?, size(count)?] {
            index.extend_from_slice(&field.to_be_bytes());
        }
        io::Result::Ok(())
    };
    for (tag, value) in tags {
        let alignment = match value {
            Value::Numbers(_) => 4,
            Value::Shorts(_) => 2,
            _ => 1,
        };
        store.resize(store.len().next_multiple_of(alignment), 0);
        let at = store.len();
        let mut text = |text: &str| {
            store.extend_from_slice(text.as_bytes());
            store.push(0);
        };
        let (kind, count) = match value {
            Value::Text(value) => {
                text(value);
                (6, 1)
            }
            Value::Translated(value) => {
                text(value);
                (9, 1)
            }
            Value::Texts(values) => {
                values.iter().for_each(|value| text(value));
                (8, values.len())
            }
            Value::Shorts(values) => {
                values.iter().for_each(|value| store.extend(value.to_be_bytes()));
                (3, values.len())
            }
            Value::Numbers(values) => {
                values.iter().for_each(|value| store.extend(value.to_be_bytes()));
                (4, values.len())
            }
            Value::Bytes(value) => {
                store.extend_from_slice(value);
                (BYTES, value.len())
            }
        };
        add(*tag, kind, at, count)?;
    }
    // The region's own entry comes first, and its value last: where the index begins, seen from
    // there.
    let entries = size(tags.len() + 1)?;
    let at = size(store.len())?;
    let back = 0_u32.wrapping_sub(entries * 16);
    for field in [region, BYTES, back, 16] {
        store.extend_from_slice(&field.to_be_bytes());
    }
    let mut header = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
    for field in [entries, size(store.len())?, region, BYTES, at, 16] {
        header.extend_from_slice(&field.to_be_bytes());
    }
    header.extend(index);
    header.extend(store);
    Ok(header)
}
