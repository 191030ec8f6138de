//! Checks SECURITY.md against the source code: every claim names the tests that verify it, and
//! those tests exist.
//!
//! The page is made of sections. In most of them everything but the opening paragraph, which says
//! what is exposed and to whom, is a claim: it ends with ``(test: `crate::module::function`)``, or
//! with ``(tests: …)`` and several names. [`NO_CLAIMS`] lists the sections that claim nothing.

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

/// A claim, and the names of the tests at its end.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    text: String,
    tests: Vec<String>,
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
            claims.push(Claim { tests: tests_at_the_end_of(&block), text: block });
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

fn tests_at_the_end_of(block: &str) -> Vec<String> {
    let end = block.trim_end_matches('.').strip_suffix(')');
    let Some((_, names)) =
        end.and_then(|end| end.rsplit_once("(test: ").or_else(|| end.rsplit_once("(tests: ")))
    else {
        return Vec::new();
    };
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every test that runs with the others, by its function's name (or its title, in TypeScript), with
/// the words of the paths that lead there.
fn tests() -> BTreeMap<String, Vec<Vec<String>>> {
    let mut tests: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for folder in SOURCES {
        for file in files_below(&root().join(folder)) {
            // Beside sources there may be files that are no text.
            let read = || fs::read_to_string(&file).unwrap();
            let names = match file.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => tests_in_rust(&read()),
                Some("ts") => tests_in_typescript(&read()),
                _ => continue,
            };
            let path = words_of(file.strip_prefix(root()).unwrap());
            for name in names {
                tests.entry(name).or_default().push(path.clone());
            }
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
        .split('/')
        .map(|word| if word == "src_tauri" { "wizard" } else { word.trim_end_matches(".test") })
        .filter(|word| !["crates", "src", "tests", "mod", "lib", "main"].contains(word))
        .map(str::to_owned)
        .collect()
}

fn tests_in_rust(source: &str) -> BTreeSet<String> {
    let (mut names, mut attributes) = (BTreeSet::new(), Vec::new());
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
        } else if let Some((_, rest)) =
            line.split_once("fn ").filter(|(before, _)| matches!(*before, "" | "async "))
        {
            let is_test = |a: &&str| a.starts_with("#[test]") || a.starts_with("#[tokio::test");
            let is_left_out = |a: &&str| a.starts_with("#[ignore");
            if attributes.iter().any(is_test) && !attributes.iter().any(is_left_out) {
                names.extend(rest.split(['(', '<']).next().map(str::to_owned));
            }
            attributes.clear();
        } else if !line.starts_with("//") {
            attributes.clear();
        }
    }
    names
}

fn tests_in_typescript(source: &str) -> BTreeSet<String> {
    let titles = source.lines().map(str::trim).filter_map(|line| {
        let rest = line.strip_prefix("it(\"").or_else(|| line.strip_prefix("test(\""))?;
        rest.split('"').next()
    });
    titles.map(str::to_owned).collect()
}

/// Whether a claim's name leads to this file. Words of the path may be left out, none may be wrong.
fn leads_to(name: &[String], path: &[String]) -> bool {
    let mut path = path.iter();
    !name.is_empty() && name.iter().all(|word| path.any(|of_path| of_path == word))
}

/// What is wrong with a page.
fn complaints(page: &str, tests: &BTreeMap<String, Vec<Vec<String>>>) -> Vec<String> {
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
            let exists = tests
                .get(function)
                .is_some_and(|paths| paths.iter().any(|path| leads_to(&words, path)));
            if !exists {
                complaints.push(format!("`{name}` is no test ({beginning}…)"));
            }
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
            "`device::only_the_recipient_reads_it` is no test (- **C** (tests: \
             `token::only_the_recipient_can_open_a_token`, `device:…)",
            "`token::read` is no test (- **C** (tests: \
             `token::only_the_recipient_can_open_a_token`, `device:…)",
            "no test at the end of: A paragraph.…",
        ]
    );
}

#[test]
fn an_ignored_test_verifies_nothing() {
    let source = "#[test]\n#[ignore = \"slow\"]\nfn one() {}\n/// Words.\n#[test]\n// why\n\
                  fn two() {}\nfn three() {}\n#[tokio::test]\nasync fn four() {}\n";
    assert_eq!(tests_in_rust(source).into_iter().collect::<Vec<_>>(), ["four", "two"]);
}
