//! Where the programs are that were built.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folder with the built programs, and the folder that everything built goes to.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Finds the programs beside the running test or demo.
    ///
    /// # Errors
    /// If they haven't been built.
    pub fn find() -> Result<Self> {
        let this = std::env::current_exe().context("this program's own path is unknown")?;
        // A test is in target/debug/deps/, a program in target/debug/.
        let folder = this
            .ancestors()
            .skip(1)
            .find(|folder| !folder.ends_with("deps"))
            .context("this program is in no folder")?;
        for program in ["latchkey-server", "latchkey"] {
            if !folder.join(program).is_file() {
                bail!(
                    "{} is missing: run `cargo build --workspace` first.",
                    folder.join(program).display()
                );
            }
        }
        Ok(Self { folder: folder.to_path_buf() })
    }

    /// One of the programs.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The target folder: `target/`, whatever it is called here.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        self.folder.parent().unwrap_or(Path::new("target")).to_path_buf()
    }

    /// Tauri's WebDriver, which `cargo xtask setup` put into the target folder.
    #[must_use]
    pub fn tauri_driver(&self) -> PathBuf {
        self.target().join("tools/bin/tauri-driver")
    }
}
