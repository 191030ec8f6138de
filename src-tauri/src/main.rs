//! `latchkey-wizard [--product FILE] [TOKENFILE…]`: the wizard in a window.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    // A picture is read in a process of its own, before there is a window or a licence in it.
    if let Some(exit) = latchkey_paper::picture_process() {
        return exit;
    }
    latchkey_wizard::run()
}
