//! The parts of a computer that an honest user replaces, and how much of the computer stays the
//! same by the rules of docs/clock-and-hardware.md. The code under test isn't used for that.

use std::collections::BTreeMap;

use latchkey_token::HardwareTrait;

/// A part that is replaced, or put back if it was replaced before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// A weak trait.
    Processor,
    /// The system's id, which is a strong trait.
    Board,
    /// The disk with another installation of the system: two strong traits.
    Disk,
}

/// The parts that aren't the original ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Parts(u8);

/// How much two states of one computer differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is the same computer.
    Small,
    /// Too much for the same computer, but one strong trait still matches.
    Large,
    /// No strong trait matches.
    Complete,
}

impl Parts {
    pub(crate) const NONE_REPLACED: Self = Self(0);

    /// The parts after one of them was replaced or put back.
    pub(crate) const fn with_replaced(self, part: Part) -> Self {
        Self(self.0 ^ 1 << part as u8)
    }

    const fn has(self, part: Part) -> bool {
        self.0 & 1 << part as u8 != 0
    }

    pub(crate) fn change_since(self, before: Self) -> Change {
        let changed = Self(self.0 ^ before.0);
        match (changed.has(Part::Disk), changed.has(Part::Board)) {
            (true, true) => Change::Complete,
            (true, false) => Change::Large,
            // A new board and a new processor leave five of nine, with two strong traits.
            (false, _) => Change::Small,
        }
    }

    /// What the system says of a computer with these parts.
    pub(crate) fn traits(self, computer: usize) -> BTreeMap<HardwareTrait, String> {
        let read = [
            (HardwareTrait::OsInstall, Part::Disk),
            (HardwareTrait::SystemUuid, Part::Board),
            (HardwareTrait::SystemDisk, Part::Disk),
            (HardwareTrait::Processor, Part::Processor),
        ];
        let value = |which: HardwareTrait, part| {
            let made = if self.has(part) { "new" } else { "original" };
            (which, format!("{made} {} {computer}", which.name()))
        };
        read.map(|(which, part)| value(which, part)).into()
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }
}
