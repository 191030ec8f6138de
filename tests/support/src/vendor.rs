//! The vendor: `latchkey-server` with its own data folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::{Answer, Call, Clock, Mounts, Programs};

/// A vendor with a newly created data folder.
#[derive(Debug)]
pub struct Vendor {
    /// The server's data folder.
    pub data: PathBuf,
    /// The vendor's clock.
    pub clock: Clock,
    /// Mounts that only this vendor sees.
    pub mounts: Option<Mounts>,
    programs: Programs,
    folder: Option<TempDir>,
}

/// An entitlement that a customer bought.
#[derive(Clone, Debug)]
pub struct Entitlement {
    /// Its id, 16 hex digits.
    pub id: String,
    /// Its activation codes, oldest first.
    pub codes: Vec<String>,
}

impl Entitlement {
    /// Its first activation code.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.codes[0]
    }
}

/// The kit, which the vendor adds to the product's installer.
#[derive(Clone, Debug)]
pub struct Kit {
    /// The folder.
    pub folder: PathBuf,
}

impl Kit {
    /// `latchkey.toml`.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder.join("latchkey.toml")
    }
}

impl Vendor {
    /// Sets up a vendor in a temporary folder.
    ///
    /// # Panics
    /// If that fails.
    #[track_caller]
    #[must_use]
    pub fn new(programs: &Programs, name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no temporary folder: {e}"));
        let data = folder.path().join("issuer");
        let vendor = Self {
            data,
            clock: Clock::NOW,
            mounts: None,
            programs: programs.clone(),
            folder: Some(folder),
        };
        let _ = vendor.json(&["init", "--vendor", name]).succeeds();
        vendor
    }

    /// A vendor whose data is in `data`, or will be after `init`.
    #[must_use]
    pub fn at(programs: &Programs, data: &Path) -> Self {
        let (data, programs) = (data.to_path_buf(), programs.clone());
        Self { data, clock: Clock::NOW, mounts: None, programs, folder: None }
    }

    /// A call of `latchkey-server`.
    ///
    /// # Panics
    /// If the clock is moved and there is no libfaketime.
    #[track_caller]
    #[must_use]
    pub fn call(&self) -> Call {
        let wrapper = self.mounts.as_ref().map(Mounts::wrapper).unwrap_or_default();
        let mut call = Call::wrapped(&self.programs.path("latchkey-server"), &wrapper)
            .env("HOME", self.data.parent().unwrap_or(&self.data));
        for (name, value) in self.clock.environment().unwrap_or_else(|e| panic!("{e:#}")) {
            call = call.env(name, value);
        }
        call.args(["--data".as_ref(), self.data.as_os_str()])
    }

    /// `latchkey-server` itself.
    #[must_use]
    pub fn program(&self) -> PathBuf {
        self.programs.path("latchkey-server")
    }

    /// Runs a command with `--json`.
    #[track_caller]
    #[must_use]
    pub fn json(&self, arguments: &[&str]) -> Answer {
        self.call().args(["--json"]).args(arguments).run()
    }

    /// Runs a command with `--json` and text on standard input.
    #[track_caller]
    #[must_use]
    pub fn json_with(&self, arguments: &[&str], input: &str) -> Answer {
        self.call().args(["--json"]).args(arguments).input(input).run()
    }

    /// Adds a product and returns its number.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    #[must_use]
    pub fn add_product(&self, name: &str, features: &[&str]) -> u64 {
        let mut arguments = vec!["product", "add", "--name", name];
        for feature in features {
            arguments.extend(["--feature", feature]);
        }
        let answer = self.json(&arguments).succeeds();
        answer.json()["product"].as_u64().unwrap_or_else(|| panic!("no product number\n{answer}"))
    }

    /// Adds an entitlement with more options after the product.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    #[must_use]
    pub fn add_entitlement(&self, product: u64, options: &[&str]) -> Entitlement {
        let product = product.to_string();
        let mut arguments = vec!["entitlement", "add", "--product", &product];
        arguments.extend(options);
        let answer = self.json(&arguments).succeeds();
        let json = answer.json();
        let text = |value: &Value| {
            value.as_str().map(str::to_owned).unwrap_or_else(|| panic!("not as expected\n{answer}"))
        };
        let codes = json["codes"].as_array().unwrap_or_else(|| panic!("no codes\n{answer}"));
        Entitlement { id: text(&json["entitlement_id"]), codes: codes.iter().map(text).collect() }
    }

    /// Writes the kit of a product.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    #[must_use]
    pub fn kit(&self, product: u64, folder: &Path) -> Kit {
        self.kit_for(product, folder, "https://licence.acme.example")
    }

    /// The same with another address of the portal.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    #[must_use]
    pub fn kit_for(&self, product: u64, folder: &Path, portal: &str) -> Kit {
        let out = folder.to_string_lossy();
        let number = product.to_string();
        let _ =
            self.json(&["kit", "--product", &number, "--out", &out, "--portal", portal]).succeeds();
        Kit { folder: folder.to_path_buf() }
    }

    /// Writes the kit of a product into the vendor's temporary folder.
    #[track_caller]
    #[must_use]
    pub fn kit_here(&self, product: u64) -> Kit {
        let beside = self.data.parent().unwrap_or(&self.data);
        self.kit(product, &beside.join(format!("kit-{product}")))
    }

    /// Answers request tokens.
    #[track_caller]
    #[must_use]
    pub fn activate(&self, text: &str) -> Answer {
        self.json_with(&["activate"], text)
    }

    /// Answers one request token and returns the response token.
    ///
    /// # Panics
    /// If it is refused.
    #[track_caller]
    #[must_use]
    pub fn response_to(&self, request: &str) -> String {
        let answer = self.activate(request).succeeds();
        token(&answer.result(), &answer)
    }

    /// Creates a refresh token for a seat.
    ///
    /// # Panics
    /// If it is refused.
    #[track_caller]
    #[must_use]
    pub fn refresh_of(&self, seat: &str) -> String {
        let answer = self.json(&["refresh", seat]).succeeds();
        token(&answer.json(), &answer)
    }

    /// Releases the seats of deactivation tokens.
    #[track_caller]
    #[must_use]
    pub fn deactivate(&self, text: &str) -> Answer {
        self.json_with(&["deactivate"], text)
    }

    /// The seats, of one activation code or of all.
    ///
    /// # Panics
    /// If they can't be listed.
    #[track_caller]
    #[must_use]
    pub fn seats(&self, code: Option<&str>) -> Vec<Value> {
        let mut arguments = vec!["seats"];
        arguments.extend(code.iter().flat_map(|code| ["--code", code]));
        let answer = self.json(&arguments).succeeds();
        let json = answer.json();
        json["seats"].as_array().cloned().unwrap_or_else(|| panic!("no \"seats\"\n{answer}"))
    }

    /// The audit as it is printed.
    #[track_caller]
    #[must_use]
    pub fn audit(&self) -> String {
        self.json(&["audit"]).succeeds().stdout
    }

    /// The temporary folder, for further files of a test.
    ///
    /// # Errors
    /// Fails if the vendor was given a folder and has none of its own.
    pub fn folder(&self) -> Result<&Path> {
        self.folder.as_ref().map(TempDir::path).context("this vendor has no folder of its own")
    }
}

#[track_caller]
fn token(json: &Value, answer: &Answer) -> String {
    json["token"].as_str().map(str::to_owned).unwrap_or_else(|| panic!("no token\n{answer}"))
}
