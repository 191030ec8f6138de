//! An operation whose rules decide before anything is written.

use super::connection::{Database, ReadTransaction, Transaction};
use super::error::DatabaseError;
use crate::error_class::{ClassifiedError, ErrorClass};

/// An operation that is decided on first and then carried out, or refused, in one transaction.
/// [`Database::perform`] calls the functions in this order.
pub(crate) trait Operation {
    /// What is decided.
    type Plan;
    /// What is reported when the plan has been carried out.
    type Done;
    /// A refusal, or the failure of the machine.
    type Error: ClassifiedError + From<DatabaseError>;

    /// Locks what the decision depends on, so that no other transaction changes it meanwhile.
    ///
    /// # Errors
    /// Returns the error of the database.
    fn lock(&self, queries: &Transaction<'_>) -> Result<(), DatabaseError>;

    /// Reads what the rules need and applies them. A preview calls this function alone.
    ///
    /// # Errors
    /// Returns the refusal. Errors of the class `Internal` aren't refusals: nothing is recorded.
    fn decide(&self, queries: &ReadTransaction<'_>) -> Result<Self::Plan, Self::Error>;

    /// Writes what was decided.
    ///
    /// # Errors
    /// Returns why it failed; nothing is written then.
    fn carry_out(
        &self,
        queries: &Transaction<'_>,
        plan: Self::Plan,
    ) -> Result<Self::Done, Self::Error>;

    /// Records a refusal in the audit log.
    ///
    /// # Errors
    /// Returns the error of the database.
    fn record_refusal(
        &self,
        queries: &Transaction<'_>,
        refusal: &Self::Error,
    ) -> Result<(), DatabaseError>;
}

impl Database {
    /// Decides on an operation and carries out the plan, or records the refusal, in one
    /// transaction. What [`Operation::lock`] counts stays after a refusal. After an internal error,
    /// nothing is written.
    pub(crate) fn perform<O: Operation>(&mut self, operation: &O) -> Result<O::Done, O::Error> {
        self.write(|queries| {
            operation.lock(queries)?;
            match operation.decide(queries) {
                Ok(plan) => operation.carry_out(queries, plan).map(Ok),
                Err(error) if error.class() == ErrorClass::Internal => Err(error),
                Err(refusal) => {
                    operation.record_refusal(queries, &refusal)?;
                    Ok(Err(refusal))
                }
            }
        })?
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::super::audit::NewAudit;
    use super::*;
    use crate::refusal::SeatRefusal;
    use crate::rules::release::ReleaseError;

    /// An operation that writes a row when it is carried out and when it is refused.
    struct Stub {
        decided: Result<(), ReleaseError>,
        carried_out: Result<(), ReleaseError>,
    }

    fn add(queries: &Transaction<'_>, event: &'static str) -> Result<(), DatabaseError> {
        queries.add_audit(&NewAudit { event, ..Default::default() }, DateTime::<Utc>::UNIX_EPOCH)
    }

    impl Operation for Stub {
        type Plan = ();
        type Done = ();
        type Error = ReleaseError;

        fn lock(&self, queries: &Transaction<'_>) -> Result<(), DatabaseError> {
            add(queries, "locked")
        }

        fn decide(&self, _: &ReadTransaction<'_>) -> Result<(), ReleaseError> {
            self.decided.clone()
        }

        fn carry_out(&self, queries: &Transaction<'_>, (): ()) -> Result<(), ReleaseError> {
            add(queries, "carried_out")?;
            self.carried_out.clone()
        }

        fn record_refusal(
            &self,
            queries: &Transaction<'_>,
            _: &ReleaseError,
        ) -> Result<(), DatabaseError> {
            add(queries, "refused")
        }
    }

    #[test]
    fn a_plan_is_carried_out_a_refusal_recorded_and_after_a_failure_nothing_is_written() {
        let refusal = || Err(SeatRefusal::Reused.into());
        let failure = || Err(DatabaseError::Full.into());
        for (decided, carried_out, result, written) in [
            (Ok(()), Ok(()), Ok(()), &["locked", "carried_out"][..]),
            (refusal(), Ok(()), refusal(), &["locked", "refused"]),
            (failure(), Ok(()), failure(), &[]),
            (Ok(()), failure(), failure(), &[]),
            // What was written for a plan isn't kept with a refusal, either.
            (Ok(()), refusal(), refusal(), &[]),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let mut database = Database::create(&folder.path().join("issuer.db")).unwrap();
            assert_eq!(database.perform(&Stub { decided, carried_out }), result);
            let rows = database.read(|queries| queries.audit()).unwrap();
            let events: Vec<_> = rows.into_iter().map(|row| row.event).collect();
            assert_eq!(events, written, "{result:?}");
        }
    }
}
