//! Conventions of both command lines: how they parse paths, variables, arguments and times, and how
//! they write to terminals.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use latchkey_e2e_support::{Answer, Call, Programs, Vendor};
use serde_json::Value;

use crate::fixture::{Fixture, ONE_SEAT, THREE_SEATS};

/// A call in a working folder of its own.
fn in_folder(call: Call, folder: &Path) -> Call {
    call.wrapped_by(&[OsStr::new("env"), OsStr::new("-C"), folder.as_os_str()])
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn help_and_version_are_also_commands_of_both_programs() {
    let fixture = Fixture::new(ONE_SEAT);
    for (program, command) in [("latchkey", "apply"), ("latchkey-server", "activate")] {
        let said = |words: &[&str]| {
            let answer = Call::new(&fixture.programs.path(program)).args(words).run();
            answer.succeeds().stdout
        };
        assert_eq!(said(&["help"]), said(&["--help"]), "{program}");
        assert_eq!(said(&["help", command]), said(&[command, "--help"]), "{program}");
        assert_eq!(said(&["version"]), said(&["--version"]), "{program}");
    }
}

#[test]
fn an_unexpanded_tilde_is_the_home_folder() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let here = tempfile::tempdir().expect("a folder");
    let request = |store: &str| {
        let call = Call::new(&fixture.programs.path("latchkey"))
            .env("HOME", computer.home())
            .args([OsStr::new("--config"), fixture.kit.config().as_os_str()])
            .args(["--store", store, "request", "--code", fixture.code()]);
        in_folder(call, here.path()).run()
    };
    let _ = request("file:~/licences/cad").succeeds();
    assert!(computer.home().join("licences/cad").is_file());
    let address = format!("file://{}/in%20address", here.path().display());
    let _ = request(&address).succeeds();
    assert!(here.path().join("in address").is_file());
    fs::remove_file(here.path().join("in address")).expect("a file");
    fs::remove_file(here.path().join("in address.lock")).expect("a file");
    for refused in
        ["file:$HOME/cad", "file:${HOME}/cad", "file:~kim/cad", "file://cad", "file://a/b"]
    {
        let answer = request(refused).exits(2);
        let said = &answer.stderr;
        assert!(said.contains("file:PATH") || said.contains("the whole path"), "{answer}");
    }
    assert_eq!(names_in(here.path()), [""; 0], "nothing is created under an unintended name");

    // The same for the vendor's data, from the environment.
    let server = fixture.programs.path("latchkey-server");
    let set_up = Call::new(&server)
        .env("HOME", here.path())
        .env("LATCHKEY_DATA", "~/vendor")
        .args(["init", "--vendor", "Acme"]);
    let work = here.path().join("work");
    fs::create_dir(&work).expect("a folder");
    let _ = in_folder(set_up, &work).run().succeeds();
    assert!(here.path().join("vendor/issuer.db").is_file());
    assert_eq!(names_in(&work), [""; 0]);
}

#[test]
fn a_store_that_is_refused_leaves_nothing_behind() {
    let fixture = Fixture::new(ONE_SEAT);
    let here = tempfile::tempdir().expect("a folder");
    fs::create_dir(here.path().join("there")).expect("a folder");
    fs::write(here.path().join("letter.txt"), "Dear Kim").expect("a file");
    let before = names_in(here.path());
    let call = |store: &str, words: &[&str]| {
        let call = Call::new(&fixture.programs.path("latchkey"))
            .env("HOME", here.path())
            .args([OsStr::new("--config"), fixture.kit.config().as_os_str()])
            .args(["--json", "--store", store])
            .args(words);
        in_folder(call, here.path()).run()
    };
    let request = ["request", "--code", fixture.code()];
    for (store, code) in [
        ("file:there", "store.file"),
        ("file:there/", "store.file"),
        ("file:~", "store.file"),
        ("file:letter.txt", "store.damaged"),
        ("file:nowhere/../licence", "store.file"),
        ("file:nowhere/deep/../../licence", "store.file"),
        ("file:there/nowhere/..", "store.file"),
    ] {
        let (asked, refused) = (call(store, &["status"]), call(store, &request));
        asked.clone().fails(5, code);
        refused.clone().fails(5, code);
        assert_eq!(complaint(&asked), complaint(&refused), "{store}");
        assert_eq!(names_in(here.path()), before, "{store}");
        assert_eq!(names_in(&here.path().join("there")), [""; 0], "{store}");
    }
    // A folder that is there may be left again by its own name.
    let _ = call("file:there/../licence", &request).succeeds();
    assert!(here.path().join("licence").is_file());
}

#[test]
fn a_folder_named_like_a_database_uri_is_a_folder() {
    let programs = Programs::find().expect("the programs");
    let here = tempfile::tempdir().expect("a folder");
    for data in ["file:x", "file:y?mode=ro", ":memory:"] {
        let call = |words: &[&str]| {
            let call = Call::new(&programs.path("latchkey-server")).args(["--data", data]);
            in_folder(call.args(words), here.path()).run().succeeds()
        };
        let _ = call(&["init", "--vendor", "Acme"]);
        let _ = call(&["product", "add", "--name", "CAD"]);
        assert!(call(&["product", "list"]).stdout.contains("CAD"), "{data}");
        assert!(here.path().join(data).join("issuer.db").is_file(), "{data}");
    }
}

#[test]
fn a_blank_variable_counts_as_unset() {
    let fixture = Fixture::new(ONE_SEAT);
    let here = tempfile::tempdir().expect("a folder");
    let client = || Call::new(&fixture.programs.path("latchkey")).args(["--json", "status"]);
    let server = || Call::new(&fixture.programs.path("latchkey-server")).args(["--json", "seats"]);
    // Without one there is none beside the program; the call itself is in order.
    client().run().fails(2, "config.not_found");
    for blank in ["", " ", "\t \r"] {
        client().env("LATCHKEY_CONFIG", blank).run().fails(2, "config.not_found");
        let answer = in_folder(server().env("LATCHKEY_DATA", blank), here.path()).run().exits(5);
        assert!(answer.stderr.contains("latchkey-data"), "{answer}");
        let data = fixture.vendor.data.clone();
        let call = server().env("LATCHKEY_DATA", data).env("LATCHKEY_PASSPHRASE_FILE", blank);
        let _ = call.env("LATCHKEY_PASSPHRASE", "").run().succeeds();
    }
}

#[test]
fn a_path_of_windows_is_refused_and_creates_no_file() {
    let fixture = Fixture::new(ONE_SEAT);
    let here = tempfile::tempdir().expect("a folder");
    let home = tempfile::tempdir().expect("a folder");
    let client = || {
        Call::new(&fixture.programs.path("latchkey"))
            .env("HOME", home.path())
            .args([OsStr::new("--config"), fixture.kit.config().as_os_str()])
    };
    let server = || Call::new(&fixture.programs.path("latchkey-server"));
    for path in [r"C:\licence", "C:/licence", r"\\server\share\licence", r"%APPDATA%\licence"] {
        let store = format!("file:{path}");
        for call in [
            client().args(["--store", &store, "request", "--code", fixture.code()]),
            Call::new(&fixture.programs.path("latchkey")).args(["--config", path, "status"]),
            client().args(["apply", path]),
            Call::new(&fixture.programs.path("latchkey"))
                .env("LATCHKEY_CONFIG", path)
                .args(["status"]),
            server().args(["--data", path, "init", "--vendor", "Acme"]),
            server().env("LATCHKEY_DATA", path).args(["init", "--vendor", "Acme"]),
            server().args(["--passphrase-file", path, "init", "--vendor", "Acme"]),
            server().env("LATCHKEY_PASSPHRASE_FILE", path).args(["init", "--vendor", "Acme"]),
        ] {
            let answer = in_folder(call, here.path()).run().exits(2);
            assert!(answer.stderr.contains("a Windows path"), "{answer}");
        }
        // What begins with “./” is meant literally.
        let literal = format!("file:./{path}");
        let request = client().args(["--store", &literal, "request", "--code", fixture.code()]);
        if !path.contains('/') {
            let _ = in_folder(request, here.path()).run().succeeds();
            fs::remove_file(here.path().join(path)).expect("the file of that name");
            fs::remove_file(here.path().join(format!("{path}.lock"))).expect("its lock");
        }
    }
    assert_eq!(names_in(here.path()), [""; 0], "nothing is created under such a name");
}

#[test]
fn a_token_may_be_an_argument_and_files_may_be_many() {
    let fixture = Fixture::new(THREE_SEATS);
    let computers = [fixture.computer(), fixture.computer()];
    let requests = [0, 1].map(|one| computers[one].request_as(fixture.code(), ["a", "b"][one]));
    let here = tempfile::tempdir().expect("a folder");
    let files = [0, 1].map(|one| here.path().join(format!("request {one}.txt")));
    for (file, request) in files.iter().zip(&requests) {
        fs::write(file, request).expect("a file");
    }
    // Files, and one of the two from standard input.
    let both = fixture.vendor.call().args(["activate"]).args(&files).run().succeeds();
    assert_eq!(both.tokens().len(), 2);
    let mixed =
        fixture.vendor.call().args(["activate"]).args([files[0].as_os_str(), OsStr::new("-")]);
    assert_eq!(mixed.input(requests[1].as_str()).run().succeeds().tokens(), both.tokens());
    // The token itself, whole, and in pieces as a shell splits it.
    let response = both.tokens()[0].clone();
    let middle = response.len() / 2;
    let pieces = [&response[..middle], &response[middle..]];
    let _ = computers[0].call().args(["apply"]).args(pieces).run().succeeds();
    assert_eq!(computers[0].state(), "active");
    let looked = fixture.vendor.call().args(["inspect", requests[0].as_str()]).run().succeeds();
    assert!(looked.stdout.contains("request"), "{looked}");
    let deactivation = computers[0].deactivate();
    let _ = fixture.vendor.call().args(["deactivate", deactivation.as_str()]).run().succeeds();
    // What is neither is a file that isn't there, named in a length that can be read.
    let missing = fixture.vendor.json(&["activate", &files[0].display().to_string(), "no such"]);
    missing.fails(2, "input.not_read");
    let long = "x".repeat(5000);
    let answer = computers[1].json(&["apply", &long]);
    answer.clone().fails(2, "cli.input");
    assert!(answer.stderr.len() < 600, "{answer}");
}

#[test]
fn ends_are_days_and_intervals_are_in_everyday_notation() {
    let fixture = Fixture::new(ONE_SEAT);
    let add = |end: &str, lease: &str| {
        let product = fixture.product.to_string();
        let mut words = vec!["entitlement", "add", "--product", &product, "--seats", "1"];
        words.extend(["--subscription-end", end, "--offline-lease", lease]);
        fixture.vendor.json(&words)
    };
    let of = |id: &str| {
        let listed = fixture.vendor.json(&["entitlement", "list"]).json();
        let all = listed["entitlements"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["entitlement_id"] == id).expect("the entitlement")
    };
    for (end, lease, read_end, read_lease) in [
        ("2031-03-31", "30 days", "2031-03-31T23:59:59Z", "30d"),
        ("2028-02-29", "P6M", "2028-02-29T23:59:59Z", "6mo"),
        ("2031-03-31T12:00:00+02:00", "30D", "2031-03-31T10:00:00Z", "30d"),
    ] {
        let added = add(end, lease).succeeds().json();
        let entitlement = of(added["entitlement_id"].as_str().expect("an id"));
        assert_eq!(entitlement["subscription_end"], read_end, "{end}");
        assert_eq!(entitlement["offline_lease"], read_lease, "{lease}");
    }
    // Nothing is ever granted after an end that has passed, so it may be a typing error.
    let past = add("2020-01-31", "30d").succeeds().json();
    assert_eq!(past["warnings"][0]["code"], "entitlement.past_end", "{past}");
    let id = past["entitlement_id"].as_str().expect("an id");
    let set = |end: &str| {
        let words = ["entitlement", "set", id, "--subscription-end", end];
        fixture.vendor.call().args(words).run().succeeds()
    };
    let warned = set("2021-02-28");
    assert!(warned.stderr.contains("2021-02-28"), "{warned}");
    for end in ["2031-02-28", "none"] {
        let unwarned = set(end);
        assert!(!unwarned.stderr.contains("passed"), "{unwarned}");
    }
    for end in ["2027-02-29", "31.12.2031", "12/31/2031", "2031-12-31T12:00"] {
        add(end, "30d").fails(2, "usage.time");
    }
    for lease in ["1M", "30", "1w3d"] {
        add("2031-03-31", lease).fails(2, "interval.malformed");
    }
}

#[test]
fn an_invalid_listen_address_is_refused_with_an_example() {
    let fixture = Fixture::new(ONE_SEAT);
    for listen in ["http://127.0.0.1:8080", "127.0.0.1:99999", "localhost:http", ""] {
        let answer = fixture.vendor.json(&["serve", "--listen", listen]);
        answer.clone().fails(2, "serve.not_listening");
        assert!(answer.stderr.contains("localhost:8080"), "{answer}");
    }
}

#[test]
fn a_locale_without_utf_8_gets_ascii_and_the_same_documents() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let _ = fixture.vendor.json(&["product", "add", "--name", "Größe „2“"]).succeeds();
    for locale in ["C", "POSIX", "de_DE.ISO-8859-1", "de_DE@euro", "en_US"] {
        let client = |words: &[&str]| computer.call().env("LC_ALL", locale).args(words).run();
        let server = |words: &[&str]| fixture.vendor.call().env("LC_ALL", locale).args(words).run();
        let request = computer.request(fixture.code());
        for answer in [
            client(&["status"]),
            client(&["doctor"]),
            client(&["apply", "no such file"]),
            client(&["deactivate"]),
            client(&["--help"]),
            client(&["no-such-command"]),
            client(&["sheet", &request]),
            client(&["sheet", "--aloud", &request]),
            server(&["product", "list"]),
            server(&["seats"]),
            server(&["serve", "--help"]),
            server(&["refresh", "0123456789abcdef"]),
            server(&["entitlement", "add", "--product", "ä"]),
        ] {
            assert!(answer.stdout.is_ascii() && answer.stderr.is_ascii(), "{locale}\n{answer}");
        }
        assert!(server(&["product", "list"]).stdout.contains("Groesse \"2\""));
        let document = server(&["--json", "product", "list"]);
        assert!(document.stdout.is_ascii(), "{document}");
        assert_eq!(document.json(), fixture.vendor.json(&["product", "list"]).json());
    }
}

#[test]
fn a_locale_without_utf_8_leaves_quoted_arguments_as_they_were_typed() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let client = |words: &[&str]| computer.call().env("LC_ALL", "C").args(words).run();
    let server = |words: &[&str]| fixture.vendor.call().env("LC_ALL", "C").args(words).run();
    for answer in [
        client(&["apply", "Größe/Q’s"]),
        client(&["apply", "--Größe", "Q’s"]),
        client(&["inspect", "Größe/Q’s", "no such file"]),
        server(&["activate", "Größe/Q’s"]),
        server(&["entitlement", "add", "--product", "Größe/Q’s"]),
    ] {
        assert!(answer.stderr.contains(r"Gr\u00f6\u00dfe"), "{answer}");
        assert!(answer.stderr.is_ascii() && !answer.stderr.contains("Groesse"), "{answer}");
    }
    // A sentence is transliterated, and a document has the path itself.
    assert!(client(&["apply", "Größe/none"]).stderr.contains("can't"));
    let document = client(&["--json", "apply", "Größe/none"]);
    assert!(document.stderr.contains(r"Gr\u00f6\u00dfe/none"), "{document}");
    let error: serde_json::Value = serde_json::from_str(&document.stderr).expect("a document");
    assert!(error.to_string().contains("Größe/none"), "{error}");
}

#[test]
fn exit_statuses_are_in_the_help_of_both_programs() {
    let programs = Programs::find().expect("the programs");
    for name in ["latchkey", "latchkey-server"] {
        for flag in ["--help", "-h"] {
            let help = Call::new(&programs.path(name)).args([flag]).run().succeeds().stdout;
            let (_, table) = help.split_once("Exit status").expect("a table");
            for status in ["  0  ", "  2  ", "  3  ", "  4  ", "  5  "] {
                assert!(table.contains(status), "{name}: {status}\n{help}");
            }
        }
    }
}

#[test]
fn read_only_commands_answer_on_standard_output() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.active_computer("Drawing office");
    for words in [&["seats"][..], &["audit"], &["product", "list"], &["entitlement", "list"]] {
        let answer = fixture.vendor.call().args(words).run().succeeds();
        assert!(answer.stdout.lines().count() > 1 && answer.stderr.is_empty(), "{answer}");
    }
    for words in [&["key", "list"][..], &["policy"], &["clock"]] {
        let answer = fixture.vendor.call().args(words).run().succeeds();
        assert!(!answer.stdout.is_empty() && answer.stderr.is_empty(), "{answer}");
    }
    for words in [&["status"][..], &["doctor"]] {
        let answer = computer.call().args(words).run().succeeds();
        assert!(!answer.stdout.is_empty() && answer.stderr.is_empty(), "{answer}");
    }
    // Where there is nothing, there is nothing to filter.
    let nobody = fixture.vendor.call().args(["operator", "list"]).run().succeeds();
    assert_eq!(nobody.stdout, "");
}

#[test]
fn a_file_without_a_token_is_named_and_does_not_stop_the_others() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path
    };
    let token = computer.request(fixture.code());
    let request = file("request.txt", token.as_bytes());
    for (left, bytes, code) in [
        ("prose.txt", &b"Dear all,\nplease see below."[..], "token.none_found"),
        ("archive.zip", b"PK\x03\x04", "text.archive"),
        ("empty.txt", b"", "text.empty"),
    ] {
        let left = file(left, bytes);
        let named = format!("In the file {}:", left.display());
        for files in [[&request, &left], [&left, &request]] {
            let answer = fixture.vendor.call().args(["activate"]).args(files).run().exits(3);
            assert!(answer.stderr.contains(&named), "{answer}");
            let responses = answer.tokens();
            assert_eq!(responses.len(), 1, "{answer}");
            let response = file("response.txt", responses[0].as_bytes());
            let looked = computer.call().args(["inspect"]).args([&response, &left]).run();
            let looked = looked.exits(3);
            assert!(looked.stdout.contains("It is whole."), "{looked}");
            assert!((looked.stdout.clone() + &looked.stderr).contains(&named), "{looked}");
        }
        let documents = fixture.vendor.call().args(["--json", "activate"]);
        let documents = documents.args([&request, &left]).run().exits(3);
        assert_eq!(documents.error_code().as_deref(), Some(code), "{documents}");
        assert_eq!(documents.results().len(), 1, "{documents}");
        let path = left.display().to_string();
        assert_eq!(complaint(&documents)["error"]["file"], path.as_str(), "{documents}");
        let documents = computer.call().args(["--json", "inspect"]);
        let documents = documents.args([&left, &request]).run().exits(3);
        assert_eq!(complaint(&documents)["error"]["file"], path.as_str(), "{documents}");
        // Where there is nothing else, it is an error as ever.
        let alone = fixture.vendor.call().args(["activate"]).args([&left, &left]).run().exits(3);
        assert_eq!(alone.stdout, "", "{alone}");
    }
    // Standard input is there once.
    let twice = fixture.vendor.call().args(["inspect", "-", "-"]).input(token).run().succeeds();
    assert!(twice.stdout.contains("A whole request token"), "{twice}");
}

/// The one document on standard error.
#[track_caller]
fn complaint(answer: &Answer) -> Value {
    serde_json::from_str(&answer.stderr).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

#[test]
fn every_file_that_was_skipped_is_named_in_one_document() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path.display().to_string()
    };
    let long = format!("{}.txt", "a long name ".repeat(12));
    let request = file("request.txt", computer.request(fixture.code()).as_bytes());
    let prose = file(&long, b"Dear all,");
    let archive = file("archive.zip", b"PK\x03\x04");
    let missing = folder.path().join("missing.txt").display().to_string();
    let programs = || [fixture.vendor.call(), computer.call()].map(|call| call.args(["--json"]));
    let skipped = |document: &Value| -> Vec<_> {
        let all = document["skipped"].as_array().cloned().unwrap_or_default();
        let named = all.iter().map(|one| (one["file"].clone(), one["code"].clone()));
        named.map(|(file, code)| [file, code].map(|one| one.as_str().unwrap().to_owned())).collect()
    };
    let named = |file: &str, code: &str| [file.to_owned(), code.to_owned()];
    let both = [named(&archive, "text.archive"), named(&prose, "token.none_found")];
    for program in programs() {
        let answer = program.args(["inspect", &prose, &request, &archive]).run().exits(3);
        assert_eq!(answer.results().len(), 1, "{answer}");
        let document = complaint(&answer);
        assert_eq!(document["error"]["file"], archive.as_str(), "{answer}");
        assert_eq!(skipped(&document), both, "{answer}");
    }
    // Where nothing is left, and where a file can't be read.
    for program in programs() {
        let answer = program.args(["inspect", &prose, &archive]).run().exits(3);
        assert_eq!(answer.stdout, "", "{answer}");
        let document = complaint(&answer);
        assert_eq!(document["error"]["code"], "token.none_found", "{answer}");
        assert_eq!(document["error"]["file"], prose.as_str(), "{answer}");
        assert_eq!(skipped(&document), both, "{answer}");
    }
    for program in programs() {
        let answer = program.args(["inspect", &request, &missing]).run().exits(2);
        assert_eq!(complaint(&answer)["error"]["file"], missing.as_str(), "{answer}");
    }
}

#[test]
fn a_token_split_over_files_is_read_wherever_it_is_split() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let folder = tempfile::tempdir().expect("a folder");
    let token = computer.request(fixture.code());
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let prose = file("prose.txt", "Dear all,\nplease see below.");
    let size = token.len();
    let mut splits: Vec<Vec<usize>> = [8, 20, 40, 70, size / 2, size - 40, size - 20, size - 8]
        .map(|last| vec![size - last])
        .into();
    splits.extend([vec![size - 40, size - 20], vec![20, 40], vec![size / 3, size - 8]]);
    for split in splits {
        let ends = split.iter().copied().chain([size]);
        let starts = [0].into_iter().chain(split.iter().copied());
        let pieces: Vec<_> = starts.zip(ends).map(|(start, end)| &token[start..end]).collect();
        let write = |(index, piece): (usize, &&str)| file(&format!("{index}.txt"), piece);
        let files: Vec<_> = pieces.iter().enumerate().map(write).collect();
        let granted = fixture.vendor.call().args(["activate"]).args(&files).run().succeeds();
        assert_eq!(granted.tokens().len(), 1, "{split:?}: {granted}");
        let looked = computer.call().args(["inspect"]).args(&files).run().succeeds();
        assert!(looked.stdout.contains("It is whole."), "{split:?}: {looked}");
        // What has no part in it is named all the same.
        let files = files.iter().chain([&prose]);
        let looked = computer.call().args(["inspect"]).args(files).run().exits(3);
        assert!(looked.stdout.contains("It is whole."), "{split:?}: {looked}");
        assert_eq!(looked.stderr.matches("In the file").count(), 1, "{split:?}: {looked}");
        assert!(looked.stderr.contains("prose.txt:"), "{split:?}: {looked}");
    }
}

/// Types lines on a terminal of the program's own, and gives all that the terminal showed.
fn run_on_terminal(vendor: &Vendor, words: &[&str], typed: &[&str]) -> (Option<i32>, String) {
    let play = "import os, pty, sys, termios, time\n\
        typed, words = sys.argv[1].split('|'), sys.argv[2:]\n\
        pid, terminal = pty.fork()\n\
        if pid == 0: os.execv(words[0], words)\n\
        shown = b''\n\
        for line in typed:\n\
        \x20   before = len(shown)\n\
        \x20   while b': ' not in shown[before:]: shown += os.read(terminal, 1024)\n\
        \x20   for turn in range(12000):\n\
        \x20       if not termios.tcgetattr(terminal)[3] & termios.ECHO: break\n\
        \x20       time.sleep(0.01)\n\
        \x20   else: sys.exit('what is typed would be shown')\n\
        \x20   os.write(terminal, line.encode() + b'\\n')\n\
        try:\n\
        \x20   while True:\n\
        \x20       more = os.read(terminal, 1024)\n\
        \x20       if not more: break\n\
        \x20       shown += more\n\
        except OSError: pass\n\
        sys.stdout.buffer.write(shown)\n\
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))";
    let player = ["python3", "-c", play, &typed.join("|")].map(OsString::from);
    let data = vendor.data.as_os_str();
    let call = Call::new(&vendor.program()).args([OsStr::new("--data"), data]).args(words);
    let answer = call.wrapped_by(&player).run();
    (answer.exit, answer.stdout + &answer.stderr)
}

#[test]
fn a_terminal_does_not_show_a_passphrase_and_asks_for_a_new_one_twice() {
    let fixture = Fixture::new(ONE_SEAT);
    let secret = "correct horse battery";
    let typed = [secret, secret];
    let (exit, shown) = run_on_terminal(&fixture.vendor, &["operator", "add", "kim"], &typed);
    assert_eq!(exit, Some(0), "{shown}");
    assert!(!shown.contains("horse"), "{shown}");
    let listed = fixture.vendor.call().args(["operator", "list"]).run().succeeds();
    assert!(listed.stdout.contains("kim"), "{listed}");
    // A typing error is reported and changes nothing.
    let typed = [secret, "correct house battery"];
    let (exit, shown) = run_on_terminal(&fixture.vendor, &["operator", "add", "lee"], &typed);
    assert_eq!(exit, Some(2), "{shown}");
    let listed = fixture.vendor.call().args(["operator", "list"]).run().succeeds();
    assert!(!listed.stdout.contains("lee"), "{listed}");
}

#[test]
fn files_that_root_creates_in_a_users_home_belong_to_the_user() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    const USER: u32 = 12_345;
    let fixture = Fixture::new(&["--seats", "3", "--offline-lease", "7d"]);
    let home = tempfile::tempdir().expect("a folder");
    let user = fs::metadata("/proc/self").expect("a process").uid();
    assert_eq!(user, 0, "NOT TESTED: only root can do what is tried here");
    chown(home.path(), Some(USER), Some(USER)).expect("an administrator may do that");
    let program = home.path().join("latchkey");
    fs::copy(fixture.programs.path("latchkey"), &program).expect("the program");
    let config = home.path().join("latchkey.toml");
    fs::copy(fixture.kit.config(), &config).expect("the configuration");
    let call_with = |store: &str, words: &[&str]| {
        let call = Call::new(&program).env("HOME", home.path());
        call.args([OsStr::new("--config"), config.as_os_str()]).args(["--store", store]).args(words)
    };
    let call = |words: &[&str]| call_with("file", words);
    let id = USER.to_string();
    let as_user = ["setpriv", "--reuid", &id, "--regid", &id, "--clear-groups"];
    let request = ["request", "--code", fixture.code()];
    let made = call(&request).run().succeeds().tokens();
    let _ = call(&["apply"]).input(fixture.vendor.response_to(&made[0])).run().succeeds();
    let mut folders = vec![home.path().join(".local")];
    while let Some(folder) = folders.pop() {
        assert_eq!(fs::metadata(&folder).expect("made").uid(), USER, "{}", folder.display());
        if folder.is_dir() {
            let entries = fs::read_dir(&folder).expect("a folder");
            folders.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
    }
    let status = call(&["status"]).wrapped_by(&as_user).run().succeeds();
    assert!(status.stdout.contains("active"), "{status}");

    // What another program left there names its owner, the likely reason, and the way out.
    let share = home.path().join(".local/share");
    fs::remove_dir_all(&share).expect("a folder");
    fs::create_dir(&share).expect("a folder");
    let named = format!("file:{}/latchkey/licence", share.display());
    let answer = call_with(&named, &request).args(["--json"]).wrapped_by(&as_user).run();
    assert!(answer.stderr.contains("belongs to root"), "{answer}");
    // In JSON the quotes are escaped.
    let command = format!(r#"sudo chown -R \"$(id -u)\" '{}'"#, share.display());
    assert!(answer.stderr.contains(&command), "{answer}");
    assert!(answer.stderr.contains(&format!("{} belongs", share.display())), "{answer}");
    answer.fails(5, "store.permission");
    // Unless a place was named, the file has another one.
    let _ = call(&request).wrapped_by(&as_user).run().succeeds();
    assert!(home.path().join(".latchkey").is_dir());
}
