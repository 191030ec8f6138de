//! The time that is left until an end, as a person counts it: a lease of thirty days has thirty
//! left on its first day and one on its last. A unit that has begun counts, so that nobody reads "0
//! days" while the product still runs.

use chrono::TimeDelta;

use crate::time::Timestamp;

/// In seconds, as are the next two.
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time that is left, in the largest unit of which at least one is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLeft {
    /// The end has been reached.
    None,
    /// The number of minutes, of which the last one has begun.
    Minutes(u32),
    /// The number of hours, of which the last one has begun.
    Hours(u32),
    /// The number of days, of which the last one has begun.
    Days(u32),
}

impl TimeLeft {
    /// Returns the time that is left from `now` until `end`.
    ///
    /// ```
    /// use latchkey_lease::TimeLeft;
    ///
    /// let end = "2027-01-31T12:00:00Z".parse()?;
    /// assert_eq!(TimeLeft::until(end, "2027-01-01T12:00:00Z".parse()?), TimeLeft::Days(30));
    /// assert_eq!(TimeLeft::until(end, "2027-01-31T07:00:00Z".parse()?), TimeLeft::Hours(5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn until(end: Timestamp, now: Timestamp) -> Self {
        let seconds = seconds(end, now);
        let begun = |unit| u32::try_from((seconds + unit - 1) / unit).unwrap_or(u32::MAX);
        // 60 begun minutes are shown as one hour, and 24 begun hours as one day.
        match () {
            () if seconds <= 0 => Self::None,
            () if begun(MINUTE) < 60 => Self::Minutes(begun(MINUTE)),
            () if begun(HOUR) < 24 => Self::Hours(begun(HOUR)),
            () => Self::Days(begun(DAY)),
        }
    }

    /// Returns the unit's name as it appears in the catalogue and in JSON.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minutes(_) => "minutes",
            Self::Hours(_) => "hours",
            Self::Days(_) => "days",
        }
    }

    /// Returns the number of units.
    #[must_use]
    pub const fn count(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Minutes(count) | Self::Hours(count) | Self::Days(count) => count,
        }
    }
}

/// Returns the number of days that are left from `now` until `end`, of which the last one has
/// begun: 1 within the last 24 hours, and 0 once the end has been reached.
#[must_use]
pub fn days_left(end: Timestamp, now: Timestamp) -> u32 {
    u32::try_from((seconds(end, now) + DAY - 1) / DAY).unwrap_or(0)
}

/// Returns the number of seconds that are left, of which the last one has begun; 0 after the end.
fn seconds(end: Timestamp, now: Timestamp) -> i64 {
    let left = end.signed_duration_since(now).max(TimeDelta::zero());
    left.num_seconds() + i64::from(left.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{EARLIEST, LATEST};

    /// The wizard's page updates the remaining time itself while it is open: its tests read the
    /// same table.
    const TABLE: &str = include_str!("left.csv");

    #[test]
    fn the_time_left_is_counted_as_in_the_table() {
        let end: Timestamp = "2027-01-31T12:00:00Z".parse().unwrap();
        for line in TABLE.lines().skip(1) {
            let [now, unit, count, days] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
            let now = now.parse().unwrap();
            let left = TimeLeft::until(end, now);
            let expected = (unit, count.parse().unwrap(), days.parse().unwrap());
            assert_eq!((left.unit(), left.count(), days_left(end, now)), expected, "{line}");
        }
        assert!(TABLE.lines().count() > 15);
    }

    #[test]
    fn the_time_left_is_counted_up_to_both_ends_of_the_calendar() {
        let (first, last) = (EARLIEST, LATEST);
        assert!(days_left(last, first) > 7_000_000);
        assert_eq!(days_left(first, last), 0);
        assert_eq!(TimeLeft::until(first, last), TimeLeft::None);
    }
}
