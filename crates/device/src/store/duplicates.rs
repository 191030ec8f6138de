//! Several items of the keyring under one name: a keyring was restored beside the one in use, or two were merged. Which
//! of them counts, and which of them a write belongs to.

use latchkey_lease::Timestamp;
use latchkey_lease::{ClockReading, HardwareMatch, to_seconds};
use latchkey_token::Seconds;
use zeroize::Zeroizing;

use crate::fingerprint::{TraitHashes, TraitValues, hashed};
use crate::licence_view::licence;
use crate::profile::Profile;
use crate::status::State;
use crate::vault::{Identity, Vault};

/// An item as it was found.
pub(crate) struct Item {
    pub(crate) content: Zeroizing<Vec<u8>>,
    /// When the keyring last wrote it, in seconds since 1970.
    pub(crate) modified: u64,
}

/// Whose items they are.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    profile: Profile,
    traits: TraitHashes,
}

/// How late in its device's life a vault is. Every request and every deactivation takes a number, and every token of the
/// vendor's has a later one than the one before. The keyring's own date comes last: a copy has the date of the copying.
type Age = (u64, u64, Seconds, u64);

/// A deactivation that waits in the outbox comes before a licence that was activated up to so long after it: the vendor's
/// clock and this computer's may differ. An outbox from long before the licence doesn't stop the product.
const CLOCKS_DIFFER: Seconds = 24 * 60 * 60;

/// How much there is to lose if another device's vault is taken: least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Nothing,
    OtherComputers,
    /// A licence of this computer's that has run out, its grace too.
    Expired,
    Pending,
    /// A licence of this computer's or a deactivation that waits, and from when it is.
    InUse(Seconds),
}

/// Whether everything in the outbox and every request of a twin's is in the vault that takes its place. Never of another
/// device's.
pub(crate) fn is_covered(twin: &Vault, by: &Vault) -> bool {
    let has_request = |id| by.pending.iter().any(|pending| pending.request == id);
    twin.identity == by.identity
        && twin.outbox.iter().all(|entry| by.outbox.contains(entry))
        && twin.pending.iter().all(|pending| has_request(pending.request))
}

/// Whether there is a request or a licence in the second vault that the first doesn't have: what has to last.
pub(crate) fn gains(before: &Vault, next: &Vault) -> bool {
    let had_request = |id| before.pending.iter().any(|pending| pending.request == id);
    (next.licence.is_some() && next.licence != before.licence)
        || next.pending.iter().any(|pending| !had_request(pending.request))
}

impl Owner {
    pub(crate) fn new(profile: &Profile, values: &TraitValues) -> Self {
        let traits = hashed(values, profile.vendor, profile.product);
        Self { profile: profile.clone(), traits }
    }

    /// The vault in an item, if it is one of this product.
    pub(crate) fn vault(&self, content: &[u8]) -> Option<Vault> {
        let vault = Vault::from_bytes(content).ok()?;
        let own = (vault.vendor, vault.product) == (self.profile.vendor, self.profile.product);
        own.then_some(vault)
    }

    /// The item that counts: of one device's vaults the latest one; of several devices' the one that is in
    /// use on this computer. Nothing where no item is a vault of this product.
    pub(crate) fn chosen(&self, items: &[Item], now: Timestamp) -> Option<usize> {
        let mut devices: Vec<(Identity, Age, Value, usize)> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let Some(vault) = self.vault(&item.content) else { continue };
            let (age, worth) = (self.age(&vault, item.modified), self.worth(&vault, now));
            match devices.iter_mut().find(|(device, ..)| *device == vault.identity) {
                Some(device) if age > device.1 => (device.1, device.2, device.3) = (age, worth, at),
                Some(_) => {}
                None => devices.push((vault.identity, age, worth, at)),
            }
        }
        let best = devices.into_iter().max_by_key(|(_, age, worth, _)| (*worth, *age));
        best.map(|(.., at)| at)
    }

    fn age(&self, vault: &Vault, modified: u64) -> Age {
        // Only the number is wanted, whatever time it is.
        let at =
            vault.clock.judging_time(ClockReading { wall: Timestamp::UNIX_EPOCH, uptime: None });
        // A licence that isn't the vendor's word has no place in the order.
        let held = licence(&self.profile, vault, at).ok().flatten();
        let sequence = held.map_or(0, |(_, licence)| licence.sequence);
        (vault.counter, sequence, vault.clock.to_stored().effective, modified)
    }

    fn worth(&self, vault: &Vault, now: Timestamp) -> Value {
        let running = self.licence_here(vault, now);
        let waiting = (!vault.outbox.is_empty())
            .then(|| vault.clock.to_stored().effective.saturating_add(CLOCKS_DIFFER));
        if let Some(since) = running.max(waiting) {
            return Value::InUse(since);
        }
        match vault.likeness(&self.traits) {
            _ if !vault.pending.is_empty() => Value::Pending,
            Some((HardwareMatch::Different, _)) => Value::OtherComputers,
            Some(_) => Value::Expired,
            None => Value::Nothing,
        }
    }

    /// When the licence was activated that runs on this computer.
    fn licence_here(&self, vault: &Vault, now: Timestamp) -> Option<Seconds> {
        if let (HardwareMatch::Different, _) = vault.likeness(&self.traits)? {
            return None;
        }
        let at = vault.clock.judging_time(ClockReading { wall: now, uptime: None });
        let (state, licence) = licence(&self.profile, vault, at).ok().flatten()?;
        let runs = state == State::Active || licence.in_grace;
        runs.then(|| to_seconds(licence.activated_at))
    }
}
