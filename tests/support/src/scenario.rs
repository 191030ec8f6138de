//! The whole life of a licence in the real window. The demo tells it, the tests check it: it is the
//! same code.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::{Browser, Browsing, Clock, Session, Stage, Window};

/// Writes down what happens: numbered pictures and a transcript in one folder.
#[derive(Debug)]
pub struct Diary {
    folder: PathBuf,
    pictures: u32,
    transcript: String,
    aloud: bool,
}

impl Diary {
    /// A new diary in a folder. `aloud` says everything on standard output too.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub fn open(folder: &Path, aloud: bool) -> Result<Self> {
        fs::create_dir_all(folder).context("no folder for the diary")?;
        let folder = folder.to_path_buf();
        Ok(Self { folder, pictures: 0, transcript: String::new(), aloud })
    }

    /// Writes a line.
    ///
    /// # Errors
    /// If the transcript can't be written.
    #[allow(clippy::print_stdout, reason = "a demo tells what it does")]
    pub fn say(&mut self, line: &str) -> Result<()> {
        if self.aloud {
            println!("{line}");
        }
        let _ = writeln!(self.transcript, "{line}");
        // Written at once: a story that fails leaves what led to it.
        fs::write(self.folder.join("transcript.txt"), &self.transcript)
            .context("the transcript can't be written")
    }

    /// Takes a numbered picture of a window.
    ///
    /// # Errors
    /// If the window or the file refuses.
    pub fn picture(&mut self, window: &Window, name: &str) -> Result<()> {
        self.pictures += 1;
        let file = format!("{:02}-{name}.png", self.pictures);
        window.screenshot(&self.folder.join(&file))?;
        self.say(&format!("      → {file}"))
    }
}

/// From Home to the request token: the code, the seat's name, Next. Gives the token.
///
/// # Errors
/// If the window does something else.
pub fn request_in_window(window: &Window, code: &str, seat_name: &str) -> Result<String> {
    window.wait_for_screen("home")?;
    window.click("activate")?;
    window.wait_for_screen("activate-code")?;
    window.type_into("code", code)?;
    window.type_into("seat-name", seat_name)?;
    window.click("next")?;
    window.wait_for_screen("activate-request")?;
    window.text("request-token")
}

/// From Home to an active licence. Gives the request token and its response.
///
/// # Errors
/// If the window does something else, or the vendor refuses.
pub fn activate_in_window(stage: &Stage, window: &Window, name: &str) -> Result<(String, String)> {
    let request = request_in_window(window, stage.entitlement.code(), name)?;
    let response = stage.vendor.response_to(&request);
    window.click("have-response")?;
    hand_in(window, "activate-response", &response)?;
    ensure!(window.attribute("done", "data-kind")? == "activated", "not activated");
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    Ok((request, response))
}

/// Types a token into the big box, waits until it is recognised, and takes it.
///
/// # Errors
/// If the window does something else.
pub fn hand_in(window: &Window, screen: &str, token: &str) -> Result<()> {
    window.wait_for_screen(screen)?;
    window.type_into("response-box", token)?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.click("apply")?;
    window.wait_for_screen("done")
}

/// Request → response → active → product runs → refresh → later expiry → deactivate → product
/// refuses → seat free again at the issuer, with the window closed once on the way.
///
/// # Errors
/// At the first thing that isn't as it should be.
pub fn whole_life(stage: &mut Stage, diary: &mut Diary) -> Result<()> {
    let driver = Session::start(&stage.programs, &stage.desktop)?;
    let config = stage.config();
    let code = stage.entitlement.code().to_owned();

    diary.say("1. A computer without a connection. The product isn't licensed yet.")?;
    product(stage, diary, Clock::NOW, false)?;
    let window = driver.open(&config, Clock::NOW)?;
    window.wait_for_value("home-state", "data-state", "not_activated")?;
    diary.picture(&window, "home-not-activated")?;

    diary
        .say("2. The activation code is typed in, and a request token is there to be taken out.")?;
    window.click("activate")?;
    window.wait_for_screen("activate-code")?;
    window.type_into("code", &code)?;
    window.type_into("seat-name", "Drawing office 4")?;
    diary.picture(&window, "activate-your-code")?;
    window.click("next")?;
    window.wait_for_screen("activate-request")?;
    let request = window.text("request-token")?;
    ensure!(request.len() <= 520, "a request of {} characters", request.len());
    window.click("copy")?;
    let copied = window.attribute("copied", "data-characters")?;
    ensure!(copied == request.len().to_string(), "{copied} characters were copied");
    let clipboard = stage.clipboard();
    ensure!(clipboard.as_deref() == Some(&request), "the clipboard holds {clipboard:?}");
    diary.say(&format!("      {request}"))?;
    diary.picture(&window, "activate-take-this-out")?;

    diary.say("3. The window is closed. On another computer somebody opens the licence portal:")?;
    window.close()?;
    let portal = stage.serve()?;
    let browser = Browser::open(&stage.folder, &Browsing::default())?;
    diary.say(&format!("      {}", portal.address))?;
    browser.go(&portal.address)?;
    diary.picture(&browser, "portal")?;
    browser.type_into("box", &format!("Dear all,\n\n> {request}\n\nRegards"))?;
    browser.click("continue")?;
    browser.wait_for_page("activate")?;
    ensure!(stage.seats_in_use() == 0, "a seat was granted before anybody agreed");
    diary.picture(&browser, "portal-activate")?;
    browser.click("confirm")?;
    browser.wait_for_page("granted")?;
    let response = browser.text("token")?;
    browser.click("copy")?;
    ensure!(browser.copied()? == response, "the browser's clipboard holds something else");
    diary.say(&format!("      {response}"))?;
    diary.picture(&browser, "portal-response")?;
    ensure!(stage.seats_in_use() == 1, "the vendor counts no seat");

    diary.say("4. The window is opened again: the place was kept.")?;
    let window = driver.open(&config, Clock::NOW)?;
    window.wait_for("banner-pending")?;
    diary.picture(&window, "home-a-request-waits")?;
    window.click("continue-pending")?;
    window.wait_for_screen("activate-request")?;
    // It is sealed afresh whenever it is shown; to the vendor it is the same request.
    let shown_again = window.text("request-token")?;
    ensure!(stage.vendor.response_to(&shown_again) == response, "another request is shown");
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    diary
        .say("   First by mistake the request itself is handed in: the window says what it is.")?;
    window.type_into("response-box", &request)?;
    window.wait_for_value("error", "data-code", "token.wrong_kind")?;
    diary.picture(&window, "activate-the-wrong-token")?;
    window.type_into("response-box", &response)?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    diary.picture(&window, "activate-the-response")?;
    window.click("apply")?;
    window.wait_for_screen("done")?;
    ensure!(window.attribute("done", "data-kind")? == "activated", "not activated");
    diary.picture(&window, "done")?;
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    let first_expiry = window.attribute("lease-expiry", "datetime")?;
    let seat = stage.command_line().seat();
    diary.picture(&window, "home-active")?;
    window.close()?;

    diary.say("5. The product runs.")?;
    product(stage, diary, Clock::NOW, true)?;

    diary.say("6. Ten days later the lease is refreshed, with one token from the portal:")?;
    let later = Clock::days(10);
    stage.vendor.clock = later;
    drop(portal);
    let portal = stage.serve()?;
    browser.go(&format!("{}/S/{}", portal.address, seat.to_uppercase()))?;
    browser.type_into("code", &code.to_lowercase())?;
    browser.click("with-code")?;
    browser.wait_for_page("seat")?;
    diary.picture(&browser, "portal-seat")?;
    browser.click("refresh")?;
    browser.wait_for_page("refreshed")?;
    let refresh = browser.text("token")?;
    diary.picture(&browser, "portal-refresh")?;
    diary.say(&format!("      {refresh}"))?;
    let window = driver.open(&config, later)?;
    window.wait_for_value("home-state", "data-state", "active")?;
    let days_before = days_left(&window)?;
    window.click("refresh")?;
    window.wait_for_screen("refresh")?;
    window.type_into("response-box", &refresh)?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    diary.picture(&window, "refresh")?;
    window.click("apply")?;
    window.wait_for_screen("done")?;
    ensure!(window.attribute("done", "data-kind")? == "refreshed", "not refreshed");
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    let (expiry, days) = (window.attribute("lease-expiry", "datetime")?, days_left(&window)?);
    ensure!(expiry > first_expiry, "the lease expiry went from {first_expiry} to {expiry}");
    ensure!(days >= days_before + 9, "{days_before} days were left, and then {days}");
    diary.say(&format!("   The lease expiry went from {first_expiry} to {expiry}."))?;
    diary.picture(&window, "home-refreshed")?;
    product(stage, diary, later, true)?;

    diary.say("7. The licence is deactivated: it is gone here, and a token is there for it.")?;
    window.click("deactivate")?;
    window.wait_for_screen("deactivate")?;
    diary.picture(&window, "deactivate-question")?;
    window.click("deactivate-confirm")?;
    window.wait_for_screen("deactivation-token")?;
    let deactivation = window.text("deactivation-token")?;
    diary.say(&format!("      {deactivation}"))?;
    diary.picture(&window, "deactivation-token")?;
    product(stage, diary, later, false)?;
    ensure!(stage.seats_in_use() == 1, "the seat is free before the vendor has the token");

    diary.say("8. The portal gets the token, and the seat is free again:")?;
    browser.paste_in(&portal.address, &deactivation)?;
    browser.wait_for_page("deactivate")?;
    diary.picture(&browser, "portal-deactivate")?;
    browser.click("confirm")?;
    browser.wait_for_value("deactivated", "data-outcome", "released")?;
    diary.picture(&browser, "portal-seat-is-free")?;
    ensure!(stage.seats_in_use() == 0, "the seat isn't free");
    window.click("delivered")?;
    window.click("delivered-confirm")?;
    window.wait_for_value("home-state", "data-state", "not_activated")?;
    ensure!(!window.has("banner-outbox")?, "the token is still on Home");
    diary.picture(&window, "home-in-the-end")?;
    window.close()
}

fn days_left(window: &Window) -> Result<i64> {
    let days = window.attribute("time-left", "data-days")?;
    days.parse().with_context(|| format!("“{days}” days"))
}

/// Starts the product and checks whether it runs.
fn product(stage: &Stage, diary: &mut Diary, clock: Clock, runs: bool) -> Result<()> {
    let openings = stage.wizard_openings();
    let answer = stage.start_product(clock);
    diary.say(&format!("      $ {}", answer.call))?;
    for line in answer.stdout.lines().chain(answer.stderr.lines()) {
        diary.say(&format!("      {line}"))?;
    }
    if (answer.exit == Some(0)) != runs {
        bail!("The product should {}\n{answer}", if runs { "run" } else { "refuse" });
    }
    // The product doesn't wait for the wizard that it opens, so its note may come a little later.
    for _ in 0..3000 {
        if runs || stage.wizard_openings() > openings {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("The product refused, and didn't open the wizard.\n{answer}")
}
