//! What is approved and sent: everything that the letters of an issue to a list are made of, in one piece of text.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::config::{Config, MailSettings};
use crate::mail::{ComposeError, Draft, Letters, Mail, Signer};
use crate::model::{DomainName, EmailAddress, Mailbox, Slot, Slug, sha256};
use crate::render::unsubscribe_url;

/// The content of a campaign. Two letters of it differ only in what is the reader's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
    /// To which list.
    pub list: String,
    /// The day and kind of the issue.
    pub slot: String,
    /// The topics of its items, for readers who chose some.
    pub topics: Vec<String>,
    title: String,
    archive: String,
    unsubscribe: String,
    from: String,
    reply_to: Option<String>,
    list_id: String,
    bounces: Option<String>,
    /// The subject.
    pub subject: String,
    preheader: String,
    html: String,
    text: String,
}

/// Why a parcel makes no letters.
#[derive(Debug, Error)]
pub enum ParcelError {
    /// It is not what an approval keeps.
    #[error("what was approved cannot be read")]
    Text(#[from] serde_json::Error),
    /// A field of it is wrong.
    #[error("what was approved names `{0}`, which is no address")]
    Field(String),
    /// There are no settings for mail.
    #[error("content/newsletter.yaml has no `mail`")]
    Settings,
    /// A letter cannot be made.
    #[error("no letter can be made of it")]
    Compose(#[from] ComposeError),
}

impl Parcel {
    /// The built mail of an issue for a list, under the settings.
    pub fn of(mail: &Mail, config: &Config, list: &Slug) -> Result<Self, ParcelError> {
        let settings = config.mail.as_ref().ok_or(ParcelError::Settings)?;
        Ok(Self {
            list: list.to_string(),
            slot: mail.slot.to_string(),
            topics: mail.facts.topics.clone(),
            title: config.title.clone(),
            archive: config.base_url.to_string(),
            unsubscribe: unsubscribe_url(config),
            from: settings.from.to_string(),
            reply_to: settings.reply_to.as_ref().map(Mailbox::to_string),
            list_id: settings.list_id.to_string(),
            bounces: settings.bounces.as_ref().map(EmailAddress::to_string),
            subject: mail.facts.subject.clone(),
            preheader: mail.facts.preheader.clone(),
            html: mail.html.clone(),
            text: mail.text.clone(),
        })
    }

    /// As it is kept.
    pub fn text(&self) -> Result<String, ParcelError> {
        Ok(serde_json::to_string(self)?)
    }

    /// Reads what was kept.
    pub fn read(text: &str) -> Result<Self, ParcelError> {
        Ok(serde_json::from_str(text)?)
    }

    /// What tells it from every other.
    pub fn hash(&self) -> Result<String, ParcelError> {
        Ok(sha256(self.text()?.as_bytes()))
    }

    /// Where bounces go; the sender where nothing else was said.
    pub fn return_address(&self) -> Result<(EmailAddress, Verp), ParcelError> {
        match &self.bounces {
            Some(text) => Ok((address(text)?, Verp::On)),
            None => Ok((mailbox(&self.from)?.address, Verp::Off)),
        }
    }

    /// The message of the campaign, dated and signed as of `time` (seconds since 1970).
    pub fn letters(&self, config: &Config, time: i64, signers: Vec<Signer>) -> Result<Letters, ParcelError> {
        let slot = Slot::parse(&self.slot).map_err(|_| ParcelError::Field(self.slot.clone()))?;
        let settings = config.mail.as_ref().ok_or(ParcelError::Settings)?;
        let settings = MailSettings {
            from: mailbox(&self.from)?,
            reply_to: self.reply_to.as_deref().map(mailbox).transpose()?,
            list_id: DomainName::parse(&self.list_id)
                .map_err(|_| ParcelError::Field(self.list_id.clone()))?,
            ..settings.clone()
        };
        let draft = Draft {
            title: &self.title,
            archive: &self.archive,
            unsubscribe: Some(self.unsubscribe.as_str()).filter(|url| url.starts_with("https:")),
            date: slot.date,
            time,
            subject: &self.subject,
            html: &self.html,
            text: &self.text,
        };
        Ok(Letters::compose(&draft, &settings, signers)?)
    }
}

/// Whether each letter has a return path of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verp {
    /// It has, so that a bounce names its reader.
    On,
    /// All share one.
    Off,
}

fn address(text: &str) -> Result<EmailAddress, ParcelError> {
    EmailAddress::parse(text).map_err(|_| ParcelError::Field(text.to_owned()))
}

fn mailbox(text: &str) -> Result<Mailbox, ParcelError> {
    Mailbox::parse(text).map_err(|_| ParcelError::Field(text.to_owned()))
}
