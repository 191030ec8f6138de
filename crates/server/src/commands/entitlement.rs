//! The `entitlement` commands, and how their terms are parsed.

use latchkey_i18n::text;
use latchkey_issuer::{
    Entitlement, EntitlementId, EntitlementTerms, FeatureType, Issuer, NewCode, Product,
};
use latchkey_lease::{Interval, Timestamp};
use latchkey_server_core::{
    TermsInput, activation_code, named_features, not_set, parse_terms, past_end_warning,
};
use latchkey_token::{ErrorArg, FeatureValue};
use serde_json::{Map, Value, json};

use super::code::{warn, warnings_of};
use crate::cli::Terms;
use crate::error::ServerError;
use crate::input;
use crate::output::{Output, or_none, report_table, time_cell, time_value};

pub(super) fn read_terms(terms: Terms, output: &Output) -> Result<EntitlementTerms, ServerError> {
    let Terms { code, allow_weak_code, .. } = terms;
    let input = TermsInput {
        offline_lease: terms.offline_lease,
        subscription_end: terms.subscription_end,
        grace: terms.grace,
        request_every: terms.request_every,
        overdraft: terms.overdraft,
        customer: terms.customer,
        features: terms.feature,
        attributes: terms.attribute,
    };
    parse_terms(&input, || {
        let read = |code: &String| -> Result<NewCode, ServerError> {
            Ok(activation_code(&input::code(code, output)?, allow_weak_code)?)
        };
        code.iter().map(read).collect()
    })
}

/// Warns about the codes of these terms and about an end that has passed, and returns the warnings
/// for the JSON document.
fn warn_about(terms: &EntitlementTerms, output: &Output, now: Timestamp) -> Value {
    let past = past_end_warning(terms, now).map(|warning| latchkey_i18n::explain(&warning));
    warn(warnings_of(&terms.codes).chain(past), output)
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
    let warnings = warn_about(&terms, output, now);
    let codes: Vec<_> = terms.codes.iter().map(NewCode::written).collect();
    if output.is_json() {
        output.write_document(&json!({
            "entitlement_id": id.to_string(),
            "codes": codes,
            "warnings": warnings,
        }));
        return Ok(());
    }
    output.write_message(
        "server-entitlement-added",
        &[("entitlement", id.to_string().into()), ("product", product.to_string().into())],
    );
    for code in codes {
        output.required_sentence("server-code", &[("code", code.into())]);
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
    let warnings = warn_about(terms, output, now);
    let entitlement = issuer.entitlement(id, now)?;
    if output.is_json() {
        let product = issuer.product(entitlement.product)?;
        let mut document = entitlement_value(&entitlement, Some(&product));
        document["warnings"] = warnings;
        output.write_document(&document);
    } else {
        output
            .write_message("server-entitlement-changed", &[("entitlement", id.to_string().into())]);
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
        output.write_document(&json!({ "entitlement_id": id.to_string(), "state": "ended" }));
    } else {
        output.write_message("server-entitlement-ended", &[("entitlement", id.to_string().into())]);
    }
    Ok(())
}

fn entitlement_value(entitlement: &Entitlement, product: Option<&Product>) -> Value {
    let features: Map<_, _> = named_features(entitlement, product)
        .into_iter()
        .map(|feature| {
            let kind = feature.kind.map_or("", FeatureType::name);
            let value: Value = match feature.value {
                FeatureValue::Bool(value) => value.into(),
                FeatureValue::Number(value) => value.into(),
            };
            (feature.key, json!({ "type": kind, "value": value }))
        })
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
        output.write_document(&json!({ "entitlements": all }));
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
    report_table(output, &columns, &rows);
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
    let features: Vec<_> =
        named_features(entitlement, product).iter().map(ToString::to_string).collect();
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
