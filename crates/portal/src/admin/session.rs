//! Sessions of the admin pages. They live in memory, so a restart signs everyone out. A handler
//! that changes something takes an [`AuthenticatedForm`], which exists only for a valid session
//! with the correct CSRF token.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use latchkey_issuer::Operator;
use subtle::ConstantTimeEq as _;

use crate::error::PortalError;
use crate::form;
use crate::request_context::RequestContext;
use crate::state::Shared;

/// The cookie's name. The prefix makes browsers keep it to this host, to TLS and to the root (RFC
/// 6265bis, 4.1.3.2).
const COOKIE_NAME: &str = "__Host-latchkey";
/// Inactivity after which a session ends.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// Maximum duration of a session.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// Most sessions at a time: the oldest one ends for a new one.
const MAX_SESSIONS: usize = 1000;

/// Query marker of the URL to which signing in redirects.
pub(super) const SIGNED_IN: &str = "signed-in=yes";
/// Query marker of the sign-in page's URL if the browser didn't send back the cookie that was just
/// set.
pub(super) const COOKIE_LOST: &str = "kept=no";

/// All sessions, by their cookies' values.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, SessionEntry>>);

#[derive(Debug, Clone)]
struct SessionEntry {
    operator: String,
    generation: u64,
    secret: String,
    since: Instant,
    seen: Instant,
}

impl Sessions {
    /// Begins a session and returns the cookie; `None` if the system's random number generator
    /// fails.
    pub(crate) fn begin(&self, operator: Operator) -> Option<String> {
        let (id, secret) = (random()?, random()?);
        let now = Instant::now();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, kept| kept.is_valid(now));
        if sessions.len() >= MAX_SESSIONS {
            let oldest =
                sessions.iter().min_by_key(|(_, kept)| kept.seen).map(|(id, _)| id.clone());
            sessions.remove(&oldest?);
        }
        let Operator { name: operator, generation, .. } = operator;
        let kept = SessionEntry { operator, generation, secret, since: now, seen: now };
        sessions.insert(id.clone(), kept);
        Some(format!("{COOKIE_NAME}={id}; Path=/; Secure; HttpOnly; SameSite=Strict"))
    }

    /// Ends a session and returns the header that deletes its cookie.
    pub(crate) fn end(&self, session: &Session) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&session.id);
        format!("{COOKIE_NAME}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    fn find(&self, id: &str) -> Option<Session> {
        let now = Instant::now();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = sessions.get_mut(id).filter(|kept| kept.is_valid(now))?;
        kept.seen = now;
        Some(Session {
            id: id.to_owned(),
            operator: kept.operator.clone(),
            generation: kept.generation,
            secret: kept.secret.clone(),
        })
    }
}

impl SessionEntry {
    fn is_valid(&self, now: Instant) -> bool {
        now.duration_since(self.seen) < IDLE && now.duration_since(self.since) < LONGEST
    }
}

fn random() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(data_encoding::HEXLOWER.encode(&bytes))
}

/// An operator who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    id: String,
    pub(crate) operator: String,
    generation: u64,
    /// What every form of this session carries, and no other site knows.
    pub(crate) secret: String,
}

impl FromRequestParts<Shared> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, portal: &Shared) -> Result<Self, Response> {
        let context = context(parts, portal).await;
        // Right after signing in it is the browser that didn't keep the cookie.
        let lost = if query_has(parts.uri.query(), SIGNED_IN) { COOKIE_LOST } else { "" };
        let away = || Redirect::to(&context.link_saying("/vendor/sign-in", lost)).into_response();
        let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let id = cookies
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
        let session = id.and_then(|id| portal.sessions.find(id)).ok_or_else(away)?;
        // The operator may have been removed or changed meanwhile: a session doesn't outlive the
        // credentials with which it began.
        let name = session.operator.clone();
        match portal.pool.read(move |issuer, _| issuer.operator_generation(&name)).await {
            Ok(Ok(Some(generation))) if generation == session.generation => Ok(session),
            _ => {
                portal.sessions.end(&session);
                Err(away())
            }
        }
    }
}

/// Whether a query has this part.
pub(super) fn query_has(query: Option<&str>, part: &str) -> bool {
    query.unwrap_or_default().split('&').any(|said| said == part)
}

async fn context(parts: &mut Parts, portal: &Shared) -> RequestContext {
    let Ok(context) = RequestContext::from_request_parts(parts, portal).await;
    context
}

/// A form that a signed-in operator has submitted from one of the admin pages.
#[derive(Debug)]
pub(crate) struct AuthenticatedForm {
    pub(crate) session: Session,
    fields: Vec<(String, String)>,
}

impl AuthenticatedForm {
    /// A field without the white space around it; nothing where it is empty.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The lines of a field that aren't empty.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let text = self.field(name).unwrap_or_default();
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

impl FromRequest<Shared> for AuthenticatedForm {
    type Rejection = Response;

    async fn from_request(request: Request, portal: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let context = context(&mut parts, portal).await;
        let session = Session::from_request_parts(&mut parts, portal).await?;
        let request = Request::from_parts(parts, body);
        let sent = axum::Form::<Vec<(String, String)>>::from_request(request, portal).await;
        let refused =
            |status| context.render(portal, Err(context.problem_with(status, &PortalError::Form)));
        let fields = form::fields(&context, sent).map_err(|_| refused(StatusCode::BAD_REQUEST))?;
        let order = Self { session, fields };
        let given = order.field("secret").unwrap_or_default();
        if bool::from(given.as_bytes().ct_eq(order.session.secret.as_bytes())) {
            Ok(order)
        } else {
            Err(refused(StatusCode::FORBIDDEN))
        }
    }
}
