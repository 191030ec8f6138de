//! The program that runs the fuzz targets: `FUZZ_TARGET` names the target, and the arguments are
//! libFuzzer's. `cargo xtask fuzz` builds and starts it.
#![no_main]

#[allow(dead_code, reason = "the limits are used by `cargo xtask fuzz`")]
mod targets;

use std::sync::OnceLock;

use latchkey_capi::fuzzing as capi;
use latchkey_config::fuzzing as config;
use latchkey_device::fuzzing as device;
use latchkey_issuer::fuzzing as issuer;
use latchkey_paper::fuzzing as paper;
use latchkey_portal::fuzzing as portal;
use latchkey_token::fuzzing as token;

/// A target: panics if one of its properties doesn't hold for the bytes.
type TargetFunction = fn(&[u8]);

static SELECTED: OnceLock<TargetFunction> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: select(), |bytes: &[u8]| {
    if let Some(run) = SELECTED.get() {
        run(bytes);
    }
});

/// The function of the target with this name.
fn function(name: &str) -> Option<TargetFunction> {
    Some(match name {
        "text" => token::text,
        "repair" => token::repair,
        "envelope" => token::envelope,
        "request" => token::request,
        "response" => token::response,
        "refresh" => token::refresh,
        "deactivation" => token::deactivation,
        "entry_sheet" => token::entry_sheet,
        "vault" => device::vault,
        "vault_file" => device::vault_file,
        "key_file" => issuer::key_file,
        "config" => config::config,
        "apply" => device::apply,
        "capi" => capi::capi,
        "form" => portal::form,
        "multipart" => portal::multipart,
        "branding" => portal::branding,
        "picture" => paper::picture,
        _ => return None,
    })
}

/// Runs before the first input: checks that every target has a function, and selects one.
fn select() {
    // The portal reads pictures in a process of its own, which is this program started again.
    if let Some(exit) = latchkey_paper::picture_process() {
        std::process::exit(i32::from(exit != std::process::ExitCode::SUCCESS));
    }
    for target in targets::TARGETS {
        assert!(function(target.name).is_some(), "{} has no function", target.name);
    }
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    if name == "picture" {
        // libFuzzer's own hook ends the process at every panic, but those of the detector are
        // caught. A panic that isn't caught still ends the process.
        std::panic::set_hook(Box::new(|_| {}));
    }
    match function(&name) {
        Some(function) => SELECTED.get_or_init(|| function),
        None => panic!("FUZZ_TARGET names no target: “{name}”"),
    };
}
