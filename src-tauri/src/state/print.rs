//! The state's operations for QR codes and print sheets.

use data_encoding::BASE64;
use latchkey_i18n::Language;
use latchkey_paper::{Picture, PortalUrl, Sheet, pictures, seat_picture};
use latchkey_token::{Token, scan};

use super::{Product, WizardState};
use crate::error::{CommandResult, InternalError};
use crate::view::QrCodeView;

impl WizardState {
    /// Returns the QR codes that open the portal with a token filled in: mostly one. There are none
    /// if the vendor has no portal.
    ///
    /// # Errors
    /// A [`crate::view::Problem`] of [`latchkey_token::TextError::NoneFound`] or of a
    /// [`latchkey_token::ReadError`], such as [`latchkey_token::ReadError::RowsMissing`], if the
    /// text isn't one whole token.
    pub fn token_qr_codes(&self, token: &str) -> CommandResult<Vec<QrCodeView>> {
        let Some(portal) = portal(&self.product()?) else { return Ok(Vec::new()) };
        let codes = pictures(&parse_token(token)?, Some(&portal));
        Ok(codes.iter().map(qr_code_view).collect())
    }

    /// Returns the QR code that opens the portal at a seat, if the vendor has a portal.
    ///
    /// # Errors
    /// A [`crate::view::Problem`] of [`latchkey_token::IdError::InvalidHex`] if the seat id is
    /// invalid.
    pub fn seat_qr_code(&self, seat: &str) -> CommandResult<Option<QrCodeView>> {
        let product = self.product()?;
        let seat = seat.parse()?;
        let code = portal(&product).and_then(|portal| seat_picture(&portal, seat));
        Ok(code.as_ref().map(qr_code_view))
    }

    /// Returns the print sheet of a token as an HTML page.
    ///
    /// # Errors
    /// As [`WizardState::token_qr_codes`].
    pub fn sheet(&self, token: &str, seat_name: &str) -> CommandResult<String> {
        let product = self.product()?;
        let (token, portal) = (parse_token(token)?, portal(&product));
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
}

fn portal(product: &Product) -> Option<PortalUrl> {
    product.config.portal.as_deref().and_then(PortalUrl::new)
}

/// Parses a token that the pages show, which is always whole.
fn parse_token(text: &str) -> CommandResult<Token> {
    Ok(scan(text)?.into_iter().next().ok_or(InternalError::NoResult)?.token?)
}

fn qr_code_view(picture: &Picture) -> QrCodeView {
    QrCodeView {
        url: format!("data:image/svg+xml;base64,{}", BASE64.encode(picture.svg().as_bytes())),
        modules: u32::try_from(picture.side()).unwrap_or(u32::MAX),
    }
}
