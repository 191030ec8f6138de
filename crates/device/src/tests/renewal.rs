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
    let world = world();
    world.activate(start());
    let request = world.renewal(days(10));
    let said = world.vendor.request(&request).into_payload();
    assert_eq!((said.counter, said.device), (2, world.keys()));
    assert_eq!(said.seat_name.as_str(), "Office");
    assert_eq!(world.stands(days(10)), (days(30), 1, true));
    // It can be shown again like any other.
    let shown = world.device.pending_request().unwrap().unwrap();
    assert_eq!(world.vendor.request(&shown.token).payload(), &said);

    let (_, response) = world.vendor.grant(&request, seat(7), days(11), 30);
    let outcome = world.apply(&response, days(12));
    assert!(
        matches!(&outcome, ApplyOutcome::Activated(licence) if licence.seat == seat(7)),
        "{outcome:?}"
    );
    assert_eq!(world.stands(days(12)), (days(41), 0, true));
    // The deactivation has a higher counter.
    let gone = world.device.deactivate(days(13)).unwrap();
    assert_eq!(world.vendor.deactivation(&gone.token, world.keys()).counter, 3);
}

#[test]
fn nothing_is_lost_when_the_response_never_comes() {
    let world = world();
    world.activate(start());
    world.renewal(days(10));
    assert_eq!(world.stands(days(29)), (days(30), 1, true));
    // The same in grace, when an ordinary request is possible as always.
    assert_eq!(world.stands(days(36)), (days(30), 1, true));
    let (_, response) = world.vendor.grant(&world.request(days(40)), seat(7), days(40), 30);
    assert!(matches!(world.apply(&response, days(40)), ApplyOutcome::Activated(_)));
    assert_eq!(world.stands(days(41)), (days(70), 0, true));
}

#[test]
fn a_cancelled_renewal_leaves_the_licence_unchanged() {
    let world = world();
    world.activate(start());
    let request = world.renewal(days(10));
    assert_eq!(world.device.cancel_pending(days(11)), Ok(1));
    assert_eq!(world.stands(days(11)), (days(30), 0, true));
    let (_, response) = world.vendor.grant(&request, seat(7), days(11), 30);
    world.refused(&response, days(12), codes::RESPONSE_NOT_PENDING);
}

#[test]
fn a_refresh_leaves_a_renewal_pending_and_valid() {
    let world = world();
    world.activate(start());
    let request = world.renewal(days(10));
    let refresh = world.refresh(days(11));
    let (_, response) = world.vendor.grant(&request, seat(7), days(12), 30);
    assert!(matches!(world.apply(&refresh, days(13)), ApplyOutcome::Refreshed(_)));
    assert_eq!(world.stands(days(13)), (days(41), 1, true));
    assert!(matches!(world.apply(&response, days(14)), ApplyOutcome::Activated(_)));
    assert_eq!(world.stands(days(14)), (days(42), 0, true));
    // A later refresh continues from there, and an earlier one doesn't.
    let next = world.refresh(days(15));
    assert!(matches!(world.apply(&next, days(15)), ApplyOutcome::Refreshed(_)));
    world.refused(&refresh, days(15), codes::REFRESH_OLDER);
}

#[test]
fn a_renewal_response_that_is_older_than_the_refresh_in_use_reverts_nothing() {
    let world = world();
    world.activate(start());
    let request = world.renewal(days(10));
    let (_, response) = world.vendor.grant(&request, seat(7), days(11), 30);
    let refresh = world.refresh(days(20));
    assert!(matches!(world.apply(&refresh, days(20)), ApplyOutcome::Refreshed(_)));
    world.refused(&response, days(20), codes::RESPONSE_OLDER);
    assert_eq!(world.stands(days(20)), (days(50), 1, true));
    // But once that has expired, the response is accepted, whatever the vendor's numbers.
    let kept = world.store.item();
    let (_, late) = {
        world.vendor.sequence.set(0);
        world.vendor.grant(&request, seat(7), days(60), 30)
    };
    assert!(matches!(world.apply(&late, days(60)), ApplyOutcome::Activated(_)));
    world.store.set_item(kept);
    world.vendor.sequence.set(9);
    // In one text both are applied, the response first.
    let request = world.renewal(days(21));
    let (_, response) = world.vendor.grant(&request, seat(7), days(21), 30);
    let refresh = world.refresh(days(22));
    let applied = world.device.apply(&format!("{refresh}\n{response}"), days(23)).unwrap();
    assert!(matches!(applied[0].outcome, ApplyOutcome::Refreshed(_)), "{applied:?}");
    assert!(matches!(applied[1].outcome, ApplyOutcome::Activated(_)), "{applied:?}");
    assert_eq!(world.stands(days(23)), (days(52), 0, true));
}

#[test]
fn without_a_licence_there_is_nothing_to_renew_and_nothing_is_written() {
    let world = world();
    let renewal = || world.device.request_renewal(&code(), None, days(1)).unwrap_err();
    assert_eq!(renewal(), RequestError::NothingToRenew);
    assert_eq!(world.store.item(), None);
    world.activate(days(1));
    world.device.deactivate(days(1)).unwrap();
    let before = world.store.item();
    assert_eq!(renewal(), RequestError::NothingToRenew);
    assert_eq!(world.store.item(), before);
}

#[test]
fn a_renewal_can_give_the_seat_another_name_and_is_possible_after_the_lease() {
    let world = world();
    world.activate(start());
    for at in [days(5), days(33), days(60)] {
        let named = name(&format!("Office of day {}", to_rfc3339(at)));
        let request = world.device.request_renewal(&code(), Some(&named), at).unwrap();
        assert_eq!(request.summary.seat_name, named.as_str());
        let (_, response) = world.vendor.grant(&request.token, seat(7), at, 27);
        let outcome = world.apply(&response, at);
        assert_eq!(outcome.licence().unwrap().seat_name, named.as_str());
    }
}

#[test]
fn a_copied_vault_cannot_apply_the_originals_renewal() {
    let world = world();
    world.activate(start());
    let copied = world.store.item();
    let request = world.renewal(days(10));
    let (_, response) = world.vendor.grant(&request, seat(7), days(10), 30);
    assert!(matches!(world.apply(&response, days(10)), ApplyOutcome::Activated(_)));
    world.store.set_item(copied);
    world.refused(&response, days(10), codes::RESPONSE_NOT_PENDING);
    // It has to make its own request, with a counter that has been used by now.
    let own = world.vendor.request(&world.renewal(days(11))).into_payload();
    let others = world.vendor.request(&request).into_payload();
    assert_eq!((own.counter, own.device), (others.counter, others.device));
    assert_ne!(own.request, others.request);
}
