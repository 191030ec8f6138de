//! A deactivation: what it would give back, the one question, and what came of it.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use latchkey_issuer::{Blamed as _, Deactivated, DeactivationPreview, Issuer, Outcome};
use latchkey_token::Token;
use maud::html;
use serde::Deserialize;

use super::activate::{name_or_id, repaired_note};
use crate::output::{called, time_detail};
use crate::serve::page::{Page, Reply};
use crate::serve::visit::Visitor;
use crate::serve::{Portal, Shared, form};

/// What would be given back.
pub(crate) async fn preview(
    portal: &Portal,
    visitor: &Visitor,
    token: Token,
    repaired: usize,
) -> Reply {
    let text = token.to_string();
    let looked =
        portal.desk.write(move |issuer, now| issuer.preview_deactivation(&token, now)).await;
    let preview = looked
        .map_err(|failure| visitor.failed(&failure))?
        .map_err(|error| visitor.problem(error.blame(), &error))?;
    Ok(match preview.deactivated.outcome {
        Outcome::Released | Outcome::Noted => question(visitor, &text, &preview, repaired),
        // Nothing to decide: it is so already, and says so.
        Outcome::AlreadyReleased => done(visitor, &preview.deactivated),
    })
}

fn question(
    visitor: &Visitor,
    token: &str,
    preview: &DeactivationPreview,
    repaired: usize,
) -> Page {
    let seat = &preview.deactivated;
    let body = html! {
        @if repaired > 0 { (repaired_note(visitor, repaired)) }
        div.card data-testid="preview" data-kind="deactivation" {
            (visitor.facts(&[
                ("portal-product", html! { (preview.product) }),
                ("portal-seat", html! { (name_or_id(&seat.name, seat.seat)) }),
                ("portal-expiry", visitor.time(seat.lease_expiry)),
            ]))
            @if let Some(until) = seat.taken_until {
                p.notice data-testid="taken-until" {
                    (visitor.say("portal-deactivate-taken", &[("until", time_detail(until))]))
                }
            }
            form method="post" action=(visitor.link("/deactivate")) {
                input type="hidden" name="token" value=(token);
                div.row {
                    button.primary type="submit" data-testid="confirm" { (visitor.word("portal-deactivate-confirm")) }
                    a.button.quiet href=(visitor.link("/")) { (visitor.word("portal-cancel")) }
                }
            }
        }
    };
    Page::new("deactivate", visitor.word("portal-deactivate-title"), body)
}

fn done(visitor: &Visitor, deactivated: &Deactivated) -> Page {
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
    let mut values = vec![("name", called(&deactivated.name))];
    values.extend(deactivated.taken_until.map(|until| ("until", time_detail(until))));
    let body = html! {
        div.notice.good data-testid="deactivated" data-outcome=(outcome) {
            p { (visitor.say(sentence, &values)) }
        }
        p { (visitor.word("portal-released-next")) }
        p { a href=(visitor.link("/")) { (visitor.word("portal-back")) } }
    };
    Page::new("deactivated", visitor.say(title, &values), body)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    token: String,
}

/// `POST /deactivate`
pub(crate) async fn confirm(
    State(portal): State<Shared>,
    visitor: Visitor,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let reply = async {
        let asked = form::fields(&visitor, form)?;
        let token = form::token(&portal, &visitor, asked.token).await?;
        let rows = portal.limits.rows(&visitor);
        let work = move |issuer: &mut Issuer, now| {
            issuer.within_quota(rows, |issuer| issuer.deactivate(&token, now))
        };
        let done_with = portal.desk.write(work).await;
        let deactivated = done_with
            .map_err(|failure| visitor.failed(&failure))?
            .map_err(|error| visitor.problem(error.blame(), &error))?;
        Ok(done(&visitor, &deactivated))
    };
    visitor.reply(&portal, reply.await)
}
