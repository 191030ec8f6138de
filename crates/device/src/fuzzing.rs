//! What must hold of a vault whatever bytes come in: the body of the fuzz target in `fuzz/`. It is compiled for
//! fuzzing and for tests, which replay the corpus; no shipped program has it.

use crate::vault::{MAX_VAULT_BYTES, Vault};

/// Any bytes as a vault: what is read is written again as the same bytes, or it isn't read. A vault of the first
/// version is written as one of this version, which says the same.
pub fn vault(data: &[u8]) {
    let Ok(vault) = Vault::from_bytes(data) else { return };
    // A longer one sheds names when it is written.
    if data.len() > MAX_VAULT_BYTES {
        return;
    }
    let written = vault.to_bytes();
    assert!(written.is_ok(), "what was read can be written");
    let Ok(written) = written else { return };
    if data[..2] == written[..2] {
        assert!(written.as_slice() == data);
    } else if written.len() < MAX_VAULT_BYTES - 64 {
        assert!(Vault::from_bytes(&written) == Ok(vault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fuzzing_has_found_so_far_still_holds() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/vault");
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(files.len() >= 10, "a corpus of {}", files.len());
        for (file_number, file) in files.into_iter().enumerate() {
            let mut bytes = std::fs::read(file.unwrap().path()).unwrap();
            vault(&bytes);
            // A short run besides: every file with one bit turned over, somewhere else in each of them.
            let at = file_number * 7919 % bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << (at % 8);
            }
            vault(&bytes);
        }
    }
}
