//! The message about parts of a submission that aren't used.

use latchkey_i18n::Explained;
use maud::{Markup, html};

use crate::request_context::RequestContext;

/// A message about unused parts of a submission in the client's language: each part by name, and
/// the number of further ones.
#[derive(Debug, Default)]
pub(crate) struct UnusedPartsMessage {
    parts: Vec<Explained>,
    others: usize,
}

impl UnusedPartsMessage {
    /// A message about the parts that have these explanations, and about further ones.
    pub(crate) fn new(parts: Vec<Explained>, others: usize) -> Self {
        Self { parts, others }
    }

    pub(crate) fn render(&self, context: &RequestContext) -> Markup {
        let count = self.parts.len() + self.others;
        html! {
            @if count > 0 {
                div.notice role="status" data-testid="skipped" data-count=(count) {
                    p { strong { (context.message("portal-skipped", &[("count", count.into())])) } }
                    ul {
                        @for words in &self.parts { li data-code=(words.code) { (words.message) " " (words.action) } }
                        @if self.others > 0 { li { (context.message("portal-skipped-others", &[("count", self.others.into())])) } }
                    }
                }
            }
        }
    }
}
