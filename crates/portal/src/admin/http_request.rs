//! What a handler of the admin pages gets: an [`AdminHttpRequest`] of an operator who is signed in,
//! or an [`AdminForm`] that such an operator has submitted with the session's CSRF token. No other
//! value gives a handler access to the issuer or puts the operator's layout around a page.

use std::future::Future;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use latchkey_issuer::{ClassifiedError, Issuer};
use latchkey_lease::Timestamp;
use latchkey_token::HasErrorCode;
use maud::{Markup, html};
use subtle::ConstantTimeEq as _;

use crate::error::PortalError;
use crate::form;
use crate::page::{Page, PageResult};
use crate::request_context::{HttpError, RequestContext};
use crate::sessions::{COOKIE_NAME, Session};
use crate::state::Shared;

/// Query marker of the URL to which signing in redirects.
pub(super) const SIGNED_IN: &str = "signed-in=yes";
/// Query marker of the sign-in page's URL if the browser didn't send back the cookie that was just
/// set.
pub(super) const COOKIE_LOST: &str = "kept=no";

/// An HTTP request of an operator who is signed in.
#[derive(Debug)]
pub(crate) struct AdminHttpRequest {
    pub(super) portal: Shared,
    pub(super) context: RequestContext,
    pub(super) session: Session,
}

impl AdminHttpRequest {
    /// Runs a read-only query.
    pub(super) async fn query<T, E>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> Result<T, E> + Send + 'static,
    ) -> Result<T, HttpError>
    where
        T: Send + 'static,
        E: ClassifiedError + HasErrorCode + Send + 'static,
    {
        let done = self.portal.pool.read(work).await;
        done.map_err(|failure| self.context.problem_of(&failure))?
            .map_err(|error| self.context.problem(error.class(), &error))
    }

    /// Makes a change on behalf of the operator, whom its audit rows name.
    pub(super) async fn change<T, E>(
        &self,
        work: impl FnOnce(&mut Issuer, Timestamp) -> Result<T, E> + Send + 'static,
    ) -> Result<T, HttpError>
    where
        T: Send + 'static,
        E: ClassifiedError + HasErrorCode + Send + 'static,
    {
        let operator = self.session.operator.clone();
        let work = move |issuer: &mut Issuer, now: Timestamp| {
            issuer.on_behalf_of(&operator, |issuer| work(issuer, now))
        };
        let done = self.portal.pool.write(work).await;
        done.map_err(|failure| self.context.problem_of(&failure))?
            .map_err(|error| self.context.problem(error.class(), &error))
    }

    /// A page in the operator's layout.
    pub(super) fn page(&self, name: &'static str, title: String, body: Markup) -> Page {
        Page { operator: Some(self.session.clone()), ..Page::new(name, title, body) }
    }

    /// A form that belongs to this session.
    pub(super) fn form(&self, action: &str, rest: Markup) -> Markup {
        html! {
            form method="post" action=(self.context.link(action)) {
                (self.csrf_field())
                (rest)
            }
        }
    }

    /// What makes a form belong to this session.
    pub(super) fn csrf_field(&self) -> Markup {
        html! { input type="hidden" name="secret" value=(self.session.secret); }
    }

    /// The response with a page, or with the problem that comes in its place.
    pub(super) async fn render(&self, reply: impl Future<Output = PageResult>) -> Response {
        match reply.await {
            Ok(page) => self.context.render(&self.portal.branding, Ok(page)),
            Err(problem) => self.render_problem(&problem),
        }
    }

    /// The response after something was done: it leads to the page that shows how it is now, so
    /// that reloading does nothing twice.
    pub(super) async fn redirect(
        &self,
        outcome: impl Future<Output = Result<String, HttpError>>,
    ) -> Response {
        match outcome.await {
            Ok(path) => Redirect::to(&self.context.link(&path)).into_response(),
            Err(problem) => self.render_problem(&problem),
        }
    }

    /// A problem in the operator's layout.
    pub(super) fn render_problem(&self, problem: &HttpError) -> Response {
        let back = ("/vendor", "portal-vendor-back");
        let page = Page {
            operator: Some(self.session.clone()),
            ..self.context.error_page_for(problem, html! {}, back)
        };
        self.context.render(&self.portal.branding, Ok(page))
    }
}

impl FromRequestParts<Shared> for AdminHttpRequest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, portal: &Shared) -> Result<Self, Response> {
        let Ok(context) = RequestContext::from_request_parts(parts, portal).await;
        // Right after signing in it is the browser that didn't keep the cookie.
        let lost = if query_has(parts.uri.query(), SIGNED_IN) { COOKIE_LOST } else { "" };
        let sign_in = Redirect::to(&context.link_saying("/vendor/sign-in", lost));
        let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let id = cookies
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
        let Some(session) = id.and_then(|id| portal.sessions.find(id)) else {
            return Err(sign_in.into_response());
        };
        let http = Self { portal: Shared::clone(portal), context, session };
        // The operator may have been removed or changed meanwhile: a session doesn't outlive the
        // credentials with which it began. A database that can't be read says nothing about them,
        // so nothing is shown then, not even the operator's layout, and the session stays.
        let name = http.session.operator.clone();
        match http.query(move |issuer, _| issuer.operator_generation(&name)).await {
            Ok(Some(generation)) if generation == http.session.generation => Ok(http),
            Ok(_) => {
                portal.sessions.end(&http.session);
                Err(sign_in.into_response())
            }
            Err(problem) => Err(http.context.render(&portal.branding, Err(problem))),
        }
    }
}

/// Whether a query has this part.
pub(super) fn query_has(query: Option<&str>, part: &str) -> bool {
    query.unwrap_or_default().split('&').any(|said| said == part)
}

/// A form that an operator who is signed in has submitted from one of the admin pages. It exists
/// only with the session's CSRF token.
#[derive(Debug)]
pub(crate) struct AdminForm {
    pub(super) http: AdminHttpRequest,
    pub(super) fields: Fields,
}

/// The fields of a form.
#[derive(Debug)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// A field without the white space around it; `None` where it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The lines of a field that aren't empty.
    pub(super) fn lines(&self, name: &str) -> Vec<String> {
        let text = self.get(name).unwrap_or_default();
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

impl FromRequest<Shared> for AdminForm {
    type Rejection = Response;

    async fn from_request(sent: Request, portal: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = sent.into_parts();
        let http = AdminHttpRequest::from_request_parts(&mut parts, portal).await?;
        let sent = Request::from_parts(parts, body);
        let sent = axum::Form::<Vec<(String, String)>>::from_request(sent, portal).await;
        let context = &http.context;
        // Another site may have sent this, so it isn't answered in the operator's layout.
        let refused = |status| {
            context.render(&portal.branding, Err(context.problem_with(status, &PortalError::Form)))
        };
        let fields = form::fields(context, sent).map_err(|_| refused(StatusCode::BAD_REQUEST))?;
        let fields = Fields(fields);
        let given = fields.get("secret").unwrap_or_default();
        if !bool::from(given.as_bytes().ct_eq(http.session.secret.as_bytes())) {
            return Err(refused(StatusCode::FORBIDDEN));
        }
        Ok(Self { http, fields })
    }
}
