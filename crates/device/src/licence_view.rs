//! Prepares the vault's content for display: the licence verified, requests and deactivations
//! sealed. Read-only.

use latchkey_config::{FeatureKind, Profile};
use latchkey_lease::{Binding, JudgingTime, LeaseError, LeaseState, VerifiedLease, from_seconds};
use latchkey_token::{
    Deactivation, FeatureValue, Features, PublicKeys, Request, SecretKeys, Token, seal,
};

use crate::error::VaultError;
use crate::status::{
    Licence, LicensedFeature, OutboxEntry, OutboxId, PendingRequest, PendingSummary, State,
};
use crate::vault::{StoredDeactivation, StoredLicence, Vault};

/// The verified licence in the vault, and its state.
pub(crate) fn licence(
    profile: &Profile,
    vault: &Vault,
    at: JudgingTime,
) -> Result<Option<(State, Licence)>, VaultError> {
    let Some(stored) = &vault.licence else {
        return Ok(None);
    };
    let lease = verify_lease(profile, &vault.identity.public()?, stored)?;
    let (state, in_grace) = match lease.state(at) {
        LeaseState::Active { .. } => (State::Active, false),
        LeaseState::InGrace { .. } => (State::LeaseExpired, true),
        LeaseState::Expired { .. } => (State::LeaseExpired, false),
    };
    let licence = Licence {
        seat: lease.seat(),
        seat_name: stored.seat_name.as_str().to_owned(),
        activated_at: lease.activated_at(),
        lease_start: lease.newest_signed_time(),
        lease_expiry: lease.lease_expiry(),
        grace_end: lease.grace_end(),
        in_grace,
        subscription_end: lease.subscription_end(),
        features: name_features(profile, lease.features()),
        attributes: lease.attributes().clone(),
        sequence: lease.sequence(),
        signer: lease.signer(),
    };
    Ok(Some((state, licence)))
}

fn name_features(profile: &Profile, features: &Features) -> Vec<LicensedFeature> {
    let mut named: Vec<_> = features
        .iter()
        .map(|(&number, &value)| {
            let known = profile.features.iter().find(|(_, feature)| feature.number == number);
            let kind = match (known, value) {
                (Some((_, feature)), _) => feature.kind,
                (None, FeatureValue::Bool(_)) => FeatureKind::Bool,
                (None, FeatureValue::Number(_)) => FeatureKind::Unknown,
            };
            let key = known.map_or_else(|| format!("#{number}"), |(key, _)| key.clone());
            LicensedFeature { key, number, kind, value }
        })
        .collect();
    named.sort_by(|one, other| one.key.cmp(&other.key));
    named
}

pub(crate) fn sealed_request(
    profile: &Profile,
    vault: &Vault,
    keys: &SecretKeys,
) -> Result<Option<PendingRequest>, VaultError> {
    let (Some(summary), Some(newest), Some(pending)) =
        (summary(vault), &vault.newest, vault.pending.last())
    else {
        return Ok(None);
    };
    let request = Request {
        product: profile.product,
        code: newest.code.clone(),
        device: *keys.public(),
        request: pending.request,
        counter: newest.counter,
        seat_name: newest.seat_name.clone(),
        traits: pending.traits,
        created_at: newest.created_at,
    };
    let token = seal(&request, profile.product, keys, vendor(profile)?)?;
    Ok(Some(PendingRequest { summary, token }))
}

pub(crate) fn sealed_outbox(
    profile: &Profile,
    vault: &Vault,
    keys: &SecretKeys,
) -> Result<Vec<OutboxEntry>, VaultError> {
    let sealed = |entry: &StoredDeactivation| -> Result<Token, VaultError> {
        let deactivation =
            Deactivation { seat: entry.seat, counter: entry.counter, created_at: entry.created_at };
        Ok(seal(&deactivation, profile.product, keys, vendor(profile)?)?)
    };
    let device = keys.public().id();
    vault
        .outbox
        .iter()
        .map(|entry| {
            Ok(OutboxEntry {
                id: OutboxId::new(device, entry.counter),
                seat: entry.seat,
                created_at: from_seconds(entry.created_at),
                token: sealed(entry)?,
            })
        })
        .collect()
}

/// The key that tokens are encrypted for.
fn vendor(profile: &Profile) -> Result<&PublicKeys, VaultError> {
    profile.vendor_keys.first().ok_or(VaultError::NoVendorKey)
}

/// Verifies a stored lease with the keys that count for this product.
pub(crate) fn verify_lease(
    profile: &Profile,
    device: &PublicKeys,
    stored: &StoredLicence,
) -> Result<VerifiedLease, LeaseError> {
    VerifiedLease::verify(
        &binding(profile, device),
        &stored.response,
        stored.refresh.as_deref(),
        &stored.traits,
    )
}

pub(crate) fn binding(profile: &Profile, device: &PublicKeys) -> Binding {
    Binding { product: profile.product, vendor_keys: profile.vendor_keys.clone(), device: *device }
}

/// A description of the newest pending request.
pub(crate) fn summary(vault: &Vault) -> Option<PendingSummary> {
    let (pending, newest) = (vault.pending.last()?, vault.newest.as_ref()?);
    Some(PendingSummary {
        request: pending.request,
        created_at: from_seconds(newest.created_at),
        seat_name: newest.seat_name.as_str().to_owned(),
        masked_code: newest.code.masked(),
    })
}
