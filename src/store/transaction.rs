//! A transaction: what may be asked of the rows while it lasts.

use super::connection::{Connection, Dialect, Row, StoreError, Value};

/// A transaction that has begun.
pub struct Transaction<'a> {
    connection: &'a mut dyn Connection,
}

impl<'a> Transaction<'a> {
    /// Over a connection on which a transaction has begun.
    pub fn new(connection: &'a mut dyn Connection) -> Self {
        Self { connection }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    pub(super) fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.connection.execute(sql, values)
    }

    pub(super) fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut each: impl FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.connection.query(sql, values, &mut each)
    }

    /// The first row of an answer.
    pub(super) fn first<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.query(sql, values, |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// All rows of an answer.
    pub(super) fn all<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.query(sql, values, |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }
}

/// A word of a column as the type it stands for.
pub(super) fn word<T>(text: String, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    parse(&text).ok_or_else(|| StoreError::Damaged(format!("`{text}` stands where it cannot")))
}

/// A number that stands for somebody or something: never negative.
pub(super) fn number(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Damaged(format!("the number {value} is negative")))
}

/// The same as the database keeps it.
pub(super) fn stored(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Refused(format!("the number {number} is too large")))
}
