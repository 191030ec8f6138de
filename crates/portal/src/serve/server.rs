//! Connections: how many there may be, how long each may take, and how they end when the server is told to stop. What
//! is said on them is the router's business.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

/// Connections at a time. Whoever comes then waits in the system's queue.
const MAX_CONNECTIONS: usize = 512;
/// How long a client may take to say what it wants.
const HEADER_TIME: Duration = Duration::from_secs(15);
/// How long a connection may live: longer than an upload may take, short enough that nobody holds one for ever by
/// reading an answer a byte at a time.
const CONNECTION_TIME: Duration = Duration::from_secs(300);
/// How long the answers that are being given may take once the server was told to stop.
const STOP_TIME: Duration = Duration::from_secs(30);

/// Whose connection a request came in on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Serves until `stop` comes, then answers what has been asked and ends.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let open = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = async {
            let permit = Arc::clone(&connections).acquire_owned().await.ok()?;
            Some((listener.accept().await, permit))
        };
        let (accepted, permit) = tokio::select! {
            () = &mut stop => break,
            Some(accepted) = accepted => accepted,
            else => break,
        };
        let Ok((stream, peer)) = accepted else {
            // No more files may be open, or the client has gone: the next one may fare better.
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        let connection = connection(stream, peer, router.clone());
        let watched = open.watch(connection);
        tokio::spawn(async move {
            // What goes wrong on a connection is the client's affair.
            let _ = timeout(CONNECTION_TIME, watched).await;
            drop(permit);
        });
    }
    drop(listener);
    let _ = timeout(STOP_TIME, open.shutdown()).await;
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
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
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(64)
        .serve_connection(TokioIo::new(stream), service)
}
