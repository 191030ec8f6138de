//! Activation codes that stand for another one: the example of the documentation, counted digits
//! and letters, one symbol repeated, and phrases of templates. Nothing here refuses a code.

use crate::text::code_check;
use crate::wire::symbols;

/// The generated code that the documentation shows.
const EXAMPLE: &str = "7GWCD-3TRHH-M9QXF-4HKDE";
/// Phrases that templates have in the place of a code.
const PHRASES: &[&str] = &[
    "YOUR-CODE",
    "YOUR-CODE-HERE",
    "YOUR-KEY-HERE",
    "YOUR-ACTIVATION-CODE",
    "YOUR-ACTIVATION-CODE-HERE",
    "YOUR-LICENCE-KEY",
    "YOUR-LICENSE-KEY",
    "CODE-HERE",
    "ENTER-CODE",
    "ENTER-CODE-HERE",
    "ENTER-YOUR-CODE",
    "ENTER-YOUR-CODE-HERE",
    "INSERT-CODE-HERE",
    "INSERT-YOUR-CODE-HERE",
    "PASTE-CODE-HERE",
    "PASTE-YOUR-CODE-HERE",
    "ACTIVATION-CODE",
    "ACTIVATION-CODE-HERE",
    "EXAMPLE-CODE",
    "SAMPLE-CODE",
    "IHR-CODE",
    "IHR-CODE-HIER",
    "IHR-AKTIVIERUNGSCODE",
    "DEIN-CODE",
    "DEIN-CODE-HIER",
    "CODE-HIER-EINGEBEN",
    "AKTIVIERUNGSCODE",
    "BEISPIELCODE",
    "BEISPIEL-CODE",
];
/// The symbols that people count.
const COUNTED: [&str; 3] = ["1234567890", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/// The least number of symbols that are repeated or counted. A vendor's own code may be shorter.
const MIN_REPEATED: usize = 8;
/// The least number of counted symbols before they begin again.
const MIN_COUNTED: usize = 4;

/// Returns whether a code stands for another one.
pub(crate) fn is_placeholder(code: &[u8]) -> bool {
    let is_text = |text: &&str| text.chars().filter_map(symbols::value).eq(code.iter().copied());
    if is_text(&EXAMPLE) {
        return true;
    }
    !code_check::is_generated(code)
        && (PHRASES.iter().any(is_text)
            || is_repeated(code)
            || COUNTED.iter().any(|sequence| is_counted(code, sequence)))
}

/// Returns whether it is one symbol over and over.
fn is_repeated(code: &[u8]) -> bool {
    code.len() >= MIN_REPEATED && code.iter().all(|symbol| *symbol == code[0])
}

/// Returns whether it counts as a sequence does, which may begin again after a few symbols.
fn is_counted(code: &[u8], sequence: &str) -> bool {
    let sequence: Vec<u8> = sequence.chars().filter_map(symbols::value).collect();
    let mut count = 0;
    let is_next = |symbol: &u8| {
        let begins_again = count >= MIN_COUNTED && *symbol == sequence[0];
        let goes_on = *symbol == sequence[count % sequence.len()];
        count = if begins_again && !goes_on { 1 } else { count + 1 };
        goes_on || begins_again
    };
    code.len() >= MIN_REPEATED && code.iter().all(is_next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActivationCode, CodeDoubt};

    fn doubt(text: &str) -> Option<CodeDoubt> {
        text.parse::<ActivationCode>().unwrap().doubt()
    }

    #[test]
    fn a_placeholder_is_doubted() {
        for text in [
            EXAMPLE,
            "XXXXX-XXXXX-XXXXX-XXXXX",
            "xxxx-xxxx-xxxx-xxxx",
            "Activation code: XXXXX-XXXXX-XXXXX-XXXXX",
            "00000-00000-00000-00000",
            "12345-67890-12345-67890",
            "12345-12345-12345-12345",
            "1234-5678-9012-3456",
            "01234-56789-01234-56789",
            "1234-1234-1234-1234",
            "ABCDE-FGHIJ-KLMNO-PQRST",
            "ABCD-EFGH-IJKL-MNOP",
            "ABCDE-ABCDE-ABCDE-ABCDE",
            "YOUR-CODE-HERE",
            "<YOUR-CODE-HERE>",
            "your code here",
            "Your activation code",
            "Ihr Code hier",
        ] {
            assert_eq!(doubt(text), Some(CodeDoubt::Placeholder), "{text}");
        }
    }

    #[test]
    fn the_codes_of_vendors_are_not_placeholders() {
        for text in [
            "Acme 2026 Promo",
            "ACME-2026-PROMO",
            "acme gold edition",
            "DEMO-DEMO-DEMO-DEMO",
            "AAAA-BBBB-CCCC-DDDD-EEEE",
            "XXX",
            "1234",
            "12345",
            "1212-1212",
            "CODE2026",
            "2V7KX-M9QXE-3TRHG-8NPW6",
        ] {
            assert_eq!(doubt(text), None, "{text}");
        }
    }

    #[test]
    fn a_word_that_is_written_twice_is_the_same_code_as_its_symbols() {
        for (twice, plain) in [
            ("ACME ACME", "ACMEACME"),
            ("Acme Acme", "ACMEACME"),
            ("XXXXX XXXXX", "XXXXXXXXXX"),
            ("PROMO2026 PROMO2026", "PROMO2026PROMO2026"),
        ] {
            let code: ActivationCode = twice.parse().unwrap();
            let values = plain.chars().filter_map(symbols::value);
            assert!(values.eq(code.values().iter().copied()), "{twice}");
        }
    }

    #[test]
    fn the_documentation_shows_the_example() {
        let guide = include_str!("../../../../docs/vendor-guide.md");
        assert!(guide.contains(EXAMPLE));
        assert!(EXAMPLE.parse::<ActivationCode>().unwrap().is_generated());
    }
}
