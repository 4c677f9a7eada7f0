//! The web edition's stylesheet without what the service's pages have no use for: it travels with every page.

use std::collections::HashSet;

/// The rules of a stylesheet that may concern a page, tightly written. A rule is dropped when each of its
/// selectors names a class that stands in no `class` attribute of the page's template, or an element that
/// the template does not have.
pub(super) fn needed(css: &str, template: &str) -> String {
    let names = |text: &'static str| template.split(text).skip(1);
    let classes = names("class=\"").filter_map(|rest| rest.split('"').next());
    let classes = classes.flat_map(|names| names.split(|letter: char| !is_name(letter)));
    let elements =
        names("<").map(|rest| rest.split(|letter: char| !is_name(letter)).next().unwrap_or_default());
    let known =
        Known { classes: classes.collect(), elements: elements.filter(|name| !name.is_empty()).collect() };
    rules(css, &known)
}

/// What a template has.
struct Known<'a> {
    classes: HashSet<&'a str>,
    elements: HashSet<&'a str>,
}

fn rules(css: &str, known: &Known<'_>) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((selectors, body, after)) = next_rule(rest) {
        rest = after;
        if selectors.starts_with("@media") {
            let inner = rules(body, known);
            if !inner.is_empty() {
                kept.push_str(&format!("{selectors}{{{inner}}}"));
            }
        } else if selectors.starts_with('@') {
            kept.push_str(&format!("{selectors}{{{}}}", tight(body)));
        } else {
            let used: Vec<&str> =
                selectors.split(',').map(str::trim).filter(|selector| concerns(selector, known)).collect();
            if !used.is_empty() {
                kept.push_str(&format!("{}{{{}}}", used.join(","), tight(body)));
            }
        }
    }
    kept
}

/// The next rule: what stands before its braces, what between them, and all that follows.
fn next_rule(css: &str) -> Option<(&str, &str, &str)> {
    let (selectors, rest) = css.split_once('{')?;
    let mut depth = 1;
    let end = rest.char_indices().find(|(_, letter)| {
        depth += match letter {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    Some((selectors.trim(), &rest[..end.0], &rest[end.0 + 1..]))
}

/// Whether every class and every element that a selector names is known. What `:not(…)` names does not count.
fn concerns(selector: &str, known: &Known<'_>) -> bool {
    let plain = selector.split(":not(").next().unwrap_or(selector);
    plain.split(|letter: char| letter.is_whitespace() || ">+~".contains(letter)).all(|part| {
        let part = part.split([':', '[']).next().unwrap_or(part);
        let mut names = part.split('.');
        let element = names.next().unwrap_or_default();
        (element.is_empty() || element == "*" || known.elements.contains(element))
            && names.all(|class| known.classes.contains(class))
    })
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

/// Declarations without needless spaces.
fn tight(body: &str) -> String {
    let words: Vec<&str> = body.split_whitespace().collect();
    words.join(" ").replace("; ", ";").replace(": ", ":").trim_end_matches(';').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_page_names_is_dropped() {
        let css = ".masthead .name { margin: 0; color: red; }\n.quote, p { top: 1px; }\n.quote p { left: 0 }\n\
            table, .name > a:hover { top: 2px }\n.name a[href] { top: 3px } * { top: 4px }\n\
            @media print { .quote { top: 0 } .name { top: 0; } @page { margin: 1mm } }\n@media (x) { .quote { top: 0 } }";
        let kept = needed(css, "<p class=\"masthead name\"><a href=\"\">a</a></p>");
        assert_eq!(
            kept,
            ".masthead .name{margin:0;color:red}p{top:1px}.name > a:hover{top:2px}.name a[href]{top:3px}*{top:4px}\
             @media print{.name{top:0}@page{margin:1mm}}"
        );
    }
}
