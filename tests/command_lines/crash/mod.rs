//! Interrupts every command of both programs at each system call that changes a file, and runs it
//! again: nothing is lost, nothing is duplicated, and no command fails permanently. The process is
//! killed, or the power fails and unsynced data is lost, or the disk fails, or it is full.
//!
//! The tests sample a few points of each command, starting with a different one each time; `cargo
//! xtask crash` covers all of them.

mod computer;
mod earlier_versions;
mod portal;
mod vendor;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use latchkey_e2e_support::{
    Answer, Call, FAULTS, Fault, Programs, Snapshot, Watched, interrupt, interruption_points,
};

/// Selects the groups whose name contains its value. `cargo xtask crash` sets it.
const ONLY: &str = "LATCHKEY_CRASH_ONLY";

/// Commands that are interrupted together, because one creates what the next one needs.
struct Group {
    name: &'static str,
    /// Their names in the help of their programs. The group fails if it doesn't interrupt each of
    /// them, or if it interrupts another one.
    commands: &'static [&'static str],
    /// The tests sample one point in this many.
    one_in: usize,
    run: fn(&CrashRun),
}

/// All groups.
static GROUPS: &[&Group] = &[
    &vendor::INIT,
    &vendor::KEY_ROTATE,
    &vendor::KEY_SEAL,
    &vendor::BACKUP,
    &vendor::RESTORE,
    &vendor::PRODUCTS,
    &vendor::SEATS,
    &vendor::TAKEOVER,
    &vendor::NOTICES,
    &vendor::OPERATORS,
    &vendor::CLOCK,
    &vendor::REPEATABLE,
    &computer::FILE,
    &computer::MACHINE,
    &computer::KEYRING,
    &computer::PAPER,
    &portal::PORTAL,
    &earlier_versions::LAYOUTS,
    &earlier_versions::VAULT,
];

/// The commands that are in no group, and the reason.
const EXEMPT: &[(&str, &str)] =
    &[("latchkey version", "it opens no file"), ("latchkey-server version", "it opens no file")];

/// Which points are interrupted, and how many there were.
struct CrashRun {
    /// One point in this many.
    one_in: usize,
    commands: RefCell<BTreeSet<&'static str>>,
    points: Cell<usize>,
    runs: Cell<usize>,
}

impl CrashRun {
    /// Records that a command was interrupted.
    fn record(&self, command: &'static str, points: usize, runs: usize) {
        self.commands.borrow_mut().insert(command);
        self.points.set(self.points.get() + points);
        self.runs.set(self.runs.get() + runs);
    }
}

impl Group {
    /// Interrupts the group's commands at one point in `one_in`. Returns the number of points and
    /// of runs.
    fn interrupt_one_in(&self, one_in: usize) -> (usize, usize) {
        let run = CrashRun {
            one_in,
            commands: RefCell::default(),
            points: Cell::new(0),
            runs: Cell::new(0),
        };
        let start = Instant::now();
        (self.run)(&run);
        let (points, runs) = (run.points.get(), run.runs.get());
        println!("{}: {points} points, {runs} runs, {:.0?}\n", self.name, start.elapsed());
        let named: BTreeSet<_> = self.commands.iter().copied().collect();
        assert_eq!(*run.commands.borrow(), named, "{}", self.name);
        (points, runs)
    }

    /// Interrupts a sample of the points, for the tests.
    fn interrupt_samples(&self) {
        let _ = self.interrupt_one_in(self.one_in);
    }
}

/// A command, and what has to hold after it was interrupted and after it was repeated.
struct Command<'a> {
    /// Its name in the help of its program.
    name: &'static str,
    variant: &'a str,
    watched: Watched<'a>,
    faults: &'a [Fault],
    call: &'a dyn Fn() -> Call,
    already_done: &'a [&'a str],
    after_interruption: &'a dyn Fn(bool),
    after_repeat: &'a dyn Fn(),
    around_restore: &'a dyn Fn(&dyn Fn()),
    replaced_file: Option<&'a str>,
}

impl<'a> Command<'a> {
    /// A command that changes files in these folders only.
    fn new(name: &'static str, folders: &[&'a Path], call: &'a dyn Fn() -> Call) -> Self {
        Self {
            name,
            variant: "",
            watched: Watched { folders: folders.to_vec(), ..Watched::default() },
            faults: &FAULTS,
            call,
            already_done: &[],
            after_interruption: &|_| (),
            after_repeat: &|| (),
            around_restore: &|put_back| put_back(),
            replaced_file: None,
        }
    }

    /// Distinguishes it from other uses of the same command.
    fn variant(self, variant: &'a str) -> Self {
        Self { variant, ..self }
    }

    /// The error codes with which it may fail when it is repeated: its work was done already.
    fn already_done(self, already_done: &'a [&'a str]) -> Self {
        Self { already_done, ..self }
    }

    /// Checks what holds after the interrupted call, given whether that reported success.
    fn after_interruption(self, after_interruption: &'a dyn Fn(bool)) -> Self {
        Self { after_interruption, ..self }
    }

    /// Checks what holds after the repeated call.
    fn after_repeat(self, after_repeat: &'a dyn Fn()) -> Self {
        Self { after_repeat, ..self }
    }

    /// Another folder in which it changes files.
    fn folder(mut self, folder: &'a Path) -> Self {
        self.watched.folders.push(folder);
        self
    }

    /// Runs around the step that restores all files.
    fn around_restore(self, around_restore: &'a dyn Fn(&dyn Fn())) -> Self {
        Self { around_restore, ..self }
    }

    /// Restricts the faults to those that are possible.
    fn faults(self, faults: &'a [Fault]) -> Self {
        Self { faults, ..self }
    }

    /// A file that it replaces atomically. All the calls of the replacement have to be among the
    /// points.
    fn replaces(self, file: &'a str) -> Self {
        Self { replaced_file: Some(file), ..self }
    }

    /// The path of one of the folders inside the program's mounts, and outside.
    fn mounted_at(mut self, inside: &'a Path, outside: &'a Path) -> Self {
        self.watched.mounted_at = Some((inside, outside));
        self
    }

    /// Its calls to the keyring change something too.
    fn calls_the_keyring(mut self) -> Self {
        self.watched.keyring_calls = true;
        self
    }

    fn interrupt(self, run: &CrashRun) {
        let words: Vec<_> = self.name.split(' ').collect();
        assert!((self.call)().has_words(&words), "{:?} isn't {}", (self.call)(), self.name);
        let title = match self.variant {
            "" => self.name.to_owned(),
            variant => format!("{} ({variant})", self.name),
        };
        let before = Snapshot::take(&self.watched.folders);
        let put_back = || (self.around_restore)(&|| before.restore());
        let points = interruption_points((self.call)(), &self.watched);
        if let Some(file) = self.replaced_file {
            let aside = format!("{file}.new");
            for call in ["openat(", "write(", "fsync(", "rename("] {
                let is_it = |line: &str| line.contains(call) && line.contains(&aside);
                assert!(
                    points.iter().any(|point| is_it(&point.line)),
                    "{title}: no {call} {aside}"
                );
            }
        }
        put_back();
        let step = run.one_in.min(points.len()).max(1);
        let first = fastrand::usize(..step);
        let is_sampled = |number: usize| number % step == first;
        let (sampled, others): (Vec<_>, Vec<_>) =
            points.iter().enumerate().partition(|(number, _)| is_sampled(*number));
        let (mut runs, mut interrupted) = (0, 0);
        for &fault in self.faults {
            for &(number, point) in sampled.iter().chain(&others) {
                // A program with threads doesn't make its calls in the same order each time, so it
                // may end before it reaches a sampled point. Then another point takes its place.
                if !is_sampled(number) && interrupted > 0 {
                    break;
                }
                // A full or broken disk affects neither a keyring's bus nor a thread's alarm.
                let is_disk_fault = self.watched.keyring_calls && fault != Fault::Kill;
                if is_disk_fault && !point.is_file_call_in(&self.watched.folders) {
                    continue;
                }
                put_back();
                let place = format!(
                    "{title}: {fault:?} at {} of {}: {}",
                    number + 1,
                    points.len(),
                    point.line
                );
                let answer = interrupt((self.call)(), point, fault, &self.watched);
                runs += 1;
                interrupted += usize::from(answer.exit != Some(0));
                let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    self.check(fault, &answer);
                }));
                if let Err(panic) = outcome {
                    println!("{place}\n{answer}");
                    std::panic::resume_unwind(panic);
                }
            }
        }
        put_back();
        assert!(points.is_empty() || interrupted > 0, "{title}: nothing was interrupted");
        println!(
            "{title}: {} points, {runs} runs, {interrupted} of them interrupted",
            points.len()
        );
        run.record(self.name, points.len(), runs);
    }

    fn check(&self, fault: Fault, answer: &Answer) {
        if !matches!(fault, Fault::Kill | Fault::PowerCut) {
            let clear = answer.exit == Some(0) || answer.error_code().is_some();
            assert!(clear || failed_silently(answer), "no clear error");
        }
        (self.after_interruption)(answer.exit == Some(0));
        let again = (self.call)().run();
        let done = again.exit != Some(0)
            && again.error_code().is_some_and(|code| self.already_done.contains(&&*code));
        assert!(again.exit == Some(0) || done, "repeated:\n{again}");
        (self.after_repeat)();
    }
}

/// Whether the call failed without a message, because standard error couldn't be written.
fn failed_silently(answer: &Answer) -> bool {
    answer.exit.is_some_and(|exit| exit > 0) && answer.stderr.is_empty()
}

fn programs() -> Programs {
    Programs::find().unwrap_or_else(|error| panic!("{error:#}"))
}

/// The names in a folder, sorted, without what SQLite puts beside a database.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("issuer.db-"))
        .collect();
    names.sort();
    names
}

/// Every command of a program, as its help lists them.
fn commands_of(program: &str, words: &[String], found: &mut Vec<String>) {
    let call = Call::new(&programs().path(program)).args(words).args(["--help"]);
    let help = call.run().succeeds().stdout;
    let listed = help.split_once("\nCommands:\n").map(|(_, rest)| rest.to_owned());
    let Some(listed) = listed else {
        found.push(format!("{program} {}", words.join(" ")));
        return;
    };
    for line in listed.lines().take_while(|line| !line.is_empty()) {
        let name = line.strip_prefix("  ").filter(|line| !line.starts_with(' '));
        let Some(name) = name.and_then(|line| line.split_whitespace().next()) else { continue };
        if name != "help" {
            commands_of(program, &[words, &[name.to_owned()]].concat(), found);
        }
    }
}

#[test]
fn every_command_is_in_a_crash_group_or_exempt_with_a_reason() {
    let mut existing = Vec::new();
    for program in ["latchkey-server", "latchkey"] {
        commands_of(program, &[], &mut existing);
    }
    let covered: BTreeSet<_> =
        GROUPS.iter().flat_map(|group| group.commands).map(|name| (*name).to_owned()).collect();
    let exempt: BTreeSet<_> = EXEMPT.iter().map(|(name, _)| (*name).to_owned()).collect();
    let existing: BTreeSet<_> = existing.into_iter().collect();
    assert!(covered.is_disjoint(&exempt), "{:?}", covered.intersection(&exempt));
    assert!(EXEMPT.iter().all(|(_, reason)| !reason.is_empty()));
    let listed = &covered | &exempt;
    let (missing, obsolete) = (&existing - &listed, &listed - &existing);
    assert!(
        missing.is_empty() && obsolete.is_empty(),
        "missing {missing:?}, obsolete {obsolete:?}"
    );
}

#[test]
fn an_interrupted_set_up_can_be_repeated() {
    vendor::INIT.interrupt_samples();
}

#[test]
fn an_interrupted_key_rotation_happens_once() {
    vendor::KEY_ROTATE.interrupt_samples();
}

#[test]
fn interrupted_sealing_leaves_the_old_or_the_new_passphrase() {
    vendor::KEY_SEAL.interrupt_samples();
}

#[test]
fn an_interrupted_backup_leaves_none_or_a_complete_one() {
    vendor::BACKUP.interrupt_samples();
}

#[test]
fn an_interrupted_restore_can_be_repeated_and_leaves_no_keys() {
    vendor::RESTORE.interrupt_samples();
}

#[test]
fn server_commands_can_be_interrupted() {
    vendor::PRODUCTS.interrupt_samples();
    vendor::SEATS.interrupt_samples();
    vendor::NOTICES.interrupt_samples();
    vendor::OPERATORS.interrupt_samples();
    vendor::REPEATABLE.interrupt_samples();
}

#[test]
fn an_interrupted_takeover_leaves_one_computer_with_the_seat() {
    vendor::TAKEOVER.interrupt_samples();
}

#[test]
fn an_interrupted_portal_restarts_and_answers_the_same_form() {
    portal::PORTAL.interrupt_samples();
}

#[test]
fn an_interrupted_clock_confirmation_leaves_the_clock_confirmed_or_not() {
    vendor::CLOCK.interrupt_samples();
}

#[test]
fn device_commands_can_be_interrupted() {
    computer::FILE.interrupt_samples();
    computer::PAPER.interrupt_samples();
}

#[test]
fn machine_scope_commands_can_be_interrupted() {
    computer::MACHINE.interrupt_samples();
}

#[test]
fn device_commands_with_the_keyring_can_be_interrupted() {
    computer::KEYRING.interrupt_samples();
}

#[test]
fn migration_from_an_earlier_version_can_be_interrupted() {
    earlier_versions::LAYOUTS.interrupt_samples();
    earlier_versions::VAULT.interrupt_samples();
}

#[test]
#[ignore = "`cargo xtask crash`: minutes"]
fn every_command_is_interrupted_at_every_point() {
    let only = std::env::var(ONLY).unwrap_or_default();
    let groups: Vec<_> = GROUPS.iter().filter(|group| group.name.contains(&*only)).collect();
    let all: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
    assert!(!groups.is_empty(), "no group's name contains {only:?}: {all:?}");
    let commands: BTreeSet<_> = groups.iter().flat_map(|group| group.commands).collect();
    let (mut points, mut runs) = (0, 0);
    let start = Instant::now();
    for group in groups {
        let (more_points, more_runs) = group.interrupt_one_in(1);
        points += more_points;
        runs += more_runs;
    }
    let commands = commands.len();
    println!("{commands} commands, {points} points, {runs} runs, {:.0?}", start.elapsed());
}
