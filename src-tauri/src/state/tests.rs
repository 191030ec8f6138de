//! Tests of the state without a window: a real device with a file store, and a vendor made of its
//! keys.

use latchkey_device::DataDirs;
use latchkey_token::{
    FeatureValue, Kind, Request, Response, SecretKeys, Seed, open_request, scan, seal,
};
use tempfile::TempDir;

use super::*;
use crate::view::{DetailValueView, DetailView, FeatureView, KindView, LineStateView, StateView};

const NOW: i64 = 1_790_000_000;
const MONTH: i64 = 30 * 86_400;

fn now() -> Timestamp {
    latchkey_device::time::from_seconds(NOW)
}

struct Fixture {
    state: WizardState,
    vendor: SecretKeys,
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vendor = SecretKeys::from_seed(&Seed::random().unwrap()).unwrap();
        let public = vendor.public().to_hex();
        let config = format!(
            "format = 1\n[vendor]\nid = \"3f1c9a5e7b204d68\"\nname = \"Acme\"\n\
             [[vendor.key]]\npublic = \"{public}\"\n\
             [product]\nnumber = 1\nname = \"Acme CAD\"\n\
             [product.features]\nexport = {{ number = 1, type = \"bool\" }}\n\
             render_nodes = {{ number = 2, type = \"pool\" }}\n\
             [portal]\nurl = \"https://licence.acme.example\"\n\
             [look]\nlogo = \"logo.png\"\n\
             [store]\nscope = \"user\"\ndefault = \"file\"\nfile = \"allowed\"\n"
        );
        let config_file = folder.path().join("latchkey.toml");
        std::fs::write(&config_file, config).unwrap();
        let mut state = WizardState::new(config_file, Vec::new(), now);
        let places = DataDirs {
            user: Some(folder.path().join("user")),
            home: None,
            machine: folder.path().join("machine"),
        };
        state.data_dir.clone_from(&places.user);
        state.open_device = Arc::new(move |config, choice| {
            Ok(Device::open_in(config.profile.clone(), choice, &places)?)
        });
        state.load_config().unwrap();
        Self { state, vendor, folder }
    }

    fn respond(&self, token: &str) -> String {
        let request = self.open(token);
        let response = Response {
            request: request.request,
            seat: latchkey_token::SeatId::random().unwrap(),
            activated_at: NOW,
            lease_expiry: NOW + MONTH,
            grace: 0,
            sequence: 1,
            features: [(1, FeatureValue::Bool(true)), (2, FeatureValue::Number(8))].into(),
            attributes: [("site".to_owned(), "north".to_owned())].into(),
            subscription_end: None,
            traits_digest: request.traits.digest(),
        };
        seal(&response, 1, &self.vendor, &request.device).unwrap().to_string()
    }

    fn open(&self, token: &str) -> Request {
        let found = scan(token).unwrap().remove(0);
        open_request(&found.token.unwrap(), &self.vendor).unwrap().into_payload()
    }
}

#[test]
fn a_licence_is_requested_activated_renewed_and_deactivated() {
    let fixture = Fixture::new();
    let state = &fixture.state;
    assert_eq!(state.status().unwrap().state, StateView::NotActivated);

    let request = state.request(" acme b10e 2v26 q7k2 ", "Drawing office 4").unwrap();
    assert_eq!(request.status.pending.as_ref().unwrap().seat_name, "Drawing office 4");
    assert_eq!(fixture.open(&request.token).seat_name.as_str(), "Drawing office 4");
    let again = state.pending_request().unwrap().unwrap();
    assert_eq!(fixture.open(&again.token).request, fixture.open(&request.token).request);

    let response = format!("Hello,\n> {}\nRegards", fixture.respond(&again.token));
    let InspectionView::Ready { kind: KindView::Response, repaired: 0, tokens: 1, .. } =
        state.inspect(&response).unwrap()
    else {
        panic!("the response should be ready");
    };
    let applied = state.apply(&response).unwrap();
    assert_eq!(
        (applied.outcome, applied.status.state),
        (ApplyOutcomeView::Activated, StateView::Active)
    );
    let seat = applied.status.seat.unwrap();
    assert_eq!(seat.name, "Drawing office 4");
    assert_eq!(
        seat.features,
        [
            FeatureView { key: "export".to_owned(), count: None },
            FeatureView { key: "render_nodes".to_owned(), count: Some(8) },
        ]
    );
    assert_eq!(state.apply(&response).unwrap().outcome, ApplyOutcomeView::AlreadyApplied);
    assert!(matches!(state.inspect(&response).unwrap(), InspectionView::AlreadyApplied { .. }));

    let refused = state.request("ACME-B10E-2V26", "x").unwrap_err();
    assert_eq!(refused.code, "lease.active");
    let renewal = state.request_renewal("ACME-B10E-2V26", "x").unwrap();
    assert!(renewal.status.state == StateView::Active && renewal.status.pending.is_some());

    let gone = state.deactivate().unwrap();
    assert_eq!(gone.status.state, StateView::NotActivated);
    assert_eq!(gone.status.outbox.len(), 1);
    assert_eq!(gone.status.outbox[0].id, gone.id);
    let read = scan(&gone.status.outbox[0].token).unwrap();
    assert_eq!(read[0].kind, Kind::Deactivation);
    assert_eq!(state.confirm_delivered("zz").unwrap_err().number / 1000, 1);
    assert!(state.confirm_delivered(&gone.id).unwrap().outbox.is_empty());
}

#[test]
fn a_text_that_cannot_be_applied_is_explained_before_it_is_applied() {
    let fixture = Fixture::new();
    let state = &fixture.state;
    let request = state.request("ACME-B10E-2V26-Q7K2", "").unwrap().token;
    let response = fixture.respond(&request);
    let code = |text: &str| match state.inspect(text).unwrap() {
        InspectionView::Error { problem, .. } => {
            assert!(!problem.message.is_empty());
            problem.code
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(code("rubbish"), "token.none_found");
    assert_ne!(code(&request), code("rubbish"));
    assert_ne!(code(&response[..response.len() / 2]), code("rubbish"));
    assert_eq!(state.apply("rubbish").unwrap_err().code, "token.none_found");
    state.cancel_request().unwrap();
    assert_eq!(code(&response), "response.not_pending");
    assert_eq!(state.apply(&response).unwrap_err().code, "response.not_pending");
    assert_eq!(state.pending_request().unwrap(), None);
}

/// People paste whole mails and notes, and lose a token's first line in them.
#[test]
fn a_part_of_another_token_in_a_text_is_reported_beside_the_token_that_can_be_applied() {
    let fixture = Fixture::new();
    let state = &fixture.state;
    let request = state.request("ACME-B10E-2V26-Q7K2", "").unwrap().token;
    let response = fixture.respond(&request);
    let has_part = |text: &str| match state.inspect(text).unwrap() {
        InspectionView::Ready { has_part, .. }
        | InspectionView::AlreadyApplied { has_part, .. } => has_part,
        other => panic!("{other:?}"),
    };
    let with_rest = format!("{response}\n\n{}\n", &request[53..]);
    assert!(!has_part(&response));
    assert!(has_part(&with_rest));
    state.apply(&with_rest).unwrap();
    assert!(has_part(&with_rest));
    assert!(!has_part(&format!("{response}\n{response}\n{}", &response[53..])));
}

/// Drops files onto the window, as the pages send them.
fn read_dropped(state: &WizardState, files: &[(&str, &str)]) -> CommandResult<DroppedView> {
    let header = |(name, text): &(&str, &str)| serde_json::json!({ "name": name, "content": { "size": text.len() } });
    let headers: Vec<_> = files.iter().map(header).collect();
    let mut body = format!("{}\n", serde_json::to_string(&headers).unwrap());
    body.extend(files.iter().map(|(_, text)| *text));
    state.read_dropped(&DroppedFile::parse_all(body.as_bytes()).unwrap())
}

#[test]
fn dropped_files_are_one_text_and_those_without_a_token_are_named() {
    let fixture = Fixture::new();
    let state = &fixture.state;
    let response = fixture.respond(&state.request("ACME-B10E-2V26-Q7K2", "").unwrap().token);
    let ready = |view: &DroppedView| matches!(view.inspection, Some(InspectionView::Ready { .. }));

    let alone = read_dropped(state, &[("a.txt", &response)]).unwrap();
    assert_eq!((&alone.text, &alone.skipped), (&format!("{response}\n"), &None));
    assert!(ready(&alone), "{alone:?}");
    // Two halves are one token, and what isn't part of it is named.
    let (head, tail) = response.split_at(response.len() - 40);
    let files =
        [("1.txt", head), ("Brief.txt", "Dear all"), ("2.txt", tail), ("b.zip", "PK\x03\x04")];
    let together = read_dropped(state, &files).unwrap();
    assert_eq!(together.text, format!("{head}\n{tail}\n"));
    assert!(ready(&together), "{together:?}");
    let skipped = together.skipped.unwrap();
    for name in ["Brief.txt", "b.zip"] {
        assert!(skipped.message.contains(name), "{skipped:?}");
    }
    // So is a file without a token that was dropped alone, or with others like it.
    for files in [&[("Brief.txt", "Dear all")][..], &[("x", "milk"), ("Brief.txt", "Dear all")]] {
        let problem = read_dropped(state, files).unwrap_err();
        assert_eq!(problem.code, "token.none_found");
        assert!(files.iter().all(|(name, _)| problem.message.contains(name)), "{problem:?}");
    }
    // A token that can't be applied is explained by the inspection.
    let refused = read_dropped(state, &[("a.txt", &response[..response.len() / 2])]).unwrap();
    assert!(matches!(refused.inspection, Some(InspectionView::Error { .. })), "{refused:?}");
}

#[test]
fn an_invalid_code_or_seat_name_is_refused_and_never_repeated() {
    let fixture = Fixture::new();
    let wrong = fixture.state.request("SECRET-CODE#", "x").unwrap_err();
    assert!(wrong.code.contains("code"), "{}", wrong.code);
    assert!(!format!("{wrong:?}").contains("SECRET"));
    let doubted = fixture.state.check_for_typos("2V7HX-M9QXE-3TRHG-8NPW6").unwrap_err();
    assert_eq!((doubted.code.as_str(), doubted.number), ("activation_code.groups", 1105));
    assert!(!doubted.message.contains("2V7HX"), "{}", doubted.message);
    assert!(
        fixture.state.request("2V7HX-M9QXE-3TRHG-8NPW6", "x").is_ok(),
        "a doubtful code can be used anyway"
    );
    for fine in ["2V7KX-M9QXE-3TRHG-8NPW6", "ACME-B10E-2V26-Q7K2", "ACME-2026"] {
        assert_eq!(fixture.state.check_for_typos(fine), Ok(()));
    }
    let long = fixture.state.request("ACME-B10E", &"x".repeat(65)).unwrap_err();
    assert!(long.code.contains("seat_name"), "{}", long.code);
}

#[test]
fn every_detail_has_a_label_and_none_contains_the_code() {
    let fixture = Fixture::new();
    let request = fixture.state.request("ACME-B10E-2V26-Q7K2", "x").unwrap();
    fixture.state.apply(&fixture.respond(&request.token)).unwrap();
    let details = fixture.state.details().unwrap();
    for DetailView { key, value, .. } in &details {
        let id = format!("wizard-detail-{key}");
        assert_ne!(latchkey_i18n::text(&id, &[]), id);
        if let Some(DetailValueView::Word { word }) = value {
            let ids = [format!("wizard-detail-{key}-{word}"), format!("wizard-detail-{word}")];
            assert!(ids.iter().any(|id| latchkey_i18n::text(id, &[]) != *id), "{ids:?}");
        }
    }
    assert!(!format!("{details:?}").contains("Q7K2"));
}

#[test]
fn a_broken_configuration_is_explained_with_its_line_and_can_be_repaired() {
    let fixture = Fixture::new();
    let file = fixture.folder.path().join("latchkey.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, good.replace("number = 1\nname", "number = \"one\"\nname")).unwrap();
    let ConfigView::Broken { problem, line, text, .. } = fixture.state.load_app().config else {
        panic!()
    };
    assert_eq!((problem.code.as_str(), line), ("config.value", Some(8)));
    assert_eq!(text.as_deref(), Some("number = \"one\""));
    std::fs::remove_file(&file).unwrap();
    let ConfigView::Broken { problem, line, .. } = fixture.state.load_app().config else {
        panic!()
    };
    assert_eq!((problem.code.as_str(), line), ("config.not_found", None));
    std::fs::write(&file, good).unwrap();
    assert!(matches!(fixture.state.load_app().config, ConfigView::Ready { .. }));
}

#[test]
fn token_files_of_the_command_line_are_read_and_an_unreadable_one_is_named() {
    let mut fixture = Fixture::new();
    let file = fixture.folder.path().join("response.txt");
    std::fs::write(&file, "LKANS").unwrap();
    fixture.state.token_files = vec![file];
    let text = "LKANS\n".to_owned();
    let opened = fixture.state.load_app().opened_files;
    assert_eq!(opened, Some(OpenedFiles::Text { text, skipped: None }));
    fixture.state.token_files = vec!["/missing/response.txt".into()];
    let Some(OpenedFiles::Unreadable { problem }) = fixture.state.load_app().opened_files else {
        panic!()
    };
    assert_eq!(problem.code, "wizard.file_not_read");
}

#[test]
fn the_environments_language_is_used_if_the_vendor_offers_it() {
    use Language::{English, German};
    let fixture = Fixture::new();
    let mut config = fixture.state.load_config().unwrap();
    for (offered, environment, chosen) in [
        (&[][..], German, German),
        (&["de"], English, German),
        (&["de", "en"], English, English),
        (&["fr", "de"], English, German),
        (&["fr"], German, German),
    ] {
        config.look.languages = offered.iter().map(ToString::to_string).collect();
        assert_eq!(choose_language(&config, environment), chosen, "{offered:?}");
    }
}

/// Everything that "Copy diagnostics" can copy, however the pages format it.
fn diagnostics(fixture: &Fixture) -> String {
    let details = fixture.state.details().unwrap();
    let lines = details.iter().map(|line| match &line.value {
        Some(DetailValueView::Text { text }) => format!("{}: {text}\n", line.key),
        Some(DetailValueView::Time { time }) => format!("{}: {time}\n", line.key),
        Some(DetailValueView::Word { word }) => format!("{}: {word}\n", line.key),
        None => format!("{}: -\n", line.key),
    });
    lines.collect()
}

#[test]
fn diagnostics_never_contain_a_secret_a_token_or_the_activation_code() {
    let fixture = Fixture::new();
    let state = &fixture.state;
    let code = "ACME-B10E-2V26-Q7K2";
    let mut texts = vec![diagnostics(&fixture)];
    let request = state.request(code, "Drawing office 4").unwrap().token;
    texts.push(diagnostics(&fixture));
    let response = fixture.respond(&request);
    state.apply(&response).unwrap();
    texts.push(diagnostics(&fixture));
    let gone = state.deactivate().unwrap().status.outbox.remove(0).token;
    texts.push(diagnostics(&fixture));

    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    for text in &texts {
        for part in code.split('-').chain([request.as_str(), &response, &gone]) {
            assert!(!text.contains(part), "{part} in {text}");
        }
        assert!(machine.trim().is_empty() || !text.contains(machine.trim()), "{text}");
        // Ids have 16 hex digits. A key, a seed, a digest or a token is a longer run of letters and
        // digits.
        let long = text.split(|c: char| !c.is_ascii_alphanumeric()).find(|run| run.len() > 16);
        assert_eq!(long, None, "{text}");
    }
    // The texts that were checked are complete diagnostics.
    assert!(
        texts[2].contains("Drawing office 4") && texts[2].contains("device_key_id"),
        "{}",
        texts[2]
    );
}

#[test]
fn a_response_typed_row_by_row_survives_a_restart_and_is_deleted_once_it_is_applied() {
    let mut fixture = Fixture::new();
    let request = fixture.state.request("ACME-B10E-2V26-Q7K2", "").unwrap();
    let response = fixture.respond(&request.token);
    let lines = scan(&response).unwrap().remove(0).token.unwrap().lines();

    let state = &fixture.state;
    assert_eq!(state.entry_sheet().unwrap().lines.len(), 1);
    let sheet = state.type_line(0, lines[0].symbols()).unwrap();
    assert_eq!((sheet.kind, sheet.lines.len()), (Some(KindView::Response), lines.len()));
    assert!(sheet.saved && sheet.problem.is_none());
    let sheet = state.type_line(1, &lines[2].to_string()).unwrap();
    assert_eq!(sheet.lines[1].state, LineStateView::Wrong);
    assert!(sheet.lines[1].message.as_ref().is_some_and(|message| message.contains('2')));
    // Another run of the wizard.
    fixture.state.entry_sheet = Mutex::new(None);
    let state = &fixture.state;
    let mut sheet = state.entry_sheet().unwrap();
    assert_eq!(sheet.lines[1].typed, lines[2].groups().collect::<Vec<_>>().join(" "));
    for line in &lines[1..] {
        assert!(sheet.token.is_none());
        sheet = state.type_line(line.number(), line.symbols()).unwrap();
    }
    assert_eq!(sheet.token.as_deref(), Some(response.as_str()));
    assert_eq!(sheet.right as usize, lines.len() - 1);
    state.apply(&sheet.token.unwrap()).unwrap();
    assert_eq!(state.entry_sheet().unwrap().lines[0].state, LineStateView::Empty);
    let left = std::fs::read_dir(fixture.folder.path().join("user")).unwrap();
    let left = left.filter(|file| {
        file.as_ref().unwrap().path().extension().is_some_and(|end| end == "typing")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn a_request_typed_instead_of_a_response_is_reported_at_its_first_line() {
    let fixture = Fixture::new();
    let request = fixture.state.request("ACME-B10E-2V26-Q7K2", "").unwrap();
    let sheet = fixture.state.type_line(0, &request.token[..14]).unwrap();
    assert_eq!(sheet.problem.unwrap().code, "token.wrong_kind");
    let sheet = fixture.state.clear_entry_sheet().unwrap();
    assert!(sheet.problem.is_none() && sheet.lines.len() == 1);
}

#[test]
fn qr_codes_link_to_the_portal_and_the_print_sheet_contains_code_and_token() {
    let fixture = Fixture::new();
    let request = fixture.state.request("ACME-B10E-2V26-Q7K2", "Drawing office 4").unwrap();
    let shown = fixture.state.token_qr_codes(&request.token).unwrap();
    assert_eq!(shown.len(), 1);
    assert!(shown[0].url.starts_with("data:image/svg+xml;base64,") && shown[0].modules > 60);
    let seat = fixture.state.seat_qr_code("00112233aabbccdd").unwrap().unwrap();
    assert!(seat.modules < 45, "{}", seat.modules);
    assert_eq!(fixture.state.seat_qr_code("no seat").unwrap_err().code, "id.not_hex");
    assert_eq!(fixture.state.token_qr_codes("no token").unwrap_err().code, "token.none_found");
    let sheet = fixture.state.sheet(&request.token, "Drawing office 4").unwrap();
    assert!(sheet.contains("Drawing office 4") && sheet.contains("<svg "));
    assert_eq!(scan(&sheet).unwrap()[0].token.as_ref().unwrap().to_string(), request.token);
}

#[test]
fn the_window_opens_with_the_status_if_the_store_has_answered() {
    let fixture = Fixture::new();
    let first = fixture.state.first_view().unwrap();
    assert_eq!((first.app, first.status), (fixture.state.load_app(), None));
    fixture.state.begin_first_status();
    let status = loop {
        if let Some(status) = fixture.state.first_view().unwrap().status {
            break status;
        }
    };
    assert_eq!(status, fixture.state.status().unwrap());
}

#[test]
fn the_status_is_read_again_if_it_could_not_be_read_before_the_window_opened() {
    let mut fixture = Fixture::new();
    let working = Arc::clone(&fixture.state.open_device);
    fixture.state.open_device = Arc::new(|_, _| Err(InternalError::NoResult.into()));
    fixture.state.begin_first_status();
    while fixture.state.lock_first_status().as_ref().is_some_and(|first| !first.is_finished()) {
        thread::yield_now();
    }
    assert_eq!(fixture.state.first_view().unwrap().status, None);
    fixture.state.open_device = working;
    assert_eq!(fixture.state.status().unwrap().state, StateView::NotActivated);
}

#[test]
fn what_was_read_before_the_window_opened_is_used_once_and_not_for_another_product() {
    let mut fixture = Fixture::new();
    let working = Arc::clone(&fixture.state.open_device);
    let failing: DeviceFactory = Arc::new(|_, _| Err(InternalError::NoResult.into()));
    fixture.state.open_device = Arc::clone(&failing);
    fixture.state.begin_first_status();
    fixture.state.open_device = Arc::clone(&working);
    assert!(fixture.state.status().is_err());
    assert!(fixture.state.status().is_ok());

    fixture.state.open_device = failing;
    fixture.state.begin_first_status();
    fixture.state.open_device = working;
    fixture.state.load_app();
    assert!(fixture.state.status().is_ok());
}

#[test]
fn files_and_a_broken_configuration_are_left_to_the_pages() {
    let fixture = Fixture::new();
    let config = fixture.state.config_file.clone();
    let with_files = WizardState::new(config, vec![PathBuf::from("a.token")], now);
    with_files.load_config().unwrap();
    assert_eq!(with_files.first_view(), None);
    let broken = WizardState::new(PathBuf::from("missing.toml"), Vec::new(), now);
    broken.begin_first_status();
    assert_eq!(broken.first_view(), None);
}
