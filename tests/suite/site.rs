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

#[test]
fn corrections_are_listed_as_long_as_there_are_any() {
    let corrections = |all: &str| format!("corrections: [{all}]\n");
    let one = corrections(
        "{date: 2025-12-31, text: It was -- 7.}, {date: 2026-01-02, text: <b>Eight</b> at last.}",
    );
    let project = Project::with(&[
        ("content/2025-12-30/first.md", &item("First & foremost", &one)),
        ("content/2026-01-01/kept.md", &item("Kept", "")),
        (
            "content/2026-01-05/secret.md",
            &item("Secret", &format!("draft: true\n{}", corrections("{date: 2026-01-05, text: Hush.}"))),
        ),
        (
            "content/articles/long.md",
            &item(
                "Long",
                &format!("date: 2026-01-03\nlang: fr\n{}", corrections("{date: 2026-01-04, text: Non !}")),
            ),
        ),
    ]);
    built(&project);
    let page = project.read("out/site/corrections/index.html");
    let places: Vec<usize> = ["<h2>2026</h2>", "Non\u{202f}!", "Eight", "<h2>2025</h2>", "It was – 7."]
        .iter()
        .map(|part| page.rfind(part).unwrap_or_else(|| panic!("{part}: {page}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(
        page.contains("&lt;b&gt;Eight&lt;&#x2F;b&gt;") || page.contains("&lt;b&gt;Eight&lt;/b&gt;"),
        "{page}"
    );
    assert!(page.contains("<a href=\"../2025/12/30/#first\">First &amp; foremost</a>"), "{page}");
    assert!(page.contains("<a href=\"../2025/12/30/\">Issue of <time datetime=\"2025-12-30\">"), "{page}");
    assert!(page.contains("<a href=\"../2026/01/03/long/\" lang=\"fr\" dir=\"auto\">Long</a>"), "{page}");
    assert!(
        !page.contains("Hush")
            && page.contains("rel=\"canonical\" href=\"https://daily.example/corrections/\"")
    );
    let data = page.split("ld+json\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("data");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data["hasPart"][1]["correction"]["text"], "<b>Eight</b> at last.");
    assert_eq!(data["hasPart"][2]["url"], "https://daily.example/2025/12/30/#first");
    let map = project.read("out/site/sitemap.xml");
    assert!(map.contains("corrections/</loc><lastmod>2026-01-04</lastmod>"), "{map}");
    let leads = |page: &str| project.read(page).contains("corrections/\">Corrections</a>");
    assert!(leads("out/site/index.html") && leads("out/site/404.html"));
    assert_eq!(project.read("out/site/archive/index.html").matches("../corrections/").count(), 2);
    project.write("content/2025-12-30/first.md", &item("First", ""));
    project.write("content/articles/long.md", &item("Long", "date: 2026-01-03\n"));
    built(&project);
    assert!(!project.path("out/site/corrections").exists() && !leads("out/site/index.html"));
    assert!(!project.read("out/site/sitemap.xml").contains("corrections"));
}

#[test]
fn nothing_claims_the_page_of_corrections_as_its_former_address() {
    let project = Project::with(&[("content/2026-08-21/a.md", &item("A", "aliases: [/corrections/]\n"))]);
    let said = project.run(&["build"]);
    assert!(said.code == 1 && said.err.contains("alias-taken"), "{said:?}");
}
