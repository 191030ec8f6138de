//! The kit of a product: `latchkey.toml` for its installer, constants for its source code
//! (`latchkey_product.rs` and its equivalents), and `vendor-keys.txt` for the vendor's records. It
//! contains no secrets.

mod error;
mod source;
mod store_policy;

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use latchkey_config::{Appearance, Config, FeatureDefinition, FeatureKind, Profile};
use latchkey_files::Access;
use latchkey_issuer::{Feature, FeatureType, Product, Vendor};
use latchkey_server_core::check_portal_url;

pub use error::{KitError, codes};
pub use store_policy::{DefaultStore, KitScope, KitStorePolicy};

use source::ProductSource;

const CONFIG: &str = "latchkey.toml";

/// The names of a kit's files.
pub const NAMES: [&str; 7] = [
    CONFIG,
    "latchkey_product.rs",
    "latchkey_product.h",
    "latchkey_product.py",
    "LatchkeyProduct.cs",
    "latchkey_product.go",
    "vendor-keys.txt",
];

/// Writes the kit and returns its files. A `latchkey.toml` that the vendor has edited isn't
/// overwritten.
///
/// # Errors
///
/// [`KitError::ConfigDiffers`] if the folder has another `latchkey.toml`, and
/// [`KitError::NotWritten`] if a file can't be written.
pub fn write(
    vendor: &Vendor,
    product: &Product,
    portal: Option<&str>,
    store: KitStorePolicy,
    out: &Path,
) -> Result<Vec<PathBuf>, KitError> {
    let not_written = |path: &Path, error: &io::Error| KitError::NotWritten {
        path: path.to_owned(),
        // A file is in the way, where a folder of the path should be.
        reason: match error.kind() {
            io::ErrorKind::NotADirectory => "exists",
            _ => latchkey_files::reason(error),
        },
    };
    std::fs::create_dir_all(out).map_err(|error| not_written(out, &error))?;
    let config = config(vendor, product, portal, store);
    let path = out.join(CONFIG);
    match read_existing(&path, config.len()) {
        Ok(there) if there != config.as_bytes() => {
            return Err(KitError::ConfigDiffers { path });
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(not_written(&path, &error));
        }
        _ => {}
    }
    let mut written = Vec::new();
    for (name, content) in files(vendor, product, portal, store) {
        let path = out.join(name);
        replace(&path, &content).map_err(|error| not_written(&path, &error))?;
        written.push(path);
    }
    sync(out).map_err(|error| not_written(out, &error))?;
    Ok(written)
}

/// Reads an existing file, up to the size needed for a comparison.
fn read_existing(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut there = Vec::new();
    latchkey_files::open_named(path)?.take(most as u64 + 1).read_to_end(&mut there)?;
    Ok(there)
}

/// The files of a kit: their names and what is in them.
#[must_use]
pub fn files(
    vendor: &Vendor,
    product: &Product,
    portal: Option<&str>,
    store: KitStorePolicy,
) -> Vec<(&'static str, String)> {
    let mut files = vec![(CONFIG, config(vendor, product, portal, store))];
    files.extend(ProductSource { vendor, product, store }.files());
    files.push(("vendor-keys.txt", keys(vendor)));
    files
}

/// Checks what a kit is to be made with.
///
/// # Errors
///
/// [`KitError::PortalUrl`] if the portal can't have this URL, and [`KitError::StorePolicy`] if no
/// store is left for the licence.
pub fn check(portal: Option<&str>, store: KitStorePolicy) -> Result<(), KitError> {
    if let Some(url) = portal {
        check_portal_url(url)?;
    }
    if (store.scope, store.default) == (KitScope::Machine, DefaultStore::KeyringOnly) {
        return Err(KitError::StorePolicy);
    }
    Ok(())
}

/// Replaces a file atomically, so that no reader sees half of it. The temporary file has a fixed
/// name, so that the next attempt finds what a killed one has left behind: the folder goes into a
/// vendor's installer.
fn replace(path: &Path, content: &str) -> io::Result<()> {
    latchkey_files::replace_with(path, |aside| {
        let mut file = latchkey_files::create(aside, Access::User)?;
        file.write_all(content.as_bytes())?;
        // The kit is readable by everyone. A file system without permissions may refuse to change
        // them, which is fine if everyone can already read the files.
        #[cfg(unix)]
        match file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644)) {
            Err(error)
                if error.kind() == io::ErrorKind::PermissionDenied && is_for_everybody(&file)? => {}
            set => set?,
        }
        Ok(file)
    })
}

#[cfg(unix)]
fn is_for_everybody(file: &std::fs::File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    const READ_BY_OTHERS: u32 = 0o044;
    Ok(file.metadata()?.permissions().mode() & READ_BY_OTHERS == READ_BY_OTHERS)
}

/// Makes the names in a folder survive a power cut. Where folders can't be opened, renaming is
/// enough.
fn sync(folder: &Path) -> io::Result<()> {
    match std::fs::File::open(folder) {
        Ok(folder) => latchkey_files::sync_opened_folder(&folder),
        Err(_) => Ok(()),
    }
}

/// The text of the product's `latchkey.toml`.
fn config(
    vendor: &Vendor,
    product: &Product,
    portal: Option<&str>,
    store: KitStorePolicy,
) -> String {
    product_config(vendor, product, portal, store).to_toml()
}

fn product_config(
    vendor: &Vendor,
    product: &Product,
    portal: Option<&str>,
    store: KitStorePolicy,
) -> Config {
    let feature = |feature: &Feature| {
        let kind = match feature.kind {
            FeatureType::Bool => FeatureKind::Bool,
            FeatureType::Pool => FeatureKind::Pool,
            FeatureType::Count => FeatureKind::Count,
        };
        (feature.key.clone(), FeatureDefinition { number: feature.number, kind })
    };
    Config {
        profile: Profile {
            vendor: vendor.id,
            vendor_name: vendor.name.clone(),
            vendor_keys: vendor.keys.clone(),
            product: product.number,
            product_name: product.name.clone(),
            features: product.features.iter().map(feature).collect(),
            store: store.into(),
        },
        portal: portal.map(str::to_owned),
        help: None,
        look: Appearance::default(),
        app_id: None,
    }
}

fn keys(vendor: &Vendor) -> String {
    let mut text = format!(
        "Public keys of {} (vendor {}): Ed25519 followed by X25519, active first, then spare.\n\n",
        vendor.name, vendor.id
    );
    for keys in &vendor.keys {
        let _ = writeln!(text, "{}  {}", keys.id(), keys.to_hex());
    }
    text
}

#[cfg(test)]
mod tests {
    use latchkey_token::{HasErrorCode as _, SecretKeys, Seed, VendorId};

    use super::*;

    fn vendor() -> Vendor {
        let key = |byte| *SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap().public();
        Vendor {
            id: VendorId::from_bytes([0x3f; 8]),
            name: "Müller \"& Söhne\" \\".to_owned(),
            keys: vec![key(1), key(2)],
        }
    }

    fn product() -> Product {
        let feature = |number, key: &str, kind| Feature { number, key: key.to_owned(), kind };
        Product {
            number: 1,
            name: "CAD `3`".to_owned(),
            features: vec![
                feature(1, "export", FeatureType::Bool),
                feature(2, "render-nodes", FeatureType::Pool),
            ],
        }
    }

    #[test]
    fn a_kit_contains_the_listed_files() {
        let files = files(&vendor(), &product(), None, KitStorePolicy::default());
        assert_eq!(files.iter().map(|(name, _)| *name).collect::<Vec<_>>(), NAMES);
    }

    #[test]
    fn the_config_is_read_back_as_it_was_written() {
        let text = config(
            &vendor(),
            &product(),
            Some("https://licence.acme.example"),
            KitStorePolicy::default(),
        );
        let read: toml::Table = text.parse().unwrap();
        assert_eq!(read["format"].as_integer(), Some(1));
        assert_eq!(read["vendor"]["id"].as_str(), Some("3f3f3f3f3f3f3f3f"));
        assert_eq!(read["vendor"]["name"].as_str(), Some(vendor().name.as_str()));
        assert_eq!(
            read["vendor"]["key"][0]["public"].as_str(),
            Some(vendor().keys[0].to_hex().as_str())
        );
        assert_eq!(read["vendor"]["key"].as_array().map(Vec::len), Some(2));
        assert_eq!(read["product"]["number"].as_integer(), Some(1));
        assert_eq!(read["product"]["features"]["render-nodes"]["type"].as_str(), Some("pool"));
        assert_eq!(read["portal"]["url"].as_str(), Some("https://licence.acme.example"));
        assert_eq!(read["store"]["default"].as_str(), Some("keyring"));
    }

    #[test]
    fn what_the_kit_writes_is_read_back_equal() {
        for portal in [None, Some("https://licence.acme.example")] {
            for scope in [KitScope::User, KitScope::Machine] {
                for default in
                    [DefaultStore::Keyring, DefaultStore::File, DefaultStore::KeyringOnly]
                {
                    let store = KitStorePolicy { scope, default };
                    if check(portal, store).is_err() {
                        continue;
                    }
                    let meant = product_config(&vendor(), &product(), portal, store);
                    let text = config(&vendor(), &product(), portal, store);
                    assert_eq!(Config::parse(&text), Ok(meant), "{text}");
                }
            }
        }
    }

    #[test]
    fn the_constants_name_every_feature_in_every_language() {
        let (vendor, mut product) = (vendor(), product());
        // As names they are one.
        product.features.push(Feature {
            number: 3,
            key: "Render_Nodes".to_owned(),
            kind: FeatureType::Count,
        });
        let store = KitStorePolicy { scope: KitScope::Machine, default: DefaultStore::File };
        let files = ProductSource { vendor: &vendor, product: &product, store }.files();
        let said = [
            [
                "FEATURE_RENDER_NODES: u32 = 2;",
                "FEATURE_RENDER_NODES_N3: u32 = 3;",
                "Scope::Machine",
            ],
            ["FEATURE_RENDER_NODES 2u", "FEATURE_RENDER_NODES_N3 3u", "LATCHKEY_SCOPE_MACHINE"],
            ["FEATURE_RENDER_NODES = 2", "FEATURE_RENDER_NODES_N3 = 3", "Scope.MACHINE"],
            ["FeatureRenderNodes = 2;", "FeatureRenderNodesN3 = 3;", "Scope.Machine"],
            ["FeatureRenderNodes uint32 = 2", "FeatureRenderNodesN3 uint32 = 3", "ScopeMachine"],
        ];
        for ((name, text), said) in files.iter().zip(said) {
            for words in said {
                assert!(text.contains(words), "{name} lacks {words}\n{text}");
            }
            assert!(text.contains(r#""Müller \"& Söhne\" \\""#), "{name}\n{text}");
        }
    }

    #[test]
    fn the_config_and_the_product_have_the_same_rules_for_the_store() {
        for (default, words, product_words) in [
            (DefaultStore::Keyring, ("keyring", "allowed"), ("Keyring", "true")),
            (DefaultStore::File, ("file", "allowed"), ("File", "true")),
            (DefaultStore::KeyringOnly, ("keyring", "forbidden"), ("Keyring", "false")),
        ] {
            let store = KitStorePolicy { scope: KitScope::User, default };
            let read: toml::Table = config(&vendor(), &product(), None, store).parse().unwrap();
            let rule = |name: &str| read["store"][name].as_str().unwrap().to_owned();
            assert_eq!((rule("default").as_str(), rule("file").as_str()), words);
            let (vendor, product) = (vendor(), product());
            let [(_, rust), ..] =
                ProductSource { vendor: &vendor, product: &product, store }.files();
            let compiled = format!(
                "StoreKind::{},\n        file_allowed: {},",
                product_words.0, product_words.1
            );
            assert!(rust.contains(&compiled), "{rust}");
        }
    }

    #[test]
    fn a_kit_is_rewritten_except_for_a_changed_config() {
        let folder = tempfile::tempdir().unwrap();
        let again = || write(&vendor(), &product(), None, KitStorePolicy::default(), folder.path());
        assert_eq!(again().unwrap().len(), 7);
        assert_eq!(again().unwrap().len(), 7);
        std::fs::write(folder.path().join(CONFIG), "# mine").unwrap();
        assert_eq!(again().unwrap_err().code(), codes::CONFIG_DIFFERS);
        assert_eq!(std::fs::read(folder.path().join(CONFIG)).unwrap(), b"# mine");
    }
}
