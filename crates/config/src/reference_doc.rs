//! Generates `docs/wizard-config.md` and `docs/latchkey.example.toml` from [`FIELDS`]. The tests
//! fail if they are out of date or contradict the parser; `cargo xtask docs` writes them.

use std::fmt::Write as _;
use std::path::PathBuf;

use latchkey_token::{SecretKeys, Seed};

use crate::{Config, ConfigError, Expected, FIELDS, FieldRule, StorePolicy};

impl FieldRule {
    fn name(&self) -> String {
        format!("{}{}", self.section, self.key)
    }

    /// The field's line in the example, and the text before and after its section's heading.
    fn in_example<'e>(&self, example: &'e str) -> Option<(String, &'e str, &'e str)> {
        if self.example.is_empty() || self.section.contains('*') {
            return None;
        }
        let header = format!("[{}]\n", self.section.trim_end_matches('.'));
        let (before, after) = example.split_at(example.find(&header).unwrap_or(0));
        Some((format!("\n{} = {}\n", self.key, self.example), before, after))
    }
}

/// The values that a field accepts. The catalogue has the same text for the error.
const fn form(expected: Expected) -> &'static str {
    match expected {
        Expected::Text => "text, not empty",
        Expected::Section => "a section",
        Expected::Keys => "one or more `[[vendor.key]]` sections",
        Expected::Number => "a whole number from 1 to 4294967295",
        Expected::Id => "16 hex digits in quotes",
        Expected::PublicKey => "128 hex digits in quotes: Ed25519, then X25519",
        Expected::Unique => "something that doesn't stand there already",
        Expected::FeatureKind => "`\"bool\"`, `\"pool\"` or `\"count\"`",
        Expected::Scope => "`\"user\"` or `\"machine\"`",
        Expected::StoreKind => "`\"keyring\"` or `\"file\"`",
        Expected::Permission => "`\"allowed\"` or `\"forbidden\"`",
        Expected::Colour => "`#` and six hex digits, in quotes",
        Expected::Address => "an address that begins with `https://` or `http://`",
        Expected::FileName => "the name of a file, without a path",
        Expected::Languages => "a list of languages, each of two or three lower-case letters",
        Expected::AppId => "a reverse domain name in quotes: letters, digits, dots and dashes",
    }
}

fn page() -> String {
    let mut page = String::from(
        "# The wizard's configuration\n\n\
         One prebuilt wizard serves every vendor. Everything that it shows about a product is in\n\
         `latchkey.toml`, which `latchkey-server kit` writes and which may be edited afterwards. `latchkey`\n\
         reads the same file. The wizard uses the first of these:\n\n\
         1. the file that `--product FILE` names;\n\
         2. `latchkey.toml` or `licence.toml` in its own folder or in its resource folder\n   \
         (`/usr/lib/latchkey-wizard` for a wizard in `/usr/bin`);\n\
         3. the file that the variable `LATCHKEY_CONFIG` names.\n\n\
         A file beside a program takes precedence over the variable, so that the programs of several\n\
         vendors on one computer each use their own.\n\n\
         The product never trusts this file: its own keys are compiled in.\n\n\
         [latchkey.example.toml](latchkey.example.toml) is a complete example. A field that is not listed\n\
         here is refused, because it is probably a typing error: the wizard shows the line and what was\n\
         expected there. The file is UTF-8 text of at most 256 KiB. This page is written from the code by\n\
         `cargo xtask docs`.\n",
    );
    let mut section = None;
    for rule in FIELDS.iter().filter(|rule| rule.expected != Expected::Section) {
        if section != Some(rule.section) {
            section = Some(rule.section);
            let name = rule.section.trim_end_matches('.');
            let title = match name {
                "" => "Top level".to_owned(),
                "vendor.key" => "`[[vendor.key]]`".to_owned(),
                "product.features.*" => "`[product.features]`, for each feature".to_owned(),
                name => format!("`[{name}]`"),
            };
            let _ = write!(page, "\n## {title}\n\n");
            let of_section = FIELDS.iter().find(|rule| rule.name() == name.trim_end_matches(".*"));
            if let Some(FieldRule { about, .. }) = of_section {
                let _ = write!(page, "{about}\n\n");
            }
            page.push_str("| field | value | meaning | default |\n| --- | --- | --- | --- |\n");
        }
        let default = if rule.needed { "required" } else { rule.default };
        let (key, form, about) = (rule.key, form(rule.expected), rule.about);
        let _ = writeln!(page, "| `{key}` | {form} | {about} | {default} |");
    }
    page
}

/// Example keys: anyone can derive them, so no vendor uses them.
fn example_key(byte: u8) -> String {
    SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap().public().to_hex()
}

fn example() -> String {
    let mut text = String::from(
        "# An example with every field, written by `cargo xtask docs`; docs/wizard-config.md explains\n\
         # them. The keys belong to no vendor: use the file that `latchkey-server kit` writes.\n\n",
    );
    for rule in FIELDS {
        match (rule.section, rule.key) {
            ("vendor.", "key") => {
                for byte in [1, 2] {
                    let key = example_key(byte);
                    let _ = write!(text, "[[vendor.key]]\npublic = \"{key}\"\n");
                }
            }
            ("product.features.*.", "number") => text.push_str(
                "export = { number = 1, type = \"bool\" }\n\
                 render_nodes = { number = 2, type = \"pool\" }\n\
                 prints = { number = 3, type = \"count\" }\n",
            ),
            ("vendor.key." | "product.features.*.", _) => {}
            (section, key) if rule.expected == Expected::Section => {
                let _ = write!(text, "\n[{section}{key}]\n");
            }
            (_, key) => drop(writeln!(text, "{key} = {}", rule.example)),
        }
    }
    text
}

fn is_up_to_date(name: &str, wanted: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    if std::env::var_os("LATCHKEY_WRITE_DOCS").is_some() {
        std::fs::write(&path, wanted).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == wanted, "{name} is out of date: run `cargo xtask docs`");
}

#[test]
fn the_reference_page_is_up_to_date() {
    is_up_to_date("docs/wizard-config.md", &page());
    is_up_to_date("docs/latchkey.example.toml", &example());
}

#[test]
fn the_example_contains_every_field_and_is_valid() {
    let config = Config::parse(&example()).unwrap();
    assert_eq!(config.profile.features.len(), 3);
    assert_eq!(config.look.languages, ["en", "de"]);
    assert_eq!(config.profile.store, StorePolicy::default());
    assert!(config.portal.is_some() && config.help.is_some() && config.look.logo.is_some());
    for rule in FIELDS {
        assert!(!rule.about.is_empty(), "{} is undocumented", rule.name());
        let is_section = rule.expected == Expected::Section;
        assert!(is_section || rule.needed == rule.default.is_empty(), "{}", rule.name());
        assert!(example().contains(rule.key), "{}", rule.name());
    }
}

#[test]
fn a_field_is_optional_exactly_if_the_page_marks_it() {
    let example = example();
    for rule in FIELDS {
        let Some((line, before, after)) = rule.in_example(&example) else { continue };
        assert!(after.contains(&line), "{line}");
        match Config::parse(&format!("{before}{}", after.replacen(&line, "\n", 1))) {
            Ok(_) => assert!(!rule.needed, "{}", rule.name()),
            Err(ConfigError::MissingField { field, .. }) => {
                assert_eq!((field, rule.needed), (rule.name(), true));
            }
            Err(error) => panic!("{}: {error}", rule.name()),
        }
    }
}

#[test]
fn the_error_for_a_wrong_value_names_what_the_page_allows() {
    let example = example();
    for rule in FIELDS {
        let Some((line, before, after)) = rule.in_example(&example) else { continue };
        let wrong = format!("\n{} = false\n", rule.key);
        let error =
            Config::parse(&format!("{before}{}", after.replacen(&line, &wrong, 1))).unwrap_err();
        let ConfigError::Value { expected, field, .. } = error else { panic!("{error}") };
        assert_eq!((field, expected), (rule.name(), rule.expected));
    }
}
