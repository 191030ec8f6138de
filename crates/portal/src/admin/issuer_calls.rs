//! Calls of the issuer from the admin pages. A failure becomes the response that the page shows.

use latchkey_issuer::{ClassifiedError, Issuer};
use latchkey_lease::Timestamp;
use latchkey_token::HasErrorCode;

use crate::request_context::{HttpError, RequestContext};
use crate::sessions::Session;
use crate::state::Portal;

/// Runs a read-only query.
pub(super) async fn query_issuer<T, E>(
    portal: &Portal,
    context: &RequestContext,
    work: impl FnOnce(&mut Issuer, Timestamp) -> Result<T, E> + Send + 'static,
) -> Result<T, HttpError>
where
    T: Send + 'static,
    E: ClassifiedError + HasErrorCode + Send + 'static,
{
    let done = portal.pool.read(work).await.map_err(|failure| context.failed(&failure))?;
    done.map_err(|error| context.problem(error.class(), &error))
}

/// Makes a change on behalf of the operator who is signed in.
pub(super) async fn change_issuer<T, E>(
    portal: &Portal,
    context: &RequestContext,
    session: &Session,
    work: impl FnOnce(&mut Issuer, Timestamp) -> Result<T, E> + Send + 'static,
) -> Result<T, HttpError>
where
    T: Send + 'static,
    E: ClassifiedError + HasErrorCode + Send + 'static,
{
    let operator = session.operator.clone();
    let work = move |issuer: &mut Issuer, now: Timestamp| {
        issuer.on_behalf_of(&operator, |issuer| work(issuer, now))
    };
    let done = portal.pool.write(work).await.map_err(|failure| context.failed(&failure))?;
    done.map_err(|error| context.problem(error.class(), &error))
}
