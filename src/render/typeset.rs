//! The typesetter at work on Markdown: runs are gathered from events, set, and written back where they came from.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::config::TypographyOptions;
use crate::model::{Language, LanguageTag};
use crate::typography::{self, Change, NBSP, NNBSP, Piece, Run, RunKind};

/// An event and the bytes of the source that it stands for.
pub(super) type Placed<'a> = (Event<'a>, Range<usize>);

/// The Markdown that the product knows: CommonMark, tables, footnotes, strikethrough.
pub fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH
}

/// The events of a text, set by the rules of its language where there is one.
pub(super) fn events<'a>(
    markdown: &'a str,
    setting: Option<(Language, &TypographyOptions)>,
) -> Vec<Placed<'a>> {
    // Most texts have fewer events than that, and few have half as many.
    let mut placed = Vec::with_capacity(markdown.len() / 32);
    placed.extend(Parser::new_ext(markdown, options()).into_offset_iter());
    match setting {
        Some((language, options)) => {
            let changes = Setter::new(markdown, language, options).set(&placed);
            changed(placed, changes)
        }
        None => placed,
    }
}

/// Events of which some are no longer what they were.
fn changed<'a>(mut placed: Vec<Placed<'a>>, mut changes: Vec<(usize, Change)>) -> Vec<Placed<'a>> {
    if changes.iter().all(|(_, change)| matches!(change, Change::Text(_))) {
        for (at, change) in changes {
            if let (Change::Text(text), Some((event, _))) = (change, placed.get_mut(at)) {
                *event = Event::Text(text.into());
            }
        }
        return placed;
    }
    changes.sort_unstable_by_key(|(at, _)| *at);
    let mut set = Vec::with_capacity(placed.len() + 4 * changes.len());
    let mut changes = changes.into_iter().peekable();
    for (at, (event, range)) in placed.into_iter().enumerate() {
        match changes.next_if(|(changed, _)| *changed == at) {
            None => set.push((event, range)),
            Some((_, Change::Text(text))) => set.push((Event::Text(text.into()), range)),
            Some((_, Change::Parts(parts))) => {
                for (text, raised) in parts {
                    let text = (Event::Text(text.into()), range.clone());
                    if raised {
                        let start = (Event::Start(Tag::Superscript), range.clone());
                        set.extend([start, text, (Event::End(TagEnd::Superscript), range.clone())]);
                    } else {
                        set.push(text);
                    }
                }
            }
        }
    }
    set
}

/// A passage that is set by itself: the block, a picture's `alt`, an element in another language.
struct Passage {
    run: Run,
    language: Option<Language>,
    /// The HTML element that it fills, if it fills one.
    element: Option<String>,
}

/// An HTML element that is open in a block.
struct Element {
    name: String,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Code,
    Raised,
    Language,
    Other,
}

struct Setter<'s, 'o> {
    source: &'s str,
    options: &'o TypographyOptions,
    passages: Vec<Passage>,
    /// The run of a passage that is done, for the next one to fill.
    spare: Option<Run>,
    elements: Vec<Element>,
    /// How many links are open whose text is their address.
    autolinks: usize,
    kind: RunKind,
    /// What became of the nodes that were set.
    changes: Vec<(usize, Change)>,
}

impl<'s, 'o> Setter<'s, 'o> {
    fn new(source: &'s str, language: Language, options: &'o TypographyOptions) -> Self {
        let run = Run::new(RunKind::Text);
        Self {
            source,
            options,
            passages: vec![Passage { run, language: Some(language), element: None }],
            spare: None,
            elements: Vec::new(),
            autolinks: 0,
            kind: RunKind::Text,
            changes: Vec::new(),
        }
    }

    /// What became of the events that do not stay, by their place.
    fn set(mut self, events: &[Placed<'_>]) -> Vec<(usize, Change)> {
        let mut code = false;
        for (at, (event, range)) in events.iter().enumerate() {
            let node = u32::try_from(at).unwrap_or(u32::MAX);
            match event {
                Event::Start(Tag::CodeBlock(_)) => code = true,
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Text(_) if code => {}
                Event::Text(text) => self.text(text, range, node),
                Event::Code(_) | Event::FootnoteReference(_) => self.push(Piece::Opaque, node),
                Event::SoftBreak => self.push(Piece::Soft, node),
                Event::HardBreak => self.push(Piece::Wall, node),
                Event::InlineHtml(html) => self.html(html, node),
                Event::Start(Tag::Image { .. }) => self.open(None, self.here().language),
                Event::End(TagEnd::Image) => self.close(node),
                Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. }) => {
                    self.autolinks += 1
                }
                Event::End(TagEnd::Link) => self.autolinks = self.autolinks.saturating_sub(1),
                Event::Start(Tag::Link { .. } | Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
                | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough) => {}
                Event::Start(Tag::Heading { .. }) => self.block(RunKind::Heading),
                _ => self.block(RunKind::Text),
            }
        }
        self.block(RunKind::Text);
        self.changes
    }

    /// Ends what is open and begins a block.
    fn block(&mut self, kind: RunKind) {
        while self.passages.len() > 1 {
            self.finish();
        }
        if let Some(passage) = self.passages.last_mut() {
            set(passage, self.options, &mut self.changes);
            passage.run.clear(kind);
        }
        self.elements.clear();
        self.autolinks = 0;
        self.kind = kind;
    }

    fn here(&self) -> &Passage {
        // There always is the passage of the block.
        &self.passages[self.passages.len() - 1]
    }

    fn open(&mut self, element: Option<String>, language: Option<Language>) {
        let mut run = self.spare.take().unwrap_or_else(|| Run::new(self.kind));
        run.clear(self.kind);
        self.passages.push(Passage { run, language, element });
    }

    /// Ends a passage; for the text around it, it is one word.
    fn close(&mut self, node: u32) {
        if self.passages.len() > 1 {
            self.finish();
            self.push(Piece::Opaque, node);
        }
    }

    /// Sets the passage that was opened last.
    fn finish(&mut self) {
        if let Some(mut passage) = self.passages.pop() {
            set(&mut passage, self.options, &mut self.changes);
            self.spare = Some(passage.run);
        }
    }

    fn push(&mut self, piece: Piece<'_>, node: u32) {
        if let Some(passage) = self.passages.last_mut() {
            passage.run.push(piece, node);
        }
    }

    fn text(&mut self, text: &str, range: &Range<usize>, node: u32) {
        if self.elements.iter().any(|element| element.role == Role::Code) {
            return self.push(Piece::Opaque, node);
        }
        if self.autolinks > 0 {
            return self.push(Piece::Protected(text), node);
        }
        let raised = self.elements.iter().any(|element| element.role == Role::Raised);
        let piece = |text| if raised { Piece::Raised(text) } else { Piece::Text(text) };
        let entity = self.source[range.clone()].starts_with('&') && self.source[range.clone()] != *text;
        if entity && text.chars().all(|ch| matches!(ch, NBSP | NNBSP | '"' | '\'')) {
            return self.push(Piece::Literal(text), node);
        }
        let escaped = self.source.as_bytes().get(range.start.wrapping_sub(1)) == Some(&b'\\');
        match text.chars().next() {
            Some(first) if escaped && first.is_ascii_punctuation() => {
                let (first, rest) = text.split_at(first.len_utf8());
                self.push(Piece::Literal(first), node);
                self.push(piece(rest), node);
            }
            _ => self.push(piece(text), node),
        }
    }

    fn html(&mut self, html: &str, node: u32) {
        let Some(tag) = HtmlTag::parse(html) else { return };
        if tag.closing {
            let Some(at) = self.elements.iter().rposition(|element| element.name == tag.name) else { return };
            let language = self.elements[at].role == Role::Language;
            self.elements.truncate(at);
            if language && self.here().element.as_deref() == Some(&tag.name) {
                self.close(node);
            }
            return;
        }
        match tag.name.as_str() {
            "br" => return self.push(Piece::Wall, node),
            "img" => return self.push(Piece::Opaque, node),
            "hr" | "wbr" | "input" => return,
            _ if tag.empty => return,
            _ => {}
        }
        let role = match tag.name.as_str() {
            "code" | "kbd" | "samp" | "var" | "pre" | "script" | "style" => Role::Code,
            _ if tag.language.is_some() => Role::Language,
            "sup" => Role::Raised,
            _ => Role::Other,
        };
        if role == Role::Language {
            let language = tag
                .language
                .as_deref()
                .and_then(|tag| LanguageTag::parse(tag).ok())
                .and_then(|tag| tag.language());
            self.open(Some(tag.name.clone()), language);
        }
        self.elements.push(Element { name: tag.name, role });
    }
}

/// Sets a passage and notes what became of its events.
fn set(passage: &mut Passage, options: &TypographyOptions, changes: &mut Vec<(usize, Change)>) {
    let Some(language) = passage.language.filter(|_| !passage.run.is_empty()) else { return };
    typography::set(&mut passage.run, language, options);
    let at = |node: u32| usize::try_from(node).unwrap_or(usize::MAX);
    changes.extend(passage.run.changes().map(|(node, change)| (at(node), change)));
}

/// An HTML tag as its author wrote it.
struct HtmlTag {
    name: String,
    closing: bool,
    empty: bool,
    language: Option<String>,
}

impl HtmlTag {
    fn parse(html: &str) -> Option<Self> {
        let inner = html.trim().strip_prefix('<')?.strip_suffix('>')?;
        let closing = inner.starts_with('/');
        let inner = inner.trim_start_matches('/');
        let name: String =
            inner.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        if name.is_empty() {
            return None;
        }
        Some(Self { name, closing, empty: inner.ends_with('/'), language: attribute(inner, "lang") })
    }
}

/// The value of an attribute, if it is there.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.match_indices(name).map(|(at, _)| at).find(|at| {
        let before = lower[..*at].chars().next_back().is_some_and(char::is_whitespace);
        before && lower[at + name.len()..].trim_start().starts_with('=')
    })?;
    let value = tag[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
    Some(match quote {
        Some(quote) => value[1..].split(quote).next().unwrap_or("").to_owned(),
        None => {
            value.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next().unwrap_or("").to_owned()
        }
    })
}
