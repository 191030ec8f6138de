//! Tests of several keyring items with one name, as a restored or merged keyring has them.

use zeroize::Zeroizing;

use super::hardware::computer;
use super::*;
use crate::store::duplicates::{Item, Owner, has_gained, is_covered};

const HERE: &str = "aaaaaaa";
const ELSEWHERE: &str = "bbbbbbb";

/// Vendor 1's product on this computer.
fn on(letters: &str) -> Fixture {
    let vendor = Vendor::new(1);
    let store = MemoryStore::default();
    let folder = tempfile::tempdir().unwrap();
    let mut device = Device::on_store(profile(&vendor), Arc::new(store.clone()), folder.path());
    device.traits = computer(letters);
    Fixture { vendor, device, store, folder }
}

fn item(content: &[u8], modified: u64) -> Item {
    Item { content: Zeroizing::new(content.to_vec()), modified }
}

#[test]
fn the_latest_copy_of_a_device_counts_whatever_its_item_date() {
    let fixture = on(HERE);
    let mut life = Vec::new();
    let mut keep = || life.push(fixture.store.item().unwrap());
    let _ = fixture.request(start());
    keep();
    fixture.activate(start());
    keep();
    // The vendor's clock may turn this computer's back, so a later vault may have an earlier time.
    fixture.apply(&fixture.refresh(days(20)), days(1));
    keep();
    fixture.device.deactivate(days(2)).unwrap();
    keep();
    let _ = fixture.request(days(2));
    keep();

    let owner = Owner::new(&profile(&fixture.vendor), &computer(HERE).unwrap());
    for (at, later) in life.iter().enumerate() {
        for earlier in &life[..at] {
            // A restored copy has the date of the restore.
            for (items, chosen) in
                [([item(earlier, 9), item(later, 1)], 1), ([item(later, 1), item(earlier, 9)], 0)]
            {
                assert_eq!(owner.choose(&items, days(7)), Some(chosen), "{at}");
            }
        }
    }
    let equal = [item(&life[0], 1), item(&life[0], 2)];
    assert_eq!(
        owner.choose(&equal, days(7)),
        Some(1),
        "the later date, where nothing else differs"
    );
}

#[test]
fn the_copy_with_this_computers_licence_counts() {
    let (here, other, unused) = (on(HERE), on(ELSEWHERE), on(HERE));
    let _ = unused.request(days(9));
    here.activate(start());
    other.activate(days(5));
    other.apply(&other.refresh(days(6)), days(6));
    let [here_item, other_item, unused_item] =
        [&here, &other, &unused].map(|fixture| item(&fixture.store.item().unwrap(), 5));

    let owner = |letters| Owner::new(&profile(&here.vendor), &computer(letters).unwrap());
    let items = [unused_item, other_item, here_item];
    assert_eq!(owner(HERE).choose(&items, days(7)), Some(2));
    assert_eq!(owner(ELSEWHERE).choose(&items, days(7)), Some(1));
    assert_eq!(owner(HERE).choose(&items[..2], days(7)), Some(0), "the request that was made here");
    assert_eq!(owner(HERE).choose(&items[1..2], days(7)), Some(0));
}

#[test]
fn items_that_are_no_vault_of_this_product_are_ignored() {
    let fixture = on(HERE);
    fixture.activate(start());
    let vault = fixture.store.item().unwrap();
    let owner = Owner::new(&profile(&fixture.vendor), &computer(HERE).unwrap());
    let items = [item(b"", 9), item(&vault[1..], 9), item(&vault, 1), item(b"a password", 9)];
    assert_eq!(owner.choose(&items, days(7)), Some(2));
    let mut another = profile(&fixture.vendor);
    another.product = PRODUCT + 1;
    assert_eq!(Owner::new(&another, &computer(HERE).unwrap()).choose(&items, days(7)), None);
    assert_eq!(owner.choose(&[], days(7)), None);
}

#[test]
fn an_undelivered_deactivation_precedes_another_devices_licence() {
    let (one, two) = (on(HERE), on(HERE));
    one.activate(start());
    two.activate(days(1));
    let owner = Owner::new(&profile(&one.vendor), &computer(HERE).unwrap());
    let chosen = |at| {
        let items = [&one, &two].map(|fixture| item(&fixture.store.item().unwrap(), 5));
        owner.choose(&items, at)
    };
    assert_eq!(chosen(days(2)), Some(1), "the later licence");
    let id = two.device.deactivate(days(2)).unwrap().id;
    assert_eq!(chosen(days(2)), Some(1), "its token should be visible");
    two.device.confirm_delivered(id, days(2)).unwrap();
    assert_eq!(chosen(days(2)), Some(0), "the remaining licence");

    // The clocks of the vendor and of this computer differ by some hours.
    one.device.deactivate(days(3)).unwrap();
    let ahead = on(HERE);
    ahead.activate(start() + TimeDelta::hours(80));
    let items = [&one, &ahead].map(|fixture| item(&fixture.store.item().unwrap(), 5));
    assert_eq!(owner.choose(&items, days(4)), Some(0));
}

#[test]
fn a_restored_deactivation_of_long_ago_does_not_hide_the_present_licence() {
    let (old, present) = (on(HERE), on(HERE));
    old.activate(start());
    old.device.deactivate(days(1)).unwrap();
    present.activate(days(20));
    let owner = Owner::new(&profile(&old.vendor), &computer(HERE).unwrap());
    let items = [&old, &present].map(|fixture| item(&fixture.store.item().unwrap(), 5));
    assert_eq!(owner.choose(&items, days(21)), Some(1));
}

#[test]
fn a_long_expired_licence_does_not_hide_a_new_devices_request() {
    let (old, new) = (on(HERE), on(HERE));
    old.activate(start());
    let _ = new.request(days(100));
    let owner = Owner::new(&profile(&old.vendor), &computer(HERE).unwrap());
    let items = [&old, &new].map(|fixture| item(&fixture.store.item().unwrap(), 5));
    // Thirty days, and seven of grace.
    assert_eq!(owner.choose(&items, days(36)), Some(0));
    assert_eq!(owner.choose(&items, days(100)), Some(1));
    assert_eq!(owner.choose(&items[..1], days(100)), Some(0));
}

#[test]
fn an_item_with_unique_requests_or_deactivations_is_not_redundant() {
    let fixture = on(HERE);
    let vault = || Vault::from_bytes(&fixture.store.item().unwrap()).unwrap();
    let response = fixture.response(start());
    let asked = vault();
    let _ = fixture.apply(&response, start());
    let active = vault();
    let id = fixture.device.deactivate(days(1)).unwrap().id;
    let waiting = vault();
    fixture.device.confirm_delivered(id, days(1)).unwrap();
    let done = vault();

    for (twin, by, covered) in [
        (&asked, &asked, true),
        (&active, &asked, true),
        (&asked, &active, false),
        (&active, &waiting, true),
        (&waiting, &active, false),
        (&waiting, &done, false),
        (&done, &waiting, true),
    ] {
        assert_eq!(is_covered(twin, by), covered);
    }
    let other = on(HERE);
    other.activate(start());
    let other = Vault::from_bytes(&other.store.item().unwrap()).unwrap();
    assert!(!is_covered(&other, &active), "another device's");

    assert!(has_gained(&done, &asked) && has_gained(&asked, &active));
    assert!(
        !has_gained(&active, &waiting)
            && !has_gained(&waiting, &done)
            && !has_gained(&asked, &done)
    );
}
