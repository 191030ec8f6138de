//! The version and icon of `latchkey-server.exe`.

fn main() {
    latchkey_windows_resource::add_to_program("latchkey-server.exe", "Latchkey licensing server");
}
