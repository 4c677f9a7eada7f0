//! The frame of a mail: language, headings, links, pictures, tables, footer (statements 1–12, 25–37).

use std::collections::HashSet;

use crate::model::Diagnostic;

use super::letter::Page;
use super::markup::{Element, Token};
use super::parity::letters;

const FORBIDDEN: [&str; 14] = [
    "script", "form", "input", "iframe", "object", "video", "audio", "svg", "link", "base", "button",
    "embed", "select", "textarea",
];
const LANDMARKS: [&str; 7] =
    ["banner", "main", "contentinfo", "complementary", "navigation", "search", "region"];
const LANDMARK_ELEMENTS: [&str; 5] = ["header", "main", "footer", "aside", "nav"];

/// Link texts that say nothing (28).
const GENERIC: [&str; 8] = [
    "cliquez ici",
    "ici",
    "lire la suite",
    "en savoir plus",
    "click here",
    "here",
    "read more",
    "learn more",
];

/// Link texts that say hardly more: a copy editor minds them, and a mail is made all the same.
const VAGUE: [&str; 9] =
    ["this", "link", "more", "this link", "this page", "see more", "lien", "ce lien", "voir plus"];

pub(super) fn check(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    head(page, findings);
    languages(page, findings);
    for element in page.elements() {
        forbidden(page, element, findings);
        if element.name == "img" {
            image(page, element, findings);
        }
    }
    tables(page, findings);
    headings(page, findings);
    links(page, findings);
    preheader(page, findings);
    footer(page, findings);
}

fn fault(message: impl Into<String>, hint: &str) -> Diagnostic {
    Diagnostic::error("mail-structure", message).hint(hint)
}

fn head(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let doctype =
        page.tokens.iter().find(|token| !matches!(token, Token::Text { text, .. } if text.trim().is_empty()));
    if !matches!(doctype, Some(Token::Doctype { text }) if text.eq_ignore_ascii_case("<!doctype html>")) {
        findings.push(
            page.whole(fault("the mail does not start with <!DOCTYPE html>", "start the template with it")),
        );
    }
    for name in ["html", "head", "body", "title"] {
        if page.elements().filter(|element| element.name == name).count() != 1 {
            findings.push(page.whole(fault(
                format!("the mail needs exactly one <{name}>"),
                "compare the template with the built-in one",
            )));
        }
    }
    let title = text_of(page, "title").concat();
    if title.trim().is_empty() {
        findings.push(page.whole(fault("the <title> is empty", "put the subject there")));
    }
    let meta = |name: &str| {
        page.elements()
            .filter(|e| e.name == "meta")
            .find(|e| e.attribute("name") == Some(name))
            .and_then(|e| e.attribute("content"))
    };
    if !page.elements().any(|e| {
        e.name == "meta" && e.attribute("charset").is_some_and(|set| set.eq_ignore_ascii_case("utf-8"))
    }) {
        findings.push(page.whole(fault("<meta charset=\"utf-8\"> is missing", "put it first in <head>")));
    }
    match meta("viewport") {
        Some(content) if !content.contains("user-scalable") && !content.contains("maximum-scale") => {}
        Some(_) => {
            findings.push(page.whole(fault(
                "readers could not zoom",
                "the viewport is width=device-width, initial-scale=1",
            )))
        }
        None => findings.push(page.whole(fault("the viewport is missing", "add it to <head>"))),
    }
    let dark = page.letter.html.contains("prefers-color-scheme:dark");
    let wanted = if dark { "light dark" } else { "light" };
    for name in ["color-scheme", "supported-color-schemes"] {
        if meta(name) != Some(wanted) {
            findings.push(
                page.whole(fault(format!("the meta `{name}` must say `{wanted}`"), "add it to <head>")),
            );
        }
    }
    if !page.letter.html.contains("<table role=\"presentation\" align=\"center\" width=\"600\"") {
        let finding = fault(
            "classic Outlook would stretch the mail",
            "wrap the column in the conditional table of the built-in template",
        );
        findings.push(page.whole(finding));
    }
}

fn languages(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let language = |element: Option<&Element<'_>>| {
        let element = element?;
        Some((element.attribute("lang")?.to_owned(), element.attribute("dir")?.to_owned()))
    };
    let html = language(page.first("html"));
    if html.as_ref().is_none_or(|(lang, dir)| lang.is_empty() || !matches!(dir.as_str(), "ltr" | "rtl")) {
        findings.push(page.whole(fault(
            "<html> needs `lang` and `dir`",
            "take them from newsletter.lang and newsletter.dir",
        )));
    }
    let children = page.elements().skip_while(|element| element.name != "body").nth(1);
    if language(children) != html {
        findings.push(page.whole(fault(
            "the child of <body> must repeat `lang` and `dir`",
            "some mail programs drop those of <html>",
        )));
    }
    let article = children.is_some_and(|child| {
        child.attribute("role") == Some("article") && child.attribute("aria-label").is_some()
    });
    if !article {
        let finding = Diagnostic::warning(
            "mail-structure",
            "the content is not wrapped in role=\"article\" with an aria-label",
        );
        findings.push(page.whole(finding.hint("compare the template with the built-in one")));
    }
}

fn forbidden(page: &Page<'_>, element: &Element<'_>, findings: &mut Vec<Diagnostic>) {
    let mut say = |message: String| {
        findings.push(page.at(fault(message, "mail programs refuse it; take it out"), element.at));
    };
    if FORBIDDEN.contains(&element.name) {
        say(format!("<{}> has no place in a mail", element.name));
    }
    let landmark = element.attribute("role").is_some_and(|role| LANDMARKS.contains(&role));
    if landmark || LANDMARK_ELEMENTS.contains(&element.name) {
        say("a mail is shown inside a page that has its own landmarks".to_owned());
    }
    for (name, value) in &element.attributes {
        if name.to_ascii_lowercase().starts_with("on")
            || value.trim_start().to_ascii_lowercase().starts_with("javascript:")
        {
            say(format!("the attribute `{name}` acts"));
        }
    }
}

fn image(page: &Page<'_>, image: &Element<'_>, findings: &mut Vec<Diagnostic>) {
    let mut say = |message: &str, hint: &str| findings.push(page.at(fault(message, hint), image.at));
    if image.attribute("alt").is_none() {
        say("a picture has no `alt`", "say what it shows, or alt=\"\" if it only decorates");
    }
    let integer = |name: &str| {
        image
            .attribute(name)
            .is_some_and(|value| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()))
    };
    if !integer("width") || !integer("height") {
        say("a picture needs `width` and `height` in pixels", "image.width and image.height give them");
    }
    let src = image.attribute("src").unwrap_or("");
    if !src.starts_with("https://") {
        say(
            "a picture must be fetched from an https address",
            "base_url in content/newsletter.yaml starts with https://",
        );
    }
    if ![".png", ".jpg", ".jpeg", ".gif"].iter().any(|ending| src.ends_with(ending)) {
        say("a picture of a mail is PNG, JPEG or GIF", "other formats are not shown everywhere");
    }
    if image.property("display") != Some("block") {
        say("a picture needs display:block", "put it into mail/style.css");
    }
}

fn tables(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let mut open: Vec<(&Element<'_>, bool, bool)> = Vec::new();
    for token in &page.tokens {
        match token {
            Token::Open(element) if element.name == "table" => open.push((element, false, true)),
            Token::Open(element) if element.name == "th" => {
                if let Some((_, heads, scoped)) = open.last_mut() {
                    *heads = true;
                    *scoped &= element.attribute("scope").is_some();
                }
            }
            Token::Close { name: "table" } => {
                let Some((table, heads, scoped)) = open.pop() else { continue };
                let layout = table.attribute("role") == Some("presentation");
                let data = heads && scoped;
                if !layout && !data {
                    let hint = "a table for layout has role=\"presentation\"; one for data has th with scope";
                    findings.push(
                        page.at(fault("a screen reader cannot tell what this table is for", hint), table.at),
                    );
                }
            }
            Token::Comment { text, at }
                if text.contains("<table") && !text.contains("role=\"presentation\"") =>
            {
                findings
                    .push(page.at(fault("a table for layout has no role=\"presentation\"", "add it"), *at));
            }
            _ => {}
        }
    }
}

fn headings(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let level = |name: &str| {
        name.strip_prefix('h')
            .and_then(|level| level.parse::<u8>().ok())
            .filter(|level| (1..=6).contains(level))
    };
    let mut before = 0;
    let mut first = 0;
    for element in page.elements() {
        let Some(level) = level(element.name) else { continue };
        first += usize::from(level == 1);
        if level > before + 1 {
            let message = match before {
                0 => format!("the first heading is <h{level}>, not <h1>"),
                _ => format!("<h{level}> follows <h{before}>: a level is skipped"),
            };
            findings.push(page.at(fault(message, "use item.level, and headings below it"), element.at));
        }
        before = level;
    }
    if first != 1 {
        findings.push(page.whole(fault(
            format!("the mail has {first} <h1>, one is right"),
            "the issue's title is the only one",
        )));
    }
}

fn links(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let mut ids = HashSet::new();
    for element in page.elements() {
        if let Some(id) = element.attribute("id").filter(|id| !ids.insert(id.to_string())) {
            findings
                .push(page.at(fault(format!("the id `{id}` stands twice"), "give each its own"), element.at));
        }
    }
    let mut open: Option<(&Element<'_>, String)> = None;
    for token in &page.tokens {
        match token {
            Token::Open(element) if element.name == "a" => open = Some((element, String::new())),
            Token::Open(element) if element.name == "img" => {
                if let Some((_, text)) = &mut open {
                    text.push_str(element.attribute("alt").unwrap_or(""));
                }
            }
            Token::Text { text, .. } => {
                if let Some((_, said)) = &mut open {
                    said.push_str(text);
                }
            }
            Token::Close { name: "a" } => {
                if let Some((element, text)) = open.take() {
                    link(page, element, &text, findings);
                }
            }
            _ => {}
        }
    }
}

/// What is said of a link that nobody sees.
pub(super) const EMPTY: &str = "a link has no text";

/// Whether a link text says nothing by itself.
pub(super) fn is_generic(text: &str) -> bool {
    GENERIC.contains(&bare(text).as_str())
}

/// Whether it says hardly anything.
pub(super) fn is_vague(text: &str) -> bool {
    VAGUE.contains(&bare(text).as_str())
}

fn bare(text: &str) -> String {
    text.to_lowercase().trim_end_matches(['.', '…', ' ', '>', '→', '!']).to_owned()
}

fn link(page: &Page<'_>, element: &Element<'_>, text: &str, findings: &mut Vec<Diagnostic>) {
    let text = text.trim();
    let href = element.attribute("href").unwrap_or("");
    if text.is_empty() {
        let finding = Diagnostic::error("link-text", EMPTY);
        findings.push(page.at(finding.hint("link the words that name the thing"), element.at));
    } else if is_generic(text) {
        let finding =
            Diagnostic::error("link-text", format!("the link text `{text}` does not say where it leads"));
        findings.push(page.at(finding.hint("link the words that name the thing"), element.at));
    } else if text.starts_with("http://") || text.starts_with("https://") {
        let finding = Diagnostic::error("link-text", "the text of a link is a bare address");
        findings.push(page.at(finding.hint("link the words that name the thing"), element.at));
    }
    let button = element.property("padding").is_some() && element.property("background-color").is_some();
    let underlined = element.property("text-decoration") == Some("underline");
    if !href.is_empty() && !underlined && !button {
        findings.push(
            page.at(
                fault("a link is not underlined", "colour alone does not show it to everybody"),
                element.at,
            ),
        );
    }
    if element.attribute("role") == Some("button") {
        findings
            .push(page.at(fault("a link says that it is a button", "take role=\"button\" out"), element.at));
    }
}

fn preheader(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    const SHORTEST: usize = 90;
    const LONGEST: usize = 200;
    let body = page
        .tokens
        .iter()
        .skip_while(|token| !matches!(token, Token::Open(element) if element.name == "body"));
    let first = body.filter_map(|token| match token {
        Token::Text { text, at } if !text.trim().is_empty() => Some((text.trim(), *at)),
        _ => None,
    });
    let Some((text, at)) = first.into_iter().next() else {
        findings.push(page.whole(fault("the mail says nothing", "write an item")));
        return;
    };
    let length = text.chars().count();
    let rich = page.letter.items.len() >= 3;
    if length > LONGEST || rich && length < SHORTEST {
        let message = format!("the preheader has {length} characters; inboxes show 90 to 200");
        let finding = Diagnostic::warning("preheader-length", message);
        findings.push(page.at(finding.hint("write `preheader:` in issue.md, or labels that say more"), at));
    }
}

fn footer(page: &Page<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(footer) = &page.letter.footer else { return };
    let leads = |url: &str| {
        page.elements().any(|element| element.name == "a" && element.attribute("href") == Some(url))
    };
    let mut say = |message: &str, hint: &str| {
        findings.push(page.whole(Diagnostic::error("mail-footer", message).hint(hint)));
    };
    if !leads(&footer.unsubscribe) {
        say("the mail has no link to unsubscribe", "the template needs newsletter.unsubscribe_url");
    }
    if !leads(page.letter.url) {
        say("the mail has no link to its web edition", "the template needs issue.url");
    }
    let text = letters(&text_of(page, "body").concat());
    if footer.publisher.is_empty() || footer.address.is_empty() {
        say(
            "nobody answers for this mail",
            "add publisher: {name: …, address: …} to content/newsletter.yaml",
        );
    } else if !text.contains(&letters(footer.publisher)) || !text.contains(&letters(footer.address)) {
        say(
            "the publisher's name and postal address are missing",
            "the template needs newsletter.publisher and newsletter.address",
        );
    }
}

/// The texts inside the first element of a name.
pub(super) fn text_of(page: &Page<'_>, name: &str) -> Vec<String> {
    let inside =
        page.tokens.iter().skip_while(|token| !matches!(token, Token::Open(element) if element.name == name));
    let inside =
        inside.take_while(|token| !matches!(token, Token::Close { name: closed } if *closed == name));
    inside
        .filter_map(|token| if let Token::Text { text, .. } = token { Some(text.clone()) } else { None })
        .collect()
}
