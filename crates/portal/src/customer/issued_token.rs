//! Shows an issued token, which the user can copy, save, send, scan or print. Responses and
//! refreshes look the same.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use latchkey_issuer::Refreshed;
use latchkey_lease::Timestamp;
use latchkey_paper::Sheet;
use latchkey_token::Token;
use maud::{Markup, PreEscaped, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::Deserialize;

use super::http_request::CustomerForm;
use crate::form;
use crate::request_context::RequestContext;

/// A token that was issued, and for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IssuedToken<'h> {
    pub(crate) token: &'h Token,
    /// The product's name.
    pub(crate) product: &'h str,
    /// The seat's name.
    pub(crate) name: &'h str,
    pub(crate) expiry: Timestamp,
    /// The next renewal needs a request: this is the last refresh before it.
    pub(crate) is_last: bool,
}

impl<'h> From<&'h Refreshed> for IssuedToken<'h> {
    fn from(refreshed: &'h Refreshed) -> Self {
        Self {
            token: &refreshed.token,
            product: &refreshed.product,
            name: &refreshed.name,
            expiry: refreshed.lease_expiry,
            is_last: refreshed.refreshes_left == Some(0),
        }
    }
}

/// The token with everything that can be done with it.
pub(crate) fn token(context: &RequestContext, handed: &IssuedToken<'_>) -> Markup {
    let (text, kind) = (handed.token.to_string(), handed.token.kind().name());
    // For the computer's camera. It needs no address: nothing is opened with the pictures.
    let pictures = latchkey_paper::pictures(handed.token, None);
    let count = [("count", text.len().into())];
    let subject = context
        .message("portal-mail-subject", &[("kind", kind.into()), ("name", handed.name.into())]);
    let mail = format!("mailto:?subject={}&body={}", percent(&subject), percent(&text));
    html! {
        section.card data-testid="handed" data-kind=(kind) {
            (context.facts(&[("portal-lease-until", context.time(handed.expiry))]))
            @if handed.is_last { p.notice data-testid="last-refresh" { (context.label("portal-last-refresh")) } }
            label for="token" { (context.message("portal-token-label", &[("kind", kind.into())])) }
            textarea.token #token readonly rows="5" spellcheck="false" data-testid="token" { (text) }
            div.row {
                button.primary type="button" hidden data-copy="token" data-copied=(context.message("portal-copied", &count)) data-testid="copy" { (context.label("portal-copy")) }
                form method="post" action=(context.link("/file")) {
                    input type="hidden" name="token" value=(text);
                    button type="submit" data-testid="download" { (context.label("portal-download")) }
                }
                form method="post" action=(context.link("/sheet")) target="_blank" {
                    input type="hidden" name="token" value=(text);
                    input type="hidden" name="product" value=(handed.product);
                    input type="hidden" name="name" value=(handed.name);
                    button type="submit" data-testid="sheet" { (context.label("portal-sheet")) }
                }
                a.button href=(mail) data-testid="mail" { (context.label("portal-mail")) }
            }
            p.small role="status" data-testid="copied" {}
        }
        section.card {
            h2 { (context.label("portal-picture-title")) }
            p.small.muted { (context.label("portal-picture-hint")) }
            div.pictures data-testid="pictures" data-count=(pictures.len()) {
                @for (number, picture) in (1_usize..).zip(&pictures) {
                    @let values = [("number", number.into()), ("count", pictures.len().into())];
                    figure role="img" aria-label=(context.message("portal-picture", &values)) {
                        (PreEscaped(picture.svg()))
                        @if pictures.len() > 1 { figcaption aria-hidden="true" { (number) " / " (pictures.len()) } }
                    }
                }
            }
        }
        section {
            h2 { (context.label("portal-then-title")) }
            ol.steps {
                li { (context.label("portal-then-one")) }
                li { (context.message("portal-then-two", &[("kind", kind.into())])) }
                li { (context.label("portal-then-three")) }
            }
        }
    }
}

/// Everything but unreserved characters (RFC 3986, 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn percent(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

#[derive(Debug, Deserialize)]
pub(crate) struct TokenForm {
    token: String,
}

/// `POST /file`: the token as a file. Only what is a token comes back, in its own words.
pub(crate) async fn file(CustomerForm { http, fields }: CustomerForm<TokenForm>) -> Response {
    let token = match form::parse_token(&http.portal, &http.context, fields.token).await {
        Ok(token) => token,
        Err(problem) => return http.response(Err(problem)),
    };
    let name = format!("attachment; filename=\"{}.txt\"", token.kind().name());
    let headers = [(CONTENT_TYPE, "text/plain; charset=us-ascii"), (CONTENT_DISPOSITION, &name)];
    (headers, format!("{token}\n")).into_response()
}

/// A print sheet brings its own style inside, and nothing else.
const SHEET_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                            frame-ancestors 'none'";
/// Longest name that a sheet shows.
const MAX_NAME: usize = 200;

#[derive(Debug, Deserialize)]
pub(crate) struct Printed {
    token: String,
    product: String,
    name: String,
}

/// `POST /sheet`: a print sheet for the token, identical to the wizard's.
pub(crate) async fn sheet(CustomerForm { http, fields }: CustomerForm<Printed>) -> Response {
    let Printed { token, product, name } = fields;
    let token = match form::parse_token(&http.portal, &http.context, token).await {
        Ok(token) => token,
        Err(problem) => return http.response(Err(problem)),
    };
    let shown = |text: &str| text.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    let (product, name): (String, String) = (shown(&product), shown(&name));
    let sheet = Sheet {
        token: &token,
        product: &product,
        vendor: &http.portal.branding.vendor,
        portal: None,
        seat_name: Some(name.as_str()).filter(|name| !name.is_empty()),
        language: http.context.language,
    };
    let headers =
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, SHEET_POLICY)];
    (headers, sheet.html()).into_response()
}
