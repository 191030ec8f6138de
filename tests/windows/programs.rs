//! The programs that are tested, a vendor, and computers.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A program or library of the same build.
pub(crate) fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().unwrap().parent().unwrap().join(name);
    assert!(path.is_file(), "{} isn't built", path.display());
    path
}

/// A command without the variables that would choose a language, a configuration or data.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(built(program));
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE", "LATCHKEY_CONFIG", "LATCHKEY_DATA"] {
        command.env_remove(name);
    }
    command.env("LANG", "en").stdin(Stdio::null());
    command
}

/// What a program has answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exit: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.exit, 0, "{self:?}");
        self
    }

    /// Asserts the exit status and the code of the error, or of the first refused token.
    #[track_caller]
    pub(crate) fn fails(&self, exit: i32, code: &str) {
        assert_eq!(self.exit, exit, "{self:?}");
        let document = if self.errors.contains("\"error\"") { &self.errors } else { &self.output };
        assert!(document.contains(&format!("\"code\":\"{code}\"")), "{code}: {self:?}");
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The token of the answer, or of its only result.
    #[track_caller]
    pub(crate) fn token(self) -> String {
        let answer = self.succeeds();
        let json = answer.json();
        let holder = if json["token"].is_null() { &json["results"][0] } else { &json };
        holder["token"].as_str().unwrap_or_else(|| panic!("no token: {answer:?}")).to_owned()
    }
}

#[track_caller]
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Answer {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that needs no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let ended = child.wait_with_output().unwrap();
    Answer {
        exit: ended.status.code().unwrap(),
        output: String::from_utf8(ended.stdout).unwrap(),
        errors: String::from_utf8_lossy(&ended.stderr).into_owned(),
    }
}

/// A vendor with a product and an entitlement of many seats.
pub(crate) struct Vendor {
    pub(crate) folder: TempDir,
    data: PathBuf,
    pub(crate) code: String,
}

impl Vendor {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let vendor = Self { folder, data, code: String::new() };
        vendor.run(&["init", "--vendor", "Müller & Söhne"], "").succeeds();
        vendor.run(&["product", "add", "--name", "CAD", "--feature", "export=bool"], "").succeeds();
        vendor.with_entitlement()
    }

    /// A vendor who has data and a product already, to whom an entitlement is added.
    pub(crate) fn in_folder(data: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, data: data.to_owned(), code: String::new() }.with_entitlement()
    }

    fn with_entitlement(mut self) -> Self {
        let options = ["--product", "1", "--seats", "50", "--offline-lease", "7d"];
        let feature = ["--feature", "export=true"];
        let added = self.run(&[&["entitlement", "add"], &options[..], &feature].concat(), "");
        self.code = added.succeeds().json()["codes"][0].as_str().unwrap().to_owned();
        self
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone()
    }

    pub(crate) fn command(&self) -> Command {
        let mut server = command("latchkey-server.exe");
        server.arg("--data").arg(self.data());
        server
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Answer {
        run(self.command().arg("--json").args(arguments), input.as_bytes())
    }

    /// Writes the kit and returns the configuration.
    pub(crate) fn kit(&self, options: &[&str]) -> PathBuf {
        let kit = self.folder.path().join("kit");
        let out = kit.to_str().unwrap();
        let portal = ["--portal", "https://licence.acme.example"];
        let arguments = [&["kit", "--product", "1", "--out", out], &portal[..], options].concat();
        self.run(&arguments, "").succeeds();
        kit.join("latchkey.toml")
    }
}

/// `latchkey` with its configuration and store.
pub(crate) struct Computer {
    config: PathBuf,
    store: Option<String>,
}

impl Computer {
    pub(crate) fn with_file(vendor: &Vendor, vault: &Path) -> Self {
        let store = Some(format!("file:{}", vault.display()));
        Self { config: vendor.kit(&[]), store }
    }

    pub(crate) fn with_keyring(vendor: &Vendor) -> Self {
        Self { config: vendor.kit(&[]), store: Some("keyring".to_owned()) }
    }

    /// In the store that the vendor has chosen.
    pub(crate) fn with_policy(vendor: &Vendor, options: &[&str]) -> Self {
        Self { config: vendor.kit(options), store: None }
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut latchkey = command("latchkey.exe");
        latchkey.arg("--json").arg("--config").arg(&self.config);
        if let Some(store) = &self.store {
            latchkey.args(["--store", store]);
        }
        latchkey.args(arguments);
        latchkey
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Answer {
        run(&mut self.command(arguments), input.as_bytes())
    }

    #[track_caller]
    pub(crate) fn request(&self, vendor: &Vendor) -> String {
        self.run(&["request", "--code", "-", "--seat-name", "Büro"], &vendor.code).token()
    }

    #[track_caller]
    pub(crate) fn state(&self) -> String {
        let status = self.run(&["status"], "").succeeds().json();
        status["state"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn activate(&self, vendor: &Vendor) {
        let response = vendor.run(&["activate"], &self.request(vendor)).token();
        self.run(&["apply"], &response).succeeds();
        assert_eq!(self.state(), "active");
    }

    /// Deactivates the licence and delivers the token, so that nothing is left in the store.
    #[track_caller]
    pub(crate) fn deactivate(&self, vendor: &Vendor) {
        let token = self.run(&["deactivate", "--yes"], "").token();
        assert_eq!(self.state(), "not_activated");
        vendor.run(&["deactivate"], &token).succeeds();
        let outbox = self.run(&["outbox"], "").succeeds().json();
        for entry in outbox["outbox"].as_array().unwrap() {
            let id = entry["id"].as_str().unwrap();
            self.run(&["outbox", "--delivered", id], "").succeeds();
        }
    }
}
