//! Tests of requests that renew a licence whose lease still runs.

use super::*;
use latchkey_lease::time::to_rfc3339;

impl Fixture {
    fn renewal(&self, now: Timestamp) -> Token {
        self.device.request_renewal(&code(), None, now).unwrap().token
    }

    /// The lease expiry, the number of pending requests, and whether the product may run.
    fn stands(&self, now: Timestamp) -> (Timestamp, usize, bool) {
        let status = self.device.read_status(now).unwrap();
        let may_run = status.may_run();
        (status.licence.unwrap().lease_expiry, status.pending_requests, may_run)
    }
}

#[test]
fn a_renewal_keeps_the_seat_and_the_lease_until_it_is_applied() {
    let fixture = fixture();
    fixture.activate(start());
    let request = fixture.renewal(days(10));
    let said = fixture.vendor.request(&request).into_payload();
    assert_eq!((said.counter, said.device), (2, fixture.keys()));
    assert_eq!(said.seat_name.as_str(), "Office");
    assert_eq!(fixture.stands(days(10)), (days(30), 1, true));
    // It can be shown again like any other.
    let shown = fixture.device.pending_request().unwrap().unwrap();
    assert_eq!(fixture.vendor.request(&shown.token).payload(), &said);

    let (_, response) = fixture.vendor.grant(&request, seat(7), days(11), 30);
    let outcome = fixture.apply(&response, days(12));
    assert!(
        matches!(&outcome, ApplyOutcome::Activated(licence) if licence.seat == seat(7)),
        "{outcome:?}"
    );
    assert_eq!(fixture.stands(days(12)), (days(41), 0, true));
    // The deactivation has a higher counter.
    let gone = fixture.device.deactivate(days(13)).unwrap();
    assert_eq!(fixture.vendor.deactivation(&gone.token, fixture.keys()).counter, 3);
}

#[test]
fn nothing_is_lost_when_the_response_never_comes() {
    let fixture = fixture();
    fixture.activate(start());
    fixture.renewal(days(10));
    assert_eq!(fixture.stands(days(29)), (days(30), 1, true));
    // The same in grace, when an ordinary request is possible as always.
    assert_eq!(fixture.stands(days(36)), (days(30), 1, true));
    let (_, response) = fixture.vendor.grant(&fixture.request(days(40)), seat(7), days(40), 30);
    assert!(matches!(fixture.apply(&response, days(40)), ApplyOutcome::Activated(_)));
    assert_eq!(fixture.stands(days(41)), (days(70), 0, true));
}

#[test]
fn a_cancelled_renewal_leaves_the_licence_unchanged() {
    let fixture = fixture();
    fixture.activate(start());
    let request = fixture.renewal(days(10));
    assert_eq!(fixture.device.cancel_pending(days(11)), Ok(1));
    assert_eq!(fixture.stands(days(11)), (days(30), 0, true));
    let (_, response) = fixture.vendor.grant(&request, seat(7), days(11), 30);
    fixture.refused(&response, days(12), codes::RESPONSE_NOT_PENDING);
}

#[test]
fn a_refresh_leaves_a_renewal_pending_and_valid() {
    let fixture = fixture();
    fixture.activate(start());
    let request = fixture.renewal(days(10));
    let refresh = fixture.refresh(days(11));
    let (_, response) = fixture.vendor.grant(&request, seat(7), days(12), 30);
    assert!(matches!(fixture.apply(&refresh, days(13)), ApplyOutcome::Refreshed(_)));
    assert_eq!(fixture.stands(days(13)), (days(41), 1, true));
    assert!(matches!(fixture.apply(&response, days(14)), ApplyOutcome::Activated(_)));
    assert_eq!(fixture.stands(days(14)), (days(42), 0, true));
    // A later refresh continues from there, and an earlier one doesn't.
    let next = fixture.refresh(days(15));
    assert!(matches!(fixture.apply(&next, days(15)), ApplyOutcome::Refreshed(_)));
    fixture.refused(&refresh, days(15), codes::REFRESH_OLDER);
}

#[test]
fn a_renewal_response_that_is_older_than_the_refresh_in_use_reverts_nothing() {
    let fixture = fixture();
    fixture.activate(start());
    let request = fixture.renewal(days(10));
    let (_, response) = fixture.vendor.grant(&request, seat(7), days(11), 30);
    let refresh = fixture.refresh(days(20));
    assert!(matches!(fixture.apply(&refresh, days(20)), ApplyOutcome::Refreshed(_)));
    fixture.refused(&response, days(20), codes::RESPONSE_OLDER);
    assert_eq!(fixture.stands(days(20)), (days(50), 1, true));
    // But once that has expired, the response is accepted, whatever the vendor's numbers.
    let kept = fixture.store.item();
    let (_, late) = {
        fixture.vendor.sequence.set(0);
        fixture.vendor.grant(&request, seat(7), days(60), 30)
    };
    assert!(matches!(fixture.apply(&late, days(60)), ApplyOutcome::Activated(_)));
    fixture.store.set_item(kept);
    fixture.vendor.sequence.set(9);
    // In one text both are applied, the response first.
    let request = fixture.renewal(days(21));
    let (_, response) = fixture.vendor.grant(&request, seat(7), days(21), 30);
    let refresh = fixture.refresh(days(22));
    let applied = fixture.device.apply(&format!("{refresh}\n{response}"), days(23)).unwrap();
    assert!(matches!(applied[0].outcome, ApplyOutcome::Refreshed(_)), "{applied:?}");
    assert!(matches!(applied[1].outcome, ApplyOutcome::Activated(_)), "{applied:?}");
    assert_eq!(fixture.stands(days(23)), (days(52), 0, true));
}

#[test]
fn without_a_licence_there_is_nothing_to_renew_and_nothing_is_written() {
    let fixture = fixture();
    let renewal = || fixture.device.request_renewal(&code(), None, days(1)).unwrap_err();
    assert_eq!(renewal(), RequestError::NothingToRenew);
    assert_eq!(fixture.store.item(), None);
    fixture.activate(days(1));
    fixture.device.deactivate(days(1)).unwrap();
    let before = fixture.store.item();
    assert_eq!(renewal(), RequestError::NothingToRenew);
    assert_eq!(fixture.store.item(), before);
}

#[test]
fn a_renewal_can_give_the_seat_another_name_and_is_possible_after_the_lease() {
    let fixture = fixture();
    fixture.activate(start());
    for at in [days(5), days(33), days(60)] {
        let named = name(&format!("Office of day {}", to_rfc3339(at)));
        let request = fixture.device.request_renewal(&code(), Some(&named), at).unwrap();
        assert_eq!(request.summary.seat_name, named.as_str());
        let (_, response) = fixture.vendor.grant(&request.token, seat(7), at, 27);
        let outcome = fixture.apply(&response, at);
        assert_eq!(outcome.licence().unwrap().seat_name, named.as_str());
    }
}

#[test]
fn a_copied_vault_cannot_apply_the_originals_renewal() {
    let fixture = fixture();
    fixture.activate(start());
    let copied = fixture.store.item();
    let request = fixture.renewal(days(10));
    let (_, response) = fixture.vendor.grant(&request, seat(7), days(10), 30);
    assert!(matches!(fixture.apply(&response, days(10)), ApplyOutcome::Activated(_)));
    fixture.store.set_item(copied);
    fixture.refused(&response, days(10), codes::RESPONSE_NOT_PENDING);
    // It has to make its own request, with a counter that has been used by now.
    let own = fixture.vendor.request(&fixture.renewal(days(11))).into_payload();
    let others = fixture.vendor.request(&request).into_payload();
    assert_eq!((own.counter, own.device), (others.counter, others.device));
    assert_ne!(own.request, others.request);
}
