//! A vendor's package on a computer that has nothing but Debian's base system.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use latchkey_e2e_support::{Desktop, Mounts, Programs, Vendor};

use crate::packaging::{Product, archives};

/// Names the folder with Debian's base system.
const BASE_SYSTEM: &str = "LATCHKEY_CLEAN_DEBIAN";
/// The product's accent colour. With a logo, only the first button has it.
const ACCENT: ([u8; 3], &str) = ([0xc2, 0x18, 0x5b], "#c2185b");
/// How often the display is looked at, for five minutes.
const MAX_TRIES: u32 = 3000;
/// A user without rights, and without a password or a home folder.
const NOBODY: &str = "65534:65534";

/// Debian's base system. What is installed is in a layer above it, which is dropped in the end.
struct CleanDebian {
    mounts: Mounts,
    root: PathBuf,
}

impl CleanDebian {
    /// `folder`: for the layer, on a real file system.
    fn start(folder: &Path) -> Self {
        let base = std::env::var(BASE_SYSTEM).expect("`cargo xtask test-packages` sets it");
        let [changes, work, root] = ["changes", "work", "root"].map(|name| {
            let folder = folder.join(name);
            fs::create_dir(&folder).expect("a folder");
            folder.display().to_string()
        });
        let layers = format!("lowerdir={base},upperdir={changes},workdir={work}");
        let mounts = Mounts::new(&[
            format!("mount -t overlay overlay -o '{layers}' '{root}'"),
            format!("mount -t proc proc '{root}/proc'"),
            format!("mount --rbind /dev '{root}/dev'"),
            format!("mkdir -p '{root}/tmp/.X11-unix'"),
            format!("mount --bind /tmp/.X11-unix '{root}/tmp/.X11-unix'"),
        ]);
        Self { mounts: mounts.expect("root may mount"), root: root.into() }
    }

    /// A program of the clean computer, started by this user.
    fn command(&self, user: &str, program: &str) -> Command {
        let mut words = self.mounts.wrapper();
        words.extend(["chroot", "--userspec", user].map(OsString::from));
        words.push(self.root.clone().into());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg(program).stdin(Stdio::null()).env_clear().envs([
            ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            ("HOME", "/tmp"),
            ("LANG", "C.UTF-8"),
            ("DEBIAN_FRONTEND", "noninteractive"),
        ]);
        command
    }

    fn run(&self, user: &str, program: &str, arguments: &[&str]) -> Output {
        let done = self.command(user, program).args(arguments).output().expect("chroot");
        let said = [&done.stdout[..], &done.stderr[..]].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(done.status.success(), "{program} {arguments:?}: {said}");
        done
    }
}

/// A program that is killed when this value is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "installs libraries from a mirror: `cargo xtask test-packages` runs it"]
fn a_package_brings_its_libraries_and_its_window_opens_on_a_clean_debian() {
    let programs = Programs::find().expect("the programs");
    let folder = tempfile::tempdir_in(programs.target()).expect("a folder");
    let vendor = Vendor::new(&programs, "Acme");
    let product = Product::add(&vendor, "Acme CAD", "acme-cad");
    let config = product.kit.join("latchkey.toml");
    let text = fs::read_to_string(&config).expect("the kit");
    let look = format!("[look]\naccent = \"{}\"\nlogo = \"icon.svg\"\n", ACCENT.1);
    assert!(text.contains("[look]\n"), "{text}");
    fs::write(&config, text.replacen("[look]\n", &look, 1)).expect("the kit");
    let package = product.package(&programs, &archives(&programs, folder.path(), &[]), "1.0.0");

    // It also makes the folder with the display's socket, which the computer shares.
    let desktop = Desktop::start_with_display(&folder.path().join("desktop")).expect("a display");
    let computer = CleanDebian::start(folder.path());
    let name = "/var/acme-cad.deb";
    let inside = computer.mounts.path_inside(&computer.root.join(&name[1..]));
    fs::copy(package, inside).expect("the package");
    let _ = computer.run("0:0", "apt-get", &["update", "-q"]);
    let install = ["install", "-q", "-y", "--no-install-recommends", name];
    let _ = computer.run("0:0", "apt-get", &install);
    assert_eq!(computer.run("0:0", "dpkg", &["--audit"]).stdout, b"");

    // The command line runs a licence's life as a user without rights.
    let cli = |arguments: &[&str]| {
        let all = [&["--store", "file", "--json"], arguments].concat();
        let done = computer.run(NOBODY, "/opt/acme-cad/acme-cad-cli", &all);
        serde_json::from_slice::<serde_json::Value>(&done.stdout).expect("JSON")
    };
    let request = cli(&["request", "--code", &product.code]);
    let response = vendor.response_to(request["token"].as_str().expect("a token"));
    let file = computer.mounts.path_inside(&computer.root.join("tmp/response.token"));
    fs::write(file, response).expect("the response");
    let _ = cli(&["apply", "/tmp/response.token"]);
    assert_eq!(cli(&["status"])["state"], "active");

    // The window opens for that user.
    let display = desktop.environment().into_iter().find(|(name, _)| name == "DISPLAY");
    let wizard =
        computer.command(NOBODY, "/opt/acme-cad/acme-cad").envs(display).spawn().expect("chroot");
    let mut wizard = Running(wizard);
    desktop.wait_for_window("Acme CAD").expect("the window");
    let display = desktop.look().expect("the display");
    let mut tries = 0;
    while !display.shows_colour(ACCENT.0).expect("the display") {
        assert!(wizard.0.try_wait().expect("a process").is_none(), "the wizard has ended");
        assert!(tries < MAX_TRIES, "the button was never painted");
        tries += 1;
        thread::sleep(Duration::from_millis(100));
    }
    let pictures = programs.target().join("packages");
    fs::create_dir_all(&pictures).expect("a folder");
    desktop.picture_of("Acme CAD", &pictures.join("clean-debian.ppm")).expect("a picture");
    drop(wizard);

    // Nothing of the package is left after its removal.
    let _ = computer.run("0:0", "apt-get", &["purge", "-q", "-y", "acme-cad"]);
    let opt = computer.mounts.path_inside(&computer.root.join("opt/acme-cad"));
    assert!(!opt.exists());
}
