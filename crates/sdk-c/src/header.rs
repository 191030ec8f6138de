//! `include/latchkey.h`: written from the sources of this crate and from the tables of codes. The test fails when the
//! header is out of date; `cargo xtask docs` writes it again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use latchkey_token::ErrorCode;

/// The codes that a call or a verdict can have. Those of the vendor's side never come here.
const TABLES: [&[ErrorCode]; 4] =
    [latchkey_sdk::CODES, latchkey_token::CODES, latchkey_lease::CODES, latchkey_device::CODES];

const HEAD: &str = "\
/* Latchkey: may this product run?
 *
 * Written from the sources by `cargo xtask docs`; don't edit.
 *
 * Every function may be called from any thread. Strings are UTF-8. A `const char *` belongs to the handle that it was
 * asked of and lives as long; what else is given out says how it is given back. Calls that can fail give 0 or the
 * number of an error, and the error itself to whoever passes a place for it (`error` may be NULL). Numbers are never
 * used again for something else.
 *
 * The process may fork at any time, also in a callback, and the child may use the licences that it has from its parent
 * or open its own. A watch, and a callback that another thread was to make, stay with the parent.
 */";

const RENAMED: [(&str, &str); 5] = [
    ("LicenceHandle", "latchkey_licence"),
    ("VerdictHandle", "latchkey_verdict"),
    ("ErrorHandle", "latchkey_error"),
    ("ProductDefinition", "latchkey_product"),
    ("ChangeCallback", "latchkey_change_callback"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn numbers() -> String {
    let mut codes: Vec<_> = TABLES.into_iter().flatten().collect();
    codes.sort_by_key(|code| code.number);
    codes.dedup();
    let mut text = String::from(
        "/* The numbers of errors and verdicts. docs/errors.md says what each of them means and what to do. */\n",
    );
    for code in codes {
        let name = code.name.to_ascii_uppercase().replace('.', "_");
        let _ = writeln!(text, "#define LATCHKEY_E_{name} {}", code.number);
    }
    text
}

fn header() -> String {
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        header: Some(HEAD.to_owned()),
        include_guard: Some("LATCHKEY_H".to_owned()),
        trailer: Some(numbers()),
        no_includes: true,
        sys_includes: ["stdbool.h", "stddef.h", "stdint.h"].map(str::to_owned).into(),
        usize_is_size_t: true,
        cpp_compat: true,
        documentation_style: cbindgen::DocumentationStyle::C99,
        style: cbindgen::Style::Both,
        line_length: 100,
        ..cbindgen::Config::default()
    };
    config.export.rename =
        RENAMED.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    // It follows the modules from there.
    let root = folder().join("src/lib.rs");
    let builder = cbindgen::Builder::new().with_config(config).with_src(root);
    let mut written = Vec::new();
    builder.generate().unwrap().write(&mut written);
    tidied(&String::from_utf8(written).unwrap())
}

/// Without Rust's sections about safety, which say what is so of every pointer in C, and without gaps.
fn tidied(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut in_safety = false;
    for line in text.lines().map(str::trim_end) {
        let is_comment = line.trim_start().starts_with("//");
        in_safety = is_comment && (in_safety || line.ends_with("// # Safety"));
        if in_safety {
            if kept.last().is_some_and(|last| last.trim() == "//") {
                kept.pop();
            }
        } else if !line.is_empty() || kept.last().is_some_and(|last| !last.is_empty()) {
            kept.push(line);
        }
    }
    kept.join("\n") + "\n"
}

#[test]
fn the_c_header_is_up_to_date() {
    let path = folder().join("include/latchkey.h");
    let header = header();
    if std::env::var_os("LATCHKEY_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &header).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == header, "include/latchkey.h is out of date: run `cargo xtask docs`");
}

#[test]
fn the_lints_are_the_workspace_s_but_for_unsafe_code() {
    let read =
        |path: &Path| -> toml::Table { std::fs::read_to_string(path).unwrap().parse().unwrap() };
    let workspace = read(&folder().join("../../Cargo.toml"));
    for with_unsafe_code in ["Cargo.toml", "../files/Cargo.toml", "../console/Cargo.toml"] {
        let its = read(&folder().join(with_unsafe_code));
        for tool in ["rust", "clippy"] {
            for (lint, level) in workspace["workspace"]["lints"][tool].as_table().unwrap() {
                if lint == "unsafe_code" {
                    continue;
                }
                assert_eq!(its["lints"][tool].get(lint), Some(level), "{lint}");
            }
        }
    }
}
