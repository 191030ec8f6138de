//! Tests of self-service by activation code, of previews, and of operators.

use chrono::TimeDelta;

use latchkey_token::HasErrorCode as _;

use super::fixture::*;
use crate::*;

/// One address.
const fn place(id: &[u8]) -> SignInOrigin<'_> {
    SignInOrigin { id, addresses: 1 }
}

/// The origin of an attempt to sign in.
const HERE: &[SignInOrigin<'_>] = &[place(b"here")];
/// Another origin.
const THERE: &[SignInOrigin<'_>] = &[place(b"there")];

#[test]
fn a_preview_returns_what_would_be_granted_and_grants_nothing() {
    let mut fixture = Fixture::new(2);
    let request = Computer::new("A").request(&fixture);
    let before = fixture.issuer.audit().unwrap();
    let preview = fixture.preview(&request, day(1)).unwrap();
    assert_eq!((preview.product.as_str(), preview.name.as_str()), ("Acme CAD", "A"));
    assert_eq!((preview.seats, preview.taken, &preview.grounds), (2, 0, &GrantReason::Free));
    assert_eq!(fixture.issuer.audit().unwrap(), before);
    assert!(fixture.issuer.seats(None, day(1)).unwrap().is_empty());
    let granted = fixture.activate(&request, day(1)).unwrap();
    assert_eq!(granted.lease_expiry, preview.lease_expiry);
    let again = fixture.preview(&request, day(2)).unwrap();
    assert_eq!((again.grounds, again.lease_expiry), (GrantReason::Repeated, granted.lease_expiry));
}

/// A preview and a grant follow the same rules: whatever a request would get, the preview shows it,
/// leaves every row as it is and uses up nothing, not even room in the audit log.
#[test]
fn each_preview_is_the_plan_that_the_grant_carries_out() {
    let mut fixture = Fixture::new(2);
    fixture.set(EntitlementTerms { overdraft: Some(1), ..Default::default() });
    let (mut a, mut b) = (Computer::new("A"), Computer::new("B"));
    let first = a.request(&fixture);
    let renewal = a.request(&fixture);
    let next = |computer: &Computer, hardware: &str| {
        let moved = computer.moved_to(hardware);
        Computer { counter: computer.counter + 1, ..moved }
    };
    let mut moved = next(&a, "E");
    let mut moved_again = next(&moved, "F");
    let mut moved_too_often = next(&moved_again, "G");
    let requests = [
        (first.clone(), 1),
        (first, 2),
        (b.request(&fixture), 2),
        (renewal, 3),
        (Computer::new("C").request(&fixture), 3),
        (Computer::new("D").request(&fixture), 3),
        (moved.request(&fixture), 4),
        (moved_again.request(&fixture), 5),
        (moved_too_often.request(&fixture), 6),
        (Computer::new("H").request(&fixture), 100),
    ];
    let mut grounds = Vec::new();
    for (request, at) in &requests {
        let before =
            (fixture.issuer.audit().unwrap(), fixture.issuer.seats(None, day(*at)).unwrap());
        let rows = RowQuota::new(|| panic!("a preview takes no row of the audit log"));
        let preview = {
            let received = fixture.issuer.receive_request(request).unwrap();
            fixture.running(day(*at), |issuer| {
                issuer.within_quota(rows, |issuer| {
                    issuer.preview_activation(&received, &Choices::default(), day(*at))
                })
            })
        };
        let now = (fixture.issuer.audit().unwrap(), fixture.issuer.seats(None, day(*at)).unwrap());
        assert_eq!(now, before);
        match (preview, fixture.activate(request, day(*at))) {
            (Ok(preview), Ok(granted)) => {
                assert_eq!(preview.product, granted.product);
                assert_eq!(preview.lease_expiry, granted.lease_expiry);
                assert_eq!(preview.grounds, granted.grounds);
                grounds.push(format!("{:?}", granted.grounds));
            }
            (Err(preview), Err(refused)) => {
                assert_eq!(preview, refused);
                grounds.push(refused.code().name.to_owned());
            }
            (preview, granted) => panic!("{preview:?} and {granted:?}"),
        }
    }
    let expected = [
        "Free",
        "Repeated",
        "Free",
        "SameSeat",
        "Overdraft",
        "seat.none_free",
        "SameSeat",
        "SameSeat",
        "takeover.limit",
        "Reused { old: \"B\" }",
    ];
    assert_eq!(grounds, expected);
}

#[test]
fn a_preview_does_not_wait_for_a_process_that_writes() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    let request = computer.request(&fixture);
    let deactivation = computer.deactivation(&fixture, seat);
    let mut other = fixture.issuer.open_connection().unwrap();
    // A transaction that has to wait fails at once.
    fixture.issuer.wait_for_others(std::time::Duration::ZERO).unwrap();
    let previewed = other.database.write::<_, DatabaseError>(|queries| {
        queries.lock_entitlement(fixture.entitlement)?;
        let activation = fixture.preview(&request, day(2)).map(|preview| preview.grounds);
        let deactivation = fixture.preview_deactivation(&deactivation, day(2));
        assert_eq!(refused(fixture.activate(&request, day(2))), "database.busy");
        Ok((activation, deactivation.map(|preview| preview.deactivated.outcome)))
    });
    assert_eq!(previewed, Ok((Ok(GrantReason::SameSeat), Ok(Outcome::Released))));
}

#[test]
fn a_preview_refuses_what_would_be_refused() {
    let mut fixture = Fixture::new(1);
    fixture.seat_of(&mut Computer::new("A"), day(1));
    let request = Computer::new("B").request(&fixture);
    let before = fixture.issuer.audit().unwrap();
    assert_eq!(refused(fixture.preview(&request, day(1))), "seat.none_free");
    assert_eq!(fixture.issuer.audit().unwrap(), before);
}

#[test]
fn previewing_a_deactivation_returns_no_seat() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    let token = computer.deactivation(&fixture, seat);
    let preview = fixture.preview_deactivation(&token, day(2)).unwrap();
    assert_eq!(
        (preview.deactivated.outcome, preview.product.as_str()),
        (Outcome::Released, "Acme CAD")
    );
    assert_eq!(fixture.state(seat, day(2)), SeatState::Active);
    fixture.issuer.deactivate(&token, day(2)).unwrap();
    let again = fixture.preview_deactivation(&token, day(2)).unwrap();
    assert_eq!(again.deactivated.outcome, Outcome::AlreadyReleased);
}

#[test]
fn a_code_opens_the_seats_of_its_own_entitlement_and_no_others() {
    let mut fixture = Fixture::new(2);
    let other = terms(2, "OTHER-0000-1111-2222");
    fixture.issuer.add_entitlement(1, &other, day(0)).unwrap();
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    let (ours, theirs) = (CODE.parse().unwrap(), "OTHER-0000-1111-2222".parse().unwrap());
    let nobodys = "NOBODYS-0000-1111-22".parse().unwrap();
    assert_eq!(fixture.issuer.code_overview(&ours, day(1)).unwrap().seats.len(), 1);
    assert!(fixture.issuer.code_overview(&theirs, day(1)).unwrap().seats.is_empty());
    assert_eq!(refused(fixture.issuer.code_overview(&nobodys, day(1))), "code.unknown");
    for (code, expected) in [(&theirs, "takeover.other_entitlement"), (&nobodys, "code.unknown")] {
        assert_eq!(refused(fixture.issuer.seat_history_with_code(code, seat, day(1))), expected);
        assert_eq!(refused(fixture.issuer.refresh_with_code(code, seat, day(1))), expected);
        assert_eq!(refused(fixture.issuer.report_lost_device(code, seat, day(1))), expected);
    }
    assert!(fixture.issuer.refresh_with_code(&ours, seat, day(2)).is_ok());
    let story = fixture.issuer.seat_history_with_code(&ours, seat, day(2)).unwrap();
    let events: Vec<_> = story.history.iter().map(|row| row.event.as_str()).collect();
    assert_eq!(events, ["seat_granted", "refresh_granted"]);
}

#[test]
fn reporting_a_lost_computer_informs_the_vendor_and_frees_nothing() {
    let mut fixture = Fixture::new(1);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    let code = CODE.parse().unwrap();
    let report = |fixture: &mut Fixture, at| fixture.issuer.report_lost_device(&code, seat, at);
    assert_eq!(report(&mut fixture, day(2)), Ok(ReportOutcome::Recorded));
    assert_eq!(report(&mut fixture, day(3)), Ok(ReportOutcome::AlreadyOpen));
    assert_eq!(fixture.state(seat, day(3)), SeatState::Active);
    let notices = fixture.issuer.lost_device_reports(day(3)).unwrap();
    assert_eq!((notices.len(), notices[0].at, notices[0].seat.id), (1, day(2), seat));
    // Dismissed, reported again, and settled by the release.
    fixture.issuer.dismiss_lost_device_report(seat, day(3)).unwrap();
    assert_eq!(refused(fixture.issuer.dismiss_lost_device_report(seat, day(3))), "notice.none");
    assert_eq!(report(&mut fixture, day(4)), Ok(ReportOutcome::Recorded));
    fixture.issuer.release(seat, false, day(5)).unwrap();
    assert!(fixture.issuer.lost_device_reports(day(5)).unwrap().is_empty());
    assert_eq!(refused(report(&mut fixture, day(6))), "seat.released");
}

#[test]
fn the_audit_log_is_searched_page_by_page_and_names_the_operator() {
    let mut fixture = Fixture::new(5);
    let seats: Vec<_> =
        (0..3).map(|n| fixture.seat_of(&mut Computer::new(&format!("PC {n}")), day(1))).collect();
    fixture.issuer.on_behalf_of("Kim", |issuer| issuer.release(seats[1], true, day(2)).unwrap());
    let found = fixture.issuer.audit_with("KIM", None, 10).unwrap();
    assert_eq!((found.len(), found[0].event.as_str()), (1, "seat_released"));
    let page = fixture.issuer.audit_with("seat_granted", None, 2).unwrap();
    assert_eq!(page.len(), 2);
    let rest = fixture.issuer.audit_with("seat_granted", Some(page[1].id), 2).unwrap();
    assert_eq!(rest.len(), 1);
    // The text is matched literally.
    assert!(fixture.issuer.audit_with("seat%granted", None, 9).unwrap().is_empty());
    // No operator is recorded for later rows, even if the work panicked and its connection is
    // reused.
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        fixture.issuer.on_behalf_of("Kim", |_| std::panic::resume_unwind(Box::new(())));
    }));
    assert!(panicked.is_err());
    fixture.issuer.release(seats[0], true, day(3)).unwrap();
    assert_eq!(fixture.issuer.audit_with("Kim", None, 10).unwrap().len(), 1);
}

#[test]
fn an_operator_signs_in_with_the_passphrase_and_is_locked_out_after_five_wrong_ones() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    assert_eq!(
        refused(issuer.add_operator("kim", "too short", day(0))),
        "operator.passphrase_short"
    );
    issuer.add_operator("kim", "a long passphrase", day(0)).unwrap();
    assert_eq!(refused(issuer.add_operator("kim", "a long passphrase", day(0))), "operator.taken");
    assert!(issuer.sign_in("kim", "a long passphrase", None, HERE, day(1)).is_ok());
    for (name, passphrase) in [("kim", "another passphrase"), ("nobody", "a long passphrase")] {
        assert_eq!(
            refused(issuer.sign_in(name, passphrase, None, HERE, day(1))),
            "sign_in.refused"
        );
    }
    for _ in 0..4 {
        assert_eq!(
            refused(issuer.sign_in("kim", "wrong passphrase", None, HERE, day(1))),
            "sign_in.refused"
        );
    }
    assert_eq!(
        refused(issuer.sign_in("kim", "a long passphrase", None, HERE, day(1))),
        "sign_in.locked"
    );
    let later = day(1) + TimeDelta::minutes(16);
    assert!(issuer.sign_in("kim", "a long passphrase", None, HERE, later).is_ok());
    let audit = issuer.audit().unwrap();
    assert!(!format!("{audit:?}").contains("passphrase\""), "the audit log contains a passphrase");
    issuer.remove_operator("kim", day(2)).unwrap();
    assert_eq!(
        refused(issuer.sign_in("kim", "a long passphrase", None, HERE, day(2))),
        "sign_in.refused"
    );
}

#[test]
fn an_operator_signs_in_with_any_unicode_composition_and_terminal_marks() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    let (composed, decomposed) = ("a long p\u{fc}ssphrase", "a long pu\u{308}ssphrase");
    issuer.add_operator("kim", decomposed, day(0)).unwrap();
    issuer.add_operator("eve", &format!("\u{1b}[200~{composed}\u{1b}[201~\r"), day(0)).unwrap();
    for name in ["kim", "eve"] {
        for typed in [composed, decomposed] {
            assert!(issuer.sign_in(name, typed, None, HERE, day(1)).is_ok(), "{name} {typed:?}");
        }
        let other = issuer.sign_in(name, "a long pussphrase", None, HERE, day(1));
        assert_eq!(refused(other), "sign_in.refused");
    }
    // The length is measured without the marks.
    assert_eq!(
        refused(issuer.add_operator("ann", "\u{feff}short one\r\n\r\n", day(0))),
        "operator.passphrase_short"
    );
}

#[test]
fn the_second_factor_is_required_and_each_one_time_password_counts_once() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    issuer.add_operator("kim", "a long passphrase", day(0)).unwrap();
    let address = issuer.add_second_factor("kim", day(0)).unwrap();
    let secret = address.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let totp = totp_rs::Builder::new().with_secret(&bytes[..]).build().unwrap();
    let number =
        |at: latchkey_lease::Timestamp| totp.generate(at.timestamp().unsigned_abs()).to_string();
    let mut sign_in =
        |number: Option<&str>, at| issuer.sign_in("kim", "a long passphrase", number, HERE, at);
    assert_eq!(refused(sign_in(None, day(1))), "sign_in.refused");
    assert!(sign_in(Some(&number(day(1))), day(1)).unwrap().second_factor);
    assert_eq!(refused(sign_in(Some(&number(day(1))), day(1))), "sign_in.refused");
    let later = day(1) + TimeDelta::seconds(30);
    assert!(sign_in(Some(&number(later)), later).is_ok());
    let wrong = if number(day(2)) == "123456" { "654321" } else { "123456" };
    assert_eq!(refused(sign_in(Some(wrong), day(2))), "sign_in.refused");
}

#[test]
fn an_unknown_name_is_answered_and_locked_like_any_other() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    issuer.add_operator("kim", "a long passphrase", day(0)).unwrap();
    let mut other = issuer.open_connection().unwrap();
    let mut answers = |name: &str| {
        let mut attempt = |n: i64| {
            let at = day(1) + TimeDelta::seconds(n);
            let issuer = if n % 2 == 0 { &mut *issuer } else { &mut other };
            issuer.sign_in(name, "wrong passphrase", None, HERE, at).map(|_| ()).unwrap_err()
        };
        (0..7).map(&mut attempt).collect::<Vec<_>>()
    };
    let known = answers("kim");
    assert!(matches!(known[6], SignInError::Locked { .. }), "{known:?}");
    assert_eq!(answers("nobody"), known);
    let rows = issuer.audit().unwrap();
    let refused: Vec<_> = rows.iter().filter(|row| row.event == "sign_in_refused").collect();
    assert!(!format!("{refused:?}").contains("nobody"), "the audit log contains typed text");
}

#[test]
fn a_name_that_is_attacked_from_one_origin_stays_open_from_another() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    issuer.add_operator("kim", "a long passphrase", day(0)).unwrap();
    let mut other = issuer.open_connection().unwrap();
    for n in 0..10 {
        let at = day(1) + TimeDelta::seconds(n);
        let _ = issuer.sign_in("kim", "wrong passphrase", None, THERE, at);
    }
    let now = day(1) + TimeDelta::minutes(1);
    let there = issuer.sign_in("kim", "a long passphrase", None, THERE, now);
    assert_eq!(refused(there), "sign_in.locked");
    assert!(other.sign_in("kim", "a long passphrase", None, HERE, now).is_ok());
    // That doesn't end a lock.
    let there = other.sign_in("kim", "a long passphrase", None, THERE, now);
    assert_eq!(refused(there), "sign_in.locked");
    // A new passphrase does.
    issuer.change_passphrase("kim", "another passphrase", now).unwrap();
    assert!(issuer.sign_in("kim", "another passphrase", None, THERE, now).is_ok());
}

#[test]
fn the_network_of_a_customer_allows_eight_times_as_many_wrong_passphrases() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    issuer.add_operator("kim", "a long passphrase", day(0)).unwrap();
    let attempt = |issuer: &mut Issuer, passphrase: &str, own: u8, customer: u8, at| {
        let (own, customer) = ([own], [48, customer]);
        let from = [place(&own), SignInOrigin { id: &customer, addresses: 8 }];
        issuer.sign_in("kim", passphrase, None, &from, at).map(|_| ())
    };
    for n in 0..40 {
        // Each attempt comes from another network.
        assert_eq!(refused(attempt(issuer, "wrong passphrase", n, 1, day(1))), "sign_in.refused");
    }
    let locked = attempt(issuer, "a long passphrase", 99, 1, day(1)).unwrap_err();
    let until = day(1) + TimeDelta::minutes(15);
    assert_eq!(locked, SignInError::Locked { until });
    assert_eq!(attempt(issuer, "a long passphrase", 99, 2, day(1)), Ok(()), "another customer");
    assert_eq!(attempt(issuer, "a long passphrase", 99, 1, until), Ok(()));
}

#[test]
fn a_correct_last_attempt_locks_nothing() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    issuer.add_operator("kim", "a long passphrase", day(0)).unwrap();
    for _ in 0..3 {
        for _ in 0..4 {
            let wrong = issuer.sign_in("kim", "wrong passphrase", None, HERE, day(1));
            assert_eq!(refused(wrong), "sign_in.refused");
        }
        assert!(issuer.sign_in("kim", "a long passphrase", None, HERE, day(1)).is_ok());
    }
}

#[test]
fn wrong_passphrases_are_forgotten_after_a_quarter_of_an_hour_without_one() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    issuer.add_operator("kim", "a long passphrase", day(0)).unwrap();
    let mut attempt = |minutes| {
        let at = day(1) + TimeDelta::minutes(minutes);
        refused(issuer.sign_in("kim", "wrong passphrase", None, HERE, at))
    };
    for minutes in [0, 1, 2, 3, 18, 19, 20, 21] {
        assert_eq!(attempt(minutes), "sign_in.refused", "{minutes}");
    }
    // This is the fifth failure since then.
    assert_eq!(attempt(35), "sign_in.refused");
    assert_eq!(attempt(36), "sign_in.locked");
    assert_eq!(attempt(50), "sign_in.refused");
}

#[test]
fn a_name_that_is_attacked_from_many_origins_is_slowed_for_all_and_locked_for_none() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    issuer.add_operator("kim", "a long passphrase", day(0)).unwrap();
    let mut pauses = Vec::new();
    for name in ["kim", "nobody"] {
        let pause = |issuer: &Issuer, minutes| {
            let at = day(1) + TimeDelta::minutes(minutes);
            issuer.sign_in_pause(name, at).as_secs()
        };
        let mut seen = Vec::new();
        for n in 0..40_u8 {
            seen.push(pause(issuer, 0));
            let from = [n];
            let from = [place(&from)];
            let attempt = issuer.sign_in(name, "wrong passphrase", None, &from, day(1));
            assert_eq!(refused(attempt), "sign_in.refused");
        }
        seen.extend([pause(issuer, 0), pause(issuer, 5), pause(issuer, 12), pause(issuer, 60)]);
        pauses.push(seen);
    }
    assert_eq!(pauses[0], pauses[1]);
    assert_eq!(pauses[0][..=20], [0; 21]);
    assert_eq!(pauses[0][21..30], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(pauses[0][30..40], [10; 10]);
    // However many failures there were, the pause is over ten minutes after the last one.
    assert_eq!(pauses[0][40..], [10, 5, 0, 0]);
    assert!(issuer.sign_in("kim", "a long passphrase", None, HERE, day(1)).is_ok());
}

#[test]
fn each_change_of_credentials_starts_a_new_generation_of_the_operator() {
    let mut fixture = Fixture::new(1);
    let issuer = &mut fixture.issuer;
    issuer.add_operator("kim", "a long passphrase", day(0)).unwrap();
    let mut seen = vec![issuer.operator_generation("kim").unwrap().unwrap()];
    let signed_in = issuer.sign_in("kim", "a long passphrase", None, HERE, day(1)).unwrap();
    assert_eq!(signed_in.generation, seen[0]);
    assert_eq!(issuer.open_connection().unwrap().operator_generation("kim"), Ok(Some(seen[0])));
    let mut changed = |issuer: &mut Issuer| {
        let generation = issuer.operator_generation("kim").unwrap().unwrap();
        assert!(!seen.contains(&generation));
        seen.push(generation);
    };
    // Setting the same passphrase again is a change too.
    issuer.change_passphrase("kim", "a long passphrase", day(1)).unwrap();
    changed(issuer);
    issuer.add_second_factor("kim", day(1)).unwrap();
    changed(issuer);
    // The operator is as before it was added, and still of another generation.
    issuer.remove_second_factor("kim", day(1)).unwrap();
    changed(issuer);
    issuer.remove_operator("kim", day(1)).unwrap();
    assert_eq!(issuer.operator_generation("kim"), Ok(None));
    issuer.add_operator("kim", "a long passphrase", day(1)).unwrap();
    changed(issuer);
}
