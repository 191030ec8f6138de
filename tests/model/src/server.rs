//! The server's part of a state: the real issuer's files, restored before each of its commands and
//! saved afterwards. Each command opens them again, as the command line does.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use latchkey_issuer::{
    ActivateError, EntitlementTerms, Issuer, NewCode, RefreshError, SeatState, Update,
};
use latchkey_lease::Timestamp;
use latchkey_lease::{BootId, Uptime};
use latchkey_token::{HasErrorCode, PublicKeys, SeatId, Token, VendorId, scan};
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
    /// The same number is the same bytes.
    pub(crate) number: u64,
    /// The database, in pages that it shares with the state before.
    pages: Vec<Arc<[u8]>>,
    keys: Vec<(PathBuf, Vec<u8>)>,
    /// Every row of every table but those that stand below by themselves, and the audit's: nothing
    /// is decided by that.
    pub(crate) rows: Vec<Column>,
    pub(crate) requests: Vec<RequestRow>,
    /// The newest sequence number of each seat.
    pub(crate) sequences: Vec<(u64, i64)>,
    pub(crate) record: Record,
    pub(crate) seats: Vec<Seat>,
    /// When seats were given back before their leases were over, by the server's clock: as the
    /// issuer counts them.
    pub(crate) returns: Vec<i64>,
    /// The same, as the seats themselves show it.
    pub(crate) given_back: Vec<i64>,
    pub(crate) takeovers: u64,
    /// Grants for a seat whose computer had other hardware before: the audit notes each.
    pub(crate) rebindings: u64,
    pub(crate) notices: usize,
}

/// What a column holds, as far as two states can be told apart by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// A random name: it matters only where else it occurs.
    Drawn(u64),
    Said(u64),
    /// A time, in seconds.
    At(i64),
    /// Of a device: its requests and deactivations are numbered.
    Counter(u64, i64),
    /// Of a seat: its tokens are numbered.
    Sequence(u64, i64),
}

impl Column {
    pub(crate) fn hash(what: &(impl Hash + ?Sized)) -> u64 {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        hasher.finish()
    }

    /// What stands for a drawn name, wherever it is written.
    pub(crate) fn name(name: &impl ToString) -> u64 {
        Self::hash(name.to_string().as_str())
    }

    /// The same for a boot, as the issuer writes it.
    pub(crate) fn boot(boot: BootId) -> u64 {
        let hex: String = boot.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        Self::hash(hex.as_str())
    }
}

/// A request that the server has received.
#[derive(Debug)]
pub(crate) struct RequestRow {
    pub(crate) device: u64,
    pub(crate) id: u64,
    pub(crate) counter: i64,
    pub(crate) rest: Vec<Column>,
}

/// A clock reading that the server has stored.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) at: i64,
    pub(crate) boot: u64,
    pub(crate) running: i64,
}

/// A command of the server. Tokens are texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Command {
    Activate {
        request: Arc<str>,
        take_over: Option<SeatId>,
    },
    Refresh(SeatId),
    Deactivate(Arc<str>),
    Release(SeatId),
    RotateKeys,
    /// Confirms the clock if it is in doubt.
    ConfirmClock,
}

/// The answer to a command.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Token { text: Arc<str>, seat: SeatId, lease_expiry: i64 },
    Done,
    Refused(Refusal),
}

/// The reasons of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoneFree,
    /// The vendor's policy wants a request for this renewal.
    NeedsRequest,
    /// The seat has moved to other hardware too often.
    TooManyMoves,
    Clock,
    Other(&'static str),
}

impl Answer {
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    fn refused(error: &impl HasErrorCode) -> Self {
        Self::Refused(Refusal::Other(error.code().name))
    }
}

fn answer(issuer: &mut Issuer, command: &Command, now: Timestamp) -> Result<Answer> {
    Ok(match command {
        Command::Activate { request, take_over } => {
            match issuer.activate(&token(request)?, *take_over, now) {
                Ok(granted) => Answer::Token {
                    text: granted.token.to_string().into(),
                    seat: granted.seat,
                    lease_expiry: granted.lease_expiry.timestamp(),
                },
                Err(ActivateError::NoneFree { .. }) => Answer::Refused(Refusal::NoneFree),
                Err(ActivateError::TakeoverLimit) => Answer::Refused(Refusal::TooManyMoves),
                Err(ActivateError::Clock(_)) => Answer::Refused(Refusal::Clock),
                Err(error) => Answer::refused(&error),
            }
        }
        Command::Refresh(seat) => match issuer.refresh(*seat, now) {
            Ok(refreshed) => Answer::Token {
                text: refreshed.token.to_string().into(),
                seat: *seat,
                lease_expiry: refreshed.lease_expiry.timestamp(),
            },
            Err(RefreshError::NeedsRequest { .. }) => Answer::Refused(Refusal::NeedsRequest),
            Err(error) => Answer::refused(&error),
        },
        Command::Deactivate(text) => {
            let taken = issuer.deactivate(&token(text)?, now);
            taken.map_or_else(|error| Answer::refused(&error), |_| Answer::Done)
        }
        Command::Release(seat) => {
            let released = issuer.release(*seat, false, now);
            released.map_or_else(|error| Answer::refused(&error), |_| Answer::Done)
        }
        Command::RotateKeys => {
            let rotated = issuer.rotate_keys(now);
            rotated.map_or_else(|error| Answer::refused(&error), |_| Answer::Done)
        }
        Command::ConfirmClock => match issuer.compare_clock(now)?.doubt() {
            Some(_) => {
                issuer.confirm_clock(now)?;
                Answer::Done
            }
            None => Answer::Refused(Refusal::Other("not in doubt")),
        },
    })
}

/// The one token of a text.
pub(crate) fn token(text: &str) -> Result<Token> {
    let found = scan(text)?.into_iter().next().context("a token")?;
    Ok(found.token?)
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
    numbers: u64,
    devices: Devices,
    /// Refreshes are counted for a policy, or for nothing.
    counts_refreshes: bool,
    /// What came of each command on the same files at the same time: it is the same again.
    before: HashMap<CacheKey, (Answer, Arc<Files>)>,
}

/// Everything that an answer depends on: the files, the clock, the running time, and the command.
type CacheKey = (u64, Timestamp, Uptime, Command);

/// What stands for a device, by its keys.
type Devices = HashMap<String, u64>;

/// How many commands are remembered: the files of each are in memory.
const CACHE_SIZE: usize = 10_000;

/// What the vendor's products know of it.
pub(crate) struct Vendor {
    pub(crate) id: VendorId,
    pub(crate) keys: Vec<PublicKeys>,
}

impl Server {
    pub(crate) fn set_up(
        folder: &Path,
        seats: u32,
        request_every: Option<NonZeroU32>,
        now: Timestamp,
        uptime: Uptime,
    ) -> Result<(Self, Vendor)> {
        let mut issuer = Issuer::set_up_sealed(folder, "Acme", None, Some(uptime), now)?;
        issuer.set_uptime(Some(uptime));
        issuer.add_product("Acme CAD", &[], now)?;
        let terms = EntitlementTerms {
            seats: Some(seats),
            request_every: request_every.into(),
            offline_lease: Update::Set(format!("{LEASE_DAYS}d").parse()?),
            grace: Update::Set(format!("{GRACE_DAYS}d").parse()?),
            codes: vec![NewCode::custom(CODE)?],
            ..Default::default()
        };
        issuer.add_entitlement(1, &terms, now)?;
        let vendor = Vendor { id: issuer.vendor().id, keys: issuer.vendor().keys.clone() };
        drop(issuer);
        let folder = folder.to_owned();
        Ok((
            Self {
                folder,
                there: None,
                numbers: 0,
                devices: HashMap::new(),
                counts_refreshes: request_every.is_some(),
                before: HashMap::new(),
            },
            vendor,
        ))
    }

    /// The files as they are.
    pub(crate) fn first(&mut self, now: Timestamp) -> Result<Arc<Files>> {
        let issuer = Issuer::open(&self.folder, now)?;
        self.keep(issuer, None, now)
    }

    /// Runs one command of the vendor's, and gives what it left on the disk.
    pub(crate) fn run(
        &mut self,
        files: &Arc<Files>,
        now: Timestamp,
        uptime: Uptime,
        command: Command,
    ) -> Result<(Answer, Arc<Files>)> {
        let key = (files.number, now, uptime, command);
        if let Some(before) = self.before.get(&key) {
            return Ok(before.clone());
        }
        self.put(files)?;
        let mut issuer = Issuer::open(&self.folder, now)?;
        issuer.set_uptime(Some(uptime));
        let answered = answer(&mut issuer, &key.3, now)?;
        let done = (answered, self.keep(issuer, Some(files), now)?);
        if self.before.len() >= CACHE_SIZE {
            self.before.clear();
        }
        self.before.insert(key, done.clone());
        Ok(done)
    }

    fn database(&self) -> PathBuf {
        self.folder.join("issuer.db")
    }

    /// Puts the files of a state into place. The database stays the same file for the issuer: a
    /// copy that was put back is another matter, and not this model's.
    fn put(&mut self, files: &Arc<Files>) -> Result<()> {
        if self.there.as_ref().is_some_and(|there| Arc::ptr_eq(there, files)) {
            return Ok(());
        }
        for beside in ["issuer.db-wal", "issuer.db-shm"] {
            let _ = fs::remove_file(self.folder.join(beside));
        }
        let file = OpenOptions::new().write(true).open(self.database())?;
        // Everything that isn't known to be there already.
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
        before: Option<&Arc<Files>>,
        now: Timestamp,
    ) -> Result<Arc<Files>> {
        let seats = issuer.seats(None, now)?.into_iter().map(|seat| Seat {
            id: seat.id,
            state: seat.state,
            taken_until: seat.taken_until.timestamp(),
        });
        let seats = seats.collect();
        let notices =
            issuer.lost_device_reports(now)?.len() + issuer.early_returns_reports(now)?.len();
        drop(issuer);
        let path = self.database();
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let found = read_records(&connection, &mut self.devices, self.counts_refreshes)?;
        drop(connection);
        let bytes = fs::read(&path)?;
        let pages = bytes.chunks(PAGE).enumerate().map(|(at, page)| {
            match before.and_then(|before| before.pages.get(at)) {
                Some(same) if same[..] == *page => Arc::clone(same),
                _ => Arc::from(page),
            }
        });
        let pages: Vec<Arc<[u8]>> = pages.collect();
        let keys = key_files(&self.folder)?;
        let files = match before {
            Some(before) if is_same(&pages, &before.pages) && keys == before.keys => {
                Arc::clone(before)
            }
            _ => {
                self.numbers += 1;
                Arc::new(Files { number: self.numbers, pages, keys, seats, notices, ..found })
            }
        };
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

fn is_same(one: &[Arc<[u8]>], other: &[Arc<[u8]>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other))
}

/// Columns by which nothing is decided: times that are only shown, an order that the rows have
/// already, what another column says too, and how often an entitlement's row was taken for
/// counting.
const SHOWN_ONLY: &[(&str, &str)] = &[
    ("vendor", "created_at"),
    ("vendor", "file"),
    ("vendor_key", "created_at"),
    ("product", "created_at"),
    ("entitlement", "created_at"),
    ("entitlement", "taken"),
    ("activation_code", "created_at"),
    ("seat", "created_at"),
    ("seat", "device_id"),
    ("seat", "activated_at"),
    ("seat", "closed_at"),
    ("request", "received_at"),
    ("request", "sequence"),
];

/// Reads every row, whatever tables there are, so that nothing that a later layout adds is
/// overlooked.
fn read_records(
    connection: &Connection,
    devices: &mut Devices,
    counts_refreshes: bool,
) -> Result<Files> {
    let mut names = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    )?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    let apart = ["audit", "clock", "request", "response"];
    for table in names.iter().filter(|name| !apart.contains(&name.as_str())) {
        rows.push(Column::Said(Column::hash(table.as_str())));
        each_row(connection, table, devices, counts_refreshes, |columns| rows.extend(columns))?;
    }
    let mut requests = Vec::new();
    each_row(connection, "request", devices, counts_refreshes, |mut columns| {
        let rest = columns.split_off(3);
        if let [Column::Drawn(device), Column::Drawn(id), Column::Counter(_, counter)] = columns[..]
        {
            requests.push(RequestRow { device, id, counter, rest });
        }
    })?;
    // Of responses only what all of a seat's said counts, for its refreshes.
    let mut terms = connection.prepare(
        "SELECT DISTINCT seat, grace, subscription_end, features, attributes FROM response
         ORDER BY rowid",
    )?;
    let mut said = terms.query([])?;
    while let Some(row) = said.next()? {
        for at in 0..5 {
            rows.push(column(row.get_ref(at)?));
        }
    }
    let sequences = connection
        .prepare("SELECT id, sequence FROM seat")?
        .query_map([], |row| Ok((Column::hash(row.get_ref(0)?.as_str()?), row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let record = connection.query_row("SELECT newest, boot, running FROM clock", [], |row| {
        let boot: Option<String> = row.get(1)?;
        let running: Option<i64> = row.get(2)?;
        let boot = boot.map_or(0, |boot| Column::hash(boot.as_str()));
        Ok(Record { at: row.get(0)?, boot, running: running.unwrap_or(0) })
    })?;
    let mut returns = connection.prepare("SELECT at FROM seat_return ORDER BY rowid")?;
    let returns = returns.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut given_back = connection.prepare(
        "SELECT closed_at FROM seat WHERE state = 'deactivated' AND closed_at < lease_expiry
         ORDER BY rowid",
    )?;
    let given_back = given_back.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let noted = |event: &str, what: &str| -> Result<u64> {
        let count = connection.query_row(
            "SELECT COUNT(*) FROM audit WHERE event = ?1 AND detail LIKE ?2",
            [event, what],
            |row| row.get::<_, i64>(0),
        )?;
        Ok(count.unsigned_abs())
    };
    Ok(Files {
        number: 0,
        pages: Vec::new(),
        keys: Vec::new(),
        rows,
        requests,
        sequences,
        record,
        seats: Vec::new(),
        returns,
        given_back,
        takeovers: noted("seat_reused", "%taken_over%")?,
        rebindings: noted("seat_granted", "%hardware_changed%")?,
        notices: 0,
    })
}

fn each_row(
    connection: &Connection,
    table: &str,
    devices: &mut Devices,
    counts_refreshes: bool,
    mut each: impl FnMut(Vec<Column>),
) -> Result<()> {
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\" ORDER BY rowid"))?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let decides = |name: &str| {
        !SHOWN_ONLY.contains(&(table, name)) && (counts_refreshes || name != "refreshes")
    };
    // The owner of a counter or a sequence number.
    let whose = names.iter().position(|name| name == "device");
    let seat = names.iter().position(|name| name == "id");
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut columns = Vec::new();
        for (at, name) in names.iter().enumerate().filter(|(_, name)| decides(name)) {
            let value = row.get_ref(at)?;
            columns.push(match (name.as_str(), value, whose, seat) {
                (
                    "counter" | "request_counter" | "deactivation_counter",
                    ValueRef::Integer(number),
                    Some(device),
                    _,
                ) => Column::Counter(device_of(devices, row.get_ref(device)?)?, number),
                ("sequence", ValueRef::Integer(number), _, Some(seat)) => {
                    Column::Sequence(Column::hash(row.get_ref(seat)?.as_str()?), number)
                }
                // A device is called by its key's id in its vault.
                ("device", value, ..) => Column::Drawn(device_of(devices, value)?),
                (_, value, ..) => column(value),
            });
        }
        each(columns);
    }
    Ok(())
}

fn device_of(devices: &mut Devices, keys: ValueRef<'_>) -> Result<u64> {
    let hex = keys.as_str()?;
    if let Some(known) = devices.get(hex) {
        return Ok(*known);
    }
    let id = Column::name(&PublicKeys::from_hex(hex)?.id());
    devices.insert(hex.to_owned(), id);
    Ok(id)
}

fn column(value: ValueRef<'_>) -> Column {
    /// Times are seconds since 1970; no count in a model is as large, and a lease's length isn't
    /// either.
    const TIMES: std::ops::Range<i64> = 1_000_000_000..100_000_000_000;
    match value {
        ValueRef::Integer(number) if TIMES.contains(&number) => Column::At(number),
        ValueRef::Integer(number) => Column::Said(Column::hash(&number)),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            // Ids are sixteen hex digits, keys are longer, and tokens have lines.
            if text.len() >= 64 || text.len() >= 16 && !text.contains(' ') {
                Column::Drawn(Column::hash(&*text))
            } else {
                Column::Said(Column::hash(&*text))
            }
        }
        ValueRef::Null => Column::Said(0),
        ValueRef::Real(number) => Column::Said(number.to_bits()),
        ValueRef::Blob(bytes) => Column::Drawn(Column::hash(bytes)),
    }
}
