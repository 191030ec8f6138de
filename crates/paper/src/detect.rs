//! Detects and decodes QR codes in a greyscale image with two libraries, each of which finds codes
//! that the other misses. Their work is counted and stops at a limit.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use image::{DynamicImage, GenericImage, GenericImageView, GrayImage, Luma};
use rqrr::{BitGrid, DeQRError, Grid, SimpleGrid};
use rxing::common::cpp_essentials::{
    ConcentricPattern, FindLeftGuardBy, FixedPattern, GetPatternRowTP, IsPattern,
    LocateConcentricPattern, PatternRow, PatternView,
};
use rxing::common::{BitMatrix, DetectorRXingResult as _, HybridBinarizer};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{FinderPatterns, GenerateFinderPatternSets, SampleQR};
use rxing::{Binarizer as _, Luma8LuminanceSource, Point, point};

use crate::qr_decode::ReadingError;

/// Most finder patterns, the three corners of a code, that are looked at: those of all frames that
/// a token can have. The detectors try pairs of neighbours of each.
const MAX_FINDERS: usize = 3 * latchkey_token::MAX_FRAMES;
/// How often rqrr may touch each pixel of a small picture, on average, as long as it has few
/// touches altogether. A photograph of one code takes about fifteen.
const TOUCHES: u64 = 400;
/// How many touches are few.
const FEW_TOUCHES: u64 = 80_000_000;
/// How often it may touch each pixel of a large one.
const TOUCHES_OF_LARGE: u64 = 20;
/// What may be done for one file altogether, in looks at a pixel: some seconds of a processor.
const ALL_WORK: u64 = 2_000_000_000;
/// What decoding costs for each pixel, compared with a look.
const DECODING: u64 = 10;
/// What rxing costs for each pixel, compared with a look of rqrr's.
const SEARCH: u64 = 12;
/// What it costs to try three finder patterns as a code.
const TRYING: u64 = 100_000;
/// What rqrr paints a finder pattern with, once it has taken it for one.
const FINDER: u8 = 2;
/// Most parts of codes that are kept: those of two texts, each in as many parts as it can be.
const MAX_CODE_PARTS: usize = 32;
/// Most threes of finder patterns that are tried as a code, the likeliest first.
const MAX_TRIED: usize = 1_000;

/// A picture takes more work than any honest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMuchWork;

/// What may still be done for a file, in looks at a pixel: decoding, and looking for codes in all
/// versions of all its pictures. A count and not a time, so that every computer finds the same.
#[derive(Debug)]
pub(crate) struct Work {
    left: Cell<u64>,
    /// What codes say that are parts of one, in all its pictures.
    parts: RefCell<BTreeMap<Part, String>>,
    /// There were more of them than are kept.
    parts_left: Cell<bool>,
}

/// One of several codes that hold a text together (ISO/IEC 18004, section 8): what is the same in
/// all of them, how many there are, and its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    parity: String,
    count: u8,
    number: u8,
}

impl Default for Work {
    fn default() -> Self {
        Self { left: Cell::new(ALL_WORK), parts: RefCell::default(), parts_left: Cell::new(false) }
    }
}

impl Work {
    #[cfg(test)]
    pub(crate) fn of(looks: u64) -> Self {
        Self { left: Cell::new(looks), ..Self::default() }
    }

    #[cfg(test)]
    pub(crate) const fn left_for_test(&self) -> u64 {
        self.left.get()
    }

    /// Counts looks. Where they are too many, nothing more is done.
    fn take(&self, looks: u64) -> Result<(), TooMuchWork> {
        let left = self.left.get().checked_sub(looks);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(TooMuchWork)
    }

    /// Whether there is nothing left.
    pub(crate) const fn is_done(&self) -> bool {
        self.left.get() == 0
    }

    /// The texts whose parts are all there, and what is missing of one of which they aren't.
    pub(crate) fn joined(&self) -> (Vec<String>, Option<ReadingError>) {
        let parts = self.parts.borrow();
        let mut codes = BTreeMap::<_, Vec<&String>>::new();
        for (Part { parity, count, .. }, text) in parts.iter() {
            codes.entry((parity, *count)).or_default().push(text);
        }
        let too_many = self.parts_left.get().then_some(ReadingError::TooMuchWork);
        let (mut texts, mut missing) = (Vec::new(), too_many);
        for ((_, count), parts) in codes {
            match u8::try_from(parts.len()) {
                Ok(have) if have < count => missing = Some(ReadingError::CodeParts { have, count }),
                _ => texts.push(parts.into_iter().map(String::as_str).collect()),
            }
        }
        (texts, missing)
    }

    /// Counts the decoding of a picture. Gives whether it may be looked through.
    pub(crate) fn decoded(&self, picture: &DynamicImage) -> bool {
        let pixels = u64::from(picture.width()) * u64::from(picture.height());
        self.take(DECODING * pixels).is_ok()
    }
}

type Detector = fn(&GrayImage, &Work) -> Result<Vec<String>, TooMuchWork>;

/// In the order in which they are asked.
pub(crate) const DETECTORS: [Detector; 2] = [by_rxing, by_rqrr];

/// A light ground may be uneven, and a code may be seen at a slant.
fn by_rqrr(picture: &GrayImage, work: &Work) -> Result<Vec<String>, TooMuchWork> {
    let canvas = Canvas::new(picture.clone(), work.left.get());
    let done = Rc::clone(&canvas.done);
    // The detector can't be asked to stop, so its canvas ends it. It can also panic by itself: on
    // what it didn't expect.
    let found = catch_unwind(AssertUnwindSafe(move || {
        let mut prepared = rqrr::PreparedImage::prepare(canvas);
        let grids = prepared.detect_grids();
        grids.iter().filter_map(|grid| text_of(grid, work)).collect()
    }));
    work.take(done.touches.get())?;
    match found {
        Ok(found) => Ok(found),
        Err(_) if done.is_too_much() => Err(TooMuchWork),
        Err(_) => Ok(Vec::new()),
    }
}

/// A code may be small in a noisy photograph, or one of its corners may be covered. Only its
/// modules are from rxing, what they say is from rqrr.
fn by_rxing(picture: &GrayImage, work: &Work) -> Result<Vec<String>, TooMuchWork> {
    work.take(SEARCH * picture.as_raw().len() as u64)?;
    // It can panic: on what it didn't expect.
    let found = catch_unwind(AssertUnwindSafe(|| {
        let (width, height) = picture.dimensions();
        let pixels = picture.as_raw().clone();
        let Ok(source) = Luma8LuminanceSource::new(pixels, width, height) else {
            return Ok(Vec::new());
        };
        let binarizer = HybridBinarizer::new(source);
        match binarizer.get_black_matrix() {
            Ok(modules) => codes_in(modules, work),
            Err(_) => Ok(Vec::new()),
        }
    }));
    found.unwrap_or(Ok(Vec::new()))
}

fn codes_in(picture: &BitMatrix, work: &Work) -> Result<Vec<String>, TooMuchWork> {
    let mut finders = finders_in(picture)?;
    let (mut texts, mut used, mut tried) = (Vec::new(), Vec::<ConcentricPattern>::new(), 0);
    for three in GenerateFinderPatternSets(&mut finders) {
        let corners = [three.bl, three.tl, three.tr];
        if corners.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        tried += 1;
        if tried > MAX_TRIED || work.take(TRYING).is_err() {
            break;
        }
        let Ok(code) = SampleQR(picture, &three) else { continue };
        let modules = code.getBits();
        let is_dark = |x, y| modules.get(x as u32, y as u32);
        let grid = SimpleGrid::from_func(modules.width() as usize, is_dark);
        if let Some(text) = text_of(&Grid::new(grid), work) {
            texts.push(text);
            used.extend(corners);
        }
    }
    Ok(texts)
}

/// A finder pattern across its middle: dark, light, dark, light, dark.
const ACROSS: FixedPattern<5, 7, false> = FixedPattern::new([1, 1, 3, 1, 1]);
/// A finder pattern's middle has three modules, so that every third row meets it.
const ROWS: usize = 3;

/// The search of rxing's `FindFinderPatterns`, which has no bound.
fn finders_in(picture: &BitMatrix) -> Result<FinderPatterns, TooMuchWork> {
    let mut finders = FinderPatterns::new();
    let mut row = PatternRow::default();
    for y in (ROWS as u32 - 1..picture.height()).step_by(ROWS) {
        GetPatternRowTP(picture, y, &mut row, false);
        let mut next = PatternView::new(&row);
        while let Ok(seen) = FindLeftGuardBy::<5, _>(next, 5, is_finder) {
            next = seen;
            if !next.isValid() {
                break;
            }
            let before = next.pixelsInFront() + next[0] + next[1];
            let at = point(f32::from(before) + f32::from(next[2]) / 2.0, y as f32 + 0.5);
            let is_known =
                |known: &ConcentricPattern| Point::distance(at, known.p) < known.size as f32 / 2.0;
            if !finders.iter().any(is_known) {
                let wide = 3 * next.iter().map(i32::from).sum::<i32>();
                finders.extend(LocateConcentricPattern::<true, 5, 7>(
                    picture,
                    &ACROSS.into(),
                    at,
                    wide,
                ));
                if finders.len() > MAX_FINDERS {
                    return Err(TooMuchWork);
                }
            }
            next.skipPair();
            next.skipPair();
            next.extend();
        }
    }
    Ok(finders)
}

fn is_finder(row: &PatternView<'_>, space: Option<f32>) -> bool {
    let [before, between, middle, between_too, after]: [u32; 5] =
        std::array::from_fn(|at| u32::from(row[at]));
    middle >= 3
        && middle >= between.max(between_too)
        && middle >= 2 * before.max(after)
        && IsPattern::<true, 5, 7, false>(row, &ACROSS, space, 0.1, 0.0, 0.0) != 0.0
}

/// What a code says by itself. A part of several is kept until all of them are there.
fn text_of(grid: &Grid<impl BitGrid>, work: &Work) -> Option<String> {
    match grid.decode() {
        Ok((_, text)) => Some(text),
        // rqrr knows nothing of such parts.
        Err(DeQRError::UnknownDataType) => {
            if let Some((part, text)) = part_of(&grid.grid) {
                let mut parts = work.parts.borrow_mut();
                if parts.len() < MAX_CODE_PARTS {
                    parts.insert(part, text);
                } else if !parts.contains_key(&part) {
                    work.parts_left.set(true);
                }
            }
            None
        }
        Err(_) => None,
    }
}

fn part_of(grid: &impl BitGrid) -> Option<(Part, String)> {
    let side = u32::try_from(grid.size()).ok()?;
    let mut modules = BitMatrix::with_single_dimension(side).ok()?;
    for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
        if grid.bit(y as usize, x as usize) {
            modules.set(x, y);
        }
    }
    let code = Decode(&modules).ok().filter(|code| code.error().is_none())?;
    let place = code.structuredAppend();
    let (count, number) = (u8::try_from(place.count).ok()?, u8::try_from(place.index).ok()?);
    let part = Part { parity: place.id.clone(), count, number };
    // As everywhere, what isn't UTF-8 isn't read.
    let text = String::from_utf8(code.content().bytes().to_vec()).ok()?;
    (number < count && count > 1).then_some((part, text))
}

/// What has been done to a picture and its copies.
struct Done {
    touches: Cell<u64>,
    most: u64,
    finders: Cell<usize>,
    last_painted: Cell<u8>,
}

impl Done {
    fn is_too_much(&self) -> bool {
        self.touches.get() > self.most || self.finders.get() > MAX_FINDERS
    }

    /// Counts touches, and ends rqrr where they are too many.
    fn touch(&self, times: u64) {
        self.touches.set(self.touches.get() + times);
        if self.is_too_much() {
            resume_unwind(Box::new(()));
        }
    }
}

/// A picture that counts what is done to it. A copy counts on with the original.
struct Canvas {
    picture: GrayImage,
    done: Rc<Done>,
}

impl Canvas {
    fn new(picture: GrayImage, left: u64) -> Self {
        let pixels = picture.as_raw().len() as u64;
        let of_small = (TOUCHES * pixels.max(10_000)).min(FEW_TOUCHES);
        let most = of_small.max(TOUCHES_OF_LARGE * pixels).min(left);
        let (touches, finders, last_painted) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Self { picture, done: Rc::new(Done { touches, most, finders, last_painted }) }
    }
}

impl Clone for Canvas {
    fn clone(&self) -> Self {
        self.done.touch(self.picture.as_raw().len() as u64);
        Self { picture: self.picture.clone(), done: Rc::clone(&self.done) }
    }
}

impl GenericImageView for Canvas {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.picture.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.done.touch(1);
        *self.picture.get_pixel(x, y)
    }
}

impl GenericImage for Canvas {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        self.picture.get_pixel_mut(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        let Luma([value]) = pixel;
        // The pixels of one pattern are painted without another colour between.
        if value == FINDER && self.done.last_painted.get() != FINDER {
            self.done.finders.set(self.done.finders.get() + 1);
        }
        self.done.last_painted.set(value);
        self.done.touch(1);
        self.picture.put_pixel(x, y, pixel);
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::pictures;
    use crate::qr_decode::tests::{drawn, long_token, png, read};

    /// The finder patterns, three of which belong to each code, in rows and columns.
    pub(crate) fn finders(side: u32) -> GrayImage {
        GrayImage::from_fn(side * 16 + 16, side * 16 + 16, |x, y| {
            let inside = x >= 16 && y >= 16;
            let at = |at: u32| (at % 16 / 2).min(7) as i32 - 3;
            let ring = at(x).abs().max(at(y).abs());
            Luma([if inside && (ring <= 1 || ring == 3) { 0 } else { 255 }])
        })
    }

    #[test]
    fn a_picture_full_of_finder_patterns_is_refused_after_a_bounded_number_of_steps() {
        for side in [10, 30, 100] {
            let picture = finders(side);
            let canvas = Canvas::new(picture.clone(), u64::MAX);
            let done = Rc::clone(&canvas.done);
            let seen = catch_unwind(AssertUnwindSafe(move || {
                rqrr::PreparedImage::prepare(canvas).detect_grids().len()
            }));
            assert!(seen.is_err(), "{side}");
            assert_eq!(done.finders.get(), MAX_FINDERS + 1, "{side}");
            // Every pixel is looked at some times before the first pattern is taken for one, and no
            // pair is tried.
            let steps = done.touches.get() / picture.as_raw().len() as u64;
            assert!(steps < 30, "{side}: {steps}");
            for detector in DETECTORS {
                assert_eq!(detector(&picture, &Work::default()), Err(TooMuchWork), "{side}");
            }
            assert_eq!(read(&png(&picture)), Err(ReadingError::TooMuchWork));
        }
        assert_eq!(read(&png(&finders(3))), Err(ReadingError::NoCode));
    }

    #[test]
    fn honest_pictures_take_a_small_part_of_the_steps_that_they_may() {
        for size in [2, 4, 9] {
            let picture = drawn(&pictures(&long_token(), None)[0], size);
            let canvas = Canvas::new(picture.clone(), u64::MAX);
            let done = Rc::clone(&canvas.done);
            assert_eq!(rqrr::PreparedImage::prepare(canvas).detect_grids().len(), 1);
            assert!(done.touches.get() * 8 < done.most, "{} of {}", done.touches.get(), done.most);
            // Its three, and what in a token's data happens to look like one.
            let finders = done.finders.get();
            assert!(finders >= 3 && finders * 8 <= MAX_FINDERS, "{finders}");
        }
    }
}
