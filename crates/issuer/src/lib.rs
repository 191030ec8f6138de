//! The vendor's side: products, entitlements, activation codes and seats, and the rules by which
//! seats are granted, refreshed and returned.
//!
//! This crate contains the rules, the vendor's keys and the database; [`Issuer`] is its only entry
//! point. It contains no commands, no pages and no sentences for people. Callers pass in the time.
//!
//! Each grant, refusal, release and administrative action is a row of the audit log, written in the
//! same transaction. Seats are counted in a transaction that first locks the entitlement's row.
//!
//! ```no_run
//! use latchkey_issuer::Issuer;
//! # fn text() -> String { String::new() }
//! # fn now() -> latchkey_lease::Timestamp { latchkey_lease::Timestamp::UNIX_EPOCH }
//! let mut issuer = Issuer::open("latchkey-data".as_ref(), now())?;
//! for found in latchkey_token::scan(&text())? {
//!     let granted = issuer.activate(&found.token?, None, now())?;
//!     println!("{}", granted.token);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// The derive macro of `ClassifiedError` names this crate.
extern crate self as latchkey_issuer;

mod activation;
mod activation_codes;
mod backup;
mod clock;
mod clock_confirmation;
mod database;
mod deactivate;
mod entitlements;
mod error_class;
mod facts;
mod files;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod grant;
mod in_use;
mod issuer;
mod keys;
mod model;
mod notices;
mod operators;
mod passphrase;
mod products;
mod refresh;
mod refusal;
mod rules;
mod seats;
mod self_service;
mod sign_in_attempts;
mod staging;
#[cfg(test)]
mod tests;
mod time;
mod validation;

pub use activation::{ActivationPreview, Granted, ReceivedRequest};
pub use activation_codes::{CodeError, NewCode};
pub use backup::BackupError;
pub use clock::{ClockDoubt, Comparison, IDLE, OFF, STANDSTILL, SUSPENSION, TOLERATED_LAG};
pub use database::{DatabaseError, RowQuota};
pub use deactivate::{DeactivationPreview, ReceivedDeactivation};
pub use entitlements::{EntitlementError, EntitlementTerms, Update};
pub use error_class::{CODES, ClassifiedError, ErrorClass, codes};
pub use in_use::InUse;
pub use issuer::{Issuer, OpenIssuerError, ProbeError, SetUpError};
pub use keys::rotate::{ListedKey, Rotated};
pub use keys::{KeyFileError, KeysError};
pub use model::{
    AuditRow, CodeSummary, Entitlement, EntitlementId, Feature, FeatureType, Product, Seat,
    SeatState, Vendor,
};
pub use notices::{EarlyReturnsReport, LostDeviceReport, NoticeError, ReportOutcome};
pub use operators::{Operator, OperatorError, SignInError};
pub use passphrase::{NotText, Passphrase};
pub use products::ProductError;
pub use refresh::Refreshed;
pub use refusal::{EntitlementRefusal, SeatRefusal, TokenRefusal};
pub use rules::activation::error::{ActivateError, MOVES};
pub use rules::activation::plan::GrantReason;
pub use rules::activation::request::{Choices, GivenAt, GivenCode};
pub use rules::deactivation::{Deactivated, DeactivationTokenError, Outcome};
pub use rules::refresh::RefreshError;
pub use rules::release::ReleaseError;
pub use seats::{Released, SeatsError, TokenContent};
pub use self_service::{CodeOverview, SeatHistory, SelfServiceError};
pub use sign_in_attempts::SignInOrigin;
pub use time::MOVE_DAYS;
pub use validation::{ValueError, is_unfit};
