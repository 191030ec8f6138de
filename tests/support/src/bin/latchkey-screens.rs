//! `cargo xtask screens`, once everything is built: pictures of every screen and every family of errors, light and
//! dark, in a small and a large window, in English and German, and one page that shows them all.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to the person at the terminal"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use latchkey_e2e_support::{Opening, Programs, Setting, tour};

/// One walk through all screens: its name, what the wizard is started with, and the sizes of the pictures.
struct Walk {
    name: &'static str,
    opening: Opening,
    sizes: &'static [(&'static str, u32, u32)],
}

const NORMAL: (&str, u32, u32) = ("normal", 760, 600);
const SMALL: (&str, u32, u32) = ("small", 480, 400);
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
    let mut setting = Setting::set_up(&folder.join("setting"))?;
    let light = Opening::default;
    let walks = [
        Walk { name: "light", opening: light(), sizes: &[NORMAL, SMALL, LARGE] },
        Walk { name: "dark", opening: light().dark(), sizes: &[NORMAL, SMALL] },
        Walk { name: "German", opening: light().german(), sizes: &[NORMAL, SMALL] },
        Walk { name: "double text", opening: light(), sizes: &[NORMAL] },
    ];
    let mut seen: Vec<(String, Vec<String>)> = Vec::new();
    for walk in walks.iter().filter(|walk| only.is_none_or(|only| only == walk.name)) {
        println!("    {}", walk.name);
        setting.desktop.scale_text(if walk.name == "double text" { 200 } else { 100 })?;
        tour(&mut setting, &walk.opening, &mut |window, screen| {
            for (size, width, height) in walk.sizes {
                window.resize(*width, *height)?;
                let file = format!("{screen} · {} · {size}.png", walk.name);
                window.screenshot(&folder.join(&file))?;
                match seen.iter_mut().find(|(name, _)| name == screen) {
                    Some((_, files)) => files.push(file),
                    None => seen.push((screen.to_owned(), vec![file])),
                }
            }
            window.resize(NORMAL.1, NORMAL.2)
        })?;
    }
    ensure!(!seen.is_empty(), "there is no such walk");
    page(&folder, &seen)?;
    let pictures: usize = seen.iter().map(|(_, files)| files.len()).sum();
    println!(
        "    {pictures} pictures of {} screens: {}",
        seen.len(),
        folder.join("index.html").display()
    );
    Ok(())
}

/// The page that shows them all: a row a screen.
fn page(folder: &Path, seen: &[(String, Vec<String>)]) -> Result<()> {
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
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>The wizard’s screens</title>\n\
         <style>body {{ font: 15px system-ui, sans-serif; margin: 2rem; background: #8a8d94; }}\n\
         div {{ display: flex; flex-wrap: wrap; gap: 1rem; align-items: start; }}\n\
         figure {{ margin: 0; }} img {{ display: block; height: 20rem; }}\n\
         h2 {{ margin: 2rem 0 0.5rem; font-size: 1.1rem; }}</style>\n\
         <h1>The wizard’s screens</h1>\n{rows}</html>\n"
    );
    fs::write(folder.join("index.html"), page).context("the page can't be written")
}
