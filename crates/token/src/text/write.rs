//! Writes a token as its text.

use std::fmt;

use crate::text::layout::{
    PREFIX, ROW_DATA, implicit_symbols, number_values, prefix, prefix_values, tag,
};
use crate::text::reed_solomon::checks;
use crate::wire::envelope::Token;
use crate::wire::symbols;

/// Formats the token's text, in one unbroken line.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(self))
    }
}

/// Writes a token as one unbroken string.
fn encode(token: &Token) -> String {
    let bytes = token.as_bytes();
    let tag = tag(bytes);
    let beginning: Vec<_> =
        [&prefix_values(token.kind())[..], &number_values(bytes.len()), &tag].concat();
    let mut text = prefix(token.kind()).to_owned();
    let mut put = |values: &[u8]| text.extend(values.iter().map(|&value| symbols::symbol(value)));
    put(&beginning[PREFIX..]);
    put(&checks(beginning.iter().copied()));
    for (index, data) in symbols::from_bytes(bytes).chunks(ROW_DATA).enumerate() {
        put(data);
        put(&checks(implicit_symbols(index + 1, tag).into_iter().chain(data.iter().copied())));
    }
    text
}
