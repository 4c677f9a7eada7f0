//! What stands for a reader in an address: an authenticated number, never the address of mail.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Days, NaiveDate};
use thiserror::Error;

use crate::model::{IssueDate, Slot, hex, sha256_bytes};

/// The key of all tokens and Message-IDs of a newsletter, and the keys it had before: what they signed stays good.
#[derive(Debug, Clone)]
pub struct TokenKey {
    current: Key,
    old: Vec<Key>,
}

/// A key and the byte by which tokens name it.
#[derive(Clone)]
struct Key {
    id: u8,
    /// HMAC (RFC 2104) with the secret taken in, ready for a text.
    keyed: hmac::Key,
}

/// The number of a reader, as the store knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderId(pub u64);

/// A reader's part of an address: [`TOKEN_LENGTH`] characters of `A`–`Z`, `a`–`z`, `0`–`9`, `-`, `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderToken(String);

/// What the holder of a token may do. A token of one purpose is refused for every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Leave the list.
    Leave,
    /// See and change rhythm, topics and pause.
    Preferences,
    /// Prove that an address is theirs.
    Confirm,
    /// Never be asked again.
    Refuse,
    /// See or erase everything that is kept.
    Data,
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// What it is good for.
    pub purpose: Purpose,
    /// In which list.
    pub list: &'a str,
    /// For whom.
    pub reader: ReaderId,
    /// The issue whose letter carries it.
    pub issue: Option<IssueDate>,
    /// Until when, in seconds since 1970; for ever when `None`, because a letter may be opened after years.
    pub expires: Option<i64>,
}

/// A link that does not last is good for so long, in seconds (EMAIL-SPEC 94).
pub const SHORT_LIVED: i64 = 72 * 3600;
/// The length of every token, in characters.
pub const TOKEN_LENGTH: usize = 48;

/// What stands in an unfilled text for the token that unsubscribes: as long as one, and of the same characters.
pub const UNSUBSCRIBE_SLOT: &str = "rotative-slot-for-the-token-that-unsubscribes-00";
/// What stands in an unfilled text for the token of the preferences.
pub const PREFERENCES_SLOT: &str = "rotative-slot-for-the-token-of-the-preferences-0";
const _: () = assert!(UNSUBSCRIBE_SLOT.len() == TOKEN_LENGTH && PREFERENCES_SLOT.len() == TOKEN_LENGTH);

/// The length of the local part of every Message-ID, in characters.
pub const MESSAGE_ID_LENGTH: usize = 32;

/// A secret that is too short to be one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the secret has {0} characters, {SHORTEST_SECRET} at least are needed")]
pub struct SecretTooShort(usize);

const SHORTEST_SECRET: usize = 32;
const FORM: u8 = 2;
const MAC: usize = 16;
/// Form, key, purpose, list, reader, issue and expiry.
const HEAD: usize = 1 + 1 + 1 + 3 + 8 + 2 + 4;
const _: () = assert!((HEAD + MAC) * 4 == TOKEN_LENGTH * 3);

impl Key {
    fn new(secret: &str) -> Result<Self, SecretTooShort> {
        let secret = secret.trim();
        if secret.len() < SHORTEST_SECRET {
            return Err(SecretTooShort(secret.len()));
        }
        let mut key = Self { id: 0, keyed: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()) };
        key.id = key.mac(b"key id")[0];
        Ok(key)
    }

    fn mac(&self, text: &[u8]) -> Vec<u8> {
        hmac::sign(&self.keyed, text).as_ref().to_vec()
    }

    /// Whether a text has this signature, in a time that does not depend on either.
    fn signed(&self, text: &[u8], mac: &[u8]) -> bool {
        verify_slices_are_equal(&self.mac(text)[..MAC], mac).is_ok()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl TokenKey {
    /// Makes the key from the newsletter's secret.
    pub fn new(secret: &str) -> Result<Self, SecretTooShort> {
        Ok(Self { current: Key::new(secret)?, old: Vec::new() })
    }

    /// The same, which also knows what was signed with older secrets, one a line.
    pub fn with_old(mut self, secrets: &str) -> Result<Self, SecretTooShort> {
        self.old =
            secrets.lines().filter(|line| !line.trim().is_empty()).map(Key::new).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// The token that says this.
    pub fn token(&self, claim: &Claim<'_>) -> ReaderToken {
        let mut bytes = head(claim, self.current.id);
        let mac = self.current.mac(&bytes);
        bytes.extend(&mac[..MAC]);
        ReaderToken(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a token says, if one of our keys signed it, it is meant for `purpose` and one of `lists`, and it is
    /// not past its time at `now` (seconds since 1970). What subscribes, shows or erases must end within
    /// [`SHORT_LIVED`] and be of the current key: whoever has found an old one cannot use it for that.
    pub fn verify<'a>(
        &self,
        token: &str,
        purpose: Purpose,
        lists: impl IntoIterator<Item = &'a str>,
        now: i64,
    ) -> Option<Claim<'a>> {
        if token.len() != TOKEN_LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (head, mac) = bytes.split_at_checked(HEAD)?;
        let old = self.old.iter().filter(|_| purpose.lasts());
        let mut keys = std::iter::once(&self.current).chain(old);
        let signed = keys.any(|key| key.id == head[1] && key.signed(head, mac));
        let list = lists.into_iter().find(|list| tag(list)[..] == head[3..6])?;
        let number = |range: std::ops::Range<usize>| {
            head[range].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        };
        let expires =
            i64::try_from(number(16..20)).ok().filter(|minutes| *minutes > 0).map(|minutes| minutes * 60);
        let in_time = match expires {
            None => purpose.lasts(),
            Some(end) => now < end && (purpose.lasts() || end <= now + SHORT_LIVED),
        };
        let good = signed && head[0] == FORM && head[2] == purpose.byte() && in_time;
        good.then(|| Claim {
            purpose,
            list,
            reader: ReaderId(number(6..14)),
            issue: issue(number(14..16)),
            expires,
        })
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.old)
    }

    /// The local part of a letter's Message-ID: the same whenever it is made for the same issue and reader.
    pub fn message_id(&self, list: &str, slot: Slot, id: ReaderId) -> String {
        hex(&self.mac(&["message", list, &slot.to_string()], id)[..MESSAGE_ID_LENGTH / 2])
    }

    /// The local part of the Message-ID of a letter about a subscription, by the letter's number.
    pub fn notice_id(&self, letter: u64) -> String {
        hex(&self.mac(&["notice"], ReaderId(letter))[..MESSAGE_ID_LENGTH / 2])
    }

    /// The part of the return path that a bounce comes back with: reader, day, and proof that we made it.
    pub fn return_path(&self, list: &str, date: IssueDate, id: ReaderId) -> String {
        let day = date.to_string();
        let mac = hex(&self.mac(&["bounce", list, &day], id)[..10]);
        format!("{:x}-{}-{mac}", id.0, day.replace('-', ""))
    }

    /// A number for somebody who is in no list: a proof-reader.
    pub fn stranger(&self, address: &str) -> ReaderId {
        let tag = self.current.mac(format!("stranger\0{address}").as_bytes());
        ReaderId(u64::from_be_bytes(tag.first_chunk::<8>().copied().unwrap_or_default()))
    }

    /// What a store keeps of every key that was used with it, to know it again; the current one first.
    pub fn marks(&self) -> Vec<String> {
        self.keys().map(|key| hex(&key.mac(b"mark of the key")[..16])).collect()
    }

    /// What is kept of an erased address: a hash that cannot be turned back without the key. Under every key that
    /// there was, the current one first.
    pub fn hashes(&self, address_key: &str) -> Vec<String> {
        self.keys().map(|key| hex(&key.mac(format!("erased\0{address_key}").as_bytes())[..20])).collect()
    }

    /// What an address is counted by when it is asked for confirmation, in the same order.
    pub fn asked(&self, address_key: &str) -> Vec<String> {
        self.keys().map(|key| hex(&key.mac(format!("asked\0{address_key}").as_bytes())[..16])).collect()
    }

    fn mac(&self, purpose: &[&str], id: ReaderId) -> Vec<u8> {
        self.current.mac(format!("{}\0{}", purpose.join("\0"), id.0).as_bytes())
    }
}

impl Purpose {
    /// Whether a token of this purpose is good for ever: nobody can gain by it what its owner would not want.
    pub fn lasts(self) -> bool {
        matches!(self, Self::Leave | Self::Preferences | Self::Refuse)
    }

    fn byte(self) -> u8 {
        match self {
            Self::Leave => b'u',
            Self::Preferences => b'p',
            Self::Confirm => b'c',
            Self::Refuse => b'n',
            Self::Data => b'd',
        }
    }
}

impl<'a> Claim<'a> {
    /// A claim for ever, bound to no issue.
    pub fn lasting(purpose: Purpose, list: &'a str, reader: ReaderId) -> Self {
        Self { purpose, list, reader, issue: None, expires: None }
    }

    /// A claim that ends, at a moment in seconds since 1970.
    pub fn until(purpose: Purpose, list: &'a str, reader: ReaderId, expires: i64) -> Self {
        Self { purpose, list, reader, issue: None, expires: Some(expires) }
    }
}

impl ReaderToken {
    /// The token as it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A token that is nobody's, for samples.
    pub fn sample() -> Self {
        Self("sample".repeat(8)[..TOKEN_LENGTH].to_owned())
    }
}

/// The signed part of a token.
fn head(claim: &Claim<'_>, key: u8) -> Vec<u8> {
    let mut bytes = vec![FORM, key, claim.purpose.byte()];
    bytes.extend(tag(claim.list));
    bytes.extend(claim.reader.0.to_be_bytes());
    let day = claim.issue.and_then(|date| u16::try_from((date.day() - FIRST_DAY).num_days()).ok());
    bytes.extend(day.unwrap_or(0).to_be_bytes());
    let minutes = claim.expires.map_or(0, |end| u32::try_from(end / 60).unwrap_or(u32::MAX));
    bytes.extend(minutes.to_be_bytes());
    bytes
}

/// What stands for a list: three bytes of its name's hash.
fn tag(list: &str) -> [u8; 3] {
    let [a, b, c, ..] = sha256_bytes(list.as_bytes());
    [a, b, c]
}

/// The day before the first that a token can name.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1999, 12, 31).expect("a day");

fn issue(days: u64) -> Option<IssueDate> {
    let date = FIRST_DAY.checked_add_days(Days::new(days))?;
    (days > 0).then(|| IssueDate::from(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: [&str; 2] = ["daily", "markets"];

    fn key() -> TokenKey {
        TokenKey::new("a secret of more than thirty-two characters").expect("a key")
    }

    #[test]
    fn a_token_says_what_was_claimed_and_only_for_its_purpose() {
        let claim = Claim {
            issue: Some(IssueDate::parse("2018-06-08").expect("a date")),
            ..Claim::lasting(Purpose::Leave, "daily", ReaderId(u64::MAX >> 1))
        };
        let token = key().token(&claim);
        assert_eq!(token.as_str().len(), TOKEN_LENGTH);
        assert_eq!(key().verify(token.as_str(), Purpose::Leave, LISTS, 0), Some(claim));
        assert_eq!(key().verify(token.as_str(), Purpose::Data, LISTS, 0), None);
        assert_eq!(key().verify(token.as_str(), Purpose::Leave, ["markets"], 0), None);
    }

    #[test]
    fn a_token_ends_when_it_says() {
        let token = key().token(&Claim::until(Purpose::Confirm, "daily", ReaderId(7), 6000));
        let at = |now| key().verify(token.as_str(), Purpose::Confirm, LISTS, now).is_some();
        assert!(at(5999) && !at(6000));
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let token = key().token(&Claim::lasting(Purpose::Leave, "daily", ReaderId(42)));
        let bytes = URL_SAFE_NO_PAD.decode(token.as_str()).expect("a token");
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let changed = URL_SAFE_NO_PAD.encode(changed);
            for purpose in [Purpose::Leave, Purpose::Preferences, Purpose::Confirm, Purpose::Data] {
                assert_eq!(key().verify(&changed, purpose, LISTS, 0), None, "bit {bit}");
            }
        }
        for text in ["", "x", "é", &"A".repeat(1000), &"é".repeat(24), &format!("{}=", &token.as_str()[1..])]
        {
            assert_eq!(key().verify(text, Purpose::Leave, LISTS, 0), None);
        }
    }

    #[test]
    fn what_an_older_secret_signed_stays_good() {
        let token = key().token(&Claim::lasting(Purpose::Leave, "daily", ReaderId(42)));
        let new = TokenKey::new("another secret, longer than thirty-two characters").expect("a key");
        assert_eq!(new.verify(token.as_str(), Purpose::Leave, LISTS, 0), None);
        let new = new.with_old("a secret of more than thirty-two characters\n").expect("a key");
        assert!(new.verify(token.as_str(), Purpose::Leave, LISTS, 0).is_some());
        assert_eq!(new.hashes("a@b.example")[1], key().hashes("a@b.example")[0]);
    }

    #[test]
    fn a_leaked_secret_subscribes_shows_and_erases_nothing_once_it_is_old() {
        let new = TokenKey::new("another secret, longer than thirty-two characters").expect("a key");
        let new = new.with_old("a secret of more than thirty-two characters\n").expect("a key");
        for purpose in [Purpose::Confirm, Purpose::Data] {
            let good = |key: &TokenKey, expires| {
                let claim = Claim { expires, ..Claim::lasting(purpose, "daily", ReaderId(42)) };
                new.verify(key.token(&claim).as_str(), purpose, LISTS, 60).is_some()
            };
            assert!(!good(&key(), Some(6000)));
            assert!(good(&new, Some(6000)) && good(&new, Some(60 + SHORT_LIVED)));
            assert!(!good(&new, None) && !good(&new, Some(120 + SHORT_LIVED)));
        }
        for purpose in [Purpose::Leave, Purpose::Preferences, Purpose::Refuse] {
            let token = key().token(&Claim::lasting(purpose, "daily", ReaderId(42)));
            assert!(new.verify(token.as_str(), purpose, LISTS, 60).is_some());
        }
    }

    /// Letters that were mailed years ago carry them. The values are those of another implementation, Python's `hmac`.
    #[test]
    fn what_is_signed_stays_the_same_for_ever() {
        let date = IssueDate::parse("2018-06-08").expect("a date");
        let claim = Claim { issue: Some(date), ..Claim::lasting(Purpose::Leave, "daily", ReaderId(42)) };
        assert_eq!(key().token(&claim).as_str(), "AnB1bzEwAAAAAAAAACoaTgAAAAASeewlRzOtJFlVf_rtoGVf");
        let reader = ReaderId(1);
        assert_eq!(key().message_id("daily", Slot::daily(date), reader), "9bdc933ccbe245de859ae8dc5a007317");
        assert_eq!(key().return_path("daily", date, reader), "1-20180608-5177aaa0dcfb3f3b9116");
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
        assert_eq!(key().message_id("daily", Slot::daily(date), ReaderId(1)).len(), MESSAGE_ID_LENGTH);
    }
}
