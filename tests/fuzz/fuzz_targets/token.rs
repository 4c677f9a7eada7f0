//! No text is taken for a token but one that the key has made.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rotative::links::{Claim, Purpose, ReaderId, TokenKey};

fuzz_target!(|input: (String, u64, usize, u8)| {
    let (text, reader, at, flip) = input;
    let key = TokenKey::new("a secret of the tests, longer than thirty-two characters").expect("a key");
    for purpose in [Purpose::Leave, Purpose::Preferences, Purpose::Confirm, Purpose::Refuse, Purpose::Data] {
        assert!(key.verify(&text, purpose, ["daily"], 0).is_none());
    }
    let good = key.token(&Claim::lasting(Purpose::Leave, "daily", ReaderId(reader)));
    let mut bytes = good.as_str().as_bytes().to_vec();
    let at = at % bytes.len();
    bytes[at] ^= flip;
    let changed = String::from_utf8_lossy(&bytes);
    let known = key.verify(&changed, Purpose::Leave, ["daily"], 0);
    assert_eq!(known.map(|claim| claim.reader.0), (flip == 0).then_some(reader));
});
