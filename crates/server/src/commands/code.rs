//! The `code` commands: activation codes of an entitlement.

use latchkey_i18n::Explained;
use latchkey_issuer::{EntitlementId, Issuer, NewCode};
use latchkey_lease::Timestamp;
use latchkey_server_core::weak_code_warning;
use latchkey_token::ActivationCode;
use serde_json::{Value, json};

use crate::error::ServerError;
use crate::output::{Output, error_value};

/// Returns what codes are warned of: those that are easy to guess or will look mistyped.
pub(super) fn warnings_of(codes: &[NewCode]) -> impl Iterator<Item = Explained> {
    let weak = codes.iter().filter_map(weak_code_warning);
    let weak = weak.map(|warning| latchkey_i18n::explain(&warning));
    let doubted = codes.iter().filter_map(|code| code.code.doubt());
    weak.chain(doubted.map(|doubt| latchkey_i18n::explain(&doubt)))
}

/// Writes warnings, and returns them for the JSON document.
pub(super) fn warn(warnings: impl Iterator<Item = Explained>, output: &Output) -> Value {
    warnings
        .map(|words| {
            output.warn(&words);
            error_value(&words)
        })
        .collect()
}

pub(super) fn add_code(
    issuer: &mut Issuer,
    id: EntitlementId,
    code: &NewCode,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.add_code(id, code, now)?;
    let warnings = warn(warnings_of(std::slice::from_ref(code)), output);
    if output.is_json() {
        output.write_document(&json!({
            "entitlement_id": id.to_string(),
            "code": code.written(),
            "warnings": warnings,
        }));
    } else {
        output.required_sentence("server-code", &[("code", code.written().into())]);
    }
    Ok(())
}

pub(super) fn disable_code(
    issuer: &mut Issuer,
    code: &ActivationCode,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let id = issuer.disable_code(code, now)?;
    if output.is_json() {
        output.write_document(&json!({ "entitlement_id": id.to_string(), "code": code.masked() }));
    } else {
        output.write_message("server-code-disabled", &[("code", code.masked().into())]);
    }
    Ok(())
}
