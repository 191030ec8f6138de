//! Every state that can be reached in so many steps, nearest first, so that the trace to a broken rule is a shortest one.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::life::{Action, Setting, Stage};
use crate::rules::{Finding, Rule, check, recovers};
use crate::state::State;

/// What was seen.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) name: &'static str,
    pub(crate) depth: usize,
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    /// Honest states from which every computer was brought to run again.
    pub(crate) recovered: usize,
    pub(crate) took: Duration,
    /// For each rule that was broken: how often, the first finding and the way to it.
    pub(crate) broken: BTreeMap<Rule, (usize, Finding, String)>,
}

/// The way to a state, newest step first.
#[derive(Debug)]
struct Step {
    action: Action,
    before: Way,
}

type Way = Option<Arc<Step>>;

fn shown(beginning: &[Action], way: &Way) -> String {
    let mut steps = Vec::new();
    let mut at = way.as_ref();
    while let Some(step) = at {
        steps.push(step.action);
        at = step.before.as_ref();
    }
    let mut text = String::new();
    for action in beginning.iter().chain(steps.iter().rev()) {
        let _ = write!(text, " → {action}");
    }
    text.split_off(text.len().min(" → ".len()))
}

/// Explores a setting to a depth, counted from its beginnings.
pub(crate) fn explore(setting: &Setting, depth: usize) -> Result<Report> {
    let start = Instant::now();
    let mut stage = Stage::new(setting)?;
    let mut report = Report {
        name: setting.name,
        depth,
        states: 0,
        transitions: 0,
        recovered: 0,
        took: Duration::ZERO,
        broken: BTreeMap::new(),
    };
    let mut known = HashSet::new();
    let mut layer: Vec<(State, usize, Way)> = Vec::new();
    for (number, beginning) in setting.beginnings.iter().enumerate() {
        let mut state = stage.beginning();
        for action in *beginning {
            match stage.after(&state, *action, &mut |_| {})? {
                Some(next) => state = next,
                None => bail!("{}: {action} can't be done in the beginning", setting.name),
            }
        }
        known.insert(state.identity(&stage.profile));
        report.states += 1;
        layer.push((state, number, None));
    }
    for step in 1..=depth {
        let mut next = Vec::new();
        for (state, beginning, way) in layer {
            for action in &setting.actions {
                if !is_next(&state, *action) {
                    continue;
                }
                let mut found = Vec::new();
                let mut seen = Vec::new();
                let after = stage.after(&state, *action, &mut |state| seen.push(state.clone()))?;
                let Some(after) = after else { continue };
                report.transitions += 1;
                for state in &seen {
                    check(&stage, state, &mut found);
                }
                let new = known.insert(after.identity(&stage.profile));
                if new {
                    report.states += 1;
                    if setting.honest && found.is_empty() {
                        match recovers(&mut stage, &after)? {
                            Some(finding) => found.push(finding),
                            None => report.recovered += 1,
                        }
                    }
                }
                let here = Some(Arc::new(Step { action: *action, before: way.clone() }));
                for finding in &found {
                    let first = || {
                        let way = shown(setting.beginnings[beginning], &here);
                        (0, finding.clone(), way)
                    };
                    report.broken.entry(finding.rule).or_insert_with(first).0 += 1;
                }
                // What comes after a broken rule is no news.
                if new && found.is_empty() && step < depth {
                    next.push((after, beginning, here));
                }
            }
        }
        layer = next;
    }
    report.took = start.elapsed();
    Ok(report)
}

/// Computers on which nothing was done yet are alike, so the first one of them stands for all.
fn is_next(state: &State, action: Action) -> bool {
    let untouched = state.computers.iter().position(|computer| computer.is_untouched());
    let Some(first) = untouched else { return true };
    let highest = match action {
        Action::Request(c)
        | Action::Activate(c)
        | Action::TakeOver(c)
        | Action::Wall(c, _)
        | Action::Boot(c)
        | Action::ReadOnly(c, _) => c,
        Action::CopyTo(from, to) => from.max(to),
        _ => 0,
    };
    highest <= first
}

impl Report {
    /// One line of figures, and the shortest way to each broken rule.
    pub(crate) fn shown(&self) -> String {
        let mut text = format!(
            "{:<28} depth {:>2}  {:>8} states  {:>9} transitions  {:>8} recovered  {:>6.1} s",
            self.name,
            self.depth,
            self.states,
            self.transitions,
            self.recovered,
            self.took.as_secs_f64()
        );
        for (count, finding, way) in self.broken.values() {
            let _ = write!(text, "\n  {finding} ({count} times)\n    {way}");
        }
        text
    }
}
