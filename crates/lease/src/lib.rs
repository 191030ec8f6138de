//! Leases: their arithmetic, their verification, the effective clock, the comparison of hardware
//! traits, and the verdict on whether a product may run.
//!
//! The crate is pure: it reads no files and no clock, and the time is always passed in. A stored
//! lease is never trusted as it is: a [`VerifiedLease`] is only made by verifying the vendor's
//! signatures.
//!
//! ```
//! use latchkey_lease::{Interval, Timestamp, lease_expiry};
//!
//! let start: Timestamp = "2027-01-31T12:00:00Z".parse()?;
//! let month: Interval = "1mo".parse()?;
//! // A month is a calendar month. If it has no such day, the lease ends on its last day.
//! assert_eq!(lease_expiry(start, &month, None)?, "2027-02-28T12:00:00Z".parse::<Timestamp>()?);
//! // No lease extends beyond the end of the subscription.
//! let end = "2027-02-10T00:00:00Z".parse()?;
//! assert_eq!(lease_expiry(start, &month, Some(end))?, end);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clock;
mod error;
mod hardware;
mod interval;
pub mod time;
mod time_left;
mod verified;

pub use clock::{
    BootId, CREDIBLE_JUMP, ClockReading, ClockState, EffectiveClock, JudgingTime,
    OFF_TIME_PER_BOOT, StoredClock, TOLERATED_LAG, Uptime,
};
pub use error::{CODES, IntervalError, LeaseError, codes};
pub use hardware::{
    HARDWARE_GRACE, HardwareMatch, HardwareReason, HardwareVerdict, changed, compare, has_strong,
    is_strong, weight,
};
pub use interval::{Interval, lease_expiry, read_end};
pub use time::{EARLIEST, LATEST, Timestamp, from_seconds, to_seconds};
pub use time_left::{TimeLeft, days_left};
pub use verified::{Binding, LeaseState, VerifiedLease};
