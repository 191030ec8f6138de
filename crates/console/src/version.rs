//! The version that the command lines print.

/// The version. Programs for a system that nobody has run them on say so: `cargo xtask` sets the
/// variable when it links them.
pub const VERSION: &str = match option_env!("LATCHKEY_NEVER_RUN") {
    None => env!("CARGO_PKG_VERSION"),
    Some(_) => concat!(env!("CARGO_PKG_VERSION"), " (linked on another system, and never run)"),
};
