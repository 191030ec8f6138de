//! Locates the built programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};

/// The root folder of the repository.
#[must_use]
pub fn repository_root() -> PathBuf {
    let this_package = Path::new(env!("CARGO_MANIFEST_DIR"));
    this_package.ancestors().nth(2).unwrap_or(this_package).to_owned()
}

/// The folder with the built programs.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    /// Whether they were built together with the tests.
    with_tests: bool,
}

impl Programs {
    /// Finds the programs beside the running test or demo.
    ///
    /// # Errors
    /// Fails if they haven't been built.
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
        let with_tests = this.parent().is_some_and(|folder| folder.ends_with("deps"));
        Ok(Self { folder: folder.to_path_buf(), with_tests })
    }

    /// One of the programs.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Cargo's target folder, which may have another name than `target/`.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        self.folder.parent().unwrap_or(Path::new("target")).to_path_buf()
    }

    /// Held while `hello-product` is built and taken: the built program has the same place for
    /// every kit.
    pub fn building() -> MutexGuard<'static, ()> {
        static BUILDING: Mutex<()> = Mutex::new(());
        BUILDING.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Builds `hello-product` with the keys of a kit, as a vendor builds a product, and puts it and
    /// the wizard into a folder, as an installer does.
    ///
    /// # Errors
    /// Fails if the product can't be built or the folder can't be written.
    pub fn install_product(&self, kit: &Path, folder: &Path) -> Result<()> {
        let _one = Self::building();
        // The same packages and features are selected as before, so that only this program is
        // compiled again. With `--examples`, of which there are none, cargo includes the features
        // of the dependencies that only tests have.
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .args(["build", "--quiet", "--workspace", "--bins"])
            .args(self.with_tests.then_some("--examples"))
            .current_dir(repository_root())
            .env("CARGO_TARGET_DIR", self.target())
            .env("LATCHKEY_KIT", kit);
        if self.folder.ends_with("release") {
            command.arg("--release");
        }
        let status = command.status().context("cargo can't be started")?;
        if !status.success() {
            bail!("hello-product can't be built with the kit in {}.", kit.display());
        }
        fs::create_dir_all(folder).context("no folder for the product")?;
        for program in ["hello-product", "latchkey-wizard"] {
            let installed = folder.join(program);
            let _ = fs::remove_file(&installed);
            fs::copy(self.path(program), &installed)
                .with_context(|| format!("{} can't be written", installed.display()))?;
        }
        let config = folder.join("latchkey.toml");
        fs::copy(kit.join("latchkey.toml"), &config)
            .with_context(|| format!("{} can't be written", config.display()))?;
        Ok(())
    }

    /// Tauri's WebDriver, which `cargo xtask setup` put into the target folder.
    #[must_use]
    pub fn tauri_driver(&self) -> PathBuf {
        self.target().join("tools/bin/tauri-driver")
    }
}
