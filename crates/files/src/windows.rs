//! Windows.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::{Access, Fault};

/// `FILE_FLAG_OPEN_REPARSE_POINT`: a link is opened itself. `FILE_FLAG_BACKUP_SEMANTICS`: so is a folder.
const ITSELF: u32 = 0x0020_0000 | 0x0200_0000;

#[derive(Clone, Copy)]
pub(crate) enum Mode {
    Read,
    Write,
    WriteOrCreate,
}

pub(crate) fn open(path: &Path, mode: Mode, _: Access) -> Result<File, Fault> {
    let mut options = OpenOptions::new();
    match mode {
        Mode::Read => options.read(true),
        Mode::Write => options.write(true),
        Mode::WriteOrCreate => options.read(true).write(true).create(true),
    };
    no_link(options.custom_flags(ITSELF).open(path)?)
}

pub(crate) fn open_named(path: &Path) -> Result<File, Fault> {
    Ok(File::open(path)?)
}

pub(crate) fn open_folder(folder: &Path, access: Access) -> Result<File, Fault> {
    let opened = no_link(OpenOptions::new().read(true).custom_flags(ITSELF).open(folder)?)?;
    if !opened.metadata()?.is_dir() {
        return Err(Fault::NotAFile);
    }
    check(&opened, crate::folder_of(folder), access)?;
    Ok(opened)
}

fn no_link(file: File) -> Result<File, Fault> {
    match file.metadata()?.is_symlink() {
        true => Err(Fault::Link),
        false => Ok(file),
    }
}

pub(crate) fn create(path: &Path, _: Access) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

pub(crate) fn create_folder(folder: &Path, _: Access) -> Result<(), Fault> {
    Ok(DirBuilder::new().recursive(true).create(folder)?)
}

/// Windows brings names to the disk by itself.
pub(crate) fn sync_folder(_: &File) -> io::Result<()> {
    Ok(())
}

pub(crate) fn let_everybody_read(_: &File) -> io::Result<()> {
    Ok(())
}

pub(crate) fn keep_to_owner(_: &File) -> io::Result<()> {
    Ok(())
}

pub(crate) fn check(_: &File, _: &Path, _: Access) -> Result<(), Fault> {
    Ok(())
}

pub(crate) fn check_named(_: &std::fs::Metadata, _: &Path, _: Access) -> Result<(), Fault> {
    Ok(())
}
