//! The result of a check: whether the product may run, with which features, and why not.

use latchkey_device::{
    ClockState, HardwareReason, HardwareVerdict, Licence as Found, State, Status, StatusError,
    StoreError, VaultError,
};
use latchkey_i18n::{Explained, Language};
use latchkey_lease::Timestamp;
use latchkey_lease::to_seconds;
use latchkey_token::{
    Attributes, ErrorArg, ErrorCode, FeatureValue, Features, HardwareTrait, HasErrorCode, SeatId,
};
use thiserror::Error;

use crate::error::codes;

/// The status of the licence at the moment of a check. [`Verdict::may_run`] is what to decide by;
/// the variants explain it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The lease is valid.
    Active(Terms),
    /// The lease has expired, but its grace period hasn't: the product may run until
    /// [`Terms::runs_until`].
    InGrace(Terms),
    /// The lease and its grace period have expired.
    Expired(Terms),
    /// There is no licence on this computer.
    NotActivated,
    /// This computer's clock contradicts what is known about the time. The later of the two times
    /// ([`Terms::effective_now`]) decides whether the product may run. If it may not because the
    /// clock is far ahead, correcting the clock is enough.
    ClockSuspect {
        /// The terms of the licence.
        terms: Terms,
        /// The time that the clock shows.
        wall: Timestamp,
    },
    /// This computer's hardware has changed too much since the licence was granted. The product may
    /// run until [`Terms::runs_until`]; a new request and its response keep the seat.
    HardwareChanged {
        /// The terms of the licence.
        terms: Terms,
        /// The traits that have changed.
        changed: Vec<HardwareTrait>,
        /// Why the product may not run; `None` while it may.
        reason: Option<HardwareReason>,
    },
    /// The store that holds the licence can't be used.
    StoreUnavailable(StoreError),
    /// The stored licence is damaged, or wasn't issued by the vendor for this computer.
    Tampered(StatusError),
}

/// The verdicts without their data, numbered for C. A number is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
#[non_exhaustive]
pub enum VerdictKind {
    /// [`Verdict::Active`]
    Active = 1,
    /// [`Verdict::InGrace`]
    InGrace = 2,
    /// [`Verdict::Expired`]
    Expired = 3,
    /// [`Verdict::NotActivated`]
    NotActivated = 4,
    /// [`Verdict::ClockSuspect`]
    ClockSuspect = 5,
    /// [`Verdict::HardwareChanged`]
    HardwareChanged = 6,
    /// [`Verdict::StoreUnavailable`]
    StoreUnavailable = 7,
    /// [`Verdict::Tampered`]
    Tampered = 8,
}

impl VerdictKind {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::InGrace => "in_grace",
            Self::Expired => "expired",
            Self::NotActivated => "not_activated",
            Self::ClockSuspect => "clock_suspect",
            Self::HardwareChanged => "hardware_changed",
            Self::StoreUnavailable => "store_unavailable",
            Self::Tampered => "tampered",
        }
    }
}

/// The verified terms of the licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The seat.
    pub seat: SeatId,
    /// The seat's name; may be empty.
    pub seat_name: String,
    /// When the lease ends.
    pub lease_expiry: Timestamp,
    /// Until when the product may run: the end of the lease's grace period or of that for changed
    /// hardware, whichever comes first.
    pub runs_until: Timestamp,
    /// When the subscription ends, if it does.
    pub subscription_end: Option<Timestamp>,
    /// The time that the verdict is based on: the later of this computer's clock and the latest
    /// time that is known to have passed.
    pub effective_now: Timestamp,
    /// The features by their numbers, which are constants in the kit.
    pub features: Features,
    /// Other data from the vendor.
    pub attributes: Attributes,
}

impl Terms {
    /// The days until the lease ends, as people count them: 30 on the first day of a lease of
    /// thirty days, 1 within its last 24 hours, 0 once it has expired.
    #[must_use]
    pub fn days_left(&self) -> u32 {
        latchkey_lease::days_left(self.lease_expiry, self.effective_now)
    }

    /// The days until the product may no longer run, grace included, counted in the same way.
    #[must_use]
    pub fn days_until_stop(&self) -> u32 {
        latchkey_lease::days_left(self.runs_until, self.effective_now)
    }

    /// Whether both are the same grant, apart from the time of the check.
    fn is_same_grant(&self, other: &Self) -> bool {
        (self.seat, self.lease_expiry, self.runs_until, self.subscription_end)
            == (other.seat, other.lease_expiry, other.runs_until, other.subscription_end)
            && self.seat_name == other.seat_name
            && self.features == other.features
            && self.attributes == other.attributes
    }

    fn runs(&self) -> bool {
        self.effective_now < self.runs_until
    }
}

impl Verdict {
    /// Whether the product may run.
    #[must_use]
    pub fn may_run(&self) -> bool {
        self.granted().is_some()
    }

    /// The terms, if the product may run.
    #[must_use]
    pub fn granted(&self) -> Option<&Terms> {
        self.terms().filter(|terms| terms.runs())
    }

    /// The terms, even if they have expired, for display. Decide by [`Verdict::granted`].
    #[must_use]
    pub const fn terms(&self) -> Option<&Terms> {
        match self {
            Self::Active(terms)
            | Self::InGrace(terms)
            | Self::Expired(terms)
            | Self::ClockSuspect { terms, .. }
            | Self::HardwareChanged { terms, .. } => Some(terms),
            Self::NotActivated | Self::StoreUnavailable(_) | Self::Tampered(_) => None,
        }
    }

    /// Whether the product may run and the licence includes this feature: a `bool` that is true, or
    /// a number above zero.
    #[must_use]
    pub fn has_feature(&self, feature: u32) -> bool {
        match self.feature(feature) {
            Some(FeatureValue::Bool(included)) => included,
            Some(FeatureValue::Number(number)) => number > 0,
            None => false,
        }
    }

    /// How many elements or uses of this feature the licence includes, if the product may run: zero
    /// if it includes none, one for a `bool` that is true.
    #[must_use]
    pub fn limit(&self, feature: u32) -> u64 {
        match self.feature(feature) {
            Some(FeatureValue::Bool(included)) => included.into(),
            Some(FeatureValue::Number(number)) => number,
            None => 0,
        }
    }

    fn feature(&self, feature: u32) -> Option<FeatureValue> {
        self.granted()?.features.get(&feature).copied()
    }

    /// Which verdict it is.
    #[must_use]
    pub const fn kind(&self) -> VerdictKind {
        match self {
            Self::Active(_) => VerdictKind::Active,
            Self::InGrace(_) => VerdictKind::InGrace,
            Self::Expired(_) => VerdictKind::Expired,
            Self::NotActivated => VerdictKind::NotActivated,
            Self::ClockSuspect { .. } => VerdictKind::ClockSuspect,
            Self::HardwareChanged { .. } => VerdictKind::HardwareChanged,
            Self::StoreUnavailable(_) => VerdictKind::StoreUnavailable,
            Self::Tampered(_) => VerdictKind::Tampered,
        }
    }

    /// A sentence for the end user and what they can do next, in the process's language.
    #[must_use]
    pub fn explain(&self) -> Explained {
        self.explain_in(Language::of_process())
    }

    /// The same in this language.
    #[must_use]
    pub fn explain_in(&self, language: Language) -> Explained {
        latchkey_i18n::explain_in(language, &LocalizedVerdict { verdict: self, language })
    }

    /// The verdict's own code, or that of the error that caused it.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Active(_) => codes::VERDICT_ACTIVE,
            Self::InGrace(_) => codes::VERDICT_IN_GRACE,
            Self::Expired(_) => codes::VERDICT_EXPIRED,
            Self::NotActivated => codes::VERDICT_NOT_ACTIVATED,
            Self::ClockSuspect { terms, wall } if *wall < terms.effective_now => {
                codes::VERDICT_CLOCK_BEHIND
            }
            Self::ClockSuspect { terms, .. } if terms.runs() => codes::VERDICT_CLOCK_AHEAD,
            Self::ClockSuspect { .. } => codes::VERDICT_OVER_BY_CLOCK,
            Self::HardwareChanged { terms, .. } if terms.runs() => codes::VERDICT_HARDWARE_CHANGED,
            Self::HardwareChanged { reason, .. } => match reason {
                Some(HardwareReason::OtherComputer) => codes::VERDICT_OTHER_COMPUTER,
                Some(HardwareReason::NotRecorded) => codes::VERDICT_HARDWARE_UNRECORDED,
                Some(HardwareReason::GraceEnded) | None => codes::VERDICT_OTHER_HARDWARE,
            },
            Self::StoreUnavailable(error) => error.code(),
            Self::Tampered(error) => error.code(),
        }
    }

    /// The values that the verdict's sentence mentions.
    pub(crate) fn details(&self, language: Language) -> Vec<(&'static str, ErrorArg)> {
        let time = |time: Timestamp| ErrorArg::Time(to_seconds(time));
        match self {
            Self::Active(terms) | Self::Expired(terms) => {
                vec![("expiry", time(terms.lease_expiry))]
            }
            Self::InGrace(terms) => {
                vec![("expiry", time(terms.lease_expiry)), ("until", time(terms.runs_until))]
            }
            Self::NotActivated => Vec::new(),
            Self::ClockSuspect { terms, wall } => vec![
                ("wall", time(*wall)),
                ("effective", time(terms.effective_now)),
                ("until", time(terms.runs_until)),
                ("expiry", time(terms.lease_expiry)),
            ],
            Self::HardwareChanged { terms, changed, .. } => {
                let names = changed.iter().map(|which| trait_name(language, *which));
                let names: Vec<_> = names.collect();
                vec![("traits", names.join(", ").into()), ("until", time(terms.runs_until))]
            }
            Self::StoreUnavailable(error) => error.details(),
            Self::Tampered(error) => error.details(),
        }
    }

    /// Whether the product should react, because the status or the terms are different. The passing
    /// of time alone isn't a difference.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        let terms_differ = match (self.terms(), other.terms()) {
            (Some(one), Some(other)) => !one.is_same_grant(other),
            (one, other) => one.is_some() != other.is_some(),
        };
        terms_differ || self.code() != other.code() || self.may_run() != other.may_run()
    }

    /// The verdict on the status of one store.
    pub(crate) fn from_status(result: Result<Status, StatusError>, wall: Timestamp) -> Self {
        let status = match result {
            Ok(status) => status,
            Err(error) => return Self::from_error(error),
        };
        // A clock that is far ahead matters only if nothing else prevents the product from running.
        let clock_is_suspect = match status.clock {
            ClockState::Right => false,
            ClockState::Behind { .. } => true,
            ClockState::Ahead { .. } => status.may_run() || status.is_over_by_clock_alone(),
        };
        let Some(found) = status.licence else {
            return Self::NotActivated;
        };
        let mut terms = terms(found, status.effective_now);
        // Changed hardware comes first, because a new request and its response also resolve a
        // suspect clock and an expired lease.
        let stops = match status.hardware.verdict {
            Some(HardwareVerdict::InGrace { until }) => Some(until),
            Some(HardwareVerdict::Invalid { since, .. }) => Some(since),
            Some(HardwareVerdict::Match | HardwareVerdict::KeyOnly) | None => None,
        };
        if let Some(stops) = stops {
            terms.runs_until = terms.runs_until.min(stops);
            let reason = status.hardware.reason();
            return Self::HardwareChanged { terms, changed: status.hardware.changed, reason };
        }
        if clock_is_suspect {
            Self::ClockSuspect { terms, wall }
        } else if status.state == State::Active {
            Self::Active(terms)
        } else if terms.runs() {
            Self::InGrace(terms)
        } else {
            Self::Expired(terms)
        }
    }

    fn from_error(error: StatusError) -> Self {
        let StatusError::Vault(vault) = &error else {
            return Self::Tampered(error);
        };
        match vault {
            VaultError::Store(
                StoreError::Damaged { .. }
                | StoreError::Empty { .. }
                | StoreError::OtherProduct { .. }
                | StoreError::OtherMachine { .. },
            ) => Self::Tampered(error),
            VaultError::Store(store) => Self::StoreUnavailable(store.clone()),
            _ => Self::Tampered(error),
        }
    }
}

fn terms(found: Found, effective_now: Timestamp) -> Terms {
    Terms {
        seat: found.seat,
        seat_name: found.seat_name,
        lease_expiry: found.lease_expiry,
        runs_until: found.grace_end,
        subscription_end: found.subscription_end,
        effective_now,
        features: found.features.iter().map(|one| (one.number, one.value)).collect(),
        attributes: found.attributes,
    }
}

fn trait_name(language: Language, which: HardwareTrait) -> String {
    latchkey_i18n::text_in(language, &format!("wizard-trait-{}", which.name()), &[])
}

/// A verdict as an error, so that it can be explained in a language.
#[derive(Debug, Error, HasErrorCode)]
#[code(verdict.code(), details = verdict.details(*language))]
#[error("{}", verdict.code())]
struct LocalizedVerdict<'v> {
    verdict: &'v Verdict,
    language: Language,
}
