//! What the outer layers get of an error: its code, its details, and who has to act on it.

use std::num::NonZeroU32;

use latchkey_token::{ActivationCodeError, ErrorArg, IdError};

use crate::clock::ClockDoubt;
use crate::{
    ActivateError, ClassifiedError, CodeError, DatabaseError, EntitlementError, FeatureType, InUse,
    KeyFileError, NoticeError, OperatorError, ProductError, RefreshError, SignInError, ValueError,
};

/// The code, the details and the class on one line.
fn shown(error: &dyn ClassifiedError) -> String {
    let mut line = format!("{} {:?}:", error.code(), error.class());
    for (name, value) in error.details() {
        let value = match value {
            ErrorArg::Time(seconds) => format!("@{seconds}"),
            other => other.to_string(),
        };
        line.push_str(&format!(" {name}={value}"));
    }
    line
}

fn assert_shown(errors: &[(&dyn ClassifiedError, &str)]) {
    for (error, expected) in errors {
        assert_eq!(shown(*error), *expected, "{error:?}");
    }
}

#[test]
fn values_and_what_wraps_them_have_their_limits_and_are_invalid_input() {
    let text = |text: &str| text.to_owned();
    let name = ValueError::Name { name: text("x") };
    assert_shown(&[
        (&name, "name.invalid InvalidInput: name=x limit=200"),
        (&ProductError::from(name.clone()), "name.invalid InvalidInput: name=x limit=200"),
        (&EntitlementError::from(name.clone()), "name.invalid InvalidInput: name=x limit=200"),
        (&OperatorError::from(name.clone()), "name.invalid InvalidInput: name=x limit=200"),
        (
            &ValueError::FeatureUnknown { key: text("k"), known: vec![text("a"), text("b")] },
            "feature.unknown InvalidInput: key=k known=a, b count=2",
        ),
        (
            &ValueError::FeatureUnknown { key: text("k"), known: vec![] },
            "feature.unknown InvalidInput: key=k known= count=0",
        ),
        (
            &ValueError::FeatureValue { key: text("k"), value: text("v"), kind: FeatureType::Pool },
            "feature.wrong_value InvalidInput: key=k value=v type=pool",
        ),
        (
            &ValueError::Seats { seats: 0 },
            "entitlement.seats_out_of_range InvalidInput: seats=0 limit=10000000",
        ),
        (&OperatorError::Passphrase, "operator.passphrase_short InvalidInput: least=12 most=1024"),
        (&OperatorError::Machine, "database.failed Internal: reason=argon2"),
        (&SignInError::Refused, "sign_in.refused InvalidInput:"),
    ]);
}

#[test]
fn what_is_unknown_or_taken_is_a_conflict_and_the_rest_is_the_machine_s() {
    let entitlement = "00112233445566ff".parse().unwrap();
    let seat = "8899aabbccddeeff".parse().unwrap();
    let time = |seconds| latchkey_lease::from_seconds(seconds);
    let (now, newest) = (time(1_800_000_000), time(1_700_000_000));
    assert_shown(&[
        (&ProductError::Unknown { number: 7 }, "product.unknown Conflict: product=7"),
        (&EntitlementError::ProductUnknown { number: 7 }, "product.unknown Conflict: product=7"),
        (
            &EntitlementError::Unknown { id: entitlement },
            "entitlement.unknown Conflict: entitlement=00112233445566ff",
        ),
        (&EntitlementError::Id(IdError::RngFailed), "system.randomness Internal:"),
        (
            &CodeError::Taken { masked: "AB…".to_owned() },
            "activation_code.taken Conflict: code=AB…",
        ),
        (&CodeError::Code(ActivationCodeError::Empty), "activation_code.empty InvalidInput:"),
        (&CodeError::Code(ActivationCodeError::RngFailed), "system.randomness Internal:"),
        (&CodeError::Database(DatabaseError::Busy), "database.busy Internal:"),
        (&NoticeError::None { seat }, "notice.none Conflict: seat=8899aabbccddeeff"),
        (&SignInError::Locked { until: now }, "sign_in.locked Conflict: until=@1800000000"),
        (&DatabaseError::Newer { found: 9, known: 6 }, "database.newer Internal: found=9 known=6"),
        (
            &KeyFileError::NotRead { file: "a.key".into(), reason: "folder" },
            "keys.not_read Internal: file=a.key reason=folder",
        ),
        (
            &ClockDoubt::Ahead { now, newest, unexplained: chrono::TimeDelta::days(3) },
            "clock.ahead Internal: now=@1800000000 newest=@1700000000 days=3",
        ),
    ]);
}

#[test]
fn a_refused_request_names_the_seats_that_are_in_use() {
    let seat = "8899aabbccddeeff".parse().unwrap();
    let in_use = |name: &str| InUse {
        seat,
        name: name.to_owned(),
        lease_expiry: latchkey_lease::from_seconds(1_800_000_000),
    };
    let full = |looks_like, several_alike| ActivateError::NoneFree {
        in_use: vec![in_use("Office"), in_use("")],
        looks_like,
        several_alike,
    };
    let start = "seat.none_free RefusedToken: count=2 seats=Office (2027-01-15 08:00 UTC), \
                 8899aabbccddeeff (2027-01-15 08:00 UTC)";
    let every = NonZeroU32::new(3).unwrap();
    assert_shown(&[
        (
            &full(Some(in_use("Office")), false),
            &format!("{start} like=8899aabbccddeeff like_name=Office"),
        ),
        (
            &full(Some(in_use("")), false),
            &format!("{start} like=8899aabbccddeeff like_name=8899aabbccddeeff"),
        ),
        (&full(None, true), &format!("{start} like=several like_name=")),
        (
            &RefreshError::NoneFree { in_use: vec![] },
            "seat.none_free Conflict: count=0 seats= like=none like_name=",
        ),
        (&RefreshError::NeedsRequest { every }, "refresh.needs_request Conflict: every=3"),
        (&ActivateError::TakeoverLimit, "takeover.limit RefusedToken: limit=2 days=365"),
        (
            &ActivateError::SeveralAlike { name: "Office".to_owned() },
            "takeover.several_alike RefusedToken: seat=Office",
        ),
        (
            &ActivateError::HasSeat { seat, name: String::new() },
            "takeover.has_seat RefusedToken: seat=8899aabbccddeeff name=8899aabbccddeeff",
        ),
        (&ActivateError::Id(IdError::RngFailed), "system.randomness Internal:"),
    ]);
}
