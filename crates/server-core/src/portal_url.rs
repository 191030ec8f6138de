//! The portal's own URL, which `kit` writes for customers and `serve` reads from its configuration.
//! QR codes and print sheets link to it, and its path is the prefix of all pages.

use latchkey_paper::Portal;

use crate::error::PortalError;

/// The first path segments of the portal's own pages. With such a name as prefix, a proxy that
/// strips it can't be distinguished from one that doesn't.
const OWN: [&str; 20] = [
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

/// An address that links into the portal can be made from.
pub(crate) fn checked(url: &str) -> Result<Portal, PortalError> {
    let wrong = |fault| PortalError::Url { text: url.to_owned(), fault };
    let portal = Portal::checked(url).map_err(|fault| wrong(fault.name()))?;
    let first = portal.path().split('/').nth(1).unwrap_or_default();
    if OWN.contains(&first) {
        return Err(wrong("own_page"));
    }
    Ok(portal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_portal_begins_with_one_of_its_own_names() {
        let sources = [include_str!("serve/mod.rs"), include_str!("serve/admin/mod.rs")];
        let routes = sources.iter().flat_map(|source| source.split(".route(\"/").skip(1));
        let firsts: std::collections::BTreeSet<_> =
            routes.filter_map(|route| route.split(['/', '"']).next()).collect();
        let own = OWN.into_iter().chain([""]).collect();
        assert_eq!(firsts, own);
    }

    #[test]
    fn a_path_that_is_called_like_a_page_of_the_portal_is_refused() {
        let fault = |url: &str| match checked(url) {
            Err(PortalError::Url { fault, .. }) => fault,
            other => panic!("{url}: {other:?}"),
        };
        for page in OWN {
            assert_eq!(fault(&format!("https://acme.example/{page}")), "own_page");
            assert_eq!(fault(&format!("https://acme.example/{page}/licences/")), "own_page");
        }
        assert_eq!(fault("https://acme.example/?a=b"), "query");
        for url in ["https://acme.example", "https://seats.acme.example/licence/seats"] {
            assert!(checked(url).is_ok(), "{url}");
        }
    }
}
