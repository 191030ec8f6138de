//! A small product that runs only while its lease holds. It trusts only the keys that are compiled
//! into it.
//!
//! ```text
//! hello-product [--no-wizard] [--store file:PATH]
//! ```
//!
//! Exit status: 0 it runs, 2 usage error, 4 not licensed (the wizard opens), 5 the licence can't be
//! read.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use latchkey_sdk::{
    Explained, Licence, OpenLicenceError, Product, Reason, Verdict, VerdictKind, explain,
    open_wizard,
};

include!(concat!(env!("OUT_DIR"), "/product.rs"));

/// The command-line options.
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
    match open(&product, &options) {
        Ok(licence) => act_on(&licence.check(), &options),
        Err(error) => {
            tell(&explain(&error));
            ExitCode::from(5)
        }
    }
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

fn open(product: &Product<'_>, options: &Options) -> Result<Licence, OpenLicenceError> {
    match &options.file {
        Some(file) => Licence::open_file(product, file),
        None => Licence::open(product),
    }
}

fn act_on(verdict: &Verdict, options: &Options) -> ExitCode {
    if let Some(terms) = verdict.granted() {
        let left = terms.days_left();
        say(&format!(
            "Hello! {left} days left, lease expiry {}.",
            terms.lease_expiry.format("%Y-%m-%dT%H:%M:%SZ")
        ));
        for number in terms.features.keys().filter(|number| verdict.has_feature(**number)) {
            say(&format!("Feature {number}: {}", verdict.limit(*number)));
        }
        // In grace, with a suspect clock or on changed hardware it runs, but the user should know.
        if verdict.kind() != VerdictKind::Active {
            tell(&verdict.explain());
        }
        return ExitCode::SUCCESS;
    }
    tell(&verdict.explain());
    if !options.no_wizard
        && let Err(error) = open_wizard(Reason::from(verdict))
    {
        tell(&explain(&error));
    }
    match verdict.kind() {
        VerdictKind::StoreUnavailable | VerdictKind::Tampered => ExitCode::from(5),
        _ => ExitCode::from(4),
    }
}

fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints what happened, and what to do about it.
fn tell(explained: &Explained) {
    complain(&explained.message);
    complain(&format!("→ {}", explained.action));
}

fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn arguments_that_are_not_text_are_a_usage_error() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = || OsString::from_vec(b"file:\xff".to_vec());
        assert!(options([odd()].into_iter()).is_none());
        assert!(options(["--store".into(), odd()].into_iter()).is_none());
        let usual = options(["--store".into(), "file:/x".into()].into_iter()).unwrap();
        assert_eq!(usual.file, Some("/x".into()));
    }
}
