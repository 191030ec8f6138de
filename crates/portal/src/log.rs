//! The log: one JSON object per line on standard error. A line has a fixed set of fields, none of
//! which can contain a token, a code, or a path chosen by a client.
//!
//! A dedicated thread writes the log. If standard error blocks, only that thread waits: lines that
//! exceed the queue are dropped, and the log reports their number when it resumes.
//!
//! `tracing` isn't used: its subscriber prints the fields of every library's events, and its
//! writers either block or drop lines without reporting how many. Here a line exists only if this
//! file has a function for it.

use std::io::Write as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::ThreadId;
use std::time::{Duration, Instant, SystemTime};

use latchkey_lease::Timestamp;
use latchkey_lease::time::from_system;
use serde_json::{Value, json};

use crate::client::Origin;

/// Lines that wait to be written.
const QUEUE: usize = 4096;

enum Entry {
    Line(String),
    /// Signals that all previous lines have been written.
    Flush(SyncSender<()>),
}

static WRITER: OnceLock<SyncSender<Entry>> = OnceLock::new();
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// A request that was answered. `route` is the route's pattern, not what was asked for: paths hold
/// tokens.
pub(crate) fn request(method: &str, route: &str, status: u16, took: Duration, from: Origin) {
    write(json!({
        "event": "request",
        "method": method,
        "route": route,
        "status": status,
        "milliseconds": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "from": from.to_string(),
    }));
}

/// A client exceeded a rate limit.
pub(crate) fn limited(what: &'static str, from: Origin) {
    write(json!({ "event": "limited", "what": what, "from": from.to_string() }));
}

/// The vendor's machine, data or keys can't be used: the error's code.
pub(crate) fn internal_error(code: &'static str) {
    write(json!({ "event": "trouble", "code": code }));
}

/// From now on, panics are logged with their location but without their message, which may contain
/// anything. The work that panicked is over, and its client was told that it was interrupted. A
/// panic of the thread `last` is flushed before the process ends, within at most `longest`.
pub fn panics_of(last: ThreadId, longest: Duration) {
    // The default hook writes to standard error directly and would block if nobody reads it.
    std::panic::set_hook(Box::new(move |fault| {
        write(panic_line(fault.location()));
        if std::thread::current().id() == last {
            flush(longest);
        }
    }));
}

fn panic_line(place: Option<&std::panic::Location<'_>>) -> Value {
    let place = place.map(|place| format!("{}:{}", place.file(), place.line()));
    json!({ "event": "panic", "place": place })
}

/// The server's own life: started, stopping, stopped.
pub fn lifecycle(event: &'static str, address: &str) {
    write(json!({ "event": event, "address": address }));
}

/// How long the log may take to be written at the end.
pub const LAST_LINES: Duration = Duration::from_secs(1);

/// Waits until everything is written, but no longer than so.
pub fn flush(longest: Duration) {
    let Some(writer) = WRITER.get() else { return };
    let end = Instant::now() + longest;
    let (done, written) = sync_channel(1);
    let mut entry = Entry::Flush(done);
    // A full queue has the most to be waited for: its reader may only just have come.
    while let Err(unsent) = writer.try_send(entry) {
        match unsent {
            TrySendError::Full(back) if Instant::now() < end => entry = back,
            // If nobody reads the log, the error can't be reported.
            TrySendError::Full(_) | TrySendError::Disconnected(_) => return,
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = written.recv_timeout(end.saturating_duration_since(Instant::now()));
}

fn write(line: Value) {
    let writer = WRITER.get_or_init(|| {
        let (writer, queue) = sync_channel(QUEUE);
        std::thread::spawn(move || write_all(&queue));
        writer
    });
    if writer.try_send(Entry::Line(with_time(line))).is_err() {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

fn write_all(queue: &Receiver<Entry>) {
    while let Ok(entry) = queue.recv() {
        let dropped = DROPPED.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            put(&with_time(json!({ "event": "log_dropped", "lines": dropped })));
        }
        match entry {
            Entry::Line(line) => put(&line),
            Entry::Flush(done) => drop(done.send(())),
        }
    }
}

fn put(line: &str) {
    // Written in one piece; if nobody reads the log, the error can't be reported.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

fn with_time(mut line: Value) -> String {
    let now = from_system(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
    line["at"] = now.format("%Y-%m-%dT%H:%M:%S.%3fZ").to_string().into();
    format!("{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_logged_with_its_place_but_not_its_message() {
        let place = std::panic::Location::caller();
        let line = panic_line(Some(place));
        assert_eq!(line["place"], format!("{}:{}", file!(), place.line()));
        assert_eq!(line.as_object().unwrap().len(), 2);
    }

    #[test]
    fn a_fatal_panic_is_the_last_entry_of_the_log() {
        const ENDS: &str = "LATCHKEY_TEST_ENDS_WITH_A_FAULT";
        if std::env::var_os(ENDS).is_some() {
            // However busy the machine is.
            panics_of(std::thread::current().id(), Duration::from_secs(3600));
            for _ in 0..QUEUE / 2 {
                lifecycle("before", "it");
            }
            let _ = std::panic::catch_unwind(|| panic!("a fault"));
            // When a process's main thread ends, it doesn't wait for the others.
            std::process::exit(101);
        }
        let test = std::thread::current().name().unwrap().to_owned();
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        let ended = again.args(["--exact", &test]).env(ENDS, "1").output().unwrap();
        assert_eq!(ended.status.code(), Some(101));
        let log = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(log.matches("\"before\"").count(), QUEUE / 2);
        assert!(log.trim_end().lines().last().unwrap().contains("\"event\":\"panic\""), "{log}");
    }
}
