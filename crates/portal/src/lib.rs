//! The web application of the licensing server: the End User Portal for customers and the admin
//! pages for operators.
//!
//! It has the router, its middleware and its limits, and the pages themselves. Every licensing rule
//! is in `latchkey-issuer`, whose functions the command line calls as well. [`PortalState`] is the
//! application's state and [`serve`] answers requests with it.

mod admin;
mod base_path;
mod batches;
mod body;
mod branding;
mod client;
mod connections;
mod csv;
mod customer;
mod error;
mod fair_queue;
mod form;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod issuer_pool;
pub mod log;
mod middleware;
mod page;
mod proxy;
mod rate_limit;
mod request_context;
mod request_views;
mod router;
mod seat_views;
mod sessions;
mod state;
mod unused_parts;

pub use branding::Branding;
pub use connections::serve;
pub use error::PortalError;
pub use proxy::BehindProxy;
pub use router::router;
pub use state::PortalState;
