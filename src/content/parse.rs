//! From source to item, article, introduction, topic: a pure step, one file at a time.

use std::fmt::Display;
use std::path::Path;

use crate::config::yaml::{Spanned, Yaml};
use crate::config::{Config, Headlines, SectionRule};
use crate::model::{Diagnostic, IssueDate, Location, Slug, Source, suggest};

use super::allowance::allowances;
use super::entry::Rest;
use super::front_matter::*;
use super::introduction::{Introduction, Topic};
use super::item::*;
use super::kind::Given;

/// One file being read.
pub(super) struct Parser<'a> {
    pub(super) config: &'a Config,
    pub(super) source: &'a Source,
    pub(super) file: &'a Path,
    pub(super) findings: Vec<Diagnostic>,
}

const DAY_HINT: &str = "write a day as 2018-06-08";

impl<'a> Parser<'a> {
    pub(super) fn new(config: &'a Config, source: &'a Source, file: &'a Path) -> Self {
        Self { config, source, file, findings: Vec::new() }
    }

    /// An item of a dated folder, or of the queue.
    pub(super) fn item(&mut self, folder_date: Option<IssueDate>) -> Option<Item> {
        let slug = self.slug()?;
        let Split { yaml, body } = split(self.source, &mut self.findings)?;
        let read = yaml.read::<RawItem>(&mut self.findings);
        let RawItem {
            title,
            label,
            section,
            topics,
            sources,
            description,
            image,
            lead,
            position,
            date,
            not_before,
            expires,
            priority,
            queued,
            keep,
            draft,
            lang,
            author,
            typography,
            quote,
            figure,
            person,
            corrections,
            aliases,
            allow,
        } = read.value;
        let own_date = self.day(&yaml, date);
        if let (Some((own, place)), Some(folder)) = (&own_date, folder_date) {
            self.agree(*own, folder, place.clone());
        }
        if let (Some((own, place)), None) = (&own_date, folder_date) {
            let message = "`date` says nothing in the queue: an item has the day of the issue that takes it";
            let hint = format!("move the file into content/{own}/, or write `not_before: {own}`");
            self.findings.push(Diagnostic::warning("queue-date", message).at(place.clone()).hint(hint));
        }
        let section = self.section(&yaml, section)?;
        let untitled = title.is_none() && section.headlines == Headlines::Required && !read.partial;
        if untitled {
            let message = format!("the section `{}` wants a headline", section.name);
            self.fault("missing-title", message, yaml.start(), "add `title:`");
        }
        let title = self.headline(&yaml, title, "title");
        let label = self.headline(&yaml, label, "label");
        let given = Given { quote, figure, person };
        let kind = self.kind(&yaml, section, given, read.partial);
        let priority = self.priority(&yaml, priority);
        let not_before = self.day(&yaml, not_before).map(|(day, _)| day);
        let expires = self.day(&yaml, expires).map(|(day, _)| day);
        let queued = self.day(&yaml, queued).map(|(day, _)| day);
        let kept = keep.unwrap_or(false);
        let lead = lead.filter(|lead| lead.value).map(|lead| yaml.spot(&lead));
        let rest = Rest {
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
        };
        let entry = self.entry(&yaml, slug, body, folder_date, rest);
        let section = section.name.clone();
        Some(Item {
            entry,
            section,
            kind: kind?,
            lead,
            position,
            not_before,
            expires,
            priority,
            queued,
            kept,
        })
    }

    /// A long article.
    pub(super) fn article(&mut self) -> Option<Article> {
        let slug = self.slug()?;
        let Split { yaml, body } = split(self.source, &mut self.findings)?;
        let read = yaml.read::<RawArticle>(&mut self.findings);
        let RawArticle {
            title,
            label,
            date,
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
        } = read.value;
        let undated = date.is_none() && !read.partial;
        if undated {
            self.fault(
                "missing-key",
                "an article needs a `date`".to_owned(),
                yaml.start(),
                "add `date: 2018-06-08`",
            );
        }
        if title.is_none() && !read.partial {
            self.fault(
                "missing-title",
                "an article needs a `title`".to_owned(),
                yaml.start(),
                "add `title:`",
            );
        }
        let date = self.day(&yaml, date).map(|(day, _)| day);
        let title = self.headline(&yaml, title, "title");
        let label = self.headline(&yaml, label, "label");
        let rest = Rest {
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
        };
        let entry = self.entry(&yaml, slug, body, date, rest);
        Some(Article { entry, date: date? })
    }

    /// The introduction of an issue.
    pub(super) fn introduction(&mut self, folder: IssueDate) -> Option<Introduction> {
        let Split { yaml, body } = split(self.source, &mut self.findings)?;
        let read = yaml.read::<RawIntroduction>(&mut self.findings);
        let RawIntroduction { date, subject, preheader, number, draft, aliases, allow } = read.value;
        if let Some((own, place)) = self.day(&yaml, date) {
            self.agree(own, folder, place);
        }
        let subject = self.one_line(&yaml, subject, "subject");
        let preheader = self.one_line(&yaml, preheader, "preheader");
        let number = number.and_then(|number| match u32::try_from(number.value) {
            Ok(value) if value > 0 => Some(value),
            _ => {
                let message = format!("`{}` is not the number of an issue", number.value);
                self.fault("number", message, yaml.place(&number), "numbers start at 1");
                None
            }
        });
        let source = self.source.clone();
        Some(Introduction {
            date: folder,
            source,
            body,
            subject,
            preheader,
            number,
            draft: draft.unwrap_or(false),
            blank: self.source.after(body).trim().is_empty(),
            aliases: self.former_paths(&yaml, aliases),
            allow: allowances(&yaml, allow),
        })
    }

    /// A topic.
    pub(super) fn topic(&mut self) -> Option<Topic> {
        let key = self.slug()?;
        let Split { yaml, body } = split(self.source, &mut self.findings)?;
        let RawTopic { name, description, aliases, related } =
            yaml.read::<RawTopic>(&mut self.findings).value;
        let name = self.headline(&yaml, name, "name").unwrap_or_else(|| key.to_string());
        let (paths, names) =
            aliases.unwrap_or_default().into_iter().partition(|alias| alias.value.starts_with('/'));
        let (former, aliases) = (self.former_paths(&yaml, Some(paths)), self.slugs(&yaml, Some(names)));
        let related = self.slugs(&yaml, related).into_iter().map(|(key, _)| key).collect();
        Some(Topic { key, name, source: self.source.clone(), body, description, aliases, former, related })
    }

    /// The name of the file, which must be a slug.
    pub(super) fn slug(&mut self) -> Option<Slug> {
        let stem = self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
        match Slug::parse(stem) {
            Ok(slug) => Some(slug),
            Err(error) => {
                let hint = error.suggestion.map_or_else(
                    || "use small letters, digits and hyphens, 80 at most".to_owned(),
                    |slug| format!("rename the file to {slug}.md"),
                );
                let finding = Diagnostic::error("slug", format!("`{stem}` cannot stand in an address"));
                self.findings.push(finding.in_file(self.source.path()).hint(hint));
                None
            }
        }
    }

    pub(super) fn agree(&mut self, own: IssueDate, folder: IssueDate, place: Location) {
        if own != folder {
            let message = format!("the date {own} disagrees with the folder {folder}");
            self.fault("date-disagrees", message, place, "delete the key, or move the file");
        }
    }

    pub(super) fn section(&mut self, yaml: &Yaml<'_>, section: Text) -> Option<&'a SectionRule> {
        let Some(written) = section else { return self.config.sections.first() };
        let known = self.config.section(written.value.trim());
        if known.is_none() {
            let names = || self.config.sections.iter().map(|section| section.name.as_str());
            let hint = suggest::nearest(&written.value, names()).map_or_else(
                || {
                    format!(
                        "the sections of content/newsletter.yaml are `{}`",
                        names().collect::<Vec<_>>().join("`, `")
                    )
                },
                |name| format!("did you mean `{name}`? sections are listed in content/newsletter.yaml"),
            );
            let message = format!("section `{}` does not exist", written.value);
            self.fault("unknown-section", message, yaml.place(&written), &hint);
        }
        known
    }

    pub(super) fn headline(&mut self, yaml: &Yaml<'_>, text: Text, key: &str) -> Option<String> {
        let text = text?;
        if text.value.trim().is_empty() {
            self.fault(
                "empty-title",
                format!("`{key}` is empty"),
                yaml.place(&text),
                "write it, or delete the key",
            );
            return None;
        }
        self.one_line(yaml, Some(text), key)
    }

    pub(super) fn one_line(&mut self, yaml: &Yaml<'_>, text: Text, key: &str) -> Option<String> {
        let text = text?;
        let value = text.value.trim().to_owned();
        if value.contains('\n') {
            let message = format!("`{key}` has several lines");
            self.fault("several-lines", message, yaml.place(&text), "write it on one line");
            return None;
        }
        (!value.is_empty()).then_some(value)
    }

    pub(super) fn day(&mut self, yaml: &Yaml<'_>, text: Text) -> Option<(IssueDate, Location)> {
        let text = text?;
        let place = yaml.place(&text);
        self.parse(yaml, text, "date", IssueDate::parse, DAY_HINT).map(|day| (day, place))
    }

    pub(super) fn parse<T, E: Display>(
        &mut self,
        yaml: &Yaml<'_>,
        text: Spanned<String>,
        rule: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
        hint: &str,
    ) -> Option<T> {
        match parse(text.value.trim()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(rule, error.to_string(), yaml.place(&text), hint);
                None
            }
        }
    }

    pub(super) fn fault(&mut self, rule: &'static str, message: String, place: Location, hint: &str) {
        self.findings.push(Diagnostic::error(rule, message).at(place).hint(hint));
    }
}
