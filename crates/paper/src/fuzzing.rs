//! The body of the fuzz target for pictures in `fuzz/`. It is compiled for fuzzing and for tests,
//! which replay the corpus; no shipped program contains it.

use image::{GrayImage, Luma};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::qr_decode::{MAX_CONTENT_BYTES, read_codes, read_picture};

/// The memory limit for decoding here.
const MEMORY: u64 = 32 * 1024 * 1024;
/// The quiet zone around a code in modules, and the pixels of a module.
const MARGIN: i32 = 4;
const SCALE: u32 = 3;

/// The first byte says whether the rest is a picture's file, or what happens to the picture of a
/// code, six bytes for each accident, and the code's text after a line feed. The decoders and the
/// detector must end in time, and must not return more than codes can contain.
pub fn picture(data: &[u8]) {
    let Some((&way, rest)) = data.split_first() else { return };
    let read = match way % 2 {
        0 => read_picture(rest, MEMORY).map(|codes| codes.text),
        _ => match draw(rest) {
            Some(picture) => read_codes(&picture),
            None => return,
        },
    };
    assert!(!read.is_ok_and(|text| text.len() > MAX_CONTENT_BYTES));
}

fn draw(data: &[u8]) -> Option<GrayImage> {
    let end = data.iter().position(|&byte| byte == b'\n')?;
    let (accidents, text) = (&data[..end], data[end + 1..].iter().take(200).copied());
    let code = QrCode::encode_binary(&text.collect::<Vec<_>>(), QrCodeEcc::Low).ok()?;
    let side = u32::try_from(code.size() + 2 * MARGIN).ok()? * SCALE;
    let mut picture = GrayImage::from_fn(side, side, |x, y| {
        let at = |at: u32| i32::try_from(at / SCALE).unwrap_or(0) - MARGIN;
        Luma([if code.get_module(at(x), at(y)) { 10 } else { 245 }])
    });
    for accident in accidents.chunks_exact(6).take(16) {
        let [x, y, wide, high, value, step] =
            [accident[0], accident[1], accident[2], accident[3], accident[4], accident[5]];
        for dx in (0..u32::from(wide)).step_by(usize::from(step % 8) + 1) {
            for dy in 0..u32::from(high) {
                let (x, y) = (u32::from(x) + dx, u32::from(y) + dy);
                if x < side && y < side {
                    picture.put_pixel(x, y, Luma([value]));
                }
            }
        }
    }
    Some(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undamaged_code_is_read_and_the_corpus_causes_no_panic() {
        let text = "LKRES CORPUS 1";
        let picture_of = draw(format!("\n{text}").as_bytes()).unwrap();
        assert_eq!(read_codes(&picture_of).unwrap(), text);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/picture");
        for file in std::fs::read_dir(folder).unwrap() {
            picture(&std::fs::read(file.unwrap().path()).unwrap());
        }
    }
}
