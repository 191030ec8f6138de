//! Pages for products, and the download of their kits.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use latchkey_issuer::{ErrorClass, Product, ProductError};
use latchkey_kit::KitStorePolicy;
use latchkey_server_core::parse_feature_types;
use maud::{Markup, html};
use serde::Deserialize;

use super::form_fields::{field, lines};
use super::http_request::{AdminForm, AdminHttpRequest};
use crate::error::PortalError;
use crate::request_context::{HttpError, RequestContext};

/// `GET /vendor/products`
pub(crate) async fn list(http: AdminHttpRequest) -> Response {
    let context = &http.context;
    let reply = async {
        let products = http.query(|issuer, _| issuer.products()).await?;
        let body = html! {
            section.card { div.scroll tabindex="0" role="region" aria-label=(context.label("portal-vendor-products")) { (table(context, &products)) } }
            section.card {
                h2 { (context.label("portal-vendor-product-add")) }
                (http.form("/vendor/products", html! {
                    (field(context, "name", "portal-vendor-product-name", "", ""))
                    (lines(context, "features", "portal-vendor-features", "portal-vendor-features-hint", ""))
                    div.row { button.primary type="submit" data-testid="add" { (context.label("portal-vendor-add")) } }
                }))
            }
        };
        Ok(http.page("vendor-products", context.label("portal-vendor-products"), body))
    };
    http.render(reply).await
}

fn table(context: &RequestContext, products: &[Product]) -> Markup {
    html! {
        table data-testid="products" {
            thead { tr {
                th scope="col" { (context.label("server-column-number")) }
                th scope="col" { (context.label("server-column-name")) }
                th scope="col" { (context.label("server-column-features")) }
            } }
            tbody { @for product in products { tr {
                td { (product.number) }
                td { a href=(context.link(&format!("/vendor/products/{}", product.number))) { (product.name) } }
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
pub(crate) async fn add(AdminForm { http, fields }: AdminForm) -> Response {
    let outcome = async {
        let name = fields.get("name").unwrap_or_default().to_owned();
        let features = parse_feature_types(&fields.lines("features"))
            .map_err(|error| http.context.problem_of(&error))?;
        let number = http.change(move |issuer, now| issuer.add_product(&name, &features, now));
        Ok(format!("/vendor/products/{}", number.await?))
    };
    http.redirect(outcome).await
}

/// `GET /vendor/products/{number}`
pub(crate) async fn show(http: AdminHttpRequest, Path(number): Path<String>) -> Response {
    let context = &http.context;
    let address = http.portal.branding.portal.clone().unwrap_or_default();
    let reply = async {
        let number = number.parse().map_err(|_| no_page(context))?;
        let product = http.query(move |issuer, _| issuer.product(number)).await?;
        let kit = context.file(&format!("/vendor/products/{}/kit", product.number));
        let body = html! {
            section.card {
                (context.facts(&[
                    ("server-column-number", html! { (product.number) }),
                    ("server-column-features", html! { (features(&product)) }),
                ]))
            }
            section.card {
                h2 { (context.label("portal-vendor-kit")) }
                p { (context.label("portal-vendor-kit-lead")) }
                form method="get" action={ (kit) "/latchkey.toml" } {
                    (field(context, "portal", "portal-vendor-address", "portal-vendor-address-hint", &address))
                    div.fields {
                        (choice(context, "scope", "portal-vendor-scope", &SCOPES))
                        (choice(context, "store", "portal-vendor-store", &STORES))
                    }
                    div.row {
                        @for name in latchkey_kit::NAMES {
                            button type="submit" .primary[name == latchkey_kit::NAMES[0]] formaction={ (kit) "/" (name) } data-testid={ "kit-" (name) } { (name) }
                        }
                    }
                }
            }
        };
        Ok(http.page("vendor-product", product.name, body))
    };
    http.render(reply).await
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

fn choice(context: &RequestContext, name: &str, label: &str, choices: &[(&str, &str)]) -> Markup {
    html! {
        div.field {
            label for=(name) { (context.label(label)) }
            select id=(name) name=(name) data-testid=(name) {
                @for (value, words) in choices { option value=(value) { (context.label(words)) } }
            }
        }
    }
}

fn no_page(context: &RequestContext) -> HttpError {
    context.problem_with(StatusCode::NOT_FOUND, &PortalError::NoPage)
}

#[derive(Debug, Deserialize)]
pub(crate) struct KitQuery {
    portal: Option<String>,
    scope: Option<String>,
    store: Option<String>,
}

impl KitQuery {
    fn store(&self) -> KitStorePolicy {
        KitStorePolicy::from_names(self.scope.as_deref(), self.store.as_deref())
    }
}

/// `GET /vendor/products/{number}/kit/{file}`: what `latchkey-server kit` writes.
pub(crate) async fn kit(
    http: AdminHttpRequest,
    Path((number, file)): Path<(String, String)>,
    Query(asked): Query<KitQuery>,
) -> Response {
    let context = &http.context;
    let made = async {
        let number = number.parse().map_err(|_| no_page(context))?;
        let store = asked.store();
        let address = asked.portal.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
        latchkey_kit::check(address.as_deref(), store)
            .map_err(|error| context.problem(ErrorClass::InvalidInput, &error))?;
        let made = http.query(move |issuer, _| {
            let product = issuer.product(number)?;
            let vendor = issuer.vendor_now()?;
            Ok::<_, ProductError>(latchkey_kit::files(&vendor, &product, address.as_deref(), store))
        });
        let files = made.await?;
        let found = files.into_iter().find(|(name, _)| *name == file);
        found.ok_or_else(|| no_page(context))
    };
    match made.await {
        Ok((name, text)) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            let kind = "text/plain; charset=utf-8".to_owned();
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, disposition)], text).into_response()
        }
        Err(problem) => http.render_problem(&problem),
    }
}
