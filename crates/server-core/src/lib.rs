//! What the command line and the web pages of the licensing server share: how operators' input and
//! submitted files are parsed, the clock, and how values are prepared for sentences.
//!
//! Nothing here prints, serves or decides who gets a seat: the rules are in `latchkey-issuer`.

mod clock;
mod error;
mod portal_url;
mod sentence_values;
mod submitted_file;
mod terms;

pub use clock::{ClockError, now, now_for};
pub use error::codes;
pub use portal_url::{PORTAL_PATHS, PortalUrlError, check_portal_url};
pub use sentence_values::{computer_clock_values, display_name, not_set, time_detail};
pub use submitted_file::FileContentError;
pub use terms::{
    NamedFeature, TermsError, TermsInput, activation_code, named_features, parse_feature_types,
    parse_terms, past_end_warning, weak_code_warning,
};
