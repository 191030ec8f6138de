//! The error codes that the tests rely on, in one place. A code is part of the contract and is
//! never renamed.

pub(crate) const TEXT_EMPTY: &str = "text.empty";
pub(crate) const TEXT_ARCHIVE: &str = "text.archive";
pub(crate) const TEXT_DOCUMENT: &str = "text.document";
pub(crate) const NONE_FOUND: &str = "token.none_found";
pub(crate) const TRUNCATED: &str = "token.truncated";
pub(crate) const DAMAGED: &str = "token.damaged";
pub(crate) const WRONG_KIND: &str = "token.wrong_kind";
pub(crate) const OTHER_COMPUTER: &str = "token.other_computer";
pub(crate) const OTHER_PRODUCT_OF_COMPUTER: &str = "token.other_product";

pub(crate) const OTHER_VENDOR: &str = "token.other_vendor";
pub(crate) const NOT_FOR_THIS_VENDOR: &str = "token.not_for_this_vendor";

pub(crate) const NOT_PENDING: &str = "response.not_pending";
pub(crate) const NEEDS_REQUEST: &str = "refresh.needs_request";
pub(crate) const OLDER_RESPONSE: &str = "response.older";
pub(crate) const OLDER_REFRESH: &str = "refresh.older";
pub(crate) const OTHER_SEAT: &str = "refresh.other_seat";
pub(crate) const REFRESH_NOT_ACTIVATED: &str = "refresh.not_activated";
pub(crate) const NOT_ACTIVATED: &str = "lease.not_activated";
pub(crate) const ALREADY_ACTIVE: &str = "lease.active";
pub(crate) const NOTHING_TO_RENEW: &str = "lease.nothing_to_renew";
pub(crate) const ALREADY_OVER: &str = "lease.already_over";
pub(crate) const NO_SUCH_ENTRY: &str = "outbox.no_such_entry";
pub(crate) const OUTBOX_FULL: &str = "outbox.full";

pub(crate) const UNKNOWN_CODE: &str = "code.unknown";
pub(crate) const CODE_DISABLED: &str = "code.disabled";
pub(crate) const ENDED: &str = "entitlement.ended";
pub(crate) const SUBSCRIPTION_OVER: &str = "entitlement.subscription_over";
pub(crate) const NO_OFFLINE_LEASE: &str = "entitlement.no_offline_lease";
pub(crate) const OTHER_PRODUCT: &str = "request.wrong_product";
pub(crate) const NONE_FREE: &str = "seat.none_free";
pub(crate) const SEAT_UNKNOWN: &str = "seat.unknown";
pub(crate) const SEAT_REUSED: &str = "seat.reused";
pub(crate) const SEAT_DEACTIVATED: &str = "seat.deactivated";
pub(crate) const SEAT_RELEASED: &str = "seat.released";
pub(crate) const TAKE_OVER_REFUSED: &str = "takeover.not_same_computer";
pub(crate) const TAKE_OVER_LIMIT: &str = "takeover.limit";
pub(crate) const COPIED: &str = "device.copied";
pub(crate) const SUPERSEDED: &str = "deactivation.superseded";

pub(crate) const VAULT_BROKEN: &str = "store.damaged";
pub(crate) const STORE_EMPTY: &str = "store.empty";
pub(crate) const VAULT_OF_OTHER_PRODUCT: &str = "store.other_product";
pub(crate) const OTHER_MACHINE: &str = "store.other_machine";
pub(crate) const STORE_READ_ONLY: &str = "store.read_only";
pub(crate) const STORE_FULL: &str = "store.full";

pub(crate) const NO_SESSION: &str = "store.no_session";
pub(crate) const NO_SERVICE: &str = "store.no_service";
pub(crate) const SESSION_ONLY: &str = "store.session_only";
pub(crate) const NOT_INITIALISED: &str = "store.not_initialised";
pub(crate) const FILE_FORBIDDEN: &str = "store.file_forbidden";
pub(crate) const PERMISSION: &str = "store.permission";

pub(crate) const SECTION_MISSING: &str = "package.section_missing";
pub(crate) const NOT_LISTED: &str = "package.not_listed";
pub(crate) const ALTERED: &str = "package.altered";
