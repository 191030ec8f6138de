//! Reads and writes one key file: 64 hex digits that only the owner may read, or the same sealed
//! with a passphrase.
//!
//! ```text
//! # a comment
//! argon2id m=19456,t=2,p=1 <salt> <ciphertext>
//! ```
//! The salt is 16 bytes in hex, the ciphertext 48: ChaCha20-Poly1305 of the 32 bytes of the key.
//!
//! Each file is sealed under its own key, derived with its own salt, so the nonce is constant zero.
//! The text before the ciphertext is the associated data.
//!
//! A file contains one key. An unsealed key may have no comment other than the one written here: a
//! sealed key whose line was broken in two and commented out could otherwise be read as a plain
//! one.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use latchkey_files::{Access, Fault};
use latchkey_token::{SecretKeys, Seed};
use zeroize::Zeroizing;

use super::error::KeyFileError;
use crate::files;
use crate::passphrase::Passphrase;

/// Maximum size of a key file in bytes; a sealed key with its comment is far below it.
const MAX_FILE: u64 = 4096;
/// OWASP's first choice for a machine that has other work to do: 19 MiB, two passes (RFC 9106).
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Maximum cost that a file may cause on this machine: 64 MiB, which RFC 9106 recommends if memory
/// is scarce, 4 passes, 4 lanes. No version has written more than [`COST`].
pub(crate) const MAX_COST: (u32, u32, u32) = (1 << 16, 4, 4);

/// The comment of an unsealed key. It is part of the format, so its wording never changes.
const PLAIN: &str =
    "# Latchkey: a signing key of the vendor. Whoever can read this file can grant licences.";
/// The comment of a sealed one.
const SEALED: &str = "# Latchkey: a signing key of the vendor. It is sealed with a passphrase.";

/// Writes a key, sealed if there is a passphrase.
pub(crate) fn write(path: &Path, seed: &Seed, passphrase: Option<&Passphrase>) -> io::Result<()> {
    let (comment, line) = match passphrase {
        None => (PLAIN, Zeroizing::new(HEXLOWER.encode(seed.expose()))),
        Some(passphrase) => (SEALED, seal_seed(seed, passphrase)?),
    };
    let text = Zeroizing::new(format!("{comment}\n{}\n", *line));
    files::write_secret(path, text.as_bytes())
}

/// Reads a key.
pub(crate) fn read(
    path: &Path,
    passphrase: Option<&Passphrase>,
) -> Result<(Seed, SecretKeys), KeyFileError> {
    open_and_read(path, passphrase).map(|(_, seed, keys)| (seed, keys))
}

/// Reads a key, and returns the file that was read with it.
pub(crate) fn open_and_read(
    path: &Path,
    passphrase: Option<&Passphrase>,
) -> Result<(File, Seed, SecretKeys), KeyFileError> {
    let file = || path.to_owned();
    let not_read = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing { file: file() },
        _ => KeyFileError::NotRead { file: file(), reason: latchkey_files::reason(&error) },
    };
    let opened = latchkey_files::open(path, Access::UserSecret).map_err(|fault| match fault {
        Fault::OpenToOthers => KeyFileError::ReadableByOthers { file: file() },
        fault => not_read(fault.into()),
    })?;
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_FILE as usize + 1));
    (&opened).take(MAX_FILE + 1).read_to_end(&mut text).map_err(not_read)?;
    if text.len() as u64 > MAX_FILE {
        return Err(KeyFileError::Malformed { file: file() });
    }
    let (seed, keys) = parse_key_file(&text, passphrase, path)?;
    Ok((opened, seed, keys))
}

/// Parses the content of a key file.
pub(crate) fn parse_key_file(
    text: &[u8],
    passphrase: Option<&Passphrase>,
    path: &Path,
) -> Result<(Seed, SecretKeys), KeyFileError> {
    let file = || path.to_owned();
    let malformed = || KeyFileError::Malformed { file: file() };
    let lines = std::str::from_utf8(text).map_err(|_| malformed())?.lines().map(str::trim);
    let (comments, keys): (Vec<_>, Vec<_>) =
        lines.filter(|line| !line.is_empty()).partition(|line| line.starts_with('#'));
    let [line] = keys[..] else { return Err(malformed()) };
    let bytes = if line.starts_with("argon2id ") {
        let passphrase = passphrase.ok_or_else(|| KeyFileError::Sealed { file: file() })?;
        match unseal_with(line, passphrase) {
            Ok(bytes) => bytes,
            Err(Unsealing::Malformed) => return Err(malformed()),
            Err(Unsealing::Passphrase) => {
                return Err(KeyFileError::WrongPassphrase { file: file() });
            }
        }
    } else if comments.iter().all(|comment| *comment == PLAIN) {
        Zeroizing::new(HEXLOWER_PERMISSIVE.decode(line.as_bytes()).map_err(|_| malformed())?)
    } else {
        return Err(malformed());
    };
    let seed = Zeroizing::new(<[u8; 32]>::try_from(&bytes[..]).map_err(|_| malformed())?);
    let seed = Seed::from_bytes(*seed);
    let keys = SecretKeys::from_seed(&seed).map_err(|_| malformed())?;
    Ok((seed, keys))
}

fn seal_seed(seed: &Seed, passphrase: &Passphrase) -> io::Result<Zeroizing<String>> {
    seal_at_cost(COST, seed, passphrase)
}

pub(crate) fn seal_at_cost(
    cost: (u32, u32, u32),
    seed: &Seed,
    passphrase: &Passphrase,
) -> io::Result<Zeroizing<String>> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| io::Error::other("no randomness"))?;
    let (m, t, p) = cost;
    let head = format!("argon2id m={m},t={t},p={p} {}", HEXLOWER.encode(&salt));
    let key =
        derive_key(passphrase.expose(), &salt, cost).ok_or_else(|| io::Error::other("argon2"))?;
    let payload = Payload { msg: seed.expose(), aad: head.as_bytes() };
    let sealed = ChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&Nonce::from([0; 12]), payload)
        .map_err(|_| io::Error::other("chacha20poly1305"))?;
    Ok(Zeroizing::new(format!("{head} {}", HEXLOWER.encode(&sealed))))
}

enum Unsealing {
    Malformed,
    Passphrase,
}

fn unseal_with(line: &str, passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Unsealing> {
    let (head, sealed) = line.rsplit_once(' ').ok_or(Unsealing::Malformed)?;
    let mut parts = head.split(' ').skip(1);
    let (Some(cost), Some(salt), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Unsealing::Malformed);
    };
    let cost = read_cost(cost).ok_or(Unsealing::Malformed)?;
    let hex = |text: &str| HEXLOWER.decode(text.as_bytes()).map_err(|_| Unsealing::Malformed);
    let (salt, sealed) = (hex(salt)?, hex(sealed)?);
    if salt.len() != 16 || sealed.len() != 48 {
        return Err(Unsealing::Malformed);
    }
    for reading in passphrase.readings() {
        let key = derive_key(reading, &salt, cost).ok_or(Unsealing::Malformed)?;
        let payload = Payload { msg: &sealed, aad: head.as_bytes() };
        let opened =
            ChaCha20Poly1305::new(&Key::from(*key)).decrypt(&Nonce::from([0; 12]), payload);
        if let Ok(opened) = opened {
            return Ok(Zeroizing::new(opened));
        }
    }
    Err(Unsealing::Passphrase)
}

/// Parses cost parameters such as `m=19456,t=2,p=1`, within bounds.
pub(crate) fn read_cost(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split(',');
    let mut next = |name: &str, most: u32| {
        let value: u32 = parts.next()?.strip_prefix(name)?.parse().ok()?;
        (1..=most).contains(&value).then_some(value)
    };
    let (m, t, p) = MAX_COST;
    let cost = (next("m=", m)?, next("t=", t)?, next("p=", p)?);
    parts.next().is_none().then_some(cost)
}

fn derive_key(
    passphrase: &str,
    salt: &[u8],
    (m, t, p): (u32, u32, u32),
) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    let params = Params::new(m, t, p, Some(32)).ok()?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut *key)
        .ok()?;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_and_with_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("active.key");
        let seed = Seed::from_bytes([7; 32]);
        let right = Passphrase::new("correct horse".to_owned());
        write(&path, &seed, Some(&right)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&HEXLOWER.encode(&[7; 32])), "{text}");
        assert_eq!(read(&path, Some(&right)).unwrap().0.expose(), &[7; 32]);
        let refused = |passphrase| read(&path, passphrase).map(drop).unwrap_err();
        assert_eq!(refused(None), KeyFileError::Sealed { file: path.clone() });
        let wrong = Passphrase::new("correct house".to_owned());
        assert_eq!(refused(Some(&wrong)), KeyFileError::WrongPassphrase { file: path.clone() });

        // An altered file doesn't open, and no file can make this machine work for hours.
        for (from, to) in [
            ("t=2", "t=1"),
            ("t=2", "t=5"),
            ("p=1", "p=5"),
            ("m=19456", "m=65537"),
            ("argon2id ", "argon2id x "),
        ] {
            std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
            assert!(read(&path, Some(&right)).is_err(), "{to}");
        }
    }

    #[test]
    fn a_key_sealed_with_a_mark_or_decomposed_letters_opens_with_the_same_file() {
        let seed = Seed::from_bytes([7; 32]);
        for sealed_with in ["\u{feff}bättery", "ba\u{308}ttery", "bättery\r", "\"bättery\""] {
            // As versions did that used the text unchanged.
            let cheap = (8, 1, 1);
            let salt = [5; 16];
            let head = format!("argon2id m=8,t=1,p=1 {}", HEXLOWER.encode(&salt));
            let key = derive_key(sealed_with, &salt, cheap).unwrap();
            let payload = Payload { msg: seed.expose(), aad: head.as_bytes() };
            let cipher = ChaCha20Poly1305::new(&Key::from(*key));
            let sealed = cipher.encrypt(&Nonce::from([0; 12]), payload).unwrap();
            let line = format!("{head} {}", HEXLOWER.encode(&sealed));
            let opens = |passphrase: &Passphrase| {
                unseal_with(&line, passphrase).is_ok_and(|bytes| *bytes == seed.expose())
            };
            assert!(opens(&Passphrase::of_variable(sealed_with.to_owned())), "{sealed_with:?}");
            // The file has a carriage return as it had when the key was sealed, without a line
            // feed.
            let end = if sealed_with.ends_with('\r') { "" } else { "\r\n" };
            let file = Passphrase::of_first_line(format!("{sealed_with}{end}").as_bytes());
            assert!(opens(&file.unwrap()), "{sealed_with:?}");
            assert!(!opens(&Passphrase::new("battery".to_owned())));
        }
    }

    #[test]
    fn a_sealed_key_whose_line_was_broken_in_two_is_not_taken_for_a_plain_one() {
        let path = Path::new("active.key");
        let opened = |text: &str| parse_key_file(text.as_bytes(), None, path);
        let (seed, right) =
            (Seed::from_bytes([7; 32]), Passphrase::new("correct horse".to_owned()));
        let sealed = seal_at_cost((8, 1, 1), &seed, &right).unwrap();
        let (front, end) = sealed.split_at(sealed.len() - 64);
        for text in [
            format!("#{}\n{end}\n", &front[1..]),
            format!("{SEALED}\n#{}\n{end}\n", &front[1..]),
            format!("{SEALED}\n{end}\n"),
            format!("{PLAIN}\n{}\n{end}\n", *sealed),
            format!("{PLAIN}\n{end}\n{end}\n"),
        ] {
            assert_eq!(
                opened(&text).map(drop),
                Err(KeyFileError::Malformed { file: path.to_owned() }),
                "{text}"
            );
        }
        for text in [format!("{PLAIN}\n{end}\n"), format!("\n{end}\r\n\n"), end.to_owned()] {
            assert!(opened(&text).is_ok(), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_at_the_path_of_a_key_is_refused_and_replaced_by_writing_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("active.key"), folder.path().join("elsewhere"));
        write(&elsewhere, &Seed::from_bytes([7; 32]), None).unwrap();
        let before = std::fs::read(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let refused = read(&path, None).map(drop).unwrap_err();
        assert_eq!(refused, KeyFileError::NotRead { file: path.clone(), reason: "link" });
        write(&path, &Seed::from_bytes([8; 32]), None).unwrap();
        assert_eq!(read(&path, None).unwrap().0.expose(), &[8; 32]);
        assert_eq!(std::fs::read(&elsewhere).unwrap(), before);
    }
}
