//! The program `latchkey-server`. All of it is in the library beside this file, where fuzz targets reach it as well.

use std::process::ExitCode;

fn main() -> ExitCode {
    latchkey_server::run()
}
