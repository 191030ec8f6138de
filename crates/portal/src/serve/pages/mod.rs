//! The End User Portal's pages, one module a step. A page that only shows something is asked for with GET; what grants,
//! refreshes or releases is asked for with POST, because mail programs and scanners open links by themselves.

pub(crate) mod activate;
pub(crate) mod batch;
pub(crate) mod deactivate;
pub(crate) mod issued_token;
pub(crate) mod seats;
pub(crate) mod start;
