//! The `init` command.

use std::path::Path;

use latchkey_issuer::{Issuer, Passphrase};
use latchkey_lease::Timestamp;
use latchkey_token::ErrorArg;
use serde_json::json;

use crate::error::ServerError;
use crate::output::Output;

pub(super) fn init(
    data: &Path,
    name: &str,
    passphrase: Option<Passphrase>,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let issuer = Issuer::set_up_sealed(data, name, passphrase, latchkey_uptime::read(), now)?;
    let vendor = issuer.vendor();
    let keys: Vec<_> = vendor.keys.iter().map(|keys| keys.id().to_string()).collect();
    let folder = data.display().to_string();
    if output.is_json() {
        output.write_document(&json!({
            "vendor_id": vendor.id.to_string(),
            "name": vendor.name,
            "data": folder,
            "keys": keys,
        }));
        return Ok(());
    }
    let key = |index: usize| ErrorArg::from(keys.get(index).map_or("", String::as_str));
    output.write_message(
        "server-init",
        &[
            ("name", vendor.name.as_str().into()),
            ("folder", folder.as_str().into()),
            ("id", vendor.id.to_string().into()),
            ("active", key(0)),
            ("spare", key(1)),
        ],
    );
    let spare = data.join("keys").join("spare.key").display().to_string();
    output.write_message("server-init-next", &[("file", spare.into())]);
    Ok(())
}
