//! All database access: opening, migrations and queries. No rule lives here. The other files use
//! each other, and not this one, which only names what the crate uses.
//!
//! The SQL is restricted to what SQLite and PostgreSQL have in common. Parameters are numbered in
//! the order in which they first appear.

mod audit;
mod clock;
mod connection;
mod conversions;
mod error;
mod lost_devices;
mod operation;
mod operators;
mod products;
mod returns;
mod row_quota;
mod seats;

pub(crate) use audit::NewAudit;
pub(crate) use connection::{Database, ReadTransaction, Transaction};
pub use error::DatabaseError;
pub(crate) use error::damaged;
pub(crate) use operation::Operation;
pub(crate) use operators::OperatorRow;
pub(crate) use products::EntitlementRow;
pub use row_quota::RowQuota;
pub(crate) use seats::{
    AnsweredRequest, ExpiredSeat, NewSeat, OccupiedSeat, RequestRow, ResponseRow, ResponseTerms,
    SeatRow, SeatStatus, TransferKind,
};
