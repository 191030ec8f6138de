//! Operators of the admin pages: names, passphrases (Argon2id) and the second factor (RFC 6238).
//! Sessions and cookies belong to the pages.

use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_lease::to_seconds;
use latchkey_token::HasErrorCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use thiserror::Error;
use totp_rs::{Algorithm, Builder};

use crate::database::{
    DatabaseError, NewAudit, Operation, OperatorRow, ReadTransaction, Transaction,
};
use crate::error_class::{ClassifiedError, codes};
use crate::issuer::Issuer;
use crate::passphrase::{Passphrase, normalise};
use crate::sign_in_attempts::{Attempt, SignInOrigin};
use crate::time::truncate_to_seconds;
use crate::validation::{ValueError, validate_name};

/// Minimum number of characters of a passphrase.
const MIN_PASSPHRASE: usize = 12;
/// Maximum number of characters of a passphrase; more would only cost time.
const MAX_PASSPHRASE: usize = 1024;
/// Upper bound on the bytes of a passphrase of that length, with accents as separate characters.
const MAX_PASSPHRASE_BYTES: usize = 12 * MAX_PASSPHRASE;
/// The period of a one-time password, in seconds.
const STEP: u64 = 30;

/// Adding or changing an operator failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(InvalidInput)]
pub enum OperatorError {
    /// The name can't be used.
    #[code(transparent)]
    #[error(transparent)]
    Name(#[from] ValueError),
    /// An operator of this name exists already.
    #[code(codes::OPERATOR_TAKEN)]
    #[class(Conflict)]
    #[error("there is an operator {name:?}")]
    Taken {
        /// The name.
        name: String,
    },
    /// There is no operator of this name.
    #[code(codes::OPERATOR_UNKNOWN)]
    #[class(Conflict)]
    #[error("there is no operator {name:?}")]
    Unknown {
        /// The name.
        name: String,
    },
    /// Too short, or absurdly long.
    #[code(codes::OPERATOR_PASSPHRASE, least = MIN_PASSPHRASE, most = MAX_PASSPHRASE)]
    #[error("a passphrase has {MIN_PASSPHRASE} to {MAX_PASSPHRASE} characters")]
    Passphrase,
    /// The system provides no random bytes, or the passphrase can't be hashed.
    #[code(codes::DATABASE_FAILED, reason = "argon2")]
    #[class(Internal)]
    #[error("the passphrase can't be worked on")]
    Machine,
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Signing in failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
pub enum SignInError {
    /// The name, passphrase or one-time password is wrong. Which one isn't disclosed.
    #[code(codes::SIGN_IN_REFUSED)]
    #[class(InvalidInput)]
    #[error("name, passphrase or number is wrong")]
    Refused,
    /// Too many failed attempts.
    #[code(codes::SIGN_IN_LOCKED)]
    #[class(Conflict)]
    #[error("locked until {}", to_rfc3339(*until))]
    Locked {
        /// Until when.
        #[detail(time)]
        until: Timestamp,
    },
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// An operator of the admin pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The name.
    pub name: String,
    /// Whether a second factor is required.
    pub second_factor: bool,
    /// When the operator was added.
    pub created_at: Timestamp,
    /// A number that changes with the passphrase, with the second factor, and when the name is
    /// given to another person. No value is ever used twice.
    pub generation: u64,
}

/// A random generation, which differs from all earlier ones and from that of operators who were
/// added by an older version.
fn new_generation() -> Result<u64, OperatorError> {
    let drawn = getrandom::u64().map_err(|_| OperatorError::Machine)?;
    // The database stores signed numbers.
    Ok((drawn >> 1).max(1))
}

impl Issuer {
    /// Adds an operator.
    ///
    /// # Errors
    /// Returns [`OperatorError::Name`] if the name is invalid, [`OperatorError::Taken`] if it
    /// exists, and [`OperatorError::Passphrase`] if the passphrase is too short or too long.
    pub fn add_operator(
        &mut self,
        name: &str,
        passphrase: &str,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        let (name, now) = (validate_name(name)?, truncate_to_seconds(now));
        let hashed = hash_passphrase(passphrase)?;
        let generation = new_generation()?;
        self.database.write(|queries| {
            if !queries.add_operator(&name, &hashed, generation, now)? {
                return Err(OperatorError::Taken { name: name.clone() });
            }
            Ok(queries.add_audit(&audit_of_operator("operator_added", &name), now)?)
        })
    }

    /// Changes an operator's passphrase. That also ends a lock.
    ///
    /// # Errors
    /// Returns [`OperatorError::Unknown`] if there is no such operator, and
    /// [`OperatorError::Passphrase`] if the passphrase is too short or too long.
    pub fn change_passphrase(
        &mut self,
        name: &str,
        passphrase: &str,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        let hashed = hash_passphrase(passphrase)?;
        self.change_operator(name, "operator_passphrase_changed", now, |operator| {
            operator.passphrase = hashed;
        })
    }

    /// Enables two-factor authentication and returns the `otpauth:` URL with the secret for the
    /// operator's app. It can't be retrieved again.
    ///
    /// # Errors
    /// Returns [`OperatorError::Unknown`] if there is no such operator, and
    /// [`OperatorError::Machine`] if the system provides no random bytes.
    pub fn add_second_factor(
        &mut self,
        name: &str,
        now: Timestamp,
    ) -> Result<String, OperatorError> {
        let mut bytes = zeroize::Zeroizing::new([0; 20]);
        getrandom::fill(&mut *bytes).map_err(|_| OperatorError::Machine)?;
        let secret = data_encoding::BASE32_NOPAD.encode(&*bytes);
        let issuer = self.vendor.name.clone();
        let url = format!(
            "otpauth://totp/{}:{}?secret={secret}&issuer={}",
            percent_encode(&issuer),
            percent_encode(name),
            percent_encode(&issuer)
        );
        self.change_operator(name, "operator_second_factor_added", now, |operator| {
            operator.totp = Some(secret);
            operator.totp_step = 0;
        })?;
        Ok(url)
    }

    /// Disables two-factor authentication.
    ///
    /// # Errors
    /// Returns [`OperatorError::Unknown`] if there is no such operator.
    pub fn remove_second_factor(
        &mut self,
        name: &str,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        self.change_operator(name, "operator_second_factor_removed", now, |operator| {
            operator.totp = None;
        })
    }

    fn change_operator(
        &mut self,
        name: &str,
        event: &'static str,
        now: Timestamp,
        change: impl FnOnce(&mut OperatorRow),
    ) -> Result<(), OperatorError> {
        let now = truncate_to_seconds(now);
        let generation = new_generation()?;
        self.database.write(|queries| {
            let unknown = || OperatorError::Unknown { name: name.to_owned() };
            let mut operator = queries.operator(name)?.ok_or_else(unknown)?;
            change(&mut operator);
            operator.generation = generation;
            queries.change_operator(&operator)?;
            Ok(queries.add_audit(&audit_of_operator(event, name), now)?)
        })
    }

    /// Deletes an operator.
    ///
    /// # Errors
    /// Returns [`OperatorError::Unknown`] if there is no such operator.
    pub fn remove_operator(&mut self, name: &str, now: Timestamp) -> Result<(), OperatorError> {
        let now = truncate_to_seconds(now);
        self.database.write(|queries| {
            let unknown = || OperatorError::Unknown { name: name.to_owned() };
            queries.operator(name)?.ok_or_else(unknown)?;
            queries.remove_operator(name)?;
            Ok(queries.add_audit(&audit_of_operator("operator_removed", name), now)?)
        })
    }

    /// All operators, by name.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn operators(&mut self) -> Result<Vec<Operator>, DatabaseError> {
        let rows = self.database.read(|queries| queries.operators())?;
        Ok(rows.into_iter().map(operator).collect())
    }

    /// The present [`Operator::generation`] of an operator; `None` if there is none of this name. A
    /// session with another generation has ended.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn operator_generation(&mut self, name: &str) -> Result<Option<u64>, DatabaseError> {
        Ok(self.database.read(|queries| queries.operator(name))?.map(|row| row.generation))
    }

    /// How long a caller has to wait before an attempt to sign in under this name is made. A name
    /// that is attacked from everywhere is slowed, for everyone and to the same degree whether or
    /// not it exists, but never closed: a lock applies to one origin only.
    #[must_use]
    pub fn sign_in_pause(&self, name: &str, now: Timestamp) -> Duration {
        self.attempts.pause(name, truncate_to_seconds(now))
    }

    /// Signs an operator in. It takes as long, writes as much and returns the same error whether
    /// the name, the passphrase or the one-time password is wrong, and locks an unknown name like
    /// any other: for the origins of the attempts, such as an address and its network. The
    /// passphrase is hashed without blocking other writers.
    ///
    /// # Errors
    /// Returns [`SignInError::Refused`] if anything is wrong, and [`SignInError::Locked`] after too
    /// many failures.
    pub fn sign_in(
        &mut self,
        name: &str,
        passphrase: &str,
        otp: Option<&str>,
        from: &[SignInOrigin<'_>],
        now: Timestamp,
    ) -> Result<Operator, SignInError> {
        let now = truncate_to_seconds(now);
        let found: Result<_, DatabaseError> = self.database.read(|queries| queries.operator(name));
        let found = found?;
        let attempt = Attempt::new(name, found.as_ref().map(|row| row.generation), from);
        self.attempts.begin(&attempt, now).map_err(|until| SignInError::Locked { until })?;
        let stored = found.as_ref().map_or(DUMMY_HASH, |row| row.passphrase.as_str());
        // The length is counted as it was when the passphrase was set: a letter may be typed as
        // several characters.
        let right = passphrase.len() <= MAX_PASSPHRASE_BYTES
            && normalise(passphrase).chars().count() <= MAX_PASSPHRASE
            && PasswordHash::new(stored).is_ok_and(|hash| {
                let passphrase = Passphrase::new(passphrase.to_owned());
                // Every reading is verified, so that a correct one doesn't take less time.
                passphrase.readings().fold(false, |right, reading| {
                    Argon2::default().verify_password(reading.as_bytes(), &hash).is_ok() | right
                })
            });
        let signed_in = self.database.perform(&SignIn { name, found, right, otp, now });
        if signed_in.is_ok() {
            self.attempts.record_success(&attempt);
        }
        signed_in
    }
}

/// An attempt to sign in, after the passphrase was verified.
struct SignIn<'d> {
    name: &'d str,
    /// The operator whose passphrase was verified; `None` for an unknown name.
    found: Option<OperatorRow>,
    /// Whether the passphrase is right.
    right: bool,
    otp: Option<&'d str>,
    now: Timestamp,
}

impl Operation for SignIn<'_> {
    /// The operator, with the time step of the one-time password.
    type Plan = OperatorRow;
    type Done = Operator;
    type Error = SignInError;

    fn lock(&self, _: &Transaction<'_>) -> Result<(), DatabaseError> {
        Ok(())
    }

    fn decide(&self, queries: &ReadTransaction<'_>) -> Result<OperatorRow, SignInError> {
        // Read again inside the transaction: each one-time password counts only once.
        let (Some(mut row), Some(found)) = (queries.operator(self.name)?, &self.found) else {
            return Err(SignInError::Refused);
        };
        let step = match &row.totp {
            None => Some(row.totp_step),
            Some(secret) => self.otp.and_then(|otp| verify_totp(secret, otp, self.now)),
        };
        let step = step.filter(|step| row.totp.is_none() || *step > row.totp_step);
        let (true, Some(step), true) = (self.right, step, row.generation == found.generation)
        else {
            return Err(SignInError::Refused);
        };
        row.totp_step = step;
        Ok(row)
    }

    fn carry_out(
        &self,
        queries: &Transaction<'_>,
        row: OperatorRow,
    ) -> Result<Operator, SignInError> {
        queries.change_operator(&row)?;
        queries.add_audit(&audit_of_operator("operator_signed_in", self.name), self.now)?;
        Ok(operator(row))
    }

    fn record_refusal(
        &self,
        queries: &Transaction<'_>,
        refusal: &SignInError,
    ) -> Result<(), DatabaseError> {
        let refusal = Some(refusal.code().name);
        let row = match &self.found {
            Some(_) => audit_of_operator("sign_in_refused", self.name),
            // The name isn't recorded: it may be a passphrase in the wrong field.
            None => NewAudit { event: "sign_in_refused", ..Default::default() },
        };
        queries.add_idle_audit(&NewAudit { refusal, ..row }, self.now).map(drop)
    }
}

/// The hash of a passphrase that no one has, so that an unknown name takes as long as a known one.
const DUMMY_HASH: &str = concat!(
    "$argon2id$v=19$m=19456,t=2,p=1$bGF0Y2hrZXktbm9ib2R5cw",
    "$Z2xqMhW9WjTqdkzSbpoq4ybYbiSu5bC4u6GHY8FhnAU"
);

fn operator(row: OperatorRow) -> Operator {
    Operator {
        generation: row.generation,
        name: row.name,
        second_factor: row.totp.is_some(),
        created_at: row.created_at,
    }
}

fn audit_of_operator(event: &'static str, name: &str) -> NewAudit {
    NewAudit { event, detail: vec![("operator", name.to_owned())], ..Default::default() }
}

fn hash_passphrase(passphrase: &str) -> Result<String, OperatorError> {
    let passphrase = normalise(passphrase);
    if !(MIN_PASSPHRASE..=MAX_PASSPHRASE).contains(&passphrase.chars().count()) {
        return Err(OperatorError::Passphrase);
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| OperatorError::Machine)?;
    let hash = Argon2::default().hash_password_with_salt(passphrase.as_bytes(), &salt);
    Ok(hash.map_err(|_| OperatorError::Machine)?.to_string())
}

/// The time step of a valid one-time password: the current one or a neighbour, because clocks
/// differ.
fn verify_totp(secret: &str, otp: &str, now: Timestamp) -> Option<u64> {
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(&bytes[..])
        .build();
    let otp: String = otp.chars().filter(|character| !character.is_whitespace()).collect();
    totp.ok()?.check(&otp, u64::try_from(to_seconds(now)).ok()?)
}

/// Everything but unreserved characters (RFC 3986, 2.3). The tilde is encoded too.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

fn percent_encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_costs_as_much_hashing_as_a_known_one() {
        let hash = PasswordHash::new(DUMMY_HASH).unwrap();
        let cost = |hash: &PasswordHash| hash.params.to_string();
        let ours = hash_passphrase("a long passphrase").unwrap();
        assert_eq!(cost(&hash), cost(&PasswordHash::new(&ours).unwrap()));
        assert!(Argon2::default().verify_password(b"anything", &hash).is_err());
    }
}
