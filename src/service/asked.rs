//! A request before anybody acts on it: who asks, in which language, with which fields.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use serde_json::Value as Json;
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
pub struct Fields {
    values: Vec<(String, String)>,
    /// A form has all its fields: a box that is not ticked is missing. An object has those that are meant.
    form: bool,
}

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
    let addresses = hops.iter().rev().map_while(|hop| address(hop));
    addresses.into_iter().find(|address| !trusted(*address)).or(direct).map(Network::around)
}

/// An address as proxies write it: bare, in brackets, with a port or without.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse().ok().map(|with_port: SocketAddr| with_port.ip()))
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

/// A value as a form would hold it: an array is the same field several times, and one that is empty is there.
fn texts(value: Json) -> Vec<String> {
    match value {
        Json::Null => vec![String::new()],
        Json::String(text) => vec![text],
        Json::Array(values) if !values.is_empty() => values.into_iter().flat_map(texts).collect(),
        Json::Array(_) => vec![String::new()],
        other => vec![other.to_string()],
    }
}

impl Fields {
    /// Reads a body by what it says it is.
    pub fn read(json: Wish, body: &[u8]) -> Option<Self> {
        if json == Wish::Json && body.trim_ascii_start().first() == Some(&b'{') {
            let object: serde_json::Map<String, Json> = serde_json::from_slice(body).ok()?;
            let values = object
                .into_iter()
                .flat_map(|(name, value)| texts(value).into_iter().map(move |text| (name.clone(), text)));
            return Some(Self { values: values.collect(), form: false });
        }
        let pairs = form_urlencoded::parse(body).take(200);
        let values = pairs.map(|(name, value)| (name.into_owned(), value.into_owned()));
        Some(Self { values: values.collect(), form: true })
    }

    /// Whether a field is to be heeded: what an object does not name stays as it is.
    pub fn has(&self, name: &str) -> bool {
        self.form || self.values.iter().any(|(found, _)| found == name)
    }

    /// A field, empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.values.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.trim())
    }

    /// All fields of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
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
        for (said, network) in [
            ("203.0.113.5:4711", "203.0.113.0/24"),
            ("203.0.113.5, 10.1.1.1:80", "203.0.113.0/24"),
            ("[2001:db8:1:2::5]:4711", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2::5]", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::5", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(seen(peer("127.0.0.1"), said).as_deref(), Some(network), "{said}");
        }
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

    #[test]
    fn an_object_says_as_much_as_a_form() {
        let body =
            b" \n{\"topics\": [\"a\", \"b\"], \"website\": null, \"rhythm\": \"weekly\", \"none\": []}";
        let fields = Fields::read(Wish::Json, body).expect("fields");
        assert_eq!(fields.all("topics").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((fields.get("website"), fields.get("rhythm")), ("", "weekly"));
        assert!(fields.has("none") && fields.has("website") && !fields.has("paused_until"));
        assert!(Fields::read(Wish::Page, b"a=b").expect("fields").has("topics"));
    }
}
