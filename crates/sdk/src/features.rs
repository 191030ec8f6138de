//! Queries for features, and feature checkout, which an offline lease doesn't support.

use crate::error::FeatureError;
use crate::licence::Licence;

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
