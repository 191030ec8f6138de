//! Starting the wizard a second time, with files and for another product; and the clipboard after
//! its window has closed.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use latchkey_e2e_support::{Clock, NewProduct, Session, WizardFixture, request_in_window};

use crate::folder;

/// Starts the wizard while it is running, and waits for the end of the second process.
pub(crate) fn start_again(
    fixture: &WizardFixture,
    config: &Path,
    folder: &Path,
    files: &[&str],
) -> Result<()> {
    let wizard = fixture.programs.path("latchkey-wizard");
    let status = fixture
        .desktop
        .command(&wizard.to_string_lossy())
        .arg("--product")
        .arg(config)
        .args(files)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("the wizard can't be started again")?;
    ensure!(status.success(), "the second start ended with {status}");
    Ok(())
}

#[test]
fn a_second_start_hands_its_files_to_the_first_window() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("second-start")?.join("fixture"))?;
    let product = fixture.new_product();
    let config = product.kit.config();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&config, Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office")?;
    window.click("back")?;
    window.click("back")?;
    window.wait_for("banner-pending")?;

    // The path is relative to the working folder of the second process.
    let there = fixture.path("downloads");
    fs::create_dir_all(&there)?;
    let elsewhere = other_computers_response(&fixture, &product);
    let both = format!("{elsewhere}\n{}\n", fixture.vendor.response_to(&request));
    fs::write(there.join("responses.txt"), both)?;
    start_again(&fixture, &config, &there, &["responses.txt"])?;
    window.wait_for_screen("activate-response")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    ensure!(fixture.desktop.count_windows("Acme CAD")? == 1, "there is a second window");
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    window.click("finish")?;

    start_again(&fixture, &config, &there, &["missing.txt"])?;
    window.wait_for_value("error", "data-code", "wizard.file_not_read")?;
    start_again(&fixture, &config, &there, &[])?;
    window.close()
}

fn other_computers_response(fixture: &WizardFixture, product: &NewProduct) -> String {
    let other = latchkey_e2e_support::Computer::new(&fixture.programs, &product.kit);
    fixture.vendor.response_to(&other.request(product.entitlement.code()))
}

#[test]
fn files_can_be_dropped_anywhere_even_with_tokens_of_other_computers() -> Result<()> {
    let folder = folder("dropped")?;
    let mut fixture = WizardFixture::set_up(&folder.join("fixture"))?;
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office")?;
    let ours = fixture.vendor.response_to(&request);
    let elsewhere = other_computers_response(&fixture, &product);
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;

    window.drop_files(&[("document.odt", b"PK\x03\x04\x00\xff")])?;
    window.wait_for_value("error", "data-code", "text.archive")?;
    window.drop_files(&[("shopping.txt", b"bread and milk")])?;
    window.wait_for_value("error", "data-code", "token.none_found")?;
    let message = window.text("error-message")?;
    ensure!(message.contains("shopping.txt"), "{message}");
    window.screenshot(&folder.join("without a token.png"))?;
    window.drop_files(&[("of the workshop.txt", elsewhere.as_bytes())])?;
    window.wait_for_value("error", "data-code", "token.other_computer")?;
    window.drop_files(&[("one.txt", elsewhere.as_bytes()), ("two.txt", ours.as_bytes())])?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    // A file that isn't text is reported, and the others are read.
    window.click("clear")?;
    window.drop_files(&[("request.zip", b"PK\x03\x04"), ("two.txt", ours.as_bytes())])?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.wait_for_value("error", "data-code", "text.archive")?;
    let message = window.text("error-message")?;
    ensure!(message.contains("request.zip"), "{message}");

    // A file that is dropped on Home opens the right screen.
    window.click("clear")?;
    window.click("back")?;
    window.wait_for_screen("home")?;
    let mut wide = vec![0xff, 0xfe];
    wide.extend(format!("{elsewhere}\r\n{ours}\r\n").encode_utf16().flat_map(u16::to_le_bytes));
    window.drop_files(&[("all of them.txt", &wide)])?;
    window.wait_for_screen("activate-response")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    window.close()
}

#[test]
fn two_products_have_two_windows() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("two-products")?.join("fixture"))?;
    let (one, other) = (fixture.new_product(), fixture.new_product());
    let first_driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let second_driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let first = first_driver.open(&one.kit.config(), Clock::NOW)?;
    first.wait_for_screen("home")?;
    let second = second_driver.open(&other.kit.config(), Clock::NOW)?;
    second.wait_for_screen("home")?;

    request_in_window(&second, other.entitlement.code(), "Workshop")?;
    ensure!(
        first.has("home-state")? && !first.has("banner-pending")?,
        "one window shows the state of the other product"
    );
    ensure!(fixture.desktop.count_windows("Acme CAD")? == 2, "there should be two windows");
    second.close()?;
    first.close()
}

#[test]
fn closing_asks_before_a_copied_token_is_lost() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("closing")?.join("fixture"))?;
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    request_in_window(&window, product.entitlement.code(), "Drawing office")?;
    window.click("copy")?;
    window.wait_for("copied")?;
    fixture.desktop.close_window("Acme CAD")?;
    window.wait_for("closing")?;
    window.click("closing-stay")?;
    window.wait_for_screen("activate-request")?;
    ensure!(!window.has("closing")?, "the dialog is still open");
    window.kill()
}

#[test]
fn with_a_clipboard_manager_a_copy_survives_closing() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("clipboard-manager")?.join("fixture"))?;
    // The manager sometimes crashes, and then nothing can keep the text.
    for _ in 0..3 {
        let product = fixture.new_product();
        let _manager = fixture.desktop.start_clipboard_manager()?;
        if copy_survives_closing(&fixture, &product)? {
            return Ok(());
        }
    }
    bail!("The clipboard manager ended by itself three times.")
}

/// Copies a request, closes the window and checks the clipboard. Returns `false` if the clipboard
/// manager ended meanwhile.
fn copy_survives_closing(fixture: &WizardFixture, product: &NewProduct) -> Result<bool> {
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office")?;
    window.click("copy")?;
    window.wait_for("copied")?;
    fixture.desktop.close_window("Acme CAD")?;
    window.wait_for_end()?;

    // The manager takes over the text asynchronously.
    for _ in 0..600 {
        if fixture.desktop.clipboard().as_deref() == Some(&request) {
            return Ok(true);
        }
        if !fixture.desktop.has_clipboard_manager()? {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("The copy is gone: {:?}.", fixture.desktop.clipboard())
}
