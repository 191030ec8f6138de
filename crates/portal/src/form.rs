//! Extracts tokens from submitted forms. Input is bounded before it is read, and parsed where it
//! doesn't block other requests.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use latchkey_issuer::ErrorClass;
use latchkey_paper::{
    Codes, FileOfSeveral, FileReadError, ReadingError, is_picture, read_one_of_several_isolated,
};
use latchkey_server_core::FileContentError;
use latchkey_token::limits::{MAX_TEXT_BYTES, MAX_TOKEN_BYTES};
use latchkey_token::{
    ActivationCode, ActivationCodeError, FoundToken, HasErrorCode, NotTokenText, SeatId, TextError,
    Token, error_without_token, scan, unneeded_texts,
};
use serde::{Deserialize as _, Deserializer};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until, timeout};
use zeroize::Zeroizing;

use crate::body::{Held, MAX_FORM, refusal};
use crate::error::PortalError;
use crate::fair_queue::{FairQueue, QueuePermit};
use crate::request_context::{HttpError, RequestContext};
use crate::state::PortalState;
use crate::unused_parts::UnusedPartsMessage;

/// How long a request waits for its text to be scanned. The scan itself has separate limits.
const READ_TIME: Duration = Duration::from_secs(120);
/// Maximum size of a text that is shown again after an error.
const MAX_SHOWN: usize = 64 * 1024;
/// Longer than any token is in its canonical form: a symbol has five bits, and there are checks
/// between.
const MAX_TOKEN_TEXT: usize = 2 * MAX_TOKEN_BYTES;

/// Most memory that decoding a picture takes: a telephone's photograph of 24 million pixels.
const PICTURE_MEMORY: u64 = 80 * 1024 * 1024;
/// No further file of a form is begun after this time, including the time of waiting for turns.
const UPLOAD_TIME: Duration = Duration::from_secs(60);
/// No further file is begun in a turn after this time.
const TURN_TIME: Duration = Duration::from_secs(1);
/// How long the texts of a form are searched for parts of a damaged token.
const SEARCH_TIME: Duration = Duration::from_secs(15);
/// Most parts of one form that are named because they aren't used.
const MAX_NAMED: usize = 20;
/// Maximum number of texts in which a part of a damaged token is searched for.
const MAX_TRIED: usize = 16;
/// Maximum size of a typed activation code: a line of an email including the text around the code.
pub(crate) const MAX_TYPED_CODE: usize = 4096;
/// Maximum size of an activation code as our pages write it.
const MAX_HIDDEN_CODE: usize = 128;
/// Most pictures of one form.
const MAX_PICTURES: usize = 32;
/// Most parts of a form whose texts count as small: each is tried by itself if it has no token.
const MAX_SMALL_PARTS: usize = 32;

/// The tokens in a submitted form.
pub(crate) struct FormTokens {
    /// The tokens in the text.
    pub(crate) found: Result<Vec<FoundToken>, TextError>,
    /// The text itself as far as it is shown again.
    pub(crate) text: String,
    /// Why there may be more codes in a picture: of several, in the first one. The others are in
    /// `skipped`.
    pub(crate) left: Option<UnusedPart>,
    /// The parts without a token, if others have one.
    pub(crate) skipped: UnusedParts,
}

/// A part of the submission that isn't used, or only partly.
#[derive(Debug)]
pub(crate) struct UnusedPart {
    /// The file's name, if more came with it.
    pub(crate) file: Option<String>,
    pub(crate) error: FileContentError,
}

/// All such parts, each by its name as far as a page has room for them.
#[derive(Debug, Default)]
pub(crate) struct UnusedParts {
    pub(crate) named: Vec<UnusedPart>,
    /// How many more there are.
    pub(crate) others: usize,
}

impl UnusedParts {
    fn push(&mut self, left: UnusedPart) {
        match self.named.len() < MAX_NAMED {
            true => self.named.push(left),
            false => self.others += 1,
        }
    }
}

/// What is in the texts of a form, and of the files in it, one after the other.
pub(crate) async fn upload(
    portal: &PortalState,
    context: &RequestContext,
    held: Option<Arc<Held>>,
    body: Multipart,
) -> Result<FormTokens, HttpError> {
    let runtime = Handle::current();
    // The whole body is already in memory. Parsing it is CPU work like the rest, so it mustn't
    // block an async thread.
    let is_small = held.as_ref().is_some_and(|held| held.is_small());
    let turn = turns_for(portal, is_small).take(context).await?;
    let parsing = move || runtime.block_on(parts_of(body));
    let parts = run_blocking(context, turn, held.clone(), parsing).await?;
    let mut parts = parts.map_err(|status| refusal(context, status))?;
    parts.retain(|part| !part.is_nothing());
    let too_much = || {
        let error: FileContentError = ReadingError::TooMuchWork.into();
        context.problem_with(StatusCode::UNPROCESSABLE_ENTITY, &error)
    };
    if parts.iter().filter(|part| is_picture(&part.bytes)).count() > MAX_PICTURES {
        return Err(too_much());
    }
    // A turn ends after a slow part, so that a form with many of them keeps others waiting for one.
    let is_small = is_small && !parts.iter().any(Part::is_file);
    let began = Instant::now();
    let mut waited = Duration::ZERO;
    while parts.iter().any(|part| part.content.is_none()) {
        let before = Instant::now();
        if before >= began + UPLOAD_TIME {
            return Err(match 4 * waited > UPLOAD_TIME {
                true => context.problem_with(StatusCode::SERVICE_UNAVAILABLE, &PortalError::Busy),
                false => too_much(),
            });
        }
        let turn = turns_for(portal, is_small).take(context).await?;
        waited += before.elapsed();
        parts = run_blocking(context, turn, held.clone(), move || read_some(parts)).await?;
        // The contents of codes may be longer than their pictures.
        if text_len(&parts) > MAX_TEXT_BYTES {
            return Err(refusal(context, StatusCode::PAYLOAD_TOO_LARGE));
        }
    }
    let is_small = parts.len() <= MAX_SMALL_PARTS && text_len(&parts) <= MAX_FORM;
    let turn = turns_for(portal, is_small).take(context).await?;
    let scanned = run_blocking(context, turn, held, move || scan_parts(parts));
    scanned.await?.map_err(|skipped| nothing_usable_error(context, skipped))
}

/// The queue for a form. A person who pastes a token doesn't wait for the files of others.
const fn turns_for(portal: &PortalState, is_small: bool) -> &FairQueue {
    if is_small { &portal.small_texts } else { &portal.uploads }
}

/// The length in bytes of what was read in the parts so far.
fn text_len(parts: &[Part]) -> usize {
    parts.iter().filter_map(|part| part.content.as_ref()).map(FileOfSeveral::text_len).sum()
}

/// Reads the next parts of a form, until [`TURN_TIME`] is over.
fn read_some(mut parts: Vec<Part>) -> Vec<Part> {
    let until = Instant::now() + TURN_TIME;
    for part in parts.iter_mut().filter(|part| part.content.is_none()) {
        part.read();
        if Instant::now() >= until {
            break;
        }
    }
    parts
}

/// What is in the parts of a form whose files have been read. The error has all of them, if none
/// can be used.
fn scan_parts(parts: Vec<Part>) -> Result<FormTokens, UnusedParts> {
    let is_alone = parts.len() < 2;
    let of_part = |part: Part| Some((part.content?, part.file.filter(|_| !is_alone)));
    let (files, names): (Vec<_>, Vec<_>) = parts.into_iter().filter_map(of_part).unzip();
    let mut taken = TextCollector::default();
    for (file, said) in names.into_iter().zip(FileOfSeveral::join_all(files)) {
        taken.add(file, said);
    }
    taken.scan_all(Instant::now() + SEARCH_TIME)
}

/// No part of the submission can be used: describes the problem with the first part and counts the
/// others.
fn nothing_usable_error(context: &RequestContext, skipped: UnusedParts) -> HttpError {
    let count = skipped.named.len() + skipped.others;
    let mut problem = match skipped.named.first() {
        Some(first) => part_problem(context, first),
        None => context.problem_with(StatusCode::UNPROCESSABLE_ENTITY, &PortalError::Nothing),
    };
    if count > 1 {
        let more = context.message("portal-skipped-as_well", &[("count", (count - 1).into())]);
        problem.words.action = format!("{} {more}", problem.words.action);
    }
    problem
}

/// The message about the parts that aren't used, for the page with the result.
pub(crate) fn message_about(context: &RequestContext, skipped: &UnusedParts) -> UnusedPartsMessage {
    let parts = skipped.named.iter().map(|left| part_problem(context, left).words);
    UnusedPartsMessage::new(parts.collect(), skipped.others)
}

/// What is wrong with a part, and which one it is.
pub(crate) fn part_problem(context: &RequestContext, left: &UnusedPart) -> HttpError {
    let problem = context.problem_with(StatusCode::UNPROCESSABLE_ENTITY, &left.error);
    match &left.file {
        Some(file) => context.with_file(problem, file),
        None => problem,
    }
}

/// The texts of the parts that have one, in their order.
#[derive(Default)]
struct TextCollector {
    texts: Vec<String>,
    /// The file that each came from.
    files: Vec<Option<String>>,
    length: usize,
    left: Option<UnusedPart>,
    skipped: UnusedParts,
}

impl TextCollector {
    /// The text of a file, or the content of the QR codes in a picture, because people photograph
    /// screens.
    fn add(&mut self, file: Option<String>, said: Result<Option<Codes>, FileReadError>) {
        match said {
            Ok(Some(Codes { text, incomplete })) => {
                if let Some(error) = incomplete.map(FileContentError::from) {
                    self.push_partial(UnusedPart { file: file.clone(), error });
                }
                self.push(file, text);
            }
            // Another file has the text of its codes.
            Ok(None) => {}
            Err(error) => self.skipped.push(UnusedPart { file, error: error.into() }),
        }
    }

    fn push(&mut self, file: Option<String>, text: String) {
        self.length += text.len() + 1;
        self.texts.push(text);
        self.files.push(file);
    }

    /// The first one is shown above the text, which can be submitted again; the others are listed
    /// next to it.
    fn push_partial(&mut self, left: UnusedPart) {
        match self.left {
            None => self.left = Some(left),
            Some(_) => self.skipped.push(left),
        }
    }

    /// The tokens of all texts together, and the texts without any; or why there is no text at all.
    fn scan_all(mut self, until: Instant) -> Result<FormTokens, UnusedParts> {
        if self.texts.is_empty() {
            return Err(self.skipped);
        }
        let mut errors = match self.texts.len() {
            1 => BTreeMap::new(),
            _ => without_token(&self.texts, until),
        };
        let doubtful: Vec<_> = errors.keys().copied().collect();
        let is_short = doubtful.len() <= MAX_TRIED && self.length <= MAX_SHOWN;
        let short = if is_short { self.texts.clone() } else { Vec::new() };
        let mut whole = String::with_capacity(self.length);
        for text in self.texts {
            whole.push_str(&text);
            whole.push('\n');
        }
        let looked = scan_text(whole);
        let without = match &looked.found {
            // Then a text without a token isn't part of one.
            Ok(found) if found.iter().all(|found| found.token.is_ok()) => doubtful,
            // Parts of a damaged token are searched for only in a few short texts, because each
            // search scans all of them.
            Ok(_) if is_short => unneeded_texts(&short, &doubtful),
            _ => Vec::new(),
        };
        for index in without {
            let file = self.files[index].take();
            let error = errors.remove(&index).unwrap_or(TextError::NoneFound);
            self.skipped.push(UnusedPart { file, error: error.into() });
        }
        Ok(FormTokens { left: self.left, skipped: self.skipped, ..looked })
    }
}

/// The texts in which no token is and no part of one is seen, in their order, and what they are
/// instead.
fn without_token(texts: &[String], until: Instant) -> BTreeMap<usize, TextError> {
    let in_time = texts.iter().enumerate().take_while(|_| Instant::now() < until);
    in_time.filter_map(|(index, text)| Some((index, error_without_token(text)?))).collect()
}

/// A text of a form, or a file with its name.
struct Part {
    file: Option<String>,
    bytes: Bytes,
    /// What was read in it.
    content: Option<FileOfSeveral>,
}

impl Part {
    /// What a browser sends of a field that was left empty.
    fn is_nothing(&self) -> bool {
        self.file.is_none() && self.bytes.trim_ascii().is_empty()
    }

    fn is_file(&self) -> bool {
        self.file.is_some() || is_picture(&self.bytes)
    }

    /// Reads it, and frees its bytes. The text is seldom longer than those, which stay counted in
    /// [`Held`].
    fn read(&mut self) {
        let is_file = self.is_file();
        let bytes = mem::take(&mut self.bytes);
        self.content = Some(match is_file {
            true => read_one_of_several_isolated(&bytes, PICTURE_MEMORY),
            false => FileOfSeveral::of_text(latchkey_token::decode_text(&bytes)),
        });
    }
}

/// Maximum length of a file name in a message.
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
        parts.push(Part { file, bytes, content: None });
    }
    Ok(parts)
}

/// What is in a text that isn't large.
pub(crate) async fn small_text(
    portal: &PortalState,
    context: &RequestContext,
    text: String,
) -> Result<FormTokens, HttpError> {
    let turn = portal.small_texts.take(context).await?;
    run_blocking(context, turn, None, move || scan_text(text)).await
}

fn scan_text(text: String) -> FormTokens {
    let found = scan(&text);
    // What is shown again is no more than what a person has pasted.
    let text = if text.len() <= MAX_SHOWN { text } else { String::new() };
    FormTokens { found, text, left: None, skipped: UnusedParts::default() }
}

/// Runs CPU-bound work. Its permit and its share of memory are released when the work ends, not
/// when the client disconnects.
async fn run_blocking<T: Send + 'static>(
    context: &RequestContext,
    turn: QueuePermit,
    held: Option<Arc<Held>>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HttpError> {
    let done = spawn_blocking(move || {
        let done = work();
        drop((held, turn));
        done
    });
    let slow = |_| context.problem_with(StatusCode::REQUEST_TIMEOUT, &PortalError::Form);
    let done = timeout(READ_TIME, done).await.map_err(slow)?;
    done.map_err(|_| context.unavailable("system.interrupted"))
}

/// Runs work and returns no earlier than after `min_response_time`, which is longer than a lookup
/// takes, so that the duration reveals nothing.
pub(crate) async fn with_min_response_time<T>(
    portal: &PortalState,
    work: impl Future<Output = T>,
) -> T {
    let until = Instant::now() + portal.min_response_time;
    let done = work.await;
    sleep_until(until).await;
    done
}

/// A form's fields, or what is wrong with it.
pub(crate) fn fields<T>(
    context: &RequestContext,
    form: Result<axum::Form<T>, FormRejection>,
) -> Result<T, HttpError> {
    match form {
        Ok(axum::Form(fields)) => Ok(fields),
        Err(rejection) => {
            let status = axum::response::IntoResponse::into_response(rejection).status();
            Err(refusal(context, status))
        }
    }
}

/// A field that is wiped when it was read.
pub(crate) fn deserialize_secret<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

/// The single token in a field that one of our pages has filled, exactly as it was written. The
/// text isn't scanned.
pub(crate) async fn parse_token(
    portal: &PortalState,
    context: &RequestContext,
    text: String,
) -> Result<Token, HttpError> {
    if text.len() > MAX_TOKEN_TEXT || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(context.problem(ErrorClass::RefusedToken, &TextError::NoneFound));
    }
    let turn = portal.small_texts.take(context).await?;
    let decoded = run_blocking(context, turn, None, move || text.parse()).await?;
    decoded
        .map_err(|_: NotTokenText| context.problem(ErrorClass::RefusedToken, &TextError::NoneFound))
}

/// An activation code that a user has typed.
pub(crate) fn code(context: &RequestContext, text: &str) -> Result<ActivationCode, HttpError> {
    if text.len() > MAX_TYPED_CODE {
        let error = ActivationCodeError::TooLong { symbols: text.chars().count() };
        return Err(context.problem(ErrorClass::InvalidInput, &error));
    }
    parse_field(context, text)
}

/// An activation code in a field that one of our pages has filled, exactly as it was written. The
/// text isn't searched.
pub(crate) fn hidden_code(
    context: &RequestContext,
    text: &str,
) -> Result<ActivationCode, HttpError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if text.len() > MAX_HIDDEN_CODE || !text.bytes().all(is_plain) {
        return Err(context.problem(ErrorClass::InvalidInput, &ActivationCodeError::Unclear));
    }
    let code: ActivationCode = parse_field(context, text)?;
    match *Zeroizing::new(code.expose()) == *text {
        true => Ok(code),
        false => Err(context.problem(ErrorClass::InvalidInput, &ActivationCodeError::Unclear)),
    }
}

/// A seat's id.
pub(crate) fn parse_seat_id(context: &RequestContext, text: &str) -> Result<SeatId, HttpError> {
    parse_field(context, text)
}

fn parse_field<T: std::str::FromStr<Err: HasErrorCode>>(
    context: &RequestContext,
    text: &str,
) -> Result<T, HttpError> {
    text.parse().map_err(|error: T::Err| context.problem(ErrorClass::InvalidInput, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::UPLOADS;

    #[test]
    fn the_systemd_unit_allows_the_maximum_memory_of_the_portal() {
        let unit = include_str!("../../../packaging/server/latchkey-server.service");
        let limit = unit.lines().find_map(|line| line.strip_prefix("MemoryMax=")).unwrap();
        let limit: u64 = limit.strip_suffix('M').unwrap().parse().unwrap();
        let mib = 1024 * 1024;
        // The process that reads a picture may take four times what its decoder may; a text, at
        // most this.
        let (picture, text) = (4 * PICTURE_MEMORY / mib, 128);
        let (in_flight, batches, rest) =
            (crate::body::IN_FLIGHT as u64 / mib, crate::batches::max_mib(), 96);
        let all = UPLOADS.0 as u64 * (picture + text) + in_flight + batches + rest;
        assert!(all * 4 / 3 <= limit, "{all} MiB, and the unit allows {limit}");
        assert!(unit.contains("\nOOMPolicy=continue\n"));
    }
}
