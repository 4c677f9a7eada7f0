//! A file of `out/` before it is written.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::digest::{Context, SHA256, SHA256_OUTPUT_LEN, digest};

/// A finished file.
#[derive(Debug, Clone)]
pub struct OutFile {
    /// Relative to `out/`, with `/`.
    pub path: String,
    bytes: Vec<u8>,
    digest: OnceLock<[u8; 32]>,
}

impl OutFile {
    /// A file of text or of any bytes.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into(), digest: OnceLock::new() }
    }

    /// What it holds.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The SHA-256 of what it holds, made once.
    pub fn digest(&self) -> &[u8; 32] {
        self.digest.get_or_init(|| sha256_bytes(&self.bytes))
    }
}

impl PartialEq for OutFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.bytes == other.bytes
    }
}

impl Eq for OutFile {}

/// A SHA-256 that is made piece by piece.
#[derive(Clone)]
pub struct Fingerprint(Context);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Default for Fingerprint {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Fingerprint {
    /// Takes the next piece.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The SHA-256 of all pieces, in hexadecimal.
    pub fn finish(self) -> String {
        hex(self.0.finish().as_ref())
    }
}

/// Some bytes in hexadecimal, in small letters.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = Vec::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.extend([byte >> 4, byte & 15].map(|half| DIGITS[usize::from(half)]));
    }
    // Digits are text.
    String::from_utf8(text).unwrap_or_default()
}

/// The SHA-256 of some bytes.
pub fn sha256_bytes(bytes: &[u8]) -> [u8; 32] {
    let digest = digest(&SHA256, bytes);
    let mut whole = [0; SHA256_OUTPUT_LEN];
    whole.copy_from_slice(digest.as_ref());
    whole
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&sha256_bytes(bytes))
}
