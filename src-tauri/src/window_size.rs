//! How large the window opens: 760 × 600, larger where the desktop is set to larger text, so that
//! the same content fits, and smaller where the screen is smaller.

/// In logical pixels, at the usual text size.
const DEFAULT_SIZE: (f64, f64) = (760.0, 600.0);
/// Beyond this scale text grows without the window: it would fill the screen anyway.
const MAX_SCALE: f64 = 2.0;
/// The share of the screen that the window may take; the rest is for the desktop's panels.
const MAX_SCREEN_SHARE: f64 = 0.92;

/// The smallest size to which the window can be resized, unless the screen itself is smaller.
const MIN_SIZE: (f64, f64) = (480.0, 400.0);

/// The window's sizes, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sizes {
    /// The size with which the window opens.
    pub(crate) opening: (f64, f64),
    /// The smallest size to which it can be resized.
    pub(crate) smallest: (f64, f64),
}

/// The sizes that fit this desktop.
#[must_use]
pub(crate) fn sizes() -> Sizes {
    let (scale, screen) = read_desktop();
    fit_to_screen(scale, screen)
}

/// Scales the window with the text, limited by the screen: no button may be off the screen.
fn fit_to_screen(scale: f64, screen: Option<(f64, f64)>) -> Sizes {
    let scale = scale.clamp(1.0, MAX_SCALE);
    let side = |usual: f64, smallest: f64, room: Option<f64>| {
        let Some(room) = room else { return (usual, smallest) };
        let smallest = smallest.min(room);
        ((usual * scale).min(room * MAX_SCREEN_SHARE).round().max(smallest), smallest)
    };
    let (width, height) = (screen.map(|(width, _)| width), screen.map(|(_, height)| height));
    let (width, narrowest) = side(DEFAULT_SIZE.0, MIN_SIZE.0, width);
    let (height, lowest) = side(DEFAULT_SIZE.1, MIN_SIZE.1, height);
    Sizes { opening: (width, height), smallest: (narrowest, lowest) }
}

/// The text's scale, and the size of the screen on which the window most likely opens.
#[cfg(target_os = "linux")]
fn read_desktop() -> (f64, Option<(f64, f64)>) {
    use gtk::gdk::prelude::MonitorExt as _;

    // GTK reports the text's scale as a resolution: 96 dots per inch is the usual size, −1 unknown.
    let resolution = gtk::gdk::Screen::default().map_or(-1.0, |screen| screen.resolution());
    let scale = if resolution > 0.0 { resolution / 96.0 } else { 1.0 };
    let display = gtk::gdk::Display::default();
    let monitor = display.and_then(|it| it.primary_monitor().or_else(|| it.monitor(0)));
    let area = monitor.map(|monitor| monitor.workarea());
    // Some remote desktops report neither panels nor a size.
    let area = area.filter(|area| area.width() > 0 && area.height() > 0);
    (scale, area.map(|area| (f64::from(area.width()), f64::from(area.height()))))
}

/// On other systems windows are scaled together with their text.
#[cfg(not(target_os = "linux"))]
const fn read_desktop() -> (f64, Option<(f64, f64)>) {
    (1.0, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_grows_with_the_text_as_far_as_the_screen_has_room() {
        for (scale, screen, size) in [
            (1.0, Some((1920.0, 1200.0)), (760.0, 600.0)),
            (1.5, Some((1920.0, 1200.0)), (1140.0, 900.0)),
            (9.0, Some((1920.0, 1200.0)), (1520.0, 1104.0)),
            (2.0, Some((1024.0, 600.0)), (942.0, 552.0)),
            (0.5, None, (760.0, 600.0)),
            (2.0, None, (760.0, 600.0)),
        ] {
            assert_eq!(fit_to_screen(scale, screen).opening, size, "{scale} on {screen:?}");
        }
    }

    #[test]
    fn the_window_opens_no_larger_than_the_screen_and_can_be_resized_to_fit_it() {
        for (screen, opening, smallest) in [
            ((640.0, 480.0), (589.0, 442.0), (480.0, 400.0)),
            ((800.0, 600.0), (736.0, 552.0), (480.0, 400.0)),
            ((5120.0, 420.0), (760.0, 400.0), (480.0, 400.0)),
            ((320.0, 240.0), (320.0, 240.0), (320.0, 240.0)),
        ] {
            for scale in [1.0, 2.0] {
                let sizes = fit_to_screen(scale, Some(screen));
                assert!(sizes.opening.0 <= screen.0 && sizes.opening.1 <= screen.1, "{sizes:?}");
                assert_eq!(sizes.smallest, smallest, "{screen:?}");
            }
            assert_eq!(fit_to_screen(1.0, Some(screen)).opening, opening, "{screen:?}");
        }
    }
}
