//! The start page of the admin pages: what needs attention, and links to everything else.

use axum::extract::RawQuery;
use axum::response::{IntoResponse as _, Redirect, Response};
use latchkey_issuer::{
    ClockDoubt, Comparison, DatabaseError, EarlyReturnsReport, LostDeviceReport,
};
use latchkey_server_core::time_detail;
use maud::{Markup, html};

use super::http_request::{AdminHttpRequest, SIGNED_IN, query_has};
use crate::request_context::RequestContext;
use crate::seat_views::name_or_id;

/// `GET /vendor`
pub(crate) async fn show(http: AdminHttpRequest, RawQuery(query): RawQuery) -> Response {
    let context = &http.context;
    // The URL that users bookmark doesn't contain the sign-in marker.
    if query_has(query.as_deref(), SIGNED_IN) {
        return Redirect::to(&context.link("/vendor")).into_response();
    }
    let reply = async {
        let found = http.query(|issuer, now| {
            let (products, entitlements) = (issuer.products()?.len(), issuer.entitlements(now)?);
            let in_use: u64 = entitlements.iter().map(|one| u64::from(one.seats_in_use)).sum();
            let notices = (issuer.lost_device_reports(now)?, issuer.early_returns_reports(now)?);
            let clock = issuer.compare_clock(now)?;
            Ok::<_, DatabaseError>((clock, notices, products, entitlements.len(), in_use))
        });
        let (clock, (notices, returns), products, entitlements, in_use) = found.await?;
        let body = html! {
            @if let Some(doubt) = clock.doubt() { (clock_doubt_section(context, &doubt)) }
            @if clock.checks_requests() { (checks_requests(context, &clock)) }
            (early_returns_notice(&http, &returns))
            (lost_devices_notice(&http, &notices))
            section.card {
                (context.facts(&[
                    ("portal-vendor-products", html! { a href=(context.link("/vendor/products")) { (products) } }),
                    ("portal-vendor-entitlements", html! { a href=(context.link("/vendor/entitlements")) { (entitlements) } }),
                    ("portal-seats-in-use", html! { (in_use) }),
                ]))
            }
        };
        Ok(http.page("vendor", context.label("portal-vendor-title"), body))
    };
    http.render(reply).await
}

/// Why nothing is granted, with the message of the command line: an operator can act on it.
fn clock_doubt_section(context: &RequestContext, doubt: &ClockDoubt) -> Markup {
    let words = latchkey_i18n::explain_in(context.language, doubt);
    html! {
        section.notice.bad data-testid="clock" data-code=(words.code) {
            h2 { (context.label("portal-vendor-clock")) }
            p { (words.message) }
            p { (words.action) }
        }
    }
}

/// That requests are compared with the clock, in the words of the command line.
fn checks_requests(context: &RequestContext, clock: &Comparison) -> Markup {
    let now = [("now", time_detail(clock.now))];
    html! {
        section.notice data-testid="clock-undecided" {
            h2 { (context.label("portal-vendor-clock-undecided")) }
            p { (latchkey_i18n::text_in(context.language, "server-clock-undecided", &now)) }
        }
    }
}

/// Entitlements with more early returns than seats.
fn early_returns_notice(http: &AdminHttpRequest, returns: &[EarlyReturnsReport]) -> Markup {
    let context = &http.context;
    html! {
        @if !returns.is_empty() {
            section.card data-testid="returns" data-count=(returns.len()) {
                h2 { (context.label("portal-vendor-returns")) }
                ul.seats {
                    @for notice in returns {
                        @let id = notice.entitlement.to_string();
                        @let values = [("returns", notice.returns.into()), ("seats", u64::from(notice.seats).into())];
                        li.card {
                            h3 { a href=(context.link(&format!("/vendor/entitlements/{id}"))) {
                                (notice.customer.as_deref().unwrap_or(&id))
                            } }
                            p { (context.message("portal-vendor-returns-lead", &values)) }
                            (context.facts(&[("portal-product", html! { (notice.product) })]))
                            (http.form(&format!("/vendor/entitlements/{id}/dismiss"), html! {
                                div.row { button.quiet type="submit" data-testid="dismiss-returns" { (context.label("portal-vendor-dismiss")) } }
                            }))
                        }
                    }
                }
            }
        }
    }
}

/// Computers reported lost: each can be released or dismissed.
fn lost_devices_notice(http: &AdminHttpRequest, notices: &[LostDeviceReport]) -> Markup {
    let context = &http.context;
    html! {
        section.card data-testid="notices" data-count=(notices.len()) {
            h2 { (context.label("portal-vendor-notices")) }
            @if notices.is_empty() { p.muted { (context.label("portal-vendor-notices-none")) } }
            ul.seats {
                @for notice in notices {
                    @let id = notice.seat.id.to_string();
                    li.card data-testid="notice" data-seat=(id) {
                        h3 { a href=(context.link(&format!("/vendor/seats/{id}"))) { (name_or_id(&notice.seat.name, notice.seat.id)) } }
                        (context.facts(&[
                            ("portal-product", html! { (notice.product) }),
                            ("portal-vendor-since", context.time(notice.at)),
                            ("portal-expiry", context.time(notice.seat.lease_expiry)),
                        ]))
                        div.row {
                            (http.form(&format!("/vendor/seats/{id}/release"), html! {
                                button type="submit" data-testid="release" { (context.label("portal-vendor-release")) }
                            }))
                            (http.form(&format!("/vendor/seats/{id}/dismiss"), html! {
                                button.quiet type="submit" data-testid="dismiss" { (context.label("portal-vendor-dismiss")) }
                            }))
                        }
                    }
                }
            }
        }
    }
}
