//! The `serve` command: listens, and serves the portal until the process is told to stop.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use latchkey_issuer::Issuer;
use latchkey_portal::{BehindProxy, Branding, PortalState, log, router};
use tokio::net::TcpListener;

use crate::error::{CommandError, ServerError};
use crate::listen::Listen;
use crate::output::Output;

/// How the portal is run.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where it listens.
    pub(crate) listen: Listen,
    /// The `latchkey.toml` with the branding.
    pub(crate) look: Option<PathBuf>,
    /// Which reverse proxy is trusted to report client addresses.
    pub(crate) behind_proxy: BehindProxy,
}

/// Threads for work that takes a processor or the disk for a while. Turns allow fewer.
const WORKERS: usize = 32;
/// How long background work may continue after the last connection has closed, before the process
/// exits.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Serves until the process is told to stop: by SIGTERM or SIGINT, on Windows by the service
/// manager or by what happens to the console.
pub(crate) fn run(issuer: Issuer, settings: &Settings, output: &Output) -> Result<(), ServerError> {
    log::panics_of(std::thread::current().id(), log::LAST_LINES);
    let branding = Branding::read(&issuer.vendor().name, settings.look.as_deref())?;
    if let Some(doubt) = &branding.doubt {
        output.warn(doubt);
    }
    let portal = PortalState::open(issuer, branding, settings.behind_proxy)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(WORKERS)
        .build()
        .map_err(|error| not_listening(&settings.listen, &error))?;
    let served: Result<String, ServerError> = runtime.block_on(async {
        let listener = match settings.listen.addresses() {
            Ok(addresses) => TcpListener::bind(&addresses[..]).await,
            Err(_) => return Err(unknown_address(&settings.listen)),
        };
        let listener = listener.map_err(|error| not_listening(&settings.listen, &error))?;
        let address =
            listener.local_addr().map_err(|error| not_listening(&settings.listen, &error))?;
        let address = address.to_string();
        output
            .write_message("server-listening", &[("address", format!("http://{address}").into())]);
        log::lifecycle("started", &address);
        let stop = stop_signal()?;
        #[cfg(windows)]
        crate::service::report_running();
        let router = router(Arc::new(portal));
        latchkey_portal::serve(listener, router, settings.behind_proxy, stop).await;
        Ok(address)
    });
    // What still runs then has no connection that waits for it. Whatever it writes is written whole
    // or not at all.
    runtime.shutdown_timeout(LAST_WORK);
    log::lifecycle("stopped", &served?);
    log::flush(log::LAST_LINES);
    Ok(())
}

fn not_listening(listen: &Listen, error: &std::io::Error) -> ServerError {
    CommandError::NotListening {
        address: listen.to_string(),
        reason: latchkey_files::reason(error),
    }
    .into()
}

/// Nothing that this machine has an address for.
fn unknown_address(listen: &Listen) -> ServerError {
    let (address, reason) = (listen.to_string(), listen.fault());
    let address = if reason == "empty" { "\"\"".to_owned() } else { address };
    ServerError::usage(&CommandError::NotListening { address, reason })
}

/// Completes when the process receives a signal to stop.
fn stop_signal() -> Result<impl Future<Output = ()>, ServerError> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupted = |_| ServerError::from(CommandError::Interrupted);
        let mut terminate = signal(SignalKind::terminate()).map_err(interrupted)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(interrupted)?;
        Ok(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        })
    }
    #[cfg(windows)]
    {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
        let interrupted = |_| ServerError::from(CommandError::Interrupted);
        // A service outlives its users: it is told of each one who logs off.
        let is_service = crate::service::is_service();
        let mut interrupt = ctrl_c().map_err(interrupted)?;
        let mut interrupt_by_break = ctrl_break().map_err(interrupted)?;
        let mut close = ctrl_close().map_err(interrupted)?;
        let mut logoff = ctrl_logoff().map_err(interrupted)?;
        let mut shutdown = ctrl_shutdown().map_err(interrupted)?;
        Ok(async move {
            tokio::select! {
                () = crate::service::stop_requested() => {}
                _ = interrupt.recv() => {}
                _ = interrupt_by_break.recv() => {}
                _ = close.recv() => {}
                _ = logoff.recv(), if !is_service => {}
                _ = shutdown.recv() => {}
            }
        })
    }
}
