//! Pasting what users copy elsewhere: a file's icon, its path, formatted text, and unsupported
//! content. Both the button and the keyboard are tested.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use latchkey_e2e_support::{Clock, Key, Session, Window, WizardFixture, request_in_window};

use crate::folder;

/// What a program offers when something is copied there.
type Forms<'f> = Vec<(&'f str, &'f [u8])>;

fn pasted(
    fixture: &WizardFixture,
    window: &Window,
    forms: &Forms<'_>,
    outcome: &str,
) -> Result<()> {
    let copied = fixture.desktop.offer_on_clipboard(forms)?;
    for by_keyboard in [false, true] {
        // What an earlier paste said isn't taken for what this one says.
        if window.has("error")? || window.has("clear")? {
            if !window.has("clear")? {
                window.type_into("response-box", "x")?;
            }
            window.click("clear")?;
        }
        window.wait_for_selector("body:not(:has([data-testid='error'], [data-testid='clear']))")?;
        if by_keyboard {
            window.click("response-box")?;
            window.press_with(Key::Control, 'v')?;
        } else {
            window.click("paste")?;
        }
        let named = || format!("by keyboard: {by_keyboard}; {:?}", forms.first());
        match outcome {
            "ready" => window.wait_for_value("recognised", "data-outcome", "ready"),
            code => window.wait_for_value("error", "data-code", code),
        }
        .with_context(named)?;
    }
    drop(copied);
    Ok(())
}

#[test]
fn a_file_copied_in_a_file_manager_is_read_when_pasted() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("copied-files")?.join("fixture"))?;
    let product = fixture.new_product();
    let driver = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = driver.open(&product.kit.config(), Clock::NOW)?;
    let request = request_in_window(&window, product.entitlement.code(), "Drawing office")?;
    let response = fixture.vendor.response_to(&request);
    let stick = fixture.path("Bjørns stick");
    fs::create_dir_all(&stick)?;
    let file = stick.join("an answer.txt");
    fs::write(&file, &response)?;
    let path = file.display().to_string();
    let address = format!("file://{}", path.replace(' ', "%20").replace('ø', "%C3%B8"));
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;

    let list = format!("{address}\r\n");
    let (gnome, older) =
        (format!("copy\n{address}"), format!("x-special/nautilus-clipboard\ncopy\n{address}\n"));
    let quoted = format!("\"{path}\"");
    let html = format!("<html><body><p>Dear Ann,</p><p><b>{response}</b></p></body></html>");
    let rtf = format!("{{\\rtf1\\ansi {response}\\par}}");
    for forms in [
        // Files 46 and Dolphin; Thunar and PCManFM; an older Files; Caja.
        vec![
            ("x-special/gnome-copied-files", gnome.as_bytes()),
            ("text/uri-list", list.as_bytes()),
            ("UTF8_STRING", path.as_bytes()),
        ],
        vec![("text/uri-list", list.as_bytes())],
        vec![("UTF8_STRING", older.as_bytes())],
        vec![("x-special/mate-copied-files", gnome.as_bytes())],
        vec![("text/uri-list", list.as_bytes()), ("UTF8_STRING", address.as_bytes())],
        // "Copy path", and the address bar.
        vec![("UTF8_STRING", path.as_bytes())],
        vec![("UTF8_STRING", quoted.as_bytes())],
        vec![("UTF8_STRING", address.as_bytes())],
        // A word processor's text and nothing else.
        vec![("text/html", html.as_bytes())],
        vec![("text/rtf", rtf.as_bytes())],
        vec![("text/plain", response.as_bytes())],
        // Beside plain text, the plain text counts.
        vec![("text/html", b"<p>something else</p>"), ("UTF8_STRING", response.as_bytes())],
    ] {
        pasted(&fixture, &window, &forms, "ready")?;
    }

    let missing = format!("{address}.gone\r\n");
    let folder = list.replace("/an%20answer.txt", "");
    for (list, code) in [
        (missing.as_str(), "wizard.file_not_read"),
        (folder.as_str(), "wizard.file_not_read"),
        ("smb://server/share/answer.txt\r\n", "wizard.clipboard_remote"),
    ] {
        pasted(&fixture, &window, &vec![("text/uri-list", list.as_bytes())], code)?;
    }
    pasted(&fixture, &window, &vec![("application/x-shapes", b"[]")], "wizard.clipboard_not_text")?;
    for (text, code) in [
        // A link is text.
        ("https://licence.example/", "token.none_found"),
        // A path from a remote desktop's window, and one of a file that is gone.
        ("\"C:\\Users\\kim\\an answer.txt\"", "wizard.clipboard_no_file"),
        ("~/no such file.txt", "wizard.clipboard_no_file"),
        ("/no/such/file.txt", "wizard.clipboard_no_file"),
    ] {
        pasted(&fixture, &window, &vec![("UTF8_STRING", text.as_bytes())], code)?;
    }
    // A remote desktop with nothing to paste offers a text without a character.
    pasted(&fixture, &window, &vec![("UTF8_STRING", b"")], "wizard.clipboard_empty")?;
    // A mail program truncates its plain text; the formatted text has the whole token.
    let truncated = &response[..response.len() / 2];
    let forms = vec![("text/html", html.as_bytes()), ("UTF8_STRING", truncated.as_bytes())];
    pasted(&fixture, &window, &forms, "ready")?;

    let two = format!("{list}{list}");
    pasted(&fixture, &window, &vec![("text/uri-list", two.as_bytes())], "ready")?;
    window.click("apply")?;
    window.wait_for_value("done", "data-kind", "activated")?;
    ensure!(fixture.vendor.seats(None).len() == 1, "no seat is in use");
    window.close()
}
