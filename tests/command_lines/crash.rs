//! Every command of both sides is cut short at each of its calls that change a file, and called again: nothing is
//! lost, nothing is there twice, and no command refuses for ever. A call is killed, or the power goes with what
//! hadn't reached the disk, or the disk fails, or it is full.
//!
//! The tests take each point of the commands that change key files and some points of the others, beginning with
//! another one each time; `cargo xtask crash` takes all of them.

use std::path::Path;

use latchkey_e2e_support::{
    Answer, Call, Computer, FAULTS, Fault, Programs, Snapshot, Vendor, cut_short, points,
};

use crate::scene::{ONE_SEAT, Scene};

/// Which points are taken.
#[derive(Clone, Copy)]
enum Pick {
    All,
    /// One in so many.
    OneIn(usize),
}

/// A command, and what has to hold after it was cut short and called again.
struct Command<'a> {
    name: &'a str,
    /// Where everything is that it changes.
    roots: Vec<&'a Path>,
    call: &'a dyn Fn() -> Call,
    /// What it may say when it is called again: its work was done.
    done: &'a [&'a str],
    /// What holds after the first call, whatever became of it: whether it said that it succeeded.
    between: &'a dyn Fn(bool),
    /// What holds after the second one.
    after: &'a dyn Fn(),
}

impl Command<'_> {
    fn is_cut_short(&self, pick: Pick) {
        let before = Snapshot::of(&self.roots);
        let points = points((self.call)(), &self.roots);
        before.put_back();
        let (step, first) = match pick {
            Pick::All => (1, 0),
            Pick::OneIn(step) => (step, fastrand::usize(..step.min(points.len()))),
        };
        let mut taken = 0;
        let mut cut = 0;
        for fault in FAULTS {
            for (number, point) in points.iter().enumerate().skip(first).step_by(step) {
                before.put_back();
                let place = format!(
                    "{}: {fault:?} at {} of {}: {}",
                    self.name,
                    number + 1,
                    points.len(),
                    point.line
                );
                let answer = cut_short((self.call)(), point, fault, &self.roots);
                taken += 1;
                cut += usize::from(answer.exit != Some(0));
                if !matches!(fault, Fault::Kill | Fault::PowerCut) {
                    assert!(
                        answer.exit == Some(0)
                            || answer.error_code().is_some()
                            || said_nothing(&answer),
                        "{place}: no clear error\n{answer}"
                    );
                }
                let shown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    (self.between)(answer.exit == Some(0));
                    let again = (self.call)().run();
                    let done = again.exit != Some(0)
                        && again.error_code().is_some_and(|code| self.done.contains(&&*code));
                    assert!(again.exit == Some(0) || done, "called again:\n{again}");
                    (self.after)();
                }));
                if let Err(panic) = shown {
                    println!("{place}\n{answer}");
                    std::panic::resume_unwind(panic);
                }
            }
        }
        before.put_back();
        println!("{}: {} points, {taken} runs, {cut} of them cut short", self.name, points.len());
    }
}

/// Standard error itself couldn't be written.
fn said_nothing(answer: &Answer) -> bool {
    answer.exit.is_some_and(|exit| exit > 0) && answer.stderr.is_empty()
}

fn programs() -> Programs {
    Programs::find().unwrap_or_else(|error| panic!("{error:#}"))
}

fn nothing(_: bool) {}

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

/// A vendor whose folder can be read with a passphrase or without one, complete and with nothing beside it.
fn vendor_is_whole(vendor: &Vendor, passphrase: Option<&Path>, keys: usize) {
    let mut call = vendor.call().args(["--json"]);
    if let Some(passphrase) = passphrase {
        call = call.args(["--passphrase-file".as_ref(), passphrase.as_os_str()]);
    }
    let listed = call.args(["key", "list"]).run().succeeds().json();
    let listed = listed["keys"].as_array().expect("keys");
    assert_eq!(listed.len(), keys, "{listed:?}");
    assert!(listed.iter().all(|key| key["here"] == true), "{listed:?}");
    assert_eq!(names(&vendor.data), ["issuer.db", "keys"]);
    let stray: Vec<_> = names(&vendor.data.join("keys"))
        .into_iter()
        .filter(|name| name != "lock" && !name.ends_with(".key"))
        .collect();
    assert!(stray.is_empty(), "{stray:?}");
}

fn init(pick: Pick) {
    let folder = tempfile::tempdir().expect("a folder");
    let vendor = Vendor::at(&programs(), &folder.path().join("data"));
    Command {
        name: "init",
        roots: vec![folder.path()],
        call: &|| vendor.call().args(["--json", "init", "--vendor", "Acme"]),
        done: &["vendor.already_set_up"],
        between: &nothing,
        after: &|| vendor_is_whole(&vendor, None, 2),
    }
    .is_cut_short(pick);
}

fn key_rotate(pick: Pick) {
    let vendor = Vendor::new(&programs(), "Acme");
    let roles = || {
        let keys = vendor.json(&["key", "list"]).succeeds().json();
        let keys = keys["keys"].as_array().expect("keys").clone();
        keys.iter().map(|key| key["key"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let before = roles();
    Command {
        name: "key rotate",
        roots: vec![vendor.data.as_path()],
        call: &|| vendor.call().args(["--json", "key", "rotate"]),
        done: &[],
        between: &|_| {
            let now = roles();
            assert!(now[0] == before[0] || now[0] == before[1], "neither before nor after");
        },
        after: &|| {
            vendor_is_whole(&vendor, None, 3);
            assert_eq!(roles()[0], before[1], "it was rotated more than once");
        },
    }
    .is_cut_short(pick);
}

fn key_seal(pick: Pick) {
    let vendor = Vendor::new(&programs(), "Acme");
    let folder = vendor.folder().expect("a folder");
    let (first, second) = (folder.join("first"), folder.join("second"));
    std::fs::write(&first, "first passphrase\n").expect("a file");
    std::fs::write(&second, "second passphrase\n").expect("a file");
    let opens = |passphrase: Option<&Path>| {
        let mut call = vendor.call().args(["--json"]);
        if let Some(passphrase) = passphrase {
            call = call.args(["--passphrase-file".as_ref(), passphrase.as_os_str()]);
        }
        call.args(["key", "list"]).run().exit == Some(0)
    };
    let seal = |before: Option<&Path>, new: &Path| {
        let mut call = vendor.call().args(["--json"]);
        if let Some(before) = before {
            call = call.args(["--passphrase-file".as_ref(), before.as_os_str()]);
        }
        call.args(["key", "seal", "--new-passphrase-file"]).args([new.as_os_str()])
    };
    for (name, before, new) in
        [("key seal", None, &first), ("key seal, another passphrase", Some(&*first), &second)]
    {
        Command {
            name,
            roots: vec![vendor.data.as_path()],
            call: &|| seal(before, new),
            done: &[],
            between: &|_| assert!(opens(before) || opens(Some(new)), "it opens with neither"),
            after: &|| {
                vendor_is_whole(&vendor, Some(new), 2);
                if let Some(before) = before {
                    assert!(!opens(Some(before)), "it opens with the old one");
                }
            },
        }
        .is_cut_short(pick);
        let _ = seal(before, new).run().succeeds();
    }
}

fn backup(pick: Pick) {
    let vendor = Vendor::new(&programs(), "Acme");
    let beside = tempfile::tempdir().expect("a folder");
    let out = beside.path().join("backup");
    let restored = tempfile::tempdir().expect("a folder");
    Command {
        name: "backup",
        roots: vec![vendor.data.as_path(), beside.path()],
        call: &|| vendor.call().args(["--json", "backup", "--out"]).args([out.as_os_str()]),
        done: &["backup.exists"],
        between: &nothing,
        after: &|| {
            assert_eq!(names(beside.path()), ["backup"], "something is left beside it");
            vendor_is_whole(&vendor, None, 2);
            let put_back = Vendor::at(&programs(), &restored.path().join("data"));
            let from = out.to_string_lossy();
            let _ = put_back.json(&["restore", "--from", &from]).succeeds();
            vendor_is_whole(&put_back, None, 2);
            std::fs::remove_dir_all(&put_back.data).expect("it can be removed");
        },
    }
    .is_cut_short(pick);
}

fn restore(pick: Pick) {
    let vendor = Vendor::new(&programs(), "Acme");
    let _ = vendor.add_product("Acme CAD", &[]);
    let folder = vendor.folder().expect("a folder");
    let backup = folder.join("backup");
    let _ = vendor.json(&["backup", "--out", &backup.to_string_lossy()]).succeeds();
    let beside = tempfile::tempdir().expect("a folder");
    let restored = Vendor::at(&programs(), &beside.path().join("data"));
    Command {
        name: "restore",
        roots: vec![beside.path()],
        call: &|| restored.call().args(["--json", "restore", "--from"]).args([backup.as_os_str()]),
        done: &["backup.exists"],
        between: &nothing,
        after: &|| {
            assert_eq!(names(beside.path()), ["data"], "something is left beside it");
            vendor_is_whole(&restored, None, 2);
            let products = restored.json(&["product", "list"]).succeeds().stdout;
            assert!(products.contains("Acme CAD"), "{products}");
        },
    }
    .is_cut_short(pick);
}

fn catalogue(pick: Pick) {
    let vendor = Vendor::new(&programs(), "Acme");
    let count = |what: &str| {
        let listed = vendor.json(&[what, "list"]).succeeds().json();
        let listed = listed.as_object().and_then(|listed| listed.values().next()).cloned();
        listed.and_then(|listed| listed.as_array().map(Vec::len)).expect("a list")
    };
    Command {
        name: "product add",
        roots: vec![vendor.data.as_path()],
        call: &|| vendor.call().args(["--json", "product", "add", "--name", "Acme CAD"]),
        done: &["product.name_taken"],
        between: &nothing,
        after: &|| assert_eq!(count("product"), 1),
    }
    .is_cut_short(pick);
    let product = vendor.add_product("Acme CAD", &[]).to_string();
    Command {
        name: "entitlement add",
        roots: vec![vendor.data.as_path()],
        call: &|| {
            let call = vendor.call().args(["--json", "entitlement", "add", "--product", &product]);
            call.args(ONE_SEAT)
        },
        done: &[],
        between: &|succeeded| assert!(!succeeded || count("entitlement") == 1),
        // A second one, when it was only the answer that was cut off: nobody has its code.
        after: &|| assert!((1..=2).contains(&count("entitlement"))),
    }
    .is_cut_short(pick);
}

fn seats(pick: Pick) {
    let scene = Scene::new(ONE_SEAT);
    let computer = scene.computer();
    let request = computer.request(scene.code());
    let vendor = &scene.vendor;
    let roots = || vec![vendor.data.as_path()];
    let at_most_one = |_: bool| assert!(scene.seats_in_use() <= 1, "a seat too many");
    let with = |arguments: &[&str], input: &str| {
        vendor.call().args(["--json"]).args(arguments).input(input)
    };
    Command {
        name: "activate",
        roots: roots(),
        call: &|| with(&["activate"], &request),
        done: &[],
        between: &at_most_one,
        after: &|| {
            assert_eq!(scene.seats_in_use(), 1);
            let (first, second) = (vendor.response_to(&request), vendor.response_to(&request));
            assert_eq!(first, second, "two answers to one request");
        },
    }
    .is_cut_short(pick);
    let _ = computer.apply(&vendor.response_to(&request)).succeeds();
    let seat = computer.seat();
    Command {
        name: "refresh",
        roots: roots(),
        call: &|| with(&["refresh", &seat], ""),
        done: &[],
        between: &at_most_one,
        after: &|| assert_eq!(scene.seats_in_use(), 1),
    }
    .is_cut_short(pick);
    Command {
        name: "seat release",
        roots: roots(),
        call: &|| with(&["seat", "release", &seat, "--now"], ""),
        done: &["seat.released"],
        between: &at_most_one,
        after: &|| assert_eq!(scene.seats_in_use(), 0),
    }
    .is_cut_short(pick);
    let token = computer.deactivate();
    Command {
        name: "deactivate (server)",
        roots: roots(),
        call: &|| with(&["deactivate"], &token),
        done: &[],
        between: &at_most_one,
        after: &|| assert_eq!(scene.seats_in_use(), 0),
    }
    .is_cut_short(pick);
}

/// The server's commands that can be called again as they are: changing the same thing once more, or only reading.
const CALLED_AGAIN: &[&[&str]] = &[
    &["product", "list"],
    &["entitlement", "set", "ENTITLEMENT", "--customer", "Somebody"],
    &["entitlement", "list"],
    &["code", "add", "ENTITLEMENT"],
    &["seats"],
    &["audit"],
    &["notice", "list"],
    &["policy", "--early-returns", "2"],
    &["clock", "status"],
    &["key", "list"],
    &["operator", "list"],
];

/// The other commands that are cut short, each in a function of its own.
const CUT_SHORT: &[&str] = &[
    "latchkey-server init",
    "latchkey-server key rotate",
    "latchkey-server key seal",
    "latchkey-server backup",
    "latchkey-server restore",
    "latchkey-server product add",
    "latchkey-server entitlement add",
    "latchkey-server activate",
    "latchkey-server refresh",
    "latchkey-server deactivate",
    "latchkey-server seat release",
    "latchkey request",
    "latchkey apply",
    "latchkey status",
    "latchkey deactivate",
    "latchkey outbox",
];

/// Those that aren't, and why.
const NOT_CUT_SHORT: &[(&str, &str)] = &[
    ("latchkey-server kit", "writes nothing but copies, into a folder that it may write again"),
    ("latchkey-server inspect", "changes nothing of the vendor's"),
    ("latchkey-server serve", "never ends; what its pages change, commands change here"),
    ("latchkey-server entitlement end", "one transaction, as `entitlement set` is"),
    ("latchkey-server code disable", "one transaction, as `code add` is"),
    ("latchkey-server notice dismiss", "one transaction; only a page makes a notice"),
    ("latchkey-server clock confirm", "one transaction; needs a clock in doubt"),
    ("latchkey-server operator add", "one transaction, as `product add` is"),
    ("latchkey-server operator passphrase", "one transaction, as `entitlement set` is"),
    ("latchkey-server operator second-factor", "one transaction, as `entitlement set` is"),
    ("latchkey-server operator remove", "one transaction, as `seat release` is"),
    ("latchkey sheet", "opens no vault"),
    ("latchkey type", "keeps nothing; with --apply it is `apply`"),
    ("latchkey doctor", "writes nothing"),
    ("latchkey inspect", "writes nothing"),
];

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
fn every_command_is_cut_short_or_it_is_said_why_not() {
    let mut there = Vec::new();
    for program in ["latchkey-server", "latchkey"] {
        commands_of(program, &[], &mut there);
    }
    let is_command = |words: &&[&str]| {
        let named: Vec<_> = words.iter().take_while(|word| **word != "ENTITLEMENT").collect();
        let named: Vec<_> = named.into_iter().take_while(|word| !word.starts_with('-')).collect();
        let words: Vec<_> = named.into_iter().copied().collect();
        format!("latchkey-server {}", words.join(" "))
    };
    let mut known: Vec<_> = CALLED_AGAIN.iter().map(|words| is_command(words)).collect();
    known.extend(CUT_SHORT.iter().map(|name| (*name).to_owned()));
    known.extend(NOT_CUT_SHORT.iter().map(|(name, _)| (*name).to_owned()));
    // A command that only has others under it, and one that shows something without them.
    there.sort();
    known.sort();
    let forgotten: Vec<_> = there.iter().filter(|name| !known.contains(name)).collect();
    let gone: Vec<_> = known.iter().filter(|name| !there.contains(name)).collect();
    assert!(forgotten.is_empty() && gone.is_empty(), "forgotten {forgotten:?}, gone {gone:?}");
}

fn called_again(pick: Pick) {
    let scene = Scene::new(ONE_SEAT);
    let vendor = &scene.vendor;
    for words in CALLED_AGAIN {
        let words: Vec<&str> = words
            .iter()
            .map(|word| if *word == "ENTITLEMENT" { &*scene.entitlement.id } else { word })
            .collect();
        Command {
            name: &words[..words.len().min(2)].join(" "),
            roots: vec![vendor.data.as_path()],
            call: &|| vendor.call().args(["--json"]).args(&words),
            done: &[],
            between: &nothing,
            after: &|| vendor_is_whole(vendor, None, 2),
        }
        .is_cut_short(pick);
    }
}

/// The commands of a computer, whose licence is where its policy says, or in a file.
fn device(pick: Pick, kind: &str, scene: &Scene, computer: &Computer, root: &Path) {
    let call = |arguments: &[&str], input: &str| {
        computer.call().args(["--json"]).args(arguments).input(input)
    };
    let state = || {
        let status = computer.status();
        let tokens = status["outbox"].as_array().map_or(0, Vec::len);
        (status["state"] == "active", tokens)
    };
    let name = |command: &str| format!("{command} ({kind})");
    let no_licence = |_: bool| assert_eq!(state(), (false, 0));
    Command {
        name: &name("request"),
        roots: vec![root],
        call: &|| call(&["request", "--code", "-"], scene.code()),
        done: &[],
        between: &no_licence,
        after: &|| {
            let pending = computer.status()["pending_requests"].as_u64().expect("a number");
            assert!((1..=2).contains(&pending), "{pending} requests");
        },
    }
    .is_cut_short(pick);
    let response = scene.vendor.response_to(&computer.request(scene.code()));
    Command {
        name: &name("apply"),
        roots: vec![root],
        call: &|| call(&["apply"], &response),
        done: &[],
        between: &|succeeded| {
            let (active, tokens) = state();
            let pending = computer.status()["pending_requests"].as_u64().unwrap_or(0);
            assert!(tokens == 0 && active != (pending > 0), "neither licence nor request, or both");
            assert!(active || !succeeded, "success was told, and there is no licence");
        },
        after: &|| assert_eq!(state(), (true, 0)),
    }
    .is_cut_short(pick);
    let _ = computer.apply(&response).succeeds();
    Command {
        name: &name("status"),
        roots: vec![root],
        call: &|| call(&["status"], ""),
        done: &[],
        between: &|_| assert_eq!(state(), (true, 0)),
        after: &|| assert_eq!(state(), (true, 0)),
    }
    .is_cut_short(pick);
    Command {
        name: &name("deactivate"),
        roots: vec![root],
        call: &|| call(&["deactivate", "--yes"], ""),
        done: &["lease.not_activated"],
        between: &|succeeded| {
            let (active, tokens) = state();
            assert!(active != (tokens == 1), "both or neither: licence {active}, tokens {tokens}");
            assert!(!active || !succeeded, "success was told, and the licence is there");
        },
        after: &|| assert_eq!(state(), (false, 1)),
    }
    .is_cut_short(pick);
    let _ = computer.deactivate();
    let id = computer.status()["outbox"][0]["id"].as_str().expect("an id").to_owned();
    Command {
        name: &name("outbox --delivered"),
        roots: vec![root],
        call: &|| call(&["outbox", "--delivered", &id], ""),
        done: &["outbox.no_such_entry"],
        between: &|_| assert!(!state().0),
        after: &|| assert!(!state().0),
    }
    .is_cut_short(pick);
}

fn in_a_file(pick: Pick) {
    let scene = Scene::new(ONE_SEAT);
    let computer = scene.computer();
    device(pick, "a user’s file", &scene, &computer, computer.home());
}

#[test]
fn a_set_up_that_is_cut_short_anywhere_can_be_called_again() {
    init(Pick::OneIn(12));
}

#[test]
fn a_rotation_that_is_cut_short_anywhere_is_done_once() {
    key_rotate(Pick::OneIn(3));
}

#[test]
fn keys_whose_sealing_is_cut_short_anywhere_open_with_one_passphrase_or_the_other() {
    key_seal(Pick::OneIn(5));
}

#[test]
fn a_backup_that_is_cut_short_anywhere_leaves_none_or_a_whole_one() {
    backup(Pick::OneIn(8));
}

#[test]
fn a_restore_that_is_cut_short_anywhere_can_be_called_again_and_leaves_no_keys_about() {
    restore(Pick::OneIn(12));
}

#[test]
fn the_vendor_s_other_commands_can_be_cut_short() {
    catalogue(Pick::OneIn(12));
    seats(Pick::OneIn(12));
    called_again(Pick::OneIn(20));
}

#[test]
fn a_computer_s_commands_can_be_cut_short() {
    in_a_file(Pick::OneIn(8));
}

#[test]
#[ignore = "`cargo xtask crash`: minutes"]
fn every_command_is_cut_short_at_every_point() {
    init(Pick::All);
    key_rotate(Pick::All);
    key_seal(Pick::All);
    backup(Pick::All);
    restore(Pick::All);
    catalogue(Pick::All);
    seats(Pick::All);
    called_again(Pick::All);
    in_a_file(Pick::All);
}
