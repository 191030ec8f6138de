//! Reads from linked programs which symbols they look for in which library (two-level namespace).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use goblin::mach::MachO;

/// The part of the C library that zig brings Apple's own list of.
const C_LIBRARY: &str = "/usr/lib/libSystem.B.dylib";

/// The symbols that the programs and the library in a folder take from elsewhere than the C
/// library, and the path of the library that each of them is looked for in.
pub(super) fn symbols(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut symbols = BTreeMap::new();
    let mut files = 0;
    for name in
        ["latchkey", "latchkey-server", "liblatchkey.dylib", "latchkey-wizard", "hello-product"]
    {
        let path = folder.join(name);
        if !path.is_file() {
            continue;
        }
        files += 1;
        let bytes = fs::read(&path)?;
        add(&bytes, &mut symbols).with_context(|| path.display().to_string())?;
    }
    ensure!(files > 0, "There are no programs in {}.", folder.display());
    Ok(symbols)
}

fn add(bytes: &[u8], symbols: &mut BTreeMap<String, String>) -> Result<()> {
    const UNDEFINED_EXTERNAL: u8 = 0x01;
    let program = MachO::parse(bytes, 0)?;
    for symbol in program.symbols() {
        let (name, entry) = symbol?;
        if entry.n_type & 0x0f != UNDEFINED_EXTERNAL {
            continue;
        }
        // The number of the load command is in the upper byte (mach-o/nlist.h,
        // GET_LIBRARY_ORDINAL). The library of number 0 is the file itself.
        let number = usize::from(entry.n_desc >> 8);
        let library = program.libs.get(number).copied();
        let library = library.with_context(|| format!("{name} is looked for nowhere"))?;
        if library == C_LIBRARY {
            continue;
        }
        let first = symbols.entry(name.to_owned()).or_insert_with(|| library.to_owned());
        ensure!(first == library, "{name} is looked for in {first} and in {library}");
    }
    Ok(())
}
