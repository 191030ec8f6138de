//! Who may use the vendor's pages: names, passphrases (Argon2id), the second factor (RFC 6238), and how long somebody
//! who guesses has to wait. Sessions and cookies are the pages' business.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use chrono::TimeDelta;
use latchkey_lease::Timestamp;
use latchkey_lease::time::{later, to_rfc3339};
use latchkey_lease::to_seconds;
use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode};
use thiserror::Error;
use totp_rs::{Algorithm, Builder};

use crate::database::{DatabaseError, NewAudit, OperatorRow};
use crate::error_class::{ClassifiedError, ErrorClass, codes};
use crate::issuer::{Issuer, truncate_to_seconds};
use crate::passphrase::{Passphrase, usual};
use crate::values::{ValueError, validate_name};

/// Fewest characters of a passphrase.
const MIN_PASSPHRASE: usize = 12;
/// Most characters of a passphrase: more would only be work.
const MAX_PASSPHRASE: usize = 1024;
/// More than that many characters take, each with its accents as characters of their own.
const MAX_PASSPHRASE_BYTES: usize = 12 * MAX_PASSPHRASE;
/// So many failed attempts in a row are allowed from one place.
const MAX_FAILURES: u64 = 5;
/// Then nobody signs in under this name from the same place for so long. Fewer are forgotten after the same time.
const LOCKED_FOR: TimeDelta = TimeDelta::minutes(15);
/// So many failed attempts under one name, wherever they come from, hinder nobody.
const UNHINDERED: u64 = 20;
/// Each further one makes everybody who signs in under this name wait a second longer, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Seconds after which one of them is forgotten.
const FORGOTTEN_AFTER: i64 = 60;
/// More of them aren't counted: the pause is as long as it gets, and is to end soon after the attack.
const MAX_COUNTED: u64 = UNHINDERED + LONGEST_PAUSE.as_secs();
/// How long one number of the second factor is shown.
const STEP: u64 = 30;

/// Somebody can't be added or changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OperatorError {
    /// The name can't be used.
    #[error(transparent)]
    Name(#[from] ValueError),
    /// There is somebody of this name.
    #[error("there is an operator {name:?}")]
    Taken {
        /// The name.
        name: String,
    },
    /// There is nobody of this name.
    #[error("there is no operator {name:?}")]
    Unknown {
        /// The name.
        name: String,
    },
    /// Too short, or absurdly long.
    #[error("a passphrase has {MIN_PASSPHRASE} to {MAX_PASSPHRASE} characters")]
    Passphrase,
    /// The system has no randomness to give, or the passphrase can't be worked on.
    #[error("the passphrase can't be worked on")]
    Machine,
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl HasErrorCode for OperatorError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Name(inner) => inner.code(),
            Self::Taken { .. } => codes::OPERATOR_TAKEN,
            Self::Unknown { .. } => codes::OPERATOR_UNKNOWN,
            Self::Passphrase => codes::OPERATOR_PASSPHRASE,
            Self::Machine => codes::DATABASE_FAILED,
            Self::Database(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Name(inner) => inner.details(),
            Self::Taken { name } | Self::Unknown { name } => vec![("name", name.as_str().into())],
            Self::Passphrase => {
                vec![("least", MIN_PASSPHRASE.into()), ("most", MAX_PASSPHRASE.into())]
            }
            Self::Machine => vec![("reason", "argon2".into())],
            Self::Database(inner) => inner.details(),
        }
    }
}

impl ClassifiedError for OperatorError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Name(_) | Self::Passphrase => ErrorClass::InvalidInput,
            Self::Taken { .. } | Self::Unknown { .. } => ErrorClass::Conflict,
            Self::Machine => ErrorClass::Internal,
            Self::Database(inner) => inner.class(),
        }
    }
}

/// Somebody can't sign in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignInError {
    /// Name, passphrase or number isn't right. Nobody is told which.
    #[error("name, passphrase or number is wrong")]
    Refused,
    /// Too many failed attempts.
    #[error("locked until {}", to_rfc3339(*until))]
    Locked {
        /// Until when.
        until: Timestamp,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl HasErrorCode for SignInError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused => codes::SIGN_IN_REFUSED,
            Self::Locked { .. } => codes::SIGN_IN_LOCKED,
            Self::Database(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Refused => Vec::new(),
            Self::Locked { until } => vec![("until", ErrorArg::Time(to_seconds(*until)))],
            Self::Database(inner) => inner.details(),
        }
    }
}

impl ClassifiedError for SignInError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Refused => ErrorClass::InvalidInput,
            Self::Locked { .. } => ErrorClass::Conflict,
            Self::Database(inner) => inner.class(),
        }
    }
}

/// A place that attempts to sign in come from: an address, or a network that several addresses are in.
#[derive(Debug, Clone, Copy)]
pub struct SignInOrigin<'p> {
    /// Whatever tells it from others.
    pub id: &'p [u8],
    /// How many times as many attempts may fail there as at one address.
    pub addresses: u64,
}

/// Somebody who may use the vendor's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The name.
    pub name: String,
    /// Whether a second factor is asked for.
    pub second_factor: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// Another one after each change of passphrase or second factor, and when the name is given to somebody else. None
    /// ever comes back.
    pub generation: u64,
}

/// Attempts to sign in that failed, of this process: of one name from one place, and of one name from everywhere. Names
/// that nobody has are counted like those that somebody has, so that no answer and no lock tells them apart. All
/// connections of the process share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    from_one: HashMap<u64, FromOne>,
    from_all: HashMap<u64, FromAll>,
}

/// Of one name from one place.
#[derive(Debug, Clone, Copy)]
struct FromOne {
    failures: u64,
    /// How many of them lock it.
    most: u64,
    /// When the last one was.
    at: Timestamp,
}

impl FromOne {
    /// When it is forgotten.
    fn ends(self) -> Timestamp {
        later(self.at, LOCKED_FOR)
    }

    /// Until when nobody signs in from there.
    fn locked_until(self, now: Timestamp) -> Option<Timestamp> {
        (self.failures >= self.most && self.ends() > now).then(|| self.ends())
    }
}

/// Of one name from everywhere.
#[derive(Debug, Clone, Copy)]
struct FromAll {
    /// How many, less those that time has taken away again.
    failures: u64,
    at: Timestamp,
}

impl FromAll {
    fn left(self, now: Timestamp) -> Self {
        let steps = (to_seconds(now) - to_seconds(self.at)).max(0) / FORGOTTEN_AFTER;
        let at = self.at.checked_add_signed(TimeDelta::seconds(steps * FORGOTTEN_AFTER));
        let failures = self.failures.saturating_sub(steps.unsigned_abs());
        Self { failures, at: at.unwrap_or(now) }
    }
}

/// Most names, and names from one place, that are remembered. Beyond it those that count for nothing any more are
/// forgotten, then those that don't lock anything, and then all.
const MAX_KEPT: usize = 10_000;

/// Whose attempts these are.
#[derive(Debug, Clone)]
struct Attempt {
    /// For each of the places, how many failures lock it.
    from_one: Vec<(u64, u64)>,
    from_all: u64,
}

impl Attempt {
    /// A new passphrase or second factor begins anew, and so ends a lock. A name that nobody has stays in one generation.
    fn of(name: &str, generation: Option<u64>, from: &[SignInOrigin<'_>]) -> Self {
        let place = |place: &SignInOrigin<'_>| {
            let key = keyed((name, generation.unwrap_or(0), place.id));
            (key, MAX_FAILURES.saturating_mul(place.addresses))
        };
        Self { from_one: from.iter().map(place).collect(), from_all: keyed(name) }
    }
}

impl Attempts {
    /// Counts an attempt before it is made, so that many at one time don't count as one.
    fn begin(&self, attempt: &Attempt, now: Timestamp) -> Result<(), SignInError> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Counts { from_one, from_all } = &mut *counts;
        let found = attempt.from_one.iter().filter_map(|(key, _)| from_one.get(key));
        if let Some(until) = found.filter_map(|one| one.locked_until(now)).max() {
            return Err(SignInError::Locked { until });
        }
        for (key, most) in &attempt.from_one {
            if from_one.len() >= MAX_KEPT && !from_one.contains_key(key) {
                from_one.retain(|_, one| one.ends() > now);
                if from_one.len() >= MAX_KEPT {
                    from_one.retain(|_, one| one.locked_until(now).is_some());
                }
                if from_one.len() >= MAX_KEPT {
                    from_one.clear();
                }
            }
            let one = from_one.entry(*key).or_insert(FromOne { failures: 0, most: *most, at: now });
            if one.ends() <= now {
                one.failures = 0;
            }
            one.failures += 1;
            one.at = now;
        }
        if from_all.len() >= MAX_KEPT && !from_all.contains_key(&attempt.from_all) {
            from_all.retain(|_, all| all.left(now).failures > 0);
            if from_all.len() >= MAX_KEPT {
                from_all.clear();
            }
        }
        let all = from_all.entry(attempt.from_all).or_insert(FromAll { failures: 0, at: now });
        *all = all.left(now);
        all.failures = (all.failures + 1).min(MAX_COUNTED);
        Ok(())
    }

    /// The attempt was right: what failed before it from the same place is forgotten.
    fn succeeded(&self, attempt: &Attempt) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in &attempt.from_one {
            counts.from_one.remove(key);
        }
        if let Some(all) = counts.from_all.get_mut(&attempt.from_all) {
            all.failures = all.failures.saturating_sub(1);
        }
    }

    fn pause(&self, name: &str, now: Timestamp) -> Duration {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = counts.from_all.get(&keyed(name)).map_or(0, |all| all.left(now).failures);
        Duration::from_secs(failures.saturating_sub(UNHINDERED)).min(LONGEST_PAUSE)
    }
}

/// A hash that nobody outside this process can make.
fn keyed(value: impl Hash) -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    KEY.hash_one(value)
}

/// Something that has never been a generation before, and is none of an operator who was added by an older version.
fn new_generation() -> Result<u64, OperatorError> {
    let drawn = getrandom::u64().map_err(|_| OperatorError::Machine)?;
    // What the database can hold.
    Ok((drawn >> 1).max(1))
}

impl Issuer {
    /// Adds somebody who may use the vendor's pages.
    ///
    /// # Errors
    /// [`OperatorError`]: name taken, passphrase too short.
    pub fn add_operator(
        &mut self,
        name: &str,
        passphrase: &str,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        let (name, now) = (validate_name(name)?, truncate_to_seconds(now));
        let hashed = hashed(passphrase)?;
        let generation = new_generation()?;
        self.database.write(
            |queries| {
                if !queries.add_operator(&name, &hashed, generation, now)? {
                    return Err(OperatorError::Taken { name: name.clone() });
                }
                Ok(queries.add_audit(&about("operator_added", &name), now)?)
            },
            |_, _| Ok(()),
        )
    }

    /// Gives somebody another passphrase. That ends a lock too.
    ///
    /// # Errors
    /// [`OperatorError`]: unknown, passphrase too short.
    pub fn change_passphrase(
        &mut self,
        name: &str,
        passphrase: &str,
        now: Timestamp,
    ) -> Result<(), OperatorError> {
        let hashed = hashed(passphrase)?;
        self.change_operator(name, "operator_passphrase_changed", now, |operator| {
            operator.passphrase = hashed;
        })
    }

    /// Asks for a second factor from now on, and gives the address with its secret for the person's app. It is shown
    /// once.
    ///
    /// # Errors
    /// [`OperatorError`]: unknown, or no randomness.
    pub fn add_second_factor(
        &mut self,
        name: &str,
        now: Timestamp,
    ) -> Result<String, OperatorError> {
        let mut bytes = zeroize::Zeroizing::new([0; 20]);
        getrandom::fill(&mut *bytes).map_err(|_| OperatorError::Machine)?;
        let secret = data_encoding::BASE32_NOPAD.encode(&*bytes);
        let issuer = self.vendor.name.clone();
        let address = format!(
            "otpauth://totp/{}:{}?secret={secret}&issuer={}",
            percent(&issuer),
            percent(name),
            percent(&issuer)
        );
        self.change_operator(name, "operator_second_factor_added", now, |operator| {
            operator.totp = Some(secret);
            operator.totp_step = 0;
        })?;
        Ok(address)
    }

    /// Asks for no second factor any more.
    ///
    /// # Errors
    /// [`OperatorError`]: unknown.
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
        self.database.write(
            |queries| {
                let unknown = || OperatorError::Unknown { name: name.to_owned() };
                let mut operator = queries.operator(name)?.ok_or_else(unknown)?;
                change(&mut operator);
                operator.generation = generation;
                queries.change_operator(&operator)?;
                Ok(queries.add_audit(&about(event, name), now)?)
            },
            |_, _| Ok(()),
        )
    }

    /// Takes somebody's right to use the vendor's pages away.
    ///
    /// # Errors
    /// [`OperatorError`]: unknown.
    pub fn remove_operator(&mut self, name: &str, now: Timestamp) -> Result<(), OperatorError> {
        let now = truncate_to_seconds(now);
        self.database.write(
            |queries| {
                let unknown = || OperatorError::Unknown { name: name.to_owned() };
                queries.operator(name)?.ok_or_else(unknown)?;
                queries.remove_operator(name)?;
                Ok(queries.add_audit(&about("operator_removed", name), now)?)
            },
            |_, _| Ok(()),
        )
    }

    /// Everybody who may use the vendor's pages.
    ///
    /// # Errors
    /// [`DatabaseError`] when they can't be read.
    pub fn operators(&mut self) -> Result<Vec<Operator>, DatabaseError> {
        let rows = self.database.read(|queries| queries.operators())?;
        Ok(rows.into_iter().map(operator).collect())
    }

    /// Whether somebody still may, and is who they were: what [`Operator::generation`] has to be.
    ///
    /// # Errors
    /// [`DatabaseError`] when it can't be read.
    pub fn operator_generation(&mut self, name: &str) -> Result<Option<u64>, DatabaseError> {
        Ok(self.database.read(|queries| queries.operator(name))?.map(|row| row.generation))
    }

    /// How long whoever signs in under a name has to wait before the attempt is made. A name that is attacked from
    /// everywhere is slowed, for everybody and to the same degree whether or not somebody has it, but never closed:
    /// a lock holds for one place only.
    #[must_use]
    pub fn sign_in_pause(&self, name: &str, now: Timestamp) -> Duration {
        self.attempts.pause(name, truncate_to_seconds(now))
    }

    /// Lets somebody in. It takes as long, writes as much and says the same, whether the name, the passphrase or the
    /// number is wrong, and locks a name that nobody has like any other: for the places that the attempts come from,
    /// an address and the network that it is in, say.
    /// The passphrase is worked on without holding up others that write.
    ///
    /// # Errors
    /// [`SignInError`]: wrong, or locked.
    pub fn sign_in(
        &mut self,
        name: &str,
        passphrase: &str,
        number: Option<&str>,
        from: &[SignInOrigin<'_>],
        now: Timestamp,
    ) -> Result<Operator, SignInError> {
        let now = truncate_to_seconds(now);
        let found: Result<_, DatabaseError> = self.database.read(|queries| queries.operator(name));
        let found = found?;
        let attempt = Attempt::of(name, found.as_ref().map(|row| row.generation), from);
        self.attempts.begin(&attempt, now)?;
        let stored = found.as_ref().map_or(NOBODYS, |row| row.passphrase.as_str());
        // Counted as it was when it was set: a letter may be typed as several characters.
        let right = passphrase.len() <= MAX_PASSPHRASE_BYTES
            && usual(passphrase).chars().count() <= MAX_PASSPHRASE
            && PasswordHash::new(stored).is_ok_and(|hash| {
                let passphrase = Passphrase::new(passphrase.to_owned());
                // Each of them, so that it takes as long when one is right.
                passphrase.readings().fold(false, |right, reading| {
                    Argon2::default().verify_password(reading.as_bytes(), &hash).is_ok() | right
                })
            });
        let signed_in = self.database.write(
            |queries| {
                // Again, now that nobody else can be at it: each number of the second factor counts once.
                let (Some(mut row), Some(found)) = (queries.operator(name)?, &found) else {
                    return Err(SignInError::Refused);
                };
                let step = match &row.totp {
                    None => Some(row.totp_step),
                    Some(secret) => number.and_then(|number| verify_totp(secret, number, now)),
                };
                let step = step.filter(|step| row.totp.is_none() || *step > row.totp_step);
                let (true, Some(step), true) = (right, step, row.generation == found.generation)
                else {
                    return Err(SignInError::Refused);
                };
                row.totp_step = step;
                queries.change_operator(&row)?;
                queries.add_audit(&about("operator_signed_in", name), now)?;
                Ok(operator(row))
            },
            |queries, error| {
                let refusal = Some(error.code().name);
                let row = match &found {
                    Some(_) => about("sign_in_refused", name),
                    // Not the name: it may be a passphrase in the wrong field.
                    None => NewAudit { event: "sign_in_refused", ..Default::default() },
                };
                queries.add_idle_audit(&NewAudit { refusal, ..row }, now).map(drop)
            },
        );
        if signed_in.is_ok() {
            self.attempts.succeeded(&attempt);
        }
        signed_in
    }
}

/// The hash of a passphrase that nobody has: an unknown name takes as long as a known one.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bGF0Y2hrZXktbm9ib2R5cw$Z2xqMhW9WjTqdkzSbpoq4ybYbiSu5bC4u6GHY8FhnAU";

fn operator(row: OperatorRow) -> Operator {
    Operator {
        generation: row.generation,
        name: row.name,
        second_factor: row.totp.is_some(),
        created_at: row.created_at,
    }
}

fn about(event: &'static str, name: &str) -> NewAudit {
    NewAudit { event, detail: vec![("operator", name.to_owned())], ..Default::default() }
}

fn hashed(passphrase: &str) -> Result<String, OperatorError> {
    let passphrase = usual(passphrase);
    if !(MIN_PASSPHRASE..=MAX_PASSPHRASE).contains(&passphrase.chars().count()) {
        return Err(OperatorError::Passphrase);
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| OperatorError::Machine)?;
    let hash = Argon2::default().hash_password_with_salt(passphrase.as_bytes(), &salt);
    Ok(hash.map_err(|_| OperatorError::Machine)?.to_string())
}

/// The time step whose number this is: now's, or one before or after it, because clocks differ.
fn verify_totp(secret: &str, number: &str, now: Timestamp) -> Option<u64> {
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(&bytes[..])
        .build();
    let number: String = number.chars().filter(|character| !character.is_whitespace()).collect();
    totp.ok()?.check(&number, u64::try_from(to_seconds(now)).ok()?)
}

/// For an address: everything but letters and digits as bytes (RFC 3986, 2.1).
fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_that_is_nobody_s_is_worked_on_like_any_other() {
        let hash = PasswordHash::new(NOBODYS).unwrap();
        let cost = |hash: &PasswordHash| hash.params.to_string();
        let ours = hashed("a long passphrase").unwrap();
        assert_eq!(cost(&hash), cost(&PasswordHash::new(&ours).unwrap()));
        assert!(Argon2::default().verify_password(b"anything", &hash).is_err());
    }
}
