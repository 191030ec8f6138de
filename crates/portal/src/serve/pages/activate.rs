//! A request: what it would get, the one question, and the response.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use jiff::Timestamp;
use latchkey_issuer::{
    ActivateError, ActivationPreview, Blamed as _, Grounds, InUse, Inspected, Issuer,
};
use latchkey_token::{SeatId, Token};
use maud::{Markup, html};
use serde::Deserialize;

use super::handed::{self, Handed};
use crate::output::called;
use crate::serve::page::{Page, Reply};
use crate::serve::visit::{Problem, Visitor};
use crate::serve::{Portal, Shared, form};
use crate::tokens::clock_values;

/// What the request would get, and the question whether it shall.
pub(crate) async fn preview(
    portal: &Portal,
    visitor: &Visitor,
    token: Token,
    repaired: usize,
) -> Reply {
    let text = token.to_string();
    let looked = with_guess(portal, visitor, token, |issuer, token, now| {
        issuer.preview_activation(token, None, now)
    });
    match looked.await? {
        Ok(preview) => Ok(question(visitor, &text, &preview, repaired)),
        Err(error) => refusal(visitor, &text, &error),
    }
}

/// Does something with a request, whose code may be a guess like one that is typed.
async fn with_guess<T: Send + 'static>(
    portal: &Portal,
    visitor: &Visitor,
    token: Token,
    work: impl FnOnce(&mut Issuer, &Token, Timestamp) -> Result<T, ActivateError> + Send + 'static,
) -> Result<Result<T, ActivateError>, Problem> {
    let mut guess = portal.limits.guess(visitor)?;
    let rows = portal.limits.rows(visitor);
    let done = portal.desk.write(move |issuer, now| {
        if let Some(code) = issuer.code_asked_with(&token) {
            guess.with(code)?;
        }
        let done = issuer.within_quota(rows, |issuer| work(issuer, &token, now));
        if matches!(done, Err(ActivateError::CodeUnknown)) {
            guess.was_wrong();
        }
        Ok(done)
    });
    done.await.map_err(|failure| visitor.failed(&failure))?
}

fn question(visitor: &Visitor, token: &str, preview: &ActivationPreview, repaired: usize) -> Page {
    let again = preview.grounds == Grounds::Repeated;
    let left = preview.seats.saturating_sub(preview.taken);
    let (title, button) = match again {
        true => ("portal-again-title", "portal-again-confirm"),
        false => ("portal-activate-title", "portal-activate-confirm"),
    };
    let mut facts: Vec<(&str, Markup)> = vec![
        ("portal-product", html! { (preview.product) }),
        ("portal-seat", html! { (preview.name) }),
    ];
    if !again {
        let seats = [("left", left.into()), ("seats", preview.seats.into())];
        facts.push(("portal-seats-left", html! { (visitor.say("portal-seats-left-of", &seats)) }));
    }
    facts.push(("portal-lease-until", visitor.time(preview.lease_expiry)));
    let body = html! {
        @if repaired > 0 { (repaired_note(visitor, repaired)) }
        @if again { p.lead { (visitor.word("portal-again-lead")) } }
        @if let Grounds::Reused { old } = &preview.grounds {
            p.lead { (visitor.say("portal-activate-reused", &[("old", called(old))])) }
        }
        div.card data-testid="preview" data-kind="activation" data-grounds=(grounds(&preview.grounds)) {
            (visitor.facts(&facts))
            form method="post" action=(visitor.link("/activate")) {
                input type="hidden" name="token" value=(token);
                div.row {
                    button.primary type="submit" data-testid="confirm" { (visitor.word(button)) }
                    a.button.quiet href=(visitor.link("/")) { (visitor.word("portal-cancel")) }
                }
            }
        }
    };
    Page::new("activate", visitor.word(title), body)
}

const fn grounds(grounds: &Grounds) -> &'static str {
    match grounds {
        Grounds::Repeated => "repeated",
        Grounds::Reused { .. } => "reused",
        Grounds::SameSeat => "same_seat",
        _ => "new",
    }
}

/// How many characters were healed, so that nobody wonders.
pub(crate) fn repaired_note(visitor: &Visitor, repaired: usize) -> Markup {
    html! { p.notice data-testid="repaired" { (visitor.say("portal-repaired", &[("count", repaired.into())])) } }
}

/// Why nothing is granted. Where no seat is free, which ones are in use, and the way to take one's own over.
fn refusal(visitor: &Visitor, token: &str, error: &ActivateError) -> Reply {
    let problem = visitor.problem(error.blame(), error);
    let ActivateError::NoneFree { in_use, looks_like, several_alike } = error else {
        return Err(problem);
    };
    let more = html! {
        (seats_in_use(visitor, in_use))
        @if let Some(seat) = looks_like { (takeover(visitor, token, seat)) }
        @if *several_alike {
            p.notice data-testid="several-alike" { (visitor.word("portal-several-alike")) }
        }
    };
    let mut page = visitor.problem_page(&problem, more);
    page.title = visitor.word("portal-none-free-title");
    Ok(page)
}

fn seats_in_use(visitor: &Visitor, in_use: &[InUse]) -> Markup {
    html! {
        section.card {
            h2 { (visitor.word("portal-in-use-title")) }
            table data-testid="in-use" {
                thead { tr {
                    th scope="col" { (visitor.word("portal-seat")) }
                    th scope="col" { (visitor.word("portal-expiry")) }
                } }
                tbody {
                    @for seat in in_use {
                        tr { td { (name_or_id(&seat.name, seat.seat)) } td { (visitor.time(seat.lease_expiry)) } }
                    }
                }
            }
        }
    }
}

/// A seat without a name is called by its id.
pub(crate) fn name_or_id(name: &str, id: SeatId) -> String {
    if name.is_empty() { id.to_string() } else { name.to_owned() }
}

/// Offered, never done by itself: the other one loses its seat.
fn takeover(visitor: &Visitor, token: &str, seat: &InUse) -> Markup {
    let name = name_or_id(&seat.name, seat.seat);
    let values = [("name", name.as_str().into())];
    html! {
        section.card data-testid="takeover" {
            h2 { (visitor.say("portal-takeover-title", &values)) }
            p { (visitor.say("portal-takeover", &values)) }
            form method="post" action=(visitor.link("/activate")) {
                input type="hidden" name="token" value=(token);
                input type="hidden" name="take_over" value=(seat.seat.to_string());
                p.check {
                    input #sure type="checkbox" name="sure" value="yes" required data-testid="sure";
                    label for="sure" { (visitor.say("portal-takeover-sure", &values)) }
                }
                div.row { button type="submit" data-testid="take-over" { (visitor.word("portal-takeover-confirm")) } }
            }
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    token: String,
    take_over: Option<String>,
    sure: Option<String>,
}

/// `POST /activate`
pub(crate) async fn confirm(
    State(portal): State<Shared>,
    visitor: Visitor,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let reply = grant(&portal, &visitor, form).await;
    visitor.reply(&portal, reply)
}

async fn grant(
    portal: &Portal,
    visitor: &Visitor,
    form: Result<Form<Asked>, FormRejection>,
) -> Reply {
    let asked = form::fields(visitor, form)?;
    let token = form::token(portal, visitor, asked.token).await?;
    let text = token.to_string();
    // Taking over needs both: the seat that the page named, and that somebody said so.
    let take_over = match (&asked.take_over, asked.sure.as_deref()) {
        (Some(seat), Some("yes")) => Some(form::seat(visitor, seat)?),
        _ => None,
    };
    let granted = with_guess(portal, visitor, token, move |issuer, token, now| {
        let granted = issuer.activate(token, take_over, now)?;
        let product = match issuer.inspect(token, now) {
            Ok(Inspected::Request { product: (_, name), .. }) => name.unwrap_or_default(),
            _ => String::new(),
        };
        Ok::<_, ActivateError>((granted, product, now))
    });
    match granted.await? {
        Ok((granted, product, now)) => {
            let title = visitor.say("portal-granted-title", &[("name", called(&granted.name))]);
            let token = Handed {
                kind: latchkey_token::Kind::Response,
                token: &granted.token,
                product: &product,
                name: &granted.name,
                expiry: granted.lease_expiry,
                is_last: false,
            };
            let before = html! {
                @if granted.grounds == Grounds::Repeated { p.notice { (visitor.word("portal-granted-again")) } }
                @if let Grounds::TakenOver { .. } = &granted.grounds { p.notice { (visitor.word("portal-granted-over")) } }
                @if let Some(values) = clock_values(&granted, now) {
                    p.notice data-testid="computer-clock" { (visitor.say("server-granted-clock", &values)) }
                }
            };
            Ok(Page::new("granted", title, html! { (before) (handed::token(visitor, &token)) }))
        }
        Err(error) => refusal(visitor, &text, &error),
    }
}
