//! QR codes and print sheets: what a phone scans, what a sheet contains, and typing its rows. The
//! pictures are also read with an independent reader, zbar.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use latchkey_e2e_support::{
    Call, Clock, Key, NewProduct, Opening, Session, Window, WizardFixture, enter_token,
    request_in_window,
};
use serde_json::json;

use crate::folder;

/// The texts of the QR codes in a picture, as an independent reader reads them.
fn qr_codes_in(picture: &Path) -> Result<Vec<String>> {
    let answer = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-S*.disable", "-Sqrcode.enable"])
        .arg(picture)
        .output()
        .context("zbarimg is missing: `cargo xtask setup` installs it")?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    Ok(text.lines().map(str::to_owned).collect())
}

/// The one QR code that the window shows.
fn qr_code_of(window: &Window, picture: &Path) -> Result<String> {
    window.wait_for("qr")?;
    window.screenshot(picture)?;
    let mut found = qr_codes_in(picture)?;
    ensure!(found.len() == 1, "{}: {found:?}", picture.display());
    Ok(found.remove(0))
}

const PORTAL: &str = "HTTPS://LICENCE.ACME.EXAMPLE";

fn fixture(name: &str) -> Result<(PathBuf, WizardFixture, NewProduct)> {
    let folder = folder(name)?;
    let mut fixture = WizardFixture::set_up(&folder.join("fixture"))?;
    let product = fixture.new_product();
    Ok((folder, fixture, product))
}

#[test]
fn qr_codes_open_the_portal_with_the_token_or_the_seat() -> Result<()> {
    let (folder, fixture, product) = fixture("qr")?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open_with(&product.kit.config(), &Opening::default().dark())?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office 4")?;
    let link = qr_code_of(&window, &folder.join("request.png"))?;
    ensure!(link == format!("{PORTAL}/A/{request}"), "{link}");
    // The link contains the request.
    let response = fixture.vendor.response_to(&link);
    window.click("qr-larger")?;
    window.wait_for_selector("[data-testid=qr-dialog][open]")?;
    window.screenshot(&folder.join("larger.png"))?;
    ensure!(qr_codes_in(&folder.join("larger.png"))?.contains(&link), "the larger picture");
    window.click("qr-close")?;
    window.resize(480, 400)?;
    window.value("document.querySelector('[data-testid=qr]').scrollIntoView(); return ''", &[])?;
    ensure!(qr_code_of(&window, &folder.join("small-window.png"))? == link, "in a small window");
    window.click("have-response")?;
    enter_token(&window, "activate-response", &response)?;
    window.close()?;

    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    window.click("refresh")?;
    let link = qr_code_of(&window, &folder.join("refresh.png"))?;
    let seat = fixture.command_line(&product).seat();
    ensure!(link == format!("{PORTAL}/S/{}", seat.to_uppercase()), "{link}");
    window.click("back")?;
    window.click("deactivate")?;
    window.click("deactivate-confirm")?;
    window.wait_for_screen("deactivation-token")?;
    let token = window.text("deactivation-token")?;
    let link = qr_code_of(&window, &folder.join("deactivation.png"))?;
    ensure!(link == format!("{PORTAL}/A/{token}"), "{link}");
    let _ = fixture.vendor.deactivate(&link).succeeds();
    window.close()
}

#[test]
fn without_a_portal_no_qr_code_is_shown() -> Result<()> {
    let (_, fixture, product) = fixture("qr-no-portal")?;
    let config = fixture.config(&product, "no-portal.toml", |text| {
        let (before, rest) = text.split_once("[portal]").unwrap_or((&text, ""));
        let (_, after) = rest.split_once("\n[").unwrap_or_default();
        format!("{before}[{after}")
    })?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&config, Clock::NOW)?;
    let _ = request_in_window(&window, product.entitlement.code(), "Drawing office 4")?;
    window.wait_until_still()?;
    ensure!(!window.has("qr")? && !window.has("portal")?, "there is a picture");
    window.close()
}

/// The lines of a token as they are printed, without their numbers: line 0 and the rows.
fn lines(token: &str) -> Vec<String> {
    let (beginning, rows) = token.split_at(14);
    let rows = rows.as_bytes().chunks(25).map(|row| String::from_utf8_lossy(row).into_owned());
    std::iter::once(beginning.to_owned()).chain(rows).collect()
}

fn enter(window: &Window) -> Result<()> {
    window.press(&char::from(Key::Enter).to_string())
}

/// Waits until a row has this state.
fn wait_for_row(window: &Window, row: usize, state: &str) -> Result<()> {
    window.wait_for_selector(&format!("[data-testid=row][data-row=\"{row}\"][data-state={state}]"))
}

/// The number of drafts that are stored on this computer.
fn count_drafts(fixture: &WizardFixture) -> Result<usize> {
    let environment = fixture.desktop.environment();
    let data = environment.iter().find(|(name, _)| name == "XDG_DATA_HOME");
    let data = match data {
        Some((_, folder)) => PathBuf::from(folder),
        None => fixture.desktop.home().join(".local/share"),
    };
    let kept = fs::read_dir(data.join("latchkey"))?.flatten();
    Ok(kept.filter(|file| file.path().extension().is_some_and(|end| end == "typing")).count())
}

#[test]
fn a_response_is_typed_by_keyboard_and_the_draft_survives_a_restart() -> Result<()> {
    let (folder, fixture, product) = fixture("typed")?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office 4")?;
    let lines = lines(&fixture.vendor.response_to(&request));
    window.tab_to("have-response")?;
    enter(&window)?;
    window.wait_for_screen("activate-response")?;
    window.tab_to("type-in")?;
    enter(&window)?;
    window.wait_for_screen("type-in")?;

    window.wait_for_focus("heading")?;
    window.tab_to("row-0")?;
    window.press(&lines[0].to_lowercase())?;
    enter(&window)?;
    window.wait_for_value("type-progress", "data-kind", "response")?;
    window.wait_for_focus("row-1")?;

    // One wrong symbol is marked at once, and no correction is applied without confirmation.
    let wrong = if &lines[1][3..4] == "7" { "W" } else { "7" };
    window.press(&format!("{}{wrong}{}", &lines[1][..3], &lines[1][4..]))?;
    window.wait_for("said-1")?;
    wait_for_row(&window, 1, "wrong")?;
    enter(&window)?;
    window.wait_for_focus("row-1")?;
    window.screenshot(&folder.join("offered.png"))?;
    window.tab_to("take-1")?;
    enter(&window)?;
    wait_for_row(&window, 1, "right")?;
    window.wait_for_focus("row-2")?;

    // A row in the wrong place, a row that is too short, and the same row as it is.
    window.press(&lines[4])?;
    window.wait_for("said-2")?;
    ensure!(window.text("said-2")?.contains('4'), "{}", window.text("said-2")?);
    window.press_with(Key::Control, 'a')?;
    window.press(&lines[2][..11])?;
    wait_for_row(&window, 2, "unfinished")?;
    ensure!(!window.has("said-2")?, "a user who is still typing is told that symbols are missing");
    enter(&window)?;
    window.wait_for("said-2")?;
    window.press(&lines[2][11..])?;
    wait_for_row(&window, 2, "right")?;

    // A screen reader says what was typed letter by letter, and the row can be spelled for reading
    // aloud.
    let spelled = window.value(
        "const field = document.querySelector('[data-testid=row-2]'); \
         return document.getElementById(field.getAttribute('aria-describedby').split(' ')[0]).textContent",
        &[],
    )?;
    let letters: Vec<_> = lines[2][..5].chars().map(String::from).collect();
    ensure!(spelled.as_str().is_some_and(|said| said.contains(&letters.join(" "))), "{spelled}");
    window.tab_to("aloud-2")?;
    enter(&window)?;
    window.wait_for("spoken-2")?;

    window.kill()?;
    ensure!(count_drafts(&fixture)? == 1, "what was typed isn't kept");
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    window.click("continue-pending")?;
    window.click("have-response")?;
    window.click("type-in")?;
    window.wait_for_value("type-progress", "data-right", "2")?;
    // Enter on a row that is right goes on to the first one that isn't.
    window.tab_to("row-0")?;
    enter(&window)?;
    window.wait_for_focus("row-3")?;
    for (row, line) in lines.iter().enumerate().skip(3) {
        window.wait_for_focus(&format!("row-{row}"))?;
        window.press(line)?;
        enter(&window)?;
    }
    window.wait_for_focus("use-typed")?;
    window.screenshot(&folder.join("whole.png"))?;
    enter(&window)?;
    window.wait_for_screen("activate-response")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.tab_to("apply")?;
    enter(&window)?;
    window.wait_for_value("done", "data-kind", "activated")?;
    ensure!(count_drafts(&fixture)? == 0, "what was typed is still kept");
    window.close()
}

/// The pictures of a token's print sheet, as a user would photograph them.
fn photograph_sheet(
    fixture: &WizardFixture,
    product: &NewProduct,
    token: &str,
) -> Result<Vec<PathBuf>> {
    let computer = fixture.command_line(product);
    let sheet = computer.call().args(["sheet", "--html"]).input(token).run().succeeds().stdout;
    let mut pictures = Vec::new();
    for (index, rest) in sheet.split("<svg ").skip(1).enumerate() {
        let (picture, _) = rest.split_once("</svg>").context("no picture")?;
        let (drawn, photo) =
            (fixture.path(&format!("{index}.svg")), fixture.path(&format!("{index}.png")));
        fs::write(&drawn, format!("<svg {picture}</svg>"))?;
        let _ = Call::new(Path::new("rsvg-convert"))
            .args(["--width=700", "--output"])
            .args([&photo, &drawn])
            .run()
            .succeeds();
        pictures.push(photo);
    }
    Ok(pictures)
}

#[test]
fn a_response_is_read_from_pictures_that_are_pasted_opened_and_dropped() -> Result<()> {
    let (folder, fixture, product) = fixture("photographed")?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office 4")?;
    let response = fixture.vendor.response_to(&request);
    let pictures = photograph_sheet(&fixture, &product, &response)?;
    ensure!(pictures.len() == 1, "{} pictures", pictures.len());
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;

    // The clipboard's picture.
    fixture.fill_clipboard("image/png", &pictures[0])?;
    window.click("paste")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    // A picture without a code.
    window.click("clear")?;
    let empty = folder.join("nothing.png");
    window.screenshot(&empty)?;
    fixture.fill_clipboard("image/png", &empty)?;
    window.click("paste")?;
    window.wait_for_value("error", "data-code", "wizard.picture_no_code")?;
    // Dropped files, and one that isn't a picture.
    window.drop_files(&[("broken.png", b"\x89PNG\r\n\x1a\n\x00\xff")])?;
    window.wait_for_value("error", "data-code", "wizard.picture_unreadable")?;
    window.drop_files(&[("photo.png", &fs::read(&pictures[0])?)])?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.close()?;

    // The wizard is opened with the picture.
    let opening = Opening { files: pictures, ..Opening::default() };
    let window = driver.open_with(&product.kit.config(), &opening)?;
    window.wait_for_screen("activate-response")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    window.close()
}

#[test]
fn a_response_split_over_two_pictures_is_reassembled() -> Result<()> {
    let (_, fixture, mut product) = fixture("two-pictures")?;
    let mut options = vec!["--seats", "3", "--offline-lease", "30d"];
    let note = format!("note={}", "x".repeat(480));
    options.extend(["--attribute", &note]);
    product.entitlement = fixture.vendor.add_entitlement(1, &options);
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office 4")?;
    let response = fixture.vendor.response_to(&request);
    let pictures = photograph_sheet(&fixture, &product, &response)?;
    ensure!(pictures.len() == 2, "{} pictures", pictures.len());
    for picture in &pictures {
        ensure!(qr_codes_in(picture)?.len() == 1, "{} can't be read elsewhere", picture.display());
    }
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    fixture.fill_clipboard("image/png", &pictures[1])?;
    window.click("paste")?;
    window.wait_for_value("error", "data-code", "token.frames_missing")?;
    window.drop_files(&[("first.png", &fs::read(&pictures[0])?)])?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    window.close()
}

#[test]
fn the_print_sheet_opens_the_system_print_dialog() -> Result<()> {
    let (folder, fixture, product) = fixture("printed")?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office 4")?;
    window.click("print")?;
    fixture.desktop.wait_for_window("Acme CAD: print sheet")?;
    fixture.desktop.wait_for_window("Print")?;
    fixture.desktop.close_window("Print")?;
    fixture.desktop.wait_until_gone("Print")?;
    let sheet = folder.join("sheet.ppm");
    let mut found = Vec::new();
    for _ in 0..300 {
        fixture.desktop.picture_of("Acme CAD: print sheet", &sheet)?;
        found = qr_codes_in(&sheet)?;
        // It is drawn a moment after the window appears.
        if !found.is_empty() {
            break;
        }
    }
    ensure!(found == [format!("{PORTAL}/A/{request}")], "{}: {found:?}", sheet.display());
    fixture.desktop.close_window("Acme CAD: print sheet")?;
    ensure!(window.text("request-token")? == request, "the wizard is gone");
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    // The sheet closes with the wizard.
    window.click("back")?;
    window.click("continue-pending")?;
    window.click("print")?;
    fixture.desktop.wait_for_window("Print")?;
    fixture.desktop.close_window("Print")?;
    fixture.desktop.wait_until_gone("Print")?;
    fixture.desktop.close_window("Acme CAD: licence")?;
    window.wait_for_end()
}

/// The test machines have no camera, so the page gets one that films a picture. The rest of the
/// page and the backend are real.
const SIMULATED_CAMERA: &str = "\
    const canvas = document.createElement('canvas'); canvas.width = canvas.height = 720; \
    const paint = canvas.getContext('2d'); const shown = new Image(); \
    window.film = (address) => { shown.src = address; }; \
    setInterval(() => { paint.fillStyle = '#777'; paint.fillRect(0, 0, 720, 720); \
      if (shown.complete && shown.naturalWidth) paint.drawImage(shown, 10, 10, 700, 700); }, 100); \
    const devices = { enumerateDevices: async () => [{ kind: 'videoinput' }], \
      getUserMedia: async () => { window.stream = canvas.captureStream(10); return window.stream; } }; \
    Object.defineProperty(navigator, 'mediaDevices', { value: devices, configurable: true }); return ''";

#[test]
fn a_response_is_read_from_the_camera() -> Result<()> {
    let (folder, fixture, product) = fixture("filmed")?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office 4")?;
    let pictures = photograph_sheet(&fixture, &product, &fixture.vendor.response_to(&request))?;
    window.click("have-response")?;
    window.wait_for("type-in")?;
    window.wait_until_still()?;
    ensure!(!window.has("camera")?, "there is a button for a camera that isn't there");
    // The web view lets pages use cameras, and nothing else does.
    let known = window.value("return typeof navigator.mediaDevices?.getUserMedia", &[])?;
    ensure!(known == "function", "the web view knows no cameras: {known}");
    window.click("back")?;
    window.value(SIMULATED_CAMERA, &[])?;
    window.click("continue-pending")?;
    window.click("have-response")?;
    window.click("camera")?;
    window.wait_for("camera-picture")?;
    window.screenshot(&folder.join("nothing-yet.png"))?;
    let picture = data_encoding::BASE64.encode(&fs::read(&pictures[0])?);
    window.value("film(`data:image/png;base64,${arguments[0]}`); return ''", &[json!(picture)])?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    ensure!(!window.has("camera-dialog")?, "the camera is still on");
    let off =
        window.value("return stream.getTracks().every((t) => t.readyState === 'ended')", &[])?;
    ensure!(off == true, "the camera is still on");
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    window.close()
}
