//! The check symbols of a generated activation code. Such a code has four groups of five symbols.
//! The fifth symbol of each group is computed from the other four and the group's position.
//! Therefore a typing error is found, with its group, before the code is sent; and a generated code
//! is recognised by its valid groups. Vendors' own codes, and the codes of 16 symbols that earlier
//! versions generated, have such groups only by chance.

use thiserror::Error;

use crate::error_code::{HasErrorCode, codes};
use crate::text::reed_solomon::multiply;
use crate::wire::kind::Kind;

/// Symbols of a group, including the check symbol.
pub(crate) const GROUP: usize = 5;
/// Groups of a code.
const GROUPS: usize = 4;
/// Symbols of a code.
pub(crate) const SYMBOLS: usize = GROUP * GROUPS;
/// Symbols of the codes that earlier versions generated.
pub(crate) const EARLIER_SYMBOLS: usize = 16;

/// The factors of a group's symbols in its sum. None is 0, so that each wrong symbol is detected,
/// and no two are equal, so that each swap of two symbols is. The check symbol has the factor 1.
const WEIGHTS: [u8; GROUP] = [16, 8, 4, 2, 1];
/// The sum of a group by its position. No two are equal, so that swapped groups are detected.
const SUMS: [u8; GROUPS] = [1, 2, 3, 4];

/// What is suspicious about an activation code that looks like a generated one. A vendor's own code
/// may look the same by chance, so that this is no reason to refuse the code: the user is asked to
/// compare it.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum CodeDoubt {
    /// There is a slip in some of its groups.
    #[code(codes::CODE_GROUPS, count = wrong.len(), groups = wrong)]
    #[error("groups {wrong:?} of the activation code don't check")]
    Groups {
        /// Which ones, the first one being 1.
        #[detail(skip)]
        wrong: Vec<usize>,
    },
    /// Symbols are missing.
    #[code(codes::CODE_MISSING)]
    #[error("{symbols} symbols of the activation code are missing, from group {group} on")]
    Missing {
        /// How many.
        symbols: usize,
        /// In the place of the first one that is missing, counted from 1: the group in which it
        /// should be.
        group: usize,
    },
    /// There are more symbols than in a generated code.
    #[code(codes::CODE_ADDED)]
    #[error("{symbols} symbols more than a generated activation code has")]
    Added {
        /// How many.
        symbols: usize,
    },
    /// It was assembled from the words of a sentence.
    #[code(codes::CODE_SENTENCE)]
    #[error("words of a text that were taken for an activation code")]
    Sentence,
    /// It stands for another code, as in an example or a template.
    #[code(codes::CODE_PLACEHOLDER)]
    #[error("an example in the place of an activation code")]
    Placeholder,
    /// It begins like a token.
    #[code(codes::CODE_BEGINS_LIKE_TOKEN)]
    #[error("the beginning of a token that was taken for an activation code")]
    Token {
        /// What kind of token.
        kind: Kind,
    },
}

/// Returns the symbols of a code from its random ones.
pub(crate) fn with_checks(drawn: &[u8]) -> Vec<u8> {
    let mut symbols = Vec::with_capacity(SYMBOLS);
    for (group, sum) in drawn.chunks(GROUP - 1).zip(SUMS) {
        symbols.extend_from_slice(group);
        symbols.push(added_up(group) ^ sum);
    }
    symbols
}

fn added_up(group: &[u8]) -> u8 {
    group.iter().zip(WEIGHTS).fold(0, |sum, (&symbol, weight)| sum ^ multiply(symbol, weight))
}

fn is_right(group: &[u8], place: usize) -> bool {
    added_up(group) == SUMS[place]
}

/// Returns whether these are the symbols of a generated code whose checks all pass.
pub(crate) fn is_generated(symbols: &[u8]) -> bool {
    symbols.len() == SYMBOLS
        && symbols.chunks(GROUP).enumerate().all(|(place, group)| is_right(group, place))
}

/// Returns what is suspicious about a code that looks like a generated one.
pub(crate) fn doubt(symbols: &[u8]) -> Option<CodeDoubt> {
    let length = symbols.len();
    if length == SYMBOLS {
        let groups = symbols.chunks(GROUP).enumerate();
        let wrong: Vec<_> = groups
            .filter(|(place, group)| !is_right(group, *place))
            .map(|(place, _)| place + 1)
            .collect();
        // Two errors may be in two groups, and so are two swapped neighbours of different groups.
        return matches!(wrong.len(), 1 | 2).then_some(CodeDoubt::Groups { wrong });
    }
    // If symbols are missing or surplus, the groups before that position are valid when counted
    // from the front, and those after it when counted from the end.
    let first = symbols.chunks_exact(GROUP).zip(0..GROUPS);
    let first = first.take_while(|(group, place)| is_right(group, *place)).count();
    let last = symbols[first * GROUP..].rchunks_exact(GROUP).zip((first..GROUPS).rev());
    let last = last.take_while(|(group, place)| is_right(group, *place)).count();
    // A code with one missing or surplus symbol has three valid groups. Fewer suffice only if there
    // aren't more, and a code of 16 symbols from an earlier version hardly ever has even one at its
    // beginning.
    let is_odd = match length {
        EARLIER_SYMBOLS => first == 3,
        0..=14 => first + last == 2,
        _ => first + last >= 3,
    };
    is_odd.then(|| match SYMBOLS.checked_sub(length) {
        Some(symbols) => CodeDoubt::Missing { symbols, group: first + 1 },
        None => CodeDoubt::Added { symbols: length - SYMBOLS },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::limits::MAX_CODE_SYMBOLS;

    fn group_of(at: usize) -> usize {
        at / GROUP + 1
    }

    /// Returns codes with different symbols. All errors are tried in each.
    fn some_codes() -> Vec<Vec<u8>> {
        let drawn = |seed: usize| (0..16).map(|at| ((at * 7 + seed * 11) % 32) as u8).collect();
        (0..32).map(|seed| with_checks(&Vec::<u8>::from_iter::<Vec<u8>>(drawn(seed)))).collect()
    }

    #[test]
    fn every_single_typing_error_is_detected_with_its_group() {
        for code in some_codes() {
            assert_eq!(doubt(&code), None);
            for at in 0..SYMBOLS {
                for typed in (0..32).filter(|typed| *typed != code[at]) {
                    let mut slip = code.clone();
                    slip[at] = typed;
                    let wrong = vec![group_of(at)];
                    assert_eq!(doubt(&slip), Some(CodeDoubt::Groups { wrong }));
                }
            }
        }
    }

    /// The check is linear, so that the other symbols make no difference. All values of the two are
    /// tried.
    #[test]
    fn every_swap_of_two_neighbours_is_detected_with_its_groups() {
        let pairs = || (0..32_u8).flat_map(|one| (0..32_u8).map(move |other| (one, other)));
        let mut tried = 0;
        for at in 0..SYMBOLS - 1 {
            for (one, other) in pairs().filter(|(one, other)| one != other) {
                // A code that has the two there: if one of them is a check symbol, it is made to
                // come out.
                let mut code = with_checks(&[5; 16]);
                (code[at], code[at + 1]) = (one, other);
                for (place, group) in code.chunks_mut(GROUP).enumerate() {
                    let free = (0..GROUP - 1).find(|index| {
                        let index = place * GROUP + index;
                        index != at && index != at + 1
                    });
                    let free = free.unwrap();
                    group[free] = (0..32)
                        .find(|value| {
                            let mut tried = group.to_vec();
                            tried[free] = *value;
                            is_right(&tried, place)
                        })
                        .unwrap();
                }
                assert!(is_generated(&code));
                code.swap(at, at + 1);
                let mut wrong = vec![group_of(at), group_of(at + 1)];
                wrong.dedup();
                assert_eq!(doubt(&code), Some(CodeDoubt::Groups { wrong }));
                tried += 1;
            }
        }
        assert_eq!(tried, 19 * 32 * 31);
    }

    #[test]
    fn a_lost_or_doubled_symbol_is_detected_anywhere() {
        for code in some_codes() {
            for at in 0..SYMBOLS {
                let mut lost = code.clone();
                lost.remove(at);
                let group = group_of(at);
                let doubt_of_lost = doubt(&lost);
                let Some(CodeDoubt::Missing { symbols: 1, group: told }) = doubt_of_lost else {
                    panic!("{doubt_of_lost:?}")
                };
                // A group that is valid by chance hides the position of the loss, but not the loss.
                assert!(told >= group, "{told} {group}");
                let mut doubled = code.clone();
                doubled.insert(at, code[at]);
                assert_eq!(doubt(&doubled), Some(CodeDoubt::Added { symbols: 1 }));
            }
        }
    }

    #[test]
    fn a_truncated_code_is_detected_from_half_its_length() {
        for code in some_codes() {
            for length in 10..SYMBOLS {
                let symbols = SYMBOLS - length;
                let group = length / GROUP + 1;
                let cut = CodeDoubt::Missing { symbols, group };
                assert_eq!(doubt(&code[..length]), Some(cut), "{length}");
            }
            for length in (10..SYMBOLS).filter(|length| *length != EARLIER_SYMBOLS) {
                assert!(doubt(&code[SYMBOLS - length..]).is_some(), "{length} from the end");
            }
        }
    }

    #[test]
    fn swapped_groups_are_detected() {
        for code in some_codes() {
            for place in 0..GROUPS - 1 {
                let mut changed = code.clone();
                changed[place * GROUP..(place + 2) * GROUP].rotate_left(GROUP);
                let wrong = vec![place + 1, place + 2];
                assert_eq!(doubt(&changed), Some(CodeDoubt::Groups { wrong }));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        /// The rates are those of the vendor's guide.
        #[test]
        fn codes_without_checks_are_hardly_ever_suspicious(seed in any::<u64>()) {
            let mut state = seed | 1;
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as u8 & 31
            };
            for length in 1..=MAX_CODE_SYMBOLS {
                let mut random = || (0..length).map(|_| next()).collect::<Vec<_>>();
                let doubted = (0..2_000).filter(|_| doubt(&random()).is_some()).count();
                let most = match length {
                    0..=9 => 0,
                    10..=14 => 25,
                    EARLIER_SYMBOLS => 3,
                    20 => 40,
                    _ => 6,
                };
                prop_assert!(doubted <= most, "{doubted} of 2,000 with {length} symbols");
            }
        }
    }
}
