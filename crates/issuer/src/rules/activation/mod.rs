//! The rules of an activation: a request is admitted by its codes ([`admission`]), and then gets a
//! seat ([`assignment`]). The other files use each other, and not this one.

pub(crate) mod admission;
pub(crate) mod assignment;
pub(crate) mod error;
pub(crate) mod facts;
pub(crate) mod plan;
pub(crate) mod request;
