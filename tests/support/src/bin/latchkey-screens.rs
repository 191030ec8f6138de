//! `cargo xtask screens`, after everything is built: screenshots of every screen of the wizard,
//! every page of the portal and every family of errors, light and dark, small and large, in English
//! and German, and one page that shows them all.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task reports to the user at the terminal"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use latchkey_e2e_support::{
    Browser, Browsing, Computer, Opening, ProductFixture, Programs, Session, Vendor, WizardFixture,
    portal_walkthrough, walkthrough,
};

/// A walkthrough of all screens: its name, the options of the wizard, and the sizes of the
/// pictures.
struct Walk {
    name: &'static str,
    opening: Opening,
    sizes: &'static [(&'static str, u32, u32)],
}

/// A walkthrough of the portal: its name, the options of the browser, and the widths of the
/// pictures.
struct Visit {
    name: &'static str,
    browsing: Browsing,
    widths: &'static [u32],
    /// The width at which text of twice the size is shown.
    double: Option<u32>,
}

/// A vendor's branding of the wizard.
struct Branding {
    name: &'static str,
    vendor: &'static str,
    product: &'static str,
    accent: &'static str,
    logo: &'static str,
}

/// The pictures of [`BRANDINGS`] in `docs/images/` are taken here.
const BRANDINGS: [Branding; 2] = [
    Branding {
        name: "branding-acme",
        vendor: "Acme",
        product: "Acme CAD",
        accent: "#b4441a",
        logo: "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>\
               <rect width='32' height='32' rx='7' fill='#b4441a'/>\
               <path d='M7 25 16 6l9 19M11 18h10' fill='none' stroke='#fff' stroke-width='3'/></svg>",
    },
    Branding {
        name: "branding-tidal",
        vendor: "Tidal Audio",
        product: "Tidal Studio",
        accent: "#0b7a75",
        logo: "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>\
               <circle cx='16' cy='16' r='16' fill='#0b7a75'/>\
               <path d='M5 17q4-9 8 0t8 0 6-3' fill='none' stroke='#fff' stroke-width='3'/></svg>",
    },
];

const NORMAL: (&str, u32, u32) = ("normal", 760, 600);
const SMALL: (&str, u32, u32) = ("small", 480, 400);
const OLD_SCREEN: (&str, u32, u32) = ("640 × 480", 640, 480);
const LARGE: (&str, u32, u32) = ("large", 1600, 1000);

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(only: Option<&str>) -> Result<()> {
    let folder = Programs::find()?.target().join("screens");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("the last pictures can't be removed")?;
    }
    let mut fixture = WizardFixture::set_up(&folder.join("data"))?;
    let light = Opening::default;
    let walks = [
        Walk { name: "light", opening: light(), sizes: &[NORMAL, SMALL, OLD_SCREEN, LARGE] },
        Walk { name: "dark", opening: light().dark(), sizes: &[NORMAL, SMALL] },
        Walk { name: "German", opening: light().german(), sizes: &[NORMAL, SMALL, OLD_SCREEN] },
        Walk { name: "double text", opening: light(), sizes: &[NORMAL] },
    ];
    let mut seen = Pictures::new();
    for walk in walks.iter().filter(|walk| only.is_none_or(|only| only == walk.name)) {
        println!("    {}", walk.name);
        fixture.desktop.scale_text(if walk.name == "double text" { 200 } else { 100 })?;
        walkthrough(&mut fixture, &walk.opening, &mut |window, screen| {
            for (size, width, height) in walk.sizes {
                window.resize(*width, *height)?;
                let file = format!("{screen} · {} · {size}.png", walk.name);
                window.screenshot(&folder.join(&file))?;
                add_picture(&mut seen, screen, file);
            }
            window.resize(NORMAL.1, NORMAL.2)
        })?;
    }
    if only.is_none_or(|only| only == "brandings") {
        println!("    brandings");
        brandings(&folder, &fixture, &mut seen)?;
    }
    portal(&folder, only, &mut seen)?;
    ensure!(!seen.is_empty(), "there is no such walkthrough");
    write_index(&folder, &seen)?;
    let pictures: usize = seen.iter().map(|(_, files)| files.len()).sum();
    println!(
        "    {pictures} pictures of {} screens: {}",
        seen.len(),
        folder.join("index.html").display()
    );
    Ok(())
}

/// Takes pictures of an activated licence in the brandings of two vendors, light and dark.
fn brandings(folder: &Path, fixture: &WizardFixture, seen: &mut Pictures) -> Result<()> {
    let session = Session::start(&fixture.programs, &fixture.desktop)?;
    for branding in BRANDINGS {
        let data = folder.join("data").join(branding.name);
        let vendor = Vendor::at(&fixture.programs, &data);
        let _ = vendor.json(&["init", "--vendor", branding.vendor]).succeeds();
        let product = vendor.add_product(branding.product, &ProductFixture::FEATURES);
        let entitlement = vendor.add_entitlement(product, &ProductFixture::BOUGHT);
        let kit = vendor.kit(product, &data.with_extension("kit"));
        let config = fs::read_to_string(kit.config()).context("the kit has no config")?;
        let look = format!("[look]\naccent = \"{}\"\nlogo = \"logo.svg\"\n", branding.accent);
        ensure!(config.contains("[look]\n"), "the config has no section for the branding");
        fs::write(kit.config(), config.replace("[look]\n", &look))?;
        fs::write(kit.folder.join("logo.svg"), branding.logo)?;
        let computer = Computer::with_keyring(&fixture.programs, &kit, &fixture.desktop);
        let response = vendor.response_to(&computer.request(entitlement.code()));
        let _ = computer.apply(&response).succeeds();
        for (theme, opening) in [("light", Opening::default()), ("dark", Opening::default().dark())]
        {
            let window = session.open_with(&kit.config(), &opening)?;
            window.wait_for_value("home-state", "data-state", "active")?;
            window.wait_for_selector("header img")?;
            window.resize(NORMAL.1, NORMAL.2)?;
            let file = format!("{} · {theme}.png", branding.name);
            window.screenshot(&folder.join(&file))?;
            add_picture(seen, branding.name, file);
            window.close()?;
        }
    }
    Ok(())
}

/// Takes pictures of the portal's pages, each in its full height.
fn portal(folder: &Path, only: Option<&str>, seen: &mut Pictures) -> Result<()> {
    let light = Browsing::default;
    let german = || Browsing { dark: true, language: Some("de"), ..Browsing::default() };
    let visits = [
        Visit { name: "portal", browsing: light(), widths: &[1000, 360], double: Some(640) },
        Visit {
            name: "portal in German, dark",
            browsing: german(),
            widths: &[1000, 360],
            double: None,
        },
    ];
    for visit in visits.iter().filter(|visit| only.is_none_or(|only| only == visit.name)) {
        println!("    {}", visit.name);
        let data = folder.join("data").join(visit.name);
        fs::create_dir_all(&data).context("no folder for the portal")?;
        let browser = Browser::open(&data, &visit.browsing)?;
        portal_walkthrough(&data, &browser, &mut |browser, page| {
            let mut take = |width: u32, size: &str| {
                browser.show_whole_page(width)?;
                let file = format!("portal-{page} · {} · {size}.png", visit.name);
                browser.screenshot(&folder.join(&file))?;
                add_picture(seen, &format!("portal-{page}"), file);
                anyhow::Ok(())
            };
            for width in visit.widths {
                take(*width, &width.to_string())?;
            }
            if let Some(width) = visit.double {
                let scale = |percent: &str| {
                    let code = "document.documentElement.style.fontSize = arguments[0]; return ''";
                    browser.value(code, &[percent.into()])
                };
                scale("200%")?;
                take(width, "double text")?;
                scale("")?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The pictures of each screen, in the order of the walkthroughs.
type Pictures = Vec<(String, Vec<String>)>;

fn add_picture(seen: &mut Pictures, screen: &str, file: String) {
    match seen.iter_mut().find(|(name, _)| name == screen) {
        Some((_, files)) => files.push(file),
        None => seen.push((screen.to_owned(), vec![file])),
    }
}

/// Writes the page that shows all pictures, with one row for each screen.
fn write_index(folder: &Path, seen: &[(String, Vec<String>)]) -> Result<()> {
    let mut rows = String::new();
    for (screen, files) in seen {
        let _ = write!(rows, "<h2 id=\"{screen}\">{screen}</h2><div>");
        for file in files {
            let caption = file.trim_end_matches(".png");
            let caption =
                caption.split_once(" · ").map_or(caption, |(_, circumstances)| circumstances);
            let _ = write!(
                rows,
                "<figure><a href=\"{file}\"><img src=\"{file}\" alt=\"\" loading=\"lazy\"></a>\
                 <figcaption>{caption}</figcaption></figure>"
            );
        }
        rows.push_str("</div>\n");
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Wizard and portal</title>\n\
         <style>body {{ font: 15px system-ui, sans-serif; margin: 2rem; background: #8a8d94; }}\n\
         div {{ display: flex; flex-wrap: wrap; gap: 1rem; align-items: start; }}\n\
         figure {{ margin: 0; }} img {{ display: block; height: 20rem; }}\n\
         h2 {{ margin: 2rem 0 0.5rem; font-size: 1.1rem; }}</style>\n\
         <h1>Wizard and portal</h1>\n{rows}</html>\n"
    );
    fs::write(folder.join("index.html"), page).context("the page can't be written")
}
