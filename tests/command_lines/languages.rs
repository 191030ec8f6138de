//! The same product in every language that has an SDK, built as its vendor would build it and run
//! against a real issuer.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use latchkey_e2e_support::{Answer, Call, Computer, Mounts, Programs, repository_root};

use crate::fixture::Fixture;

/// The options of the entitlement to the fixture's product.
pub(crate) const ENTITLEMENT_OPTIONS: &[&str] = &[
    "--seats",
    "3",
    "--offline-lease",
    "7d",
    "--grace",
    "3d",
    "--feature",
    "export=true",
    "--feature",
    "render=8",
    "--attribute",
    "plan=professional",
];

/// A product that was built with the fixture's kit.
pub(crate) struct Product {
    /// The command that starts it.
    words: Vec<String>,
    environment: Vec<(String, PathBuf)>,
    /// The command that runs it in other mounts.
    wrapper: Vec<OsString>,
    /// Whether its clock can't be changed, because its tool tolerates no other preloaded library.
    without_clock: bool,
}

impl Product {
    fn new(words: &[&Path]) -> Self {
        let words = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        Self { words, environment: Vec::new(), wrapper: Vec::new(), without_clock: false }
    }

    pub(crate) fn with_env(mut self, name: &str, value: &Path) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same product in mounts of its own.
    pub(crate) fn in_mounts(self, mounts: &Mounts) -> Self {
        Self { wrapper: mounts.wrapper(), ..self }
    }

    /// Runs it with the computer's vault file.
    #[track_caller]
    pub(crate) fn run(&self, computer: &Computer, words: &[&str]) -> Answer {
        self.run_in(computer, "C", words)
    }

    /// Runs it with the store that its policy selects.
    #[track_caller]
    pub(crate) fn run_by_policy(&self, computer: &Computer) -> Answer {
        self.call(computer, "C").args(["--no-wizard"]).run()
    }

    #[track_caller]
    fn run_in(&self, computer: &Computer, language: &str, words: &[&str]) -> Answer {
        let store = format!("file:{}", computer.vault().display());
        self.call(computer, language).args(["--no-wizard", "--store", &store]).args(words).run()
    }

    #[track_caller]
    fn call(&self, computer: &Computer, language: &str) -> Call {
        let own = computer.wrapper();
        let wrapper = if self.wrapper.is_empty() { &own } else { &self.wrapper };
        let mut call = Call::wrapped(Path::new(&self.words[0]), wrapper)
            .env("HOME", computer.home())
            .env("LC_ALL", language)
            .args(&self.words[1..]);
        for (name, value) in &self.environment {
            call = call.env(name, value);
        }
        for (name, value) in computer.clock.environment().expect("a clock") {
            call = call.env(&name, value);
        }
        call
    }
}

/// The folder of the built libraries.
fn libraries(programs: &Programs) -> PathBuf {
    programs.path("liblatchkey.so").parent().expect("a folder").to_owned()
}

fn build(command: &mut Command) {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}\n{said}");
}

/// The C product, linked with one of the libraries.
fn c_product(fixture: &Fixture, name: &str, options: &[&str], libraries: &[&str]) -> PathBuf {
    c_program(fixture, "examples/hello-c/hello.c", name, options, libraries)
}

/// Another program in C.
fn c_program(
    fixture: &Fixture,
    source: &str,
    name: &str,
    options: &[&str],
    libraries: &[&str],
) -> PathBuf {
    let product = fixture.vendor.folder().expect("a folder").join(name);
    build(
        Command::new("cc")
            .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic"])
            .args(["-Werror", "-g", "-I"])
            .arg(repository_root().join("crates/sdk-c/include"))
            .arg("-I")
            .arg(&fixture.kit.folder)
            .args(options)
            .arg(repository_root().join(source))
            .args(libraries)
            .args(["-lpthread", "-o"])
            .arg(&product),
    );
    product
}

/// Takes a product in any language through the life cycle of a licence.
#[track_caller]
fn run_life_cycle(product: &Product, fixture: &mut Fixture) {
    let mut computer = fixture.computer();
    let nothing = product.run(&computer, &[]).exits(4);
    assert!(nothing.stderr.contains("isn’t activated"), "{nothing}");
    assert!(nothing.stderr.contains("verdict.not_activated 7004"), "{nothing}");
    let german = product.run_in(&computer, "de_DE.UTF-8", &[]).exits(4);
    assert!(german.stderr.contains("ist auf diesem Computer nicht aktiviert"), "{german}");

    // Through the product's own dialogs. A code that may be mistyped is reported, but used.
    let slip = product.run(&computer, &["request", "2V7HX-M9QXE-3TRHG-8NPW6"]).succeeds();
    assert!(slip.stderr.contains("activation_code.groups"), "{slip}");
    assert_eq!(slip.tokens().len(), 1, "{slip}");
    let request = product.run(&computer, &["request", fixture.code()]).succeeds();
    assert!(!request.stderr.contains("activation_code."), "{request}");
    let wrong = product.run(&computer, &["activate", request.stdout.trim()]).exits(3);
    assert!(wrong.stderr.contains("token.wrong_kind 1030"), "{wrong}");
    let response = fixture.vendor.response_to(&request.stdout);
    let _ = product.run(&computer, &["activate", &format!("Hello,\n> {response}")]).succeeds();
    assert_eq!(computer.state(), "active");
    let active = product.run(&computer, &[]).succeeds();
    for said in ["7 days left", &computer.seat(), "export: yes", "render: 8", "plan: professional"]
    {
        assert!(active.stdout.contains(said), "{said} isn't in\n{active}");
    }
    let _ = product.run(&computer, &["threads"]).succeeds();
    let refused = product.run(&computer, &["checkout"]).exits(3);
    assert!(refused.stderr.contains("Local License Server"), "{refused}");
    assert!(refused.stderr.contains("feature.offline 7201"), "{refused}");

    if !product.without_clock {
        for (days, status, said) in [(8, 0, "verdict.in_grace"), (11, 4, "verdict.expired")] {
            fixture.days_later(days, [&mut computer]);
            let late = product.run(&computer, &[]).exits(status);
            assert!(late.stderr.contains(said), "{late}");
        }
    }
    let refresh = fixture.vendor.refresh_of(&computer.seat());
    let _ = product.run(&computer, &["refresh", &refresh]).succeeds();
    let _ = product.run(&computer, &[]).succeeds();

    let whole = fs::read(computer.vault()).expect("the vault");
    fs::write(computer.vault(), &whole[..whole.len() / 2]).expect("the vault");
    let broken = product.run(&computer, &[]).exits(5);
    assert!(broken.stderr.contains("store.damaged"), "{broken}");
    fs::write(computer.vault(), whole).expect("the vault");

    let given_back = product.run(&computer, &["deactivate"]).succeeds();
    let _ = product.run(&computer, &[]).exits(4);
    let _ = fixture.vendor.deactivate(&given_back.stdout).succeeds();
    assert_eq!(fixture.seats_in_use(), 0);
}

/// The C product, linked dynamically, as most products are.
pub(crate) fn linked_c_product(fixture: &Fixture) -> Product {
    linked_c_program(fixture, "examples/hello-c/hello.c", "hello-c")
}

/// Another program in C with the shared library.
pub(crate) fn linked_c_program(fixture: &Fixture, source: &str, name: &str) -> Product {
    let folder = libraries(&fixture.programs);
    let folder_option = format!("-L{}", folder.display());
    let program = c_program(fixture, source, name, &[&folder_option], &["-llatchkey"]);
    Product::new(&[&program]).with_env("LD_LIBRARY_PATH", &folder)
}

#[test]
fn a_c_product_runs_while_its_lease_is_valid() {
    let mut fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    run_life_cycle(&linked_c_product(&fixture), &mut fixture);
}

#[test]
fn a_python_product_runs_while_its_lease_is_valid() {
    let mut fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let library = libraries(&fixture.programs).join("liblatchkey.so");
    let mut path = repository_root().join("bindings/python").into_os_string();
    path.push(":");
    path.push(&fixture.kit.folder);
    let script = repository_root().join("examples/hello-python/hello.py");
    let product = Product::new(&[Path::new("/usr/bin/python3"), &script])
        .with_env("LATCHKEY_LIBRARY", &library)
        .with_env("PYTHONPATH", Path::new(&path))
        .with_env("PYTHONDONTWRITEBYTECODE", Path::new("1"))
        .with_env("PYTHONUTF8", Path::new("1"));
    run_life_cycle(&product, &mut fixture);
}

#[test]
fn python_objects_can_be_copied_dropped_and_closed_in_callbacks() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let mut path = repository_root().join("bindings/python").into_os_string();
    path.push(":");
    path.push(&fixture.kit.folder);
    let file = fixture.vendor.folder().expect("a folder").join("copies");
    let answer = Call::new(Path::new("/usr/bin/python3"))
        .args([&repository_root().join("tests/command_lines/copies.py"), &file])
        .env("LATCHKEY_LIBRARY", libraries(&fixture.programs).join("liblatchkey.so"))
        .env("PYTHONPATH", &path)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .run()
        .succeeds();
    assert_eq!(answer.stdout.trim(), "done");
}

#[test]
fn a_c_sharp_product_runs_while_its_lease_is_valid() {
    let mut fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let product = fixture.vendor.folder().expect("a folder").join("Hello.exe");
    build(
        Command::new("mcs")
            .arg("-warnaserror")
            .arg(format!("-out:{}", product.display()))
            .args(
                ["bindings/csharp/Latchkey.cs", "bindings/csharp/Native.cs"]
                    .map(|file| repository_root().join(file)),
            )
            .arg(repository_root().join("examples/hello-csharp/Hello.cs"))
            .arg(fixture.kit.folder.join("LatchkeyProduct.cs")),
    );
    // Where Mono falls, it leaves a dump in the current folder. Under faketime its own threads now
    // and then get a time that clock_nanosleep refuses, and it aborts: that says nothing of the
    // product, which is started again; unless it has printed its deactivation token already, which
    // it does last and only once.
    let folder = product.parent().expect("a folder");
    let script = "cd \"$0\" || exit; for time in 1 2 3 4; do \"$@\" >out 2>err; status=$?; \
                  grep -q clock_nanosleep out err || break; \
                  grep -q LKDAC out && { status=0; break; }; done; cat out; cat err >&2; exit $status";
    let there = ["/bin/sh", "-c", script].map(Path::new);
    let words = [&there[..], &[folder, Path::new("/usr/bin/mono"), &product]].concat();
    let product = Product::new(&words).with_env("LD_LIBRARY_PATH", &libraries(&fixture.programs));
    run_life_cycle(&product, &mut fixture);
}

#[test]
fn csharp_handles_are_closed_once_beside_the_garbage_collector_and_in_callbacks() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let folder = fixture.vendor.folder().expect("a folder").join("handles");
    fs::create_dir(&folder).expect("a folder");
    let libraries = libraries(&fixture.programs);
    let counting = folder.join("libcounting.so");
    build(
        Command::new("cc")
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"])
            .arg(repository_root().join("tests/command_lines/counting.c"))
            // It calls nothing there by name.
            .arg("-Wl,--no-as-needed")
            .arg(format!("-L{}", libraries.display()))
            .args(["-llatchkey", "-ldl", "-lpthread", "-o"])
            .arg(&counting),
    );
    // Mono looks for the library's functions in the one that counts.
    let maps = ["latchkey", "counting"]
        .map(|name| format!("<dllmap dll=\"{name}\" target=\"{}\"/>", counting.display()));
    let config = format!("<configuration>{}</configuration>", maps.concat());
    fs::write(folder.join("Handles.exe.config"), config).expect("a configuration");
    let program = folder.join("Handles.exe");
    build(
        Command::new("mcs")
            .arg("-warnaserror")
            .arg(format!("-out:{}", program.display()))
            .args(
                [
                    "bindings/csharp/Latchkey.cs",
                    "bindings/csharp/Native.cs",
                    "tests/command_lines/Handles.cs",
                ]
                .map(|file| repository_root().join(file)),
            )
            .arg(fixture.kit.folder.join("LatchkeyProduct.cs")),
    );
    let answer = Call::new(Path::new("/usr/bin/mono"))
        .args([&program, &folder])
        .env("LD_LIBRARY_PATH", &libraries)
        .run()
        .succeeds();
    assert_eq!(answer.stdout.trim(), "done");
}

#[test]
fn a_go_product_runs_while_its_lease_is_valid() {
    let mut fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let folder = fixture.vendor.folder().expect("a folder").join("hello-go");
    fs::create_dir(&folder).expect("a folder");
    let here = repository_root().display().to_string();
    let module =
        fs::read_to_string(repository_root().join("examples/hello-go/go.mod")).expect("a module");
    fs::write(folder.join("go.mod"), module.replace("../..", &here)).expect("a module");
    for file in [
        repository_root().join("examples/hello-go/hello.go"),
        fixture.kit.folder.join("latchkey_product.go"),
    ] {
        fs::copy(&file, folder.join(file.file_name().expect("a name"))).expect("a source");
    }
    let libraries = libraries(&fixture.programs);
    build(
        Command::new("go")
            .args(["build", "-o", "hello-go"])
            .current_dir(&folder)
            .env("GOFLAGS", "-mod=mod")
            .env("GOPROXY", "off")
            .env("GOCACHE", fixture.programs.target().join("go"))
            .env(
                "CGO_CFLAGS",
                format!("-I{}", repository_root().join("crates/sdk-c/include").display()),
            )
            .env("CGO_LDFLAGS", format!("-L{}", libraries.display())),
    );
    let product = Product::new(&[&folder.join("hello-go")]).with_env("LD_LIBRARY_PATH", &libraries);
    run_life_cycle(&product, &mut fixture);
}

#[test]
fn many_processes_share_one_licence_while_it_is_refreshed() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let product = linked_c_product(&fixture);
    let computer = fixture.active_computer("Drawing office");
    let refreshes = [0; 4].map(|_| fixture.vendor.refresh_of(&computer.seat()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| product.run(&computer, &["threads"]));
            scope.spawn(|| product.run(&computer, &[]).succeeds());
        }
        for refresh in &refreshes {
            let _ = computer.apply(refresh).succeeds();
        }
    });
    let _ = product.run(&computer, &[]).succeeds();
}

/// The system libraries that the static library needs.
const SYSTEM_LIBRARIES: [&str; 3] = ["-lm", "-ldl", "-lgcc_s"];

#[test]
fn a_c_product_passes_the_address_sanitizer() {
    let mut fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let archive = libraries(&fixture.programs).join("liblatchkey.a");
    let archive = archive.to_string_lossy();
    let mut with = vec![&*archive];
    with.extend(SYSTEM_LIBRARIES);
    let options = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let product = c_product(&fixture, "hello-asan", &options, &with);
    let mut product = Product::new(&[&product])
        .with_env("ASAN_OPTIONS", Path::new("detect_leaks=1:verify_asan_link_order=0"));
    // libfaketime and the sanitizer both have to be loaded first.
    product.without_clock = true;
    run_life_cycle(&product, &mut fixture);
}

/// Valgrind, which exits with an error if it reports one.
fn valgrind() -> Vec<&'static Path> {
    [
        "/usr/bin/valgrind",
        "--quiet",
        "--error-exitcode=99",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite,indirect",
    ]
    .map(Path::new)
    .into()
}

#[test]
fn a_c_product_passes_valgrind() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let folder = libraries(&fixture.programs);
    let folder_option = format!("-L{}", folder.display());
    let program = c_product(&fixture, "hello-valgrind", &[&folder_option], &["-llatchkey"]);
    let mut words = valgrind();
    words.push(&program);
    let product = Product::new(&words).with_env("LD_LIBRARY_PATH", &folder);
    let computer = fixture.computer();
    let request = product.run(&computer, &["request", fixture.code()]).succeeds();
    let response = fixture.vendor.response_to(&request.stdout);
    let _ = product.run(&computer, &["activate", &response]).succeeds();
    let _ = product.run(&computer, &[]).succeeds();
    let _ = product.run(&computer, &["checkout"]).exits(3);
    let _ = product.run(&computer, &["deactivate"]).succeeds();
    let _ = product.run(&computer, &[]).exits(4);
}

/// Runs `closing.c`, which was built as a program that starts with these words.
#[track_caller]
fn run_closing_program(fixture: &Fixture, words: &[&Path], environment: (&str, &Path)) {
    let folder = fixture.vendor.folder().expect("a folder");
    let mut call = Call::new(words[0]).env(environment.0, environment.1);
    for word in &words[1..] {
        call = call.args([word]);
    }
    let _ = call.args(["first", "second"].map(|name| folder.join(name))).run().succeeds();
}

#[test]
fn closing_in_callbacks_and_during_checks_passes_the_address_sanitizer() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let archive = libraries(&fixture.programs).join("liblatchkey.a");
    let archive = archive.to_string_lossy();
    let mut with = vec![&*archive];
    with.extend(SYSTEM_LIBRARIES);
    let options = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let source = "tests/command_lines/closing.c";
    let program = c_program(&fixture, source, "closing-asan", &options, &with);
    let options = Path::new("detect_leaks=1:verify_asan_link_order=0");
    run_closing_program(&fixture, &[&program], ("ASAN_OPTIONS", options));
}

#[test]
fn closing_in_callbacks_and_during_checks_passes_valgrind() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let folder = libraries(&fixture.programs);
    let folder_option = format!("-L{}", folder.display());
    let source = "tests/command_lines/closing.c";
    let program =
        c_program(&fixture, source, "closing-valgrind", &[&folder_option], &["-llatchkey"]);
    let mut words = valgrind();
    words.push(&program);
    run_closing_program(&fixture, &words, ("LD_LIBRARY_PATH", &folder));
}

#[test]
fn a_process_may_fork_while_other_threads_use_licences() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let folder = libraries(&fixture.programs);
    let folder_option = format!("-L{}", folder.display());
    let source = "tests/command_lines/forking.c";
    let program = c_program(&fixture, source, "forking", &[&folder_option], &["-llatchkey"]);
    let file = fixture.vendor.folder().expect("a folder").join("licence");
    let call = Call::new(&program).env("LD_LIBRARY_PATH", &folder).args([file]);
    let _ = call.run().succeeds();
}
