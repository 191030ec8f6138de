//! A registry of the device keys on this computer and their products. A token for another product
//! of this computer shows only a key id, which this maps to the product. It contains no secret and
//! isn't trusted: it only affects messages.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use latchkey_files::Access;
use latchkey_token::{KeyId, ProductNumber, VendorId};

use latchkey_config::Profile;

const FOLDER: &str = "known";
const MAX_BYTES: u64 = 4096;

/// The product and vendor of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegisteredKey {
    pub(crate) vendor: VendorId,
    pub(crate) product: ProductNumber,
    pub(crate) vendor_name: String,
    pub(crate) product_name: String,
}

/// Records what a key is for. A failure isn't an error; messages are then less precise.
pub(crate) fn record(folder: &Path, shared: bool, key: KeyId, profile: &Profile) {
    let folder = folder.join(FOLDER);
    let entry = format!(
        "{}\n{}\n{}\n{}\n",
        profile.vendor, profile.product, profile.vendor_name, profile.product_name
    );
    let access = if shared { Access::Machine } else { Access::User };
    let path = folder.join(key.to_string());
    let there = latchkey_files::open(&path, access).ok().and_then(read);
    if there.is_some_and(|there| there == entry) {
        return;
    }
    let _ = latchkey_files::create_folder(&folder, access)
        .and_then(|()| Ok(latchkey_files::replace(&path, entry.as_bytes(), access)?));
}

/// The product and vendor of a key, if it is one of this computer's.
pub(crate) fn find(folder: &Path, key: KeyId) -> Option<RegisteredKey> {
    let path = folder.join(FOLDER).join(key.to_string());
    let text = read(latchkey_files::open(&path, Access::User).ok()?)?;
    let mut lines = text.lines();
    Some(RegisteredKey {
        vendor: lines.next()?.parse().ok()?,
        product: lines.next()?.parse().ok()?,
        vendor_name: lines.next()?.to_owned(),
        product_name: lines.next()?.to_owned(),
    })
}

fn read(file: File) -> Option<String> {
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_link_in_the_registry_is_replaced_and_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyId([7; 4]);
        let profile = Profile {
            vendor: VendorId::from_bytes([1; 8]),
            vendor_name: "Acme".to_owned(),
            vendor_keys: Vec::new(),
            product: 7,
            product_name: "Acme CAD".to_owned(),
            features: [].into(),
            store: latchkey_config::StorePolicy::default(),
        };
        let entry = folder.path().join(FOLDER).join(key.to_string());
        fs::create_dir(folder.path().join(FOLDER)).unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "1\n2\nprecious\nprecious\n").unwrap();
        std::os::unix::fs::symlink(&victim, &entry).unwrap();
        assert_eq!(find(folder.path(), key), None);
        for shared in [false, true] {
            record(folder.path(), shared, key, &profile);
            assert_eq!(fs::read_to_string(&victim).unwrap(), "1\n2\nprecious\nprecious\n");
            assert!(!entry.is_symlink());
            assert_eq!(find(folder.path(), key).unwrap().product_name, profile.product_name);
        }
    }
}
