//! What goes wrong in the portal itself, before or after the issuer.

use std::path::PathBuf;

use latchkey_issuer::{ClassifiedError, DatabaseError};
use latchkey_server_core::{ClockError, PortalUrlError};
use latchkey_token::HasErrorCode;
use thiserror::Error;

// The sentences are in `server.ftl`.
latchkey_token::error_codes! {
    #[cfg(test)]
    COUNT = "usage.count", 6006;
    UNAVAILABLE = "portal.unavailable", 6101;
    BUSY = "portal.busy", 6102;
    FORM = "portal.form", 6103;
    NO_PAGE = "portal.no_page", 6104;
    LIMITED = "portal.limited", 6105;
    NO_BATCH = "portal.no_batch", 6106;
    LOOK = "look.invalid", 6111;
    NOT_TLS = "portal.not_tls", 6121;
    COOKIE_LOST = "portal.cookie_lost", 6122;
    NOTHING = "portal.nothing", 6123;
}

/// A request can't be answered, or the portal can't start.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[class(InvalidInput)]
pub enum PortalError {
    /// The clock can't be used.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The vendor's database can't be used.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The portal can't have the URL that its configuration gives it.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    PortalUrl(#[from] PortalUrlError),
    /// The configuration or the logo can't be read.
    #[code(latchkey_server_core::codes::INPUT_NOT_READ)]
    #[error("{file} can't be read: {reason}")]
    InputNotRead {
        /// The file.
        file: String,
        /// The catalogue's word for the cause.
        reason: &'static str,
    },
    /// The configuration or the logo has a value that can't be used.
    #[code(codes::LOOK)]
    #[error("{}: {field} can't be used", path.display())]
    Look {
        /// The file.
        path: PathBuf,
        /// The catalogue's word for the value.
        field: &'static str,
    },
    /// The work was interrupted.
    #[code(latchkey_server_core::codes::INTERRUPTED)]
    #[class(Internal)]
    #[error("the work was interrupted")]
    Interrupted,
    /// Something is wrong with the vendor's machine, of which clients learn nothing more.
    #[code(codes::UNAVAILABLE)]
    #[class(Internal)]
    #[error("the portal is unavailable")]
    Unavailable,
    /// Too much is being worked on.
    #[code(codes::BUSY)]
    #[class(Internal)]
    #[error("too many requests are being processed")]
    Busy,
    /// The body of the request isn't a form of the portal.
    #[code(codes::FORM)]
    #[error("the body is not a valid form")]
    Form,
    /// The submitted text is too large.
    #[code(latchkey_server_core::codes::INPUT_TOO_LARGE)]
    #[class(RefusedToken)]
    #[error("the input is too large")]
    InputTooLarge {
        /// The largest size in bytes.
        limit: usize,
    },
    /// A field that takes a number has something else in it.
    #[code(codes::COUNT)]
    #[error("{text:?} is not a number")]
    Count {
        /// What was entered.
        text: String,
    },
    /// There is no such page.
    #[code(codes::NO_PAGE)]
    #[error("no such page")]
    NoPage,
    /// The client exceeded a rate limit.
    #[code(codes::LIMITED)]
    #[error("rate limit exceeded; retry in {seconds} s")]
    Limited {
        /// After how long the next request is accepted.
        seconds: u64,
    },
    /// There is no such batch, or it has been discarded.
    #[code(codes::NO_BATCH)]
    #[error("no such batch")]
    NoBatch,
    /// The browser would not keep the session's cookie, because the connection isn't secure.
    #[code(codes::NOT_TLS)]
    #[error("no sign-in without TLS")]
    NotTls,
    /// The browser didn't send back the cookie that it was just given.
    #[code(codes::COOKIE_LOST)]
    #[error("the browser didn't keep the cookie")]
    CookieLost,
    /// The form was submitted empty.
    #[code(codes::NOTHING)]
    #[error("nothing was pasted or chosen")]
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_portal_has_words() {
        for code in CODES {
            let id = code.name.replace('.', "-");
            assert_ne!(latchkey_i18n::text(&id, &[]), id, "{code} has no words");
        }
    }
}
