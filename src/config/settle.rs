//! From what is written to what is meant: every value judged, every default filled in.

use std::fmt::Display;
use std::path::PathBuf;

use chrono::Weekday;
use chrono_tz::Tz;

use crate::model::{Diagnostic, EmailAddress, Language, LanguageTag, Location, Slug};

use super::raw::*;
use super::readers::StoreUrl;
use super::settings::*;
use super::subject::SubjectPattern;
use super::values::*;
use super::yaml::{Spanned, Yaml};

type Text = Option<Spanned<String>>;

/// Judges one settings file.
pub(super) struct Settler<'a> {
    pub(super) yaml: Yaml<'a>,
    pub(super) findings: &'a mut Vec<Diagnostic>,
    pub(super) partial: bool,
}

impl Settler<'_> {
    /// The settings, or nothing when an error was found.
    pub(super) fn config(&mut self, raw: RawConfig) -> Option<Config> {
        let RawConfig {
            title,
            tagline,
            language,
            timezone,
            base_url,
            publisher,
            subject,
            sections,
            blocks,
            typography,
            calendar,
            check,
            theme,
            mail,
            store,
            lists,
            weekly,
            service,
            delivery,
        } = raw;
        let title = self.filled(title, "title");
        let title = self.required("title", title);
        let language = self.required("language", language);
        let language = language.and_then(|text| self.language(&text));
        let base_url = self.required("base_url", base_url);
        let base_url = base_url
            .and_then(|text| self.parse(text, "base-url", base, "write it as https://journal.example"));
        let timezone = self.optional(timezone, "timezone", zone, "write it as Europe/Paris");
        let publisher = self.publisher(publisher.unwrap_or_default());
        let pattern_hint = "the places are {lead}, {title}, {date} and {number}";
        let subject = self.optional(subject, "subject-pattern", SubjectPattern::parse, pattern_hint);
        let sections = self.sections(sections);
        let blocks = blocks.unwrap_or_default().into_iter().filter_map(|block| self.block(block)).collect();
        let calendar = self.calendar(calendar.unwrap_or_default());
        let check = self.check(check.unwrap_or_default());
        let name = title.as_ref().map(|title| title.value.clone()).unwrap_or_default();
        let theme = super::theme::settle(self, theme.unwrap_or_default(), &name);
        let mail = mail.and_then(|mail| self.mail(mail));
        let store = self.optional(
            store,
            "store",
            store_url,
            "write sqlite:data/rotative.db or postgres://user@host/name",
        );
        let lists = self.lists(lists, &name);
        let weekly =
            weekly.map(|weekly| self.weekly(weekly, language.as_ref().map(|(_, language)| *language)));
        let service = service.and_then(|service| self.service(service));
        let delivery = self.delivery(delivery.unwrap_or_default(), &publisher);
        let (tag, language) = language?;
        Some(Config {
            title: title?.value.trim().to_owned(),
            tagline: tagline.filter(|text| !text.trim().is_empty()),
            tag,
            language,
            timezone: timezone.unwrap_or(Tz::UTC),
            base_url: base_url?,
            publisher,
            subject: subject.unwrap_or_else(|| SubjectPattern::usual(language)),
            sections,
            blocks,
            typography: settle_typography(typography),
            calendar,
            check,
            theme,
            mail,
            store: store.unwrap_or_else(|| StoreUrl::Sqlite(PathBuf::from("data/rotative.db"))),
            lists,
            weekly,
            service,
            delivery,
        })
    }

    fn language(&mut self, text: &Spanned<String>) -> Option<(LanguageTag, Language)> {
        let hint = "pages and mails speak `fr`, `en` and `ar`";
        let tag = self.parse(text.clone(), "language", LanguageTag::parse, hint)?;
        if let Some(language) = tag.language() {
            return Some((tag, language));
        }
        self.fault("language", &format!("there are no words in `{tag}` yet"), self.yaml.place(text), hint);
        None
    }

    fn publisher(&mut self, raw: RawPublisher) -> Publisher {
        let RawPublisher { name, address, email } = raw;
        Publisher { name, address, email: self.optional(email, "address", EmailAddress::parse, ADDRESS_HINT) }
    }

    fn sections(&mut self, raw: Option<Vec<RawSection>>) -> Vec<SectionRule> {
        let mut sections: Vec<SectionRule> = Vec::new();
        for RawSection { name, title, kind, min, max, longest, headlines } in raw.unwrap_or_default() {
            let Some(name) = self.name(name, "a section") else { continue };
            let min = min.unwrap_or(0);
            if let Some(max) = max.as_ref().filter(|max| max.value < min.max(1)) {
                let message = format!("a section of at most {} cannot hold {}", max.value, min.max(1));
                self.fault("section-limits", &message, self.yaml.place(max), "raise `max`, or leave it out");
            }
            if sections.iter().any(|section| section.name == name.1) {
                self.fault(
                    "duplicate-name",
                    &format!("there is a section `{}` already", name.1),
                    name.0,
                    ONE_NAME,
                );
                continue;
            }
            sections.push(SectionRule {
                name: name.1,
                title: title.unwrap_or_default().trim().to_owned(),
                kind: match kind.unwrap_or(RawKind::Brief) {
                    RawKind::Brief => SectionKind::Brief,
                    RawKind::Quote => SectionKind::Quote,
                    RawKind::Figure => SectionKind::Figure,
                    RawKind::Appointment => SectionKind::Appointment,
                },
                min,
                max: max.map(|max| max.value),
                longest: longest.unwrap_or(LONGEST_ITEM),
                headlines: match headlines.unwrap_or(RawHeadlines::Optional) {
                    RawHeadlines::Required => Headlines::Required,
                    RawHeadlines::Optional => Headlines::Optional,
                },
            });
        }
        if sections.is_empty() && !self.partial {
            let hint = "add `sections: [{name: brief, kind: brief}]`";
            self.fault("missing-key", "a newsletter has one section at least", self.yaml.start(), hint);
        }
        sections
    }

    fn block(&mut self, raw: RawBlock) -> Option<BlockRule> {
        let RawBlock { name, file, after, end, every_article } = raw;
        let (place, name) = self.name(name, "a block")?;
        let hint = "name a Markdown file under content/, such as blocks/subscribe.md";
        let Some(file) = file else {
            self.fault("missing-key", &format!("the block `{name}` has no `file`"), place, hint);
            return None;
        };
        let file = self.parse(file, "block-file", inside, hint)?;
        let after = after.map(|after| match after.value {
            RawAfter::Count(count) => Placement::After(usize::try_from(count).unwrap_or(usize::MAX)),
            RawAfter::End => Placement::End,
            RawAfter::EveryArticle => Placement::EveryArticle,
        });
        let end = end.filter(|on| *on).map(|_| Placement::End);
        let article = every_article.filter(|on| *on).map(|_| Placement::EveryArticle);
        let placements: Vec<Placement> = [after, end, article].into_iter().flatten().collect();
        let [placement] = placements[..] else {
            let message = format!("the block `{name}` needs one place, not {}", placements.len());
            self.fault(
                "block-placement",
                &message,
                place,
                "write one of `after: 4`, `end: true`, `every_article: true`",
            );
            return None;
        };
        Some(BlockRule { name, file, placement })
    }

    fn calendar(&mut self, raw: RawCalendar) -> Calendar {
        let RawCalendar { days, holidays, except } = raw;
        let hint = "the days are mon, tue, wed, thu, fri, sat, sun";
        let days: Option<Vec<Weekday>> = days.map(|days| {
            days.into_iter().filter_map(|day| self.parse(day, "calendar", weekday, hint)).collect()
        });
        let words = match holidays.as_ref().map(|written| (&written.value, written)) {
            None => Vec::new(),
            Some((RawHolidays::Many(words), _)) => words.clone(),
            Some((RawHolidays::One(word), written)) => vec![written.with(word.clone())],
        };
        let known =
            "write FR, FR-57, FR-67, FR-68, a day of every year such as 12-24, or one day such as 2026-12-24";
        let holidays =
            words.into_iter().filter_map(|word| self.parse(word, "calendar", holiday, known)).collect();
        let hint = "write 2018-08-01, or 2018-08-01/2018-08-20";
        let except = except.unwrap_or_default();
        Calendar {
            days: days.unwrap_or_else(|| {
                vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri]
            }),
            holidays,
            except: except.into_iter().filter_map(|text| self.parse(text, "calendar", span, hint)).collect(),
        }
    }

    pub(super) fn name(&mut self, name: Text, whose: &str) -> Option<(Location, Slug)> {
        let Some(name) = name else {
            if !self.partial {
                let message = format!("{whose} has no `name`");
                self.fault(
                    "missing-key",
                    &message,
                    self.yaml.start(),
                    "give it a name of small letters, digits and hyphens",
                );
            }
            return None;
        };
        let place = self.yaml.place(&name);
        let hint = "a name is small letters, digits and hyphens";
        Some((place, self.parse(name, "name", Slug::parse, hint)?))
    }

    fn filled(&mut self, text: Text, key: &str) -> Text {
        let text = text?;
        if !text.value.trim().is_empty() {
            return Some(text);
        }
        self.fault(
            "empty-title",
            &format!("`{key}` is empty"),
            self.yaml.place(&text),
            "write the newsletter's name",
        );
        self.partial = true;
        None
    }

    pub(super) fn required(&mut self, key: &str, text: Text) -> Text {
        if text.is_none() && !self.partial {
            let hint = format!("add it to content/newsletter.yaml: {}", example(key));
            self.fault("missing-key", &format!("the key `{key}` is missing"), self.yaml.start(), &hint);
        }
        text
    }

    pub(super) fn optional<T, E: Display>(
        &mut self,
        text: Text,
        rule: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
        hint: &str,
    ) -> Option<T> {
        self.parse(text?, rule, parse, hint)
    }

    pub(super) fn parse<T, E: Display>(
        &mut self,
        text: Spanned<String>,
        rule: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
        hint: &str,
    ) -> Option<T> {
        match parse(text.value.trim()) {
            Ok(value) => Some(value),
            Err(error) => {
                let place = without_credentials(self.yaml.place(&text));
                self.fault(rule, &error.to_string(), place, hint);
                None
            }
        }
    }

    pub(super) fn fault(&mut self, rule: &'static str, message: &str, place: Location, hint: &str) {
        self.findings.push(Diagnostic::error(rule, message).at(place).hint(hint));
    }
}

/// The most words of an item, unless its section says otherwise.
const LONGEST_ITEM: usize = 150;

pub(super) const ADDRESS_HINT: &str = "write it as name@news.example, or as Name <name@news.example>";
pub(super) const ONE_NAME: &str = "give each its own name";

fn example(key: &str) -> &'static str {
    match key {
        "title" => "title: Le journal",
        "language" => "language: fr",
        "base_url" => "base_url: https://journal.example",
        "mail.from" => "from: Le journal <journal@news.example>",
        _ => "see the README for an example",
    }
}
