//! What visitors send: bounded before it is read, and read where it doesn't hold up others.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Multipart;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use latchkey_issuer::Blame;
use latchkey_paper::{is_picture, read_picture};
use latchkey_token::limits::MAX_TEXT_BYTES;
use latchkey_token::{ActivationCode, Coded, SeatId, Token, read};
use serde::{Deserialize as _, Deserializer};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until, timeout};
use zeroize::Zeroizing;

use super::Portal;
use super::visit::{Problem, Visitor};
use crate::failure::Trouble;

/// Most bytes of a form that holds a token and a few words.
pub(crate) const MAX_FORM: usize = 64 * 1024;
/// Most bytes of a form with texts and files: a whole text, and what a browser puts around it.
pub(crate) const MAX_UPLOAD: usize = MAX_TEXT_BYTES + 256 * 1024;
/// Texts that are taken in at a time. Each takes up to about 100 MiB while it is looked through.
pub(crate) const UPLOADS: usize = 2;
/// How long an upload may wait for its turn.
const TURN: Duration = Duration::from_secs(20);
/// How long an upload may take, once it is its turn: a whole text over a slow line.
const UPLOAD_TIME: Duration = Duration::from_secs(120);

/// Most memory that decoding a picture takes: a telephone's photograph of 24 million pixels.
const PICTURE_MEMORY: u64 = 80 * 1024 * 1024;
/// Longer than it ever takes to look an activation code up.
const EVENLY: Duration = Duration::from_millis(150);

/// The texts of a form, and of the files in it, one after the other; and the turn of whoever sent it, to be kept while
/// the text is looked through.
pub(crate) async fn upload(
    portal: &Portal,
    visitor: &Visitor,
    mut body: Multipart,
) -> Result<(String, OwnedSemaphorePermit), Problem> {
    let busy = || visitor.problem_with(StatusCode::SERVICE_UNAVAILABLE, &Trouble::Busy);
    let slow = || visitor.problem_with(StatusCode::REQUEST_TIMEOUT, &Trouble::Form);
    let turn = timeout(TURN, Arc::clone(&portal.uploads).acquire_owned()).await;
    let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
    let read = async {
        let mut text = String::new();
        loop {
            let field = match body.next_field().await {
                Ok(Some(field)) => field,
                Ok(None) => return Ok(text),
                Err(error) => return Err(refused(visitor, error.status())),
            };
            if !matches!(field.name(), Some("text" | "file")) {
                continue;
            }
            let part = field.bytes().await.map_err(|error| refused(visitor, error.status()))?;
            if text.len() + part.len() > MAX_TEXT_BYTES {
                return Err(refused(visitor, StatusCode::PAYLOAD_TOO_LARGE));
            }
            // A file in UTF-16 says so at its beginning, so each is decoded by itself.
            let said = in_background(visitor, move || said_in(&part)).await?;
            text.push_str(&said.map_err(|trouble| {
                visitor.problem_with(StatusCode::UNPROCESSABLE_ENTITY, &trouble)
            })?);
            text.push('\n');
        }
    };
    Ok((timeout(UPLOAD_TIME, read).await.map_err(|_| slow())??, turn))
}

/// The text of a file, or what the QR codes in a picture say: somebody has photographed the computer's screen.
fn said_in(bytes: &[u8]) -> Result<String, Trouble> {
    if is_picture(bytes) {
        return Ok(read_picture(bytes, PICTURE_MEMORY)?);
    }
    Ok(latchkey_token::decode_text(bytes))
}

fn refused(visitor: &Visitor, status: StatusCode) -> Problem {
    let trouble = match status {
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::InputTooLarge { limit: MAX_TEXT_BYTES },
        _ => Trouble::Form,
    };
    visitor.problem_with(status, &trouble)
}

/// Work that takes a processor for a while.
pub(crate) async fn in_background<T: Send + 'static>(
    visitor: &Visitor,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = spawn_blocking(work).await;
    done.map_err(|_| visitor.unavailable("system.interrupted"))
}

/// Work whose answer comes after the same time, whatever it found: how long it took says nothing.
pub(crate) async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let until = Instant::now() + EVENLY;
    let done = work.await;
    sleep_until(until).await;
    done
}

/// A form's fields, or what is wrong with it.
pub(crate) fn fields<T>(
    visitor: &Visitor,
    form: Result<axum::Form<T>, FormRejection>,
) -> Result<T, Problem> {
    match form {
        Ok(axum::Form(fields)) => Ok(fields),
        Err(rejection) => {
            let status = axum::response::IntoResponse::into_response(rejection).status();
            Err(refused(visitor, status))
        }
    }
}

/// A field that is wiped when it was read.
pub(crate) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

/// The one token of a field that a page of ours has filled.
pub(crate) fn token(visitor: &Visitor, text: &str) -> Result<Token, Problem> {
    let found = read(text).map_err(|error| visitor.problem(Blame::Token, &error))?;
    match found.into_iter().next().map(|found| found.token) {
        Some(Ok(token)) => Ok(token),
        Some(Err(error)) => Err(visitor.problem(Blame::Token, &error)),
        None => Err(visitor.problem_with(StatusCode::BAD_REQUEST, &Trouble::Form)),
    }
}

/// An activation code that somebody typed.
pub(crate) fn code(visitor: &Visitor, text: &str) -> Result<ActivationCode, Problem> {
    parsed(visitor, text)
}

/// A seat's id.
pub(crate) fn seat(visitor: &Visitor, text: &str) -> Result<SeatId, Problem> {
    parsed(visitor, text)
}

fn parsed<T: std::str::FromStr<Err: Coded>>(visitor: &Visitor, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error: T::Err| visitor.problem(Blame::Caller, &error))
}
