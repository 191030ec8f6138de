//! Checks whether this is still the computer that the licence was granted to. The weights of the
//! traits and the length of the grace are in `latchkey-lease`; this module selects what is compared
//! and applies the verdict to the state.

use latchkey_lease::{HardwareReason, HardwareVerdict, JudgingTime, changed};
use latchkey_token::HardwareTrait;

use crate::device::Device;
use crate::fingerprint::TraitHashes;
use crate::status::{Hardware, State, Status};
use crate::vault::Vault;

impl Device {
    /// The verdict on the computer's traits at `now`. The vault must have been read from the store:
    /// only a persisted change starts a grace period.
    pub(crate) fn hardware(vault: &Vault, now: &TraitHashes, at: JudgingTime) -> Hardware {
        let Some(licence) = &vault.licence else { return Hardware::default() };
        let beside = now.comparable_with(&licence.traits);
        let both = |&which: &HardwareTrait| {
            licence.traits.get(which).is_some() && beside.get(which).is_some()
        };
        let compared = HardwareTrait::ALL.into_iter().filter(both).collect();
        let changed = changed(&licence.traits, beside);
        let verdict = vault.hardware_match(now);
        let verdict = verdict.map(|(likeness, since)| HardwareVerdict::new(likeness, since, at));
        Hardware { verdict, compared, changed, refused: None }
    }
}

impl Hardware {
    /// Whether there would be a grace period if the time of the change could be persisted.
    #[must_use]
    pub fn is_unrecorded(&self) -> bool {
        self.reason() == Some(HardwareReason::NotRecorded)
    }

    /// Why the lease doesn't hold here, as far as the hardware is concerned.
    #[must_use]
    pub fn reason(&self) -> Option<HardwareReason> {
        match self.verdict {
            Some(HardwareVerdict::Invalid { reason, .. }) => Some(reason),
            _ => None,
        }
    }
}

impl Status {
    /// Applies the hardware verdict: without a grace period, and after it, the lease doesn't hold.
    pub(crate) fn judge_hardware(&mut self, hardware: Hardware) {
        if hardware.verdict.is_some_and(|verdict| !verdict.may_run()) {
            self.state = State::LeaseExpired;
            if let Some(licence) = &mut self.licence {
                licence.in_grace = false;
            }
        }
        self.hardware = hardware;
    }
}
