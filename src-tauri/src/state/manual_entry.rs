//! The state's operations for typing a token from paper.

use std::sync::PoisonError;

use latchkey_i18n::Language;
use latchkey_paper::{entry_message, spell_groups};
use latchkey_token::manual_entry::{EntrySheet, LineCheck};
use latchkey_token::{Kind, OpenError};

use super::WizardState;
use super::views::kind_view;
use crate::draft::Draft;
use crate::error::CommandResult;
use crate::view::{EntrySheetView, LineStateView, LineView, Problem};

impl WizardState {
    /// Returns what was typed so far, including the draft of an earlier run.
    ///
    /// # Errors
    /// A [`Problem`] of [`crate::error::InternalError::ConfigNotLoaded`].
    pub fn entry_sheet(&self) -> CommandResult<EntrySheetView> {
        self.with_entry_sheet(|_| {})
    }

    /// Checks a line as it is typed, and saves it in the draft.
    ///
    /// # Errors
    /// As [`WizardState::entry_sheet`].
    pub fn type_line(&self, line: usize, typed: &str) -> CommandResult<EntrySheetView> {
        self.with_entry_sheet(|sheet| drop(sheet.enter(line, typed)))
    }

    /// Deletes what was typed.
    ///
    /// # Errors
    /// As [`WizardState::entry_sheet`].
    pub fn clear_entry_sheet(&self) -> CommandResult<EntrySheetView> {
        self.with_entry_sheet(|sheet| *sheet = EntrySheet::default())
    }

    fn with_entry_sheet(
        &self,
        edit: impl FnOnce(&mut EntrySheet),
    ) -> CommandResult<EntrySheetView> {
        let product = self.product()?;
        let draft = self.data_dir.as_ref().map(|folder| {
            let profile = &product.config.profile;
            Draft::new(folder.join(format!("{}-{}.typing", profile.vendor, profile.product)))
        });
        let mut entry_sheet = self.entry_sheet.lock().unwrap_or_else(PoisonError::into_inner);
        let sheet =
            entry_sheet.get_or_insert_with(|| draft.as_ref().map(Draft::load).unwrap_or_default());
        let before = sheet.clone();
        edit(sheet);
        let saved = match &draft {
            Some(draft) if *sheet != before => draft.save(sheet).is_ok(),
            draft => draft.is_some(),
        };
        Ok(entry_sheet_view(sheet, saved))
    }
}

fn entry_sheet_view(sheet: &EntrySheet, saved: bool) -> EntrySheetView {
    let rows = sheet.rows();
    let kind = sheet.kind();
    let (token, mut problem) = match sheet.token() {
        Some(Ok(token)) => (Some(token.to_string()), None),
        Some(Err(error)) => (None, Some(Problem::new(&error))),
        None => (None, None),
    };
    // Reported at once, before the user types twenty rows in vain.
    if let Some(found @ (Kind::Request | Kind::Deactivation)) = kind {
        problem = Some(OpenError::WrongKind { expected: Kind::Response, found }.into());
    }
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    EntrySheetView {
        kind: kind.map(kind_view),
        lines: (0..=rows.unwrap_or(0)).map(|line| line_view(sheet, line)).collect(),
        right: number(sheet.right_rows()),
        token,
        problem,
        saved,
    }
}

fn line_view(sheet: &EntrySheet, line: usize) -> LineView {
    let judgement = sheet.check(line);
    let (message, hint) = match entry_message(Language::of_process(), line, &judgement) {
        Some((message, hint)) => (Some(message), hint),
        None => (None, None),
    };
    let typed = sheet.typed_line(line).to_owned();
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    LineView {
        number: number(line),
        length: sheet.length(line).map(number),
        state: match &judgement {
            LineCheck::Empty => LineStateView::Empty,
            LineCheck::Unfinished { .. } => LineStateView::Unfinished,
            LineCheck::Right => LineStateView::Right,
            _ => LineStateView::Wrong,
        },
        spelling: spell_groups(groups(&typed).iter().map(String::as_str)),
        typed,
        message,
        hint,
        suggestion: match judgement {
            LineCheck::Suggestion { line, .. } => Some(line),
            _ => None,
        },
    }
}

/// The symbols of a row, in groups of five.
fn groups(typed: &str) -> Vec<String> {
    let symbols: Vec<char> = typed.chars().filter(|symbol| symbol.is_alphanumeric()).collect();
    symbols.chunks(5).map(|group| group.iter().collect()).collect()
}
