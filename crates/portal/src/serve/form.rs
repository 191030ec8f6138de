//! What visitors send: bounded before it is read, and read where it doesn't hold up others.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use latchkey_issuer::Blame;
use latchkey_paper::{ReadingError, is_picture, read_file_aside};
use latchkey_token::limits::{MAX_TEXT_BYTES, MAX_TOKEN_BYTES};
use latchkey_token::{ActivationCode, Coded, Found, SeatId, TextError, Token, read};
use serde::{Deserialize as _, Deserializer};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until, timeout};
use zeroize::Zeroizing;

use super::Portal;
use super::body::Held;
use super::turns::Turn;
use super::visit::{Problem, Visitor};
use crate::failure::Trouble;

/// Most bytes of a form that holds a token and a few words.
pub(crate) const MAX_FORM: usize = 64 * 1024;
/// Most bytes of a form with texts and files: a whole text, and what a browser puts around it.
pub(crate) const MAX_UPLOAD: usize = MAX_TEXT_BYTES + 256 * 1024;
/// Texts that are looked through at a time, and how many of one address. Each takes up to about 100 MiB meanwhile.
pub(crate) const UPLOADS: (usize, usize) = (2, 1);
/// Texts of a link or a form's field that are looked through at a time, and how many of one address.
pub(crate) const SMALL_TEXTS: (usize, usize) = (8, 4);
/// How long somebody waits for a text to be looked through. The work has bounds of its own.
const READ_TIME: Duration = Duration::from_secs(120);
/// A text that can't be read is shown again up to so many bytes.
const MAX_SHOWN: usize = 64 * 1024;
/// Longer than any token is in its canonical form: a symbol has five bits, and there are checks between.
const MAX_TOKEN_TEXT: usize = 2 * MAX_TOKEN_BYTES;

/// Most memory that decoding a picture takes: a telephone's photograph of 24 million pixels.
const PICTURE_MEMORY: u64 = 80 * 1024 * 1024;
/// No part of a form is begun after so long: with the last one that was, it is over before nobody waits any more.
const UPLOAD_TIME: Duration = Duration::from_secs(60);
/// Most pictures of one form.
const MAX_PICTURES: usize = 32;
/// Longer than it ever takes to look an activation code up.
pub(crate) const EVENLY: Duration = Duration::from_millis(150);

/// What is in what was handed in.
pub(crate) struct Looked {
    /// What a text says.
    pub(crate) found: Result<Vec<Found>, TextError>,
    /// The text itself as far as it is shown again.
    pub(crate) text: String,
    /// Why there may be more codes in a picture.
    pub(crate) left: Option<Trouble>,
}

/// What is in the texts of a form, and of the files in it, one after the other.
pub(crate) async fn upload(
    portal: &Portal,
    visitor: &Visitor,
    held: Option<Arc<Held>>,
    body: Multipart,
) -> Result<Looked, Problem> {
    let turn = portal.uploads.take(visitor).await?;
    let runtime = Handle::current();
    let said = at_work(visitor, turn, held, move || {
        // All of it is here already. Taking it apart is work like the rest: it keeps no thread from those who only wait.
        let parts = runtime.block_on(parts_of(body)).map_err(Unsaid::Form)?;
        let until = Instant::now() + UPLOAD_TIME;
        let mut pictures = 0;
        let (mut text, mut left) = (String::new(), None);
        let is_alone = parts.iter().filter(|part| !part.bytes.is_empty()).count() < 2;
        for Part { file, bytes: part } in parts {
            pictures += usize::from(is_picture(&part));
            if pictures > MAX_PICTURES || Instant::now() >= until {
                return Err(Unsaid::Part(ReadingError::TooMuchWork.into(), None));
            }
            match file.is_some() || is_picture(&part) {
                true => match said_in(&part) {
                    Ok((said, unread)) => {
                        text.push_str(&said);
                        left = left.or(unread);
                    }
                    Err(trouble) => {
                        return Err(Unsaid::Part(trouble, file.filter(|_| !is_alone)));
                    }
                },
                false => text.push_str(&latchkey_token::decode_text(&part)),
            }
            drop::<Bytes>(part);
            text.push('\n');
            // It is refused as too large, whatever comes after.
            if text.len() > MAX_TEXT_BYTES {
                break;
            }
        }
        // An empty file has been said to be empty.
        if text.trim().is_empty() {
            return Err(Unsaid::Part(Trouble::Nothing, None));
        }
        Ok(Looked { left, ..looked_through(text) })
    });
    said.await?.map_err(|unsaid| match unsaid {
        Unsaid::Form(status) => refused(visitor, status),
        Unsaid::Part(trouble, file) => {
            let problem = visitor.problem_with(StatusCode::UNPROCESSABLE_ENTITY, &trouble);
            match file {
                Some(file) => visitor.in_file(problem, &file),
                None => problem,
            }
        }
    })
}

/// Why nothing could be looked through.
enum Unsaid {
    Form(StatusCode),
    /// One of its parts can't be read: the file with this name, if more came with it.
    Part(Trouble, Option<String>),
}

/// A text of a form, or a file with its name.
struct Part {
    file: Option<String>,
    bytes: Bytes,
}

/// Longest name of a file that is said again.
const MAX_FILE_NAME: usize = 200;

/// The texts and files of a form.
async fn parts_of(mut body: Multipart) -> Result<Vec<Part>, StatusCode> {
    let mut parts = Vec::new();
    let mut length = 0;
    while let Some(field) = body.next_field().await.map_err(|error| error.status())? {
        if !matches!(field.name(), Some("text" | "file")) {
            continue;
        }
        // A form without a file sends one that has neither a name nor anything in it.
        let file = field.file_name().filter(|name| !name.is_empty()).map(|name| {
            name.chars().filter(|c| !c.is_control()).take(MAX_FILE_NAME).collect::<String>()
        });
        let bytes = field.bytes().await.map_err(|error| error.status())?;
        length += bytes.len();
        if length > MAX_TEXT_BYTES {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        parts.push(Part { file, bytes });
    }
    Ok(parts)
}

/// What is in a text that isn't large.
pub(crate) async fn small_text(
    portal: &Portal,
    visitor: &Visitor,
    text: String,
) -> Result<Looked, Problem> {
    let turn = portal.small_texts.take(visitor).await?;
    at_work(visitor, turn, None, move || looked_through(text)).await
}

fn looked_through(text: String) -> Looked {
    let found = read(&text);
    // What is shown again is no more than what a person has pasted.
    let text = if text.len() <= MAX_SHOWN { text } else { String::new() };
    Looked { found, text, left: None }
}

/// The text of a file, or what the QR codes in a picture say: somebody has photographed the computer's screen. And why
/// there may be more codes in it.
fn said_in(bytes: &[u8]) -> Result<(String, Option<Trouble>), Trouble> {
    let codes = read_file_aside(bytes, PICTURE_MEMORY)?;
    Ok((codes.text, codes.left.map(Trouble::from)))
}

pub(crate) fn refused(visitor: &Visitor, status: StatusCode) -> Problem {
    let trouble = match status {
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::InputTooLarge { limit: MAX_TEXT_BYTES },
        _ => Trouble::Form,
    };
    visitor.problem_with(status, &trouble)
}

/// Work that takes a processor for a while. The turn and what is held in memory for it are over when the work is, not
/// when nobody waits for it any more.
async fn at_work<T: Send + 'static>(
    visitor: &Visitor,
    turn: Turn,
    held: Option<Arc<Held>>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = spawn_blocking(move || {
        let done = work();
        drop((held, turn));
        done
    });
    let slow = |_| visitor.problem_with(StatusCode::REQUEST_TIMEOUT, &Trouble::Form);
    let done = timeout(READ_TIME, done).await.map_err(slow)?;
    done.map_err(|_| visitor.unavailable("system.interrupted"))
}

/// Work whose answer comes after the same time, whatever it found: how long it took says nothing.
pub(crate) async fn evenly<T>(portal: &Portal, work: impl Future<Output = T>) -> T {
    let until = Instant::now() + portal.evenly;
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

/// The one token of a field that a page of ours has filled, exactly as we wrote it. Nothing is looked for in it.
pub(crate) async fn token(
    portal: &Portal,
    visitor: &Visitor,
    text: String,
) -> Result<Token, Problem> {
    if text.len() > MAX_TOKEN_TEXT || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(visitor.problem(Blame::Token, &TextError::NoneFound));
    }
    let turn = portal.small_texts.take(visitor).await?;
    let decoded = at_work(visitor, turn, None, move || {
        let mut found = read(&text)?;
        match (found.pop(), found.is_empty()) {
            (Some(Found { token: Ok(token), .. }), true) if token.to_string() == text => Ok(token),
            _ => Err(TextError::NoneFound),
        }
    });
    decoded.await?.map_err(|error| visitor.problem(Blame::Token, &error))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systemd_unit_leaves_room_for_all_that_the_portal_may_take_at_once() {
        let unit = include_str!("../../../../packaging/server/latchkey-server.service");
        let limit = unit.lines().find_map(|line| line.strip_prefix("MemoryMax=")).unwrap();
        let limit: u64 = limit.strip_suffix('M').unwrap().parse().unwrap();
        let mib = 1024 * 1024;
        // The process that reads a picture may take four times what its decoder may; a text, at most this.
        let (picture, text) = (4 * PICTURE_MEMORY / mib, 128);
        let (in_flight, batches, rest) =
            (super::super::body::IN_FLIGHT as u64 / mib, super::super::batches::most_mib(), 96);
        let all = UPLOADS.0 as u64 * (picture + text) + in_flight + batches + rest;
        assert!(all * 4 / 3 <= limit, "{all} MiB, and the unit allows {limit}");
        assert!(unit.contains("\nOOMPolicy=continue\n"));
    }
}
