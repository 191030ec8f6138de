//! My seats: with the activation code, all seats of the entitlement, one seat's history, and a refresh for it. Without
//! the code nothing is said about any seat, not even whether there is one: seat links are printed and photographed.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use latchkey_issuer::{
    AuditRow, Blamed as _, GoneReported, HolderError, Holding, Issuer, Seat, SeatState, SeatStory,
};
use latchkey_lease::Timestamp;
use latchkey_token::{ActivationCode, Kind, SeatId};
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::activate::name_or_id;
use super::handed::{self, Handed};
use crate::output::called;
use crate::serve::page::Page;
use crate::serve::visit::{Problem, Visitor};
use crate::serve::{Portal, Shared, form};

/// Most bytes of what was typed as an activation code that are shown again: a line of a mail.
const MAX_CODE: usize = 400;

/// What was typed as a code, to be compared with what was sent; nothing if it is longer than a person compares.
pub(crate) fn to_compare(typed: &str) -> &str {
    if typed.len() <= MAX_CODE { typed } else { "" }
}

/// `GET /seats`
pub(crate) async fn show(State(portal): State<Shared>, visitor: Visitor) -> Response {
    visitor.reply(&portal, Ok(ask_for_code(&visitor, None, None)))
}

/// `GET /s/{seat}`: where the wizard's refresh code leads.
pub(crate) async fn from_link(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(seat): Path<String>,
) -> Response {
    let reply = form::seat(&visitor, &seat).map(|seat| ask_for_code(&visitor, Some(seat), None));
    visitor.reply(&portal, reply)
}

/// Asks for the activation code, for all seats or on the way to one.
fn ask_for_code(visitor: &Visitor, seat: Option<SeatId>, again: Option<(&Problem, &str)>) -> Page {
    let (problem, typed) = again.unzip();
    let (action, button) = match seat {
        Some(_) => ("/seat", "portal-code-seat"),
        None => ("/seats", "portal-code-seats"),
    };
    let body = html! {
        @if let Some(problem) = problem { (visitor.problem_box(problem)) }
        p.lead { (visitor.word(if seat.is_some() { "portal-seat-lead" } else { "portal-seats-lead" })) }
        form.card method="post" action=(visitor.link(action)) {
            @if let Some(seat) = seat {
                input type="hidden" name="seat" value=(seat.to_string());
                (visitor.facts(&[("portal-seat-number", html! { code { (seat.to_string()) } })]))
            }
            label for="code" { (visitor.word("portal-code-label")) }
            input.code #code name="code" type="text" value=[typed.map(to_compare)] required autocomplete="off" spellcheck="false"
                autocapitalize="characters" aria-describedby="code-hint"
                aria-invalid=[problem.map(|_| "true")] data-testid="code";
            p #code-hint .small.muted { (visitor.word("portal-code-hint")) }
            div.row { button.primary type="submit" data-testid="with-code" { (visitor.word(button)) } }
        }
    };
    let mut page = Page::new("seats-code", visitor.word("portal-seats-title"), body);
    if let Some(problem) = problem {
        page.status = problem.status;
    }
    page
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(deserialize_with = "form::secret")]
    code: Zeroizing<String>,
    seat: Option<String>,
}

/// `POST /seats`
pub(crate) async fn list(
    State(portal): State<Shared>,
    visitor: Visitor,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let reply = async {
        let asked = form::fields(&visitor, form)?;
        let found = async {
            let code = form::code(&visitor, &asked.code)?;
            let found =
                asked_with(&portal, &visitor, &code, Doing::Looking, |issuer, code, now| {
                    Ok((issuer.holding(code, now)?, now))
                });
            let holding = found.await?;
            Ok::<_, Problem>((code, holding))
        };
        match found.await {
            Ok((code, (holding, now))) => Ok(all(&visitor, &code, &holding, now)),
            Err(problem) => Ok(ask_for_code(&visitor, None, Some((&problem, &asked.code)))),
        }
    };
    visitor.reply(&portal, reply.await)
}

/// Whether something is changed, or only looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Looking,
    Changing,
}

/// Does something that needs the right code. Whoever guesses is slowed down, learns nothing from how long an answer
/// takes, and is told the same about a code that isn't known however often it was tried.
async fn asked_with<T: Send + 'static>(
    portal: &Portal,
    visitor: &Visitor,
    code: &ActivationCode,
    doing: Doing,
    work: impl FnOnce(&mut Issuer, &ActivationCode, Timestamp) -> Result<T, HolderError>
    + Send
    + 'static,
) -> Result<T, Problem> {
    // Taken together, and one after the other given back: of a known code only its uses count.
    let guess = portal.limits.guess(visitor)?;
    portal.limits.take_code(visitor, code)?;
    let (asked, rows) = (code.clone(), portal.limits.rows(visitor));
    let work = move |issuer: &mut Issuer, now: Timestamp| {
        let done = issuer.within_quota(rows, |issuer| work(issuer, &asked, now));
        if matches!(done, Err(HolderError::CodeUnknown)) {
            guess.was_wrong();
        }
        done
    };
    let done = form::evenly(portal, async {
        match doing {
            Doing::Looking => portal.desk.read(work).await,
            Doing::Changing => portal.desk.write(work).await,
        }
    });
    done.await.map_err(|failure| visitor.failed(&failure))?.map_err(|error| {
        let doubt = match error {
            HolderError::CodeUnknown => code.doubt(),
            _ => None,
        };
        visitor.with_doubt(visitor.problem(error.blame(), &error), doubt.as_ref())
    })
}

fn all(visitor: &Visitor, code: &ActivationCode, holding: &Holding, now: Timestamp) -> Page {
    let entitlement = &holding.entitlement;
    let total = u64::from(entitlement.seats) + u64::from(entitlement.overdraft);
    let used = [("used", u64::from(entitlement.seats_in_use).into()), ("seats", total.into())];
    let mut facts: Vec<(&str, Markup)> = vec![
        ("portal-product", html! { (holding.product.name) }),
        ("portal-seats-in-use", html! { (visitor.say("portal-seats-used-of", &used)) }),
    ];
    if let Some(end) = entitlement.subscription_end {
        facts.push(("portal-subscription-end", visitor.time(end)));
    }
    // Those that somebody has come first; the rest is history.
    let (held, past): (Vec<_>, Vec<_>) = holding.seats.iter().partition(|seat| is_held(seat.state));
    let body = html! {
        (visitor.facts(&facts))
        @if held.is_empty() { p.notice data-testid="no-seats" { (visitor.word("portal-seats-none")) } }
        ul.seats data-testid="seats" {
            @for seat in &held { (card(visitor, code, seat, now)) }
        }
        @if !past.is_empty() {
            details {
                summary { (visitor.say("portal-seats-past", &[("count", past.len().into())])) }
                ul.seats { @for seat in &past { (card(visitor, code, seat, now)) } }
            }
        }
    };
    Page::new("seats", visitor.word("portal-seats-title"), body)
}

pub(crate) const fn is_held(state: SeatState) -> bool {
    matches!(state, SeatState::Active | SeatState::LeaseExpired | SeatState::Ended)
}

/// Whether its lease can be prolonged.
fn is_refreshable(state: SeatState) -> bool {
    is_held(state) && state != SeatState::Ended
}

/// In the place of a refresh, where the vendor's policy wants a request for the next renewal.
pub(crate) fn needs_request(visitor: &Visitor) -> Markup {
    html! {
        p.notice data-testid="needs-request" {
            (visitor.word("portal-needs-request")) " "
            a href=(visitor.link("/")) { (visitor.word("portal-nav-start")) }
        }
    }
}

/// How many refreshes there are until then, where there is such a policy.
pub(crate) fn refreshes_left(seat: &Seat) -> Option<(&'static str, Markup)> {
    let left = seat.refreshes_left.filter(|_| is_refreshable(seat.state))?;
    Some(("portal-refreshes-left", html! { span data-testid="refreshes-left" { (left) } }))
}

/// When a seat's lease ends, and what is left of it while the seat is held.
pub(crate) fn expiry(visitor: &Visitor, seat: &Seat, now: Timestamp) -> Markup {
    match is_held(seat.state) {
        true => visitor.expiry(seat.lease_expiry, now),
        false => visitor.time(seat.lease_expiry),
    }
}

/// The state of a seat in words.
pub(crate) fn state(visitor: &Visitor, seat: &Seat) -> Markup {
    let name = seat.state.name();
    html! { span.chip data-state=(name) { (visitor.word(&format!("portal-state-{name}"))) } }
}

fn card(visitor: &Visitor, code: &ActivationCode, seat: &Seat, now: Timestamp) -> Markup {
    html! {
        li.card data-testid="seat" data-seat=(seat.id.to_string()) data-state=(seat.state.name()) {
            div.row.spread {
                h2 { (name_or_id(&seat.name, seat.id)) }
                (state(visitor, seat))
            }
            p.muted { (visitor.word("portal-expiry")) ": " (expiry(visitor, seat, now)) }
            @if is_refreshable(seat.state) && seat.refreshes_left == Some(0) { (needs_request(visitor)) }
            div.row {
                @if is_refreshable(seat.state) && seat.refreshes_left != Some(0) {
                    (with_code(visitor, "/refresh", code, seat.id, html! {
                        button type="submit" data-testid="refresh" { (visitor.word("portal-refresh-confirm")) span.unseen { " – " (name_or_id(&seat.name, seat.id)) } }
                    }))
                }
                (with_code(visitor, "/seat", code, seat.id, html! {
                    button type="submit" data-testid="seat-details" { (visitor.word("portal-seat-details")) span.unseen { " – " (name_or_id(&seat.name, seat.id)) } }
                }))
            }
        }
    }
}

/// A form that carries code and seat on: nothing else remembers them.
fn with_code(
    visitor: &Visitor,
    action: &str,
    code: &ActivationCode,
    seat: SeatId,
    rest: Markup,
) -> Markup {
    let code = Zeroizing::new(code.expose());
    html! {
        form method="post" action=(visitor.link(action)) {
            input type="hidden" name="code" value=(*code);
            input type="hidden" name="seat" value=(seat.to_string());
            (rest)
        }
    }
}

/// `POST /seat`
pub(crate) async fn one(
    State(portal): State<Shared>,
    visitor: Visitor,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let reply = async {
        let asked = form::fields(&visitor, form)?;
        let seat = form::seat(&visitor, asked.seat.as_deref().unwrap_or_default())?;
        let found = async {
            let code = form::code(&visitor, &asked.code)?;
            let story =
                asked_with(&portal, &visitor, &code, Doing::Looking, move |issuer, code, now| {
                    Ok((issuer.seat_story(code, seat, now)?, now))
                });
            let story = story.await?;
            Ok::<_, Problem>((code, story))
        };
        match found.await {
            Ok((code, (story, now))) => Ok(seat_page(&visitor, &code, &story, now)),
            Err(problem) => Ok(ask_for_code(&visitor, Some(seat), Some((&problem, &asked.code)))),
        }
    };
    visitor.reply(&portal, reply.await)
}

fn code_and_seat(
    visitor: &Visitor,
    form: Result<Form<Asked>, FormRejection>,
) -> Result<(ActivationCode, SeatId), Problem> {
    let asked = form::fields(visitor, form)?;
    let seat = form::seat(visitor, asked.seat.as_deref().unwrap_or_default())?;
    Ok((form::code(visitor, &asked.code)?, seat))
}

fn seat_page(visitor: &Visitor, code: &ActivationCode, story: &SeatStory, now: Timestamp) -> Page {
    let seat = &story.seat;
    let name = name_or_id(&seat.name, seat.id);
    let mut facts = vec![
        ("portal-product", html! { (story.product.name) }),
        ("portal-state", state(visitor, seat)),
        ("portal-expiry", expiry(visitor, seat, now)),
        ("portal-activated", visitor.time(seat.activated_at)),
        ("portal-seat-number", html! { code { (seat.id.to_string()) } }),
    ];
    facts.extend(refreshes_left(seat));
    let body = html! {
        div.card data-testid="seat" data-seat=(seat.id.to_string()) data-state=(seat.state.name()) {
            (visitor.facts(&facts))
            @if is_refreshable(seat.state) && seat.refreshes_left == Some(0) {
                (needs_request(visitor))
            } @else if is_refreshable(seat.state) {
                (with_code(visitor, "/refresh", code, seat.id, html! {
                    div.row { button.primary type="submit" data-testid="refresh" { (visitor.word("portal-refresh-confirm")) } }
                }))
            } @else {
                p.notice data-testid="not-refreshable" { (visitor.word(&format!("portal-why-{}", seat.state.name()))) }
            }
        }
        section.card {
            h2 { (visitor.word("portal-history-title")) }
            (history(visitor, &story.history))
        }
        @if is_held(seat.state) { (gone_form(visitor, code, story)) }
        form method="post" action=(visitor.link("/seats")) {
            input type="hidden" name="code" value=(*Zeroizing::new(code.expose()));
            div.row { button.quiet type="submit" { (visitor.word("portal-seats-all")) } }
        }
    };
    Page::new("seat", name, body)
}

/// What people want to know of what happened; not what was refused, nor on whose behalf.
fn history(visitor: &Visitor, rows: &[AuditRow]) -> Markup {
    let told = |row: &AuditRow| match row.event.as_str() {
        "seat_granted" => Some("portal-history-granted"),
        "response_repeated" => Some("portal-history-repeated"),
        "refresh_granted" => Some("portal-history-refreshed"),
        "seat_deactivated" => Some("portal-history-deactivated"),
        "seat_reused" => Some("portal-history-reused"),
        "seat_released" => Some("portal-history-released"),
        _ => None,
    };
    let events: Vec<(Timestamp, &str)> =
        rows.iter().rev().filter_map(|row| Some((row.at, told(row)?))).take(50).collect();
    html! {
        ol.history data-testid="history" {
            @for (at, words) in events { li { (visitor.time(at)) span { (visitor.word(words)) } } }
        }
    }
}

/// "This computer is gone": the vendor is told, and nothing is freed by it.
fn gone_form(visitor: &Visitor, code: &ActivationCode, story: &SeatStory) -> Markup {
    html! {
        section.card data-testid="gone" {
            h2 { (visitor.word(if story.gone.is_some() { "portal-gone-title" } else { "portal-gone-question" })) }
            @if let Some(at) = story.gone {
                p { (visitor.say("portal-gone-since", &[("time", crate::output::time_detail(at))])) }
            } @else {
                p { (visitor.word("portal-gone-lead")) }
                (with_code(visitor, "/gone", code, story.seat.id, html! {
                    div.row { button type="submit" data-testid="report-gone" { (visitor.word("portal-gone-confirm")) } }
                }))
            }
        }
    }
}

/// `POST /gone`
pub(crate) async fn gone(
    State(portal): State<Shared>,
    visitor: Visitor,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let reply = async {
        let (code, seat) = code_and_seat(&visitor, form)?;
        let reported =
            asked_with(&portal, &visitor, &code, Doing::Changing, move |issuer, code, now| {
                issuer.report_gone(code, seat, now)
            });
        let (outcome, words) = match reported.await? {
            GoneReported::Noted => ("noted", "portal-gone-noted"),
            GoneReported::Before => ("before", "portal-gone-before"),
        };
        let body = html! {
            div.notice.good data-testid="reported" data-outcome=(outcome) { p { (visitor.word(words)) } }
            p { (visitor.word("portal-gone-next")) }
            p { a href=(visitor.link("/")) { (visitor.word("portal-back")) } }
        };
        Ok(Page::new("gone", visitor.word("portal-gone-title"), body))
    };
    visitor.reply(&portal, reply.await)
}

/// `POST /refresh`
pub(crate) async fn refresh(
    State(portal): State<Shared>,
    visitor: Visitor,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let reply = async {
        let (code, seat) = code_and_seat(&visitor, form)?;
        let (refreshed, product) =
            asked_with(&portal, &visitor, &code, Doing::Changing, move |issuer, code, now| {
                let refreshed = issuer.refresh_with_code(code, seat, now)?;
                Ok((refreshed, issuer.seat_story(code, seat, now)?.product.name))
            })
            .await?;
        let title = visitor.say("portal-refreshed-title", &[("name", called(&refreshed.name))]);
        let token = Handed {
            kind: Kind::Refresh,
            token: &refreshed.token,
            product: &product,
            name: &refreshed.name,
            is_last: refreshed.refreshes_left == Some(0),
            expiry: refreshed.lease_expiry,
        };
        Ok(Page::new("refreshed", title, handed::token(&visitor, &token)))
    };
    visitor.reply(&portal, reply.await)
}
