//! The audit: search, page by page, and everything that was found as a table.

use std::fmt::Write as _;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use latchkey_issuer::AuditRow;
use latchkey_lease::time::to_rfc3339;
use maud::{Markup, html};
use serde::Deserialize;

use super::session::Order;
use super::{Session, answer, looked_up, order_form, page};
use crate::serve::pages::batch::cell_of;
use crate::serve::visit::Visitor;
use crate::serve::{Portal, Shared};

/// Rows of a page.
const ROWS: u32 = 100;
/// Rows of a table for download; who needs more asks the command line.
const MAX_ROWS: u32 = 50_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Newer {
    before: Option<i64>,
}

/// `GET /vendor/audit`: everything, without a search.
pub(crate) async fn list(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
    Query(page): Query<Newer>,
) -> Response {
    found(&portal, &visitor, &session, String::new(), page.before).await
}

/// `POST /vendor/audit`: what is looked for may be a code or a name, and addresses stand in histories and in other
/// programs' logs.
pub(crate) async fn search(
    State(portal): State<Shared>,
    visitor: Visitor,
    order: Order,
) -> Response {
    let text = order.field("q").unwrap_or_default().to_owned();
    let before = order.field("before").and_then(|before| before.parse().ok());
    found(&portal, &visitor, &order.session, text, before).await
}

async fn found(
    portal: &Portal,
    visitor: &Visitor,
    session: &Session,
    text: String,
    before: Option<i64>,
) -> Response {
    let wanted = text.clone();
    let looked =
        looked_up(portal, visitor, move |issuer, _| issuer.audit_with(&wanted, before, ROWS));
    let reply = looked.await.map(|found| {
        let last = found.last().map(|row| row.id).filter(|_| found.len() == ROWS as usize);
        let again = html! { input type="hidden" name="q" value=(text); };
        let form =
            |action: &str, rest: Markup| order_form(visitor, session, action, rest);
        let body = html! {
            section.card role="search" {
                (form("/vendor/audit", html! {
                    div.row {
                        label for="q" { (visitor.word("portal-vendor-search")) }
                        input #q name="q" value=(text) autocomplete="off" data-testid="q";
                        button type="submit" data-testid="search" { (visitor.word("portal-vendor-search-go")) }
                    }
                }))
            }
            section.card {
                div.scroll tabindex="0" role="region" aria-label=(visitor.word("portal-vendor-audit")) { (rows(visitor, &found)) }
                div.row {
                    @if let Some(last) = last {
                        (form("/vendor/audit", html! {
                            (again)
                            input type="hidden" name="before" value=(last);
                            button type="submit" data-testid="older" { (visitor.word("portal-vendor-older")) }
                        }))
                    }
                    (form("/vendor/audit.csv", html! {
                        (again)
                        button type="submit" data-testid="csv" { (visitor.word("portal-batch-table")) }
                    }))
                }
            }
        };
        page(session, "vendor-audit", visitor.word("portal-vendor-audit"), body)
    });
    answer(portal, visitor, session, reply)
}

/// Rows as a table.
pub(crate) fn rows(visitor: &Visitor, rows: &[AuditRow]) -> Markup {
    html! {
        table.audit data-testid="audit" {
            thead { tr {
                th scope="col" { (visitor.word("server-column-time")) }
                th scope="col" { (visitor.word("server-column-event")) }
                th scope="col" { (visitor.word("server-column-seat")) }
                th scope="col" { (visitor.word("server-column-code")) }
                th scope="col" { (visitor.word("server-column-detail")) }
            } }
            tbody { @for row in rows { tr data-event=(row.event) {
                td { (visitor.time(row.at)) }
                td { (row.event) @if let Some(refusal) = &row.refusal { br; span.chip { (refusal) } } }
                td { @if let Some(seat) = row.seat { a href=(visitor.link(&format!("/vendor/seats/{seat}"))) { (seat.to_string()) } } }
                td { (row.code.as_deref().unwrap_or_default()) }
                td {
                    @for (name, value) in &row.detail { span.detail { (name) "=" (value) } " " }
                    @if let Some(count) = row.counted {
                        span.detail data-counted=(count) { (visitor.say("server-audit-counted", &[("count", count.into())])) }
                    }
                }
            } } }
        }
    }
}

/// `POST /vendor/audit.csv`
pub(crate) async fn table(
    State(portal): State<Shared>,
    visitor: Visitor,
    order: Order,
) -> Response {
    let text = order.field("q").unwrap_or_default().to_owned();
    let looked =
        looked_up(&portal, &visitor, move |issuer, _| issuer.audit_with(&text, None, MAX_ROWS));
    match looked.await {
        Ok(found) => {
            let disposition = "attachment; filename=\"audit.csv\"";
            let kind = "text/csv; charset=utf-8";
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, disposition)], csv(&found))
                .into_response()
        }
        Err(problem) => answer(&portal, &visitor, &order.session, Err(problem)),
    }
}

fn csv(rows: &[AuditRow]) -> String {
    let mut text = String::from(
        "at,event,product,entitlement_id,seat_id,code,device,error,detail,counted\r\n",
    );
    for row in rows {
        let detail: Vec<_> =
            row.detail.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cells = [
            to_rfc3339(row.at),
            row.event.clone(),
            row.product.map(|number| number.to_string()).unwrap_or_default(),
            row.entitlement.map(|id| id.to_string()).unwrap_or_default(),
            row.seat.map(|id| id.to_string()).unwrap_or_default(),
            row.code.clone().unwrap_or_default(),
            row.device.clone().unwrap_or_default(),
            row.refusal.clone().unwrap_or_default(),
            detail.join(" "),
            row.counted.map(|count| count.to_string()).unwrap_or_default(),
        ];
        let cells: Vec<_> = cells.iter().map(|cell| cell_of(cell)).collect();
        let _ = write!(text, "{}\r\n", cells.join(","));
    }
    text
}
