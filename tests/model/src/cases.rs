//! The cases that a setting exists for. A rule that holds only because nothing was tried proves
//! nothing, so an exploration has to meet the cases of its setting.

use latchkey_device::simulated::SimulatedRights;
use latchkey_token::SeatId;

use crate::life::{Action, Setting};
use crate::parts::Change;
use crate::state::{Computer, DAY, State};

/// Something that has to occur in an exploration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Case {
    /// A product doesn't run because its lease and grace are over.
    LeaseOver,
    /// A product runs with a vault that was put back.
    RestoredVaultRuns,
    /// The lease in a vault that was put back is over, and the product doesn't run.
    RestoredVaultExpires,
    /// A product runs with a vault that can't be written.
    ReadOnlyVaultRuns,
    /// The lease in a vault that can't be written is over, and the product doesn't run.
    ReadOnlyVaultExpires,
    /// A clock was set back, and the product runs within its lease.
    ClockBackRuns,
    /// A clock was set back, and the product runs although its lease is over, within the bound.
    ClockBackGains,
    /// A clock was set back to a time within the lease, and the product doesn't run all the same.
    ClockBackGainsNothing,
    /// A clock is ahead, and the product doesn't run within its lease.
    ClockAheadBlocks,
    /// A clock that was ahead is right again, and the product runs.
    ClockCorrected,
    /// A token was withheld for a day or more, and the product runs with it.
    WithheldTokenRuns,
    /// A licence was deactivated, and the server has the token.
    HandedIn,
    /// A lease was renewed by a request while it was running.
    RenewedByRequest,
    /// The server grants by a clock that is wrong.
    GrantedByWrongClock,
    /// The vendor has confirmed a clock that is wrong.
    ConfirmedWrongClock,
    /// More seats run than there are.
    TooManySeatsRun,
    /// The vendor has a notice.
    VendorNotified,
    /// A seat was taken over.
    TakenOver,
    /// One seat runs on two computers.
    CopyRuns,
    /// A copied vault doesn't run, although its lease isn't over.
    CopyRefused,
    /// A seat has moved to other hardware by a request.
    SeatMoved,
    /// Parts were replaced, and it is the same computer.
    SmallChangeRuns,
    /// Too many parts were replaced, and the product runs for some days.
    LargeChangeRuns,
    /// Too many parts were replaced, and the product doesn't run any more.
    LargeChangeBlocks,
    /// Too many parts were replaced, and nothing could be recorded.
    UnrecordedChangeBlocks,
    /// Every part was replaced that identifies a computer.
    CompleteChangeBlocks,
    /// A licence was bound to the new parts, and runs.
    NewPartsAccepted,
}

/// The cases of a state after an action, or on the way through it.
pub(crate) fn cases_of(
    setting: &Setting,
    before: &State,
    action: Action,
    state: &State,
) -> Vec<Case> {
    let mut cases = Vec::new();
    for index in 0..state.computers.len() {
        cases.extend(cases_of_computer(before, action, state, index));
    }
    let seats = seats_that_run(state);
    let mut distinct = seats.clone();
    distinct.sort();
    distinct.dedup();
    let grants = matches!(
        action,
        Action::Activate(_) | Action::Renew(_) | Action::Grant(_) | Action::Refresh(_)
    );
    let server = &state.server;
    cases.extend(
        [
            (grants && state.server_clock != 0, Case::GrantedByWrongClock),
            (state.confirmed_wrong, Case::ConfirmedWrongClock),
            (distinct.len() > setting.seats as usize, Case::TooManySeatsRun),
            (seats.len() > distinct.len(), Case::CopyRuns),
            (server.notices > 0, Case::VendorNotified),
            (server.takeovers > 0, Case::TakenOver),
            (server.rebindings > 0, Case::SeatMoved),
        ]
        .into_iter()
        .filter_map(|(met, case)| met.then_some(case)),
    );
    cases
}

fn cases_of_computer(before: &State, action: Action, state: &State, index: usize) -> Vec<Case> {
    let (old, computer) = (&before.computers[index], &state.computers[index]);
    let runs = computer.seen.is_some_and(|seen| seen.runs);
    let licence = computer.seen.and_then(|seen| seen.licence);
    let ends = licence.map(|licence| licence.grace_end);
    let is_over = ends.is_some_and(|end| end <= state.at());
    let is_running_lease = ends.is_some_and(|end| end > state.at());
    let seems_running = ends.is_some_and(|end| end > state.at() + computer.wall);
    let is_restored = is_restored(old, computer, action, index);
    let is_read_only = computer.access == SimulatedRights::ReadOnly;
    let is_copy = matches!(action, Action::CopyTo(_, to) if to == index);
    let change = computer.parts.change_since(computer.bound);
    let renewed = matches!(action, Action::Apply(c) if c == index)
        && old.seen.is_some_and(|seen| seen.runs)
        && runs;
    let applied = matches!(
        action,
        Action::Apply(c) | Action::ApplyRefresh(c) if c == index
    );
    [
        (!runs && is_over && computer.wall == 0, Case::LeaseOver),
        (runs && is_restored, Case::RestoredVaultRuns),
        (!runs && is_over && is_restored, Case::RestoredVaultExpires),
        (runs && is_read_only, Case::ReadOnlyVaultRuns),
        (!runs && is_over && is_read_only, Case::ReadOnlyVaultExpires),
        (runs && is_running_lease && computer.wall < 0, Case::ClockBackRuns),
        (runs && is_over && computer.wall < 0, Case::ClockBackGains),
        (!runs && is_over && seems_running && computer.wall < 0, Case::ClockBackGainsNothing),
        (!runs && is_running_lease && computer.wall > 0, Case::ClockAheadBlocks),
        (runs && old.wall > 0 && computer.wall == 0, Case::ClockCorrected),
        (runs && applied && computer.past.lag >= DAY, Case::WithheldTokenRuns),
        (computer.handed_in, Case::HandedIn),
        (renewed, Case::RenewedByRequest),
        (!runs && is_running_lease && is_copy && computer.wall == 0, Case::CopyRefused),
        (
            runs && computer.parts != computer.bound && change == Change::Small,
            Case::SmallChangeRuns,
        ),
        (runs && change == Change::Large, Case::LargeChangeRuns),
        (
            !runs && is_running_lease && change == Change::Large && computer.changed_at.is_some(),
            Case::LargeChangeBlocks,
        ),
        (
            !runs
                && is_running_lease
                && computer.wall == 0
                && change == Change::Large
                && computer.changed_at.is_none(),
            Case::UnrecordedChangeBlocks,
        ),
        (
            !runs && is_running_lease && change == Change::Complete && computer.wall == 0,
            Case::CompleteChangeBlocks,
        ),
        (
            runs && computer.bound != old.bound && computer.bound == computer.parts,
            Case::NewPartsAccepted,
        ),
    ]
    .into_iter()
    .filter_map(|(met, case)| met.then_some(case))
    .collect()
}

/// Whether another vault than the newest was put back, now or at each start.
fn is_restored(old: &Computer, computer: &Computer, action: Action, index: usize) -> bool {
    match action {
        Action::PutBack(c) if c == index => {
            old.copy.as_ref().is_some_and(|copy| copy.number != old.vault.number)
        }
        Action::GiveBackAndRestore(c) if c == index => true,
        _ => computer.always_put_back,
    }
}

/// The seats with which products run, one for each product.
fn seats_that_run(state: &State) -> Vec<SeatId> {
    let runs = state.computers.iter().filter_map(|computer| computer.seen).filter(|seen| seen.runs);
    runs.filter_map(|seen| seen.licence).map(|licence| licence.seat).collect()
}
