//! The SDK's guides: every block of code in them is compiled and every command is run, in the folders that they speak of. Those of
//! Rust are documentation tests of `crates/sdk`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use latchkey_e2e_support::{Answer, Call};

use crate::scene::{Scene, THREE_SEATS};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// A guide's blocks in a language, as they stand there.
fn blocks(guide: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/sdk").join(guide)).expect("a guide");
    let (mut blocks, mut inside) = (Vec::new(), None);
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut inside) {
            (Some(_), Some(_)) => blocks.extend(inside.take()),
            (Some(tag), None) => {
                inside = Some(if tag == language { String::new() } else { "-".into() })
            }
            (None, Some(block)) => *block += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks.retain(|block| !block.starts_with('-'));
    assert!(!blocks.is_empty(), "{guide} has no {language}");
    blocks
}

/// The folder that a guide speaks of, with its blocks as one source.
fn laid_out(scene: &Scene, guide: &str, language: &str, source: &str) -> PathBuf {
    let folder = scene.vendor.folder().expect("a folder").join("guide");
    fs::create_dir_all(folder.join("sdk")).expect("a folder");
    let built = scene.programs.path("");
    for (here, there) in [
        (root().join("crates/sdk-c/include/latchkey.h"), "sdk/latchkey.h"),
        (built.join("liblatchkey.so"), "sdk/liblatchkey.so"),
        (built.join("liblatchkey.a"), "sdk/liblatchkey.a"),
        (root().join("bindings/python"), "sdk/python"),
        (root().join("bindings/csharp"), "sdk/csharp"),
        (root().join("bindings/go"), "sdk/go"),
        (scene.kit.folder.clone(), "kit"),
    ] {
        assert!(here.exists(), "{} is missing", here.display());
        symlink(here, folder.join(there)).expect("a link");
    }
    fs::write(folder.join(source), blocks(guide, language).join("\n")).expect("a source");
    for commands in blocks(guide, "sh") {
        let done = Command::new("sh")
            .args(["-euc", &commands])
            .current_dir(&folder)
            .env("GOFLAGS", "-mod=mod")
            .env("GOPROXY", "off")
            .env("GOCACHE", scene.programs.target().join("go"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{guide}: {commands}\n{said}");
        assert!(!said.contains("warning"), "{guide}: {commands}\n{said}");
    }
    folder
}

/// What was built runs. There is no keyring here, and it says so.
#[track_caller]
fn runs(folder: &Path, words: &[&str]) -> Answer {
    let home = folder.join("home");
    fs::create_dir_all(&home).expect("a folder");
    let answer = Call::new(Path::new("/usr/bin/env"))
        .args(["-C".as_ref(), folder.as_os_str()])
        .args(words)
        .env("HOME", &home)
        .env("PATH", "/usr/bin:/bin")
        .env("LD_LIBRARY_PATH", folder.join("sdk"))
        .env("LATCHKEY_LIBRARY", folder.join("sdk/liblatchkey.so"))
        .env("PYTHONPATH", "sdk/python:kit")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUTF8", "1")
        .run()
        .exits(1);
    assert!(answer.stderr.contains("keyring can’t be reached"), "{answer}");
    answer
}

#[test]
fn the_guide_to_c_builds_a_product() {
    let scene = Scene::new(THREE_SEATS);
    let folder = laid_out(&scene, "c.md", "c", "product.c");
    for program in ["./product", "./product-static"] {
        let _ = runs(&folder, &[program]);
    }
    let _ = runs(&folder, &["./product", scene.code(), "no token in here"]);
    // The header is C++ too.
    let done = Command::new("c++")
        .args(["-std=c++11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-Isdk", "-Ikit"])
        .args(["-include", "latchkey_product.h", "-Wno-unused-variable", "-x", "c++", "/dev/null"])
        .current_dir(&folder)
        .output()
        .expect("a compiler");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn the_guide_to_python_builds_a_product() {
    let scene = Scene::new(THREE_SEATS);
    let folder = laid_out(&scene, "python.md", "python", "product.py");
    let _ = runs(&folder, &["python3", "product.py"]);
}

#[test]
fn the_guide_to_c_sharp_builds_a_product() {
    let scene = Scene::new(THREE_SEATS);
    let folder = laid_out(&scene, "csharp.md", "csharp", "Product.cs");
    let _ = runs(&folder, &["mono", "Product.exe"]);
}

#[test]
fn the_guide_to_go_builds_a_product() {
    let scene = Scene::new(THREE_SEATS);
    let folder = laid_out(&scene, "go.md", "go", "product.go");
    let _ = runs(&folder, &["./product"]);
}

#[test]
fn the_guide_to_the_sdk_writes_a_kit() {
    let scene = Scene::new(THREE_SEATS);
    let folder = scene.vendor.folder().expect("a folder");
    let server = scene.programs.path("latchkey-server");
    let tools = server.parent().expect("a folder").display().to_string();
    for commands in blocks("README.md", "sh") {
        let done = Command::new("sh")
            .args(["-euc", &commands])
            .current_dir(folder)
            .env("LATCHKEY_DATA", &scene.vendor.data)
            .env("PATH", format!("{tools}:/usr/bin:/bin"))
            .output()
            .expect("a shell");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    for file in ["latchkey.toml", "latchkey_product.rs", "latchkey_product.h"] {
        assert!(folder.join("kit").join(file).is_file(), "{file}");
    }
}
