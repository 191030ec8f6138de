//! What can be done in a state, done through the real `Device` and `Issuer`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use jiff::Timestamp;
use latchkey_device::simulated::{Access, SimulatedComputer, StoredVault};
use latchkey_device::{ApplyOutcome, Device, Profile, Scope as Sharing, StorePolicy};
use latchkey_issuer::{ActivateError, Granted};
use latchkey_lease::Uptime;
use latchkey_token::{ActivationCode, Coded as _, SeatId, SeatName, Token, Trait, read};
use tempfile::TempDir;

use crate::server::{CODE, Column, Files, GRACE_DAYS, LEASE_DAYS, Server};
use crate::state::{Carried, Computer, DAY, HOUR, START, Seen, State};

/// How far a clock is set wrong: more than any lease, and more than is believed at once.
pub(crate) const FAR: i64 = 300 * DAY;
/// More than a server believes after the longest time without a command.
pub(crate) const FARTHER: i64 = 500 * DAY;

/// Whose hardware a computer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hardware {
    /// Its own.
    Own,
    /// Every computer's is the same to the last id: copies of one virtual machine.
    OneImage,
}

/// What happens. Numbers are computers.
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
    /// The same, and the vault is put back as it was before.
    GiveBackAndRestore(usize),
    /// The system is installed anew: the vault is gone, the hardware is the same.
    Reinstall(usize),
    /// A request that takes over what another computer's seat was.
    TakeOver(usize),
    Release(usize),
    Copy(usize),
    PutBack(usize),
    /// From now on the copy is put back whenever the product starts.
    AlwaysPutBack(usize),
    /// The first one's vault, onto the second one.
    CopyTo(usize, usize),
    ReadOnly(usize, bool),
    Wall(usize, i64),
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

/// What is explored: who may do what, and from where.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) computers: usize,
    pub(crate) seats: u32,
    pub(crate) hardware: Hardware,
    /// The licence is the machine's, and an ordinary user runs the product.
    pub(crate) machine: bool,
    /// Nobody means ill: then nothing may end in a dead end.
    pub(crate) honest: bool,
    /// What was done before the exploration begins.
    pub(crate) beginnings: &'static [&'static [Action]],
    pub(crate) actions: Vec<Action>,
    /// How deep the tests go.
    pub(crate) depth: usize,
}

/// Where a setting is played: real devices on simulated computers, and a real issuer in a folder.
pub(crate) struct Stage<'s> {
    pub(crate) setting: &'s Setting,
    pub(crate) profile: Profile,
    machines: Vec<(SimulatedComputer, Device)>,
    server: Server,
    first: Arc<Files>,
    _folder: TempDir,
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// In memory where the system has a folder of that kind: the issuer waits for the disk at each command.
fn folder() -> Result<TempDir> {
    let memory = std::path::Path::new("/dev/shm");
    Ok(if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? })
}

impl<'s> Stage<'s> {
    pub(crate) fn new(setting: &'s Setting) -> Result<Self> {
        let folder = folder()?;
        let data = folder.path().join("data");
        let (mut server, vendor) = Server::set_up(&data, setting.seats, time(START))?;
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
            let whose = match setting.hardware {
                Hardware::Own => index,
                Hardware::OneImage => 0,
            };
            let read = [Trait::OsInstall, Trait::SystemUuid, Trait::SystemDisk, Trait::Processor];
            let traits = read.map(|which| (which, format!("{} {whose}", which.name())));
            machine.set_traits(traits.into());
            let device = machine.device(profile.clone(), &place);
            machines.push((machine, device));
        }
        let first = server.first(time(START))?;
        Ok(Self { setting, profile, machines, server, first, _folder: folder })
    }

    /// Nothing has happened yet.
    pub(crate) fn beginning(&self) -> State {
        State {
            now: 0,
            computers: vec![Computer::new(); self.setting.computers],
            server: Arc::clone(&self.first),
            server_clock: 0,
            server_boot: 0,
            server_running: HOUR,
            rotated: false,
            confirmed_wrong: false,
        }
    }

    /// Puts a computer of a state onto the stage, does something there, and takes the computer away again.
    pub(crate) fn on<T>(
        &self,
        state: &mut State,
        index: usize,
        act: impl FnOnce(&Device, Timestamp) -> T,
    ) -> T {
        let access = state.computers[index].access;
        self.as_user(state, index, access, act)
    }

    fn as_user<T>(
        &self,
        state: &mut State,
        index: usize,
        access: Access,
        act: impl FnOnce(&Device, Timestamp) -> T,
    ) -> T {
        let (machine, device) = &self.machines[index];
        let computer = &mut state.computers[index];
        machine.put_back(&computer.files);
        machine.set_access(access);
        machine.set_uptime(Some(Uptime {
            boot: computer.boot_id(index),
            running: computer.running.unsigned_abs(),
        }));
        let done = act(device, time(START + state.now + computer.wall));
        computer.files = machine.vault();
        done
    }

    /// What the vendor does, by the server's clock.
    pub(crate) fn vendor<T>(
        &mut self,
        state: &mut State,
        act: impl FnOnce(&mut latchkey_issuer::Issuer, Timestamp) -> T,
    ) -> Result<T> {
        let now = time(state.at() + state.server_clock);
        let (done, files) =
            self.server
                .run(&state.server, now, state.server_uptime(), |issuer| act(issuer, now))?;
        state.server = files;
        Ok(done)
    }

    /// The product looks, and remembers what it may.
    pub(crate) fn look(&self, state: &mut State, index: usize) {
        let computer = &mut state.computers[index];
        if computer.always_put_back
            && let Some(copy) = computer.copy.clone()
        {
            computer.files = copy;
            computer.past.tampered = true;
        }
        if computer.access == Access::ReadOnly {
            computer.past.tampered = true;
        }
        let access = match computer.access {
            Access::Owner if self.setting.machine => Access::OrdinaryUser,
            other => other,
        };
        let seen = self.as_user(state, index, access, |device, now| device.status(now));
        state.computers[index].seen = seen.ok().map(|status| Seen::of(&status));
    }

    /// Time passes, in steps after each of which every product looks.
    fn pass(&self, state: &mut State, steps: &[i64], each: &mut dyn FnMut(&State)) {
        for step in steps {
            state.now += step;
            state.server_running += step;
            for index in 0..state.computers.len() {
                let computer = &mut state.computers[index];
                computer.running += step;
                if computer.wall > 0 {
                    computer.past.ahead.1 += step;
                }
                self.look(state, index);
            }
            each(state);
        }
    }

    fn boot(state: &mut State, index: usize, off: i64) {
        let computer = &mut state.computers[index];
        computer.boot += 1;
        computer.running = 60;
        computer.past.off += off;
        if computer.wall > 0 {
            computer.past.ahead.0 += 1;
        }
    }

    /// Does something. `None` where it can't be done or is refused without a trace. `each` is shown what products saw on
    /// the way.
    pub(crate) fn after(
        &mut self,
        before: &State,
        action: Action,
        each: &mut dyn FnMut(&State),
    ) -> Result<Option<State>> {
        let mut state = before.clone();
        let done = match action {
            Action::Request(c) => self.request(&mut state, c),
            Action::RequestRenewal(c) => self.request_renewal(&mut state, c)?,
            Action::Grant(c) => self.grant(&mut state, c, None)?.is_some(),
            Action::Apply(c) => self.apply(&mut state, c),
            Action::Refresh(c) => self.refresh(&mut state, c)?,
            Action::ApplyRefresh(c) => self.apply_refresh(&mut state, c),
            Action::Deactivate(c) => self.deactivate(&mut state, c),
            Action::HandIn(c) => self.hand_in(&mut state, c)?,
            Action::ConfirmDelivered(c) => {
                before.computers[c].handed_in && self.confirm_delivered(&mut state, c)
            }
            Action::Cancel(c) => {
                let cancelled = self.on(&mut state, c, |device, now| device.cancel_pending(now));
                matches!(cancelled, Ok(count) if count > 0)
            }
            Action::Activate(c) => self.activate(&mut state, c)?,
            Action::Renew(c) => self.refresh(&mut state, c)? && self.apply_refresh(&mut state, c),
            Action::GiveBack(c) => self.give_back(&mut state, c)?,
            Action::GiveBackAndRestore(c) => {
                let kept = state.computers[c].files.clone();
                let done = self.give_back(&mut state, c)?;
                state.computers[c].files = kept;
                state.computers[c].past.tampered = true;
                done
            }
            Action::Reinstall(c) => {
                let computer = &mut state.computers[c];
                let (boot, wall) = (computer.boot + 1, computer.wall);
                let had = !computer.is_untouched();
                *computer = Computer { boot, wall, ..Computer::new() };
                had
            }
            Action::TakeOver(c) => self.take_over(&mut state, c)?,
            Action::Release(c) => match seat_on(&self.profile, &state.computers[c].files) {
                Some(seat) => {
                    self.vendor(&mut state, |issuer, now| issuer.release(seat, false, now))?.is_ok()
                }
                None => false,
            },
            Action::Copy(c) => {
                let computer = &mut state.computers[c];
                computer.copy = Some(computer.files.clone());
                !computer.is_untouched()
            }
            Action::PutBack(c) => {
                let computer = &mut state.computers[c];
                computer.past.tampered = true;
                computer.copy.clone().map(|copy| computer.files = copy).is_some()
            }
            Action::AlwaysPutBack(c) => {
                let computer = &mut state.computers[c];
                let new = !computer.always_put_back && !computer.is_untouched();
                computer.copy = Some(computer.files.clone());
                computer.always_put_back = true;
                new
            }
            Action::CopyTo(from, to) => {
                let files = state.computers[from].files.clone();
                state.computers[to].past.tampered = true;
                state.computers[to].files = files;
                !state.computers[from].is_untouched()
            }
            Action::ReadOnly(c, read_only) => {
                let computer = &mut state.computers[c];
                computer.access = if read_only { Access::ReadOnly } else { Access::Owner };
                computer.access != before.computers[c].access
            }
            Action::Wall(c, wall) => {
                state.computers[c].wall = wall;
                if wall > 0 {
                    state.computers[c].past.ahead.0 = state.computers[c].past.ahead.0.max(1);
                }
                wall != before.computers[c].wall
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
                self.pass(&mut state, &[12 * HOUR, 12 * HOUR], each);
                true
            }
            Action::LongRun => {
                self.pass(&mut state, &[10 * DAY, 10 * DAY, 10 * DAY, 5 * DAY], each);
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
                clock != before.server_clock
            }
            Action::BootServer => {
                state.server_boot += 1;
                state.server_running = 60;
                state.server_boot < 3
            }
            Action::ConfirmServerClock => self.confirm_server_clock(&mut state)?,
            Action::Rotate => {
                state.rotated = true;
                !before.rotated
                    && self.vendor(&mut state, |issuer, now| issuer.rotate_keys(now))?.is_ok()
            }
        };
        if !done {
            return Ok(None);
        }
        for index in 0..state.computers.len() {
            self.look(&mut state, index);
        }
        each(&state);
        Ok(Some(state))
    }

    pub(crate) fn request(&self, state: &mut State, index: usize) -> bool {
        self.try_request(state, index).is_ok()
    }

    pub(crate) fn try_request(&self, state: &mut State, index: usize) -> Result<()> {
        let code: ActivationCode = CODE.parse()?;
        let name = SeatName::new(&format!("Computer {index}"))?;
        let made = self.on(state, index, |device, now| device.request(&code, &name, now));
        let made = made.map_err(|error| anyhow!("request refused: {}", error.code().name))?;
        let says = [Column::Drawn(made.summary.request.to_string())];
        state.computers[index].request = Some(carried(&made.token, says));
        Ok(())
    }

    fn request_renewal(&self, state: &mut State, index: usize) -> Result<bool> {
        let code: ActivationCode = CODE.parse()?;
        let made = self.on(state, index, |device, now| device.request_renewal(&code, None, now));
        let Ok(made) = made else { return Ok(false) };
        let says = [Column::Drawn(made.summary.request.to_string())];
        state.computers[index].request = Some(carried(&made.token, says));
        Ok(true)
    }

    /// `None` where nothing is there to be granted.
    pub(crate) fn grant(
        &mut self,
        state: &mut State,
        index: usize,
        take_over: Option<SeatId>,
    ) -> Result<Option<Result<Granted, ActivateError>>> {
        let Some(request) = state.computers[index].request.clone() else { return Ok(None) };
        let token = token(&request.text)?;
        let granted = self.vendor(state, |issuer, now| issuer.activate(&token, take_over, now))?;
        if let Ok(granted) = &granted {
            let mut says = request.says.to_vec();
            says.push(Column::Drawn(granted.seat.to_string()));
            says.push(Column::At(granted.lease_expiry.as_second()));
            let (text, says) = (Arc::from(&*granted.token), says.into());
            state.computers[index].response = Some(Carried { text, says });
        }
        Ok(Some(granted))
    }

    pub(crate) fn apply(&self, state: &mut State, index: usize) -> bool {
        let response = state.computers[index].response.clone();
        response.is_some_and(|response| self.apply_text(state, index, &response.text).is_ok())
    }

    pub(crate) fn apply_refresh(&self, state: &mut State, index: usize) -> bool {
        let refresh = state.computers[index].refresh.clone();
        refresh.is_some_and(|refresh| self.apply_text(state, index, &refresh.text).is_ok())
    }

    pub(crate) fn apply_text(&self, state: &mut State, index: usize, text: &str) -> Result<()> {
        let applied = self.on(state, index, |device, now| device.apply(text, now));
        let applied = applied.map_err(|error| anyhow!("apply failed: {}", error.code().name))?;
        match applied.into_iter().next().map(|applied| applied.outcome) {
            Some(ApplyOutcome::Activated(_) | ApplyOutcome::Refreshed(_)) => {
                state.computers[index].past = Default::default();
                Ok(())
            }
            Some(ApplyOutcome::Refused(error)) => {
                Err(anyhow!("apply refused: {}", error.code().name))
            }
            other => Err(anyhow!("not applied: {}", other.map_or("", |outcome| outcome.name()))),
        }
    }

    /// The vendor prolongs whatever seat the computer has, as far as its vault says.
    fn refresh(&mut self, state: &mut State, index: usize) -> Result<bool> {
        let Some(seat) = seat_on(&self.profile, &state.computers[index].files) else {
            return Ok(false);
        };
        let refreshed = self.vendor(state, |issuer, now| issuer.refresh(seat, now))?;
        let Ok(refreshed) = refreshed else { return Ok(false) };
        let issued_at = state.at() + state.server_clock;
        let says = [
            Column::Drawn(seat.to_string()),
            Column::At(issued_at),
            Column::At(refreshed.lease_expiry.as_second()),
        ];
        let (text, says) = (Arc::from(&*refreshed.token), Arc::from(says));
        state.computers[index].refresh = Some(Carried { text, says });
        Ok(true)
    }

    fn deactivate(&self, state: &mut State, index: usize) -> bool {
        let given = self.on(state, index, |device, now| device.deactivate(now));
        let Ok(given) = given else { return false };
        let says = [Column::Drawn(given.seat.to_string()), Column::Said(given.id.to_string())];
        state.computers[index].deactivation = Some(carried(&given.token, says));
        state.computers[index].handed_in = false;
        true
    }

    fn hand_in(&mut self, state: &mut State, index: usize) -> Result<bool> {
        let Some(deactivation) = state.computers[index].deactivation.clone() else {
            return Ok(false);
        };
        let token = token(&deactivation.text)?;
        let taken = self.vendor(state, |issuer, now| issuer.deactivate(&token, now))?;
        state.computers[index].handed_in |= taken.is_ok();
        Ok(taken.is_ok())
    }

    pub(crate) fn confirm_delivered(&self, state: &mut State, index: usize) -> bool {
        let done = self.on(state, index, |device, now| {
            let waiting = device.outbox().ok()?;
            let any = !waiting.is_empty();
            for entry in waiting {
                device.confirm_delivered(entry.id, now).ok()?;
            }
            Some(any)
        });
        done == Some(true)
    }

    /// Hands in whatever waits, as a person who is told to does.
    pub(crate) fn empty_outbox(&mut self, state: &mut State, index: usize) -> Result<()> {
        let waiting = self.on(state, index, |device, _| device.outbox());
        for entry in waiting.map_err(|error| anyhow!("outbox: {}", error.code().name))? {
            // Refused or not: it was delivered.
            let _ = self.vendor(state, |issuer, now| issuer.deactivate(&entry.token, now))?;
        }
        self.confirm_delivered(state, index);
        Ok(())
    }

    fn activate(&mut self, state: &mut State, index: usize) -> Result<bool> {
        let granted =
            self.request(state, index) && matches!(self.grant(state, index, None)?, Some(Ok(_)));
        Ok(granted && self.apply(state, index))
    }

    fn give_back(&mut self, state: &mut State, index: usize) -> Result<bool> {
        Ok(self.deactivate(state, index)
            && self.hand_in(state, index)?
            && self.confirm_delivered(state, index))
    }

    fn take_over(&mut self, state: &mut State, index: usize) -> Result<bool> {
        if !self.request(state, index) {
            return Ok(false);
        }
        let Some(seat) = state.server.seats.iter().rfind(|seat| seat.is_held()).map(|seat| seat.id)
        else {
            return Ok(false);
        };
        Ok(matches!(self.grant(state, index, Some(seat))?, Some(Ok(_))) && self.apply(state, index))
    }

    /// The vendor says that the server's clock is right, whatever it shows. Nobody is asked to unless it is in doubt.
    pub(crate) fn confirm_server_clock(&mut self, state: &mut State) -> Result<bool> {
        let confirmed = self.vendor(state, |issuer, now| {
            let doubt = issuer.compare_clock(now)?.doubt();
            if doubt.is_some() {
                issuer.confirm_clock(now)?;
            }
            Ok::<_, latchkey_issuer::DatabaseError>(doubt.is_some())
        })??;
        state.confirmed_wrong |= confirmed && state.server_clock != 0;
        Ok(confirmed)
    }
}

/// The seat whose lease a vault holds.
pub(crate) fn seat_on(profile: &Profile, files: &StoredVault) -> Option<SeatId> {
    let held = files.remembered(profile).ok()??;
    held.lease.map(|lease| lease.seat)
}

fn carried<const N: usize>(token: &Token, says: [Column; N]) -> Carried {
    Carried { text: Arc::from(token.to_string()), says: Arc::from(says) }
}

fn token(text: &str) -> Result<Token> {
    let found = read(text)?.into_iter().next().context("a token")?;
    Ok(found.token?)
}
