//! Activation codes as the vendor's server generates them, with their check symbols, and what is
//! suspicious about a code that looks like a generated one.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::error_code::{HasErrorCode, codes};
use crate::text::code_check::{self, CodeDoubt};
use crate::text::layout::{LINE_0, prefix_values};
use crate::text::placeholder::is_placeholder;
use crate::wire::activation_code::ActivationCode;
use crate::wire::kind::Kind;
use crate::wire::symbols;

/// An activation code that can't be one.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum ActivationCodeError {
    /// Nothing was typed.
    #[code(codes::CODE_EMPTY)]
    #[error("an activation code has at least one symbol")]
    Empty,
    /// More than 32 symbols, dashes and spaces not counted.
    #[code(codes::CODE_TOO_LONG)]
    #[error("{symbols} symbols, an activation code has at most 32")]
    TooLong {
        /// How many there are.
        symbols: usize,
    },
    /// A character that no activation code has.
    #[code(codes::CODE_SYMBOL)]
    #[error("activation codes have A to Z, 0 to 9 and dashes, not {found:?}")]
    Symbol {
        /// The first such character.
        found: char,
    },
    /// It is a token, or has some in it.
    #[code(codes::CODE_TOKEN)]
    #[error("a token in place of an activation code")]
    Token {
        /// What kind of token.
        kind: Kind,
    },
    /// Several words could be the code.
    #[code(codes::CODE_UNCLEAR)]
    #[error("several words that could be the activation code")]
    Unclear,
    /// The operating system didn't provide random bytes to generate one.
    #[code(codes::RANDOMNESS)]
    #[error("the operating system did not provide random bytes")]
    RngFailed,
}

impl ActivationCode {
    /// The number of symbols of a generated code: 16 random ones with 80 bits, and 4 check symbols.
    pub const GENERATED_SYMBOLS: usize = code_check::SYMBOLS;

    /// The least number of symbols of a random code that can't be guessed.
    pub const STRONG_SYMBOLS: usize = 16;

    /// Generates a code of 20 symbols in four groups. The last symbol of each group checks the
    /// group.
    ///
    /// # Errors
    /// [`ActivationCodeError::RngFailed`] if the operating system provides no random bytes.
    ///
    /// # Examples
    /// ```
    /// use latchkey_token::ActivationCode;
    ///
    /// let code = ActivationCode::generate()?;
    /// let mail = format!("Your activation code: {}.", code.expose_for_people());
    /// assert_eq!(mail.parse::<ActivationCode>()?, code);
    /// assert_eq!(code.doubt(), None);
    /// # Ok::<(), latchkey_token::ActivationCodeError>(())
    /// ```
    pub fn generate() -> Result<Self, ActivationCodeError> {
        let mut bytes = Zeroizing::new([0; Self::STRONG_SYMBOLS * 5 / 8]);
        getrandom::fill(&mut *bytes).map_err(|_| ActivationCodeError::RngFailed)?;
        let drawn = Zeroizing::new(symbols::from_bytes(&*bytes));
        Ok(Self::from_values(code_check::with_checks(&drawn)))
    }

    /// Returns what is suspicious about the code: it looks like a generated code with a typing
    /// error, like an example, like a sentence, or like the beginning of a token. This is no reason
    /// to refuse it, because a vendor's own code may look the same: the user is asked to compare
    /// it. Vendors' own codes and the codes of 16 symbols that earlier versions generated are
    /// suspicious only by chance. Of the generated codes, only the documentation's example is
    /// suspicious.
    ///
    /// A sentence is four or more words in lower case and without digits, or words on several
    /// lines: `Acme 2026 Promo` and `acme gold edition` are ordinary codes.
    #[must_use]
    pub fn doubt(&self) -> Option<CodeDoubt> {
        if is_placeholder(self.values()) {
            return Some(CodeDoubt::Placeholder);
        }
        if self.is_generated() {
            return None;
        }
        let begins = |kind: &Kind| self.values().starts_with(&prefix_values(*kind));
        let kind = Kind::ALL.into_iter().find(begins).filter(|_| self.values().len() >= LINE_0);
        match kind {
            Some(kind) => Some(CodeDoubt::Token { kind }),
            None if self.is_sentence() => Some(CodeDoubt::Sentence),
            None => code_check::doubt(self.values()),
        }
    }

    /// Returns whether it has the form of a generated code and every check passes.
    #[must_use]
    pub fn is_generated(&self) -> bool {
        code_check::is_generated(self.values())
    }

    /// Returns the whole code as it is written for people: generated codes in groups of five,
    /// others in groups of four.
    #[must_use]
    pub fn expose_for_people(&self) -> String {
        self.in_groups_of(if self.is_generated() { code_check::GROUP } else { 4 })
    }
}
