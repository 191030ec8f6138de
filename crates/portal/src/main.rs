//! The program `latchkey-server`. All code is in the library of this crate, where fuzz targets
//! reach it as well.

use std::process::ExitCode;

fn main() -> ExitCode {
    latchkey_server::run()
}
