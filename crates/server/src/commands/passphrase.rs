//! Reads the passphrase of the signing keys, and the new passphrases that people choose.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use latchkey_issuer::Passphrase;
use zeroize::Zeroizing;

use crate::error::{CommandError, ServerError};
use crate::input;
use crate::output::Output;

/// The longest line that could hold a passphrase.
const MAX_PASSPHRASE_LINE: u64 = 8192;

/// The passphrase of the keys: from a file, or else from the environment. Arguments can be seen by
/// others.
pub(super) fn passphrase(file: Option<&Path>) -> Result<Option<Passphrase>, ServerError> {
    let Some(file) = file else {
        let Some(value) = latchkey_console::secret_variable("LATCHKEY_PASSPHRASE") else {
            return Ok(None);
        };
        let value = value.into_string().map_err(|_| CommandError::PassphraseNotText)?;
        return require_nonempty(Passphrase::of_variable(value), CommandError::PassphraseNotGiven)
            .map(Some);
    };
    if is_typed(file) {
        return read_typed("server-ask-passphrase", &Output::new(false)).map(Some);
    }
    read_from_file(file).map(Some)
}

/// A new passphrase: from a file, or from standard input for `-`. A terminal doesn't show what is
/// typed, so it is typed twice.
pub(super) fn new_passphrase(file: &Path, output: &Output) -> Result<Passphrase, ServerError> {
    if !is_typed(file) {
        return fit_for_sealing(read_from_file(file)?, CommandError::NoPassphrase);
    }
    let passphrase = fit_for_sealing(
        read_typed("server-ask-passphrase", output)?,
        CommandError::PassphraseNotGiven,
    )?;
    if !read_typed("server-ask-passphrase-again", output)?.is(&passphrase) {
        return Err(CommandError::PassphrasesDiffer.into());
    }
    Ok(passphrase)
}

/// Refuses a new passphrase that is blank (with the error `nothing`) or can't be typed again. Keys
/// that earlier versions have sealed with such a passphrase still open.
pub(super) fn fit_for_sealing(
    passphrase: Passphrase,
    nothing: CommandError,
) -> Result<Passphrase, ServerError> {
    match () {
        () if passphrase.is_blank() => Err(nothing.into()),
        () if passphrase.has_control_characters() => Err(CommandError::PassphraseSigns.into()),
        () => Ok(passphrase),
    }
}

fn is_typed(file: &Path) -> bool {
    file.as_os_str() == "-" && latchkey_console::is_terminal()
}

fn require_nonempty(
    passphrase: Passphrase,
    nothing: CommandError,
) -> Result<Passphrase, ServerError> {
    match passphrase.is_empty() {
        true => Err(nothing.into()),
        false => Ok(passphrase),
    }
}

/// A line that a terminal doesn't show.
pub(super) fn read_typed(question: &str, output: &Output) -> Result<Passphrase, ServerError> {
    output.ask(question);
    let typed = latchkey_console::read_secret().map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => CommandError::PassphraseNotGiven,
        ErrorKind::InvalidData => CommandError::PassphraseNotText,
        _ => CommandError::InputNotRead {
            file: input::name_of_input(),
            reason: latchkey_files::reason(&error),
        },
    })?;
    require_nonempty(Passphrase::new((*typed).clone()), CommandError::PassphraseNotGiven)
}

/// The first line of a file, or of standard input for `-`.
fn read_from_file(file: &Path) -> Result<Passphrase, ServerError> {
    let name = file.display().to_string();
    let not_read = |error| CommandError::InputNotRead {
        file: name.clone(),
        reason: latchkey_files::reason(&error),
    };
    // It never moves, so that no part of it is left where it was.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PASSPHRASE_LINE as usize));
    let read = match file.as_os_str() == "-" {
        true => latchkey_console::standard_input()
            .and_then(|input| input.take(MAX_PASSPHRASE_LINE).read_to_end(&mut bytes)),
        false => {
            let file = File::open(file).map_err(not_read)?;
            file.take(MAX_PASSPHRASE_LINE).read_to_end(&mut bytes)
        }
    };
    read.map_err(not_read)?;
    let passphrase =
        Passphrase::of_first_line(&bytes).map_err(|_| CommandError::PassphraseNotText)?;
    require_nonempty(passphrase, CommandError::NoPassphrase)
}
