//! What the wizard and the programs beside it are called. A vendor's package has the vendor's names
//! only, so none of ours is shown as long as there is another one.

use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::OnceLock;

use image::{ImageFormat, ImageReader, Limits};
use latchkey_config::{Config, WINDOW_ICON};
use latchkey_i18n::Names;

/// The maximum size of the picture in the windows' frames, in bytes and in pixels on each side.
const MAX_ICON_BYTES: u64 = 1024 * 1024;
const MAX_ICON_SIDE: u32 = 1024;

/// The product's name, once its configuration has been loaded.
static PRODUCT: OnceLock<String> = OnceLock::new();

/// Lets messages quote the names that the command line and the configuration have here.
pub(crate) fn choose() {
    let ours = Names::default();
    let wizard = std::env::current_exe().ok();
    let command_line = wizard.as_deref().map(latchkey_config::command_line_of);
    Names {
        command_line: command_line.unwrap_or(ours.command_line),
        config_file: latchkey_config::config_name(),
    }
    .choose();
}

/// Sets the product's name.
pub(crate) fn set_product(name: &str) {
    let _ = PRODUCT.set(name.to_owned());
}

/// The title of windows that may be shown before the configuration is loaded: the product's name,
/// or else the wizard's own.
pub(crate) fn title() -> String {
    let installed = || Config::load(&latchkey_config::default_config()).ok();
    let installed = || installed().map(|config| config.profile.product_name);
    PRODUCT.get().cloned().or_else(installed).unwrap_or_else(program)
}

/// The name by which the wizard was started.
pub(crate) fn program() -> String {
    latchkey_console::own_name().unwrap_or_default()
}

/// The picture in the frames of the windows that was installed beside this configuration. Without
/// one, it is ours.
pub(crate) fn window_icon(config: &Path) -> Option<tauri::image::Image<'static>> {
    let mut png = Vec::new();
    let file = File::open(config.with_file_name(WINDOW_ICON)).ok()?;
    file.take(MAX_ICON_BYTES).read_to_end(&mut png).ok()?;
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_ICON_SIDE), Some(MAX_ICON_SIDE));
    reader.limits(limits);
    let picture = reader.decode().ok()?.into_rgba8();
    let (width, height) = picture.dimensions();
    Some(tauri::image::Image::new_owned(picture.into_raw(), width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_have_the_picture_that_was_installed_with_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("licence.toml");
        assert!(window_icon(&config).is_none());
        let file = folder.path().join("window-icon.png");
        let save = |side: u32| {
            let red = image::Rgba([255, 0, 0, 255]);
            image::RgbaImage::from_pixel(side, side, red).save(&file).unwrap();
        };
        save(2);
        let icon = window_icon(&config).unwrap();
        assert_eq!((icon.width(), icon.rgba()), (2, [255, 0, 0, 255].repeat(4).as_slice()));
        save(MAX_ICON_SIDE + 1);
        assert!(window_icon(&config).is_none());
        std::fs::write(&file, "no picture").unwrap();
        assert!(window_icon(&config).is_none());
    }
}
