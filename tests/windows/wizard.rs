//! The start of the wizard, up to its window: that needs WebView2, which Wine doesn't have.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::programs::{command, run};

#[test]
fn the_wizard_prints_its_help_and_its_version() {
    let help = run(command("latchkey-wizard.exe").arg("--help"), b"").succeeds();
    assert!(help.output.contains("--product"), "{help:?}");
    let version = run(command("latchkey-wizard.exe").arg("--version"), b"").succeeds();
    assert!(version.output.contains(env!("CARGO_PKG_VERSION")), "{version:?}");
}

/// Without a desktop, Wine shows no message window, and the wizard ends. On a desktop it waits
/// until the window is closed, so the test ends it.
#[test]
fn without_a_web_view_the_wizard_says_what_is_missing_in_the_language_of_the_user() {
    for (language, words) in [
        ("en", ["Microsoft Edge WebView2", "Evergreen Standalone Installer", "“latchkey”"]),
        ("de", ["Auf diesem Computer fehlt", "Evergreen Standalone Installer", "„latchkey“"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut wizard = command("latchkey-wizard.exe")
            .env("LANG", language)
            // A fixed runtime that isn't there counts, also where there is another one.
            .env("WEBVIEW2_BROWSER_EXECUTABLE_FOLDER", folder.path().join("nowhere"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(wizard.stderr.take().unwrap()).lines();
        let message: Vec<_> = lines.by_ref().take(2).map(Result::unwrap).collect();
        let message = message.join("\n");
        for word in words {
            assert!(message.contains(word), "{language}: {message}");
        }
        assert!(!message.contains("panicked"), "{message}");
        // Closed by itself, or still waiting for the user.
        let _ = wizard.kill();
        wizard.wait().unwrap();
    }
}
