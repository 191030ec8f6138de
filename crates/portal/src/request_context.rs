//! The context of a request: the client's language and address, and how messages and errors are
//! rendered for it. Nothing about a client is stored.

use std::net::IpAddr;

use axum::http::header::{ACCEPT_LANGUAGE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use latchkey_i18n::{Explained, Language, explain_in, text_in};
use latchkey_issuer::{ClassifiedError, DatabaseError, ErrorClass};
use latchkey_lease::Timestamp;
use latchkey_token::{CodeDoubt, ErrorArg, HasErrorCode};

use crate::base_path::Root;
use crate::client::Origin;
use crate::connections::Peer;
use crate::error::PortalError;
use crate::proxy::{self, BehindProxy};

/// The context of one request.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    /// The language that they are spoken to in.
    pub(crate) language: Language,
    /// They chose it on the page, so links and forms carry it on: nothing else remembers it.
    chosen: bool,
    /// Where the request came from.
    pub(crate) origin: Origin,
    /// Whether the browser would keep a cookie that is for TLS.
    pub(crate) channel: Channel,
    /// Where the portal's pages are, seen from the page that they asked for.
    root: Root,
}

/// Whether the browser's connection is secure. The portal itself never speaks TLS, so it relies on
/// headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// By TLS, or on this very machine.
    Safe,
    /// Without TLS from another machine, according to the browser itself.
    Plain,
    /// Unknown.
    Unknown,
}

/// An error response: its status, and the message in the client's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpError {
    pub(crate) status: StatusCode,
    pub(crate) words: Explained,
}

impl RequestContext {
    /// A context that has only an origin.
    #[cfg(test)]
    pub(crate) fn from_origin(origin: Origin) -> Self {
        Self {
            language: Language::English,
            chosen: false,
            origin,
            channel: Channel::Unknown,
            root: Root::default(),
        }
    }

    /// The context of a request to a portal that has these languages and is behind this proxy.
    pub(crate) fn of_request(
        parts: &Parts,
        languages: &[Language],
        behind_proxy: BehindProxy,
    ) -> Self {
        let spoken = |language: &Language| languages.contains(language);
        let asked = parts.uri.query().unwrap_or_default().split('&');
        let asked = asked.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Language::for_tag);
        let asked = asked.filter(spoken);
        let language = asked.unwrap_or_else(|| {
            let wanted = wanted_languages(&parts.headers);
            let known = wanted.iter().filter_map(|tag| Language::for_tag(tag)).find(spoken);
            known.or(languages.first().copied()).unwrap_or_default()
        });
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.address);
        let is_proxy = peer.is_some_and(|peer| behind_proxy.is_proxy(peer));
        Self {
            language,
            chosen: asked.is_some(),
            origin: origin(&parts.headers, peer, is_proxy),
            channel: channel(&parts.headers, is_proxy, behind_proxy.is_set()),
            root: parts.extensions.get::<Root>().cloned().unwrap_or_default(),
        }
    }

    /// A sentence of the catalogue.
    pub(crate) fn message(&self, id: &str, values: &[(&str, ErrorArg)]) -> String {
        text_in(self.language, id, values)
    }

    /// A label without values.
    pub(crate) fn label(&self, id: &str) -> String {
        self.message(id, &[])
    }

    /// The link to another page of the portal in the same language.
    pub(crate) fn link(&self, path: &str) -> String {
        self.link_saying(path, "")
    }

    /// A link with an additional query.
    pub(crate) fn link_saying(&self, path: &str, more: &str) -> String {
        let language =
            if self.chosen { format!("lang={}", self.language.tag()) } else { String::new() };
        let query: Vec<_> =
            [language.as_str(), more].into_iter().filter(|part| !part.is_empty()).collect();
        match query.is_empty() {
            true => self.file(path),
            false => format!("{}?{}", self.file(path), query.join("&")),
        }
    }

    /// The link to a resource that doesn't depend on the language.
    pub(crate) fn file(&self, path: &str) -> String {
        self.root.link(path)
    }

    /// A moment as sentences have it.
    pub(crate) fn format_time(&self, time: Timestamp) -> String {
        self.message("portal-moment", &[("time", latchkey_server_core::time_detail(time))])
    }

    /// An error of the issuer, of a token or of the portal itself.
    pub(crate) fn problem(&self, class: ErrorClass, error: &dyn HasErrorCode) -> HttpError {
        if error.code().name.starts_with("clock.") {
            // This isn't secret, and users need to know that the problem isn't theirs.
            crate::log::internal_error(error.code().name);
            return self.problem_with(StatusCode::SERVICE_UNAVAILABLE, error);
        }
        let status = match class {
            ErrorClass::InvalidInput => StatusCode::BAD_REQUEST,
            ErrorClass::RefusedToken => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorClass::Conflict => StatusCode::CONFLICT,
            ErrorClass::Internal => return self.unavailable(error.code().name),
        };
        self.problem_with(status, error)
    }

    /// An error with an explicit status.
    pub(crate) fn problem_with(&self, status: StatusCode, error: &dyn HasErrorCode) -> HttpError {
        let code = error.code();
        let Some((message, action)) = portal_messages(code.name) else {
            return HttpError { status, words: explain_in(self.language, error) };
        };
        let details = error.details();
        let words = Explained {
            code: code.name,
            number: code.number,
            message: self.message(message, &details),
            action: self.message(action, &details),
        };
        HttpError { status, words }
    }

    /// Something is wrong with the vendor's machine. Visitors can't do anything about it and learn
    /// nothing of what it is; the log has the code.
    pub(crate) fn unavailable(&self, cause: &'static str) -> HttpError {
        crate::log::internal_error(cause);
        // Another program holds the database, which is over in a moment.
        let is_busy = cause == DatabaseError::Busy.code().name;
        let shown = if is_busy { PortalError::Busy } else { PortalError::Unavailable };
        let words = explain_in(self.language, &shown);
        HttpError { status: StatusCode::SERVICE_UNAVAILABLE, words }
    }

    /// An unknown code that looks mistyped: the hint comes before the next step.
    pub(crate) fn with_doubt(
        &self,
        mut problem: HttpError,
        doubt: Option<&CodeDoubt>,
    ) -> HttpError {
        if let Some(doubt) = doubt {
            let words = explain_in(self.language, doubt);
            problem.words.action = format!("{} {}", words.message, problem.words.action);
        }
        problem
    }

    /// An error about one of several submitted files.
    pub(crate) fn with_file(&self, mut problem: HttpError, file: &str) -> HttpError {
        let words = &mut problem.words;
        let values = [("file", file.into()), ("message", words.message.as_str().into())];
        words.message = self.message("portal-in-file", &values);
        problem
    }

    /// An error that no page has a status of its own for.
    pub(crate) fn problem_of(&self, error: &impl ClassifiedError) -> HttpError {
        if error.code() == PortalError::Busy.code() {
            return self.problem_with(StatusCode::SERVICE_UNAVAILABLE, &PortalError::Busy);
        }
        match error.class() {
            ErrorClass::Internal => self.unavailable(error.code().name),
            _ => self.problem_with(StatusCode::BAD_REQUEST, error),
        }
    }
}

/// Some errors' own words speak of the vendor's command line and files. Visitors of a page have
/// neither.
fn portal_messages(code: &str) -> Option<(&'static str, &'static str)> {
    match code {
        "seat.none_free" => Some(("portal-none-free", "portal-none-free-next")),
        "code.unknown" => Some(("portal-code-unknown", "portal-code-unknown-next")),
        "code.disabled" => Some(("portal-code-disabled", "portal-code-disabled-next")),
        "request.wrong_product" => Some(("portal-wrong-product", "portal-wrong-product-next")),
        "takeover.has_seat" => Some(("portal-has-seat", "portal-has-seat-next")),
        "token.key_offline" => Some(("portal-key-offline", "portal-key-offline-next")),
        "clock.behind" | "clock.ahead" => Some(("portal-clock", "portal-clock-next")),
        "clock.disputed" => Some(("portal-clock-disputed", "portal-clock-disputed-next")),
        "lease.not_granted" => Some(("portal-not-granted", "portal-not-granted-next")),
        _ => None,
    }
}

/// The languages of an `Accept-Language` header, the dearest first (RFC 9110, 12.5.4).
fn wanted_languages(headers: &HeaderMap) -> Vec<String> {
    let Some(value) = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else {
        return Vec::new();
    };
    let mut wanted: Vec<(f32, &str)> = value
        .split(',')
        .take(20)
        .filter_map(|part| {
            let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
            let quality = quality.trim().parse().ok().filter(|quality| *quality > 0.0)?;
            Some((quality, tag.trim()))
        })
        .collect();
    wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
    wanted.into_iter().map(|(_, tag)| tag.to_owned()).collect()
}

/// The origin of a request. Behind a proxy, it is the address that the proxy reports. If that is
/// invalid, the origin is unknown: the proxy itself isn't the client.
fn origin(headers: &HeaderMap, peer: Option<IpAddr>, is_proxy: bool) -> Origin {
    let address = if is_proxy { proxy::address(headers) } else { peer };
    address.map_or(Origin::Unknown, Origin::Address)
}

/// The browser's own headers come first: the origin, and Fetch Metadata, which it sends only to
/// trustworthy origins. The proxy may itself be behind another one. The host name counts only if no
/// proxy can have set it.
fn channel(headers: &HeaderMap, is_proxy: bool, expects_proxy: bool) -> Channel {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some((scheme, host)) = text(ORIGIN).and_then(|origin| origin.split_once("://")) {
        return match scheme {
            "https" => Channel::Safe,
            _ if is_itself(host) => Channel::Safe,
            _ => Channel::Plain,
        };
    }
    if headers.contains_key("sec-fetch-site") {
        return Channel::Safe;
    }
    match proxy::is_tls(headers).filter(|_| is_proxy) {
        Some(true) => Channel::Safe,
        Some(false) => Channel::Unknown,
        None if expects_proxy || proxy::is_forwarded(headers) => Channel::Unknown,
        None if text(HOST).is_some_and(is_itself) => Channel::Safe,
        None => Channel::Unknown,
    }
}

/// Whether a browser that was given this name, with a port or without one, has the portal on its
/// own machine.
fn is_itself(host: &str) -> bool {
    let is_loopback =
        |text: &str| text.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return is_loopback(address);
    }
    let name =
        host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || is_loopback(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_ordered_by_quality_value() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, "fr;q=0.4, de-AT, en;q=0.8, it;q=0".parse().unwrap());
        assert_eq!(wanted_languages(&headers), ["de-AT", "en", "fr"]);
    }

    #[test]
    fn only_a_busy_database_is_answered_as_busy() {
        let context = RequestContext::from_origin(Origin::Unknown);
        let damaged = DatabaseError::Damaged { reason: "test".into() };
        for (error, shown) in
            [(DatabaseError::Busy, "portal.busy"), (damaged, "portal.unavailable")]
        {
            let expected = (StatusCode::SERVICE_UNAVAILABLE, shown);
            for problem in [
                context.unavailable(error.code().name),
                context.problem(error.class(), &error),
                context.problem_of(&error),
            ] {
                assert_eq!((problem.status, problem.words.code), expected, "{error}");
            }
        }
    }

    #[test]
    fn browser_headers_about_tls_precede_those_of_a_proxy() {
        let said = |lines: &[(&'static str, &str)], is_proxy| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.insert(*name, value.parse().unwrap());
            }
            channel(&headers, is_proxy, is_proxy)
        };
        for host in ["localhost:8080", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "a.localhost."]
        {
            assert_eq!(said(&[("host", host)], false), Channel::Safe, "{host}");
            let origin = format!("http://{host}");
            assert_eq!(said(&[("host", "lan"), ("origin", &origin)], false), Channel::Safe);
        }
        for host in ["licences.lan", "192.168.1.5:8080", "[2001:db8::1]", "localhost.lan", "", "["]
        {
            assert_eq!(said(&[("host", host)], false), Channel::Unknown, "{host}");
            let origin = format!("http://{host}");
            // A proxy that puts its own name for the portal in the place of the browser's.
            assert_eq!(said(&[("host", "localhost"), ("origin", &origin)], true), Channel::Plain);
        }
        let lan = ("host", "licences.lan");
        assert_eq!(said(&[lan, ("origin", "https://licences.lan")], false), Channel::Safe);
        assert_eq!(said(&[lan, ("origin", "null")], false), Channel::Unknown);
        assert_eq!(said(&[lan, ("sec-fetch-site", "same-origin")], false), Channel::Safe);
        assert_eq!(said(&[lan, ("x-forwarded-proto", "https")], true), Channel::Safe);
        assert_eq!(said(&[lan, ("x-forwarded-proto", "https")], false), Channel::Unknown);
        let local = ("host", "localhost");
        assert_eq!(said(&[local, ("x-forwarded-proto", "http")], true), Channel::Unknown);
        // A proxy on the same machine that uses its own host name for the portal.
        assert_eq!(said(&[local], true), Channel::Unknown);
        assert_eq!(said(&[local], false), Channel::Safe);
        for name in ["x-forwarded-for", "x-forwarded-proto", "forwarded", "x-real-ip", "via"] {
            assert_eq!(said(&[local, (name, "203.0.113.9")], false), Channel::Unknown, "{name}");
        }
    }
}
