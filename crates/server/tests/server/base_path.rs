//! The portal under a path prefix, behind two kinds of reverse proxy: one strips the prefix and one
//! keeps it. Every link, form, file and redirect is followed as a browser would.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use crate::http::{Page, Portal, box_request, form_request};
use crate::{CODE, Computer, Server};

const PATH: &str = "/licence";

/// A web server with pages of its own, which passes on what is below [`PATH`].
struct Front {
    address: String,
}

impl Front {
    fn start(portal: &Portal, takes_it_off: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let portal = portal.address.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let portal = portal.clone();
                std::thread::spawn(move || pass_on(stream.unwrap(), &portal, takes_it_off));
            }
        });
        Self { address }
    }

    fn say(&self, request: impl AsRef<[u8]>) -> Page {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_ref()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        Page::of(&answer)
    }

    fn get(&self, path: &str, headers: &str) -> Page {
        self.say(format!(
            "GET {path} HTTP/1.1\r\nhost: acme.example\r\nconnection: close\r\n{headers}\r\n"
        ))
    }

    fn post(&self, path: &str, fields: &[(&str, &str)], headers: &str) -> Page {
        self.say(form_request(path, fields, headers))
    }

    /// Asks for everything that a page at this path leads to.
    fn follow_all(&self, path: &str, page: &Page, headers: &str) -> usize {
        let all = links(&page.body);
        for link in &all {
            let to = resolved(path, link);
            assert!(to == PATH || to.starts_with(&format!("{PATH}/")), "{path}: {link} is {to}");
            let answer = self.get(&to, headers);
            // Some take forms only, and say so.
            let is_there = answer.status < 400 || answer.status == 405;
            assert!(is_there, "{path}: {link} is {to}: {}", answer.status);
            if answer.status == 303 {
                let next = resolved(&to, answer.header("location"));
                assert_eq!(self.get(&next, headers).status, 200, "{to} leads to {next}");
            }
        }
        all.len()
    }
}

fn pass_on(mut visitor: TcpStream, portal: &str, takes_it_off: bool) -> Option<()> {
    let mut reader = BufReader::new(visitor.try_clone().ok()?);
    let (mut line, mut head, mut length) = (String::new(), String::new(), 0);
    reader.read_line(&mut line).ok()?;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&header);
        if header == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let [method, path, version] = line.trim_end().split(' ').collect::<Vec<_>>().try_into().ok()?;
    let below =
        path.strip_prefix(PATH).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let Some(below) = below else {
        let other =
            b"HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\nanother page of the vendor";
        return visitor.write_all(other).ok();
    };
    let passed = match (takes_it_off, below.is_empty()) {
        (false, _) => path,
        (true, false) => below,
        (true, true) => "/",
    };
    let mut portal = TcpStream::connect(portal).ok()?;
    portal.write_all(format!("{method} {passed} {version}\r\n{head}").as_bytes()).ok()?;
    portal.write_all(&body).ok()?;
    std::io::copy(&mut portal, &mut visitor).ok()?;
    Some(())
}

/// What a page leads to or loads.
fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in [" href=\"", " src=\"", " action=\"", " formaction=\""] {
        for part in page.split(name).skip(1) {
            let link = part.split('"').next().unwrap().replace("&amp;", "&");
            assert!(!link.is_empty(), "an empty {name}");
            let elsewhere = ["#", "mailto:", "data:", "https:"];
            if !elsewhere.iter().any(|scheme| link.starts_with(scheme)) {
                found.push(link);
            }
        }
    }
    found
}

/// Where a browser at this path goes for a reference (RFC 3986, section 5.2).
fn resolved(at: &str, reference: &str) -> String {
    let at = at.split('?').next().unwrap();
    let (path, query) = match reference.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (reference, String::new()),
    };
    if path.starts_with('/') {
        return reference.to_owned();
    }
    let mut parts: Vec<_> = at.split('/').skip(1).collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if path.ends_with("./") || path.ends_with("../") {
        parts.retain(|part| !part.is_empty());
        parts.push("");
    }
    format!("/{}{query}", parts.join("/"))
}

fn look(server: &Server, portal: &str) -> PathBuf {
    let path = server.folder.path().join("latchkey.toml");
    std::fs::write(&path, format!("[portal]\nurl = \"{portal}\"\n")).unwrap();
    path
}

/// The portal behind both kinds of proxy with the path in its configuration, and behind the one
/// that removes the path without it.
fn everywhere(server: &Server, mut each: impl FnMut(&Front, bool)) {
    let look = look(server, "https://acme.example/licence/");
    let look = ["--look", look.to_str().unwrap()];
    for (takes_it_off, knows_it) in [(true, true), (false, true), (true, false)] {
        let portal = Portal::start(server, if knows_it { &look[..] } else { &[] });
        each(&Front::start(&portal, takes_it_off), knows_it);
    }
}

#[test]
fn a_reference_is_resolved_as_a_browser_does() {
    for (at, reference, to) in [
        ("/licence/a/T", "../portal.css", "/licence/portal.css"),
        ("/licence/a/T", "../", "/licence/"),
        ("/licence/", "./?lang=de", "/licence/?lang=de"),
        ("/licence/vendor/seats/1?x=/", "../../vendor/audit", "/licence/vendor/audit"),
        ("/licence", "seats", "/seats"),
        ("/licence/seats", "/licence/x?y", "/licence/x?y"),
    ] {
        assert_eq!(resolved(at, reference), to, "{at} {reference}");
    }
}

#[test]
fn under_a_base_path_a_request_is_answered_and_all_links_work() {
    let server = Server::new(20);
    let vendor = server.vendor();
    everywhere(&server, |front, _| {
        let computer = Computer::new(vendor);
        let request = computer.request("Office", 1);
        // What a QR picture leads to, and what a person types.
        for at in [format!("{PATH}/A/{request}"), format!("{PATH}/a/{request}?lang=de")] {
            let page = front.get(&at, "");
            assert_eq!(page.status, 200);
            assert!(front.follow_all(&at, &page, "") > 5);
        }
        for at in ["/licence/", "/licence/seats", "/licence/seats/", "/licence/no/such/page"] {
            front.follow_all(at, &front.get(at, ""), "");
        }
        let granted = front.post(&format!("{PATH}/activate"), &[("token", &request)], "");
        assert!(granted.token().starts_with("LKANS"));
        front.follow_all("/licence/activate", &granted, "");
        let seats = front.post("/licence/seats", &[("code", CODE)], "");
        assert_eq!(seats.name(), "seats");
        // A redirect, and where it leads.
        let two = format!(
            "{}\n{}",
            Computer::new(vendor).request("A", 1),
            Computer::new(vendor).request("B", 1)
        );
        let begun = front.say(box_request(&two).replacen("POST / ", "POST /licence/ ", 1));
        let batch = resolved("/licence/", begun.header("location"));
        let page = front.get(&batch, "");
        assert_eq!(page.name(), "batch");
        front.follow_all(&batch, &page, "");
        let sent = front.post(&batch, &[], "");
        assert_eq!(resolved(&batch, sent.header("location")), batch);
        let done = (0..2_000).find_map(|_| {
            let page = front.get(&batch, "");
            if page.name() == "batch-done" {
                return Some(page);
            }
            std::thread::sleep(Duration::from_millis(50));
            None
        });
        assert!(front.follow_all(&batch, &done.expect("a batch that ends"), "") > 5);
        for probe in ["health", "ready"] {
            assert_eq!(front.get(&format!("{PATH}/{probe}"), "").status, 200, "{probe}");
        }
        assert_eq!(front.get("/portal.css", "").body, "another page of the vendor");
    });
}

#[test]
fn under_a_base_path_the_admin_pages_work() {
    let server = Server::new(2);
    let passphrase = "a long passphrase";
    server.run(&["operator", "add", "kim"], &format!("{passphrase}\n"));
    everywhere(&server, |front, _| {
        let away = front.get("/licence/vendor/entitlements", "");
        assert_eq!(
            resolved("/licence/vendor/entitlements", away.header("location")),
            "/licence/vendor/sign-in"
        );
        let fields = [("name", "kim"), ("passphrase", passphrase)];
        let answer = front.post("/licence/vendor/sign-in", &fields, "");
        let cookie = answer.header("set-cookie").replace("__host-", "__Host-");
        // The root of the host is what this kind of name asks for.
        assert!(cookie.contains("path=/;"), "{cookie}");
        let cookie = format!("cookie: {}\r\n", cookie.split(';').next().unwrap());
        let first = resolved("/licence/vendor/sign-in", answer.header("location"));
        let kept = resolved(&first, front.get(&first, &cookie).header("location"));
        assert_eq!(kept, "/licence/vendor");
        let entitlement = format!("/licence/vendor/entitlements/{}", server.entitlement());
        for at in
            [&kept, "/licence/vendor/products/1", "/licence/vendor/entitlements", &entitlement]
        {
            let page = front.get(at, &cookie);
            assert_eq!(page.status, 200, "{at}");
            // Links that want a session find it, so they are answered themselves.
            assert!(front.follow_all(at, &page, &cookie) > 8, "{at}");
        }
    });
}

#[test]
fn a_base_path_without_a_trailing_slash_works() {
    let server = Server::new(1);
    everywhere(&server, |front, knows_it| {
        let page = front.get("/licence", "");
        assert_eq!(page.name(), "start");
        if knows_it {
            front.follow_all("/licence", &page, "");
        }
    });
}

#[test]
fn only_the_configuration_determines_the_base_path() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &["--behind-proxy"]);
    let plain = portal.get_with("/seats", "x-forwarded-for: 192.0.2.1\r\n");
    for header in [
        "x-forwarded-prefix",
        "x-script-name",
        "x-forwarded-path",
        "x-forwarded-host",
        "x-original-uri",
    ] {
        let said = format!("x-forwarded-for: 192.0.2.1\r\n{header}: /elsewhere\r\n");
        assert_eq!(portal.get_with("/seats", &said).body, plain.body, "{header}");
        assert_eq!(portal.get_with("/refresh", &said).header("location"), "seats", "{header}");
    }
}

#[test]
fn an_unusable_portal_address_is_refused_or_warned_about() {
    let server = Server::new(1);
    let out = server.folder.path().join("kit");
    let kit = |address: &str| {
        let out = out.to_str().unwrap();
        server.run(&["--json", "kit", "--product", "1", "--out", out, "--portal", address], "")
    };
    let long = format!("https://acme.example/{}", "a".repeat(200));
    for (address, serves) in [
        ("acme.example", false),
        ("ftp://acme.example", false),
        ("https://kim:secret@acme.example", false),
        ("https://acme.example/a b", false),
        ("https://bücher.example", false),
        (&long, false),
        // An older version's kit can have these.
        ("https://acme.example/?shop=1", true),
        ("https://acme.example/#licence", true),
        ("https://acme.example/seats", true),
        ("https://acme.example:99999", true),
    ] {
        let said = kit(address);
        assert_eq!((said.exit, said.error().as_str()), (Some(2), "usage.url"), "{address}");
        assert!(!out.exists(), "{address}");
        let look = look(&server, address);
        let look = look.to_str().unwrap();
        if serves {
            let portal = Portal::start(&server, &["--look", look]);
            let log = portal.log();
            assert!(log.contains("Warning: ") && log.contains(address), "{log}");
            assert_eq!(portal.get("/seats").status, 200, "{address}");
            continue;
        }
        let served = server.run(&["--json", "serve", "--look", look], "");
        assert_eq!((served.exit, served.error().as_str()), (Some(2), "usage.url"), "{address}");
    }
    assert_eq!(kit(&long[..200]).exit, Some(0));
}
