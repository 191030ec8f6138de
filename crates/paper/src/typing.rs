//! What is said about a line that somebody types: the same words in the window and on the command line.

use latchkey_token::Detail;
use latchkey_token::worksheet::{Judgement, Slip};
use latchkey_words::{Language, text_in};

/// What a judgement says about a line, and what to do where that isn't plain. None: there is nothing to say.
///
/// ```
/// use latchkey_paper::judged;
/// use latchkey_token::worksheet::Judgement;
/// use latchkey_words::Language;
/// let (what, how) = judged(Language::English, 7, &Judgement::OtherLine { line: 9 }).unwrap();
/// assert_eq!(what, "This is row 9.");
/// assert!(how.is_none());
/// ```
#[must_use]
pub fn judged(
    language: Language,
    line: usize,
    judgement: &Judgement,
) -> Option<(String, Option<String>)> {
    let count = |count: usize| vec![("count", Detail::from(count))];
    let row = |row: usize| vec![("row", Detail::from(row))];
    let (id, values) = match judgement {
        Judgement::Empty => return None,
        Judgement::Unfinished { missing } => ("typing-unfinished", count(*missing)),
        Judgement::Right => ("typing-right", row(line)),
        Judgement::Suggestion { slip, .. } => {
            let (id, place) = match *slip {
                Slip::Wrong { place } => ("typing-slip-wrong", Some(place)),
                Slip::Missing { place } => ("typing-slip-missing", Some(place)),
                Slip::Added { place } => ("typing-slip-added", Some(place)),
                Slip::Several => ("typing-slip-several", None),
            };
            (id, place.map(|place| ("place", place.into())).into_iter().collect())
        }
        Judgement::OtherLine { line } => ("typing-other-line", row(*line)),
        Judgement::OtherToken => ("typing-other-token", Vec::new()),
        Judgement::TooLong { added } => ("typing-too-long", count(*added)),
        Judgement::LineZeroFirst => ("typing-line-zero-first", Vec::new()),
        _ => ("typing-wrong", Vec::new()),
    };
    let how = (id == "typing-wrong").then(|| text_in(language, "typing-wrong-how", &[]));
    Some((text_in(language, id, &values), how))
}
