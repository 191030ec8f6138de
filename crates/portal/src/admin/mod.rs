//! The admin pages: everything that the command line can do for a support team, behind a sign-in.
//! They call the same functions of the issuer, and every audit row that they cause names the
//! operator.

mod audit;
mod entitlements;
mod overview;
mod products;
mod seats;
mod session;
mod sign_in;

use axum::Router;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use latchkey_issuer::{ClassifiedError, Issuer};
use latchkey_lease::Timestamp;
use latchkey_token::HasErrorCode;
use maud::{Markup, html};

pub(crate) use session::{Session, Sessions};

use crate::page::{Page, PageResult};
use crate::request_context::{HttpError, RequestContext};
use crate::state::{Portal, Shared};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/vendor", get(overview::show))
        .route("/vendor/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/vendor/sign-out", post(sign_in::sign_out))
        .route("/vendor/products", get(products::list).post(products::add))
        .route("/vendor/products/{number}", get(products::one))
        .route("/vendor/products/{number}/kit/{file}", get(products::kit))
        .route("/vendor/entitlements", get(entitlements::list).post(entitlements::add))
        .route("/vendor/entitlements/search", post(entitlements::search))
        .route("/vendor/entitlements/{id}", get(entitlements::one).post(entitlements::change))
        .route("/vendor/entitlements/{id}/end", post(entitlements::end))
        .route("/vendor/entitlements/{id}/dismiss", post(entitlements::dismiss_returns))
        .route("/vendor/entitlements/{id}/codes", post(entitlements::add_code))
        .route("/vendor/entitlements/{id}/codes/disable", post(entitlements::disable_code))
        .route("/vendor/seats/{id}", get(seats::one))
        .route("/vendor/seats/{id}/release", post(seats::release))
        .route("/vendor/seats/{id}/refresh", post(seats::refresh))
        .route("/vendor/seats/{id}/dismiss", post(seats::dismiss))
        .route("/vendor/audit", get(audit::list).post(audit::search))
        .route("/vendor/audit.csv", post(audit::table))
}

/// A page inside the vendor's frame.
fn page(session: &Session, name: &'static str, title: String, body: Markup) -> Page {
    Page { operator: Some(session.clone()), ..Page::new(name, title, body) }
}

/// A form that belongs to this session.
fn csrf_form(context: &RequestContext, session: &Session, action: &str, rest: Markup) -> Markup {
    html! {
        form method="post" action=(context.link(action)) {
            input type="hidden" name="secret" value=(session.secret);
            (rest)
        }
    }
}

/// Runs a read-only query.
async fn query_issuer<T, E>(
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
async fn change_issuer<T, E>(
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

/// After something was done: the page that shows how it is now, so that reloading does nothing
/// twice.
fn redirect(
    portal: &Portal,
    context: &RequestContext,
    session: &Session,
    outcome: Result<String, HttpError>,
) -> Response {
    match outcome {
        Ok(path) => Redirect::to(&context.link(&path)).into_response(),
        Err(problem) => render_framed(portal, context, session, Err(problem)),
    }
}

/// A page or a problem, inside the vendor's frame.
fn render_framed(
    portal: &Portal,
    context: &RequestContext,
    session: &Session,
    reply: PageResult,
) -> Response {
    let framed = reply.unwrap_or_else(|problem| Page {
        operator: Some(session.clone()),
        ..context.error_page_for(&problem, html! {}, ("/vendor", "portal-vendor-back"))
    });
    context.render(portal, Ok(framed))
}

/// A field with its label and a hint.
fn field(context: &RequestContext, name: &str, label: &str, hint: &str, value: &str) -> Markup {
    let id = format!("field-{name}");
    html! {
        div.field {
            label for=(id) { (context.label(label)) }
            input id=(id) name=(name) value=(value) autocomplete="off" spellcheck="false"
                aria-describedby=[(!hint.is_empty()).then(|| format!("hint-{name}"))] data-testid=(name);
            @if !hint.is_empty() { p.small.muted id={ "hint-" (name) } { (context.label(hint)) } }
        }
    }
}

/// The same for several lines.
fn lines(context: &RequestContext, name: &str, label: &str, hint: &str, value: &str) -> Markup {
    let id = format!("field-{name}");
    html! {
        div.field {
            label for=(id) { (context.label(label)) }
            textarea id=(id) name=(name) rows="3" spellcheck="false" aria-describedby={ "hint-" (name) } data-testid=(name) { (value) }
            p.small.muted id={ "hint-" (name) } { (context.label(hint)) }
        }
    }
}
