//! Reads request bodies completely before anything else happens, with limits on size, duration, and
//! bytes in flight per address. A slow sender occupies no work permit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::StatusCode;
use latchkey_token::limits::MAX_TEXT_BYTES;
use tokio::time::{Instant, timeout_at};

use crate::client::ClientId;
use crate::connections::{Connection, Peer};
use crate::error::PortalError;
use crate::request_context::{HttpError, RequestContext};

/// Most bytes of a form that holds a token and a few words.
pub(crate) const MAX_FORM: usize = 64 * 1024;
/// Most bytes of a form with texts and files: a whole text, and what a browser puts around it.
pub(crate) const MAX_UPLOAD: usize = MAX_TEXT_BYTES + 256 * 1024;
/// How long the first bytes may take.
const START: Duration = Duration::from_secs(10);
/// Bytes a second that have to come from then on.
const MIN_RATE: u32 = 2 * 1024;
/// How long it may take from some bytes to the next ones, however many came before.
const PAUSE: Duration = Duration::from_secs(10);
/// How long a whole one may take.
const LONGEST: Duration = Duration::from_secs(120);
/// How long an oversized body is still read, so that the client receives the response.
const DRAIN: Duration = Duration::from_secs(2);
/// Maximum bytes of large bodies in flight, over all clients.
pub(super) const IN_FLIGHT: usize = 6 * MAX_UPLOAD;
/// Most bytes of large bodies in flight of one address: one whole text.
const IN_FLIGHT_OF_ONE: usize = MAX_UPLOAD;
/// Most of one network of version 6 of 48 bits.
const IN_FLIGHT_OF_NETWORK: usize = 2 * MAX_UPLOAD;

/// How many bytes of large bodies are in memory.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    each: HashMap<ClientId, usize>,
}

/// A client's share of the bytes in flight. It lives as long as the bytes and moves with them into
/// the work.
#[derive(Debug)]
pub(crate) struct Held {
    in_flight: Arc<InFlight>,
    whose: ClientId,
    bytes: usize,
}

impl InFlight {
    /// The bytes in flight of all clients.
    #[cfg(any(test, fuzzing))]
    pub(super) fn bytes(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Held {
    const fn new(in_flight: Arc<InFlight>, whose: ClientId) -> Self {
        Self { in_flight, whose, bytes: 0 }
    }

    /// Whether the body is a small form, which isn't counted.
    pub(crate) const fn is_small(&self) -> bool {
        self.bytes == 0
    }

    /// Grows the share to `to` bytes if there is room. The size of a small form isn't counted:
    /// there are at most as many of those as connections, plus the tasks of closed connections,
    /// which are few per address.
    fn grow(&mut self, to: usize) -> bool {
        let more = to.saturating_sub(MAX_FORM).saturating_sub(self.bytes);
        if more == 0 {
            return true;
        }
        let mut counts = self.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = self.whose.with_network().all(|(whose, many)| {
            let most = if many == 1 { IN_FLIGHT_OF_ONE } else { IN_FLIGHT_OF_NETWORK };
            counts.each.get(&whose).copied().unwrap_or(0) + more <= most
        });
        if counts.all + more > IN_FLIGHT || !has_room {
            return false;
        }
        counts.all += more;
        for (whose, _) in self.whose.with_network() {
            *counts.each.entry(whose).or_default() += more;
        }
        self.bytes += more;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut counts = self.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= self.bytes;
        for (whose, _) in self.whose.with_network() {
            if let Some(own) = counts.each.get_mut(&whose) {
                *own -= self.bytes;
                if *own == 0 {
                    counts.each.remove(&whose);
                }
            }
        }
    }
}

/// Reads the whole body into memory. The request's extensions then contain the share of its bytes,
/// as [`Arc<Held>`].
pub(crate) async fn read_whole(
    in_flight: &Arc<InFlight>,
    context: &RequestContext,
    request: Request,
) -> Result<Request, HttpError> {
    let limit = if request.uri().path() == "/" { MAX_UPLOAD } else { MAX_FORM };
    let (mut parts, mut body) = request.into_parts();
    let connection = parts.extensions.get::<Peer>().map(|peer| Arc::clone(&peer.connection));
    let _receiving = Receiving(connection.as_deref());
    let began = Instant::now();
    let mut last = began;
    let mut held = Held::new(Arc::clone(in_flight), context.origin.client_id());
    let mut bytes = Vec::new();
    loop {
        let credit = u32::try_from(bytes.len()).unwrap_or(u32::MAX) / MIN_RATE;
        let until = began + LONGEST.min(START + Duration::from_secs(credit.into()));
        let until = until.min(last + PAUSE);
        let chunk = match timeout_at(until, next_chunk(&mut body)).await {
            Ok(Some(Ok(chunk))) => chunk,
            Ok(Some(Err(_))) => return Err(refusal(context, StatusCode::BAD_REQUEST)),
            Ok(None) => break,
            Err(_) => {
                return Err(context.problem_with(StatusCode::REQUEST_TIMEOUT, &PortalError::Form));
            }
        };
        last = Instant::now();
        connection.iter().for_each(|connection| connection.note_received());
        let length = bytes.len() + chunk.len();
        if length > limit || !held.grow(length) {
            drop((bytes, held));
            drain(&mut body).await;
            return Err(match length > limit {
                true => refusal(context, StatusCode::PAYLOAD_TOO_LARGE),
                false => context.problem_with(StatusCode::SERVICE_UNAVAILABLE, &PortalError::Busy),
            });
        }
        bytes.extend_from_slice(&chunk);
    }
    parts.extensions.insert(Arc::new(held));
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Until it is dropped something may still come.
struct Receiving<'c>(Option<&'c Connection>);

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        self.0.iter().for_each(|connection| connection.note_complete());
    }
}

async fn next_chunk(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    loop {
        let frame =
            std::future::poll_fn(|context| std::pin::Pin::new(&mut *body).poll_frame(context));
        match frame.await? {
            Ok(frame) => match frame.into_data() {
                Ok(data) => return Some(Ok(data)),
                // Trailers are ignored.
                Err(_) => continue,
            },
            Err(error) => return Some(Err(error)),
        }
    }
}

async fn drain(body: &mut Body) {
    let until = Instant::now() + DRAIN;
    let mut left = MAX_UPLOAD;
    while let Ok(Some(Ok(chunk))) = timeout_at(until, next_chunk(body)).await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

pub(crate) fn refusal(context: &RequestContext, status: StatusCode) -> HttpError {
    let error = match status {
        StatusCode::PAYLOAD_TOO_LARGE => PortalError::InputTooLarge { limit: MAX_TEXT_BYTES },
        _ => PortalError::Form,
    };
    context.problem_with(status, &error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Origin;

    #[test]
    fn uploads_in_flight_are_bounded_for_each_address() {
        let in_flight = Arc::new(InFlight::default());
        let address = |n: u8| Origin::Address([192, 0, 2, n].into()).client_id();
        let held = |n| Held::new(Arc::clone(&in_flight), address(n));
        let mut first = held(1);
        assert!(first.grow(MAX_UPLOAD));
        let mut second = held(1);
        assert!(second.grow(MAX_FORM), "a small form has to wait for a large text");
        assert!(!second.grow(2 * MAX_FORM + IN_FLIGHT_OF_ONE));
        let mut others: Vec<_> = (2..9).map(held).collect();
        let taken =
            others.iter_mut().filter_map(|held| held.grow(MAX_UPLOAD).then_some(())).count();
        assert!((4..8).contains(&taken), "{taken}");
        drop((first, second, others));
        let network = |n: u8| {
            let address = format!("2001:db8:1:{n:x}::1").parse().unwrap();
            Held::new(Arc::clone(&in_flight), Origin::Address(address).client_id())
        };
        let mut networks: Vec<_> = (0..6).map(network).collect();
        let taken = networks.iter_mut().filter_map(|held| held.grow(MAX_UPLOAD).then_some(()));
        assert_eq!(taken.count(), 2, "one customer's networks leave no room for others");
        drop(networks);
        let counts = in_flight.0.lock().unwrap();
        assert_eq!((counts.all, counts.each.len()), (0, 0));
    }
}
