//! Calendar intervals, and the calculation of a lease expiry.

use std::fmt;
use std::str::FromStr;

use chrono::{Months, TimeDelta};

use crate::error::IntervalError;
use crate::time::{LATEST, Timestamp, end_of_day, parse_rfc3339};

/// A length of time in calendar units: minutes (`m`), hours (`h`), days (`d`), weeks (`w`), months
/// (`mo`) or years (`y`). These are the canonical spellings; [`Interval::from_str`] lists the
/// others. Months and years are calendar months and years in UTC. If the target month has no such
/// day, its last day is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    #[cfg(test)]
    const ALL: [Self; 6] =
        [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
            Self::Month => "mo",
            Self::Year => "y",
        }
    }

    /// Parses a unit as people write it in the languages of the programs.
    fn from_name(name: &str) -> Option<Self> {
        if name == "M" {
            return None;
        }
        Some(match name.to_lowercase().as_str() {
            "m" | "min" | "mins" | "minute" | "minutes" | "minuten" => Self::Minute,
            "h" | "hour" | "hours" | "stunde" | "stunden" => Self::Hour,
            "d" | "day" | "days" | "tag" | "tage" => Self::Day,
            "w" | "week" | "weeks" | "woche" | "wochen" => Self::Week,
            "mo" | "month" | "months" | "monat" | "monate" => Self::Month,
            "y" | "year" | "years" | "jahr" | "jahre" => Self::Year,
            _ => return None,
        })
    }

    /// Returns the largest count that is accepted, about a thousand years.
    const fn limit(self) -> u32 {
        match self {
            Self::Minute => 526_000_000,
            Self::Hour => 8_766_000,
            Self::Day => 365_250,
            Self::Week => 52_000,
            Self::Month => 12_000,
            Self::Year => 1_000,
        }
    }
}

/// Multiplied by at most a thousand years, which doesn't overflow.
const MONTHS_PER_YEAR: u32 = 12;

impl Interval {
    /// Returns the instant at which an interval that starts at `start` ends.
    ///
    /// # Errors
    /// [`IntervalError::Calendar`] if it is after [`LATEST`].
    pub fn after(&self, start: Timestamp) -> Result<Timestamp, IntervalError> {
        let count = i64::from(self.count);
        let end = match self.unit {
            Unit::Minute => start.checked_add_signed(TimeDelta::minutes(count)),
            Unit::Hour => start.checked_add_signed(TimeDelta::hours(count)),
            Unit::Day => start.checked_add_signed(TimeDelta::days(count)),
            Unit::Week => start.checked_add_signed(TimeDelta::weeks(count)),
            Unit::Month => start.checked_add_months(Months::new(self.count)),
            Unit::Year => start.checked_add_months(Months::new(MONTHS_PER_YEAR * self.count)),
        };
        end.filter(|end| *end <= LATEST).ok_or(IntervalError::Calendar)
    }

    /// Returns the interval's length in seconds if it starts at `start`.
    ///
    /// # Errors
    /// [`IntervalError::Calendar`] if it ends after [`LATEST`].
    pub fn as_seconds_from(&self, start: Timestamp) -> Result<u64, IntervalError> {
        let seconds = self.after(start)?.timestamp() - start.timestamp();
        Ok(seconds.unsigned_abs())
    }
}

impl FromStr for Interval {
    type Err = IntervalError;

    /// Parses the canonical form, `30d`, and other forms that people write: `30 days`, `30D`, `30
    /// Tage`, and ISO 8601 durations with a single unit, such as `P30D`. An upper-case `M` alone is
    /// refused, because it could mean months or minutes.
    ///
    /// # Examples
    /// ```
    /// use latchkey_lease::Interval;
    ///
    /// assert_eq!("30 Tage".parse::<Interval>()?.to_string(), "30d");
    /// assert_eq!("P1M".parse::<Interval>()?.to_string(), "1mo");
    /// assert!("5M".parse::<Interval>().is_err());
    /// # Ok::<(), latchkey_lease::IntervalError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let shown = || text.chars().take(40).collect::<String>();
        let (number, unit) =
            split_unit(text.trim()).ok_or_else(|| IntervalError::Malformed { text: shown() })?;
        match number.parse() {
            Ok(count) if count > 0 && count <= unit.limit() => Ok(Self { count, unit }),
            _ => Err(IntervalError::OutOfRange { text: shown() }),
        }
    }
}

/// Splits an interval's text into its digits and its unit.
fn split_unit(text: &str) -> Option<(&str, Unit)> {
    let split = |text| {
        let digits = str::bytes(text).take_while(u8::is_ascii_digit).count();
        (digits > 0).then(|| str::split_at(text, digits))
    };
    if let Some(rest) = text.strip_prefix(['P', 'p']) {
        let after_t = rest.strip_prefix(['T', 't']);
        let (number, unit) = split(after_t.unwrap_or(rest))?;
        let unit = match (after_t.is_some(), unit.to_ascii_uppercase().as_str()) {
            (true, "M") => Unit::Minute,
            (true, "H") => Unit::Hour,
            (false, "D") => Unit::Day,
            (false, "W") => Unit::Week,
            (false, "M") => Unit::Month,
            (false, "Y") => Unit::Year,
            _ => return None,
        };
        return Some((number, unit));
    }
    let (number, unit) = split(text)?;
    Some((number, Unit::from_name(unit.trim_start())?))
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.suffix())
    }
}

/// Parses an end as a person writes it: a day (`2027-03-31`), which means the last second of that
/// day in UTC; an instant in RFC 3339; or an interval from `now`. Returns `None` for anything else.
/// This includes a time of day without an offset, because its time zone can't be known.
///
/// # Examples
/// ```
/// use latchkey_lease::{Timestamp, read_end};
///
/// let now: Timestamp = "2027-01-31T12:00:00Z".parse()?;
/// assert_eq!(read_end("2027-03-31", now), Some("2027-03-31T23:59:59Z".parse()?));
/// assert_eq!(read_end("30d", now), Some("2027-03-02T12:00:00Z".parse()?));
/// assert_eq!(read_end("2027-03-31T12:00", now), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn read_end(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    // Only the exact shape of a date is passed on, so that nothing after it can be ignored.
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'9' } else { byte });
    if shape.eq(*b"9999-99-99") {
        return end_of_day(text);
    }
    match parse_rfc3339(text) {
        Some(time) => Some(time),
        None => text.parse::<Interval>().ok()?.after(now).ok(),
    }
}

/// Returns the lease expiry: `start` plus the offline lease period, or the end of the subscription
/// if that is earlier. A refresh uses the same calculation, starting at the time of the refresh.
///
/// # Errors
/// [`IntervalError::Calendar`] if there is no subscription end and the sum is after [`LATEST`].
pub fn lease_expiry(
    start: Timestamp,
    offline_lease: &Interval,
    subscription_end: Option<Timestamp>,
) -> Result<Timestamp, IntervalError> {
    let period_end = offline_lease.after(start);
    match (period_end, subscription_end) {
        (Ok(period), Some(end)) => Ok(period.min(end)),
        (Err(_), Some(end)) => Ok(end),
        (period, None) => period,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn intervals_follow_the_calendar() {
        for (start, interval, end) in [
            ("2027-01-31T12:00:00Z", "1mo", "2027-02-28T12:00:00Z"),
            ("2028-01-31T12:00:00Z", "1mo", "2028-02-29T12:00:00Z"),
            ("2028-02-29T00:00:00Z", "1y", "2029-02-28T00:00:00Z"),
            ("2027-12-15T23:59:59Z", "2mo", "2028-02-15T23:59:59Z"),
            ("2027-03-28T00:30:00Z", "1d", "2027-03-29T00:30:00Z"),
            ("2027-01-01T00:00:00Z", "2w", "2027-01-15T00:00:00Z"),
            ("2027-01-01T00:00:00Z", "36h", "2027-01-02T12:00:00Z"),
            ("2027-01-01T00:00:00Z", "15m", "2027-01-01T00:15:00Z"),
        ] {
            let end_seen = interval.parse::<Interval>().unwrap().after(time(start));
            assert_eq!(end_seen, Ok(time(end)), "{start} + {interval}");
        }
    }

    #[test]
    fn texts_that_are_not_an_interval_are_refused() {
        for text in [
            "", "d", "30", "-1d", "1.5d", "1,5 d", "1d2h", "1w 3d", "１d", "1M", "P", "P1", "PT1D",
            "P1H", "P1Y2M", "P1W3D", "30 dogs", "d30", "+1d",
        ] {
            let parsed = text.parse::<Interval>();
            assert!(matches!(parsed, Err(IntervalError::Malformed { .. })), "{text:?} {parsed:?}");
        }
        for text in ["0d", "1001y", "99999999999999999999m"] {
            let parsed = text.parse::<Interval>();
            assert!(matches!(parsed, Err(IntervalError::OutOfRange { .. })), "{text:?}");
        }
    }

    #[test]
    fn an_interval_is_parsed_as_people_write_it_and_formatted_in_one_way() {
        for (written, read) in [
            ("30D", "30d"),
            ("30 d", "30d"),
            ("30 days", "30d"),
            (" 30\u{a0}Tage ", "30d"),
            ("1 Day", "1d"),
            ("P30D", "30d"),
            ("p2w", "2w"),
            ("P6M", "6mo"),
            ("PT15M", "15m"),
            ("PT12H", "12h"),
            ("1month", "1mo"),
            ("6 Monate", "6mo"),
            ("1MO", "1mo"),
            ("2 Jahre", "2y"),
            ("90 minutes", "90m"),
            ("3 weeks", "3w"),
            ("12 Stunden", "12h"),
        ] {
            assert_eq!(written.parse::<Interval>().unwrap().to_string(), read, "{written}");
        }
    }

    #[test]
    fn an_end_is_a_day_an_instant_or_an_interval_from_now() {
        let now = time("2027-01-31T10:00:00Z");
        for (text, end) in [
            ("2027-03-31", Some("2027-03-31T23:59:59Z")),
            (" 2028-02-29 ", Some("2028-02-29T23:59:59Z")),
            ("2027-03-31T12:00:00+02:00", Some("2027-03-31T10:00:00Z")),
            ("2027-03-31 12:00:00Z", Some("2027-03-31T12:00:00Z")),
            ("2027-03-31t12:00:00z", Some("2027-03-31T12:00:00Z")),
            ("2027-03-31T12:00Z", Some("2027-03-31T12:00:00Z")),
            ("2027-03-31T12:00+02:00", Some("2027-03-31T10:00:00Z")),
            ("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:59Z")),
            ("30d", Some("2027-03-02T10:00:00Z")),
            ("1 month", Some("2027-02-28T10:00:00Z")),
            ("2027-02-29", None),
            ("31.03.2027", None),
            ("03/31/2027", None),
            ("20270331", None),
            ("2027-03-31T12:00:00", None),
            ("2027-3-31 1:2:3 utc", None),
            ("2027 - 03 - 31 12:00:00Z", None),
            ("2027-03-31T12:00:00 Z", None),
            ("2027-03-31T12:00 Z", None),
            ("2027-03-31T12:00 +02 :: 00", None),
            ("2027-03-31T12:00+02", None),
            ("2027-03-31T25:00:00Z", None),
            ("10000-01-01T00:00:00Z", None),
            ("2027-03-31T12:00", None),
            ("2027-03", None),
            ("0d", None),
            ("9000y", None),
            ("", None),
        ] {
            assert_eq!(read_end(text, now), end.map(time), "{text:?}");
        }
    }

    #[test]
    fn an_end_beyond_the_calendar_is_an_error_and_not_a_panic() {
        let years: Interval = "1000y".parse().unwrap();
        assert_eq!(years.after(time("9500-01-01T00:00:00Z")), Err(IntervalError::Calendar));
        let end = time("9501-01-01T00:00:00Z");
        assert_eq!(lease_expiry(time("9500-01-01T00:00:00Z"), &years, Some(end)), Ok(end));
    }

    #[test]
    fn a_subscription_end_that_is_earlier_ends_the_lease() {
        let start = time("2027-01-01T00:00:00Z");
        let month = "30d".parse().unwrap();
        for (end, expected) in [
            (None, "2027-01-31T00:00:00Z"),
            (Some("2027-01-10T00:00:00Z"), "2027-01-10T00:00:00Z"),
            (Some("2028-01-01T00:00:00Z"), "2027-01-31T00:00:00Z"),
        ] {
            assert_eq!(lease_expiry(start, &month, end.map(time)), Ok(time(expected)));
        }
    }

    proptest! {
        #[test]
        fn a_formatted_interval_parses_to_the_same_interval(
            count in 1_u32..1000, unit in 0_usize..6,
        ) {
            let interval = Interval { count, unit: Unit::ALL[unit] };
            prop_assert_eq!(interval.to_string().parse(), Ok(interval));
        }

        #[test]
        fn an_interval_always_ends_after_its_start(
            start in 0_i64..8_000_000_000, count in 1_u32..1000, unit in 0_usize..6,
        ) {
            let start = crate::from_seconds(start);
            let interval = Interval { count, unit: Unit::ALL[unit] };
            prop_assert!(interval.after(start).unwrap() > start);
        }
    }
}
