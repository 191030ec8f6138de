//! The page of one seat: its history, releasing it, and issuing a refresh token for it.

use axum::extract::Path;
use axum::response::Response;
use latchkey_issuer::{Seat, SeatHistory};
use latchkey_lease::Timestamp;
use latchkey_server_core::display_name;
use maud::{Markup, html};

use super::audit::rows;
use super::request::{AdminForm, AdminRequest};
use crate::customer::issued_token::{self, IssuedToken};
use crate::form;
use crate::page::Page;
use crate::seat_views::{expiry, is_held, name_or_id, needs_request, refreshes_left, state};

/// `GET /vendor/seats/{id}`
pub(crate) async fn show(request: AdminRequest, Path(id): Path<String>) -> Response {
    let reply = async {
        let id = form::parse_seat_id(&request.context, &id)?;
        let found = request.query(move |issuer, now| {
            issuer.seat_history(id, now).map(|seat_history| (seat_history, now))
        });
        let (seat_history, now) = found.await?;
        Ok(seat_page(&request, &seat_history, now))
    };
    request.render(reply).await
}

fn seat_page(request: &AdminRequest, seat_history: &SeatHistory, now: Timestamp) -> Page {
    let context = &request.context;
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
                    (request.form(&format!("{path}/dismiss"), html! {
                        button.quiet type="submit" data-testid="dismiss" { (context.label("portal-vendor-dismiss")) }
                    }))
                }
            }
            @if is_held(seat.state) { (actions(request, &path, seat)) }
        }
        section.card {
            h2 { (context.label("portal-history-title")) }
            div.scroll tabindex="0" role="region" aria-label=(context.label("portal-history-title")) { (rows(context, &seat_history.history)) }
        }
    };
    request.page("vendor-seat", name_or_id(&seat.name, seat.id), body)
}

fn actions(request: &AdminRequest, path: &str, seat: &Seat) -> Markup {
    let context = &request.context;
    html! {
        @if seat.refreshes_left == Some(0) {
            (needs_request(context))
        } @else {
            (request.form(&format!("{path}/refresh"), html! {
                div.row { button.primary type="submit" data-testid="refresh" { (context.label("portal-refresh-confirm")) } }
            }))
        }
        (request.form(&format!("{path}/release"), html! {
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
    AdminForm { request, fields }: AdminForm,
) -> Response {
    let outcome = async {
        let id = form::parse_seat_id(&request.context, &id)?;
        let at_once = fields.get("now") == Some("yes");
        request.change(move |issuer, now| issuer.release(id, at_once, now)).await?;
        Ok(format!("/vendor/seats/{id}"))
    };
    request.redirect(outcome).await
}

/// `POST /vendor/seats/{id}/dismiss`
pub(crate) async fn dismiss(
    Path(id): Path<String>,
    AdminForm { request, .. }: AdminForm,
) -> Response {
    let outcome = async {
        let id = form::parse_seat_id(&request.context, &id)?;
        request.change(move |issuer, now| issuer.dismiss_lost_device_report(id, now)).await?;
        Ok("/vendor".to_owned())
    };
    request.redirect(outcome).await
}

/// `POST /vendor/seats/{id}/refresh`
pub(crate) async fn refresh(
    Path(id): Path<String>,
    AdminForm { request, .. }: AdminForm,
) -> Response {
    let context = &request.context;
    let reply = async {
        let id = form::parse_seat_id(context, &id)?;
        let refreshed = request.change(move |issuer, now| issuer.refresh(id, now)).await?;
        let title =
            context.message("portal-refreshed-title", &[("name", display_name(&refreshed.name))]);
        let token = IssuedToken::from(&refreshed);
        Ok(request.page("refreshed", title, issued_token::token(context, &token)))
    };
    request.render(reply).await
}
