//! Signing in and out.

use axum::extract::rejection::FormRejection;
use axum::extract::{RawQuery, State};
use axum::http::header::{REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use latchkey_issuer::{Blame, Blamed as _, SignInPlace};
use maud::html;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::session::{COOKIE_LOST, Order, SIGNED_IN, says};
use crate::failure::Trouble;
use crate::serve::limits::What;
use crate::serve::page::Page;
use crate::serve::turns::GivenUp;
use crate::serve::visit::{Channel, Problem, Visitor};
use crate::serve::{Shared, form};

/// `GET /vendor/sign-in`
pub(crate) async fn show(
    State(portal): State<Shared>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let lost = says(query.as_deref(), COOKIE_LOST)
        .then(|| visitor.problem_with(StatusCode::FORBIDDEN, &Trouble::CookieLost));
    shown(&portal, &visitor, lost.as_ref())
}

/// The page, which tells the portal where its form was sent from: with the other pages' `no-referrer`, browsers send
/// `Origin: null` and so don't say whether they came by TLS. This page's address holds no token.
fn shown(portal: &Shared, visitor: &Visitor, problem: Option<&Problem>) -> Response {
    let mut response = visitor.reply(portal, Ok(page(visitor, problem)));
    let policy = HeaderValue::from_static("same-origin");
    response.headers_mut().insert(REFERRER_POLICY, policy);
    response
}

fn page(visitor: &Visitor, problem: Option<&Problem>) -> Page {
    let invalid = problem.map(|_| "true");
    let body = html! {
        @if let Some(problem) = problem { (visitor.problem_box(problem)) }
        @else if visitor.channel != Channel::Safe { p.notice data-testid="needs-tls" { (visitor.word("portal-vendor-tls")) } }
        form.card method="post" action=(visitor.link("/vendor/sign-in")) {
            label for="name" { (visitor.word("portal-vendor-name")) }
            input #name name="name" required autocomplete="username" autocapitalize="off" spellcheck="false" aria-invalid=[invalid] data-testid="name";
            label for="passphrase" { (visitor.word("portal-vendor-passphrase")) }
            input #passphrase name="passphrase" type="password" required autocomplete="current-password" aria-invalid=[invalid] data-testid="passphrase";
            label for="number" { (visitor.word("portal-vendor-number")) }
            input #number name="number" inputmode="numeric" autocomplete="one-time-code" aria-describedby="number-hint" data-testid="number";
            p #number-hint .small.muted { (visitor.word("portal-vendor-number-hint")) }
            div.row { button.primary type="submit" data-testid="sign-in" { (visitor.word("portal-vendor-sign-in")) } }
        }
    };
    let title = visitor.word("portal-vendor-sign-in-title");
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    Page { status, ..Page::new("sign-in", title, body) }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    name: String,
    #[serde(deserialize_with = "form::secret")]
    passphrase: Zeroizing<String>,
    number: Option<String>,
}

/// `POST /vendor/sign-in`
pub(crate) async fn sign_in(
    State(portal): State<Shared>,
    visitor: Visitor,
    Extension(turn): Extension<GivenUp>,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let cookie = async {
        // The browser wouldn't keep the cookie, and the passphrase has come as it was typed.
        if visitor.channel == Channel::Plain {
            return Err(visitor.problem_with(StatusCode::FORBIDDEN, &Trouble::NotTls));
        }
        portal.limits.take(&visitor, What::SignIn)?;
        let asked = form::fields(&visitor, form)?;
        let name = asked.name.trim().to_owned();
        let pause = portal.desk.read(move |issuer, now| issuer.sign_in_pause(&name, now)).await;
        let pause = pause.map_err(|failure| visitor.failed(&failure))?;
        if !pause.is_zero() {
            let paused = async {
                tokio::time::sleep(pause).await;
                Ok(())
            };
            turn.during(&portal.works, &visitor, paused).await?;
        }
        let from: Vec<_> = visitor.origin.whose().each().collect();
        let rows = portal.limits.rows(&visitor);
        // On a connection of its own: the passphrase takes a while, and nobody else shall wait for it.
        let signed_in = portal.desk.aside(move |issuer, now| {
            let number = asked.number.as_deref().filter(|number| !number.trim().is_empty());
            let (name, passphrase) = (asked.name.trim(), &asked.passphrase);
            let places: Vec<_> = from
                .iter()
                .map(|(one, many)| SignInPlace { id: one.as_bytes(), addresses: *many as u64 })
                .collect();
            issuer
                .within_quota(rows, |issuer| issuer.sign_in(name, passphrase, number, &places, now))
        });
        let operator = signed_in
            .await
            .map_err(|failure| visitor.failed(&failure))?
            .map_err(|error| visitor.problem(error.blame(), &error))?;
        let cookie = portal.sessions.begin(operator);
        cookie.ok_or_else(|| visitor.problem(Blame::Machine, &Trouble::Interrupted))
    };
    match cookie.await {
        Ok(cookie) => {
            let to = Redirect::to(&visitor.link_saying("/vendor", SIGNED_IN));
            ([(SET_COOKIE, cookie)], to).into_response()
        }
        Err(problem) => shown(&portal, &visitor, Some(&problem)),
    }
}

/// `POST /vendor/sign-out`
pub(crate) async fn sign_out(
    State(portal): State<Shared>,
    visitor: Visitor,
    order: Order,
) -> Response {
    let cookie = portal.sessions.end(&order.session);
    ([(SET_COOKIE, cookie)], Redirect::to(&visitor.link("/vendor/sign-in"))).into_response()
}
