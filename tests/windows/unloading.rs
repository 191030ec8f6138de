//! The C library stays in memory once a thread of it may run.

use std::ffi::{CStr, c_char, c_void};
use std::process::Command;

use windows_sys::Win32::Foundation::{FreeLibrary, HMODULE};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress, LoadLibraryW};

use crate::programs::built;

const CALL: &str = "LATCHKEY_TEST_CALL";

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Calls a function that takes at most three arguments of a pointer's size, with zeros.
fn call(library: HMODULE, name: &CStr) {
    // SAFETY: the library is loaded, and the name ends with a zero.
    let function = unsafe { GetProcAddress(library, name.as_ptr().cast()) }.expect("a function");
    // SAFETY: with this calling convention a function ignores arguments that it doesn't have, and
    // the ones that are called here accept zeros.
    unsafe {
        let function: extern "C" fn(*const c_void, usize, *mut c_void) -> *const c_char =
            std::mem::transmute(function);
        function(std::ptr::null(), 0, std::ptr::null_mut());
    }
}

/// Each call needs a process of its own: a library that is pinned stays pinned.
#[test]
fn the_library_can_be_unloaded_only_before_a_licence_or_the_wizard_is_used() {
    if let Ok(name) = std::env::var(CALL) {
        let path = wide(built("latchkey.dll").to_str().unwrap());
        // SAFETY: the path ends with a zero.
        let library = unsafe { LoadLibraryW(path.as_ptr()) };
        assert!(!library.is_null());
        call(library, &std::ffi::CString::new(name).unwrap());
        // SAFETY: the library was loaded just now, and none of its functions is used afterwards.
        assert_ne!(unsafe { FreeLibrary(library) }, 0);
        // SAFETY: the name ends with a zero.
        let stays = unsafe { !GetModuleHandleW(wide("latchkey.dll").as_ptr()).is_null() };
        println!("stays: {stays}");
        return;
    }
    for (name, stays) in [
        ("latchkey_version", false),
        ("latchkey_has_feature", true),
        ("latchkey_open_wizard", true),
    ] {
        let test = std::thread::current().name().unwrap().to_owned();
        let mut again = Command::new(std::env::current_exe().unwrap());
        let again = again.args(["--exact", &test, "--nocapture"]).env(CALL, name).output().unwrap();
        let output = String::from_utf8_lossy(&again.stdout);
        assert!(output.contains(&format!("stays: {stays}")), "{name}: {again:?}");
    }
}
