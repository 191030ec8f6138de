//! The library that a product links to find out whether it may run.
//!
//! The vendor's keys are compiled into the product, and every check verifies the vendor's signature
//! on the lease with them: no file on the computer is trusted by itself. A check writes only to
//! record the time, at most once an hour, so that setting the clock back gains nothing.
//!
//! ```no_run
//! use latchkey_sdk::{Licence, Product, Reason, open_wizard};
//!
//! # const KEYS: [[u8; 64]; 1] = [[0; 64]];
//! // `PRODUCT` and the constants of the features are in `latchkey_product.rs` of the vendor's kit.
//! const PRODUCT: Product<'_> = Product::new([0x3f; 8], 1, &KEYS);
//! const FEATURE_EXPORT: u32 = 1;
//!
//! let licence = Licence::open(&PRODUCT)?;
//! let verdict = licence.check();
//! if !verdict.may_run() {
//!     let explained = verdict.explain();
//!     eprintln!("{}\n→ {}", explained.message, explained.action);
//!     open_wizard(Reason::from(&*verdict))?;
//!     return Ok(());
//! }
//! if verdict.has_feature(FEATURE_EXPORT) {
//!     println!("Export is included.");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What lives here: checks, verdicts, and the tokens for products with dialogs of their own. What
//! doesn't: leases and stores (`latchkey-lease`, `latchkey-device`), and the C interface
//! (`latchkey-sdk-c`).

mod clock;
mod error;
mod features;
mod licence;
mod product;
mod store_reader;
#[cfg(test)]
mod tests;
mod tokens;
mod verdict;
mod watch;
mod wizard;

pub use error::{CODES, OfflineTokenError, OpenLicenceError, WizardError, codes};
pub use features::FeatureError;
pub use licence::{LastVerdict, Licence};
pub use product::Product;
pub use tokens::Deactivation;
pub use verdict::{Terms, Verdict, VerdictKind};
pub use watch::Watch;
pub use wizard::{Reason, open_wizard, open_wizard_in};

pub use latchkey_device::{
    DeactivateError, OutboxError, PendingError, RequestError, Scope, StatusError, StoreError,
    StoreKind, StorePolicy,
};
pub use latchkey_i18n::{Explained, Language, explain, explain_in};
pub use latchkey_lease::Timestamp;
pub use latchkey_token::{
    ActivationCode, Attributes, CodeDoubt, ErrorArg, ErrorCode, FeatureValue, Features,
    HardwareTrait, HasErrorCode, SeatId, SeatName,
};
