//! What stands for a reader in an address: an authenticated number, never the address of mail.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use crate::model::IssueDate;

/// The key of all tokens and Message-IDs of a newsletter.
#[derive(Debug, Clone)]
pub struct TokenKey(hmac::Key);

/// The number of a reader, as the store knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderId(pub u64);

/// A reader's part of an address: [`TOKEN_LENGTH`] characters of `A`–`Z`, `a`–`z`, `0`–`9`, `-`, `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderToken(String);

/// The length of every token, in characters.
pub const TOKEN_LENGTH: usize = 34;

/// What stands in an unfilled text for a reader's token: as long as one, and of the same characters.
pub const TOKEN_SLOT: &str = "rotative-slot-for-a-readers-token0";
const _: () = assert!(TOKEN_SLOT.len() == TOKEN_LENGTH);

/// The length of the local part of every Message-ID, in characters.
pub const MESSAGE_ID_LENGTH: usize = 32;

/// A secret that is too short to be one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the secret has {0} characters, {SHORTEST_SECRET} at least are needed")]
pub struct SecretTooShort(usize);

const SHORTEST_SECRET: usize = 32;
const FORM: u8 = 1;
const MAC: usize = 16;

impl TokenKey {
    /// Makes the key from the newsletter's secret.
    pub fn new(secret: &str) -> Result<Self, SecretTooShort> {
        let secret = secret.trim();
        if secret.len() < SHORTEST_SECRET {
            return Err(SecretTooShort(secret.len()));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())))
    }

    /// The token of a reader of a list. It does not expire: a letter may be opened after years.
    pub fn reader(&self, list: &str, id: ReaderId) -> ReaderToken {
        let mut bytes = vec![FORM];
        bytes.extend(id.0.to_be_bytes());
        bytes.extend(&self.mac(&["reader", list], id)[..MAC]);
        ReaderToken(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The reader that a token stands for, if the token is ours. Takes the same time for any token.
    pub fn verify(&self, list: &str, token: &str) -> Option<ReaderId> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (form, rest) = bytes.split_first()?;
        let (id, mac) = rest.split_at_checked(8)?;
        let id = ReaderId(u64::from_be_bytes(id.try_into().ok()?));
        let expected = self.mac(&["reader", list], id);
        let same = constant_time::verify_slices_are_equal(&expected[..MAC], mac).is_ok();
        (same && *form == FORM).then_some(id)
    }

    /// The local part of a letter's Message-ID: the same whenever it is made for the same issue and reader.
    pub fn message_id(&self, list: &str, date: IssueDate, id: ReaderId) -> String {
        hex(&self.mac(&["message", list, &date.to_string()], id)[..MESSAGE_ID_LENGTH / 2])
    }

    /// The part of the return path that a bounce comes back with: reader, day, and proof that we made it.
    pub fn return_path(&self, list: &str, date: IssueDate, id: ReaderId) -> String {
        let day = date.to_string();
        let mac = hex(&self.mac(&["bounce", list, &day], id)[..10]);
        format!("{:x}-{}-{mac}", id.0, day.replace('-', ""))
    }

    /// A number for somebody who is in no list: a proof-reader.
    pub fn stranger(&self, address: &str) -> ReaderId {
        let tag = hmac::sign(&self.0, format!("stranger\0{address}").as_bytes());
        let first = tag.as_ref().first_chunk::<8>().copied().unwrap_or_default();
        ReaderId(u64::from_be_bytes(first))
    }

    fn mac(&self, purpose: &[&str], id: ReaderId) -> Vec<u8> {
        let text = format!("{}\0{}", purpose.join("\0"), id.0);
        hmac::sign(&self.0, text.as_bytes()).as_ref().to_vec()
    }
}

impl ReaderToken {
    /// The token as it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A token that is nobody's, for samples.
    pub fn sample() -> Self {
        Self("sample".repeat(6)[..TOKEN_LENGTH].to_owned())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TokenKey {
        TokenKey::new("a secret of more than thirty-two characters").expect("a key")
    }

    #[test]
    fn a_token_leads_to_its_reader_and_only_in_its_list() {
        let token = key().reader("daily", ReaderId(42));
        assert_eq!(token.as_str().len(), TOKEN_LENGTH);
        assert_eq!(key().verify("daily", token.as_str()), Some(ReaderId(42)));
        assert_eq!(key().verify("weekly", token.as_str()), None);
    }

    #[test]
    fn a_changed_token_is_nobody_s() {
        let token = key().reader("daily", ReaderId(42));
        for at in 0..TOKEN_LENGTH {
            let mut changed = token.as_str().to_owned().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(key().verify("daily", &changed), None, "{changed}");
        }
        for text in ["", "x", "é", &"A".repeat(1000)] {
            assert_eq!(key().verify("daily", text), None);
        }
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(TokenKey::new("hunter2").is_err());
    }

    #[test]
    fn the_return_path_fits_a_local_part() {
        let date = IssueDate::parse("2018-06-08").expect("a date");
        let path = key().return_path("daily", date, ReaderId(u64::MAX));
        assert!(path.len() + "bounces+".len() <= 64, "{path}");
        assert_eq!(key().message_id("daily", date, ReaderId(1)).len(), MESSAGE_ID_LENGTH);
    }
}
