//! Clippings: what a page of others says of itself, so that an item about it can be begun.
//!
//! Never knows: items, files, the clock, what becomes of a clipping.

mod charset;
mod day;
mod facts;
mod linked_data;
mod read;
mod title;

use std::time::{Duration, Instant};

use chrono_tz::Tz;
use thiserror::Error;

use crate::content::one_line;
use crate::fetch::{Client, FetchError, Page};
use crate::model::{IssueDate, LanguageTag, WebUrl};

pub use read::{Answer, read};

/// What a page says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clipping {
    /// The headline, without the name of the site.
    pub title: Option<String>,
    /// Who publishes it: the name of the site, else its host.
    pub site: String,
    /// Its one address: the canonical one where the page names one of its own site, and nothing that tracks.
    pub url: WebUrl,
    /// The language it is written in.
    pub language: Option<LanguageTag>,
    /// The day it appeared.
    pub published: Option<IssueDate>,
}

/// Why there is no clipping.
#[derive(Debug, Error)]
pub enum ClipError {
    /// The page could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It is gone, or was never there.
    #[error("{0}, no such page")]
    Gone(u16),
    /// The host refuses programs, or wants a login.
    #[error("the host does not show the page to programs: {0}")]
    Closed(u16),
    /// The host wants to be left alone.
    #[error("the host is too busy: {0}")]
    Busy(u16),
    /// A fault of the server.
    #[error("the server answers {0}")]
    Status(u16),
    /// Redirects that do not end.
    #[error("it redirects more than {HOPS} times")]
    Endless,
    /// Redirects that take too long altogether.
    #[error("it still redirects after {} s", .0.as_secs())]
    Slow(Duration),
    /// A redirect to what is no address.
    #[error("it redirects to `{0}`, which is no web address")]
    Astray(String),
    /// A picture, a PDF, data.
    #[error("{}, not a web page", kind_of(.0))]
    NotHtml(String),
    /// It came in a form that was not asked for.
    #[error("it comes packed as `{0}`, which nobody asked for")]
    Packed(String),
}

/// The most redirects that are followed.
const HOPS: usize = 5;
/// How many bytes of a page are worth reading: what a page says of itself stands at its beginning.
pub const LONGEST_PAGE: usize = 1024 * 1024;

/// Asks for a page once, follows its redirects for as long as `patience`, and reads it. Every step goes past the
/// client's guard. What a page says to be of a day after tomorrow is not believed. A moment without an offset of its own is one of `zone`.
pub fn take(
    client: &Client,
    url: &WebUrl,
    patience: Duration,
    zone: Tz,
    today: IssueDate,
) -> Result<Clipping, ClipError> {
    let begun = Instant::now();
    let mut here = url.clone();
    for _ in 0..=HOPS {
        let page = client.get(&here)?;
        match (page.status, &page.location) {
            (200..=299, _) => return clipped(&page, &here, zone, today),
            (301 | 302 | 303 | 307 | 308, Some(to)) => {
                here = here.join(to).map_err(|_| ClipError::Astray(short(to)))?;
            }
            (status, _) => return Err(refusal(status)),
        }
        if begun.elapsed() > patience {
            return Err(ClipError::Slow(patience));
        }
    }
    Err(ClipError::Endless)
}

fn refusal(status: u16) -> ClipError {
    match status {
        404 | 410 => ClipError::Gone(status),
        401 | 402 | 403 | 405 | 406 | 407 | 451 | 999 => ClipError::Closed(status),
        429 | 503 => ClipError::Busy(status),
        _ => ClipError::Status(status),
    }
}

fn clipped(page: &Page, url: &WebUrl, zone: Tz, today: IssueDate) -> Result<Clipping, ClipError> {
    let packed = page.header("content-encoding").map(str::trim);
    if let Some(how) = packed.filter(|how| !how.is_empty() && !how.eq_ignore_ascii_case("identity")) {
        return Err(ClipError::Packed(short(how)));
    }
    let kind = page.header("content-type");
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or("").trim().to_ascii_lowercase();
    let is_page = match essence.as_str() {
        "text/html" | "application/xhtml+xml" => true,
        "" => looks_like_html(&page.body),
        _ => false,
    };
    if !is_page {
        let what = if essence.is_empty() { "data" } else { &essence };
        return Err(ClipError::NotHtml(short(what)));
    }
    let language = page.header("content-language");
    Ok(read(&Answer { bytes: &page.body, kind, language, url, zone, today }))
}

/// Where a server does not say what it sends.
fn looks_like_html(bytes: &[u8]) -> bool {
    const BEGINNING: usize = 1024;
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(BEGINNING)]).to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<title"].iter().any(|sign| start.contains(sign))
}

/// What a media type is to people.
fn kind_of(essence: &str) -> String {
    let (class, rest) = essence.split_once('/').unwrap_or((essence, ""));
    match (class, rest) {
        ("application", "pdf") => "a PDF".to_owned(),
        ("image", _) => format!("a picture (`{essence}`)"),
        ("audio", _) => format!("a sound (`{essence}`)"),
        ("video", _) => format!("a film (`{essence}`)"),
        ("text", "plain") => "plain text".to_owned(),
        ("data", _) => "data of no known kind".to_owned(),
        _ => format!("`{essence}`"),
    }
}

fn short(text: &str) -> String {
    one_line(text).chars().take(60).collect()
}
