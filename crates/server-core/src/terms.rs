//! Parses what an operator enters about products, entitlements and activation codes. Options of the
//! command line and fields of the admin forms are parsed by the same functions into the issuer's
//! types.

use std::collections::BTreeMap;

use latchkey_issuer::{
    ClassifiedError, CodeError, Entitlement, EntitlementTerms, FeatureType, NewCode, Product,
    Update,
};
use latchkey_lease::{Interval, IntervalError, LATEST, Timestamp};
use latchkey_token::{FeatureValue, HasErrorCode};
use thiserror::Error;

use crate::clock::{self, ClockError};
use crate::error::codes;

/// What an operator has entered is invalid.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[class(InvalidInput)]
pub enum TermsError {
    /// A feature or an attribute isn't written as `KEY=VALUE`.
    #[code(codes::KEY_VALUE)]
    #[error("{text:?} is not KEY=VALUE")]
    KeyValue {
        /// What was entered.
        text: String,
    },
    /// There is no such type of feature.
    #[code(codes::FEATURE_TYPE)]
    #[error("{text:?} is not a feature's type")]
    FeatureType {
        /// What was entered.
        text: String,
    },
    /// The end of a subscription isn't a date, a time or an interval.
    #[code(codes::TIME, latest = LATEST.format("%Y-%m-%dT%H:%M:%SZ").to_string())]
    #[error("{text:?} is not a time")]
    Time {
        /// What was entered.
        text: String,
    },
    /// This isn't a number of renewals.
    #[code(codes::REQUEST_EVERY)]
    #[error("{text:?} is not a number of renewals")]
    RequestEvery {
        /// What was entered.
        text: String,
    },
    /// The activation code is so short that it can be guessed.
    #[code(codes::WEAK_CODE)]
    #[error("a short code: {masked}")]
    WeakCode {
        /// The code, masked.
        #[detail(name = "code")]
        masked: String,
        /// How many symbols it has.
        symbols: usize,
    },
    /// The end of the subscription has passed, so that nothing can be granted.
    #[code(codes::PAST_END)]
    #[error("the subscription end {end} has passed")]
    PastEnd {
        /// The end.
        #[detail(time)]
        end: Timestamp,
    },
    /// This isn't an interval.
    #[code(transparent)]
    #[error(transparent)]
    Interval(#[from] IntervalError),
    /// This isn't an activation code.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Code(#[from] CodeError),
    /// An interval from now can't be resolved.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Clock(#[from] ClockError),
}

/// The terms of an entitlement as an operator enters them. For a term that is optional, `none`
/// removes it.
#[derive(Debug, Clone, Default)]
pub struct TermsInput {
    /// The length of an offline lease, an interval.
    pub offline_lease: Option<String>,
    /// The time beyond which no lease extends: a date, a time or an interval from now.
    pub subscription_end: Option<String>,
    /// How long the product keeps running after its lease expires, an interval.
    pub grace: Option<String>,
    /// Every how many renewals a request from the computer is needed.
    pub request_every: Option<String>,
    /// How many seats may be used beyond the number of seats.
    pub overdraft: Option<u32>,
    /// The customer.
    pub customer: Option<String>,
    /// Features as `KEY=VALUE`; the value `none` removes the feature.
    pub features: Vec<String>,
    /// Attributes as `KEY=VALUE`; an empty value removes the attribute.
    pub attributes: Vec<String>,
}

/// Parses the terms of an entitlement. `codes` gives its new activation codes and is called once
/// features and attributes are known to be well formed, because it may have to wait for input. The
/// number of seats is left to the caller.
///
/// # Errors
///
/// Those of `codes`, [`TermsError::KeyValue`], [`TermsError::Time`], [`TermsError::Interval`] or
/// [`TermsError::RequestEvery`] if a term is malformed, and [`TermsError::Clock`] if the clock that
/// an interval from now needs can't be used.
pub fn parse_terms<E: From<TermsError>>(
    input: &TermsInput,
    codes: impl FnOnce() -> Result<Vec<NewCode>, E>,
) -> Result<EntitlementTerms, E> {
    let mut features = BTreeMap::new();
    for feature in &input.features {
        let (key, value) = key_value(feature)?;
        features.insert(key, Some(value).filter(|value| value != "none"));
    }
    let mut attributes = BTreeMap::new();
    for attribute in &input.attributes {
        let (key, value) = key_value(attribute)?;
        attributes.insert(key, Some(value).filter(|value| !value.is_empty()));
    }
    let codes = codes()?;
    Ok(EntitlementTerms {
        seats: None,
        overdraft: input.overdraft,
        customer: parse_update(input.customer.as_deref(), |text| Ok(text.to_owned()))?,
        offline_lease: parse_update(input.offline_lease.as_deref(), parse_interval)?,
        subscription_end: parse_update(input.subscription_end.as_deref(), parse_end)?,
        grace: parse_update(input.grace.as_deref(), parse_interval)?,
        request_every: parse_update(input.request_every.as_deref(), |text| {
            text.parse().map_err(|_| TermsError::RequestEvery { text: text.to_owned() })
        })?,
        features,
        attributes,
        codes,
    })
}

/// A term that may be kept, set, or removed with `none`.
fn parse_update<T>(
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, TermsError>,
) -> Result<Update<T>, TermsError> {
    match text {
        None => Ok(Update::Keep),
        Some("none") => Ok(Update::Clear),
        Some(text) => parse(text).map(Update::Set),
    }
}

fn parse_interval(text: &str) -> Result<Interval, TermsError> {
    Ok(text.parse()?)
}

fn parse_end(text: &str) -> Result<Timestamp, TermsError> {
    latchkey_lease::read_end(text, clock::now()?)
        .filter(|time| *time > Timestamp::UNIX_EPOCH)
        .ok_or_else(|| TermsError::Time { text: text.to_owned() })
}

fn key_value(text: &str) -> Result<(String, String), TermsError> {
    match text.split_once('=') {
        Some((key, value)) => Ok((key.trim().to_owned(), value.trim().to_owned())),
        None => Err(TermsError::KeyValue { text: text.to_owned() }),
    }
}

/// Parses the features of a product, each as `KEY=bool|pool|count`.
///
/// # Errors
///
/// [`TermsError::KeyValue`] or [`TermsError::FeatureType`] if a feature is malformed.
pub fn parse_feature_types(features: &[String]) -> Result<Vec<(String, FeatureType)>, TermsError> {
    let mut typed = Vec::new();
    for feature in features {
        let (key, kind) = key_value(feature)?;
        let kind = FeatureType::from_name(&kind).ok_or(TermsError::FeatureType { text: kind })?;
        typed.push((key, kind));
    }
    Ok(typed)
}

/// Parses an activation code that the vendor chose. A weak code is accepted only with `allow_weak`.
///
/// # Errors
///
/// [`TermsError::Code`] if it is malformed, and [`TermsError::WeakCode`] if it can be guessed.
pub fn activation_code(text: &str, allow_weak: bool) -> Result<NewCode, TermsError> {
    let code = NewCode::custom(text)?;
    match weak_code_warning(&code) {
        Some(warning) if !allow_weak => Err(warning),
        _ => Ok(code),
    }
}

/// [`TermsError::WeakCode`] if the code can be guessed, as an error or as a warning.
#[must_use]
pub fn weak_code_warning(code: &NewCode) -> Option<TermsError> {
    code.is_weak()
        .then(|| TermsError::WeakCode { masked: code.code.masked(), symbols: code.code.symbols() })
}

/// [`TermsError::PastEnd`], as a warning, if these terms set an end that has passed.
#[must_use]
pub fn past_end_warning(terms: &EntitlementTerms, now: Timestamp) -> Option<TermsError> {
    match terms.subscription_end {
        Update::Set(end) if end <= now => Some(TermsError::PastEnd { end }),
        _ => None,
    }
}

/// A feature of an entitlement under the key that the product gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFeature {
    /// The feature's key, or its number if the product doesn't define it.
    pub key: String,
    /// The feature's type, unless the product doesn't define it.
    pub kind: Option<FeatureType>,
    /// The feature's value.
    pub value: FeatureValue,
}

impl std::fmt::Display for NamedFeature {
    /// `KEY=VALUE`, as it is entered.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.value {
            FeatureValue::Bool(value) => write!(f, "{}={value}", self.key),
            FeatureValue::Number(value) => write!(f, "{}={value}", self.key),
        }
    }
}

/// The features of an entitlement under their keys.
#[must_use]
pub fn named_features(entitlement: &Entitlement, product: Option<&Product>) -> Vec<NamedFeature> {
    let defined = |number: u32| product?.features.iter().find(|feature| feature.number == number);
    let named = |(number, value): (&u32, &FeatureValue)| {
        let feature = defined(*number);
        NamedFeature {
            key: feature.map_or_else(|| number.to_string(), |feature| feature.key.clone()),
            kind: feature.map(|feature| feature.kind),
            value: *value,
        }
    };
    entitlement.features.iter().map(named).collect()
}
