//! What stands in the tags of a page, in the order it stands there; nothing is judged.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The language of `<html>`.
    pub(super) language: Option<String>,
    /// The encoding that a `<meta>` declares.
    pub(super) charset: Option<String>,
    /// What each `<meta>` says: its `property`, `name` or `itemprop` in small letters, or `http-equiv:` and that.
    pub(super) metas: Vec<(String, String)>,
    /// The text of the first `<title>`.
    pub(super) title: String,
    /// The text of the first `<h1>`.
    pub(super) heading: String,
    /// The address of `<base>`.
    pub(super) base: Option<String>,
    /// The address that `<link rel="canonical">` names.
    pub(super) canonical: Option<String>,
    /// The first day in the article: that of a `<time>` that says so, else of any.
    pub(super) time: Option<String>,
    /// Every script of linked data.
    pub(super) scripts: Vec<String>,
    /// All text, for what is no page but a line of one.
    pub(super) text: String,
}

impl Facts {
    /// Reads a page. Nothing is an error.
    pub(super) fn of(html: &str) -> Self {
        let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        let mut rest = html;
        let mut silent = 0;
        while !rest.is_empty() && silent < 2 {
            let (piece, later) = rest.split_at(rest.floor_char_boundary(PIECE));
            rest = later;
            let before = tokenizer.sink.heard.get();
            input.push_back(StrTendril::from(piece));
            // A script is no reason to stop: the tokenizer hands back what is left.
            while !input.is_empty() {
                let _ = tokenizer.feed(&input);
            }
            silent = if tokenizer.sink.heard.get() == before { silent + 1 } else { 0 };
        }
        tokenizer.end();
        tokenizer.sink.reader.into_inner().facts
    }

    /// The first `<meta>` of a name that says anything.
    pub(super) fn meta(&self, name: &str) -> Option<&str> {
        self.metas.iter().find(|(known, _)| known == name).map(|(_, content)| content.as_str())
    }
}

/// A line with its entities read and its tags left out.
pub(super) fn plain(text: &str) -> String {
    if text.contains(['&', '<']) { Facts::of(text).text } else { text.to_owned() }
}

/// A text whose entities were read once, and in which entities stand all the same: read once more. Tags are text by now.
pub(super) fn twice_escaped(text: &str) -> Cow<'_, str> {
    let is_entity = |after: &str| {
        let name = after.split_once(';').map_or("", |(name, _)| name);
        let digits = name.strip_prefix("#x").or_else(|| name.strip_prefix('#')).unwrap_or(name);
        (1..10).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if !text.split('&').skip(1).any(is_entity) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(Facts::of(&text.replace('<', "&lt;")).text)
}

/// Pages say more than anybody reads.
const MOST: usize = 500;

/// A page is read in pieces: where two have gone by within one tag, nothing good follows, and each attribute is compared
/// with all before it.
const PIECE: usize = 32 * 1024;

#[derive(Default)]
struct Sink {
    reader: RefCell<Reader>,
    /// How many tokens have come.
    heard: Cell<usize>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.reader.borrow_mut();
        if !matches!(token, Token::ParseError(_)) {
            self.heard.set(self.heard.get() + 1);
        }
        match token {
            Token::CharacterTokens(text) => reader.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return reader.open(&tag),
            Token::TagToken(tag) => reader.close(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[derive(Default)]
struct Reader {
    facts: Facts,
    inside: Option<Inside>,
    /// Whether the head has ended.
    body: bool,
    /// How many drawings are open: they have titles of their own.
    drawings: usize,
    /// How many articles are open.
    articles: usize,
    /// Whether the day that was found says that it is the one.
    certain: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Title,
    Heading,
    Script,
    Raw,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if self.drawings > 0 {
            return;
        }
        match self.inside {
            Some(Inside::Title) => self.facts.title.push_str(text),
            Some(Inside::Heading) => self.facts.heading.push_str(text),
            Some(Inside::Script) => {
                if let Some(script) = self.facts.scripts.last_mut() {
                    script.push_str(text);
                }
            }
            Some(Inside::Raw) => return,
            None => {}
        }
        if self.inside != Some(Inside::Script) {
            self.facts.text.push_str(text);
        }
    }

    fn open(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let has = |name: &str| attribute(tag, name);
        match &*tag.name {
            "html" => keep(&mut self.facts.language, has("lang").or_else(|| has("xml:lang"))),
            "body" => self.leave_head(),
            "meta" => self.meta(tag),
            "base" => keep(&mut self.facts.base, has("href")),
            "link" if !self.body && is_canonical(tag) => keep(&mut self.facts.canonical, has("href")),
            "svg" if !tag.self_closing => self.drawings += 1,
            "article" | "main" => self.articles += 1,
            "time" => self.time(tag),
            "br" => self.text(" "),
            "h1" if self.facts.heading.trim().is_empty() => self.inside = Some(Inside::Heading),
            _ => {}
        }
        self.raw(tag).map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
    }

    /// What holds text alone, whatever looks like a tag in it.
    fn raw(&mut self, tag: &Tag) -> Option<RawKind> {
        let (inside, kind) = match &*tag.name {
            "title" if self.drawings > 0 => return None,
            "title" if self.body || !self.facts.title.trim().is_empty() => (Inside::Raw, RawKind::Rcdata),
            "title" => (Inside::Title, RawKind::Rcdata),
            "textarea" => (Inside::Raw, RawKind::Rcdata),
            "script" if attribute(tag, "type").is_some_and(|kind| kind.contains("ld+json")) => {
                if self.facts.scripts.len() < MOST {
                    self.facts.scripts.push(String::new());
                }
                (Inside::Script, RawKind::ScriptData)
            }
            "script" => (Inside::Raw, RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => (Inside::Raw, RawKind::Rawtext),
            _ => return None,
        };
        self.inside = Some(inside);
        Some(kind)
    }

    fn close(&mut self, name: &str) {
        match name {
            "head" => self.leave_head(),
            "svg" => self.drawings = self.drawings.saturating_sub(1),
            "article" | "main" => self.articles = self.articles.saturating_sub(1),
            "h1" => self.inside = None,
            "title" | "script" | "style" | "textarea" | "xmp" | "iframe" | "noembed" | "noframes" => {
                self.inside = None;
            }
            _ => {}
        }
    }

    fn leave_head(&mut self) {
        (self.body, self.drawings) = (true, 0);
    }

    fn meta(&mut self, tag: &Tag) {
        keep(&mut self.facts.charset, attribute(tag, "charset"));
        let Some(content) = attribute(tag, "content") else { return };
        if let Some(kind) = attribute(tag, "http-equiv") {
            let kind = kind.to_ascii_lowercase();
            if kind == "content-type" {
                keep(&mut self.facts.charset, charset_of(&content));
            }
            self.say(format!("http-equiv:{kind}"), &content);
        }
        let names = ["property", "name", "itemprop"];
        for name in names.iter().filter_map(|name| attribute(tag, name)) {
            for name in name.split_whitespace() {
                self.say(name.to_lowercase(), &content);
            }
        }
    }

    fn say(&mut self, name: String, content: &str) {
        if self.facts.metas.len() < MOST {
            self.facts.metas.push((name, content.to_owned()));
        }
    }

    /// A page's head may show today's day: only one that says so, or one inside the article, is the article's.
    fn time(&mut self, tag: &Tag) {
        let Some(when) = attribute(tag, "datetime") else { return };
        let says = attribute(tag, "itemprop").is_some_and(|of| of.eq_ignore_ascii_case("datepublished"));
        let says = says || tag.attrs.iter().any(|attribute| &*attribute.name.local == "pubdate");
        if says && !self.certain || self.articles > 0 && self.facts.time.is_none() {
            self.facts.time = Some(when);
            self.certain |= says;
        }
    }
}

fn keep(place: &mut Option<String>, found: Option<String>) {
    if place.is_none() {
        *place = found;
    }
}

/// An attribute that says anything.
fn attribute(tag: &Tag, name: &str) -> Option<String> {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name)?;
    let value = found.value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn is_canonical(tag: &Tag) -> bool {
    attribute(tag, "rel")
        .is_some_and(|rel| rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("canonical")))
}

/// The encoding in `text/html; charset=…`.
pub(super) fn charset_of(kind: &str) -> Option<String> {
    let at = kind.to_ascii_lowercase().find("charset")?;
    let rest = kind[at + "charset".len()..].trim_start().strip_prefix('=')?.trim_start();
    let rest = rest.trim_start_matches(['"', '\'']);
    let label: String = rest.chars().take_while(|c| !c.is_whitespace() && !"\"';,".contains(*c)).collect();
    (!label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_head_names_the_page() {
        let facts = Facts::of(
            "<head><svg><title>Logo</title></svg><title>A &amp; <b></title><!-- <link rel=canonical href=/x> -->\
             <link rel='nofollow CANONICAL' href=' /a '></head><body><link rel=canonical href=/b><title>C</title>",
        );
        assert_eq!((facts.title.as_str(), facts.canonical.as_deref()), ("A & <b>", Some("/a")));
    }

    #[test]
    fn what_looks_like_a_tag_in_a_script_is_none() {
        let facts = Facts::of(
            "<script>var a = '<meta name=author content=x><title>No</title>';</script><title>Yes</title>\
             <script type=\"application/ld+json\">{\"a\": \"<b>\"}</script><h1>One <i>two</i></h1><h1>Three</h1>",
        );
        assert_eq!((facts.title.as_str(), facts.heading.as_str()), ("Yes", "One two"));
        assert_eq!((facts.metas.len(), facts.scripts), (0, vec!["{\"a\": \"<b>\"}".to_owned()]));
    }

    #[test]
    fn a_day_outside_the_article_is_not_its_own() {
        let time = |html: &str| Facts::of(html).time;
        assert_eq!(time("<time datetime=2026-08-21>today</time>"), None);
        let page = "<time datetime=2026-08-21></time><main><time datetime=2026-08-20></time>";
        assert_eq!(time(page).as_deref(), Some("2026-08-20"));
        let says = "<article><time datetime=2026-08-20></time><time pubdate datetime=2026-08-19></time>";
        assert_eq!(time(says).as_deref(), Some("2026-08-19"));
    }

    #[test]
    fn a_tag_without_end_ends_the_reading() {
        let attributes: String = (0..200_000).map(|number| format!(" a{number}")).collect();
        let facts = Facts::of(&format!("<title>A</title><p{attributes}><h1>B</h1>"));
        assert_eq!((facts.title.as_str(), facts.heading.as_str()), ("A", ""));
        let long = format!("<title>{}</title><!-- {} --><h1>B</h1>", "é".repeat(99_999), "x".repeat(30_000));
        let facts = Facts::of(&long);
        assert_eq!((facts.title.chars().count(), facts.heading.as_str()), (99_999, "B"));
    }

    #[test]
    fn an_encoding_is_found_in_its_line() {
        assert_eq!(charset_of("text/html; Charset = \"iso-8859-1\"").as_deref(), Some("iso-8859-1"));
        assert_eq!(charset_of("text/html; charset="), None);
        assert_eq!(charset_of("text/html"), None);
    }
}
