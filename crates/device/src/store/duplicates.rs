//! Resolves several keyring items with one name: a keyring was restored next to the one in use, or
//! two were merged. Decides which of them counts and which of them a write replaces.

use latchkey_config::Profile;
use latchkey_lease::Timestamp;
use latchkey_lease::{ClockReading, HardwareMatch, to_seconds};
use latchkey_token::Seconds;
use zeroize::Zeroizing;

use crate::fingerprint::{TraitHashes, TraitValues, hash_traits};
use crate::licence_view::licence;
use crate::status::State;
use crate::vault::{Identity, Vault};

/// An item as it was read.
pub(crate) struct Item {
    pub(crate) content: Zeroizing<Vec<u8>>,
    /// When the keyring last wrote it, in seconds since the Unix epoch.
    pub(crate) modified: u64,
}

/// The product and device that the items belong to.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    profile: Profile,
    traits: TraitHashes,
}

/// The position of a vault in its device's life. Each request and deactivation takes a counter, and
/// each token of the vendor's has a later number than the previous one. The keyring's own date is
/// compared last: a copy has the date of the copying.
type Age = (u64, u64, Seconds, u64);

/// An undelivered deactivation takes precedence over a licence that was activated up to this long
/// after it: the vendor's clock and this computer's may differ. An outbox from long before the
/// licence doesn't stop the product.
const CLOCKS_DIFFER: Seconds = 24 * 60 * 60;

/// What would be lost if another device's vault is chosen, in increasing order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Nothing,
    OtherComputers,
    /// An expired licence of this computer's, with its grace over too.
    Expired,
    Pending,
    /// A licence of this computer's or an undelivered deactivation, and its time.
    InUse(Seconds),
}

/// Whether the vault that replaces a twin contains the twin's entire outbox and all its requests.
/// Always `false` for another device's vault.
pub(crate) fn is_covered(twin: &Vault, by: &Vault) -> bool {
    let has_request = |id| by.pending.iter().any(|pending| pending.request == id);
    twin.identity == by.identity
        && twin.outbox.iter().all(|entry| by.outbox.contains(entry))
        && twin.pending.iter().all(|pending| has_request(pending.request))
}

/// Whether the second vault contains a request or a licence that the first one lacks and that must
/// not be lost.
pub(crate) fn has_gained(before: &Vault, next: &Vault) -> bool {
    let had_request = |id| before.pending.iter().any(|pending| pending.request == id);
    (next.licence.is_some() && next.licence != before.licence)
        || next.pending.iter().any(|pending| !had_request(pending.request))
}

impl Owner {
    pub(crate) fn new(profile: &Profile, values: &TraitValues) -> Self {
        let traits = hash_traits(values, profile.vendor, profile.product);
        Self { profile: profile.clone(), traits }
    }

    /// The vault in an item, if it is one of this product.
    pub(crate) fn vault(&self, content: &[u8]) -> Option<Vault> {
        let vault = Vault::from_bytes(content).ok()?;
        let own = (vault.vendor, vault.product) == (self.profile.vendor, self.profile.product);
        own.then_some(vault)
    }

    /// The item that counts: of one device's vaults the latest; of several devices' vaults the one
    /// in use on this computer. `None` if no item is a vault of this product.
    pub(crate) fn choose(&self, items: &[Item], now: Timestamp) -> Option<usize> {
        let mut devices: Vec<(Identity, Age, Rank, usize)> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let Some(vault) = self.vault(&item.content) else { continue };
            let (age, worth) = (self.age(&vault, item.modified), self.rank(&vault, now));
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
        // Only the sequence number is needed, whatever the time.
        let at =
            vault.clock.judging_time(ClockReading { wall: Timestamp::UNIX_EPOCH, uptime: None });
        // A licence without a valid vendor signature has no place in the order.
        let held = licence(&self.profile, vault, at).ok().flatten();
        let sequence = held.map_or(0, |(_, licence)| licence.sequence);
        (vault.counter, sequence, vault.clock.to_stored().effective, modified)
    }

    fn rank(&self, vault: &Vault, now: Timestamp) -> Rank {
        let running = self.licence_here(vault, now);
        let waiting = (!vault.outbox.is_empty())
            .then(|| vault.clock.to_stored().effective.saturating_add(CLOCKS_DIFFER));
        if let Some(since) = running.max(waiting) {
            return Rank::InUse(since);
        }
        match vault.hardware_match(&self.traits) {
            _ if !vault.pending.is_empty() => Rank::Pending,
            Some((HardwareMatch::Different, _)) => Rank::OtherComputers,
            Some(_) => Rank::Expired,
            None => Rank::Nothing,
        }
    }

    /// When the licence that runs on this computer was activated.
    fn licence_here(&self, vault: &Vault, now: Timestamp) -> Option<Seconds> {
        if let (HardwareMatch::Different, _) = vault.hardware_match(&self.traits)? {
            return None;
        }
        let at = vault.clock.judging_time(ClockReading { wall: now, uptime: None });
        let (state, licence) = licence(&self.profile, vault, at).ok().flatten()?;
        let runs = state == State::Active || licence.in_grace;
        runs.then(|| to_seconds(licence.activated_at))
    }
}
