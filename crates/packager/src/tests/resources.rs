//! What Windows shows of the programs in a package.

use std::process::Command;

use editpe::constants::{RT_GROUP_ICON, RT_ICON, RT_MANIFEST, RT_RCDATA};
use editpe::{
    Image, ResourceData, ResourceEntry, ResourceEntryName, ResourceTable, VersionInfo,
    VersionStringTable,
};

use super::*;

const MANIFEST: &str = "<assembly><!-- of the release --></assembly>";

fn id(number: u16) -> ResourceEntryName {
    ResourceEntryName::ID(number.into())
}

/// A program of a release, with our version, icon and manifest.
fn release(name: &str) -> Vec<u8> {
    let mut image = Image::parse(program(Platform::WindowsX86_64, name).content).unwrap();
    let mut resources = image.resource_directory().cloned().unwrap_or_default();
    let svg = ICON.replace("#f00", "#0f0");
    let pictures = crate::pictures::Pictures::draw(
        Path::new("icon.svg"),
        latchkey_config::PictureKind::Svg,
        svg.as_bytes(),
    );
    resources.set_main_icon(icon::of_windows(&pictures.unwrap()).unwrap()).unwrap();
    resources.set_manifest(MANIFEST).unwrap();
    let strings = ["ProductName", "CompanyName", "FileDescription", "OriginalFilename"];
    let strings = strings.map(|field| (field.to_owned(), "Latchkey".to_owned()));
    let strings =
        VersionStringTable { key: "000004b0".to_owned(), strings: strings.into_iter().collect() };
    let version = VersionInfo { strings: vec![strings], ..VersionInfo::default() };
    resources.set_version_info(&version).unwrap();
    // Programs look for their icon by its number.
    let root = resources.root_mut();
    let groups = root.get_mut(id(RT_GROUP_ICON)).and_then(ResourceEntry::as_table_mut).unwrap();
    let own = groups.entries()[0].clone();
    let group = groups.remove(own).unwrap();
    groups.insert(ResourceEntryName::ID(32512), group);
    let mut data = ResourceData::default();
    data.set_data(b"of the release".to_vec());
    let in_table = |name, entry| {
        let mut table = ResourceTable::default();
        table.insert(id(name), entry);
        ResourceEntry::Table(table)
    };
    root.insert(id(RT_RCDATA), in_table(1, in_table(0x409, ResourceEntry::Data(data))));
    image.set_resource_directory(resources).unwrap();
    image.data().to_vec()
}

/// A fixture whose programs for Windows have resources.
fn fixture() -> Fixture {
    let fixture = Fixture::new();
    let mut files = release_files(Platform::WindowsX86_64);
    for name in ["latchkey-wizard", "latchkey"] {
        files.insert(format!("bin/{name}.exe"), Entry::program(release(name)));
    }
    fixture.archive(Platform::WindowsX86_64, &files);
    fixture
}

/// The programs of the portable archive.
fn programs(fixture: &Fixture) -> [Vec<u8>; 2] {
    let _ = fixture.write().unwrap();
    let zip = fs::read(fixture.path("out/acme-cad-licence-3.1.0-windows-x86_64.zip")).unwrap();
    fs::remove_dir_all(fixture.path("out")).unwrap();
    let mut zip = ::zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    ["acme-cad-licence.exe", "acme-cad-licence-cli.exe"].map(|name| {
        let mut program = Vec::new();
        let mut entry =
            zip.by_name(&format!("acme-cad-licence-3.1.0-windows-x86_64/{name}")).unwrap();
        entry.read_to_end(&mut program).unwrap();
        program
    })
}

/// The data of all resources of a type, in the order of their names.
fn data(program: &[u8], of: u16) -> Vec<Vec<u8>> {
    let image = Image::parse(program).unwrap();
    let resources = image.resource_directory().unwrap();
    let Some(table) = resources.root().get(id(of)).and_then(ResourceEntry::as_table) else {
        return Vec::new();
    };
    let names = table.entries().into_iter().filter_map(|name| table.get(name)?.as_table());
    let of_languages = |table: &ResourceTable| {
        let names = table.entries().into_iter();
        names.filter_map(|name| Some(table.get(name)?.as_data()?.data().to_vec())).collect()
    };
    names.flat_map(|table: &ResourceTable| -> Vec<Vec<u8>> { of_languages(table) }).collect()
}

#[test]
fn programs_for_windows_have_the_version_and_the_icon_of_the_vendor() {
    let fixture = fixture();
    let [wizard, command_line] = programs(&fixture);
    for (program, name) in [(&wizard, "acme-cad-licence"), (&command_line, "acme-cad-licence-cli")]
    {
        let image = Image::parse(program.as_slice()).unwrap();
        let resources = image.resource_directory().unwrap();
        let version = resources.get_version_info().unwrap().unwrap();
        let (file, product) = (version.info.file_version, version.info.product_version);
        assert_eq!((file.major, file.minor), (3 << 16 | 1, 0));
        assert_eq!((product.major, product.minor), (3 << 16 | 1, 0));
        let file = format!("{name}.exe");
        for (key, menu) in [("040904b0", "Acme CAD licence"), ("040704b0", "Acme-CAD-Lizenz")] {
            let table = version.strings.iter().find(|table| table.key == key).unwrap();
            for (field, value) in [
                ("CompanyName", "Acme"),
                ("FileDescription", menu),
                ("ProductName", menu),
                ("FileVersion", "3.1.0"),
                ("ProductVersion", "3.1.0"),
                ("OriginalFilename", &file),
                ("InternalName", name),
                ("LegalCopyright", "Acme"),
            ] {
                assert_eq!(table.strings.get(field).map(String::as_str), Some(value), "{field}");
            }
        }
        let translations = version.vars.iter().map(|of| (of.major, of.minor));
        assert_eq!(translations.collect::<Vec<_>>(), [(0x409, 0x4b0), (0x407, 0x4b0)]);
        assert_eq!(resources.get_manifest().unwrap().as_deref(), Some(MANIFEST));
        // The name that the program looks for has the vendor's pictures, and there are no others.
        let groups = resources.root().get(id(RT_GROUP_ICON)).unwrap().as_table().unwrap();
        assert_eq!(groups.entries(), [&ResourceEntryName::ID(32512)]);
        let kit = kit::read(&fixture.path("kit")).unwrap();
        let icon = ico::IconDir::read(std::io::Cursor::new(&kit.windows_icon)).unwrap();
        let wanted: Vec<_> = icon.entries().iter().map(|entry| entry.data().to_vec()).collect();
        assert_eq!(data(program, RT_ICON), wanted);
        assert_eq!(data(program, RT_MANIFEST), [MANIFEST.as_bytes()]);
        assert_eq!(data(program, RT_RCDATA), [b"of the release"]);
        // Nothing else was changed.
        let original = crate::tests::program(Platform::WindowsX86_64, "").content;
        assert_eq!(program[0x400..0x600], original[0x400..0x600]);
    }
    assert_eq!(programs(&fixture), [wizard, command_line], "the same sources make other bytes");
}

#[test]
fn the_icon_of_the_programs_can_be_the_vendors_own() {
    let fixture = fixture();
    let kit = kit::read(&fixture.path("kit")).unwrap();
    let mut icon = ico::IconDir::new(ico::ResourceType::Icon);
    let all = ico::IconDir::read(std::io::Cursor::new(&kit.windows_icon)).unwrap();
    icon.add_entry(all.entries()[2].clone());
    let mut bytes = Vec::new();
    icon.write(&mut bytes).unwrap();
    fs::write(fixture.path("kit/own.ico"), bytes).unwrap();
    fixture.with("windows", "{ icon = \"own.ico\" }");
    for program in programs(&fixture) {
        assert_eq!(data(&program, RT_ICON), [all.entries()[2].data()]);
    }
}

#[test]
fn other_programs_read_the_resources_as_well() {
    let fixture = fixture();
    let [wizard, _] = programs(&fixture);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wizard.exe");
    fs::write(&file, wizard).unwrap();
    let extract = |arguments: &[&str]| {
        let done = Command::new("wrestool").arg("-x").args(arguments).arg(&file).output();
        let done = done.unwrap_or_else(|_| panic!("NOT TESTED: there is no wrestool"));
        let errors = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success() && errors.is_empty(), "{errors}");
        done.stdout
    };
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let version = extract(&["--raw", "--type=16"]);
    let has = |text: &str| version.windows(2 * text.len()).any(|part| part == utf_16(text));
    for text in ["CompanyName", "Acme CAD licence", "Acme-CAD-Lizenz", "acme-cad-licence.exe"] {
        assert!(has(text), "{text}");
    }
    assert!(!has("Latchkey"));
    let icon = ico::IconDir::read(std::io::Cursor::new(extract(&["--type=14"]))).unwrap();
    let kit = kit::read(&fixture.path("kit")).unwrap();
    let wanted = ico::IconDir::read(std::io::Cursor::new(&kit.windows_icon)).unwrap();
    let pictures = |icon: &ico::IconDir| {
        icon.entries().iter().map(|entry| entry.data().to_vec()).collect::<Vec<_>>()
    };
    assert!(pictures(&icon) == pictures(&wanted));
}

#[test]
fn a_program_without_room_for_resources_is_an_error() {
    let fixture = fixture();
    let mut files = release_files(Platform::WindowsX86_64);
    let broken = [b"MZ".as_slice(), &[0; 58], &[0x40, 0, 0, 0], b"PE\0\0\x64\x86"].concat();
    files.insert("bin/latchkey.exe".to_owned(), Entry::program(broken));
    fixture.archive(Platform::WindowsX86_64, &files);
    fixture.fails("package.resources");
}
