//! What the window shows if the keyring is unavailable, and that it stays responsive meanwhile.

use std::path::Path;

use anyhow::{Result, ensure};
use latchkey_e2e_support::{Desktop, NewProduct, Opening, Session, Window, WizardFixture};

use crate::folder;

const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// A configuration in which the vendor forbids the file store.
fn config_without_files(
    fixture: &WizardFixture,
    product: &NewProduct,
) -> Result<std::path::PathBuf> {
    fixture.config(product, "no-file.toml", |text| {
        text.replace("file = \"allowed\"", "file = \"forbidden\"")
    })
}

/// Proceeds until the keyring is needed, and waits for the error.
fn wait_for_store_error(window: &Window, product: &NewProduct, code: &str) -> Result<()> {
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

/// Asserts that this error is shown with the bus `bus`, and that the file store is offered and
/// works if the vendor allows it, and only then.
fn assert_file_is_offered(fixture: &mut WizardFixture, bus: &str, code: &str) -> Result<()> {
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let opening = Opening::default().with_env(BUS, bus);

    let window = driver.open_with(&config_without_files(fixture, &product)?, &opening)?;
    wait_for_store_error(&window, &product, code)?;
    ensure!(!window.has("use-file")?, "{code}: a file is offered although the vendor forbids it");
    window.close()?;

    let window = driver.open_with(&product.kit.config(), &opening)?;
    wait_for_store_error(&window, &product, code)?;
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

    // The choice is stored: the next start finds the licence in the file without asking.
    let window = driver.open_with(&product.kit.config(), &opening)?;
    window.wait_for_value("home-state", "data-state", "active")?;
    window.close()
}

fn fixture(name: &str) -> Result<WizardFixture> {
    WizardFixture::set_up(&folder(name)?.join("fixture"))
}

fn session_home(fixture: &WizardFixture) -> std::path::PathBuf {
    fixture.path("another session")
}

#[test]
fn without_a_session_bus_a_file_is_offered() -> Result<()> {
    let mut fixture = fixture("no-bus")?;
    assert_file_is_offered(&mut fixture, "unix:path=/nowhere", "store.no_session")
}

#[test]
fn without_an_installed_keyring_a_file_is_offered() -> Result<()> {
    let mut fixture = fixture("no-service")?;
    let session = Desktop::without_keyring(&session_home(&fixture))?;
    assert_file_is_offered(&mut fixture, session.bus(), "store.no_service")
}

#[test]
fn with_an_uninitialised_keyring_a_file_is_offered() -> Result<()> {
    let mut fixture = fixture("not-initialised")?;
    let mut session = Desktop::without_keyring(&session_home(&fixture))?;
    session.start_keyring()?;
    assert_file_is_offered(&mut fixture, session.bus(), "store.not_initialised")
}

#[test]
fn with_a_forbidden_keyring_a_file_is_offered() -> Result<()> {
    let mut fixture = fixture("denied")?;
    let mut session = Desktop::with_forbidden_keyring(&session_home(&fixture))?;
    session.start_keyring()?;
    assert_file_is_offered(&mut fixture, session.bus(), "store.denied")
}

/// The program that asks for the password is missing, which the keyring treats as a dismissed
/// prompt.
#[test]
fn after_a_dismissed_keyring_prompt_a_file_is_offered() -> Result<()> {
    let mut fixture = fixture("locked")?;
    let home = session_home(&fixture);
    create_locked_collection(&home)?;
    let mut session = Desktop::without_keyring(&home)?;
    session.start_keyring()?;
    assert_file_is_offered(&mut fixture, session.bus(), "store.denied")
}

fn create_locked_collection(home: &Path) -> Result<()> {
    let mut session = Desktop::without_keyring(home)?;
    session.unlock_keyring()
}

#[test]
fn while_the_keyring_is_slow_the_window_reports_it_and_stays_responsive() -> Result<()> {
    let mut fixture = fixture("slow")?;
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    // The first window of a session starts the desktop portal, which waits for the keyring before
    // any window is shown.
    let window = driver.open_with(&product.kit.config(), &Opening::default())?;
    window.wait_for_screen("home")?;
    window.close()?;

    fixture.desktop.suspend_keyring()?;
    let window = driver.open_with(&product.kit.config(), &Opening::default())?;
    window.wait_for_screen("loading")?;
    // The screen mentions that the keyring may be asking for a password.
    window.wait_for_selector("[data-screen=loading] [role=status]")?;
    assert_responsive(&window)?;
    fixture.desktop.resume_keyring()?;
    window.wait_for_screen("home")?;

    window.click("activate")?;
    window.put("code", product.entitlement.code())?;
    fixture.desktop.suspend_keyring()?;
    window.click("next")?;
    window.wait_for_selector("[data-testid=next][disabled]")?;
    assert_responsive(&window)?;
    fixture.desktop.resume_keyring()?;
    window.wait_for_screen("activate-request")?;
    window.close()
}

/// Asserts that the window draws frames and answers.
fn assert_responsive(window: &Window) -> Result<()> {
    for _ in 0..20 {
        let frame = window.value(
            "return new Promise((done) => requestAnimationFrame(() => done('drawn')))",
            &[],
        )?;
        ensure!(frame == "drawn", "the window doesn't draw");
    }
    Ok(())
}
