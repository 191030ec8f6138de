//! The complete life cycle of a licence by keyboard alone, and the focus on the way.

use anyhow::{Context as _, Result, ensure};
use latchkey_e2e_support::{Clock, Key, Session, Window, WizardFixture};
use serde_json::json;

use crate::folder;

/// Moves the focus to a control with Tab and presses Enter.
fn press_enter_on(window: &Window, id: &str) -> Result<()> {
    window.tab_to(id)?;
    window.press(&char::from(Key::Enter).to_string())
}

/// Waits for a screen and for the focus on its heading, so that a screen reader starts there.
fn wait_for_focused_screen(window: &Window, screen: &str) -> Result<()> {
    window.wait_for_screen(screen)?;
    window.wait_for_focus("heading").with_context(|| format!("on “{screen}”"))
}

/// Asserts that a field is marked as invalid and described by an error that is announced.
fn assert_error_is_announced(window: &Window, field: &str) -> Result<()> {
    window.wait_for_value(field, "aria-invalid", "true")?;
    let is_tied = window.value(
        "const field = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); \
         const described = (field.getAttribute('aria-describedby') ?? '').split(' ') \
           .map((id) => document.getElementById(id)).filter(Boolean); \
         return described.some((e) => e.matches('[role=alert]') || e.querySelector('[role=alert]'))",
        &[json!(field)],
    )?;
    ensure!(is_tied == true, "“{field}” isn't described by its error");
    Ok(())
}

#[test]
fn the_whole_life_cycle_works_by_keyboard_alone() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("keyboard")?.join("fixture"))?;
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;

    wait_for_focused_screen(&window, "home")?;
    press_enter_on(&window, "activate")?;
    wait_for_focused_screen(&window, "activate-code")?;
    window.tab_to("code")?;
    window.press("abcd#")?;
    window.press(&char::from(Key::Enter).to_string())?;
    assert_error_is_announced(&window, "code")?;
    window.wait_for_focus("code")?;
    window.press_with(Key::Control, 'a')?;
    // A typing error is reported before the request is created, and the code can be used anyway.
    let code = product.entitlement.code().to_lowercase();
    let slip = if code.starts_with('7') { "8" } else { "7" };
    window.press(&format!("{slip}{}", &code[1..]))?;
    window.press(&char::from(Key::Enter).to_string())?;
    window.wait_for_value("error", "data-code", "activation_code.groups")?;
    assert_error_is_announced(&window, "code")?;
    ensure!(window.has("use-anyway")?, "no way to use it anyway");
    window.wait_for_focus("code")?;
    window.press_with(Key::Control, 'a')?;
    window.press(&code)?;
    window.tab_to("seat-name")?;
    window.press_with(Key::Control, 'a')?;
    window.press("Werkbank 3")?;
    window.press(&char::from(Key::Enter).to_string())?;

    wait_for_focused_screen(&window, "activate-request")?;
    press_enter_on(&window, "copy")?;
    window.wait_for("copied")?;
    let request = window.text("request-token")?;
    let response = fixture.vendor.response_to(&request);
    // Escape is Back, and nothing is lost.
    window.press(&char::from(Key::Escape).to_string())?;
    wait_for_focused_screen(&window, "activate-code")?;
    window.press(&char::from(Key::Escape).to_string())?;
    wait_for_focused_screen(&window, "home")?;
    press_enter_on(&window, "continue-pending")?;
    wait_for_focused_screen(&window, "activate-request")?;
    press_enter_on(&window, "have-response")?;

    wait_for_focused_screen(&window, "activate-response")?;
    let text = fixture.path("response.txt");
    std::fs::write(&text, &request)?;
    fixture.fill_clipboard("UTF8_STRING", &text)?;
    press_enter_on(&window, "paste")?;
    window.wait_for_value("error", "data-code", "token.wrong_kind")?;
    assert_error_is_announced(&window, "response-box")?;
    std::fs::write(&text, &response)?;
    fixture.fill_clipboard("UTF8_STRING", &text)?;
    press_enter_on(&window, "paste")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    press_enter_on(&window, "apply")?;
    wait_for_focused_screen(&window, "done")?;
    press_enter_on(&window, "finish")?;
    wait_for_focused_screen(&window, "home")?;
    window.wait_for_value("home-state", "data-state", "active")?;

    press_enter_on(&window, "details")?;
    wait_for_focused_screen(&window, "details")?;
    window.press(&char::from(Key::Escape).to_string())?;
    wait_for_focused_screen(&window, "home")?;
    press_enter_on(&window, "refresh")?;
    wait_for_focused_screen(&window, "refresh")?;
    let seat = fixture.command_line(&product).seat();
    std::fs::write(&text, fixture.vendor.refresh_of(&seat))?;
    fixture.fill_clipboard("UTF8_STRING", &text)?;
    press_enter_on(&window, "paste")?;
    window.wait_for_value("recognised", "data-outcome", "ready")?;
    press_enter_on(&window, "apply")?;
    wait_for_focused_screen(&window, "done")?;
    press_enter_on(&window, "finish")?;
    wait_for_focused_screen(&window, "home")?;

    press_enter_on(&window, "deactivate")?;
    wait_for_focused_screen(&window, "deactivate")?;
    press_enter_on(&window, "deactivate-confirm")?;
    wait_for_focused_screen(&window, "deactivation-token")?;
    let token = window.text("deactivation-token")?;
    let _ = fixture.vendor.deactivate(&token).succeeds();
    press_enter_on(&window, "delivered")?;
    press_enter_on(&window, "delivered-confirm")?;
    wait_for_focused_screen(&window, "home")?;
    window.wait_for_value("home-state", "data-state", "not_activated")?;
    ensure!(!window.has("banner-outbox")?, "the token is still on Home");
    window.close()
}
