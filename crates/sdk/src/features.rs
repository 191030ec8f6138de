//! Features while the product runs: what is included, and why nothing can be checked out offline.

use crate::error::FeatureError;
use crate::licence::Licence;

impl Licence {
    /// Checks, and says whether the licence includes a feature. Whoever has a verdict in hand asks
    /// [`crate::Verdict::has_feature`].
    #[must_use]
    pub fn has_feature(&self, feature: u32) -> bool {
        self.check().has_feature(feature)
    }

    /// Checks, and says how many elements or uses the licence includes of a feature.
    #[must_use]
    pub fn limit(&self, feature: u32) -> u64 {
        self.check().limit(feature)
    }

    /// Would take elements out of a pool, or use up some of a usage count. Offline nobody counts what is out at the same
    /// time on other computers, so with an offline lease, and there is no other, this says so.
    ///
    /// # Errors
    /// [`FeatureError::Offline`]; before that, [`FeatureError::NotLicensed`] and [`FeatureError::NotIncluded`].
    pub fn checkout_feature(&self, feature: u32, _count: u64) -> Result<(), FeatureError> {
        self.no_checkout(feature)
    }

    /// Would give elements of a pool back; see [`Licence::checkout_feature`].
    ///
    /// # Errors
    /// As [`Licence::checkout_feature`].
    pub fn return_feature(&self, feature: u32, _count: u64) -> Result<(), FeatureError> {
        self.no_checkout(feature)
    }

    fn no_checkout(&self, feature: u32) -> Result<(), FeatureError> {
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
