//! Whether two lists of traits look like one computer.
//!
//! Only what was readable both times counts. It is the same computer when at least half of that weight agrees
//! and at least one strong trait (weight 2 or more) does. Where no strong trait was, the licence is bound by the
//! device's key alone, and weak ones say nothing: a network card is soon exchanged. A new installation of the operating system changes
//! `os-install`, so that one isn't demanded.

use latchkey_token::{Trait, Traits};

/// From here on a trait is strong.
const STRONG: u32 = 2;

/// What a trait says about a computer's identity.
const fn weight(which: Trait) -> u32 {
    match which {
        Trait::OsInstall | Trait::SystemUuid => 3,
        Trait::BoardSerial | Trait::SystemDisk => 2,
        Trait::SystemVolume | Trait::NetworkAddress | Trait::Processor => 1,
    }
}

/// What comparing two lists of traits gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// One computer. The weight that agrees, to choose the best of several.
    Same(u32),
    /// No strong trait was readable both times.
    Unknown,
    /// Another computer, or one with other hardware.
    Different,
}

pub(crate) fn compare(one: &Traits, other: &Traits) -> Likeness {
    let (mut common, mut agreeing, mut strong_common, mut strong) = (0, 0, false, false);
    for which in Trait::ALL {
        let (Some(one), Some(other)) = (one.get(which), other.get(which)) else { continue };
        let is_strong = weight(which) >= STRONG;
        common += weight(which);
        strong_common |= is_strong;
        if one == other {
            agreeing += weight(which);
            strong |= is_strong;
        }
    }
    if !strong_common {
        Likeness::Unknown
    } else if strong && 2 * agreeing >= common {
        Likeness::Same(agreeing)
    } else {
        Likeness::Different
    }
}

/// Without a strong trait the licence is bound by the device's key alone.
pub(crate) fn has_strong(traits: &Traits) -> bool {
    traits.present().any(|(which, _)| weight(which) >= STRONG)
}

#[cfg(test)]
mod tests {
    use latchkey_token::VendorId;

    use super::*;

    fn traits(values: &[(Trait, &str)]) -> Traits {
        let mut traits = Traits::default();
        for (which, value) in values {
            traits.set(*which, VendorId::from_bytes([1; 8]), 1, value);
        }
        traits
    }

    #[test]
    fn half_the_weight_and_a_strong_trait_make_one_computer() {
        use Trait::*;
        let all = |os, uuid, board, disk, volume| {
            traits(&[
                (OsInstall, os),
                (SystemUuid, uuid),
                (BoardSerial, board),
                (SystemDisk, disk),
                (SystemVolume, volume),
            ])
        };
        let before = all("a", "a", "a", "a", "a");
        for (what, now, expected) in [
            ("unchanged", all("a", "a", "a", "a", "a"), Likeness::Same(11)),
            ("installed anew", all("b", "a", "a", "a", "b"), Likeness::Same(7)),
            ("another disk too", all("b", "a", "a", "b", "b"), Likeness::Different),
            ("the disk in another computer", all("a", "b", "b", "a", "a"), Likeness::Same(6)),
            ("another computer", all("b", "b", "b", "b", "b"), Likeness::Different),
            ("unreadable", traits(&[]), Likeness::Unknown),
            ("one strong trait readable", traits(&[(SystemDisk, "a")]), Likeness::Same(2)),
            ("another strong trait", traits(&[(SystemDisk, "b")]), Likeness::Different),
            ("only weak ones readable", traits(&[(SystemVolume, "a")]), Likeness::Unknown),
            ("weak ones differ", traits(&[(SystemVolume, "b")]), Likeness::Unknown),
            (
                "strong differ, weak agree",
                traits(&[(SystemDisk, "b"), (SystemVolume, "a")]),
                Likeness::Different,
            ),
        ] {
            assert_eq!(compare(&before, &now), expected, "{what}");
        }
    }

    #[test]
    fn a_licence_without_strong_traits_is_told_apart() {
        assert!(has_strong(&traits(&[(Trait::BoardSerial, "a")])));
        assert!(!has_strong(&traits(&[(Trait::Processor, "a"), (Trait::NetworkAddress, "b")])));
    }
}
