//! Spells a line in words that can't be misheard on the telephone.

/// The letters of the radiotelephony spelling alphabet (ICAO Annex 10, volume II, section 5.2.1.3),
/// the same in every language. Symbols that no token has aren't among them.
const WORDS: [(char, &str); 23] = [
    ('A', "Alfa"),
    ('B', "Bravo"),
    ('C', "Charlie"),
    ('D', "Delta"),
    ('E', "Echo"),
    ('F', "Foxtrot"),
    ('G', "Golf"),
    ('H', "Hotel"),
    ('J', "Juliett"),
    ('K', "Kilo"),
    ('L', "Lima"),
    ('M', "Mike"),
    ('N', "November"),
    ('P', "Papa"),
    ('Q', "Quebec"),
    ('R', "Romeo"),
    ('S', "Sierra"),
    ('T', "Tango"),
    ('V', "Victor"),
    ('W', "Whiskey"),
    ('X', "X-ray"),
    ('Y', "Yankee"),
    ('Z', "Zulu"),
];

/// Spells the groups of a line, one entry per group: `["Kilo Papa 1 X-ray 5", …]`. Digits stay
/// digits, which the reader pronounces in their own language. Other characters are unchanged.
///
/// ```
/// assert_eq!(latchkey_paper::spell_groups(["KP1X5", "LZ"]), ["Kilo Papa 1 X-ray 5", "Lima Zulu"]);
/// ```
pub fn spell_groups<'g>(groups: impl IntoIterator<Item = &'g str>) -> Vec<String> {
    let word = |symbol: char| {
        let letter = symbol.to_ascii_uppercase();
        let known = WORDS.iter().find(|(of, _)| *of == letter);
        known.map_or_else(|| symbol.to_string(), |(_, word)| (*word).to_owned())
    };
    let group = |group: &str| group.chars().map(word).collect::<Vec<_>>().join(" ");
    groups.into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_has_a_word_with_a_unique_initial() {
        let mut initials = std::collections::BTreeSet::new();
        for symbol in "ABCDEFGHJKLMNPQRSTVWXYZ".chars() {
            let words = spell_groups([symbol.to_string().as_str()]);
            assert!(words[0].len() > 3 && words[0].starts_with(symbol), "{symbol}");
            assert!(initials.insert(words[0].clone()));
        }
        assert_eq!(spell_groups(["0b9"]), ["0 Bravo 9"]);
    }
}
