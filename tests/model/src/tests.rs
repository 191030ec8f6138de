//! Explores each setting to a depth that a plain `cargo test` has time for.

use crate::explore::{Report, compare, explore};
use crate::life::{Action, Setting};
use crate::settings;

fn assert_rules_hold(setting: &Setting) -> Report {
    let report = explore(setting, setting.depth).unwrap();
    println!("{}", report.summary());
    assert!(report.broken.is_empty(), "{}", report.summary());
    assert_eq!(report.missing(setting), [""; 0], "{}: {:?}", setting.name, report.cases);
    report
}

#[test]
fn an_honest_computer_never_reaches_a_dead_end() {
    let report = assert_rules_hold(&settings::honest());
    assert_eq!(report.recovered, report.states - 2);
}

#[test]
fn a_wrong_server_clock_costs_no_seat_and_no_licence() {
    let report = assert_rules_hold(&settings::honest_server());
    assert_eq!(report.recovered, report.states - 2);
}

#[test]
fn renewals_that_need_a_request_cause_no_dead_end() {
    let report = assert_rules_hold(&settings::renewals());
    assert_eq!(report.recovered, report.states - 1);
}

#[test]
fn new_parts_cost_an_honest_computer_no_licence() {
    let report = assert_rules_hold(&settings::new_parts());
    assert_eq!(report.recovered, report.states - 2);
}

#[test]
fn a_lease_ends_whatever_is_done_to_the_vault() {
    assert_rules_hold(&settings::alone());
}

#[test]
fn a_machine_licence_expires_although_users_cannot_write_its_vault() {
    assert_rules_hold(&settings::machine());
}

#[test]
fn computers_beyond_the_seat_count_are_reported_to_the_vendor() {
    assert_rules_hold(&settings::seats());
}

#[test]
fn a_vault_is_invalid_on_other_hardware() {
    assert_rules_hold(&settings::carried());
}

#[test]
fn cloned_computers_take_no_other_seat() {
    assert_rules_hold(&settings::image());
}

#[test]
fn equivalent_states_have_equivalent_successors() {
    let settings = [
        (settings::honest(), 2),
        (settings::honest_server(), 2),
        (settings::machine(), 2),
        (settings::renewals(), 3),
        (settings::new_parts(), 2),
        (settings::alone(), 3),
        (settings::carried(), 3),
        (settings::seats(), 4),
        (settings::image(), 3),
    ];
    for (setting, depth) in settings {
        let report = compare(&setting, depth).unwrap();
        println!("{}", report.summary());
        assert!(report.different.is_empty() && report.broken.is_empty(), "{}", report.summary());
        assert!(report.compared > 0, "{}", report.summary());
    }
}

#[test]
fn an_exploration_that_tries_nothing_is_reported() {
    let mut setting = settings::alone();
    setting.actions.retain(|action| matches!(action, Action::Day | Action::PutBack(_)));
    setting.depth = 2;
    let report = explore(&setting, setting.depth).unwrap();
    assert!(report.broken.is_empty());
    let missing = report.missing(&setting);
    for part in ["states of", "never possible: PutBack(0)", "never met: RestoredVaultRuns"] {
        assert!(missing.iter().any(|what| what.contains(part)), "{part}: {missing:?}");
    }
}
