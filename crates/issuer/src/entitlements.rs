//! Entitlements: adding, changing, ending and listing what customers bought.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use latchkey_lease::time::to_rfc3339;
use latchkey_lease::{Interval, Timestamp};
use latchkey_token::{
    Attributes, FeatureValue, Features, HasErrorCode, IdError, ProductNumber, encoded_terms_len,
    limits,
};
use thiserror::Error;

use crate::activation_codes::{CodeError, NewCode, add_codes};
use crate::database::{DatabaseError, EntitlementRow, NewAudit, ReadTransaction, Transaction};
use crate::error_class::{ClassifiedError, codes};
use crate::issuer::Issuer;
use crate::model::{Entitlement, EntitlementId, Feature, FeatureType, Product};
use crate::time::truncate_to_seconds;
use crate::validation::{MAX_SEATS, ValueError, is_unfit, shorten, validate_name};

/// An entitlement can't be added or changed. Nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Conflict)]
pub enum EntitlementError {
    /// A value can't be used.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Value(#[from] ValueError),
    /// There is no such product.
    #[code(codes::PRODUCT_UNKNOWN)]
    #[error("there is no product {number}")]
    ProductUnknown {
        /// Its number.
        #[detail(name = "product", display)]
        number: ProductNumber,
    },
    /// There is no such entitlement.
    #[code(codes::ENTITLEMENT_UNKNOWN)]
    #[error("there is no entitlement {id}")]
    Unknown {
        /// Its id.
        #[detail(name = "entitlement")]
        id: EntitlementId,
    },
    /// It has ended, for good.
    #[code(codes::ENTITLEMENT_ENDED)]
    #[error("the entitlement has ended")]
    Ended,
    /// A code can't be added.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Code(#[from] CodeError),
    /// An id can't be drawn.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Id(#[from] IdError),
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What a call does to one optional term of an entitlement. The default keeps it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Update<T> {
    /// The term stays as it is.
    #[default]
    Keep,
    /// The term is removed.
    Clear,
    /// The term gets this value.
    Set(T),
}

impl<T> Update<T> {
    /// The value to set, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Keep | Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Update<T> {
    /// `None` removes the term.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

/// The terms of an entitlement that a call sets or changes. The default changes none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntitlementTerms {
    /// The number of seats. A new entitlement needs it.
    pub seats: Option<u32>,
    /// The number of seats that are granted beyond those.
    pub overdraft: Option<u32>,
    /// The customer.
    pub customer: Update<String>,
    /// The length of a lease.
    pub offline_lease: Update<Interval>,
    /// The time beyond which no lease extends.
    pub subscription_end: Update<Timestamp>,
    /// How long the product continues to run after the lease expiry.
    pub grace: Update<Interval>,
    /// Every n-th renewal needs a request from the seat's computer.
    pub request_every: Update<NonZeroU32>,
    /// Features by key, with their values as text; `None` removes a feature.
    pub features: BTreeMap<String, Option<String>>,
    /// Attributes; `None` removes one.
    pub attributes: BTreeMap<String, Option<String>>,
    /// Codes to add. A new entitlement without any gets a generated one.
    pub codes: Vec<NewCode>,
}

impl Issuer {
    /// Adds an entitlement with its activation codes.
    ///
    /// # Errors
    /// Returns [`EntitlementError::ProductUnknown`] if there is no such product,
    /// [`EntitlementError::Value`] if a value is invalid, [`EntitlementError::Code`] if a code is
    /// in use, [`EntitlementError::Id`] if the system provides no random bytes, and
    /// [`EntitlementError::Database`] if the database can't be written; nothing is added then.
    ///
    /// # Examples
    /// ```
    /// use chrono::{TimeZone as _, Utc};
    /// use latchkey_issuer::{EntitlementTerms, Issuer, Update};
    ///
    /// let now = Utc.with_ymd_and_hms(2027, 1, 15, 8, 0, 0).unwrap();
    /// let folder = tempfile::tempdir()?;
    /// let mut issuer = Issuer::set_up(&folder.path().join("data"), "Acme", now)?;
    /// let product = issuer.add_product("Acme CAD", &[], now)?;
    /// let terms = EntitlementTerms {
    ///     customer: Update::Set("Smith & Sons".to_owned()),
    ///     seats: Some(5),
    ///     offline_lease: Update::Set("30d".parse()?),
    ///     grace: Update::Set("7d".parse()?),
    ///     ..Default::default()
    /// };
    /// let id = issuer.add_entitlement(product, &terms, now)?;
    ///
    /// // No code was given, so one was generated.
    /// let entitlement = issuer.entitlement(id, now)?;
    /// assert_eq!((entitlement.seats, entitlement.codes.len()), (5, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
        self.database.write(|queries| {
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
            let detail =
                change_terms(queries, &row, &sold, (Features::new(), Attributes::new()), terms)?;
            record_audit(queries, "entitlement_added", &row, [changed, detail].concat(), now)?;
            add_codes(queries, &row, added, now)?;
            Ok(id)
        })
    }

    /// Changes the given terms. Leases that have been granted stay as they are until the next
    /// refresh.
    ///
    /// # Errors
    /// Returns [`EntitlementError::Unknown`] if there is no such entitlement,
    /// [`EntitlementError::Ended`] if it has ended, [`EntitlementError::Value`] if a value is
    /// invalid, and [`EntitlementError::Database`] if the database can't be written; nothing is
    /// changed then.
    pub fn change_entitlement(
        &mut self,
        id: EntitlementId,
        terms: &EntitlementTerms,
        now: Timestamp,
    ) -> Result<(), EntitlementError> {
        let now = truncate_to_seconds(now);
        self.database.write(|queries| {
            let mut row = active_entitlement(queries, id)?;
            let sold = queries
                .product(row.product)?
                .ok_or(EntitlementError::ProductUnknown { number: row.product })?;
            let changed = apply_changes(&mut row, terms, now)?;
            queries.change_entitlement(&row)?;
            let before = (queries.features(&row)?, queries.attributes(id)?);
            let detail = change_terms(queries, &row, &sold, before, terms)?;
            record_audit(queries, "entitlement_changed", &row, [changed, detail].concat(), now)?;
            add_codes(queries, &row, &terms.codes, now)?;
            Ok(())
        })
    }

    /// Ends an entitlement permanently: nothing is granted or refreshed from then on. Ending it
    /// again has no effect.
    ///
    /// # Errors
    /// Returns [`EntitlementError::Unknown`] if there is no such entitlement, and
    /// [`EntitlementError::Database`] if the database fails.
    pub fn end_entitlement(
        &mut self,
        id: EntitlementId,
        now: Timestamp,
    ) -> Result<(), EntitlementError> {
        let now = truncate_to_seconds(now);
        self.database.write(|queries| {
            let mut row = match active_entitlement(queries, id) {
                Err(EntitlementError::Ended) => return Ok(()),
                other => other?,
            };
            row.ended_at = Some(now);
            queries.change_entitlement(&row)?;
            record_audit(queries, "entitlement_ended", &row, Vec::new(), now)?;
            Ok(())
        })
    }

    /// All entitlements with their codes, oldest first.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
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
    /// Returns [`EntitlementError::Unknown`] if there is no such entitlement, and
    /// [`EntitlementError::Database`] if the database fails.
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

/// Applies the given terms and returns the details for the audit log.
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
    if terms.customer != Update::Keep {
        row.customer = terms.customer.value().map(|name| validate_name(name)).transpose()?;
        detail.push(("customer", row.customer.clone().unwrap_or_default()));
    }
    let shown =
        |interval: Option<Interval>| interval.map_or_else(|| "none".to_owned(), |i| i.to_string());
    for (given, kept, name) in [
        (terms.offline_lease, &mut row.offline_lease, "offline_lease"),
        (terms.grace, &mut row.grace, "grace"),
    ] {
        if given == Update::Keep {
            continue;
        }
        if let Some(interval) = given.value() {
            interval.after(now)?;
        }
        *kept = given.value().copied();
        detail.push((name, shown(*kept)));
    }
    if terms.subscription_end != Update::Keep {
        row.subscription_end = terms.subscription_end.value().copied().map(truncate_to_seconds);
        let shown = row.subscription_end.map_or_else(|| "none".to_owned(), to_rfc3339);
        detail.push(("subscription_end", shown));
    }
    if terms.request_every != Update::Keep {
        row.request_every = terms.request_every.value().copied();
        let shown = row.request_every.map_or_else(|| "none".to_owned(), |every| every.to_string());
        detail.push(("request_every", shown));
    }
    Ok(detail)
}

/// Applies the given features and attributes, and checks that the result still fits into a token.
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
                    key: shorten(key),
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
            return Err(ValueError::Attribute { key: shorten(key) }.into());
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
        // Numbers that a signed column of any database can hold.
        (FeatureType::Pool | FeatureType::Count, number) => number
            .parse::<u64>()
            .ok()
            .filter(|number| *number <= i64::MAX.unsigned_abs())
            .map(FeatureValue::Number),
    };
    value.ok_or_else(|| ValueError::FeatureValue {
        key: feature.key.clone(),
        value: shorten(text),
        kind: feature.kind,
    })
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
    queries: &ReadTransaction<'_>,
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
