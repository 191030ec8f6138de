//! The fixture for a complete licence life cycle: a vendor with a product, a desktop, and the
//! product installed on it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::window::free_port;
use crate::{
    Answer, Call, Clock, Computer, Desktop, Entitlement, Kit, PortalServer, Programs, Vendor,
};

/// A vendor, and a computer with a desktop on which the vendor's product is installed.
#[derive(Debug)]
pub struct ProductFixture {
    /// The built programs.
    pub programs: Programs,
    /// The vendor.
    pub vendor: Vendor,
    /// What the customer bought.
    pub entitlement: Entitlement,
    /// The kit that is installed with the product.
    pub kit: Kit,
    /// The computer's desktop.
    pub desktop: Desktop,
    /// Where the product and the wizard are installed.
    pub installed: PathBuf,
    /// The portal's port on this machine, whose address is in the kit. [`ProductFixture::serve`]
    /// starts the portal.
    pub port: u16,
    /// The folder of this fixture.
    pub folder: PathBuf,
}

impl ProductFixture {
    /// The features of the demo's product.
    pub const FEATURES: [&'static str; 3] = ["export=bool", "render_nodes=pool", "saves=count"];

    /// The options of the entitlement that the demo's customer bought.
    pub const BOUGHT: [&'static str; 16] = [
        "--customer",
        "Drawing office",
        "--seats",
        "3",
        "--offline-lease",
        "30d",
        "--grace",
        "7d",
        "--feature",
        "export=true",
        "--feature",
        "render_nodes=8",
        "--feature",
        "saves=500",
        "--attribute",
        "plan=professional",
    ];

    /// Sets everything up in a folder that is empty or not there yet.
    ///
    /// # Errors
    /// Fails if something is missing on this machine or can't be written.
    pub fn set_up(folder: &Path) -> Result<Self> {
        let programs = Programs::find()?;
        fs::create_dir_all(folder).context("no folder for the fixture")?;
        let folder = folder.canonicalize().context("no folder for the fixture")?;
        let vendor = Vendor::at(&programs, &folder.join("issuer"));
        let _ = vendor.json(&["init", "--vendor", "Acme"]).succeeds();
        let product = vendor.add_product("Acme CAD", &Self::FEATURES);
        let entitlement = vendor.add_entitlement(product, &Self::BOUGHT);
        let port = free_port()?;
        let address = format!("http://127.0.0.1:{port}");
        let kit = vendor.kit_for(product, &folder.join("kit"), &address);
        let installed = folder.join("installed");
        programs.install_product(&kit.folder, &installed)?;
        // The product opens the wizard next to it. A script that only records the call takes its
        // place, so that no second window opens.
        let wizard = installed.join("latchkey-wizard");
        let note = "#!/bin/sh\necho \"$*\" >> \"$(dirname \"$0\")/opened\"\n";
        fs::write(&wizard, note).context("the substitute for the wizard can't be written")?;
        let desktop = Desktop::start_with_display(&folder.join("home"))?;
        Ok(Self { programs, vendor, entitlement, kit, desktop, installed, port, folder })
    }

    /// Serves the portal at the vendor's time, with the branding of the kit.
    ///
    /// # Errors
    /// Fails if the portal doesn't start.
    pub fn serve(&self) -> Result<PortalServer> {
        PortalServer::start(&self.vendor, self.port, Some(&self.kit.config()))
    }

    /// The configuration of the installed wizard.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.installed.join("latchkey.toml")
    }

    /// The same computer seen through `latchkey`.
    #[must_use]
    pub fn command_line(&self) -> Computer {
        Computer::with_keyring(&self.programs, &self.kit, &self.desktop)
    }

    /// Starts the product, as its user does.
    #[track_caller]
    #[must_use]
    pub fn start_product(&self, clock: Clock) -> Answer {
        start_product(&self.installed, &self.desktop.environment(), clock)
    }

    /// How often the product has opened the wizard so far.
    #[must_use]
    pub fn wizard_openings(&self) -> usize {
        let notes = fs::read_to_string(self.installed.join("opened")).unwrap_or_default();
        notes.lines().count()
    }

    /// How many seats the vendor counts as in use.
    #[track_caller]
    #[must_use]
    pub fn seats_in_use(&self) -> usize {
        let seats = self.vendor.seats(Some(self.entitlement.code()));
        seats.iter().filter(|seat| seat["state"] == "active").count()
    }

    /// The text on the clipboard of the desktop, if there is one.
    #[must_use]
    pub fn clipboard(&self) -> Option<String> {
        self.desktop.clipboard()
    }
}

/// Starts an installed product and returns its answer.
///
/// # Panics
/// If it can't be started or panics.
#[track_caller]
#[must_use]
pub fn start_product(installed: &Path, session: &[(String, String)], clock: Clock) -> Answer {
    let mut call = Call::new(&installed.join("hello-product"));
    let faked = clock.environment().unwrap_or_else(|error| panic!("{error:#}"));
    for (name, value) in session.iter().cloned().chain(faked) {
        call = call.env(name, value);
    }
    call.run()
}
