//! Contents of a keyring, and unusual states: duplicate items, and collections that exist only for
//! one session.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use secret_service::EncryptionType;
use secret_service::blocking::{Collection, SecretService};
use zbus::blocking::Connection;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::desktop::{Desktop, KEYRING_PASSWORD};

/// The collection that GNOME Keyring keeps in memory and forgets at log-out.
pub const SESSION_COLLECTION: &str = "/org/freedesktop/secrets/collection/session";
/// The collection that is opened at log-in.
pub const LOGIN_COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// Latchkey's items.
type Items = Vec<(String, Vec<u8>)>;

const SERVICE: Option<&str> = Some("org.freedesktop.secrets");
const PATH: &str = "/org/freedesktop/secrets";
/// GNOME Keyring's interface for the log-in, which doesn't prompt.
const INTERNAL: Option<&str> = Some("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface");

/// The desktop's password as the Secret Service takes it: session, parameters, value, type.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, &'static str);

fn password(connection: &Connection) -> Result<Secret> {
    let interface = Some("org.freedesktop.Secret.Service");
    let plain = ("plain", Value::from(""));
    let opened = connection.call_method(SERVICE, PATH, interface, "OpenSession", &plain)?;
    let (_, session): (OwnedValue, OwnedObjectPath) = opened.body().deserialize()?;
    Ok((session, Vec::new(), KEYRING_PASSWORD.as_bytes().to_vec(), "text/plain"))
}

impl Desktop {
    fn connection(&self) -> Result<Connection> {
        Ok(zbus::blocking::connection::Builder::address(self.bus())?.build()?)
    }

    fn keyring(&self) -> Result<SecretService<'static>> {
        let connection = self.connection()?;
        Ok(SecretService::connect_with_existing(EncryptionType::Plain, connection)?)
    }

    /// Latchkey's items that are open: their attribute `username`, and what is in them.
    ///
    /// # Errors
    /// Fails if the keyring doesn't answer or an item can't be read.
    pub fn keyring_items(&self) -> Result<Items> {
        let keyring = self.keyring()?;
        let found = keyring.search_items(HashMap::from([("service", "latchkey")]))?;
        let item = |item: &secret_service::blocking::Item<'_>| {
            let user = item.get_attributes()?.remove("username").context("no user")?;
            Ok((user, item.get_secret()?))
        };
        found.unlocked.iter().map(item).collect()
    }

    /// Puts items beside those that are there, as when a keyring is restored next to the one in
    /// use.
    ///
    /// # Errors
    /// Fails if the keyring refuses an item.
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

    /// Puts one content into all of Latchkey's items that are open, as when an older keyring is
    /// restored.
    ///
    /// # Errors
    /// Fails if the keyring refuses an item.
    pub fn replace_keyring_items(&self, items: &[(String, Vec<u8>)]) -> Result<()> {
        let keyring = self.keyring()?;
        let found = keyring.search_items(HashMap::from([("service", "latchkey")]))?;
        let (_, content) = items.first().context("no item")?;
        for item in &found.unlocked {
            item.set_secret(content, "application/octet-stream")?;
        }
        Ok(())
    }

    /// Removes Latchkey's items from a collection.
    ///
    /// # Errors
    /// Fails if the keyring refuses the deletion.
    pub fn delete_keyring_items(&self, collection: &str) -> Result<()> {
        let keyring = self.keyring()?;
        let collection = self.collection(&keyring, collection)?;
        for item in collection.search_items(HashMap::from([("service", "latchkey")]))? {
            item.delete()?;
        }
        Ok(())
    }

    /// Locks a collection.
    ///
    /// # Errors
    /// Fails if the keyring doesn't lock it.
    pub fn lock_collection(&self, collection: &str) -> Result<()> {
        let keyring = self.keyring()?;
        Ok(self.collection(&keyring, collection)?.lock()?)
    }

    /// Makes an open collection beside the one that is opened at log-in, and gives its path.
    ///
    /// # Errors
    /// Fails if the keyring doesn't create it.
    pub fn add_collection(&self, label: &str) -> Result<String> {
        let label = Value::from(label);
        let properties = HashMap::from([("org.freedesktop.Secret.Collection.Label", label)]);
        let connection = self.connection()?;
        let made = connection.call_method(
            SERVICE,
            PATH,
            INTERNAL,
            "CreateWithMasterPassword",
            &(properties, password(&connection)?),
        )?;
        let path: OwnedObjectPath = made.body().deserialize()?;
        Ok(path.to_string())
    }

    /// Opens a collection of [`Desktop::add_collection`] again, as its owner does who types the
    /// password.
    ///
    /// # Errors
    /// Fails if the keyring doesn't unlock it.
    pub fn unlock_collection(&self, collection: &str) -> Result<()> {
        let path = OwnedObjectPath::try_from(collection)?;
        let connection = self.connection()?;
        let body = (path, password(&connection)?);
        let _ =
            connection.call_method(SERVICE, PATH, INTERNAL, "UnlockWithMasterPassword", &body)?;
        Ok(())
    }

    /// Makes a collection the one that new items go into.
    ///
    /// # Errors
    /// Fails if the keyring refuses the change.
    pub fn make_default_collection(&self, collection: &str) -> Result<()> {
        let connection = self.connection()?;
        let path = OwnedObjectPath::try_from(collection)?;
        let _ = connection.call_method(
            SERVICE,
            PATH,
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
