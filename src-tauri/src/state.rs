//! The state behind the commands: the product's configuration and the device. It knows no window,
//! so it is tested without one. Every operation may block for minutes, because the keyring may ask
//! the user for a password; none may run on the main thread.

mod details;
mod manual_entry;
mod print;
mod views;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use latchkey_config::{Config, ConfigError};
use latchkey_device::{
    ApplyError, ApplyOutcome, DataDirs, Device, OutboxId, Status, StoreChoice, Timestamp,
    WithStatus,
};
use latchkey_i18n::Language;
use latchkey_token::manual_entry::EntrySheet;
use latchkey_token::{ActivationCode, Scan, SeatName};

use crate::cli::Reason;
use crate::error::{CommandResult, InternalError};
use crate::files::{self, DroppedFile, FileTexts};
use crate::view::{
    AppView, AppliedView, ApplyOutcomeView, ConfigView, DeactivatedView, DetailView, DroppedView,
    FirstView, InspectionView, OpenedFiles, Problem, ReasonView, RequestView, StatusView, TextView,
};

/// The state of one run of the wizard, managed by Tauri.
pub struct WizardState {
    config_file: PathBuf,
    token_files: Vec<PathBuf>,
    reason: Option<Reason>,
    clock: fn() -> Timestamp,
    open_device: DeviceFactory,
    product: Mutex<Option<Product>>,
    /// The first reading of the status, which begins before there is a window.
    first_status: Mutex<Option<JoinHandle<CommandResult<StatusView>>>>,
    /// This user's folder for files that outlive the wizard.
    data_dir: Option<PathBuf>,
    /// The rows that are being typed, once the pages have asked for them.
    entry_sheet: Mutex<Option<EntrySheet>>,
}

/// Opens the device. Tests use folders of their own.
type DeviceFactory = Arc<dyn Fn(&Config, StoreChoice) -> CommandResult<Device> + Send + Sync>;

/// The product of the configuration, and the store that the user has chosen.
#[derive(Clone)]
struct Product {
    config: Config,
    store: StoreChoice,
}

impl WizardState {
    /// The state for a configuration file and the token files of the command line.
    #[must_use]
    pub fn new(config_file: PathBuf, token_files: Vec<PathBuf>, clock: fn() -> Timestamp) -> Self {
        Self {
            config_file,
            token_files,
            reason: None,
            clock,
            open_device: Arc::new(|config, store| Ok(Device::open(config.profile.clone(), store)?)),
            product: Mutex::new(None),
            first_status: Mutex::new(None),
            data_dir: DataDirs::system().user,
            entry_sheet: Mutex::new(None),
        }
    }

    /// Sets why the product has opened the wizard.
    #[must_use]
    pub fn with_reason(self, reason: Option<Reason>) -> Self {
        Self { reason, ..self }
    }

    /// Loads what the pages need to start. The configuration is read again each time, for "Try
    /// again".
    pub fn load_app(&self) -> AppView {
        let config = match self.load_config() {
            Ok(config) => ConfigView::Ready { product: views::product_view(&config) },
            Err(error) => ConfigView::Broken {
                problem: Problem::new(&error),
                file: self.config_file.display().to_string(),
                line: error.line().and_then(|line| u32::try_from(line).ok()),
                text: error.line().and_then(|line| Config::read_line(&self.config_file, line)),
            },
        };
        self.app_view(config)
    }

    fn app_view(&self, config: ConfigView) -> AppView {
        AppView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: Language::of_process().tag().to_owned(),
            names: views::names_view(),
            config,
            opened_files: read_token_files(&self.token_files),
            reason: self.reason.map(ReasonView::from),
        }
    }

    /// Reads the configuration. The other operations need it.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_config(&self) -> Result<Config, ConfigError> {
        let config = Config::load(&self.config_file)?;
        // What is being read may be the status of another product.
        self.lock_first_status().take();
        let mut product = self.lock_product();
        // Loading the file again keeps the store that the user has chosen.
        let store = product.take().map_or(StoreChoice::Policy, |product| product.store);
        *product = Some(Product { config: config.clone(), store });
        Ok(config)
    }

    /// The product's name, once the configuration is loaded.
    pub fn product_name(&self) -> Option<String> {
        self.lock_product().as_ref().map(|product| product.config.profile.product_name.clone())
    }

    /// Begins to read the status on a thread of its own, while the window is created. If there are
    /// files, the pages load the configuration first, and what is read now would be dropped.
    pub fn begin_first_status(&self) {
        if !self.token_files.is_empty() {
            return;
        }
        let (open_device, clock) = (Arc::clone(&self.open_device), self.clock);
        if let Ok(product) = self.product() {
            let read = move || read_status(&open_device, &product, clock());
            *self.lock_first_status() = Some(thread::spawn(read));
        }
    }

    /// Returns what is known when the window opens. Returns `None` if the pages have to ask for
    /// more than the status anyway: there are files to read, or the configuration can't be used.
    pub fn first_view(&self) -> Option<FirstView> {
        if !self.token_files.is_empty() {
            return None;
        }
        let config =
            ConfigView::Ready { product: views::product_view(&self.product().ok()?.config) };
        let mut first = self.lock_first_status();
        let has_answered = first.as_ref().is_some_and(JoinHandle::is_finished);
        // The pages ask again if it has failed.
        let status = has_answered.then(|| first.take()?.join().ok()?.ok()).flatten();
        Some(FirstView { app: self.app_view(config), status })
    }

    /// Returns the status of the licence.
    ///
    /// # Errors
    /// A [`Problem`] of [`latchkey_device::OpenDeviceError::Store`] if the store can't be chosen,
    /// or of [`latchkey_device::StatusError::Vault`] if the vault can't be read.
    pub fn status(&self) -> CommandResult<StatusView> {
        let first = self.lock_first_status().take();
        if let Some(Ok(status)) = first.map(JoinHandle::join) {
            return status;
        }
        read_status(&self.open_device, &self.product()?, (self.clock)())
    }

    /// Checks whether a code looks mistyped, before a request is created and taken to the portal. A
    /// vendor's own code may look so as well, so the user may use it anyway.
    ///
    /// # Errors
    /// A [`Problem`] of the code's [`latchkey_token::ActivationCodeError::Symbol`] or another error
    /// of its parser, or of a doubt such as [`latchkey_token::CodeDoubt::Groups`].
    pub fn check_for_typos(&self, code: &str) -> CommandResult<()> {
        let code: ActivationCode = code.parse()?;
        match code.doubt() {
            Some(doubt) => Err(doubt.into()),
            None => Ok(()),
        }
    }

    /// Creates a request. The activation code is stored encrypted and never returned to the pages.
    ///
    /// # Errors
    /// A [`Problem`] of the code's [`latchkey_token::ActivationCodeError::Symbol`] or another error
    /// of its parser, of [`latchkey_token::SeatNameError::TooLong`] or
    /// [`latchkey_token::SeatNameError::Control`], of [`latchkey_device::RequestError::Active`] if
    /// the licence is active, of [`latchkey_device::RequestError::OutboxFull`], or of
    /// [`latchkey_device::RequestError::Vault`] if the vault can't be written.
    pub fn request(&self, code: &str, seat_name: &str) -> CommandResult<RequestView> {
        let code = code.parse()?;
        let seat_name = SeatName::new(seat_name)?;
        let (request, status) = self.on_device(|device| device.request(&code, &seat_name))?;
        Ok(request_view(&request.token, &status))
    }

    /// Creates a request that renews the licence on this device while its lease is valid.
    ///
    /// # Errors
    /// As [`WizardState::request`].
    pub fn request_renewal(&self, code: &str, seat_name: &str) -> CommandResult<RequestView> {
        let code = code.parse()?;
        let seat_name = SeatName::new(seat_name)?;
        let (request, status) =
            self.on_device(|device| device.request_renewal(&code, Some(&seat_name)))?;
        Ok(request_view(&request.token, &status))
    }

    /// Returns the newest pending request again, or `None` if there is none any more.
    ///
    /// # Errors
    /// A [`Problem`] of [`latchkey_device::PendingError::Vault`] if the vault can't be read.
    pub fn pending_request(&self) -> CommandResult<Option<RequestView>> {
        let (request, status) = self.on_device(|device| device.pending_request())?;
        Ok(request.map(|request| request_view(&request.token, &status)))
    }

    /// Drops every pending request.
    ///
    /// # Errors
    /// A [`Problem`] of [`latchkey_device::PendingError::Vault`] if the vault can't be written.
    pub fn cancel_request(&self) -> CommandResult<StatusView> {
        let (_, status) = self.on_device(|device| device.cancel_pending())?;
        Ok(views::status_view(&status))
    }

    /// Returns what a text contains and what applying it would do. A text that can't be applied is
    /// not an error: the result says why.
    ///
    /// # Errors
    /// A [`Problem`] of [`latchkey_device::OpenDeviceError::Store`] if the store can't be chosen.
    pub fn inspect(&self, text: &str) -> CommandResult<InspectionView> {
        let device = self.open_device()?;
        let scan = match Scan::new(text) {
            Ok(scan) => scan,
            Err(error) => return Ok(inspection_error(ApplyError::from(error))),
        };
        Ok(match device.inspect_tokens(&scan.tokens, (self.clock)()) {
            Ok(found) => views::inspection_view(&found, scan.has_rows_without_beginning),
            Err(error) => inspection_error(ApplyError::from(error)),
        })
    }

    /// Returns the text of files that were dropped onto the window together, and what it contains.
    /// A file that can't be used, or in which there is no token, doesn't affect the others: the
    /// result names it.
    ///
    /// # Errors
    /// As [`files::read_all`].
    pub fn read_dropped(&self, files: &[DroppedFile<'_>]) -> CommandResult<DroppedView> {
        let mut texts = FileTexts::of_dropped(files);
        if texts.len() > 1 {
            texts.skip_without_token();
        }
        let mut inspection = None;
        if texts.len() > 0
            && let Ok(device) = self.open_device()
        {
            match device.inspect(&texts.joined(), (self.clock)()) {
                // Among several, it would have been skipped already.
                Err(ApplyError::Text(error)) if texts.len() == 1 && error.has_no_token() => {
                    texts.skip(0, error);
                }
                // Parts of other tokens are reported with their files.
                Ok(found) => inspection = Some(views::inspection_view(&found, false)),
                Err(error) => inspection = Some(inspection_error(error)),
            }
        }
        let TextView { text, skipped } = texts.into_view()?;
        Ok(DroppedView { text, skipped, inspection })
    }

    /// Applies what a text contains.
    ///
    /// # Errors
    /// A [`Problem`] of [`latchkey_device::ApplyError::Text`] if the text contains no token, of
    /// [`latchkey_device::ApplyError::Vault`] if the vault can't be written, or of the first
    /// [`latchkey_device::TokenError`], such as [`latchkey_device::TokenError::NotPending`], if
    /// nothing in the text was applied.
    pub fn apply(&self, text: &str) -> CommandResult<AppliedView> {
        let (applied, status) = self.on_device(|device| device.apply(text))?;
        let mut outcome = None;
        let mut refused = None;
        for token in applied {
            match token.outcome {
                ApplyOutcome::Activated(_) => outcome = Some(ApplyOutcomeView::Activated),
                ApplyOutcome::Refreshed(_) if outcome != Some(ApplyOutcomeView::Activated) => {
                    outcome = Some(ApplyOutcomeView::Refreshed);
                }
                ApplyOutcome::AlreadyApplied(_) => {
                    outcome = outcome.or(Some(ApplyOutcomeView::AlreadyApplied));
                }
                ApplyOutcome::Refused(error) => refused = refused.or(Some(error)),
                ApplyOutcome::Refreshed(_) | ApplyOutcome::NotForThisComputer => {}
            }
        }
        match (outcome, refused) {
            (Some(outcome), _) => {
                // The draft isn't needed any more. If it can't be deleted, it is overwritten next
                // time.
                let _ = self.clear_entry_sheet();
                Ok(AppliedView { outcome, status: views::status_view(&status) })
            }
            (None, Some(error)) => Err(error.into()),
            (None, None) => Err(InternalError::NoResult.into()),
        }
    }

    /// Removes the licence from this device and creates its deactivation token.
    ///
    /// # Errors
    /// A [`Problem`] of [`latchkey_device::DeactivateError::NotActivated`] if there is no licence,
    /// or of [`latchkey_device::DeactivateError::Vault`] if the vault can't be written.
    pub fn deactivate(&self) -> CommandResult<DeactivatedView> {
        let (entry, status) = self.on_device(|device| device.deactivate())?;
        Ok(DeactivatedView { id: entry.id.to_string(), status: views::status_view(&status) })
    }

    /// Removes a deactivation from the outbox, because the user has delivered its token.
    ///
    /// # Errors
    /// A [`Problem`] if the id is malformed, of [`latchkey_device::OutboxError::NoSuchEntry`] if
    /// there is no such deactivation, or of [`latchkey_device::OutboxError::Vault`] if the vault
    /// can't be written.
    pub fn confirm_delivered(&self, id: &str) -> CommandResult<StatusView> {
        let id: OutboxId = id.parse()?;
        let status = self.on_device(|device| device.confirm_delivered(id))?;
        Ok(views::status_view(&status))
    }

    /// Keeps the licence in a file from now on, which a user without a keyring can choose. The
    /// file's existence records the choice for the next run.
    ///
    /// # Errors
    /// As [`WizardState::status`].
    pub fn use_file_store(&self) -> CommandResult<StatusView> {
        if let Some(product) = self.lock_product().as_mut() {
            product.store = StoreChoice::File;
        }
        self.status()
    }

    /// Returns the rows of the details screen, for support. They contain no secrets.
    ///
    /// # Errors
    /// As [`WizardState::status`].
    pub fn details(&self) -> CommandResult<Vec<DetailView>> {
        let product = self.product()?;
        let status = self.open_device()?.status((self.clock)())?;
        Ok(details::detail_views(&product.config, &self.config_file, &status))
    }

    fn lock_first_status(&self) -> MutexGuard<'_, Option<JoinHandle<CommandResult<StatusView>>>> {
        self.first_status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_device(&self) -> CommandResult<Device> {
        let Product { config, store } = self.product()?;
        (self.open_device)(&config, store)
    }

    /// Runs one operation of the device, which also returns the status after it.
    fn on_device<T, E: Into<Problem>>(
        &self,
        operation: impl FnOnce(WithStatus<'_>) -> Result<T, E>,
    ) -> CommandResult<T> {
        let device = self.open_device()?;
        operation(device.with_status((self.clock)())).map_err(Into::into)
    }

    fn product(&self) -> CommandResult<Product> {
        Ok(self.lock_product().clone().ok_or(InternalError::ConfigNotLoaded)?)
    }

    fn lock_product(&self) -> MutexGuard<'_, Option<Product>> {
        self.product.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_status(
    open_device: &DeviceFactory,
    product: &Product,
    now: Timestamp,
) -> CommandResult<StatusView> {
    let device = open_device(&product.config, product.store.clone()).map_err(|problem| {
        let outbox = Device::outboxes_in(&product.config.profile, &DataDirs::system());
        problem.with_outbox_elsewhere(outbox.len())
    })?;
    let status = device.status(now).map_err(|error| {
        Problem::from(error).with_outbox_elsewhere(device.outbox_elsewhere().len())
    })?;
    Ok(views::status_view(&status))
}

/// Reads the text of token files from outside the pages. Returns `None` if there are no files.
pub(crate) fn read_token_files(token_files: &[PathBuf]) -> Option<OpenedFiles> {
    (!token_files.is_empty()).then(|| {
        files::read_all(token_files).map_or_else(
            |problem| OpenedFiles::Unreadable { problem },
            |TextView { text, skipped }| OpenedFiles::Text { text, skipped },
        )
    })
}

/// Chooses the language of a product's users: the environment's, if the vendor offers it, or else
/// the first that the vendor offers.
#[must_use]
pub fn choose_language(config: &Config, environment: Language) -> Language {
    let offered: Vec<_> =
        config.look.languages.iter().filter_map(|tag| Language::for_tag(tag)).collect();
    match offered.first() {
        Some(first) if !offered.contains(&environment) => *first,
        _ => environment,
    }
}

fn inspection_error(error: ApplyError) -> InspectionView {
    InspectionView::Error { problem: error.into(), kind: None }
}

fn request_view(token: &latchkey_token::Token, status: &Status) -> RequestView {
    RequestView { token: token.to_string(), status: views::status_view(status) }
}

#[cfg(test)]
mod tests;
