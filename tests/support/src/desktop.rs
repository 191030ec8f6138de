//! An isolated desktop session: a session bus, a real Secret Service on it, and a display.

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, bail};

/// The password of the keyring of a simulated desktop. An empty one doesn't create a collection.
pub const KEYRING_PASSWORD: &str = "a password for tests";

/// A program in a process group of its own. Dropping this value kills the group.
#[derive(Debug)]
pub(crate) struct ProcessGroup(pub(crate) Child);

impl ProcessGroup {
    pub(crate) fn spawn(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} can't be started: `cargo xtask setup` installs it"))?;
        Ok(Self(child))
    }
}

impl Drop for ProcessGroup {
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

/// A program that the system kills when this process ends, even if no [`ProcessGroup`] is dropped,
/// as after Ctrl-C.
pub(crate) fn dies_with_parent(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]);
    command
}

/// A desktop session.
#[derive(Debug)]
pub struct Desktop {
    home: PathBuf,
    bus: String,
    display: Option<String>,
    // In the order in which they have to end.
    keyring: Option<ProcessGroup>,
    _bus: ProcessGroup,
    _display: Option<ProcessGroup>,
}

impl Desktop {
    /// Starts a session bus and an unlocked GNOME Keyring, with the session's files in `home`.
    ///
    /// # Errors
    /// Fails if one of the programs is missing or doesn't start.
    pub fn start(home: &Path) -> Result<Self> {
        let mut desktop = Self::start_bus(home, &["--session".into()])?;
        desktop.unlock_keyring()?;
        Ok(desktop)
    }

    /// Starts a session bus that starts nothing by itself: no Secret Service comes up on it unless
    /// [`Desktop::start_keyring`] or [`Desktop::unlock_keyring`] is called.
    ///
    /// # Errors
    /// As [`Desktop::start`].
    pub fn without_keyring(home: &Path) -> Result<Self> {
        Self::with_policy(home, "")
    }

    /// The same, on a bus whose policy forbids access to a Secret Service.
    ///
    /// # Errors
    /// As [`Desktop::start`].
    pub fn with_forbidden_keyring(home: &Path) -> Result<Self> {
        Self::with_policy(home, "<deny send_destination='org.freedesktop.secrets'/>")
    }

    fn with_policy(home: &Path, rule: &str) -> Result<Self> {
        fs::create_dir_all(home).context("no folder for the session")?;
        // The configuration of the distribution without its service folders.
        let config = home.join("bus.conf");
        let text = format!(
            "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN' \
                    'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n\
                    <busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>\
                    <auth>EXTERNAL</auth><policy context='default'>\
                    <allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/>\
                    <allow own='*'/>{rule}</policy></busconfig>\n"
        );
        fs::write(&config, text).context("no configuration for the bus")?;
        Self::start_bus(home, &[format!("--config-file={}", config.display())])
    }

    fn start_bus(home: &Path, arguments: &[String]) -> Result<Self> {
        let runtime = home.join("runtime");
        fs::create_dir_all(&runtime).context("no folder for the session")?;
        let mut command = dies_with_parent("dbus-daemon");
        command
            .args(arguments)
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .env_clear()
            .envs(session(home));
        let mut daemon = ProcessGroup::spawn(&mut command)?;
        let output = daemon.0.stdout.take().context("dbus-daemon has no output")?;
        let mut bus = String::new();
        BufReader::new(output).read_line(&mut bus).context("dbus-daemon printed no address")?;
        let bus = bus.trim().to_owned();
        Ok(Self {
            home: home.to_path_buf(),
            bus,
            display: None,
            keyring: None,
            _bus: daemon,
            _display: None,
        })
    }

    /// The same with a virtual display.
    ///
    /// # Errors
    /// As [`Desktop::start`].
    pub fn start_with_display(home: &Path) -> Result<Self> {
        let mut desktop = Self::start(home)?;
        desktop.switch_display("1920x1200x24")?;
        Ok(desktop)
    }

    /// Switches to a new display of this width, height and colour depth (`640x480x24`).
    ///
    /// # Errors
    /// Fails if the display doesn't start.
    pub fn switch_display(&mut self, screen: &str) -> Result<()> {
        let mut command = dies_with_parent("Xvfb");
        command
            .args(["-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = ProcessGroup::spawn(&mut command)?;
        let output = server.0.stdout.take().context("Xvfb has no output")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number).context("Xvfb printed no display number")?;
        if number.trim().is_empty() {
            bail!("Xvfb found no free display.");
        }
        self.display = Some(format!(":{}", number.trim()));
        self._display = Some(server);
        Ok(())
    }

    /// Suspends the keyring (SIGSTOP), so that it is running but doesn't answer.
    ///
    /// # Errors
    /// Fails if the keyring isn't running.
    pub fn suspend_keyring(&self) -> Result<()> {
        self.signal_keyring(rustix::process::Signal::STOP)
    }

    /// Resumes a suspended keyring (SIGCONT).
    ///
    /// # Errors
    /// Fails if the keyring isn't running.
    pub fn resume_keyring(&self) -> Result<()> {
        self.signal_keyring(rustix::process::Signal::CONT)
    }

    fn signal_keyring(&self, signal: rustix::process::Signal) -> Result<()> {
        let keyring = self.keyring.as_ref().context("no keyring was started")?;
        let pid = i32::try_from(keyring.0.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(pid.context("no process id")?, signal)
            .context("the keyring isn't running")
    }

    /// The environment of a program in this session.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut environment = session(&self.home);
        environment.push(("DBUS_SESSION_BUS_ADDRESS".into(), self.bus.clone()));
        if let Some(display) = &self.display {
            environment.push(("DISPLAY".into(), display.clone()));
        }
        environment
    }

    /// The address of its bus.
    #[must_use]
    pub fn bus(&self) -> &str {
        &self.bus
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

    /// Starts GNOME Keyring without a password, as in a session without a login password.
    ///
    /// # Errors
    /// Fails if the keyring doesn't start.
    pub fn start_keyring(&mut self) -> Result<()> {
        self.spawn_keyring(&[], "")?;
        for _ in 0..1500 {
            if self.has_secret_service() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(200));
        }
        bail!("The Secret Service didn't come up.")
    }

    /// Starts a clipboard manager, which ends when the returned value is dropped.
    ///
    /// # Errors
    /// Fails if the clipboard manager isn't installed or doesn't start.
    pub fn start_clipboard_manager(&self) -> Result<impl Drop + use<>> {
        let mut command = self.command("xfce4-clipman");
        let manager = ProcessGroup::spawn(
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()),
        )?;
        for _ in 0..1500 {
            if self.has_clipboard_manager()? {
                return Ok(manager);
            }
            thread::sleep(Duration::from_millis(200));
        }
        bail!("The clipboard manager didn't come up.")
    }

    /// The text on the clipboard, if there is one.
    #[must_use]
    pub fn clipboard(&self) -> Option<String> {
        // Bounded: xclip waits for ever where the clipboard's owner doesn't answer any more.
        let answer = self
            .command("timeout")
            .args(["5", "xclip", "-selection", "clipboard", "-out"])
            .stdin(Stdio::null())
            .output()
            .ok()
            .filter(|answer| answer.status.success())?;
        Some(String::from_utf8_lossy(&answer.stdout).into_owned())
    }

    /// Whether the keyring that was started is still running. A request is sent first, because a
    /// keyring that crashes when a client is killed does so shortly after, before its next answer.
    pub fn keyring_is_running(&mut self) -> bool {
        self.has_unlocked_collection()
            && self.keyring.as_mut().is_some_and(|keyring| matches!(keyring.0.try_wait(), Ok(None)))
    }

    fn spawn_keyring(&mut self, arguments: &[&str], password: &str) -> Result<()> {
        let mut command = dies_with_parent("gnome-keyring-daemon");
        command
            .env_clear()
            .envs(self.environment())
            .args(["--foreground", "--components=secrets"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut keyring = ProcessGroup::spawn(&mut command)?;
        let mut input = keyring.0.stdin.take().context("gnome-keyring-daemon has no input")?;
        input.write_all(password.as_bytes()).context("the keyring took no password")?;
        drop(input);
        self.keyring = Some(keyring);
        Ok(())
    }

    /// Starts GNOME Keyring and unlocks it, which creates its collection the first time.
    ///
    /// # Errors
    /// Fails if the keyring doesn't start.
    pub fn unlock_keyring(&mut self) -> Result<()> {
        self.spawn_keyring(&["--unlock"], KEYRING_PASSWORD)?;
        // It takes about a second. Five minutes allow for a busy machine.
        for _ in 0..1500 {
            if self.has_unlocked_collection() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(200));
        }
        bail!("The Secret Service didn't come up.")
    }

    /// Ends the keyring (SIGKILL), as when its session ends.
    pub fn end_keyring(&mut self) {
        self.keyring = None;
    }

    fn has_secret_service(&self) -> bool {
        let owner = self
            .command("dbus-send")
            .args(["--print-reply=literal", "--dest=org.freedesktop.DBus", "/"])
            .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
            .output();
        owner.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("true"))
    }

    /// Whether the Secret Service has a default collection that isn't locked.
    fn has_unlocked_collection(&self) -> bool {
        let ask = |path: &str, method: &str, arguments: &[&str]| {
            let mut command = self.command("dbus-send");
            command
                .args(["--print-reply=literal", "--dest=org.freedesktop.secrets", path, method])
                .args(arguments);
            let answer = command.output().ok().filter(|answer| answer.status.success())?;
            Some(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
        };
        // A request to a name without an owner would make the bus start another keyring.
        if !self.has_secret_service() {
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
