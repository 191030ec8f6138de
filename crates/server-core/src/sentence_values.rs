//! Values as the catalogue's sentences take them.

use latchkey_i18n::text;
use latchkey_lease::Timestamp;
use latchkey_token::ErrorArg;

/// A time in sentences.
#[must_use]
pub fn time_detail(time: Timestamp) -> ErrorArg {
    ErrorArg::Time(latchkey_lease::to_seconds(time))
}

/// What a seat is called in sentences: it may have no name.
#[must_use]
pub fn display_name(name: &str) -> ErrorArg {
    if name.is_empty() { not_set().into() } else { name.into() }
}

/// The placeholder for a value that isn't set.
#[must_use]
pub fn not_set() -> String {
    text("server-none", &[])
}

/// The values of the sentence about a computer whose clock is wrong: in which way, and what it
/// showed. `None` if it showed no time that is worth a sentence, or if the lease is over anyway,
/// which no other clock would change.
#[must_use]
pub fn computer_clock_values(
    computer_clock: Option<Timestamp>,
    lease_expiry: Timestamp,
    now: Timestamp,
) -> Option<[(&'static str, ErrorArg); 2]> {
    let shown = computer_clock.filter(|_| now < lease_expiry)?;
    let how = match () {
        () if shown >= lease_expiry => "over",
        () if shown > now => "ahead",
        () => "behind",
    };
    Some([("how", how.into()), ("time", time_detail(shown))])
}
