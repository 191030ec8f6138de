//! Tokens on paper and as pictures, for the wizard, the command line and the portal: print sheets,
//! QR codes, and rows spelled out for reading aloud. Except for the process that decodes pictures,
//! everything is pure: no files, no clock, no window. `latchkey_token::manual_entry` checks what is
//! typed from a sheet.
//!
//! ```
//! use latchkey_paper::{PortalUrl, Sheet, pictures, seat_picture};
//! use latchkey_i18n::Language;
//! # use latchkey_token::{Deactivation, SeatId, SecretKeys, Seed, scan, seal};
//! # let keys = SecretKeys::from_seed(&Seed::random()?)?;
//! # let seat = SeatId::random()?;
//! # let given_back = Deactivation { seat, counter: 7, created_at: 1_790_000_000 };
//! # let token = seal(&given_back, 1, &keys, keys.public())?;
//! let portal = PortalUrl::new("https://licence.acme.example");
//!
//! // What a phone's camera opens: the portal with the token in place. Usually one picture.
//! for picture in pictures(&token, portal.as_ref()) {
//!     assert!(picture.text().starts_with("HTTPS://LICENCE.ACME.EXAMPLE/A/LKDAC"));
//!     assert!(picture.svg().starts_with("<svg "));
//! }
//! // The portal at one seat.
//! if let Some(portal) = &portal {
//!     assert!(portal.seat_link(seat).starts_with("HTTPS://LICENCE.ACME.EXAMPLE/S/"));
//!     seat_picture(portal, seat);
//! }
//! // One page to print, and the same as plain text.
//! let sheet = Sheet {
//!     token: &token,
//!     product: "Acme CAD",
//!     vendor: "Acme",
//!     portal: portal.as_ref(),
//!     seat_name: Some("Drawing office 4"),
//!     language: Language::English,
//! };
//! assert!(sheet.html().starts_with("<!doctype html>"));
//! assert_eq!(scan(&sheet.text())?[0].token.as_ref(), Ok(&token));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod code_file;
mod code_parts;
mod codes;
mod detect;
mod entry_messages;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod image_pages;
mod links;
mod picture_process;
mod qr;
mod qr_decode;
mod reading_error;
mod several_files;
mod sheet;
mod spelling;

pub use code_file::{CodeFileError, read_code_isolated};
pub use codes::Codes;
pub use entry_messages::entry_message;
pub use links::{AddressFault, MAX_ADDRESS, PortalUrl};
pub use picture_process::{
    INTERACTIVE_MEMORY, PictureSeries, picture_process, read_file_isolated,
    read_one_of_several_isolated, read_picture_isolated,
};
pub use qr::{Picture, pictures, seat_picture};
pub use qr_decode::{is_picture, read_picture};
pub use reading_error::{FileReadError, ReadingError};
pub use several_files::FileOfSeveral;
pub use sheet::Sheet;
pub use spelling::spell_groups;
