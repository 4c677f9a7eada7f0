//! What earlier issues had wrong, as the next one tells it: a block of its own, in every edition.

use crate::issue::Erratum;
use crate::links::Place;
use crate::model::spoken;

use super::context::BlockView;
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

    fn told(&self, erratum: &Erratum<'_>) -> Told {
        let (published, date) = (erratum.published, erratum.date);
        Told {
            name: self.name_of(published.entry()),
            place: published.place(date),
            date: spoken::short(date, self.config.language),
            text: self.set_of(published.entry(), &erratum.correction.text),
        }
    }
}
