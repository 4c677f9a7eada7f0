//! The words that are linked: what they say, and whether they say it once.

use std::collections::HashMap;

use crate::check::canonical::canonical;
use crate::check::galley::{Galley, Text};
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::check::structure::{EMPTY, is_generic, is_vague};
use crate::check::words::folded;
use crate::issue::Issue;
use crate::model::{Diagnostic, Severity, WebUrl};
use crate::render::reading::ReadLink;

pub(super) const TEXT: Rule = Rule::strict(
    "link-text",
    Family::Links,
    "A screen reader can list the links of a page: `ici`, `cliquez ici`, `read more`, a bare address or no words at all say nothing there (WCAG 2.4.4), and `link`, `this` or `more` hardly anything. A mail with a link of the first kind is not built; an article is, and the queue is not looked at yet.",
    "link the words that name the thing",
)
.lenient();
pub(super) const TWICE: Rule = Rule::new(
    "link-twice",
    Family::Links,
    "One issue leads to one page under two different texts: readers follow both and find the same.",
    "keep one of the two, or give both the same text",
);
pub(super) const AMBIGUOUS: Rule = Rule::new(
    "ambiguous-link",
    Family::Links,
    "The same words lead to two different pages of one issue (WCAG 2.4.9).",
    "say what is different about the second",
);

pub(super) fn check(galley: &Galley<'_>, _: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    for link in &galley.reading.links {
        let text = link.text.trim();
        let message = if text.is_empty() {
            EMPTY.to_owned()
        } else if is_generic(text) || is_vague(text) {
            format!("the link text `{text}` does not say where it leads")
        } else if text.starts_with("http://") || text.starts_with("https://") {
            "the text of a link is a bare address".to_owned()
        } else {
            continue;
        };
        let severity = match (galley.text, galley.date) {
            (Text::Article(_), _) | (_, None) => Severity::Warning,
            _ if is_vague(text) => Severity::Warning,
            _ => Severity::Error,
        };
        let finding = TEXT.say(message).at(galley.in_body(link.range.clone()));
        findings.push(Diagnostic { severity, ..finding });
    }
}

pub(super) fn repeated(_: &Issue<'_>, galleys: &[&Galley<'_>], _: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let mut texts: HashMap<String, String> = HashMap::new();
    let mut pages: HashMap<String, &ReadLink> = HashMap::new();
    for galley in galleys {
        for link in &galley.reading.links {
            let text = folded(&link.text);
            let Ok(url) = WebUrl::parse(&link.target) else { continue };
            if text.is_empty() || is_generic(link.text.trim()) || is_vague(link.text.trim()) {
                continue;
            }
            let page = canonical(&url).unwrap_or_else(|| format!("{}/", url.authority()));
            let place = || galley.in_body(link.range.clone());
            match pages.get(&page) {
                Some(first) if folded(&first.text) != text => {
                    let message =
                        format!("the page was linked before in this issue, as `{}`", first.text.trim());
                    findings.push(TWICE.say(message).at(place()));
                }
                Some(_) => {}
                None => {
                    pages.insert(page.clone(), link);
                }
            }
            match texts.get(&text) {
                Some(other) if *other != page => {
                    let message = format!("`{}` led to another page before in this issue", link.text.trim());
                    findings.push(AMBIGUOUS.say(message).at(place()));
                }
                Some(_) => {}
                None => {
                    texts.insert(text, page);
                }
            }
        }
    }
}
