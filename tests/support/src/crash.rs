//! Kills a program at a chosen system call, or lets that call fail: `strace` counts the calls and
//! injects the fault. A first run without faults records the calls; each call that changes a file
//! is a point at which the program can be interrupted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Answer, Call, PortalServer, Vendor};

/// The calls by which a program changes files. Opening is among them, because it creates files.
const FILE_CALLS: &str = "openat,write,pwrite64,writev,pwritev,pwritev2,rename,renameat,renameat2,unlink,\
                     unlinkat,rmdir,mkdir,mkdirat,fsync,fdatasync,ftruncate,truncate,fallocate,chmod,\
                     fchmod,fchmodat,chown,fchown,fchownat,link,linkat,symlink,symlinkat,copy_file_range,\
                     sendfile";

/// The calls by which a program talks to a keyring.
const KEYRING_CALLS: &str = ",sendmsg,sendto";

/// The suffixes of the files that SQLite manages by itself.
const SQLITE_FILES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The fault that is injected at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The program is killed before the call does anything.
    Kill,
    /// The same, and what hadn't reached the disk is gone: a power cut.
    PowerCut,
    /// The call fails: the disk is broken.
    Broken,
    /// The call fails: the disk is full.
    Full,
}

/// All faults.
pub const FAULTS: [Fault; 4] = [Fault::Kill, Fault::PowerCut, Fault::Broken, Fault::Full];

/// What is traced while a call runs.
#[derive(Clone, Debug, Default)]
pub struct Watched<'a> {
    /// The folders with all files that it changes.
    pub folders: Vec<&'a Path>,
    /// The path of one of them inside the program's mounts, and outside.
    pub mounted_at: Option<(&'a Path, &'a Path)>,
    /// Whether its calls to a keyring change something too.
    pub keyring_calls: bool,
}

/// A call that changes something.
#[derive(Clone, Debug)]
pub struct Point {
    call: String,
    /// Its number among the calls of this name in its thread, from 1.
    ordinal: u32,
    /// The line of the log.
    pub line: String,
}

impl Point {
    /// Whether it is a call about a file in one of these folders. Writing calls don't count: in a
    /// program with several threads, which wake each other up by writing, another thread's write
    /// might fail.
    #[must_use]
    pub fn is_file_call_in(&self, folders: &[&Path]) -> bool {
        let inside = |folder: &&Path| self.line.contains(&*folder.to_string_lossy());
        self.call != "write" && folders.iter().any(inside)
    }

    /// Whether it is a call by which threads wake each other up as well.
    #[must_use]
    pub fn is_write(&self) -> bool {
        self.call == "write"
    }

    /// Whether it wakes up another thread of the program.
    #[must_use]
    pub fn wakes_a_thread(&self) -> bool {
        self.is_write() && self.line.contains("[eventfd]")
    }

    /// Whether it may be a call to the keyring.
    #[must_use]
    pub fn calls_the_keyring(&self) -> bool {
        KEYRING_CALLS.split(',').any(|call| call == self.call)
    }

    /// Whether it changes a lasting file or folder in one of these folders. Lock files don't last,
    /// nor do the files that SQLite creates and removes next to a database; only what SQLite writes
    /// to its log counts.
    #[must_use]
    pub fn changes_data_in(&self, folders: &[&Path]) -> bool {
        let Some((name, arguments)) = parse_line(&self.line) else { return false };
        if self.line.contains(" = -1 ") {
            return false;
        }
        let is_data = |path: &PathBuf| {
            let written_log = name.contains("write") && path.to_string_lossy().ends_with("-wal");
            folders.iter().any(|folder| path.starts_with(folder))
                && (written_log || !needs_no_sync(path))
        };
        changed_paths(name, arguments).iter().any(is_data)
    }
}

/// What a call did in which a fault was injected.
#[derive(Debug)]
pub struct Interruption {
    /// The program's answer.
    pub answer: Answer,
    /// The number of files whose unsynced content a power cut removed.
    pub lost_files: usize,
}

/// Runs a call without a fault and returns every point at which it changes something.
///
/// # Panics
/// If it fails, or if it renames a file that has not been synced.
#[track_caller]
#[must_use]
pub fn interruption_points(call: Call, watched: &Watched<'_>) -> Vec<Point> {
    let (answer, log) = run_traced(call, watched, None);
    assert!(answer.exit == Some(0), "{answer}");
    let points = points_in(&log);
    let unsafe_renames = DiskState::replay(&log, &watched.folders).unsafe_renames;
    assert!(
        unsafe_renames.is_empty(),
        "not on the disk when it counted: {unsafe_renames:#?}\n{log}"
    );
    points
}

fn points_in(log: &str) -> Vec<Point> {
    // `strace` counts each thread's calls by themselves.
    let mut ordinals: HashMap<(&str, &str), u32> = HashMap::new();
    let mut taken = HashSet::new();
    let mut points = Vec::new();
    for line in log.lines() {
        let Some((name, arguments)) = parse_line(line) else { continue };
        let thread = line.split(' ').next().unwrap_or_default();
        let ordinal = ordinals.entry((thread, name)).or_default();
        *ordinal += 1;
        let changes = name != "openat" || arguments.contains("O_CREAT");
        // If two threads have an n-th call, the first of them is interrupted.
        if changes && taken.insert((name, *ordinal)) {
            points.push(Point { call: name.to_owned(), ordinal: *ordinal, line: line.to_owned() });
        }
    }
    points
}

/// Runs a call with a fault at a point.
///
/// # Panics
/// If the program panicked.
#[track_caller]
#[must_use]
pub fn interrupt(call: Call, point: &Point, fault: Fault, watched: &Watched<'_>) -> Interruption {
    let (answer, log) = run_traced(call, watched, Some((point, fault)));
    let mut lost_files = 0;
    if fault == Fault::PowerCut && answer.exit.is_none() {
        for path in DiskState::replay(&log, &watched.folders).unsynced_files() {
            let emptied = fs::File::options().write(true).truncate(true).open(path);
            lost_files += usize::from(emptied.is_ok());
        }
    }
    Interruption { answer, lost_files }
}

#[track_caller]
fn run_traced(
    call: Call,
    watched: &Watched<'_>,
    fault: Option<(&Point, Fault)>,
) -> (Answer, String) {
    let log = tempfile::NamedTempFile::new().unwrap_or_else(|error| panic!("no log: {error}"));
    let answer = call.wrapped_by(&tracer_command(log.path(), watched, fault)).run();
    let mut text = read(log.path());
    if let Some((inside, outside)) = watched.mounted_at {
        text = text.replace(&*inside.to_string_lossy(), &outside.to_string_lossy());
    }
    (answer, text)
}

/// The words that run a program whose calls go to a log, with a fault.
fn tracer_command(
    log: &Path,
    watched: &Watched<'_>,
    fault: Option<(&Point, Fault)>,
) -> Vec<OsString> {
    let mut words: Vec<OsString> =
        ["strace", "-f", "-qq", "-y", "-e", "signal=none"].map(OsString::from).to_vec();
    let sends = if watched.keyring_calls { KEYRING_CALLS } else { "" };
    words.extend(["-e".into(), format!("trace={FILE_CALLS}{sends}").into()]);
    words.extend(["-o".into(), log.into()]);
    if let Some((point, fault)) = fault {
        let what = match fault {
            Fault::Kill | Fault::PowerCut => "signal=KILL",
            Fault::Broken => "error=EIO",
            Fault::Full => "error=ENOSPC",
        };
        let (call, ordinal) = (&point.call, point.ordinal);
        words.extend(["-e".into(), format!("inject={call}:{what}:when={ordinal}").into()]);
    }
    words
}

#[track_caller]
fn read(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_else(|error| panic!("no log: {error}"));
    String::from_utf8_lossy(&text).into_owned()
}

/// A portal whose calls are recorded, or one of whose calls has a fault. It ends when this value is
/// dropped.
#[derive(Debug)]
pub struct TracedPortal {
    /// `None` if it ended before it listened.
    pub served: Option<PortalServer>,
    log: tempfile::NamedTempFile,
}

impl TracedPortal {
    /// Starts it.
    ///
    /// # Panics
    /// If nothing can be started.
    #[track_caller]
    #[must_use]
    pub fn start(vendor: &Vendor, fault: Option<(&Point, Fault)>) -> Self {
        let log = tempfile::NamedTempFile::new().unwrap_or_else(|error| panic!("no log: {error}"));
        let words = tracer_command(log.path(), &Watched::default(), fault);
        let served = PortalServer::start_under(&words, vendor, 0, None);
        assert!(fault.is_some() || served.is_ok(), "{served:?}");
        Self { served: served.ok(), log }
    }

    /// Every point so far at which it has changed a file in a folder.
    ///
    /// # Panics
    /// If the log can't be read.
    #[track_caller]
    #[must_use]
    pub fn points(&self, folder: &Path) -> Vec<Point> {
        let mut points = points_in(&read(self.log.path()));
        points.retain(|point| point.is_file_call_in(&[folder]));
        points
    }
}

/// `12345 name(arguments) = result`
fn parse_line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let (name, arguments) = line.split_once('(')?;
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    plain.then_some((name, arguments))
}

/// The paths in a call's arguments. A relative one is resolved against the folder before it.
fn paths(arguments: &str) -> Vec<PathBuf> {
    let mut parts = arguments.split('"');
    let mut paths = Vec::new();
    while let (Some(before), Some(path)) = (parts.next(), parts.next()) {
        let folder = before.strip_suffix(">, ").and_then(|before| before.rsplit_once('<'));
        paths.push(match folder {
            // Joining leaves an absolute path unchanged.
            Some((_, folder)) => Path::new(folder).join(path),
            None => PathBuf::from(path),
        });
    }
    paths
}

/// The path that strace adds to the first file descriptor in a text.
fn path_of_descriptor(text: &str) -> Option<PathBuf> {
    let (_, rest) = text.split_once('<')?;
    Some(PathBuf::from(rest.split_once('>')?.0))
}

/// The path of the file that a call writes to, if it has one as a descriptor.
fn written_path(name: &str, arguments: &str) -> Option<PathBuf> {
    match name {
        // It writes to its second file.
        "copy_file_range" => path_of_descriptor(arguments.split_once(">, ")?.1),
        _ => path_of_descriptor(arguments),
    }
}

/// The paths of everything that a call changes.
fn changed_paths(name: &str, arguments: &str) -> Vec<PathBuf> {
    match name {
        // What they write is quoted, as paths are elsewhere.
        "write" | "pwrite64" | "writev" | "pwritev" | "pwritev2" | "fsync" | "fdatasync"
        | "ftruncate" | "fallocate" | "fchmod" | "fchown" | "copy_file_range" | "sendfile" => {
            written_path(name, arguments).into_iter().collect()
        }
        _ => paths(arguments),
    }
}

/// Which files have reached the disk, according to a log of calls.
struct DiskState {
    /// Files and folders that were created since, and whether their content, or their entries, are
    /// on the disk.
    created: BTreeMap<PathBuf, bool>,
    /// Files whose content was on the disk at some point.
    synced_once: Vec<PathBuf>,
    unsafe_renames: Vec<String>,
}

impl DiskState {
    fn replay(log: &str, roots: &[&Path]) -> Self {
        let mut disk =
            Self { created: BTreeMap::new(), synced_once: Vec::new(), unsafe_renames: Vec::new() };
        // Folders with new names that aren't on the disk.
        let mut renamed: BTreeMap<PathBuf, String> = BTreeMap::new();
        for line in log.lines().filter(|line| !line.contains(" = -1 ") && !line.ends_with("= ?")) {
            let Some((name, arguments)) = parse_line(line) else { continue };
            let inside = |path: &PathBuf| roots.iter().any(|root| path.starts_with(root));
            let quoted = paths(arguments);
            let open = path_of_descriptor(arguments);
            match name {
                "openat" if arguments.contains("O_CREAT") => {
                    // The path of an opened file follows the result.
                    let made =
                        line.rsplit_once(" = ").and_then(|(_, made)| path_of_descriptor(made));
                    if let Some(path) = made.filter(inside)
                        && (arguments.contains("O_EXCL") || arguments.contains("O_TRUNC"))
                    {
                        disk.created.insert(path, false);
                    }
                }
                "write" | "pwrite64" | "writev" | "pwritev" | "ftruncate" | "copy_file_range"
                | "sendfile" => {
                    let written = written_path(name, arguments);
                    if let Some(on_disk) = written.and_then(|path| disk.created.get_mut(&path)) {
                        *on_disk = false;
                    }
                    // Success is reported here, so it must be durable.
                    if arguments.starts_with('1') && !renamed.is_empty() {
                        disk.unsafe_renames.extend(renamed.values().cloned());
                    }
                }
                "fsync" | "fdatasync" => {
                    if let Some(path) = open {
                        renamed.remove(&path);
                        if let Some(on_disk) = disk.created.get_mut(&path) {
                            *on_disk = true;
                            disk.synced_once.push(path);
                        }
                    }
                }
                "rename" | "renameat" | "renameat2" => {
                    let [from, to] = &quoted[..] else { continue };
                    if !inside(to) {
                        continue;
                    }
                    let moved: Vec<_> = disk
                        .created
                        .iter()
                        .filter(|(path, _)| path.starts_with(from))
                        .map(|(path, on_disk)| (path.clone(), *on_disk))
                        .collect();
                    for (path, on_disk) in moved {
                        if !on_disk && !needs_no_sync(&path) {
                            disk.unsafe_renames.push(format!("{} in {line}", path.display()));
                        }
                        disk.created.remove(&path);
                        let rest = path.strip_prefix(from).unwrap_or(&path);
                        let path =
                            if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) };
                        if on_disk {
                            disk.synced_once.push(path.clone());
                        }
                        disk.created.insert(path, on_disk);
                    }
                    if let Some(folder) = to.parent() {
                        renamed.insert(folder.to_owned(), line.to_owned());
                    }
                }
                "unlink" | "unlinkat" | "rmdir" => {
                    if let Some(gone) = quoted.first() {
                        disk.created.retain(|path, _| !path.starts_with(gone));
                        renamed.retain(|folder, _| !folder.starts_with(gone));
                    }
                }
                _ => {}
            }
        }
        disk
    }

    /// Files whose content never reached the disk.
    fn unsynced_files(&self) -> impl Iterator<Item = &PathBuf> {
        let unsynced = self.created.iter().filter(|(_, on_disk)| !**on_disk).map(|(path, _)| path);
        unsynced.filter(|path| {
            path.is_file() && !self.synced_once.contains(path) && !needs_no_sync(path)
        })
    }
}

fn needs_no_sync(path: &Path) -> bool {
    let name = path.to_string_lossy();
    SQLITE_FILES.iter().any(|end| name.ends_with(end))
        || path.file_name().is_some_and(|name| name == "lock")
        || name.ends_with(".lock")
}

/// The content of some folders, which can be restored.
///
/// Existing files are overwritten and not replaced, because SQLite identifies a database by its
/// file.
#[derive(Debug)]
pub struct FileTreeState {
    roots: Vec<PathBuf>,
    folders: BTreeMap<PathBuf, u32>,
    files: BTreeMap<PathBuf, (Vec<u8>, u32)>,
}

impl FileTreeState {
    /// Reads the content of folders.
    ///
    /// # Panics
    /// If they can't be read.
    #[track_caller]
    #[must_use]
    pub fn take(roots: &[&Path]) -> Self {
        let mut snapshot = Self {
            roots: roots.iter().map(|root| root.to_path_buf()).collect(),
            folders: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        for root in roots {
            for (path, folder) in entries_below(root) {
                let mode = mode_of(&path);
                if folder {
                    snapshot.folders.insert(path, mode);
                } else {
                    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{error}"));
                    snapshot.files.insert(path, (bytes, mode));
                }
            }
        }
        snapshot
    }

    /// Restores the folders.
    ///
    /// # Panics
    /// If that fails.
    #[track_caller]
    pub fn restore(&self) {
        let worked = |outcome: std::io::Result<()>| outcome.unwrap_or_else(|e| panic!("{e}"));
        for root in &self.roots {
            for (path, folder) in entries_below(root).into_iter().rev() {
                if folder && !self.folders.contains_key(&path) {
                    worked(fs::remove_dir(&path));
                } else if !folder && !self.files.contains_key(&path) {
                    worked(fs::remove_file(&path));
                }
            }
        }
        for (path, mode) in &self.folders {
            worked(fs::create_dir_all(path));
            set_mode(path, *mode);
        }
        for (path, (bytes, mode)) in &self.files {
            worked(fs::write(path, bytes));
            set_mode(path, *mode);
        }
    }
}

/// Everything below a folder, each folder before its entries, and whether it is a folder.
fn entries_below(folder: &Path) -> Vec<(PathBuf, bool)> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    entries.sort();
    for path in entries {
        let is_folder = path.is_dir() && !path.is_symlink();
        found.push((path.clone(), is_folder));
        if is_folder {
            found.extend(entries_below(&path));
        }
    }
    found
}

fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).map_or(0o600, |found| found.permissions().mode())
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
}
