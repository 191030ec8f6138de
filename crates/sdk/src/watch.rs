//! Background checks, for products that want notifications instead of polling.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::licence::{Inner, Licence};

/// The shortest interval. Checking more often yields nothing new.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// A running background check. It stops when this value is dropped.
#[derive(Debug)]
pub struct Watch {
    /// Dropping it wakes the thread.
    stop: Option<Sender<()>>,
    /// The process that has the thread.
    process: u32,
}

impl Drop for Watch {
    /// The child of a fork doesn't have the thread, which may have held the channel's lock at that
    /// moment: waiting for it would take forever. The child's copy of the channel is leaked
    /// instead.
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.stop.take());
        }
    }
}

impl Licence {
    /// Checks in the background at a regular interval, at most once a second, until the returned
    /// value is dropped. Functions that were registered with [`Licence::on_change`] are called on
    /// that thread.
    ///
    /// # Errors
    /// Returns the operating system's [`std::io::Error`] if no thread can be started.
    pub fn watch(&self, every: Duration) -> std::io::Result<Watch> {
        let (stop, stopped) = mpsc::channel();
        let inner: Weak<Inner> = Arc::downgrade(&self.0);
        let every = every.max(MIN_INTERVAL);
        std::thread::Builder::new().name("latchkey-watch".to_owned()).spawn(move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let Some(inner) = inner.upgrade() else { return };
                let _ = Licence(inner).check();
            }
        })?;
        Ok(Watch { stop: Some(stop), process: std::process::id() })
    }
}
