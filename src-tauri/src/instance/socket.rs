//! One window a product. A second start hands its files over to the first and ends; the first comes forward.
//!
//! What the second can say is one short message: the desktop's token for coming forward, and paths of
//! files, which the first opens as it opens any other. Whoever can reach the socket is the same user and
//! could start a wizard of their own.

use std::fs::{File, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use directories::BaseDirs;
use latchkey_device::Profile;
use latchkey_files::Access;

use super::HandOver;

/// Most bytes of a message.
const MOST_BYTES: usize = 64 * 1024;
/// Most files that are handed over at once.
const MOST_FILES: usize = 256;
/// Most characters of the desktop's token.
const MOST_STARTUP: usize = 256;
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);
/// What the first says when it has the message.
const TAKEN: &[u8] = b"taken";

/// What a start turned out to be.
#[derive(Debug)]
pub enum Start {
    /// The first of its product; from here on it is told of the next ones.
    First(First),
    /// The first has taken the message over. There is nothing left to do.
    Second,
    /// The first doesn't answer, or there is no place to meet: a window of its own is better than none.
    Alone,
}

/// The first start of a product, for as long as this value lives.
#[derive(Debug)]
pub struct First {
    listener: UnixListener,
    /// The system unlocks it when the process ends, however that happens.
    _lock: File,
}

/// Finds out whether a product's wizard runs already on this screen, and hands over to it.
#[must_use]
pub fn start(profile: &Profile, message: &HandOver) -> Start {
    let Some(folders) = BaseDirs::new() else { return Start::Alone };
    let folder = folders.runtime_dir().unwrap_or_else(|| folders.cache_dir()).join("latchkey");
    let mut key = DefaultHasher::new();
    (profile.vendor.to_string(), profile.product).hash(&mut key);
    // A window on another screen helps nobody, and another home has another licence.
    for screen in ["WAYLAND_DISPLAY", "DISPLAY"] {
        std::env::var_os(screen).hash(&mut key);
    }
    folders.data_dir().hash(&mut key);
    start_in(&folder, &format!("{:016x}", key.finish()), message).unwrap_or(Start::Alone)
}

fn start_in(folder: &Path, key: &str, message: &HandOver) -> io::Result<Start> {
    latchkey_files::create_folder(folder, Access::User)?;
    // Nobody else's folder, and no link: what is said here is for this user's ears.
    let meeting_place = latchkey_files::open_folder(folder, Access::User)?;
    meeting_place.set_permissions(Permissions::from_mode(0o700))?;
    let lock = latchkey_files::open_or_create(&folder.join(format!("{key}.lock")), Access::User)?;
    let socket = folder.join(format!("{key}.sock"));
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        if lock.try_lock().is_ok() {
            // Whoever left it there is gone.
            if let Err(error) = std::fs::remove_file(&socket)
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(error);
            }
            return Ok(Start::First(First { listener: UnixListener::bind(&socket)?, _lock: lock }));
        }
        // The first may be about to listen, or about to end.
        match UnixStream::connect(&socket) {
            Ok(stream) => {
                return Ok(hand_over(stream, message).map_or(Start::Alone, |()| Start::Second));
            }
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
    Ok(Start::Alone)
}

fn hand_over(mut stream: UnixStream, message: &HandOver) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&encode(message).ok_or(io::ErrorKind::InvalidInput)?)?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    stream.take(TAKEN.len() as u64).read_to_end(&mut answer)?;
    if answer == TAKEN { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

impl First {
    /// Takes messages over, one after another, until the process ends.
    pub fn listen(self, take: impl Fn(HandOver)) {
        for stream in self.listener.incoming() {
            match stream.and_then(taken_over) {
                Ok(message) => take(message),
                // Somebody who says nothing, or something else, isn't a wizard.
                Err(_) => std::thread::sleep(PAUSE),
            }
        }
    }
}

fn taken_over(mut stream: UnixStream) -> io::Result<HandOver> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut bytes = Vec::new();
    (&stream).take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let message = decode(&bytes).ok_or(io::ErrorKind::InvalidData)?;
    stream.write_all(TAKEN)?;
    Ok(message)
}

/// The desktop's token and the paths, each ended by a NUL, which neither can contain.
fn encode(message: &HandOver) -> Option<Vec<u8>> {
    let startup = message.startup.as_deref().filter(|id| is_startup(id)).unwrap_or_default();
    let mut bytes = startup.as_bytes().to_vec();
    bytes.push(0);
    for file in &message.files {
        bytes.extend_from_slice(file.as_os_str().as_bytes());
        bytes.push(0);
    }
    (bytes.len() <= MOST_BYTES && message.files.len() <= MOST_FILES).then_some(bytes)
}

fn decode(bytes: &[u8]) -> Option<HandOver> {
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let mut parts = bytes.strip_suffix(&[0])?.split(|byte| *byte == 0);
    let startup = String::from_utf8(parts.next()?.to_vec()).ok()?;
    if !startup.is_empty() && !is_startup(&startup) {
        return None;
    }
    let files: Vec<_> =
        parts.map(|path| PathBuf::from(std::ffi::OsString::from_vec(path.to_vec()))).collect();
    let fit = files.len() <= MOST_FILES && files.iter().all(|file| file.is_absolute());
    fit.then(|| HandOver { startup: (!startup.is_empty()).then_some(startup), files })
}

fn is_startup(id: &str) -> bool {
    id.len() <= MOST_STARTUP && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn message(files: &[&str]) -> HandOver {
        HandOver {
            startup: Some("gnome-shell/x/1-2".to_owned()),
            files: files.iter().map(PathBuf::from).collect(),
        }
    }

    #[test]
    fn the_second_start_hands_its_files_to_the_first_and_another_product_is_a_first_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("latchkey");
        let Start::First(first) = start_in(&place, "a", &message(&[])).unwrap() else { panic!() };
        assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || first.listen(|message| send.send(message).unwrap()));
        let second = message(&["/tmp/response.token", "/tmp/two words.txt"]);
        assert!(matches!(start_in(&place, "a", &second).unwrap(), Start::Second));
        assert_eq!(receive.recv().unwrap(), second);
        assert!(matches!(start_in(&place, "b", &second).unwrap(), Start::First(_)));
    }

    #[test]
    fn a_link_where_the_lock_or_the_folder_belongs_is_refused_and_its_end_is_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, place) = (folder.path().join("victim"), folder.path().join("latchkey"));
        std::fs::create_dir(&victim).unwrap();
        std::fs::set_permissions(&victim, Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(&victim, &place).unwrap();
        assert!(start_in(&place, "a", &message(&[])).is_err());
        assert_eq!(std::fs::metadata(&victim).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(std::fs::read_dir(&victim).unwrap().count(), 0);
        std::fs::write(victim.join("precious"), "precious").unwrap();
        std::os::unix::fs::symlink("precious", victim.join("a.lock")).unwrap();
        assert!(start_in(&victim, "a", &message(&[])).is_err());
        assert_eq!(std::fs::read_to_string(victim.join("precious")).unwrap(), "precious");
    }

    #[test]
    fn after_the_first_has_ended_the_next_is_a_first_again() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let start = start_in(folder.path(), "a", &message(&[])).unwrap();
            assert!(matches!(start, Start::First(_)));
        }
    }

    #[test]
    fn a_first_that_does_not_answer_is_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let _first = start_in(folder.path(), "a", &message(&[])).unwrap();
        let begin = Instant::now();
        assert!(matches!(start_in(folder.path(), "a", &message(&[])).unwrap(), Start::Alone));
        assert!(begin.elapsed() < PATIENCE * 3);
    }

    #[test]
    fn nothing_but_a_short_list_of_whole_paths_is_taken_over() {
        let good = encode(&message(&["/a"])).unwrap();
        assert_eq!(decode(&good), Some(message(&["/a"])));
        assert_eq!(decode(b"\0"), Some(HandOver::default()));
        for bad in [
            &b""[..],
            b"/a",
            b"\0relative\0",
            b"two words\0/a\0",
            b"\xff\0/a\0",
            &[b"\0".to_vec(), b"/a\0".repeat(MOST_FILES + 1)].concat(),
            &[b"\0/".to_vec(), vec![b'a'; MOST_BYTES], b"\0".to_vec()].concat(),
        ] {
            assert_eq!(decode(bad), None, "{:?}", &bad[..bad.len().min(20)]);
        }
        assert_eq!(encode(&message(&["/a"; MOST_FILES + 1])), None);
    }
}
