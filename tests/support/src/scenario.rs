//! The complete life cycle of a licence in the real window. The demo and the tests run the same
//! code.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::{Browser, Browsing, Clock, ProductFixture, Session, Window};

/// Records a scenario: numbered pictures and a transcript in one folder.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    pictures: u32,
    transcript: String,
    verbose: bool,
}

impl Recorder {
    /// A new recorder in a folder. If `verbose`, it also prints the transcript on standard output.
    ///
    /// # Errors
    /// Fails if the folder can't be created.
    pub fn open(folder: &Path, verbose: bool) -> Result<Self> {
        fs::create_dir_all(folder).context("no folder for the recorder")?;
        let folder = folder.to_path_buf();
        Ok(Self { folder, pictures: 0, transcript: String::new(), verbose })
    }

    /// Writes a line to the transcript.
    ///
    /// # Errors
    /// Fails if the transcript can't be written.
    #[allow(clippy::print_stdout, reason = "a demo prints its steps")]
    pub fn log(&mut self, line: &str) -> Result<()> {
        if self.verbose {
            println!("{line}");
        }
        let _ = writeln!(self.transcript, "{line}");
        // Written at once, so that the transcript of a failed scenario is complete.
        fs::write(self.folder.join("transcript.txt"), &self.transcript)
            .context("the transcript can't be written")
    }

    /// Takes a numbered picture of a window.
    ///
    /// # Errors
    /// Fails if the window doesn't answer or the file can't be written.
    pub fn picture(&mut self, window: &Window, name: &str) -> Result<()> {
        self.pictures += 1;
        let file = format!("{:02}-{name}.png", self.pictures);
        window.screenshot(&self.folder.join(&file))?;
        self.log(&format!("      → {file}"))
    }
}

/// Enters code and seat name, and returns the request token. Starts on Home.
///
/// # Errors
/// Fails if the window does something else.
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

/// Activates a licence, and returns the request token and its response. Starts and ends on Home.
///
/// # Errors
/// Fails if the window does something else, or the vendor refuses.
pub fn activate_in_window(
    fixture: &ProductFixture,
    window: &Window,
    name: &str,
) -> Result<(String, String)> {
    let request = request_in_window(window, fixture.entitlement.code(), name)?;
    let response = fixture.vendor.response_to(&request);
    window.click("have-response")?;
    enter_token(window, "activate-response", &response)?;
    ensure!(window.attribute("done", "data-kind")? == "activated", "not activated");
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    Ok((request, response))
}

/// Types a token into the text box, waits until it is recognised, and applies it.
///
/// # Errors
/// Fails if the window does something else.
pub fn enter_token(window: &Window, screen: &str, token: &str) -> Result<()> {
    window.wait_for_screen(screen)?;
    window.type_into("response-box", token)?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.click("apply")?;
    window.wait_for_screen("done")
}

/// Request → response → active → product runs → refresh → later expiry → deactivate → product
/// refuses → seat free again, with the window closed once in between.
///
/// # Errors
/// Fails at the first step with another result.
pub fn run_life_cycle(fixture: &mut ProductFixture, recorder: &mut Recorder) -> Result<()> {
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let config = fixture.config();
    let code = fixture.entitlement.code().to_owned();

    recorder.log("1. A computer without a connection. The product isn't licensed yet.")?;
    product(fixture, recorder, Clock::NOW, false)?;
    let window = driver.open(&config, Clock::NOW)?;
    window.wait_for_value("home-state", "data-state", "not_activated")?;
    recorder.picture(&window, "home-not-activated")?;

    recorder.log("2. The activation code is typed in, and the window shows a request token.")?;
    window.click("activate")?;
    window.wait_for_screen("activate-code")?;
    window.type_into("code", &code)?;
    window.type_into("seat-name", "Drawing office 4")?;
    recorder.picture(&window, "activate-your-code")?;
    window.click("next")?;
    window.wait_for_screen("activate-request")?;
    let request = window.text("request-token")?;
    ensure!(request.len() <= 520, "a request of {} characters", request.len());
    window.click("copy")?;
    let copied = window.attribute("copied", "data-characters")?;
    ensure!(copied == request.len().to_string(), "{copied} characters were copied");
    let clipboard = fixture.clipboard();
    ensure!(clipboard.as_deref() == Some(&request), "the clipboard holds {clipboard:?}");
    recorder.log(&format!("      {request}"))?;
    recorder.picture(&window, "activate-take-this-out")?;

    recorder
        .log("3. The window is closed. On another computer a user opens the licence portal:")?;
    window.close()?;
    let portal = fixture.serve()?;
    let browser = Browser::open(&fixture.folder, &Browsing::default())?;
    recorder.log(&format!("      {}", portal.address))?;
    browser.go(&portal.address)?;
    recorder.picture(&browser, "portal")?;
    browser.type_into("box", &format!("Dear all,\n\n> {request}\n\nRegards"))?;
    browser.click("continue")?;
    browser.wait_for_page("activate")?;
    ensure!(fixture.seats_in_use() == 0, "a seat was granted before it was confirmed");
    recorder.picture(&browser, "portal-activate")?;
    browser.click("confirm")?;
    browser.wait_for_page("granted")?;
    let response = browser.text("token")?;
    browser.click("copy")?;
    ensure!(browser.read_clipboard()? == response, "the browser's clipboard holds something else");
    recorder.log(&format!("      {response}"))?;
    recorder.picture(&browser, "portal-response")?;
    ensure!(fixture.seats_in_use() == 1, "the vendor counts no seat");

    recorder.log("4. The window is opened again, and the request is still pending.")?;
    let window = driver.open(&config, Clock::NOW)?;
    window.wait_for("banner-pending")?;
    recorder.picture(&window, "home-a-request-waits")?;
    window.click("continue-pending")?;
    window.wait_for_screen("activate-request")?;
    // It is encrypted again whenever it is shown; for the vendor it is the same request.
    let shown_again = window.text("request-token")?;
    ensure!(fixture.vendor.response_to(&shown_again) == response, "another request is shown");
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    recorder.log("   The request is pasted by mistake, and the window reports it.")?;
    window.type_into("response-box", &request)?;
    window.wait_for_value("error", "data-code", "token.wrong_kind")?;
    recorder.picture(&window, "activate-the-wrong-token")?;
    window.type_into("response-box", &response)?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    recorder.picture(&window, "activate-the-response")?;
    window.click("apply")?;
    window.wait_for_screen("done")?;
    ensure!(window.attribute("done", "data-kind")? == "activated", "not activated");
    recorder.picture(&window, "done")?;
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    let first_expiry = window.attribute("lease-expiry", "datetime")?;
    let seat = fixture.command_line().seat();
    recorder.picture(&window, "home-active")?;
    window.close()?;

    recorder.log("5. The product runs.")?;
    product(fixture, recorder, Clock::NOW, true)?;

    recorder.log("6. Ten days later a refresh token from the portal extends the lease:")?;
    let later = Clock::days(10);
    fixture.vendor.clock = later;
    drop(portal);
    let portal = fixture.serve()?;
    browser.go(&format!("{}/S/{}", portal.address, seat.to_uppercase()))?;
    browser.type_into("code", &code.to_lowercase())?;
    browser.click("with-code")?;
    browser.wait_for_page("seat")?;
    recorder.picture(&browser, "portal-seat")?;
    browser.click("refresh")?;
    browser.wait_for_page("refreshed")?;
    let refresh = browser.text("token")?;
    recorder.picture(&browser, "portal-refresh")?;
    recorder.log(&format!("      {refresh}"))?;
    let window = driver.open(&config, later)?;
    window.wait_for_value("home-state", "data-state", "active")?;
    let days_before = days_left(&window)?;
    window.click("refresh")?;
    window.wait_for_screen("refresh")?;
    window.type_into("response-box", &refresh)?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    recorder.picture(&window, "refresh")?;
    window.click("apply")?;
    window.wait_for_screen("done")?;
    ensure!(window.attribute("done", "data-kind")? == "refreshed", "not refreshed");
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    let (expiry, days) = (window.attribute("lease-expiry", "datetime")?, days_left(&window)?);
    ensure!(expiry > first_expiry, "the lease expiry went from {first_expiry} to {expiry}");
    ensure!(days >= days_before + 9, "{days_before} days were left, and then {days}");
    recorder.log(&format!("   The lease expiry went from {first_expiry} to {expiry}."))?;
    recorder.picture(&window, "home-refreshed")?;
    product(fixture, recorder, later, true)?;

    recorder.log(
        "7. The licence is deactivated and removed, and the window shows a deactivation token.",
    )?;
    window.click("deactivate")?;
    window.wait_for_screen("deactivate")?;
    recorder.picture(&window, "deactivate-question")?;
    window.click("deactivate-confirm")?;
    window.wait_for_screen("deactivation-token")?;
    let deactivation = window.text("deactivation-token")?;
    recorder.log(&format!("      {deactivation}"))?;
    recorder.picture(&window, "deactivation-token")?;
    product(fixture, recorder, later, false)?;
    ensure!(fixture.seats_in_use() == 1, "the seat is free before the vendor has the token");

    recorder.log("8. The portal releases the seat for the token:")?;
    browser.submit_text(&portal.address, &deactivation)?;
    browser.wait_for_page("deactivate")?;
    recorder.picture(&browser, "portal-deactivate")?;
    browser.click("confirm")?;
    browser.wait_for_value("deactivated", "data-outcome", "released")?;
    recorder.picture(&browser, "portal-seat-is-free")?;
    ensure!(fixture.seats_in_use() == 0, "the seat isn't free");
    window.click("delivered")?;
    window.click("delivered-confirm")?;
    window.wait_for_value("home-state", "data-state", "not_activated")?;
    ensure!(!window.has("banner-outbox")?, "the token is still on Home");
    recorder.picture(&window, "home-in-the-end")?;
    window.close()
}

fn days_left(window: &Window) -> Result<i64> {
    let days = window.attribute("time-left", "data-days")?;
    days.parse().with_context(|| format!("“{days}” days"))
}

/// Starts the product and checks whether it runs.
fn product(
    fixture: &ProductFixture,
    recorder: &mut Recorder,
    clock: Clock,
    runs: bool,
) -> Result<()> {
    // libfaketime's shared memory ends with the product that created it. If that is before the
    // wizard has attached to it, the wizard never begins, so the product is started again.
    for _ in 0..5 {
        let openings = fixture.wizard_openings();
        let answer = fixture.start_product(clock);
        recorder.log(&format!("      $ {}", answer.call))?;
        for line in answer.stdout.lines().chain(answer.stderr.lines()) {
            recorder.log(&format!("      {line}"))?;
        }
        if (answer.exit == Some(0)) != runs {
            bail!("The product should {}\n{answer}", if runs { "run" } else { "refuse" });
        }
        // The product doesn't wait for the wizard that it opens, so its note may come a little
        // later.
        for _ in 0..600 {
            if runs || fixture.wizard_openings() > openings {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
    bail!("The product refused, and didn't open the wizard.")
}
