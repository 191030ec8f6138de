//! The `entitlement` commands, and how their terms are parsed.

use std::collections::BTreeMap;

use latchkey_i18n::text;
use latchkey_issuer::{
    Entitlement, EntitlementId, EntitlementTerms, Issuer, NewCode, Product, Update,
};
use latchkey_lease::{Interval, Timestamp};
use latchkey_token::{ErrorArg, FeatureValue};
use serde_json::{Map, Value, json};

use super::code::{chosen, warn_about};
use super::{clock, key_value, or_none, parse};
use crate::cli::Terms;
use crate::error::{PortalError, ServerError};
use crate::input;
use crate::output::{Output, not_set, table, time_cell, time_value};

/// Reads an option that changes a term; `none` removes the term.
fn update<T>(
    text: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, ServerError>,
) -> Result<Update<T>, ServerError> {
    match text {
        None => Ok(Update::Keep),
        Some("none") => Ok(Update::Clear),
        Some(text) => read(text).map(Update::Set),
    }
}

pub(crate) fn read_terms(terms: &Terms, output: &Output) -> Result<EntitlementTerms, ServerError> {
    let time = |text: &str| {
        latchkey_lease::read_end(text, clock()?)
            .filter(|time| *time > Timestamp::UNIX_EPOCH)
            .ok_or_else(|| PortalError::Time { text: text.to_owned() }.into())
    };
    let every = |text: &str| {
        text.parse().map_err(|_| PortalError::RequestEvery { text: text.to_owned() }.into())
    };
    let mut features = BTreeMap::new();
    for feature in &terms.feature {
        let (key, value) = key_value(feature)?;
        features.insert(key, Some(value).filter(|value| value != "none"));
    }
    let mut attributes = BTreeMap::new();
    for attribute in &terms.attribute {
        let (key, value) = key_value(attribute)?;
        attributes.insert(key, Some(value).filter(|value| !value.is_empty()));
    }
    let mut codes = Vec::new();
    for code in &terms.code {
        codes.push(chosen(&input::code(code, output)?, terms.allow_weak_code)?);
    }
    Ok(EntitlementTerms {
        seats: None,
        overdraft: terms.overdraft,
        customer: update(terms.customer.as_deref(), |text| Ok(text.to_owned()))?,
        offline_lease: update(terms.offline_lease.as_deref(), parse::<Interval>)?,
        subscription_end: update(terms.subscription_end.as_deref(), time)?,
        grace: update(terms.grace.as_deref(), parse::<Interval>)?,
        request_every: update(terms.request_every.as_deref(), every)?,
        features,
        attributes,
        codes,
    })
}

pub(super) fn add_entitlement(
    issuer: &mut Issuer,
    product: u32,
    mut terms: EntitlementTerms,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    if terms.codes.is_empty() {
        terms.codes.push(NewCode::generate()?);
    }
    let id = issuer.add_entitlement(product, &terms, now)?;
    let warnings = warn_about(&terms.codes, output);
    let codes: Vec<_> = terms.codes.iter().map(NewCode::written).collect();
    if output.is_json() {
        output.document(&json!({
            "entitlement_id": id.to_string(),
            "codes": codes,
            "warnings": warnings,
        }));
        return Ok(());
    }
    output.say(
        "server-entitlement-added",
        &[("entitlement", id.to_string().into()), ("product", product.to_string().into())],
    );
    for code in codes {
        output.give("server-code", &[("code", code.into())]);
    }
    Ok(())
}

pub(super) fn set_entitlement(
    issuer: &mut Issuer,
    id: EntitlementId,
    terms: &EntitlementTerms,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.change_entitlement(id, terms, now)?;
    let warnings = warn_about(&terms.codes, output);
    let entitlement = issuer.entitlement(id, now)?;
    if output.is_json() {
        let product = issuer.product(entitlement.product)?;
        let mut document = entitlement_value(&entitlement, Some(&product));
        document["warnings"] = warnings;
        output.document(&document);
    } else {
        output.say("server-entitlement-changed", &[("entitlement", id.to_string().into())]);
    }
    Ok(())
}

pub(super) fn end_entitlement(
    issuer: &mut Issuer,
    id: EntitlementId,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.end_entitlement(id, now)?;
    if output.is_json() {
        output.document(&json!({ "entitlement_id": id.to_string(), "state": "ended" }));
    } else {
        output.say("server-entitlement-ended", &[("entitlement", id.to_string().into())]);
    }
    Ok(())
}

pub(crate) fn feature_parts(
    entitlement: &Entitlement,
    product: Option<&Product>,
) -> Vec<(String, String, Value)> {
    let of = |number: &u32| product?.features.iter().find(|feature| feature.number == *number);
    entitlement
        .features
        .iter()
        .map(|(number, value)| {
            let (key, kind) = of(number)
                .map_or_else(|| (number.to_string(), ""), |f| (f.key.clone(), f.kind.name()));
            let value = match value {
                FeatureValue::Bool(value) => (*value).into(),
                FeatureValue::Number(value) => (*value).into(),
            };
            (key, kind.to_owned(), value)
        })
        .collect()
}

fn entitlement_value(entitlement: &Entitlement, product: Option<&Product>) -> Value {
    let features: Map<_, _> = feature_parts(entitlement, product)
        .into_iter()
        .map(|(key, kind, value)| (key, json!({ "type": kind, "value": value })))
        .collect();
    let codes: Vec<_> = entitlement
        .codes
        .iter()
        .map(|code| json!({ "code": code.written, "disabled": code.disabled }))
        .collect();
    json!({
        "entitlement_id": entitlement.id.to_string(),
        "product": entitlement.product,
        "customer": entitlement.customer,
        "state": if entitlement.ended_at.is_some() { "ended" } else { "live" },
        "seats": entitlement.seats,
        "seats_in_use": entitlement.seats_in_use,
        "overdraft": entitlement.overdraft,
        "offline_lease": entitlement.offline_lease.map(|interval| interval.to_string()),
        "subscription_end": time_value(entitlement.subscription_end),
        "grace": entitlement.grace.map(|interval| interval.to_string()),
        "request_every": entitlement.request_every,
        "features": features,
        "attributes": entitlement.attributes,
        "codes": codes,
        "created_at": time_value(Some(entitlement.created_at)),
        "ended_at": time_value(entitlement.ended_at),
    })
}

pub(super) fn list_entitlements(
    issuer: &mut Issuer,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let entitlements = issuer.entitlements(now)?;
    let products = issuer.products()?;
    let product = |number: u32| products.iter().find(|product| product.number == number);
    if output.is_json() {
        let all: Vec<_> =
            entitlements.iter().map(|e| entitlement_value(e, product(e.product))).collect();
        output.document(&json!({ "entitlements": all }));
        return Ok(());
    }
    let rows: Vec<_> =
        entitlements.iter().map(|e| entitlement_row(e, product(e.product))).collect();
    let columns = [
        "server-column-entitlement",
        "server-column-state",
        "server-column-product",
        "server-column-customer",
        "server-column-seats",
        "server-column-lease",
        "server-column-grace",
        "server-column-end",
        "server-column-request-every",
        "server-column-features",
        "server-column-codes",
    ];
    table(output, &columns, &rows);
    Ok(())
}

fn entitlement_row(entitlement: &Entitlement, product: Option<&Product>) -> Vec<String> {
    let seats: [(&str, ErrorArg); 3] = [
        ("used", u64::from(entitlement.seats_in_use).into()),
        ("seats", u64::from(entitlement.seats).into()),
        ("overdraft", u64::from(entitlement.overdraft).into()),
    ];
    let seats = match entitlement.overdraft {
        0 => text("server-seats-in-use", &seats),
        _ => text("server-seats-in-use-overdraft", &seats),
    };
    let features = feature_parts(entitlement, product);
    let features: Vec<_> =
        features.into_iter().map(|(key, _, value)| format!("{key}={value}")).collect();
    let codes: Vec<_> = entitlement
        .codes
        .iter()
        .map(|code| match code.disabled {
            true => text("server-code-is-disabled", &[("code", code.written.as_str().into())]),
            false => code.written.clone(),
        })
        .collect();
    let state = if entitlement.ended_at.is_some() { "ended" } else { "live" };
    let interval = |interval: Option<Interval>| interval.map_or_else(not_set, |i| i.to_string());
    vec![
        entitlement.id.to_string(),
        text(&format!("server-state-{state}"), &[]),
        product.map_or_else(|| entitlement.product.to_string(), |p| p.name.clone()),
        entitlement.customer.clone().unwrap_or_else(not_set),
        seats,
        interval(entitlement.offline_lease),
        interval(entitlement.grace),
        time_cell(entitlement.subscription_end),
        entitlement.request_every.map_or_else(not_set, |every| every.to_string()),
        or_none(features.join(" ")),
        or_none(codes.join(" ")),
    ]
}
