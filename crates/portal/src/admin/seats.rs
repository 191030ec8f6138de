//! The page of one seat: its history, releasing it, and issuing a refresh token for it.

use axum::extract::{Path, State};
use axum::response::Response;
use latchkey_issuer::{Seat, SeatHistory};
use latchkey_lease::Timestamp;
use latchkey_server_core::display_name;
use maud::{Markup, html};

use super::audit::rows;
use super::issuer_calls::{change_issuer, query_issuer};
use super::layout::{csrf_form, page, redirect, render_framed};
use super::request::AuthenticatedForm;
use crate::customer::issued_token::{self, IssuedToken};
use crate::form;
use crate::request_context::RequestContext;
use crate::seat_views::{expiry, is_held, name_or_id, needs_request, refreshes_left, state};
use crate::sessions::Session;
use crate::state::Shared;

/// `GET /vendor/seats/{id}`
pub(crate) async fn one(
    State(portal): State<Shared>,
    context: RequestContext,
    session: Session,
    Path(id): Path<String>,
) -> Response {
    let reply = async {
        let id = form::seat(&context, &id)?;
        let looked = query_issuer(&portal, &context, move |issuer, now| {
            issuer.seat_history(id, now).map(|story| (story, now))
        });
        let (story, now) = looked.await?;
        Ok(seat(&context, &session, &story, now))
    };
    render_framed(&portal, &context, &session, reply.await)
}

fn seat(
    context: &RequestContext,
    session: &Session,
    story: &SeatHistory,
    now: Timestamp,
) -> crate::page::Page {
    let seat = &story.seat;
    let path = format!("/vendor/seats/{}", seat.id);
    let entitlement = format!("/vendor/entitlements/{}", seat.entitlement);
    let mut facts = vec![
        ("portal-product", html! { (story.product.name) }),
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
            @if let Some(at) = story.gone {
                div.notice {
                    p { (context.message("portal-vendor-said-gone", &[("time", latchkey_server_core::time_detail(at))])) }
                    (csrf_form(context, session, &format!("{path}/dismiss"), html! {
                        button.quiet type="submit" data-testid="dismiss" { (context.label("portal-vendor-dismiss")) }
                    }))
                }
            }
            @if is_held(seat.state) { (actions(context, session, &path, seat)) }
        }
        section.card {
            h2 { (context.label("portal-history-title")) }
            div.scroll tabindex="0" role="region" aria-label=(context.label("portal-history-title")) { (rows(context, &story.history)) }
        }
    };
    page(session, "vendor-seat", name_or_id(&seat.name, seat.id), body)
}

fn actions(context: &RequestContext, session: &Session, path: &str, seat: &Seat) -> Markup {
    html! {
        @if seat.refreshes_left == Some(0) {
            (needs_request(context))
        } @else {
            (csrf_form(context, session, &format!("{path}/refresh"), html! {
                div.row { button.primary type="submit" data-testid="refresh" { (context.label("portal-refresh-confirm")) } }
            }))
        }
        (csrf_form(context, session, &format!("{path}/release"), html! {
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
    State(portal): State<Shared>,
    context: RequestContext,
    Path(id): Path<String>,
    order: AuthenticatedForm,
) -> Response {
    let outcome = async {
        let id = form::seat(&context, &id)?;
        let at_once = order.field("now") == Some("yes");
        let released = change_issuer(&portal, &context, &order.session, move |issuer, now| {
            issuer.release(id, at_once, now)
        });
        released.await?;
        Ok(format!("/vendor/seats/{id}"))
    };
    redirect(&portal, &context, &order.session, outcome.await)
}

/// `POST /vendor/seats/{id}/dismiss`
pub(crate) async fn dismiss(
    State(portal): State<Shared>,
    context: RequestContext,
    Path(id): Path<String>,
    order: AuthenticatedForm,
) -> Response {
    let outcome = async {
        let id = form::seat(&context, &id)?;
        let dismissed = change_issuer(&portal, &context, &order.session, move |issuer, now| {
            issuer.dismiss_lost_device_report(id, now)
        });
        dismissed.await?;
        Ok("/vendor".to_owned())
    };
    redirect(&portal, &context, &order.session, outcome.await)
}

/// `POST /vendor/seats/{id}/refresh`
pub(crate) async fn refresh(
    State(portal): State<Shared>,
    context: RequestContext,
    Path(id): Path<String>,
    order: AuthenticatedForm,
) -> Response {
    let reply = async {
        let id = form::seat(&context, &id)?;
        let refreshed = change_issuer(&portal, &context, &order.session, move |issuer, now| {
            issuer.refresh(id, now)
        })
        .await?;
        let title =
            context.message("portal-refreshed-title", &[("name", display_name(&refreshed.name))]);
        let token = IssuedToken::from(&refreshed);
        Ok(page(&order.session, "refreshed", title, issued_token::token(&context, &token)))
    };
    render_framed(&portal, &context, &order.session, reply.await)
}
