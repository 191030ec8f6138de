//! What Explorer, the Task Manager and Windows read in the files.

use crate::programs::built;

/// The bytes of a text as resources have it.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn every_program_has_a_version_and_a_manifest() {
    for (file, description, is_program) in [
        ("latchkey.exe", "Latchkey for the command line", true),
        ("latchkey-server.exe", "Latchkey licensing server", true),
        ("latchkey.dll", "Latchkey SDK", false),
    ] {
        let bytes = std::fs::read(built(file)).unwrap();
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        for text in ["ProductName", "FileVersion", description, file] {
            assert!(has(&wide(text)), "{file}: {text}");
        }
        for setting in ["longPathAware", "activeCodePage", "PerMonitorV2", "supportedOS"] {
            assert_eq!(has(setting.as_bytes()), is_program, "{file}: {setting}");
        }
    }
}
