//! What the linked data of a page (JSON-LD, schema.org) says of the article on it.

use serde_json::{Map, Value};

/// What was said, each as it was written.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Article {
    pub(super) headline: Option<String>,
    pub(super) published: Option<String>,
    pub(super) language: Option<String>,
    pub(super) publisher: Option<String>,
}

/// More than this is no description of one page.
const MOST: usize = 2000;

impl Article {
    /// Reads the scripts of a page. One that cannot be read is passed over.
    pub(super) fn of(scripts: &[String]) -> Self {
        let values: Vec<Value> = scripts.iter().filter_map(|script| value(script)).collect();
        let mut things = Vec::new();
        for value in &values {
            gather(value, &mut things);
        }
        let article = things.iter().find(|thing| is_article(thing)).copied();
        let page = things.iter().find(|thing| is_a(thing, |kind| kind == "WebPage")).copied();
        let of = |key: &str| {
            let said = |thing: Option<&Map<String, Value>>| thing.and_then(|thing| text(thing.get(key)?));
            said(article).or_else(|| said(page))
        };
        let publisher = article.or(page).and_then(|thing| thing.get("publisher"));
        Self {
            headline: article.and_then(|thing| text(thing.get("headline").or_else(|| thing.get("name"))?)),
            published: of("datePublished"),
            language: of("inLanguage"),
            publisher: publisher.and_then(|publisher| name(publisher, &things)),
        }
    }
}

/// The value of a script. Some sites wrap it for browsers that no longer exist.
fn value(script: &str) -> Option<Value> {
    const CDATA: &str = "<![CDATA[";
    let brace = script.find('{')?;
    let wrapped = script[..brace].find(CDATA).map(|at| &script[at + CDATA.len()..]);
    let script = wrapped.unwrap_or(script);
    let start = script.find(['{', '['])?;
    serde_json::Deserializer::from_str(&script[start..]).into_iter().next()?.ok()
}

/// The things of a value: itself, those of a list, those of its graph. Those inside a thing are its own affair.
fn gather<'a>(value: &'a Value, things: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| gather(value, things)),
        Value::Object(thing) if things.len() < MOST => {
            things.push(thing);
            for key in ["@graph", "mainEntity"] {
                if let Some(inner) = thing.get(key) {
                    gather(inner, things);
                }
            }
        }
        _ => {}
    }
}

/// schema.org has some twenty kinds of article.
fn is_article(thing: &Map<String, Value>) -> bool {
    is_a(thing, |kind| {
        kind.ends_with("Article") || matches!(kind, "BlogPosting" | "LiveBlogPosting" | "Report")
    })
}

fn is_a(thing: &Map<String, Value>, which: impl Fn(&str) -> bool) -> bool {
    let kind = |kind: &Value| {
        kind.as_str().is_some_and(|kind| which(kind.rsplit(['/', ':', '#']).next().unwrap_or("")))
    };
    match thing.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().any(kind),
        Some(one) => kind(one),
        None => false,
    }
}

/// A text, the first of several, or that of a value with a language.
fn text(value: &Value) -> Option<String> {
    let found = match value {
        Value::String(text) => Some(text.as_str()),
        Value::Array(values) => values.first().and_then(Value::as_str),
        Value::Object(thing) => {
            thing.get("@value").or_else(|| thing.get("alternateName")).and_then(Value::as_str)
        }
        _ => None,
    };
    found.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The name of an organisation, be it told elsewhere.
fn name(value: &Value, things: &[&Map<String, Value>]) -> Option<String> {
    match value {
        Value::Array(values) => values.iter().find_map(|value| name(value, things)),
        Value::Object(thing) => thing.get("name").and_then(text).or_else(|| {
            let id = thing.get("@id")?.as_str()?;
            let meant = |other: &&&Map<String, Value>| other.get("@id").and_then(Value::as_str) == Some(id);
            things.iter().filter(meant).find_map(|other| text(other.get("name")?))
        }),
        other => text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(script: &str) -> Article {
        Article::of(&["{".to_owned(), script.to_owned()])
    }

    #[test]
    fn an_article_is_found_wherever_it_stands() {
        let article =
            r#"{"@type": "NewsArticle", "headline": "H", "datePublished": "D", "publisher": {"name": "P"}}"#;
        let found = read(article);
        assert_eq!((found.headline.as_deref(), found.publisher.as_deref()), (Some("H"), Some("P")));
        for around in [
            format!("[{{\"@type\": \"Organization\", \"name\": \"O\"}}, {article}]"),
            format!("{{\"@graph\": [{article}]}}"),
            format!("{{\"@type\": \"WebPage\", \"mainEntity\": {article}}}"),
            format!("//<![CDATA[\n{article}\n//]]>"),
            format!("<!-- {article} -->"),
            article.replace("\"NewsArticle\"", "[\"Thing\", \"https://schema.org/BlogPosting\"]"),
        ] {
            assert_eq!(read(&around), found, "{around}");
        }
        assert_eq!(read(r#"{"@type": "Product", "name": "A pan"}"#), Article::default());
    }

    #[test]
    fn a_publisher_may_be_told_elsewhere() {
        let script = r##"{"@graph": [
            {"@type": "Article", "headline": "H", "publisher": {"@id": "#o"}},
            {"@type": "WebPage", "inLanguage": "fr-FR", "datePublished": "2026-08-20"},
            {"@type": "Organization", "@id": "#o", "name": "Le Fournil"}]}"##;
        let found = read(script);
        assert_eq!(found.publisher.as_deref(), Some("Le Fournil"));
        assert_eq!(
            (found.language.as_deref(), found.published.as_deref()),
            (Some("fr-FR"), Some("2026-08-20"))
        );
    }

    #[test]
    fn what_is_nested_without_end_is_passed_over() {
        assert_eq!(read(&"[".repeat(100_000)), Article::default());
        assert_eq!(
            read(&format!("{}1{}", "{\"@graph\":".repeat(5000), "}".repeat(5000))),
            Article::default()
        );
    }
}
