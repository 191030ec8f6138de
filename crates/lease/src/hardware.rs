//! Whether two lists of traits are one computer's, and how long a lease holds when they aren't. Both sides of a
//! licence go by it: the computer at every check, the vendor when a request comes in.
//!
//! Only what was readable both times counts, because one process may read more than another. It is the same
//! computer when at least half of that weight agrees and two strong traits (weight 2 or more) do, or the one that
//! was readable: the id of the operating system's installation is in every copy of an image, so it isn't enough where
//! there is anything else to go by. A computer on which no strong trait agrees is another one. Where no strong trait
//! was readable, the licence is bound by the device's key alone, and weak ones say nothing: a network card is soon
//! exchanged.

use crate::time::{Timestamp, later};
use chrono::TimeDelta;
use latchkey_token::{HardwareTrait, HardwareTraits};

use crate::JudgingTime;

/// From here on a trait is strong.
const STRONG: u32 = 2;
/// So many strong traits have to agree, where so many could be read both times.
const STRONG_MATCHES: u32 = 2;

/// How long a lease holds on a computer that has changed too much, from the time at which that was first seen.
pub const HARDWARE_GRACE: TimeDelta = TimeDelta::hours(7 * 24);

/// What a trait says about a computer's identity.
#[must_use]
pub const fn weight(which: HardwareTrait) -> u32 {
    match which {
        HardwareTrait::OsInstall | HardwareTrait::SystemUuid => 3,
        HardwareTrait::BoardSerial | HardwareTrait::SystemDisk => 2,
        HardwareTrait::SystemVolume | HardwareTrait::NetworkAddress | HardwareTrait::Processor => 1,
    }
}

/// Whether a trait is strong: two of these have to agree, or the only one that can be read.
#[must_use]
pub const fn is_strong(which: HardwareTrait) -> bool {
    weight(which) >= STRONG
}

/// What comparing two lists of traits gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HardwareMatch {
    /// One computer. The weight that agrees, to choose the best of several.
    Same(u32),
    /// No strong trait was readable both times.
    Unknown,
    /// One computer of which too much has changed: a strong trait still agrees.
    Changed,
    /// Another computer: none of the strong traits agrees.
    Different,
}

/// Compares what was read at two times.
///
/// ```
/// use latchkey_lease::{Likeness, compare};
/// use latchkey_token::{Trait, Traits, VendorId};
///
/// let vendor = VendorId::from_bytes([1; 8]);
/// let mut before = Traits::default();
/// before.set(Trait::SystemDisk, vendor, 1, "a disk");
/// before.set(Trait::NetworkAddress, vendor, 1, "a network card");
/// let mut now = before;
/// now.set(Trait::NetworkAddress, vendor, 1, "another network card");
/// assert_eq!(compare(&before, &now), Likeness::Same(2));
/// ```
#[must_use]
pub fn compare(one: &HardwareTraits, other: &HardwareTraits) -> HardwareMatch {
    let (mut common, mut agreeing, mut strong_common, mut strong) = (0, 0, 0, 0);
    for which in HardwareTrait::ALL {
        let (Some(one), Some(other)) = (one.get(which), other.get(which)) else { continue };
        common += weight(which);
        strong_common += u32::from(is_strong(which));
        if one == other {
            agreeing += weight(which);
            strong += u32::from(is_strong(which));
        }
    }
    match strong {
        _ if strong_common == 0 => HardwareMatch::Unknown,
        0 => HardwareMatch::Different,
        _ if strong >= strong_common.min(STRONG_MATCHES) && 2 * agreeing >= common => {
            HardwareMatch::Same(agreeing)
        }
        _ => HardwareMatch::Changed,
    }
}

/// The traits that were readable both times and aren't the same.
#[must_use]
pub fn changed(one: &HardwareTraits, other: &HardwareTraits) -> Vec<HardwareTrait> {
    let differs = |which: &HardwareTrait| match (one.get(*which), other.get(*which)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    HardwareTrait::ALL.into_iter().filter(differs).collect()
}

/// Without a strong trait the licence is bound by the device's key alone.
#[must_use]
pub fn has_strong(traits: &HardwareTraits) -> bool {
    traits.present().any(|(which, _)| is_strong(which))
}

/// Whether a lease holds on the computer as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HardwareVerdict {
    /// It is the computer that the lease was granted to.
    Match,
    /// No strong trait was readable both times: the lease is bound by the device's key alone.
    KeyOnly,
    /// Too much has changed, and the lease still holds.
    InGrace {
        /// Until then.
        until: Timestamp,
    },
    /// It doesn't hold here (any more).
    GraceExpired {
        /// Since then.
        since: Timestamp,
        /// Why.
        reason: HardwareReason,
    },
}

/// Why a lease doesn't hold on the computer as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HardwareReason {
    /// Too much has changed, and the grace is over.
    GraceEnded,
    /// No strong trait agrees: it is another computer, and there is no grace.
    OtherComputer,
    /// Too much has changed, and when that was first seen couldn't be written down. Without that the grace would
    /// begin again at every look, so it doesn't begin.
    NotRecorded,
}

impl HardwareReason {
    /// Stable lower-case name.
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
    /// The verdict on traits that were compared.
    ///
    /// `since` is when it was first seen that too much had changed, if that was stored and read back: only then is
    /// there a grace. What was stored counts until the computer is seen to be
    /// the same again: hiding what has changed doesn't help.
    #[must_use]
    pub fn new(likeness: HardwareMatch, since: Option<Timestamp>, now: JudgingTime) -> Self {
        let now = now.timestamp();
        let since = match (likeness, since) {
            (HardwareMatch::Same(_), _) => return Self::Match,
            (HardwareMatch::Unknown, None) => return Self::KeyOnly,
            (HardwareMatch::Different, since) => {
                let since = since.map_or(now, |since| since.min(now));
                return Self::GraceExpired { since, reason: HardwareReason::OtherComputer };
            }
            (HardwareMatch::Changed, None) => {
                return Self::GraceExpired { since: now, reason: HardwareReason::NotRecorded };
            }
            // A clock was wrongly in the future when it was first seen, and is right now: the note is to be written
            // again, because until then every look would begin the grace.
            (HardwareMatch::Unknown | HardwareMatch::Changed, Some(since)) if since > now => {
                return Self::GraceExpired { since: now, reason: HardwareReason::NotRecorded };
            }
            (HardwareMatch::Unknown | HardwareMatch::Changed, Some(since)) => since,
        };
        let until = later(since, HARDWARE_GRACE);
        if now < until {
            Self::InGrace { until }
        } else {
            Self::GraceExpired { since: until, reason: HardwareReason::GraceEnded }
        }
    }

    /// Stable lower-case name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Match => "passes",
            Self::KeyOnly => "key_only",
            Self::InGrace { .. } => "in_grace",
            Self::GraceExpired { .. } => "over",
        }
    }

    /// Whether the lease holds, as far as the hardware is concerned.
    #[must_use]
    pub const fn may_run(&self) -> bool {
        !matches!(self, Self::GraceExpired { .. })
    }

    /// Whether a new request may be made although the lease runs: the hardware doesn't match any more.
    #[must_use]
    pub const fn is_changed(&self) -> bool {
        matches!(self, Self::InGrace { .. } | Self::GraceExpired { .. })
    }
}

#[cfg(test)]
mod tests;
