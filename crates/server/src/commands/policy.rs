//! The `policy` command.

use latchkey_issuer::Issuer;
use latchkey_lease::Timestamp;
use serde_json::json;

use crate::error::ServerError;
use crate::output::Output;

/// `policy [--early-returns N]`
pub(super) fn policy(
    issuer: &mut Issuer,
    early_returns: Option<u32>,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    if let Some(limit) = early_returns {
        issuer.set_early_returns(limit, now)?;
    }
    let limit = issuer.early_returns()?;
    if output.is_json() {
        output.write_document(&json!({ "early_returns": limit }));
    } else {
        output.report_text("server-policy", &[("limit", u64::from(limit).into())]);
    }
    Ok(())
}
