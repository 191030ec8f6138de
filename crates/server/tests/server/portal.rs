//! The End User Portal's pages, requested as a browser without JavaScript would.

use latchkey_token::{HardwareTrait, HardwareTraits, VendorId};

use crate::http::Portal;
use crate::{CODE, Computer, Server, is_token};

#[test]
fn the_life_cycle_works_on_the_portal_pages() {
    let server = Server::new(2);
    let computer = Computer::new(server.vendor());
    let portal = Portal::start(&server, &[]);

    let request = computer.request("Office 4", 1);
    let question = portal.hand_in(&format!("Dear all,\n> {request}\n> Regards"));
    assert_eq!((question.status, question.name().as_str()), (200, "activate"));
    assert!(question.body.contains("Office 4") && question.body.contains("2 of 2"));
    let granted = portal.post("/activate", &[("token", &request)]);
    assert_eq!((granted.status, granted.name().as_str()), (200, "granted"));
    let response = granted.token();
    assert!(is_token(&response), "{response}");

    // Asked again, it is the same response, byte for byte.
    let question = portal.hand_in(&request);
    assert_eq!(question.attribute("preview", "data-grounds"), "repeated");
    assert_eq!(portal.post("/activate", &[("token", &request)]).token(), response);

    let seats = portal.post("/seats", &[("code", CODE)]);
    assert_eq!(seats.attribute("seat", "data-state"), "active");
    let seat = seats.attribute("seat", "data-seat");
    let refreshed = portal.post("/refresh", &[("code", CODE), ("seat", &seat)]);
    assert!(refreshed.name() == "refreshed" && is_token(&refreshed.token()));

    let deactivation = computer.deactivation(&seat, 2);
    let question = portal.hand_in(&deactivation);
    assert_eq!(question.attribute("preview", "data-kind"), "deactivation");
    assert_eq!(server.seats()[0]["state"], "active", "looking gives nothing back");
    for outcome in ["released", "already_released"] {
        let done = portal.post("/deactivate", &[("token", &deactivation)]);
        assert_eq!(done.attribute("deactivated", "data-outcome"), outcome);
    }
    assert_eq!(server.seats()[0]["state"], "deactivated");
    let refused = portal.post("/refresh", &[("code", CODE), ("seat", &seat)]);
    assert_eq!((refused.status, refused.error().as_str()), (409, "seat.deactivated"));
    let story = portal.post("/seat", &[("code", CODE), ("seat", &seat)]);
    assert!(story.has("not-refreshable") && story.has("history"));
}

#[test]
fn a_get_request_never_grants_refreshes_or_releases() {
    let server = Server::new(1);
    let computer = Computer::new(server.vendor());
    let portal = Portal::start(&server, &[]);
    let request = computer.request("A", 1);
    for path in [format!("/a/{request}"), format!("/A/{}", request.to_lowercase())] {
        let page = portal.get(&path);
        assert_eq!((page.status, page.name().as_str()), (200, "activate"));
    }
    for path in ["/activate", "/deactivate", "/file", "/seat", "/refresh"] {
        for query in ["?", "?token=", "?code=ACME-0000-1111-2222&seat=0011223344556677&token="] {
            assert_eq!(portal.get(&format!("{path}{query}{request}")).status, 303, "{path}");
        }
    }
    assert!(server.seats().is_empty(), "a seat was granted");

    portal.post("/activate", &[("token", &request)]);
    let seat = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();
    let before = server.run(&["--json", "audit"], "").stdout;
    let deactivation = computer.deactivation(&seat, 2);
    assert_eq!(portal.get(&format!("/a/{deactivation}")).name(), "deactivate");
    for path in [format!("/s/{seat}"), format!("/S/{}", seat.to_uppercase())] {
        assert_eq!(portal.get(&path).status, 200);
    }
    assert_eq!(server.run(&["--json", "audit"], "").stdout, before, "something was done");
}

#[test]
fn a_seat_link_reveals_nothing_without_the_code() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let request = Computer::new(server.vendor()).request("Secret project", 1);
    portal.post("/activate", &[("token", &request)]);
    let seat = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();
    let hidden = |page: &str| page.replace(&seat, "SEAT").replace("0011223344556677", "SEAT");
    let known = hidden(&portal.get(&format!("/s/{seat}")).body);
    let unknown = hidden(&portal.get("/s/0011223344556677").body);
    assert!(!known.contains("Secret project"));
    assert_eq!(known, unknown, "it can be seen whether there is such a seat");
    let with_code = portal.post("/seat", &[("code", CODE), ("seat", &seat)]);
    assert!(with_code.body.contains("Secret project"));
    let wrong = portal.post("/seat", &[("code", "NOBODYS-CODE-HERE-0000"), ("seat", &seat)]);
    assert!(wrong.error() == "code.unknown" && !wrong.body.contains("Secret project"));
}

#[test]
fn submitted_text_is_recognised_by_its_content() {
    let server = Server::new(1);
    let vendor = server.vendor();
    let computer = Computer::new(vendor);
    let portal = Portal::start(&server, &[]);
    let request = computer.request("A", 1);
    let response = portal.post("/activate", &[("token", &request)]).token();
    let foreign = Computer::new(*Computer::new(vendor).keys.public()).request("Elsewhere", 1);
    for (text, status, error) in [
        ("Dear all", 422, "token.none_found"),
        ("", 422, "portal.nothing"),
        (" \r\n", 422, "portal.nothing"),
        (&request[..200], 422, "token.truncated"),
        (foreign.as_str(), 422, "token.not_for_this_vendor"),
    ] {
        let page = portal.hand_in(text);
        assert_eq!((page.status, page.error().as_str()), (status, error), "{text:.20}");
    }
    assert_eq!(portal.hand_in(&response).attribute("for-computer", "data-kind"), "response");
    // One wrong character is healed, and said.
    let wrong = if request.as_bytes()[40] == b'7' { "8" } else { "7" };
    let healed = portal.hand_in(&format!("{}{wrong}{}", &request[..40], &request[41..]));
    assert!(healed.name() == "activate" && healed.has("repaired"));
}

#[test]
fn without_a_free_seat_the_seats_in_use_are_listed() {
    let server = Server::new(1);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    portal.post("/activate", &[("token", &Computer::new(vendor).request("Mill <b>&", 1))]);
    let request = Computer::new(vendor).request("Lathe", 1);
    for page in [portal.hand_in(&request), portal.post("/activate", &[("token", &request)])] {
        assert_eq!((page.status, page.error().as_str()), (422, "seat.none_free"));
        assert!(page.has("in-use") && page.body.contains("Mill &lt;b&gt;&amp;"), "{}", page.body);
        assert!(!page.body.contains("--take-over"), "words of the command line");
    }
}

#[test]
fn pages_have_security_headers_and_set_no_cookie() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    for path in ["/", "/seats", "/no/such/page", "/portal.js", "/s/12"] {
        let page = portal.get(path);
        for header in [
            "content-security-policy: default-src 'none'",
            "frame-ancestors 'none'",
            "referrer-policy: no-referrer",
            "x-content-type-options: nosniff",
        ] {
            assert!(page.head.contains(header), "{path}: {header}\n{}", page.head);
        }
        assert!(
            !page.head.contains("unsafe-inline") && !page.head.contains("set-cookie"),
            "{path}"
        );
        assert!(!page.body.contains(" style=") && !page.body.contains(" onclick="), "{path}");
    }
}

#[test]
fn the_log_contains_no_token_code_or_client_path() {
    let server = Server::new(1);
    let computer = Computer::new(server.vendor());
    let portal = Portal::start(&server, &[]);
    let request = computer.request("Office 4", 1);
    portal.get(&format!("/a/{request}"));
    portal.get("/SOME-OTHER-PATH?code=ACME-0000-1111-2222");
    portal.hand_in(&request);
    let response = portal.post("/activate", &[("token", &request)]).token();
    portal.post("/seats", &[("code", CODE)]);
    portal.say(format!("{CODE} /a/{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    portal.get("/health");
    let log = portal.log();
    for secret in [&request[..20], &response[..20], CODE, "SOME-OTHER-PATH", "Office 4"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
    for line in log.lines().skip(1) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["at"].is_string() && line["event"].is_string(), "{line}");
    }
    assert!(log.contains("/A/{token}") || log.contains("/a/{token}"), "{log}");
}

#[test]
fn pages_are_in_the_language_of_the_browser() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let german = portal.get_with("/", "accept-language: fr, de-AT;q=0.8, en;q=0.5\r\n");
    assert!(german.body.contains("<html lang=\"de\">") && german.body.contains("Weiter"));
    let english = portal.get_with("/", "accept-language: fr\r\n");
    assert!(english.body.contains("<html lang=\"en\">") && english.body.contains("Continue"));
    // Chosen on the page, it stays chosen on the way: nothing else remembers it.
    let chosen = portal.get_with("/?lang=de", "accept-language: en\r\n");
    assert!(
        chosen.body.contains("action=\"./?lang=de\"")
            && chosen.body.contains("href=\"seats?lang=de\"")
    );
}

#[test]
fn health_is_reported_and_sigterm_ends_the_server() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    assert_eq!((portal.get("/health").body.as_str(), portal.get("/health").status), ("ok\n", 200));
    assert_eq!(portal.get("/ready").status, 200);
    // An address that is taken is told, and no panic.
    let taken = server.run(&["--json", "serve", "--listen", &portal.address], "");
    assert_eq!((taken.exit, taken.error().as_str()), (Some(5), "serve.not_listening"));
    portal.signal("TERM");
    assert_eq!(portal.wait(), Some(0));
}

#[test]
fn a_takeover_needs_confirmation_of_the_same_computer() {
    let server = Server::new(1);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    let mut traits = HardwareTraits::default();
    for which in HardwareTrait::ALL {
        traits.set(which, VendorId::from_bytes([7; 8]), 1, which.name());
    }
    let before = Computer::new(vendor).request_from("Before", 1, traits);
    portal.post("/activate", &[("token", &before)]);
    let old = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();
    let reinstalled = Computer::new(vendor).request_from("Reinstalled", 1, traits);
    assert!(portal.hand_in(&reinstalled).has("takeover"));
    // Another computer isn't offered it, and can't ask for it.
    let other = Computer::new(vendor).request("Other", 1);
    assert!(!portal.hand_in(&other).has("takeover"));
    let ask = |token: &str, sure: &str| {
        portal.post("/activate", &[("token", token), ("take_over", &old), ("sure", sure)])
    };
    assert_eq!(ask(&other, "yes").error(), "takeover.not_same_computer");
    assert_eq!(ask(&reinstalled, "").error(), "seat.none_free");
    assert_eq!(server.seats()[0]["state"], "active", "it was taken over by itself");
    assert_eq!(ask(&reinstalled, "yes").name(), "granted");
    let refused = portal.post("/refresh", &[("code", CODE), ("seat", &old)]);
    assert_eq!(refused.error(), "seat.reused");
    assert!(refused.body.contains("new request"), "no next step: {}", refused.body);
}

#[test]
fn a_token_is_offered_as_a_file_and_a_sheet_only() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let request = Computer::new(server.vendor()).request("A", 1);
    let granted = portal.post("/activate", &[("token", &request)]);
    let response = granted.token();
    assert!(granted.body.contains(&format!(
        "mailto:?subject=Response%20token%20for%20%E2%80%9CA%E2%80%9D&amp;body={response}"
    )));
    assert!(granted.body.contains("<svg "), "no picture");
    let file = portal.post("/file", &[("token", &response)]);
    assert_eq!(file.body, format!("{response}\n"));
    assert!(file.head.contains("content-disposition: attachment; filename=\"response.txt\""));
    let sheet = [("token", response.as_str()), ("product", "CAD <script>"), ("name", "A")];
    let sheet = portal.post("/sheet", &sheet);
    assert!(sheet.body.contains("CAD &lt;script&gt;") && sheet.body.contains("<svg "));
    assert!(
        sheet
            .head
            .contains("content-security-policy: default-src 'none'; style-src 'unsafe-inline'")
    );
    assert_eq!(portal.post("/file", &[("token", "<script>")]).error(), "token.none_found");
}

#[test]
fn a_request_with_an_unknown_code_accepts_a_corrected_code() {
    let server = Server::new(1);
    let wrong =
        Computer { code: "ACME-0000-1111-2223".to_owned(), ..Computer::new(server.vendor()) };
    let portal = Portal::start(&server, &[]);
    let request = wrong.request("Office 4", 1);
    for page in [portal.hand_in(&request), portal.post("/activate", &[("token", &request)])] {
        assert_eq!((page.status, page.error().as_str()), (422, "code.unknown"));
        assert!(page.has("other-code"), "{}", page.body);
    }
    // Nothing that is typed there is taken for a code where it is none, and another wrong one is
    // refused as well.
    for (typed, refusal) in [("", "activation_code.empty"), ("§", "activation_code.symbol")] {
        let page = portal.post("/activate/code", &[("token", &request), ("code", typed)]);
        assert_eq!((page.error().as_str(), page.has("other-code")), (refusal, true), "{typed:?}");
    }
    let page = portal.post("/activate/code", &[("token", &request), ("code", "ACME-9")]);
    assert_eq!((page.error().as_str(), page.has("other-code")), ("code.unknown", true));
    // What was typed can be compared with what was sent.
    assert_eq!(page.attribute("code", "value"), "ACME-9");
    let seats = portal.post("/seats", &[("code", "acme-9")]);
    assert_eq!(seats.attribute("code", "value"), "acme-9");

    let question = portal.post("/activate/code", &[("token", &request), ("code", CODE)]);
    assert_eq!((question.status, question.name().as_str()), (200, "activate"));
    assert!(question.body.contains("Office 4") && question.body.contains("1 of 1"));
    assert!(server.seats().is_empty(), "looking grants nothing");
    let granted = portal.post("/activate", &[("token", &request), ("code", CODE)]);
    assert_eq!((granted.status, granted.name().as_str()), (200, "granted"));
    assert!(is_token(&granted.token()));
    // The same request again gets the same response, without the code as well.
    let question = portal.hand_in(&request);
    assert_eq!(question.attribute("preview", "data-grounds"), "repeated");
    assert_eq!(portal.post("/activate", &[("token", &request)]).token(), granted.token());
    assert_eq!(server.seats().len(), 1);

    let audit = server.run(&["--json", "audit"], "").json();
    let rows = audit["audit"].as_array().unwrap();
    let row = rows.iter().find(|row| row["event"] == "seat_granted").unwrap();
    assert_eq!(row["detail"]["code_given"], "portal");
    assert!(row["code"].as_str().unwrap().ends_with("2222"), "{row}");
    assert!(row["detail"]["request_code"].as_str().unwrap().ends_with("2223"), "{row}");
    let log = portal.log();
    assert!(!log.contains(CODE) && !log.contains("ACME-0000"), "{log}");
}

#[test]
fn a_typing_error_in_an_unknown_code_is_located() {
    let server = Server::new(1);
    let computer =
        Computer { code: "2V7HX-M9QXE-3TRHG-8NPW6".to_owned(), ..Computer::new(server.vendor()) };
    let portal = Portal::start(&server, &[]);
    let pages = [
        portal.hand_in(&computer.request("A", 1)),
        portal.post("/seats", &[("code", "2V7HX-M9QXE-3TRHG-8NPW6")]),
    ];
    for page in pages {
        assert_eq!(page.error(), "code.unknown");
        assert!(page.body.contains("a typing error in group 1"), "{}", page.body);
    }
    let page = portal.post("/seats", &[("code", "KW7M-3RTZ-9PHC-X2VB")]);
    assert!(page.error() == "code.unknown" && !page.body.contains("typing error"));
}

#[test]
fn without_a_free_seat_another_code_may_be_entered() {
    let server = Server::new(1);
    let computer = Computer::new(server.vendor());
    let portal = Portal::start(&server, &[]);
    portal.post("/activate", &[("token", &computer.request("Old", 1))]);
    let code = "0THER-0000-1111-2222";
    let added = server.run(
        &[
            "--json",
            "entitlement",
            "add",
            "--product",
            "1",
            "--seats",
            "1",
            "--offline-lease",
            "30d",
            "--code",
            code,
        ],
        "",
    );
    assert_eq!(added.exit, Some(0), "{}", added.stderr);
    let request = Computer::new(server.vendor()).request("New", 1);
    let full = portal.hand_in(&request);
    assert!(full.error() == "seat.none_free" && full.has("other-code"));
    // The page repeats the code that was typed in its own form.
    let hidden = "0THE-R000-0111-1222-2";
    let granted = portal.post("/activate", &[("token", &request), ("code", hidden)]);
    assert_eq!(granted.name(), "granted");
    // Where its own code is good for a seat, nobody can have a request answered under another
    // entitlement.
    let own = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();
    assert_eq!(server.run(&["seat", "release", "--now", &own], "").exit, Some(0));
    let request = Computer::new(server.vendor()).request("Newer", 1);
    for path in ["/activate/code", "/activate"] {
        let page = portal.post(path, &[("token", &request), ("code", hidden)]);
        assert_eq!((page.status, page.error().as_str()), (422, "code.own_is_valid"), "{path}");
        assert!(page.body.contains("without another code"), "no next step: {}", page.body);
    }
    let refused = server.run(&["--json", "activate", "--code", code], &request);
    let result = &refused.results()[0];
    assert_eq!(result["error"]["code"], "code.own_is_valid", "{}", refused.stdout);
    assert_eq!(portal.post("/activate", &[("token", &request)]).name(), "granted");
}
