//! Any body of a form, of JSON or of a one-click is read without a panic, and its fields stay within it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rotative::service::{Fields, Wish};

fuzz_target!(|bytes: &[u8]| {
    for wish in [Wish::Page, Wish::Json] {
        let Some(fields) = Fields::read(wish, bytes) else { continue };
        for name in ["email", "list", "lang", "website", "action"] {
            assert!(fields.get(name).len() <= bytes.len() * 6 + 3);
        }
    }
});
