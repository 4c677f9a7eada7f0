//! HTML as a small tree: forgiving about what is not closed, with the line of every element.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// A piece of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// Text, its entities read.
    Text(String),
    /// An element.
    Element(Element),
}

/// An element and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name, in small letters.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// What it holds.
    pub(super) children: Vec<Node>,
    /// The line it starts on, counted from 0.
    pub(super) line: usize,
}

/// The deepest nesting that is followed; what lies deeper is laid flat.
const DEEPEST: usize = 60;

impl Element {
    /// The value of an attribute, where it is not empty.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// All text inside.
    pub(super) fn text(&self) -> String {
        text(&self.children)
    }
}

/// All text of some nodes.
pub(super) fn text(nodes: &[Node]) -> String {
    let each = nodes.iter().map(|node| match node {
        Node::Text(text) => text.clone(),
        Node::Element(element) => element.text(),
    });
    each.collect()
}

/// Whether an element never holds anything.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Whether an element stands on lines of its own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "header"
            | "hr"
            | "html"
            | "iframe"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "noscript"
            | "object"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "video"
            | "audio"
            | "script"
            | "style"
            | "embed"
            | "hgroup"
            | "caption"
    )
}

/// Reads HTML. Nothing is an error: what is never closed ends with what holds it.
pub(super) fn parse(html: &str) -> Vec<Node> {
    let sink = Sink(RefCell::new(Builder { open: Vec::new(), done: Vec::new() }));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    // A script is no reason to stop: the tokenizer hands back what is left.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner().finish()
}

/// A text with its entities read and its tags left out.
pub(super) fn plain(html: &str) -> String {
    if html.contains(['&', '<']) { text(&parse(html)) } else { html.to_owned() }
}

struct Sink(RefCell<Builder>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut builder = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => builder.text(&text),
            Token::TagToken(tag) => {
                return builder.tag(tag, usize::try_from(line).unwrap_or(1).saturating_sub(1));
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

struct Builder {
    open: Vec<Element>,
    done: Vec<Node>,
}

impl Builder {
    fn into(&mut self) -> &mut Vec<Node> {
        self.open.last_mut().map_or(&mut self.done, |element| &mut element.children)
    }

    fn text(&mut self, text: &str) {
        match self.into().last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => self.into().push(Node::Text(text.to_owned())),
        }
    }

    fn tag(&mut self, tag: Tag, line: usize) -> TokenSinkResult<()> {
        let name = tag.name.to_string();
        if tag.kind == TagKind::EndTag {
            if let Some(at) = self.open.iter().rposition(|element| element.name == name) {
                self.close(at);
            }
            return TokenSinkResult::Continue;
        }
        self.imply(&name);
        let attributes = tag
            .attrs
            .into_iter()
            .map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()));
        let element = Element { name, attributes: attributes.collect(), children: Vec::new(), line };
        let raw = match element.name.as_str() {
            "script" => Some(RawKind::ScriptData),
            "style" | "noembed" | "noframes" | "xmp" => Some(RawKind::Rawtext),
            "textarea" | "title" => Some(RawKind::Rcdata),
            _ => None,
        };
        if is_void(&element.name) || tag.self_closing && raw.is_none() || self.open.len() >= DEEPEST {
            self.into().push(Node::Element(element));
            return TokenSinkResult::Continue;
        }
        self.open.push(element);
        raw.map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
    }

    /// What ends because a new element begins.
    fn imply(&mut self, name: &str) {
        let (ended, wall): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "menu"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "tr" => (&["tr"], &["table"]),
            "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot"], &["table"]),
            "option" => (&["option"], &["select"]),
            name if is_block(name) => {
                (&["p"], &["div", "td", "th", "li", "blockquote", "dd", "figure", "section"])
            }
            _ => return,
        };
        for at in (0..self.open.len()).rev() {
            let known = self.open[at].name.as_str();
            if ended.contains(&known) {
                return self.close(at);
            }
            if wall.contains(&known) {
                return;
            }
        }
    }

    fn close(&mut self, at: usize) {
        while self.open.len() > at
            && let Some(element) = self.open.pop()
        {
            self.into().push(Node::Element(element));
        }
    }

    fn finish(mut self) -> Vec<Node> {
        self.close(0);
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(nodes: &[Node]) -> String {
        let each = nodes.iter().map(|node| match node {
            Node::Text(text) => text.clone(),
            Node::Element(element) => format!("({} {})", element.name, outline(&element.children)),
        });
        each.collect::<Vec<_>>().join("")
    }

    #[test]
    fn what_is_not_closed_ends_where_readers_expect_it() {
        assert_eq!(outline(&parse("<p>a<p>b")), "(p a)(p b)");
        assert_eq!(outline(&parse("<ul><li>a<ul><li>b</ul><li>c</ul>d")), "(ul (li a(ul (li b)))(li c))d");
        assert_eq!(outline(&parse("</b>a<i>b</div>c")), "a(i bc)");
        assert_eq!(outline(&parse("<script>if (a<b) {}</script>x")), "(script if (a<b) {})x");
    }

    #[test]
    fn nesting_has_an_end() {
        let nodes = parse(&"<div>".repeat(100_000));
        assert_eq!(nodes.len(), 1);
    }

    #[test]
    fn entities_are_read_and_lines_counted() {
        assert_eq!(plain("Fish &amp; <b>chips</b> &eacute;"), "Fish & chips é");
        let nodes = parse("a\n\n<img src=x>");
        let Some(Node::Element(image)) = nodes.last() else { panic!("an element") };
        assert_eq!((image.line, image.attribute("src")), (2, Some("x")));
    }
}
