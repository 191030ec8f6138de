//! What an entitlement grants at one moment: how long a lease lasts, and its terms.

use latchkey_lease::Timestamp;
use latchkey_lease::{lease_expiry, to_seconds};
use latchkey_token::{Attributes, FeatureValue, Features, Seconds};

use crate::database::{EntitlementRow, ResponseTerms};
use crate::refusal::EntitlementRefusal;

/// When a lease that is granted at one moment ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeasePeriod {
    pub(crate) expiry: Timestamp,
    /// The grace period in seconds, from the lease expiry.
    pub(crate) grace: u64,
    /// Lease expiry plus grace period.
    pub(crate) taken_until: Timestamp,
    pub(crate) subscription_end: Option<Seconds>,
}

impl LeasePeriod {
    /// Computes the lease that an active entitlement grants now.
    pub(crate) fn of(
        entitlement: &EntitlementRow,
        now: Timestamp,
    ) -> Result<Self, EntitlementRefusal> {
        let period = entitlement.offline_lease.ok_or(EntitlementRefusal::NoOfflineLease)?;
        if let Some(end) = entitlement.subscription_end
            && end <= now
        {
            return Err(EntitlementRefusal::SubscriptionOver { end });
        }
        let expiry = lease_expiry(now, &period, entitlement.subscription_end)?;
        let taken_until = match entitlement.grace {
            Some(grace) => grace.after(expiry)?,
            None => expiry,
        };
        let grace = to_seconds(taken_until) - to_seconds(expiry);
        Ok(Self {
            expiry,
            grace: grace.unsigned_abs(),
            taken_until,
            subscription_end: entitlement.subscription_end.map(to_seconds),
        })
    }
}

/// A lease and what it includes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeaseTerms {
    pub(crate) period: LeasePeriod,
    pub(crate) features: Features,
    pub(crate) attributes: Attributes,
}

impl LeaseTerms {
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
            grace: self.period.grace,
            subscription_end: self.period.subscription_end,
            features: features.collect::<Vec<_>>().join(" "),
            attributes: serde_json::Value::from(attributes).to_string(),
        }
    }
}
