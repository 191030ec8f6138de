//! Realistic pictures: whatever the independent reader zbar decodes is decoded here too, and more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test"
)]

use std::path::Path;
use std::process::Command;

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use latchkey_paper::{Codes, Picture, PortalUrl, ReadingError, pictures, read_picture};
use latchkey_token::{Response, SeatId, SecretKeys, Seed, Token, seal};
use qrcodegen::{QrCode, QrCodeEcc};

/// What the portal allows for a picture.
const MEMORY: u64 = 80 * 1024 * 1024;

fn token(number: u8, letters: usize) -> Token {
    let keys = SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap();
    let payload = Response {
        request: latchkey_token::RequestId::from_bytes([number; 8]),
        activated_at: 1,
        seat: SeatId::from_bytes([number; 8]),
        lease_expiry: 2,
        grace: 0,
        sequence: 1,
        features: Default::default(),
        attributes: [("what".to_owned(), "x".repeat(letters))].into(),
        subscription_end: None,
        traits_digest: [0; 10],
    };
    seal(&payload, 1, &keys, keys.public()).unwrap()
}

fn codes(number: u8, letters: usize) -> Vec<Picture> {
    let portal = PortalUrl::new("https://licence.acme.example").unwrap();
    pictures(&token(number, letters), Some(&portal))
}

/// One code, as large as most are.
fn code() -> Picture {
    let mut codes = codes(1, 40);
    assert_eq!(codes.len(), 1);
    codes.remove(0)
}

/// Dark on light, with a number of pixels per module and a light border.
fn drawn(code: &Picture, scale: u32, margin: u32) -> GrayImage {
    let side = (code.side() as u32 + 2 * margin) * scale;
    GrayImage::from_fn(side, side, |x, y| {
        let at = |at: u32| (at / scale).checked_sub(margin).filter(|&at| at < code.side() as u32);
        let dark = at(x).zip(at(y)).is_some_and(|(x, y)| code.is_dark(x as usize, y as usize));
        Luma([if dark { 0 } else { 255 }])
    })
}

/// The same numbers each time, between 0 and 1.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f32 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// About normally distributed around zero.
    fn noise(&mut self) -> f32 {
        (0..12).map(|_| self.next()).sum::<f32>() - 6.0
    }
}

/// A sheet that lies on a desk at these corners (upper left, upper right, lower right, lower left),
/// photographed.
#[derive(Clone, Copy)]
struct Photograph {
    size: (u32, u32),
    corners: [(f32, f32); 4],
    blur: f32,
    noise: f32,
    /// How light it is on the left and on the right.
    light: (f32, f32),
    quality: u8,
}

impl Photograph {
    fn of(&self, sheet: &GrayImage) -> Vec<u8> {
        let back = to_square(self.corners);
        let (wide, high) = (sheet.width() as f32, sheet.height() as f32);
        let taken = GrayImage::from_fn(self.size.0, self.size.1, |x, y| {
            let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
            let at = |of: usize| back[of][0] * x + back[of][1] * y + back[of][2];
            let (u, v) = (at(0) / at(2) * wide - 0.5, at(1) / at(2) * high - 0.5);
            let is_on = u > -0.5 && v > -0.5 && u < wide - 0.5 && v < high - 0.5;
            let shade = if is_on { between(sheet, u, v) } else { 150.0 };
            let (left, right) = self.light;
            let light = left + (right - left) * x / self.size.0 as f32;
            Luma([((shade * 0.8 + 25.0) * light).clamp(0.0, 255.0) as u8])
        });
        let mut taken = imageops::fast_blur(&taken, self.blur);
        let mut chance = Chance(3);
        for Luma([shade]) in taken.pixels_mut() {
            *shade = (f32::from(*shade) + self.noise * chance.noise()).clamp(0.0, 255.0) as u8;
        }
        jpeg(taken, self.quality)
    }
}

/// Between four pixels.
fn between(picture: &GrayImage, x: f32, y: f32) -> f32 {
    let (x, y) = (x.max(0.0), y.max(0.0));
    let (left, top) = (x as u32, y as u32);
    let at = |dx: u32, dy: u32| {
        let (x, y) = ((left + dx).min(picture.width() - 1), (top + dy).min(picture.height() - 1));
        f32::from(picture.get_pixel(x, y).0[0])
    };
    let (dx, dy) = (x.fract(), y.fract());
    let upper = at(0, 0) * (1.0 - dx) + at(1, 0) * dx;
    let lower = at(0, 1) * (1.0 - dx) + at(1, 1) * dx;
    upper * (1.0 - dy) + lower * dy
}

/// The projection of four corners to those of a square of side one (Heckbert 1989, section 2.2.3).
fn to_square([(x0, y0), (x1, y1), (x2, y2), (x3, y3)]: [(f32, f32); 4]) -> [[f32; 3]; 3] {
    let (dx1, dx2, dx3) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
    let (dy1, dy2, dy3) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
    let whole = dx1 * dy2 - dx2 * dy1;
    let (g, h) = ((dx3 * dy2 - dx2 * dy3) / whole, (dx1 * dy3 - dx3 * dy1) / whole);
    let (a, b, c) = (x1 - x0 + g * x1, x3 - x0 + h * x3, x0);
    let (d, e, f) = (y1 - y0 + g * y1, y3 - y0 + h * y3, y0);
    // Its adjoint is its inverse but for a factor, which means nothing here.
    [
        [e - f * h, c * h - b, b * f - c * e],
        [f * g - d, a - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ]
}

fn jpeg(picture: impl Into<DynamicImage>, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    picture.into().to_rgb8().write_with_encoder(encoder).unwrap();
    bytes
}

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    file(picture, ImageFormat::Png)
}

/// Two colours in place of dark and light.
fn coloured(picture: &GrayImage, dark: [u8; 3], light: [u8; 3]) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let shade = i32::from(picture.get_pixel(x, y).0[0]);
        Rgb(std::array::from_fn(|of| {
            let (dark, light) = (i32::from(dark[of]), i32::from(light[of]));
            (dark + (light - dark) * shade / 255) as u8
        }))
    })
}

/// Dark modules in this shade, and everything else as if it weren't there, with black under it.
fn transparent(picture: &GrayImage, shade: u8) -> RgbaImage {
    RgbaImage::from_fn(picture.width(), picture.height(), |x, y| {
        let cover = 255 - picture.get_pixel(x, y).0[0];
        let shade = if cover == 0 { 0 } else { shade };
        Rgba([shade, shade, shade, cover])
    })
}

fn into_inverted(mut picture: GrayImage) -> GrayImage {
    imageops::invert(&mut picture);
    picture
}

/// Something of this shade lies on it.
fn covered(mut picture: GrayImage, at: (u32, u32), size: (u32, u32), shade: u8) -> GrayImage {
    let cover = GrayImage::from_pixel(size.0, size.1, Luma([shade]));
    imageops::replace(&mut picture, &cover, at.0.into(), at.1.into());
    picture
}

/// What is there of a sheet where this is true of a place.
fn torn(mut picture: GrayImage, is_gone: impl Fn(u32, u32) -> bool, shade: u8) -> GrayImage {
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if is_gone(x, y) {
            *pixel = Luma([shade]);
        }
    }
    picture
}

fn resized(picture: &GrayImage, side: u32) -> GrayImage {
    imageops::resize(picture, side, side, FilterType::Triangle)
}

/// Seen by a camera that is turned by a number of degrees.
fn turned(picture: &GrayImage, degrees: f32, ground: u8) -> GrayImage {
    let side = (picture.width() as f32 * 1.45) as u32;
    let (middle, old) = (side as f32 / 2.0, picture.width() as f32 / 2.0);
    let (sin, cos) = degrees.to_radians().sin_cos();
    GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 + 0.5 - middle, y as f32 + 0.5 - middle);
        let (u, v) = (x * cos + y * sin + old - 0.5, y * cos - x * sin + old - 0.5);
        let is_on = u >= 0.0 && v >= 0.0 && u < old * 2.0 - 1.0 && v < old * 2.0 - 1.0;
        Luma([if is_on { between(picture, u, v) as u8 } else { ground }])
    })
}

/// Several pictures on one grey page, in rows of the given length.
fn on_one_page(drawn: &[GrayImage], columns: u32, gap: u32) -> GrayImage {
    let side = drawn.iter().map(GrayImage::width).max().unwrap();
    let rows = (drawn.len() as u32).div_ceil(columns);
    let place = |of: u32| of * (side + gap) + gap;
    let mut page = GrayImage::from_pixel(place(columns), place(rows), Luma([230]));
    for (number, picture) in (0..).zip(drawn) {
        let (x, y) = (place(number % columns), place(number / columns));
        imageops::replace(&mut page, picture, x.into(), y.into());
    }
    page
}

/// A screen's grid under a camera's.
fn through_a_grid(picture: &GrayImage) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let wave = |at: u32| (at as f32 * std::f32::consts::TAU / 3.1).sin();
        let shade = f32::from(picture.get_pixel(x, y).0[0]);
        Luma([(shade * (0.78 + 0.22 * wave(x) * wave(y))) as u8])
    })
}

/// A screenshot of two screens with many small things on them.
fn two_screens(code: &GrayImage) -> GrayImage {
    let mut chance = Chance(1);
    let mut screens = GrayImage::from_pixel(3840, 1080, Luma([70]));
    for _ in 0..400 {
        let mut below = |most: f32| (chance.next() * most) as u32;
        let (x, y, shade) = (below(3700.0), below(1050.0), below(255.0) as u8);
        screens = covered(screens, (x, y), (60, 14), shade);
    }
    imageops::replace(&mut screens, code, 2600, 375);
    screens
}

/// A picture's file, and what the codes in it say.
struct Sample {
    name: String,
    bytes: Vec<u8>,
    says: Vec<String>,
}

/// Samples that say the same.
struct Samples {
    says: Vec<String>,
    all: Vec<Sample>,
}

impl Samples {
    fn of(codes: &[Picture]) -> Self {
        let says = codes.iter().map(|code| code.text().to_owned()).collect();
        Self { says, all: Vec::new() }
    }

    fn add(&mut self, name: impl Into<String>, bytes: Vec<u8>) {
        self.all.push(Sample { name: name.into(), bytes, says: self.says.clone() });
    }
}

/// Formats, colours, and what is transparent.
fn as_saved() -> Vec<Sample> {
    let code = code();
    let mut samples = Samples::of(std::slice::from_ref(&code));
    let plain = drawn(&code, 6, 4);
    samples.add("plain", png(plain.clone()));
    samples.add("without a margin", png(drawn(&code, 6, 0)));
    samples.add("two pixels a module", png(drawn(&code, 2, 4)));
    samples.add("16 bits a channel", png(DynamicImage::from(plain.clone()).to_luma16()));
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Gif,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ] {
        let bytes = file(coloured(&plain, [0; 3], [255; 3]), format);
        samples.add(format!("{format:?}"), bytes);
    }
    let dark = into_inverted(plain.clone());
    samples.add("inverted", png(dark.clone()));
    samples.add("inverted and smaller", jpeg(resized(&dark, 400), 60));
    let of_a_theme = coloured(&plain, [230, 230, 240], [18, 18, 24]);
    samples.add("inverted in colours", file(of_a_theme, ImageFormat::WebP));
    samples.add("transparent", png(transparent(&plain, 0)));
    samples.add("transparent with light modules", png(transparent(&plain, 255)));
    samples.add("transparent in another format", file(transparent(&plain, 0), ImageFormat::WebP));
    for (name, dark, light) in [
        ("orange on grey", [255, 140, 0], [90, 90, 90]),
        ("blue on yellow", [0, 60, 160], [255, 230, 80]),
        ("red on white", [220, 30, 40], [255, 255, 255]),
        ("white on green", [255, 255, 255], [20, 110, 60]),
        ("grey on grey", [110, 110, 110], [145, 145, 145]),
    ] {
        samples.add(name, png(coloured(&plain, dark, light)));
        samples.add(format!("{name} as JPEG"), jpeg(coloured(&plain, dark, light), 70));
    }
    samples.add("a screenshot of two screens", png(two_screens(&drawn(&code, 3, 4))));
    samples.all
}

/// Made smaller and coarser on the way, covered, turned.
fn as_passed_on() -> Vec<Sample> {
    let code = code();
    let mut samples = Samples::of(std::slice::from_ref(&code));
    let large = drawn(&code, 9, 4);
    for (size, quality) in [(700, 25), (520, 45), (430, 60), (360, 75), (330, 40), (300, 50)] {
        let bytes = jpeg(resized(&large, size), quality);
        samples.add(format!("re-compressed to {size} at {quality}"), bytes);
    }
    let once = image::load_from_memory(&jpeg(resized(&large, 640), 40)).unwrap().to_luma8();
    samples.add("re-compressed twice", jpeg(resized(&once, 480), 50));

    let plain = drawn(&code, 6, 4);
    let side = plain.width();
    let far = side - 24 - 70;
    for shade in [30, 120, 210, 255] {
        let name = format!("a corner covered in {shade}");
        samples.add(name, png(covered(plain.clone(), (far, far), (70, 70), shade)));
    }
    samples.add("a torn corner", png(torn(plain.clone(), |x, y| x + y > 2 * side - 150, 120)));
    let fold = |x: u32, y: u32| (side / 2 - 20 + x / 15..side / 2 - 12 + x / 15).contains(&y);
    samples.add("a fold", png(torn(plain.clone(), fold, 180)));
    let middle = (side / 2, side / 2 - 80);
    samples.add("a stain", png(covered(plain.clone(), middle, (45, 45), 90)));

    for degrees in [5.0, 17.0, 45.0, 90.0, 133.0, 180.0, 271.0] {
        samples.add(format!("turned by {degrees}"), jpeg(turned(&plain, degrees, 200), 80));
    }
    let mirrored = imageops::flip_horizontal(&plain);
    samples.add("mirrored", png(mirrored.clone()));
    samples.add("mirrored and turned", jpeg(turned(&mirrored, 30.0, 200), 80));
    samples.all
}

const SLANTED: Photograph = Photograph {
    size: (1600, 1200),
    corners: [(420.0, 180.0), (1180.0, 260.0), (1110.0, 980.0), (360.0, 900.0)],
    blur: 0.8,
    noise: 6.0,
    light: (1.0, 0.45),
    quality: 80,
};

fn as_photographed() -> Vec<Sample> {
    let code = code();
    let mut samples = Samples::of(std::slice::from_ref(&code));
    let sheet = drawn(&code, 8, 4);
    samples.add("a slanted photograph", SLANTED.of(&sheet));
    let dark = Photograph { noise: 12.0, blur: 1.2, quality: 50, ..SLANTED };
    samples.add("a dark photograph", dark.of(&sheet));
    let below = [(520.0, 250.0), (1080.0, 180.0), (1280.0, 1000.0), (330.0, 1010.0)];
    samples.add("a photograph from below", Photograph { corners: below, ..SLANTED }.of(&sheet));
    samples.add("a photograph of a dark window", SLANTED.of(&into_inverted(sheet.clone())));
    let screen = through_a_grid(&resized(&drawn(&code, 7, 4), 900));
    samples.add("a photograph of a screen", jpeg(turned(&screen, 4.0, 40), 75));
    for (wide, left, top) in
        [(650.0, 1700.0, 1200.0), (500.0, 3100.0, 300.0), (900.0, 300.0, 1900.0)]
    {
        let corners = [
            (left, top),
            (left + wide, top + 0.05 * wide),
            (left + 0.97 * wide, top + 1.03 * wide),
            (left - 0.03 * wide, top + wide),
        ];
        let (size, light) = ((4032, 3024), (1.0, 0.7));
        let photograph = Photograph { size, corners, blur: 1.2, light, ..SLANTED };
        samples.add(format!("{wide} pixels of a large photograph"), photograph.of(&sheet));
    }
    samples.all
}

fn with_several_codes() -> Vec<Sample> {
    let frames = codes(2, 490);
    assert!(frames.len() > 1);
    let mut samples = Samples::of(&frames);
    let of_frames: Vec<_> = frames.iter().map(|code| drawn(code, 5, 4)).collect();
    let page = on_one_page(&of_frames, 2, 30);
    samples.add("all frames of a token", png(page.clone()));
    samples.add("all frames of a token, re-compressed", jpeg(page, 50));
    let mut all = samples.all;

    let several: Vec<_> = (3..9).flat_map(|number| codes(number, 40)).collect();
    let mut samples = Samples::of(&several);
    let of_several: Vec<_> = several.iter().map(|code| drawn(code, 4, 4)).collect();
    let page = on_one_page(&of_several, 3, 40);
    samples.add("six tokens", png(page.clone()));
    samples.add("six tokens, re-compressed", jpeg(page.clone(), 60));
    samples.add("six tokens, inverted", png(into_inverted(page.clone())));
    let corners = [(150.0, 120.0), (2300.0, 180.0), (2250.0, 1650.0), (120.0, 1600.0)];
    let photograph = Photograph { corners, size: (2400, 1800), noise: 3.0, ..SLANTED };
    samples.add("six tokens, photographed", photograph.of(&page));
    all.append(&mut samples.all);
    all
}

/// What zbar makes out.
fn by_zbar(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let path = folder.join("picture");
    std::fs::write(&path, bytes).unwrap();
    let mut zbar = Command::new("zbarimg");
    zbar.args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(&path);
    let answer = zbar.output().expect("zbarimg is missing: `cargo xtask setup` installs it");
    String::from_utf8_lossy(&answer.stdout).lines().map(ToOwned::to_owned).collect()
}

/// No picture that zbar reads may be missed, and of all pictures no more than the given number.
fn compared(samples: &[Sample], most_missed: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (mut ours, mut theirs, mut missed) = (0, 0, Vec::new());
    let mut reported = Vec::new();
    for Sample { name, bytes, says } in samples {
        let codes = read_picture(bytes, MEMORY);
        let read = codes.as_ref().map(|codes| codes.text.as_str()).unwrap_or_default();
        let read: Vec<String> = read.lines().map(ToOwned::to_owned).collect();
        let incomplete = codes.ok().and_then(|codes| codes.incomplete);
        // A code that was read in one version of the picture isn't one that can't be read.
        if read.len() == says.len() && incomplete.is_some() {
            reported.push(format!("{name}: {incomplete:?}"));
        }
        assert!(read.iter().all(|text| says.contains(text)), "{name}: {read:?}");
        let zbar = by_zbar(folder.path(), bytes);
        let count = |read: &[String]| says.iter().filter(|text| read.contains(text)).count();
        println!("{name}: {} of {}, zbar {}", count(&read), says.len(), count(&zbar));
        ours += usize::from(count(&read) == says.len());
        theirs += usize::from(count(&zbar) == says.len());
        if says.iter().any(|text| zbar.contains(text) && !read.contains(text)) {
            missed.push(name);
        }
    }
    println!("{ours} of {}, zbar {theirs}", samples.len());
    assert!(missed.is_empty(), "zbar makes out {missed:?}");
    assert!(samples.len() - ours <= most_missed, "{ours} of {}", samples.len());
    assert!(reported.is_empty(), "{reported:?}");
}

#[test]
fn a_saved_picture_that_zbar_reads_is_read() {
    compared(&as_saved(), 0);
}

#[test]
fn a_forwarded_picture_that_zbar_reads_is_read() {
    compared(&as_passed_on(), 0);
}

#[test]
fn a_photograph_that_zbar_reads_is_read() {
    compared(&as_photographed(), 0);
}

#[test]
fn a_picture_with_several_codes_that_zbar_reads_is_read() {
    compared(&with_several_codes(), 0);
}

/// A TIFF file with these pages.
fn scanned(pages: &[GrayImage]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
    for page in pages {
        let (width, height) = page.dimensions();
        encoder.write_image::<tiff::encoder::colortype::Gray8>(width, height, page).unwrap();
    }
    bytes.into_inner()
}

fn animated_gif(frames: &[GrayImage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new_with_speed(&mut bytes, 30);
    let frame = |frame: &GrayImage| DynamicImage::from(frame.clone()).to_rgba8();
    encoder.encode_frames(frames.iter().map(|of| image::Frame::new(frame(of)))).unwrap();
    drop(encoder);
    bytes
}

fn animated_png(frames: &[GrayImage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = frames[0].dimensions();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_animated(frames.len() as u32, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for frame in frames {
        writer.write_image_data(frame).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

/// The container's specification, section "Animation". Each frame is a picture of its own without
/// its header.
fn animated_webp(frames: &[GrayImage]) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        [name, &(data.len() as u32).to_le_bytes(), data, &vec![0; data.len() % 2]].concat()
    };
    let three = |number: u32| number.to_le_bytes()[..3].to_vec();
    let (width, height) = frames[0].dimensions();
    let size = [three(width - 1), three(height - 1)].concat();
    let mut chunks = [
        chunk(b"VP8X", &[&[2, 0, 0, 0][..], &size].concat()),
        chunk(b"ANIM", &[255, 255, 255, 255, 0, 0]),
    ]
    .concat();
    for frame in frames {
        let one = file(DynamicImage::from(frame.clone()).to_rgb8(), ImageFormat::WebP);
        let frame = [&[0; 6][..], &size, &three(100), &[2], &one[12..]].concat();
        chunks.extend(chunk(b"ANMF", &frame));
    }
    chunk(b"RIFF", &[&b"WEBP"[..], &chunks].concat())
}

#[test]
fn codes_on_all_pages_and_frames_are_combined() {
    let frames = codes(2, 490);
    let says: Vec<_> = frames.iter().map(Picture::text).collect();
    let drawn: Vec<_> = frames.iter().map(|code| drawn(code, 4, 4)).collect();
    let blank = GrayImage::from_pixel(drawn[0].width(), drawn[0].height(), Luma([255]));
    let one_after_another = [blank.clone(), drawn[0].clone(), blank, drawn[1].clone()];
    for (name, bytes) in [
        ("TIFF", scanned(&one_after_another)),
        ("GIF", animated_gif(&one_after_another)),
        ("PNG", animated_png(&one_after_another)),
        ("WebP", animated_webp(&one_after_another)),
    ] {
        let Codes { text, incomplete } = read_picture(&bytes, MEMORY).expect(name);
        assert_eq!((text.lines().collect::<Vec<_>>(), incomplete), (says.clone(), None), "{name}");
    }
}

#[test]
fn pages_and_frames_beyond_the_limit_are_reported() {
    let code = code();
    let shown = drawn(&code, 2, 4);
    let mut pages = vec![GrayImage::from_pixel(shown.width(), shown.height(), Luma([255])); 70];
    let incomplete = ReadingError::PicturesLeft { looked: 64, of: 70 };
    for write in [scanned, animated_gif, animated_png] {
        assert_eq!(read_picture(&write(&pages), MEMORY), Err(incomplete));
    }
    pages[63] = shown.clone();
    let found = Codes { text: code.text().to_owned(), incomplete: Some(incomplete) };
    for write in [scanned, animated_gif, animated_png] {
        assert_eq!(read_picture(&write(&pages), MEMORY), Ok(found.clone()));
    }
    // Where there is no room for an animation, its first frame is looked at like any picture.
    let few = [shown.clone(), pages[0].clone()];
    let incomplete = Some(ReadingError::PicturesLeft { looked: 1, of: 2 });
    let little = u64::from(shown.width() * shown.height()) * 8;
    for write in [animated_gif, animated_webp] {
        let read = read_picture(&write(&few), little);
        assert_eq!(read, Ok(Codes { incomplete, ..found.clone() }));
    }
}

#[test]
fn codes_beyond_the_text_limit_are_reported_as_left_out() {
    let long = |page: usize| {
        let text = format!("{page:02}{}", "A".repeat(4_294));
        let code = QrCode::encode_text(&text, QrCodeEcc::Low).unwrap();
        assert_eq!(code.version().value(), 40);
        let side = (code.size() as u32 + 8) * 3;
        let picture = GrayImage::from_fn(side, side, |x, y| {
            let is_dark = code.get_module((x / 3) as i32 - 4, (y / 3) as i32 - 4);
            Luma([if is_dark { 0 } else { 255 }])
        });
        (text, picture)
    };
    let (texts, pages): (Vec<_>, Vec<_>) = (0..64).map(long).unzip();
    let read = read_picture(&scanned(&pages), MEMORY).unwrap();
    assert_eq!(read.text, texts[..61].join("\n"));
    assert_eq!(read.incomplete, Some(ReadingError::PicturesLeft { looked: 61, of: 64 }));
}

#[test]
fn a_truncated_picture_is_read_and_reported_as_incomplete() {
    let code = code();
    let mut chance = Chance(5);
    let mut page = GrayImage::from_fn(500, 1200, |_, _| Luma([(chance.next() * 255.0) as u8]));
    imageops::replace(&mut page, &drawn(&code, 4, 4), 40, 20);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif] {
        let bytes = file(DynamicImage::from(page.clone()).to_rgb8(), format);
        let whole = read_picture(&bytes, MEMORY);
        assert_eq!(
            whole,
            Ok(Codes { text: code.text().to_owned(), incomplete: None }),
            "{format:?}"
        );
        let cut = read_picture(&bytes[..bytes.len() * 3 / 4], MEMORY);
        let incomplete = Some(ReadingError::Unreadable);
        assert_eq!(cut, Ok(Codes { text: code.text().to_owned(), incomplete }), "{format:?}");
        let early = read_picture(&bytes[..bytes.len() / 20], MEMORY);
        assert_eq!(early, Err(ReadingError::Unreadable), "{format:?}");
    }
}

#[test]
fn an_unsupported_format_is_not_reported_as_damage() {
    // Colours by their number in a table: the entry of a page that says how its pixels are meant.
    let mut bytes = scanned(&[GrayImage::new(40, 40)]);
    let is_meant_as = [6, 1, 3, 0, 1, 0, 0, 0, 1, 0];
    let at = bytes.windows(10).position(|entry| entry == is_meant_as).unwrap();
    bytes[at + 8] = 3;
    let other = ReadingError::Unsupported { format: "TIFF" };
    assert_eq!(read_picture(&bytes, MEMORY), Err(other));
}

#[test]
fn cyclic_pages_are_read_once() {
    let code = code();
    let mut bytes = scanned(&[drawn(&code, 3, 4), GrayImage::new(40, 40)]);
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let first = number(4);
    let next = |page: u32| {
        page as usize + 2 + 12 * usize::from(bytes[page as usize]) // No page has 256 entries.
    };
    let (end_of_first, second) = (next(first), number(next(first)));
    let end_of_second = next(second);
    assert!(second != 0 && end_of_first < bytes.len());
    bytes[end_of_second..end_of_second + 4].copy_from_slice(&first.to_le_bytes());
    let read = read_picture(&bytes, MEMORY);
    assert_eq!(read, Ok(Codes { text: code.text().to_owned(), incomplete: None }));
}

#[test]
fn a_code_with_less_than_two_pixels_a_module_is_read() {
    let code = code();
    let large = drawn(&code, 8, 4);
    let side = large.width() * 3 / 16;
    let small = imageops::resize(&large, side, side, FilterType::Lanczos3);
    let read = read_picture(&file(DynamicImage::from(small).to_rgb8(), ImageFormat::Png), MEMORY);
    assert_eq!(read.map(|codes| codes.text), Ok(code.text().to_owned()));
}

#[test]
fn pictures_as_scanners_and_old_programs_write_them_are_read() {
    let code = code();
    let picture = drawn(&code, 3, 4);
    let header = format!("P5\n# a scan\n{} {}\n255\n", picture.width(), picture.height());
    let grey = [header.as_bytes(), picture.as_raw()].concat();
    let coloured = file(DynamicImage::from(picture).to_rgb8(), ImageFormat::Tga);
    for bytes in [grey, coloured] {
        let read = read_picture(&bytes, MEMORY);
        assert_eq!(read.map(|codes| codes.text), Ok(code.text().to_owned()), "{:?}", &bytes[..8]);
    }
}

/// Three codes that hold a text together, drawn beside one another, as segno's `make_sequence` made
/// them.
const PARTS: &str = include_str!("parts.txt");

/// Those of them with these numbers.
fn parts(numbers: &[usize]) -> Vec<u8> {
    let codes: Vec<Vec<&str>> = PARTS.split("\n\n").map(|code| code.lines().collect()).collect();
    let side = 25 * 4;
    let mut page = RgbImage::from_pixel(side * numbers.len() as u32 + 40, side + 40, WHITE);
    for (place, &number) in numbers.iter().enumerate() {
        for (y, row) in codes[number].iter().enumerate() {
            for (x, _) in row.bytes().enumerate().filter(|(_, module)| *module == b'#') {
                let dark = RgbImage::new(4, 4);
                let (x, y) =
                    (20 + x as i64 * 4 + place as i64 * i64::from(side), 20 + y as i64 * 4);
                imageops::replace(&mut page, &dark, x, y);
            }
        }
    }
    file(page, ImageFormat::Png)
}

const WHITE: Rgb<u8> = Rgb([255; 3]);

#[test]
fn structured_append_codes_are_combined_in_order() {
    for numbers in [[0, 1, 2], [2, 0, 1]] {
        let read = read_picture(&parts(&numbers), MEMORY);
        let text = "Three codes hold these words together.".to_owned();
        assert_eq!(read, Ok(Codes { text, incomplete: None }), "{numbers:?}");
    }
    let missing = ReadingError::CodeParts { have: 2, count: 3 };
    assert_eq!(read_picture(&parts(&[0, 2]), MEMORY), Err(missing));
    // Beside a whole one.
    let code = code();
    let some = image::load_from_memory(&parts(&[0, 2])).unwrap().to_luma8();
    let both = on_one_page(&[drawn(&code, 4, 4), some], 1, 20);
    let incomplete = Some(missing);
    assert_eq!(
        read_picture(&png(both), MEMORY),
        Ok(Codes { text: code.text().to_owned(), incomplete })
    );
    let text = ReadingError::of_text(missing);
    assert_eq!(text, Some(latchkey_token::TextError::CodeParts { have: 2, count: 3 }));
}
