//! What `gate` synchronises with. Its test puts another module in this one's place.

pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
pub(crate) use std::thread;
