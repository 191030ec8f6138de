//! A small product that runs only while its lease holds. It believes the keys that are compiled into it
//! and nothing else.
//!
//! ```text
//! hello-product [--no-wizard] [--store file:PATH]
//! ```
//!
//! Exit status: 0 it runs, 2 usage, 4 not licensed (the wizard opens), 5 the licence can't be read.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use latchkey_sdk::{Answer, Coded, Licence, OpenError, Product, Timestamp, open_wizard};

include!(concat!(env!("OUT_DIR"), "/product.rs"));

/// What the product was started with.
#[derive(Default)]
struct Options {
    no_wizard: bool,
    file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let Some(options) = options(std::env::args_os().skip(1)) else {
        complain("hello-product [--no-wizard] [--store file:PATH]");
        return ExitCode::from(2);
    };
    let Some(product) = PRODUCT else {
        complain("This program was built without a vendor’s kit, so it can’t verify any licence.");
        complain(
            "→ Set LATCHKEY_KIT to the folder that “latchkey-server kit” wrote, and build it again.",
        );
        return ExitCode::from(4);
    };
    let Some(now) = usable(SystemTime::now()) else {
        complain("This computer’s clock shows a time that can’t be used.");
        complain("→ Set the clock and try again.");
        return ExitCode::from(5);
    };
    match ask(&product, &options, now) {
        Ok(answer) => act_on(&answer, &options),
        Err(error) => {
            let explained = latchkey_words::explain(&*error);
            complain(&explained.message);
            complain(&format!("→ {}", explained.action));
            show_wizard(&options);
            ExitCode::from(5)
        }
    }
}

/// The clock's time, if it is one that a lease can be judged by.
fn usable(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok().filter(|time| *time >= Timestamp::UNIX_EPOCH)
}

fn options(arguments: impl Iterator<Item = OsString>) -> Option<Options> {
    let mut options = Options::default();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.to_str()? {
            "--no-wizard" => options.no_wizard = true,
            "--store" => {
                options.file = Some(arguments.next()?.to_str()?.strip_prefix("file:")?.into());
            }
            _ => return None,
        }
    }
    Some(options)
}

fn ask(product: &Product, options: &Options, now: Timestamp) -> Result<Answer, Box<dyn Coded>> {
    let boxed = |error: OpenError| -> Box<dyn Coded> { Box::new(error) };
    let licence = match &options.file {
        Some(file) => Licence::open_file(product, file),
        None => Licence::open(product),
    };
    licence.map_err(boxed)?.check(now).map_err(|error| -> Box<dyn Coded> { Box::new(error) })
}

fn act_on(answer: &Answer, options: &Options) -> ExitCode {
    match answer {
        Answer::Active(terms) => {
            let left = days(terms.effective_now, terms.lease_expiry);
            say(&format!("Hello! The licence holds: {left} left, until {}.", terms.lease_expiry));
            ExitCode::SUCCESS
        }
        Answer::InGrace(terms) => {
            let left = days(terms.effective_now, terms.runs_until);
            say(&format!("Hello! The lease expired on {}.", terms.lease_expiry));
            say(&format!("This program still runs: {left} left, until {}.", terms.runs_until));
            ExitCode::SUCCESS
        }
        Answer::Expired { since } => {
            complain(&format!("Lease expired: it ended on {since}."));
            show_wizard(options);
            ExitCode::from(4)
        }
        Answer::NotActivated => {
            complain("Not activated: there is no licence on this computer.");
            show_wizard(options);
            ExitCode::from(4)
        }
    }
}

/// `23 days`, or hours and minutes on the last day.
fn days(now: Timestamp, until: Timestamp) -> String {
    let minutes = until.duration_since(now).as_mins().max(0);
    let counted = |number: i64, one: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    };
    match minutes {
        1440.. => counted(minutes / 1440, "day"),
        60.. => format!("0 days, {}", counted(minutes / 60, "hour")),
        _ => format!("0 days, {}", counted(minutes, "minute")),
    }
}

fn show_wizard(options: &Options) {
    if !options.no_wizard
        && let Err(error) = open_wizard()
    {
        complain(&format!("The licence wizard can’t be opened: {error}"));
    }
}

fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_outside_of_the_calendar_is_noticed() {
        let at = |seconds| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        assert_eq!(usable(at(0)), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(usable(at(253_402_300_799)), None);
        assert_eq!(usable(SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1)), None);
    }

    #[cfg(unix)]
    #[test]
    fn arguments_that_aren_t_text_are_wrong_usage() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = || OsString::from_vec(b"file:\xff".to_vec());
        assert!(options([odd()].into_iter()).is_none());
        assert!(options(["--store".into(), odd()].into_iter()).is_none());
        let usual = options(["--store".into(), "file:/x".into()].into_iter()).unwrap();
        assert_eq!(usual.file, Some("/x".into()));
    }

    #[test]
    fn what_is_left_is_said_in_days_until_the_last_one() {
        let until: Timestamp = "2027-01-31T12:00:00Z".parse().unwrap();
        for (now, left) in [
            ("2027-01-01T12:00:00Z", "30 days"),
            ("2027-01-30T11:00:00Z", "1 day"),
            ("2027-01-31T00:00:00Z", "0 days, 12 hours"),
            ("2027-01-31T11:58:30Z", "0 days, 1 minute"),
            ("2027-02-01T12:00:00Z", "0 days, 0 minutes"),
        ] {
            assert_eq!(days(now.parse().unwrap(), until), left);
        }
    }
}
