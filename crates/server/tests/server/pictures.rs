//! Submitted pictures: each is decoded in a separate process with limits.

use std::io::{BufRead as _, BufReader, Cursor};

use image::{GrayImage, ImageFormat, Luma};
use latchkey_paper::pictures;
use latchkey_token::scan;

use crate::bulk::{with_file, with_files};
use crate::http::Portal;
use crate::*;

fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The finder patterns, three of which belong to each code, in rows and columns.
fn finders(side: u32) -> Vec<u8> {
    png(&GrayImage::from_fn(side * 16 + 16, side * 16 + 16, |x, y| {
        let inside = x >= 16 && y >= 16;
        let at = |at: u32| (at % 16 / 2).min(7).abs_diff(3);
        let ring = at(x).max(at(y));
        Luma([if inside && (ring <= 1 || ring == 3) { 0 } else { 255 }])
    }))
}

#[test]
fn a_picture_full_of_finder_patterns_is_refused_by_name_and_an_honest_one_is_read() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    for side in [30, 100] {
        let refused = portal.say(with_file(&finders(side)));
        let said = (refused.status, refused.error());
        assert_eq!(said, (422, "portal.picture_too_much_work".to_owned()), "{side}");
    }
    let request = Computer::new(server.vendor()).request("A", 1);
    let token = scan(&request).unwrap().remove(0).token.unwrap();
    let [picture] = &pictures(&token, None)[..] else { panic!("one picture") };
    assert_eq!(portal.say(with_file(&png(&drawn(picture)))).name(), "activate");
}

fn drawn(picture: &latchkey_paper::Picture) -> GrayImage {
    let side = picture.side() as u32;
    GrayImage::from_fn((side + 8) * 4, (side + 8) * 4, |x, y| {
        let at = |at: u32| (at / 4).checked_sub(4).filter(|&at| at < side);
        let dark = at(x).zip(at(y)).is_some_and(|(x, y)| picture.is_dark(x as usize, y as usize));
        Luma([if dark { 0 } else { 255 }])
    })
}

/// A page with a request's code, whose lower half was lost on the way.
fn cut(request: &str) -> Vec<u8> {
    let token = scan(request).unwrap().remove(0).token.unwrap();
    let code = drawn(&pictures(&token, None)[0]);
    let mut state = 1_u32;
    // Below the code there is as much again, which can't be packed.
    let page = GrayImage::from_fn(code.width(), code.height() * 2, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let is_code = y < code.height();
        if is_code { *code.get_pixel(x, y) } else { Luma([state.to_be_bytes()[0]]) }
    });
    let mut cut = png(&page);
    cut.truncate(cut.len() * 3 / 4);
    cut
}

#[test]
fn each_truncated_picture_is_named() {
    let server = Server::new(3);
    let portal = Portal::start(&server, &[]);
    let cut = ["A", "B", "C"].map(|name| cut(&Computer::new(server.vendor()).request(name, 1)));
    let names = ["first.png", "second.png", "third.png"];
    let files: Vec<_> = names.into_iter().zip(cut.iter().map(Vec::as_slice)).collect();
    let said = portal.say(with_files(&files));
    assert_eq!((said.status, said.error()), (422, "portal.picture_unreadable".to_owned()));
    assert_eq!(said.attribute("skipped", "data-count"), "2", "{}", said.body);
    for name in names {
        assert!(said.body.contains(name), "{name}: {}", said.body);
    }
}

#[test]
fn text_from_a_truncated_picture_is_used_with_a_warning() {
    let server = Server::new(1);
    let portal = Portal::start(&server, &[]);
    let request = Computer::new(server.vendor()).request("A", 1);
    let token = scan(&request).unwrap().remove(0).token.unwrap();
    let cut = cut(&request);
    let said = portal.say(with_file(&cut));
    assert_eq!((said.status, said.error()), (422, "portal.picture_unreadable".to_owned()));
    assert!(said.body.contains(pictures(&token, None)[0].text()), "{}", said.body);
    let file = server.folder.path().join("cut.png");
    std::fs::write(&file, &cut).unwrap();
    let said = server.run(&["inspect", file.to_str().unwrap()], "");
    assert_eq!(said.exit, Some(3));
    assert!(said.stdout.contains("request"), "{}", said.stdout);
    assert!(said.stderr.contains("damaged or incomplete"), "{}", said.stderr);
}

/// What the kernel lets a process take.
#[cfg(target_os = "linux")]
fn limit(process: &Child, of: &str) -> String {
    let all = std::fs::read_to_string(format!("/proc/{}/limits", process.id())).unwrap();
    let line = all.lines().find(|line| line.starts_with(of)).unwrap();
    line[of.len()..].split_whitespace().next().unwrap().to_owned()
}

/// The same, once it has bounded itself.
#[cfg(target_os = "linux")]
fn bounds(process: &Child, of: &str) -> String {
    // The last one that it sets.
    while limit(process, "Max address space") == "unlimited" {
        std::thread::sleep(Duration::from_millis(10));
    }
    limit(process, of)
}

#[test]
#[cfg(target_os = "linux")]
fn the_process_that_reads_a_picture_bounds_itself_before_it_reads_a_byte() {
    let memory = 80 * 1024 * 1024;
    let mut process = Command::new(env!("CARGO_BIN_EXE_latchkey-server"))
        .args(["internal-read-picture", &memory.to_string()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(bounds(&process, "Max cpu time"), "10");
    assert_eq!(bounds(&process, "Max file size"), "0");
    assert_eq!(bounds(&process, "Max core file size"), "0");
    let address_space: u64 = bounds(&process, "Max address space").parse().unwrap();
    assert!(address_space < 1024 * 1024 * 1024, "{address_space}");
    // The kernel's first choice when memory runs out, and not the portal.
    let score = std::fs::read_to_string(format!("/proc/{}/oom_score_adj", process.id())).unwrap();
    assert_eq!(score.trim(), "1000");
    process.stdin.take().unwrap().write_all(&finders(100)).unwrap();
    let said = process.wait_with_output().unwrap();
    assert_eq!((said.status.code(), said.stdout.as_slice()), (Some(0), &b"w"[..]));
}

/// A program that the system would make a core file of, and let others look into. Nobody here may
/// look into everything, as an administrator may.
#[cfg(target_os = "linux")]
fn open_to_others(arguments: &[&str]) -> Command {
    let mut shell = without_privilege();
    let script = "ulimit -c $(ulimit -H -c); exec \"$@\"";
    shell.args(["sh", "-c", script, "sh"]).args(arguments);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}

#[cfg(target_os = "linux")]
fn without_privilege() -> Command {
    let mut command = Command::new("env");
    if rustix::process::geteuid().is_root() {
        command.args(["setpriv", "--bounding-set=-all", "--inh-caps=-all"]);
    }
    command
}

/// Whether another program of the same user can look into a process. Where none can, there is no
/// core file either.
#[cfg(target_os = "linux")]
fn can_be_looked_into(process: &Child) -> bool {
    let mut look = without_privilege();
    look.arg("cat").arg(format!("/proc/{}/environ", process.id()));
    look.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
#[cfg(target_os = "linux")]
fn neither_the_portal_nor_the_process_that_reads_a_picture_leaves_a_core_file() {
    let program = env!("CARGO_BIN_EXE_latchkey-server");
    // What can be seen of any other program.
    let mut sleeping = open_to_others(&["sleep", "1000"]).spawn().unwrap();
    while std::fs::read_to_string(format!("/proc/{}/comm", sleeping.id())).unwrap() != "sleep\n" {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(can_be_looked_into(&sleeping));
    sleeping.kill().unwrap();
    sleeping.wait().unwrap();

    let mut reading = open_to_others(&[program, "internal-read-picture", "80000000"]);
    let mut reading = reading.spawn().unwrap();
    assert_eq!(bounds(&reading, "Max core file size"), "0");
    assert!(!can_be_looked_into(&reading));
    reading.kill().unwrap();
    reading.wait().unwrap();

    let server = Server::new(1);
    let data = server.data();
    let serve = [program, "--data", data.to_str().unwrap(), "serve", "--listen", "127.0.0.1:0"];
    let mut portal = open_to_others(&serve).spawn().unwrap();
    let mut log = BufReader::new(portal.stderr.take().unwrap()).lines();
    assert!(log.any(|line| line.unwrap().contains("\"started\"")));
    assert_eq!(limit(&portal, "Max core file size"), "0");
    assert!(!can_be_looked_into(&portal));
    portal.kill().unwrap();
    portal.wait().unwrap();
}
