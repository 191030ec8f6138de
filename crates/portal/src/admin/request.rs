//! Takes the session out of a request. A handler that changes something takes an
//! [`AuthenticatedForm`], which exists only for a valid session with the correct CSRF token.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use subtle::ConstantTimeEq as _;

use crate::error::PortalError;
use crate::form;
use crate::request_context::RequestContext;
use crate::sessions::{COOKIE_NAME, Session};
use crate::state::Shared;

/// Query marker of the URL to which signing in redirects.
pub(super) const SIGNED_IN: &str = "signed-in=yes";
/// Query marker of the sign-in page's URL if the browser didn't send back the cookie that was just
/// set.
pub(super) const COOKIE_LOST: &str = "kept=no";

impl FromRequestParts<Shared> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, portal: &Shared) -> Result<Self, Response> {
        let context = context(parts, portal).await;
        // Right after signing in it is the browser that didn't keep the cookie.
        let lost = if query_has(parts.uri.query(), SIGNED_IN) { COOKIE_LOST } else { "" };
        let away = || Redirect::to(&context.link_saying("/vendor/sign-in", lost)).into_response();
        let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let id = cookies
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
        let session = id.and_then(|id| portal.sessions.find(id)).ok_or_else(away)?;
        // The operator may have been removed or changed meanwhile: a session doesn't outlive the
        // credentials with which it began.
        let name = session.operator.clone();
        match portal.pool.read(move |issuer, _| issuer.operator_generation(&name)).await {
            Ok(Ok(Some(generation))) if generation == session.generation => Ok(session),
            _ => {
                portal.sessions.end(&session);
                Err(away())
            }
        }
    }
}

/// Whether a query has this part.
pub(super) fn query_has(query: Option<&str>, part: &str) -> bool {
    query.unwrap_or_default().split('&').any(|said| said == part)
}

async fn context(parts: &mut Parts, portal: &Shared) -> RequestContext {
    let Ok(context) = RequestContext::from_request_parts(parts, portal).await;
    context
}

/// A form that a signed-in operator has submitted from one of the admin pages.
#[derive(Debug)]
pub(crate) struct AuthenticatedForm {
    pub(crate) session: Session,
    fields: Vec<(String, String)>,
}

impl AuthenticatedForm {
    /// A field without the white space around it; nothing where it is empty.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The lines of a field that aren't empty.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let text = self.field(name).unwrap_or_default();
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

impl FromRequest<Shared> for AuthenticatedForm {
    type Rejection = Response;

    async fn from_request(request: Request, portal: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let context = context(&mut parts, portal).await;
        let session = Session::from_request_parts(&mut parts, portal).await?;
        let request = Request::from_parts(parts, body);
        let sent = axum::Form::<Vec<(String, String)>>::from_request(request, portal).await;
        let refused = |status| {
            context.render(&portal.branding, Err(context.problem_with(status, &PortalError::Form)))
        };
        let fields = form::fields(&context, sent).map_err(|_| refused(StatusCode::BAD_REQUEST))?;
        let order = Self { session, fields };
        let given = order.field("secret").unwrap_or_default();
        if bool::from(given.as_bytes().ct_eq(order.session.secret.as_bytes())) {
            Ok(order)
        } else {
            Err(refused(StatusCode::FORBIDDEN))
        }
    }
}
