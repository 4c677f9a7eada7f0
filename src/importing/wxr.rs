//! An export of WordPress (WXR) as it is written: the channel, its authors, its items. No entity but the five of XML
//! is read, and no document type.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ImportError;
use super::files::plain_lines;

/// The heaviest export, in bytes.
const HEAVIEST: u64 = 1_000_000_000;
/// The deepest nesting of elements.
const DEEPEST: usize = 32;

/// An export.
#[derive(Debug, Default)]
pub(super) struct Wxr {
    /// What the channel says of the site, by element.
    pub(super) channel: HashMap<String, String>,
    /// The names that authors show, by the names by which they log in.
    pub(super) authors: HashMap<String, String>,
    pub(super) items: Vec<Item>,
}

/// An item: a post, a page, a picture….
#[derive(Debug, Default)]
pub(super) struct Item {
    /// The line it starts on.
    pub(super) line: usize,
    /// The line its text starts on.
    pub(super) text_line: usize,
    fields: HashMap<String, String>,
    /// Domain and name.
    pub(super) categories: Vec<(String, String)>,
    meta: Vec<(String, String)>,
    /// How many readers' comments it has.
    pub(super) comments: usize,
}

impl Item {
    /// An element's text, where it is not empty.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// The text itself, as it is.
    pub(super) fn content(&self) -> &str {
        self.fields.get("content:encoded").map_or("", String::as_str)
    }

    /// What WordPress keeps beside it under a key.
    pub(super) fn meta(&self, key: &str) -> Option<&str> {
        self.meta.iter().find(|(known, _)| known == key).map(|(_, value)| value.trim())
    }
}

/// Reads an export.
pub(super) fn read(file: &Path) -> Result<Wxr, ImportError> {
    let unreadable = |error| ImportError::Unreadable(file.to_owned(), error);
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let broken = |line, what: String| ImportError::Broken { file: name.clone(), line, what };
    let facts = fs::metadata(file).map_err(unreadable)?;
    if !facts.is_file() {
        return Err(broken(0, "is no file; an export of WordPress is one file of XML".to_owned()));
    }
    if facts.len() > HEAVIEST {
        let what = format!("has {} bytes; {HEAVIEST} are the most: export it in parts", facts.len());
        return Err(broken(0, what));
    }
    let bytes = fs::read(file).map_err(unreadable)?;
    let line = |at: usize| bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(broken(line(at), "holds a NUL: save it as UTF-8".to_owned()));
    }
    let text = str::from_utf8(&bytes).map_err(|error| {
        let at = error.valid_up_to();
        broken(line(at), format!("the byte 0x{:02X} is not UTF-8: save the export as UTF-8", bytes[at]))
    })?;
    parse(&plain_lines(text.trim_start_matches('\u{feff}'))).map_err(|(line, what)| broken(line, what))
}

/// A fault with its line.
type Fault = (usize, String);

fn parse(text: &str) -> Result<Wxr, Fault> {
    let mut reader = Reader::from_str(text);
    let mut state = State::default();
    let (mut counted, mut line) = (0, 1);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(counted).clamp(counted, text.len());
        line += text.as_bytes()[counted..at].iter().filter(|byte| **byte == b'\n').count();
        counted = at;
        match reader.read_event() {
            Ok(Event::Start(start)) => state.start(&start, line)?,
            Ok(Event::Empty(start)) => {
                state.start(&start, line)?;
                state.end();
            }
            Ok(Event::End(_)) => state.end(),
            Ok(Event::Text(part)) => state.text.push_str(&part),
            Ok(Event::CData(part)) => {
                if state.text.trim().is_empty() {
                    state.text.clear();
                    state.text_line = line;
                }
                state.text.push_str(&part);
            }
            Ok(Event::GeneralRef(entity)) => state.entity(&entity, line)?,
            Ok(Event::DocType(_)) => {
                return Err((line, "a document type stands here, which no export has".to_owned()));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => return Err((line, format!("the XML cannot be read: {error}"))),
        }
    }
    if !state.open.is_empty() {
        return Err((line, format!("the file ends inside `{}`: it is not whole", state.open.join(" › "))));
    }
    if !state.rss {
        return Err((1, "this is no export of WordPress: its outermost element is not `rss`".to_owned()));
    }
    Ok(state.wxr)
}

#[derive(Default)]
struct State {
    wxr: Wxr,
    rss: bool,
    open: Vec<String>,
    text: String,
    text_line: usize,
    item: Option<Item>,
    category: (String, String),
    pair: (String, String),
}

impl State {
    fn start(&mut self, start: &BytesStart<'_>, line: usize) -> Result<(), Fault> {
        let name = start.name().as_ref().to_owned();
        if self.open.len() >= DEEPEST {
            return Err((line, format!("the elements lie more than {DEEPEST} deep here")));
        }
        self.rss |= self.open.is_empty() && name == "rss";
        match name.as_str() {
            "item" => self.item = Some(Item { line, ..Item::default() }),
            "category" => {
                let value = |key: &str| {
                    let found = start.attributes().flatten().find(|attribute| attribute.key.as_ref() == key);
                    found.map(|attribute| super::html::plain(&attribute.value)).unwrap_or_default()
                };
                self.category = (value("domain"), value("nicename"));
            }
            "wp:postmeta" | "wp:author" => self.pair = Default::default(),
            _ => {}
        }
        self.text.clear();
        self.text_line = line;
        self.open.push(name);
        Ok(())
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        let text = std::mem::take(&mut self.text);
        let parent = self.open.last().map_or("", String::as_str);
        match (parent, name.as_str(), &mut self.item) {
            (_, "item", item) => self.wxr.items.extend(item.take()),
            ("item", "category", Some(item)) => {
                item.categories.push((self.category.0.clone(), text.trim().to_owned()))
            }
            ("item", "wp:postmeta", Some(item)) => item.meta.push(std::mem::take(&mut self.pair)),
            ("item", "wp:comment", Some(item)) => item.comments += 1,
            ("item", name, Some(item)) => {
                if name == "content:encoded" {
                    item.text_line = self.text_line;
                }
                item.fields.insert(name.to_owned(), text);
            }
            ("wp:postmeta", "wp:meta_key", _) | ("wp:author", "wp:author_login", _) => self.pair.0 = text,
            ("wp:postmeta", "wp:meta_value", _) | ("wp:author", "wp:author_display_name", _) => {
                self.pair.1 = text
            }
            ("channel", "wp:author", _) => {
                let (login, shown) = std::mem::take(&mut self.pair);
                self.wxr.authors.insert(login.trim().to_owned(), shown.trim().to_owned());
            }
            ("channel", name, _) => {
                self.wxr.channel.entry(name.to_owned()).or_insert_with(|| text.trim().to_owned());
            }
            _ => {}
        }
    }

    fn entity(&mut self, entity: &quick_xml::events::BytesRef<'_>, line: usize) -> Result<(), Fault> {
        let known = match &**entity {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => entity.resolve_char_ref().ok().flatten(),
        };
        match known {
            Some(character) => self.text.push(character),
            None => {
                return Err((
                    line,
                    format!("the entity `{}` is none of XML's own", super::paths::short(entity)),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_read_with_its_lines() {
        let text = "<rss><channel><title>A &amp; B</title>\n<item>\n<title>T</title>\n<content:encoded><![CDATA[<p>x</p>]]></content:encoded>\n<category domain=\"post_tag\" nicename=\"x\"><![CDATA[X]]></category></item></channel></rss>";
        let wxr = parse(text).expect("an export");
        assert_eq!(wxr.channel["title"], "A & B");
        assert_eq!((wxr.items[0].line, wxr.items[0].text_line, wxr.items[0].content()), (2, 4, "<p>x</p>"));
        assert_eq!(wxr.items[0].categories, [("post_tag".to_owned(), "X".to_owned())]);
    }

    #[test]
    fn bombs_and_halves_are_refused_with_their_line() {
        let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<rss>&b;</rss>";
        assert!(parse(bomb).is_err_and(|(line, what)| line <= 2 && what.contains("document type")));
        assert!(parse("<rss>&lol;</rss>").is_err_and(|(_, what)| what.contains("`lol`")));
        assert!(parse("<rss><channel>").is_err_and(|(_, what)| what.contains("not whole")));
        assert!(parse("<feed></feed>").is_err());
        assert!(parse("hello").is_err());
        assert!(parse(&"<a>".repeat(100_000)).is_err());
    }
}
