//! The search index as a browser would read it: what is published is found, by name, topic and text; nothing else is.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::project::{Project, tree};

const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The terms of a year, each with the entries that have it, by field: text, name, topic.
type Terms = BTreeMap<String, Vec<Vec<usize>>>;

fn read(project: &Project, name: &str) -> Value {
    let text = project.read(&format!("out/site/search/{name}.js"));
    let data =
        text.strip_prefix(&format!("rotativeSearch(\"{name}\",")).and_then(|rest| rest.strip_suffix(")\n"));
    serde_json::from_str(data.expect("a call")).expect("JSON")
}

fn digit(letter: char) -> usize {
    DIGITS.find(letter).expect("a digit")
}

fn numbers(list: &str) -> Vec<usize> {
    let (mut found, mut expected, mut value, mut shift) = (Vec::new(), 0, 0, 0);
    for bits in list.chars().map(digit) {
        value |= (bits % 32) << shift;
        shift += 5;
        if bits < 32 {
            found.push(expected + value);
            expected += value + 1;
            (value, shift) = (0, 0);
        }
    }
    found
}

fn terms(project: &Project, year: &str) -> Terms {
    let directory = read(project, &format!("{year}/index"));
    let mut terms = Terms::new();
    for (at, first) in directory["blocks"].as_array().expect("blocks").iter().enumerate() {
        let block = read(project, &format!("{year}/t{at}"));
        let mut before = String::new();
        for (row, line) in block.as_str().expect("text").split(';').enumerate() {
            let mut cells = line.split(',');
            let term = cells.next().expect("a term");
            before = format!("{}{}", &before[..digit(term.chars().next().expect("a digit"))], &term[1..]);
            assert!(row > 0 || *first == before.as_str(), "the directory names the first term");
            let known = terms.insert(before.clone(), cells.map(numbers).collect());
            assert!(known.is_none(), "{before} comes twice");
        }
    }
    terms
}

/// The cards of a year: date, address, name, matter, opening, language.
fn cards(project: &Project, year: &str) -> Vec<[String; 6]> {
    let entries = read(project, &format!("{year}/index"))["entries"].as_u64().expect("a number");
    let mut cards = Vec::new();
    for at in 0..entries.div_ceil(64) {
        for day in read(project, &format!("{year}/c{at}")).as_array().expect("days") {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let rows = day[2].as_array().expect("rows");
            cards.extend(rows.iter().map(|row| {
                [text(&day[0]), text(&row[0]), text(&row[1]), text(&row[2]), text(&row[3]), text(&row[4])]
            }));
        }
    }
    assert_eq!(cards.len() as u64, entries);
    cards
}

fn names(project: &Project, year: &str, term: &str, field: usize) -> Vec<String> {
    let cards = cards(project, year);
    let lists = terms(project, year).remove(term).unwrap_or_default();
    lists.get(field).into_iter().flatten().map(|entry| cards[*entry][2].clone()).collect()
}

fn sample() -> Project {
    let project = Project::with(&[
        ("content/2018-06-08/issue.md", "---\n---\nA foreword about orchards.\n"),
        (
            "content/2018-06-08/pun.md",
            "---\ntitle: A pear of hands\nlabel: Farm opens\ntopics: [Fruit]\n---\nPears [grow](https://hidden.example/address) <b title=\"unseen\">slowly</b>.\n",
        ),
        (
            "content/2018-06-08/fr.md",
            "---\ntitle: Les lunettes\nlang: fr\n---\nL'été des **journaux**, encore.\n",
        ),
        ("content/2018-12-31/draft.md", "---\ntitle: Secret plans\ndraft: true\n---\nSecret.\n"),
        ("content/2018-12-31/last.md", "---\ntitle: Last words\n---\nThe cities sleep.\n"),
        ("content/queue/later.md", "---\ntitle: Secret queue\n---\nSecret.\n"),
        (
            "content/articles/2017/long.md",
            "---\ntitle: A long read\ndate: 2017-03-01\n---\nOrchards, at length.\n",
        ),
        ("content/topics/fruit.md", "---\nname: Orchard fruit\naliases: [pomes]\n---\n"),
    ]);
    assert_eq!(project.run(&["build"]).code, 0);
    project
}

#[test]
fn what_is_published_is_found_and_nothing_else() {
    let project = sample();
    assert_eq!(names(&project, "2018", "pear", 1), ["Farm opens"], "by its title, shown by its label");
    assert_eq!(names(&project, "2018", "farm", 1), ["Farm opens"]);
    assert_eq!(names(&project, "2018", "fruit", 2), ["Farm opens"]);
    assert_eq!(names(&project, "2018", "orchard", 2), ["Farm opens"], "by the name in the topic's file");
    assert_eq!(names(&project, "2018", "orchard", 0), ["Friday, 8\u{a0}June 2018"], "in an introduction");
    assert_eq!(names(&project, "2018", "lunet", 1), ["Les lunettes"]);
    assert_eq!(names(&project, "2018", "journal", 0), ["Les lunettes"], "a French text has French stems");
    assert_eq!(names(&project, "2018", "city", 0), ["Last words"]);
    assert_eq!(names(&project, "2017", "orchard", 0), ["A long read"]);
    let terms = terms(&project, "2018");
    for hidden in ["secret", "hidden", "example", "unseen", "title", "the"] {
        assert!(!terms.contains_key(hidden), "{hidden}");
    }
}

#[test]
fn a_card_leads_to_its_page_and_speaks_its_language() {
    let project = sample();
    let cards = [cards(&project, "2018"), cards(&project, "2017")].concat();
    for [date, rest, name, ..] in &cards {
        let (file, anchor) = rest.split_once('#').unwrap_or((rest, ""));
        let page = project.read(&format!("out/site/{}/{file}index.html", date.replace('-', "/")));
        assert!(page.contains(&format!("id=\"{anchor}\"")) || anchor.is_empty(), "{name}");
    }
    let card = |name: &str| cards.iter().find(|card| card[2] == name).expect("a card").clone();
    assert_eq!(card("Les lunettes")[4..], ["L’été des journaux, encore.", "fr"]);
    assert_eq!(card("Farm opens")[3..], ["Orchard fruit", "Pears grow slowly.", ""]);
}

#[test]
fn a_year_of_many_items_stays_in_small_files() {
    let project = Project::empty();
    project.write(
        "content/newsletter.yaml",
        "title: T\nlanguage: fr\nbase_url: https://t.example\nsections: [{name: brief}]\n",
    );
    for number in 0..2_000_usize {
        let (month, day) = (number / 28 % 12 + 1, number % 28 + 1);
        let words: String =
            (0..60).map(|at| format!("mot{} ", (number * 61 + at * at * 7) % 9_000)).collect();
        project.write(
            &format!("content/2018-{month:02}-{day:02}/n{number}.md"),
            &format!("---\ntitle: Brève {number}\n---\n{words}\n"),
        );
    }
    assert_eq!(project.run(&["build"]).code, 0);
    let folder = project.path("out/site/search/2018");
    for name in tree(&folder) {
        let size = std::fs::metadata(folder.join(&name)).expect("a file").len();
        assert!(size <= 40_000, "{name}: {size}");
    }
    let terms = terms(&project, "2018");
    assert_eq!(terms["brev"][1].len(), 2_000);
    assert!(terms.len() > 9_000, "{}", terms.len());
}

#[test]
fn the_page_and_its_script_can_be_replaced() {
    let project =
        Project::with(&[("content/2026-08-21/a.md", "A text.\n"), ("templates/site/search.js", "// mine\n")]);
    project.write("templates/site/search.html", "{{ words.search }} {{ years | join(sep=\" \") }}\n");
    assert_eq!(project.run(&["build"]).code, 0);
    assert_eq!(project.read("out/site/assets/search.js"), "// mine\n");
    assert_eq!(project.read("out/site/search/index.html"), "Search 2026\n");
}

#[test]
fn a_site_may_do_without() {
    let project = Project::with(&[("content/2026-08-21/a.md", "A text.\n")]);
    let settings = project.read("content/newsletter.yaml");
    let traces = |project: &Project| {
        let site = project.path("out/site");
        let held = |name: &String| name.starts_with("search/") || name.contains("search.js");
        let leads = |name: &String| project.read(&format!("out/site/{name}")).contains("search/\"");
        tree(&site).into_iter().filter(|name| held(name) || name.ends_with(".html") && leads(name)).count()
    };
    for (search, some) in [("", true), ("theme: {search: false}\n", false), ("theme: {search: true}\n", true)]
    {
        project.write("content/newsletter.yaml", &format!("{settings}{search}"));
        assert_eq!(project.run(&["build"]).code, 0);
        assert_eq!(traces(&project) > 0, some, "{search}");
    }
}
