//! Data of earlier versions: a database with fewer layouts, and a licence file that opens with the
//! installation's ID alone. It is created from the data of the current programs by a second
//! implementation of the formats.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit as _, Nonce};
use hkdf::Hkdf;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

/// The number of the latest database layout.
///
/// # Errors
/// Fails if the folder of the migrations can't be read.
pub fn latest_layout() -> Result<usize> {
    Ok(migrations()?.len())
}

/// The migration files in their order. Each of them migrates a database to the next layout.
fn migrations() -> Result<Vec<PathBuf>> {
    let folder = "../../crates/issuer/src/database/migrations";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut files: Vec<_> =
        entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.sort();
    Ok(files)
}

/// The number of a database's layout.
///
/// # Errors
/// Fails if the database can't be read.
pub fn layout_of(database: &Path) -> Result<usize> {
    let connection = Connection::open(database)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version)?)
}

/// Downgrades a database, which no program has open, to an earlier layout. Columns that this layout
/// lacks are lost.
///
/// # Errors
/// Fails if the database can't be read or written.
pub fn downgrade_database(database: &Path, to: usize) -> Result<()> {
    let aside = tempfile::tempdir()?;
    let path = aside.path().join("older.db");
    let older = Connection::open(&path)?;
    older.pragma_update(None, "journal_mode", "wal")?;
    older.pragma_update(None, "foreign_keys", false)?;
    let migrations = migrations()?;
    ensure!(to <= migrations.len(), "there is no layout {to}");
    for migration in &migrations[..to] {
        older.execute_batch(&fs::read_to_string(migration)?)?;
    }
    older.execute("ATTACH $1 AS today", [database.to_string_lossy()])?;
    let list = |query: &str| -> Result<Vec<String>> {
        let mut query = older.prepare(query)?;
        let rows = query.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table'
                  AND name NOT LIKE 'sqlite_%'";
    for table in list(tables)? {
        let columns = list(&format!(
            "SELECT name FROM pragma_table_info('{table}', 'main')
             WHERE name IN (SELECT name FROM pragma_table_info('{table}', 'today'))"
        ))?;
        ensure!(!columns.is_empty(), "today there is no {table}");
        let columns = columns.join(", ");
        older.execute_batch(&format!(
            "DELETE FROM main.{table};
             INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table};"
        ))?;
    }
    let application: i64 =
        older.pragma_query_value(Some("today"), "application_id", |row| row.get(0))?;
    older.execute_batch("DETACH today")?;
    older.pragma_update(None, "application_id", application)?;
    older.pragma_update(None, "user_version", i64::try_from(to)?)?;
    older.close().map_err(|(_, error)| error)?;
    // Into the same file: a database knows the one that it is in.
    fs::write(database, fs::read(path)?)?;
    Ok(())
}

/// Whether a vault file has the first version of the format.
///
/// # Errors
/// Fails if the vault can't be read.
pub fn is_first_version(vault: &Path) -> Result<bool> {
    Ok(fs::read(vault)?.starts_with(b"LKVAULT1"))
}

/// Seals a vault file of this computer again as the first version did.
///
/// # Errors
/// Fails if the vault can't be read or written, or isn't of the second version.
pub fn downgrade_vault(vault: &Path) -> Result<()> {
    let id = fs::read_to_string("/etc/machine-id").context("no id of the installation")?;
    let id = id.trim().as_bytes();
    let sealed = fs::read(vault)?;
    let content = open_second(&sealed, id).context("not sealed in the second version here")?;
    // Fixed values suffice for salt and nonce.
    let (salt, nonce) = ([7; 16], [9; 12]);
    let mut first = b"LKVAULT1".to_vec();
    first.extend_from_slice(&salt);
    first.extend_from_slice(&derive::<8>(&salt, id, b"latchkey/where"));
    first.extend_from_slice(&nonce);
    let check = Sha256::digest(&first);
    first.extend_from_slice(&check[..4]);
    let key = derive(&salt, id, b"latchkey/file");
    let payload = Payload { msg: &content, aad: &first };
    let content = cipher(key).encrypt(&Nonce::from(nonce), payload).ok().context("not sealed")?;
    first.extend_from_slice(&content);
    fs::write(vault, first)?;
    Ok(())
}

/// Opens a file of the second version with the installation's ID (`docs/clock-and-hardware.md`,
/// “The file format”).
fn open_second(sealed: &[u8], id: &[u8]) -> Option<Vec<u8>> {
    let rest = sealed.strip_prefix(b"LKVAULT2")?;
    let (salt, rest) = rest.split_first_chunk::<16>()?;
    let (count, rest) = rest.split_first()?;
    let (wraps, rest) = rest.split_at_checked(usize::from(*count) * 53)?;
    let (nonce, rest) = rest.split_first_chunk::<12>()?;
    let (_check, content) = rest.split_first_chunk::<4>()?;
    let wrap = wraps.chunks_exact(53).find(|wrap| wrap[0] == 0)?;
    let payload = Payload { msg: &wrap[5..], aad: &[0] };
    let wrapping = cipher(derive(salt, id, b"latchkey/wrap\0"));
    let key = wrapping.decrypt(&Nonce::from([0; 12]), payload).ok()?;
    let payload = Payload { msg: content, aad: &sealed[..sealed.len() - content.len()] };
    let content = cipher(derive(salt, &key, b"latchkey/file"));
    content.decrypt(&Nonce::from(*nonce), payload).ok()
}

fn cipher(key: [u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(key))
}

fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    let mut derived = [0; N];
    // HKDF-SHA256 derives up to 8,160 bytes.
    let _ = Hkdf::<Sha256>::new(Some(salt), secret).expand(info, &mut derived);
    derived
}
