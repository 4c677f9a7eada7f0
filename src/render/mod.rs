//! From issue to what a reader sees: HTML by template, plain text, both from the same Markdown.
//!
//! Never knows: who the readers are, the disk but for templates.

pub mod context;
mod html;
mod inline;
mod letter;
mod markdown;
mod plain;
mod resolve;
mod sanitise;
mod templates;
pub mod text;
mod views;
mod words;

use crate::config::Config;
use crate::images::Gallery;
use crate::issue::Archive;
use crate::links::{Links, Place};
use crate::model::LanguageTag;

pub use html::escape;
pub use inline::inline_css;
pub use markdown::pictures;
pub use resolve::{Addresses, Edition};
pub use templates::Templates;
pub use words::{Words, words};

use context::{NewsletterView, PageView};

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
    addresses: Addresses,
    newsletter: NewsletterView,
}

impl<'a> Renderer<'a> {
    /// Brings together what rendering needs.
    pub fn new(
        config: &'a Config,
        archive: &'a Archive<'a>,
        gallery: &'a Gallery,
        templates: &'a Templates,
    ) -> Self {
        let publisher = &config.publisher;
        let newsletter = NewsletterView {
            title: config.title.clone(),
            tagline: config.tagline.clone().unwrap_or_default(),
            lang: config.tag.to_string(),
            dir: direction(&config.tag),
            accent: config.theme.accent.to_string(),
            publisher: publisher.name.clone().unwrap_or_default(),
            address: publisher.address.clone().unwrap_or_default(),
            base_url: config.base_url.to_string(),
            subscribe_url: config
                .service
                .as_ref()
                .map(|service| format!("{}subscribe", service.url))
                .unwrap_or_default(),
        };
        let links = Links::new(config.base_url.clone());
        Self { config, archive, links, gallery, templates, addresses: Addresses::new(archive), newsletter }
    }

    /// A page's view: what all pages have, and its own.
    pub fn page<T: serde::Serialize>(
        &self,
        place: &Place,
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
            own,
        }
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
