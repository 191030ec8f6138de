//! What must hold of the C functions whatever they are called with and in whatever order: the body of the fuzz target in
//! `fuzz/`. It is compiled for fuzzing and for tests, which replay the corpus; no shipped library has it.
//!
//! It keeps what the header asks of a caller, and nothing else: strings end, places may be written, what was given out is
//! given back once. Handles of licences may be anything.
#![allow(
    clippy::expect_used,
    clippy::undocumented_unsafe_blocks,
    reason = "a claim that doesn't hold is a panic, which is what the fuzzer looks for; every call here is unsafe, and \
              passes what the header allows"
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
use crate::tokens::*;
use crate::verdict::*;
use crate::wizard::*;

const WRONG: u32 = codes::SDK_ARGUMENT.number;
const NOT_CHECKED: u32 = codes::SDK_NOT_CHECKED.number;
/// Most calls of one input.
const MOST_CALLS: usize = 24;
/// Licences of one input, each in a file of its own.
const LICENCES: usize = 3;
const DAY: i64 = 86_400;

/// The bytes one after the other; zeros where there are no more.
struct Input<'b>(&'b [u8]);

impl<'b> Input<'b> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn take(&mut self, most: usize) -> &'b [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
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

    /// NULL, or any string that C can have.
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

/// A folder for the licences' files, as long as it is needed.
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

/// What a callback knows: which licence it shall close, and how often it was called.
#[derive(Default)]
struct Listener {
    closes: AtomicUsize,
    heard: AtomicU32,
}

unsafe extern "C" fn heard(user: *mut c_void, verdict: *const VerdictHandle) {
    let listener = unsafe { &*user.cast_const().cast::<Listener>() };
    listener.heard.fetch_add(1, Ordering::Relaxed);
    unsafe {
        look_at(verdict, &mut Input(&[]));
        // It isn't the callback's, and does no harm.
        latchkey_verdict_free(verdict.cast_mut());
        look_at(verdict, &mut Input(&[]));
    }
    let closes = listener.closes.load(Ordering::Relaxed);
    if closes != 0 {
        latchkey_close(ptr::without_provenance_mut(closes));
    }
}

/// One of the files: what stands in it as far as is known here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Nothing,
    /// The vendor's lease.
    Licence,
    /// Something was put there.
    Anything,
}

struct World {
    vendor: SecretKeys,
    keys: [[u8; 64]; 2],
    folder: Folder,
    stands: [Stands; LICENCES],
    /// Every handle that there ever was, and which file it is of, as long as it is open.
    handles: Vec<(*mut LicenceHandle, Option<usize>)>,
    verdicts: Vec<*mut VerdictHandle>,
    #[allow(clippy::vec_box, reason = "callbacks have their addresses")]
    listeners: Vec<Box<Listener>>,
}

/// A call with a place for its error, or without. What it says and what it gives go together.
fn called(with_error: bool, call: impl FnOnce(*mut *mut ErrorHandle) -> u32) -> u32 {
    // What stood there before is of no meaning.
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
                assert!(!said(text).is_empty());
            }
        }
        latchkey_error_free(error);
    }
    assert_ne!(number, codes::SDK_INTERNAL.number, "something has panicked");
    number
}

/// A string that was given out is UTF-8.
fn said(text: *const c_char) -> String {
    assert!(!text.is_null());
    unsafe { CStr::from_ptr(text) }.to_str().expect("UTF-8").to_owned()
}

/// The same for one that is given back.
fn taken(text: *mut c_char) -> String {
    let said = said(text);
    unsafe { latchkey_string_free(text) };
    said
}

/// Everything that a verdict says goes together.
unsafe fn look_at(verdict: *const VerdictHandle, input: &mut Input<'_>) -> bool {
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
            assert!(!said(text).is_empty());
        }
        let seat = said(latchkey_verdict_seat(verdict));
        said(latchkey_verdict_seat_name(verdict));
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
        assert!(changed.is_null() || !said(changed).is_empty());
        latchkey_verdict_subscription_end(verdict);
        runs
    }
}

/// The bytes say which functions are called one after the other, each with which licence and what else: licences that are
/// open, that were closed, or that never were; strings of any bytes, or none; places that are there or not.
///
/// Nothing breaks. A call says that it has done something, or gives an error whose number it says; what was to be given
/// out is there exactly then. A licence that isn't open is an error in every function and nothing else, and no product
/// runs without a lease of the vendor.
pub fn capi(data: &[u8]) {
    let mut input = Input(data);
    let vendor = SecretKeys::from_seed(&Seed::from_bytes([1; 32])).expect("keys");
    let spare = SecretKeys::from_seed(&Seed::from_bytes([2; 32])).expect("keys");
    let keys = [vendor.public().to_bytes(), spare.public().to_bytes()];
    let mut world = World {
        vendor,
        keys,
        folder: Folder::new(),
        stands: [Stands::Nothing; LICENCES],
        handles: vec![(ptr::null_mut(), None)],
        verdicts: Vec::new(),
        listeners: Vec::new(),
    };
    for _ in 0..MOST_CALLS {
        if input.0.is_empty() {
            break;
        }
        world.call(&mut input);
    }
    let World { handles, verdicts, listeners, .. } = world;
    for (licence, _) in handles {
        latchkey_close(licence);
    }
    for verdict in verdicts {
        unsafe {
            // It outlives its licence.
            look_at(verdict, &mut input);
            latchkey_verdict_free(verdict);
        }
    }
    drop(listeners);
}

impl World {
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

    /// A handle, and which file it is of if it is open.
    fn handle(&self, input: &mut Input<'_>) -> (*mut LicenceHandle, Option<usize>) {
        match input.byte() {
            255 => (ptr::without_provenance_mut(input.number() as usize | 1 << 63), None),
            which => self.handles[self.handles.len() - 1 - usize::from(which) % self.handles.len()],
        }
    }

    /// Nobody but a callback closes without this knowing it.
    fn note_closed(&mut self) {
        let closed: Vec<_> = (self.listeners.iter())
            .filter(|listener| listener.heard.load(Ordering::Relaxed) > 0)
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
        let place = how & 2 == 0;
        match what % 20 {
            0 => self.open(input, with_error, place),
            1 => self.open_odd(input, with_error),
            2 => {
                let (licence, _) = self.handle(input);
                latchkey_close(licence);
                for (known, of) in &mut self.handles {
                    if *known == licence {
                        *of = None;
                    }
                }
            }
            3 => self.check(input, with_error, place),
            4 => self.last(input, with_error, place),
            5 => self.ask(input, with_error, place),
            6 => self.hand_in_genuine(input, with_error),
            7 | 8 => self.hand_in(input, with_error, what % 20 == 7),
            9 => self.give_back(input, with_error, place),
            10 => self.undelivered(input, with_error, place),
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
                // A callback may have closed it in between.
                assert!(out != LATCHKEY_OK && (out == back || back == WRONG));
                (out, true)
            }),
            15 => {
                let (licence, of) = self.handle(input);
                let feature = input.number() as u32;
                let (has, limit) =
                    (latchkey_has_feature(licence, feature), latchkey_limit(licence, feature));
                assert!(of.is_some() || (!has && limit == 0));
                self.note_closed();
            }
            16 => self.listen(input, with_error),
            17 => self.simple(input, with_error, |licence, input, error| {
                // No check comes before the input is over.
                let every = 3_600 * u32::from(input.byte() % 2);
                (unsafe { latchkey_watch(licence, every, error) }, true)
            }),
            18 => {
                let which = usize::from(input.byte()) % LICENCES;
                let length = input.byte();
                let bytes = input.take(length.into());
                // Whatever is in the place of the file, also one of another licence.
                let (file, other) = (self.folder.file(which), (which + 1) % LICENCES);
                let (done, stands) = match how & 4 == 0 {
                    true => (std::fs::write(file, bytes), Stands::Anything),
                    false => {
                        (std::fs::copy(self.folder.file(other), file).map(drop), self.stands[other])
                    }
                };
                // Where there is no other one, it stays as it was.
                if done.is_ok() {
                    self.stands[which] = stands;
                }
            }
            _ => {
                // A reason that is none: nothing is started.
                let folder = input.string();
                let reason = LATCHKEY_REASON_DEACTIVATE + 1 + u32::from(input.byte());
                let number = called(with_error, |error| unsafe {
                    latchkey_open_wizard(pointer(folder.as_ref()), reason, error)
                });
                assert_eq!(number, WRONG);
            }
        }
    }

    /// A call that gives nothing out. The closure gives the number, and whether its own arguments are of use.
    fn simple(
        &mut self,
        input: &mut Input<'_>,
        with_error: bool,
        call: impl FnOnce(*mut LicenceHandle, &mut Input<'_>, *mut *mut ErrorHandle) -> (u32, bool),
    ) {
        let (licence, of) = self.handle(input);
        let mut of_use = true;
        let number = called(with_error, |error| {
            let (number, right) = call(licence, input, error);
            of_use = right;
            number
        });
        self.note_closed();
        assert_eq!(number == WRONG, of.is_none() || !of_use, "{number}");
    }

    fn open(&mut self, input: &mut Input<'_>, with_error: bool, place: bool) {
        let which = usize::from(input.byte()) % LICENCES;
        let (file, definition) = (self.folder.name(which), self.definition());
        let mut licence = ptr::without_provenance_mut(8);
        let number = called(with_error, |error| unsafe {
            let place = if place { &raw mut licence } else { ptr::null_mut() };
            latchkey_open_file(&raw const definition, file.as_ptr(), place, error)
        });
        if !place {
            assert_eq!(number, WRONG);
            return;
        }
        assert_eq!(number, LATCHKEY_OK);
        assert!(!licence.is_null() && !self.handles.iter().any(|(known, _)| *known == licence));
        self.handles.push((licence, Some(which)));
    }

    /// A definition of anything. Nobody asks the licence for anything: it would be that of the user who runs this.
    fn open_odd(&self, input: &mut Input<'_>, with_error: bool) {
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
        let number = called(with_error, |error| unsafe {
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
        let odd = size < size_of::<ProductDefinition>()
            || definition.scope > 1
            || definition.store > 2
            || !is_text(&vendor_name)
            || !is_text(&name)
            || (with_file && (file.is_none() || !is_text(&file)));
        assert_eq!(number == WRONG, odd, "{number}");
        let none = definition.vendor_key_count == 0 || definition.vendor_keys.is_null();
        assert!(number != LATCHKEY_OK || !none, "a product without a vendor's key");
        latchkey_close(licence);
    }

    fn check(&mut self, input: &mut Input<'_>, with_error: bool, place: bool) {
        let (licence, of) = self.handle(input);
        let mut verdict = ptr::without_provenance_mut(8);
        let number = called(with_error, |error| unsafe {
            let place = if place { &raw mut verdict } else { ptr::null_mut() };
            latchkey_check(licence, place, error)
        });
        self.note_closed();
        if !place || of.is_none() {
            assert_eq!(number, WRONG);
            assert!(!place || verdict.is_null());
            return;
        }
        assert_eq!(number, LATCHKEY_OK);
        let runs = unsafe { look_at(verdict, input) };
        let stands = of.map(|which| self.stands[which]);
        assert!(!runs || stands != Some(Stands::Nothing), "it runs without a lease");
        assert!(runs || stands != Some(Stands::Licence), "a lease doesn't count");
        self.verdicts.push(verdict);
    }

    fn last(&mut self, input: &mut Input<'_>, with_error: bool, place: bool) {
        let (licence, of) = self.handle(input);
        let (mut verdict, mut age) = (ptr::without_provenance_mut(8), u64::MAX);
        let with_age = input.byte().is_multiple_of(2);
        let number = called(with_error, |error| unsafe {
            let place = if place { &raw mut verdict } else { ptr::null_mut() };
            let age = if with_age { &raw mut age } else { ptr::null_mut() };
            latchkey_last_verdict(licence, place, age, error)
        });
        assert_eq!(number == WRONG, !place || of.is_none(), "{number}");
        assert!(matches!(number, WRONG | NOT_CHECKED | LATCHKEY_OK));
        assert!(!place || verdict.is_null() == (number != LATCHKEY_OK));
        assert_eq!(age != u64::MAX, with_age && number == LATCHKEY_OK);
        if number == LATCHKEY_OK {
            unsafe { look_at(verdict, input) };
            self.verdicts.push(verdict);
        }
    }

    fn ask(&mut self, input: &mut Input<'_>, with_error: bool, place: bool) {
        let (licence, of) = self.handle(input);
        let (code, name) = match input.byte() {
            0 => (Some(c"0123-4567-89AB-CDEF".to_owned()), None),
            _ => (input.string(), input.string()),
        };
        let mut token = ptr::without_provenance_mut(8);
        let number = called(with_error, |error| unsafe {
            latchkey_generate_offline_activation_request_token(
                licence,
                pointer(code.as_ref()),
                pointer(name.as_ref()),
                if place { &raw mut token } else { ptr::null_mut() },
                error,
            )
        });
        self.note_closed();
        let is_text =
            |text: &Option<CString>| text.as_ref().is_some_and(|text| text.to_str().is_ok());
        let wrong = !place || of.is_none() || !is_text(&code);
        // A code that can't be one is said before anybody looks at the name.
        let odd_name = name.is_some() && !is_text(&name);
        assert!(number == WRONG || !wrong, "{number}");
        assert!(number != WRONG || wrong || odd_name);
        assert!(number != LATCHKEY_OK || !odd_name);
        if place {
            assert_eq!(token.is_null(), number != LATCHKEY_OK);
            if number == LATCHKEY_OK {
                let text = taken(token);
                assert!(self.asked(&text).is_some(), "{text}");
            }
        }
    }

    /// What a request says to the vendor.
    fn asked(&self, text: &str) -> Option<Request> {
        let token = scan(text).ok()?.pop()?.token.ok()?;
        Some(open_request(&token, &self.vendor).ok()?.into_payload())
    }

    /// The vendor answers what a licence asks, and the answer is handed in: a response, and once there is a licence a
    /// refresh.
    fn hand_in_genuine(&mut self, input: &mut Input<'_>, with_error: bool) {
        let (licence, of) = self.handle(input);
        let mut token = ptr::without_provenance_mut(8);
        let number = called(with_error, |error| unsafe {
            latchkey_pending_request_token(licence, &raw mut token, error)
        });
        assert_eq!(number == WRONG, of.is_none(), "{number}");
        let (LATCHKEY_OK, Some(which), false) = (number, of, token.is_null()) else {
            assert!(number == LATCHKEY_OK || token.is_null());
            return;
        };
        let request = self.asked(&taken(token)).expect("a request");
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
        let number = called(with_error, |error| unsafe {
            latchkey_activate_offline(licence, text.as_ptr(), error)
        });
        self.note_closed();
        if number != LATCHKEY_OK {
            return;
        }
        self.stands[which] = Stands::Licence;
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
        called(with_error, |error| unsafe {
            latchkey_refresh_lease_offline(licence, text.as_ptr(), error)
        });
        self.note_closed();
    }

    fn hand_in(&mut self, input: &mut Input<'_>, with_error: bool, is_response: bool) {
        self.simple(input, with_error, |licence, input, error| {
            let text = input.string();
            let number = unsafe {
                match is_response {
                    true => latchkey_activate_offline(licence, pointer(text.as_ref()), error),
                    false => latchkey_refresh_lease_offline(licence, pointer(text.as_ref()), error),
                }
            };
            assert_ne!(number, LATCHKEY_OK, "what nobody has signed was applied");
            (number, text.is_some_and(|text| text.to_str().is_ok()))
        });
    }

    fn give_back(&mut self, input: &mut Input<'_>, with_error: bool, place: bool) {
        let (licence, of) = self.handle(input);
        let mut token = ptr::without_provenance_mut(8);
        let number = called(with_error, |error| unsafe {
            let place = if place { &raw mut token } else { ptr::null_mut() };
            latchkey_deactivate_offline(licence, place, error)
        });
        self.note_closed();
        assert_eq!(number == WRONG, !place || of.is_none(), "{number}");
        if place {
            assert_eq!(token.is_null(), number != LATCHKEY_OK);
        }
        if let (LATCHKEY_OK, Some(which)) = (number, of) {
            assert!(self.stands[which] != Stands::Nothing, "there was nothing to give back");
            taken(token);
            self.stands[which] = Stands::Nothing;
        }
    }

    fn undelivered(&mut self, input: &mut Input<'_>, with_error: bool, place: bool) {
        let (licence, of) = self.handle(input);
        let index = usize::try_from(input.number()).unwrap_or(usize::MAX);
        let (mut id, mut token) = (ptr::without_provenance_mut(8), ptr::without_provenance_mut(8));
        let number = called(with_error, |error| unsafe {
            let place = if place { &raw mut id } else { ptr::null_mut() };
            latchkey_undelivered_deactivation(licence, index, place, &raw mut token, error)
        });
        assert_eq!(number == WRONG, !place || of.is_none(), "{number}");
        if !place {
            return;
        }
        assert_eq!(id.is_null(), token.is_null());
        assert!(number == LATCHKEY_OK || id.is_null());
        if !id.is_null() {
            taken(token);
            let id = taken(id);
            if input.byte().is_multiple_of(2) {
                let id = CString::new(id).expect("an id");
                let number =
                    unsafe { latchkey_confirm_delivered(licence, id.as_ptr(), ptr::null_mut()) };
                assert_eq!(number, LATCHKEY_OK);
            }
        }
    }

    fn listen(&mut self, input: &mut Input<'_>, with_error: bool) {
        let listener = Box::new(Listener::default());
        if input.byte() % 3 == 2 {
            let (closes, _) = self.handle(input);
            listener.closes.store(closes.addr(), Ordering::Relaxed);
        }
        let user = (&raw const *listener).cast_mut().cast();
        self.listeners.push(listener);
        let none = input.byte() == 255;
        self.simple(input, with_error, |licence, _, error| {
            let callback: ChangeCallback = if none { None } else { Some(heard) };
            (unsafe { latchkey_on_change(licence, callback, user, error) }, !none)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_of_the_corpus_are_done_or_are_errors_and_nothing_breaks() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/capi");
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            capi(&bytes);
            // Cut short, they are other calls.
            capi(&bytes[..bytes.len() / 2]);
        }
    }
}
