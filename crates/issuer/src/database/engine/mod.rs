//! The database engine: the only place that knows which database it is. All SQL of the crate passes
//! through here, in one vocabulary: parameters are [`Value`]s, results are [`Row`]s, errors are
//! [`DatabaseError`](super::error::DatabaseError)s, and every query runs in a transaction that
//! [`Connection::read`], [`Connection::write`] or [`Connection::dry_run`] has begun. The other
//! files use each other, and not this one, except for its macro.
//!
//! `$1` is the first parameter, wherever and however often it appears.

mod migrations;
mod row;
mod sqlite;
mod sqlite_error;
mod value;

pub(crate) use row::Row;
pub(crate) use sqlite::{Connection, OpenTransaction};
pub(crate) use value::{Value, values};
