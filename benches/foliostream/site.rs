//! What a browser downloads: the built site's precompressed parts.

use std::path::{Path, PathBuf};

use super::Failure;
use super::report::{Report, Target};

/// To be reached by the wasm that brings the overview to life, in kilobytes of 1,024 bytes.
const WASM_KB: Target = Target(300.0);

/// Returns the folder of the built site, if it was built.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    folder.join("pkg").is_dir().then_some(folder)
}

/// Prints the size of wasm, JS and CSS as they travel.
pub(crate) fn measure(report: &mut Report) -> Result<(), Failure> {
    let Some(folder) = folder() else {
        report.note("site: not measured, target/site is not built (make build)");
        return Ok(());
    };
    let parts =
        [("foliostream", ".wasm.br", Some(WASM_KB)), ("split", ".wasm.br", None), ("", ".js.br", None), ("", ".css.br", None)];
    for (start, extension, target) in parts {
        let bytes = bytes_of(&folder.join("pkg"), start, extension)?;
        report.once(format!("site: pkg/{start}*{extension}"), "KB", bytes as f64 / 1_024.0, target);
    }
    Ok(())
}

fn bytes_of(folder: &Path, start: &str, extension: &str) -> Result<u64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(start) && name.ends_with(extension) {
            bytes += entry.metadata()?.len();
        }
    }
    if bytes == 0 { Err(format!("no {start}*{extension} in {}", folder.display()).into()) } else { Ok(bytes) }
}
