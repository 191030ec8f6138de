//! The operators' sessions. They live in memory, so a restart signs everyone out.
//!
//! The cookie is written and read without a library: it is one, of a fixed form, whose value needs
//! no encoding. The `cookie` crate would add a jar and a parser of dates for the same two lines.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use latchkey_issuer::Operator;

/// The cookie's name. The prefix makes browsers keep it to this host, to TLS and to the root (RFC
/// 6265bis, 4.1.3.2).
pub(crate) const COOKIE_NAME: &str = "__Host-latchkey";
/// Inactivity after which a session ends.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// Maximum duration of a session.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// Most sessions at a time: the oldest one ends for a new one.
const MAX_SESSIONS: usize = 1000;

/// All sessions, by their cookies' values.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, SessionEntry>>);

#[derive(Debug, Clone)]
struct SessionEntry {
    operator: String,
    generation: u64,
    secret: String,
    since: Instant,
    seen: Instant,
}

impl Sessions {
    /// Begins a session and returns the cookie; `None` if the system's random number generator
    /// fails.
    pub(crate) fn begin(&self, operator: Operator) -> Option<String> {
        let (id, secret) = (random()?, random()?);
        let now = Instant::now();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, kept| kept.is_valid(now));
        if sessions.len() >= MAX_SESSIONS {
            let oldest =
                sessions.iter().min_by_key(|(_, kept)| kept.seen).map(|(id, _)| id.clone());
            sessions.remove(&oldest?);
        }
        let Operator { name: operator, generation, .. } = operator;
        let kept = SessionEntry { operator, generation, secret, since: now, seen: now };
        sessions.insert(id.clone(), kept);
        Some(format!("{COOKIE_NAME}={id}; Path=/; Secure; HttpOnly; SameSite=Strict"))
    }

    /// Ends a session and returns the header that deletes its cookie.
    pub(crate) fn end(&self, session: &Session) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&session.id);
        format!("{COOKIE_NAME}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    pub(crate) fn find(&self, id: &str) -> Option<Session> {
        let now = Instant::now();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = sessions.get_mut(id).filter(|kept| kept.is_valid(now))?;
        kept.seen = now;
        Some(Session {
            id: id.to_owned(),
            operator: kept.operator.clone(),
            generation: kept.generation,
            secret: kept.secret.clone(),
        })
    }
}

impl SessionEntry {
    fn is_valid(&self, now: Instant) -> bool {
        now.duration_since(self.seen) < IDLE && now.duration_since(self.since) < LONGEST
    }
}

fn random() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(data_encoding::HEXLOWER.encode(&bytes))
}

/// An operator who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    id: String,
    pub(crate) operator: String,
    pub(crate) generation: u64,
    /// What every form of this session carries, and no other site knows.
    pub(crate) secret: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_after_half_an_hour_without_use_and_after_twelve_hours() {
        let since = Instant::now();
        let is_valid = |seen: u64, now: u64| {
            let at = |minutes: u64| since + Duration::from_secs(minutes * 60);
            let (operator, secret) = (String::new(), String::new());
            SessionEntry { operator, generation: 0, secret, since, seen: at(seen) }
                .is_valid(at(now))
        };
        assert!(is_valid(0, 29) && !is_valid(0, 30));
        assert!(is_valid(700, 719) && !is_valid(719, 720));
    }
}
