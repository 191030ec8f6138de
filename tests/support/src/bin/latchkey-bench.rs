//! `cargo xtask bench wizard`, after everything is built: compares the wizard with a minimal Tauri
//! window in one run on one display. Times are from program start until the first button is visible
//! on the screen; memory is the proportional set size (PSS) of the program and all processes that
//! it started.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench talks to the person at the terminal"
)]

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use latchkey_e2e_support::{Desktop, ProductFixture, Programs};

/// How often each program is started.
const STARTS: usize = 10;
/// The colour of the first button in both windows. The bare window's page has it in its style, the
/// wizard gets it as the vendor's accent. With a logo, nothing else in the wizard has that colour.
const BUTTON: [u8; 3] = [0xc2, 0x18, 0x5b];
/// The benchmark fails if a start takes longer.
const GIVE_UP: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let programs = Programs::find()?;
    let release = programs.target().join("release");
    let folder = programs.target().join("bench").join("wizard");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("the last bench can't be removed")?;
    }
    let mut fixture = ProductFixture::set_up(&folder)?;
    // Looking at a larger display would take time from the programs.
    fixture.desktop.switch_display("1024x800x24")?;
    let config = fixture.kit.config();
    let text = fs::read_to_string(&config)?;
    ensure!(text.contains("[look]\n"), "the kit has no look that could be changed");
    fs::write(
        &config,
        text.replace("[look]\n", "[look]\naccent = \"#c2185b\"\nlogo = \"logo.svg\"\n"),
    )?;
    let logo = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";
    fs::write(config.with_file_name("logo.svg"), logo)?;

    let mut bare = Measured::new("bare window", &release.join("bare-window"))?;
    let mut wizard = Measured::new("wizard", &release.join("latchkey-wizard"))?;
    // One start of each to fill the caches, then in turn, so that both see the same machine.
    for round in 0..=STARTS {
        for (program, arguments) in
            [(&mut bare, vec![]), (&mut wizard, vec!["--product".into(), config.clone()])]
        {
            let mut command = fixture.desktop.command(&program.path);
            command.args(arguments);
            let (time, memory) = start(&fixture.desktop, command)?;
            if round > 0 {
                program.times.push(time);
                program.memory.push(memory);
            }
        }
    }
    println!(
        "\n{:<14}{:>14}{:>14}{:>14}{:>14}",
        "", "first screen", "memory (PSS)", "binary", ".deb"
    );
    for program in [&bare, &wizard] {
        println!(
            "{:<14}{:>11} ms{:>10.1} MiB{:>10.1} MiB{:>10.1} MiB",
            program.name,
            program.time().as_millis(),
            program.memory() as f64 / 1024.0,
            program.binary as f64 / 1024.0 / 1024.0,
            program.package as f64 / 1024.0 / 1024.0,
        );
    }
    println!(
        "{:<14}{:>12.2} ×{:>12.2} ×{:>12.2} ×{:>12.2} ×",
        "wizard / bare",
        wizard.time().as_secs_f64() / bare.time().as_secs_f64(),
        wizard.memory() as f64 / bare.memory() as f64,
        wizard.binary as f64 / bare.binary as f64,
        wizard.package as f64 / bare.package as f64,
    );
    println!(
        "Goals: 1.15 × for the first screen, 1.10 × for memory, 2.50 × for the .deb. \
         Medians of {STARTS} starts."
    );
    Ok(())
}

/// A program and what was seen of it.
struct Measured {
    name: &'static str,
    path: String,
    binary: u64,
    package: u64,
    times: Vec<Duration>,
    memory: Vec<u64>,
}

impl Measured {
    fn new(name: &'static str, path: &Path) -> Result<Self> {
        let binary =
            fs::metadata(path).with_context(|| format!("{} isn't built", path.display()))?;
        let package = package(path)?;
        let path = path.to_string_lossy().into_owned();
        let (times, memory) = (Vec::new(), Vec::new());
        Ok(Self { name, path, binary: binary.len(), package, times, memory })
    }

    fn time(&self) -> Duration {
        median(&self.times)
    }

    /// In KiB.
    fn memory(&self) -> u64 {
        median(&self.memory)
    }
}

/// The size of the Debian package beside a program, in bytes.
fn package(program: &Path) -> Result<u64> {
    let folder = program.with_file_name("bundle").join("deb");
    let stem = program.file_name().context("no program")?.to_string_lossy().into_owned() + "_";
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&stem) && name.ends_with(".deb") {
            return Ok(entry.metadata()?.len());
        }
    }
    bail!("{stem}….deb isn't in {}", folder.display())
}

fn median<T: Ord + Copy>(values: &[T]) -> T {
    let mut values = values.to_vec();
    values.sort_unstable();
    values[values.len() / 2]
}

/// Starts a program, waits until its first button is on the display, and ends it. Returns the time
/// until then and the memory in KiB.
fn start(desktop: &Desktop, mut command: Command) -> Result<(Duration, u64)> {
    let display = desktop.look()?;
    ensure!(!display.shows_colour(BUTTON)?, "a window is there already");
    let begin = Instant::now();
    let mut child = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    let time = loop {
        if display.shows_colour(BUTTON)? {
            break begin.elapsed();
        }
        if let Some(status) = child.0.try_wait()? {
            bail!("it ended by itself ({status})");
        }
        ensure!(begin.elapsed() < GIVE_UP, "its first button was never seen");
        thread::sleep(Duration::from_millis(2));
    };
    // What it does after the first screen counts as memory too.
    thread::sleep(Duration::from_secs(1));
    let memory = memory_of_tree(child.0.id())?;
    drop(child);
    while display.shows_colour(BUTTON)? {
        thread::sleep(Duration::from_millis(20));
    }
    Ok((time, memory))
}

/// A running program, which is killed when this value is dropped. Its helpers end with it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The proportional share of memory of a process and all that it started, in KiB.
fn memory_of_tree(root: u32) -> Result<u64> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // A process may end while it is looked at.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        if let Some(parent) = parent.and_then(|parent| parent.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut waiting = vec![root];
    let mut sum = 0;
    while let Some(pid) = waiting.pop() {
        waiting.extend(children.get(&pid).into_iter().flatten());
        let Ok(rollup) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        sum += pss
            .and_then(|pss| pss.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
            .unwrap_or(0);
    }
    ensure!(sum > 0, "its memory can't be read");
    Ok(sum)
}
