//! The fuzzer's program: `FUZZ_TARGET` names the target, the arguments are libFuzzer's. `cargo xtask fuzz` calls it.
#![no_main]

#[allow(dead_code, reason = "the limits are for `cargo xtask fuzz`")]
mod targets;

use std::sync::OnceLock;

use latchkey_capi::fuzzing as capi;
use latchkey_device::fuzzing as device;
use latchkey_issuer::fuzzing as issuer;
use latchkey_paper::fuzzing as paper;
use latchkey_server::fuzzing as portal;
use latchkey_token::fuzzing as token;

type Claim = fn(&[u8]);

static CLAIM: OnceLock<Claim> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: choose(), |bytes: &[u8]| {
    if let Some(claim) = CLAIM.get() {
        claim(bytes);
    }
});

/// The function of a target's name.
fn claim(name: &str) -> Option<Claim> {
    Some(match name {
        "text" => token::text,
        "healing" => token::healing,
        "envelope" => token::envelope,
        "request" => token::request,
        "response" => token::response,
        "refresh" => token::refresh,
        "deactivation" => token::deactivation,
        "worksheet" => token::worksheet,
        "vault" => device::vault,
        "vault_file" => device::vault_file,
        "key_file" => issuer::key_file,
        "config" => device::config,
        "apply" => device::apply,
        "capi" => capi::capi,
        "form" => portal::form,
        "multipart" => portal::multipart,
        "look" => portal::look,
        "picture" => paper::picture,
        _ => return None,
    })
}

/// Before the first input: every target has a function, and the one that is asked for is taken.
fn choose() {
    // The portal reads pictures in a process of its own, which is this program again.
    if let Some(exit) = latchkey_paper::picture_process() {
        std::process::exit(i32::from(exit != std::process::ExitCode::SUCCESS));
    }
    for target in targets::TARGETS {
        assert!(claim(target.name).is_some(), "{} has no function", target.name);
    }
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    if name == "picture" {
        // libFuzzer's own hook ends the process, but the detector's panics are caught. One that isn't still ends it.
        std::panic::set_hook(Box::new(|_| {}));
    }
    match claim(&name) {
        Some(claim) => CLAIM.get_or_init(|| claim),
        None => panic!("FUZZ_TARGET names no target: “{name}”"),
    };
}
