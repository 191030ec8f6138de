//! Simulates a year on computers whose clocks are wrong, by accident and on purpose: how many hours
//! a cheat gains, and how many hours honest users can't work. The usual method, a high-water mark
//! with a day of tolerance, runs in comparison.
//!
//! The computer is used from nine to five every day, and the product checks its licence once an
//! hour. A lease lasts thirty days. Honest users apply a refresh every twenty-five days; a cheat
//! never does. Some scenarios have a longer lease, another rhythm, or last longer than a year.

use super::*;

/// In hours, as are the other lengths of time here.
const DAY: i64 = 24;
const LEASE: i64 = 30 * DAY;
const REFRESH: i64 = 25 * DAY;
const YEAR: i64 = 365 * DAY;
/// What a clock with a dead battery shows after power-on: thirty years earlier.
const LONG_AGO: i64 = -30 * 365 * DAY;

/// What the product reads at one check: the wall clock, the boot, and the running time, in hours.
#[derive(Clone, Copy)]
struct Sample {
    wall: i64,
    boot: i64,
    running: i64,
}

impl Sample {
    fn reading(self) -> ClockReading {
        let boot = BootId::from_name(&self.boot.to_string());
        let running = (self.running * 3_600).unsigned_abs();
        ClockReading { wall: at(self.wall), uptime: Some(Uptime { boot, running }) }
    }
}

/// Whether the whole computer, its disk and its memory, is copied or restored from the copy.
enum DiskCopy {
    No,
    Saved,
    Restored,
}

struct Scenario {
    name: &'static str,
    cheat: bool,
    /// Returns what the product reads at a true hour, or `None` while the computer is off.
    sample: fn(i64) -> Option<Sample>,
    disk_copy: fn(i64) -> DiskCopy,
    /// By how many hours the vendor's clock is wrong.
    vendor: fn(i64) -> i64,
    /// Whether readings can be stored.
    may_store: fn(i64) -> bool,
    /// How long a lease lasts.
    lease: i64,
    /// How long after a grant honest users apply the next one.
    refresh: i64,
    /// How long the scenario lasts.
    duration: i64,
}

/// A computer whose clock is right and whose storage works, with a vendor whose clock is right.
const USUAL: Scenario = Scenario {
    name: "",
    cheat: false,
    sample: |hour| wrong_by(hour, |_| 0),
    disk_copy: |_| DiskCopy::No,
    vendor: |_| 0,
    may_store: |_| true,
    lease: LEASE,
    refresh: REFRESH,
    duration: YEAR,
};

/// A machine's licence that ordinary users use, who can store nothing, until an administrator comes
/// and applies a refresh.
const fn without_administrator(name: &'static str, days: i64, lease: i64) -> Scenario {
    let (refresh, duration) = (days * DAY, YEAR + 2 * days * DAY);
    Scenario { name, may_store: |_| false, lease, refresh, duration, ..USUAL }
}

/// The product was activated by a user who may write, and later used only by others.
const fn only_on_the_first_day(hour: i64) -> bool {
    hour < DAY
}

fn at(hour: i64) -> Timestamp {
    from_seconds(1_800_000_000 + hour * 3_600)
}

/// A method of deciding whether a product may run.
trait Judge: Clone {
    /// Applies a token that was signed at this hour, with a lease of this length. Returns whether
    /// it was accepted.
    fn apply_token(&mut self, signed: i64, lease: i64, sample: Sample) -> bool;
    /// Returns whether the product may run. If nothing can be stored, the sample is forgotten.
    fn may_run(&mut self, sample: Sample, may_store: bool) -> bool;
}

/// The usual method: it stores the latest time that was seen, and takes a wall clock that is more
/// than a day behind it for fraud. In favour of this method, a refresh resets it here, which it
/// often doesn't in practice.
#[derive(Clone)]
struct HighWaterMark {
    mark: i64,
    expiry: i64,
}

impl Judge for HighWaterMark {
    fn apply_token(&mut self, signed: i64, lease: i64, _sample: Sample) -> bool {
        *self = Self { mark: signed, expiry: signed + lease };
        true
    }

    fn may_run(&mut self, sample: Sample, may_store: bool) -> bool {
        if sample.wall < self.mark - DAY {
            return false;
        }
        if may_store {
            self.mark = self.mark.max(sample.wall);
        }
        sample.wall < self.expiry
    }
}

#[derive(Clone)]
struct Effective {
    clock: EffectiveClock,
    expiry: i64,
}

impl Effective {
    fn holds(&self, sample: Sample) -> bool {
        self.clock.judging_time(sample.reading()).timestamp() < at(self.expiry)
    }
}

impl Judge for Effective {
    fn apply_token(&mut self, signed: i64, lease: i64, sample: Sample) -> bool {
        let mut next = Self { clock: self.clock, expiry: signed + lease };
        next.clock.apply_signed_time(at(signed), sample.reading());
        let taken = next.holds(sample);
        if taken {
            *self = next;
        }
        taken
    }

    fn may_run(&mut self, sample: Sample, may_store: bool) -> bool {
        let runs = self.holds(sample);
        if may_store {
            self.clock.observe(sample.reading());
        }
        runs
    }
}

/// Returns the hours in which the product ran without a lease, and the hours in which it was
/// blocked in spite of one.
fn simulate(scenario: &Scenario, mut judge: impl Judge) -> (u32, u32) {
    let (mut free, mut blocked) = (0, 0);
    // The true hour of the newest grant, and what the vendor's clock showed.
    let mut granted: Option<(i64, i64)> = None;
    let mut kept = None;
    let &Scenario { lease, refresh, duration, .. } = scenario;
    for hour in 0..duration {
        let Some(sample) = (scenario.sample)(hour) else { continue };
        let due = match granted {
            None => true,
            Some((granted, _)) => !scenario.cheat && hour - granted >= refresh,
        };
        match (scenario.disk_copy)(hour) {
            DiskCopy::No => {}
            DiskCopy::Saved => kept = Some(judge.clone()),
            DiskCopy::Restored => judge = kept.clone().unwrap(),
        }
        let restored = matches!((scenario.disk_copy)(hour), DiskCopy::Restored);
        let signed = hour + (scenario.vendor)(hour);
        if due && judge.apply_token(signed, lease, sample) {
            granted = Some((hour, signed));
        }
        let (_, signed) = granted.unwrap();
        // Honest users still have the newest refresh after they have restored an older copy.
        if restored && !due && !scenario.cheat {
            judge.apply_token(signed, lease, sample);
        }
        // The lease is what the vendor signed, even if the vendor's clock was in the future.
        match (judge.may_run(sample, (scenario.may_store)(hour)), hour < signed + lease) {
            (true, false) => free += 1,
            (false, true) => blocked += 1,
            _ => {}
        }
    }
    // There is no dead end: once the clock is right, a correct token is always accepted.
    let after = Sample { wall: duration, boot: duration, running: 0 };
    let accepted = judge.apply_token(duration, lease, after);
    assert!(accepted && judge.may_run(after, true), "{}", scenario.name);
    (free, blocked)
}

/// Returns the day and the hours since nine in the morning, or `None` outside of working hours.
fn at_work(hour: i64) -> Option<(i64, i64)> {
    let (day, since) = (hour / DAY, hour % DAY - 9);
    (0..8).contains(&since).then_some((day, since))
}

/// A computer that is switched on every morning, with a wall clock that is wrong by `wrong(day)`
/// hours.
fn wrong_by(hour: i64, wrong: impl Fn(i64) -> i64) -> Option<Sample> {
    let (day, since) = at_work(hour)?;
    Some(Sample { wall: hour + wrong(day), boot: day, running: since })
}

/// A computer that is switched on every morning, with a wall clock that then shows `begin(day)`.
fn begins_at(hour: i64, begin: impl Fn(i64) -> i64) -> Option<Sample> {
    let (day, since) = at_work(hour)?;
    Some(Sample { wall: begin(day) + since, boot: day, running: since })
}

const SCENARIOS: [Scenario; 30] = [
    Scenario {
        name: "a right clock",
        cheat: false,
        sample: |hour| wrong_by(hour, |_| 0),
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "a dead CMOS battery",
        cheat: false,
        sample: |hour| begins_at(hour, |_| LONG_AGO),
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "a dead CMOS battery, and restarted at noon and in the afternoon",
        cheat: false,
        sample: |hour| {
            let (day, since) = at_work(hour)?;
            let (part, running) = (since / 3, since % 3);
            Some(Sample { wall: LONG_AGO + running, boot: 3 * day + part, running })
        },
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "two systems, one of which sets the clock eight hours back",
        cheat: false,
        sample: |hour| wrong_by(hour, |day| if day % 2 == 0 { 0 } else { -8 }),
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "time zones: the clock is set instead of the zone",
        cheat: false,
        sample: |hour| {
            wrong_by(hour, |day| match day {
                26..40 => 13,
                52..66 => -11,
                _ => 0,
            })
        },
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "summer time: the clock is an hour ahead for half a year",
        cheat: false,
        sample: |hour| wrong_by(hour, |day| i64::from((90..300).contains(&day))),
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "a virtual machine that is restored to three days earlier every week",
        cheat: false,
        sample: |hour| wrong_by(hour, |_| 0),
        disk_copy: |hour| match (hour / DAY % 7, hour % DAY) {
            (0, 9) => DiskCopy::Saved,
            (3, 9) => DiskCopy::Restored,
            _ => DiskCopy::No,
        },
        ..USUAL
    },
    Scenario {
        name: "two hours in 2037",
        cheat: false,
        sample: |hour| {
            let future = (26 * DAY + 10..26 * DAY + 12).contains(&hour);
            wrong_by(hour, |_| if future { 10 * 365 * DAY } else { 0 })
        },
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "hibernated every night, never restarted",
        cheat: false,
        sample: |hour| at_work(hour).map(|_| Sample { wall: hour, boot: 0, running: hour }),
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "switched off for forty days",
        cheat: false,
        sample: |hour| wrong_by(hour, |_| 0).filter(|_| !(100 * DAY..140 * DAY).contains(&hour)),
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "the clock held at one day",
        cheat: true,
        sample: |hour| begins_at(hour, |_| 9),
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "set back every morning to the evening before",
        cheat: true,
        sample: |hour| begins_at(hour, |day| 17 + 8 * day),
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "set back every morning by as much as is tolerated",
        cheat: true,
        sample: |hour| begins_at(hour, |day| 17 + 8 * (day - 1) - 23),
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "hibernated every night, the clock held at one day",
        cheat: true,
        sample: |hour| {
            at_work(hour).map(|(_, since)| Sample { wall: 9 + since, boot: 0, running: hour })
        },
        disk_copy: |_| DiskCopy::No,
        ..USUAL
    },
    Scenario {
        name: "a virtual machine restored every morning, including its clock",
        cheat: true,
        sample: |hour| {
            at_work(hour).map(|(_, since)| Sample { wall: 9 + since, boot: 0, running: since })
        },
        disk_copy: |hour| match (hour, hour % DAY) {
            (9, _) => DiskCopy::No,
            (10, _) => DiskCopy::Saved,
            (_, 9) => DiskCopy::Restored,
            _ => DiskCopy::No,
        },
        ..USUAL
    },
    Scenario { name: "a machine's licence, checked by users only", may_store: |_| false, ..USUAL },
    Scenario {
        name: "a machine's licence, no administrator for a year",
        cheat: true,
        may_store: only_on_the_first_day,
        ..USUAL
    },
    without_administrator("a machine's licence, no administrator for 31 days", 31, LEASE),
    without_administrator("a machine's licence, no administrator for 61 days", 61, LEASE),
    without_administrator("a machine's licence, no administrator for 400 days", 400, LEASE),
    without_administrator("the same, with a lease of 62 days", 61, 62 * DAY),
    without_administrator("the same, with a lease of 401 days", 400, 401 * DAY),
    Scenario {
        name: "the same, and the clock in 2037 for a week",
        sample: |hour| {
            let future = (200 * DAY..207 * DAY).contains(&hour);
            wrong_by(hour, |_| if future { 10 * 365 * DAY } else { 0 })
        },
        ..without_administrator("", 400, 401 * DAY)
    },
    Scenario {
        name: "the user's own vault is read-only, restarted every day",
        cheat: true,
        may_store: |_| false,
        ..USUAL
    },
    Scenario {
        name: "the user's own vault is read-only, never restarted",
        cheat: true,
        sample: |hour| at_work(hour).map(|_| Sample { wall: hour, boot: 0, running: hour }),
        may_store: |_| false,
        ..USUAL
    },
    Scenario {
        name: "the vault restored at every start",
        cheat: true,
        disk_copy: |hour| match (hour, hour % DAY) {
            (9, _) => DiskCopy::No,
            (10, _) => DiskCopy::Saved,
            (_, 9) => DiskCopy::Restored,
            _ => DiskCopy::No,
        },
        ..USUAL
    },
    Scenario {
        name: "the vendor's clock 400 days ahead for a day",
        vendor: |hour| if hour / DAY == 25 { 400 * DAY } else { 0 },
        ..USUAL
    },
    Scenario {
        name: "the vendor's clock ten days ahead for a day",
        vendor: |hour| if hour / DAY == 25 { 10 * DAY } else { 0 },
        ..USUAL
    },
    Scenario {
        name: "the vendor's clock 400 days behind for a day",
        vendor: |hour| if hour / DAY == 25 { -400 * DAY } else { 0 },
        ..USUAL
    },
    Scenario {
        name: "the vendor's clock 400 days ahead when it is activated",
        vendor: |hour| if hour / DAY == 0 { 400 * DAY } else { 0 },
        ..USUAL
    },
];

#[test]
fn over_a_year_a_cheat_gains_little_and_honest_users_lose_nothing() {
    println!("{:62} {:>15} {:>16}", "", "high-water mark", "effective clock");
    println!(
        "{:62} {:>7} {:>7} {:>8} {:>7}",
        "hours in a year", "free", "blocked", "free", "blocked"
    );
    let mut table = Vec::new();
    for scenario in &SCENARIOS {
        let usual = simulate(scenario, HighWaterMark { mark: 0, expiry: 0 });
        let clock = EffectiveClock::new(ClockReading::from_wall(at(0)));
        let ours = simulate(scenario, Effective { clock, expiry: 0 });
        let who = if scenario.cheat { "cheat: " } else { "" };
        let name = format!("{who}{}", scenario.name);
        println!("{name:62} {:>7} {:>7} {:>8} {:>7}", usual.0, usual.1, ours.0, ours.1);
        table.push((scenario, usual, ours));
    }
    for (scenario, usual, ours) in &table {
        assert!(ours.0 <= usual.0 && ours.1 <= usual.1, "{}", scenario.name);
        match (scenario.cheat, scenario.name) {
            // By a clock in 2037 the lease has expired for exactly these two hours.
            (false, "two hours in 2037") => assert_eq!(*ours, (0, 2)),
            (false, name) if name.contains("2037 for a week") => assert_eq!(*ours, (0, 7 * 8)),
            (false, name) => assert_eq!(*ours, (0, 0), "{name}"),
            // Storage that is read-only or restored gains nothing while the clock is right.
            (true, name) if name.contains("vault") || name.contains("machine's licence") => {
                assert_eq!(*ours, (0, 0), "{name}");
            }
            // If disk, memory and clock are restored, nothing on the computer shows it.
            (true, name) if name.contains("restored") => assert_eq!(ours.0, usual.0),
            // A cheat who always sets the clock back gains the time in which the computer is off.
            (true, name) if name.contains("set back") => assert!(ours.0 <= 2 * 30 * 8 + 30),
            (true, name) => assert!(ours.0 <= 80 && usual.0 > 2_500, "{name}"),
        }
    }
    let blocked: u32 = table.iter().map(|(_, usual, _)| usual.1).sum();
    assert!(blocked > 3_000, "the usual method blocks honest users for {blocked} hours only");
}
