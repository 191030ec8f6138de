//! Pictures that visitors hand in: each is read in a process of its own, which has bounds.

use std::io::{BufRead as _, BufReader, Cursor};

use image::{GrayImage, ImageFormat, Luma};
use latchkey_paper::pictures;
use latchkey_token::read;

use crate::http::Portal;
use crate::many::with_file;
use crate::*;

fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// So many finder patterns in rows and columns, as one code has three of.
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
    let token = read(&request).unwrap().remove(0).token.unwrap();
    let [picture] = &pictures(&token, None)[..] else { panic!("one picture") };
    let side = picture.side() as u32;
    let drawn = GrayImage::from_fn((side + 8) * 4, (side + 8) * 4, |x, y| {
        let at = |at: u32| (at / 4).checked_sub(4).filter(|&at| at < side);
        let dark = at(x).zip(at(y)).is_some_and(|(x, y)| picture.is_dark(x as usize, y as usize));
        Luma([if dark { 0 } else { 255 }])
    });
    assert_eq!(portal.say(with_file(&png(&drawn))).name(), "activate");
}

/// What the kernel lets a process take, once it has bounded itself.
#[cfg(target_os = "linux")]
fn bounds(process: &Child, of: &str) -> String {
    loop {
        let all = std::fs::read_to_string(format!("/proc/{}/limits", process.id())).unwrap();
        // The last one that it sets.
        let is_bounded = all
            .lines()
            .any(|line| line.starts_with("Max address space") && !line.contains("unlimited"));
        if is_bounded {
            let line = all.lines().find(|line| line.starts_with(of)).unwrap();
            return line[of.len()..].split_whitespace().next().unwrap().to_owned();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
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
    process.stdin.take().unwrap().write_all(&finders(100)).unwrap();
    let said = process.wait_with_output().unwrap();
    assert_eq!((said.status.code(), said.stdout.as_slice()), (Some(0), &b"w"[..]));
}

/// Ends a process as a fault in it would, and says whether it has left a core file. The system is asked to make one.
#[cfg(target_os = "linux")]
fn leaves_a_core_file(mut process: Child) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    let id = process.id().to_string();
    assert!(Command::new("kill").args(["-ABRT", &id]).status().unwrap().success());
    let status = process.wait().unwrap();
    assert_eq!(status.signal(), Some(6));
    status.core_dumped()
}

#[cfg(target_os = "linux")]
fn with_core_files(folder: &std::path::Path, arguments: &[&str]) -> Command {
    let mut shell = Command::new("sh");
    let script = "ulimit -c $(ulimit -H -c); exec \"$@\"";
    shell.args(["-c", script, "sh"]).args(arguments).current_dir(folder);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}

#[test]
#[cfg(target_os = "linux")]
fn neither_the_portal_nor_the_process_that_reads_a_picture_leaves_a_core_file() {
    let program = env!("CARGO_BIN_EXE_latchkey-server");
    let folder = tempfile::tempdir().unwrap();
    // Where the system makes none of anything, this shows nothing.
    let sleeping = with_core_files(folder.path(), &["sleep", "1000"]).spawn().unwrap();
    while std::fs::read_to_string(format!("/proc/{}/comm", sleeping.id())).unwrap() != "sleep\n" {
        std::thread::sleep(Duration::from_millis(10));
    }
    let makes_some = leaves_a_core_file(sleeping);
    let reading = ["internal-read-picture", "80000000"];
    let process = with_core_files(folder.path(), &[&[program], &reading[..]].concat()).spawn();
    let process = process.unwrap();
    assert_eq!(bounds(&process, "Max core file size"), "0");
    assert!(!leaves_a_core_file(process));
    let server = Server::new(1);
    let data = server.data();
    let serve = [program, "--data", data.to_str().unwrap(), "serve", "--listen", "127.0.0.1:0"];
    let mut portal = with_core_files(folder.path(), &serve).spawn().unwrap();
    let mut log = BufReader::new(portal.stderr.take().unwrap()).lines();
    assert!(log.any(|line| line.unwrap().contains("\"started\"")));
    assert!(!leaves_a_core_file(portal), "(a program that may does: {makes_some})");
}
