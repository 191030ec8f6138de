//! Hostile clients: slow ones, too many, ones that disconnect before the response, and ones that
//! are connected while the server shuts down.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::bulk::{with_file, with_files};
use crate::http::{Page, Portal, box_request, form_request, from_address};
use crate::{CODE, Computer, Server};

/// Of the form with the one box: what comes before the text, for a text of this length.
pub(crate) fn box_head(length: usize) -> String {
    let whole = box_request("");
    let (head, body) = whole.split_once("\r\n\r\n").unwrap();
    let (start, _) = body.split_once("\r\n\r\n").unwrap();
    let head = head.replace(
        &format!("content-length: {}", body.len()),
        &format!("content-length: {}", body.len() + length),
    );
    format!("{head}\r\n\r\n{start}\r\n\r\n")
}

/// A body that never comes to its end.
fn slow_body(portal: &Portal) -> TcpStream {
    let mut stream = portal.connect();
    // It may have been closed for another one already.
    let _ = stream.write_all(box_head(100_000).as_bytes());
    let _ = stream.write_all(b"LK");
    stream
}

#[test]
fn slow_bodies_occupy_no_worker_and_time_out() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let slow: Vec<_> = (0..20).map(|_| slow_body(&portal)).collect();
    // At the same address, and past all of them.
    let request = Computer::new(server.vendor()).request("A", 1);
    assert_eq!(portal.hand_in(&request).name(), "activate");
    assert_eq!(portal.post("/activate", &[("token", &request)]).name(), "granted");
    for mut stream in slow {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert_eq!(Page::of(&answer).status, 408);
    }
}

#[test]
fn idle_connections_of_one_address_are_evicted_for_others() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let mut idle: Vec<_> = (0..600)
        .map(|_| {
            let mut stream = portal.connect();
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: por");
            stream
        })
        .collect();
    assert_eq!(portal.get("/health").status, 200, "of the same address");
    let health = "GET /health HTTP/1.1\r\nhost: portal\r\nconnection: close\r\n\r\n";
    let elsewhere = from_address([127, 0, 0, 2], &portal.address, health.as_bytes());
    assert_eq!(elsewhere.status, 200, "of another address");
    // The oldest ones have gone, and the newest one has not.
    let mut rest = Vec::new();
    let _ = idle[0].read_to_end(&mut rest);
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    let newest = idle.last_mut().unwrap();
    newest.write_all(b"tal\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    newest.read_to_end(&mut answer).unwrap();
    assert_eq!(Page::of(&answer).status, 200);
}

#[test]
fn a_hidden_field_accepts_exactly_one_token() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let request = Computer::new(server.vendor()).request("A", 1);
    for other in [
        format!(" {request}"),
        format!("{request}\n"),
        format!("{request}{request}"),
        request.to_lowercase(),
        format!("{}-{}", &request[..40], &request[40..]),
        request[..100].to_owned(),
    ] {
        for path in ["/activate", "/deactivate", "/file"] {
            let refused = portal.post(path, &[("token", &other)]);
            assert_eq!((refused.status, refused.error().as_str()), (422, "token.none_found"));
        }
    }
    assert!(server.seats().is_empty());
    assert_eq!(portal.post("/activate", &[("token", &request)]).name(), "granted");
}

#[test]
fn a_hidden_code_is_accepted_only_as_the_pages_write_it() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let (request, seat) = (Computer::new(server.vendor()).request("A", 1), "00".repeat(8));
    for other in [
        format!(" {CODE}"),
        format!("Code: {CODE}"),
        format!("<b>{CODE}</b>"),
        CODE.to_lowercase(),
        CODE.replace('-', ""),
        format!("{CODE}{CODE}"),
    ] {
        for (path, name, value) in [
            ("/activate", "token", &request),
            ("/refresh", "seat", &seat),
            ("/gone", "seat", &seat),
        ] {
            let refused = portal.post(path, &[(name, value), ("code", &other)]);
            assert_eq!(refused.error(), "activation_code.unclear", "{path} {other}");
        }
    }
    assert!(server.seats().is_empty());
    let granted = portal.post("/activate", &[("token", &request), ("code", CODE)]);
    assert_eq!(granted.name(), "granted");
}

#[test]
fn concurrent_guesses_get_no_more_answers_than_sequential_ones() {
    let server = Server::new(1);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    let asked = |ask: &(dyn Fn(usize) -> Page + Sync)| {
        let answers = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..150).map(|n| scope.spawn(move || ask(n))).collect();
            asking.into_iter().map(|one| one.join().unwrap().error()).collect::<Vec<_>>()
        });
        answers.iter().filter(|code| *code == "code.unknown").count()
    };
    // Twenty, and what comes back while a slow machine works.
    let typed = asked(&|n| portal.post("/seats", &[("code", &format!("WR0NG-C0DE-{n:04}"))]));
    assert!((1..=25).contains(&typed), "{typed} guesses");
    drop(portal);
    let portal = Portal::start(&server, &[]);
    let inside = asked(&|n| {
        let code = format!("WR0NG-C0DE-{n:06}");
        let request = Computer { code, ..Computer::new(vendor) }.request("Guess", 1);
        portal.post("/activate", &[("token", &request)])
    });
    assert!((1..=25).contains(&inside), "{inside} guesses");
}

#[test]
fn a_correct_code_uses_quota_only_during_its_lookup() {
    let server = Server::new(40);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    for number in 0..40 {
        let request = Computer::new(vendor).request(&format!("PC {number}"), 1);
        assert_eq!(portal.post("/activate", &[("token", &request)]).name(), "granted");
    }
    assert_eq!(portal.post("/seats", &[("code", CODE)]).name(), "seats");
}

#[test]
fn guesses_of_one_code_count_across_all_addresses() {
    let server = Server::new(1);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &["--behind-proxy"]);
    let code = "WR0NG-C0DE-000000".to_owned();
    let computer = Computer { code, ..Computer::new(vendor) };
    let mut answers = (0..2000).map(|number| {
        let request = computer.request("Guess", number + 1);
        let from = format!("x-forwarded-for: 198.51.{}.{}\r\n", number / 250, number % 250);
        portal.post_with("/activate", &[("token", &request)], &from).error()
    });
    // Sixty, and one comes back in each minute that a slow machine needs.
    let began = std::time::Instant::now();
    let unknown = answers.by_ref().take_while(|code| code == "code.unknown").count();
    let most = 61 + began.elapsed().as_secs() as usize / 60;
    assert!((60..=most).contains(&unknown), "{unknown} of at most {most}");
}

#[test]
fn shutdown_is_timely_despite_a_locked_database_and_slow_bodies() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let request = Computer::new(server.vendor()).request("A", 1);
    let database = rusqlite::Connection::open(server.data().join("issuer.db")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(portal.get("/ready").status, 503, "nothing can be granted");
    assert_eq!(
        portal.post("/seats", &[("code", CODE)]).name(),
        "seats",
        "reading waits for writing"
    );
    let _slow: Vec<_> = (0..5).map(|_| slow_body(&portal)).collect();
    let mut waiting = portal.connect();
    let asked = form_request("/activate", &[("token", &request)], "");
    waiting.write_all(asked.as_bytes()).unwrap();
    // Connections are taken in one after the other: that one is.
    assert_eq!(portal.get("/health").status, 200);
    std::thread::sleep(Duration::from_millis(300));
    portal.signal("TERM");
    let mut answer = Vec::new();
    let _ = waiting.read_to_end(&mut answer);
    assert_ne!(Page::of(&answer).status, 200);
    assert_eq!(portal.wait(), Some(0));
    drop(database);
    assert!(server.seats().is_empty());
}

#[test]
fn a_long_wait_for_the_database_is_answered_with_busy() {
    let server = Server::new(1);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    let database = rusqlite::Connection::open(server.data().join("issuer.db")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answers = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|n| {
                let request = Computer::new(vendor).request(&format!("PC {n}"), 1);
                let portal = &portal;
                scope.spawn(move || portal.post("/activate", &[("token", &request)]))
            })
            .collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(answers.iter().all(|page| page.status == 503));
    assert!(answers.iter().any(|page| page.error() == "portal.busy"), "{answers:?}");
    drop(database);
    assert_eq!(portal.get("/ready").status, 200);
}

#[test]
fn a_client_of_a_proxy_is_never_taken_for_the_proxy() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &["--behind-proxy=127.0.0.1"]);
    let from = |value: &[u8]| {
        let head = b"GET /seats HTTP/1.1\r\nhost: portal\r\nconnection: close\r\nx-forwarded-for: ";
        portal.say([&head[..], value, b"\r\n\r\n"].concat())
    };
    for value in [
        &b"\xe9, 203.0.113.9"[..],
        b"203.0.113.9:5555",
        b"192.0.2.1, [2001:db8::7]:443",
        b"192.0.2.1\r\nx-forwarded-for: ::ffff:203.0.113.9",
        b"203.0.113.9\r\nforwarded: for=192.0.2.1",
        b"\xe9",
        b"",
        b"192.0.2.1, ",
        b"192.0.2.1\r\nx-forwarded-for: ",
    ] {
        assert_eq!(from(value).status, 200);
    }
    // No other client is trusted.
    let pretends = "GET /health HTTP/1.1\r\nhost: portal\r\nconnection: close\r\nx-forwarded-for: 198.51.100.1\r\n\r\n";
    assert_eq!(from_address([127, 0, 0, 2], &portal.address, pretends.as_bytes()).status, 200);
    portal.signal("TERM");
    let log = portal.log_to_its_end();
    let froms: Vec<_> = log
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|line| line["event"] == "request")
        .map(|line| line["from"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        froms,
        [
            "203.0.113.9",
            "203.0.113.9",
            "2001:db8::7",
            "::ffff:203.0.113.9",
            "203.0.113.9",
            "unknown",
            "unknown",
            "unknown",
            "unknown",
            "127.0.0.2"
        ]
    );
}

#[test]
fn forged_addresses_before_that_of_the_proxy_are_ignored() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &["--behind-proxy"]);
    let asked = |forwarded: &str, n: usize| {
        let headers = format!("x-forwarded-for: {forwarded}\r\n");
        let code = format!("WRNG-WRNG-WRNG-WR{n:02}");
        portal.post_with("/seats", &[("code", &code)], &headers).status
    };
    // Each claims another address; the proxy writes the same one after all of them, in its several
    // forms.
    let own =
        ["198.51.100.7:4000", "198.51.100.7", "::ffff:198.51.100.7", "[::ffff:198.51.100.7]:1"];
    let began = Instant::now();
    let rude: Vec<_> =
        (0..24).map(|n| asked(&format!("203.0.113.{n}, {}", own[n % own.len()]), n)).collect();
    let limited = rude.iter().filter(|status| **status == 429).count();
    // One attempt comes back a minute.
    let back = usize::try_from(began.elapsed().as_secs() / 60).unwrap();
    assert!((4_usize.saturating_sub(back)..=4).contains(&limited), "{rude:?}");
    // Others, each with a port of its own, aren't limited for it.
    assert!((30..55).all(|n| asked(&format!("203.0.113.{n}:{}", 50_000 + n), n) != 429));
}

#[test]
fn an_unread_log_blocks_nothing_and_reports_dropped_entries() {
    let server = Server::new(1);
    let mut portal = Portal::start_unread(&server);
    // More than the pipe and the queue take together.
    for _ in 0..8_000 {
        assert_eq!(portal.get("/health").status, 200);
    }
    portal.read_log_from_now_on();
    assert_eq!(portal.get("/health").status, 200);
    portal.signal("TERM");
    assert!(portal.log_to_its_end().contains("\"log_dropped\""));
}

/// A square of finder patterns without a code: what a reader of QR codes has most to do with.
fn hostile_picture(patterns: u32) -> Vec<u8> {
    let side = patterns * 16 + 16;
    let black = |x: u32, y: u32| {
        let (x, y) = (x.wrapping_sub(8) % 16, y.wrapping_sub(8) % 16);
        let ring = x.max(y).min(7);
        x < 7
            && y < 7
            && (ring == 6 || x == 0 || y == 0 || ((2..5).contains(&x) && (2..5).contains(&y)))
    };
    let picture = image::GrayImage::from_fn(side, side, |x, y| {
        image::Luma([if x >= 8 && y >= 8 && black(x, y) { 0 } else { 255 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

/// A fine checkerboard: a picture that is small as a file and takes a reader long.
fn checkerboard(side: u32) -> Vec<u8> {
    let picture = image::GrayImage::from_fn(side, side, |x, y| {
        image::Luma([if (x / 3 + y / 3).is_multiple_of(2) { 0 } else { 255 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

/// A mail with as many pictures as are read in one.
fn mail_with(picture: &[u8]) -> Vec<u8> {
    let mut mail = b"Content-Type: multipart/mixed; boundary=m\r\n\r\n".to_vec();
    for number in 0..4 {
        let head = format!(
            "--m\r\nContent-Type: image/png; name={number}.png\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n"
        );
        mail.extend_from_slice(head.as_bytes());
        mail.extend(data_encoding::BASE64_MIME.encode(picture).bytes());
    }
    mail.extend_from_slice(b"--m--\r\n");
    mail
}

#[test]
fn forms_with_many_pictures_keep_another_address_waiting_for_one_file() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let request = Computer::new(server.vendor()).request("A", 1);
    let picture = checkerboard(1_200);
    let mail = mail_with(&picture);
    let forms = [("png", &picture, 12), ("eml", &mail, 6)].map(|(extension, bytes, many)| {
        let names: Vec<_> = (0..many).map(|n| format!("{n}.{extension}")).collect();
        let files: Vec<_> = names.iter().map(|name| (name.as_str(), &bytes[..])).collect();
        with_files(&files)
    });
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        // As many addresses as there are turns.
        for (last, form) in (3..).zip(&forms) {
            let (answered, address) = (&answered, &portal.address);
            scope.spawn(move || {
                let page = from_address([127, 0, 0, last], address, form);
                answered.fetch_add(1, Ordering::Relaxed);
                assert_eq!(page.status, 422);
            });
        }
        // Both turns are taken.
        while portal.children() < 2 && answered.load(Ordering::Relaxed) == 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        let page = from_address([127, 0, 0, 2], &portal.address, box_request(&request).as_bytes());
        assert_eq!(answered.load(Ordering::Relaxed), 0, "it waited for a whole form");
        assert_eq!(page.name(), "activate");
        let file = with_files(&[("request.lkreq", request.as_bytes())]);
        let page = from_address([127, 0, 0, 5], &portal.address, &file);
        assert_eq!(answered.load(Ordering::Relaxed), 0, "it waited for a whole form");
        assert_eq!(page.name(), "activate");
    });
}

/// What a soak has seen.
#[derive(Debug)]
struct SoakResult {
    asked: usize,
    answered: usize,
    quiet: Duration,
    rude: Duration,
    /// In KiB.
    peak: u64,
    ended: Option<i32>,
    ending: Duration,
}

/// Honest activations from another address, first alone and then beside one address that is as rude
/// as it can be.
fn soak(honest: usize, slow: usize) -> SoakResult {
    let server = Server::new(10_000);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    let activate = || {
        let request = Computer::new(vendor).request("Honest", 1);
        let began = Instant::now();
        let looked =
            from_address([127, 0, 0, 2], &portal.address, box_request(&request).as_bytes());
        let granted = from_address(
            [127, 0, 0, 2],
            &portal.address,
            form_request("/activate", &[("token", &request)], "").as_bytes(),
        );
        let both = looked.has("preview") && granted.has("token");
        (both, began.elapsed())
    };
    let measured = || {
        // Below what an address may have done.
        let times: Vec<_> = (0..honest)
            .map(|_| {
                std::thread::sleep(Duration::from_millis(400));
                activate()
            })
            .collect();
        let answered = times.iter().filter(|(answered, _)| *answered).count();
        let mut times: Vec<_> = times.into_iter().map(|(_, time)| time).collect();
        times.sort();
        (answered, times[(times.len() * 99).div_ceil(100) - 1])
    };
    let (quietly, quiet) = measured();
    assert_eq!(quietly, honest);
    let enough = AtomicBool::new(false);
    let goes_on = || !enough.load(Ordering::Relaxed);
    let picture = with_file(&hostile_picture(20));
    let text = box_request(&"--:\n".repeat(256 * 1024));
    let wide = box_request(&"\u{fdfa}".repeat(1024 * 1024));
    let field = form_request("/activate", &[("token", &"--:\n".repeat(4_000))], "");
    let (answered, rude) = std::thread::scope(|scope| {
        for one in [&picture[..], text.as_bytes(), wide.as_bytes(), field.as_bytes()] {
            let portal = &portal;
            // Once to the end of the answer, once gone before it.
            scope.spawn(move || {
                while goes_on() {
                    let _ = portal.try_say(one);
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
            scope.spawn(move || {
                while goes_on() {
                    let _ = TcpStream::connect(&portal.address).map(|mut s| s.write_all(one));
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
        }
        scope.spawn(|| {
            while goes_on() {
                let bodies: Vec<_> = (0..slow).map(|_| slow_body(&portal)).collect();
                let idle: Vec<_> = (0..slow).map(|_| portal.connect()).collect();
                std::thread::sleep(Duration::from_secs(2));
                drop((bodies, idle));
            }
        });
        let measured = measured();
        enough.store(true, Ordering::Relaxed);
        measured
    });
    // The portal ends while such clients are still sending.
    let _still: Vec<_> = (0..slow).map(|_| slow_body(&portal)).collect();
    let mut last = portal.connect();
    let _ = last.write_all(&picture);
    let peak = portal.peak_memory();
    portal.signal("TERM");
    let began = Instant::now();
    let ended = portal.wait();
    SoakResult { asked: honest, answered, quiet, rude, peak, ended, ending: began.elapsed() }
}

/// What the systemd unit allows (`MemoryMax`), without two processes that read pictures, in KiB.
const MOST_MEMORY: u64 = (1824 - 2 * 320) * 1024;

#[test]
fn honest_activations_are_answered_beside_an_abusive_address() {
    let soaked = soak(8, 50);
    assert_eq!((soaked.answered, soaked.ended), (soaked.asked, Some(0)), "{soaked:?}");
    assert!(soaked.peak < MOST_MEMORY, "{soaked:?}");
}

/// `cargo xtask soak`: the same for longer, and how long it takes.
#[test]
#[ignore = "takes a few minutes: `cargo xtask soak` runs it"]
fn soak_for_longer() {
    let soaked = soak(100, 200);
    let ratio = soaked.rude.as_secs_f64() / soaked.quiet.as_secs_f64();
    println!(
        "{} of {} answered; p99 {} ms quiet, {} ms beside the rude one, {ratio:.1} times; peak {} MiB; ended after {:.1} s",
        soaked.answered,
        soaked.asked,
        soaked.quiet.as_millis(),
        soaked.rude.as_millis(),
        soaked.peak / 1024,
        soaked.ending.as_secs_f64()
    );
    assert_eq!((soaked.answered, soaked.ended), (soaked.asked, Some(0)));
    assert!(soaked.peak < MOST_MEMORY && ratio <= 3.0 && soaked.ending < Duration::from_secs(30));
}
