//! `cargo xtask demo`, after everything is built: a demo vendor with a product and an entitlement,
//! the real wizard and the licence portal, either for the user at the terminal or driven without a
//! display.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a demo reports to the user at the terminal"
)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use latchkey_e2e_support::{
    Desktop, Entitlement, Kit, PortalServer, ProductFixture, Programs, Recorder, Vendor, free_port,
    run_life_cycle,
};

fn main() -> ExitCode {
    let headless = std::env::args().any(|argument| argument == "--headless");
    let outcome = Programs::find().and_then(|programs| {
        let folder = programs.target().join("demo");
        if headless { without_display(&folder) } else { with_display(&programs, &folder) }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}

// --- without a display ---------------------------------------------------------------------------

fn without_display(folder: &Path) -> Result<()> {
    println!(
        "No display is used: the real window is driven under Xvfb, with a real Secret Service, and \
         the portal in a headless Chromium."
    );
    fs::create_dir_all(folder).context("no folder for the demo")?;
    for entry in fs::read_dir(folder).context("no folder for the demo")? {
        let path = entry.context("no folder for the demo")?.path();
        if path.extension().is_some_and(|kind| kind == "png" || kind == "txt") {
            fs::remove_file(&path).with_context(|| format!("{} stays", path.display()))?;
        }
    }
    let data = folder.join("headless");
    if data.exists() {
        fs::remove_dir_all(&data).context("the last demo can't be removed")?;
    }
    let mut fixture = ProductFixture::set_up(&data)?;
    run_life_cycle(&mut fixture, &mut Recorder::open(folder, true)?)?;
    println!("\n✓ That was the complete life cycle of a licence.");
    println!("  Pictures and the transcript are in {}.", folder.display());
    Ok(())
}

// --- for the user at the terminal ----------------------------------------------------------------

/// The vendor of the demo, which is kept from one demo to the next.
struct Demo {
    vendor: Vendor,
    entitlement: Entitlement,
    kit: Kit,
    installed: PathBuf,
    /// The portal's port, which is in the kit.
    port: u16,
}

impl Demo {
    fn set_up(programs: &Programs, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).context("no folder for the demo")?;
        let folder = folder.canonicalize().context("no folder for the demo")?;
        let vendor = Vendor::at(programs, &folder.join("issuer"));
        let kit = Kit { folder: folder.join("kit") };
        let installed = folder.join("installed");
        let notes = folder.join("entitlement.txt");
        let noted = fs::read_to_string(&notes).unwrap_or_default();
        let mut noted = noted.lines().map(str::to_owned);
        let port = noted.clone().nth(2).and_then(|port| port.parse().ok());
        let (entitlement, port) = match (noted.next(), noted.next(), port) {
            // The data of an older version may be unusable.
            (Some(id), Some(code), Some(port)) if vendor.json(&["seats"]).exit == Some(0) => {
                println!("The demo's vendor is here from the last time.");
                (Entitlement { id, codes: vec![code] }, port)
            }
            _ => {
                println!(
                    "Setting up the vendor “Acme”, the product “Acme CAD” and an entitlement."
                );
                for old in [&vendor.data, &kit.folder, &installed] {
                    let _ = fs::remove_dir_all(old);
                }
                let _ = vendor.json(&["init", "--vendor", "Acme"]).succeeds();
                let product = vendor.add_product("Acme CAD", &ProductFixture::FEATURES);
                let port = free_port()?;
                let address = format!("http://127.0.0.1:{port}");
                let _ = vendor.kit_for(product, &kit.folder, &address);
                let bought = vendor.add_entitlement(product, &ProductFixture::BOUGHT);
                fs::write(&notes, format!("{}\n{}\n{port}\n", bought.id, bought.code()))
                    .context("the entitlement can't be noted")?;
                (bought, port)
            }
        };
        println!(
            "Building hello-product with the vendor's keys, and installing it with the wizard."
        );
        programs.install_product(&kit.folder, &installed)?;
        Ok(Self { vendor, entitlement, kit, installed, port })
    }

    fn instructions(&self, portal: &str, session: &[(String, String)]) -> String {
        let code = self.entitlement.code();
        let installed = self.installed.display();
        let mut product = format!("{installed}/hello-product");
        for (name, value) in session.iter().rev() {
            product = format!("{name}='{value}' {product}");
        }
        format!(
            "
──────────────────────────────────────────────────────────────────────────────
  The window is the computer without a connection. Press “Activate” and type:

      {code}

  The licence portal is the other person's computer or phone, open in your browser:

      {portal}

    A request token goes in there; its response goes back into the window.
    “My seats”, with the same code, gives refresh tokens.
    A deactivation token goes in; the seat is free again.

  The product, which runs only while its lease holds:
      {product}

  Everything is in {folder}; remove it to start from nothing.
──────────────────────────────────────────────────────────────────────────────
",
            folder = self.kit.folder.parent().unwrap_or(&self.kit.folder).display()
        )
    }
}

fn with_display(programs: &Programs, folder: &Path) -> Result<()> {
    let demo = Demo::set_up(programs, folder)?;
    // The Secret Service of the user's desktop if there is one, otherwise one for the demo.
    let desktop = if has_secret_service() {
        println!("The licence goes into this desktop's own keyring.");
        None
    } else {
        println!("This desktop has no Secret Service: a GNOME Keyring is started for the demo.");
        let home = folder.join("home");
        fs::create_dir_all(&home).context("no folder for the demo's session")?;
        let home = home.canonicalize().context("no folder for the demo's session")?;
        Some(Desktop::start(&home)?)
    };
    let session: Vec<_> =
        desktop.iter().flat_map(Desktop::environment).filter(of_the_demo).collect();
    let portal = PortalServer::start(&demo.vendor, demo.port, Some(&demo.kit.config()))
        .context("the portal can't be served: is a demo running already?")?;
    println!("{}", demo.instructions(&portal.address, &session));
    open_in_browser(&portal.address);
    let _ = std::io::stdout().flush();
    let status = Command::new(demo.installed.join("latchkey-wizard"))
        .envs(session)
        .stdin(Stdio::null())
        .status()
        .context("the wizard can't be started")?;
    if !status.success() {
        bail!("The wizard ended with {status}.");
    }
    println!("✓ The window is closed, and nothing is lost: `cargo xtask demo` opens it again.");
    Ok(())
}

/// Opens an address in the user's browser, if the desktop has one. The address is also printed.
fn open_in_browser(address: &str) {
    let opener = Command::new("xdg-open")
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut opener) = opener {
        std::thread::spawn(move || opener.wait());
    }
}

/// The variable that lets programs of the user's desktop access the demo's keyring.
fn of_the_demo((name, _): &(String, String)) -> bool {
    name == "DBUS_SESSION_BUS_ADDRESS"
}

/// Whether a Secret Service is running on this session's bus. One that isn't running yet doesn't
/// count: it may never have been set up, and the demo has to work at once.
fn has_secret_service() -> bool {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none()
        && !runtime.is_some_and(|folder| folder.join("bus").exists())
    {
        // Asking would start a bus.
        return false;
    }
    let answer = Command::new("dbus-send")
        .args(["--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/"])
        .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
        .stderr(Stdio::null())
        .output();
    answer.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("true"))
}
