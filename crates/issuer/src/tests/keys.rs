//! Tests of key changes, backups and restored data folders.

use latchkey_token::{PublicKeys, Token, seal};

use super::fixture::*;
use crate::*;

fn sealed_for(computer: &Computer, key: &PublicKeys, fixture: &Fixture) -> latchkey_token::Token {
    use latchkey_token::{Request, RequestId, SeatName};
    let request = Request {
        product: 1,
        code: CODE.parse().unwrap(),
        device: *computer.keys.public(),
        request: RequestId::random().unwrap(),
        counter: 7,
        seat_name: SeatName::new(&computer.name).unwrap(),
        traits: computer.traits(fixture.issuer.vendor().id),
        created_at: 1_800_000_000,
    };
    seal(&request, 1, &computer.keys, key).unwrap()
}

#[test]
fn after_a_rotation_the_spare_signs_and_what_was_sealed_for_the_old_key_still_opens() {
    let mut fixture = Fixture::new(3);
    let before = fixture.issuer.vendor().keys.clone();
    let early = Computer::new("early");
    let request = sealed_for(&early, &before[0], &fixture);
    let rotated = fixture.issuer.rotate_keys(day(1)).unwrap();
    assert_eq!((rotated.old, rotated.active), (before[0].id(), before[1].id()));
    assert_eq!(fixture.issuer.vendor().keys[0], before[1]);

    let granted = fixture.activate(&request, day(1)).unwrap();
    let token = granted.token;
    let signer = latchkey_token::Signer { product: 1, keys: before[1] };
    let response = latchkey_token::open::<latchkey_token::Response>(&token, &early.keys, |id| {
        assert_eq!(id, before[1].id(), "another key signed");
        vec![signer]
    });
    assert_eq!(response.unwrap().payload().seat, granted.seat);

    // The file names match the database, and everything can be opened again.
    let keys = fixture.issuer.folder().join("keys");
    assert!(keys.join(format!("old-{}.key", rotated.old)).is_file());
    assert!(keys.join("active.key").is_file() && keys.join("spare.key").is_file());
    let mut again = Issuer::open(fixture.issuer.folder(), day(1)).unwrap();
    let roles: Vec<_> =
        again.list_keys().unwrap().into_iter().map(|key| (key.role, key.here)).collect();
    assert_eq!(roles, [("active", true), ("spare", true), ("old", true)]);
    assert_eq!(fixture.events().last().unwrap(), "seat_granted");
}

#[test]
fn a_process_that_was_running_signs_with_the_new_key_from_then_on() {
    let mut fixture = Fixture::new(3);
    let mut running = fixture.issuer.open_connection().unwrap();
    let mut computer = Computer::new("A");
    let request = computer.request(&fixture);
    let rotated = fixture.issuer.rotate_keys(day(1)).unwrap();
    let granted = running.activate(&request, None, day(1)).unwrap();
    assert_eq!(running.vendor().keys[0].id(), rotated.active);
    let signed = computer.response(&fixture, &granted.token);
    assert_eq!(signed.seat, granted.seat);
    running.refresh(granted.seat, day(2)).unwrap();
}

#[test]
fn a_running_process_receives_a_deactivation_sealed_for_a_newer_key() {
    let mut fixture = Fixture::new(3);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(0));
    let mut running = fixture.issuer.open_connection().unwrap();
    fixture.issuer.rotate_keys(day(1)).unwrap();
    fixture.issuer.rotate_keys(day(2)).unwrap();
    let token = computer.deactivation(&fixture, seat);
    let received = running.receive_deactivation(&token).unwrap();
    assert_eq!(running.accept_deactivation(&received, day(2)).unwrap().seat, seat);
}

#[test]
fn a_rotation_that_is_cut_short_leaves_keys_that_open() {
    let mut fixture = Fixture::new(1);
    let keys = fixture.issuer.folder().join("keys");
    // Interrupted before the database knew the new key: the file is discarded.
    std::fs::copy(keys.join("spare.key"), keys.join("spare.next")).unwrap();
    std::fs::write(keys.join("spare.next"), "1".repeat(64)).unwrap();
    assert!(Issuer::open(fixture.issuer.folder(), day(1)).is_ok());
    let rotated = fixture.issuer.rotate_keys(day(1)).unwrap();
    // Interrupted after that: the names are outdated, and the database decides.
    std::fs::rename(keys.join("spare.key"), keys.join("spare.next")).unwrap();
    std::fs::rename(keys.join("active.key"), keys.join("spare.key")).unwrap();
    std::fs::rename(keys.join(format!("old-{}.key", rotated.old)), keys.join("active.key"))
        .unwrap();
    let mut again = Issuer::open(fixture.issuer.folder(), day(1)).unwrap();
    assert_eq!(again.keys.active().public().id(), rotated.active);
    again.rotate_keys(day(2)).unwrap();
    assert!(keys.join(format!("old-{}.key", rotated.old)).is_file());
}

#[test]
fn without_the_file_of_the_spare_key_nothing_is_rotated() {
    let mut fixture = Fixture::new(1);
    let keys = fixture.issuer.folder().join("keys");
    std::fs::rename(keys.join("spare.key"), fixture.issuer.folder().join("locked away")).unwrap();
    assert_eq!(refused(fixture.issuer.rotate_keys(day(1))), "keys.missing");
    assert!(Issuer::open(fixture.issuer.folder(), day(1)).is_ok());
}

#[test]
fn the_extension_of_a_key_file_is_read_in_any_case_and_backed_up() {
    let fixture = Fixture::new(1);
    let (keys, backup) =
        (fixture.issuer.folder().join("keys"), fixture.issuer.folder().join("copy"));
    std::fs::rename(keys.join("active.key"), keys.join("active.KEY")).unwrap();
    let issuer = Issuer::open(fixture.issuer.folder(), day(1)).unwrap();
    issuer.back_up(&backup).unwrap();
    assert!(Issuer::open(&backup, day(1)).is_ok());
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_folder_of_sealed_keys_leads_nowhere() {
    let mut fixture = Fixture::new(1);
    let keys = fixture.issuer.folder().join("keys");
    let elsewhere = fixture.issuer.folder().join("locked away");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::rename(keys.join("spare.key"), elsewhere.join("backup.key")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, keys.join("sealed")).unwrap();
    let decoy = keys.join("backup.key");
    std::fs::write(&decoy, "no key").unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&decoy, private).unwrap();
    assert_eq!(refused(fixture.issuer.rotate_keys(day(1))), "keys.malformed");
    assert!(elsewhere.join("backup.key").exists() && !keys.join("spare.key").exists());
}

#[test]
fn sealed_keys_need_their_passphrase_and_can_be_sealed_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = || Some(Passphrase::new("first passphrase".to_owned()));
    let second = || Some(Passphrase::new("second passphrase".to_owned()));
    let mut issuer = Issuer::set_up_sealed(&data, "Acme", first(), None, day(0)).unwrap();
    assert_eq!(refused(Issuer::open(&data, day(0))), "keys.sealed");
    assert_eq!(refused(Issuer::open_sealed(&data, second(), day(0))), "keys.wrong_passphrase");
    assert!(Issuer::open_sealed(&data, first(), day(0)).is_ok());
    assert_eq!(issuer.seal_keys(second().unwrap(), day(0)).unwrap(), 2);
    assert_eq!(refused(Issuer::open_sealed(&data, first(), day(0))), "keys.wrong_passphrase");
    // A new key is sealed like the others.
    issuer.rotate_keys(day(1)).unwrap();
    assert_eq!(refused(Issuer::open(&data, day(1))), "keys.sealed");
    assert!(Issuer::open_sealed(&data, second(), day(1)).is_ok());
}

/// The names and contents of the key files.
fn key_files(folder: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.path().is_file() && entry.file_name() != "lock");
    files
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// Makes sure that each key has the name of its role, and that the new spare key can be locked away
/// as the command says.
fn assert_is_named(data: &std::path::Path, rotated: &Rotated, what: &str) {
    let folder = data.join("keys");
    let id = |name: &str| {
        let read = crate::keys::file::read(&folder.join(name), None);
        read.unwrap_or_else(|error| panic!("{what}: {error}")).1.public().id()
    };
    assert_eq!(id("active.key"), rotated.active, "{what}");
    assert_eq!(id("spare.key"), rotated.spare, "{what}");
    assert_eq!(id(&format!("old-{}.key", rotated.old)), rotated.old, "{what}");
    assert!(!folder.join("spare.next").exists(), "{what}");
    std::fs::rename(folder.join("spare.key"), data.join("locked away")).unwrap();
    let issuer = Issuer::open(data, day(1)).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(issuer.keys.active().public().id(), rotated.active, "{what}");
    assert!(issuer.keys.find(rotated.spare).is_none(), "{what}: the spare key is still online");
    std::fs::rename(data.join("locked away"), folder.join("spare.key")).unwrap();
}

#[test]
fn copies_of_keys_never_get_the_name_of_another_role() {
    // They sort before and after the names of the roles, and some have such a name.
    let names = ["a.key", "active (1).key", "active-backup.key", "spare-copy.key", "z.key"];
    for of in ["active.key", "spare.key"] {
        for name in { names }.into_iter().chain(["old-ID.key", "copy-ID.key", "spare.next"]) {
            let mut fixture = Fixture::new(1);
            let data = fixture.issuer.folder().to_owned();
            let folder = data.join("keys");
            let active = fixture.issuer.vendor().keys[0].id();
            let copy = folder.join(name.replace("ID", &active.to_string()));
            std::fs::copy(folder.join(of), &copy).unwrap();
            let what = format!("{} is a copy of {of}", copy.display());
            for round in 1..4 {
                let before = key_files(&folder);
                let rotated = fixture.issuer.rotate_keys(day(10 * round)).unwrap();
                assert!(!rotated.again, "{what}");
                assert_is_named(&data, &rotated, &what);
                let after = key_files(&folder);
                assert_eq!(after.len(), before.len() + 1, "{what}");
                let is_kept = |key| after.values().any(|kept| kept == key);
                assert!(before.values().all(is_kept), "{what}: a key was lost");
            }
        }
    }
}

#[test]
fn a_rotation_killed_before_the_files_were_named_is_finished_with_copies_around() {
    let mut fixture = Fixture::new(1);
    let data = fixture.issuer.folder().to_owned();
    let folder = data.join("keys");
    let active = fixture.issuer.vendor().keys[0].id();
    for (of, copy) in [("active", "active-1"), ("active", &format!("old-{active}")), ("spare", "a")]
    {
        let path = |name: &str| folder.join(format!("{name}.key"));
        std::fs::copy(path(of), path(copy)).unwrap();
    }
    let before = key_files(&folder);
    let rotated = fixture.issuer.rotate_keys(day(1)).unwrap();
    // The same files under the names that they had when the database was written.
    std::fs::rename(folder.join("spare.key"), data.join("spare.next")).unwrap();
    for name in key_files(&folder).keys() {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    std::fs::rename(data.join("spare.next"), folder.join("spare.next")).unwrap();
    for (name, content) in before {
        let access = latchkey_files::Access::UserSecret;
        latchkey_files::replace(&folder.join(name), &content, access).unwrap();
    }
    let mut again = Issuer::open(&data, day(1)).unwrap();
    assert_eq!(again.rotate_keys(day(1)).unwrap(), Rotated { again: true, ..rotated });
    assert_is_named(&data, &rotated, "after a kill");
}

#[test]
fn a_file_in_the_way_of_a_key_stops_a_rotation_before_anything_changes() {
    let access = latchkey_files::Access::UserSecret;
    for in_the_way in ["active.key", "spare.key", "old-ID.key"] {
        let mut fixture = Fixture::new(1);
        let folder = fixture.issuer.folder().join("keys");
        let active = fixture.issuer.vendor().keys[0].id();
        let path = folder.join(in_the_way.replace("ID", &active.to_string()));
        // The key has another name, and its own name belongs to a half copied file.
        if path.exists() {
            std::fs::rename(&path, folder.join("a-copy.key")).unwrap();
        }
        latchkey_files::replace(&path, b"0123", access).unwrap();
        let before = (fixture.issuer.list_keys().unwrap(), key_files(&folder));
        for round in 1..4 {
            let refused = fixture.issuer.rotate_keys(day(10 * round)).unwrap_err();
            assert_eq!(refused, KeysError::NotWritten { path: path.clone(), reason: "exists" });
        }
        assert_eq!((fixture.issuer.list_keys().unwrap(), key_files(&folder)), before);
        // What the message advises.
        std::fs::rename(&path, folder.join("half copied.txt")).unwrap();
        for round in 4..7 {
            assert!(!fixture.issuer.rotate_keys(day(10 * round)).unwrap().again);
        }
        let keys = fixture.issuer.list_keys().unwrap();
        assert!(keys.iter().all(|key| key.here), "{keys:?}");
        assert_eq!(std::fs::read(folder.join("half copied.txt")).unwrap(), b"0123");
    }
}

#[test]
fn a_key_that_waits_for_its_name_and_cannot_be_read_is_not_written_over() {
    let mut fixture = Fixture::new(1);
    let next = fixture.issuer.folder().join("keys/spare.next");
    let words = Passphrase::new("another passphrase".to_owned());
    let seed = latchkey_token::Seed::from_bytes([7; 32]);
    crate::keys::file::write(&next, &seed, Some(&words)).unwrap();
    let before = std::fs::read(&next).unwrap();
    assert_eq!(refused(fixture.issuer.rotate_keys(day(1))), "keys.sealed");
    assert_eq!(std::fs::read(&next).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn a_file_that_was_linked_into_the_folder_of_keys_is_not_given_away() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut issuer = Issuer::set_up(&data, "Acme", day(0)).unwrap();
    for owned in [&data, &data.join("keys")] {
        chown(owned, Some(1234), Some(1234)).expect("NOT TESTED: only root can do this");
    }
    let (spare, elsewhere) = (data.join("keys/spare.key"), folder.path().join("elsewhere"));
    std::fs::hard_link(&spare, &elsewhere).unwrap();
    let linked =
        |path: &std::path::Path| KeysError::NotWritten { path: path.to_owned(), reason: "owner" };
    assert_eq!(issuer.rotate_keys(day(1)).unwrap_err(), linked(&spare));
    // Nor is its content copied for the owner of the folder.
    let before = key_files(&data.join("keys"));
    let passphrase = || Passphrase::new("a passphrase".to_owned());
    assert_eq!(issuer.seal_keys(passphrase(), day(1)).unwrap_err(), linked(&spare));
    assert_eq!(key_files(&data.join("keys")), before);
    assert!(!data.join("keys/sealing").exists());
    assert_eq!(std::fs::metadata(&elsewhere).unwrap().uid(), 0);
    std::fs::remove_file(&elsewhere).unwrap();
    assert_eq!(issuer.seal_keys(passphrase(), day(1)).unwrap(), 2);

    let lock = data.join("keys/lock");
    chown(&lock, Some(0), Some(0)).unwrap();
    std::fs::hard_link(&lock, &elsewhere).unwrap();
    assert_eq!(issuer.rotate_keys(day(1)).unwrap_err(), linked(&lock));
    assert_eq!(std::fs::metadata(&elsewhere).unwrap().uid(), 0);
}

#[test]
fn a_spare_key_that_was_elsewhere_while_the_others_were_sealed_can_be_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let passphrase = |words: &str| Some(Passphrase::new(words.to_owned()));
    let (first, second) = (|| passphrase("the first one"), || passphrase("the second one"));
    let mut issuer = Issuer::set_up_sealed(&data, "Acme", first(), None, day(0)).unwrap();
    let (spare, kept) = (data.join("keys/spare.key"), folder.path().join("kept.key"));
    std::fs::rename(&spare, &kept).unwrap();
    assert_eq!(issuer.seal_keys(second().unwrap(), day(0)).unwrap(), 1);
    std::fs::rename(&kept, &spare).unwrap();
    let mut issuer = Issuer::open_sealed(&data, second(), day(1)).unwrap();
    assert_eq!(refused(issuer.rotate_keys(day(1))), "keys.wrong_passphrase");
    // The message's advice.
    assert_eq!(issuer.seal_keys(first().unwrap(), day(1)).unwrap(), 2);
    assert!(!issuer.rotate_keys(day(1)).unwrap().again);
    assert!(Issuer::open_sealed(&data, first(), day(1)).is_ok());
}

#[test]
fn a_backup_made_during_writes_is_complete_and_continues_with_unused_numbers() {
    let mut fixture = Fixture::new(40);
    let folder = fixture.issuer.folder().parent().unwrap().to_owned();
    let first = Computer::new("first");
    let seat = fixture.seat_of(&mut first.clone(), day(1));
    let requests: Vec<_> =
        (0..20).map(|n| Computer::new(&format!("PC {n}")).request(&fixture)).collect();
    let mut writer = fixture.issuer.open_connection().unwrap();
    let backup = folder.join("backup");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for request in &requests {
                writer.activate(request, None, day(1)).unwrap();
            }
        });
        fixture.issuer.back_up(&backup).unwrap();
    });
    assert_eq!(refused(fixture.issuer.back_up(&backup)), "backup.exists");

    // The restored server doesn't know what was granted after the backup was made.
    let lost = fixture.issuer.refresh(seat, day(2)).unwrap();
    let data = folder.join("restored");
    let mut restored = Issuer::restore(&backup, &data, None, day(3)).unwrap();
    assert_eq!(refused(Issuer::restore(&backup, &data, None, day(3))), "backup.exists");
    let next = restored.refresh(seat, day(3)).unwrap();
    let number = |token: &Token| first.refresh(&fixture, token).sequence;
    assert!(number(&next.token) > number(&lost.token), "a number was used twice");
    let seats = restored.seats(None, day(3)).unwrap().len();
    assert!((1..=21).contains(&seats), "{seats}");
    assert!(Issuer::open(&data, day(3)).is_ok());
}

#[test]
fn a_rotation_that_is_called_again_at_once_is_the_same_one() {
    let mut fixture = Fixture::new(1);
    let first = fixture.issuer.rotate_keys(day(1)).unwrap();
    let again = fixture.issuer.rotate_keys(day(1)).unwrap();
    assert_eq!((again.active, again.spare, again.old), (first.active, first.spare, first.old));
    assert!(again.again && !first.again);
    let later = fixture.issuer.rotate_keys(day(2)).unwrap();
    assert_eq!(later.active, first.spare);
}

#[test]
fn unknown_folders_among_the_keys_are_kept_and_do_no_harm() {
    let mut fixture = Fixture::new(1);
    let folder = fixture.issuer.folder().to_owned();
    for name in ["notes.new", "notes.key", "notes.sealing"] {
        let notes = folder.join("keys").join(name);
        std::fs::create_dir(&notes).unwrap();
        std::fs::write(notes.join("mine"), "a note").unwrap();
    }
    fixture.issuer.rotate_keys(day(1)).unwrap();
    fixture.issuer.seal_keys(Passphrase::new("a passphrase".to_owned()), day(1)).unwrap_err();
    std::fs::rename(folder.join("keys/notes.key"), folder.join("keys/notes.old")).unwrap();
    fixture.issuer.seal_keys(Passphrase::new("a passphrase".to_owned()), day(1)).unwrap();
    fixture.issuer.back_up(&folder.parent().unwrap().join("backup")).unwrap();
    assert!(folder.join("keys/notes.new/mine").exists());
    assert!(folder.join("keys/notes.sealing/mine").exists());
}

#[test]
fn concurrent_backups_into_one_folder_are_all_complete() {
    let fixture = Fixture::new(1);
    let beside = tempfile::tempdir().unwrap();
    for round in 0..10 {
        std::thread::scope(|scope| {
            let made: Vec<_> = (0..4)
                .map(|n| {
                    let issuer = fixture.issuer.open_connection().unwrap();
                    let to = beside.path().join(format!("{round}-{n}"));
                    scope.spawn(move || issuer.back_up(&to).map(|()| to))
                })
                .collect();
            for one in made {
                let to = one.join().unwrap().unwrap();
                assert!(to.join("issuer.db").is_file() && to.join("keys/active.key").is_file());
            }
        });
    }
    let hidden = std::fs::read_dir(beside.path()).unwrap();
    let hidden = hidden
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
    assert_eq!(hidden.count(), 0, "temporary files remain");
}

/// The last one is another user's file with a second hard link, which only root can create.
#[cfg(unix)]
#[test]
fn a_backup_does_not_copy_the_target_of_a_planted_link() {
    let fixture = Fixture::new(1);
    let folder = fixture.issuer.folder().to_owned();
    let beside = tempfile::tempdir().unwrap();
    let secret = beside.path().join("secret");
    std::fs::write(&secret, "root's alone").unwrap();
    let planted = folder.join("keys/planted.key");
    std::os::unix::fs::symlink(&secret, &planted).unwrap();
    let to = beside.path().join("backup");
    assert_eq!(refused(fixture.issuer.back_up(&to)), "backup.not_written");
    std::fs::remove_file(&planted).unwrap();
    for owned in [&folder, &folder.join("keys")] {
        std::os::unix::fs::chown(owned, Some(1234), Some(1234)).expect("NOT TESTED: needs root");
    }
    std::fs::hard_link(&secret, &planted).expect("NOT TESTED: needs hard links");
    assert_eq!(refused(fixture.issuer.back_up(&to)), "backup.not_written");
    std::fs::remove_file(&planted).unwrap();
    let left: Vec<_> = std::fs::read_dir(beside.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    fixture.issuer.back_up(&to).unwrap();
}

/// There, an administrator's command would remove and copy files that the owner of the data can't
/// access.
#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_keys_folder_is_neither_cleaned_up_copied_nor_rotated() {
    use std::os::unix::fs::symlink;
    let mut fixture = Fixture::new(1);
    let folder = fixture.issuer.folder().to_owned();
    let keys = folder.join("keys");
    let outside = tempfile::tempdir().unwrap();
    let whole = outside.path().join("whole");
    fixture.issuer.back_up(&whole).unwrap();
    let victim = outside.path().join("victim");
    std::fs::rename(&keys, &victim).unwrap();
    std::fs::write(victim.join("another.key"), "root's alone").unwrap();
    std::fs::write(victim.join("theirs.new"), "not ours to remove").unwrap();
    symlink(&victim, &keys).unwrap();
    let all = || {
        let names = std::fs::read_dir(&victim).unwrap().map(|entry| entry.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let before = all();

    drop(Issuer::open(&folder, day(1)));
    let to = outside.path().join("backup");
    assert_eq!(refused(fixture.issuer.back_up(&to)), "keys.not_written");
    assert_eq!(refused(fixture.issuer.rotate_keys(day(1))), "keys.not_written");
    assert!(!to.exists());

    // A backup whose keys are a link isn't restored either.
    std::fs::remove_dir_all(whole.join("keys")).unwrap();
    symlink(&victim, whole.join("keys")).unwrap();
    let restored = outside.path().join("restored");
    assert_eq!(refused(Issuer::restore(&whole, &restored, None, day(1))), "backup.not_written");
    assert!(!restored.join("keys").exists());
    assert_eq!(all(), before);

    std::fs::remove_file(&keys).unwrap();
    std::fs::rename(&victim, &keys).unwrap();
    std::fs::remove_file(keys.join("another.key")).unwrap();
    drop(Issuer::open(&folder, day(1)).unwrap());
    assert!(!keys.join("theirs.new").exists(), "a real folder should be accepted");
}

/// The administrator who restores a backup can read files that the backup's owner can't.
#[cfg(unix)]
#[test]
fn no_link_in_a_backup_is_followed() {
    use std::os::unix::fs::symlink;
    let fixture = Fixture::new(1);
    let outside = tempfile::tempdir().unwrap();
    let (whole, aside) = (outside.path().join("whole"), outside.path().join("aside"));
    fixture.issuer.back_up(&whole).unwrap();
    let restored = outside.path().join("restored");
    for name in ["issuer.db", "keys", "keys/active.key"] {
        std::fs::rename(whole.join(name), &aside).unwrap();
        symlink(&aside, whole.join(name)).unwrap();
        let refused = refused(Issuer::restore(&whole, &restored, None, day(1)));
        assert_eq!(refused, "backup.not_written", "{name}");
        assert!(!restored.join("issuer.db").exists() && !restored.join("keys").exists(), "{name}");
        std::fs::remove_file(whole.join(name)).unwrap();
        std::fs::rename(&aside, whole.join(name)).unwrap();
    }
    // The folder itself is the path that the user gave.
    symlink(&whole, &aside).unwrap();
    drop(Issuer::restore(&aside, &restored, None, day(1)).unwrap());
}

#[test]
fn an_unreadable_spare_key_counts_as_absent_and_is_reported() {
    let mut fixture = Fixture::new(3);
    let spare = fixture.issuer.folder().join("keys/spare.key");
    std::fs::remove_file(&spare).unwrap();
    // Not even an administrator can read a folder as a file.
    std::fs::create_dir(&spare).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&spare, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut issuer = Issuer::open(fixture.issuer.folder(), day(1)).unwrap();
    assert!(matches!(issuer.unread_keys(), [KeyFileError::NotRead { file, .. }] if *file == spare));
    let request = Computer::new("A").request(&fixture);
    assert!(issuer.activate(&request, None, day(1)).is_ok());
    assert_eq!(refused(fixture.issuer.rotate_keys(day(1))), "keys.not_read");
}

/// This includes the files that SQLite creates next to the database; the data folder shows which.
#[test]
fn keys_database_and_backups_are_private_even_in_a_folder_that_others_may_read() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    drop(Issuer::set_up(&data, "Acme", day(0)).unwrap());
    let mut issuer = Issuer::open(&data, day(0)).unwrap();
    issuer.add_product("Acme CAD", &[], day(0)).unwrap();
    let backup = folder.path().join("backup");
    issuer.back_up(&backup).unwrap();
    assert!(data.join("issuer.db-wal").metadata().unwrap().len() > 0);
    for path in [
        data.join("issuer.db"),
        data.join("issuer.db-wal"),
        data.join("keys"),
        data.join("keys/active.key"),
        data.join("keys/spare.key"),
        backup.join("issuer.db"),
        backup.join("keys/active.key"),
        backup,
    ] {
        assert!(!latchkey_files::is_open_to_others(&path).unwrap(), "{}", path.display());
    }
}

#[cfg(unix)]
#[test]
fn a_database_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new(1);
    let folder = fixture.issuer.folder();
    let database = folder.join("issuer.db");
    let set = |mode| {
        std::fs::set_permissions(&database, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for mode in [0o644, 0o640, 0o602] {
        set(mode);
        assert_eq!(refused(Issuer::open(folder, day(1))), "database.readable_by_others");
    }
    set(0o600);
    assert!(Issuer::open(folder, day(1)).is_ok());
}

/// A user other than root can't give files away, and everything belongs to that user: that is
/// covered as well.
#[cfg(unix)]
#[test]
fn what_an_administrator_creates_belongs_to_the_owner_of_the_folder() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    fn all(folder: &std::path::Path, owner: u32) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let found = std::fs::symlink_metadata(&path).unwrap();
            assert_eq!(found.uid(), owner, "{}", path.display());
            if found.is_dir() {
                all(&path, owner);
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    chown(&home, Some(1234), Some(1234)).expect("NOT TESTED: only root can do this");
    let owner = std::fs::metadata(&home).unwrap().uid();
    let data = home.join("data");
    let mut issuer = Issuer::set_up(&data, "Acme", day(0)).unwrap();
    // An administrator puts the spare key back that was kept elsewhere.
    chown(data.join("keys/spare.key"), Some(0), Some(0)).unwrap();
    issuer.rotate_keys(day(1)).unwrap();
    all(&home, owner);
    let passphrase = || Passphrase::new("a passphrase".to_owned());
    // The lock of an earlier version, which wasn't given to the folder's owner.
    chown(data.join("keys/lock"), Some(0), Some(0)).unwrap();
    issuer.seal_keys(passphrase(), day(2)).unwrap();
    all(&home, owner);
    // A backup is as confidential as the data, and isn't given to another user.
    let backup = folder.path().join("backup");
    issuer.back_up(&backup).unwrap();
    let _ = Issuer::restore(&backup, &home.join("restored"), Some(passphrase()), day(3)).unwrap();
    all(&home, owner);
    assert_eq!(std::fs::metadata(&backup).unwrap().uid(), owner);
    all(&backup, owner);
}

#[cfg(unix)]
#[test]
fn links_planted_next_to_a_backup_or_in_a_data_folder_are_not_followed() {
    use std::os::unix::fs::symlink;
    let fixture = Fixture::new(1);
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    std::fs::create_dir(&victim).unwrap();
    let untouched = || std::fs::read_dir(&victim).unwrap().count() == 0;

    // At the path of the unfinished backup, the link is removed and the backup is made.
    let backup = folder.path().join("backup");
    symlink(&victim, folder.path().join(".backup.unfinished-backup")).unwrap();
    fixture.issuer.back_up(&backup).unwrap();
    assert!(untouched() && !backup.is_symlink());

    // The same at the path of an unfinished restore.
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    symlink(&victim, data.join(".incoming")).unwrap();
    assert!(Issuer::restore(&backup, &data, None, day(1)).is_err());
    assert!(untouched());
    std::fs::remove_file(data.join(".incoming")).unwrap();
    drop(Issuer::restore(&backup, &data, None, day(1)).unwrap());

    // The same at the path of the database, which SQLite would open through a link.
    std::fs::rename(data.join("issuer.db"), folder.path().join("elsewhere.db")).unwrap();
    symlink(folder.path().join("elsewhere.db"), data.join("issuer.db")).unwrap();
    assert!(Issuer::open(&data, day(1)).is_err());
}
