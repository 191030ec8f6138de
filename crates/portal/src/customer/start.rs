//! The start page with its single input box: recognises what was submitted and dispatches to the
//! page for it. Nothing is granted or released here.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Multipart, Path};
use axum::response::{IntoResponse as _, Response};
use latchkey_issuer::{ErrorClass, TokenContent};
use latchkey_token::{FoundToken, Kind, ReadError, TextError, Token};
use maud::{Markup, html};

use super::http_request::CustomerHttpRequest;
use super::{activate, batch, deactivate};
use crate::body::Held;
use crate::fair_queue::YieldedPermit;
use crate::form::{self, FormTokens};
use crate::page::{Page, PageResult};
use crate::request_context::{HttpError, RequestContext};

/// `GET /`
pub(crate) async fn show(http: CustomerHttpRequest) -> Response {
    http.response(Ok(page(&http.context, "", None)))
}

/// `GET /a/{token}`: a QR code or a link leads here with the token in place.
pub(crate) async fn from_link(http: CustomerHttpRequest, Path(token): Path<String>) -> Response {
    let looked = form::small_text(&http.portal, &http.context, token).await;
    dispatch(&http, looked).await
}

/// `POST /`
pub(crate) async fn submit(
    http: CustomerHttpRequest,
    Extension(turn): Extension<YieldedPermit>,
    held: Option<Extension<Arc<Held>>>,
    body: Multipart,
) -> Response {
    let CustomerHttpRequest { portal, context } = &http;
    let held = held.map(|Extension(held)| held);
    // Only a few texts are scanned at a time. A request that waits for that holds no other permit.
    let looked = form::upload(portal, context, held, body);
    let looked = turn.yield_during(&portal.works, context, looked).await;
    dispatch(&http, looked).await
}

/// Shows the page for what a text contains.
async fn dispatch(http: &CustomerHttpRequest, looked: Result<FormTokens, HttpError>) -> Response {
    let context = &http.context;
    let FormTokens { found, text, mut left, mut skipped } = match looked {
        Ok(looked) => looked,
        Err(problem) => return http.response(Err(problem)),
    };
    // A text that is too long for the box is processed anyway; unread parts are listed next to the
    // result.
    if found.is_ok() && text.is_empty() {
        skipped.named.extend(left.take());
    }
    let skipped = form::message_about(context, &skipped);
    let reply = match (left, found) {
        // The tokens that were found are in the box, so that the user can submit them anyway.
        (Some(left), _) if !text.is_empty() => {
            let problem = form::part_problem(context, &left);
            Ok(page(context, &text, Some(&problem)))
        }
        (_, Ok(found)) if found.len() > 1 => match batch::begin(http, found, skipped) {
            Ok(redirect) => return redirect.into_response(),
            Err(problem) => return http.response(Err(problem)),
        },
        (_, Ok(mut found)) => show_token(http, &text, found.pop()).await,
        (_, Err(error)) => Ok(with_problem(context, &text, &error)),
    };
    let mut page = reply.unwrap_or_else(|problem| context.error_page(&problem, html! {}));
    page.body = html! { (skipped.render(context)) (page.body) };
    http.response(Ok(page))
}

async fn show_token(
    http: &CustomerHttpRequest,
    text: &str,
    found: Option<FoundToken>,
) -> PageResult {
    let context = &http.context;
    match found {
        Some(FoundToken { kind, token: Ok(token), repaired }) => match kind {
            Kind::Request => activate::preview(http, token, repaired).await,
            Kind::Deactivation => deactivate::preview(http, token, repaired).await,
            Kind::Response | Kind::Refresh => for_computer(http, token).await,
        },
        Some(FoundToken { token: Err(error), .. }) => Ok(unreadable_page(context, text, &error)),
        None => Ok(page(context, text, None)),
    }
}

fn with_problem(context: &RequestContext, text: &str, error: &TextError) -> Page {
    page(context, text, Some(&context.problem(ErrorClass::RefusedToken, error)))
}

fn unreadable_page(context: &RequestContext, text: &str, error: &ReadError) -> Page {
    page(context, text, Some(&context.problem(ErrorClass::RefusedToken, error)))
}

/// A response or a refresh: it goes to the computer, and nowhere else.
async fn for_computer(
    CustomerHttpRequest { portal, context }: &CustomerHttpRequest,
    token: Token,
) -> PageResult {
    let kind = token.kind();
    let looked = portal.pool.read(move |issuer, now| issuer.inspect(&token, now)).await;
    let seat = match looked.map_err(|failure| context.problem_of(&failure))? {
        Ok(TokenContent::ForComputer { seat }) => seat,
        Ok(_) => None,
        Err(error) => return Err(context.problem(ErrorClass::RefusedToken, &error)),
    };
    let title = context.label("portal-for-computer-title");
    let body = html! {
        div.notice data-testid="for-computer" data-kind=(kind.name()) {
            p { (context.message("portal-for-computer", &[("kind", kind.name().into())])) }
        }
        @if let Some(seat) = seat {
            (context.facts(&[
                ("portal-seat", html! { (seat.name) }),
                ("portal-expiry", context.time(seat.lease_expiry)),
            ]))
        }
        p { a href=(context.link("/")) { (context.label("portal-back")) } }
    };
    Ok(Page::new("for-computer", title, body))
}

fn page(context: &RequestContext, text: &str, problem: Option<&HttpError>) -> Page {
    let body = html! {
        @if let Some(problem) = problem { (context.error_box(problem)) }
        p.lead { (context.label("portal-start-lead")) }
        form.card.box method="post" action=(context.link("/")) enctype="multipart/form-data" data-drop {
            label for="text" { (context.label("portal-box-label")) }
            textarea #text name="text" rows="6" spellcheck="false" autocomplete="off" autocapitalize="off"
                aria-describedby="text-hint" aria-invalid=[problem.map(|_| "true")] data-testid="box" { (text) }
            p #text-hint .small.muted { (context.label("portal-box-hint")) }
            div.row {
                label.file for="file" { (context.label("portal-box-file")) }
                input #file type="file" name="file" multiple data-testid="file";
            }
            div.stack data-scan="text" hidden {
                div.row {
                    button type="button" data-start=(context.label("portal-camera")) data-stop=(context.label("portal-camera-stop")) data-testid="camera" { (context.label("portal-camera")) }
                }
                video hidden muted playsinline aria-label=(context.label("portal-camera-sees")) {}
                p.small role="status" data-read=(context.message("portal-camera-read", &[("count", "#".into())])) data-refused=(context.label("portal-camera-refused")) {}
            }
            div.row {
                button.primary type="submit" data-testid="continue" { (context.label("portal-box-continue")) }
            }
        }
        (other_ways(context))
    };
    let title = context.label("portal-start-title");
    let mut page = Page::new("start", title, body);
    if let Some(problem) = problem {
        page.status = problem.status;
    }
    page
}

fn other_ways(context: &RequestContext) -> Markup {
    html! {
        section.card.quiet aria-labelledby="ways" {
            h2 #ways { (context.label("portal-ways-title")) }
            p { (context.label("portal-ways-refresh")) }
            p { a.button href=(context.link("/seats")) data-testid="to-seats" { (context.label("portal-ways-seats")) } }
        }
    }
}
