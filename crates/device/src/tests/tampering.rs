//! Tests of attempts to get more than was granted by editing, copying and exchanging the files on
//! the computer.

use super::*;

/// A licence that is active since [`start`] for thirty days, on a computer with one trait.
fn active() -> Fixture {
    let mut fixture = fixture();
    fixture.device.traits = Some([(HardwareTrait::SystemUuid, "this computer".to_owned())].into());
    fixture.activate(start());
    fixture
}

#[test]
fn every_changed_bit_of_the_vault_is_detected() {
    let fixture = active();
    let whole = fixture.store.item().unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        fixture.store.set_item(Some(changed));
        assert!(fixture.device.status(start()).is_err(), "byte {at}");
    }
    fixture.store.set_item(Some(whole));
    assert_eq!(fixture.state(start()), State::Active);
}

/// A user who can read the device's secret in the vault can write any vault with it. This is what
/// each field gains them.
#[test]
fn a_vault_that_was_edited_with_the_secret_grants_nothing_unsigned() {
    let edited = |edit: fn(&mut Vault)| {
        let fixture = active();
        let mut vault = Vault::from_bytes(&fixture.store.item().unwrap()).unwrap();
        edit(&mut vault);
        fixture.store.set_item(Some(vault.to_bytes().unwrap().to_vec()));
        fixture
    };
    let altered = |fixture: &Fixture| fixture.device.status(start()).unwrap_err().code();

    let fixture = edited(|vault| vault.licence.as_mut().unwrap().traits = Default::default());
    assert_eq!(altered(&fixture), latchkey_lease::codes::LEASE_TRAITS);
    let fixture = edited(|vault| {
        let other = VendorId::from_bytes([1; 8]);
        vault.licence.as_mut().unwrap().traits.set(
            HardwareTrait::SystemUuid,
            other,
            1,
            "another computer",
        );
    });
    assert_eq!(altered(&fixture), latchkey_lease::codes::LEASE_TRAITS);
    let fixture = edited(|vault| {
        let response = vault.licence.as_ref().unwrap().response.clone();
        vault.licence.as_mut().unwrap().refresh = Some(response);
    });
    assert_eq!(altered(&fixture), latchkey_lease::codes::LEASE_ALTERED);
    let fixture = edited(|vault| {
        vault.identity = crate::vault::Identity::Secret(Seed::from_bytes([9; 32]));
    });
    assert_eq!(altered(&fixture), latchkey_lease::codes::LEASE_ALTERED);
    let fixture = edited(|vault| vault.product = 2);
    assert_eq!(altered(&fixture), codes::STORE_OTHER_PRODUCT);
    let fixture = edited(|vault| vault.vendor = VendorId::from_bytes([2; 8]));
    assert_eq!(altered(&fixture), codes::STORE_OTHER_PRODUCT);

    // A cleared effective clock isn't earlier than the wall clock, and the lease still ends on
    // time.
    let fixture = edited(|vault| {
        vault.clock =
            latchkey_lease::EffectiveClock::from_stored(latchkey_lease::StoredClock::default());
    });
    assert_eq!(fixture.state(days(29)), State::Active);
    assert_eq!(fixture.state(days(30)), State::LeaseExpired);
    // A seat name is only a name.
    let fixture = edited(|vault| vault.licence.as_mut().unwrap().seat_name = name("Elsewhere"));
    assert_eq!(fixture.state(days(30)), State::LeaseExpired);
}

#[test]
fn another_computers_vault_is_detected_and_its_lease_is_invalid() {
    let fixture = active();
    let mut copy = Fixture {
        vendor: Vendor::new(1),
        device: fixture.device.clone(),
        store: fixture.store.clone(),
        folder: tempfile::tempdir().unwrap(),
    };
    copy.device.traits = Some([(HardwareTrait::SystemUuid, "another computer".to_owned())].into());
    let status = copy.device.status(start()).unwrap();
    assert_eq!(status.hardware.reason(), Some(HardwareReason::OtherComputer));
    assert!(!status.may_run());
}

#[test]
fn another_computers_licence_is_invalid_for_this_device() {
    let (ours, theirs) = (active(), active());
    let read = |fixture: &Fixture| Vault::from_bytes(&fixture.store.item().unwrap()).unwrap();
    let mut vault = read(&ours);
    vault.licence = read(&theirs).licence;
    ours.store.set_item(Some(vault.to_bytes().unwrap().to_vec()));
    let error = ours.device.status(start()).unwrap_err();
    assert_eq!(error.code(), latchkey_lease::codes::LEASE_ALTERED);
}

#[test]
fn a_lease_of_another_product_of_the_same_vendor_is_not_valid_for_this_product() {
    let fixture = active();
    let mut vault = Vault::from_bytes(&fixture.store.item().unwrap()).unwrap();
    vault.product = 2;
    fixture.store.set_item(Some(vault.to_bytes().unwrap().to_vec()));
    let other = Profile { product: 2, ..profile(&fixture.vendor) };
    let device = Device::on_store(other, Arc::new(fixture.store.clone()), fixture.folder.path());
    let error = device.status(start()).unwrap_err();
    assert_eq!(error.code(), latchkey_lease::codes::LEASE_ALTERED);
}

#[test]
fn another_vendors_key_in_the_configuration_opens_no_vault() {
    let (fixture, forger) = (active(), Vendor::new(66));
    let swapped = Profile { vendor_keys: vec![*forger.keys.public()], ..profile(&fixture.vendor) };
    let mut device =
        Device::on_store(swapped, Arc::new(fixture.store.clone()), fixture.folder.path());
    device.traits = fixture.device.traits.clone();
    assert_eq!(device.status(start()).unwrap_err().code(), latchkey_lease::codes::LEASE_ALTERED);
    // With the forger's key in the configuration, a forged lease is accepted there, but not by
    // products that have the vendor's key compiled in.
    let request = device.request(&code(), &name("x"), start()).unwrap().token;
    let (_, forged) = forger.grant(&request, seat(66), start(), 9_000);
    let applied = device.apply(&forged.to_string(), start()).unwrap();
    assert!(matches!(applied[0].outcome, ApplyOutcome::Activated(_)));
    let error = fixture.device.status(start()).unwrap_err();
    assert_eq!(error.code(), latchkey_lease::codes::LEASE_ALTERED);
}

#[test]
fn a_vault_restored_after_deactivation_is_detected_at_its_next_token() {
    let fixture = active();
    let before = fixture.store.item();
    let deactivation = fixture.device.deactivate(days(1)).unwrap();
    let given_back = fixture.vendor.deactivation(&deactivation.token, fixture.keys()).counter;
    fixture.store.set_item(before);
    assert_eq!(fixture.state(days(2)), State::Active);
    assert_eq!(fixture.state(days(30)), State::LeaseExpired);
    // Its next token has a number that the vendor has seen already.
    let request = fixture.vendor.request(&fixture.request(days(30)));
    assert!(request.payload().counter <= given_back);
}
