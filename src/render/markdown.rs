//! Markdown to a document: links, pictures and headings settled, footnotes in order, every fault with its place.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Parser, Tag, TagEnd};

use crate::model::{Diagnostic, Source};

use super::raw::{RawPiece, pieces};
use super::setting::Setting;
use super::typeset::{self, Placed, options};

/// A parsed text whose links lead where they should.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    /// The text, without its footnotes.
    pub(super) events: Vec<Event<'a>>,
    /// The footnotes, in the order of their first mention.
    pub(super) notes: Vec<Note<'a>>,
    /// The pictures in the text, in order.
    pub(super) pictures: Vec<PictureLink>,
    /// Whether the author wrote HTML.
    pub(super) raw_html: bool,
}

/// A footnote.
#[derive(Debug)]
pub(super) struct Note<'a> {
    label: CowStr<'a>,
    pub(super) events: Vec<Event<'a>>,
}

/// A picture that a text shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PictureLink {
    /// Its address.
    pub(super) url: String,
    /// In pixels.
    pub(super) width: u32,
    /// In pixels.
    pub(super) height: u32,
}

/// Where a text stands and what surrounds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    /// The file.
    pub(super) source: &'a Source,
    /// Where its Markdown starts, in bytes.
    pub(super) body: usize,
    /// That Markdown.
    pub(super) markdown: &'a str,
    /// The level of its highest heading, 2 to 6.
    pub(super) top_heading: usize,
    /// How it is set.
    pub(super) setting: Setting<'a>,
}

/// Says where links and pictures lead.
pub(super) trait Resolve {
    /// The address of a link; an error says what is wrong and what to do.
    fn link(&self, target: &str) -> Result<String, Diagnostic>;
    /// The address of a picture beside the text.
    fn picture(&self, file: &str) -> Result<PictureLink, Diagnostic>;
}

/// The pictures a Markdown text names, with their places in it.
pub fn pictures(markdown: &str) -> Vec<(String, Range<usize>)> {
    if !markdown.contains("![") {
        return Vec::new();
    }
    let events = Parser::new_ext(markdown, options()).into_offset_iter();
    events
        .filter_map(|(event, range)| match event {
            Event::Start(Tag::Image { dest_url, .. }) => Some((dest_url.into_string(), range)),
            _ => None,
        })
        .collect()
}

impl<'a> Document<'a> {
    /// Reads a text.
    pub(super) fn read(written: &Written<'a>, resolve: &dyn Resolve, findings: &mut Vec<Diagnostic>) -> Self {
        let events = joined(typeset::events(written.markdown, written.setting));
        let levels = Levels::of(&events, written.top_heading);
        let mut document = Document::default();
        let mut mentioned: Vec<CowStr<'a>> = Vec::new();
        let mut note: Option<Note<'a>> = None;
        let mut depth = 0_usize;
        for (event, range) in events {
            if deeper(&event, &mut depth) > DEEPEST {
                let place = written.source.at_bytes(written.body + range.start..written.body + range.end);
                let finding = Diagnostic::error(
                    "too-deep",
                    format!("the text is nested more than {DEEPEST} levels deep"),
                );
                findings.push(finding.at(place).hint("flatten the lists, quotations or elements"));
                return Self::default();
            }
            let event = match event {
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    note = Some(Note { label, events: Vec::new() });
                    continue;
                }
                Event::End(TagEnd::FootnoteDefinition) => {
                    document.notes.extend(note.take());
                    continue;
                }
                Event::FootnoteReference(label) => {
                    let known = mentioned.iter().position(|other| *other == label);
                    let number = known.unwrap_or_else(|| {
                        mentioned.push(label);
                        mentioned.len() - 1
                    });
                    Event::FootnoteReference((number + 1).to_string().into())
                }
                Event::Start(Tag::Heading { level, id, classes, attrs }) => {
                    Event::Start(Tag::Heading { level: levels.shift(level), id, classes, attrs })
                }
                Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(levels.shift(level))),
                Event::Start(tag @ (Tag::Link { .. } | Tag::Image { .. })) => {
                    document.start_link(tag, written, resolve, range, findings)
                }
                Event::Html(html) => {
                    document.raw_html = true;
                    Event::Html(led(html, written, resolve, range.start, findings))
                }
                Event::InlineHtml(html) => {
                    document.raw_html = true;
                    Event::InlineHtml(led(html, written, resolve, range.start, findings))
                }
                other => other,
            };
            note.as_mut().map_or(&mut document.events, |note| &mut note.events).push(event);
        }
        let order = |note: &Note<'a>| mentioned.iter().position(|label| *label == note.label);
        document.notes.retain(|note| order(note).is_some());
        document.notes.sort_by_key(order);
        document.notes.dedup_by(|a, b| a.label == b.label);
        document
    }

    fn start_link(
        &mut self,
        tag: Tag<'a>,
        written: &Written<'_>,
        resolve: &dyn Resolve,
        range: Range<usize>,
        findings: &mut Vec<Diagnostic>,
    ) -> Event<'a> {
        let mut fault = |finding: Diagnostic| {
            let place = written.source.at_bytes(written.body + range.start..written.body + range.end);
            findings.push(finding.at(place));
        };
        match tag {
            Tag::Link { link_type, dest_url, title, id } => {
                let target = if link_type == LinkType::Email {
                    format!("mailto:{dest_url}")
                } else {
                    dest_url.to_string()
                };
                let url = resolve.link(&target).unwrap_or_else(|finding| {
                    fault(finding);
                    String::new()
                });
                Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url: url.into(), title, id })
            }
            Tag::Image { link_type, dest_url, title, id } => {
                let picture = resolve.picture(&dest_url).unwrap_or_else(|finding| {
                    fault(finding);
                    PictureLink { url: String::new(), width: 0, height: 0 }
                });
                let dest_url = picture.url.clone().into();
                self.pictures.push(picture);
                Event::Start(Tag::Image { link_type, dest_url, title, id })
            }
            other => Event::Start(other),
        }
    }
}

/// The lines of an element that the author wrote are one piece: a tag or a comment may go over several.
fn joined(events: Vec<Placed<'_>>) -> Vec<Placed<'_>> {
    if !events.iter().any(|(event, _)| matches!(event, Event::Html(_))) {
        return events;
    }
    let mut joined: Vec<Placed<'_>> = Vec::with_capacity(events.len());
    let mut events = events.into_iter().peekable();
    while let Some((event, mut range)) = events.next() {
        let Event::Html(first) = event else {
            joined.push((event, range));
            continue;
        };
        let mut lines = String::new();
        while let Some((Event::Html(line), more)) = events.next_if(|(next, _)| matches!(next, Event::Html(_)))
        {
            lines.push_str(&line);
            range.end = more.end;
        }
        let whole = if lines.is_empty() { first } else { format!("{first}{lines}").into() };
        joined.push((Event::Html(whole), range));
    }
    joined
}

/// HTML whose links lead where those of Markdown would; it starts at a byte of the Markdown.
fn led<'a>(
    html: CowStr<'a>,
    written: &Written<'_>,
    resolve: &dyn Resolve,
    start: usize,
    findings: &mut Vec<Diagnostic>,
) -> CowStr<'a> {
    let mut changed = String::new();
    let mut done = 0;
    for (at, piece) in pieces(&html) {
        let RawPiece::Tag(tag) = piece else { continue };
        // The places of a page are left alone, and so are links that lead nowhere on purpose.
        let target = tag.target().filter(|target| !target.is_empty() && !target.starts_with('#'));
        let Some(target) = target else { continue };
        match resolve.link(&target) {
            Ok(url) => {
                changed.push_str(&html[done..at]);
                changed.push_str(&tag.with("href", &url));
                done = at + tag.as_str().len();
            }
            Err(finding) => {
                let place = written.body + start + at;
                findings.push(finding.at(written.source.at_bytes(place..place + tag.as_str().len())));
            }
        }
    }
    if done == 0 { html } else { (changed + &html[done..]).into() }
}

/// The deepest nesting of lists, quotations and elements: mail programs and parsers give up sooner or later.
const DEEPEST: usize = 100;

/// Follows the nesting through an event. Returns the deepest level that it reaches.
fn deeper(event: &Event<'_>, depth: &mut usize) -> usize {
    let mut deepest = *depth;
    match event {
        Event::Start(_) => *depth += 1,
        Event::End(_) => *depth = depth.saturating_sub(1),
        Event::Html(html) | Event::InlineHtml(html) => {
            for (at, _) in html.match_indices('<') {
                let tag = &html[at + 1..];
                let void = ["br", "img", "hr", "wbr"].iter().any(|name| tag.starts_with(name));
                if tag.starts_with('/') {
                    *depth = depth.saturating_sub(1);
                } else if tag.starts_with(|first: char| first.is_ascii_alphabetic()) && !void {
                    *depth += 1;
                }
                deepest = deepest.max(*depth);
            }
        }
        _ => {}
    }
    deepest.max(*depth)
}

/// The levels of a text's headings, moved so that none is skipped on a page.
struct Levels {
    used: BTreeSet<usize>,
    top: usize,
}

impl Levels {
    fn of(events: &[Placed<'_>], top: usize) -> Self {
        let headings = events.iter().filter_map(|(event, _)| match event {
            Event::Start(Tag::Heading { level, .. }) => Some(*level as usize),
            _ => None,
        });
        Self { used: headings.collect(), top }
    }

    fn shift(&self, level: HeadingLevel) -> HeadingLevel {
        let rank = self.used.iter().position(|used| *used == level as usize).unwrap_or(0);
        HeadingLevel::try_from((self.top + rank).min(6)).unwrap_or(HeadingLevel::H6)
    }
}
