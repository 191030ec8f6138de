//! Kills a program at a chosen system call, or lets that call fail: `strace` counts the calls and
//! injects the fault. A first run without faults records the calls; each call that changes a file
//! is a point at which the program can be interrupted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Answer, Call, PortalServer, Vendor};

/// Every call by which a program changes files. Opening is among them: it makes files.
const CALLS: &str = "openat,write,pwrite64,writev,pwritev,pwritev2,rename,renameat,renameat2,unlink,\
                     unlinkat,rmdir,mkdir,mkdirat,fsync,fdatasync,ftruncate,truncate,fallocate,chmod,\
                     fchmod,fchmodat,chown,fchown,fchownat,link,linkat,symlink,symlinkat,copy_file_range,\
                     sendfile";

/// The calls by which a program speaks to a keyring.
const SENDS: &str = ",sendmsg,sendto";

/// Files that SQLite looks after by itself, and locks, in which nothing stands.
const LOOKED_AFTER: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What happens at a call.
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

/// All of them.
pub const FAULTS: [Fault; 4] = [Fault::Kill, Fault::PowerCut, Fault::Broken, Fault::Full];

/// What is looked at while a call runs.
#[derive(Clone, Debug, Default)]
pub struct Watched<'a> {
    /// The folders with everything that it changes.
    pub folders: Vec<&'a Path>,
    /// What the program calls one of them, whose mounts are other ones: its name there, and here.
    pub called: Option<(&'a Path, &'a Path)>,
    /// Whether what it sends to others (a keyring) changes something too.
    pub sends: bool,
}

/// A call that changes something.
#[derive(Clone, Debug)]
pub struct Point {
    call: String,
    /// The how-manieth of its name, in its thread.
    ordinal: u32,
    /// The line of the log.
    pub line: String,
}

impl Point {
    /// Whether it is a call about a file in one of these folders. Not a writing one: of a program
    /// with several threads, which wake each other up by writing, another one's might fail.
    #[must_use]
    pub fn is_of_a_disk(&self, folders: &[&Path]) -> bool {
        let inside = |folder: &&Path| self.line.contains(&*folder.to_string_lossy());
        self.call != "write" && folders.iter().any(inside)
    }
}

/// Runs a call undisturbed and gives every point at which it changes something.
///
/// # Panics
/// If it fails, or if it puts something in place that hasn't reached the disk.
#[track_caller]
#[must_use]
pub fn points(call: Call, watched: &Watched<'_>) -> Vec<Point> {
    let (answer, log) = traced(call, watched, None);
    assert!(answer.exit == Some(0), "{answer}");
    let points = points_in(&log);
    let unsafe_renames = Disk::after(&log, &watched.folders).unsafe_renames;
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
        let Some((name, arguments)) = parsed(line) else { continue };
        let thread = line.split(' ').next().unwrap_or_default();
        let ordinal = ordinals.entry((thread, name)).or_default();
        *ordinal += 1;
        let changes = name != "openat" || arguments.contains("O_CREAT");
        // Of two threads' n-th calls it is the first that is cut short.
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
pub fn cut_short(call: Call, point: &Point, fault: Fault, watched: &Watched<'_>) -> Answer {
    let (answer, log) = traced(call, watched, Some((point, fault)));
    if fault == Fault::PowerCut && answer.exit.is_none() {
        for path in Disk::after(&log, &watched.folders).lost() {
            let _ = fs::File::options().write(true).truncate(true).open(path);
        }
    }
    answer
}

#[track_caller]
fn traced(call: Call, watched: &Watched<'_>, fault: Option<(&Point, Fault)>) -> (Answer, String) {
    let log = tempfile::NamedTempFile::new().unwrap_or_else(|error| panic!("no log: {error}"));
    let answer = call.under(&tracer(log.path(), watched, fault)).run();
    let mut text = read(log.path());
    if let Some((there, here)) = watched.called {
        text = text.replace(&*there.to_string_lossy(), &here.to_string_lossy());
    }
    (answer, text)
}

/// The words that run a program whose calls go to a log, with a fault.
fn tracer(log: &Path, watched: &Watched<'_>, fault: Option<(&Point, Fault)>) -> Vec<OsString> {
    let mut words: Vec<OsString> =
        ["strace", "-f", "-qq", "-y", "-e", "signal=none"].map(OsString::from).to_vec();
    let sends = if watched.sends { SENDS } else { "" };
    words.extend(["-e".into(), format!("trace={CALLS}{sends}").into()]);
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

/// A portal whose calls are written down, or one of whose calls has a fault. It ends with this
/// value.
#[derive(Debug)]
pub struct TracedPortal {
    /// Nothing, if it has ended before it was there for anybody.
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
        let words = tracer(log.path(), &Watched::default(), fault);
        let served = PortalServer::start_under(&words, vendor, 0, None);
        assert!(fault.is_some() || served.is_ok(), "{served:?}");
        Self { served: served.ok(), log }
    }

    /// Every point so far at which it has changed something in a folder.
    ///
    /// # Panics
    /// If the log can't be read.
    #[track_caller]
    #[must_use]
    pub fn points(&self, folder: &Path) -> Vec<Point> {
        let mut points = points_in(&read(self.log.path()));
        points.retain(|point| point.is_of_a_disk(&[folder]));
        points
    }
}

/// `12345 name(arguments) = result`
fn parsed(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let (name, arguments) = line.split_once('(')?;
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    plain.then_some((name, arguments))
}

/// The paths in a call's arguments: a relative one counts from the folder that stands before it.
fn paths(arguments: &str) -> Vec<PathBuf> {
    let mut parts = arguments.split('"');
    let mut paths = Vec::new();
    while let (Some(before), Some(path)) = (parts.next(), parts.next()) {
        let folder = before.strip_suffix(">, ").and_then(|before| before.rsplit_once('<'));
        paths.push(match folder {
            // An absolute path stays what it is.
            Some((_, folder)) => Path::new(folder).join(path),
            None => PathBuf::from(path),
        });
    }
    paths
}

/// What a log says about which files have reached the disk.
struct Disk {
    /// Files and folders that were made since: whether their content, or their names, is on the
    /// disk.
    made: BTreeMap<PathBuf, bool>,
    /// Files that were on the disk once.
    ever: Vec<PathBuf>,
    unsafe_renames: Vec<String>,
}

impl Disk {
    fn after(log: &str, roots: &[&Path]) -> Self {
        let mut disk = Self { made: BTreeMap::new(), ever: Vec::new(), unsafe_renames: Vec::new() };
        // Folders with new names that aren't on the disk.
        let mut renamed: BTreeMap<PathBuf, String> = BTreeMap::new();
        for line in log.lines().filter(|line| !line.contains(" = -1 ") && !line.ends_with("= ?")) {
            let Some((name, arguments)) = parsed(line) else { continue };
            let inside = |path: &PathBuf| roots.iter().any(|root| path.starts_with(root));
            let quoted = paths(arguments);
            // A file that is opened stands behind the result.
            let bracketed = |text: &str| {
                let (_, rest) = text.split_once('<')?;
                Some(PathBuf::from(rest.split_once('>')?.0))
            };
            let open = bracketed(arguments);
            match name {
                "openat" if arguments.contains("O_CREAT") => {
                    let made = line.rsplit_once(" = ").and_then(|(_, made)| bracketed(made));
                    if let Some(path) = made.filter(inside)
                        && (arguments.contains("O_EXCL") || arguments.contains("O_TRUNC"))
                    {
                        disk.made.insert(path, false);
                    }
                }
                "write" | "pwrite64" | "writev" | "pwritev" | "ftruncate" | "copy_file_range"
                | "sendfile" => {
                    // Where bytes are copied, the second file is the one that is written.
                    let written = match name {
                        "copy_file_range" => {
                            arguments.split_once(">, ").and_then(|(_, rest)| bracketed(rest))
                        }
                        _ => open,
                    };
                    if let Some(on_disk) = written.and_then(|path| disk.made.get_mut(&path)) {
                        *on_disk = false;
                    }
                    // What is said now must hold.
                    if arguments.starts_with('1') && !renamed.is_empty() {
                        disk.unsafe_renames.extend(renamed.values().cloned());
                    }
                }
                "fsync" | "fdatasync" => {
                    if let Some(path) = open {
                        renamed.remove(&path);
                        if let Some(on_disk) = disk.made.get_mut(&path) {
                            *on_disk = true;
                            disk.ever.push(path);
                        }
                    }
                }
                "rename" | "renameat" | "renameat2" => {
                    let [from, to] = &quoted[..] else { continue };
                    if !inside(to) {
                        continue;
                    }
                    let moved: Vec<_> = disk
                        .made
                        .iter()
                        .filter(|(path, _)| path.starts_with(from))
                        .map(|(path, on_disk)| (path.clone(), *on_disk))
                        .collect();
                    for (path, on_disk) in moved {
                        if !on_disk && !looked_after(&path) {
                            disk.unsafe_renames.push(format!("{} in {line}", path.display()));
                        }
                        disk.made.remove(&path);
                        let rest = path.strip_prefix(from).unwrap_or(&path);
                        let path =
                            if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) };
                        if on_disk {
                            disk.ever.push(path.clone());
                        }
                        disk.made.insert(path, on_disk);
                    }
                    if let Some(folder) = to.parent() {
                        renamed.insert(folder.to_owned(), line.to_owned());
                    }
                }
                "unlink" | "unlinkat" | "rmdir" => {
                    if let Some(gone) = quoted.first() {
                        disk.made.retain(|path, _| !path.starts_with(gone));
                        renamed.retain(|folder, _| !folder.starts_with(gone));
                    }
                }
                _ => {}
            }
        }
        disk
    }

    /// Files whose content never reached the disk.
    fn lost(&self) -> impl Iterator<Item = &PathBuf> {
        let lost = self.made.iter().filter(|(_, on_disk)| !**on_disk).map(|(path, _)| path);
        lost.filter(|path| path.is_file() && !self.ever.contains(path) && !looked_after(path))
    }
}

fn looked_after(path: &Path) -> bool {
    let name = path.to_string_lossy();
    LOOKED_AFTER.iter().any(|end| name.ends_with(end))
        || path.file_name().is_some_and(|name| name == "lock")
        || name.ends_with(".lock")
}

/// Folders with everything in them, to be put back.
///
/// What is put back goes into the very files that are there: a database knows the file that it is
/// in.
#[derive(Debug)]
pub struct Snapshot {
    roots: Vec<PathBuf>,
    folders: BTreeMap<PathBuf, u32>,
    files: BTreeMap<PathBuf, (Vec<u8>, u32)>,
}

impl Snapshot {
    /// Remembers folders.
    ///
    /// # Panics
    /// If they can't be read.
    #[track_caller]
    #[must_use]
    pub fn of(roots: &[&Path]) -> Self {
        let mut snapshot = Self {
            roots: roots.iter().map(|root| root.to_path_buf()).collect(),
            folders: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        for root in roots {
            for (path, folder) in everything_in(root) {
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

    /// Puts them back as they were.
    ///
    /// # Panics
    /// If that fails.
    #[track_caller]
    pub fn put_back(&self) {
        let worked = |outcome: std::io::Result<()>| outcome.unwrap_or_else(|e| panic!("{e}"));
        for root in &self.roots {
            for (path, folder) in everything_in(root).into_iter().rev() {
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

/// What is in a folder, each folder before what is in it.
fn everything_in(folder: &Path) -> Vec<(PathBuf, bool)> {
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
            found.extend(everything_in(&path));
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
