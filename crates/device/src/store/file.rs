//! The sealed file: for people without a keyring, and for whole machines. Bound to the installation of the
//! operating system, so a copy on another computer is of no use; and no more than that: whoever may read the
//! file and run programs here can open it. The keyring is the better place.
//!
//! ```text
//! "LKVAULT1"(8) ‖ salt(16) ‖ installation tag(8) ‖ nonce(12) ‖ check(4) ‖ ChaCha20-Poly1305(vault)
//! key = HKDF-SHA256(salt, installation id, "latchkey/file")    RFC 5869, RFC 8439; everything before the
//! tag = HKDF-SHA256(salt, installation id, "latchkey/where")   ciphertext is its associated data
//! check = the first four bytes of SHA-256 over what stands before it
//! ```
//!
//! Everybody reads a machine's vault. So the device's secret isn't in it: it is in a second file beside it,
//! sealed in the same way and its owner's alone (`.key`; where there are no Unix permissions, the folder's
//! own count). Whoever runs the product needs the public keys only.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit as _, Nonce};
use hkdf::Hkdf;
use latchkey_files::{Access, beside, create_folder, folder_of};
use latchkey_token::Seed;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Session, Store};
use crate::error::StoreError;
use crate::fingerprint;

const MAGIC: &[u8; 8] = b"LKVAULT1";
const SALT: usize = 16;
const TAG: usize = 8;
const NONCE: usize = 12;
const CHECK: usize = 4;
const HEADER: usize = MAGIC.len() + SALT + TAG + NONCE + CHECK;
/// Nothing that this program writes comes near it.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// A file as a store.
#[derive(Debug, Clone)]
pub(crate) struct FileStore {
    pub(crate) path: PathBuf,
    /// Everybody who may run the product reads it; otherwise only its owner.
    pub(crate) shared: bool,
    /// Another installation than this one, for tests.
    #[cfg(test)]
    pub(crate) installation: Option<String>,
}

impl FileStore {
    pub(crate) const fn new(path: PathBuf, shared: bool) -> Self {
        Self {
            path,
            shared,
            #[cfg(test)]
            installation: None,
        }
    }

    fn installation(&self) -> Result<Zeroizing<String>, StoreError> {
        #[cfg(test)]
        if let Some(installation) = &self.installation {
            return Ok(Zeroizing::new(installation.clone()));
        }
        fingerprint::os_installation().map(Zeroizing::new).ok_or(StoreError::NoMachineId)
    }
}

impl Store for FileStore {
    fn unlock(&self) -> Result<Box<dyn Session>, StoreError> {
        // Before the lock is taken, which would be another one than the file's own.
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(StoreError::Link { path: self.path.clone() });
        }
        Ok(Box::new(FileSession { store: self.clone(), installation: self.installation()? }))
    }
}

struct FileSession {
    store: FileStore,
    installation: Zeroizing<String>,
}

impl FileSession {
    fn secret_path(&self) -> PathBuf {
        beside(&self.store.path, ".key")
    }

    const fn access(&self) -> Access {
        if self.store.shared { Access::Machine } else { Access::User }
    }

    fn read_from(
        &self,
        path: &Path,
        access: Access,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let failed = |error: &std::io::Error| StoreError::from_io(error, path);
        let file = match latchkey_files::open(path, access) {
            Err(fault) if fault.is_missing() => return Ok(None),
            file => file.map_err(|fault| StoreError::from_fault(&fault, path))?,
        };
        let mut sealed = Vec::new();
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut sealed).map_err(|error| failed(&error))?;
        unseal(&sealed, &self.installation, path).map(Some)
    }

    fn write_to(&self, path: &Path, bytes: &[u8], access: Access) -> Result<(), StoreError> {
        let sealed = seal(bytes, &self.installation)?;
        create_folder(folder_of(path), self.access())
            .and_then(|()| Ok(latchkey_files::replace(path, &sealed, access)?))
            .map_err(|fault| StoreError::from_fault(&fault, path))
    }
}

impl Session for FileSession {
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.read_from(&self.store.path, self.access())
    }

    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.write_to(&self.store.path, bytes, self.access())
    }

    fn keeps_secret_apart(&self) -> bool {
        self.store.shared
    }

    fn read_secret(&self) -> Result<Seed, StoreError> {
        let path = self.secret_path();
        let bytes =
            self.read_from(&path, Access::MachineSecret)?.ok_or(StoreError::NoKey { path })?;
        let seed: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| StoreError::Damaged)?;
        Ok(Seed::from_bytes(*seed))
    }

    fn write_secret(&self, seed: &Seed) -> Result<(), StoreError> {
        self.write_to(&self.secret_path(), seed.expose(), Access::MachineSecret)
    }
}

fn derive<const N: usize>(salt: &[u8], installation: &str, info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut okm = Zeroizing::new([0; N]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), installation.as_bytes()).expand(info, &mut *okm);
    debug_assert!(expanded.is_ok(), "HKDF gives up to 8,160 bytes");
    okm
}

fn cipher(salt: &[u8], installation: &str) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(*derive::<32>(salt, installation, b"latchkey/file")))
}

fn check(header: &[u8]) -> [u8; CHECK] {
    let digest = Sha256::digest(header);
    [digest[0], digest[1], digest[2], digest[3]]
}

fn seal(bytes: &[u8], installation: &str) -> Result<Vec<u8>, StoreError> {
    let mut random = [0; SALT + NONCE];
    getrandom::fill(&mut random).map_err(|_| StoreError::Randomness)?;
    let (salt, nonce) = random.split_at(SALT);
    let mut sealed = Vec::with_capacity(HEADER + bytes.len() + 16);
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(salt);
    sealed.extend_from_slice(&*derive::<TAG>(salt, installation, b"latchkey/where"));
    sealed.extend_from_slice(nonce);
    sealed.extend_from_slice(&check(&sealed));
    let mut fixed = [0; NONCE];
    fixed.copy_from_slice(nonce);
    let ciphertext = cipher(salt, installation)
        .encrypt(&Nonce::from(fixed), Payload { msg: bytes, aad: &sealed })
        .map_err(|_| StoreError::TooLarge { bytes: bytes.len() })?;
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

fn unseal(
    sealed: &[u8],
    installation: &str,
    path: &Path,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    if sealed.len() as u64 > MAX_FILE_BYTES {
        return Err(StoreError::Damaged);
    }
    let (header, ciphertext) = sealed.split_at_checked(HEADER).ok_or(StoreError::Damaged)?;
    let (checked, sum) = header.split_at(HEADER - CHECK);
    // A slip of the disk in the header must not look like another computer.
    if !header.starts_with(MAGIC) || check(checked) != *sum {
        return Err(StoreError::Damaged);
    }
    let salt = &header[MAGIC.len()..MAGIC.len() + SALT];
    let tag = &header[MAGIC.len() + SALT..MAGIC.len() + SALT + TAG];
    if *tag != *derive::<TAG>(salt, installation, b"latchkey/where") {
        return Err(StoreError::OtherMachine { path: path.to_owned() });
    }
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&checked[MAGIC.len() + SALT + TAG..]);
    cipher(salt, installation)
        .decrypt(&Nonce::from(nonce), Payload { msg: ciphertext, aad: header })
        .map(Zeroizing::new)
        .map_err(|_| StoreError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &tempfile::TempDir) -> FileStore {
        let mut store = FileStore::new(folder.path().join("deep/er/a.vault"), false);
        store.installation = Some("this installation".to_owned());
        store
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let session = store.unlock().unwrap();
        assert_eq!(session.read(), Ok(None));
        for text in ["first", "second"] {
            session.write(text.as_bytes()).unwrap();
            assert_eq!(session.read().unwrap().unwrap().as_slice(), text.as_bytes());
        }
        assert_eq!(fs::read_dir(folder.path().join("deep/er")).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_a_user_s_file_and_everybody_a_machine_s() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let store = store(&folder);
        store.unlock().unwrap().write(b"x").unwrap();
        assert_eq!((mode(&store.path), mode(folder_of(&store.path))), (0o600, 0o700));
        let shared = FileStore { path: folder.path().join("all/b.vault"), shared: true, ..store };
        shared.unlock().unwrap().write(b"x").unwrap();
        assert_eq!((mode(&shared.path), mode(folder_of(&shared.path))), (0o644, 0o755));
    }

    /// The umask is the process's, so this test starts itself again with another one.
    #[cfg(unix)]
    #[test]
    fn a_machine_s_file_is_everybody_s_to_read_whatever_the_umask() {
        use std::os::unix::fs::PermissionsExt as _;
        const STRICT: &str = "LATCHKEY_TEST_STRICT_UMASK";
        if std::env::var_os(STRICT).is_none() {
            let name =
                "store::file::tests::a_machine_s_file_is_everybody_s_to_read_whatever_the_umask";
            let program = std::env::current_exe().unwrap();
            let again = std::process::Command::new("sh")
                .args(["-c", "umask 077; exec \"$0\" --exact \"$1\""])
                .args([program.as_os_str(), name.as_ref()])
                .env(STRICT, "1")
                .output()
                .unwrap();
            assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
            assert!(String::from_utf8_lossy(&again.stdout).contains("1 passed"));
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let store = FileStore { shared: true, ..store(&folder) };
        let session = store.unlock().unwrap();
        session.write_secret(&Seed::from_bytes([3; 32])).unwrap();
        session.write(b"x").unwrap();
        assert_eq!(mode(&store.path), 0o644);
        assert_eq!(mode(&folder.path().join("deep")), 0o755);
        assert_eq!(mode(&folder.path().join("deep/er")), 0o755);
        assert_eq!(mode(&beside(&store.path, ".key")), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_machine_s_secret_is_its_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore { shared: true, ..store(&folder) };
        let session = store.unlock().unwrap();
        assert!(session.keeps_secret_apart());
        let key = beside(&store.path, ".key");
        assert_eq!(session.read_secret(), Err(StoreError::NoKey { path: key.clone() }));
        session.write_secret(&Seed::from_bytes([3; 32])).unwrap();
        assert_eq!(session.read_secret(), Ok(Seed::from_bytes([3; 32])));
        assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_copy_on_another_computer_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        store.unlock().unwrap().write(b"x").unwrap();
        let elsewhere =
            FileStore { installation: Some("another installation".to_owned()), ..store.clone() };
        assert_eq!(
            elsewhere.unlock().unwrap().read(),
            Err(StoreError::OtherMachine { path: store.path })
        );
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed_as_damage() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let session = store.unlock().unwrap();
        session.write(b"something").unwrap();
        let whole = fs::read(&store.path).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            fs::write(&store.path, &changed).unwrap();
            assert_eq!(session.read(), Err(StoreError::Damaged), "byte {at}");
            fs::write(&store.path, &whole[..at]).unwrap();
            assert_eq!(session.read(), Err(StoreError::Damaged), "cut at {at}");
        }
        fs::write(&store.path, vec![0; 100_000]).unwrap();
        assert_eq!(session.read(), Err(StoreError::Damaged));
    }

    #[test]
    fn what_a_killed_process_left_beside_it_doesn_t_matter() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let session = store.unlock().unwrap();
        session.write(b"old").unwrap();
        let mut beside = store.path.clone().into_os_string();
        beside.push(".new");
        fs::write(&beside, b"half").unwrap();
        assert_eq!(session.read().unwrap().unwrap().as_slice(), b"old");
        session.write(b"new").unwrap();
        assert_eq!(session.read().unwrap().unwrap().as_slice(), b"new");
        assert!(!Path::new(&beside).exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_where_the_file_belongs_is_refused_and_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let target = store(&folder);
        target.unlock().unwrap().write(b"x").unwrap();
        for target in [target.path.clone(), folder.path().join("missing")] {
            let link = FileStore { path: target.with_extension("link"), ..store(&folder) };
            std::os::unix::fs::symlink(target, &link.path).unwrap();
            let refused = link.unlock().err().unwrap();
            assert_eq!(refused, StoreError::Link { path: link.path.clone() });
            assert!(fs::symlink_metadata(link.path).unwrap().is_symlink());
        }
    }

    #[test]
    fn a_folder_where_the_file_belongs_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        fs::create_dir_all(&store.path).unwrap();
        let session = store.unlock().unwrap();
        assert!(matches!(session.read(), Err(StoreError::File { .. })));
        assert!(session.write(b"x").is_err());
    }
}
