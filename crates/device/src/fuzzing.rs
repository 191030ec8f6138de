//! The properties of vaults, sealed files and applied tokens that must hold for all input: the
//! bodies of fuzz targets in `fuzz/`. They are compiled for fuzzing and for tests, which replay the
//! corpus; no shipped program contains them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a claim that doesn't hold is a panic, which is what the fuzzer looks for"
)]

mod apply;

pub use apply::apply;

use latchkey_token::HardwareTrait;

use crate::store::sealed;
use crate::vault::{MAX_VAULT_BYTES, Vault};

/// Decodes any bytes as a vault, unchanged and with a correct check: what can be decoded is encoded
/// as the same bytes. A vault of the first version is encoded as an equal one of this version.
pub fn vault(data: &[u8]) {
    read_and_written(data);
    if let Some(changed) = Vault::with_right_check(data) {
        read_and_written(&changed);
    }
}

fn read_and_written(data: &[u8]) {
    let Ok(vault) = Vault::from_bytes(data) else { return };
    // A vault that is too long drops names when it is written.
    if data.len() > MAX_VAULT_BYTES {
        return;
    }
    let written = vault.to_bytes();
    assert!(written.is_ok(), "a decoded vault should be encodable");
    let Ok(written) = written else { return };
    if data[..2] == written[..2] {
        assert!(written.as_slice() == data);
    } else if written.len() < MAX_VAULT_BYTES - 64 {
        assert!(Vault::from_bytes(&written) == Ok(vault));
    }
}

/// Opens any bytes as a sealed file, unchanged and with a correct header check: what opens can be
/// sealed again with the same content.
pub fn vault_file(data: &[u8]) {
    // Only the installation's id is used, because the other traits' keys are slow to derive.
    let traits = [(HardwareTrait::OsInstall, "an installation".to_owned())].into();
    for bytes in [data.to_vec(), sealed::with_check(data)] {
        let Ok(opened) = sealed::open(&bytes, &traits) else { continue };
        let again = sealed::seal(&opened.content, &traits, opened.keys.clone());
        assert!(again.is_ok(), "an opened file should be sealable");
        let again = again.map(|again| sealed::open(&again, &traits).map(|again| again.content));
        assert!(again == Ok(Ok(opened.content)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn replay(target: &str, body: fn(&[u8])) {
        let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(files.len() >= 10, "a corpus of {}", files.len());
        for (file_number, file) in files.into_iter().enumerate() {
            let mut bytes = std::fs::read(file.unwrap().path()).unwrap();
            body(&bytes);
            // In addition, every file is tested with one bit flipped, at a different position in
            // each.
            let at = file_number * 7919 % bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << (at % 8);
            }
            body(&bytes);
        }
    }

    #[test]
    fn earlier_findings_of_fuzzing_stay_fixed() {
        replay("vault", vault);
        replay("vault_file", vault_file);
    }
}
