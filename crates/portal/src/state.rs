//! The state that all requests share.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use latchkey_issuer::Issuer;

use crate::branding::Branding;
use crate::error::PortalError;
use crate::issuer_pool::IssuerPool;
use crate::proxy::BehindProxy;
use crate::request_context::RequestContext;
use crate::sessions::Sessions;
use crate::{batches, body, fair_queue, rate_limit};

/// Requests that are worked on at a time, and how many of one address.
const WORKS: (usize, usize) = (64, 4);

/// How many uploads are scanned at a time, in total and per address. Each takes up to about 100 MiB
/// meanwhile.
pub(crate) const UPLOADS: (usize, usize) = (2, 1);
/// How many texts from links or form fields are scanned at a time, in total and per address.
pub(crate) const SMALL_TEXTS: (usize, usize) = (8, 4);
/// Minimum time of a response to an activation code: longer than any lookup takes.
pub(crate) const MIN_RESPONSE_TIME: Duration = Duration::from_millis(150);

/// What all requests share.
#[derive(Debug)]
pub struct PortalState {
    pub(crate) pool: IssuerPool,
    pub(crate) branding: Branding,
    pub(crate) behind_proxy: BehindProxy,
    pub(crate) in_flight: Arc<body::InFlight>,
    pub(crate) works: fair_queue::FairQueue,
    pub(crate) uploads: fair_queue::FairQueue,
    pub(crate) small_texts: fair_queue::FairQueue,
    pub(crate) batches: batches::Batches,
    pub(crate) limits: Arc<rate_limit::RateLimiter>,
    pub(crate) sessions: Sessions,
    /// Minimum time of a response about an activation code.
    pub(crate) min_response_time: Duration,
}

impl PortalState {
    /// Opens the connections to the vendor's data and begins without sessions and batches.
    ///
    /// # Errors
    ///
    /// [`PortalError::Database`] if a connection can't be opened.
    pub fn open(
        issuer: Issuer,
        branding: Branding,
        behind_proxy: BehindProxy,
    ) -> Result<Self, PortalError> {
        Ok(Self::new(IssuerPool::open(issuer)?, branding, behind_proxy))
    }

    pub(crate) fn new(pool: IssuerPool, branding: Branding, behind_proxy: BehindProxy) -> Self {
        Self {
            branding,
            pool,
            behind_proxy,
            in_flight: Arc::default(),
            works: fair_queue::FairQueue::new(WORKS.0, WORKS.1),
            uploads: fair_queue::FairQueue::new(UPLOADS.0, UPLOADS.1),
            small_texts: fair_queue::FairQueue::new(SMALL_TEXTS.0, SMALL_TEXTS.1),
            batches: batches::Batches::default(),
            limits: Arc::default(),
            sessions: Sessions::default(),
            min_response_time: MIN_RESPONSE_TIME,
        }
    }
}

/// The state as handlers get it.
pub(crate) type Shared = Arc<PortalState>;

impl FromRequestParts<Shared> for RequestContext {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        portal: &Shared,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self::of_request(parts, &portal.branding.languages, portal.behind_proxy))
    }
}
