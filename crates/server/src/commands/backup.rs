//! The `backup` and `restore` commands.

use std::path::Path;

use latchkey_issuer::{Issuer, Passphrase};
use latchkey_lease::Timestamp;
use serde_json::json;

use crate::error::ServerError;
use crate::output::Output;

/// `backup --out DIR`
pub(super) fn back_up(issuer: &Issuer, out: &Path, output: &mut Output) -> Result<(), ServerError> {
    issuer.back_up(out)?;
    let folder = out.display().to_string();
    if output.is_json() {
        output.write_document(&json!({ "out": folder }));
    } else {
        output.write_message("server-backed-up", &[("folder", folder.into())]);
    }
    Ok(())
}

/// `restore --from DIR`
pub(super) fn restore(
    from: &Path,
    data: &Path,
    passphrase: Option<Passphrase>,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let issuer = Issuer::restore(from, data, passphrase, now)?;
    let folder = data.display().to_string();
    if output.is_json() {
        output.write_document(
            &json!({ "data": folder, "vendor_id": issuer.vendor().id.to_string() }),
        );
    } else {
        output.write_message("server-restored", &[("folder", folder.into())]);
    }
    Ok(())
}
