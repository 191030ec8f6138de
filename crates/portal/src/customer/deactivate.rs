//! The page for a deactivation token: a preview, the confirmation, and the result.

use axum::response::Response;
use latchkey_issuer::{ClassifiedError as _, Deactivated, DeactivationPreview, Issuer, Outcome};
use latchkey_server_core::{display_name, time_detail};
use latchkey_token::Token;
use maud::html;
use serde::Deserialize;

use super::http_request::{CustomerForm, CustomerHttpRequest};
use crate::form;
use crate::page::{Page, PageResult};
use crate::request_context::RequestContext;
use crate::request_views::repaired_note;
use crate::seat_views::name_or_id;

/// Previews the release of a seat.
pub(super) async fn preview(
    CustomerHttpRequest { portal, context }: &CustomerHttpRequest,
    token: Token,
    repaired: usize,
) -> PageResult {
    let text = token.to_string();
    let looked = portal.pool.read(move |issuer, now| {
        let received = issuer.receive_deactivation(&token)?;
        issuer.preview_deactivation(&received, now)
    });
    let looked = looked.await;
    let preview = looked
        .map_err(|failure| context.problem_of(&failure))?
        .map_err(|error| context.problem(error.class(), &error))?;
    Ok(match preview.deactivated.outcome {
        Outcome::Released | Outcome::Noted => question_page(context, &text, &preview, repaired),
        // The seat is already released, so there is nothing to confirm.
        Outcome::AlreadyReleased => done_page(context, &preview.deactivated),
    })
}

fn question_page(
    context: &RequestContext,
    token: &str,
    preview: &DeactivationPreview,
    repaired: usize,
) -> Page {
    let seat = &preview.deactivated;
    let body = html! {
        @if repaired > 0 { (repaired_note(context, repaired)) }
        div.card data-testid="preview" data-kind="deactivation" {
            (context.facts(&[
                ("portal-product", html! { (preview.product) }),
                ("portal-seat", html! { (name_or_id(&seat.name, seat.seat)) }),
                ("portal-expiry", context.time(seat.lease_expiry)),
            ]))
            @if let Some(until) = seat.taken_until {
                p.notice data-testid="taken-until" {
                    (context.message("portal-deactivate-taken", &[("until", time_detail(until))]))
                }
            }
            form method="post" action=(context.link("/deactivate")) {
                input type="hidden" name="token" value=(token);
                div.row {
                    button.primary type="submit" data-testid="confirm" { (context.label("portal-deactivate-confirm")) }
                    a.button.quiet href=(context.link("/")) { (context.label("portal-cancel")) }
                }
            }
        }
    };
    Page::new("deactivate", context.label("portal-deactivate-title"), body)
}

fn done_page(context: &RequestContext, deactivated: &Deactivated) -> Page {
    let (outcome, title, sentence) = match deactivated.outcome {
        Outcome::Released if deactivated.taken_until.is_some() => {
            ("released", "portal-released-taken-title", "portal-released-taken")
        }
        Outcome::Released => ("released", "portal-released-title", "portal-released"),
        Outcome::AlreadyReleased if deactivated.taken_until.is_some() => {
            ("already_released", "portal-released-taken-title", "portal-released-taken")
        }
        Outcome::AlreadyReleased => {
            ("already_released", "portal-released-before-title", "portal-released-before")
        }
        Outcome::Noted => ("noted", "portal-noted-title", "portal-noted"),
    };
    let mut values = vec![("name", display_name(&deactivated.name))];
    values.extend(deactivated.taken_until.map(|until| ("until", time_detail(until))));
    let body = html! {
        div.notice.good data-testid="deactivated" data-outcome=(outcome) {
            p { (context.message(sentence, &values)) }
        }
        p { (context.label("portal-released-next")) }
        p { a href=(context.link("/")) { (context.label("portal-back")) } }
    };
    Page::new("deactivated", context.message(title, &values), body)
}

#[derive(Debug, Deserialize)]
pub(crate) struct DeactivateForm {
    token: String,
}

/// `POST /deactivate`
pub(crate) async fn confirm(
    CustomerForm { http, fields }: CustomerForm<DeactivateForm>,
) -> Response {
    let CustomerHttpRequest { portal, context } = &http;
    let reply = async {
        let token = form::parse_token(portal, context, fields.token).await?;
        let rows = portal.limits.rows(context);
        let work = move |issuer: &mut Issuer, now| {
            issuer.within_quota(rows, |issuer| issuer.deactivate(&token, now))
        };
        let done_with = portal.pool.write(work).await;
        let deactivated = done_with
            .map_err(|failure| context.problem_of(&failure))?
            .map_err(|error| context.problem(error.class(), &error))?;
        Ok(done_page(context, &deactivated))
    };
    http.render(reply).await
}
