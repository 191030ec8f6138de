//! What a caller chooses in addition to a request, and the activation code that counts for it.

use latchkey_token::{ActivationCode, Request, SeatId};

/// What the caller chooses in addition to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The seat that this computer had before it was reinstalled. Only set on the user's explicit
    /// request.
    pub take_over: Option<SeatId>,
    /// The activation code that replaces the one in the request. It counts only if the request's
    /// own code can't get a seat.
    pub code: Option<GivenCode>,
}

/// An activation code that is given with a request because the request's own isn't the right one.
/// The computer needs no new request for it and accepts the response like any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenCode {
    /// The code.
    pub code: ActivationCode,
    /// Where it was given.
    pub place: GivenAt,
}

/// Where a code was given with a request; recorded in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenAt {
    /// On the licence portal.
    Portal,
    /// On the vendor's command line.
    CommandLine,
}

impl GivenAt {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::CommandLine => "command_line",
        }
    }
}

/// A request and the code that counts for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActivationRequest<'d> {
    pub(crate) request: &'d Request,
    pub(crate) given: Option<&'d GivenCode>,
}

impl<'d> ActivationRequest<'d> {
    /// Giving the request's own code changes nothing, so it is not treated as another code.
    pub(crate) fn of(request: &'d Request, choices: &'d Choices) -> Self {
        let given = choices.code.as_ref().filter(|given| given.code != request.code);
        Self { request, given }
    }

    /// The code that counts.
    pub(crate) fn code(self) -> &'d ActivationCode {
        self.given.map_or(&self.request.code, |given| &given.code)
    }
}
