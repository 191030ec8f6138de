//! End-to-end tests of the real window with a real Secret Service and the real issuer. Screenshots
//! and transcripts are written to `target/e2e/`.

mod accessibility;
mod copying;
mod desktop_habits;
mod keyboard;
mod paper;
mod portal;
mod screens;
mod single_instance;
mod without_keyring;

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use latchkey_e2e_support::{
    Clock, Opening, ProductFixture, Programs, Recorder, Session, activate_in_window, enter_token,
    request_in_window, run_life_cycle,
};

/// A fresh folder for one test.
fn folder(name: &str) -> Result<PathBuf> {
    let folder = Programs::find()?.target().join("e2e").join(name);
    for attempt in 0.. {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => break,
            // The session of the last run may not have unmounted the document portal yet, and one
            // that was killed never will.
            Err(_) if attempt < 600 => {
                let mount = folder.join("fixture/home/runtime/doc");
                let _ = Command::new("umount").arg("--lazy").arg(mount).output();
                thread::sleep(Duration::from_millis(100));
            }
            outcome => {
                outcome?;
                break;
            }
        }
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[test]
fn a_licence_is_activated_refreshed_and_deactivated_and_the_product_follows() -> Result<()> {
    let folder = folder("whole-life")?;
    let mut fixture = ProductFixture::set_up(&folder.join("fixture"))?;
    run_life_cycle(&mut fixture, &mut Recorder::open(&folder, false)?)
}

#[test]
fn closing_the_window_keeps_the_pending_request() -> Result<()> {
    let folder = folder("closed-between")?;
    let fixture = ProductFixture::set_up(&folder.join("fixture"))?;
    let mut recorder = Recorder::open(&folder, false)?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;

    let window = driver.open(&fixture.config(), Clock::NOW)?;
    let request = request_in_window(&window, fixture.entitlement.code(), "Drawing office")?;
    // What was known when the window was opened is old now, so a reloaded page asks again.
    window.value("location.reload()", &[])?;
    window.wait_for("banner-pending")?;
    window.close()?;
    let response = fixture.vendor.response_to(&request);

    let window = driver.open(&fixture.config(), Clock::NOW)?;
    window.wait_for("banner-pending")?;
    recorder.picture(&window, "after-closing")?;
    window.click("continue-pending")?;
    window.wait_for_screen("activate-request")?;
    // It is encrypted again whenever it is shown; for the issuer it is the same request.
    let shown_again = window.text("request-token")?;
    assert_eq!(fixture.vendor.response_to(&shown_again), response, "another request is shown");
    window.click("have-response")?;
    enter_token(&window, "activate-response", &response)?;
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    ensure!(!window.has("banner-pending")?, "a request is still pending");
    recorder.picture(&window, "active")?;
    window.close()
}

#[test]
fn killing_the_wizard_keeps_the_pending_request() -> Result<()> {
    let fixture = ProductFixture::set_up(&folder("killed-between")?.join("fixture"))?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;

    let window = driver.open(&fixture.config(), Clock::NOW)?;
    let request = request_in_window(&window, fixture.entitlement.code(), "Drawing office")?;
    window.kill()?;

    let window = driver.open(&fixture.config(), Clock::NOW)?;
    window.click("continue-pending")?;
    window.wait_for_screen("activate-request")?;
    window.click("have-response")?;
    enter_token(&window, "activate-response", &fixture.vendor.response_to(&request))?;
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    window.close()
}

#[test]
fn the_final_button_of_a_renewal_is_labelled_renew() -> Result<()> {
    let folder = folder("renewal")?;
    let fixture = ProductFixture::set_up(&folder.join("fixture"))?;
    let mut recorder = Recorder::open(&folder, false)?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&fixture.config(), Clock::NOW)?;
    activate_in_window(&fixture, &window, "Drawing office")?;
    window.close()?;
    for (opening, label) in
        [(Opening::default(), "Renew"), (Opening::default().german(), "Verlängern")]
    {
        let window = driver.open_with(&fixture.config(), &opening)?;
        window.click("renew")?;
        window.wait_for_screen("renew")?;
        window.put("code", fixture.entitlement.code())?;
        window.click("next")?;
        window.wait_for_screen("activate-request")?;
        let response = fixture.vendor.response_to(&window.text("request-token")?);
        window.click("have-response")?;
        window.put("response-box", &response)?;
        window.wait_for_value("recognised", "data-outcome", "ready")?;
        assert_eq!(window.text("apply")?, label);
        recorder.picture(&window, label)?;
        window.click("apply")?;
        window.wait_for("done")?;
        window.click("finish")?;
        window.wait_for_value("home-state", "data-state", "active")?;
        window.close()?;
    }
    assert_eq!(fixture.seats_in_use(), 1);
    Ok(())
}

#[test]
fn a_kill_right_after_deactivation_leaves_the_token_on_home() -> Result<()> {
    let folder = folder("killed-after-deactivate")?;
    let fixture = ProductFixture::set_up(&folder.join("fixture"))?;
    let mut recorder = Recorder::open(&folder, false)?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;

    let window = driver.open(&fixture.config(), Clock::NOW)?;
    activate_in_window(&fixture, &window, "Drawing office")?;
    window.click("deactivate")?;
    window.wait_for_screen("deactivate")?;
    window.click("deactivate-confirm")?;
    window.wait_for("deactivation-token")?;
    window.kill()?;

    let window = driver.open(&fixture.config(), Clock::NOW)?;
    window.wait_for_value("home-state", "data-state", "not_activated")?;
    window.wait_for("banner-outbox")?;
    recorder.picture(&window, "home-after-the-kill")?;
    let answer = fixture.start_product(Clock::NOW);
    ensure!(answer.exit != Some(0), "the product still runs\n{answer}");
    window.click("show-outbox")?;
    window.wait_for_screen("deactivation-token")?;
    let token = window.text("deactivation-token")?;
    let _ = fixture.vendor.deactivate(&token).succeeds();
    assert_eq!(fixture.seats_in_use(), 0);
    window.click("delivered")?;
    window.click("delivered-confirm")?;
    window.wait_for_screen("home")?;
    ensure!(!window.has("banner-outbox")?, "the token is still on Home");
    window.close()
}

#[test]
fn a_kill_during_deactivation_leaves_the_licence_or_the_token() -> Result<()> {
    let fixture = ProductFixture::set_up(&folder("killed-while-deactivating")?.join("fixture"))?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let computer = fixture.command_line();

    for _ in 0..4 {
        let window = driver.open(&fixture.config(), Clock::NOW)?;
        window.wait_for_screen("home")?;
        if computer.state() == "not_activated" {
            activate_in_window(&fixture, &window, "Drawing office")?;
        }
        window.click("deactivate")?;
        window.wait_for_screen("deactivate")?;
        window.click("deactivate-confirm")?;
        window.kill()?;

        let status = computer.status();
        let tokens = status["outbox"].as_array().map_or(0, Vec::len);
        match (status["state"].as_str(), tokens) {
            (Some("active"), 0) => {}
            (Some("not_activated"), 1) => {
                let token = status["outbox"][0]["token"].as_str().unwrap_or_default();
                let _ = fixture.vendor.deactivate(token).succeeds();
                assert_eq!(fixture.seats_in_use(), 0);
                let id = status["outbox"][0]["id"].as_str().unwrap_or_default();
                let _ = computer.json(&["outbox", "--delivered", id]).succeeds();
            }
            _ => panic!("both, or neither: {status}"),
        }
    }
    Ok(())
}
