//! The wizard's program: `latchkey-wizard [--product FILE] [TOKENFILE…]`.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    // The same program is also the process that decodes a picture. It has neither window nor
    // licence.
    if let Some(exit) = latchkey_paper::picture_process() {
        return exit;
    }
    latchkey_wizard::run()
}
