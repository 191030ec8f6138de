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
use std::fmt;
use std::path::Path;
use std::time::Instant;

use latchkey_e2e_support::{
    Answer, Call, FAULTS, Fault, FileTreeState, Point, Programs, Watched, interrupt,
    interruption_points,
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
const EXEMPT: &[(&str, &str)] = &[
    ("latchkey version", "it opens no file"),
    ("latchkey config check", "it reads the configuration and nothing else"),
    ("latchkey-server version", "it opens no file"),
    (
        "latchkey-server package",
        "it changes no data, and what it makes is complete once it is named",
    ),
];

/// The commands that change no data and only print it, or write it where the shell says. Every
/// other command has to change data, and to be interrupted by each kind of fault while it does.
/// A command of this list that migrates data of an earlier version isn't an exception: see
/// [`Command::migrates`].
const READ_ONLY: &[&str] = &[
    "latchkey status",
    "latchkey sheet",
    "latchkey inspect",
    "latchkey doctor",
    "latchkey-server product list",
    "latchkey-server entitlement list",
    "latchkey-server seats",
    "latchkey-server audit",
    "latchkey-server notice list",
    "latchkey-server clock status",
    "latchkey-server key list",
    "latchkey-server operator list",
    "latchkey-server inspect",
];

/// What the runs with one kind of fault resulted in.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    runs: usize,
    /// Runs that the fault ended or let fail.
    interrupted: usize,
    /// Those of them whose fault was at a call that changes data.
    while_changing_data: usize,
    /// Power cuts that removed unsynced data.
    with_lost_data: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.interrupted += other.interrupted;
        self.while_changing_data += other.while_changing_data;
        self.with_lost_data += other.with_lost_data;
    }
}

/// One tally for each kind of fault.
#[derive(Clone, Copy, Default)]
struct Tallies([Tally; FAULTS.len()]);

impl Tallies {
    fn of(&mut self, fault: Fault) -> &mut Tally {
        &mut self.0[fault as usize]
    }

    fn add(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            own.add(other);
        }
    }

    fn runs(&self) -> usize {
        self.0.iter().map(|tally| tally.runs).sum()
    }

    fn interrupted(&self) -> usize {
        self.0.iter().map(|tally| tally.interrupted).sum()
    }
}

impl fmt::Display for Tallies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} runs, interrupted by", self.runs())?;
        for (fault, tally) in FAULTS.iter().zip(self.0) {
            write!(f, " {fault:?} {} ({})", tally.interrupted, tally.while_changing_data)?;
        }
        write!(f, ", {} with lost data", self.0[Fault::PowerCut as usize].with_lost_data)
    }
}

/// Which points are interrupted, and how many there were.
struct CrashRun {
    /// One point in this many.
    one_in: usize,
    commands: RefCell<BTreeSet<&'static str>>,
    points: Cell<usize>,
    tallies: RefCell<Tallies>,
}

impl CrashRun {
    /// Records that a command was interrupted.
    fn record(&self, command: &'static str, points: usize, tallies: &Tallies) {
        self.commands.borrow_mut().insert(command);
        self.points.set(self.points.get() + points);
        self.tallies.borrow_mut().add(tallies);
    }

    /// The points that are interrupted, and the others, in the order in which they take the place
    /// of a point that isn't reached.
    fn sample<'p>(
        &self,
        points: &'p [Point],
        priority: impl Fn(&Point) -> usize,
    ) -> (Vec<NumberedPoint<'p>>, Vec<NumberedPoint<'p>>) {
        let step = self.one_in.min(points.len()).max(1);
        let first = fastrand::usize(..step);
        let (sampled, mut others): (Vec<_>, Vec<_>) =
            points.iter().enumerate().partition(|(number, _)| number % step == first);
        others.sort_by_key(|(_, point)| priority(point));
        (sampled, others)
    }
}

/// A point and its index among the command's points.
type NumberedPoint<'p> = (usize, &'p Point);

impl Group {
    /// Interrupts the group's commands at one point in `one_in`. Returns the number of points and
    /// what the runs resulted in.
    fn interrupt_one_in(&self, one_in: usize) -> (usize, Tallies) {
        let run = CrashRun {
            one_in,
            commands: RefCell::default(),
            points: Cell::new(0),
            tallies: RefCell::default(),
        };
        let start = Instant::now();
        (self.run)(&run);
        let (points, tallies) = (run.points.get(), run.tallies.take());
        println!("{}: {points} points, {tallies}, {:.0?}\n", self.name, start.elapsed());
        let named: BTreeSet<_> = self.commands.iter().copied().collect();
        assert_eq!(*run.commands.borrow(), named, "{}", self.name);
        (points, tallies)
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
    migrates: bool,
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
            migrates: false,
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

    /// It migrates data of an earlier version, which even a command that is read-only elsewhere
    /// has to write.
    fn migrates(self) -> Self {
        Self { migrates: true, ..self }
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
        let before = FileTreeState::take(&self.watched.folders);
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
        let changing = points.iter().filter(|point| self.changes_data(point)).count();
        let is_read_only = READ_ONLY.contains(&self.name) && !self.migrates;
        if is_read_only {
            let file_changes = points
                .iter()
                .filter(|point| point.changes_data_in(&self.watched.folders))
                .map(|point| &*point.line)
                .collect::<Vec<_>>();
            assert!(file_changes.is_empty(), "{title} is read-only: {file_changes:#?}");
        } else {
            assert!(changing > 0, "{title} changes nothing, and isn't in READ_ONLY");
        }
        // Whether a fault did what it is there for, so that no other point has to be tried.
        let is_sufficient = |fault: Fault, tally: &Tally| {
            let lost = fault != Fault::PowerCut
                || self.replaced_file.is_none()
                || tally.with_lost_data > 0;
            // With the licence in a keyring, most commands change no file of their own but a lock.
            let any_call = is_read_only || self.watched.keyring_calls && fault != Fault::Kill;
            if any_call { tally.interrupted > 0 } else { tally.while_changing_data > 0 && lost }
        };
        // `strace` counts the calls of each thread, so that the n-th write of another thread fails
        // as well. A write that wakes a thread up never fails on a real computer, and the thread
        // would sleep for ever.
        let has_threads = points.iter().any(Point::wakes_a_thread);
        let (sampled, others) = run.sample(&points, |point| self.priority(point));
        let mut tallies = Tallies::default();
        for &fault in self.faults {
            let tried = sampled.iter().map(|point| (true, *point));
            for (is_sampled, (number, point)) in tried.chain(others.iter().map(|o| (false, *o))) {
                // A program with threads doesn't make its calls in the same order each time, so it
                // may end before it reaches a sampled point. Then another point takes its place.
                if !is_sampled && is_sufficient(fault, tallies.of(fault)) {
                    break;
                }
                // A full or broken disk affects neither a keyring's bus nor a thread's alarm.
                let is_disk_fault = self.watched.keyring_calls && fault != Fault::Kill;
                if is_disk_fault && !point.is_file_call_in(&self.watched.folders) {
                    continue;
                }
                let fails_the_call = !matches!(fault, Fault::Kill | Fault::PowerCut);
                if has_threads && fails_the_call && point.is_write() {
                    continue;
                }
                put_back();
                let place = format!(
                    "{title}: {fault:?} at {} of {}: {}",
                    number + 1,
                    points.len(),
                    point.line
                );
                let result = interrupt((self.call)(), point, fault, &self.watched);
                let (answer, lost_files) = (result.answer, result.lost_files);
                let is_interrupted = answer.exit != Some(0);
                tallies.of(fault).add(Tally {
                    runs: 1,
                    interrupted: usize::from(is_interrupted),
                    while_changing_data: usize::from(is_interrupted && self.changes_data(point)),
                    with_lost_data: usize::from(lost_files > 0),
                });
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
        println!("{title}: {} points, {changing} of them change data, {tallies}", points.len());
        for &fault in self.faults.iter().filter(|_| !is_read_only) {
            let tally = *tallies.of(fault);
            assert!(is_sufficient(fault, &tally), "{title}: {fault:?} has no effect: {tally:?}");
        }
        assert!(points.is_empty() || tallies.interrupted() > 0, "{title}: nothing was interrupted");
        run.record(self.name, points.len(), &tallies);
    }

    /// Whether a call at this point changes data, in a file or in the keyring.
    fn changes_data(&self, point: &Point) -> bool {
        point.changes_data_in(&self.watched.folders)
            || self.watched.keyring_calls && point.calls_the_keyring()
    }

    /// The lower, the earlier a point takes the place of one that isn't reached: first the one at
    /// which a power cut removes what was written, then those that change data.
    fn priority(&self, point: &Point) -> usize {
        let syncs_replacement = self.replaced_file.is_some_and(|file| {
            point.line.contains("fsync(") && point.line.contains(&format!("{file}.new"))
        });
        match (syncs_replacement, self.changes_data(point)) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        }
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
    assert!(READ_ONLY.iter().all(|name| covered.contains(*name)), "{READ_ONLY:?}");
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
    let (mut points, mut tallies) = (0, Tallies::default());
    let start = Instant::now();
    for group in groups {
        let (more_points, more_tallies) = group.interrupt_one_in(1);
        points += more_points;
        tallies.add(&more_tallies);
    }
    let commands = commands.len();
    println!("{commands} commands, {points} points, {tallies}, {:.0?}", start.elapsed());
}
