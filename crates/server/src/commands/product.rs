//! The `product` commands.

use latchkey_issuer::{Issuer, Product};
use latchkey_lease::Timestamp;
use latchkey_server_core::parse_feature_types;
use serde_json::{Map, Value, json};

use crate::error::ServerError;
use crate::output::{Output, or_none, report_table};

pub(super) fn add_product(
    issuer: &mut Issuer,
    name: &str,
    features: &[String],
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let number = issuer.add_product(name, &parse_feature_types(features)?, now)?;
    let product = issuer.product(number)?;
    if output.is_json() {
        output.write_document(&product_value(&product));
    } else {
        output.write_message(
            "server-product-added",
            &[("product", number.to_string().into()), ("name", product.name.as_str().into())],
        );
    }
    Ok(())
}

fn product_value(product: &Product) -> Value {
    let features: Map<_, _> = product
        .features
        .iter()
        .map(|f| (f.key.clone(), json!({ "number": f.number, "type": f.kind.name() })))
        .collect();
    json!({ "product": product.number, "name": product.name, "features": features })
}

pub(super) fn list_products(issuer: &mut Issuer, output: &mut Output) -> Result<(), ServerError> {
    let products = issuer.products()?;
    if output.is_json() {
        let products: Vec<_> = products.iter().map(product_value).collect();
        output.write_document(&json!({ "products": products }));
        return Ok(());
    }
    let rows: Vec<_> = products
        .iter()
        .map(|product| {
            let features = product.features.iter().map(|f| format!("{}={}", f.key, f.kind.name()));
            vec![
                product.number.to_string(),
                product.name.clone(),
                or_none(features.collect::<Vec<_>>().join(" ")),
            ]
        })
        .collect();
    report_table(
        output,
        &["server-column-number", "server-column-name", "server-column-features"],
        &rows,
    );
    Ok(())
}
