//! Tests of parsing the configuration.

use latchkey_token::{SecretKeys, Seed};
use proptest::prelude::*;

use crate::{
    Appearance, Config, ConfigError, Expected, FeatureDefinition, FeatureKind, MAX_CONFIG_BYTES,
    StorePolicy,
};

fn key(byte: u8) -> String {
    SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap().public().to_hex()
}

fn whole() -> String {
    format!(
        r##"format = 1

[vendor]
id = "3f1c9a5e7b204d68"
name = "Acme"
[[vendor.key]]
public = "{}"
[[vendor.key]]
public = "{}"

[product]
number = 1
name = "Acme CAD"
[product.features]
export = {{ number = 1, type = "bool" }}
seats = {{ number = 2, type = "pool" }}

[portal]
url = "https://licence.acme.example"

[help]
url = "help@acme.example"

[look]
accent = "#3B5BDB"
logo = "logo.svg"

[store]
scope = "user"
default = "keyring"
file = "allowed"
"##,
        key(1),
        key(2)
    )
}

#[test]
fn the_file_that_the_kit_writes_is_read_completely() {
    let config = Config::parse(&whole()).unwrap();
    assert_eq!(config.profile.vendor.to_string(), "3f1c9a5e7b204d68");
    assert_eq!(config.profile.vendor_keys.len(), 2);
    assert_eq!(config.profile.vendor_keys[0].to_hex(), key(1));
    assert_eq!((config.profile.product, config.profile.features.len()), (1, 2));
    assert_eq!(
        config.profile.features["seats"],
        FeatureDefinition { number: 2, kind: FeatureKind::Pool }
    );
    assert_eq!(config.profile.store, StorePolicy::default());
    assert_eq!(config.portal.as_deref(), Some("https://licence.acme.example"));
    assert_eq!(config.look.accent.unwrap().to_string(), "#3b5bdb");
}

#[test]
fn only_vendor_and_product_are_needed() {
    let whole = whole();
    let short: String = whole.split("[product.features]").next().unwrap().to_owned();
    let config = Config::parse(&short).unwrap();
    assert_eq!((config.portal, config.help, config.look), (None, None, Appearance::default()));
    assert!(config.profile.features.is_empty());
}

#[test]
fn an_error_names_its_line_and_what_is_expected_there() {
    let value = |line, column, field: &str, expected| ConfigError::Value {
        line,
        column,
        field: field.to_owned(),
        expected,
    };
    let cases: &[(&str, &str, ConfigError)] = &[
        ("\"3f1c9a5e7b204d68\"", "\"3f1c\"", value(4, 6, "vendor.id", Expected::Id)),
        ("name = \"Acme\"", "name = 5", value(5, 8, "vendor.name", Expected::Text)),
        ("number = 1\nname", "number = 0\nname", value(12, 10, "product.number", Expected::Number)),
        (
            "type = \"pool\"",
            "type = \"pond\"",
            value(16, 30, "product.features.seats.type", Expected::FeatureKind),
        ),
        (
            "number = 2",
            "number = 1",
            value(16, 20, "product.features.seats.number", Expected::Unique),
        ),
        ("#3B5BDB", "blue", value(25, 10, "look.accent", Expected::Colour)),
        ("logo.svg", "../logo.svg", value(26, 8, "look.logo", Expected::FileName)),
        (
            "logo = \"logo.svg\"",
            "languages = [\"deutsch\"]",
            value(26, 13, "look.languages", Expected::Languages),
        ),
        ("https://licence", "ftp://licence", value(19, 7, "portal.url", Expected::Address)),
        ("\"user\"", "\"me\"", value(29, 9, "store.scope", Expected::Scope)),
        (
            "accent",
            "akzent",
            ConfigError::UnknownField { line: 25, column: 1, field: "look.akzent".to_owned() },
        ),
        (
            "name = \"Acme CAD\"\n",
            "",
            ConfigError::MissingField { line: 11, column: 1, field: "product.name".to_owned() },
        ),
        ("format = 1", "format = 2", ConfigError::Format { line: 1, found: 2 }),
        (
            "scope = \"user\"\ndefault = \"keyring\"\nfile = \"allowed\"",
            "default = \"file\"\nfile = \"forbidden\"",
            ConfigError::Conflict {
                line: 30,
                column: 8,
                field: "store.file".to_owned(),
                with: "store.default",
            },
        ),
    ];
    for (from, to, error) in cases {
        let text = whole();
        assert!(text.contains(from), "{from}");
        assert_eq!(Config::parse(&text.replacen(from, to, 1)).unwrap_err(), *error, "{to}");
    }
}

#[test]
fn invalid_toml_is_reported_with_its_line() {
    let text = whole().replacen("number = 1\nname", "number 1\nname", 1);
    let error = Config::parse(&text).unwrap_err();
    assert!(matches!(error, ConfigError::Syntax { line: 12, .. }), "{error:?}");
}

#[test]
fn a_missing_file_a_folder_and_a_file_without_text_are_distinguished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.toml");
    assert!(matches!(Config::load(&path), Err(ConfigError::NotFound { .. })));
    assert!(matches!(Config::load(folder.path()), Err(ConfigError::NotRead { .. })));
    std::fs::write(&path, b"format = 1\n\xff").unwrap();
    assert_eq!(Config::load(&path), Err(ConfigError::NotText { line: 2 }));
    std::fs::write(&path, vec![b'#'; MAX_CONFIG_BYTES + 1]).unwrap();
    assert_eq!(Config::load(&path), Err(ConfigError::TooLarge { limit: MAX_CONFIG_BYTES }));
    std::fs::write(&path, whole()).unwrap();
    let logo = Config::load(&path).unwrap().look.logo;
    assert_eq!(logo, Some(folder.path().join("logo.svg")));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        let _ = Config::parse(&text);
    }

    #[test]
    fn no_change_to_a_valid_file_causes_a_panic(at in 0_usize..900, with in ".{0,3}") {
        let mut text = whole();
        let at = at.min(text.len());
        text.replace_range(at..(at + 2).min(text.len()), &with);
        let _ = Config::parse(&text);
    }
}
