//! The rows of the details screen.

use std::path::Path;

use latchkey_config::Config;
use latchkey_device::{LicensedFeature, OtherLicence, Status, Timestamp};
use latchkey_token::{FeatureValue, HardwareTrait};

use super::views::{rfc3339, trait_name};
use crate::view::{DetailGroupView, DetailValueView, DetailView};

/// The rows by group, in the order in which they are shown.
pub(super) fn detail_views(
    config: &Config,
    config_file: &Path,
    status: &Status,
) -> Vec<DetailView> {
    use DetailGroupView::{Computer, Licence, Programme};

    let text = |text: String| Some(DetailValueView::Text { text });
    let word = |word: &str| Some(DetailValueView::Word { word: word.to_owned() });
    let time = |time: Timestamp| Some(DetailValueView::Time { time: rfc3339(time) });
    let listed = |ids: Vec<String>| (!ids.is_empty()).then(|| text(ids.join(", "))).flatten();

    let profile = &config.profile;
    let licence = status.licence.as_ref();
    let keys = profile.vendor_keys.iter().map(|key| key.id().to_string()).collect();
    let named = |traits: &[HardwareTrait]| listed(traits.iter().map(trait_name).collect());

    let mut rows = vec![(Licence, "state", word(status.state.name()))];
    if let Some(licence) = licence {
        rows.extend([
            (Licence, "mode", word("offline")),
            (Licence, "seat_name", text(licence.seat_name.clone())),
            (Licence, "seat_id", text(licence.seat.to_string())),
            (Licence, "activated_at", time(licence.activated_at)),
            (Licence, "lease_start", time(licence.lease_start)),
            (Licence, "lease_expiry", time(licence.lease_expiry)),
            (
                Licence,
                "grace_end",
                (licence.grace_end > licence.lease_expiry)
                    .then(|| time(licence.grace_end))
                    .flatten(),
            ),
            (Licence, "in_grace", word(if licence.in_grace { "yes" } else { "no" })),
            (Licence, "subscription_end", licence.subscription_end.and_then(time)),
            (Licence, "features", listed(licence.features.iter().map(feature_text).collect())),
            (
                Licence,
                "attributes",
                listed(
                    licence
                        .attributes
                        .iter()
                        .map(|(key, value)| format!("{key} = {value}"))
                        .collect(),
                ),
            ),
            (Licence, "signer", text(licence.signer.to_string())),
        ]);
    }
    rows.extend([
        (Licence, "pending_requests", text(status.pending_requests.to_string())),
        (Licence, "outbox", text(status.outbox.len().to_string())),
        (Licence, "other_licences", listed(status.other_licences.iter().map(other_text).collect())),
        (Computer, "now", time(status.effective_now)),
        (Computer, "clock", word(status.clock.name())),
        (Computer, "store", word(status.store.kind.name())),
        (
            Computer,
            "store_path",
            status.store.path.as_ref().and_then(|path| text(path.display().to_string())),
        ),
        (Computer, "scope", word(status.store.scope.name())),
        (Computer, "device_key_id", status.device_key.and_then(|key| text(key.to_string()))),
        (Computer, "hardware", status.hardware.verdict.and_then(|verdict| word(verdict.name()))),
        (Computer, "changed_traits", named(&status.hardware.changed)),
        (Computer, "traits", named(&status.traits)),
        (Computer, "surroundings", word(status.surroundings.name())),
        (Computer, "system", text(format!("{} {}", std::env::consts::OS, std::env::consts::ARCH))),
        (Programme, "version", text(env!("CARGO_PKG_VERSION").to_owned())),
        (Programme, "vendor", text(profile.vendor_name.clone())),
        (Programme, "vendor_id", text(profile.vendor.to_string())),
        (Programme, "product", text(profile.product_name.clone())),
        (Programme, "product_number", text(profile.product.to_string())),
        (Programme, "key_ids", listed(keys)),
        (Programme, "config", text(config_file.display().to_string())),
    ]);
    // Without a value these rows are left out instead of being shown as empty.
    rows.retain(|(_, key, value)| {
        value.is_some()
            || !matches!(
                *key,
                "other_licences" | "store_path" | "device_key_id" | "hardware" | "changed_traits"
            )
    });
    rows.into_iter()
        .map(|(group, key, value)| DetailView { group, key: key.to_owned(), value })
        .collect()
}

fn other_text(other: &OtherLicence) -> String {
    let path = other.store.path.as_ref().map(|path| path.display().to_string());
    let values = [
        ("seat", other.seat.to_string().into()),
        ("expiry", rfc3339(other.lease_expiry).into()),
        ("kind", other.store.kind.name().into()),
        ("path", path.unwrap_or_default().into()),
    ];
    latchkey_i18n::text("wizard-detail-other-licence", &values)
}

fn feature_text(feature: &LicensedFeature) -> String {
    match feature.value {
        FeatureValue::Bool(value) => format!("{} = {value}", feature.key),
        FeatureValue::Number(value) => format!("{} = {value}", feature.key),
    }
}
