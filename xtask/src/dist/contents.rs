//! The files of an archive.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use latchkey_archive::{Entry, Files, NEVER_RUN, Platform};

use super::build::{Built, read_licences};
use super::release::{VERSION, WIZARD, git, host, libraries, program_names};
use super::{import_library, licences, sbom};
use crate::run;

/// Microsoft's library that finds the WebView2 runtime. Tauri's build script puts it beside the
/// wizard.
const WEBVIEW_LOADER: &str = "WebView2Loader.dll";

/// What says that the programs were never run, at the top of the archive.
const NEVER_RUN_TEXT: &str = "# Never run

The programs and the library in this archive were compiled and linked on another computer than a Mac
of this kind, and none of them was started. If that was done on Linux, public lists said which
framework of macOS has which symbol. So it is known that they link, and not that they start. They
aren't supported; try them on a Mac before you give them to customers.
";

/// Whether an archive is made where its programs can't be run, and are run nowhere else either.
pub(super) fn is_never_run(platform: Platform) -> bool {
    platform.is_macos() && !host().is_ok_and(|host| host == platform)
}

/// All files of an archive, by their names in it.
pub(super) fn files(platform: Platform, built: &Built) -> Result<Files> {
    let programs = &built.folder;
    let mut files = Files::new();
    for program in program_names(platform) {
        let path = programs.join(&program);
        let Some(content) = optional(&path)? else {
            ensure!(program.starts_with(WIZARD), "{} is missing", path.display());
            println!("  {} isn't there, and is left out.", path.display());
            continue;
        };
        ensure!(platform.runs(&content), "{} is for another platform", path.display());
        files.insert(format!("bin/{program}"), Entry::program(content));
    }
    if is_never_run(platform) {
        files.insert(NEVER_RUN.to_owned(), Entry::data(NEVER_RUN_TEXT));
    }
    // The wizard of this compiler doesn't start without it.
    if platform.is_windows() && files.contains_key("bin/latchkey-wizard.exe") {
        let path = programs.join(WEBVIEW_LOADER);
        let loader = optional(&path)?.with_context(|| format!("{} is missing", path.display()))?;
        files.insert(format!("bin/{WEBVIEW_LOADER}"), Entry::data(loader));
    }
    for library in libraries(platform) {
        let path = programs.join(library);
        match optional(&path)? {
            Some(content) => drop(files.insert(format!("lib/{library}"), Entry::data(content))),
            None => println!("  {} isn't there, and is left out.", path.display()),
        }
    }
    if let Some(library) = files.get("lib/latchkey.dll") {
        let (definition, import) = import_library::of("latchkey.dll", &library.content)?;
        files.insert("lib/latchkey.def".to_owned(), Entry::data(definition));
        files.insert("lib/latchkey.lib".to_owned(), Entry::data(import));
    }
    let header = fs::read(run::root().join("crates/sdk-c/include/latchkey.h"))?;
    files.insert("include/latchkey.h".to_owned(), Entry::data(header));
    files.insert("lib/pkgconfig/latchkey.pc".to_owned(), Entry::data(pkg_config(platform)));
    let cmake = "lib/cmake/Latchkey/LatchkeyConfig";
    files.insert(format!("{cmake}.cmake"), Entry::data(cmake_package(platform)));
    files.insert(format!("{cmake}Version.cmake"), Entry::data(cmake_version()));
    add_tracked(&mut files)?;
    add_generated(&mut files, platform, programs)?;
    let dependencies = sbom::dependencies(platform)?;
    files.insert(
        "licences/THIRD-PARTY.txt".to_owned(),
        Entry::data(licences::texts(&dependencies)?),
    );
    for (name, text) in read_licences(&built.runtime)? {
        files.insert(name, Entry::data(text));
    }
    files.insert("sbom.cdx.json".to_owned(), Entry::data(sbom::document(&dependencies)?));
    Ok(files)
}

fn optional(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Files of the repository: documents, bindings, examples, and what a server needs.
fn add_tracked(files: &mut Files) -> Result<()> {
    const FOLDERS: [(&str, &str); 5] = [
        ("docs/", "docs/"),
        ("bindings/", "bindings/"),
        ("examples/hello-c/", "examples/hello-c/"),
        ("packaging/server/", "share/latchkey-server/"),
        ("testvectors/", "testvectors/"),
    ];
    const FILES: [(&str, &str); 5] = [
        ("README.md", "README.md"),
        ("CHANGELOG.md", "CHANGELOG.md"),
        ("SECURITY.md", "SECURITY.md"),
        ("LICENSE-MIT", "licences/LICENSE-MIT"),
        ("LICENSE-APACHE", "licences/LICENSE-APACHE"),
    ];
    for path in git(&["ls-files"])?.lines() {
        let in_folder = FOLDERS
            .iter()
            .find_map(|(folder, own)| Some(format!("{own}{}", path.strip_prefix(folder)?)));
        let as_file =
            FILES.iter().find(|(file, _)| *file == path).map(|(_, own)| (*own).to_owned());
        if let Some(own) = in_folder.or(as_file) {
            files.insert(own, Entry::data(fs::read(run::root().join(path))?));
        }
    }
    Ok(())
}

/// The completions and manual pages, which the command lines write.
fn add_generated(files: &mut Files, platform: Platform, programs: &Path) -> Result<()> {
    let folder = run::target().join("dist-documents");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for name in ["latchkey", "latchkey-server"] {
        // The archive's own programs, or else those for this computer: the text is the same.
        let own = programs.join(name);
        let program = if platform == host()? && own.is_file() {
            own
        } else {
            run::run(run::cargo().args(["build", "--locked", "-p", name]))?;
            run::target().join("debug").join(name)
        };
        let done = Command::new(&program).arg("documents").arg("--out").arg(&folder).status();
        let done = done.with_context(|| program.display().to_string())?;
        ensure!(done.success(), "{} documents: {done}", program.display());
    }
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("a name in UTF-8")?;
        let own = match name.rsplit_once('.') {
            Some((_, "1")) => format!("share/man/man1/{name}"),
            Some((program, "bash")) => format!("share/bash-completion/completions/{program}"),
            Some((_, "fish")) => format!("share/fish/vendor_completions.d/{name}"),
            Some((_, "ps1")) => format!("share/powershell/{name}"),
            _ if name.starts_with('_') => format!("share/zsh/site-functions/{name}"),
            _ => bail!("no place for {name}"),
        };
        files.insert(own, Entry::data(fs::read(entry.path())?));
    }
    Ok(())
}

/// The libraries that the static library needs, as `rustc --print native-static-libs` names them.
const fn needed_libraries(platform: Platform) -> &'static str {
    match platform {
        Platform::LinuxX86_64 | Platform::LinuxAarch64 => {
            "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc"
        }
        Platform::WindowsX86_64 => "-lntdll -liphlpapi -luserenv -lws2_32 -ldbghelp",
        Platform::MacosX86_64 | Platform::MacosAarch64 => {
            "-framework Security -framework CoreFoundation -framework IOKit"
        }
    }
}

/// For pkg-config. The archive may be unpacked anywhere.
fn pkg_config(platform: Platform) -> String {
    format!(
        "prefix=${{pcfiledir}}/../..\n\
         libdir=${{prefix}}/lib\n\
         includedir=${{prefix}}/include\n\n\
         Name: latchkey\n\
         Description: Checks offline licences in a product\n\
         Version: {VERSION}\n\
         Libs: -L${{libdir}} -llatchkey\n\
         Libs.private: {}\n\
         Cflags: -I${{includedir}}\n",
        needed_libraries(platform)
    )
}

/// For `find_package(Latchkey)` of CMake: the targets `Latchkey::Latchkey` and `Latchkey::Static`.
fn cmake_package(platform: Platform) -> String {
    let shared = match platform {
        Platform::LinuxX86_64 | Platform::LinuxAarch64 => {
            "IMPORTED_LOCATION \"${latchkey_prefix}/lib/liblatchkey.so\"\n  IMPORTED_NO_SONAME TRUE"
        }
        Platform::WindowsX86_64 => {
            "IMPORTED_LOCATION \"${latchkey_prefix}/lib/latchkey.dll\"\n  \
             IMPORTED_IMPLIB \"${latchkey_prefix}/lib/liblatchkey.dll.a\""
        }
        Platform::MacosX86_64 | Platform::MacosAarch64 => {
            "IMPORTED_LOCATION \"${latchkey_prefix}/lib/liblatchkey.dylib\""
        }
    };
    format!(
        "get_filename_component(latchkey_prefix \"${{CMAKE_CURRENT_LIST_DIR}}/../../..\" ABSOLUTE)\n\
         add_library(Latchkey::Latchkey SHARED IMPORTED)\n\
         set_target_properties(Latchkey::Latchkey PROPERTIES\n  {shared}\n  \
         INTERFACE_INCLUDE_DIRECTORIES \"${{latchkey_prefix}}/include\")\n\
         add_library(Latchkey::Static STATIC IMPORTED)\n\
         set_target_properties(Latchkey::Static PROPERTIES\n  \
         IMPORTED_LOCATION \"${{latchkey_prefix}}/lib/liblatchkey.a\"\n  \
         INTERFACE_INCLUDE_DIRECTORIES \"${{latchkey_prefix}}/include\"\n  \
         INTERFACE_LINK_LIBRARIES \"{}\")\n",
        needed_libraries(platform)
    )
}

/// Before 1.0 another minor version may be incompatible.
fn cmake_version() -> String {
    let compatible = VERSION.rsplit_once('.').map_or(VERSION, |(minor, _)| minor);
    format!(
        "set(PACKAGE_VERSION \"{VERSION}\")\n\
         if(PACKAGE_FIND_VERSION STREQUAL \"\" OR\n   \
         (PACKAGE_FIND_VERSION MATCHES \"^{}\" AND\n    \
         NOT PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION))\n  \
         set(PACKAGE_VERSION_COMPATIBLE TRUE)\n\
         endif()\n\
         if(PACKAGE_FIND_VERSION STREQUAL PACKAGE_VERSION)\n  \
         set(PACKAGE_VERSION_EXACT TRUE)\n\
         endif()\n",
        compatible.replace('.', "\\\\.")
    )
}
