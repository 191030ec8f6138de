//! Tests that this implementation and the one in `tests/interop/` read each other's freshly sealed
//! tokens.
//!
//! `tests/interop/run.sh` starts these two tests, and passes the folder in `LATCHKEY_INTEROP`.

use std::path::PathBuf;

use super::vector_file::Vector;
use super::{check, files};
use crate::*;

fn folder() -> PathBuf {
    std::env::var_os("LATCHKEY_INTEROP").expect("tests/interop/run.sh names a folder").into()
}

fn fresh() -> (Seed, SecretKeys) {
    let seed = Seed::random().unwrap();
    let keys = SecretKeys::from_seed(&seed).unwrap();
    (seed, keys)
}

/// A payload, sealed by the shipped code.
fn sealed<P: Payload>(
    payload: &P,
    product: u32,
    author: &SecretKeys,
    reader: &(Seed, SecretKeys),
) -> Vector {
    let token = seal(payload, product, author, reader.1.public()).unwrap();
    let known = P::KIND != Kind::Request;
    Vector {
        expect: "success".to_owned(),
        kind: P::KIND,
        recipient: *reader.0.expose(),
        product: known.then_some(product),
        signers: if known { vec![author.public().to_bytes().to_vec()] } else { Vec::new() },
        payload: Some(payload.to_cbor()),
        has_more: false,
        repaired: 0,
        tokens: 1,
        damaged: Vec::new(),
        missing: Vec::new(),
        then: Vec::new(),
        repeat: 1,
        comment: "sealed just now".to_owned(),
        text: token.to_string(),
    }
}

#[test]
#[ignore = "`tests/interop/run.sh` runs it"]
fn write_fresh_tokens() {
    let now = 1_800_000_000;
    let (device, vendor) = (fresh(), fresh());
    let mut written = Vec::new();
    for round in 0..8_u32 {
        let product = round * 1_000_003;
        let id = |what: u8| [what.wrapping_add(round as u8); 8];
        let features: Features = (0..round)
            .map(|number| match number % 2 {
                0 => (number * 77, FeatureValue::Bool(number % 4 == 0)),
                _ => (number * 77, FeatureValue::Number(1 << (number * 7))),
            })
            .collect();
        let attributes: Attributes = (0..round / 2)
            .map(|number| (format!("schlüssel {number}"), "wert ".repeat(number as usize)))
            .collect();
        let mut traits = HardwareTraits::default();
        for which in
            HardwareTrait::ALL.into_iter().filter(|which| round >> (*which as u8 % 3) & 1 == 1)
        {
            traits.set(which, VendorId::from_bytes(id(9)), product, which.name());
        }
        written.push(sealed(
            &Request {
                product,
                code: ActivationCode::generate().unwrap(),
                device: *device.1.public(),
                request: RequestId::random().unwrap(),
                counter: round.into(),
                seat_name: SeatName::new(&"Büro ".repeat(round as usize)).unwrap(),
                traits,
                created_at: now,
            },
            product,
            &device.1,
            &vendor,
        ));
        let subscription_end = (round % 2 == 1).then_some(now + 86_400);
        written.push(sealed(
            &Response {
                request: RequestId::random().unwrap(),
                seat: SeatId::random().unwrap(),
                activated_at: now,
                lease_expiry: now + 1,
                grace: (round % 3).into(),
                sequence: u64::from(round) << 16,
                features: features.clone(),
                attributes: attributes.clone(),
                subscription_end,
                traits_digest: traits.digest(),
            },
            product,
            &vendor.1,
            &device,
        ));
        written.push(sealed(
            &Refresh {
                seat: SeatId::random().unwrap(),
                issued_at: now,
                lease_expiry: now + i64::from(round),
                sequence: u64::from(round) << 16 | 1,
                grace: (round % 2 == 0).then_some(round.into()),
                features: (round % 3 != 0).then_some(features),
                attributes: (round % 3 != 1).then_some(attributes),
                subscription_end: (round % 4 != 0).then_some(subscription_end),
            },
            product,
            &vendor.1,
            &device,
        ));
        written.push(sealed(
            &Deactivation { seat: SeatId::random().unwrap(), counter: 1 << round, created_at: now },
            product,
            &device.1,
            &vendor,
        ));
    }
    for (number, vector) in written.iter().enumerate() {
        let name = format!("{}-{number}.txt", vector.kind);
        std::fs::write(folder().join(name), vector.to_string()).unwrap();
    }
}

#[test]
#[ignore = "`tests/interop/run.sh` runs it"]
fn read_fresh_tokens() {
    let files = files(&folder());
    for kind in Kind::ALL {
        assert!(files.keys().any(|name| name.starts_with(kind.name())), "no {kind}");
    }
    // The second implementation reads a text only in the way that section 7 and sections B.1 to B.5
    // define. The alternative readings of B.9 only add tokens.
    let mut wrong = Vec::new();
    for (name, file) in &files {
        let vector = Vector::parse(file).unwrap();
        wrong.extend(check(name, &vector, crate::recover::scan::scan_as_specified).err());
        let whole = |found: Result<Vec<FoundToken>, _>| -> Vec<_> {
            found.into_iter().flatten().filter_map(|found| found.token.ok()).collect()
        };
        let text = vector.text.repeat(vector.repeat);
        let (settled, all) =
            (whole(crate::recover::scan::scan_as_specified(&text)), whole(scan(&text)));
        if let Some(lost) = settled.iter().find(|token| !all.contains(token)) {
            wrong.push(format!("{name}: {lost} is lost in other readings"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
