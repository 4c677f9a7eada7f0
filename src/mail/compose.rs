//! An issue as a message: composed once, with slots for what differs from reader to reader.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use thiserror::Error;

use crate::config::MailSettings;
use crate::model::{self, EmailAddress, IssueDate, sha256};

use super::dkim::{Canonical, Signer};
use super::slots::{Fill, Form, MESSAGE_ID, READER};
use super::{encoded, quoted};
use crate::links::{ReaderToken, UNSUBSCRIBE_SLOT};

/// What a message is made of.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// The newsletter's name.
    pub title: &'a str,
    /// Its first page.
    pub archive: &'a str,
    /// The address under which readers unsubscribe, with its slot; none where there is no service.
    pub unsubscribe: Option<&'a str>,
    /// The day of the issue.
    pub date: IssueDate,
    /// When it is sent, in seconds since 1970.
    pub time: i64,
    /// The subject.
    pub subject: &'a str,
    /// The HTML, with slots.
    pub html: &'a str,
    /// The text, with slots.
    pub text: &'a str,
}

/// An issue's message, ready to be filled for each reader.
pub struct Letters {
    form: Form,
    canonical: Canonical,
    signers: Vec<Signer>,
    time: i64,
}

/// Why a message cannot be composed.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// A header would break in two.
    #[error("the {0} holds a line break or a control character")]
    Header(&'static str),
    /// A day before 1970.
    #[error("no letter is dated before 1970")]
    Date,
    /// The library refuses.
    #[error("the message cannot be composed")]
    Message(#[from] lettre::error::Error),
    /// The library refuses an address.
    #[error("an address cannot be written in a header")]
    Address(#[from] lettre::address::AddressError),
    /// There are no settings for mail.
    #[error("content/newsletter.yaml has no `mail`")]
    Settings,
    /// A template refuses.
    #[error("a template refuses: {0}")]
    Template(String),
    /// A key refuses.
    #[error("the letter cannot be signed")]
    Signature,
}

impl Letters {
    /// Composes the message of an issue.
    pub fn compose(
        draft: &Draft<'_>,
        mail: &MailSettings,
        signers: Vec<Signer>,
    ) -> Result<Self, ComposeError> {
        for (name, text) in [("subject", draft.subject), ("title", draft.title)] {
            if text.chars().any(char::is_control) {
                return Err(ComposeError::Header(name));
            }
        }
        let seconds = u64::try_from(draft.time).map_err(|_| ComposeError::Date)?;
        let domain = mail.from.address.domain().as_str();
        let mut builder = Message::builder()
            .from(mailbox(&mail.from)?)
            .to(Mailbox::new(None, READER.parse()?))
            .raw_header(folded("Subject", &[&encoded::encode("Subject", draft.subject)], ""))
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(format!("<{MESSAGE_ID}@{domain}>")));
        if let Some(reply_to) = &mail.reply_to {
            builder = builder.reply_to(mailbox(reply_to)?);
        }
        for header in list_headers(draft, mail) {
            builder = builder.raw_header(header);
        }
        let digest = sha256(format!("{}\0{}", draft.html, draft.text).as_bytes());
        let part = |kind: &str, text: &str| {
            let kind = ContentType::parse(kind).unwrap_or(ContentType::TEXT_PLAIN);
            let body =
                Body::dangerous_pre_encoded(quoted::encode(text), ContentTransferEncoding::QuotedPrintable);
            SinglePart::builder().header(kind).body(body)
        };
        let parts = MultiPart::alternative()
            .boundary(format!("rotative-{}", &digest[..32]))
            .singlepart(part("text/plain; charset=utf-8; format=flowed; delsp=no", draft.text))
            .singlepart(part("text/html; charset=utf-8", draft.html));
        let message = builder.multipart(parts)?.formatted();
        let (header, body) = split(&message);
        let canonical = Canonical::new(&String::from_utf8_lossy(header), body);
        Ok(Self { form: Form::new(&message), canonical, signers, time: draft.time })
    }

    /// One reader's letter, added to `out`: bytes are copied, nothing is rendered or encoded again.
    pub fn fill(&self, fill: &Fill<'_>, out: &mut Vec<u8>) -> Result<(), ComposeError> {
        let address = fill.address.to_string();
        if !self.signers.is_empty() {
            let signatures = self.canonical.sign(&self.signers, self.time, fill, &address);
            out.extend(signatures.ok_or(ComposeError::Signature)?.as_bytes());
        }
        out.reserve(self.form.len());
        self.form.pieces(fill, &address, 0, |piece| out.extend_from_slice(piece));
        Ok(())
    }
}

/// The fields of RFC 2369, RFC 2919 and RFC 8058, and Feedback-ID.
fn list_headers(draft: &Draft<'_>, mail: &MailSettings) -> Vec<HeaderValue> {
    let list = mail.list_id.as_str();
    let owner = mail.reply_to.as_ref().unwrap_or(&mail.from).address.to_string();
    let mut unsubscribe = Vec::new();
    if let Some(url) = draft.unsubscribe {
        unsubscribe.push(format!("<{url}>"));
    }
    unsubscribe.push(format!("<mailto:{owner}?subject=unsubscribe%20{UNSUBSCRIBE_SLOT}>"));
    let mut headers = vec![
        folded("List-Id", &[&phrase(draft.title), &format!("<{list}>")], "\r\n "),
        folded("List-Unsubscribe", &unsubscribe.iter().map(String::as_str).collect::<Vec<_>>(), ",\r\n "),
    ];
    if draft.unsubscribe.is_some() {
        headers.push(folded("List-Unsubscribe-Post", &["List-Unsubscribe=One-Click"], ""));
    }
    headers.extend([
        folded("List-Archive", &[&format!("<{}>", draft.archive)], ""),
        folded("List-Owner", &[&format!("<mailto:{owner}>")], ""),
        folded("List-Help", &[&format!("<mailto:{owner}?subject=help>")], ""),
        folded("List-Post", &["NO"], ""),
        folded("Feedback-ID", &[&format!("{}:issue:rotative:{list}", draft.date)], ""),
    ]);
    headers
}

/// A field whose value is written as it is.
pub(super) fn folded(name: &'static str, values: &[&str], joint: &str) -> HeaderValue {
    let value = values.join(joint);
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value)
}

/// A title as a phrase of ASCII words (RFC 2919 wants it short; the domain name is what counts).
fn phrase(title: &str) -> String {
    let plain = model::Slug::from_text(title).map(|slug| slug.as_str().replace('-', " ")).unwrap_or_default();
    if plain.is_empty() { "newsletter".to_owned() } else { plain.chars().take(60).collect() }
}

pub(super) fn mailbox(mailbox: &model::Mailbox) -> Result<Mailbox, ComposeError> {
    Ok(Mailbox::new(mailbox.name.clone(), mailbox.address.to_string().parse()?))
}

/// A whole message with the signatures of `signers` before it.
pub(super) fn sign(
    message: &[u8],
    signers: &[Signer],
    to: &EmailAddress,
    time: i64,
) -> Result<Vec<u8>, ComposeError> {
    let mut signed = Vec::with_capacity(message.len() + 1024);
    if !signers.is_empty() {
        let (header, body) = split(message);
        let canonical = Canonical::new(&String::from_utf8_lossy(header), body);
        let token = ReaderToken::sample();
        let nobody = Fill { address: to, unsubscribe: &token, preferences: &token, message_id: "" };
        let signatures = canonical.sign(signers, time, &nobody, "");
        signed.extend(signatures.ok_or(ComposeError::Signature)?.as_bytes());
    }
    signed.extend(message);
    Ok(signed)
}

/// Header fields and body.
fn split(message: &[u8]) -> (&[u8], &[u8]) {
    let at = message.windows(4).position(|window| window == b"\r\n\r\n").map_or(message.len(), |at| at + 2);
    let (header, rest) = message.split_at(at);
    (header, rest.strip_prefix(b"\r\n").unwrap_or(rest))
}
