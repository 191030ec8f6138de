//! The complete life cycle of a licence by keyboard alone, and the focus on the way.

use anyhow::{Context as _, Result, ensure};
use latchkey_e2e_support::{Clock, Key, Session, Window, WizardFixture};
use serde_json::json;

use crate::{alone, folder};

/// Goes to a control with the tabulator and presses Enter.
fn enter(window: &Window, id: &str) -> Result<()> {
    window.tab_to(id)?;
    window.press(&char::from(Key::Enter).to_string())
}

/// The new screen is there, and its heading has the focus, so that it is read out first.
fn arrives(window: &Window, screen: &str) -> Result<()> {
    window.wait_for_screen(screen)?;
    window.wait_for_focus("heading").with_context(|| format!("on “{screen}”"))
}

/// The field says that it is wrong, and the error that it points at is announced.
fn tied_to_its_error(window: &Window, field: &str) -> Result<()> {
    window.wait_for_value(field, "aria-invalid", "true")?;
    let tied = window.value(
        "const field = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); \
         const told = (field.getAttribute('aria-describedby') ?? '').split(' ') \
           .map((id) => document.getElementById(id)).filter(Boolean); \
         return told.some((e) => e.matches('[role=alert]') || e.querySelector('[role=alert]'))",
        &[json!(field)],
    )?;
    ensure!(tied == true, "“{field}” doesn't point at its error");
    Ok(())
}

#[test]
fn the_whole_life_cycle_works_by_keyboard_alone() -> Result<()> {
    let _alone = alone();
    let mut fixture = WizardFixture::set_up(&folder("keyboard")?.join("fixture"))?;
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;

    arrives(&window, "home")?;
    enter(&window, "activate")?;
    arrives(&window, "activate-code")?;
    window.tab_to("code")?;
    window.press("abcd#")?;
    window.press(&char::from(Key::Enter).to_string())?;
    tied_to_its_error(&window, "code")?;
    window.wait_for_focus("code")?;
    window.press_with(Key::Control, 'a')?;
    // A slip is asked about before the way to the portal, and the code could be used anyway.
    let code = product.entitlement.code().to_lowercase();
    let slip = if code.starts_with('7') { "8" } else { "7" };
    window.press(&format!("{slip}{}", &code[1..]))?;
    window.press(&char::from(Key::Enter).to_string())?;
    window.wait_for_value("error", "data-code", "activation_code.groups")?;
    tied_to_its_error(&window, "code")?;
    ensure!(window.has("use-anyway")?, "no way to use it anyway");
    window.wait_for_focus("code")?;
    window.press_with(Key::Control, 'a')?;
    window.press(&code)?;
    window.tab_to("seat-name")?;
    window.press_with(Key::Control, 'a')?;
    window.press("Werkbank 3")?;
    window.press(&char::from(Key::Enter).to_string())?;

    arrives(&window, "activate-request")?;
    enter(&window, "copy")?;
    window.wait_for("copied")?;
    let request = window.text("request-token")?;
    let response = fixture.vendor.response_to(&request);
    // Escape is Back, and nothing is lost.
    window.press(&char::from(Key::Escape).to_string())?;
    arrives(&window, "activate-code")?;
    window.press(&char::from(Key::Escape).to_string())?;
    arrives(&window, "home")?;
    enter(&window, "continue-pending")?;
    arrives(&window, "activate-request")?;
    enter(&window, "have-response")?;

    arrives(&window, "activate-response")?;
    let text = fixture.path("response.txt");
    std::fs::write(&text, &request)?;
    fixture.fill_clipboard("UTF8_STRING", &text)?;
    enter(&window, "paste")?;
    window.wait_for_value("error", "data-code", "token.wrong_kind")?;
    tied_to_its_error(&window, "response-box")?;
    std::fs::write(&text, &response)?;
    fixture.fill_clipboard("UTF8_STRING", &text)?;
    enter(&window, "paste")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    enter(&window, "apply")?;
    arrives(&window, "done")?;
    enter(&window, "finish")?;
    arrives(&window, "home")?;
    window.wait_for_value("home-state", "data-state", "active")?;

    enter(&window, "details")?;
    arrives(&window, "details")?;
    window.press(&char::from(Key::Escape).to_string())?;
    arrives(&window, "home")?;
    enter(&window, "refresh")?;
    arrives(&window, "refresh")?;
    let seat = fixture.command_line(&product).seat();
    std::fs::write(&text, fixture.vendor.refresh_of(&seat))?;
    fixture.fill_clipboard("UTF8_STRING", &text)?;
    enter(&window, "paste")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    enter(&window, "apply")?;
    arrives(&window, "done")?;
    enter(&window, "finish")?;
    arrives(&window, "home")?;

    enter(&window, "deactivate")?;
    arrives(&window, "deactivate")?;
    enter(&window, "deactivate-confirm")?;
    arrives(&window, "deactivation-token")?;
    let token = window.text("deactivation-token")?;
    let _ = fixture.vendor.deactivate(&token).succeeds();
    enter(&window, "delivered")?;
    enter(&window, "delivered-confirm")?;
    arrives(&window, "home")?;
    window.wait_for_value("home-state", "data-state", "not_activated")?;
    ensure!(!window.has("banner-outbox")?, "the token is still on Home");
    window.close()
}
