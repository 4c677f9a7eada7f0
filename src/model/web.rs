//! Addresses on the web that readers may be sent to.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use url::Url;

/// An absolute `http` or `https` address without user name or password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl(Url);

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
        let url = Url::parse(text).map_err(|_| WebUrlError::NotWeb(text.to_owned()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(WebUrlError::NotWeb(text.to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebUrlError::Credentials);
        }
        Ok(Self(url))
    }

    /// The address that a reference on this page means: `/a`, `../b`, `//host/c` or a whole one.
    pub fn join(&self, reference: &str) -> Result<Self, WebUrlError> {
        let whole = self.0.join(reference).map_err(|_| WebUrlError::NotWeb(reference.to_owned()))?;
        Self::parse(whole.as_str())
    }

    /// The address in its normal form.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host: a name or an address.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or("")
    }

    /// The host as people say it, without `www.`.
    pub fn bare_host(&self) -> &str {
        self.host().trim_start_matches("www.")
    }

    /// The host, and its port where that is not the usual one.
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// The part after the host, `/` at least.
    pub fn path(&self) -> &str {
        self.0.path()
    }
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
    use super::*;

    #[test]
    fn a_reference_is_read_beside_its_page() {
        let page = WebUrl::parse("https://a.example/b/c").expect("an address");
        let joined = |text: &str| page.join(text).map(|url| url.to_string());
        assert_eq!(joined("../d").as_deref(), Ok("https://a.example/d"));
        assert_eq!(joined("//e.example").as_deref(), Ok("https://e.example/"));
        assert!(joined("javascript:x").is_err());
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
