//! The `package` command, and the documents that belong into a release.

use std::path::Path;

use latchkey_packager::{PackageError, Signing, Sources, Written};
use serde_json::json;

use crate::cli::PackageArguments;
use crate::error::ServerError;
use crate::output::{Output, error_value};

pub(super) fn write_packages(
    arguments: &PackageArguments,
    output: &mut Output,
) -> Result<(), ServerError> {
    let PackageArguments {
        kit,
        archives,
        out,
        release_key,
        no_installer,
        certificate,
        certificate_passphrase_file,
    } = arguments;
    let release_key =
        release_key.as_deref().map(latchkey_packager::read_release_key).transpose()?;
    let sources = Sources {
        kit,
        archives,
        release_key: release_key.as_deref(),
        with_installer: !no_installer,
        signing: Signing {
            certificate: certificate.as_deref(),
            passphrase: certificate_passphrase_file.as_deref(),
        },
    };
    let Written { product, files, warnings } = latchkey_packager::write(sources, out)?;
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    let folder = out.display().to_string();
    let warnings: Vec<_> = warnings.iter().map(|warning| latchkey_i18n::explain(warning)).collect();
    if output.is_json() {
        let warnings: Vec<_> = warnings.iter().map(error_value).collect();
        output.write_document(
            &json!({ "product": product, "out": folder, "files": files, "warnings": warnings }),
        );
        return Ok(());
    }
    for warning in &warnings {
        output.warn(warning);
    }
    output.write_message(
        "server-packages",
        &[("product", product.into()), ("folder", folder.into())],
    );
    for file in files {
        output.write_line(&file);
    }
    Ok(())
}

pub(super) fn write_completions_and_manuals(
    out: &Path,
    output: &Output,
) -> Result<(), ServerError> {
    let command = <crate::cli::Arguments as clap::CommandFactory>::command();
    latchkey_console::write_completions_and_manuals(command, out).map_err(|error| {
        PackageError::NotWritten { path: out.to_owned(), reason: latchkey_files::reason(&error) }
    })?;
    output.write_message("server-documents", &[("folder", out.display().to_string().into())]);
    Ok(())
}
