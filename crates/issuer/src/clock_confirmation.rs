//! The operator's view of the clock: what it is compared with, and the confirmation that it is
//! right after all.

use latchkey_lease::time::to_rfc3339;
use latchkey_lease::{Timestamp, Uptime};
use latchkey_token::HasErrorCode;

use crate::clock::Comparison;
use crate::database::{DatabaseError, NewAudit};
use crate::issuer::Issuer;
use crate::time::truncate_to_seconds;

impl Issuer {
    /// Sets how long this machine has been running, as of the next operation. Without it, all time
    /// that running time would explain counts as time in which the machine was off.
    pub const fn set_uptime(&mut self, uptime: Option<Uptime>) {
        self.database.uptime = uptime;
    }

    /// Compares this machine's clock with the newest record and its running time.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn compare_clock(&mut self, now: Timestamp) -> Result<Comparison, DatabaseError> {
        self.database.read(|queries| queries.compare_clock(truncate_to_seconds(now)))
    }

    /// Confirms that the clock is right: it counts from here on, even if it is below the newest
    /// record. Returns what it was compared with before.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked,
    /// [`DatabaseError::Full`] or [`DatabaseError::ReadOnly`] if the disk takes nothing more, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be used otherwise.
    pub fn confirm_clock(&mut self, now: Timestamp) -> Result<Comparison, DatabaseError> {
        let now = truncate_to_seconds(now);
        self.database.write(|queries| {
            let compared = queries.compare_clock(now)?;
            queries.set_newest_record(now)?;
            let mut detail = vec![
                ("running", compared.running.num_seconds().to_string()),
                ("same_boot", compared.same_boot.to_string()),
            ];
            if let Some(newest) = compared.newest {
                detail.push(("newest", to_rfc3339(newest)));
            }
            let row = NewAudit {
                event: "clock_confirmed",
                refusal: compared.doubt().map(|doubt| doubt.code().name),
                detail,
                ..Default::default()
            };
            queries.add_audit(&row, now)?;
            Ok(compared)
        })
    }
}
