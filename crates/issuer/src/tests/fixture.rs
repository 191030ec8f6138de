//! The fixture of the tests: a vendor in a temporary folder, and computers that make tokens.

use chrono::TimeDelta;
use latchkey_lease::{BootId, Timestamp, Uptime};
use latchkey_token::{
    Deactivation, HardwareTrait, HardwareTraits, KeyId, Refresh, Request, RequestId, Response,
    SeatId, SeatName, SecretKeys, Seed, Signer, Token, VendorId, open, seal,
};
use tempfile::TempDir;

use crate::*;

/// 2027-01-15T08:00:00Z plus `day` days.
pub(super) fn day(day: i64) -> Timestamp {
    latchkey_lease::from_seconds(1_800_000_000) + TimeDelta::hours(24 * day)
}

/// The code of [`Fixture::new`]'s entitlement.
pub(super) const CODE: &str = "ACME-0000-1111-2222";

pub(super) struct Fixture {
    _folder: TempDir,
    pub(super) issuer: Issuer,
    pub(super) entitlement: EntitlementId,
    /// The machine has been running for as long as its clock says, so that no request is asked
    /// about the clock.
    pub(super) runs_all_the_time: bool,
}

/// Terms with an offline lease of 30 days and 7 days of grace.
pub(super) fn terms(seats: u32, code: &str) -> EntitlementTerms {
    EntitlementTerms {
        seats: Some(seats),
        offline_lease: Update::Set("30d".parse().unwrap()),
        grace: Update::Set("7d".parse().unwrap()),
        codes: vec![NewCode::custom(code).unwrap()],
        ..Default::default()
    }
}

pub(super) fn named<const N: usize>(
    pairs: [(&str, Option<&str>); N],
) -> std::collections::BTreeMap<String, Option<String>> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.map(str::to_owned))).collect()
}

impl Fixture {
    /// A vendor with product 1, an entitlement of it with `seats` seats, and product 2 without one.
    pub(super) fn new(seats: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut issuer = Issuer::set_up(&folder.path().join("data"), "Acme", day(0)).unwrap();
        let features = [
            ("export".to_owned(), FeatureType::Bool),
            ("nodes".to_owned(), FeatureType::Pool),
            ("renders".to_owned(), FeatureType::Count),
        ];
        issuer.add_product("Acme CAD", &features, day(0)).unwrap();
        issuer.add_product("Acme Paint", &[], day(0)).unwrap();
        let entitlement = issuer.add_entitlement(1, &terms(seats, CODE), day(0)).unwrap();
        Self { _folder: folder, issuer, entitlement, runs_all_the_time: true }
    }

    /// Runs an operation on a machine that has been running since its last one.
    pub(super) fn running<T>(
        &mut self,
        until: Timestamp,
        operation: impl FnOnce(&mut Issuer) -> T,
    ) -> T {
        if !self.runs_all_the_time {
            return operation(&mut self.issuer);
        }
        let running = until.signed_duration_since(day(-10_000)).num_seconds().unsigned_abs();
        let boot = BootId::from_bytes([0xee; 8]);
        self.issuer.set_uptime(Some(Uptime { boot, running }));
        let done = operation(&mut self.issuer);
        self.issuer.set_uptime(None);
        done
    }

    pub(super) fn set(&mut self, terms: EntitlementTerms) {
        self.issuer.change_entitlement(self.entitlement, &terms, day(0)).unwrap();
    }

    pub(super) fn activate(
        &mut self,
        request: &Token,
        at: Timestamp,
    ) -> Result<Granted, ActivateError> {
        self.take_over(request, None, at)
    }

    /// The same for a computer that had this seat before.
    pub(super) fn take_over(
        &mut self,
        request: &Token,
        old: Option<SeatId>,
        at: Timestamp,
    ) -> Result<Granted, ActivateError> {
        self.running(at, |issuer| issuer.activate(request, old, at))
    }

    pub(super) fn activate_with(
        &mut self,
        request: &Token,
        choices: &Choices,
        at: Timestamp,
    ) -> Result<Granted, ActivateError> {
        self.running(at, |issuer| {
            let received = issuer.receive_request(request)?;
            issuer.answer(&received, choices, at)
        })
    }

    pub(super) fn preview(
        &mut self,
        request: &Token,
        at: Timestamp,
    ) -> Result<ActivationPreview, ActivateError> {
        self.preview_with(request, &Choices::default(), at)
    }

    pub(super) fn preview_with(
        &mut self,
        request: &Token,
        choices: &Choices,
        at: Timestamp,
    ) -> Result<ActivationPreview, ActivateError> {
        self.running(at, |issuer| {
            let received = issuer.receive_request(request)?;
            issuer.preview_activation(&received, choices, at)
        })
    }

    pub(super) fn preview_deactivation(
        &mut self,
        token: &Token,
        at: Timestamp,
    ) -> Result<DeactivationPreview, DeactivationTokenError> {
        let received = self.issuer.receive_deactivation(token)?;
        self.issuer.preview_deactivation(&received, at)
    }

    /// Activates a computer and returns its seat.
    pub(super) fn seat_of(&mut self, computer: &mut Computer, at: Timestamp) -> SeatId {
        let request = computer.request(self);
        self.activate(&request, at).unwrap().seat
    }

    pub(super) fn state(&mut self, seat: SeatId, at: Timestamp) -> SeatState {
        let seats = self.issuer.seats(None, at).unwrap();
        seats.into_iter().find(|found| found.id == seat).unwrap().state
    }

    /// The events in the audit log, each with the error code of its refusal.
    pub(super) fn events(&mut self) -> Vec<String> {
        let audit = self.issuer.audit().unwrap().into_iter();
        audit
            .map(|row| match row.refusal {
                Some(refusal) => format!("{} {refusal}", row.event),
                None => row.event,
            })
            .collect()
    }

    /// The event of the newest audit row, and its notes.
    pub(super) fn last_notes(&mut self) -> (String, String) {
        let row = self.issuer.audit().unwrap().pop().unwrap();
        let notes = row.detail.into_iter().find(|(name, _)| name == "notes");
        (row.event, notes.map(|(_, notes)| notes).unwrap_or_default())
    }
}

/// A simulated computer.
#[derive(Clone)]
pub(super) struct Computer {
    pub(super) keys: SecretKeys,
    pub(super) counter: u64,
    pub(super) name: String,
    pub(super) code: String,
    pub(super) product: u32,
    pub(super) hardware: Vec<(HardwareTrait, String)>,
    /// The computer's clock.
    pub(super) clock: Timestamp,
}

pub(super) fn fresh_keys() -> SecretKeys {
    SecretKeys::from_seed(&Seed::random().unwrap()).unwrap()
}

impl Computer {
    /// A computer with its own hardware.
    pub(super) fn new(name: &str) -> Self {
        let hardware =
            HardwareTrait::ALL.into_iter().map(|which| (which, format!("{name} {}", which.name())));
        Self {
            keys: fresh_keys(),
            counter: 0,
            name: name.to_owned(),
            code: CODE.to_owned(),
            product: 1,
            hardware: hardware.collect(),
            clock: day(5_000),
        }
    }

    /// The same hardware with a new operating system: other keys, another installation and volume.
    pub(super) fn reinstalled(&self) -> Self {
        let mut reinstalled = Self { keys: fresh_keys(), counter: 0, ..self.clone() };
        for (which, value) in &mut reinstalled.hardware {
            if matches!(which, HardwareTrait::OsInstall | HardwareTrait::SystemVolume) {
                value.push_str(" reinstalled");
            }
        }
        reinstalled
    }

    /// The same vault on other hardware.
    pub(super) fn moved_to(&self, other: &str) -> Self {
        Self { hardware: Self::new(other).hardware, ..self.clone() }
    }

    pub(super) fn traits(&self, vendor: VendorId) -> HardwareTraits {
        let mut traits = HardwareTraits::default();
        for (which, value) in &self.hardware {
            traits.set(*which, vendor, self.product, value);
        }
        traits
    }

    /// A new request with the next counter.
    pub(super) fn request(&mut self, fixture: &Fixture) -> Token {
        self.counter += 1;
        self.request_as(fixture, RequestId::random().unwrap(), self.counter)
    }

    pub(super) fn request_as(&self, fixture: &Fixture, id: RequestId, counter: u64) -> Token {
        let vendor = fixture.issuer.vendor();
        let request = Request {
            product: self.product,
            code: self.code.parse().unwrap(),
            device: *self.keys.public(),
            request: id,
            counter,
            seat_name: SeatName::new(&self.name).unwrap(),
            traits: self.traits(vendor.id),
            created_at: self.clock.timestamp(),
        };
        seal(&request, self.product, &self.keys, &vendor.keys[0]).unwrap()
    }

    /// A new deactivation with the next counter.
    pub(super) fn deactivation(&mut self, fixture: &Fixture, seat: SeatId) -> Token {
        self.counter += 1;
        self.deactivation_as(fixture, seat, self.counter)
    }

    pub(super) fn deactivation_as(&self, fixture: &Fixture, seat: SeatId, counter: u64) -> Token {
        let said = Deactivation { seat, counter, created_at: 1_800_000_000 };
        seal(&said, self.product, &self.keys, &fixture.issuer.vendor().keys[0]).unwrap()
    }

    fn vendor_signs<'w>(
        &self,
        fixture: &'w Fixture,
    ) -> impl FnOnce(KeyId) -> Vec<Signer> + use<'w> {
        let product = self.product;
        let keys = &fixture.issuer.vendor().keys;
        move |_| keys.iter().map(|keys| Signer { product, keys: *keys }).collect()
    }

    /// Reads a response as this computer does.
    pub(super) fn response(&self, fixture: &Fixture, token: &Token) -> Response {
        open(token, &self.keys, self.vendor_signs(fixture)).unwrap().into_payload()
    }

    /// Reads a refresh as this computer does.
    pub(super) fn refresh(&self, fixture: &Fixture, token: &Token) -> Refresh {
        open(token, &self.keys, self.vendor_signs(fixture)).unwrap().into_payload()
    }
}

/// The error code of a refusal.
pub(super) fn refused<T: std::fmt::Debug>(
    result: Result<T, impl latchkey_token::HasErrorCode>,
) -> &'static str {
    result.unwrap_err().code().name
}
