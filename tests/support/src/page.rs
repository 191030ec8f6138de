//! Interaction with a window other than clicking: pressing keys, resizing, enlarging text; and
//! inspection of its page.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::Window;
use crate::window::{PAUSE, max_tries, selector};

impl Window {
    /// Presses keys one after the other in the focused element.
    ///
    /// # Errors
    /// Fails if the window doesn't answer.
    pub fn press(&self, keys: &str) -> Result<()> {
        let actions =
            keys.chars().fold(KeyActions::new("keyboard".to_owned()), |actions, value| {
                actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
            });
        self.perform(actions)
    }

    /// Presses a key while another one is held.
    ///
    /// # Errors
    /// Fails if the window doesn't answer.
    pub fn press_with(&self, held: Key, key: char) -> Result<()> {
        let held = char::from(held);
        self.perform(
            KeyActions::new("keyboard".to_owned())
                .then(KeyAction::Down { value: held })
                .then(KeyAction::Down { value: key })
                .then(KeyAction::Up { value: key })
                .then(KeyAction::Up { value: held }),
        )
    }

    fn perform(&self, actions: KeyActions) -> Result<()> {
        self.request(async { Ok(self.client()?.perform_actions(actions).await?) })
            .context("keys can't be pressed in the window")
    }

    /// Presses Tab until the element with this test id has the focus.
    ///
    /// # Errors
    /// Fails if the focus never reaches the element.
    pub fn tab_to(&self, id: &str) -> Result<()> {
        self.wait_for_selector(&format!("{}:not([disabled])", selector(id)))?;
        let mut passed = Vec::new();
        for _ in 0..40 {
            let focused = self.focused_id()?;
            if focused == id {
                return Ok(());
            }
            passed.push(focused);
            self.press(&char::from(Key::Tab).to_string())?;
        }
        bail!("Tab doesn't reach “{id}”; it passed {passed:?}.")
    }

    /// The test id of the element that has the focus; empty if none has.
    ///
    /// # Errors
    /// Fails if the window doesn't answer.
    pub fn focused_id(&self) -> Result<String> {
        let focused = self.value("return document.activeElement?.dataset.testid ?? ''", &[])?;
        Ok(focused.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the element with this test id has the focus.
    ///
    /// # Errors
    /// Fails if the element doesn't get the focus.
    pub fn wait_for_focus(&self, id: &str) -> Result<()> {
        // Not `:focus`: without a window manager no window is the active one.
        let mut focused = String::new();
        for _ in 0..max_tries() {
            focused = self.focused_id()?;
            if focused == id {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        bail!("“{id}” doesn't get the focus, “{focused}” has it.")
    }

    /// Sets the text of a field at once, whatever its length.
    ///
    /// # Errors
    /// Fails if the field isn't there.
    pub fn put(&self, id: &str, text: &str) -> Result<()> {
        self.wait_for(id)?;
        let code = "const field = document.querySelector(arguments[0]); field.value = arguments[1]; \
                    field.dispatchEvent(new Event('input', { bubbles: true })); return ''";
        self.value(code, &[json!(selector(id)), json!(text)])?;
        Ok(())
    }

    /// Drops files, given by name and content, into the middle of the window.
    ///
    /// # Errors
    /// Fails if the window doesn't answer.
    pub fn drop_files(&self, files: &[(&str, &[u8])]) -> Result<()> {
        let code = "const data = new DataTransfer(); \
            for (const [name, bytes] of arguments[0]) \
              data.items.add(new File([new Uint8Array(bytes)], name)); \
            const there = document.elementFromPoint(innerWidth / 2, innerHeight / 2); \
            for (const what of ['dragenter', 'dragover', 'drop']) there.dispatchEvent( \
              new DragEvent(what, { dataTransfer: data, bubbles: true, cancelable: true })); return ''";
        self.value(code, &[json!(files)])?;
        Ok(())
    }

    /// Sets the size of the page in pixels.
    ///
    /// # Errors
    /// Fails if the window keeps its size.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let wanted = (u64::from(width), u64::from(height));
        let (mut outer_width, mut outer_height) = (width, height);
        for _ in 0..30 {
            self.request(async {
                Ok(self.client()?.set_window_size(outer_width, outer_height).await?)
            })
            .context("the window can't be made larger or smaller")?;
            for _ in 0..20 {
                let (inner_width, inner_height) = self.size()?;
                if (inner_width, inner_height) == wanted {
                    return Ok(());
                }
                thread::sleep(Duration::from_millis(20));
            }
            // What is around the page has to be added.
            let (inner_width, inner_height) = self.size()?;
            let more = |outer: u32, wanted: u32, inner: u64| {
                (outer + wanted).saturating_sub(u32::try_from(inner).unwrap_or(wanted))
            };
            outer_width = more(outer_width, width, inner_width);
            outer_height = more(outer_height, height, inner_height);
        }
        bail!("The page should have {width} × {height} pixels and has {:?}.", self.size()?)
    }

    /// The page's width and height.
    ///
    /// # Errors
    /// Fails if the window doesn't answer.
    pub fn size(&self) -> Result<(u64, u64)> {
        let size = self.value("return [innerWidth, innerHeight]", &[])?;
        size[0].as_u64().zip(size[1].as_u64()).context("the page has no size")
    }

    /// What the page says: its visible text.
    ///
    /// # Errors
    /// Fails if the window doesn't answer.
    pub fn visible_text(&self) -> Result<String> {
        let text = self.value("return document.body.innerText", &[])?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// From here on a command of the backend isn't asked any more; the answer is this problem. For
    /// errors that can't be caused from outside. With `null` the backend is asked again.
    ///
    /// # Errors
    /// Fails if the window doesn't answer.
    pub fn mock_command(&self, command: &str, answer: &Value, is_problem: bool) -> Result<()> {
        let code = "window.pretended ??= new Map(); \
            if (!window.unpretended) { window.unpretended = window.fetch; window.fetch = (...call) => { \
              const [address] = call; const asked = String(address?.url ?? address).split(/[/?]/).pop(); \
              const answer = window.pretended.get(decodeURIComponent(asked)); \
              if (!answer) return window.unpretended(...call); \
              return Promise.resolve(new Response(JSON.stringify(answer.body), { headers: { \
                'content-type': 'application/json', 'tauri-response': answer.bad ? 'error' : 'ok' } })); } } \
            const [command, body, bad] = arguments; \
            if (body === null) window.pretended.delete(command); \
            else window.pretended.set(command, { body, bad }); return ''";
        self.value(code, &[json!(command), answer.clone(), json!(is_problem)])?;
        Ok(())
    }
}
