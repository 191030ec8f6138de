//! A request that was handed in, what its caller chooses, and the activation code that counts for
//! it.

use latchkey_token::{ActivationCode, Request, SeatId};

use crate::database::NewAudit;
use crate::refusal::TokenRefusal;

/// The name of this refusal's event in the audit log.
pub(super) const REFUSED: &str = "request_refused";

/// How the audit log records where a code was given with a request.
pub(super) const CODE_GIVEN: &str = "code_given";

/// How the audit log records the request's own code when another one counted.
pub(super) const REQUEST_CODE: &str = "request_code";

/// A request token that was handed in and decrypted once, or why it can't be opened. A token that
/// can't be opened is answered too: with a refusal, which is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRequest(pub(super) Result<Request, TokenRefusal>);

impl ReceivedRequest {
    /// The activation code in the request, so that attempts with it can be counted.
    #[must_use]
    pub fn code(&self) -> Option<&ActivationCode> {
        self.0.as_ref().ok().map(|request| &request.code)
    }

    /// The seat name in the request, so that a list of refusals can name it.
    #[must_use]
    pub fn seat_name(&self) -> Option<&str> {
        self.0.as_ref().ok().map(|request| request.seat_name.as_str())
    }
}

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
    const fn name(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::CommandLine => "command_line",
        }
    }
}

/// A request and the code that counts for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActivationRequest<'d> {
    pub(super) request: &'d Request,
    pub(super) given: Option<&'d GivenCode>,
}

impl<'d> ActivationRequest<'d> {
    /// Giving the request's own code changes nothing, so it is not treated as another code.
    pub(super) fn of(request: &'d Request, choices: &'d Choices) -> Self {
        let given = choices.code.as_ref().filter(|given| given.code != request.code);
        Self { request, given }
    }

    /// The code that counts.
    pub(super) fn code(self) -> &'d ActivationCode {
        self.given.map_or(&self.request.code, |given| &given.code)
    }

    /// An audit row about this request.
    pub(super) fn audit(self, event: &'static str) -> NewAudit {
        let Self { request, given } = self;
        let mut detail = vec![
            ("request", request.request.to_string()),
            ("name", request.seat_name.as_str().to_owned()),
        ];
        if let Some(given) = given {
            detail.push((CODE_GIVEN, given.place.name().to_owned()));
            detail.push((REQUEST_CODE, request.code.masked()));
        }
        NewAudit {
            event,
            product: Some(request.product),
            code: Some(self.code().masked()),
            device: Some(request.device.id().to_string()),
            detail,
            ..Default::default()
        }
    }
}
