//! Requests and the responses to them.

use crate::codes;
use crate::fixture::{ONE_SEAT, Scene, THREE_SEATS};

#[test]
fn the_response_to_the_first_of_three_requests_activates() {
    let scene = Scene::new(THREE_SEATS);
    let computer = scene.computer();
    let requests: Vec<_> = (0..3).map(|_| computer.request(scene.code())).collect();
    assert_eq!(computer.status()["pending_requests"], 3);

    let response = scene.vendor.response_to(&requests[0]);
    let applied = computer.apply(&response).succeeds();

    assert_eq!(applied.result()["kind"], "response");
    let status = computer.status();
    assert_eq!(status["state"], "active");
    assert_eq!(status["pending_requests"], 0);
}

#[test]
fn the_response_to_any_pending_request_activates() {
    let scene = Scene::new(THREE_SEATS);
    for chosen in 0..3 {
        let computer = scene.computer();
        let requests: Vec<_> = (0..3).map(|_| computer.request(scene.code())).collect();
        let response = scene.vendor.response_to(&requests[chosen]);
        let _ = computer.apply(&response).succeeds();
        assert_eq!(computer.state(), "active");
    }
}

#[test]
fn a_request_is_refused_while_the_licence_is_active() {
    let scene = Scene::new(THREE_SEATS);
    let computer = scene.active_computer("Drawing office");
    let before = computer.status();

    let answer = computer.json_with(&["request", "--code", "-"], scene.code());

    let _ = answer.fails(4, codes::ALREADY_ACTIVE);
    assert_eq!(computer.status(), before, "a refused request must change nothing");
}

#[test]
fn the_ninth_request_drops_the_oldest() {
    let scene = Scene::new(THREE_SEATS);
    let computer = scene.computer();
    let requests: Vec<_> = (0..9).map(|_| computer.request(scene.code())).collect();
    assert_eq!(computer.status()["pending_requests"], 8);

    let to_first = scene.vendor.response_to(&requests[0]);
    let _ = computer.apply(&to_first).fails(3, codes::NOT_PENDING);
    assert_eq!(computer.state(), "not_activated");

    let to_second = scene.vendor.response_to(&requests[1]);
    let _ = computer.apply(&to_second).succeeds();
    assert_eq!(computer.state(), "active");
}

#[test]
fn several_responses_to_one_computer_in_one_text_activate_it_once() {
    let scene = Scene::new(THREE_SEATS);
    let computer = scene.computer();
    let requests: Vec<_> = (0..3).map(|_| computer.request(scene.code())).collect();
    let responses: Vec<_> = requests.iter().map(|r| scene.vendor.response_to(r)).collect();

    let _ = computer.apply(&responses.join("\n"));

    assert_eq!(computer.state(), "active");
    assert_eq!(scene.seats_in_use(), 1, "one computer holds one seat");
}

#[test]
fn requests_handed_in_out_of_order_are_all_answered_with_the_same_seat() {
    let scene = Scene::new(THREE_SEATS);
    let computer = scene.computer();
    let first = computer.request(scene.code());
    let second = computer.request(scene.code());

    let to_second = scene.vendor.activate(&second).succeeds().result();
    let to_first = scene.vendor.activate(&first).succeeds().result();

    assert_eq!(to_first["seat_id"], to_second["seat_id"]);
    assert_eq!(scene.seats_in_use(), 1);
}

#[test]
fn the_outbox_holds_eight_deactivations_and_then_no_request_is_made() {
    let scene = Scene::new(THREE_SEATS);
    let computer = scene.computer();
    let mut tokens = Vec::new();
    for number in 0..8 {
        // Another entitlement each time: the same seat again would take its entry out.
        let entitlement = scene.vendor.add_entitlement(scene.product, THREE_SEATS);
        let request = computer.request_as(entitlement.code(), &format!("Seat {number}"));
        let _ = computer.apply(&scene.vendor.response_to(&request)).succeeds();
        tokens.push(computer.deactivate());
    }
    let status = computer.status();
    assert_eq!(status["outbox"].as_array().map(Vec::len), Some(8));

    let answer = computer.json_with(&["request", "--code", "-"], scene.code());
    let _ = answer.fails(4, codes::OUTBOX_FULL);

    // All eight are still good, and confirming one makes room.
    let _ = scene.vendor.deactivate(&tokens.join("\n")).succeeds();
    let id = status["outbox"][0]["id"].as_str().expect("an outbox entry has an id").to_owned();
    let _ = computer.json(&["outbox", "--delivered", &id]).succeeds();
    let _ = computer.request(scene.code());
}

#[test]
fn a_deactivation_token_can_be_shown_again_until_it_was_delivered() {
    let scene = Scene::new(THREE_SEATS);
    let computer = scene.active_computer("Drawing office");
    let _first_showing_is_lost = computer.deactivate();

    let status = computer.status();
    assert_eq!(status["state"], "not_activated");
    let entry = status["outbox"][0].clone();
    let token = entry["token"].as_str().expect("the outbox shows the token").to_owned();
    let _ = scene.vendor.deactivate(&token).succeeds();
    assert_eq!(scene.seats_in_use(), 0);

    let id = entry["id"].as_str().expect("an outbox entry has an id");
    let _ = computer.json(&["outbox", "--delivered", id]).succeeds();
    assert_eq!(computer.status()["outbox"], serde_json::json!([]));
    let _ = computer.json(&["outbox", "--delivered", id]).fails(4, codes::NO_SUCH_ENTRY);
}

#[test]
fn deactivation_needs_a_yes_and_a_licence() {
    let scene = Scene::new(THREE_SEATS);
    let computer = scene.computer();
    let _ = computer.json(&["deactivate", "--yes"]).fails(4, codes::NOT_ACTIVATED);

    scene.activate(&computer, "Drawing office");
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
fn an_activation_code_is_read_from_a_picture_of_its_qr_code_and_another_picture_is_named() {
    let scene = Scene::new(ONE_SEAT);
    let computer = scene.computer();
    let request = |bytes: Vec<u8>| {
        computer.call().args(["--json", "request", "--code", "-"]).input(bytes).run()
    };
    let made = request(picture_of(scene.code())).succeeds().json();
    let response = scene.vendor.response_to(made["token"].as_str().expect("a token"));
    let _ = computer.apply(&response).succeeds();
    assert_eq!(computer.state(), "active");
    let blank = image::GrayImage::from_pixel(200, 200, image::Luma([255]));
    request(png(&blank)).fails(2, "cli.picture_without_code");
    request(png(&blank)[..60].to_vec()).fails(3, "cli.picture_unreadable");
    request(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()).fails(3, "text.picture");
}
