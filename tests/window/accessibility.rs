//! Every screen and every family of errors, checked with axe and a layout audit: in both themes, in
//! a small and a large window, with text at twice the size, in English and German.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use latchkey_e2e_support::{Opening, Session, Window, WizardFixture, repository_root, walkthrough};
use serde_json::{Value, json};

use crate::{alone, folder};

/// What looks at a page from inside.
const RULER: &str = include_str!("layout_audit.js");

/// The sizes that every screen has to work at.
const SIZES: [(u32, u32); 3] = [(480, 400), (1600, 1000), (760, 600)];

#[test]
fn every_screen_fits_every_window_size_and_passes_axe() -> Result<()> {
    look_at_everything("looks-light", &Opening::default(), |window, _| {
        let mut found = axe(window)?;
        for (width, height) in SIZES {
            window.resize(width, height)?;
            found.extend(about(&format!("{width} × {height}"), ruler(window)?));
        }
        window.value("document.documentElement.style.fontSize = '187.5%'; return ''", &[])?;
        found.extend(about("text of 200 %", ruler(window)?));
        window.value("document.documentElement.style.fontSize = ''; return ''", &[])?;
        window.value("document.documentElement.dir = 'rtl'; return ''", &[])?;
        found.extend(about("from right to left", ruler(window)?));
        window.value("document.documentElement.dir = 'ltr'; return ''", &[])?;
        found.extend(primary_actions(window)?);
        Ok(found)
    })
}

#[test]
fn the_dark_theme_passes_axe() -> Result<()> {
    look_at_everything("looks-dark", &Opening::default().dark(), |window, _| {
        let dark =
            window.value("return matchMedia('(prefers-color-scheme: dark)').matches", &[])?;
        ensure!(dark == true, "the theme isn't dark");
        axe(window)
    })
}

#[test]
fn every_screen_is_in_german_and_fits() -> Result<()> {
    let (english, german) = (catalogue("en")?, catalogue("de")?);
    look_at_everything("looks-german", &Opening::default().german(), |window, _| {
        let mut found = Vec::new();
        for (width, height) in [(480, 400), (760, 600)] {
            window.resize(width, height)?;
            found.extend(about(&format!("{width} × {height}"), ruler(window)?));
        }
        let language = window.value("return document.documentElement.lang", &[])?;
        if language != "de" {
            found.push(format!("the page says that it is in {language}"));
        }
        let said = said(window)?;
        for (id, sentence) in &english {
            // Words that are the same in both languages, and words that are part of the German
            // ones.
            let is_german = german.values().any(|german| german.contains(sentence));
            if !is_german && says(&said, sentence) {
                found.push(format!("{id} is in English: “{sentence}”"));
            }
        }
        Ok(found)
    })
}

/// English that looks foreign and is two fifths longer, in the real window: what is cut off, and
/// what never came from a catalogue. The shipped program knows nothing of it; a test puts the pages
/// in place of the shipped ones.
#[test]
fn nothing_is_cut_off_or_untranslated_in_the_pseudo_locale() -> Result<()> {
    const VALUES: &[&str] = &[
        "Acme CAD",
        "Acme",
        "licence.acme.example",
        "Drawing office 4",
        "Drawing office",
        // What `Intl` makes of a moment.
        "January",
        "November",
        "December",
        "UTC",
        // Whose container or virtual machine this is.
        "Docker",
        "Podman",
        "Kubernetes",
        "LXC",
        "WSL",
        "KVM",
        "QEMU",
        "Bochs",
        "Xen",
        "Hyper-V",
        "VMware",
        "VirtualBox",
        "Parallels",
        "Nutanix",
        "OpenStack",
        "DigitalOcean",
        "Google Compute Engine",
        "Apple Virtualization",
        // Names of traits, which the program behind the pages says.
        "operating system installation",
        "processor",
    ];
    let pages = pseudo_pages()?;
    let opening = Opening { pages: Some(pages), ..Opening::default() };
    look_at_everything("looks-pseudo", &opening, |window, _| {
        let mut found = ruler(window)?;
        found.extend(lines(
            &window
                .value(&format!("{RULER}; return untranslated(arguments[0])"), &[json!(VALUES)])?,
        )?);
        Ok(found)
    })
}

/// Builds the pages in the pseudo-locale.
fn pseudo_pages() -> Result<PathBuf> {
    let ui = repository_root().join("ui");
    let folder = folder("pseudo-pages")?;
    let answer = Command::new("npx")
        .args(["--no-install", "vite", "build", "--config", "tests/pseudo/vite.config.ts"])
        .arg("--outDir")
        .arg(&folder)
        .current_dir(ui)
        .output()
        .context("npx can't be started")?;
    ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    Ok(folder.join("pages.js"))
}

/// Walks through everything and tells all that was found at the end, each thing once.
fn look_at_everything(
    name: &str,
    opening: &Opening,
    mut look: impl FnMut(&Window, &str) -> Result<Vec<String>>,
) -> Result<()> {
    let _alone = alone();
    let folder = folder(name)?;
    let mut fixture = WizardFixture::set_up(&folder.join("fixture"))?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    walkthrough(&mut fixture, opening, &mut |window, screen| {
        let here = look(window, screen)?;
        if !here.is_empty() {
            window.screenshot(&folder.join(format!("{screen}.png")))?;
        }
        for thing in here {
            found.entry(thing).or_default().push(screen.to_owned());
        }
        Ok(())
    })?;
    let told: Vec<String> = found
        .iter()
        .map(|(thing, screens)| format!("- {thing}\n    on {}", screens.join(", ")))
        .collect();
    ensure!(told.is_empty(), "Found (pictures in {}):\n{}", folder.display(), told.join("\n"));
    Ok(())
}

fn about(circumstances: &str, found: Vec<String>) -> Vec<String> {
    found.into_iter().map(|thing| format!("{circumstances}: {thing}")).collect()
}

/// What axe finds. It is put into the page through WebDriver and never shipped.
pub(crate) fn axe(window: &Window) -> Result<Vec<String>> {
    // Half-way from one colour to another the contrast is anybody's guess.
    window.value(
        "if (document.adoptedStyleSheets.length === 0) { const still = new CSSStyleSheet(); \
         still.replaceSync('* { transition: none !important; animation: none !important }'); \
         document.adoptedStyleSheets = [still]; } return ''",
        &[],
    )?;
    window.wait_until_still()?;
    let there = window.value("return 'axe' in window", &[])?;
    if there != true {
        let path = repository_root().join("ui/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(&path)
            .with_context(|| format!("{} is missing: run `cargo xtask ui`", path.display()))?;
        window.value(&format!("{axe}; window.axe = axe; return ''"), &[])?;
    }
    let found = window.value(
        "return axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => \
           violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, any }) => \
             `axe: ${id}: ${help}: ${target.join(' ')} ${any.map((a) => a.message).join('; ')}`)))",
        &[],
    )?;
    lines(&found)
}

/// What is cut off or sticks out.
pub(crate) fn ruler(window: &Window) -> Result<Vec<String>> {
    lines(&window.value(&format!("{RULER}; return cutOff()"), &[])?)
}

/// At most one primary action, and every action can be reached and pressed.
pub(crate) fn primary_actions(window: &Window) -> Result<Vec<String>> {
    lines(&window.value(&format!("{RULER}; return actions()"), &[])?)
}

/// The visible text that is the wizard's own: without tokens, names, addresses.
fn said(window: &Window) -> Result<String> {
    let said = window.value(&format!("{RULER}; return said()"), &[])?;
    Ok(said.as_str().unwrap_or_default().to_owned())
}

/// Whether a sentence is said, as a whole line or as a part of one that can't be a coincidence.
fn says(said: &str, sentence: &str) -> bool {
    said.lines().any(|line| line.trim() == sentence)
        || (sentence.len() > 16 && sentence.contains(' ') && said.contains(sentence))
}

fn lines(value: &Value) -> Result<Vec<String>> {
    let lines = value.as_array().context("the ruler gave no list")?;
    Ok(lines.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect())
}

/// The sentences of a language: of every message and attribute, the longest stretch without a value
/// in it.
fn catalogue(language: &str) -> Result<BTreeMap<String, String>> {
    let folder = repository_root().join("crates/i18n/locales").join(language);
    let mut sentences = BTreeMap::new();
    for file in ["wizard.ftl", "device.ftl", "token.ftl", "lease.ftl"] {
        let text = fs::read_to_string(folder.join(file)).with_context(|| file.to_owned())?;
        let mut id = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, value)) =
                line.split_once('=').filter(|_| !line.trim_start().starts_with(['[', '*']))
            else {
                let value = line.trim_start_matches(|c: char| c != ']').trim_start_matches(']');
                keep(&mut sentences, format!("{id}{}", line.trim()), value);
                continue;
            };
            if line.starts_with(' ') {
                keep(&mut sentences, format!("{id}{}", name.trim()), value);
            } else {
                id = name.trim().to_owned();
                keep(&mut sentences, id.clone(), value);
            }
        }
    }
    ensure!(sentences.len() > 200, "the catalogue can't be read");
    Ok(sentences)
}

fn keep(sentences: &mut BTreeMap<String, String>, id: String, value: &str) {
    let stretch = value
        .split(['{', '}'])
        .step_by(2)
        .map(str::trim)
        .max_by_key(|stretch| stretch.len())
        .unwrap_or_default();
    if stretch.chars().filter(|c| c.is_alphabetic()).count() > 2 {
        sentences.insert(id, stretch.to_owned());
    }
}

/// The vendor's own look: an illegible accent colour, a logo, and one language only.
#[test]
fn the_vendors_branding_is_legible_in_both_themes() -> Result<()> {
    let _alone = alone();
    let mut fixture = WizardFixture::set_up(&folder("looks-branded")?.join("fixture"))?;
    let product = fixture.new_product();
    let session = Session::start(&fixture.programs, &fixture.desktop)?;
    let logo =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><circle r=\"8\"/></svg>";
    fs::write(product.kit.folder.join("logo.svg"), logo)?;
    for accent in ["#ffff66", "#101010"] {
        let config = fixture.config(&product, "branded.toml", |text| {
            let look = format!(
                "[look]\naccent = \"{accent}\"\nlogo = \"logo.svg\"\nlanguages = [\"de\"]\n"
            );
            text.replace("[look]\n", &look)
        })?;
        for opening in [Opening::default(), Opening::default().dark()] {
            let window = session.open_with(&config, &opening)?;
            window.wait_for_screen("home")?;
            window.wait_for_selector("html[lang=de] header img")?;
            let found = axe(&window)?;
            ensure!(found.is_empty(), "with {accent}:\n{}", found.join("\n"));
            window.close()?;
        }
    }
    Ok(())
}

/// Every code that the backend can give: in German, which is longer, and with long values in it.
#[test]
fn every_error_fits_the_smallest_window() -> Result<()> {
    let _alone = alone();
    let folder = folder("looks-errors")?;
    let mut fixture = WizardFixture::set_up(&folder.join("fixture"))?;
    let product = fixture.new_product();
    let session = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = session.open_with(&product.kit.config(), &Opening::default())?;
    crate::request_in_window(&window, product.entitlement.code(), "Drawing office")?;
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    window.resize(480, 400)?;
    let mut found = Vec::new();
    for (at, (code, message, action)) in errors()?.into_iter().enumerate() {
        let problem = json!({
            "code": code, "number": 9999, "message": message, "action": action, "details": {},
        });
        window.pretend(
            "inspect",
            &json!({ "outcome": "error", "problem": problem, "kind": null }),
            false,
        )?;
        window.put("response-box", &format!("text {at}"))?;
        window.wait_for_value("error", "data-code", &code)?;
        found.extend(about(&code, ruler(&window)?));
    }
    ensure!(found.is_empty(), "Found:\n{}", found.join("\n"));
    window.close()
}

/// Code, message and next step of every error, with long values.
fn errors() -> Result<Vec<(String, String, String)>> {
    let mut errors = Vec::new();
    let folder = repository_root().join("crates/i18n/locales").join("de");
    for file in ["wizard.ftl", "device.ftl", "token.ftl", "lease.ftl"] {
        let text = fs::read_to_string(folder.join(file)).with_context(|| file.to_owned())?;
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let action = lines.peek().and_then(|next| next.trim().strip_prefix(".action = "));
            let (Some((id, message)), Some(action)) = (line.split_once(" = "), action) else {
                continue;
            };
            let fill = |text: &str| {
                text.split(['{', '}'])
                    .enumerate()
                    .map(|(at, part)| {
                        if at % 2 == 0 {
                            part
                        } else {
                            "/home/someone/a-folder-with-a-long-name/file"
                        }
                    })
                    .collect::<String>()
            };
            errors.push((id.replace('-', "."), fill(message), fill(action)));
        }
    }

    ensure!(errors.len() > 60, "only {} errors", errors.len());
    Ok(errors)
}
