//! Tests of products, entitlements and codes, and of setting up and opening.

use latchkey_token::{HasErrorCode as _, limits};

use super::fixture::*;
use crate::*;

#[test]
fn a_vendor_is_never_set_up_over_another_one() {
    let fixture = Fixture::new(1);
    let folder = fixture.issuer.folder();
    assert_eq!(refused(Issuer::set_up(folder, "Other", day(1))), "vendor.already_set_up");
    std::fs::remove_file(folder.join("issuer.db")).unwrap();
    let refusal = Issuer::set_up(folder, "Other", day(1));
    assert_eq!(refused(refusal), "vendor.keys_without_database");
    assert_eq!(refused(Issuer::open(folder, day(1))), "vendor.keys_without_database");
    assert_eq!(refused(Issuer::open(&folder.join("nowhere"), day(1))), "vendor.not_set_up");
}

#[test]
fn setting_up_leaves_only_the_finished_files() {
    let fixture = Fixture::new(1);
    let entries = std::fs::read_dir(fixture.issuer.folder()).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.starts_with("issuer.db-"));
    names.sort();
    assert_eq!(names, ["issuer.db", "keys"]);
}

#[test]
fn keys_and_database_belong_together() {
    let (fixture, other) = (Fixture::new(1), Fixture::new(1));
    let key = |fixture: &Fixture| fixture.issuer.folder().join("keys/active.key");
    std::fs::copy(key(&other), key(&fixture)).unwrap();
    assert_eq!(refused(Issuer::open(fixture.issuer.folder(), day(1))), "keys.not_ours");
}

#[test]
fn all_data_is_available_after_reopening() {
    let mut fixture = Fixture::new(1);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    let folder = fixture.issuer.folder().to_owned();
    let vendor = fixture.issuer.vendor().clone();
    fixture.issuer = Issuer::open(&folder, day(1)).unwrap();
    assert_eq!(fixture.issuer.vendor(), &vendor);
    assert_eq!(fixture.state(seat, day(1)), SeatState::Active);
    assert_eq!(fixture.events()[0], "vendor_set_up");
}

#[test]
fn features_are_numbered_from_one_within_the_product() {
    let mut fixture = Fixture::new(1);
    let products = fixture.issuer.products().unwrap();
    let numbers: Vec<_> =
        products[0].features.iter().map(|f| (f.number, f.key.as_str(), f.kind)).collect();
    let expected = [
        (1, "export", FeatureType::Bool),
        (2, "nodes", FeatureType::Pool),
        (3, "renders", FeatureType::Count),
    ];
    assert_eq!(numbers, expected);
    assert_eq!((products[0].number, products[1].number), (1, 2));
}

#[test]
fn invalid_products_are_refused() {
    let mut fixture = Fixture::new(1);
    let mut add = |name: &str, keys: &[&str]| {
        let features: Vec<_> =
            keys.iter().map(|key| ((*key).to_owned(), FeatureType::Bool)).collect();
        refused(fixture.issuer.add_product(name, &features, day(0)))
    };
    assert_eq!(add("Acme CAD", &[]), "product.name_taken");
    for name in ["", "  ", "a\nb", "a\u{202e}b", "a\u{2066}b", "a\u{2028}b", &"x".repeat(201)] {
        assert_eq!(add(name, &[]), "name.invalid", "{name:?}");
    }
    for key in ["", "1st", "ä", "a b", "a=b", &"x".repeat(41)] {
        assert_eq!(add("New", &[key]), "feature.key_invalid", "{key:?}");
    }
    assert_eq!(add("New", &["a-b", "A_B"]), "feature.key_twice");
}

#[test]
fn an_entitlement_gets_a_code_with_a_check_when_none_is_given() {
    let mut fixture = Fixture::new(1);
    let given = EntitlementTerms { codes: Vec::new(), ..terms(1, "X") };
    let id = fixture.issuer.add_entitlement(1, &given, day(0)).unwrap();
    let codes = fixture.issuer.entitlement(id, day(0)).unwrap().codes;
    assert_eq!((codes.len(), codes[0].code.symbols()), (1, 20));
    assert_eq!(codes[0].code.doubt(), None);
    let groups: Vec<_> = codes[0].written.split('-').map(str::len).collect();
    assert_eq!(groups, [5; 4], "the code isn't in groups for people");
}

#[test]
fn codes_print_masked() {
    let mut fixture = Fixture::new(1);
    let printed = format!(
        "{:?} {:?}",
        fixture.issuer.entitlements(day(0)).unwrap(),
        NewCode::custom(CODE).unwrap()
    );
    assert!(!printed.contains("0000-1111") && printed.contains("••••-2222"), "{printed}");
}

#[test]
fn a_code_is_recognised_as_taken_however_it_is_written() {
    let mut fixture = Fixture::new(1);
    let same = "acme 0O0o 1iLl 2222";
    let refusal = fixture.issuer.add_entitlement(1, &terms(1, same), day(0)).unwrap_err();
    assert_eq!(refusal.code().name, "activation_code.taken");
    assert_eq!(fixture.issuer.entitlements(day(0)).unwrap().len(), 1);
    let code = NewCode::custom(same).unwrap();
    let refusal = fixture.issuer.add_code(fixture.entitlement, &code, day(0));
    assert_eq!(refused(refusal), "activation_code.taken");
    assert!(NewCode::custom("SHORT").unwrap().is_weak());
    assert!(!NewCode::generate().unwrap().is_weak());
}

#[test]
fn terms_that_do_not_fit_into_a_token_are_refused_where_they_are_made() {
    let mut fixture = Fixture::new(1);
    let with = |length: usize| EntitlementTerms {
        attributes: named([("a", Some("x".repeat(length).as_str()))]),
        ..Default::default()
    };
    // The overhead is an empty map of features, a list of two, a key of one byte, and a text with a
    // header of three bytes.
    let most = limits::MAX_TERMS_BYTES - 1 - 1 - 2 - 3;
    let id = fixture.entitlement;
    assert!(fixture.issuer.change_entitlement(id, &with(most), day(0)).is_ok());
    let refusal = fixture.issuer.change_entitlement(id, &with(most + 1), day(0));
    assert_eq!(refused(refusal), "terms.too_long");
    let request = Computer::new("A").request(&fixture);
    assert!(fixture.activate(&request, day(1)).is_ok());
}

#[test]
fn invalid_values_are_refused_and_change_nothing() {
    let mut fixture = Fixture::new(1);
    let before = fixture.issuer.entitlements(day(0)).unwrap();
    let rows = fixture.events().len();
    let feature = |key: &str, value: &str| EntitlementTerms {
        seats: Some(9),
        features: named([(key, Some(value))]),
        ..Default::default()
    };
    let seats = |seats| EntitlementTerms { seats: Some(seats), ..Default::default() };
    for (terms, code) in [
        (feature("import", "true"), "feature.unknown"),
        (feature("export", "yes"), "feature.wrong_value"),
        (feature("nodes", "true"), "feature.wrong_value"),
        (feature("nodes", "-1"), "feature.wrong_value"),
        (feature("renders", "9223372036854775808"), "feature.wrong_value"),
        (seats(0), "entitlement.seats_out_of_range"),
        (seats(u32::MAX), "entitlement.seats_out_of_range"),
        (
            EntitlementTerms { attributes: named([("", Some("x"))]), ..Default::default() },
            "attribute.invalid",
        ),
        (
            EntitlementTerms { attributes: named([("a", Some("x\u{0}"))]), ..Default::default() },
            "attribute.invalid",
        ),
        (
            EntitlementTerms {
                attributes: named([("a", Some("x\u{202e}y"))]),
                ..Default::default()
            },
            "attribute.invalid",
        ),
        (
            EntitlementTerms {
                customer: Update::Set("a\u{2069}b".to_owned()),
                ..Default::default()
            },
            "name.invalid",
        ),
        (
            EntitlementTerms { customer: Update::Set("\n".to_owned()), ..Default::default() },
            "name.invalid",
        ),
    ] {
        let refusal = fixture.issuer.change_entitlement(fixture.entitlement, &terms, day(0));
        assert_eq!(refused(refusal), code, "{terms:?}");
    }
    assert_eq!(fixture.issuer.entitlements(day(0)).unwrap(), before);
    assert_eq!(fixture.events().len(), rows);
}

#[test]
fn only_the_given_terms_of_an_entitlement_change() {
    let mut fixture = Fixture::new(1);
    fixture.set(EntitlementTerms {
        customer: Update::Set("Müller".to_owned()),
        features: named([("export", Some("true")), ("nodes", Some("8"))]),
        ..Default::default()
    });
    fixture.set(EntitlementTerms {
        grace: Update::Clear,
        features: named([("export", Some("false"))]),
        codes: vec![NewCode::generate().unwrap()],
        ..Default::default()
    });
    let entitlement = fixture.issuer.entitlement(fixture.entitlement, day(0)).unwrap();
    assert_eq!(entitlement.customer.as_deref(), Some("Müller"));
    assert_eq!(entitlement.grace, None);
    assert!(entitlement.offline_lease.is_some());
    assert_eq!((entitlement.features.len(), entitlement.codes.len()), (2, 2));
}

#[test]
fn an_ended_entitlement_stays_ended() {
    let mut fixture = Fixture::new(1);
    let id = fixture.entitlement;
    fixture.issuer.end_entitlement(id, day(1)).unwrap();
    fixture.issuer.end_entitlement(id, day(2)).unwrap();
    assert_eq!(fixture.issuer.entitlement(id, day(2)).unwrap().ended_at, Some(day(1)));
    let change = EntitlementTerms { seats: Some(5), ..Default::default() };
    assert_eq!(
        refused(fixture.issuer.change_entitlement(id, &change, day(2))),
        "entitlement.ended"
    );
    let code = NewCode::generate().unwrap();
    assert_eq!(refused(fixture.issuer.add_code(id, &code, day(2))), "entitlement.ended");
}

#[test]
fn seats_can_be_listed_by_any_code_of_their_entitlement() {
    let mut fixture = Fixture::new(2);
    let code = "ANOTHER-CODE-ALTOGETHER";
    fixture.issuer.add_entitlement(1, &terms(1, code), day(0)).unwrap();
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    let of = |fixture: &mut Fixture, code: &str| {
        let seats = fixture.issuer.seats(Some(&code.parse().unwrap()), day(1))?;
        Ok::<_, SeatsError>(seats.into_iter().map(|seat| seat.id).collect::<Vec<_>>())
    };
    assert_eq!(of(&mut fixture, CODE), Ok(vec![seat]));
    assert_eq!(of(&mut fixture, code), Ok(vec![]));
    assert_eq!(of(&mut fixture, "NOBODYS"), Err(SeatsError::CodeUnknown));
}

#[test]
fn what_came_first_is_listed_first_even_within_one_second() {
    let mut fixture = Fixture::new(20);
    let given: Vec<_> =
        (0..20).map(|n| fixture.seat_of(&mut Computer::new(&n.to_string()), day(1))).collect();
    let listed: Vec<_> =
        fixture.issuer.seats(None, day(1)).unwrap().into_iter().map(|seat| seat.id).collect();
    assert_eq!(listed, given);
}

#[test]
fn inspecting_a_token_changes_nothing() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let request = computer.request(&fixture);
    let rows = fixture.events().len();
    let seen = fixture.issuer.inspect(&request, day(1)).unwrap();
    assert!(matches!(seen, TokenContent::Request { name, .. } if name == "A"));
    assert_eq!(fixture.events().len(), rows);
    let granted = fixture.activate(&request, day(1)).unwrap();
    let response = granted.token;
    let seen = fixture.issuer.inspect(&response, day(1)).unwrap();
    let TokenContent::ForComputer { seat: Some(seat) } = seen else { panic!("{seen:?}") };
    assert_eq!(seat.id, granted.seat);
    let token = computer.deactivation(&fixture, granted.seat);
    let seen = fixture.issuer.inspect(&token, day(1)).unwrap();
    assert!(matches!(seen, TokenContent::Deactivation { seat, .. } if seat == granted.seat));
    assert_eq!(fixture.state(granted.seat, day(1)), SeatState::Active);
}

#[test]
fn codes_and_numbers_are_unique_and_in_range() {
    let mut names: Vec<_> = CODES.iter().map(|code| code.name).collect();
    let mut numbers: Vec<_> = CODES.iter().map(|code| code.number).collect();
    names.sort_unstable();
    names.dedup();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((names.len(), numbers.len()), (CODES.len(), CODES.len()));
    assert!(numbers.iter().all(|number| (5000..6000).contains(number)));
}
