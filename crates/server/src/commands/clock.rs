//! The `clock` command: compares the machine's clock with the newest record.

use latchkey_console::Exit;
use latchkey_issuer::Issuer;
use latchkey_lease::Timestamp;
use latchkey_server_core::time_detail;
use serde_json::json;

use crate::error::ServerError;
use crate::output::{Output, error_value, time_value};

/// `clock [status|confirm]`
pub(super) fn clock(
    issuer: &mut Issuer,
    confirm: bool,
    output: &mut Output,
    now: Timestamp,
) -> Result<Exit, ServerError> {
    let compared = if confirm { issuer.confirm_clock(now)? } else { issuer.compare_clock(now)? };
    let doubt = compared.doubt().map(ServerError::from);
    let unexplained = compared.unexplained_time();
    if output.is_json() {
        output.write_document(&json!({
            "now": time_value(Some(compared.now)),
            "newest_record": time_value(compared.newest),
            "same_boot": compared.same_boot,
            "running_seconds": compared.running.num_seconds(),
            "unexplained_seconds": unexplained.num_seconds(),
            "checks_requests": compared.checks_requests(),
            "doubt": doubt.as_ref().map(|failure| error_value(&failure.words)),
            "confirmed": confirm,
        }));
    } else {
        match &doubt {
            Some(failure) if confirm => output.write_line(&failure.words.message),
            Some(failure) => output.write_failure(failure),
            None if compared.checks_requests() && !confirm => {
                output.report_text("server-clock-undecided", &[("now", time_detail(compared.now))]);
            }
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
            output.write_message("server-clock-confirmed", &[("now", time_detail(compared.now))]);
        }
    }
    Ok(match doubt {
        Some(failure) if !confirm => failure.exit,
        _ => Exit::Done,
    })
}
