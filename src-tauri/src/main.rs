//! `latchkey-wizard [--product FILE] [TOKENFILE…]`: the wizard in a window.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    latchkey_wizard::run()
}
