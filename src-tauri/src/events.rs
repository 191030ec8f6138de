//! What the backend tells the pages without being asked. It goes over a channel that the pages open
//! themselves, so they need no permission to listen to events.

use std::sync::{Mutex, PoisonError};

use tauri::ipc::Channel;

use crate::view::NewsView;

/// The pages' channel, and what was to be told before they listened.
#[derive(Default)]
pub struct News(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    channel: Option<Channel<NewsView>>,
    waiting: Vec<NewsView>,
}

impl News {
    /// From here on the pages listen. A page that was loaded anew listens anew.
    pub fn listen(&self, channel: Channel<NewsView>) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for news in std::mem::take(&mut inner.waiting) {
            // Pages that are gone already need no news.
            let _ = channel.send(news);
        }
        inner.channel = Some(channel);
    }

    /// Tells the pages now, or as soon as they listen.
    pub fn tell(&self, news: NewsView) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &inner.channel {
            // As above.
            Some(channel) => drop(channel.send(news)),
            None => inner.waiting.push(news),
        }
    }

    /// There are pages that listen.
    pub fn is_heard(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).channel.is_some()
    }
}
