//! Checking again and again in the background, for products that want to be told instead of asking.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::licence::{Inner, Licence};

/// Checking more often tells nothing new.
const AT_LEAST: Duration = Duration::from_secs(1);

/// A background check, which ends with this value.
#[derive(Debug)]
pub struct Watch {
    /// Closing it wakes the thread.
    _stop: Sender<()>,
}

impl Licence {
    /// Checks in the background every so often, at most once a second, until the value that is given back is dropped;
    /// functions that were given to [`Licence::on_change`] are called on that thread.
    ///
    /// # Errors
    /// The operating system's, when it has no thread left.
    pub fn watch(&self, every: Duration) -> std::io::Result<Watch> {
        let (stop, stopped) = mpsc::channel();
        let inner: Weak<Inner> = Arc::downgrade(&self.0);
        let every = every.max(AT_LEAST);
        std::thread::Builder::new().name("latchkey-watch".to_owned()).spawn(move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let Some(inner) = inner.upgrade() else { return };
                let _ = Licence(inner).check();
            }
        })?;
        Ok(Watch { _stop: stop })
    }
}
