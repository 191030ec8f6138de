//! What has to hold in every state. The bounds are those that SECURITY.md names.

use std::fmt;

use anyhow::{Result, anyhow};
use latchkey_device::simulated::Access;
use latchkey_issuer::{ActivateError, IDLE, SeatState};

use crate::life::{Hardware, Setting, Stage, seat_on};
use crate::server::{GRACE_DAYS, LEASE_DAYS};
use crate::state::{DAY, HOUR, State};

/// Days over which early returns are counted, and how many of a seat's free it at once.
const RETURN_DAYS: i64 = 365;
const RETURNS: usize = 4;
/// What is granted at once at most.
const LONGEST_LEASE: i64 = (LEASE_DAYS + GRACE_DAYS) * DAY;
/// What the effective clock needs to believe a wall clock that is far ahead.
const BELIEVED_BOOTS: u32 = 2;
const BELIEVED_RUN: i64 = 7 * DAY;

/// What was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// A product ran although its lease and grace were over.
    RunsWithoutLease,
    /// A product didn't run although its lease did and the clock was right.
    Blocked,
    /// More seats ran than there are, and more than the early returns and takeovers explain.
    TooManySeats,
    /// More seats ran than there are, more were returned than there are, and no notice told the vendor.
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
pub(crate) fn check(stage: &Stage<'_>, state: &State, found: &mut Vec<Finding>) {
    let mut broken = |rule, how: String| found.push(Finding { rule, how });
    let setting = stage.setting;
    let now = state.at();
    for (index, computer) in state.computers.iter().enumerate() {
        let held = computer.files.remembered(&stage.profile).ok().flatten();
        if let Some(held) = &held
            && let Some(lease) = &held.lease
            && held.outbox.iter().any(|(seat, _)| *seat == lease.seat)
        {
            broken(Rule::LicenceAndDeactivation, format!("computer {index}"));
        }
        let Some(seen) = &computer.seen else { continue };
        let Some(licence) = &seen.licence else { continue };
        let over_for = now - licence.grace_end.as_second();
        if seen.runs && over_for >= 0 {
            let can_t_remember = computer.past.tampered || setting.machine;
            let allowed = match computer.wall {
                // Whoever puts back both the vault and the clock is the one case without a bound.
                ..0 if can_t_remember => i64::MAX,
                // Nobody knows how long it was off.
                ..0 => computer.past.off + HOUR,
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
        let signed_ahead = held.is_some_and(|held| held.clock.floor > now + HOUR);
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
        running.extend(
            licence.filter(|one| one.grace_end.as_second() > now).map(|one| (index, one.seat)),
        );
    }
    let mut seats: Vec<_> = running.iter().map(|(_, seat)| *seat).collect();
    seats.sort();
    seats.dedup();
    // Who asks again with a copied vault moves its seat to other hardware: that is counted, and the audit notes it.
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
    let returns = state.server.returns.iter().filter(|at| **at > since).count();
    let by_right = seats
        .iter()
        .filter(|id| {
            let seat = state.server.seats.iter().find(|seat| seat.id == **id);
            seat.is_some_and(|seat| seat.is_held() || seat.state == SeatState::Released)
        })
        .count();
    let freed = returns.min(RETURNS * limit);
    let explained = limit + freed + state.server.takeovers as usize;
    // A vendor who says that a wrong clock is right ends leases by it. The audit has that, with what spoke against it.
    if (by_right > limit || seats.len() > explained) && !state.confirmed_wrong {
        let how = format!("{} seats run, {by_right} of them held, of {limit}", seats.len());
        found.push(Finding { rule: Rule::TooManySeats, how });
    }
    if returns > limit && state.server.notices == 0 {
        let how = format!("{} seats run of {limit}, {returns} were returned", seats.len());
        found.push(Finding { rule: Rule::NoNotice, how });
    }
}

/// Sets every clock right, and sees that an honest person gets each computer to run again: by request, grant and
/// apply, or by a refresh, and by nothing that deletes anything.
pub(crate) fn recovers(stage: &mut Stage<'_>, state: &State) -> Result<Option<Finding>> {
    for index in 0..state.computers.len() {
        let mut state = state.clone();
        state.server_clock = 0;
        for computer in &mut state.computers {
            (computer.wall, computer.access) = (0, Access::Owner);
        }
        if let Err(error) = recover(stage, &mut state, index)? {
            let how = format!("computer {index}: {error:#}");
            return Ok(Some(Finding { rule: Rule::DeadEnd, how }));
        }
    }
    Ok(None)
}

fn recover(stage: &mut Stage<'_>, state: &mut State, index: usize) -> Result<Result<()>> {
    stage.look(state, index);
    if runs(state, index) {
        return refresh(stage, state, index);
    }
    // A refresh is enough where there is still a licence, unless the vendor has taken it back.
    let mut refreshed = state.clone();
    if refresh(stage, &mut refreshed, index)?.is_ok() && runs(&refreshed, index) {
        return Ok(Ok(()));
    }
    if let Err(error) = stage.try_request(state, index) {
        stage.empty_outbox(state, index)?;
        if stage.try_request(state, index).is_err() {
            return Ok(Err(error));
        }
    }
    let mut waited = false;
    loop {
        let granted = match stage.grant(state, index, None)? {
            Some(granted) => granted,
            None => return Ok(Err(anyhow!("no request"))),
        };
        match granted {
            Ok(_) => break,
            // The others' leases end, and so does that of a seat that was returned too often.
            Err(ActivateError::NoneFree { .. }) if !waited => {
                let until = state.server.seats.iter().map(|seat| seat.taken_until).max();
                let wait = until.map_or(0, |until| until - state.at() + HOUR).max(0);
                // A server that was switched off believes a clock that is so far ahead.
                if wait > IDLE.as_secs() + LONGEST_LEASE && !state.confirmed_wrong {
                    return Ok(Err(anyhow!("no seat is free for {} days", wait / DAY)));
                }
                state.now += wait;
                state.server_running += wait;
                state.computers[index].running += wait;
                waited = true;
            }
            Err(ActivateError::Clock(_)) if stage.confirm_server_clock(state)? => {}
            Err(error) => {
                let code = latchkey_token::Coded::code(&error).name;
                return Ok(Err(anyhow!("refused by the vendor: {code}")));
            }
        }
    }
    let response = state.computers[index].response.clone();
    let Some(response) = response else { return Ok(Err(anyhow!("no response"))) };
    if let Err(error) = stage.apply_text(state, index, &response.text) {
        return Ok(Err(error));
    }
    stage.look(state, index);
    Ok(if runs(state, index) { Ok(()) } else { Err(anyhow!("active, and doesn't run")) })
}

fn runs(state: &State, index: usize) -> bool {
    state.computers[index].seen.as_ref().is_some_and(|seen| seen.runs)
}

/// A refresh, where the vendor says that the seat is this computer's.
fn refresh(stage: &mut Stage<'_>, state: &mut State, index: usize) -> Result<Result<()>> {
    let Some(seat) = seat_on(&stage.profile, &state.computers[index].files) else {
        return Ok(Err(anyhow!("no licence")));
    };
    let held = state.server.seats.iter().any(|one| one.id == seat && one.is_held());
    if !held {
        return Ok(Ok(()));
    }
    let mut refreshed = stage.vendor(state, |issuer, now| issuer.refresh(seat, now))?;
    if refreshed.is_err() {
        stage.confirm_server_clock(state)?;
        refreshed = stage.vendor(state, |issuer, now| issuer.refresh(seat, now))?;
    }
    let refreshed = match refreshed {
        Ok(refreshed) => refreshed,
        Err(error) => {
            let code = latchkey_token::Coded::code(&error).name;
            return Ok(Err(anyhow!("no refresh from the vendor: {code}")));
        }
    };
    if let Err(error) = stage.apply_text(state, index, &refreshed.token) {
        return Ok(Err(error.context("refresh")));
    }
    stage.look(state, index);
    Ok(if runs(state, index) { Ok(()) } else { Err(anyhow!("refreshed, and doesn't run")) })
}
