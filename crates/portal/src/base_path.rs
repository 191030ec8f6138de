//! The path under which the portal serves its pages: the root of a host, or a prefix on a web
//! server that also has other pages. A reverse proxy may strip the prefix from requests or leave it
//! in place; both work.
//!
//! The prefix comes from `[portal] url` in the configuration, and links then start with it. Without
//! a configured URL, links are relative to the depth of the current page, which is correct under
//! any prefix that a proxy strips. Request headers such as `X-Forwarded-Prefix` are never trusted,
//! because a client can send them too.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// Maximum depth of the portal's pages. Links on deeper paths are those of a portal at the root.
const MAX_DEPTH: usize = 8;

/// The path that all pages are below: empty, or a slash and what follows, without a slash at its
/// end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BasePath(String);

/// What links of a page begin with in the place of the slash, so that they lead to the portal's own
/// pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Root(Arc<str>);

impl Default for Root {
    fn default() -> Self {
        Self("/".into())
    }
}

impl Root {
    /// The address of a page of the portal, as links on this page have it.
    pub(crate) fn link(&self, path: &str) -> String {
        match (&*self.0, path.trim_start_matches('/')) {
            ("", "") => "./".to_owned(),
            (root, path) => format!("{root}{path}"),
        }
    }
}

impl BasePath {
    pub(crate) fn new(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// Removes the base path from a request, and adds the [`Root`] for the links of its response.
    pub(crate) fn remove_base(&self, mut request: Request) -> Request {
        let path = request.uri().path();
        let own = self.below_base(path);
        let root = self.root(own);
        // People and proxies put a slash after the path of a page.
        let trimmed = own.trim_end_matches('/');
        let page = if trimmed.is_empty() { "/" } else { trimmed };
        if page != path
            && let Some(uri) = with_path(request.uri(), page)
        {
            *request.uri_mut() = uri;
        }
        request.extensions_mut().insert(root);
        request
    }

    /// The path below the base path, with one slash in front: a proxy that puts its own slash
    /// before another one is meant as well as one that doesn't.
    fn below_base<'p>(&self, path: &'p str) -> &'p str {
        let path = one_slash(path);
        match path.strip_prefix(self.0.as_str()) {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => one_slash(rest),
            _ => path,
        }
    }

    fn root(&self, own: &str) -> Root {
        if !self.0.is_empty() {
            return Root(format!("{}/", self.0).into());
        }
        match own.bytes().filter(|byte| *byte == b'/').count().saturating_sub(1) {
            depth if depth > MAX_DEPTH => Root::default(),
            depth => Root("../".repeat(depth).into()),
        }
    }
}

fn one_slash(path: &str) -> &str {
    let slashes = path.bytes().take_while(|byte| *byte == b'/').count();
    &path[slashes.saturating_sub(1)..]
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path_and_query).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(base: &str, path: &str) -> (String, String) {
        let mut request = Request::default();
        *request.uri_mut() = path.parse().unwrap();
        let request = BasePath::new(base).remove_base(request);
        let root = request.extensions().get::<Root>().unwrap();
        (request.uri().to_string(), root.link("/seats"))
    }

    #[test]
    fn a_base_path_works_with_and_without_stripping_by_the_proxy() {
        for (base, path, page, seats) in [
            ("/licence", "/licence/a/TOKEN?lang=de", "/a/TOKEN?lang=de", "/licence/seats"),
            ("/licence", "/a/TOKEN?lang=de", "/a/TOKEN?lang=de", "/licence/seats"),
            ("/licence", "//a/TOKEN", "/a/TOKEN", "/licence/seats"),
            ("/licence", "/licence", "/", "/licence/seats"),
            ("/licence", "/licence/", "/", "/licence/seats"),
            ("/licence", "/licence//seats/", "/seats", "/licence/seats"),
            ("/licence", "/licences", "/licences", "/licence/seats"),
            ("/licence", "/", "/", "/licence/seats"),
            ("/one/two", "/one/two/vendor", "/vendor", "/one/two/seats"),
            ("/one/two", "/one", "/one", "/one/two/seats"),
        ] {
            assert_eq!(asked(base, path), (page.to_owned(), seats.to_owned()), "{base} {path}");
        }
    }

    #[test]
    fn without_a_base_path_links_are_relative_at_any_depth() {
        for (path, page, seats) in [
            ("/", "/", "seats"),
            ("/activate", "/activate", "seats"),
            ("/activate/", "/activate", "../seats"),
            ("/a/TOKEN", "/a/TOKEN", "../seats"),
            ("//a/TOKEN", "/a/TOKEN", "../seats"),
            (
                "/vendor/products/1/kit/latchkey.toml",
                "/vendor/products/1/kit/latchkey.toml",
                "../../../../seats",
            ),
            ("http://portal/vendor/audit?x=/y", "http://portal/vendor/audit?x=/y", "../seats"),
        ] {
            assert_eq!(asked("", path), (page.to_owned(), seats.to_owned()), "{path}");
        }
        let deep = "/x".repeat(30_000);
        assert_eq!(asked("", &deep).1, "/seats");
        let mut request = Request::default();
        *request.uri_mut() = "/".parse().unwrap();
        let request = BasePath::default().remove_base(request);
        assert_eq!(request.extensions().get::<Root>().unwrap().link("/"), "./");
    }
}
