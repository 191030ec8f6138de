//! Writes a configuration as the kit has it: every field in the order of the schema, with comments
//! for the person who edits it.

use std::fmt::Write as _;

use crate::branding::Appearance;
use crate::config::{Config, FORMAT};
use crate::profile::{FeatureDefinition, Profile, StorePolicy};

impl Config {
    /// Writes the configuration as `latchkey.toml`. [`Config::parse`] reads it back as an equal
    /// one, if it could have been parsed at all.
    ///
    /// Fields without a value are written as comments that show what they look like.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // Each struct is taken apart completely, so that a new field can't be forgotten here.
        let Self { profile, portal, help, look, app_id } = self;
        let Profile { vendor, vendor_name, vendor_keys, product, product_name, features, store } =
            profile;
        let Appearance { accent, logo, languages } = look;
        let StorePolicy { scope, default, file_allowed } = store;

        let mut text = format!(
            "# The licence wizard and `latchkey` read this file; it belongs in their folder. It contains no\n\
             # secret, and the product itself never trusts it.\n\
             format = {FORMAT}\n\n\
             [vendor]\n\
             id = \"{vendor}\"\n\
             name = {}\n",
            string(vendor_name),
        );
        for keys in vendor_keys {
            let _ = write!(text, "[[vendor.key]]\npublic = \"{}\"\n", keys.to_hex());
        }
        let _ = write!(
            text,
            "\n[product]\nnumber = {product}\nname = {}\n[product.features]\n",
            string(product_name)
        );
        let mut features: Vec<_> = features.iter().collect();
        features.sort_by_key(|(_, feature)| feature.number);
        for (name, FeatureDefinition { number, kind }) in features {
            let (name, kind) = (key(name), kind.name());
            let _ = writeln!(text, "{name} = {{ number = {number}, type = \"{kind}\" }}");
        }
        text.push_str("\n[portal]\n");
        match portal {
            Some(url) => drop(writeln!(text, "url = {}", string(url))),
            None => text.push_str("# url = \"https://licence.example.com\"\n"),
        }
        text.push_str("\n[help]\n");
        match help {
            Some(url) => drop(writeln!(text, "url = {}", string(url))),
            None => {
                text.push_str("# url = \"https://example.com/help\"      # or an e-mail address\n")
            }
        }
        text.push_str("\n[look]\n");
        match accent {
            Some(accent) => drop(writeln!(text, "accent = \"{accent}\"")),
            None => text.push_str("# accent = \"#3b5bdb\"\n"),
        }
        match logo {
            Some(logo) => drop(writeln!(text, "logo = {}", string(&logo.to_string_lossy()))),
            None => text.push_str("# logo = \"logo.svg\"                     # beside this file\n"),
        }
        if !languages.is_empty() {
            let languages: Vec<_> = languages.iter().map(|language| string(language)).collect();
            let _ = writeln!(text, "languages = [{}]", languages.join(", "));
        }
        if let Some(app_id) = app_id {
            let _ = write!(text, "\n[app]\nid = \"{app_id}\"\n");
        }
        let (scope, default) = (scope.name(), default.name());
        let file = if *file_allowed { "allowed" } else { "forbidden" };
        let _ = write!(
            text,
            "\n# The product has this compiled in: change it with `latchkey-server kit --scope … --store …`.\n\
             [store]\n\
             scope = \"{scope}\"                          # user | machine\n\
             default = \"{default}\"                     # keyring | file\n\
             file = \"{file}\"                        # allowed | forbidden\n",
        );
        text
    }
}

/// A text in quotes.
fn string(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A key, in quotes only if it needs them.
fn key(name: &str) -> String {
    let line = toml::Table::from_iter([(name.to_owned(), true.into())]).to_string();
    line.trim_end().trim_end_matches(" = true").to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use latchkey_token::{SecretKeys, Seed, VendorId};
    use proptest::option::of;
    use proptest::prelude::*;

    use crate::{Colour, FeatureKind, Scope, StoreKind};

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        "[a-zäß\"'\\\\#=\\[\\]`{}€😀][ -~ä€]{0,12}".prop_map(|text| text.trim().to_owned())
    }

    fn profile() -> impl Strategy<Value = Profile> {
        let features = proptest::collection::btree_map("[ -~ä]{0,8}", 0_usize..3, 0..4);
        let store = prop_oneof![
            Just((Scope::User, StoreKind::Keyring, true)),
            Just((Scope::User, StoreKind::Keyring, false)),
            Just((Scope::User, StoreKind::File, true)),
            Just((Scope::Machine, StoreKind::Keyring, true)),
        ];
        let names = (text(), text());
        (any::<[u8; 8]>(), names, 1_u8..4, 1..=u32::MAX, features, 1_u32..1000, store).prop_map(
            |(id, (vendor_name, product_name), keys, product, features, number, store)| Profile {
                vendor: VendorId::from_bytes(id),
                vendor_name,
                vendor_keys: (1..=keys)
                    .map(|byte| {
                        *SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap().public()
                    })
                    .collect(),
                product,
                product_name,
                features: features
                    .into_iter()
                    .zip(number..)
                    .map(|((name, kind), number)| {
                        let kinds = [FeatureKind::Bool, FeatureKind::Pool, FeatureKind::Count];
                        (name, FeatureDefinition { number, kind: kinds[kind] })
                    })
                    .collect(),
                store: StorePolicy { scope: store.0, default: store.1, file_allowed: store.2 },
            },
        )
    }

    fn config() -> impl Strategy<Value = Config> {
        let url = of("https?://[!-~]{0,20}");
        let accent = of("#[0-9a-f]{6}");
        let logo = of("[a-z \"'#][a-z.\" ]{0,8}");
        let languages = proptest::collection::vec("[a-z]{2,3}", 0..3);
        let app_id = of("[a-z][a-z0-9-]{0,8}(\\.[a-z][A-Z0-9-]{0,8}){1,3}");
        (profile(), url, of(text()), accent, logo, languages, app_id).prop_map(
            |(profile, portal, help, accent, logo, languages, app_id)| Config {
                profile,
                portal,
                help,
                look: Appearance {
                    accent: accent.map(|accent| Colour::parse(&accent).unwrap()),
                    logo: logo.map(PathBuf::from),
                    languages,
                },
                app_id,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_equal(config in config()) {
            let text = config.to_toml();
            prop_assert_eq!(Config::parse(&text), Ok(config), "{}", text);
        }
    }
}
