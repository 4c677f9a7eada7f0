//! Any Markdown is set without a panic, and setting its text a second time changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rotative::config::TypographyOptions;
use rotative::model::Language;
use rotative::render::{specimen_html, specimen_text};
use rotative::typography::set_text;

fuzz_target!(|text: &str| {
    let options = TypographyOptions::default();
    for language in [Language::French, Language::English] {
        let _ = specimen_text(text, language, &options);
        let _ = specimen_html(text, language, &options);
        let once = set_text(text, language, &options);
        assert_eq!(set_text(&once, language, &options), once);
    }
});
