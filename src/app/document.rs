//! The document around the page: head, hydration snippet, body.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::MetaTags;

use super::{App, RefusedForm, ServerPage, refused_form};
use crate::app::prelude::words;
use crate::wire::zone::ReaderZone;
use crate::words::Words;

/// Where the site's built files are; their names hold hashes of their contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The URL of the JavaScript module that loads the wasm.
    pub js: String,
    /// The URL of the wasm.
    pub wasm: String,
    /// The URL of the style sheet.
    pub css: String,
    /// The text of the style sheet, for the first page that a browser asks for; nothing where it could not be read.
    pub style: Option<Arc<str>>,
}

/// What is shown before the first paint must not wait for a request of its own: remembered theme, palette and privacy.
const THEME: &str = include_str!("../../public/theme.js");

/// Returns the whole document, for the server to render. The `first` page that a browser asks for has its style within it, which saves a
/// round trip before the first figure; the next one finds the style sheet in the browser's cache.
pub fn document(assets: &Assets, is_first: bool) -> impl IntoView + use<> {
    let Assets { js, wasm, css, style } = assets.clone();
    let style = style.filter(|_| is_first).map(|style| style.to_string());
    let sheet = if style.is_some() { "prefetch" } else { "stylesheet" };
    let nonce = use_nonce();
    let words = words();
    let texts = texts_address(words);
    let zone = use_context::<ReaderZone>().map(|zone| zone.name);
    let (address, refused) = use_context::<RefusedForm>().map(|refused| refused.handed_over()).unzip();
    let snippet = [address.unwrap_or_default(), hydration_snippet(&js, &wasm, &texts)].concat();
    // What the server draws alone is not brought to life.
    let is_still = use_context::<ServerPage>().is_some();
    let alive = (!is_still).then(|| {
        view! {
            // Behind the figures: on a slow line they would come later beside what brings them to life.
            <link rel="modulepreload" href=js/>
            <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
            <link rel="preload" href=texts r#as="fetch" r#type="text/plain" crossorigin="anonymous"/>
            <script type="module" nonce=use_nonce()>{snippet}</script>
        }
    });
    view! {
        <!DOCTYPE html>
        <html lang=words.language().code() data-zone=zone data-still=is_still.then_some("") data-formats=words.formats().written()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="description" content=words.document_description()/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f8fb"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0a0f16"/>
                <link rel="preload" href="/fonts/geist-latin-wght-normal.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <script nonce=nonce>{THEME}</script>
                {style.map(|style| view! { <style nonce=use_nonce()>{style}</style> })}
                <link rel=sheet href=css r#as="style"/>
                {refused.map(|json| view! { <script type="application/json" id=refused_form::ELEMENT nonce=use_nonce()>{json}</script> })}
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/icon-180.png"/>
                <MetaTags/>
            </head>
            <body>
                <App/>
                {alive}
            </body>
        </html>
    }
}

/// Returns the address of a language's texts. It changes with them, so that a browser may keep what it got for ever.
pub fn texts_address(words: Words) -> String {
    format!("/words/{}.{}.txt", words.language().code(), words.digest())
}

/// Loads the module, gives it its wasm and the texts of the page's language, and brings the page to life. The page stays as it is where
/// one of them cannot be fetched.
fn hydration_snippet(js: &str, wasm: &str, texts: &str) -> String {
    format!(
        "import init, {{ hydrate }} from {js:?};\n\
         const texts = fetch({texts:?}).then((answer) => answer.ok ? answer.text() : Promise.reject(answer.statusText));\n\
         const [written] = await Promise.all([texts, init({{ module_or_path: {wasm:?} }})]);\nhydrate(written);"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snippet_names_the_built_files() {
        let snippet = hydration_snippet("/pkg/a.1.js", "/pkg/a.2.wasm", "/words/de.3.txt");
        assert!(snippet.contains(r#"fetch("/words/de.3.txt")"#), "{snippet}");
        assert!(snippet.contains(r#"from "/pkg/a.1.js""#) && snippet.contains(r#"module_or_path: "/pkg/a.2.wasm""#));
    }
}
