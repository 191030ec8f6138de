//! Compiles the vendor's kit into the product: `LATCHKEY_KIT` is the folder that `latchkey-server
//! kit` wrote. Without it the product builds too, but reports that it has no keys to verify with.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-env-changed=LATCHKEY_KIT");
    let kit = env::var_os("LATCHKEY_KIT").filter(|kit| !kit.to_string_lossy().trim().is_empty());
    let kit = kit.map(PathBuf::from);
    let code = match kit {
        None => "const PRODUCT: Option<latchkey_sdk::Product<'static>> = None;\n".to_owned(),
        Some(kit) => with_kit(&kit.join("latchkey_product.rs"))?,
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    Ok(fs::write(out.join("product.rs"), code)?)
}

fn with_kit(constants: &Path) -> Result<String, Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={}", constants.display());
    let constants = fs::read_to_string(constants)
        .map_err(|error| format!("{} can't be read: {error}", constants.display()))?;
    Ok(format!(
        "#[allow(dead_code, missing_docs, unreachable_pub, clippy::all)]\nmod kit {{\n{constants}\n}}\n\
         const PRODUCT: Option<latchkey_sdk::Product<'static>> = Some(kit::PRODUCT);\n"
    ))
}
