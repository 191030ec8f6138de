//! The licence portal in a real browser: together with the real wizard, without JavaScript, on a
//! phone, by keyboard alone, and checked with axe and the layout audit.

use std::fs;

use anyhow::{Result, ensure};
use latchkey_e2e_support::{
    Browser, Browsing, Clock, Key, PortalFixture, ProductFixture, Session, pictures_in,
    portal_walkthrough, request_in_window,
};
use serde_json::json;

use crate::accessibility::{axe, layout_problems, primary_actions};
use crate::folder;

#[test]
fn a_licence_is_activated_through_the_portal_by_file_and_by_picture() -> Result<()> {
    let folder = folder("portal-carried")?;
    let fixture = ProductFixture::set_up(&folder.join("fixture"))?;
    let portal = fixture.serve()?;
    let browser = Browser::open(&folder, &Browsing::default())?;
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;

    // The request as a file, whatever a mail program has made of it.
    let window = driver.open(&fixture.config(), Clock::NOW)?;
    let request = request_in_window(&window, fixture.entitlement.code(), "Drawing office")?;
    // As a picture: a telephone's camera opens its link; a photograph of the screen can be handed
    // in as a file.
    window.wait_for("qr")?;
    let screen = folder.join("request.png");
    window.screenshot(&screen)?;
    let [link] = &pictures_in(&screen)?[..] else { anyhow::bail!("no QR code, or several") };
    ensure!(link.to_lowercase().starts_with(&format!("{}/a/", portal.address)), "{link}");
    browser.go(link)?;
    browser.wait_for_page("activate")?;
    browser.go(&portal.address)?;
    browser.choose_file("file", &screen)?;
    browser.click("continue")?;
    browser.wait_for_page("activate")?;
    ensure!(fixture.seats_in_use() == 0, "opening a link has granted a seat");
    let file = folder.join("request.txt");
    fs::write(&file, format!("> {}\r\n> {}\r\n", &request[..70], &request[70..]))?;
    browser.go(&portal.address)?;
    browser.choose_file("file", &file)?;
    browser.click("continue")?;
    browser.wait_for_page("activate")?;
    browser.click("confirm")?;
    browser.wait_for_page("granted")?;

    // The response as a file, as a picture, and on paper: it is the same.
    let response = browser.text("token")?;
    browser.click("download")?;
    ensure!(browser.read_download("response.txt")?.trim() == response, "another token was saved");
    let picture = folder.join("response.png");
    browser.value(
        "document.querySelector('[data-testid=pictures]').scrollIntoView(); return ''",
        &[],
    )?;
    browser.screenshot(&picture)?;
    ensure!(pictures_in(&picture)? == [response.clone()], "the QR code is of something else");
    let sheet = browser.attribute("pictures", "data-count")?;
    ensure!(sheet == "1", "{sheet} pictures");

    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    window.drop_files(&[("response.txt", response.as_bytes())])?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.click("apply")?;
    window.wait_for_screen("done")?;
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;

    // The refresh screen's picture leads to this seat, where the code is asked for.
    window.click("refresh")?;
    window.wait_for_screen("refresh")?;
    window.wait_for("qr")?;
    let screen = folder.join("refresh.png");
    window.screenshot(&screen)?;
    let [link] = &pictures_in(&screen)?[..] else { anyhow::bail!("no QR code, or several") };
    browser.go(link)?;
    browser.type_into("code", fixture.entitlement.code())?;
    browser.click("with-code")?;
    browser.wait_for_page("seat")?;
    browser.click("refresh")?;
    browser.wait_for_page("refreshed")?;
    window.type_into("response-box", &browser.text("token")?)?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.click("apply")?;
    window.wait_for_screen("done")?;
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;

    // Away again. The link of a QR code opens the portal with the token filled in, and releases
    // nothing by itself.
    window.click("deactivate")?;
    window.wait_for_screen("deactivate")?;
    window.click("deactivate-confirm")?;
    window.wait_for_screen("deactivation-token")?;
    let deactivation = window.text("deactivation-token")?;
    browser.go(&format!("{}/A/{deactivation}", portal.address))?;
    browser.wait_for_page("deactivate")?;
    ensure!(fixture.seats_in_use() == 1, "opening a link has released the seat");
    browser.click("confirm")?;
    browser.wait_for_value("deactivated", "data-outcome", "released")?;
    ensure!(fixture.seats_in_use() == 0, "the seat isn't free");
    window.click("delivered")?;
    window.click("delivered-confirm")?;
    window.wait_for_screen("home")?;
    window.close()
}

#[test]
fn the_portal_works_without_scripts_and_by_keyboard_alone() -> Result<()> {
    let folder = folder("portal-plain")?;
    let fixture = PortalFixture::set_up(&folder)?;
    let (_portal, address) = (fixture.serve()?, fixture.address());
    let browser =
        Browser::open(&folder, &Browsing { without_scripts: true, ..Browsing::default() })?;
    let enter = |id: &str| -> Result<()> {
        browser.tab_to(id)?;
        browser.press(&char::from(Key::Enter).to_string())
    };
    let computer = fixture.computer();
    let request = computer.request(fixture.office.code());
    browser.go(&format!("{address}/"))?;
    browser.tab_to("box")?;
    browser.press(&request)?;
    enter("continue")?;
    browser.wait_for_page("activate")?;
    enter("confirm")?;
    browser.wait_for_page("granted")?;
    ensure!(!browser.visible_text()?.contains("Copy"), "a script has run");
    let _ = computer.apply(&browser.text("token")?).succeeds();

    browser.go(&format!("{address}/seats"))?;
    browser.tab_to("code")?;
    browser.press(fixture.office.code())?;
    enter("with-code")?;
    browser.wait_for_page("seats")?;
    enter("refresh")?;
    browser.wait_for_page("refreshed")?;
    let _ = computer.apply(&browser.text("token")?).succeeds();

    let deactivation = computer.deactivate();
    browser.go(&format!("{address}/"))?;
    browser.tab_to("box")?;
    browser.press(&deactivation)?;
    enter("continue")?;
    browser.wait_for_page("deactivate")?;
    enter("confirm")?;
    browser.wait_for_value("deactivated", "data-outcome", "released")
}

#[test]
fn a_fleet_is_activated_with_one_file_each_way() -> Result<()> {
    let folder = folder("portal-fleet")?;
    let fixture = PortalFixture::set_up(&folder)?;
    let (_portal, address) = (fixture.serve()?, fixture.address());
    let browser =
        Browser::open(&folder, &Browsing { without_scripts: true, ..Browsing::default() })?;
    let fleet: Vec<_> = (0..4).map(|_| fixture.computer()).collect();
    let requests: Vec<_> = fleet
        .iter()
        .enumerate()
        .map(|(number, computer)| {
            computer.request_as(fixture.office.code(), &format!("PC {number}"))
        })
        .collect();
    let file = folder.join("requests.txt");
    fs::write(&file, requests.join("\r\n"))?;
    browser.go(&format!("{address}/"))?;
    browser.choose_file("file", &file)?;
    browser.click("continue")?;
    browser.wait_for_page("batch")?;
    browser.click("confirm")?;
    browser.wait_for_page("batch-done")?;
    // Three seats were bought.
    ensure!(browser.attribute("batch-done", "data-answered")? == "3");
    ensure!(browser.attribute("batch-done", "data-refused")? == "1");
    ensure!(browser.text("refusals")?.contains("PC 3"), "it isn't said whose request was refused");
    browser.click("responses")?;
    let responses = browser.read_download("responses.txt")?;
    for (number, computer) in fleet.iter().enumerate() {
        let applied = computer.apply(&responses);
        ensure!((applied.exit == Some(0)) == (number < 3), "PC {number}\n{applied}");
    }
    browser.click("table")?;
    ensure!(browser.read_download("table.csv")?.lines().count() == 5);
    Ok(())
}

/// Chromium on Linux reads no QR codes by itself, so a stand-in tells what its detector would have
/// read in the picture; the camera, the stream and the page are real.
#[test]
fn a_phone_scans_with_its_camera_and_a_file_can_be_dropped_into_the_box() -> Result<()> {
    let folder = folder("portal-camera")?;
    let fixture = PortalFixture::set_up(&folder)?;
    let (_portal, address) = (fixture.serve()?, fixture.address());
    let browser = Browser::open(&folder, &Browsing::default())?;
    let request = fixture.computer().request(fixture.office.code());
    browser.go(&format!("{address}/"))?;
    let shown = "return document.querySelector('[data-testid=camera]').getClientRects().length";
    ensure!(browser.value(shown, &[])? == 0, "a camera is offered where it can't be used");
    browser.drop_files(&[("request.txt", request.as_bytes())])?;
    browser.wait_for_page("activate")?;

    browser.add_page_script(&format!(
        "window.BarcodeDetector = class {{ async detect(video) {{ \
           return video.videoWidth > 0 ? [{{ rawValue: '{}/A/{request}' }}] : []; }} }}",
        address.to_uppercase()
    ))?;
    browser.go(&format!("{address}/"))?;
    browser.click("camera")?;
    browser.wait_for_selector("[data-scan] [role=status]:not(:empty)")?;
    browser.click("continue")?;
    browser.wait_for_page("activate")
}

/// Audits every page of the portal and reports all problems at the end.
fn audit_every_page(name: &str, browsing: &Browsing, is_phone: bool) -> Result<()> {
    let folder = folder(name)?;
    let browser = Browser::open(&folder, browsing)?;
    if is_phone {
        browser.emulate_phone()?;
    }
    let mut found = Vec::new();
    portal_walkthrough(&folder, &browser, &mut |browser, page| {
        browser.screenshot(&folder.join(format!("{page}.png")))?;
        let is_wide = browser.value(
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth",
            &[],
        )?;
        let mut problems = axe(browser)?;
        // In a browser, pages scroll vertically, but not horizontally.
        let layout = layout_problems(browser)?;
        problems.extend(layout.into_iter().filter(|found| !found.contains(" high in ")));
        problems.extend(primary_actions(browser)?);
        if is_wide == true {
            problems.push("the page is wider than its window".to_owned());
        }
        if let Some(language) = browsing.language {
            let shown = browser.value("return document.documentElement.lang", &[])?;
            if shown != json!(language) {
                problems.push(format!("the language of the page is {shown}"));
            }
        }
        found.extend(problems.into_iter().map(|problem| format!("{page}: {problem}")));
        Ok(())
    })?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

#[test]
fn every_portal_page_passes_axe() -> Result<()> {
    audit_every_page("portal-light", &Browsing::default(), false)
}

#[test]
fn every_portal_page_fits_a_phone_in_dark_german() -> Result<()> {
    let browsing = Browsing { dark: true, language: Some("de"), ..Browsing::default() };
    audit_every_page("portal-phone", &browsing, true)
}

#[test]
fn a_printed_page_shows_the_token_without_controls() -> Result<()> {
    let folder = folder("portal-paper")?;
    let fixture = PortalFixture::set_up(&folder)?;
    let (_portal, address) = (fixture.serve()?, fixture.address());
    let browser = Browser::open(&folder, &Browsing::default())?;
    browser.submit_text(&address, &fixture.computer().request(fixture.office.code()))?;
    browser.wait_for_page("activate")?;
    browser.click("confirm")?;
    browser.wait_for_page("granted")?;
    browser.emulate_print()?;
    browser.screenshot(&folder.join("printed.png"))?;
    let seen = browser.value(
        "const seen = (e) => e.getClientRects().length > 0; \
         return [[...document.querySelectorAll('button, .button, nav')].filter(seen).length, \
           seen(document.querySelector('[data-testid=token]')), \
           seen(document.querySelector('[data-testid=pictures] svg'))]",
        &[],
    )?;
    ensure!(seen == json!([0, true, true]), "{seen}");
    Ok(())
}
