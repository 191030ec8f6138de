//! The wizard's backend: a window, and commands that translate between its pages and the device.

pub mod view;
