//! The codes of this crate's errors, and their classes by who has to act.

use latchkey_token::HasErrorCode;

pub use latchkey_error_derive::ClassifiedError;

latchkey_token::error_codes! {
    ALREADY_SET_UP = "vendor.already_set_up", 5001;
    NOT_SET_UP = "vendor.not_set_up", 5002;
    KEYS_WITHOUT_DATABASE = "vendor.keys_without_database", 5003;
    DATA_NOT_WRITTEN = "data.not_written", 5004;
    KEYS_MISSING = "keys.missing", 5010;
    KEYS_NOT_READ = "keys.not_read", 5011;
    KEYS_READABLE = "keys.readable_by_others", 5012;
    KEYS_MALFORMED = "keys.malformed", 5013;
    KEYS_NOT_OURS = "keys.not_ours", 5014;
    KEYS_SEALED = "keys.sealed", 5015;
    KEYS_PASSPHRASE = "keys.wrong_passphrase", 5016;
    KEYS_NOT_WRITTEN = "keys.not_written", 5017;
    BACKUP_EXISTS = "backup.exists", 5018;
    BACKUP_NOT_WRITTEN = "backup.not_written", 5019;
    OPERATOR_UNKNOWN = "operator.unknown", 5030;
    OPERATOR_TAKEN = "operator.taken", 5031;
    OPERATOR_PASSPHRASE = "operator.passphrase_short", 5032;
    SIGN_IN_REFUSED = "sign_in.refused", 5033;
    SIGN_IN_LOCKED = "sign_in.locked", 5034;
    NOT_GONE = "notice.none", 5040;
    NO_RETURNS = "notice.no_returns", 5041;
    CLOCK_BEHIND = "clock.behind", 5050;
    CLOCK_AHEAD = "clock.ahead", 5051;
    CLOCK_DISPUTED = "clock.disputed", 5052;
    DATABASE_BUSY = "database.busy", 5020;
    DATABASE_FULL = "database.full", 5021;
    DATABASE_READ_ONLY = "database.read_only", 5022;
    DATABASE_NOT_OPENED = "database.not_opened", 5023;
    DATABASE_DAMAGED = "database.damaged", 5024;
    DATABASE_NEWER = "database.newer", 5025;
    DATABASE_FAILED = "database.failed", 5026;
    DATABASE_READABLE = "database.readable_by_others", 5027;
    NAME_INVALID = "name.invalid", 5100;
    PRODUCT_UNKNOWN = "product.unknown", 5101;
    PRODUCT_NAME_TAKEN = "product.name_taken", 5102;
    FEATURE_KEY_INVALID = "feature.key_invalid", 5103;
    FEATURE_KEY_TWICE = "feature.key_twice", 5104;
    FEATURE_UNKNOWN = "feature.unknown", 5105;
    FEATURE_WRONG_VALUE = "feature.wrong_value", 5106;
    ATTRIBUTE_INVALID = "attribute.invalid", 5107;
    TERMS_TOO_LONG = "terms.too_long", 5108;
    ENTITLEMENT_UNKNOWN = "entitlement.unknown", 5109;
    SEATS_OUT_OF_RANGE = "entitlement.seats_out_of_range", 5110;
    CODE_TAKEN = "activation_code.taken", 5111;
    CODE_UNKNOWN = "code.unknown", 5200;
    CODE_DISABLED = "code.disabled", 5201;
    ENTITLEMENT_ENDED = "entitlement.ended", 5202;
    SUBSCRIPTION_OVER = "entitlement.subscription_over", 5203;
    NO_OFFLINE_LEASE = "entitlement.no_offline_lease", 5204;
    WRONG_PRODUCT = "request.wrong_product", 5205;
    REQUEST_CHANGED = "request.changed", 5206;
    NONE_FREE = "seat.none_free", 5207;
    DEVICE_COPIED = "device.copied", 5208;
    TAKEOVER_LIMIT = "takeover.limit", 5209;
    NOT_SAME_COMPUTER = "takeover.not_same_computer", 5210;
    TAKEOVER_OTHER = "takeover.other_entitlement", 5211;
    SEAT_UNKNOWN = "seat.unknown", 5212;
    SEAT_REUSED = "seat.reused", 5213;
    SEAT_DEACTIVATED = "seat.deactivated", 5214;
    SEAT_RELEASED = "seat.released", 5215;
    LEASE_NOT_GRANTED = "lease.not_granted", 5216;
    TAKEOVER_HAS_SEAT = "takeover.has_seat", 5217;
    SEVERAL_ALIKE = "takeover.several_alike", 5219;
    SUPERSEDED = "deactivation.superseded", 5220;
    OTHER_DEVICE = "deactivation.other_device", 5221;
    UNKNOWN_DEVICE = "deactivation.unknown_device", 5222;
    NOT_FOR_THIS_VENDOR = "token.not_for_this_vendor", 5230;
    KEY_OFFLINE = "token.key_offline", 5231;
    REFRESH_NEEDS_REQUEST = "refresh.needs_request", 5240;
    OWN_CODE_VALID = "code.own_is_valid", 5250;
}

/// The class of an error, by who has to act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The caller: the input is invalid.
    InvalidInput,
    /// The sender of the token: it was refused.
    RefusedToken,
    /// The operation conflicts with the current state.
    Conflict,
    /// The administrator of the server: keys, database or disk failed.
    Internal,
}

/// An error of the issuer.
///
/// The derive macro of the same name implements it from attributes: `#[class(Conflict)]` on the
/// enum for all variants, and on a variant for that one. `#[class(transparent)]` takes the class of
/// the one unnamed field, and any other expression is evaluated with the variant's fields bound by
/// reference, unnamed ones as `_0`, `_1` and so on.
pub trait ClassifiedError: HasErrorCode {
    /// The class of this error.
    fn class(&self) -> ErrorClass;
}
