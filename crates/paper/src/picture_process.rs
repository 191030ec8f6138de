//! Decodes pictures in a separate process, which is this program started again: whatever an
//! untrusted picture does to a decoder ends with that process, and so does the memory it uses. The
//! process inherits no environment, opens no file, and limits its own resources before it reads the
//! first byte; its parent kills it after a timeout.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use latchkey_token::limits::MAX_TEXT_BYTES;

use crate::code_parts::{CodeParts, MAX_ENCODED};
use crate::codes::{Codes, Reading};
use crate::qr_decode::{FORMATS, MAX_CONTENT_BYTES, read_with_parts, text_or_codes};
use crate::reading_error::{FileReadError, ReadingError};
use crate::several_files::FileOfSeveral;

/// The argument that makes this program the process that reads a picture. The next argument is the
/// memory limit.
const ARGUMENT: &str = "internal-read-picture";
/// The same for a process that reads one picture after another.
const SERIES_ARGUMENT: &str = "internal-read-pictures";
/// The memory limit for pictures that a user opens on their own computer: fifty million pixels in
/// colour.
pub const INTERACTIVE_MEMORY: u64 = 200 * 1024 * 1024;
/// The limit of processor time in seconds, for all versions of a picture together.
#[cfg(unix)]
const PROCESSOR_SECONDS: u64 = 10;
/// The limit of elapsed time, which allows for a busy computer.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long the process may take to exit after it closed its output.
const END: Duration = Duration::from_secs(1);
/// Maximum number of bytes of a result: the content of the codes, after the parts of others and the
/// reason why there may be more of them.
const MAX_ANSWER: u64 = (MAX_ENCODED + MAX_CONTENT_BYTES) as u64 + 7 + u8::MAX as u64;
/// Maximum number of pictures that one process reads, one after another.
const SERIES: u32 = 256;
/// How long a process waits for the next picture of a series before it is ended.
const IDLE: Duration = Duration::from_secs(5);
/// How many copies of a picture decoding and scanning need in total, in addition to the decoder's
/// memory.
#[cfg(target_os = "linux")]
const COPIES: u64 = 3;

/// Must be the first call in a program that reads pictures. If this is the process for reading one,
/// reads it from standard input, writes the result to standard output, and returns the exit status.
#[must_use]
pub fn picture_process() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next()?;
    let answer = match first.to_str()? {
        ARGUMENT => answer_one,
        SERIES_ARGUMENT => answer_series,
        _ => return None,
    };
    let memory = arguments.next().and_then(|memory| memory.to_str()?.parse().ok());
    Some(match memory.and_then(|memory| answer(memory).ok()) {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

fn answer_one(memory: u64) -> std::io::Result<()> {
    limit_resources(memory, 1)?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_TEXT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let said = match bytes.len() <= MAX_TEXT_BYTES {
        true => read_with_parts(&bytes, memory),
        false => Err(ReadingError::TooLarge).into(),
    };
    let mut output = std::io::stdout().lock();
    output.write_all(&encode_result(&said))?;
    output.flush()
}

/// Reads pictures until there are no more. Each picture and each result is preceded by its length.
fn answer_series(memory: u64) -> std::io::Result<()> {
    limit_resources(memory, SERIES)?;
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    for _ in 0..SERIES {
        let Some(bytes) = receive(&mut input, MAX_TEXT_BYTES as u64)? else { break };
        bound_next()?;
        send(&mut output, &encode_result(&read_with_parts(&bytes, memory)))?;
    }
    Ok(())
}

fn send(output: &mut impl Write, bytes: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(std::io::Error::other)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(bytes)?;
    output.flush()
}

/// Reads the next block; `None` at the end.
fn receive(input: &mut impl Read, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = u64::from(u32::from_le_bytes(length));
    let mut bytes = Vec::new();
    if length > most || input.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    Ok(Some(bytes))
}

/// Limits this process: processor time, memory, no files written. It ends with its parent.
#[cfg(unix)]
fn limit_resources(memory: u64, pictures: u32) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // A lower limit that was inherited stays, because it can't be raised.
    let limit = |resource, current: u64, maximum: u64| {
        let most = getrlimit(resource).maximum.map_or(maximum, |given| given.min(maximum));
        setrlimit(resource, Rlimit { current: Some(current.min(most)), maximum: Some(most) })
    };
    limit(Resource::Cpu, PROCESSOR_SECONDS, PROCESSOR_SECONDS * u64::from(pictures))?;
    limit(Resource::Fsize, 0, 0)?;
    limit(Resource::Core, 0, 0)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{
            DumpableBehavior, Signal, set_dumpable_behavior, set_parent_process_death_signal,
        };
        // If memory runs out, the kernel should end this process first, not the one that waits for
        // it. Failing to say so isn't an error. It must be said before the process becomes
        // undumpable, which makes this file read-only.
        let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // A program that receives core dumps may ignore the limit of their size.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        // The libraries that are mapped already count as well.
        let pages = std::fs::read_to_string("/proc/self/statm")?;
        let pages: u64 = pages.split(' ').next().and_then(|pages| pages.parse().ok()).unwrap_or(0);
        let mapped = pages * rustix::param::page_size() as u64;
        let most = mapped + (1 + COPIES) * memory;
        limit(Resource::As, most, most)?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
    Ok(())
}

/// Allows the next picture as much processor time as the first one, in addition to the time used
/// so far.
#[cfg(unix)]
fn bound_next() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use rustix::time::{ClockId, clock_gettime};
    let taken = clock_gettime(ClockId::ProcessCPUTime).tv_sec;
    let until = u64::try_from(taken).unwrap_or(0) + PROCESSOR_SECONDS;
    let maximum = getrlimit(Resource::Cpu).maximum;
    let until = maximum.map_or(until, |most| until.min(most));
    Ok(setrlimit(Resource::Cpu, Rlimit { current: Some(until), maximum })?)
}

/// Without resource limits, the decoder's own limit, the deadline and the budget of steps remain.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn limit_resources(_: u64, _: u32) -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn bound_next() -> std::io::Result<()> {
    Ok(())
}

/// Encodes a result. First the parts of texts, if there are any: a letter, their length and they
/// themselves. Then codes: the length of the encoded reason, the reason, and the text; or an error:
/// its bytes.
fn encode_result(said: &Reading) -> Vec<u8> {
    let mut bytes = Vec::new();
    if !said.parts.is_empty() {
        let parts = said.parts.encode();
        bytes.push(b's');
        bytes.extend(u32::try_from(parts.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(parts);
    }
    match &said.result {
        Ok(Codes { text, incomplete }) => {
            let incomplete = incomplete.map(encode_error).unwrap_or_default();
            bytes.extend([b'+', u8::try_from(incomplete.len()).unwrap_or(0)]);
            bytes.extend(incomplete);
            bytes.extend(text.as_bytes());
        }
        Err(error) => bytes.extend(encode_error(*error)),
    }
    bytes
}

/// Decodes a result; `None` if it is malformed.
fn decode_result(answer: &[u8]) -> Option<Reading> {
    let (parts, answer) = match answer.split_first() {
        Some((b's', rest)) => {
            let (length, rest) = rest.split_first_chunk()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (parts, rest) = rest.split_at_checked(length)?;
            (CodeParts::decode(parts)?, rest)
        }
        _ => (CodeParts::default(), answer),
    };
    let Some((b'+', codes)) = answer.split_first() else {
        return decode_error(answer).map(|error| Reading { result: Err(error), parts });
    };
    let (length, codes) = codes.split_first()?;
    let (incomplete, text) = codes.split_at_checked(usize::from(*length))?;
    let incomplete = if incomplete.is_empty() { None } else { Some(decode_error(incomplete)?) };
    let text = String::from_utf8(text.to_vec()).ok()?;
    Some(Reading { result: Ok(Codes { text, incomplete }), parts })
}

/// Encodes an error as a few bytes.
fn encode_error(error: ReadingError) -> Vec<u8> {
    match error {
        ReadingError::TooLarge => b"l".to_vec(),
        ReadingError::Unreadable => b"u".to_vec(),
        ReadingError::NoCode => b"n".to_vec(),
        ReadingError::NoBeginning => b"b".to_vec(),
        ReadingError::TooMuchWork => b"w".to_vec(),
        ReadingError::Interrupted => b"i".to_vec(),
        ReadingError::Unsupported { format } => [b"f", format.as_bytes()].concat(),
        ReadingError::PicturesLeft { looked, of } => {
            [b"p", &looked.to_le_bytes()[..], &of.to_le_bytes()].concat()
        }
        ReadingError::CodeParts { have, count } => vec![b'c', have, count],
        ReadingError::CodesUnread { count } => vec![b'd', count],
    }
}

/// Decodes an error. A process that read an untrusted picture isn't trusted: only known errors are
/// accepted.
fn decode_error(bytes: &[u8]) -> Option<ReadingError> {
    Some(match bytes.split_first()? {
        (b'l', _) => ReadingError::TooLarge,
        (b'u', _) => ReadingError::Unreadable,
        (b'n', _) => ReadingError::NoCode,
        (b'b', _) => ReadingError::NoBeginning,
        (b'w', _) => ReadingError::TooMuchWork,
        (b'f', name) => {
            let known = FORMATS.iter().find(|(format, _)| format.as_bytes() == name)?;
            ReadingError::Unsupported { format: known.0 }
        }
        (b'c', &[have, count]) => ReadingError::CodeParts { have, count },
        (b'd', &[count]) => ReadingError::CodesUnread { count },
        (b'p', counts) => {
            let (looked, of) = counts.split_first_chunk()?;
            let of = of.first_chunk()?;
            let (looked, of) = (u32::from_le_bytes(*looked), u32::from_le_bytes(*of));
            ReadingError::PicturesLeft { looked, of }
        }
        _ => return None,
    })
}

/// The content of the QR codes in an untrusted picture, read in a separate process. The program has
/// to begin with [`picture_process`]. Waits up to half a minute.
///
/// # Errors
/// Returns the errors of [`read_picture`], [`ReadingError::TooMuchWork`] also if the process had to
/// be ended, and [`ReadingError::Interrupted`] if it couldn't be started.
pub fn read_picture_isolated(bytes: &[u8], memory: u64) -> Result<Codes, ReadingError> {
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(ReadingError::TooLarge);
    }
    run(&this_program()?, bytes, memory, DEADLINE).result
}

/// The text of a file, or the content of the QR codes in it if it is a picture, or a mail with
/// pictures attached and no token in its text. Pictures are read as by [`read_picture_isolated`];
/// all pictures of a mail share one time limit.
///
/// # Errors
/// Returns [`FileReadError::Picture`] if a picture can't be read, and [`FileReadError::Text`] if
/// the file has neither text nor a token in its pictures.
pub fn read_file_isolated(bytes: &[u8], memory: u64) -> Result<Codes, FileReadError> {
    read_one_of_several_isolated(bytes, memory).result
}

/// As [`read_file_isolated`], for one of several files that were handed in together:
/// [`FileOfSeveral::join_all`] returns their texts.
#[must_use]
pub fn read_one_of_several_isolated(bytes: &[u8], memory: u64) -> FileOfSeveral {
    let until = Instant::now() + DEADLINE;
    text_or_codes(bytes, |picture| {
        if picture.len() > MAX_TEXT_BYTES {
            return Err(ReadingError::TooLarge).into();
        }
        match this_program() {
            Ok(program) => {
                run(&program, picture, memory, until.saturating_duration_since(Instant::now()))
            }
            Err(error) => Err(error).into(),
        }
    })
}

/// The path of this program. On Linux it is the file that runs, even if it was replaced meanwhile.
fn this_program() -> Result<PathBuf, ReadingError> {
    let running = Path::new("/proc/self/exe");
    match running.exists() {
        true => Ok(running.to_owned()),
        false => std::env::current_exe().map_err(|_| ReadingError::Interrupted),
    }
}

fn run(program: &Path, bytes: &[u8], memory: u64, deadline: Duration) -> Reading {
    match start(program, ARGUMENT, memory) {
        Ok(mut child) => exchange(&mut child, bytes, deadline),
        Err(error) => Err(error).into(),
    }
}

fn start(program: &Path, argument: &str, memory: u64) -> Result<Child, ReadingError> {
    let mut command = Command::new(program);
    command.arg(argument).arg(memory.to_string());
    // Of the environment, only the location of the libraries is inherited.
    command.env_clear();
    for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().map_err(|_| ReadingError::Interrupted)
}

/// Sends a picture to a process and receives its result within the time limit.
fn exchange(child: &mut Child, bytes: &[u8], deadline: Duration) -> Reading {
    let (input, output) = (child.stdin.take(), child.stdout.take());
    std::thread::scope(|scope| {
        let (send, receive) = channel();
        // A killed process reads and writes nothing more, which ends both threads.
        scope.spawn(move || input.is_some_and(|mut input| input.write_all(bytes).is_ok()));
        scope.spawn(move || {
            let mut answer = Vec::new();
            let read = output.map(|output| output.take(MAX_ANSWER + 1).read_to_end(&mut answer));
            let whole = matches!(read, Some(Ok(_))) && answer.len() as u64 <= MAX_ANSWER;
            let _ = send.send(if whole { answer } else { Vec::new() });
        });
        let answer = receive.recv_timeout(deadline);
        // Without a result, the exit status tells why. With one, the process has nothing more to
        // do.
        let ended = match &answer {
            Ok(answer) if answer.is_empty() => exit_status(child),
            _ => None,
        };
        let _ = child.kill();
        let _ = child.wait();
        match answer {
            Err(RecvTimeoutError::Timeout) => Err(ReadingError::TooMuchWork).into(),
            Err(RecvTimeoutError::Disconnected) => Err(ReadingError::Interrupted).into(),
            Ok(answer) => decode_result(&answer).unwrap_or_else(|| Err(exit_error(ended)).into()),
        }
    })
}

/// The process was killed by a signal before it wrote a result: it reached one of its limits.
fn exit_error(ended: Option<ExitStatus>) -> ReadingError {
    match ended.is_some_and(|status| status.code().is_none()) {
        true => ReadingError::TooMuchWork,
        false => ReadingError::Interrupted,
    }
}

/// A source of many pictures, such as a camera. They are read by one process after another, each of
/// which reads many. Every picture has the limits that it would have in a process of its own.
/// Without pictures, there is no process. Pictures of different sources must not share a series.
#[derive(Debug)]
pub struct PictureSeries {
    pictures: Sender<PictureRequest>,
}

/// A picture, and the channel for its result.
type PictureRequest = (Vec<u8>, Sender<Result<Codes, ReadingError>>);

impl PictureSeries {
    /// Creates a series with a memory limit for each picture. It starts no process yet.
    #[must_use]
    pub fn new(memory: u64) -> Self {
        Self::with_processes(
            move || start(&this_program()?, SERIES_ARGUMENT, memory),
            DEADLINE,
            IDLE,
        )
    }

    fn with_processes(
        start: impl Fn() -> Result<Child, ReadingError> + Send + 'static,
        deadline: Duration,
        idle: Duration,
    ) -> Self {
        let (pictures, receive) = channel::<PictureRequest>();
        // The process gets a thread of its own, because it ends with the thread that started it.
        std::thread::spawn(move || {
            let mut reader = None::<SeriesReader>;
            loop {
                let next = match reader {
                    Some(_) => receive.recv_timeout(idle),
                    None => receive.recv().map_err(RecvTimeoutError::from),
                };
                match next {
                    Ok((bytes, answer)) => {
                        let _ = answer.send(read_next(&mut reader, &start, &bytes, deadline));
                    }
                    Err(RecvTimeoutError::Timeout) => reader = None,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        Self { pictures }
    }

    /// Reads the QR codes in the next picture. The program has to begin with [`picture_process`].
    ///
    /// # Errors
    /// As [`read_picture_isolated`].
    pub fn read(&self, bytes: Vec<u8>) -> Result<Codes, ReadingError> {
        if bytes.len() > MAX_TEXT_BYTES {
            return Err(ReadingError::TooLarge);
        }
        let (send, receive) = channel();
        self.pictures.send((bytes, send)).map_err(|_| ReadingError::Interrupted)?;
        receive.recv().unwrap_or(Err(ReadingError::Interrupted))
    }
}

/// A process of a series.
struct SeriesReader {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// The number of pictures that it may still read.
    left: u32,
}

impl SeriesReader {
    fn new(mut child: Child) -> Option<Self> {
        let (input, output) = child.stdin.take().zip(child.stdout.take())?;
        Some(Self { child, input, output, left: SERIES })
    }

    /// `None` if the process didn't answer because it exited or was killed.
    fn ask(&mut self, bytes: &[u8], deadline: Duration) -> Result<Vec<u8>, ReadingError> {
        let Self { child, input, output, left } = self;
        *left = left.saturating_sub(1);
        std::thread::scope(|scope| {
            let (said, receive_said) = channel();
            let taken = said.clone();
            // A killed process reads and writes nothing more, which ends both threads.
            scope.spawn(move || {
                let _ = taken.send(send(input, bytes).is_ok().then_some(None));
            });
            scope.spawn(move || {
                let answer = receive(output, MAX_ANSWER).ok().flatten();
                let _ = said.send(answer.map(Some));
            });
            let (until, mut answer, mut both) = (Instant::now() + deadline, None, true);
            for _ in 0..2 {
                let left = until.saturating_duration_since(Instant::now());
                match receive_said.recv_timeout(left) {
                    Ok(Some(said)) => answer = answer.or(said),
                    Ok(None) => both = false,
                    Err(_) => {
                        let _ = child.kill();
                        return Err(ReadingError::TooMuchWork);
                    }
                }
                if !both {
                    break;
                }
            }
            match answer.filter(|_| both) {
                Some(answer) => Ok(answer),
                None => {
                    let ended = exit_status(child);
                    let _ = child.kill();
                    Err(exit_error(ended))
                }
            }
        })
    }
}

impl Drop for SeriesReader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// If a process that has read other pictures fails on this one, a new process decides.
fn read_next(
    reader: &mut Option<SeriesReader>,
    start: impl Fn() -> Result<Child, ReadingError>,
    bytes: &[u8],
    deadline: Duration,
) -> Result<Codes, ReadingError> {
    loop {
        let used = match reader {
            Some(running) if running.left > 0 => true,
            _ => {
                *reader = Some(SeriesReader::new(start()?).ok_or(ReadingError::Interrupted)?);
                false
            }
        };
        let Some(running) = reader else { return Err(ReadingError::Interrupted) };
        let begun = Instant::now();
        match running.ask(bytes, deadline) {
            Ok(answer) => match decode_result(&answer) {
                Some(said) => return said.result,
                None => *reader = None,
            },
            Err(error) => {
                *reader = None;
                // The process has exceeded its time limit.
                if !used || begun.elapsed() >= deadline {
                    return Err(error);
                }
                continue;
            }
        }
        if !used {
            return Err(ReadingError::Interrupted);
        }
    }
}

/// The exit status of a process that ends by itself within [`END`].
fn exit_status(child: &mut Child) -> Option<ExitStatus> {
    let until = Instant::now() + END;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
            _ => return None,
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// A process that doesn't read pictures.
    fn other(script: &str) -> Child {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        shell.spawn().unwrap()
    }

    fn says(script: &str, deadline: Duration) -> Result<String, ReadingError> {
        exchange(&mut other(script), &[7; 100_000], deadline).result.map(|codes| codes.text)
    }

    #[test]
    fn a_killed_or_hanging_process_is_reported_and_leaves_nothing_running() {
        let long = Duration::from_secs(600);
        assert_eq!(says("kill -KILL $$", long), Err(ReadingError::TooMuchWork));
        assert_eq!(says("kill -XCPU $$", long), Err(ReadingError::TooMuchWork));
        let mut endless = other("exec sleep 1000");
        let said = exchange(&mut endless, &[7; 100_000], Duration::from_millis(100));
        assert_eq!(said.result, Err(ReadingError::TooMuchWork));
        assert!(endless.try_wait().unwrap().is_some());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_process_inherits_only_the_library_path() {
        use std::os::unix::fs::PermissionsExt as _;
        assert!(std::env::var_os("PATH").is_some(), "there is nothing that it could get");
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        let script = "#!/bin/sh\nprintf '+\\0begin\\n'\ntr '\\0' '\\n' < /proc/$$/environ\n";
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        // Another test's process may be inheriting the file that was just written.
        let said = loop {
            match run(&program, &[7], 1, Duration::from_secs(600)).result {
                Err(ReadingError::Interrupted) => std::thread::sleep(Duration::from_millis(20)),
                said => break said.unwrap().text,
            }
        };
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some("begin"));
        assert!(lines.all(|line| line.starts_with("LD_LIBRARY_PATH=")), "{said}");
    }

    #[test]
    fn an_invalid_or_overlong_answer_is_not_text() {
        let long = Duration::from_secs(600);
        assert_eq!(says("exit 1", long), Err(ReadingError::Interrupted));
        assert_eq!(says("yes", long), Err(ReadingError::Interrupted));
        assert_eq!(says("printf '+\\0\\377'", long), Err(ReadingError::Interrupted));
        assert_eq!(says("cat > /dev/null; printf '+\\0A\\nB'", long), Ok("A\nB".to_owned()));
        assert_eq!(says("printf n", long), Err(ReadingError::NoCode));
        let long_one = format!("printf '+\\0'; head -c {MAX_CONTENT_BYTES} /dev/zero | tr '\\0' A");
        assert_eq!(says(&long_one, long).map(|text| text.len()), Ok(MAX_CONTENT_BYTES));
        let missing = run(Path::new("/nowhere"), &[7], 1, long);
        assert_eq!(missing.result, Err(ReadingError::Interrupted));
    }

    #[test]
    fn every_answer_is_decoded_and_anything_else_is_refused() {
        let parts = ReadingError::PicturesLeft { looked: 64, of: 70 };
        for incomplete in [None, Some(parts), Some(ReadingError::Unreadable)] {
            let mut said = Reading::from(Ok(Codes { text: "A\nB".to_owned(), incomplete }));
            assert_eq!(decode_result(&encode_result(&said)).as_ref(), Some(&said));
            said.parts.insert((7, 3), 1, "C".to_owned());
            assert_eq!(decode_result(&encode_result(&said)), Some(said));
        }
        for error in [
            parts,
            ReadingError::CodeParts { have: 2, count: 3 },
            ReadingError::CodesUnread { count: 1 },
            ReadingError::Unsupported { format: "TIFF" },
            ReadingError::TooLarge,
            ReadingError::Unreadable,
            ReadingError::NoCode,
            ReadingError::NoBeginning,
            ReadingError::TooMuchWork,
        ] {
            let said = Reading::from(Err(error));
            assert_eq!(decode_result(&encode_result(&said)), Some(said));
        }
        for bytes in
            [&b""[..], b"?", b"+", b"+\x09p", b"+\x01?A", b"+\0\xff", b"p\0\0\0", b"fX", b"c\x02"]
                .into_iter()
                .chain([&b"s"[..], b"s\0\0\0\0", b"s\x09\0\0\0n", b"s\x01\0\0\0?n"])
        {
            assert_eq!(decode_result(bytes), None, "{bytes:?}");
        }
    }

    /// A series whose processes are this script. `started` counts them.
    fn series(
        script: &'static str,
        deadline: Duration,
        idle: Duration,
    ) -> (PictureSeries, Arc<AtomicU32>) {
        let started = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&started);
        let start = move || {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(other(script))
        };
        (PictureSeries::with_processes(start, deadline, idle), started)
    }

    /// Takes a picture of one byte and says that there is no code in it.
    const ONE: &str = r"head -c 5 > /dev/null; printf '\1\0\0\0n'";
    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn one_process_reads_many_pictures_of_a_series_and_the_next_takes_over() {
        let (series, started) =
            series(r"while head -c 5 | grep -q .; do printf '\1\0\0\0n'; done", LONG, LONG);
        for _ in 0..SERIES {
            assert_eq!(series.read(vec![7]), Err(ReadingError::NoCode));
        }
        assert_eq!(started.load(Ordering::SeqCst), 1);
        assert_eq!(series.read(vec![7]), Err(ReadingError::NoCode));
        assert_eq!(started.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_process_of_a_series_that_has_ended_is_replaced_and_a_new_one_decides() {
        let (series, started) = series(ONE, LONG, LONG);
        for count in 1..=3 {
            assert_eq!(series.read(vec![7]), Err(ReadingError::NoCode));
            assert_eq!(started.load(Ordering::SeqCst), count);
        }
    }

    #[test]
    fn a_picture_of_a_series_has_its_bounds_and_ends_no_more_than_its_process() {
        for (script, error) in [
            ("kill -XCPU $$", ReadingError::TooMuchWork),
            ("exit 1", ReadingError::Interrupted),
            ("yes", ReadingError::Interrupted),
            (r"head -c 5 > /dev/null; printf '\1\0\0\0?'; cat", ReadingError::Interrupted),
        ] {
            let (series, started) = series(script, LONG, LONG);
            assert_eq!(series.read(vec![7]), Err(error), "{script}");
            assert_eq!(started.load(Ordering::SeqCst), 1);
        }
        // One that never answers, and one that answers and doesn't take the picture.
        for script in ["exec sleep 1000", r"printf '\1\0\0\0n'; exec sleep 1000"] {
            let (series, _) = series(script, Duration::from_millis(100), LONG);
            assert_eq!(series.read(vec![7; 1_000_000]), Err(ReadingError::TooMuchWork), "{script}");
        }
        let (series, started) = series(ONE, LONG, LONG);
        assert_eq!(series.read(vec![7; MAX_TEXT_BYTES + 1]), Err(ReadingError::TooLarge));
        assert_eq!(started.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn an_idle_reader_has_no_process() {
        let child = other(r"head -c 5 > /dev/null; printf '\1\0\0\0n'; cat");
        let pid = child.id();
        let child = std::sync::Mutex::new(Some(child));
        let start = move || child.lock().unwrap().take().ok_or(ReadingError::Interrupted);
        let series = PictureSeries::with_processes(start, LONG, Duration::from_millis(50));
        assert_eq!(series.read(vec![7]), Err(ReadingError::NoCode));
        let alive = || {
            let process = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
            rustix::process::test_kill_process(process).is_ok()
        };
        // Ends only when it is so.
        while alive() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
