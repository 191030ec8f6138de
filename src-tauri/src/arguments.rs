//! `latchkey-wizard [--product FILE] [TOKENFILE…]`.

use std::path::PathBuf;

use clap::Parser;

/// Activates, refreshes and deactivates a licence on a computer without a connection
#[derive(Debug, Clone, Default, Parser)]
#[command(version)]
pub struct Arguments {
    /// The product's latchkey.toml [default: latchkey.toml beside the wizard]
    #[arg(long, value_name = "FILE", env = "LATCHKEY_CONFIG")]
    pub product: Option<PathBuf>,
    /// Files with tokens, to be opened at once
    #[arg(value_name = "TOKENFILE")]
    pub token_files: Vec<PathBuf>,
}

impl Arguments {
    /// The configuration that is meant.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        const NAME: &str = "latchkey.toml";
        self.product.clone().unwrap_or_else(|| {
            let wizard = std::env::current_exe().ok();
            wizard
                .and_then(|wizard| Some(wizard.parent()?.join(NAME)))
                .unwrap_or_else(|| NAME.into())
        })
    }
}
