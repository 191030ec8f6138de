//! Interrupts every command of both programs at each system call that changes a file, and runs it
//! again: nothing is lost, nothing is duplicated, and no command fails permanently. The process is
//! killed, or the power fails and unsynced data is lost, or the disk fails, or it is full.
//!
//! The tests sample a few points of each command, starting with a different one each time; `cargo
//! xtask crash` covers all of them.

mod computer;
mod older;
mod portal;
mod vendor;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use latchkey_e2e_support::{
    Answer, Call, FAULTS, Fault, Programs, Snapshot, Watched, cut_short, points,
};

/// Names the only groups that `cargo xtask crash` takes.
const ONLY: &str = "LATCHKEY_CRASH_ONLY";

/// Commands that are cut short together, because one makes what the next one needs.
struct Group {
    name: &'static str,
    /// Which ones, as their programs' help calls them. A group that doesn't cut each of them short,
    /// and no other, fails.
    commands: &'static [&'static str],
    /// The tests take one point in this many.
    one_in: usize,
    cut: fn(&Cut),
}

/// All of them.
static GROUPS: &[&Group] = &[
    &vendor::INIT,
    &vendor::KEY_ROTATE,
    &vendor::KEY_SEAL,
    &vendor::BACKUP,
    &vendor::RESTORE,
    &vendor::CATALOGUE,
    &vendor::SEATS,
    &vendor::TAKEOVER,
    &vendor::NOTICES,
    &vendor::OPERATORS,
    &vendor::CLOCK,
    &vendor::CALLED_AGAIN,
    &computer::FILE,
    &computer::MACHINE,
    &computer::KEYRING,
    &computer::PAPER,
    &portal::PORTAL,
    &older::LAYOUTS,
    &older::VAULT,
];

/// The commands that aren't cut short, and why.
const NOT_CUT_SHORT: &[(&str, &str)] =
    &[("latchkey version", "it opens no file"), ("latchkey-server version", "it opens no file")];

/// Which points are taken, and what became of them.
struct Cut {
    /// One point in this many.
    one_in: usize,
    commands: RefCell<BTreeSet<&'static str>>,
    points: Cell<usize>,
    runs: Cell<usize>,
}

impl Cut {
    /// Notes what was done about a command.
    fn count(&self, command: &'static str, points: usize, runs: usize) {
        self.commands.borrow_mut().insert(command);
        self.points.set(self.points.get() + points);
        self.runs.set(self.runs.get() + runs);
    }
}

impl Group {
    /// Kills its commands at one point in `one_in`. Gives how many points there are, and how
    /// many runs were cut short.
    fn is_cut_short(&self, one_in: usize) -> (usize, usize) {
        let cut =
            Cut { one_in, commands: RefCell::default(), points: Cell::new(0), runs: Cell::new(0) };
        let start = Instant::now();
        (self.cut)(&cut);
        let (points, runs) = (cut.points.get(), cut.runs.get());
        println!("{}: {points} points, {runs} runs, {:.0?}\n", self.name, start.elapsed());
        let named: BTreeSet<_> = self.commands.iter().copied().collect();
        assert_eq!(*cut.commands.borrow(), named, "{}", self.name);
        (points, runs)
    }

    /// The same for the tests.
    fn is_sampled(&self) {
        let _ = self.is_cut_short(self.one_in);
    }
}

/// A command, and what has to hold after it was cut short and called again.
struct Command<'a> {
    /// As its program's help calls it.
    name: &'static str,
    variant: &'a str,
    watched: Watched<'a>,
    faults: &'a [Fault],
    call: &'a dyn Fn() -> Call,
    done: &'a [&'a str],
    between: &'a dyn Fn(bool),
    after: &'a dyn Fn(),
    around: &'a dyn Fn(&dyn Fn()),
    writes: Option<&'a str>,
}

impl<'a> Command<'a> {
    /// A command that changes something in these folders only.
    fn new(name: &'static str, folders: &[&'a Path], call: &'a dyn Fn() -> Call) -> Self {
        Self {
            name,
            variant: "",
            watched: Watched { folders: folders.to_vec(), ..Watched::default() },
            faults: &FAULTS,
            call,
            done: &[],
            between: &|_| (),
            after: &|| (),
            around: &|put_back| put_back(),
            writes: None,
        }
    }

    /// What tells it from the same command elsewhere in this list.
    fn variant(self, variant: &'a str) -> Self {
        Self { variant, ..self }
    }

    /// What it may say when it is called again: its work was done.
    fn done(self, done: &'a [&'a str]) -> Self {
        Self { done, ..self }
    }

    /// What holds after the first call, whatever became of it: whether it said that it succeeded.
    fn between(self, between: &'a dyn Fn(bool)) -> Self {
        Self { between, ..self }
    }

    /// What holds after the second one.
    fn after(self, after: &'a dyn Fn()) -> Self {
        Self { after, ..self }
    }

    /// One more folder that it changes something in.
    fn folder(mut self, folder: &'a Path) -> Self {
        self.watched.folders.push(folder);
        self
    }

    /// What has to be done around putting everything back.
    fn around(self, around: &'a dyn Fn(&dyn Fn())) -> Self {
        Self { around, ..self }
    }

    /// The only faults, where there can't be others.
    fn faults(self, faults: &'a [Fault]) -> Self {
        Self { faults, ..self }
    }

    /// A file that it replaces in one step. All the calls by which that is done have to be among
    /// the points.
    fn replaces(self, file: &'a str) -> Self {
        Self { writes: Some(file), ..self }
    }

    /// What the program calls one of the folders.
    fn called(mut self, there: &'a Path, here: &'a Path) -> Self {
        self.watched.called = Some((there, here));
        self
    }

    /// What it sends to others changes something too.
    fn sends(mut self) -> Self {
        self.watched.sends = true;
        self
    }

    fn is_cut_short(self, cut: &Cut) {
        let words: Vec<_> = self.name.split(' ').collect();
        assert!((self.call)().says(&words), "{:?} isn't {}", (self.call)(), self.name);
        let title = match self.variant {
            "" => self.name.to_owned(),
            variant => format!("{} ({variant})", self.name),
        };
        let before = Snapshot::of(&self.watched.folders);
        let put_back = || (self.around)(&|| before.put_back());
        let points = points((self.call)(), &self.watched);
        if let Some(file) = self.writes {
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
        let step = cut.one_in.min(points.len()).max(1);
        let first = fastrand::usize(..step);
        let (mut runs, mut cut_off) = (0, 0);
        for &fault in self.faults {
            for (number, point) in points.iter().enumerate().skip(first).step_by(step) {
                // A keyring's bus and a thread's alarm are on no disk that breaks.
                let has_threads = self.watched.sends && fault != Fault::Kill;
                if has_threads && !point.is_of_a_disk(&self.watched.folders) {
                    continue;
                }
                put_back();
                let place = format!(
                    "{title}: {fault:?} at {} of {}: {}",
                    number + 1,
                    points.len(),
                    point.line
                );
                let answer = cut_short((self.call)(), point, fault, &self.watched);
                runs += 1;
                cut_off += usize::from(answer.exit != Some(0));
                let shown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    self.shows(fault, &answer);
                }));
                if let Err(panic) = shown {
                    println!("{place}\n{answer}");
                    std::panic::resume_unwind(panic);
                }
            }
        }
        put_back();
        assert!(points.is_empty() || cut_off > 0, "{title}: nothing was cut short");
        println!("{title}: {} points, {runs} runs, {cut_off} of them cut short", points.len());
        cut.count(self.name, points.len(), runs);
    }

    fn shows(&self, fault: Fault, answer: &Answer) {
        if !matches!(fault, Fault::Kill | Fault::PowerCut) {
            let clear = answer.exit == Some(0) || answer.error_code().is_some();
            assert!(clear || said_nothing(answer), "no clear error");
        }
        (self.between)(answer.exit == Some(0));
        let again = (self.call)().run();
        let done = again.exit != Some(0)
            && again.error_code().is_some_and(|code| self.done.contains(&&*code));
        assert!(again.exit == Some(0) || done, "called again:\n{again}");
        (self.after)();
    }
}

/// Standard error itself couldn't be written.
fn said_nothing(answer: &Answer) -> bool {
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

/// Every command of a program, as its own help lists them.
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
    let mut there = Vec::new();
    for program in ["latchkey-server", "latchkey"] {
        commands_of(program, &[], &mut there);
    }
    let cut: BTreeSet<_> =
        GROUPS.iter().flat_map(|group| group.commands).map(|name| (*name).to_owned()).collect();
    let not_cut: BTreeSet<_> = NOT_CUT_SHORT.iter().map(|(name, _)| (*name).to_owned()).collect();
    let there: BTreeSet<_> = there.into_iter().collect();
    assert!(cut.is_disjoint(&not_cut), "{:?}", cut.intersection(&not_cut));
    assert!(NOT_CUT_SHORT.iter().all(|(_, reason)| !reason.is_empty()));
    let known = &cut | &not_cut;
    let (forgotten, gone) = (&there - &known, &known - &there);
    assert!(forgotten.is_empty() && gone.is_empty(), "forgotten {forgotten:?}, gone {gone:?}");
}

#[test]
fn an_interrupted_set_up_can_be_repeated() {
    vendor::INIT.is_sampled();
}

#[test]
fn an_interrupted_key_rotation_happens_once() {
    vendor::KEY_ROTATE.is_sampled();
}

#[test]
fn interrupted_sealing_leaves_the_old_or_the_new_passphrase() {
    vendor::KEY_SEAL.is_sampled();
}

#[test]
fn an_interrupted_backup_leaves_none_or_a_complete_one() {
    vendor::BACKUP.is_sampled();
}

#[test]
fn an_interrupted_restore_can_be_repeated_and_leaves_no_keys() {
    vendor::RESTORE.is_sampled();
}

#[test]
fn server_commands_can_be_interrupted() {
    vendor::CATALOGUE.is_sampled();
    vendor::SEATS.is_sampled();
    vendor::NOTICES.is_sampled();
    vendor::OPERATORS.is_sampled();
    vendor::CALLED_AGAIN.is_sampled();
}

#[test]
fn an_interrupted_takeover_leaves_one_computer_with_the_seat() {
    vendor::TAKEOVER.is_sampled();
}

#[test]
fn an_interrupted_portal_restarts_and_answers_the_same_form() {
    portal::PORTAL.is_sampled();
}

#[test]
fn an_interrupted_clock_confirmation_leaves_the_clock_confirmed_or_not() {
    vendor::CLOCK.is_sampled();
}

#[test]
fn device_commands_can_be_interrupted() {
    computer::FILE.is_sampled();
    computer::PAPER.is_sampled();
}

#[test]
fn machine_scope_commands_can_be_interrupted() {
    computer::MACHINE.is_sampled();
}

#[test]
fn device_commands_with_the_keyring_can_be_interrupted() {
    computer::KEYRING.is_sampled();
}

#[test]
fn migration_from_an_earlier_version_can_be_interrupted() {
    older::LAYOUTS.is_sampled();
    older::VAULT.is_sampled();
}

#[test]
#[ignore = "`cargo xtask crash`: minutes"]
fn every_command_is_interrupted_at_every_point() {
    let only = std::env::var(ONLY).unwrap_or_default();
    let groups: Vec<_> = GROUPS.iter().filter(|group| group.name.contains(&*only)).collect();
    let all: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
    assert!(!groups.is_empty(), "no group's name holds {only:?}: {all:?}");
    let commands: BTreeSet<_> = groups.iter().flat_map(|group| group.commands).collect();
    let (mut points, mut runs) = (0, 0);
    let start = Instant::now();
    for group in groups {
        let (more_points, more_runs) = group.is_cut_short(1);
        points += more_points;
        runs += more_runs;
    }
    let commands = commands.len();
    println!("{commands} commands, {points} points, {runs} runs, {:.0?}", start.elapsed());
}
