//! The fuzz targets and their limits. Both the program that runs them and `cargo xtask fuzz`
//! include this file.

/// A function that takes any bytes, and the limits for running it.
pub(crate) struct Target {
    /// The target's name, which is also that of its folder in `fuzz/corpus/`.
    pub(crate) name: &'static str,
    /// How the target interprets the bytes.
    pub(crate) about: &'static str,
    /// The maximum length of an input, in bytes.
    pub(crate) max_len: usize,
    /// How many inputs `cargo xtask test` derives from the seeds.
    pub(crate) runs: usize,
    /// How many inputs `cargo xtask test` derives from nothing. Without seeds the fuzzer finds
    /// short inputs sooner.
    pub(crate) from_nothing: usize,
}

/// The maximum time for one input, in seconds. Each takes milliseconds; the rest is room for a busy
/// machine.
pub(crate) const TIMEOUT: u32 = 20;
/// The maximum memory of a target in MiB, including that of the instrumentation.
pub(crate) const MEMORY: u32 = 1024;

/// All targets. The slowest come first, because several run at the same time.
pub(crate) const TARGETS: &[Target] = &[
    target("entry_sheet", "lines that a person types from paper", 4_096, (150, 2_000)),
    target("key_file", "a signing key's file, or damage to a sealed one", 4_096, (3_000, 20_000)),
    target("picture", "a picture, or damage to the picture of a code", 32_768, (300, 300)),
    target("capi", "calls of the C functions with any arguments", 2_048, (400, 2_000)),
    target("form", "a form that is sent to the licence portal", 4_096, (1_000, 2_000)),
    target("multipart", "a form with texts and files, or its parts", 8_192, (1_000, 2_000)),
    target("branding", "latchkey.toml, as the licence portal reads it", 8_192, (3_000, 20_000)),
    target("config", "latchkey.toml, as the wizard reads it", 8_192, (3_000, 30_000)),
    target("text", "a text with tokens", 65_536, (2_000, 20_000)),
    target("repair", "damage to the text of a token", 512, (2_000, 2_000)),
    target("envelope", "a token, its sealed content, or a stored lease", 4_096, (500, 500)),
    target("request", "a request's payload", 4_096, (10_000, 100_000)),
    target("response", "a response's payload", 4_096, (10_000, 100_000)),
    target("refresh", "a refresh's payload", 4_096, (10_000, 100_000)),
    target("deactivation", "a deactivation's payload", 4_096, (10_000, 100_000)),
    target("vault", "a vault", 4_096, (10_000, 60_000)),
    target("apply", "changes to a vault, and texts that are applied to it", 4_096, (2_000, 4_000)),
    target("vault_file", "the sealed file of a vault", 8_192, (3_000, 20_000)),
];

const fn target(
    name: &'static str,
    about: &'static str,
    max_len: usize,
    (runs, from_nothing): (usize, usize),
) -> Target {
    Target { name, about, max_len, runs, from_nothing }
}
