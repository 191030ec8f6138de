//! Queries for features, and feature checkout, which an offline lease doesn't support.

use std::sync::Arc;

use latchkey_token::HasErrorCode;
use thiserror::Error;

use crate::error::codes;
use crate::licence::Licence;
use crate::verdict::Verdict;

/// A feature can't be checked out or returned.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum FeatureError {
    /// The lease is an offline lease. Counting concurrent use needs a Local License Server.
    #[code(codes::FEATURE_OFFLINE)]
    #[error(
        "an offline lease doesn't support feature checkout, which needs a Local License Server"
    )]
    Offline,
    /// The licence doesn't include the feature.
    #[code(codes::FEATURE_NOT_INCLUDED)]
    #[error("feature {feature} is not included")]
    NotIncluded {
        /// The feature's number.
        feature: u32,
    },
    /// The product may not run, so it has no features.
    #[code(_0.code(), details = _0.details(latchkey_i18n::Language::of_process()))]
    #[error("the product may not run: {}", .0.code())]
    NotLicensed(Arc<Verdict>),
}

impl Licence {
    /// Checks the licence and tells whether the product may run with a feature. If you have a
    /// verdict already, use [`crate::Verdict::has_feature`].
    #[must_use]
    pub fn has_feature(&self, feature: u32) -> bool {
        self.check().has_feature(feature)
    }

    /// Checks the licence and returns how many elements or uses of a feature it includes.
    #[must_use]
    pub fn limit(&self, feature: u32) -> u64 {
        self.check().limit(feature)
    }

    /// Checks elements out of a pool, or uses up part of a usage count. Offline, nothing counts
    /// what other computers have checked out, so an offline lease, which is the only kind of lease
    /// today, doesn't support it.
    ///
    /// # Errors
    /// [`FeatureError::NotLicensed`] if the product may not run, [`FeatureError::NotIncluded`] if
    /// the licence doesn't include the feature, and [`FeatureError::Offline`] otherwise.
    pub fn checkout_feature(&self, feature: u32, _count: u64) -> Result<(), FeatureError> {
        self.checkout_error(feature)
    }

    /// Returns elements to a pool; see [`Licence::checkout_feature`].
    ///
    /// # Errors
    /// As [`Licence::checkout_feature`].
    pub fn return_feature(&self, feature: u32, _count: u64) -> Result<(), FeatureError> {
        self.checkout_error(feature)
    }

    fn checkout_error(&self, feature: u32) -> Result<(), FeatureError> {
        let verdict = self.check();
        if !verdict.may_run() {
            return Err(FeatureError::NotLicensed(verdict));
        }
        if !verdict.has_feature(feature) {
            return Err(FeatureError::NotIncluded { feature });
        }
        Err(FeatureError::Offline)
    }
}
