//! Several items of the keyring under one name, as a restored or merged keyring has them.

use zeroize::Zeroizing;

use super::hardware::computer;
use super::*;
use crate::store::twins::{Item, Owner};

const HERE: &str = "aaaaaaa";
const ELSEWHERE: &str = "bbbbbbb";

/// Vendor 1's product on this computer.
fn on(letters: &str) -> World {
    let vendor = Vendor::new(1);
    let store = MemoryStore::default();
    let folder = tempfile::tempdir().unwrap();
    let mut device = Device::on_store(profile(&vendor), Arc::new(store.clone()), folder.path());
    device.traits = computer(letters);
    World { vendor, device, store, folder }
}

fn item(content: &[u8], modified: u64) -> Item {
    Item { content: Zeroizing::new(content.to_vec()), modified }
}

#[test]
fn of_one_devices_copies_the_latest_counts_whatever_the_keyring_says_about_their_dates() {
    let world = on(HERE);
    let mut life = Vec::new();
    let mut keep = || life.push(world.store.item().unwrap());
    let _ = world.request(start());
    keep();
    world.activate(start());
    keep();
    // The vendor's clock may turn this computer's back, so a later vault may have an earlier time.
    world.apply(&world.refresh(days(20)), days(1));
    keep();
    world.device.deactivate(days(2)).unwrap();
    keep();
    let _ = world.request(days(2));
    keep();

    let owner = Owner::new(&profile(&world.vendor), &computer(HERE).unwrap());
    for (at, later) in life.iter().enumerate() {
        for earlier in &life[..at] {
            // A copy that was put back has the date of that day.
            for (items, chosen) in
                [([item(earlier, 9), item(later, 1)], 1), ([item(later, 1), item(earlier, 9)], 0)]
            {
                assert_eq!(owner.chosen(&items), Some(chosen), "{at}");
            }
        }
    }
    let equal = [item(&life[0], 1), item(&life[0], 2)];
    assert_eq!(owner.chosen(&equal), Some(1), "the later date, where nothing else differs");
}

#[test]
fn of_several_devices_copies_the_one_with_this_computers_licence_counts() {
    let (here, other, unused) = (on(HERE), on(ELSEWHERE), on(HERE));
    let _ = unused.request(days(9));
    here.activate(start());
    other.activate(days(5));
    other.apply(&other.refresh(days(6)), days(6));
    let [here_item, other_item, unused_item] =
        [&here, &other, &unused].map(|world| item(&world.store.item().unwrap(), 5));

    let owner = |letters| Owner::new(&profile(&here.vendor), &computer(letters).unwrap());
    let items = [unused_item, other_item, here_item];
    assert_eq!(owner(HERE).chosen(&items), Some(2));
    assert_eq!(owner(ELSEWHERE).chosen(&items), Some(1));
    assert_eq!(owner(HERE).chosen(&items[..2]), Some(0), "the request that was made here");
    assert_eq!(owner(HERE).chosen(&items[1..2]), Some(0));
}

#[test]
fn what_is_no_vault_of_this_product_doesn_t_count() {
    let world = on(HERE);
    world.activate(start());
    let vault = world.store.item().unwrap();
    let owner = Owner::new(&profile(&world.vendor), &computer(HERE).unwrap());
    let items = [item(b"", 9), item(&vault[1..], 9), item(&vault, 1), item(b"a password", 9)];
    assert_eq!(owner.chosen(&items), Some(2));
    let mut another = profile(&world.vendor);
    another.product = PRODUCT + 1;
    assert_eq!(Owner::new(&another, &computer(HERE).unwrap()).chosen(&items), None);
    assert_eq!(owner.chosen(&[]), None);
}
