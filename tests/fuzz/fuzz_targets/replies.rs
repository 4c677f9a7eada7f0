//! Any bytes are replies or garbage, in bounded memory, and what is shown of them is one line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rotative::mail::wire::Replies;
use rotative::model::EmailAddress;

fuzz_target!(|parts: Vec<Vec<u8>>| {
    let to = EmailAddress::parse("ann@reader.example").expect("an address");
    let mut replies = Replies::new();
    for part in &parts {
        replies.push(part);
        loop {
            match replies.take() {
                Ok(Some(said)) => {
                    let reply = said.reply(Some(&to));
                    assert!((200..600).contains(&reply.code));
                    assert!(!reply.text.chars().any(char::is_control) && !reply.text.contains("ann@reader.example"));
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
});
