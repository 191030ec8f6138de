//! A year with computers whose clocks are wrong, by accident and on purpose: how many hours a cheat gains, and how
//! many hours honest people can't work. Beside it what is usual: a high-water mark with a day of tolerance.
//!
//! The computer is used from nine to five every day, its product looks once an hour. A lease lasts thirty days.
//! Honest people bring a refresh every twenty-five days; a cheat never does.

use super::*;

const DAY: i64 = 24;
const LEASE: i64 = 30 * DAY;
const REFRESH: i64 = 25 * DAY;
const YEAR: i64 = 365 * DAY;
/// What a clock without a battery shows when it begins: thirty years before.
const LONG_AGO: i64 = -30 * 365 * DAY;

/// What the product sees at one hour: the wall clock, the boot, the running time. All in hours.
#[derive(Clone, Copy)]
struct Sample {
    wall: i64,
    boot: i64,
    running: i64,
}

impl Sample {
    fn moment(self) -> ClockReading {
        let boot = BootId::from_name(&self.boot.to_string());
        let running = (self.running * 3_600).unsigned_abs();
        ClockReading { wall: at(self.wall), uptime: Some(Uptime { boot, running }) }
    }
}

/// What happens to the whole computer, its disk and its memory.
enum Copied {
    No,
    Kept,
    PutBack,
}

struct Story {
    name: &'static str,
    cheat: bool,
    /// `None` while the computer is off. Takes the true hour.
    look: fn(i64) -> Option<Sample>,
    copied: fn(i64) -> Copied,
    /// By how many hours the vendor's clock is wrong.
    vendor: fn(i64) -> i64,
    /// Whether what is seen can be remembered.
    remembers: fn(i64) -> bool,
}

/// A computer whose memory works, with a vendor whose clock is right.
const STORY: Story = Story {
    name: "",
    cheat: false,
    look: |hour| wrong_by(hour, |_| 0),
    copied: |_| Copied::No,
    vendor: |_| 0,
    remembers: |_| true,
};

/// Activated by somebody who may write, and never looked at by them again.
const fn only_on_the_first_day(hour: i64) -> bool {
    hour < DAY
}

fn at(hour: i64) -> Timestamp {
    from_seconds(1_800_000_000 + hour * 3_600)
}

/// Something that decides whether a product runs.
trait Judge: Clone {
    /// Hands in a token that was signed then; whether it was taken.
    fn granted(&mut self, signed: i64, look: Sample) -> bool;
    /// Whether it runs. Where nothing can be remembered, the next look doesn't know of this one.
    fn runs(&mut self, look: Sample, remembers: bool) -> bool;
}

/// The latest time that was seen. A wall clock more than a day before it is taken for a fraud. To be fair, a
/// refresh puts it right, which it often doesn't.
#[derive(Clone)]
struct HighWaterMark {
    mark: i64,
    expiry: i64,
}

impl Judge for HighWaterMark {
    fn granted(&mut self, signed: i64, _look: Sample) -> bool {
        *self = Self { mark: signed, expiry: signed + LEASE };
        true
    }

    fn runs(&mut self, look: Sample, remembers: bool) -> bool {
        if look.wall < self.mark - DAY {
            return false;
        }
        if remembers {
            self.mark = self.mark.max(look.wall);
        }
        look.wall < self.expiry
    }
}

#[derive(Clone)]
struct Effective {
    clock: EffectiveClock,
    expiry: i64,
}

impl Effective {
    fn holds(&self, look: Sample) -> bool {
        self.clock.judging_time(look.moment()).timestamp() < at(self.expiry)
    }
}

impl Judge for Effective {
    fn granted(&mut self, signed: i64, look: Sample) -> bool {
        let mut next = Self { clock: self.clock, expiry: signed + LEASE };
        next.clock.apply_signed_time(at(signed), look.moment());
        let taken = next.holds(look);
        if taken {
            *self = next;
        }
        taken
    }

    fn runs(&mut self, look: Sample, remembers: bool) -> bool {
        let runs = self.holds(look);
        if remembers {
            self.clock.observe(look.moment());
        }
        runs
    }
}

/// Hours that ran without a lease, and hours that didn't run with one.
fn live(story: &Story, mut judge: impl Judge) -> (u32, u32) {
    let (mut free, mut blocked) = (0, 0);
    // The true hour of the newest grant, and what the vendor's clock showed.
    let mut granted: Option<(i64, i64)> = None;
    let mut kept = None;
    for hour in 0..YEAR {
        let Some(look) = (story.look)(hour) else { continue };
        let due = match granted {
            None => true,
            Some((granted, _)) => !story.cheat && hour - granted >= REFRESH,
        };
        match (story.copied)(hour) {
            Copied::No => {}
            Copied::Kept => kept = Some(judge.clone()),
            Copied::PutBack => judge = kept.clone().unwrap(),
        }
        let put_back = matches!((story.copied)(hour), Copied::PutBack);
        let signed = hour + (story.vendor)(hour);
        if due && judge.granted(signed, look) {
            granted = Some((hour, signed));
        }
        let (_, signed) = granted.unwrap();
        // Honest people still have the newest refresh when they have put an older copy back.
        if put_back && !due && !story.cheat {
            judge.granted(signed, look);
        }
        // Where it is wrong about the future, the lease is what the vendor has signed.
        match (judge.runs(look, (story.remembers)(hour)), hour < signed + LEASE) {
            (true, false) => free += 1,
            (false, true) => blocked += 1,
            _ => {}
        }
    }
    // Whatever has happened, a right token of the vendor's is taken once the clock is right: no dead end.
    let after = Sample { wall: YEAR, boot: YEAR, running: 0 };
    assert!(judge.granted(YEAR, after) && judge.runs(after, true), "{}", story.name);
    (free, blocked)
}

/// The day, and the hours since nine in the morning.
fn at_work(hour: i64) -> Option<(i64, i64)> {
    let (day, since) = (hour / DAY, hour % DAY - 9);
    (0..8).contains(&since).then_some((day, since))
}

/// Switched on every morning, with a wall clock that is wrong by so much.
fn wrong_by(hour: i64, wrong: impl Fn(i64) -> i64) -> Option<Sample> {
    let (day, since) = at_work(hour)?;
    Some(Sample { wall: hour + wrong(day), boot: day, running: since })
}

/// Switched on every morning, with a wall clock that then begins at this hour.
fn begins_at(hour: i64, begin: impl Fn(i64) -> i64) -> Option<Sample> {
    let (day, since) = at_work(hour)?;
    Some(Sample { wall: begin(day) + since, boot: day, running: since })
}

const STORIES: [Story; 24] = [
    Story {
        name: "a right clock",
        cheat: false,
        look: |hour| wrong_by(hour, |_| 0),
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "a dead CMOS battery",
        cheat: false,
        look: |hour| begins_at(hour, |_| LONG_AGO),
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "a dead CMOS battery, and restarted at noon and in the afternoon",
        cheat: false,
        look: |hour| {
            let (day, since) = at_work(hour)?;
            let (part, running) = (since / 3, since % 3);
            Some(Sample { wall: LONG_AGO + running, boot: 3 * day + part, running })
        },
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "two systems, one of which sets the clock eight hours back",
        cheat: false,
        look: |hour| wrong_by(hour, |day| if day % 2 == 0 { 0 } else { -8 }),
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "time zones: the clock is set instead of the zone",
        cheat: false,
        look: |hour| {
            wrong_by(hour, |day| match day {
                26..40 => 13,
                52..66 => -11,
                _ => 0,
            })
        },
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "summer time: the clock is an hour ahead for half a year",
        cheat: false,
        look: |hour| wrong_by(hour, |day| i64::from((90..300).contains(&day))),
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "a virtual machine that is put back by three days every week",
        cheat: false,
        look: |hour| wrong_by(hour, |_| 0),
        copied: |hour| match (hour / DAY % 7, hour % DAY) {
            (0, 9) => Copied::Kept,
            (3, 9) => Copied::PutBack,
            _ => Copied::No,
        },
        ..STORY
    },
    Story {
        name: "two hours in 2037",
        cheat: false,
        look: |hour| {
            let future = (26 * DAY + 10..26 * DAY + 12).contains(&hour);
            wrong_by(hour, |_| if future { 10 * 365 * DAY } else { 0 })
        },
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "hibernated every night, never restarted",
        cheat: false,
        look: |hour| at_work(hour).map(|_| Sample { wall: hour, boot: 0, running: hour }),
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "switched off for forty days",
        cheat: false,
        look: |hour| wrong_by(hour, |_| 0).filter(|_| !(100 * DAY..140 * DAY).contains(&hour)),
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "the clock held at one day",
        cheat: true,
        look: |hour| begins_at(hour, |_| 9),
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "set back every morning to the evening before",
        cheat: true,
        look: |hour| begins_at(hour, |day| 17 + 8 * day),
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "set back every morning by as much as is tolerated",
        cheat: true,
        look: |hour| begins_at(hour, |day| 17 + 8 * (day - 1) - 23),
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "hibernated every night, the clock held at one day",
        cheat: true,
        look: |hour| {
            at_work(hour).map(|(_, since)| Sample { wall: 9 + since, boot: 0, running: hour })
        },
        copied: |_| Copied::No,
        ..STORY
    },
    Story {
        name: "a virtual machine put back every morning, its clock too",
        cheat: true,
        look: |hour| {
            at_work(hour).map(|(_, since)| Sample { wall: 9 + since, boot: 0, running: since })
        },
        copied: |hour| match (hour, hour % DAY) {
            (9, _) => Copied::No,
            (10, _) => Copied::Kept,
            (_, 9) => Copied::PutBack,
            _ => Copied::No,
        },
        ..STORY
    },
    Story { name: "a machine's licence, looked at by users only", remembers: |_| false, ..STORY },
    Story {
        name: "a machine's licence, no administrator for a year",
        cheat: true,
        remembers: only_on_the_first_day,
        ..STORY
    },
    Story {
        name: "the own vault read-only, and another boot each day",
        cheat: true,
        remembers: |_| false,
        ..STORY
    },
    Story {
        name: "the own vault read-only, never restarted",
        cheat: true,
        look: |hour| at_work(hour).map(|_| Sample { wall: hour, boot: 0, running: hour }),
        remembers: |_| false,
        ..STORY
    },
    Story {
        name: "the vault back at every start",
        cheat: true,
        copied: |hour| match (hour, hour % DAY) {
            (9, _) => Copied::No,
            (10, _) => Copied::Kept,
            (_, 9) => Copied::PutBack,
            _ => Copied::No,
        },
        ..STORY
    },
    Story {
        name: "the vendor's clock 400 days ahead for a day",
        vendor: |hour| if hour / DAY == 25 { 400 * DAY } else { 0 },
        ..STORY
    },
    Story {
        name: "the vendor's clock ten days ahead for a day",
        vendor: |hour| if hour / DAY == 25 { 10 * DAY } else { 0 },
        ..STORY
    },
    Story {
        name: "the vendor's clock 400 days behind for a day",
        vendor: |hour| if hour / DAY == 25 { -400 * DAY } else { 0 },
        ..STORY
    },
    Story {
        name: "the vendor's clock 400 days ahead when it is activated",
        vendor: |hour| if hour / DAY == 0 { 400 * DAY } else { 0 },
        ..STORY
    },
];

#[test]
fn over_a_year_a_cheat_gains_little_and_honest_people_lose_nothing() {
    println!("{:62} {:>15} {:>16}", "", "high-water mark", "effective clock");
    println!(
        "{:62} {:>7} {:>7} {:>8} {:>7}",
        "hours in a year", "free", "blocked", "free", "blocked"
    );
    let mut table = Vec::new();
    for story in &STORIES {
        let usual = live(story, HighWaterMark { mark: 0, expiry: 0 });
        let clock = EffectiveClock::new(ClockReading::from_wall(at(0)));
        let ours = live(story, Effective { clock, expiry: 0 });
        let who = if story.cheat { "cheat: " } else { "" };
        let name = format!("{who}{}", story.name);
        println!("{name:62} {:>7} {:>7} {:>8} {:>7}", usual.0, usual.1, ours.0, ours.1);
        table.push((story, usual, ours));
    }
    for (story, usual, ours) in &table {
        assert!(ours.0 <= usual.0 && ours.1 <= usual.1, "{}", story.name);
        match (story.cheat, story.name) {
            // By a clock in 2037 the lease is over: for these two hours, and not for one after them.
            (false, "two hours in 2037") => assert_eq!(*ours, (0, 2)),
            (false, name) => assert_eq!(*ours, (0, 0), "{name}"),
            // Nothing is gained by a memory that can't be written or is put back: the clock is right.
            (true, name) if name.contains("vault") || name.contains("machine's licence") => {
                assert_eq!(*ours, (0, 0), "{name}");
            }
            // Disk, memory and clock as they were: nothing on the computer can tell.
            (true, name) if name.contains("put back") => assert_eq!(ours.0, usual.0),
            // Whoever always sets the clock to where it was gains the time in which the computer is off.
            (true, name) if name.contains("set back") => assert!(ours.0 <= 2 * 30 * 8 + 30),
            (true, name) => assert!(ours.0 <= 80 && usual.0 > 2_500, "{name}"),
        }
    }
    let blocked: u32 = table.iter().map(|(_, usual, _)| usual.1).sum();
    assert!(blocked > 3_000, "what is usual blocks honest people: {blocked}");
}
