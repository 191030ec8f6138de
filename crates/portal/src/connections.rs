//! The connection layer: limits the number of connections in total and per address and the duration
//! of each, and shuts them down gracefully. The router handles what is sent over them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceExt as _;

use crate::client::{ClientId, Origin};
use crate::proxy::BehindProxy;

/// Maximum number of connections. Beyond it, the oldest idle connection of the address with the
/// most connections is closed.
const MAX_CONNECTIONS: usize = 512;
/// Maximum number of connections per address. Beyond it, its oldest idle connection is closed. A
/// trusted proxy is unlimited.
const MAX_OF_ONE: usize = 64;
/// Connections of one network of version 6 of 48 bits at a time.
const MAX_OF_NETWORK: usize = 2 * MAX_OF_ONE;
/// How long a client may take to send its request headers.
const HEADER_TIME: Duration = Duration::from_secs(15);
/// Maximum lifetime of a connection: longer than an upload may take, short enough that no client
/// keeps one indefinitely by reading a response byte by byte.
const CONNECTION_TIME: Duration = Duration::from_secs(300);
/// How long responses in progress may take after the server was told to stop.
const STOP_TIME: Duration = Duration::from_secs(25);

/// Whose connection a request came in on.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    pub(crate) connection: Arc<Connection>,
}

/// A connection, as long as it is open.
#[derive(Debug)]
pub(crate) struct Connection {
    whose: ClientId,
    /// Requests that are being worked on.
    at_work: AtomicUsize,
    /// Something is being sent on it.
    receives: AtomicBool,
    /// When it last began or ended to be worked for, or when something came.
    since: Mutex<Instant>,
    gives_way: Notify,
}

/// While it lives the connection isn't idle.
#[derive(Debug)]
pub(crate) struct AtWork(Arc<Connection>);

impl Connection {
    fn new(whose: ClientId) -> Self {
        Self {
            whose,
            at_work: AtomicUsize::new(0),
            receives: AtomicBool::new(false),
            since: Mutex::new(Instant::now()),
            gives_way: Notify::new(),
        }
    }

    fn is_of(&self, whose: ClientId) -> bool {
        self.whose.with_network().any(|(own, _)| own == whose)
    }

    /// A request of this connection is being worked on, so it isn't closed for another.
    pub(crate) fn begin_work(self: &Arc<Self>) -> AtWork {
        self.at_work.fetch_add(1, Ordering::AcqRel);
        self.touch();
        AtWork(Arc::clone(self))
    }

    /// More of what is being sent has come.
    pub(crate) fn note_received(&self) {
        self.receives.store(true, Ordering::Release);
        self.touch();
    }

    /// The body has arrived completely, or won't arrive.
    pub(crate) fn note_complete(&self) {
        self.receives.store(false, Ordering::Release);
    }

    fn touch(&self) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Unless it is being worked on: whether data is being sent on it, and since when it is idle.
    /// The smallest value is closed first.
    fn idle_since(&self) -> Option<(bool, Instant)> {
        let idle = self.at_work.load(Ordering::Acquire) == 0;
        idle.then(|| {
            let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
            (self.receives.load(Ordering::Acquire), since)
        })
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.touch();
        self.0.at_work.fetch_sub(1, Ordering::AcqRel);
    }
}

/// All connections, by numbers that only ever ascend.
#[derive(Debug, Default)]
struct Connections {
    open: HashMap<u64, Arc<Connection>>,
    next: u64,
}

impl Connections {
    /// Accepts another connection if there is room or an idle one can be closed.
    fn admit(&mut self, whose: ClientId, is_proxy: bool) -> Option<(u64, Arc<Connection>)> {
        for (whose, many) in whose.with_network() {
            let most = if many == 1 { MAX_OF_ONE } else { MAX_OF_NETWORK };
            let own = self.open.values().filter(|connection| connection.is_of(whose)).count();
            if !is_proxy && own >= most {
                self.give_way(whose)?;
            }
        }
        if self.open.len() >= MAX_CONNECTIONS {
            let mut counts: HashMap<ClientId, usize> = HashMap::new();
            for connection in self.open.values().filter(|open| open.idle_since().is_some()) {
                let whose = connection.whose;
                *counts.entry(whose.enclosing_network().unwrap_or(whose)).or_default() += 1;
            }
            let most = counts.into_iter().max_by_key(|(_, count)| *count)?;
            self.give_way(most.0)?;
        }
        let connection = Arc::new(Connection::new(whose));
        let id = self.next;
        self.next += 1;
        self.open.insert(id, Arc::clone(&connection));
        Some((id, connection))
    }

    /// The address's oldest idle connection is closed.
    fn give_way(&mut self, whose: ClientId) -> Option<()> {
        let own = self.open.iter().filter(|(_, connection)| connection.is_of(whose));
        let idle = own.filter_map(|(id, connection)| Some((connection.idle_since()?, *id)));
        let (_, oldest) = idle.min()?;
        self.open.remove(&oldest)?.gives_way.notify_one();
        Some(())
    }
}

/// Serves until `stop` completes, then finishes open requests and returns.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    behind_proxy: BehindProxy,
    stop: impl Future<Output = ()>,
) {
    let connections = Arc::new(Mutex::new(Connections::default()));
    let open = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // No more files may be open, or the client has gone: the next one may fare better.
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        let address = peer.ip();
        let whose = Origin::Address(address).client_id();
        let admitted = connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .admit(whose, behind_proxy.is_proxy(address));
        // All connections are being worked on, so the new one is closed immediately.
        let Some((id, state)) = admitted else { continue };
        let peer = Peer { address, connection: Arc::clone(&state) };
        let watched = open.watch(serve_connection(stream, peer, router.clone()));
        let connections = Arc::clone(&connections);
        tokio::spawn(async move {
            tokio::select! {
                // What goes wrong on a connection is the client's affair.
                _ = timeout(CONNECTION_TIME, watched) => {}
                () = state.gives_way.notified() => {}
            }
            connections.lock().unwrap_or_else(PoisonError::into_inner).open.remove(&id);
        });
    }
    drop(listener);
    let _ = timeout(STOP_TIME, open.shutdown()).await;
}

fn serve_connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl hyper::service::Service<
        hyper::Request<Incoming>,
        Response = axum::response::Response,
        Error = Infallible,
        Future: Send + 'static,
    >,
> {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(64)
        .serve_connection(TokioIo::new(stream), service)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose(n: u8) -> ClientId {
        Origin::Address([192, 0, 2, n].into()).client_id()
    }

    #[test]
    fn the_oldest_idle_connection_is_evicted_and_no_active_one() {
        let mut connections = Connections::default();
        let (first, at_work) = connections.admit(whose(1), false).unwrap();
        let work = at_work.begin_work();
        let (second, _) = connections.admit(whose(1), false).unwrap();
        for _ in 2..=MAX_OF_ONE {
            connections.admit(whose(1), false).unwrap();
        }
        assert_eq!(connections.open.len(), MAX_OF_ONE);
        assert!(connections.open.contains_key(&first) && !connections.open.contains_key(&second));
        drop(work);
        let all: Vec<_> = connections.open.values().map(Connection::begin_work).collect();
        assert!(connections.admit(whose(1), false).is_none(), "a working one gave way");
        assert!(connections.admit(whose(2), false).is_some(), "another client was refused");
        drop(all);
    }

    #[test]
    fn a_sending_connection_is_evicted_after_idle_ones() {
        let mut connections = Connections::default();
        let (first, sends) = connections.admit(whose(1), false).unwrap();
        sends.note_received();
        let rest: Vec<_> =
            (1..MAX_OF_ONE).map(|_| connections.admit(whose(1), false).unwrap()).collect();
        for _ in 0..MAX_OF_ONE - 1 {
            let (_, another) = connections.admit(whose(1), false).unwrap();
            another.note_received();
            assert!(connections.open.contains_key(&first));
        }
        assert!(!rest.iter().any(|(id, _)| connections.open.contains_key(id)));
        // If data is being sent on all of them, the one that has been silent for the longest time
        // is closed.
        sends.note_received();
        connections.admit(whose(1), false).unwrap();
        assert!(connections.open.contains_key(&first));
        // Once it has all been sent, it is as idle as any.
        sends.note_complete();
        connections.open.retain(|id, _| *id == first || *id % 2 == 0);
        while connections.open.len() < MAX_OF_ONE {
            connections.admit(whose(1), false).unwrap().1.note_received();
        }
        connections.admit(whose(1), false).unwrap();
        assert!(!connections.open.contains_key(&first));
    }

    #[test]
    fn many_networks_of_one_customer_share_the_connections_of_two_addresses() {
        let mut connections = Connections::default();
        let network =
            |n: usize| Origin::Address(format!("2001:db8:1:{n:x}::1").parse().unwrap()).client_id();
        for n in 0..1000 {
            connections.admit(network(n), false).unwrap();
        }
        assert_eq!(connections.open.len(), MAX_OF_NETWORK);
    }

    #[test]
    fn the_address_with_the_most_connections_is_evicted_first() {
        let mut connections = Connections::default();
        let (mine, _) = connections.admit(whose(1), false).unwrap();
        for n in 0..MAX_CONNECTIONS {
            assert!(connections.admit(whose(2 + (n / MAX_OF_ONE) as u8), false).is_some());
        }
        assert_eq!(connections.open.len(), MAX_CONNECTIONS);
        assert!(connections.open.contains_key(&mine));
        // The connections of a proxy belong to all its clients.
        let mut behind = Connections::default();
        for _ in 0..(2 * MAX_OF_ONE) {
            behind.admit(whose(1), true).unwrap();
        }
        assert_eq!(behind.open.len(), 2 * MAX_OF_ONE);
    }
}
