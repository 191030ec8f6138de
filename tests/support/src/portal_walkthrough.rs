//! A walkthrough of all portal pages and error families for the gallery: under a path prefix, as
//! behind a proxy, and including everything that a support team sees.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{
    Browser, Clock, Computer, Entitlement, Kit, PortalServer, ProductFixture, Programs, Vendor,
    free_port,
};

/// The name and the passphrase of the operator of the admin pages.
const OPERATOR: (&str, &str) = ("kim", "a long passphrase");

/// A vendor with a portal below a path, a product, and two entitlements.
#[derive(Debug)]
pub struct PortalFixture {
    programs: Programs,
    vendor: Vendor,
    kit: Kit,
    /// Three seats, thirty days.
    pub office: Entitlement,
    /// One seat, of which every second renewal needs a request.
    single: Entitlement,
    port: u16,
    folder: PathBuf,
}

impl PortalFixture {
    /// Sets everything up in a folder.
    ///
    /// # Errors
    /// Fails if something is missing on this machine or can't be written.
    pub fn set_up(folder: &Path) -> Result<Self> {
        let programs = Programs::find()?;
        fs::create_dir_all(folder).context("no folder for the portal")?;
        let vendor = Vendor::at(&programs, &folder.join("issuer"));
        let _ = vendor.json(&["init", "--vendor", "Acme"]).succeeds();
        let product = vendor.add_product("Acme CAD", &ProductFixture::FEATURES);
        let office = vendor.add_entitlement(product, &ProductFixture::BOUGHT);
        let single = ["--customer", "Müller & Söhne", "--seats", "1", "--offline-lease", "90d"];
        let single =
            vendor.add_entitlement(product, &[&single[..], &["--request-every", "2"]].concat());
        let (name, passphrase) = OPERATOR;
        let passphrase = format!("{passphrase}\n");
        let _ = vendor.json_with(&["operator", "add", name], &passphrase).succeeds();
        let port = free_port()?;
        let address = format!("http://127.0.0.1:{port}/licence");
        let kit = vendor.kit_for(product, &folder.join("kit"), &address);
        let folder = folder.to_path_buf();
        Ok(Self { programs, vendor, kit, office, single, port, folder })
    }

    /// Serves the portal.
    ///
    /// # Errors
    /// Fails if the server doesn't start.
    pub fn serve(&self) -> Result<PortalServer> {
        PortalServer::start(&self.vendor, self.port, Some(&self.kit.config()))
    }

    /// The address of its start page, without a slash at the end.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/licence", self.port)
    }

    /// A computer that has never been activated.
    #[must_use]
    pub fn computer(&self) -> Computer {
        Computer::new(&self.programs, &self.kit)
    }

    /// A computer with a seat of this entitlement.
    fn activated(&self, entitlement: &Entitlement, name: &str) -> Computer {
        let computer = self.computer();
        let request = computer.request_as(entitlement.code(), name);
        let _ = computer.apply(&self.vendor.response_to(&request)).succeeds();
        computer
    }

    fn file(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, content).context("the file can't be written")?;
        Ok(path)
    }
}

type Visit<'v> = dyn FnMut(&Browser, &str) -> Result<()> + 'v;

/// Visits all pages of the portal with a browser that was just opened. `visit` gets the browser and
/// the name of the page.
///
/// # Errors
/// Fails at the first page that isn't the expected one, or the first error of `visit`.
pub fn portal_walkthrough(
    folder: &Path,
    browser: &Browser,
    visit: &mut dyn FnMut(&Browser, &str) -> Result<()>,
) -> Result<()> {
    let mut fixture = PortalFixture::set_up(folder)?;
    let mut visit = |browser: &Browser, name: &str| {
        visit(browser, name).with_context(|| format!("on the page “{name}”"))
    };
    let served = fixture.serve()?;
    request_pages(&fixture, browser, &mut visit)?;
    seat_pages(&fixture, browser, &mut visit)?;
    deactivation_pages(&fixture, browser, &mut visit)?;
    admin_pages(&fixture, browser, &mut visit)?;
    // Last, because afterwards this address is rate-limited.
    error_pages(&fixture, &served, browser, &mut visit)?;
    drop(served);
    fixture.vendor.clock = Clock::days(-3);
    let served = fixture.serve()?;
    clock_in_doubt(&fixture, browser, &mut visit)?;
    drop(served);
    // Further ahead than a suspension explains, and not as far as is refused without a request.
    fixture.vendor.clock = Clock::days(20);
    let _served = fixture.serve()?;
    sign_in(&fixture, browser)?;
    browser.wait_for("clock-undecided")?;
    visit(browser, "vendor-clock-undecided")
}

/// Requests: intact, damaged, with a wrong code, in files of which one can't be read, several at
/// once, and from a computer whose clock is ten years ahead.
fn request_pages(fixture: &PortalFixture, browser: &Browser, visit: &mut Visit<'_>) -> Result<()> {
    let address = &fixture.address();
    browser.go(&format!("{address}/"))?;
    browser.wait_for_page("start")?;
    visit(browser, "start")?;
    browser.submit_text(address, "Dear all,\n\nthe request is in the attachment.")?;
    browser.wait_for("error")?;
    visit(browser, "start-no-token")?;

    let computer = fixture.computer();
    let request =
        computer.request_as(fixture.office.code(), "Drawing office, the one at the window");
    browser.submit_text(address, &request[..request.len() / 2])?;
    browser.wait_for("error")?;
    visit(browser, "start-half-a-token")?;
    let mut groups: Vec<&str> = fixture.office.code().split('-').collect();
    groups.swap(1, 2);
    let slip = groups.join("-");
    let unknown = fixture.computer().request_as("WRONG-CODE", "Workshop");
    browser.submit_text(address, &unknown)?;
    browser.wait_for("other-code")?;
    visit(browser, "other-code")?;
    browser.type_into("code", &slip)?;
    browser.click("with-code")?;
    browser.wait_for("error")?;
    visit(browser, "other-code-slip")?;
    browser.type_into("code", fixture.office.code())?;
    browser.click("with-code")?;
    browser.wait_for_page("activate")?;
    visit(browser, "other-code-right")?;

    browser.submit_text(address, &request)?;
    browser.wait_for_page("activate")?;
    visit(browser, "activate")?;
    browser.click("confirm")?;
    browser.wait_for_page("granted")?;
    visit(browser, "granted")?;
    let response = browser.text("token")?;
    let _ = computer.apply(&response).succeeds();
    browser.submit_text(address, &request)?;
    browser.wait_for_page("activate")?;
    visit(browser, "activate-again")?;
    browser.submit_text(address, &response)?;
    browser.wait_for_page("for-computer")?;
    visit(browser, "for-computer")?;

    let good = fixture.file("request.txt", request.as_bytes())?;
    let heic = fixture.file("IMG_4711.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")?;
    browser.go(&format!("{address}/"))?;
    browser.choose_file("file", &heic)?;
    browser.click("continue")?;
    browser.wait_for("error")?;
    visit(browser, "file-heic")?;
    browser.go(&format!("{address}/"))?;
    browser.choose_file("file", &good)?;
    browser.choose_file("file", &heic)?;
    browser.click("continue")?;
    browser.wait_for_selector("main")?;
    visit(browser, "files-mixed")?;

    let mut ahead = fixture.computer();
    ahead.clock = Clock::days(3_650);
    let of_ahead = ahead.request_as(fixture.office.code(), "Workshop");
    let mixed = [
        of_ahead.clone(),
        fixture.computer().request_as("WRONG-CODE", "Reception"),
        request,
        response,
        fixture.computer().request(fixture.office.code())[..80].to_owned(),
    ];
    browser.submit_text(address, &mixed.join("\n\n"))?;
    browser.wait_for_page("batch")?;
    visit(browser, "batch")?;
    browser.click("confirm")?;
    browser.wait_for_page("batch-done")?;
    browser.wait_for("clocks")?;
    visit(browser, "batch-done")?;
    browser.submit_text(address, &of_ahead)?;
    browser.wait_for_page("activate")?;
    browser.click("confirm")?;
    browser.wait_for("computer-clock")?;
    visit(browser, "granted-clock")?;
    let _last = fixture.activated(&fixture.office, "");
    let full = fixture.computer().request_as(fixture.office.code(), "One too many");
    browser.submit_text(address, &full)?;
    browser.wait_for("in-use")?;
    visit(browser, "none-free")
}

/// The seats of a code, and refreshing them.
fn seat_pages(fixture: &PortalFixture, browser: &Browser, visit: &mut Visit<'_>) -> Result<()> {
    let address = &fixture.address();
    browser.go(&format!("{address}/seats"))?;
    browser.wait_for_page("seats-code")?;
    visit(browser, "seats-code")?;
    browser.type_into("code", "WRONG-CODE")?;
    browser.click("with-code")?;
    browser.wait_for("error")?;
    visit(browser, "seats-code-unknown")?;
    browser.type_into("code", fixture.single.code())?;
    browser.click("with-code")?;
    browser.wait_for_page("seats")?;
    visit(browser, "seats-none")?;
    let single = fixture.activated(&fixture.single, "Reception");
    let with_code = |code: &str| {
        browser.go(&format!("{address}/seats"))?;
        browser.type_into("code", code)?;
        browser.click("with-code")?;
        browser.wait_for_page("seats")
    };
    with_code(fixture.office.code())?;
    visit(browser, "seats")?;
    browser.click("seat-details")?;
    browser.wait_for_page("seat")?;
    visit(browser, "seat")?;
    browser.click("report-gone")?;
    browser.wait_for_page("gone")?;
    visit(browser, "gone")?;
    with_code(fixture.single.code())?;
    browser.click("refresh")?;
    browser.wait_for_page("refreshed")?;
    visit(browser, "refreshed-last")?;
    let _ = single.apply(&browser.text("token")?).succeeds();
    with_code(fixture.single.code())?;
    visit(browser, "seats-needs-request")?;
    browser.click("seat-details")?;
    browser.wait_for_page("seat")?;
    visit(browser, "seat-needs-request")?;
    browser.submit_text(address, &single.renewal(fixture.single.code()))?;
    browser.wait_for_page("activate")?;
    visit(browser, "activate-renewal")
}

/// A seat that is released so often that it stays reserved.
fn deactivation_pages(
    fixture: &PortalFixture,
    browser: &Browser,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let address = &fixture.address();
    let mut deactivation = String::new();
    for _ in 0..5 {
        let seats = fixture.vendor.seats(Some(fixture.single.code()));
        for seat in seats.iter().filter(|seat| seat["state"] == "active") {
            let id = seat["seat_id"].as_str().context("no seat")?;
            let _ = fixture.vendor.json(&["seat", "release", id, "--now"]).succeeds();
        }
        let computer = fixture.activated(&fixture.single, "Reception");
        deactivation = computer.deactivate();
        browser.submit_text(address, &deactivation)?;
        browser.wait_for_page("deactivate")?;
        if browser.has("taken-until")? {
            break;
        }
        visit(browser, "deactivate")?;
        browser.click("confirm")?;
        browser.wait_for_page("deactivated")?;
        visit(browser, "deactivated")?;
    }
    visit(browser, "deactivate-taken")?;
    browser.click("confirm")?;
    browser.wait_for_page("deactivated")?;
    visit(browser, "deactivated-taken")?;
    browser.submit_text(address, &deactivation)?;
    browser.wait_for_page("deactivated")?;
    visit(browser, "deactivated-again")
}

fn sign_in(fixture: &PortalFixture, browser: &Browser) -> Result<()> {
    browser.go(&format!("{}/vendor", fixture.address()))?;
    browser.wait_for_page("sign-in")?;
    browser.type_into("name", OPERATOR.0)?;
    browser.type_into("passphrase", OPERATOR.1)?;
    browser.click("sign-in")?;
    browser.wait_for_page("vendor")
}

fn admin_pages(fixture: &PortalFixture, browser: &Browser, visit: &mut Visit<'_>) -> Result<()> {
    let address = &fixture.address();
    browser.go(&format!("{address}/vendor"))?;
    browser.wait_for_page("sign-in")?;
    visit(browser, "sign-in")?;
    browser.type_into("name", OPERATOR.0)?;
    browser.type_into("passphrase", "another passphrase")?;
    browser.click("sign-in")?;
    browser.wait_for("error")?;
    visit(browser, "sign-in-refused")?;
    sign_in(fixture, browser)?;
    visit(browser, "vendor")?;
    let seats = fixture.vendor.seats(Some(fixture.office.code()));
    let seat = seats[0]["seat_id"].as_str().context("no seat")?;
    for (path, page) in [
        ("products".to_owned(), "vendor-products"),
        ("products/1".to_owned(), "vendor-product"),
        ("entitlements".to_owned(), "vendor-entitlements"),
        (format!("entitlements/{}", fixture.office.id), "vendor-entitlement"),
        (format!("seats/{seat}"), "vendor-seat"),
        ("audit".to_owned(), "vendor-audit"),
    ] {
        browser.go(&format!("{address}/vendor/{path}"))?;
        browser.wait_for_page(page)?;
        visit(browser, page)?;
    }
    browser.go(&format!("{address}/vendor/entitlements"))?;
    browser.type_into("seats", "many")?;
    browser.click("add")?;
    browser.wait_for("error")?;
    visit(browser, "vendor-problem")?;
    browser.click("sign-out")?;
    browser.wait_for_page("sign-in")?;
    // The same portal at a name of its own, without TLS.
    let plain = format!("http://licence.acme.example:{}/licence/vendor", fixture.port);
    browser.go(&plain)?;
    browser.wait_for_page("sign-in")?;
    visit(browser, "sign-in-plain")?;
    browser.type_into("name", OPERATOR.0)?;
    browser.type_into("passphrase", OPERATOR.1)?;
    browser.click("sign-in")?;
    browser.wait_for("error")?;
    visit(browser, "sign-in-not-tls")?;
    browser.go(&format!("{plain}/sign-in?kept=no"))?;
    browser.wait_for_page("sign-in")?;
    visit(browser, "sign-in-cookie-lost")
}

/// Pages that don't exist, incomplete forms, and too many attempts.
fn error_pages(
    fixture: &PortalFixture,
    served: &PortalServer,
    browser: &Browser,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let address = &fixture.address();
    browser.go(&format!("{address}/nowhere"))?;
    browser.wait_for_page("problem")?;
    visit(browser, "problem-404")?;
    browser.go(&format!("{address}/batch/00000000000000000000000000000000"))?;
    browser.wait_for_page("problem")?;
    visit(browser, "problem-no-batch")?;
    browser.go(&format!("{address}/seats"))?;
    browser.wait_for("code")?;
    browser.value("document.querySelector('[name=code]').remove(); return ''", &[])?;
    browser.click("with-code")?;
    browser.wait_for_page("problem")?;
    visit(browser, "problem-400")?;
    for _ in 0..60 {
        let (status, _) = served.post("/licence/seats", &[("code", "WRONG-CODE-TOO-OFTEN")])?;
        if status == 429 {
            break;
        }
    }
    browser.go(&format!("{address}/seats"))?;
    browser.type_into("code", "WRONG-CODE")?;
    browser.click("with-code")?;
    browser.wait_for("error")?;
    visit(browser, "problem-429")
}

/// The server's clock was set back by three days.
fn clock_in_doubt(fixture: &PortalFixture, browser: &Browser, visit: &mut Visit<'_>) -> Result<()> {
    let address = &fixture.address();
    let request = fixture.computer().request_as(fixture.single.code(), "Workshop");
    browser.submit_text(address, &request)?;
    browser.wait_for("error")?;
    visit(browser, "clock-in-doubt")?;
    sign_in(fixture, browser)?;
    visit(browser, "vendor-clock-in-doubt")
}
