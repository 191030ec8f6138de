//! Products and their kits.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use latchkey_issuer::{Blame, Product, ProductError};
use maud::{Markup, html};
use serde::Deserialize;

use clap::ValueEnum as _;

use super::session::Order;
use super::{Session, answer, done, field, lines, looked_up, on_to, order_form, page};
use crate::arguments::{DefaultStore, Scope, Store};
use crate::commands::typed_features;
use crate::failure::Trouble;
use crate::kit;
use crate::serve::Shared;
use crate::serve::visit::{Problem, Visitor};

/// `GET /vendor/products`
pub(crate) async fn list(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
) -> Response {
    let looked = looked_up(&portal, &visitor, |issuer, _| issuer.products()).await;
    let reply = looked.map(|products| {
        let body = html! {
            section.card { div.scroll tabindex="0" role="region" aria-label=(visitor.word("portal-vendor-products")) { (table(&visitor, &products)) } }
            section.card {
                h2 { (visitor.word("portal-vendor-product-add")) }
                (order_form(&visitor, &session, "/vendor/products", html! {
                    (field(&visitor, "name", "portal-vendor-product-name", "", ""))
                    (lines(&visitor, "features", "portal-vendor-features", "portal-vendor-features-hint", ""))
                    div.row { button.primary type="submit" data-testid="add" { (visitor.word("portal-vendor-add")) } }
                }))
            }
        };
        page(&session, "vendor-products", visitor.word("portal-vendor-products"), body)
    });
    answer(&portal, &visitor, &session, reply)
}

fn table(visitor: &Visitor, products: &[Product]) -> Markup {
    html! {
        table data-testid="products" {
            thead { tr {
                th scope="col" { (visitor.word("server-column-number")) }
                th scope="col" { (visitor.word("server-column-name")) }
                th scope="col" { (visitor.word("server-column-features")) }
            } }
            tbody { @for product in products { tr {
                td { (product.number) }
                td { a href=(visitor.link(&format!("/vendor/products/{}", product.number))) { (product.name) } }
                td { (features(product)) }
            } } }
        }
    }
}

fn features(product: &Product) -> String {
    let features = product.features.iter().map(|f| format!("{}={}", f.key, f.kind.name()));
    features.collect::<Vec<_>>().join(" ")
}

/// `POST /vendor/products`
pub(crate) async fn add(State(portal): State<Shared>, visitor: Visitor, order: Order) -> Response {
    let outcome = async {
        let name = order.field("name").unwrap_or_default().to_owned();
        let features =
            typed_features(&order.lines("features")).map_err(|failure| visitor.failed(&failure))?;
        let number = done(&portal, &visitor, &order.session, move |issuer, now| {
            issuer.add_product(&name, &features, now)
        });
        Ok(format!("/vendor/products/{}", number.await?))
    };
    on_to(&portal, &visitor, &order.session, outcome.await)
}

/// `GET /vendor/products/{number}`
pub(crate) async fn one(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
    Path(number): Path<String>,
) -> Response {
    let address = portal.house.portal.clone().unwrap_or_default();
    let reply = product(&portal, &visitor, &number).await.map(|product| {
        let kit = visitor.file(&format!("/vendor/products/{}/kit", product.number));
        let body = html! {
            section.card {
                (visitor.facts(&[
                    ("server-column-number", html! { (product.number) }),
                    ("server-column-features", html! { (features(&product)) }),
                ]))
            }
            section.card {
                h2 { (visitor.word("portal-vendor-kit")) }
                p { (visitor.word("portal-vendor-kit-lead")) }
                form method="get" action={ (kit) "/latchkey.toml" } {
                    (field(&visitor, "portal", "portal-vendor-address", "portal-vendor-address-hint", &address))
                    div.fields {
                        (choice(&visitor, "scope", "portal-vendor-scope", &SCOPES))
                        (choice(&visitor, "store", "portal-vendor-store", &STORES))
                    }
                    div.row {
                        @for name in kit::NAMES {
                            button type="submit" .primary[name == kit::NAMES[0]] formaction={ (kit) "/" (name) } data-testid={ "kit-" (name) } { (name) }
                        }
                    }
                }
            }
        };
        page(&session, "vendor-product", product.name.clone(), body)
    });
    answer(&portal, &visitor, &session, reply)
}

/// Whose licence it is, as `latchkey-server kit --scope` has it.
const SCOPES: [(&str, &str); 2] =
    [("user", "portal-vendor-scope-user"), ("machine", "portal-vendor-scope-machine")];
/// Where it is kept, as `latchkey-server kit --store` has it.
const STORES: [(&str, &str); 3] = [
    ("keyring", "portal-vendor-store-keyring"),
    ("file", "portal-vendor-store-file"),
    ("keyring-only", "portal-vendor-store-only"),
];

fn choice(visitor: &Visitor, name: &str, label: &str, choices: &[(&str, &str)]) -> Markup {
    html! {
        div.field {
            label for=(name) { (visitor.word(label)) }
            select id=(name) name=(name) data-testid=(name) {
                @for (value, words) in choices { option value=(value) { (visitor.word(words)) } }
            }
        }
    }
}

async fn product(portal: &Shared, visitor: &Visitor, number: &str) -> Result<Product, Problem> {
    let number = number.parse().map_err(|_| no_page(visitor))?;
    looked_up(portal, visitor, move |issuer, _| issuer.product(number)).await
}

fn no_page(visitor: &Visitor) -> Problem {
    visitor.problem_with(StatusCode::NOT_FOUND, &Trouble::NoPage)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    portal: Option<String>,
    scope: Option<String>,
    store: Option<String>,
}

impl Asked {
    fn store(&self) -> Store {
        let scope = self.scope.as_deref().and_then(|text| Scope::from_str(text, false).ok());
        let default =
            self.store.as_deref().and_then(|text| DefaultStore::from_str(text, false).ok());
        Store { scope: scope.unwrap_or_default(), default: default.unwrap_or_default() }
    }
}

/// `GET /vendor/products/{number}/kit/{file}`: what `latchkey-server kit` writes.
pub(crate) async fn kit(
    State(portal): State<Shared>,
    visitor: Visitor,
    session: Session,
    Path((number, file)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let made = async {
        let number = number.parse().map_err(|_| no_page(&visitor))?;
        let store = asked.store();
        let address = asked.portal.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
        kit::check(address.as_deref(), store)
            .map_err(|trouble| visitor.problem(Blame::Caller, &trouble))?;
        let made = looked_up(&portal, &visitor, move |issuer, _| {
            let product = issuer.product(number)?;
            let vendor = issuer.vendor_now()?;
            Ok::<_, ProductError>(kit::files(&vendor, &product, address.as_deref(), store))
        });
        let files = made.await?;
        let found = files.into_iter().find(|(name, _)| *name == file);
        found.ok_or_else(|| no_page(&visitor))
    };
    match made.await {
        Ok((name, text)) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            let kind = "text/plain; charset=utf-8".to_owned();
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, disposition)], text).into_response()
        }
        Err(problem) => answer(&portal, &visitor, &session, Err(problem)),
    }
}
