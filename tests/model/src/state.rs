//! One state of the model: computers with their vaults, copies and clocks, tokens in transit, and
//! the vendor's files.

use std::ops::Deref;
use std::sync::Arc;

use latchkey_device::Status;
use latchkey_device::simulated::{SimulatedRights, SimulatedState, StoredVault};
use latchkey_lease::{BootId, Uptime};
use latchkey_token::SeatId;

use crate::parts::Parts;
use crate::server::{Column, Files};

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;
/// The true time at the beginning, in seconds since 1970.
pub(crate) const START: i64 = 1_800_000_000;

/// A vault on a computer, with its decoded content.
#[derive(Debug, Clone)]
pub(crate) struct Vault(Arc<VaultFiles>);

/// The content of a [`Vault`].
#[derive(Debug)]
pub(crate) struct VaultFiles {
    /// Vaults with the same bytes have the same number.
    pub(crate) number: u64,
    pub(crate) files: StoredVault,
    /// `None` if there is no vault.
    pub(crate) held: Option<SimulatedState>,
}

/// A token between a computer and the server. It can be delivered any number of times, or never.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    pub(crate) text: Arc<str>,
    /// The true time of its creation.
    pub(crate) made: i64,
    /// Its content. Encrypting the same content again makes another text.
    pub(crate) says: Arc<[Column]>,
    /// The parts of the computer when the request was made, to which a response binds the licence.
    pub(crate) parts: Parts,
}

#[derive(Debug, Clone)]
pub(crate) struct Computer {
    pub(crate) vault: Vault,
    pub(crate) copy: Option<Vault>,
    pub(crate) access: SimulatedRights,
    /// Whether the copy is restored before each start of the product.
    pub(crate) always_put_back: bool,
    /// The seconds by which its wall clock is ahead of the true time.
    pub(crate) wall: i64,
    pub(crate) boot: u32,
    /// Seconds since that boot.
    pub(crate) running: i64,
    pub(crate) parts: Parts,
    /// The parts to which the licence is bound.
    pub(crate) bound: Parts,
    /// The true time at which a product recorded that too much of them has changed, by a clock that
    /// was right.
    pub(crate) changed_at: Option<i64>,
    pub(crate) request: Option<Carried>,
    pub(crate) response: Option<Carried>,
    pub(crate) refresh: Option<Carried>,
    pub(crate) deactivation: Option<Carried>,
    pub(crate) handed_in: bool,
    /// The number of requests that were created on it. It distinguishes random numbers, not states.
    pub(crate) requests: u32,
    /// The result of the product's last check.
    pub(crate) seen: Option<Seen>,
    pub(crate) past: Past,
}

/// The result of a product's check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) runs: bool,
    pub(crate) licence: Option<Licence>,
}

/// The part of a licence that a rule needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Licence {
    pub(crate) seat: SeatId,
    /// In seconds since 1970.
    pub(crate) grace_end: i64,
}

/// What happened to a computer since its last token, as far as a bound depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// Its vault was restored, or couldn't be written.
    pub(crate) tampered: bool,
    /// The seconds by which the time in its vault may lag: how long that token was withheld, and
    /// how long the computer has been switched off since.
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
    /// The seconds by which the server's clock is ahead of the true time.
    pub(crate) server_clock: i64,
    pub(crate) server_boot: u32,
    /// Seconds since that boot.
    pub(crate) server_running: i64,
    /// The most seconds by which the server's clock was ahead without being noticed.
    pub(crate) server_lead: i64,
    pub(crate) rotated: bool,
    /// The vendor, or a computer whose clock is wrong in the same way, has confirmed the server's
    /// clock while it was wrong.
    pub(crate) confirmed_wrong: bool,
}

impl Computer {
    pub(crate) const fn new(vault: Vault) -> Self {
        Self {
            vault,
            copy: None,
            access: SimulatedRights::Owner,
            always_put_back: false,
            wall: 0,
            boot: 0,
            running: HOUR,
            parts: Parts::NONE_REPLACED,
            bound: Parts::NONE_REPLACED,
            changed_at: None,
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

    /// Whether nothing was ever done on it.
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
        server_uptime(self.server_boot, self.server_running)
    }
}

/// How long the server's machine has been running, in its `boot`-th boot.
pub(crate) fn server_uptime(boot: u32, running: i64) -> Uptime {
    let boot = BootId::from_name(&format!("server {boot}"));
    Uptime { boot, running: running.unsigned_abs() }
}
