//! Every interface of the server while its own clock is in doubt. `faketime` moves the clock from
//! outside the program.

use latchkey_lease::time::to_rfc3339;
use std::process::{Command, Stdio};

use crate::http::Portal;
use crate::{CODE, Computer, Said, Server};

/// A command of the server on a machine whose clock is a number of days ahead.
fn days_ahead(server: &Server, days: i64, arguments: &[&str]) -> Said {
    let command = Command::new("faketime")
        .args(["-f", &format!("+{days}d")])
        .arg(env!("CARGO_BIN_EXE_latchkey-server"))
        .env_remove("LATCHKEY_DATA")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1")
        .arg("--data")
        .arg(server.data())
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    command.unwrap().into()
}

#[test]
fn a_clock_in_doubt_is_reported_everywhere_until_it_is_confirmed() {
    let server = Server::new(2);
    let computer = Computer::new(server.vendor());
    let added = server.run(&["operator", "add", "kim"], "a long passphrase\n");
    assert_eq!(added.exit, Some(0), "{}", added.stderr);
    let portal = Portal::start(&server, &[]);
    assert_eq!(portal.get("/ready").status, 200);
    let granted = portal.post("/activate", &[("token", &computer.request("A", 1))]);
    assert_eq!(granted.name(), "granted");
    let seat = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();

    // The vendor confirms a clock that is wrong, and it is set right: now the records are in the
    // future.
    let status = days_ahead(&server, 3_650, &["--json", "clock"]);
    assert_eq!(
        (status.exit, status.json()["doubt"]["code"].as_str()),
        (Some(5), Some("clock.ahead"))
    );
    assert_eq!(days_ahead(&server, 3_650, &["clock", "confirm"]).exit, Some(0));

    let ready = portal.get("/ready");
    assert_eq!((ready.status, ready.body.trim()), (503, "not ready: clock.behind"));
    let request = computer.request("A", 2);
    for page in [
        portal.hand_in(&request),
        portal.post("/activate", &[("token", &request)]),
        portal.post("/refresh", &[("code", CODE), ("seat", &seat)]),
    ] {
        assert_eq!((page.status, page.error().as_str()), (503, "clock.behind"), "{}", page.body);
    }
    let refused = server.run(&["--json", "activate"], &request);
    assert_eq!(refused.exit, Some(5));
    assert_eq!(refused.results()[0]["error"]["code"], "clock.behind");
    let refused = server.run(&["--json", "refresh", &seat], "");
    assert_eq!((refused.exit, refused.error().as_str()), (Some(5), "clock.behind"));
    assert!(portal.log().contains("\"code\":\"clock.behind\""), "{}", portal.log());
    assert_eq!(server.seats().len(), 1);

    let confirmed = server.run(&["--json", "clock", "confirm"], "");
    assert_eq!(confirmed.json()["doubt"]["code"], "clock.behind");
    assert_eq!(portal.get("/ready").status, 200);
    assert_eq!(portal.post("/activate", &[("token", &request)]).name(), "granted");
    assert_eq!(server.run(&["--json", "clock"], "").json()["doubt"], serde_json::Value::Null);
    let audit = server.run(&["--json", "audit"], "").stdout;
    assert_eq!(audit.matches("clock_confirmed").count(), 2);
}

#[test]
fn a_seat_returned_too_often_is_announced_as_reserved() {
    let server = Server::new(1);
    let computer = Computer::new(server.vendor());
    let set = server.run(&["--json", "policy", "--early-returns", "0"], "");
    assert_eq!(set.json()["early_returns"], 0);
    let portal = Portal::start(&server, &[]);
    portal.post("/activate", &[("token", &computer.request("A", 1))]);
    let seat = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();
    let deactivation = computer.deactivation(&seat, 2);
    assert!(portal.hand_in(&deactivation).has("taken-until"));
    let done = portal.post("/deactivate", &[("token", &deactivation)]);
    assert_eq!(done.attribute("deactivated", "data-outcome"), "released");
    assert!(!done.body.contains("is free now"), "{}", done.body);
    let other = Computer::new(server.vendor()).request("B", 1);
    assert_eq!(portal.hand_in(&other).error(), "seat.none_free");
    // Handed in on the command line, it is said too.
    let again = server.run(&["--json", "deactivate"], &deactivation);
    assert!(again.results()[0]["taken_until"].is_string(), "{}", again.stdout);
    let notices = server.run(&["--json", "notice", "list"], "").json();
    assert_eq!(notices["early_returns"].as_array().unwrap().len(), 0, "one return for one seat");
}

#[test]
fn a_computer_with_a_fast_clock_is_reported() {
    let server = Server::new(2);
    let portal = Portal::start(&server, &[]);
    let then = chrono::Utc::now() + chrono::TimeDelta::hours(60 * 24);
    let at = then.timestamp();
    let request = |name| {
        Computer::new(server.vendor()).request_at(
            name,
            1,
            latchkey_token::HardwareTraits::default(),
            at,
        )
    };
    let then = to_rfc3339(then);
    let granted = portal.post("/activate", &[("token", &request("A"))]);
    assert_eq!(granted.name(), "granted");
    assert!(
        granted.has("computer-clock") && granted.body.contains(&then[..10]),
        "{}",
        granted.body
    );
    let request = request("B");
    let said = server.run(&["--json", "activate"], &request).json();
    assert!(said["results"][0]["computer_clock"].as_str().unwrap().starts_with(&then[..10]));
    let said = server.run(&["activate"], &request);
    assert!(said.stderr.contains("clock showed"), "{}", said.stderr);
}
