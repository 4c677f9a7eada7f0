//! A request before anybody acts on it: who asks, in which language, with which fields.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use url::form_urlencoded;

use crate::model::{Language, Network};

/// Whom a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// A machine.
    Address(IpAddr),
    /// A program on this machine, through a socket in the file system: the proxy.
    Socket,
}

/// The last part of a path, as it was asked for: whatever it is, it is not decoded.
pub(super) struct Token(pub(super) String);

impl<S: Sync> FromRequestParts<S> for Token {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned()))
    }
}

/// The fields of a form or of a JSON object, whichever came.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

/// How the answer is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A page, for a person.
    Page,
    /// An object, for a program.
    Json,
}

/// The largest body.
const LARGEST: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// The network a request comes from. What a proxy says is believed only of the proxies of the settings.
pub(super) fn network(peer: Peer, headers: &HeaderMap, proxies: &[Network]) -> Option<Network> {
    let trusted = |address: IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    let direct = match peer {
        Peer::Address(address) if !trusted(address) => return Some(Network::around(address)),
        Peer::Address(address) => Some(address),
        Peer::Socket => None,
    };
    let said = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = said.flat_map(|line| line.split(',')).map(str::trim).collect();
    // From the nearest proxy outwards: the first that is not one of ours.
    let addresses = hops.iter().rev().map_while(|hop| hop.parse::<IpAddr>().ok());
    addresses.into_iter().find(|address| !trusted(*address)).or(direct).map(Network::around)
}

/// The language a reader asks for: the first in their browser's list that we speak.
pub(super) fn language(headers: &HeaderMap, usual: Language) -> Language {
    let said = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut wished: Vec<(u32, Language)> = said
        .split(',')
        .take(20)
        .filter_map(|part| {
            let (tag, quality) = part.trim().split_once(";q=").unwrap_or((part.trim(), "1"));
            let quality = quality.parse::<f32>().ok().filter(|quality| *quality > 0.0)?;
            Some(((quality * 1000.0) as u32, Language::parse(tag)?))
        })
        .collect();
    wished.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    wished.first().map_or(usual, |(_, language)| *language)
}

/// Whether a program asks.
pub(super) fn wish(headers: &HeaderMap) -> Wish {
    let has = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|text| text.contains("application/json"))
    };
    if has(header::ACCEPT) || has(header::CONTENT_TYPE) { Wish::Json } else { Wish::Page }
}

/// Reads a body that is neither too large nor too slow.
pub(super) async fn body(request: Request) -> Result<Bytes, StatusCode> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if declared.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > LARGEST) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body: Body = request.into_body();
    match tokio::time::timeout(PATIENCE, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

impl Fields {
    /// Reads a body by what it says it is.
    pub fn read(json: Wish, body: &[u8]) -> Option<Self> {
        if json == Wish::Json && body.first() == Some(&b'{') {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
            let text = |value: serde_json::Value| match value {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            return Some(Self(object.into_iter().map(|(name, value)| (name, text(value))).collect()));
        }
        let pairs = form_urlencoded::parse(body).take(200);
        Some(Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
    }

    /// A field, empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.trim())
    }

    /// All fields of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", text.parse().expect("a value"));
        headers
    }

    #[test]
    fn only_a_known_proxy_is_believed() {
        let proxies =
            [Network::parse("127.0.0.1").expect("a proxy"), Network::parse("10.0.0.0/8").expect("a net")];
        let peer = |text: &str| Peer::Address(text.parse().expect("an address"));
        let seen = |from, said| network(from, &forwarded(said), &proxies).map(|network| network.to_string());
        assert_eq!(seen(peer("198.51.100.7"), "192.0.2.1"), Some("198.51.100.0/24".into()));
        assert_eq!(seen(peer("127.0.0.1"), "203.0.113.9, 192.0.2.1, 10.1.1.1"), Some("192.0.2.0/24".into()));
        assert_eq!(seen(Peer::Socket, "192.0.2.1"), Some("192.0.2.0/24".into()));
        assert_eq!(seen(peer("127.0.0.1"), "nonsense"), Some("127.0.0.0/24".into()));
    }

    #[test]
    fn the_language_is_the_best_we_speak() {
        let asks = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, text.parse().expect("a value"));
            language(&headers, Language::French)
        };
        assert_eq!(asks("de, en;q=0.5, fr;q=0.7"), Language::French);
        assert_eq!(asks("en-GB"), Language::English);
        assert_eq!(asks("de"), Language::French);
    }
}
