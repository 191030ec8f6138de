//! The lease as the vendor signed it: a response, and perhaps a refresh on top of it.

use crate::time::{Timestamp, later, seconds};
use latchkey_token::{
    Attributes, Features, HardwareTraits, KeyId, ProductNumber, PublicKeys, Refresh, RequestId,
    Response, SeatId, Signed, Signer, reverify,
};

use crate::error::LeaseError;
use crate::{JudgingTime, from_seconds};

/// What a lease must be bound to in order to count: this product, one of these vendor keys, this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The product that asks.
    pub product: ProductNumber,
    /// The vendor's pinned keys, active and spare.
    pub vendor_keys: Vec<PublicKeys>,
    /// This device's public keys.
    pub device: PublicKeys,
}

impl Binding {
    /// Candidates for the signer behind a key id, for the token crate's `open` functions.
    pub fn signers(&self) -> impl FnOnce(KeyId) -> Vec<Signer> + use<> {
        let (product, keys) = (self.product, self.vendor_keys.clone());
        move |id| {
            let keys = keys.into_iter().filter(|keys| keys.id() == id);
            keys.map(|keys| Signer { product, keys }).collect()
        }
    }
}

/// A lease whose signatures were verified just now, with every binding. There is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLease {
    response: Signed<Response>,
    refresh: Option<Signed<Refresh>>,
}

impl VerifiedLease {
    /// Verifies a stored lease: `response` and `refresh` as `Signed::as_bytes` gave them, and the list of
    /// traits that the response's digest covers.
    ///
    /// # Errors
    /// [`LeaseError`] when a signature, a binding, the seat or the list of traits doesn't hold.
    pub fn verify(
        binding: &Binding,
        response: &[u8],
        refresh: Option<&[u8]>,
        traits: &HardwareTraits,
    ) -> Result<Self, LeaseError> {
        let response: Signed<Response> =
            reverify(response, &binding.device, binding.signers()).map_err(LeaseError::Response)?;
        let refresh: Option<Signed<Refresh>> = refresh
            .map(|refresh| reverify(refresh, &binding.device, binding.signers()))
            .transpose()
            .map_err(LeaseError::Refresh)?;
        if traits.digest() != response.payload().traits_digest {
            return Err(LeaseError::Traits);
        }
        let lease = response.payload().seat;
        match refresh.as_ref().map(|refresh| refresh.payload().seat) {
            Some(refresh) if refresh != lease => Err(LeaseError::OtherSeat { lease, refresh }),
            _ => Ok(Self { response, refresh }),
        }
    }

    fn response(&self) -> &Response {
        self.response.payload()
    }

    fn refresh(&self) -> Option<&Refresh> {
        self.refresh.as_ref().map(Signed::payload)
    }

    /// The seat.
    #[must_use]
    pub fn seat(&self) -> SeatId {
        self.response().seat
    }

    /// The request that the response answered.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.response().request
    }

    /// When the vendor granted the seat.
    #[must_use]
    pub fn activated_at(&self) -> Timestamp {
        from_seconds(self.response().activated_at)
    }

    /// When the lease ends; the newest word counts.
    #[must_use]
    pub fn lease_expiry(&self) -> Timestamp {
        let response = self.response().lease_expiry;
        from_seconds(self.refresh().map_or(response, |refresh| refresh.lease_expiry))
    }

    /// When the product stops: lease expiry and the grace period after it.
    #[must_use]
    pub fn grace_end(&self) -> Timestamp {
        let grace =
            self.refresh().and_then(|refresh| refresh.grace).unwrap_or(self.response().grace);
        later(self.lease_expiry(), seconds(grace))
    }

    /// The number of the newest grant within the seat.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.refresh().map_or(self.response().sequence, |refresh| refresh.sequence)
    }

    /// What is included, by the features' numbers.
    #[must_use]
    pub fn features(&self) -> &Features {
        let refreshed = self.refresh().and_then(|refresh| refresh.features.as_ref());
        refreshed.unwrap_or(&self.response().features)
    }

    /// What else the vendor says.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        let refreshed = self.refresh().and_then(|refresh| refresh.attributes.as_ref());
        refreshed.unwrap_or(&self.response().attributes)
    }

    /// When the subscription ends, where there is one.
    #[must_use]
    pub fn subscription_end(&self) -> Option<Timestamp> {
        let refreshed = self.refresh().and_then(|refresh| refresh.subscription_end);
        refreshed.unwrap_or(self.response().subscription_end).map(from_seconds)
    }

    /// When the vendor signed the newest grant. It can be earlier than an older one, where the vendor's clock was
    /// wrong before.
    #[must_use]
    pub fn newest_signed_time(&self) -> Timestamp {
        let refreshed = self.refresh().map(|refresh| from_seconds(refresh.issued_at));
        refreshed.unwrap_or_else(|| self.activated_at())
    }

    /// The vendor's key that signed the newest grant.
    #[must_use]
    pub fn signer(&self) -> KeyId {
        self.refresh.as_ref().map_or(self.response.signer(), Signed::signer).id()
    }

    /// Whether it holds at this time.
    #[must_use]
    pub fn verdict(&self, now: JudgingTime) -> Verdict {
        let now = now.timestamp();
        if now < self.lease_expiry() {
            Verdict::Active { until: self.lease_expiry() }
        } else if now < self.grace_end() {
            Verdict::InGrace { until: self.grace_end() }
        } else {
            Verdict::Expired { since: self.lease_expiry() }
        }
    }
}

/// Whether a lease holds. `InGrace` and `Expired` are both the state `lease expired`; in grace the product
/// still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Active {
        /// Lease expiry.
        until: Timestamp,
    },
    /// It has ended, and the product may run a little longer.
    InGrace {
        /// When grace ends.
        until: Timestamp,
    },
    /// It has ended.
    Expired {
        /// Lease expiry.
        since: Timestamp,
    },
}

impl Verdict {
    /// Whether the product may run.
    #[must_use]
    pub const fn may_run(&self) -> bool {
        matches!(self, Self::Active { .. } | Self::InGrace { .. })
    }
}

#[cfg(test)]
mod tests {
    use latchkey_token::{
        FeatureValue, HardwareTrait, OpenError, SecretKeys, Seed, VendorId, open, seal,
    };

    use super::*;
    use crate::{ClockReading, EffectiveClock};

    const ACTIVATED: i64 = 1_800_000_000;
    const DAY: i64 = 86_400;

    struct World {
        vendor: SecretKeys,
        device: SecretKeys,
        binding: Binding,
        traits: HardwareTraits,
    }

    fn keys(byte: u8) -> SecretKeys {
        SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap()
    }

    fn world() -> World {
        let (vendor, device) = (keys(1), keys(2));
        let binding =
            Binding { product: 1, vendor_keys: vec![*vendor.public()], device: *device.public() };
        let mut traits = HardwareTraits::default();
        traits.set(HardwareTrait::OsInstall, VendorId::from_bytes([1; 8]), 1, "an installation");
        World { vendor, device, binding, traits }
    }

    fn response(traits: &HardwareTraits) -> Response {
        Response {
            request: RequestId::from_bytes([1; 8]),
            seat: SeatId::from_bytes([2; 8]),
            activated_at: ACTIVATED,
            lease_expiry: ACTIVATED + 30 * DAY,
            grace: 7 * DAY as u64,
            sequence: 1,
            features: [(1, FeatureValue::Bool(true))].into(),
            attributes: [("edition".to_owned(), "pro".to_owned())].into(),
            subscription_end: Some(ACTIVATED + 300 * DAY),
            traits_digest: traits.digest(),
        }
    }

    fn refresh() -> Refresh {
        Refresh {
            seat: SeatId::from_bytes([2; 8]),
            issued_at: ACTIVATED + 20 * DAY,
            lease_expiry: ACTIVATED + 50 * DAY,
            sequence: 2,
            grace: None,
            features: None,
            attributes: None,
            subscription_end: None,
        }
    }

    impl World {
        fn response(&self, response: &Response) -> Vec<u8> {
            let token = seal(response, 1, &self.vendor, self.device.public()).unwrap();
            let signed = open::<Response>(&token, &self.device, self.binding.signers()).unwrap();
            signed.as_bytes().to_vec()
        }

        fn refresh(&self, refresh: &Refresh) -> Vec<u8> {
            let token = seal(refresh, 1, &self.vendor, self.device.public()).unwrap();
            let signed = open::<Refresh>(&token, &self.device, self.binding.signers()).unwrap();
            signed.as_bytes().to_vec()
        }

        fn lease(&self, refreshed: Option<&Refresh>) -> Result<VerifiedLease, LeaseError> {
            VerifiedLease::verify(
                &self.binding,
                &self.response(&response(&self.traits)),
                refreshed.map(|refreshed| self.refresh(refreshed)).as_deref(),
                &self.traits,
            )
        }
    }

    #[test]
    fn the_verdict_follows_expiry_and_grace_to_the_second() {
        let lease = world().lease(None).unwrap();
        let at = |seconds| {
            let moment = ClockReading::from_wall(from_seconds(seconds));
            lease.verdict(EffectiveClock::new(moment).judging_time(moment))
        };
        let (expiry, grace_end) = (ACTIVATED + 30 * DAY, ACTIVATED + 37 * DAY);
        assert_eq!(at(expiry - 1), Verdict::Active { until: from_seconds(expiry) });
        assert_eq!(at(expiry), Verdict::InGrace { until: from_seconds(grace_end) });
        assert_eq!(at(grace_end - 1), Verdict::InGrace { until: from_seconds(grace_end) });
        assert_eq!(at(grace_end), Verdict::Expired { since: from_seconds(expiry) });
    }

    #[test]
    fn what_a_refresh_leaves_out_is_as_in_the_response() {
        let lease = world().lease(Some(&refresh())).unwrap();
        assert_eq!(lease.lease_expiry(), from_seconds(ACTIVATED + 50 * DAY));
        assert_eq!(lease.grace_end(), from_seconds(ACTIVATED + 57 * DAY));
        assert_eq!(lease.features(), &[(1, FeatureValue::Bool(true))].into());
        assert_eq!(lease.attributes().len(), 1);
        assert_eq!(lease.subscription_end(), Some(from_seconds(ACTIVATED + 300 * DAY)));
        assert_eq!(lease.newest_signed_time(), from_seconds(ACTIVATED + 20 * DAY));
        assert_eq!(lease.sequence(), 2);
    }

    #[test]
    fn what_a_refresh_says_replaces_what_the_response_said() {
        let changed = Refresh {
            grace: Some(0),
            features: Some(Features::new()),
            attributes: Some(Attributes::new()),
            subscription_end: Some(None),
            ..refresh()
        };
        let lease = world().lease(Some(&changed)).unwrap();
        assert_eq!(lease.grace_end(), lease.lease_expiry());
        assert!(lease.features().is_empty() && lease.attributes().is_empty());
        assert_eq!(lease.subscription_end(), None);
    }

    #[test]
    fn a_refresh_of_another_seat_does_not_count() {
        let other = Refresh { seat: SeatId::from_bytes([9; 8]), ..refresh() };
        assert!(matches!(world().lease(Some(&other)), Err(LeaseError::OtherSeat { .. })));
    }

    #[test]
    fn a_lease_counts_only_with_its_product_its_vendor_its_device_and_its_traits() {
        let world = world();
        let stored = world.response(&response(&world.traits));
        let verify = |binding: &Binding, traits: &HardwareTraits| {
            VerifiedLease::verify(binding, &stored, None, traits).map(drop)
        };
        assert_eq!(verify(&world.binding, &world.traits), Ok(()));

        let other_product = Binding { product: 2, ..world.binding.clone() };
        assert_eq!(
            verify(&other_product, &world.traits),
            Err(LeaseError::Response(OpenError::BadSignature))
        );
        let other_vendor =
            Binding { vendor_keys: vec![*keys(7).public()], ..world.binding.clone() };
        assert!(matches!(
            verify(&other_vendor, &world.traits),
            Err(LeaseError::Response(OpenError::UnknownSigner { .. }))
        ));
        let other_device = Binding { device: *keys(7).public(), ..world.binding.clone() };
        assert!(matches!(
            verify(&other_device, &world.traits),
            Err(LeaseError::Response(OpenError::OtherRecipient { .. }))
        ));
        assert_eq!(verify(&world.binding, &HardwareTraits::default()), Err(LeaseError::Traits));
    }

    #[test]
    fn a_changed_byte_anywhere_in_a_stored_lease_is_noticed() {
        let world = world();
        let stored = world.response(&response(&world.traits));
        for at in 0..stored.len() {
            let mut altered = stored.clone();
            altered[at] ^= 1;
            let verified = VerifiedLease::verify(&world.binding, &altered, None, &world.traits);
            assert!(verified.is_err(), "byte {at}");
        }
    }
}
