//! Checks what the pages may load and call, in the configuration that is compiled in.

use serde_json::Value;

fn read_json(file: &str) -> Value {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn the_pages_load_only_their_own_files_and_call_only_the_wizards_commands() {
    let security = &read_json("tauri.conf.json")["app"]["security"];
    let policy = security["csp"].as_object().unwrap();
    for (directive, sources) in policy {
        for source in sources.as_str().unwrap().split(' ') {
            // Tauri's channel to the backend, and pictures that the backend returns as `data:`
            // URLs.
            let is_own = match directive.as_str() {
                "connect-src" => ["ipc:", "http://ipc.localhost"].contains(&source),
                "img-src" => ["'self'", "data:"].contains(&source),
                _ => ["'self'", "'none'"].contains(&source),
            };
            assert!(is_own, "{directive} {source}");
        }
    }
    assert_eq!(policy["default-src"], "'none'");
    assert_eq!(policy["script-src"], "'self'");

    // There is one capability, for the main window; the print sheet's window has none.
    assert_eq!(security["capabilities"], serde_json::json!(["wizard"]));
    let files: Vec<_> = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("capabilities")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let capability = read_json(&files[0].display().to_string());
    assert_eq!(capability["identifier"], "wizard");
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    assert_eq!(capability.get("remote"), None);
    for permission in capability["permissions"].as_array().unwrap() {
        // Permissions of Tauri and its plugins contain a colon: `core:…`, `dialog:…`.
        let permission = permission.as_str().unwrap();
        assert!(permission.starts_with("allow-") && !permission.contains(':'), "{permission}");
    }
}
