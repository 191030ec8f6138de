//! The names of the key files: which file gets which name, and in which order. Programs recognise a
//! key by its content, and people by its name: they lock away what is called `spare.key`. Nothing
//! is renamed here; `rotate` does that.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use latchkey_token::KeyId;

use super::{ACTIVE, SPARE};

/// A file among the keys, and the vendor's key in it, if it can be read and has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    pub(super) key: Option<KeyId>,
}

/// One step. When its turn comes, nothing has the new name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Renaming {
    pub(super) from: PathBuf,
    pub(super) to: PathBuf,
}

/// The steps after which each key has one file with the name of its role, and further copies of it
/// are called copies. `roles` are the active and the spare key; all others are old. No step
/// replaces a file, and the remaining ones can be computed again after each of them.
///
/// # Errors
/// Returns the path of a file that has one of the names and isn't a vendor's key that can be read.
/// It is left alone, because only a person knows what it is.
pub(super) fn renamings(
    folder: &Path,
    files: &[KeyFile],
    roles: &[KeyId],
) -> Result<Vec<Renaming>, PathBuf> {
    let mut taken: Vec<_> = files.iter().map(|file| file.path.clone()).collect();
    let mut steps = Vec::new();
    let mut waiting = Vec::new();
    let keys: BTreeSet<_> = files.iter().filter_map(|file| file.key).collect();
    for key in keys {
        let named = folder.join(name_of(roles, key));
        let mut same: Vec<_> =
            files.iter().filter(|file| file.key == Some(key)).map(|file| &file.path).collect();
        // A file that has the name keeps it, and a copy stays one.
        same.sort_by_key(|path| {
            (**path != named, !is_same_name(path, &named), is_copy(folder, path, key))
        });
        let Some((&first, copies)) = same.split_first() else { continue };
        if *first != named {
            let is_in_the_way =
                |file: &&KeyFile| file.key.is_none() && is_same_name(&file.path, &named);
            if let Some(file) = files.iter().find(is_in_the_way) {
                return Err(file.path.clone());
            }
            waiting.push((key, first.clone(), named));
        }
        for &copy in copies {
            if !is_copy(folder, copy, key) {
                let to = free_name(folder, &taken, key);
                steps.push(plan_renaming(&mut taken, copy.clone(), to));
            }
        }
    }
    while !waiting.is_empty() {
        let is_free = |from: &Path, to: &Path| {
            !taken.iter().any(|path| path != from && is_same_name(path, to))
        };
        if let Some(at) = waiting.iter().position(|(_, from, to)| is_free(from, to)) {
            let (_, from, to) = waiting.remove(at);
            steps.push(plan_renaming(&mut taken, from, to));
            continue;
        }
        // Each waits for the name of another one. A file that makes room is called a copy until its
        // own name is free.
        let first = waiting.iter_mut().find(|(key, from, _)| !is_copy(folder, from, *key));
        let Some((key, from, _)) = first else { break };
        let to = free_name(folder, &taken, *key);
        let makes_room = plan_renaming(&mut taken, from.clone(), to);
        from.clone_from(&makes_room.to);
        steps.push(makes_room);
    }
    Ok(steps)
}

fn plan_renaming(taken: &mut [PathBuf], from: PathBuf, to: PathBuf) -> Renaming {
    for path in taken {
        if *path == from {
            path.clone_from(&to);
        }
    }
    Renaming { from, to }
}

fn name_of(roles: &[KeyId], key: KeyId) -> String {
    match roles.iter().position(|role| *role == key) {
        Some(0) => ACTIVE.to_owned(),
        Some(_) => SPARE.to_owned(),
        None => format!("old-{key}.key"),
    }
}

/// The name of a further file with the same key.
fn copy_name(folder: &Path, key: KeyId, number: usize) -> PathBuf {
    folder.join(match number {
        1 => format!("copy-{key}.key"),
        _ => format!("copy-{key}-{number}.key"),
    })
}

fn free_name(folder: &Path, taken: &[PathBuf], key: KeyId) -> PathBuf {
    let is_free = |name: &PathBuf| !taken.iter().any(|path| is_same_name(path, name));
    let mut names = (1..).map(|number| copy_name(folder, key, number));
    names.find(is_free).unwrap_or_else(|| copy_name(folder, key, taken.len() + 1))
}

fn is_copy(folder: &Path, path: &Path, key: KeyId) -> bool {
    let rest = path.strip_prefix(folder).ok().and_then(Path::to_str);
    rest.and_then(|name| name.strip_prefix(&format!("copy-{key}"))).is_some()
}

/// Whether two names can't be in one folder. Whether case counts depends on the folder's file
/// system, and taking two names for one is harmless.
pub(super) fn is_same_name(one: &Path, other: &Path) -> bool {
    one.as_os_str().eq_ignore_ascii_case(other.as_os_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use latchkey_token::{SecretKeys, Seed};

    use super::*;

    fn ids() -> [KeyId; 3] {
        [1, 2, 3].map(|number| {
            SecretKeys::from_seed(&Seed::from_bytes([number; 32])).unwrap().public().id()
        })
    }

    fn counted(files: &[KeyFile]) -> BTreeMap<Option<KeyId>, usize> {
        let mut counted = BTreeMap::new();
        for file in files {
            *counted.entry(file.key).or_default() += 1;
        }
        counted
    }

    fn step(files: &mut [KeyFile], Renaming { from, to }: &Renaming) {
        let is_free = !files.iter().any(|file| file.path != *from && is_same_name(&file.path, to));
        assert!(is_free, "{} would be replaced: {files:?}", to.display());
        files.iter_mut().find(|file| file.path == *from).unwrap().path.clone_from(to);
    }

    /// Every distribution of three keys and unreadable files over the names that matter, with a
    /// command that is killed after any of the steps.
    #[test]
    fn each_key_gets_the_name_of_its_role_and_no_file_is_lost() {
        let folder = Path::new("keys");
        let keys = ids();
        let [old, active, spare] = keys;
        let roles = [active, spare];
        let old_name = format!("old-{old}.key");
        let copy_name = format!("copy-{active}.key");
        let names = [ACTIVE, SPARE, "spare.next", &old_name, "Active.key", &copy_name];
        let contents = [None, Some(None), Some(Some(old)), Some(Some(active)), Some(Some(spare))];
        let (mut refused, mut renamed) = (0, 0);
        for mut number in 0..contents.len().pow(u32::try_from(names.len()).unwrap()) {
            let mut files = Vec::new();
            for name in names {
                if let Some(key) = contents[number % contents.len()] {
                    files.push(KeyFile { path: folder.join(name), key });
                }
                number /= contents.len();
            }
            let steps = match renamings(folder, &files, &roles) {
                Ok(steps) => steps,
                Err(path) => {
                    assert!(files.contains(&KeyFile { path, key: None }), "{files:?}");
                    refused += 1;
                    continue;
                }
            };
            renamed += steps.len();
            for done in 0..=steps.len() {
                let mut after = files.clone();
                for one in &steps[..done] {
                    step(&mut after, one);
                }
                // The next command computes them from what it finds.
                for one in renamings(folder, &after, &roles).unwrap() {
                    step(&mut after, &one);
                }
                assert_eq!(counted(&after), counted(&files));
                for key in keys {
                    let named = folder.join(name_of(&roles, key));
                    let is_here = files.iter().any(|file| file.key == Some(key));
                    assert_eq!(
                        after.contains(&KeyFile { path: named.clone(), key: Some(key) }),
                        is_here,
                        "{files:?} became {after:?}"
                    );
                    let is_named =
                        |file: &KeyFile| file.path == named || is_copy(folder, &file.path, key);
                    let mut with_key = after.iter().filter(|file| file.key == Some(key));
                    assert!(with_key.all(is_named), "{after:?}");
                }
                assert_eq!(renamings(folder, &after, &roles), Ok(Vec::new()));
            }
        }
        assert!(refused > 0 && renamed > 0);
    }

    #[test]
    fn keys_that_have_each_others_names_exchange_them() {
        let folder = Path::new("keys");
        let [_, active, spare] = ids();
        let file = |name: &str, key| KeyFile { path: folder.join(name), key: Some(key) };
        let files = [file(ACTIVE, spare), file(SPARE, active)];
        let steps = renamings(folder, &files, &[active, spare]).unwrap();
        assert_eq!(steps.len(), 3, "{steps:?}");
    }
}
