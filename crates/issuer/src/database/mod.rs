//! All database access: queries by their subject, and the engine that runs them. No rule lives
//! here. The other files use each other, and not this one, which only names what the crate uses.

mod audit;
mod clock;
mod connection;
mod conversions;
mod engine;
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
