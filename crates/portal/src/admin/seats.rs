//! The page of one seat: its history, releasing it, and issuing a refresh token for it.

use axum::extract::Path;
use axum::response::Response;
use latchkey_issuer::{Seat, SeatHistory};
use latchkey_lease::Timestamp;
use latchkey_server_core::display_name;
use maud::{Markup, html};

use super::audit::rows;
use super::http_request::{AdminForm, AdminHttpRequest};
use crate::customer::issued_token::{self, IssuedToken};
use crate::form;
use crate::page::Page;
use crate::seat_views::{expiry, is_held, name_or_id, needs_request, refreshes_left, state};

/// `GET /vendor/seats/{id}`
pub(crate) async fn show(http: AdminHttpRequest, Path(id): Path<String>) -> Response {
    let reply = async {
        let id = form::parse_seat_id(&http.context, &id)?;
        let found = http.query(move |issuer, now| {
            issuer.seat_history(id, now).map(|seat_history| (seat_history, now))
        });
        let (seat_history, now) = found.await?;
        Ok(seat_page(&http, &seat_history, now))
    };
    http.render(reply).await
}

fn seat_page(http: &AdminHttpRequest, seat_history: &SeatHistory, now: Timestamp) -> Page {
    let context = &http.context;
    let seat = &seat_history.seat;
    let path = format!("/vendor/seats/{}", seat.id);
    let entitlement = format!("/vendor/entitlements/{}", seat.entitlement);
    let mut facts = vec![
        ("portal-product", html! { (seat_history.product.name) }),
        ("portal-state", state(context, seat)),
        ("portal-expiry", expiry(context, seat, now)),
        ("portal-vendor-taken-until", context.time(seat.taken_until)),
        ("portal-activated", context.time(seat.activated_at)),
        ("portal-seat-number", html! { code { (seat.id.to_string()) } }),
        ("server-column-device", html! { code { (seat.device.to_string()) } }),
        (
            "server-column-entitlement",
            html! { a href=(context.link(&entitlement)) { (seat.entitlement.to_string()) } },
        ),
    ];
    facts.extend(refreshes_left(seat));
    let body = html! {
        section.card data-testid="seat" data-state=(seat.state.name()) {
            (context.facts(&facts))
            @if let Some(at) = seat_history.gone {
                div.notice {
                    p { (context.message("portal-vendor-said-gone", &[("time", latchkey_server_core::time_detail(at))])) }
                    (http.form(&format!("{path}/dismiss"), html! {
                        button.quiet type="submit" data-testid="dismiss" { (context.label("portal-vendor-dismiss")) }
                    }))
                }
            }
            @if is_held(seat.state) { (actions(http, &path, seat)) }
        }
        section.card {
            h2 { (context.label("portal-history-title")) }
            div.scroll tabindex="0" role="region" aria-label=(context.label("portal-history-title")) { (rows(context, &seat_history.history)) }
        }
    };
    http.page("vendor-seat", name_or_id(&seat.name, seat.id), body)
}

fn actions(http: &AdminHttpRequest, path: &str, seat: &Seat) -> Markup {
    let context = &http.context;
    html! {
        @if seat.refreshes_left == Some(0) {
            (needs_request(context))
        } @else {
            (http.form(&format!("{path}/refresh"), html! {
                div.row { button.primary type="submit" data-testid="refresh" { (context.label("portal-refresh-confirm")) } }
            }))
        }
        (http.form(&format!("{path}/release"), html! {
            p.check {
                input #now type="checkbox" name="now" value="yes" data-testid="now";
                label for="now" { (context.label("portal-vendor-release-now")) }
            }
            div.row { button type="submit" data-testid="release" { (context.label("portal-vendor-release")) } }
        }))
    }
}

/// `POST /vendor/seats/{id}/release`
pub(crate) async fn release(
    Path(id): Path<String>,
    AdminForm { http, fields }: AdminForm,
) -> Response {
    let outcome = async {
        let id = form::parse_seat_id(&http.context, &id)?;
        let at_once = fields.get("now") == Some("yes");
        http.change(move |issuer, now| issuer.release(id, at_once, now)).await?;
        Ok(format!("/vendor/seats/{id}"))
    };
    http.redirect(outcome).await
}

/// `POST /vendor/seats/{id}/dismiss`
pub(crate) async fn dismiss(Path(id): Path<String>, AdminForm { http, .. }: AdminForm) -> Response {
    let outcome = async {
        let id = form::parse_seat_id(&http.context, &id)?;
        http.change(move |issuer, now| issuer.dismiss_lost_device_report(id, now)).await?;
        Ok("/vendor".to_owned())
    };
    http.redirect(outcome).await
}

/// `POST /vendor/seats/{id}/refresh`
pub(crate) async fn refresh(Path(id): Path<String>, AdminForm { http, .. }: AdminForm) -> Response {
    let context = &http.context;
    let reply = async {
        let id = form::parse_seat_id(context, &id)?;
        let refreshed = http.change(move |issuer, now| issuer.refresh(id, now)).await?;
        let title =
            context.message("portal-refreshed-title", &[("name", display_name(&refreshed.name))]);
        let token = IssuedToken::from(&refreshed);
        Ok(http.page("refreshed", title, issued_token::token(context, &token)))
    };
    http.render(reply).await
}
