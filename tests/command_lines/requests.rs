//! Request tokens and their responses.

use crate::codes;
use crate::fixture::{Fixture, ONE_SEAT, THREE_SEATS};

#[test]
fn the_response_to_the_first_of_three_requests_activates() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let requests: Vec<_> = (0..3).map(|_| computer.request(fixture.code())).collect();
    assert_eq!(computer.status()["pending_requests"], 3);

    let response = fixture.vendor.response_to(&requests[0]);
    let applied = computer.apply(&response).succeeds();

    assert_eq!(applied.result()["kind"], "response");
    let status = computer.status();
    assert_eq!(status["state"], "active");
    assert_eq!(status["pending_requests"], 0);
}

#[test]
fn the_response_to_any_pending_request_activates() {
    let fixture = Fixture::new(THREE_SEATS);
    for chosen in 0..3 {
        let computer = fixture.computer();
        let requests: Vec<_> = (0..3).map(|_| computer.request(fixture.code())).collect();
        let response = fixture.vendor.response_to(&requests[chosen]);
        let _ = computer.apply(&response).succeeds();
        assert_eq!(computer.state(), "active");
    }
}

#[test]
fn a_request_is_refused_while_the_licence_is_active() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.active_computer("Drawing office");
    let before = computer.status();

    let answer = computer.json_with(&["request", "--code", "-"], fixture.code());

    let _ = answer.fails(4, codes::ALREADY_ACTIVE);
    assert_eq!(computer.status(), before, "a refused request must change nothing");
}

#[test]
fn the_ninth_request_drops_the_oldest() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let requests: Vec<_> = (0..9).map(|_| computer.request(fixture.code())).collect();
    assert_eq!(computer.status()["pending_requests"], 8);

    let to_first = fixture.vendor.response_to(&requests[0]);
    let _ = computer.apply(&to_first).fails(3, codes::NOT_PENDING);
    assert_eq!(computer.state(), "not_activated");

    let to_second = fixture.vendor.response_to(&requests[1]);
    let _ = computer.apply(&to_second).succeeds();
    assert_eq!(computer.state(), "active");
}

#[test]
fn several_responses_to_one_computer_in_one_text_activate_it_once() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let requests: Vec<_> = (0..3).map(|_| computer.request(fixture.code())).collect();
    let responses: Vec<_> = requests.iter().map(|r| fixture.vendor.response_to(r)).collect();

    let _ = computer.apply(&responses.join("\n"));

    assert_eq!(computer.state(), "active");
    assert_eq!(fixture.seats_in_use(), 1, "one computer holds one seat");
}

#[test]
fn requests_handed_in_out_of_order_are_all_answered_with_the_same_seat() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let first = computer.request(fixture.code());
    let second = computer.request(fixture.code());

    let to_second = fixture.vendor.activate(&second).succeeds().result();
    let to_first = fixture.vendor.activate(&first).succeeds().result();

    assert_eq!(to_first["seat_id"], to_second["seat_id"]);
    assert_eq!(fixture.seats_in_use(), 1);
}

#[test]
fn the_outbox_holds_eight_deactivations_and_then_no_request_is_made() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let mut tokens = Vec::new();
    for number in 0..8 {
        // Another entitlement each time: the same seat again would take its entry out.
        let entitlement = fixture.vendor.add_entitlement(fixture.product, THREE_SEATS);
        let request = computer.request_as(entitlement.code(), &format!("Seat {number}"));
        let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();
        tokens.push(computer.deactivate());
    }
    let status = computer.status();
    assert_eq!(status["outbox"].as_array().map(Vec::len), Some(8));

    let answer = computer.json_with(&["request", "--code", "-"], fixture.code());
    let _ = answer.fails(4, codes::OUTBOX_FULL);

    // All eight are still good, and confirming one makes room.
    let _ = fixture.vendor.deactivate(&tokens.join("\n")).succeeds();
    let id = status["outbox"][0]["id"].as_str().expect("an outbox entry has an id").to_owned();
    let _ = computer.json(&["outbox", "--delivered", &id]).succeeds();
    let _ = computer.request(fixture.code());
}

#[test]
fn a_deactivation_token_can_be_shown_until_it_is_delivered() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.active_computer("Drawing office");
    let _first_showing_is_lost = computer.deactivate();

    let status = computer.status();
    assert_eq!(status["state"], "not_activated");
    let entry = status["outbox"][0].clone();
    let token = entry["token"].as_str().expect("the outbox shows the token").to_owned();
    let _ = fixture.vendor.deactivate(&token).succeeds();
    assert_eq!(fixture.seats_in_use(), 0);

    let id = entry["id"].as_str().expect("an outbox entry has an id");
    let _ = computer.json(&["outbox", "--delivered", id]).succeeds();
    assert_eq!(computer.status()["outbox"], serde_json::json!([]));
    let _ = computer.json(&["outbox", "--delivered", id]).fails(4, codes::NO_SUCH_ENTRY);
}

#[test]
fn deactivation_needs_confirmation_and_a_licence() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let _ = computer.json(&["deactivate", "--yes"]).fails(4, codes::NOT_ACTIVATED);

    fixture.activate(&computer, "Drawing office");
    let _ = computer.json(&["deactivate"]).exits(2);
    assert_eq!(computer.state(), "active", "without --yes nothing happens");

    let _ = computer.deactivate();
    let _ = computer.json(&["deactivate", "--yes"]).fails(4, codes::NOT_ACTIVATED);
}

/// A picture of a QR code, as a vendor prints one beside an activation code.
fn picture_of(text: &str) -> Vec<u8> {
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium).expect("a code");
    let side = (code.size() as u32 + 8) * 4;
    let picture = image::GrayImage::from_fn(side, side, |x, y| {
        let at = |at: u32| at as i32 / 4 - 4;
        image::Luma([if code.get_module(at(x), at(y)) { 0 } else { 255 }])
    });
    png(&picture)
}

fn png(picture: &image::GrayImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

#[test]
fn an_activation_code_is_read_from_its_qr_code() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = |bytes: Vec<u8>| {
        computer.call().args(["--json", "request", "--code", "-"]).input(bytes).run()
    };
    // One that a vendor chose is taken as well.
    let own = request(picture_of("ACME-2027")).succeeds().json();
    assert!(own["token"].is_string(), "{own}");
    let made = request(picture_of(fixture.code())).succeeds().json();
    let response = fixture.vendor.response_to(made["token"].as_str().expect("a token"));
    let _ = computer.apply(&response).succeeds();
    assert_eq!(computer.state(), "active");
    let blank = image::GrayImage::from_pixel(200, 200, image::Luma([255]));
    request(png(&blank)).fails(2, "cli.picture_without_code");
    request(png(&blank)[..60].to_vec()).fails(3, "cli.picture_unreadable");
    request(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()).fails(3, "text.picture");
    // What such a code holds never goes to the vendor.
    for other in ["WIFI:T:WPA;S:Acme;P:hunter2;;", "otpauth://totp/Acme?secret=JBSWY3DPEHPK3PXP"] {
        let refused = request(picture_of(other));
        assert!(!format!("{refused:?}").contains("hunter2"), "{refused:?}");
        refused.fails(3, "text.other_code");
    }
    let refused = request(picture_of("https://acme.example/x"));
    assert!(refused.stderr.contains("or of your activation code"), "the advice fits: {refused}");
    refused.fails(3, "text.other_code");
}

#[test]
fn the_licensing_server_reads_a_code_from_a_picture_too_and_refuses_another_qr_code() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let _ =
        computer.apply(&fixture.vendor.response_to(&computer.request(fixture.code()))).succeeds();
    let seats = |bytes: Vec<u8>| {
        fixture.vendor.call().args(["--json", "seats", "--code", "-"]).input(bytes).run()
    };
    let listed = seats(picture_of(fixture.code())).succeeds().json();
    assert_eq!(listed["seats"].as_array().map(Vec::len), Some(1), "{listed}");
    let labelled = format!("Activation code: {}\n", fixture.code());
    let listed = seats(labelled.into_bytes()).succeeds().json();
    assert_eq!(listed["seats"].as_array().map(Vec::len), Some(1), "{listed}");
    let refused = seats(picture_of("WIFI:T:WPA;S:Acme;P:hunter2;;"));
    assert!(!format!("{refused:?}").contains("hunter2"), "{refused:?}");
    refused.fails(3, "text.other_code");
    seats(png(&image::GrayImage::from_pixel(200, 200, image::Luma([255]))))
        .fails(3, "portal.picture_no_code");
    seats(b" \n".to_vec()).fails(2, "input.no_code");
}
