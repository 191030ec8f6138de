//! The `key` commands: list, rotate and seal the vendor's signing keys.

use std::path::Path;

use latchkey_issuer::{Issuer, KeyFileError, OpenIssuerError, Passphrase};
use latchkey_lease::Timestamp;
use serde_json::json;

use super::passphrase::new_passphrase;
use crate::error::ServerError;
use crate::output::{Output, report_table};

/// Warns about key files that count as absent because they can't be read. In JSON documents, `key
/// list` reports them.
pub(super) fn tell_unread_keys(issuer: &Issuer, json: bool) {
    for error in issuer.unread_keys() {
        Output::new(json).warn(&latchkey_i18n::explain(error));
    }
}

/// `key list`
pub(super) fn list_keys(issuer: &mut Issuer, output: &mut Output) -> Result<(), ServerError> {
    let keys = issuer.list_keys()?;
    if output.is_json() {
        let keys: Vec<_> = keys
            .iter()
            .map(|key| json!({ "key": key.id.to_string(), "role": key.role, "here": key.here }))
            .collect();
        output.write_document(&json!({ "keys": keys }));
        return Ok(());
    }
    let rows: Vec<_> = keys
        .iter()
        .map(|key| {
            let place = if key.here { "server-key-here" } else { "server-key-elsewhere" };
            vec![
                key.id.to_string(),
                latchkey_i18n::text(&format!("server-role-{}", key.role), &[]),
                latchkey_i18n::text(place, &[]),
            ]
        })
        .collect();
    report_table(
        output,
        &["server-column-key", "server-column-role", "server-column-place"],
        &rows,
    );
    Ok(())
}

/// `key rotate`
pub(super) fn rotate(
    issuer: &mut Issuer,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let rotated = issuer.rotate_keys(now)?;
    if output.is_json() {
        output.write_document(&json!({
            "active": rotated.active.to_string(),
            "spare": rotated.spare.to_string(),
            "old": rotated.old.to_string(),
            "again": rotated.again,
        }));
        return Ok(());
    }
    if rotated.again {
        output.write_message("server-rotated-again", &[]);
    }
    output.write_message(
        if rotated.again { "server-rotated-before" } else { "server-rotated" },
        &[
            ("active", rotated.active.to_string().into()),
            ("spare", rotated.spare.to_string().into()),
            ("old", rotated.old.to_string().into()),
        ],
    );
    output.write_message("server-rotated-next", &[]);
    Ok(())
}

/// `key seal --new-passphrase-file FILE`
pub(super) fn seal(
    data: &Path,
    before: Option<Passphrase>,
    file: &Path,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let new = new_passphrase(file, output)?;
    let mut issuer = match Issuer::open_sealed(data, before, now) {
        // An earlier run of this command was killed after its work was done: the keys already open
        // with the new passphrase.
        Err(OpenIssuerError::Keys(
            error @ (KeyFileError::WrongPassphrase { .. } | KeyFileError::Sealed { .. }),
        )) => Issuer::open_sealed(data, Some(new.clone()), now)
            .map_err(|_| OpenIssuerError::from(error)),
        opened => opened,
    }?;
    let count = issuer.seal_keys(new, now)?;
    let elsewhere: Vec<_> = issuer.list_keys()?.into_iter().filter(|key| !key.here).collect();
    if output.is_json() {
        let elsewhere: Vec<_> = elsewhere.iter().map(|key| key.id.to_string()).collect();
        output.write_document(&json!({ "sealed": count, "elsewhere": elsewhere }));
        return Ok(());
    }
    output.write_message("server-sealed", &[("count", count.into())]);
    if !elsewhere.is_empty() {
        output.write_message("server-sealed-elsewhere", &[("count", elsewhere.len().into())]);
    }
    Ok(())
}
