//! What front matter and settings may hold, as JSON Schema: editors complete and check by it while somebody types.
//!
//! Never knows: the disk, the files that are judged by it.

use serde_json::{Value, json};

use crate::config::Config;

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `content/newsletter.yaml`.
    Newsletter,
    /// The front matter of an item.
    Item,
    /// The front matter of a long article.
    Article,
    /// The front matter of `issue.md`.
    Issue,
    /// The front matter of a topic's file.
    Topic,
    /// The front matter of a text placed by rule.
    Block,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Newsletter, Self::Item, Self::Article, Self::Issue, Self::Topic, Self::Block];

    /// Its name: that of its file, without the ending.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newsletter => "newsletter",
            Self::Item => "item",
            Self::Article => "article",
            Self::Issue => "issue",
            Self::Topic => "topic",
            Self::Block => "block",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Newsletter => include_str!("newsletter.json"),
            Self::Item => include_str!("item.json"),
            Self::Article => include_str!("article.json"),
            Self::Issue => include_str!("issue.json"),
            Self::Topic => include_str!("topic.json"),
            Self::Block => include_str!("block.json"),
        }
    }
}

/// A schema (JSON Schema 2020-12). With a newsletter's settings, its own sections are the only ones an item may name.
pub fn schema(kind: Kind, config: Option<&Config>) -> Value {
    let mut schema: Value = serde_json::from_str(kind.text()).unwrap_or_default();
    if let (Kind::Item, Some(config)) = (kind, config) {
        let names: Vec<&str> = config.sections.iter().map(|section| section.name.as_str()).collect();
        schema["properties"]["section"]["enum"] = json!(names);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_json_and_closed() {
        for kind in Kind::ALL {
            let schema = schema(kind, None);
            assert_eq!(schema["additionalProperties"], false, "{}", kind.as_str());
            assert!(schema["properties"].as_object().is_some_and(|keys| !keys.is_empty()));
        }
    }
}
