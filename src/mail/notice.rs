//! Letters about a subscription: the question whether an address is its owner's, the welcome, the way to one's
//! data. They promote nothing, and say who asked for what and when.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use serde::Serialize;

use crate::config::Config;
use crate::model::{EmailAddress, Language, sha256};
use crate::render::context::NewsletterView;
use crate::render::text::{COLUMNS, Paragraph, fold};
use crate::render::{Templates, inline_css};

use super::compose::{ComposeError, folded, mailbox, sign};
use super::dkim::Signer;
use super::{encoded, quoted};

/// What a letter about a subscription says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The language it is written in.
    #[serde(skip)]
    pub language: Language,
    /// The subject.
    pub subject: String,
    /// What it says, from top to bottom.
    pub parts: Vec<NoticePart>,
}

/// A part of such a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum NoticePart {
    /// A paragraph.
    Text {
        /// Its text.
        text: String,
    },
    /// The one thing to do.
    Button {
        /// What it does.
        text: String,
        /// Where it leads.
        url: String,
    },
    /// Something that may be done besides.
    Link {
        /// What it does.
        text: String,
        /// Where it leads.
        url: String,
    },
}

/// Who gets a letter, and how it is known again.
#[derive(Debug, Clone, Copy)]
pub struct Addressed<'a> {
    /// The reader.
    pub to: &'a EmailAddress,
    /// The local part of the Message-ID: the same whenever the letter is tried again.
    pub message_id: &'a str,
    /// When it is sent, in seconds since 1970.
    pub time: i64,
}

#[derive(Serialize)]
struct View<'a> {
    newsletter: &'a NewsletterView,
    lang: &'static str,
    dir: &'static str,
    notice: &'a Notice,
}

impl Notice {
    /// The letter as bytes, signed.
    pub fn compose(
        &self,
        templates: &Templates,
        config: &Config,
        addressed: Addressed<'_>,
        signers: &[Signer],
    ) -> Result<Vec<u8>, ComposeError> {
        let mail = config.mail.as_ref().ok_or(ComposeError::Settings)?;
        if self.subject.chars().any(char::is_control) {
            return Err(ComposeError::Header("subject"));
        }
        let newsletter = NewsletterView::new(config);
        let dir = if self.language == Language::Arabic { "rtl" } else { "ltr" };
        let view = View { newsletter: &newsletter, lang: self.language.as_str(), dir, notice: self };
        let html = templates
            .render("mail/notice.html", &view)
            .map_err(|fault| ComposeError::Template(fault.message))?;
        let style = templates
            .render("mail/style.css", &view)
            .map_err(|fault| ComposeError::Template(fault.message))?;
        let html = inline_css(&html, &style).map_err(|error| ComposeError::Template(error.to_string()))?;
        let text = self.text(&newsletter);
        let seconds = u64::try_from(addressed.time).map_err(|_| ComposeError::Date)?;
        let domain = mail.from.address.domain().as_str();
        let mut builder = Message::builder()
            .from(mailbox(&mail.from)?)
            .to(Mailbox::new(None, addressed.to.to_string().parse()?))
            .raw_header(folded("Subject", &[&encoded::encode("Subject", &self.subject)], ""))
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(format!("<{}@{domain}>", addressed.message_id)))
            .raw_header(folded("Auto-Submitted", &["auto-generated"], ""));
        if let Some(reply_to) = &mail.reply_to {
            builder = builder.reply_to(mailbox(reply_to)?);
        }
        let part = |kind: &str, text: &str| {
            let kind = ContentType::parse(kind).unwrap_or(ContentType::TEXT_PLAIN);
            SinglePart::builder().header(kind).body(Body::dangerous_pre_encoded(
                quoted::encode(text),
                ContentTransferEncoding::QuotedPrintable,
            ))
        };
        let digest = sha256(format!("{text}\0{html}").as_bytes());
        let parts = MultiPart::alternative()
            .boundary(format!("rotative-{}", &digest[..32]))
            .singlepart(part("text/plain; charset=utf-8; format=flowed; delsp=no", &text))
            .singlepart(part("text/html; charset=utf-8", &html));
        sign(&builder.multipart(parts)?.formatted(), signers, addressed.to, addressed.time)
    }

    /// The same for who reads text.
    fn text(&self, newsletter: &NewsletterView) -> String {
        let mut letter = vec![Paragraph::flowed(newsletter.title.to_uppercase())];
        for part in &self.parts {
            match part {
                NoticePart::Text { text } => letter.push(Paragraph::flowed(text.clone())),
                NoticePart::Button { text, url } | NoticePart::Link { text, url } => {
                    letter.push(Paragraph::flowed(format!(
                        "{text}{}",
                        if self.language == Language::French { "\u{a0}:" } else { ":" }
                    )));
                    letter.push(Paragraph::fixed(url.clone()).close());
                }
            }
        }
        letter.push(Paragraph::fixed("-".repeat(COLUMNS)));
        let house: Vec<&str> = [newsletter.publisher.as_str(), &newsletter.address]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        letter.push(Paragraph::flowed(if house.is_empty() {
            newsletter.title.clone()
        } else {
            house.join(", ")
        }));
        fold(&letter)
    }
}
