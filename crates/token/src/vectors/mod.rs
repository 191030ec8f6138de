//! The test vectors of the token format and the example in its specification. They are generated
//! here, written to `testvectors/` and `docs/token-format.md`, compared with the files there, and
//! read.
//!
//! `LATCHKEY_WRITE_DOCS=1 cargo test -p latchkey-token vectors` writes them, as does `cargo xtask
//! docs`.

mod all;
mod builders;
mod cbor;
mod check_order;
mod example;
mod interop;
mod mail;
mod rules;
mod scanning;
mod sealing;
mod vector_file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::*;

use vector_file::Vector;

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn is_writing() -> bool {
    std::env::var_os("LATCHKEY_WRITE_DOCS").is_some()
}

/// Returns the files of a folder of vectors by their names without `.txt`.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(path).unwrap());
        }
    }
    files
}

/// Finds the tokens of a text.
type Reader = fn(&str) -> Result<Vec<FoundToken>, TextError>;

/// Opens a vector's text as the recipient that the vector describes. Returns the signed payload and
/// the number of repaired characters, or the stage and the code of the refusal; and the number of
/// tokens.
fn read_vector(vector: &Vector, reader: Reader) -> (Result<Opened, String>, usize) {
    let text = vector.text.repeat(vector.repeat);
    let mut found = match reader(&text) {
        Ok(found) => found,
        Err(error) => return (Err(refusal(&error)), 0),
    };
    let tokens = found.len();
    let found = found.remove(0);
    let opened =
        found.token.map_err(|error| refusal(&error)).and_then(|token| {
            open_as(vector, &token)
                .map_err(|error| refusal(&error))
                .map(|(payload, again)| Opened { payload, again, repaired: found.repaired })
        });
    (opened, tokens)
}

struct Opened {
    /// The payload's bytes as they were signed.
    payload: Vec<u8>,
    /// The decoded payload, encoded again.
    again: Vec<u8>,
    repaired: usize,
}

fn open_as(vector: &Vector, token: &Token) -> Result<(Vec<u8>, Vec<u8>), OpenError> {
    let recipient = SecretKeys::from_seed(&Seed::from_bytes(vector.recipient)).unwrap();
    let signers = |_| -> Vec<Signer> {
        let keys = vector.signers.iter().map(|keys| PublicKeys::from_bytes(keys).unwrap());
        keys.map(|keys| Signer { product: vector.product.unwrap(), keys }).collect()
    };
    fn parts<P: Payload>(signed: &Signed<P>) -> (Vec<u8>, Vec<u8>) {
        let bytes = signed.as_bytes();
        (bytes[10..bytes.len() - 64].to_vec(), signed.payload().to_cbor())
    }
    match vector.kind {
        Kind::Request => open_request(token, &recipient).map(|signed| parts(&signed)),
        Kind::Response => open::<Response>(token, &recipient, signers).map(|signed| parts(&signed)),
        Kind::Refresh => open::<Refresh>(token, &recipient, signers).map(|signed| parts(&signed)),
        Kind::Deactivation => {
            open::<Deactivation>(token, &recipient, signers).map(|signed| parts(&signed))
        }
    }
}

/// Returns `stage/code`, with the stages of section 8 of the specification.
fn refusal(error: &dyn HasErrorCode) -> String {
    let code = error.code().name;
    let stage = match code {
        "text.too_large" | "text.too_many_tokens" | "token.none_found" | "token.no_beginning" => {
            "text"
        }
        "token.beginning_damaged"
        | "token.damaged"
        | "token.symbols_missing"
        | "token.symbols_added"
        | "token.truncated"
        | "token.frames_missing"
        | "token.rows_missing"
        | "token.damaged_and_missing"
        | "token.run_together" => "check",
        "token.length" => "length",
        "token.digest" => "tag",
        "token.suite" => "suite",
        "token.type" | "token.prefix_mismatch" => "type",
        "token.wrong_kind" => "kind",
        "token.other_recipient" => "key id",
        "token.decryption" => "decryption",
        "token.unknown_signer" => "signer",
        "token.weak_key" => "weak key",
        "token.signature" => "signature",
        "token.encoding" => "encoding",
        "token.field" | "token.critical_field" => "fields",
        other => panic!("{other} has no stage"),
    };
    format!("{stage}/{code}")
}

/// Checks that a vector is read as it states.
fn check(name: &str, vector: &Vector, reader: Reader) -> Result<(), String> {
    let (outcome, tokens) = read_vector(vector, reader);
    if tokens != vector.tokens {
        return Err(format!("{name}: {tokens} tokens, {} expected", vector.tokens));
    }
    let seen = Seen::of(vector, reader);
    let said = Seen {
        damaged: vector.damaged.clone(),
        missing: vector.missing.clone(),
        then: vector.then.clone(),
    };
    if seen != said {
        return Err(format!("{name}: {seen:?}, {said:?} expected"));
    }
    match outcome {
        Err(refusal) if refusal == vector.expect => Ok(()),
        Ok(opened) if vector.expect == "success" => {
            let payload = vector.payload.as_ref().expect("a success has a payload");
            if *payload != opened.payload {
                return Err(format!("{name}: another payload"));
            }
            if opened.repaired != vector.repaired {
                let (is, expected) = (opened.repaired, vector.repaired);
                return Err(format!("{name}: {is} repaired, {expected} expected"));
            }
            if !vector.has_more && opened.again != *payload {
                return Err(format!("{name}: not understood as it was said"));
            }
            Ok(())
        }
        Err(refusal) => Err(format!("{name}: {refusal}, {} expected", vector.expect)),
        Ok(_) => Err(format!("{name}: success, {} expected", vector.expect)),
    }
}

/// The properties of a text apart from the result of its first token.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    damaged: Vec<usize>,
    missing: Vec<usize>,
    then: Vec<String>,
}

impl Seen {
    /// More tokens than this aren't named one by one.
    const MOST: usize = 10;

    fn of(vector: &Vector, reader: Reader) -> Self {
        let mut seen = Self::default();
        let Ok(found) = reader(&vector.text.repeat(vector.repeat)) else { return seen };
        let Some((first, others)) = found.split_first() else { return seen };
        if let Err(error) = &first.token {
            let none = Vec::new;
            (seen.damaged, seen.missing) = match error {
                ReadError::Damaged { rows, .. } => (rows.clone(), none()),
                ReadError::SymbolsMissing { row, .. } | ReadError::SymbolsAdded { row, .. } => {
                    (vec![*row], none())
                }
                ReadError::RowsMissing { rows, .. } => (none(), rows.clone()),
                ReadError::FramesMissing { frames, .. } => (none(), frames.clone()),
                ReadError::DamagedAndMissing { damaged, missing, .. } => {
                    (damaged.clone(), missing.clone())
                }
                ReadError::Truncated { have, of } | ReadError::MergedTokens { have, of } => {
                    (none(), (have + 1..=*of).collect())
                }
                _ => (none(), none()),
            };
        }
        if others.len() < Self::MOST {
            let outcome = |found: &FoundToken| match &found.token {
                Ok(_) => format!("{} success", found.kind),
                Err(error) => format!("{} {}", found.kind, refusal(error)),
            };
            seen.then = others.iter().map(outcome).collect();
        }
        seen
    }
}

#[test]
fn the_vectors_are_up_to_date() {
    let folder = folder("testvectors");
    let made: BTreeMap<_, _> =
        all::vectors().iter().map(|(name, vector)| (name.clone(), vector.to_string())).collect();
    if is_writing() {
        for name in files(&folder).keys().filter(|name| !made.contains_key(*name)) {
            std::fs::remove_file(folder.join(format!("{name}.txt"))).unwrap();
        }
        for (name, file) in &made {
            std::fs::write(folder.join(format!("{name}.txt")), file).unwrap();
        }
    }
    let written = files(&folder);
    let stale: Vec<_> = made
        .keys()
        .chain(written.keys())
        .filter(|name| made.get(*name) != written.get(*name))
        .collect();
    assert!(stale.is_empty(), "testvectors/ is out of date, run `cargo xtask docs`: {stale:?}");
}

#[test]
fn every_vector_is_read_as_it_states() {
    let files = files(&folder("testvectors"));
    assert!(files.len() >= 80, "{} vectors", files.len());
    let wrong: Vec<_> = files
        .iter()
        .filter_map(|(name, file)| {
            let vector = Vector::parse(file).map_err(|error| format!("{name}: {error}"));
            vector
                .and_then(|vector| check(name, &vector, crate::recover::scan::scan_with_mentions))
                .err()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_kind_and_every_stage_has_vectors() {
    let vectors = all::vectors();
    for kind in Kind::ALL {
        let of_kind = vectors.values().filter(|vector| vector.kind == kind);
        let (good, bad): (Vec<_>, Vec<_>) = of_kind.partition(|vector| vector.expect == "success");
        assert!(good.len() >= 2 && bad.len() >= 8, "{kind}: {} and {}", good.len(), bad.len());
    }
    let codes = crate::CODES.iter().filter(|code| (1001..1040).contains(&code.number));
    for code in codes {
        let end = format!("/{}", code.name);
        assert!(vectors.values().any(|vector| vector.expect.ends_with(&end)), "{code}");
    }
}

#[test]
fn the_example_of_the_specification_is_up_to_date() {
    const BEGIN: &str = "<!-- example: generated, see testvectors/README.md -->\n";
    const END: &str = "<!-- end of the example -->";
    let path = folder("docs/token-format.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let made = format!("{before}{BEGIN}{}{END}{after}", example::page());
    if is_writing() {
        std::fs::write(&path, &made).unwrap();
    } else {
        assert!(page == made, "docs/token-format.md is out of date: run `cargo xtask docs`");
    }
}
