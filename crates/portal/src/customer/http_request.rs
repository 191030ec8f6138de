//! What a handler of the End User Portal gets: a [`CustomerHttpRequest`], or a [`CustomerForm`]
//! with the fields of a submitted form. Both put the portal's layout around a reply.

use std::future::Future;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;

use crate::form;
use crate::page::PageResult;
use crate::request_context::RequestContext;
use crate::state::Shared;

/// An HTTP request of an anonymous visitor.
#[derive(Debug)]
pub(crate) struct CustomerHttpRequest {
    pub(super) portal: Shared,
    pub(super) context: RequestContext,
}

impl CustomerHttpRequest {
    /// The response with a page, or with the problem that comes in its place.
    pub(super) async fn render(&self, reply: impl Future<Output = PageResult>) -> Response {
        self.response(reply.await)
    }

    /// The same for a reply that is there already.
    pub(super) fn response(&self, reply: PageResult) -> Response {
        self.context.render(&self.portal.branding, reply)
    }
}

impl FromRequestParts<Shared> for CustomerHttpRequest {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        portal: &Shared,
    ) -> Result<Self, Self::Rejection> {
        let context = RequestContext::from_request_parts(parts, portal).await?;
        Ok(Self { portal: Shared::clone(portal), context })
    }
}

/// A form that a visitor has submitted.
#[derive(Debug)]
pub(crate) struct CustomerForm<T> {
    pub(super) http: CustomerHttpRequest,
    pub(super) fields: T,
}

impl<T> FromRequest<Shared> for CustomerForm<T>
where
    Form<T>: FromRequest<Shared, Rejection = FormRejection>,
{
    type Rejection = Response;

    async fn from_request(sent: Request, portal: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = sent.into_parts();
        let Ok(http) = CustomerHttpRequest::from_request_parts(&mut parts, portal).await;
        let sent = Form::<T>::from_request(Request::from_parts(parts, body), portal).await;
        match form::fields(&http.context, sent) {
            Ok(fields) => Ok(Self { http, fields }),
            Err(problem) => Err(http.response(Err(problem))),
        }
    }
}
