//! Whether this is still the computer that the licence was granted to. What the traits weigh and how long the grace
//! is stands in `lease`; here is from when on it runs, and what a verdict does to the state.

use latchkey_lease::{HardwareVerdict, JudgingTime, Likeness, changed};
use latchkey_token::{Trait, Traits};

use crate::device::Device;
use crate::outcome::{Hardware, State, Status};
use crate::vault::Vault;

impl Device {
    /// The verdict on the computer's traits, as they are `now`.
    pub(crate) fn hardware(&self, vault: &Vault, now: &Traits, at: JudgingTime) -> Hardware {
        let Some(licence) = &vault.licence else { return Hardware::default() };
        let both = |&which: &Trait| licence.traits.get(which).is_some() && now.get(which).is_some();
        let compared = Trait::ALL.into_iter().filter(both).collect();
        let changed = changed(&licence.traits, now);
        // Whoever keeps the change from being remembered would begin their grace anew at every look. So it
        // counts from the last time that could be remembered.
        let since = self.can_t_remember().then(|| vault.clock.latest());
        let verdict = vault.likeness(now).map(|(likeness, remembered)| {
            let since = since.filter(|_| likeness == Likeness::Different);
            HardwareVerdict::of(likeness, remembered.or(since), at)
        });
        Hardware { verdict, compared, changed }
    }
}

impl Status {
    /// Takes the verdict on the hardware over: after its grace the lease doesn't hold.
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
