//! Tests of operations that return the status after them.

use super::*;

#[test]
fn each_operation_opens_the_store_once_and_returns_the_new_status() {
    let fixture = fixture();
    let at = |now| fixture.device.with_status(now);
    let check = |status: Status, now| {
        assert_eq!(fixture.store.take_unlocks(), 1);
        let read = fixture.device.read_status(now).unwrap();
        fixture.store.take_unlocks();
        // Tokens are encrypted again each time they are shown.
        let stable = |mut status: Status| {
            let ids: Vec<_> = status.outbox.drain(..).map(|entry| entry.id).collect();
            (status, ids)
        };
        assert_eq!(stable(status), stable(read));
    };
    let (request, status) = at(start()).request(&code(), &name("Office")).unwrap();
    check(status, start());
    let (pending, status) = at(start()).pending_request().unwrap();
    assert!(pending.is_some());
    check(status, start());
    let (_, response) = fixture.vendor.grant(&request.token, seat(7), start(), 30);
    for _ in 0..2 {
        let (applied, status) = at(start()).apply(&response.to_string()).unwrap();
        assert_eq!((applied.len(), status.state), (1, State::Active));
        check(status, start());
    }
    let (_, status) = at(days(1)).request_renewal(&code(), None).unwrap();
    check(status, days(1));
    let (cancelled, status) = at(days(1)).cancel_pending().unwrap();
    assert_eq!((cancelled, status.pending_requests), (1, 0));
    check(status, days(1));
    let (entry, status) = at(days(1)).deactivate().unwrap();
    assert_eq!((status.state, status.outbox.len()), (State::NotActivated, 1));
    check(status, days(1));
    check(at(days(2)).confirm_delivered(entry.id).unwrap(), days(2));
}
