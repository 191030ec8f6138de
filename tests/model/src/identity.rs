//! Decides when two states count as equal: when no action of the setting can distinguish them.
//! Whatever is omitted or made relative here is claimed to be irrelevant; `explore` can check that
//! claim by continuing from both states.

use std::hash::{DefaultHasher, Hasher as _};

use crate::life::{Action, Setting};
use crate::rules::{BELIEVED_BOOTS, BELIEVED_RUN};
use crate::server::Column;
use crate::state::{Carried, Computer, HOUR, State, Vault};

/// What the actions of a setting use. The rest of the state makes no difference.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is one question to a list of actions")]
pub(crate) struct Uses {
    request: bool,
    response: bool,
    refresh: bool,
    deactivation: bool,
    confirmation: bool,
    /// A vault gets to another computer, to which this boot is none that it knows.
    carries_vaults: bool,
    server_clock: bool,
    clock_back: bool,
    clock_ahead: bool,
    parts: bool,
    machine: bool,
}

impl Uses {
    pub(crate) fn identity_of(setting: &Setting) -> Self {
        let any = |wanted: fn(&Action) -> bool| setting.actions.iter().any(wanted);
        Self {
            request: any(|action| matches!(action, Action::Grant(_))),
            response: any(|action| matches!(action, Action::Apply(_))),
            refresh: any(|action| matches!(action, Action::ApplyRefresh(_))),
            deactivation: any(|action| matches!(action, Action::HandIn(_))),
            confirmation: any(|action| matches!(action, Action::ConfirmDelivered(_))),
            carries_vaults: any(|action| matches!(action, Action::CopyTo(..))),
            server_clock: any(|action| {
                matches!(action, Action::ServerClock(_) | Action::BootServer)
            }),
            clock_back: any(|action| matches!(action, Action::Wall(_, ..0))),
            clock_ahead: any(|action| matches!(action, Action::Wall(_, 1..))),
            parts: any(|action| matches!(action, Action::Replace(..))),
            machine: setting.machine,
        }
    }

    /// What the way from a state to a running product makes use of: everything else is made again
    /// on it.
    pub(crate) const fn of_recovery(self) -> Self {
        Self {
            request: false,
            response: false,
            refresh: false,
            deactivation: false,
            confirmation: false,
            clock_back: false,
            clock_ahead: false,
            ..self
        }
    }
}

/// A state in numbers, so that two that can't be told apart are the same numbers: names that were
/// drawn are numbered in the order in which they are met, times count from now, sequence numbers
/// from the server's newest, and a device's counters from its vault's.
struct Outline<'s> {
    state: &'s State,
    uses: Uses,
    words: Vec<u64>,
    drawn: Vec<u64>,
}

/// Its identity, in 128 bits: of a hundred million states no two have the same by chance.
pub(crate) fn identity(state: &State, uses: Uses) -> u128 {
    identity_of(state, uses, 0..state.computers.len())
}

/// The identity of what the recovery of one computer depends on.
pub(crate) fn recovery(state: &State, uses: Uses, index: usize) -> u128 {
    identity_of(state, uses.of_recovery(), index..index + 1)
}

fn identity_of(state: &State, uses: Uses, computers: std::ops::Range<usize>) -> u128 {
    let words = Vec::with_capacity(256);
    let mut outline = Outline { state, uses, words, drawn: Vec::with_capacity(64) };
    outline.number(computers.start as i64);
    for index in computers {
        outline.computer(index);
    }
    outline.server();
    let hash = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(seed);
        outline.words.iter().for_each(|word| hasher.write_u64(*word));
        u128::from(hasher.finish())
    };
    hash(1) << 64 | hash(2)
}

impl Outline<'_> {
    fn number(&mut self, number: i64) {
        self.words.push(number.cast_unsigned());
    }

    fn push_hash(&mut self, hash: u64) {
        self.words.push(hash);
    }

    fn flag(&mut self, flag: bool) {
        self.words.push(u64::from(flag));
    }

    fn at(&mut self, time: i64) {
        self.number(time - self.state.at());
    }

    fn push_name(&mut self, name: u64) {
        let known = self.drawn.iter().position(|known| *known == name);
        let number = known.unwrap_or_else(|| {
            self.drawn.push(name);
            self.drawn.len() - 1
        });
        self.words.push(number as u64);
    }

    fn count(&mut self, count: usize) {
        self.words.push(count as u64);
    }

    /// All vaults of a device, wherever they are.
    fn vaults_of(&self, device: u64) -> impl Iterator<Item = &Vault> {
        let all = self.state.computers.iter().flat_map(|one| one.copy.iter().chain([&one.vault]));
        all.filter(move |vault| {
            vault.held.as_ref().is_some_and(|held| Column::name(&held.device) == device)
        })
    }

    /// The rules compare counters of one device with each other.
    fn counter(&mut self, device: u64, counter: i64) {
        let base = self.vaults_of(device).filter_map(|vault| vault.held.as_ref());
        match base.map(|held| held.counter).max() {
            Some(base) => self.number(counter - base.cast_signed()),
            // A device without a vault acts by tokens that are on their way, or never again.
            None if self.uses.request || self.uses.deactivation => self.number(counter),
            None => self.flag(false),
        }
    }

    fn columns(&mut self, columns: &[Column]) {
        for column in columns {
            // What kind it is belongs to what it says: nothing at all and a time that is now are
            // different.
            self.count(match column {
                Column::Drawn(_) => 0,
                Column::Said(_) => 1,
                Column::At(_) => 2,
                Column::Counter(..) => 3,
                Column::Sequence(..) => 4,
            });
            match *column {
                Column::Drawn(name) => self.push_name(name),
                Column::Said(what) => self.push_hash(what),
                Column::At(time) => self.at(time),
                Column::Counter(device, counter) => self.counter(device, counter),
                Column::Sequence(seat, sequence) => self.sequence(seat, sequence),
            }
        }
    }

    /// Of two sequence numbers of a seat the higher one counts.
    fn sequence(&mut self, seat: u64, sequence: i64) {
        let newest = self.state.server.sequences.iter().find(|(id, _)| *id == seat);
        self.number(sequence - newest.map_or(0, |(_, newest)| *newest));
    }

    fn computer(&mut self, index: usize) {
        let state = self.state;
        let computer = &state.computers[index];
        let uses = self.uses;
        self.number(computer.access as i64);
        self.flag(computer.always_put_back);
        self.number(computer.wall);
        if uses.carries_vaults {
            self.number(computer.running);
        }
        if uses.clock_back {
            let past = computer.past;
            self.flag(past.tampered);
            // Without a memory there is no bound that it could belong to.
            self.number(if past.tampered || uses.machine { 0 } else { past.lag });
        }
        if uses.clock_ahead {
            let (boots, running) = computer.past.ahead;
            let believed = boots >= BELIEVED_BOOTS || running >= BELIEVED_RUN;
            let (boots, running) = if believed { (BELIEVED_BOOTS, 0) } else { (boots, running) };
            self.number(boots.into());
            self.number(running);
        }
        if uses.parts {
            self.number(computer.parts.bits().into());
            self.number(computer.bound.bits().into());
            self.flag(computer.changed_at.is_some());
            if let Some(changed_at) = computer.changed_at {
                self.at(changed_at);
            }
        }
        self.vault(&computer.vault, computer, index);
        match &computer.copy {
            Some(copy) => {
                self.flag(true);
                self.vault(copy, computer, index);
            }
            None => self.flag(false),
        }
        self.token(uses.request, computer.request.as_ref());
        self.token(uses.response, computer.response.as_ref());
        self.token(uses.refresh, computer.refresh.as_ref());
        self.token(uses.deactivation, computer.deactivation.as_ref());
        self.flag(uses.confirmation && computer.handed_in);
    }

    fn token(&mut self, used: bool, token: Option<&Carried>) {
        match token.filter(|_| used) {
            Some(token) => {
                self.flag(true);
                self.columns(&token.says);
            }
            None => self.flag(false),
        }
    }

    fn vault(&mut self, vault: &Vault, computer: &Computer, index: usize) {
        let Some(held) = &vault.held else { return self.flag(false) };
        let device = Column::name(&held.device);
        self.flag(true);
        self.push_name(device);
        self.counter(device, held.counter.cast_signed());
        self.count(held.pending.len());
        for request in &held.pending {
            self.push_name(Column::name(request));
        }
        self.count(held.outbox.len());
        for (seat, counter) in &held.outbox {
            self.push_name(Column::name(seat));
            self.counter(device, counter.cast_signed());
        }
        self.flag(held.lease.is_some());
        if let Some(lease) = &held.lease {
            let seat = Column::name(&lease.seat);
            self.push_name(seat);
            self.sequence(seat, lease.sequence.cast_signed());
            self.at(lease.lease_expiry.timestamp());
            self.at(lease.grace_end.timestamp());
        }
        let clock = held.clock;
        // Only a rule needs it, and only whether it is still in the future.
        self.number((clock.signed_floor - self.state.at()).max(HOUR));
        self.at(clock.effective);
        // Of a boot that is over only that it is over counts, and how long this one has lasted.
        match clock.seen {
            Some((boot, ran)) if boot == *computer.boot_id(index).as_bytes() => {
                self.flag(true);
                self.number(computer.running - ran.cast_signed());
            }
            Some(_) => {
                self.flag(false);
                self.number(computer.running);
            }
            None => self.number(-1),
        }
        self.flag(clock.boot_accounted);
        self.number(clock.run_since_charge.cast_signed());
        let (boots, running) =
            clock.jump.map_or((-1, 0), |(boots, running)| (boots.into(), running));
        self.number(boots);
        self.number(running.cast_signed());
        self.flag(held.hardware_changed_at.is_some());
        if let Some(since) = held.hardware_changed_at {
            self.at(since);
        }
    }

    fn server(&mut self) {
        let state = self.state;
        let server = &state.server;
        self.flag(state.rotated);
        self.flag(state.confirmed_wrong);
        // Elsewhere the server's clock is right, and runs on without a break: that is never in
        // doubt.
        if self.uses.server_clock {
            self.number(state.server_clock);
            self.number(state.server_lead);
            self.at(server.record.at);
            let same = Column::boot(state.server_uptime().boot) == server.record.boot;
            self.flag(same);
            let before = if same { server.record.running } else { 0 };
            self.number(state.server_running - before);
        }
        self.columns(&server.rows);
        for request in &server.requests {
            // One that nobody can make or hand in again decides nothing: no vault of the device
            // counts up to it.
            let carried = state.computers.iter().any(|computer| {
                let token = computer.request.as_ref().filter(|_| self.uses.request);
                token.is_some_and(|token| {
                    matches!(token.says.first(), Some(Column::Drawn(id)) if *id == request.id)
                })
            });
            let again = self.vaults_of(request.device).any(|vault| {
                let counter = vault.held.as_ref().map_or(0, |held| held.counter);
                counter.cast_signed() < request.counter
            });
            if carried || again {
                self.push_name(request.device);
                self.push_name(request.id);
                self.counter(request.device, request.counter);
                self.columns(&request.rest);
            }
        }
        self.count(server.returns.len());
        for at in &server.returns {
            self.at(*at);
        }
        self.count(server.notices);
    }
}
