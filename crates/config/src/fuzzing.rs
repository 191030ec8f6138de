//! The properties of `latchkey.toml` that must hold for all input: the body of a fuzz target in
//! `fuzz/`. It is compiled for fuzzing and for tests, which replay the corpus; no shipped program
//! contains it.

use crate::{Config, ConfigError, decode_config};

/// Parses any bytes as `latchkey.toml`: an accepted file satisfies the rules of its fields, and a
/// refused one is refused at an existing line.
pub fn config(data: &[u8]) {
    let text = match decode_config(data) {
        Ok(text) => text,
        Err(error) => return assert_line_exists(&error, &String::from_utf8_lossy(data)),
    };
    match Config::parse(&text) {
        Ok(config) => {
            let profile = &config.profile;
            assert!(!profile.vendor_keys.is_empty() && profile.product > 0);
            for name in [&profile.vendor_name, &profile.product_name] {
                assert!(!name.is_empty() && !name.chars().any(char::is_control));
            }
            let logo = config.look.logo.as_ref().and_then(|logo| logo.to_str());
            assert!(logo.is_none_or(|logo| !logo.contains(['/', '\\', ':'])));
        }
        Err(error) => assert_line_exists(&error, &text),
    }
}

fn assert_line_exists(error: &ConfigError, text: &str) {
    let lines = 1 + text.matches('\n').count();
    assert!(error.line().is_none_or(|line| (1..=lines).contains(&line)), "{error}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_configuration_of_the_corpus_is_read_or_refused_at_one_of_its_lines() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/config");
        let mut read = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            config(&bytes);
            read += usize::from(Config::parse(&String::from_utf8_lossy(&bytes)).is_ok());
            // A truncated file is another input.
            config(&bytes[..bytes.len() / 2]);
        }
        assert!(read >= 1, "no configuration of the corpus is valid");
    }
}
