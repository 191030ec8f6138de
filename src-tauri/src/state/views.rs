//! Converts the device's types into the views of the pages.

use std::io::Read as _;
use std::path::Path;

use data_encoding::BASE64;
use latchkey_config::{Accent, AccentPalette, Config, PictureKind};
use latchkey_device::time::{from_seconds, to_rfc3339, to_seconds};
use latchkey_device::{
    ApplyOutcome, ClockState, DataDirs, HardwareReason, HardwareVerdict, InspectedToken, Licence,
    OutboxEntry, State, Status, Timestamp,
};
use latchkey_i18n::Names;
use latchkey_token::limits::MAX_SEAT_NAME_BYTES;
use latchkey_token::{FeatureValue, HardwareTrait, Kind};

use crate::error::InternalError;
use crate::names;
use crate::view::{
    AccentPaletteView, AccentView, ClockView, EnvironmentView, FeatureView, HardwareReasonView,
    HardwareVerdictView, HardwareView, InspectionView, KindView, NamesView, OutboxView,
    PendingView, Problem, ProductView, SeatView, StateView, StatusView,
};

/// Largest logo that is shown, in bytes.
const MAX_LOGO_BYTES: u64 = 512 * 1024;

pub(super) fn names_view() -> NamesView {
    let Names { command_line, config_file } = Names::of_process().clone();
    NamesView { program: names::program(), command_line, config_file }
}

pub(super) fn product_view(config: &Config) -> ProductView {
    ProductView {
        vendor: config.profile.vendor_name.clone(),
        name: config.profile.product_name.clone(),
        portal: config.portal.clone(),
        help: config.help.clone(),
        accent: accent_palette_view(config.look.palette()),
        logo: config.look.logo.as_deref().and_then(logo_url),
        computer_name: computer_name(),
        file_store_solves: DataDirs::system()
            .errors_avoided_by_file(config.profile.store)
            .into_iter()
            .map(|code| code.name.to_owned())
            .collect(),
        max_seat_name_bytes: MAX_SEAT_NAME_BYTES as u32,
    }
}

fn accent_palette_view(palette: AccentPalette) -> AccentPaletteView {
    let view =
        |accent: Accent| AccentView { fill: accent.fill.to_string(), on: accent.on.to_string() };
    AccentPaletteView { light: view(palette.light), dark: view(palette.dark) }
}

/// The device's own name, shortened to the limit of a seat name.
fn computer_name() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    let mut name: String = name.chars().filter(|character| !character.is_control()).collect();
    while name.len() > MAX_SEAT_NAME_BYTES {
        name.pop();
    }
    latchkey_device::distinguishable_name(&name)
}

/// A logo as a `data:` URL, which the content security policy allows for pictures: in a picture the
/// webview runs no script and follows no link. Returns `None` for a logo that can't be shown; the
/// pages show the product's first letter instead.
fn logo_url(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = latchkey_files::open_named(path).ok()?;
    file.take(MAX_LOGO_BYTES + 1).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 > MAX_LOGO_BYTES {
        return None;
    }
    let kind = match latchkey_config::picture_kind(path, &bytes)? {
        PictureKind::Svg => "svg+xml",
        PictureKind::Png => "png",
    };
    Some(format!("data:image/{kind};base64,{}", BASE64.encode(&bytes)))
}

/// A time for the pages: RFC 3339 in UTC, in whole seconds.
pub(super) fn rfc3339(time: Timestamp) -> String {
    to_rfc3339(from_seconds(to_seconds(time)))
}

pub(super) fn status_view(status: &Status) -> StatusView {
    StatusView {
        now: rfc3339(status.effective_now),
        state: match status.state {
            State::NotActivated => StateView::NotActivated,
            State::Active => StateView::Active,
            State::LeaseExpired => StateView::LeaseExpired,
        },
        in_grace: status.licence.as_ref().is_some_and(|licence| licence.in_grace),
        seat: status.licence.as_ref().map(seat_view),
        pending_requests: u32::try_from(status.pending_requests).unwrap_or(u32::MAX),
        pending: status.newest_request.as_ref().map(|request| PendingView {
            seat_name: request.seat_name.clone(),
            created_at: rfc3339(request.created_at),
        }),
        outbox: status.outbox.iter().map(outbox_view).collect(),
        outbox_has_room: status.outbox_has_room,
        may_request: status.may_request(),
        clock: match status.clock {
            ClockState::Right => ClockView::Right,
            ClockState::Behind { .. } => ClockView::Behind,
            ClockState::Ahead { .. } => ClockView::Ahead,
        },
        over_by_clock: status.is_over_by_clock_alone(),
        hardware: status.hardware.verdict.map(|verdict| HardwareView {
            verdict: match verdict {
                HardwareVerdict::Match => HardwareVerdictView::Passes,
                HardwareVerdict::KeyOnly => HardwareVerdictView::KeyOnly,
                HardwareVerdict::InGrace { .. } => HardwareVerdictView::InGrace,
                HardwareVerdict::Invalid { .. } => HardwareVerdictView::Over,
            },
            reason: status.hardware.reason().map(|reason| match reason {
                HardwareReason::GraceEnded => HardwareReasonView::GraceEnded,
                HardwareReason::OtherComputer => HardwareReasonView::OtherComputer,
                HardwareReason::NotRecorded => HardwareReasonView::NotRecorded,
            }),
            until: match verdict {
                HardwareVerdict::InGrace { until: end }
                | HardwareVerdict::Invalid { since: end, .. } => Some(rfc3339(end)),
                HardwareVerdict::Match | HardwareVerdict::KeyOnly => None,
            },
            changed: status.hardware.changed.iter().map(trait_name).collect(),
        }),
        environment: EnvironmentView {
            kind: status.surroundings.name().to_owned(),
            by: match status.surroundings.product_name() {
                "" => "none".to_owned(),
                by => by.to_owned(),
            },
        },
    }
}

/// The name of a hardware trait in the user's language.
pub(super) fn trait_name(of: &HardwareTrait) -> String {
    latchkey_i18n::text(&format!("wizard-trait-{}", of.name()), &[])
}

fn seat_view(licence: &Licence) -> SeatView {
    SeatView {
        id: licence.seat.to_string(),
        name: licence.seat_name.clone(),
        activated_at: rfc3339(licence.activated_at),
        lease_start: rfc3339(licence.lease_start),
        lease_expiry: rfc3339(licence.lease_expiry),
        grace_end: (licence.grace_end > licence.lease_expiry).then(|| rfc3339(licence.grace_end)),
        features: licence
            .features
            .iter()
            .filter_map(|feature| {
                let count = match feature.value {
                    FeatureValue::Bool(true) => None,
                    FeatureValue::Bool(false) => return None,
                    FeatureValue::Number(count) => Some(count),
                };
                Some(FeatureView { key: feature.key.clone(), count })
            })
            .collect(),
    }
}

fn outbox_view(entry: &OutboxEntry) -> OutboxView {
    OutboxView {
        id: entry.id.to_string(),
        seat_id: entry.seat.to_string(),
        created_at: rfc3339(entry.created_at),
        token: entry.token.to_string(),
    }
}

pub(super) fn kind_view(kind: Kind) -> KindView {
    match kind {
        Kind::Request => KindView::Request,
        Kind::Response => KindView::Response,
        Kind::Refresh => KindView::Refresh,
        Kind::Deactivation => KindView::Deactivation,
    }
}

/// Reduces the tokens of a text to the one that matters to the user: the last that can be applied,
/// or else the first that was applied before, or else the first that is refused. `has_part` says
/// whether a part of another token is in the text.
pub(super) fn inspection_view(found: &[InspectedToken], has_part: bool) -> InspectionView {
    let ready = found.iter().rev().find_map(|token| match &token.outcome {
        ApplyOutcome::Activated(licence) | ApplyOutcome::Refreshed(licence) => {
            Some((token, licence))
        }
        _ => None,
    });
    if let Some((token, licence)) = ready {
        return InspectionView::Ready {
            kind: kind_view(token.kind),
            lease_expiry: Some(rfc3339(licence.lease_expiry)),
            repaired: u32::try_from(token.repaired).unwrap_or(u32::MAX),
            tokens: u32::try_from(found.len()).unwrap_or(u32::MAX),
            has_part,
        };
    }
    let already =
        found.iter().find(|token| matches!(token.outcome, ApplyOutcome::AlreadyApplied(_)));
    if let Some(token) = already {
        return InspectionView::AlreadyApplied { kind: kind_view(token.kind), has_part };
    }
    let refused = found.iter().find_map(|token| match &token.outcome {
        ApplyOutcome::Refused(error) => Some((token, error)),
        _ => None,
    });
    match refused {
        Some((token, error)) => InspectionView::Error {
            problem: Problem::new(error),
            kind: Some(kind_view(token.kind)),
        },
        None => InspectionView::Error { problem: InternalError::NoResult.into(), kind: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_small_picture_is_shown_as_the_logo() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("logo.svg"), "<svg/>").unwrap();
        std::fs::write(path("logo.exe"), "MZ").unwrap();
        std::fs::write(path("no.png"), "MZ").unwrap();
        std::fs::write(path("no.svg"), "<html>").unwrap();
        std::fs::write(path("large.png"), vec![0; MAX_LOGO_BYTES as usize + 1]).unwrap();
        assert_eq!(logo_url(&path("logo.svg")).unwrap(), "data:image/svg+xml;base64,PHN2Zy8+");
        for name in ["logo.exe", "no.png", "no.svg", "large.png", "missing.png", ""] {
            assert_eq!(logo_url(&path(name)), None, "{name}");
        }
    }
}
