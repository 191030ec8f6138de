//! The `operator` commands: accounts of the people who use the admin pages.

use std::path::Path;

use latchkey_issuer::Issuer;
use latchkey_lease::Timestamp;
use serde_json::json;

use super::passphrase::new_passphrase;
use crate::cli::OperatorCommand;
use crate::error::ServerError;
use crate::output::{Output, report_table, time_cell, time_value};

pub(super) fn run(
    operator: OperatorCommand,
    issuer: &mut Issuer,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    match operator {
        OperatorCommand::Add { name, from } => {
            operator_passphrase(issuer, &name, &from, true, output, now)
        }
        OperatorCommand::Passphrase { name, from } => {
            operator_passphrase(issuer, &name, &from, false, output, now)
        }
        OperatorCommand::SecondFactor { name, off } => {
            second_factor(issuer, &name, off, output, now)
        }
        OperatorCommand::Remove { name } => remove_operator(issuer, &name, output, now),
        OperatorCommand::List => list_operators(issuer, output),
    }
}

/// `operator add NAME`, and `operator passphrase NAME` for an existing operator.
fn operator_passphrase(
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
fn second_factor(
    issuer: &mut Issuer,
    name: &str,
    off: bool,
    output: &mut Output,
    now: Timestamp,
) -> Result<(), ServerError> {
    if off {
        issuer.remove_second_factor(name, now)?;
        if output.is_json() {
            output.write_document(&json!({ "operator": name, "address": null }));
        } else {
            output.write_message("server-operator-second-factor-off", &[("name", name.into())]);
        }
        return Ok(());
    }
    let address = issuer.add_second_factor(name, now)?;
    if output.is_json() {
        output.write_document(&json!({ "operator": name, "address": address }));
    } else {
        output.write_message("server-operator-second-factor", &[("name", name.into())]);
        output.write_token(&address);
    }
    Ok(())
}

/// `operator remove NAME`
fn remove_operator(
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
        output.write_document(&json!({ "operator": name }));
    } else {
        output.write_message(said, &[("name", name.into())]);
    }
}

/// `operator list`
fn list_operators(issuer: &mut Issuer, output: &mut Output) -> Result<(), ServerError> {
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
        output.write_document(&json!({ "operators": operators }));
        return Ok(());
    }
    let rows: Vec<_> = operators
        .iter()
        .map(|operator| {
            let factor = if operator.second_factor { "server-yes" } else { "server-no" };
            vec![
                operator.name.clone(),
                latchkey_i18n::text(factor, &[]),
                time_cell(Some(operator.created_at)),
            ]
        })
        .collect();
    let columns = ["server-column-name", "server-column-second-factor", "server-column-since"];
    report_table(output, &columns, &rows);
    Ok(())
}
