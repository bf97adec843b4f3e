//! The built site: where it is, and under which content-hashed names its parts are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

/// Written by the build into the site folder; without it (as under `cargo leptos watch`) the plain names are served.
const MANIFEST: &str = "pkg/manifest.json";

/// A site folder that is there.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The folder that holds the site's files.
    pub folder: PathBuf,
    /// The addresses of its parts.
    pub parts: Parts,
    /// Whether the names change with the contents, so that browsers may keep them for ever.
    pub immutable: bool,
}

/// The parts of a site: their names in the manifest, their addresses once read.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Parts {
    /// The wasm's other half.
    pub js: String,
    /// The browser's half of the program.
    pub wasm: String,
    /// The style sheet of all pages.
    pub css: String,
}

impl Site {
    /// Finds the site: where it was told to be, in `target/site`, or in `site` beside the binary. Without one, pages have
    /// their numbers and forms, but no style and no life.
    pub(crate) fn find(told: Option<&Path>) -> Result<Self, String> {
        let binary = std::env::current_exe().ok();
        let folder = binary.as_deref().and_then(Path::parent);
        let beside = folder.map(|folder| folder.join("site"));
        // `target/site`, for a binary in `target/release` that is started from elsewhere.
        let above = folder.and_then(Path::parent).map(|folder| folder.join("site"));
        let candidates = match told {
            Some(folder) => vec![folder.to_owned()],
            None => [Some(PathBuf::from("target/site")), beside, above].into_iter().flatten().collect(),
        };
        let Some(folder) = candidates.iter().find(|folder| folder.join("pkg").is_dir()) else {
            let places: Vec<String> = candidates.iter().map(|folder| folder.display().to_string()).collect();
            return Err(format!(
                "no built site in {}; run `make build`, or say where it is with --site-dir",
                places.join(" or ")
            ));
        };
        Self::read(folder)
    }

    /// Returns the text of the style sheet, where its name changes with it.
    pub(crate) fn style(&self) -> Option<Arc<str>> {
        let path = self.folder.join(self.parts.css.trim_start_matches('/'));
        let text = std::fs::read_to_string(path).ok().filter(|_| self.immutable)?;
        // It stands within a page, and nothing in it may end it.
        (!text.contains("</")).then(|| text.into())
    }

    fn read(folder: &Path) -> Result<Self, String> {
        let manifest = folder.join(MANIFEST);
        if !manifest.exists() {
            let address = |extension: &str| format!("/pkg/foliostream.{extension}");
            let parts = Parts { js: address("js"), wasm: address("wasm"), css: address("css") };
            return Ok(Self { folder: folder.to_owned(), parts, immutable: false });
        }
        let text = std::fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
        let names: Parts = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", manifest.display()))?;
        let address = |name: String| format!("/pkg/{name}");
        let parts = Parts { js: address(names.js), wasm: address(names.wasm), css: address(names.css) };
        Ok(Self { folder: folder.to_owned(), parts, immutable: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_manifest_and_without_one_are_plain() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pkg")).unwrap();
        let plain = Site::find(Some(folder.path())).unwrap();
        assert_eq!((plain.parts.js.as_str(), plain.immutable), ("/pkg/foliostream.js", false));
        let manifest = r#"{"js":"foliostream.1a.js","wasm":"foliostream.2b.wasm","css":"foliostream.3c.css"}"#;
        std::fs::write(folder.path().join(MANIFEST), manifest).unwrap();
        let hashed = Site::find(Some(folder.path())).unwrap();
        assert_eq!((hashed.parts.wasm.as_str(), hashed.immutable), ("/pkg/foliostream.2b.wasm", true));
        assert_eq!(hashed.style(), None, "it is not there");
        let sheet = folder.path().join("pkg/foliostream.3c.css");
        std::fs::write(&sheet, "body{color:red}").unwrap();
        assert_eq!(hashed.style().as_deref(), Some("body{color:red}"));
        std::fs::write(&sheet, "</style>").unwrap();
        assert_eq!(hashed.style(), None);
        assert_eq!(plain.style(), None, "it changes under its name");
    }

    #[test]
    fn a_missing_or_broken_site_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Site::find(Some(folder.path())).unwrap_err().contains("--site-dir"));
        std::fs::create_dir(folder.path().join("pkg")).unwrap();
        std::fs::write(folder.path().join(MANIFEST), "{").unwrap();
        assert!(Site::find(Some(folder.path())).unwrap_err().contains("manifest.json"));
    }
}
