//! Topics that nobody knows, and topics that an editor forgot.

use std::collections::HashMap;

use crate::check::galley::{Galley, Part};
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::check::words::{folded, stem, words};
use crate::content::{Content, Topic};
use crate::model::{Diagnostic, Slug, suggest};

pub(super) const UNKNOWN: Rule = Rule::new(
    "unknown-topic",
    Family::Story,
    "A topic that comes up for the first time and almost has the name of a known one is a slip. Where every other topic has a file under content/topics/, so should this one.",
    "write the name as its file has it, or start content/topics/NAME.md",
);
pub(super) const FORGOTTEN: Rule = Rule::new(
    "forgotten-topic",
    Family::Story,
    "The name of a topic, or an alias, stands in the headline or twice in the text, and the item is not filed under it: its page would lack the item.",
    "add it to `topics`",
);

/// The shortest name that is looked for: shorter ones mean too many things.
const SHORTEST: usize = 4;
/// From this length on, one wrong letter does not make another word.
const UNMISTAKABLE: usize = 5;

/// The names of topics by their first word.
#[derive(Debug, Default)]
pub(in crate::check) struct Names<'a>(HashMap<String, Vec<(Vec<String>, &'a Topic)>>);

impl<'a> Names<'a> {
    pub(in crate::check) fn of(content: &'a Content) -> Self {
        let mut names: HashMap<String, Vec<(Vec<String>, &'a Topic)>> = HashMap::new();
        for topic in content.topics.iter() {
            let aliases = topic.aliases.iter().map(|(alias, _)| alias.as_str().replace('-', " "));
            for name in std::iter::once(topic.name.clone()).chain(aliases) {
                let stems: Vec<String> = folded(&name).split(' ').map(|word| stem(word).to_owned()).collect();
                if name.chars().count() >= SHORTEST && !stems.is_empty() {
                    names.entry(stems[0].clone()).or_default().push((stems, topic));
                }
            }
        }
        Self(names)
    }
}

pub(super) fn unknown(galley: &Galley<'_>, room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(entry) = galley.entry() else { return };
    for topic in &entry.topics {
        let thread = room.desk.archive.thread(&topic.key);
        let known = thread.is_some_and(|(_, thread)| thread.topic.is_some() || thread.entries.len() > 1);
        if known {
            continue;
        }
        let near = if topic.key.as_str().len() >= UNMISTAKABLE { near(&topic.key, room) } else { None };
        let message = match near {
            Some(near) => format!("the topic `{}` is new; did you mean `{near}`?", topic.name),
            None if room.every_topic_has_a_file => {
                format!("the topic `{}` has no file, and all others have", topic.name)
            }
            None => continue,
        };
        findings.push(UNKNOWN.say(message).at(galley.in_head_after("topics", &topic.name)));
    }
}

fn near<'a>(key: &Slug, room: &'a Room<'_>) -> Option<&'a str> {
    let threads = room.desk.archive.threads.iter();
    let known = threads.filter(|(_, thread)| thread.topic.is_some() || thread.entries.len() > 1);
    suggest::nearest(
        key.as_str(),
        known.map(|(known, _)| known.as_str()).filter(|known| *known != key.as_str()),
    )
}

pub(super) fn forgotten(galley: &Galley<'_>, room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(entry) = galley.entry() else { return };
    if room.topics.0.is_empty() {
        return;
    }
    let topics = &room.desk.content.topics;
    let mut found: Vec<(&Topic, usize, usize)> = Vec::new();
    for (at, passage) in galley.passages.iter().enumerate() {
        let weight = if passage.part == Part::Headline { 2 } else { 1 };
        let text = folded(&passage.text);
        let stems: Vec<&str> = text.split(' ').map(stem).collect();
        for start in 0..stems.len() {
            for (name, topic) in room.topics.0.get(stems[start]).into_iter().flatten() {
                if !name.iter().eq(stems[start..].iter().take(name.len())) {
                    continue;
                }
                match found.iter_mut().find(|(known, ..)| known.key == topic.key) {
                    Some((_, count, _)) => *count += weight,
                    None => found.push((topic, weight, at)),
                }
            }
        }
    }
    found.retain(|(topic, count, _)| {
        *count >= 2 && !entry.topics.iter().any(|own| *topics.resolve(&own.key) == topic.key)
    });
    for (topic, _, at) in found {
        let message = format!("the text is about `{}`, and not filed under it", topic.key);
        let passage = &galley.passages[at];
        let first = |range: &std::ops::Range<usize>| {
            let word = folded(&passage.text[range.clone()]);
            let last = word.rsplit(' ').next().unwrap_or("");
            room.topics.0.get(stem(last)).into_iter().flatten().any(|(_, known)| known.key == topic.key)
        };
        let range = words(&passage.text).find(first).unwrap_or(0..0);
        let hint = format!("add `{}` to `topics`", topic.key);
        findings.push(FORGOTTEN.say(message).at(galley.at(passage, range)).hint(hint));
    }
}
