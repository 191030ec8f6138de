//! Pages for entitlements, their activation codes and their seats.

use axum::extract::Path;
use axum::response::Response;
use latchkey_issuer::{
    ClassifiedError as _, Entitlement, EntitlementError, EntitlementId, EntitlementTerms,
    ErrorClass, NewCode, Product, Seat,
};
use latchkey_lease::time::to_rfc3339;
use latchkey_server_core::{TermsError, TermsInput, activation_code, named_features, parse_terms};
use latchkey_token::ActivationCode;
use maud::{Markup, html};

use super::form_fields::{field, lines};
use super::http_request::{AdminForm, AdminHttpRequest, Fields};
use crate::error::PortalError;
use crate::page::PageResult;
use crate::request_context::{HttpError, RequestContext};
use crate::seat_views::{name_or_id, state};

/// Maximum number of entitlements listed on a page; others are found by searching.
const MAX_LISTED: usize = 200;

/// `GET /vendor/entitlements`: lists all. Searching uses POST, because codes and customer names
/// don't belong in a URL.
pub(crate) async fn list(http: AdminHttpRequest) -> Response {
    http.render(search_results(&http, "", None)).await
}

/// `POST /vendor/entitlements/search`, by activation code too.
pub(crate) async fn search(AdminForm { http, fields }: AdminForm) -> Response {
    let wanted = fields.get("q").unwrap_or_default();
    http.render(search_results(&http, wanted, wanted.parse().ok())).await
}

async fn search_results(
    http: &AdminHttpRequest,
    wanted: &str,
    code: Option<ActivationCode>,
) -> PageResult {
    let context = &http.context;
    let wanted = wanted.trim().to_lowercase();
    let (all, products) = http
        .query(|issuer, now| {
            Ok::<_, EntitlementError>((issuer.entitlements(now)?, issuer.products()?))
        })
        .await?;
    let product = |one: &Entitlement| {
        products.iter().find(|p| p.number == one.product).map_or("", |p| p.name.as_str())
    };
    let fits = |one: &Entitlement| {
        let customer = one.customer.as_deref().unwrap_or_default().to_lowercase();
        let has = |held: &latchkey_issuer::CodeSummary| code.as_ref() == Some(&held.code);
        customer.contains(&wanted)
            || product(one).to_lowercase().contains(&wanted)
            || one.id.to_string().contains(&wanted)
            || one.codes.iter().any(has)
    };
    let found: Vec<_> = all.iter().rev().filter(|one| fits(one)).collect();
    let body = html! {
        form.card.row role="search" method="post" action=(context.link("/vendor/entitlements/search")) {
            (http.csrf_field())
            label for="q" { (context.label("portal-vendor-search")) }
            input #q name="q" value=(wanted) data-testid="q";
            button type="submit" data-testid="search" { (context.label("portal-vendor-search-go")) }
        }
        section.card { div.scroll tabindex="0" role="region" aria-label=(context.label("portal-vendor-entitlements")) {
            table data-testid="entitlements" {
                thead { tr {
                    th scope="col" { (context.label("server-column-customer")) }
                    th scope="col" { (context.label("server-column-product")) }
                    th scope="col" { (context.label("server-column-seats")) }
                    th scope="col" { (context.label("server-column-state")) }
                } }
                tbody { @for one in found.iter().take(MAX_LISTED) { tr {
                    td { a href=(context.link(&format!("/vendor/entitlements/{}", one.id))) { (one.customer.clone().unwrap_or_else(|| one.id.to_string())) } }
                    td { (product(one)) }
                    td { (seats_in_use(context, one)) }
                    td { (state_label(context, one)) }
                } } }
            }
        } }
        section.card {
            h2 { (context.label("portal-vendor-entitlement-add")) }
            (http.form("/vendor/entitlements", html! {
                div.field {
                    label for="product" { (context.label("server-column-product")) }
                    select #product name="product" data-testid="product" {
                        @for product in &products { option value=(product.number) { (product.name) } }
                    }
                }
                (term_fields(context, None, None))
                (lines(context, "codes", "portal-vendor-codes-own", "portal-vendor-codes-own-hint", ""))
                div.row { button.primary type="submit" data-testid="add" { (context.label("portal-vendor-add")) } }
            }))
        }
    };
    Ok(http.page("vendor-entitlements", context.label("portal-vendor-entitlements"), body))
}

fn seats_in_use(context: &RequestContext, one: &Entitlement) -> String {
    let values = [
        ("used", u64::from(one.seats_in_use).into()),
        ("seats", u64::from(one.seats).into()),
        ("overdraft", u64::from(one.overdraft).into()),
    ];
    match one.overdraft {
        0 => context.message("server-seats-in-use", &values),
        _ => context.message("server-seats-in-use-overdraft", &values),
    }
}

fn state_label(context: &RequestContext, one: &Entitlement) -> String {
    let name = if one.ended_at.is_some() { "ended" } else { "live" };
    context.label(&format!("server-state-{name}"))
}

/// The fields of what was bought, filled with how it is.
fn term_fields(
    context: &RequestContext,
    one: Option<&Entitlement>,
    product: Option<&Product>,
) -> Markup {
    let text = |value: Option<String>| value.unwrap_or_default();
    let interval = |pick: fn(&Entitlement) -> Option<latchkey_lease::Interval>| {
        text(one.and_then(pick).map(|interval| interval.to_string()))
    };
    let features = one.map(|one| named_features(one, product)).unwrap_or_default();
    let features: Vec<_> = features.iter().map(ToString::to_string).collect();
    let attributes: Vec<_> = one
        .map(|one| one.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect())
        .unwrap_or_default();
    let number = |pick: fn(&Entitlement) -> u32| text(one.map(|one| pick(one).to_string()));
    html! {
        div.fields {
            (field(context, "customer", "server-column-customer", "", &text(one.and_then(|one| one.customer.clone()))))
            (field(context, "seats", "server-column-seats", "", &number(|one| one.seats)))
            (field(context, "overdraft", "portal-vendor-overdraft", "portal-vendor-overdraft-hint", &number(|one| one.overdraft)))
            (field(context, "offline_lease", "server-column-lease", "portal-vendor-lease-hint", &interval(|one| one.offline_lease)))
            (field(context, "grace", "server-column-grace", "portal-vendor-grace-hint", &interval(|one| one.grace)))
            (field(context, "request_every", "server-column-request-every", "portal-vendor-request-every-hint", &text(one.and_then(|one| one.request_every).map(|every| every.to_string()))))
            (field(context, "subscription_end", "server-column-end", "portal-vendor-end-hint", &text(one.and_then(|one| one.subscription_end).map(to_rfc3339))))
        }
        (lines(context, "features", "server-column-features", "portal-vendor-values-hint", &features.join("\n")))
        (lines(context, "attributes", "portal-vendor-attributes", "portal-vendor-values-hint", &attributes.join("\n")))
    }
}

/// Parses a form by the same rules as the command line. In a form that shows current values, an
/// empty field removes the value.
fn terms_of(
    fields: &Fields,
    before: Option<&Entitlement>,
    context: &RequestContext,
) -> Result<EntitlementTerms, HttpError> {
    let gone = || before.map(|_| "none".to_owned());
    let text = |name: &str| fields.get(name).map(str::to_owned).or_else(gone);
    let number = |name: &str| match fields.get(name) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            let error = PortalError::Count { text: text.to_owned() };
            context.problem(ErrorClass::InvalidInput, &error)
        }),
    };
    let terms = TermsInput {
        offline_lease: text("offline_lease"),
        subscription_end: text("subscription_end"),
        grace: text("grace"),
        request_every: text("request_every"),
        overdraft: number("overdraft")?,
        customer: text("customer"),
        features: fields.lines("features"),
        attributes: fields.lines("attributes"),
    };
    let mut read = parse_terms(&terms, || Ok::<_, TermsError>(Vec::new()))
        .map_err(|error| context.problem_of(&error))?;
    read.seats = number("seats")?;
    if let Some(before) = before {
        for key in before.attributes.keys() {
            read.attributes.entry(key.clone()).or_insert(None);
        }
    }
    Ok(read)
}

/// `POST /vendor/entitlements`
pub(crate) async fn add(AdminForm { http, fields }: AdminForm) -> Response {
    let context = &http.context;
    let outcome = async {
        let mut terms = terms_of(&fields, None, context)?;
        for code in fields.lines("codes") {
            terms
                .codes
                .push(activation_code(&code, false).map_err(|error| context.problem_of(&error))?);
        }
        let product = fields.get("product").and_then(|text| text.parse().ok()).unwrap_or(0);
        let id = http.change(move |issuer, now| issuer.add_entitlement(product, &terms, now));
        Ok(path_of(id.await?))
    };
    http.redirect(outcome).await
}

fn path_of(id: EntitlementId) -> String {
    format!("/vendor/entitlements/{id}")
}

fn id_of(context: &RequestContext, text: &str) -> Result<EntitlementId, HttpError> {
    text.parse()
        .map_err(|error: latchkey_token::IdError| context.problem(ErrorClass::InvalidInput, &error))
}

async fn load(
    http: &AdminHttpRequest,
    id: EntitlementId,
) -> Result<(Entitlement, Option<Product>, Vec<Seat>), HttpError> {
    let found = http.query(move |issuer, now| {
        let one = issuer.entitlement(id, now)?;
        let product = issuer.products()?.into_iter().find(|product| product.number == one.product);
        let seats = issuer.seats_of(id, now)?;
        Ok::<_, EntitlementError>((one, product, seats))
    });
    found.await
}

/// `GET /vendor/entitlements/{id}`
pub(crate) async fn show(http: AdminHttpRequest, Path(id): Path<String>) -> Response {
    let context = &http.context;
    let reply = async {
        let (one, product, seats) = load(&http, id_of(context, &id)?).await?;
        let path = path_of(one.id);
        let is_live = one.ended_at.is_none();
        let name = product.as_ref().map(|product| product.name.clone()).unwrap_or_default();
        let body = html! {
            section.card {
                (context.facts(&[
                    ("server-column-product", html! { (name) }),
                    ("server-column-state", html! { (state_label(context, &one)) }),
                    ("server-column-seats", html! { (seats_in_use(context, &one)) }),
                    ("server-column-entitlement", html! { code { (one.id.to_string()) } }),
                ]))
            }
            (code_list(&http, &path, &one))
            (seat_table(context, &seats))
            @if is_live {
                section.card {
                    h2 { (context.label("portal-vendor-entitlement-change")) }
                    p.muted { (context.label("portal-vendor-entitlement-change-lead")) }
                    (http.form(&path, html! {
                        (term_fields(context, Some(&one), product.as_ref()))
                        div.row { button.primary type="submit" data-testid="change" { (context.label("portal-vendor-save")) } }
                    }))
                }
                section.card {
                    h2 { (context.label("portal-vendor-entitlement-end")) }
                    p { (context.label("portal-vendor-entitlement-end-lead")) }
                    (http.form(&format!("{path}/end"), html! {
                        p.check {
                            input #sure type="checkbox" name="sure" value="yes" required data-testid="sure";
                            label for="sure" { (context.label("portal-vendor-sure")) }
                        }
                        div.row { button type="submit" data-testid="end" { (context.label("portal-vendor-entitlement-end-go")) } }
                    }))
                }
            }
        };
        let title = one.customer.clone().unwrap_or_else(|| one.id.to_string());
        Ok(http.page("vendor-entitlement", title, body))
    };
    http.render(reply).await
}

fn code_list(http: &AdminHttpRequest, path: &str, one: &Entitlement) -> Markup {
    let context = &http.context;
    html! {
        section.card {
            h2 { (context.label("server-column-codes")) }
            ul.seats {
                @for code in &one.codes {
                    li.row.spread {
                        code data-testid="activation-code" { (code.written) }
                        @if code.disabled {
                            span.chip { (context.label("portal-vendor-code-disabled")) }
                        } @else {
                            (http.form(&format!("{path}/codes/disable"), html! {
                                input type="hidden" name="code" value=(code.written);
                                button.quiet type="submit" data-testid="disable" { (context.label("portal-vendor-code-disable")) }
                            }))
                        }
                    }
                }
            }
            @if one.ended_at.is_none() {
                (http.form(&format!("{path}/codes"), html! {
                    (field(context, "code", "portal-vendor-code-own", "portal-vendor-code-own-hint", ""))
                    div.row { button type="submit" data-testid="add-code" { (context.label("portal-vendor-code-add")) } }
                }))
            }
        }
    }
}

fn seat_table(context: &RequestContext, seats: &[Seat]) -> Markup {
    html! {
        section.card {
            h2 { (context.label("server-column-seats")) }
            @if seats.is_empty() { p.muted { (context.label("portal-seats-none")) } }
            @else {
                div.scroll tabindex="0" role="region" aria-label=(context.label("server-column-seats")) {
                    table data-testid="seats" {
                        thead { tr {
                            th scope="col" { (context.label("server-column-name")) }
                            th scope="col" { (context.label("server-column-state")) }
                            th scope="col" { (context.label("server-column-expiry")) }
                        } }
                        tbody { @for seat in seats.iter().rev() { tr data-seat=(seat.id.to_string()) {
                            td { a href=(context.link(&format!("/vendor/seats/{}", seat.id))) { (name_or_id(&seat.name, seat.id)) } }
                            td { (state(context, seat)) }
                            td { (context.time(seat.lease_expiry)) }
                        } } }
                    }
                }
            }
        }
    }
}

/// `POST /vendor/entitlements/{id}`
pub(crate) async fn change(
    Path(id): Path<String>,
    AdminForm { http, fields }: AdminForm,
) -> Response {
    let context = &http.context;
    let outcome = async {
        let id = id_of(context, &id)?;
        let (before, product, _) = load(&http, id).await?;
        let mut terms = terms_of(&fields, Some(&before), context)?;
        for feature in named_features(&before, product.as_ref()) {
            terms.features.entry(feature.key).or_insert(None);
        }
        http.change(move |issuer, now| issuer.change_entitlement(id, &terms, now)).await?;
        Ok(path_of(id))
    };
    http.redirect(outcome).await
}

/// `POST /vendor/entitlements/{id}/end`
pub(crate) async fn end(Path(id): Path<String>, AdminForm { http, fields }: AdminForm) -> Response {
    let outcome = async {
        let id = id_of(&http.context, &id)?;
        if fields.get("sure") == Some("yes") {
            http.change(move |issuer, now| issuer.end_entitlement(id, now)).await?;
        }
        Ok(path_of(id))
    };
    http.redirect(outcome).await
}

/// `POST /vendor/entitlements/{id}/dismiss`: the notice about its early returns.
pub(crate) async fn dismiss_returns(
    Path(id): Path<String>,
    AdminForm { http, .. }: AdminForm,
) -> Response {
    let outcome = async {
        let id = id_of(&http.context, &id)?;
        http.change(move |issuer, now| issuer.dismiss_early_returns(id, now)).await?;
        Ok("/vendor".to_owned())
    };
    http.redirect(outcome).await
}

/// `POST /vendor/entitlements/{id}/codes`
pub(crate) async fn add_code(
    Path(id): Path<String>,
    AdminForm { http, fields }: AdminForm,
) -> Response {
    let context = &http.context;
    let outcome = async {
        let id = id_of(context, &id)?;
        let code = match fields.get("code") {
            Some(text) => {
                activation_code(text, false).map_err(|error| context.problem_of(&error))?
            }
            None => NewCode::generate().map_err(|error| context.problem(error.class(), &error))?,
        };
        http.change(move |issuer, now| issuer.add_code(id, &code, now)).await?;
        Ok(path_of(id))
    };
    http.redirect(outcome).await
}

/// `POST /vendor/entitlements/{id}/codes/disable`
pub(crate) async fn disable_code(
    Path(id): Path<String>,
    AdminForm { http, fields }: AdminForm,
) -> Response {
    let context = &http.context;
    let outcome = async {
        let id = id_of(context, &id)?;
        let code = fields.get("code").unwrap_or_default();
        let code: ActivationCode =
            code.parse().map_err(|error: latchkey_token::ActivationCodeError| {
                context.problem(ErrorClass::InvalidInput, &error)
            })?;
        http.change(move |issuer, now| issuer.disable_code(&code, now)).await?;
        Ok(path_of(id))
    };
    http.redirect(outcome).await
}
