//! From issue to what a reader sees: HTML by template, plain text, both from the same Markdown.
//!
//! Never knows: who the readers are, the disk but for templates.

mod catalogue;
pub mod context;
mod errata;
mod html;
mod inline;
mod letter;
mod lists;
mod markdown;
mod notes;
mod plain;
mod proof;
mod raw;
pub mod reading;
mod resolve;
mod sanitise;
mod setting;
mod specimen;
mod summary;
mod templates;
pub mod text;
mod typeset;
mod views;
mod words;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use serde::Serialize;

use crate::config::{Config, Search, Typeface};
use crate::images::Gallery;
use crate::issue::{Archive, Published};
use crate::links::{Links, PREFERENCES_SLOT, Place, UNSUBSCRIBE_SLOT};
use crate::model::{Diagnostic, IssueDate, LanguageTag, Source, WebUrl};

pub use html::escape;
pub use inline::inline_css;
pub use lists::{Stretch, is_long};
pub use markdown::pictures;
pub use notes::{Named, Noted, Notes, Work};
pub use resolve::{Addresses, Edition};
pub use sanitise::TAGS as ELEMENTS;
pub use setting::proofread;
pub use specimen::{specimen_html, specimen_text};
pub use templates::Templates;
pub use typeset::options;
pub use words::{Words, words};

use context::{FeedEntryPage, HeadView, ImageView, NewsletterView, PageView};
use setting::Names;
use templates::Common;

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
    addresses: Arc<OnceLock<Addresses>>,
    newsletter: Arc<NewsletterView>,
    common: Arc<Common>,
    /// What archives call items, articles and topics: each is set once.
    names: Arc<Names<'a>>,
    notes: Option<Arc<Notes>>,
    /// What a page may load.
    policy: Arc<str>,
    /// Items and articles as feeds carry them, by file: each is made once, however many carry it.
    carried: Arc<Mutex<HashMap<String, Arc<Carried>>>>,
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
        let newsletter = Arc::new(NewsletterView::new(config));
        let common = Common::default().with("newsletter", &*newsletter).with("words", words(config.language));
        let links = Links::new(config.base_url.clone());
        let (addresses, names) = (Arc::default(), Arc::new(Names::new(archive)));
        let (notes, policy, carried) = (None, policy(config).into(), Arc::default());
        Self {
            config,
            archive,
            links,
            gallery,
            templates,
            content,
            addresses,
            newsletter,
            common: Arc::new(common),
            names,
            notes,
            policy,
            carried,
        }
    }

    /// The same for one page, whose asking is noted.
    pub fn noting<'b>(&'b self, templates: &'b Templates, notes: &Arc<Notes>) -> Renderer<'b> {
        Renderer {
            config: self.config,
            archive: self.archive,
            links: self.links.clone(),
            gallery: self.gallery,
            templates,
            content: self.content,
            addresses: Arc::clone(&self.addresses),
            newsletter: Arc::clone(&self.newsletter),
            common: Arc::clone(&self.common),
            names: Arc::clone(&self.names),
            notes: Some(Arc::clone(notes)),
            policy: Arc::clone(&self.policy),
            carried: Arc::clone(&self.carried),
        }
    }

    /// Fills a template with a view.
    pub fn fill(&self, template: &str, view: &impl Serialize) -> Result<String, Diagnostic> {
        self.templates.fill(template, &self.common, view)
    }

    /// The same, as it will lie in a file.
    pub fn print(&self, template: &str, view: &impl Serialize) -> Result<Vec<u8>, Diagnostic> {
        self.templates.page(template, &self.common, view)
    }

    /// The newsletter's name, set.
    pub fn title(&self) -> &str {
        &self.newsletter.title
    }

    /// A page's view: what all pages have, and its own.
    pub fn page<T: serde::Serialize>(
        &self,
        place: &Place,
        edition: &Edition,
        title: String,
        description: String,
        own: T,
    ) -> PageView<T> {
        PageView {
            root: if let Edition::Anywhere = edition { self.links.path().to_owned() } else { place.root() },
            url: self.links.absolute(place),
            title,
            description,
            path: place.as_str().to_owned(),
            head: HeadView { policy: self.policy.to_string(), kind: "website", ..HeadView::default() },
            corrections_url: self.corrections_url(edition),
            logo: self.logo(edition),
            own,
        }
    }
}

impl Renderer<'_> {
    /// An item or an article with its text as feeds carry it.
    pub fn feed_entry(&self, published: Published<'_>, date: IssueDate) -> Result<Arc<str>, Diagnostic> {
        if self.sketch().is_some() {
            return self.carry(published, date);
        }
        let path = published.entry().source.path();
        let known = self.carried.lock().ok().and_then(|known| known.get(path).cloned());
        let carried = match known {
            Some(carried) => carried,
            None => {
                let notes = Arc::new(Notes::new(Work::Print));
                let html = self.noting(self.templates, &notes).carry(published, date)?;
                let carried = Arc::new(Carried { html, noted: notes.finish() });
                if let Ok(mut known) = self.carried.lock() {
                    known.insert(path.to_owned(), Arc::clone(&carried));
                }
                carried
            }
        };
        if let Some(notes) = &self.notes {
            notes.join(&carried.noted);
        }
        Ok(Arc::clone(&carried.html))
    }

    fn carry(&self, published: Published<'_>, date: IssueDate) -> Result<Arc<str>, Diagnostic> {
        // What is to be said of its text is said on its own page.
        let item = self.published(published, date, &Edition::Feed, &mut Vec::new());
        let view = FeedEntryPage { item };
        Ok(self.fill("site/entry.html", &view)?.trim().into())
    }
}

/// An item or an article as feeds carry it, and what was asked for to make it.
#[derive(Debug)]
struct Carried {
    html: Arc<str>,
    noted: Noted,
}

/// What a page may load: what lies beside it, and nothing else. Its forms lead to the service.
fn policy(config: &Config) -> String {
    let forms = config.service.as_ref().map_or_else(|| "'none'".to_owned(), |service| origin(&service.url));
    format!(
        "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action {forms}"
    )
}

/// Scheme, host and port of an address.
fn origin(url: &WebUrl) -> String {
    url.as_str().strip_suffix(url.path()).unwrap_or(url.as_str()).to_owned()
}

impl Renderer<'_> {
    /// Where what a text names leads now, as a digest.
    pub fn leads(&self, named: &Named) -> u64 {
        match named {
            Named::File(file) => resolve::leads(self.addresses().place(file)),
            Named::Picture(file) => resolve::leads(self.gallery.copy(Path::new(file))),
        }
    }

    /// Makes what no template fills and what costs time, from nothing but `view`: a sketch takes the view and
    /// leaves it at that.
    pub fn make<T: Default>(&self, view: &impl Serialize, make: impl FnOnce() -> T) -> T {
        match self.sketch() {
            Some(notes) => notes.shown("", view).map(|()| T::default()).unwrap_or_default(),
            None => make(),
        }
    }

    /// Notes that a page shows a text that is not rendered here.
    pub fn shows(&self, source: &Source) {
        if let Some(notes) = &self.notes {
            notes.text(source);
        }
    }

    /// Whether pages are printed, not only sketched.
    pub fn prints(&self) -> bool {
        self.sketch().is_none()
    }

    /// The notes, where only a sketch is made.
    fn sketch(&self) -> Option<&Notes> {
        self.notes.as_deref().filter(|notes| notes.work() == Work::Sketch)
    }

    fn addresses(&self) -> &Addresses {
        self.addresses.get_or_init(|| Addresses::new(self.archive))
    }

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
            headings_face: face(config.theme.headings),
            text_face: face(config.theme.text),
            headings: font_stack(config.theme.headings),
            text: font_stack(config.theme.text),
            search: config.theme.search == Search::Offered,
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

fn face(typeface: Typeface) -> &'static str {
    match typeface {
        Typeface::Serif => "serif",
        Typeface::Sans => "sans",
    }
}

fn font_stack(typeface: Typeface) -> &'static str {
    match typeface {
        Typeface::Serif => "Georgia,'Times New Roman',serif",
        Typeface::Sans => "Arial,Helvetica,sans-serif",
    }
}

/// The direction in which a language is written.
fn direction(tag: &LanguageTag) -> &'static str {
    if matches!(tag.primary().as_str(), "ar" | "fa" | "he" | "ur" | "ps" | "yi" | "ckb" | "dv") {
        "rtl"
    } else {
        "ltr"
    }
}
