//! A store for tests: the item is in memory, and failures can be injected.

use std::sync::{Arc, Mutex};

use zeroize::Zeroizing;

use super::{Store, StoreHandle};
use crate::error::StoreError;

/// An injected failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Unlock(StoreError),
    Write(StoreError),
    /// The write is lost without an error.
    LostWrite,
}

#[derive(Debug, Default)]
struct Inner {
    item: Option<Vec<u8>>,
    fault: Option<Fault>,
    writes: usize,
    unlocks: usize,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryStore(Arc<Mutex<Inner>>);

impl MemoryStore {
    pub(crate) fn item(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap().item.clone()
    }

    pub(crate) fn set_item(&self, item: Option<Vec<u8>>) {
        self.0.lock().unwrap().item = item;
    }

    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        self.0.lock().unwrap().fault = fault;
    }

    pub(crate) fn writes(&self) -> usize {
        self.0.lock().unwrap().writes
    }

    /// The number of times that the store was unlocked since the last call.
    pub(crate) fn take_unlocks(&self) -> usize {
        std::mem::take(&mut self.0.lock().unwrap().unlocks)
    }
}

impl Store for MemoryStore {
    fn open(&self) -> Result<Box<dyn StoreHandle>, StoreError> {
        let mut inner = self.0.lock().unwrap();
        inner.unlocks += 1;
        match &inner.fault {
            Some(Fault::Unlock(error)) => Err(error.clone()),
            _ => Ok(Box::new(self.clone())),
        }
    }

    fn read_unprompted(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let fault = self.0.lock().unwrap().fault.clone();
        match fault {
            Some(Fault::Unlock(error)) => Err(error),
            _ => self.read(),
        }
    }
}

impl StoreHandle for MemoryStore {
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        Ok(self.item().map(Zeroizing::new))
    }

    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let mut inner = self.0.lock().unwrap();
        match inner.fault.clone() {
            Some(Fault::Write(error)) => return Err(error),
            Some(Fault::LostWrite) => {}
            _ => inner.item = Some(bytes.to_vec()),
        }
        inner.writes += 1;
        Ok(())
    }
}
