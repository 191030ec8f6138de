//! Seats of an entitlement: with its activation code, a user sees all seats, the history of each,
//! and can refresh them. Without the code nothing is revealed about a seat, not even its existence,
//! because seat links are printed and photographed.

use axum::extract::Path;
use axum::response::Response;
use latchkey_issuer::{
    AuditRow, ClassifiedError as _, CodeOverview, Issuer, ReportOutcome, Seat, SeatHistory,
    SelfServiceError,
};
use latchkey_lease::Timestamp;
use latchkey_server_core::display_name;
use latchkey_token::{ActivationCode, SeatId};
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::http_request::{CustomerForm, CustomerHttpRequest};
use super::issued_token::{self, IssuedToken};
use crate::form;
use crate::issuer_pool::IssuerAccess;
use crate::page::Page;
use crate::request_context::{HttpError, RequestContext};
use crate::request_views::to_compare;
use crate::seat_views::{
    expiry, is_held, is_refreshable, name_or_id, needs_request, refreshes_left, state,
};

/// `GET /seats`
pub(crate) async fn show(http: CustomerHttpRequest) -> Response {
    http.response(Ok(ask_for_code(&http.context, None, None)))
}

/// `GET /s/{seat}`: where the wizard's refresh code leads.
pub(crate) async fn from_link(http: CustomerHttpRequest, Path(seat): Path<String>) -> Response {
    let context = &http.context;
    let reply =
        form::parse_seat_id(context, &seat).map(|seat| ask_for_code(context, Some(seat), None));
    http.response(reply)
}

/// Asks for the activation code, for all seats or on the way to one.
fn ask_for_code(
    context: &RequestContext,
    seat: Option<SeatId>,
    again: Option<(&HttpError, &str)>,
) -> Page {
    let (problem, typed) = again.unzip();
    let (action, button) = match seat {
        Some(_) => ("/seat", "portal-code-seat"),
        None => ("/seats", "portal-code-seats"),
    };
    let body = html! {
        @if let Some(problem) = problem { (context.error_box(problem)) }
        p.lead { (context.label(if seat.is_some() { "portal-seat-lead" } else { "portal-seats-lead" })) }
        form.card method="post" action=(context.link(action)) {
            @if let Some(seat) = seat {
                input type="hidden" name="seat" value=(seat.to_string());
                (context.facts(&[("portal-seat-number", html! { code { (seat.to_string()) } })]))
            }
            label for="code" { (context.label("portal-code-label")) }
            input.code #code name="code" type="text" value=[typed.map(to_compare)] required autocomplete="off" spellcheck="false"
                autocapitalize="characters" aria-describedby="code-hint"
                aria-invalid=[problem.map(|_| "true")] data-testid="code";
            p #code-hint .small.muted { (context.label("portal-code-hint")) }
            div.row { button.primary type="submit" data-testid="with-code" { (context.label(button)) } }
        }
    };
    let mut page = Page::new("seats-code", context.label("portal-seats-title"), body);
    if let Some(problem) = problem {
        page.status = problem.status;
    }
    page
}

#[derive(Deserialize)]
pub(crate) struct SeatsForm {
    #[serde(deserialize_with = "form::deserialize_secret")]
    code: Zeroizing<String>,
    seat: Option<String>,
}

/// `POST /seats`
pub(crate) async fn list(CustomerForm { http, fields }: CustomerForm<SeatsForm>) -> Response {
    let context = &http.context;
    let reply = async {
        let found = async {
            let code = form::code(context, &fields.code)?;
            let found = with_valid_code(&http, &code, IssuerAccess::Read, |issuer, code, now| {
                Ok((issuer.code_overview(code, now)?, now))
            });
            let holding = found.await?;
            Ok::<_, HttpError>((code, holding))
        };
        match found.await {
            Ok((code, (holding, now))) => Ok(seats_page(context, &code, &holding, now)),
            Err(problem) => Ok(ask_for_code(context, None, Some((&problem, &fields.code)))),
        }
    };
    http.render(reply).await
}

/// Runs an operation that needs a valid code. Guessing is rate-limited, response times reveal
/// nothing, and the response for an unknown code is the same however often it was tried.
async fn with_valid_code<T: Send + 'static>(
    CustomerHttpRequest { portal, context }: &CustomerHttpRequest,
    code: &ActivationCode,
    access: IssuerAccess,
    work: impl FnOnce(&mut Issuer, &ActivationCode, Timestamp) -> Result<T, SelfServiceError>
    + Send
    + 'static,
) -> Result<T, HttpError> {
    // Both quotas are consumed together and refunded separately: for a known code, only its uses
    // count.
    let guess = portal.limits.guess(context)?;
    portal.limits.take_code(context, code)?;
    let (asked, rows) = (code.clone(), portal.limits.rows(context));
    let work = move |issuer: &mut Issuer, now: Timestamp| {
        let done = issuer.within_quota(rows, |issuer| work(issuer, &asked, now));
        if matches!(done, Err(SelfServiceError::CodeUnknown)) {
            guess.was_wrong();
        }
        done
    };
    let done = form::with_min_response_time(portal, portal.pool.run(access, work));
    done.await.map_err(|failure| context.problem_of(&failure))?.map_err(|error| {
        let doubt = match error {
            SelfServiceError::CodeUnknown => code.doubt(),
            _ => None,
        };
        context.with_doubt(context.problem(error.class(), &error), doubt.as_ref())
    })
}

fn seats_page(
    context: &RequestContext,
    code: &ActivationCode,
    holding: &CodeOverview,
    now: Timestamp,
) -> Page {
    let entitlement = &holding.entitlement;
    let total = u64::from(entitlement.seats) + u64::from(entitlement.overdraft);
    let used = [("used", u64::from(entitlement.seats_in_use).into()), ("seats", total.into())];
    let mut facts: Vec<(&str, Markup)> = vec![
        ("portal-product", html! { (holding.product.name) }),
        ("portal-seats-in-use", html! { (context.message("portal-seats-used-of", &used)) }),
    ];
    if let Some(end) = entitlement.subscription_end {
        facts.push(("portal-subscription-end", context.time(end)));
    }
    // Active seats come first; the rest is history.
    let (held, past): (Vec<_>, Vec<_>) = holding.seats.iter().partition(|seat| is_held(seat.state));
    let body = html! {
        (context.facts(&facts))
        @if held.is_empty() { p.notice data-testid="no-seats" { (context.label("portal-seats-none")) } }
        ul.seats data-testid="seats" {
            @for seat in &held { (seat_card(context, code, seat, now)) }
        }
        @if !past.is_empty() {
            details {
                summary { (context.message("portal-seats-past", &[("count", past.len().into())])) }
                ul.seats { @for seat in &past { (seat_card(context, code, seat, now)) } }
            }
        }
    };
    Page::new("seats", context.label("portal-seats-title"), body)
}

fn seat_card(
    context: &RequestContext,
    code: &ActivationCode,
    seat: &Seat,
    now: Timestamp,
) -> Markup {
    html! {
        li.card data-testid="seat" data-seat=(seat.id.to_string()) data-state=(seat.state.name()) {
            div.row.spread {
                h2 { (name_or_id(&seat.name, seat.id)) }
                (state(context, seat))
            }
            p.muted { (context.label("portal-expiry")) ": " (expiry(context, seat, now)) }
            @if is_refreshable(seat.state) && seat.refreshes_left == Some(0) { (needs_request(context)) }
            div.row {
                @if is_refreshable(seat.state) && seat.refreshes_left != Some(0) {
                    (with_code(context, "/refresh", code, seat.id, html! {
                        button type="submit" data-testid="refresh" { (context.label("portal-refresh-confirm")) span.unseen { " – " (name_or_id(&seat.name, seat.id)) } }
                    }))
                }
                (with_code(context, "/seat", code, seat.id, html! {
                    button type="submit" data-testid="seat-details" { (context.label("portal-seat-details")) span.unseen { " – " (name_or_id(&seat.name, seat.id)) } }
                }))
            }
        }
    }
}

/// A form that carries code and seat on: nothing else remembers them.
fn with_code(
    context: &RequestContext,
    action: &str,
    code: &ActivationCode,
    seat: SeatId,
    rest: Markup,
) -> Markup {
    let code = Zeroizing::new(code.expose());
    html! {
        form method="post" action=(context.link(action)) {
            input type="hidden" name="code" value=(*code);
            input type="hidden" name="seat" value=(seat.to_string());
            (rest)
        }
    }
}

/// `POST /seat`
pub(crate) async fn show_seat(CustomerForm { http, fields }: CustomerForm<SeatsForm>) -> Response {
    let context = &http.context;
    let reply = async {
        let seat = form::parse_seat_id(context, fields.seat.as_deref().unwrap_or_default())?;
        let found = async {
            let code = form::code(context, &fields.code)?;
            let seat_history =
                with_valid_code(&http, &code, IssuerAccess::Read, move |issuer, code, now| {
                    Ok((issuer.seat_history_with_code(code, seat, now)?, now))
                });
            let seat_history = seat_history.await?;
            Ok::<_, HttpError>((code, seat_history))
        };
        match found.await {
            Ok((code, (seat_history, now))) => Ok(seat_page(context, &code, &seat_history, now)),
            Err(problem) => Ok(ask_for_code(context, Some(seat), Some((&problem, &fields.code)))),
        }
    };
    http.render(reply).await
}

fn code_and_seat(
    context: &RequestContext,
    fields: &SeatsForm,
) -> Result<(ActivationCode, SeatId), HttpError> {
    let seat = form::parse_seat_id(context, fields.seat.as_deref().unwrap_or_default())?;
    Ok((form::hidden_code(context, &fields.code)?, seat))
}

fn seat_page(
    context: &RequestContext,
    code: &ActivationCode,
    seat_history: &SeatHistory,
    now: Timestamp,
) -> Page {
    let seat = &seat_history.seat;
    let name = name_or_id(&seat.name, seat.id);
    let mut facts = vec![
        ("portal-product", html! { (seat_history.product.name) }),
        ("portal-state", state(context, seat)),
        ("portal-expiry", expiry(context, seat, now)),
        ("portal-activated", context.time(seat.activated_at)),
        ("portal-seat-number", html! { code { (seat.id.to_string()) } }),
    ];
    facts.extend(refreshes_left(seat));
    let body = html! {
        div.card data-testid="seat" data-seat=(seat.id.to_string()) data-state=(seat.state.name()) {
            (context.facts(&facts))
            @if is_refreshable(seat.state) && seat.refreshes_left == Some(0) {
                (needs_request(context))
            } @else if is_refreshable(seat.state) {
                (with_code(context, "/refresh", code, seat.id, html! {
                    div.row { button.primary type="submit" data-testid="refresh" { (context.label("portal-refresh-confirm")) } }
                }))
            } @else {
                p.notice data-testid="not-refreshable" { (context.label(&format!("portal-why-{}", seat.state.name()))) }
            }
        }
        section.card {
            h2 { (context.label("portal-history-title")) }
            (history(context, &seat_history.history))
        }
        @if is_held(seat.state) { (gone_form(context, code, seat_history)) }
        form method="post" action=(context.link("/seats")) {
            input type="hidden" name="code" value=(*Zeroizing::new(code.expose()));
            div.row { button.quiet type="submit" { (context.label("portal-seats-all")) } }
        }
    };
    Page::new("seat", name, body)
}

/// What people want to know of what happened; not what was refused, nor on whose behalf.
fn history(context: &RequestContext, rows: &[AuditRow]) -> Markup {
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
            @for (at, words) in events { li { (context.time(at)) span { (context.label(words)) } } }
        }
    }
}

/// Reports a lost computer to the vendor. This doesn't free the seat.
fn gone_form(
    context: &RequestContext,
    code: &ActivationCode,
    seat_history: &SeatHistory,
) -> Markup {
    html! {
        section.card data-testid="gone" {
            h2 { (context.label(if seat_history.gone.is_some() { "portal-gone-title" } else { "portal-gone-question" })) }
            @if let Some(at) = seat_history.gone {
                p { (context.message("portal-gone-since", &[("time", latchkey_server_core::time_detail(at))])) }
            } @else {
                p { (context.label("portal-gone-lead")) }
                (with_code(context, "/gone", code, seat_history.seat.id, html! {
                    div.row { button type="submit" data-testid="report-gone" { (context.label("portal-gone-confirm")) } }
                }))
            }
        }
    }
}

/// `POST /gone`
pub(crate) async fn report_lost(
    CustomerForm { http, fields }: CustomerForm<SeatsForm>,
) -> Response {
    let context = &http.context;
    let reply = async {
        let (code, seat) = code_and_seat(context, &fields)?;
        let reported =
            with_valid_code(&http, &code, IssuerAccess::Write, move |issuer, code, now| {
                issuer.report_lost_device(code, seat, now)
            });
        let (outcome, words) = match reported.await? {
            ReportOutcome::Recorded => ("noted", "portal-gone-noted"),
            ReportOutcome::AlreadyOpen => ("before", "portal-gone-before"),
        };
        let body = html! {
            div.notice.good data-testid="reported" data-outcome=(outcome) { p { (context.label(words)) } }
            p { (context.label("portal-gone-next")) }
            p { a href=(context.link("/")) { (context.label("portal-back")) } }
        };
        Ok(Page::new("gone", context.label("portal-gone-title"), body))
    };
    http.render(reply).await
}

/// `POST /refresh`
pub(crate) async fn refresh(CustomerForm { http, fields }: CustomerForm<SeatsForm>) -> Response {
    let context = &http.context;
    let reply = async {
        let (code, seat) = code_and_seat(context, &fields)?;
        let refreshed =
            with_valid_code(&http, &code, IssuerAccess::Write, move |issuer, code, now| {
                issuer.refresh_with_code(code, seat, now)
            })
            .await?;
        let title =
            context.message("portal-refreshed-title", &[("name", display_name(&refreshed.name))]);
        let token = IssuedToken::from(&refreshed);
        Ok(Page::new("refreshed", title, issued_token::token(context, &token)))
    };
    http.render(reply).await
}
