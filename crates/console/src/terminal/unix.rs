//! Switches a terminal to another mode while something is read from it. The previous mode is
//! restored however that ends: at the end of input, on an error, a panic or a signal. Only after a
//! kill signal that can't be caught does the shell have to restore it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use nix::unistd::{getpgid, getpgrp, getppid, getsid};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr, ttyname,
};
use signal_hook::SigId;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::low_level::{emulate_default_handler, pipe, unregister};
use zeroize::Zeroizing;

use super::line_editor::{KeyEffect, Keys, LineEditor, caret_notation};

/// The number of bytes that are read at a time.
const CHUNK: usize = 4096;
/// The maximum length of a passphrase, far more than any has. A terminal in line mode has no longer
/// lines.
const MAX_SECRET: usize = 4096;

pub(super) fn read_pasted(limit: usize) -> io::Result<Vec<u8>> {
    let screen = Screen::open();
    let mut terminal = Changed::new(|mode| {
        mode.local_modes.remove(LocalModes::ICANON);
        // Without lines the terminal shows their ends as `^J`.
        if screen.is_open() {
            mode.local_modes.remove(LocalModes::ECHO);
        }
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
    })?;
    let key = |which| terminal.before.special_codes[which];
    let keys = Keys {
        end: key(SpecialCodeIndex::VEOF),
        erase: key(SpecialCodeIndex::VERASE),
        erase_word: key(SpecialCodeIndex::VWERASE),
        erase_line: key(SpecialCodeIndex::VKILL),
    };
    let shows = terminal.before.local_modes.contains(LocalModes::ECHO);
    let mut editor = LineEditor::new(limit);
    let mut chunk = [0; CHUNK];
    // Text that was typed before the mode changed has a zero in place of the end-of-file key.
    let mut is_from_before = terminal.has_more()?;
    loop {
        let read = terminal.read(&mut chunk)?;
        if read == 0 {
            return Ok(editor.into_text());
        }
        let mut shown = Vec::new();
        let mut is_over = false;
        for &byte in &chunk[..read] {
            let byte = if is_from_before && byte == 0 { keys.end } else { byte };
            match editor.handle_key(byte, &keys) {
                // The terminal has shown it already.
                KeyEffect::Added if is_from_before => {}
                KeyEffect::Added => shown.extend(caret_notation(byte)),
                KeyEffect::Erased(columns) => {
                    shown.extend("\u{8} \u{8}".repeat(columns).into_bytes());
                }
                KeyEffect::Nothing => {}
                KeyEffect::End => {
                    is_over = true;
                    break;
                }
            }
        }
        if shows {
            screen.show(&shown);
        }
        if is_over {
            return Ok(editor.into_text());
        }
        is_from_before = false;
    }
}

pub(super) fn read_secret() -> io::Result<Zeroizing<String>> {
    let line = read_secret_line()?;
    let text = std::str::from_utf8(&line)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it isn't UTF-8"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

pub(super) fn read_secret_line() -> io::Result<Zeroizing<Vec<u8>>> {
    let mut terminal = Changed::new(|mode| {
        mode.local_modes.remove(LocalModes::ECHO);
        // The end of the line is still shown.
        mode.local_modes.insert(LocalModes::ICANON | LocalModes::ECHONL);
    })?;
    // It never moves, so that no copy of the secret remains elsewhere.
    let mut line = Zeroizing::new([0; MAX_SECRET]);
    let read = terminal.read(&mut line[..])?;
    drop(terminal);
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let length = line[..read].iter().rposition(|byte| !is_end(byte)).map_or(0, |last| last + 1);
    Ok(Zeroizing::new(line[..length].to_vec()))
}

/// Keeps the terminal of standard input in another mode until this is dropped.
struct Changed {
    before: Termios,
    changed: Termios,
    signals: Signals,
}

impl Changed {
    fn new(change: impl Fn(&mut Termios)) -> io::Result<Self> {
        // This comes first, so that a signal already restores the mode.
        let signals = Signals::new()?;
        let before = tcgetattr(io::stdin())?;
        let mut changed = before.clone();
        change(&mut changed);
        let terminal = Self { before, changed, signals };
        set_mode(&terminal.changed)?;
        Ok(terminal)
    }

    /// Waits for input. Signals that end or stop the process do so once the mode is as before.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let stdin = io::stdin();
            let mut wait = [
                PollFd::new(&stdin, PollFlags::IN),
                PollFd::new(&self.signals.woken, PollFlags::IN),
            ];
            match poll(&mut wait, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let is_there = !wait[0].revents().is_empty();
            for signal in self.signals.take_arrived() {
                self.attend_to(signal)?;
            }
            if is_there {
                match rustix::io::read(&stdin, &mut *buffer) {
                    Err(Errno::INTR) => {}
                    read => return Ok(read?),
                }
            }
        }
    }

    fn attend_to(&self, signal: i32) -> io::Result<()> {
        match signal {
            // The process was stopped by a signal that can't be caught, and the program that had
            // the terminal meanwhile changed its mode.
            SIGCONT => set_mode(&self.changed),
            SIGTSTP if !can_be_continued() => Ok(()),
            _ => {
                set_mode(&self.before)?;
                emulate_default_handler(signal)?;
                // The signal was a stop, and the process continues.
                set_mode(&self.changed)
            }
        }
    }

    fn has_more(&self) -> io::Result<bool> {
        let stdin = io::stdin();
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&at_once)) {
            Err(Errno::INTR) => Ok(false),
            ready => Ok(ready? > 0),
        }
    }
}

/// Echoes what is typed in place of the terminal. It doesn't block: a program that pastes without
/// reading meanwhile sees less of the echo.
struct Screen(Option<File>);

impl Screen {
    fn open() -> Self {
        let without_waiting = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        let name = ttyname(io::stdin(), Vec::new()).ok();
        Self(name.and_then(|name| {
            let name = OsStr::from_bytes(name.as_bytes());
            File::options().write(true).custom_flags(without_waiting).open(name).ok()
        }))
    }

    const fn is_open(&self) -> bool {
        self.0.is_some()
    }

    fn show(&self, bytes: &[u8]) {
        if let Some(mut terminal) = self.0.as_ref() {
            // Input that isn't echoed still counts.
            let _ = terminal.write(bytes);
        }
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        // A pending signal ends the process once the handlers are dropped, which happens next.
        let _ = set_mode(&self.before);
    }
}

/// Changes the mode without discarding what was typed already.
fn set_mode(mode: &Termios) -> io::Result<()> {
    loop {
        match tcsetattr(io::stdin(), OptionalActions::Now, mode) {
            Err(Errno::INTR) => {}
            done => return Ok(done?),
        }
    }
}

/// Whether there is a shell that can continue a stopped process. The system stops a process by a
/// key only then.
///
/// In a container that was entered from outside, the leader of the session or of the group is
/// invisible, and its process id is 0. `rustix` rules that out; `nix` returns it unchanged.
fn can_be_continued() -> bool {
    let parent = getppid();
    let is_of_session = getsid(Some(parent)).ok() == getsid(None).ok();
    is_of_session && getpgid(Some(parent)).is_ok_and(|group| group != getpgrp())
}

/// Whether no terminal is in another mode: signals do what they do by default then. There is one
/// for the process, since what acts on it can't be registered a second time without acting twice.
static IS_OVER: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| Arc::new(AtomicBool::new(true)));

/// The signals that act on [`IS_OVER`].
static WITH_DEFAULT: Mutex<Vec<i32>> = Mutex::new(Vec::new());

/// Restores a signal's default action while [`IS_OVER`] is set, before any other registered handler
/// runs.
fn register_default(signal: i32) -> io::Result<()> {
    let mut registered = WITH_DEFAULT.lock().unwrap_or_else(PoisonError::into_inner);
    if !registered.contains(&signal) {
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&IS_OVER))?;
        registered.push(signal);
    }
    Ok(())
}

/// The signals that end, stop or continue the process, while a terminal is in another mode.
struct Signals {
    woken: UnixStream,
    each: Vec<(i32, Arc<AtomicBool>)>,
    wakers: Vec<SigId>,
}

impl Signals {
    const ALL: [i32; 6] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT];

    fn new() -> io::Result<Self> {
        let (woken, waker) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        let mut signals = Self { woken, each: Vec::new(), wakers: Vec::new() };
        for signal in Self::ALL {
            if signal != SIGTSTP || can_be_continued() {
                register_default(signal)?;
            }
            let came = Arc::new(AtomicBool::new(false));
            signals.wakers.push(signal_hook::flag::register(signal, Arc::clone(&came))?);
            signals.wakers.push(pipe::register(signal, waker.as_fd().try_clone_to_owned()?)?);
            signals.each.push((signal, came));
        }
        // Last, so that signals aren't swallowed where one of them couldn't be registered.
        IS_OVER.store(false, Ordering::SeqCst);
        Ok(signals)
    }

    /// The signals that have arrived since the last call.
    fn take_arrived(&mut self) -> Vec<i32> {
        let mut bytes = [0; 64];
        while self.woken.read(&mut bytes).is_ok_and(|read| read == bytes.len()) {}
        let came = |(signal, came): &(i32, Arc<AtomicBool>)| {
            came.swap(false, Ordering::SeqCst).then_some(*signal)
        };
        self.each.iter().filter_map(came).collect()
    }
}

/// From now on, signals have their default effect, and so do those that have arrived but weren't
/// handled.
impl Drop for Signals {
    fn drop(&mut self) {
        IS_OVER.store(true, Ordering::SeqCst);
        let late = self.take_arrived();
        for id in self.wakers.drain(..) {
            unregister(id);
        }
        for signal in late.into_iter().filter(|signal| *signal != SIGCONT && *signal != SIGTSTP) {
            let _ = emulate_default_handler(signal);
        }
    }
}
