//! The product in C (`examples/hello-c`) with the shared library. `cargo xtask test-windows`
//! compiles it for the vendor of a folder, because its keys are compiled in.

use std::path::PathBuf;
use std::process::Command;

use crate::programs::{Vendor, built, run};

#[test]
fn the_product_in_c_lives_with_the_shared_library() {
    let folder = std::env::var_os("LATCHKEY_C_EXAMPLE");
    let folder = folder.expect("NOT TESTED: LATCHKEY_C_EXAMPLE doesn't name a compiled example");
    let folder = PathBuf::from(folder);
    let vendor = Vendor::in_folder(&folder.join("data"));
    let store = tempfile::tempdir().unwrap();
    let store = format!("file:{}", store.path().join("Büro 1.vault").display());
    let product = |arguments: &[&str]| {
        let mut product = Command::new(folder.join("hello-c.exe"));
        let libraries = built("latchkey.dll").parent().unwrap().to_owned();
        product.env("PATH", libraries).env("LANG", "en");
        run(product.args(["--no-wizard", "--store", &store]).args(arguments), b"")
    };
    assert_eq!(product(&[]).exit, 4);
    let request = product(&["request", &vendor.code]).succeeds().output;
    let response = vendor.run(&["activate"], &request).token();
    product(&["activate", &response]).succeeds();
    product(&[]).succeeds();
    product(&["threads"]).succeeds();
    let deactivation = product(&["deactivate"]).succeeds().output;
    vendor.run(&["deactivate"], &deactivation).succeeds();
    assert_eq!(product(&[]).exit, 4);
}
