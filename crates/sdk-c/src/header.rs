//! `include/latchkey.h`, generated from the sources of this crate and from the tables of error
//! codes. A test fails if the header is out of date; `cargo xtask docs` writes it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use latchkey_token::ErrorCode;

/// The codes that a call or a verdict can have. The server's codes never occur here.
const TABLES: [&[ErrorCode]; 5] = [
    latchkey_sdk::CODES,
    latchkey_token::CODES,
    latchkey_lease::CODES,
    latchkey_config::CODES,
    latchkey_device::CODES,
];

const HEAD: &str = "\
/* Latchkey: may this product run?
 *
 * Generated from the sources by `cargo xtask docs`. Don't edit.
 *
 * Threads: every function may be called from any thread.
 *
 * Strings: all strings are UTF-8 and end with a NUL. A `const char *` that a function returns
 * belongs to the handle it was read from. A `char *` that is stored through a parameter belongs to
 * the caller, who frees it with `latchkey_string_free`.
 *
 * Errors: a function that can fail returns a `latchkey_result`, which is LATCHKEY_OK or the number
 * of an error. Its last parameter, `error`, may be NULL. Otherwise `*error` is set to NULL on
 * success and to a new error on failure, which the caller frees with `latchkey_error_free`. The
 * number of an error is never reused for another one. Each function lists its most common errors;
 * any of them may also fail with LATCHKEY_E_SDK_ARGUMENT or LATCHKEY_E_SDK_INTERNAL.
 *
 * Forks: the process may fork at any time, even in a callback. The child may use the licences that
 * it inherits or open its own. Background checks, and callbacks that another thread was about to
 * run, stay with the parent. Once a process has read the keyring of a Linux desktop, checks in its
 * children that need the keyring fail with LATCHKEY_E_STORE_FORKED.
 */";

const RENAMED: [(&str, &str); 6] = [
    ("LatchkeyResult", "latchkey_result"),
    ("LicenceHandle", "latchkey_licence"),
    ("VerdictHandle", "latchkey_verdict"),
    ("ErrorHandle", "latchkey_error"),
    ("ProductDefinition", "latchkey_product"),
    ("ChangeCallback", "latchkey_change_callback"),
];

/// The sections of a doc comment that become blocks of the header's comments.
const SECTIONS: [&str; 3] = ["Parameters", "Returns", "Ownership"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The version macros: the version as a string, and its parts as numbers for `#if`.
fn version() -> String {
    let mut text = String::from(
        "/* The version of this header. `latchkey_version` returns that of the library. */\n",
    );
    let _ = writeln!(text, "#define LATCHKEY_VERSION \"{}\"", env!("CARGO_PKG_VERSION"));
    for (part, number) in [
        ("MAJOR", env!("CARGO_PKG_VERSION_MAJOR")),
        ("MINOR", env!("CARGO_PKG_VERSION_MINOR")),
        ("PATCH", env!("CARGO_PKG_VERSION_PATCH")),
    ] {
        let _ = writeln!(text, "#define LATCHKEY_VERSION_{part} {number}");
    }
    text
}

/// The constants of all error numbers.
fn numbers() -> String {
    let mut codes: Vec<_> = TABLES.into_iter().flatten().collect();
    codes.sort_by_key(|code| code.number);
    codes.dedup();
    let mut text = String::from(
        "/* The numbers of errors and verdicts. docs/errors.md explains what each of them means\n \
         * and what to do about it. */\n",
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
        // Inside the include guard, unlike a trailer.
        after_includes: Some(format!("\n{}\n{}", version(), numbers())),
        no_includes: true,
        sys_includes: ["stdbool.h", "stddef.h", "stdint.h"].map(str::to_owned).into(),
        usize_is_size_t: true,
        cpp_compat: true,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        style: cbindgen::Style::Both,
        line_length: 100,
        ..cbindgen::Config::default()
    };
    config.export.rename =
        RENAMED.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    // cbindgen follows the modules from there.
    let root = folder().join("src/lib.rs");
    let builder = cbindgen::Builder::new().with_config(config).with_src(root);
    let mut written = Vec::new();
    builder.generate().unwrap().write(&mut written);
    tidy(&String::from_utf8(written).unwrap())
}

/// Turns the sections of doc comments into blocks that C programmers know, drops the sections about
/// safety, which state the obvious in C, and removes superfluous blank lines.
fn tidy(text: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    let (mut in_safety, mut after_title) = (false, false);
    for line in text.lines().map(str::trim_end) {
        let title = line.trim_start().strip_prefix("* # ");
        in_safety = !line.ends_with("*/") && (in_safety || title == Some("Safety"));
        let is_blank = line.trim() == "*";
        if in_safety {
            if kept.last().is_some_and(|last| last.trim() == "*") {
                kept.pop();
            }
        } else if let Some(title) = title.filter(|title| SECTIONS.contains(title)) {
            kept.push(format!(" * {title}:"));
        } else if !(is_blank && after_title)
            && (!line.is_empty() || kept.last().is_some_and(|last| !last.is_empty()))
        {
            kept.push(line.to_owned());
        }
        after_title = title.is_some();
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

/// Each function of the header: its comment, its name and its parameters.
fn functions(header: &str) -> Vec<(String, String, Vec<String>)> {
    let declarations = header.split("/**").skip(1).filter_map(|part| part.split_once("*/"));
    let mut functions = Vec::new();
    for (comment, code) in declarations {
        let code = code.split("/**").next().unwrap_or_default();
        let Some((before, rest)) = code.split_once('(') else { continue };
        // Types, their fields and constants.
        if ["typedef", "#"].iter().any(|start| code.trim_start().starts_with(start))
            || !code.contains(");")
        {
            continue;
        }
        let name = before.rsplit([' ', '*']).next().unwrap().to_owned();
        let parameters = rest.split(");").next().unwrap().split(',');
        let parameters = parameters
            .filter(|parameter| parameter.trim() != "void")
            .map(|parameter| parameter.rsplit([' ', '*']).next().unwrap().to_owned())
            .collect();
        functions.push((comment.to_owned(), name, parameters));
    }
    functions
}

#[test]
fn every_function_of_the_header_documents_its_parameters_result_and_ownership() {
    let header = header();
    let functions = functions(&header);
    let declared = header.lines().filter(|line| line.ends_with(");") && !line.starts_with(" *"));
    assert_eq!(functions.len(), declared.count() - 1, "all but the type of the callback");
    for (comment, name, parameters) in functions {
        for parameter in &parameters {
            assert!(comment.contains(&format!("\n * - `{parameter}`: ")), "{name}: {parameter}");
        }
        assert_eq!(comment.contains("\n * Parameters:\n"), !parameters.is_empty(), "{name}");
        let is_void = header.contains(&format!("\nvoid {name}("));
        assert_eq!(comment.contains("\n * Returns:\n"), !is_void, "{name}");
        assert!(comment.contains("\n * Ownership:\n"), "{name}");
        assert!(!comment.contains("# "), "{name}: a section that isn't known");
    }
}

#[test]
fn everything_but_the_introduction_is_inside_the_include_guard() {
    let header = header();
    let begin = "#ifndef LATCHKEY_H\n#define LATCHKEY_H\n";
    let end = "#endif  /* LATCHKEY_H */\n";
    assert_eq!(header.find(begin), header.find('#'));
    assert!(header.ends_with(end), "{}", &header[header.len() - 80..]);
    let comments = header.lines().filter(|line| line.trim_start().starts_with(['*', '/']));
    assert!(comments.into_iter().all(|line| line.chars().count() <= 100));
}

#[test]
fn the_version_macros_are_the_version_that_the_library_reports() {
    let macros: Vec<_> = header()
        .lines()
        .filter_map(|line| line.strip_prefix("#define LATCHKEY_VERSION"))
        .map(str::to_owned)
        .collect();
    let version = crate::boundary::latchkey_version();
    // SAFETY: it is a static string.
    let version = unsafe { std::ffi::CStr::from_ptr(version) }.to_str().unwrap();
    let parts: Vec<_> = version.split('.').collect();
    assert_eq!(
        macros,
        [
            format!(" \"{version}\""),
            format!("_MAJOR {}", parts[0]),
            format!("_MINOR {}", parts[1]),
            format!("_PATCH {}", parts[2])
        ]
    );
}

#[test]
fn the_lints_match_the_workspace_except_for_unsafe_code() {
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
