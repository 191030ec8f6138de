//! Checks the catalogues against each other: every translation has exactly the messages of English,
//! with the same variables.

use std::collections::BTreeSet;

use fluent_bundle::{FluentBundle, FluentResource};
use unic_langid::LanguageIdentifier;

use crate::Language;
use crate::catalogue::files;
use crate::catalogue::source::{patterns, variables};

#[test]
fn every_catalogue_is_well_formed_and_its_ids_are_unique() {
    for language in Language::ALL {
        let tag: LanguageIdentifier = language.tag().parse().unwrap();
        let mut bundle = FluentBundle::new(vec![tag]);
        for (name, source) in files(*language) {
            let name = format!("{}/{name}", language.tag());
            let resource = FluentResource::try_new((*source).to_owned());
            assert!(resource.is_ok(), "{name}: {:?}", resource.err().map(|(_, errors)| errors));
            assert_eq!(bundle.add_resource(resource.unwrap()), Ok(()), "{name}");
        }
        // The tests' own reading of the files finds what Fluent finds.
        for name in patterns(files(*language)).keys() {
            let (id, attribute) = name.split_once('.').unwrap_or((name, ""));
            let message = bundle.get_message(id).unwrap_or_else(|| panic!("{name}"));
            let found = match attribute {
                "" => message.value().is_some(),
                _ => message.get_attribute(attribute).is_some(),
            };
            assert!(found, "{name}");
        }
    }
}

#[test]
fn every_language_has_the_messages_of_english_and_no_others() {
    for language in Language::ALL {
        for ((name, english), (_, own)) in files(Language::English).iter().zip(files(*language)) {
            let ids = |source: &'static str| -> BTreeSet<String> {
                patterns(Box::leak(Box::new([("", source)]))).into_keys().collect()
            };
            let (english, own) = (ids(english), ids(own));
            let missing: Vec<_> = english.difference(&own).collect();
            let superfluous: Vec<_> = own.difference(&english).collect();
            assert!(
                missing.is_empty() && superfluous.is_empty(),
                "{}/{name}: missing {missing:?}, superfluous {superfluous:?}",
                language.tag()
            );
        }
    }
}

#[test]
fn the_wizards_pages_get_the_messages_of_their_files_in_every_language() {
    for language in Language::ALL {
        let messages = crate::messages_for_pages(*language);
        assert!(FluentResource::try_new(messages.clone()).is_ok(), "{}", language.tag());
        // The pages parse each message by itself.
        assert!(!messages.lines().any(|line| line.starts_with('-')), "a term");
        assert!(
            messages.split('{').all(|rest| !rest.trim_start().starts_with(char::is_alphabetic)),
            "{}: a message refers to another one",
            language.tag()
        );
        for (name, text) in files(*language) {
            let is_included = ["wizard.ftl", "device.ftl"].contains(name);
            assert_eq!(messages.contains(text), is_included, "{}/{name}", language.tag());
        }
    }
}

#[test]
fn a_message_mentions_the_same_values_in_every_language() {
    let english = patterns(files(Language::English));
    for language in Language::ALL {
        for (name, pattern) in patterns(files(*language)) {
            let Some(expected) = english.get(&name) else { continue };
            assert_eq!(variables(&pattern), variables(expected), "{}: {name}", language.tag());
        }
    }
}

/// Commands, options and environment variables are identical in all languages, so that they can be
/// typed as shown.
#[test]
fn commands_and_options_are_not_translated() {
    let typed = |pattern: &str| -> BTreeSet<String> {
        pattern
            .split(|c: char| c.is_whitespace() || "“”„,.;:".contains(c))
            .filter(|word| word.starts_with("--") || word.starts_with("latchkey"))
            .map(str::to_owned)
            .collect()
    };
    let english = patterns(files(Language::English));
    for language in Language::ALL {
        for (name, pattern) in patterns(files(*language)) {
            let Some(expected) = english.get(&name) else { continue };
            assert_eq!(typed(&pattern), typed(expected), "{}: {name}", language.tag());
        }
    }
}

/// A select names its cases by the values that the code gives: a translation may leave out a case
/// that its default covers, but it can't know one that English doesn't.
#[test]
fn a_translation_has_only_the_variants_of_english() {
    let cases = |pattern: &str| -> BTreeSet<String> {
        pattern
            .lines()
            .filter_map(|line| line.trim_start().trim_start_matches('*').strip_prefix('['))
            .filter_map(|rest| rest.split_once(']').map(|(case, _)| case.to_owned()))
            .collect()
    };
    let english = patterns(files(Language::English));
    // In a sentence that English can say without a select.
    let kinds = ["request", "response", "refresh", "deactivation"];
    for language in Language::ALL {
        for (name, pattern) in patterns(files(*language)) {
            let Some(expected) = english.get(&name) else { continue };
            let expected = cases(expected);
            for case in cases(&pattern) {
                let known = expected.contains(&case) || kinds.contains(&case.as_str());
                assert!(known, "{}: {name}: [{case}]", language.tag());
            }
        }
    }
}

/// German quotes are „…“, English ones “…”; neither mixes with straight ones in running text.
#[test]
fn quotation_marks_follow_the_language() {
    for language in Language::ALL {
        for (name, pattern) in patterns(files(*language)) {
            let tag = language.tag();
            let count = |quote| pattern.matches(quote).count();
            match language {
                Language::English => {
                    assert_eq!(count('„'), 0, "{tag}: {name}");
                    assert_eq!(count('“'), count('”'), "{tag}: {name}");
                }
                Language::German => {
                    assert_eq!(count('”'), 0, "{tag}: {name}");
                    assert_eq!(count('„'), count('“'), "{tag}: {name}");
                }
            }
        }
    }
}
