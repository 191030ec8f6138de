//! The pictures of an icon in all sizes, and the files that they are in.

use std::io::Cursor;

use latchkey_config::PictureKind;
use resvg::tiny_skia::{Color, Pixmap, PremultipliedColorU8};

use super::*;
use crate::pictures::Pictures;

const RED: [u8; 4] = [255, 0, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];
const CLEAR: [u8; 4] = [0; 4];
const ALL: [u32; 9] = [16, 24, 32, 48, 64, 128, 256, 512, 1024];

fn draw(kind: PictureKind, content: &[u8]) -> Result<Pictures, PackageError> {
    Pictures::draw(Path::new("icon"), kind, content)
}

fn svg(text: &str) -> Result<Pictures, PackageError> {
    draw(PictureKind::Svg, text.as_bytes())
}

/// A PNG picture that is red, with a blue frame of an eighth of its shorter side.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut picture = Pixmap::new(width, height).unwrap();
    let frame = width.min(height) / 8;
    let blue = Color::from_rgba8(0, 0, 255, 255).premultiply().to_color_u8();
    let red = PremultipliedColorU8::from_rgba(255, 0, 0, 255).unwrap();
    for (at, pixel) in picture.pixels_mut().iter_mut().enumerate() {
        let (x, y) = (at as u32 % width, at as u32 / width);
        let is_inside = |at: u32, side: u32| at >= frame && at < side - frame;
        *pixel = if is_inside(x, width) && is_inside(y, height) { red } else { blue };
    }
    picture.encode_png().unwrap()
}

/// The colours of a picture in its middle, at its left edge and at its upper edge.
fn colours(png: &[u8]) -> (u32, [[u8; 4]; 3]) {
    let picture = Pixmap::decode_png(png).unwrap();
    let side = picture.width();
    assert_eq!(picture.height(), side);
    let at = |x: u32, y: u32| {
        let colour = picture.pixel(x, y).unwrap();
        [colour.red(), colour.green(), colour.blue(), colour.alpha()]
    };
    (side, [at(side / 2, side / 2), at(0, side / 2), at(side / 2, 0)])
}

fn sides(pictures: &Pictures) -> Vec<u32> {
    pictures.png().map(|(side, _)| side).collect()
}

#[test]
fn one_picture_is_drawn_in_all_sizes() {
    for pictures in [svg(ICON).unwrap(), draw(PictureKind::Png, &png(1024, 1024)).unwrap()] {
        assert_eq!(sides(&pictures), ALL);
        for (side, png) in pictures.png() {
            assert_eq!(colours(png), (side, [RED, BLUE, BLUE]));
        }
    }
}

#[test]
fn a_picture_that_is_no_square_is_in_the_middle_of_one() {
    let wide = r##"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">
        <rect width="40" height="20" fill="#00f"/>
        <rect x="9" y="5" width="20" height="9" fill="#f00"/>
        </svg>"##;
    for pictures in [svg(wide).unwrap(), draw(PictureKind::Png, &png(1024, 512)).unwrap()] {
        for (side, png) in pictures.png() {
            assert_eq!(colours(png), (side, [RED, BLUE, CLEAR]));
        }
    }
    let tall = draw(PictureKind::Png, &png(300, 600)).unwrap();
    assert_eq!(colours(tall.png().last().unwrap().1), (512, [RED, CLEAR, BLUE]));
}

#[test]
fn a_png_picture_is_never_enlarged() {
    let pictures = draw(PictureKind::Png, &png(256, 256)).unwrap();
    assert_eq!(sides(&pictures), ALL[..7]);
    assert_eq!(sides(&draw(PictureKind::Png, &png(700, 700)).unwrap()), ALL[..8]);
    for (width, height) in [(16, 16), (255, 255), (2049, 10), (10, 4096)] {
        match draw(PictureKind::Png, &png(width.max(8), height.max(8))) {
            Err(PackageError::IconSize { .. }) => {}
            other => panic!("{width} × {height}: {:?}", other.err()),
        }
    }
}

#[test]
fn small_pictures_keep_thin_lines() {
    let lines = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 1024">
        <path d="M0 500h1024v8H0z" fill="#f00"/></svg>"##;
    let drawn = svg(lines).unwrap();
    let large = drawn.png().last().unwrap().1;
    for (side, png) in draw(PictureKind::Png, large).unwrap().png() {
        let picture = Pixmap::decode_png(png).unwrap();
        let shown = picture.pixels().iter().map(|pixel| u32::from(pixel.alpha())).sum::<u32>();
        // As much of it as there is room for.
        let wanted = 255 * side * side * 8 / 1024;
        assert!(shown.abs_diff(wanted) <= wanted / 10, "{side}: {shown} {wanted}");
    }
}

#[test]
fn an_icon_for_windows_has_the_usual_sizes() {
    let icon = icon::of_windows(&svg(ICON).unwrap()).unwrap();
    assert!(icon::is_of_windows(&icon));
    let icon = ico::IconDir::read(Cursor::new(icon)).unwrap();
    let read = |entry: &ico::IconDirEntry| (entry.width(), entry.is_png());
    let entries: Vec<_> = icon.entries().iter().map(read).collect();
    let wanted = ALL[..7].iter().map(|side| (*side, *side == 256)).collect::<Vec<_>>();
    assert_eq!(entries, wanted);
    for entry in icon.entries() {
        let picture = entry.decode().unwrap();
        let middle = (picture.width() * picture.height() / 2 + picture.width() / 2) as usize * 4;
        assert_eq!(picture.rgba_data()[middle..middle + 4], RED);
    }
    for broken in [b"".as_slice(), b"<svg/>", &[0, 0, 1, 0, 1, 0], &[0, 0, 2, 0, 1, 0]] {
        assert!(!icon::is_of_windows(broken), "{broken:?}");
    }
    // As many pictures as there may be, and one more; each is the same part of the file.
    let of = |pictures: u16| {
        let mut icon = [&[0, 0, 1, 0][..], &pictures.to_le_bytes()].concat();
        for _ in 0..pictures {
            icon.extend([16, 16, 0, 0, 1, 0, 32, 0, 16, 0, 0, 0, 6, 0, 0, 0]);
        }
        icon
    };
    assert!(icon::is_of_windows(&of(64)));
    assert!(!icon::is_of_windows(&of(65)));
}

#[test]
fn an_icon_for_macos_has_the_pictures_that_its_types_say() {
    let icon = icon::of_macos(&svg(ICON).unwrap()).unwrap();
    let wanted = [16, 32, 64, 128, 256, 512, 1024, 32, 64, 256, 512];
    let pictures = pictures_of_macos(&icon);
    let found: Vec<_> = pictures.iter().map(|(_, png)| colours(png).0).collect();
    assert_eq!(found, wanted);
}

#[test]
fn a_desktop_of_linux_finds_the_icon_in_every_size() {
    let fixture = Fixture::new();
    let names = |fixture: &Fixture| {
        let _ = fixture.write().unwrap();
        let data = members(&fixture.path("out/acme-cad-licence_3.1.0_amd64.deb")).remove(2).1;
        fs::remove_dir_all(fixture.path("out")).unwrap();
        let names = unpacked(&data).into_iter().map(|(name, ..)| name);
        let names: Vec<_> = names.filter(|name| name.contains("/hicolor/")).collect();
        names.into_iter().filter(|name| !name.ends_with('/')).collect::<Vec<_>>()
    };
    let of = |side: &u32| {
        format!("./usr/share/icons/hicolor/{side}x{side}/apps/com.acme.cad.licence.png")
    };
    let mut wanted: Vec<_> = ALL[..8].iter().map(of).collect();
    let mut sorted = |names: Vec<String>| {
        let mut names = names;
        names.sort();
        wanted.sort();
        (names, wanted.clone())
    };
    fs::write(fixture.path("kit/icon.png"), png(1024, 1024)).unwrap();
    let section = fs::read_to_string(fixture.path("kit/package.toml")).unwrap();
    fixture.kit("package.toml", &section.replace("icon.svg", "icon.png"));
    let (found, expected) = sorted(names(&fixture));
    assert_eq!(found, expected);
    fixture.kit("package.toml", &section);
    let scalable = "./usr/share/icons/hicolor/scalable/apps/com.acme.cad.licence.svg".to_owned();
    wanted.push(scalable);
    let mut found = names(&fixture);
    found.sort();
    assert_eq!(found, wanted);
}

#[test]
fn a_picture_that_is_not_drawn_whole_is_an_error() {
    let of = |content: &str| {
        format!("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>{content}</svg>")
    };
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), png(256, 256)).unwrap();
    let path = file.path().display();
    for (content, name) in [
        ("<text x='1' y='5'>Acme</text>".to_owned(), "text"),
        ("<g><g><text/></g></g>".to_owned(), "text"),
        (format!("<image href='{path}' width='9' height='9'/>"), "image"),
        (format!("<filter id='a'><feImage href='{path}'/></filter>"), "filter"),
    ] {
        match svg(&of(&content)) {
            Err(PackageError::IconElement { element, .. }) => assert_eq!(element, name),
            other => panic!("{content}: {:?}", other.err()),
        }
    }
    let nested = ["<g>".repeat(20_000), "</g>".repeat(20_000)].concat();
    // Every element is used twice by the next one.
    let doubled: String = (0..30)
        .map(|n| format!("<g id='a{}'><use href='#a{n}'/><use href='#a{n}'/></g>", n + 1))
        .collect();
    let many = "<path d='M0 0h1v1z'/>".repeat(20_500);
    let layers = |number| {
        let (open, close) = ("<g opacity='.9'>".repeat(number), "</g>".repeat(number));
        format!("{open}<path d='M0 0h9v9z'/>{close}")
    };
    assert!(svg(&of(&layers(8))).is_ok());
    let entities = "<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>\
                    <!ENTITY c '&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;'>\
                    <!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;'>]>";
    for broken in [
        String::new(),
        of(&layers(9)),
        "<svg".to_owned(),
        "<html/>".to_owned(),
        of("<g>"),
        of(&nested),
        of(&many),
        of(&format!("<g id='a0'><path d='M0 0h1v1z'/></g>{doubled}")),
        format!("{entities}{}", of("<desc>&e;&e;&e;&e;</desc>")),
        of("<path d='M0 0h1v1z'/>").replace("width='9'", "width='0'"),
    ] {
        match svg(&broken) {
            Err(PackageError::IconNotDrawn { reason, .. }) => assert!(!reason.is_empty()),
            other => panic!("{}: {:?}", &broken[..broken.len().min(80)], other.err()),
        }
    }
    let whole = png(300, 300);
    for broken in [b"\x89PNG".as_slice(), &whole[..whole.len() / 2], &whole[..40]] {
        let error = draw(PictureKind::Png, broken).err();
        assert!(matches!(error, Some(PackageError::IconNotDrawn { .. })), "{error:?}");
    }
}

#[test]
fn what_editors_write_is_drawn() {
    for text in [
        format!("\u{feff}<?xml version=\"1.0\"?>\n{ICON}"),
        format!("<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"a.dtd\">{ICON}"),
        ICON.replace("<rect", "<foreignObject/><metadata><x:a xmlns:x=\"x\"/></metadata><rect"),
    ] {
        let pictures = svg(&text).unwrap();
        assert_eq!(colours(pictures.png().next().unwrap().1), (16, [RED, BLUE, BLUE]));
    }
}
