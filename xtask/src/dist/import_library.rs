//! For Microsoft's linker, which doesn't read the import library of the compiler that we use: one
//! in its own format, and the list of the names in it.

use std::io::Cursor;

use anyhow::{Context, Result, ensure};
use ar_archive_writer::{COFFShortExport, MachineTypes, write_import_library};
use goblin::pe::PE;

/// The definition file and the import library of a shared library with this name.
pub(super) fn of(name: &str, library: &[u8]) -> Result<(String, Vec<u8>)> {
    let exported = exported_names(library).with_context(|| format!("{name} can't be read"))?;
    ensure!(!exported.is_empty(), "{name} exports nothing");
    let lines: String = exported.iter().map(|name| format!("    {name}\r\n")).collect();
    let exports: Vec<_> = exported.into_iter().map(function).collect();
    let mut import = Cursor::new(Vec::new());
    write_import_library(&mut import, name, &exports, MachineTypes::AMD64, false, false, &[])?;
    Ok((format!("LIBRARY {name}\r\nEXPORTS\r\n{lines}"), import.into_inner()))
}

/// The names that a shared library exports, in order.
fn exported_names(library: &[u8]) -> Result<Vec<String>> {
    let file = PE::parse(library)?;
    let names = file.exports.iter().filter_map(|export| export.name.map(str::to_owned));
    let mut names: Vec<_> = names.collect();
    names.sort();
    Ok(names)
}

fn function(name: String) -> COFFShortExport {
    COFFShortExport {
        name,
        ext_name: None,
        symbol_name: None,
        import_name: None,
        export_as: None,
        ordinal: 0,
        noname: false,
        data: false,
        private: false,
        constant: false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    /// A shared library that exports these names, with nothing else in it: the PE header, one
    /// section, and in that the export directory (PE format, “The .edata Section”).
    fn library(names: &[&str]) -> Vec<u8> {
        const HEADER: usize = 0x40;
        const SECTION: u32 = 0x200;
        let count = u32::try_from(names.len()).unwrap();
        let mut text = b"latchkey.dll\0".to_vec();
        // After the directory are three tables: addresses, names and ordinals.
        let tables = SECTION + 40;
        let texts = tables + count * 10;
        let mut pointers = Vec::new();
        for name in names {
            pointers.push(texts + u32::try_from(text.len()).unwrap());
            text.extend_from_slice(name.as_bytes());
            text.push(0);
        }
        let words = |words: &[u32]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_le_bytes()).collect()
        };
        let mut section = words(&[0, 0, 0, texts, 1, count, count]);
        section.extend(words(&[tables, tables + count * 4, tables + count * 8]));
        section.extend((0..count).flat_map(|_| 0x1000_u32.to_le_bytes()));
        section.extend(words(&pointers));
        section.extend((0..count).flat_map(|number| u16::try_from(number).unwrap().to_le_bytes()));
        section.extend(text);
        section.resize(0x200, 0);
        let mut file = b"MZ".to_vec();
        file.resize(HEADER - 4, 0);
        file.extend(words(&[u32::try_from(HEADER).unwrap()]));
        file.extend(b"PE\0\0\x64\x86\x01\0".map(|byte| byte));
        file.extend(words(&[0, 0, 0]));
        // The optional header has 112 bytes and 16 directories.
        file.extend([240, 0, 0x22, 0x20]);
        let mut optional = vec![0; 240];
        optional[..2].copy_from_slice(&[0x0b, 0x02]);
        // In memory and in the file, a section begins at a multiple of this.
        optional[32..40].copy_from_slice(&words(&[0x200, 0x200]));
        optional[108] = 16;
        optional[112..120].copy_from_slice(&words(&[SECTION, 0x200]));
        file.extend(optional);
        file.extend(b".edata\0\0");
        file.extend(words(&[0x200, SECTION, 0x200, 0x200, 0, 0, 0, 0x4000_0040]));
        file.resize(0x200, 0);
        file.extend(section);
        file
    }

    #[test]
    fn an_import_library_has_every_exported_name() {
        let library = library(&["latchkey_apply", "latchkey_version"]);
        let (definition, import) = of("latchkey.dll", &library).unwrap();
        let lines: Vec<_> = definition.split("\r\n").map(str::trim).collect();
        let wanted = ["LIBRARY latchkey.dll", "EXPORTS", "latchkey_apply", "latchkey_version", ""];
        assert_eq!(lines, wanted);
        assert!(import.starts_with(b"!<arch>\n"));
        for name in ["latchkey_apply", "__imp_latchkey_version", "latchkey.dll"] {
            let name = name.as_bytes();
            assert!(import.windows(name.len()).any(|part| part == name));
        }
    }

    #[test]
    fn a_library_without_exports_and_what_is_none_is_refused() {
        for bytes in [library(&[]), b"MZ".to_vec(), Vec::new()] {
            of("latchkey.dll", &bytes).unwrap_err();
        }
    }
}
