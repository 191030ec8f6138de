//! A message window that needs nothing but an X server: on a display with few colours neither GTK
//! nor the webview paints anything. The text uses the font "fixed", which every server has.

use x11rb::connection::Connection as _;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt, CreateGCAux, CreateWindowAux, EventMask, PropMode, WindowClass,
};
use x11rb::wrapper::ConnectionExt as _;

/// Characters in a line.
const COLUMNS: usize = 72;
/// In pixels: the characters of the font "fixed" are 6 × 13.
const CHAR_WIDTH: u16 = 6;
const LINE_HEIGHT: u16 = 16;
const MARGIN: u16 = 16;

/// Shows a text until its window is closed, or a key or a mouse button is pressed in it.
///
/// # Errors
/// The X library's [`ReplyOrIdError`] if the X server can't be reached or refuses a request.
pub(crate) fn show(title: &str, text: &str) -> Result<(), ReplyOrIdError> {
    let (x, screen) =
        x11rb::connect(None).map_err(|_| x11rb::errors::ConnectionError::UnknownError)?;
    let screen = &x.setup().roots[screen];
    let lines = wrap(&latchkey_console::Charset::Ascii.convert(text));
    let height =
        LINE_HEIGHT * (u16::try_from(lines.len()).unwrap_or(u16::MAX / LINE_HEIGHT) + 1) + MARGIN;
    let width = COLUMNS as u16 * CHAR_WIDTH + 2 * MARGIN;
    let window = x.generate_id()?;
    let events = EventMask::EXPOSURE | EventMask::KEY_PRESS | EventMask::BUTTON_PRESS;
    let attributes = CreateWindowAux::new().background_pixel(screen.white_pixel).event_mask(events);
    let (root, depth, class) = (screen.root, screen.root_depth, WindowClass::INPUT_OUTPUT);
    let visual = screen.root_visual;
    x.create_window(depth, window, root, 0, 0, width, height, 0, class, visual, &attributes)?;
    let (replace, name) = (PropMode::REPLACE, AtomEnum::WM_NAME);
    x.change_property8(replace, window, name, AtomEnum::STRING, title.as_bytes())?;
    let (name, text) = (atom(&x, "_NET_WM_NAME")?, atom(&x, "UTF8_STRING")?);
    x.change_property8(replace, window, name, text, title.as_bytes())?;
    let protocols = atom(&x, "WM_PROTOCOLS")?;
    let close = atom(&x, "WM_DELETE_WINDOW")?;
    x.change_property32(replace, window, protocols, AtomEnum::ATOM, &[close])?;
    let font = x.generate_id()?;
    x.open_font(font, b"fixed")?;
    let gc = x.generate_id()?;
    let colours = CreateGCAux::new().foreground(screen.black_pixel).background(screen.white_pixel);
    x.create_gc(gc, window, &colours.font(font))?;
    x.map_window(window)?;
    x.flush()?;
    loop {
        match x.wait_for_event()? {
            Event::Expose(_) => {
                for (number, line) in (1..).zip(&lines) {
                    let (left, baseline) =
                        (MARGIN as i16, (number * LINE_HEIGHT + MARGIN / 2) as i16);
                    x.image_text8(window, gc, left, baseline, line.as_bytes())?;
                }
                x.flush()?;
            }
            Event::KeyPress(_) | Event::ButtonPress(_) => return Ok(()),
            Event::ClientMessage(message) if message.data.as_data32()[0] == close => return Ok(()),
            _ => {}
        }
    }
}

fn atom(x: &impl ConnectionExt, name: &str) -> Result<u32, ReplyOrIdError> {
    Ok(x.intern_atom(false, name.as_bytes())?.reply()?.atom)
}

/// Wraps a text into lines that fit.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > COLUMNS {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            // An image_text8 request has room for 255 characters.
            line.extend(word.chars().take(COLUMNS));
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_wrapped_between_words_and_never_wider_than_the_window() {
        let text = format!("{}\n\n{} end", "word ".repeat(40), "x".repeat(100));
        let lines = wrap(&text);
        assert!(lines.iter().all(|line| line.len() <= COLUMNS), "{lines:?}");
        let [first, .., blank, long, end] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(first.split(' ').filter(|word| *word == "word").count(), 14);
        assert_eq!((blank.as_str(), long.len(), end.as_str()), ("", COLUMNS, "end"));
    }
}
