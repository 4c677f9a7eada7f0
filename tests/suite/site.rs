//! The web edition from outside: what stays when things are renamed, what stays small when there is much.

use crate::project::{Project, tree};

fn item(title: &str, more: &str) -> String {
    format!(
        "---\ntitle: {title}\n{more}---\n{}\n",
        "A sentence of some length, and then another one. ".repeat(6)
    )
}

fn built(project: &Project) {
    let said = project.run(&["build"]);
    assert_eq!(said.code, 0, "{}", said.err);
}

fn ids(feed: &str) -> Vec<String> {
    let ids = feed.split("<id>").skip(2).filter_map(|rest| rest.split("</id>").next());
    ids.map(str::to_owned).collect()
}

#[test]
fn a_renamed_item_keeps_its_feed_id_and_its_old_anchor() {
    let project = Project::with(&[("content/2026-08-21/first.md", &item("First", ""))]);
    built(&project);
    let before = ids(&project.read("out/site/feed.xml"));
    std::fs::remove_file(project.path("content/2026-08-21/first.md")).expect("a file");
    project.write("content/2026-08-21/second.md", &item("Edited", "aliases: [first]\n"));
    built(&project);
    let feed = project.read("out/site/feed.xml");
    assert_eq!(ids(&feed), before);
    assert_eq!(before, ["tag:daily.example,2026-08-21:item/first"]);
    assert!(feed.contains("https://daily.example/2026/08/21/#second"));
    assert!(project.read("out/site/2026/08/21/index.html").contains("<span id=\"first\"></span>"));
    assert!(project.read("out/site/feed.json").contains(&before[0]));
}

#[test]
fn a_renamed_article_leads_on_from_where_it_stood() {
    let text = item("Long", "date: 2024-02-29\naliases: [old-name, /wiki/Long%20read.html]\n");
    let project =
        Project::with(&[("content/2026-08-21/a.md", &item("A", "")), ("content/articles/long.md", &text)]);
    built(&project);
    let moved = project.read("out/site/2024/02/29/old-name/index.html");
    assert!(moved.contains("content=\"0; url=../../../../2024/02/29/long/\""), "{moved}");
    assert!(project.read("out/site/wiki/Long read.html").contains("href=\"../2024/02/29/long/\""));
    assert!(!project.read("out/site/sitemap.xml").contains("old-name"));
}

#[test]
fn a_long_thread_has_a_page_for_each_year() {
    let mut files = Vec::new();
    for at in 0..210 {
        let year = if at % 2 == 0 { "2025" } else { "2026" };
        let path = format!("content/{year}-03-{:02}/i{at}.md", at % 28 + 1);
        files.push((path, item(&format!("I{at}"), "topics: [much]\n")));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = Project::with(&files);
    built(&project);
    let whole = project.read("out/site/topics/much/index.html");
    assert_eq!(whole.matches("<time datetime=\"20").count(), 50);
    let year = project.read("out/site/topics/much/2025/index.html");
    assert_eq!(year.matches("<time datetime=\"2025-").count(), 105);
    assert_eq!(ids(&project.read("out/site/topics/much/feed.xml")).len(), 10);
    assert_eq!(ids(&project.read("out/site/feed.xml")).len(), 100);
}

#[test]
fn cards_are_drawn_unless_the_settings_say_otherwise() {
    let project = Project::with(&[("content/2026-08-21/a.md", &item("A", ""))]);
    let cards = |project: &Project| tree(&project.path("out/site/assets/cards"));
    built(&project);
    let drawn = cards(&project);
    assert_eq!(drawn.len(), 1);
    assert!(project.read("out/site/2026/08/21/index.html").contains(&drawn[0]));
    let settings = project.read("content/newsletter.yaml");
    project.write("content/newsletter.yaml", &format!("{settings}theme: {{cards: false}}\n"));
    built(&project);
    assert!(cards(&project).is_empty());
    assert!(!project.read("out/site/2026/08/21/index.html").contains("og:image"));
}

#[test]
fn feeds_of_texts_that_xml_forbids_are_still_feeds() {
    let text = "---\ntitle: \"A ]]> <b> & \\\"c\\\"\"\n---\nA \u{fffe}text ]]> `<&` <b>bold</b>.\n";
    let project = Project::with(&[("content/2026-08-21/a.md", text)]);
    built(&project);
    let feed = project.read("out/site/feed.xml");
    assert!(
        !feed.contains(['\u{fffe}', '\u{ffff}']) && !feed.contains("]]>") && !feed.contains("<b>"),
        "{feed}"
    );
}
