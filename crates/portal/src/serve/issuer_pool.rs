//! Where the pages get at the issuer: one connection that writes, in the order in which they ask, and a few that only
//! read. No rule lives here, and nothing of HTTP.

use std::sync::{Arc, Mutex as Shelf, PoisonError};
use std::time::Duration;

use latchkey_issuer::{DatabaseError, Issuer, KeysError};
use latchkey_lease::Timestamp;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

use crate::commands::ready;
use crate::error::{InputError, ServerError};

/// Connections that only read. More than there are cores would only queue elsewhere.
const READERS: usize = 2;
/// How long somebody waits in the line for a connection.
const LINE: Duration = Duration::from_secs(10);
/// How long a connection waits for another program that writes.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to find out whether something could be granted.
pub(super) const READY: Duration = Duration::from_secs(2);
/// For how long that is known.
const READY_KNOWN: Duration = Duration::from_secs(1);
/// A database that others are writing to counts as one that can be had, as long as it could be had so long ago: longer
/// than a context waits in line for it, who is told that it is busy after that.
const READY_WHILE_BUSY: Duration = Duration::from_secs(15);

/// The issuer, for many who ask at once.
#[derive(Debug, Clone)]
pub(crate) struct IssuerPool {
    /// First come, first served: no request waits longer because others poll harder.
    writer: Arc<Mutex<Issuer>>,
    /// For work that takes long by itself and writes little.
    slow: Arc<Mutex<Issuer>>,
    probe: Arc<Mutex<Probe>>,
    /// When something could last be granted. A caller that doesn't get at the probe in time still knows it.
    could: Arc<Shelf<Option<Instant>>>,
    readers: Arc<Shelf<Vec<Issuer>>>,
    /// As many permits as there are readers on the shelf.
    free: Arc<Semaphore>,
}

/// Tries whether something could be granted.
#[derive(Debug)]
struct Probe {
    issuer: Issuer,
    /// When it did so last, and with what outcome.
    last: Option<(Instant, Tried)>,
}

/// Whether something could be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tried {
    Could,
    /// Others were writing, or asking to, for as long as was waited.
    Busy,
    Failed,
}

/// Whether the server is ready: a grant waits for others that write, so being busy for a moment is no failure.
fn is_ready(tried: Tried, could: Option<Instant>, now: Instant) -> bool {
    match tried {
        Tried::Could => true,
        Tried::Busy => could.is_some_and(|could| now - could < READY_WHILE_BUSY),
        Tried::Failed => false,
    }
}

/// A reader that goes back to the shelf, whatever becomes of the work.
struct PooledIssuer {
    issuer: Option<Issuer>,
    shelf: Arc<Shelf<Vec<Issuer>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for PooledIssuer {
    fn drop(&mut self) {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).extend(self.issuer.take());
    }
}

impl IssuerPool {
    /// Opens the connections beside the one that there is.
    pub(crate) fn open(mut issuer: Issuer) -> Result<Self, ServerError> {
        issuer.wait_for_others(PATIENCE)?;
        let another = |patience| {
            let mut another = issuer.open_connection()?;
            another.wait_for_others(patience)?;
            Ok::<_, ServerError>(another)
        };
        let readers = (0..READERS).map(|_| another(PATIENCE)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            slow: Arc::new(Mutex::new(another(PATIENCE)?)),
            probe: Arc::new(Mutex::new(Probe { issuer: another(READY / 2)?, last: None })),
            could: Arc::default(),
            writer: Arc::new(Mutex::new(issuer)),
            readers: Arc::new(Shelf::new(readers)),
            free: Arc::new(Semaphore::new(READERS)),
        })
    }

    /// Changes something. Once begun it is done to its end, whether or not anybody still waits for the answer.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, ServerError> {
        Self::on(turn(&self.writer).await?, work).await
    }

    /// The same, for as long as it takes until it is its turn.
    pub(crate) async fn write_sometime<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, ServerError> {
        Self::on(Arc::clone(&self.writer).lock_owned().await, work).await
    }

    /// The same on a connection of its own, for what takes long by itself: nobody who writes waits for it.
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, ServerError> {
        Self::on(turn(&self.slow).await?, work).await
    }

    async fn on<T: Send + 'static>(
        mut issuer: OwnedMutexGuard<Issuer>,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, ServerError> {
        let done = spawn_blocking(move || {
            let now = ready(&mut issuer)?;
            Ok(work(&mut issuer, now))
        })
        .await;
        done.unwrap_or_else(|_| Err(InputError::Interrupted.into()))
    }

    /// Looks something up.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, ServerError> {
        let permit = timeout(LINE, Arc::clone(&self.free).acquire_owned()).await;
        let permit = permit.map_err(|_| InputError::Busy)?.map_err(|_| InputError::Interrupted)?;
        let shelf = Arc::clone(&self.readers);
        let take = move || {
            let issuer = shelf.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut lent = PooledIssuer { issuer, shelf, _permit: permit };
            let issuer = lent.issuer.as_mut().ok_or(InputError::Interrupted)?;
            ready(issuer).map(|now| work(issuer, now))
        };
        spawn_blocking(take).await.unwrap_or_else(|_| Err(InputError::Interrupted.into()))
    }

    /// Whether something could be granted now: in the same line as what is granted, with the same keys, and in the same kind
    /// of transaction, which is taken back.
    pub(crate) async fn could_grant(&self) -> bool {
        let until = Instant::now() + READY;
        let now_with = |tried| {
            let could = *self.could.lock().unwrap_or_else(PoisonError::into_inner);
            is_ready(tried, could, Instant::now())
        };
        // Of many who ask at once only one tries.
        let Ok(mut probe) = timeout_at(until, Arc::clone(&self.probe).lock_owned()).await else {
            return now_with(Tried::Busy);
        };
        if let Some((at, tried)) = probe.last
            && at.elapsed() < READY_KNOWN
        {
            return now_with(tried);
        }
        // A batch takes its turn for each token, and so does this.
        let Ok(turn) = timeout_at(until, Arc::clone(&self.writer).lock_owned()).await else {
            return now_with(Tried::Busy);
        };
        let could = Arc::clone(&self.could);
        let tried = spawn_blocking(move || {
            let tried = match probe.issuer.could_grant() {
                Ok(()) => Tried::Could,
                Err(KeysError::Database(DatabaseError::Busy)) => Tried::Busy,
                Err(_) => Tried::Failed,
            };
            drop(turn);
            let now = Instant::now();
            probe.last = Some((now, tried));
            if tried == Tried::Could {
                *could.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
            }
            tried
        });
        let tried = timeout_at(until, tried).await;
        now_with(tried.map_or(Tried::Busy, |tried| tried.unwrap_or(Tried::Failed)))
    }
}

async fn turn(issuer: &Arc<Mutex<Issuer>>) -> Result<OwnedMutexGuard<Issuer>, ServerError> {
    let turn = timeout(LINE, Arc::clone(issuer).lock_owned()).await;
    turn.map_err(|_| InputError::Busy.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_busy_is_ready_for_a_while_and_one_that_fails_never_is() {
        let could = Instant::now();
        let at = |seconds| could + Duration::from_secs(seconds);
        assert!(is_ready(Tried::Could, None, could));
        assert!(is_ready(Tried::Busy, Some(could), at(14)));
        assert!(!is_ready(Tried::Busy, Some(could), at(15)));
        assert!(!is_ready(Tried::Busy, None, could), "it never could be had");
        assert!(!is_ready(Tried::Failed, Some(could), at(1)));
    }
}
