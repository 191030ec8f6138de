//! Several texts that belong together, such as files that were opened at once: which of them have
//! nothing to do with a token.

use super::scan::scan;
use super::text_error::TextError;

/// Why there is no token in a text, nor a part of one. Returns `None` if there is.
#[must_use]
pub fn error_without_token(text: &str) -> Option<TextError> {
    scan(text).err().filter(TextError::has_no_token)
}

/// Returns whether a text contains tokens, and all of them are whole.
#[must_use]
pub fn has_only_whole_tokens(text: &str) -> bool {
    scan(text).is_ok_and(|found| found.iter().all(|one| one.token.is_ok()))
}

/// The texts that contain neither a token nor a part of one that another text completes: their
/// indices, in ascending order, each with what the text is instead.
#[must_use]
pub fn texts_without_token(texts: &[String]) -> Vec<(usize, TextError)> {
    let errors = texts.iter().map(|text| error_without_token(text)).enumerate();
    let doubtful: Vec<_> =
        errors.filter_map(|(index, error)| error.map(|error| (index, error))).collect();
    let indices: Vec<_> = doubtful.iter().map(|(index, _)| *index).collect();
    let unneeded = unneeded_texts(texts, &indices);
    doubtful.into_iter().filter(|(index, _)| unneeded.contains(index)).collect()
}

/// Which of the texts at `doubtful`, which contain no token by themselves, aren't part of one: the
/// tokens of all texts together are the same without them. The indices are in ascending order.
///
/// Each attempt scans all texts. There are a few of them for each text that is part of a token.
#[must_use]
pub fn unneeded_texts(texts: &[String], doubtful: &[usize]) -> Vec<usize> {
    find_unneeded(texts, doubtful, |text| scan(text).ok())
}

fn find_unneeded<R: PartialEq>(
    texts: &[String],
    doubtful: &[usize],
    read: impl Fn(&str) -> R,
) -> Vec<usize> {
    let mut unneeded = Vec::new();
    if doubtful.is_empty() {
        return unneeded;
    }
    let without = |left_out: &[usize]| {
        let texts = texts.iter().enumerate().filter(|(index, _)| !left_out.contains(index));
        read(&texts.map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n"))
    };
    let whole = without(&[]);
    // Usually none of them is needed, so they are tried together before each half is.
    let mut untried = vec![doubtful];
    while let Some(some) = untried.pop() {
        let left_out = [&unneeded, some].concat();
        if without(&left_out) == whole {
            unneeded = left_out;
        } else if some.len() > 1 {
            let (front, back) = some.split_at(some.len() / 2);
            untried.extend([back, front]);
        }
    }
    unneeded.sort_unstable();
    unneeded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_split_token_is_found_among_unrelated_texts() {
        let texts: Vec<_> = ["a", "x", "b", "x", "x", "c", "x"].map(str::to_owned).into();
        let read = |text: &str| text.replace(['x', '\n'], "");
        assert_eq!(find_unneeded(&texts, &[1, 2, 3, 4, 5, 6], read), [1, 3, 4, 6]);
        assert_eq!(find_unneeded(&texts, &[1, 6], read), [1, 6]);
        assert_eq!(find_unneeded(&texts, &[2, 5], read), [0; 0]);
        assert_eq!(find_unneeded(&texts, &[], read), [0; 0]);
    }

    #[test]
    fn texts_without_a_token_are_returned_with_what_they_are_instead() {
        let token = crate::tests::sample(1);
        let (head, tail) = token.split_at(token.len() - 40);
        let encrypted = "-----BEGIN PGP MESSAGE-----\n\nhQEMA1\n-----END PGP MESSAGE-----";
        let texts = [head, "Dear all", tail, encrypted].map(str::to_owned);
        let encrypted = TextError::Encrypted { format: "PGP" };
        assert_eq!(texts_without_token(&texts), [(1, TextError::NoneFound), (3, encrypted)]);
        assert!(!has_only_whole_tokens(head));
        assert!(has_only_whole_tokens(&texts[..3].join("\n")));
        assert!(!has_only_whole_tokens("Dear all"));
    }
}
