//! Where the pages get at the issuer: one connection that writes, in the order in which they ask, and a few that only
//! read. No rule lives here, and nothing of HTTP.

use std::sync::{Arc, Mutex as Shelf, PoisonError};

use jiff::Timestamp;
use latchkey_issuer::Issuer;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::spawn_blocking;

use crate::commands::clock;
use crate::failure::{Failure, Trouble};

/// Connections that only read. More than there are cores would only queue elsewhere.
const READERS: usize = 2;

/// The issuer, for many who ask at once.
#[derive(Debug)]
pub(crate) struct Desk {
    /// First come, first served: no request waits longer because others poll harder.
    writer: Arc<Mutex<Issuer>>,
    /// For work that takes long by itself and writes little.
    slow: Arc<Mutex<Issuer>>,
    readers: Arc<Shelf<Vec<Issuer>>>,
    /// As many permits as there are readers on the shelf.
    free: Arc<Semaphore>,
}

impl Desk {
    /// Opens the connections beside the one that there is.
    pub(crate) fn open(issuer: Issuer) -> Result<Self, Failure> {
        let readers = (0..READERS).map(|_| issuer.another()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            slow: Arc::new(Mutex::new(issuer.another()?)),
            writer: Arc::new(Mutex::new(issuer)),
            readers: Arc::new(Shelf::new(readers)),
            free: Arc::new(Semaphore::new(READERS)),
        })
    }

    /// Changes something. Once begun it is done to its end, whether or not anybody still waits for the answer.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        Self::on(&self.writer, work).await
    }

    /// The same on a connection of its own, for what takes long by itself: nobody who writes waits for it.
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        Self::on(&self.slow, work).await
    }

    async fn on<T: Send + 'static>(
        issuer: &Arc<Mutex<Issuer>>,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let mut issuer = Arc::clone(issuer).lock_owned().await;
        let done = spawn_blocking(move || Ok(work(&mut issuer, clock()?))).await;
        done.unwrap_or_else(|_| Err(Trouble::Interrupted.into()))
    }

    /// Looks something up.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        let permit = permit.map_err(|_| Trouble::Interrupted)?;
        let shelf = Arc::clone(&self.readers);
        let take = move || {
            let reader = shelf.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut issuer = reader.ok_or(Trouble::Interrupted)?;
            let done = clock().map(|now| work(&mut issuer, now));
            shelf.lock().unwrap_or_else(PoisonError::into_inner).push(issuer);
            drop(permit);
            done
        };
        spawn_blocking(take).await.unwrap_or_else(|_| Err(Trouble::Interrupted.into()))
    }
}
