//! A pool of issuer connections: one FIFO writer, one writer for slow work, and a few readers. It
//! contains no licence rules and no HTTP.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use latchkey_issuer::{DatabaseError, Issuer, KeysError, ProbeError};
use latchkey_lease::Timestamp;
use latchkey_server_core::now_for;
use latchkey_token::HasErrorCode;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

use crate::error::PortalError;

/// Connections that only read. More than there are cores would only queue elsewhere.
const READERS: usize = 2;
/// How long a request waits for a connection.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection waits for another program that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take to find out whether something could be granted.
const READY: Duration = Duration::from_secs(2);
/// How long the result of a readiness probe is valid.
const READY_KNOWN: Duration = Duration::from_secs(1);
/// A busy database counts as available if it was available this recently. This is longer than a
/// request waits for it before it is answered as busy.
const READY_WHILE_BUSY: Duration = Duration::from_secs(15);

/// The issuer, shared by many concurrent requests.
#[derive(Debug, Clone)]
pub(crate) struct IssuerPool {
    /// First come, first served: no request waits longer because others poll harder.
    writer: Arc<AsyncMutex<Issuer>>,
    /// For work that takes long by itself and writes little.
    slow: Arc<AsyncMutex<Issuer>>,
    probe: Arc<AsyncMutex<Probe>>,
    /// When something could last be granted. A caller that doesn't get at the probe in time still
    /// knows it.
    last_ready: Arc<Mutex<Option<Instant>>>,
    readers: Arc<Mutex<Vec<Issuer>>>,
    /// As many permits as there are idle readers.
    free: Arc<Semaphore>,
}

/// Whether an operation changes data or only reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IssuerAccess {
    Read,
    Write,
}

/// Tries whether something could be granted.
#[derive(Debug)]
struct Probe {
    issuer: Issuer,
    /// When it did so last, and with what outcome.
    last: Option<(Instant, ProbeOutcome)>,
}

/// Whether something could be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProbeOutcome {
    Ready,
    /// Others were writing, or asking to, for as long as was waited.
    Busy,
    /// This machine's clock is in doubt.
    ClockInDoubt {
        code: &'static str,
    },
    Failed {
        code: &'static str,
    },
}

/// Why nothing can be granted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotReady {
    /// The error code, for the log.
    pub(crate) code: &'static str,
}

impl NotReady {
    /// Whether clients may learn the cause: a doubt about this machine's clock isn't secret.
    pub(crate) fn is_public(self) -> bool {
        self.code.starts_with("clock.")
    }
}

/// Whether the server is ready: a grant waits for others that write, so being busy for a moment is
/// no failure.
fn readiness(
    tried: ProbeOutcome,
    last_ready: Option<Instant>,
    now: Instant,
) -> Result<(), NotReady> {
    match tried {
        ProbeOutcome::Ready => Ok(()),
        ProbeOutcome::Busy if last_ready.is_some_and(|at| now - at < READY_WHILE_BUSY) => Ok(()),
        ProbeOutcome::Busy => Err(NotReady { code: PortalError::Busy.code().name }),
        ProbeOutcome::ClockInDoubt { code } | ProbeOutcome::Failed { code } => {
            Err(NotReady { code })
        }
    }
}

/// Remembers when something could last be granted. That it was possible before a doubt or a failure
/// is no reason to assume it afterwards.
fn remember(last_ready: &Mutex<Option<Instant>>, tried: ProbeOutcome, now: Instant) {
    let mut last_ready = last_ready.lock().unwrap_or_else(PoisonError::into_inner);
    match tried {
        ProbeOutcome::Ready => *last_ready = Some(now),
        ProbeOutcome::Busy => {}
        ProbeOutcome::ClockInDoubt { .. } | ProbeOutcome::Failed { .. } => *last_ready = None,
    }
}

impl ProbeOutcome {
    fn failed(error: &impl HasErrorCode) -> Self {
        Self::Failed { code: error.code().name }
    }
}

impl Probe {
    /// Whether this machine's clock is in doubt, which a connection that only reads finds out
    /// however busy the others are.
    fn compare_clock(&mut self) -> ProbeOutcome {
        let now = match now_for(&mut self.issuer) {
            Ok(now) => now,
            Err(error) => return ProbeOutcome::failed(&error),
        };
        match self.issuer.compare_clock(now) {
            Ok(compared) => match compared.doubt() {
                Some(doubt) => ProbeOutcome::ClockInDoubt { code: doubt.code().name },
                None => ProbeOutcome::Ready,
            },
            Err(DatabaseError::Busy) => ProbeOutcome::Busy,
            Err(error) => ProbeOutcome::failed(&error),
        }
    }

    fn probe_grant(&mut self) -> ProbeOutcome {
        let now = match now_for(&mut self.issuer) {
            Ok(now) => now,
            Err(error) => return ProbeOutcome::failed(&error),
        };
        match self.issuer.probe_grant(now) {
            Ok(()) => ProbeOutcome::Ready,
            Err(ProbeError::Clock(doubt)) => ProbeOutcome::ClockInDoubt { code: doubt.code().name },
            Err(
                ProbeError::Database(DatabaseError::Busy)
                | ProbeError::Keys(KeysError::Database(DatabaseError::Busy)),
            ) => ProbeOutcome::Busy,
            Err(error) => ProbeOutcome::failed(&error),
        }
    }
}

/// A reader that is returned to the pool even if the work panics.
struct PooledIssuer {
    issuer: Option<Issuer>,
    idle: Arc<Mutex<Vec<Issuer>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for PooledIssuer {
    fn drop(&mut self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(self.issuer.take());
    }
}

impl IssuerPool {
    /// Opens further connections in addition to the given one.
    pub(crate) fn open(mut issuer: Issuer) -> Result<Self, PortalError> {
        issuer.wait_for_others(BUSY_TIMEOUT)?;
        let another = |busy_timeout| {
            let mut another = issuer.open_connection()?;
            another.wait_for_others(busy_timeout)?;
            Ok::<_, PortalError>(another)
        };
        let readers = (0..READERS).map(|_| another(BUSY_TIMEOUT)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            slow: Arc::new(AsyncMutex::new(another(BUSY_TIMEOUT)?)),
            probe: Arc::new(AsyncMutex::new(Probe { issuer: another(READY / 2)?, last: None })),
            last_ready: Arc::default(),
            writer: Arc::new(AsyncMutex::new(issuer)),
            readers: Arc::new(Mutex::new(readers)),
            free: Arc::new(Semaphore::new(READERS)),
        })
    }

    /// Runs an operation that needs this access.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        access: IssuerAccess,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, PortalError> {
        match access {
            IssuerAccess::Read => self.read(work).await,
            IssuerAccess::Write => self.write(work).await,
        }
    }

    /// Runs a write. Once begun it completes, even if the client disconnects.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, PortalError> {
        Self::run_blocking(wait_for_turn(&self.writer).await?, work).await
    }

    /// Runs a write and waits for the connection without a timeout.
    pub(crate) async fn write_sometime<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, PortalError> {
        Self::run_blocking(Arc::clone(&self.writer).lock_owned().await, work).await
    }

    /// Runs a slow write on a separate connection, so that other writers don't wait for it.
    pub(crate) async fn slow_write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, PortalError> {
        Self::run_blocking(wait_for_turn(&self.slow).await?, work).await
    }

    async fn run_blocking<T: Send + 'static>(
        mut issuer: OwnedMutexGuard<Issuer>,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, PortalError> {
        let done = spawn_blocking(move || {
            let now = now_for(&mut issuer)?;
            Ok(work(&mut issuer, now))
        })
        .await;
        done.unwrap_or(Err(PortalError::Interrupted))
    }

    /// Runs a read-only query.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, PortalError> {
        let permit = timeout(QUEUE_TIMEOUT, Arc::clone(&self.free).acquire_owned()).await;
        let permit =
            permit.map_err(|_| PortalError::Busy)?.map_err(|_| PortalError::Interrupted)?;
        let idle = Arc::clone(&self.readers);
        let take = move || {
            let issuer = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut lent = PooledIssuer { issuer, idle, _permit: permit };
            let issuer = lent.issuer.as_mut().ok_or(PortalError::Interrupted)?;
            let now = now_for(issuer)?;
            Ok(work(issuer, now))
        };
        spawn_blocking(take).await.unwrap_or(Err(PortalError::Interrupted))
    }

    /// Whether a grant would succeed now: uses the same queue, the same clock, the same keys and
    /// the same kind of transaction as a grant, and rolls it back. A doubt about the clock is found
    /// however busy all connections are.
    pub(crate) async fn probe_grant(&self) -> Result<(), NotReady> {
        let until = Instant::now() + READY;
        let now_with = |tried| {
            // A success is remembered when it happens, and not when it is read again.
            if tried != ProbeOutcome::Ready {
                remember(&self.last_ready, tried, Instant::now());
            }
            let last_ready = *self.last_ready.lock().unwrap_or_else(PoisonError::into_inner);
            readiness(tried, last_ready, Instant::now())
        };
        // Of several concurrent callers, only one runs the probe.
        let Ok(mut probe) = timeout_at(until, Arc::clone(&self.probe).lock_owned()).await else {
            return now_with(ProbeOutcome::Busy);
        };
        // This is cheap, and not remembered: the vendor may confirm the clock in the meantime.
        let compared = spawn_blocking(move || {
            let outcome = probe.compare_clock();
            (probe, outcome)
        });
        let mut probe = match timeout_at(until, compared).await {
            Ok(Ok((probe, ProbeOutcome::Ready))) => probe,
            Ok(Ok((_, outcome))) => return now_with(outcome),
            Ok(Err(_)) => return now_with(ProbeOutcome::failed(&PortalError::Interrupted)),
            Err(_) => return now_with(ProbeOutcome::Busy),
        };
        if let Some((at, tried)) = probe.last
            && at.elapsed() < READY_KNOWN
            && !matches!(tried, ProbeOutcome::ClockInDoubt { .. })
        {
            return now_with(tried);
        }
        // A batch takes its turn for each token, and so does this.
        let Ok(turn) = timeout_at(until, Arc::clone(&self.writer).lock_owned()).await else {
            return now_with(ProbeOutcome::Busy);
        };
        let last_ready = Arc::clone(&self.last_ready);
        let tried = spawn_blocking(move || {
            let tried = probe.probe_grant();
            drop(turn);
            let now = Instant::now();
            probe.last = Some((now, tried));
            remember(&last_ready, tried, now);
            tried
        });
        now_with(match timeout_at(until, tried).await {
            Ok(Ok(tried)) => tried,
            Ok(Err(_)) => ProbeOutcome::failed(&PortalError::Interrupted),
            Err(_) => ProbeOutcome::Busy,
        })
    }
}

async fn wait_for_turn(
    issuer: &Arc<AsyncMutex<Issuer>>,
) -> Result<OwnedMutexGuard<Issuer>, PortalError> {
    let turn = timeout(QUEUE_TIMEOUT, Arc::clone(issuer).lock_owned()).await;
    turn.map_err(|_| PortalError::Busy)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_busy_database_stays_ready_and_a_failing_one_does_not() {
        let last_ready = Instant::now();
        let at = |seconds| last_ready + Duration::from_secs(seconds);
        let busy = Err(NotReady { code: "portal.busy" });
        assert_eq!(readiness(ProbeOutcome::Ready, None, last_ready), Ok(()));
        assert_eq!(readiness(ProbeOutcome::Busy, Some(last_ready), at(14)), Ok(()));
        assert_eq!(readiness(ProbeOutcome::Busy, Some(last_ready), at(15)), busy);
        assert_eq!(readiness(ProbeOutcome::Busy, None, last_ready), busy, "it was never available");
        let failed = ProbeOutcome::Failed { code: "database.damaged" };
        let damaged = Err(NotReady { code: "database.damaged" });
        assert_eq!(readiness(failed, Some(last_ready), at(1)), damaged);
        let doubt = ProbeOutcome::ClockInDoubt { code: "clock.behind" };
        let behind = Err(NotReady { code: "clock.behind" });
        assert_eq!(readiness(doubt, Some(last_ready), at(1)), behind);
    }

    /// Keeps all readers and the writer at work until the returned senders are dropped.
    async fn keep_busy(pool: &IssuerPool) -> Vec<Sender<()>> {
        let mut senders = Vec::new();
        let (begin, mut begun) = tokio::sync::mpsc::unbounded_channel();
        for access in [IssuerAccess::Read; READERS].into_iter().chain([IssuerAccess::Write]) {
            let (sender, receiver) = channel::<()>();
            senders.push(sender);
            let (pool, begin) = (pool.clone(), begin.clone());
            tokio::spawn(async move {
                let work = move |_: &mut Issuer, _: Timestamp| {
                    let _ = begin.send(());
                    let _ = receiver.recv();
                };
                pool.run(access, work).await
            });
            assert_eq!(begun.recv().await, Some(()));
        }
        senders
    }

    /// Probes again where this machine was too slow for an answer in time.
    async fn probed(pool: &IssuerPool) -> Result<(), NotReady> {
        let mut outcome = pool.probe_grant().await;
        for _ in 0..10 {
            if outcome != Err(NotReady { code: "portal.busy" }) {
                break;
            }
            outcome = pool.probe_grant().await;
        }
        outcome
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_doubt_about_the_clock_is_found_while_all_connections_are_busy() {
        let folder = tempfile::tempdir().unwrap();
        let now = latchkey_server_core::now().unwrap();
        for (name, newest, code) in [
            ("behind", now + TimeDelta::days(1), "clock.behind"),
            ("ahead", now - TimeDelta::days(10_000), "clock.ahead"),
        ] {
            let issuer = Issuer::set_up(&folder.path().join(name), "Acme", newest).unwrap();
            let pool = IssuerPool::open(issuer).unwrap();
            let doubt = Err(NotReady { code });
            assert_eq!(probed(&pool).await, doubt);
            let busy = keep_busy(&pool).await;
            assert_eq!(probed(&pool).await, doubt, "while all connections are busy");
            drop(busy);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_confirmed_clock_is_ready_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let now = latchkey_server_core::now().unwrap();
        let later = now + TimeDelta::days(1);
        let issuer = Issuer::set_up(&folder.path().join("data"), "Acme", later).unwrap();
        let pool = IssuerPool::open(issuer).unwrap();
        let doubt = Err(NotReady { code: "clock.behind" });
        assert_eq!(probed(&pool).await, doubt);
        pool.write(|issuer, now| issuer.confirm_clock(now)).await.unwrap().unwrap();
        assert_eq!(probed(&pool).await, Ok(()));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_could_be_granted_before_a_doubt_does_not_count_while_busy() {
        let folder = tempfile::tempdir().unwrap();
        let now = latchkey_server_core::now().unwrap();
        let issuer = Issuer::set_up(&folder.path().join("data"), "Acme", now).unwrap();
        let pool = IssuerPool::open(issuer).unwrap();
        assert_eq!(probed(&pool).await, Ok(()));
        let later = now + TimeDelta::days(1);
        pool.write(move |issuer, _| issuer.confirm_clock(later)).await.unwrap().unwrap();
        assert_eq!(probed(&pool).await, Err(NotReady { code: "clock.behind" }));
        let held = Arc::clone(&pool.probe).lock_owned().await;
        assert_eq!(pool.probe_grant().await, Err(NotReady { code: "portal.busy" }));
        drop(held);
    }
}
