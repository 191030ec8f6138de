//! Who is asking: in which language, from where; and how they are answered in words. Nothing is remembered of a visitor.

use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use latchkey_issuer::Blame;
use latchkey_token::{Coded, Detail};
use latchkey_words::{Explained, Language, explain_in, text_in};

use super::limits::Origin;
use super::server::Peer;
use super::{BehindProxy, Shared};
use crate::failure::{Failure, MACHINE, Trouble};

/// Somebody who asks for a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor {
    /// The language that they are spoken to in.
    pub(crate) language: Language,
    /// They chose it on the page, so links and forms carry it on: nothing else remembers it.
    chosen: bool,
    /// Where the request came from.
    pub(crate) origin: Origin,
}

/// What can't be done, in the visitor's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) words: Explained,
}

impl Visitor {
    /// One who says nothing but where they are.
    #[cfg(test)]
    pub(crate) const fn of(origin: Origin) -> Self {
        Self { language: Language::English, chosen: false, origin }
    }

    /// A sentence of the catalogue.
    pub(crate) fn say(&self, id: &str, values: &[(&str, Detail)]) -> String {
        text_in(self.language, id, values)
    }

    /// A label without values.
    pub(crate) fn word(&self, id: &str) -> String {
        self.say(id, &[])
    }

    /// The address of another page of the portal, in the same language.
    pub(crate) fn link(&self, path: &str) -> String {
        if self.chosen { format!("{path}?lang={}", self.language.tag()) } else { path.to_owned() }
    }

    /// A moment as sentences have it.
    pub(crate) fn moment(&self, time: Timestamp) -> String {
        self.say("portal-moment", &[("time", crate::output::time_detail(time))])
    }

    /// An error of the issuer, of a token or of the portal itself.
    pub(crate) fn problem(&self, blame: Blame, error: &dyn Coded) -> Problem {
        if error.code().name.starts_with("clock.") {
            // Nobody's secret, and visitors have to know that it isn't about them.
            super::log::trouble(error.code().name);
            return self.problem_with(StatusCode::SERVICE_UNAVAILABLE, error);
        }
        let status = match blame {
            Blame::Caller => StatusCode::BAD_REQUEST,
            Blame::Token => StatusCode::UNPROCESSABLE_ENTITY,
            Blame::State => StatusCode::CONFLICT,
            Blame::Machine => return self.unavailable(error.code().name),
        };
        self.problem_with(status, error)
    }

    /// The same with a status of its own.
    pub(crate) fn problem_with(&self, status: StatusCode, error: &dyn Coded) -> Problem {
        let code = error.code();
        let Some((message, action)) = other_words(code.name) else {
            return Problem { status, words: explain_in(self.language, error) };
        };
        let details = error.details();
        let words = Explained {
            code: code.name,
            number: code.number,
            message: self.say(message, &details),
            action: self.say(action, &details),
        };
        Problem { status, words }
    }

    /// Something is wrong with the vendor's machine. Visitors can't do anything about it and learn nothing of what it
    /// is; the log has the code.
    pub(crate) fn unavailable(&self, cause: &'static str) -> Problem {
        super::log::trouble(cause);
        let words = explain_in(self.language, &Trouble::Unavailable);
        Problem { status: StatusCode::SERVICE_UNAVAILABLE, words }
    }

    /// A failure that has its words already.
    pub(crate) fn failed(&self, failure: &Failure) -> Problem {
        if failure.words.code == Trouble::Busy.code().name {
            return self.problem_with(StatusCode::SERVICE_UNAVAILABLE, &Trouble::Busy);
        }
        if failure.exit == MACHINE {
            return self.unavailable(failure.words.code);
        }
        self.problem_with(StatusCode::BAD_REQUEST, &*failure.again)
    }
}

/// Some errors' own words speak of the vendor's command line and files. Visitors of a page have neither.
fn other_words(code: &str) -> Option<(&'static str, &'static str)> {
    match code {
        "seat.none_free" => Some(("portal-none-free", "portal-none-free-next")),
        "code.unknown" => Some(("portal-code-unknown", "portal-code-unknown-next")),
        "takeover.has_seat" => Some(("portal-has-seat", "portal-has-seat-next")),
        "token.key_offline" => Some(("portal-key-offline", "portal-key-offline-next")),
        "clock.behind" | "clock.ahead" | "clock.disputed" => {
            Some(("portal-clock", "portal-clock-next"))
        }
        "lease.not_granted" => Some(("portal-not-granted", "portal-not-granted-next")),
        _ => None,
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        portal: &Shared,
    ) -> Result<Self, Self::Rejection> {
        let spoken = |language: &Language| portal.house.languages.contains(language);
        let asked = parts.uri.query().unwrap_or_default().split('&');
        let asked = asked.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Language::for_tag);
        let asked = asked.filter(spoken);
        let language = asked.unwrap_or_else(|| {
            let wanted = wanted_languages(&parts.headers);
            let known = wanted.iter().filter_map(|tag| Language::for_tag(tag)).find(spoken);
            known.or(portal.house.languages.first().copied()).unwrap_or_default()
        });
        Ok(Self { language, chosen: asked.is_some(), origin: origin(parts, portal.behind_proxy) })
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

/// Where a request came from. Behind a proxy it is what the proxy says: the last address of the list, which is the only
/// one that the client can't make up. If that can't be understood, nothing is known: it was not the proxy who asked.
fn origin(parts: &Parts, behind_proxy: BehindProxy) -> Origin {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.address);
    if !peer.is_some_and(|peer| behind_proxy.is_proxy(peer)) {
        return peer.map_or(Origin::Unknown, Origin::Address);
    }
    let list = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let last = list.and_then(|list| list.as_bytes().rsplit(|byte| *byte == b',').next());
    last.and_then(forwarded).map_or(Origin::Unknown, Origin::Address)
}

/// An address as proxies write it: alone, or with the port of the client (`192.0.2.1:5555`, `[2001:db8::1]:5555`).
fn forwarded(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim();
    if let Ok(address) = entry.parse() {
        return Some(address);
    }
    if let Ok(with_port) = entry.parse::<SocketAddr>() {
        return Some(with_port.ip());
    }
    entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_wanted_in_the_order_of_their_weights() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, "fr;q=0.4, de-AT, en;q=0.8, it;q=0".parse().unwrap());
        assert_eq!(wanted_languages(&headers), ["de-AT", "en", "fr"]);
    }

    #[test]
    fn a_proxy_is_understood_with_and_without_ports_and_nothing_else_is() {
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for (entry, expected) in [
            ("203.0.113.9", address("203.0.113.9")),
            (" 203.0.113.9:5555 ", address("203.0.113.9")),
            ("2001:db8::7", address("2001:db8::7")),
            ("[2001:db8::7]", address("2001:db8::7")),
            ("[2001:db8::7]:443", address("2001:db8::7")),
            ("", None),
            ("unknown", None),
            ("203.0.113.9:port", None),
            ("[203.0.113.9", None),
        ] {
            assert_eq!(forwarded(entry.as_bytes()), expected, "{entry}");
        }
        assert_eq!(forwarded(b"\xe9"), None);
    }
}
