//! The version and icon of `latchkey.exe`.

fn main() {
    latchkey_windows_resource::add_to_program("latchkey.exe", "Latchkey for the command line");
}
