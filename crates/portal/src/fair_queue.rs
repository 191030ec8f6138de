//! Work permits: limits how much work is done at a time, in total and per address. A permit is
//! moved into the closure or task that does the work, so a client that disconnects early doesn't
//! release it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::client::{ClientId, WIDER};
use crate::connections::{AtWork, Connection};
use crate::error::PortalError;
use crate::request_context::{HttpError, RequestContext};

/// How long a request waits for a permit.
const WAIT: Duration = Duration::from_secs(20);
/// Number of addresses above which idle ones are evicted.
const TIDY: usize = 1024;

/// Turns for one kind of work.
#[derive(Debug)]
pub(crate) struct FairQueue {
    all: Arc<Semaphore>,
    each: usize,
    /// The limit for an IPv6 network as a whole. It leaves room for other clients.
    network: usize,
    addresses: Mutex<HashMap<ClientId, Weak<Semaphore>>>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
#[must_use = "the turn is over when this is dropped"]
pub(crate) struct QueuePermit {
    _own: Vec<OwnedSemaphorePermit>,
    of_all: Option<OwnedSemaphorePermit>,
}

/// The permit of a request, which is returned while the request only waits for something else:
/// others work meanwhile, and its connection may be closed in favour of others. The part that
/// counts against its address stays taken: the task continues after its connection is closed, and
/// the number of such tasks per address must stay limited.
#[derive(Debug, Clone)]
pub(crate) struct YieldedPermit {
    work: Arc<Mutex<(QueuePermit, Option<AtWork>)>>,
    connection: Option<Arc<Connection>>,
}

impl YieldedPermit {
    pub(crate) fn of(turn: QueuePermit, connection: Option<Arc<Connection>>) -> Self {
        let at_work = connection.as_ref().map(Connection::begin_work);
        Self { work: Arc::new(Mutex::new((turn, at_work))), connection }
    }

    /// Waits without the turn, and then until it is its turn again.
    pub(crate) async fn yield_during<T>(
        &self,
        turns: &FairQueue,
        context: &RequestContext,
        waiting: impl Future<Output = Result<T, HttpError>>,
    ) -> Result<T, HttpError> {
        {
            let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
            work.0.of_all = None;
            work.1 = None;
        }
        let waited = waiting.await?;
        let of_all = turns.acquire_shared(context, Instant::now() + WAIT).await?;
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        work.0.of_all = Some(of_all);
        work.1 = self.connection.as_ref().map(Connection::begin_work);
        drop(work);
        Ok(waited)
    }
}

impl FairQueue {
    /// Creates a queue with `all` permits in total and `each` per address.
    pub(crate) fn new(all: usize, each: usize) -> Self {
        let network = (WIDER * each).min(all.saturating_sub(each)).max(each);
        Self { all: Arc::new(Semaphore::new(all)), each, network, addresses: Mutex::default() }
    }

    /// Waits for a permit: first among requests of the same address, then among all.
    pub(crate) async fn take(&self, context: &RequestContext) -> Result<QueuePermit, HttpError> {
        let until = Instant::now() + WAIT;
        let mut own = Vec::new();
        for (whose, many) in context.origin.client_id().with_network() {
            let of_address = self.of(whose, if many == 1 { self.each } else { self.network });
            let taken = timeout_at(until, of_address.acquire_owned()).await;
            own.push(taken.map_err(|_| busy_error(context))?.map_err(|_| busy_error(context))?);
        }
        let of_all = self.acquire_shared(context, until).await?;
        Ok(QueuePermit { _own: own, of_all: Some(of_all) })
    }

    async fn acquire_shared(
        &self,
        context: &RequestContext,
        until: Instant,
    ) -> Result<OwnedSemaphorePermit, HttpError> {
        let of_all = timeout_at(until, Arc::clone(&self.all).acquire_owned()).await;
        of_all.map_err(|_| busy_error(context))?.map_err(|_| busy_error(context))
    }

    fn of(&self, whose: ClientId, most: usize) -> Arc<Semaphore> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = addresses.get(&whose).and_then(Weak::upgrade) {
            return found;
        }
        if addresses.len() >= TIDY {
            addresses.retain(|_, semaphore| semaphore.strong_count() > 0);
        }
        let made = Arc::new(Semaphore::new(most));
        addresses.insert(whose, Arc::downgrade(&made));
        made
    }
}

fn busy_error(context: &RequestContext) -> HttpError {
    context.problem_with(StatusCode::SERVICE_UNAVAILABLE, &PortalError::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Origin;
    use crate::state::{SMALL_TEXTS, UPLOADS};

    #[tokio::test]
    async fn texts_from_one_customers_networks_share_one_queue_slot() {
        let whose = |n: usize| {
            let address = format!("2001:db8:1:{n:x}::1").parse().unwrap();
            RequestContext::from_origin(Origin::Address(address))
        };
        for (all, each) in [UPLOADS, SMALL_TEXTS] {
            let turns = FairQueue::new(all, each);
            let mut taken = Vec::new();
            for n in 0..each {
                taken.push(turns.take(&whose(n)).await.unwrap());
            }
            let another = whose(each);
            // Asked once, it isn't its turn.
            let now = tokio::time::timeout(Duration::ZERO, turns.take(&another)).await;
            assert!(now.is_err(), "{all} {each}");
            let other = RequestContext::from_origin(Origin::Address([192, 0, 2, 1].into()));
            drop(turns.take(&other).await.unwrap());
        }
    }
}
