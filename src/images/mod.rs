//! Pictures made fit for mail and web: read for size, reduced, and named by their content.
//!
//! Never knows: where a picture is used, where its copy is written.

mod gallery;

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use thiserror::Error;

use crate::model::{hex, sha256_bytes};

pub use gallery::{Copy, Gallery};

/// A picture ready to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file's name: stem, fingerprint of the original, size in pixels, extension.
    pub name: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The file, unless its copy is known to exist.
    pub bytes: Option<Vec<u8>>,
}

/// Why a file is no picture that can be published.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PictureError {
    /// The bytes are of no known format.
    #[error("is not a JPEG, PNG or GIF picture")]
    Unknown,
    /// The format is known, but the bytes are broken.
    #[error("is a broken picture: {0}")]
    Broken(String),
    /// Its decoded form would not fit into memory.
    #[error("has {0} megapixels; {LARGEST_MEGAPIXELS} are the most")]
    TooLarge(u64),
}

/// The widest copy, in pixels: twice the column of a mail.
pub const WIDEST: u32 = 1200;
/// The highest copy, in pixels.
const HIGHEST: u32 = 1800;
/// The heaviest copy, in bytes.
pub const HEAVIEST: usize = 200_000;
/// The most pixels an original may have, in millions.
const LARGEST_MEGAPIXELS: u64 = 100;

/// The first half of a copy's name, known before the picture is decoded.
pub fn stem(name: &str, bytes: &[u8]) -> String {
    format!("{name}-{}-", hex(&sha256_bytes(bytes)[..6]))
}

/// Width and height of a picture, from its head alone; `None` when it is none.
pub fn measure(bytes: &[u8]) -> Option<(u32, u32)> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.into_dimensions().ok()
}

/// Makes the copy that is published: at most 1,200 pixels wide and 200 kB heavy, JPEG or PNG, without the
/// place and the camera that a photograph carries in its metadata.
pub fn prepare(stem: &str, bytes: &[u8]) -> Result<Picture, PictureError> {
    let format = judge(bytes)?;
    let picture = decode(bytes)?;
    let fits = picture.width() <= WIDEST && picture.height() <= HIGHEST && bytes.len() <= HEAVIEST;
    if let (true, Some(extension), false) = (fits, plain(format), has_metadata(bytes)) {
        return Ok(finish(stem, &picture, extension, bytes.to_vec()));
    }
    Ok(reduce(stem, picture, format))
}

/// Whether a file is a picture that can be published.
pub fn check(bytes: &[u8]) -> Result<(), PictureError> {
    judge(bytes)?;
    decode(bytes).map(|_| ())
}

/// The format of a picture whose decoded form fits into memory.
fn judge(bytes: &[u8]) -> Result<ImageFormat, PictureError> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(broken_io)?;
    let format = reader.format().ok_or(PictureError::Unknown)?;
    let (width, height) = reader.into_dimensions().map_err(broken)?;
    let megapixels = u64::from(width) * u64::from(height) / 1_000_000;
    if megapixels > LARGEST_MEGAPIXELS { Err(PictureError::TooLarge(megapixels)) } else { Ok(format) }
}

fn plain(format: ImageFormat) -> Option<&'static str> {
    match format {
        ImageFormat::Png => Some("png"),
        ImageFormat::Jpeg => Some("jpg"),
        _ => None,
    }
}

/// Exif and XMP in JPEG, Exif and text in PNG.
fn has_metadata(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(65_536)];
    [&b"Exif\0"[..], b"eXIf", b"http://ns.adobe.com/xap", b"XML:com.adobe.xmp"]
        .iter()
        .any(|mark| head.windows(mark.len()).any(|window| window == *mark))
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(broken_io)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(LARGEST_MEGAPIXELS * 1_000_000 * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let orientation = decoder.orientation().map_err(broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Reduces until the copy is light enough; the last sizes are so small that any picture is.
fn reduce(stem: &str, picture: DynamicImage, format: ImageFormat) -> Picture {
    let (mut width, mut height) = (WIDEST.min(picture.width()), HIGHEST.min(picture.height()));
    loop {
        let copy = if picture.width() > width || picture.height() > height {
            picture.resize(width, height, FilterType::Lanczos3)
        } else {
            picture.clone()
        };
        if format != ImageFormat::Jpeg
            && let Some(bytes) = png(&copy).filter(|bytes| bytes.len() <= HEAVIEST)
        {
            return finish(stem, &copy, "png", bytes);
        }
        let paper = on_white(&copy);
        let last = width.min(height) < 200;
        let light = [85, 75, 65, 50].into_iter().filter_map(|quality| jpeg(&paper, quality));
        if let Some(bytes) = light.into_iter().find(|bytes| bytes.len() <= HEAVIEST || last) {
            return finish(stem, &copy, "jpg", bytes);
        }
        (width, height) = ((copy.width() * 3 / 4).max(1), (copy.height() * 3 / 4).max(1));
    }
}

fn png(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, PngFilter::Adaptive);
    let plain = if picture.color().has_alpha() {
        DynamicImage::from(picture.to_rgba8())
    } else {
        DynamicImage::from(picture.to_rgb8())
    };
    plain.write_with_encoder(encoder).ok().map(|()| bytes)
}

fn jpeg(picture: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).ok().map(|()| bytes)
}

/// JPEG has no transparency: what shows through is white, as the page is.
fn on_white(picture: &DynamicImage) -> RgbImage {
    let pixels = picture.to_rgba8();
    let blend = |channel: u8, alpha: u8| {
        let (channel, alpha) = (u16::from(channel), u16::from(alpha));
        u8::try_from((channel * alpha + 255 * (255 - alpha)) / 255).unwrap_or(255)
    };
    RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
        Rgb([blend(red, alpha), blend(green, alpha), blend(blue, alpha)])
    })
}

fn finish(stem: &str, picture: &DynamicImage, extension: &str, bytes: Vec<u8>) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    Picture { name: format!("{stem}{width}x{height}.{extension}"), width, height, bytes: Some(bytes) }
}

fn broken(error: image::ImageError) -> PictureError {
    match error {
        image::ImageError::Unsupported(_) => PictureError::Unknown,
        other => PictureError::Broken(other.to_string()),
    }
}

fn broken_io(error: std::io::Error) -> PictureError {
    PictureError::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(width: u32, height: u32) -> DynamicImage {
        let mut state = 1_u32;
        DynamicImage::from(RgbImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = state.to_be_bytes();
            Rgb([a, b, c])
        }))
    }

    #[test]
    fn a_large_picture_becomes_light_and_keeps_its_shape() {
        let original = png(&noise(1600, 800)).expect("a PNG");
        let picture = prepare("noise-", &original).expect("a picture");
        let bytes = picture.bytes.expect("bytes");
        assert!(bytes.len() <= HEAVIEST, "{}", bytes.len());
        assert!(picture.width <= WIDEST && picture.width == picture.height * 2);
    }

    #[test]
    fn a_small_picture_is_published_as_it_is() {
        let original = png(&noise(40, 30)).expect("a PNG");
        let picture = prepare("small-", &original).expect("a picture");
        assert_eq!((picture.name.as_str(), picture.bytes), ("small-40x30.png", Some(original)));
    }

    #[test]
    fn a_text_is_no_picture_and_a_half_is_a_broken_one() {
        assert_eq!(prepare("a-", b"hello"), Err(PictureError::Unknown));
        let original = png(&noise(40, 30)).expect("a PNG");
        assert!(matches!(prepare("a-", &original[..200]), Err(PictureError::Broken(_))));
    }
}
