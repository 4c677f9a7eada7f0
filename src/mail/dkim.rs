//! Signatures that a domain vouches with (DKIM, RFC 6376; Ed25519, RFC 8463), relaxed in header and body.

use aws_lc_rs::digest::{self, Context, SHA256};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use thiserror::Error;

use super::slots::{Fill, Form};

/// A key of a domain.
#[derive(Debug)]
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

#[derive(Debug)]
enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// Why a key cannot sign.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The text is not a private key.
    #[error("the key is not a private key in PEM, RSA or Ed25519")]
    Unreadable,
    /// RFC 8301 forbids short keys.
    #[error("the RSA key has {0} bits, 2048 at least are needed")]
    Short(usize),
}

/// The header fields that are signed, as they occur in a letter (EMAIL-SPEC 63).
const SIGNED: [&str; 13] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
    "list-archive",
];

/// Those that nobody may add a second time: signed once more than they occur.
const OVERSIGNED: [&str; 7] =
    ["from", "to", "subject", "date", "content-type", "list-unsubscribe", "list-unsubscribe-post"];

impl Signer {
    /// Takes a private key in PEM: PKCS#8 or, for RSA, PKCS#1.
    pub fn new(domain: &str, selector: &str, pem: &str) -> Result<Self, KeyError> {
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::Unreadable)?;
        let rsa = match &der {
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()).ok(),
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).ok(),
            _ => None,
        };
        let key = match (rsa, &der) {
            (Some(rsa), _) if rsa.public_modulus_len() * 8 < 2048 => {
                return Err(KeyError::Short(rsa.public_modulus_len() * 8));
            }
            (Some(rsa), _) => Key::Rsa(Box::new(rsa)),
            (None, PrivateKeyDer::Pkcs8(key)) => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der())
                    .map(|key| Key::Ed25519(Box::new(key)))
                    .map_err(|_| KeyError::Unreadable)?
            }
            _ => return Err(KeyError::Unreadable),
        };
        Ok(Self { domain: domain.to_owned(), selector: selector.to_owned(), key })
    }

    /// The domain that signs.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The name under which receivers look for the public key (RFC 6376, section 3.6.2.1).
    pub fn name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// The kind of the key, as its record says it (RFC 6376, section 3.6.1; RFC 8463).
    pub fn kind(&self) -> &'static str {
        match self.key {
            Key::Rsa(_) => "rsa",
            Key::Ed25519(_) => "ed25519",
        }
    }

    /// The public key in base64, as its record says it.
    pub fn public_key(&self) -> Result<String, KeyError> {
        Ok(match &self.key {
            Key::Rsa(key) => {
                let der: PublicKeyX509Der<'_> =
                    key.public_key().as_der().map_err(|_| KeyError::Unreadable)?;
                STANDARD.encode(der.as_ref())
            }
            Key::Ed25519(key) => STANDARD.encode(key.public_key().as_ref()),
        })
    }

    fn algorithm(&self) -> &'static str {
        match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn sign(&self, data: &[u8]) -> Option<Vec<u8>> {
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature).ok()?;
                Some(signature)
            }
            // RFC 8463 signs the hash, not the data.
            Key::Ed25519(key) => Some(key.sign(digest::digest(&SHA256, data).as_ref()).as_ref().to_vec()),
        }
    }
}

/// A message made ready for signing: canonical, with its slots, the common part already hashed.
pub(super) struct Canonical {
    headers: Form,
    fields: String,
    body: Form,
    shared: Context,
}

impl Canonical {
    /// Takes the header fields and the body of an unfilled message. A slot holds no space, so that a filled
    /// canonical form is the canonical form of the filled message.
    pub(super) fn new(header: &str, body: &[u8]) -> Self {
        let fields = unfold(header);
        let mut canonical = String::new();
        let mut names: Vec<&str> = Vec::new();
        for name in SIGNED {
            if let Some((_, value)) = fields.iter().find(|(known, _)| known == name) {
                canonical.push_str(&format!("{name}:{value}\r\n"));
                names.push(name);
            }
        }
        names.extend(OVERSIGNED.iter().filter(|name| names.contains(name)).copied().collect::<Vec<_>>());
        let body = Form::new(&relaxed_body(body));
        let mut shared = Context::new(&SHA256);
        shared.update(body.shared());
        Self { headers: Form::new(canonical.as_bytes()), fields: names.join(":"), body, shared }
    }

    /// The `DKIM-Signature` fields of one letter, one for each key.
    pub(super) fn sign(
        &self,
        signers: &[Signer],
        time: i64,
        fill: &Fill<'_>,
        address: &str,
    ) -> Option<String> {
        let mut hash = self.shared.clone();
        self.body.pieces(fill, address, self.body.shared().len(), |piece| hash.update(piece));
        let body_hash = STANDARD.encode(hash.finish());
        let mut header = Vec::with_capacity(self.headers.len() + 512);
        self.headers.pieces(fill, address, 0, |piece| header.extend(piece));
        let mut signatures = String::new();
        for signer in signers {
            let Signer { domain, selector, .. } = signer;
            let unsigned = format!(
                "v=1; a={}; c=relaxed/relaxed; d={domain};\r\n s={selector}; t={time};\r\n h={};\r\n bh={body_hash};\r\n b=",
                signer.algorithm(),
                fold_fields(&self.fields),
            );
            let mut data = header.clone();
            data.extend(format!("dkim-signature:{}", unsigned.replace("\r\n ", " ")).as_bytes());
            let signature = STANDARD.encode(signer.sign(&data)?);
            signatures.push_str(&format!("DKIM-Signature: {unsigned}{}\r\n", fold(&signature)));
        }
        Some(signatures)
    }
}

/// Field names on lines of 70 characters, broken after a colon.
fn fold_fields(fields: &str) -> String {
    let mut folded = String::new();
    let mut width = 3;
    for name in fields.split_inclusive(':') {
        if width + name.len() > 70 {
            folded.push_str("\r\n ");
            width = 1;
        }
        folded.push_str(name);
        width += name.len();
    }
    folded
}

/// Lines of 72 characters.
fn fold(text: &str) -> String {
    let lines: Vec<&str> =
        text.as_bytes().chunks(72).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    lines.join("\r\n ")
}

/// Header fields as relaxed canonicalisation has them (RFC 6376, section 3.4.2): names small, spaces single.
fn unfold(header: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in header.split("\r\n").filter(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim_end().to_ascii_lowercase(), value.to_owned()));
        }
    }
    let single =
        |value: &str| value.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    fields.into_iter().map(|(name, value)| (name, single(&value))).collect()
}

/// A body as relaxed canonicalisation has it (RFC 6376, section 3.4.4).
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let start = canonical.len();
        for byte in line {
            let space = matches!(byte, b' ' | b'\t');
            if !(space && canonical.len() > start && canonical.last() == Some(&b' ')) {
                canonical.push(if space { b' ' } else { *byte });
            }
        }
        if canonical.len() > start && canonical.last() == Some(&b' ') {
            canonical.pop();
        }
        canonical.extend(b"\r\n");
    }
    while canonical.ends_with(b"\r\n\r\n") {
        canonical.truncate(canonical.len() - 2);
    }
    if canonical == b"\r\n" {
        canonical.clear();
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_come_out_as_it_says() {
        // RFC 6376, section 3.4.5.
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        let fields = unfold("A: X\r\nB : Y\t\r\n\tZ  \r\n");
        assert_eq!(fields, [("a".to_owned(), "X".to_owned()), ("b".to_owned(), "Y Z".to_owned())]);
        assert_eq!(relaxed_body(b"\r\n\r\n"), b"");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(Signer::new("a.example", "s", "hello").err(), Some(KeyError::Unreadable));
    }
}
