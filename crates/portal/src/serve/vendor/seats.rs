//! One seat: what happened to it, releasing it, a refresh token for it.

use axum::extract::{Path, State};
use axum::response::Response;
use latchkey_issuer::{Seat, SeatStory};
use latchkey_lease::Timestamp;
use latchkey_token::Kind;
use maud::{Markup, html};

use super::audit::rows;
use super::session::Order;
use super::{Session, answer, done, looked_up, on_to, order_form, page};
use crate::output::called;
use crate::serve::pages::activate::name_or_id;
use crate::serve::pages::handed::{self, Handed};
use crate::serve::pages::seats::{expiry, is_held, needs_request, refreshes_left, state};
use crate::serve::visit::Visitor;
use crate::serve::{Shared, form};

/// `GET /vendor/seats/{id}`
pub(crate) async fn one(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
    Path(id): Path<String>,
) -> Response {
    let reply = async {
        let id = form::seat(&visitor, &id)?;
        let looked = looked_up(&portal, &visitor, move |issuer, now| {
            issuer.story_of(id, now).map(|story| (story, now))
        });
        let (story, now) = looked.await?;
        Ok(seat(&visitor, &session, &story, now))
    };
    answer(&portal, &visitor, &session, reply.await)
}

fn seat(
    visitor: &Visitor,
    session: &Session,
    story: &SeatStory,
    now: Timestamp,
) -> crate::serve::page::Page {
    let seat = &story.seat;
    let path = format!("/vendor/seats/{}", seat.id);
    let entitlement = format!("/vendor/entitlements/{}", seat.entitlement);
    let mut facts = vec![
        ("portal-product", html! { (story.product.name) }),
        ("portal-state", state(visitor, seat)),
        ("portal-expiry", expiry(visitor, seat, now)),
        ("portal-vendor-taken-until", visitor.time(seat.taken_until)),
        ("portal-activated", visitor.time(seat.activated_at)),
        ("portal-seat-number", html! { code { (seat.id.to_string()) } }),
        ("server-column-device", html! { code { (seat.device.to_string()) } }),
        (
            "server-column-entitlement",
            html! { a href=(visitor.link(&entitlement)) { (seat.entitlement.to_string()) } },
        ),
    ];
    facts.extend(refreshes_left(seat));
    let body = html! {
        section.card data-testid="seat" data-state=(seat.state.name()) {
            (visitor.facts(&facts))
            @if let Some(at) = story.gone {
                div.notice {
                    p { (visitor.say("portal-vendor-said-gone", &[("time", crate::output::time_detail(at))])) }
                    (order_form(visitor, session, &format!("{path}/dismiss"), html! {
                        button.quiet type="submit" data-testid="dismiss" { (visitor.word("portal-vendor-dismiss")) }
                    }))
                }
            }
            @if is_held(seat.state) { (orders(visitor, session, &path, seat)) }
        }
        section.card {
            h2 { (visitor.word("portal-history-title")) }
            div.scroll tabindex="0" role="region" aria-label=(visitor.word("portal-history-title")) { (rows(visitor, &story.history)) }
        }
    };
    page(session, "vendor-seat", name_or_id(&seat.name, seat.id), body)
}

fn orders(visitor: &Visitor, session: &Session, path: &str, seat: &Seat) -> Markup {
    html! {
        @if seat.refreshes_left == Some(0) {
            (needs_request(visitor))
        } @else {
            (order_form(visitor, session, &format!("{path}/refresh"), html! {
                div.row { button.primary type="submit" data-testid="refresh" { (visitor.word("portal-refresh-confirm")) } }
            }))
        }
        (order_form(visitor, session, &format!("{path}/release"), html! {
            p.check {
                input #now type="checkbox" name="now" value="yes" data-testid="now";
                label for="now" { (visitor.word("portal-vendor-release-now")) }
            }
            div.row { button type="submit" data-testid="release" { (visitor.word("portal-vendor-release")) } }
        }))
    }
}

/// `POST /vendor/seats/{id}/release`
pub(crate) async fn release(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    order: Order,
) -> Response {
    let outcome = async {
        let id = form::seat(&visitor, &id)?;
        let at_once = order.field("now") == Some("yes");
        let released = done(&portal, &visitor, &order.session, move |issuer, now| {
            issuer.release(id, at_once, now)
        });
        released.await?;
        Ok(format!("/vendor/seats/{id}"))
    };
    on_to(&portal, &visitor, &order.session, outcome.await)
}

/// `POST /vendor/seats/{id}/dismiss`
pub(crate) async fn dismiss(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    order: Order,
) -> Response {
    let outcome = async {
        let id = form::seat(&visitor, &id)?;
        let dismissed = done(&portal, &visitor, &order.session, move |issuer, now| {
            issuer.dismiss_notice(id, now)
        });
        dismissed.await?;
        Ok("/vendor".to_owned())
    };
    on_to(&portal, &visitor, &order.session, outcome.await)
}

/// `POST /vendor/seats/{id}/refresh`
pub(crate) async fn refresh(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    order: Order,
) -> Response {
    let reply = async {
        let id = form::seat(&visitor, &id)?;
        let refreshed =
            done(&portal, &visitor, &order.session, move |issuer, now| issuer.refresh(id, now))
                .await?;
        let story =
            looked_up(&portal, &visitor, move |issuer, now| issuer.story_of(id, now)).await?;
        let title = visitor.say("portal-refreshed-title", &[("name", called(&refreshed.name))]);
        let token = Handed {
            kind: Kind::Refresh,
            token: &refreshed.token,
            product: &story.product.name,
            name: &refreshed.name,
            is_last: refreshed.refreshes_left == Some(0),
            expiry: refreshed.lease_expiry,
        };
        Ok(page(&order.session, "refreshed", title, handed::token(&visitor, &token)))
    };
    answer(&portal, &visitor, &order.session, reply.await)
}
