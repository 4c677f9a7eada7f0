//! Addresses on the web that readers may be sent to.

use std::fmt;

use serde::{Serialize, Serializer};
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

    /// The address in its normal form.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host: a name or an address.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or("")
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

#[cfg(test)]
mod tests {
    use super::*;

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
