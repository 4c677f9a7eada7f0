//! Links from file to file, when some of the files move: each leads where it led.

use std::collections::BTreeMap;

use crate::content::Content;
use crate::model::{Fix, Location, Source, follow};
use crate::render::reading;

/// Which files move, by their paths from the newsletter's folder.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Those that leave their place.
    pub(super) gone: BTreeMap<String, String>,
    /// Those that are copied: who moves takes the copy along, who stays keeps the original.
    pub(super) copied: BTreeMap<String, String>,
}

/// A text whose links have to be written anew, with the path that it has then.
#[derive(Debug)]
pub(super) struct Relinked {
    pub(super) path: String,
    pub(super) fixes: Vec<Fix>,
}

/// A link that is written in a way that nobody can write anew.
#[derive(Debug)]
pub(super) struct Stuck {
    pub(super) target: String,
    pub(super) place: Location,
}

/// What is to be written anew in all texts of a newsletter.
pub(super) fn relink(content: &Content, moves: &Moves) -> Result<Vec<Relinked>, Stuck> {
    let names: Vec<&str> =
        moves.gone.keys().filter_map(|path| path.rsplit_once('/').map(|(_, name)| name)).collect();
    let mut relinked = Vec::new();
    for (source, body) in texts(content) {
        let moving = moves.gone.contains_key(source.path());
        if !moving && !names.iter().any(|name| source.after(body).contains(name)) {
            continue;
        }
        let fixes = Text { source, body, moves }.fixes()?;
        if !fixes.is_empty() {
            let path = moves.gone.get(source.path()).map_or_else(|| source.path().to_owned(), Clone::clone);
            relinked.push(Relinked { path, fixes });
        }
    }
    Ok(relinked)
}

fn texts(content: &Content) -> impl Iterator<Item = (&Source, usize)> {
    let introductions = content.introductions.iter().map(|text| (&text.source, text.body));
    let topics = content.topics.iter().map(|topic| (&topic.source, topic.body));
    let blocks = content.blocks.iter().map(|block| (&block.source, block.body));
    content
        .entries()
        .map(|entry| (&entry.source, entry.body))
        .chain(introductions)
        .chain(topics)
        .chain(blocks)
}

struct Text<'a> {
    source: &'a Source,
    body: usize,
    moves: &'a Moves,
}

impl Text<'_> {
    fn fixes(&self) -> Result<Vec<Fix>, Stuck> {
        let markdown = self.source.after(self.body);
        let mut fixes: Vec<Fix> = Vec::new();
        let mut changes: Vec<(usize, String)> = Vec::new();
        let named = named(markdown);
        for (at, (target, range, place)) in named.iter().enumerate() {
            let Some(text) = self.anew(target) else { continue };
            let stuck = || Stuck {
                target: target.clone(),
                place: self.source.at_bytes(self.body + range.start..self.body + range.end),
            };
            let place = place.clone().ok_or_else(stuck)?;
            let bare = !markdown[..place.start].ends_with('<');
            let written =
                if bare && text.contains([' ', '(', ')']) { format!("<{text}>") } else { text.clone() };
            changes.push((at, text));
            let (start, end) = (self.body + place.start, self.body + place.end);
            let fix = Fix { start, end, was: markdown[place].to_owned(), text: written };
            if !fixes.contains(&fix) {
                fixes.push(fix);
            }
        }
        fixes.sort_by_key(|fix| fix.start);
        self.proved(&fixes, &changes).ok_or_else(|| {
            let (target, range, _) = &named[changes.first().map_or(0, |(at, _)| *at)];
            let place = self.source.at_bytes(self.body + range.start..self.body + range.end);
            Stuck { target: target.clone(), place }
        })?;
        Ok(fixes)
    }

    /// How a relative target reads once everything has moved; `None` where it stays as it is.
    fn anew(&self, target: &str) -> Option<String> {
        let (file, rest) = target.find('#').map_or((target, ""), |at| target.split_at(at));
        let elsewhere = file.is_empty() || file.starts_with('/') || file.contains(':');
        if elsewhere {
            return None;
        }
        let from = self.source.path();
        let leads = follow(folder(from), file)?;
        let moves = self.moves;
        let moving = moves.gone.get(from);
        let copy = moving.and_then(|_| moves.copied.get(&leads));
        let leads_now = moves.gone.get(&leads).or(copy).unwrap_or(&leads);
        let home = folder(moving.map_or(from, String::as_str));
        if follow(home, file).as_ref() == Some(leads_now) {
            return None;
        }
        Some(format!("{}{rest}", way(home, leads_now)))
    }

    /// Whether the text says what it should once it is written anew, and everything else what it said.
    fn proved(&self, fixes: &[Fix], changes: &[(usize, String)]) -> Option<()> {
        let mut text = self.source.after(self.body).to_owned();
        for fix in fixes.iter().rev() {
            text.replace_range(fix.start - self.body..fix.end - self.body, &fix.text);
        }
        let mut wanted: Vec<String> =
            named(self.source.after(self.body)).into_iter().map(|(target, ..)| target).collect();
        for (at, text) in changes {
            wanted[*at].clone_from(text);
        }
        named(&text).into_iter().map(|(target, ..)| target).eq(wanted).then_some(())
    }
}

type Range = std::ops::Range<usize>;

/// Every target that a text names, with its link or picture and the place of the target alone.
fn named(markdown: &str) -> Vec<(String, Range, Option<Range>)> {
    let reading = reading::read(markdown);
    let links = reading.links.into_iter().map(|link| (link.target, link.range, link.target_range));
    let pictures =
        reading.pictures.into_iter().map(|picture| (picture.file, picture.range, picture.file_range));
    links.chain(pictures).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The relative path from a folder to a file.
fn way(from: &str, to: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    up.chain(to[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anew(text: &str) -> Result<String, Stuck> {
        let source = Source::new("content/queue/a.md", text);
        let gone = [
            ("content/queue/a.md", "content/2026/2026-08-21/a.md"),
            ("content/queue/b.md", "content/2026/2026-08-21/b.md"),
        ];
        let pair = |(from, to): (&str, &str)| (from.to_owned(), to.to_owned());
        let moves = Moves {
            gone: gone.into_iter().map(pair).collect(),
            copied: [("content/queue/c.png", "content/2026/2026-08-21/c.png")].map(pair).into(),
        };
        let fixes = Text { source: &source, body: 0, moves: &moves }.fixes()?;
        let mut text = text.to_owned();
        fixes.iter().rev().for_each(|fix| text.replace_range(fix.start..fix.end, &fix.text));
        Ok(text)
    }

    #[test]
    fn a_link_leads_where_it_led() {
        for (was, is) in [
            ("[x](../2026/2026-08-20/x.md#y \"x.md\")", "[x](../2026-08-20/x.md#y \"x.md\")"),
            ("[b](b.md) [b][1]\n\n[1]: <./b.md>\n", "[b](b.md) [b][1]\n\n[1]: <./b.md>\n"),
            (
                "[w](w.md) [w][1] ![c](c.png)\n\n[1]: <w.md>",
                "[w](../../queue/w.md) [w][1] ![c](c.png)\n\n[1]: <../../queue/w.md>",
            ),
            (
                "![d](../d.png) [e](/e/) <https://e.example/> [f](#f)",
                "![d](../../d.png) [e](/e/) <https://e.example/> [f](#f)",
            ),
            ("`[w](w.md)`", "`[w](w.md)`"),
        ] {
            assert_eq!(anew(was).expect("written"), is);
        }
    }

    #[test]
    fn a_link_that_cannot_be_written_anew_is_named() {
        let stuck = anew("See\n[w](w\\.md).\n").expect_err("stuck");
        assert_eq!((stuck.place.line, stuck.target.as_str()), (2, "w.md"));
    }
}
