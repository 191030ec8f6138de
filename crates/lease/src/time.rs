//! Instants in UTC, based on `chrono` and limited to the years that four digits can express.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use latchkey_token::Seconds;

/// An instant in UTC.
pub type Timestamp = DateTime<Utc>;

/// The earliest instant: the start of the year -9999, plus a day's margin for time zone offsets.
pub const EARLIEST: Timestamp = at(-377_705_023_201);

/// The latest instant: 9999-12-30T22:00:00Z, which is within the year 9999 in every time zone.
pub const LATEST: Timestamp = at(253_402_207_200);

#[expect(clippy::panic, reason = "it is only evaluated at compile time")]
const fn at(seconds: i64) -> Timestamp {
    match DateTime::from_timestamp(seconds, 0) {
        Some(time) => time,
        None => panic!("the constant is outside chrono's calendar"),
    }
}

/// Returns an instant as tokens carry it, in whole seconds since the Unix epoch.
#[must_use]
pub fn to_seconds(time: Timestamp) -> Seconds {
    time.timestamp()
}

/// Returns a token's time as an instant. The times of a token that was opened are in the calendar;
/// any other number becomes [`EARLIEST`] if it is negative, and otherwise [`LATEST`].
#[must_use]
pub fn from_seconds(seconds: Seconds) -> Timestamp {
    in_calendar(seconds).unwrap_or(if seconds < 0 { EARLIEST } else { LATEST })
}

/// Returns the instant that is `seconds` after the Unix epoch, or `None` if it isn't within
/// [`EARLIEST`] and [`LATEST`].
#[must_use]
pub fn in_calendar(seconds: Seconds) -> Option<Timestamp> {
    DateTime::from_timestamp(seconds, 0).filter(|time| (EARLIEST..=LATEST).contains(time))
}

/// Returns the instant of a system time, or `None` if it isn't within [`EARLIEST`] and [`LATEST`].
#[must_use]
pub fn from_system(time: SystemTime) -> Option<Timestamp> {
    let time = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => DateTime::UNIX_EPOCH.checked_add_signed(TimeDelta::from_std(since).ok()?),
        Err(before) => {
            DateTime::UNIX_EPOCH.checked_sub_signed(TimeDelta::from_std(before.duration()).ok()?)
        }
    };
    time.filter(|time| (EARLIEST..=LATEST).contains(time))
}

/// Returns the time of the system's clock, or [`LATEST`] if the clock is set to a time outside of
/// the calendar.
#[must_use]
pub fn now() -> Timestamp {
    from_system(SystemTime::now()).unwrap_or(LATEST)
}

/// Returns the instant that is `by` later, at most [`LATEST`].
#[must_use]
pub fn later(time: Timestamp, by: TimeDelta) -> Timestamp {
    time.checked_add_signed(by).map_or(LATEST, |time| time.min(LATEST))
}

/// Returns the instant that is `by` earlier, at least [`EARLIEST`].
#[must_use]
pub fn earlier(time: Timestamp, by: TimeDelta) -> Timestamp {
    time.checked_sub_signed(by).map_or(EARLIEST, |time| time.max(EARLIEST))
}

/// Returns a duration of `count` seconds, at most [`TimeDelta::MAX`].
#[must_use]
pub fn seconds(count: u64) -> TimeDelta {
    i64::try_from(count).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX)
}

/// Formats the instant as RFC 3339 in UTC, for example `2027-01-31T12:00:00Z`. It has a fraction
/// only if it isn't a whole second.
#[must_use]
pub fn to_rfc3339(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Parses an instant in RFC 3339, with any offset. A space may replace the `T`, and the seconds may
/// be omitted.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    // chrono would also accept blanks and numbers of one digit.
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'9' } else { byte });
    let shape: Vec<u8> = shape.take("9999-99-99T99:99".len()).collect();
    if !matches!(shape.as_slice(), b"9999-99-99T99:99" | b"9999-99-99t99:99" | b"9999-99-99 99:99")
    {
        return None;
    }
    let (day, time) = text.split_at("9999-99-99".len());
    let (minutes, rest) = time[1..].split_at("99:99".len());
    let seconds = if rest.starts_with(':') { "" } else { ":00" };
    let time =
        DateTime::parse_from_rfc3339(&format!("{day}T{minutes}{seconds}{rest}")).ok()?.to_utc();
    // A leap second becomes the second before it.
    let nanoseconds = if time.timestamp_subsec_nanos() < 1_000_000_000 {
        time.timestamp_subsec_nanos()
    } else {
        0
    };
    DateTime::from_timestamp(time.timestamp(), nanoseconds)
        .filter(|time| (EARLIEST..=LATEST).contains(time))
}

/// Returns the last second of a day (`2027-03-31`) in UTC.
#[must_use]
pub(crate) fn end_of_day(text: &str) -> Option<Timestamp> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(23, 59, 59)?.and_utc()).filter(|time| *time <= LATEST)
}
