//! The languages that have a catalogue, and the choice of one for a process.

use once_cell::race::OnceBox;
use unic_langid::LanguageIdentifier;

/// A language that the catalogues are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// English, which also lends its words where another language lacks some.
    #[default]
    English,
    /// German.
    German,
}

/// The process's language, once it is chosen. No thread waits for another one here, which a fork
/// may leave behind.
static CHOSEN: OnceBox<Language> = OnceBox::new();

impl Language {
    /// Every language, English first.
    pub const ALL: &[Self] = &[Self::English, Self::German];

    /// Its BCP 47 tag, which is also the name of its folder.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language that a tag asks for. Region and script don't matter: `de`, `de-AT` and `de_CH`
    /// are all German.
    ///
    /// ```
    /// use latchkey_i18n::Language;
    /// assert_eq!(Language::for_tag("de-AT"), Some(Language::German));
    /// assert_eq!(Language::for_tag("fr"), None);
    /// ```
    #[must_use]
    pub fn for_tag(tag: &str) -> Option<Self> {
        let wanted: LanguageIdentifier = tag.parse().ok()?;
        Self::ALL.iter().copied().find(|known| known.tag() == wanted.language.as_str())
    }

    /// The first of the wanted languages that is spoken here; English when none is.
    ///
    /// ```
    /// use latchkey_i18n::Language;
    /// assert_eq!(Language::negotiate(["fr-CA", "de-CH", "en"]), Language::German);
    /// ```
    pub fn negotiate<T: AsRef<str>>(wanted: impl IntoIterator<Item = T>) -> Self {
        wanted.into_iter().find_map(|tag| Self::for_tag(tag.as_ref())).unwrap_or_default()
    }

    /// What the environment asks for, in POSIX's order: `LC_ALL`, `LC_MESSAGES`, `LANG`, of which
    /// the first that isn't empty counts (POSIX.1-2017, XBD 8.2); then, unless that is `C` or
    /// `POSIX`, GNU's list `LANGUAGE` goes before it. Nothing set is the user's choice in the
    /// settings of Windows or macOS, which set no variables, and English elsewhere.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::from_variables(|name| std::env::var(name).ok()).unwrap_or_else(Self::from_settings)
    }

    #[cfg(any(windows, target_os = "macos"))]
    fn from_settings() -> Self {
        Self::negotiate(sys_locale::get_locales())
    }

    #[cfg(not(any(windows, target_os = "macos")))]
    const fn from_settings() -> Self {
        Self::English
    }

    /// `None` if no variable is set.
    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set)?;
        // `language[_territory][.codeset][@modifier]`
        let bare = |locale: &str| locale.split(['.', '@']).next().unwrap_or_default().to_owned();
        let locale = bare(&locale);
        if matches!(locale.as_str(), "C" | "POSIX") {
            return Some(Self::English);
        }
        let list = set(&"LANGUAGE").unwrap_or_default();
        Some(Self::negotiate(list.split(':').map(bare).chain([locale])))
    }

    /// The process's language: what [`Language::choose`] set, or else what the environment asked
    /// for when it was needed first. It never changes afterwards.
    #[must_use]
    pub fn of_process() -> Self {
        *CHOSEN.get_or_init(|| Box::new(Self::from_environment()))
    }

    /// Sets the process's language unless it has already been chosen. Returns the effective one.
    pub fn choose(self) -> Self {
        *CHOSEN.get_or_init(|| Box::new(self))
    }

    /// How a moment in UTC is written in a sentence, for `strftime`.
    pub(crate) const fn time_format(self) -> &'static str {
        match self {
            Self::English => "%Y-%m-%d %H:%M UTC",
            Self::German => "%d.%m.%Y, %H:%M UTC",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(environment: &[(&str, &str)]) -> Option<Language> {
        Language::from_variables(|name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_chooses_the_language() {
        use Language::{English, German};
        for (environment, expected) in [
            (&[("LANG", "de_DE.UTF-8")][..], German),
            (&[("LANG", "de_AT@euro")], German),
            (&[("LANG", "de")], German),
            (&[("LANG", "en_GB.UTF-8")], English),
            (&[("LANG", "C.UTF-8")], English),
            (&[("LANG", "POSIX")], English),
            (&[("LANG", "fr_FR.UTF-8")], English),
            (&[("LANG", "?")], English),
            // The variable with higher precedence decides; an empty one is ignored.
            (&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], English),
            (&[("LC_ALL", ""), ("LC_MESSAGES", "de_DE.UTF-8"), ("LANG", "en_US.UTF-8")], German),
            (&[("LC_MESSAGES", "en_US.UTF-8"), ("LANG", "de_DE.UTF-8")], English),
            (&[("LC_ALL", "fr_FR.UTF-8"), ("LANG", "de_DE.UTF-8")], English),
            // GNU's list goes first, but never against C.
            (&[("LANGUAGE", "fr:de:en"), ("LANG", "en_US.UTF-8")], German),
            (&[("LANGUAGE", "fr"), ("LANG", "de_DE.UTF-8")], German),
            (&[("LANGUAGE", "de"), ("LANG", "C.UTF-8")], English),
        ] {
            assert_eq!(under(environment), Some(expected), "{environment:?}");
        }
        // Then the system's settings do.
        for environment in [&[][..], &[("LANG", "")], &[("LANGUAGE", "de")]] {
            assert_eq!(under(environment), None, "{environment:?}");
        }
    }

    #[test]
    fn every_language_is_found_by_its_tag() {
        for language in Language::ALL {
            assert_eq!(Language::for_tag(language.tag()), Some(*language));
        }
    }

    #[test]
    fn the_process_keeps_its_first_language() {
        let first = Language::of_process();
        for language in Language::ALL {
            assert_eq!(language.choose(), first);
        }
    }
}
