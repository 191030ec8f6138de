//! The code and the details of each error, as the outer layers get them.

use super::*;

/// A code and its details on one line, each value with its kind.
fn shown(error: &dyn HasErrorCode) -> String {
    let details = error.details().into_iter().map(|(name, value)| format!(" {name}={value:?}"));
    error.code().name.chars().chain(details.collect::<String>().chars()).collect()
}

fn assert_shown(errors: &[(&dyn HasErrorCode, &str)]) {
    for (error, expected) in errors {
        assert_eq!(shown(*error), *expected, "{error:?}");
    }
}

#[test]
fn ids_keys_names_and_typed_codes_have_their_codes_and_details() {
    assert_shown(&[
        (&IdError::InvalidHex { digits: 16 }, "id.not_hex digits=Number(16)"),
        (&IdError::RngFailed, "system.randomness"),
        (&KeyError::Malformed, "key.malformed"),
        (&KeyError::Weak, "key.weak"),
        (&KeyError::BadSignature, "key.signature"),
        (&KeyError::RngFailed, "system.randomness"),
        (&ActivationCodeError::Empty, "activation_code.empty"),
        (
            &ActivationCodeError::TooLong { symbols: 33 },
            "activation_code.too_long symbols=Number(33)",
        ),
        (&ActivationCodeError::Symbol { found: 'ß' }, "activation_code.symbol found=Text(\"ß\")"),
        (
            &ActivationCodeError::Token { kind: Kind::Request },
            "activation_code.token kind=Text(\"request\")",
        ),
        (&ActivationCodeError::Unclear, "activation_code.unclear"),
        (&ActivationCodeError::RngFailed, "system.randomness"),
        (&SeatNameError::TooLong { bytes: 65 }, "seat_name.too_long bytes=Number(65)"),
        (&SeatNameError::Control, "seat_name.control"),
        (
            &CodeDoubt::Groups { wrong: vec![1, 2, 4] },
            "activation_code.groups count=Number(3) groups=Numbers([(1, 2), (4, 4)])",
        ),
        (
            &CodeDoubt::Missing { symbols: 2, group: 3 },
            "activation_code.missing symbols=Number(2) group=Number(3)",
        ),
        (&CodeDoubt::Added { symbols: 1 }, "activation_code.added symbols=Number(1)"),
        (&CodeDoubt::Sentence, "activation_code.sentence"),
        (&CodeDoubt::Placeholder, "activation_code.placeholder"),
        (
            &CodeDoubt::Token { kind: Kind::Refresh },
            "activation_code.begins_like_token kind=Text(\"refresh\")",
        ),
    ]);
}

#[test]
fn texts_have_their_codes_and_details() {
    let (format, what) = ("PNG", "link");
    assert_shown(&[
        (
            &TextError::TooLarge { bytes: 9, limit: 8 },
            "text.too_large bytes=Number(9) limit=Number(8)",
        ),
        (&TextError::TooManyTokens { limit: 8 }, "text.too_many_tokens limit=Number(8)"),
        (&TextError::NoneFound, "token.none_found"),
        (&TextError::NoBeginning, "token.no_beginning"),
        (&TextError::TooMuchWork, "text.too_much_work"),
        (&TextError::Empty, "text.empty"),
        (&TextError::Picture { format }, "text.picture format=Text(\"PNG\")"),
        (
            &TextError::PictureParts { looked: 2, count: 3 },
            "text.picture_parts looked=Number(2) count=Number(3)",
        ),
        (&TextError::Archive { format }, "text.archive format=Text(\"PNG\")"),
        (&TextError::Document { format }, "text.document format=Text(\"PNG\")"),
        (&TextError::Program { format }, "text.program format=Text(\"PNG\")"),
        (&TextError::Encrypted { format }, "text.encrypted format=Text(\"PNG\")"),
        (
            &TextError::Attached { what: "file", name: "a.txt".to_owned() },
            "text.attached what=Text(\"file\") name=Text(\"a.txt\")",
        ),
        (
            &TextError::OtherCode { what, said: "https://a".to_owned(), characters: 9 },
            "text.other_code what=Text(\"link\") said=Text(\"https://a\") characters=Number(9)",
        ),
        (&TextError::CodeInstead, "text.code_instead"),
        (
            &TextError::CodeParts { have: 1, count: 2 },
            "text.code_parts have=Number(1) count=Number(2)",
        ),
        (&TextError::CodesUnread { count: 1 }, "text.codes_unread count=Number(1)"),
        (&TextError::Binary, "text.binary"),
    ]);
}

#[test]
fn tokens_have_their_codes_and_details() {
    let key = KeyId([0xab, 0, 1, 2]);
    assert_shown(&[
        (&ReadError::DamagedHeader, "token.beginning_damaged"),
        (&ReadError::InvalidLength { bytes: 7 }, "token.length bytes=Number(7)"),
        (
            &ReadError::Damaged { rows: vec![2, 3], of: 9 },
            "token.damaged rows=Numbers([(2, 3)]) count=Number(2) of=Number(9)",
        ),
        (
            &ReadError::RowsMissing { rows: vec![5], of: 9 },
            "token.rows_missing rows=Numbers([(5, 5)]) count=Number(1) of=Number(9)",
        ),
        (
            &ReadError::DamagedAndMissing { damaged: vec![1, 2], missing: vec![4], of: 9 },
            "token.damaged_and_missing damaged=Numbers([(1, 2)]) damaged_count=Number(2) \
             missing=Numbers([(4, 4)]) missing_count=Number(1) of=Number(9)",
        ),
        (
            &ReadError::MergedTokens { have: 3, of: 9 },
            "token.run_together have=Number(3) of=Number(9)",
        ),
        (
            &ReadError::SymbolsMissing { row: 4, count: 2, of: 9 },
            "token.symbols_missing row=Number(4) count=Number(2) of=Number(9)",
        ),
        (
            &ReadError::SymbolsAdded { row: 4, count: 2, of: 9 },
            "token.symbols_added row=Number(4) count=Number(2) of=Number(9)",
        ),
        (&ReadError::Truncated { have: 3, of: 9 }, "token.truncated have=Number(3) of=Number(9)"),
        (
            &ReadError::FramesMissing { frames: vec![1, 3], of: 4 },
            "token.frames_missing frames=Numbers([(1, 1), (3, 3)]) count=Number(2) of=Number(4)",
        ),
        (&ReadError::DigestMismatch, "token.digest"),
        (
            &ReadError::Envelope(EnvelopeError::UnknownSuite { suite: 200 }),
            "token.suite suite=Number(200)",
        ),
        (&EnvelopeError::InvalidLength { bytes: 7 }, "token.length bytes=Number(7)"),
        (&EnvelopeError::UnknownKind { kind: 9 }, "token.type kind=Number(9)"),
        (&EnvelopeError::PrefixMismatch, "token.prefix_mismatch"),
        (
            &OpenError::WrongKind { expected: Kind::Response, found: Kind::Deactivation },
            "token.wrong_kind expected=Text(\"response\") found=Text(\"deactivation\")",
        ),
        (
            &OpenError::OtherRecipient { recipient: key },
            "token.other_recipient key=Text(\"ab000102\")",
        ),
        (&OpenError::DecryptionFailed, "token.decryption"),
        (
            &OpenError::InvalidEncoding(CborError::DuplicateKey),
            "token.encoding reason=Text(\"duplicate map key\")",
        ),
        (&OpenError::InvalidField { field: 3 }, "token.field field=Number(3)"),
        (&OpenError::UnknownCriticalField { field: 4 }, "token.critical_field field=Number(4)"),
        (&OpenError::UnknownSigner { signer: key }, "token.unknown_signer key=Text(\"ab000102\")"),
        (&OpenError::WeakKey, "token.weak_key"),
        (&OpenError::BadSignature, "token.signature"),
        (&SealError::TooLong { bytes: 5000 }, "token.too_long bytes=Number(5000)"),
        (&SealError::EncryptionFailed, "token.encryption"),
    ]);
}

#[test]
fn codes_and_numbers_are_unique() {
    let mut names: Vec<_> = CODES.iter().map(|code| code.name).collect();
    let mut numbers: Vec<_> = CODES.iter().map(|code| code.number).collect();
    names.sort_unstable();
    names.dedup();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((names.len(), numbers.len()), (CODES.len(), CODES.len()));
}
