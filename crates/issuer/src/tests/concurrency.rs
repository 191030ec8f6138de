//! Tests of concurrent requests, each on its own connection.

use std::sync::Barrier;

use latchkey_token::Token;

use super::fixture::*;
use crate::*;

/// Submits all requests at the same moment.
fn at_once(fixture: &Fixture, requests: &[Token]) -> Vec<Result<Granted, ActivateError>> {
    let folder = fixture.issuer.folder();
    let start = Barrier::new(requests.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = requests
            .iter()
            .map(|request| {
                scope.spawn(|| {
                    let mut issuer = Issuer::open(folder, day(1)).unwrap();
                    start.wait();
                    issuer.activate(request, None, day(1))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn twenty_computers_at_once_get_exactly_the_three_seats_there_are() {
    for _ in 0..5 {
        let mut fixture = Fixture::new(3);
        let requests: Vec<_> =
            (0..20).map(|n| Computer::new(&format!("PC {n}")).request(&fixture)).collect();
        let answers = at_once(&fixture, &requests);
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
        for answer in answers {
            if answer.is_err() {
                assert_eq!(refused(answer), "seat.none_free");
            }
        }
        assert_eq!(fixture.issuer.seats(None, day(1)).unwrap().len(), 3);
        let refusals = fixture.events().into_iter().filter(|e| e.starts_with("request_refused"));
        assert_eq!(refusals.count(), 17);
    }
}

#[test]
fn one_request_submitted_twenty_times_at_once_gets_one_response() {
    let mut fixture = Fixture::new(3);
    let request = Computer::new("A").request(&fixture);
    let answers = at_once(&fixture, &vec![request; 20]);
    let mut tokens: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().token).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(fixture.issuer.seats(None, day(1)).unwrap().len(), 1);
}

#[test]
fn one_computer_with_twenty_requests_at_once_gets_one_seat() {
    let mut fixture = Fixture::new(3);
    let mut computer = Computer::new("A");
    let requests: Vec<_> = (0..20).map(|_| computer.request(&fixture)).collect();
    let answers = at_once(&fixture, &requests);
    let mut numbers: Vec<_> = answers
        .into_iter()
        .map(|answer| computer.response(&fixture, &answer.unwrap().token).sequence)
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    assert_eq!(fixture.issuer.seats(None, day(1)).unwrap().len(), 1);
}
