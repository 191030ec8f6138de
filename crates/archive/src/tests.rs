//! Tests that archives are read back as they were written, and that foreign or damaged ones are
//! refused.

use super::*;

const TIME: u64 = 1_790_000_000;

fn files() -> Files {
    Files::from([
        ("bin/latchkey".to_owned(), Entry::program(*b"\x7fELF\x02\x01 and so on")),
        ("README.md".to_owned(), Entry::data("read me".repeat(1000))),
        ("share/empty".to_owned(), Entry::data("")),
    ])
}

#[test]
fn what_is_written_is_read_back_and_written_alike() {
    for platform in Platform::ALL {
        let archive = write(platform, "1.2.3", &files(), TIME).unwrap();
        let content = read(platform, "1.2.3", &archive).unwrap();
        assert_eq!(content.files, files());
        let time = if platform.is_windows() { 0 } else { TIME };
        assert_eq!(content.time, time);
        assert_eq!(write(platform, "1.2.3", &files(), TIME).unwrap(), archive);
        // Another version has another folder.
        let other = read(platform, "1.2.4", &archive);
        assert!(matches!(other, Err(ArchiveError::Foreign { .. })), "{other:?}");
    }
}

#[test]
fn an_incomplete_archive_is_damaged() {
    for platform in [Platform::LinuxX86_64, Platform::WindowsX86_64] {
        let archive = write(platform, "1.2.3", &files(), TIME).unwrap();
        for length in (0..archive.len() - 30).step_by(7) {
            let cut = read(platform, "1.2.3", &archive[..length]);
            assert_eq!(cut.map(|_| ()), Err(ArchiveError::Damaged), "{length}");
        }
    }
}

/// A tar archive with one entry of any kind and name.
fn tar_of(kind: tar::EntryType, name: &[u8], content: &[u8], size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(TIME);
    header.set_uid(0);
    header.set_gid(0);
    header.set_link_name("/etc/passwd").unwrap();
    let ustar = header.as_ustar_mut().unwrap();
    ustar.name[..name.len()].copy_from_slice(name);
    header.set_cksum();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append(&header, content).unwrap();
    gzip(&archive.into_inner().unwrap()).unwrap()
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    const FOLDER: &str = "latchkey-1.2.3-linux-x86_64/";
    for name in [
        "../a",
        "/etc/passwd",
        "a",
        "./a",
        "latchkey-1.2.3-linux-x86_64/../a",
        "latchkey-1.2.3-linux-x86_64/a/../../b",
        "latchkey-1.2.3-linux-x86_64//a",
        "latchkey-1.2.3-linux-x86_64/./a",
        "latchkey-1.2.3-linux-x86_64/a/",
        "latchkey-1.2.3-linux-x86_64/a\\b",
        "latchkey-1.2.3-linux-x86_64/C:a",
        "latchkey-1.2.3-linux-x86_64/a.",
        "latchkey-1.2.3-linux-x86_64/con",
        "latchkey-1.2.3-linux-x86_64/a/NUL.txt",
        "latchkey-1.2.3-linux-x86_64/Com1.tar.gz",
        "latchkey-1.2.3-linux-x86_64/\u{e4}",
        "latchkey-1.2.3-linux-x86_64/a\nb",
        "latchkey-1.2.3-linux-x86_64",
        FOLDER,
    ] {
        let archive = tar_of(tar::EntryType::Regular, name.as_bytes(), b"x", 1);
        let found = read(Platform::LinuxX86_64, "1.2.3", &archive);
        assert!(matches!(found, Err(ArchiveError::Foreign { .. })), "{name}: {found:?}");
        let name = name.replace("linux-x86_64", "windows-x86_64");
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive.start_file(&*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, b"x").unwrap();
        let archive = archive.finish().unwrap().into_inner();
        let found = read(Platform::WindowsX86_64, "1.2.3", &archive);
        assert!(matches!(found, Err(ArchiveError::Foreign { .. })), "{name}: {found:?}");
    }
    let archive = tar_of(tar::EntryType::Regular, format!("{FOLDER}a").as_bytes(), b"x", 1);
    assert!(read(Platform::LinuxX86_64, "1.2.3", &archive).is_ok());
}

#[test]
fn links_devices_and_extensions_are_refused() {
    for kind in [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Char,
        tar::EntryType::Fifo,
        tar::EntryType::GNULongName,
        tar::EntryType::XHeader,
        tar::EntryType::XGlobalHeader,
    ] {
        let archive = tar_of(kind, b"latchkey-1.2.3-linux-x86_64/a", b"", 0);
        let found = read(Platform::LinuxX86_64, "1.2.3", &archive);
        assert!(matches!(found, Err(ArchiveError::Foreign { .. })), "{kind:?}: {found:?}");
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.add_symlink("latchkey-1.2.3-windows-x86_64/a", "/etc/passwd", options).unwrap();
    let archive = archive.finish().unwrap().into_inner();
    let found = read(Platform::WindowsX86_64, "1.2.3", &archive);
    assert!(matches!(found, Err(ArchiveError::Foreign { .. })), "{found:?}");
}

#[test]
fn a_name_that_occurs_twice_is_refused() {
    let one = tar_of(tar::EntryType::Regular, b"latchkey-1.2.3-linux-x86_64/a", b"x", 1);
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*one), &mut unpacked).unwrap();
    let twice = gzip(&[&unpacked[..1024], &unpacked[..]].concat()).unwrap();
    let found = read(Platform::LinuxX86_64, "1.2.3", &twice);
    assert!(matches!(found, Err(ArchiveError::Foreign { .. })), "{found:?}");
    // In a zip archive, the name is in two places.
    let windows = Platform::WindowsX86_64;
    let two = Files::from(["a1", "a2"].map(|name| (name.to_owned(), Entry::data("x"))));
    let mut twice = write(windows, "1.2.3", &two, TIME).unwrap();
    assert!(read(windows, "1.2.3", &twice).is_ok());
    let places: Vec<_> = (1..twice.len()).filter(|at| twice[..*at].ends_with(b"/a2")).collect();
    assert_eq!(places.len(), 2);
    places.into_iter().for_each(|at| twice[at - 1] = b'1');
    let found = read(windows, "1.2.3", &twice);
    assert!(matches!(found, Err(ArchiveError::Foreign { .. })), "{found:?}");
}

#[test]
fn names_that_are_the_same_on_another_system_are_refused() {
    for (names, is_accepted) in [
        (["a", "b"], true),
        (["bin/a", "bin.d/a"], true),
        (["bin/console", "bin/common"], true),
        (["a", "A"], false),
        (["bin/a", "BIN/A"], false),
        (["bin", "bin/a"], false),
        (["bin/a", "Bin/A/b"], false),
    ] {
        let files = Files::from(names.map(|name| (name.to_owned(), Entry::data("x"))));
        for platform in Platform::ALL {
            let archive = write(platform, "1.2.3", &files, TIME).unwrap();
            let found = read(platform, "1.2.3", &archive);
            let is_foreign = matches!(found, Err(ArchiveError::Foreign { .. }));
            assert_eq!((found.is_ok(), is_foreign), (is_accepted, !is_accepted), "{names:?}");
        }
    }
}

#[test]
fn a_number_of_entries_with_64_bits_is_not_believed() {
    let windows = Platform::WindowsX86_64;
    let archive = write(windows, "1.2.3", &files(), TIME).unwrap();
    let (before, end) = archive.split_at(archive.len() - 22);
    // Versions and disks, then the numbers of entries, and the size and place of their list.
    let mut record = b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0".to_vec();
    for number in [4_000_000_u64, 4_000_000, 46 * 4_000_000, 0] {
        record.extend(number.to_le_bytes());
    }
    let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
    locator.extend((before.len() as u64).to_le_bytes());
    locator.extend(1_u32.to_le_bytes());
    for garbage in [&b""[..], &[0; 30]] {
        let archive = [before, &record, &locator, end, garbage].concat();
        let found = read(windows, "1.2.3", &archive);
        assert_eq!(found.map(|_| ()), Err(ArchiveError::TooLarge));
    }
}

#[test]
fn a_size_that_is_only_claimed_is_bounded() {
    let name = b"latchkey-1.2.3-linux-x86_64/a";
    let claimed = tar_of(tar::EntryType::Regular, name, b"x", MAX_CONTENT_BYTES + 1);
    let found = read(Platform::LinuxX86_64, "1.2.3", &claimed);
    assert_eq!(found.map(|_| ()), Err(ArchiveError::TooLarge));
    let claimed = tar_of(tar::EntryType::Regular, name, b"x", MAX_CONTENT_BYTES - 1);
    let found = read(Platform::LinuxX86_64, "1.2.3", &claimed);
    assert_eq!(found.map(|_| ()), Err(ArchiveError::Damaged));
    let many = (0..=MAX_FILES).map(|index| (format!("{index}"), Entry::data("")));
    let many: Files = many.collect();
    for platform in [Platform::LinuxX86_64, Platform::WindowsX86_64] {
        let archive = write(platform, "1.2.3", &many, TIME).unwrap();
        let found = read(platform, "1.2.3", &archive);
        assert_eq!(found.map(|_| ()), Err(ArchiveError::TooLarge));
    }
}

#[test]
fn the_name_of_an_archive_tells_platform_and_version() {
    for platform in Platform::ALL {
        for version in ["1.2.3", "1.2.3-rc.1"] {
            let name = platform.archive_name(version);
            assert_eq!(Platform::of_archive(&name), Some((platform, version)));
        }
        assert_eq!(Platform::from_name(platform.name()), Some(platform));
    }
    for name in ["", "latchkey-1.0.tar.gz", "latchkey-1.0-linux-x86_64.zip", "SHA256SUMS"] {
        assert_eq!(Platform::of_archive(name), None, "{name}");
    }
}

#[test]
fn a_program_of_another_platform_is_recognised() {
    let elf = |machine: u8| {
        let mut header = [0; 64];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        header[18] = machine;
        header.to_vec()
    };
    let mut pe = vec![0; 0x90];
    pe[..2].copy_from_slice(b"MZ");
    pe[0x3c] = 0x80;
    pe[0x80..0x86].copy_from_slice(b"PE\0\0\x64\x86");
    let mach = |cpu: u8| vec![0xcf, 0xfa, 0xed, 0xfe, cpu, 0, 0, 1];
    let programs = [elf(62), elf(183), pe, mach(7), mach(12)];
    for (platform, own) in Platform::ALL.into_iter().zip(&programs) {
        for program in &programs {
            assert_eq!(platform.runs(program), program == own, "{platform:?}");
        }
        for broken in [&b""[..], b"MZ", b"#!/bin/sh\n", &own[..own.len().min(5)]] {
            assert!(!platform.runs(broken));
        }
    }
}

#[test]
fn a_list_of_digests_is_read_as_written() {
    let sums =
        BTreeMap::from([("a.zip".to_owned(), digest(b"a")), ("b.tar.gz".to_owned(), digest(b"b"))]);
    assert_eq!(parse_sums(&write_sums(&sums)), Ok(sums.clone()));
    assert_eq!(parse_sums(&write_sums(&sums).replace("  ", " *")), Ok(sums.clone()));
    let good = write_sums(&sums);
    for bad in [
        good.replace("a.zip", "../a.zip"),
        good.replace("b.tar.gz", "a.zip"),
        good.replacen("  ", "", 1),
        good.replacen(char::is_alphanumeric, "", 1),
        format!("{good}\n"),
    ] {
        assert!(matches!(parse_sums(&bad), Err(ArchiveError::Sums { .. })), "{bad}");
    }
}
