//! The codes of the errors that this crate defines.

// The sentences are in `server.ftl`.
latchkey_token::error_codes! {
    #[cfg(test)]
    USAGE = "usage.invalid", 6001;
    KEY_VALUE = "usage.key_value", 6002;
    FEATURE_TYPE = "usage.feature_type", 6003;
    TIME = "usage.time", 6004;
    URL = "usage.url", 6005;
    REQUEST_EVERY = "usage.request_every", 6007;
    INPUT_NOT_READ = "input.not_read", 6010;
    INPUT_TOO_LARGE = "input.too_large", 6011;
    CLOCK = "system.clock", 6030;
    INTERRUPTED = "system.interrupted", 6031;
    WEAK_CODE = "activation_code.weak", 6040;
    PAST_END = "entitlement.past_end", 6041;
    PICTURE_TOO_LARGE = "portal.picture_too_large", 6107;
    PICTURE_UNREADABLE = "portal.picture_unreadable", 6108;
    PICTURE_NO_CODE = "portal.picture_no_code", 6109;
    PICTURE_TOO_MUCH_WORK = "portal.picture_too_much_work", 6120;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_shared_input_has_words() {
        for code in CODES {
            let id = code.name.replace('.', "-");
            assert_ne!(latchkey_i18n::text(&id, &[]), id, "{code} has no words");
        }
    }
}
