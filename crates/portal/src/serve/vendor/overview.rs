//! The first page: what waits for the vendor, and where everything is.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use latchkey_issuer::{ClockDoubt, DatabaseError, Notice, ReturnsNotice};
use maud::{Markup, html};

use super::session::{SIGNED_IN, says};
use super::{Session, answer, looked_up, order_form, page};
use crate::serve::Shared;
use crate::serve::pages::activate::name_or_id;
use crate::serve::visit::Visitor;

/// `GET /vendor`
pub(crate) async fn show(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
    RawQuery(query): RawQuery,
) -> Response {
    // The address that people keep says nothing of having just signed in.
    if says(query.as_deref(), SIGNED_IN) {
        return Redirect::to(&visitor.link("/vendor")).into_response();
    }
    let looked = looked_up(&portal, &visitor, |issuer, now| {
        let (products, entitlements) = (issuer.products()?.len(), issuer.entitlements(now)?);
        let in_use: u64 = entitlements.iter().map(|one| u64::from(one.seats_in_use)).sum();
        let notices = (issuer.notices(now)?, issuer.returns_notices(now)?);
        let doubt = issuer.compare_clock(now)?.doubt();
        Ok::<_, DatabaseError>((doubt, notices, products, entitlements.len(), in_use))
    });
    let reply = looked.await.map(|(doubt, (notices, returns), products, entitlements, in_use)| {
        let body = html! {
            @if let Some(doubt) = doubt { (in_doubt(&visitor, &doubt)) }
            (given_back_often(&visitor, &session, &returns))
            (gone(&visitor, &session, &notices))
            section.card {
                (visitor.facts(&[
                    ("portal-vendor-products", html! { a href=(visitor.link("/vendor/products")) { (products) } }),
                    ("portal-vendor-entitlements", html! { a href=(visitor.link("/vendor/entitlements")) { (entitlements) } }),
                    ("portal-seats-in-use", html! { (in_use) }),
                ]))
            }
        };
        page(&session, "vendor", visitor.word("portal-vendor-title"), body)
    });
    answer(&portal, &visitor, &session, reply)
}

/// Why nothing is granted, in the words of the command line: whoever sees this page can act on it.
fn in_doubt(visitor: &Visitor, doubt: &ClockDoubt) -> Markup {
    let words = latchkey_words::explain_in(visitor.language, doubt);
    html! {
        section.notice.bad data-testid="clock" data-code=(words.code) {
            h2 { (visitor.word("portal-vendor-clock")) }
            p { (words.message) }
            p { (words.action) }
        }
    }
}

/// Entitlements with more early returns than seats.
fn given_back_often(visitor: &Visitor, session: &Session, returns: &[ReturnsNotice]) -> Markup {
    html! {
        @if !returns.is_empty() {
            section.card data-testid="returns" data-count=(returns.len()) {
                h2 { (visitor.word("portal-vendor-returns")) }
                ul.seats {
                    @for notice in returns {
                        @let id = notice.entitlement.to_string();
                        @let values = [("returns", notice.returns.into()), ("seats", u64::from(notice.seats).into())];
                        li.card {
                            h3 { a href=(visitor.link(&format!("/vendor/entitlements/{id}"))) {
                                (notice.customer.as_deref().unwrap_or(&id))
                            } }
                            p { (visitor.say("portal-vendor-returns-lead", &values)) }
                            (visitor.facts(&[("portal-product", html! { (notice.product) })]))
                            (order_form(visitor, session, &format!("/vendor/entitlements/{id}/dismiss"), html! {
                                div.row { button.quiet type="submit" data-testid="dismiss-returns" { (visitor.word("portal-vendor-dismiss")) } }
                            }))
                        }
                    }
                }
            }
        }
    }
}

/// Computers that are said to be gone: each wants to be released or put aside.
fn gone(visitor: &Visitor, session: &Session, notices: &[Notice]) -> Markup {
    html! {
        section.card data-testid="notices" data-count=(notices.len()) {
            h2 { (visitor.word("portal-vendor-notices")) }
            @if notices.is_empty() { p.muted { (visitor.word("portal-vendor-notices-none")) } }
            ul.seats {
                @for notice in notices {
                    @let id = notice.seat.id.to_string();
                    li.card data-testid="notice" data-seat=(id) {
                        h3 { a href=(visitor.link(&format!("/vendor/seats/{id}"))) { (name_or_id(&notice.seat.name, notice.seat.id)) } }
                        (visitor.facts(&[
                            ("portal-product", html! { (notice.product) }),
                            ("portal-vendor-since", visitor.time(notice.at)),
                            ("portal-expiry", visitor.time(notice.seat.lease_expiry)),
                        ]))
                        div.row {
                            (order_form(visitor, session, &format!("/vendor/seats/{id}/release"), html! {
                                button type="submit" data-testid="release" { (visitor.word("portal-vendor-release")) }
                            }))
                            (order_form(visitor, session, &format!("/vendor/seats/{id}/dismiss"), html! {
                                button.quiet type="submit" data-testid="dismiss" { (visitor.word("portal-vendor-dismiss")) }
                            }))
                        }
                    }
                }
            }
        }
    }
}
