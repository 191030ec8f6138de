//! Reads the clock. The SDK is the outermost layer of Latchkey in a product, so the clock is read
//! here and passed down.

use std::time::SystemTime;

use latchkey_lease::time::from_system;
use latchkey_lease::{LATEST, Timestamp};

/// This computer's time, clamped to the supported range (1970 to 9999). The effective clock decides
/// whether to trust it.
pub(crate) fn wall_clock() -> Timestamp {
    clamp(SystemTime::now())
}

fn clamp(time: SystemTime) -> Timestamp {
    from_system(time).map_or(LATEST, |time| time.max(Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_outside_of_the_supported_range_is_clamped() {
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(clamp(epoch + Duration::from_secs(7)).timestamp(), 7);
        assert_eq!(clamp(epoch - Duration::from_secs(7)), Timestamp::UNIX_EPOCH);
        assert_eq!(clamp(epoch + Duration::from_secs(1 << 40)), LATEST);
    }
}
