//! The first page: what waits for the vendor, and where everything is.

use axum::extract::State;
use axum::response::Response;
use latchkey_issuer::{DatabaseError, Notice};
use maud::{Markup, html};

use super::{Session, answer, looked_up, order_form, page};
use crate::serve::Shared;
use crate::serve::pages::activate::name_or_id;
use crate::serve::visit::Visitor;

/// `GET /vendor`
pub(crate) async fn show(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
) -> Response {
    let looked = looked_up(&portal, &visitor, |issuer, now| {
        let (products, entitlements) = (issuer.products()?.len(), issuer.entitlements(now)?);
        let in_use: u64 = entitlements.iter().map(|one| u64::from(one.seats_in_use)).sum();
        Ok::<_, DatabaseError>((issuer.notices(now)?, products, entitlements.len(), in_use))
    });
    let reply = looked.await.map(|(notices, products, entitlements, in_use)| {
        let body = html! {
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
