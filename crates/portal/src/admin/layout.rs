//! What all admin pages are made of: their frame, forms and fields.

use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};

use crate::page::{Page, PageResult};
use crate::request_context::{HttpError, RequestContext};
use crate::sessions::Session;
use crate::state::Portal;

/// A page inside the vendor's frame.
pub(super) fn page(session: &Session, name: &'static str, title: String, body: Markup) -> Page {
    Page { operator: Some(session.clone()), ..Page::new(name, title, body) }
}

/// A form that belongs to this session.
pub(super) fn csrf_form(
    context: &RequestContext,
    session: &Session,
    action: &str,
    rest: Markup,
) -> Markup {
    html! {
        form method="post" action=(context.link(action)) {
            input type="hidden" name="secret" value=(session.secret);
            (rest)
        }
    }
}

/// After something was done: the page that shows how it is now, so that reloading does nothing
/// twice.
pub(super) fn redirect(
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
pub(super) fn render_framed(
    portal: &Portal,
    context: &RequestContext,
    session: &Session,
    reply: PageResult,
) -> Response {
    let framed = reply.unwrap_or_else(|problem| Page {
        operator: Some(session.clone()),
        ..context.error_page_for(&problem, html! {}, ("/vendor", "portal-vendor-back"))
    });
    context.render(&portal.branding, Ok(framed))
}

/// A field with its label and a hint.
pub(super) fn field(
    context: &RequestContext,
    name: &str,
    label: &str,
    hint: &str,
    value: &str,
) -> Markup {
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
pub(super) fn lines(
    context: &RequestContext,
    name: &str,
    label: &str,
    hint: &str,
    value: &str,
) -> Markup {
    let id = format!("field-{name}");
    html! {
        div.field {
            label for=(id) { (context.label(label)) }
            textarea id=(id) name=(name) rows="3" spellcheck="false" aria-describedby={ "hint-" (name) } data-testid=(name) { (value) }
            p.small.muted id={ "hint-" (name) } { (context.label(hint)) }
        }
    }
}
