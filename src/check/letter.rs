//! The mail checker: the final HTML of a mail, whoever's template it came from, held to what mail programs,
//! screen readers and providers need. The numbers are those of the product's mail specification.

use crate::model::{Diagnostic, IssueDate, Location};

use super::markup::{Element, Token, tokens};
use super::{colour, parity, structure, style};

/// What is checked.
#[derive(Debug, Clone)]
pub struct Letter<'a> {
    /// The day of the issue.
    pub date: IssueDate,
    /// The final HTML.
    pub html: &'a str,
    /// The final text.
    pub text: &'a str,
    /// The slugs of the items, in order.
    pub items: &'a [String],
    /// The address of the issue on the web.
    pub url: &'a str,
    /// What the footer must hold, where the newsletter is mailed.
    pub footer: Option<Footer<'a>>,
}

/// What the footer of a mail must hold (37).
#[derive(Debug, Clone)]
pub struct Footer<'a> {
    /// The address under which the reader unsubscribes.
    pub unsubscribe: String,
    /// The publisher's name.
    pub publisher: &'a str,
    /// The postal address.
    pub address: &'a str,
}

/// Everything that is wrong with a mail.
pub fn letter(letter: &Letter<'_>) -> Vec<Diagnostic> {
    let page = Page::new(letter);
    let mut findings = Vec::new();
    structure::check(&page, &mut findings);
    style::check(&page, &mut findings);
    colour::check(&page, &mut findings);
    size(&page, &mut findings);
    parity::check(&page, &mut findings);
    findings
}

/// A mail taken apart.
pub(super) struct Page<'a> {
    pub(super) letter: &'a Letter<'a>,
    pub(super) tokens: Vec<Token<'a>>,
}

impl<'a> Page<'a> {
    fn new(letter: &'a Letter<'a>) -> Self {
        Self { letter, tokens: tokens(letter.html) }
    }

    /// All elements, those of conditional comments excepted.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element<'a>> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Open(element) => Some(element),
            _ => None,
        })
    }

    /// The first element of a name.
    pub(super) fn first(&self, name: &str) -> Option<&Element<'a>> {
        self.elements().find(|element| element.name == name)
    }

    /// A finding about a place of the HTML.
    pub(super) fn at(&self, finding: Diagnostic, at: usize) -> Diagnostic {
        let html = self.letter.html;
        let line = html[..at].bytes().filter(|byte| *byte == b'\n').count() + 1;
        let excerpt: String = html[at..].lines().next().unwrap_or("").chars().take(100).collect();
        let width = excerpt.find('>').map_or(excerpt.chars().count(), |end| excerpt[..=end].chars().count());
        finding.at(Location { path: self.path(), line, column: 1, width, excerpt })
    }

    /// A finding about the mail as a whole.
    pub(super) fn whole(&self, finding: Diagnostic) -> Diagnostic {
        finding.in_file(self.path())
    }

    fn path(&self) -> String {
        format!("out/mail/{}/mail.html", self.letter.date)
    }
}

/// Gmail cuts a mail near 102 kB (39). The issue is built all the same: its web edition is whole.
fn size(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    const WARNING: usize = 80_000;
    let html = page.letter.html;
    // Encoded for transport: every byte that is not plain ASCII, and `=`, takes three; each line a soft end.
    let escaped =
        html.bytes().filter(|byte| !(32..127).contains(byte) && *byte != b'\n' || *byte == b'=').count();
    let encoded = html.len() + escaped * 2;
    let encoded = encoded + encoded / 75 * 3;
    let size = html.len().max(encoded);
    if size <= WARNING {
        return;
    }
    let message = format!("the mail is {} kB heavy as it travels; Gmail cuts it near 102 kB", size / 1000);
    let heaviest = heaviest(page.letter);
    let finding = Diagnostic::warning("mail-size", message);
    findings.push(page.whole(finding.hint(format!("the heaviest items are {}", heaviest.join(", ")))));
}

/// The three heaviest items, with their weights.
fn heaviest(letter: &Letter<'_>) -> Vec<String> {
    let at = |slug: &str| letter.html.find(&format!("id=\"{slug}\""));
    let mut places: Vec<(usize, &String)> =
        letter.items.iter().filter_map(|slug| Some((at(slug)?, slug))).collect();
    places.sort_unstable();
    let ends = places.iter().skip(1).map(|(at, _)| *at).chain([letter.html.len()]);
    let mut weights: Vec<(usize, &String)> =
        places.iter().zip(ends).map(|((at, slug), end)| (end - at, *slug)).collect();
    weights.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    weights
        .iter()
        .take(3)
        .map(|(weight, slug)| format!("`{slug}` ({:.1} kB)", *weight as f64 / 1000.0))
        .collect()
}
