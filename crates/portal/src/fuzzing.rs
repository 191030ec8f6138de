//! The bodies of the fuzz targets in `fuzz/` for requests and for the portal's `latchkey.toml`.
//! They are compiled for fuzzing and for tests, which replay the corpus; no shipped program
//! contains them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a claim that doesn't hold is a panic, which is what the fuzzer looks for"
)]

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{FromRequest as _, FromRequestParts as _, Multipart, Request};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Frame;
use latchkey_issuer::{EntitlementTerms, Issuer, NewCode, Update};
use latchkey_lease::time::from_system;
use latchkey_paper::is_picture;
use latchkey_token::{
    Deactivation, HardwareTrait, HardwareTraits, HasErrorCode as _, Request as RequestPayload,
    RequestId, SeatId, SeatName, SecretKeys, Seed, Token, decode_text, scan, seal, text_of_file,
};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::branding::Branding;
use crate::issuer_pool::IssuerPool;
use crate::proxy::BehindProxy;
use crate::request_context::RequestContext;
use crate::router::router;
use crate::state::{PortalState, Shared};
use crate::{body, form};

/// A valid activation code.
const CODE: &str = "0123-4567-89AB-CDEF";
/// Maximum size of a response.
const MOST: usize = 4 * 1024 * 1024;
/// Forms of end users. Those of the admin pages need a session.
const FORMS: [&str; 10] = [
    "/activate",
    "/activate/code",
    "/deactivate",
    "/seats",
    "/seat",
    "/refresh",
    "/gone",
    "/file",
    "/sheet",
    "/vendor/entitlements",
];
const LANGUAGES: [&str; 4] = ["en", "de", "de-AT, en;q=0.5", ";q=,x"];
const URLENCODED: &str = "application/x-www-form-urlencoded";
/// Everything that pages have between `<` and `>`. What visitors send is shown as text.
const ELEMENTS: [&str; 63] = [
    "a",
    "address",
    "article",
    "aside",
    "body",
    "br",
    "button",
    "caption",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "g",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "hr",
    "html",
    "img",
    "input",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "option",
    "p",
    "path",
    "pre",
    "rect",
    "script",
    "section",
    "select",
    "small",
    "span",
    "strong",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "ul",
    "video",
];

/// A portal of a vendor with one product and two seats. What an input writes stays for the next.
struct Fixture {
    runtime: Runtime,
    pool: IssuerPool,
    branding: Branding,
    seat: String,
    tokens: Vec<Token>,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let name = format!("latchkey-fuzzing-portal-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    // Of a process of the same number, which has ended.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).expect("a folder");
    let now = from_system(SystemTime::now()).expect("a clock");
    let data = folder.join("data");
    let mut issuer = Issuer::set_up(&data, "Acme", now).expect("set up");
    let product = issuer.add_product("Acme CAD", &[], now).expect("a product");
    let terms = EntitlementTerms {
        seats: Some(2),
        offline_lease: Update::Set("30d".parse().expect("a time")),
        codes: vec![NewCode::custom(CODE).expect("a code")],
        ..EntitlementTerms::default()
    };
    issuer.add_entitlement(product, &terms, now).expect("an entitlement");
    let vendor = issuer.vendor().keys[0];
    let (device, stranger) = (keys(2), keys(3));
    let mut traits = HardwareTraits::default();
    traits.set(HardwareTrait::OsInstall, issuer.vendor().id, product, "an installation");
    let payload = |device: &SecretKeys, request| RequestPayload {
        product,
        code: CODE.parse().expect("a code"),
        device: *device.public(),
        request: RequestId::from_bytes([request; 8]),
        counter: 1,
        seat_name: SeatName::new("<b>Office</b>").expect("a name"),
        created_at: now.timestamp(),
        traits,
    };
    let first = seal(&payload(&device, 1), product, &device, &vendor).expect("sealed");
    let granted = issuer.activate(&first, None, now).expect("granted");
    let given_back = Deactivation { seat: granted.seat, counter: 2, created_at: now.timestamp() };
    let tokens = vec![
        first,
        seal(&payload(&stranger, 2), product, &stranger, &vendor).expect("sealed"),
        seal(&given_back, product, &device, &vendor).expect("sealed"),
        granted.token,
        seal(&payload(&stranger, 3), product, &stranger, stranger.public()).expect("sealed"),
    ];
    Fixture {
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("threads"),
        pool: IssuerPool::open(issuer).expect("a pool"),
        branding: Branding::read("Acme", None).expect("a branding"),
        seat: granted.seat.to_string(),
        tokens,
    }
});

fn keys(byte: u8) -> SecretKeys {
    SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).expect("keys")
}

impl Fixture {
    /// A portal in its initial state, without delays for activation codes.
    fn portal(&self) -> Shared {
        Arc::new(PortalState {
            min_response_time: Duration::ZERO,
            ..PortalState::new(self.pool.clone(), self.branding.clone(), BehindProxy::Nobody)
        })
    }

    /// The snippets that bytes below 32 stand for; a fuzzer wouldn't find them by chance.
    fn label(&self, byte: u8) -> Option<String> {
        Some(match byte {
            1 => CODE.to_owned(),
            2 => self.seat.clone(),
            3 => SeatId::from_bytes([9; 8]).to_string(),
            4 => "token=".to_owned(),
            5 => "code=".to_owned(),
            6 => "&seat=".to_owned(),
            7 => "&sure=yes&take_over=".to_owned(),
            8 => "&product=Acme%3Cscript%3E&name=%22%3E%3Cimg".to_owned(),
            16..=31 => {
                let token = &self.tokens[usize::from(byte - 16) % self.tokens.len()];
                token.to_string().chars().filter(char::is_ascii_alphanumeric).collect()
            }
            _ => return None,
        })
    }

    fn written(&self, bytes: &[u8]) -> Vec<u8> {
        let written = bytes.iter().flat_map(|&byte| match self.label(byte) {
            Some(word) => word.into_bytes(),
            None => vec![byte],
        });
        written.collect()
    }
}

/// What is sent in pieces of any length.
struct Pieces(VecDeque<Bytes>);

impl Pieces {
    fn of(bytes: Vec<u8>, length: u8) -> Self {
        let bytes = Bytes::from(bytes);
        let length = usize::from(length) * usize::from(length) + 1;
        let starts = (0..bytes.len()).step_by(length);
        Self(starts.map(|start| bytes.slice(start..bytes.len().min(start + length))).collect())
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

fn sent(path: &str, kind: &str, language: u8, pieces: Pieces) -> Request {
    let mut request = Request::new(Body::new(pieces));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().expect("a path");
    if let Ok(kind) = HeaderValue::from_str(kind) {
        request.headers_mut().insert(CONTENT_TYPE, kind);
    }
    let language = LANGUAGES[usize::from(language) % LANGUAGES.len()];
    request.headers_mut().insert(ACCEPT_LANGUAGE, HeaderValue::from_static(language));
    request
}

/// The input determines the page to which a form is sent, its content type, its chunks, and its
/// content.
///
/// Every form is answered: accepted, refused with a reason, or redirected, and never with an
/// internal error. Its content appears as text in the response, never as markup. Without a session,
/// the admin pages do nothing.
pub fn form(data: &[u8]) {
    let (head, content) = data.split_at(data.len().min(4));
    let [page, kind, language, length] = [0, 1, 2, 3].map(|at| head.get(at).copied().unwrap_or(0));
    let path = FORMS[usize::from(page) % FORMS.len()];
    let kind = match kind % 8 {
        0 => "application/json",
        1 => "multipart/form-data; boundary=b",
        2 => "",
        _ => URLENCODED,
    };
    let fixture = &*FIXTURE;
    let portal = fixture.portal();
    let request = sent(path, kind, language, Pieces::of(fixture.written(content), length));
    let (status, answer) = answered(fixture, &portal, request);
    assert!(path != "/vendor/entitlements" || status == StatusCode::SEE_OTHER, "{status}");
    assert!(
        kind == URLENCODED || status.is_client_error() || path.starts_with("/vendor"),
        "{status}"
    );
    is_our_markup(&answer);
}

fn answered(fixture: &Fixture, portal: &Shared, request: Request) -> (StatusCode, String) {
    fixture.runtime.block_on(async {
        let response: Response = match router(Arc::clone(portal)).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status();
        assert!(!status.is_server_error(), "{status}");
        let answer = to_bytes(response.into_body(), MOST).await.expect("a bounded answer");
        assert_eq!(portal.in_flight.bytes(), 0, "bytes are still held");
        (status, String::from_utf8(answer.to_vec()).expect("UTF-8"))
    })
}

/// The element's source after the relative path to the portal's root.
fn from_here<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let source = element.strip_prefix(name)?.strip_prefix(" src=\"")?;
    Some(source.trim_start_matches("../"))
}

/// Every element of a response is one that pages use, scripts and images are the portal's own, and
/// no text extends beyond its field.
fn is_our_markup(answer: &str) {
    if !answer.starts_with("<!DOCTYPE html>") {
        return;
    }
    for (at, _) in answer.match_indices('<').skip(1) {
        let rest = answer[at + 1..].trim_start_matches('/');
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = &rest[..end];
        assert!(ELEMENTS.contains(&name), "<{name}> isn't one of our elements");
        let own = match name {
            "script" => {
                from_here(rest, "script").is_some_and(|src| src.starts_with("portal.js\" defer>"))
                    || answer[at..].starts_with("</")
            }
            "img" => from_here(rest, "img")
                .is_some_and(|src| src.starts_with("logo\" ") || src.starts_with("data:")),
            _ => true,
        };
        assert!(own, "<{}", rest.chars().take(80).collect::<String>());
    }
    let count = |what| answer.matches(what).count();
    assert_eq!(count("<textarea"), count("</textarea"));
}

/// The first byte selects whether the rest is a raw multipart body, or the content of one that is
/// encoded as browsers do.
///
/// A raw body is accepted or refused. Of a well-formed one, every text and every file is read in
/// order, and nothing else; and the memory accounted for it is released.
pub fn multipart(data: &[u8]) {
    let (head, content) = data.split_at(data.len().min(3));
    let [way, language, length] = [0, 1, 2].map(|at| head.get(at).copied().unwrap_or(0));
    let fixture = &*FIXTURE;
    let portal = fixture.portal();
    if way % 2 == 0 {
        let mut lines = content.splitn(2, |byte| *byte == b'\n');
        let kind = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let rest = fixture.written(lines.next().unwrap_or_default());
        let request = sent("/", &kind, language, Pieces::of(rest, length));
        is_our_markup(&answered(fixture, &portal, request).1);
        return;
    }
    let BrowserForm { written, expected, pictures } =
        as_a_browser_writes(&fixture.written(content));
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = sent("/", &kind, language, Pieces::of(written, length));
    let looked = fixture.runtime.block_on(async {
        let (mut parts, sent) = request.into_parts();
        let Ok(context) = RequestContext::from_request_parts(&mut parts, &portal).await;
        let whole =
            body::read_whole(&portal.in_flight, &context, Request::from_parts(parts, sent)).await;
        let mut whole = whole.map_err(|problem| problem.words).expect("it comes whole");
        let held = whole.extensions_mut().remove();
        let body = Multipart::from_request(whole, &portal).await;
        let body = body.unwrap_or_else(|refused| panic!("{:?}", refused.into_response()));
        form::upload(&portal, &context, held, body).await
    });
    assert_eq!(portal.in_flight.bytes(), 0, "bytes are still held");
    if pictures {
        return;
    }
    match (looked.map_err(|problem| problem.words.code), expected) {
        (Ok(form::FormTokens { found, text, .. }), Ok(expected)) => {
            assert_eq!(text, expected);
            assert_eq!(found, scan(&expected));
        }
        (looked, expected) => assert_eq!(looked.err(), expected.err()),
    }
}

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

struct BrowserForm {
    written: Vec<u8>,
    /// What is to be read in it, or the code of what its first file is where none of them is text.
    expected: Result<String, &'static str>,
    /// Whether there are pictures in it.
    pictures: bool,
}

/// A form with these parts. A part begins with a byte for its type and a byte for its length.
fn as_a_browser_writes(mut content: &[u8]) -> BrowserForm {
    let (mut written, mut texts, mut pictures) = (Vec::new(), Vec::new(), false);
    while let [what, length, rest @ ..] = content {
        let (part, after) = rest.split_at(usize::from(*length).min(rest.len()));
        content = after;
        // The content must not contain the boundary.
        if String::from_utf8_lossy(part).contains(BOUNDARY) {
            continue;
        }
        let (name, file) = match what % 6 {
            0 | 1 => ("text", ""),
            2 | 3 => ("file", "; filename=\"request.txt\"\r\nContent-Type: text/plain"),
            4 => ("file", "; filename=\"\"\r\nContent-Type: application/octet-stream"),
            _ => ("another", ""),
        };
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
        );
        written.extend([head.as_bytes(), part, b"\r\n"].concat());
        if name != "another" {
            pictures |= is_picture(part);
            match file.contains("filename=\"request") {
                true => texts.push(text_of_file(part).map_err(|error| error.code().name)),
                // A field that was left empty.
                false if part.trim_ascii().is_empty() => {}
                false => texts.push(Ok(decode_text(part))),
            }
        }
    }
    written.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    let of_text: Vec<_> = texts.iter().flatten().map(|text| format!("{text}\n")).collect();
    let expected = match of_text.is_empty() {
        true => Err(texts.into_iter().find_map(Result::err).unwrap_or("portal.nothing")),
        false => Ok(of_text.concat()),
    };
    BrowserForm { written, expected, pictures }
}

/// Any bytes as the portal's `latchkey.toml`: accepted values can be displayed and are legible, a
/// logo's name stays in the file's folder, and everything else is refused with the right error.
pub fn branding(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = Branding::parse("Acme", text, "latchkey.toml".as_ref(), |name| {
        assert!(!name.starts_with('.') && !name.contains(['/', '\\', ':']), "{name}");
        Ok(Vec::new())
    });
    match read {
        Ok(branding) => {
            let said = [Some(&branding.vendor), branding.help.as_ref(), branding.portal.as_ref()];
            for text in said.into_iter().flatten() {
                assert!(!text.trim().is_empty() && !text.chars().any(char::is_control));
            }
            assert!(!branding.languages.is_empty() && branding.accent.is_legible());
            assert!(branding.css().is_ascii());
            assert!(
                branding
                    .logo
                    .is_none_or(|logo| ["image/svg+xml", "image/png"].contains(&logo.kind))
            );
        }
        Err(failure) => assert!(["look.invalid", "usage.url"].contains(&failure.code().name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(target: &str, claim: fn(&[u8])) {
        let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            claim(&bytes);
            // Cut short, it is something else.
            claim(&bytes[..bytes.len() / 2]);
        }
    }

    #[test]
    fn every_form_of_the_corpus_is_answered_and_escaped() {
        replay("form", form);
        let markup = || is_our_markup("<!DOCTYPE html><p><blink>");
        assert!(std::panic::catch_unwind(markup).is_err());
    }

    #[test]
    fn a_multipart_form_is_read_in_order_in_any_chunks() {
        replay("multipart", multipart);
    }

    #[test]
    fn every_branding_of_the_corpus_is_legible_or_refused() {
        replay("branding", branding);
    }
}
