//! One state of everything: computers with their vaults, copies and clocks, tokens on their way, the vendor's files;
//! and when two states count as one.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use latchkey_device::simulated::{Access, StoredVault};
use latchkey_device::{Licence, Profile, Status};
use latchkey_lease::{BootId, Uptime};

use crate::server::{Column, Files};

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;
/// The true time at the beginning, in seconds since 1970.
pub(crate) const START: i64 = 1_800_000_000;

/// A token that somebody carries. It can be handed over any number of times, and never has to be.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    pub(crate) text: Arc<str>,
    /// What it says: sealing it again makes another text of it.
    pub(crate) says: Arc<[Column]>,
}

#[derive(Debug, Clone)]
pub(crate) struct Computer {
    pub(crate) files: StoredVault,
    pub(crate) copy: Option<StoredVault>,
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
    /// What the product said when it looked last.
    pub(crate) seen: Option<Seen>,
    pub(crate) past: Past,
}

/// What a product was told.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) runs: bool,
    pub(crate) licence: Option<Licence>,
}

/// What happened to a computer since its last token, as far as a bound depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// Its vault was put back, or couldn't be written.
    pub(crate) tampered: bool,
    /// Seconds in which it was switched off.
    pub(crate) off: i64,
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
    pub(crate) fn new() -> Self {
        Self {
            files: StoredVault::default(),
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
            seen: None,
            past: Past::default(),
        }
    }

    /// Nothing was ever done on it.
    pub(crate) fn is_untouched(&self) -> bool {
        self.files == StoredVault::default()
    }

    pub(crate) fn boot_id(&self, index: usize) -> BootId {
        BootId::of(&format!("{index} {}", self.boot))
    }
}

impl Seen {
    pub(crate) fn of(status: &Status) -> Self {
        Self { runs: status.may_run(), licence: status.licence.clone() }
    }
}

fn hex(boot: BootId) -> String {
    boot.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a state so that two that can't be told apart by anything that will ever happen are the same text: names
/// that were drawn become numbers in the order in which they are met, times count from now.
#[derive(Default)]
struct Outline {
    text: String,
    drawn: HashMap<String, usize>,
}

impl Outline {
    fn drawn(&mut self, name: &str) {
        let next = self.drawn.len();
        let number = *self.drawn.entry(name.to_owned()).or_insert(next);
        let _ = write!(self.text, "#{number},");
    }

    fn said(&mut self, what: impl std::fmt::Debug) {
        let _ = write!(self.text, "{what:?},");
    }
}

impl State {
    /// The true time, in seconds since 1970.
    pub(crate) const fn at(&self) -> i64 {
        START + self.now
    }

    /// What the server's machine says of its running time.
    pub(crate) fn server_uptime(&self) -> Uptime {
        let boot = BootId::of(&format!("server {}", self.server_boot));
        Uptime { boot, running: self.server_running.unsigned_abs() }
    }

    /// Its identity, in 128 bits: of a hundred million states no two have the same by chance.
    pub(crate) fn identity(&self, profile: &Profile) -> u128 {
        let text = self.outline(profile);
        let hash = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u8(seed);
            hasher.write(text.as_bytes());
            u128::from(hasher.finish())
        };
        hash(1) << 64 | hash(2)
    }

    fn outline(&self, profile: &Profile) -> String {
        let now = self.at();
        let mut outline = Outline::default();
        outline.said((self.server_clock, self.server_running));
        outline.said((self.rotated, self.confirmed_wrong));
        // As the issuer writes it.
        outline.drawn(&hex(self.server_uptime().boot));
        for (index, computer) in self.computers.iter().enumerate() {
            outline.said("computer");
            outline.said((computer.access, computer.always_put_back, computer.wall));
            // A boot that is over is as good as another; only how long this one has lasted counts.
            outline.said((computer.running, computer.handed_in, computer.past));
            let boot = computer.boot_id(index);
            for files in [Some(&computer.files), computer.copy.as_ref()] {
                let Some(files) = files else {
                    outline.said("none");
                    continue;
                };
                outline.files(files, profile, boot, computer.running, now);
            }
            let carried =
                [&computer.request, &computer.response, &computer.refresh, &computer.deactivation];
            for token in carried {
                match token {
                    Some(token) => outline.columns(&token.says, now),
                    None => outline.said("-"),
                }
            }
        }
        outline.columns(&self.server.rows, now);
        outline.text
    }
}

impl Outline {
    fn columns(&mut self, columns: &[Column], now: i64) {
        for column in columns {
            match column {
                Column::Drawn(name) => self.drawn(name),
                Column::Said(what) => self.said(what),
                Column::At(time) => self.said(time - now),
            }
        }
    }

    fn files(
        &mut self,
        files: &StoredVault,
        profile: &Profile,
        boot: BootId,
        running: i64,
        now: i64,
    ) {
        let Ok(Some(held)) = files.remembered(profile) else {
            return self.said("empty");
        };
        self.drawn(&held.device.to_string());
        self.said(held.counter);
        for request in &held.pending {
            self.drawn(&request.to_string());
        }
        self.said("outbox");
        for (seat, counter) in &held.outbox {
            self.drawn(&seat.to_string());
            self.said(counter);
        }
        if let Some(lease) = &held.lease {
            self.drawn(&lease.seat.to_string());
            self.said((lease.sequence, lease.activated_at.as_second() - now));
            self.said((lease.lease_expiry.as_second() - now, lease.grace_end.as_second() - now));
        }
        let clock = held.clock;
        self.said((clock.floor - now, clock.effective - now));
        // What another boot has run counts for nothing.
        self.said(
            clock
                .seen
                .map(|(seen, ran)| (seen == *boot.as_bytes()).then(|| running - ran.cast_signed())),
        );
        self.said((clock.settled, clock.uncharged, clock.jump));
        self.said(held.hardware_changed_at.map(|since| since - now));
    }
}
