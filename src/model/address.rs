//! Addresses of mail: what may stand before and after the `@`, and the name that goes with it.

use std::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// A host name of letters, digits and hyphens with at least one dot, in lower case (RFC 1123, section 2.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

/// An address whose local part is a dot-atom (RFC 5322, section 3.4.1): no quoting, no comments, no lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress {
    local: String,
    domain: DomainName,
}

/// An address with the name of who it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name that is displayed.
    pub name: Option<String>,
    /// The address itself.
    pub address: EmailAddress,
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// The text is not one address.
    #[error("`{0}` is not an e-mail address")]
    Address(String),
    /// The text is not the name of a domain.
    #[error("`{0}` is not a domain name")]
    Domain(String),
}

impl DomainName {
    /// Reads a name; capitals become small letters, letters beyond ASCII their A-label (RFC 5890).
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.is_ascii() {
            return Self::ascii(text);
        }
        let refused = || AddressError::Domain(text.to_owned());
        if text.contains('%') || text.len() > 253 {
            return Err(refused());
        }
        match url::Host::parse(text) {
            Ok(url::Host::Domain(name)) => Self::ascii(&name).map_err(|_| refused()),
            _ => Err(refused()),
        }
    }

    fn ascii(text: &str) -> Result<Self, AddressError> {
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() <= 253 && text.contains('.') && text.split('.').all(label) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(AddressError::Domain(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EmailAddress {
    /// Reads `local@domain`, at most 64 and 254 bytes long (RFC 5321, section 4.5.3.1).
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let address = Self::parse_international(text)?;
        if address.is_ascii() { Ok(address) } else { Err(AddressError::Address(text.to_owned())) }
    }

    /// Reads an address whose local part may hold letters of any script (RFC 6531).
    pub fn parse_international(text: &str) -> Result<Self, AddressError> {
        let refused = || AddressError::Address(text.to_owned());
        let (local, domain) = text.rsplit_once('@').ok_or_else(refused)?;
        let local: String = if local.is_ascii() { local.to_owned() } else { local.chars().nfc().collect() };
        let atom = |letter: char| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter);
        let legal =
            local.len() <= 64 && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom));
        // What looks like an encoded-word (RFC 2047) would be decoded by careless readers.
        if !legal || text.len() > 254 || local.contains("=?") {
            return Err(refused());
        }
        let domain = DomainName::parse(domain).map_err(|_| refused())?;
        if local.len() + 1 + domain.0.len() > 254 {
            return Err(refused());
        }
        Ok(Self { local, domain })
    }

    /// Whether every relay can take it; otherwise only those with SMTPUTF8.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii()
    }

    /// What two spellings of one address share: everything in small letters. For comparison only.
    pub fn key(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.domain)
    }

    /// What a log may show: `a***@example.org`.
    pub fn masked(&self) -> String {
        let first: String = self.local.chars().take(1).collect();
        format!("{first}***@{}", self.domain)
    }

    /// The part before the `@`, as it was written.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }
}

impl Mailbox {
    /// Reads `Name <local@domain>` or an address alone.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let Some((name, rest)) = text.split_once('<') else {
            return Ok(Self { name: None, address: EmailAddress::parse(text)? });
        };
        let refused = || AddressError::Address(text.to_owned());
        let address = EmailAddress::parse(rest.strip_suffix('>').ok_or_else(refused)?)?;
        let name = name.trim().trim_matches('"').trim();
        if name.chars().any(|character| character.is_control() || matches!(character, '<' | '>' | '"'))
            || name.contains("=?")
        {
            return Err(refused());
        }
        Ok(Self { name: (!name.is_empty()).then(|| name.to_owned()), address })
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_address() {
        assert!(EmailAddress::parse("o'neil+tag@Example.COM").is_ok());
        for text in [
            "a@b",
            "a b@c.example",
            "a@b.example, c@d.example",
            "a@@b.example",
            ".a@b.example",
            "a@b.example\r\nBcc: c@d.example",
            "@b.example",
            "a@-b.example",
            "é@b.example",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_has_one_key_however_it_is_spelt() {
        let key = |text: &str| EmailAddress::parse_international(text).map(|address| address.key());
        assert_eq!(key("Ann.Lee@BÜCHER.example").expect("an address"), "ann.lee@xn--bcher-kva.example");
        assert_eq!(key("ann.lee@xn--bcher-kva.example"), key("ann.LEE@bücher.EXAMPLE"));
        assert_eq!(key("re\u{301}mi@a.example"), key("Rémi@a.example"));
        for text in ["a\u{200b}b@c.example", "a@%61.example", "a@b\u{0}.example", "a\u{a0}b@c.example"] {
            assert!(key(text).is_err(), "{text}");
        }
        let address = EmailAddress::parse("ann@a.example").expect("an address");
        assert_eq!(address.masked(), "a***@a.example");
    }

    #[test]
    fn a_mailbox_has_a_name_or_none() {
        let mailbox = Mailbox::parse("Le journal <journal@news.example>").expect("a mailbox");
        assert_eq!(mailbox.name.as_deref(), Some("Le journal"));
        assert_eq!(mailbox.address.to_string(), "journal@news.example");
        assert_eq!(Mailbox::parse("a@b.example").expect("a mailbox").name, None);
        assert!(Mailbox::parse("x <a@b.example> y").is_err());
        assert!(Mailbox::parse("x\ny <a@b.example>").is_err());
    }
}
