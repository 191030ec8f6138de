//! The portal's own URL, which `kit` writes for customers and `serve` reads from its configuration.
//! QR codes and print sheets link to it, and its path is the prefix of all pages.

use latchkey_issuer::ClassifiedError;
use latchkey_paper::PortalUrl;
use latchkey_token::HasErrorCode;
use thiserror::Error;

use crate::error::codes;

/// The portal can't have this URL.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[class(InvalidInput)]
#[code(codes::URL, limit = latchkey_paper::MAX_ADDRESS)]
#[error("{text:?} is not an address for links: {fault}")]
pub struct PortalUrlError {
    /// What was entered.
    pub text: String,
    /// The catalogue's word for what is wrong with it.
    pub fault: &'static str,
}

/// The first path segments of the portal's own pages. With such a name as prefix, a proxy that
/// strips it can't be distinguished from one that doesn't.
pub const PORTAL_PATHS: [&str; 20] = [
    "a",
    "A",
    "s",
    "S",
    "seats",
    "activate",
    "deactivate",
    "seat",
    "refresh",
    "gone",
    "file",
    "sheet",
    "batch",
    "vendor",
    "logo",
    "health",
    "ready",
    "portal.css",
    "portal.js",
    "icon.svg",
];

/// Parses an address from which links into the portal can be made.
///
/// # Errors
/// [`PortalUrlError`] with the name of the [`latchkey_paper::AddressFault`] that makes links
/// impossible, or with `own_page` if the path begins like one of the portal's own pages.
pub fn check_portal_url(url: &str) -> Result<PortalUrl, PortalUrlError> {
    let wrong = |fault| PortalUrlError { text: url.to_owned(), fault };
    let portal = PortalUrl::parse_strict(url).map_err(|fault| wrong(fault.name()))?;
    let first = portal.path().split('/').nth(1).unwrap_or_default();
    if PORTAL_PATHS.contains(&first) {
        return Err(wrong("own_page"));
    }
    Ok(portal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_called_like_a_page_of_the_portal_is_refused() {
        let fault = |url: &str| match check_portal_url(url) {
            Err(PortalUrlError { fault, .. }) => fault,
            other => panic!("{url}: {other:?}"),
        };
        for page in PORTAL_PATHS {
            assert_eq!(fault(&format!("https://acme.example/{page}")), "own_page");
            assert_eq!(fault(&format!("https://acme.example/{page}/licences/")), "own_page");
        }
        assert_eq!(fault("https://acme.example/?a=b"), "query");
        for url in ["https://acme.example", "https://seats.acme.example/licence/seats"] {
            assert!(check_portal_url(url).is_ok(), "{url}");
        }
    }
}
