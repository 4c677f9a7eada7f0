//! The head of a Markdown file: where it ends, and what it may hold.

use serde::Deserialize;

use crate::config::yaml::{Spanned, Yaml};
use crate::model::{Diagnostic, Source};

use super::allowance::RawAllowance;

pub(super) type Text = Option<Spanned<String>>;

/// The rules of the copy editor that a file may break.
pub(super) type Allow = Option<Vec<Spanned<RawAllowance>>>;

/// A Markdown file taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split<'a> {
    /// The YAML between the two lines of three hyphens.
    pub(super) yaml: Yaml<'a>,
    /// Where the Markdown starts, in bytes.
    pub(super) body: usize,
}

/// Finds the front matter. A file without any is all body.
pub(super) fn split<'a>(source: &'a Source, findings: &mut Vec<Diagnostic>) -> Option<Split<'a>> {
    let text = source.text();
    let Some(rest) = text.strip_prefix("---\n") else {
        return Some(Split { yaml: Yaml::new(source, "", 1), body: 0 });
    };
    let mut offset = 4;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some(Split { yaml: Yaml::new(source, &text[4..offset], 2), body: offset + line.len() });
        }
        offset += line.len();
    }
    findings.push(
        Diagnostic::error("front-matter-open", "the front matter is never closed")
            .at(source.at(1, 1, 3))
            .hint("add a line `---` after the last key, before the text"),
    );
    None
}

/// The front matter of an item.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawItem {
    pub(super) title: Text,
    pub(super) label: Text,
    pub(super) section: Text,
    pub(super) topics: Option<Vec<Spanned<String>>>,
    pub(super) sources: Option<Vec<RawCredit>>,
    pub(super) description: Option<String>,
    pub(super) image: Option<RawImage>,
    pub(super) lead: Option<Spanned<bool>>,
    pub(super) position: Option<i64>,
    pub(super) date: Text,
    pub(super) not_before: Text,
    pub(super) expires: Text,
    pub(super) priority: Option<Spanned<i64>>,
    pub(super) queued: Text,
    pub(super) keep: Option<bool>,
    pub(super) draft: Option<bool>,
    pub(super) lang: Text,
    pub(super) author: Option<String>,
    pub(super) typography: Option<bool>,
    pub(super) quote: Option<Spanned<RawQuote>>,
    pub(super) figure: Option<Spanned<RawFigure>>,
    pub(super) person: Option<Spanned<RawPerson>>,
    pub(super) corrections: Option<Vec<RawCorrection>>,
    pub(super) aliases: Option<Vec<Spanned<String>>>,
    pub(super) allow: Allow,
}

/// The front matter of an article.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawArticle {
    pub(super) title: Text,
    pub(super) label: Text,
    pub(super) date: Text,
    pub(super) topics: Option<Vec<Spanned<String>>>,
    pub(super) sources: Option<Vec<RawCredit>>,
    pub(super) description: Option<String>,
    pub(super) image: Option<RawImage>,
    pub(super) draft: Option<bool>,
    pub(super) lang: Text,
    pub(super) author: Option<String>,
    pub(super) typography: Option<bool>,
    pub(super) corrections: Option<Vec<RawCorrection>>,
    pub(super) aliases: Option<Vec<Spanned<String>>>,
    pub(super) allow: Allow,
}

/// The front matter of `issue.md`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIntroduction {
    pub(super) date: Text,
    pub(super) subject: Text,
    pub(super) preheader: Text,
    pub(super) number: Option<Spanned<i64>>,
    pub(super) draft: Option<bool>,
    pub(super) aliases: Option<Vec<Spanned<String>>>,
    pub(super) allow: Allow,
}

/// The front matter of a topic.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTopic {
    pub(super) name: Text,
    pub(super) description: Option<String>,
    pub(super) aliases: Option<Vec<Spanned<String>>>,
    pub(super) related: Option<Vec<Spanned<String>>>,
}

/// The front matter of a block.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBlockText {
    pub(super) lang: Text,
    pub(super) typography: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCredit {
    pub(super) name: Text,
    pub(super) url: Text,
    pub(super) note: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawImage {
    pub(super) file: Text,
    pub(super) alt: Option<String>,
    pub(super) caption: Option<String>,
    pub(super) credit: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQuote {
    pub(super) text: Option<String>,
    pub(super) by: Option<String>,
    pub(super) role: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFigure {
    pub(super) value: Option<String>,
    pub(super) of: Option<String>,
    pub(super) study: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPerson {
    pub(super) name: Option<String>,
    pub(super) role: Option<String>,
    pub(super) organisation: Option<String>,
    pub(super) before: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCorrection {
    pub(super) date: Text,
    pub(super) text: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_in_the_text_is_not_front_matter() {
        let source = Source::new("a.md", "Un.\n\n---\n\ntitle: deux\n\n---\n");
        assert_eq!(split(&source, &mut Vec::new()).expect("a split").body, 0);
        let source = Source::new("a.md", "---\ntitle: a\n---\nUn.\n\n---\nDeux.\n");
        assert_eq!(
            &source.text()[split(&source, &mut Vec::new()).expect("a split").body..],
            "Un.\n\n---\nDeux.\n"
        );
    }

    #[test]
    fn an_open_head_is_an_error() {
        let mut findings = Vec::new();
        assert!(split(&Source::new("a.md", "---\ntitle: a\n"), &mut findings).is_none());
        assert_eq!(findings[0].rule, "front-matter-open");
    }
}
