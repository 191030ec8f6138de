//! The pictures of an icon in all sizes that desktops ask for, drawn from the one picture in the
//! kit.
//!
//! Nothing but that picture is read: an SVG picture that refers to another file, or needs fonts, is
//! refused, because it would look different here and on the vendor's screen.

use std::path::Path;

use latchkey_config::PictureKind;
use resvg::tiny_skia::{FilterQuality, Pixmap, PixmapPaint, Transform};
use resvg::usvg::roxmltree::{Document, ParsingOptions};
use resvg::usvg::{Group, ImageHrefResolver, Node, Options, Tree};

use crate::error::PackageError;

/// The sides of the pictures in pixels: those of the icons of Windows and macOS, and of the
/// desktops of Linux.
const SIDES: [u32; 9] = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
/// The shortest and the longest side of a PNG picture. A smaller one would be blurred in an icon,
/// and nothing needs a larger one.
const PNG_SIDES: std::ops::RangeInclusive<u32> = 256..=2048;
/// The maximum number of elements of an SVG picture, as written and after each use of another
/// element is replaced by that element.
const MAX_ELEMENTS: u32 = 20_000;
/// How many layers of an SVG picture may be inside each other. Each needs a canvas of its own,
/// which may be several times as large as the picture.
const MAX_LAYERS: u32 = 8;
/// The elements that aren't drawn: text needs fonts, pictures may be files, and a filter of a few
/// bytes can take hours.
const NOT_DRAWN: [&str; 3] = ["text", "image", "filter"];

/// The pictures as PNG files, in the order of their sides. They are squares.
pub(crate) struct Pictures(Vec<(u32, Vec<u8>)>);

impl Pictures {
    /// Draws the picture in a file with this content.
    pub(crate) fn draw(
        path: &Path,
        kind: PictureKind,
        content: &[u8],
    ) -> Result<Self, PackageError> {
        match kind {
            PictureKind::Svg => Self::from_svg(path, content),
            PictureKind::Png => Self::from_png(path, content),
        }
    }

    fn from_svg(path: &Path, content: &[u8]) -> Result<Self, PackageError> {
        let not_drawn = |reason: &dyn ToString| not_drawn(path, reason);
        let text = std::str::from_utf8(content).map_err(|error| not_drawn(&error))?;
        let text = text.trim_start_matches('\u{feff}');
        // Editors write document types, and entities in them.
        let options = ParsingOptions {
            allow_dtd: true,
            nodes_limit: MAX_ELEMENTS * 4,
            ..ParsingOptions::default()
        };
        let document =
            Document::parse_with_options(text, options).map_err(|error| not_drawn(&error))?;
        let mut names = document.descendants().map(|node| node.tag_name());
        if let Some(name) = names.find(|name| NOT_DRAWN.contains(&name.name())) {
            return Err(PackageError::IconElement {
                path: path.to_owned(),
                element: name.name().to_owned(),
            });
        }
        let options = Options {
            // Not even what an attribute that isn't known here refers to.
            image_href_resolver: ImageHrefResolver {
                resolve_data: Box::new(|_, _, _| None),
                resolve_string: Box::new(|_, _| None),
            },
            ..Options::default()
        };
        let tree = Tree::from_xmltree(&document, &options).map_err(|error| not_drawn(&error))?;
        let mut elements = 0;
        if !is_simple(tree.root(), 0, &mut elements) {
            return Err(not_drawn(&"it has too many elements, or too many layers in each other"));
        }
        let size = tree.size();
        let longest = size.width().max(size.height());
        Self::of_sides(u32::MAX, |side| {
            let mut picture = Pixmap::new(side, side)?;
            let scale = side as f32 / longest;
            let [x, y] = [size.width(), size.height()].map(|of| (longest - of) / 2.0 * scale);
            let place = Transform::from_scale(scale, scale).post_translate(x, y);
            resvg::render(&tree, place, &mut picture.as_mut());
            Some(picture)
        })
        .ok_or_else(|| not_drawn(&"it has no size"))
    }

    fn from_png(path: &Path, content: &[u8]) -> Result<Self, PackageError> {
        let (width, height) = png_size(content).ok_or_else(|| not_drawn(path, &"no PNG header"))?;
        if !PNG_SIDES.contains(&width.max(height)) {
            return Err(PackageError::IconSize { path: path.to_owned(), width, height });
        }
        let picture = Pixmap::decode_png(content).map_err(|error| not_drawn(path, &error))?;
        let side = width.max(height);
        let square = square(&picture, side);
        Self::of_sides(side, |side| shrink(square.as_ref()?, side))
            .ok_or_else(|| not_drawn(path, &"it has no size"))
    }

    /// The pictures up to this side.
    fn of_sides(most: u32, draw: impl Fn(u32) -> Option<Pixmap>) -> Option<Self> {
        let sides = SIDES.into_iter().filter(|side| *side <= most);
        let png = sides.map(|side| Some((side, draw(side)?.encode_png().ok()?)));
        png.collect::<Option<_>>().map(Self)
    }

    /// The pictures as files, with their sides. A small PNG picture isn't enlarged, so there may be
    /// no large ones.
    pub(crate) fn png(&self) -> impl Iterator<Item = (u32, &[u8])> {
        self.0.iter().map(|(side, png)| (*side, png.as_slice()))
    }
}

fn not_drawn(path: &Path, reason: &(impl ToString + ?Sized)) -> PackageError {
    let reason = reason.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
    PackageError::IconNotDrawn { path: path.to_owned(), reason }
}

/// Whether a group inside so many layers can be drawn in bounded time and memory. `elements` counts
/// what is drawn.
fn is_simple(group: &Group, layers: u32, elements: &mut u32) -> bool {
    let layers = layers + u32::from(group.should_isolate());
    layers <= MAX_LAYERS
        && group.children().iter().all(|node| {
            *elements += 1;
            // Patterns, masks and clip paths are drawn on a layer of their own.
            let mut are_simple = true;
            node.subroots(|root| are_simple &= is_simple(root, layers + 1, elements));
            *elements <= MAX_ELEMENTS
                && are_simple
                && match node {
                    Node::Group(group) => is_simple(group, layers, elements),
                    _ => true,
                }
        })
}

/// The width and the height of a PNG picture, which follow the name of its first chunk
/// (ISO/IEC 15948, section 11.2.1).
fn png_size(content: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| {
        let bytes = content.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    Some((number(16)?, number(20)?))
}

/// The picture in the middle of a transparent square.
fn square(picture: &Pixmap, side: u32) -> Option<Pixmap> {
    let mut square = Pixmap::new(side, side)?;
    let [x, y] = [picture.width(), picture.height()].map(|of| i32::try_from((side - of) / 2));
    let (x, y) = (x.ok()?, y.ok()?);
    let (paint, place) = (PixmapPaint::default(), Transform::identity());
    square.draw_pixmap(x, y, picture.as_ref(), &paint, place, None);
    Some(square)
}

/// A square picture with a shorter side. First it gets a multiple of that side, then it is halved:
/// a filter takes only the nearest pixels into account.
fn shrink(picture: &Pixmap, side: u32) -> Option<Pixmap> {
    let mut next = side;
    while next * 2 <= picture.width() {
        next *= 2;
    }
    let mut picture = scale(picture, next, FilterQuality::Bicubic)?;
    while picture.width() > side {
        picture = scale(&picture, picture.width() / 2, FilterQuality::Bilinear)?;
    }
    Some(picture)
}

fn scale(picture: &Pixmap, side: u32, quality: FilterQuality) -> Option<Pixmap> {
    if picture.width() == side {
        return Some(picture.clone());
    }
    let factor = side as f32 / picture.width() as f32;
    let mut scaled = Pixmap::new(side, side)?;
    let paint = PixmapPaint { quality, ..PixmapPaint::default() };
    let place = Transform::from_scale(factor, factor);
    scaled.draw_pixmap(0, 0, picture.as_ref(), &paint, place, None);
    Some(scaled)
}
