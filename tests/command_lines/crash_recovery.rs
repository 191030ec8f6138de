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

/// The operations that are killed.
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

/// Kills programs at random moments, and counts the kills.
struct RandomKiller {
    random: fastrand::Rng,
    seed: u64,
    kills: [u32; 5],
    /// The duration of each operation when it isn't killed.
    durations: [Duration; 5],
}

impl RandomKiller {
    fn new() -> Self {
        let seed = std::env::var("LATCHKEY_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| fastrand::u64(..));
        println!(
            "LATCHKEY_SEED={seed} repeats these moments, as far as the timing of the machine allows"
        );
        let random = fastrand::Rng::with_seed(seed);
        Self { random, seed, kills: [0; 5], durations: [Duration::from_millis(40); 5] }
    }

    /// Runs a call to its end or kills it. Returns its answer, and whether it was killed.
    fn run(&mut self, operation: Operation, call: Call, may_kill: bool) -> (Answer, bool) {
        let number = operation as usize;
        let start = Instant::now();
        let mut running = call.spawn();
        if may_kill {
            let longest = self.durations[number].as_micros() as u64 * 11 / 10;
            std::thread::sleep(Duration::from_micros(self.random.u64(0..longest)));
            running.kill();
        }
        let answer = running.finish();
        let killed = answer.exit.is_none();
        if killed {
            self.kills[number] += 1;
        } else if !may_kill {
            // The latest duration counts, because the load of the machine changes.
            self.durations[number] = start.elapsed();
        }
        (answer, killed)
    }

    fn has_killed_each(&self, each: u32) -> bool {
        self.kills.iter().all(|kills| *kills >= each)
    }
}

/// A computer whose keyring is started again if it has ended: GNOME Keyring 42 sometimes aborts
/// when a program that talks to it is killed.
struct RestartingKeyring<'a> {
    computer: &'a Computer,
    desktop: RefCell<Option<Desktop>>,
}

impl RestartingKeyring<'_> {
    /// Starts the keyring again if it has ended, and returns whether it had.
    fn restart_ended_keyring(&self) -> bool {
        let mut desktop = self.desktop.borrow_mut();
        let Some(desktop) = desktop.as_mut() else { return false };
        if desktop.keyring_is_running() {
            return false;
        }
        desktop.unlock_keyring().expect("the keyring comes up again");
        println!("The keyring had ended by itself and was started again.");
        true
    }

    /// Runs a call that isn't killed, and repeats it if the keyring ended meanwhile.
    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Answer {
        loop {
            let answer = self.computer.json(arguments);
            if answer.exit == Some(0) || !self.restart_ended_keyring() {
                return answer.succeeds();
            }
        }
    }

    #[track_caller]
    fn status(&self) -> Value {
        self.json(&["status"]).json()
    }
}

/// Whether a computer has a licence, and the number of tokens in its outbox. Panics if the state
/// can't be read.
#[track_caller]
fn licence_and_tokens(computer: &RestartingKeyring<'_>, seed: u64) -> (bool, usize) {
    let status = computer.status();
    let active = status["state"] == "active";
    let tokens = status["outbox"].as_array().map_or(0, Vec::len);
    assert!(active || status["state"] == "not_activated", "seed {seed}: {status}");
    (active, tokens)
}

/// Runs life cycles until each operation was killed at least `each` times.
fn run_life_cycles(
    fixture: &Fixture,
    computer: &Computer,
    desktop: Option<Desktop>,
    each: u32,
) -> RandomKiller {
    let mut killer = RandomKiller::new();
    let device = RestartingKeyring { computer, desktop: RefCell::new(desktop) };
    let seed = killer.seed;
    let seats = || {
        let seats = fixture.seats_in_use();
        assert!(seats <= 1, "seed {seed}: a seat too many");
        seats
    };
    while !killer.has_killed_each(each) {
        // Request: afterwards nothing is there but pending requests.
        let mut request = None;
        while request.is_none() {
            let call = computer.call().args(["request", "--code", "-"]).input(fixture.code());
            let may_kill = killer.random.u8(..) < 220;
            let (answer, killed) = killer.run(Operation::Request, call, may_kill);
            let killed = killed || (answer.exit != Some(0) && device.restart_ended_keyring());
            assert_eq!(licence_and_tokens(&device, seed), (false, 0), "{answer}");
            let pending = device.status()["pending_requests"].as_u64().unwrap_or(99);
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
            let killed = killed || (answer.exit != Some(0) && device.restart_ended_keyring());
            let (active, tokens) = licence_and_tokens(&device, seed);
            assert_eq!(tokens, 0, "seed {seed}\n{answer}");
            if !killed {
                let _ = answer.succeeds();
                assert!(active, "seed {seed}: success was told, and there is no licence");
                break;
            }
            let pending = device.status()["pending_requests"].as_u64().unwrap_or(0);
            assert!(active != (pending > 0), "seed {seed}: neither licence nor request, or both");
        }

        // Deactivate: the licence or the token, never both, never neither.
        let token = loop {
            let call = computer.call().args(["deactivate", "--yes"]);
            let may_kill = killer.random.u8(..) < 220;
            let (answer, killed) = killer.run(Operation::Deactivate, call, may_kill);
            let killed = killed || (answer.exit != Some(0) && device.restart_ended_keyring());
            let (active, tokens) = licence_and_tokens(&device, seed);
            assert!(
                matches!((active, tokens), (true, 0) | (false, 1)),
                "seed {seed}: licence: {active}, tokens: {tokens}\n{answer}"
            );
            if !active {
                let shown = answer.stdout.strip_suffix('\n').is_some();
                assert!(killed || shown, "seed {seed}: no token\n{answer}");
                let status = device.status();
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
        let _ = device.json(&["outbox", "--delivered", id]);
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
    let killer = run_life_cycles(&fixture, &fixture.computer(), None, 40);
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
    let _ = run_life_cycles(&fixture, &computer, Some(desktop), 10);
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
