//! `latchkey sheet`: print sheets for tokens.

use std::process::ExitCode;

use latchkey_console::{Charset, Exit, page_in_ascii};
use latchkey_device::config::Config;
use latchkey_i18n::{Language, text};
use latchkey_paper::{Portal, Sheet, aloud};
use latchkey_token::{Line, Token, scan};
use serde::Serialize;

use crate::error::CliError;
use crate::output::{Output, words};

/// What a sheet is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Page,
    Aloud,
}

impl Form {
    pub(crate) const fn chosen(html: bool, aloud: bool) -> Self {
        match (html, aloud) {
            (true, _) => Self::Page,
            (_, true) => Self::Aloud,
            _ => Self::Text,
        }
    }
}

/// `sheet`.
#[derive(Serialize)]
struct SheetDocument {
    /// The tokens on the sheet, in their order.
    kinds: Vec<&'static str>,
    sheet: String,
}

/// Writes the sheets of all tokens in a text, and reports tokens that can't be printed.
pub(crate) fn sheets(
    config: &Config,
    given: &str,
    form: Form,
    output: &Output,
) -> Result<ExitCode, CliError> {
    let (mut tokens, mut refused) = (Vec::new(), None);
    for found in scan(given)? {
        match found.token {
            Ok(token) => tokens.push(token),
            Err(error) => {
                let explained = words(&error);
                let kind = text(&format!("kind-{}", found.kind), &[]);
                let said = [("kind", kind.into()), ("message", explained.message.into())];
                output.say("cli-sheet-damaged", &said);
                output.next(&explained.action);
                refused = Some(error);
            }
        }
    }
    match refused {
        Some(error) if tokens.is_empty() => return Err(error.into()),
        _ => {}
    }
    let sheet = written(config, &tokens, form);
    let kinds = tokens.iter().map(|token| token.kind().name()).collect();
    output.document(&SheetDocument { kinds, sheet: sheet.clone() }, &sheet)?;
    Ok(if refused.is_some() { Exit::Refused.into() } else { ExitCode::SUCCESS })
}

fn written(config: &Config, tokens: &[Token], form: Form) -> String {
    let portal = config.portal.as_deref().and_then(Portal::new);
    let sheets: Vec<_> = tokens
        .iter()
        .map(|token| Sheet {
            token,
            product: &config.profile.product_name,
            vendor: &config.profile.vendor_name,
            portal: portal.as_ref(),
            seat_name: None,
            language: Language::of_process(),
        })
        .collect();
    match form {
        // It is for a browser, whatever this terminal shows.
        Form::Page if Charset::of_process() == Charset::Ascii => {
            page_in_ascii(&Sheet::page(&sheets))
        }
        Form::Page => Sheet::page(&sheets),
        // A new sheet of paper for each.
        Form::Text => sheets.iter().map(Sheet::text).collect::<Vec<_>>().join("\u{c}"),
        Form::Aloud => {
            let lines = tokens.iter().map(|token| {
                token.lines().iter().map(|line| in_words(line) + "\n").collect::<String>()
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

/// ` 7  446JB 1BB8M …` in words.
fn in_words(line: &Line) -> String {
    format!("{:>3}  {}", line.number(), aloud(line.groups()).join(" / "))
}
