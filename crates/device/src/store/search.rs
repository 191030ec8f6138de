//! Which file of a folder is this computer's. Computers may share the folder (a home on a file server), and each has
//! a file of its own there: its name carries a short hash of the installation. A file that another installation made
//! and that opens here is this computer's from before its installation got another id; it stays where it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use latchkey_files::Access;

use super::file::{OpenFailed, open, telling};
use super::sealed::{Refused, place_of};
use crate::fingerprint::Values;

/// So many files of other installations are tried, the newest first.
const MOST_TRIED: usize = 16;
/// So many names are tried for a new file. Only where a file with this computer's own name doesn't open here.
const MOST_NAMES: usize = 9;

/// Where a computer's file is, or where it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// There is a file, whether it can be used or not.
    pub(crate) exists: bool,
    /// There is none, but one that may be this computer's: this process can't read every trait that would open it.
    pub(crate) undecided: Option<PathBuf>,
}

impl Place {
    fn at(path: PathBuf) -> Self {
        Self { path, exists: true, undecided: None }
    }
}

/// What a look at a file shows.
enum Look {
    Absent,
    Opens,
    Elsewhere {
        undecided: bool,
    },
    /// It is to be reported to a person.
    Unusable,
}

/// Finds the file whose name begins with this in a folder. Writes nothing and moves nothing, so there is nothing
/// that could be interrupted.
pub(crate) fn find(folder: &Path, name: &str, shared: bool, traits: &Values) -> Place {
    let (traits, mut undecided) = (&telling(traits), None);
    let mut look = |path: &Path| {
        let seen = look(path, shared, traits);
        if matches!(seen, Look::Elsewhere { undecided: true }) {
            undecided.get_or_insert_with(|| path.to_owned());
        }
        seen
    };
    let without = folder.join(format!("{name}.vault"));
    let mut own = without.clone();
    for number in 1..=MOST_NAMES {
        let Some(place) = place_of(traits, name) else { break };
        own = folder.join(match number {
            1 => format!("{name}-{place}.vault"),
            _ => format!("{name}-{place}-{number}.vault"),
        });
        match look(&own) {
            Look::Absent => break,
            Look::Opens | Look::Unusable => return Place::at(own),
            Look::Elsewhere { .. } => {}
        }
    }
    // The one name that there was before computers that share a folder were thought of.
    let mut found = Vec::new();
    match look(&without) {
        Look::Opens => found.push(without),
        Look::Unusable => return Place::at(without),
        Look::Absent | Look::Elsewhere { .. } => {}
    }
    let others = others(folder, name);
    found.extend(others.into_iter().filter(|path| matches!(look(path), Look::Opens)));
    // The one in use is written again and again, because the clock is remembered in it.
    match found.into_iter().max_by_key(|path| modified(path)) {
        Some(path) => Place::at(path),
        None => Place { path: own, exists: false, undecided },
    }
}

fn look(path: &Path, shared: bool, traits: &Values) -> Look {
    let access = if shared { Access::Machine } else { Access::User };
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Look::Unusable;
    }
    match open(path, access, traits) {
        Ok(None) => Look::Absent,
        Ok(Some(_)) => Look::Opens,
        Err(OpenFailed::Content(Refused::Elsewhere { undecided })) => Look::Elsewhere { undecided },
        Err(_) => Look::Unusable,
    }
}

/// The newest files of other installations.
fn others(folder: &Path, name: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let start = format!("{name}-");
    let is_one = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(&start) && name.ends_with(".vault"))
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_one);
    let mut paths: Vec<_> = paths.map(|path| (modified(&path), path)).collect();
    paths.sort_unstable_by(|one, other| other.cmp(one));
    paths.into_iter().take(MOST_TRIED).map(|(_, path)| path).collect()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::symlink_metadata(path).and_then(|metadata| metadata.modified()).ok()
}
