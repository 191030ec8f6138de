//! A small register of the device keys on this computer and what they are for. A token for another
//! product of this computer shows only a key id; this tells which product it is. It holds no secret, and
//! nothing is believed because of it: it only chooses the words.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;

use latchkey_token::{KeyId, ProductNumber, VendorId};

use crate::profile::Profile;
use crate::store::{create_folder, set_mode};

const FOLDER: &str = "known";
const MAX_BYTES: u64 = 4096;

/// What a key is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) vendor: VendorId,
    pub(crate) product: ProductNumber,
    pub(crate) vendor_name: String,
    pub(crate) product_name: String,
}

/// Notes what a key is for. Failing is no error: then the words are less precise.
pub(crate) fn note(places: &Path, shared: bool, key: KeyId, profile: &Profile) {
    let folder = places.join(FOLDER);
    let entry = format!(
        "{}\n{}\n{}\n{}\n",
        profile.vendor, profile.product, profile.vendor_name, profile.product_name
    );
    let path = folder.join(key.to_string());
    if fs::read(&path).is_ok_and(|there| there == entry.as_bytes()) {
        return;
    }
    let _ = create_folder(&folder, shared).and_then(|()| {
        let mut file = File::create(path)?;
        file.write_all(entry.as_bytes())?;
        if shared { set_mode(&file, 0o644) } else { Ok(()) }
    });
}

/// What a key is for, if it is one of this computer's.
pub(crate) fn find(places: &Path, key: KeyId) -> Option<Known> {
    let mut text = String::new();
    let file = File::open(places.join(FOLDER).join(key.to_string())).ok()?;
    file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    let mut lines = text.lines();
    Some(Known {
        vendor: lines.next()?.parse().ok()?,
        product: lines.next()?.parse().ok()?,
        vendor_name: lines.next()?.to_owned(),
        product_name: lines.next()?.to_owned(),
    })
}
