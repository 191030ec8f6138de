//! Commands for whoever runs the server: keys, backups, operators of the vendor's pages, and notices about lost
//! computers.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use latchkey_issuer::{EntitlementId, Issuer, KeyFileError, OpenError, Passphrase};
use latchkey_lease::Timestamp;
use latchkey_token::SeatId;
use serde_json::json;
use zeroize::Zeroizing;

use crate::error::{DONE, InputError, ServerError, reason};
use crate::output::{Output, display_name, error_value, table, time_cell, time_detail, time_value};

/// The longest line that could hold a passphrase.
const MAX_PASSPHRASE_LINE: u64 = 8192;

/// The passphrase of the keys: from a file, or else from the environment. Arguments can be seen by others.
pub(crate) fn passphrase(file: Option<&Path>) -> Result<Option<Passphrase>, ServerError> {
    let Some(file) = file else {
        let Some(value) = latchkey_console::variable("LATCHKEY_PASSPHRASE") else {
            return Ok(None);
        };
        let value = value.into_string().map_err(|_| InputError::PassphraseNotText)?;
        return given(Passphrase::of_variable(value), InputError::PassphraseNotGiven).map(Some);
    };
    if is_typed(file) {
        return typed("server-ask-passphrase", &Output::new(false)).map(Some);
    }
    in_file(file).map(Some)
}

/// A new passphrase: from a file, or from standard input for `-`. A terminal doesn't show what is typed, so it is typed
/// twice.
pub(crate) fn new_passphrase(file: &Path, output: &Output) -> Result<Passphrase, ServerError> {
    if !is_typed(file) {
        return fit_for_sealing(in_file(file)?, InputError::NoPassphrase);
    }
    let passphrase =
        fit_for_sealing(typed("server-ask-passphrase", output)?, InputError::PassphraseNotGiven)?;
    if !typed("server-ask-passphrase-again", output)?.is(&passphrase) {
        return Err(InputError::PassphrasesDiffer.into());
    }
    Ok(passphrase)
}

/// Refuses a new passphrase that is `nothing` but white space, or can't be typed again. One that earlier versions have
/// sealed with opens all the same.
pub(crate) fn fit_for_sealing(
    passphrase: Passphrase,
    nothing: InputError,
) -> Result<Passphrase, ServerError> {
    match () {
        () if passphrase.is_blank() => Err(nothing.into()),
        () if passphrase.has_control_characters() => Err(InputError::PassphraseSigns.into()),
        () => Ok(passphrase),
    }
}

fn is_typed(file: &Path) -> bool {
    file.as_os_str() == "-" && latchkey_console::is_terminal()
}

fn given(passphrase: Passphrase, nothing: InputError) -> Result<Passphrase, ServerError> {
    match passphrase.is_empty() {
        true => Err(nothing.into()),
        false => Ok(passphrase),
    }
}

/// A line that a terminal doesn't show.
fn typed(question: &str, output: &Output) -> Result<Passphrase, ServerError> {
    output.ask(question);
    let typed = latchkey_console::secret().map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => InputError::PassphraseNotGiven,
        ErrorKind::InvalidData => InputError::PassphraseNotText,
        _ => InputError::InputNotRead { file: "-".to_owned(), reason: reason(&error) },
    })?;
    given(Passphrase::new((*typed).clone()), InputError::PassphraseNotGiven)
}

/// The first line of a file, or of standard input for `-`.
fn in_file(file: &Path) -> Result<Passphrase, ServerError> {
    let name = file.display().to_string();
    let not_read = |error| InputError::InputNotRead { file: name.clone(), reason: reason(&error) };
    // It never moves, so that no part of it is left where it was.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PASSPHRASE_LINE as usize));
    let read = match file.as_os_str() == "-" {
        true => latchkey_console::standard_input()
            .and_then(|input| input.take(MAX_PASSPHRASE_LINE).read_to_end(&mut bytes)),
        false => {
            let file = File::open(file).map_err(not_read)?;
            file.take(MAX_PASSPHRASE_LINE).read_to_end(&mut bytes)
        }
    };
    read.map_err(not_read)?;
    let passphrase =
        Passphrase::of_first_line(&bytes).map_err(|_| InputError::PassphraseNotText)?;
    given(passphrase, InputError::NoPassphrase)
}

/// Says which files of keys count as absent because they can't be read. In documents `key list` says it.
pub(crate) fn tell_unread_keys(issuer: &Issuer, json: bool) {
    for error in issuer.unread_keys() {
        Output::new(json).warn(&latchkey_words::explain(error));
    }
}

/// `key list`
pub(crate) fn list_keys(issuer: &mut Issuer, output: &mut Output) -> Result<(), ServerError> {
    let keys = issuer.listed_keys()?;
    if output.is_json() {
        let keys: Vec<_> = keys
            .iter()
            .map(|key| json!({ "key": key.id.to_string(), "role": key.role, "here": key.here }))
            .collect();
        output.document(&json!({ "keys": keys }));
        return Ok(());
    }
    let rows: Vec<_> = keys
        .iter()
        .map(|key| {
            let place = if key.here { "server-key-here" } else { "server-key-elsewhere" };
            vec![
                key.id.to_string(),
                latchkey_words::text(&format!("server-role-{}", key.role), &[]),
                latchkey_words::text(place, &[]),
            ]
        })
        .collect();
    table(output, &["server-column-key", "server-column-role", "server-column-place"], &rows);
    Ok(())
}

/// `key rotate`
pub(crate) fn rotate(
    issuer: &mut Issuer,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let rotated = issuer.rotate_keys(now)?;
    if output.is_json() {
        output.document(&json!({
            "active": rotated.active.to_string(),
            "spare": rotated.spare.to_string(),
            "old": rotated.old.to_string(),
            "again": rotated.again,
        }));
        return Ok(());
    }
    if rotated.again {
        output.say("server-rotated-again", &[]);
    }
    output.say(
        if rotated.again { "server-rotated-before" } else { "server-rotated" },
        &[
            ("active", rotated.active.to_string().into()),
            ("spare", rotated.spare.to_string().into()),
            ("old", rotated.old.to_string().into()),
        ],
    );
    output.say("server-rotated-next", &[]);
    Ok(())
}

/// `key seal --new-passphrase-file FILE`
pub(crate) fn seal(
    data: &Path,
    before: Option<Passphrase>,
    file: &Path,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let new = new_passphrase(file, output)?;
    let mut issuer = match Issuer::open_sealed(data, before, now) {
        // The same call was killed when its work was done: they open with the new one already.
        Err(OpenError::Keys(
            error @ (KeyFileError::WrongPassphrase { .. } | KeyFileError::Sealed { .. }),
        )) => Issuer::open_sealed(data, Some(new.clone()), now).map_err(|_| OpenError::from(error)),
        opened => opened,
    }?;
    let count = issuer.seal_keys(new, now)?;
    if output.is_json() {
        output.document(&json!({ "sealed": count }));
    } else {
        output.say("server-sealed", &[("count", count.into())]);
    }
    Ok(())
}

/// `backup --out DIR`
pub(crate) fn back_up(issuer: &Issuer, out: &Path, output: &mut Output) -> Result<(), ServerError> {
    issuer.back_up(out)?;
    let folder = out.display().to_string();
    if output.is_json() {
        output.document(&json!({ "out": folder }));
    } else {
        output.say("server-backed-up", &[("folder", folder.into())]);
    }
    Ok(())
}

/// `restore --from DIR`
pub(crate) fn restore(
    from: &Path,
    data: &Path,
    passphrase: Option<Passphrase>,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let issuer = Issuer::restore(from, data, passphrase, now)?;
    let folder = data.display().to_string();
    if output.is_json() {
        output.document(&json!({ "data": folder, "vendor_id": issuer.vendor().id.to_string() }));
    } else {
        output.say("server-restored", &[("folder", folder.into())]);
    }
    Ok(())
}

/// `operator add NAME`, and `operator passphrase NAME` for somebody who is there.
pub(crate) fn operator_passphrase(
    issuer: &mut Issuer,
    name: &str,
    file: &Path,
    new: bool,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    let passphrase = new_passphrase(file, output)?;
    let said = if new {
        issuer.add_operator(name, passphrase.expose(), now)?;
        "server-operator-added"
    } else {
        issuer.change_passphrase(name, passphrase.expose(), now)?;
        "server-operator-passphrase"
    };
    about_operator(output, name, said);
    Ok(())
}

/// `operator second-factor NAME [--off]`
pub(crate) fn second_factor(
    issuer: &mut Issuer,
    name: &str,
    off: bool,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    if off {
        issuer.remove_second_factor(name, now)?;
        if output.is_json() {
            output.document(&json!({ "operator": name, "address": null }));
        } else {
            output.say("server-operator-second-factor-off", &[("name", name.into())]);
        }
        return Ok(());
    }
    let address = issuer.add_second_factor(name, now)?;
    if output.is_json() {
        output.document(&json!({ "operator": name, "address": address }));
    } else {
        output.say("server-operator-second-factor", &[("name", name.into())]);
        output.token(&address);
    }
    Ok(())
}

/// `operator remove NAME`
pub(crate) fn remove_operator(
    issuer: &mut Issuer,
    name: &str,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.remove_operator(name, now)?;
    about_operator(output, name, "server-operator-removed");
    Ok(())
}

fn about_operator(output: &mut Output, name: &str, said: &str) {
    if output.is_json() {
        output.document(&json!({ "operator": name }));
    } else {
        output.say(said, &[("name", name.into())]);
    }
}

/// `operator list`
pub(crate) fn list_operators(issuer: &mut Issuer, output: &mut Output) -> Result<(), ServerError> {
    let operators = issuer.operators()?;
    if output.is_json() {
        let operators: Vec<_> = operators
            .iter()
            .map(|operator| {
                json!({
                    "operator": operator.name,
                    "second_factor": operator.second_factor,
                    "created_at": time_value(Some(operator.created_at)),
                })
            })
            .collect();
        output.document(&json!({ "operators": operators }));
        return Ok(());
    }
    let rows: Vec<_> = operators
        .iter()
        .map(|operator| {
            let factor = if operator.second_factor { "server-yes" } else { "server-no" };
            vec![
                operator.name.clone(),
                latchkey_words::text(factor, &[]),
                time_cell(Some(operator.created_at)),
            ]
        })
        .collect();
    let columns = ["server-column-name", "server-column-second-factor", "server-column-since"];
    table(output, &columns, &rows);
    Ok(())
}

/// `notice list`
pub(crate) fn list_notices(
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
        output.document(&json!({ "notices": notices, "early_returns": returns }));
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
    table(output, &columns, &rows);
    Ok(())
}

/// `notice dismiss SEAT`
pub(crate) fn dismiss_notice(
    issuer: &mut Issuer,
    seat: SeatId,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.dismiss_lost_device_report(seat, now)?;
    if output.is_json() {
        output.document(&json!({ "seat_id": seat.to_string(), "entitlement_id": null }));
    } else {
        output.say("server-notice-dismissed", &[("seat", seat.to_string().into())]);
    }
    Ok(())
}

/// `notice dismiss --entitlement ID`
pub(crate) fn dismiss_returns(
    issuer: &mut Issuer,
    id: EntitlementId,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    issuer.dismiss_early_returns(id, now)?;
    if output.is_json() {
        output.document(&json!({ "seat_id": null, "entitlement_id": id.to_string() }));
    } else {
        let values = [("entitlement", id.to_string().into())];
        output.say("server-notice-returns-dismissed", &values);
    }
    Ok(())
}

/// `policy [--early-returns N]`
pub(crate) fn policy(
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
        output.document(&json!({ "early_returns": limit }));
    } else {
        output.report_text("server-policy", &[("limit", u64::from(limit).into())]);
    }
    Ok(())
}

/// `clock [status|confirm]`
pub(crate) fn clock(
    issuer: &mut Issuer,
    confirm: bool,
    output: &mut Output,
    now: Timestamp,
) -> Result<u8, ServerError> {
    let compared = if confirm { issuer.confirm_clock(now)? } else { issuer.compare_clock(now)? };
    let doubt = compared.doubt().map(ServerError::from);
    let unexplained = compared.unexplained();
    if output.is_json() {
        output.document(&json!({
            "now": time_value(Some(compared.now)),
            "newest_record": time_value(compared.newest),
            "same_boot": compared.same_boot,
            "running_seconds": compared.running.num_seconds(),
            "unexplained_seconds": unexplained.num_seconds(),
            "doubt": doubt.as_ref().map(|failure| error_value(&failure.words)),
            "confirmed": confirm,
        }));
    } else {
        match &doubt {
            Some(failure) if confirm => output.line(&failure.words.message),
            Some(failure) => output.failure(failure),
            None => output.report_text("server-clock-right", &[("now", time_detail(compared.now))]),
        }
        if let Some(newest) = compared.newest {
            let days = unexplained.num_days().unsigned_abs();
            output.report_text(
                "server-clock-compared",
                &[
                    ("newest", time_detail(newest)),
                    ("hours", compared.running.num_hours().unsigned_abs().into()),
                    ("boot", if compared.same_boot { "same" } else { "other" }.into()),
                    ("days", days.into()),
                ],
            );
        }
        if confirm {
            output.say("server-clock-confirmed", &[("now", time_detail(compared.now))]);
        }
    }
    Ok(match doubt {
        Some(failure) if !confirm => failure.exit,
        _ => DONE,
    })
}
