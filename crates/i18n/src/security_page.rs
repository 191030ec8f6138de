//! Checks SECURITY.md against the source code: every claim names the tests that verify it, and
//! those tests exist.
//!
//! The page is made of sections. In most of them everything but the opening paragraph, which says
//! what is exposed and to whom, is a claim: it ends with ``(test: `crate::module::function`)``, or
//! with ``(tests: …)`` and several names. [`NO_CLAIMS`] lists the sections that claim nothing.
//!
//! Only tests count that run with the others on Linux. A claim about Windows ends with ``(tests on
//! Windows only: …)``, so that nobody takes it for one that every test run verifies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Sections without claims: who trusts whom, and what can't be prevented.
const NO_CLAIMS: &[&str] =
    &["Security", "Who is trusted with what", "What software alone can’t protect"];

/// Where tests may lie.
const SOURCES: &[&str] = &["crates", "src-tauri", "tests", "xtask", "ui/tests"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// How the list of tests at the end of a claim begins, and whether it says that they run only on
/// Windows.
const LISTS: [(&str, bool); 4] = [
    ("(test: ", false),
    ("(tests: ", false),
    ("(test on Windows only: ", true),
    ("(tests on Windows only: ", true),
];

/// A claim, and the names of the tests at its end.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    text: String,
    tests: Vec<String>,
    is_windows_only: bool,
}

/// The claims of a page.
fn claims(page: &str) -> Vec<Claim> {
    let (mut claims, mut section, mut opening) = (Vec::new(), String::new(), true);
    for block in blocks(page) {
        if let Some(title) = block.strip_prefix('#') {
            section = title.trim_start_matches('#').trim().replace('\'', "’");
            opening = true;
            continue;
        }
        let is_opening = std::mem::take(&mut opening) && !block.starts_with("- ");
        if !is_opening && !NO_CLAIMS.contains(&section.as_str()) {
            claims.extend(claims_of(&block));
        }
    }
    claims
}

/// Headings, paragraphs and the items of lists, each in one line.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut ended = true;
    for line in page.lines() {
        let begins = ended || line.starts_with('#') || line.trim_start().starts_with("- ");
        ended = line.trim().is_empty() || line.starts_with('#');
        match blocks.last_mut() {
            _ if line.trim().is_empty() => {}
            Some(last) if !begins => *last = format!("{last} {}", line.trim()),
            _ => blocks.push(line.trim().to_owned()),
        }
    }
    blocks
}

/// The claims of a block: each ends with its list of tests. What follows the last list is a claim
/// without tests.
fn claims_of(block: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut rest = block;
    while let Some((text, names, is_windows_only, after)) = first_list(rest) {
        let tests = names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        claims.push(Claim { text: text.to_owned(), tests, is_windows_only });
        rest = after.trim_start_matches(['.', ',', ';']).trim_start();
    }
    if !rest.is_empty() {
        let text = rest.to_owned();
        claims.push(Claim { text, tests: Vec::new(), is_windows_only: false });
    }
    claims
}

/// The first list of tests: the text to its end, the names in it, whether they run on Windows only,
/// and what follows.
fn first_list(text: &str) -> Option<(&str, &str, bool, &str)> {
    let lists = LISTS.into_iter().filter_map(|(beginning, is_windows_only)| {
        Some((text.find(beginning)?, beginning.len(), is_windows_only))
    });
    let (at, length, is_windows_only) = lists.min_by_key(|(at, ..)| *at)?;
    let end = at + text[at..].find(')')?;
    Some((&text[..=end], &text[at + length..end], is_windows_only, &text[end + 1..]))
}

/// Where a test is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Location {
    /// The words of the path of its file.
    path: Vec<String>,
    /// Whether it is compiled for Linux.
    is_on_linux: bool,
}

/// The locations of the tests of each name.
type Tests = BTreeMap<String, Vec<Location>>;

/// Every test that runs with the others, by its function's name (or its title, in TypeScript).
fn tests() -> Tests {
    let mut sources = Vec::new();
    for folder in SOURCES {
        for path in files_below(&root().join(folder)) {
            // Next to sources there may be files that aren't text.
            if path.extension().is_some_and(|extension| extension == "rs" || extension == "ts") {
                let source = fs::read_to_string(&path).unwrap();
                sources.push((path, source));
            }
        }
    }
    let left_out: BTreeSet<_> =
        sources.iter().flat_map(|(path, source)| modules_not_on_linux(path, source)).collect();
    let mut tests = Tests::new();
    for (path, source) in &sources {
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        let is_left_out = path.ancestors().any(|part| left_out.contains(part));
        let found = if is_rust { tests_in_rust(source) } else { tests_in_typescript(source) };
        for (name, is_on_linux) in found {
            tests.entry(name).or_default().push(Location {
                path: words_of(path.strip_prefix(root()).unwrap()),
                is_on_linux: is_on_linux && !is_left_out,
            });
        }
    }
    tests
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if path.ends_with("node_modules") || path.ends_with("target") => {}
            true => files.extend(files_below(&path)),
            false => files.push(path),
        }
    }
    files
}

/// `crates/server/tests/server/bulk.rs` is `server::server::bulk`.
fn words_of(path: &Path) -> Vec<String> {
    let words = path.with_extension("").display().to_string().replace('-', "_");
    words
        .split(['/', '\\'])
        .map(|word| if word == "src_tauri" { "wizard" } else { word.trim_end_matches(".test") })
        .filter(|word| !["crates", "src", "tests", "mod", "lib", "main"].contains(word))
        .map(str::to_owned)
        .collect()
}

/// The tests of a source by name, and whether they are compiled for Linux.
fn tests_in_rust(source: &str) -> BTreeMap<String, bool> {
    let (mut names, mut attributes) = (BTreeMap::new(), Vec::new());
    let whole = source.lines().filter_map(|line| line.strip_prefix("#!"));
    let is_file_on_linux = whole.into_iter().all(|attribute| {
        let attribute = format!("#{attribute}");
        is_on_linux(&[&attribute])
    });
    // The line that ends a module which isn't compiled for Linux.
    let mut end_of_module: Option<String> = None;
    for whole_line in source.lines() {
        if end_of_module.as_deref() == Some(whole_line) {
            end_of_module = None;
        }
        let line = whole_line.trim();
        if line.starts_with("#[") {
            attributes.push(line);
        } else if let Some((_, rest)) =
            line.split_once("fn ").filter(|(before, _)| matches!(*before, "" | "async "))
        {
            let is_test = |a: &&str| a.starts_with("#[test]") || a.starts_with("#[tokio::test");
            let is_left_out = |a: &&str| a.starts_with("#[ignore");
            if attributes.iter().any(is_test) && !attributes.iter().any(is_left_out) {
                let runs = is_file_on_linux && end_of_module.is_none() && is_on_linux(&attributes);
                let name = rest.split(['(', '<']).next().unwrap_or_default();
                names.insert(name.to_owned(), runs);
            }
            attributes.clear();
        } else if module_name(line).is_some_and(|name| name.ends_with(" {")) {
            if end_of_module.is_none() && !is_on_linux(&attributes) {
                let indent = whole_line.len() - whole_line.trim_start().len();
                end_of_module = Some(format!("{}}}", &whole_line[..indent]));
            }
            attributes.clear();
        } else if !line.starts_with("//") {
            attributes.clear();
        }
    }
    names
}

/// What follows `mod`, if a line declares a module or begins one.
fn module_name(line: &str) -> Option<&str> {
    let (before, name) = line.split_once("mod ")?;
    (before.is_empty() || before.starts_with("pub")).then_some(name)
}

/// The files, and folders, of the modules that a source declares and that aren't compiled for
/// Linux.
fn modules_not_on_linux(path: &Path, source: &str) -> Vec<PathBuf> {
    let folder = path.parent().unwrap();
    let of_modules = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "main" | "mod") | None => folder.to_owned(),
        Some(stem) => folder.join(stem),
    };
    let (mut found, mut attributes) = (Vec::new(), Vec::new());
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
            continue;
        }
        if let Some(name) = module_name(line).and_then(|name| name.strip_suffix(';')) {
            if !is_on_linux(&attributes) {
                found.extend([of_modules.join(format!("{name}.rs")), of_modules.join(name)]);
            }
            for attribute in &attributes {
                let Some((condition, file)) = attribute
                    .strip_prefix("#[cfg_attr(")
                    .and_then(|rest| rest.strip_suffix("\")]"))
                    .and_then(|rest| rest.split_once(", path = \""))
                else {
                    continue;
                };
                if !holds_on_linux(condition) {
                    found.push(folder.join(file));
                }
            }
        }
        attributes.clear();
    }
    found
}

/// Whether something with these attributes is compiled for Linux.
fn is_on_linux(attributes: &[&str]) -> bool {
    attributes.iter().all(|attribute| {
        let condition = attribute.strip_prefix("#[cfg(").and_then(|rest| rest.strip_suffix(")]"));
        condition.is_none_or(holds_on_linux)
    })
}

/// Whether the condition of a `cfg` holds for tests on Linux.
fn holds_on_linux(condition: &str) -> bool {
    let condition = condition.trim();
    let arguments = |of: &str| condition.strip_prefix(of).and_then(|rest| rest.strip_suffix(')'));
    if let Some(list) = arguments("all(") {
        split_list(list).into_iter().all(holds_on_linux)
    } else if let Some(list) = arguments("any(") {
        split_list(list).into_iter().any(holds_on_linux)
    } else if let Some(one) = arguments("not(") {
        !holds_on_linux(one)
    } else {
        match condition.split_once(" = ") {
            Some(("target_os", system)) => system == "\"linux\"",
            Some(("target_family", family)) => family == "\"unix\"",
            _ => condition != "windows",
        }
    }
}

/// The elements of a list, in which there may be further lists.
fn split_list(list: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    list.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

fn tests_in_typescript(source: &str) -> BTreeMap<String, bool> {
    let titles = source.lines().map(str::trim).filter_map(|line| {
        let rest = line.strip_prefix("it(\"").or_else(|| line.strip_prefix("test(\""))?;
        rest.split('"').next()
    });
    titles.map(|title| (title.to_owned(), true)).collect()
}

/// Whether a claim's name leads to this file. Words of the path may be left out, none may be wrong.
fn leads_to(name: &[String], path: &[String]) -> bool {
    let mut path = path.iter();
    !name.is_empty() && name.iter().all(|word| path.any(|of_path| of_path == word))
}

/// What is wrong with a page.
fn complaints(page: &str, tests: &Tests) -> Vec<String> {
    let mut complaints = Vec::new();
    for claim in claims(page) {
        let beginning: String = claim.text.chars().take(70).collect();
        if claim.tests.is_empty() {
            complaints.push(format!("no test at the end of: {beginning}…"));
        }
        for name in claim.tests {
            let mut words: Vec<_> = name
                .split("::")
                .map(|word| word.replace('-', "_").trim_start_matches("latchkey_").to_owned())
                .filter(|word| word != "tests")
                .collect();
            words.pop();
            let function = name.rsplit("::").next().unwrap_or_default();
            let found: Vec<_> = tests
                .get(function)
                .into_iter()
                .flatten()
                .filter(|location| leads_to(&words, &location.path))
                .collect();
            let what = match (found.iter().any(|test| test.is_on_linux), claim.is_windows_only) {
                _ if found.is_empty() => "is not a test",
                (false, false) => "isn't compiled for Linux, and the page doesn't say so",
                (true, true) => "runs on Linux too, and the page says on Windows only",
                (true, false) | (false, true) => continue,
            };
            complaints.push(format!("`{name}` {what} ({beginning}…)"));
        }
    }
    complaints
}

#[test]
fn every_claim_in_security_md_names_existing_tests() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    assert!(claims(&page).len() > 40, "the claims aren't found");
    let complaints = complaints(&page, &tests());
    assert!(complaints.is_empty(), "SECURITY.md:\n{}", complaints.join("\n"));
}

#[test]
fn claims_without_a_test_and_unknown_tests_are_reported() {
    let page = "# Security\n\nOpening.\n\n## The token\n\nWhat is exposed.\n\n\
        - **A**: holds\n  well (test: `token::tests::only_the_recipient_can_open_a_token`).\n\
        - **B**: nothing shows it.\n- **C** (tests: `token::only_the_recipient_can_open_a_token`,\n  \
        `device::only_the_recipient_reads_it`, `token::read`).\n\nA paragraph.\n\n\
        ## What software alone can't protect\n\n- **patching**.\n";
    assert_eq!(
        complaints(page, &tests()),
        [
            "no test at the end of: - **B**: nothing shows it.…",
            "`device::only_the_recipient_reads_it` is not a test (- **C** (tests: \
             `token::only_the_recipient_can_open_a_token`, `device:…)",
            "`token::read` is not a test (- **C** (tests: \
             `token::only_the_recipient_can_open_a_token`, `device:…)",
            "no test at the end of: A paragraph.…",
        ]
    );
}

#[test]
fn an_ignored_test_verifies_nothing() {
    let source = "#[test]\n#[ignore = \"slow\"]\nfn one() {}\n/// Words.\n#[test]\n// why\n\
                  fn two() {}\nfn three() {}\n#[tokio::test]\nasync fn four() {}\n";
    assert_eq!(tests_in_rust(source).into_keys().collect::<Vec<_>>(), ["four", "two"]);
}

#[test]
fn a_test_that_only_windows_compiles_verifies_nothing_on_linux() {
    let source = "#[cfg(windows)]\n#[test]\nfn one() {}\n\
                  #[cfg(all(test, not(target_os = \"linux\")))]\nmod tests {\n    #[test]\n    \
                  fn two() {}\n    mod inner {\n    }\n    #[test]\n    fn three() {}\n}\n\
                  #[cfg(any(windows, target_os = \"linux\"))]\n#[test]\nfn four() {}\n";
    let found = |source: &str| tests_in_rust(source).into_iter().collect::<Vec<_>>();
    let named = |name: &str, is_on_linux| (name.to_owned(), is_on_linux);
    assert_eq!(
        found(source),
        [named("four", true), named("one", false), named("three", false), named("two", false)]
    );
    assert_eq!(found("#![cfg(windows)]\n#[test]\nfn one() {}\n"), [named("one", false)]);

    let declared = "#[cfg(windows)]\nmod acl;\n#[cfg(unix)]\npub(crate) mod here;\n\
                    #[cfg_attr(unix, path = \"u.rs\")]\n#[cfg_attr(windows, path = \"w.rs\")]\n\
                    mod platform;\n";
    let left_out = |file: &str| modules_not_on_linux(Path::new(file), declared);
    assert_eq!(left_out("src/lib.rs"), ["src/acl.rs", "src/acl", "src/w.rs"].map(PathBuf::from));
    assert_eq!(
        left_out("src/files.rs"),
        ["src/files/acl.rs", "src/files/acl", "src/w.rs"].map(PathBuf::from)
    );

    let location = |is_on_linux| Location { path: vec!["files".to_owned()], is_on_linux };
    let tests = Tests::from([
        ("here".to_owned(), vec![location(true)]),
        ("there".to_owned(), vec![location(false)]),
    ]);
    let page = "## Files\n\nOpening.\n\n- **A** (tests: `files::here`, `files::there`).\n\
                - **B** (tests on Windows only: `files::here`, `files::there`).\n\
                - **C** (test on Windows only: `files::there`).\n";
    let reported = complaints(page, &tests);
    assert_eq!(reported.len(), 2, "{reported:?}");
    assert!(reported[0].starts_with("`files::there` isn't compiled for Linux"), "{reported:?}");
    assert!(reported[1].starts_with("`files::here` runs on Linux too"), "{reported:?}");
}
