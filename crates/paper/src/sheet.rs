//! The print sheet: one page that explains what a token is for and what to do with it, with a QR
//! code to scan and rows to type.

use std::fmt::Write as _;

use latchkey_i18n::{Language, text_in};
use latchkey_token::{ErrorArg, Kind, Token};

use crate::{PortalUrl, pictures};

/// A token as one printed page.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// The token.
    pub token: &'a Token,
    /// The product's name.
    pub product: &'a str,
    /// The vendor's name, used if there is no portal.
    pub vendor: &'a str,
    /// The portal to which a request or a deactivation is submitted.
    pub portal: Option<&'a PortalUrl>,
    /// The seat's name, if it is known.
    pub seat_name: Option<&'a str>,
    /// The language of the sheet's reader.
    pub language: Language,
}

/// The page's content security policy, which allows nothing but displaying it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The style sheet, with a layout that fits on both A4 and Letter.
const STYLE: &str = "\
@page{margin:14mm}\
*{box-sizing:border-box;margin:0}\
html{background:#fff;color:#000;font:11pt/1.45 system-ui,sans-serif}\
body{max-width:178mm;margin:0 auto}\
article+article{break-before:page}\
header{display:flex;justify-content:space-between;gap:8mm;border-bottom:.4mm solid #000;padding-bottom:2mm;font-size:10pt}\
header b{font-size:12pt}\
h1{font-size:17pt;line-height:1.25;margin:4mm 0 2mm}\
h2{font-size:12pt;margin:4mm 0 1mm;break-after:avoid}\
.top{display:flex;gap:8mm;align-items:flex-start}\
.top>div{flex:1;min-width:0}\
ol{padding-left:1.4em;margin-top:2mm}\
li{margin-bottom:1mm}\
figure{flex:none;width:54mm;text-align:center;font-size:9pt;break-inside:avoid}\
figure svg{display:block;width:100%}\
.more{display:flex;flex-wrap:wrap;gap:8mm;margin-top:4mm}\
.address{font-weight:700;overflow-wrap:anywhere}\
pre{font:600 13pt/1.42 ui-monospace,'DejaVu Sans Mono','Liberation Mono',Consolas,Menlo,monospace;\
letter-spacing:.06em;word-spacing:-.3em;white-space:pre;margin-top:2mm;break-inside:auto}\
@media screen{body{padding:8mm}article+article{margin-top:25mm}}\
@media screen and (max-width:44em){.top{flex-direction:column}pre{font-size:2.9vw}}";

impl Sheet<'_> {
    /// The sheet as a self-contained web page without scripts or external resources. The rows are
    /// plain text, so that scanning the file itself also finds the token.
    #[must_use]
    pub fn html(&self) -> String {
        Self::page(std::slice::from_ref(self))
    }

    /// Several sheets as one web page; each begins on a new page of paper.
    #[must_use]
    pub fn page(sheets: &[Self]) -> String {
        let lang = sheets.first().map_or(Language::English, |sheet| sheet.language).tag();
        let title = escape_html(&sheets.first().map(Self::title).unwrap_or_default());
        let body: String = sheets.iter().map(Self::body).collect();
        format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        )
    }

    fn body(&self) -> String {
        let pictures = pictures(self.token, self.portal);
        let count = pictures.len();
        let figures = pictures.iter().enumerate().map(|(index, picture)| {
            let caption = match count {
                1 => self.message("sheet-scan", &[]),
                _ => self.message(
                    "sheet-picture",
                    &[("number", (index + 1).into()), ("count", count.into())],
                ),
            };
            // The caption describes the picture, so a screen reader skips the picture itself.
            format!(
                "<figure>{}<figcaption>{}</figcaption></figure>\n",
                picture.svg().replacen("<svg ", "<svg aria-hidden=\"true\" ", 1),
                escape_html(&caption)
            )
        });
        // A single picture is next to the instructions; several are in a row below them.
        let figures: String = figures.collect();
        let (first, more) = match count {
            0 | 1 => (figures, String::new()),
            _ => (String::new(), format!("<div class=more>\n{figures}</div>\n")),
        };
        let listed = |tag: &str, lines: Vec<String>| -> String {
            lines.iter().map(|line| format!("<{tag}>{}</{tag}>\n", escape_html(line))).collect()
        };
        format!(
            "<article>\n<header><b>{product}</b><span>{kind}</span></header>\n<h1>{title}</h1>\n\
             <div class=top>\n<div>\n<p>{what}</p>\n{facts}<h2>{todo}</h2>\n<ol>\n{steps}</ol>\n</div>\n\
             {first}</div>\n{more}<h2>{rows}</h2>\n<p>{how}</p>\n<pre>\n{lines}</pre>\n</article>\n",
            title = escape_html(&self.title()),
            product = escape_html(self.product),
            kind = escape_html(&self.message(&format!("kind-{}", self.token.kind()), &[])),
            what = escape_html(&self.description()),
            facts = listed("p", self.facts()),
            todo = escape_html(&self.message("sheet-todo", &[])),
            steps = listed("li", self.steps()),
            rows = escape_html(&self.message("sheet-rows", &[])),
            how = escape_html(&self.message("sheet-rows-how", &[])),
            lines = self.lines(),
        )
    }

    /// The sheet as plain text, for a terminal or a text printer. Scanning it finds the token.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n\n{}\n", self.title(), self.description());
        for fact in self.facts() {
            let _ = writeln!(text, "{fact}");
        }
        let _ = writeln!(text, "\n{}", self.message("sheet-todo", &[]));
        for (index, step) in self.steps().iter().enumerate() {
            let _ = writeln!(text, "{}. {step}", index + 1);
        }
        let _ = write!(
            text,
            "\n{}\n{}\n\n{}",
            self.message("sheet-rows", &[]),
            self.message("sheet-rows-how", &[]),
            self.lines()
        );
        wrap(&text)
    }

    fn title(&self) -> String {
        self.message(&format!("sheet-{}-title", self.token.kind()), &[])
    }

    fn description(&self) -> String {
        self.message(&format!("sheet-{}-what", self.token.kind()), &[])
    }

    /// Further facts: the seat and the portal.
    fn facts(&self) -> Vec<String> {
        let seat = self.seat_name.filter(|name| !name.is_empty());
        let seat = seat.map(|name| self.message("sheet-seat", &[("seat", name.into())]));
        let portal = self.portal.map(|portal| {
            self.message("sheet-portal", &[("portal", portal.without_scheme().into())])
        });
        seat.into_iter().chain(portal).collect()
    }

    fn steps(&self) -> Vec<String> {
        let outwards = matches!(self.token.kind(), Kind::Request | Kind::Deactivation);
        let first = match (outwards, self.portal) {
            (true, Some(_)) => "sheet-out-one",
            (true, None) => "sheet-out-one-no-portal",
            (false, _) => "sheet-in-one",
        };
        let second = format!("sheet-{}-two", self.token.kind());
        vec![self.message(first, &[]), self.message(&second, &[])]
    }

    fn lines(&self) -> String {
        self.token.lines().iter().map(|line| format!("{line}\n")).collect()
    }

    fn message(&self, id: &str, values: &[(&str, ErrorArg)]) -> String {
        let portal = self.portal.map_or("", PortalUrl::without_scheme);
        let common = [
            ("product", ErrorArg::from(self.product)),
            ("vendor", self.vendor.into()),
            ("portal", portal.into()),
        ];
        text_in(self.language, id, &[&common, values].concat())
    }
}

fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Breaks a text between words into lines of at most 78 characters.
fn wrap(text: &str) -> String {
    const WIDTH: usize = 78;
    let mut wrapped = String::new();
    for line in text.lines() {
        let mut column = 0;
        for word in line.split_inclusive(' ') {
            let length = word.trim_end().chars().count();
            if column > 0 && column + length > WIDTH {
                wrapped.truncate(wrapped.trim_end_matches(' ').len());
                wrapped.push('\n');
                column = 0;
            }
            wrapped.push_str(word);
            column += word.chars().count();
        }
        wrapped.push('\n');
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use latchkey_token::{
        Deactivation, HardwareTraits, PublicKeys, Refresh, Request, RequestId, Response, SeatId,
        SeatName, SecretKeys, Seed, scan, seal,
    };

    use super::*;

    fn tokens() -> Vec<Token> {
        let keys = SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap();
        let to: &PublicKeys = keys.public();
        let seat = SeatId::from_bytes([1; 8]);
        let request = Request {
            product: 1,
            code: "ACME-B10E-2V26".parse().unwrap(),
            device: *to,
            request: RequestId::from_bytes([2; 8]),
            counter: 1,
            seat_name: SeatName::new("Drawing office 4").unwrap(),
            traits: HardwareTraits::default(),
            created_at: 1,
        };
        let response = Response {
            request: RequestId::from_bytes([2; 8]),
            activated_at: 1,
            seat,
            lease_expiry: 2,
            grace: 0,
            sequence: 1,
            features: Default::default(),
            attributes: [("what".to_owned(), "x".repeat(490))].into(),
            subscription_end: None,
            traits_digest: [0; 10],
        };
        let refresh = Refresh {
            seat,
            issued_at: 1,
            lease_expiry: 2,
            sequence: 2,
            grace: None,
            features: None,
            attributes: None,
            subscription_end: None,
        };
        let deactivation = Deactivation { seat, counter: 2, created_at: 3 };
        vec![
            seal(&request, 1, &keys, to).unwrap(),
            seal(&response, 1, &keys, to).unwrap(),
            seal(&refresh, 1, &keys, to).unwrap(),
            seal(&deactivation, 1, &keys, to).unwrap(),
        ]
    }

    fn for_every_sheet(check: impl Fn(&Sheet<'_>)) {
        let portal = PortalUrl::new("https://licence.acme.example").unwrap();
        for token in &tokens() {
            for language in Language::ALL {
                for portal in [None, Some(&portal)] {
                    check(&Sheet {
                        token,
                        product: "Acme <CAD> & \"Co\"",
                        vendor: "Acme",
                        portal,
                        seat_name: Some("Drawing office 4"),
                        language: *language,
                    });
                }
            }
        }
    }

    #[test]
    fn the_token_is_found_in_the_text_and_in_the_page_and_nothing_else_is() {
        for_every_sheet(|sheet| {
            for text in [sheet.text(), sheet.html()] {
                let found = scan(&text).unwrap();
                assert_eq!(found.len(), 1, "{text}");
                assert_eq!(found[0].token.as_ref(), Ok(sheet.token), "{text}");
                assert_eq!(found[0].repaired, 0);
            }
        });
    }

    #[test]
    fn every_line_of_the_token_is_on_the_sheet_numbered_and_grouped() {
        for_every_sheet(|sheet| {
            let (text, page) = (sheet.text(), sheet.html());
            for line in sheet.token.lines() {
                assert!(text.contains(&format!("\n{line}\n")), "{line}");
                assert!(page.contains(&format!("\n{line}\n")), "{line}");
            }
        });
    }

    #[test]
    fn the_page_runs_and_loads_nothing_and_escapes_names() {
        for_every_sheet(|sheet| {
            let page = sheet.html();
            for never in ["<script", "<CAD>", " src=", " href=", "url(", "onload", "@import"] {
                assert!(!page.contains(never), "{never}");
            }
            assert!(page.contains("Acme &lt;CAD&gt; &amp; &quot;Co&quot;"));
            assert!(page.contains("<svg "));
        });
    }

    #[test]
    fn several_sheets_are_one_page() {
        let tokens = tokens();
        let sheet = |token| Sheet {
            token,
            product: "Acme CAD",
            vendor: "Acme",
            portal: None,
            seat_name: None,
            language: Language::English,
        };
        let page = Sheet::page(&tokens.iter().map(sheet).collect::<Vec<_>>());
        let found: Vec<_> = scan(&page).unwrap().into_iter().map(|found| found.token).collect();
        assert_eq!(found, tokens.into_iter().map(Ok).collect::<Vec<_>>());
        assert_eq!(page.matches("<html").count(), 1);
    }

    #[test]
    fn every_placeholder_is_filled_in() {
        for_every_sheet(|sheet| {
            let text = sheet.text();
            for gap in ["sheet-", "kind-", "{", "$"] {
                assert!(!text.contains(gap), "{gap}: {text}");
            }
            assert!(text.contains("Drawing office 4"));
            assert_eq!(text.contains("licence.acme.example"), sheet.portal.is_some(), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 78), "{text}");
        });
    }
}
