//! The installer for Windows. Its script is compiled by `makensis`, which exists for every system;
//! everything that differs between products is generated beside it.
//!
//! A text of the vendor is quoted so that nothing in it is a variable, a definition or the end of
//! the text. Names of files and definitions have only characters that need no quoting.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};

use latchkey_archive::{Files, is_device};
use latchkey_files::reason;

use crate::error::PackageError;
use crate::kit::{Kit, WebView2};
use crate::section::OnRemoval;
use crate::signing::Signer;

/// The script, which is the same for all products.
const SCRIPT: &str = include_str!("windows/installer.nsi");
/// The file that the script includes.
const PRODUCT: &str = "product.nsh";
/// The file that the script makes. `makensis` warns about names such as `setup.exe`.
const MADE: &str = "made.exe";
/// The program that removes the product.
const UNINSTALLER: &str = "uninstall.exe";
const ICON: &str = "icon.ico";
const RUNTIME_INSTALLER: &str = "webview2.exe";
/// The folder of a fixed version of the WebView2 runtime, beside the wizard.
const RUNTIME: &str = "webview2";

/// The languages of the installer, as the catalogue and as NSIS name them.
const LANGUAGES: [(&str, &str); 2] = [("en", "${LANG_ENGLISH}"), ("de", "${LANG_GERMAN}")];

/// Makes the installer with these files. `time` is in seconds of the Unix epoch.
pub(crate) fn installer(
    kit: &Kit,
    files: &Files,
    signer: Option<&Signer>,
    time: u64,
) -> Result<Vec<u8>, PackageError> {
    if is_device(&kit.section.name) {
        let found = kit.section.name.clone();
        return Err(PackageError::Value { field: "name", found });
    }
    let folder = tempfile::tempdir().map_err(|error| not_made(&std::env::temp_dir(), &error))?;
    let folder = folder.path();
    let write = |name: &str, content: &[u8]| {
        fs::write(folder.join(name), content).map_err(|error| not_made(folder, &error))
    };
    let copy = |path: &Path, name: &str| {
        let copied = fs::copy(path, folder.join(name));
        copied.map_err(|error| PackageError::NotRead {
            path: path.to_owned(),
            reason: reason(&error),
        })
    };
    let mut installed = Vec::new();
    let mut size = 0;
    for (name, entry) in files {
        write(&installed.len().to_string(), &entry.content)?;
        size += entry.content.len() as u64;
        installed.push(name.clone());
    }
    match &kit.webview2 {
        Some(WebView2::Installer(path)) => drop(copy(path, RUNTIME_INSTALLER)?),
        Some(WebView2::Fixed(files)) => {
            for (name, path) in files {
                size += copy(path, &installed.len().to_string())?;
                installed.push(format!("{RUNTIME}/{name}"));
            }
        }
        None => {}
    }
    write(ICON, &kit.windows_icon)?;
    write("installer.nsi", SCRIPT.as_bytes())?;
    let product = product(kit, &installed, size)?;
    let compile = |definition: &str| {
        let product = format!("{definition}{product}");
        write(PRODUCT, product.as_bytes())?;
        compile("makensis", folder, time)
    };
    let read = |name: &str| fs::read(folder.join(name)).map_err(|error| not_made(folder, &error));
    let Some(signer) = signer else {
        compile("")?;
        return read(MADE);
    };
    // The program that removes the product is made by `makensis`, which shows it to a command. So
    // the first run is only for that program, and the second one takes the signed one as a file.
    let copy = if cfg!(windows) { "copy /y" } else { "cp" };
    compile(&format!("!define UNSIGNED '{copy} \"%1\" {UNINSTALLER}'\n"))?;
    let signed = signer.sign(UNINSTALLER, &read(UNINSTALLER)?)?;
    write(UNINSTALLER, &signed)?;
    compile(&format!("!define SIGNED {UNINSTALLER}\n"))?;
    signer.sign(MADE, &read(MADE)?)
}

fn not_made(path: &Path, error: &io::Error) -> PackageError {
    PackageError::NotWritten { path: path.to_owned(), reason: reason(error) }
}

/// Compiles the script in a folder. `makensis` is the program.
pub(crate) fn compile(makensis: &str, folder: &Path, time: u64) -> Result<(), PackageError> {
    let done = Command::new(makensis)
        // Without the user's own settings, which could be in the way.
        .args(["-V2", "-NOCONFIG", "-INPUTCHARSET", "UTF8", "installer.nsi"])
        .current_dir(folder)
        .env("SOURCE_DATE_EPOCH", time.to_string())
        .stdin(Stdio::null())
        .output();
    let done = done.map_err(|error| match error.kind() {
        ErrorKind::NotFound => PackageError::NoMakensis,
        _ => PackageError::Installer { reason: error.to_string() },
    })?;
    if done.status.success() {
        return Ok(());
    }
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let said = said.lines().map(str::trim).find(|line| line.starts_with("Error"));
    let reason = said.map_or_else(|| done.status.to_string(), str::to_owned);
    let reason = reason.chars().filter(|c| !c.is_control()).take(200).collect();
    Err(PackageError::Installer { reason })
}

/// The part of the script that differs between products. `installed` are the names of the files in
/// the installation folder; the content of each is in a file with its number.
fn product(kit: &Kit, installed: &[String], size: u64) -> Result<String, PackageError> {
    let section = &kit.section;
    let mut text = String::new();
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    // For `quote`.
    line("!define DOLLAR \"$$\"".to_owned());
    line("!define PLAIN_DOLLAR \"$\"".to_owned());
    for (name, value) in [
        ("ID", section.id.as_str()),
        ("NAME", &section.name),
        ("FOLDER", &section.windows_folder()),
        ("VERSION", &section.version),
        ("SIZE", &size.div_ceil(1024).to_string()),
        ("OUT", MADE),
        ("ICON", ICON),
    ] {
        line(format!("!define {name} \"{value}\""));
    }
    let deactivates = section.on_removal == OnRemoval::Deactivate;
    let (runs, has_fixed) = match kit.webview2 {
        Some(WebView2::Installer(_)) => (true, false),
        Some(WebView2::Fixed(_)) => (false, true),
        None => (false, false),
    };
    for (name, value, applies) in [
        ("OF_MACHINE", "", kit.is_machine),
        ("OPENS_TOKENS", "", section.opens_tokens),
        ("DEACTIVATES", "", deactivates),
        ("HAS_HOMEPAGE", "", section.homepage.is_some()),
        ("WEBVIEW2_INSTALLER", RUNTIME_INSTALLER, runs),
        ("FIXED_RUNTIME", RUNTIME, has_fixed),
    ] {
        if applies {
            line(format!("!define {name} \"{value}\""));
        }
    }
    // In the second one, “&” would underline the following letter.
    line("Name \"$(MENU)\" \"$(MENU_SHOWN)\"".to_owned());
    line("!macro Texts".to_owned());
    for (language, of_nsis) in LANGUAGES {
        let menu = section.menu.in_language(language);
        for (name, field, value) in [
            ("MENU", "menu", menu),
            ("MENU_SHOWN", "menu", &menu.replace('&', "&&")),
            ("SHORTCUT", "menu", &file_name(menu, &section.name)),
            ("SUMMARY", "summary", section.summary.in_language(language)),
            ("PUBLISHER", "maintainer", section.publisher()),
            ("PRODUCT", "product.name", &kit.product_name),
            ("HOMEPAGE", "homepage", section.homepage.as_deref().unwrap_or_default()),
        ] {
            let value = quote(field, value, "${DOLLAR}")?;
            line(format!("  LangString {name} {of_nsis} {value}"));
        }
    }
    line("!macroend".to_owned());
    line("!macro Version".to_owned());
    let numbers = four_numbers(&section.version).map(|number| number.to_string()).join(".");
    line(format!("  VIProductVersion \"{numbers}\""));
    for (language, of_nsis) in LANGUAGES {
        for (name, field, value) in [
            ("ProductName", "menu", section.menu.in_language(language)),
            ("FileDescription", "menu", section.menu.in_language(language)),
            ("CompanyName", "maintainer", section.publisher()),
            ("LegalCopyright", "maintainer", section.publisher()),
            ("FileVersion", "version", &section.version),
            ("ProductVersion", "version", &section.version),
        ] {
            // Nothing is a variable here.
            let value = quote(field, value, "${PLAIN_DOLLAR}")?;
            line(format!("  VIAddVersionKey /LANG={of_nsis} \"{name}\" {value}"));
        }
    }
    line("!macroend".to_owned());
    list_files(installed, &mut line);
    Ok(text)
}

/// The macros that list the files, and put them where they belong.
fn list_files(installed: &[String], line: &mut impl FnMut(String)) {
    let mut folders = std::collections::BTreeSet::new();
    line("!macro Names".to_owned());
    for name in installed {
        folders.extend(name.match_indices('/').map(|(at, _)| &name[..=at]));
        line(format!("  FileWrite $1 \"{}$\\r$\\n\"", name.replace('/', "\\")));
    }
    // Those in a folder before the folder.
    for folder in folders.iter().rev() {
        line(format!("  FileWrite $1 \"{}$\\r$\\n\"", folder.replace('/', "\\")));
    }
    line("!macroend".to_owned());
    line("!macro Files".to_owned());
    let mut current = None;
    for (number, name) in installed.iter().enumerate() {
        let (folder, file) = match name.rsplit_once('/') {
            Some((folder, file)) => (format!("\\{}", folder.replace('/', "\\")), file),
            None => (String::new(), name.as_str()),
        };
        if current.as_ref() != Some(&folder) {
            line(format!("  SetOutPath \"$INSTDIR{folder}\""));
            current = Some(folder);
        }
        line(format!("  File \"/oname={file}\" \"{number}\""));
    }
    line("!macroend".to_owned());
}

/// Quotes a text as one word of a script. NSIS expands definitions before it divides a line into
/// words, so every dollar sign is itself written as a definition: even an escaped one could begin
/// another. `dollar` names that definition, which differs for texts in which NSIS expands no
/// variables.
fn quote(field: &'static str, text: &str, dollar: &str) -> Result<String, PackageError> {
    // It would escape the quotation mark at the end.
    if text.ends_with("$\\") {
        return Err(PackageError::Value { field, found: text.to_owned() });
    }
    let mut word = String::from("\"");
    for sign in text.chars() {
        match sign {
            '$' => word.push_str(dollar),
            '"' | '\'' | '`' => {
                word.push_str("$\\");
                word.push(sign);
            }
            sign if sign.is_control() => word.push(' '),
            sign => word.push(sign),
        }
    }
    word.push('"');
    Ok(word)
}

/// A name of a file that resembles a text, on every system.
pub(crate) fn file_name(text: &str, otherwise: &str) -> String {
    let plain = |sign: char| if "<>:\"/\\|?*".contains(sign) { '-' } else { sign };
    let name: String = text.chars().map(plain).collect();
    let name = name.trim_end_matches(['.', ' ']);
    if name.is_empty() || is_device(name) { otherwise.to_owned() } else { name.to_owned() }
}

/// A version of four numbers of 16 bits, which are those at its beginning.
pub(crate) fn four_numbers(version: &str) -> [u16; 4] {
    let mut four = [0; 4];
    let numbers = version.split(['.', '+', '~']).map_while(|part| part.parse().ok());
    four.iter_mut().zip(numbers).for_each(|(of_four, number)| *of_four = number);
    four
}
