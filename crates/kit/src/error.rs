//! Why a kit can't be made or written.

use std::path::PathBuf;

use latchkey_issuer::ClassifiedError;
use latchkey_server_core::PortalUrlError;
use latchkey_token::HasErrorCode;
use thiserror::Error;

// The sentences are in `server.ftl`.
latchkey_token::error_codes! {
    #[cfg(test)]
    CONFIG_DIFFERS = "kit.config_differs", 6021;
    KIT_NOT_WRITTEN = "kit.not_written", 6022;
}

/// The kit can't be made or written.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[class(InvalidInput)]
pub enum KitError {
    /// The portal can't have this URL.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    PortalUrl(#[from] PortalUrlError),
    /// The scope needs a store that the policy forbids.
    #[code(latchkey_server_core::codes::USAGE, reason = self.to_string())]
    #[error("--scope machine keeps the licence in a file, which --store keyring-only forbids")]
    StorePolicy,
    /// The folder has a `latchkey.toml` that isn't the one of this kit.
    #[code(codes::CONFIG_DIFFERS)]
    #[class(Conflict)]
    #[error("{} differs", path.display())]
    ConfigDiffers {
        /// The file.
        path: PathBuf,
    },
    /// A file can't be written.
    #[code(codes::KIT_NOT_WRITTEN)]
    #[class(Internal)]
    #[error("{} can't be written: {reason}", path.display())]
    NotWritten {
        /// The file or the folder.
        path: PathBuf,
        /// The catalogue's word for the cause.
        reason: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_kit_has_words() {
        for code in CODES {
            let id = code.name.replace('.', "-");
            assert_ne!(latchkey_i18n::text(&id, &[]), id, "{code} has no words");
        }
    }
}
