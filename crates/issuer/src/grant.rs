//! Computes the content of a grant: lease, terms and sequence number. Activation and refresh share
//! it.

use latchkey_lease::Timestamp;
use latchkey_lease::{lease_expiry, to_seconds};
use latchkey_token::{Attributes, FeatureValue, Features, Seconds};

use crate::database::{
    DatabaseError, EntitlementRow, ReadTransaction, ResponseTerms, Transaction, damaged,
};
use crate::refusal::EntitlementRefusal;

/// The number of bits of a sequence number that count within a seat; the higher bits hold the
/// server's epoch.
const SEQUENCE_BITS: u32 = 16;

/// The terms of a lease granted at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeaseTerms {
    pub(crate) expiry: Timestamp,
    /// The grace period in seconds, from the lease expiry.
    pub(crate) grace: u64,
    /// Lease expiry plus grace period.
    pub(crate) taken_until: Timestamp,
    pub(crate) subscription_end: Option<Seconds>,
    pub(crate) features: Features,
    pub(crate) attributes: Attributes,
}

impl LeaseTerms {
    /// Computes what an active entitlement grants now.
    pub(crate) fn of<E>(
        queries: &ReadTransaction<'_>,
        entitlement: &EntitlementRow,
        now: Timestamp,
    ) -> Result<Self, E>
    where
        E: From<EntitlementRefusal> + From<DatabaseError>,
    {
        let period = entitlement.offline_lease.ok_or(EntitlementRefusal::NoOfflineLease)?;
        if let Some(end) = entitlement.subscription_end
            && end <= now
        {
            return Err(EntitlementRefusal::SubscriptionOver { end }.into());
        }
        let expiry = lease_expiry(now, &period, entitlement.subscription_end)
            .map_err(EntitlementRefusal::from)?;
        let taken_until = match entitlement.grace {
            Some(grace) => grace.after(expiry).map_err(EntitlementRefusal::from)?,
            None => expiry,
        };
        let grace = to_seconds(taken_until) - to_seconds(expiry);
        Ok(Self {
            expiry,
            grace: grace.unsigned_abs(),
            taken_until,
            subscription_end: entitlement.subscription_end.map(to_seconds),
            features: queries.features(entitlement)?,
            attributes: queries.attributes(entitlement.id)?,
        })
    }

    /// The same terms in a form that can be compared.
    pub(crate) fn terms(&self) -> ResponseTerms {
        let features = self.features.iter().map(|(number, value)| match value {
            FeatureValue::Bool(value) => format!("{number}={value}"),
            FeatureValue::Number(value) => format!("{number}={value}"),
        });
        let attributes: serde_json::Map<_, _> = self
            .attributes
            .iter()
            .map(|(key, value)| (key.clone(), value.as_str().into()))
            .collect();
        ResponseTerms {
            grace: self.grace,
            subscription_end: self.subscription_end,
            features: features.collect::<Vec<_>>().join(" "),
            attributes: serde_json::Value::from(attributes).to_string(),
        }
    }
}

/// The sequence number of a seat's next grant: epoch · 2¹⁶ + n. A seat that has used up its numbers
/// raises the epoch, as a restored backup does, so that a later restore can't reach the same
/// numbers again.
pub(crate) fn next_sequence(queries: &Transaction<'_>, last: u64) -> Result<u64, DatabaseError> {
    let epoch = queries.epoch()?;
    let next = if last >> SEQUENCE_BITS < epoch {
        epoch << SEQUENCE_BITS | 1
    } else if last & ((1 << SEQUENCE_BITS) - 1) == (1 << SEQUENCE_BITS) - 1 {
        queries.increment_epoch()? << SEQUENCE_BITS | 1
    } else {
        last + 1
    };
    if next > last { Ok(next) } else { Err(damaged("epoch")) }
}
