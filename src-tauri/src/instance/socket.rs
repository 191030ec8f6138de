//! The Unix socket by which a second start passes its request to the first instance and exits.
//!
//! The request is one short message: the desktop's activation token and paths of files, which the
//! first instance opens like any other files. Any process that can connect runs as the same user
//! and could start a wizard of its own.

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

use super::LaunchRequest;

/// Largest message, in bytes.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// Most files that are passed on at once.
const MAX_FILES: usize = 256;
/// Longest activation token, in bytes.
const MAX_ACTIVATION_TOKEN_BYTES: usize = 256;
/// How long either side waits for the other.
const TIMEOUT: Duration = Duration::from_secs(3);
const RETRY_DELAY: Duration = Duration::from_millis(50);
/// What the first instance replies when it has the message.
const ACCEPTED: &[u8] = b"taken";

/// What this start turned out to be.
#[derive(Debug)]
pub enum Instance {
    /// The first instance of its product. It receives the requests of later starts.
    Primary(PrimaryInstance),
    /// The first instance has accepted the request, so there is nothing left to do.
    Forwarded,
    /// The first instance doesn't answer, or the socket can't be created. A window of its own is
    /// better than none.
    Standalone,
}

/// The first instance of a product, for as long as this value lives.
#[derive(Debug)]
pub struct PrimaryInstance {
    listener: UnixListener,
    /// The operating system releases the lock when the process ends, however that happens.
    _lock: File,
}

/// Becomes the first instance of this product on this screen, or passes the request on to it.
#[must_use]
pub fn acquire(profile: &Profile, request: &LaunchRequest) -> Instance {
    let Some(folders) = BaseDirs::new() else { return Instance::Standalone };
    let folder = folders.runtime_dir().unwrap_or_else(|| folders.cache_dir()).join("latchkey");
    let mut key = DefaultHasher::new();
    (profile.vendor.to_string(), profile.product).hash(&mut key);
    // A window on another screen can't be seen, and another home directory has another licence.
    for screen in ["WAYLAND_DISPLAY", "DISPLAY"] {
        std::env::var_os(screen).hash(&mut key);
    }
    folders.data_dir().hash(&mut key);
    acquire_in(&folder, &format!("{:016x}", key.finish()), request).unwrap_or(Instance::Standalone)
}

fn acquire_in(folder: &Path, key: &str, request: &LaunchRequest) -> io::Result<Instance> {
    latchkey_files::create_folder(folder, Access::User)?;
    // A link and another user's folder are refused, because other users must not read the request.
    let opened = latchkey_files::open_folder(folder, Access::User)?;
    opened.set_permissions(Permissions::from_mode(0o700))?;
    let lock = latchkey_files::open_or_create(&folder.join(format!("{key}.lock")), Access::User)?;
    let socket = folder.join(format!("{key}.sock"));
    let begin = Instant::now();
    while begin.elapsed() < TIMEOUT {
        if lock.try_lock().is_ok() {
            // A socket that is left over belongs to a process that has ended.
            if let Err(error) = std::fs::remove_file(&socket)
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(error);
            }
            let listener = UnixListener::bind(&socket)?;
            return Ok(Instance::Primary(PrimaryInstance { listener, _lock: lock }));
        }
        // The first instance may be about to listen or about to exit.
        match UnixStream::connect(&socket) {
            Ok(stream) => {
                let forwarded = forward(stream, request);
                return Ok(forwarded.map_or(Instance::Standalone, |()| Instance::Forwarded));
            }
            Err(_) => std::thread::sleep(RETRY_DELAY),
        }
    }
    Ok(Instance::Standalone)
}

fn forward(mut stream: UnixStream, request: &LaunchRequest) -> io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(&encode(request).ok_or(io::ErrorKind::InvalidInput)?)?;
    stream.shutdown(Shutdown::Write)?;
    let mut reply = Vec::new();
    stream.take(ACCEPTED.len() as u64).read_to_end(&mut reply)?;
    if reply == ACCEPTED { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

impl PrimaryInstance {
    /// Handles requests one after another until the process ends.
    pub fn listen(self, handle: impl Fn(LaunchRequest)) {
        for stream in self.listener.incoming() {
            match stream.and_then(receive) {
                Ok(request) => handle(request),
                // A peer that sends nothing, or something else, isn't a wizard.
                Err(_) => std::thread::sleep(RETRY_DELAY),
            }
        }
    }
}

fn receive(mut stream: UnixStream) -> io::Result<LaunchRequest> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let mut bytes = Vec::new();
    (&stream).take(MAX_MESSAGE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let request = decode(&bytes).ok_or(io::ErrorKind::InvalidData)?;
    stream.write_all(ACCEPTED)?;
    Ok(request)
}

/// Encodes the activation token and the paths, each followed by a NUL byte, which neither can
/// contain.
fn encode(request: &LaunchRequest) -> Option<Vec<u8>> {
    let token = request.activation_token.as_deref();
    let token = token.filter(|token| is_activation_token(token)).unwrap_or_default();
    let mut bytes = token.as_bytes().to_vec();
    bytes.push(0);
    for file in &request.files {
        bytes.extend_from_slice(file.as_os_str().as_bytes());
        bytes.push(0);
    }
    (bytes.len() <= MAX_MESSAGE_BYTES && request.files.len() <= MAX_FILES).then_some(bytes)
}

fn decode(bytes: &[u8]) -> Option<LaunchRequest> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return None;
    }
    let mut parts = bytes.strip_suffix(&[0])?.split(|byte| *byte == 0);
    let token = String::from_utf8(parts.next()?.to_vec()).ok()?;
    if !token.is_empty() && !is_activation_token(&token) {
        return None;
    }
    let files: Vec<_> =
        parts.map(|path| PathBuf::from(std::ffi::OsString::from_vec(path.to_vec()))).collect();
    // The window reports why something isn't a path.
    let is_valid =
        |file: &PathBuf| file.is_absolute() || latchkey_console::path_of(file.as_os_str()).is_err();
    let valid = files.len() <= MAX_FILES && files.iter().all(is_valid);
    valid.then(|| LaunchRequest { activation_token: (!token.is_empty()).then_some(token), files })
}

fn is_activation_token(token: &str) -> bool {
    (1..=MAX_ACTIVATION_TOKEN_BYTES).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn request(files: &[&str]) -> LaunchRequest {
        LaunchRequest {
            activation_token: Some("gnome-shell/x/1-2".to_owned()),
            files: files.iter().map(PathBuf::from).collect(),
        }
    }

    #[test]
    fn a_second_start_forwards_its_files_and_each_product_has_its_own_instance() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = folder.path().join("latchkey");
        let Instance::Primary(first) = acquire_in(&runtime, "a", &request(&[])).unwrap() else {
            panic!()
        };
        assert_eq!(std::fs::metadata(&runtime).unwrap().permissions().mode() & 0o777, 0o700);
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || first.listen(|request| send.send(request).unwrap()));
        let second = request(&["/tmp/response.token", "/tmp/two words.txt"]);
        assert!(matches!(acquire_in(&runtime, "a", &second).unwrap(), Instance::Forwarded));
        assert_eq!(receive.recv().unwrap(), second);
        assert!(matches!(acquire_in(&runtime, "b", &second).unwrap(), Instance::Primary(_)));
    }

    #[test]
    fn a_link_in_place_of_the_lock_or_the_folder_is_refused_and_its_target_is_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, runtime) = (folder.path().join("victim"), folder.path().join("latchkey"));
        std::fs::create_dir(&victim).unwrap();
        std::fs::set_permissions(&victim, Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(&victim, &runtime).unwrap();
        assert!(acquire_in(&runtime, "a", &request(&[])).is_err());
        assert_eq!(std::fs::metadata(&victim).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(std::fs::read_dir(&victim).unwrap().count(), 0);
        std::fs::write(victim.join("precious"), "precious").unwrap();
        std::os::unix::fs::symlink("precious", victim.join("a.lock")).unwrap();
        assert!(acquire_in(&victim, "a", &request(&[])).is_err());
        assert_eq!(std::fs::read_to_string(victim.join("precious")).unwrap(), "precious");
    }

    #[test]
    fn after_the_first_instance_has_ended_the_next_start_is_the_first_instance() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let instance = acquire_in(folder.path(), "a", &request(&[])).unwrap();
            assert!(matches!(instance, Instance::Primary(_)));
        }
    }

    #[test]
    fn a_first_instance_that_does_not_answer_is_not_awaited_forever() {
        let folder = tempfile::tempdir().unwrap();
        let _first = acquire_in(folder.path(), "a", &request(&[])).unwrap();
        let begin = Instant::now();
        assert!(matches!(
            acquire_in(folder.path(), "a", &request(&[])).unwrap(),
            Instance::Standalone
        ));
        assert!(begin.elapsed() < TIMEOUT * 3);
    }

    #[test]
    fn only_a_short_list_of_absolute_paths_is_accepted() {
        let good = encode(&request(&["/a"])).unwrap();
        assert_eq!(decode(&good), Some(request(&["/a"])));
        assert_eq!(decode(b"\0"), Some(LaunchRequest::default()));
        // What isn't a path is passed on too, so that the window can report it.
        for no_path in ["", "$HOME/a", "https://a.example/a"] {
            let request = request(&[no_path, "/a"]);
            assert_eq!(decode(&encode(&request).unwrap()), Some(request));
        }
        for bad in [
            &b""[..],
            b"/a",
            b"\0relative\0",
            b"two words\0/a\0",
            b"\xff\0/a\0",
            &[b"\0".to_vec(), b"/a\0".repeat(MAX_FILES + 1)].concat(),
            &[b"\0/".to_vec(), vec![b'a'; MAX_MESSAGE_BYTES], b"\0".to_vec()].concat(),
        ] {
            assert_eq!(decode(bad), None, "{:?}", &bad[..bad.len().min(20)]);
        }
        assert_eq!(encode(&request(&["/a"; MAX_FILES + 1])), None);
    }
}
