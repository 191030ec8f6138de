//! The one box: whatever is handed in, it is recognised here and led on. Nothing is granted and nothing given back.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse as _, Response};
use latchkey_issuer::{Blame, Inspected};
use latchkey_token::{Found, Kind, ReadError, TextError, Token};
use latchkey_words::Explained;
use maud::{Markup, html};

use super::{activate, batch, deactivate};
use crate::serve::body::Held;
use crate::serve::form::{self, Looked, Skipped};
use crate::serve::page::{Page, Reply};
use crate::serve::turns::GivenUp;
use crate::serve::visit::{Problem, Visitor};
use crate::serve::{Portal, Shared};

/// `GET /`
pub(crate) async fn show(State(portal): State<Shared>, visitor: Visitor) -> Response {
    visitor.reply(&portal, Ok(page(&visitor, "", None)))
}

/// `GET /a/{token}`: a QR code or a link leads here with the token in place.
pub(crate) async fn from_link(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Response {
    let looked = form::small_text(&portal, &visitor, token).await;
    recognise(&portal, &visitor, looked).await
}

/// `POST /`
pub(crate) async fn hand_in(
    State(portal): State<Shared>,
    visitor: Visitor,
    Extension(turn): Extension<GivenUp>,
    held: Option<Extension<Arc<Held>>>,
    body: Multipart,
) -> Response {
    let held = held.map(|Extension(held)| held);
    // Few texts are looked through at a time. Whoever waits for that has no other turn meanwhile.
    let looked = form::upload(&portal, &visitor, held, body);
    let looked = turn.during(&portal.works, &visitor, looked).await;
    recognise(&portal, &visitor, looked).await
}

/// Says what is in a text, and leads on.
async fn recognise(
    portal: &Portal,
    visitor: &Visitor,
    looked: Result<Looked, Problem>,
) -> Response {
    let Looked { found, text, mut left, mut skipped } = match looked {
        Ok(looked) => looked,
        Err(problem) => return visitor.reply(portal, Err(problem)),
    };
    // A text that is too long for the box goes on; what was left of it is named beside the answer.
    if found.is_ok() && text.is_empty() {
        skipped.named.extend(left.take());
    }
    let skipped = Said::of(visitor, &skipped);
    let reply = match (left, found) {
        // What was found is in the box meanwhile, to be handed in after all.
        (Some(left), _) if !text.is_empty() => {
            let problem = form::left_problem(visitor, &left);
            Ok(page(visitor, &text, Some(&problem)))
        }
        (_, Ok(found)) if found.len() > 1 => match batch::begin(portal, visitor, found, skipped) {
            Ok(redirect) => return redirect.into_response(),
            Err(problem) => return visitor.reply(portal, Err(problem)),
        },
        (_, Ok(mut found)) => one(portal, visitor, &text, found.pop()).await,
        (_, Err(error)) => Ok(with_problem(visitor, &text, &error)),
    };
    let mut page = reply.unwrap_or_else(|problem| visitor.problem_page(&problem, html! {}));
    page.body = html! { (skipped.shown(visitor)) (page.body) };
    visitor.reply(portal, Ok(page))
}

/// What of that which was handed in isn't used, in the visitor's words: each part by its name, and how many more.
#[derive(Debug, Default)]
pub(crate) struct Said {
    parts: Vec<Explained>,
    others: usize,
}

impl Said {
    fn of(visitor: &Visitor, skipped: &Skipped) -> Self {
        let parts = skipped.named.iter().map(|left| form::left_problem(visitor, left).words);
        Self { parts: parts.collect(), others: skipped.others }
    }

    pub(crate) fn shown(&self, visitor: &Visitor) -> Markup {
        let count = self.parts.len() + self.others;
        html! {
            @if count > 0 {
                div.notice role="status" data-testid="skipped" data-count=(count) {
                    p { strong { (visitor.say("portal-skipped", &[("count", count.into())])) } }
                    ul {
                        @for words in &self.parts { li data-code=(words.code) { (words.message) " " (words.action) } }
                        @if self.others > 0 { li { (visitor.say("portal-skipped-others", &[("count", self.others.into())])) } }
                    }
                }
            }
        }
    }
}

async fn one(portal: &Portal, visitor: &Visitor, text: &str, found: Option<Found>) -> Reply {
    match found {
        Some(Found { kind, token: Ok(token), repaired }) => match kind {
            Kind::Request => activate::preview(portal, visitor, token, repaired).await,
            Kind::Deactivation => deactivate::preview(portal, visitor, token, repaired).await,
            Kind::Response | Kind::Refresh => for_computer(portal, visitor, token).await,
        },
        Some(Found { token: Err(error), .. }) => Ok(unreadable(visitor, text, &error)),
        None => Ok(page(visitor, text, None)),
    }
}

fn with_problem(visitor: &Visitor, text: &str, error: &TextError) -> Page {
    page(visitor, text, Some(&visitor.problem(Blame::Token, error)))
}

fn unreadable(visitor: &Visitor, text: &str, error: &ReadError) -> Page {
    page(visitor, text, Some(&visitor.problem(Blame::Token, error)))
}

/// A response or a refresh: it goes to the computer, and nowhere else.
async fn for_computer(portal: &Portal, visitor: &Visitor, token: Token) -> Reply {
    let kind = token.kind();
    let looked = portal.desk.read(move |issuer, now| issuer.inspect(&token, now)).await;
    let seat = match looked.map_err(|failure| visitor.failed(&failure))? {
        Ok(Inspected::ForComputer { seat }) => seat,
        Ok(_) => None,
        Err(error) => return Err(visitor.problem(Blame::Token, &error)),
    };
    let title = visitor.word("portal-for-computer-title");
    let body = html! {
        div.notice data-testid="for-computer" data-kind=(kind.name()) {
            p { (visitor.say("portal-for-computer", &[("kind", kind.name().into())])) }
        }
        @if let Some(seat) = seat {
            (visitor.facts(&[
                ("portal-seat", html! { (seat.name) }),
                ("portal-expiry", visitor.time(seat.lease_expiry)),
            ]))
        }
        p { a href=(visitor.link("/")) { (visitor.word("portal-back")) } }
    };
    Ok(Page::new("for-computer", title, body))
}

fn page(visitor: &Visitor, text: &str, problem: Option<&Problem>) -> Page {
    let body = html! {
        @if let Some(problem) = problem { (visitor.problem_box(problem)) }
        p.lead { (visitor.word("portal-start-lead")) }
        form.card.box method="post" action=(visitor.link("/")) enctype="multipart/form-data" data-drop {
            label for="text" { (visitor.word("portal-box-label")) }
            textarea #text name="text" rows="6" spellcheck="false" autocomplete="off" autocapitalize="off"
                aria-describedby="text-hint" aria-invalid=[problem.map(|_| "true")] data-testid="box" { (text) }
            p #text-hint .small.muted { (visitor.word("portal-box-hint")) }
            div.row {
                label.file for="file" { (visitor.word("portal-box-file")) }
                input #file type="file" name="file" multiple data-testid="file";
            }
            div.stack data-scan="text" hidden {
                div.row {
                    button type="button" data-start=(visitor.word("portal-camera")) data-stop=(visitor.word("portal-camera-stop")) data-testid="camera" { (visitor.word("portal-camera")) }
                }
                video hidden muted playsinline aria-label=(visitor.word("portal-camera-sees")) {}
                p.small role="status" data-read=(visitor.say("portal-camera-read", &[("count", "#".into())])) data-refused=(visitor.word("portal-camera-refused")) {}
            }
            div.row {
                button.primary type="submit" data-testid="continue" { (visitor.word("portal-box-continue")) }
            }
        }
        (other_ways(visitor))
    };
    let title = visitor.word("portal-start-title");
    let mut page = Page::new("start", title, body);
    if let Some(problem) = problem {
        page.status = problem.status;
    }
    page
}

fn other_ways(visitor: &Visitor) -> Markup {
    html! {
        section.card.quiet aria-labelledby="ways" {
            h2 #ways { (visitor.word("portal-ways-title")) }
            p { (visitor.word("portal-ways-refresh")) }
            p { a.button href=(visitor.link("/seats")) data-testid="to-seats" { (visitor.word("portal-ways-seats")) } }
        }
    }
}
