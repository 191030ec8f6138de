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
    Browser, Browsing, Opening, Programs, WizardFixture, portal_walkthrough, walkthrough,
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
