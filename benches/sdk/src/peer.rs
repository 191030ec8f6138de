//! The peer: `keygen-rs` verifying and decrypting a machine file that says what our lease says. The
//! file is made here, as its documentation describes it, and held in memory: reading a file isn't
//! counted against it.

use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signer as _, SigningKey};
use keygen_rs::config::{KeygenConfig, set_config};
use keygen_rs::machine_file::MachineFile;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::error::Result;

/// The licence key and the machine's fingerprint, from which the peer derives its key.
const SECRET: &str = "0123-4567-89AB-CDEFa fingerprint of a machine";

pub(crate) struct Peer {
    file: MachineFile,
}

impl Peer {
    pub(crate) fn new() -> Result<Self> {
        let signer = SigningKey::from_bytes(&[3; 32]);
        set_config(KeygenConfig {
            account: "bench".to_owned(),
            product: "bench".to_owned(),
            public_key: Some(HEXLOWER.encode(signer.verifying_key().as_bytes())),
            ..KeygenConfig::default()
        })?;
        let certificate = certificate(&signer)?;
        let file = MachineFile::from_cert(SECRET, &certificate)?;
        let peer = Self { file };
        peer.check();
        Ok(peer)
    }

    /// What a product does with it at a check.
    pub(crate) fn check(&self) {
        assert!(self.file.verify().is_ok());
        let dataset = self.file.decrypt(SECRET);
        assert_eq!(
            dataset.map(|dataset| dataset.offline_entitlements().map_or(0, Vec::len)).ok(),
            Some(6)
        );
    }
}

fn certificate(signer: &SigningKey) -> Result<String> {
    let now = chrono::Utc::now();
    let expiry = now + chrono::TimeDelta::hours(30 * 24);
    let relation = |kind: &str, id: &str| json!({ "data": { "type": kind, "id": id } });
    let license = json!({
        "type": "licenses", "id": "license",
        "attributes": {
            "name": null, "key": "0123-4567-89AB-CDEF", "expiry": expiry.to_string(), "status": "ACTIVE",
            "uses": 0, "maxMachines": 3, "maxCores": null, "maxUses": null, "maxProcesses": null, "maxUsers": null,
            "protected": false, "suspended": false, "permissions": null, "metadata": { "plan": "professional" }
        },
        "relationships": { "account": relation("accounts", "bench") }
    });
    let entitlements = (1..=6).map(|number| {
        json!({
            "type": "entitlements", "id": format!("entitlement-{number}"),
            "attributes": {
                "name": format!("Feature {number}"), "code": format!("feature-{number}"),
                "metadata": { "limit": 8 }, "created": now.to_string(), "updated": now.to_string()
            },
            "relationships": { "account": relation("accounts", "bench") }
        })
    });
    let included: Vec<_> = std::iter::once(license).chain(entitlements).collect();
    let dataset = json!({
        "meta": { "issued": now.to_string(), "expiry": expiry.to_string(), "ttl": 30 * 86_400 },
        "data": {
            "type": "machines", "id": "machine",
            "attributes": {
                "fingerprint": "a fingerprint of a machine", "name": "Bench", "platform": "linux", "hostname": null,
                "ip": null, "cores": null, "metadata": {}, "requireHeartbeat": false,
                "heartbeatStatus": "NOT_STARTED", "heartbeatDuration": null,
                "created": now.to_string(), "updated": now.to_string()
            },
            "relationships": { "license": relation("licenses", "license") }
        },
        "included": included
    });
    let plaintext = serde_json::to_vec(&dataset)?;
    let key = Sha256::digest(SECRET.as_bytes());
    let cipher = Aes256Gcm::new_from_slice(&key).map_err(|error| error.to_string())?;
    let nonce = [4; 12];
    let sealed = cipher
        .encrypt(Nonce::from_slice(&nonce), plaintext.as_slice())
        .map_err(|error| error.to_string())?;
    let (ciphertext, tag) = sealed.split_at(sealed.len() - 16);
    let encrypted = [ciphertext, &nonce, tag].map(|part| BASE64.encode(part)).join(".");
    let signature = signer.sign(format!("machine/{encrypted}").as_bytes());
    let certificate = json!({
        "enc": encrypted, "sig": BASE64.encode(&signature.to_bytes()), "alg": "aes-256-gcm+ed25519"
    });
    let body = BASE64.encode(&serde_json::to_vec(&certificate)?);
    let rows: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    let rows = rows.join("\n");
    Ok(format!("-----BEGIN MACHINE FILE-----\n{rows}\n-----END MACHINE FILE-----\n"))
}
