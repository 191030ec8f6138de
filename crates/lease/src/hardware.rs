//! Compares two lists of hardware traits to decide whether they belong to the same computer, and
//! how long a lease stays valid if they don't. The device applies these rules at every check, and
//! the vendor applies them to every request.
//!
//! Only traits that were readable both times count, because one process may read more than another.
//! The computer is the same if at least half of that weight matches and so do two strong traits
//! (weight 2 or more), or the only strong trait that was readable. One isn't enough if there are
//! more, because the id of the operating system's installation is in every copy of a disk image. A
//! computer on which no strong trait matches is a different one. If no strong trait was readable,
//! the licence is bound by the device's key alone: weak traits prove nothing, because a network
//! card, for example, is easily replaced.

use crate::time::{Timestamp, later};
use chrono::TimeDelta;
use latchkey_token::{HardwareTrait, HardwareTraits};

use crate::JudgingTime;

/// The lowest weight of a strong trait.
const STRONG_WEIGHT: u32 = 2;
/// How many strong traits have to match if at least that many were readable both times.
const REQUIRED_STRONG_MATCHES: u32 = 2;

/// How long a lease stays valid on a computer that has changed too much, counted from the first
/// check that noticed the change.
pub const HARDWARE_GRACE: TimeDelta = TimeDelta::hours(7 * 24);

/// Returns how much a trait counts in a comparison.
#[must_use]
pub const fn weight(which: HardwareTrait) -> u32 {
    match which {
        HardwareTrait::OsInstall | HardwareTrait::SystemUuid => 3,
        HardwareTrait::BoardSerial | HardwareTrait::SystemDisk => 2,
        HardwareTrait::SystemVolume | HardwareTrait::NetworkAddress | HardwareTrait::Processor => 1,
    }
}

/// Returns whether a trait is strong. Two strong traits have to match, or the only readable one.
#[must_use]
pub const fn is_strong(which: HardwareTrait) -> bool {
    weight(which) >= STRONG_WEIGHT
}

/// The result of comparing two lists of traits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HardwareMatch {
    /// The same computer, with the total weight of the traits that match. The weight ranks several
    /// candidates.
    Same(u32),
    /// No strong trait was readable both times.
    Unknown,
    /// The computer has changed too much, although a strong trait still matches.
    Changed,
    /// A different computer: no strong trait matches.
    Different,
}

/// Compares the traits that were read at two times.
///
/// ```
/// use latchkey_lease::{HardwareMatch, compare};
/// use latchkey_token::{HardwareTrait, HardwareTraits, VendorId};
///
/// let vendor = VendorId::from_bytes([1; 8]);
/// let mut before = HardwareTraits::default();
/// before.set(HardwareTrait::SystemDisk, vendor, 1, "a disk");
/// before.set(HardwareTrait::NetworkAddress, vendor, 1, "a network card");
/// let mut now = before;
/// now.set(HardwareTrait::NetworkAddress, vendor, 1, "another network card");
/// assert_eq!(compare(&before, &now), HardwareMatch::Same(2));
/// ```
#[must_use]
pub fn compare(one: &HardwareTraits, other: &HardwareTraits) -> HardwareMatch {
    let (mut common, mut matching, mut strong_common, mut strong_matching) = (0, 0, 0, 0);
    for which in HardwareTrait::ALL {
        let (Some(one), Some(other)) = (one.get(which), other.get(which)) else { continue };
        common += weight(which);
        strong_common += u32::from(is_strong(which));
        if one == other {
            matching += weight(which);
            strong_matching += u32::from(is_strong(which));
        }
    }
    match strong_matching {
        _ if strong_common == 0 => HardwareMatch::Unknown,
        0 => HardwareMatch::Different,
        _ if strong_matching >= strong_common.min(REQUIRED_STRONG_MATCHES)
            && 2 * matching >= common =>
        {
            HardwareMatch::Same(matching)
        }
        _ => HardwareMatch::Changed,
    }
}

/// Returns the traits that were readable both times and differ.
#[must_use]
pub fn changed(one: &HardwareTraits, other: &HardwareTraits) -> Vec<HardwareTrait> {
    let differs = |which: &HardwareTrait| match (one.get(*which), other.get(*which)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    HardwareTrait::ALL.into_iter().filter(differs).collect()
}

/// Returns whether a strong trait is present. Without one, the licence is bound by the device's key
/// alone.
#[must_use]
pub fn has_strong(traits: &HardwareTraits) -> bool {
    traits.present().any(|(which, _)| is_strong(which))
}

/// Whether a lease is valid on the computer's present hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HardwareVerdict {
    /// This is the computer that the lease was granted to.
    Match,
    /// No strong trait was readable both times: the lease is bound by the device's key alone.
    KeyOnly,
    /// The hardware has changed too much, but the lease is still valid during the grace period.
    InGrace {
        /// The end of the grace period.
        until: Timestamp,
    },
    /// The lease isn't valid on this hardware (any more).
    Invalid {
        /// When the lease stopped being valid here.
        since: Timestamp,
        /// Why it isn't valid.
        reason: HardwareReason,
    },
}

/// Why a lease isn't valid on the computer's present hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HardwareReason {
    /// The hardware has changed too much, and the grace period is over.
    GraceEnded,
    /// No strong trait matches. This is a different computer, which gets no grace period.
    OtherComputer,
    /// The hardware has changed too much, and the time of the change couldn't be recorded. The
    /// grace period doesn't start, because it would otherwise restart at every check.
    NotRecorded,
}

impl HardwareReason {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GraceEnded => "grace_ended",
            Self::OtherComputer => "other_computer",
            Self::NotRecorded => "not_recorded",
        }
    }
}

impl HardwareVerdict {
    /// Derives the verdict from a comparison of traits.
    ///
    /// `since` is the time at which too large a change was first noticed, provided that it was
    /// stored and read back: there is no grace period without it. A stored time counts until the
    /// computer matches again, so that hiding the traits that have changed gains nothing.
    #[must_use]
    pub fn new(comparison: HardwareMatch, since: Option<Timestamp>, now: JudgingTime) -> Self {
        let now = now.timestamp();
        let since = match (comparison, since) {
            (HardwareMatch::Same(_), _) => return Self::Match,
            (HardwareMatch::Unknown, None) => return Self::KeyOnly,
            (HardwareMatch::Different, since) => {
                let since = since.map_or(now, |since| since.min(now));
                return Self::Invalid { since, reason: HardwareReason::OtherComputer };
            }
            (HardwareMatch::Changed, None) => {
                return Self::Invalid { since: now, reason: HardwareReason::NotRecorded };
            }
            // The clock was wrongly set to the future when the change was noticed, and it is right
            // now. The time has to be recorded again: until then, every check would restart the
            // grace period.
            (HardwareMatch::Unknown | HardwareMatch::Changed, Some(since)) if since > now => {
                return Self::Invalid { since: now, reason: HardwareReason::NotRecorded };
            }
            (HardwareMatch::Unknown | HardwareMatch::Changed, Some(since)) => since,
        };
        let until = later(since, HARDWARE_GRACE);
        if now < until {
            Self::InGrace { until }
        } else {
            Self::Invalid { since: until, reason: HardwareReason::GraceEnded }
        }
    }

    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Match => "passes",
            Self::KeyOnly => "key_only",
            Self::InGrace { .. } => "in_grace",
            Self::Invalid { .. } => "over",
        }
    }

    /// Returns whether the lease is valid as far as the hardware is concerned.
    #[must_use]
    pub const fn may_run(&self) -> bool {
        !matches!(self, Self::Invalid { .. })
    }

    /// Returns whether the hardware doesn't match any more, so that a new request may be made
    /// although the lease is running.
    #[must_use]
    pub const fn is_changed(&self) -> bool {
        matches!(self, Self::InGrace { .. } | Self::Invalid { .. })
    }
}

#[cfg(test)]
mod tests;
