//! Splits an image file into its pictures: pages of a scan, frames of an animation, usually one.
//! They are decoded one after the other within given limits. A truncated file yields what could be
//! decoded.

use std::cell::Cell;
use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::error::UnsupportedErrorKind;
use image::{
    AnimationDecoder as _, ColorType, DynamicImage, Frames, ImageDecoder, ImageError, ImageFormat,
    ImageReader, ImageResult, Limits,
};

use crate::detect::WorkBudget;
use crate::reading_error::ReadingError;

/// Maximum width and height of a picture in pixels, about twice those of a phone's camera.
const MAX_SIDE: u32 = 12_000;
/// Bytes of memory for each pixel of an animation: the canvas, the previous canvas, a frame, and
/// its copy.
const FRAME_BYTES: u64 = 16;
/// Maximum number of pages and frames that are counted.
const MAX_COUNTED: u32 = 10_000;

/// The pictures in a file.
pub(crate) struct ImagePages<'a> {
    bytes: &'a [u8],
    name: &'static str,
    format: ImageFormat,
    limits: Limits,
    kind: Kind,
    /// Maximum number of pictures that are decoded.
    most: u32,
}

enum Kind {
    One,
    /// The offset of the description of each page of a TIFF file.
    Pages(Vec<u32>),
    /// The number of frames.
    Animation(u32),
}

impl<'a> ImagePages<'a> {
    /// The pictures of a file. Decoding takes at most `memory` bytes, and at most `most` pictures
    /// are decoded.
    pub(crate) fn new(
        bytes: &'a [u8],
        name: &'static str,
        format: ImageFormat,
        memory: u64,
        most: u32,
    ) -> Self {
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(memory);
        let mut pictures = Self { bytes, name, format, limits, kind: Kind::One, most };
        let frames = match format {
            ImageFormat::Tiff => {
                let pages = pages(bytes);
                if pages.len() > 1 {
                    pictures.kind = Kind::Pages(pages);
                }
                return pictures;
            }
            ImageFormat::Gif => frames_of_gif(bytes),
            ImageFormat::WebP => image_webp::WebPDecoder::new(Cursor::new(bytes))
                .ok()
                .filter(image_webp::WebPDecoder::is_animated)
                .map(|decoder| decoder.num_frames()),
            ImageFormat::Png => png::Decoder::new(Cursor::new(bytes))
                .read_info()
                .ok()
                .and_then(|decoder| decoder.info().animation_control().map(|all| all.num_frames)),
            _ => None,
        };
        if let Some(frames) = frames.filter(|frames| *frames > 1) {
            pictures.kind = Kind::Animation(frames);
            // If the frames need too much memory, the first one is decoded as a single picture.
            if pictures.frames().is_none() {
                pictures.most = 1;
            }
        }
        pictures
    }

    const fn count(&self) -> u32 {
        match &self.kind {
            Kind::One => 1,
            #[allow(clippy::cast_possible_truncation, reason = "no more are counted")]
            Kind::Pages(pages) => pages.len() as u32,
            Kind::Animation(frames) => *frames,
        }
    }

    /// How many of them are searched.
    pub(crate) fn searched_count(&self) -> u32 {
        self.count().min(self.most)
    }

    /// The error that only the first `looked` pictures were searched, if there are more.
    pub(crate) fn unsearched_error(&self, looked: u32) -> Option<ReadingError> {
        let of = self.count();
        (0 < looked && looked < of).then_some(ReadingError::PicturesLeft { looked, of })
    }

    /// Passes one picture after another to `show`, with its number from 0, until that returns
    /// `false`.
    ///
    /// # Errors
    /// Returns [`ReadingError::TooLarge`], [`ReadingError::Unsupported`] or
    /// [`ReadingError::Unreadable`] if a picture couldn't be decoded, or only in part.
    pub(crate) fn for_each(
        &self,
        work: &WorkBudget,
        mut show: impl FnMut(usize, DynamicImage) -> bool,
    ) -> Result<(), ReadingError> {
        let mut fault = Ok(());
        let mut next = 0;
        let mut shown = |picture: DynamicImage| {
            let number = next;
            next += 1;
            work.charge_decoding(&picture) && show(number, picture)
        };
        match &self.kind {
            Kind::Animation(_) if self.most > 1 => {
                let frames = self.frames().into_iter().flatten();
                for frame in frames.take(self.searched_count() as usize) {
                    match frame {
                        Ok(frame) => {
                            if !shown(frame.into_buffer().into()) {
                                return fault;
                            }
                        }
                        Err(error) => {
                            fault = Err(self.reading_error(&error));
                            break;
                        }
                    }
                }
                // What the animation decoder refuses may still be a single picture.
                if fault.is_err() && next == 0 {
                    self.show_picture(self.bytes, |picture| {
                        work.charge_decoding(&picture) && show(0, picture)
                    })?;
                }
                fault
            }
            Kind::Pages(pages) => {
                for (number, page) in pages.iter().take(self.searched_count() as usize).enumerate()
                {
                    let Some(bytes) = with_first_page(self.bytes, *page) else { break };
                    let mut goes_on = true;
                    let one = self.show_picture(&bytes, |picture| {
                        goes_on = work.charge_decoding(&picture) && show(number, picture);
                        goes_on
                    });
                    fault = fault.and(one);
                    if !goes_on {
                        break;
                    }
                }
                fault
            }
            Kind::One | Kind::Animation(_) => self.show_picture(self.bytes, shown),
        }
    }

    /// Passes the picture at the beginning of these bytes to `show`.
    fn show_picture(
        &self,
        bytes: &[u8],
        show: impl FnOnce(DynamicImage) -> bool,
    ) -> Result<(), ReadingError> {
        let why = |error: ImageError| self.reading_error(&error);
        let mut reader = ImageReader::with_format(Cursor::new(bytes), self.format);
        reader.limits(self.limits.clone());
        let decoder = reader.into_decoder().map_err(why)?;
        let (width, height) = decoder.dimensions();
        if width == 0 || height == 0 {
            return Err(ReadingError::Unreadable);
        }
        let mut limits = self.limits.clone();
        limits.reserve(decoder.total_bytes()).map_err(why)?;
        let fault = Cell::new(None);
        let picture =
            DynamicImage::from_decoder(PartialDecoder { decoder, fault: &fault }).map_err(why)?;
        let fault = fault.take().map(|error| self.reading_error(&error));
        if let Some(fault @ (ReadingError::TooLarge | ReadingError::Unsupported { .. })) = fault {
            return Err(fault);
        }
        show(picture);
        match fault {
            Some(fault) => Err(fault),
            None if self.format == ImageFormat::Jpeg && !has_end(bytes) => {
                Err(ReadingError::Unreadable)
            }
            None => Ok(()),
        }
    }

    /// The frames of an animation, if decoding them fits into the memory limit.
    fn frames(&self) -> Option<Frames<'a>> {
        let (bytes, limits) = (Cursor::new(self.bytes), self.limits.clone());
        match self.format {
            ImageFormat::Gif => Self::with_limits(GifDecoder::new(bytes), limits)?.into_frames(),
            ImageFormat::WebP => Self::with_limits(WebPDecoder::new(bytes), limits)?.into_frames(),
            ImageFormat::Png => {
                let decoder = PngDecoder::with_limits(bytes, limits.clone());
                Self::with_limits(decoder, limits)?.apng().ok()?.into_frames()
            }
            _ => return None,
        }
        .into()
    }

    fn with_limits<D: ImageDecoder>(decoder: ImageResult<D>, limits: Limits) -> Option<D> {
        let mut decoder = decoder.ok()?;
        let (width, height) = decoder.dimensions();
        let bytes = FRAME_BYTES * u64::from(width) * u64::from(height);
        if bytes > limits.max_alloc? {
            return None;
        }
        decoder.set_limits(limits).ok()?;
        Some(decoder)
    }

    fn reading_error(&self, error: &ImageError) -> ReadingError {
        match error {
            ImageError::Limits(_) => ReadingError::TooLarge,
            ImageError::Unsupported(unsupported)
                if !matches!(unsupported.kind(), UnsupportedErrorKind::Format(_)) =>
            {
                ReadingError::Unsupported { format: self.name }
            }
            _ => ReadingError::Unreadable,
        }
    }
}

/// Decodes as much as possible and keeps the error that ended the decoding. The rest is black.
struct PartialDecoder<'a, D> {
    decoder: D,
    fault: &'a Cell<Option<ImageError>>,
}

impl<D: ImageDecoder> ImageDecoder for PartialDecoder<'_, D> {
    fn dimensions(&self) -> (u32, u32) {
        self.decoder.dimensions()
    }

    fn color_type(&self) -> ColorType {
        self.decoder.color_type()
    }

    fn read_image(self, pixels: &mut [u8]) -> ImageResult<()> {
        self.fault.set(self.decoder.read_image(pixels).err());
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, pixels: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(pixels)
    }
}

/// How many frames a GIF file has. They aren't decoded.
fn frames_of_gif(bytes: &[u8]) -> Option<u32> {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(Cursor::new(bytes)).ok()?;
    let mut frames = 0;
    while frames < MAX_COUNTED && matches!(decoder.next_frame_info(), Ok(Some(_))) {
        frames += 1;
    }
    Some(frames)
}

/// A number of two or four bytes at an offset in a TIFF file, in the file's byte order.
fn number<const N: usize>(bytes: &[u8], at: u32) -> Option<u32> {
    let at = usize::try_from(at).ok()?;
    let number: [u8; N] = bytes.get(at..)?.get(..N)?.try_into().ok()?;
    let add = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
    Some(match bytes.first() {
        Some(b'I') => number.iter().rev().fold(0, add),
        _ => number.iter().fold(0, add),
    })
}

/// The offset in a TIFF file (revision 6.0, section 2) at which the offset of its first page is.
const FIRST_PAGE: u32 = 4;
/// Bytes of an entry in the description of a page.
const ENTRY: u32 = 12;

/// The offset of each page's description in a TIFF file, up to one that occurred before.
fn pages(bytes: &[u8]) -> Vec<u32> {
    let mut pages = Vec::new();
    let mut next = number::<4>(bytes, FIRST_PAGE);
    while let Some(page) = next.filter(|page| *page != 0 && !pages.contains(page)) {
        if pages.len() >= MAX_COUNTED as usize {
            break;
        }
        let Some(entries) = number::<2>(bytes, page) else { break };
        pages.push(page);
        let end = page.checked_add(2).and_then(|start| start.checked_add(entries * ENTRY));
        next = end.and_then(|end| number::<4>(bytes, end));
    }
    pages
}

/// The same TIFF file with another page as its first one, because the decoder reads only that.
fn with_first_page(bytes: &[u8], page: u32) -> Option<Vec<u8>> {
    let page = match bytes.first() {
        Some(b'I') => page.to_le_bytes(),
        _ => page.to_be_bytes(),
    };
    let mut bytes = bytes.to_vec();
    bytes.get_mut(FIRST_PAGE as usize..)?.get_mut(..page.len())?.copy_from_slice(&page);
    Some(bytes)
}

/// Whether the data of a JPEG file has an end. The decoder accepts a truncated file as complete.
fn has_end(bytes: &[u8]) -> bool {
    let mut at = 2;
    // Segments, each with its length, precede the data, which contains only its own markers.
    loop {
        match bytes.get(at..at + 4) {
            Some([0xff, 0xff, ..]) => at += 1,
            Some([0xff, 0xda, ..]) => {
                return bytes[at..].windows(2).any(|marker| marker == [0xff, 0xd9]);
            }
            Some(&[0xff, _, high, low]) => at += 2 + usize::from(u16::from_be_bytes([high, low])),
            _ => return false,
        }
    }
}
