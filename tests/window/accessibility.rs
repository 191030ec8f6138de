//! Every screen and every family of errors, checked with axe and a layout audit: in both themes, in
//! a small and a large window, with text at twice the size, in English and German.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use latchkey_e2e_support::{Opening, Session, Window, WizardFixture, repository_root, walkthrough};
use serde_json::{Value, json};

use crate::folder;

/// Functions that run inside a page and inspect it.
const LAYOUT_AUDIT: &str = include_str!("layout_audit.js");

/// The window sizes that every screen has to fit.
const SIZES: [(u32, u32); 3] = [(480, 400), (1600, 1000), (760, 600)];

#[test]
fn every_screen_fits_every_window_size_and_passes_axe() -> Result<()> {
    audit_every_screen("audit-light", &Opening::default(), |window, _| {
        let mut found = axe(window)?;
        for (width, height) in SIZES {
            window.resize(width, height)?;
            found.extend(prefixed(&format!("{width} × {height}"), layout_problems(window)?));
        }
        window.value("document.documentElement.style.fontSize = '187.5%'; return ''", &[])?;
        found.extend(prefixed("text of 200 %", layout_problems(window)?));
        window.value("document.documentElement.style.fontSize = ''; return ''", &[])?;
        window.value("document.documentElement.dir = 'rtl'; return ''", &[])?;
        found.extend(prefixed("from right to left", layout_problems(window)?));
        window.value("document.documentElement.dir = 'ltr'; return ''", &[])?;
        found.extend(primary_actions(window)?);
        Ok(found)
    })
}

#[test]
fn the_dark_theme_passes_axe() -> Result<()> {
    audit_every_screen("audit-dark", &Opening::default().dark(), |window, _| {
        let dark =
            window.value("return matchMedia('(prefers-color-scheme: dark)').matches", &[])?;
        ensure!(dark == true, "the theme isn't dark");
        axe(window)
    })
}

#[test]
fn every_screen_is_in_german_and_fits() -> Result<()> {
    let (english, german) = (catalogue("en")?, catalogue("de")?);
    audit_every_screen("audit-german", &Opening::default().german(), |window, _| {
        let mut found = Vec::new();
        for (width, height) in [(480, 400), (760, 600)] {
            window.resize(width, height)?;
            found.extend(prefixed(&format!("{width} × {height}"), layout_problems(window)?));
        }
        let language = window.value("return document.documentElement.lang", &[])?;
        if language != "de" {
            found.push(format!("the language of the page is {language}"));
        }
        let text = visible_text(window)?;
        for (id, sentence) in &english {
            // Some words are the same in both languages, or part of German words.
            let is_german = german.values().any(|german| german.contains(sentence));
            if !is_german && contains_sentence(&text, sentence) {
                found.push(format!("{id} is in English: “{sentence}”"));
            }
        }
        Ok(found)
    })
}

/// The pseudo-locale is English with accents that is two fifths longer. It shows which text is cut
/// off, and which doesn't come from a catalogue. The shipped program doesn't contain it: this test
/// replaces the pages.
#[test]
fn nothing_is_cut_off_or_untranslated_in_the_pseudo_locale() -> Result<()> {
    const VALUES: &[&str] = &[
        "Acme CAD",
        "Acme",
        "licence.acme.example",
        "Drawing office 4",
        "Drawing office",
        // Dates that `Intl` formats.
        "January",
        "November",
        "December",
        "UTC",
        // Kinds of containers and virtual machines.
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
        // Names of hardware traits, which the backend sends.
        "operating system installation",
        "processor",
    ];
    let pages = pseudo_pages()?;
    let opening = Opening { pages: Some(pages), ..Opening::default() };
    audit_every_screen("audit-pseudo", &opening, |window, _| {
        let mut found = layout_problems(window)?;
        found.extend(string_list(&window.value(
            &format!("{LAYOUT_AUDIT}; return untranslated(arguments[0])"),
            &[json!(VALUES)],
        )?)?);
        Ok(found)
    })
}

/// Builds the pages in the pseudo-locale.
fn pseudo_pages() -> Result<PathBuf> {
    let ui = repository_root().join("ui");
    let folder = folder("pseudo-pages")?;
    // Bounded, because a bundler that hangs would otherwise stop the whole run.
    let answer = Command::new("timeout")
        .args(["300", "npx", "--no-install", "vite", "build"])
        .args(["--config", "tests/pseudo/vite.config.ts", "--outDir"])
        .arg(&folder)
        .current_dir(ui)
        .stdin(Stdio::null())
        .output()
        .context("npx can't be started")?;
    ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    Ok(folder.join("pages.js"))
}

/// Audits every screen and reports all problems at the end, each of them once.
fn audit_every_screen(
    name: &str,
    opening: &Opening,
    mut audit: impl FnMut(&Window, &str) -> Result<Vec<String>>,
) -> Result<()> {
    let folder = folder(name)?;
    let mut fixture = WizardFixture::set_up(&folder.join("fixture"))?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    walkthrough(&mut fixture, opening, &mut |window, screen| {
        let here = audit(window, screen)?;
        if !here.is_empty() {
            window.screenshot(&folder.join(format!("{screen}.png")))?;
        }
        for thing in here {
            found.entry(thing).or_default().push(screen.to_owned());
        }
        Ok(())
    })?;
    let report: Vec<String> = found
        .iter()
        .map(|(thing, screens)| format!("- {thing}\n    on {}", screens.join(", ")))
        .collect();
    ensure!(report.is_empty(), "Found (pictures in {}):\n{}", folder.display(), report.join("\n"));
    Ok(())
}

fn prefixed(circumstances: &str, found: Vec<String>) -> Vec<String> {
    found.into_iter().map(|thing| format!("{circumstances}: {thing}")).collect()
}

/// The violations that axe reports. WebDriver injects it into the page; it isn't shipped.
pub(crate) fn axe(window: &Window) -> Result<Vec<String>> {
    // During a transition, the contrast between two colours isn't the final one.
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
    string_list(&found)
}

/// What is cut off, overflows or can't be reached.
pub(crate) fn layout_problems(window: &Window) -> Result<Vec<String>> {
    string_list(&window.value(&format!("{LAYOUT_AUDIT}; return layoutProblems()"), &[])?)
}

/// Reports a screen with more than one primary action.
pub(crate) fn primary_actions(window: &Window) -> Result<Vec<String>> {
    string_list(&window.value(&format!("{LAYOUT_AUDIT}; return repeatedPrimaryActions()"), &[])?)
}

/// The visible text from the wizard's catalogues: without tokens, names and addresses.
fn visible_text(window: &Window) -> Result<String> {
    let text = window.value(&format!("{LAYOUT_AUDIT}; return visibleText()"), &[])?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

/// Whether a text contains a sentence, as a whole line or as a part that is long enough not to be a
/// coincidence.
fn contains_sentence(text: &str, sentence: &str) -> bool {
    text.lines().any(|line| line.trim() == sentence)
        || (sentence.len() > 16 && sentence.contains(' ') && text.contains(sentence))
}

fn string_list(value: &Value) -> Result<Vec<String>> {
    let list = value.as_array().context("the layout audit returned no list")?;
    Ok(list.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect())
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
                insert_sentence(&mut sentences, format!("{id}{}", line.trim()), value);
                continue;
            };
            if line.starts_with(' ') {
                insert_sentence(&mut sentences, format!("{id}{}", name.trim()), value);
            } else {
                id = name.trim().to_owned();
                insert_sentence(&mut sentences, id.clone(), value);
            }
        }
    }
    ensure!(sentences.len() > 200, "the catalogue can't be read");
    Ok(sentences)
}

fn insert_sentence(sentences: &mut BTreeMap<String, String>, id: String, value: &str) {
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

/// Branding with an illegible accent colour, a logo, and one language only.
#[test]
fn the_vendors_branding_is_legible_in_both_themes() -> Result<()> {
    let mut fixture = WizardFixture::set_up(&folder("audit-branded")?.join("fixture"))?;
    let product = fixture.new_product();
    let session = Session::start(&fixture.programs, &fixture.desktop)?;
    let logo =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><circle r=\"8\"/></svg>";
    fs::write(product.kit.folder.join("logo.svg"), logo)?;
    for accent in ["#ffff66", "#101010"] {
        let config = fixture.config(&product, "branded.toml", |text| {
            let appearance = format!(
                "[look]\naccent = \"{accent}\"\nlogo = \"logo.svg\"\nlanguages = [\"de\"]\n"
            );
            text.replace("[look]\n", &appearance)
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

/// Every error that the backend can return: in German, which is longer, and with long values.
#[test]
fn every_error_fits_the_smallest_window() -> Result<()> {
    let folder = folder("audit-errors")?;
    let mut fixture = WizardFixture::set_up(&folder.join("fixture"))?;
    let product = fixture.new_product();
    let session = Session::start(&fixture.programs, &fixture.desktop)?;
    let window = session.open_with(&product.kit.config(), &Opening::default())?;
    crate::request_in_window(&window, product.entitlement.code(), "Drawing office")?;
    window.click("have-response")?;
    window.wait_for_screen("activate-response")?;
    window.resize(480, 400)?;
    let mut found = Vec::new();
    for (at, (code, message, action)) in catalogue_errors()?.into_iter().enumerate() {
        let problem = json!({
            "code": code, "number": 9999, "message": message, "action": action, "details": {},
        });
        window.mock_command(
            "inspect",
            &json!({ "outcome": "error", "problem": problem, "kind": null }),
            false,
        )?;
        window.put("response-box", &format!("text {at}"))?;
        window.wait_for_value("error", "data-code", &code)?;
        found.extend(prefixed(&code, layout_problems(&window)?));
    }
    ensure!(found.is_empty(), "Found:\n{}", found.join("\n"));
    window.close()
}

/// Code, message and next step of every error, with long values.
fn catalogue_errors() -> Result<Vec<(String, String, String)>> {
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
