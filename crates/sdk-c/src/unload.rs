//! Keeps the library's code in memory. A thread that waits for a keyring or for the end of the
//! wizard may run longer than the product uses the library.

/// Pins the module that contains this code for the lifetime of the process: the library, or the
/// program or library that it is linked into statically. Called before the first thread is started.
/// Until then `FreeLibrary` unloads the library.
#[cfg(windows)]
pub(crate) fn prevent() {
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };
    let address = prevent as *const ();
    let mut module = std::ptr::null_mut();
    // SAFETY: with this flag the name is an address in the module, which is that of this function,
    // and `module` takes a handle that must not be closed. If it fails, nothing has changed.
    unsafe {
        GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
            address.cast(),
            &raw mut module,
        );
    }
}

/// On Linux the linker has done it (`nodelete`).
#[cfg(not(windows))]
pub(crate) const fn prevent() {}
