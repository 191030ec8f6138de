//! The `audit` command.

use latchkey_issuer::{AuditRow, Issuer};
use latchkey_lease::time::to_rfc3339;
use latchkey_server_core::not_set;
use serde_json::{Map, Value, json};

use crate::error::ServerError;
use crate::output::{Output, or_none, report_table, time_value};

pub(super) fn audit(issuer: &mut Issuer, output: &mut Output) -> Result<(), ServerError> {
    let rows = issuer.audit()?;
    if output.is_json() {
        let rows: Vec<_> = rows.iter().map(audit_value).collect();
        output.write_document(&json!({ "audit": rows }));
        return Ok(());
    }
    let cells: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let mut detail: Vec<_> =
                row.detail.iter().map(|(name, value)| format!("{name}={value}")).collect();
            detail.extend(row.counted.map(|count| {
                latchkey_i18n::text("server-audit-counted", &[("count", count.into())])
            }));
            vec![
                to_rfc3339(row.at),
                row.event,
                row.refusal.unwrap_or_else(not_set),
                row.entitlement.map_or_else(not_set, |id| id.to_string()),
                row.seat.map_or_else(not_set, |id| id.to_string()),
                row.code.unwrap_or_else(not_set),
                row.device.unwrap_or_else(not_set),
                or_none(detail.join(" ")),
            ]
        })
        .collect();
    let columns = [
        "server-column-time",
        "server-column-event",
        "server-column-error",
        "server-column-entitlement",
        "server-column-seat",
        "server-column-code",
        "server-column-device",
        "server-column-detail",
    ];
    report_table(output, &columns, &cells);
    Ok(())
}

fn audit_value(row: &AuditRow) -> Value {
    let detail: Map<_, _> =
        row.detail.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    json!({
        "at": time_value(Some(row.at)),
        "event": row.event,
        "product": row.product,
        "entitlement_id": row.entitlement.map(|id| id.to_string()),
        "seat_id": row.seat.map(|id| id.to_string()),
        "code": row.code,
        "device": row.device,
        "error": row.refusal,
        "detail": detail,
        "counted": row.counted,
    })
}
