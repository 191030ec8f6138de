//! The policy that every N-th renewal needs a request, on the command line and on the pages.

use serde_json::Value;

use crate::http::Portal;
use crate::{CODE, Computer, Server, is_token};

impl Server {
    fn set_policy(&self, every: &str) {
        let id = self.entitlement();
        let said = self.run(&["entitlement", "set", &id, "--request-every", every], "");
        assert_eq!(said.exit, Some(0), "{}", said.stderr);
    }

    fn policy(&self) -> Value {
        let listed = self.run(&["--json", "entitlement", "list"], "").json();
        listed["entitlements"][0]["request_every"].clone()
    }

    /// The seat of a computer that is activated.
    fn seat_of(&self, computer: &Computer, name: &str) -> String {
        let said = self.run(&["--json", "activate"], &computer.request(name, 1));
        said.results()[0]["seat_id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn the_request_policy_is_set_shown_enforced_and_cleared() {
    let server = Server::new(1);
    let computer = Computer::new(server.vendor());
    let seat = server.seat_of(&computer, "Office 4");
    assert_eq!(server.policy(), Value::Null);
    let refreshed = server.run(&["--json", "refresh", &seat], "").json();
    assert_eq!(refreshed["refreshes_left"], Value::Null);

    server.set_policy("3");
    assert_eq!(server.policy(), 3);
    assert_eq!(server.seats()[0]["refreshes_left"], 1);
    let listed = server.run(&["entitlement", "list"], "").stdout;
    assert!(listed.contains("Request at every nth renewal") && listed.contains(" 3 "), "{listed}");
    let last = server.run(&["refresh", &seat], "");
    assert!(
        is_token(last.lines()[0]) && last.stderr.contains("needs a request"),
        "{}",
        last.stderr
    );
    let refused = server.run(&["--json", "refresh", &seat], "");
    assert_eq!((refused.exit, refused.error().as_str()), (Some(4), "refresh.needs_request"));
    let told = server.run(&["refresh", &seat], "");
    assert!(told.stdout.is_empty() && told.stderr.contains("one in 3"), "{}", told.stderr);
    assert!(told.stderr.contains("“request --renew”"), "{}", told.stderr);

    // A request for the same seat, and refreshes go on.
    let renewed = server.run(&["--json", "activate"], &computer.request("Office 4", 2));
    assert_eq!(renewed.results()[0]["seat_id"], seat);
    assert_eq!(server.seats()[0]["refreshes_left"], 2);
    assert_eq!(server.run(&["refresh", &seat], "").exit, Some(0));

    server.set_policy("none");
    assert_eq!(
        (server.policy(), &server.seats()[0]["refreshes_left"]),
        (Value::Null, &Value::Null)
    );
    let audit = server.run(&["--json", "audit"], "").stdout;
    assert!(audit.contains("request_every") && audit.contains("refresh.needs_request"), "{audit}");
}

#[test]
fn an_entitlement_is_added_with_a_valid_request_policy_only() {
    let server = Server::new(1);
    let add = |every: &str| {
        let command = ["--json", "entitlement", "add", "--product", "1", "--seats", "1"];
        server.run(&[&command[..], &["--request-every", every]].concat(), "")
    };
    for wrong in ["0", "often", "2.5", "4294967296", ""] {
        let said = add(wrong);
        assert_eq!((said.exit, said.error().as_str()), (Some(2), "usage.request_every"), "{wrong}");
    }
    for (given, kept) in
        [("1", Value::from(1)), ("4294967295", Value::from(u32::MAX)), ("none", Value::Null)]
    {
        assert_eq!(add(given).exit, Some(0));
        let listed = server.run(&["--json", "entitlement", "list"], "").json();
        let newest = listed["entitlements"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(newest["request_every"], kept, "{given}");
    }
}

#[test]
fn a_bulk_refresh_lists_the_seats_that_need_a_request() {
    let server = Server::new(3);
    let vendor = server.vendor();
    let computers: Vec<_> = (0..3).map(|_| Computer::new(vendor)).collect();
    let seats: Vec<_> = (0..3).map(|n| server.seat_of(&computers[n], &format!("PC {n}"))).collect();
    server.set_policy("2");
    assert_eq!(server.run(&["refresh", &seats[1]], "").exit, Some(0));
    let all: Vec<&str> = seats.iter().map(String::as_str).collect();

    let said = server.run(&[&["--json", "refresh"][..], &all].concat(), "");
    assert_eq!(said.exit, Some(4), "{}", said.stderr);
    let results = said.results();
    let outcomes: Vec<_> =
        results.iter().map(|one| (one["seat_id"].clone(), one["outcome"].clone())).collect();
    let expected = ["refreshed", "refused", "refreshed"];
    for ((found, seat), outcome) in outcomes.iter().zip(&seats).zip(expected) {
        assert_eq!((&found.0, &found.1), (&seat.as_str().into(), &outcome.into()));
    }
    assert!(is_token(results[0]["token"].as_str().unwrap()));
    assert_eq!(results[1]["error"]["code"], "refresh.needs_request");
    assert_eq!((&results[1]["token"], &results[2]["refreshes_left"]), (&Value::Null, &0.into()));

    // Now all of them need one; for people each is named.
    let said = server.run(&[&["refresh"][..], &all].concat(), "");
    assert_eq!((said.exit, said.lines().len()), (Some(4), 0));
    assert!(seats.iter().all(|seat| said.stderr.contains(seat.as_str())), "{}", said.stderr);
    assert_eq!(said.stderr.matches("“request --renew”").count(), 3, "{}", said.stderr);
}

#[test]
fn a_seat_page_announces_that_a_renewal_needs_a_request() {
    let server = Server::new(1);
    let computer = Computer::new(server.vendor());
    let portal = Portal::start(&server, &[]);
    portal.post("/activate", &[("token", &computer.request("Office 4", 1))]);
    let seat = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();
    let fields = [("code", CODE), ("seat", seat.as_str())];
    let page = portal.post("/seat", &fields);
    assert!(page.has("refresh") && !page.has("refreshes-left") && !page.has("needs-request"));

    server.set_policy("2");
    let page = portal.post("/seat", &fields);
    assert!(page.has("refresh") && page.has("refreshes-left"), "{}", page.body);
    let refreshed = portal.post("/refresh", &fields);
    assert!(is_token(&refreshed.token()) && refreshed.has("last-refresh"), "{}", refreshed.body);

    for page in [portal.post("/seat", &fields), portal.post("/seats", &[("code", CODE)])] {
        assert!(page.has("needs-request") && !page.has("refresh"), "{}", page.body);
        assert!(page.body.contains("Renew with a request"), "{}", page.body);
    }
    // From a page that was opened before.
    let refused = portal.post("/refresh", &fields);
    assert_eq!((refused.status, refused.error().as_str()), (409, "refresh.needs_request"));
    assert!(refused.body.contains("Renew with a request"), "{}", refused.body);
    let german = portal.post("/refresh?lang=de", &fields);
    assert!(german.body.contains("jede 2. Verlängerung"), "{}", german.body);

    // The request is handed in like any other, and says that the seat stays the same.
    let request = computer.request("Office 4", 2);
    let question = portal.hand_in(&request);
    assert_eq!(question.attribute("preview", "data-grounds"), "same_seat");
    // With its own seat in use none is free, which doesn't matter here.
    assert!(question.body.contains("Renew the lease") && !question.body.contains("Seats left"));
    let renewed = portal.post("/activate", &[("token", &request)]);
    assert!(is_token(&renewed.token()) && renewed.body.contains("is renewed"), "{}", renewed.body);
    let page = portal.post("/seat", &fields);
    assert!(page.has("refresh") && !page.has("needs-request"), "{}", page.body);
}
