//! The End User Portal's pages, one module per step. GET only displays; granting, refreshing and
//! releasing need POST, because mail programs and scanners open links automatically.

pub(crate) mod activate;
pub(crate) mod batch;
pub(crate) mod deactivate;
mod http_request;
pub(crate) mod issued_token;
pub(crate) mod seats;
pub(crate) mod start;
