//! The invariants of every state, with the bounds that SECURITY.md names.

use std::collections::HashSet;
use std::fmt;

use anyhow::Result;
use latchkey_device::simulated::SimulatedRights;
use latchkey_issuer::{IDLE, SeatState};

use crate::identity::recovery;
use crate::life::{Hardware, Setting, Simulation, seat_on};
use crate::parts::Change;
use crate::server::{Answer, Command, GRACE_DAYS, LEASE_DAYS, Refusal};
use crate::state::{Computer, DAY, HOUR, State};

/// Days over which early returns are counted, and how many of a seat's free it at once.
const RETURN_DAYS: i64 = 365;
const RETURNS: usize = 4;
/// What is granted at once at most.
const LONGEST_LEASE: i64 = (LEASE_DAYS + GRACE_DAYS) * DAY;
/// What the effective clock needs to believe a wall clock that is far ahead.
pub(crate) const BELIEVED_BOOTS: u32 = 2;
pub(crate) const BELIEVED_RUN: i64 = 7 * DAY;
/// How long a product runs after too many parts were replaced.
const HARDWARE_GRACE: i64 = 7 * DAY;

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// A product ran although its lease and grace were over.
    RunsWithoutLease,
    /// A product didn't run although its lease did, the clock was right, and no more parts were
    /// replaced than its grace allows.
    Blocked,
    /// A product ran although too many parts were replaced, and the grace for that is over or was
    /// never recorded.
    RunsOnOtherHardware,
    /// More seats ran than there are, and more than the early returns and takeovers explain.
    TooManySeats,
    /// More seats ran than there are, more were returned than there are, and no notice told the
    /// vendor.
    NoNotice,
    /// One seat ran on more computers with different hardware than the audit has moves of it.
    CopyRuns,
    /// One vault held a licence and the token that gives it back.
    LicenceAndDeactivation,
    /// The computer of an honest user couldn't be brought to run again.
    DeadEnd,
}

/// A violated rule, and how it was violated.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    pub(crate) rule: Rule,
    pub(crate) how: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.how)
    }
}

/// Checks the results that the products saw, without any action.
pub(crate) fn check(setting: &Setting, state: &State, found: &mut Vec<Violation>) {
    let mut broken = |rule, how: String| found.push(Violation { rule, how });
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
            let is_not_persisted = computer.past.tampered || setting.machine;
            let allowed = match computer.wall {
                // Restoring both the vault and the clock is the only case without a bound.
                ..0 if is_not_persisted => i64::MAX,
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
        let change = computer.parts.change_since(computer.bound);
        let is_in_grace = computer.changed_at.is_some_and(|at| now < at + HARDWARE_GRACE);
        let hardware_holds = match change {
            Change::Small => true,
            Change::Large => is_in_grace,
            Change::Complete => false,
        };
        if seen.runs && !hardware_holds {
            let how = format!("computer {index}: {change:?}, {:?}", computer.changed_at);
            broken(Rule::RunsOnOtherHardware, how);
        }
        // A vendor's wrong clock holds until the vendor's next token.
        let signed_ahead = held.as_ref().is_some_and(|held| held.clock.signed_floor > now + HOUR);
        if setting.honest
            && !seen.runs
            && over_for < 0
            && computer.wall == 0
            && !is_believed_ahead(computer)
            && !signed_ahead
            && hardware_holds
        {
            broken(Rule::Blocked, format!("computer {index}"));
        }
    }
    check_seats(setting, state, found);
}

/// Whether the effective clock may have stored a wall clock that was ahead.
pub(crate) const fn is_believed_ahead(computer: &Computer) -> bool {
    computer.past.ahead.0 >= BELIEVED_BOOTS || computer.past.ahead.1 >= BELIEVED_RUN
}

fn check_seats(setting: &Setting, state: &State, found: &mut Vec<Violation>) {
    let now = state.at();
    let mut running = Vec::new();
    for (index, computer) in state.computers.iter().enumerate() {
        let licence = computer.seen.as_ref().filter(|seen| seen.runs);
        let licence = licence.and_then(|seen| seen.licence.as_ref());
        // What runs longer than its lease is another rule's business. By a clock that was ahead
        // unnoticed, leases end too late and their seats are free too early.
        let ends = now + state.server_lead;
        running.extend(licence.filter(|one| one.grace_end > ends).map(|one| (index, one.seat)));
    }
    let mut seats: Vec<_> = running.iter().map(|(_, seat)| *seat).collect();
    seats.sort();
    seats.dedup();
    // Who asks again with a copied vault moves its seat to other hardware: that is counted, and the
    // audit notes it.
    let copies = running.len() - seats.len();
    if copies > state.server.rebindings as usize && setting.hardware == Hardware::Own {
        let how = format!("{} computers run {} seats", running.len(), seats.len());
        found.push(Violation { rule: Rule::CopyRuns, how });
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
        found.push(Violation { rule: Rule::TooManySeats, how });
    }
    // Also of one that the issuer has forgotten to count.
    let returns = returns.max(lately(&state.server.given_back));
    if returns > limit && state.server.notices == 0 {
        let how = format!("{} seats run of {limit}, {returns} were returned", seats.len());
        found.push(Violation { rule: Rule::NoNotice, how });
    }
}

/// Why a computer doesn't run with a refresh.
enum Obstacle {
    /// The vendor wants a request for this renewal.
    NeedsRequest,
    /// Another reason, in words.
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

/// Corrects every clock and all permissions, from where an honest user continues.
pub(crate) fn correct_clocks(state: &State) -> State {
    let mut state = state.clone();
    state.server_clock = 0;
    for computer in &mut state.computers {
        (computer.wall, computer.access) = (0, SimulatedRights::Owner);
    }
    state
}

/// Checks that an honest user gets a computer to run again once every clock is right: by request,
/// grant and apply, or by a refresh, without deleting anything. Stops early at a state from which a
/// computer has recovered before.
pub(crate) fn recovers(
    simulation: &mut Simulation<'_>,
    mut state: State,
    index: usize,
    recovered: &mut HashSet<u128>,
) -> Result<Option<Violation>> {
    // Every recovery starts with a check by the product.
    simulation.check_licence(&mut state, index)?;
    let looked = recovery(&state, simulation.uses, index);
    if recovered.contains(&looked) {
        return Ok(None);
    }
    let end = recover(simulation, &mut state, index)?;
    if end.is_none() {
        recovered.insert(looked);
    }
    Ok(end.map(|how| Violation { rule: Rule::DeadEnd, how: format!("computer {index}: {how}") }))
}

/// Recovers a computer, or returns the reason why that fails.
fn recover(
    simulation: &mut Simulation<'_>,
    state: &mut State,
    index: usize,
) -> Result<Option<String>> {
    let computer = &state.computers[index];
    let is_same = computer.parts.change_since(computer.bound) == Change::Small;
    if is_same && runs(state, index) {
        match refresh(simulation, state, index)? {
            // Then with one, beside the lease that runs.
            Some(Obstacle::NeedsRequest) => {
                if let Some(why) = simulation.request_renewal(state, index)? {
                    return Ok(Some(format!("renewal's request refused: {why}")));
                }
                return grant_and_apply(simulation, state, index);
            }
            end => return Ok(end.map(Obstacle::into_words)),
        }
    }
    // A refresh suffices if there is still a licence for this hardware, unless the vendor has
    // released the seat.
    let mut refreshed = state.clone();
    if is_same && refresh(simulation, &mut refreshed, index)?.is_none() && runs(&refreshed, index) {
        return Ok(None);
    }
    if let Some(why) = simulation.request(state, index)? {
        simulation.empty_outbox(state, index)?;
        if simulation.request(state, index)?.is_some() {
            return Ok(Some(format!("request refused: {why}")));
        }
    }
    grant_and_apply(simulation, state, index)
}

/// Gets a request granted and applies the response. Returns the reason if the product doesn't run
/// afterwards.
fn grant_and_apply(
    simulation: &mut Simulation<'_>,
    state: &mut State,
    index: usize,
) -> Result<Option<String>> {
    let (mut waited, mut released) = (false, false);
    loop {
        match simulation.grant(state, index, None)? {
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
                // A computer that was away for so long makes another request.
                if let Some(why) = simulation.request(state, index)? {
                    return Ok(Some(format!("request refused: {why}")));
                }
            }
            // The third computer within a year is a matter for the vendor's support.
            Some(Err(Refusal::TooManyMoves)) if !released => {
                let Some(seat) = seat_on(&state.computers[index].vault) else {
                    return Ok(Some("moved too often, without a licence".to_owned()));
                };
                simulation.vendor(state, Command::Release(seat))?;
                released = true;
            }
            Some(Err(Refusal::Clock)) if simulation.confirm_server_clock(state)? => {}
            other => return Ok(Some(format!("refused by the vendor: {other:?}"))),
        }
    }
    let response = state.computers[index].response.clone();
    let Some(response) = response else { return Ok(Some("no response".to_owned())) };
    if let Some(why) = simulation.apply_response(state, index, response)? {
        return Ok(Some(format!("response refused: {why}")));
    }
    simulation.check_licence(state, index)?;
    Ok((!runs(state, index)).then(|| "active, and doesn't run".to_owned()))
}

fn runs(state: &State, index: usize) -> bool {
    state.computers[index].seen.is_some_and(|seen| seen.runs)
}

/// Applies a refresh if the server's seat belongs to this computer. Returns the reason if the
/// product doesn't run afterwards.
fn refresh(
    simulation: &mut Simulation<'_>,
    state: &mut State,
    index: usize,
) -> Result<Option<Obstacle>> {
    let Some(seat) = seat_on(&state.computers[index].vault) else {
        return Ok(Obstacle::other("no licence"));
    };
    let held = state.server.seats.iter().any(|one| one.id == seat && one.is_held());
    if !held {
        return Ok(None);
    }
    let mut answer = simulation.vendor(state, Command::Refresh(seat))?;
    if answer.is_refused() {
        simulation.confirm_server_clock(state)?;
        answer = simulation.vendor(state, Command::Refresh(seat))?;
    }
    if matches!(answer, Answer::Refused(Refusal::NeedsRequest)) {
        return Ok(Some(Obstacle::NeedsRequest));
    }
    let Answer::Token { text, .. } = answer else {
        return Ok(Obstacle::other(format!("no refresh from the vendor: {answer:?}")));
    };
    if let Some(why) = simulation.apply_text(state, index, text, state.at())? {
        return Ok(Obstacle::other(format!("refresh refused: {why}")));
    }
    simulation.check_licence(state, index)?;
    if runs(state, index) { Ok(None) } else { Ok(Obstacle::other("refreshed, and doesn't run")) }
}
