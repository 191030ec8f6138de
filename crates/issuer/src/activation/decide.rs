//! Answers activation requests: assigns a seat or rejects the request.

use chrono::TimeDelta;
use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_lease::{HardwareMatch, compare, from_seconds, has_strong, to_seconds};
use latchkey_token::{
    ActivationCode, ErrorArg, HardwareTrait, HardwareTraits, HasErrorCode, IdError, Kind,
    OpenError, ProductNumber, ReadError, Request, Response, SealError, SeatId, SecretKeys, Token,
    open_request, seal,
};
use thiserror::Error;

use crate::clock::{self, ClockDoubt};
use crate::database::{
    DatabaseError, EntitlementRow, NewAudit, NewSeat, OccupiedSeat, RequestRow, ResponseRow,
    SeatRow, SeatStatus, Transaction, TransferKind,
};
use crate::error_class::{ClassifiedError, codes};
use crate::grant::{LeaseTerms, next_sequence};
use crate::issuer::Issuer;
use crate::keys::KeysError;
use crate::model::EntitlementId;
use crate::rejection::{EntitlementRejection, SeatRejection, TokenRejection};
use crate::time::{MOVE_DAYS, a_year_before, truncate_to_seconds};

/// How often a seat may move to another computer or to changed hardware within [`MOVE_DAYS`] days
/// before the vendor has to release it.
pub const MOVES: u64 = 2;
/// How far a computer's clock may differ from the server's before the answer mentions it. It allows
/// for time zones and a day in transit.
const NOTABLE: TimeDelta = TimeDelta::hours(24);

/// Maximum number of seats that a refusal names; people don't read longer lists.
const MAX_NAMED: usize = 20;

/// A request that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(RejectedToken)]
pub enum ActivateError {
    /// The token.
    #[code(transparent)]
    #[error(transparent)]
    Token(#[from] TokenRejection),
    /// The activation code isn't known.
    #[code(codes::CODE_UNKNOWN)]
    #[error("the activation code is not known")]
    CodeUnknown,
    /// The activation code has been disabled.
    #[code(codes::CODE_DISABLED)]
    #[error("the activation code is disabled")]
    CodeDisabled,
    /// Another code was given beside a request whose own is valid.
    #[code(codes::OWN_CODE_VALID)]
    #[error("the activation code in the request is valid, no other one counts for it")]
    OwnCodeValid,
    /// The code is for another product.
    #[code(codes::WRONG_PRODUCT)]
    #[error("a request of product {asked}, the code is for product {belongs}")]
    WrongProduct {
        /// The product that asks, by name where it is known.
        asked: String,
        /// The product that the code is for.
        belongs: String,
    },
    /// The entitlement.
    #[code(transparent)]
    #[error(transparent)]
    Entitlement(#[from] EntitlementRejection),
    /// The id was used before by a request that said something else.
    #[code(codes::REQUEST_CHANGED)]
    #[error("the request came before with other content")]
    RequestChanged,
    /// Two computers have the same vault.
    #[code(codes::DEVICE_COPIED)]
    #[error("two computers use one copy of a vault")]
    DeviceCopied,
    /// All seats are in use.
    #[code(codes::NONE_FREE, details = no_free_seat_details(in_use, looks_like.as_ref(), *several_alike))]
    #[error("no seat is free, {} are in use", in_use.len())]
    NoneFree {
        /// The seats that are in use, the one that becomes free first first.
        in_use: Vec<InUse>,
        /// The one seat whose computer looks like the one that asks.
        looks_like: Option<InUse>,
        /// Several seats' computers look like it, as those made from one image do: none of them is said to be it.
        several_alike: bool,
    },
    /// The seat moved too often.
    #[code(codes::TAKEOVER_LIMIT, limit = MOVES, days = MOVE_DAYS.unsigned_abs())]
    #[error("the seat has moved {MOVES} times in {MOVE_DAYS} days")]
    TakeoverLimit,
    /// The seat's computer doesn't look like the one that asks.
    #[code(codes::NOT_SAME_COMPUTER)]
    #[error("not the computer of the seat {name:?}")]
    NotSameComputer {
        /// The seat's name.
        #[detail(name = "seat")]
        name: String,
    },
    /// More than one seat's computer looks like the one that asks.
    #[code(codes::SEVERAL_ALIKE)]
    #[error("several seats' computers look like the one that asks")]
    SeveralAlike {
        /// The seat's name.
        #[detail(name = "seat")]
        name: String,
    },
    /// The seat to be taken over is of another entitlement.
    #[code(codes::TAKEOVER_OTHER)]
    #[error("the seat {seat} is of another entitlement")]
    OtherEntitlement {
        /// The seat.
        seat: SeatId,
    },
    /// The computer has a seat of the entitlement already, so it has no use for another one.
    #[code(codes::TAKEOVER_HAS_SEAT, name = name_or_id(name, *seat))]
    #[error("the computer has the seat {seat} already")]
    HasSeat {
        /// The seat that it has.
        seat: SeatId,
        /// Its name.
        #[detail(skip)]
        name: String,
    },
    /// The seat isn't this computer's any more, or can't be taken over.
    #[code(transparent)]
    #[error(transparent)]
    Seat(#[from] SeatRejection),
    /// This machine's clock is in doubt.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Clock(#[from] ClockDoubt),
    /// An id can't be drawn.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Id(#[from] IdError),
    /// The response can't be sealed.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The keys: they have changed, and the new ones can't be read.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A seat that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// Its id.
    pub seat: SeatId,
    /// Its name.
    pub name: String,
    /// Its lease expiry.
    pub lease_expiry: Timestamp,
}

impl From<&OccupiedSeat> for InUse {
    fn from(seat: &OccupiedSeat) -> Self {
        Self { seat: seat.id, name: seat.name.clone(), lease_expiry: seat.lease_expiry }
    }
}

/// A seat's name, or its id if it has none.
fn name_or_id(name: &str, seat: SeatId) -> String {
    if name.is_empty() { seat.to_string() } else { name.to_owned() }
}

/// Returns the details of the error that no seat is free.
pub(crate) fn no_free_seat_details(
    in_use: &[InUse],
    looks_like: Option<&InUse>,
    several_alike: bool,
) -> Vec<(&'static str, ErrorArg)> {
    let (like, like_name) = match looks_like {
        Some(seat) => (seat.seat.to_string(), name_or_id(&seat.name, seat.seat)),
        None if several_alike => ("several".to_owned(), String::new()),
        None => ("none".to_owned(), String::new()),
    };
    vec![
        ("count", in_use.len().into()),
        ("seats", listed(in_use).into()),
        ("like", like.into()),
        ("like_name", like_name.into()),
    ]
}

/// The seats that leave no room to grant the lease of `seat` again. Only an expired lease can lose
/// its room, if the vendor has lowered the number of seats since; a running one stays as it is.
pub(crate) fn blocking_seats(
    queries: &Transaction<'_>,
    entitlement: &EntitlementRow,
    seat: &SeatRow,
    now: Timestamp,
) -> Result<Option<Vec<InUse>>, DatabaseError> {
    let limit = u64::from(entitlement.seats) + u64::from(entitlement.overdraft);
    if seat.reserved_until > now || queries.count_running_beside(seat, now)? < limit {
        return Ok(None);
    }
    let occupied = queries.occupied(entitlement.id, &seat.device, now)?;
    let running = occupied.iter().filter(|other| other.id != seat.id && other.reserved_until > now);
    Ok(Some(running.map(InUse::from).collect()))
}

/// Seat names and lease expiries, such as `Office 4 (2026-12-16 14:00 UTC), …`, in a form that
/// suits every language. A seat without a name is listed by its id.
fn listed(in_use: &[InUse]) -> String {
    let mut named: Vec<_> = in_use
        .iter()
        .take(MAX_NAMED)
        .map(|seat| {
            format!(
                "{} ({})",
                name_or_id(&seat.name, seat.seat),
                seat.lease_expiry.format("%Y-%m-%d %H:%M UTC")
            )
        })
        .collect();
    if in_use.len() > MAX_NAMED {
        named.push("…".to_owned());
    }
    named.join(", ")
}

/// Why a seat was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantReason {
    /// A seat was free.
    Free,
    /// The computer already has this seat.
    SameSeat,
    /// Another seat's lease and grace had run out.
    Reused {
        /// That seat's name.
        old: String,
    },
    /// The entitlement's overdraft allowed another seat.
    Overdraft,
    /// The seat was taken over from one that the same computer had before it was reinstalled.
    TakenOver {
        /// That seat.
        old: SeatId,
    },
    /// The same request has been answered before, and the response is the same.
    Repeated,
}

impl GrantReason {
    const fn name(&self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::SameSeat => "same_seat",
            Self::Reused { .. } => "reused",
            Self::Overdraft => "overdraft",
            Self::TakenOver { .. } => "taken_over",
            Self::Repeated => "repeated",
        }
    }
}

/// A seat that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The text of the response token.
    pub token: String,
    /// The seat.
    pub seat: SeatId,
    /// Its name.
    pub name: String,
    /// When its lease ends.
    pub lease_expiry: Timestamp,
    /// On what grounds.
    pub grounds: GrantReason,
    /// The time on the computer's clock when it made the request, if that is more than a day from
    /// the server's time. The clock may be wrong, and the computer judges the lease by it. `None`
    /// for an old request that is answered again.
    pub computer_clock: Option<Timestamp>,
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

impl Issuer {
    /// Answers a request. `take_over` names the seat that this computer had before it was
    /// reinstalled; a seat is taken over only if the caller asks for it.
    ///
    /// # Errors
    /// Returns [`ActivateError`] if the request is refused, which is recorded in the audit log, or
    /// if keys or database fail.
    pub fn activate(
        &mut self,
        token: &Token,
        take_over: Option<SeatId>,
        now: Timestamp,
    ) -> Result<Granted, ActivateError> {
        self.activate_with(token, &Choices { take_over, code: None }, now)
    }

    /// Answers a request with the caller's choices.
    ///
    /// # Errors
    /// Returns [`ActivateError`] if the request is refused, which is recorded in the audit log, or
    /// if keys or database fail.
    pub fn activate_with(
        &mut self,
        token: &Token,
        choices: &Choices,
        now: Timestamp,
    ) -> Result<Granted, ActivateError> {
        let now = truncate_to_seconds(now);
        self.use_current_keys()?;
        let request = self.opened_request(token);
        let keys = self.keys.active();
        self.database.write(
            |queries| {
                let request = request.as_ref().map_err(Clone::clone)?;
                Decision::new(queries, keys, ActivationRequest::of(request, choices), now)
                    .decide(choices.take_over)
            },
            |queries, error| match &request {
                Ok(request) => {
                    record_rejection(queries, ActivationRequest::of(request, choices), error, now)
                }
                Err(_) => queries.count_audit(REFUSED, Some(error.code().name), now),
            },
        )
    }

    /// Counts in the audit log that a token was submitted for activation and rejected before it
    /// could be assembled.
    ///
    /// # Errors
    /// Returns [`DatabaseError`] if the database can't be written.
    pub fn record_unread_request(
        &mut self,
        error: &ReadError,
        now: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.record_unread(REFUSED, error, now)
    }

    pub(crate) fn record_unread(
        &mut self,
        event: &'static str,
        error: &ReadError,
        now: Timestamp,
    ) -> Result<(), DatabaseError> {
        let (refusal, now) = (Some(error.code().name), truncate_to_seconds(now));
        self.database.write(|queries| queries.count_audit(event, refusal, now), |_, _| Ok(()))
    }

    /// The seat name in a request, so that a list of refusals can name it. Decides and records
    /// nothing.
    #[must_use]
    pub fn requested_seat_name(&self, token: &Token) -> Option<String> {
        let request = self.opened_request(token).ok()?;
        Some(request.seat_name.as_str().to_owned())
    }

    /// The activation code in a request, so that attempts with it can be counted. Decides and
    /// records nothing.
    #[must_use]
    pub fn requested_code(&mut self, token: &Token) -> Option<ActivationCode> {
        self.use_current_keys().ok()?;
        Some(self.opened_request(token).ok()?.code)
    }

    pub(crate) fn opened_request(&self, token: &Token) -> Result<Request, TokenRejection> {
        if token.kind() != Kind::Request {
            let expected = Kind::Request;
            return Err(OpenError::WrongKind { expected, found: token.kind() }.into());
        }
        Ok(open_request(token, self.recipient(token)?)?.into_payload())
    }

    /// The key that a token is encrypted for, if it is one of the vendor's and its file is on this
    /// machine.
    pub(crate) fn recipient(&self, token: &Token) -> Result<&SecretKeys, TokenRejection> {
        let key = token.recipient();
        match self.keys.find(key) {
            Some(keys) => Ok(keys),
            None if self.vendor.keys.iter().any(|ours| ours.id() == key) => {
                Err(TokenRejection::KeyOffline { key })
            }
            None => Err(TokenRejection::NotForThisVendor { key }),
        }
    }
}

/// The name of this refusal's event in the audit log.
const REFUSED: &str = "request_refused";

/// How the audit log records where a code was given with a request.
const CODE_GIVEN: &str = "code_given";

/// How the audit log records the request's own code when another one counted.
const REQUEST_CODE: &str = "request_code";

/// A refused request is stored too if its code is known, because a copied vault is detected by it.
/// If the code is unknown, anyone can have signed the request with a key made for the purpose. A
/// person who knows a code can make any number of them, so only as many are stored as get their own
/// row in the audit log.
fn record_rejection(
    queries: &Transaction<'_>,
    asked: ActivationRequest<'_>,
    error: &ActivateError,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let refusal = Some(error.code().name);
    let Some(code) = queries.code(asked.code())? else {
        return queries.count_audit(REFUSED, refusal, now);
    };
    let entitlement = Some(code.entitlement);
    let row = NewAudit { refusal, entitlement, ..asked.audit(REFUSED) };
    if queries.add_idle_audit(&row, now)? {
        queries.add_request(asked.request, code.entitlement, asked.given.is_some(), now)?;
    }
    Ok(())
}

/// A request and the code that counts for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActivationRequest<'d> {
    request: &'d Request,
    given: Option<&'d GivenCode>,
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

    fn audit(self, event: &'static str) -> NewAudit {
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

/// A decision on one request, inside its transaction.
pub(crate) struct Decision<'d> {
    queries: &'d Transaction<'d>,
    keys: &'d SecretKeys,
    request: &'d Request,
    asked: ActivationRequest<'d>,
    now: Timestamp,
    /// Additional remarks for the audit log's row about the grant.
    notes: Vec<&'static str>,
}

/// The seat that a grant is for, and why.
struct SeatAssignment {
    seat: SeatRow,
    grounds: GrantReason,
}

/// Where a computer without a seat of an entitlement can get one.
enum Vacancy {
    /// A seat is free.
    Free,
    /// Expired seats that have to be reused for it; the one that expired first comes first.
    Over(Vec<OccupiedSeat>),
    /// The overdraft has a seat left.
    Overdraft,
    /// No seat is available; these are in use.
    None(Vec<OccupiedSeat>),
}

impl<'d> Decision<'d> {
    pub(crate) const fn new(
        queries: &'d Transaction<'d>,
        keys: &'d SecretKeys,
        asked: ActivationRequest<'d>,
        now: Timestamp,
    ) -> Self {
        Self { queries, keys, request: asked.request, asked, now, notes: Vec::new() }
    }

    pub(crate) fn decide(mut self, take_over: Option<SeatId>) -> Result<Granted, ActivateError> {
        let Self { queries, request, now, .. } = self;
        clock::check::<ActivateError>(queries, now, Some(request.created_at))?;
        let mut before = queries.request(&request.device, request.request)?;
        if self.asked.given.is_none()
            && let Some(before) = &mut before
            && before.code_given
            && before.answer.is_some()
        {
            let own = self.own_entitlement()?;
            if own.is_none_or(|own| own.id == before.entitlement) {
                // A request that was answered once doesn't need the right code again.
                queries.lock_entitlement(before.entitlement)?;
                let entitlement = self.entitlement(before.entitlement)?;
                if let Some(granted) = self.replay_response(&entitlement, before)? {
                    return Ok(granted);
                }
            } else {
                // Anyone who saw the request can have given a code of another entitlement while
                // this one had no free seat. Such an answer doesn't keep a request from the seat
                // that its own code entitles it to.
                before.answer = None;
            }
        }
        let code = queries.code(self.asked.code())?.ok_or(ActivateError::CodeUnknown)?;
        queries.lock_entitlement(code.entitlement)?;
        let entitlement = self.entitlement(code.entitlement)?;
        if self.asked.given.is_some() {
            self.check_given_counts(&entitlement, before.as_ref())?;
        }
        if let Some(before) = &before
            && let Some(granted) = self.replay_response(&entitlement, before)?
        {
            return Ok(granted);
        }
        if code.disabled {
            return Err(ActivateError::CodeDisabled);
        }
        EntitlementRejection::ensure_active(&entitlement)?;
        let lease = LeaseTerms::of::<ActivateError>(queries, &entitlement, now)?;
        self.detect_cloned_vault()?;
        queries.add_request(request, entitlement.id, self.asked.given.is_some(), now)?;
        let place = self.assign_seat(&entitlement, take_over)?;
        self.grant(&entitlement, place, &lease)
    }

    /// A given code counts only if the request's own code can't get a seat or belongs to the same
    /// entitlement. Otherwise anyone who sees a request could have it answered under an entitlement
    /// of their own before its computer does.
    fn check_given_counts(
        &self,
        entitlement: &EntitlementRow,
        before: Option<&RequestRow>,
    ) -> Result<(), ActivateError> {
        let is_repeated = |before: &RequestRow| {
            before.code_given && before.answer.is_some() && before.entitlement == entitlement.id
        };
        if before.is_some_and(is_repeated) {
            return Ok(());
        }
        match self.own_entitlement()? {
            Some(own) if own.id != entitlement.id && self.has_room(&own)? => {
                Err(ActivateError::OwnCodeValid)
            }
            _ => Ok(()),
        }
    }

    /// The entitlement of the request's own code, if the code is valid for it: known, not disabled,
    /// for the requesting product, and of an entitlement that grants leases. Whether a seat is free
    /// is a separate question.
    fn own_entitlement(&self) -> Result<Option<EntitlementRow>, ActivateError> {
        let Self { queries, request, now, .. } = self;
        let Some(code) = queries.code(&request.code)?.filter(|code| !code.disabled) else {
            return Ok(None);
        };
        let entitlement = queries.entitlement(code.entitlement)?;
        let Some(own) = entitlement
            .filter(|own| own.product == request.product)
            .filter(|own| EntitlementRejection::ensure_active(own).is_ok())
        else {
            return Ok(None);
        };
        match LeaseTerms::of::<ActivateError>(queries, &own, *now) {
            Ok(_) => Ok(Some(own)),
            Err(ActivateError::Entitlement(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn entitlement(&self, id: EntitlementId) -> Result<EntitlementRow, ActivateError> {
        let entitlement = self.queries.entitlement(id)?.ok_or(ActivateError::CodeUnknown)?;
        if entitlement.product != self.request.product {
            return Err(ActivateError::WrongProduct {
                asked: self.product_name(self.request.product)?,
                belongs: self.product_name(entitlement.product)?,
            });
        }
        Ok(entitlement)
    }

    fn product_name(&self, number: ProductNumber) -> Result<String, DatabaseError> {
        let product = self.queries.product(number)?;
        Ok(product.map_or_else(|| format!("#{number}"), |product| product.name))
    }

    /// Repeating a request returns the same response, byte for byte, as long as the seat still
    /// belongs to this device.
    fn replay_response(
        &self,
        entitlement: &EntitlementRow,
        before: &RequestRow,
    ) -> Result<Option<Granted>, ActivateError> {
        let Self { queries, request, now, .. } = self;
        // A refusal doesn't tie the request to an entitlement if another code is or was given with
        // it.
        let is_free = before.answer.is_none() && (self.asked.given.is_some() || before.code_given);
        if before.counter != request.counter || before.entitlement != entitlement.id && !is_free {
            return Err(ActivateError::RequestChanged);
        }
        let Some(answer) = &before.answer else { return Ok(None) };
        let id = answer.seat;
        let seat = queries.seat(id)?.ok_or(SeatRejection::Unknown { seat: id })?;
        SeatRejection::ensure_held(&seat)?;
        EntitlementRejection::ensure_active(entitlement)?;
        let mut row = NewAudit {
            entitlement: Some(entitlement.id),
            seat: Some(id),
            ..self.asked.audit("response_repeated")
        };
        if before.code_given && self.asked.given.is_none() {
            self.record_code_of_grant(id, &mut row)?;
        }
        queries.add_idle_audit(&row, *now)?;
        Ok(Some(Granted {
            token: answer.response.clone(),
            seat: id,
            name: seat.name,
            lease_expiry: answer.lease_expiry.unwrap_or(seat.lease_expiry),
            grounds: GrantReason::Repeated,
            computer_clock: computer_clock(request, *now).filter(|shown| shown > now),
        }))
    }

    /// A response that was granted with a given code is recorded under that code, and not under the
    /// request's own, when it is returned again without it. The audit row of the grant has the
    /// details.
    fn record_code_of_grant(&self, seat: SeatId, row: &mut NewAudit) -> Result<(), DatabaseError> {
        let grant = self.queries.audit_of_grant(seat, self.request.request)?;
        let (code, detail) = grant.map(|grant| (grant.code, grant.detail)).unwrap_or_default();
        row.code = code;
        for name in [CODE_GIVEN, REQUEST_CODE] {
            if let Some((_, value)) = detail.iter().find(|(key, _)| key == name) {
                row.detail.push((name, value.clone()));
            }
        }
        Ok(())
    }

    /// One counter under two request ids means that the vault was copied. If the hardware traits
    /// differ too, two computers use it.
    fn detect_cloned_vault(&mut self) -> Result<(), ActivateError> {
        let Self { queries, request, .. } = self;
        let others = queries.traits_under_counter(
            &request.device,
            request.counter,
            Some(request.request),
        )?;
        let elsewhere = |other| compare(other, &request.traits) == HardwareMatch::Different;
        if others.iter().any(elsewhere) {
            return Err(ActivateError::DeviceCopied);
        }
        if !others.is_empty() {
            self.notes.push("vault_copied");
        }
        if queries.newest_deactivation(&request.device)? >= Some(request.counter) {
            // Either an old request was held back, or an old vault was restored.
            self.notes.push("older_than_deactivation");
        }
        if !has_strong(&request.traits) {
            self.notes.push("no_strong_trait");
        }
        Ok(())
    }

    fn assign_seat(
        &mut self,
        entitlement: &EntitlementRow,
        take_over: Option<SeatId>,
    ) -> Result<SeatAssignment, ActivateError> {
        let Self { queries, request, .. } = *self;
        if let Some(seat) = queries.held_seat(entitlement.id, &request.device)? {
            if take_over.is_some_and(|old| old != seat.id) {
                return Err(ActivateError::HasSeat { seat: seat.id, name: seat.name });
            }
            self.check_room(entitlement, &seat)?;
            self.count_rebinding(&seat)?;
            if entitlement.request_every.is_some() && request.counter < seat.request_counter {
                // If the policy requires requests as proof, this one was held back or comes from a
                // copy of the vault.
                self.notes.push("older_than_newest");
            }
            return Ok(SeatAssignment { seat, grounds: GrantReason::SameSeat });
        }
        if let Some(old) = take_over {
            return self.take_over(entitlement, old);
        }
        let occupied = match self.vacancy(entitlement)? {
            Vacancy::Free => {
                let seat = self.reassign(entitlement)?;
                self.count_hardware_since(entitlement, &seat)?;
                return Ok(SeatAssignment { seat, grounds: GrantReason::Free });
            }
            Vacancy::Overdraft => {
                let seat = self.reassign(entitlement)?;
                self.count_hardware_since(entitlement, &seat)?;
                return Ok(SeatAssignment { seat, grounds: GrantReason::Overdraft });
            }
            Vacancy::Over(over) => {
                let seat = self.new_seat(entitlement, Some(over[0].lineage))?;
                self.count_hardware_since(entitlement, &seat)?;
                let old = over[0].name.clone();
                for over in over {
                    self.supersede(over.id, &seat, "lease_over")?;
                }
                return Ok(SeatAssignment { seat, grounds: GrantReason::Reused { old } });
            }
            Vacancy::None(occupied) => occupied,
        };
        let alike = alike(&occupied, &request.traits);
        let (looks_like, several_alike) = match alike.as_slice() {
            [one] => (Some(InUse::from(*one)), false),
            several => (None, !several.is_empty()),
        };
        let in_use = occupied.iter().map(InUse::from).collect();
        Err(ActivateError::NoneFree { in_use, looks_like, several_alike })
    }

    /// What an entitlement has for a computer without a seat of it.
    fn vacancy(&self, entitlement: &EntitlementRow) -> Result<Vacancy, DatabaseError> {
        let Self { queries, request, now, .. } = *self;
        let total = queries.count_occupied(entitlement.id, Some(&request.device), now)?;
        let seats = u64::from(entitlement.seats);
        let limit = seats + u64::from(entitlement.overdraft);
        if total < seats {
            return Ok(Vacancy::Free);
        }
        let occupied = queries.occupied(entitlement.id, &request.device, now)?;
        let is_over =
            |seat: &&OccupiedSeat| seat.status == SeatStatus::Held && seat.reserved_until <= now;
        // More than one seat has to be given up only if the vendor has lowered the number of seats
        // since.
        let needed =
            usize::try_from((total + 1).saturating_sub(limit).max(1)).unwrap_or(usize::MAX);
        let over: Vec<_> = occupied.iter().filter(is_over).take(needed).cloned().collect();
        if over.len() == needed {
            return Ok(Vacancy::Over(over));
        }
        Ok(if total < limit { Vacancy::Overdraft } else { Vacancy::None(occupied) })
    }

    /// Whether an entitlement has a seat for the computer, apart from taking one over.
    fn has_room(&self, entitlement: &EntitlementRow) -> Result<bool, DatabaseError> {
        let Self { queries, request, now, .. } = *self;
        match queries.held_seat(entitlement.id, &request.device)? {
            Some(seat) => Ok(blocking_seats(queries, entitlement, &seat, now)?.is_none()),
            None => Ok(!matches!(self.vacancy(entitlement)?, Vacancy::None(_))),
        }
    }

    fn check_room(
        &self,
        entitlement: &EntitlementRow,
        seat: &SeatRow,
    ) -> Result<(), ActivateError> {
        match blocking_seats(self.queries, entitlement, seat, self.now)? {
            Some(in_use) => {
                Err(ActivateError::NoneFree { in_use, looks_like: None, several_alike: false })
            }
            None => Ok(()),
        }
    }

    /// The same device on changed hardware: allowed, and counted like a takeover.
    fn count_rebinding(&mut self, seat: &SeatRow) -> Result<(), ActivateError> {
        if is_changed(&seat.traits, &self.request.traits) {
            self.count_move(seat.lineage, TransferKind::Rebinding, seat.id)?;
            self.notes.push("hardware_changed");
        }
        Ok(())
    }

    /// The same device on other hardware than that on which a lease of a seat that it has given up
    /// may still run. The old seat isn't counted in addition to the new one, because both belong to
    /// one computer; so the change of hardware is counted.
    fn count_hardware_since(
        &mut self,
        entitlement: &EntitlementRow,
        new: &SeatRow,
    ) -> Result<(), ActivateError> {
        let device = &self.request.device;
        let old = self.queries.newest_seat_given_up(entitlement.id, device, self.now)?;
        if old.is_some_and(|old| is_changed(&old.traits, &self.request.traits)) {
            self.count_move(new.lineage, TransferKind::Rebinding, new.id)?;
            self.notes.push("hardware_changed");
        }
        Ok(())
    }

    fn take_over(
        &mut self,
        entitlement: &EntitlementRow,
        old: SeatId,
    ) -> Result<SeatAssignment, ActivateError> {
        let seat = self.queries.seat(old)?.ok_or(SeatRejection::Unknown { seat: old })?;
        if seat.entitlement != entitlement.id {
            return Err(ActivateError::OtherEntitlement { seat: old });
        }
        SeatRejection::ensure_held(&seat)?;
        if !is_its_own(&seat.traits, &self.request.traits) {
            return Err(ActivateError::NotSameComputer { name: seat.name });
        }
        let occupied = self.queries.occupied(entitlement.id, &self.request.device, self.now)?;
        if alike(&occupied, &self.request.traits).iter().any(|other| other.id != old) {
            return Err(ActivateError::SeveralAlike { name: seat.name });
        }
        self.check_room(entitlement, &seat)?;
        let new = self.new_seat(entitlement, Some(seat.lineage))?;
        self.count_move(seat.lineage, TransferKind::Takeover, new.id)?;
        self.supersede(old, &new, "taken_over")?;
        Ok(SeatAssignment { seat: new, grounds: GrantReason::TakenOver { old } })
    }

    fn count_move(
        &self,
        lineage: SeatId,
        kind: TransferKind,
        seat: SeatId,
    ) -> Result<(), ActivateError> {
        let since = a_year_before(self.now);
        if self.queries.transfers_since(lineage, since)? >= MOVES {
            return Err(ActivateError::TakeoverLimit);
        }
        Ok(self.queries.add_transfer(lineage, kind, seat, self.now)?)
    }

    /// A new seat that replaces a returned one, if there is one; its early returns keep counting.
    fn reassign(&self, entitlement: &EntitlementRow) -> Result<SeatRow, ActivateError> {
        let asking = &self.request.device;
        let line = self.queries.idle_line(entitlement.id, asking, self.now)?;
        self.new_seat(entitlement, line)
    }

    fn new_seat(
        &self,
        entitlement: &EntitlementRow,
        lineage: Option<SeatId>,
    ) -> Result<SeatRow, ActivateError> {
        let id = SeatId::random()?;
        let new = NewSeat {
            id,
            entitlement: entitlement.id,
            device: self.request.device,
            traits: self.request.traits,
            lineage: lineage.unwrap_or(id),
        };
        self.queries.add_seat(&new, self.now)?;
        Ok(self.queries.seat(id)?.ok_or(SeatRejection::Unknown { seat: id })?)
    }

    /// Marks a seat as reused by another one. It can no longer be refreshed.
    fn supersede(
        &self,
        old: SeatId,
        new: &SeatRow,
        why: &'static str,
    ) -> Result<(), ActivateError> {
        let mut seat = self.queries.seat(old)?.ok_or(SeatRejection::Unknown { seat: old })?;
        seat.status = SeatStatus::Reused;
        seat.closed_at = Some(self.now);
        seat.reused_by = Some(new.id);
        self.queries.change_seat(&seat)?;
        let row = NewAudit {
            event: "seat_reused",
            product: Some(self.request.product),
            entitlement: Some(seat.entitlement),
            seat: Some(old),
            device: Some(seat.device.id().to_string()),
            detail: vec![("by", new.id.to_string()), ("why", why.to_owned())],
            ..Default::default()
        };
        Ok(self.queries.add_audit(&row, self.now)?)
    }

    fn grant(
        self,
        entitlement: &EntitlementRow,
        place: SeatAssignment,
        lease: &LeaseTerms,
    ) -> Result<Granted, ActivateError> {
        let Self { queries, request, asked, now, .. } = self;
        let SeatAssignment { mut seat, grounds } = place;
        let sequence = next_sequence(queries, seat.sequence)?;
        let response = Response {
            request: request.request,
            seat: seat.id,
            activated_at: to_seconds(now),
            lease_expiry: to_seconds(lease.expiry),
            grace: lease.grace,
            sequence,
            features: lease.features.clone(),
            attributes: lease.attributes.clone(),
            subscription_end: lease.subscription_end,
            traits_digest: request.traits.digest(),
        };
        let token = seal(&response, request.product, self.keys, &request.device)?.to_string();

        seat.activated_at = now;
        seat.lease_expiry = lease.expiry;
        seat.reserved_until = seat.reserved_until.max(lease.taken_until);
        seat.sequence = sequence;
        // Only a counter that hasn't been seen before proves anything. A copy of the vault, or a
        // request that was made long ago, renews the lease like any request, but doesn't allow
        // refreshes again.
        if request.counter > seat.request_counter {
            seat.refreshes = 0;
        }
        // Requests may arrive in any order; the newest one describes the computer best.
        if request.counter >= seat.request_counter {
            seat.request_counter = request.counter;
            seat.traits = request.traits;
            request.seat_name.as_str().clone_into(&mut seat.name);
        }
        queries.change_seat(&seat)?;
        queries.add_response(&ResponseRow {
            seat: seat.id,
            sequence,
            issued_at: now,
            lease_expiry: lease.expiry,
            terms: &lease.terms(),
        })?;
        let code_given = asked.given.is_some();
        queries.answer_request(&request.device, request.request, &seat, &token, code_given)?;

        let mut row = NewAudit {
            entitlement: Some(entitlement.id),
            seat: Some(seat.id),
            ..asked.audit("seat_granted")
        };
        row.detail.push(("grounds", grounds.name().to_owned()));
        row.detail.push(("lease_expiry", to_rfc3339(lease.expiry)));
        row.detail.push(("sequence", sequence.to_string()));
        if !self.notes.is_empty() {
            row.detail.push(("notes", self.notes.join(" ")));
        }
        queries.add_audit(&row, now)?;
        // The request agreed with this machine's clock.
        if queries.newest_record()?.is_none_or(|record| record.at < now) {
            queries.set_newest_record(now)?;
        }
        let computer_clock = computer_clock(request, now);
        let (seat, name, lease_expiry) = (seat.id, seat.name, lease.expiry);
        Ok(Granted { token, seat, name, lease_expiry, grounds, computer_clock })
    }
}

/// The time on the computer's clock when it made a request, if that is far from the server's time.
fn computer_clock(request: &Request, now: Timestamp) -> Option<Timestamp> {
    let shown = from_seconds(request.created_at);
    (shown.signed_duration_since(now).abs() > NOTABLE).then_some(shown)
}

/// The held seats whose computer could be the requesting one. More than one is inconclusive:
/// computers made from one image look alike, and so do the seats of one computer's users.
fn alike<'o>(occupied: &'o [OccupiedSeat], traits: &HardwareTraits) -> Vec<&'o OccupiedSeat> {
    occupied
        .iter()
        .filter(|seat| seat.status == SeatStatus::Held && is_its_own(&seat.traits, traits))
        .collect()
}

/// Whether a computer could be the one that a seat was granted to: either it is the same one, or it
/// was reinstalled and its hardware is unchanged.
fn is_its_own(seat: &HardwareTraits, now: &HardwareTraits) -> bool {
    let same = |one, other| matches!(compare(one, other), HardwareMatch::Same(_));
    let hardware = |traits: &HardwareTraits| traits.without(HardwareTrait::OsInstall);
    same(seat, now) || same(&hardware(seat), &hardware(now))
}

/// Whether the hardware of a seat's computer differs too much from what it was.
fn is_changed(seat: &HardwareTraits, now: &HardwareTraits) -> bool {
    matches!(compare(seat, now), HardwareMatch::Changed | HardwareMatch::Different)
}
