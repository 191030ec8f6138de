//! Applications for macOS: the folder that the system takes for one program
//! (Bundle Programming Guide), in the folder from which a disk image is made.

use std::fmt::Write as _;

use latchkey_archive::{Entry, Files};

use crate::desktop::escape_xml;
use crate::icon;
use crate::kit::Kit;
use crate::section::Section;
use crate::windows::file_name;

/// The longest name of the application's folder that leaves room for the names in it.
const MAX_APPLICATION_BYTES: usize = 60;
/// Why the wizard asks for the camera.
const CAMERA: [(&str, &str); 2] =
    [("en", "Reads tokens from QR codes."), ("de", "Liest Token aus QR-Codes.")];

/// The files of the application, beside what it is signed with.
pub(crate) fn files(kit: &Kit, programs: Files) -> Files {
    let section = &kit.section;
    let application = application_name(section);
    let contents = format!("{application}.app/Contents");
    let mut files = Files::new();
    for (name, entry) in programs {
        let folder = if entry.is_program { "MacOS" } else { "Resources" };
        files.insert(format!("{contents}/{folder}/{name}"), entry);
    }
    let icon = icon::of_macos(&kit.pictures);
    files.insert(
        format!("{contents}/Info.plist"),
        Entry::data(information(section, icon.is_some())),
    );
    // What the system expects of an application of unknown creator.
    files.insert(format!("{contents}/PkgInfo"), Entry::data("APPL????"));
    if let Some(icon) = icon {
        files.insert(format!("{contents}/Resources/{}.icns", section.name), Entry::data(icon));
    }
    for (language, camera) in CAMERA {
        let text = translation(section.menu.in_language(language), camera);
        let name = format!("{contents}/Resources/{language}.lproj/InfoPlist.strings");
        files.insert(name, Entry::data(text));
    }
    files.insert("entitlements.plist".to_owned(), Entry::data(entitlements()));
    files
}

fn application_name(section: &Section) -> String {
    let name = file_name(section.menu.english(), &section.name);
    if name.len() <= MAX_APPLICATION_BYTES { name } else { section.name.clone() }
}

/// A property list (version 1.0) with the content of its only dictionary.
fn property_list(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n{content}</dict>\n</plist>\n"
    )
}

fn information(section: &Section, has_icon: bool) -> String {
    let Section { id, name, version, .. } = section;
    let menu = section.menu.english();
    let mut text = String::new();
    let mut string = |key: &str, value: &str| {
        let _ = writeln!(text, "  <key>{key}</key>\n  <string>{}</string>", escape_xml(value));
    };
    string("CFBundleDevelopmentRegion", "en");
    string("CFBundleDisplayName", menu);
    string("CFBundleExecutable", name);
    if has_icon {
        string("CFBundleIconFile", name);
    }
    string("CFBundleIdentifier", id);
    string("CFBundleInfoDictionaryVersion", "6.0");
    string("CFBundleName", menu);
    string("CFBundlePackageType", "APPL");
    // Three whole numbers: the system compares nothing else.
    let numbers: Vec<_> = version
        .split(['.', '+', '~'])
        .map_while(|part| part.parse::<u32>().ok())
        .chain([0; 3])
        .take(3)
        .map(|number| number.to_string())
        .collect();
    string("CFBundleShortVersionString", &numbers.join("."));
    string("CFBundleVersion", &numbers.join("."));
    string("LSApplicationCategoryType", "public.app-category.utilities");
    string("LSMinimumSystemVersion", "11.0");
    string("NSCameraUsageDescription", CAMERA[0].1);
    string("NSHumanReadableCopyright", section.publisher());
    text.push_str("  <key>CFBundleLocalizations</key>\n  <array>\n");
    for (language, _) in CAMERA {
        let _ = writeln!(text, "    <string>{language}</string>");
    }
    text.push_str("  </array>\n  <key>NSHighResolutionCapable</key>\n  <true/>\n");
    if section.opens_tokens {
        let _ = write!(
            text,
            "  <key>CFBundleDocumentTypes</key>\n  <array>\n    <dict>\n      \
             <key>CFBundleTypeName</key>\n      <string>{0}</string>\n      \
             <key>CFBundleTypeRole</key>\n      <string>Viewer</string>\n      \
             <key>LSHandlerRank</key>\n      <string>Alternate</string>\n      \
             <key>LSItemContentTypes</key>\n      <array>\n        \
             <string>{id}.token</string>\n      </array>\n    </dict>\n  </array>\n  \
             <key>UTExportedTypeDeclarations</key>\n  <array>\n    <dict>\n      \
             <key>UTTypeIdentifier</key>\n      <string>{id}.token</string>\n      \
             <key>UTTypeDescription</key>\n      <string>{0}</string>\n      \
             <key>UTTypeConformsTo</key>\n      <array>\n        \
             <string>public.plain-text</string>\n      </array>\n      \
             <key>UTTypeTagSpecification</key>\n      <dict>\n        \
             <key>public.filename-extension</key>\n        <array>\n          \
             <string>token</string>\n        </array>\n      </dict>\n    </dict>\n  </array>\n",
            escape_xml(menu)
        );
    }
    property_list(&text)
}

/// The names in another language, as a file of strings.
fn translation(menu: &str, camera: &str) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "CFBundleDisplayName = \"{0}\";\nCFBundleName = \"{0}\";\n\
         NSCameraUsageDescription = \"{1}\";\n",
        quoted(menu),
        quoted(camera)
    )
}

/// What the hardened runtime, which notarisation requires, has to allow: the camera.
fn entitlements() -> String {
    property_list("  <key>com.apple.security.device.camera</key>\n  <true/>\n")
}
