//! The settings to explore. Each is small enough to be explored completely, and together they cover
//! every action.

use std::num::NonZeroU32;

use crate::cases::Case;
use crate::life::{Action, FAR, FARTHER, Hardware, NEAR, Setting};
use crate::parts::Part;
use Action::{
    Activate, AlwaysPutBack, Apply, ApplyRefresh, Boot, BootServer, Cancel, ConfirmDelivered,
    ConfirmServerClock, Copy, CopyTo, Day, Deactivate, GiveBack, GiveBackAndRestore, Grant, HandIn,
    LongPause, LongRun, PutBack, ReadOnly, Refresh, Reinstall, Release, Renew, Replace, Request,
    RequestRenewal, Rotate, ServerClock, TakeOver, Wall,
};

/// All of them.
pub(crate) fn all() -> Vec<Setting> {
    vec![
        honest(),
        honest_server(),
        renewals(),
        new_parts(),
        alone(),
        machine(),
        seats(),
        carried(),
        image(),
    ]
}

/// One person, one computer, one seat; clocks are wrong for a while and tokens are lost.
pub(crate) fn honest() -> Setting {
    Setting {
        name: "an honest computer",
        computers: 1,
        seats: 1,
        request_every: None,
        hardware: Hardware::Own,
        machine: false,
        honest: true,
        beginnings: &[&[], &[Activate(0)]],
        actions: vec![
            Request(0),
            RequestRenewal(0),
            Grant(0),
            Apply(0),
            Refresh(0),
            ApplyRefresh(0),
            Deactivate(0),
            HandIn(0),
            ConfirmDelivered(0),
            Cancel(0),
            Release(0),
            Day,
            LongRun,
            LongPause,
            Boot(0),
            Wall(0, FAR),
            Wall(0, -FAR),
            Wall(0, 0),
            ReadOnly(0, true),
            ReadOnly(0, false),
            Rotate,
        ],
        depth: 4,
        cases: &[
            Case::LeaseOver,
            Case::ClockBackRuns,
            Case::ClockBackGains,
            Case::ClockAheadBlocks,
            Case::ClockCorrected,
            Case::ReadOnlyVaultRuns,
            Case::ReadOnlyVaultExpires,
            Case::WithheldTokenRuns,
            Case::HandedIn,
            Case::RenewedByRequest,
        ],
        least_states: 5_000,
    }
}

/// Two honest computers and one seat, while the vendor's clock is wrong for a while in either
/// direction.
pub(crate) fn honest_server() -> Setting {
    Setting {
        name: "the vendor's clock is wrong",
        computers: 2,
        seats: 1,
        request_every: None,
        hardware: Hardware::Own,
        machine: false,
        honest: true,
        beginnings: &[&[], &[Activate(0), Day]],
        actions: vec![
            ServerClock(NEAR),
            ServerClock(FAR),
            ServerClock(FARTHER),
            ServerClock(-FAR),
            BootServer,
            ServerClock(0),
            ConfirmServerClock,
            Activate(0),
            Activate(1),
            Renew(0),
            Renew(1),
            GiveBack(0),
            GiveBack(1),
            Wall(0, FAR),
            Wall(0, 0),
            Wall(1, FAR),
            Wall(1, 0),
            Day,
            LongRun,
            LongPause,
            Reinstall(0),
            Reinstall(1),
        ],
        depth: 4,
        cases: &[
            Case::GrantedByWrongClock,
            Case::ConfirmedWrongClock,
            Case::ClockAheadBlocks,
            Case::ClockCorrected,
            Case::LeaseOver,
        ],
        least_states: 2_400,
    }
}

/// Every second renewal needs a request, and a vault may be an older one that was put back.
pub(crate) fn renewals() -> Setting {
    Setting {
        name: "renewals that need a request",
        computers: 1,
        seats: 1,
        request_every: NonZeroU32::new(2),
        hardware: Hardware::Own,
        machine: false,
        honest: true,
        beginnings: &[&[Activate(0)]],
        actions: vec![
            Request(0),
            RequestRenewal(0),
            Grant(0),
            Apply(0),
            Refresh(0),
            ApplyRefresh(0),
            Cancel(0),
            GiveBack(0),
            Copy(0),
            PutBack(0),
            Day,
            LongRun,
            LongPause,
        ],
        depth: 4,
        cases: &[Case::RenewedByRequest, Case::RestoredVaultRuns, Case::LeaseOver],
        least_states: 600,
    }
}

/// An honest person whose computer gets new parts, some of them more than its licence tolerates.
pub(crate) fn new_parts() -> Setting {
    Setting {
        name: "new parts",
        computers: 1,
        seats: 1,
        request_every: None,
        hardware: Hardware::Own,
        machine: false,
        honest: true,
        beginnings: &[&[Activate(0)], &[Activate(0), Replace(0, Part::Disk), Request(0)]],
        actions: vec![
            Replace(0, Part::Processor),
            Replace(0, Part::Board),
            Replace(0, Part::Disk),
            Activate(0),
            Request(0),
            Grant(0),
            Apply(0),
            Renew(0),
            GiveBack(0),
            Day,
            LongRun,
            LongPause,
            ReadOnly(0, true),
            ReadOnly(0, false),
            Wall(0, FAR),
            Wall(0, 0),
        ],
        depth: 3,
        cases: &[
            Case::SmallChangeRuns,
            Case::LargeChangeRuns,
            Case::LargeChangeBlocks,
            Case::UnrecordedChangeBlocks,
            Case::CompleteChangeBlocks,
            Case::NewPartsAccepted,
            Case::SeatMoved,
            Case::ClockAheadBlocks,
            Case::ClockCorrected,
            Case::LeaseOver,
        ],
        least_states: 1_000,
    }
}

/// An attacker wants to run one computer forever on one lease.
pub(crate) fn alone() -> Setting {
    Setting {
        name: "one lease for ever",
        computers: 1,
        seats: 1,
        request_every: None,
        hardware: Hardware::Own,
        machine: false,
        honest: false,
        beginnings: &[&[Activate(0)]],
        actions: vec![
            Copy(0),
            PutBack(0),
            AlwaysPutBack(0),
            ReadOnly(0, true),
            ReadOnly(0, false),
            Day,
            LongRun,
            LongPause,
            Boot(0),
            Wall(0, FAR),
            Wall(0, -FAR),
            Wall(0, 0),
            Request(0),
            RequestRenewal(0),
            Grant(0),
            Apply(0),
            Refresh(0),
            ApplyRefresh(0),
            Deactivate(0),
            HandIn(0),
        ],
        depth: 4,
        cases: &[
            Case::RestoredVaultRuns,
            Case::RestoredVaultExpires,
            Case::ReadOnlyVaultRuns,
            Case::ReadOnlyVaultExpires,
            Case::ClockBackRuns,
            Case::ClockBackGains,
            Case::ClockBackGainsNothing,
            Case::ClockAheadBlocks,
            Case::ClockCorrected,
            Case::WithheldTokenRuns,
            Case::HandedIn,
            Case::LeaseOver,
        ],
        least_states: 3_300,
    }
}

/// A machine's licence: an ordinary user runs the product and can't write the vault.
pub(crate) fn machine() -> Setting {
    Setting {
        name: "a machine's licence",
        computers: 1,
        seats: 1,
        request_every: None,
        hardware: Hardware::Own,
        machine: true,
        honest: true,
        beginnings: &[&[], &[Activate(0)]],
        actions: vec![
            Activate(0),
            Renew(0),
            Refresh(0),
            ApplyRefresh(0),
            Deactivate(0),
            HandIn(0),
            ConfirmDelivered(0),
            Day,
            LongRun,
            LongPause,
            Boot(0),
            Wall(0, FAR),
            Wall(0, -FAR),
            Wall(0, 0),
            ReadOnly(0, true),
            ReadOnly(0, false),
        ],
        depth: 4,
        cases: &[
            Case::LeaseOver,
            Case::ClockBackRuns,
            Case::ClockAheadBlocks,
            Case::ClockCorrected,
            Case::ReadOnlyVaultRuns,
            Case::ReadOnlyVaultExpires,
            Case::HandedIn,
        ],
        least_states: 1_100,
    }
}

/// An attacker wants to run three computers on one seat.
pub(crate) fn seats() -> Setting {
    Setting {
        name: "one seat for three computers",
        computers: 3,
        seats: 1,
        request_every: None,
        hardware: Hardware::Own,
        machine: false,
        honest: false,
        beginnings: &[&[]],
        actions: vec![
            Activate(0),
            Activate(1),
            Activate(2),
            GiveBack(0),
            GiveBack(1),
            GiveBackAndRestore(0),
            GiveBackAndRestore(1),
            GiveBackAndRestore(2),
            Renew(0),
            Renew(1),
            Copy(0),
            PutBack(0),
            Release(0),
            Reinstall(0),
            Day,
            LongPause,
        ],
        depth: 6,
        cases: &[
            Case::RestoredVaultRuns,
            Case::RestoredVaultExpires,
            Case::TooManySeatsRun,
            Case::VendorNotified,
            Case::LeaseOver,
        ],
        least_states: 4_400,
    }
}

/// An attacker copies a vault to computers with other hardware.
pub(crate) fn carried() -> Setting {
    Setting {
        name: "a vault on other hardware",
        computers: 2,
        seats: 2,
        request_every: None,
        hardware: Hardware::Own,
        machine: false,
        honest: false,
        beginnings: &[&[Activate(0)]],
        actions: vec![
            Activate(0),
            Activate(1),
            CopyTo(0, 1),
            CopyTo(1, 0),
            Copy(1),
            AlwaysPutBack(1),
            ReadOnly(1, true),
            Renew(0),
            Renew(1),
            Boot(1),
            Day,
            Wall(1, -FAR),
            Wall(1, 0),
        ],
        depth: 5,
        cases: &[
            Case::CopyRefused,
            Case::CopyRuns,
            Case::SeatMoved,
            Case::ReadOnlyVaultRuns,
            Case::RestoredVaultRuns,
        ],
        least_states: 5_000,
    }
}

/// Three computers that are copies of one, with one seat.
pub(crate) fn image() -> Setting {
    Setting {
        name: "three computers of one image",
        computers: 3,
        seats: 1,
        request_every: None,
        hardware: Hardware::OneImage,
        machine: false,
        honest: false,
        beginnings: &[&[], &[Activate(0), CopyTo(0, 1)]],
        actions: vec![
            Activate(0),
            Activate(1),
            TakeOver(1),
            TakeOver(2),
            Renew(0),
            Renew(1),
            GiveBack(0),
            GiveBack(1),
            GiveBackAndRestore(0),
            CopyTo(0, 1),
            CopyTo(1, 2),
            Reinstall(0),
            Day,
            LongPause,
        ],
        depth: 4,
        cases: &[Case::CopyRuns, Case::TakenOver, Case::TooManySeatsRun, Case::RestoredVaultRuns],
        least_states: 1_800,
    }
}
