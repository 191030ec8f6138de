//! The session's part in paper and pictures: QR pictures and print sheets of what is shown, and the rows that somebody
//! types.

use data_encoding::BASE64;
use latchkey_paper::{Picture, Portal, Sheet, aloud, judged, pictures, seat_picture};
use latchkey_token::worksheet::{Judgement, Worksheet};
use latchkey_token::{Kind, OpenError, Token, read};
use latchkey_words::Language;

use super::{Product, Session, kind_view};
use crate::draft::Kept;
use crate::error::{Answer, Interrupted};
use crate::view::{LineStateView, LineView, PictureView, Problem, WorksheetView};

impl Session {
    /// The pictures that open the portal with a token in place, mostly one. None where the vendor tells no portal.
    ///
    /// # Errors
    /// The token's.
    pub fn pictures(&self, token: &str) -> Answer<Vec<PictureView>> {
        let product = self.ready()?;
        let Some(portal) = portal(&product) else { return Ok(Vec::new()) };
        let shown = pictures(&whole(token)?, Some(&portal));
        Ok(shown.iter().map(picture_view).collect())
    }

    /// The picture that opens the portal at a seat.
    ///
    /// # Errors
    /// The id's.
    pub fn seat_picture(&self, seat: &str) -> Answer<Option<PictureView>> {
        let product = self.ready()?;
        let seat = seat.parse()?;
        let shown = portal(&product).and_then(|portal| seat_picture(&portal, seat));
        Ok(shown.as_ref().map(picture_view))
    }

    /// The print sheet of a token, as a page of its own.
    ///
    /// # Errors
    /// The token's.
    pub fn sheet(&self, token: &str, seat_name: &str) -> Answer<String> {
        let product = self.ready()?;
        let (token, portal) = (whole(token)?, portal(&product));
        let sheet = Sheet {
            token: &token,
            product: &product.config.profile.product_name,
            vendor: &product.config.profile.vendor_name,
            portal: portal.as_ref(),
            seat_name: Some(seat_name),
            language: Language::of_process(),
        };
        Ok(sheet.html())
    }

    /// What has been typed so far, also before the window was closed.
    ///
    /// # Errors
    /// None but a missing configuration's.
    pub fn worksheet(&self) -> Answer<WorksheetView> {
        self.with_worksheet(|_| {})
    }

    /// Takes a line as it is typed, judges it and keeps it.
    ///
    /// # Errors
    /// As above.
    pub fn type_line(&self, line: usize, typed: &str) -> Answer<WorksheetView> {
        self.with_worksheet(|sheet| drop(sheet.enter(line, typed)))
    }

    /// Forgets what was typed.
    ///
    /// # Errors
    /// As above.
    pub fn clear_worksheet(&self) -> Answer<WorksheetView> {
        self.with_worksheet(|sheet| *sheet = Worksheet::default())
    }

    fn with_worksheet(&self, work: impl FnOnce(&mut Worksheet)) -> Answer<WorksheetView> {
        let product = self.ready()?;
        let file = self.data.as_ref().map(|folder| {
            let profile = &product.config.profile;
            Kept::new(folder.join(format!("{}-{}.typing", profile.vendor, profile.product)))
        });
        let mut held = self.typing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let sheet = held.get_or_insert_with(|| file.as_ref().map(Kept::load).unwrap_or_default());
        let before = sheet.clone();
        work(sheet);
        let kept = match &file {
            Some(file) if *sheet != before => file.save(sheet).is_ok(),
            file => file.is_some(),
        };
        Ok(worksheet_view(sheet, kept))
    }

    fn ready(&self) -> Answer<Product> {
        Ok(self.product().clone().ok_or(Interrupted)?)
    }
}

fn portal(product: &Product) -> Option<Portal> {
    product.config.portal.as_deref().and_then(Portal::new)
}

/// The token in a text of the pages: they show only whole ones.
fn whole(text: &str) -> Answer<Token> {
    Ok(read(text)?.into_iter().next().ok_or(Interrupted)?.token?)
}

fn picture_view(picture: &Picture) -> PictureView {
    PictureView {
        address: format!("data:image/svg+xml;base64,{}", BASE64.encode(picture.svg().as_bytes())),
        side: u32::try_from(picture.side()).unwrap_or(u32::MAX),
    }
}

fn worksheet_view(sheet: &Worksheet, kept: bool) -> WorksheetView {
    let rows = sheet.rows();
    let kind = sheet.kind();
    let (token, mut problem) = match sheet.token() {
        Some(Ok(token)) => (Some(token.to_string()), None),
        Some(Err(error)) => (None, Some(Problem::of(&error))),
        None => (None, None),
    };
    // It is said before anybody types twenty rows in vain.
    if let Some(found @ (Kind::Request | Kind::Deactivation)) = kind {
        problem = Some(OpenError::WrongKind { expected: Kind::Response, found }.into());
    }
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    WorksheetView {
        kind: kind.map(kind_view),
        lines: (0..=rows.unwrap_or(0)).map(|line| line_view(sheet, line)).collect(),
        right: number(sheet.right()),
        token,
        problem,
        kept,
    }
}

fn line_view(sheet: &Worksheet, line: usize) -> LineView {
    let judgement = sheet.judge(line);
    let (said, how) = match judged(Language::of_process(), line, &judgement) {
        Some((said, how)) => (Some(said), how),
        None => (None, None),
    };
    let typed = sheet.typed(line).to_owned();
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    LineView {
        number: number(line),
        length: sheet.length(line).map(number),
        state: match &judgement {
            Judgement::Empty => LineStateView::Empty,
            Judgement::Unfinished { .. } => LineStateView::Unfinished,
            Judgement::Right => LineStateView::Right,
            _ => LineStateView::Wrong,
        },
        aloud: aloud(groups(&typed).iter().map(String::as_str)),
        typed,
        said,
        how,
        offered: match judgement {
            Judgement::Suggestion { line, .. } => Some(line),
            _ => None,
        },
    }
}

/// What was typed, in groups of five.
fn groups(typed: &str) -> Vec<String> {
    let symbols: Vec<char> = typed.chars().filter(|symbol| symbol.is_alphanumeric()).collect();
    symbols.chunks(5).map(|group| group.iter().collect()).collect()
}
