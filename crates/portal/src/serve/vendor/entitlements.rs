//! Entitlements, their activation codes and their seats.

use axum::extract::{Path, State};
use axum::response::Response;
use latchkey_issuer::{
    Blame, Entitlement, EntitlementError, EntitlementId, EntitlementTerms, NewCode, Product, Seat,
};
use latchkey_lease::time::to_rfc3339;
use latchkey_token::ActivationCode;
use maud::{Markup, html};

use super::session::Order;
use super::{Session, answer, done, field, lines, looked_up, on_to, order_form, page};
use crate::arguments::Terms;
use crate::commands::{chosen, feature_parts, read_terms};
use crate::output::Output;
use crate::serve::page::Reply;
use crate::serve::pages::activate::name_or_id;
use crate::serve::pages::seats::state;
use crate::serve::visit::{Problem, Visitor};
use crate::serve::{Portal, Shared};

/// Most entitlements that one page lists; who looks for others searches.
const MAX_LISTED: usize = 200;

/// `GET /vendor/entitlements`: all of them. Codes and customers don't belong into an address, so nothing is looked for
/// here.
pub(crate) async fn list(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
) -> Response {
    let reply = found(&portal, &visitor, &session, "", None).await;
    answer(&portal, &visitor, &session, reply)
}

/// `POST /vendor/entitlements/search`, by activation code too.
pub(crate) async fn search(
    State(portal): State<Shared>,
    visitor: Visitor,
    order: Order,
) -> Response {
    let wanted = order.field("q").unwrap_or_default();
    let reply = found(&portal, &visitor, &order.session, wanted, wanted.parse().ok()).await;
    answer(&portal, &visitor, &order.session, reply)
}

async fn found(
    portal: &Portal,
    visitor: &Visitor,
    session: &Session,
    wanted: &str,
    code: Option<ActivationCode>,
) -> Reply {
    let wanted = wanted.trim().to_lowercase();
    let looked = looked_up(portal, visitor, |issuer, now| {
        Ok::<_, EntitlementError>((issuer.entitlements(now)?, issuer.products()?))
    });
    looked.await.map(|(all, products)| {
        let product = |one: &Entitlement| {
            products.iter().find(|p| p.number == one.product).map_or("", |p| p.name.as_str())
        };
        let fits = |one: &Entitlement| {
            let customer = one.customer.as_deref().unwrap_or_default().to_lowercase();
            let has = |held: &latchkey_issuer::Code| code.as_ref() == Some(&held.code);
            customer.contains(&wanted)
                || product(one).to_lowercase().contains(&wanted)
                || one.id.to_string().contains(&wanted)
                || one.codes.iter().any(has)
        };
        let found: Vec<_> = all.iter().rev().filter(|one| fits(one)).collect();
        let body = html! {
            form.card.row role="search" method="post" action=(visitor.link("/vendor/entitlements/search")) {
                input type="hidden" name="secret" value=(session.secret);
                label for="q" { (visitor.word("portal-vendor-search")) }
                input #q name="q" value=(wanted) data-testid="q";
                button type="submit" data-testid="search" { (visitor.word("portal-vendor-search-go")) }
            }
            section.card { div.scroll tabindex="0" role="region" aria-label=(visitor.word("portal-vendor-entitlements")) {
                table data-testid="entitlements" {
                    thead { tr {
                        th scope="col" { (visitor.word("server-column-customer")) }
                        th scope="col" { (visitor.word("server-column-product")) }
                        th scope="col" { (visitor.word("server-column-seats")) }
                        th scope="col" { (visitor.word("server-column-state")) }
                    } }
                    tbody { @for one in found.iter().take(MAX_LISTED) { tr {
                        td { a href=(visitor.link(&format!("/vendor/entitlements/{}", one.id))) { (one.customer.clone().unwrap_or_else(|| one.id.to_string())) } }
                        td { (product(one)) }
                        td { (seats_in_use(visitor, one)) }
                        td { (live(visitor, one)) }
                    } } }
                }
            } }
            section.card {
                h2 { (visitor.word("portal-vendor-entitlement-add")) }
                (order_form(visitor, session, "/vendor/entitlements", html! {
                    div.field {
                        label for="product" { (visitor.word("server-column-product")) }
                        select #product name="product" data-testid="product" {
                            @for product in &products { option value=(product.number) { (product.name) } }
                        }
                    }
                    (terms(visitor, None, None))
                    (lines(visitor, "codes", "portal-vendor-codes-own", "portal-vendor-codes-own-hint", ""))
                    div.row { button.primary type="submit" data-testid="add" { (visitor.word("portal-vendor-add")) } }
                }))
            }
        };
        page(session, "vendor-entitlements", visitor.word("portal-vendor-entitlements"), body)
    })
}

fn seats_in_use(visitor: &Visitor, one: &Entitlement) -> String {
    let values = [
        ("used", u64::from(one.seats_in_use).into()),
        ("seats", u64::from(one.seats).into()),
        ("overdraft", u64::from(one.overdraft).into()),
    ];
    match one.overdraft {
        0 => visitor.say("server-seats-in-use", &values),
        _ => visitor.say("server-seats-in-use-overdraft", &values),
    }
}

fn live(visitor: &Visitor, one: &Entitlement) -> String {
    let name = if one.ended_at.is_some() { "ended" } else { "live" };
    visitor.word(&format!("server-state-{name}"))
}

/// The fields of what was bought, filled with how it is.
fn terms(visitor: &Visitor, one: Option<&Entitlement>, product: Option<&Product>) -> Markup {
    let text = |value: Option<String>| value.unwrap_or_default();
    let interval = |pick: fn(&Entitlement) -> Option<latchkey_lease::Interval>| {
        text(one.and_then(pick).map(|interval| interval.to_string()))
    };
    let features = one.map(|one| feature_parts(one, product)).unwrap_or_default();
    let features: Vec<_> =
        features.into_iter().map(|(key, _, value)| format!("{key}={value}")).collect();
    let attributes: Vec<_> = one
        .map(|one| one.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect())
        .unwrap_or_default();
    let number = |pick: fn(&Entitlement) -> u32| text(one.map(|one| pick(one).to_string()));
    html! {
        div.fields {
            (field(visitor, "customer", "server-column-customer", "", &text(one.and_then(|one| one.customer.clone()))))
            (field(visitor, "seats", "server-column-seats", "", &number(|one| one.seats)))
            (field(visitor, "overdraft", "portal-vendor-overdraft", "portal-vendor-overdraft-hint", &number(|one| one.overdraft)))
            (field(visitor, "offline_lease", "server-column-lease", "portal-vendor-lease-hint", &interval(|one| one.offline_lease)))
            (field(visitor, "grace", "server-column-grace", "portal-vendor-grace-hint", &interval(|one| one.grace)))
            (field(visitor, "request_every", "server-column-request-every", "portal-vendor-request-every-hint", &text(one.and_then(|one| one.request_every).map(|every| every.to_string()))))
            (field(visitor, "subscription_end", "server-column-end", "portal-vendor-end-hint", &text(one.and_then(|one| one.subscription_end).map(to_rfc3339))))
        }
        (lines(visitor, "features", "server-column-features", "portal-vendor-values-hint", &features.join("\n")))
        (lines(visitor, "attributes", "portal-vendor-attributes", "portal-vendor-values-hint", &attributes.join("\n")))
    }
}

/// What a form says, read by the same rules as a command line. In a form that shows how it is, what is left empty is to
/// go.
fn sent(
    order: &Order,
    before: Option<&Entitlement>,
    visitor: &Visitor,
) -> Result<EntitlementTerms, Problem> {
    let gone = || before.map(|_| "none".to_owned());
    let text = |name: &str| order.field(name).map(str::to_owned).or_else(gone);
    let number = |name: &str| match order.field(name) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            let trouble = crate::failure::Trouble::Count { text: text.to_owned() };
            visitor.problem(Blame::Caller, &trouble)
        }),
    };
    let terms = Terms {
        offline_lease: text("offline_lease"),
        subscription_end: text("subscription_end"),
        grace: text("grace"),
        request_every: text("request_every"),
        overdraft: number("overdraft")?,
        customer: text("customer"),
        code: Vec::new(),
        feature: order.lines("features"),
        attribute: order.lines("attributes"),
        allow_weak_code: false,
    };
    let mut read =
        read_terms(&terms, &Output::new(false)).map_err(|failure| visitor.failed(&failure))?;
    read.seats = number("seats")?;
    if let Some(before) = before {
        for key in before.attributes.keys() {
            read.attributes.entry(key.clone()).or_insert(None);
        }
    }
    Ok(read)
}

/// `POST /vendor/entitlements`
pub(crate) async fn add(State(portal): State<Shared>, visitor: Visitor, order: Order) -> Response {
    let outcome = async {
        let mut terms = sent(&order, None, &visitor)?;
        for code in order.lines("codes") {
            terms.codes.push(chosen(&code, false).map_err(|failure| visitor.failed(&failure))?);
        }
        let product = order.field("product").and_then(|text| text.parse().ok()).unwrap_or(0);
        let id = done(&portal, &visitor, &order.session, move |issuer, now| {
            issuer.add_entitlement(product, &terms, now)
        });
        Ok(format!("/vendor/entitlements/{}", id.await?))
    };
    on_to(&portal, &visitor, &order.session, outcome.await)
}

fn id_of(visitor: &Visitor, text: &str) -> Result<EntitlementId, Problem> {
    text.parse().map_err(|error: latchkey_token::IdError| visitor.problem(Blame::Caller, &error))
}

async fn whole(
    portal: &Portal,
    visitor: &Visitor,
    id: EntitlementId,
) -> Result<(Entitlement, Option<Product>, Vec<Seat>), Problem> {
    looked_up(portal, visitor, move |issuer, now| {
        let one = issuer.entitlement(id, now)?;
        let product = issuer.products()?.into_iter().find(|product| product.number == one.product);
        let seats = issuer.seats_of(id, now)?;
        Ok::<_, EntitlementError>((one, product, seats))
    })
    .await
}

/// `GET /vendor/entitlements/{id}`
pub(crate) async fn one(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
    Path(id): Path<String>,
) -> Response {
    let reply = async {
        let (one, product, seats) = whole(&portal, &visitor, id_of(&visitor, &id)?).await?;
        let path = format!("/vendor/entitlements/{}", one.id);
        let is_live = one.ended_at.is_none();
        let name = product.as_ref().map(|product| product.name.clone()).unwrap_or_default();
        let body = html! {
            section.card {
                (visitor.facts(&[
                    ("server-column-product", html! { (name) }),
                    ("server-column-state", html! { (live(&visitor, &one)) }),
                    ("server-column-seats", html! { (seats_in_use(&visitor, &one)) }),
                    ("server-column-entitlement", html! { code { (one.id.to_string()) } }),
                ]))
            }
            (codes(&visitor, &session, &path, &one))
            (seat_table(&visitor, &seats))
            @if is_live {
                section.card {
                    h2 { (visitor.word("portal-vendor-entitlement-change")) }
                    p.muted { (visitor.word("portal-vendor-entitlement-change-lead")) }
                    (order_form(&visitor, &session, &path, html! {
                        (terms(&visitor, Some(&one), product.as_ref()))
                        div.row { button.primary type="submit" data-testid="change" { (visitor.word("portal-vendor-save")) } }
                    }))
                }
                section.card {
                    h2 { (visitor.word("portal-vendor-entitlement-end")) }
                    p { (visitor.word("portal-vendor-entitlement-end-lead")) }
                    (order_form(&visitor, &session, &format!("{path}/end"), html! {
                        p.check {
                            input #sure type="checkbox" name="sure" value="yes" required data-testid="sure";
                            label for="sure" { (visitor.word("portal-vendor-sure")) }
                        }
                        div.row { button type="submit" data-testid="end" { (visitor.word("portal-vendor-entitlement-end-go")) } }
                    }))
                }
            }
        };
        let title = one.customer.clone().unwrap_or_else(|| one.id.to_string());
        Ok(page(&session, "vendor-entitlement", title, body))
    };
    answer(&portal, &visitor, &session, reply.await)
}

fn codes(visitor: &Visitor, session: &Session, path: &str, one: &Entitlement) -> Markup {
    html! {
        section.card {
            h2 { (visitor.word("server-column-codes")) }
            ul.seats {
                @for code in &one.codes {
                    li.row.spread {
                        code data-testid="activation-code" { (code.written) }
                        @if code.disabled {
                            span.chip { (visitor.word("portal-vendor-code-disabled")) }
                        } @else {
                            (order_form(visitor, session, &format!("{path}/codes/disable"), html! {
                                input type="hidden" name="code" value=(code.written);
                                button.quiet type="submit" data-testid="disable" { (visitor.word("portal-vendor-code-disable")) }
                            }))
                        }
                    }
                }
            }
            @if one.ended_at.is_none() {
                (order_form(visitor, session, &format!("{path}/codes"), html! {
                    (field(visitor, "code", "portal-vendor-code-own", "portal-vendor-code-own-hint", ""))
                    div.row { button type="submit" data-testid="add-code" { (visitor.word("portal-vendor-code-add")) } }
                }))
            }
        }
    }
}

fn seat_table(visitor: &Visitor, seats: &[Seat]) -> Markup {
    html! {
        section.card {
            h2 { (visitor.word("server-column-seats")) }
            @if seats.is_empty() { p.muted { (visitor.word("portal-seats-none")) } }
            @else {
                div.scroll tabindex="0" role="region" aria-label=(visitor.word("server-column-seats")) {
                    table data-testid="seats" {
                        thead { tr {
                            th scope="col" { (visitor.word("server-column-name")) }
                            th scope="col" { (visitor.word("server-column-state")) }
                            th scope="col" { (visitor.word("server-column-expiry")) }
                        } }
                        tbody { @for seat in seats.iter().rev() { tr data-seat=(seat.id.to_string()) {
                            td { a href=(visitor.link(&format!("/vendor/seats/{}", seat.id))) { (name_or_id(&seat.name, seat.id)) } }
                            td { (state(visitor, seat)) }
                            td { (visitor.time(seat.lease_expiry)) }
                        } } }
                    }
                }
            }
        }
    }
}

/// `POST /vendor/entitlements/{id}`
pub(crate) async fn change(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    order: Order,
) -> Response {
    let outcome = async {
        let id = id_of(&visitor, &id)?;
        let (before, product, _) = whole(&portal, &visitor, id).await?;
        let mut terms = sent(&order, Some(&before), &visitor)?;
        for (key, _, _) in feature_parts(&before, product.as_ref()) {
            terms.features.entry(key).or_insert(None);
        }
        let changed = done(&portal, &visitor, &order.session, move |issuer, now| {
            issuer.change_entitlement(id, &terms, now)
        });
        changed.await?;
        Ok(format!("/vendor/entitlements/{id}"))
    };
    on_to(&portal, &visitor, &order.session, outcome.await)
}

/// `POST /vendor/entitlements/{id}/end`
pub(crate) async fn end(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    order: Order,
) -> Response {
    let outcome = async {
        let id = id_of(&visitor, &id)?;
        if order.field("sure") == Some("yes") {
            let ended = done(&portal, &visitor, &order.session, move |issuer, now| {
                issuer.end_entitlement(id, now)
            });
            ended.await?;
        }
        Ok(format!("/vendor/entitlements/{id}"))
    };
    on_to(&portal, &visitor, &order.session, outcome.await)
}

/// `POST /vendor/entitlements/{id}/dismiss`: the notice about its early returns.
pub(crate) async fn dismiss_returns(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    order: Order,
) -> Response {
    let outcome = async {
        let id = id_of(&visitor, &id)?;
        let dismissed = done(&portal, &visitor, &order.session, move |issuer, now| {
            issuer.dismiss_returns(id, now)
        });
        dismissed.await?;
        Ok("/vendor".to_owned())
    };
    on_to(&portal, &visitor, &order.session, outcome.await)
}

/// `POST /vendor/entitlements/{id}/codes`
pub(crate) async fn add_code(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    order: Order,
) -> Response {
    let outcome = async {
        let id = id_of(&visitor, &id)?;
        let code = match order.field("code") {
            Some(text) => chosen(text, false).map_err(|failure| visitor.failed(&failure))?,
            None => NewCode::generate()
                .map_err(|error| visitor.problem(latchkey_issuer::Blamed::blame(&error), &error))?,
        };
        let added = done(&portal, &visitor, &order.session, move |issuer, now| {
            issuer.add_code(id, &code, now)
        });
        added.await?;
        Ok(format!("/vendor/entitlements/{id}"))
    };
    on_to(&portal, &visitor, &order.session, outcome.await)
}

/// `POST /vendor/entitlements/{id}/codes/disable`
pub(crate) async fn disable_code(
    State(portal): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    order: Order,
) -> Response {
    let outcome = async {
        let id = id_of(&visitor, &id)?;
        let code = order.field("code").unwrap_or_default();
        let code: ActivationCode =
            code.parse().map_err(|error: latchkey_token::ActivationCodeError| {
                visitor.problem(Blame::Caller, &error)
            })?;
        let disabled = done(&portal, &visitor, &order.session, move |issuer, now| {
            issuer.disable_code(&code, now)
        });
        disabled.await?;
        Ok(format!("/vendor/entitlements/{id}"))
    };
    on_to(&portal, &visitor, &order.session, outcome.await)
}
