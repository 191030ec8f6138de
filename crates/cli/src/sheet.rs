//! `latchkey sheet`: print sheets for tokens.

use std::process::ExitCode;

use latchkey_config::Config;
use latchkey_console::{Charset, Exit, page_in_ascii};
use latchkey_i18n::{Language, explain, text};
use latchkey_paper::{PortalUrl, Sheet, spell_groups};
use latchkey_token::{Line, Token, scan};
use serde::Serialize;

use crate::error::CliError;
use crate::output::Output;

/// The format of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SheetFormat {
    Text,
    Page,
    Spelled,
}

impl SheetFormat {
    pub(crate) const fn from_flags(html: bool, spelled: bool) -> Self {
        match (html, spelled) {
            (true, _) => Self::Page,
            (_, true) => Self::Spelled,
            _ => Self::Text,
        }
    }
}

/// The document of `sheet`.
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
    format: SheetFormat,
    output: &Output,
) -> Result<ExitCode, CliError> {
    let (mut tokens, mut refused) = (Vec::new(), None);
    for found in scan(given)? {
        match found.token {
            Ok(token) => tokens.push(token),
            Err(error) => {
                let explained = explain(&error);
                let kind = text(&format!("kind-{}", found.kind), &[]);
                let values = [("kind", kind.into()), ("message", explained.message.into())];
                output.write_message("cli-sheet-damaged", &values);
                output.next_step(&explained.action);
                refused = Some(error);
            }
        }
    }
    match refused {
        Some(error) if tokens.is_empty() => return Err(error.into()),
        _ => {}
    }
    let sheet = render(config, &tokens, format);
    let kinds = tokens.iter().map(|token| token.kind().name()).collect();
    output.write_document(&SheetDocument { kinds, sheet: sheet.clone() }, &sheet)?;
    Ok(if refused.is_some() { Exit::Refused.into() } else { ExitCode::SUCCESS })
}

fn render(config: &Config, tokens: &[Token], format: SheetFormat) -> String {
    let portal = config.portal.as_deref().and_then(PortalUrl::new);
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
    match format {
        // A browser shows characters that this terminal can't.
        SheetFormat::Page if Charset::of_process() == Charset::Ascii => {
            page_in_ascii(&Sheet::page(&sheets))
        }
        SheetFormat::Page => Sheet::page(&sheets),
        // Each token begins a new sheet of paper.
        SheetFormat::Text => sheets.iter().map(Sheet::text).collect::<Vec<_>>().join("\u{c}"),
        SheetFormat::Spelled => {
            let lines = tokens.iter().map(|token| {
                token.lines().iter().map(|line| spelled_line(line) + "\n").collect::<String>()
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

/// A row such as ` 7  446JB 1BB8M …`, spelled out.
fn spelled_line(line: &Line) -> String {
    format!("{:>3}  {}", line.number(), spell_groups(line.groups()).join(" / "))
}
