//! What is left until an end, as a person counts it: a lease of thirty days has thirty on its first day and one on its
//! last. What has begun counts, so nobody is told "0 days" while a product still runs.

use chrono::TimeDelta;

use crate::time::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What is left, in the largest unit of which there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLeft {
    /// It is over.
    None,
    /// So many minutes, the last one begun.
    Minutes(u32),
    /// So many hours.
    Hours(u32),
    /// So many days.
    Days(u32),
}

impl TimeLeft {
    /// What is left from `now` until `end`.
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
        // What is counted as a whole hour or day is one.
        match () {
            () if seconds <= 0 => Self::None,
            () if begun(MINUTE) < 60 => Self::Minutes(begun(MINUTE)),
            () if begun(HOUR) < 24 => Self::Hours(begun(HOUR)),
            () => Self::Days(begun(DAY)),
        }
    }

    /// The unit's name, as catalogue and documents have it.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minutes(_) => "minutes",
            Self::Hours(_) => "hours",
            Self::Days(_) => "days",
        }
    }

    /// How many of the unit.
    #[must_use]
    pub const fn count(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Minutes(count) | Self::Hours(count) | Self::Days(count) => count,
        }
    }
}

/// How many days are left from `now` until `end`, the last one begun: 1 within the last 24 hours, 0 once it is over.
#[must_use]
pub fn days_left(end: Timestamp, now: Timestamp) -> u32 {
    u32::try_from((seconds(end, now) + DAY - 1) / DAY).unwrap_or(0)
}

/// The seconds that are left, the last one begun; zero once it is over.
fn seconds(end: Timestamp, now: Timestamp) -> i64 {
    let left = end.signed_duration_since(now).max(TimeDelta::zero());
    left.num_seconds() + i64::from(left.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{EARLIEST, LATEST};

    /// The wizard's page counts by itself while it is open: its tests read the same table.
    const TABLE: &str = include_str!("left.csv");

    #[test]
    fn what_is_left_is_counted_as_the_table_says() {
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
    fn the_ends_of_the_calendar_are_counted_too() {
        let (first, last) = (EARLIEST, LATEST);
        assert!(days_left(last, first) > 7_000_000);
        assert_eq!(days_left(first, last), 0);
        assert_eq!(TimeLeft::until(first, last), TimeLeft::None);
    }
}
