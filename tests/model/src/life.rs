//! The actions that are possible in a state, performed with the real `Device` and `Issuer`.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use anyhow::Result;
use latchkey_device::simulated::{SimulatedComputer, SimulatedRights, StoredVault};
use latchkey_device::{ApplyOutcome, Device, Profile, Scope as Sharing, StorePolicy};
use latchkey_issuer::{OFF, SUSPENSION};
use latchkey_lease::{Timestamp, Uptime};
use latchkey_token::{ActivationCode, HasErrorCode as _, SeatId, SeatName, Token};
use tempfile::TempDir;

use crate::cases::Case;
use crate::identity::Uses;
use crate::parts::{Change, Part, Parts};
use crate::rules::is_believed_ahead;
use crate::server::{
    Answer, CODE, Column, Command, Files, GRACE_DAYS, LEASE_DAYS, Refusal, Server,
};
use crate::state::{Carried, Computer, DAY, HOUR, Past, START, Seen, State, Vault, server_uptime};

/// How far a clock is set wrong: longer than any lease, and further than is accepted at once.
pub(crate) const FAR: i64 = 300 * DAY;
/// Shorter than a server accepts after it was off, and longer than it accepts within one boot
/// without asking the requests.
pub(crate) const NEAR: i64 = 20 * DAY;
/// Further than a server accepts after the longest time without a command.
pub(crate) const FARTHER: i64 = 500 * DAY;

/// How long the server's machine has been running when the vendor is set up.
const SERVER_RAN: i64 = HOUR;

/// Which hardware the computers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hardware {
    /// Each has its own.
    Own,
    /// All IDs are the same: copies of one virtual machine.
    OneImage,
}

/// An action. Numbers are computers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Request(usize),
    /// A request beside the lease that runs.
    RequestRenewal(usize),
    Grant(usize),
    Apply(usize),
    /// The vendor makes a refresh for the seat.
    Refresh(usize),
    ApplyRefresh(usize),
    Deactivate(usize),
    HandIn(usize),
    ConfirmDelivered(usize),
    Cancel(usize),
    /// Request, grant and apply.
    Activate(usize),
    /// Refresh and apply.
    Renew(usize),
    /// Deactivate, hand in and confirm.
    GiveBack(usize),
    /// The same, and the earlier vault is restored.
    GiveBackAndRestore(usize),
    /// The system is reinstalled: the vault is gone, the hardware is the same.
    Reinstall(usize),
    /// A request that takes over what another computer's seat was.
    TakeOver(usize),
    Release(usize),
    Copy(usize),
    PutBack(usize),
    /// From now on the copy is restored before each start of the product.
    AlwaysPutBack(usize),
    /// The first one's vault, onto the second one.
    CopyTo(usize, usize),
    ReadOnly(usize, bool),
    Wall(usize, i64),
    /// A part is replaced with a new one, or the original one is put back.
    Replace(usize, Part),
    Boot(usize),
    /// A day on which everything runs.
    Day,
    /// Longer than a lease and its grace, with everything running.
    LongRun,
    /// Longer than a lease and its grace, with everything switched off; then everything is started.
    LongPause,
    ServerClock(i64),
    BootServer,
    ConfirmServerClock,
    Rotate,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Action {
    /// The same action with two computers exchanged.
    fn exchange(self, one: usize, other: usize) -> Self {
        let of = |c: usize| match c {
            _ if c == one => other,
            _ if c == other => one,
            _ => c,
        };
        match self {
            Self::Request(c) => Self::Request(of(c)),
            Self::RequestRenewal(c) => Self::RequestRenewal(of(c)),
            Self::Grant(c) => Self::Grant(of(c)),
            Self::Apply(c) => Self::Apply(of(c)),
            Self::Refresh(c) => Self::Refresh(of(c)),
            Self::ApplyRefresh(c) => Self::ApplyRefresh(of(c)),
            Self::Deactivate(c) => Self::Deactivate(of(c)),
            Self::HandIn(c) => Self::HandIn(of(c)),
            Self::ConfirmDelivered(c) => Self::ConfirmDelivered(of(c)),
            Self::Cancel(c) => Self::Cancel(of(c)),
            Self::Activate(c) => Self::Activate(of(c)),
            Self::Renew(c) => Self::Renew(of(c)),
            Self::GiveBack(c) => Self::GiveBack(of(c)),
            Self::GiveBackAndRestore(c) => Self::GiveBackAndRestore(of(c)),
            Self::Reinstall(c) => Self::Reinstall(of(c)),
            Self::TakeOver(c) => Self::TakeOver(of(c)),
            Self::Release(c) => Self::Release(of(c)),
            Self::Copy(c) => Self::Copy(of(c)),
            Self::PutBack(c) => Self::PutBack(of(c)),
            Self::AlwaysPutBack(c) => Self::AlwaysPutBack(of(c)),
            Self::CopyTo(from, to) => Self::CopyTo(of(from), of(to)),
            Self::ReadOnly(c, is) => Self::ReadOnly(of(c), is),
            Self::Wall(c, clock) => Self::Wall(of(c), clock),
            Self::Replace(c, part) => Self::Replace(of(c), part),
            Self::Boot(c) => Self::Boot(of(c)),
            Self::Day
            | Self::LongRun
            | Self::LongPause
            | Self::ServerClock(_)
            | Self::BootServer
            | Self::ConfirmServerClock
            | Self::Rotate => self,
        }
    }
}

/// What is explored: the actions that are possible, and the initial states.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) computers: usize,
    pub(crate) seats: u32,
    /// The vendor's policy: each renewal of this number needs a request.
    pub(crate) request_every: Option<NonZeroU32>,
    pub(crate) hardware: Hardware,
    /// The licence is the machine's, and an ordinary user runs the product.
    pub(crate) machine: bool,
    /// Everyone is honest: then nothing may end in a dead end.
    pub(crate) honest: bool,
    /// What was done before the exploration begins.
    pub(crate) beginnings: &'static [&'static [Action]],
    pub(crate) actions: Vec<Action>,
    /// How deep the tests go.
    pub(crate) depth: usize,
    /// What an exploration to that depth has to meet, and how many states at least: one that
    /// explores nothing would find nothing wrong.
    pub(crate) cases: &'static [Case],
    pub(crate) least_states: usize,
}

impl Setting {
    /// Whether two computers are interchangeable while nothing was done on them: what one of them
    /// may do, the other one may do as well.
    pub(crate) fn are_interchangeable(&self, one: usize, other: usize) -> bool {
        let has = |action: &Action| self.actions.contains(&action.exchange(one, other));
        self.actions.iter().all(has)
    }
}

/// An operation of the device. Tokens are texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Operation {
    Check,
    /// The number of requests before it: each draws a new name, and the first one a key.
    Request(u32),
    /// The same.
    RequestRenewal(u32),
    Apply(Arc<str>),
    Deactivate,
    ConfirmDelivered,
    CancelPending,
    Outbox,
}

/// The outcome of an operation.
#[derive(Debug, Clone)]
enum Outcome {
    Seen(Option<Seen>),
    Token(Carried),
    Waiting(Arc<[Arc<str>]>),
    Done,
    Refused(Arc<str>),
}

/// Everything that the outcome of an operation depends on: the computer, its vault, the user, its
/// clocks, and its parts.
type CacheKey = (usize, u64, SimulatedRights, Uptime, Timestamp, Parts, Operation);

/// The number of outcomes that are cached.
const CACHE_SIZE: usize = 100_000;

/// The environment of an exploration: real devices on simulated computers, and a real issuer in a
/// folder.
pub(crate) struct Simulation<'s> {
    pub(crate) setting: &'s Setting,
    pub(crate) uses: Uses,
    profile: Profile,
    vaults: HashMap<StoredVault, Vault>,
    numbers: u64,
    nothing: Vault,
    /// A device is deterministic, so an operation with the same key has the same outcome.
    cache: HashMap<CacheKey, (Outcome, Vault)>,
    machines: Vec<(SimulatedComputer, Device)>,
    server: Server,
    first: Arc<Files>,
    _folder: TempDir,
}

fn time(seconds: i64) -> Timestamp {
    latchkey_lease::from_seconds(seconds)
}

/// In memory where the system has a folder of that kind: the issuer waits for the disk at each
/// command.
fn folder() -> Result<TempDir> {
    let memory = std::path::Path::new("/dev/shm");
    Ok(if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? })
}

impl<'s> Simulation<'s> {
    pub(crate) fn new(setting: &'s Setting) -> Result<Self> {
        let folder = folder()?;
        let data = folder.path().join("data");
        let uptime = server_uptime(0, SERVER_RAN);
        let (mut server, vendor) =
            Server::set_up(&data, setting.seats, setting.request_every, time(START), uptime)?;
        let scope = if setting.machine { Sharing::Machine } else { Sharing::User };
        let profile = Profile {
            vendor: vendor.id,
            vendor_name: "Acme".to_owned(),
            vendor_keys: vendor.keys,
            product: 1,
            product_name: "Acme CAD".to_owned(),
            features: BTreeMap::new(),
            store: StorePolicy { scope, ..StorePolicy::default() },
        };
        let mut machines = Vec::new();
        for index in 0..setting.computers {
            let place = folder.path().join(index.to_string());
            std::fs::create_dir(&place)?;
            let machine = SimulatedComputer::default();
            let device = Device::open_simulated(profile.clone(), &machine, &place);
            machines.push((machine, device));
        }
        let first = server.first(time(START))?;
        let nothing = Vault::new(0, StoredVault::default(), None);
        Ok(Self {
            setting,
            uses: Uses::identity_of(setting),
            profile,
            vaults: HashMap::from([(StoredVault::default(), nothing.clone())]),
            numbers: 0,
            nothing,
            cache: HashMap::new(),
            machines,
            server,
            first,
            _folder: folder,
        })
    }

    /// The state before any action.
    pub(crate) fn beginning(&self) -> State {
        State {
            now: 0,
            computers: vec![Computer::new(self.nothing.clone()); self.setting.computers],
            server: Arc::clone(&self.first),
            server_clock: 0,
            server_boot: 0,
            server_running: SERVER_RAN,
            rotated: false,
            server_lead: 0,
            confirmed_wrong: false,
        }
    }

    /// The decoded vault of a simulated computer. Each vault is decoded once.
    fn decode_vault(&mut self, files: StoredVault) -> Vault {
        if let Some(known) = self.vaults.get(&files) {
            return known.clone();
        }
        self.numbers += 1;
        let held = files.read_vault(&self.profile).ok().flatten();
        let kept = Vault::new(self.numbers, files.clone(), held);
        self.vaults.insert(files, kept.clone());
        kept
    }

    fn perform(
        &mut self,
        state: &mut State,
        index: usize,
        operation: Operation,
    ) -> Result<Outcome> {
        let access = state.computers[index].access;
        self.perform_as(state, index, access, operation)
    }

    /// Loads a computer of a state into its simulated device, performs an operation, and stores the
    /// result in the state.
    fn perform_as(
        &mut self,
        state: &mut State,
        index: usize,
        access: SimulatedRights,
        operation: Operation,
    ) -> Result<Outcome> {
        let computer = &state.computers[index];
        let uptime =
            Uptime { boot: computer.boot_id(index), running: computer.running.unsigned_abs() };
        let now = time(START + state.now + computer.wall);
        let parts = computer.parts;
        let key = (index, computer.vault.number, access, uptime, now, parts, operation);
        if let Some((outcome, vault)) = self.cache.get(&key) {
            state.computers[index].vault = vault.clone();
            return Ok(outcome.clone());
        }
        let (machine, device) = &self.machines[index];
        machine.put_back(&computer.vault.files);
        machine.set_access(access);
        machine.set_uptime(Some(uptime));
        let whose = match self.setting.hardware {
            Hardware::Own => index,
            Hardware::OneImage => 0,
        };
        machine.set_traits(parts.traits(whose));
        let outcome = execute(device, &key.6, index, now)?;
        let files = machine.vault();
        let vault = self.decode_vault(files);
        let outcome = match outcome {
            Outcome::Token(token) => Outcome::Token(with_number(token, &vault)),
            other => other,
        };
        if self.cache.len() >= CACHE_SIZE {
            self.cache.clear();
            self.vaults.retain(|files, _| *files == StoredVault::default());
        }
        self.cache.insert(key, (outcome.clone(), vault.clone()));
        state.computers[index].vault = vault;
        Ok(outcome)
    }

    /// Runs a command of the server, by the server's clock.
    pub(crate) fn vendor(&mut self, state: &mut State, command: Command) -> Result<Answer> {
        let now = time(state.at() + state.server_clock);
        let (answer, files) =
            self.server.run(&state.server, now, state.server_uptime(), command)?;
        state.server = files;
        Ok(answer)
    }

    /// The product checks its licence, and persists what it may.
    pub(crate) fn check_licence(&mut self, state: &mut State, index: usize) -> Result<()> {
        let computer = &mut state.computers[index];
        if computer.always_put_back
            && let Some(copy) = computer.copy.clone()
        {
            computer.vault = copy;
            computer.past.tampered = true;
        }
        if computer.access == SimulatedRights::ReadOnly {
            computer.past.tampered = true;
        }
        let access = match computer.access {
            SimulatedRights::Owner if self.setting.machine => SimulatedRights::OrdinaryUser,
            other => other,
        };
        if let Outcome::Seen(seen) = self.perform_as(state, index, access, Operation::Check)? {
            state.computers[index].seen = seen;
        }
        let now = state.at();
        let computer = &mut state.computers[index];
        let is_licensed = computer.vault.held.as_ref().is_some_and(|held| held.lease.is_some());
        if !is_licensed {
            computer.bound = Parts::NONE_REPLACED;
        }
        let is_right = computer.wall == 0 && !is_believed_ahead(computer);
        match computer.parts.change_since(computer.bound) {
            Change::Large | Change::Complete if is_licensed => {
                if access == SimulatedRights::Owner && is_right {
                    computer.changed_at.get_or_insert(now);
                }
            }
            // Only who can write removes the record.
            Change::Small if is_licensed && access != SimulatedRights::Owner => {}
            _ => computer.changed_at = None,
        }
        Ok(())
    }

    /// Advances the time in steps. After each of them every product checks its licence.
    fn advance_time(
        &mut self,
        state: &mut State,
        steps: &[i64],
        each: &mut dyn FnMut(&State),
    ) -> Result<()> {
        for step in steps {
            state.now += step;
            state.server_running += step;
            for index in 0..state.computers.len() {
                let computer = &mut state.computers[index];
                computer.running += step;
                if computer.wall > 0 {
                    computer.past.ahead.1 += step;
                }
                self.check_licence(state, index)?;
            }
            each(state);
        }
        Ok(())
    }

    fn boot(state: &mut State, index: usize, off: i64) {
        let computer = &mut state.computers[index];
        computer.boot += 1;
        computer.running = 60;
        computer.past.lag += off;
        if computer.wall > 0 {
            computer.past.ahead.0 += 1;
        }
    }

    /// The state after an action, or `None` if the action is impossible or refused without an
    /// effect. `each` gets every state on the way.
    pub(crate) fn after(
        &mut self,
        before: &State,
        action: Action,
        each: &mut dyn FnMut(&State),
    ) -> Result<Option<State>> {
        let mut state = before.clone();
        let done = match action {
            Action::Request(c) => self.request(&mut state, c)?.is_none(),
            Action::RequestRenewal(c) => self.request_renewal(&mut state, c)?.is_none(),
            Action::Grant(c) => self.grant(&mut state, c, None)?.is_some(),
            Action::Apply(c) => self.apply(&mut state, c)?,
            Action::Refresh(c) => self.refresh(&mut state, c)?,
            Action::ApplyRefresh(c) => self.apply_refresh(&mut state, c)?,
            Action::Deactivate(c) => self.deactivate(&mut state, c)?,
            Action::HandIn(c) => self.hand_in(&mut state, c)?,
            Action::ConfirmDelivered(c) => {
                before.computers[c].handed_in && self.confirm_delivered(&mut state, c)?
            }
            Action::Cancel(c) => {
                matches!(self.perform(&mut state, c, Operation::CancelPending)?, Outcome::Done)
            }
            Action::Activate(c) => self.activate(&mut state, c)?,
            Action::Renew(c) => {
                self.refresh(&mut state, c)? && self.apply_refresh(&mut state, c)?
            }
            Action::GiveBack(c) => self.give_back(&mut state, c)?,
            Action::GiveBackAndRestore(c) => {
                let kept = state.computers[c].vault.clone();
                let done = self.give_back(&mut state, c)?;
                state.computers[c].vault = kept;
                state.computers[c].past.tampered = true;
                done
            }
            Action::Reinstall(c) => {
                let computer = &mut state.computers[c];
                let (boot, wall, requests) = (computer.boot + 1, computer.wall, computer.requests);
                let (had, parts) = (!computer.is_untouched(), computer.parts);
                let nothing = self.nothing.clone();
                *computer = Computer { boot, wall, requests, parts, ..Computer::new(nothing) };
                had
            }
            Action::TakeOver(c) => self.take_over(&mut state, c)?,
            Action::Release(c) => match seat_on(&state.computers[c].vault) {
                Some(seat) => !self.vendor(&mut state, Command::Release(seat))?.is_refused(),
                None => false,
            },
            Action::Copy(c) => {
                let computer = &mut state.computers[c];
                computer.copy = Some(computer.vault.clone());
                !computer.is_untouched()
            }
            Action::PutBack(c) => {
                let computer = &mut state.computers[c];
                computer.past.tampered = true;
                computer.copy.clone().map(|copy| computer.vault = copy).is_some()
            }
            Action::AlwaysPutBack(c) => {
                let computer = &mut state.computers[c];
                let new = !computer.always_put_back && !computer.is_untouched();
                computer.copy = Some(computer.vault.clone());
                computer.always_put_back = true;
                new
            }
            Action::CopyTo(from, to) => {
                let vault = state.computers[from].vault.clone();
                state.computers[to].past.tampered = true;
                state.computers[to].vault = vault;
                !state.computers[from].is_untouched()
            }
            Action::ReadOnly(c, read_only) => {
                let computer = &mut state.computers[c];
                computer.access =
                    if read_only { SimulatedRights::ReadOnly } else { SimulatedRights::Owner };
                computer.access != before.computers[c].access
            }
            Action::Wall(c, wall) => {
                state.computers[c].wall = wall;
                if wall > 0 {
                    state.computers[c].past.ahead.0 = state.computers[c].past.ahead.0.max(1);
                }
                wall != before.computers[c].wall
            }
            Action::Replace(c, part) => {
                let computer = &mut state.computers[c];
                computer.parts = computer.parts.with_replaced(part);
                true
            }
            Action::Boot(c) => {
                state.now += HOUR;
                state.server_running += HOUR;
                for index in 0..state.computers.len() {
                    state.computers[index].running += HOUR;
                }
                Self::boot(&mut state, c, HOUR);
                true
            }
            Action::Day => {
                self.advance_time(&mut state, &[12 * HOUR, 12 * HOUR], each)?;
                true
            }
            Action::LongRun => {
                self.advance_time(&mut state, &[10 * DAY, 10 * DAY, 10 * DAY, 5 * DAY], each)?;
                true
            }
            Action::LongPause => {
                let off = (LEASE_DAYS + GRACE_DAYS + 2) * DAY;
                state.now += off;
                state.server_running += off;
                for index in 0..state.computers.len() {
                    Self::boot(&mut state, index, off);
                }
                true
            }
            Action::ServerClock(clock) => {
                state.server_clock = clock;
                Self::note_server_lead(&mut state);
                clock != before.server_clock
            }
            Action::BootServer => {
                state.server_boot += 1;
                state.server_running = 60;
                Self::note_server_lead(&mut state);
                true
            }
            Action::ConfirmServerClock => self.confirm_server_clock(&mut state)?,
            Action::Rotate => {
                state.rotated = true;
                !before.rotated && !self.vendor(&mut state, Command::RotateKeys)?.is_refused()
            }
        };
        if !done {
            return Ok(None);
        }
        for index in 0..state.computers.len() {
            self.check_licence(&mut state, index)?;
        }
        each(&state);
        Ok(Some(state))
    }

    /// Notes how far the server's clock is ahead if that makes leases end: within one boot a
    /// suspension explains it, and across boots that the machine was off.
    fn note_server_lead(state: &mut State) {
        let explained = if state.server_boot == 0 { SUSPENSION } else { OFF };
        if state.server_clock <= explained.num_seconds() {
            state.server_lead = state.server_lead.max(state.server_clock);
        }
    }

    /// Creates a request. Returns the reason if that is refused.
    pub(crate) fn request(&mut self, state: &mut State, index: usize) -> Result<Option<Arc<str>>> {
        let operation = Operation::Request(state.computers[index].requests);
        self.request_as(state, index, operation)
    }

    /// Creates a request during a running lease. Returns the reason if that is refused.
    pub(crate) fn request_renewal(
        &mut self,
        state: &mut State,
        index: usize,
    ) -> Result<Option<Arc<str>>> {
        let operation = Operation::RequestRenewal(state.computers[index].requests);
        self.request_as(state, index, operation)
    }

    fn request_as(
        &mut self,
        state: &mut State,
        index: usize,
        operation: Operation,
    ) -> Result<Option<Arc<str>>> {
        Ok(match self.perform(state, index, operation)? {
            Outcome::Token(token) => {
                let computer = &mut state.computers[index];
                let parts = computer.parts;
                let mut says = token.says.to_vec();
                says.push(Column::Said(parts.bits().into()));
                computer.request = Some(Carried { says: says.into(), parts, ..token });
                computer.requests += 1;
                None
            }
            Outcome::Refused(why) => Some(why),
            _ => None,
        })
    }

    /// Grants the computer's request. Returns `None` if there is none.
    pub(crate) fn grant(
        &mut self,
        state: &mut State,
        index: usize,
        take_over: Option<SeatId>,
    ) -> Result<Option<Result<(), Refusal>>> {
        let Some(carried) = state.computers[index].request.clone() else { return Ok(None) };
        let request = Arc::clone(&carried.text);
        Ok(match self.vendor(state, Command::Activate { request, take_over })? {
            Answer::Token { text, seat, lease_expiry } => {
                let mut says = carried.says.to_vec();
                says.extend([Column::Drawn(Column::name(&seat)), Column::At(lease_expiry)]);
                let (made, says, parts) = (state.at(), says.into(), carried.parts);
                let computer = &mut state.computers[index];
                computer.response = Some(Carried { text, made, says, parts });
                let is_same_fault = state.server_clock != 0 && computer.wall == state.server_clock;
                state.confirmed_wrong |= is_same_fault;
                Some(Ok(()))
            }
            Answer::Done => None,
            Answer::Refused(refusal) => Some(Err(refusal)),
        })
    }

    fn apply(&mut self, state: &mut State, index: usize) -> Result<bool> {
        let Some(response) = state.computers[index].response.clone() else { return Ok(false) };
        Ok(self.apply_response(state, index, response)?.is_none())
    }

    /// Applies a response, which binds the licence to the parts of the request. Returns the reason
    /// if it is refused.
    pub(crate) fn apply_response(
        &mut self,
        state: &mut State,
        index: usize,
        response: Carried,
    ) -> Result<Option<Arc<str>>> {
        let refused = self.apply_text(state, index, response.text, response.made)?;
        if refused.is_none() {
            let computer = &mut state.computers[index];
            (computer.bound, computer.changed_at) = (response.parts, None);
        }
        Ok(refused)
    }

    fn apply_refresh(&mut self, state: &mut State, index: usize) -> Result<bool> {
        let Some(refresh) = state.computers[index].refresh.clone() else { return Ok(false) };
        Ok(self.apply_text(state, index, refresh.text, refresh.made)?.is_none())
    }

    /// Applies a token. Returns the reason if that is refused.
    pub(crate) fn apply_text(
        &mut self,
        state: &mut State,
        index: usize,
        text: Arc<str>,
        made: i64,
    ) -> Result<Option<Arc<str>>> {
        Ok(match self.perform(state, index, Operation::Apply(text))? {
            Outcome::Refused(why) => Some(why),
            _ => {
                let lag = state.at() - made;
                state.computers[index].past = Past { lag, ..Default::default() };
                None
            }
        })
    }

    /// The vendor prolongs the seat that the computer has according to its vault.
    fn refresh(&mut self, state: &mut State, index: usize) -> Result<bool> {
        let Some(seat) = seat_on(&state.computers[index].vault) else { return Ok(false) };
        let issued_at = state.at() + state.server_clock;
        let Answer::Token { text, lease_expiry, .. } =
            self.vendor(state, Command::Refresh(seat))?
        else {
            return Ok(false);
        };
        let seat = Column::name(&seat);
        let newest = state.server.sequences.iter().find(|(id, _)| *id == seat);
        let sequence = newest.map_or(0, |(_, sequence)| *sequence);
        let says = [
            Column::Drawn(seat),
            Column::Sequence(seat, sequence),
            Column::At(issued_at),
            Column::At(lease_expiry),
        ];
        let parts = Parts::NONE_REPLACED;
        state.computers[index].refresh =
            Some(Carried { text, made: state.at(), says: Arc::from(says), parts });
        Ok(true)
    }

    fn deactivate(&mut self, state: &mut State, index: usize) -> Result<bool> {
        let Outcome::Token(token) = self.perform(state, index, Operation::Deactivate)? else {
            return Ok(false);
        };
        state.computers[index].deactivation = Some(token);
        state.computers[index].handed_in = false;
        Ok(true)
    }

    fn hand_in(&mut self, state: &mut State, index: usize) -> Result<bool> {
        let Some(deactivation) = state.computers[index].deactivation.clone() else {
            return Ok(false);
        };
        let answer = self.vendor(state, Command::Deactivate(deactivation.text))?;
        state.computers[index].handed_in |= !answer.is_refused();
        Ok(!answer.is_refused())
    }

    pub(crate) fn confirm_delivered(&mut self, state: &mut State, index: usize) -> Result<bool> {
        Ok(matches!(self.perform(state, index, Operation::ConfirmDelivered)?, Outcome::Done))
    }

    /// Delivers every token in the outbox.
    pub(crate) fn empty_outbox(&mut self, state: &mut State, index: usize) -> Result<()> {
        if let Outcome::Waiting(waiting) = self.perform(state, index, Operation::Outbox)? {
            for token in &*waiting {
                // Refused or not: it was delivered.
                self.vendor(state, Command::Deactivate(Arc::clone(token)))?;
            }
        }
        self.confirm_delivered(state, index)?;
        Ok(())
    }

    fn activate(&mut self, state: &mut State, index: usize) -> Result<bool> {
        let granted = self.request(state, index)?.is_none()
            && matches!(self.grant(state, index, None)?, Some(Ok(())));
        Ok(granted && self.apply(state, index)?)
    }

    fn give_back(&mut self, state: &mut State, index: usize) -> Result<bool> {
        Ok(self.deactivate(state, index)?
            && self.hand_in(state, index)?
            && self.confirm_delivered(state, index)?)
    }

    fn take_over(&mut self, state: &mut State, index: usize) -> Result<bool> {
        if self.request(state, index)?.is_some() {
            return Ok(false);
        }
        let Some(seat) = state.server.seats.iter().rfind(|seat| seat.is_held()).map(|seat| seat.id)
        else {
            return Ok(false);
        };
        Ok(matches!(self.grant(state, index, Some(seat))?, Some(Ok(())))
            && self.apply(state, index)?)
    }

    /// Confirms the server's clock, whatever it shows, if it is in doubt.
    pub(crate) fn confirm_server_clock(&mut self, state: &mut State) -> Result<bool> {
        let confirmed = !self.vendor(state, Command::ConfirmClock)?.is_refused();
        state.confirmed_wrong |= confirmed && state.server_clock != 0;
        Ok(confirmed)
    }
}

/// The seat whose lease a vault holds.
pub(crate) fn seat_on(vault: &Vault) -> Option<SeatId> {
    vault.held.as_ref()?.lease.map(|lease| lease.seat)
}

/// Does it with the real device.
fn execute(
    device: &Device,
    operation: &Operation,
    index: usize,
    now: Timestamp,
) -> Result<Outcome> {
    let refused = |code: latchkey_token::ErrorCode| Outcome::Refused(Arc::from(code.name));
    Ok(match operation {
        Operation::Check => Outcome::Seen(device.status(now).ok().map(|status| Seen::of(&status))),
        Operation::Request(_) | Operation::RequestRenewal(_) => {
            let code: ActivationCode = CODE.parse()?;
            let name = SeatName::new(&format!("Computer {index}"))?;
            let made = match operation {
                Operation::RequestRenewal(_) => device.request_renewal(&code, None, now),
                _ => device.request(&code, &name, now),
            };
            match made {
                Ok(made) => {
                    let says = [Column::Drawn(Column::name(&made.summary.request))];
                    Outcome::Token(carry(&made.token, says))
                }
                Err(error) => refused(error.code()),
            }
        }
        Operation::Apply(text) => match device.apply(text, now) {
            Ok(applied) => match applied.into_iter().next().map(|applied| applied.outcome) {
                Some(ApplyOutcome::Activated(_) | ApplyOutcome::Refreshed(_)) => Outcome::Done,
                Some(ApplyOutcome::Refused(error)) => refused(error.code()),
                other => Outcome::Refused(other.map_or("nothing", |outcome| outcome.name()).into()),
            },
            Err(error) => refused(error.code()),
        },
        Operation::Deactivate => match device.deactivate(now) {
            Ok(given) => {
                Outcome::Token(carry(&given.token, [Column::Drawn(Column::name(&given.seat))]))
            }
            Err(error) => refused(error.code()),
        },
        Operation::ConfirmDelivered => match device.outbox() {
            Ok(waiting) if !waiting.is_empty() => {
                let confirmed =
                    waiting.iter().try_for_each(|entry| device.confirm_delivered(entry.id, now));
                confirmed.map_or_else(|error| refused(error.code()), |()| Outcome::Done)
            }
            Ok(_) => Outcome::Refused("nothing waits".into()),
            Err(error) => refused(error.code()),
        },
        Operation::CancelPending => match device.cancel_pending(now) {
            Ok(1..) => Outcome::Done,
            Ok(0) => Outcome::Refused("nothing is pending".into()),
            Err(error) => refused(error.code()),
        },
        Operation::Outbox => match device.outbox() {
            Ok(waiting) => Outcome::Waiting(
                waiting.iter().map(|entry| Arc::from(entry.token.to_string())).collect(),
            ),
            Err(error) => refused(error.code()),
        },
    })
}

fn carry<const N: usize>(token: &Token, says: [Column; N]) -> Carried {
    let parts = Parts::NONE_REPLACED;
    Carried { text: Arc::from(token.to_string()), made: 0, says: Arc::from(says), parts }
}

/// A request or a deactivation says the number that its device's vault counts up to.
fn with_number(token: Carried, vault: &Vault) -> Carried {
    let Some(held) = &vault.held else { return token };
    let mut says = token.says.to_vec();
    says.push(Column::Counter(Column::name(&held.device), held.counter.cast_signed()));
    Carried { says: says.into(), ..token }
}
