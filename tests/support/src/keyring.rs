//! What a keyring holds, and what happens to keyrings: items that stand there twice, collections that live for one
//! session.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use secret_service::EncryptionType;
use secret_service::blocking::{Collection, SecretService};
use zbus::zvariant::OwnedObjectPath;

use crate::desktop::Desktop;

/// The collection that GNOME Keyring keeps in memory and forgets at log-out.
pub const SESSION_COLLECTION: &str = "/org/freedesktop/secrets/collection/session";
/// The collection that is opened at log-in.
pub const LOGIN_COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// Latchkey's items.
type Items = Vec<(String, Vec<u8>)>;

impl Desktop {
    fn keyring(&self) -> Result<SecretService<'static>> {
        let connection = zbus::blocking::connection::Builder::address(self.bus())?.build()?;
        Ok(SecretService::connect_with_existing(EncryptionType::Plain, connection)?)
    }

    /// Latchkey's items that are open: their attribute `username`, and what is in them.
    ///
    /// # Errors
    /// The keyring's.
    pub fn keyring_items(&self) -> Result<Items> {
        let keyring = self.keyring()?;
        let found = keyring.search_items(HashMap::from([("service", "latchkey")]))?;
        let item = |item: &secret_service::blocking::Item<'_>| {
            let user = item.get_attributes()?.remove("username").context("no user")?;
            Ok((user, item.get_secret()?))
        };
        found.unlocked.iter().map(item).collect()
    }

    /// Puts items beside those that are there, as when a keyring is restored next to the one in use.
    ///
    /// # Errors
    /// The keyring's.
    pub fn add_keyring_items(&self, items: &[(String, Vec<u8>)], collection: &str) -> Result<()> {
        let keyring = self.keyring()?;
        let collection = self.collection(&keyring, collection)?;
        for (user, content) in items {
            let attributes = HashMap::from([("service", "latchkey"), ("username", user.as_str())]);
            let kind = "application/octet-stream";
            let _ = collection.create_item("restored", attributes, content, false, kind)?;
        }
        Ok(())
    }

    /// Locks a collection.
    ///
    /// # Errors
    /// The keyring's.
    pub fn lock_collection(&self, collection: &str) -> Result<()> {
        let keyring = self.keyring()?;
        Ok(self.collection(&keyring, collection)?.lock()?)
    }

    /// Makes a collection the one that new items go into.
    ///
    /// # Errors
    /// The keyring's.
    pub fn make_default_collection(&self, collection: &str) -> Result<()> {
        let connection = zbus::blocking::connection::Builder::address(self.bus())?.build()?;
        let path = OwnedObjectPath::try_from(collection)?;
        let _ = connection.call_method(
            Some("org.freedesktop.secrets"),
            "/org/freedesktop/secrets",
            Some("org.freedesktop.Secret.Service"),
            "SetAlias",
            &("default", path),
        )?;
        Ok(())
    }

    #[allow(clippy::unused_self, reason = "of this desktop")]
    fn collection<'k>(
        &self,
        keyring: &'k SecretService<'static>,
        path: &str,
    ) -> Result<Collection<'k>> {
        Ok(keyring.get_collection_by_path(OwnedObjectPath::try_from(path)?)?)
    }
}
