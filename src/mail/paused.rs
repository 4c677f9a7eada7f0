//! The letter to the publisher when a mailing pauses.

use crate::config::Config;
use crate::model::{Language, Slot};
use crate::render::Templates;

use super::compose::ComposeError;
use super::dkim::Signer;
use super::notice::{Addressed, Notice, NoticePart};

/// A mailing that has paused.
#[derive(Debug, Clone, Copy)]
pub struct Paused<'a> {
    /// Which issue or digest.
    pub slot: Slot,
    /// The list, as readers know it.
    pub list: &'a str,
    /// Why, in a sentence without addresses.
    pub reason: &'a str,
    /// How many letters the relay has taken so far.
    pub accepted: u64,
    /// How many there are in all.
    pub audience: u64,
}

struct Words {
    subject: &'static str,
    state: &'static str,
    reason: &'static str,
    next: &'static str,
}

const ENGLISH: Words = Words {
    subject: "The mailing of {slot} has paused",
    state: "The mailing of {slot} to {list} has paused. Accepted so far: {accepted} of {audience}.",
    reason: "Reason: {reason}.",
    next: "Nothing more is sent until somebody has looked. It goes on with: rotative send {slot}. Who has got the \
        letter does not get it again.",
};

const FRENCH: Words = Words {
    subject: "L’envoi du {slot} est en pause",
    state: "L’envoi du {slot} à la liste {list} est en pause. Acceptés jusqu’ici\u{a0}: {accepted} sur {audience}.",
    reason: "Raison\u{a0}: {reason}.",
    next: "Plus rien ne part avant que quelqu’un n’ait regardé. La suite se lance avec\u{a0}: rotative send {slot}. \
        Qui a reçu la lettre ne la recevra pas deux fois.",
};

impl Paused<'_> {
    /// What is written, in the language of the newsletter; in English where that is neither French nor English.
    pub fn notice(&self, language: Language) -> Notice {
        let (language, words) = match language {
            Language::French => (Language::French, &FRENCH),
            _ => (Language::English, &ENGLISH),
        };
        // What is put in is not looked at again: a reason may hold braces.
        let fill = |text: &str| {
            text.split('{').enumerate().fold(String::new(), |said, (at, part)| match part.split_once('}') {
                Some((name, rest)) if at > 0 => said + &self.value(name) + rest,
                _ => said + part,
            })
        };
        let parts = [words.state, words.reason, words.next];
        let parts = parts.map(|text| NoticePart::Text { text: fill(text) }).into();
        Notice { language, subject: fill(words.subject), parts }
    }

    fn value(&self, name: &str) -> String {
        let plain = |text: &str| text.replace(char::is_control, " ");
        match name {
            "slot" => self.slot.to_string(),
            "list" => plain(self.list),
            "reason" => plain(self.reason.trim_end_matches('.')),
            "accepted" => self.accepted.to_string(),
            _ => self.audience.to_string(),
        }
    }
}

/// The letter as bytes, signed.
pub fn delivery_notice(
    paused: &Paused<'_>,
    templates: &Templates,
    config: &Config,
    addressed: Addressed<'_>,
    signers: &[Signer],
) -> Result<Vec<u8>, ComposeError> {
    paused.notice(config.language).compose(templates, config, addressed, signers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settle;
    use crate::model::{EmailAddress, IssueDate, Source};
    use mail_parser::MessageParser;

    fn paused(reason: &str) -> Paused<'_> {
        let slot = Slot::daily(IssueDate::parse("2026-08-21").expect("a date"));
        Paused { slot, list: "Le journal", reason, accepted: 120, audience: 5000 }
    }

    fn config(language: &str) -> Config {
        let text = format!(
            "title: Le journal\nlanguage: {language}\nbase_url: https://j.example\nsections: [{{name: brief}}]\n\
             publisher: {{name: We, address: 1 Main Street}}\nmail: {{from: Le journal <journal@news.example>}}\n"
        );
        let mut faults = Vec::new();
        settle(&Source::new("content/newsletter.yaml", text), &mut faults).expect("settings")
    }

    fn letter(language: &str, reason: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().expect("a folder");
        let templates = Templates::load(folder.path(), &mut Vec::new()).expect("templates");
        let to = EmailAddress::parse("publisher@we.example").expect("an address");
        let addressed = Addressed { to: &to, message_id: "0123456789abcdef", time: 1_787_286_000 };
        delivery_notice(&paused(reason), &templates, &config(language), addressed, &[]).expect("a letter")
    }

    #[test]
    fn the_publisher_reads_what_has_happened_and_what_to_do() {
        for (language, subject, words) in [
            (
                "en",
                "The mailing of 2026-08-21 has paused",
                [
                    "Le journal has paused",
                    "120 of 5000",
                    "Reason: 20 letters in a row were refused.",
                    "rotative send 2026-08-21",
                ],
            ),
            (
                "fr",
                "L’envoi du 2026-08-21 est en pause",
                [
                    "Le journal est en pause",
                    "120 sur 5000",
                    "20 letters in a row were refused.",
                    "rotative send 2026-08-21",
                ],
            ),
        ] {
            let letter = letter(language, "20 letters in a row were refused");
            let read = MessageParser::default().parse(&letter).expect("a letter");
            assert_eq!(read.subject(), Some(subject));
            let (text, html) = (read.body_text(0).expect("text"), read.body_html(0).expect("HTML"));
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for word in words {
                assert!(text.contains(word) && html.contains(word), "{word}: {text}");
            }
            assert!(letter.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
        }
    }

    #[test]
    fn a_reason_is_text_and_nothing_else() {
        let letter = letter("en", "550 <b>no</b> {accepted}\r\nBcc: x@y.example.");
        let read = MessageParser::default().parse(&letter).expect("a letter");
        assert_eq!(read.bcc(), None);
        let html = read.body_html(0).expect("HTML");
        assert!(html.contains("550 &lt;b&gt;no&lt;") && html.contains("{accepted}"), "{html}");
        let notice = paused("x").notice(Language::Arabic);
        assert_eq!(notice.language, Language::English);
    }
}
