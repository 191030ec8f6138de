//! Checks the catalogues against the source code: every message that a program requests exists, and
//! every message that exists is requested.
//!
//! An ID counts as used if it occurs as a literal (`"wizard-back"`), if the error code whose
//! message it is occurs (`"token.truncated"`), or if it is formatted from a template that [`BUILT`]
//! lists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::Language;
use crate::catalogue::files;
use crate::catalogue::source::patterns;
use crate::message_id;

/// What can stand in the placeholder of a template.
enum PlaceholderValues {
    /// These and no others.
    Of(&'static [&'static str]),
    /// Whatever the catalogue has: the values are listed where the template is.
    Any,
}
use PlaceholderValues::{Any, Of};

const KINDS: PlaceholderValues = Of(&["request", "response", "refresh", "deactivation"]);

/// What the wizard's first page says of a licence.
const HOME_STATES: &[&str] =
    &["not-activated", "active", "grace", "expired", "over-by-clock", "hardware"];

/// IDs that are formatted at run time: the prefix, the suffix, and the possible values between
/// them.
const BUILT: &[(&str, &str, PlaceholderValues)] = &[
    // latchkey
    ("kind-", "", KINDS),
    (
        "cli-",
        "",
        Of(&["activated", "refreshed", "already_applied", "not_for_this_computer", "refused"]),
    ),
    (
        "cli-recipient-",
        "",
        Of(&[
            "this_computer",
            "vendor",
            "other_product",
            "other_vendor",
            "other_computer",
            "unknown_vendor",
        ]),
    ),
    // The print sheet.
    ("sheet-", "-title", KINDS),
    ("sheet-", "-what", KINDS),
    ("sheet-", "-two", KINDS),
    (
        "cli-doctor-stable-",
        "",
        Of(&[
            "os-install",
            "system-uuid",
            "board-serial",
            "system-disk",
            "system-volume",
            "network-address",
            "processor",
        ]),
    ),
    // latchkey-server
    (
        "server-state-",
        "",
        Of(&["active", "lease_expired", "deactivated", "reused", "released", "ended", "live"]),
    ),
    ("server-role-", "", Of(&["active", "spare", "old"])),
    // The portal.
    (
        "portal-state-",
        "",
        Of(&["active", "lease_expired", "deactivated", "reused", "released", "ended"]),
    ),
    ("portal-why-", "", Of(&["deactivated", "reused", "released", "ended"])),
    // The wizard. The session's tests hold the keys and words of the details against the catalogue.
    ("wizard-trait-", "", Any),
    ("wizard-detail-", "", Any),
    ("wizard-details-", "", Of(&["licence", "computer", "programme"])),
    ("wizard-left-", "", Of(&["days", "hours", "minutes", "none"])),
    ("wizard-box-ready-", "", Of(&["response", "refresh"])),
    ("wizard-type-what-", "", KINDS),
    ("wizard-home-", "", Of(HOME_STATES)),
    ("wizard-home-", "-how", Of(HOME_STATES)),
    ("wizard-home-chip-", "", Of(HOME_STATES)),
    ("wizard-done-", "", Of(&["activated", "refreshed", "already"])),
    ("wizard-done-", "-how", Of(&["activated", "refreshed", "already"])),
    // Both, where the vendor has told no portal.
    (
        "",
        "-no-portal",
        Of(&[
            "cli-request",
            "cli-renewal",
            "cli-deactivated",
            "wizard-request-one",
            "wizard-refresh-one",
            "wizard-deactivated-one",
        ]),
    ),
];

/// The families whose ids aren't codes. A literal that begins so is an id, or it is one of
/// [`OTHER`].
const FAMILIES: &[&str] = &["wizard-", "cli-", "server-", "portal-", "kind-", "sheet-", "typing-"];

/// Literals that look like IDs but aren't.
const OTHER: &[&str] = &[];

/// What this crate itself puts between numbers.
const OWN: &[&str] = &["numbers-run", "numbers-and"];

/// The source code of the programs.
#[derive(Default)]
struct SourceStrings {
    /// Whole literals, and where they stand.
    literals: BTreeMap<String, PathBuf>,
    /// Before and after the placeholder.
    templates: BTreeMap<(String, String), PathBuf>,
    /// Literals with a dot that a number follows, as a code's name is followed.
    codes: BTreeMap<String, PathBuf>,
}

fn source_strings() -> SourceStrings {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders: Vec<_> = ["src-tauri/src", "ui/src"].map(|folder| root.join(folder)).into();
    for entry in root.join("crates").read_dir().unwrap() {
        folders.push(entry.unwrap().path().join("src"));
    }
    let mut strings = SourceStrings::default();
    while let Some(folder) = folders.pop() {
        // This crate speaks about ids, it doesn't use them.
        if folder.ends_with("i18n/src") || folder.ends_with("tests") || !folder.is_dir() {
            continue;
        }
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_source = [".rs", ".ts", ".svelte"].iter().any(|end| name.ends_with(end));
            let is_test = name == "tests.rs" || name.contains(".test.");
            if path.is_dir() {
                folders.push(path);
            } else if is_source && !is_test {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                read(code, &path, &mut strings);
            }
        }
    }
    assert!(strings.literals.len() > 200, "the sources were found");
    strings
}

/// Every place where a quote opens; what isn't closed as an id or a template would be is passed
/// over.
fn read(code: &str, path: &Path, strings: &mut SourceStrings) {
    let part = |text: &str| -> usize {
        text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len())
    };
    for (at, quote) in code.match_indices(['"', '\'', '`']) {
        let rest = &code[at + 1..];
        let (before, rest) = rest.split_at(part(rest));
        if let Some(follows) = rest.strip_prefix(quote) {
            strings.literals.insert(before.to_owned(), path.to_owned());
            let follows = follows.trim_start().strip_prefix(',').unwrap_or_default().trim_start();
            if before.contains('.') && follows.starts_with(|c: char| c.is_ascii_digit()) {
                strings.codes.insert(before.to_owned(), path.to_owned());
            }
            continue;
        }
        let Some(placeholder) = rest.strip_prefix("${").or_else(|| rest.strip_prefix('{')) else {
            continue;
        };
        let Some((_, rest)) = placeholder.split_once('}') else { continue };
        let (after, rest) = rest.split_at(part(rest));
        // An id has no dot; a file's name has.
        let of_ours = !after.contains('.')
            && (FAMILIES.iter().any(|family| before.starts_with(family))
                || (before.is_empty() && after.starts_with('-')));
        if of_ours && rest.starts_with(quote) {
            strings.templates.insert((before.to_owned(), after.to_owned()), path.to_owned());
        }
    }
}

fn ids() -> BTreeSet<String> {
    let patterns = patterns(files(Language::English));
    patterns.into_keys().filter(|name| !name.contains('.')).collect()
}

#[test]
fn every_template_of_an_id_is_listed() {
    let strings = source_strings();
    for ((before, after), path) in &strings.templates {
        let listed = BUILT.iter().any(|built| (built.0, built.1) == (before, after));
        assert!(listed, "{}: “{before}{{}}{after}” isn't in BUILT", path.display());
    }
    for (before, after, _) in BUILT {
        let used = strings.templates.contains_key(&((*before).to_owned(), (*after).to_owned()));
        assert!(used, "“{before}{{}}{after}” is in BUILT and nowhere else");
    }
}

#[test]
fn every_id_and_every_code_in_the_sources_has_words() {
    let (ids, strings) = (ids(), source_strings());
    let mut missing = Vec::new();
    for (literal, path) in &strings.literals {
        let is_id = FAMILIES.iter().any(|family| literal.starts_with(family))
            && !OTHER.contains(&literal.as_str())
            && !literal.ends_with('-');
        if is_id && !ids.contains(literal) {
            missing.push(format!("{literal} ({})", path.display()));
        }
    }
    let actions = patterns(files(Language::English));
    for (code, path) in &strings.codes {
        let id = message_id(code);
        if !ids.contains(&id) || !actions.contains_key(&format!("{id}.action")) {
            missing.push(format!("{code} ({})", path.display()));
        }
    }
    for (before, after, values) in BUILT {
        if let Of(values) = values {
            let built = values.iter().map(|value| format!("{before}{value}{after}"));
            missing.extend(built.filter(|id| !ids.contains(id)));
        }
    }
    assert!(missing.is_empty(), "no words for: {missing:#?}");
}

#[test]
fn every_message_is_used() {
    let strings = source_strings();
    let codes: BTreeSet<_> = strings.literals.keys().map(|literal| message_id(literal)).collect();
    let built = |id: &str| {
        BUILT.iter().any(|(before, after, values)| {
            let value = id.strip_prefix(before).and_then(|id| id.strip_suffix(after));
            value.is_some_and(|value| match values {
                Of(values) => values.contains(&value),
                Any => true,
            })
        })
    };
    let is_used = |id: &str| codes.contains(id) || built(id) || OWN.contains(&id);
    let unused: Vec<_> = ids().into_iter().filter(|id| !is_used(id)).collect();
    assert!(unused.is_empty(), "nothing says: {unused:#?}");
}
