//! The pages of a batch: its contents, the confirmation, the progress, and all results as one text
//! and as a table.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_token::FoundToken;
use maud::{Markup, html};

use super::http_request::CustomerHttpRequest;
use crate::batches::{Answer, Batch, Progress};
use crate::csv::row_of;
use crate::error::PortalError;
use crate::page::Page;
use crate::request_context::{HttpError, RequestContext};
use crate::seat_views::name_or_id;
use crate::unused_parts::UnusedPartsMessage;

/// Refusals, and computers that refuse their responses, that the page lists; the table for download
/// has all of them.
const MAX_LISTED: usize = 500;
/// How often the page updates without JavaScript.
const LOOK_AGAIN: u8 = 2;

/// Keeps a text with several tokens, and leads to its page.
pub(super) fn begin(
    CustomerHttpRequest { portal, context }: &CustomerHttpRequest,
    found: Vec<FoundToken>,
    skipped: UnusedPartsMessage,
) -> Result<Redirect, HttpError> {
    let busy = || context.problem_with(StatusCode::SERVICE_UNAVAILABLE, &PortalError::Busy);
    let id = portal.batches.insert(context.origin.client_id(), found, skipped).ok_or_else(busy)?;
    Ok(Redirect::to(&context.link(&format!("/batch/{id}"))))
}

/// The response about a batch, or the page which states that it no longer exists.
fn respond(
    http: &CustomerHttpRequest,
    id: &str,
    response: impl FnOnce(Arc<Batch>) -> Response,
) -> Response {
    match http.portal.batches.find(id) {
        Some(batch) => response(batch),
        None => {
            let gone = PortalError::NoBatch;
            http.response(Err(http.context.problem_with(StatusCode::NOT_FOUND, &gone)))
        }
    }
}

/// `GET /batch/{id}`
pub(crate) async fn show(http: CustomerHttpRequest, Path(id): Path<String>) -> Response {
    respond(&http, &id, |batch| http.response(Ok(page(&http.context, &id, &batch))))
}

/// `POST /batch/{id}`: the go-ahead.
pub(crate) async fn answer(http: CustomerHttpRequest, Path(id): Path<String>) -> Response {
    respond(&http, &id, |batch| {
        let CustomerHttpRequest { portal, context } = &http;
        let shown = Redirect::to(&context.link(&format!("/batch/{id}")));
        let (portal, context) = (Arc::clone(portal), context.clone());
        tokio::spawn(async move { batch.answer(&portal.pool, &portal.limits, &context).await });
        shown.into_response()
    })
}

fn page(context: &RequestContext, id: &str, batch: &Batch) -> Page {
    match batch.progress() {
        Progress::Waiting => question_page(context, id, batch),
        Progress::Running { done } => progress_page(context, batch, done),
        Progress::Finished => result_page(context, id, batch),
    }
}

fn question_page(context: &RequestContext, id: &str, batch: &Batch) -> Page {
    let count = |number: usize| html! { (number) };
    let [requests, responses, refreshes, deactivations] = batch.kinds;
    let lines = [
        ("portal-batch-requests", requests),
        ("portal-batch-deactivations", deactivations),
        ("portal-batch-for-computers", responses + refreshes),
        ("portal-batch-unreadable", batch.unreadable),
    ];
    let facts: Vec<_> = lines
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(label, number)| (label, count(number)))
        .collect();
    let body = html! {
        (batch.skipped.render(context))
        div.card data-testid="preview" data-kind="batch" {
            (context.facts(&facts))
            @if requests + deactivations > 0 {
                form method="post" action=(context.link(&format!("/batch/{id}"))) {
                    div.row {
                        button.primary type="submit" data-testid="confirm" { (context.label("portal-batch-confirm")) }
                        a.button.quiet href=(context.link("/")) { (context.label("portal-cancel")) }
                    }
                }
            } @else {
                p { (context.label("portal-batch-nothing")) }
            }
        }
    };
    Page::new(
        "batch",
        context.message("portal-batch-title", &[("count", batch.total.into())]),
        body,
    )
}

fn progress_page(context: &RequestContext, batch: &Batch, done: usize) -> Page {
    let values = [("done", done.into()), ("count", batch.total.into())];
    let body = html! {
        div.card data-testid="progress" {
            label for="progress" { (context.message("portal-batch-progress", &values)) }
            progress #progress max=(batch.total) value=(done) {}
            p.small.muted { (context.label("portal-batch-wait")) }
        }
    };
    let title = context.label("portal-batch-running-title");
    Page { again: Some(LOOK_AGAIN), ..Page::new("batch-running", title, body) }
}

fn result_page(context: &RequestContext, id: &str, batch: &Batch) -> Page {
    let answers = batch.answers();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.refusal.is_some()).collect();
    let tokens = answers.iter().filter(|answer| answer.token.is_some()).count();
    let freed = answers.iter().filter(|answer| answer.outcome == "released").count();
    let (expired, running): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.is_over);
    let clocks: Vec<_> =
        running.into_iter().filter(|answer| answer.is_over_by_computer_clock).collect();
    let body = html! {
        (batch.skipped.render(context))
        @if !expired.is_empty() { (requests_to_make(context, &expired)) }
        @if !clocks.is_empty() { (clocks_to_set(context, &clocks)) }
        div.card data-testid="batch-done" data-answered=(tokens) data-refused=(refused.len()) data-released=(freed) {
            (context.facts(&[
                ("portal-batch-answered", html! { (tokens) }),
                ("portal-batch-released", html! { (freed) }),
                ("portal-batch-refused", html! { (refused.len()) }),
            ]))
            div.row {
                @if tokens > 0 {
                    a.button.primary href=(context.file(&format!("/batch/{id}/responses.txt"))) download data-testid="responses" { (context.label("portal-batch-responses")) }
                }
                a.button href={ (context.link(&format!("/batch/{id}/table.csv"))) } download data-testid="table" { (context.label("portal-batch-table")) }
            }
            @if tokens > 0 { p.small.muted { (context.label("portal-batch-responses-hint")) } }
        }
        @if !refused.is_empty() { (refusals(context, &refused)) }
        p { a href=(context.link("/")) { (context.label("portal-back")) } }
    };
    Page::new("batch-done", context.label("portal-batch-done-title"), body)
}

/// The computers that refuse their responses because the leases in them are over.
fn requests_to_make(context: &RequestContext, answers: &[&Answer]) -> Markup {
    let labels = ["portal-batch-expired-title", "portal-batch-expired"];
    let columns = ["portal-lease-until"];
    computer_table(context, "expired", labels, columns, answers, |answer| [answer.expiry])
}

/// The computers that refuse their responses until their clocks are right.
fn clocks_to_set(context: &RequestContext, answers: &[&Answer]) -> Markup {
    let labels = ["portal-batch-clocks-title", "portal-batch-clocks"];
    let columns = ["portal-batch-clock", "portal-lease-until"];
    let times = |answer: &Answer| [answer.computer_clock, answer.expiry];
    computer_table(context, "clocks", labels, columns, answers, times)
}

/// A table of computers that refuse their responses, with a column for each of these times.
fn computer_table<const N: usize>(
    context: &RequestContext,
    name: &str,
    [title, message]: [&str; 2],
    columns: [&str; N],
    answers: &[&Answer],
    times: impl Fn(&Answer) -> [Option<Timestamp>; N],
) -> Markup {
    html! {
        section.card data-testid=(name) data-count=(answers.len()) {
            h2 { (context.label(title)) }
            p.notice.bad { (context.label(message)) }
            div.scroll tabindex="0" role="region" aria-label=(context.label(title)) {
                table {
                    thead { tr {
                        th scope="col" { (context.label("portal-seat")) }
                        @for column in columns { th scope="col" { (context.label(column)) } }
                    } }
                    tbody {
                        @for answer in answers.iter().take(MAX_LISTED) {
                            tr {
                                td { (computer_name(answer)) }
                                @for time in times(answer) {
                                    td { @if let Some(time) = time { (context.time(time)) } }
                                }
                            }
                        }
                    }
                }
            }
            @if answers.len() > MAX_LISTED { p.small.muted { (context.label("portal-batch-more")) } }
        }
    }
}

/// What a computer is called: without a name by the id of its seat, if it got one.
fn computer_name(answer: &Answer) -> String {
    let name = answer.name.as_deref().unwrap_or_default();
    match answer.seat {
        Some(seat) => name_or_id(name, seat),
        None if name.is_empty() => "–".to_owned(),
        None => name.to_owned(),
    }
}

fn refusals(context: &RequestContext, refused: &[&Answer]) -> Markup {
    html! {
        section.card {
            h2 { (context.label("portal-batch-refusals-title")) }
            div.scroll tabindex="0" role="region" aria-label=(context.label("portal-batch-refusals-title")) {
                table data-testid="refusals" {
                    thead { tr {
                        th scope="col" { (context.label("portal-seat")) }
                        th scope="col" { (context.label("portal-batch-why")) }
                    } }
                    tbody {
                        @for answer in refused.iter().take(MAX_LISTED) {
                            @if let Some(words) = &answer.refusal {
                                tr data-code=(words.code) {
                                    td { (computer_name(answer)) }
                                    td { strong { (words.message) } " " (words.action) }
                                }
                            }
                        }
                    }
                }
            }
            @if refused.len() > MAX_LISTED { p.small.muted { (context.label("portal-batch-more")) } }
        }
    }
}

/// `GET /batch/{id}/responses.txt`: all response tokens; each computer finds its own among them.
pub(crate) async fn responses(http: CustomerHttpRequest, Path(id): Path<String>) -> Response {
    respond(&http, &id, |batch| {
        let mut text = String::new();
        for token in batch.answers().into_iter().filter_map(|answer| answer.token) {
            text.push_str(&token);
            text.push('\n');
        }
        attachment("text/plain; charset=us-ascii", "responses.txt", text)
    })
}

/// `GET /batch/{id}/table.csv`: every token of the batch, RFC 4180.
pub(crate) async fn table(http: CustomerHttpRequest, Path(id): Path<String>) -> Response {
    respond(&http, &id, |batch| {
        attachment("text/csv; charset=utf-8", "table.csv", csv(&batch.answers()))
    })
}

fn attachment(kind: &'static str, name: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], text).into_response()
}

fn csv(answers: &[Answer]) -> String {
    let mut text = String::from(
        "number,kind,seat_name,seat_id,outcome,lease_expiry,taken_until,repaired,error,message,token,\
         computer_clock\r\n",
    );
    for (number, answer) in (1..).zip(answers) {
        let words = answer.refusal.as_ref();
        let cells = [
            answer.kind.name().to_owned(),
            answer.name.clone().unwrap_or_default(),
            answer.seat.map(|seat| seat.to_string()).unwrap_or_default(),
            answer.outcome.to_owned(),
            answer.expiry.map(to_rfc3339).unwrap_or_default(),
            answer.taken_until.map(to_rfc3339).unwrap_or_default(),
            answer.repaired.to_string(),
            words.map(|words| words.code.to_owned()).unwrap_or_default(),
            words.map(|words| words.message.clone()).unwrap_or_default(),
            answer.token.clone().unwrap_or_default(),
            answer.computer_clock.map(to_rfc3339).unwrap_or_default(),
        ];
        let _ = write!(text, "{number},{}", row_of(&cells));
    }
    text
}
