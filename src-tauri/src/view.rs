//! What the pages are told: plain data without secrets. The TypeScript twins of these types in
//! `ui/src/generated/` are written from here by a test, which also fails when they have drifted.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::Reason;

/// An error as the pages get it: the code for machines, the catalogue's words for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Problem {
    /// Stable name, such as `token.truncated`.
    pub code: String,
    /// The same as a number.
    pub number: u32,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub action: String,
    /// The values that the sentences were made with, by name.
    pub details: BTreeMap<String, String>,
}

/// The answer to the first question of the pages.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AppView {
    /// Version of the wizard.
    pub version: String,
    /// The language that is spoken: the name of its folder among the catalogues.
    pub language: String,
    /// The vendor's configuration, or why it can't be used.
    pub config: ConfigView,
    /// Text of the token files that the wizard was started with.
    pub opened: Option<OpenedView>,
    /// Why the product has opened the wizard.
    pub reason: Option<ReasonView>,
}

/// Why the product has opened the wizard: it begins there, if the licence's state allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReasonView {
    /// A licence is to be requested.
    Activate,
    /// The lease is to be prolonged.
    Refresh,
    /// The seat is to be given back.
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
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ConfigView {
    /// It was read.
    Ready {
        /// What it says.
        product: ProductView,
    },
    /// It can't be used.
    Broken {
        /// Why.
        problem: Problem,
        /// The file that was looked for.
        file: String,
        /// The line that is to blame, counted from 1.
        line: Option<u32>,
        /// What stands in that line.
        text: Option<String>,
    },
}

/// What the configuration says about the product, for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ProductView {
    /// The vendor's name.
    pub vendor: String,
    /// The product's name.
    pub name: String,
    /// Address of the End User Portal.
    pub portal: Option<String>,
    /// Where help is: an address of any kind.
    pub help: Option<String>,
    /// The vendor's colour, `#rrggbb`.
    pub accent: Option<String>,
    /// The vendor's logo as a `data:` address.
    pub logo: Option<String>,
    /// The computer's own name: the suggestion for the seat's name.
    pub computer_name: String,
    /// Codes of the errors against which a file instead of the keyring helps; none where the vendor forbids it.
    pub file_helps_against: Vec<String>,
    /// Most bytes a seat name has in UTF-8.
    pub max_seat_name_bytes: u32,
}

/// The text of files.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TextView {
    /// That of all that can be used, one after another.
    pub text: String,
    /// What is wrong with the others, each by its name.
    pub skipped: Option<Problem>,
}

/// Text that the wizard was started with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum OpenedView {
    /// The files' text, one after another.
    Text {
        /// The text.
        text: String,
        /// What is wrong with other files.
        skipped: Option<Problem>,
    },
    /// No file could be read.
    Unreadable {
        /// Why.
        problem: Problem,
    },
}

/// What the backend tells the pages without being asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum NewsView {
    /// The wizard was started again, with token files.
    Opened {
        /// Their text.
        opened: OpenedView,
    },
    /// The window is to be closed, and what was copied would be gone with it.
    Closing,
}

/// The state of a computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StateView {
    /// There is no licence.
    NotActivated,
    /// The lease holds.
    Active,
    /// The lease has run out.
    LeaseExpired,
}

/// The licence on this computer. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StatusView {
    /// The time by which this was judged.
    pub now: String,
    /// The state.
    pub state: StateView,
    /// The lease has run out but the product still runs.
    pub in_grace: bool,
    /// The seat, while there is a licence.
    pub seat: Option<SeatView>,
    /// Requests that a response would be accepted for.
    pub pending_requests: u32,
    /// The newest of them.
    pub pending: Option<PendingView>,
    /// Deactivations that haven't been handed in.
    pub outbox: Vec<OutboxView>,
    /// There is room in the outbox for one more deactivation.
    pub outbox_has_room: bool,
    /// A request may be made, as far as the licence is concerned.
    pub may_request: bool,
    /// How the computer's clock goes with what was seen or signed.
    pub clock: ClockView,
    /// The licence doesn't run because of a clock that has jumped ahead, and for no other reason.
    pub over_by_clock: bool,
    /// Whether this is still the computer that was activated, while there is a licence.
    pub hardware: Option<HardwareView>,
    /// What the wizard runs in.
    pub surroundings: SurroundingsView,
}

/// How the computer's clock goes with what was seen or signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ClockView {
    /// It does.
    Right,
    /// It shows more than a day less.
    Behind,
    /// It has jumped forward by more than thirty days, which isn't remembered yet.
    Ahead,
}

/// Whether this is still the computer that was activated.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HardwareView {
    /// The verdict.
    pub verdict: HardwareVerdictView,
    /// Why the product doesn't run, where it is the hardware.
    pub reason: Option<HardwareReasonView>,
    /// Until when the product runs, or ran, although too much has changed.
    pub until: Option<String>,
    /// Names of the traits that aren't what they were, in words.
    pub changed: Vec<String>,
}

/// The verdict on the hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum HardwareVerdictView {
    /// It is the same computer.
    Passes,
    /// Nothing strong could be compared: the licence is bound by its key alone.
    KeyOnly,
    /// Too much has changed, and the product still runs.
    InGrace,
    /// Too much has changed, and it doesn't run any more.
    Over,
}

/// Why the product doesn't run on the computer as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum HardwareReasonView {
    /// The time to put that right is over.
    GraceEnded,
    /// It is another computer.
    OtherComputer,
    /// The change couldn't be written down, so that time doesn't begin.
    NotRecorded,
}

/// What the wizard runs in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SurroundingsView {
    /// `computer`, `virtual_machine` or `container`.
    pub kind: String,
    /// Whose virtual machine or container it is; `none` where that isn't known.
    pub by: String,
}

/// What was granted to this computer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SeatView {
    /// 16 hex digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was activated.
    pub activated_at: String,
    /// When the present lease began: activation or the newest refresh.
    pub lease_start: String,
    /// When the present lease ends.
    pub lease_expiry: String,
    /// Until when the product runs after that.
    pub grace_end: Option<String>,
    /// The features that are switched on.
    pub features: Vec<FeatureView>,
}

/// A feature, by the name that the vendor's kit gives it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FeatureView {
    /// Its key in the kit, or its number where the kit has none.
    pub key: String,
    /// How many, for pools and counts.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub count: Option<u64>,
}

/// A request that waits for its response.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PendingView {
    /// The seat name in it.
    pub seat_name: String,
    /// When it was made.
    pub created_at: String,
}

/// A request token.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RequestView {
    /// The token's text.
    pub token: String,
    /// The licence as it is now.
    pub status: StatusView,
}

/// A deactivation that hasn't been handed in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OutboxView {
    /// 16 hex digits.
    pub id: String,
    /// The seat that it gives back.
    pub seat_id: String,
    /// When the licence was taken off this computer.
    pub created_at: String,
    /// The token's text.
    pub token: String,
}

/// A deactivation that was just made.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DeactivatedView {
    /// Its place in the outbox.
    pub id: String,
    /// The licence as it is now.
    pub status: StatusView,
}

/// The kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum KindView {
    /// From a computer to the vendor.
    Request,
    /// The answer to it.
    Response,
    /// A new lease.
    Refresh,
    /// A seat given back.
    Deactivation,
}

/// What is in a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum InspectionView {
    /// Something that can be applied here and now.
    Ready {
        /// Response or refresh.
        kind: KindView,
        /// When the lease would end.
        lease_expiry: Option<String>,
        /// Wrong characters that were repaired.
        repaired: u32,
        /// Tokens in the text, this one included.
        tokens: u32,
    },
    /// What is in use already.
    AlreadyApplied {
        /// Response or refresh.
        kind: KindView,
    },
    /// Nothing that can be applied.
    Error {
        /// Why, and what to do.
        problem: Problem,
        /// The kind of token, as far as it can be told.
        kind: Option<KindView>,
    },
}

/// What became of a text that was applied.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AppliedView {
    /// What happened.
    pub did: DidView,
    /// The licence as it is now.
    pub status: StatusView,
}

/// What applying a text did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DidView {
    /// A response was applied.
    Activated,
    /// A refresh was applied.
    Refreshed,
    /// It was in use already.
    AlreadyApplied,
}

/// A text that was put on the clipboard and read back from there.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CopiedView {
    /// Characters that were read back.
    pub characters: u32,
    /// It stays there when the wizard is closed.
    pub outlives_window: bool,
}

/// A QR picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PictureView {
    /// The picture as a `data:` address, its light margin included.
    pub address: String,
    /// Modules on each side. Shown at a whole number of pixels for each it is sharp.
    pub side: u32,
}

/// The rows that somebody types from paper.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WorksheetView {
    /// What it will be, once line 0 is right.
    pub kind: Option<KindView>,
    /// Line 0, and the rows once that is right.
    pub lines: Vec<LineView>,
    /// Rows that are right, line 0 not counted.
    pub right: u32,
    /// The token, once every line is right.
    pub token: Option<String>,
    /// What is wrong with the whole.
    pub problem: Option<Problem>,
    /// It is still there when the window is closed.
    pub kept: bool,
}

/// A line of a worksheet.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LineView {
    /// Its number on the paper.
    pub number: u32,
    /// Symbols that it has.
    pub length: Option<u32>,
    /// What was typed.
    pub typed: String,
    /// How it stands.
    pub state: LineStateView,
    /// What is to be said about it.
    pub said: Option<String>,
    /// What to do, where that isn't plain.
    pub how: Option<String>,
    /// What it probably is. Only a person may take it.
    pub offered: Option<String>,
    /// What was typed, in words for reading aloud, group by group.
    pub aloud: Vec<String>,
}

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LineStateView {
    /// Nothing was typed.
    Empty,
    /// Symbols are missing, most likely still to come.
    Unfinished,
    /// It is right.
    Right,
    /// It isn't.
    Wrong,
}

/// One line of the details.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DetailView {
    /// Which group it belongs to.
    pub group: DetailGroupView,
    /// What it is: `wizard-detail-…` of the catalogue.
    pub key: String,
    /// Its value. None: there is none.
    pub value: Option<DetailValueView>,
}

/// The groups of the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DetailGroupView {
    /// The licence.
    Licence,
    /// This computer.
    Computer,
    /// The wizard and its configuration.
    Programme,
}

/// A value among the details.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum DetailValueView {
    /// Shown as it is.
    Text {
        /// The text.
        text: String,
    },
    /// Shown in local time and in UTC.
    Time {
        /// RFC 3339 in UTC.
        time: String,
    },
    /// One of a few words: `wizard-detail-<key>-<word>`, or yes and no.
    Word {
        /// The word's end of the message id.
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
        let mut text = "// Written from src-tauri/src/view.rs by `cargo test -p latchkey-wizard`. Don't edit.\n".to_owned();
        macro_rules! write {
            ($($of:ty),+ $(,)?) => {$(
                text.push_str("\nexport ");
                text.push_str(&<$of>::decl(&config));
                text.push('\n');
            )+};
        }
        write!(
            Problem,
            AppView,
            ReasonView,
            ConfigView,
            ProductView,
            TextView,
            OpenedView,
            NewsView,
            StateView,
            StatusView,
            ClockView,
            HardwareView,
            HardwareReasonView,
            HardwareVerdictView,
            SurroundingsView,
            SeatView,
            FeatureView,
            PendingView,
            RequestView,
            OutboxView,
            DeactivatedView,
            KindView,
            InspectionView,
            AppliedView,
            DidView,
            CopiedView,
            PictureView,
            WorksheetView,
            LineView,
            LineStateView,
            DetailView,
            DetailGroupView,
            DetailValueView,
        );
        text
    }

    #[test]
    fn the_pages_know_the_same_types() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/generated/view.ts");
        let wanted = typescript();
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        if found != wanted {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, wanted).unwrap();
            panic!("{} was out of date and has been written anew; commit it", path.display());
        }
    }
}
