//! Explores every state that is reachable in a given number of steps, breadth first, so that the
//! trace to a violated rule is a shortest one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::identity::{identity, recovery};
use crate::life::{Action, Setting, Stage};
use crate::rules::{Finding, Rule, check, recovers, set_right};
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
    /// Ways to recovery that were gone: states with everything alike that a way depends on share
    /// one.
    pub(crate) driven: usize,
    /// States that counted as one with another and went on differently, with the ways to both.
    pub(crate) different: Vec<String>,
    /// States that counted as one with another, and were compared with it.
    pub(crate) compared: usize,
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

/// What an action led to: the state, and the rules that were broken on the way.
type Next = (Action, Option<(u128, Vec<Rule>)>);

/// A state that was reached, and how.
#[derive(Clone)]
struct Reached {
    state: State,
    identity: u128,
    beginning: usize,
    way: Way,
}

/// An exploration on its way.
struct Explorer<'s> {
    setting: &'s Setting,
    stage: Stage<'s>,
    report: Report,
    /// What a recovery depends on, as an identity: from there a computer was brought to run again.
    recovered: HashSet<u128>,
}

/// Explores a setting to a depth, counted from its beginnings.
pub(crate) fn explore(setting: &Setting, depth: usize) -> Result<Report> {
    run(setting, depth, false)
}

/// The same, and each state that counts as one with another is gone on from as well: it has to lead
/// to the same.
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
    // Where states are compared: what came of the one that stands for the others, and the way to
    // it.
    let mut stood_for = HashMap::new();
    let mut twins: Vec<Reached> = Vec::new();
    for step in 1..=depth {
        let last = step == depth;
        let (mut next, mut next_twins) = (Vec::new(), Vec::new());
        for reached in layer {
            let mut came = Vec::new();
            for action in &setting.actions {
                let Some((after, found)) = explorer.step(&reached, *action)? else {
                    came.push((*action, None));
                    continue;
                };
                explorer.report.transitions += 1;
                let mut rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
                let new = known.insert(after.identity);
                explorer.report.states += usize::from(new);
                let mut broken = found;
                if setting.honest && broken.is_empty() && (new || compared) {
                    let dead = explorer.recovers(&after.state, compared)?;
                    rules.extend(dead.iter().map(|finding| finding.rule));
                    broken.extend(dead);
                    explorer.report.recovered += usize::from(new && broken.is_empty());
                }
                explorer.note(&after, &broken);
                came.push((*action, Some((after.identity, rules))));
                // What comes after a broken rule is no news.
                if broken.is_empty() && !last {
                    if new {
                        next.push(after);
                    } else if compared {
                        next_twins.push(after);
                    }
                }
            }
            if compared {
                stood_for.insert(reached.identity, (came, explorer.way(&reached)));
            }
        }
        for twin in twins {
            let mut came = Vec::new();
            for action in &setting.actions {
                let stepped = explorer.step(&twin, *action)?;
                let Some((after, found)) = stepped else {
                    came.push((*action, None));
                    continue;
                };
                let mut rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
                if setting.honest && found.is_empty() {
                    let dead = explorer.recovers(&after.state, true)?;
                    rules.extend(dead.iter().map(|finding| finding.rule));
                }
                came.push((*action, Some((after.identity, rules))));
            }
            explorer.report.compared += 1;
            if let Some((other, way)) = stood_for.get(&twin.identity) {
                explorer.differ(&twin, &came, other, way);
            }
        }
        (layer, twins) = (next, next_twins);
    }
    explorer.report.took = start.elapsed();
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
            driven: 0,
            different: Vec::new(),
            compared: 0,
            took: Duration::ZERO,
            broken: BTreeMap::new(),
        };
        let stage = Stage::new(setting)?;
        Ok(Self { setting, stage, report, recovered: HashSet::new() })
    }

    fn beginning(&mut self, number: usize) -> Result<Reached> {
        let mut state = self.stage.beginning();
        for action in self.setting.beginnings[number] {
            match self.stage.after(&state, *action, &mut |_| {})? {
                Some(next) => state = next,
                None => bail!("{}: {action} can't be done in the beginning", self.setting.name),
            }
        }
        let identity = identity(&state, self.stage.uses);
        Ok(Reached { state, identity, beginning: number, way: None })
    }

    /// What an action leads to, and what was broken on the way; `None` where it can't be done.
    fn step(&mut self, from: &Reached, action: Action) -> Result<Option<(Reached, Vec<Finding>)>> {
        if !is_next(&from.state, action) {
            return Ok(None);
        }
        let mut found = Vec::new();
        let setting = self.setting;
        let mut look = |state: &State| check(setting, state, &mut found);
        let Some(state) = self.stage.after(&from.state, action, &mut look)? else {
            return Ok(None);
        };
        let identity = identity(&state, self.stage.uses);
        let way = Some(Arc::new(Step { action, before: from.way.clone() }));
        Ok(Some((Reached { state, identity, beginning: from.beginning, way }, found)))
    }

    /// Why a computer can't be brought to run again. Where one was already, with everything alike
    /// that its recovery depends on, the same way leads there again; it is gone only where that is
    /// to be compared.
    fn recovers(&mut self, state: &State, compared: bool) -> Result<Option<Finding>> {
        let right = set_right(state);
        for index in 0..right.computers.len() {
            let known = self.recovered.contains(&recovery(&right, self.stage.uses, index));
            if known && !compared {
                continue;
            }
            self.report.driven += 1;
            let finding = if compared {
                recovers(&mut self.stage, right.clone(), index, &mut HashSet::new())?
            } else {
                recovers(&mut self.stage, right.clone(), index, &mut self.recovered)?
            };
            if finding.is_some() {
                if known {
                    self.report
                        .different
                        .push(format!("recovery of computer {index}: {finding:?}"));
                }
                return Ok(finding);
            }
            self.recovered.insert(recovery(&right, self.stage.uses, index));
        }
        Ok(None)
    }

    fn way(&self, reached: &Reached) -> String {
        shown(self.setting.beginnings[reached.beginning], &reached.way)
    }

    fn note(&mut self, reached: &Reached, found: &[Finding]) {
        for finding in found {
            let way = self.way(reached);
            let first = || (0, finding.clone(), way);
            self.report.broken.entry(finding.rule).or_insert_with(first).0 += 1;
        }
    }

    fn differ(&mut self, twin: &Reached, came: &[Next], other: &[Next], other_way: &str) {
        let differing = came.iter().zip(other).find(|(came, other)| came != other);
        if let Some(((action, came), (_, other))) = differing {
            let way = self.way(twin);
            let text = format!("{action}: {came:?} or {other:?}\n    {way}\n    {other_way}");
            self.report.different.push(text);
        }
    }
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
            "{:<28} depth {:>2}  {:>8} states  {:>9} transitions  {:>8} recovered ({} ways)  {:>6.1} s",
            self.name,
            self.depth,
            self.states,
            self.transitions,
            self.recovered,
            self.driven,
            self.took.as_secs_f64()
        );
        for (count, finding, way) in self.broken.values() {
            let _ = write!(text, "\n  {finding} ({count} times)\n    {way}");
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
