//! The vendor's side of a state: the real issuer's files, put back before each of its commands and kept afterwards.
//! Each command opens them anew, as a command line does.

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use latchkey_issuer::{EntitlementTerms, Issuer, NewCode, SeatState};
use latchkey_lease::Uptime;
use latchkey_token::{PublicKeys, SeatId, VendorId};
use rusqlite::{Connection, OpenFlags, types::ValueRef};

const PAGE: usize = 4096;
/// The activation code of the one entitlement.
pub(crate) const CODE: &str = "ACME-0000-1111-2222";
/// Its lease.
pub(crate) const LEASE_DAYS: i64 = 30;
/// How long the product runs on afterwards.
pub(crate) const GRACE_DAYS: i64 = 3;

/// Everything that the vendor has, at one moment.
#[derive(Debug)]
pub(crate) struct Files {
    /// The database, in pages that it shares with the state before.
    pages: Vec<Arc<[u8]>>,
    keys: Vec<(PathBuf, Vec<u8>)>,
    /// Every row but the audit's, as text.
    pub(crate) rows: Vec<Column>,
    pub(crate) seats: Vec<Seat>,
    /// When seats were given back, by the server's clock.
    pub(crate) returns: Vec<i64>,
    pub(crate) takeovers: u64,
    /// Grants for a seat whose computer had other hardware before: the audit notes each.
    pub(crate) rebindings: u64,
    pub(crate) notices: usize,
}

/// What a column holds, as far as two states can be told apart by it.
#[derive(Debug, Clone)]
pub(crate) enum Column {
    /// A name that was drawn: only where else it stands counts.
    Drawn(String),
    Said(String),
    /// A time, in seconds.
    At(i64),
}

/// A seat as the vendor sees it.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    pub(crate) id: SeatId,
    pub(crate) state: SeatState,
    /// Until then it counts as taken, in seconds since 1970.
    pub(crate) taken_until: i64,
}

impl Seat {
    /// A computer has it.
    pub(crate) const fn is_held(&self) -> bool {
        matches!(self.state, SeatState::Active | SeatState::LeaseExpired | SeatState::Ended)
    }
}

/// The folder in which the issuer works.
#[derive(Debug)]
pub(crate) struct Server {
    folder: PathBuf,
    there: Option<Arc<Files>>,
}

/// What the vendor's products know of it.
pub(crate) struct Vendor {
    pub(crate) id: VendorId,
    pub(crate) keys: Vec<PublicKeys>,
}

impl Server {
    pub(crate) fn set_up(folder: &Path, seats: u32, now: Timestamp) -> Result<(Self, Vendor)> {
        let mut issuer = Issuer::set_up(folder, "Acme", now)?;
        issuer.add_product("Acme CAD", &[], now)?;
        let terms = EntitlementTerms {
            seats: Some(seats),
            offline_lease: Some(Some(format!("{LEASE_DAYS}d").parse()?)),
            grace: Some(Some(format!("{GRACE_DAYS}d").parse()?)),
            codes: vec![NewCode::chosen(CODE)?],
            ..Default::default()
        };
        issuer.add_entitlement(1, &terms, now)?;
        let vendor = Vendor { id: issuer.vendor().id, keys: issuer.vendor().keys.clone() };
        drop(issuer);
        Ok((Self { folder: folder.to_owned(), there: None }, vendor))
    }

    /// The files as they are.
    pub(crate) fn first(&mut self, now: Timestamp) -> Result<Arc<Files>> {
        let issuer = Issuer::open(&self.folder, now)?;
        self.keep(issuer, None, now)
    }

    /// Runs one command of the vendor's, and gives what it left on the disk.
    pub(crate) fn run<T>(
        &mut self,
        files: &Arc<Files>,
        now: Timestamp,
        uptime: Uptime,
        command: impl FnOnce(&mut Issuer) -> T,
    ) -> Result<(T, Arc<Files>)> {
        self.put(files)?;
        let mut issuer = Issuer::open(&self.folder, now)?;
        issuer.set_uptime(Some(uptime));
        let done = command(&mut issuer);
        Ok((done, self.keep(issuer, Some(files), now)?))
    }

    fn database(&self) -> PathBuf {
        self.folder.join("issuer.db")
    }

    /// Puts the files of a state into place. The database stays the same file for the issuer: a copy that was put
    /// back is another matter, and not this model's.
    fn put(&mut self, files: &Arc<Files>) -> Result<()> {
        if self.there.as_ref().is_some_and(|there| Arc::ptr_eq(there, files)) {
            return Ok(());
        }
        for beside in ["issuer.db-wal", "issuer.db-shm"] {
            let _ = fs::remove_file(self.folder.join(beside));
        }
        let file = OpenOptions::new().write(true).open(self.database())?;
        // Whatever isn't known to lie there already.
        let there = self.there.as_ref().map_or(&[][..], |there| &there.pages);
        for (at, page) in files.pages.iter().enumerate() {
            if !there.get(at).is_some_and(|there| Arc::ptr_eq(there, page)) {
                (&file).seek(SeekFrom::Start((at * PAGE) as u64))?;
                (&file).write_all(page)?;
            }
        }
        file.set_len((files.pages.len() * PAGE) as u64)?;
        let keys = key_files(&self.folder)?;
        if keys != files.keys {
            for (path, _) in keys {
                fs::remove_file(path)?;
            }
            for (path, bytes) in &files.keys {
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                options.open(path)?.write_all(bytes)?;
            }
        }
        Ok(())
    }

    /// Closes the issuer and reads everything that it left.
    fn keep(
        &mut self,
        mut issuer: Issuer,
        before: Option<&Files>,
        now: Timestamp,
    ) -> Result<Arc<Files>> {
        let seats = issuer.seats(None, now)?.into_iter().map(|seat| Seat {
            id: seat.id,
            state: seat.state,
            taken_until: seat.taken_until.as_second(),
        });
        let seats = seats.collect();
        let notices = issuer.notices(now)?.len() + issuer.returns_notices(now)?.len();
        drop(issuer);
        let path = self.database();
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let (rows, returns, [takeovers, rebindings]) = look_into(&connection)?;
        drop(connection);
        let bytes = fs::read(&path)?;
        let pages = bytes.chunks(PAGE).enumerate().map(|(at, page)| {
            match before.and_then(|before| before.pages.get(at)) {
                Some(same) if same[..] == *page => Arc::clone(same),
                _ => Arc::from(page),
            }
        });
        let pages = pages.collect();
        let keys = key_files(&self.folder)?;
        let files =
            Arc::new(Files { pages, keys, rows, seats, returns, takeovers, rebindings, notices });
        self.there = Some(Arc::clone(&files));
        Ok(files)
    }
}

fn key_files(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder.join("keys"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "key") {
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            files.push((path, bytes));
        }
    }
    files.sort();
    Ok(files)
}

/// Reads every row, whatever tables there are, so that nothing that a later layout adds is overlooked. Of the audit
/// only its newest time counts: nothing is decided by the rest.
fn look_into(connection: &Connection) -> Result<(Vec<Column>, Vec<i64>, [u64; 2])> {
    let mut names = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    )?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut columns = Vec::new();
    for table in names.iter().filter(|name| *name != "audit") {
        columns.push(Column::Said(table.clone()));
        let mut statement =
            connection.prepare(&format!("SELECT * FROM \"{table}\" ORDER BY rowid"))?;
        // How often an entitlement's row was taken for counting says nothing.
        let counted: Vec<bool> = statement.column_names().map(|name| name != "taken").collect();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for at in (0..counted.len()).filter(|at| counted[*at]) {
                columns.push(column(row.get_ref(at)?));
            }
        }
    }
    let newest = connection.query_row("SELECT MAX(at) FROM audit", [], |row| row.get(0))?;
    columns.push(Column::At(newest));
    let mut returns =
        connection.prepare("SELECT at FROM audit WHERE event = 'seat_deactivated' ORDER BY id")?;
    let returns = returns.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let noted = |event: &str, what: &str| -> Result<u64> {
        let count = connection.query_row(
            "SELECT COUNT(*) FROM audit WHERE event = ?1 AND detail LIKE ?2",
            [event, what],
            |row| row.get::<_, i64>(0),
        )?;
        Ok(count.unsigned_abs())
    };
    let moves =
        [noted("seat_reused", "%taken_over%")?, noted("seat_granted", "%hardware_changed%")?];
    Ok((columns, returns, moves))
}

fn column(value: ValueRef<'_>) -> Column {
    /// Times are seconds since 1970; no count in a model is as large, and a lease's length isn't either.
    const TIMES: std::ops::Range<i64> = 1_000_000_000..100_000_000_000;
    match value {
        ValueRef::Integer(number) if TIMES.contains(&number) => Column::At(number),
        ValueRef::Integer(number) => Column::Said(number.to_string()),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text).into_owned();
            // Ids are sixteen hex digits, keys and tokens are longer.
            if text.len() >= 16 && !text.contains(' ') {
                Column::Drawn(text)
            } else {
                Column::Said(text)
            }
        }
        ValueRef::Null => Column::Said(String::new()),
        ValueRef::Real(number) => Column::Said(number.to_string()),
        ValueRef::Blob(bytes) => Column::Drawn(format!("{bytes:?}")),
    }
}
