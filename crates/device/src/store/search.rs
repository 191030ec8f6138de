//! Finds this computer's file in a folder. Computers may share the folder (a home on a file
//! server), and each has its own file there, whose name contains a short hash of the installation.
//! A file from another installation that opens here is this computer's from before its installation
//! id changed; it stays where it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use latchkey_files::Access;
use latchkey_token::HardwareTrait;

use super::file::{OpenFailed, distinguishing_traits, open};
use super::sealed::{Refused, place_of};
use crate::error::StoreError;
use crate::fingerprint::TraitValues;
use crate::vault::Vault;

/// Maximum number of files of other installations that are tried, the newest first: a few
/// milliseconds each, and only on a computer without a licence in its own file.
const MOST_TRIED: usize = 64;
/// Maximum number of names that are tried for a new file, if a file with this computer's own name
/// doesn't open here.
const MOST_NAMES: usize = 9;

/// The location of a computer's file, existing or future.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundFile {
    pub(crate) path: PathBuf,
    /// Whether there is a file, usable or not.
    pub(crate) exists: bool,
    /// There is none, but this file may be this computer's: the process can't read every trait that
    /// could open it.
    pub(crate) undecided: Option<PathBuf>,
}

impl FoundFile {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, exists: true, undecided: None }
    }
}

/// What a file that opens contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileContents {
    /// Nothing that would be lost.
    Blank,
    /// Requests or deactivations.
    Tokens,
    /// A licence, or perhaps one in the format of a newer version.
    Licence,
}

/// The result of checking a file.
enum Lookup {
    Absent,
    Opens(FileContents),
    Elsewhere {
        undecided: bool,
    },
    /// The file system reports an error, perhaps temporarily: it may be this computer's.
    Unreadable,
    /// The error has to be reported to the user.
    Unusable,
}

/// Finds this computer's file with the given name prefix in a folder. Writes and moves nothing, so
/// it can be interrupted at any time.
pub(crate) fn find(folder: &Path, name: &str, shared: bool, traits: &TraitValues) -> FoundFile {
    let traits = &distinguishing_traits(traits);
    let without = folder.join(format!("{name}.vault"));
    let mut own = without.clone();
    let (mut undecided, mut blank, mut unreadable) = (None, None, None);
    for number in 1..=MOST_NAMES {
        let Some(place) = place_of(traits, name) else { break };
        own = folder.join(match number {
            1 => format!("{name}-{place}.vault"),
            _ => format!("{name}-{place}-{number}.vault"),
        });
        match look_up(&own, shared, traits) {
            Lookup::Absent => break,
            // It may have been created while nothing opened the one with the licence.
            Lookup::Opens(FileContents::Blank) => {
                blank = Some(own.clone());
                break;
            }
            Lookup::Opens(_) | Lookup::Unreadable => return FoundFile::at(own),
            // Another file may contain the licence.
            Lookup::Unusable => {
                unreadable = Some(own.clone());
                break;
            }
            Lookup::Elsewhere { undecided: may_be } => {
                undecided = undecided.or_else(|| may_be.then(|| own.clone()));
            }
        }
    }
    let is_own_unreadable = unreadable.is_some();
    // The only name that was used before shared folders were supported.
    let mut others = other_files(folder, name);
    others.retain(|path| blank.as_ref() != Some(path) && unreadable.as_ref() != Some(path));
    others.insert(0, without.clone());
    // The installation's id is quick to try, and if it opens the file, the others aren't needed.
    let id = traits.get(&HardwareTrait::OsInstall).map(|id| (HardwareTrait::OsInstall, id.clone()));
    let quick = traits.reduced_to(id.into_iter().collect());
    for (traits, last) in [(&quick, false), (traits, true)] {
        let mut found = Vec::new();
        for path in &others {
            match look_up(path, shared, traits) {
                Lookup::Opens(contents) => found.push((contents, modification_time(path), path)),
                // An error is better than a second seat.
                Lookup::Unusable if *path == without => {
                    unreadable.get_or_insert_with(|| path.clone());
                }
                Lookup::Unreadable if last => {
                    unreadable.get_or_insert_with(|| path.clone());
                }
                Lookup::Elsewhere { undecided: true } if last => {
                    undecided.get_or_insert_with(|| path.clone());
                }
                Lookup::Absent
                | Lookup::Elsewhere { .. }
                | Lookup::Unreadable
                | Lookup::Unusable => {}
            }
        }
        let is_used = |contents| contents != FileContents::Blank;
        let has_other = blank.is_some() || unreadable.is_some();
        found.retain(|(contents, ..)| match contents {
            FileContents::Licence => true,
            // This computer's own file may contain the licence.
            FileContents::Tokens => !is_own_unreadable,
            FileContents::Blank => !has_other,
        });
        // The one in use is rewritten regularly, because the clock is stored in it.
        let newest = found
            .into_iter()
            .max_by_key(|(contents, modified, path)| (is_used(*contents), *modified, *path));
        if let Some((_, _, path)) = newest {
            return FoundFile::at(path.clone());
        }
    }
    match (unreadable, blank) {
        (Some(path), _) | (None, Some(path)) => FoundFile::at(path),
        (None, None) => FoundFile { path: own, exists: false, undecided },
    }
}

fn look_up(path: &Path, shared: bool, traits: &TraitValues) -> Lookup {
    let access = if shared { Access::Machine } else { Access::User };
    if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Lookup::Unusable;
    }
    match open(path, access, traits) {
        Ok(None) => Lookup::Absent,
        Ok(Some(opened)) => Lookup::Opens(match Vault::from_bytes(&opened.content) {
            Ok(vault) if vault.is_blank() => FileContents::Blank,
            Ok(vault) if vault.licence.is_none() => FileContents::Tokens,
            Ok(_) | Err(_) => FileContents::Licence,
        }),
        Err(OpenFailed::Content(Refused::Elsewhere { undecided })) => {
            Lookup::Elsewhere { undecided }
        }
        Err(OpenFailed::Store(StoreError::File { .. })) => Lookup::Unreadable,
        Err(_) => Lookup::Unusable,
    }
}

/// The newest files of other installations.
fn other_files(folder: &Path, name: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let start = [name, "-"].concat();
    let is_one = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(&start) && name.ends_with(".vault"))
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_one);
    let mut paths: Vec<_> = paths.map(|path| (modification_time(&path), path)).collect();
    paths.sort_unstable_by(|one, other| other.cmp(one));
    paths.into_iter().take(MOST_TRIED).map(|(_, path)| path).collect()
}

fn modification_time(path: &Path) -> Option<SystemTime> {
    fs::symlink_metadata(path).and_then(|metadata| metadata.modified()).ok()
}
