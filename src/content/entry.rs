//! What items and articles have in common, judged: topics, sources, pictures, corrections.

use std::path::Path;
use std::sync::Arc;

use crate::config::yaml::{Spanned, Yaml};
use crate::model::{IssueDate, LanguageTag, Slug, Spot, WebUrl, descends};

use super::allowance::allowances;
use super::front_matter::*;
use super::item::*;
use super::names;
use super::parse::Parser;

/// What an entry is made of besides its place and its section.
pub(super) struct Rest {
    pub(super) title: Option<String>,
    pub(super) label: Option<String>,
    pub(super) topics: Option<Vec<Spanned<String>>>,
    pub(super) sources: Option<Vec<RawCredit>>,
    pub(super) description: Option<String>,
    pub(super) image: Option<RawImage>,
    pub(super) draft: Option<bool>,
    pub(super) lang: Text,
    pub(super) author: Option<String>,
    pub(super) typography: Option<bool>,
    pub(super) corrections: Option<Vec<RawCorrection>>,
    pub(super) aliases: Option<Vec<Spanned<String>>>,
    pub(super) allow: Allow,
}

impl Parser<'_> {
    pub(super) fn entry(
        &mut self,
        yaml: &Yaml<'_>,
        slug: Slug,
        body: usize,
        date: Option<IssueDate>,
        rest: Rest,
    ) -> Entry {
        let Rest {
            title,
            label,
            topics,
            sources,
            description,
            image,
            draft,
            lang,
            author,
            typography,
            corrections,
            aliases,
            allow,
        } = rest;
        let lang = lang
            .and_then(|tag| self.parse(yaml, tag, "language", LanguageTag::parse, "write it as fr or en-GB"));
        Entry {
            slug,
            source: self.source.clone(),
            body,
            folder: self.file.parent().unwrap_or(Path::new("")).into(),
            date,
            title,
            label,
            topics: self.topics(yaml, topics),
            sources: sources
                .unwrap_or_default()
                .into_iter()
                .filter_map(|raw| self.credit(yaml, raw))
                .collect(),
            description: description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            image: image.and_then(|raw| self.image(yaml, raw)).map(Box::new),
            draft: draft.unwrap_or(false),
            lang,
            author: author.filter(|author| !author.trim().is_empty()),
            setting: if typography == Some(false) { TextSetting::AsTyped } else { TextSetting::Set },
            corrections: corrections
                .unwrap_or_default()
                .into_iter()
                .filter_map(|raw| self.correction(yaml, date, raw))
                .collect(),
            aliases: self.aliases(yaml, aliases),
            allow: allowances(yaml, allow),
        }
    }

    pub(super) fn topics(
        &mut self,
        yaml: &Yaml<'_>,
        topics: Option<Vec<Spanned<String>>>,
    ) -> Vec<Arc<TopicName>> {
        let mut names: Vec<Arc<TopicName>> = Vec::new();
        for written in topics.unwrap_or_default() {
            let name = written.value.trim();
            let Some(topic) = names::topic(name) else {
                let message = format!("`{name}` cannot be a topic");
                self.fault(
                    "topic",
                    message,
                    yaml.place(&written),
                    "a topic has a letter or a digit at least",
                );
                continue;
            };
            if !names.iter().any(|known| known.key == topic.key) {
                names.push(topic);
            }
        }
        names
    }

    pub(super) fn slugs(
        &mut self,
        yaml: &Yaml<'_>,
        written: Option<Vec<Spanned<String>>>,
    ) -> Vec<(Slug, Spot)> {
        let slug = |text: Spanned<String>| Slug::from_text(&text.value).map(|slug| (slug, yaml.spot(&text)));
        written.unwrap_or_default().into_iter().filter_map(slug).collect()
    }

    pub(super) fn credit(&mut self, yaml: &Yaml<'_>, raw: RawCredit) -> Option<Credit> {
        let RawCredit { name, url, note } = raw;
        let hint = "an address starts with https:// (or http://)";
        let url = url.and_then(|url| self.parse(yaml, url, "source-url", WebUrl::parse, hint));
        let name = name.map(|name| name.value.trim().to_owned()).filter(|name| !name.is_empty());
        let name = name.or_else(|| url.as_ref().map(|url| url.bare_host().to_owned()));
        if name.is_none() {
            self.fault(
                "source-name",
                "a source has no name".to_owned(),
                yaml.start(),
                "write {name: …, url: https://…}",
            );
        }
        Some(Credit { name: name?, url, note: note.filter(|note| !note.trim().is_empty()) })
    }

    pub(super) fn image(&mut self, yaml: &Yaml<'_>, raw: RawImage) -> Option<Image> {
        let RawImage { file, alt, caption, credit } = raw;
        let Some(file) = file else {
            self.fault(
                "missing-key",
                "an image has no `file`".to_owned(),
                yaml.start(),
                "write {file: picture.jpg, alt: …}",
            );
            return None;
        };
        let spot = yaml.spot(&file);
        let hint = "name a file that lies beside the item, or under its folder";
        let file = self.parse(yaml, file, "image-path", beside, hint)?;
        Some(Image { file, spot, alt: alt.unwrap_or_default().trim().to_owned(), caption, credit })
    }

    fn correction(
        &mut self,
        yaml: &Yaml<'_>,
        appeared: Option<IssueDate>,
        raw: RawCorrection,
    ) -> Option<Correction> {
        let RawCorrection { date, text } = raw;
        let text = text.filter(|text| !text.trim().is_empty());
        if date.is_none() || text.is_none() {
            let message = "a correction needs `date` and `text`".to_owned();
            self.fault("incomplete", message, yaml.start(), "write {date: 2018-06-09, text: …}");
        }
        let (date, place) = self.day(yaml, date)?;
        if let Some(appeared) = appeared.filter(|appeared| date < *appeared) {
            let message = format!("the correction is of {date}, and what it corrects of {appeared}");
            self.fault("correction-date", message, place, "look up the day, and write it as 2018-06-09");
        }
        Some(Correction { date, text: text? })
    }

    pub(super) fn priority(&mut self, yaml: &Yaml<'_>, priority: Option<Spanned<i64>>) -> u8 {
        const USUAL: u8 = 5;
        let Some(written) = priority else { return USUAL };
        match u8::try_from(written.value) {
            Ok(value @ 1..=9) => value,
            _ => {
                let message = format!("`{}` is not a priority", written.value);
                self.fault("priority", message, yaml.place(&written), "1 is first, 9 is last");
                USUAL
            }
        }
    }
}

/// A relative path that stays in its folder.
pub(crate) fn beside(text: &str) -> Result<String, String> {
    if text.is_empty() || !descends(Path::new(text)) || text.contains('\\') {
        return Err(format!("`{text}` does not lie beside the item"));
    }
    Ok(text.to_owned())
}
