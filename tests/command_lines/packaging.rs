//! A vendor's own packages: from a release's archive to programs that are installed beside those of
//! other products. The archive is made by `cargo xtask dist` from the programs of this build.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use latchkey_e2e_support::{Answer, Call, Programs, Vendor, repository_root};
use tempfile::TempDir;

use crate::codes;

/// A product of a vendor, with its name in packages.
pub(crate) struct Product {
    name: &'static str,
    package: &'static str,
    pub(crate) code: String,
    pub(crate) kit: PathBuf,
}

impl Product {
    pub(crate) fn add(vendor: &Vendor, name: &'static str, package: &'static str) -> Self {
        let number = vendor.add_product(name, &[]);
        let terms = ["--seats", "3", "--offline-lease", "30d"];
        let code = vendor.add_entitlement(number, &terms).code().to_owned();
        let kit = vendor.kit_here(number).folder;
        let icon = "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0h9v9z\"/></svg>";
        fs::write(kit.join("icon.svg"), icon).expect("icon");
        let product = Self { name, package, code, kit };
        product.set_version("1.0.0");
        product
    }

    fn set_version(&self, version: &str) {
        let Self { name, package, kit, .. } = self;
        let section = format!(
            "[package]\nid = \"example.{}\"\nname = \"{package}\"\nversion = \"{version}\"\n\
             maintainer = \"Support <support@acme.example>\"\nicon = \"icon.svg\"\n\
             menu = {{ en = \"{name} licence\", de = \"{name}: Lizenz\" }}\n\
             summary = {{ en = \"Activates {name}\" }}\n",
            package.replace('-', "."),
        );
        fs::write(kit.join("package.toml"), section).expect("package.toml");
    }

    /// The package for Debian, made with this version.
    pub(crate) fn package(&self, programs: &Programs, archives: &Path, version: &str) -> PathBuf {
        self.set_version(version);
        let out = self.kit.join("packages").join(version);
        let _ = package(programs, &self.kit, archives, &out).run().succeeds();
        out.join(format!("{}_{version}_amd64.deb", self.package))
    }
}

fn package(programs: &Programs, kit: &Path, archives: &Path, out: &Path) -> Call {
    let call = Call::new(&programs.path("latchkey-server")).args(["--json", "package", "--kit"]);
    call.args([kit.as_os_str(), "--from".as_ref(), archives.as_os_str()])
        .args(["--out".as_ref(), out.as_os_str()])
}

/// Makes a release's archive from the programs of this build, without their debug information.
/// `options`: more options of the task.
pub(crate) fn archives(programs: &Programs, folder: &Path, options: &[&str]) -> PathBuf {
    let (stripped, out) = (folder.join("programs"), folder.join("archives"));
    fs::create_dir(&stripped).expect("a folder");
    for name in ["latchkey-wizard", "latchkey", "latchkey-server", "liblatchkey.so"] {
        let strip = Command::new("strip")
            .arg("-o")
            .args([stripped.join(name), programs.path(name)])
            .status();
        assert!(strip.expect("binutils").success(), "{name}");
    }
    let done = Command::new(programs.path("xtask"))
        .args(["dist", "--target", "linux-x86_64", "--programs"])
        .arg(&stripped)
        .arg("--out")
        .arg(&out)
        .args(options)
        .output()
        .expect("xtask");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out
}

/// A root folder of a computer that has nothing but the package manager's own files.
struct Computer {
    root: TempDir,
}

impl Computer {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "home"] {
            fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        fs::write(root.path().join("var/lib/dpkg/status"), "").expect("the list of packages");
        Self { root }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The libraries that packages depend on aren't in the root folder, but beside it.
    fn dpkg(&self, arguments: &[&str]) {
        let mut dpkg = Command::new("fakeroot");
        dpkg.args(["dpkg", "--force-not-root", "--force-depends", "--log=/dev/null", "--root"]);
        let done = dpkg.arg(self.root.path()).args(arguments).output().expect("fakeroot and dpkg");
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{arguments:?}: {text}");
    }

    fn install(&self, package: &Path) {
        self.dpkg(&["--install", &package.to_string_lossy()]);
    }

    /// A call of a product's own program. The environment names another product's configuration.
    fn call(&self, product: &Product, end: &str, other: &Product) -> Call {
        let folder = self.path("opt").join(product.package);
        Call::new(&folder.join(format!("{}{end}", product.package)))
            .env("HOME", self.path("home"))
            .env("LATCHKEY_CONFIG", other.kit.join("latchkey.toml"))
    }

    fn cli(&self, product: &Product, other: &Product) -> Call {
        self.call(product, "-cli", other).args(["--store", "file"])
    }

    /// Everything that is installed, except for the folders of this product.
    fn files_without(&self, product: &Product) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut left = vec![self.path("opt"), self.path("usr")];
        while let Some(folder) = left.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let id = product.package.replace('-', ".");
                let name = path.to_string_lossy().into_owned();
                if name.contains(product.package) || name.contains(&id) {
                    continue;
                }
                match path.is_dir() {
                    true => left.push(path),
                    false => drop(files.insert(path.clone(), fs::read(path).expect("a file"))),
                }
            }
        }
        files
    }
}

/// Checks that `rpm` accepts a package, and that its files are those that are installed.
fn same_files_in_rpm(package: &Path, computer: &Computer) {
    let rpm = |arguments: &[&str]| {
        let done = Command::new("rpm").args(arguments).arg(package).output().expect("rpm");
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{text}{}", String::from_utf8_lossy(&done.stderr));
        text
    };
    let checked = rpm(&["--checksig", "--verbose"]);
    assert_eq!(checked.matches(": OK").count(), 3, "{checked}");
    let mut programs = 0;
    for line in rpm(&["--query", "--package", "--dump"]).lines() {
        let fields: Vec<_> = line.split(' ').collect();
        let [path, size, _, _, mode, ..] = fields[..] else { panic!("{line}") };
        let installed = computer.path(path.trim_start_matches('/'));
        if mode.starts_with("010") {
            let length = fs::metadata(&installed).expect("the same file").len();
            assert_eq!(length.to_string(), size, "{line}");
            programs += usize::from(mode.ends_with("755"));
        } else {
            assert!(installed.is_dir(), "{line}");
        }
    }
    assert_eq!(programs, 2);
}

#[test]
fn three_products_of_two_vendors_are_installed_upgraded_and_removed_side_by_side() {
    let programs = Programs::find().expect("the programs");
    let folder = tempfile::tempdir().expect("a folder");
    let archives = archives(&programs, folder.path(), &["--check"]);
    let (acme, beta) = (Vendor::new(&programs, "Acme"), Vendor::new(&programs, "Beta"));
    let products = [
        (&acme, Product::add(&acme, "Acme CAD", "acme-cad")),
        (&acme, Product::add(&acme, "Acme Sim", "acme-sim")),
        (&beta, Product::add(&beta, "Beta Draw", "beta-draw")),
    ];
    let computer = Computer::new();
    let first = products.each_ref().map(|(_, product)| {
        let package = product.package(&programs, &archives, "1.0.0");
        computer.install(&package);
        let of_rpm = format!("{}-1.0.0-1.x86_64.rpm", product.package);
        same_files_in_rpm(&package.with_file_name(of_rpm), &computer);
        package
    });
    let [(_, cad), (_, sim), (_, draw)] = &products;
    let others = [(cad, draw), (sim, cad), (draw, sim)];

    // Each has its own name and its own configuration, whatever the environment says.
    for (product, other) in others {
        for end in ["", "-cli"] {
            let version = computer.call(product, end, other).args(["--version"]).run().succeeds();
            let name = format!("{}{end} ", product.package);
            assert!(version.stdout.starts_with(&name), "{version}");
            let help = computer.call(product, end, other).args(["--help"]).run().succeeds();
            let usage = format!("Usage: {}{end} ", product.package);
            assert!(help.stdout.contains(&usage), "{help}");
        }
        let status = computer.cli(product, other).args(["status"]).run().succeeds();
        assert!(status.to_string().contains(product.name), "{status}");
        assert!(!status.to_string().contains(other.name), "{status}");
    }

    // Each gets a licence of its own, with the code from a file, as a script gives it.
    for ((vendor, product), (_, other)) in products.iter().zip(others) {
        let request = computer.cli(product, other).args(["--json", "request", "--code", "-"]);
        let request = request.input(format!("{}\r\n", product.code)).run().succeeds();
        let request = request.json_token().expect("a request");
        let response = vendor.response_to(&request);
        let _ = computer.cli(product, other).args(["apply"]).input(response).run().succeeds();
    }
    let states = |computer: &Computer, products: &[(&Product, &Product)]| {
        products.iter().for_each(|(product, other)| {
            let status = computer.cli(product, other).args(["--json", "status"]).run().succeeds();
            assert_eq!(status.json()["state"], "active", "{status}");
        });
    };
    states(&computer, &others);

    // An upgrade keeps the licence, and an undelivered deactivation.
    let deactivated = computer.cli(sim, cad).args(["--json", "deactivate", "--yes"]);
    let _ = deactivated.run().succeeds();
    let before = computer.files_without(sim);
    computer.install(&sim.package(&programs, &archives, "1.0.1"));
    assert!(computer.files_without(sim) == before, "something else has changed");
    let outbox = computer.cli(sim, cad).args(["--json", "outbox"]).run().succeeds();
    let token = outbox.json()["outbox"][0]["token"].as_str().expect("a token").to_owned();
    let _ = acme.deactivate(&token).succeeds();
    computer.install(&first[0]);
    states(&computer, &[(cad, draw), (draw, sim)]);

    // Removing one leaves the others as they are, and its licence on the computer.
    let before = computer.files_without(draw);
    computer.dpkg(&["--remove", draw.package]);
    assert!(computer.files_without(draw) == before, "something else has changed");
    assert!(!computer.path("opt/beta-draw").exists());
    states(&computer, &[(cad, draw)]);
    computer.install(&first[2]);
    states(&computer, &others[2..]);
}

#[test]
fn an_altered_archive_makes_no_package() {
    let programs = Programs::find().expect("the programs");
    let folder = tempfile::tempdir().expect("a folder");
    let vendor = Vendor::new(&programs, "Acme");
    let product = Product::add(&vendor, "Acme CAD", "acme-cad");
    let archives = folder.path().join("archives");
    fs::create_dir(&archives).expect("a folder");
    let name = "latchkey-0.1.0-linux-x86_64.tar.gz";
    fs::write(archives.join(name), "altered").expect("an archive");
    let sums = format!("{}  {name}\n", "0".repeat(64));
    let out = folder.path().join("out");
    let call = || package(&programs, &product.kit, &archives, &out).run();
    call().fails(2, codes::NOT_LISTED);
    fs::write(archives.join("SHA256SUMS"), sums).expect("the list");
    call().fails(3, codes::ALTERED);
    assert!(!out.exists());
    fs::remove_file(product.kit.join("package.toml")).expect("package.toml");
    call().fails(2, codes::SECTION_MISSING);
}

/// The places that our SDK shares with the programs of every vendor, which docs/packaging.md lists.
const SHARED_PLACE: &str = ".local/share/latchkey";

/// Checks that a person who reads this sees no name of ours. Returns what was said.
#[track_caller]
fn says_no_name_of_ours(answer: &Answer) -> String {
    let said = [answer.stdout.as_str(), &answer.stderr].concat();
    let rest = said.replace(SHARED_PLACE, "").to_lowercase();
    assert!(!rest.contains("latchkey"), "{answer}");
    said
}

#[test]
fn nothing_that_a_vendors_programs_say_has_a_name_of_ours() {
    let programs = Programs::find().expect("the programs");
    let folder = tempfile::tempdir().expect("a folder");
    let archives = archives(&programs, folder.path(), &[]);
    let vendor = Vendor::new(&programs, "Acme");
    let product = Product::add(&vendor, "Acme CAD", "acme-cad");
    let computer = Computer::new();
    computer.install(&product.package(&programs, &archives, "1.0.0"));
    let text = computer.path("home/text.txt");
    fs::write(&text, "no token").expect("a text");
    let text = text.to_str().expect("a path");
    let config = computer.path("opt/acme-cad/licence.toml");
    let installed = fs::read_to_string(&config).expect("the configuration");
    let all = RefCell::new(String::new());
    let check = |answer: &Answer| all.borrow_mut().push_str(&says_no_name_of_ours(answer));
    for language in ["C.UTF-8", "de_DE.UTF-8"] {
        let call = |end: &str| {
            let program = computer.path("opt/acme-cad").join(format!("acme-cad{end}"));
            Call::new(&program).env("HOME", computer.path("home")).env("LANG", language)
        };
        let say = |arguments: &[&str], input: &str| {
            let answer = call("-cli").args(arguments).input(input).run();
            check(&answer);
            check(&call("-cli").args(["--json"]).args(arguments).input(input).run());
            answer
        };
        let help = say(&["--help"], "").stdout;
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let commands = listed.take_while(|line| !line.is_empty());
        let commands: Vec<_> =
            commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
        assert!(commands.len() > 10, "{help}");
        for command in commands.into_iter().filter(|name| !name.is_empty()) {
            let _ = say(&[command, "--help"], "");
        }
        for arguments in [
            &["--version"][..],
            &["version"],
            &[],
            &["nonsense"],
            &["request"],
            &["request", "--code", text],
            &["request", "--code", "-"],
            &["request", "--code", "AAAA-AAAA"],
            &["apply", text],
            &["apply", "/no/such/file"],
            &["apply", "/"],
            &["inspect", text],
            &["sheet", text],
            &["type"],
            &["status"],
            &["doctor"],
            &["outbox"],
            &["deactivate"],
            &["deactivate", "--yes"],
            &["config", "check"],
            &["--store", "keyring", "status"],
            &["--store", "file:/", "status"],
            &["--store", "file:C:\\a", "status"],
            &["--config", text, "status"],
            &["--config", "/", "status"],
        ] {
            let _ = say(arguments, "");
        }
        let store = ["--store", "file"];
        let use_file = |arguments: &[&str], input: &str| {
            say(&[&store[..], arguments].concat(), input).succeeds()
        };
        let request = use_file(&["request", "--code", "-"], &product.code).stdout;
        let _ = use_file(&["request", "--code", "-"], &product.code);
        let response = vendor.response_to(request.trim());
        let _ = use_file(&["inspect"], &response);
        let _ = use_file(&["sheet", "--html"], &response);
        let applied = use_file(&["apply"], &response);
        assert!(applied.stderr.contains("Acme CAD"), "{applied}");
        for command in ["status", "doctor"] {
            let _ = use_file(&[command], "");
        }
        let _ = say(&[&store[..], &["request", "--code", &product.code]].concat(), "");
        let _ = call("-cli").args(store).args(["deactivate", "--yes"]).run().succeeds();
        let _ = use_file(&["outbox"], "");
        // The configuration is broken, or missing.
        for broken in ["", "[", "format = 9", &installed.replace("[vendor]", "[seller]")] {
            fs::write(&config, broken).expect("the configuration");
            assert_ne!(say(&["status"], "").exit, Some(0));
        }
        fs::remove_file(&config).expect("the configuration");
        let missing = say(&["status"], "");
        assert!(missing.stderr.contains("licence.toml"), "{missing}");
        // The wizard has no display here.
        for arguments in [&["--help"][..], &["--version"], &["--nonsense"], &[]] {
            check(&call("").args(arguments).run());
        }
        fs::write(&config, &installed).expect("the configuration");
        check(&call("").run());
    }
    let all = all.into_inner();
    for named in ["acme-cad-cli apply", "acme-cad-cli outbox", "“acme-cad-cli”", "„acme-cad-cli“"]
    {
        assert!(all.contains(named), "{named} isn't said: {all}");
    }
}

/// The commands that the guide has for a code in a file, with another folder than `/opt`.
fn documented_command(language: &str, computer: &Computer) -> String {
    let guide = fs::read_to_string(repository_root().join("docs/packaging.md")).expect("a guide");
    let (_, section) = guide.split_once("### A code for many computers").expect("the section");
    let (_, rest) = section.split_once(&format!("```{language}\n")).expect("the command");
    let (command, _) = rest.split_once("```").expect("the end of the command");
    let opt = computer.path("opt").to_string_lossy().into_owned();
    command.replace("/opt/", &format!("{opt}/")).replace("NAME", "acme-cad")
}

#[test]
fn a_script_requests_licences_for_many_computers_with_the_code_in_a_file() {
    let programs = Programs::find().expect("the programs");
    let folder = tempfile::tempdir().expect("a folder");
    let archives = archives(&programs, folder.path(), &[]);
    let vendor = Vendor::new(&programs, "Acme");
    let product = Product::add(&vendor, "Acme CAD", "acme-cad");
    let of_kit = fs::read_to_string(product.kit.join("latchkey.toml")).expect("the kit");
    let in_files = of_kit.replace("default = \"keyring\"", "default = \"file\"");
    assert_ne!(in_files, of_kit);
    fs::write(product.kit.join("latchkey.toml"), in_files).expect("the kit");
    let computer = Computer::new();
    computer.install(&product.package(&programs, &archives, "1.0.0"));
    let command = documented_command("sh", &computer);
    let homes = ["home/a", "home/b"].map(|home| computer.path(home));
    let shell = |home: &Path, command: &str| {
        let script = format!("cd \"$HOME\" && {command}");
        Call::new(Path::new("sh")).env("HOME", home).args(["-c", &script]).run().succeeds()
    };
    let mut requests = String::new();
    for home in &homes {
        fs::create_dir_all(home).expect("a home folder");
        fs::write(home.join("code.txt"), format!("{}\n", product.code)).expect("the code");
        // A script that is run once more gets the same request.
        let _ = (shell(home, &command), shell(home, &command));
        requests += &fs::read_to_string(home.join("request.json")).expect("a request");
    }
    let answer = vendor.activate(&requests).succeeds();
    assert_eq!(answer.json()["results"].as_array().map(Vec::len), Some(2), "{answer}");
    for home in &homes {
        fs::write(home.join("responses.txt"), &answer.stdout).expect("the responses");
        let cli = computer.path("opt/acme-cad/acme-cad-cli").to_string_lossy().into_owned();
        let _ = shell(home, &format!("\"{cli}\" apply responses.txt"));
        let status = shell(home, &format!("\"{cli}\" --json status"));
        assert_eq!(status.json()["state"], "active", "{status}");
    }
    assert_eq!(vendor.seats(None).len(), 2);
}
