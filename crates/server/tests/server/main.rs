//! `latchkey-server` as a vendor runs it: output channels, exit statuses, and recovery after a
//! kill.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod admin;
mod base_path;
mod bulk;
mod clock;
mod hostile_clients;
mod http;
mod maintenance;
mod pictures;
mod portal;
mod renewal;

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use latchkey_token::{
    Deactivation, HardwareTraits, PublicKeys, Request, RequestId, SeatName, SecretKeys, Seed, scan,
    seal,
};
use serde_json::Value;
use tempfile::TempDir;

const CODE: &str = "ACME-0000-1111-2222";

struct Server {
    folder: TempDir,
}

/// What a call said.
struct CommandOutput {
    exit: Option<i32>,
    stdout: String,
    stderr: String,
}

impl From<Output> for CommandOutput {
    fn from(output: Output) -> Self {
        let said = Self {
            exit: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
        said
    }
}

impl CommandOutput {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("no document: {:?} {:?}", self.stdout, self.stderr))
    }

    fn results(&self) -> Vec<Value> {
        self.json()["results"].as_array().unwrap().clone()
    }

    /// The error on standard error, with `--json`.
    fn error(&self) -> String {
        let error: Value = serde_json::from_str(self.stderr.trim()).unwrap();
        assert!(error["error"]["message"].is_string() && error["error"]["action"].is_string());
        error["error"]["code"].as_str().unwrap().to_owned()
    }

    fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }
}

impl Server {
    /// A vendor with product 1 and an entitlement with the given number of seats.
    fn new(seats: u32) -> Self {
        let server = Self { folder: tempfile::tempdir().unwrap() };
        assert_eq!(server.run(&["init", "--vendor", "Acme"], "").exit, Some(0));
        let product = ["--json", "product", "add", "--name", "CAD", "--feature", "export=bool"];
        assert_eq!(server.run(&product, "").json()["product"], 1);
        let seats = seats.to_string();
        let added = server.run(
            &[
                "--json",
                "entitlement",
                "add",
                "--product",
                "1",
                "--seats",
                &seats,
                "--offline-lease",
                "30d",
                "--code",
                CODE,
                "--feature",
                "export=true",
            ],
            "",
        );
        assert_eq!(added.json()["codes"][0], CODE);
        server
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey-server"));
        command.env_remove("LATCHKEY_DATA").arg("--data").arg(self.data()).args(arguments);
        command
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn spawn(&self, arguments: &[&str], input: &str) -> Child {
        let mut child = self.start(arguments);
        // It may not read at all.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child
    }

    fn run(&self, arguments: &[&str], input: &str) -> CommandOutput {
        self.spawn(arguments, input).wait_with_output().unwrap().into()
    }

    /// The vendor's active key, from the kit.
    fn vendor(&self) -> PublicKeys {
        self.vendor_with(&[])
    }

    fn vendor_with(&self, more: &[&str]) -> PublicKeys {
        let kit = self.folder.path().join("kit");
        let out = kit.to_str().unwrap();
        let write = [more, &["kit", "--product", "1", "--out", out]].concat();
        assert_eq!(self.run(&write, "").exit, Some(0));
        let config: toml::Table =
            std::fs::read_to_string(kit.join("latchkey.toml")).unwrap().parse().unwrap();
        PublicKeys::from_hex(config["vendor"]["key"][0]["public"].as_str().unwrap()).unwrap()
    }

    /// The id of its first entitlement.
    fn entitlement(&self) -> String {
        let all = self.run(&["--json", "entitlement", "list"], "").json();
        all["entitlements"][0]["entitlement_id"].as_str().unwrap().to_owned()
    }

    fn seats(&self) -> Vec<Value> {
        let said = self.run(&["--json", "seats", "--code", CODE], "");
        said.json()["seats"].as_array().unwrap().clone()
    }
}

struct Computer {
    keys: SecretKeys,
    vendor: PublicKeys,
    code: String,
}

impl Computer {
    fn new(vendor: PublicKeys) -> Self {
        let keys = SecretKeys::from_seed(&Seed::random().unwrap()).unwrap();
        Self { keys, vendor, code: CODE.to_owned() }
    }

    fn request(&self, name: &str, counter: u64) -> String {
        self.request_from(name, counter, HardwareTraits::default())
    }

    fn request_from(&self, name: &str, counter: u64, traits: HardwareTraits) -> String {
        self.request_at(name, counter, traits, chrono::Utc::now().timestamp())
    }

    fn request_at(
        &self,
        name: &str,
        counter: u64,
        traits: HardwareTraits,
        created_at: i64,
    ) -> String {
        let request = Request {
            product: 1,
            code: self.code.parse().unwrap(),
            device: *self.keys.public(),
            request: RequestId::random().unwrap(),
            counter,
            seat_name: SeatName::new(name).unwrap(),
            traits,
            created_at,
        };
        seal(&request, 1, &self.keys, &self.vendor).unwrap().to_string()
    }

    fn deactivation(&self, seat: &str, counter: u64) -> String {
        let created_at = chrono::Utc::now().timestamp();
        let said = Deactivation { seat: seat.parse().unwrap(), counter, created_at };
        seal(&said, 1, &self.keys, &self.vendor).unwrap().to_string()
    }
}

fn is_token(line: &str) -> bool {
    scan(line).is_ok_and(|found| found.len() == 1 && found[0].token.is_ok())
}

#[test]
fn the_life_cycle_works_on_the_command_line() {
    let server = Server::new(1);
    let computer = Computer::new(server.vendor());
    let request = computer.request("Office 4", 1);

    let said = server.run(&["activate"], &format!("> Hello,\n> {request}\n"));
    assert_eq!((said.exit, said.lines().len()), (Some(0), 1), "{}", said.stderr);
    assert!(is_token(said.lines()[0]) && said.stderr.contains("Office 4"));

    let again = server.run(&["--json", "activate"], &request);
    let result = &again.results()[0];
    assert_eq!(again.exit, Some(0));
    assert_eq!((&result["outcome"], &result["error"]), (&"already_applied".into(), &Value::Null));
    assert_eq!(result["token"], said.lines()[0]);
    let seat = result["seat_id"].as_str().unwrap().to_owned();
    assert!(result["lease_expiry"].as_str().unwrap().ends_with('Z'));

    let refreshed = server.run(&["--json", "refresh", &seat], "");
    assert!(is_token(refreshed.json()["token"].as_str().unwrap()));
    let refreshed = server.run(&["refresh", &seat], "");
    assert!(refreshed.lines().len() == 1 && is_token(refreshed.lines()[0]));
    assert_eq!(server.seats()[0]["state"], "active");

    let gone = computer.deactivation(&seat, 2);
    let said = server.run(&["--json", "deactivate"], &gone);
    assert_eq!((said.exit, &said.results()[0]["outcome"]), (Some(0), &"released".into()));
    let said = server.run(&["--json", "deactivate"], &gone);
    assert_eq!((said.exit, &said.results()[0]["outcome"]), (Some(0), &"already_applied".into()));
    assert_eq!(server.seats()[0]["state"], "deactivated");
    let refused = server.run(&["--json", "refresh", &seat], "");
    assert_eq!((refused.exit, refused.error().as_str()), (Some(4), "seat.deactivated"));
    assert!(refused.stdout.is_empty());
    assert_eq!(server.run(&["audit"], "").exit, Some(0));
}

#[test]
fn many_tokens_in_one_text_each_get_their_own_result() {
    let server = Server::new(2);
    let vendor = server.vendor();
    let requests: Vec<_> =
        (0..3).map(|n| Computer::new(vendor).request(&format!("PC {n}"), 1)).collect();
    let broken = &Computer::new(vendor).request("PC 3", 1)[..200];
    let foreign = Computer::new(*Computer::new(vendor).keys.public()).request("Elsewhere", 1);
    let text = format!("{}\n{broken}\n{foreign}\n{}\n{}", requests[0], requests[1], requests[2]);
    let said = server.run(&["--json", "activate"], &text);
    assert_eq!(said.exit, Some(3));
    let codes: Vec<_> = said
        .results()
        .iter()
        .map(|result| result["error"]["code"].as_str().unwrap_or("").to_owned())
        .collect();
    assert_eq!(codes, ["", "token.truncated", "token.not_for_this_vendor", "", "seat.none_free"]);

    let said = server.run(&["activate"], &text);
    assert_eq!((said.exit, said.lines().len()), (Some(3), 2));
    assert!(said.lines().into_iter().all(is_token));
    assert!(said.stderr.contains("PC 0") && said.stderr.contains("PC 1"), "{}", said.stderr);
}

#[test]
fn every_refused_token_is_in_the_audit_with_its_code() {
    let server = Server::new(1);
    let vendor = server.vendor();
    let computer = Computer::new(vendor);
    let whole = computer.request("A", 1);
    let gone = computer.deactivation("0011223344556677", 2);
    let foreign = Computer::new(*Computer::new(vendor).keys.public()).request("Elsewhere", 1);
    let text = format!("{}\n{foreign}\n{}\n{}", &whole[..200], gone, &whole[..100]);
    assert_eq!(server.run(&["activate"], &text).exit, Some(3));
    let text = format!("{}\n{whole}", &gone[..150]);
    assert_eq!(server.run(&["deactivate"], &text).exit, Some(3));
    for command in ["activate", "deactivate"] {
        assert_eq!(server.run(&[command], "Dear all").exit, Some(3));
    }
    // Looking is nothing to write down.
    assert_eq!(server.run(&["inspect"], &whole[..200]).exit, Some(3));
    let audit = server.run(&["--json", "audit"], "").json();
    let refused: Vec<_> = audit["audit"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| !row["error"].is_null())
        .map(|row| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            [text(&row["event"]), text(&row["error"]), row["counted"].to_string()].join(" ")
        })
        .collect();
    assert_eq!(
        refused,
        [
            "request_refused token.truncated 2",
            "request_refused token.not_for_this_vendor 1",
            "request_refused token.wrong_kind 1",
            "deactivation_refused token.truncated 1",
            "deactivation_refused token.wrong_kind 1",
        ]
    );
    let said = server.run(&["audit"], "");
    assert!(
        said.stdout.contains("2 times in the hour") || said.stderr.contains("2 times in the hour")
    );
}

#[test]
fn a_reinstalled_computer_may_take_over_one_seat_only() {
    let server = Server::new(2);
    let vendor = server.vendor();
    let two = format!(
        "{} {}",
        Computer::new(vendor).request("A", 1),
        Computer::new(vendor).request("B", 1)
    );
    let said = server.run(&["--json", "activate", "--take-over", "0011223344556677"], &two);
    assert_eq!((said.exit, said.error().as_str()), (Some(2), "takeover.one_request"));
    assert!(server.seats().is_empty());
}

#[test]
fn a_corrected_code_answers_one_request() {
    let server = Server::new(2);
    let slip = "2V7HX-M9QXE-3TRHG-8NPW6".to_owned();
    let wrong = Computer { code: slip, ..Computer::new(server.vendor()) };
    let request = wrong.request("Office 4", 1);
    let refused = server.run(&["--json", "activate"], &request);
    let result = &refused.results()[0];
    assert_eq!((refused.exit, &result["error"]["code"]), (Some(3), &"code.unknown".into()));
    assert_eq!(result["code_doubt"]["code"], "activation_code.groups");
    let told = server.run(&["activate"], &request);
    assert!(told.stderr.contains("a typing error in group 1"), "{}", told.stderr);

    let granted = server.run(&["--json", "activate", "--code", CODE], &request);
    assert_eq!(granted.exit, Some(0), "{}", granted.stdout);
    let token = granted.results()[0]["token"].clone();
    assert!(is_token(token.as_str().unwrap()));
    // Again, with the code from standard input and the request in a file, and without the code.
    let file = server.folder.path().join("request.txt");
    std::fs::write(&file, &request).unwrap();
    let file = file.to_str().unwrap();
    let again = server.run(&["--json", "activate", "--code", "-", file], CODE);
    assert_eq!(again.results()[0]["token"], token, "{}", again.stderr);
    assert_eq!(server.run(&["--json", "activate"], &request).results()[0]["token"], token);

    let two = format!("{request} {}", Computer::new(server.vendor()).request("B", 1));
    let said = server.run(&["--json", "activate", "--code", CODE], &two);
    assert_eq!((said.exit, said.error().as_str()), (Some(2), "takeover.one_request"));
    let said = server.run(&["--json", "activate", "--code", "-"], &request);
    assert_eq!((said.exit, said.error().as_str()), (Some(2), "usage.invalid"));
    let audit = server.run(&["--json", "audit"], "").json();
    let rows = audit["audit"].as_array().unwrap();
    let row = rows.iter().find(|row| row["event"] == "seat_granted").unwrap();
    assert_eq!(row["detail"]["code_given"], "command_line");
}

#[test]
fn adding_a_confusable_custom_code_is_a_warning() {
    let server = Server::new(1);
    let add = |code: &'static str| {
        let arguments =
            ["--json", "entitlement", "add", "--product", "1", "--seats", "1", "--code", code];
        server.run(&arguments, "").json()["warnings"].clone()
    };
    assert_eq!(add("2V7HX-M9QXE-3TRHG-8NPW6")[0]["code"], "activation_code.groups");
    assert_eq!(add("2V7KX-M9QXE-3TRHG-8NPW6"), serde_json::json!([]));
    assert_eq!(add("KW7M-3RTZ-9PHC-X2VB"), serde_json::json!([]));
}

#[test]
fn errors_have_a_code_and_an_exit_status() {
    let server = Server::new(1);
    let add = |more: &[&'static str]| {
        [&["entitlement", "add", "--product", "1", "--seats", "1"], more].concat()
    };
    for (arguments, input, exit, code) in [
        (vec!["bogus"], "", 2, "usage.invalid"),
        (vec!["init", "--vendor", "Other"], "", 4, "vendor.already_set_up"),
        (vec!["activate"], "Dear all", 3, "token.none_found"),
        (vec!["deactivate"], "", 3, "text.empty"),
        (vec!["inspect"], "\u{0}\u{1}", 3, "text.binary"),
        (vec!["activate", "/nowhere/at/all"], "", 2, "input.not_read"),
        (vec!["activate", "/"], "", 2, "input.not_read"),
        (vec!["refresh", "12"], "", 2, "id.not_hex"),
        (vec!["refresh", "0011223344556677"], "", 4, "seat.unknown"),
        (vec!["seat", "release", "0011223344556677"], "", 4, "seat.unknown"),
        (vec!["entitlement", "set", "0011223344556677"], "", 4, "entitlement.unknown"),
        (vec!["entitlement", "end", "xyz"], "", 2, "id.not_hex"),
        (vec!["kit", "--product", "9", "--out", "kit"], "", 4, "product.unknown"),
        (vec!["kit", "--product", "1", "--out", "/proc/nowhere"], "", 5, "kit.not_written"),
        (vec!["kit", "--product", "1", "--out", "k", "--portal", "x y"], "", 2, "usage.url"),
        (vec!["product", "add", "--name", "CAD"], "", 4, "product.name_taken"),
        (vec!["product", "add", "--name", "X", "--feature", "a"], "", 2, "usage.key_value"),
        (vec!["product", "add", "--name", "X", "--feature", "a=b"], "", 2, "usage.feature_type"),
        (add(&["--offline-lease", "soon"]), "", 2, "interval.malformed"),
        (add(&["--grace", "0d"]), "", 2, "interval.out_of_range"),
        (add(&["--subscription-end", "tomorrow"]), "", 2, "usage.time"),
        (add(&["--feature", "export=maybe"]), "", 2, "feature.wrong_value"),
        (add(&["--code", "ÄÖ"]), "", 2, "activation_code.symbol"),
        (add(&["--code", CODE]), "", 4, "activation_code.taken"),
        (add(&["--code", "-"]), "\n", 2, "input.no_code"),
        (vec!["code", "disable", "NOBODYS"], "", 4, "code.unknown"),
        (vec!["seats", "--code", "NOBODYS"], "", 4, "code.unknown"),
    ] {
        let said = server.run(&[&["--json"], &arguments[..]].concat(), input);
        assert_eq!((said.exit, said.error().as_str()), (Some(exit), code), "{arguments:?}");
        assert!(said.stdout.is_empty(), "{arguments:?}");
        let said = server.run(&arguments, input);
        assert_eq!((said.exit, said.stdout.as_str()), (Some(exit), ""), "{arguments:?}");
        assert!(!said.stderr.is_empty());
    }
    let nowhere = Server { folder: tempfile::tempdir().unwrap() };
    let said = nowhere.run(&["--json", "seats"], "");
    assert_eq!((said.exit, said.error().as_str()), (Some(5), "vendor.not_set_up"));
}

#[test]
fn a_code_on_standard_input_is_not_an_argument() {
    let server = Server::new(1);
    let id = server.entitlement();
    let said = server.run(&["--json", "code", "add", &id, "-"], "my-own-code-of-enough-symbols\n");
    assert_eq!(said.json()["code"], "MY-OWN-CODE-OF-ENOUGH-SYMBOLS");
    assert_eq!(said.stderr, "");
}

#[test]
fn a_warning_is_an_optional_field_of_the_answer() {
    let server = Server::new(1);
    let id = server.entitlement();
    let weak = |said: &CommandOutput| said.json()["warnings"][0]["code"] == "activation_code.weak";
    for arguments in [
        vec!["code", "add", &id, "SHORT"],
        vec!["entitlement", "set", &id, "--code", "TINY"],
        vec!["entitlement", "add", "--product", "1", "--seats", "1", "--code", "FEW"],
    ] {
        let json = [&["--json"], &arguments[..]].concat();
        let refused = server.run(&json, "");
        assert_eq!((refused.exit, refused.error().as_str()), (Some(2), "activation_code.weak"));
        let json = [&json[..], &["--allow-weak-code"]].concat();
        let said = server.run(&json, "");
        assert!(weak(&said) && said.stderr.is_empty(), "{arguments:?} {}", said.stderr);
        let said = server.run(&json, "");
        assert_eq!((said.exit, said.error().as_str()), (Some(4), "activation_code.taken"));
    }
    let said = server.run(&["--json", "code", "add", &id], "");
    assert_eq!(said.json()["warnings"], serde_json::json!([]));
    let said = server.run(&["code", "add", &id, "MINI", "--allow-weak-code"], "");
    assert!(said.stderr.contains("MINI") && said.stderr.contains('4'), "{}", said.stderr);
}

#[test]
fn without_json_standard_output_has_only_the_result() {
    let server = Server { folder: tempfile::tempdir().unwrap() };
    let kit = server.folder.path().join("kit");
    let kit = kit.to_str().unwrap();
    let quiet = |arguments: &[&str], input: &str, says: &str| {
        let said = server.run(arguments, input);
        assert_eq!((said.exit, said.stdout.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(said.stderr.contains(says), "{arguments:?}: {}", said.stderr);
    };
    quiet(&["init", "--vendor", "Acme"], "", "Acme");
    quiet(&["product", "add", "--name", "CAD"], "", "CAD");
    let shows = |arguments: &[&str], input: &str, says: &str| {
        let said = server.run(arguments, input);
        assert_eq!((said.exit, said.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(said.stdout.contains(says), "{arguments:?}: {}", said.stdout);
    };
    shows(&["product", "list"], "", "CAD");
    let terms = ["--product", "1", "--seats", "1", "--offline-lease", "30d", "--code", CODE];
    quiet(&[&["entitlement", "add"], &terms[..]].concat(), "", CODE);
    let id = server.entitlement();
    quiet(&["entitlement", "set", &id, "--customer", "Meier"], "", &id);
    shows(&["entitlement", "list"], "", CODE);
    quiet(&["code", "add", &id, "ANOTHER-CODE-32026"], "", "ANOTHER-CODE-32026");
    quiet(&["code", "disable", "ANOTHER-CODE-32026"], "", "2026");
    quiet(&["kit", "--product", "1", "--out", kit], "", "latchkey.toml");
    let request = Computer::new(server.vendor()).request("Office 4", 1);
    shows(&["inspect"], &request, "Office 4");
    assert!(is_token(server.run(&["activate"], &request).lines()[0]));
    shows(&["seats"], "", "Office 4");
    shows(&["audit"], "", "seat_granted");
    let seat = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();
    quiet(&["seat", "release", &seat], "", "Office 4");
    quiet(&["entitlement", "end", &id], "", &id);
}

#[test]
fn a_dash_is_standard_input() {
    let server = Server::new(1);
    let computer = Computer::new(server.vendor());
    let request = computer.request("Office 4", 1);
    assert_eq!(server.run(&["--json", "inspect", "-"], &request).results()[0]["kind"], "request");
    let granted = server.run(&["--json", "activate", "-"], &request);
    let seat = granted.results()[0]["seat_id"].as_str().unwrap().to_owned();
    let gone = computer.deactivation(&seat, 2);
    let said = server.run(&["--json", "deactivate", "-"], &gone);
    assert_eq!(said.results()[0]["outcome"], "released");
}

#[test]
fn the_clock_is_read_after_the_input() {
    let server = Server::new(1);
    let request = Computer::new(server.vendor()).request("Office 4", 1);
    let mut child = server.start(&["activate"]);
    std::thread::sleep(Duration::from_millis(1500));
    let pasted = chrono::Utc::now().timestamp();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let activated: latchkey_lease::Timestamp =
        server.seats()[0]["activated_at"].as_str().unwrap().parse().unwrap();
    assert!(activated.timestamp() >= pasted);
}

#[test]
fn a_text_is_read_in_the_encodings_that_editors_save() {
    let server = Server::new(1);
    let request = Computer::new(server.vendor()).request("Office 4", 1);
    let wide: Vec<_> = format!("\u{feff}Müller:\n{request}").encode_utf16().collect();
    let file = server.folder.path().join("request.txt");
    for bytes in [
        wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        [b"M\xfcller:\n", request.as_bytes()].concat(),
    ] {
        std::fs::write(&file, bytes).unwrap();
        assert_eq!(server.run(&["inspect", file.to_str().unwrap()], "").exit, Some(0));
    }
}

#[test]
fn the_error_for_a_too_late_subscription_end_suggests_none() {
    let server = Server::new(1);
    let id = server.entitlement();
    let set = |end: &str| {
        server.run(&["--json", "entitlement", "set", &id, "--subscription-end", end], "")
    };
    let said = set("9999-12-31T23:59:59Z");
    assert_eq!((said.exit, said.error().as_str()), (Some(2), "usage.time"));
    let latest = "9999-12-30T22:00:00Z";
    assert!(said.stderr.contains(latest) && said.stderr.contains("none"), "{}", said.stderr);
    assert_eq!(set(latest).json()["subscription_end"], latest);
    assert_eq!(set("none").json()["subscription_end"], Value::Null);
}

#[test]
fn inspecting_another_vendors_token_reports_it_without_a_refusal() {
    let server = Server::new(1);
    let vendor = server.vendor();
    let other = *Computer::new(vendor).keys.public();
    let computer = Computer::new(other);
    let ours = Computer::new(vendor).request("Office 4", 1);
    let response = server.run(&["activate"], &ours).stdout;
    for (token, recipient, key) in [
        (ours, "vendor", Some(vendor.id())),
        (response, "computer", None),
        (computer.request("Elsewhere", 1), "unknown_vendor", Some(other.id())),
        (computer.deactivation("0011223344556677", 2), "unknown_vendor", Some(other.id())),
    ] {
        let said = server.run(&["--json", "inspect"], &token);
        let result = &said.results()[0];
        assert_eq!((said.exit, &result["outcome"]), (Some(0), &"whole".into()));
        assert_eq!((&result["recipient"], &result["error"]), (&recipient.into(), &Value::Null));
        assert!(key.is_none_or(|key| result["recipient_key"] == key.to_string()));
    }
    let said = server.run(&["inspect"], &computer.request("Elsewhere", 3));
    assert!(said.stdout.contains(&other.id().to_string()) && said.stdout.contains("vendor"));
}

#[test]
fn a_damaged_database_and_readable_keys_are_distinguished() {
    let server = Server::new(1);
    let database = server.data().join("issuer.db");
    let whole = std::fs::read(&database).unwrap();
    std::fs::write(&database, "This is a letter to my aunt. ".repeat(100)).unwrap();
    let said = server.run(&["--json", "seats"], "");
    assert_eq!((said.exit, said.error().as_str()), (Some(5), "database.damaged"));
    std::fs::write(&database, whole).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = server.data().join("keys/active.key");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        let said = server.run(&["--json", "seats"], "");
        assert_eq!((said.exit, said.error().as_str()), (Some(5), "keys.readable_by_others"));
    }
}

#[test]
fn a_closed_pipe_causes_no_panic() {
    let server = Server::new(50);
    let vendor = server.vendor();
    let requests: Vec<_> =
        (0..50).map(|n| Computer::new(vendor).request(&format!("PC {n}"), 1)).collect();
    let mut child = server.spawn(&["activate"], &requests.join("\n"));
    drop(child.stdout.take());
    drop(child.stderr.take());
    let exit = child.wait().unwrap();
    assert_eq!(exit.code(), Some(0));
    assert_eq!(server.seats().len(), 50);
}

#[test]
#[cfg(target_os = "linux")]
fn an_unwritable_answer_is_an_error_and_not_lost() {
    let server = Server::new(1);
    let request = Computer::new(server.vendor()).request("A", 1);
    let file = server.folder.path().join("request");
    std::fs::write(&file, &request).unwrap();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let said: CommandOutput = Command::new(env!("CARGO_BIN_EXE_latchkey-server"))
        .arg("--data")
        .arg(server.data())
        .args(["--json", "activate"])
        .arg(&file)
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap()
        .into();
    assert_eq!((said.exit, said.error().as_str()), (Some(5), "output.not_written"));
    let again = server.run(&["activate"], &request);
    assert!(is_token(again.lines()[0]));
}

/// Every copy of a response that was ever shown must stay good, and no seat too many may be given.
#[test]
fn a_kill_leaves_no_extra_seat_and_no_changed_answer() {
    let server = Server::new(3);
    let vendor = server.vendor();
    let computers: Vec<_> = (0..8).map(|_| Computer::new(vendor)).collect();
    let requests: Vec<_> = computers
        .iter()
        .enumerate()
        .map(|(n, computer)| computer.request(&format!("PC {n}"), 1))
        .collect();
    let text = requests.join("\n");
    let mut shown: Vec<Option<String>> = vec![None; requests.len()];
    for round in 0..25_u64 {
        let mut child = server.spawn(&["--json", "activate"], &text);
        std::thread::sleep(Duration::from_micros(700 * round));
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        let Ok(document) = serde_json::from_slice::<Value>(&output.stdout) else { continue };
        for (result, shown) in document["results"].as_array().unwrap().iter().zip(&mut shown) {
            let Some(token) = result["token"].as_str() else { continue };
            assert!(shown.as_ref().is_none_or(|shown| shown == token));
            *shown = Some(token.to_owned());
        }
        assert!(server.seats().len() <= 3);
    }
    let last = server.run(&["--json", "activate"], &text);
    let granted: Vec<_> =
        last.results().iter().map(|result| result["token"].as_str().map(str::to_owned)).collect();
    assert_eq!(granted.iter().flatten().count(), 3);
    for (shown, granted) in shown.iter().zip(&granted) {
        assert!(shown.is_none() || shown == granted);
    }
    // The same for deactivations.
    let gone: Vec<_> = last
        .results()
        .iter()
        .zip(&computers)
        .filter_map(|(result, computer)| {
            Some(computer.deactivation(result["seat_id"].as_str()?, 2))
        })
        .collect();
    for round in 0..15_u64 {
        let mut child = server.spawn(&["deactivate"], &gone.join("\n"));
        std::thread::sleep(Duration::from_micros(700 * round));
        let _ = child.kill();
        let _ = child.wait();
    }
    assert_eq!(server.run(&["deactivate"], &gone.join("\n")).exit, Some(0));
    assert!(server.seats().iter().all(|seat| seat["state"] == "deactivated"));
    assert!(integrity(&server.data().join("issuer.db")));
}

/// The file is a whole database, as far as a stranger can see.
fn integrity(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"))
}

#[test]
fn twenty_concurrent_processes_fill_exactly_three_seats() {
    let server = Server::new(3);
    let vendor = server.vendor();
    let running: Vec<_> = (0..20)
        .map(|n| {
            let request = Computer::new(vendor).request(&format!("PC {n}"), 1);
            server.spawn(&["--json", "activate"], &request)
        })
        .collect();
    let answers: Vec<CommandOutput> =
        running.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect();
    let granted = answers.iter().filter(|said| said.exit == Some(0)).count();
    let refused = answers.iter().filter(|said| {
        said.exit == Some(3) && said.results()[0]["error"]["code"] == "seat.none_free"
    });
    assert_eq!((granted, refused.count(), server.seats().len()), (3, 17, 3));
}
