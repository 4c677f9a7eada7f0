//! Addresses on the web that readers may be sent to.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use url::{Position, Url};

/// An absolute `http` or `https` address without user name or password, in its normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl {
    text: String,
    /// Where its host begins and ends, its port ends, and its path ends.
    host: u32,
    host_end: u32,
    port_end: u32,
    path_end: u32,
}

/// Why a text is no such address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WebUrlError {
    /// It does not start with `http://` or `https://`, or cannot be read at all.
    #[error("`{0}` is not a web address")]
    NotWeb(String),
    /// It carries a user name or a password.
    #[error("the address carries a user name or a password")]
    Credentials,
}

impl WebUrl {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, WebUrlError> {
        if let Some(plain) = Self::plain(text) {
            return Ok(plain);
        }
        let url = Url::parse(text).map_err(|_| WebUrlError::NotWeb(text.to_owned()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(WebUrlError::NotWeb(text.to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebUrlError::Credentials);
        }
        let place = |position| u32::try_from(url[..position].len()).unwrap_or(u32::MAX);
        let (host, host_end) = (place(Position::BeforeHost), place(Position::AfterHost));
        let (port_end, path_end) = (place(Position::AfterPort), place(Position::AfterPath));
        Ok(Self { text: url.into(), host, host_end, port_end, path_end })
    }

    /// An address that is written in its normal form, as nearly all are: it need not be taken apart, and an archive
    /// has tens of thousands. `None` says that it is another, or none.
    fn plain(text: &str) -> Option<Self> {
        let host = if text.starts_with("https://") { 8 } else { 7 };
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let length = rest.bytes().position(|byte| byte == b'/')?;
        let (name, tail) = rest.split_at(length);
        if !is_plain_host(name) || !tail.bytes().fold(true, |all, byte| all & PLAIN[usize::from(byte)]) {
            return None;
        }
        let path = tail.bytes().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(tail.len());
        if has_dots(&tail[..path]) {
            return None;
        }
        let place = |at: usize| u32::try_from(at).ok();
        let (host_end, path_end) = (place(host + length)?, place(host + length + path)?);
        let host = place(host)?;
        Some(Self { text: text.to_owned(), host, host_end, port_end: host_end, path_end })
    }

    /// The address that a reference on this page means: `/a`, `../b`, `//host/c` or a whole one.
    pub fn join(&self, reference: &str) -> Result<Self, WebUrlError> {
        let whole = Url::parse(&self.text).and_then(|page| page.join(reference));
        Self::parse(whole.map_err(|_| WebUrlError::NotWeb(reference.to_owned()))?.as_str())
    }

    /// The address in its normal form.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host: a name or an address.
    pub fn host(&self) -> &str {
        self.part(self.host, self.host_end)
    }

    /// The host as people say it, without `www.`.
    pub fn bare_host(&self) -> &str {
        self.host().trim_start_matches("www.")
    }

    /// The host, and its port where that is not the usual one.
    pub fn authority(&self) -> &str {
        self.part(self.host, self.port_end)
    }

    /// The part after the host, `/` at least.
    pub fn path(&self) -> &str {
        self.part(self.port_end, self.path_end)
    }

    fn part(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }
}

/// A name of small letters, digits and single hyphens, whose last part no reader takes for a number.
fn is_plain_host(name: &str) -> bool {
    let plain = |part: &str| {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let hyphens = part.starts_with('-') || part.ends_with('-') || part.contains("--");
        !part.is_empty() && part.bytes().all(known) && !hyphens
    };
    let last = name.rsplit('.').next().unwrap_or("");
    name.split('.').all(plain) && last.starts_with(|first: char| first.is_ascii_lowercase())
}

/// The characters that stand for themselves in a path, a query and a fragment (RFC 3986, section 2), or mark them off.
const PLAIN: [bool; 256] = {
    let marks = b"-._~!$&()*+,;=:@/%?#";
    let mut plain = [false; 256];
    let mut at = 0;
    while at < 256 {
        plain[at] = (at as u8).is_ascii_alphanumeric();
        at += 1;
    }
    let mut at = 0;
    while at < marks.len() {
        plain[marks[at] as usize] = true;
        at += 1;
    }
    plain
};

/// Whether a path may hold a step to where it is or back, written out or not.
fn has_dots(path: &str) -> bool {
    let dot = |three: &[u8]| three.eq_ignore_ascii_case(b"%2e");
    path.contains("/.") || path.contains('%') && path.as_bytes().windows(3).any(dot)
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WebUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for WebUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::parse(text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reference_is_read_beside_its_page() {
        let page = WebUrl::parse("https://a.example/b/c").expect("an address");
        let joined = |text: &str| page.join(text).map(|url| url.to_string());
        assert_eq!(joined("../d").as_deref(), Ok("https://a.example/d"));
        assert_eq!(joined("//e.example").as_deref(), Ok("https://e.example/"));
        assert!(joined("javascript:x").is_err());
    }

    proptest! {
        #[test]
        fn the_short_way_leads_where_the_long_one_does(
            text in "(https?|HTTP|ftp)://([a-z0-9A-Z.-]{0,9}|[a-z]{1,5}\\.[a-z0-9]{1,3}|1\\.2\\.3\\.4|a:b@c)(:[0-9]{1,3})?(/[a-z0-9.%~'|é ?#&=+/-]{0,9}){0,3}"
        ) {
            let long = Url::parse(&text).ok();
            if let Some(plain) = WebUrl::plain(&text) {
                let long = long.expect("an address");
                prop_assert_eq!(plain.as_str(), long.as_str());
                prop_assert_eq!(Some(plain.host()), long.host_str());
                prop_assert_eq!(plain.authority(), long.authority());
                prop_assert_eq!(plain.path(), long.path());
            } else if let Ok(url) = WebUrl::parse(&text) {
                let long = long.expect("an address");
                prop_assert_eq!(Some(url.host()), long.host_str());
                prop_assert_eq!(url.authority(), long.authority());
                prop_assert_eq!(url.path(), long.path());
            }
        }
    }

    #[test]
    fn what_is_in_its_normal_form_goes_the_short_way() {
        for text in
            ["https://www.cnil.fr/fr/a-b?c=1&d=2#e", "http://a.example/", "https://a.b.c9/x%20y/z.html"]
        {
            assert!(WebUrl::plain(text).is_some_and(|url| url.as_str() == text), "{text}");
        }
        for text in
            ["https://a.example", "https://a.example/../b", "https://a.example/%2e/", "https://1.2.3.4/"]
        {
            assert!(WebUrl::plain(text).is_none(), "{text}");
        }
    }

    #[test]
    fn only_the_web_is_linked() {
        assert!(WebUrl::parse("https://www.cnil.fr/é?a=1#b").is_ok());
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "/here",
            "www.cnil.fr",
            "file:///etc/passwd",
            "http://",
        ] {
            assert_eq!(WebUrl::parse(text), Err(WebUrlError::NotWeb(text.into())), "{text}");
        }
        assert!(matches!(WebUrl::parse("https://me:pw@x.example/"), Err(WebUrlError::Credentials)));
    }
}
