//! The newest record, with which the clock is compared: the latest time that was written, and how
//! long the machine had been running then.

use latchkey_lease::{BootId, Timestamp, Uptime, from_seconds, to_seconds};

use super::connection::{ReadTransaction, Transaction};
use super::conversions::{to_stored, to_unsigned};
use super::engine::values;
use super::error::{DatabaseError, damaged};
use crate::clock::{ClockDoubt, Comparison, Record};

impl ReadTransaction<'_> {
    /// The newest record; `None` if nothing was ever written.
    pub(crate) fn newest_record(&self) -> Result<Option<Record>, DatabaseError> {
        self.sql.find("SELECT newest, boot, running FROM clock", &[], |row| {
            let uptime = match (row.get::<Option<String>>(1)?, row.get(2)?) {
                (Some(boot), Some(running)) => {
                    Some(Uptime { boot: boot_from(&boot)?, running: to_unsigned(running)? })
                }
                _ => None,
            };
            Ok(Record { at: from_seconds(row.get(0)?), uptime })
        })
    }

    /// Compares this machine's clock with the newest record.
    pub(crate) fn compare_clock(&self, now: Timestamp) -> Result<Comparison, DatabaseError> {
        Ok(Comparison::new(now, self.uptime, self.newest_record()?))
    }

    /// Returns an error while the clock is in doubt, so that nothing is granted.
    pub(crate) fn check_clock<E>(&self, now: Timestamp) -> Result<(), E>
    where
        E: From<ClockDoubt> + From<DatabaseError>,
    {
        self.compare_clock(now)?.doubt().map_or(Ok(()), |doubt| Err(doubt.into()))
    }
}

impl Transaction<'_> {
    /// Makes `now` the newest record unconditionally.
    pub(crate) fn set_newest_record(&self, now: Timestamp) -> Result<(), DatabaseError> {
        let boot = self.uptime.map(|up| data_encoding::HEXLOWER.encode(up.boot.as_bytes()));
        let running = self.uptime.map(|up| to_stored(up.running)).transpose()?;
        let values = values![to_seconds(now), boot, running];
        let update = "UPDATE clock SET newest = $1, boot = $2, running = $3";
        if self.sql.execute(update, &values)? == 0 {
            let insert = "INSERT INTO clock (newest, boot, running) VALUES ($1, $2, $3)";
            self.sql.execute(insert, &values)?;
        }
        Ok(())
    }
}

fn boot_from(text: &str) -> Result<BootId, DatabaseError> {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.map(BootId::from_bytes).ok_or_else(|| damaged("clock"))
}
