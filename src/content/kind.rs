//! What is special about a section, judged: quotations, figures, appointments.

use crate::config::yaml::{Spanned, Yaml};
use crate::config::{SectionKind, SectionRule};
use crate::model::Spot;

use super::front_matter::*;
use super::item::Kind;
use super::parse::Parser;

/// What was given for the special kinds of section.
pub(super) struct Given {
    pub(super) quote: Option<Spanned<RawQuote>>,
    pub(super) figure: Option<Spanned<RawFigure>>,
    pub(super) person: Option<Spanned<RawPerson>>,
}

impl Given {
    fn spots(&self, yaml: &Yaml<'_>) -> Vec<(&'static str, Spot)> {
        let spots = [
            self.quote.as_ref().map(|quote| ("quote", yaml.spot(quote))),
            self.figure.as_ref().map(|figure| ("figure", yaml.spot(figure))),
            self.person.as_ref().map(|person| ("person", yaml.spot(person))),
        ];
        spots.into_iter().flatten().collect()
    }

    fn into_kind(self, kind: SectionKind) -> Option<Kind> {
        let full =
            |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        match kind {
            SectionKind::Brief => Some(Kind::Brief),
            SectionKind::Quote => {
                let RawQuote { text, by, role } = self.quote?.value;
                Some(Kind::Quote { text: full(text)?, by: full(by)?, role: full(role) })
            }
            SectionKind::Figure => {
                let RawFigure { value, of, study } = self.figure?.value;
                Some(Kind::Figure { value: full(value)?, of: full(of)?, study: full(study) })
            }
            SectionKind::Appointment => {
                let RawPerson { name, role, organisation, before } = self.person?.value;
                let (name, role) = (full(name)?, full(role)?);
                Some(Kind::Appointment { name, role, organisation: full(organisation), before: full(before) })
            }
        }
    }
}

impl Parser<'_> {
    pub(super) fn kind(
        &mut self,
        yaml: &Yaml<'_>,
        section: &SectionRule,
        given: Given,
        partial: bool,
    ) -> Option<Kind> {
        let (wanted, keys) = match section.kind {
            SectionKind::Brief => ("", ""),
            SectionKind::Quote => ("quote", "text and by"),
            SectionKind::Figure => ("figure", "value and of"),
            SectionKind::Appointment => ("person", "name and role"),
        };
        for (key, spot) in given.spots(yaml) {
            if key != wanted {
                let message = format!("`{key}` has no place in the section `{}`", section.name);
                let hint = format!(
                    "that section is of kind {}; move the item to another one",
                    section.kind.as_str()
                );
                self.fault("wrong-kind", message, self.source.spot(spot), &hint);
            }
        }
        let place =
            given.spots(yaml).iter().find(|(key, _)| *key == wanted).map(|(_, spot)| self.source.spot(*spot));
        let kind = given.into_kind(section.kind);
        if kind.is_none() && !partial {
            let message = format!("an item of the section `{}` needs `{wanted}` with {keys}", section.name);
            let hint = format!("write {wanted}: {{{}: …}}", keys.replace(" and ", ": …, "));
            self.fault("incomplete", message, place.unwrap_or_else(|| yaml.start()), &hint);
        }
        kind
    }
}
