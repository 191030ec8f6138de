//! Messages about a typed line, shared by the wizard and the command line.

use latchkey_i18n::{Language, text_in};
use latchkey_token::ErrorArg;
use latchkey_token::manual_entry::{LineCheck, TypingError};

/// The message about a checked line, and the next step if it isn't obvious; `None` if there is
/// nothing to report.
///
/// ```
/// use latchkey_paper::entry_message;
/// use latchkey_token::manual_entry::LineCheck;
/// use latchkey_i18n::Language;
/// let misplaced = LineCheck::OtherLine { line: 9 };
/// let (what, how) = entry_message(Language::English, 7, &misplaced).unwrap();
/// assert_eq!(what, "This is row 9.");
/// assert!(how.is_none());
/// ```
#[must_use]
pub fn entry_message(
    language: Language,
    line: usize,
    judgement: &LineCheck,
) -> Option<(String, Option<String>)> {
    let count = |count: usize| vec![("count", ErrorArg::from(count))];
    let row = |row: usize| vec![("row", ErrorArg::from(row))];
    let (id, values) = match judgement {
        LineCheck::Empty => return None,
        LineCheck::Unfinished { missing } => ("typing-unfinished", count(*missing)),
        LineCheck::Right => ("typing-right", row(line)),
        LineCheck::Suggestion { error: slip, .. } => {
            let (id, place) = match *slip {
                TypingError::Wrong { place } => ("typing-slip-wrong", Some(place)),
                TypingError::Missing { place } => ("typing-slip-missing", Some(place)),
                TypingError::Added { place } => ("typing-slip-added", Some(place)),
                TypingError::Several => ("typing-slip-several", None),
            };
            (id, place.map(|place| ("place", place.into())).into_iter().collect())
        }
        LineCheck::OtherLine { line } => ("typing-other-line", row(*line)),
        LineCheck::OtherToken => ("typing-other-token", Vec::new()),
        LineCheck::TooLong { added } => ("typing-too-long", count(*added)),
        LineCheck::LineZeroFirst => ("typing-line-zero-first", Vec::new()),
        _ => ("typing-wrong", Vec::new()),
    };
    let how = (id == "typing-wrong").then(|| text_in(language, "typing-wrong-how", &[]));
    Some((text_in(language, id, &values), how))
}
