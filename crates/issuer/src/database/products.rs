//! Queries on the vendor, products, entitlements and activation codes.

use std::num::NonZeroU32;

use latchkey_lease::Timestamp;
use latchkey_lease::{Interval, from_seconds, to_seconds};
use latchkey_token::{
    ActivationCode, Attributes, FeatureValue, Features, ProductNumber, PublicKeys, VendorId,
};

use super::connection::{ReadTransaction, Transaction};
use super::conversions::{parse_stored, to_stored, to_unsigned};
use super::engine::{Row, values};
use super::error::{DatabaseError, damaged};
use crate::model::{CodeSummary, EntitlementId, Feature, FeatureType, Product, Vendor};

/// A row of an entitlement, without its features, attributes and codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntitlementRow {
    pub(crate) id: EntitlementId,
    pub(crate) product: ProductNumber,
    pub(crate) customer: Option<String>,
    pub(crate) seats: u32,
    pub(crate) overdraft: u32,
    pub(crate) offline_lease: Option<Interval>,
    pub(crate) subscription_end: Option<Timestamp>,
    pub(crate) grace: Option<Interval>,
    pub(crate) request_every: Option<NonZeroU32>,
    pub(crate) created_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
}

/// An activation code and its entitlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodeRow {
    pub(crate) entitlement: EntitlementId,
    pub(crate) disabled: bool,
}

const ENTITLEMENT: &str = "SELECT id, product, customer, seats, overdraft, offline_lease,
        subscription_end, grace, created_at, ended_at, request_every
    FROM entitlement";

impl ReadTransaction<'_> {
    /// The vendor, with the active and the spare key, in this order.
    pub(crate) fn vendor(&self) -> Result<Vendor, DatabaseError> {
        let keys = self.vendor_keys("role IN ('active', 'spare')")?;
        let vendor = self.sql.find("SELECT id, name FROM vendor", &[], |row| {
            let id = parse_stored(&row.get::<String>(0)?, "vendor")?;
            Ok(Vendor { id, name: row.get(1)?, keys })
        });
        vendor?.ok_or_else(|| damaged("vendor"))
    }

    /// All keys that the vendor ever had.
    pub(crate) fn all_vendor_keys(&self) -> Result<Vec<PublicKeys>, DatabaseError> {
        self.vendor_keys("1 = 1")
    }

    /// The signing key.
    pub(crate) fn active_key(&self) -> Result<PublicKeys, DatabaseError> {
        let keys = self.vendor_keys("role = 'active'")?;
        keys.first().copied().ok_or_else(|| damaged("key"))
    }

    /// When a key was made.
    pub(crate) fn key_made_at(&self, keys: &PublicKeys) -> Result<Timestamp, DatabaseError> {
        self.sql.get(
            "SELECT created_at FROM vendor_key WHERE public = $1",
            &values![keys.to_hex()],
            |row| row.get(0).map(from_seconds),
        )
    }

    fn vendor_keys(&self, which: &'static str) -> Result<Vec<PublicKeys>, DatabaseError> {
        let sql = format!(
            "SELECT public FROM vendor_key WHERE {which}
             ORDER BY CASE role WHEN 'active' THEN 0 WHEN 'spare' THEN 1 ELSE 2 END, created_at"
        );
        self.sql.query(&sql, &[], |row| {
            PublicKeys::from_hex(&row.get::<String>(0)?).map_err(|_| damaged("key"))
        })
    }

    /// The identity of the file that the database was in when it was last opened.
    pub(crate) fn file(&self) -> Result<Option<String>, DatabaseError> {
        self.sql.get("SELECT file FROM vendor", &[], |row| row.get(0))
    }

    pub(crate) fn epoch(&self) -> Result<u64, DatabaseError> {
        self.sql.get("SELECT epoch FROM vendor", &[], |row| to_unsigned(row.get(0)?))
    }

    pub(crate) fn product(&self, number: ProductNumber) -> Result<Option<Product>, DatabaseError> {
        let Some(name) = self.product_name(number)? else { return Ok(None) };
        let features = self.sql.query(
            "SELECT number, key, type FROM feature WHERE product = $1 ORDER BY number",
            &values![number],
            |row| {
                let kind = FeatureType::from_name(&row.get::<String>(2)?);
                let kind = kind.ok_or_else(|| damaged("feature"))?;
                Ok(Feature { number: row.get(0)?, key: row.get(1)?, kind })
            },
        )?;
        Ok(Some(Product { number, name, features }))
    }

    /// A product's name alone.
    pub(crate) fn product_name(
        &self,
        number: ProductNumber,
    ) -> Result<Option<String>, DatabaseError> {
        let sql = "SELECT name FROM product WHERE number = $1";
        self.sql.find(sql, &values![number], |row| row.get(0))
    }

    pub(crate) fn products(&self) -> Result<Vec<Product>, DatabaseError> {
        let sql = "SELECT number FROM product ORDER BY number";
        let numbers: Vec<ProductNumber> = self.sql.query(sql, &[], |row| row.get(0))?;
        let products = numbers.into_iter().map(|number| self.product(number));
        products.filter_map(Result::transpose).collect()
    }

    pub(crate) fn entitlement(
        &self,
        id: EntitlementId,
    ) -> Result<Option<EntitlementRow>, DatabaseError> {
        let sql = format!("{ENTITLEMENT} WHERE id = $1");
        self.sql.find(&sql, &values![id.to_string()], entitlement_row)
    }

    /// All entitlements, oldest first.
    pub(crate) fn entitlements(&self) -> Result<Vec<EntitlementRow>, DatabaseError> {
        self.sql.query(&format!("{ENTITLEMENT} ORDER BY ordinal"), &[], entitlement_row)
    }

    /// An entitlement's features. Their values are interpreted by the types of the product's
    /// features.
    pub(crate) fn features(&self, row: &EntitlementRow) -> Result<Features, DatabaseError> {
        let features = self.sql.query(
            "SELECT f.number, f.type, ef.value
             FROM entitlement_feature ef
             JOIN feature f ON f.product = $1 AND f.number = ef.number
             WHERE ef.entitlement = $2",
            &values![row.product, row.id.to_string()],
            |row| {
                let number = to_unsigned(row.get(2)?)?;
                let value = match FeatureType::from_name(&row.get::<String>(1)?) {
                    Some(FeatureType::Bool) => FeatureValue::Bool(number != 0),
                    Some(FeatureType::Pool | FeatureType::Count) => FeatureValue::Number(number),
                    None => return Err(damaged("feature")),
                };
                Ok((row.get(0)?, value))
            },
        )?;
        Ok(features.into_iter().collect())
    }

    pub(crate) fn attributes(&self, id: EntitlementId) -> Result<Attributes, DatabaseError> {
        let attributes = self.sql.query(
            "SELECT key, value FROM entitlement_attribute WHERE entitlement = $1",
            &values![id.to_string()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(attributes.into_iter().collect())
    }

    /// How often an entitlement was locked.
    #[cfg(test)]
    pub(crate) fn locks_taken(&self, id: EntitlementId) -> Result<i64, DatabaseError> {
        let sql = "SELECT taken FROM entitlement WHERE id = $1";
        self.sql.get(sql, &values![id.to_string()], |row| row.get(0))
    }

    pub(crate) fn code(&self, code: &ActivationCode) -> Result<Option<CodeRow>, DatabaseError> {
        self.sql.find(
            "SELECT entitlement, disabled_at FROM activation_code WHERE folded = $1",
            &values![code.expose()],
            |row| {
                let entitlement = parse_stored(&row.get::<String>(0)?, "entitlement")?;
                let disabled: Option<i64> = row.get(1)?;
                Ok(CodeRow { entitlement, disabled: disabled.is_some() })
            },
        )
    }

    /// An entitlement's codes, oldest first.
    pub(crate) fn codes(&self, id: EntitlementId) -> Result<Vec<CodeSummary>, DatabaseError> {
        self.sql.query(
            "SELECT folded, written, disabled_at FROM activation_code
             WHERE entitlement = $1 ORDER BY ordinal",
            &values![id.to_string()],
            |row| {
                let disabled: Option<i64> = row.get(2)?;
                Ok(CodeSummary {
                    code: parse_stored(&row.get::<String>(0)?, "code")?,
                    written: row.get(1)?,
                    disabled: disabled.is_some(),
                })
            },
        )
    }
}

impl Transaction<'_> {
    pub(crate) fn add_vendor(
        &self,
        id: VendorId,
        name: &str,
        at: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.sql.execute(
            "INSERT INTO vendor (id, name, epoch, created_at) VALUES ($1, $2, 0, $3)",
            &values![id.to_string(), name, to_seconds(at)],
        )?;
        Ok(())
    }

    pub(crate) fn add_vendor_key(
        &self,
        keys: &PublicKeys,
        role: &str,
        at: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.sql.execute(
            "INSERT INTO vendor_key (public, role, created_at) VALUES ($1, $2, $3)",
            &values![keys.to_hex(), role, to_seconds(at)],
        )?;
        Ok(())
    }

    pub(crate) fn set_key_role(&self, keys: &PublicKeys, role: &str) -> Result<(), DatabaseError> {
        self.sql.execute(
            "UPDATE vendor_key SET role = $1 WHERE public = $2",
            &values![role, keys.to_hex()],
        )?;
        Ok(())
    }

    pub(crate) fn set_file(&self, file: &str) -> Result<(), DatabaseError> {
        self.sql.execute("UPDATE vendor SET file = $1", &values![file])?;
        Ok(())
    }

    pub(crate) fn increment_epoch(&self) -> Result<u64, DatabaseError> {
        self.sql.execute("UPDATE vendor SET epoch = epoch + 1", &[])?;
        self.epoch()
    }

    /// Inserts a product with the next number. Returns `None` if the name is taken.
    pub(crate) fn add_product(
        &self,
        name: &str,
        features: &[Feature],
        at: Timestamp,
    ) -> Result<Option<ProductNumber>, DatabaseError> {
        let number: Option<ProductNumber> = self.sql.find(
            "INSERT INTO product (number, name, created_at)
             VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM product), $1, $2)
             ON CONFLICT (name) DO NOTHING RETURNING number",
            &values![name, to_seconds(at)],
            |row| row.get(0),
        )?;
        let Some(number) = number else { return Ok(None) };
        for feature in features {
            self.sql.execute(
                "INSERT INTO feature (product, number, key, type) VALUES ($1, $2, $3, $4)",
                &values![number, feature.number, &feature.key, feature.kind.name()],
            )?;
        }
        Ok(Some(number))
    }

    pub(crate) fn add_entitlement(&self, row: &EntitlementRow) -> Result<(), DatabaseError> {
        self.sql.execute(
            "INSERT INTO entitlement
                 (id, product, customer, seats, overdraft, offline_lease, subscription_end, grace,
                  request_every, created_at, ordinal)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
                     (SELECT COALESCE(MAX(ordinal), 0) + 1 FROM entitlement))",
            &values![
                row.id.to_string(),
                row.product,
                row.customer.as_deref(),
                row.seats,
                row.overdraft,
                row.offline_lease.map(|interval| interval.to_string()),
                row.subscription_end.map(to_seconds),
                row.grace.map(|interval| interval.to_string()),
                row.request_every.map(NonZeroU32::get),
                to_seconds(row.created_at),
            ],
        )?;
        Ok(())
    }

    pub(crate) fn change_entitlement(&self, row: &EntitlementRow) -> Result<(), DatabaseError> {
        self.sql.execute(
            "UPDATE entitlement
             SET customer = $1, seats = $2, overdraft = $3, offline_lease = $4,
                 subscription_end = $5, grace = $6, request_every = $7, ended_at = $8
             WHERE id = $9",
            &values![
                row.customer.as_deref(),
                row.seats,
                row.overdraft,
                row.offline_lease.map(|interval| interval.to_string()),
                row.subscription_end.map(to_seconds),
                row.grace.map(|interval| interval.to_string()),
                row.request_every.map(NonZeroU32::get),
                row.ended_at.map(to_seconds),
                row.id.to_string(),
            ],
        )?;
        Ok(())
    }

    /// Locks the entitlement's row: other transactions that count its seats wait until this one is
    /// over.
    pub(crate) fn lock_entitlement(&self, id: EntitlementId) -> Result<(), DatabaseError> {
        let sql = "UPDATE entitlement SET taken = taken + 1 WHERE id = $1";
        self.sql.execute(sql, &values![id.to_string()])?;
        Ok(())
    }

    /// Replaces the features and attributes.
    pub(crate) fn set_terms(
        &self,
        id: EntitlementId,
        features: &Features,
        attributes: &Attributes,
    ) -> Result<(), DatabaseError> {
        let id = id.to_string();
        for table in ["entitlement_feature", "entitlement_attribute"] {
            let sql = format!("DELETE FROM {table} WHERE entitlement = $1");
            self.sql.execute(&sql, &values![&id])?;
        }
        for (number, value) in features {
            let value = match value {
                FeatureValue::Bool(value) => i64::from(*value),
                FeatureValue::Number(value) => to_stored(*value)?,
            };
            self.sql.execute(
                "INSERT INTO entitlement_feature (entitlement, number, value) VALUES ($1, $2, $3)",
                &values![&id, *number, value],
            )?;
        }
        for (key, value) in attributes {
            self.sql.execute(
                "INSERT INTO entitlement_attribute (entitlement, key, value) VALUES ($1, $2, $3)",
                &values![&id, key, value],
            )?;
        }
        Ok(())
    }

    /// Inserts an activation code. Returns `false` if it is in use.
    pub(crate) fn add_code(
        &self,
        entitlement: EntitlementId,
        code: &ActivationCode,
        written: &str,
        at: Timestamp,
    ) -> Result<bool, DatabaseError> {
        let added = self.sql.execute(
            "INSERT INTO activation_code (folded, written, entitlement, created_at, ordinal)
             VALUES ($1, $2, $3, $4,
                     (SELECT COALESCE(MAX(ordinal), 0) + 1 FROM activation_code))
             ON CONFLICT (folded) DO NOTHING",
            &values![code.expose(), written, entitlement.to_string(), to_seconds(at)],
        )?;
        Ok(added == 1)
    }

    pub(crate) fn disable_code(
        &self,
        code: &ActivationCode,
        at: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.sql.execute(
            "UPDATE activation_code SET disabled_at = COALESCE(disabled_at, $1)
             WHERE folded = $2",
            &values![to_seconds(at), code.expose()],
        )?;
        Ok(())
    }
}

fn entitlement_row(row: &Row<'_>) -> Result<EntitlementRow, DatabaseError> {
    let id: String = row.get(0)?;
    let interval =
        |text: Option<String>| text.map(|text| parse_stored(&text, "interval")).transpose();
    let time = |seconds: Option<i64>| seconds.map(from_seconds);
    let every: Option<u32> = row.get(10)?;
    Ok(EntitlementRow {
        id: parse_stored(&id, "entitlement")?,
        product: row.get(1)?,
        customer: row.get(2)?,
        seats: row.get(3)?,
        overdraft: row.get(4)?,
        offline_lease: interval(row.get(5)?)?,
        subscription_end: time(row.get(6)?),
        grace: interval(row.get(7)?)?,
        created_at: from_seconds(row.get(8)?),
        ended_at: time(row.get(9)?),
        request_every: every
            .map(|every| NonZeroU32::new(every).ok_or_else(|| damaged("request_every")))
            .transpose()?,
    })
}
