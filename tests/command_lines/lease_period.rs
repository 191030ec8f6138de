//! The length of a lease.

use latchkey_device::Timestamp;
use latchkey_device::time::{from_seconds, to_rfc3339};
use latchkey_e2e_support::{Clock, Computer};

use crate::codes;
use crate::fixture::{Fixture, THREE_SEATS};

/// An instant a number of days from now, as the command lines write it.
fn in_days(days: i64) -> String {
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map(|time| time.as_secs() as i64)
        .expect("the clock is after 1970");
    to_rfc3339(from_seconds(seconds + days * 24 * 3600))
}

fn expiry(computer: &Computer) -> Timestamp {
    let status = computer.status();
    status["lease_expiry"].as_str().and_then(|time| time.parse().ok()).expect("a lease expiry")
}

fn activated_at(computer: &Computer) -> Timestamp {
    let status = computer.status();
    status["activated_at"].as_str().and_then(|time| time.parse().ok()).expect("an activation time")
}

#[test]
fn the_lease_ends_one_lease_period_after_the_activation() {
    for (period, hours) in [("7d", 7 * 24), ("90m", 0), ("36h", 36), ("2w", 14 * 24)] {
        let fixture = Fixture::new(&["--seats", "1", "--offline-lease", period]);
        let computer = fixture.active_computer("Drawing office");
        let lasts = expiry(&computer).timestamp() - activated_at(&computer).timestamp();
        let expected = if period == "90m" { 90 * 60 } else { hours * 3600 };
        assert_eq!(lasts, expected, "--offline-lease {period}");
    }
}

#[test]
fn a_month_is_a_calendar_month() {
    let fixture = Fixture::new(&["--seats", "1", "--offline-lease", "1mo"]);
    let computer = fixture.active_computer("Drawing office");
    let month = chrono::Months::new(1);
    let month_later = activated_at(&computer).checked_add_months(month).expect("a month later");
    assert_eq!(expiry(&computer), month_later);
}

#[test]
fn an_earlier_subscription_end_ends_the_lease() {
    let end = in_days(3);
    let fixture =
        Fixture::new(&["--seats", "1", "--offline-lease", "7d", "--subscription-end", &end]);
    let computer = fixture.active_computer("Drawing office");
    assert_eq!(to_rfc3339(expiry(&computer)), end);

    // A refresh does the same sum.
    let _ = computer.apply(&fixture.vendor.refresh_of(&computer.seat())).succeeds();
    assert_eq!(to_rfc3339(expiry(&computer)), end);
}

#[test]
fn a_later_subscription_end_does_not_extend_the_lease() {
    let end = in_days(300);
    let fixture =
        Fixture::new(&["--seats", "1", "--offline-lease", "7d", "--subscription-end", &end]);
    let computer = fixture.active_computer("Drawing office");
    let lasts = expiry(&computer).timestamp() - activated_at(&computer).timestamp();
    assert_eq!(lasts, 7 * 24 * 3600);
}

#[test]
fn after_the_subscription_end_nothing_is_granted() {
    let end = in_days(3);
    let mut fixture =
        Fixture::new(&["--seats", "2", "--offline-lease", "7d", "--subscription-end", &end]);
    let mut computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    let mut late = fixture.computer();
    fixture.days_later(4, [&mut computer, &mut late]);
    assert_eq!(computer.state(), "lease_expired");

    let request = late.request(fixture.code());
    let _ = fixture.vendor.activate(&request).fails(3, codes::SUBSCRIPTION_OVER);
    let _ = fixture.vendor.json(&["refresh", &seat]).fails(4, codes::SUBSCRIPTION_OVER);
}

#[test]
fn an_entitlement_without_an_offline_lease_period_is_refused() {
    let fixture = Fixture::new(&["--seats", "3"]);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let _ = fixture.vendor.activate(&request).fails(3, codes::NO_OFFLINE_LEASE);
    assert_eq!(fixture.seats_in_use(), 0);

    // The vendor sets one, and the request that is out there already works.
    let id = &fixture.entitlement.id;
    let _ = fixture.vendor.json(&["entitlement", "set", id, "--offline-lease", "7d"]).succeeds();
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();
    assert_eq!(computer.state(), "active");
}

#[test]
fn a_lease_runs_out_at_its_expiry_and_grace_keeps_the_product_running() {
    let mut fixture = Fixture::new(&["--seats", "1", "--offline-lease", "7d", "--grace", "3d"]);
    let mut computer = fixture.active_computer("Drawing office");

    for (days, state, in_grace) in
        [(6, "active", false), (8, "lease_expired", true), (11, "lease_expired", false)]
    {
        fixture.days_later(days, [&mut computer]);
        let status = computer.status();
        assert_eq!(status["state"], state, "after {days} days: {status}");
        assert_eq!(status["in_grace"], in_grace, "after {days} days: {status}");
    }
}

#[test]
fn in_grace_request_refresh_and_deactivation_are_all_possible() {
    let options = ["--seats", "3", "--offline-lease", "7d", "--grace", "3d"];
    let mut fixture = Fixture::new(&options);
    let mut computers: Vec<_> = (0..3).map(|_| fixture.active_computer("Drawing office")).collect();
    fixture.days_later(8, &mut computers);

    fixture.activate(&computers[0], "Drawing office");
    let refresh = fixture.vendor.refresh_of(&computers[1].seat());
    let _ = computers[1].apply(&refresh).succeeds();
    assert_eq!(computers[1].state(), "active");
    let _ = fixture.vendor.deactivate(&computers[2].deactivate()).succeeds();
    assert_eq!(computers[2].state(), "not_activated");
}

#[test]
fn an_expired_licence_can_be_deactivated() {
    let mut fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    fixture.days_later(8, [&mut computer]);
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    assert_eq!(computer.state(), "not_activated");
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn turning_the_clock_back_does_not_revive_an_expired_lease() {
    let mut fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    fixture.days_later(8, [&mut computer]);
    assert_eq!(computer.state(), "lease_expired");
    // Something that is written: the clock's high-water mark goes with it.
    let _ = computer.request(fixture.code());

    computer.clock = Clock::NOW;

    assert_eq!(computer.state(), "lease_expired");
}

#[test]
fn a_slow_clock_does_not_prevent_activation() {
    let mut fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    fixture.vendor.clock = Clock::days(20);
    // The vendor's machine hasn't been running for as long as this clock says.
    let _ = fixture.vendor.json(&["clock", "confirm"]);
    fixture.activate(&computer, "A computer whose battery is empty");
}

#[test]
fn a_refresh_corrects_a_clock_that_was_once_far_ahead() {
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    computer.clock = Clock::days(20);
    assert_eq!(computer.state(), "lease_expired");
    let _ = computer.request(fixture.code());
    computer.clock = Clock::NOW;

    let _ = computer.apply(&fixture.vendor.refresh_of(&seat)).succeeds();

    assert_eq!(computer.state(), "active");
}

#[test]
fn adding_an_entitlement_refuses_invalid_times() {
    let fixture = Fixture::new(THREE_SEATS);
    let product = fixture.product.to_string();
    for options in [
        ["--offline-lease", "soon"],
        ["--offline-lease", "-1d"],
        ["--offline-lease", "0d"],
        ["--subscription-end", "tomorrow"],
        ["--grace", "-3d"],
        ["--seats", "-1"],
        ["--overdraft", "many"],
        ["--feature", "unknown=1"],
        ["--feature", "render=lots"],
    ] {
        let mut arguments = vec!["entitlement", "add", "--product", &product, "--seats", "1"];
        if options[0] == "--seats" {
            arguments.truncate(4);
        }
        arguments.extend(options);
        let answer = fixture.vendor.json(&arguments);
        assert!(matches!(answer.exit, Some(2..=4)), "{answer}");
    }
}

#[test]
fn both_sides_count_the_days_left_as_people_do() {
    let mut fixture = Fixture::new(&["--seats", "1", "--offline-lease", "30d", "--grace", "7d"]);
    let mut computer = fixture.active_computer("Drawing office");
    for (hours, left, until_stop, said) in [
        (0, 30, 37, "30 days are left"),
        (23, 30, 37, "30 days are left"),
        (25, 29, 36, "29 days are left"),
        (29 * 24 - 1, 2, 9, "2 days are left"),
        (29 * 24 + 12, 1, 8, "12 hours are left"),
        (30 * 24 + 1, 0, 7, "7 days are left"),
        (36 * 24 + 20, 0, 1, "4 hours are left"),
        (37 * 24 + 1, 0, 0, "expired on"),
    ] {
        let clock = Clock::seconds(hours * 3600);
        (fixture.vendor.clock, computer.clock) = (clock, clock);
        let status = computer.status();
        let counted = (status["days_left"].as_i64(), status["days_until_stop"].as_i64());
        assert_eq!(counted, (Some(left), Some(until_stop)), "after {hours} hours: {status}");
        let text = computer.call().args(["status"]).run().succeeds();
        assert!(text.stdout.contains(said), "{text}");
        assert_eq!(fixture.vendor.seats(None)[0]["days_left"], left, "after {hours} hours");
    }
}
