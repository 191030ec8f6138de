//! Concurrent use of one store and of one server.

use crate::codes;
use crate::fixture::{Fixture, THREE_SEATS};

#[test]
fn twenty_concurrent_activations_fill_exactly_three_seats() {
    let fixture = Fixture::new(THREE_SEATS);
    let computers: Vec<_> = (0..20).map(|_| fixture.computer()).collect();
    let requests: Vec<_> =
        computers.iter().map(|computer| computer.request(fixture.code())).collect();

    let running: Vec<_> = requests
        .iter()
        .map(|request| {
            fixture.vendor.call().args(["--json", "activate"]).input(request.as_str()).spawn()
        })
        .collect();
    let answers: Vec<_> = running.into_iter().map(|running| running.finish()).collect();

    let (granted, refused): (Vec<_>, Vec<_>) =
        answers.iter().enumerate().partition(|(_, answer)| answer.exit == Some(0));
    for (_, answer) in refused {
        let _ = answer.clone().fails(3, codes::NONE_FREE);
    }
    assert_eq!(granted.len(), 3);
    assert_eq!(fixture.seats_in_use(), 3);
    for (number, answer) in granted {
        let response = answer.result()["token"].as_str().expect("a token").to_owned();
        let _ = computers[number].apply(&response).succeeds();
        assert_eq!(computers[number].state(), "active");
    }
}

#[test]
fn twenty_requests_in_one_file_fill_exactly_three_seats() {
    let fixture = Fixture::new(THREE_SEATS);
    let requests: Vec<_> = (0..20).map(|_| fixture.computer().request(fixture.code())).collect();

    let answer = fixture.vendor.activate(&requests.join("\n")).exits(3);

    let results = answer.results();
    assert_eq!(results.len(), 20);
    let granted = results.iter().filter(|entry| entry["token"].is_string()).count();
    let full = results.iter().filter(|entry| entry["error"]["code"] == codes::NONE_FREE).count();
    assert_eq!((granted, full), (3, 17));
    assert_eq!(fixture.seats_in_use(), 3);
}

#[test]
fn a_fleets_requests_are_answered_in_one_text_and_refusals_are_listed_by_seat_name() {
    let fixture = Fixture::new(&["--seats", "30", "--offline-lease", "7d"]);
    let fleet: Vec<_> =
        (1..=32).map(|number| (fixture.computer(), format!("Lab seat {number}"))).collect();
    let requests: Vec<_> =
        fleet.iter().map(|(computer, name)| computer.request_as(fixture.code(), name)).collect();

    let answer = fixture.vendor.call().args(["activate"]).input(requests.join("\n")).run().exits(3);

    // The responses are one text, and nothing else is in it; who got none is named beside it.
    assert_eq!(answer.tokens().len(), 30);
    assert_eq!(answer.stdout.lines().count(), 30, "{answer}");
    for (number, (_, name)) in fleet.iter().enumerate() {
        let heading = format!("Token {}, “{name}”:", number + 1);
        assert_eq!(answer.stderr.contains(&heading), number >= 30, "{name}\n{answer}");
    }

    for (number, (computer, _)) in fleet.iter().enumerate().take(30).step_by(6) {
        let applied =
            computer.call().args(["apply"]).input(answer.stdout.as_str()).run().succeeds();
        assert!(applied.stderr.lines().count() < 10, "one line for all the others\n{applied}");
        assert_eq!(computer.state(), "active", "computer {number}");
    }
    let without = &fleet[31].0;
    let refused = without.call().args(["apply"]).input(answer.stdout.as_str()).run().exits(3);
    assert!(refused.stderr.lines().count() < 10, "not a sentence for each\n{refused}");
    assert_eq!(without.state(), "not_activated");
}

#[test]
fn twenty_copies_of_one_request_get_one_seat_and_one_response() {
    let fixture = Fixture::new(THREE_SEATS);
    let request = fixture.computer().request(fixture.code());
    let running: Vec<_> = (0..20)
        .map(|_| fixture.vendor.call().args(["activate"]).input(request.as_str()).spawn())
        .collect();
    let mut responses: Vec<_> =
        running.into_iter().map(|running| running.finish().succeeds().stdout).collect();
    responses.dedup();
    assert_eq!(responses.len(), 1);
    assert_eq!(fixture.seats_in_use(), 1);
}

#[test]
fn of_ten_concurrent_requests_eight_stay_pending() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let running: Vec<_> = (0..10)
        .map(|_| {
            let call = computer.call().args(["request", "--code", "-"]);
            call.input(fixture.code()).spawn()
        })
        .collect();
    let requests: Vec<_> = running
        .into_iter()
        .map(|running| running.finish().succeeds().tokens()[0].clone())
        .collect();
    assert_eq!(computer.status()["pending_requests"], 8);

    let good = requests
        .iter()
        .filter(|request| computer.apply(&fixture.vendor.response_to(request)).exit == Some(0))
        .count();
    assert_eq!(good, 1, "the first response that is applied ends all other requests");
    assert_eq!(computer.state(), "active");
}

#[test]
fn two_concurrent_deactivations_create_one_token() {
    let fixture = Fixture::new(THREE_SEATS);
    for _ in 0..5 {
        let computer = fixture.active_computer("Drawing office");
        let running: Vec<_> =
            (0..4).map(|_| computer.call().args(["deactivate", "--yes"]).spawn()).collect();
        let answers: Vec<_> = running.into_iter().map(|running| running.finish()).collect();
        let done = answers.iter().filter(|answer| answer.exit == Some(0)).count();
        assert_eq!(done, 1, "one deactivates, the others find no licence");
        assert!(answers.iter().all(|answer| matches!(answer.exit, Some(0 | 4))), "{answers:?}");
        let status = computer.status();
        assert_eq!(status["outbox"].as_array().map(Vec::len), Some(1));
        let token = status["outbox"][0]["token"].as_str().expect("a token").to_owned();
        let _ = fixture.vendor.deactivate(&token).succeeds();
    }
}
