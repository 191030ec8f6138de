//! `latchkey-server serve`: the router, state and limits of the End User Portal and the admin
//! pages. Every licensing rule is in `latchkey-issuer`, whose functions the command line calls as
//! well.

mod admin;
mod base_path;
mod batches;
mod body;
mod branding;
mod fair_queue;
mod form;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod issuer_pool;
mod log;
mod middleware;
mod page;
mod pages;
mod proxy;
mod rate_limit;
mod request_context;
mod server;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use latchkey_issuer::Issuer;
use latchkey_token::HasErrorCode as _;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use self::branding::Branding;
use self::issuer_pool::IssuerPool;
use self::request_context::RequestContext;
use crate::error::{PortalError, ServerError, reason};
use crate::listen::Listen;
use crate::output::Output;

/// How the portal is run.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where it listens.
    pub(crate) listen: Listen,
    /// The `latchkey.toml` with the branding.
    pub(crate) look: Option<PathBuf>,
    /// Which reverse proxy is trusted to report client addresses.
    pub(crate) behind_proxy: BehindProxy,
}

/// Who is believed about where requests come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BehindProxy {
    Nobody,
    Everybody,
    /// Who has this address.
    Only(IpAddr),
}

impl BehindProxy {
    /// Whether there may be a proxy in front.
    pub(crate) fn is_set(self) -> bool {
        self != Self::Nobody
    }

    pub(crate) fn is_proxy(self, peer: IpAddr) -> bool {
        match self {
            Self::Nobody => false,
            Self::Everybody => true,
            Self::Only(proxy) => proxy.to_canonical() == peer.to_canonical(),
        }
    }
}

/// Threads for work that takes a processor or the disk for a while. Turns allow fewer.
const WORKERS: usize = 32;
/// How long background work may continue after the last connection has closed, before the process
/// exits.
const LAST_WORK: Duration = Duration::from_secs(2);
/// Requests that are worked on at a time, and how many of one address.
const WORKS: (usize, usize) = (64, 4);

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Portal {
    pool: IssuerPool,
    branding: Branding,
    behind_proxy: BehindProxy,
    in_flight: Arc<body::InFlight>,
    works: fair_queue::FairQueue,
    uploads: fair_queue::FairQueue,
    small_texts: fair_queue::FairQueue,
    batches: batches::Batches,
    limits: Arc<rate_limit::RateLimiter>,
    sessions: admin::Sessions,
    /// Minimum time of a response about an activation code.
    min_response_time: Duration,
}

impl Portal {
    /// A portal in its initial state.
    fn new(pool: IssuerPool, branding: Branding, behind_proxy: BehindProxy) -> Self {
        Self {
            branding,
            pool,
            behind_proxy,
            in_flight: Arc::default(),
            works: fair_queue::FairQueue::new(WORKS.0, WORKS.1),
            uploads: fair_queue::FairQueue::new(form::UPLOADS.0, form::UPLOADS.1),
            small_texts: fair_queue::FairQueue::new(form::SMALL_TEXTS.0, form::SMALL_TEXTS.1),
            batches: batches::Batches::default(),
            limits: Arc::default(),
            sessions: admin::Sessions::default(),
            min_response_time: form::MIN_RESPONSE_TIME,
        }
    }
}

pub(crate) type Shared = Arc<Portal>;

/// Serves until the process is told to stop (SIGTERM or SIGINT).
pub(crate) fn run(issuer: Issuer, settings: &Settings, output: &Output) -> Result<(), ServerError> {
    log::panics_of(std::thread::current().id(), log::LAST_LINES);
    let branding = Branding::read(&issuer.vendor().name, settings.look.as_deref())?;
    if let Some(doubt) = &branding.doubt {
        output.warn(doubt);
    }
    let portal = Portal::new(IssuerPool::open(issuer)?, branding, settings.behind_proxy);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(WORKERS)
        .build()
        .map_err(|error| not_listening(&settings.listen, &error))?;
    let served: Result<String, ServerError> = runtime.block_on(async {
        let listener = match settings.listen.addresses() {
            Ok(addresses) => TcpListener::bind(&addresses[..]).await,
            Err(_) => return Err(unknown(&settings.listen)),
        };
        let listener = listener.map_err(|error| not_listening(&settings.listen, &error))?;
        let address =
            listener.local_addr().map_err(|error| not_listening(&settings.listen, &error))?;
        let address = address.to_string();
        output.say("server-listening", &[("address", format!("http://{address}").into())]);
        log::lifecycle("started", &address);
        let stop = stop_signal()?;
        let router = router(Arc::new(portal));
        server::serve(listener, router, settings.behind_proxy, stop).await;
        Ok(address)
    });
    // What still runs then has no connection that waits for it. Whatever it writes is written whole
    // or not at all.
    runtime.shutdown_timeout(LAST_WORK);
    log::lifecycle("stopped", &served?);
    log::flush(log::LAST_LINES);
    Ok(())
}

fn not_listening(listen: &Listen, error: &std::io::Error) -> ServerError {
    PortalError::NotListening { address: listen.to_string(), reason: reason(error) }.into()
}

/// Nothing that this machine has an address for.
fn unknown(listen: &Listen) -> ServerError {
    ServerError::usage(&PortalError::NotListening {
        address: listen.to_string(),
        reason: "unknown",
    })
}

/// Completes when the process receives a signal to stop.
fn stop_signal() -> Result<impl Future<Output = ()>, ServerError> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupted = |_| ServerError::from(PortalError::Interrupted);
        let mut terminate = signal(SignalKind::terminate()).map_err(interrupted)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(interrupted)?;
        Ok(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn router(portal: Shared) -> Router {
    let uploads = Router::new()
        .route("/", get(pages::start::show).post(pages::start::submit))
        .layer(DefaultBodyLimit::max(form::MAX_UPLOAD));
    let base = portal.branding.base.clone();
    let pages = Router::new()
        .route("/a/{token}", get(pages::start::from_link))
        .route("/A/{token}", get(pages::start::from_link))
        .route("/s/{seat}", get(pages::seats::from_link))
        .route("/S/{seat}", get(pages::seats::from_link))
        .route("/seats", get(pages::seats::show).post(pages::seats::list))
        .route("/activate", post(pages::activate::confirm).get(to_start))
        .route("/activate/code", post(pages::activate::with_code).get(to_start))
        .route("/deactivate", post(pages::deactivate::confirm).get(to_start))
        .route("/seat", post(pages::seats::one).get(to_seats))
        .route("/refresh", post(pages::seats::refresh).get(to_seats))
        .route("/gone", post(pages::seats::report_lost).get(to_seats))
        .route("/file", post(pages::issued_token::file).get(to_start))
        .route("/sheet", post(pages::issued_token::sheet).get(to_start))
        .route("/batch/{id}", get(pages::batch::show).post(pages::batch::answer))
        .route("/batch/{id}/responses.txt", get(pages::batch::responses))
        .route("/batch/{id}/table.csv", get(pages::batch::table))
        .route("/portal.css", get(style))
        .route("/portal.js", get(script))
        .route("/icon.svg", get(icon))
        .route("/logo", get(logo))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .merge(admin::routes())
        .layer(DefaultBodyLimit::max(form::MAX_FORM))
        .merge(uploads)
        .fallback(not_found)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&portal), middleware::around))
        .with_state(portal);
    // Runs before routing, so that all other layers see the portal's own paths.
    Router::new()
        .fallback_service(pages.map_request(move |request: Request| base.taken_off(request)))
}

/// The user reloads a page that was the response to a form.
async fn to_start(context: RequestContext) -> Redirect {
    Redirect::to(&context.link("/"))
}

async fn to_seats(context: RequestContext) -> Redirect {
    Redirect::to(&context.link("/seats"))
}

async fn not_found(State(portal): State<Shared>, context: RequestContext) -> Response {
    let problem = context.problem_with(StatusCode::NOT_FOUND, &PortalError::NoPage);
    context.render(&portal, Err(problem))
}

/// A day: an update of the server changes them, a visit doesn't.
const KEPT: &str = "public, max-age=86400";

/// Colours, radii and fonts, which the wizard shares.
const THEME: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/theme.css"));

async fn style(State(portal): State<Shared>) -> Response {
    let css = portal.branding.accent.css() + THEME + include_str!("assets/portal.css");
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, KEPT)], css).into_response()
}

async fn script() -> Response {
    let kind = [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, KEPT)];
    (kind, include_str!("assets/portal.js")).into_response()
}

async fn icon() -> Response {
    let kind = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, KEPT)];
    (kind, include_str!("assets/icon.svg")).into_response()
}

async fn logo(State(portal): State<Shared>) -> Response {
    match &portal.branding.logo {
        Some(logo) => {
            let kind = [(CONTENT_TYPE, logo.kind), (CACHE_CONTROL, KEPT)];
            (kind, logo.bytes.clone()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Liveness: the process responds.
async fn health() -> &'static str {
    "ok\n"
}

/// The process could grant: data and keys can be used as a grant uses them.
async fn ready(State(portal): State<Shared>) -> Response {
    let looked = portal.pool.read(|issuer, now| issuer.compare_clock(now));
    // Where readers are busy for longer, what could be granted decides.
    if let Ok(Ok(Ok(compared))) = tokio::time::timeout(issuer_pool::READY, looked).await
        && let Some(doubt) = compared.doubt()
    {
        let code = doubt.code().name;
        log::internal_error(code);
        return (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {code}\n")).into_response();
    }
    match portal.pool.could_grant().await {
        true => "ready\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response(),
    }
}
