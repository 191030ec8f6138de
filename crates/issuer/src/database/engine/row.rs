//! Rows of results.

use rusqlite::types::ValueRef;

use crate::database::error::{DatabaseError, damaged};

/// A row of a result.
pub(crate) struct Row<'r>(&'r rusqlite::Row<'r>);

/// The value of a column, as an engine returns it.
pub(crate) enum Column<'c> {
    Null,
    Integer(i64),
    Text(&'c str),
}

/// A type that a column can have.
pub(crate) trait FromColumn: Sized {
    /// The value, or `None` if the column has another type.
    fn from_column(column: Column<'_>) -> Option<Self>;
}

impl<'r> Row<'r> {
    /// A row of SQLite's.
    pub(super) const fn new(row: &'r rusqlite::Row<'r>) -> Self {
        Self(row)
    }

    /// The value of a column, counted from 0. A value of another type is damage.
    pub(crate) fn get<T: FromColumn>(&self, index: usize) -> Result<T, DatabaseError> {
        let column = match self.0.get_ref(index)? {
            ValueRef::Null => Some(Column::Null),
            ValueRef::Integer(number) => Some(Column::Integer(number)),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().map(Column::Text),
            ValueRef::Real(_) | ValueRef::Blob(_) => None,
        };
        column.and_then(T::from_column).ok_or_else(|| damaged("value"))
    }
}

impl FromColumn for i64 {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Integer(number) => Some(number),
            Column::Null | Column::Text(_) => None,
        }
    }
}

impl FromColumn for u32 {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column)?.try_into().ok()
    }
}

impl FromColumn for bool {
    fn from_column(column: Column<'_>) -> Option<Self> {
        Some(i64::from_column(column)? != 0)
    }
}

impl FromColumn for String {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Text(text) => Some(text.to_owned()),
            Column::Null | Column::Integer(_) => None,
        }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Null => Some(None),
            column => T::from_column(column).map(Some),
        }
    }
}
