//! Tokens that are intact but wrong, and damaged tokens. Whatever is submitted, the state doesn't
//! change.

use latchkey_e2e_support::{Answer, Clock, Computer, Vendor};
use serde_json::Value;

use crate::codes;
use crate::fixture::{FEATURES, Fixture, ONE_SEAT, THREE_SEATS};
use crate::mail;

/// A status without the tokens of the outbox, which are sealed afresh whenever they are shown.
fn without_tokens(mut status: Value) -> Value {
    for entry in status["outbox"].as_array_mut().into_iter().flatten() {
        entry["token"].take();
    }
    status
}

/// Hands a text to a computer and insists that it is refused and nothing changes.
#[track_caller]
fn refused(computer: &Computer, text: &str, code: &str) -> Answer {
    let before = without_tokens(computer.status());
    let answer = computer.apply(text).fails(3, code);
    assert_eq!(without_tokens(computer.status()), before, "a refused token must change nothing");
    answer
}

/// Hands a text to the issuer and insists that it is refused and no seat changes.
#[track_caller]
fn refused_by(vendor: &Vendor, command: &str, text: &str, code: &str) -> Answer {
    let before = vendor.seats(None);
    let answer = vendor.json_with(&[command], text).fails(3, code);
    assert_eq!(vendor.seats(None), before, "a refused token must change no seat");
    answer
}

#[test]
fn a_request_in_place_of_a_response_is_reported_as_a_request() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let _ = refused(&computer, &request, codes::WRONG_KIND);
    let _ = refused_by(&fixture.vendor, "deactivate", &request, codes::WRONG_KIND);

    let response = fixture.vendor.response_to(&request);
    let _ = refused_by(&fixture.vendor, "activate", &response, codes::WRONG_KIND);
    let _ = computer.apply(&response).succeeds();
    let deactivation = computer.deactivate();
    let _ = refused(&computer, &deactivation, codes::WRONG_KIND);
    let _ = refused_by(&fixture.vendor, "activate", &deactivation, codes::WRONG_KIND);
}

#[test]
fn a_response_for_another_computer_is_refused() {
    let fixture = Fixture::new(THREE_SEATS);
    let (here, there) = (fixture.computer(), fixture.computer());
    let _ = here.request(fixture.code());
    let response = fixture.vendor.response_to(&there.request(fixture.code()));

    let _ = refused(&here, &response, codes::OTHER_COMPUTER);

    let _ = there.apply(&response).succeeds();
    assert_eq!(there.state(), "active");
}

#[test]
fn a_response_for_another_product_of_this_computer_is_reported() {
    let fixture = Fixture::new(THREE_SEATS);
    let viewer = fixture.vendor.add_product("Acme Viewer", FEATURES);
    let bought = fixture.vendor.add_entitlement(viewer, THREE_SEATS);
    let computer = fixture.computer();
    let _ = computer.request(fixture.code());
    let same_computer = computer.with_another_product(&fixture.vendor.kit_here(viewer));
    let response = fixture.vendor.response_to(&same_computer.request(bought.code()));

    let _ = refused(&computer, &response, codes::OTHER_PRODUCT_OF_COMPUTER);

    let _ = same_computer.apply(&response).succeeds();
    assert_eq!(computer.state(), "not_activated");
}

#[test]
fn a_response_from_another_vendor_is_reported() {
    let (ours, theirs) = (Fixture::new(THREE_SEATS), Fixture::new(THREE_SEATS));
    let computer = ours.computer();
    let request = computer.request(ours.code());
    let same_computer = computer.with_another_product(&theirs.kit);
    let foreign_request = same_computer.request(theirs.code());
    let response = theirs.vendor.response_to(&foreign_request);

    let _ = refused(&computer, &response, codes::OTHER_VENDOR);
    let _ = refused_by(&theirs.vendor, "activate", &request, codes::NOT_FOR_THIS_VENDOR);
    let refused =
        refused_by(&ours.vendor, "activate", &foreign_request, codes::NOT_FOR_THIS_VENDOR);

    // `inspect` reports it in the same words.
    let looked = ours.vendor.call().args(["inspect"]).input(foreign_request.as_str()).run();
    let message = refused.results()[0]["error"]["message"].as_str().expect("words").to_owned();
    assert!(looked.stdout.contains(&message), "{message}\n{looked}");
}

#[test]
fn the_same_response_twice_is_already_applied() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let response = fixture.vendor.response_to(&computer.request(fixture.code()));
    let _ = computer.apply(&response).succeeds();
    let before = computer.status();

    let again = computer.apply(&response).succeeds();

    assert_eq!(again.result()["outcome"], "already_applied");
    assert_eq!(computer.status(), before);
}

#[test]
fn the_same_refresh_twice_is_already_applied() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.active_computer("Drawing office");
    let refresh = fixture.vendor.refresh_of(&computer.seat());
    let _ = computer.apply(&refresh).succeeds();

    let again = computer.apply(&refresh).succeeds();

    assert_eq!(again.result()["outcome"], "already_applied");
}

#[test]
fn an_older_refresh_after_a_newer_one_is_refused() {
    let mut fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    let older = fixture.vendor.refresh_of(&seat);
    fixture.days_later(2, [&mut computer]);
    let newer = fixture.vendor.refresh_of(&seat);
    let _ = computer.apply(&newer).succeeds();

    let _ = refused(&computer, &older, codes::OLDER_REFRESH);
}

#[test]
fn older_and_newer_refresh_in_one_text_end_with_the_newer_one() {
    let mut fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    let older = fixture.vendor.refresh_of(&seat);
    fixture.days_later(2, [&mut computer]);
    let newer = fixture.vendor.json(&["refresh", &seat]).succeeds().json();

    let _ = computer.apply(&format!("{}\n{older}", newer["token"].as_str().expect("a token")));

    assert_eq!(computer.status()["lease_expiry"], newer["lease_expiry"]);
}

#[test]
fn a_response_held_back_until_after_refresh_and_deactivation_is_refused() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let first = computer.request(fixture.code());
    let second = computer.request(fixture.code());
    let held_back = fixture.vendor.response_to(&first);
    let _ = computer.apply(&fixture.vendor.response_to(&second)).succeeds();
    let _ = computer.apply(&fixture.vendor.refresh_of(&computer.seat())).succeeds();
    let _ = refused(&computer, &held_back, codes::NOT_PENDING);

    let _ = computer.deactivate();

    let _ = refused(&computer, &held_back, codes::NOT_PENDING);
    assert_eq!(computer.state(), "not_activated");
}

#[test]
fn an_applied_response_cannot_be_reapplied_after_deactivation() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let response = fixture.vendor.response_to(&computer.request(fixture.code()));
    let _ = computer.apply(&response).succeeds();
    let refresh = fixture.vendor.refresh_of(&computer.seat());
    let _ = computer.deactivate();

    let _ = refused(&computer, &response, codes::NOT_PENDING);
    let _ = refused(&computer, &refresh, codes::REFRESH_NOT_ACTIVATED);
}

#[test]
fn a_refresh_of_another_seat_is_refused() {
    let fixture = Fixture::new(THREE_SEATS);
    let (here, there) = (fixture.active_computer("Here"), fixture.active_computer("There"));
    let refresh = fixture.vendor.refresh_of(&there.seat());

    let _ = refused(&here, &refresh, codes::OTHER_COMPUTER);
}

#[test]
fn a_refresh_of_a_formerly_held_seat_is_refused() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.active_computer("Drawing office");
    let held_back = fixture.vendor.refresh_of(&computer.seat());
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    let bought = fixture.vendor.add_entitlement(fixture.product, ONE_SEAT);
    let request = computer.request(bought.code());
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();

    let _ = refused(&computer, &held_back, codes::OTHER_SEAT);
}

#[test]
fn a_response_with_an_expired_lease_is_refused_and_the_request_stays_valid() {
    let mut fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.computer();
    let request = computer.request(fixture.code());
    let response = fixture.vendor.response_to(&request);
    computer.clock = Clock::days(8);

    let _ = refused(&computer, &response, codes::ALREADY_OVER);

    fixture.days_later(8, [&mut computer]);
    let again = computer.request(fixture.code());
    let _ = computer.apply(&fixture.vendor.response_to(&again)).succeeds();
    assert_eq!(computer.state(), "active");
}

#[test]
fn a_token_cut_in_half_is_reported_as_incomplete() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let response = fixture.vendor.response_to(&request);

    let _ =
        refused_by(&fixture.vendor, "activate", &request[..request.len() / 2], codes::TRUNCATED);
    let _ = refused(&computer, &response[..response.len() / 2], codes::TRUNCATED);
    let _ = computer.apply(&response).succeeds();
}

#[test]
fn every_possible_cut_of_a_response_is_a_clear_error() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let response = fixture.vendor.response_to(&computer.request(fixture.code()));
    for length in (0..response.len()).step_by(7) {
        let answer = computer.apply(&response[..length]).exits(3);
        assert!(answer.error_code().is_some(), "no error code\n{answer}");
    }
    for start in (1..response.len()).step_by(23) {
        let answer = computer.apply(&response[start..]).exits(3);
        assert!(answer.error_code().is_some(), "no error code\n{answer}");
    }
    assert_eq!(computer.state(), "not_activated");
    let _ = computer.apply(&response).succeeds();
}

#[test]
fn a_text_without_a_token_is_reported() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    for (text, code) in [
        ("", codes::TEXT_EMPTY),
        ("Hello,\nwhere is my response token?\n", codes::NONE_FOUND),
        ("\u{feff}\u{200b}", codes::NONE_FOUND),
        ("LK", codes::NONE_FOUND),
        ("1234567890", codes::NONE_FOUND),
        ("%PDF-1.7\n1 0 obj\n", codes::TEXT_DOCUMENT),
        ("PK\u{3}\u{4}\u{14}\0\u{1}\u{2}request.txt", codes::TEXT_ARCHIVE),
    ] {
        let _ = refused(&computer, text, code);
        let _ = refused_by(&fixture.vendor, "activate", text, code);
        let _ = refused_by(&fixture.vendor, "deactivate", text, code);
        let _ = computer.json_with(&["inspect"], text).fails(3, code);
        let _ = fixture.vendor.json_with(&["inspect"], text).fails(3, code);
    }
}

#[test]
fn binary_input_is_a_clear_error() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    for bytes in [&b"\xff\xfe\x00\x00garbage\x80\x81"[..], &[0; 4096], &[0x80; 4096]] {
        for (call, command) in [(computer.call(), "apply"), (fixture.vendor.call(), "activate")] {
            let answer = call.args(["--json", command]).input(bytes).run().exits(3);
            assert!(answer.error_code().is_some(), "no error code\n{answer}");
        }
    }
}

#[test]
fn a_text_beyond_the_limit_is_refused_whatever_is_in_it() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let filling = " ".repeat(17 << 20);
    let text = format!("{request}{filling}");
    for answer in [fixture.vendor.activate(&text), computer.apply(&text)] {
        assert!(matches!(answer.exit, Some(2 | 3)), "{answer:.300}");
        let code = answer.error_code().unwrap_or_default();
        assert!(code.ends_with(".too_large"), "{code}");
    }
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn one_wrong_symbol_in_every_row_is_repaired() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    for shift in 0..5 {
        let request = mail::one_wrong_symbol_in_every_row(&computer.request(fixture.code()), shift);
        let response = fixture.vendor.response_to(&request);
        let response = mail::one_wrong_symbol_in_every_row(&response, shift * 3);

        let inspected = computer.json_with(&["inspect"], &response).succeeds();
        assert_eq!(inspected.result()["kind"], "response");

        let _ = computer.apply(&response).succeeds();
        let deactivation = mail::one_wrong_symbol_in_every_row(&computer.deactivate(), shift * 5);
        let _ = fixture.vendor.deactivate(&deactivation).succeeds();
    }
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn irreparable_damage_is_reported_and_changes_nothing() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let response = fixture.vendor.response_to(&computer.request(fixture.code()));
    let broken = mail::three_wrong_symbols_in_the_second_row(&response);

    let _ = refused(&computer, &broken, codes::DAMAGED);

    let _ = computer.apply(&response).succeeds();
}

#[test]
fn a_token_survives_every_way_in_which_mail_mangles_text() {
    let fixture = Fixture::new(THREE_SEATS);
    // Each way gives its seat back early, which is more often than a vendor allows by default.
    let _ = fixture.vendor.json(&["policy", "--early-returns", "1000"]).succeeds();
    let mut failures = Vec::new();
    for (name, mangle) in mail::DISTORTIONS {
        let computer = fixture.computer();
        let mut step = |what: &str, answer: Answer| -> Option<Value> {
            if answer.exit == Some(0) {
                return Some(answer.result());
            }
            failures.push(format!("{name}: {what}\n{answer}"));
            None
        };
        let request = mangle(&computer.request(fixture.code()));
        let Some(granted) = step("request", fixture.vendor.activate(&request)) else { continue };
        let response = mangle(granted["token"].as_str().expect("a response token"));
        if step("response", computer.apply(&response)).is_none() {
            continue;
        }
        let refresh = mangle(&fixture.vendor.refresh_of(&computer.seat()));
        let _ = step("refresh", computer.apply(&refresh));
        let deactivation = mangle(&computer.deactivate());
        let _ = step("deactivation", fixture.vendor.deactivate(&deactivation));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn each_computer_finds_its_own_response_in_a_fleets_file() {
    let fixture = Fixture::new(THREE_SEATS);
    let fleet: Vec<_> = (0..3).map(|_| fixture.computer()).collect();
    let requests: Vec<_> = fleet.iter().map(|computer| computer.request(fixture.code())).collect();
    let file = fixture.vendor.folder().expect("a folder").join("requests.txt");
    std::fs::write(&file, mail::quoted(&requests.join("\n\n"))).expect("the file can be written");

    let all = fixture.vendor.call().args(["activate"]).args([&file]).run().succeeds();
    assert_eq!(all.tokens().len(), 3);

    for computer in &fleet {
        let _ = computer.apply(&mail::quoted(&all.stdout)).succeeds();
        assert_eq!(computer.state(), "active");
    }
    assert_eq!(fixture.seats_in_use(), 3);
}

#[test]
fn among_many_tokens_good_ones_are_processed_and_bad_ones_reported() {
    let fixture = Fixture::new(THREE_SEATS);
    let good = fixture.computer().request(fixture.code());
    let bad = fixture.computer().request("WRONG-CODE-0000-0000");
    let cut = fixture.computer().request(fixture.code());

    let text = format!("{good}\n{bad}\n{}", &cut[..cut.len() / 2]);
    let answer = fixture.vendor.activate(&text).exits(3);

    let results = answer.results();
    assert_eq!(results.len(), 3, "{answer}");
    assert!(results[0]["error"].is_null() && results[0]["token"].is_string(), "{answer}");
    assert_eq!(results[1]["error"]["code"], codes::UNKNOWN_CODE, "{answer}");
    assert_eq!(results[2]["error"]["code"], codes::TRUNCATED, "{answer}");
    assert_eq!(fixture.seats_in_use(), 1);
}
