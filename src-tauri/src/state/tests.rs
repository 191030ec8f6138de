//! The session without a window: a real device with a file store, and a vendor made by hand.

use latchkey_device::Places;
use latchkey_token::{Kind, Request, Response, SecretKeys, Seed, open_request, read, seal};
use tempfile::TempDir;

use super::*;
use crate::view::LineStateView;

const NOW: i64 = 1_790_000_000;
const MONTH: i64 = 30 * 86_400;

fn now() -> Timestamp {
    latchkey_device::time::from_seconds(NOW)
}

struct Scene {
    session: Session,
    vendor: SecretKeys,
    folder: TempDir,
}

impl Scene {
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
        let mut session = Session::new(config_file, Vec::new(), now);
        let places = Places {
            user: Some(folder.path().join("user")),
            machine: folder.path().join("machine"),
        };
        session.data.clone_from(&places.user);
        session.open = Box::new(move |config, choice| {
            Ok(Device::open_in(config.profile.clone(), choice, &places)?)
        });
        session.load().unwrap();
        Self { session, vendor, folder }
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
        let found = read(token).unwrap().remove(0);
        open_request(&found.token.unwrap(), &self.vendor).unwrap().into_payload()
    }
}

#[test]
fn a_licence_lives_its_life() {
    let scene = Scene::new();
    let session = &scene.session;
    assert_eq!(session.status().unwrap().state, StateView::NotActivated);

    let request = session.request(" acme b10e 2v26 q7k2 ", "Drawing office 4").unwrap();
    assert_eq!(request.status.pending.as_ref().unwrap().seat_name, "Drawing office 4");
    assert_eq!(scene.open(&request.token).seat_name.as_str(), "Drawing office 4");
    let again = session.pending_request().unwrap().unwrap();
    assert_eq!(scene.open(&again.token).request, scene.open(&request.token).request);

    let response = format!("Hello,\n> {}\nRegards", scene.respond(&again.token));
    let InspectionView::Ready { kind: KindView::Response, repaired: 0, tokens: 1, .. } =
        session.inspect(&response).unwrap()
    else {
        panic!("the response should be ready");
    };
    let applied = session.apply(&response).unwrap();
    assert_eq!((applied.did, applied.status.state), (DidView::Activated, StateView::Active));
    let seat = applied.status.seat.unwrap();
    assert_eq!(seat.name, "Drawing office 4");
    assert_eq!(
        seat.features,
        [
            FeatureView { key: "export".to_owned(), count: None },
            FeatureView { key: "render_nodes".to_owned(), count: Some(8) },
        ]
    );
    assert_eq!(session.apply(&response).unwrap().did, DidView::AlreadyApplied);
    assert!(matches!(session.inspect(&response).unwrap(), InspectionView::AlreadyApplied { .. }));

    let refused = session.request("ACME-B10E-2V26", "x").unwrap_err();
    assert_eq!(refused.code, "lease.active");
    let renewal = session.request_renewal("ACME-B10E-2V26", "x").unwrap();
    assert!(renewal.status.state == StateView::Active && renewal.status.pending.is_some());

    let gone = session.deactivate().unwrap();
    assert_eq!(gone.status.state, StateView::NotActivated);
    assert_eq!(gone.status.outbox.len(), 1);
    assert_eq!(gone.status.outbox[0].id, gone.id);
    let read = read(&gone.status.outbox[0].token).unwrap();
    assert_eq!(read[0].kind, Kind::Deactivation);
    assert_eq!(session.confirm_delivered("zz").unwrap_err().number / 1000, 1);
    assert!(session.confirm_delivered(&gone.id).unwrap().outbox.is_empty());
}

#[test]
fn what_cannot_be_applied_is_explained_before_anything_happens() {
    let scene = Scene::new();
    let session = &scene.session;
    let request = session.request("ACME-B10E-2V26-Q7K2", "").unwrap().token;
    let response = scene.respond(&request);
    let code = |text: &str| match session.inspect(text).unwrap() {
        InspectionView::Error { problem, .. } => {
            assert!(!problem.message.is_empty());
            problem.code
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(code("rubbish"), "token.none_found");
    assert_ne!(code(&request), code("rubbish"));
    assert_ne!(code(&response[..response.len() / 2]), code("rubbish"));
    assert_eq!(session.apply("rubbish").unwrap_err().code, "token.none_found");
    session.cancel_request().unwrap();
    assert_eq!(code(&response), "response.not_pending");
    assert_eq!(session.apply(&response).unwrap_err().code, "response.not_pending");
    assert_eq!(session.pending_request().unwrap(), None);
}

#[test]
fn a_code_or_name_that_cannot_be_is_refused_and_never_repeated() {
    let scene = Scene::new();
    let wrong = scene.session.request("SECRET-CODE#", "x").unwrap_err();
    assert!(wrong.code.contains("code"), "{}", wrong.code);
    assert!(!format!("{wrong:?}").contains("SECRET"));
    let doubted = scene.session.compare_code("2V7HX-M9QXE-3TRHG-8NPW6").unwrap_err();
    assert_eq!((doubted.code.as_str(), doubted.number), ("activation_code.groups", 1105));
    assert!(!doubted.message.contains("2V7HX"), "{}", doubted.message);
    assert!(scene.session.request("2V7HX-M9QXE-3TRHG-8NPW6", "x").is_ok(), "and used all the same");
    for fine in ["2V7KX-M9QXE-3TRHG-8NPW6", "ACME-B10E-2V26-Q7K2", "ACME-2026"] {
        assert_eq!(scene.session.compare_code(fine), Ok(()));
    }
    let long = scene.session.request("ACME-B10E", &"x".repeat(65)).unwrap_err();
    assert!(long.code.contains("seat_name"), "{}", long.code);
}

#[test]
fn details_have_a_label_each_and_no_secret() {
    let scene = Scene::new();
    let request = scene.session.request("ACME-B10E-2V26-Q7K2", "x").unwrap();
    scene.session.apply(&scene.respond(&request.token)).unwrap();
    let details = scene.session.details().unwrap();
    for DetailView { key, value, .. } in &details {
        let id = format!("wizard-detail-{key}");
        assert_ne!(latchkey_words::text(&id, &[]), id);
        if let Some(DetailValueView::Word { word }) = value {
            let ids = [format!("wizard-detail-{key}-{word}"), format!("wizard-detail-{word}")];
            assert!(ids.iter().any(|id| latchkey_words::text(id, &[]) != *id), "{ids:?}");
        }
    }
    assert!(!format!("{details:?}").contains("Q7K2"));
}

#[test]
fn a_broken_configuration_is_explained_with_its_line_and_can_be_mended() {
    let scene = Scene::new();
    let file = scene.folder.path().join("latchkey.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, good.replace("number = 1\nname", "number = \"one\"\nname")).unwrap();
    let ConfigView::Broken { problem, line, text, .. } = scene.session.app().config else {
        panic!()
    };
    assert_eq!((problem.code.as_str(), line), ("config.value", Some(8)));
    assert_eq!(text.as_deref(), Some("number = \"one\""));
    std::fs::remove_file(&file).unwrap();
    let ConfigView::Broken { problem, line, .. } = scene.session.app().config else { panic!() };
    assert_eq!((problem.code.as_str(), line), ("config.not_found", None));
    std::fs::write(&file, good).unwrap();
    assert!(matches!(scene.session.app().config, ConfigView::Ready { .. }));
}

#[test]
fn a_logo_is_shown_only_if_it_is_a_small_picture() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("logo.svg"), "<svg/>").unwrap();
    std::fs::write(path("logo.exe"), "MZ").unwrap();
    std::fs::write(path("no.png"), "MZ").unwrap();
    std::fs::write(path("no.svg"), "<html>").unwrap();
    std::fs::write(path("large.png"), vec![0; MAX_LOGO_BYTES as usize + 1]).unwrap();
    assert_eq!(logo(&path("logo.svg")).unwrap(), "data:image/svg+xml;base64,PHN2Zy8+");
    for name in ["logo.exe", "no.png", "no.svg", "large.png", "missing.png", ""] {
        assert_eq!(logo(&path(name)), None, "{name}");
    }
}

#[test]
fn token_files_of_the_start_are_read_and_one_that_cannot_be_is_named() {
    let mut scene = Scene::new();
    let file = scene.folder.path().join("response.txt");
    std::fs::write(&file, "LKANS").unwrap();
    scene.session.token_files = vec![file];
    let text = "LKANS\n".to_owned();
    let opened = scene.session.app().opened;
    assert_eq!(opened, Some(OpenedView::Text { text, skipped: None }));
    scene.session.token_files = vec!["/missing/response.txt".into()];
    let Some(OpenedView::Unreadable { problem }) = scene.session.app().opened else { panic!() };
    assert_eq!(problem.code, "wizard.file_not_read");
}

#[test]
fn the_vendor_s_languages_limit_the_choice_and_the_first_is_spoken_where_none_is_asked_for() {
    use Language::{English, German};
    let scene = Scene::new();
    let mut config = scene.session.load().unwrap();
    for (offered, environment, spoken) in [
        (&[][..], German, German),
        (&["de"], English, German),
        (&["de", "en"], English, English),
        (&["fr", "de"], English, German),
        (&["fr"], German, German),
    ] {
        config.look.languages = offered.iter().map(ToString::to_string).collect();
        assert_eq!(language(&config, environment), spoken, "{offered:?}");
    }
}

/// Everything that "Copy diagnostics" could copy, whatever the pages make of it.
fn diagnostics(scene: &Scene) -> String {
    let details = scene.session.details().unwrap();
    let lines = details.iter().map(|line| match &line.value {
        Some(DetailValueView::Text { text }) => format!("{}: {text}\n", line.key),
        Some(DetailValueView::Time { time }) => format!("{}: {time}\n", line.key),
        Some(DetailValueView::Word { word }) => format!("{}: {word}\n", line.key),
        None => format!("{}: -\n", line.key),
    });
    lines.collect()
}

#[test]
fn diagnostics_hold_no_secret_no_token_and_no_activation_code_at_any_time() {
    let scene = Scene::new();
    let session = &scene.session;
    let code = "ACME-B10E-2V26-Q7K2";
    let mut said = vec![diagnostics(&scene)];
    let request = session.request(code, "Drawing office 4").unwrap().token;
    said.push(diagnostics(&scene));
    let response = scene.respond(&request);
    session.apply(&response).unwrap();
    said.push(diagnostics(&scene));
    let gone = session.deactivate().unwrap().status.outbox.remove(0).token;
    said.push(diagnostics(&scene));

    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    for text in &said {
        for part in code.split('-').chain([request.as_str(), &response, &gone]) {
            assert!(!text.contains(part), "{part} in {text}");
        }
        assert!(machine.trim().is_empty() || !text.contains(machine.trim()), "{text}");
        // Ids have 16 hex digits. A key, a seed, a digest or a token is a longer run of letters and digits.
        let long = text.split(|c: char| !c.is_ascii_alphanumeric()).find(|run| run.len() > 16);
        assert_eq!(long, None, "{text}");
    }
    // What was looked through is what there is to say, not an empty page.
    assert!(
        said[2].contains("Drawing office 4") && said[2].contains("device_key_id"),
        "{}",
        said[2]
    );
}

#[test]
fn a_response_that_is_typed_row_by_row_survives_a_restart_and_is_forgotten_once_it_is_in_use() {
    let mut scene = Scene::new();
    let request = scene.session.request("ACME-B10E-2V26-Q7K2", "").unwrap();
    let response = scene.respond(&request.token);
    let lines = read(&response).unwrap().remove(0).token.unwrap().lines();

    let session = &scene.session;
    assert_eq!(session.worksheet().unwrap().lines.len(), 1);
    let sheet = session.type_line(0, lines[0].symbols()).unwrap();
    assert_eq!((sheet.kind, sheet.lines.len()), (Some(KindView::Response), lines.len()));
    assert!(sheet.kept && sheet.problem.is_none());
    let sheet = session.type_line(1, &lines[2].to_string()).unwrap();
    assert_eq!(sheet.lines[1].state, LineStateView::Wrong);
    assert!(sheet.lines[1].said.as_ref().is_some_and(|said| said.contains('2')));
    // Another run of the wizard.
    scene.session.typing = Mutex::new(None);
    let session = &scene.session;
    let mut sheet = session.worksheet().unwrap();
    assert_eq!(sheet.lines[1].typed, lines[2].groups().collect::<Vec<_>>().join(" "));
    for line in &lines[1..] {
        assert!(sheet.token.is_none());
        sheet = session.type_line(line.number(), line.symbols()).unwrap();
    }
    assert_eq!(sheet.token.as_deref(), Some(response.as_str()));
    assert_eq!(sheet.right as usize, lines.len() - 1);
    session.apply(&sheet.token.unwrap()).unwrap();
    assert_eq!(session.worksheet().unwrap().lines[0].state, LineStateView::Empty);
    let left = std::fs::read_dir(scene.folder.path().join("user")).unwrap();
    let left = left.filter(|file| {
        file.as_ref().unwrap().path().extension().is_some_and(|end| end == "typing")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn a_request_typed_where_a_response_belongs_is_noticed_at_its_first_line() {
    let scene = Scene::new();
    let request = scene.session.request("ACME-B10E-2V26-Q7K2", "").unwrap();
    let sheet = scene.session.type_line(0, &request.token[..14]).unwrap();
    assert_eq!(sheet.problem.unwrap().code, "token.wrong_kind");
    let sheet = scene.session.clear_worksheet().unwrap();
    assert!(sheet.problem.is_none() && sheet.lines.len() == 1);
}

#[test]
fn pictures_open_the_portal_with_the_token_or_at_the_seat_and_the_sheet_has_both() {
    let scene = Scene::new();
    let request = scene.session.request("ACME-B10E-2V26-Q7K2", "Drawing office 4").unwrap();
    let shown = scene.session.pictures(&request.token).unwrap();
    assert_eq!(shown.len(), 1);
    assert!(shown[0].address.starts_with("data:image/svg+xml;base64,") && shown[0].side > 60);
    let seat = scene.session.seat_picture("00112233aabbccdd").unwrap().unwrap();
    assert!(seat.side < 45, "{}", seat.side);
    assert_eq!(scene.session.seat_picture("no seat").unwrap_err().code, "id.not_hex");
    assert_eq!(scene.session.pictures("no token").unwrap_err().code, "token.none_found");
    let sheet = scene.session.sheet(&request.token, "Drawing office 4").unwrap();
    assert!(sheet.contains("Drawing office 4") && sheet.contains("<svg "));
    assert_eq!(read(&sheet).unwrap()[0].token.as_ref().unwrap().to_string(), request.token);
}
