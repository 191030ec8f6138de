//! The layout and the components that all pages share. This is markup only; each page's content is
//! in its own module.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use latchkey_i18n::Language;
use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_lease::{TimeLeft, days_left};
use maud::{DOCTYPE, Markup, html};

use crate::branding::Branding;
use crate::request_context::{HttpError, RequestContext};
use crate::sessions::Session;

/// A page before the layout is put around it.
#[derive(Debug)]
pub(crate) struct Page {
    /// A stable name, for tests and for the style sheet.
    pub(crate) name: &'static str,
    /// Its heading, which is its title too.
    pub(crate) title: String,
    /// What is under the heading.
    pub(crate) body: Markup,
    pub(crate) status: StatusCode,
    /// Who is signed in, on the vendor's pages.
    pub(crate) operator: Option<Session>,
    /// Refresh interval in seconds, which shows progress without JavaScript.
    pub(crate) again: Option<u8>,
}

impl Page {
    pub(crate) fn new(name: &'static str, title: String, body: Markup) -> Self {
        Self { name, title, body, status: StatusCode::OK, operator: None, again: None }
    }
}

/// A page, or what is shown in its place.
pub(crate) type PageResult = Result<Page, HttpError>;

impl RequestContext {
    /// The response to a request.
    pub(crate) fn render(&self, branding: &Branding, reply: PageResult) -> Response {
        let page = reply.unwrap_or_else(|problem| self.error_page(&problem, html! {}));
        (page.status, self.with_layout(branding, &page)).into_response()
    }

    /// A page with an error and the next step, followed by more content.
    pub(crate) fn error_page(&self, problem: &HttpError, more: Markup) -> Page {
        self.error_page_for(problem, more, ("/", "portal-back"))
    }

    /// An error page with an additional link: its path and its text.
    pub(crate) fn error_page_for(
        &self,
        problem: &HttpError,
        more: Markup,
        (path, words): (&str, &str),
    ) -> Page {
        let body = html! {
            (self.error_box(problem))
            (more)
            p { a href=(self.link(path)) { (self.label(words)) } }
        };
        let title = self.label("portal-problem-title");
        Page { status: problem.status, ..Page::new("problem", title, body) }
    }

    /// What happened, then what to do. It gets the focus, so that it is read out.
    pub(crate) fn error_box(&self, problem: &HttpError) -> Markup {
        let words = &problem.words;
        html! {
            div.problem role="alert" tabindex="-1" autofocus data-testid="error" data-code=(words.code) {
                p { strong { (words.message) } }
                @if !words.action.is_empty() { p { (words.action) } }
                p.small.muted { (self.message("portal-problem-code", &[("code", words.code.into())])) }
            }
        }
    }

    /// A moment, for people and for programs.
    pub(crate) fn time(&self, time: Timestamp) -> Markup {
        html! { time datetime=(to_rfc3339(time)) { (self.format_time(time)) } }
    }

    /// When a lease ends, and what is left of it.
    pub(crate) fn expiry(&self, expiry: Timestamp, now: Timestamp) -> Markup {
        let left = TimeLeft::until(expiry, now);
        let values = [("unit", left.unit().into()), ("count", u64::from(left.count()).into())];
        html! {
            (self.time(expiry))
            @if left != TimeLeft::None {
                " (" span data-testid="left" data-days=(days_left(expiry, now)) { (self.message("portal-left", &values)) } ")"
            }
        }
    }

    /// Pairs of a name and a value.
    pub(crate) fn facts(&self, facts: &[(&str, Markup)]) -> Markup {
        html! {
            dl.facts {
                @for (label, value) in facts { div { dt { (self.label(label)) } dd { (value) } } }
            }
        }
    }

    fn with_layout(&self, branding: &Branding, page: &Page) -> Markup {
        let letter = branding.vendor.chars().next().unwrap_or('L').to_uppercase().to_string();
        html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    meta name="color-scheme" content="light dark";
                    @if let Some(seconds) = page.again { meta http-equiv="refresh" content=(seconds); }
                    title { (page.title) " · " (branding.vendor) }
                    link rel="stylesheet" href=(self.file("/portal.css"));
                    link rel="icon" href=(self.file("/icon.svg")) type="image/svg+xml";
                    script src=(self.file("/portal.js")) defer {}
                }
                body .wide[page.operator.is_some()] {
                    a.skip href="#main" { (self.label("portal-skip")) }
                    header.top {
                        a.brand href=(self.link("/")) {
                            @if branding.logo.is_some() {
                                img src=(self.file("/logo")) alt="" height="32";
                            } @else {
                                span.mark aria-hidden="true" { (letter) }
                            }
                            span { (branding.vendor) }
                        }
                        (self.nav(page))
                    }
                    main #main data-testid="page" data-page=(page.name) {
                        h1 { (page.title) }
                        (page.body)
                    }
                    footer {
                        @if let Some(help) = &branding.help { p { (self.label("portal-help")) " " (help_link(help)) } }
                        @if branding.languages.len() > 1 && page.status == StatusCode::OK { (self.languages(branding, page)) }
                    }
                }
            }
        }
    }

    fn nav(&self, page: &Page) -> Markup {
        let link = |path: &str, words: &str, names: &[&str]| {
            let current = names.contains(&page.name).then_some("page");
            html! { a href=(self.link(path)) aria-current=[current] { (self.label(words)) } }
        };
        html! {
            nav aria-label=(self.label("portal-nav")) {
                @if let Some(session) = &page.operator {
                    (link("/vendor", "portal-vendor-overview", &["vendor"]))
                    (link("/vendor/products", "portal-vendor-products", &["vendor-products", "vendor-product"]))
                    (link("/vendor/entitlements", "portal-vendor-entitlements", &["vendor-entitlements", "vendor-entitlement", "vendor-seat"]))
                    (link("/vendor/audit", "portal-vendor-audit", &["vendor-audit"]))
                    form method="post" action=(self.link("/vendor/sign-out")) {
                        input type="hidden" name="secret" value=(session.secret);
                        button.quiet type="submit" data-testid="sign-out" { (self.message("portal-vendor-sign-out", &[("name", session.operator.as_str().into())])) }
                    }
                } @else if page.name != "sign-in" {
                    (link("/", "portal-nav-start", &["start"]))
                    (link("/seats", "portal-nav-seats", &["seats-code", "seats", "seat"]))
                }
            }
        }
    }

    /// Links to the same page in other languages; only for pages that can be requested by URL
    /// alone.
    fn languages(&self, branding: &Branding, page: &Page) -> Markup {
        let path = match page.name {
            "start" => "/",
            "seats-code" => "/seats",
            _ => return html! {},
        };
        html! {
            p.languages {
                @for language in &branding.languages {
                    @if *language == self.language {
                        span aria-current="true" { (language_name(*language)) }
                    } @else {
                        a href={ (self.file(path)) "?lang=" (language.tag()) } lang=(language.tag()) hreflang=(language.tag()) { (language_name(*language)) }
                    }
                }
            }
        }
    }
}

/// A language's name in that language, which is how its speakers look for it.
fn language_name(language: Language) -> &'static str {
    match language.tag() {
        "de" => "Deutsch",
        _ => "English",
    }
}

/// What the vendor wrote: an address, an e-mail address or any text.
fn help_link(help: &str) -> Markup {
    let is_page = ["https://", "http://"].iter().any(|scheme| help.starts_with(scheme));
    let is_mail = help.contains('@') && !help.contains(char::is_whitespace);
    html! {
        @if is_page { a href=(help) rel="noreferrer" { (help) } }
        @else if is_mail { a href={ "mailto:" (help) } { (help) } }
        @else { (help) }
    }
}
