//! Explores every state that is reachable in a given number of steps, breadth first, so that the
//! trace to a violated rule is a shortest one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::cases::{Case, cases_of};
use crate::identity::{identity, recovery};
use crate::life::{Action, Setting, Simulation};
use crate::rules::{Rule, Violation, check, correct_clocks, recovers};
use crate::state::State;

/// The result of an exploration.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) name: &'static str,
    pub(crate) depth: usize,
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    /// Honest states from which every computer was brought to run again.
    pub(crate) recovered: usize,
    /// Recoveries that were simulated. States that agree in everything that a recovery depends on
    /// share one.
    pub(crate) simulated: usize,
    /// Duplicates whose successors differ from those of their representative, with both traces.
    pub(crate) different: Vec<String>,
    /// Duplicates that were compared with their representative.
    pub(crate) compared: usize,
    /// The cases that occurred.
    pub(crate) cases: BTreeSet<Case>,
    /// How often each action of the setting was possible.
    pub(crate) performed: Vec<usize>,
    pub(crate) duration: Duration,
    /// For each rule that was violated: the number of violations, the first one, and its trace.
    pub(crate) broken: BTreeMap<Rule, (usize, Violation, String)>,
}

/// A step of the trace that leads to a state, with the steps before it.
#[derive(Debug)]
struct Step {
    action: Action,
    before: Trace,
}

type Trace = Option<Arc<Step>>;

fn format_trace(beginning: &[Action], trace: &Trace) -> String {
    let mut steps = Vec::new();
    let mut at = trace.as_ref();
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

/// The outcome of an action: the state, and the rules that were violated on the way.
type Next = (Action, Option<(u128, Vec<Rule>)>);

/// A reached state and its trace.
#[derive(Clone)]
struct Reached {
    state: State,
    identity: u128,
    beginning: usize,
    trace: Trace,
}

/// A running exploration.
struct Explorer<'s> {
    setting: &'s Setting,
    simulation: Simulation<'s>,
    report: Report,
    /// The identities, for the purpose of recovery, of states from which a computer recovered.
    recovered: HashSet<u128>,
}

/// Explores a setting to a depth, counted from its beginnings.
pub(crate) fn explore(setting: &Setting, depth: usize) -> Result<Report> {
    run(setting, depth, false)
}

/// Explores like [`explore`], and checks that duplicates have the same successors as the state that
/// represents them.
pub(crate) fn compare(setting: &Setting, depth: usize) -> Result<Report> {
    run(setting, depth, true)
}

fn run(setting: &Setting, depth: usize, compared: bool) -> Result<Report> {
    let start = Instant::now();
    let mut explorer = Explorer::new(setting, depth)?;
    let mut known = HashSet::new();
    let mut layer = Vec::new();
    for number in 0..setting.beginnings.len() {
        let reached = explorer.beginning(number)?;
        known.insert(reached.identity);
        layer.push(reached);
    }
    explorer.report.states = layer.len();
    // For comparisons: the outcomes of the state that represents its duplicates, and its trace.
    let mut representatives = HashMap::new();
    let mut duplicates: Vec<Reached> = Vec::new();
    for step in 1..=depth {
        let last = step == depth;
        let (mut next, mut next_duplicates) = (Vec::new(), Vec::new());
        for reached in layer {
            let mut outcomes = Vec::new();
            for (number, action) in setting.actions.iter().enumerate() {
                let Some((after, found)) = explorer.step(&reached, *action)? else {
                    outcomes.push((*action, None));
                    continue;
                };
                explorer.report.transitions += 1;
                explorer.report.performed[number] += 1;
                let mut rules: Vec<_> = found.iter().map(|violation| violation.rule).collect();
                let new = known.insert(after.identity);
                explorer.report.states += usize::from(new);
                let mut broken = found;
                if setting.honest && broken.is_empty() && (new || compared) {
                    let dead = explorer.recovers(&after.state, compared)?;
                    rules.extend(dead.iter().map(|violation| violation.rule));
                    broken.extend(dead);
                    explorer.report.recovered += usize::from(new && broken.is_empty());
                }
                explorer.record(&after, &broken);
                outcomes.push((*action, Some((after.identity, rules))));
                // States after a violation aren't explored.
                if broken.is_empty() && !last {
                    if new {
                        next.push(after);
                    } else if compared {
                        next_duplicates.push(after);
                    }
                }
            }
            if compared {
                representatives.insert(reached.identity, (outcomes, explorer.trace(&reached)));
            }
        }
        for duplicate in duplicates {
            let mut outcomes = Vec::new();
            for action in &setting.actions {
                let stepped = explorer.step(&duplicate, *action)?;
                let Some((after, found)) = stepped else {
                    outcomes.push((*action, None));
                    continue;
                };
                let mut rules: Vec<_> = found.iter().map(|violation| violation.rule).collect();
                if setting.honest && found.is_empty() {
                    let dead = explorer.recovers(&after.state, true)?;
                    rules.extend(dead.iter().map(|violation| violation.rule));
                }
                outcomes.push((*action, Some((after.identity, rules))));
            }
            explorer.report.compared += 1;
            if let Some((other, way)) = representatives.get(&duplicate.identity) {
                explorer.compare_outcomes(&duplicate, &outcomes, other, way);
            }
        }
        (layer, duplicates) = (next, next_duplicates);
    }
    explorer.report.duration = start.elapsed();
    Ok(explorer.report)
}

impl<'s> Explorer<'s> {
    fn new(setting: &'s Setting, depth: usize) -> Result<Self> {
        let report = Report {
            name: setting.name,
            depth,
            states: 0,
            transitions: 0,
            recovered: 0,
            simulated: 0,
            different: Vec::new(),
            compared: 0,
            cases: BTreeSet::new(),
            performed: vec![0; setting.actions.len()],
            duration: Duration::ZERO,
            broken: BTreeMap::new(),
        };
        let simulation = Simulation::new(setting)?;
        Ok(Self { setting, simulation, report, recovered: HashSet::new() })
    }

    fn beginning(&mut self, number: usize) -> Result<Reached> {
        let mut state = self.simulation.beginning();
        for action in self.setting.beginnings[number] {
            match self.simulation.after(&state, *action, &mut |_| {})? {
                Some(next) => state = next,
                None => bail!("{}: {action} can't be done in the beginning", self.setting.name),
            }
        }
        let identity = identity(&state, self.simulation.uses);
        Ok(Reached { state, identity, beginning: number, trace: None })
    }

    /// The state after an action and the violations on the way, or `None` if it is impossible.
    fn step(
        &mut self,
        from: &Reached,
        action: Action,
    ) -> Result<Option<(Reached, Vec<Violation>)>> {
        if !is_canonical(self.setting, &from.state, action) {
            return Ok(None);
        }
        let mut found = Vec::new();
        let setting = self.setting;
        let cases = &mut self.report.cases;
        let mut check_state = |state: &State| {
            check(setting, state, &mut found);
            cases.extend(cases_of(setting, &from.state, action, state));
        };
        let Some(state) = self.simulation.after(&from.state, action, &mut check_state)? else {
            return Ok(None);
        };
        let identity = identity(&state, self.simulation.uses);
        let trace = Some(Arc::new(Step { action, before: from.trace.clone() }));
        Ok(Some((Reached { state, identity, beginning: from.beginning, trace }, found)))
    }

    /// The violation if a computer can't be brought to run again. A recovery that was simulated for
    /// an equivalent state is simulated again only for a comparison.
    fn recovers(&mut self, state: &State, compared: bool) -> Result<Option<Violation>> {
        let right = correct_clocks(state);
        for index in 0..right.computers.len() {
            let known = self.recovered.contains(&recovery(&right, self.simulation.uses, index));
            if known && !compared {
                continue;
            }
            self.report.simulated += 1;
            let violation = if compared {
                recovers(&mut self.simulation, right.clone(), index, &mut HashSet::new())?
            } else {
                recovers(&mut self.simulation, right.clone(), index, &mut self.recovered)?
            };
            if violation.is_some() {
                if known {
                    self.report
                        .different
                        .push(format!("recovery of computer {index}: {violation:?}"));
                }
                return Ok(violation);
            }
            self.recovered.insert(recovery(&right, self.simulation.uses, index));
        }
        Ok(None)
    }

    fn trace(&self, reached: &Reached) -> String {
        format_trace(self.setting.beginnings[reached.beginning], &reached.trace)
    }

    fn record(&mut self, reached: &Reached, found: &[Violation]) {
        for violation in found {
            let way = self.trace(reached);
            let first = || (0, violation.clone(), way);
            self.report.broken.entry(violation.rule).or_insert_with(first).0 += 1;
        }
    }

    fn compare_outcomes(
        &mut self,
        duplicate: &Reached,
        outcomes: &[Next],
        other: &[Next],
        other_way: &str,
    ) {
        let differing = outcomes.iter().zip(other).find(|(outcomes, other)| outcomes != other);
        if let Some(((action, outcomes), (_, other))) = differing {
            let way = self.trace(duplicate);
            let text = format!("{action}: {outcomes:?} or {other:?}\n    {way}\n    {other_way}");
            self.report.different.push(text);
        }
    }
}

/// Whether an action uses the first of the untouched computers that are interchangeable.
fn is_canonical(setting: &Setting, state: &State, action: Action) -> bool {
    let is_first = |c: usize| {
        let untouched = |c: usize| state.computers[c].is_untouched();
        !untouched(c)
            || !(0..c).any(|other| untouched(other) && setting.are_interchangeable(other, c))
    };
    match action {
        Action::Request(c)
        | Action::Activate(c)
        | Action::TakeOver(c)
        | Action::Wall(c, _)
        | Action::Replace(c, _)
        | Action::Boot(c)
        | Action::ReadOnly(c, _) => is_first(c),
        Action::CopyTo(from, to) => is_first(from) && is_first(to),
        _ => true,
    }
}

impl Report {
    /// What an exploration to the setting's depth should have met and didn't.
    pub(crate) fn missing(&self, setting: &Setting) -> Vec<String> {
        let mut missing = Vec::new();
        if self.depth < setting.depth {
            return missing;
        }
        if self.states < setting.least_states {
            missing.push(format!("only {} states of {}", self.states, setting.least_states));
        }
        for (action, times) in setting.actions.iter().zip(&self.performed) {
            if *times == 0 {
                missing.push(format!("never possible: {action}"));
            }
        }
        let unmet = setting.cases.iter().filter(|case| !self.cases.contains(case));
        missing.extend(unmet.map(|case| format!("never met: {case:?}")));
        missing
    }

    /// One line of figures, and the shortest trace to each violated rule.
    pub(crate) fn summary(&self) -> String {
        let mut text = format!(
            "{:<28} depth {:>2}  {:>8} states  {:>9} transitions  {:>8} recovered ({} ways)  {:>6.1} s",
            self.name,
            self.depth,
            self.states,
            self.transitions,
            self.recovered,
            self.simulated,
            self.duration.as_secs_f64()
        );
        for (count, violation, way) in self.broken.values() {
            let _ = write!(text, "\n  {violation} ({count} times)\n    {way}");
        }
        if self.compared > 0 {
            let _ =
                write!(text, "\n  {} states compared with the one they count as", self.compared);
        }
        for different in self.different.iter().take(5) {
            let _ = write!(text, "\n  not the same: {different}");
        }
        text
    }
}
