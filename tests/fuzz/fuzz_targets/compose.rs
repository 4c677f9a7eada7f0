//! Any subject and texts give a message of legal lines, or are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rotative::config;
use rotative::links::ReaderToken;
use rotative::mail::{Draft, Fill, Letters};
use rotative::model::{EmailAddress, IssueDate, Source};

const SETTINGS: &str = "title: x\nlanguage: en\nbase_url: https://x.example\nsections: [{name: a}]\nmail: {from: a@x.example}\n";

fuzz_target!(|texts: (String, String, String)| {
    let (subject, html, text) = texts;
    let config = config::settle(&Source::new("x", SETTINGS), &mut Vec::new()).expect("settings");
    let draft = Draft {
        title: &config.title,
        archive: config.base_url.as_str(),
        unsubscribe: None,
        date: IssueDate::parse("2026-08-21").expect("a date"),
        time: 0,
        subject: &subject,
        html: &html,
        text: &text,
    };
    let Ok(letters) = Letters::compose(&draft, config.mail.as_ref().expect("mail"), Vec::new()) else { return };
    let address = EmailAddress::parse("a@b.example").expect("an address");
    let token = ReaderToken::sample();
    let mut letter = Vec::new();
    letters.fill(&Fill { address: &address, unsubscribe: &token, preferences: &token, message_id: "m" }, &mut letter).expect("a letter");
    assert!(letter.is_ascii() && letter.split(|byte| *byte == b'\n').all(|line| line.len() <= 999));
});
