//! Standard input, output and error, and whether they were open when the program started.
//!
//! Rust's runtime opens `/dev/null` in place of a closed stream (`>&-`) before `main`, so that no
//! file gets its descriptor, and its standard library treats a stream that isn't open for writing
//! as one without a reader. Output written there would be lost without an error, and afterwards it
//! can't be distinguished from output that was sent to `/dev/null` on purpose. Therefore the
//! streams are examined before the runtime starts.

use std::io::{self, ErrorKind, Read, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

static INPUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);
static OUTPUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);
static ERRORS_ARE_CLOSED: AtomicBool = AtomicBool::new(false);

#[cfg(unix)]
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    /// Makes system calls and nothing else: the standard library isn't ready yet.
    fn examine() {
        let is_open = is_open_but_for(libc::STDIN_FILENO, libc::O_WRONLY);
        INPUT_IS_CLOSED.store(!is_open, Ordering::Relaxed);
        let is_open = is_open_but_for(libc::STDOUT_FILENO, libc::O_RDONLY);
        OUTPUT_IS_CLOSED.store(!is_open, Ordering::Relaxed);
        let is_open = is_open_but_for(libc::STDERR_FILENO, libc::O_RDONLY);
        ERRORS_ARE_CLOSED.store(!is_open, Ordering::Relaxed);
    }
}

/// Whether a stream is open, and not only for the other direction.
#[cfg(unix)]
#[allow(unsafe_code, reason = "before `main` nothing may be used that needs the standard library")]
fn is_open_but_for(stream: libc::c_int, other: libc::c_int) -> bool {
    // SAFETY: F_GETFL takes no pointer, and changes nothing. A number that isn't open is an error
    // (EBADF).
    let flags = unsafe { libc::fcntl(stream, libc::F_GETFL) };
    flags >= 0 && flags & libc::O_ACCMODE != other
}

/// From now on, everything that is written to standard error is written to this file, for the
/// lifetime of the process. For services, which have no standard error.
///
/// # Errors
/// Returns an [`io::Error`] if Windows refuses the file's handle.
#[cfg(windows)]
#[allow(unsafe_code, reason = "the standard library doesn't replace streams")]
pub fn redirect_errors(file: std::fs::File) -> io::Result<()> {
    use std::os::windows::io::IntoRawHandle as _;

    use windows_sys::Win32::System::Console::{STD_ERROR_HANDLE, SetStdHandle};
    // SAFETY: the handle is open, and nothing closes it from here on.
    match unsafe { SetStdHandle(STD_ERROR_HANDLE, file.into_raw_handle()) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Connects a program that has no console of its own to the console that it was started from, so
/// that standard output and standard error are shown there. A stream that was redirected stays
/// redirected. Returns whether standard output leads anywhere now.
#[cfg(windows)]
pub fn attach_parent_console() -> bool {
    use std::os::windows::io::AsRawHandle as _;
    attach();
    !io::stdout().as_raw_handle().is_null()
}

#[cfg(windows)]
#[allow(unsafe_code, reason = "the standard library doesn't attach consoles")]
fn attach() {
    use windows_sys::Win32::System::Console::{ATTACH_PARENT_PROCESS, AttachConsole};
    // SAFETY: it takes no pointer. It fails if there is a console already, or none to attach to.
    unsafe { AttachConsole(ATTACH_PARENT_PROCESS) };
}

/// Writes a result to standard output. A closed pipe isn't an error, and an empty result needs no
/// stream.
///
/// # Errors
/// Returns the system's error, and [`ErrorKind::NotConnected`] if the stream is closed.
pub fn write_output(answer: &str) -> io::Result<()> {
    if answer.is_empty() {
        return Ok(());
    }
    check_open(&OUTPUT_IS_CLOSED)?;
    let mut output = io::stdout().lock();
    match output.write_all(answer.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Checks that a result could be written to standard output, for a command in which the user would
/// otherwise work in vain.
///
/// # Errors
/// [`ErrorKind::NotConnected`] if the stream is closed.
pub fn check_output() -> io::Result<()> {
    check_open(&OUTPUT_IS_CLOSED)
}

/// Writes to standard error, in one piece, so that it isn't mixed with what another process writes.
///
/// # Errors
/// Returns the system's error, and [`ErrorKind::NotConnected`] if the stream is closed.
pub fn write_error(text: &str) -> io::Result<()> {
    check_open(&ERRORS_ARE_CLOSED)?;
    io::stderr().lock().write_all(text.as_bytes())
}

/// Standard input.
///
/// # Errors
/// Returns [`ErrorKind::NotConnected`] if it is closed.
pub fn standard_input() -> io::Result<impl Read> {
    check_open(&INPUT_IS_CLOSED).map(|()| io::stdin().lock())
}

fn check_open(is_closed: &AtomicBool) -> io::Result<()> {
    match is_closed.load(Ordering::Relaxed) {
        true => Err(ErrorKind::NotConnected.into()),
        false => Ok(()),
    }
}
