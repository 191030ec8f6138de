//! A desktop session of its own: a session bus, a real Secret Service on it, and a display.

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, bail};

/// The password of the keyring of a simulated desktop. An empty one doesn't create a collection.
pub const KEYRING_PASSWORD: &str = "a password for tests";

/// A program in a process group of its own; the whole group ends with this value.
#[derive(Debug)]
pub(crate) struct Group(pub(crate) Child);

impl Group {
    pub(crate) fn spawn(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} can't be started: `cargo xtask setup` installs it"))?;
        Ok(Self(child))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) =
            i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

/// A desktop session.
#[derive(Debug)]
pub struct Desktop {
    home: PathBuf,
    bus: String,
    display: Option<String>,
    // In the order in which they have to end.
    keyring: Option<Group>,
    _bus: Group,
    _display: Option<Group>,
}

impl Desktop {
    /// Starts a session bus and an unlocked GNOME Keyring, with the session's files in `home`.
    ///
    /// # Errors
    /// If one of the programs is missing or doesn't come up.
    pub fn start(home: &Path) -> Result<Self> {
        let runtime = home.join("runtime");
        fs::create_dir_all(&runtime).context("no folder for the session")?;
        let mut command = Command::new("dbus-daemon");
        command
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .env_clear()
            .envs(session(home));
        let mut daemon = Group::spawn(&mut command)?;
        let output = daemon.0.stdout.take().context("dbus-daemon has no output")?;
        let mut bus = String::new();
        BufReader::new(output).read_line(&mut bus).context("dbus-daemon gave no address")?;
        let bus = bus.trim().to_owned();
        let mut desktop = Self {
            home: home.to_path_buf(),
            bus,
            display: None,
            keyring: None,
            _bus: daemon,
            _display: None,
        };
        desktop.unlock_keyring()?;
        Ok(desktop)
    }

    /// The same with a display that nobody sees.
    ///
    /// # Errors
    /// As [`Desktop::start`].
    pub fn start_with_display(home: &Path) -> Result<Self> {
        let mut desktop = Self::start(home)?;
        let mut command = Command::new("Xvfb");
        command
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = Group::spawn(&mut command)?;
        let output = server.0.stdout.take().context("Xvfb has no output")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number).context("Xvfb gave no display")?;
        if number.trim().is_empty() {
            bail!("Xvfb found no free display.");
        }
        desktop.display = Some(format!(":{}", number.trim()));
        desktop._display = Some(server);
        Ok(desktop)
    }

    /// What a program of this session has in its environment.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut environment = session(&self.home);
        environment.push(("DBUS_SESSION_BUS_ADDRESS".into(), self.bus.clone()));
        if let Some(display) = &self.display {
            environment.push(("DISPLAY".into(), display.clone()));
        }
        environment
    }

    /// The session's home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// A program of this session, ready to be started.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment());
        command
    }

    fn unlock_keyring(&mut self) -> Result<()> {
        let mut command = self.command("gnome-keyring-daemon");
        command
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut keyring = Group::spawn(&mut command)?;
        let mut input = keyring.0.stdin.take().context("gnome-keyring-daemon has no input")?;
        input.write_all(KEYRING_PASSWORD.as_bytes()).context("the keyring took no password")?;
        drop(input);
        self.keyring = Some(keyring);
        // Five minutes, in case the machine is busy: it's a matter of a second.
        for _ in 0..1500 {
            if self.has_open_collection() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(200));
        }
        bail!("The Secret Service didn't come up.")
    }

    /// Whether the Secret Service has a default collection that isn't locked.
    fn has_open_collection(&self) -> bool {
        let ask = |path: &str, method: &str, arguments: &[&str]| {
            let mut command = self.command("dbus-send");
            command
                .args(["--print-reply=literal", "--dest=org.freedesktop.secrets", path, method])
                .args(arguments);
            let answer = command.output().ok().filter(|answer| answer.status.success())?;
            Some(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
        };
        // The bus would start another keyring if nobody had the name yet.
        let owner = self
            .command("dbus-send")
            .args(["--print-reply=literal", "--dest=org.freedesktop.DBus", "/"])
            .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
            .output();
        if !owner.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("true")) {
            return false;
        }
        let service = "/org/freedesktop/secrets";
        let collection =
            ask(service, "org.freedesktop.Secret.Service.ReadAlias", &["string:default"]);
        let Some(collection) = collection.filter(|path| path.len() > 1) else { return false };
        let locked = ask(
            &collection,
            "org.freedesktop.DBus.Properties.Get",
            &["string:org.freedesktop.Secret.Collection", "string:Locked"],
        );
        locked.is_some_and(|answer| answer.contains("false"))
    }
}

fn session(home: &Path) -> Vec<(String, String)> {
    let folder = |name: &str| home.join(name).to_string_lossy().into_owned();
    vec![
        ("PATH".into(), std::env::var("PATH").unwrap_or_default()),
        ("HOME".into(), home.to_string_lossy().into_owned()),
        ("XDG_RUNTIME_DIR".into(), folder("runtime")),
        ("XDG_CONFIG_HOME".into(), folder(".config")),
        ("XDG_DATA_HOME".into(), folder(".local/share")),
        ("XDG_CACHE_HOME".into(), folder(".cache")),
        ("LANG".into(), "C.UTF-8".into()),
        ("TZ".into(), "UTC".into()),
    ]
}
