//! Whatever a page holds, what is taken from it are short lines and an address of its own site.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rotative::clipping::{Answer, read};
use rotative::model::WebUrl;

fuzz_target!(|bytes: &[u8]| {
    let Ok(url) = WebUrl::parse("https://www.a.example/b") else { return };
    let answer = Answer { bytes, kind: None, language: None, url: &url, zone: chrono_tz::Europe::Paris };
    let clipping = read(&answer);
    for text in clipping.title.iter().chain([&clipping.site]) {
        assert!(!text.is_empty() && text.chars().count() <= 201 && !text.chars().any(char::is_control));
    }
    assert!(clipping.url.host().ends_with("a.example"));
});
