//! A program that owns the clipboard and offers its content in several formats, as file managers
//! and word processors do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use anyhow::{Result, ensure};
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, SelectionRequestEvent, Window as XWindow, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::Desktop;
use crate::window::PAUSE;
use crate::x11::atom;

/// Content that is offered on the clipboard until this value is dropped.
#[derive(Debug)]
pub struct ClipboardOffer {
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for ClipboardOffer {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Desktop {
    /// Offers content on the clipboard in several formats, each with its name and its bytes.
    ///
    /// # Errors
    /// Fails if the display can't be reached or refuses a request.
    pub fn offer_on_clipboard(&self, forms: &[(&str, &[u8])]) -> Result<ClipboardOffer> {
        let (x, root) = self.connect_to_display()?;
        let owner = x.generate_id()?;
        let (depth, class, visual) = (COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_OUTPUT, 0);
        let no_values = CreateWindowAux::new();
        x.create_window(depth, owner, root, 0, 0, 1, 1, 0, class, visual, &no_values)?.check()?;
        let mut offered = Vec::new();
        for (form, content) in forms {
            offered.push((atom(&x, form)?, content.to_vec()));
        }
        let (selection, targets) = (atom(&x, "CLIPBOARD")?, atom(&x, "TARGETS")?);
        x.set_selection_owner(owner, selection, x11rb::CURRENT_TIME)?.check()?;
        ensure!(x.get_selection_owner(selection)?.reply()?.owner == owner, "nothing was copied");
        let ends = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&ends);
        // The thread ends with the display at the latest.
        let thread = thread::spawn(move || drop(serve(&x, owner, targets, &offered, &until)));
        Ok(ClipboardOffer { ends, thread: Some(thread) })
    }
}

fn serve(
    x: &RustConnection,
    owner: XWindow,
    targets: u32,
    offered: &[(u32, Vec<u8>)],
    ends: &AtomicBool,
) -> Result<()> {
    while !ends.load(Ordering::Relaxed) {
        match x.poll_for_event()? {
            Some(Event::SelectionRequest(asked)) => answer(x, &asked, targets, offered)?,
            Some(_) => {}
            None => thread::sleep(PAUSE),
        }
    }
    x.destroy_window(owner)?.check()?;
    Ok(())
}

/// Answers a request for the selection (ICCCM 2.2).
fn answer(
    x: &RustConnection,
    asked: &SelectionRequestEvent,
    targets: u32,
    offered: &[(u32, Vec<u8>)],
) -> Result<()> {
    let (window, property) = (asked.requestor, asked.property);
    let found = offered.iter().find(|(form, _)| *form == asked.target);
    let answered = if asked.target == targets {
        let forms: Vec<u32> = offered.iter().map(|(form, _)| *form).chain([targets]).collect();
        x.change_property32(PropMode::REPLACE, window, property, AtomEnum::ATOM, &forms)?;
        property
    } else if let Some((form, content)) = found {
        x.change_property8(PropMode::REPLACE, window, property, *form, content)?;
        property
    } else {
        x11rb::NONE
    };
    let notice = SelectionNotifyEvent {
        response_type: SELECTION_NOTIFY_EVENT,
        sequence: 0,
        time: asked.time,
        requestor: window,
        selection: asked.selection,
        target: asked.target,
        property: answered,
    };
    x.send_event(false, window, EventMask::NO_EVENT, notice)?.check()?;
    Ok(())
}
