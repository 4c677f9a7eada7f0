//! The mail edition of an issue: its HTML, its plain text, and the message that carries both.
//!
//! Never knows: where readers are stored.

mod compose;
mod dkim;
mod encoded;
mod notice;
mod paused;
mod quoted;
mod relay;
mod slots;
pub mod wire;

use chrono::{NaiveTime, TimeZone};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::issue::Issue;
use crate::links::{PREFERENCES_SLOT, ReaderToken, UNSUBSCRIBE_SLOT};
use crate::model::{Diagnostic, EmailAddress, OutFile, Slot, sha256};
use crate::render::context::{IssuePage, PartView};
use crate::render::{Edition, Renderer, inline_css, unsubscribe_url};

pub use compose::{ComposeError, Draft, Letters};
pub use dkim::{KeyError, Signer};
pub use notice::{Addressed, Notice, NoticePart};
pub use paused::{Paused, delivery_notice};
pub use relay::{MemoryRelay, Relay, RelayError, SmtpRelay};
pub use slots::Fill;

/// The mail edition of one issue, finished but for the readers' slots.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The day and the kind of the issue.
    pub slot: Slot,
    /// What is to be known of it.
    pub facts: Facts,
    /// The HTML, with slots.
    pub html: String,
    /// The text, with slots.
    pub text: String,
    /// The slugs of its items, in order.
    pub items: Vec<String>,
}

/// What is to be known of a mail without opening it: `issue.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// `2018-06-08`.
    pub date: String,
    /// From 1.
    pub number: u32,
    /// The subject.
    pub subject: String,
    /// The line after it.
    pub preheader: String,
    /// The issue on the web.
    pub url: String,
    /// The SHA-256 of subject, preheader, HTML and text: what was proofread.
    pub digest: String,
    /// In bytes.
    pub sizes: Sizes,
    /// The addresses it links to, each once, in order.
    pub links: Vec<String>,
    /// The topics of its items, for readers who chose some.
    #[serde(default)]
    pub topics: Vec<String>,
    /// The slugs of items that still lie in the queue: such a mail cannot be approved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queued: Vec<String>,
}

/// In bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Of the HTML.
    pub html: usize,
    /// Of the text.
    pub text: usize,
}

/// Renders the mail edition of an issue.
pub fn render(
    renderer: &Renderer<'_>,
    issue: &Issue<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Result<Mail, Diagnostic> {
    let (slot, place) = (issue.slot(), issue.place());
    let topics = topics(renderer, issue);
    let queued = issue.items().filter(|item| item.entry.date.is_none());
    let queued = queued.map(|item| item.entry.slug.to_string()).collect();
    let view = renderer.issue(issue, &Edition::Mail, findings);
    let text = renderer.letter_text(issue, findings);
    let issue = view;
    let title = format!("{} – {}", renderer.title(), issue.long_date);
    let items = issue.parts.iter().flat_map(|part| match part {
        PartView::Section { items, .. } => items.iter().map(|item| item.slug.clone()).collect(),
        PartView::Block(_) => Vec::new(),
    });
    let items = items.collect();
    let (subject, preheader) = (issue.subject.clone(), issue.preheader.clone());
    let (number, url) = (issue.number, issue.url.clone());
    let page = renderer.page(&place, &Edition::Mail, title, preheader.clone(), IssuePage { issue });
    let written = renderer.fill("mail/issue.html", &page)?;
    let stylesheet = renderer.fill("mail/style.css", &page)?;
    let html = inline_css(&written, &stylesheet).map_err(|error| {
        Diagnostic::error("mail-style", format!("the styles of the mail cannot be applied: {error}"))
            .in_file("templates/mail/style.css")
            .hint("compare it with the built-in stylesheet")
    })?;
    let facts = Facts {
        date: slot.date.to_string(),
        number,
        digest: digest(&subject, &preheader, &html, &text),
        subject,
        preheader,
        url,
        sizes: Sizes { html: html.len(), text: text.len() },
        links: links_of(&html),
        topics,
        queued,
    };
    Ok(Mail { slot, facts, html, text, items })
}

/// The topics of an issue's items, by their keys, each once, in order.
fn topics(renderer: &Renderer<'_>, issue: &Issue<'_>) -> Vec<String> {
    let named = issue.items().flat_map(|item| &item.entry.topics);
    let mut keys: Vec<String> = named
        .filter_map(|topic| renderer.archive.thread(&topic.key))
        .map(|(key, _)| key.to_string())
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

/// What was proofread, in one number.
pub fn digest(subject: &str, preheader: &str, html: &str, text: &str) -> String {
    sha256([subject, preheader, html, text].join("\0").as_bytes())
}

impl Mail {
    /// Its files in `out/`; with a sample letter where the newsletter is mailed.
    pub fn files(&self, config: &Config) -> Result<Vec<OutFile>, Diagnostic> {
        let folder = format!("mail/{}", self.slot);
        let mut json = serde_json::to_string_pretty(&self.facts).map_err(|error| self.fault(&error))?;
        json.push('\n');
        let mut files = vec![
            OutFile::new(format!("{folder}/issue.json"), json),
            OutFile::new(format!("{folder}/mail.html"), self.html.as_str()),
            OutFile::new(format!("{folder}/mail.txt"), self.text.as_str()),
        ];
        if config.mail.is_some() {
            files.push(OutFile::new(
                format!("{folder}/mail.eml"),
                self.sample(config).map_err(|error| self.fault(&error))?,
            ));
        }
        Ok(files)
    }

    /// Says what would keep a letter from being made of it. Only its fields can: they are tried without a body.
    pub fn fits(&self, config: &Config) -> Result<(), Diagnostic> {
        if config.mail.is_none() {
            return Ok(());
        }
        let (html, text, items) = Default::default();
        let bare = Self { slot: self.slot, facts: self.facts.clone(), html, text, items };
        bare.sample(config).map(drop).map_err(|error| self.fault(&error))
    }

    fn fault(&self, error: &dyn std::fmt::Display) -> Diagnostic {
        Diagnostic::error("mail", error.to_string()).in_file(format!("out/mail/{}/mail.eml", self.slot))
    }

    /// The letter of nobody in particular, dated six in the morning of its day.
    fn sample(&self, config: &Config) -> Result<Vec<u8>, ComposeError> {
        let six = NaiveTime::from_hms_opt(6, 0, 0).unwrap_or_default();
        let morning = config.timezone.from_local_datetime(&self.slot.date.day().and_time(six)).earliest();
        let letters = self.compose(config, morning.map_or(0, |morning| morning.timestamp()), Vec::new())?;
        let address =
            EmailAddress::parse("reader@example.org").map_err(|_| ComposeError::Header("address"))?;
        let message_id = "0".repeat(crate::links::MESSAGE_ID_LENGTH);
        let mut letter = Vec::new();
        let token = ReaderToken::sample();
        let fill =
            Fill { address: &address, unsubscribe: &token, preferences: &token, message_id: &message_id };
        letters.fill(&fill, &mut letter)?;
        Ok(letter)
    }

    /// The message of the issue, sent at `time` (seconds since 1970) and signed with `signers`.
    pub fn compose(&self, config: &Config, time: i64, signers: Vec<Signer>) -> Result<Letters, ComposeError> {
        let mail = config.mail.as_ref().ok_or(ComposeError::Settings)?;
        let unsubscribe = unsubscribe_url(config);
        let draft = Draft {
            title: &config.title,
            archive: config.base_url.as_str(),
            unsubscribe: Some(unsubscribe.as_str()).filter(|url| url.starts_with("https:")),
            date: self.slot.date,
            time,
            subject: &self.facts.subject,
            html: &self.html,
            text: &self.text,
        };
        Letters::compose(&draft, mail, signers)
    }
}

/// The addresses that a mail links to, each once, in order; readers' own ones excepted.
fn links_of(html: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for part in html.split("href=\"").skip(1) {
        let Some((url, _)) = part.split_once('"') else { continue };
        let url = url.replace("&amp;", "&");
        let own = [UNSUBSCRIBE_SLOT, PREFERENCES_SLOT].iter().any(|slot| url.contains(slot));
        if !url.starts_with('#') && !own && !links.contains(&url) {
            links.push(url);
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_listed_once_in_order() {
        let html = "<a href=\"https://b.example/?a=1&amp;b=2\">b</a><a href=\"https://a.example/\">a</a>\
            <a href=\"https://b.example/?a=1&amp;b=2\">b</a><a href=\"#x\">x</a>";
        assert_eq!(links_of(html), ["https://b.example/?a=1&b=2", "https://a.example/"]);
    }
}
