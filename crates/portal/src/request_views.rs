//! What pages show about a request or a deactivation that was handed in.

use latchkey_issuer::{ActivateError, EntitlementRefusal};
use maud::{Markup, html};

use crate::request_context::RequestContext;

/// Most bytes of what was typed as an activation code that are shown again: a line of a mail.
const MAX_CODE: usize = 400;

/// What was typed as a code, to be compared with what was sent; nothing if it is longer than a
/// person compares.
pub(crate) fn to_compare(typed: &str) -> &str {
    if typed.len() <= MAX_CODE { typed } else { "" }
}

/// How many characters were repaired, so that users aren't surprised.
pub(crate) fn repaired_note(context: &RequestContext, repaired: usize) -> Markup {
    html! { p.notice data-testid="repaired" { (context.message("portal-repaired", &[("count", repaired.into())])) } }
}

/// Whether another activation code could help where this is the refusal.
pub(crate) const fn is_about_code(error: &ActivateError) -> bool {
    matches!(
        error,
        ActivateError::CodeUnknown
            | ActivateError::CodeDisabled
            | ActivateError::WrongProduct { .. }
            | ActivateError::Entitlement(
                EntitlementRefusal::Ended
                    | EntitlementRefusal::SubscriptionOver { .. }
                    | EntitlementRefusal::NoOfflineLease
            )
            | ActivateError::NoneFree { .. }
    )
}
