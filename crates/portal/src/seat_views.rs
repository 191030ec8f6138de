//! How pages for customers and admin pages show a seat: its name, its state and what is left of its
//! lease.

use latchkey_issuer::{Seat, SeatState};
use latchkey_lease::Timestamp;
use latchkey_token::SeatId;
use maud::{Markup, html};

use crate::request_context::RequestContext;

/// A seat without a name is called by its id.
pub(crate) fn name_or_id(name: &str, id: SeatId) -> String {
    if name.is_empty() { id.to_string() } else { name.to_owned() }
}

pub(crate) const fn is_held(state: SeatState) -> bool {
    matches!(state, SeatState::Active | SeatState::LeaseExpired | SeatState::Ended)
}

/// Whether its lease can be prolonged.
pub(crate) fn is_refreshable(state: SeatState) -> bool {
    is_held(state) && state != SeatState::Ended
}

/// In the place of a refresh, where the vendor's policy wants a request for the next renewal.
pub(crate) fn needs_request(context: &RequestContext) -> Markup {
    html! {
        p.notice data-testid="needs-request" {
            (context.label("portal-needs-request")) " "
            a href=(context.link("/")) { (context.label("portal-nav-start")) }
        }
    }
}

/// How many refreshes there are until then, where there is such a policy.
pub(crate) fn refreshes_left(seat: &Seat) -> Option<(&'static str, Markup)> {
    let left = seat.refreshes_left.filter(|_| is_refreshable(seat.state))?;
    Some(("portal-refreshes-left", html! { span data-testid="refreshes-left" { (left) } }))
}

/// When a seat's lease ends, and what is left of it while the seat is held.
pub(crate) fn expiry(context: &RequestContext, seat: &Seat, now: Timestamp) -> Markup {
    match is_held(seat.state) {
        true => context.expiry(seat.lease_expiry, now),
        false => context.time(seat.lease_expiry),
    }
}

/// The state of a seat in words.
pub(crate) fn state(context: &RequestContext, seat: &Seat) -> Markup {
    let name = seat.state.name();
    html! { span.chip data-state=(name) { (context.label(&format!("portal-state-{name}"))) } }
}
