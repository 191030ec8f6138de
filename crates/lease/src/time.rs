//! Instants: `chrono`'s, always UTC, and within the years that a date of four digits can name.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use latchkey_token::Seconds;

/// An instant in UTC.
pub type Timestamp = DateTime<Utc>;

/// The earliest instant: the beginning of the year -9999, and a day for the offsets of time zones.
pub const EARLIEST: Timestamp = at(-377_705_023_201);

/// The latest instant: 9999-12-30T22:00:00Z, which is within the year 9999 in every time zone.
pub const LATEST: Timestamp = at(253_402_207_200);

#[expect(clippy::panic, reason = "only the compiler runs it")]
const fn at(seconds: i64) -> Timestamp {
    match DateTime::from_timestamp(seconds, 0) {
        Some(time) => time,
        None => panic!("a constant is within chrono's calendar"),
    }
}

/// A time as tokens carry it, in whole seconds.
#[must_use]
pub fn to_seconds(time: Timestamp) -> Seconds {
    time.timestamp()
}

/// A token's time as an instant. Tokens have passed their check, so it is in the calendar; anything else becomes the end
/// of the calendar that is nearer.
#[must_use]
pub fn from_seconds(seconds: Seconds) -> Timestamp {
    in_calendar(seconds).unwrap_or(if seconds < 0 { EARLIEST } else { LATEST })
}

/// The instant that is this many seconds after the beginning of 1970; `None` outside of [`EARLIEST`] and [`LATEST`].
#[must_use]
pub fn in_calendar(seconds: Seconds) -> Option<Timestamp> {
    DateTime::from_timestamp(seconds, 0).filter(|time| (EARLIEST..=LATEST).contains(time))
}

/// The instant that a system's clock shows; `None` outside of [`EARLIEST`] and [`LATEST`].
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

/// This system's time. A clock that shows no instant of the calendar counts as showing [`LATEST`].
#[must_use]
pub fn now() -> Timestamp {
    from_system(SystemTime::now()).unwrap_or(LATEST)
}

/// The instant that is `by` later, at most [`LATEST`].
#[must_use]
pub fn later(time: Timestamp, by: TimeDelta) -> Timestamp {
    time.checked_add_signed(by).map_or(LATEST, |time| time.min(LATEST))
}

/// The instant that is `by` earlier, at least [`EARLIEST`].
#[must_use]
pub fn earlier(time: Timestamp, by: TimeDelta) -> Timestamp {
    time.checked_sub_signed(by).map_or(EARLIEST, |time| time.max(EARLIEST))
}

/// A length of `count` seconds, at most the longest that `chrono` has.
#[must_use]
pub fn seconds(count: u64) -> TimeDelta {
    i64::try_from(count).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX)
}

/// The instant as machines write it: RFC 3339 in UTC, `2027-01-31T12:00:00Z`, with a fraction where it isn't a whole
/// second.
#[must_use]
pub fn to_rfc3339(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Reads an instant in RFC 3339, with any offset. A space may stand in the place of the `T`, and the seconds may be left
/// out.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    // chrono would take blanks and numbers of one digit as well.
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
    // A leap second is the second before it.
    let nanoseconds = if time.timestamp_subsec_nanos() < 1_000_000_000 {
        time.timestamp_subsec_nanos()
    } else {
        0
    };
    DateTime::from_timestamp(time.timestamp(), nanoseconds)
        .filter(|time| (EARLIEST..=LATEST).contains(time))
}

/// The last second of a day (`2027-03-31`), by UTC.
#[must_use]
pub(crate) fn end_of_day(text: &str) -> Option<Timestamp> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(23, 59, 59)?.and_utc()).filter(|time| *time <= LATEST)
}
