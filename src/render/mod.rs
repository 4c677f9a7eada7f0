//! From issue to what a reader sees: HTML by template, plain text, both from the same Markdown.
//!
//! Never knows: who the readers are, the disk but for templates.

pub mod context;
mod html;
mod inline;
mod letter;
mod markdown;
mod plain;
mod proof;
mod resolve;
mod sanitise;
mod setting;
mod specimen;
mod templates;
pub mod text;
mod typeset;
mod views;
mod words;

use std::collections::HashMap;
use std::path::Path;

use crate::config::{Config, Typeface};
use crate::images::Gallery;
use crate::issue::Archive;
use crate::links::{Links, PREFERENCES_SLOT, Place, UNSUBSCRIBE_SLOT};
use crate::model::LanguageTag;

pub use html::escape;
pub use inline::inline_css;
pub use markdown::pictures;
pub use resolve::{Addresses, Edition};
pub use specimen::{specimen_html, specimen_text};
pub use templates::Templates;
pub use words::{Words, words};

use context::{ImageView, NewsletterView, PageView};

/// Everything that rendering leans on.
#[derive(Debug)]
pub struct Renderer<'a> {
    /// The settings.
    pub config: &'a Config,
    /// All issues and articles.
    pub archive: &'a Archive<'a>,
    /// The public addresses.
    pub links: Links,
    /// The published pictures.
    pub gallery: &'a Gallery,
    /// The templates.
    pub templates: &'a Templates,
    /// The folder `content/`.
    content: &'a Path,
    addresses: Addresses,
    newsletter: NewsletterView,
    /// What archives call items and articles, by file, and topics, by key: each is set once.
    names: HashMap<&'a str, String>,
}

impl<'a> Renderer<'a> {
    /// Brings together what rendering needs.
    pub fn new(
        config: &'a Config,
        archive: &'a Archive<'a>,
        gallery: &'a Gallery,
        templates: &'a Templates,
        content: &'a Path,
    ) -> Self {
        let newsletter = NewsletterView::new(config);
        let links = Links::new(config.base_url.clone());
        let addresses = Addresses::new(archive);
        let names = HashMap::new();
        let mut renderer =
            Self { config, archive, links, gallery, templates, content, addresses, newsletter, names };
        renderer.names = renderer.all_names();
        renderer
    }

    /// A page's view: what all pages have, and its own.
    pub fn page<T: serde::Serialize>(
        &self,
        place: &Place,
        edition: &Edition,
        title: String,
        description: String,
        own: T,
    ) -> PageView<'_, T> {
        PageView {
            newsletter: &self.newsletter,
            words: words(self.config.language),
            root: place.root(),
            url: self.links.absolute(place),
            title,
            description,
            logo: self.logo(edition),
            own,
        }
    }
}

impl Renderer<'_> {
    /// The logo, at half its size: screens are fine.
    fn logo(&self, edition: &Edition) -> Option<ImageView> {
        let logo = self.config.theme.logo.as_ref()?;
        let copy = self.gallery.copy(&self.content.join(&logo.file))?;
        let width = (copy.width / 2).clamp(1, 280);
        Some(ImageView {
            url: edition.url(&Place::picture(&copy.name), &self.links),
            width,
            height: (copy.height * width / copy.width.max(1)).max(1),
            alt: logo.alt.clone(),
            caption: String::new(),
            credit: String::new(),
        })
    }
}

impl NewsletterView {
    /// What the settings say of it, set.
    pub fn new(config: &Config) -> Self {
        let publisher = &config.publisher;
        let set = |text: &Option<String>| {
            text.as_ref().map(|text| setting::set_for(config, text)).unwrap_or_default()
        };
        Self {
            title: setting::set_for(config, &config.title),
            tagline: set(&config.tagline),
            lang: config.tag.to_string(),
            dir: direction(&config.tag),
            accent: config.theme.accent.to_string(),
            accent_dark: config.theme.accent_dark.to_string(),
            ink: config.theme.ink.to_string(),
            headings: font_stack(config.theme.headings),
            text: font_stack(config.theme.text),
            publisher: set(&publisher.name),
            address: set(&publisher.address),
            base_url: config.base_url.to_string(),
            subscribe_url: config
                .service
                .as_ref()
                .map(|service| format!("{}subscribe", service.url))
                .unwrap_or_default(),
            unsubscribe_url: unsubscribe_url(config),
            preferences_url: personal(config, "preferences", PREFERENCES_SLOT),
        }
    }
}

/// Where a reader unsubscribes, with a slot for the reader's token; empty where the newsletter is not mailed.
pub fn unsubscribe_url(config: &Config) -> String {
    let url = personal(config, "unsubscribe", UNSUBSCRIBE_SLOT);
    match &config.mail {
        Some(mail) if url.is_empty() => {
            let owner = &mail.reply_to.as_ref().unwrap_or(&mail.from).address;
            format!("mailto:{owner}?subject=unsubscribe%20{UNSUBSCRIBE_SLOT}")
        }
        _ => url,
    }
}

/// An address of the service that is a reader's own; empty without a service.
fn personal(config: &Config, page: &str, slot: &str) -> String {
    let service = config.service.as_ref().filter(|_| config.mail.is_some());
    service.map(|service| format!("{}{page}/{slot}", service.url)).unwrap_or_default()
}

fn font_stack(typeface: Typeface) -> &'static str {
    match typeface {
        Typeface::Serif => "Georgia,'Times New Roman',serif",
        Typeface::Sans => "Arial,Helvetica,sans-serif",
    }
}

/// The direction in which a language is written.
fn direction(tag: &LanguageTag) -> &'static str {
    let primary = tag.as_str().split('-').next().unwrap_or("").to_ascii_lowercase();
    if matches!(primary.as_str(), "ar" | "fa" | "he" | "ur" | "ps" | "yi" | "ckb" | "dv") {
        "rtl"
    } else {
        "ltr"
    }
}
