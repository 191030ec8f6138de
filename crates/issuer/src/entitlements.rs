//! What the vendor sells: products, entitlements and activation codes. Nothing here grants anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroU32;

use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_lease::{Interval, IntervalError};
use latchkey_token::{
    ActivationCode, ActivationCodeError, Attributes, ErrorArg, ErrorCode, FeatureValue, Features,
    HasErrorCode, IdError, ProductNumber, encoded_terms_len, limits,
};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::database::{DatabaseError, EntitlementRow, NewAudit, Transaction};
use crate::error_class::{ClassifiedError, ErrorClass, codes};
use crate::issuer::{Issuer, truncate_to_seconds};
use crate::model::{Entitlement, EntitlementId, Feature, FeatureType, Product};

/// Most characters of a name.
const MAX_NAME: usize = 200;
/// Most characters of a feature's key.
const MAX_KEY: usize = 40;
/// Most seats, and most overdraft: far more than anybody sells, and sums stay small.
const MAX_SEATS: u32 = 10_000_000;

/// A value that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// Empty, too long, or with control characters.
    #[error("not a name: {name:?}")]
    Name {
        /// What was given, shortened.
        name: String,
    },
    /// Not a key that program code can be made from.
    #[error("not a feature's key: {key:?}")]
    FeatureKey {
        /// What was given, shortened.
        key: String,
    },
    /// Two keys that program code couldn't tell apart.
    #[error("two features have the key {key:?}")]
    FeatureKeyTwice {
        /// The second of them.
        key: String,
    },
    /// The product has no such feature.
    #[error("no feature {key:?}")]
    FeatureUnknown {
        /// What was given, shortened.
        key: String,
        /// The product's features.
        known: Vec<String>,
    },
    /// Not a value of the feature's type.
    #[error("{value:?} is no value for {key:?}")]
    FeatureValue {
        /// The feature.
        key: String,
        /// What was given, shortened.
        value: String,
        /// The feature's type.
        kind: FeatureType,
    },
    /// Key or value is empty or has control characters.
    #[error("not an attribute: {key:?}")]
    Attribute {
        /// The key, shortened.
        key: String,
    },
    /// Features and attributes don't fit into a token.
    #[error("features and attributes take {bytes} bytes")]
    TermsTooLong {
        /// How many bytes they take together.
        bytes: usize,
    },
    /// Not a number of seats.
    #[error("not a number of seats: {seats}")]
    Seats {
        /// What was given.
        seats: u32,
    },
    /// The interval leads out of the calendar.
    #[error(transparent)]
    Interval(#[from] IntervalError),
}

impl HasErrorCode for ValueError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Name { .. } => codes::NAME_INVALID,
            Self::FeatureKey { .. } => codes::FEATURE_KEY_INVALID,
            Self::FeatureKeyTwice { .. } => codes::FEATURE_KEY_TWICE,
            Self::FeatureUnknown { .. } => codes::FEATURE_UNKNOWN,
            Self::FeatureValue { .. } => codes::FEATURE_WRONG_VALUE,
            Self::Attribute { .. } => codes::ATTRIBUTE_INVALID,
            Self::TermsTooLong { .. } => codes::TERMS_TOO_LONG,
            Self::Seats { .. } => codes::SEATS_OUT_OF_RANGE,
            Self::Interval(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Name { name } => {
                vec![("name", name.as_str().into()), ("limit", MAX_NAME.into())]
            }
            Self::FeatureKey { key } | Self::FeatureKeyTwice { key } | Self::Attribute { key } => {
                vec![("key", key.as_str().into())]
            }
            Self::FeatureUnknown { key, known } => {
                let known = if known.is_empty() { "–".to_owned() } else { known.join(", ") };
                vec![("key", key.as_str().into()), ("known", known.into())]
            }
            Self::FeatureValue { key, value, kind } => vec![
                ("key", key.as_str().into()),
                ("value", value.as_str().into()),
                ("type", kind.name().into()),
            ],
            Self::TermsTooLong { bytes } => {
                vec![("bytes", (*bytes).into()), ("limit", limits::MAX_TERMS_BYTES.into())]
            }
            Self::Seats { seats } => {
                vec![("seats", u64::from(*seats).into()), ("limit", u64::from(MAX_SEATS).into())]
            }
            Self::Interval(inner) => inner.details(),
        }
    }
}

impl ClassifiedError for ValueError {
    fn class(&self) -> ErrorClass {
        ErrorClass::InvalidInput
    }
}

/// A product can't be added or shown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProductError {
    /// A value can't be used.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// There is a product of this name.
    #[error("there is a product {name:?}")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// There is no such product.
    #[error("there is no product {number}")]
    Unknown {
        /// Its number.
        number: ProductNumber,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl HasErrorCode for ProductError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Value(inner) => inner.code(),
            Self::NameTaken { .. } => codes::PRODUCT_NAME_TAKEN,
            Self::Unknown { .. } => codes::PRODUCT_UNKNOWN,
            Self::Database(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Value(inner) => inner.details(),
            Self::NameTaken { name } => vec![("name", name.as_str().into())],
            Self::Unknown { number } => vec![("product", number.to_string().into())],
            Self::Database(inner) => inner.details(),
        }
    }
}

impl ClassifiedError for ProductError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Value(inner) => inner.class(),
            Self::NameTaken { .. } | Self::Unknown { .. } => ErrorClass::Conflict,
            Self::Database(inner) => inner.class(),
        }
    }
}

/// An entitlement can't be added or changed. Nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EntitlementError {
    /// A value can't be used.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// There is no such product.
    #[error("there is no product {number}")]
    ProductUnknown {
        /// Its number.
        number: ProductNumber,
    },
    /// There is no such entitlement.
    #[error("there is no entitlement {id}")]
    Unknown {
        /// Its id.
        id: EntitlementId,
    },
    /// It has ended, for good.
    #[error("the entitlement has ended")]
    Ended,
    /// A code can't be added.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// An id can't be drawn.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl HasErrorCode for EntitlementError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Value(inner) => inner.code(),
            Self::ProductUnknown { .. } => codes::PRODUCT_UNKNOWN,
            Self::Unknown { .. } => codes::ENTITLEMENT_UNKNOWN,
            Self::Ended => codes::ENTITLEMENT_ENDED,
            Self::Code(inner) => inner.code(),
            Self::Id(inner) => inner.code(),
            Self::Database(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Value(inner) => inner.details(),
            Self::ProductUnknown { number } => vec![("product", number.to_string().into())],
            Self::Unknown { id } => vec![("entitlement", id.to_string().into())],
            Self::Ended => Vec::new(),
            Self::Code(inner) => inner.details(),
            Self::Id(inner) => inner.details(),
            Self::Database(inner) => inner.details(),
        }
    }
}

impl ClassifiedError for EntitlementError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Value(inner) => inner.class(),
            Self::ProductUnknown { .. } | Self::Unknown { .. } | Self::Ended => {
                ErrorClass::Conflict
            }
            Self::Code(inner) => inner.class(),
            Self::Id(_) => ErrorClass::Internal,
            Self::Database(inner) => inner.class(),
        }
    }
}

/// An activation code can't be added or disabled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodeError {
    /// It can't be a code, or none could be generated.
    #[error(transparent)]
    Code(#[from] ActivationCodeError),
    /// It is in use, by this entitlement or another one.
    #[error("the code {masked} is taken")]
    Taken {
        /// The code, masked.
        masked: String,
    },
    /// It isn't known.
    #[error("the code is not known")]
    Unknown,
    /// There is no such entitlement.
    #[error("there is no entitlement {id}")]
    EntitlementUnknown {
        /// Its id.
        id: EntitlementId,
    },
    /// The entitlement has ended.
    #[error("the entitlement has ended")]
    Ended,
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl HasErrorCode for CodeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Code(inner) => inner.code(),
            Self::Taken { .. } => codes::CODE_TAKEN,
            Self::Unknown => codes::CODE_UNKNOWN,
            Self::EntitlementUnknown { .. } => codes::ENTITLEMENT_UNKNOWN,
            Self::Ended => codes::ENTITLEMENT_ENDED,
            Self::Database(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Code(inner) => inner.details(),
            Self::Taken { masked } => vec![("code", masked.as_str().into())],
            Self::EntitlementUnknown { id } => vec![("entitlement", id.to_string().into())],
            Self::Unknown | Self::Ended => Vec::new(),
            Self::Database(inner) => inner.details(),
        }
    }
}

impl ClassifiedError for CodeError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Code(ActivationCodeError::Randomness) => ErrorClass::Internal,
            Self::Code(_) => ErrorClass::InvalidInput,
            Self::Database(inner) => inner.class(),
            _ => ErrorClass::Conflict,
        }
    }
}

/// An activation code to add. It prints masked.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCode {
    /// The code.
    pub code: ActivationCode,
    /// As the vendor writes it.
    written: Zeroizing<String>,
}

impl fmt::Debug for NewCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewCode({})", self.code.masked())
    }
}

impl NewCode {
    /// Generates a code of 20 symbols, which carries its own check.
    ///
    /// # Errors
    /// [`CodeError::CodeSummary`] when the operating system has no randomness to give.
    pub fn generate() -> Result<Self, CodeError> {
        let code = ActivationCode::generate()?;
        Ok(Self { written: Zeroizing::new(code.expose_for_people()), code })
    }

    /// Takes a code that the vendor chose.
    ///
    /// # Errors
    /// [`CodeError::CodeSummary`] when it can't be one.
    pub fn custom(text: &str) -> Result<Self, CodeError> {
        let code = text.parse()?;
        Ok(Self { code, written: Zeroizing::new(text.trim().to_uppercase()) })
    }

    /// As the vendor writes it. Confidential.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether it is so short that it can be guessed.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.code.symbols() < ActivationCode::STRONG_SYMBOLS
    }
}

/// What is said about an entitlement, new or changed. Outer `None`: not mentioned, it stays as it is. Inner
/// `None`: there is none any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntitlementTerms {
    /// How many seats. A new entitlement needs it.
    pub seats: Option<u32>,
    /// How many seats beyond that.
    pub overdraft: Option<u32>,
    /// Whose it is.
    pub customer: Option<Option<String>>,
    /// How long a lease is.
    pub offline_lease: Option<Option<Interval>>,
    /// No lease goes beyond this.
    pub subscription_end: Option<Option<Timestamp>>,
    /// How long the product runs on after lease expiry.
    pub grace: Option<Option<Interval>>,
    /// Each renewal of this number needs a request of the seat's computer.
    pub request_every: Option<Option<NonZeroU32>>,
    /// Features by key, with their values as text; `None` takes one out.
    pub features: BTreeMap<String, Option<String>>,
    /// Attributes; `None` takes one out.
    pub attributes: BTreeMap<String, Option<String>>,
    /// Codes to add. A new entitlement without any gets one that is generated.
    pub codes: Vec<NewCode>,
}

impl Issuer {
    /// Adds a product. Its features are numbered in the order in which they come.
    ///
    /// # Errors
    /// [`ProductError`]: a name or key can't be used, or the name is taken.
    pub fn add_product(
        &mut self,
        name: &str,
        features: &[(String, FeatureType)],
        now: Timestamp,
    ) -> Result<ProductNumber, ProductError> {
        let now = truncate_to_seconds(now);
        let name = validate_name(name)?;
        let features = numbered(features)?;
        self.database.write(
            |queries| {
                let number = queries
                    .add_product(&name, &features, now)?
                    .ok_or_else(|| ProductError::NameTaken { name: name.clone() })?;
                let keys: Vec<_> =
                    features.iter().map(|f| format!("{}={}", f.key, f.kind.name())).collect();
                let row = NewAudit {
                    event: "product_added",
                    product: Some(number),
                    detail: vec![("name", name.clone()), ("features", keys.join(" "))],
                    ..Default::default()
                };
                queries.add_audit(&row, now)?;
                Ok(number)
            },
            |_, _| Ok(()),
        )
    }

    /// All products.
    ///
    /// # Errors
    /// [`DatabaseError`] when they can't be read.
    pub fn products(&mut self) -> Result<Vec<Product>, DatabaseError> {
        self.database.read(|queries| queries.products())
    }

    /// One product, for its kit.
    ///
    /// # Errors
    /// [`ProductError::Unknown`], or the database.
    pub fn product(&mut self, number: ProductNumber) -> Result<Product, ProductError> {
        let product = self.database.read(|queries| queries.product(number))?;
        product.ok_or(ProductError::Unknown { number })
    }

    /// Adds an entitlement with its activation codes.
    ///
    /// # Errors
    /// [`EntitlementError`]; nothing is added then.
    pub fn add_entitlement(
        &mut self,
        product: ProductNumber,
        terms: &EntitlementTerms,
        now: Timestamp,
    ) -> Result<EntitlementId, EntitlementError> {
        let now = truncate_to_seconds(now);
        let id = EntitlementId::random()?;
        let generated;
        let added = match terms.codes.as_slice() {
            [] => {
                generated = [NewCode::generate()?];
                &generated[..]
            }
            given => given,
        };
        self.database.write(
            |queries| {
                let mut row = EntitlementRow {
                    id,
                    product,
                    customer: None,
                    seats: 0,
                    overdraft: 0,
                    offline_lease: None,
                    subscription_end: None,
                    grace: None,
                    request_every: None,
                    created_at: now,
                    ended_at: None,
                };
                let sold = queries
                    .product(product)?
                    .ok_or(EntitlementError::ProductUnknown { number: product })?;
                let changed = apply_changes(&mut row, terms, now)?;
                queries.add_entitlement(&row)?;
                let detail = change_terms(
                    queries,
                    &row,
                    &sold,
                    (Features::new(), Attributes::new()),
                    terms,
                )?;
                record_audit(queries, "entitlement_added", &row, [changed, detail].concat(), now)?;
                add_codes(queries, &row, added, now)?;
                Ok(id)
            },
            |_, _| Ok(()),
        )
    }

    /// Changes what is mentioned. Leases that were granted stay as they are until the next refresh.
    ///
    /// # Errors
    /// [`EntitlementError`]; nothing is changed then.
    pub fn change_entitlement(
        &mut self,
        id: EntitlementId,
        terms: &EntitlementTerms,
        now: Timestamp,
    ) -> Result<(), EntitlementError> {
        let now = truncate_to_seconds(now);
        self.database.write(
            |queries| {
                let mut row = active_entitlement(queries, id)?;
                let sold = queries
                    .product(row.product)?
                    .ok_or(EntitlementError::ProductUnknown { number: row.product })?;
                let changed = apply_changes(&mut row, terms, now)?;
                queries.change_entitlement(&row)?;
                let before = (queries.features(&row)?, queries.attributes(id)?);
                let detail = change_terms(queries, &row, &sold, before, terms)?;
                record_audit(
                    queries,
                    "entitlement_changed",
                    &row,
                    [changed, detail].concat(),
                    now,
                )?;
                add_codes(queries, &row, &terms.codes, now)?;
                Ok(())
            },
            |_, _| Ok(()),
        )
    }

    /// Ends an entitlement for good: nothing is granted or refreshed any more. Ending it again changes nothing.
    ///
    /// # Errors
    /// [`EntitlementError::Unknown`], or the database.
    pub fn end_entitlement(
        &mut self,
        id: EntitlementId,
        now: Timestamp,
    ) -> Result<(), EntitlementError> {
        let now = truncate_to_seconds(now);
        self.database.write(
            |queries| {
                let mut row = match active_entitlement(queries, id) {
                    Err(EntitlementError::Ended) => return Ok(()),
                    other => other?,
                };
                row.ended_at = Some(now);
                queries.change_entitlement(&row)?;
                record_audit(queries, "entitlement_ended", &row, Vec::new(), now)?;
                Ok(())
            },
            |_, _| Ok(()),
        )
    }

    /// All entitlements with their codes, oldest first.
    ///
    /// # Errors
    /// [`DatabaseError`] when they can't be read.
    pub fn entitlements(&mut self, now: Timestamp) -> Result<Vec<Entitlement>, DatabaseError> {
        let now = truncate_to_seconds(now);
        self.database.read(|queries| {
            let rows = queries.entitlements()?;
            rows.into_iter().map(|row| load_entitlement(queries, row, now)).collect()
        })
    }

    /// One entitlement.
    ///
    /// # Errors
    /// [`EntitlementError::Unknown`], or the database.
    pub fn entitlement(
        &mut self,
        id: EntitlementId,
        now: Timestamp,
    ) -> Result<Entitlement, EntitlementError> {
        let now = truncate_to_seconds(now);
        self.database.read(|queries| {
            let row = queries.entitlement(id)?.ok_or(EntitlementError::Unknown { id })?;
            Ok(load_entitlement(queries, row, now)?)
        })
    }

    /// Adds an activation code to an entitlement.
    ///
    /// # Errors
    /// [`CodeError`]: taken, or the entitlement isn't there or has ended.
    pub fn add_code(
        &mut self,
        id: EntitlementId,
        code: &NewCode,
        now: Timestamp,
    ) -> Result<(), CodeError> {
        let now = truncate_to_seconds(now);
        self.database.write(
            |queries| {
                let row = queries.entitlement(id)?.ok_or(CodeError::EntitlementUnknown { id })?;
                if row.ended_at.is_some() {
                    return Err(CodeError::Ended);
                }
                add_codes(queries, &row, std::slice::from_ref(code), now)
            },
            |_, _| Ok(()),
        )
    }

    /// Disables an activation code: no new activations with it. Gives its entitlement.
    ///
    /// # Errors
    /// [`CodeError::Unknown`], or the database.
    pub fn disable_code(
        &mut self,
        code: &ActivationCode,
        now: Timestamp,
    ) -> Result<EntitlementId, CodeError> {
        let now = truncate_to_seconds(now);
        self.database.write(
            |queries| {
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
            },
            |_, _| Ok(()),
        )
    }
}

/// A name without the white space around it.
pub(crate) fn validate_name(name: &str) -> Result<String, ValueError> {
    let trimmed = name.trim();
    let length = trimmed.chars().count();
    if length == 0 || length > MAX_NAME || trimmed.chars().any(is_unfit) {
        return Err(ValueError::Name { name: shortened(name) });
    }
    Ok(trimmed.to_owned())
}

/// Characters that don't belong into a line of text: control characters, those that turn the direction of writing
/// (Unicode's `Bidi_Control`), with which a text reads as another, and those that end a line in program code.
#[must_use]
pub fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

fn shortened(text: &str) -> String {
    text.chars().filter(|character| !is_unfit(*character)).take(40).collect()
}

fn numbered(features: &[(String, FeatureType)]) -> Result<Vec<Feature>, ValueError> {
    let mut seen = BTreeSet::new();
    let mut numbered = Vec::new();
    for (number, (key, kind)) in (1..).zip(features) {
        let fits = key.starts_with(|first: char| first.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            && key.len() <= MAX_KEY;
        if !fits {
            return Err(ValueError::FeatureKey { key: shortened(key) });
        }
        // Program code has one constant a feature.
        if !seen.insert(key.to_ascii_uppercase().replace('-', "_")) {
            return Err(ValueError::FeatureKeyTwice { key: key.clone() });
        }
        numbered.push(Feature { number, key: key.clone(), kind: *kind });
    }
    Ok(numbered)
}

fn active_entitlement(
    queries: &Transaction<'_>,
    id: EntitlementId,
) -> Result<EntitlementRow, EntitlementError> {
    queries.lock_entitlement(id)?;
    let row = queries.entitlement(id)?.ok_or(EntitlementError::Unknown { id })?;
    if row.ended_at.is_some() {
        return Err(EntitlementError::Ended);
    }
    Ok(row)
}

/// Applies what is mentioned and gives the words for the audit.
fn apply_changes(
    row: &mut EntitlementRow,
    terms: &EntitlementTerms,
    now: Timestamp,
) -> Result<Vec<(&'static str, String)>, ValueError> {
    let mut detail = Vec::new();
    if let Some(seats) = terms.seats {
        row.seats = seats;
        detail.push(("seats", seats.to_string()));
    }
    if let Some(overdraft) = terms.overdraft {
        row.overdraft = overdraft;
        detail.push(("overdraft", overdraft.to_string()));
    }
    if row.seats == 0 || row.seats > MAX_SEATS {
        return Err(ValueError::Seats { seats: row.seats });
    }
    if row.overdraft > MAX_SEATS {
        return Err(ValueError::Seats { seats: row.overdraft });
    }
    if let Some(customer) = &terms.customer {
        row.customer = customer.as_deref().map(validate_name).transpose()?;
        detail.push(("customer", row.customer.clone().unwrap_or_default()));
    }
    let shown =
        |interval: Option<Interval>| interval.map_or_else(|| "none".to_owned(), |i| i.to_string());
    for (given, kept, name) in [
        (terms.offline_lease, &mut row.offline_lease, "offline_lease"),
        (terms.grace, &mut row.grace, "grace"),
    ] {
        let Some(interval) = given else { continue };
        if let Some(interval) = interval {
            interval.after(now)?;
        }
        *kept = interval;
        detail.push((name, shown(interval)));
    }
    if let Some(end) = terms.subscription_end {
        row.subscription_end = end.map(truncate_to_seconds);
        let shown = row.subscription_end.map_or_else(|| "none".to_owned(), to_rfc3339);
        detail.push(("subscription_end", shown));
    }
    if let Some(every) = terms.request_every {
        row.request_every = every;
        let shown = every.map_or_else(|| "none".to_owned(), |every| every.to_string());
        detail.push(("request_every", shown));
    }
    Ok(detail)
}

/// Applies the features and attributes that are mentioned, and sees that they still fit into a token.
fn change_terms(
    queries: &Transaction<'_>,
    row: &EntitlementRow,
    product: &Product,
    before: (Features, Attributes),
    terms: &EntitlementTerms,
) -> Result<Vec<(&'static str, String)>, EntitlementError> {
    let (mut features, mut attributes) = before;
    for (key, value) in &terms.features {
        let feature =
            product.features.iter().find(|feature| feature.key == *key).ok_or_else(|| {
                ValueError::FeatureUnknown {
                    key: shortened(key),
                    known: product.features.iter().map(|feature| feature.key.clone()).collect(),
                }
            })?;
        match value {
            Some(value) => {
                let value = feature_value(feature, value)?;
                features.insert(feature.number, value);
            }
            None => {
                features.remove(&feature.number);
            }
        }
    }
    for (key, value) in &terms.attributes {
        let fits = |text: &str| !text.is_empty() && !text.chars().any(is_unfit);
        if !fits(key) || !value.as_deref().is_none_or(fits) {
            return Err(ValueError::Attribute { key: shortened(key) }.into());
        }
        match value {
            Some(value) => attributes.insert(key.clone(), value.clone()),
            None => attributes.remove(key),
        };
    }
    let bytes = encoded_terms_len(&features, &attributes);
    if bytes > limits::MAX_TERMS_BYTES {
        return Err(ValueError::TermsTooLong { bytes }.into());
    }
    queries.set_terms(row.id, &features, &attributes)?;
    let mentioned = |terms: &BTreeMap<String, Option<String>>| {
        let shown = terms.iter().map(|(key, value)| match value {
            Some(value) => format!("{key}={value}"),
            None => format!("{key}=none"),
        });
        shown.collect::<Vec<_>>().join(" ")
    };
    let mut detail = Vec::new();
    for (name, terms) in [("features", &terms.features), ("attributes", &terms.attributes)] {
        if !terms.is_empty() {
            detail.push((name, mentioned(terms)));
        }
    }
    Ok(detail)
}

fn feature_value(feature: &Feature, text: &str) -> Result<FeatureValue, ValueError> {
    let value = match (feature.kind, text) {
        (FeatureType::Bool, "true") => Some(FeatureValue::Bool(true)),
        (FeatureType::Bool, "false") => Some(FeatureValue::Bool(false)),
        (FeatureType::Bool, _) => None,
        // What a signed column of any database holds.
        (FeatureType::Pool | FeatureType::Count, number) => number
            .parse::<u64>()
            .ok()
            .filter(|number| *number <= i64::MAX.unsigned_abs())
            .map(FeatureValue::Number),
    };
    value.ok_or_else(|| ValueError::FeatureValue {
        key: feature.key.clone(),
        value: shortened(text),
        kind: feature.kind,
    })
}

fn add_codes(
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

fn record_audit(
    queries: &Transaction<'_>,
    event: &'static str,
    row: &EntitlementRow,
    detail: Vec<(&'static str, String)>,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let audit = NewAudit {
        event,
        product: Some(row.product),
        entitlement: Some(row.id),
        detail,
        ..Default::default()
    };
    queries.add_audit(&audit, now)
}

pub(crate) fn load_entitlement(
    queries: &Transaction<'_>,
    row: EntitlementRow,
    now: Timestamp,
) -> Result<Entitlement, DatabaseError> {
    let occupied = queries.count_occupied(row.id, None, now)?;
    Ok(Entitlement {
        features: queries.features(&row)?,
        attributes: queries.attributes(row.id)?,
        codes: queries.codes(row.id)?,
        seats_in_use: u32::try_from(occupied).unwrap_or(u32::MAX),
        id: row.id,
        product: row.product,
        customer: row.customer,
        seats: row.seats,
        overdraft: row.overdraft,
        offline_lease: row.offline_lease,
        subscription_end: row.subscription_end,
        grace: row.grace,
        request_every: row.request_every,
        created_at: row.created_at,
        ended_at: row.ended_at,
    })
}
