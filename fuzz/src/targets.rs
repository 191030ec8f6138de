//! The fuzz targets and their limits. This file is read by the fuzzer's program and by `cargo xtask fuzz`.

/// A function that is handed bytes, and what handing them to it may cost.
pub(crate) struct Target {
    /// Its name, and that of its folder in `fuzz/corpus/`.
    pub(crate) name: &'static str,
    /// What the bytes are taken for.
    pub(crate) about: &'static str,
    /// Most bytes of one input.
    pub(crate) max_len: usize,
    /// How many inputs `cargo xtask test` tries beside the corpus, made from it.
    pub(crate) runs: usize,
    /// And how many without it. Where there is no corpus yet, a few bytes that matter are found sooner.
    pub(crate) from_nothing: usize,
}

/// Most seconds that one input may take. Each takes milliseconds; a busy machine has room above that.
pub(crate) const TIMEOUT: u32 = 20;
/// Most memory that a target may take, in MiB, the instrumentation's own included.
pub(crate) const MEMORY: u32 = 1024;

/// All of them.
pub(crate) const TARGETS: &[Target] = &[
    // Those that take longest come first: several run at a time.
    target("worksheet", "any bytes as what a person types from paper", 4_096, (150, 2_000)),
    target(
        "key_file",
        "any bytes as a signing key's file, or damage to a sealed one",
        4_096,
        (3_000, 20_000),
    ),
    target(
        "picture",
        "any bytes as a picture, or as damage to the picture of a code",
        32_768,
        (300, 300),
    ),
    target("capi", "any calls of the C functions, with anything", 2_048, (400, 2_000)),
    target("form", "any bytes as a form of the licence portal", 4_096, (1_000, 2_000)),
    target(
        "multipart",
        "any bytes as a form with texts and files, and as what is in one",
        8_192,
        (1_000, 2_000),
    ),
    target("look", "any bytes as the latchkey.toml of the licence portal", 8_192, (3_000, 20_000)),
    target("config", "any bytes as latchkey.toml", 8_192, (3_000, 30_000)),
    target("text", "any bytes as a text with tokens", 65_536, (2_000, 20_000)),
    target("healing", "a token's text after accidents", 512, (2_000, 2_000)),
    target(
        "envelope",
        "any bytes as a token, as what is sealed in one, as a stored lease",
        4_096,
        (500, 500),
    ),
    target("request", "any bytes as a request's payload", 4_096, (10_000, 100_000)),
    target("response", "any bytes as a response's payload", 4_096, (10_000, 100_000)),
    target("refresh", "any bytes as a refresh's payload", 4_096, (10_000, 100_000)),
    target("deactivation", "any bytes as a deactivation's payload", 4_096, (10_000, 100_000)),
    target("vault", "any bytes as a vault", 4_096, (10_000, 60_000)),
    target(
        "apply",
        "any changes to a vault, and any text that is applied to it",
        4_096,
        (2_000, 4_000),
    ),
    target("vault_file", "any bytes as the sealed file that a vault is in", 8_192, (3_000, 20_000)),
];

const fn target(
    name: &'static str,
    about: &'static str,
    max_len: usize,
    (runs, from_nothing): (usize, usize),
) -> Target {
    Target { name, about, max_len, runs, from_nothing }
}
