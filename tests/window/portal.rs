//! The licence portal in a real browser: together with the real wizard, without JavaScript, on a
//! phone, by keyboard alone, and checked with axe and the layout audit.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use latchkey_e2e_support::{
    Browser, Browsing, Clock, Computer, Key, PortalServer, ProductFixture, Session, WizardFixture,
    pictures_in, request_in_window,
};
use serde_json::json;

use crate::accessibility::{axe, primary_actions, ruler};
use crate::{alone, folder};

#[test]
fn a_licence_is_activated_through_the_portal_by_file_and_by_picture() -> Result<()> {
    let _alone = alone();
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
    ensure!(browser.downloaded("response.txt")?.trim() == response, "another token was saved");
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

/// A vendor with a portal, and computers without a window.
struct PortalFixture {
    fixture: WizardFixture,
    product: latchkey_e2e_support::NewProduct,
    portal: PortalServer,
}

impl PortalFixture {
    fn set_up(folder: &Path) -> Result<Self> {
        let mut fixture = WizardFixture::set_up(&folder.join("fixture"))?;
        let product = fixture.new_product();
        let portal = PortalServer::start(&fixture.vendor, 0, Some(&product.kit.config()))?;
        Ok(Self { fixture, product, portal })
    }

    fn computer(&self) -> Computer {
        Computer::new(&self.fixture.programs, &self.product.kit)
    }

    fn code(&self) -> &str {
        self.product.entitlement.code()
    }
}

#[test]
fn the_portal_works_without_scripts_and_by_keyboard_alone() -> Result<()> {
    let _alone = alone();
    let folder = folder("portal-plain")?;
    let here = PortalFixture::set_up(&folder)?;
    let browser =
        Browser::open(&folder, &Browsing { without_scripts: true, ..Browsing::default() })?;
    let enter = |id: &str| -> Result<()> {
        browser.tab_to(id)?;
        browser.press(&char::from(Key::Enter).to_string())
    };
    let computer = here.computer();
    let request = computer.request(here.code());
    browser.go(&here.portal.address)?;
    browser.tab_to("box")?;
    browser.press(&request)?;
    enter("continue")?;
    browser.wait_for_page("activate")?;
    enter("confirm")?;
    browser.wait_for_page("granted")?;
    ensure!(!browser.visible_text()?.contains("Copy"), "a script has run");
    let _ = computer.apply(&browser.text("token")?).succeeds();

    browser.go(&format!("{}/seats", here.portal.address))?;
    browser.tab_to("code")?;
    browser.press(here.code())?;
    enter("with-code")?;
    browser.wait_for_page("seats")?;
    enter("refresh")?;
    browser.wait_for_page("refreshed")?;
    let _ = computer.apply(&browser.text("token")?).succeeds();

    let deactivation = computer.deactivate();
    browser.go(&here.portal.address)?;
    browser.tab_to("box")?;
    browser.press(&deactivation)?;
    enter("continue")?;
    browser.wait_for_page("deactivate")?;
    enter("confirm")?;
    browser.wait_for_value("deactivated", "data-outcome", "released")
}

#[test]
fn a_fleet_is_activated_with_one_file_each_way() -> Result<()> {
    let _alone = alone();
    let folder = folder("portal-fleet")?;
    let here = PortalFixture::set_up(&folder)?;
    let browser =
        Browser::open(&folder, &Browsing { without_scripts: true, ..Browsing::default() })?;
    let fleet: Vec<_> = (0..4).map(|_| here.computer()).collect();
    let requests: Vec<_> = fleet
        .iter()
        .enumerate()
        .map(|(number, computer)| computer.request_as(here.code(), &format!("PC {number}")))
        .collect();
    let file = folder.join("requests.txt");
    fs::write(&file, requests.join("\r\n"))?;
    browser.go(&here.portal.address)?;
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
    let responses = browser.downloaded("responses.txt")?;
    for (number, computer) in fleet.iter().enumerate() {
        let applied = computer.apply(&responses);
        ensure!((applied.exit == Some(0)) == (number < 3), "PC {number}\n{applied}");
    }
    browser.click("table")?;
    ensure!(browser.downloaded("table.csv")?.lines().count() == 5);
    Ok(())
}

/// Chromium on Linux reads no QR codes by itself, so a stand-in tells what its detector would have
/// read in the picture; the camera, the stream and the page are real.
#[test]
fn a_phone_scans_with_its_camera_and_a_file_can_be_dropped_into_the_box() -> Result<()> {
    let _alone = alone();
    let folder = folder("portal-camera")?;
    let here = PortalFixture::set_up(&folder)?;
    let browser = Browser::open(&folder, &Browsing::default())?;
    let request = here.computer().request(here.code());
    browser.go(&here.portal.address)?;
    let shown = "return document.querySelector('[data-testid=camera]').getClientRects().length";
    ensure!(browser.value(shown, &[])? == 0, "a camera is offered where it can't be used");
    browser.drop_files(&[("request.txt", request.as_bytes())])?;
    browser.wait_for_page("activate")?;

    browser.before_every_page(&format!(
        "window.BarcodeDetector = class {{ async detect(video) {{ \
           return video.videoWidth > 0 ? [{{ rawValue: '{}/A/{request}' }}] : []; }} }}",
        here.portal.address.to_uppercase()
    ))?;
    browser.go(&here.portal.address)?;
    browser.click("camera")?;
    browser.wait_for_selector("[data-scan] [role=status]:not(:empty)")?;
    browser.click("continue")?;
    browser.wait_for_page("activate")
}

/// Goes to every page and looks at it.
fn walk(
    here: &PortalFixture,
    browser: &Browser,
    look: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    let address = here.portal.address.as_str();
    let page = |name: &str, look: &mut dyn FnMut(&str) -> Result<()>| -> Result<()> {
        browser.wait_for_page(name)?;
        look(name)
    };
    browser.go(address)?;
    page("start", look)?;
    browser.paste_in(address, "Dear all")?;
    browser.wait_for("error")?;
    look("start-problem")?;

    let computer = here.computer();
    let request = computer.request_as(here.code(), "A seat with a rather long name");
    browser.paste_in(address, &request)?;
    page("activate", look)?;
    browser.click("confirm")?;
    page("granted", look)?;
    let response = browser.text("token")?;
    let _ = computer.apply(&response).succeeds();
    browser.paste_in(address, &response)?;
    page("for-computer", look)?;

    // The others, so that no seat is free.
    let others = [here.computer(), here.computer()];
    for other in &others {
        let _ = here.fixture.vendor.response_to(&other.request(here.code()));
    }
    browser.paste_in(address, &here.computer().request(here.code()))?;
    browser.wait_for("in-use")?;
    look("none-free")?;
    let both = format!("{}\n{}", here.computer().request(here.code()), request);
    browser.paste_in(address, &both)?;
    page("batch", look)?;
    browser.click("confirm")?;
    page("batch-done", look)?;

    browser.go(&format!("{address}/seats"))?;
    page("seats-code", look)?;
    browser.type_into("code", here.code())?;
    browser.click("with-code")?;
    page("seats", look)?;
    browser.click("seat-details")?;
    page("seat", look)?;
    browser.click("report-gone")?;
    page("gone", look)?;
    browser.go(&format!("{address}/nowhere"))?;
    page("problem", look)?;
    let deactivation = computer.deactivate();
    browser.paste_in(address, &deactivation)?;
    page("deactivate", look)?;
    browser.click("confirm")?;
    page("deactivated", look)?;

    // The vendor's.
    browser.go(&format!("{address}/vendor"))?;
    page("sign-in", look)?;
    browser.type_into("name", "kim")?;
    browser.type_into("passphrase", "a long passphrase")?;
    browser.click("sign-in")?;
    page("vendor", look)?;
    browser.go(&format!("{address}/vendor/products"))?;
    page("vendor-products", look)?;
    browser.go(&format!("{address}/vendor/products/1"))?;
    page("vendor-product", look)?;
    browser.go(&format!("{address}/vendor/entitlements"))?;
    page("vendor-entitlements", look)?;
    browser.go(&format!("{address}/vendor/entitlements/{}", here.product.entitlement.id))?;
    page("vendor-entitlement", look)?;
    let seats = here.fixture.vendor.seats(None);
    let seat = seats[0]["seat_id"].as_str().context("no seat")?;
    browser.go(&format!("{address}/vendor/seats/{seat}"))?;
    page("vendor-seat", look)?;
    browser.go(&format!("{address}/vendor/audit"))?;
    page("vendor-audit", look)
}

fn look_at_every_page(name: &str, browsing: &Browsing, phone: bool) -> Result<()> {
    let _alone = alone();
    let folder = folder(name)?;
    let here = PortalFixture::set_up(&folder)?;
    let operator = ["operator", "add", "kim"];
    let _ = here.fixture.vendor.json_with(&operator, "a long passphrase\n").succeeds();
    let browser = Browser::open(&folder, browsing)?;
    if phone {
        browser.like_a_phone()?;
    }
    let mut found = Vec::new();
    walk(&here, &browser, &mut |page| {
        browser.screenshot(&folder.join(format!("{page}.png")))?;
        let wide = browser.value(
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth",
            &[],
        )?;
        let mut problems = axe(&browser)?;
        // In a browser pages are scrolled down, never across.
        problems.extend(ruler(&browser)?.into_iter().filter(|found| !found.contains(" high in ")));
        problems.extend(primary_actions(&browser)?);
        if wide == true {
            problems.push("the page is wider than its window".to_owned());
        }
        if let Some(language) = browsing.language {
            let said = browser.value("return document.documentElement.lang", &[])?;
            if said != json!(language) {
                problems.push(format!("the page says that it is in {said}"));
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
    look_at_every_page("portal-light", &Browsing::default(), false)
}

#[test]
fn every_portal_page_fits_a_phone_in_dark_german() -> Result<()> {
    let browsing = Browsing { dark: true, language: Some("de"), ..Browsing::default() };
    look_at_every_page("portal-phone", &browsing, true)
}

#[test]
fn a_printed_page_shows_the_token_without_controls() -> Result<()> {
    let _alone = alone();
    let folder = folder("portal-paper")?;
    let here = PortalFixture::set_up(&folder)?;
    let browser = Browser::open(&folder, &Browsing::default())?;
    browser.paste_in(&here.portal.address, &here.computer().request(here.code()))?;
    browser.wait_for_page("activate")?;
    browser.click("confirm")?;
    browser.wait_for_page("granted")?;
    browser.like_on_paper()?;
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
