//! The invariants of every state, with the bounds that SECURITY.md names.

use std::collections::HashSet;
use std::fmt;

use anyhow::Result;
use latchkey_device::simulated::Access;
use latchkey_issuer::{IDLE, SeatState};

use crate::identity::recovery;
use crate::life::{Hardware, Setting, Stage, seat_on};
use crate::server::{Answer, Asked, GRACE_DAYS, LEASE_DAYS, Refusal};
use crate::state::{DAY, HOUR, State};

/// Days over which early returns are counted, and how many of a seat's free it at once.
const RETURN_DAYS: i64 = 365;
const RETURNS: usize = 4;
/// What is granted at once at most.
const LONGEST_LEASE: i64 = (LEASE_DAYS + GRACE_DAYS) * DAY;
/// What the effective clock needs to believe a wall clock that is far ahead.
pub(crate) const BELIEVED_BOOTS: u32 = 2;
pub(crate) const BELIEVED_RUN: i64 = 7 * DAY;

/// What was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// A product ran although its lease and grace were over.
    RunsWithoutLease,
    /// A product didn't run although its lease did and the clock was right.
    Blocked,
    /// More seats ran than there are, and more than the early returns and takeovers explain.
    TooManySeats,
    /// More seats ran than there are, more were returned than there are, and no notice told the
    /// vendor.
    NoNotice,
    /// One seat ran on more computers with different hardware than the audit has moves of it.
    CopyRuns,
    /// One vault held a licence and the token that gives it back.
    LicenceAndDeactivation,
    /// An honest person's computer couldn't be brought to run again.
    DeadEnd,
}

/// A rule that was broken, and how.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) rule: Rule,
    pub(crate) how: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.how)
    }
}

/// Looks at what the products saw. Nothing is done.
pub(crate) fn check(setting: &Setting, state: &State, found: &mut Vec<Finding>) {
    let mut broken = |rule, how: String| found.push(Finding { rule, how });
    let now = state.at();
    for (index, computer) in state.computers.iter().enumerate() {
        let held = &computer.vault.held;
        if let Some(held) = held
            && let Some(lease) = &held.lease
            && held.outbox.iter().any(|(seat, _)| *seat == lease.seat)
        {
            broken(Rule::LicenceAndDeactivation, format!("computer {index}"));
        }
        let Some(seen) = &computer.seen else { continue };
        let Some(licence) = &seen.licence else { continue };
        let over_for = now - licence.grace_end;
        if seen.runs && over_for >= 0 {
            let can_t_remember = computer.past.tampered || setting.machine;
            let allowed = match computer.wall {
                // Restoring both the vault and the clock is the only case without a bound.
                ..0 if can_t_remember => i64::MAX,
                // Nobody knows how long it was off, and a token that was held back gives its lease
                // once more.
                ..0 => computer.past.lag + HOUR,
                // A clock that is right or ahead gives nothing away.
                _ => -1,
            };
            if over_for > allowed {
                let days = over_for / DAY;
                broken(Rule::RunsWithoutLease, format!("computer {index}, for {days} days"));
            }
        }
        let believed_ahead =
            computer.past.ahead.0 >= BELIEVED_BOOTS || computer.past.ahead.1 >= BELIEVED_RUN;
        // A vendor's wrong clock holds until the vendor's next token.
        let signed_ahead = held.as_ref().is_some_and(|held| held.clock.signed_floor > now + HOUR);
        if setting.honest
            && !seen.runs
            && over_for < 0
            && computer.wall == 0
            && !believed_ahead
            && !signed_ahead
        {
            broken(Rule::Blocked, format!("computer {index}"));
        }
    }
    check_seats(setting, state, found);
}

fn check_seats(setting: &Setting, state: &State, found: &mut Vec<Finding>) {
    let now = state.at();
    let mut running = Vec::new();
    for (index, computer) in state.computers.iter().enumerate() {
        let licence = computer.seen.as_ref().filter(|seen| seen.runs);
        let licence = licence.and_then(|seen| seen.licence.as_ref());
        // What runs longer than its lease is another rule's business.
        running.extend(licence.filter(|one| one.grace_end > now).map(|one| (index, one.seat)));
    }
    let mut seats: Vec<_> = running.iter().map(|(_, seat)| *seat).collect();
    seats.sort();
    seats.dedup();
    // Who asks again with a copied vault moves its seat to other hardware: that is counted, and the
    // audit notes it.
    let copies = running.len() - seats.len();
    if copies > state.server.rebindings as usize && setting.hardware == Hardware::Own {
        let how = format!("{} computers run {} seats", running.len(), seats.len());
        found.push(Finding { rule: Rule::CopyRuns, how });
    }
    let limit = setting.seats as usize;
    if seats.len() <= limit {
        return;
    }
    let since = now + state.server_clock - RETURN_DAYS * DAY;
    let lately = |times: &[i64]| times.iter().filter(|at| **at > since).count();
    let returns = lately(&state.server.returns);
    let by_right = seats
        .iter()
        .filter(|id| {
            let seat = state.server.seats.iter().find(|seat| seat.id == **id);
            seat.is_some_and(|seat| seat.is_held() || seat.state == SeatState::Released)
        })
        .count();
    let freed = returns.min(RETURNS * limit);
    let explained = limit + freed + state.server.takeovers as usize;
    // A vendor who says that a wrong clock is right ends leases by it. The audit has that, with
    // what spoke against it.
    if (by_right > limit || seats.len() > explained) && !state.confirmed_wrong {
        let how = format!("{} seats run, {by_right} of them held, of {limit}", seats.len());
        found.push(Finding { rule: Rule::TooManySeats, how });
    }
    // Also of one that the issuer has forgotten to count.
    let returns = returns.max(lately(&state.server.given_back));
    if returns > limit && state.server.notices == 0 {
        let how = format!("{} seats run of {limit}, {returns} were returned", seats.len());
        found.push(Finding { rule: Rule::NoNotice, how });
    }
}

/// Why a computer doesn't run with a refresh.
enum Obstacle {
    /// The vendor wants a request for this renewal.
    NeedsRequest,
    /// In words, for the finding.
    Other(String),
}

impl Obstacle {
    fn other(why: impl Into<String>) -> Option<Self> {
        Some(Self::Other(why.into()))
    }

    fn into_words(self) -> String {
        match self {
            Self::NeedsRequest => "the renewal needs a request".to_owned(),
            Self::Other(why) => why,
        }
    }
}

/// Sets every clock right: from there on an honest person goes on.
pub(crate) fn set_right(state: &State) -> State {
    let mut state = state.clone();
    state.server_clock = 0;
    for computer in &mut state.computers {
        (computer.wall, computer.access) = (0, Access::Owner);
    }
    state
}

/// Sees that an honest person gets a computer to run again once every clock is right: by request,
/// grant and apply, or by a refresh, and by nothing that deletes anything. The way ends early where
/// it meets one that was gone to its end before.
pub(crate) fn recovers(
    stage: &mut Stage<'_>,
    mut state: State,
    index: usize,
    recovered: &mut HashSet<u128>,
) -> Result<Option<Finding>> {
    // A product that looks is the first step of every way.
    stage.look(&mut state, index)?;
    let looked = recovery(&state, stage.uses, index);
    if recovered.contains(&looked) {
        return Ok(None);
    }
    let end = recover(stage, &mut state, index)?;
    if end.is_none() {
        recovered.insert(looked);
    }
    Ok(end.map(|how| Finding { rule: Rule::DeadEnd, how: format!("computer {index}: {how}") }))
}

/// Why it doesn't.
fn recover(stage: &mut Stage<'_>, state: &mut State, index: usize) -> Result<Option<String>> {
    if runs(state, index) {
        match refresh(stage, state, index)? {
            // Then with one, beside the lease that runs.
            Some(Obstacle::NeedsRequest) => {
                if let Some(why) = stage.request_renewal(state, index)? {
                    return Ok(Some(format!("renewal's request refused: {why}")));
                }
                return granted(stage, state, index);
            }
            end => return Ok(end.map(Obstacle::into_words)),
        }
    }
    // A refresh is enough where there is still a licence, unless the vendor has taken it back.
    let mut refreshed = state.clone();
    if refresh(stage, &mut refreshed, index)?.is_none() && runs(&refreshed, index) {
        return Ok(None);
    }
    if let Some(why) = stage.request(state, index)? {
        stage.empty_outbox(state, index)?;
        if stage.request(state, index)?.is_some() {
            return Ok(Some(format!("request refused: {why}")));
        }
    }
    granted(stage, state, index)
}

/// Gets a request granted and applies the response. Gives why the product doesn't run then.
fn granted(stage: &mut Stage<'_>, state: &mut State, index: usize) -> Result<Option<String>> {
    let mut waited = false;
    loop {
        match stage.grant(state, index, None)? {
            Some(Ok(())) => break,
            // The others' leases end, and so does that of a seat that was returned too often.
            Some(Err(Refusal::NoneFree)) if !waited => {
                let until = state.server.seats.iter().map(|seat| seat.taken_until).max();
                let wait = until.map_or(0, |until| until - state.at() + HOUR).max(0);
                // A server that was switched off believes a clock that is so far ahead.
                if wait > IDLE.num_seconds() + LONGEST_LEASE && !state.confirmed_wrong {
                    return Ok(Some(format!("no seat is free for {} days", wait / DAY)));
                }
                state.now += wait;
                state.server_running += wait;
                state.computers[index].running += wait;
                waited = true;
                // Who comes back after so long asks again.
                if let Some(why) = stage.request(state, index)? {
                    return Ok(Some(format!("request refused: {why}")));
                }
            }
            Some(Err(Refusal::Clock)) if stage.confirm_server_clock(state)? => {}
            other => return Ok(Some(format!("refused by the vendor: {other:?}"))),
        }
    }
    let response = state.computers[index].response.clone();
    let Some(response) = response else { return Ok(Some("no response".to_owned())) };
    if let Some(why) = stage.apply_text(state, index, response.text, response.made)? {
        return Ok(Some(format!("response refused: {why}")));
    }
    stage.look(state, index)?;
    Ok((!runs(state, index)).then(|| "active, and doesn't run".to_owned()))
}

fn runs(state: &State, index: usize) -> bool {
    state.computers[index].seen.is_some_and(|seen| seen.runs)
}

/// A refresh, where the vendor says that the seat is this computer's. Gives why it doesn't run with
/// it.
fn refresh(stage: &mut Stage<'_>, state: &mut State, index: usize) -> Result<Option<Obstacle>> {
    let Some(seat) = seat_on(&state.computers[index].vault) else {
        return Ok(Obstacle::other("no licence"));
    };
    let held = state.server.seats.iter().any(|one| one.id == seat && one.is_held());
    if !held {
        return Ok(None);
    }
    let mut answer = stage.vendor(state, Asked::Refresh(seat))?;
    if answer.is_refused() {
        stage.confirm_server_clock(state)?;
        answer = stage.vendor(state, Asked::Refresh(seat))?;
    }
    if matches!(answer, Answer::Refused(Refusal::NeedsRequest)) {
        return Ok(Some(Obstacle::NeedsRequest));
    }
    let Answer::Token { text, .. } = answer else {
        return Ok(Obstacle::other(format!("no refresh from the vendor: {answer:?}")));
    };
    if let Some(why) = stage.apply_text(state, index, text, state.at())? {
        return Ok(Obstacle::other(format!("refresh refused: {why}")));
    }
    stage.look(state, index)?;
    if runs(state, index) { Ok(None) } else { Ok(Obstacle::other("refreshed, and doesn't run")) }
}
