//! A computer without a network connection: `latchkey` with its own home folder and store.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use crate::mounts::{Mounts, unshare, unshare_time, uptime_seconds};
use crate::{Answer, Call, Clock, Desktop, Kit, Programs};

/// Where a simulated computer keeps its licence.
#[derive(Clone, Debug)]
pub enum Store {
    /// In a file (`--store file:PATH`).
    File(PathBuf),
    /// In the store that the vendor's configuration selects.
    Policy,
    /// In the keyring of a desktop session, which is part of the environment.
    Keyring(Vec<(String, String)>),
}

/// The hardware that a simulated computer seems to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardware {
    /// This machine's.
    ThisMachine,
    /// Another one's: every trait that Linux shows in a file is different.
    Other(u16),
    /// This machine's installation on a board with this number; only the installation, the board
    /// and the processor can be seen.
    Board(u16),
    /// An installation with this number on one and the same board, of which the serial number alone
    /// can be seen.
    Installation(u16),
}

/// A boot of a simulated computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Determines the kernel's boot ID.
    pub number: u16,
    /// The hours for which the computer has been running since this boot, in addition to the time
    /// since it was created.
    pub hours: i64,
}

/// A simulated computer.
#[derive(Debug)]
pub struct Computer {
    /// The configuration that the vendor shipped.
    pub config: PathBuf,
    /// Where the licence is kept.
    pub store: Store,
    /// This computer's clock.
    pub clock: Clock,
    /// This computer's hardware.
    pub hardware: Hardware,
    /// The current boot of this computer, if it isn't that of this machine.
    pub boot: Option<Boot>,
    /// Mounts that only this computer sees. With them, the hardware is this machine's.
    pub mounts: Option<Mounts>,
    /// How long this machine had been running when the computer was created.
    made: Option<i64>,
    home: Arc<TempDir>,
    programs: Programs,
}

impl Computer {
    /// A new computer, with this machine's hardware and clock, that keeps its licence in a file.
    ///
    /// # Panics
    /// If there is no room for its folder.
    #[must_use]
    pub fn new(programs: &Programs, kit: &Kit) -> Self {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("no temporary folder: {e}"));
        let store = home.path().join("store");
        fs::create_dir(&store).unwrap_or_else(|e| panic!("no folder for the store: {e}"));
        Self {
            config: kit.config(),
            store: Store::File(store.join("vault")),
            clock: Clock::NOW,
            hardware: Hardware::ThisMachine,
            boot: None,
            mounts: None,
            made: uptime_seconds(),
            home: Arc::new(home),
            programs: programs.clone(),
        }
    }

    /// The same computer with another product on it.
    #[must_use]
    pub fn with_another_product(&self, kit: &Kit) -> Self {
        let vault = self.home().join("store").join("vault of another product");
        Self {
            config: kit.config(),
            store: Store::File(vault),
            clock: self.clock,
            hardware: self.hardware,
            boot: self.boot,
            mounts: None,
            made: self.made,
            home: Arc::clone(&self.home),
            programs: self.programs.clone(),
        }
    }

    /// Another computer with the same home folder, as from a file server.
    #[must_use]
    pub fn in_the_same_home(&self) -> Self {
        Self {
            config: self.config.clone(),
            store: self.store.clone(),
            clock: self.clock,
            hardware: self.hardware,
            boot: self.boot,
            mounts: None,
            made: self.made,
            home: Arc::clone(&self.home),
            programs: self.programs.clone(),
        }
    }

    /// A new computer that keeps its licence in the keyring of a desktop session.
    #[must_use]
    pub fn with_keyring(programs: &Programs, kit: &Kit, desktop: &Desktop) -> Self {
        let mut computer = Self::new(programs, kit);
        computer.store = Store::Keyring(desktop.environment());
        computer
    }

    /// Its home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The file that holds the licence.
    ///
    /// # Panics
    /// If it is kept in a keyring.
    #[must_use]
    pub fn vault(&self) -> &Path {
        match &self.store {
            Store::File(path) => path,
            _ => panic!("this computer's licence isn't in a file that was named"),
        }
    }

    /// The command that runs a program with this computer's hardware, boot and mounts.
    ///
    /// # Panics
    /// If the hardware or the boot can't be shown.
    #[track_caller]
    #[must_use]
    pub fn wrapper(&self) -> Vec<OsString> {
        if let Some(mounts) = &self.mounts {
            return mounts.wrapper();
        }
        let mut mounts = self.hardware_mounts();
        match self.boot {
            Some(boot) => {
                mounts.push(self.boot_mount(boot));
                let made = self.made.unwrap_or_else(|| panic!("no running time"));
                // Real time passes as well, and is counted from the same moment for all calls. If
                // it were counted from when each call is made, the running time would decrease
                // after a program that was slow to start, as it does at another boot.
                unshare_time(&mounts, boot.hours * 3600 + 1 - made)
            }
            None if mounts.is_empty() => Vec::new(),
            None => unshare(&mounts),
        }
    }

    /// A call of `latchkey` on this computer.
    ///
    /// # Panics
    /// If the clock is moved and there is no libfaketime, or if other hardware can't be shown.
    #[track_caller]
    #[must_use]
    pub fn call(&self) -> Call {
        let program = self.programs.path("latchkey");
        let mut call = Call::wrapped(&program, &self.wrapper());
        call = call
            .env("HOME", self.home())
            .env("XDG_CONFIG_HOME", self.home().join(".config"))
            .env("XDG_DATA_HOME", self.home().join(".local/share"))
            .env("XDG_RUNTIME_DIR", self.home());
        for (name, value) in self.clock.environment().unwrap_or_else(|e| panic!("{e:#}")) {
            call = call.env(name, value);
        }
        call = call.args(["--config".as_ref(), self.config.as_os_str()]);
        match &self.store {
            Store::File(path) => {
                let mut store = OsString::from("file:");
                store.push(path);
                call.args(["--store".into(), store])
            }
            Store::Policy => call,
            Store::Keyring(session) => {
                for (name, value) in session {
                    call = call.env(name, value);
                }
                call.args(["--store", "keyring"])
            }
        }
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

    /// A new request token.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    #[must_use]
    pub fn request(&self, code: &str) -> String {
        self.request_as(code, "Drawing office")
    }

    /// A new request token with a seat name.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    #[must_use]
    pub fn request_as(&self, code: &str, seat_name: &str) -> String {
        let answer =
            self.json_with(&["request", "--code", "-", "--seat-name", seat_name], code).succeeds();
        let json = answer.json();
        json["token"].as_str().map(str::to_owned).unwrap_or_else(|| panic!("no token\n{answer}"))
    }

    /// A request token that renews the present licence.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    #[must_use]
    pub fn renewal(&self, code: &str) -> String {
        let answer = self.json_with(&["request", "--renew", "--code", "-"], code).succeeds();
        let json = answer.json();
        json["token"].as_str().map(str::to_owned).unwrap_or_else(|| panic!("no token\n{answer}"))
    }

    /// Applies a text with response or refresh tokens.
    #[track_caller]
    #[must_use]
    pub fn apply(&self, text: &str) -> Answer {
        self.json_with(&["apply"], text)
    }

    /// The status document.
    ///
    /// # Panics
    /// If it can't be had.
    #[track_caller]
    #[must_use]
    pub fn status(&self) -> Value {
        let mut status = self.json(&["status"]).succeeds().json();
        // The moment at which it was asked for isn't part of the state: two of them are to be
        // compared.
        if let Some(clock) = status["clock"].as_object_mut() {
            let _ = clock.remove("effective_now");
        }
        status
    }

    /// The state's name.
    ///
    /// # Panics
    /// If it can't be had.
    #[track_caller]
    #[must_use]
    pub fn state(&self) -> String {
        self.status()["state"].as_str().unwrap_or_default().to_owned()
    }

    /// The seat that this computer holds.
    ///
    /// # Panics
    /// If it holds none.
    #[track_caller]
    #[must_use]
    pub fn seat(&self) -> String {
        let status = self.status();
        status["seat_id"].as_str().map(str::to_owned).unwrap_or_else(|| panic!("no seat: {status}"))
    }

    /// Deactivates the licence and returns the token.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    #[must_use]
    pub fn deactivate(&self) -> String {
        let answer = self.json(&["deactivate", "--yes"]).succeeds();
        let json = answer.json();
        json["token"].as_str().map(str::to_owned).unwrap_or_else(|| panic!("no token\n{answer}"))
    }

    /// A bind mount that makes this machine look like one that was started again.
    #[track_caller]
    fn boot_mount(&self, boot: Boot) -> String {
        let fake = self.home().join("boot_id");
        let id = format!("00000000-0000-4000-8000-00000000{:04x}\n", boot.number);
        fs::write(&fake, id).unwrap_or_else(|e| panic!("no file for the boot: {e}"));
        format!("mount --bind '{}' /proc/sys/kernel/random/boot_id", fake.display())
    }

    /// Mounts that give this machine another board.
    fn board_mounts(&self, number: u16) -> Vec<String> {
        let board = "/sys/class/dmi/id";
        let mut mounts = vec![
            "mount -t tmpfs -o size=64k tmpfs /sys/class".to_owned(),
            format!("mkdir -p {board}"),
            format!("echo 4c4c4544-0042-3510-8052-b4c04f4e{number:04x} > {board}/product_uuid"),
            format!("echo PF3ABC{number:04x} > {board}/board_serial"),
        ];
        for folder in ["/sys/dev/block", "/dev/disk"] {
            if Path::new(folder).is_dir() {
                mounts.push(format!("mount -t tmpfs -o size=64k tmpfs '{folder}'"));
            }
        }
        mounts
    }

    /// Bind mounts that give this machine's installation another id.
    #[track_caller]
    fn id_mounts(&self, number: u16) -> Vec<String> {
        let id = format!("{number:04x}5a3c0f1e4b7d8a926c41e0d7f8b3{number:04x}\n");
        let paths = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
        paths.into_iter().filter_map(|path| self.file_mount(path, number, &id)).collect()
    }

    /// A bind mount of a file with this text, if there is one to be hidden. Computers that share a
    /// home have files of their own.
    #[track_caller]
    fn file_mount(&self, path: &str, number: u16, text: &str) -> Option<String> {
        let fakes = self.home().join(format!("hardware-{number}"));
        fs::create_dir_all(&fakes).unwrap_or_else(|e| panic!("no folder for the hardware: {e}"));
        let fake = fakes.join(path.replace('/', "_"));
        fs::write(&fake, text).unwrap_or_else(|e| panic!("no file for a trait: {e}"));
        Path::new(path).is_file().then(|| format!("mount --bind '{}' '{path}'", fake.display()))
    }

    /// Bind mounts that make this machine look like another one.
    #[track_caller]
    fn hardware_mounts(&self) -> Vec<String> {
        let number = match self.hardware {
            Hardware::ThisMachine => return Vec::new(),
            Hardware::Board(number) => return self.board_mounts(number),
            Hardware::Installation(number) => {
                let mut mounts = self.board_mounts(1);
                mounts.push("rm /sys/class/dmi/id/product_uuid".to_owned());
                mounts.extend(self.id_mounts(number));
                return mounts;
            }
            Hardware::Other(number) => number,
        };
        let processor = format!("processor\t: 0\nmodel name\t: Processor of computer {number}\n");
        let mut mounts = self.id_mounts(number);
        mounts.extend(self.file_mount("/proc/cpuinfo", number, &processor));
        // What can't be made up is hidden: traits that are absent don't count.
        for folder in [
            "/sys/class/dmi/id",
            "/sys/class/net",
            "/sys/class/block",
            "/sys/dev/block",
            "/dev/disk",
        ] {
            if Path::new(folder).is_dir() {
                mounts.push(format!("mount -t tmpfs -o size=64k tmpfs '{folder}'"));
            }
        }
        mounts
    }
}
