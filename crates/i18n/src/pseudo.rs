//! The pseudo-locale: accented English that is 40 % longer and enclosed in brackets. Text that is
//! cut off in it would be cut off in a real language; text without accents doesn't come from a
//! catalogue. The wizard's tests generate the same locale for its pages.

use std::borrow::Cow;

use fluent_bundle::FluentArgs;
use unic_langid::langid;

use crate::Language;
use crate::catalogue::source::patterns;
use crate::catalogue::{bundle, files, format};

const PLAIN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ACCENTED: &str = "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž";

/// A stretch of a sentence's own text, with an accent on every letter and every vowel doubled. This
/// is what Fluent calls a transform: values that are filled in stay as they are.
fn accent(text: &str) -> Cow<'_, str> {
    let mut longer = String::with_capacity(text.len() * 3);
    for letter in text.chars() {
        let accented = PLAIN.chars().position(|plain| plain == letter);
        let shown = accented.and_then(|at| ACCENTED.chars().nth(at)).unwrap_or(letter);
        longer.push(shown);
        if "AEIOUYaeiouy".contains(letter) {
            longer.push(shown);
        }
    }
    Cow::Owned(longer)
}

/// A whole sentence that `accent` has been through: filled up to seven fifths of what it was in
/// English, and between brackets.
fn lengthen(accented: &str, english: &str) -> String {
    let wanted = english.chars().count() * 7 / 5;
    let missing = wanted.saturating_sub(accented.chars().count());
    format!("⟦{accented}{}⟧", "~".repeat(missing))
}

#[test]
fn the_pseudo_locale_changes_all_text_and_no_value() {
    let english = crate::catalogue::catalogue(Language::English);
    let mut pseudo = bundle(langid!("en"), files(Language::English));
    pseudo.set_transform(Some(accent));
    let mut args = FluentArgs::new();
    for pattern in patterns(files(Language::English)).values() {
        for name in crate::catalogue::source::variables(pattern) {
            args.set(name.to_owned(), "42");
        }
    }
    for name in patterns(files(Language::English)).keys() {
        let (id, attribute) = name
            .split_once('.')
            .map_or((name.as_str(), None), |(id, attribute)| (id, Some(attribute)));
        let plain = format(&english, id, attribute, &args).unwrap();
        let long = lengthen(&format(&pseudo, id, attribute, &args).unwrap(), &plain);
        assert!(!long.contains(|c: char| c.is_ascii_alphabetic()), "{name}: {long}");
        assert_eq!(long.matches("42").count(), plain.matches("42").count(), "{name}: {long}");
        assert!(long.chars().count() >= plain.chars().count() * 7 / 5 + 2, "{name}: {long}");
    }
}

#[test]
fn a_pseudo_sentence_is_accented_and_longer() {
    assert_eq!(lengthen(&accent("Try again"), "Try again"), "⟦Ţŕýý ååĝååîîñ⟧");
    assert_eq!(lengthen(&accent("Next"), "Next"), "⟦Ñééẋţ⟧");
    assert_eq!(lengthen(&accent("Rhythms"), "Rhythms"), "⟦Ŕĥýýţĥɱš~⟧");
}
