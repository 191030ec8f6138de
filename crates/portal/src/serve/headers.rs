//! What stands around every answer: security headers and the line in the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::limits::What;
use super::visit::Visitor;
use super::{Shared, log};

/// Seconds after which somebody who asked too often has a few more; the page says it exactly.
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

/// Answers a request, with everything around it.
pub(crate) async fn around(
    State(portal): State<Shared>,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let path = request.uri().path();
    let works = method == Method::POST || path.starts_with("/a/") || path.starts_with("/A/");
    let taken = if works { portal.limits.take(&visitor, What::Work) } else { Ok(()) };
    let mut response = match taken {
        Ok(()) => next.run(request).await,
        Err(problem) => visitor.reply(&portal, Err(problem)),
    };
    add(response.headers_mut());
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(LATER));
    }
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let status = response.status().as_u16();
    log::request(known(&method), route, status, began.elapsed(), visitor.address);
    response
}

/// What an answer has said itself stays.
fn add(headers: &mut HeaderMap) {
    for (name, value) in &HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// A method's name; one that a client made up could say anything.
fn known(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::OPTIONS | Method::PUT => {
            method.as_str()
        }
        _ => "other",
    }
}
