//! The fields of the admin pages' forms.

use maud::{Markup, html};

use crate::request_context::RequestContext;

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
