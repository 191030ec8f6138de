//! Middleware for every response: security headers and the request log.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use latchkey_token::HasErrorCode as _;

use crate::connections::{Connection, Peer};
use crate::error::PortalError;
use crate::fair_queue::YieldedPermit;
use crate::rate_limit::Quota;
use crate::request_context::{HttpError, RequestContext};
use crate::state::Shared;
use crate::{body, log};

/// Retry-After seconds of a rate-limited client; the page states the exact time.
const LATER: &str = "60";

/// Nothing from anywhere else, nothing inline. Forms go to the portal only.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

static HEADERS: [(HeaderName, &str); 8] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    // Addresses of pages can hold tokens.
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=(), payment=()",
    ),
];

/// Wraps the handling of a request.
pub(crate) async fn wrap(
    State(portal): State<Shared>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let path = request.uri().path();
    let works = method == Method::POST || path.starts_with("/a/") || path.starts_with("/A/");
    let answered = respond(&portal, &context, works, request, next).await;
    let mut response =
        answered.unwrap_or_else(|problem| context.render(&portal.branding, Err(problem)));
    add(response.headers_mut());
    if matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
    {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(LATER));
    }
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let status = response.status().as_u16();
    log::request(known_method(&method), route, status, began.elapsed(), context.origin);
    response
}

/// First what is sent, however slowly; then the turn, where there is work to do; then the work.
/// The work is a task of its own. It runs to its end and keeps its permit until then, even if the
/// client disconnects.
async fn respond(
    portal: &Shared,
    context: &RequestContext,
    works: bool,
    request: Request,
    next: Next,
) -> Result<Response, HttpError> {
    if works {
        portal.limits.take(context, Quota::Work)?;
    }
    let connection = request.extensions().get::<Peer>().map(|peer| Arc::clone(&peer.connection));
    let mut request = body::read_whole(&portal.in_flight, context, request).await?;
    if !works {
        let _at_work = connection.as_ref().map(Connection::begin_work);
        return Ok(next.run(request).await);
    }
    let turn = portal.works.take(context).await?;
    // A connection that only waits for a permit may be closed in favour of others.
    let turn = YieldedPermit::of(turn, connection);
    request.extensions_mut().insert(turn.clone());
    let work = tokio::spawn(async move {
        let response = next.run(request).await;
        drop(turn);
        response
    });
    work.await.map_err(|_| context.unavailable(PortalError::Interrupted.code().name))
}

/// Headers that the response already has are kept.
fn add(headers: &mut HeaderMap) {
    for (name, value) in &HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// The method's name if it is a standard one; a client could put anything into another.
fn known_method(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::OPTIONS | Method::PUT => {
            method.as_str()
        }
        _ => "other",
    }
}
