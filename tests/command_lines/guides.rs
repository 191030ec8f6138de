//! Follows the vendor's guide and the SDK's guide as a newcomer would: every command is run, every
//! code block is compiled with the guide's kit, and the result runs with the guide's licence.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use latchkey_e2e_support::{PortalServer, Programs, Vendor, repository_root};

/// The code blocks of a page in a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(repository_root().join("docs").join(page)).expect("a page");
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
    assert!(!blocks.is_empty(), "{page} has no {language}");
    blocks
}

/// A reader of the guides, with an empty home folder.
struct GuideReader {
    programs: Programs,
    home: tempfile::TempDir,
    /// `export` and `cd` lines, which precede every later command.
    preamble: String,
    code: String,
    commands: usize,
}

impl GuideReader {
    fn new() -> Self {
        let programs = Programs::find().unwrap_or_else(|error| panic!("{error:#}"));
        let home = tempfile::tempdir().expect("a folder");
        Self { programs, home, preamble: String::new(), code: String::new(), commands: 0 }
    }

    /// The working folder of the guide.
    fn folder(&self) -> PathBuf {
        self.home.path().join("acme")
    }

    /// Runs those commands of the vendor's guide for which `wanted` returns `true`.
    fn follow(&mut self, wanted: impl Fn(&str) -> bool) {
        let mut building = None;
        for command in blocks("vendor-guide.md", "sh").concat().lines() {
            if !wanted(command) {
                continue;
            }
            // The programs were built before this test.
            let is_built = command.starts_with("cargo ") || command.contains("PATH=");
            if is_built {
                continue;
            }
            if command.starts_with("export ") || command.starts_with("cd ") {
                self.preamble += &format!("{command}\n");
                continue;
            }
            if command.contains(" serve ") {
                self.serve(command);
                continue;
            }
            if command.contains("LATCHKEY_KIT=") {
                building = Some(Programs::building());
            }
            let done = self.shell(command, self.input_for(command));
            assert!(done.status.success(), "{command}\n{}", output_of(&done));
            if let Some((_, rest)) = output_of(&done).split_once("Activation code: ") {
                self.code = rest.split_whitespace().next().expect("a code").to_owned();
            }
            if command.starts_with("cp ") {
                drop(building.take());
            }
            self.commands += 1;
        }
    }

    /// The input that a command asks for.
    fn input_for(&self, command: &str) -> &str {
        match command {
            _ if command.contains("operator add") => "correct horse battery staple",
            _ if command.contains("cat > passphrase") => "a passphrase that is long enough",
            _ => &self.code,
        }
    }

    /// Starts the portal in the background, because it never exits, and requests its first page.
    fn serve(&mut self, command: &str) {
        assert!(command.ends_with("--look kit/latchkey.toml"), "{command}");
        let vendor = Vendor::at(&self.programs, &self.folder().join("latchkey-data"));
        let look = self.folder().join("kit/latchkey.toml");
        let served = PortalServer::start(&vendor, 0, Some(&look)).expect("a portal");
        let address = served.address.strip_prefix("http://").expect("an address");
        let mut connection = TcpStream::connect(address).expect("a connection");
        let asked = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        connection.write_all(asked.as_bytes()).expect("a request");
        let mut page = String::new();
        connection.read_to_string(&mut page).expect("a page");
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("Acme"), "{page}");
        self.commands += 1;
    }

    fn shell(&self, command: &str, input: &str) -> Output {
        let built = self.programs.path("");
        let is_release = built.ends_with("release");
        let as_built = match is_release {
            true => command.to_owned(),
            // With the selection of packages and features that the programs were built with, so
            // that only the product is compiled again.
            false => command
                .replace("--release ", "")
                .replace("/release/", "/debug/")
                .replace("--bin hello-product", "--bins --examples"),
        };
        // The target folder may have another name here: see CARGO_TARGET_DIR below.
        let as_built = as_built.replace("$SOURCE/target", "$CARGO_TARGET_DIR");
        let script = format!("{}{as_built}", self.preamble);
        let own_home = std::env::var("HOME").expect("a home");
        let cargo = |name: &str, folder: &str| {
            std::env::var(name).unwrap_or_else(|_| format!("{own_home}/{folder}"))
        };
        let path = std::env::var("PATH").expect("a path");
        let mut shell = Command::new("sh")
            .args(["-euc", &script])
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", format!("{}:{path}", built.display()))
            .env("LANG", "C.UTF-8")
            .env("SOURCE", repository_root())
            .env("CARGO_TARGET_DIR", self.programs.target())
            .env("CARGO_HOME", cargo("CARGO_HOME", ".cargo"))
            .env("RUSTUP_HOME", cargo("RUSTUP_HOME", ".rustup"))
            .env("CARGO_NET_OFFLINE", "true")
            .env("GOFLAGS", "-mod=mod")
            .env("GOPROXY", "off")
            .env("GOCACHE", self.programs.target().join("go"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUTF8", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut typed = shell.stdin.take().expect("an input");
        // A command that asks for nothing closes its input, which isn't an error.
        let _ = typed.write_all(format!("{input}\n").as_bytes());
        drop(typed);
        shell.wait_with_output().expect("a command")
    }
}

/// The output of a command, on both streams.
fn output_of(done: &Output) -> String {
    [&done.stdout, &done.stderr].map(|said| String::from_utf8_lossy(said).into_owned()).concat()
}

/// The result of the first chapter of the guide, without the product in Rust.
fn first_licence() -> GuideReader {
    let mut reader = GuideReader::new();
    reader.follow(|command| {
        let is_for_it = ["acme", "init", "product add", "entitlement add", "kit --product"];
        let is_licence = ["export LATCHKEY_CONFIG", "request", "response", "apply"];
        let has = |words: &[&str]| words.iter().any(|word| command.contains(word));
        let is_late = command.contains("--passphrase-file") || command.contains("hello-product");
        (has(&is_for_it) || has(&is_licence)) && !is_late
    });
    reader
}

#[test]
fn the_vendor_guide_produces_a_running_product() {
    let mut reader = GuideReader::new();
    reader.follow(|_| true);
    assert!(reader.commands >= 25, "{} commands were run", reader.commands);
    let runs = reader.shell("product/hello-product", "");
    assert!(runs.status.success(), "{}", output_of(&runs));
    for said in ["days left", "Feature 1: 1", "Feature 2: 8"] {
        assert!(output_of(&runs).contains(said), "{said}: {}", output_of(&runs));
    }
    let status = reader.shell("latchkey --store file status", "");
    assert!(output_of(&status).contains("is active"), "{}", output_of(&status));
    // Without the licence the same product fails.
    let gone = reader.shell("latchkey --store file deactivate --yes", "");
    assert!(gone.status.success(), "{}", output_of(&gone));
    let stands = reader.shell("product/hello-product --no-wizard", "");
    assert!(!stands.status.success(), "{}", output_of(&stands));
    let restored = "latchkey-server --data restored --passphrase-file passphrase --json seats";
    let seats = reader.shell(restored, "");
    assert!(output_of(&seats).contains("\"active\""), "{}", output_of(&seats));
}

/// Builds the product of an SDK's page in the folder that the guide works in, and runs it with the
/// guide's licence.
#[track_caller]
fn assert_product_runs(
    reader: &GuideReader,
    page: &str,
    language: &str,
    source: &str,
    programs: &[&str],
) {
    let folder = reader.folder();
    fs::create_dir_all(folder.join("sdk")).expect("a folder");
    let built = reader.programs.path("");
    for (here, there) in [
        (repository_root().join("crates/sdk-c/include/latchkey.h"), "latchkey.h"),
        (built.join("liblatchkey.so"), "liblatchkey.so"),
        (built.join("liblatchkey.a"), "liblatchkey.a"),
        (repository_root().join("bindings/python"), "python"),
        (repository_root().join("bindings/csharp"), "csharp"),
        (repository_root().join("bindings/go"), "go"),
    ] {
        assert!(here.exists(), "{} is missing", here.display());
        symlink(here, folder.join("sdk").join(there)).expect("a link");
    }
    let source = folder.join(source);
    fs::create_dir_all(source.parent().expect("a folder")).expect("a folder");
    fs::write(source, blocks(page, language).join("\n")).expect("a source");
    for commands in blocks(page, "sh") {
        let done = reader.shell(&commands, "");
        assert!(done.status.success(), "{page}: {commands}\n{}", output_of(&done));
        assert!(!output_of(&done).contains("warning"), "{page}: {commands}\n{}", output_of(&done));
    }
    for program in programs {
        let library = "export LD_LIBRARY_PATH=sdk LATCHKEY_LIBRARY=sdk/liblatchkey.so";
        let call = format!("{library} PYTHONPATH=sdk/python:kit\n{program}");
        let done = reader.shell(&call, "");
        assert!(done.status.success(), "{program}: {}", output_of(&done));
        let said = output_of(&done).to_lowercase();
        let is_right = ["hello! 8 true", "hello! 8 nodes, 1"].iter();
        assert!(is_right.clone().any(|hello| said.contains(hello)), "{program}: {said}");
    }
    let gone = reader.shell("latchkey --store file deactivate --yes", "");
    assert!(gone.status.success(), "{}", output_of(&gone));
    for program in programs {
        let library = "export LD_LIBRARY_PATH=sdk LATCHKEY_LIBRARY=sdk/liblatchkey.so";
        let call = format!("{library} PYTHONPATH=sdk/python:kit\n{program}");
        let done = reader.shell(&call, "");
        assert_eq!(done.status.code(), Some(1), "{program}: {}", output_of(&done));
        assert!(
            !output_of(&done).to_lowercase().contains("hello!"),
            "{program}: {}",
            output_of(&done)
        );
    }
}

#[test]
fn the_rust_guide_builds_a_product_that_accepts_the_licence() {
    let reader = first_licence();
    let folder = reader.folder();
    let manifest = blocks("sdk/rust.md", "toml").concat();
    let here = repository_root().display().to_string();
    assert!(manifest.contains("../latchkey/"), "{manifest}");
    fs::write(folder.join("Cargo.toml"), manifest.replace("../latchkey", &here)).expect("a file");
    // The locked versions are available offline.
    fs::copy(repository_root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("a file");
    // Its dependencies are built once, in the common target folder.
    let program = reader.programs.target().join("debug/product").display().to_string();
    assert_product_runs(&reader, "sdk/rust.md", "rust", "src/main.rs", &[&program]);
}

#[test]
fn the_c_guide_builds_a_product_that_accepts_the_licence() {
    let reader = first_licence();
    let programs = ["./product", "./product-static", "./product-cpp"];
    fs::create_dir_all(reader.folder()).expect("a folder");
    let cpp = blocks("sdk/c.md", "cpp").join("\n");
    fs::write(reader.folder().join("product.cpp"), cpp).expect("a source");
    assert_product_runs(&reader, "sdk/c.md", "c", "product.c", &programs);
}

#[test]
fn the_python_guide_builds_a_product_that_accepts_the_licence() {
    let reader = first_licence();
    assert_product_runs(&reader, "sdk/python.md", "python", "product.py", &["python3 product.py"]);
}

#[test]
fn the_c_sharp_guide_builds_a_product_that_accepts_the_licence() {
    let reader = first_licence();
    assert_product_runs(&reader, "sdk/csharp.md", "csharp", "Product.cs", &["mono Product.exe"]);
}

#[test]
fn the_go_guide_builds_a_product_that_accepts_the_licence() {
    let reader = first_licence();
    assert_product_runs(&reader, "sdk/go.md", "go", "product.go", &["./product"]);
}

#[test]
fn the_language_overview_writes_a_kit() {
    let reader = first_licence();
    for commands in blocks("sdk/README.md", "sh") {
        let done = reader.shell(&commands, "");
        assert!(done.status.success(), "{}", output_of(&done));
    }
    for file in ["latchkey.toml", "latchkey_product.rs", "latchkey_product.h"] {
        assert!(reader.folder().join("kit").join(file).is_file(), "{file}");
    }
}
