//! The `notice` commands: reports of lost devices and of frequent early returns.

use latchkey_issuer::{EntitlementId, Issuer};
use latchkey_lease::Timestamp;
use latchkey_server_core::display_name;
use latchkey_token::SeatId;
use serde_json::json;

use crate::error::ServerError;
use crate::output::{Output, report_table, time_cell, time_value};

/// `notice list`
pub(super) fn list_notices(
    issuer: &mut Issuer,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let notices = issuer.lost_device_reports(now)?;
    let returns = issuer.early_returns_reports(now)?;
    if output.is_json() {
        let notices: Vec<_> = notices
            .iter()
            .map(|notice| {
                json!({
                    "at": time_value(Some(notice.at)),
                    "seat_id": notice.seat.id.to_string(),
                    "seat_name": notice.seat.name,
                    "product": notice.product,
                    "lease_expiry": time_value(Some(notice.seat.lease_expiry)),
                })
            })
            .collect();
        let returns: Vec<_> = returns
            .iter()
            .map(|notice| {
                json!({
                    "entitlement_id": notice.entitlement.to_string(),
                    "customer": notice.customer,
                    "product": notice.product,
                    "seats": notice.seats,
                    "returns": notice.returns,
                    "newest": time_value(Some(notice.newest)),
                })
            })
            .collect();
        output.write_document(&json!({ "notices": notices, "early_returns": returns }));
        return Ok(());
    }
    for notice in &returns {
        let customer = notice.customer.as_deref().unwrap_or_default();
        output.report_text(
            "server-notice-returns",
            &[
                ("entitlement", notice.entitlement.to_string().into()),
                ("product", notice.product.as_str().into()),
                ("customer", display_name(customer)),
                ("returns", notice.returns.into()),
                ("seats", u64::from(notice.seats).into()),
            ],
        );
    }
    if notices.is_empty() && !returns.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = notices
        .into_iter()
        .map(|notice| {
            vec![
                time_cell(Some(notice.at)),
                notice.seat.id.to_string(),
                notice.seat.name,
                notice.product,
                time_cell(Some(notice.seat.lease_expiry)),
            ]
        })
        .collect();
    let columns = [
        "server-column-time",
        "server-column-seat",
        "server-column-name",
        "server-column-product",
        "server-column-expiry",
    ];
    report_table(output, &columns, &rows);
    Ok(())
}

/// `notice dismiss SEAT`
pub(super) fn dismiss_notice(
    issuer: &mut Issuer,
    seat: SeatId,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.dismiss_lost_device_report(seat, now)?;
    if output.is_json() {
        output.write_document(&json!({ "seat_id": seat.to_string(), "entitlement_id": null }));
    } else {
        output.write_message("server-notice-dismissed", &[("seat", seat.to_string().into())]);
    }
    Ok(())
}

/// `notice dismiss --entitlement ID`
pub(super) fn dismiss_returns(
    issuer: &mut Issuer,
    id: EntitlementId,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.dismiss_early_returns(id, now)?;
    if output.is_json() {
        output.write_document(&json!({ "seat_id": null, "entitlement_id": id.to_string() }));
    } else {
        let values = [("entitlement", id.to_string().into())];
        output.write_message("server-notice-returns-dismissed", &values);
    }
    Ok(())
}
