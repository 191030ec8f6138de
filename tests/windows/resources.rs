//! What Explorer, the Task Manager and Windows read in the files.

use crate::programs::built;

/// The bytes of a text as resources have it.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The section of a program that has the resources: the program itself may have 100 MB.
fn resources(program: &[u8]) -> &[u8] {
    let header = program.windows(8).position(|name| name == b".rsrc\0\0\0").unwrap();
    let field = |at: usize| {
        let bytes = &program[header + at..][..4];
        u32::from_le_bytes(bytes.try_into().unwrap()) as usize
    };
    let (size, start) = (field(16), field(20));
    &program[start..][..size]
}

#[test]
fn every_program_has_a_version_and_a_manifest() {
    for (file, description, is_program) in [
        ("latchkey.exe", "Latchkey for the command line", true),
        ("latchkey-server.exe", "Latchkey licensing server", true),
        ("latchkey-wizard.exe", "Latchkey Wizard", true),
        ("latchkey.dll", "Latchkey SDK", false),
    ] {
        let bytes = std::fs::read(built(file)).unwrap();
        let bytes = resources(&bytes);
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        // Tauri, which makes those of the wizard, leaves out the file's name.
        let name = if file == "latchkey-wizard.exe" { "FileVersion" } else { file };
        for text in ["ProductName", "FileVersion", description, name] {
            assert!(has(&wide(text)), "{file}: {text}");
        }
        for setting in ["longPathAware", "activeCodePage", "PerMonitorV2", "supportedOS"] {
            assert_eq!(has(setting.as_bytes()), is_program, "{file}: {setting}");
        }
    }
}
