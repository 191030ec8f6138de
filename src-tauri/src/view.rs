//! The data that the commands return to the pages: plain and without secrets. A test generates the
//! TypeScript types in `ui/src/generated/` from this module, and fails if they were out of date.

use std::collections::BTreeMap;

use latchkey_i18n::{Language, Names};
use serde::Serialize;

use crate::cli::Reason;
use crate::names;

/// An error with its stable code, and with the catalogue's message and next step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Problem {
    /// Stable name, such as `token.truncated`.
    pub code: String,
    /// The code as a number.
    pub number: u32,
    /// What happened.
    pub message: String,
    /// The next step.
    pub action: String,
    /// The values that were inserted into the message, by name.
    pub details: BTreeMap<String, String>,
}

/// What the pages need to start.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AppView {
    /// Version of the wizard.
    pub version: String,
    /// The vendor's configuration, or why it can't be used.
    pub config: ConfigView,
    /// The token files that were named on the command line.
    pub opened_files: Option<OpenedFiles>,
    /// Why the product has opened the wizard.
    pub reason: Option<ReasonView>,
}

/// The messages of the pages, in the wizard's language.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CatalogueView {
    /// The language's BCP 47 tag.
    pub language: String,
    /// Its messages, in Fluent's syntax.
    pub messages: String,
    /// What programs and files are called in them.
    pub names: NamesView,
}

impl CatalogueView {
    /// Those of the process's language.
    #[must_use]
    pub fn of_process() -> Self {
        let language = Language::of_process();
        let messages = latchkey_i18n::messages_for_pages(language);
        let Names { command_line, config_file } = Names::of_process().clone();
        let names = NamesView { program: names::program(), command_line, config_file };
        Self { language: language.tag().to_owned(), messages, names }
    }
}

/// What programs and files are called here: a vendor's package gives them names of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NamesView {
    /// The wizard.
    pub program: String,
    /// The command line, in the catalogue's messages.
    pub command_line: String,
    /// The configuration, in the catalogue's messages.
    pub config_file: String,
}

/// What is known when the window opens, so that the pages show it without asking.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FirstView {
    /// The product.
    pub app: AppView,
    /// The status of the licence, if the store has answered already.
    pub status: Option<StatusView>,
}

/// Why the product has opened the wizard. It starts there if the licence's state allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReasonView {
    /// To request a licence.
    Activate,
    /// To extend the lease.
    Refresh,
    /// To give the seat back.
    Deactivate,
}

impl From<Reason> for ReasonView {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Activate => Self::Activate,
            Reason::Refresh => Self::Refresh,
            Reason::Deactivate => Self::Deactivate,
        }
    }
}

/// The vendor's configuration, or why it can't be used.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ConfigView {
    /// The configuration is valid.
    Ready {
        /// Its content.
        product: ProductView,
    },
    /// The configuration is missing or invalid.
    Broken {
        /// Why.
        problem: Problem,
        /// The path of the file.
        file: String,
        /// The invalid line, counted from 1.
        line: Option<u32>,
        /// The text of that line.
        text: Option<String>,
    },
}

/// The accent colours of both themes, from the vendor's colour or the default one. They are
/// legible, so the pages set them as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AccentPaletteView {
    /// The accent of the light theme.
    pub light: AccentView,
    /// The accent of the dark theme.
    pub dark: AccentView,
}

/// An accent colour and the colour of text on it, as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AccentView {
    /// The colour of buttons and of the ring.
    pub fill: String,
    /// The colour of text on the fill.
    pub on: String,
}

/// The product and its appearance, from the configuration.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ProductView {
    /// The vendor's name.
    pub vendor: String,
    /// The product's name.
    pub name: String,
    /// The URL of the End User Portal.
    pub portal: Option<String>,
    /// Where to get help: a URL, a mail address or a phone number.
    pub help: Option<String>,
    /// The accent colours of both themes.
    pub accent: AccentPaletteView,
    /// The vendor's logo as a `data:` URL.
    pub logo: Option<String>,
    /// The device's own name: the suggestion for the seat name.
    pub computer_name: String,
    /// The codes of the errors that are solved by a file store instead of the keyring; empty if the
    /// vendor forbids file stores.
    pub file_store_solves: Vec<String>,
    /// The largest length of a seat name in UTF-8, in bytes.
    pub max_seat_name_bytes: u32,
}

/// The text of one or more files.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TextView {
    /// The text of all files that can be used, one after another.
    pub text: String,
    /// What is wrong with the other files, each by its name.
    pub skipped: Option<Problem>,
}

/// The text of files that were dropped onto the window.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DroppedView {
    /// The text of all files that can be used, one after another.
    pub text: String,
    /// What is wrong with the other files, each by its name.
    pub skipped: Option<Problem>,
    /// What the text contains. `None` if that can't be determined without the store.
    pub inspection: Option<InspectionView>,
}

/// Token files that were opened from outside the pages.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OpenedFiles {
    /// At least one file could be read.
    Text {
        /// The files' text, one after another.
        text: String,
        /// What is wrong with the other files.
        skipped: Option<Problem>,
    },
    /// No file could be read.
    Unreadable {
        /// Why.
        problem: Problem,
    },
}

/// An event that the backend sends to the pages on its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BackendEvent {
    /// The wizard was started again, with token files.
    FilesOpened {
        /// The files.
        files: OpenedFiles,
    },
    /// The window is about to close, and what was copied would be lost with it.
    CloseRequested,
}

/// The state of the licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StateView {
    /// There is no licence.
    NotActivated,
    /// The lease is valid.
    Active,
    /// The lease has expired.
    LeaseExpired,
}

/// The licence on this device. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StatusView {
    /// The effective time for which this status was computed.
    pub now: String,
    /// The state.
    pub state: StateView,
    /// Whether the lease has expired but the product still runs.
    pub in_grace: bool,
    /// The seat, while there is a licence.
    pub seat: Option<SeatView>,
    /// The number of requests to which a response would be accepted.
    pub pending_requests: u32,
    /// The newest of them.
    pub pending: Option<PendingView>,
    /// Deactivations that weren't confirmed as delivered.
    pub outbox: Vec<OutboxView>,
    /// Whether the outbox has room for one more deactivation.
    pub outbox_has_room: bool,
    /// Whether the state of the licence allows a request.
    pub may_request: bool,
    /// Whether the device's clock agrees with the effective time.
    pub clock: ClockView,
    /// Whether the licence is invalid only because the clock has jumped ahead.
    pub over_by_clock: bool,
    /// Whether this is still the device that was activated, while there is a licence.
    pub hardware: Option<HardwareView>,
    /// What the wizard runs in.
    pub environment: EnvironmentView,
}

/// Whether the device's clock agrees with the effective time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ClockView {
    /// The clock agrees.
    Right,
    /// The clock is more than a day behind.
    Behind,
    /// The clock has jumped ahead by more than thirty days, which isn't stored yet.
    Ahead,
}

/// Whether this is still the device that was activated.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HardwareView {
    /// The verdict.
    pub verdict: HardwareVerdictView,
    /// Why the product doesn't run, if the hardware is the reason.
    pub reason: Option<HardwareReasonView>,
    /// The end of the hardware grace period, or the time since which the product doesn't run here.
    pub until: Option<String>,
    /// The names of the hardware traits that have changed, in the user's language.
    pub changed: Vec<String>,
}

/// The result of the hardware check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum HardwareVerdictView {
    /// This is the same device.
    Passes,
    /// No strong trait could be compared: the licence is bound by the device key alone.
    KeyOnly,
    /// Too much has changed, but the product still runs.
    InGrace,
    /// Too much has changed, and the product doesn't run any more.
    Over,
}

/// Why the hardware keeps the product from running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum HardwareReasonView {
    /// The hardware grace period is over.
    GraceEnded,
    /// This is another device.
    OtherComputer,
    /// The change couldn't be stored, so there is no grace period.
    NotRecorded,
}

/// What the wizard runs in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EnvironmentView {
    /// `computer`, `virtual_machine` or `container`.
    pub kind: String,
    /// The name of the virtual machine or container software; `none` if it is unknown.
    pub by: String,
}

/// What was granted to this device.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SeatView {
    /// 16 hex digits.
    pub id: String,
    /// The seat name.
    pub name: String,
    /// When it was activated.
    pub activated_at: String,
    /// When the current lease began: the activation or the newest refresh.
    pub lease_start: String,
    /// When the current lease ends.
    pub lease_expiry: String,
    /// When the product stops running after that.
    pub grace_end: Option<String>,
    /// The features that are switched on.
    pub features: Vec<FeatureView>,
}

/// A feature, named as in the vendor's kit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FeatureView {
    /// The feature's key in the kit, or its number if the kit doesn't contain it.
    pub key: String,
    /// The number, for pools and counts.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub count: Option<u64>,
}

/// A request that waits for its response.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PendingView {
    /// The seat name in the request.
    pub seat_name: String,
    /// When the request was created.
    pub created_at: String,
}

/// A request token.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RequestView {
    /// The token's text.
    pub token: String,
    /// The licence after the operation.
    pub status: StatusView,
}

/// A deactivation that wasn't confirmed as delivered.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OutboxView {
    /// 16 hex digits.
    pub id: String,
    /// The seat that the deactivation gives back.
    pub seat_id: String,
    /// When the licence was removed from this device.
    pub created_at: String,
    /// The token's text.
    pub token: String,
}

/// A deactivation that was just created.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DeactivatedView {
    /// The id of its outbox entry.
    pub id: String,
    /// The licence after the operation.
    pub status: StatusView,
}

/// The kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum KindView {
    /// A device asks the vendor for a licence.
    Request,
    /// The vendor grants a licence.
    Response,
    /// The vendor extends the lease.
    Refresh,
    /// A device gives its seat back.
    Deactivation,
}

/// What a text contains, and what applying it would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum InspectionView {
    /// A token that can be applied now.
    Ready {
        /// Response or refresh.
        kind: KindView,
        /// When the lease would end.
        lease_expiry: Option<String>,
        /// The number of mistyped characters that were repaired.
        repaired: u32,
        /// The number of tokens in the text, including this one.
        tokens: u32,
        /// Whether a part of another token is in the text as well.
        has_part: bool,
    },
    /// A token that was applied before.
    AlreadyApplied {
        /// Response or refresh.
        kind: KindView,
        /// Whether a part of another token is in the text as well.
        has_part: bool,
    },
    /// No token that can be applied.
    Error {
        /// Why, and the next step.
        problem: Problem,
        /// The kind of the token, if it is known.
        kind: Option<KindView>,
    },
}

/// The result of applying a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AppliedView {
    /// What happened.
    pub outcome: ApplyOutcomeView,
    /// The licence after the operation.
    pub status: StatusView,
}

/// What applying a text did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ApplyOutcomeView {
    /// A response was applied.
    Activated,
    /// A refresh was applied.
    Refreshed,
    /// The token was applied before.
    AlreadyApplied,
}

/// A text that was copied to the clipboard and read back.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CopiedView {
    /// The number of characters that were read back.
    pub characters: u32,
    /// Whether the text stays on the clipboard when the wizard is closed.
    pub outlives_window: bool,
}

/// A QR code as a picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct QrCodeView {
    /// The picture as a `data:` URL, including its light margin.
    pub url: String,
    /// The number of modules on each side. The picture is sharp at a whole number of pixels per
    /// module.
    pub modules: u32,
}

/// A token that is being typed from paper, row by row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EntrySheetView {
    /// The kind of the token, once line 0 is right.
    pub kind: Option<KindView>,
    /// Line 0, and the other rows once line 0 is right.
    pub lines: Vec<LineView>,
    /// The number of rows that are right, without line 0.
    pub right: u32,
    /// The token, once every line is right.
    pub token: Option<String>,
    /// What is wrong with the token as a whole.
    pub problem: Option<Problem>,
    /// Whether the draft is saved and survives closing the window.
    pub saved: bool,
}

/// A line of an entry sheet.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LineView {
    /// The line's number on the paper.
    pub number: u32,
    /// The number of symbols that the line must have, if it is known.
    pub length: Option<u32>,
    /// What was typed.
    pub typed: String,
    /// Whether the line is right.
    pub state: LineStateView,
    /// What is wrong with the line.
    pub message: Option<String>,
    /// What to do, if that isn't obvious.
    pub hint: Option<String>,
    /// The likely correction. It is used only if the user accepts it.
    pub suggestion: Option<String>,
    /// What was typed, spelled for reading aloud, group by group.
    pub spelling: Vec<String>,
}

/// Whether a line of an entry sheet is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LineStateView {
    /// Nothing was typed.
    Empty,
    /// Symbols are missing, probably because the user is still typing.
    Unfinished,
    /// The line is right.
    Right,
    /// The line is wrong.
    Wrong,
}

/// One row on the details screen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DetailView {
    /// The group to which it belongs.
    pub group: DetailGroupView,
    /// The row's label: the end of the message id `wizard-detail-<key>`.
    pub key: String,
    /// The value, if there is one.
    pub value: Option<DetailValueView>,
}

/// The groups of the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DetailGroupView {
    /// The licence.
    Licence,
    /// This device.
    Computer,
    /// The wizard and its configuration.
    Programme,
}

/// A value on the details screen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DetailValueView {
    /// A text that is shown as it is.
    Text {
        /// The text.
        text: String,
    },
    /// A time that is shown in local time and in UTC.
    Time {
        /// RFC 3339 in UTC.
        time: String,
    },
    /// A word from the catalogue: `wizard-detail-<key>-<word>` or `wizard-detail-<word>`.
    Word {
        /// The end of the message id.
        word: String,
    },
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ts_rs::{Config, TS};

    use super::*;

    /// All types in one file, in the order of this module.
    fn typescript() -> String {
        let config = Config::default();
        let mut text =
            "// Generated from src-tauri/src/view.rs by `cargo test -p latchkey-wizard`. \
             Don't edit.\n"
                .to_owned();
        macro_rules! write {
            ($($of:ty),+ $(,)?) => {$(
                text.push_str("\nexport ");
                text.push_str(&<$of>::decl(&config));
                text.push('\n');
            )+};
        }
        write!(
            Problem,
            CatalogueView,
            NamesView,
            AppView,
            FirstView,
            ReasonView,
            ConfigView,
            AccentPaletteView,
            AccentView,
            ProductView,
            TextView,
            DroppedView,
            OpenedFiles,
            BackendEvent,
            StateView,
            StatusView,
            ClockView,
            HardwareView,
            HardwareReasonView,
            HardwareVerdictView,
            EnvironmentView,
            SeatView,
            FeatureView,
            PendingView,
            RequestView,
            OutboxView,
            DeactivatedView,
            KindView,
            InspectionView,
            AppliedView,
            ApplyOutcomeView,
            CopiedView,
            QrCodeView,
            EntrySheetView,
            LineView,
            LineStateView,
            DetailView,
            DetailGroupView,
            DetailValueView,
        );
        text
    }

    #[test]
    fn the_generated_typescript_types_are_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/generated/view.ts");
        let wanted = typescript();
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        if found != wanted {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, wanted).unwrap();
            panic!("{} was out of date and has been regenerated; commit it", path.display());
        }
    }
}
