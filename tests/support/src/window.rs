//! The real wizard, driven through WebDriver: tauri-driver in front of WebKit's own driver.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::desktop::{ProcessGroup, dies_with_parent};
use crate::{Clock, Desktop, Programs};

/// How often a condition is polled, at intervals of [`PAUSE`]: for five minutes, so that no test
/// fails on a busy machine. `LATCHKEY_TEST_TIMEOUT` sets fewer seconds while a test is being
/// written.
pub(crate) fn max_tries() -> u32 {
    let seconds =
        std::env::var("LATCHKEY_TEST_TIMEOUT").ok().and_then(|seconds| seconds.parse().ok());
    seconds.unwrap_or(300_u32).saturating_mul(10)
}
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// The circumstances in which the wizard is started.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// The computer's clock.
    pub clock: Clock,
    /// Environment variables in addition to those of the session, or in place of them.
    pub environment: Vec<(String, String)>,
    /// Files with tokens on its command line.
    pub files: Vec<PathBuf>,
    /// A script that replaces the shipped pages as soon as the window is open.
    pub pages: Option<PathBuf>,
    /// The id of the user who starts it, if it isn't the one who runs the test.
    pub user: Option<u32>,
}

impl Opening {
    /// The same with one more environment variable.
    #[must_use]
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with the desktop's dark theme.
    #[must_use]
    pub fn dark(self) -> Self {
        self.with_env("GTK_THEME", "Adwaita:dark")
    }

    /// The same for a user who reads German.
    #[must_use]
    pub fn german(self) -> Self {
        self.with_env("LANG", "de_DE.UTF-8").with_env("LANGUAGE", "de")
    }
}

/// A WebDriver on a desktop, which drives one window at a time.
#[derive(Debug)]
pub struct Session<'a> {
    desktop: &'a Desktop,
    programs: Programs,
    address: String,
    _driver: ProcessGroup,
}

impl<'a> Session<'a> {
    /// Starts Tauri's and WebKit's WebDriver.
    ///
    /// # Errors
    /// Fails if one of the programs is missing or doesn't start.
    pub fn start(programs: &Programs, desktop: &'a Desktop) -> Result<Self> {
        let (port, native) = (free_port()?, free_port()?);
        let driver = programs.tauri_driver();
        if !driver.is_file() {
            bail!("{} is missing: `cargo xtask setup` builds it.", driver.display());
        }
        let native_driver = which("WebKitWebDriver")
            .context("WebKitWebDriver is missing: `cargo xtask setup` installs it")?;
        let log = File::create(desktop.home().join("tauri-driver.log")).context("no log file")?;
        let mut command = dies_with_parent(&driver.to_string_lossy());
        command
            .env_clear()
            .envs(desktop.environment())
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .arg("--native-driver")
            .arg(native_driver)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("no log file")?)
            .stderr(log);
        let group = ProcessGroup::spawn(&mut command)?;
        wait_for_port(port)?;
        wait_for_port(native)?;
        let (desktop, programs) = (desktop, programs.clone());
        Ok(Self { desktop, programs, address: format!("http://127.0.0.1:{port}"), _driver: group })
    }

    /// Opens the wizard as a double click does.
    ///
    /// # Errors
    /// Fails if no window opens.
    pub fn open(&self, config: &Path, clock: Clock) -> Result<Window> {
        self.open_with(config, &Opening { clock, ..Opening::default() })
    }

    /// The same with further options.
    ///
    /// # Errors
    /// Fails if no window opens.
    pub fn open_with(&self, config: &Path, opening: &Opening) -> Result<Window> {
        let folder = self.desktop.home();
        let (starter, pid_file) = (folder.join("start-wizard"), folder.join("wizard.pid"));
        let mut script = "#!/bin/sh\n".to_owned();
        for (name, value) in opening.clock.environment()?.iter().chain(&opening.environment) {
            script.push_str(&format!("export {name}='{value}'\n"));
        }
        // The process keeps its id through exec, so the file has the id of the wizard.
        script.push_str(&format!("echo $$ > '{}'\n", pid_file.display()));
        let user = opening.user.map_or_else(String::new, |user| {
            format!("setpriv --reuid {user} --regid {user} --clear-groups ")
        });
        script.push_str(&format!(
            "exec {user}'{}' \"$@\" 2>> '{}'\n",
            self.programs.path("latchkey-wizard").display(),
            folder.join("wizard.log").display()
        ));
        fs::write(&starter, script).context("no file for starting the wizard")?;
        fs::set_permissions(&starter, fs::Permissions::from_mode(0o755))
            .context("the starter can't be made executable")?;

        let mut arguments = vec![json!("--product"), json!(config)];
        arguments.extend(opening.files.iter().map(|file| json!(file)));
        let options = json!({ "application": starter, "args": arguments });
        let mut capabilities = Capabilities::new();
        capabilities.insert("tauri:options".into(), options);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("no runtime for WebDriver")?;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let mut starts = 0;
        let connected = loop {
            starts += 1;
            let _ = fs::remove_file(&pid_file);
            match connect(&runtime, &builder, &self.address, folder) {
                Ok(Some(client)) => break Ok(client),
                Ok(None) if starts < MAX_STARTS => kill_session_in_deadlock(folder, &pid_file),
                Ok(None) => {
                    let threads = threads_of_session(folder);
                    break Err(anyhow!("libfaketime deadlocked in {starts} starts.\n{threads}"));
                }
                Err(error) => break Err(error),
            }
        };
        let client = connected.with_context(|| {
            let log = fs::read_to_string(folder.join("wizard.log")).unwrap_or_default();
            format!("the wizard's window didn't open\n{log}")
        })?;
        let pid = read_pid(&pid_file)?;
        let home = Some(folder.to_owned());
        let window = Window { runtime, client: Some(client), pid, home };
        if let Some(pages) = &opening.pages {
            window.wait_for("screen")?;
            let script = fs::read_to_string(pages).context("the other pages can't be read")?;
            let put = "document.getElementById('app').replaceWith( \
                       Object.assign(document.createElement('div'), { id: 'app' })); ";
            window.value(&format!("{put}{script}; return ''"), &[])?;
        }
        Ok(window)
    }
}

/// An open window of the wizard.
#[derive(Debug)]
pub struct Window {
    runtime: Runtime,
    client: Option<Client>,
    pid: i32,
    /// The home of its desktop session, by which its processes are found.
    home: Option<PathBuf>,
}

impl Window {
    /// A page that something else than the wizard shows. It has no process of its own to be looked
    /// after.
    pub(crate) const fn new(runtime: Runtime, client: Client) -> Self {
        Self { runtime, client: Some(client), pid: 0, home: None }
    }

    /// Ends the session and whatever shows it.
    pub(crate) fn quit(mut self) {
        if let Some(client) = self.client.take() {
            // It may be gone already.
            let _ = self.request(async { Ok(client.close().await?) });
        }
    }

    /// Clicks the element with this test id, as soon as it is there and enabled.
    ///
    /// # Errors
    /// Fails if the element doesn't appear.
    pub fn click(&self, id: &str) -> Result<()> {
        let enabled = format!("{}:not([disabled])", selector(id));
        self.wait_for_selector(&enabled)?;
        self.request(async {
            Ok(self.client()?.find(Locator::Css(&enabled)).await?.click().await?)
        })
        .with_context(|| format!("“{id}” can't be clicked"))
    }

    /// Empties a field and types into it.
    ///
    /// # Errors
    /// Fails if there is no such element.
    pub fn type_into(&self, id: &str, text: &str) -> Result<()> {
        self.wait_for(id)?;
        self.request(async {
            let field = self.client()?.find(Locator::Css(&selector(id))).await?;
            field.clear().await?;
            Ok(field.send_keys(text).await?)
        })
        .with_context(|| format!("nothing can be typed into “{id}”"))
    }

    /// Waits until an element with this test id is there.
    ///
    /// # Errors
    /// Fails if the element doesn't appear.
    pub fn wait_for(&self, id: &str) -> Result<()> {
        self.wait_for_selector(&selector(id))
    }

    /// Waits until an element with this test id has an attribute with this value.
    ///
    /// # Errors
    /// Fails if the attribute never has the value.
    pub fn wait_for_value(&self, id: &str, attribute: &str, value: &str) -> Result<()> {
        self.wait_for_selector(&format!("{}[{attribute}=\"{value}\"]", selector(id)))
    }

    /// Waits until the window shows this screen.
    ///
    /// # Errors
    /// Fails if the screen doesn't appear.
    pub fn wait_for_screen(&self, screen: &str) -> Result<()> {
        self.wait_for_value("screen", "data-screen", screen)
    }

    /// The text of the element with this test id, exactly as it is in the page.
    ///
    /// # Errors
    /// Fails if there is no such element.
    pub fn text(&self, id: &str) -> Result<String> {
        self.wait_for(id)?;
        self.script(
            "return document.querySelector(arguments[0]).textContent.trim()",
            &[json!(selector(id))],
        )
    }

    /// An attribute of the element with this test id.
    ///
    /// # Errors
    /// Fails if there is no such element.
    pub fn attribute(&self, id: &str, name: &str) -> Result<String> {
        self.wait_for(id)?;
        self.script(
            "return document.querySelector(arguments[0]).getAttribute(arguments[1]) ?? ''",
            &[json!(selector(id)), json!(name)],
        )
    }

    /// Whether an element with this test id is there now.
    ///
    /// # Errors
    /// Fails if the window doesn't answer.
    pub fn has(&self, id: &str) -> Result<bool> {
        let found = self.script(
            "return String(document.querySelector(arguments[0]) !== null)",
            &[json!(selector(id))],
        )?;
        Ok(found == "true")
    }

    /// Writes what the window shows into a PNG file.
    ///
    /// # Errors
    /// Fails if the window doesn't answer or the file can't be written.
    pub fn screenshot(&self, path: &Path) -> Result<()> {
        self.wait_until_still()?;
        let picture = self
            .request(async { Ok(self.client()?.screenshot().await?) })
            .context("the window returned no picture")?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).context("no folder for the picture")?;
        }
        fs::write(path, picture).with_context(|| format!("{} can't be written", path.display()))
    }

    /// Waits until no animation runs and the page is drawn.
    ///
    /// # Errors
    /// Fails if the window doesn't answer or never comes to rest.
    pub fn wait_until_still(&self) -> Result<()> {
        const IS_STILL: &str = "return new Promise(done => requestAnimationFrame(() => \
            requestAnimationFrame(() => done(String( \
            document.getAnimations().every(a => a.playState !== 'running'))))))";
        for _ in 0..max_tries() {
            if self.script(IS_STILL, &[])? == "true" {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        bail!("The window doesn't come to rest.")
    }

    /// Closes the window, as a user does by its button.
    ///
    /// # Errors
    /// Fails if the window doesn't answer.
    pub fn close(mut self) -> Result<()> {
        if let Some(client) = self.client.take() {
            self.request(async { Ok(client.close_window().await?) })
                .context("the window can't be closed")?;
            self.wait_for_end()?;
            // Frees the driver for the next window. The session is gone, so this may fail.
            let _ = self.request(async { Ok(client.close().await?) });
        }
        Ok(())
    }

    /// Kills the wizard (SIGKILL).
    ///
    /// # Errors
    /// Fails if there is no such process any more.
    pub fn kill(mut self) -> Result<()> {
        let pid = Pid::from_raw(self.pid).context("no process id")?;
        kill_process(pid, Signal::KILL).context("the wizard had ended before it was killed")?;
        if let Some(client) = self.client.take() {
            // Frees the driver for the next window. The session is gone, so this may fail.
            let _ = self.request(async { Ok(client.close().await?) });
        }
        self.wait_for_end()
    }

    /// Waits until the wizard has ended.
    ///
    /// # Errors
    /// Fails if the process doesn't end.
    pub fn wait_for_end(&self) -> Result<()> {
        let process = PathBuf::from(format!("/proc/{}/exe", self.pid));
        for _ in 0..max_tries() {
            // A zombie has no program any more.
            if fs::read_link(&process).is_err() {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        bail!("The wizard is still running.")
    }

    /// The wizard's process id.
    #[must_use]
    pub const fn pid(&self) -> i32 {
        self.pid
    }

    /// Sends requests to the driver and waits for the answers.
    ///
    /// # Errors
    /// Fails if a request fails, or if the window's processes hang.
    pub(crate) fn request<T>(&self, requests: impl Future<Output = Result<T>>) -> Result<T> {
        bounded(&self.runtime, self.home.as_deref(), requests)
    }

    pub(crate) fn client(&self) -> Result<&Client> {
        self.client.as_ref().context("the window is closed")
    }

    /// The result of a script in the page.
    ///
    /// # Errors
    /// Fails if the window doesn't answer, or the script throws.
    pub fn value(&self, code: &str, arguments: &[Value]) -> Result<Value> {
        self.request(async { Ok(self.client()?.execute(code, arguments.to_vec()).await?) })
            .context("the window doesn't answer")
    }

    fn script(&self, code: &str, arguments: &[Value]) -> Result<String> {
        let value = self.value(code, arguments)?;
        value.as_str().map(str::to_owned).context("the window returned no text")
    }

    /// Waits until an element for this CSS selector is there.
    ///
    /// # Errors
    /// Fails if no element matches.
    pub fn wait_for_selector(&self, selector: &str) -> Result<()> {
        for _ in 0..max_tries() {
            let found = self.script(
                "return String(document.querySelector(arguments[0]) !== null)",
                &[json!(selector)],
            )?;
            if found == "true" {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        let page = self
            .script("return document.querySelector('[data-testid=screen]')?.outerHTML ?? ''", &[])
            .unwrap_or_default();
        bail!("The window doesn't show {selector}. What it shows:\n{page}")
    }
}

/// Waits for a driver for as long as a condition is polled. A driver whose window hangs never
/// answers, and the error then says what each process of the session waits for.
pub(crate) fn bounded<T>(
    runtime: &Runtime,
    home: Option<&Path>,
    requests: impl Future<Output = Result<T>>,
) -> Result<T> {
    runtime.block_on(async {
        match tokio::time::timeout(PAUSE * max_tries(), requests).await {
            Ok(answer) => answer,
            Err(_) => {
                let processes = home.map(threads_of_session).unwrap_or_default();
                bail!("The driver doesn't answer.\n{processes}")
            }
        }
    })
}

/// The threads of all processes whose home is this folder: program, thread, state, the function of
/// the kernel that the thread waits in, and its system call.
fn threads_of_session(home: &Path) -> String {
    let mut lines = String::new();
    for process in processes_of_session(home) {
        let name = read_text(&process.join("cmdline"));
        lines.push_str(&format!("{}: {name}\n", process.display()));
        for thread in entries(&process.join("task")) {
            let state = read_text(&thread.join("stat"));
            let state = state.rsplit(") ").next().unwrap_or_default().get(..1).unwrap_or_default();
            let [name, waits_in, call] =
                ["comm", "wchan", "syscall"].map(|file| read_text(&thread.join(file)));
            lines.push_str(&format!("    {name} {state} {waits_in} ({call})\n"));
        }
    }
    lines
}

/// How often a wizard is started that a deadlock of libfaketime has kept from opening its window.
const MAX_STARTS: u32 = 3;

/// Opens a session of the driver, or returns `None` if a process of the desktop waits for a lock of
/// libfaketime that nothing can release, because the process has only one thread.
///
/// In version 0.9.10 that happens once in some hundred starts: the lock counts one reader fewer
/// than none, and a program that opens its display waits for it in `pthread_cond_destroy`. No
/// shipped program contains that library.
fn connect(
    runtime: &Runtime,
    builder: &ClientBuilder<HttpConnector>,
    address: &str,
    home: &Path,
) -> Result<Option<Client>> {
    const SECOND: Duration = Duration::from_secs(1);
    let mut connecting = pin!(builder.connect(address));
    let mut before = Vec::new();
    for _ in 0..max_tries() / 10 {
        let answer = async { tokio::time::timeout(SECOND, connecting.as_mut()).await };
        if let Ok(client) = runtime.block_on(answer) {
            return Ok(Some(client?));
        }
        // Whatever waits for a moment only isn't found twice.
        let waiting: Vec<_> =
            processes_of_session(home).filter(|it| waits_in_libfaketime(it)).collect();
        if waiting.iter().any(|process| before.contains(process)) {
            return Ok(None);
        }
        before = waiting;
    }
    bail!("The driver doesn't answer.\n{}", threads_of_session(home))
}

/// Kills the wizard, and what is in the deadlock: a web process in it doesn't notice that its
/// wizard has ended.
fn kill_session_in_deadlock(home: &Path, pid_file: &Path) {
    let waiting = processes_of_session(home).filter(|it| waits_in_libfaketime(it));
    let waiting = waiting.filter_map(|it| it.file_name()?.to_str()?.parse().ok());
    for pid in waiting.chain(read_pid(pid_file)).filter_map(Pid::from_raw) {
        // It may have ended by now.
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn read_pid(file: &Path) -> Result<i32> {
    let pid = fs::read_to_string(file).context("the wizard left no process id")?;
    pid.trim().parse().context("the wizard's process id isn't a number")
}

/// Whether the only thread of a process waits for a lock in the memory of libfaketime.
fn waits_in_libfaketime(process: &Path) -> bool {
    // The number of the system call, on x86-64; elsewhere such a process isn't recognised.
    const FUTEX: &str = "202";
    if cfg!(not(target_arch = "x86_64")) {
        return false;
    }
    let call = read_text(&process.join("syscall"));
    let mut words = call.split(' ');
    if entries(&process.join("task")).count() != 1 || words.next() != Some(FUTEX) {
        return false;
    }
    let hex = |digits: &str| u64::from_str_radix(digits, 16).ok();
    let Some(lock) = words.next().and_then(|it| hex(it.strip_prefix("0x")?)) else { return false };
    // Memory without a name that begins where a file's ends belongs to that file.
    let (mut file, mut end) = (String::new(), None);
    for line in read_text(&process.join("maps")).lines() {
        let mut words = line.split_ascii_whitespace();
        let range = words.next().and_then(|range| range.split_once('-'));
        let Some((from, to)) = range.and_then(|(from, to)| Some((hex(from)?, hex(to)?))) else {
            continue;
        };
        match words.nth(4) {
            Some(name) => name.clone_into(&mut file),
            None if end != Some(from) => file.clear(),
            None => {}
        }
        if (from..to).contains(&lock) {
            return file.contains("libfaketime");
        }
        end = Some(to);
    }
    false
}

/// The folders in `/proc` of the processes whose home is this folder.
fn processes_of_session(home: &Path) -> impl Iterator<Item = PathBuf> {
    let variable = format!("HOME={}", home.display());
    entries(Path::new("/proc")).filter(move |process| {
        read_text(&process.join("environ")).split(' ').any(|entry| entry == variable)
    })
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// The content of a file in `/proc`, which may be gone; spaces separate what it contains.
fn read_text(file: &Path) -> String {
    let text = fs::read(file).unwrap_or_default();
    String::from_utf8_lossy(&text).trim_end_matches('\0').trim().replace('\0', " ")
}

pub(crate) fn selector(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}

/// A free port of this machine.
///
/// # Errors
/// Fails if no port is free.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}

pub(crate) fn wait_for_port(port: u16) -> Result<()> {
    for _ in 0..max_tries() {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
    bail!("Nothing listens on port {port}.")
}

pub(crate) fn which(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program.as_ref()))
        .find(|path| path.is_file())
}
