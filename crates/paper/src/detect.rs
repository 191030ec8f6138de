//! Detects and decodes QR codes in a greyscale image with two libraries, each of which finds codes
//! that the other misses. Their work is counted and stops at a limit.

use std::cell::{Cell, RefCell};
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

use crate::code_parts::{CodeParts, CodeSet};
use crate::reading_error::ReadingError;

/// Maximum number of finder patterns (the three corners of a code): those of all frames that a
/// token can have. The detectors try pairs of neighbours of each.
const MAX_FINDERS: usize = 3 * latchkey_token::MAX_FRAMES;
/// How often rqrr may access each pixel of a small picture, on average, while its total is below
/// [`FEW_TOUCHES`]. A photograph of one code takes about fifteen.
const TOUCHES: u64 = 400;
/// Up to this many accesses in total, a small picture may have [`TOUCHES`] for each pixel.
const FEW_TOUCHES: u64 = 80_000_000;
/// How often rqrr may access each pixel of a large picture, on average.
const TOUCHES_OF_LARGE: u64 = 20;
/// The budget for one file, in steps: some seconds of processor time. A step is one access of
/// rqrr to a pixel.
const ALL_WORK: u64 = 2_000_000_000;
/// The steps that decoding costs for each pixel.
const DECODING: u64 = 10;
/// The steps that the search of rxing costs for each pixel.
const SEARCH: u64 = 12;
/// The steps that it costs to try three finder patterns as a code.
const TRYING: u64 = 100_000;
/// The colour in which rqrr paints what it has recognised as a finder pattern.
const FINDER: u8 = 2;
/// Maximum number of places that are kept where a code can't be read, in all versions of a picture.
const MAX_UNREAD: usize = 256;
/// Maximum number of sets of three finder patterns that are tried as a code, the likeliest first.
const MAX_TRIED: usize = 1_000;

/// The picture needs more steps than any legitimate one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMuchWork;

/// The remaining steps for a file: for decoding it, and for searching all versions of all its
/// pictures. It counts steps instead of time, so that every computer finds the same codes. It also
/// collects the parts of codes, which may be in different pictures of the file.
#[derive(Debug)]
pub(crate) struct WorkBudget {
    left: Cell<u64>,
    /// The content of codes that are parts of one text, from all pictures.
    parts: RefCell<CodeParts>,
    /// Where codes were read.
    read: RefCell<Vec<CodeBounds>>,
    /// Where codes were recognised that could not be read.
    unread: RefCell<Vec<CodeBounds>>,
}

/// Where a code is, as parts of a picture's width and height: left, top, right and bottom.
#[derive(Debug, Clone, Copy)]
struct CodeBounds([f32; 4]);

impl CodeBounds {
    /// The bounds of these corners in a picture of this size.
    fn from_corners(corners: &[(f32, f32)], (width, height): (u32, u32)) -> Self {
        let start = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        Self(corners.iter().fold(start, |[left, top, right, bottom], &(x, y)| {
            let (x, y) = (x / width as f32, y / height as f32);
            [left.min(x), top.min(y), right.max(x), bottom.max(y)]
        }))
    }

    /// Whether both surround the same code. Those of neighbours overlap in a tilted picture,
    /// but neither contains the centre of the other.
    fn is_same(&self, other: &Self) -> bool {
        let contains_centre = |Self([left, top, right, bottom]): &Self, other: &Self| {
            let [its_left, its_top, its_right, its_bottom] = other.0;
            let (x, y) = (f32::midpoint(its_left, its_right), f32::midpoint(its_top, its_bottom));
            (*left..*right).contains(&x) && (*top..*bottom).contains(&y)
        };
        contains_centre(self, other) || contains_centre(other, self)
    }
}

impl Default for WorkBudget {
    fn default() -> Self {
        Self {
            left: Cell::new(ALL_WORK),
            parts: RefCell::default(),
            read: RefCell::default(),
            unread: RefCell::default(),
        }
    }
}

impl WorkBudget {
    #[cfg(test)]
    pub(crate) fn with_steps(steps: u64) -> Self {
        Self { left: Cell::new(steps), ..Self::default() }
    }

    #[cfg(test)]
    pub(crate) const fn left_for_test(&self) -> u64 {
        self.left.get()
    }

    /// Charges steps to the budget. Once it is exhausted, the search ends.
    fn spend(&self, steps: u64) -> Result<(), TooMuchWork> {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(TooMuchWork)
    }

    /// Whether the budget is used up.
    pub(crate) const fn is_exhausted(&self) -> bool {
        self.left.get() == 0
    }

    /// The parts of texts that were read.
    pub(crate) fn take_parts(&self) -> CodeParts {
        self.parts.take()
    }

    /// How many codes of a picture were recognised but not read, in no version of it and by no
    /// detector.
    pub(crate) fn unread_codes(&self) -> Option<ReadingError> {
        let read = self.read.borrow();
        let mut unread = Vec::<CodeBounds>::new();
        for bounds in self.unread.borrow().iter() {
            if !read.iter().chain(&unread).any(|known| known.is_same(bounds)) {
                unread.push(*bounds);
            }
        }
        let count = u8::try_from(unread.len()).unwrap_or(u8::MAX);
        (count > 0).then_some(ReadingError::CodesUnread { count })
    }

    /// Charges the decoding of a picture. Returns whether it may be searched.
    pub(crate) fn charge_decoding(&self, picture: &DynamicImage) -> bool {
        let pixels = u64::from(picture.width()) * u64::from(picture.height());
        self.spend(DECODING * pixels).is_ok()
    }
}

type Detector = fn(&GrayImage, &WorkBudget) -> Result<Vec<String>, TooMuchWork>;

/// The detectors, in the order in which they are tried.
pub(crate) const DETECTORS: [Detector; 2] = [detect_with_rxing, detect_with_rqrr];

/// Detects codes with rqrr, which copes with uneven backgrounds and slanted codes.
fn detect_with_rqrr(picture: &GrayImage, work: &WorkBudget) -> Result<Vec<String>, TooMuchWork> {
    let canvas = Canvas::new(picture.clone(), work.left.get());
    let usage = Rc::clone(&canvas.usage);
    let size = picture.dimensions();
    // The detector has no way to be stopped, so its canvas unwinds it. It may also panic by itself
    // on unexpected input.
    let found = catch_unwind(AssertUnwindSafe(move || {
        let mut prepared = rqrr::PreparedImage::prepare(canvas);
        let grids = prepared.detect_grids();
        let texts = grids.iter().filter_map(|grid| {
            let corners = grid.bounds.map(|corner| (corner.x as f32, corner.y as f32));
            text_of(grid, CodeBounds::from_corners(&corners, size), work)
        });
        texts.collect()
    }));
    work.spend(usage.touches.get())?;
    match found {
        Ok(found) => Ok(found),
        Err(_) if usage.is_too_much() => Err(TooMuchWork),
        Err(_) => Ok(Vec::new()),
    }
}

/// Detects codes with rxing, which copes with small codes in noisy photographs and with a covered
/// corner. rxing only finds the modules; rqrr decodes them.
fn detect_with_rxing(picture: &GrayImage, work: &WorkBudget) -> Result<Vec<String>, TooMuchWork> {
    work.spend(SEARCH * picture.as_raw().len() as u64)?;
    // The detector may panic on unexpected input.
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

fn codes_in(picture: &BitMatrix, work: &WorkBudget) -> Result<Vec<String>, TooMuchWork> {
    let mut finders = finders_in(picture)?;
    let (mut texts, mut used, mut tried) = (Vec::new(), Vec::<ConcentricPattern>::new(), 0);
    for three in GenerateFinderPatternSets(&mut finders) {
        let corners = [three.bl, three.tl, three.tr];
        if corners.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        tried += 1;
        if tried > MAX_TRIED || work.spend(TRYING).is_err() {
            break;
        }
        let Ok(code) = SampleQR(picture, &three) else { continue };
        let modules = code.getBits();
        let is_dark = |x, y| modules.get(x as u32, y as u32);
        let grid = SimpleGrid::from_func(modules.width() as usize, is_dark);
        let points = corners.map(|corner| (corner.p.x, corner.p.y));
        let bounds = CodeBounds::from_corners(&points, (picture.width(), picture.height()));
        if let Some(text) = text_of(&Grid::new(grid), bounds, work) {
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

/// The content of a code. A part of several codes is kept until all of them are there.
fn text_of(grid: &Grid<impl BitGrid>, bounds: CodeBounds, work: &WorkBudget) -> Option<String> {
    match grid.decode() {
        Ok((_, text)) => {
            work.read.borrow_mut().push(bounds);
            Some(text)
        }
        // rqrr doesn't support codes in parts.
        Err(DeQRError::UnknownDataType) => {
            if let Some((set, number, text)) = part_of(&grid.grid) {
                work.read.borrow_mut().push(bounds);
                work.parts.borrow_mut().insert(set, number, text);
            }
            None
        }
        // Read, and no text in UTF-8, which all codes of tokens are.
        Err(DeQRError::EncodingError) => {
            work.read.borrow_mut().push(bounds);
            None
        }
        Err(_) => {
            let mut unread = work.unread.borrow_mut();
            if unread.len() < MAX_UNREAD && is_code(&grid.grid) {
                unread.push(bounds);
            }
            None
        }
    }
}

/// Whether a grid has the fixed patterns of a code (ISO/IEC 18004, section 6.3), with few modules
/// that differ: the three in the corners, and the two lines between these, of which every second
/// module is dark. Three corners of different codes don't have them.
fn is_code(grid: &impl BitGrid) -> bool {
    const FINDER_SIDE: usize = 7;
    let side = grid.size();
    if side < 3 * FINDER_SIDE {
        return false;
    }
    let far = side - FINDER_SIDE;
    let mut corners = 0;
    for (top, left) in [(0, 0), (0, far), (far, 0)] {
        for (y, x) in (0..FINDER_SIDE).flat_map(|y| (0..FINDER_SIDE).map(move |x| (y, x))) {
            let ring = x.abs_diff(3).max(y.abs_diff(3));
            corners += usize::from(grid.bit(top + y, left + x) != (ring != 2));
        }
    }
    let between = FINDER_SIDE + 1..far - 1;
    let differs = |at: &usize| {
        let is_dark = at.is_multiple_of(2);
        usize::from(grid.bit(6, *at) != is_dark) + usize::from(grid.bit(*at, 6) != is_dark)
    };
    let lines: usize = between.clone().map(|at| differs(&at)).sum();
    10 * corners < 3 * FINDER_SIDE * FINDER_SIDE && 5 * lines < 2 * between.len()
}

/// A code that is a part of a text: its set, its number and its content.
fn part_of(grid: &impl BitGrid) -> Option<(CodeSet, u8, String)> {
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
    let set = (place.id.parse().ok()?, count);
    // As everywhere, only UTF-8 is accepted.
    let text = String::from_utf8(code.content().bytes().to_vec()).ok()?;
    (number < count && count > 1).then_some((set, number, text))
}

/// How often a picture and its copies were accessed.
struct Usage {
    touches: Cell<u64>,
    most: u64,
    finders: Cell<usize>,
    last_painted: Cell<u8>,
}

impl Usage {
    fn is_too_much(&self) -> bool {
        self.touches.get() > self.most || self.finders.get() > MAX_FINDERS
    }

    /// Counts accesses, and unwinds rqrr if there are too many.
    fn touch(&self, times: u64) {
        self.touches.set(self.touches.get() + times);
        if self.is_too_much() {
            resume_unwind(Box::new(()));
        }
    }
}

/// A picture that counts how often it is accessed. A copy shares the count of its original.
struct Canvas {
    picture: GrayImage,
    usage: Rc<Usage>,
}

impl Canvas {
    fn new(picture: GrayImage, left: u64) -> Self {
        let pixels = picture.as_raw().len() as u64;
        let of_small = (TOUCHES * pixels.max(10_000)).min(FEW_TOUCHES);
        let most = of_small.max(TOUCHES_OF_LARGE * pixels).min(left);
        let (touches, finders, last_painted) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Self { picture, usage: Rc::new(Usage { touches, most, finders, last_painted }) }
    }
}

impl Clone for Canvas {
    fn clone(&self) -> Self {
        self.usage.touch(self.picture.as_raw().len() as u64);
        Self { picture: self.picture.clone(), usage: Rc::clone(&self.usage) }
    }
}

impl GenericImageView for Canvas {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.picture.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.usage.touch(1);
        *self.picture.get_pixel(x, y)
    }
}

impl GenericImage for Canvas {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        self.picture.get_pixel_mut(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        let Luma([value]) = pixel;
        // The pixels of one pattern are painted consecutively.
        if value == FINDER && self.usage.last_painted.get() != FINDER {
            self.usage.finders.set(self.usage.finders.get() + 1);
        }
        self.usage.last_painted.set(value);
        self.usage.touch(1);
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
    use crate::qr_decode::tests::{draw, long_token, png, read};

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
            let usage = Rc::clone(&canvas.usage);
            let seen = catch_unwind(AssertUnwindSafe(move || {
                rqrr::PreparedImage::prepare(canvas).detect_grids().len()
            }));
            assert!(seen.is_err(), "{side}");
            assert_eq!(usage.finders.get(), MAX_FINDERS + 1, "{side}");
            // Every pixel is looked at some times before the first pattern is taken for one, and no
            // pair is tried.
            let steps = usage.touches.get() / picture.as_raw().len() as u64;
            assert!(steps < 30, "{side}: {steps}");
            for detector in DETECTORS {
                assert_eq!(detector(&picture, &WorkBudget::default()), Err(TooMuchWork), "{side}");
            }
            assert_eq!(read(&png(&picture)), Err(ReadingError::TooMuchWork));
        }
        assert_eq!(read(&png(&finders(3))), Err(ReadingError::NoCode));
    }

    #[test]
    fn honest_pictures_take_a_small_part_of_the_steps_that_they_may() {
        for size in [2, 4, 9] {
            let picture = draw(&pictures(&long_token(), None)[0], size);
            let canvas = Canvas::new(picture.clone(), u64::MAX);
            let usage = Rc::clone(&canvas.usage);
            assert_eq!(rqrr::PreparedImage::prepare(canvas).detect_grids().len(), 1);
            assert!(
                usage.touches.get() * 8 < usage.most,
                "{} of {}",
                usage.touches.get(),
                usage.most
            );
            // Its three, and what in a token's data happens to look like one.
            let finders = usage.finders.get();
            assert!(finders >= 3 && finders * 8 <= MAX_FINDERS, "{finders}");
        }
    }
}
