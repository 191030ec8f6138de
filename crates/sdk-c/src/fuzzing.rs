//! The fuzz target for the C functions: the properties that hold for any arguments in any order.
//! It is compiled for fuzzing and for tests, which replay the corpus. No shipped library has it.
//!
//! It meets the header's requirements and no others: strings are terminated, output parameters are
//! writable, and what a function hands out is freed once. Licence handles may have any value.
#![allow(
    clippy::expect_used,
    clippy::undocumented_unsafe_blocks,
    reason = "a violated property is a panic, which is what the fuzzer looks for; every call is \
              unsafe, and its arguments meet the header's requirements"
)]

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::SystemTime;

use latchkey_sdk::codes;
use latchkey_token::{
    FeatureValue, Refresh, Request, Response, SeatId, SecretKeys, Seed, open_request, scan, seal,
};

use crate::boundary::*;
use crate::change::*;
use crate::error::*;
use crate::features::*;
use crate::licence::*;
use crate::product::*;
use crate::result::*;
use crate::tokens::*;
use crate::verdict::*;
use crate::wizard::*;

const WRONG: u32 = codes::SDK_ARGUMENT.number;
const NOT_CHECKED: u32 = codes::SDK_NOT_CHECKED.number;
/// The maximum number of calls of one input.
const MAX_CALLS: usize = 24;
/// The number of licence files of one input.
const LICENCES: usize = 3;
const DAY: i64 = 86_400;

/// Reads the input from front to back. After its end there are zeros.
struct Input<'b>(&'b [u8]);

impl<'b> Input<'b> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn take(&mut self, max: usize) -> &'b [u8] {
        let (taken, rest) = self.0.split_at(max.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A number of any size.
    fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=250 => small.into(),
            _ => self.take(8).iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
        }
    }

    /// NULL, or any string that C can pass.
    fn string(&mut self) -> Option<CString> {
        let length = self.byte();
        (length != 255).then(|| {
            let bytes = self.take(length.into()).split(|byte| *byte == 0).next();
            CString::new(bytes.unwrap_or_default()).unwrap_or_default()
        })
    }
}

fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

/// A temporary folder for the licence files.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("latchkey-fuzzing-c-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).expect("a folder for licences");
        Self(folder)
    }

    fn file(&self, which: usize) -> PathBuf {
        self.0.join(which.to_string())
    }

    fn name(&self, which: usize) -> CString {
        CString::new(self.file(which).into_os_string().into_encoded_bytes()).expect("a path")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A callback's data: the licence that it closes, if any, and how often it was called.
#[derive(Default)]
struct Listener {
    closes: AtomicUsize,
    calls: AtomicU32,
}

unsafe extern "C" fn on_change(user: *mut c_void, verdict: *const VerdictHandle) {
    let listener = unsafe { &*user.cast_const().cast::<Listener>() };
    listener.calls.fetch_add(1, Ordering::Relaxed);
    unsafe {
        assert_consistent(verdict, &mut Input(&[]));
        // The verdict isn't the callback's to free, so this does nothing.
        latchkey_verdict_free(verdict.cast_mut());
        assert_consistent(verdict, &mut Input(&[]));
    }
    let closes = listener.closes.load(Ordering::Relaxed);
    if closes != 0 {
        latchkey_close(ptr::without_provenance_mut(closes));
    }
}

/// What a licence file contains, as far as the target knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contents {
    Nothing,
    /// A lease that the vendor has signed.
    Licence,
    /// Bytes of the input.
    Arbitrary,
}

struct Harness {
    vendor: SecretKeys,
    keys: [[u8; 64]; 2],
    folder: Folder,
    contents: [Contents; LICENCES],
    /// Every handle that has been issued, and the number of its file while it is open.
    handles: Vec<(*mut LicenceHandle, Option<usize>)>,
    verdicts: Vec<*mut VerdictHandle>,
    #[allow(clippy::vec_box, reason = "callbacks hold their addresses")]
    listeners: Vec<Box<Listener>>,
}

/// Makes a call with or without an `error` parameter. The result and the error have to agree.
fn checked_call(with_error: bool, call: impl FnOnce(*mut *mut ErrorHandle) -> u32) -> u32 {
    // The previous value of an output parameter has no meaning.
    let mut error = ptr::without_provenance_mut(8);
    if !with_error {
        return call(ptr::null_mut());
    }
    let number = call(&raw mut error);
    assert_eq!(number == LATCHKEY_OK, error.is_null());
    unsafe {
        assert_eq!(latchkey_error_number(error), number);
        if !error.is_null() {
            for text in [
                latchkey_error_name(error),
                latchkey_error_message(error),
                latchkey_error_action(error),
            ] {
                assert!(!string(text).is_empty());
            }
        }
        latchkey_error_free(error);
    }
    assert_ne!(number, codes::SDK_INTERNAL.number, "a function has panicked");
    number
}

/// Reads a string that a function returned, which has to be UTF-8.
fn string(text: *const c_char) -> String {
    assert!(!text.is_null());
    unsafe { CStr::from_ptr(text) }.to_str().expect("UTF-8").to_owned()
}

/// Reads and frees a string that a function handed out.
fn take_string(text: *mut c_char) -> String {
    let copy = string(text);
    unsafe { latchkey_string_free(text) };
    copy
}

/// Asserts that a verdict is consistent. Returns whether the product may run.
unsafe fn assert_consistent(verdict: *const VerdictHandle, input: &mut Input<'_>) -> bool {
    unsafe {
        let (kind, runs) = (latchkey_verdict_kind(verdict), latchkey_verdict_may_run(verdict));
        assert!((LATCHKEY_ACTIVE..=LATCHKEY_TAMPERED).contains(&kind));
        assert!(latchkey_verdict_number(verdict) != 0);
        assert!(latchkey_verdict_reason(verdict) <= LATCHKEY_REASON_DEACTIVATE);
        for text in [
            latchkey_verdict_name(verdict),
            latchkey_verdict_message(verdict),
            latchkey_verdict_action(verdict),
        ] {
            assert!(!string(text).is_empty());
        }
        let seat = string(latchkey_verdict_seat(verdict));
        string(latchkey_verdict_seat_name(verdict));
        let granted = latchkey_verdict_effective_now(verdict) != 0;
        assert_eq!(granted, !seat.is_empty());
        assert!(!runs || granted);
        assert!(latchkey_verdict_lease_expiry(verdict) <= latchkey_verdict_runs_until(verdict));
        assert!(latchkey_verdict_days_left(verdict) <= latchkey_verdict_days_until_stop(verdict));
        let feature = u32::try_from(input.number()).unwrap_or(u32::MAX);
        assert!(runs || !latchkey_verdict_has_feature(verdict, feature));
        assert!(runs || latchkey_verdict_limit(verdict, feature) == 0);
        let key = input.string();
        let value = latchkey_verdict_attribute(verdict, pointer(key.as_ref()));
        assert!(value.is_null() || granted);
        let index = usize::try_from(input.number()).unwrap_or(usize::MAX);
        let key = latchkey_verdict_attribute_key(verdict, index);
        assert!(key.is_null() || !latchkey_verdict_attribute(verdict, key).is_null());
        let changed = latchkey_verdict_changed_trait(verdict, index);
        assert!(changed.is_null() || !string(changed).is_empty());
        latchkey_verdict_subscription_end(verdict);
        runs
    }
}

/// The input is a sequence of calls and their arguments: licences that are open, closed, or were
/// never issued; strings of any bytes, or NULL; output parameters that are NULL or not.
///
/// Properties: a call succeeds or returns the number of its error, and its output parameters are
/// set exactly if it succeeds; a licence that isn't open is an error in every function and has no
/// other effect; no product runs without a lease that the vendor has signed.
pub fn capi(data: &[u8]) {
    let mut input = Input(data);
    let vendor = SecretKeys::from_seed(&Seed::from_bytes([1; 32])).expect("keys");
    let spare = SecretKeys::from_seed(&Seed::from_bytes([2; 32])).expect("keys");
    let keys = [vendor.public().to_bytes(), spare.public().to_bytes()];
    let mut harness = Harness {
        vendor,
        keys,
        folder: Folder::new(),
        contents: [Contents::Nothing; LICENCES],
        handles: vec![(ptr::null_mut(), None)],
        verdicts: Vec::new(),
        listeners: Vec::new(),
    };
    for _ in 0..MAX_CALLS {
        if input.0.is_empty() {
            break;
        }
        harness.call(&mut input);
    }
    let Harness { handles, verdicts, listeners, .. } = harness;
    for (licence, _) in handles {
        latchkey_close(licence);
    }
    for verdict in verdicts {
        unsafe {
            // A verdict outlives its licence.
            assert_consistent(verdict, &mut input);
            latchkey_verdict_free(verdict);
        }
    }
    drop(listeners);
}

impl Harness {
    fn definition(&self) -> ProductDefinition {
        ProductDefinition {
            size: size_of::<ProductDefinition>(),
            vendor_id: [7; 8],
            number: 1,
            scope: LATCHKEY_SCOPE_USER,
            store: LATCHKEY_STORE_FILE,
            vendor_key_count: 2,
            vendor_keys: self.keys.as_ptr(),
            vendor_name: c"Acme".as_ptr(),
            name: c"Acme CAD".as_ptr(),
        }
    }

    /// Picks a handle. Also returns the number of its file if it is open.
    fn handle(&self, input: &mut Input<'_>) -> (*mut LicenceHandle, Option<usize>) {
        match input.byte() {
            255 => (ptr::without_provenance_mut(input.number() as usize | 1 << 63), None),
            which => self.handles[self.handles.len() - 1 - usize::from(which) % self.handles.len()],
        }
    }

    /// Records which licences were closed by callbacks.
    fn record_closed(&mut self) {
        let closed: Vec<_> = (self.listeners.iter())
            .filter(|listener| listener.calls.load(Ordering::Relaxed) > 0)
            .map(|listener| listener.closes.load(Ordering::Relaxed))
            .collect();
        for (licence, of) in &mut self.handles {
            if closed.contains(&licence.addr()) {
                *of = None;
            }
        }
    }

    fn call(&mut self, input: &mut Input<'_>) {
        let (what, how) = (input.byte(), input.byte());
        let with_error = how & 1 == 0;
        let with_output = how & 2 == 0;
        match what % 20 {
            0 => self.open(input, with_error, with_output),
            1 => self.open_arbitrary_product(input, with_error),
            2 => {
                let (licence, _) = self.handle(input);
                latchkey_close(licence);
                for (known, of) in &mut self.handles {
                    if *known == licence {
                        *of = None;
                    }
                }
            }
            3 => self.check(input, with_error, with_output),
            4 => self.last_verdict(input, with_error, with_output),
            5 => self.request(input, with_error, with_output),
            6 => self.apply_genuine(input, with_error),
            7 | 8 => self.apply_arbitrary(input, with_error, what % 20 == 7),
            9 => self.deactivate(input, with_error, with_output),
            10 => self.undelivered(input, with_error, with_output),
            11 => self.simple(input, with_error, |licence, input, error| {
                let id = input.string();
                let number =
                    unsafe { latchkey_confirm_delivered(licence, pointer(id.as_ref()), error) };
                (number, id.is_some_and(|id| id.to_str().is_ok()))
            }),
            12 => self.simple(input, with_error, |licence, input, error| {
                let tag = input.string();
                let number =
                    unsafe { latchkey_set_language(licence, pointer(tag.as_ref()), error) };
                (number, tag.is_some_and(|tag| tag.to_str().is_ok()))
            }),
            13 => self.simple(input, with_error, |licence, _, error| {
                (unsafe { latchkey_keep_in_file(licence, error) }, true)
            }),
            14 => self.simple(input, with_error, |licence, input, error| {
                let (feature, count) = (input.number() as u32, input.number());
                let out = unsafe { latchkey_checkout_feature(licence, feature, count, error) };
                let back =
                    unsafe { latchkey_return_feature(licence, feature, count, ptr::null_mut()) };
                // A callback may have closed the licence in between.
                assert!(out != LATCHKEY_OK && (out == back || back == WRONG));
                (out, true)
            }),
            15 => {
                let (licence, of) = self.handle(input);
                let feature = input.number() as u32;
                let (has, limit) =
                    (latchkey_has_feature(licence, feature), latchkey_limit(licence, feature));
                assert!(of.is_some() || (!has && limit == 0));
                self.record_closed();
            }
            16 => self.register_callback(input, with_error),
            17 => self.simple(input, with_error, |licence, input, error| {
                // The interval is longer than any run, so that no check interferes.
                let every = 3_600 * u32::from(input.byte() % 2);
                (unsafe { latchkey_watch(licence, every, error) }, true)
            }),
            18 => {
                let which = usize::from(input.byte()) % LICENCES;
                let length = input.byte();
                let bytes = input.take(length.into());
                // Any bytes, or a copy of another licence's file.
                let (file, other) = (self.folder.file(which), (which + 1) % LICENCES);
                let (done, contents) = match how & 4 == 0 {
                    true => (std::fs::write(file, bytes), Contents::Arbitrary),
                    false => (
                        std::fs::copy(self.folder.file(other), file).map(drop),
                        self.contents[other],
                    ),
                };
                // Without another file nothing has changed.
                if done.is_ok() {
                    self.contents[which] = contents;
                }
            }
            _ => {
                // An unknown reason, so that nothing is started.
                let folder = input.string();
                let reason = LATCHKEY_REASON_DEACTIVATE + 1 + u32::from(input.byte());
                let number = checked_call(with_error, |error| unsafe {
                    latchkey_open_wizard(pointer(folder.as_ref()), reason, error)
                });
                assert_eq!(number, WRONG);
            }
        }
    }

    /// Makes a call without output parameters. The closure returns the call's result, and whether
    /// the arguments that it chose are valid.
    fn simple(
        &mut self,
        input: &mut Input<'_>,
        with_error: bool,
        call: impl FnOnce(*mut LicenceHandle, &mut Input<'_>, *mut *mut ErrorHandle) -> (u32, bool),
    ) {
        let (licence, of) = self.handle(input);
        let mut valid = true;
        let number = checked_call(with_error, |error| {
            let (number, arguments_valid) = call(licence, input, error);
            valid = arguments_valid;
            number
        });
        self.record_closed();
        assert_eq!(number == WRONG, of.is_none() || !valid, "{number}");
    }

    fn open(&mut self, input: &mut Input<'_>, with_error: bool, with_output: bool) {
        let which = usize::from(input.byte()) % LICENCES;
        let (file, definition) = (self.folder.name(which), self.definition());
        let mut licence = ptr::without_provenance_mut(8);
        let number = checked_call(with_error, |error| unsafe {
            let output = if with_output { &raw mut licence } else { ptr::null_mut() };
            latchkey_open_file(&raw const definition, file.as_ptr(), output, error)
        });
        if !with_output {
            assert_eq!(number, WRONG);
            return;
        }
        assert_eq!(number, LATCHKEY_OK);
        assert!(!licence.is_null() && !self.handles.iter().any(|(known, _)| *known == licence));
        self.handles.push((licence, Some(which)));
    }

    /// Opens a product with an arbitrary definition. The licence isn't used, because it would be
    /// that of the user who runs this.
    fn open_arbitrary_product(&self, input: &mut Input<'_>, with_error: bool) {
        let (vendor_name, name, file) = (input.string(), input.string(), input.string());
        let keys = input.take(64);
        let mut key = self.keys[0];
        key.iter_mut().zip(keys).for_each(|(of_key, byte)| *of_key ^= byte);
        let keys = [key, self.keys[1]];
        let size = match input.byte() {
            0 => size_of::<ProductDefinition>(),
            other => usize::from(other),
        };
        let definition = ProductDefinition {
            size,
            number: input.number() as u32,
            scope: input.number() as u32 % 4,
            store: input.number() as u32 % 5,
            vendor_key_count: u32::from(input.byte() % 3),
            vendor_keys: if input.byte() % 4 == 3 { ptr::null() } else { keys.as_ptr() },
            vendor_name: pointer(vendor_name.as_ref()),
            name: pointer(name.as_ref()),
            ..self.definition()
        };
        let with_file = input.byte().is_multiple_of(2);
        let mut licence = ptr::without_provenance_mut(8);
        let number = checked_call(with_error, |error| unsafe {
            match with_file {
                true => latchkey_open_file(
                    &raw const definition,
                    pointer(file.as_ref()),
                    &raw mut licence,
                    error,
                ),
                false => latchkey_open(&raw const definition, &raw mut licence, error),
            }
        });
        assert_eq!(number == LATCHKEY_OK, !licence.is_null());
        let is_text =
            |text: &Option<CString>| text.as_ref().is_none_or(|text| text.to_str().is_ok());
        let invalid = size < size_of::<ProductDefinition>()
            || definition.scope > 1
            || definition.store > 2
            || !is_text(&vendor_name)
            || !is_text(&name)
            || (with_file && (file.is_none() || !is_text(&file)));
        assert_eq!(number == WRONG, invalid, "{number}");
        let no_keys = definition.vendor_key_count == 0 || definition.vendor_keys.is_null();
        assert!(
            number != LATCHKEY_OK || !no_keys,
            "a product without a key of its vendor was opened"
        );
        latchkey_close(licence);
    }

    fn check(&mut self, input: &mut Input<'_>, with_error: bool, with_output: bool) {
        let (licence, of) = self.handle(input);
        let mut verdict = ptr::without_provenance_mut(8);
        let number = checked_call(with_error, |error| unsafe {
            let output = if with_output { &raw mut verdict } else { ptr::null_mut() };
            latchkey_check(licence, output, error)
        });
        self.record_closed();
        if !with_output || of.is_none() {
            assert_eq!(number, WRONG);
            assert!(!with_output || verdict.is_null());
            return;
        }
        assert_eq!(number, LATCHKEY_OK);
        let runs = unsafe { assert_consistent(verdict, input) };
        let contents = of.map(|which| self.contents[which]);
        assert!(!runs || contents != Some(Contents::Nothing), "the product runs without a lease");
        assert!(
            runs || contents != Some(Contents::Licence),
            "the product doesn't run with a lease"
        );
        self.verdicts.push(verdict);
    }

    fn last_verdict(&mut self, input: &mut Input<'_>, with_error: bool, with_output: bool) {
        let (licence, of) = self.handle(input);
        let (mut verdict, mut age) = (ptr::without_provenance_mut(8), u64::MAX);
        let with_age = input.byte().is_multiple_of(2);
        let number = checked_call(with_error, |error| unsafe {
            let output = if with_output { &raw mut verdict } else { ptr::null_mut() };
            let age = if with_age { &raw mut age } else { ptr::null_mut() };
            latchkey_last_verdict(licence, output, age, error)
        });
        assert_eq!(number == WRONG, !with_output || of.is_none(), "{number}");
        assert!(matches!(number, WRONG | NOT_CHECKED | LATCHKEY_OK));
        assert!(!with_output || verdict.is_null() == (number != LATCHKEY_OK));
        assert_eq!(age != u64::MAX, with_age && number == LATCHKEY_OK);
        if number == LATCHKEY_OK {
            unsafe { assert_consistent(verdict, input) };
            self.verdicts.push(verdict);
        }
    }

    fn request(&mut self, input: &mut Input<'_>, with_error: bool, with_output: bool) {
        let (licence, of) = self.handle(input);
        let (code, name) = match input.byte() {
            0 => (Some(c"0123-4567-89AB-CDEF".to_owned()), None),
            _ => (input.string(), input.string()),
        };
        let mut token = ptr::without_provenance_mut(8);
        let number = checked_call(with_error, |error| unsafe {
            latchkey_generate_offline_activation_request_token(
                licence,
                pointer(code.as_ref()),
                pointer(name.as_ref()),
                if with_output { &raw mut token } else { ptr::null_mut() },
                error,
            )
        });
        self.record_closed();
        let is_text =
            |text: &Option<CString>| text.as_ref().is_some_and(|text| text.to_str().is_ok());
        let wrong = !with_output || of.is_none() || !is_text(&code);
        // An invalid code is reported before the name is checked.
        let invalid_name = name.is_some() && !is_text(&name);
        assert!(number == WRONG || !wrong, "{number}");
        assert!(number != WRONG || wrong || invalid_name);
        assert!(number != LATCHKEY_OK || !invalid_name);
        if with_output {
            assert_eq!(token.is_null(), number != LATCHKEY_OK);
            if number == LATCHKEY_OK {
                let text = take_string(token);
                assert!(self.open_request(&text).is_some(), "{text}");
            }
        }
    }

    /// Opens a request token as the vendor does.
    fn open_request(&self, text: &str) -> Option<Request> {
        let token = scan(text).ok()?.pop()?.token.ok()?;
        Some(open_request(&token, &self.vendor).ok()?.into_payload())
    }

    /// Answers a pending request as the vendor does and applies the response, and after that a
    /// refresh.
    fn apply_genuine(&mut self, input: &mut Input<'_>, with_error: bool) {
        let (licence, of) = self.handle(input);
        let mut token = ptr::without_provenance_mut(8);
        let number = checked_call(with_error, |error| unsafe {
            latchkey_pending_request_token(licence, &raw mut token, error)
        });
        assert_eq!(number == WRONG, of.is_none(), "{number}");
        let (LATCHKEY_OK, Some(which), false) = (number, of, token.is_null()) else {
            assert!(number == LATCHKEY_OK || token.is_null());
            return;
        };
        let request = self.open_request(&take_string(token)).expect("a request");
        let now =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock").as_secs();
        let now = i64::try_from(now).expect("a time");
        let (seat, sequence) = (SeatId::from_bytes([7; 8]), u64::from(input.byte()) + 2);
        let response = Response {
            request: request.request,
            seat,
            activated_at: now,
            lease_expiry: now + 30 * DAY,
            grace: 7 * DAY.unsigned_abs(),
            sequence,
            features: [(1, FeatureValue::Bool(true)), (2, FeatureValue::Number(5))].into(),
            attributes: [("edition".to_owned(), "pro".to_owned())].into(),
            subscription_end: None,
            traits_digest: request.traits.digest(),
        };
        let token =
            seal(&response, request.product, &self.vendor, &request.device).expect("sealed");
        let text = CString::new(token.to_string()).expect("a text");
        let number = checked_call(with_error, |error| unsafe {
            latchkey_activate_offline(licence, text.as_ptr(), error)
        });
        self.record_closed();
        if number != LATCHKEY_OK {
            return;
        }
        self.contents[which] = Contents::Licence;
        let refresh = Refresh {
            seat,
            issued_at: now,
            lease_expiry: now + 60 * DAY,
            sequence: sequence + 1,
            grace: None,
            features: None,
            attributes: None,
            subscription_end: None,
        };
        let token = seal(&refresh, request.product, &self.vendor, &request.device).expect("sealed");
        let text = CString::new(token.to_string()).expect("a text");
        checked_call(with_error, |error| unsafe {
            latchkey_refresh_lease_offline(licence, text.as_ptr(), error)
        });
        self.record_closed();
    }

    fn apply_arbitrary(&mut self, input: &mut Input<'_>, with_error: bool, is_response: bool) {
        self.simple(input, with_error, |licence, input, error| {
            let text = input.string();
            let number = unsafe {
                match is_response {
                    true => latchkey_activate_offline(licence, pointer(text.as_ref()), error),
                    false => latchkey_refresh_lease_offline(licence, pointer(text.as_ref()), error),
                }
            };
            assert_ne!(number, LATCHKEY_OK, "a token was applied that the vendor hasn't signed");
            (number, text.is_some_and(|text| text.to_str().is_ok()))
        });
    }

    fn deactivate(&mut self, input: &mut Input<'_>, with_error: bool, with_output: bool) {
        let (licence, of) = self.handle(input);
        let mut token = ptr::without_provenance_mut(8);
        let number = checked_call(with_error, |error| unsafe {
            let output = if with_output { &raw mut token } else { ptr::null_mut() };
            latchkey_deactivate_offline(licence, output, error)
        });
        self.record_closed();
        assert_eq!(number == WRONG, !with_output || of.is_none(), "{number}");
        if with_output {
            assert_eq!(token.is_null(), number != LATCHKEY_OK);
        }
        if let (LATCHKEY_OK, Some(which)) = (number, of) {
            assert!(
                self.contents[which] != Contents::Nothing,
                "a seat was released without a licence"
            );
            take_string(token);
            self.contents[which] = Contents::Nothing;
        }
    }

    fn undelivered(&mut self, input: &mut Input<'_>, with_error: bool, with_output: bool) {
        let (licence, of) = self.handle(input);
        let index = usize::try_from(input.number()).unwrap_or(usize::MAX);
        let (mut id, mut token) = (ptr::without_provenance_mut(8), ptr::without_provenance_mut(8));
        let number = checked_call(with_error, |error| unsafe {
            let output = if with_output { &raw mut id } else { ptr::null_mut() };
            latchkey_undelivered_deactivation(licence, index, output, &raw mut token, error)
        });
        assert_eq!(number == WRONG, !with_output || of.is_none(), "{number}");
        if !with_output {
            return;
        }
        assert_eq!(id.is_null(), token.is_null());
        assert!(number == LATCHKEY_OK || id.is_null());
        if !id.is_null() {
            take_string(token);
            let id = take_string(id);
            if input.byte().is_multiple_of(2) {
                let id = CString::new(id).expect("an id");
                let number =
                    unsafe { latchkey_confirm_delivered(licence, id.as_ptr(), ptr::null_mut()) };
                assert_eq!(number, LATCHKEY_OK);
            }
        }
    }

    fn register_callback(&mut self, input: &mut Input<'_>, with_error: bool) {
        let listener = Box::new(Listener::default());
        if input.byte() % 3 == 2 {
            let (closes, _) = self.handle(input);
            listener.closes.store(closes.addr(), Ordering::Relaxed);
        }
        let user = (&raw const *listener).cast_mut().cast();
        self.listeners.push(listener);
        let none = input.byte() == 255;
        self.simple(input, with_error, |licence, _, error| {
            let callback: ChangeCallback = if none { None } else { Some(on_change) };
            (unsafe { latchkey_on_change(licence, callback, user, error) }, !none)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_of_the_corpus_succeed_or_return_errors() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/capi");
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            capi(&bytes);
            // A prefix is another sequence of calls.
            capi(&bytes[..bytes.len() / 2]);
        }
    }
}
