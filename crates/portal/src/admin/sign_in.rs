//! Signing in and out.

use axum::extract::rejection::FormRejection;
use axum::extract::{RawQuery, State};
use axum::http::header::{REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use latchkey_issuer::{ClassifiedError as _, ErrorClass, SignInOrigin};
use maud::html;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::http_request::{AdminForm, COOKIE_LOST, SIGNED_IN, query_has};
use crate::error::PortalError;
use crate::fair_queue::YieldedPermit;
use crate::form;
use crate::page::Page;
use crate::rate_limit::Quota;
use crate::request_context::{Channel, HttpError, RequestContext};
use crate::state::Shared;

/// `GET /vendor/sign-in`
pub(crate) async fn show(
    State(portal): State<Shared>,
    context: RequestContext,
    RawQuery(query): RawQuery,
) -> Response {
    let lost = query_has(query.as_deref(), COOKIE_LOST)
        .then(|| context.problem_with(StatusCode::FORBIDDEN, &PortalError::CookieLost));
    render_page(&portal, &context, lost.as_ref())
}

/// The sign-in page. It sends the origin of its form: with the `no-referrer` of the other pages,
/// browsers send `Origin: null`, which doesn't reveal whether they use TLS. The URL of this page
/// contains no token.
fn render_page(portal: &Shared, context: &RequestContext, problem: Option<&HttpError>) -> Response {
    let mut response = context.render(&portal.branding, Ok(page(context, problem)));
    let policy = HeaderValue::from_static("same-origin");
    response.headers_mut().insert(REFERRER_POLICY, policy);
    response
}

fn page(context: &RequestContext, problem: Option<&HttpError>) -> Page {
    let invalid = problem.map(|_| "true");
    let body = html! {
        @if let Some(problem) = problem { (context.error_box(problem)) }
        @else if context.channel != Channel::Safe { p.notice data-testid="needs-tls" { (context.label("portal-vendor-tls")) } }
        form.card method="post" action=(context.link("/vendor/sign-in")) {
            label for="name" { (context.label("portal-vendor-name")) }
            input #name name="name" required autocomplete="username" autocapitalize="off" spellcheck="false" aria-invalid=[invalid] data-testid="name";
            label for="passphrase" { (context.label("portal-vendor-passphrase")) }
            input #passphrase name="passphrase" type="password" required autocomplete="current-password" aria-invalid=[invalid] data-testid="passphrase";
            label for="number" { (context.label("portal-vendor-number")) }
            input #number name="number" inputmode="numeric" autocomplete="one-time-code" aria-describedby="number-hint" data-testid="number";
            p #number-hint .small.muted { (context.label("portal-vendor-number-hint")) }
            div.row { button.primary type="submit" data-testid="sign-in" { (context.label("portal-vendor-sign-in")) } }
        }
    };
    let title = context.label("portal-vendor-sign-in-title");
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    Page { status, ..Page::new("sign-in", title, body) }
}

#[derive(Deserialize)]
pub(crate) struct SignInForm {
    name: String,
    #[serde(deserialize_with = "form::deserialize_secret")]
    passphrase: Zeroizing<String>,
    number: Option<String>,
}

/// `POST /vendor/sign-in`
pub(crate) async fn sign_in(
    State(portal): State<Shared>,
    context: RequestContext,
    Extension(turn): Extension<YieldedPermit>,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let cookie = async {
        // The browser wouldn't keep the cookie, and the passphrase has come as it was typed.
        if context.channel == Channel::Plain {
            return Err(context.problem_with(StatusCode::FORBIDDEN, &PortalError::NotTls));
        }
        portal.limits.take(&context, Quota::SignIn)?;
        let asked = form::fields(&context, form)?;
        let name = asked.name.trim().to_owned();
        let pause = portal.pool.read(move |issuer, now| issuer.sign_in_pause(&name, now)).await;
        let pause = pause.map_err(|failure| context.problem_of(&failure))?;
        if !pause.is_zero() {
            let paused = async {
                tokio::time::sleep(pause).await;
                Ok(())
            };
            turn.yield_during(&portal.works, &context, paused).await?;
        }
        let from: Vec<_> = context.origin.client_id().with_network().collect();
        let rows = portal.limits.rows(&context);
        // Uses the bulk connection: verifying the passphrase takes a while, and other writers
        // shouldn't wait for it.
        let signed_in = portal.pool.slow_write(move |issuer, now| {
            let number = asked.number.as_deref().filter(|number| !number.trim().is_empty());
            let (name, passphrase) = (asked.name.trim(), &asked.passphrase);
            let places: Vec<_> = from
                .iter()
                .map(|(one, many)| SignInOrigin { id: one.as_bytes(), addresses: *many as u64 })
                .collect();
            issuer
                .within_quota(rows, |issuer| issuer.sign_in(name, passphrase, number, &places, now))
        });
        let operator = signed_in
            .await
            .map_err(|failure| context.problem_of(&failure))?
            .map_err(|error| context.problem(error.class(), &error))?;
        let cookie = portal.sessions.begin(operator);
        cookie.ok_or_else(|| context.problem(ErrorClass::Internal, &PortalError::Interrupted))
    };
    match cookie.await {
        Ok(cookie) => {
            let to = Redirect::to(&context.link_saying("/vendor", SIGNED_IN));
            ([(SET_COOKIE, cookie)], to).into_response()
        }
        Err(problem) => render_page(&portal, &context, Some(&problem)),
    }
}

/// `POST /vendor/sign-out`
pub(crate) async fn sign_out(AdminForm { http, .. }: AdminForm) -> Response {
    let cookie = http.portal.sessions.end(&http.session);
    let to = Redirect::to(&http.context.link("/vendor/sign-in"));
    ([(SET_COOKIE, cookie)], to).into_response()
}
