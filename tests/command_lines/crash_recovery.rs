//! Programs are killed at random moments. At any moment, a computer has either a licence or a
//! deactivation token, the issuer never counts too many seats, and everything stays readable.
//!
//! The test runs through licence life cycles; each step is repeated until it completes, and most
//! attempts are killed.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use latchkey_e2e_support::{Answer, Call, Computer, Desktop};
use serde_json::Value;

use crate::fixture::{Fixture, ONE_SEAT};

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Request,
    Activate,
    Apply,
    Deactivate,
    Release,
}

const OPERATIONS: [Operation; 5] = [
    Operation::Request,
    Operation::Activate,
    Operation::Apply,
    Operation::Deactivate,
    Operation::Release,
];

/// Kills programs at random moments of their lives, and counts.
struct Killer {
    random: fastrand::Rng,
    seed: u64,
    kills: [u32; 5],
    /// How long each operation takes when it isn't killed.
    lasts: [Duration; 5],
}

impl Killer {
    fn new() -> Self {
        let seed = std::env::var("LATCHKEY_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| fastrand::u64(..));
        println!("LATCHKEY_SEED={seed} brings these moments back, as far as the machine lets it");
        let random = fastrand::Rng::with_seed(seed);
        Self { random, seed, kills: [0; 5], lasts: [Duration::from_millis(40); 5] }
    }

    /// Runs a call to its end, or kills it on the way. Gives its answer, and whether it was killed.
    fn run(&mut self, operation: Operation, call: Call, may_kill: bool) -> (Answer, bool) {
        let number = operation as usize;
        let start = Instant::now();
        let mut running = call.spawn();
        if may_kill {
            let longest = self.lasts[number].as_micros() as u64 * 11 / 10;
            std::thread::sleep(Duration::from_micros(self.random.u64(0..longest)));
            running.kill();
        }
        let answer = running.finish();
        let killed = answer.exit.is_none();
        if killed {
            self.kills[number] += 1;
        } else if !may_kill {
            // The newest measure: the machine may have become busier.
            self.lasts[number] = start.elapsed();
        }
        (answer, killed)
    }

    fn enough(&self, each: u32) -> bool {
        self.kills.iter().all(|kills| *kills >= each)
    }
}

/// A computer whose keyring may end as well: GNOME Keyring 42 sometimes aborts when a program that
/// talks to it is killed. Its user would log in again, and so does this.
struct Mortal<'a> {
    computer: &'a Computer,
    desktop: RefCell<Option<Desktop>>,
}

impl Mortal<'_> {
    /// Whether the keyring had ended; it is there again afterwards.
    fn keyring_had_ended(&self) -> bool {
        let mut desktop = self.desktop.borrow_mut();
        let Some(desktop) = desktop.as_mut() else { return false };
        if desktop.keyring_is_running() {
            return false;
        }
        desktop.unlock_keyring().expect("the keyring comes up again");
        println!("The keyring had ended by itself and was started again.");
        true
    }

    /// Runs a call that isn't killed, again if the keyring ended under it.
    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Answer {
        loop {
            let answer = self.computer.json(arguments);
            if answer.exit == Some(0) || !self.keyring_had_ended() {
                return answer.succeeds();
            }
        }
    }

    #[track_caller]
    fn status(&self) -> Value {
        self.json(&["status"]).json()
    }
}

/// The state of a computer: licence or not, and how many tokens wait. Fails if it's unreadable.
#[track_caller]
fn licence_and_tokens(computer: &Mortal<'_>, seed: u64) -> (bool, usize) {
    let status = computer.status();
    let active = status["state"] == "active";
    let tokens = status["outbox"].as_array().map_or(0, Vec::len);
    assert!(active || status["state"] == "not_activated", "seed {seed}: {status}");
    (active, tokens)
}

/// Lives until each operation was killed so often.
fn live(fixture: &Fixture, computer: &Computer, desktop: Option<Desktop>, each: u32) -> Killer {
    let mut killer = Killer::new();
    let mortal = Mortal { computer, desktop: RefCell::new(desktop) };
    let seed = killer.seed;
    let seats = || {
        let seats = fixture.seats_in_use();
        assert!(seats <= 1, "seed {seed}: a seat too many");
        seats
    };
    while !killer.enough(each) {
        // Request: afterwards nothing is there but pending requests.
        let mut request = None;
        while request.is_none() {
            let call = computer.call().args(["request", "--code", "-"]).input(fixture.code());
            let may_kill = killer.random.u8(..) < 220;
            let (answer, killed) = killer.run(Operation::Request, call, may_kill);
            let killed = killed || (answer.exit != Some(0) && mortal.keyring_had_ended());
            assert_eq!(licence_and_tokens(&mortal, seed), (false, 0), "{answer}");
            let pending = mortal.status()["pending_requests"].as_u64().unwrap_or(99);
            assert!(pending <= 8, "seed {seed}: {pending} requests\n{answer}");
            // A token that was shown is good, whatever happened right after.
            request = answer.stdout.strip_suffix('\n').map(str::to_owned);
            assert!(killed || request.is_some(), "seed {seed}: no token\n{answer}");
        }
        let request = request.unwrap_or_default();

        // Activate: at most one seat, and the same answer whenever it is asked again.
        let mut responses: Vec<String> = Vec::new();
        loop {
            let call = fixture.vendor.call().args(["activate"]).input(request.as_str());
            let may_kill = killer.random.u8(..) < 220;
            let (answer, killed) = killer.run(Operation::Activate, call, may_kill);
            responses.extend(answer.stdout.strip_suffix('\n').map(str::to_owned));
            let in_use = seats();
            assert!(responses.is_empty() || in_use == 1, "seed {seed}: a response without a seat");
            if !killed {
                let _ = answer.succeeds();
                break;
            }
        }
        responses.dedup();
        assert_eq!(responses.len(), 1, "seed {seed}: two answers to one request");

        // Apply: not activated before, active after, and nothing between.
        loop {
            let call = computer.call().args(["apply"]).input(responses[0].as_str());
            let may_kill = killer.random.u8(..) < 220;
            let (answer, killed) = killer.run(Operation::Apply, call, may_kill);
            let killed = killed || (answer.exit != Some(0) && mortal.keyring_had_ended());
            let (active, tokens) = licence_and_tokens(&mortal, seed);
            assert_eq!(tokens, 0, "seed {seed}\n{answer}");
            if !killed {
                let _ = answer.succeeds();
                assert!(active, "seed {seed}: success was told, and there is no licence");
                break;
            }
            let pending = mortal.status()["pending_requests"].as_u64().unwrap_or(0);
            assert!(active != (pending > 0), "seed {seed}: neither licence nor request, or both");
        }

        // Deactivate: the licence or the token, never both, never neither.
        let token = loop {
            let call = computer.call().args(["deactivate", "--yes"]);
            let may_kill = killer.random.u8(..) < 220;
            let (answer, killed) = killer.run(Operation::Deactivate, call, may_kill);
            let killed = killed || (answer.exit != Some(0) && mortal.keyring_had_ended());
            let (active, tokens) = licence_and_tokens(&mortal, seed);
            assert!(
                matches!((active, tokens), (true, 0) | (false, 1)),
                "seed {seed}: licence: {active}, tokens: {tokens}\n{answer}"
            );
            if !active {
                let shown = answer.stdout.strip_suffix('\n').is_some();
                assert!(killed || shown, "seed {seed}: no token\n{answer}");
                let status = mortal.status();
                break status["outbox"][0].clone();
            }
            assert!(killed, "seed {seed}: success was told, and the licence is there\n{answer}");
        };

        // Release at the issuer: free or taken, and free in the end.
        loop {
            let text = token["token"].as_str().expect("the outbox shows the token");
            let call = fixture.vendor.call().args(["deactivate"]).input(text);
            let may_kill = killer.random.u8(..) < 220;
            let (answer, killed) = killer.run(Operation::Release, call, may_kill);
            let in_use = seats();
            if !killed {
                let _ = answer.succeeds();
                assert_eq!(in_use, 0, "seed {seed}: the seat isn't free");
                break;
            }
        }
        let id = token["id"].as_str().expect("the outbox entry has an id");
        let _ = mortal.json(&["outbox", "--delivered", id]);
    }
    let _ = fixture.vendor.audit();
    for operation in OPERATIONS {
        println!("{operation:?}: {} kills", killer.kills[operation as usize]);
    }
    killer
}

#[test]
fn two_hundred_random_kills_leave_a_consistent_licence_and_seat_count() {
    let fixture = Fixture::new(ONE_SEAT);
    let killer = live(&fixture, &fixture.computer(), None, 40);
    assert!(killer.kills.iter().sum::<u32>() >= 200);
    let folder = fixture.vendor.folder().expect("a folder");
    assert!(folder.exists());
}

#[test]
fn random_kills_with_the_keyring_leave_a_consistent_licence() {
    let fixture = Fixture::new(ONE_SEAT);
    let home = tempfile::tempdir().expect("a folder");
    let mut desktop = Desktop::without_keyring(home.path()).expect("a bus");
    desktop.unlock_keyring().expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    let _ = live(&fixture, &computer, Some(desktop), 10);
}

#[test]
fn leftovers_of_killed_writes_do_not_block_the_next_write() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let mut random = fastrand::Rng::new();
    for _ in 0..40 {
        let call = computer.call().args(["request", "--code", "-"]).input(fixture.code());
        let mut running = call.spawn();
        std::thread::sleep(Duration::from_micros(random.u64(0..30_000)));
        running.kill();
        let _ = running.finish();
    }
    fixture.activate(&computer, "Drawing office");
    let folder = computer.vault().parent().expect("a folder");
    let files = std::fs::read_dir(folder).expect("the folder can be read").count();
    assert!(files <= 4, "{files} files beside the vault");
}
