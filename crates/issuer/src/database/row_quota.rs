//! The limit on audit rows about events that change nothing. What is beyond it is counted in
//! `audit`.

use std::fmt;
use std::sync::Arc;

/// Decides whether one more audit row may be written about an event that changed nothing, and
/// counts it.
#[derive(Clone)]
pub struct RowQuota(Arc<dyn Fn() -> bool + Send + Sync>);

impl RowQuota {
    /// `take` is called once for each row and returns whether it may be written.
    pub fn new(take: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Counts one more row and returns whether it may be written.
    pub(super) fn take(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for RowQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowQuota")
    }
}
