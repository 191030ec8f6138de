//! Decides what the tokens of a text do to the vault, without touching the store: applying a plan
//! writes its result, inspecting discards it.

use std::cmp::Reverse;
use std::path::Path;

use latchkey_config::Profile;
use latchkey_lease::Timestamp;
use latchkey_lease::{ClockReading, JudgingTime, LeaseState, VerifiedLease, from_seconds};
use latchkey_token::{
    FoundToken, KeyId, Kind, OpenError, PublicKeys, Refresh, Response, Seconds, SecretKeys, Signed,
    Token, open,
};

use crate::error::{TokenError, VaultError};
use crate::key_registry;
use crate::licence_view::{binding, verify_lease};
use crate::status::{ApplyOutcome, Licence, Recipient};
use crate::vault::{StoredLicence, Vault};

/// What is known before the text is read.
pub(crate) struct ApplyContext<'s> {
    pub(crate) profile: &'s Profile,
    pub(crate) register: Option<&'s Path>,
    /// The device's id, once there is a vault.
    pub(crate) keys: Option<DeviceKeys>,
    pub(crate) now: ClockReading,
}

/// The device's keys. Not every process that can read a machine's vault can read its secret.
pub(crate) struct DeviceKeys {
    pub(crate) public: PublicKeys,
    pub(crate) secret: Result<SecretKeys, VaultError>,
}

/// The outcome of each token, in the text's order.
pub(crate) struct ApplyPlan {
    pub(crate) entries: Vec<Entry>,
    /// Whether the vault has changed.
    pub(crate) changed: bool,
}

pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) repaired: usize,
    pub(crate) recipient: Option<Recipient>,
    pub(crate) outcome: ApplyOutcome,
}

impl ApplyPlan {
    /// Replaces the licence that was meant to be stored with the one that was read back.
    pub(crate) fn confirm(&mut self, stored: &Licence) {
        for entry in &mut self.entries {
            match &mut entry.outcome {
                ApplyOutcome::Activated(licence)
                | ApplyOutcome::Refreshed(licence)
                | ApplyOutcome::AlreadyApplied(licence)
                    if licence.seat == stored.seat =>
                {
                    licence.clone_from(stored);
                }
                _ => {}
            }
        }
    }
}

/// A token for this computer with a verified signature.
enum Opened {
    Response(Signed<Response>),
    Refresh(Signed<Refresh>),
}

impl Opened {
    /// Responses come first, starting with the one with the longest lease, because it excludes the
    /// others. Refreshes follow in the order of issue, so that none is refused because a newer one
    /// preceded it.
    fn order(&self) -> (u8, Reverse<Seconds>, u64) {
        match self {
            Self::Response(response) => (0, Reverse(response.payload().lease_expiry), 0),
            Self::Refresh(refresh) => (1, Reverse(0), refresh.payload().sequence),
        }
    }
}

impl ApplyContext<'_> {
    /// Plans the tokens of a text. `licence` returns the vault's licence at a time.
    pub(crate) fn plan(
        &self,
        mut vault: Option<&mut Vault>,
        found: &[FoundToken],
        licence: impl Fn(&Vault, JudgingTime) -> Result<Option<Licence>, VaultError>,
    ) -> Result<ApplyPlan, VaultError> {
        let recipients: Vec<_> = found
            .iter()
            .map(|found| found.token.as_ref().ok().map(|token| self.recipient(token)))
            .collect();
        let one_is_ours = recipients.contains(&Some(Recipient::ThisComputer));
        let active = vault.as_ref().is_some_and(|vault| vault.licence.is_some());

        // Either decided already, or opened and applied in its turn.
        let mut outcomes: Vec<Option<ApplyOutcome>> = Vec::with_capacity(found.len());
        let mut opened = Vec::new();
        for (index, (found, recipient)) in found.iter().zip(&recipients).enumerate() {
            let outcome = match (&found.token, recipient) {
                (Err(error), _) => Some(ApplyOutcome::Refused(error.clone().into())),
                (Ok(token), Some(Recipient::ThisComputer)) => match self.open(token, active) {
                    Ok(token) => {
                        opened.push((index, token));
                        None
                    }
                    Err(error) => Some(ApplyOutcome::Refused(error)),
                },
                // The file of a fleet, or an e-mail in which the request is quoted.
                (Ok(_), _) if one_is_ours => Some(ApplyOutcome::NotForThisComputer),
                (Ok(token), recipient) => {
                    Some(ApplyOutcome::Refused(refusal(token, recipient.as_ref(), active)))
                }
            };
            outcomes.push(outcome);
        }

        opened.sort_by_key(|(_, token)| token.order());
        let mut changed = false;
        for (index, token) in opened {
            let (Some(vault), Some(keys)) = (vault.as_deref_mut(), &self.keys) else {
                continue;
            };
            let mut next = vault.clone();
            let step = match &token {
                Opened::Response(response) => self.respond(&mut next, &keys.public, response),
                Opened::Refresh(refresh) => self.refresh(&mut next, &keys.public, refresh),
            };
            let at = next.clock.judging_time(self.now);
            outcomes[index] = Some(match step {
                Err(error) => ApplyOutcome::Refused(error),
                Ok(done) => match licence(&next, at)? {
                    None => ApplyOutcome::Refused(TokenError::NotActivated),
                    Some(licence) => {
                        if done == PlanOutcome::Changed {
                            *vault = next;
                            changed = true;
                        }
                        match (done, &token) {
                            (PlanOutcome::Already, _) => ApplyOutcome::AlreadyApplied(licence),
                            (_, Opened::Response(_)) => ApplyOutcome::Activated(licence),
                            (_, Opened::Refresh(_)) => ApplyOutcome::Refreshed(licence),
                        }
                    }
                },
            });
        }

        let entries = found
            .iter()
            .zip(recipients)
            .zip(outcomes)
            .map(|((found, recipient), outcome)| Entry {
                kind: found.kind,
                repaired: found.repaired,
                recipient,
                outcome: outcome.unwrap_or(ApplyOutcome::Refused(TokenError::Open(
                    OpenError::DecryptionFailed,
                ))),
            })
            .collect();
        Ok(ApplyPlan { entries, changed })
    }

    /// The recipient of an intact token, as far as its key id shows.
    fn recipient(&self, token: &Token) -> Recipient {
        let key = token.recipient();
        if matches!(token.kind(), Kind::Request | Kind::Deactivation) {
            let ours = self.profile.vendor_keys.iter().any(|vendor| vendor.id() == key);
            return if ours { Recipient::Vendor } else { Recipient::UnknownVendor { key } };
        }
        if self.keys.as_ref().is_some_and(|keys| keys.public.id() == key) {
            return Recipient::ThisComputer;
        }
        self.find_key(key).unwrap_or(Recipient::OtherComputer { key })
    }

    fn find_key(&self, key: KeyId) -> Option<Recipient> {
        let known = key_registry::find(self.register?, key)?;
        if known.vendor != self.profile.vendor {
            let (vendor, product) = (known.vendor_name, known.product_name);
            Some(Recipient::OtherVendor { vendor, product })
        } else if known.product != self.profile.product {
            Some(Recipient::OtherProduct { product: known.product_name })
        } else {
            // A vault that is lost or in another store is as good as another computer.
            None
        }
    }

    fn open(&self, token: &Token, active: bool) -> Result<Opened, TokenError> {
        let Some(keys) = &self.keys else {
            return Err(TokenError::OtherComputer { key: token.recipient() });
        };
        let binding = binding(self.profile, &keys.public);
        let keys = keys.secret.as_ref().map_err(Clone::clone)?;
        match token.kind() {
            Kind::Response => Ok(Opened::Response(open(token, keys, binding.signers())?)),
            Kind::Refresh => Ok(Opened::Refresh(open(token, keys, binding.signers())?)),
            found => Err(OpenError::WrongKind { expected: expected_kind(active), found }.into()),
        }
    }

    fn respond(
        &self,
        vault: &mut Vault,
        keys: &PublicKeys,
        response: &Signed<Response>,
    ) -> Result<PlanOutcome, TokenError> {
        let stored = vault.licence.as_ref();
        if stored.is_some_and(|stored| stored.response == response.as_bytes()) {
            return Ok(PlanOutcome::Already);
        }
        let payload = response.payload();
        let pending = vault
            .pending
            .iter()
            .find(|pending| pending.request == payload.request)
            .ok_or(TokenError::NotPending)?;
        // A refresh leaves a renewal pending, so the response to it may be the older one of the two
        // by now. A licence that doesn't verify or run (any more) doesn't prevent it: the vendor's
        // numbers may have gone back with a restored backup.
        let at = vault.clock.judging_time(self.now);
        let lease = stored.and_then(|stored| verify_lease(self.profile, keys, stored).ok());
        let running = lease.filter(|lease| matches!(lease.state(at), LeaseState::Active { .. }));
        // Nor is a licence for the computer before its hardware was exchanged, which no refresh
        // corrects.
        let same = stored.is_some_and(|stored| stored.traits == pending.traits);
        let running = running.filter(|_| same);
        if running.is_some_and(|l| l.seat() == payload.seat && payload.sequence <= l.sequence()) {
            let activated_at = from_seconds(payload.activated_at);
            return Err(TokenError::OlderResponse { activated_at });
        }
        let newest = vault.newest.as_ref().map(|newest| newest.seat_name.clone());
        let stored = StoredLicence {
            response: response.as_bytes().to_vec(),
            refresh: None,
            traits: pending.traits,
            seat_name: pending.seat_name.clone().or(newest).unwrap_or_default(),
        };
        let lease = verify_lease(self.profile, keys, &stored)?;
        // It answers a request of this device, so it is newer than what is known of the time; and a
        // vendor-signed time corrects a clock that was once far in the future.
        vault.clock.apply_signed_time(lease.activated_at(), self.now);
        self.ensure_unexpired(vault, &lease, lease.lease_expiry())?;
        vault.outbox.retain(|entry| entry.seat != lease.seat());
        vault.licence = Some(stored);
        vault.hardware_changed_at = None;
        vault.clear_pending();
        Ok(PlanOutcome::Changed)
    }

    fn refresh(
        &self,
        vault: &mut Vault,
        keys: &PublicKeys,
        refresh: &Signed<Refresh>,
    ) -> Result<PlanOutcome, TokenError> {
        let stored = vault.licence.as_ref().ok_or(TokenError::NotActivated)?;
        let payload = refresh.payload();
        let lease = verify_lease(self.profile, keys, stored)?;
        if payload.seat != lease.seat() {
            return Err(TokenError::OtherSeat { seat: payload.seat, here: lease.seat() });
        }
        if stored.refresh.as_deref() == Some(refresh.as_bytes()) {
            return Ok(PlanOutcome::Already);
        }
        let issued_at = from_seconds(payload.issued_at);
        if payload.sequence <= lease.sequence() {
            return Err(TokenError::OlderRefresh { issued_at });
        }
        let at = vault.clock.judging_time(self.now);
        let is_running = matches!(lease.state(at), LeaseState::Active { .. });
        let next = StoredLicence { refresh: Some(refresh.as_bytes().to_vec()), ..stored.clone() };
        let lease = verify_lease(self.profile, keys, &next)?;
        vault.clock.apply_signed_time(issued_at, self.now);
        // Within its grace the product still runs; after it, the token would only remove what is
        // pending.
        self.ensure_unexpired(vault, &lease, lease.grace_end())?;
        vault.licence = Some(next);
        // Requests made because the licence didn't run are settled; a refresh doesn't answer those
        // made while it ran (a renewal, or other hardware).
        if !is_running {
            vault.clear_pending();
        }
        Ok(PlanOutcome::Changed)
    }

    /// A lease that has expired by the computer's clock isn't stored, however unlikely that clock
    /// is: a vendor's slow clock could otherwise replace a running lease, and if this computer's
    /// clock is wrong, the same token can be applied once it is corrected, because nothing has
    /// changed.
    fn ensure_unexpired(
        &self,
        vault: &Vault,
        lease: &VerifiedLease,
        end: Timestamp,
    ) -> Result<(), TokenError> {
        let now = vault.clock.judging_time(self.now).timestamp();
        if now < end {
            return Ok(());
        }
        Err(TokenError::AlreadyOver { lease_expiry: lease.lease_expiry(), now })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PlanOutcome {
    Changed,
    Already,
}

/// What the sentence about a wrong kind asks for: the token to apply next.
const fn expected_kind(active: bool) -> Kind {
    if active { Kind::Refresh } else { Kind::Response }
}

/// The reason not to apply a token for another recipient.
fn refusal(token: &Token, recipient: Option<&Recipient>, active: bool) -> TokenError {
    let key = token.recipient();
    match recipient {
        Some(Recipient::OtherProduct { product }) => {
            TokenError::OtherProduct { product: product.clone() }
        }
        Some(Recipient::OtherVendor { vendor, product }) => {
            TokenError::OtherVendor { vendor: vendor.clone(), product: product.clone() }
        }
        Some(Recipient::Vendor | Recipient::UnknownVendor { .. }) => {
            OpenError::WrongKind { expected: expected_kind(active), found: token.kind() }.into()
        }
        _ => TokenError::OtherComputer { key },
    }
}
