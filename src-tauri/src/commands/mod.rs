//! What the pages may call. Each command only carries a question to the [`Session`], the clipboard or a
//! native dialog, on a thread where waiting is allowed.

pub(crate) mod clipboard;
pub(crate) mod files;
pub(crate) mod licence;
pub(crate) mod paper;

use tauri::ipc::Channel;
use tauri::{AppHandle, Manager as _, Runtime};

use crate::clipboard::Clipboard;
use crate::error::{Answer, Interrupted};
use crate::events::News;
use crate::state::Session;
use crate::view::NewsView;

/// Does the work off the window's thread.
async fn aside<R, T>(
    app: AppHandle<R>,
    work: impl FnOnce(&AppHandle<R>) -> Answer<T> + Send + 'static,
) -> Answer<T>
where
    R: Runtime,
    T: Send + 'static,
{
    let done = tauri::async_runtime::spawn_blocking(move || work(&app)).await;
    done.unwrap_or_else(|_| Err(Interrupted.into()))
}

/// Asks the session, off the window's thread.
async fn ask<R, T>(
    app: AppHandle<R>,
    question: impl FnOnce(&Session) -> Answer<T> + Send + 'static,
) -> Answer<T>
where
    R: Runtime,
    T: Send + 'static,
{
    aside(app, move |app| question(&app.state::<Session>())).await
}

/// The pages listen to what they haven't asked for.
#[tauri::command]
pub(crate) fn listen<R: Runtime>(app: AppHandle<R>, channel: Channel<NewsView>) {
    app.state::<News>().listen(channel);
}

/// Closes the wizard. What was copied is handed over on the way out; where nobody takes it, the person is
/// asked first, unless they are sure.
#[tauri::command]
pub(crate) fn quit<R: Runtime>(app: AppHandle<R>, sure: bool) {
    if sure || !asks_before_closing(&app) {
        app.exit(0);
    }
}

/// Puts the closing off when it would take something with it. The answer comes as news to the pages, or the
/// wizard closes after all.
pub(crate) fn asks_before_closing<R: Runtime>(app: &AppHandle<R>) -> bool {
    // Without pages that could ask, closing is closing.
    if !app.state::<News>().is_heard() || !app.state::<Clipboard>().may_be_worth_a_question() {
        return false;
    }
    let app = app.clone();
    std::thread::spawn(move || {
        if app.state::<Clipboard>().is_worth_a_question(&app) {
            app.state::<Clipboard>().is_asked();
            app.state::<News>().tell(NewsView::Closing);
        } else {
            app.exit(0);
        }
    });
    true
}
