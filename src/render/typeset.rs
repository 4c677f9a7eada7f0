//! The typesetter at work on Markdown: runs are gathered from events, set, and written back where they came from.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::config::TypographyOptions;
use crate::model::{Language, LanguageTag};
use crate::typography::{self, NBSP, NNBSP, Piece, Run, RunKind};

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
    let placed: Vec<Placed<'a>> = Parser::new_ext(markdown, options()).into_offset_iter().collect();
    match setting {
        Some((language, options)) => {
            let written = Setter::new(markdown, language, options, &placed).set();
            let mut set = Vec::with_capacity(placed.len() + placed.len() / 8);
            for ((event, range), written) in placed.into_iter().zip(written) {
                match written {
                    Some(events) => set.extend(events.into_iter().map(|event| (event, range.clone()))),
                    None => set.push((event, range)),
                }
            }
            set
        }
        None => placed,
    }
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

struct Setter<'a, 'e, 'o> {
    source: &'a str,
    events: &'e [Placed<'a>],
    language: Language,
    options: &'o TypographyOptions,
    passages: Vec<Passage>,
    /// The run of a passage that is done, for the next one to fill.
    spare: Option<Run>,
    elements: Vec<Element>,
    /// How many links are open whose text is their address.
    autolinks: usize,
    kind: RunKind,
    /// What became of the nodes that were set.
    written: Vec<Option<Vec<Event<'a>>>>,
}

impl<'a, 'e, 'o> Setter<'a, 'e, 'o> {
    fn new(
        source: &'a str,
        language: Language,
        options: &'o TypographyOptions,
        events: &'e [Placed<'a>],
    ) -> Self {
        let written = events.iter().map(|_| None).collect();
        let mut setter = Self {
            source,
            events,
            language,
            options,
            passages: Vec::new(),
            spare: None,
            elements: Vec::new(),
            autolinks: 0,
            kind: RunKind::Text,
            written,
        };
        setter.block(RunKind::Text);
        setter
    }

    /// What became of each event; nothing where it stays.
    fn set(mut self) -> Vec<Option<Vec<Event<'a>>>> {
        let mut code = false;
        let events = self.events;
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
        self.written
    }

    /// Ends what is open and begins a block.
    fn block(&mut self, kind: RunKind) {
        while let Some(passage) = self.passages.pop() {
            self.finish(passage);
        }
        self.elements.clear();
        self.autolinks = 0;
        self.kind = kind;
        self.open(None, Some(self.language));
    }

    fn here(&self) -> &Passage {
        // A block always has a passage: `block` opens it.
        &self.passages[self.passages.len() - 1]
    }

    fn open(&mut self, element: Option<String>, language: Option<Language>) {
        let kind = self.kind;
        let run = self.spare.take().map_or_else(|| Run::new(kind), |run| run.emptied(kind));
        self.passages.push(Passage { run, language, element });
    }

    /// Ends a passage; for the text around it, it is one word.
    fn close(&mut self, node: u32) {
        if self.passages.len() > 1
            && let Some(passage) = self.passages.pop()
        {
            self.finish(passage);
            self.push(Piece::Opaque, node);
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

    /// Sets a passage and writes it back.
    fn finish(&mut self, mut passage: Passage) {
        if let Some(language) = passage.language {
            typography::set(&mut passage.run, language, self.options);
        }
        if passage.run.changed() {
            self.write_back(&passage.run);
        }
        self.spare = Some(passage.run);
    }

    fn write_back(&mut self, run: &Run) {
        let events = self.events;
        let at = |node: u32| usize::try_from(node).unwrap_or(usize::MAX);
        let original = |node| match events.get(at(node)) {
            Some((Event::Text(text), _)) => Some(&**text),
            _ => None,
        };
        for (node, pieces) in run.changes(original) {
            let mut set = Vec::with_capacity(pieces.len());
            for (text, raised) in pieces {
                let text = Event::Text(CowStr::from(text));
                if raised {
                    set.extend([Event::Start(Tag::Superscript), text, Event::End(TagEnd::Superscript)]);
                } else {
                    set.push(text);
                }
            }
            if let Some(written) = self.written.get_mut(at(node)) {
                *written = Some(set);
            }
        }
    }
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
