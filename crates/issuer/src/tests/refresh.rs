//! Tests of refreshes.

use super::fixture::*;
use crate::*;

#[test]
fn a_refresh_prolongs_the_lease_from_its_own_time_before_expiry_and_after() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    for (number, at) in [(2, 10), (3, 35), (4, 400)] {
        let refreshed = fixture.issuer.refresh(seat, day(at)).unwrap();
        assert_eq!(refreshed.lease_expiry, day(at + 30));
        let refresh = computer.refresh(&fixture, &refreshed.token);
        assert_eq!((refresh.seat, refresh.sequence), (seat, number));
        assert_eq!(refresh.issued_at, day(at).timestamp());
        assert_eq!(refresh.lease_expiry, day(at + 30).timestamp());
    }
    assert_eq!(fixture.state(seat, day(401)), SeatState::Active);
    assert_eq!(fixture.events().iter().filter(|event| *event == "refresh_granted").count(), 3);
}

#[test]
fn a_refresh_is_refused_for_a_seat_that_is_no_longer_held() {
    let mut fixture = Fixture::new(1);
    let nowhere = latchkey_token::SeatId::from_bytes([7; 8]);
    assert_eq!(refused(fixture.issuer.refresh(nowhere, day(1))), "seat.unknown");

    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    fixture.seat_of(&mut Computer::new("B"), day(60));
    assert_eq!(refused(fixture.issuer.refresh(seat, day(60))), "seat.reused");

    let mut fixture = Fixture::new(1);
    let seat = fixture.seat_of(&mut a, day(1));
    let gone = a.deactivation(&fixture, seat);
    fixture.issuer.deactivate(&gone, day(2)).unwrap();
    assert_eq!(refused(fixture.issuer.refresh(seat, day(2))), "seat.deactivated");
    let last = fixture.events().pop();
    assert_eq!(last.as_deref(), Some("refresh_refused seat.deactivated"));
}

#[test]
fn a_refresh_is_refused_when_the_entitlement_no_longer_allows_it() {
    let mut fixture = Fixture::new(1);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    fixture.set(EntitlementTerms { offline_lease: Update::Clear, ..Default::default() });
    assert_eq!(refused(fixture.issuer.refresh(seat, day(2))), "entitlement.no_offline_lease");
    fixture.set(EntitlementTerms {
        offline_lease: Update::Set("1mo".parse().unwrap()),
        subscription_end: Update::Set(day(20)),
        ..Default::default()
    });
    assert_eq!(fixture.issuer.refresh(seat, day(19)).unwrap().lease_expiry, day(20));
    assert_eq!(refused(fixture.issuer.refresh(seat, day(20))), "entitlement.subscription_over");
    fixture.issuer.end_entitlement(fixture.entitlement, day(20)).unwrap();
    assert_eq!(refused(fixture.issuer.refresh(seat, day(20))), "entitlement.ended");
    assert_eq!(fixture.state(seat, day(19)), SeatState::Ended);
}

#[test]
fn a_refresh_omits_exactly_the_terms_that_all_responses_share() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    let mut at = 1;
    let mut refresh = |fixture: &mut Fixture| {
        at += 1;
        let refreshed = fixture.issuer.refresh(seat, day(at)).unwrap();
        computer.refresh(fixture, &refreshed.token)
    };
    let lean = refresh(&mut fixture);
    assert_eq!((lean.grace, lean.features, lean.attributes), (None, None, None));
    assert_eq!(lean.subscription_end, None);

    // One field changes, so the refresh contains one field.
    fixture.set(EntitlementTerms {
        features: named([("export", Some("true"))]),
        ..Default::default()
    });
    let said = refresh(&mut fixture);
    assert!(said.features.is_some_and(|features| features.len() == 1));
    assert_eq!((said.grace, said.attributes, said.subscription_end), (None, None, None));
    fixture.set(EntitlementTerms {
        features: named([("export", None)]),
        attributes: named([("edition", Some("Pro"))]),
        ..Default::default()
    });
    let said = refresh(&mut fixture);
    assert!(said.attributes.is_some_and(|attributes| attributes["edition"] == "Pro"));
    assert_eq!((said.grace, said.features), (None, None));
    fixture.set(EntitlementTerms {
        attributes: named([("edition", None)]),
        grace: Update::Clear,
        subscription_end: Update::Set(day(300)),
        ..Default::default()
    });
    let said = refresh(&mut fixture);
    assert_eq!((said.grace, said.features, said.attributes), (Some(0), None, None));
    assert_eq!(said.subscription_end, Some(Some(day(300).timestamp())));
}

#[test]
fn a_refresh_contains_all_terms_in_which_two_responses_differ() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    fixture.set(EntitlementTerms { subscription_end: Update::Set(day(300)), ..Default::default() });
    let seat = fixture.seat_of(&mut computer, day(1));
    fixture.set(EntitlementTerms {
        subscription_end: Update::Clear,
        attributes: named([("edition", Some("Pro"))]),
        ..Default::default()
    });
    // The server doesn't know which of the two responses is applied.
    assert_eq!(fixture.seat_of(&mut computer, day(2)), seat);
    let refreshed = fixture.issuer.refresh(seat, day(3)).unwrap();
    let refresh = computer.refresh(&fixture, &refreshed.token);
    assert_eq!(refresh.subscription_end, Some(None));
    assert!(refresh.attributes.is_some());
    assert_eq!((refresh.grace, refresh.features), (None, None));
}

#[test]
fn sequence_numbers_continue_in_the_epoch_and_a_seat_that_used_them_up_raises_it() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    let set_sequence = |fixture: &mut Fixture, sequence: u64| {
        fixture
            .issuer
            .database
            .write::<_, DatabaseError>(|queries| {
                let mut row = queries.seat(seat)?.unwrap();
                row.sequence = sequence;
                queries.change_seat(&row)
            })
            .unwrap();
    };
    let next = |fixture: &mut Fixture| {
        let refreshed = fixture.issuer.refresh(seat, day(2)).unwrap();
        computer.refresh(fixture, &refreshed.token).sequence
    };
    set_sequence(&mut fixture, 65_534);
    assert_eq!(next(&mut fixture), 65_535);
    assert_eq!(next(&mut fixture), 65_537);
    assert_eq!(next(&mut fixture), 65_538);
    // A backup was restored: the epoch is raised, and old numbers never reappear.
    fixture.issuer.database.write::<_, DatabaseError>(|queries| queries.increment_epoch()).unwrap();
    assert_eq!(next(&mut fixture), 2 * 65_536 + 1);
}

#[test]
fn no_sequence_number_repeats_after_a_restore_and_the_epoch_is_kept_without_one() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    let folder = fixture.issuer.folder().to_owned();
    let (database, backup) = (folder.join("issuer.db"), folder.join("backup.db"));
    // The last connection that closes the database moves everything into its main file.
    let close = |fixture: &mut Fixture| fixture.issuer = Fixture::new(1).issuer;
    let open = |fixture: &mut Fixture| fixture.issuer = Issuer::open(&folder, day(2)).unwrap();
    let next = |fixture: &mut Fixture| {
        let refreshed = fixture.issuer.refresh(seat, day(2)).unwrap();
        computer.refresh(fixture, &refreshed.token).sequence
    };
    close(&mut fixture);
    std::fs::copy(&database, &backup).unwrap();
    open(&mut fixture);
    assert_eq!((next(&mut fixture), next(&mut fixture)), (2, 3));
    close(&mut fixture);
    std::fs::rename(&backup, &database).unwrap();
    for number in [65_537, 65_538] {
        open(&mut fixture);
        assert_eq!(next(&mut fixture), number);
        close(&mut fixture);
    }
    open(&mut fixture);
    let audit = fixture.issuer.audit().unwrap();
    let put_back: Vec<_> = audit.iter().filter(|row| row.event == "database_put_back").collect();
    assert_eq!((put_back.len(), put_back[0].at), (1, day(2)));
    assert_eq!(put_back[0].detail, [("epoch".to_owned(), "1".to_owned())]);
}

#[test]
fn an_expired_lease_is_not_granted_beyond_a_reduced_number_of_seats() {
    let mut fixture = Fixture::new(2);
    let (mut a, mut b) = (Computer::new("A"), Computer::new("B"));
    let over = fixture.seat_of(&mut a, day(1));
    let runs = fixture.seat_of(&mut b, day(20));
    fixture.set(EntitlementTerms { seats: Some(1), ..Default::default() });
    // A running lease, including its grace, stays as it is.
    let until = day(1 + 30 + 7);
    assert!(fixture.issuer.refresh(runs, until).is_ok());
    // An expired one isn't granted again, in either way.
    assert_eq!(refused(fixture.issuer.refresh(over, until)), "seat.none_free");
    let last = fixture.events().pop();
    assert_eq!(last.as_deref(), Some("refresh_refused seat.none_free"));
    let request = a.request(&fixture);
    let Err(ActivateError::NoneFree { in_use, looks_like, .. }) = fixture.activate(&request, until)
    else {
        panic!("one seat too many was granted");
    };
    let in_use: Vec<_> = in_use.into_iter().map(|seat| seat.seat).collect();
    assert_eq!((in_use, looks_like), (vec![runs], None));
    let reinstalled = a.reinstalled().request(&fixture);
    let taken = fixture.take_over(&reinstalled, Some(over), until);
    assert_eq!(refused(taken), "seat.none_free");
    // The overdraft makes room, and so does the end of the other lease.
    fixture.set(EntitlementTerms { overdraft: Some(1), ..Default::default() });
    assert!(fixture.issuer.refresh(over, until).is_ok());
}

#[test]
fn an_expired_lease_is_granted_again_once_the_running_one_has_ended() {
    let mut fixture = Fixture::new(2);
    let (mut a, mut b) = (Computer::new("A"), Computer::new("B"));
    let over = fixture.seat_of(&mut a, day(1));
    let runs = fixture.seat_of(&mut b, day(20));
    fixture.set(EntitlementTerms { seats: Some(1), ..Default::default() });
    assert_eq!(refused(fixture.issuer.refresh(over, day(40))), "seat.none_free");
    let gone = b.deactivation(&fixture, runs);
    fixture.issuer.deactivate(&gone, day(40)).unwrap();
    let request = a.request(&fixture);
    assert_eq!(fixture.activate(&request, day(40)).unwrap().grounds, GrantReason::SameSeat);
}

#[test]
fn a_lease_beyond_the_calendar_is_refused_without_a_panic() {
    let mut fixture = Fixture::new(1);
    fixture.set(EntitlementTerms {
        offline_lease: Update::Set("1000y".parse().unwrap()),
        ..Default::default()
    });
    let request = Computer::new("A").request(&fixture);
    let late = "9500-01-01T00:00:00Z".parse().unwrap();
    fixture.issuer.confirm_clock(late).unwrap();
    assert_eq!(refused(fixture.activate(&request, late)), "lease.not_granted");
    fixture.issuer.confirm_clock(day(1)).unwrap();
    assert!(fixture.activate(&request, day(1)).is_ok());
}
