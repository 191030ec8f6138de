//! Pictures are read in a process of their own, which is this program started again: what a stranger's picture makes
//! the decoders do ends with that process, and so does the memory that it takes. It inherits no environment, opens
//! no file, and gives itself bounds before it reads its first byte; whoever started it ends it after a while.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use latchkey_token::limits::MAX_TEXT_BYTES;

use crate::reading::{ReadingError, read_picture};

/// The argument that makes a program the process that reads a picture. The next one is the memory that it may take.
const ARGUMENT: &str = "internal-read-picture";
/// Processor time that it may take, in seconds. A large photograph takes less than one.
#[cfg(unix)]
const PROCESSOR_SECONDS: u64 = 10;
/// How long it may take altogether, on a computer that has much else to do.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long it may take to end once it has nothing more to say.
const END: Duration = Duration::from_secs(1);
/// Most bytes that it answers: more than all the codes that are read in one picture say.
const MAX_ANSWER: u64 = 256 * 1024;
/// Copies of a picture that decoding and looking through it take together, beside what the decoder may take.
#[cfg(target_os = "linux")]
const COPIES: u64 = 3;

/// To be called first of all in a program that reads pictures: where this is the process for it, it reads one from
/// standard input, answers on standard output, and gives its exit status.
#[must_use]
pub fn picture_process() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != ARGUMENT {
        return None;
    }
    let memory = arguments.next().and_then(|memory| memory.to_str()?.parse().ok());
    Some(match memory.and_then(|memory| answer(memory).ok()) {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

fn answer(memory: u64) -> std::io::Result<()> {
    bound(memory)?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_TEXT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let said = match bytes.len() <= MAX_TEXT_BYTES {
        true => read_picture(&bytes, memory),
        false => Err(ReadingError::TooLarge),
    };
    let mut output = std::io::stdout().lock();
    match said {
        Ok(text) => output.write_all(&[b"+", text.as_bytes()].concat())?,
        Err(error) => output.write_all(&[mark(error)])?,
    }
    output.flush()
}

/// What this process may take: processor time, memory, no file that it writes. It ends with its parent.
#[cfg(unix)]
fn bound(memory: u64) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let at_most = |value| Rlimit { current: Some(value), maximum: Some(value) };
    setrlimit(Resource::Cpu, at_most(PROCESSOR_SECONDS))?;
    setrlimit(Resource::Fsize, at_most(0))?;
    setrlimit(Resource::Core, at_most(0))?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{
            DumpableBehavior, Signal, set_dumpable_behavior, set_parent_process_death_signal,
        };
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // Where a program takes core files, it may take no notice of their size.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        // Its libraries are there already.
        let pages = std::fs::read_to_string("/proc/self/statm")?;
        let pages: u64 = pages.split(' ').next().and_then(|pages| pages.parse().ok()).unwrap_or(0);
        let mapped = pages * rustix::param::page_size() as u64;
        setrlimit(Resource::As, at_most(mapped + (1 + COPIES) * memory))?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
    Ok(())
}

/// The decoder's own bound, the deadline and the bound on steps are all there is.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn bound(_: u64) -> std::io::Result<()> {
    Ok(())
}

/// An error as one byte.
const fn mark(error: ReadingError) -> u8 {
    match error {
        ReadingError::TooLarge => b'l',
        ReadingError::Unreadable => b'u',
        ReadingError::NoCode => b'n',
        ReadingError::TooMuchWork => b'w',
        ReadingError::Interrupted => b'i',
    }
}

/// What the QR codes in a picture say, a line each, read in a process of its own: to be used for pictures from
/// outside. The program has to begin with [`picture_process`]. It waits up to half a minute.
///
/// # Errors
/// Those of [`read_picture`]; [`ReadingError::TooMuchWork`] also when the process had to be ended, and
/// [`ReadingError::Interrupted`] when it couldn't be started.
pub fn read_picture_aside(bytes: &[u8], memory: u64) -> Result<String, ReadingError> {
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(ReadingError::TooLarge);
    }
    run(&this_program()?, bytes, memory, DEADLINE)
}

/// On Linux the file that this process runs, also after another one was put in its place.
fn this_program() -> Result<PathBuf, ReadingError> {
    let running = Path::new("/proc/self/exe");
    match running.exists() {
        true => Ok(running.to_owned()),
        false => std::env::current_exe().map_err(|_| ReadingError::Interrupted),
    }
}

fn run(
    program: &Path,
    bytes: &[u8],
    memory: u64,
    deadline: Duration,
) -> Result<String, ReadingError> {
    let mut command = Command::new(program);
    command.arg(ARGUMENT).arg(memory.to_string());
    // Nothing of this program's environment, but for where its libraries are.
    command.env_clear();
    for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|_| ReadingError::Interrupted)?;
    exchange(&mut child, bytes, deadline)
}

/// Hands a picture to a process and takes its answer, in time or not at all.
fn exchange(child: &mut Child, bytes: &[u8], deadline: Duration) -> Result<String, ReadingError> {
    let (input, output) = (child.stdin.take(), child.stdout.take());
    std::thread::scope(|scope| {
        let (send, receive) = channel();
        // A process that has been ended takes and says nothing more, which ends both threads.
        scope.spawn(move || input.is_some_and(|mut input| input.write_all(bytes).is_ok()));
        scope.spawn(move || {
            let mut answer = Vec::new();
            let read = output.map(|output| output.take(MAX_ANSWER + 1).read_to_end(&mut answer));
            let whole = matches!(read, Some(Ok(_))) && answer.len() as u64 <= MAX_ANSWER;
            let _ = send.send(if whole { answer } else { Vec::new() });
        });
        let answer = receive.recv_timeout(deadline);
        // Where it has said nothing, how it ended says why. Otherwise it has nothing more to do.
        let ended = match &answer {
            Ok(answer) if answer.is_empty() => ended(child),
            _ => None,
        };
        let _ = child.kill();
        let _ = child.wait();
        match answer {
            Err(RecvTimeoutError::Timeout) => Err(ReadingError::TooMuchWork),
            Err(RecvTimeoutError::Disconnected) => Err(ReadingError::Interrupted),
            Ok(answer) => match answer.split_first() {
                Some((b'+', text)) => {
                    String::from_utf8(text.to_vec()).map_err(|_| ReadingError::Interrupted)
                }
                Some((b'l', _)) => Err(ReadingError::TooLarge),
                Some((b'u', _)) => Err(ReadingError::Unreadable),
                Some((b'n', _)) => Err(ReadingError::NoCode),
                Some((b'w', _)) => Err(ReadingError::TooMuchWork),
                // Ended by a signal before it said anything: it reached one of its bounds.
                _ if ended.is_some_and(|status| status.code().is_none()) => {
                    Err(ReadingError::TooMuchWork)
                }
                _ => Err(ReadingError::Interrupted),
            },
        }
    })
}

/// How a process ended by itself, if it does so soon.
fn ended(child: &mut Child) -> Option<ExitStatus> {
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
    use super::*;

    /// A process that does something else than to read a picture.
    fn other(script: &str) -> Child {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        shell.spawn().unwrap()
    }

    fn says(script: &str, deadline: Duration) -> Result<String, ReadingError> {
        exchange(&mut other(script), &[7; 100_000], deadline)
    }

    #[test]
    fn a_process_that_is_killed_or_never_answers_is_too_much_work_and_leaves_nothing_running() {
        let long = Duration::from_secs(600);
        assert_eq!(says("kill -KILL $$", long), Err(ReadingError::TooMuchWork));
        assert_eq!(says("kill -XCPU $$", long), Err(ReadingError::TooMuchWork));
        let mut endless = other("exec sleep 1000");
        let said = exchange(&mut endless, &[7; 100_000], Duration::from_millis(100));
        assert_eq!(said, Err(ReadingError::TooMuchWork));
        assert!(endless.try_wait().unwrap().is_some());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_process_gets_no_environment_but_for_where_its_libraries_are() {
        use std::os::unix::fs::PermissionsExt as _;
        assert!(std::env::var_os("PATH").is_some(), "there is nothing that it could get");
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        let script = "#!/bin/sh\nprintf '+begin\\n'\ntr '\\0' '\\n' < /proc/$$/environ\n";
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        // Another test's process may just be inheriting the file that was written.
        let said = loop {
            match run(&program, &[7], 1, Duration::from_secs(600)) {
                Err(ReadingError::Interrupted) => std::thread::sleep(Duration::from_millis(20)),
                said => break said.unwrap(),
            }
        };
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some("begin"));
        assert!(lines.all(|line| line.starts_with("LD_LIBRARY_PATH=")), "{said}");
    }

    #[test]
    fn an_answer_that_is_none_or_too_long_is_no_text() {
        let long = Duration::from_secs(600);
        assert_eq!(says("exit 1", long), Err(ReadingError::Interrupted));
        assert_eq!(says("yes", long), Err(ReadingError::Interrupted));
        assert_eq!(says("printf '+\\377'", long), Err(ReadingError::Interrupted));
        assert_eq!(says("cat > /dev/null; printf '+A\\nB'", long), Ok("A\nB".to_owned()));
        assert_eq!(says("printf n", long), Err(ReadingError::NoCode));
        let missing = run(Path::new("/nowhere"), &[7], 1, long);
        assert_eq!(missing, Err(ReadingError::Interrupted));
    }
}
