//! The `refresh`, `seats` and `seat` commands.

use latchkey_console::Exit;
use latchkey_i18n::text;
use latchkey_issuer::{Issuer, Refreshed, Seat};
use latchkey_lease::Timestamp;
use latchkey_server_core::{display_name, time_detail};
use latchkey_token::{ActivationCode, ErrorArg, SeatId};
use serde_json::{Value, json};

use crate::error::ServerError;
use crate::output::{Output, error_value, or_none, report_table, time_cell, time_value};

pub(super) fn refresh(
    issuer: &mut Issuer,
    seat: SeatId,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let refreshed = issuer.refresh(seat, now)?;
    match output.is_json() {
        true => {
            // The fields are also at the top level, where programs written for a single seat expect
            // them.
            let mut document = refreshed_value(&refreshed);
            document["results"] = json!([refreshed_result(&refreshed)]);
            output.write_document(&document);
        }
        false => tell_refreshed(&refreshed, output),
    }
    Ok(())
}

/// Several seats: each has its own result.
pub(super) fn refresh_each(
    issuer: &mut Issuer,
    seats: &[SeatId],
    output: &mut Output,
    now: Timestamp,
) -> Exit {
    let mut exit = Exit::Done;
    let mut results = Vec::new();
    // When the database can't be used there is no point in trying it for every seat.
    let mut broken: Option<ServerError> = None;
    for seat in seats {
        let refreshed = match &broken {
            Some(failure) => Err(failure.clone()),
            None => issuer.refresh(*seat, now).map_err(ServerError::from),
        };
        let failure = match refreshed {
            Ok(refreshed) => {
                if !output.is_json() {
                    tell_refreshed(&refreshed, output);
                }
                results.push(refreshed_result(&refreshed));
                continue;
            }
            Err(failure) => failure,
        };
        exit = exit.max(failure.exit);
        if !output.is_json() {
            output.write_message("server-refused-seat", &[("seat", seat.to_string().into())]);
            output.write_failure(&failure);
        }
        results.push(json!({
            "outcome": "refused",
            "seat_id": seat.to_string(),
            "seat_name": Value::Null,
            "lease_expiry": Value::Null,
            "refreshes_left": Value::Null,
            "token": Value::Null,
            "error": error_value(&failure.words),
        }));
        if failure.exit == Exit::Machine {
            broken = Some(failure);
        }
    }
    if output.is_json() {
        output.write_document(&json!({ "results": results }));
    }
    exit
}

fn refreshed_value(refreshed: &Refreshed) -> Value {
    json!({
        "token": refreshed.token.to_string(),
        "seat_id": refreshed.seat.to_string(),
        "seat_name": refreshed.name,
        "lease_expiry": time_value(Some(refreshed.lease_expiry)),
        "refreshes_left": refreshed.refreshes_left,
    })
}

/// The same fields as an entry of `results`.
fn refreshed_result(refreshed: &Refreshed) -> Value {
    let mut value = refreshed_value(refreshed);
    value["outcome"] = "refreshed".into();
    value["error"] = Value::Null;
    value
}

fn tell_refreshed(refreshed: &Refreshed, output: &mut Output) {
    output.write_message(
        "server-refreshed",
        &[
            ("seat", refreshed.seat.to_string().into()),
            ("name", display_name(&refreshed.name)),
            ("expiry", time_detail(refreshed.lease_expiry)),
        ],
    );
    if refreshed.refreshes_left == Some(0) {
        output.write_message("server-refreshed-last", &[]);
    }
    output.write_token(&refreshed.token.to_string());
}

pub(super) fn list_seats(
    issuer: &mut Issuer,
    code: Option<&ActivationCode>,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let seats = issuer.seats(code, now)?;
    if output.is_json() {
        let seats: Vec<_> = seats.iter().map(|seat| seat_value(seat, now)).collect();
        output.write_document(&json!({ "seats": seats }));
        return Ok(());
    }
    let rows: Vec<_> = seats
        .iter()
        .map(|seat| {
            vec![
                seat.id.to_string(),
                or_none(seat.name.clone()),
                text(&format!("server-state-{}", seat.state.name()), &[]),
                time_cell(Some(seat.activated_at)),
                time_cell(Some(seat.lease_expiry)),
                seat.entitlement.to_string(),
            ]
        })
        .collect();
    let columns = [
        "server-column-seat",
        "server-column-name",
        "server-column-state",
        "server-column-activated",
        "server-column-expiry",
        "server-column-entitlement",
    ];
    report_table(output, &columns, &rows);
    Ok(())
}

fn seat_value(seat: &Seat, now: Timestamp) -> Value {
    json!({
        "seat_id": seat.id.to_string(),
        "seat_name": seat.name,
        "state": seat.state.name(),
        "activated_at": time_value(Some(seat.activated_at)),
        "lease_expiry": time_value(Some(seat.lease_expiry)),
        "days_left": latchkey_lease::days_left(seat.lease_expiry, now),
        "taken_until": time_value(Some(seat.taken_until)),
        "closed_at": time_value(seat.closed_at),
        "reused_by": seat.reused_by.map(|seat| seat.to_string()),
        "entitlement_id": seat.entitlement.to_string(),
        "product": seat.product,
        "device": seat.device.to_string(),
        "refreshes_left": seat.refreshes_left,
    })
}

pub(super) fn release(
    issuer: &mut Issuer,
    seat: SeatId,
    at_once: bool,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let released = issuer.release(seat, at_once, now)?;
    if output.is_json() {
        output.write_document(&json!({
            "seat_id": released.seat.to_string(),
            "seat_name": released.name,
            "state": "released",
            "taken_until": time_value(released.taken_until),
        }));
        return Ok(());
    }
    let mut values: Vec<(&str, ErrorArg)> =
        vec![("seat", released.seat.to_string().into()), ("name", display_name(&released.name))];
    let id = match released.taken_until {
        Some(until) => {
            values.push(("until", time_detail(until)));
            "server-released"
        }
        None => "server-released-now",
    };
    output.write_message(id, &values);
    Ok(())
}
