//! What Windows shows of a program: its description, publisher, versions and icon. The programs of
//! a release have ours, and those in a package have the vendor's. The manifest and everything else
//! stay as they are.

use editpe::constants::{RT_GROUP_ICON, RT_ICON, RT_VERSION};
use editpe::types::{FixedFileInfo, VersionU16, VersionU32};
use editpe::{
    Image, ResourceDirectory, ResourceEntry, ResourceEntryName, ResourceTable, VersionInfo,
    VersionStringTable,
};

use crate::error::PackageError;
use crate::kit::Kit;
use crate::windows::four_numbers;

/// The languages of the descriptions, as the catalogue and as Windows name them.
const LANGUAGES: [(&str, u16); 2] = [("en", 0x0409), ("de", 0x0407)];
/// UTF-16, as a code page.
const CODE_PAGE: u16 = 0x04b0;

/// A program with the vendor's version and icon. `file` is its name in the package.
pub(crate) fn replace(kit: &Kit, file: &str, program: &[u8]) -> Result<Vec<u8>, PackageError> {
    let not_replaced = |error: &dyn ToString| {
        let reason = error.to_string();
        let reason = reason.chars().filter(|c| !c.is_control()).take(200).collect();
        PackageError::Resources { program: file.to_owned(), reason }
    };
    let mut image = Image::parse(program).map_err(|error| not_replaced(&error))?;
    let mut resources = image.resource_directory().cloned().unwrap_or_default();
    resources.root_mut().remove(ResourceEntryName::ID(RT_VERSION.into()));
    let version = version(kit, file);
    resources.set_version_info(&version).map_err(|error| not_replaced(&error))?;
    replace_icon(&mut resources, &kit.windows_icon).map_err(|error| not_replaced(&error))?;
    image.set_resource_directory(resources).map_err(|error| not_replaced(&error))?;
    Ok(image.data().to_vec())
}

/// Replaces all icons by this one, under the names that the program looks for.
fn replace_icon(
    resources: &mut ResourceDirectory,
    icon: &[u8],
) -> Result<(), editpe::ResourceError> {
    let [icons, groups] = [RT_ICON, RT_GROUP_ICON].map(|of| ResourceEntryName::ID(of.into()));
    resources.root_mut().remove(&icons);
    let before = resources.root_mut().remove(&groups);
    resources.set_main_icon(icon)?;
    let before = before.as_ref().and_then(ResourceEntry::as_table).map(ResourceTable::entries);
    let names: Vec<_> = before.unwrap_or_default().into_iter().cloned().collect();
    let made = resources.root_mut().get_mut(&groups).and_then(ResourceEntry::as_table_mut);
    if let (Some(made), false) = (made, names.is_empty()) {
        for own in made.entries().into_iter().cloned().collect::<Vec<_>>() {
            let Some(entry) = made.remove(&own) else { continue };
            for name in &names {
                made.insert(name, entry.clone());
            }
        }
    }
    Ok(())
}

fn version(kit: &Kit, file: &str) -> VersionInfo {
    let section = &kit.section;
    let [major, minor, patch, build] = four_numbers(&section.version).map(u32::from);
    let numbers = VersionU32 { major: major << 16 | minor, minor: patch << 16 | build };
    let name = file.strip_suffix(".exe").unwrap_or(file);
    let strings = LANGUAGES.map(|(language, of_windows)| VersionStringTable {
        key: format!("{of_windows:04x}{CODE_PAGE:04x}"),
        strings: [
            ("CompanyName", section.publisher()),
            ("FileDescription", section.menu.in_language(language)),
            ("FileVersion", &section.version),
            ("InternalName", name),
            ("LegalCopyright", section.publisher()),
            ("OriginalFilename", file),
            ("ProductName", section.menu.in_language(language)),
            ("ProductVersion", &section.version),
        ]
        .into_iter()
        .map(|(field, value)| (field.to_owned(), value.to_owned()))
        .collect(),
    });
    VersionInfo {
        info: FixedFileInfo {
            file_version: numbers,
            product_version: numbers,
            ..FixedFileInfo::default()
        },
        strings: strings.into(),
        vars: LANGUAGES.map(|(_, major)| VersionU16 { major, minor: CODE_PAGE }).into(),
    }
}
