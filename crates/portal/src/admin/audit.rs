//! The audit log: search, pagination, and a CSV export of all results.

use axum::extract::Query;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use latchkey_issuer::AuditRow;
use latchkey_lease::time::to_rfc3339;
use maud::{Markup, html};
use serde::Deserialize;

use super::http_request::{AdminForm, AdminHttpRequest};
use crate::csv::row_of;
use crate::request_context::RequestContext;

/// Rows of a page.
const ROWS: u32 = 100;
/// Rows of a table for download; who needs more asks the command line.
const MAX_ROWS: u32 = 50_000;

#[derive(Debug, Deserialize)]
pub(crate) struct AuditPage {
    before: Option<i64>,
}

/// `GET /vendor/audit`: everything, without a search.
pub(crate) async fn list(http: AdminHttpRequest, Query(page): Query<AuditPage>) -> Response {
    search_results(&http, String::new(), page.before).await
}

/// `POST /vendor/audit`: the search term may be a code or a name, and URLs end up in browser
/// histories and in logs of other programs.
pub(crate) async fn search(AdminForm { http, fields }: AdminForm) -> Response {
    let text = fields.get("q").unwrap_or_default().to_owned();
    let before = fields.get("before").and_then(|before| before.parse().ok());
    search_results(&http, text, before).await
}

async fn search_results(http: &AdminHttpRequest, text: String, before: Option<i64>) -> Response {
    let context = &http.context;
    let reply = async {
        let wanted = text.clone();
        let found = http.query(move |issuer, _| issuer.audit_with(&wanted, before, ROWS)).await?;
        let last = found.last().map(|row| row.id).filter(|_| found.len() == ROWS as usize);
        let again = html! { input type="hidden" name="q" value=(text); };
        let body = html! {
            section.card role="search" {
                (http.form("/vendor/audit", html! {
                    div.row {
                        label for="q" { (context.label("portal-vendor-search")) }
                        input #q name="q" value=(text) autocomplete="off" data-testid="q";
                        button type="submit" data-testid="search" { (context.label("portal-vendor-search-go")) }
                    }
                }))
            }
            section.card {
                div.scroll tabindex="0" role="region" aria-label=(context.label("portal-vendor-audit")) { (rows(context, &found)) }
                div.row {
                    @if let Some(last) = last {
                        (http.form("/vendor/audit", html! {
                            (again)
                            input type="hidden" name="before" value=(last);
                            button type="submit" data-testid="older" { (context.label("portal-vendor-older")) }
                        }))
                    }
                    (http.form("/vendor/audit.csv", html! {
                        (again)
                        button type="submit" data-testid="csv" { (context.label("portal-batch-table")) }
                    }))
                }
            }
        };
        Ok(http.page("vendor-audit", context.label("portal-vendor-audit"), body))
    };
    http.render(reply).await
}

/// Rows as a table.
pub(crate) fn rows(context: &RequestContext, rows: &[AuditRow]) -> Markup {
    html! {
        table.audit data-testid="audit" {
            thead { tr {
                th scope="col" { (context.label("server-column-time")) }
                th scope="col" { (context.label("server-column-event")) }
                th scope="col" { (context.label("server-column-seat")) }
                th scope="col" { (context.label("server-column-code")) }
                th scope="col" { (context.label("server-column-detail")) }
            } }
            tbody { @for row in rows { tr data-event=(row.event) {
                td { (context.time(row.at)) }
                td { (row.event) @if let Some(refusal) = &row.refusal { br; span.chip { (refusal) } } }
                td { @if let Some(seat) = row.seat { a href=(context.link(&format!("/vendor/seats/{seat}"))) { (seat.to_string()) } } }
                td { (row.code.as_deref().unwrap_or_default()) }
                td {
                    @for (name, value) in &row.detail { span.detail { (name) "=" (value) } " " }
                    @if let Some(count) = row.counted {
                        span.detail data-counted=(count) { (context.message("server-audit-counted", &[("count", count.into())])) }
                    }
                }
            } } }
        }
    }
}

/// `POST /vendor/audit.csv`
pub(crate) async fn table(AdminForm { http, fields }: AdminForm) -> Response {
    let text = fields.get("q").unwrap_or_default().to_owned();
    match http.query(move |issuer, _| issuer.audit_with(&text, None, MAX_ROWS)).await {
        Ok(found) => {
            let disposition = "attachment; filename=\"audit.csv\"";
            let kind = "text/csv; charset=utf-8";
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, disposition)], csv(&found))
                .into_response()
        }
        Err(problem) => http.render_problem(&problem),
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
        text.push_str(&row_of(&cells));
    }
    text
}
