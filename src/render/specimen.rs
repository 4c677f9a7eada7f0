//! What the typesetter makes of any Markdown, as HTML or as text: for the curious and for tests.

use pulldown_cmark::{Event, Tag, TagEnd, html};

use crate::config::TypographyOptions;
use crate::model::Language;

use super::typeset;

/// The HTML of a text, set.
pub fn specimen_html(markdown: &str, language: Language, options: &TypographyOptions) -> String {
    let events = typeset::events(markdown, Some((language, options)));
    let mut out = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut out, events.into_iter().map(|(event, _)| plain_title(event)));
    out.trim().to_owned()
}

/// A link whose title keeps its apostrophes: in double quotes they need no entity.
fn plain_title(event: Event<'_>) -> Event<'_> {
    match &event {
        Event::Start(Tag::Link { title, .. }) if title.contains('\'') => {
            let mut tag = String::new();
            html::push_html(&mut tag, std::iter::once(event));
            Event::InlineHtml(tag.replace("&#39;", "'").into())
        }
        _ => event,
    }
}

/// The text of that HTML: one line feed between blocks.
pub fn specimen_text(markdown: &str, language: Language, options: &TypographyOptions) -> String {
    let mut out = String::with_capacity(markdown.len());
    for (event, _) in typeset::events(markdown, Some((language, options))) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak => out.push('\n'),
            Event::FootnoteReference(label) => out.push_str(&label),
            Event::Html(html) => out.push_str(&without_tags(&html)),
            Event::End(
                TagEnd::Emphasis
                | TagEnd::Strong
                | TagEnd::Strikethrough
                | TagEnd::Link
                | TagEnd::Image
                | TagEnd::Superscript,
            ) => {}
            Event::End(_) if !out.is_empty() && !out.ends_with('\n') => out.push('\n'),
            _ => {}
        }
    }
    out.trim().to_owned()
}

fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    out + rest
}
