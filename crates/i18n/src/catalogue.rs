//! The message catalogues: Fluent files, one folder per language, compiled into the program and
//! parsed when the first message is needed.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use latchkey_per_process::{PerProcess, Share};
use unic_langid::{LanguageIdentifier, langid};

use crate::Language;

/// A language's files, by name.
macro_rules! files {
    ($tag:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../locales/", $tag, "/", $name)))),*]
    };
}

pub(crate) type Files = &'static [(&'static str, &'static str)];

const ENGLISH: Files = files!("en":
    "token.ftl" "lease.ftl" "device.ftl" "issuer.ftl" "cli.ftl" "server.ftl" "portal.ftl" "wizard.ftl" "paper.ftl"
    "sdk.ftl");
const GERMAN: Files = files!("de":
    "token.ftl" "lease.ftl" "device.ftl" "issuer.ftl" "cli.ftl" "server.ftl" "portal.ftl" "wizard.ftl" "paper.ftl"
    "sdk.ftl");

pub(crate) const fn files(language: Language) -> Files {
    match language {
        Language::English => ENGLISH,
        Language::German => GERMAN,
    }
}

pub(crate) type Bundle = FluentBundle<FluentResource>;

/// A bundle has a lock inside, for what it knows of plurals and numbers.
static IN_ENGLISH: PerProcess<Bundle> = PerProcess::new();
static IN_GERMAN: PerProcess<Bundle> = PerProcess::new();

pub(crate) fn catalogue(language: Language) -> Share<Bundle> {
    let (kept, plurals) = match language {
        Language::English => (&IN_ENGLISH, langid!("en")),
        Language::German => (&IN_GERMAN, langid!("de")),
    };
    kept.get_or_init(|| bundle(plurals, files(language)))
}

pub(crate) fn bundle(plurals: LanguageIdentifier, files: Files) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![plurals]);
    // Isolation marks are for mixed directions; a terminal shows them as rubbish.
    bundle.set_use_isolating(false);
    for (_, source) in files {
        // What can be read of a file is used; the tests refuse a file with errors.
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// Formats a message or an attribute of one. Returns `None` if this catalogue doesn't have it.
pub(crate) fn format(
    catalogue: &Bundle,
    id: &str,
    attribute: Option<&str>,
    args: &FluentArgs<'_>,
) -> Option<String> {
    let message = catalogue.get_message(id)?;
    let pattern = match attribute {
        None => message.value()?,
        Some(attribute) => message.get_attribute(attribute)?.value(),
    };
    let mut errors = Vec::new();
    Some(catalogue.format_pattern(pattern, Some(args), &mut errors).into_owned())
}

/// Looks a message up, falling back to English.
pub(crate) fn format_or_english(
    language: Language,
    id: &str,
    attribute: Option<&str>,
    args: &FluentArgs<'_>,
) -> Option<String> {
    format(&catalogue(language), id, attribute, args)
        .or_else(|| format(&catalogue(Language::English), id, attribute, args))
}

/// What the tests know of a catalogue without formatting anything.
#[cfg(test)]
pub(crate) mod source {
    use std::collections::{BTreeMap, BTreeSet};

    use super::Files;

    /// Every message's value and attributes as they stand in the file: by id, and by
    /// `id.attribute`.
    pub(crate) fn patterns(files: Files) -> BTreeMap<String, String> {
        let mut patterns = BTreeMap::new();
        for (_, source) in files {
            let mut message = String::new();
            let mut current = String::new();
            for line in source.lines() {
                let (name, rest) = match line.split_once(" =") {
                    Some((id, rest)) if is_id(id) => {
                        id.clone_into(&mut message);
                        (message.clone(), rest)
                    }
                    Some((attribute, rest)) if is_attribute(attribute) => {
                        (format!("{message}{}", attribute.trim()), rest)
                    }
                    _ if line.starts_with(' ') || line.starts_with('}') => {
                        let pattern: &mut String = patterns.entry(current.clone()).or_default();
                        pattern.push('\n');
                        pattern.push_str(line);
                        continue;
                    }
                    _ => continue,
                };
                let twice = patterns.insert(name.clone(), rest.trim().to_owned());
                assert_eq!(twice, None, "{name} stands twice");
                current = name;
            }
        }
        patterns
    }

    fn is_id(text: &str) -> bool {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    }

    fn is_attribute(text: &str) -> bool {
        text.starts_with(' ') && text.trim_start().strip_prefix('.').is_some_and(is_id)
    }

    /// The variables of a pattern.
    pub(crate) fn variables(pattern: &str) -> BTreeSet<&str> {
        pattern
            .split('$')
            .skip(1)
            .map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c));
                &rest[..end.unwrap_or(rest.len())]
            })
            .collect()
    }
}
