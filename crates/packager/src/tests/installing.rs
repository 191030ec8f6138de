//! Installers for Windows, run in Wine with the real programs: the vendor's are `latchkey-server`,
//! and the customer's `latchkey`. A small program takes the place of the wizard.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Seek as _, Write as _};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::*;

/// A name that means something else in a script, a command line or a file name if it isn't quoted.
const HOSTILE: &str = "Acme \"CAD\" $INSTDIR ${NAME} $(^Name) 100%TEMP% 'a' & `b`: $\\x\\";
const SHORTCUT: &str = "Acme -CAD- $INSTDIR ${NAME} $(^Name) 100%TEMP% 'a' & `b`- $-x-";
const UNINSTALL: &str = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall";
const EDGE: &str = "HKLM\\Software\\Wow6432Node\\Microsoft\\EdgeUpdate\\Clients\\\
                    {F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
/// The folder for the programs of a user.
const PROGRAMS: &str = "C:\\users\\USER\\AppData\\Local\\Programs";

/// Takes the place of the command line on a disk that is full: the licence was removed, and the
/// token couldn't be written.
const FULL_DISK: &str = r#"#include <stdio.h>
#include <string.h>
int main(int count, char **words) {
  if (strcmp(words[count - 1], "status") != 0) return 1;
  puts("{\"state\":\"not_activated\"}");
  return 0;
}
"#;

/// The programs for Windows, and Wine's prefix, in which they are installed.
struct Wine {
    programs: PathBuf,
    prefix: PathBuf,
}

impl Wine {
    fn new() -> Self {
        let folder = |name: &str| {
            let folder = std::env::var_os(name);
            let folder = folder.unwrap_or_else(|| panic!("NOT TESTED: {name} isn't set"));
            fs::canonicalize(folder).unwrap()
        };
        let wine =
            Self { programs: folder("LATCHKEY_WINDOWS_PROGRAMS"), prefix: folder("WINEPREFIX") };
        let _ = wine.run("reg", &["delete", EDGE, "/f"]);
        wine
    }

    fn command(program: &str, arguments: &[&str]) -> Command {
        let mut wine = Command::new("wine");
        wine.arg(program).args(arguments).env("LANG", "C.UTF-8").env_remove("LATCHKEY_CONFIG");
        wine
    }

    /// Runs a program and returns its exit status and standard output.
    fn run(&self, program: &str, arguments: &[&str]) -> (i32, String) {
        // Into a file: Wine's desktop inherits a pipe, and keeps it open while any program runs.
        let mut output = tempfile::tempfile().unwrap();
        let mut command = Self::command(program, arguments);
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(Stdio::null());
        let exit = command.status().unwrap().code().unwrap();
        let mut bytes = Vec::new();
        output.rewind().unwrap();
        output.read_to_end(&mut bytes).unwrap();
        (exit, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The path on this system of a path on Windows.
    fn path(&self, path: &str) -> PathBuf {
        self.prefix.join("drive_c").join(path.strip_prefix("C:\\").unwrap().replace('\\', "/"))
    }

    fn programs_of_user(&self) -> String {
        let users = self.prefix.join("drive_c/users").read_dir().unwrap();
        let names = users.map(|user| user.unwrap().file_name().into_string().unwrap());
        let user = names.filter(|name| name != "Public").collect::<Vec<_>>();
        assert_eq!(user.len(), 1, "{user:?}");
        PROGRAMS.replace("USER", &user[0])
    }

    fn value(&self, key: &str, name: &str) -> Option<String> {
        let name = if name.is_empty() { vec!["/ve"] } else { vec!["/v", name] };
        let (exit, text) = self.run("reg", &[&["query", key], &name[..]].concat());
        let value = text.lines().find_map(|line| line.split_once("REG_SZ"))?.1.trim();
        // `reg` has words for a key that has no value of its own.
        (exit == 0 && value != "(value not set)").then(|| value.to_owned())
    }

    /// Removes a product that has no spaces in its path, waits for the end, and returns the exit
    /// status.
    fn remove(&self, folder: &str) -> i32 {
        let program = format!("{folder}\\uninstall.exe");
        let (exit, _) = self.run(&program, &["/S", &format!("_?={folder}")]);
        // It can't remove itself then.
        fs::remove_file(self.path(&program)).unwrap();
        let _ = fs::remove_dir(self.path(folder));
        exit
    }
}

/// A product of a vendor of its own.
struct Product<'a> {
    wine: &'a Wine,
    fixture: Fixture,
    name: &'static str,
    root: &'static str,
    folder: String,
    code: String,
    /// The installers that were made, by the texts in the kit: making one takes seconds.
    made: RefCell<BTreeMap<String, PathBuf>>,
}

impl<'a> Product<'a> {
    fn new(wine: &'a Wine, name: &'static str, is_machine: bool) -> Self {
        let mut fixture = Fixture::new();
        fixture.with_installer = true;
        fs::remove_dir_all(fixture.path("archives")).unwrap();
        fs::create_dir(fixture.path("archives")).unwrap();
        let mut files = release_files(Platform::WindowsX86_64);
        let stripped = fixture.path("stripped.exe");
        let mut strip = Command::new("x86_64-w64-mingw32-strip");
        strip.arg("-o").args([&stripped, &wine.programs.join("latchkey.exe")]);
        assert!(strip.status().unwrap().success());
        let program = Entry::program(fs::read(&stripped).unwrap());
        files.insert("bin/latchkey.exe".to_owned(), program);
        files.insert("bin/latchkey-wizard.exe".to_owned(), real_program());
        fixture.archive(Platform::WindowsX86_64, &files);
        let (root, folder) = match is_machine {
            true => ("HKLM", format!("C:\\Program Files\\{name}")),
            false => ("HKCU", format!("{}\\{name}", wine.programs_of_user())),
        };
        let mut product = Self {
            wine,
            fixture,
            name,
            root,
            folder,
            code: String::new(),
            made: RefCell::default(),
        };
        // A run that has failed leaves files behind.
        let _ = fs::remove_dir_all(wine.path(&product.folder));
        let _ = product.server(&["init", "--vendor", "Acme"]);
        let _ = product.server(&["product", "add", "--name", name]);
        let terms = ["--product", "1", "--seats", "3", "--offline-lease", "30d"];
        let added = product.server(&[&["entitlement", "add"], &terms[..]].concat());
        product.code = added["codes"][0].as_str().unwrap().to_owned();
        let made = product.windows("made");
        let scope = if is_machine { "machine" } else { "user" };
        let _ = product.server(&["kit", "--product", "1", "--scope", scope, "--out", &made]);
        let config = fs::read_to_string(product.fixture.path("made/latchkey.toml")).unwrap();
        product.fixture.kit("latchkey.toml", &config);
        product.with(&[]);
        product
    }

    fn windows(&self, name: &str) -> String {
        format!("Z:{}", self.fixture.path(name).display()).replace('/', "\\")
    }

    /// Writes `package.toml` with these lines besides the usual ones.
    fn with(&self, lines: &[&str]) {
        let id = format!("example.{}", self.name);
        let text = SECTION_TEXT.replace("com.acme.cad.licence", &id);
        let text = text.replace("acme-cad-licence", self.name);
        let kept = text.lines().filter(|line| {
            !lines.iter().any(|own| line.split(" =").next() == own.split(" =").next())
        });
        let text = kept.collect::<Vec<_>>().join("\n").replace("[package]", "");
        self.fixture.kit("package.toml", &format!("[package]\n{}\n{text}", lines.join("\n")));
    }

    fn server(&self, arguments: &[&str]) -> Value {
        let program = self.wine.programs.join("latchkey-server.exe").display().to_string();
        let data = self.windows("data");
        let all = [&["--data", &data, "--json"], arguments].concat();
        let (exit, text) = self.wine.run(&program, &all);
        assert_eq!(exit, 0, "{arguments:?}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The exit status and the document of the installed command line.
    fn cli(&self, arguments: &[&str]) -> (i32, Value) {
        let program = format!("{}\\{}-cli.exe", self.folder, self.name);
        let (exit, text) = self.wine.run(&program, &[&["--json"], arguments].concat());
        (exit, serde_json::from_str(&text).unwrap_or_default())
    }

    /// Starts the installed command line, which runs until its input ends.
    fn start(&self) -> Child {
        let program = format!("{}\\{}-cli.exe", self.folder, self.name);
        let mut command = Wine::command(&program, &["apply"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // A pipe holds less than this, so the program is reading once all of it is written.
        child.stdin.as_mut().unwrap().write_all(&[b' '; 100_000]).unwrap();
        child
    }

    fn state(&self) -> String {
        self.cli(&["status"]).1["state"].as_str().unwrap().to_owned()
    }

    fn activate(&self) {
        // As docs/packaging.md describes it for a batch file.
        fs::write(self.fixture.path("code.txt"), format!("{}\r\n", self.code)).unwrap();
        let [code, request] = ["code.txt", "request.json"].map(|name| self.windows(name));
        let program = format!("{}\\{}-cli.exe", self.folder, self.name);
        let line = format!("\"{program}\" --json request --code - < {code} > {request}");
        fs::write(self.fixture.path("request.bat"), format!("@{line}\r\n")).unwrap();
        assert_eq!(self.wine.run("cmd", &["/c", &self.windows("request.bat")]).0, 0);
        let request = fs::read_to_string(self.fixture.path("request.json")).unwrap();
        let request: Value = serde_json::from_str(&request).unwrap();
        let request = request["token"].as_str().unwrap();
        let response = self.server(&["activate", request]);
        let response = response["results"][0]["token"].as_str().unwrap().to_owned();
        assert_eq!(self.cli(&["apply", &response]).0, 0);
        assert_eq!(self.state(), "active");
    }

    /// Makes the installer and runs it.
    fn install(&self, arguments: &[&str]) -> i32 {
        let texts = ["latchkey.toml", "package.toml"]
            .map(|name| fs::read_to_string(self.fixture.path("kit").join(name)).unwrap());
        let made = self.made.borrow().get(&texts.concat()).cloned();
        let made = made.unwrap_or_else(|| {
            let files = self.fixture.write().unwrap();
            let made = files.iter().find(|path| path.extension().unwrap() == "exe").unwrap();
            let kept = self.fixture.path(&format!("{}.exe", self.made.borrow().len()));
            fs::rename(made, &kept).unwrap();
            fs::remove_dir_all(self.fixture.path("out")).unwrap();
            self.made.borrow_mut().insert(texts.concat(), kept.clone());
            kept
        });
        self.wine.run(&made.display().to_string(), &[&["/S"], arguments].concat()).0
    }

    fn registered(&self, name: &str) -> Option<String> {
        self.wine.value(&format!("{}\\{UNINSTALL}\\example.{}", self.root, self.name), name)
    }

    /// The names of all files in the folder.
    fn files(&self) -> Vec<String> {
        let folder = self.wine.path(&self.folder);
        let Ok(entries) = folder.read_dir() else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
#[ignore = "needs Wine and the programs for Windows: `cargo xtask test-windows`"]
fn two_installed_products_are_upgraded_and_removed_side_by_side() {
    let wine = Wine::new();
    let [cad, draw] = ["acme-cad", "beta-draw"].map(|name| Product::new(&wine, name, false));
    let menu = format!("menu = {{ en = '''{HOSTILE}''' }}");
    for product in [&cad, &draw] {
        product.with(&[&menu]);
        let config = fs::read_to_string(product.fixture.path("kit/latchkey.toml")).unwrap();
        let with_logo = config.replacen("[look]\n", "[look]\nlogo = \"logo.svg\"\n", 1);
        assert_ne!(with_logo, config);
        product.fixture.kit("latchkey.toml", &with_logo);
        assert_eq!(product.install(&[]), 0);
        product.fixture.kit("latchkey.toml", &config);
        let wanted = [
            format!("{}-cli.exe", product.name),
            format!("{}.exe", product.name),
            "installed-files.txt".to_owned(),
            "licence.toml".to_owned(),
            "licences".to_owned(),
            "logo.svg".to_owned(),
            "uninstall.exe".to_owned(),
            "window-icon.png".to_owned(),
        ];
        let mut wanted = wanted.to_vec();
        wanted.sort();
        assert_eq!(product.files(), wanted);
        for (name, value) in [
            ("DisplayName", HOSTILE),
            ("DisplayVersion", "3.1.0"),
            ("Publisher", "Acme"),
            ("InstallLocation", &product.folder),
            ("WebView2", "missing"),
        ] {
            assert_eq!(product.registered(name).as_deref(), Some(value), "{name}");
        }
        // The names that mean something else are those of what was to be opened.
        let class = format!("HKCU\\Software\\Classes\\example.{}.token", product.name);
        assert_eq!(wine.value(&class, "").as_deref(), Some(HOSTILE));
        let command = wine.value(&format!("{class}\\shell\\open\\command"), "");
        let wanted = format!("\"{}\\{}.exe\" \"%1\"", product.folder, product.name);
        assert_eq!(command, Some(wanted));
        let (_, status) = product.cli(&["status"]);
        assert_eq!(status["product"], product.name);
        product.activate();
    }
    // The names in the menu would be the same.
    let [of_cad, of_draw] =
        [&cad, &draw].map(|product| wine.path(&product.registered("Shortcut").unwrap()));
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(name(&of_cad), format!("{SHORTCUT}.lnk"));
    assert_eq!(name(&of_draw), format!("{SHORTCUT} (beta-draw).lnk"));
    let first = "HKCU\\Software\\Classes\\.token";
    assert_eq!(wine.value(first, "").as_deref(), Some("example.acme-cad.token"));

    // An upgrade keeps the licence of one and the outbox of the other, and no old file.
    let (_, deactivated) = draw.cli(&["deactivate", "--yes"]);
    let deactivated = deactivated["id"].as_str().unwrap();
    for product in [&cad, &draw] {
        product.with(&[&menu, "version = \"3.2.0\""]);
        assert_eq!(product.install(&[]), 0);
        assert_eq!(product.registered("DisplayVersion").as_deref(), Some("3.2.0"));
        assert!(!product.files().contains(&"logo.svg".to_owned()), "{:?}", product.files());
    }
    assert_eq!(cad.state(), "active");
    let (_, outbox) = draw.cli(&["outbox"]);
    // The token is sealed again whenever it is shown.
    assert_eq!(outbox["outbox"][0]["id"], deactivated);
    assert_eq!(name(&wine.path(&cad.registered("Shortcut").unwrap())), format!("{SHORTCUT}.lnk"));

    // While a program runs, nothing is changed.
    let before = cad.files();
    let mut running = cad.start();
    assert_eq!(cad.install(&[]), 3);
    let uninstall = format!("{}\\uninstall.exe", cad.folder);
    assert_eq!(wine.run(&uninstall, &["/S", &format!("_?={}", cad.folder)]).0, 3);
    assert_eq!(cad.files(), before);
    running.wait().unwrap();
    // Nor in the folder of another product.
    assert_eq!(draw.install(&[&format!("/D={}", cad.folder)]), 4);
    assert_eq!((cad.files(), cad.state()), (before, "active".to_owned()));

    // Removing one leaves the other, and its own licence.
    let others = draw.files();
    assert_eq!(wine.remove(&cad.folder), 0);
    assert!(!wine.path(&cad.folder).exists() && !of_cad.exists());
    assert_eq!(cad.registered("DisplayName"), None);
    assert_eq!(wine.value(first, ""), None);
    let opened = format!("{first}\\OpenWithProgids");
    assert_eq!(wine.value(&opened, "example.acme-cad.token"), None);
    assert_eq!(wine.value(&opened, "example.beta-draw.token").as_deref(), Some(""));
    assert_eq!(draw.files(), others);
    assert!(of_draw.exists());
    assert_eq!(cad.install(&[]), 0);
    assert_eq!(cad.state(), "active");
    assert_eq!(cad.cli(&["deactivate", "--yes"]).0, 0);
    for product in [&cad, &draw] {
        assert_eq!(wine.remove(&product.folder), 0);
    }
    assert_eq!(wine.run("reg", &["query", first]).0, 1, "something is left in the registry");
}

#[test]
#[ignore = "needs Wine and the programs for Windows: `cargo xtask test-windows`"]
fn a_removed_installation_returns_the_licence_of_the_computer_if_it_is_told_to() {
    let wine = Wine::new();
    let mut product = Product::new(&wine, "acme-lab", true);
    make_certificate(&product.fixture);
    product.fixture.passphrase = Some(product.fixture.path("kit/passphrase"));
    let certificate = "windows = { certificate = \"acme.p12\" }";
    product.with(&["on_removal = \"deactivate\"", certificate]);
    let uninstall = format!("{}\\uninstall.exe", product.folder);
    let remove = || {
        assert_eq!(wine.run(&uninstall, &["/S"]).0, 0);
        // A copy of it does the work, and removes it last.
        while product.registered("DisplayName").is_some() || wine.path(&uninstall).exists() {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    };
    assert_eq!(product.install(&[]), 0);
    for name in ["acme-lab.exe", "acme-lab-cli.exe", "uninstall.exe"] {
        let program = fs::read(wine.path(&product.folder).join(name)).unwrap();
        assert!(is_signed(&product.fixture, &program), "{name}");
    }
    product.activate();
    assert_eq!(product.install(&[]), 0);
    assert_eq!(product.state(), "active", "an upgrade returns nothing");
    remove();
    assert_eq!(product.files(), ["deactivation-1.token"]);
    let token = wine.path(&product.folder).join("deactivation-1.token");
    let token = fs::read_to_string(token).unwrap();
    let taken = product.server(&["deactivate", token.trim()]);
    assert_eq!(taken["results"][0]["error"], Value::Null, "{taken}");

    // Without a licence there is nothing to return, and no token is lost.
    assert_eq!(product.install(&[]), 0);
    assert_eq!(product.state(), "not_activated");
    remove();
    assert_eq!(product.files(), ["deactivation-1.token"]);
    // By default the licence is kept.
    product.with(&[certificate]);
    assert_eq!(product.install(&[]), 0);
    product.activate();
    remove();
    assert_eq!(product.files(), ["deactivation-1.token"]);
    assert_eq!(product.install(&[]), 0);
    assert_eq!(product.state(), "active");
    // A licence that can't be returned is kept, and the removal goes on.
    product.with(&["on_removal = \"deactivate\"", certificate]);
    assert_eq!(product.install(&[]), 0);
    fs::write(wine.path(&product.folder).join("licence.toml"), "format = 9").unwrap();
    remove();
    assert_eq!(product.files(), ["deactivation-1.token"]);
    assert_eq!(product.install(&[]), 0);
    assert_eq!(product.state(), "active");
    // If the token can't be written, nothing else is removed.
    let program = wine.path(&product.folder).join("acme-lab-cli.exe");
    let real = fs::read(&program).unwrap();
    let source = product.fixture.path("full.c");
    fs::write(&source, FULL_DISK).unwrap();
    let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
    assert!(compiler.arg("-o").args([&program, &source]).status().unwrap().success());
    let before = product.files();
    // The uninstaller takes the rest of its command line for the folder, without quotes.
    let here = format!("/S _?={}", product.folder);
    assert_eq!(wine.run(&uninstall, &here.split(' ').collect::<Vec<_>>()).0, 5);
    assert_eq!(product.files(), before);
    fs::write(&program, real).unwrap();
    assert_eq!(product.state(), "active");
    remove();
    assert_eq!(product.files(), ["deactivation-1.token", "deactivation-2.token"]);
    fs::remove_dir_all(wine.path(&product.folder)).unwrap();
}

#[test]
#[ignore = "needs Wine and the programs for Windows: `cargo xtask test-windows`"]
fn an_installer_uses_the_web_view_that_the_vendor_put_beside_it() {
    let wine = Wine::new();
    let product = Product::new(&wine, "acme-view", false);
    let webview = || product.registered("WebView2").unwrap();
    // An installer that installs nothing: the product is there, and the status says the rest.
    let beside = product.fixture.path("kit/webview.exe");
    fs::write(&beside, real_program().content).unwrap();
    product.with(&["windows = { webview2 = \"webview.exe\" }"]);
    assert_eq!((product.install(&[]), webview()), (5, "missing".to_owned()));
    // One that is there is used, and the installer isn't run.
    assert_eq!(wine.run("reg", &["add", EDGE, "/v", "pv", "/d", "130.0.1", "/f"]).0, 0);
    assert_eq!((product.install(&[]), webview()), (0, "130.0.1".to_owned()));
    assert_eq!(wine.run("reg", &["add", EDGE, "/v", "pv", "/d", "0.0.0.0", "/f"]).0, 0);
    assert_eq!((product.install(&[]), webview()), (5, "missing".to_owned()));
    // A fixed version is a folder of the product.
    let fixed = product.fixture.path("kit/fixed/Locales");
    fs::create_dir_all(&fixed).unwrap();
    fs::write(fixed.join("en-US.pak"), "words").unwrap();
    fs::write(product.fixture.path("kit/fixed/msedgewebview2.exe"), "MZ").unwrap();
    product.with(&["windows = { webview2 = \"fixed\", folder = \"Acme/View 1\" }"]);
    let first = product.folder.clone();
    assert_eq!(product.install(&[]), 0);
    // The folder of the version before is kept by an upgrade.
    assert_eq!(product.registered("InstallLocation").as_ref(), Some(&first));
    let of_fixed = wine.path(&first).join("webview2/Locales/en-US.pak");
    assert_eq!(fs::read_to_string(of_fixed).unwrap(), "words");
    assert_eq!(webview(), "webview2");
    assert_eq!(wine.remove(&first), 0);
    assert_eq!(product.files(), [""; 0]);
    assert_eq!(product.install(&[]), 0);
    let own = first.replace("acme-view", "Acme\\View 1");
    assert_eq!(product.registered("InstallLocation").as_ref(), Some(&own));
    assert_eq!(wine.run(&format!("{own}\\uninstall.exe"), &["/S"]).0, 0);
    while wine.path(&own).exists() {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
