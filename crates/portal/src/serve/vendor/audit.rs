//! The audit: search, page by page, and everything that was found as a table.

use std::fmt::Write as _;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use latchkey_issuer::AuditRow;
use maud::{Markup, html};
use serde::Deserialize;

use super::{Session, answer, looked_up, page};
use crate::serve::Shared;
use crate::serve::pages::batch::cell_of;
use crate::serve::visit::Visitor;

/// Rows of a page.
const ROWS: u32 = 100;
/// Rows of a table for download; who needs more asks the command line.
const MAX_ROWS: u32 = 50_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    q: Option<String>,
    before: Option<i64>,
}

/// `GET /vendor/audit`
pub(crate) async fn list(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
    Query(search): Query<Search>,
) -> Response {
    let text = search.q.unwrap_or_default().trim().to_owned();
    let (wanted, before) = (text.clone(), search.before);
    let looked =
        looked_up(&portal, &visitor, move |issuer, _| issuer.audit_with(&wanted, before, ROWS));
    let reply = looked.await.map(|found| {
        let last = found.last().map(|row| row.id).filter(|_| found.len() == ROWS as usize);
        let body = html! {
            form.card.row role="search" method="get" action=(visitor.link("/vendor/audit")) {
                label for="q" { (visitor.word("portal-vendor-search")) }
                input #q name="q" value=(text) data-testid="q";
                button type="submit" data-testid="search" { (visitor.word("portal-vendor-search-go")) }
            }
            section.card {
                div.scroll tabindex="0" role="region" aria-label=(visitor.word("portal-vendor-audit")) { (rows(&visitor, &found)) }
                div.row {
                    @if let Some(last) = last {
                        a.button href={ "/vendor/audit?before=" (last) "&q=" (percent(&text)) } data-testid="older" { (visitor.word("portal-vendor-older")) }
                    }
                    a.button href={ "/vendor/audit.csv?q=" (percent(&text)) } download data-testid="csv" { (visitor.word("portal-batch-table")) }
                }
            }
        };
        page(&session, "vendor-audit", visitor.word("portal-vendor-audit"), body)
    });
    answer(&portal, &visitor, &session, reply)
}

fn percent(text: &str) -> String {
    crate::serve::pages::handed::percent(text)
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
                td { @for (name, value) in &row.detail { span.detail { (name) "=" (value) } " " } }
            } } }
        }
    }
}

/// `GET /vendor/audit.csv`
pub(crate) async fn table(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
    Query(search): Query<Search>,
) -> Response {
    let text = search.q.unwrap_or_default().trim().to_owned();
    let looked =
        looked_up(&portal, &visitor, move |issuer, _| issuer.audit_with(&text, None, MAX_ROWS));
    match looked.await {
        Ok(found) => {
            let disposition = "attachment; filename=\"audit.csv\"";
            let kind = "text/csv; charset=utf-8";
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, disposition)], csv(&found))
                .into_response()
        }
        Err(problem) => answer(&portal, &visitor, &session, Err(problem)),
    }
}

fn csv(rows: &[AuditRow]) -> String {
    let mut text =
        String::from("at,event,product,entitlement_id,seat_id,code,device,error,detail\r\n");
    for row in rows {
        let detail: Vec<_> =
            row.detail.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cells = [
            row.at.to_string(),
            row.event.clone(),
            row.product.map(|number| number.to_string()).unwrap_or_default(),
            row.entitlement.map(|id| id.to_string()).unwrap_or_default(),
            row.seat.map(|id| id.to_string()).unwrap_or_default(),
            row.code.clone().unwrap_or_default(),
            row.device.clone().unwrap_or_default(),
            row.refusal.clone().unwrap_or_default(),
            detail.join(" "),
        ];
        let cells: Vec<_> = cells.iter().map(|cell| cell_of(cell)).collect();
        let _ = write!(text, "{}\r\n", cells.join(","));
    }
    text
}
