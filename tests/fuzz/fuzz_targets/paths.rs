//! No text ends the command that it stands in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rotative::mail::wire::path;

fuzz_target!(|text: &str| {
    if let Ok(path) = path(text) {
        assert!(path.len() <= 254 && path.matches('@').count() == 1);
        assert!(!path.chars().any(|letter| letter.is_control() || letter.is_whitespace() || "<>".contains(letter)));
    }
});
