//! Tests of activation requests, of repeated ones, and of one device counter with two request ids.

use latchkey_token::{FeatureValue, Features, HardwareTrait, RequestId};

use super::fixture::*;
use crate::database::ReadTransaction;
use crate::*;

#[test]
fn a_request_with_a_known_code_gets_a_response_that_only_its_computer_can_read() {
    let mut fixture = Fixture::new(2);
    fixture.set(EntitlementTerms {
        features: named([("export", Some("true")), ("nodes", Some("8"))]),
        attributes: named([("edition", Some("Pro"))]),
        ..Default::default()
    });
    let mut computer = Computer::new("Office 4");
    let granted = fixture.activate(&computer.request(&fixture), day(1)).unwrap();
    let response = computer.response(&fixture, &granted.token);
    assert_eq!(response.seat, granted.seat);
    assert_eq!(response.activated_at, day(1).timestamp());
    assert_eq!(response.lease_expiry, day(31).timestamp());
    assert_eq!(response.grace, 7 * 86_400);
    assert_eq!(response.sequence, 1);
    let features: Features = [(1, FeatureValue::Bool(true)), (2, FeatureValue::Number(8))].into();
    assert_eq!(response.features, features);
    assert_eq!(response.attributes["edition"], "Pro");
    assert_eq!(response.subscription_end, None);
    assert_eq!(response.traits_digest, computer.traits(fixture.issuer.vendor().id).digest());
    assert_eq!((granted.grounds, granted.name.as_str()), (GrantReason::Free, "Office 4"));
    assert_eq!(fixture.events().last().map(String::as_str), Some("seat_granted"));
}

#[test]
fn an_unknown_code_is_refused() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer { code: "WRONG-CODE".to_owned(), ..Computer::new("A") };
    let request = computer.request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(1))), "code.unknown");
    assert_eq!(counted(&mut fixture), [("request_refused code.unknown".to_owned(), 1)]);
}

#[test]
fn a_code_is_recognised_however_it_is_written() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer { code: "acme oooo iiiL 2222".to_owned(), ..Computer::new("A") };
    let request = computer.request(&fixture);
    assert!(fixture.activate(&request, day(1)).is_ok());
}

#[test]
fn several_codes_of_one_entitlement_share_its_seats() {
    let mut fixture = Fixture::new(1);
    let second = NewCode::custom("SECOND-CODE-FOR-THE-SAME").unwrap();
    fixture.issuer.add_code(fixture.entitlement, &second, day(0)).unwrap();
    let mut first = Computer::new("A");
    let mut other = Computer { code: second.written().to_owned(), ..Computer::new("B") };
    fixture.seat_of(&mut first, day(1));
    let request = other.request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(1))), "seat.none_free");
}

#[test]
fn a_disabled_code_is_refused_for_new_activations_only() {
    let mut fixture = Fixture::new(2);
    let mut computer = Computer::new("A");
    let request = computer.request(&fixture);
    let granted = fixture.activate(&request, day(1)).unwrap();
    fixture.issuer.disable_code(&CODE.parse().unwrap(), day(2)).unwrap();
    let another = Computer::new("B").request(&fixture);
    assert_eq!(refused(fixture.activate(&another, day(2))), "code.disabled");
    assert_eq!(fixture.activate(&request, day(2)).unwrap().token, granted.token);
    assert!(fixture.issuer.refresh(granted.seat, day(2)).is_ok());
}

#[test]
fn an_ended_entitlement_grants_nothing() {
    let mut fixture = Fixture::new(2);
    fixture.issuer.end_entitlement(fixture.entitlement, day(1)).unwrap();
    let request = Computer::new("A").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(1))), "entitlement.ended");
}

#[test]
fn an_entitlement_without_an_offline_lease_period_grants_nothing() {
    let mut fixture = Fixture::new(2);
    fixture.set(EntitlementTerms { offline_lease: Update::Clear, ..Default::default() });
    let request = Computer::new("A").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(1))), "entitlement.no_offline_lease");
}

#[test]
fn an_ended_subscription_grants_nothing() {
    let mut fixture = Fixture::new(2);
    fixture.set(EntitlementTerms { subscription_end: Update::Set(day(10)), ..Default::default() });
    let mut computer = Computer::new("A");
    let request = computer.request(&fixture);
    assert!(fixture.activate(&request, day(9)).is_ok());
    let request = Computer::new("B").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(10))), "entitlement.subscription_over");
}

#[test]
fn a_subscription_that_ends_earlier_is_the_expiry() {
    let mut fixture = Fixture::new(1);
    fixture.set(EntitlementTerms { subscription_end: Update::Set(day(10)), ..Default::default() });
    let mut computer = Computer::new("A");
    let granted = fixture.activate(&computer.request(&fixture), day(1)).unwrap();
    assert_eq!(granted.lease_expiry, day(10));
    let response = computer.response(&fixture, &granted.token);
    assert_eq!(response.subscription_end, Some(day(10).timestamp()));
}

#[test]
fn a_code_of_another_product_is_refused() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer { product: 2, ..Computer::new("A") };
    let request = computer.request(&fixture);
    let error = fixture.activate(&request, day(1)).unwrap_err();
    let (asked, belongs) = ("Acme Paint".to_owned(), "Acme CAD".to_owned());
    assert_eq!(error, ActivateError::WrongProduct { asked, belongs });
}

#[test]
fn the_same_computer_gets_the_same_seat_again_with_a_new_response() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let first = fixture.activate(&computer.request(&fixture), day(1)).unwrap();
    let second = fixture.activate(&computer.request(&fixture), day(5)).unwrap();
    assert_eq!((second.seat, &second.grounds), (first.seat, &GrantReason::SameSeat));
    let sequence = |granted: &Granted| computer.response(&fixture, &granted.token).sequence;
    assert_eq!((sequence(&first), sequence(&second)), (1, 2));
    assert_eq!(fixture.issuer.seats(None, day(5)).unwrap().len(), 1);
}

#[test]
fn no_seat_free_names_the_seats_in_use_with_their_expiry() {
    let mut fixture = Fixture::new(2);
    let (mut a, mut b) = (Computer::new("A"), Computer::new("B"));
    let (seat_b, seat_a) = (fixture.seat_of(&mut b, day(1)), fixture.seat_of(&mut a, day(2)));
    let request = Computer::new("C").request(&fixture);
    let Err(ActivateError::NoneFree { in_use, looks_like, .. }) =
        fixture.activate(&request, day(3))
    else {
        panic!("one seat too many was granted");
    };
    let seen: Vec<_> = in_use.iter().map(|s| (s.seat, s.name.as_str(), s.lease_expiry)).collect();
    // The seat that becomes free first is listed first.
    assert_eq!(seen, [(seat_b, "B", day(31)), (seat_a, "A", day(32))]);
    assert_eq!(looks_like, None);
}

#[test]
fn the_seat_whose_lease_and_grace_ended_first_is_reused_first() {
    let mut fixture = Fixture::new(2);
    let (mut a, mut b) = (Computer::new("A"), Computer::new("B"));
    let seat_b = fixture.seat_of(&mut b, day(1));
    let seat_a = fixture.seat_of(&mut a, day(2));
    let mut c = Computer::new("C");
    let request = c.request(&fixture);
    // The lease expires on day 31 and is in grace until day 38.
    assert_eq!(refused(fixture.activate(&request, day(37))), "seat.none_free");
    let granted = fixture.activate(&request, day(40)).unwrap();
    assert_eq!(granted.grounds, GrantReason::Reused { old: "B".to_owned() });
    assert_ne!(granted.seat, seat_b);
    assert_eq!(fixture.state(seat_b, day(40)), SeatState::Reused);
    assert_eq!(fixture.state(seat_a, day(40)), SeatState::LeaseExpired);
    let seats = fixture.issuer.seats(None, day(40)).unwrap();
    let old = seats.iter().find(|seat| seat.id == seat_b).unwrap();
    assert_eq!(old.reused_by, Some(granted.seat));
}

#[test]
fn an_expired_seat_is_left_alone_while_another_one_is_free() {
    let mut fixture = Fixture::new(2);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    fixture.seat_of(&mut Computer::new("B"), day(100));
    assert_eq!(fixture.state(seat, day(100)), SeatState::LeaseExpired);
    assert!(fixture.issuer.refresh(seat, day(100)).is_ok());
}

#[test]
fn the_overdraft_is_used_when_nothing_else_is_left_and_no_further() {
    let mut fixture = Fixture::new(1);
    fixture.set(EntitlementTerms { overdraft: Some(1), ..Default::default() });
    fixture.seat_of(&mut Computer::new("A"), day(1));
    let request = Computer::new("B").request(&fixture);
    assert_eq!(fixture.activate(&request, day(2)).unwrap().grounds, GrantReason::Overdraft);
    let request = Computer::new("C").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(3))), "seat.none_free");
    // A's lease and grace end on day 38.
    let granted = fixture.activate(&request, day(38)).unwrap();
    assert_eq!(granted.grounds, GrantReason::Reused { old: "A".to_owned() });
}

#[test]
fn a_reduced_number_of_seats_is_enforced_even_if_old_leases_have_expired() {
    let mut fixture = Fixture::new(3);
    let mut old: Vec<_> = ["A", "B", "C"].map(Computer::new).into();
    let seats: Vec<_> = old.iter_mut().map(|computer| fixture.seat_of(computer, day(1))).collect();
    fixture.set(EntitlementTerms { seats: Some(1), ..Default::default() });
    let request = Computer::new("D").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(2))), "seat.none_free");
    // One of the three is prolonged: it occupies the one seat that is left.
    fixture.issuer.refresh(seats[0], day(50)).unwrap();
    assert_eq!(refused(fixture.activate(&request, day(50))), "seat.none_free");
    assert!(fixture.activate(&request, day(200)).is_ok());
    for seat in seats {
        assert_eq!(fixture.state(seat, day(200)), SeatState::Reused);
    }
}

#[test]
fn an_old_lease_that_was_longer_than_the_newest_still_counts() {
    for by_refresh in [true, false] {
        let mut fixture = Fixture::new(1);
        let mut a = Computer::new("A");
        let seat = fixture.seat_of(&mut a, day(1));
        // It is unknown whether the token that shortens the lease ever arrives.
        fixture
            .set(EntitlementTerms { subscription_end: Update::Set(day(5)), ..Default::default() });
        if by_refresh {
            fixture.issuer.refresh(seat, day(2)).unwrap();
        } else {
            assert_eq!(fixture.seat_of(&mut a, day(2)), seat);
        }
        fixture.set(EntitlementTerms { subscription_end: Update::Clear, ..Default::default() });
        let request = Computer::new("B").request(&fixture);
        assert_eq!(refused(fixture.activate(&request, day(20))), "seat.none_free");
        assert!(fixture.activate(&request, day(38)).is_ok());
    }
}

#[test]
fn the_same_request_again_gets_the_same_response_byte_for_byte() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let request = computer.request(&fixture);
    let first = fixture.activate(&request, day(1)).unwrap();
    // The computer seals the request again whenever it is shown: other bytes, the same request.
    let opened = latchkey_token::RequestId::random().unwrap();
    let again = computer.request_as(&fixture, opened, 9);
    let shown_twice = computer.request_as(&fixture, opened, 9);
    assert_ne!(again, shown_twice);
    let second = fixture.activate(&again, day(2)).unwrap();
    assert_eq!(fixture.activate(&request, day(20)).unwrap().token, first.token);
    let repeated = fixture.activate(&shown_twice, day(20)).unwrap();
    assert_eq!((repeated.token, repeated.grounds), (second.token, GrantReason::Repeated));
}

#[test]
fn a_repeated_response_reports_its_own_expiry_and_not_that_of_a_later_refresh() {
    let mut fixture = Fixture::new(1);
    let request = Computer::new("A").request(&fixture);
    let granted = fixture.activate(&request, day(1)).unwrap();
    fixture.issuer.refresh(granted.seat, day(20)).unwrap();
    let again = fixture.activate(&request, day(21)).unwrap();
    assert_eq!((again.token, again.lease_expiry), (granted.token, day(31)));
}

#[test]
fn a_repeated_request_is_refused_once_its_seat_is_no_longer_held() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    let request = a.request(&fixture);
    let seat = fixture.activate(&request, day(1)).unwrap().seat;
    let gone = a.deactivation(&fixture, seat);
    fixture.issuer.deactivate(&gone, day(2)).unwrap();
    assert_eq!(refused(fixture.activate(&request, day(3))), "seat.deactivated");

    let mut b = Computer::new("B");
    let request = b.request(&fixture);
    let seat = fixture.activate(&request, day(3)).unwrap().seat;
    let other = Computer::new("C").request(&fixture);
    fixture.activate(&other, day(60)).unwrap();
    assert_eq!(refused(fixture.activate(&request, day(60))), "seat.reused");
    assert_eq!(fixture.state(seat, day(60)), SeatState::Reused);

    fixture.issuer.end_entitlement(fixture.entitlement, day(61)).unwrap();
    assert_eq!(refused(fixture.activate(&other, day(61))), "entitlement.ended");
}

#[test]
fn a_repeated_request_is_refused_once_the_vendor_has_released_its_seat() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    let request = a.request(&fixture);
    let seat = fixture.activate(&request, day(1)).unwrap().seat;
    fixture.issuer.release(seat, false, day(2)).unwrap();
    assert_eq!(refused(fixture.activate(&request, day(3))), "seat.released");
}

#[test]
fn a_request_id_is_not_used_again_for_something_else() {
    let mut fixture = Fixture::new(2);
    let computer = Computer::new("A");
    let id = RequestId::random().unwrap();
    fixture.activate(&computer.request_as(&fixture, id, 1), day(1)).unwrap();
    let changed = computer.request_as(&fixture, id, 2);
    assert_eq!(refused(fixture.activate(&changed, day(1))), "request.changed");
    // Another computer may draw the same id.
    let other = Computer::new("B").request_as(&fixture, id, 1);
    assert!(fixture.activate(&other, day(1)).is_ok());
}

#[test]
fn a_refused_request_is_granted_when_it_is_submitted_again_later() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    let request = Computer::new("B").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(2))), "seat.none_free");
    let gone = a.deactivation(&fixture, seat);
    fixture.issuer.deactivate(&gone, day(3)).unwrap();
    assert!(fixture.activate(&request, day(3)).is_ok());
}

#[test]
fn one_counter_under_two_request_ids_is_recorded_and_refused_on_other_hardware() {
    let mut fixture = Fixture::new(3);
    let mut computer = Computer::new("A");
    fixture.seat_of(&mut computer, day(1));
    let same_place = computer.request_as(&fixture, RequestId::random().unwrap(), computer.counter);
    fixture.activate(&same_place, day(2)).unwrap();
    assert_eq!(fixture.last_notes(), ("seat_granted".to_owned(), "vault_copied".to_owned()));

    let copy = computer.moved_to("B");
    let elsewhere = copy.request_as(&fixture, RequestId::random().unwrap(), computer.counter);
    assert_eq!(refused(fixture.activate(&elsewhere, day(3))), "device.copied");
    assert_eq!(fixture.events().last().map(String::as_str), Some("request_refused device.copied"));
}

/// What the advice of `device.copied` promises.
#[test]
fn further_requests_keep_the_seat_when_a_vault_has_moved_to_another_computer() {
    let mut fixture = Fixture::new(1);
    let mut old = Computer::new("A");
    let seat = fixture.seat_of(&mut old, day(1));
    // The vault was restored from a backup that is three requests old, and so is its counter.
    let mut moved = old.moved_to("B");
    for _ in 0..2 {
        assert_eq!(fixture.seat_of(&mut old, day(2)), seat);
    }
    moved.counter = old.counter - 3;
    for _ in 0..3 {
        let refused_one = moved.request(&fixture);
        assert_eq!(refused(fixture.activate(&refused_one, day(3))), "device.copied");
    }
    let another = moved.request(&fixture);
    assert_eq!(fixture.activate(&another, day(3)).unwrap().seat, seat);
}

#[test]
fn a_copy_is_detected_even_if_the_first_request_was_refused() {
    let mut fixture = Fixture::new(1);
    fixture.seat_of(&mut Computer::new("A"), day(1));
    let mut b = Computer::new("B");
    let request = b.request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(1))), "seat.none_free");
    let copy = b.moved_to("C").request_as(&fixture, RequestId::random().unwrap(), b.counter);
    assert_eq!(refused(fixture.activate(&copy, day(100))), "device.copied");
}

#[test]
fn requests_may_arrive_in_any_order() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let early = computer.request(&fixture);
    computer.name = "A, renamed".to_owned();
    let late = computer.request(&fixture);
    let seat = fixture.activate(&late, day(1)).unwrap().seat;
    let granted = fixture.activate(&early, day(2)).unwrap();
    assert_eq!((granted.seat, granted.name.as_str()), (seat, "A, renamed"));
    assert_eq!(fixture.last_notes().1, "");
}

#[test]
fn tokens_of_another_kind_vendor_or_key_are_refused_with_distinct_codes() {
    let mut fixture = Fixture::new(2);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    let deactivation = computer.deactivation(&fixture, seat);
    assert_eq!(refused(fixture.activate(&deactivation, day(1))), "token.wrong_kind");
    let response = fixture.issuer.refresh(seat, day(1)).unwrap().token;
    assert_eq!(refused(fixture.activate(&response, day(1))), "token.wrong_kind");

    let elsewhere = Fixture::new(1);
    let foreign = computer.request(&elsewhere);
    assert_eq!(refused(fixture.activate(&foreign, day(1))), "token.not_for_this_vendor");

    let mut bytes = computer.request(&fixture).as_bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let altered = latchkey_token::Token::from_bytes(bytes).unwrap();
    assert_eq!(refused(fixture.activate(&altered, day(1))), "token.decryption");
    assert_eq!(
        counted(&mut fixture),
        [
            ("request_refused token.wrong_kind".to_owned(), 2),
            ("request_refused token.not_for_this_vendor".to_owned(), 1),
            ("request_refused token.decryption".to_owned(), 1),
        ]
    );
}

/// The audit rows that stand for several events, in the order of their first events.
fn counted(fixture: &mut Fixture) -> Vec<(String, u64)> {
    let rows = fixture.issuer.audit().unwrap().into_iter();
    let said = |row: AuditRow| {
        let refusal = row.refusal.map(|refusal| format!(" {refusal}")).unwrap_or_default();
        Some((row.event + &refusal, row.counted?))
    };
    rows.filter_map(said).collect()
}

#[test]
fn refusals_of_unknown_signers_are_counted_by_hour_and_code() {
    let mut fixture = Fixture::new(1);
    let before = fixture.issuer.audit().unwrap().len();
    let unread = latchkey_token::ReadError::Truncated { have: 10, of: 300 };
    let hour = chrono::TimeDelta::hours(1);
    for n in 0..60 {
        let at = day(1) + chrono::TimeDelta::seconds(n);
        fixture.issuer.record_unread_request(&unread, at).unwrap();
        fixture.issuer.record_unread_deactivation(&unread, at).unwrap();
        let code = format!("WRONG-CODE-{n}");
        let guess = Computer { code, ..Computer::new("Guess") }.request(&fixture);
        assert_eq!(refused(fixture.activate(&guess, at)), "code.unknown");
    }
    fixture.issuer.record_unread_request(&unread, day(1) + hour).unwrap();
    let of = |event: &str, count| (event.to_owned(), count);
    assert_eq!(
        counted(&mut fixture),
        [
            of("request_refused token.truncated", 60),
            of("deactivation_refused token.truncated", 60),
            of("request_refused code.unknown", 60),
            of("request_refused token.truncated", 1),
        ]
    );
    let rows = fixture.issuer.audit().unwrap();
    assert_eq!(rows.len(), before + 4, "an event got its own row");
    assert_eq!((rows[before].at, rows[before + 3].at), (day(1), day(1) + hour));
    // A request with a known code gets its own row.
    fixture.seat_of(&mut Computer::new("A"), day(2));
    let request = Computer::new("B").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(2))), "seat.none_free");
    let last = fixture.issuer.audit().unwrap().pop().unwrap();
    assert_eq!((last.refusal.as_deref(), last.counted), (Some("seat.none_free"), None));
    assert!(last.device.is_some() && last.code.is_some());
}

#[test]
fn beyond_the_quota_events_without_effect_are_counted_and_others_get_a_row() {
    use std::sync::atomic::{AtomicU64, Ordering};
    let mut fixture = Fixture::new(1);
    let granted = Computer::new("A").request(&fixture);
    fixture.activate(&granted, day(1)).unwrap();
    let refusal = Computer::new("B").request(&fixture);
    let left = std::sync::Arc::new(AtomicU64::new(3));
    let take = move || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
    let quota = RowQuota::new(move || take().is_ok());
    fixture.issuer.within_quota(quota, |issuer| {
        for _ in 0..5 {
            assert_eq!(refused(issuer.activate(&refusal, None, day(2))), "seat.none_free");
            assert_eq!(
                issuer.activate(&granted, None, day(2)).unwrap().grounds,
                GrantReason::Repeated
            );
        }
        let seat = issuer.seats(None, day(2)).unwrap()[0].id;
        issuer.refresh(seat, day(2)).unwrap();
    });
    let of = |event: &str, count| (event.to_owned(), count);
    assert_eq!(
        counted(&mut fixture),
        [of("response_repeated", 4), of("request_refused seat.none_free", 3)]
    );
    let events = fixture.events();
    let single = |event: &str| events.iter().filter(|found| *found == event).count();
    assert_eq!(single("request_refused seat.none_free"), 2 + 1);
    assert_eq!(single("response_repeated"), 1 + 1);
    assert_eq!(single("refresh_granted"), 1);
    // Later events aren't counted against the quota.
    assert_eq!(refused(fixture.activate(&refusal, day(3))), "seat.none_free");
    assert_eq!(fixture.issuer.audit().unwrap().pop().unwrap().counted, None);
}

#[test]
fn refused_requests_are_stored_only_within_the_quota_of_the_audit() {
    use std::sync::atomic::{AtomicU64, Ordering};
    let mut fixture = Fixture::new(1);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    let left = std::sync::Arc::new(AtomicU64::new(3));
    let take = move || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
    let remembered = |fixture: &Fixture| -> i64 {
        let database =
            rusqlite::Connection::open(fixture.issuer.folder().join("issuer.db")).unwrap();
        database.query_row("SELECT COUNT(*) FROM request", [], |row| row.get(0)).unwrap()
    };
    let requests: Vec<_> = (0..9).map(|_| Computer::new("B").request(&fixture)).collect();
    fixture.issuer.within_quota(RowQuota::new(move || take().is_ok()), |issuer| {
        for request in &requests {
            assert_eq!(refused(issuer.activate(request, None, day(2))), "seat.none_free");
        }
    });
    assert_eq!(remembered(&fixture), 1 + 3);
    assert_eq!(counted(&mut fixture), [("request_refused seat.none_free".to_owned(), 6)]);
    // A grant is always stored.
    fixture.issuer.release(seat, true, day(3)).unwrap();
    fixture.activate(&requests[8], day(3)).unwrap();
    assert_eq!(remembered(&fixture), 1 + 3 + 1);
}

#[test]
fn a_request_for_the_spare_key_is_answered_while_its_file_is_here() {
    let mut fixture = Fixture::new(1);
    // A product that was configured to use the spare key.
    fixture.issuer.vendor.keys.swap(0, 1);
    let request = Computer::new("A").request(&fixture);
    fixture.issuer.vendor.keys.swap(0, 1);
    let folder = fixture.issuer.folder().to_owned();
    let spare = folder.join("keys/spare.key");
    let away = folder.join("spare-locked-away");
    std::fs::rename(&spare, &away).unwrap();
    fixture.issuer = Issuer::open(&folder, day(1)).unwrap();
    assert_eq!(refused(fixture.activate(&request, day(1))), "token.key_offline");
    std::fs::rename(&away, &spare).unwrap();
    fixture.issuer = Issuer::open(&folder, day(1)).unwrap();
    assert!(fixture.activate(&request, day(1)).is_ok());
}

#[test]
fn a_device_may_use_the_whole_range_of_its_counter() {
    let mut fixture = Fixture::new(1);
    let computer = Computer::new("A");
    let ask = |fixture: &mut Fixture, counter, when| {
        let request = computer.request_as(fixture, RequestId::random().unwrap(), counter);
        fixture.activate(&request, when).unwrap().seat
    };
    // The numbers around the one from which the database stores them as negative ones.
    let half = 1 << 63;
    let seat = ask(&mut fixture, half - 2, day(1));
    assert_eq!(ask(&mut fixture, half - 1, day(1)), seat);
    assert_eq!(ask(&mut fixture, half, day(1)), seat);
    let lower = computer.deactivation_as(&fixture, seat, half - 1);
    assert_eq!(refused(fixture.issuer.deactivate(&lower, day(2))), "deactivation.superseded");
    let returned = computer.deactivation_as(&fixture, seat, u64::MAX - 1);
    assert_eq!(fixture.issuer.deactivate(&returned, day(2)).unwrap().outcome, Outcome::Released);
    ask(&mut fixture, half + 1, day(3));
    assert_eq!(fixture.last_notes().1, "older_than_deactivation");
    ask(&mut fixture, u64::MAX, day(3));
    assert_eq!(fixture.last_notes().1, "");
}

#[test]
fn indistinguishable_hardware_is_recorded() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    computer.hardware.retain(|(which, _)| *which == HardwareTrait::Processor);
    fixture.seat_of(&mut computer, day(1));
    assert_eq!(fixture.last_notes().1, "no_strong_trait");
}

#[test]
fn the_audit_log_contains_no_complete_code_and_no_token() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let granted = fixture.activate(&computer.request(&fixture), day(1)).unwrap();
    let _ = fixture.activate(&Computer::new("B").request(&fixture), day(1));
    let audit = format!("{:?}", fixture.issuer.audit().unwrap());
    let folded = CODE.replace('-', "");
    for secret in [CODE, folded.as_str(), &granted.token.to_string(), "ACME-0000"] {
        assert!(!audit.contains(secret), "{secret}");
    }
    assert!(audit.contains("••••-2222"));
}

fn given(code: &str) -> Choices {
    let code = GivenCode { code: code.parse().unwrap(), place: GivenAt::Portal };
    Choices { code: Some(code), ..Choices::default() }
}

/// The codes in an audit row: event, code, where one was given, and the request's own.
type AboutCodes = (String, Option<String>, Option<String>, Option<String>);

fn said_of(event: &str, code: &str, given: Option<(&str, &str)>) -> AboutCodes {
    let masked = |code: &str| code.parse::<latchkey_token::ActivationCode>().unwrap().masked();
    let place = given.map(|(place, _)| place.to_owned());
    (event.to_owned(), Some(masked(code)), place, given.map(|(_, own)| masked(own)))
}

fn newest_about_codes(fixture: &mut Fixture) -> AboutCodes {
    let row = fixture.issuer.audit().unwrap().pop().unwrap();
    let detail =
        |name: &str| row.detail.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    (row.event.clone(), row.code.clone(), detail("code_given"), detail("request_code"))
}

#[test]
fn a_code_given_with_a_request_replaces_its_own() {
    for (own, refusal) in [
        ("ACME-0000-1111-2223", "code.unknown"),
        ("PAINT-0000-1111-22", "request.wrong_product"),
        ("ENDED-0000-1111-22", "entitlement.ended"),
    ] {
        let mut fixture = Fixture::new(1);
        fixture.issuer.add_entitlement(2, &terms(1, "PAINT-0000-1111-22"), day(0)).unwrap();
        let ended = fixture.issuer.add_entitlement(1, &terms(1, "ENDED-0000-1111-22"), day(0));
        fixture.issuer.end_entitlement(ended.unwrap(), day(0)).unwrap();
        let mut computer = Computer::new("Office 1");
        own.clone_into(&mut computer.code);
        let id = RequestId::random().unwrap();
        computer.counter = 1;
        let request = computer.request_as(&fixture, id, 1);
        assert_eq!(refused(fixture.activate(&request, day(1))), refusal);
        let preview = fixture.preview_with(&request, &given(CODE), day(1));
        assert_eq!(preview.unwrap().seats, 1);
        // Another wrong one changes nothing.
        let wrong = fixture.activate_with(&request, &given("ACME-9"), day(1));
        assert_eq!(refused(wrong), "code.unknown");

        let granted = fixture.activate_with(&request, &given(CODE), day(1)).unwrap();
        assert_eq!(granted.grounds, GrantReason::Free, "{own}");
        let response = computer.response(&fixture, &granted.token);
        assert_eq!((response.seat, response.request), (granted.seat, id));

        // The audit log records which code was used, that it was given with the request, and where.
        let noted = |event| said_of(event, CODE, Some(("portal", own)));
        assert_eq!(newest_about_codes(&mut fixture), noted("seat_granted"));

        // A repeated request returns the same response, byte for byte, with the code and without
        // it.
        for choices in [given(CODE), Choices::default()] {
            let again = fixture.activate_with(&request, &choices, day(2)).unwrap();
            assert_eq!(
                (&again.token, again.grounds),
                (&granted.token, GrantReason::Repeated),
                "{own}"
            );
            assert_eq!(newest_about_codes(&mut fixture), noted("response_repeated"));
            let preview = fixture.preview_with(&request, &choices, day(2));
            assert_eq!(preview.unwrap().grounds, GrantReason::Repeated);
        }
        assert_eq!(fixture.issuer.seats(None, day(2)).unwrap().len(), 1);
        // This doesn't make its own code valid.
        let other = computer.request(&fixture);
        assert_eq!(refused(fixture.activate(&other, day(2))), refusal);
    }
}

/// Otherwise another transaction could fill the entitlement of the request's own code while this
/// one decides that it is full, and that the given code counts.
#[test]
fn the_entitlements_of_both_codes_and_of_an_earlier_answer_are_locked() {
    let mut fixture = Fixture::new(1);
    fixture.seat_of(&mut Computer::new("A"), day(1));
    let [second, third] = ["ACME-2222-2222-2222", "ACME-3333-3333-3333"]
        .map(|code| fixture.issuer.add_entitlement(1, &terms(1, code), day(0)).unwrap());
    let request = Computer::new("B").request(&fixture);
    let all = [fixture.entitlement, second, third];
    let mut locked_by = |code: &str| {
        let taken = |fixture: &mut Fixture| {
            let read = |queries: &ReadTransaction<'_>| {
                all.map(|id| queries.locks_taken(id)).into_iter().collect::<Result<Vec<_>, _>>()
            };
            fixture.issuer.database.read(read).unwrap()
        };
        let before = taken(&mut fixture);
        let _ = fixture.activate_with(&request, &given(code), day(1));
        let after = taken(&mut fixture);
        after.iter().zip(before).map(|(after, before)| *after > before).collect::<Vec<_>>()
    };
    assert_eq!(locked_by("ACME-2222-2222-2222"), [true, true, false]);
    assert_eq!(locked_by("ACME-3333-3333-3333"), [true, true, true]);
}

#[test]
fn a_code_given_with_a_request_is_refused_as_its_own_would_be() {
    let mut fixture = Fixture::new(1);
    fixture.issuer.add_entitlement(1, &terms(1, "OTHER-0000-1111-22"), day(0)).unwrap();
    fixture.issuer.add_entitlement(2, &terms(1, "PAINT-0000-1111-22"), day(0)).unwrap();
    let mut computer = Computer::new("Office 1");
    "ACME-0000-1111-2223".clone_into(&mut computer.code);
    let request = computer.request(&fixture);
    let code = CODE.parse().unwrap();
    let wrong = fixture.activate_with(&request, &given("PAINT-0000-1111-22"), day(1));
    assert_eq!(refused(wrong), "request.wrong_product");
    let mut first = Computer::new("Office 2");
    fixture.seat_of(&mut first, day(1));
    let full = fixture.activate_with(&request, &given(CODE), day(1));
    assert_eq!(refused(full), "seat.none_free");
    // A refusal doesn't tie the request to an entitlement: another code may still be given.
    assert_eq!(refused(fixture.activate(&request, day(1))), "code.unknown");
    let granted = fixture.activate_with(&request, &given("OTHER-0000-1111-22"), day(1));
    assert!(granted.is_ok());
    // Once it is answered, it stays with its entitlement.
    let moved = fixture.activate_with(&request, &given(CODE), day(1));
    assert_eq!(refused(moved), "request.changed");

    fixture.issuer.disable_code(&code, day(1)).unwrap();
    let mut third = Computer::new("Office 3");
    "NONE".clone_into(&mut third.code);
    let request = third.request(&fixture);
    let disabled = fixture.activate_with(&request, &given(CODE), day(1));
    assert_eq!(refused(disabled), "code.disabled");
}

#[test]
fn a_repeated_response_is_refused_once_the_seat_of_a_given_code_is_no_longer_held() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("Office 1");
    "NONE".clone_into(&mut computer.code);
    let request = computer.request(&fixture);
    let granted = fixture.activate_with(&request, &given(CODE), day(1)).unwrap();
    fixture.issuer.release(granted.seat, true, day(1)).unwrap();
    assert_eq!(refused(fixture.activate(&request, day(1))), "seat.released");
}

/// The code of another customer's entitlement with short leases.
const SHORT: &str = "SHORT-0000-1111-33";

fn with_short_leases(seats: u32) -> Fixture {
    let mut fixture = Fixture::new(seats);
    let day_long = Update::Set("1d".parse().unwrap());
    let short = EntitlementTerms { offline_lease: day_long, ..terms(9, SHORT) };
    fixture.issuer.add_entitlement(1, &short, day(0)).unwrap();
    fixture
}

#[test]
fn a_given_code_is_ignored_while_that_of_the_request_has_a_seat_elsewhere() {
    let mut fixture = with_short_leases(1);
    let mut computer = Computer::new("Office 1");
    let request = computer.request(&fixture);
    let with = |fixture: &mut Fixture, request: &latchkey_token::Token, code: &str, at| {
        let seen = fixture.preview_with(request, &given(code), at);
        let done = fixture.activate_with(request, &given(code), at);
        assert_eq!(seen.as_ref().err(), done.as_ref().err(), "the preview differs");
        done
    };
    // If another person submits it first, nothing changes, and a guess is answered as a guess.
    assert_eq!(refused(with(&mut fixture, &request, SHORT, day(1))), "code.own_is_valid");
    let noted = said_of("request_refused", SHORT, Some(("portal", CODE)));
    assert_eq!(newest_about_codes(&mut fixture), noted);
    assert_eq!(refused(with(&mut fixture, &request, "ACME-9", day(1))), "code.unknown");
    assert!(fixture.issuer.seats(None, day(1)).unwrap().is_empty());
    let granted = fixture.activate(&request, day(1)).unwrap();
    assert_eq!((granted.grounds, granted.lease_expiry), (GrantReason::Free, day(31)));
    // Nor does it count afterwards, for the same request or for the next one of a computer that has
    // a seat.
    assert_eq!(refused(with(&mut fixture, &request, SHORT, day(2))), "code.own_is_valid");
    let renewal = computer.request(&fixture);
    assert_eq!(refused(with(&mut fixture, &renewal, SHORT, day(2))), "code.own_is_valid");
    assert_eq!(fixture.activate(&request, day(2)).unwrap().token, granted.token);

    // Its own code, or another one of its entitlement, isn't another code.
    let own = with(&mut fixture, &request, CODE, day(2)).unwrap();
    assert_eq!(own.token, granted.token);
    assert_eq!(newest_about_codes(&mut fixture), said_of("response_repeated", CODE, None));
    let second = NewCode::custom("SAME-0000-1111-4444").unwrap();
    fixture.issuer.add_code(fixture.entitlement, &second, day(2)).unwrap();
    let same = with(&mut fixture, &request, "SAME-0000-1111-4444", day(2)).unwrap();
    assert_eq!(same.token, granted.token);

    // An expired seat is available, and so is the overdraft.
    let mut other = Computer::new("Office 2");
    let request = other.request(&fixture);
    assert_eq!(refused(with(&mut fixture, &request, SHORT, day(60))), "code.own_is_valid");
    fixture.set(EntitlementTerms { overdraft: Some(1), ..Default::default() });
    assert_eq!(refused(with(&mut fixture, &request, SHORT, day(60))), "code.own_is_valid");
}

#[test]
fn a_request_with_a_valid_code_gets_its_own_seat_whatever_code_was_given() {
    let mut fixture = with_short_leases(1);
    let taken = fixture.seat_of(&mut Computer::new("Office 2"), day(1));
    let computer = &mut Computer::new("Office 1");
    let request = computer.request(&fixture);
    // While no seat is free, another entitlement's code may be given.
    assert_eq!(refused(fixture.activate(&request, day(1))), "seat.none_free");
    let other = fixture.activate_with(&request, &given(SHORT), day(1)).unwrap();
    assert_eq!((&other.grounds, other.lease_expiry), (&GrantReason::Free, day(2)));
    // Without it, the request is judged by its own code; with it, the response is the same.
    let without = |fixture: &mut Fixture, at| {
        let seen = fixture.preview(&request, at);
        let done = fixture.activate(&request, at);
        assert_eq!(seen.as_ref().err(), done.as_ref().err(), "the preview differs");
        assert_eq!(seen.ok().map(|seen| seen.grounds), done.clone().ok().map(|done| done.grounds));
        done
    };
    assert_eq!(refused(without(&mut fixture, day(1))), "seat.none_free");
    fixture.issuer.release(taken, true, day(1)).unwrap();
    let again = fixture.activate_with(&request, &given(SHORT), day(1)).unwrap();
    assert_eq!((&again.token, again.grounds), (&other.token, GrantReason::Repeated));

    let granted = without(&mut fixture, day(1)).unwrap();
    assert_eq!((&granted.grounds, granted.lease_expiry), (&GrantReason::Free, day(31)));
    assert_ne!(granted.seat, other.seat);
    assert_eq!(newest_about_codes(&mut fixture), said_of("seat_granted", CODE, None));
    assert_eq!(computer.response(&fixture, &granted.token).seat, granted.seat);
    // From then on it is answered, and keeps that answer.
    let again = without(&mut fixture, day(2)).unwrap();
    assert_eq!((&again.token, again.grounds), (&granted.token, GrantReason::Repeated));
    assert_eq!(newest_about_codes(&mut fixture), said_of("response_repeated", CODE, None));
    let moved = fixture.activate_with(&request, &given(SHORT), day(2));
    assert_eq!(refused(moved), "code.own_is_valid");
    fixture.issuer.disable_code(&CODE.parse().unwrap(), day(2)).unwrap();
    let moved = fixture.activate_with(&request, &given(SHORT), day(2));
    assert_eq!(refused(moved), "request.changed");
}

#[test]
fn a_code_that_becomes_valid_later_precedes_the_answer_to_a_given_one() {
    let mut fixture = with_short_leases(1);
    let mut computer = Computer::new("Office 1");
    "LATER-0000-1111-55".clone_into(&mut computer.code);
    let request = computer.request(&fixture);
    let other = fixture.activate_with(&request, &given(SHORT), day(1)).unwrap();
    assert_eq!(fixture.activate(&request, day(1)).unwrap().token, other.token);
    let later = NewCode::custom("LATER-0000-1111-55").unwrap();
    fixture.issuer.add_code(fixture.entitlement, &later, day(1)).unwrap();
    let granted = fixture.activate(&request, day(1)).unwrap();
    assert_eq!((granted.grounds, granted.lease_expiry), (GrantReason::Free, day(31)));
}

#[test]
fn a_refusal_with_a_given_code_does_not_keep_the_request_from_its_own() {
    let mut fixture = with_short_leases(1);
    let short = SHORT.parse().unwrap();
    fixture.issuer.disable_code(&short, day(1)).unwrap();
    let taken = fixture.seat_of(&mut Computer::new("Office 2"), day(1));
    let request = Computer::new("Office 1").request(&fixture);
    let disabled = fixture.activate_with(&request, &given(SHORT), day(1));
    assert_eq!(refused(disabled), "code.disabled");
    fixture.issuer.release(taken, true, day(1)).unwrap();
    assert_eq!(fixture.activate(&request, day(1)).unwrap().lease_expiry, day(31));
}
