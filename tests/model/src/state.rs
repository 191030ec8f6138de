//! One state of the model: computers with their vaults, copies and clocks, tokens in transit, and
//! the vendor's files.

use std::ops::Deref;
use std::sync::Arc;

use latchkey_device::Status;
use latchkey_device::simulated::{Access, SimulatedState, StoredVault};
use latchkey_lease::{BootId, Uptime};
use latchkey_token::SeatId;

use crate::server::{Column, Files};

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;
/// The true time at the beginning, in seconds since 1970.
pub(crate) const START: i64 = 1_800_000_000;

/// A vault as it lies on a computer, with what it holds, read once.
#[derive(Debug, Clone)]
pub(crate) struct Vault(Arc<VaultFiles>);

/// The content of a [`Vault`].
#[derive(Debug)]
pub(crate) struct VaultFiles {
    /// The same number is the same bytes.
    pub(crate) number: u64,
    pub(crate) files: StoredVault,
    /// `None` where nothing lies there.
    pub(crate) held: Option<SimulatedState>,
}

/// A token on its way between a computer and the server. It can be handed over any number of times, and never has to be.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    pub(crate) text: Arc<str>,
    /// The true time at which it was made.
    pub(crate) made: i64,
    /// What it says: sealing it again makes another text of it.
    pub(crate) says: Arc<[Column]>,
}

#[derive(Debug, Clone)]
pub(crate) struct Computer {
    pub(crate) vault: Vault,
    pub(crate) copy: Option<Vault>,
    pub(crate) access: Access,
    /// The copy is put back whenever the product is started.
    pub(crate) always_put_back: bool,
    /// How much its wall clock shows more than the true time, in seconds.
    pub(crate) wall: i64,
    pub(crate) boot: u32,
    /// Seconds since that boot.
    pub(crate) running: i64,
    pub(crate) request: Option<Carried>,
    pub(crate) response: Option<Carried>,
    pub(crate) refresh: Option<Carried>,
    pub(crate) deactivation: Option<Carried>,
    pub(crate) handed_in: bool,
    /// How many requests were made on it. It tells draws of random numbers apart, and no states.
    pub(crate) requests: u32,
    /// What the product said when it looked last.
    pub(crate) seen: Option<Seen>,
    pub(crate) past: Past,
}

/// What a product was told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) runs: bool,
    pub(crate) licence: Option<Licence>,
}

/// As far as a rule asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Licence {
    pub(crate) seat: SeatId,
    /// In seconds since 1970.
    pub(crate) grace_end: i64,
}

/// What happened to a computer since its last token, as far as a bound depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// Its vault was put back, or couldn't be written.
    pub(crate) tampered: bool,
    /// By how many seconds what its vault remembers of the time may lag: for so long that token was
    /// held back, and for so long the computer was switched off since.
    pub(crate) lag: i64,
    /// Boots, and seconds of running, that have seen a wall clock far ahead.
    pub(crate) ahead: (u32, i64),
}

#[derive(Debug, Clone)]
pub(crate) struct State {
    /// The true time, in seconds since the beginning.
    pub(crate) now: i64,
    pub(crate) computers: Vec<Computer>,
    pub(crate) server: Arc<Files>,
    /// How much the server's clock shows more than the true time.
    pub(crate) server_clock: i64,
    pub(crate) server_boot: u32,
    /// Seconds since that boot.
    pub(crate) server_running: i64,
    pub(crate) rotated: bool,
    /// The vendor has confirmed the server's clock while it was wrong.
    pub(crate) confirmed_wrong: bool,
}

impl Computer {
    pub(crate) const fn new(vault: Vault) -> Self {
        Self {
            vault,
            copy: None,
            access: Access::Owner,
            always_put_back: false,
            wall: 0,
            boot: 0,
            running: HOUR,
            request: None,
            response: None,
            refresh: None,
            deactivation: None,
            handed_in: false,
            requests: 0,
            seen: None,
            past: Past { tampered: false, lag: 0, ahead: (0, 0) },
        }
    }

    /// Nothing was ever done on it.
    pub(crate) fn is_untouched(&self) -> bool {
        self.vault.files == StoredVault::default()
    }

    pub(crate) fn boot_id(&self, index: usize) -> BootId {
        BootId::from_name(&format!("{index} {}", self.boot))
    }
}

impl Vault {
    pub(crate) fn new(number: u64, files: StoredVault, held: Option<SimulatedState>) -> Self {
        Self(Arc::new(VaultFiles { number, files, held }))
    }
}

impl Deref for Vault {
    type Target = VaultFiles;

    fn deref(&self) -> &VaultFiles {
        &self.0
    }
}

impl Seen {
    pub(crate) fn of(status: &Status) -> Self {
        let licence = status.licence.as_ref().map(|licence| Licence {
            seat: licence.seat,
            grace_end: licence.grace_end.timestamp(),
        });
        Self { runs: status.may_run(), licence }
    }
}

impl State {
    /// The true time, in seconds since 1970.
    pub(crate) const fn at(&self) -> i64 {
        START + self.now
    }

    /// What the server's machine says of its running time.
    pub(crate) fn server_uptime(&self) -> Uptime {
        let boot = BootId::from_name(&format!("server {}", self.server_boot));
        Uptime { boot, running: self.server_running.unsigned_abs() }
    }
}
