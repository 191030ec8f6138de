//! The `kit` command.

use std::path::Path;

use latchkey_issuer::Issuer;
use latchkey_kit::KitStorePolicy;
use serde_json::json;

use crate::error::ServerError;
use crate::output::Output;

pub(super) fn write_kit(
    issuer: &mut Issuer,
    product: u32,
    out: &Path,
    portal: Option<&str>,
    store: KitStorePolicy,
    output: &mut Output,
) -> Result<(), ServerError> {
    latchkey_kit::check(portal, store)?;
    let product = issuer.product(product)?;
    let files = latchkey_kit::write(issuer.vendor(), &product, portal, store, out)?;
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    let folder = out.display().to_string();
    if output.is_json() {
        output.write_document(&json!({ "product": product.number, "out": folder, "files": files }));
        return Ok(());
    }
    output.write_message(
        "server-kit",
        &[("product", product.name.as_str().into()), ("folder", folder.into())],
    );
    for file in files {
        output.write_line(&file);
    }
    Ok(())
}
