//! The agent console, the customer widget and the demo shop: static files embedded in the binary.
//!
//! [`asset`] maps what stands after the first `/` of an address to a file:
//!
//! | address | folder |
//! | --- | --- |
//! | `console/...` | `console/`, and under it `console/shared/...`, `console/vendor/...` |
//! | `widget.js` | `widget/loader.js`: what the script tag of a shop names |
//! | `widget/...` | `widget/`, and under it `widget/shared/...`, `widget/vendor/...` |
//! | `demo/...` | `demo/` |
//!
//! `shared/` (socket client, outbox, words) and `vendor/` (Preact, htm and linkify-it, with their licences) appear
//! under both, so that each screen needs one route only. Pages of other origins import the modules of the widget: serve
//! `widget.js` and `widget/...` with `Access-Control-Allow-Origin: *`. Everything runs under
//! [`CONTENT_SECURITY_POLICY`]. There is no build step: the files are served as they are written.

use std::{borrow::Cow, fmt::Write as _};

use rust_embed::{EmbeddedFile, RustEmbed};

#[cfg(test)]
mod tests;

/// The policy that console and demo pages are written for: nothing inline, nothing evaluated, nothing from elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self' ws: wss:; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/// An embedded file, ready to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The content of the file.
    pub bytes: Cow<'static, [u8]>,
    /// For the `Content-Type` header.
    pub content_type: &'static str,
    /// For the `ETag` header, quotes included: changes with the content only.
    pub etag: String,
}

/// The file at `path`, which has no leading `/`; an empty last segment means `index.html`. `None` if there is none.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    if path == "widget.js" {
        return asset("widget/loader.js");
    }
    let (screen, rest) = path.split_once('/')?;
    let name =
        if rest.is_empty() || rest.ends_with('/') { Cow::from(format!("{rest}index.html")) } else { Cow::from(rest) };
    let file = match (screen, name.split_once('/')) {
        ("console" | "widget", Some(("shared", file))) => Shared::get(file),
        ("console" | "widget", Some(("vendor", file))) => Vendor::get(file),
        ("console", _) => Console::get(&name),
        ("widget", _) => Widget::get(&name),
        ("demo", _) => Demo::get(&name),
        _ => None,
    }?;
    Some(Asset { content_type: content_type(&name), etag: etag(&file), bytes: file.data })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

fn etag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let hex = hash[..16].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    format!("\"{hex}\"")
}

#[derive(RustEmbed)]
#[folder = "console/"]
struct Console;

#[derive(RustEmbed)]
#[folder = "widget/"]
struct Widget;

#[derive(RustEmbed)]
#[folder = "demo/"]
struct Demo;

#[derive(RustEmbed)]
#[folder = "shared/"]
struct Shared;

#[derive(RustEmbed)]
#[folder = "vendor/"]
struct Vendor;
