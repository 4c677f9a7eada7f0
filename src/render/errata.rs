//! What earlier issues had wrong, as the next one tells it: a block of its own, in every edition.

use crate::issue::{Erratum, Published};
use crate::links::Place;
use crate::model::spoken;

use super::context::{BlockView, CorrectedEntry, CorrectedYear, CorrectionsPage};
use super::html::escape;
use super::resolve::Edition;
use super::text::{COLUMNS, LinkList, Paragraph};
use super::{Renderer, words};

/// One correction, its texts set.
struct Told {
    name: String,
    place: Place,
    date: String,
    text: String,
}

impl Renderer<'_> {
    /// As HTML.
    pub(super) fn errata(&self, errata: &[Erratum<'_>], edition: &Edition) -> BlockView {
        let words = words(self.config.language);
        let mut html = String::new();
        for erratum in errata {
            let Told { name, place, date, text } = self.told(erratum);
            let url = edition.url(&place, &self.links);
            html.push_str(&format!(
                "<p><strong>{}{}</strong><a href=\"{}\">{}</a> ({date}){}{}</p>\n",
                words.erratum,
                words.colon,
                escape(&url),
                escape(&name),
                words.colon,
                escape(&text)
            ));
        }
        BlockView { name: "errata".to_owned(), html, lang: String::new() }
    }

    /// As plain text.
    pub(super) fn errata_text(&self, letter: &mut Vec<Paragraph>, errata: &[Erratum<'_>]) {
        let words = words(self.config.language);
        let mut links = LinkList::default();
        letter.push(Paragraph::fixed("-".repeat(COLUMNS)));
        for erratum in errata {
            let Told { name, place, date, text } = self.told(erratum);
            let mark = links.mark(&self.links.absolute(&place));
            letter.push(Paragraph::flowed(format!(
                "{}{}{name}{mark} ({date}){}{text}",
                words.erratum, words.colon, words.colon
            )));
        }
        letter.extend(links.paragraphs());
    }

    /// All corrections, the newest first.
    pub fn corrections_page(&self, edition: &Edition) -> CorrectionsPage {
        let mut years: Vec<CorrectedYear> = Vec::new();
        for erratum in self.archive.errata.iter().rev() {
            let year = erratum.correction.date.year();
            if years.last().is_none_or(|last| last.year != year) {
                years.push(CorrectedYear { year, corrections: Vec::new() });
            }
            if let Some(last) = years.last_mut() {
                last.corrections.push(self.corrected(erratum, edition));
            }
        }
        CorrectionsPage { years }
    }

    fn corrected(&self, erratum: &Erratum<'_>, edition: &Edition) -> CorrectedEntry {
        let Erratum { published, date, correction, .. } = erratum;
        let issue_url = match published {
            Published::Item(_) => edition.url(&Place::issue(*date), &self.links),
            Published::Article(_) => String::new(),
        };
        CorrectedEntry {
            date: correction.date.to_string(),
            day: spoken::day_and_month(correction.date, self.config.language),
            text: self.set_of(published.entry(), &correction.text),
            entry: self.published_link(*published, *date, edition),
            issue_url,
        }
    }

    /// Where corrections are listed; empty as long as there are none.
    pub(super) fn corrections_url(&self, edition: &Edition) -> String {
        if self.archive.errata.is_empty() {
            return String::new();
        }
        edition.url(&Place::corrections(), &self.links)
    }

    fn told(&self, erratum: &Erratum<'_>) -> Told {
        let (published, date) = (erratum.published, erratum.date);
        Told {
            name: self.name_of(published),
            place: published.place(date),
            date: spoken::short(date, self.config.language),
            text: self.set_of(published.entry(), &erratum.correction.text),
        }
    }
}
