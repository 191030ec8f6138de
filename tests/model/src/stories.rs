//! Stories of up to 400 days with the real device and the real issuer. At each check the product
//! has to run exactly while its lease and grace last by the true time, as long as its clock isn't
//! wrong.

use crate::life::{Action, FAR, Setting, Simulation};
use crate::server::{GRACE_DAYS, LEASE_DAYS};
use crate::settings;
use crate::state::{DAY, State};

/// A computer in a story, and what it is tested for.
struct Story<'s> {
    name: String,
    simulation: Simulation<'s>,
    state: State,
    /// When the newest token was granted.
    granted_at: i64,
    /// How many checks found that the product runs, and that it doesn't.
    checks: (usize, usize),
}

impl<'s> Story<'s> {
    fn begin(name: String, setting: &'s Setting) -> Self {
        let simulation = Simulation::new(setting).unwrap();
        let state = simulation.beginning();
        let granted_at = state.at();
        let mut story = Self { name, simulation, state, granted_at, checks: (0, 0) };
        story.perform(Action::Activate(0));
        story
    }

    fn perform(&mut self, action: Action) {
        let Self { name, simulation, state, granted_at, checks } = self;
        if matches!(action, Action::Activate(_) | Action::Renew(_)) {
            *granted_at = state.at();
        }
        let grace_end = *granted_at + (LEASE_DAYS + GRACE_DAYS) * DAY;
        let mut check = |state: &State| {
            let computer = &state.computers[0];
            let Some(seen) = &computer.seen else { return };
            // A clock that is ahead ends the lease while it is ahead, and not a moment longer.
            let expected = seen.licence.is_some() && state.at() + computer.wall < grace_end;
            let day = (state.at() - *granted_at) / DAY;
            assert_eq!(seen.runs, expected, "{name}: {action}, day {day} since the grant");
            if seen.runs { checks.0 += 1 } else { checks.1 += 1 }
        };
        let after = simulation.after(state, action, &mut check).unwrap();
        *state = after.unwrap_or_else(|| panic!("{name}: {action} isn't possible"));
    }

    fn held_seats(&self) -> usize {
        self.state.server.seats.iter().filter(|seat| seat.is_held()).count()
    }

    /// The licence is renewed, given back and activated again, with the one seat that there is.
    fn assert_no_seat_is_lost(&mut self) {
        assert_eq!((self.state.server.seats.len(), self.held_seats()), (1, 1), "{}", self.name);
        for action in [Action::Renew(0), Action::Day, Action::GiveBack(0)] {
            self.perform(action);
        }
        assert_eq!(self.held_seats(), 0, "{}", self.name);
        self.perform(Action::Activate(0));
        self.perform(Action::Day);
        assert_eq!(self.held_seats(), 1, "{}", self.name);
    }
}

#[test]
fn a_machine_licence_without_an_administrator_loses_no_hour_and_no_seat() {
    let setting = settings::machine();
    for days in [31, 61, 400] {
        for is_ahead_once in [false, true] {
            let name = format!("{days} days, a wrong clock: {is_ahead_once}");
            let mut story = Story::begin(name, &setting);
            for day in 0..days {
                // Restarted every week, and for two days with a clock far ahead.
                match day {
                    5 if is_ahead_once => story.perform(Action::Wall(0, FAR)),
                    7 if is_ahead_once => story.perform(Action::Wall(0, 0)),
                    _ if day % 7 == 6 => story.perform(Action::Boot(0)),
                    _ => {}
                }
                story.perform(Action::Day);
            }
            let (runs, blocked) = story.checks;
            assert!(runs > 60 && (days <= LEASE_DAYS + GRACE_DAYS || blocked > 50), "{days}");
            story.assert_no_seat_is_lost();
        }
    }
}

#[test]
fn a_read_only_vault_loses_no_hour_and_no_seat() {
    let setting = settings::honest();
    for days in [31, 61, 400] {
        let mut story = Story::begin(format!("read-only for {days} days"), &setting);
        story.perform(Action::ReadOnly(0, true));
        for _ in 0..days {
            story.perform(Action::Day);
        }
        story.perform(Action::ReadOnly(0, false));
        story.assert_no_seat_is_lost();
    }
}

#[test]
fn a_vault_that_is_put_back_at_every_start_gains_no_hour() {
    let setting = settings::alone();
    let mut story = Story::begin("put back for 400 days".to_owned(), &setting);
    story.perform(Action::AlwaysPutBack(0));
    for _ in 0..400 {
        story.perform(Action::Day);
    }
    assert!(story.checks.1 > 1_000, "{:?}", story.checks);
}
