//! Batches: a text with several tokens becomes a batch, which is answered on demand, token by
//! token, while other requests are served. Batches live in memory only: what they granted is in the
//! database, and submitting the same text again returns the same answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use latchkey_i18n::Explained;
use latchkey_issuer::{
    ActivateError, Choices, ClassifiedError, ErrorClass, GrantReason, Issuer, Outcome, TokenContent,
};
use latchkey_lease::Timestamp;
use latchkey_token::{FoundToken, HasErrorCode, Kind, SeatId, Token};

use crate::client::ClientId;
use crate::issuer_pool::IssuerPool;
use crate::rate_limit::{Guess, RateLimiter};
use crate::request_context::RequestContext;
use crate::request_views::is_about_code;
use crate::unused_parts::UnusedPartsMessage;

/// Tokens of all batches that are kept at a time. Ten thousand take about 10 MiB, at the very most
/// 45.
const MAX_TOKENS: usize = 60_000;
/// What that is at most, in MiB. The systemd unit has room for it.
#[cfg(test)]
pub(super) const fn max_mib() -> u64 {
    MAX_TOKENS as u64 / 10_000 * 45
}
/// The limit per address.
const MAX_TOKENS_OF_ONE: usize = 20_000;
/// Maximum number of batches in memory, in total and per address.
const MAX_BATCHES: usize = 256;
const MAX_BATCHES_OF_ONE: usize = 8;
/// The limits per IPv6 network (/48).
const MAX_TOKENS_OF_NETWORK: usize = 40_000;
const MAX_BATCHES_OF_NETWORK: usize = 64;
/// Minimum lifetime of a batch, whatever other clients submit.
const MIN_LIFETIME: Duration = Duration::from_secs(60);
/// The maximum age of a batch that has been answered.
const MAX_AGE_FINISHED: Duration = Duration::from_secs(30 * 60);
/// The maximum age of a batch that hasn't been confirmed.
const MAX_AGE_UNCONFIRMED: Duration = Duration::from_secs(10 * 60);

/// All batches by their unguessable IDs.
#[derive(Debug, Default)]
pub(crate) struct Batches(Mutex<HashMap<String, Arc<Batch>>>);

/// One text with several tokens.
#[derive(Debug)]
pub(crate) struct Batch {
    since: Instant,
    whose: ClientId,
    /// Until it is begun.
    waiting: Mutex<Option<Vec<FoundToken>>>,
    /// How many of each kind; what can't be read is counted under none.
    pub(crate) kinds: [usize; 4],
    pub(crate) unreadable: usize,
    pub(crate) total: usize,
    /// What came with it and isn't used.
    pub(crate) skipped: UnusedPartsMessage,
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
    /// Until when a released seat still counts as taken.
    pub(crate) taken_until: Option<Timestamp>,
    /// What the computer's clock showed, where that is far from what is right here.
    pub(crate) computer_clock: Option<Timestamp>,
    /// Whether the lease is over by that clock, so that the computer refuses the response until the
    /// clock is right.
    pub(crate) is_over_by_computer_clock: bool,
    /// Whether the lease is over, so that the computer needs a new request.
    pub(crate) is_over: bool,
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
    /// Stores the tokens of a text and returns the batch's ID; `None` if there are too many
    /// batches. The oldest batch of the same address is evicted first, then a finished one; see
    /// [`Batch::may_go`].
    pub(crate) fn insert(
        &self,
        whose: ClientId,
        found: Vec<FoundToken>,
        skipped: UnusedPartsMessage,
    ) -> Option<String> {
        self.insert_at(whose, found, skipped, Instant::now())
    }

    fn insert_at(
        &self,
        whose: ClientId,
        found: Vec<FoundToken>,
        skipped: UnusedPartsMessage,
        now: Instant,
    ) -> Option<String> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok()?;
        let id = data_encoding::HEXLOWER.encode(&bytes);
        let mut batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        batches.retain(|_, batch| !batch.is_over(now));
        // First the limits of the address, then of its network, then of all clients.
        let own = whose.with_network().map(|(own, many)| match many {
            1 => (Some(own), MAX_BATCHES_OF_ONE, MAX_TOKENS_OF_ONE),
            _ => (Some(own), MAX_BATCHES_OF_NETWORK, MAX_TOKENS_OF_NETWORK),
        });
        for (of, most, tokens) in own.chain([(None, MAX_BATCHES, MAX_TOKENS)]) {
            loop {
                let counted = || batches.iter().filter(|(_, batch)| batch.is_of(of));
                let there: usize = counted().map(|(_, batch)| batch.total).sum();
                if counted().count() < most && there + found.len() <= tokens {
                    break;
                }
                let over = counted().filter(|(_, batch)| batch.may_go(whose, now));
                let oldest = over.min_by_key(|(_, batch)| (batch.whose != whose, batch.since));
                let oldest = oldest.map(|(id, _)| id.clone());
                let by_tokens = counted().count() < most;
                let unfair = || match of {
                    Some(_) => None,
                    None => find_evictable(&batches, whose, by_tokens.then_some(found.len()), now),
                };
                let oldest = oldest.or_else(unfair)?;
                batches.remove(&oldest);
            }
        }
        batches.insert(id.clone(), Arc::new(Batch { skipped, ..Batch::new(whose, found, now) }));
        Some(id)
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<Batch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}

/// The oldest batch that waits, from an address that has more than its share and more than the
/// newcomer would have: so a few addresses can't shut all others out. Counted in tokens or, without
/// any, in batches.
fn find_evictable(
    batches: &HashMap<String, Arc<Batch>>,
    newcomer: ClientId,
    tokens: Option<usize>,
    now: Instant,
) -> Option<String> {
    let widest = |whose: ClientId| whose.with_network().last().map(|(whose, _)| whose);
    let mut shares: HashMap<Option<ClientId>, usize> = HashMap::new();
    shares.insert(widest(newcomer), tokens.unwrap_or(1));
    for batch in batches.values() {
        let counts = if tokens.is_some() { batch.total } else { 1 };
        *shares.entry(widest(batch.whose)).or_default() += counts;
    }
    let fair = if tokens.is_some() { MAX_TOKENS } else { MAX_BATCHES } / shares.len();
    let least = fair.max(shares.get(&widest(newcomer)).copied().unwrap_or(0));
    let share = |batch: &Batch| shares.get(&widest(batch.whose)).copied().unwrap_or(0);
    let waits =
        |batch: &Batch| batch.progress() == Progress::Waiting && batch.age(now) >= MIN_LIFETIME;
    let over = batches.iter().filter(|(_, batch)| waits(batch) && share(batch) > least);
    let most = over.min_by_key(|(_, batch)| (std::cmp::Reverse(share(batch)), batch.since));
    most.map(|(id, _)| id.clone())
}

impl Batch {
    fn new(whose: ClientId, found: Vec<FoundToken>, since: Instant) -> Self {
        let mut kinds = [0; 4];
        let mut unreadable = 0;
        for found in &found {
            match &found.token {
                Ok(token) => kinds[token.kind() as usize - 1] += 1,
                Err(_) => unreadable += 1,
            }
        }
        Self {
            since,
            whose,
            total: found.len(),
            waiting: Mutex::new(Some(found)),
            kinds,
            unreadable,
            skipped: UnusedPartsMessage::default(),
            done: AtomicUsize::new(0),
            answers: Mutex::new(Vec::new()),
        }
    }

    fn is_of(&self, whose: Option<ClientId>) -> bool {
        whose.is_none_or(|whose| self.whose.with_network().any(|(own, _)| own == whose))
    }

    /// Whether this batch may be evicted for a new one of the given address. A batch that is being
    /// answered is never evicted, nor one younger than a minute, whose page the user is still
    /// reading. An unconfirmed batch is evicted only for its own address, unless that address has
    /// more than its share: submissions of others never displace a client's batch.
    fn may_go(&self, whose: ClientId, now: Instant) -> bool {
        let is_begun = match self.progress() {
            Progress::Running { .. } => return false,
            Progress::Waiting => false,
            Progress::Finished => true,
        };
        (is_begun || self.whose == whose) && self.age(now) >= MIN_LIFETIME
    }

    /// Whether it has been kept for long enough.
    fn is_over(&self, now: Instant) -> bool {
        match self.progress() {
            Progress::Running { .. } => false,
            Progress::Waiting => self.age(now) >= MAX_AGE_UNCONFIRMED,
            Progress::Finished => self.age(now) >= MAX_AGE_FINISHED,
        }
    }

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
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

    /// A copy of the results so far.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers all tokens, unless that has already begun. Other requests are served between two
    /// tokens. A file gives no advantage to a client that guesses codes: after too many wrong
    /// codes, further requests aren't examined.
    pub(crate) async fn answer(
        &self,
        pool: &IssuerPool,
        limits: &Arc<RateLimiter>,
        context: &RequestContext,
    ) {
        let taken = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        for found in taken.unwrap_or_default() {
            let kind = found.kind;
            let refused =
                |words| Answer { refusal: Some(words), ..Answer::new(kind, 0, "refused") };
            let guess = match kind {
                Kind::Request => limits.guess(context).map(Some),
                _ => Ok(None),
            };
            let answer = match guess {
                Err(problem) => refused(problem.words),
                Ok(guess) => {
                    let (rows, asking) = (limits.rows(context), context.clone());
                    let work = move |issuer: &mut Issuer, now| {
                        issuer.within_quota(rows, |issuer| {
                            answer(issuer, &found, &asking, guess, now)
                        })
                    };
                    let answered = pool.write_sometime(work).await;
                    answered.unwrap_or_else(|failure| refused(context.problem_of(&failure).words))
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
            taken_until: None,
            computer_clock: None,
            is_over_by_computer_clock: false,
            is_over: false,
            token: None,
            refusal: None,
        }
    }
}

/// Answers one token. A request's code may be a guess: an unknown one counts as an attempt.
fn answer(
    issuer: &mut Issuer,
    found: &FoundToken,
    context: &RequestContext,
    guess: Option<Guess>,
    now: Timestamp,
) -> Answer {
    match (&found.token, guess) {
        (Err(error), _) => {
            // If even the audit row can't be written, the refusal is still reported.
            let _ = match found.kind {
                Kind::Deactivation => issuer.record_unread_deactivation(error, now),
                _ => issuer.record_unread_request(error, now),
            };
            refusal_answer(found, context, ErrorClass::RefusedToken, error, None)
        }
        (Ok(token), None) if token.kind() == Kind::Deactivation => {
            deactivate(issuer, found, token, context, now)
        }
        (Ok(token), guess) => activate(issuer, found, token, context, guess, now),
    }
}

fn refusal_answer(
    found: &FoundToken,
    context: &RequestContext,
    class: ErrorClass,
    error: &dyn HasErrorCode,
    name: Option<String>,
) -> Answer {
    Answer {
        refusal: Some(context.problem(class, error).words),
        name,
        ..Answer::new(found.kind, found.repaired, "refused")
    }
}

fn deactivate(
    issuer: &mut Issuer,
    found: &FoundToken,
    token: &Token,
    context: &RequestContext,
    now: Timestamp,
) -> Answer {
    let received = match issuer.receive_deactivation(token) {
        Ok(received) => received,
        Err(error) => return refusal_answer(found, context, error.class(), &error, None),
    };
    match issuer.accept_deactivation(&received, now) {
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
                taken_until: done.taken_until,
                ..Answer::new(found.kind, found.repaired, outcome)
            }
        }
        Err(error) => {
            // The name tells the user which computer it belongs to.
            let name = received.seat().and_then(|seat| issuer.seat_name(seat).ok()?);
            refusal_answer(found, context, error.class(), &error, name)
        }
    }
}

fn activate(
    issuer: &mut Issuer,
    found: &FoundToken,
    token: &Token,
    context: &RequestContext,
    mut guess: Option<Guess>,
    now: Timestamp,
) -> Answer {
    let received = match issuer.receive_request(token) {
        Ok(received) => received,
        Err(error) => return refusal_answer(found, context, error.class(), &error, None),
    };
    if let (Some(guess), Some(code)) = (&mut guess, received.code())
        && let Err(problem) = guess.charge_code(code.clone())
    {
        let refusal = Some(problem.words);
        return Answer { refusal, ..Answer::new(found.kind, found.repaired, "refused") };
    }
    match issuer.answer(&received, &Choices::default(), now) {
        Ok(granted) => {
            let again = granted.grounds == GrantReason::Repeated;
            let outcome = if again { "already_applied" } else { "granted" };
            Answer {
                computer_clock: granted.computer_clock,
                is_over_by_computer_clock: granted.is_over_by_computer_clock(),
                is_over: granted.is_over_at(now),
                name: Some(granted.name),
                seat: Some(granted.seat),
                expiry: Some(granted.lease_expiry),
                token: Some(granted.token.to_string()),
                ..Answer::new(found.kind, found.repaired, outcome)
            }
        }
        Err(error) => {
            if let (ActivateError::CodeUnknown, Some(guess)) = (&error, guess) {
                guess.was_wrong();
            }
            let name = received.seat_name().map(str::to_owned);
            let name = name.or_else(|| seat_of_response(issuer, token, now));
            let mut answer = refusal_answer(found, context, error.class(), &error, name);
            if let (true, Some(words)) = (is_about_code(&error), &mut answer.refusal) {
                let alone = context.label("portal-other-code-alone");
                words.action = format!("{} {alone}", words.action);
            }
            answer
        }
    }
}

/// The name of the seat that a response was issued for, which was handed in by mistake.
fn seat_of_response(issuer: &mut Issuer, token: &Token, now: Timestamp) -> Option<String> {
    match token.kind() {
        Kind::Response | Kind::Refresh => match issuer.inspect(token, now).ok()? {
            TokenContent::ForComputer { seat } => seat.map(|seat| seat.name),
            _ => None,
        },
        Kind::Request | Kind::Deactivation => None,
    }
}

#[cfg(test)]
mod tests {
    use latchkey_token::ReadError;

    use super::*;
    use crate::client::Origin;

    fn whose(n: u8) -> ClientId {
        Origin::Address([192, 0, 2, n].into()).client_id()
    }

    fn found(count: usize) -> Vec<FoundToken> {
        let one = || FoundToken {
            kind: Kind::Request,
            token: Err(ReadError::Truncated { have: 10, of: 300 }),
            repaired: 0,
        };
        std::iter::repeat_with(one).take(count).collect()
    }

    impl Batches {
        fn is_there(&self, id: &str) -> bool {
            self.find(id).is_some()
        }

        fn finish(&self, id: &str) {
            let batch = self.find(id).unwrap();
            batch.waiting.lock().unwrap().take();
            batch.done.store(batch.total, Ordering::Release);
        }
    }

    #[test]
    fn recent_and_unconfirmed_batches_are_not_evicted_for_others() {
        let batches = Batches::default();
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        // Two batches of one client: one unconfirmed and one finished.
        let waits =
            batches.insert_at(whose(1), found(2), UnusedPartsMessage::default(), at(0)).unwrap();
        let finished =
            batches.insert_at(whose(1), found(2), UnusedPartsMessage::default(), at(30)).unwrap();
        batches.finish(&finished);
        // Other clients fill all the room, with nothing of their own that could be evicted.
        let others = |now| {
            (2..=255_u8)
                .filter_map(|n| {
                    batches.insert_at(whose(n), found(8_000), UnusedPartsMessage::default(), now)
                })
                .count()
        };
        assert_eq!(others(at(60)), 7, "60,000 tokens, less four");
        assert!(batches.is_there(&waits) && batches.is_there(&finished), "younger than a minute");
        // After a minute what is finished makes room, and what waits doesn't.
        let large =
            batches.insert_at(whose(255), found(3_998), UnusedPartsMessage::default(), at(91));
        assert!(large.is_some() && !batches.is_there(&finished));
        assert!(batches.is_there(&waits));
        assert_eq!(others(at(300)), 7, "their own ones made room");
        assert!(batches.is_there(&waits));
        // Until it is over.
        assert!(
            batches.insert_at(whose(3), found(1), UnusedPartsMessage::default(), at(600)).is_some()
        );
        assert!(!batches.is_there(&waits));
    }

    #[test]
    fn a_few_addresses_with_unstarted_batches_do_not_lock_out_others() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let batches = Batches::default();
        for n in [1, 1, 2, 2, 3, 3] {
            assert!(
                batches
                    .insert_at(whose(n), found(10_000), UnusedPartsMessage::default(), begin)
                    .is_some()
            );
        }
        assert_eq!(
            batches.insert_at(whose(4), found(100), UnusedPartsMessage::default(), at(59)),
            None,
            "all are young"
        );
        let honest =
            batches.insert_at(whose(4), found(100), UnusedPartsMessage::default(), at(60)).unwrap();
        // A client that came late isn't evicted for those that have more either.
        for n in [1, 2, 3] {
            batches.insert_at(whose(n), found(10_000), UnusedPartsMessage::default(), at(200));
        }
        assert!(batches.is_there(&honest));
        // The same with many small batches.
        let batches = Batches::default();
        for n in 0..256 {
            assert!(
                batches
                    .insert_at(whose((n / 8) as u8), found(2), UnusedPartsMessage::default(), begin)
                    .is_some()
            );
        }
        assert!(
            batches.insert_at(whose(99), found(2), UnusedPartsMessage::default(), at(60)).is_some()
        );
    }

    #[test]
    fn an_address_evicts_its_own_batch_after_a_minute() {
        let batches = Batches::default();
        let begin = Instant::now();
        let ids: Vec<_> = (0..8)
            .map(|_| {
                batches.insert_at(whose(1), found(2), UnusedPartsMessage::default(), begin).unwrap()
            })
            .collect();
        let minute = begin + Duration::from_secs(60);
        assert_eq!(
            batches.insert_at(
                whose(1),
                found(2),
                UnusedPartsMessage::default(),
                minute - Duration::from_secs(1)
            ),
            None
        );
        assert!(
            batches.insert_at(whose(2), found(2), UnusedPartsMessage::default(), begin).is_some(),
            "another address has a turn of its own"
        );
        // One that is being answered stays.
        batches.find(&ids[0]).unwrap().waiting.lock().unwrap().take();
        for n in 1..=7 {
            assert!(
                batches
                    .insert_at(whose(1), found(2), UnusedPartsMessage::default(), minute)
                    .is_some()
            );
            assert_eq!(ids.iter().filter(|id| !batches.is_there(id)).count(), n);
        }
        assert!(batches.is_there(&ids[0]));
        assert_eq!(
            batches.insert_at(whose(1), found(2), UnusedPartsMessage::default(), minute),
            None
        );
    }
}
