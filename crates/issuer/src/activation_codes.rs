//! Activation codes: generating, adding and disabling them.

use std::fmt;

use latchkey_lease::Timestamp;
use latchkey_token::{ActivationCode, ActivationCodeError, HasErrorCode};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::database::{DatabaseError, EntitlementRow, NewAudit, Transaction};
use crate::error_class::{ClassifiedError, ErrorClass, codes};
use crate::issuer::Issuer;
use crate::model::EntitlementId;
use crate::time::truncate_to_seconds;

/// An activation code can't be added or disabled.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Conflict)]
pub enum CodeError {
    /// It can't be a code, or none could be generated.
    #[code(transparent)]
    #[class(class_of_code(_0))]
    #[error(transparent)]
    Code(#[from] ActivationCodeError),
    /// It is in use, by this entitlement or another one.
    #[code(codes::CODE_TAKEN)]
    #[error("the code {masked} is taken")]
    Taken {
        /// The code, masked.
        #[detail(name = "code")]
        masked: String,
    },
    /// It isn't known.
    #[code(codes::CODE_UNKNOWN)]
    #[error("the code is not known")]
    Unknown,
    /// There is no such entitlement.
    #[code(codes::ENTITLEMENT_UNKNOWN)]
    #[error("there is no entitlement {id}")]
    EntitlementUnknown {
        /// Its id.
        #[detail(name = "entitlement")]
        id: EntitlementId,
    },
    /// The entitlement has ended.
    #[code(codes::ENTITLEMENT_ENDED)]
    #[error("the entitlement has ended")]
    Ended,
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A code that can't be generated is the machine's fault.
const fn class_of_code(error: &ActivationCodeError) -> ErrorClass {
    match error {
        ActivationCodeError::RngFailed => ErrorClass::Internal,
        _ => ErrorClass::InvalidInput,
    }
}

/// An activation code to add. Its `Debug` output is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCode {
    /// The code.
    pub code: ActivationCode,
    /// The code as the vendor writes it.
    written: Zeroizing<String>,
}

impl fmt::Debug for NewCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewCode({})", self.code.masked())
    }
}

impl NewCode {
    /// Generates a code of 20 symbols, including a check symbol.
    ///
    /// # Errors
    /// Returns [`CodeError::Code`] if the operating system provides no random bytes.
    pub fn generate() -> Result<Self, CodeError> {
        let code = ActivationCode::generate()?;
        Ok(Self { written: Zeroizing::new(code.expose_for_people()), code })
    }

    /// Parses a code that the vendor chose.
    ///
    /// # Errors
    /// Returns [`CodeError::Code`] if the text isn't an activation code.
    pub fn custom(text: &str) -> Result<Self, CodeError> {
        let code = text.parse()?;
        Ok(Self { code, written: Zeroizing::new(text.trim().to_uppercase()) })
    }

    /// The code as the vendor writes it. Confidential.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether the code is so short that it can be guessed.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.code.symbols() < ActivationCode::STRONG_SYMBOLS
    }
}

impl Issuer {
    /// Adds an activation code to an entitlement.
    ///
    /// # Errors
    /// Returns [`CodeError::Taken`] if the code is in use, [`CodeError::EntitlementUnknown`] if
    /// there is no such entitlement, and [`CodeError::Ended`] if it has ended.
    pub fn add_code(
        &mut self,
        id: EntitlementId,
        code: &NewCode,
        now: Timestamp,
    ) -> Result<(), CodeError> {
        let now = truncate_to_seconds(now);
        self.database.write(|queries| {
            let row = queries.entitlement(id)?.ok_or(CodeError::EntitlementUnknown { id })?;
            if row.ended_at.is_some() {
                return Err(CodeError::Ended);
            }
            add_codes(queries, &row, std::slice::from_ref(code), now)
        })
    }

    /// Disables an activation code, so that it allows no new activations. Returns its entitlement.
    ///
    /// # Errors
    /// Returns [`CodeError::Unknown`] if there is no such code, and [`CodeError::Database`] if the
    /// database fails.
    pub fn disable_code(
        &mut self,
        code: &ActivationCode,
        now: Timestamp,
    ) -> Result<EntitlementId, CodeError> {
        let now = truncate_to_seconds(now);
        self.database.write(|queries| {
            let found = queries.code(code)?.ok_or(CodeError::Unknown)?;
            if !found.disabled {
                queries.disable_code(code, now)?;
                let row = NewAudit {
                    event: "code_disabled",
                    entitlement: Some(found.entitlement),
                    code: Some(code.masked()),
                    ..Default::default()
                };
                queries.add_audit(&row, now)?;
            }
            Ok(found.entitlement)
        })
    }
}

pub(crate) fn add_codes(
    queries: &Transaction<'_>,
    row: &EntitlementRow,
    codes: &[NewCode],
    now: Timestamp,
) -> Result<(), CodeError> {
    for new in codes {
        if !queries.add_code(row.id, &new.code, &new.written, now)? {
            return Err(CodeError::Taken { masked: new.code.masked() });
        }
        let audit = NewAudit {
            event: "code_added",
            product: Some(row.product),
            entitlement: Some(row.id),
            code: Some(new.code.masked()),
            ..Default::default()
        };
        queries.add_audit(&audit, now)?;
    }
    Ok(())
}
