//! Products and their features: adding and listing them.

use std::collections::BTreeSet;

use latchkey_lease::Timestamp;
use latchkey_token::{HasErrorCode, ProductNumber};
use thiserror::Error;

use crate::database::{DatabaseError, NewAudit};
use crate::error_class::{ClassifiedError, codes};
use crate::issuer::Issuer;
use crate::model::{Feature, FeatureType, Product};
use crate::time::truncate_to_seconds;
use crate::validation::{MAX_KEY, ValueError, shorten, validate_name};

/// A product can't be added or shown.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Conflict)]
pub enum ProductError {
    /// A value can't be used.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Value(#[from] ValueError),
    /// There is a product of this name.
    #[code(codes::PRODUCT_NAME_TAKEN)]
    #[error("there is a product {name:?}")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// There is no such product.
    #[code(codes::PRODUCT_UNKNOWN)]
    #[error("there is no product {number}")]
    Unknown {
        /// Its number.
        #[detail(name = "product", display)]
        number: ProductNumber,
    },
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Issuer {
    /// Adds a product. Its features are numbered in the given order.
    ///
    /// # Errors
    /// Returns [`ProductError::Value`] if a name or key is invalid, and [`ProductError::NameTaken`]
    /// if the name is in use.
    ///
    /// # Examples
    /// ```
    /// use chrono::{TimeZone as _, Utc};
    /// use latchkey_issuer::{FeatureType, Issuer};
    ///
    /// let now = Utc.with_ymd_and_hms(2027, 1, 15, 8, 0, 0).unwrap();
    /// let folder = tempfile::tempdir()?;
    /// let mut issuer = Issuer::set_up(&folder.path().join("data"), "Acme", now)?;
    /// let features =
    ///     [("export".to_owned(), FeatureType::Bool), ("nodes".to_owned(), FeatureType::Pool)];
    /// let product = issuer.add_product("Acme CAD", &features, now)?;
    /// assert_eq!(product, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_product(
        &mut self,
        name: &str,
        features: &[(String, FeatureType)],
        now: Timestamp,
    ) -> Result<ProductNumber, ProductError> {
        let now = truncate_to_seconds(now);
        let name = validate_name(name)?;
        let features = number_features(features)?;
        self.database.write(|queries| {
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
        })
    }

    /// All products.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn products(&mut self) -> Result<Vec<Product>, DatabaseError> {
        self.database.read(|queries| queries.products())
    }

    /// One product.
    ///
    /// # Errors
    /// Returns [`ProductError::Unknown`] if there is no such product, and
    /// [`ProductError::Database`] if the database can't be read.
    pub fn product(&mut self, number: ProductNumber) -> Result<Product, ProductError> {
        let product = self.database.read(|queries| queries.product(number))?;
        product.ok_or(ProductError::Unknown { number })
    }
}

fn number_features(features: &[(String, FeatureType)]) -> Result<Vec<Feature>, ValueError> {
    let mut seen = BTreeSet::new();
    let mut numbered = Vec::new();
    for (number, (key, kind)) in (1..).zip(features) {
        let fits = key.starts_with(|first: char| first.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            && key.len() <= MAX_KEY;
        if !fits {
            return Err(ValueError::FeatureKey { key: shorten(key) });
        }
        // Generated program code has one constant per feature.
        if !seen.insert(key.to_ascii_uppercase().replace('-', "_")) {
            return Err(ValueError::FeatureKeyTwice { key: key.clone() });
        }
        numbered.push(Feature { number, key: key.clone(), kind: *kind });
    }
    Ok(numbered)
}
