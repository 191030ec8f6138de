//! The admin pages, requested as a browser would.

use crate::clock::days_ahead;
use crate::http::{Page, Portal, form_request, from_address};
use crate::{CODE, Computer, Server};

const PASSPHRASE: &str = "a long passphrase";

/// A browser that is signed in.
struct AdminBrowser<'p> {
    portal: &'p Portal,
    cookie: String,
    secret: String,
}

impl<'p> AdminBrowser<'p> {
    fn sign_in(portal: &'p Portal) -> Self {
        let fields = [("name", "kim"), ("passphrase", PASSPHRASE)];
        let answer = portal.post("/vendor/sign-in", &fields);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = answer.header("set-cookie");
        for part in ["__host-latchkey=", "secure", "httponly", "samesite=strict", "path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let cookie = cookie.split(';').next().unwrap().replace("__host-", "__Host-");
        let mut admin =
            Self { portal, cookie: format!("cookie: {cookie}\r\n"), secret: String::new() };
        let page = admin.get("/vendor");
        let at = page.body.find("name=\"secret\" value=\"").unwrap() + 21;
        admin.secret = page.body[at..at + 64].to_owned();
        admin
    }

    fn get(&self, path: &str) -> Page {
        self.portal.get_with(path, &self.cookie)
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let fields = [&[("secret", self.secret.as_str())], fields].concat();
        self.portal.post_with(path, &fields, &self.cookie)
    }
}

fn served(seats: u32) -> (Server, Portal) {
    let server = Server::new(seats);
    let added = server.run(&["operator", "add", "kim"], &format!("{PASSPHRASE}\n"));
    assert_eq!(added.exit, Some(0), "{}", added.stderr);
    let portal = Portal::start(&server, &[]);
    (server, portal)
}

#[test]
fn admin_pages_need_a_session_and_refuse_foreign_forms() {
    let (server, portal) = served(1);
    let entitlement = format!("/vendor/entitlements/{}", server.entitlement());
    for path in
        ["/vendor", "/vendor/products", "/vendor/entitlements", &entitlement, "/vendor/audit"]
    {
        let page = portal.get(path);
        assert_eq!((page.status, page.leads_to().as_str()), (303, "/vendor/sign-in"), "{path}");
        assert!(!page.body.contains(CODE));
    }
    let admin = AdminBrowser::sign_in(&portal);
    assert!(admin.get(&entitlement).body.contains(CODE));
    let product = [("name", "CAD 2"), ("features", "")];
    for secret in ["", "0123", &"0".repeat(64)] {
        let fields = [&[("secret", secret)], &product[..]].concat();
        for path in ["/vendor/products", "/vendor/audit", "/vendor/audit.csv"] {
            let page = portal.post_with(path, &fields, &admin.cookie);
            assert_eq!(page.status, 403, "{path}");
            assert_eq!(portal.post(path, &fields).status, 303, "{path}");
        }
    }
    assert_eq!(portal.post("/vendor/products", &product).status, 303);
    assert_eq!(
        server.run(&["--json", "product", "list"], "").json()["products"].as_array().unwrap().len(),
        1
    );
    // Signed out, and taken away meanwhile.
    let other = AdminBrowser::sign_in(&portal);
    assert_eq!(other.post("/vendor/sign-out", &[]).status, 303);
    assert_eq!(other.get("/vendor").status, 303);
    assert_eq!(server.run(&["operator", "remove", "kim"], "").exit, Some(0));
    assert_eq!(admin.get("/vendor").status, 303);
}

#[test]
fn a_session_ends_with_every_change_of_access() {
    let (server, portal) = served(1);
    let admin = AdminBrowser::sign_in(&portal);
    assert_eq!(admin.get("/vendor").status, 200);
    assert_eq!(server.run(&["operator", "second-factor", "kim"], "").exit, Some(0));
    let now = chrono::Utc::now();
    let mut issuer = latchkey_issuer::Issuer::open(&server.data(), now).unwrap();
    issuer.remove_second_factor("kim", now).unwrap();
    assert_eq!(admin.get("/vendor").status, 303, "all is as it was");
    // A new one is good.
    let admin = AdminBrowser::sign_in(&portal);
    assert_eq!(server.run(&["operator", "remove", "kim"], "").exit, Some(0));
    let added = server.run(&["operator", "add", "kim"], &format!("{PASSPHRASE}\n"));
    assert_eq!(added.exit, Some(0));
    assert_eq!(admin.get("/vendor").status, 303);
}

#[test]
fn the_start_says_that_requests_are_compared_with_a_clock_that_has_jumped() {
    let (server, portal) = served(1);
    let admin = AdminBrowser::sign_in(&portal);
    assert!(!admin.get("/vendor").has("clock-undecided"));
    // As if the clock had been set ahead by twenty days since the newest record.
    assert_eq!(days_ahead(&server, -20, &["clock", "confirm"]).exit, Some(0));
    let page = admin.get("/vendor");
    assert!(page.has("clock-undecided") && !page.has("clock"), "{}", page.body);
    assert_eq!(portal.get("/ready").status, 200);
    assert_eq!(server.run(&["clock", "confirm"], "").exit, Some(0));
    assert!(!admin.get("/vendor").has("clock-undecided"));
}

#[test]
fn a_session_outlives_a_database_that_cannot_be_read() {
    let (server, portal) = served(1);
    let admin = AdminBrowser::sign_in(&portal);
    let database = rusqlite::Connection::open(server.data().join("issuer.db")).unwrap();
    database.execute_batch("ALTER TABLE operator RENAME TO operator_elsewhere").unwrap();
    let product = [("name", "CAD 2"), ("features", "")];
    for page in [admin.get("/vendor"), admin.post("/vendor/products", &product)] {
        assert_eq!((page.status, page.error().as_str()), (503, "portal.unavailable"));
        assert!(!page.head.contains("set-cookie"), "the browser forgets the session");
        // Whether the session still counts isn't known, so nothing of it is shown.
        assert!(!page.has("sign-out") && !page.body.contains("name=\"secret\""), "{}", page.body);
    }
    // Without a session nothing more is learnt than before.
    assert_eq!(portal.get("/vendor").status, 303);
    database.execute_batch("ALTER TABLE operator_elsewhere RENAME TO operator").unwrap();
    assert_eq!(admin.get("/vendor").status, 200);
    assert_eq!(admin.post("/vendor/products", &product).status, 303);
    let products = server.run(&["--json", "product", "list"], "").json();
    assert_eq!(products["products"].as_array().unwrap().len(), 2, "only one was added");

    // The passphrase was changed meanwhile.
    let change = "ALTER TABLE operator RENAME TO operator_elsewhere;
        UPDATE operator_elsewhere SET generation = generation + 1;";
    database.execute_batch(change).unwrap();
    assert_eq!(admin.get("/vendor").status, 503);
    database.execute_batch("ALTER TABLE operator_elsewhere RENAME TO operator").unwrap();
    assert_eq!(admin.get("/vendor").status, 303);
}

#[test]
fn a_distributed_attack_on_one_name_delays_only_that_name() {
    use std::time::{Duration, Instant};
    let server = Server::new(1);
    let added = server.run(&["operator", "add", "kim"], &format!("{PASSPHRASE}\n"));
    assert_eq!(added.exit, Some(0), "{}", added.stderr);
    let portal = Portal::start(&server, &["--behind-proxy"]);
    let attempt = |name: &str, passphrase: &str, from: usize| {
        let from = format!("x-forwarded-for: 198.51.100.{from}\r\n");
        let fields = [("name", name), ("passphrase", passphrase)];
        let began = Instant::now();
        let page = portal.post_with("/vendor/sign-in", &fields, &from);
        (page.status, page.error(), began.elapsed())
    };
    // Five more than have no effect: on a slow machine a few are forgotten before the last one is
    // made.
    let refused = |name| (0..25).filter(|n| attempt(name, "wrong passphrase", *n).0 == 400).count();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| refused("nobody"));
        assert_eq!((refused("kim"), other.join().unwrap()), (25, 25));
    });
    let pause = Duration::from_secs(1);
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| attempt("nobody", "wrong passphrase", 100));
        let honest = scope.spawn(|| attempt("kim", PASSPHRASE, 101));
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(portal.get("/health").status, 200);
        let (waits, honest) = (waits.join().unwrap(), honest.join().unwrap());
        assert_eq!((waits.0, honest.0), (400, 303));
        assert!(waits.2 >= pause && honest.2 >= pause, "{waits:?} {honest:?}");
    });
}

#[test]
fn wrong_passphrases_are_refused_uniformly_and_lock_the_name() {
    let (server, portal) = served(1);
    let attempt = |name, passphrase| {
        let page = portal.post("/vendor/sign-in", &[("name", name), ("passphrase", passphrase)]);
        (page.status, page.error(), page.body.replace(char::is_numeric, ""))
    };
    let known = attempt("kim", "wrong passphrase");
    assert_eq!((known.0, known.1.as_str()), (400, "sign_in.refused"));
    assert_eq!(known, attempt("nobody", "wrong passphrase"));
    for _ in 0..4 {
        attempt("kim", "wrong passphrase");
    }
    assert_eq!(attempt("kim", PASSPHRASE).1, "sign_in.locked");
    let log = portal.log() + &server.run(&["--json", "audit"], "").stdout;
    assert!(!log.contains("wrong passphrase") && !log.contains(PASSPHRASE));
    // It is a lock for one address: the one who has the name signs in elsewhere.
    let fields = [("name", "kim"), ("passphrase", PASSPHRASE)];
    let request = form_request("/vendor/sign-in", &fields, "");
    let elsewhere = from_address([127, 0, 0, 2], &portal.address, request.as_bytes());
    assert_eq!(elsewhere.status, 303, "{}", elsewhere.body);
    // A new passphrase ends the lock.
    let changed = server.run(&["operator", "passphrase", "kim"], "another passphrase\n");
    assert_eq!(changed.exit, Some(0));
    let page =
        portal.post("/vendor/sign-in", &[("name", "kim"), ("passphrase", "another passphrase")]);
    assert_eq!(page.status, 303);
}

#[test]
fn the_admin_pages_cover_the_command_line() {
    let (server, portal) = served(1);
    let admin = AdminBrowser::sign_in(&portal);
    // A product and its kit, the same as the command line's.
    let features = "lights=bool\r\nnodes=pool\r\n";
    let added = admin.post("/vendor/products", &[("name", "Paint"), ("features", features)]);
    assert_eq!(added.leads_to(), "/vendor/products/2");
    let kit =
        admin.get("/vendor/products/2/kit/latchkey.toml?portal=https%3A%2F%2Flicence.acme.example");
    let out = server.folder.path().join("paint");
    let command = [
        "kit",
        "--product",
        "2",
        "--out",
        out.to_str().unwrap(),
        "--portal",
        "https://licence.acme.example",
    ];
    assert_eq!(server.run(&command, "").exit, Some(0));
    for file in ["latchkey_product.rs", "vendor-keys.txt"] {
        let written = std::fs::read_to_string(out.join(file)).unwrap();
        assert_eq!(admin.get(&format!("/vendor/products/2/kit/{file}")).body, written, "{file}");
    }
    assert_eq!(kit.body, std::fs::read_to_string(out.join("latchkey.toml")).unwrap());

    // An entitlement: added, changed, with codes.
    let fields = [
        ("product", "2"),
        ("customer", "Miller"),
        ("seats", "2"),
        ("offline_lease", "30d"),
        ("features", "lights=true\r\nnodes=8"),
        ("attributes", "plan=gold"),
        ("codes", "PAINT-0000-1111-2222"),
    ];
    let added = admin.post("/vendor/entitlements", &fields);
    let path = added.leads_to();
    assert!(path.starts_with("/vendor/entitlements/"), "{}", added.body);
    let weak = admin.post(&format!("{path}/codes"), &[("code", "SHORT")]);
    assert_eq!((weak.status, weak.error().as_str()), (400, "activation_code.weak"));
    assert_eq!(admin.post(&format!("{path}/codes"), &[("code", "")]).status, 303);
    let disabled =
        admin.post(&format!("{path}/codes/disable"), &[("code", "PAINT-0000-1111-2222")]);
    assert_eq!(disabled.status, 303);
    let changed = [("customer", "Miller & Sons"), ("seats", "5"), ("features", "nodes=9")];
    assert_eq!(admin.post(&path, &changed).status, 303);
    let listed = server.run(&["--json", "entitlement", "list"], "").json();
    let one = &listed["entitlements"][1];
    assert_eq!((one["seats"].as_u64(), one["customer"].as_str()), (Some(5), Some("Miller & Sons")));
    assert_eq!(one["offline_lease"], serde_json::Value::Null, "what was left empty is gone");
    assert_eq!(
        (&one["features"]["nodes"]["value"], &one["features"]["lights"]),
        (&9.into(), &serde_json::Value::Null)
    );
    assert!(one["attributes"].as_object().unwrap().is_empty());
    assert_eq!(
        (one["codes"].as_array().unwrap().len(), one["codes"][0]["disabled"].as_bool()),
        (2, Some(true))
    );
    let wrong = admin.post("/vendor/entitlements", &[("product", "2"), ("seats", "many")]);
    assert_eq!(wrong.error(), "usage.count");
    let search = |text: &str| admin.post("/vendor/entitlements/search", &[("q", text)]).body;
    assert!(search("mILLER").contains("Miller &amp; Sons") && !search("nobody").contains("Miller"));
    assert!(search("PAINT-0000-1111-2222").contains("Miller"));
    let in_an_address = admin.get("/vendor/entitlements?q=nobody");
    assert!(in_an_address.body.contains("Miller"), "it was looked for by its address");
    assert_eq!(admin.post(&format!("{path}/end"), &[]).status, 303, "without being sure");
    assert_eq!(admin.post(&format!("{path}/end"), &[("sure", "yes")]).status, 303);
    let state =
        server.run(&["--json", "entitlement", "list"], "").json()["entitlements"][1]["state"]
            .clone();
    assert_eq!(state, "ended");

    // A seat: reported lost, refreshed, released; the audit log names the operator.
    portal.post("/activate", &[("token", &Computer::new(server.vendor()).request("Lathe", 1))]);
    let seat = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();
    let reported = portal.post("/gone", &[("code", CODE), ("seat", &seat)]);
    assert_eq!(reported.attribute("reported", "data-outcome"), "noted");
    assert_eq!(server.seats()[0]["state"], "active", "saying so has freed it");
    let overview = admin.get("/vendor");
    assert_eq!(overview.attribute("notice", "data-seat"), seat);
    assert_eq!(admin.post(&format!("/vendor/seats/{seat}/refresh"), &[]).name(), "refreshed");
    assert_eq!(admin.post(&format!("/vendor/seats/{seat}/release"), &[("now", "yes")]).status, 303);
    assert_eq!(server.seats()[0]["state"], "released");
    assert_eq!(admin.get("/vendor").attribute("notices", "data-count"), "0");
    let found = admin.post("/vendor/audit", &[("q", &seat)]);
    assert!(found.body.contains("by_operator=kim") && found.body.contains("seat_released"));
    assert!(!found.body.contains("entitlement_added"), "{}", found.body);
    let in_an_address = admin.get(&format!("/vendor/audit?q={seat}"));
    assert!(in_an_address.body.contains("entitlement_added"), "it was looked for by its address");
    let none = admin.post("/vendor/audit", &[("q", &seat), ("before", "1")]);
    assert!(!none.body.contains("seat_released"));
    let table = admin.post("/vendor/audit.csv", &[("q", &seat)]);
    assert!(table.head.contains("text/csv") && table.body.lines().count() > 3, "{}", table.body);
    assert!(!admin.get("/vendor/audit").body.contains(CODE));
}

#[test]
fn without_tls_sign_in_explains_the_requirement_without_a_redirect_loop() {
    let (_server, portal) = served(1);
    let fields = [("name", "kim"), ("passphrase", PASSPHRASE)];
    let lan = "host: licences.lan:8080\r\n";
    let get = |path: &str, headers: &str| {
        portal.say(format!("GET {path} HTTP/1.1\r\nconnection: close\r\n{headers}\r\n"))
    };
    // It is said before anybody types a passphrase, and not where it would be wrong.
    assert!(get("/vendor/sign-in", lan).has("needs-tls"));
    for safe in [
        "host: localhost:8080\r\n",
        "host: 127.0.0.1\r\n",
        "host: [::1]:8080\r\n",
        "host: licences.lan\r\nsec-fetch-site: none\r\n",
    ] {
        assert!(!get("/vendor/sign-in", safe).has("needs-tls"), "{safe}");
    }
    // Where the browser says that it came without TLS, no passphrase is even looked at.
    let refused = portal.post_with("/vendor/sign-in", &fields, "origin: http://licences.lan\r\n");
    assert_eq!((refused.status, refused.error().as_str()), (403, "portal.not_tls"));
    assert!(!refused.head.contains("set-cookie"));
    // Browsers say it only where the page with the form lets them.
    for page in [get("/vendor/sign-in", lan), refused] {
        assert_eq!(page.header("referrer-policy"), "same-origin");
    }
    assert_eq!(get("/vendor", lan).header("referrer-policy"), "no-referrer");
    let here = portal.post_with("/vendor/sign-in", &fields, "origin: http://localhost:1\r\n");
    assert_eq!(here.status, 303);
    // If the origin is unknown, a browser that kept no cookie is told, and one that did continues.
    let begun = portal.post_with("/vendor/sign-in", &fields, "origin: null\r\n");
    let away = portal.get(&begun.leads_to());
    let told = portal.get(&away.leads_to());
    assert_eq!((told.name().as_str(), told.error().as_str()), ("sign-in", "portal.cookie_lost"));
    let cookie = begun.header("set-cookie").split(';').next().unwrap();
    let cookie = format!("cookie: {}\r\n", cookie.replace("__host-", "__Host-"));
    let kept = portal.get_with(&begun.leads_to(), &cookie);
    assert_eq!((kept.status, kept.leads_to().as_str()), (303, "/vendor"));
    assert_eq!(portal.get_with("/vendor", &cookie).name(), "vendor");
    // Who isn't signed in any more is only asked to sign in.
    let later = portal.get(&portal.get("/vendor").leads_to());
    assert_eq!((later.name().as_str(), later.error().as_str()), ("sign-in", ""));
}

#[test]
fn forwarded_proto_counts_only_from_the_proxy() {
    let server = Server::new(1);
    let tls = |portal: &Portal, headers: &str| {
        !portal.get_with("/vendor/sign-in", headers).has("needs-tls")
    };
    let behind = Portal::start(&server, &["--behind-proxy=127.0.0.1"]);
    assert!(tls(&behind, "x-forwarded-proto: https\r\n"));
    assert!(tls(&behind, "forwarded: for=192.0.2.1;proto=https\r\n"));
    assert!(!tls(&behind, "x-forwarded-proto: https, http\r\n"));
    let alone = Portal::start(&server, &[]);
    assert!(!tls(&alone, "x-forwarded-proto: https\r\n"));
    // The proxy's own name for the portal isn't the browser's.
    let local = |portal: &Portal, headers: &str| {
        let request = format!(
            "GET /vendor/sign-in HTTP/1.1\r\nhost: localhost:8080\r\nconnection: close\r\n{headers}\r\n"
        );
        !portal.say(request).has("needs-tls")
    };
    assert!(local(&alone, ""));
    assert!(!local(&alone, "x-forwarded-for: 203.0.113.9\r\n"));
    assert!(!local(&behind, ""));
}
