//! Every interface of the server while its own clock is in doubt. `faketime` moves the clock from
//! outside the program.

use latchkey_lease::time::to_rfc3339;
use std::process::{Command, Stdio};

use crate::http::Portal;
use crate::{CODE, CommandOutput, Computer, Server};

/// A command of the server on a machine whose clock is a number of days ahead, or behind.
pub(crate) fn days_ahead(server: &Server, days: i64, arguments: &[&str]) -> CommandOutput {
    let command = Command::new("faketime")
        .args(["-f", &format!("{days:+}d")])
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

/// A request of a computer whose clock is a number of days ahead, and what its clock shows.
fn request_days_ahead(server: &Server, name: &str, days: i64) -> (String, String) {
    let shown = latchkey_lease::from_seconds(chrono::Utc::now().timestamp() + days * 86_400);
    let computer = Computer::new(server.vendor());
    let traits = latchkey_token::HardwareTraits::default();
    (computer.request_at(name, 1, traits, shown.timestamp()), to_rfc3339(shown))
}

/// What is shown of a grant: nothing of a clock that is right, a remark about one that is wrong,
/// and no success where the computer will refuse the response.
#[test]
fn a_lease_that_is_over_by_the_clock_of_its_computer_is_not_shown_as_success() {
    let server = Server::new(6);
    let portal = Portal::start(&server, &[]);
    for (name, days, is_named, is_over) in
        [("Right", 0, false, false), ("Ahead", 3_650, true, true), ("Behind", -400, true, false)]
    {
        let (request, shown) = request_days_ahead(&server, name, days);
        let first = format!("Set the clock of “{name}” right first");
        let preview = portal.hand_in(&request);
        assert_eq!(preview.has("computer-clock"), is_named, "{name}");
        if is_named {
            let over = if is_over { "true" } else { "false" };
            assert_eq!(preview.attribute("computer-clock", "data-over"), over, "{name}");
        }
        for round in 0..2 {
            let page = portal.post("/activate", &[("token", &request)]);
            assert_eq!(page.name(), "granted");
            assert!(page.has("token"), "the response is there for when the clock is right");
            assert_eq!(page.body.contains(&format!("<h1>{first}</h1>")), is_over, "{name}");
            assert_eq!(page.body.contains("is activated</h1>"), !is_over, "{name}");
            if round == 0 {
                assert_eq!(page.has("computer-clock"), is_named, "{name}");
            }
            let over = if is_over { "true" } else { "false" };
            if page.has("computer-clock") {
                assert_eq!(page.attribute("computer-clock", "data-over"), over, "{name}");
                assert!(page.body.contains(&shown[..10]), "{name}");
            } else {
                // An old request that is answered again is expected to be from long ago.
                assert!(!is_over, "{name}");
            }
        }
        let (request, shown) = request_days_ahead(&server, name, days);
        let said = server.run(&["--json", "activate"], &request);
        assert_eq!(said.exit, Some(0), "the token is right: {}", said.stderr);
        let result = &said.results()[0];
        assert_eq!(result["outcome"], "granted");
        assert_eq!(result["over_by_computer_clock"], is_over, "{name}");
        let clock = result["computer_clock"].as_str().map(|clock| &clock[..10]);
        assert_eq!(clock, is_named.then_some(&shown[..10]), "{name}");
        let said = server.run(&["activate"], &request);
        assert_eq!(said.exit, Some(0));
        assert_eq!(said.stderr.starts_with(&format!("{first}.")), is_over, "{}", said.stderr);
        assert!(latchkey_token::scan(&said.stdout).unwrap()[0].token.is_ok());
    }
}

#[test]
fn a_batch_lists_the_computers_whose_clocks_have_to_be_set_right_first() {
    let server = Server::new(4);
    let portal = Portal::start(&server, &[]);
    let ahead = request_days_ahead(&server, "Ahead", 3_650);
    let nameless = request_days_ahead(&server, "", 3_650);
    let behind = request_days_ahead(&server, "Behind", -400);
    let right = request_days_ahead(&server, "Right", 0);
    let refused = request_days_ahead(&server, "Refused", 3_650);
    let requests = [&right.0, &ahead.0, &behind.0, &nameless.0, &refused.0];
    let text = requests.map(String::as_str).join("\n");
    let path = portal.hand_in(&text).leads_to();
    let (_, done) = crate::bulk::finished(&portal, &portal.post(&path, &[]));
    assert_eq!(done.attribute("batch-done", "data-answered"), "4");
    assert_eq!(done.attribute("clocks", "data-count"), "2");
    let (listed, rest) = done.body.split_once("data-testid=\"batch-done\"").unwrap();
    assert!(listed.contains("<td>Ahead</td>") && listed.contains(&ahead.1[..10]), "{listed}");
    assert!(!listed.contains("<td>Behind</td>") && !listed.contains("<td>Right</td>"), "{listed}");
    let seats = server.seats();
    let nameless_seat = seats.iter().find(|seat| seat["seat_name"] == "").unwrap();
    let id = nameless_seat["seat_id"].as_str().unwrap();
    assert!(listed.contains(&format!("<td>{id}</td>")), "{listed}");
    assert!(rest.contains("table.csv"), "the list is above the table for download");
    let table = portal.get(&format!("{path}/table.csv")).body;
    let mut lines = table.lines();
    assert!(lines.next().unwrap().ends_with(",token,computer_clock"), "{table}");
    let clocks: Vec<_> = lines.map(|line| line.rsplit_once(',').unwrap().1).collect();
    let quoted = |clock: &str| format!("\"{clock}\"");
    let expected = ["", &ahead.1, &behind.1, &nameless.1, ""].map(quoted);
    assert_eq!(clocks, expected);

    let server = Server::new(2);
    let portal = Portal::start(&server, &[]);
    let text = ["A", "B"].map(|name| request_days_ahead(&server, name, 0).0).join("\n");
    let path = portal.hand_in(&text).leads_to();
    let (_, done) = crate::bulk::finished(&portal, &portal.post(&path, &[]));
    assert!(!done.has("clocks"), "all clocks are right");
}

/// A response that is shown again after its lease: the computer needs a new request, whatever its
/// clock shows.
#[test]
fn a_response_whose_lease_is_over_is_not_shown_as_success() {
    let server = Server::new(2);
    let requests = [("Right", 0), ("Ahead", 3_650)].map(|(name, days)| {
        let (request, _) = request_days_ahead(&server, name, days);
        let granted = server.run(&["--json", "activate"], &request);
        assert_eq!(granted.results()[0]["lease_over"], false, "{name}");
        request
    });
    // The leases end in the past.
    let database = rusqlite::Connection::open(server.data().join("issuer.db")).unwrap();
    let leases = database.execute("UPDATE response SET lease_expiry = 1700000000", []).unwrap();
    assert_eq!(leases, 2);

    let said = "The lease in this response ran out on ";
    let portal = Portal::start(&server, &[]);
    for request in &requests {
        let preview = portal.hand_in(request);
        assert_eq!(preview.attribute("preview", "data-grounds"), "repeated");
        let page = portal.post("/activate", &[("token", request)]);
        assert_eq!(page.name(), "granted");
        for page in [&preview, &page] {
            let title = "<h1>The lease in this response is over: make a new request</h1>";
            assert!(page.body.contains(title), "{}", page.body);
            assert!(page.has("lease-over") && page.body.contains(said), "{}", page.body);
        }
        assert!(!page.has("computer-clock"), "another clock would not help");
        let again = server.run(&["--json", "activate"], request);
        assert_eq!(again.exit, Some(0), "nothing was refused: {}", again.stderr);
        let result = &again.results()[0];
        assert_eq!((&result["outcome"], &result["error"]), (&"already_applied".into(), &().into()));
        assert_eq!(result["lease_over"], true);
        let again = server.run(&["activate"], request);
        assert!(again.stderr.starts_with(said), "{}", again.stderr);
    }
    let path = portal.hand_in(&requests.join("\n")).leads_to();
    let (_, done) = crate::bulk::finished(&portal, &portal.post(&path, &[]));
    assert_eq!(done.attribute("expired", "data-count"), "2");
    assert!(!done.has("clocks"), "another clock would not help");
}
