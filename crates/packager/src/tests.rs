//! Tests of the packages and of their sources' errors. The archives contain programs of a few
//! bytes. [`installing`] installs and runs real programs.

use std::fs;
use std::io::Read as _;

use latchkey_archive::{Entry, SUMS, digest, write_sums};
use latchkey_token::HasErrorCode as _;

use super::*;

#[cfg(unix)]
mod installing;
mod pictures;
mod resources;

const VERSION: &str = "1.2.3";
const TIME: u64 = 1_790_000_000;
const SECTION_TEXT: &str = r#"
[package]
id = "com.acme.cad.licence"
name = "acme-cad-licence"
version = "3.1.0"
maintainer = "Acme <support@acme.example>"
homepage = "https://acme.example"
icon = "icon.svg"
menu = { en = "Acme CAD licence", de = "Acme-CAD-Lizenz" }
summary = { en = "Activates Acme CAD", de = "Aktiviert Acme CAD" }
description = """
Activates Acme CAD on computers without a connection.

Second paragraph."""
"#;

/// A red square in a blue one.
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
<rect width="100" height="100" fill="#00f"/><rect x="25" y="25" width="50" height="50" fill="#f00"/>
</svg>"##;

/// The beginning of a program for a platform, and what makes it this one.
fn program(platform: Platform, name: &str) -> Entry {
    let mut program = match platform {
        Platform::LinuxX86_64 => [b"\x7fELF\x02\x01".as_slice(), &[0; 12], &[62, 0]].concat(),
        Platform::LinuxAarch64 => [b"\x7fELF\x02\x01".as_slice(), &[0; 12], &[183, 0]].concat(),
        Platform::MacosX86_64 => vec![0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1],
        Platform::MacosAarch64 => vec![0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1],
        _ => program_of_windows(),
    };
    program.extend_from_slice(name.as_bytes());
    program.extend_from_slice(b"\0GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.90x\0GLIBC_2.2.5\0");
    Entry::program(program)
}

/// The smallest program for Windows that resources can be added to (PE/COFF): it has one section.
fn program_of_windows() -> Vec<u8> {
    let mut program = vec![0; 0x600];
    let mut put = |at: usize, bytes: &[u8]| program[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MZ");
    put(0x3c, &[0x40]);
    // The processor, the number of sections, the size of the optional header, and its kind.
    put(0x40, b"PE\0\0\x64\x86\x01");
    put(0x54, &[240, 0, 0x22, 0, 0x0b, 0x02]);
    for (at, value) in [
        (16, 0x1000),
        (20, 0x1000),
        (24, 0x40_0000),
        (32, 0x1000),
        (36, 0x200),
        (56, 0x2000),
        (60, 0x400),
        (68, 3),
        (108, 16_u32),
    ] {
        put(0x58 + at, &value.to_le_bytes());
    }
    put(0x148, b".text");
    for (at, value) in [(8, 0x200), (12, 0x1000), (16, 0x200), (20, 0x400), (36, 0x6000_0020_u32)] {
        put(0x148 + at, &value.to_le_bytes());
    }
    program
}

/// A folder with archives, a kit, and a folder for the packages.
struct Fixture {
    folder: tempfile::TempDir,
    with_installer: bool,
    passphrase: Option<PathBuf>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Self { folder, with_installer: false, passphrase: None };
        for folder in ["kit", "archives"] {
            fs::create_dir(fixture.path(folder)).unwrap();
        }
        let example = include_str!("../../../docs/latchkey.example.toml");
        fixture.kit("latchkey.toml", example);
        fixture.kit("package.toml", SECTION_TEXT);
        fixture.kit("icon.svg", ICON);
        fixture.kit("logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"logo\"/>");
        for platform in [Platform::LinuxX86_64, Platform::LinuxAarch64, Platform::WindowsX86_64] {
            fixture.archive(platform, &release_files(platform));
        }
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn kit(&self, name: &str, content: &str) {
        fs::write(self.path("kit").join(name), content).unwrap();
    }

    /// Changes a field of `package.toml`, or adds it.
    fn with(&self, field: &str, value: &str) {
        let mut lines: Vec<_> = SECTION_TEXT.trim().lines().map(str::to_owned).collect();
        lines.retain(|line| !line.starts_with(&format!("{field} =")));
        lines.insert(1, format!("{field} = {value}"));
        self.kit("package.toml", &lines.join("\n"));
    }

    fn archive(&self, platform: Platform, files: &Files) {
        let bytes = latchkey_archive::write(platform, VERSION, files, TIME).unwrap();
        self.archive_of_bytes(platform, &bytes);
    }

    fn archive_of_bytes(&self, platform: Platform, bytes: &[u8]) {
        let name = platform.archive_name(VERSION);
        let list = self.path("archives").join(SUMS);
        let sums = fs::read_to_string(&list).unwrap_or_default();
        let mut sums = latchkey_archive::parse_sums(&sums).unwrap();
        sums.insert(name.clone(), digest(bytes));
        fs::write(list, write_sums(&sums)).unwrap();
        fs::write(self.path("archives").join(name), bytes).unwrap();
    }

    fn write(&self) -> Result<Vec<PathBuf>, PackageError> {
        self.write_signed(None)
    }

    fn write_signed(&self, release_key: Option<&str>) -> Result<Vec<PathBuf>, PackageError> {
        self.written_with(release_key).map(|written| written.files)
    }

    fn written_with(&self, release_key: Option<&str>) -> Result<Written, PackageError> {
        let (kit, archives) = (self.path("kit"), self.path("archives"));
        let with_installer = self.with_installer;
        let signing = Signing { certificate: None, passphrase: self.passphrase.as_deref() };
        let sources =
            Sources { kit: &kit, archives: &archives, release_key, with_installer, signing };
        write(sources, &self.path("out"))
    }

    /// The names of everything in the folder for the packages.
    fn written(&self) -> Vec<String> {
        let Ok(entries) = self.path("out").read_dir() else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn fails(&self, code: &str) {
        let error = self.write().unwrap_err();
        assert_eq!(error.code().name, code, "{error}");
        assert_eq!(self.written(), [""; 0], "{error}");
    }
}

fn release_files(platform: Platform) -> Files {
    let suffix = platform.program_suffix();
    let mut files = Files::from([
        ("licences/LICENSE-MIT".to_owned(), Entry::data("Latchkey's licence")),
        ("docs/guide.md".to_owned(), Entry::data("no part of a package")),
    ]);
    for name in ["latchkey-wizard", "latchkey", "latchkey-server"] {
        files.insert(format!("bin/{name}{suffix}"), program(platform, name));
    }
    files
}

/// The files of a compressed tar archive, with their modes.
fn unpacked(bytes: &[u8]) -> Vec<(String, u32, Vec<u8>)> {
    let mut archive = ::tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let of = |entry: std::io::Result<::tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.mtime().unwrap()), (0, TIME), "{name}");
        let mode = header.mode().unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (name, mode, content)
    };
    archive.entries().unwrap().map(of).collect()
}

/// The members of a package of Debian.
fn members(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut package = ar::Archive::new(fs::File::open(path).unwrap());
    let mut members = Vec::new();
    while let Some(entry) = package.next_entry() {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.header().identifier().to_vec()).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        members.push((name, content));
    }
    members
}

#[test]
fn every_archive_becomes_packages_under_the_names_of_the_vendor() {
    let fixture = Fixture::new();
    let paths = fixture.write().unwrap();
    assert_eq!(paths.len(), 7);
    let wanted = [
        "acme-cad-licence-3.1.0-1.aarch64.rpm",
        "acme-cad-licence-3.1.0-1.x86_64.rpm",
        "acme-cad-licence-3.1.0-linux-aarch64.tar.gz",
        "acme-cad-licence-3.1.0-linux-x86_64.tar.gz",
        "acme-cad-licence-3.1.0-windows-x86_64.zip",
        "acme-cad-licence_3.1.0_amd64.deb",
        "acme-cad-licence_3.1.0_arm64.deb",
    ];
    assert_eq!(fixture.written(), wanted);
    let members = members(&fixture.path("out/acme-cad-licence_3.1.0_amd64.deb"));
    let names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["debian-binary", "control.tar.gz", "data.tar.gz"]);
    assert_eq!(members[0].1, b"2.0\n");
    let control = unpacked(&members[1].1);
    let of_control = |wanted: &str| {
        let file = control.iter().find(|(name, ..)| name == wanted).unwrap();
        String::from_utf8(file.2.clone()).unwrap()
    };
    let fields = of_control("./control");
    for field in [
        "Package: acme-cad-licence\n",
        "Version: 3.1.0\n",
        "Architecture: amd64\n",
        "Depends: libc6 (>= 2.34), libwebkit2gtk-4.1-0, libgtk-3-0\n",
        "Description: Activates Acme CAD\n Activates Acme CAD on computers without a connection.\n .\n Second paragraph.\n",
    ] {
        assert!(fields.contains(field), "{fields}");
    }
    let data = unpacked(&members[2].1);
    let programs =
        ["./opt/acme-cad-licence/acme-cad-licence", "./opt/acme-cad-licence/acme-cad-licence-cli"];
    for (name, mode, content) in &data {
        let is_program = programs.contains(&name.as_str());
        let is_folder = name.ends_with('/');
        assert_eq!(*mode, if is_program || is_folder { 0o755 } else { 0o644 }, "{name}");
        // Nothing else says whose programs they are.
        let is_licence = name.contains("/licences/");
        let text = String::from_utf8_lossy(content).to_lowercase();
        assert!(is_program || is_licence || !text.contains("latchkey"), "{name}: {text}");
        assert!(!name.to_lowercase().contains("latchkey"), "{name}");
        if !is_folder && *name != "./usr/share/doc/acme-cad-licence/copyright" {
            let name = name.trim_start_matches("./");
            assert!(of_control("./md5sums").contains(&format!("  {name}\n")), "{name}");
        }
    }
    let of_data = |wanted: &str| {
        let file = data.iter().find(|(name, ..)| name == wanted).unwrap();
        String::from_utf8_lossy(&file.2).into_owned()
    };
    let desktop = of_data("./usr/share/applications/com.acme.cad.licence.desktop");
    for line in [
        "Name=Acme CAD licence\nName[de]=Acme-CAD-Lizenz\n",
        "Exec=/opt/acme-cad-licence/acme-cad-licence %F\n",
        "StartupWMClass=com.acme.cad.licence\n",
        "MimeType=application/x-acme-cad-licence-token;\n",
    ] {
        assert!(desktop.contains(line), "{desktop}");
    }
    let config = of_data("./opt/acme-cad-licence/licence.toml");
    let config = latchkey_config::Config::parse(&config).unwrap();
    assert_eq!(config.app_id.as_deref(), Some("com.acme.cad.licence"));
    assert_eq!(config.look.logo.as_deref(), Some(Path::new("logo.svg")));
    assert!(of_data("./opt/acme-cad-licence/logo.svg").contains("id=\"logo\""));
    // For Windows, beside each other.
    let zip = fs::read(fixture.path("out/acme-cad-licence-3.1.0-windows-x86_64.zip")).unwrap();
    for name in ["acme-cad-licence.exe", "acme-cad-licence-cli.exe", "licence.toml", "logo.svg"] {
        let name = format!("acme-cad-licence-3.1.0-windows-x86_64/{name}");
        assert!(zip.windows(name.len()).any(|window| window == name.as_bytes()), "{name}");
    }
}

#[test]
fn packages_of_the_same_sources_are_the_same() {
    let read = |fixture: &Fixture| {
        let paths = fixture.write().unwrap();
        paths.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    assert!(read(&Fixture::new()) == read(&Fixture::new()));
}

#[test]
fn the_packages_of_several_products_have_no_file_in_common() {
    let mut all = std::collections::BTreeSet::new();
    let mut count = 0;
    for (id, name) in [
        ("com.acme.cad.licence", "acme-cad-licence"),
        ("com.acme.sim.licence", "acme-sim-licence"),
        ("org.beta.licence", "beta-licence"),
    ] {
        let fixture = Fixture::new();
        let text = SECTION_TEXT.replace("com.acme.cad.licence", id);
        fixture.kit("package.toml", &text.replace("acme-cad-licence", name));
        let _ = fixture.write().unwrap();
        let package = fixture.path(&format!("out/{name}_3.1.0_amd64.deb"));
        for (file, ..) in unpacked(&members(&package)[2].1) {
            if !file.ends_with('/') {
                count += 1;
                all.insert(file);
            }
        }
    }
    assert_eq!((all.len(), count > 20), (count, true));
}

#[test]
fn the_licence_is_returned_on_removal_only_if_it_is_the_computers() {
    let fixture = Fixture::new();
    fixture.with("on_removal", "\"deactivate\"");
    fixture.fails("package.removal");
    let machine = include_str!("../../../docs/latchkey.example.toml")
        .replace("scope = \"user\"", "scope = \"machine\"");
    fixture.kit("latchkey.toml", &machine);
    let _ = fixture.write().unwrap();
    let members = members(&fixture.path("out/acme-cad-licence_3.1.0_amd64.deb"));
    let control = unpacked(&members[1].1);
    let (_, mode, script) = control.iter().find(|(name, ..)| name == "./prerm").unwrap();
    assert_eq!(*mode, 0o755);
    let script = String::from_utf8_lossy(script);
    assert!(script.contains("\"/opt/acme-cad-licence/acme-cad-licence-cli\" deactivate --yes"));
}

/// The user who removes a program from Windows is the one who has the licence.
#[test]
fn the_licence_of_a_user_is_returned_by_a_package_for_windows_only() {
    let fixture = Fixture::new();
    fixture.with("on_removal", "\"deactivate\"");
    fs::remove_dir_all(fixture.path("archives")).unwrap();
    fs::create_dir(fixture.path("archives")).unwrap();
    fixture.archive(Platform::WindowsX86_64, &release_files(Platform::WindowsX86_64));
    assert_eq!(fixture.write().unwrap().len(), 1);
    fixture.archive(Platform::LinuxX86_64, &release_files(Platform::LinuxX86_64));
    fs::remove_dir_all(fixture.path("out")).unwrap();
    fixture.fails("package.removal");
}

/// The scripts that the package managers run before a removal, read from the packages.
#[cfg(unix)]
fn removal_scripts() -> [(&'static str, String); 2] {
    let fixture = Fixture::new();
    fixture.with("on_removal", "\"deactivate\"");
    let machine = include_str!("../../../docs/latchkey.example.toml")
        .replace("scope = \"user\"", "scope = \"machine\"");
    fixture.kit("latchkey.toml", &machine);
    let _ = fixture.write().unwrap();
    let members = members(&fixture.path("out/acme-cad-licence_3.1.0_amd64.deb"));
    let mut control = unpacked(&members[1].1).into_iter();
    let (_, _, of_debian) = control.find(|(name, ..)| name == "./prerm").unwrap();
    let package = fixture.path("out/acme-cad-licence-3.1.0-1.x86_64.rpm");
    let query = |tag: &str| {
        let mut rpm = std::process::Command::new("rpm");
        let done = rpm.args(["-qp", "--qf", tag]).arg(&package).output();
        let done = done.unwrap_or_else(|_| panic!("NOT TESTED: there is no rpm"));
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    assert_eq!(query("%{PREUNPROG}"), "/bin/sh");
    [("dpkg", String::from_utf8(of_debian).unwrap()), ("rpm", query("%{PREUN}"))]
}

/// The scripts, run with a command line that ends like this, and a folder in place of the root.
/// Nobody answers a question, so none may be asked.
#[cfg(unix)]
#[test]
fn the_script_before_a_removal_keeps_the_token_or_the_licence() {
    for (manager, script) in removal_scripts() {
        for case in [
            ("removal", "echo LKDEA; exit 0", 1, "the licence of this computer was removed"),
            ("removal", "echo no licence >&2; exit 4", 0, ""),
            ("removal", "echo half; exit 5", 0, "could not be returned, and is kept"),
            (
                "removal",
                "echo why >&2; exit 5",
                0,
                "why\nacme-cad-licence: the licence of this computer could",
            ),
            ("upgrade", "echo LKDEA; exit 0", 0, ""),
        ] {
            run_before_removal(manager, &script, case);
        }
    }
}

/// `case` is the occasion, how the command line ends, how many files are left, and what is said.
#[cfg(unix)]
fn run_before_removal(
    manager: &str,
    script: &str,
    (occasion, ends, files, said): (&str, &str, usize, &str),
) {
    use std::os::unix::fs::PermissionsExt as _;

    // rpm tells the number of versions that stay.
    let argument = match (manager, occasion) {
        ("rpm", "removal") => "0",
        ("rpm", _) => "1",
        (_, "removal") => "remove",
        _ => "upgrade",
    };
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    fs::create_dir_all(path("opt/acme-cad-licence")).unwrap();
    let cli = path("opt/acme-cad-licence/acme-cad-licence-cli");
    let program = format!("#!/bin/sh\n[ \"$1 $2\" = 'deactivate --yes' ] || exit 2\n{ends}\n");
    fs::write(&cli, program).unwrap();
    fs::set_permissions(&cli, fs::Permissions::from_mode(0o755)).unwrap();
    let root_name = root.path().to_str().unwrap();
    let script = script
        .replace("/opt/", &format!("{root_name}/opt/"))
        .replace("/var/", &format!("{root_name}/var/"));
    fs::write(path("script"), script).unwrap();
    let mut shell = std::process::Command::new("sh");
    let done = shell.arg(path("script")).arg(argument).stdin(std::process::Stdio::null()).output();
    let done = done.unwrap();
    let text = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && text.contains(said), "{manager} {argument}, {ends}: {text}");
    // Without a licence there is nothing to say, and nothing is left.
    assert!(!said.is_empty() || files > 0 || text.is_empty(), "{text}");
    assert_eq!(path("var/lib/acme-cad-licence").exists(), files > 0);
    let left = path("var/lib/acme-cad-licence").read_dir();
    let left: Vec<_> = left.into_iter().flatten().map(|file| file.unwrap().path()).collect();
    assert_eq!(left.len(), files, "{left:?}");
    for file in left {
        assert_eq!(fs::read_to_string(&file).unwrap(), "LKDEA\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(text.contains(file.to_str().unwrap()), "{text}");
    }
}

#[test]
fn a_package_of_rpm_has_the_same_files_as_that_of_debian() {
    let fixture = Fixture::new();
    let _ = fixture.write().unwrap();
    let package = fs::read(fixture.path("out/acme-cad-licence-3.1.0-1.x86_64.rpm")).unwrap();
    // The archive begins after the lead and two headers.
    let payload = package.windows(3).position(|window| window == b"\x1f\x8b\x08").unwrap();
    let mut archive = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(&package[payload..]);
    decoder.read_to_end(&mut archive).unwrap();
    let mut found = Vec::new();
    let mut rest = archive.as_slice();
    loop {
        let field = |at: usize| {
            let digits = std::str::from_utf8(&rest[6 + at * 8..][..8]).unwrap();
            u32::from_str_radix(digits, 16).unwrap()
        };
        assert!(rest.starts_with(b"070701"));
        let (mode, size, name) = (field(1), field(6) as usize, field(11) as usize);
        let content = (110 + name).next_multiple_of(4);
        let path = String::from_utf8(rest[110..110 + name - 1].to_vec()).unwrap();
        if path == "TRAILER!!!" {
            break;
        }
        if mode & 0o170_000 == 0o100_000 {
            found.push((path, mode & 0o777, rest[content..content + size].to_vec()));
        }
        rest = &rest[(content + size).next_multiple_of(4)..];
    }
    let members = members(&fixture.path("out/acme-cad-licence_3.1.0_amd64.deb"));
    let mut wanted = unpacked(&members[2].1);
    wanted.retain(|(name, ..)| !name.ends_with('/'));
    assert_eq!(found, wanted);
}

#[test]
fn a_broken_kit_is_reported_and_makes_nothing() {
    for (name, content, code) in [
        ("latchkey.toml", None, "config.not_found"),
        ("latchkey.toml", Some("format = 1"), "config.missing_field"),
        ("package.toml", None, "package.section_missing"),
        ("package.toml", Some(""), "package.section"),
        ("package.toml", Some("[package"), "package.section"),
        ("icon.svg", None, "package.not_read"),
        ("icon.svg", Some("GIF89a"), "package.picture"),
        ("logo.svg", None, "package.not_read"),
        ("logo.svg", Some(""), "package.picture"),
    ] {
        let fixture = Fixture::new();
        match content {
            None => fs::remove_file(fixture.path("kit").join(name)).unwrap(),
            Some(content) => fixture.kit(name, content),
        }
        fixture.fails(code);
    }
    let fixture = Fixture::new();
    fixture.kit("package.toml", &format!("{SECTION_TEXT}#{}", "x".repeat(70_000)));
    fixture.fails("package.too_large");
    fixture.kit("package.toml", SECTION_TEXT);
    fixture.kit("icon.svg", &format!("<svg{}", " ".repeat(600_000)));
    fixture.fails("package.too_large");
}

#[test]
fn a_value_that_could_leave_its_place_is_refused() {
    for (field, value) in [
        ("id", "\"acme\""),
        ("id", "\"com.acme/cad\""),
        ("name", "\"Acme\""),
        ("name", "\"a\""),
        ("name", "\"../acme\""),
        ("name", "\"acme cad\""),
        ("version", "\"v3\""),
        ("version", "\"3-1\""),
        ("version", "\"3 1\""),
        ("maintainer", "\"Acme\""),
        ("maintainer", "\"Acme <a@b>\\nDepends: x\""),
        ("homepage", "\"acme.example\""),
        ("homepage", "\"https://acme.example/\\nX: y\""),
        ("path", "\"/usr/bin\""),
        ("path", "\"/usr/lib/x86_64-linux-gnu\""),
        ("path", "\"/opt/acme-cad-licence/other\""),
        ("path", "\"/opt/\""),
        ("path", "\"/opt/../etc\""),
        ("path", "\"/opt/a b\""),
        ("path", "\"/opt/$(id)\""),
        ("icon", "\"../icon.svg\""),
        ("icon", "\"/etc/icon.svg\""),
        ("menu", "{ de = \"Lizenz\" }"),
        ("menu", "{ en = \"\" }"),
        ("menu", "{ en = \"a\\nExec=x\" }"),
        ("menu", "{ en = \"a\", \"de]x\" = \"b\" }"),
        ("summary", "{ en = \"a\\u0000\" }"),
        ("description", "\"a\\u001b[2J\""),
    ] {
        let fixture = Fixture::new();
        let text = SECTION_TEXT.split("description =").next().unwrap();
        let lines = text.lines().filter(|line| !line.starts_with(&format!("{field} =")));
        let text = lines.collect::<Vec<_>>().join("\n");
        fixture.kit("package.toml", &format!("{text}\n{field} = {value}\n"));
        match fixture.write().unwrap_err() {
            PackageError::Value { field: found, .. } => assert_eq!(found, field),
            error => panic!("{field} = {value}: {error}"),
        }
    }
    let fixture = Fixture::new();
    fixture.with("nmae", "\"x\"");
    fixture.fails("package.section");
}

#[test]
fn an_archive_that_is_not_the_releasers_is_refused_and_makes_nothing() {
    let linux = Platform::LinuxX86_64;
    let archive = |fixture: &Fixture| fixture.path("archives").join(linux.archive_name(VERSION));
    let fixture = Fixture::new();
    let mut bytes = fs::read(archive(&fixture)).unwrap();
    bytes[100] ^= 1;
    fs::write(archive(&fixture), &bytes).unwrap();
    fixture.fails("package.altered");
    // Even with the right digest it has to be an archive.
    fixture.archive_of_bytes(linux, &bytes[..bytes.len() / 2]);
    fixture.fails("package.archive");

    for name in ["bin/latchkey", "licences/LICENSE-MIT"] {
        let fixture = Fixture::new();
        let mut files = release_files(linux);
        files.remove(name);
        fixture.archive(linux, &files);
        fixture.fails("package.incomplete");
    }

    let fixture = Fixture::new();
    fixture.archive(linux, &release_files(Platform::LinuxAarch64));
    fixture.fails("package.wrong_architecture");

    let fixture = Fixture::new();
    let list = fixture.path("archives").join(SUMS);
    fs::write(&list, "").unwrap();
    fixture.fails("package.not_listed");
    fs::write(&list, "0  x\n").unwrap();
    fixture.fails("package.archive");
    fs::remove_file(&list).unwrap();
    fixture.fails("package.not_listed");
    fs::remove_dir_all(fixture.path("archives")).unwrap();
    fixture.fails("package.not_read");
    fs::create_dir(fixture.path("archives")).unwrap();
    fixture.fails("package.no_archive");
}

#[test]
fn existing_packages_and_unwritable_folders_are_reported() {
    let fixture = Fixture::new();
    let first = fixture.write().unwrap();
    fs::write(&first[2], "the vendor's own").unwrap();
    for path in first.iter().filter(|path| **path != first[2]) {
        fs::remove_file(path).unwrap();
    }
    let error = fixture.write().unwrap_err();
    assert_eq!(error, PackageError::Exists { path: first[2].clone() });
    assert_eq!(fs::read_to_string(&first[2]).unwrap(), "the vendor's own");
    assert_eq!(fixture.written().len(), 1);
    // Nothing is left of a folder that was made for nothing.
    let fixture = Fixture::new();
    fs::remove_dir_all(fixture.path("archives")).unwrap();
    fixture.fails("package.not_read");
    assert!(!fixture.path("out").exists());
    fs::create_dir(fixture.path("out")).unwrap();
    fixture.fails("package.not_read");
    assert!(fixture.path("out").exists());
    // A file is in the way of the folder.
    let fixture = Fixture::new();
    fs::write(fixture.path("out"), "").unwrap();
    let error = fixture.write().unwrap_err();
    assert!(matches!(error, PackageError::NotWritten { reason: "exists", .. }), "{error:?}");
}

/// The key and the signature are those of the documentation of `minisign-verify`, where the signed
/// file is `test`: no list of digests, so it is refused for that.
#[test]
fn with_a_key_the_list_of_digests_has_to_be_signed() {
    let fixture = Fixture::new();
    let key = |key: &str| fixture.write_signed(Some(key)).unwrap_err();
    assert_eq!(key("no key"), PackageError::ReleaseKey);
    let public = "untrusted comment: minisign public key\n\
                  RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n";
    assert_eq!(key(public), PackageError::Signature);
    fs::write(fixture.path("archives/SHA256SUMS.minisig"), "no signature").unwrap();
    assert_eq!(key(public), PackageError::Signature);
    let signature = "untrusted comment: signature from minisign secret key\n\
        RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocr\
        Co8KLzZwo=\n\
        trusted comment: timestamp:1633700835\tfile:test\tprehashed\n\
        wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==\n";
    fs::write(fixture.path("archives/SHA256SUMS.minisig"), signature).unwrap();
    assert_eq!(key(public), PackageError::Signature);
    fs::write(fixture.path("archives/SHA256SUMS"), "test").unwrap();
    assert!(matches!(key(public), PackageError::Archive { .. }));
    assert_eq!(fixture.written(), [""; 0]);
}

#[test]
fn an_archive_without_a_wizard_is_left_out_and_named() {
    let fixture = Fixture::new();
    let without = |platform: Platform| {
        let mut files = release_files(platform);
        files.remove(&format!("bin/latchkey-wizard{}", platform.program_suffix()));
        fixture.archive(platform, &files);
        PackageError::NoWizard { file: platform.archive_name(VERSION) }
    };
    let windows = without(Platform::WindowsX86_64);
    let written = fixture.written_with(None).unwrap();
    assert_eq!(written.warnings, [PackageError::Unsigned, windows]);
    assert_eq!(written.files.len(), 6);
    assert!(written.files.iter().all(|file| file.extension().is_none_or(|end| end != "zip")));
    // If nothing is left, there is nothing to make.
    fs::remove_dir_all(fixture.path("out")).unwrap();
    let _ = without(Platform::LinuxX86_64);
    let _ = without(Platform::LinuxAarch64);
    fixture.fails("package.no_wizard");
}

#[test]
fn programs_that_were_never_run_are_packed_with_a_warning() {
    let fixture = Fixture::new();
    let mac = Platform::MacosAarch64;
    fixture.archive(mac, &release_files(mac));
    let written = fixture.written_with(None).unwrap();
    assert_eq!(written.warnings, [PackageError::Unsigned]);
    let mut files = release_files(mac);
    files.insert(latchkey_archive::NEVER_RUN.to_owned(), Entry::data("# Never run"));
    fixture.archive(mac, &files);
    fs::remove_dir_all(fixture.path("out")).unwrap();
    let again = fixture.written_with(None).unwrap();
    let warning = PackageError::NeverRun { file: mac.archive_name(VERSION) };
    assert_eq!(again.warnings, [PackageError::Unsigned, warning]);
    assert_eq!(again.files, written.files);
}

#[test]
fn two_releases_of_one_platform_are_refused_by_name() {
    let fixture = Fixture::new();
    let [first, second] = ["1.2.3", "1.2.4"].map(|of| Platform::LinuxX86_64.archive_name(of));
    fs::write(fixture.path("archives").join(&second), "another release").unwrap();
    assert_eq!(fixture.write().unwrap_err(), PackageError::Several { first, second });
}

#[test]
fn a_logo_that_could_replace_another_file_is_refused() {
    for name in ["acme-cad-licence", "licence.toml", "logo.exe", "logo"] {
        let fixture = Fixture::new();
        fixture.kit(name, "<svg/>");
        let config = include_str!("../../../docs/latchkey.example.toml");
        let config = config.replace("logo.svg", name);
        fixture.kit("latchkey.toml", &config);
        let error = fixture.write().unwrap_err();
        assert_eq!(error, PackageError::Value { field: "look.logo", found: name.to_owned() });
    }
}

/// Another user could have made these names, if the folder is open to others.
#[cfg(unix)]
#[test]
fn links_in_the_folder_are_neither_followed_nor_replaced() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.path("out")).unwrap();
    let foreign = fixture.path("foreign");
    fs::write(&foreign, "another user's").unwrap();
    let deb = "acme-cad-licence_3.1.0_amd64.deb";
    for name in [".package.new".to_owned(), format!(".{deb}.new")] {
        std::os::unix::fs::symlink(&foreign, fixture.path("out").join(name)).unwrap();
    }
    let files = fixture.write().unwrap();
    assert_eq!(fixture.written().len(), files.len() + 2, "{:?}", fixture.written());
    let link = fixture.path("out").join(deb);
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
    std::os::unix::fs::symlink(fixture.path("missing"), &link).unwrap();
    assert_eq!(fixture.write().unwrap_err(), PackageError::Exists { path: link });
    assert!(!fixture.path("missing").exists());
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "another user's");
}

#[test]
fn the_section_may_have_the_encoding_and_the_ends_of_lines_of_windows() {
    let of = |bytes: &[u8]| {
        let fixture = Fixture::new();
        fs::write(fixture.path("kit/package.toml"), bytes).unwrap();
        fs::read(&fixture.write().unwrap()[0]).unwrap()
    };
    let wanted = of(SECTION_TEXT.as_bytes());
    let text = SECTION_TEXT.replace('\n', "\r\n");
    assert!(of(text.as_bytes()) == wanted);
    let utf_16 = format!("\u{feff}{text}");
    assert!(of(&utf_16.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()) == wanted);
}

#[test]
fn an_id_may_be_as_long_as_the_name_of_a_file_in_a_package() {
    let fixture = Fixture::new();
    let id = format!("com.{}", "a".repeat(section::MAX_ID_BYTES - 4));
    fixture.with("id", &format!("\"{id}\""));
    assert_eq!(fixture.write().unwrap().len(), 7);
    fixture.with("id", &format!("\"{id}a\""));
    let error = fixture.write().unwrap_err();
    assert!(matches!(error, PackageError::Value { field: "id", .. }), "{error:?}");
}

#[test]
fn a_package_of_rpm_owns_every_folder_that_only_it_has() {
    let section = section::Section::parse(SECTION_TEXT).unwrap();
    let names = [
        "opt/acme-cad-licence/a/b",
        "opt/acme-cad-licence-2/c",
        "usr/share/doc/acme-cad-licence/d",
    ];
    let files: Files = names.map(|name| (name.to_owned(), Entry::data(""))).into();
    let folders =
        ["/opt/acme-cad-licence", "/opt/acme-cad-licence/a", "/usr/share/doc/acme-cad-licence"];
    assert_eq!(rpm::folders(&section, &files), folders);
}

/// The installer, which needs the program `makensis`.
fn installer(fixture: &mut Fixture) -> Vec<u8> {
    fixture.with_installer = true;
    let files = fixture.write().unwrap();
    let name = "acme-cad-licence-3.1.0-windows-x86_64.exe";
    let path = files.iter().find(|path| path.ends_with(name));
    let installer = fs::read(path.unwrap()).unwrap();
    assert!(installer.starts_with(b"MZ"));
    fs::remove_dir_all(fixture.path("out")).unwrap();
    installer
}

#[test]
fn an_installer_for_windows_has_the_names_of_the_vendor() {
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let has = |installer: &[u8], name: &str, text: &str| {
        let wanted = [utf_16(name), vec![0, 0]].concat();
        let found = installer.windows(wanted.len()).enumerate();
        let found = found.filter(|(_, window)| *window == wanted).map(|(at, _)| at + wanted.len());
        found.into_iter().any(|at| {
            // The value begins at a multiple of four bytes.
            let rest = &installer[at..];
            let text = [utf_16(text), vec![0, 0]].concat();
            rest.starts_with(&text)
                || rest.strip_prefix(&[0, 0]).is_some_and(|rest| rest.starts_with(&text))
        })
    };
    let mut fixture = Fixture::new();
    let first = installer(&mut fixture);
    for (name, text) in [
        ("ProductName", "Acme CAD licence"),
        ("ProductName", "Acme-CAD-Lizenz"),
        ("CompanyName", "Acme"),
        ("FileVersion", "3.1.0"),
    ] {
        assert!(has(&first, name, text), "{name} = {text}");
    }
    assert!(installer(&mut fixture) == first, "the same sources make other bytes");
    // The icon has the vendor's pictures.
    let kit = kit::read(&fixture.path("kit")).unwrap();
    let icon = ico::IconDir::read(std::io::Cursor::new(&kit.windows_icon)).unwrap();
    let largest = icon.entries().iter().find(|entry| entry.width() == 256).unwrap().data();
    assert!(first.windows(largest.len()).any(|window| window == largest), "the icon is missing");
    for hostile in HOSTILE_TEXTS {
        fixture.with("menu", &format!("{{ en = '''{hostile}''' }}"));
        let installer = installer(&mut fixture);
        assert!(has(&installer, "ProductName", hostile), "{hostile}");
    }
    // The final `$\` would escape the closing quotation mark.
    fixture.with("menu", "{ en = 'Acme $\\' }");
    let error = fixture.write().unwrap_err();
    assert!(matches!(error, PackageError::Value { field: "menu", .. }), "{error}");
    assert_eq!(fixture.written(), [""; 0]);
}

/// Texts that mean something else in an NSIS script unless they are quoted.
const HOSTILE_TEXTS: [&str; 12] = [
    "$INSTDIR ${NAME} ${ID} $(MENU) $(^Name) ${U+41} $0 $$ $$$",
    "$\\n $\\\" $\\' $\\` $\\r$\\t ${DOLLAR} ${${NAME}}",
    "a\"b\"",
    "\" /DATE \"x",
    "it's `a` \"b\"",
    "C:\\x\\",
    "; Quit",
    "# /* x",
    "!include \"x\"",
    "100 %TEMP% $%TEMP%",
    "A & B && C",
    "Größe – „Büro“ €",
];

#[test]
fn an_installer_that_cannot_be_made_is_an_error_that_names_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let made = |program: &str| windows::compile(program, folder.path(), 0).unwrap_err();
    assert_eq!(made("no-such-makensis"), PackageError::NoMakensis);
    assert!(matches!(made("makensis"), PackageError::Installer { .. }));
    fs::write(folder.path().join("installer.nsi"), "Name x\nNonsense\n").unwrap();
    match made("makensis") {
        PackageError::Installer { reason } => assert!(reason.contains("line 2"), "{reason}"),
        error => panic!("{error}"),
    }
    // Of a program of this name nothing could be started on Windows.
    let mut fixture = Fixture::new();
    fixture.with_installer = true;
    let text = SECTION_TEXT.replace("acme-cad-licence", "con");
    fixture.kit("package.toml", &text);
    fixture.fails("package.value");
}

#[test]
fn what_only_concerns_windows_is_checked_as_well() {
    let fixture = Fixture::new();
    for (field, value) in [
        ("folder", "\"..\""),
        ("folder", "\"Acme\\\\CAD\""),
        ("folder", "\"/Acme\""),
        ("folder", "\"C:/Acme\""),
        ("folder", "\"a/b/c/d\""),
        ("folder", "\"$SYSDIR\""),
        ("folder", "\"${NAME}\""),
        ("folder", "\"Acme\\nCAD\""),
        ("folder", "\"Acme/CON\""),
        ("icon", "\"icon.png\""),
        ("icon", "\"../icon.ico\""),
        ("webview2", "\"/opt/webview2\""),
    ] {
        fixture.with("windows", &format!("{{ {field} = {value} }}"));
        match fixture.write().unwrap_err() {
            PackageError::Value { field: found, .. } => {
                assert_eq!(found, format!("windows.{field}"));
            }
            error => panic!("{field} = {value}: {error}"),
        }
    }
    fixture.with("windows", "{ icon = \"icon.ico\" }");
    fixture.fails("package.not_read");
    fixture.kit("icon.ico", "<svg/>");
    fixture.fails("package.picture");

    let webview2 = |name: &str, code: &str| {
        fixture.with("windows", &format!("{{ webview2 = \"{name}\" }}"));
        fixture.fails(code);
    };
    webview2("webview2.exe", "package.not_read");
    fixture.kit("webview2.exe", "PK\x03\x04");
    webview2("webview2.exe", "package.webview2");
    fixture.kit("webview2.cab", "MZ");
    webview2("webview2.cab", "package.webview2");
    fs::create_dir_all(fixture.path("kit/fixed/Locales")).unwrap();
    webview2("fixed", "package.webview2");
    fixture.kit("fixed/msedgewebview2.exe", "MZ");
    fixture.kit("fixed/Locales/a$b.pak", "");
    webview2("fixed", "package.value");
}

/// What an openssl command makes.
fn openssl(folder: &Path, arguments: &str) {
    let mut openssl = std::process::Command::new("openssl");
    let done = openssl.args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A certificate for signing programs in the kit, made for this test, and its passphrase.
fn make_certificate(fixture: &Fixture) {
    let folder = fixture.path("kit");
    fixture.kit("passphrase", "pä ss\"$1'\n");
    let request = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2";
    openssl(&folder, &format!("{request} -subj /CN=Acme -addext extendedKeyUsage=codeSigning"));
    let export = "pkcs12 -export -inkey key.pem -in certificate.pem -out acme.p12";
    openssl(&folder, &format!("{export} -passout file:passphrase"));
}

fn is_signed(fixture: &Fixture, program: &[u8]) -> bool {
    let path = fixture.path("verified.exe");
    fs::write(&path, program).unwrap();
    let mut verify = std::process::Command::new("osslsigncode");
    verify.arg("verify").arg("-CAfile").arg(fixture.path("kit/certificate.pem"));
    let done = verify.arg("-in").arg(path).output().unwrap();
    done.status.success()
}

/// A program that is complete enough to be signed.
fn real_program() -> Entry {
    let folder = tempfile::tempdir().unwrap();
    let script = "Target amd64-unicode\nName x\nOutFile made.exe\nSection\nSectionEnd\n";
    fs::write(folder.path().join("installer.nsi"), script).unwrap();
    windows::compile("makensis", folder.path(), 0).unwrap();
    Entry::program(fs::read(folder.path().join("made.exe")).unwrap())
}

fn fixture_with_certificate() -> Fixture {
    let mut fixture = Fixture::new();
    make_certificate(&fixture);
    let mut files = release_files(Platform::WindowsX86_64);
    for name in ["bin/latchkey-wizard.exe", "bin/latchkey.exe"] {
        files.insert(name.to_owned(), real_program());
    }
    fixture.archive(Platform::WindowsX86_64, &files);
    fixture.passphrase = Some(fixture.path("kit/passphrase"));
    fixture
}

#[test]
fn programs_and_installers_for_windows_are_signed_with_the_vendors_certificate() {
    let mut fixture = fixture_with_certificate();
    fixture.with("windows", "{ certificate = \"acme.p12\" }");
    let signed = installer(&mut fixture);
    assert!(is_signed(&fixture, &signed));
    fixture.with_installer = false;
    let _ = fixture.write().unwrap();
    let zip = fs::read(fixture.path("out/acme-cad-licence-3.1.0-windows-x86_64.zip")).unwrap();
    let mut zip = ::zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    for name in ["acme-cad-licence.exe", "acme-cad-licence-cli.exe"] {
        let mut program = Vec::new();
        let mut entry = zip.by_name(&format!("acme-cad-licence-3.1.0-windows-x86_64/{name}"));
        entry.as_mut().unwrap().read_to_end(&mut program).unwrap();
        assert!(is_signed(&fixture, &program), "{name}");
        let at = program.len() / 2;
        program[at] ^= 1;
        assert!(!is_signed(&fixture, &program), "{name} was altered");
    }
    // Without a certificate nothing is signed.
    let mut fixture = Fixture::new();
    assert!(!is_signed(&fixture_with_certificate(), &installer(&mut fixture)));
}

#[test]
fn a_certificate_that_cannot_be_used_makes_nothing() {
    let mut fixture = fixture_with_certificate();
    fixture.fails("package.no_certificate");
    fixture.with("windows", "{ certificate = \"missing.p12\" }");
    fixture.fails("package.not_read");
    fixture.with("windows", "{ certificate = \"key.pem\" }");
    fixture.fails("package.not_signed");
    fixture.with("windows", "{ certificate = \"acme.p12\" }");
    fixture.kit("wrong", "wrong\n");
    fixture.passphrase = Some(fixture.path("kit/wrong"));
    match fixture.write().unwrap_err() {
        PackageError::NotSigned { reason, .. } => assert!(reason.contains("password"), "{reason}"),
        error => panic!("{error}"),
    }
    assert_eq!(fixture.written(), [""; 0]);
    fixture.passphrase = None;
    fixture.fails("package.not_signed");
    for (field, value) in [("certificate", "\"a\\nb\""), ("timestamp", "\"-h\"")] {
        fixture.with("windows", &format!("{{ {field} = {value} }}"));
        fixture.fails("package.value");
    }
}

#[test]
fn the_passphrase_of_a_certificate_is_in_no_list_of_processes() {
    let fixture = fixture_with_certificate();
    fixture.with("windows", "{ certificate = \"acme.p12\" }");
    let kit = fixture.path("kit");
    let section = kit::read(&kit).unwrap().section;
    let signing = Signing { certificate: None, passphrase: fixture.passphrase.as_deref() };
    let mut signer = signing::Signer::new(signing, &section, &kit).unwrap().unwrap();
    let arguments = signer.arguments.join(std::ffi::OsStr::new(" "));
    let arguments = arguments.into_string().unwrap();
    assert!(arguments.contains("-readpass") && !arguments.contains("pä ss"), "{arguments}");
    signer.program = "no-such-osslsigncode".into();
    assert_eq!(signer.sign("x.exe", b"MZ").unwrap_err(), PackageError::NoOsslsigncode);
}

#[test]
fn an_application_for_macos_has_the_names_of_the_vendor() {
    let fixture = Fixture::new();
    let mac = Platform::MacosAarch64;
    fixture.archive(mac, &release_files(mac));
    fixture.with("menu", "{ en = 'A & \"B\": <C>/D', de = 'Ä & \"B\" \\' }");
    let _ = fixture.write().unwrap();
    let name = "acme-cad-licence-3.1.0-macos-aarch64-app";
    let files = unpacked(&fs::read(fixture.path(&format!("out/{name}.tar.gz"))).unwrap());
    let contents = format!("{name}/A & -B-- <C>-D.app/Contents");
    let contents = contents.replace(['<', '>'], "-");
    let of = |name: &str| {
        let wanted = format!("{contents}/{name}");
        let file = files.iter().find(|(name, ..)| *name == wanted);
        file.unwrap_or_else(|| panic!("{wanted} is missing"))
    };
    for name in ["MacOS/acme-cad-licence", "MacOS/acme-cad-licence-cli"] {
        assert_eq!(of(name).1, 0o755, "{name}");
    }
    // Where the wizard looks for it.
    assert_eq!(of("Resources/licence.toml").1, 0o644);
    let _ = (of("Resources/logo.svg"), of("Resources/licences/LICENSE-MIT"), of("PkgInfo"));
    let text = |name: &str| String::from_utf8(of(name).2.clone()).unwrap();
    let information = text("Info.plist");
    for (key, value) in [
        ("CFBundleIdentifier", "com.acme.cad.licence"),
        ("CFBundleExecutable", "acme-cad-licence"),
        ("CFBundleIconFile", "acme-cad-licence"),
        ("CFBundleDisplayName", "A &amp; \"B\": &lt;C&gt;/D"),
        ("CFBundleShortVersionString", "3.1.0"),
        ("UTTypeIdentifier", "com.acme.cad.licence.token"),
        ("NSHumanReadableCopyright", "Acme"),
    ] {
        let lines: Vec<_> = information.lines().map(str::trim).collect();
        let at = lines.iter().position(|line| *line == format!("<key>{key}</key>"));
        let at = at.unwrap_or_else(|| panic!("{key} is missing"));
        assert_eq!(lines[at + 1], format!("<string>{value}</string>"));
    }
    let german = text("Resources/de.lproj/InfoPlist.strings");
    assert!(german.contains("CFBundleDisplayName = \"Ä & \\\"B\\\" \\\\\";"), "{german}");
    let icon = &of("Resources/acme-cad-licence.icns").2;
    let types: Vec<_> = pictures_of_macos(icon).into_iter().map(|(of_type, _)| of_type).collect();
    let wanted = "icp4 icp5 icp6 ic07 ic08 ic09 ic10 ic11 ic12 ic13 ic14";
    assert_eq!(types.join(" "), wanted);
    assert!(files.iter().any(|(file, ..)| *file == format!("{name}/entitlements.plist")));
    // Nothing else says whose programs they are.
    for (name, _, content) in &files {
        let text = String::from_utf8_lossy(content).to_lowercase();
        let is_theirs = name.contains("/MacOS/") || name.contains("/licences/");
        assert!(is_theirs || !text.contains("latchkey"), "{name}: {text}");
    }
    // A long menu entry isn't used as the folder's name.
    fixture.with("menu", &format!("{{ en = '{}' }}", "Ä".repeat(40)));
    fs::remove_dir_all(fixture.path("out")).unwrap();
    let _ = fixture.write().unwrap();
    let files = unpacked(&fs::read(fixture.path(&format!("out/{name}.tar.gz"))).unwrap());
    let wanted = format!("{name}/acme-cad-licence.app/Contents/Info.plist");
    assert!(files.iter().any(|(file, ..)| *file == wanted));
}

/// The types and the pictures of an icon of macOS.
fn pictures_of_macos(icon: &[u8]) -> Vec<(String, &[u8])> {
    let number = |at: usize| u32::from_be_bytes(icon[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((&icon[..4], number(4)), (b"icns".as_slice(), icon.len()));
    let mut pictures = Vec::new();
    let mut at = 8;
    while at < icon.len() {
        let end = at + number(at + 4);
        let of_type = String::from_utf8(icon[at..at + 4].to_vec()).unwrap();
        pictures.push((of_type, &icon[at + 8..end]));
        at = end;
    }
    pictures
}

#[test]
fn a_text_that_is_missing_in_a_language_of_the_product_is_named() {
    let fixture = Fixture::new();
    fixture.with("summary", "{ en = 'Activates Acme CAD' }");
    let language = "de".to_owned();
    let warning = PackageError::Untranslated { field: "summary", language };
    assert_eq!(fixture.written_with(None).unwrap().warnings, [PackageError::Unsigned, warning]);
}
