//! The lines of a token on paper: line 0, followed by the rows, each with its number and in groups
//! of five symbols. Their contents and checks are defined in `layout`.

use std::fmt;

use crate::text::layout::{LINE_0, ROW};
use crate::wire::envelope::Token;

/// Symbols of a printed group.
const GROUP: usize = 5;

/// One line of a token on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    number: usize,
    symbols: String,
}

impl Line {
    /// Returns its number: 0 for the line with the token's kind and length, and 1 onwards for the
    /// rows.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// Returns its symbols without spaces, including the check symbols.
    #[must_use]
    pub fn symbols(&self) -> &str {
        &self.symbols
    }

    /// Returns its symbols in groups of five. The last group may be shorter.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        // Symbols are ASCII.
        (0..self.symbols.len())
            .step_by(GROUP)
            .filter_map(|at| self.symbols.get(at..(at + GROUP).min(self.symbols.len())))
    }
}

/// Formats the line as it is printed: ` 7  446JB 1BB8M 9A7GQ XCS1X QGS1M`.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>3} ", self.number)?;
        self.groups().try_for_each(|group| write!(f, " {group}"))
    }
}

impl Token {
    /// Returns the lines of the token's text, line 0 first.
    ///
    /// ```
    /// # use latchkey_token::{Deactivation, SeatId, SecretKeys, Seed, scan, seal};
    /// # let keys = SecretKeys::from_seed(&Seed::random()?)?;
    /// # let seat = SeatId::random()?;
    /// # let given_back = Deactivation { seat, counter: 7, created_at: 1_790_000_000 };
    /// let token = seal(&given_back, 1, &keys, keys.public())?;
    /// let paper: String = token.lines().iter().map(|line| format!("{line}\n")).collect();
    /// assert!(paper.starts_with("  0  LKDAC "));
    /// assert_eq!(scan(&paper)?[0].token, Ok(token));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let text = self.to_string();
        let (beginning, rows) = text.split_at(LINE_0.min(text.len()));
        let mut lines = vec![Line { number: 0, symbols: beginning.to_owned() }];
        for (index, row) in rows.as_bytes().chunks(ROW).enumerate() {
            let symbols = row.iter().copied().map(char::from).collect();
            lines.push(Line { number: index + 1, symbols });
        }
        lines
    }
}
