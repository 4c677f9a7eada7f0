//! Single values of the settings: a text in, a judged value or a complaint out.

use std::path::{Path, PathBuf};

use chrono::{Datelike, Weekday};
use chrono_tz::Tz;

use crate::model::web::WebUrlError;
use crate::model::{IssueDate, Location, Severity, WebUrl, descends};

use super::raw::*;
use super::readers::StoreUrl;
use super::settings::*;

/// A place whose excerpt shows no user name and no password of an address.
pub(super) fn without_credentials(place: Location) -> Location {
    let Some((before, after)) = place.excerpt.split_once("://") else { return place };
    let after = after.rsplit_once('@').map_or(after.to_owned(), |(_, host)| format!("…@{host}"));
    let after = match after.to_ascii_lowercase().find("password=") {
        Some(at) => format!("{}password=…", &after[..at]),
        None => after,
    };
    Location { excerpt: format!("{before}://{after}"), ..place }
}

pub(super) fn base(text: &str) -> Result<WebUrl, String> {
    let slash = if text.ends_with('/') { "" } else { "/" };
    let url = WebUrl::parse(&format!("{text}{slash}")).map_err(|error| match error {
        WebUrlError::NotWeb(_) => WebUrlError::NotWeb(text.to_owned()).to_string(),
        other => other.to_string(),
    })?;
    if url.as_str().contains(['?', '#']) {
        return Err(format!("`{text}` has a query or a fragment"));
    }
    Ok(url)
}

/// A relative path that stays in its folder.
pub(super) fn inside(text: &str) -> Result<PathBuf, String> {
    let path = Path::new(text);
    if text.is_empty() || !descends(path) {
        return Err(format!("`{text}` leaves content/"));
    }
    Ok(path.to_owned())
}

pub(super) fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| format!("`{text}` is not a time zone"))
}

pub(super) fn weekday(text: &str) -> Result<Weekday, String> {
    text.parse().map_err(|_| format!("`{text}` is not a day of the week"))
}

pub(super) fn holiday(text: &str) -> Result<Holiday, String> {
    match text {
        "FR" => return Ok(Holiday::France),
        "FR-57" | "FR-67" | "FR-68" => return Ok(Holiday::AlsaceMoselle),
        _ => {}
    }
    if let Some((month, day)) = text.split_once('-').filter(|_| text.len() == 5) {
        // A leap year knows every day that a year can have.
        let known = IssueDate::parse(&format!("2024-{month}-{day}"));
        return known
            .map(|date| Holiday::Yearly(date.day().month(), date.day().day()))
            .map_err(|_| format!("`{text}` is no day of the year"));
    }
    if IssueDate::looks_like(text) {
        return IssueDate::parse(text).map(Holiday::Day).map_err(|error| error.to_string());
    }
    Err(format!("the holidays of `{text}` are not known"))
}

pub(super) fn span(text: &str) -> Result<(IssueDate, IssueDate), String> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let day = |text: &str| IssueDate::parse(text).map_err(|error| error.to_string());
    let (first, last) = (day(first)?, day(last)?);
    if last < first { Err(format!("`{text}` ends before it begins")) } else { Ok((first, last)) }
}

pub(super) fn weight(text: &str) -> Result<Severity, String> {
    match text {
        "error" => Ok(Severity::Error),
        "warning" => Ok(Severity::Warning),
        other => Err(format!("`{other}` is not a severity")),
    }
}

impl StoreUrl {
    /// Reads `sqlite:FILE` or `postgres://user@host/name`; a password in it is refused.
    pub fn parse(text: &str) -> Result<Self, String> {
        store_url(text)
    }
}

pub(super) fn store_url(text: &str) -> Result<StoreUrl, String> {
    if let Some(file) = text.strip_prefix("sqlite:").filter(|file| !file.is_empty()) {
        return Ok(StoreUrl::Sqlite(PathBuf::from(file)));
    }
    let neither = || "the store is neither SQLite nor PostgreSQL".to_owned();
    let schemes = ["postgres://", "postgresql://"];
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme)).ok_or_else(neither)?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let secret = || Err("the password of the database must not be written here".to_owned());
    if path.contains('@') {
        return secret();
    }
    // A server behind a socket in the file system has no name, which every other address must have.
    let nameless = authority.is_empty() || authority.ends_with('@');
    let name = if nameless { "localhost" } else { "" };
    let url = url::Url::parse(&format!("postgres://{authority}{name}{path}")).map_err(|_| neither())?;
    let is_secret = |name: &str| name.to_ascii_lowercase().contains("password");
    if url.password().is_some() || url.query_pairs().any(|(name, _)| is_secret(&name)) {
        return secret();
    }
    Ok(StoreUrl::Postgres(text.to_owned()))
}

pub(super) fn selector_name(text: &str) -> Result<String, String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if !text.is_empty() && text.bytes().all(legal) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is not a selector"))
    }
}

pub(super) fn settle_typography(raw: Option<RawTypography>) -> Typography {
    let raw = match raw {
        Some(RawTypography::Switch(false)) => return Typography::Off,
        Some(RawTypography::Options(options)) => options,
        Some(RawTypography::Switch(true)) | None => RawTypographyOptions::default(),
    };
    let RawTypographyOptions {
        spaces,
        insert,
        ordinals,
        ligatures,
        hours,
        stray_nbsp,
        widow,
        dash,
        keep,
        units,
    } = raw;
    Typography::On(TypographyOptions {
        spaces: match spaces.unwrap_or(RawSpaces::Imprimerie) {
            RawSpaces::Imprimerie => Spaces::Imprimerie,
            RawSpaces::Nbsp => Spaces::Nbsp,
            RawSpaces::Narrow => Spaces::Narrow,
        },
        insert: insert.map(Switch).unwrap_or_default(),
        ordinals: if ordinals == Some(RawOrdinals::Plain) { Ordinals::Plain } else { Ordinals::Sup },
        ligatures: ligatures.map(Switch).unwrap_or_default(),
        hours: if hours == Some(RawHours::Spaced) { Hours::Spaced } else { Hours::Keep },
        stray_nbsp: if stray_nbsp == Some(RawStrayNbsp::Clean) { StrayNbsp::Clean } else { StrayNbsp::Keep },
        widow: if widow == Some(RawWidow::Headings) { Widow::Headings } else { Widow::Off },
        dash: if dash == Some(RawDash::Em) { Dash::Em } else { Dash::En },
        keep: keep.unwrap_or_default(),
        units: units.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_may_be_a_file_a_server_or_a_socket() {
        for text in [
            "postgres://rotative@db.example/news",
            "postgresql://rotative@127.0.0.1:5433/news?sslmode=require",
            "postgres://rotative@/news?host=/run/postgresql&port=5433",
            "postgres://rotative@%2Frun%2Fpostgresql/news",
            "postgres:///news",
        ] {
            assert_eq!(store_url(text), Ok(StoreUrl::Postgres(text.to_owned())));
        }
        assert_eq!(store_url("sqlite:a.db"), Ok(StoreUrl::Sqlite("a.db".into())));
        for text in ["", "sqlite:", "mysql://a/b", "postgres:/b", "a.db"] {
            assert!(store_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_shown() {
        for text in [
            "postgres://me:hunter2@db.example/news",
            "postgres://me@db.example/news?password=hunter2",
            "postgres://db.example/news?user=me&PassWord=hunter2",
            "postgres://me@db.example/news?p%61ssword=hunter2",
            "postgres://me@/news?host=/run&sslpassword=hunter2",
            "postgres://me:hun/ter2@db.example/news",
        ] {
            let said = store_url(text).expect_err(text);
            assert!(!said.contains("hunter2") && said.contains("password"), "{text}: {said}");
        }
        let place = Location {
            path: "content/newsletter.yaml".to_owned(),
            line: 1,
            column: 8,
            width: 9,
            excerpt: "store: 'postgres://me@db.example/news?password=hunter2'".to_owned(),
        };
        assert!(!without_credentials(place).excerpt.contains("hunter2"));
    }
}
