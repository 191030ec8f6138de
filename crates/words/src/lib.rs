//! Words for people: one set of message catalogues (Fluent, one folder a language) for the wizard, the
//! command lines, the portal and the print sheets. The wizard's pages read the same files.
//!
//! An error's words are found by its code: `token.truncated` is the message `token-truncated`, whose
//! value says what happened and whose attribute `action` says what to do next.
//!
//! ```
//! let nothing = latchkey_token::read("hello").unwrap_err();
//! let explained = latchkey_words::explain(&nothing);
//! assert_eq!(explained.code, "token.none_found");
//! assert_eq!(explained.message, "There is no token in this text.");
//! ```

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::Timestamp;
use latchkey_token::{Coded, Detail};
use unic_langid::langid;

#[cfg(test)]
mod errors_page;

/// The English catalogue, file by file.
const ENGLISH: &[(&str, &str)] = &[
    ("token.ftl", include_str!("../locales/en/token.ftl")),
    ("lease.ftl", include_str!("../locales/en/lease.ftl")),
    ("device.ftl", include_str!("../locales/en/device.ftl")),
    ("issuer.ftl", include_str!("../locales/en/issuer.ftl")),
    ("cli.ftl", include_str!("../locales/en/cli.ftl")),
    ("server.ftl", include_str!("../locales/en/server.ftl")),
    ("wizard.ftl", include_str!("../locales/en/wizard.ftl")),
];

static BUNDLE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| {
    let mut bundle = FluentBundle::new_concurrent(vec![langid!("en")]);
    // Isolation marks are for mixed directions; a terminal shows them as rubbish.
    bundle.set_use_isolating(false);
    for (_, source) in ENGLISH {
        // What can be read of a file is used; the tests refuse a file with errors.
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        let _ = bundle.add_resource(resource);
    }
    bundle
});

/// An error in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Its stable name.
    pub code: &'static str,
    /// Its stable number.
    pub number: u32,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub action: String,
}

/// Puts an error into words.
#[must_use]
pub fn explain(error: &dyn Coded) -> Explained {
    let code = error.code();
    let id = message_id(code.name);
    let details = error.details();
    let mut args = FluentArgs::new();
    for (name, detail) in &details {
        args.set(*name, value(detail));
    }
    Explained {
        code: code.name,
        number: code.number,
        // A code without words is a defect that the tests find; until then the code itself is shown.
        message: format(&id, None, &args).unwrap_or_else(|| code.name.to_owned()),
        action: format(&id, Some("action"), &args).unwrap_or_default(),
    }
}

/// A message of the catalogue by its id; the id itself when it doesn't exist.
#[must_use]
pub fn text(id: &str, values: &[(&str, Detail)]) -> String {
    let mut args = FluentArgs::new();
    for (name, detail) in values {
        args.set((*name).to_owned(), value(detail));
    }
    format(id, None, &args).unwrap_or_else(|| id.to_owned())
}

/// The id of a code's message.
fn message_id(code: &str) -> String {
    code.replace('.', "-")
}

fn format(id: &str, attribute: Option<&str>, args: &FluentArgs<'_>) -> Option<String> {
    let message = BUNDLE.get_message(id)?;
    let pattern = match attribute {
        None => message.value()?,
        Some(attribute) => message.get_attribute(attribute)?.value(),
    };
    let mut errors = Vec::new();
    let text = BUNDLE.format_pattern(pattern, Some(args), &mut errors).into_owned();
    Some(text)
}

fn value(detail: &Detail) -> FluentValue<'static> {
    match detail {
        Detail::Text(text) => FluentValue::from(text.clone()),
        Detail::Number(number) => FluentValue::from(*number),
        Detail::Time(seconds) => FluentValue::from(
            Timestamp::from_second(*seconds).map_or_else(|_| seconds.to_string(), in_words),
        ),
    }
}

/// `2026-12-16 14:00 UTC`: without a window there is no locale to ask.
fn in_words(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use latchkey_token::ReadError;

    use super::*;

    #[test]
    fn every_catalogue_is_well_formed_and_no_id_stands_twice() {
        let mut bundle = FluentBundle::new_concurrent(vec![langid!("en")]);
        for (name, source) in ENGLISH {
            let resource = FluentResource::try_new((*source).to_owned());
            assert!(resource.is_ok(), "{name}: {:?}", resource.err().map(|(_, errors)| errors));
            let added = bundle.add_resource(resource.unwrap());
            assert_eq!(added, Ok(()), "{name}");
        }
    }

    #[test]
    fn a_plural_follows_its_number() {
        let one = explain(&ReadError::Damaged { rows: vec![7], of: 15 });
        assert_eq!(one.message, "Row 7 of 15 is damaged.");
        let several = explain(&ReadError::Damaged { rows: vec![3, 4, 7], of: 15 });
        assert_eq!(several.message, "Rows 3–4, 7 of 15 are damaged.");
    }

    #[test]
    fn a_time_is_written_in_utc() {
        let time = Detail::Time(1_800_000_000);
        assert_eq!(value(&time), FluentValue::from("2027-01-15 08:00 UTC"));
    }
}
