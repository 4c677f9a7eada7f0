//! Topics by name and by alias.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::model::{Diagnostic, Slug, Spot};

use super::introduction::Topic;

/// The topics that have a file, and the names that lead to them.
#[derive(Debug, Default)]
pub struct Topics {
    topics: BTreeMap<Slug, Topic>,
    aliases: FxHashMap<Slug, Slug>,
    files: usize,
}

impl Topics {
    pub(super) fn new(list: Vec<Topic>, findings: &mut Vec<Diagnostic>) -> Self {
        let files = list.len();
        let mut topics: BTreeMap<Slug, Topic> = BTreeMap::new();
        for topic in list {
            if let Some(known) = topics.get(&topic.key) {
                let message = format!(
                    "the topic `{}` has a second file; the first is {}",
                    topic.key,
                    known.source.path()
                );
                let finding = Diagnostic::error("duplicate-topic", message).in_file(topic.source.path());
                findings.push(finding.hint("keep one of the two"));
                continue;
            }
            topics.insert(topic.key.clone(), topic);
        }
        let mut aliases: FxHashMap<Slug, Slug> = FxHashMap::default();
        for topic in topics.values() {
            for (alias, spot) in &topic.aliases {
                match clash(&topics, &aliases, topic, alias) {
                    Some(finding) => findings.push(finding.at(place(topic, *spot))),
                    None => {
                        aliases.insert(alias.clone(), topic.key.clone());
                    }
                }
            }
        }
        Self { topics, aliases, files }
    }

    /// The topic that a name means: itself, or the one it is an alias of.
    pub fn resolve<'a>(&'a self, key: &'a Slug) -> &'a Slug {
        self.aliases.get(key).unwrap_or(key)
    }

    /// The file of a topic, if it has one.
    pub fn get(&self, key: &Slug) -> Option<&Topic> {
        self.topics.get(key)
    }

    /// How many files there are, those that were found fault with too.
    pub fn files(&self) -> usize {
        self.files
    }

    /// All topics that have a file, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Topic> {
        self.topics.values()
    }
}

fn place(topic: &Topic, spot: Spot) -> crate::model::Location {
    topic.source.spot(spot)
}

fn clash(
    topics: &BTreeMap<Slug, Topic>,
    aliases: &FxHashMap<Slug, Slug>,
    topic: &Topic,
    alias: &Slug,
) -> Option<Diagnostic> {
    if *alias == topic.key {
        return Some(
            Diagnostic::error("topic-alias", format!("`{alias}` is an alias of itself")).hint("delete it"),
        );
    }
    if let Some(other) = topics.get(alias) {
        return Some(match chain(topics, topic, other) {
            Some(chain) => {
                Diagnostic::error("topic-alias-loop", format!("the aliases go round in a circle: {chain}"))
                    .hint("delete one of them")
            }
            None => Diagnostic::error(
                "topic-alias",
                format!("the alias `{alias}` is a topic of its own, {}", other.source.path()),
            )
            .hint("delete the alias, or that file"),
        });
    }
    aliases.get(alias).map(|owner| {
        Diagnostic::error(
            "topic-alias",
            format!("the alias `{alias}` belongs to the topic `{owner}` already"),
        )
        .hint("keep one of the two")
    })
}

/// The way back from `from` to `home` along aliases that are topics.
fn chain(topics: &BTreeMap<Slug, Topic>, home: &Topic, from: &Topic) -> Option<String> {
    let mut path = vec![&home.key, &from.key];
    let mut open = vec![from];
    let mut seen = vec![&from.key];
    while let Some(topic) = open.pop() {
        for (alias, _) in &topic.aliases {
            if *alias == home.key {
                path.push(&home.key);
                return Some(path.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" → "));
            }
            if let Some(next) = topics.get(alias).filter(|next| !seen.contains(&&next.key)) {
                seen.push(&next.key);
                path.push(&next.key);
                open.push(next);
            }
        }
    }
    None
}
