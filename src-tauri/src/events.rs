//! Events that the backend sends to the pages on its own. They go through a channel that the pages
//! open themselves, so the pages need no permission to listen to Tauri's events.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tauri::ipc::Channel;

use crate::view::BackendEvent;

/// The channel to the pages, and the events that happened before the pages opened it.
#[derive(Default)]
pub struct EventChannel(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    channel: Option<Channel<BackendEvent>>,
    queued: Vec<BackendEvent>,
}

impl EventChannel {
    /// Sends events through this channel from now on, and the queued ones at once. A page that is
    /// loaded again connects again.
    pub fn connect(&self, channel: Channel<BackendEvent>) {
        let mut inner = self.lock();
        for event in std::mem::take(&mut inner.queued) {
            // The webview may already be closed.
            let _ = channel.send(event);
        }
        inner.channel = Some(channel);
    }

    /// Sends an event now, or as soon as the pages are connected.
    pub fn send(&self, event: BackendEvent) {
        let mut inner = self.lock();
        match &inner.channel {
            // The webview may already be closed.
            Some(channel) => drop(channel.send(event)),
            None => inner.queued.push(event),
        }
    }

    /// Whether the pages have opened the channel.
    pub fn is_connected(&self) -> bool {
        self.lock().channel.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
