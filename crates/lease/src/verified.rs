//! Verified leases: a response that the vendor signed, and the newest refresh of its seat, if any.

use crate::time::{Timestamp, later, seconds};
use latchkey_token::{
    Attributes, Features, HardwareTraits, KeyId, ProductNumber, PublicKeys, Refresh, RequestId,
    Response, SeatId, Signed, Signer, reverify,
};

use crate::error::LeaseError;
use crate::{JudgingTime, from_seconds};

/// What a lease must be bound to: this product, one of these vendor keys, and this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The product that checks its licence.
    pub product: ProductNumber,
    /// The vendor's pinned keys, active and spare.
    pub vendor_keys: Vec<PublicKeys>,
    /// This device's public keys.
    pub device: PublicKeys,
}

impl Binding {
    /// Returns the candidates for the signer with a key id, as the token crate's `open` functions
    /// expect them.
    pub fn signers(&self) -> impl FnOnce(KeyId) -> Vec<Signer> + use<> {
        let (product, keys) = (self.product, self.vendor_keys.clone());
        move |id| {
            let keys = keys.into_iter().filter(|keys| keys.id() == id);
            keys.map(|keys| Signer { product, keys }).collect()
        }
    }
}

/// A lease whose signatures and bindings have been verified. [`VerifiedLease::verify`] is the only
/// way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLease {
    response: Signed<Response>,
    refresh: Option<Signed<Refresh>>,
}

impl VerifiedLease {
    /// Verifies a stored lease. `response` and `refresh` are bytes that `Signed::as_bytes`
    /// returned; `traits` is the list of traits that the response's digest covers.
    ///
    /// # Errors
    /// - [`LeaseError::Response`] or [`LeaseError::Refresh`] if the token isn't signed by one of
    ///   the vendor's keys for this product and this device, or is malformed.
    /// - [`LeaseError::Traits`] if `traits` doesn't have the digest that the response states.
    /// - [`LeaseError::OtherSeat`] if the refresh is for another seat than the response.
    ///
    /// # Examples
    /// ```
    /// use latchkey_lease::{
    ///     Binding, ClockReading, EffectiveClock, LeaseState, VerifiedLease, from_seconds,
    /// };
    /// use latchkey_token::{
    ///     Attributes, Features, HardwareTraits, RequestId, Response, SeatId, SecretKeys, Seed,
    ///     open, seal,
    /// };
    ///
    /// let vendor = SecretKeys::from_seed(&Seed::random()?)?;
    /// let device = SecretKeys::from_seed(&Seed::random()?)?;
    /// let traits = HardwareTraits::default();
    /// let response = Response {
    ///     request: RequestId::random()?,
    ///     seat: SeatId::random()?,
    ///     activated_at: 1_800_000_000,
    ///     lease_expiry: 1_802_592_000,
    ///     grace: 0,
    ///     sequence: 1,
    ///     features: Features::new(),
    ///     attributes: Attributes::new(),
    ///     subscription_end: None,
    ///     traits_digest: traits.digest(),
    /// };
    /// let token = seal(&response, 1, &vendor, device.public())?;
    /// let binding =
    ///     Binding { product: 1, vendor_keys: vec![*vendor.public()], device: *device.public() };
    /// let signed = open::<Response>(&token, &device, binding.signers())?;
    ///
    /// let lease = VerifiedLease::verify(&binding, signed.as_bytes(), None, &traits)?;
    /// let reading = ClockReading::from_wall(from_seconds(1_801_000_000));
    /// let now = EffectiveClock::new(reading).judging_time(reading);
    /// assert_eq!(lease.state(now), LeaseState::Active { until: lease.lease_expiry() });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Returns the seat.
    #[must_use]
    pub fn seat(&self) -> SeatId {
        self.response().seat
    }

    /// Returns the request that the response answers.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.response().request
    }

    /// Returns when the vendor granted the seat.
    #[must_use]
    pub fn activated_at(&self) -> Timestamp {
        from_seconds(self.response().activated_at)
    }

    /// Returns when the lease ends, as stated by the newest grant.
    #[must_use]
    pub fn lease_expiry(&self) -> Timestamp {
        let response = self.response().lease_expiry;
        from_seconds(self.refresh().map_or(response, |refresh| refresh.lease_expiry))
    }

    /// Returns when the product stops, which is the lease expiry plus the grace period.
    #[must_use]
    pub fn grace_end(&self) -> Timestamp {
        let grace =
            self.refresh().and_then(|refresh| refresh.grace).unwrap_or(self.response().grace);
        later(self.lease_expiry(), seconds(grace))
    }

    /// Returns the number of the newest grant within the seat.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.refresh().map_or(self.response().sequence, |refresh| refresh.sequence)
    }

    /// Returns the features that are included, by number.
    #[must_use]
    pub fn features(&self) -> &Features {
        let refreshed = self.refresh().and_then(|refresh| refresh.features.as_ref());
        refreshed.unwrap_or(&self.response().features)
    }

    /// Returns the vendor's attributes: free text that products may show or interpret.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        let refreshed = self.refresh().and_then(|refresh| refresh.attributes.as_ref());
        refreshed.unwrap_or(&self.response().attributes)
    }

    /// Returns when the subscription ends, or `None` if the entitlement has no end.
    #[must_use]
    pub fn subscription_end(&self) -> Option<Timestamp> {
        let refreshed = self.refresh().and_then(|refresh| refresh.subscription_end);
        refreshed.unwrap_or(self.response().subscription_end).map(from_seconds)
    }

    /// Returns when the vendor signed the newest grant. This can be earlier than for an older grant
    /// if the vendor's clock was wrong before.
    #[must_use]
    pub fn newest_signed_time(&self) -> Timestamp {
        let refreshed = self.refresh().map(|refresh| from_seconds(refresh.issued_at));
        refreshed.unwrap_or_else(|| self.activated_at())
    }

    /// Returns the id of the vendor's key that signed the newest grant.
    #[must_use]
    pub fn signer(&self) -> KeyId {
        self.refresh.as_ref().map_or(self.response.signer(), Signed::signer).id()
    }

    /// Returns whether the lease is valid at this time.
    #[must_use]
    pub fn state(&self, now: JudgingTime) -> LeaseState {
        let now = now.timestamp();
        if now < self.lease_expiry() {
            LeaseState::Active { until: self.lease_expiry() }
        } else if now < self.grace_end() {
            LeaseState::InGrace { until: self.grace_end() }
        } else {
            LeaseState::Expired { since: self.lease_expiry() }
        }
    }
}

/// Whether a lease is valid. `InGrace` and `Expired` both belong to the state `lease expired`;
/// during the grace period the product still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseState {
    /// The lease is valid.
    Active {
        /// The lease expiry.
        until: Timestamp,
    },
    /// The lease has expired, and the product may run until the end of the grace period.
    InGrace {
        /// The end of the grace period.
        until: Timestamp,
    },
    /// The lease has expired, and so has the grace period.
    Expired {
        /// The lease expiry.
        since: Timestamp,
    },
}

impl LeaseState {
    /// Returns whether the product may run.
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

    struct Fixture {
        vendor: SecretKeys,
        device: SecretKeys,
        binding: Binding,
        traits: HardwareTraits,
    }

    fn keys(byte: u8) -> SecretKeys {
        SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap()
    }

    fn fixture() -> Fixture {
        let (vendor, device) = (keys(1), keys(2));
        let binding =
            Binding { product: 1, vendor_keys: vec![*vendor.public()], device: *device.public() };
        let mut traits = HardwareTraits::default();
        traits.set(HardwareTrait::OsInstall, VendorId::from_bytes([1; 8]), 1, "an installation");
        Fixture { vendor, device, binding, traits }
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

    impl Fixture {
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
        let lease = fixture().lease(None).unwrap();
        let at = |seconds| {
            let moment = ClockReading::from_wall(from_seconds(seconds));
            lease.state(EffectiveClock::new(moment).judging_time(moment))
        };
        let (expiry, grace_end) = (ACTIVATED + 30 * DAY, ACTIVATED + 37 * DAY);
        assert_eq!(at(expiry - 1), LeaseState::Active { until: from_seconds(expiry) });
        assert_eq!(at(expiry), LeaseState::InGrace { until: from_seconds(grace_end) });
        assert_eq!(at(grace_end - 1), LeaseState::InGrace { until: from_seconds(grace_end) });
        assert_eq!(at(grace_end), LeaseState::Expired { since: from_seconds(expiry) });
    }

    #[test]
    fn terms_that_a_refresh_omits_are_those_of_the_response() {
        let lease = fixture().lease(Some(&refresh())).unwrap();
        assert_eq!(lease.lease_expiry(), from_seconds(ACTIVATED + 50 * DAY));
        assert_eq!(lease.grace_end(), from_seconds(ACTIVATED + 57 * DAY));
        assert_eq!(lease.features(), &[(1, FeatureValue::Bool(true))].into());
        assert_eq!(lease.attributes().len(), 1);
        assert_eq!(lease.subscription_end(), Some(from_seconds(ACTIVATED + 300 * DAY)));
        assert_eq!(lease.newest_signed_time(), from_seconds(ACTIVATED + 20 * DAY));
        assert_eq!(lease.sequence(), 2);
    }

    #[test]
    fn terms_of_a_refresh_replace_those_of_the_response() {
        let changed = Refresh {
            grace: Some(0),
            features: Some(Features::new()),
            attributes: Some(Attributes::new()),
            subscription_end: Some(None),
            ..refresh()
        };
        let lease = fixture().lease(Some(&changed)).unwrap();
        assert_eq!(lease.grace_end(), lease.lease_expiry());
        assert!(lease.features().is_empty() && lease.attributes().is_empty());
        assert_eq!(lease.subscription_end(), None);
    }

    #[test]
    fn a_refresh_of_another_seat_is_refused() {
        let other = Refresh { seat: SeatId::from_bytes([9; 8]), ..refresh() };
        assert!(matches!(fixture().lease(Some(&other)), Err(LeaseError::OtherSeat { .. })));
    }

    #[test]
    fn a_lease_is_verified_only_for_its_product_vendor_device_and_traits() {
        let fixture = fixture();
        let stored = fixture.response(&response(&fixture.traits));
        let verify = |binding: &Binding, traits: &HardwareTraits| {
            VerifiedLease::verify(binding, &stored, None, traits).map(drop)
        };
        assert_eq!(verify(&fixture.binding, &fixture.traits), Ok(()));

        let other_product = Binding { product: 2, ..fixture.binding.clone() };
        assert_eq!(
            verify(&other_product, &fixture.traits),
            Err(LeaseError::Response(OpenError::BadSignature))
        );
        let other_vendor =
            Binding { vendor_keys: vec![*keys(7).public()], ..fixture.binding.clone() };
        assert!(matches!(
            verify(&other_vendor, &fixture.traits),
            Err(LeaseError::Response(OpenError::UnknownSigner { .. }))
        ));
        let other_device = Binding { device: *keys(7).public(), ..fixture.binding.clone() };
        assert!(matches!(
            verify(&other_device, &fixture.traits),
            Err(LeaseError::Response(OpenError::OtherRecipient { .. }))
        ));
        assert_eq!(verify(&fixture.binding, &HardwareTraits::default()), Err(LeaseError::Traits));
    }

    #[test]
    fn a_changed_byte_anywhere_in_a_stored_lease_is_detected() {
        let fixture = fixture();
        let stored = fixture.response(&response(&fixture.traits));
        for at in 0..stored.len() {
            let mut altered = stored.clone();
            altered[at] ^= 1;
            let verified = VerifiedLease::verify(&fixture.binding, &altered, None, &fixture.traits);
            assert!(verified.is_err(), "byte {at}");
        }
    }
}
