//! Many tokens at once: each text that is handed in with several becomes a batch, which is answered on demand, token by
//! token, while others are served. Batches live in memory only: what they granted is in the database, and handing the
//! same text in again gives the same answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use latchkey_issuer::{Blame, Blamed, Grounds, Issuer, Outcome};
use latchkey_token::{Coded, Found, Kind, SeatId, Token};
use latchkey_words::Explained;

use super::Portal;
use super::limits::{Guess, Whose};
use super::visit::Visitor;

/// Tokens of all batches that are kept at a time. Ten thousand take about 10 MiB, at the very most 45.
const MAX_TOKENS: usize = 60_000;
/// Of those, the ones of one address.
const MAX_TOKENS_OF_ONE: usize = 20_000;
/// Batches that are kept at a time, and those of one address.
const MAX_BATCHES: usize = 256;
const MAX_BATCHES_OF_ONE: usize = 8;
/// So long after it was begun a batch can be looked at whatever others hand in.
const SURE: Duration = Duration::from_secs(60);
/// The code of an activation code that isn't known.
const UNKNOWN: &str = latchkey_issuer::codes::CODE_UNKNOWN.name;
/// How long one is kept.
const KEPT: Duration = Duration::from_secs(30 * 60);

/// All batches, by their ids, which nobody can guess.
#[derive(Debug, Default)]
pub(crate) struct Batches(Mutex<HashMap<String, Arc<Batch>>>);

/// One text with several tokens.
#[derive(Debug)]
pub(crate) struct Batch {
    since: Instant,
    whose: Whose,
    /// Until it is begun.
    waiting: Mutex<Option<Vec<Found>>>,
    /// How many of each kind; what can't be read is counted under none.
    pub(crate) kinds: [usize; 4],
    pub(crate) unreadable: usize,
    pub(crate) total: usize,
    done: AtomicUsize,
    answers: Mutex<Vec<Answer>>,
}

/// What became of one token.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) kind: Kind,
    pub(crate) repaired: usize,
    /// A stable word: `granted`, `already_applied`, `released`, `noted` or `refused`.
    pub(crate) outcome: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) seat: Option<SeatId>,
    pub(crate) expiry: Option<Timestamp>,
    pub(crate) token: Option<String>,
    pub(crate) refusal: Option<Explained>,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Waiting,
    Running { done: usize },
    Finished,
}

impl Batches {
    /// Keeps what was found in a text and gives its id; `None` when there are too many. Whatever isn't being answered makes
    /// room, the oldest one of the same address first; none does that is younger than a minute.
    pub(crate) fn keep(&self, whose: Whose, found: Vec<Found>) -> Option<String> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok()?;
        let id = data_encoding::HEXLOWER.encode(&bytes);
        let mut batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        batches.retain(|_, batch| {
            batch.since.elapsed() < KEPT || matches!(batch.progress(), Progress::Running { .. })
        });
        let fits = |batches: &HashMap<String, Arc<Batch>>, own: bool| {
            let (most, tokens) = match own {
                true => (MAX_BATCHES_OF_ONE, MAX_TOKENS_OF_ONE),
                false => (MAX_BATCHES, MAX_TOKENS),
            };
            let counted = || batches.values().filter(|batch| !own || batch.whose == whose);
            let there: usize = counted().map(|batch| batch.total).sum();
            counted().count() < most && there + found.len() <= tokens
        };
        for own in [true, false] {
            while !fits(&batches, own) {
                let over = |batch: &Batch| {
                    let running = matches!(batch.progress(), Progress::Running { .. });
                    !running && batch.since.elapsed() >= SURE
                };
                let over = batches.iter().filter(|(_, batch)| over(batch));
                let mine_first = over.filter(|(_, batch)| !own || batch.whose == whose);
                let oldest =
                    mine_first.min_by_key(|(_, batch)| (batch.whose != whose, batch.since));
                let oldest = oldest.map(|(id, _)| id.clone())?;
                batches.remove(&oldest);
            }
        }
        batches.insert(id.clone(), Arc::new(Batch::of(whose, found)));
        Some(id)
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<Batch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}

impl Batch {
    fn of(whose: Whose, found: Vec<Found>) -> Self {
        let mut kinds = [0; 4];
        let mut unreadable = 0;
        for found in &found {
            match &found.token {
                Ok(token) => kinds[token.kind() as usize - 1] += 1,
                Err(_) => unreadable += 1,
            }
        }
        Self {
            since: Instant::now(),
            whose,
            total: found.len(),
            waiting: Mutex::new(Some(found)),
            kinds,
            unreadable,
            done: AtomicUsize::new(0),
            answers: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        if self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Progress::Waiting;
        }
        match self.done.load(Ordering::Acquire) {
            done if done < self.total => Progress::Running { done },
            _ => Progress::Finished,
        }
    }

    /// A copy of the answers so far.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers all tokens, unless that was begun before. Between two of them others have their turn. Whoever guesses codes
    /// doesn't get further with a file than one by one: once there were too many wrong ones, requests aren't looked at.
    pub(crate) async fn answer(&self, portal: &Portal, visitor: Visitor) {
        let taken = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        for found in taken.unwrap_or_default() {
            let kind = found.kind;
            let refused =
                |words| Answer { refusal: Some(words), ..Answer::new(kind, 0, "refused") };
            let guess = match kind {
                Kind::Request => portal.limits.guess(&visitor).map(Some),
                _ => Ok(None),
            };
            let answer = match guess {
                Err(problem) => refused(problem.words),
                Ok(guess) => {
                    let work = move |issuer: &mut Issuer, now| {
                        guessed(issuer, &found, visitor, guess, now)
                    };
                    let answered = portal.desk.write_sometime(work).await;
                    answered.unwrap_or_else(|failure| refused(visitor.failed(&failure).words))
                }
            };
            self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
            self.done.fetch_add(1, Ordering::AcqRel);
        }
    }
}

impl Answer {
    const fn new(kind: Kind, repaired: usize, outcome: &'static str) -> Self {
        Self {
            kind,
            repaired,
            outcome,
            name: None,
            seat: None,
            expiry: None,
            token: None,
            refusal: None,
        }
    }
}

/// The same for what may be a guess: it counts when the code wasn't known.
fn guessed(
    issuer: &mut Issuer,
    found: &Found,
    visitor: Visitor,
    guess: Option<Guess>,
    now: Timestamp,
) -> Answer {
    let Some(mut guess) = guess else { return answer(issuer, found, visitor, now) };
    let code = found.token.as_ref().ok().and_then(|token| issuer.code_asked_with(token));
    if let Some(Err(problem)) = code.map(|code| guess.with(code)) {
        let refusal = Some(problem.words);
        return Answer { refusal, ..Answer::new(found.kind, found.repaired, "refused") };
    }
    let answer = answer(issuer, found, visitor, now);
    if answer.refusal.as_ref().is_some_and(|words| words.code == UNKNOWN) {
        guess.was_wrong();
    }
    answer
}

fn answer(issuer: &mut Issuer, found: &Found, visitor: Visitor, now: Timestamp) -> Answer {
    let refused = |blame: Blame, error: &dyn Coded, name: Option<String>| Answer {
        refusal: Some(visitor.problem(blame, error).words),
        name,
        ..Answer::new(found.kind, found.repaired, "refused")
    };
    let token = match &found.token {
        Ok(token) => token,
        Err(error) => {
            // If even that can't be written, the refusal is told all the same.
            let _ = match found.kind {
                Kind::Deactivation => issuer.note_unread_deactivation(found.kind, error, now),
                _ => issuer.note_unread_request(found.kind, error, now),
            };
            return refused(Blame::Token, error, None);
        }
    };
    if token.kind() == Kind::Deactivation {
        return match issuer.deactivate(token, now) {
            Ok(done) => {
                let outcome = match done.outcome {
                    Outcome::Released => "released",
                    Outcome::AlreadyReleased => "already_applied",
                    Outcome::Noted => "noted",
                };
                Answer {
                    name: Some(done.name),
                    seat: Some(done.seat),
                    expiry: Some(done.lease_expiry),
                    ..Answer::new(found.kind, found.repaired, outcome)
                }
            }
            Err(error) => refused(error.blame(), &error, name_in(issuer, token, now)),
        };
    }
    match issuer.activate(token, None, now) {
        Ok(granted) => {
            let again = granted.grounds == Grounds::Repeated;
            let outcome = if again { "already_applied" } else { "granted" };
            Answer {
                name: Some(granted.name),
                seat: Some(granted.seat),
                expiry: Some(granted.lease_expiry),
                token: Some(granted.token),
                ..Answer::new(found.kind, found.repaired, outcome)
            }
        }
        Err(error) => refused(error.blame(), &error, name_in(issuer, token, now)),
    }
}

/// The seat's name that a refused token gives, so that the person knows whose it is.
fn name_in(issuer: &mut Issuer, token: &Token, now: Timestamp) -> Option<String> {
    use latchkey_issuer::Inspected;
    match issuer.inspect(token, now).ok()? {
        Inspected::Request { name, .. } => Some(name),
        Inspected::Deactivation { name, .. } => name,
        Inspected::ForComputer { seat } => seat.map(|seat| seat.name),
        _ => None,
    }
}
