//! What the window shows if the keyring is unavailable, and that it stays responsive meanwhile.

use std::path::Path;

use anyhow::{Result, ensure};
use latchkey_e2e_support::{Desktop, NewProduct, Opening, Session, Window, WizardFixture};

use crate::{alone, folder};

const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// The vendor forbids the file store.
fn no_file(fixture: &WizardFixture, product: &NewProduct) -> Result<std::path::PathBuf> {
    fixture.config(product, "no-file.toml", |text| {
        text.replace("file = \"allowed\"", "file = \"forbidden\"")
    })
}

/// Goes as far as it takes for the keyring to be needed, and waits for the error.
fn fails(window: &Window, product: &NewProduct, code: &str) -> Result<()> {
    window.wait_for_selector("[data-testid=error], [data-testid=activate]")?;
    if !window.has("error")? {
        window.click("activate")?;
        window.put("code", product.entitlement.code())?;
        window.click("next")?;
    }
    window.wait_for_value("error", "data-code", code)?;
    for part in ["error-message", "error-action"] {
        ensure!(!window.text(part)?.is_empty(), "{code} has no {part}");
    }
    Ok(())
}

/// On a bus: with the file store allowed it is offered and works, otherwise it isn't there.
fn says(fixture: &mut WizardFixture, bus: &str, code: &str) -> Result<()> {
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let opening = Opening::default().with(BUS, bus);

    let window = driver.open_with(&no_file(fixture, &product)?, &opening)?;
    fails(&window, &product, code)?;
    ensure!(!window.has("use-file")?, "{code}: a file is offered although the vendor forbids it");
    window.close()?;

    let window = driver.open_with(&product.kit.config(), &opening)?;
    fails(&window, &product, code)?;
    window.click("use-file")?;
    window.wait_for_selector("[data-screen=home], [data-screen=activate-request]")?;
    if window.has("activate")? {
        window.click("activate")?;
        window.put("code", product.entitlement.code())?;
        window.click("next")?;
    }
    window.wait_for_screen("activate-request")?;
    let response = fixture.vendor.response_to(&window.text("request-token")?);
    window.click("have-response")?;
    window.put("response-box", &response)?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    window.close()?;

    // It is remembered: the next start finds the licence in the file without a question.
    let window = driver.open_with(&product.kit.config(), &opening)?;
    window.wait_for_value("home-state", "data-state", "active")?;
    window.close()
}

fn fixture(name: &str) -> Result<WizardFixture> {
    WizardFixture::set_up(&folder(name)?.join("fixture"))
}

fn home(fixture: &WizardFixture) -> std::path::PathBuf {
    fixture.path("another session")
}

#[test]
fn without_a_session_bus_a_file_is_offered() -> Result<()> {
    let _alone = alone();
    let mut fixture = fixture("no-bus")?;
    says(&mut fixture, "unix:path=/nowhere", "store.no_session")
}

#[test]
fn without_an_installed_keyring_a_file_is_offered() -> Result<()> {
    let _alone = alone();
    let mut fixture = fixture("no-service")?;
    let session = Desktop::without_keyring(&home(&fixture))?;
    says(&mut fixture, session.bus(), "store.no_service")
}

#[test]
fn with_an_uninitialised_keyring_a_file_is_offered() -> Result<()> {
    let _alone = alone();
    let mut fixture = fixture("not-initialised")?;
    let mut session = Desktop::without_keyring(&home(&fixture))?;
    session.start_keyring()?;
    says(&mut fixture, session.bus(), "store.not_initialised")
}

#[test]
fn with_a_forbidden_keyring_a_file_is_offered() -> Result<()> {
    let _alone = alone();
    let mut fixture = fixture("denied")?;
    let mut session = Desktop::with_forbidden_keyring(&home(&fixture))?;
    session.start_keyring()?;
    says(&mut fixture, session.bus(), "store.denied")
}

/// The program that asks for the password is missing, which the keyring takes for a dismissed question.
#[test]
fn after_a_dismissed_keyring_prompt_a_file_is_offered() -> Result<()> {
    let _alone = alone();
    let mut fixture = fixture("locked")?;
    let home = home(&fixture);
    make_a_locked_collection(&home)?;
    let mut session = Desktop::without_keyring(&home)?;
    session.start_keyring()?;
    says(&mut fixture, session.bus(), "store.denied")
}

fn make_a_locked_collection(home: &Path) -> Result<()> {
    let mut session = Desktop::without_keyring(home)?;
    session.unlock_keyring()
}

#[test]
fn while_the_keyring_is_slow_the_window_reports_it_and_stays_responsive() -> Result<()> {
    let _alone = alone();
    let mut fixture = fixture("slow")?;
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;

    fixture.desktop.hold_keyring()?;
    let window = driver.open_with(&product.kit.config(), &Opening::default())?;
    window.wait_for_screen("loading")?;
    // More than a silent screen: it says that the keyring may be asking for a password.
    window.wait_for_selector("[data-screen=loading] [role=status]")?;
    alive(&window)?;
    fixture.desktop.release_keyring()?;
    window.wait_for_screen("home")?;

    window.click("activate")?;
    window.put("code", product.entitlement.code())?;
    fixture.desktop.hold_keyring()?;
    window.click("next")?;
    window.wait_for_selector("[data-testid=next][disabled]")?;
    alive(&window)?;
    fixture.desktop.release_keyring()?;
    window.wait_for_screen("activate-request")?;
    window.close()
}

/// The window draws and answers: frames come, one after the other.
fn alive(window: &Window) -> Result<()> {
    for _ in 0..20 {
        let frame = window.value(
            "return new Promise((done) => requestAnimationFrame(() => done('drawn')))",
            &[],
        )?;
        ensure!(frame == "drawn", "the window doesn't draw");
    }
    Ok(())
}
