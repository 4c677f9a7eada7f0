//! What `rotative new --url` makes of pages: those of `tests/pages/`, any bytes at all, and a web that is faulty.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rotative::clipping::{Answer, Clipping, read};
use rotative::model::{IssueDate, WebUrl};

use crate::golden::compare;
use crate::links::{Stream, Web};
use crate::project::{Project, Said, said, tree};

/// The folders of `tests/pages/`.
fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).expect("cases").flatten().map(|entry| entry.path()).collect();
    cases.sort();
    cases
}

fn clipping(case: &Path) -> Clipping {
    let asked = fs::read_to_string(case.join("asked")).expect("an address");
    let mut lines = asked.lines();
    let url = WebUrl::parse(lines.next().expect("an address")).expect("an address");
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
    let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let bytes = fs::read(case.join("page.html")).expect("a page");
    read(&Answer {
        bytes: &bytes,
        kind: header("content-type"),
        language: header("content-language"),
        url: &url,
        zone: chrono_tz::Europe::Paris,
        today: today(),
    })
}

fn today() -> IssueDate {
    IssueDate::parse("2026-08-21").expect("a day")
}

#[test]
fn every_page_says_what_it_promises() {
    #[expect(clippy::disallowed_methods, reason = "BLESS concerns whoever runs the tests")]
    let bless = std::env::var_os("BLESS").is_some();
    let mut faults = Vec::new();
    for case in cases() {
        let Clipping { title, site, url, language, published } = clipping(&case);
        let lines = [
            ("title", title),
            ("site", Some(site)),
            ("url", Some(url.to_string())),
            ("language", language.map(|tag| tag.to_string())),
            ("published", published.map(|day| day.to_string())),
        ];
        let said: String =
            lines.map(|(key, value)| format!("{key}: {}\n", value.unwrap_or_default())).concat();
        compare(&case, "said.txt", said.as_bytes(), bless, &mut faults);
    }
    assert!(faults.is_empty(), "{}\n(BLESS=1 takes what is there for right)", faults.join("\n\n"));
}

/// A page, whole or in pieces that a writer of pages would never write.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "\\PC{0,20}".prop_map(String::into_bytes),
        proptest::sample::select(vec![
            "<title>",
            "</title>",
            "<svg>",
            "<meta property='og:title' content='",
            "'>",
            "<h1>",
            "&#x202e;",
            "&#0;",
            "<meta charset=utf-16le>",
            "<meta charset=iso-2022-jp>",
            "<link rel=canonical href='",
            "<base href='//'>",
            "<script type='application/ld+json'>",
            "</script>",
            "{\"@type\":\"Article\",\"headline\":",
            "[",
            "\"",
            "<time pubdate datetime='",
            "2026-08-20T",
            "+25:99",
            "<!--",
            "<![CDATA[",
            "<html lang='",
            " - ",
            "|",
            "<meta name=date content='",
            "<meta property=og:site_name content='",
            "\u{feff}",
            "\r\n---\n",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn no_page_is_too_broken(bytes in pieces(), kind in "text/html(; ?charset=(\"?utf-8|utf-16|gbk|x|=))?") {
        let url = WebUrl::parse("https://a.example/b?utm_source=c").expect("an address");
        let answer =
            Answer { bytes: &bytes, kind: Some(&kind), language: None, url: &url, zone: chrono_tz::Europe::Paris, today: today() };
        let clipping = read(&answer);
        for text in clipping.title.iter().chain([&clipping.site]) {
            prop_assert!(!text.is_empty() && text.chars().count() <= 201, "{text}");
            prop_assert!(!text.chars().any(|c| c.is_control() || "\u{202e}\u{2028}\u{fffd}".contains(c)), "{text}");
        }
        prop_assert_eq!(clipping.url.host(), "a.example");
        prop_assert!(!clipping.url.as_str().contains("utm_source"));
    }
}

const SETTINGS: &str = "title: Le Quotidien\nlanguage: fr\nbase_url: https://quotidien.example\n\
                        timezone: Europe/Paris\nsections: [{name: brief}]\ncheck: {links: {timeout: 1s}}\n";

fn newsletter(files: &[(&str, &str)]) -> Project {
    let project = Project::with(files);
    project.write("content/newsletter.yaml", SETTINGS);
    project
}

fn new(project: &Project, args: &[&str]) -> Said {
    let mut command = project.command(&["new", "--date", "2026-08-21"]);
    let environment = [("ROTATIVE_FETCH_LOOPBACK", "1"), ("ROTATIVE_NOW", "1787227200")];
    said(command.args(args).envs(environment).output())
}

fn page(stream: &mut Stream, kind: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

fn items(project: &Project) -> Vec<String> {
    tree(&project.path("content")).into_iter().filter(|path| path.ends_with(".md")).collect()
}

const BRIDGE: &str = "<html lang=en-GB><head><title>Bridge: it opens - The Bridge News</title>\
    <meta property=og:site_name content='The Bridge News'><meta property=article:published_time content=2026-08-01T10:00:00+01:00>\
    <link rel=canonical href='/news/bridge?utm_campaign=x'></head></html>";

#[test]
fn a_page_becomes_an_item_that_can_be_printed() {
    let web = Web::new(|asked, stream| match asked.path {
        "/short" => {
            let head =
                "HTTP/1.1 302 Found\r\nLocation: /news/bridge?utm_source=short\r\nContent-Length: 0\r\n\r\n";
            let _ = stream.write_all(head.as_bytes());
        }
        _ => page(stream, "text/html", BRIDGE.as_bytes()),
    });
    let project = newsletter(&[]);
    let told = new(&project, &["--url", &web.url("/short")]);
    let file = "content/2026-08-21/bridge-it-opens.md";
    assert_eq!((told.code, told.out.trim_end()), (0, file), "{told:?}");
    assert!(told.err.contains("the headline is the page's own, in `en-GB`"), "{told:?}");
    let expected = format!(
        "---\ntitle: \"Bridge: it opens\"\ntopics: []\nsources: [{{name: The Bridge News, url: \"{}\", note: \"1er août 2026\"}}]\n\
         lang: en-GB\n---\n\n",
        web.url("/news/bridge")
    );
    assert_eq!(project.read(file), expected);
    let asked: Vec<String> = web.asked().into_iter().map(|(_, line)| line).collect();
    assert_eq!(
        asked,
        ["GET /short HTTP/1.1", "GET /news/bridge?utm_source=short HTTP/1.1"],
        "each is asked once"
    );
    assert_eq!(project.run(&["build"]).code, 0);
    let mail = project.read("out/mail/2026-08-21/mail.txt");
    assert!(mail.contains("The Bridge News") && mail.contains("1er août 2026"), "{mail}");
}

#[test]
fn a_headline_that_was_typed_wins_and_is_in_the_newsletter_s_language() {
    let web = Web::new(|_, stream| page(stream, "text/html", BRIDGE.as_bytes()));
    let project = newsletter(&[]);
    let told = new(&project, &["Le pont ouvre", "--url", &web.url("/a")]);
    assert_eq!(
        (told.code, told.out.trim_end(), told.err.as_str()),
        (0, "content/2026-08-21/le-pont-ouvre.md", "")
    );
    let text = project.read("content/2026-08-21/le-pont-ouvre.md");
    assert!(text.contains("title: Le pont ouvre\n") && text.contains("name: The Bridge News"), "{text}");
    assert!(!text.contains("lang:"), "{text}");
}

#[test]
fn an_empty_headline_is_none() {
    let web = Web::new(|_, stream| page(stream, "text/html", BRIDGE.as_bytes()));
    let project = newsletter(&[]);
    let told = new(&project, &["  ", "--url", &web.url("/a")]);
    assert_eq!((told.code, told.out.trim_end()), (0, "content/2026-08-21/bridge-it-opens.md"), "{told:?}");
    let offline = new(&project, &["", "--url", &web.url("/a"), "--offline"]);
    assert!(offline.code == 2 && offline.err.contains("a title of your own"), "{offline:?}");
}

#[test]
fn no_item_takes_the_place_of_the_introduction() {
    let page_of = "<html lang=fr><title>Issue</title></html>";
    let web = Web::new(|_, stream| page(stream, "text/html", page_of.as_bytes()));
    let project = newsletter(&[]);
    let told = new(&project, &["--url", &web.url("/a")]);
    assert_eq!((told.code, told.out.trim_end()), (0, "content/2026-08-21/issue-item.md"), "{told:?}");
    assert_eq!(project.run(&["new", "ISSUE!", "--queue"]).out.trim_end(), "content/queue/issue-item.md");
    assert_eq!(project.run(&["build"]).code, 0);
}

#[test]
fn nobody_is_asked_offline() {
    let web = Web::new(|_, stream| page(stream, "text/html", BRIDGE.as_bytes()));
    let project = newsletter(&[]);
    let url = web.url("/a?utm_source=x&b=1");
    let told = new(&project, &["Le pont", "--url", &url, "--offline"]);
    assert_eq!((told.code, told.err.as_str()), (0, ""), "{told:?}");
    let credit = format!("sources: [{{name: \"127.0.0.1\", url: \"{}\"}}]\n", web.url("/a?b=1"));
    assert!(project.read("content/2026-08-21/le-pont.md").contains(&credit));
    let untitled = new(&project, &["--url", &url, "--offline"]);
    assert!(untitled.code == 2 && untitled.err.contains("a title of your own"), "{untitled:?}");
    assert_eq!((web.asked().len(), items(&project).len()), (0, 1));
    assert_eq!(new(&project, &[]).code, 2);
}

/// What a faulty web answers, by path; nothing of it is a page.
fn fault(path: &str, stream: &mut Stream) {
    let status = |stream: &mut Stream, line: &str| {
        let head = format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
    };
    let to = |stream: &mut Stream, to: &str| status(stream, &format!("302 Found\r\nLocation: {to}"));
    match path {
        "/gone" => status(stream, "404 Not Found"),
        "/closed" => status(stream, "403 Forbidden"),
        "/busy" => status(stream, "429 Too Many Requests\r\nRetry-After: 60"),
        "/broken" => status(stream, "500 Oh"),
        "/round" => to(stream, "/round"),
        "/private" => to(stream, "http://10.0.0.1/"),
        "/cloud" => to(stream, "http://169.254.169.254/latest/meta-data/"),
        "/mail" => to(stream, "mailto:x@y.example"),
        "/pdf" => page(stream, "application/pdf", b"%PDF-1.7 <title>No</title>"),
        "/data" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"a\": 1}");
        }
        "/packed" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br\r\nConnection: close\r\n\r\nxx");
        }
        "/untitled" => page(stream, "text/html", b"<html><body>"),
        "/none" => {}
        _ => thread::sleep(Duration::from_secs(20)),
    }
}

#[test]
fn what_cannot_be_read_is_told_and_only_a_title_makes_an_item_of_it() {
    let web = Web::new(|asked, stream| fault(asked.path, stream));
    for (path, said) in [
        ("/gone", "404, no such page"),
        ("/closed", "the host does not show the page to programs: 403"),
        ("/busy", "the host is too busy: 429"),
        ("/broken", "the server answers 500"),
        ("/round", "it redirects more than 5 times"),
        ("/private", "`10.0.0.1` is a machine of a private network"),
        ("/cloud", "`169.254.169.254` is a machine of a private network"),
        ("/mail", "it redirects to `mailto:x@y.example`, which is no web address"),
        ("/pdf", "a PDF, not a web page"),
        ("/data", "data of no known kind, not a web page"),
        ("/packed", "it comes packed as `br`"),
        ("/none", "could not be read: the "),
        ("/slow", "no answer within 1 s"),
        ("/untitled", "says no title"),
    ] {
        let project = newsletter(&[]);
        let url = web.url(path);
        let begun = Instant::now();
        let untitled = new(&project, &["--url", &url]);
        assert!(untitled.code == 2 && untitled.err.contains(said), "{path}: {untitled:?}");
        assert!(untitled.err.contains("\n  hint: with a title of your own"), "{untitled:?}");
        assert!(items(&project).is_empty() && !project.path("content/2026-08-21").exists(), "{path}");
        let titled = new(&project, &["Le pont", "--url", &url]);
        assert_eq!(titled.code, 0, "{path}: {titled:?}");
        assert_eq!(titled.err.contains(said), path != "/untitled", "{path}: {titled:?}");
        let text = project.read("content/2026-08-21/le-pont.md");
        assert!(text.contains(&format!("{{name: \"127.0.0.1\", url: \"{url}\"}}")), "{path}: {text}");
        assert!(begun.elapsed() < Duration::from_secs(12), "{path}");
    }
}

#[test]
fn a_machine_of_a_private_network_is_not_asked() {
    let web = Web::new(|_, stream| page(stream, "text/html", BRIDGE.as_bytes()));
    let project = newsletter(&[]);
    let told = project.run(&["new", "--url", &web.url("/")]);
    assert!(told.code == 2 && told.err.contains("is a machine of a private network"), "{told:?}");
    assert!(web.asked().is_empty() && items(&project).is_empty());
}

#[test]
fn a_page_that_was_linked_is_told_with_its_place() {
    let item =
        |url: &str| format!("---\ntitle: Pont\nsources: [{{name: B, url: \"{url}\"}}]\n---\nUn pont.\n");
    let (issue, queued, article) = (
        item("http://bridge.example/news/1?utm_source=x"),
        item("https://m.bridge.example/news/2/"),
        item("https://bridge.example/news/3").replace("title:", "date: 2026-07-01\ntitle:"),
    );
    let project = newsletter(&[
        ("content/2026-08-19/pont.md", &issue),
        ("content/queue/attente.md", &queued),
        ("content/articles/2026/long.md", &article),
    ]);
    for (path, place) in [
        ("/news/1", "in the issue of 2026-08-19 (content/2026-08-19/pont.md)"),
        ("/news/2", "by an item that waits in the queue (content/queue/attente.md)"),
        ("/news/3", "in the article of 2026-07-01 (content/articles/2026/long.md)"),
    ] {
        let told =
            new(&project, &[path, "--url", &format!("https://www.bridge.example{path}#x"), "--offline"]);
        assert!(
            told.code == 0 && told.err.contains(&format!("the page is linked already, {place}")),
            "{told:?}"
        );
    }
    let other = new(&project, &["Autre", "--url", "https://www.bridge.example/news/4", "--offline"]);
    assert_eq!(other.err, "");
}

#[test]
fn no_page_writes_more_than_its_line() {
    let hostile = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/hostile/page.html"));
    let arabic = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/arabic/page.html"));
    let (hostile, arabic) = (hostile.expect("a page"), arabic.expect("a page"));
    let web = Web::new(move |asked, stream| match asked.path {
        "/hostile" => page(stream, "text/html; charset=utf-8", &hostile),
        _ => page(stream, "text/html; charset=utf-8", &arabic),
    });
    let project = newsletter(&[]);
    let told = new(&project, &["--url", &web.url("/hostile")]);
    assert_eq!(told.code, 0, "{told:?}");
    let text = project.read(told.out.trim_end());
    let keys: Vec<&str> = text.lines().filter_map(|line| line.split_once(':')).map(|(key, _)| key).collect();
    assert_eq!(keys, ["title", "topics", "sources"], "{text}");
    assert_eq!(project.run(&["build"]).code, 0, "{text}");
    assert!(!project.read("out/site/2026/08/21/index.html").contains("<script>alert"));
    // A headline without a letter that an address can hold takes the file's name from the page's host.
    let told = new(&project, &["--url", &web.url("/%D8%AC")]);
    assert_eq!(told.out.trim_end(), "content/2026-08-21/127-0-0-1.md", "{told:?}");
    assert_eq!(project.run(&["build"]).code, 0);
}
