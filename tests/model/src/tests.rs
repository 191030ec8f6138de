//! Explores each setting to a depth that a plain `cargo test` has time for.

use crate::explore::{Report, compare, explore};
use crate::life::Setting;
use crate::settings;

fn holds(setting: &Setting) -> Report {
    let report = explore(setting, setting.depth).unwrap();
    println!("{}", report.shown());
    assert!(report.broken.is_empty(), "{}", report.shown());
    report
}

#[test]
fn an_honest_computer_never_ends_in_a_dead_end() {
    let report = holds(&settings::honest());
    assert_eq!(report.recovered, report.states - 2);
}

#[test]
fn a_vendor_s_wrong_clock_costs_no_seat_and_no_computer() {
    let report = holds(&settings::honest_server());
    assert_eq!(report.recovered, report.states - 2);
}

#[test]
fn renewals_that_need_a_request_lead_to_no_dead_end() {
    let report = holds(&settings::renewals());
    assert_eq!(report.recovered, report.states - 1);
}

#[test]
fn a_lease_ends_whatever_is_done_to_the_vault() {
    holds(&settings::alone());
}

#[test]
fn a_machine_s_lease_ends_although_its_users_can_t_write() {
    holds(&settings::machine());
}

#[test]
fn no_more_computers_run_than_there_are_seats_unless_the_vendor_is_told() {
    holds(&settings::seats());
}

#[test]
fn a_vault_runs_nothing_on_other_hardware() {
    holds(&settings::carried());
}

#[test]
fn copies_of_one_computer_take_no_seat_that_is_not_theirs() {
    holds(&settings::image());
}

#[test]
fn states_that_count_as_one_lead_to_the_same() {
    let settings = [
        (settings::honest(), 2),
        (settings::honest_server(), 2),
        (settings::machine(), 2),
        (settings::renewals(), 3),
        (settings::alone(), 3),
        (settings::carried(), 3),
        (settings::seats(), 4),
        (settings::image(), 3),
    ];
    for (setting, depth) in settings {
        let report = compare(&setting, depth).unwrap();
        println!("{}", report.shown());
        assert!(report.different.is_empty() && report.broken.is_empty(), "{}", report.shown());
        assert!(report.compared > 0, "{}", report.shown());
    }
}
