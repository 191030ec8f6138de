//! The routes of the portal and its files, such as the style sheet. The admin pages list their own
//! routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use tower::ServiceExt as _;

use crate::error::PortalError;
use crate::request_context::RequestContext;
use crate::state::{PortalState, Shared};
use crate::{admin, body, customer, log, middleware};

/// The router of all pages.
pub fn router(portal: Arc<PortalState>) -> Router {
    let uploads = Router::new()
        .route("/", get(customer::start::show).post(customer::start::submit))
        .layer(DefaultBodyLimit::max(body::MAX_UPLOAD));
    let base = portal.branding.base.clone();
    let pages = Router::new()
        .route("/a/{token}", get(customer::start::from_link))
        .route("/A/{token}", get(customer::start::from_link))
        .route("/s/{seat}", get(customer::seats::from_link))
        .route("/S/{seat}", get(customer::seats::from_link))
        .route("/seats", get(customer::seats::show).post(customer::seats::list))
        .route("/activate", post(customer::activate::confirm).get(to_start))
        .route("/activate/code", post(customer::activate::with_code).get(to_start))
        .route("/deactivate", post(customer::deactivate::confirm).get(to_start))
        .route("/seat", post(customer::seats::show_seat).get(to_seats))
        .route("/refresh", post(customer::seats::refresh).get(to_seats))
        .route("/gone", post(customer::seats::report_lost).get(to_seats))
        .route("/file", post(customer::issued_token::file).get(to_start))
        .route("/sheet", post(customer::issued_token::sheet).get(to_start))
        .route("/batch/{id}", get(customer::batch::show).post(customer::batch::answer))
        .route("/batch/{id}/responses.txt", get(customer::batch::responses))
        .route("/batch/{id}/table.csv", get(customer::batch::table))
        .route("/portal.css", get(style))
        .route("/portal.js", get(script))
        .route("/icon.svg", get(icon))
        .route("/logo", get(logo))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .merge(admin::routes())
        .layer(DefaultBodyLimit::max(body::MAX_FORM))
        .merge(uploads)
        .fallback(not_found)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&portal), middleware::wrap))
        .with_state(portal);
    // Runs before routing, so that all other layers see the portal's own paths.
    Router::new()
        .fallback_service(pages.map_request(move |request: Request| base.remove_base(request)))
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
    context.render(&portal.branding, Err(problem))
}

/// A day: an update of the server changes them, a visit doesn't.
const KEPT: &str = "public, max-age=86400";

/// Colours, radii and fonts, which the wizard shares.
const THEME: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/theme.css"));

async fn style(State(portal): State<Shared>) -> Response {
    let css = portal.branding.css() + THEME + include_str!("assets/portal.css");
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

/// The process could grant: the clock, the data and the keys can be used as a grant uses them.
async fn ready(State(portal): State<Shared>) -> Response {
    match portal.pool.probe_grant().await {
        Ok(()) => "ready\n".into_response(),
        Err(not_ready) => {
            let code = not_ready.code;
            log::internal_error(code);
            let text = match not_ready.is_public() {
                true => format!("not ready: {code}\n"),
                false => "not ready\n".to_owned(),
            };
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use latchkey_server_core::PORTAL_PATHS;

    #[test]
    fn every_route_of_the_portal_begins_with_one_of_its_own_names() {
        let sources = [include_str!("router.rs"), include_str!("admin/mod.rs")];
        let routes = sources.iter().flat_map(|source| source.split(".route(\"/").skip(1));
        let firsts: std::collections::BTreeSet<_> =
            routes.filter_map(|route| route.split(['/', '"']).next()).collect();
        let own = PORTAL_PATHS.into_iter().chain([""]).collect();
        assert_eq!(firsts, own);
    }
}
