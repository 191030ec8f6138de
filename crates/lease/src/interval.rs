//! Intervals of the calendar, and the one sum that every lease expiry comes from.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::error::IntervalError;

/// A length of time by the calendar: minutes (`m`), hours (`h`), days (`d`), weeks (`w`), months (`mo`) or
/// years (`y`). A month or a year is the calendar's, in UTC; where its day is missing, the month's last day.
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

    /// The most that makes sense, about a thousand years.
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

impl Interval {
    /// The instant at which an interval that begins at `start` is over.
    ///
    /// # Errors
    /// [`IntervalError::Calendar`] when it lies beyond the year 9999.
    pub fn after(&self, start: Timestamp) -> Result<Timestamp, IntervalError> {
        let count = i64::from(self.count);
        let span = match self.unit {
            Unit::Minute => count.minutes(),
            Unit::Hour => count.hours(),
            Unit::Day => count.days(),
            Unit::Week => count.weeks(),
            Unit::Month => count.months(),
            Unit::Year => count.years(),
        };
        start
            .to_zoned_datetime(TimeZone::UTC)
            .checked_add(span)
            .map(|end| end.timestamp())
            .map_err(|_| IntervalError::Calendar)
    }

    /// Its length in seconds, when it begins at `start`.
    ///
    /// # Errors
    /// As [`Interval::after`].
    pub fn as_seconds_from(&self, start: Timestamp) -> Result<u64, IntervalError> {
        let seconds = self.after(start)?.as_second() - start.as_second();
        Ok(seconds.unsigned_abs())
    }
}

impl FromStr for Interval {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let shown = || text.chars().take(40).collect::<String>();
        let trimmed = text.trim();
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let (number, suffix) = trimmed.split_at(digits);
        let unit = Unit::ALL
            .into_iter()
            .find(|unit| unit.suffix() == suffix)
            .filter(|_| digits > 0)
            .ok_or_else(|| IntervalError::Malformed { text: shown() })?;
        match number.parse() {
            Ok(count) if count > 0 && count <= unit.limit() => Ok(Self { count, unit }),
            _ => Err(IntervalError::OutOfRange { text: shown() }),
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.suffix())
    }
}

/// Lease expiry: the earlier of `start` + offline lease period and the subscription's end, where there is one.
/// A refresh does the same sum from the time of the refresh.
///
/// # Errors
/// [`IntervalError::Calendar`] when the sum lies beyond the year 9999.
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
    fn texts_that_are_no_interval_are_refused() {
        for text in ["", "d", "30", "30 d", "-1d", "1.5d", "1month", "1d2h", "30D", "１d"] {
            let parsed = text.parse::<Interval>();
            assert!(matches!(parsed, Err(IntervalError::Malformed { .. })), "{text:?} {parsed:?}");
        }
        for text in ["0d", "1001y", "99999999999999999999m"] {
            let parsed = text.parse::<Interval>();
            assert!(matches!(parsed, Err(IntervalError::OutOfRange { .. })), "{text:?}");
        }
    }

    #[test]
    fn an_end_beyond_the_calendar_is_an_error_and_no_panic() {
        let years: Interval = "1000y".parse().unwrap();
        assert_eq!(years.after(time("9500-01-01T00:00:00Z")), Err(IntervalError::Calendar));
        let end = time("9501-01-01T00:00:00Z");
        assert_eq!(lease_expiry(time("9500-01-01T00:00:00Z"), &years, Some(end)), Ok(end));
    }

    #[test]
    fn the_subscriptions_end_comes_first_where_it_is_earlier() {
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
        fn an_interval_reads_back_from_its_text(count in 1_u32..1000, unit in 0_usize..6) {
            let interval = Interval { count, unit: Unit::ALL[unit] };
            prop_assert_eq!(interval.to_string().parse(), Ok(interval));
        }

        #[test]
        fn an_interval_always_ends_after_it_began(
            start in 0_i64..8_000_000_000, count in 1_u32..1000, unit in 0_usize..6,
        ) {
            let start = Timestamp::from_second(start).unwrap();
            let interval = Interval { count, unit: Unit::ALL[unit] };
            prop_assert!(interval.after(start).unwrap() > start);
        }
    }
}
