//! The service's pages: written once when it starts, but for the few that are a reader's own.

use std::collections::HashMap;

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

use crate::config::{Config, ListRule};
use crate::model::{Diagnostic, Language, Rhythm, Slug, Subscriber, Subscription, sha256_bytes, spoken};
use crate::render::Templates;
use crate::render::context::NewsletterView;

use super::style::needed;
use super::words::{Page as Said, words};

/// A page that is the same for everybody, or for everybody in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Page {
    Subscribe,
    BadAddress,
    NoSuchList,
    Sent,
    Confirm,
    Confirmed,
    Leave,
    Left,
    Refuse,
    Refused,
    DataSent,
    Data,
    Erased,
    Invalid,
    Busy,
    TooMany,
}

const ALL: [Page; 16] = [
    Page::Subscribe,
    Page::BadAddress,
    Page::NoSuchList,
    Page::Sent,
    Page::Confirm,
    Page::Confirmed,
    Page::Leave,
    Page::Left,
    Page::Refuse,
    Page::Refused,
    Page::DataSent,
    Page::Data,
    Page::Erased,
    Page::Invalid,
    Page::Busy,
    Page::TooMany,
];

/// The languages that the service speaks.
pub(super) const LANGUAGES: [Language; 2] = [Language::French, Language::English];

/// All pages, and what makes the readers' own.
pub(super) struct Pages {
    written: HashMap<(Page, Language, usize), Bytes>,
    templates: Templates,
    newsletter: NewsletterView,
    lists: Vec<ListRule>,
    /// The topics a reader may choose, with their names.
    topics: Vec<(Slug, String)>,
    weekly: bool,
    style: String,
    /// What a browser may load and do on any page.
    pub(super) policy: HeaderValue,
}

/// What `service/page.html` sees.
#[derive(Debug, Serialize)]
struct View<'a> {
    newsletter: &'a NewsletterView,
    lang: &'static str,
    skip: &'static str,
    archive: &'static str,
    style: &'a str,
    heading: &'static str,
    note: String,
    texts: Vec<String>,
    form: Option<Form>,
    data: Option<Offer>,
    link: Option<Link>,
}

#[derive(Debug, Default, Serialize)]
struct Form {
    kind: &'static str,
    email: &'static str,
    which_list: &'static str,
    lists: Vec<Choice>,
    honeypot: &'static str,
    consent: String,
    rhythm: &'static str,
    rhythms: Vec<Choice>,
    topics_heading: &'static str,
    topics: Vec<Choice>,
    paused: &'static str,
    paused_until: String,
    language: &'static str,
    languages: Vec<Choice>,
    buttons: Vec<Button>,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct Button {
    action: &'static str,
    text: &'static str,
    grave: bool,
}

#[derive(Debug, Serialize)]
struct Offer {
    heading: &'static str,
    text: &'static str,
    button: &'static str,
}

#[derive(Debug, Serialize)]
struct Link {
    url: String,
    text: &'static str,
}

impl Pages {
    /// Writes every page in every language for every list.
    pub(super) fn write(
        config: &Config,
        templates: Templates,
        topics: Vec<(Slug, String)>,
    ) -> Result<Self, Diagnostic> {
        let newsletter = NewsletterView::new(config);
        let sheet = View::bare(&newsletter, Language::English, "");
        let style = format!(
            "{}{}",
            templates.render("site/style.css", &sheet)?,
            templates.render("service/style.css", &sheet)?
        );
        let style = needed(&style, templates.text("service/page.html"));
        let hash = STANDARD.encode(sha256_bytes(style.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        let mut pages = Self {
            written: HashMap::new(),
            templates,
            newsletter,
            lists: config.lists.clone(),
            topics,
            weekly: config.weekly.is_some(),
            style,
            policy: HeaderValue::try_from(policy)
                .map_err(|_| Diagnostic::error("service", "the policy of pages cannot be written"))?,
        };
        for page in ALL {
            for language in LANGUAGES {
                for list in 0..pages.lists.len() {
                    let html = pages.render(&pages.view(page, language, list))?;
                    pages.written.insert((page, language, list), Bytes::from(html));
                }
            }
        }
        Ok(pages)
    }

    /// A page, in the words of a language and about a list.
    pub(super) fn get(&self, page: Page, language: Language, list: Option<&Slug>) -> Bytes {
        let at = list.and_then(|name| self.lists.iter().position(|list| list.name == *name)).unwrap_or(0);
        let language = if language == Language::French { language } else { Language::English };
        self.written.get(&(page, language, at)).cloned().unwrap_or_default()
    }

    /// The words that a reader sees beside the button of the form, with the list that was chosen there.
    pub(super) fn form_words(&self, language: Language, list: &Slug) -> String {
        let words = words(language);
        let choice = match self.lists.len() {
            0 | 1 => String::new(),
            _ => format!("{} {}. ", words.which_list, self.title(list)),
        };
        format!("{choice}{} [{}]", self.consent(language), words.subscribe_button)
    }

    /// The words of the page that confirms.
    pub(super) fn confirm_words(&self, language: Language, list: &Slug) -> String {
        let words = words(language);
        format!("{} [{}]", words.confirm.text.replace("{title}", self.title(list)), words.confirm_button)
    }

    /// What a reader agrees to: the form is one for all lists.
    fn consent(&self, language: Language) -> String {
        let words = words(language);
        let what = match self.lists.as_slice() {
            [only] => only.title.as_str(),
            _ => words.chosen,
        };
        words.consent.replace("{title}", what)
    }

    fn title(&self, list: &Slug) -> &str {
        self.lists.iter().find(|rule| rule.name == *list).map_or(&self.newsletter.title, |rule| &rule.title)
    }

    fn render(&self, view: &View<'_>) -> Result<String, Diagnostic> {
        self.templates.render("service/page.html", view)
    }

    fn view(&self, page: Page, language: Language, list: usize) -> View<'_> {
        let words = words(language);
        let button = |kind, action, text, grave| {
            Some(Form { kind, buttons: vec![Button { action, text, grave }], ..Form::default() })
        };
        let (said, form): (&Said, Option<Form>) = match page {
            Page::Subscribe | Page::BadAddress | Page::NoSuchList => {
                (&words.subscribe, Some(self.subscribe_form(language)))
            }
            Page::Sent => (&words.sent, None),
            Page::Confirm => (&words.confirm, button("act", "confirm", words.confirm_button, false)),
            Page::Confirmed => (&words.confirmed, None),
            Page::Leave => (&words.leave, button("act", "leave", words.leave_button, false)),
            Page::Left => (&words.left, None),
            Page::Refuse => (&words.refuse, button("act", "refuse", words.refuse_button, true)),
            Page::Refused => (&words.refused, None),
            Page::DataSent => (&words.data_sent, None),
            Page::Data => {
                let export = Button { action: "export", text: words.export_button, grave: false };
                let erase = Button { action: "erase", text: words.erase_button, grave: true };
                (&words.data, Some(Form { kind: "act", buttons: vec![export, erase], ..Form::default() }))
            }
            Page::Erased => (&words.erased, None),
            Page::Invalid => (&words.invalid, None),
            Page::Busy => (&words.busy, None),
            Page::TooMany => (&words.too_many, None),
        };
        let title = self.lists.get(list).map_or("", |list| &list.title);
        let mut view =
            View { heading: said.heading, form, ..View::bare(&self.newsletter, language, &self.style) };
        view.texts = vec![said.text.replace("{title}", title)];
        view.note = match page {
            Page::BadAddress => words.bad_address.to_owned(),
            Page::NoSuchList => words.no_such_list.to_owned(),
            _ => String::new(),
        };
        if matches!(page, Page::Invalid | Page::Left) {
            view.link =
                Some(Link { url: self.newsletter.subscribe_url.clone(), text: words.subscribe.heading });
        }
        view
    }

    fn subscribe_form(&self, language: Language) -> Form {
        let words = words(language);
        let choice = |at: usize, list: &ListRule| Choice {
            value: list.name.to_string(),
            text: list.title.clone(),
            chosen: at == 0,
        };
        Form {
            kind: "subscribe",
            email: words.email,
            which_list: words.which_list,
            lists: self.lists.iter().enumerate().map(|(at, list)| choice(at, list)).collect(),
            honeypot: words.honeypot,
            consent: self.consent(language),
            buttons: vec![Button { action: "subscribe", text: words.subscribe_button, grave: false }],
            ..Form::default()
        }
    }

    /// A reader's preferences. `leave` is where the reader unsubscribes.
    pub(super) fn preferences(
        &self,
        known: &Subscriber,
        since: crate::model::IssueDate,
        language: Language,
        leave: String,
        saved: Saved,
    ) -> Result<String, Diagnostic> {
        let words = words(language);
        let state = match known.state {
            Subscription::Unconfirmed => 0,
            Subscription::Confirmed => 1,
            Subscription::Unsubscribed => 2,
        };
        let date = spoken::long(since, language);
        let since = words.since[state].replace("{title}", self.title(&known.list)).replace("{date}", &date);
        let mut view = View::bare(&self.newsletter, language, &self.style);
        view.heading = words.preferences.heading;
        view.texts = vec![since];
        if saved == Saved::Yes {
            view.note = words.saved.to_owned();
        }
        if known.state != Subscription::Unsubscribed {
            view.link = Some(Link { url: leave, text: words.leave_link });
        }
        view.form = Some(Form {
            kind: "preferences",
            rhythm: words.rhythm,
            rhythms: self.rhythms(known, words.rhythms),
            topics_heading: words.topics,
            topics: self.topics_of(known),
            paused: words.paused,
            paused_until: known.paused_until.map(|day| day.to_string()).unwrap_or_default(),
            language: words.language,
            languages: [("fr", "Français"), ("en", "English")]
                .map(|(value, text)| Choice {
                    value: value.to_owned(),
                    text: text.to_owned(),
                    chosen: words.lang == value,
                })
                .into(),
            buttons: vec![Button { action: "save", text: words.save_button, grave: false }],
            ..Form::default()
        });
        view.data = Some(Offer {
            heading: words.data_heading,
            text: words.data_offer,
            button: words.data_offer_button,
        });
        self.render(&view)
    }

    fn rhythms(&self, known: &Subscriber, texts: [&'static str; 3]) -> Vec<Choice> {
        let all = [Rhythm::Daily, Rhythm::Weekly, Rhythm::Topics];
        let offered = |rhythm: &Rhythm| match rhythm {
            Rhythm::Daily => true,
            Rhythm::Weekly => self.weekly,
            Rhythm::Topics => !self.topics.is_empty(),
        };
        let choice = |(rhythm, text): (Rhythm, &str)| Choice {
            value: rhythm.to_string(),
            text: text.to_owned(),
            chosen: known.rhythm == rhythm,
        };
        all.into_iter().zip(texts).filter(|(rhythm, _)| offered(rhythm)).map(choice).collect()
    }

    fn topics_of(&self, known: &Subscriber) -> Vec<Choice> {
        let choice = |(key, name): &(Slug, String)| Choice {
            value: key.to_string(),
            text: name.clone(),
            chosen: known.topics.contains(key),
        };
        self.topics.iter().map(choice).collect()
    }

    /// The templates, for letters.
    pub(super) fn templates(&self) -> &Templates {
        &self.templates
    }

    /// Whether readers may choose a topic.
    pub(super) fn has_topic(&self, key: &Slug) -> bool {
        self.topics.iter().any(|(known, _)| known == key)
    }
}

/// Whether preferences were saved just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saved {
    Yes,
    No,
}

impl<'a> View<'a> {
    fn bare(newsletter: &'a NewsletterView, language: Language, style: &'a str) -> Self {
        let words = words(language);
        Self {
            newsletter,
            lang: words.lang,
            skip: words.skip,
            archive: words.archive,
            style,
            heading: "",
            note: String::new(),
            texts: Vec::new(),
            form: None,
            data: None,
            link: None,
        }
    }
}
