//! Support code that the end-to-end tests and the demo share.
//!
//! A [`Vendor`] is a folder with the issuer's data, a [`Computer`] is a home folder with its own
//! store, a [`Desktop`] is a session bus with a real Secret Service and a display, and a [`Window`]
//! is the real wizard on it. A [`PortalServer`] is the vendor's running server, and a [`Browser`]
//! shows its pages. All of them start the real programs and use nothing of the crates inside: they
//! rely only on the contract of the two command lines and the window.
#![allow(clippy::panic, reason = "in a test, what was expected and didn't come is a panic")]

mod browser;
mod clipboard_owner;
mod clock;
mod computer;
mod crash;
mod desktop;
mod earlier_versions;
mod fixture;
mod keyring;
mod mounts;
mod page;
mod portal_server;
mod portal_walkthrough;
mod programs;
mod run;
mod scenario;
mod vendor;
mod walkthrough;
mod window;
mod x11;
mod x11_input;

pub use browser::{Browser, Browsing, pictures_in};
pub use clipboard_owner::ClipboardOffer;
pub use clock::Clock;
pub use computer::{Boot, Computer, Hardware, Store};
pub use crash::{
    FAULTS, Fault, FileTreeState, Interruption, Point, TracedPortal, Watched, interrupt,
    interruption_points,
};
pub use desktop::{Desktop, KEYRING_PASSWORD};
pub use earlier_versions::{
    downgrade_database, downgrade_vault, is_first_version, latest_layout, layout_of,
};
pub use fantoccini::key::Key;
pub use fixture::{ProductFixture, start_product};
pub use keyring::{LOGIN_COLLECTION, SESSION_COLLECTION};
pub use mounts::{Mounts, boots_are_possible, container_wrapper, mounts_are_possible, not_tested};
pub use portal_server::PortalServer;
pub use portal_walkthrough::{PortalFixture, portal_walkthrough};
pub use programs::{Programs, repository_root};
pub use run::{Answer, Call, Running};
pub use scenario::{Recorder, activate_in_window, enter_token, request_in_window, run_life_cycle};
pub use vendor::{Entitlement, Kit, Vendor};
pub use walkthrough::{NewProduct, WizardFixture, walkthrough};
pub use window::{Opening, Session, Window, free_port};
pub use x11::DisplayView;
