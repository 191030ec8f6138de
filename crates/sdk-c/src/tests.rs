//! The C functions as a C program calls them, including the usual ways of misusing them.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every call here is unsafe, and passes NULL or a local variable"
)]

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use latchkey_sdk::codes;

use crate::boundary::*;
use crate::change::*;
use crate::error::*;
use crate::features::*;
use crate::licence::{self, *};
use crate::product::*;
use crate::result::*;
use crate::tokens::*;
use crate::verdict::*;
use crate::wizard::*;

fn key() -> [u8; 64] {
    let seed = latchkey_token::Seed::from_bytes([1; 32]);
    latchkey_token::SecretKeys::from_seed(&seed).unwrap().public().to_bytes()
}

fn definition(keys: &[[u8; 64]]) -> ProductDefinition {
    ProductDefinition {
        size: size_of::<ProductDefinition>(),
        vendor_id: [7; 8],
        number: 1,
        scope: LATCHKEY_SCOPE_USER,
        store: LATCHKEY_STORE_KEYRING,
        vendor_key_count: u32::try_from(keys.len()).unwrap(),
        vendor_keys: keys.as_ptr(),
        vendor_name: ptr::null(),
        name: c"Acme CAD".as_ptr(),
    }
}

/// A licence in a file that doesn't exist yet.
struct Opened {
    licence: *mut LicenceHandle,
    folder: tempfile::TempDir,
}

impl Opened {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("licence");
        let file = CString::new(file.to_str().unwrap()).unwrap();
        let keys = [key()];
        let mut licence = ptr::null_mut();
        let number = unsafe {
            latchkey_open_file(&definition(&keys), file.as_ptr(), &mut licence, ptr::null_mut())
        };
        assert_eq!(number, LATCHKEY_OK);
        Self { licence, folder }
    }

    /// Overwrites the file with something that isn't a licence.
    fn corrupt(&self) {
        std::fs::write(self.folder.path().join("licence"), "nonsense").unwrap();
    }

    fn clear(&self) {
        std::fs::remove_file(self.folder.path().join("licence")).unwrap();
    }

    fn kind(&self) -> u32 {
        let mut verdict = ptr::null_mut();
        unsafe {
            assert_eq!(latchkey_check(self.licence, &mut verdict, ptr::null_mut()), LATCHKEY_OK);
            let kind = latchkey_verdict_kind(verdict);
            latchkey_verdict_free(verdict);
            kind
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        latchkey_close(self.licence);
    }
}

fn string(text: *const c_char) -> String {
    unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned()
}

#[test]
fn null_is_an_error_with_a_number_everywhere_and_never_a_crash() {
    const WRONG: u32 = codes::SDK_ARGUMENT.number;
    let (mut text, mut error) = (ptr::null_mut(), ptr::null_mut());
    unsafe {
        assert_eq!(latchkey_open(ptr::null(), ptr::null_mut(), &mut error), WRONG);
        assert_eq!(latchkey_error_number(error), WRONG);
        assert_eq!(string(latchkey_error_name(error)), "sdk.argument");
        assert!(string(latchkey_error_message(error)).contains("(licence)"));
        assert!(!string(latchkey_error_action(error)).is_empty());
        latchkey_error_free(error);
        let none = ptr::null_mut();
        for number in [
            latchkey_open_file(ptr::null(), ptr::null(), ptr::null_mut(), none),
            latchkey_set_language(ptr::null(), ptr::null(), none),
            latchkey_keep_in_file(ptr::null(), none),
            latchkey_check(ptr::null(), ptr::null_mut(), none),
            latchkey_last_verdict(ptr::null(), ptr::null_mut(), ptr::null_mut(), none),
            latchkey_on_change(ptr::null(), None, ptr::null_mut(), none),
            latchkey_watch(ptr::null(), 1, none),
            latchkey_checkout_feature(ptr::null(), 1, 1, none),
            latchkey_return_feature(ptr::null(), 1, 1, none),
            latchkey_compare_activation_code(ptr::null(), ptr::null(), none),
            latchkey_pending_request_token(ptr::null(), &mut text, none),
            latchkey_activate_offline(ptr::null(), ptr::null(), none),
            latchkey_refresh_lease_offline(ptr::null(), ptr::null(), none),
            latchkey_deactivate_offline(ptr::null(), &mut text, none),
            latchkey_confirm_delivered(ptr::null(), ptr::null(), none),
            latchkey_open_wizard(ptr::null(), 99, none),
        ] {
            assert_eq!(number, WRONG);
        }
        assert!(!latchkey_has_feature(ptr::null(), 1) && latchkey_limit(ptr::null(), 1) == 0);
        assert_eq!(latchkey_verdict_kind(ptr::null()), 0);
        assert!(!latchkey_verdict_may_run(ptr::null()));
        assert!(latchkey_verdict_message(ptr::null()).is_null());
        assert!(latchkey_verdict_attribute(ptr::null(), ptr::null()).is_null());
        assert!(latchkey_error_message(ptr::null()).is_null());
        latchkey_error_free(ptr::null_mut());
        latchkey_verdict_free(ptr::null_mut());
        latchkey_string_free(ptr::null_mut());
        latchkey_close(ptr::null_mut());
    }
}

#[test]
fn an_invalid_product_definition_is_refused() {
    let keys = [key()];
    let mut licence = ptr::null_mut();
    let mut number = |definition: &ProductDefinition| unsafe {
        latchkey_open(definition, &mut licence, ptr::null_mut())
    };
    let argument = codes::SDK_ARGUMENT.number;
    assert_eq!(number(&ProductDefinition { size: 8, ..definition(&keys) }), argument);
    assert_eq!(number(&ProductDefinition { scope: 9, ..definition(&keys) }), argument);
    assert_eq!(number(&ProductDefinition { store: 9, ..definition(&keys) }), argument);
    let name = [0xff_u8, 0];
    let odd = ProductDefinition { name: name.as_ptr().cast(), ..definition(&keys) };
    assert_eq!(number(&odd), argument);
    assert_eq!(number(&definition(&[])), codes::SDK_NO_KEY.number);
    assert_eq!(number(&definition(&[[0xff; 64]])), latchkey_token::codes::KEY_MALFORMED.number);
}

#[test]
fn opening_a_file_fails_where_the_store_policy_forbids_files() {
    let keys = [key()];
    let only = ProductDefinition { store: LATCHKEY_STORE_KEYRING_ONLY, ..definition(&keys) };
    let mut licence = ptr::null_mut();
    let number =
        unsafe { latchkey_open_file(&only, c"/tmp/x".as_ptr(), &mut licence, ptr::null_mut()) };
    assert_eq!(number, latchkey_device::codes::STORE_FILE_FORBIDDEN.number);
    assert!(licence.is_null());
}

#[test]
fn a_panic_becomes_an_error() {
    let mut error = ptr::null_mut();
    let number = unsafe { ffi_call(&mut error, latchkey_sdk::Language::English, || panic!("no")) };
    assert_eq!(number, codes::SDK_INTERNAL.number);
    assert_eq!(unsafe { latchkey_error_number(error) }, number);
    unsafe { latchkey_error_free(error) };
    assert_eq!(catch_or(7, || panic!("no")), 7);
}

#[test]
fn the_last_verdict_and_its_age_are_available_after_the_first_check() {
    let opened = Opened::new();
    let (mut verdict, mut age) = (ptr::null_mut(), 0);
    unsafe {
        let early = latchkey_last_verdict(opened.licence, &mut verdict, &mut age, ptr::null_mut());
        assert_eq!(early, codes::SDK_NOT_CHECKED.number);
        assert!(verdict.is_null());
        assert_eq!(opened.kind(), LATCHKEY_NOT_ACTIVATED);
        let late = latchkey_last_verdict(opened.licence, &mut verdict, &mut age, ptr::null_mut());
        assert_eq!(late, LATCHKEY_OK);
        assert!(age > 0);
        assert_eq!(latchkey_verdict_kind(verdict), LATCHKEY_NOT_ACTIVATED);
        latchkey_verdict_free(verdict);
    }
}

#[test]
fn messages_are_in_the_chosen_language() {
    let opened = Opened::new();
    for (tag, begins) in [(c"de-AT", "Dieses Produkt"), (c"en", "This product")] {
        let mut verdict = ptr::null_mut();
        unsafe {
            latchkey_set_language(opened.licence, tag.as_ptr(), ptr::null_mut());
            latchkey_check(opened.licence, &mut verdict, ptr::null_mut());
            let message = string(latchkey_verdict_message(verdict));
            assert!(message.starts_with(begins), "{message}");
            latchkey_verdict_free(verdict);
        }
    }
}

/// What a callback does, and which kinds of verdicts it was called with.
struct Listener {
    kinds: Mutex<Vec<u32>>,
    work: Box<dyn Fn() + Send + Sync>,
}

impl Listener {
    /// Registers it for the licence's changes.
    fn register(opened: &Opened, work: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        unsafe extern "C" fn call(user: *mut c_void, verdict: *const VerdictHandle) {
            unsafe {
                let listener = &*user.cast_const().cast::<Listener>();
                listener.kinds.lock().unwrap().push(latchkey_verdict_kind(verdict));
                (listener.work)();
                // The verdict isn't the callback's to free, so this does nothing.
                latchkey_verdict_free(verdict.cast_mut());
                assert_ne!(latchkey_verdict_kind(verdict), 0);
            }
        }
        let listener = Arc::new(Self { kinds: Mutex::default(), work: Box::new(work) });
        let user = Arc::as_ptr(&listener).cast_mut().cast();
        let number =
            unsafe { latchkey_on_change(opened.licence, Some(call), user, ptr::null_mut()) };
        assert_eq!(number, LATCHKEY_OK);
        listener
    }

    fn kinds(&self) -> Vec<u32> {
        self.kinds.lock().unwrap().clone()
    }
}

/// Checks the licence with this number, which closures may carry to another thread.
fn check(licence: usize) -> u32 {
    let mut verdict = ptr::null_mut();
    let licence = ptr::without_provenance(licence);
    let number = unsafe { latchkey_check(licence, &mut verdict, ptr::null_mut()) };
    unsafe { latchkey_verdict_free(verdict) };
    number
}

fn close(licence: usize) {
    latchkey_close(ptr::without_provenance_mut(licence));
}

#[test]
fn a_callback_may_check_and_none_runs_after_closing() {
    let opened = Opened::new();
    let number = opened.licence.addr();
    let listener = Listener::register(&opened, move || assert_eq!(check(number), LATCHKEY_OK));
    let licence = licence::open_licence(opened.licence).unwrap().licence.clone();
    assert_eq!(opened.kind(), LATCHKEY_NOT_ACTIVATED);
    opened.corrupt();
    assert_eq!(opened.kind(), LATCHKEY_TAMPERED);
    assert_eq!(listener.kinds(), [LATCHKEY_TAMPERED]);
    assert_eq!(unsafe { latchkey_watch(opened.licence, 1, ptr::null_mut()) }, LATCHKEY_OK);
    opened.clear();
    while listener.kinds().len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    close(number);
    opened.corrupt();
    assert!(!licence.check().may_run());
    assert_eq!(listener.kinds(), [LATCHKEY_TAMPERED, LATCHKEY_NOT_ACTIVATED]);
}

#[test]
fn a_callback_may_close_its_own_licence_while_the_check_that_called_it_completes() {
    let opened = Opened::new();
    let number = opened.licence.addr();
    let listener = Listener::register(&opened, move || close(number));
    assert_eq!(opened.kind(), LATCHKEY_NOT_ACTIVATED);
    opened.corrupt();
    assert_eq!(opened.kind(), LATCHKEY_TAMPERED);
    assert_eq!(listener.kinds(), [LATCHKEY_TAMPERED]);
    assert_eq!(check(number), codes::SDK_ARGUMENT.number);
}

#[test]
fn a_closed_licence_is_an_error_everywhere_and_closing_it_again_does_nothing() {
    let opened = Opened::new();
    let other = Opened::new();
    let number = opened.licence.addr();
    close(number);
    close(number);
    let (wrong, licence, none) = (codes::SDK_ARGUMENT.number, opened.licence, ptr::null_mut());
    let mut text = ptr::null_mut();
    unsafe {
        for result in [
            check(number),
            latchkey_set_language(licence, c"de".as_ptr(), none),
            latchkey_keep_in_file(licence, none),
            latchkey_watch(licence, 1, none),
            latchkey_checkout_feature(licence, 1, 1, none),
            latchkey_pending_request_token(licence, &mut text, none),
            latchkey_activate_offline(licence, c"".as_ptr(), none),
            latchkey_deactivate_offline(licence, &mut text, none),
        ] {
            assert_eq!(result, wrong);
        }
        // The same goes for a pointer that was never a handle, such as the address of a variable.
        assert_eq!(check((&raw const text).addr()), wrong);
        assert!(!latchkey_has_feature(licence, 1));
    }
    // The number isn't used again.
    let opened = Opened::new();
    assert_ne!(opened.licence.addr(), number);
    assert_eq!(other.kind(), LATCHKEY_NOT_ACTIVATED);
}

#[test]
fn a_callback_that_checks_another_licence_does_not_suppress_its_callback() {
    let (a, c) = (Opened::new(), Opened::new());
    let number = c.licence.addr();
    let of_c = Listener::register(&c, || ());
    let of_a = Listener::register(&a, move || assert_eq!(check(number), LATCHKEY_OK));
    for opened in [&a, &c] {
        assert_eq!(opened.kind(), LATCHKEY_NOT_ACTIVATED);
        opened.corrupt();
    }
    assert_eq!(a.kind(), LATCHKEY_TAMPERED);
    assert_eq!(of_a.kinds(), [LATCHKEY_TAMPERED]);
    assert_eq!(of_c.kinds(), [LATCHKEY_TAMPERED]);
}

/// Regression: the user data of B's callback was freed while the callback was running.
#[test]
fn closing_a_licence_in_a_callback_of_another_one_waits_for_its_own_callback() {
    let (a, b) = (Opened::new(), Opened::new());
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let may_go_on = Mutex::new(may_go_on);
    let ended = Arc::new(AtomicBool::new(false));
    let (end, seen) = (Arc::clone(&ended), Arc::clone(&ended));
    let _of_b = Listener::register(&b, move || {
        begun.send(()).unwrap();
        may_go_on.lock().unwrap().recv().unwrap();
        // Gives a close that doesn't wait every chance to return early.
        std::thread::sleep(std::time::Duration::from_millis(50));
        end.store(true, Ordering::SeqCst);
    });
    let number = b.licence.addr();
    let of_a = Listener::register(&a, move || {
        go_on.send(()).unwrap();
        close(number);
        assert!(seen.load(Ordering::SeqCst), "the other callback still runs");
    });
    for opened in [&a, &b] {
        assert_eq!(opened.kind(), LATCHKEY_NOT_ACTIVATED);
        opened.corrupt();
    }
    std::thread::scope(|scope| {
        scope.spawn(|| check(number));
        has_begun.recv().unwrap();
        assert_eq!(a.kind(), LATCHKEY_TAMPERED);
    });
    assert_eq!(of_a.kinds(), [LATCHKEY_TAMPERED]);
}

#[test]
fn checks_during_closing_return_a_verdict_or_an_error() {
    for _ in 0..20 {
        let opened = Opened::new();
        let number = opened.licence.addr();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(move || {
                    while check(number) == LATCHKEY_OK {}
                    assert_eq!(check(number), codes::SDK_ARGUMENT.number);
                });
            }
            scope.spawn(move || close(number));
        });
    }
}

#[test]
fn a_products_own_dialogs_get_tokens_or_errors() {
    let opened = Opened::new();
    let (mut token, mut error) = (ptr::null_mut(), ptr::null_mut());
    unsafe {
        let ask = latchkey_generate_offline_activation_request_token;
        let no_code = ask(opened.licence, c"?".as_ptr(), ptr::null(), &mut token, &mut error);
        assert_eq!(string(latchkey_error_name(error)).split('.').next(), Some("activation_code"));
        assert_eq!(no_code, latchkey_error_number(error));
        assert!(token.is_null());
        latchkey_error_free(error);

        let compare = latchkey_compare_activation_code;
        let mistyped = c"2V7HX-M9QXE-3TRHG-8NPW6".as_ptr();
        let doubted = compare(opened.licence, mistyped, &mut error);
        assert_eq!(doubted, latchkey_token::codes::CODE_GROUPS.number);
        assert_eq!(string(latchkey_error_name(error)), "activation_code.groups");
        latchkey_error_free(error);
        error = ptr::null_mut();
        for fine in [c"2V7KX-M9QXE-3TRHG-8NPW6", c"TEST-CODE"] {
            assert_eq!(compare(opened.licence, fine.as_ptr(), &mut error), LATCHKEY_OK);
        }
        assert!(error.is_null());

        let code = c"TEST-CODE".as_ptr();
        assert_eq!(ask(opened.licence, code, ptr::null(), &mut token, &mut error), LATCHKEY_OK);
        assert!(error.is_null());
        let request = CString::from(CStr::from_ptr(token));
        latchkey_string_free(token);
        let wrong = latchkey_activate_offline(opened.licence, request.as_ptr(), ptr::null_mut());
        assert_eq!(wrong, latchkey_token::codes::WRONG_KIND.number);
        assert_eq!(
            latchkey_pending_request_token(opened.licence, &mut token, ptr::null_mut()),
            LATCHKEY_OK
        );
        assert!(!token.is_null());
        latchkey_string_free(token);
        let none = latchkey_deactivate_offline(opened.licence, &mut token, ptr::null_mut());
        assert_eq!(none, latchkey_device::codes::LEASE_NOT_ACTIVATED.number);
        let mut id = ptr::null_mut();
        let listed = latchkey_undelivered_deactivation(
            opened.licence,
            0,
            &mut id,
            &mut token,
            ptr::null_mut(),
        );
        assert!(listed == LATCHKEY_OK && id.is_null() && token.is_null());
    }
}
