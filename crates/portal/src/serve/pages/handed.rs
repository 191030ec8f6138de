//! A token that is handed to a person: to copy, to save, to send, to scan, to print. Response and refresh look the same.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use latchkey_token::Kind;
use maud::{Markup, html};
use serde::Deserialize;

use crate::serve::visit::Visitor;
use crate::serve::{Portal, Shared, form};

/// A token and what it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handed<'h> {
    pub(crate) kind: Kind,
    pub(crate) token: &'h str,
    /// The seat's name.
    pub(crate) name: &'h str,
    pub(crate) expiry: Timestamp,
}

/// The token with everything that can be done with it.
pub(crate) fn token(_portal: &Portal, visitor: &Visitor, handed: &Handed<'_>) -> Markup {
    let count = [("count", handed.token.len().into())];
    let subject = visitor.say(
        "portal-mail-subject",
        &[("kind", handed.kind.name().into()), ("name", handed.name.into())],
    );
    let mail = format!("mailto:?subject={}&body={}", percent(&subject), percent(handed.token));
    html! {
        section.card data-testid="handed" data-kind=(handed.kind.name()) {
            (visitor.facts(&[("portal-lease-until", visitor.time(handed.expiry))]))
            label for="token" { (visitor.say("portal-token-label", &[("kind", handed.kind.name().into())])) }
            textarea.token #token readonly rows="5" spellcheck="false" data-testid="token" { (handed.token) }
            div.row {
                button.primary type="button" hidden data-copy="token" data-copied=(visitor.say("portal-copied", &count)) data-testid="copy" { (visitor.word("portal-copy")) }
                form method="post" action=(visitor.link("/file")) {
                    input type="hidden" name="token" value=(handed.token);
                    button type="submit" data-testid="download" { (visitor.word("portal-download")) }
                }
                a.button href=(mail) data-testid="mail" { (visitor.word("portal-mail")) }
            }
            p.small role="status" data-testid="copied" {}
        }
        section {
            h2 { (visitor.word("portal-then-title")) }
            ol.steps {
                li { (visitor.word("portal-then-one")) }
                li { (visitor.say("portal-then-two", &[("kind", handed.kind.name().into())])) }
                li { (visitor.word("portal-then-three")) }
            }
        }
    }
}

/// For an address: everything but letters and digits as bytes (RFC 3986, 2.1).
fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    token: String,
}

/// `POST /file`: the token as a file. Only what is a token comes back, in its own words.
pub(crate) async fn file(
    State(portal): State<Shared>,
    visitor: Visitor,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let token = form::fields(&visitor, form).and_then(|asked| form::token(&visitor, &asked.token));
    let token = match token {
        Ok(token) => token,
        Err(problem) => return visitor.reply(&portal, Err(problem)),
    };
    let name = format!("attachment; filename=\"{}.txt\"", token.kind().name());
    let headers = [(CONTENT_TYPE, "text/plain; charset=us-ascii"), (CONTENT_DISPOSITION, &name)];
    (headers, format!("{token}\n")).into_response()
}
