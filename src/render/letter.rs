//! The plain text of an issue: everything the HTML says, in the same order, for people who read text.

use std::path::Path;

use crate::content::{Block, Item, Kind, TextSetting};
use crate::issue::{self, Heading, Issue, Part};
use crate::model::{Diagnostic, spoken};
use crate::typography::without_narrow;

use super::context::NewsletterView;
use super::plain::to_text;
use super::resolve::Edition;
use super::text::{COLUMNS, LinkList, Paragraph, fold};
use super::views::Text;
use super::{Renderer, words};

impl Renderer<'_> {
    /// The text of an issue, folded at 72 columns.
    pub fn letter_text(&self, issue: &Issue<'_>, findings: &mut Vec<Diagnostic>) -> String {
        let mut letter: Vec<Paragraph> = self.head(issue);
        if let Some(introduction) = issue.introduction {
            let text = Text {
                source: &introduction.source,
                body: introduction.body,
                folder: Path::new(""),
                id: "",
                setting: self.setting(None, TextSetting::Set),
            };
            self.write(&mut letter, text, findings);
        }
        for part in &issue.parts {
            match part {
                Part::Block(block) => self.block_text(&mut letter, block, findings),
                Part::Errata(errata) => self.errata_text(&mut letter, errata),
                Part::Section { rule, heading, items } => {
                    if *heading == Heading::Shown && !rule.title.is_empty() {
                        letter.push(Paragraph::fixed(rule_off(&self.set(&rule.title))));
                    }
                    for (at, item) in items.iter().enumerate() {
                        let ruled = rule.title.is_empty() || at > 0 || *heading == Heading::Continued;
                        self.item_text(&mut letter, item, issue, ruled, findings);
                    }
                }
            }
        }
        letter.extend(self.foot(issue));
        without_narrow(&fold(&letter))
    }

    fn head(&self, issue: &Issue<'_>) -> Vec<Paragraph> {
        let config = self.config;
        let words = words(config.language);
        let date = self.set(&issue::name(issue, config));
        let mut head = vec![Paragraph::flowed(self.set(&config.title).to_uppercase())];
        head.extend(config.tagline.iter().map(|tagline| Paragraph::flowed(self.set(tagline)).close()));
        head.push(
            Paragraph::flowed(format!("{} – {}{}", capital(&date), words.number, issue.number)).close(),
        );
        head
    }

    fn item_text(
        &self,
        letter: &mut Vec<Paragraph>,
        item: &Item,
        issue: &Issue<'_>,
        ruled: bool,
        findings: &mut Vec<Diagnostic>,
    ) {
        if ruled {
            letter.push(Paragraph::fixed("-".repeat(COLUMNS)));
        }
        if let Some(title) = &item.entry.title {
            letter.push(Paragraph::flowed(self.set_of(&item.entry, title).to_uppercase()));
        }
        let mut links = LinkList::default();
        letter.extend(self.special(item));
        if let Some(image) = &item.entry.image {
            let parts = [Some(image.alt.as_str()), image.caption.as_deref(), image.credit.as_deref()];
            let parts = parts.into_iter().flatten().filter(|text| !text.is_empty());
            let caption: Vec<String> = parts.map(|text| self.set_of(&item.entry, text)).collect();
            letter.push(Paragraph::flowed(format!(
                "[{}{}{}]",
                self.picture_word(),
                words(self.config.language).colon,
                caption.join(" – ")
            )));
        }
        let entry = &item.entry;
        let text = Text::of(entry, "", self.setting_of(entry));
        letter.extend(self.document(&text, &Edition::Mail, 3, findings, |document| {
            to_text(document, &mut links, |links| self.plain_credits(entry, links))
        }));
        letter.extend(
            entry.author.iter().map(|author| Paragraph::flowed(format!("– {}", self.set_of(entry, author)))),
        );
        let words = words(self.config.language);
        for correction in &entry.corrections {
            let date = spoken::short(correction.date, self.config.language);
            letter.push(Paragraph::flowed(format!(
                "{} {date}{}{}",
                words.correction,
                words.colon,
                self.set_of(entry, &correction.text)
            )));
        }
        self.recalled(letter, item, issue, &mut links);
        letter.extend(links.paragraphs());
    }

    fn special(&self, item: &Item) -> Vec<Paragraph> {
        let words = words(self.config.language);
        let set = |text: &str| self.set_of(&item.entry, text);
        let with = |text: &str, more: &Option<String>| match more {
            Some(more) => format!("{text}, {}", set(more)),
            None => text.to_owned(),
        };
        match &item.kind {
            Kind::Brief => Vec::new(),
            Kind::Quote { text, by, role } => vec![
                Paragraph::flowed(format!("{}{}{}", words.open, set(text), words.close)).quoted(),
                Paragraph::flowed(format!("– {}", with(&set(by), role))).quoted().close(),
            ],
            Kind::Figure { value, of, study } => {
                let mut lines = vec![Paragraph::flowed(format!("{} {}", set(value), set(of))).quoted()];
                lines.extend(study.iter().map(|study| {
                    Paragraph::flowed(format!("{}{}{}", words.study, words.colon, set(study)))
                        .quoted()
                        .close()
                }));
                lines
            }
            Kind::Appointment { name, role, organisation, before } => {
                let mut line = with(&with(&set(name), &Some(role.clone())), organisation);
                if let Some(before) = before {
                    line.push_str(&format!(" ({}{}{})", words.before, words.colon, set(before)));
                }
                vec![Paragraph::flowed(line).quoted()]
            }
        }
    }

    fn recalled(&self, letter: &mut Vec<Paragraph>, item: &Item, issue: &Issue<'_>, links: &mut LinkList) {
        let recalled = self.archive.recall(&item.entry, item.entry.date.unwrap_or(issue.date));
        if recalled.is_empty() {
            return;
        }
        let words = words(self.config.language);
        letter.push(Paragraph::flowed(format!("{}{}", words.already_run, words.colon.trim_end())));
        for earlier in recalled {
            let name = self.name_of(earlier.published);
            let mark = links.mark(&self.links.absolute(&earlier.published.place(earlier.date)));
            let date = spoken::short(earlier.date, self.config.language);
            letter.push(Paragraph::flowed(format!("- {name} ({date}){mark}")).close());
        }
    }

    fn block_text(&self, letter: &mut Vec<Paragraph>, block: &Block, findings: &mut Vec<Diagnostic>) {
        letter.push(Paragraph::fixed("-".repeat(COLUMNS)));
        let text = Text::block(block, "", self.setting(block.lang.as_ref(), block.setting));
        self.write(letter, text, findings);
    }

    fn write(&self, letter: &mut Vec<Paragraph>, text: Text<'_>, findings: &mut Vec<Diagnostic>) {
        let mut links = LinkList::default();
        letter.extend(self.document(&text, &Edition::Mail, 2, findings, |document| {
            to_text(document, &mut links, |_| None)
        }));
        letter.extend(links.paragraphs());
    }

    fn foot(&self, issue: &Issue<'_>) -> Vec<Paragraph> {
        let words = words(self.config.language);
        let NewsletterView { unsubscribe_url, preferences_url, publisher, address, .. } = &*self.newsletter;
        let online = self.links.absolute(&issue.place());
        let mut foot = vec![Paragraph::fixed("-".repeat(COLUMNS))];
        if !unsubscribe_url.is_empty() {
            foot.push(Paragraph::flowed(words.reason));
        }
        for (word, url) in [
            (words.unsubscribe, unsubscribe_url),
            (words.preferences, preferences_url),
            (words.read_online, &online),
        ] {
            if !url.is_empty() {
                foot.push(Paragraph::flowed(format!("{word}{}", words.colon.trim_end())));
                foot.push(Paragraph::fixed(url.clone()).close());
            }
        }
        let house: Vec<&str> =
            [publisher.as_str(), address].into_iter().filter(|text| !text.is_empty()).collect();
        if !house.is_empty() {
            foot.push(Paragraph::flowed(house.join(", ")));
        }
        foot
    }

    /// The line after the subject: the editor's own, else the headlines, else what the first items say.
    pub(super) fn preheader(&self, issue: &Issue<'_>) -> String {
        const SHORTEST: usize = 90;
        const LONGEST: usize = 200;
        let own = issue.introduction.and_then(|introduction| introduction.preheader.as_ref());
        let mut line = self.set(&issue.preheader);
        for item in issue.items() {
            // A sketch does not know how long the line will be, so it asks for what may be needed.
            if own.is_some() || self.sketch().is_none() && line.chars().count() >= SHORTEST {
                break;
            }
            let entry = &item.entry;
            let text = Text::of(entry, "", self.setting_of(entry));
            let plain = self.document(&text, &Edition::Mail, 3, &mut Vec::new(), |document| {
                to_text(document, &mut LinkList::default(), |_| None)
            });
            for paragraph in plain {
                line = format!("{line} {}", unmarked(&paragraph.text)).trim().to_owned();
            }
        }
        if line.chars().count() <= LONGEST {
            return line;
        }
        let cut: String = line.chars().take(LONGEST - 1).collect();
        let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
        format!("{}…", whole.trim_end_matches([',', ';', ':', '.', ' ', '\u{a0}']))
    }
}

/// A text without the marks of its links and notes.
fn unmarked(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{a0}[") {
        plain.push_str(before);
        rest = after.split_once(']').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

/// A section's heading with a line drawn to the margin.
fn rule_off(title: &str) -> String {
    let title = title.to_uppercase();
    let rest = COLUMNS.saturating_sub(title.chars().count() + 4);
    format!("-- {title} {}", "-".repeat(rest))
}

/// The first letter large.
pub(super) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + characters.as_str())
}
