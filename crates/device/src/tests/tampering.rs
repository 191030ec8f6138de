//! Tests of attempts to get more than was granted by editing, copying and exchanging the files on
//! the computer.

use super::*;

/// A licence that is active since [`start`] for thirty days, on a computer with one trait.
fn active() -> Fixture {
    let mut world = world();
    world.device.traits = Some([(HardwareTrait::SystemUuid, "this computer".to_owned())].into());
    world.activate(start());
    world
}

#[test]
fn every_changed_bit_of_the_vault_is_detected() {
    let world = active();
    let whole = world.store.item().unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        world.store.set_item(Some(changed));
        assert!(world.device.status(start()).is_err(), "byte {at}");
    }
    world.store.set_item(Some(whole));
    assert_eq!(world.state(start()), State::Active);
}

/// A user who can read the device's secret in the vault can write any vault with it. This is what
/// each field gains them.
#[test]
fn a_vault_that_was_edited_with_the_secret_grants_nothing_unsigned() {
    let edited = |edit: fn(&mut Vault)| {
        let world = active();
        let mut vault = Vault::from_bytes(&world.store.item().unwrap()).unwrap();
        edit(&mut vault);
        world.store.set_item(Some(vault.to_bytes().unwrap().to_vec()));
        world
    };
    let altered = |world: &Fixture| world.device.status(start()).unwrap_err().code();

    let world = edited(|vault| vault.licence.as_mut().unwrap().traits = Default::default());
    assert_eq!(altered(&world), latchkey_lease::codes::LEASE_TRAITS);
    let world = edited(|vault| {
        let other = VendorId::from_bytes([1; 8]);
        vault.licence.as_mut().unwrap().traits.set(
            HardwareTrait::SystemUuid,
            other,
            1,
            "another computer",
        );
    });
    assert_eq!(altered(&world), latchkey_lease::codes::LEASE_TRAITS);
    let world = edited(|vault| {
        let response = vault.licence.as_ref().unwrap().response.clone();
        vault.licence.as_mut().unwrap().refresh = Some(response);
    });
    assert_eq!(altered(&world), latchkey_lease::codes::LEASE_ALTERED);
    let world = edited(|vault| {
        vault.identity = crate::vault::Identity::Secret(Seed::from_bytes([9; 32]));
    });
    assert_eq!(altered(&world), latchkey_lease::codes::LEASE_ALTERED);
    let world = edited(|vault| vault.product = 2);
    assert_eq!(altered(&world), codes::STORE_OTHER_PRODUCT);
    let world = edited(|vault| vault.vendor = VendorId::from_bytes([2; 8]));
    assert_eq!(altered(&world), codes::STORE_OTHER_PRODUCT);

    // A cleared effective clock isn't earlier than the wall clock, and the lease still ends on
    // time.
    let world = edited(|vault| {
        vault.clock =
            latchkey_lease::EffectiveClock::from_stored(latchkey_lease::StoredClock::default());
    });
    assert_eq!(world.state(days(29)), State::Active);
    assert_eq!(world.state(days(30)), State::LeaseExpired);
    // A seat name is only a name.
    let world = edited(|vault| vault.licence.as_mut().unwrap().seat_name = name("Elsewhere"));
    assert_eq!(world.state(days(30)), State::LeaseExpired);
}

#[test]
fn another_computers_vault_is_detected_and_its_lease_is_invalid() {
    let world = active();
    let mut copy = Fixture {
        vendor: Vendor::new(1),
        device: world.device.clone(),
        store: world.store.clone(),
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
    let read = |world: &Fixture| Vault::from_bytes(&world.store.item().unwrap()).unwrap();
    let mut vault = read(&ours);
    vault.licence = read(&theirs).licence;
    ours.store.set_item(Some(vault.to_bytes().unwrap().to_vec()));
    let error = ours.device.status(start()).unwrap_err();
    assert_eq!(error.code(), latchkey_lease::codes::LEASE_ALTERED);
}

#[test]
fn a_lease_of_another_product_of_the_same_vendor_is_not_valid_for_this_product() {
    let world = active();
    let mut vault = Vault::from_bytes(&world.store.item().unwrap()).unwrap();
    vault.product = 2;
    world.store.set_item(Some(vault.to_bytes().unwrap().to_vec()));
    let other = Profile { product: 2, ..profile(&world.vendor) };
    let device = Device::on_store(other, Arc::new(world.store.clone()), world.folder.path());
    let error = device.status(start()).unwrap_err();
    assert_eq!(error.code(), latchkey_lease::codes::LEASE_ALTERED);
}

#[test]
fn another_vendors_key_in_the_configuration_opens_no_vault() {
    let (world, forger) = (active(), Vendor::new(66));
    let swapped = Profile { vendor_keys: vec![*forger.keys.public()], ..profile(&world.vendor) };
    let mut device = Device::on_store(swapped, Arc::new(world.store.clone()), world.folder.path());
    device.traits = world.device.traits.clone();
    assert_eq!(device.status(start()).unwrap_err().code(), latchkey_lease::codes::LEASE_ALTERED);
    // With the forger's key in the configuration, a forged lease is accepted there, but not by
    // products that have the vendor's key compiled in.
    let request = device.request(&code(), &name("x"), start()).unwrap().token;
    let (_, forged) = forger.grant(&request, seat(66), start(), 9_000);
    let applied = device.apply(&forged.to_string(), start()).unwrap();
    assert!(matches!(applied[0].outcome, ApplyOutcome::Activated(_)));
    let error = world.device.status(start()).unwrap_err();
    assert_eq!(error.code(), latchkey_lease::codes::LEASE_ALTERED);
}

#[test]
fn a_vault_restored_after_deactivation_is_detected_at_its_next_token() {
    let world = active();
    let before = world.store.item();
    let deactivation = world.device.deactivate(days(1)).unwrap();
    let given_back = world.vendor.deactivation(&deactivation.token, world.keys()).counter;
    world.store.set_item(before);
    assert_eq!(world.state(days(2)), State::Active);
    assert_eq!(world.state(days(30)), State::LeaseExpired);
    // Its next token has a number that the vendor has seen already.
    let request = world.vendor.request(&world.request(days(30)));
    assert!(request.payload().counter <= given_back);
}
