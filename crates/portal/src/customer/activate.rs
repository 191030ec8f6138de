//! The page for a request token: a preview of the grant, the confirmation, and the response token.

use axum::response::Response;
use latchkey_issuer::{
    ActivateError, ActivationPreview, Choices, ClassifiedError as _, GivenAt, GivenCode,
    GrantReason, InUse, Issuer, ReceivedRequest,
};
use latchkey_lease::Timestamp;
use latchkey_server_core::{computer_clock_values, display_name, time_detail};
use latchkey_token::{ActivationCode, CodeDoubt, SeatId, Token};
use maud::{Markup, html};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::http_request::{CustomerForm, CustomerHttpRequest};
use super::issued_token::{self, IssuedToken};
use crate::form;
use crate::issuer_pool::IssuerAccess;
use crate::page::{Page, PageResult};
use crate::request_context::{HttpError, RequestContext};
use crate::request_views::{is_about_code, repaired_note, to_compare};
use crate::seat_views::name_or_id;

/// Shows what would be granted, and asks for confirmation.
pub(super) async fn preview(
    http: &CustomerHttpRequest,
    token: Token,
    repaired: usize,
) -> PageResult {
    preview_with(http, token, None, Zeroizing::default(), repaired).await
}

/// Previews a request with a separately entered code.
async fn preview_with(
    http: &CustomerHttpRequest,
    token: Token,
    code: Option<ActivationCode>,
    typed: Zeroizing<String>,
    repaired: usize,
) -> PageResult {
    let context = &http.context;
    let hidden = HiddenFields { token: token.to_string(), code: code.clone(), typed };
    let choices = choices(code, None);
    let preview = |issuer: &mut Issuer, request: &ReceivedRequest, choices: &Choices, now| {
        Ok((issuer.preview_activation(request, choices, now)?, now))
    };
    match with_guess(http, token, choices, IssuerAccess::Read, preview).await? {
        Ok((preview, now)) => Ok(question_page(context, &hidden, &preview, now, repaired)),
        Err((error, doubt)) => refusal_page(context, &hidden, &error, doubt.as_ref()),
    }
}

/// The hidden fields of the page's forms; the server keeps no copy.
struct HiddenFields {
    token: String,
    /// The separately entered code.
    code: Option<ActivationCode>,
    /// The separately entered code as it was typed.
    typed: Zeroizing<String>,
}

impl HiddenFields {
    fn fields(&self) -> Markup {
        html! {
            input type="hidden" name="token" value=(self.token);
            @if let Some(code) = &self.code {
                input type="hidden" name="code" value=(*Zeroizing::new(code.expose()));
            }
        }
    }
}

fn choices(code: Option<ActivationCode>, take_over: Option<SeatId>) -> Choices {
    let code = code.map(|code| GivenCode { code, place: GivenAt::Portal });
    Choices { take_over, code }
}

/// A refusal, and why an unknown code looks mistyped.
type Refused = (ActivateError, Option<CodeDoubt>);

/// Handles a request whose code, or whose separately entered code, may be a guess.
async fn with_guess<T: Send + 'static>(
    CustomerHttpRequest { portal, context }: &CustomerHttpRequest,
    token: Token,
    choices: Choices,
    access: IssuerAccess,
    work: impl FnOnce(&mut Issuer, &ReceivedRequest, &Choices, Timestamp) -> Result<T, ActivateError>
    + Send
    + 'static,
) -> Result<Result<T, Refused>, HttpError> {
    let mut guess = portal.limits.guess(context)?;
    let rows = portal.limits.rows(context);
    let is_given = choices.code.is_some();
    let work = move |issuer: &mut Issuer, now: Timestamp| {
        let received = match issuer.receive_request(&token) {
            Ok(received) => received,
            Err(error) => return Ok(Err((error.into(), None))),
        };
        let given = choices.code.as_ref().map(|given| &given.code);
        let code = given.or_else(|| received.code());
        let doubt = code.and_then(ActivationCode::doubt);
        if let Some(code) = code {
            guess.charge_code(code.clone())?;
        }
        let done = issuer.within_quota(rows, |issuer| work(issuer, &received, &choices, now));
        Ok(done.map_err(|error| match error {
            ActivateError::CodeUnknown => {
                guess.was_wrong();
                (error, doubt)
            }
            error => (error, None),
        }))
    };
    let done = portal.pool.run(access, work);
    let done = match is_given {
        true => form::with_min_response_time(portal, done).await,
        false => done.await,
    };
    done.map_err(|failure| context.problem_of(&failure))?
}

fn question_page(
    context: &RequestContext,
    hidden: &HiddenFields,
    preview: &ActivationPreview,
    now: Timestamp,
    repaired: usize,
) -> Page {
    let has_expired = preview.is_over_at(now);
    let again = preview.grounds == GrantReason::Repeated;
    let left = preview.seats.saturating_sub(preview.taken);
    let (title, button) = match preview.grounds {
        GrantReason::Repeated if has_expired => {
            ("portal-granted-expired-title", "portal-again-confirm")
        }
        GrantReason::Repeated => ("portal-again-title", "portal-again-confirm"),
        GrantReason::SameSeat => ("portal-renew-title", "portal-renew-confirm"),
        _ => ("portal-activate-title", "portal-activate-confirm"),
    };
    let mut facts: Vec<(&str, Markup)> = vec![
        ("portal-product", html! { (preview.product) }),
        ("portal-seat", html! { (preview.name) }),
    ];
    // A device that already has a seat doesn't take another.
    if !again && preview.grounds != GrantReason::SameSeat {
        let seats = [("left", left.into()), ("seats", preview.seats.into())];
        facts.push((
            "portal-seats-left",
            html! { (context.message("portal-seats-left-of", &seats)) },
        ));
    }
    facts.push(("portal-lease-until", context.time(preview.lease_expiry)));
    let body = html! {
        @if repaired > 0 { (repaired_note(context, repaired)) }
        @if has_expired { (lease_over(context, preview.lease_expiry)) }
        @if let Some(clock) = computer_clock(context, preview.computer_clock, preview.lease_expiry, now) { (clock) }
        @if again { p.lead { (context.label("portal-again-lead")) } }
        @if preview.grounds == GrantReason::SameSeat { p.lead { (context.label("portal-renew-lead")) } }
        @if let GrantReason::Reused { old } = &preview.grounds {
            p.lead { (context.message("portal-activate-reused", &[("old", display_name(old))])) }
        }
        div.card data-testid="preview" data-kind="activation" data-grounds=(reason_name(&preview.grounds)) {
            (context.facts(&facts))
            form method="post" action=(context.link("/activate")) {
                (hidden.fields())
                div.row {
                    button.primary type="submit" data-testid="confirm" { (context.label(button)) }
                    a.button.quiet href=(context.link("/")) { (context.label("portal-cancel")) }
                }
            }
        }
    };
    Page::new("activate", context.label(title), body)
}

/// Says that the clock of the computer is wrong, if it was when the request was made.
fn computer_clock(
    context: &RequestContext,
    shown: Option<Timestamp>,
    expiry: Timestamp,
    now: Timestamp,
) -> Option<Markup> {
    let is_over = shown.is_some_and(|shown| shown >= expiry);
    let values = computer_clock_values(shown, expiry, now)?;
    Some(html! {
        p.notice.bad[is_over] data-testid="computer-clock" data-over=(is_over) {
            (context.message("server-granted-clock", &values))
        }
    })
}

/// Says that the computer refuses this response, and that a new request is needed.
fn lease_over(context: &RequestContext, expiry: Timestamp) -> Markup {
    let values = [("expiry", time_detail(expiry))];
    html! {
        p.notice.bad data-testid="lease-over" { (context.message("server-granted-expired", &values)) }
    }
}

const fn reason_name(grounds: &GrantReason) -> &'static str {
    match grounds {
        GrantReason::Repeated => "repeated",
        GrantReason::Reused { .. } => "reused",
        GrantReason::SameSeat => "same_seat",
        _ => "new",
    }
}

/// Asks for another code for the same request, so that no new request is needed. The text typed so
/// far stays in the field for comparison. `is_wrong` is true if the code itself is the problem.
fn other_code_form(context: &RequestContext, token: &str, typed: &str, is_wrong: bool) -> Markup {
    let typed = to_compare(typed);
    let invalid = (is_wrong && !typed.is_empty()).then_some("true");
    html! {
        section.card data-testid="other-code" {
            h2 { (context.label("portal-other-code-title")) }
            p { (context.label("portal-other-code")) }
            form method="post" action=(context.link("/activate/code")) {
                input type="hidden" name="token" value=(token);
                label for="code" { (context.label("portal-code-label")) }
                input.code #code name="code" type="text" value=(typed) required autocomplete="off" spellcheck="false"
                    autocapitalize="characters" aria-describedby="code-hint" aria-invalid=[invalid] data-testid="code";
                p #code-hint .small.muted { (context.label("portal-code-hint")) }
                div.row { button.primary type="submit" data-testid="with-code" { (context.label("portal-other-code-confirm")) } }
            }
        }
    }
}

/// Why nothing is granted. Where no seat is free, which ones are in use, and the way to take one's
/// own over; where the code isn't the right one, the way to give another.
fn refusal_page(
    context: &RequestContext,
    hidden: &HiddenFields,
    error: &ActivateError,
    doubt: Option<&CodeDoubt>,
) -> PageResult {
    let problem = context.with_doubt(context.problem(error.class(), error), doubt);
    let ActivateError::NoneFree { in_use, looks_like, several_alike } = error else {
        if is_about_code(error) {
            return Ok(context.error_page(
                &problem,
                other_code_form(context, &hidden.token, &hidden.typed, true),
            ));
        }
        return Err(problem);
    };
    let more = html! {
        (seats_in_use(context, in_use))
        @if let Some(seat) = looks_like { (takeover_offer(context, hidden, seat)) }
        @if *several_alike {
            p.notice data-testid="several-alike" { (context.label("portal-several-alike")) }
        }
        (other_code_form(context, &hidden.token, &hidden.typed, false))
    };
    let mut page = context.error_page(&problem, more);
    page.title = context.label("portal-none-free-title");
    Ok(page)
}

fn seats_in_use(context: &RequestContext, in_use: &[InUse]) -> Markup {
    html! {
        section.card {
            h2 { (context.label("portal-in-use-title")) }
            div.scroll tabindex="0" role="region" aria-label=(context.label("portal-in-use-title")) {
                table data-testid="in-use" {
                    thead { tr {
                        th scope="col" { (context.label("portal-seat")) }
                        th scope="col" { (context.label("portal-expiry")) }
                    } }
                    tbody {
                        @for seat in in_use {
                            tr { td { (name_or_id(&seat.name, seat.seat)) } td { (context.time(seat.lease_expiry)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Offered and never done automatically, because the other installation loses its seat.
fn takeover_offer(context: &RequestContext, hidden: &HiddenFields, seat: &InUse) -> Markup {
    let name = name_or_id(&seat.name, seat.seat);
    let values = [("name", name.as_str().into())];
    html! {
        section.card data-testid="takeover" {
            h2 { (context.message("portal-takeover-title", &values)) }
            p { (context.message("portal-takeover", &values)) }
            form method="post" action=(context.link("/activate")) {
                (hidden.fields())
                input type="hidden" name="take_over" value=(seat.seat.to_string());
                p.check {
                    input #sure type="checkbox" name="sure" value="yes" required data-testid="sure";
                    label for="sure" { (context.message("portal-takeover-sure", &values)) }
                }
                div.row { button type="submit" data-testid="take-over" { (context.label("portal-takeover-confirm")) } }
            }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct ActivateForm {
    token: String,
    take_over: Option<String>,
    sure: Option<String>,
    /// The code that replaces the request's own code.
    #[serde(default, deserialize_with = "deserialize_code")]
    code: Option<Zeroizing<String>>,
}

fn deserialize_code<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Zeroizing<String>>, D::Error> {
    form::deserialize_secret(from).map(Some)
}

/// `POST /activate/code`: another code for a request whose own isn't the right one.
pub(crate) async fn with_code(
    CustomerForm { http, fields }: CustomerForm<ActivateForm>,
) -> Response {
    let CustomerHttpRequest { portal, context } = &http;
    let reply = async {
        let token = form::parse_token(portal, context, fields.token).await?;
        let typed = fields.code.unwrap_or_default();
        match form::code(context, &typed) {
            Ok(code) => preview_with(&http, token, Some(code), typed, 0).await,
            Err(problem) => {
                let again = other_code_form(context, &token.to_string(), &typed, true);
                Ok(context.error_page(&problem, again))
            }
        }
    };
    http.render(reply).await
}

/// `POST /activate`
pub(crate) async fn confirm(CustomerForm { http, fields }: CustomerForm<ActivateForm>) -> Response {
    http.render(grant(&http, fields)).await
}

async fn grant(http: &CustomerHttpRequest, asked: ActivateForm) -> PageResult {
    let CustomerHttpRequest { portal, context } = http;
    let token = form::parse_token(portal, context, asked.token).await?;
    let code = asked.code.as_ref().map(|code| form::hidden_code(context, code)).transpose()?;
    let typed = asked.code.unwrap_or_default();
    let hidden = HiddenFields { token: token.to_string(), code: code.clone(), typed };
    // Taking over needs both the seat that the page named and the user's confirmation.
    let take_over = match (&asked.take_over, asked.sure.as_deref()) {
        (Some(seat), Some("yes")) => Some(form::parse_seat_id(context, seat)?),
        _ => None,
    };
    let choices = choices(code, take_over);
    let answer = |issuer: &mut Issuer, request: &ReceivedRequest, choices: &Choices, now| {
        Ok((issuer.answer(request, choices, now)?, now))
    };
    let granted = with_guess(http, token, choices, IssuerAccess::Write, answer);
    match granted.await? {
        Ok((granted, now)) => {
            let has_expired = granted.is_over_at(now);
            let is_over = granted.is_over_by_computer_clock() && !has_expired;
            let title = match granted.grounds {
                _ if has_expired => "portal-granted-expired-title",
                _ if is_over => "portal-granted-clock-title",
                GrantReason::SameSeat => "portal-renewed-title",
                _ => "portal-granted-title",
            };
            let title = context.message(title, &[("name", display_name(&granted.name))]);
            let token = IssuedToken {
                token: &granted.token,
                product: &granted.product,
                name: &granted.name,
                expiry: granted.lease_expiry,
                is_last: false,
            };
            let clock = computer_clock(context, granted.computer_clock, granted.lease_expiry, now);
            let before = html! {
                // What has to be done first is read first.
                @if has_expired { (lease_over(context, granted.lease_expiry)) }
                @if let (true, Some(clock)) = (is_over, &clock) { (clock) }
                @if granted.grounds == GrantReason::Repeated { p.notice { (context.label("portal-granted-again")) } }
                @if let GrantReason::TakenOver { .. } = &granted.grounds { p.notice { (context.label("portal-granted-over")) } }
                @if let (false, Some(clock)) = (is_over, &clock) { (clock) }
            };
            Ok(Page::new(
                "granted",
                title,
                html! { (before) (issued_token::token(context, &token)) },
            ))
        }
        Err((error, doubt)) => refusal_page(context, &hidden, &error, doubt.as_ref()),
    }
}
