//! A walkthrough of every screen of the wizard and every family of errors. The gallery takes its
//! screenshots on it, and the tests check each screen with axe and the layout audit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::{
    Clock, Computer, Desktop, Entitlement, Hardware, Kit, Opening, Programs, Session, Vendor,
    Window, mounts_are_possible,
};

/// A vendor, and a desktop on which the wizard runs, without the product.
#[derive(Debug)]
pub struct WizardFixture {
    /// The built programs.
    pub programs: Programs,
    /// The vendor.
    pub vendor: Vendor,
    /// The computer's desktop, with a display.
    pub desktop: Desktop,
    folder: PathBuf,
    made: u32,
}

/// A product that this computer has never seen, and what was bought of it.
#[derive(Clone, Debug)]
pub struct NewProduct {
    /// What the vendor shipped.
    pub kit: Kit,
    /// What the customer bought.
    pub entitlement: Entitlement,
}

impl WizardFixture {
    /// Sets up a vendor and a desktop in a folder that is empty or not there yet.
    ///
    /// # Errors
    /// Fails if something is missing on this machine or can't be written.
    pub fn set_up(folder: &Path) -> Result<Self> {
        let programs = Programs::find()?;
        fs::create_dir_all(folder).context("no folder for the fixture")?;
        let folder = folder.canonicalize().context("no folder for the fixture")?;
        let vendor = Vendor::at(&programs, &folder.join("issuer"));
        let _ = vendor.json(&["init", "--vendor", "Acme"]).succeeds();
        let desktop = Desktop::start_with_display(&folder.join("home"))?;
        Ok(Self { programs, vendor, desktop, folder, made: 0 })
    }

    /// A product that was never activated.
    pub fn new_product(&mut self) -> NewProduct {
        self.made += 1;
        // A vendor has no two products of one name.
        let name = match self.made {
            1 => "Acme CAD".to_owned(),
            made => format!("Acme CAD {made}"),
        };
        let product = self.vendor.add_product(&name, &crate::ProductFixture::FEATURES);
        let entitlement = self.vendor.add_entitlement(product, &crate::ProductFixture::BOUGHT);
        let kit = self.vendor.kit(product, &self.folder.join(format!("kit-{}", self.made)));
        NewProduct { kit, entitlement }
    }

    /// A folder or file of this fixture.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// This computer seen through `latchkey`, with the licence in the desktop's keyring.
    #[must_use]
    pub fn command_line(&self, product: &NewProduct) -> Computer {
        Computer::with_keyring(&self.programs, &product.kit, &self.desktop)
    }

    /// Writes a changed copy of the configuration under another name.
    ///
    /// # Errors
    /// Fails if the configuration can't be read or written.
    pub fn config(
        &self,
        product: &NewProduct,
        name: &str,
        change: impl FnOnce(String) -> String,
    ) -> Result<PathBuf> {
        let text = fs::read_to_string(product.kit.config()).context("the kit has no config")?;
        let path = product.kit.folder.join(name);
        fs::write(&path, change(text)).context("the config can't be written")?;
        Ok(path)
    }

    /// The setting of a user who has asked the desktop to reduce motion.
    ///
    /// # Errors
    /// Fails if the desktop's settings can't be written.
    pub fn less_motion(&self, opening: Opening) -> Result<Opening> {
        let folder = self.path("less motion");
        fs::create_dir_all(folder.join("gtk-3.0")).context("no folder for the settings")?;
        let settings = "[Settings]\ngtk-enable-animations=0\n";
        fs::write(folder.join("gtk-3.0/settings.ini"), settings).context("no settings")?;
        Ok(opening.with_env("XDG_CONFIG_HOME", &folder.to_string_lossy()))
    }

    /// Puts the content of a file on the clipboard, as this type.
    ///
    /// # Errors
    /// Fails if xclip isn't installed.
    pub fn fill_clipboard(&self, kind: &str, file: &Path) -> Result<()> {
        let status = self
            .desktop
            .command("xclip")
            .args(["-selection", "clipboard", "-target", kind, "-in"])
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("xclip is missing: `cargo xtask setup` installs it")?;
        ensure!(status.success(), "xclip took nothing");
        Ok(())
    }
}

/// Visits every screen and every family of errors. `visit` gets the window and the name of the
/// screen.
///
/// # Errors
/// Fails at the first screen that isn't the expected one, or the first error of `visit`.
pub fn walkthrough(
    fixture: &mut WizardFixture,
    opening: &Opening,
    visit: &mut dyn FnMut(&Window, &str) -> Result<()>,
) -> Result<()> {
    let product = fixture.new_product();
    let mut visit = |window: &Window, name: &str| {
        visit(window, name).with_context(|| format!("on the screen “{name}”"))
    };
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let fixture = &*fixture;
    let end = life_cycle(fixture, &driver, &product, opening, &mut visit)?;
    later_days(fixture, &driver, &product, opening, &mut visit)?;
    other_hardware(fixture, &driver, &product, opening, &mut visit)?;
    config_problems(fixture, &driver, &product, opening, &mut visit)?;
    store_problems(fixture, &driver, &product, opening, &mut visit)?;
    files(fixture, &driver, &product, opening, &end, &mut visit)
}

type Visit<'v> = dyn FnMut(&Window, &str) -> Result<()> + 'v;

/// Texts that the text box refuses, with the codes of the errors.
fn wrong_texts(
    fixture: &WizardFixture,
    product: &NewProduct,
    request: &str,
    response: &str,
) -> Vec<(&'static str, String)> {
    let elsewhere = Computer::new(&fixture.programs, &product.kit);
    let other_computer =
        fixture.vendor.response_to(&elsewhere.request_as(product.entitlement.code(), "Workshop"));
    let mut damaged: Vec<char> = response.chars().collect();
    for at in [60, 61, 62, 66, 67, 70, 131, 133, 135] {
        if let Some(symbol) = damaged.get_mut(at) {
            *symbol = if *symbol == 'A' { 'B' } else { 'A' };
        }
    }
    vec![
        ("token.none_found", "Hello,\n\nthe response is in the attachment.\n".to_owned()),
        ("token.wrong_kind", request.to_owned()),
        ("token.truncated", response.chars().take(response.len() / 2).collect()),
        ("token.damaged", damaged.into_iter().collect()),
        ("token.other_computer", other_computer),
    ]
}

/// From a new computer to an undelivered deactivation token. Returns the applied response.
fn life_cycle(
    fixture: &WizardFixture,
    driver: &Session<'_>,
    product: &NewProduct,
    opening: &Opening,
    visit: &mut Visit<'_>,
) -> Result<String> {
    let code = product.entitlement.code();
    let window = driver.open_with(&product.kit.config(), opening)?;
    window.wait_for_value("home-state", "data-state", "not_activated")?;
    visit(&window, "home-not-activated")?;
    window.click("help")?;
    window.wait_for_screen("help")?;
    visit(&window, "help")?;
    window.click("back")?;
    window.click("details")?;
    window.wait_for_selector("[data-testid=details-list] dd")?;
    visit(&window, "details-not-activated")?;
    window.click("back")?;

    window.click("activate")?;
    window.wait_for_screen("activate-code")?;
    visit(&window, "activate-code")?;
    window.put("code", "ABCD-#")?;
    window.click("next")?;
    window.wait_for("error")?;
    visit(&window, "activate-code-error")?;
    // A generated code with two of its groups swapped: it looks mistyped, and may be used all the
    // same.
    let mut groups: Vec<&str> = code.split('-').collect();
    groups.swap(1, 2);
    window.put("code", &groups.join("-"))?;
    window.click("next")?;
    window.wait_for("use-anyway")?;
    visit(&window, "activate-code-doubt")?;
    window.put("code", code)?;
    window.put("seat-name", "Drawing office 4")?;
    visit(&window, "activate-code-filled")?;
    window.click("next")?;
    window.wait_for_screen("activate-request")?;
    let request = window.text("request-token")?;
    let response = fixture.vendor.response_to(&request);
    visit(&window, "activate-request")?;
    window.click("copy")?;
    window.wait_for("copied")?;
    visit(&window, "activate-request-copied")?;
    fixture.desktop.close_window("Acme CAD")?;
    window.wait_for("closing")?;
    visit(&window, "closing")?;
    window.click("closing-stay")?;

    window.click("qr-larger")?;
    window.wait_for_selector("[data-testid=qr-dialog][open]")?;
    visit(&window, "activate-request-qr")?;
    window.click("qr-close")?;

    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    visit(&window, "activate-response")?;
    typing(&window, &response, visit)?;
    for (expected, text) in wrong_texts(fixture, product, &request, &response) {
        window.put("response-box", &text)?;
        window.wait_for_value("error", "data-code", expected)?;
        visit(&window, &format!("activate-response-{}", expected.replace('.', "-")))?;
    }
    window.click("clear")?;
    let picture = fixture.path("picture.png");
    window.screenshot(&picture)?;
    fixture.fill_clipboard("image/png", &picture)?;
    window.click("paste")?;
    window.wait_for_value("error", "data-code", "wizard.picture_no_code")?;
    visit(&window, "activate-response-picture-without-code")?;
    several_files(&window, &response, visit)?;
    // One wrong symbol in the middle: that much is mended.
    let mut wrong: Vec<char> = response.chars().collect();
    wrong[100] = if wrong[100] == 'A' { 'B' } else { 'A' };
    let mail: String =
        wrong.chunks(50).map(|line| format!("> > {}\n", String::from_iter(line))).collect();
    window.put("response-box", &format!("Hello,\n\nhere it is:\n\n{mail}\n-- \nAcme"))?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    visit(&window, "activate-response-ready-mended")?;
    // The beginning of another token was lost in the same mail.
    let rest = &request[request.len() / 4..];
    window.put("response-box", &format!("{response}\n\n{rest}\n"))?;
    window.wait_for("part")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    visit(&window, "activate-response-ready-with-part")?;
    window.click("back")?;
    window.wait_for("banner-pending")?;
    visit(&window, "home-pending")?;
    window.click("cancel-pending")?;
    window.wait_for("cancel-pending-yes")?;
    visit(&window, "home-pending-drop")?;
    window.click("cancel-pending-no")?;
    window.click("continue-pending")?;
    window.wait_for_screen("activate-request")?;
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    window.put("response-box", &response)?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    visit(&window, "activate-response-ready")?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    visit(&window, "done-activated")?;
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    visit(&window, "home-active")?;
    window.click("details")?;
    window.wait_for_selector("[data-testid=details-list] dd")?;
    visit(&window, "details-active")?;
    window.click("copy-diagnostics")?;
    window.wait_for("copied")?;
    visit(&window, "details-copied")?;
    window.click("back")?;

    renewal(&window, code, visit)?;

    window.click("refresh")?;
    window.wait_for_screen("refresh")?;
    visit(&window, "refresh")?;
    window.put("response-box", &response)?;
    window.wait_for_value("recognised", "data-outcome", "already_applied")?;
    visit(&window, "refresh-already-applied")?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "already_applied")?;
    visit(&window, "done-already-applied")?;
    window.click("finish")?;
    window.click("refresh")?;
    let seat = fixture.command_line(product).seat();
    window.put("response-box", &fixture.vendor.refresh_of(&seat))?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    visit(&window, "refresh-ready")?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "refreshed")?;
    visit(&window, "done-refreshed")?;
    window.click("finish")?;

    window.click("deactivate")?;
    window.wait_for_screen("deactivate")?;
    visit(&window, "deactivate")?;
    window.click("deactivate-confirm")?;
    window.wait_for_screen("deactivation-token")?;
    visit(&window, "deactivation-token")?;
    window.click("delivered")?;
    window.wait_for("delivered-confirm")?;
    visit(&window, "deactivation-token-delivered")?;
    window.click("delivered-cancel")?;
    window.click("later")?;
    window.wait_for("banner-outbox")?;
    visit(&window, "home-outbox")?;
    window.close()?;
    Ok(response)
}

/// A renewal during a running licence. Its request is shown on Home and then cancelled.
fn renewal(window: &Window, code: &str, visit: &mut Visit<'_>) -> Result<()> {
    window.click("renew")?;
    window.wait_for_screen("renew")?;
    visit(window, "renew")?;
    window.put("code", code)?;
    window.click("next")?;
    window.wait_for_screen("activate-request")?;
    visit(window, "renew-request")?;
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    visit(window, "renew-response")?;
    window.click("back")?;
    window.wait_for("banner-pending")?;
    visit(window, "home-active-pending")?;
    window.click("cancel-pending")?;
    window.click("cancel-pending-yes")?;
    window.wait_for_selector("[data-screen=home]:not(:has([data-testid=banner-pending]))")
}

/// Dropped files: two of which one can't be read, and one with an unsupported format. Ends with an
/// empty text box.
fn several_files(window: &Window, response: &str, visit: &mut Visit<'_>) -> Result<()> {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    window.drop_files(&[("response.txt", response.as_bytes()), ("IMG_4711.HEIC", heic)])?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    window.wait_for_value("error", "data-code", "text.picture")?;
    visit(window, "activate-response-one-file-of-two")?;
    window.click("clear")?;
    window.drop_files(&[("IMG_4711.HEIC", heic)])?;
    window.wait_for_value("error", "data-code", "text.picture")?;
    visit(window, "activate-response-heic")?;
    window.drop_files(&[("order.zip", b"PK\x03\x04\x14\0"), ("IMG_4711.HEIC", heic)])?;
    window.wait_for("error")?;
    visit(window, "activate-response-two-bad-files")?;
    window.put("response-box", "")
}

/// Typing the response from paper: no row, a row with a suggested correction, a misplaced row, and
/// all rows. Ends with an empty text box.
fn typing(window: &Window, response: &str, visit: &mut Visit<'_>) -> Result<()> {
    window.click("type-in")?;
    window.wait_for("row-0")?;
    visit(window, "type-in")?;
    let (beginning, rows) = response.split_at(14);
    let rows: Vec<String> =
        rows.as_bytes().chunks(25).map(|row| String::from_utf8_lossy(row).into_owned()).collect();
    window.put("row-0", beginning)?;
    window.wait_for("row-1")?;
    let wrong = if rows[1].starts_with('7') { "W" } else { "7" };
    window.put("row-1", &rows[0])?;
    window.put("row-2", &format!("{wrong}{}", &rows[1][1..]))?;
    window.put("row-3", &rows[4])?;
    window.wait_for("take-2")?;
    window.wait_for("said-3")?;
    window.click("aloud-1")?;
    window.wait_for("spoken-1")?;
    visit(window, "type-in-slips")?;
    window.click("clear-typed")?;
    window.wait_for("clear-typed-yes")?;
    visit(window, "type-in-again")?;
    window.click("clear-typed-no")?;
    for (index, row) in rows.iter().enumerate() {
        window.put(&format!("row-{}", index + 1), row)?;
    }
    window.wait_for_selector("[data-testid=use-typed]:not([disabled])")?;
    visit(window, "type-in-whole")?;
    window.click("clear-typed")?;
    window.click("clear-typed-yes")?;
    window.wait_for_selector("[data-testid=use-typed][disabled]")?;
    window.click("back")?;
    window.wait_for_screen("activate-response")
}

/// The same computer with a licence on later days. Ends without a licence and with an empty outbox.
fn later_days(
    fixture: &WizardFixture,
    driver: &Session<'_>,
    product: &NewProduct,
    opening: &Opening,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let computer = fixture.command_line(product);
    empty_outbox(&computer);
    let response = fixture.vendor.response_to(&computer.request(product.entitlement.code()));
    let _ = computer.apply(&response).succeeds();
    let hour = 3600;
    for (name, state, ending, seconds) in [
        ("home-14-days", "active", "soon", 17 * 24 * hour),
        ("home-3-days", "active", "very_soon", 28 * 24 * hour),
        ("home-today", "active", "today", 30 * 24 * hour - 5 * hour),
        ("home-grace", "lease_expired", "", 32 * 24 * hour),
        ("home-expired", "lease_expired", "", 45 * 24 * hour),
    ] {
        let opening = Opening { clock: Clock::seconds(seconds), ..opening.clone() };
        let window = driver.open_with(&product.kit.config(), &opening)?;
        window.wait_for_value("home-state", "data-state", state)?;
        if !ending.is_empty() {
            window.wait_for_value("home-state", "data-ending", ending)?;
        }
        let loud = ["very_soon", "today"].contains(&ending);
        ensure!(window.has("banner-ending")? == loud, "the banner of a lease that ends: {name}");
        visit(&window, name)?;
        window.close()?;
    }
    // After the others the computer knows that it is later than this; a refresh puts it right.
    let window = driver.open_with(&product.kit.config(), opening)?;
    window.wait_for("banner-clock")?;
    visit(&window, "home-clock-behind")?;
    window.click("refresh")?;
    window.put("response-box", &fixture.vendor.refresh_of(&computer.seat()))?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "refreshed")?;
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    ensure!(!window.has("banner-clock")?, "the clock is still said to be slow");
    window.close()?;
    // One start with a clock that is far ahead is forgiven.
    let ahead = Opening { clock: Clock::days(60), ..opening.clone() };
    let window = driver.open_with(&product.kit.config(), &ahead)?;
    window.wait_for_value("home-state", "data-state", "lease_expired")?;
    visit(&window, "home-over-by-clock")?;
    window.click("refresh")?;
    window.put("response-box", &fixture.vendor.refresh_of(&computer.seat()))?;
    window.wait_for_value("error", "data-code", "lease.already_over")?;
    visit(&window, "refresh-already-over")?;
    window.close()?;
    let _ = computer.deactivate();
    empty_outbox(&computer);
    Ok(())
}

/// A licence that was granted to another computer: it is invalid, and a new activation with the
/// same code resolves that. Ends without a licence and with an empty outbox.
fn other_hardware(
    fixture: &WizardFixture,
    driver: &Session<'_>,
    product: &NewProduct,
    opening: &Opening,
    visit: &mut Visit<'_>,
) -> Result<()> {
    if !mounts_are_possible() {
        return Ok(());
    }
    let mut before = fixture.command_line(product);
    before.hardware = Hardware::Other(7);
    let response = fixture.vendor.response_to(&before.request(product.entitlement.code()));
    let _ = before.apply(&response).succeeds();
    let window = driver.open_with(&product.kit.config(), opening)?;
    window.wait_for("banner-hardware")?;
    window.wait_for_value("home-state", "data-state", "lease_expired")?;
    visit(&window, "home-hardware-over")?;
    window.click("activate")?;
    window.put("code", product.entitlement.code())?;
    window.click("next")?;
    window.wait_for_screen("activate-request")?;
    let response = fixture.vendor.response_to(&window.text("request-token")?);
    window.click("have-response")?;
    window.put("response-box", &response)?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    window.click("finish")?;
    window.wait_for_value("home-state", "data-state", "active")?;
    ensure!(!window.has("banner-hardware")?, "the hardware is still said to have changed");
    window.close()?;
    let computer = fixture.command_line(product);
    ensure!(computer.seat() == before.seat(), "it is another seat now");
    let _ = computer.deactivate();
    empty_outbox(&computer);
    Ok(())
}

fn empty_outbox(computer: &Computer) {
    for entry in computer.status()["outbox"].as_array().into_iter().flatten() {
        let id = entry["id"].as_str().unwrap_or_default();
        let _ = computer.json(&["outbox", "--delivered", id]).succeeds();
    }
}

fn config_problems(
    fixture: &WizardFixture,
    driver: &Session<'_>,
    product: &NewProduct,
    opening: &Opening,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let missing = product.kit.folder.join("missing.toml");
    let syntax =
        fixture.config(product, "syntax.toml", |text| text.replacen("name = \"", "name = ", 1))?;
    let wrong = fixture
        .config(product, "wrong.toml", |text| text.replacen("number = 1", "number = \"one\"", 1))?;
    for (name, config, code) in [
        ("config-missing", missing, "config.not_found"),
        ("config-syntax", syntax, "config.syntax"),
        ("config-value", wrong, "config.value"),
    ] {
        let window = driver.open_with(&config, opening)?;
        window.wait_for_screen("config-problem")?;
        window.wait_for_value("error", "data-code", code)?;
        visit(&window, name)?;
        window.close()?;
    }
    Ok(())
}

fn store_problems(
    fixture: &WizardFixture,
    driver: &Session<'_>,
    product: &NewProduct,
    opening: &Opening,
    visit: &mut Visit<'_>,
) -> Result<()> {
    const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";
    let config = product.kit.config();
    let no_bus = opening.clone().with_env(BUS, "unix:path=/nowhere");
    let window = driver.open_with(&config, &no_bus)?;
    window.wait_for_value("error", "data-code", "store.no_session")?;
    visit(&window, "store-no-session")?;
    window.close()?;

    let forbidding = fixture.config(product, "no-file.toml", |text| {
        text.replace("file = \"allowed\"", "file = \"forbidden\"")
    })?;
    let window = driver.open_with(&forbidding, &no_bus)?;
    window.wait_for_value("error", "data-code", "store.no_session")?;
    visit(&window, "store-no-session-no-file")?;
    window.close()?;

    let home = fixture.path("without-keyring");
    let mut bare = Desktop::without_keyring(&home)?;
    let bus = bare.bus().to_owned();
    bare.start_keyring()?;
    let never_set_up = opening.clone().with_env(BUS, &bus);
    let window = driver.open_with(&config, &never_set_up)?;
    window.wait_for_selector("[data-testid=error], [data-testid=activate]")?;
    if window.has("activate")? {
        window.click("activate")?;
        window.put("code", product.entitlement.code())?;
        window.click("next")?;
    }
    window.wait_for_value("error", "data-code", "store.not_initialised")?;
    visit(&window, "store-not-initialised")?;
    window.close()?;

    fixture.desktop.suspend_keyring()?;
    let shown = (|| {
        let window = driver.open_with(&config, opening)?;
        window.wait_for_selector("[data-screen=loading] [role=status]")?;
        visit(&window, "loading-slow")?;
        fixture.desktop.resume_keyring()?;
        window.wait_for_screen("home")?;
        window.close()
    })();
    let released = fixture.desktop.resume_keyring();
    shown.and(released)
}

fn files(
    fixture: &WizardFixture,
    driver: &Session<'_>,
    product: &NewProduct,
    opening: &Opening,
    response: &str,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let token = fixture.path("response.txt");
    fs::write(&token, response).context("no file")?;
    let document = fixture.path("document.odt");
    fs::write(&document, b"PK\x03\x04\x00").context("no file")?;
    for (name, file) in [
        ("home-file-not-text", document),
        ("home-file-picture-without-code", fixture.path("picture.png")),
        ("home-file-missing", fixture.path("missing.txt")),
        ("home-file-of-no-use", token),
    ] {
        let opening = Opening { files: vec![file], ..opening.clone() };
        let window = driver.open_with(&product.kit.config(), &opening)?;
        window.wait_for("error")?;
        visit(&window, name)?;
        window.close()?;
    }
    let request = fixture.command_line(product).request(product.entitlement.code());
    let file = fixture.path("waited for.txt");
    fs::write(&file, fixture.vendor.response_to(&request)).context("no file")?;
    let opening = Opening { files: vec![file], ..opening.clone() };
    let window = driver.open_with(&product.kit.config(), &opening)?;
    window.wait_for_screen("activate-response")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    visit(&window, "activate-response-from-file")?;
    window.close()
}
