//! Reading the clock. The SDK is the outermost layer of a product that isn't ours, so it is read here.

use std::time::SystemTime;

use latchkey_lease::time::from_system;
use latchkey_lease::{LATEST, Timestamp};

/// This computer's time. One that no calendar has (before 1970, after 9999) counts as the nearest that it has; what
/// to think of it is then the effective clock's business.
pub(crate) fn wall() -> Timestamp {
    usable(SystemTime::now())
}

fn usable(time: SystemTime) -> Timestamp {
    from_system(time).map_or(LATEST, |time| time.max(Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_outside_of_the_calendar_is_moved_to_its_edge() {
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(usable(epoch + Duration::from_secs(7)).timestamp(), 7);
        assert_eq!(usable(epoch - Duration::from_secs(7)), Timestamp::UNIX_EPOCH);
        assert_eq!(usable(epoch + Duration::from_secs(1 << 40)), LATEST);
    }
}
