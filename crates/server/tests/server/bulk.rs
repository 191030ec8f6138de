//! Many tokens in one text, and many clients at once.

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use latchkey_token::{Deactivation, seal};

use crate::http::{Page, Portal, form_request, from_address};
use crate::{CODE, Computer, Server, is_token};

/// Waits until the batch behind an answer is done, and gives its page.
pub(crate) fn finished(portal: &Portal, begun: &Page) -> (String, Page) {
    assert_eq!(begun.status, 303, "{}", begun.body);
    let path = begun.leads_to();
    loop {
        let page = portal.get(&path);
        match page.name().as_str() {
            "batch-running" => std::thread::sleep(Duration::from_millis(50)),
            "batch-done" => return (path, page),
            other => panic!("{other}: {}", page.body),
        }
    }
}

fn answer(portal: &Portal, text: &str) -> (String, Page) {
    let begun = portal.hand_in(text);
    let path = begun.leads_to();
    assert_eq!(portal.get(&path).attribute("preview", "data-kind"), "batch");
    finished(portal, &portal.post(&path, &[]))
}

#[test]
fn a_file_with_many_tokens_is_answered_with_its_refusals() {
    let server = Server::new(3);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    let old = Computer::new(vendor);
    portal.post("/activate", &[("token", &old.request("Old", 1))]);
    let seat = server.seats()[0]["seat_id"].as_str().unwrap().to_owned();
    let requests: Vec<_> =
        (0..4).map(|n| Computer::new(vendor).request(&format!("=PC \"{n}\""), 1)).collect();
    let broken = &Computer::new(vendor).request("Broken", 1)[..150];
    let text = format!("{}\n{}\n{broken}", old.deactivation(&seat, 2), requests.join("\n"));

    let begun = portal.hand_in(&text);
    let path = begun.leads_to();
    assert_eq!(portal.get(&path).name(), "batch");
    assert_eq!(server.seats().len(), 1, "looking at it has granted something");
    let (_, done) = finished(&portal, &portal.post(&path, &[]));
    assert_eq!(done.attribute("batch-done", "data-answered"), "3");
    assert_eq!(done.attribute("batch-done", "data-released"), "1");
    assert_eq!(done.attribute("batch-done", "data-refused"), "2");
    assert!(done.body.contains("data-code=\"seat.none_free\""), "{}", done.body);
    assert!(done.body.contains("data-code=\"token.truncated\""), "{}", done.body);

    let responses = portal.get(&format!("{path}/responses.txt"));
    let tokens: Vec<_> = responses.body.lines().collect();
    assert!(tokens.len() == 3 && tokens.iter().all(|token| is_token(token)));
    assert!(responses.head.contains("content-disposition: attachment"));
    let table = portal.get(&format!("{path}/table.csv")).body;
    assert_eq!(table.lines().count(), 7, "{table}");
    assert!(table.contains("\"'=PC \"\"0\"\"\""), "a name is a formula: {table}");
    // Once begun, it isn't begun again; the same text again gives the same answers.
    finished(&portal, &portal.post(&path, &[]));
    let (again, _) = answer(&portal, &text);
    assert_eq!(portal.get(&format!("{again}/responses.txt")).body, responses.body);
    assert_eq!(portal.get("/batch/0123").error(), "portal.no_batch");
    assert!(!portal.log().contains(&path[7..]), "the batch's id is in the log");
}

#[test]
fn ten_thousand_tokens_are_answered_in_bounded_memory_while_others_are_served() {
    let server = Server::new(200);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    // Deactivations of computers that were never here: refused one by one, and counted in the
    // audit.
    let computer = Computer::new(vendor);
    let mut text = String::new();
    for number in 0..9_900_u64 {
        let said = Deactivation {
            seat: latchkey_token::SeatId::from_bytes(number.to_be_bytes()),
            counter: number,
            created_at: chrono::Utc::now().timestamp(),
        };
        text.push_str(&seal(&said, 1, &computer.keys, &vendor).unwrap().to_string());
        text.push('\n');
    }
    for number in 0..100 {
        text.push_str(&Computer::new(vendor).request(&format!("PC {number}"), 1));
        text.push('\n');
    }
    let begun = portal.hand_in(&text);
    let path = begun.leads_to();
    portal.post(&path, &[]);
    let own = Computer::new(vendor).request("Somebody else", 1);
    assert_eq!(portal.post("/activate", &[("token", &own)]).name(), "granted");
    assert_eq!(
        portal.get(&path).name(),
        "batch-running",
        "another customer waited for all of them"
    );
    let (_, done) = finished(&portal, &portal.post(&path, &[]));
    assert_eq!(done.attribute("batch-done", "data-answered"), "100");
    assert_eq!(done.attribute("batch-done", "data-refused"), "9900");
    let memory = portal.peak_memory() / 1024;
    assert!(memory < 256, "{memory} MiB");
}

fn rows(server: &Server) -> Vec<serde_json::Value> {
    server.run(&["--json", "audit"], "").json()["audit"].as_array().unwrap().clone()
}

#[test]
fn ten_thousand_damaged_lines_are_at_most_two_rows_of_the_audit() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let before = rows(&server).len();
    let line = &Computer::new(server.vendor()).request("A", 1)[..15];
    let (_, done) = answer(&portal, &format!("{line}\n").repeat(10_000));
    assert_eq!(done.attribute("batch-done", "data-refused"), "10000");
    let after = rows(&server);
    // One an hour, and an hour may have begun meanwhile.
    assert!((1..=2).contains(&(after.len() - before)), "{} rows", after.len() - before);
    let counted: u64 = after[before..].iter().map(|row| row["counted"].as_u64().unwrap()).sum();
    assert_eq!(counted, 10_000);
}

#[test]
fn each_address_has_its_own_audit_quota() {
    let server = Server::new(1);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    let granted = Computer::new(vendor).request("A", 1);
    let granted = form_request("/activate", &[("token", &granted)], "");
    let before = rows(&server).len();
    // The same request again and again changes nothing.
    let again = |from: u8| {
        let answer = from_address([127, 0, 0, from], &portal.address, granted.as_bytes());
        assert!([200, 429].contains(&answer.status), "{}", answer.status);
        answer.status == 200
    };
    let answered = (0..300).filter(|_| again(1)).count();
    assert!(answered > 210, "{answered}");
    let own = |row: &&serde_json::Value| row["counted"].is_null();
    let after = rows(&server);
    // Two hundred, what came back meanwhile, and the one that was granted.
    let single = after[before..].iter().filter(own).count();
    assert!((201..=230).contains(&single), "{single} rows");
    assert!((single + 1..=single + 2).contains(&(after.len() - before)));
    assert!(again(2));
    let last = rows(&server).pop().unwrap();
    assert_eq!((&last["event"], &last["counted"]), (&"response_repeated".into(), &().into()));
}

#[test]
fn oversized_input_is_refused_before_it_is_read() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let head = |path: &str, kind: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let form = head("/activate", "application/x-www-form-urlencoded", 1_000_000);
    let refused = portal.say(form + "token=" + &"A".repeat(200_000));
    assert_eq!((refused.status, refused.error().as_str()), (413, "input.too_large"));
    let text = "LK ".repeat(6 * 1024 * 1024);
    let refused = portal.hand_in(&text);
    assert_eq!((refused.status, refused.error().as_str()), (413, "input.too_large"));
    let refused = portal.say(
        "POST /activate HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc",
    );
    assert_eq!(refused.error(), "portal.form");
}

/// The form with a file of these bytes.
pub(crate) fn with_file(bytes: &[u8]) -> Vec<u8> {
    with_files(&[("x", bytes)])
}

/// A form with files: their names and what is in them.
pub(crate) fn with_files(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let about = format!("form-data; name=\"file\"; filename=\"{name}\"");
        body.extend(format!("--frontier\r\ncontent-disposition: {about}\r\n\r\n").bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--frontier--\r\n");
    let head = format!(
        "POST / HTTP/1.1\r\nhost: portal\r\nconnection: close\r\n\
         content-type: multipart/form-data; boundary=frontier\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

#[test]
fn unusable_files_are_named_and_the_others_are_used() {
    let server = Server::new(2);
    let portal = Portal::start(&server, &[]);
    let request = Computer::new(server.vendor()).request("A", 1);
    let heic = ("IMG_4711.HEIC", &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..]);
    let (empty, words) = (("empty.txt", &b""[..]), ("read-me.txt", &b"Keep this safe."[..]));
    let whole = ("request.txt", request.as_bytes());
    for (files, named) in [
        (&[whole, heic][..], &["In the file IMG_4711.HEIC: Pictures"][..]),
        (&[empty, whole], &["In the file empty.txt: This text is empty"]),
        (
            &[words, heic, whole, empty],
            &["IMG_4711.HEIC: Pictures", "empty.txt: This", "read-me.txt: There is no token"],
        ),
    ] {
        let used = portal.say(with_files(files));
        assert_eq!((used.status, used.name().as_str()), (200, "activate"), "{}", used.body);
        assert_eq!(used.attribute("skipped", "data-count"), named.len().to_string());
        for words in named {
            assert!(used.body.contains(words), "{words}: {}", used.body);
        }
    }
    // Two halves of one token are one text, and what lies between them is none of it.
    let (front, back) = request.split_at(request.len() / 2);
    let halves = [("1.txt", front.as_bytes()), words, ("2.txt", back.as_bytes())];
    let used = portal.say(with_files(&halves));
    assert_eq!((used.name().as_str(), used.has("skipped")), ("activate", true), "{}", used.body);
    assert!(!used.body.contains("1.txt") && !used.body.contains("2.txt"), "{}", used.body);
    // One alone needs no name.
    assert!(!portal.say(with_files(&[whole])).has("skipped"));
    let alone = portal.say(with_files(&[heic]));
    assert!(alone.error() == "text.picture" && !alone.body.contains("IMG_4711"), "{}", alone.body);
    let none = portal.say(with_files(&[heic, empty, empty]));
    assert_eq!((none.status, none.error().as_str()), (422, "text.picture"));
    assert!(none.body.contains("In the file IMG_4711.HEIC: Pictures"), "{}", none.body);
    assert!(none.body.contains("2 other files can’t be used either"), "{}", none.body);
    assert_eq!(portal.hand_in(" ").error(), "portal.nothing");
}

#[test]
fn a_batch_lists_the_submitted_files_that_it_ignores() {
    let server = Server::new(3);
    let portal = Portal::start(&server, &[]);
    let [a, b] = ["A", "B"].map(|name| Computer::new(server.vendor()).request(name, 1));
    let word = [&b"PK\x03\x04\x14\0\0\0\x08\0"[..], &[0; 20], b"word/document.xml"].concat();
    let mut files = vec![("a.txt", a.as_bytes()), ("x.docx", &word[..]), ("b.txt", b.as_bytes())];
    files.extend(std::iter::repeat_n(("empty.txt", &b""[..]), 30));
    let begun = portal.say(with_files(&files));
    let page = portal.get(&begun.leads_to());
    assert_eq!(page.attribute("skipped", "data-count"), "31", "{}", page.body);
    assert!(page.body.contains("In the file x.docx: This is a document (Word)"), "{}", page.body);
    assert_eq!(page.body.matches("In the file").count(), 20, "a page has room for that many");
    assert!(page.body.contains("And 11 more."), "{}", page.body);
}

#[test]
fn a_code_is_found_in_a_long_line_of_bounded_length() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    assert!(!portal.get("/seats").body.contains("maxlength"));
    let line = format!(
        "Your activation code for Acme CAD Professional 2027, order 4711-2026 of Friday: {CODE}"
    );
    assert!(line.len() > 80);
    let seats = portal.post("/seats", &[("code", &line)]);
    assert_eq!(seats.name(), "seats", "{}", seats.body);
    let refused = portal.post("/seats", &[("code", &format!("{}{CODE}", "A".repeat(5000)))]);
    assert_eq!((refused.status, refused.error().as_str()), (400, "activation_code.too_long"));
    assert_eq!(refused.attribute("code", "value"), "", "it isn't shown again");
}

#[test]
fn files_are_decoded_and_unreadable_pictures_explained() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let request = Computer::new(server.vendor()).request("A", 1);
    let wide: Vec<_> = request.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(portal.say(with_file(&[&[0xff, 0xfe], &wide[..]].concat())).name(), "activate");
    for picture in [&b"\x89PNG\r\n\x1a\n"[..], &[0xff, 0xd8, 0xff, 0xe0]] {
        let refused = portal.say(with_file(picture));
        assert_eq!((refused.status, refused.error().as_str()), (422, "portal.picture_unreadable"));
    }
}

#[test]
fn a_slow_client_times_out_and_delays_no_other() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let mut slow: Vec<_> = (0..50).map(|_| portal.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: por").unwrap();
    }
    assert_eq!(portal.get("/health").status, 200);
    for mut stream in slow {
        let mut rest = Vec::new();
        // Closed, whatever it says before.
        let _ = stream.read_to_end(&mut rest);
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
    }
}

#[test]
fn guessed_codes_take_equal_time_and_are_soon_refused() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let asked = |code: &str| {
        let began = Instant::now();
        (portal.post("/seats", &[("code", code)]), began.elapsed())
    };
    let (known, known_time) = asked(CODE);
    assert_eq!(known.name(), "seats");
    let wrong = |n: usize| asked(&format!("WR0NG-C0DE-{n:04}"));
    let (unknown, unknown_time) = wrong(0);
    assert_eq!(unknown.error(), "code.unknown");
    // Never sooner than the longest that it takes to look one up.
    for time in [known_time, unknown_time] {
        assert!(time >= Duration::from_millis(150), "{time:?}");
    }
    // However slow this machine is: one comes back a minute.
    let allowed = (1..200).take_while(|n| wrong(*n).0.error() == "code.unknown").count();
    assert!((10..199).contains(&allowed), "{allowed} guesses");
    // Then the right one looks like any other. One attempt may come back meanwhile: where a wrong
    // one is told nothing afterwards, there was none before it either.
    let hidden = |page: Page| {
        let digits = |c: char| c.is_ascii_digit();
        // The field says again what was typed, whatever it was.
        let typed = format!("value=\"{}\"", page.attribute("code", "value"));
        (page.status, page.body.replace(&typed, "").replace(digits, ""))
    };
    let mut asked_both = (200..400).map(|n| (asked(CODE).0, wrong(n).0));
    let (right, wrong) = asked_both.find(|(_, wrong)| wrong.error() != "code.unknown").unwrap();
    assert_eq!(hidden(right), hidden(wrong));
    assert!(portal.log().contains("\"limited\"") && !portal.log().contains(CODE));
}

#[test]
fn guesses_inside_requests_count_like_those_in_the_form() {
    let server = Server::new(3);
    let vendor = server.vendor();
    let guess = |number: usize| {
        let code = format!("WR0NG-C0DE-{number:06}");
        Computer { code, ..Computer::new(vendor) }.request("Guess", 1)
    };
    let right = Computer::new(vendor).request("Right", 1);
    let portal = Portal::start(&server, &[]);
    let allowed = (0..200).take_while(|n| portal.hand_in(&guess(*n)).error() == "code.unknown");
    assert!((10..199).contains(&allowed.count()));
    // One attempt may come back meanwhile: where a wrong one is told nothing afterwards, there was
    // none before it.
    let mut asked = (200..400).map(|n| {
        let right = [portal.hand_in(&right), portal.post("/activate", &[("token", &right)])];
        (right, portal.hand_in(&guess(n)).error())
    });
    let (pages, _) = asked.find(|(_, wrong)| wrong != "code.unknown").unwrap();
    for page in pages {
        assert_eq!((page.status, page.error().as_str()), (429, "portal.limited"));
    }
    drop(portal);
    let portal = Portal::start(&server, &[]);
    let guesses: Vec<_> = (0..60).map(guess).collect();
    let (path, _) = answer(&portal, &format!("{}\n{right}", guesses.join("\n")));
    let table = portal.get(&format!("{path}/table.csv")).body;
    let (unknown, limited) =
        (table.matches("code.unknown").count(), table.matches("portal.limited").count());
    assert!((10..60).contains(&unknown) && unknown + limited == 61, "{unknown} {limited}");
    assert!(server.seats().is_empty());
}

#[test]
fn guesses_beside_a_request_count_like_those_in_the_form() {
    let server = Server::new(1);
    let request = Computer::new(server.vendor()).request("Guess", 1);
    let mut came_back = false;
    for path in ["/activate/code", "/activate"] {
        let portal = Portal::start(&server, &[]);
        let given = |code: &str| portal.post(path, &[("token", &request), ("code", code)]);
        let wrong = |n: usize| given(&format!("WR0N-GC0D-E{n:03}-0000"));
        let allowed = (0..200).take_while(|n| wrong(*n).error() == "code.unknown").count();
        assert!((10..199).contains(&allowed), "{allowed} guesses at {path}");
        // Then the right one is told no more than a wrong one, unless an attempt has come back
        // meanwhile.
        let refused = (200..220).filter(|n| wrong(*n).error() != "code.unknown");
        let mut told = refused.map(|_| given(CODE)).inspect(|page| {
            came_back |= page.error() != "portal.limited";
        });
        let page = told.find(|page| page.error() == "portal.limited");
        assert_eq!(page.map(|page| page.status), Some(429), "{path}");
    }
    assert!(came_back || server.seats().is_empty());
}

#[test]
fn excessive_requests_are_rate_limited() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let asked = || portal.post("/deactivate", &[("token", "nothing")]);
    let mut answers = (0..5000).map(|_| asked());
    let told = answers.find(|page| page.status != 422);
    let told = told.unwrap_or_else(|| panic!("nobody was told to wait"));
    assert_eq!((told.status, told.error().as_str()), (429, "portal.limited"));
    assert_eq!(told.header("retry-after"), "60");
    assert_eq!(portal.get("/").status, 200, "looking at pages isn't limited");
    // Behind a proxy everybody has an address of their own.
    let behind = Portal::start(&server, &["--behind-proxy"]);
    for number in 0..300 {
        let from =
            format!("x-forwarded-for: 192.0.2.1, 198.51.{}.{}\r\n", number / 250, number % 250);
        assert_eq!(behind.post_with("/deactivate", &[("token", "nothing")], &from).status, 422);
    }
}

#[test]
fn a_stopping_server_completes_open_requests() {
    let server = Server::new(60);
    let vendor = server.vendor();
    let portal = Portal::start(&server, &[]);
    let requests: Vec<_> =
        (0..60).map(|n| Computer::new(vendor).request(&format!("PC {n}"), 1)).collect();
    let answered = std::thread::scope(|scope| {
        let asking: Vec<_> = requests
            .chunks(15)
            .map(|chunk| {
                let portal = &portal;
                scope.spawn(move || {
                    let answers = chunk.iter().map(|request| portal.try_activate(request));
                    answers.filter(Option::is_some).count()
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(60));
        portal.signal("TERM");
        asking.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    assert_eq!(portal.wait(), Some(0));
    // Whatever was granted was answered: nothing is half done.
    assert_eq!(server.seats().len(), answered);
}

#[test]
fn after_fifty_kills_under_load_no_answered_grant_is_lost() {
    let server = Server::new(10_000);
    let vendor = server.vendor();
    let mut answered = Vec::new();
    let mut kills = 0;
    while kills < 50 {
        kills += 1;
        let portal = Portal::start(&server, &[]);
        let count = AtomicU32::new(0);
        let got = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..4)
                .map(|_| {
                    let (portal, count) = (&portal, &count);
                    scope.spawn(move || {
                        let mut got = Vec::new();
                        for _ in 0..40 {
                            let request = Computer::new(vendor).request("PC", 1);
                            match portal.try_activate(&request) {
                                Some(response) => got.push((request, response)),
                                None => break,
                            }
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                        got
                    })
                })
                .collect();
            // However slow this machine is: after a number of answers, and somewhere before the
            // next ones.
            let enough = fastrand::u32(1..12);
            while count.load(Ordering::Relaxed) < enough
                && !asking.iter().all(std::thread::ScopedJoinHandle::is_finished)
            {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_micros(fastrand::u64(0..30_000)));
            portal.signal("KILL");
            asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        drop(portal);
        answered.extend(got);
    }
    assert!(answered.len() >= 50, "hardly anything was asked: {}", answered.len());
    // Each of them is there, with the same answer, byte for byte.
    let all = server.run(&["--json", "seats", "--code", CODE], "").json();
    assert!(all["seats"].as_array().unwrap().len() >= answered.len());
    let text: Vec<_> = answered.iter().map(|(request, _)| request.as_str()).collect();
    let again = server.run(&["--json", "activate"], &text.join("\n"));
    assert_eq!(again.exit, Some(0));
    for (result, (_, response)) in again.results().iter().zip(&answered) {
        assert_eq!(result["token"].as_str(), Some(response.as_str()));
        assert_eq!(result["outcome"], "already_applied");
    }
}
