//! The files of the web edition, out of the scratch folder and out of nowhere else.

use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::look::{self, Scheme};

/// A file with what it is.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    pub(super) kind: &'static str,
}

impl Found {
    /// The same in the colours of a scheme.
    pub(super) fn lit(self, scheme: Scheme) -> Self {
        let change = match self.kind {
            HTML => look::page,
            CSS => look::style,
            _ => return self,
        };
        let bytes = change(&String::from_utf8_lossy(&self.bytes), scheme).into_bytes();
        Self { bytes, ..self }
    }
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// What stands at an address of the web edition.
#[derive(Debug)]
pub(super) enum Answer {
    /// A file.
    File(Found),
    /// A folder that was asked for without its last stroke.
    Folder,
    /// Nothing; the site's own page that says so, if it has one.
    Nothing(Option<Found>),
}

/// Reads what stands at `path`, written as in an address, without its first stroke.
pub(super) fn read(site: &Path, path: &str) -> Answer {
    let missing = || Answer::Nothing(file(site.join("404.html")).ok());
    let Some(relative) = inside(path) else { return missing() };
    let place = site.join(relative);
    let folder = path.is_empty() || path.ends_with('/');
    if !folder && place.is_dir() {
        return Answer::Folder;
    }
    let place = if folder { place.join("index.html") } else { place };
    file(place).map_or_else(|_| missing(), Answer::File)
}

fn file(place: PathBuf) -> io::Result<Found> {
    let kind = kind(&place);
    Ok(Found { bytes: fs::read(place)?, kind })
}

/// A relative path that stays where it is; `None` for one that does not, or that is hidden.
fn inside(path: &str) -> Option<PathBuf> {
    let decoded = decode(path)?;
    let relative = PathBuf::from(&decoded);
    let sound = relative.components().all(|part| match part {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        _ => false,
    });
    (sound && !decoded.contains(['\\', '\0'])).then_some(relative)
}

/// `%C3%A9` → `é`.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

fn kind(place: &Path) -> &'static str {
    match place.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "html" => HTML,
        "css" => CSS,
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "xml" => "application/xml; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "wasm" => "application/wasm",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out() {
        assert_eq!(inside("2018/06/08/"), Some("2018/06/08".into()));
        assert_eq!(inside("%C3%A9t%C3%A9.png"), Some("été.png".into()));
        for path in [
            "../manifest.json",
            "a/../../manifest.json",
            "%2e%2e/manifest.json",
            "..%2fmanifest.json",
            "/etc/passwd",
            "%2fetc/passwd",
            "a%00.html",
            "a\\..\\b",
            "%5c..%5c",
            ".hidden",
            "a/.hidden/b",
            "%zz",
            "%",
            "%ff",
        ] {
            assert_eq!(inside(path), None, "{path}");
        }
    }
}
