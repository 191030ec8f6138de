//! The portal as a Windows service: the service manager starts `latchkey-server serve`, is told
//! when the portal listens, asks it to stop, and gets its exit status.

use std::ffi::OsString;
use std::io::{self, Seek as _, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use latchkey_console::Exit;
use latchkey_files::Access;
use tokio::sync::Notify;
use windows_service::service::{
    ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{
    self, ServiceControlHandlerResult, ServiceStatusHandle,
};
use windows_service::{define_windows_service, service_dispatcher};

/// The service manager ignores the name of a service that has a process of its own.
const NAME: &str = "latchkey-server";
/// After this time the service manager takes a service that is starting or stopping for hung. The
/// database may be waited for during the start, and open requests during the stop.
const WAIT_HINT: Duration = Duration::from_secs(90);

/// The log in the data folder, and the name that it gets when the service starts and the log is
/// longer than [`MAX_LOG_BYTES`].
const LOG: &str = "service.log";
const OLD_LOG: &str = "service.old.log";
const MAX_LOG_BYTES: u64 = 16 << 20;

type Work = Box<dyn FnOnce() -> Exit + Send>;

/// What the service does, until the service manager starts it. The service manager calls a function
/// without arguments of ours, so everything that it needs is static.
static WORK: Mutex<Option<Work>> = Mutex::new(None);
static STATUS: OnceLock<ServiceStatusHandle> = OnceLock::new();
static STOP: Notify = Notify::const_new();
static EXIT: OnceLock<Exit> = OnceLock::new();

/// Does the work, as a service if the service manager has started this process. The data folder
/// gets the service's log.
pub(crate) fn run(data: &Path, work: impl FnOnce() -> Exit + Send + 'static) -> Exit {
    let log = data.join(LOG);
    let work = move || {
        if is_service() {
            // Without a log the portal works as well.
            let _ = open_log(&log);
        }
        work()
    };
    *WORK.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(work));
    // Returns when the service has stopped, and with an error at once if this process isn't a
    // service. Then the work is still to be done.
    let _ = service_dispatcher::start(NAME, service_main);
    match take_work() {
        Some(work) => work(),
        None => EXIT.get().copied().unwrap_or(Exit::Machine),
    }
}

/// Lets standard error, which a service doesn't have, lead to a file.
fn open_log(log: &Path) -> io::Result<()> {
    if std::fs::metadata(log).is_ok_and(|found| found.len() > MAX_LOG_BYTES) {
        std::fs::rename(log, log.with_file_name(OLD_LOG))?;
    }
    let mut file = latchkey_files::open_or_create(log, Access::User)?;
    file.seek(SeekFrom::End(0))?;
    latchkey_console::redirect_errors(file)
}

fn take_work() -> Option<Work> {
    WORK.lock().unwrap_or_else(PoisonError::into_inner).take()
}

define_windows_service!(service_main, run_service);

/// The service's life, on a thread of the service manager's.
fn run_service(_: Vec<OsString>) {
    let Some(work) = take_work() else { return };
    // The handler has no state: the library frees it at the first request to stop, after which
    // there may be further calls.
    if let Ok(status) = service_control_handler::register(NAME, answer) {
        let _ = STATUS.set(status);
    }
    report(ServiceState::StartPending, Exit::Done);
    // A panic is in the log, and must not leave this function.
    let exit = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Exit::Machine);
    let _ = EXIT.set(exit);
    report(ServiceState::Stopped, exit);
}

fn answer(control: ServiceControl) -> ServiceControlHandlerResult {
    match control {
        ServiceControl::Stop | ServiceControl::Shutdown => {
            report(ServiceState::StopPending, Exit::Done);
            STOP.notify_one();
            ServiceControlHandlerResult::NoError
        }
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        _ => ServiceControlHandlerResult::NotImplemented,
    }
}

/// Whether the service manager has started this process.
pub(crate) fn is_service() -> bool {
    STATUS.get().is_some()
}

/// Tells the service manager that the portal listens. Does nothing if this process isn't a service.
pub(crate) fn report_running() {
    report(ServiceState::Running, Exit::Done);
}

/// Completes when the service manager asks the service to stop.
pub(crate) async fn stop_requested() {
    STOP.notified().await;
}

fn report(state: ServiceState, exit: Exit) {
    let Some(status) = STATUS.get() else { return };
    let is_pending = matches!(state, ServiceState::StartPending | ServiceState::StopPending);
    let accepted = match state {
        ServiceState::Running => ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN,
        _ => ServiceControlAccept::empty(),
    };
    let exit_code = match exit {
        Exit::Done => ServiceExitCode::NO_ERROR,
        exit => ServiceExitCode::ServiceSpecific(exit.status().into()),
    };
    // If it fails, there is no service manager left to tell.
    let _ = status.set_service_status(ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: accepted,
        exit_code,
        checkpoint: 0,
        wait_hint: if is_pending { WAIT_HINT } else { Duration::ZERO },
        process_id: None,
    });
}
