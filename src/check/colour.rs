//! Contrast, as light and as dark (statements 23 and 24): every text against what it stands on.

use std::collections::HashSet;

use crate::model::{Colour, Diagnostic};

use super::letter::Page;
use super::markup::{Element, Token, declarations};

/// What ordinary text needs (WCAG 2.2, success criterion 1.4.3).
const ENOUGH: f64 = 4.5;

pub(super) fn check(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let dark = rules(page);
    let mut open: Vec<Look<'_>> = Vec::new();
    let mut judged = HashSet::new();
    for token in &page.tokens {
        match token {
            Token::Open(element) if !element.is_void() => {
                let look = look(element, &open, &dark);
                open.push(look);
            }
            Token::Close { name } => {
                if let Some(at) = open.iter().rposition(|look| look.element.name == *name) {
                    open.truncate(at);
                }
            }
            Token::Text { text, at } if !text.trim().is_empty() => {
                let Some(look) = open.last().filter(|look| look.body && !look.hidden) else { continue };
                for (text, ground, mode) in pairs(look, !dark.is_empty()) {
                    if !judged.insert((text, ground, mode)) {
                        continue;
                    }
                    let ratio = text.contrast(ground);
                    if ratio < ENOUGH {
                        let message = format!(
                            "{text} on {ground} has a contrast of {ratio:.1} {mode}, {ENOUGH} are needed"
                        );
                        let hint = "choose another colour in `theme`, or in the template's styles";
                        findings.push(page.at(Diagnostic::error("contrast", message).hint(hint), *at));
                    }
                }
            }
            _ => {}
        }
    }
}

/// The colours of an element, inherited ones included.
#[derive(Debug, Clone)]
struct Look<'a> {
    element: &'a Element<'a>,
    /// Whether it stands in the body.
    body: bool,
    /// Whether it, or what it stands in, is not shown.
    hidden: bool,
    light: (Colour, Colour),
    dark: (Colour, Colour),
}

/// Which colours must be told apart. Some mail programs drop backgrounds: white counts too.
fn pairs(look: &Look<'_>, has_dark: bool) -> Vec<(Colour, Colour, &'static str)> {
    let mut pairs =
        vec![(look.light.0, look.light.1, "as light"), (look.light.0, Colour::WHITE, "on plain white")];
    if has_dark {
        pairs.push((look.dark.0, look.dark.1, "as dark"));
    }
    pairs
}

fn look<'a>(element: &'a Element<'a>, open: &[Look<'a>], dark: &[Rule]) -> Look<'a> {
    const BLACK: Colour = Colour { red: 0, green: 0, blue: 0 };
    let (light, night) = open
        .last()
        .map_or(((BLACK, Colour::WHITE), (BLACK, Colour::WHITE)), |above| (above.light, above.dark));
    let own = |name: &str| element.property(name).and_then(|value| Colour::parse(value).ok());
    let path: Vec<&Element<'_>> = open.iter().map(|look| look.element).chain([element]).collect();
    let at_night = |name: &str| {
        let matching = dark.iter().filter(|rule| rule.property == name && rule.matches(&path));
        matching.max_by_key(|rule| rule.weight).map(|rule| rule.colour)
    };
    let color = own("color");
    let ground = own("background-color");
    let above = open.last();
    let body = element.name == "body" || above.is_some_and(|above| above.body);
    let hidden = element.is_hidden() || above.is_some_and(|above| above.hidden);
    Look {
        element,
        body,
        hidden,
        light: (color.unwrap_or(light.0), ground.unwrap_or(light.1)),
        dark: (
            at_night("color").or(color).unwrap_or(night.0),
            at_night("background-color").or(ground).unwrap_or(night.1),
        ),
    }
}

/// A rule for the dark: `.tx p{color:#fff !important}`.
#[derive(Debug)]
struct Rule {
    selector: Vec<(String, Vec<String>)>,
    property: String,
    colour: Colour,
    /// Specificity, then order.
    weight: (usize, usize),
}

impl Rule {
    fn matches(&self, path: &[&Element<'_>]) -> bool {
        let fits = |(tag, classes): &(String, Vec<String>), element: &Element<'_>| {
            (tag.is_empty() || tag == element.name) && classes.iter().all(|class| element.has_class(class))
        };
        let Some((last, above)) = path.split_last() else { return false };
        let Some((own, ancestors)) = self.selector.split_last() else { return false };
        if !fits(own, last) {
            return false;
        }
        let mut wanted = ancestors.iter().rev();
        let mut next = wanted.next();
        for element in above.iter().rev() {
            if next.is_some_and(|next| fits(next, element)) {
                next = wanted.next();
            }
        }
        next.is_none()
    }
}

/// The colours that dark-mode rules set.
fn rules(page: &Page<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    for token in &page.tokens {
        let Token::Text { text, .. } = token else { continue };
        let Some((_, media)) = text.split_once("prefers-color-scheme:dark)") else { continue };
        let media = media.trim().strip_prefix('{').unwrap_or(media);
        for block in media.split('}') {
            let Some((selectors, style)) = block.split_once('{') else { continue };
            for selector in selectors.split(',') {
                for (property, value) in declarations(style) {
                    let value = value.trim_end_matches("!important").trim();
                    let Ok(colour) = Colour::parse(value) else { continue };
                    let selector = parse(selector);
                    let specificity = selector
                        .iter()
                        .map(|(tag, classes)| classes.len() * 100 + usize::from(!tag.is_empty()))
                        .sum();
                    let weight = (specificity, rules.len());
                    rules.push(Rule { selector, property: property.to_owned(), colour, weight });
                }
            }
        }
    }
    rules
}

fn parse(selector: &str) -> Vec<(String, Vec<String>)> {
    let one = |part: &str| {
        let mut names = part.split('.');
        let tag = names.next().unwrap_or("").to_owned();
        (tag, names.map(str::to_owned).collect())
    };
    selector.split_ascii_whitespace().map(one).collect()
}
