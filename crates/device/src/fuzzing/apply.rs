//! Fuzzes [`Device::apply`] with modified vaults and arbitrary text.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use latchkey_config::{FeatureDefinition, FeatureKind, Profile, Scope, StorePolicy};
use latchkey_lease::{BootId, ClockReading, EffectiveClock, Uptime, from_seconds};
use latchkey_token::{
    Deactivation, HardwareTrait, HardwareTraits, Refresh, Request, RequestId, Response, SeatId,
    SeatName, SecretKeys, Seed, Signer, Token, VendorId, decode_text, open, reverify, seal,
};
use zeroize::Zeroizing;

use crate::device::Device;
use crate::fingerprint::{TraitValues, hash_traits};
use crate::simulated::{SimulatedComputer, SimulatedRights, StoredVault};
use crate::status::{Applied, ApplyOutcome};
use crate::vault::{Identity, NewestRequest, Pending, StoredDeactivation, StoredLicence, Vault};

const PRODUCT: u32 = 1;
const VENDOR: VendorId = VendorId::from_bytes([1; 8]);
const DEVICE: [u8; 32] = [2; 32];
const DAY: i64 = 86_400;
/// When the licence was granted.
const START: i64 = 1_800_000_000;
/// Days after the grant on which a text is applied. The lease ends after 30 days, its grace after
/// 37.
const DAYS: [i64; 8] = [0, 1, 29, 31, 36, 38, 400, -400];
/// Maximum number of bytes of a vault that are changed.
const MOST_CHANGES: usize = 64;

/// Fixtures that all inputs share.
struct Fixture {
    profile: Profile,
    /// Valid vaults: waiting for a response, active, and full.
    vaults: Vec<Vec<u8>>,
    /// Tokens that are applied or refused for different reasons.
    tokens: Vec<Token>,
    /// All grants that the vendor signed for this device.
    responses: Vec<Response>,
    refreshes: Vec<Refresh>,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(fixture);

fn keys(byte: u8) -> SecretKeys {
    SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).expect("keys")
}

fn seat(byte: u8) -> SeatId {
    SeatId::from_bytes([byte; 8])
}

fn hardware() -> TraitValues {
    [
        (HardwareTrait::OsInstall, "an installation".to_owned()),
        (HardwareTrait::SystemUuid, "a system".to_owned()),
        (HardwareTrait::SystemDisk, "a disk".to_owned()),
    ]
    .into()
}

fn response(request: u8, traits: &HardwareTraits, days: i64, sequence: u64) -> Response {
    Response {
        request: RequestId::from_bytes([request; 8]),
        seat: seat(7),
        activated_at: START,
        lease_expiry: START + days * DAY,
        grace: 7 * DAY.unsigned_abs(),
        sequence,
        features: [(1, latchkey_token::FeatureValue::Bool(true))].into(),
        attributes: [("edition".to_owned(), "pro".to_owned())].into(),
        subscription_end: None,
        traits_digest: traits.digest(),
    }
}

fn refresh(of: u8, issued: i64, days: i64, sequence: u64) -> Refresh {
    Refresh {
        seat: seat(of),
        issued_at: START + issued * DAY,
        lease_expiry: START + days * DAY,
        sequence,
        grace: None,
        features: None,
        attributes: None,
        subscription_end: None,
    }
}

fn fixture() -> Fixture {
    let (vendor, stranger, device) = (keys(1), keys(3), keys(2));
    let profile = Profile {
        vendor: VENDOR,
        vendor_name: "Acme".to_owned(),
        vendor_keys: vec![*vendor.public()],
        product: PRODUCT,
        product_name: "Acme CAD".to_owned(),
        features: [("export".to_owned(), FeatureDefinition { number: 1, kind: FeatureKind::Bool })]
            .into(),
        store: StorePolicy::default(),
    };
    let traits = hash_traits(&hardware(), VENDOR, PRODUCT).traits;
    let responses = vec![
        response(1, &traits, 30, 1),
        response(2, &traits, 60, 2),
        // Responses for other hardware than the request's, and for a request that was never made.
        response(1, &HardwareTraits::default(), 30, 3),
        response(9, &traits, 30, 4),
    ];
    let refreshes = vec![
        refresh(7, 10, 40, 5),
        refresh(7, 20, 50, 6),
        refresh(7, 0, 30, 1),
        refresh(8, 20, 50, 7),
    ];

    let mut tokens = Vec::new();
    for response in &responses {
        tokens.push(seal(response, PRODUCT, &vendor, device.public()));
    }
    for refresh in &refreshes {
        tokens.push(seal(refresh, PRODUCT, &vendor, device.public()));
    }
    // Tokens of another vendor, for another computer, or for another product.
    tokens.push(seal(&responses[0], PRODUCT, &stranger, device.public()));
    tokens.push(seal(&refreshes[1], PRODUCT, &stranger, device.public()));
    tokens.push(seal(&responses[0], PRODUCT, &vendor, stranger.public()));
    tokens.push(seal(&responses[0], PRODUCT + 1, &vendor, device.public()));
    // Tokens that are for the vendor.
    let asked = Request {
        product: PRODUCT,
        code: "0123-4567-89AB-CDEF".parse().expect("a code"),
        device: *device.public(),
        request: RequestId::from_bytes([1; 8]),
        counter: 1,
        seat_name: SeatName::default(),
        created_at: START,
        traits,
    };
    tokens.push(seal(&asked, PRODUCT, &device, vendor.public()));
    let given_back = Deactivation { seat: seat(7), counter: 2, created_at: START };
    tokens.push(seal(&given_back, PRODUCT, &device, vendor.public()));
    let tokens: Vec<_> = tokens.into_iter().map(|token| token.expect("sealed")).collect();

    let clock = EffectiveClock::new(ClockReading { wall: from_seconds(START), uptime: uptime(0) });
    let empty = Vault::new(VENDOR, PRODUCT, Seed::from_bytes(DEVICE), clock);
    let pending = |request, name: Option<&str>| Pending {
        request: RequestId::from_bytes([request; 8]),
        traits,
        seat_name: name.map(|name| SeatName::new(name).expect("a name")),
    };
    let newest = Some(NewestRequest {
        code: "0123-4567-89AB-CDEF".parse().expect("a code"),
        seat_name: SeatName::new("Office").expect("a name"),
        counter: 2,
        created_at: START,
    });
    let waiting = Vault {
        counter: 2,
        pending: vec![pending(1, Some("Attic")), pending(2, None)],
        newest: newest.clone(),
        ..empty.clone()
    };
    let stored = |token: &Token| {
        let signers = |_| vec![Signer { product: PRODUCT, keys: *vendor.public() }];
        open::<Response>(token, &device, signers).expect("opened").as_bytes().to_vec()
    };
    let licence = StoredLicence {
        response: stored(&tokens[0]),
        refresh: None,
        traits,
        seat_name: SeatName::new("Attic").expect("a name"),
    };
    let active = Vault { counter: 1, licence: Some(licence), ..empty.clone() };
    let full = Vault {
        pending: vec![pending(2, None)],
        newest,
        outbox: vec![
            StoredDeactivation { seat: seat(6), counter: 1, created_at: START },
            StoredDeactivation { seat: seat(7), counter: 2, created_at: START },
        ],
        hardware_changed_at: Some(START),
        ..active.clone()
    };
    let written = |vault: &Vault| vault.to_bytes().expect("written").to_vec();
    let vaults = [&empty, &waiting, &active, &full].map(written).into();
    Fixture { profile, vaults, tokens, responses, refreshes }
}

fn uptime(days: i64) -> Option<Uptime> {
    Some(Uptime {
        boot: BootId::from_bytes([5; 8]),
        running: u64::try_from(days * DAY).unwrap_or(0),
    })
}

/// A folder for the lock, removed when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("latchkey-fuzzing-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).expect("a folder for the lock");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The input's bytes, followed by zeros.
struct Input<'b>(&'b [u8]);

impl<'b> Input<'b> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn number(&mut self) -> usize {
        usize::from(self.byte()) << 8 | usize::from(self.byte())
    }

    fn take(&mut self, most: usize) -> &'b [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// The input determines a vault, the rights on it, the time and the text that is applied: a byte
/// above 127 stands for a known token, every other byte for itself.
///
/// Nothing panics. A vault stays unchanged unless a token was applied. A token that is reported as
/// applied has the vendor's signature, answers a request of this vault or is newer than its
/// licence, and is in the vault and verifies there. Inspecting predicts the same outcomes, and
/// applying the text again changes nothing.
pub fn apply(data: &[u8]) {
    let fixture = &*FIXTURE;
    let mut input = Input(data);
    let (way, when) = (input.byte(), input.byte());
    let mut vault = match way & 1 {
        // A known vault with modifications.
        0 => {
            let mut vault = fixture.vaults[usize::from(way >> 1) % fixture.vaults.len()].clone();
            for _ in 0..usize::from(input.byte()).min(MOST_CHANGES) {
                let (at, change) = (input.number(), input.byte());
                let length = vault.len();
                vault[at % length] ^= change;
            }
            vault
        }
        _ => {
            let length = input.number();
            input.take(length).to_vec()
        }
    };
    // Like a user who reads the device's secret in their own vault.
    if way & 0x08 != 0 {
        vault = Vault::with_right_check(&vault).unwrap_or(vault);
    }
    let machine = way & 0x10 != 0;
    let mut secret = None;
    if machine && let Ok(mut apart) = Vault::from_bytes(&vault) {
        if let (Identity::Secret(seed), Ok(public)) = (&apart.identity, apart.identity.public()) {
            secret = Some(Zeroizing::new(*seed.expose()));
            apart.identity = Identity::Public(public);
        }
        vault = apart.to_bytes().map_or(vault, |bytes| bytes.to_vec());
    }
    let access = match way >> 5 {
        0..=5 => SimulatedRights::Owner,
        6 => SimulatedRights::ReadOnly,
        _ => SimulatedRights::OrdinaryUser,
    };
    let text: Vec<u8> = (input.0.iter())
        .flat_map(|&byte| match byte.checked_sub(128) {
            Some(which) => {
                let token = &fixture.tokens[usize::from(which) % fixture.tokens.len()];
                format!("\n{token}\n").into_bytes()
            }
            None => vec![byte],
        })
        .collect();
    let day = DAYS[usize::from(when) % DAYS.len()];
    let there = when & 0x80 == 0;
    let before = StoredVault { vault: there.then_some(vault), secret };
    judge(&before, machine, access, when & 0x40 == 0, day, &decode_text(&text));
}

fn judge(
    before: &StoredVault,
    machine: bool,
    access: SimulatedRights,
    runs: bool,
    day: i64,
    text: &str,
) {
    let mut profile = FIXTURE.profile.clone();
    if machine {
        profile.store.scope = Scope::Machine;
    }
    let (computer, folder) = (SimulatedComputer::default(), Folder::new());
    computer.set_traits((*hardware()).clone());
    computer.set_uptime(uptime(day).filter(|_| runs));
    let device = Device::open_simulated(profile, &computer, &folder.0);
    computer.put_back(before);
    computer.set_access(access);

    let now = from_seconds(START) + TimeDelta::hours(24 * day);
    let foreseen = device.inspect(text, now);
    assert!(computer.vault() == *before, "inspecting has changed the vault");
    let Ok(applied) = device.apply(text, now) else {
        assert!(computer.vault() == *before, "nothing was applied, but the vault has changed");
        return;
    };
    let names = |applied: &[Applied]| -> Vec<_> {
        applied
            .iter()
            .map(|applied| (applied.kind, applied.repaired, applied.outcome.name()))
            .collect()
    };
    let foreseen: Vec<_> = foreseen.map_or_else(
        |error| panic!("inspecting refused it ({error}), but it was applied"),
        |seen| seen.iter().map(|one| (one.kind, one.repaired, one.outcome.name())).collect(),
    );
    assert_eq!(names(&applied), foreseen);
    let old = before
        .vault
        .as_deref()
        .map(|bytes| Vault::from_bytes(bytes).expect("the vault should be decodable"));
    for applied in &applied {
        assert_signed_by_vendor(old.as_ref(), &applied.outcome);
    }
    let is_new = |one: &Applied| {
        matches!(one.outcome, ApplyOutcome::Activated(_) | ApplyOutcome::Refreshed(_))
    };
    if !applied.iter().any(is_new) {
        assert!(computer.vault() == *before, "nothing was applied, but the vault has changed");
        return;
    }
    let status = device.read_status(now).expect("the applied licence should be readable");
    let stands = status.licence.expect("the applied licence should be in the vault");
    for applied in applied.iter().filter(|applied| is_new(applied)) {
        assert_eq!(applied.outcome.licence(), Some(&stands));
    }
    is_signed(computer.vault().vault.as_deref().expect("a vault"));

    let after = computer.vault();
    let again = device.apply(text, now).expect("the text should be applied again");
    assert!(
        !again.iter().any(is_new),
        "applying returned {:?}, applying again {:?}",
        names(&applied),
        names(&again)
    );
    assert!(computer.vault() == after, "nothing more was applied, but the vault has changed");
}

/// Asserts that the licence in an outcome was signed by the vendor for this device.
fn assert_signed_by_vendor(old: Option<&Vault>, outcome: &ApplyOutcome) {
    let Some(licence) = outcome.licence() else { return };
    let old = old.expect("nothing can be applied without a vault");
    let granted = |response: &&Response| {
        response.seat == licence.seat && from_seconds(response.activated_at) == licence.activated_at
    };
    let is = |lease_expiry: i64, sequence: u64| {
        from_seconds(lease_expiry) == licence.lease_expiry && sequence == licence.sequence
    };
    let responses: Vec<_> = FIXTURE.responses.iter().filter(granted).collect();
    let by_response =
        responses.iter().find(|response| is(response.lease_expiry, response.sequence));
    let by_refresh = (FIXTURE.refreshes.iter())
        .find(|refresh| refresh.seat == licence.seat && is(refresh.lease_expiry, refresh.sequence));
    assert!(
        !responses.is_empty() && (by_response.is_some() || by_refresh.is_some()),
        "{licence:?}"
    );
    if let (ApplyOutcome::Activated(_), Some(response), None) = (outcome, by_response, by_refresh) {
        let asked = old.pending.iter().any(|pending| {
            pending.request == response.request && pending.traits.digest() == response.traits_digest
        });
        assert!(asked, "nothing requested {licence:?}");
    }
}

/// Verifies the lease in a vault without the code that applied it.
fn is_signed(bytes: &[u8]) {
    let vault = Vault::from_bytes(bytes).expect("the written vault should be readable");
    let device = vault.identity.public().expect("it has keys");
    let signers = |_| vec![Signer { product: PRODUCT, keys: FIXTURE.profile.vendor_keys[0] }];
    let stored = vault.licence.expect("there is a licence");
    let response = reverify::<Response>(&stored.response, &device, signers)
        .expect("the lease should be signed");
    assert!(FIXTURE.responses.contains(response.payload()));
    assert!(response.payload().traits_digest == stored.traits.digest());
    if let Some(refresh) = &stored.refresh {
        let refresh =
            reverify::<Refresh>(refresh, &device, signers).expect("the lease should be signed");
        assert!(FIXTURE.refreshes.contains(refresh.payload()));
        assert!(refresh.payload().sequence > response.payload().sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outcomes of one text on one of the vaults.
    fn outcomes(vault: usize, tokens: &[usize], day: i64) -> Vec<&'static str> {
        let (computer, folder) = (SimulatedComputer::default(), Folder::new());
        computer.set_traits((*hardware()).clone());
        let device = Device::open_simulated(FIXTURE.profile.clone(), &computer, &folder.0);
        let vault = Some(FIXTURE.vaults[vault].clone());
        computer.put_back(&StoredVault { vault, secret: None });
        let text: String =
            tokens.iter().map(|&token| format!("{}\n", FIXTURE.tokens[token])).collect();
        let applied = device.apply(&text, from_seconds(START + day * DAY)).unwrap();
        applied.iter().map(|applied| applied.outcome.name()).collect()
    }

    #[test]
    fn the_known_tokens_are_applied_to_the_known_vaults_or_refused() {
        assert_eq!(outcomes(1, &[0], 0), ["activated"]);
        assert_eq!(outcomes(1, &[0, 4, 5], 0), ["activated", "refreshed", "refreshed"]);
        assert_eq!(outcomes(2, &[0], 0), ["already_applied"]);
        assert_eq!(outcomes(3, &[4, 1], 0).len(), 2);
        for token in 2..FIXTURE.tokens.len() {
            assert_eq!(outcomes(1, &[token], 0), ["refused"], "{token}");
        }
    }

    #[test]
    fn only_tokens_signed_by_the_vendor_are_applied_to_the_vaults_of_the_corpus() {
        super::super::tests::replay("apply", apply);
    }
}
