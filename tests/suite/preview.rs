//! The preview from outside: the real program, a port, a small client, files saved as editors save them.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::project::{Project, tree};

/// Long enough for a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(30);
const ITEM: &str = "content/2026-08-21/bridge.md";

struct Preview {
    child: Child,
    said: Receiver<String>,
    port: u16,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

/// A newsletter with an issue of today, one of tomorrow, a draft, and an item that waits.
fn newsletter() -> Project {
    Project::with(&[
        (ITEM, "---\ntitle: A bridge opens\ntopics: [bridges]\n---\nIt \"opens\" today.\n"),
        ("content/2026-08-21/secret.md", "---\ntitle: Not yet\ndraft: true\n---\nA draft's text.\n"),
        ("content/2026-08-22/morrow.md", "---\ntitle: The morrow\n---\nIt will come.\n"),
        ("content/queue/later.md", "---\ntitle: It can wait\n---\nIt waits.\n"),
    ])
}

impl Preview {
    fn start(project: &Project) -> Self {
        Self::with(project, &["--port", "0"])
    }

    fn with(project: &Project, args: &[&str]) -> Self {
        let mut command: Command = project.command(&["preview"]);
        command.args(args).env("ROTATIVE_NOW", "1787299200");
        let mut child =
            command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program runs");
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let (tell, said) = channel();
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(tell.send(line))));
        let mut preview = Self { child, said, port: 0 };
        let line = preview.hear("preview: ");
        let port = line.split(':').nth(3).and_then(|rest| rest.split('/').next());
        preview.port = port.and_then(|port| port.parse().ok()).expect("a port");
        preview
    }

    /// Waits for a line that has this in it.
    fn hear(&self, what: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let line = self.said.recv_timeout(end.saturating_duration_since(Instant::now()));
            let line = line.unwrap_or_else(|_| panic!("`{what}` was never said"));
            if line.contains(what) {
                return line;
            }
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "localhost", "")
    }

    fn ask(&self, method: &str, path: &str, host: &str, headers: &str) -> Answer {
        let mut line = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}connection: close\r\n\r\n");
        line.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Waits until a page has this in it.
    fn until(&self, path: &str, what: &str) -> String {
        self.wait(path, |body| body.contains(what), what)
    }

    fn wait(&self, path: &str, right: impl Fn(&str) -> bool, what: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let body = self.get(path).body;
            if right(&body) {
                return body;
            }
            assert!(Instant::now() < end, "{path} never had `{what}`:\n{body}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until nothing is being built, and counts the builds since it was asked last.
    fn builds(&self) -> usize {
        let mut count = 0;
        while let Ok(line) = self.said.recv_timeout(Duration::from_millis(700)) {
            count += usize::from(line.contains("built in "));
        }
        count
    }

    /// The numbers of states, as they are sent.
    fn events(&self) -> impl Iterator<Item = u64> + use<> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        line.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        line.write_all(b"GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sent");
        let lines = BufReader::new(line).lines().map_while(Result::ok);
        lines.filter_map(|line| line.strip_prefix("data: ").and_then(|number| number.parse().ok()))
    }

    fn signal(&mut self, name: &str) -> Option<i32> {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
        self.child.wait().expect("an end").code()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn drafts_tomorrow_and_the_queue_are_listed() {
    let project = newsletter();
    let preview = Preview::start(&project);
    let list = preview.until("/", "The morrow");
    let badge = |text: &str| list.contains(&format!("\">{text}</span>"));
    assert!(badge("tomorrow") && badge("today") && badge("1 draft"), "{list}");
    assert!(list.contains("It can wait") && list.contains("content/queue/later.md"));
    assert!(list.find("The morrow") < list.find("A bridge opens"));
    preview.until("/light/2026/08/22/", "It will come.");
    let go = preview.get("/go?day=2026-08-25");
    assert!(go.status == 303 && go.head.contains("location: /issue/2026-08-22"), "{}", go.head);
}

#[test]
fn every_edition_of_an_issue_is_shown() {
    let project = newsletter();
    let preview = Preview::start(&project);
    let mail = preview.until("/issue/2026-08-21", "src=\"/mail/2026-08-21/light\"");
    assert!(
        mail.contains("A bridge opens") && mail.contains("In the inbox") && mail.contains("no `mail`"),
        "{mail}"
    );
    for look in ["light", "dark", "bare"] {
        let shown = preview.get(&format!("/mail/2026-08-21/{look}"));
        assert!(
            shown.body.contains("It “opens” today.") && shown.body.contains("A draft’s text."),
            "{}",
            shown.body
        );
        assert!(
            shown.head.contains("default-src 'none'") && shown.head.contains("sandbox allow-same-origin\r\n")
        );
        assert_eq!(shown.head.contains("img-src 'none'"), look == "bare", "{}", shown.head);
        assert!(!shown.body.contains("prefers-color-scheme"));
    }
    let page = |tab: &str| preview.get(&format!("/issue/2026-08-21/{tab}")).body;
    assert!(page("text").contains("A BRIDGE OPENS") && page("source").contains("&lt;!DOCTYPE html&gt;"));
    assert!(
        page("phone").matches("<iframe").count() == 2
            && page("web-phone").contains("src=\"/dark/2026/08/21/\"")
    );
    assert!(page("contents").contains("content/2026-08-21/secret.md"));
    let style = |scheme: &str| preview.get(&format!("/{scheme}/assets/style.css"));
    assert!(
        style("dark").body.contains("color-scheme: dark;")
            && style("light").body.contains("color-scheme: light;")
    );
    assert!(style("site").body.contains("prefers-color-scheme") && style("site").head.contains("text/css"));
    assert_eq!(preview.get("/issue/2026-08-21/nonsense").status, 404);
    assert_eq!(preview.get("/issue/1999-01-01").status, 404);
    assert!(!project.path("out").exists());
}

#[test]
fn the_board_shows_the_next_issue_filling_up() {
    let project = newsletter();
    project.write(
        "content/newsletter.yaml",
        "title: The Daily\nlanguage: en\nbase_url: https://daily.example\n\
         calendar: {days: [sat]}\ncheck: {allow: [source-missing]}\n\
         sections: [{name: brief, max: 3}, {name: said, title: Who said it?, kind: quote, min: 1}]\n",
    );
    let item = |extra: &str| format!("---\ntitle: It waits\n{extra}---\nText.\n");
    project.write("content/queue/later.md", &item("queued: 2026-08-11\nexpires: 2026-08-24\n"));
    project.write("content/queue/embargo.md", &item("not_before: 2026-09-01\n"));
    let preview = Preview::start(&project);
    preview.until("/", "href=\"/board\"");
    let page = preview.until("/board", "Saturday, 22");
    for part in [
        "every edition of it",
        "The morrow",
        "<small>2 of 3</small>",
        "Who said it?",
        "lacks 1",
        "here for 10 days",
        "expires in 3 days, 2026-08-24",
        "in the issue, for now",
        "not before 2026-09-01",
        "0 errors, 1 warning",
        "section-limits",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let tab = preview.get("/issue/2026-08-22/board");
    assert!(tab.status == 200 && tab.body.contains("here for 10 days"), "{}", tab.body);
    assert!(tab.body.contains("<a href=\"/issue/2026-08-22/board\" aria-current=\"page\">Board</a>"));
    assert_eq!(preview.get("/issue/2026-08-21/board").status, 404);
    assert!(!preview.get("/issue/2026-08-21").body.contains("/board\">Board</a></nav>"));
    // Saved, it is new; broken, it says so; and an issue that nobody has begun is shown too.
    let quote = "---\nsection: said\nquote: {text: Never, by: Ada}\n---\n";
    project.write("content/2026-08-22/ada.md", &quote.replace("quote:", "qoute:"));
    let page = preview.until("/board", "1 error,");
    assert!(page.contains("unknown key") && page.contains("The morrow"), "{page}");
    project.write("content/2026-08-22/ada.md", quote);
    preview.wait("/board", |page| page.contains("ada.md") && !page.contains("lacks 1"), "Ada");
    fs::remove_dir_all(project.path("content/2026-08-22")).expect("removed");
    fs::remove_file(project.path("content/queue/later.md")).expect("removed");
    let page = preview.until("/board", "nothing stands in it yet");
    assert!(page.contains("<small>0 of 3</small>"), "{page}");
    // The board may have been read a moment later than the list of issues.
    preview.until("/issue/2026-08-22/board", "There is nothing at this address");
}

#[test]
fn an_issue_that_only_the_queue_fills_has_all_its_editions() {
    let project = newsletter();
    project.write(
        "content/newsletter.yaml",
        "title: The Daily\nlanguage: en\nbase_url: https://daily.example\n\
         calendar: {days: [sat]}\ncheck: {allow: [source-missing]}\nsections: [{name: brief, max: 3}]\n",
    );
    fs::remove_dir_all(project.path("content/2026-08-22")).expect("removed");
    project.write(
        ITEM,
        "---\ntitle: A bridge opens\ncorrections: [{date: 2026-08-21, text: It was five.}]\n---\nIt opens today.\n",
    );
    let preview = Preview::start(&project);
    let page = preview.until("/board", "every edition of it");
    assert!(page.contains("<a href=\"/issue/2026-08-22\">") && page.contains("It can wait"), "{page}");
    assert!(page.contains("Corrections <small>1</small>") && page.contains("It was five."), "{page}");
    assert!(preview.until("/mail/2026-08-22/light", "It can wait").contains("It was five."));
    assert_eq!(preview.get("/issue/2026-08-22/board").status, 200);
    // Looked at after another issue, it is there again.
    preview.until("/issue/2026-08-21", "A bridge opens");
    preview.until("/issue/2026-08-22/text", "It can wait");
    // A fault stops mails and pages; the board goes on.
    project.write("content/queue/later.md", "---\ntitel: It can wait\n---\nIt waits.\n");
    let page = preview.until("/board", "Mails and pages are those of the last good build");
    assert!(page.contains("the board shows the files as they are now"), "{page}");
}

#[test]
fn findings_lead_to_the_editor() {
    let project = newsletter();
    project
        .write(ITEM, "---\ntitle: A bridge opens\nimage: {file: a b.png}\nlang: fr\n---\nCe pont  ouvre.\n");
    let picture = include_bytes!("../../content/2018-06-08/atelier.png");
    fs::write(project.path("content/2026-08-21/a b.png"), picture).expect("a picture");
    let preview = Preview::start(&project);
    let page = preview.until("/issue/2026-08-21/findings", "Ce pont<mark>  </mark>ouvre.");
    let file = project.root().canonicalize().expect("a folder").join(ITEM);
    assert!(page.contains(&format!("href=\"vscode://file{}:3:", file.display())), "{page}");
    assert!(page.contains("missing-alt"), "{page}");
    project.write(ITEM, "---\ntitle: A bridge opens\n---\nIt opens today.\n");
    preview.until("/issue/2026-08-21/findings", "has nothing to say");
}

#[test]
fn a_save_is_heard_of_however_an_editor_saves() {
    let project = newsletter();
    let preview = Preview::start(&project);
    preview.until("/mail/2026-08-21/light", "today.");
    preview.builds();
    let mut events = preview.events();
    let before = events.next().expect("the present state");
    let text = |word: &str| format!("---\ntitle: A bridge opens\n---\nIt is {word}.\n");
    let file = project.path(ITEM);
    // Written in place.
    let start = Instant::now();
    project.write(ITEM, &text("written"));
    assert!(events.next().expect("an event") > before);
    assert!(start.elapsed() < PATIENCE / 3);
    preview.until("/mail/2026-08-21/light", "It is written.");
    assert_eq!(preview.builds(), 1);
    // Emptied first, filled a moment later: nobody is told of an empty file.
    let mut handle = fs::File::create(&file).expect("a file");
    thread::sleep(Duration::from_millis(60));
    handle.write_all(text("filled").as_bytes()).expect("written");
    drop(handle);
    preview.until("/mail/2026-08-21/light", "It is filled.");
    assert_eq!(preview.builds(), 1);
    // As vim does: a probe, the old file renamed, a new one in its place, the old one removed.
    project.write("content/2026-08-21/4913", "");
    fs::remove_file(project.path("content/2026-08-21/4913")).expect("removed");
    fs::rename(&file, project.path("content/2026-08-21/bridge.md~")).expect("renamed");
    project.write(ITEM, &text("vimmed"));
    fs::remove_file(project.path("content/2026-08-21/bridge.md~")).expect("removed");
    preview.until("/mail/2026-08-21/light", "It is vimmed.");
    assert_eq!(preview.builds(), 1);
    // Renamed over the old one.
    project.write("content/2026-08-21/.bridge.md.x7", &text("renamed"));
    fs::rename(project.path("content/2026-08-21/.bridge.md.x7"), &file).expect("renamed");
    preview.until("/mail/2026-08-21/light", "It is renamed.");
    assert_eq!(preview.builds(), 1);
    // What an editor keeps for itself is no change.
    project.write("content/2026-08-21/.bridge.md.swp", "x");
    assert_eq!(preview.builds(), 0);
}

#[test]
fn a_checkout_is_one_burst_and_what_is_saved_meanwhile_is_not_lost() {
    let project = newsletter();
    let preview = Preview::start(&project);
    preview.until("/", "The morrow");
    preview.builds();
    for number in 0..100 {
        let day = number % 28 + 1;
        project
            .write(&format!("content/2026-09-{day:02}/item-{number}.md"), "---\ntitle: Many\n---\nText.\n");
    }
    preview.until("/", "Issues <small>30</small>");
    let builds = preview.builds();
    assert!(builds <= 3, "{builds} builds");
    // Save upon save, some of them while a build is at work: the last one counts.
    for number in 0..40 {
        project.write(ITEM, &format!("---\ntitle: A bridge opens\n---\nIt is number {number}.\n"));
        thread::sleep(Duration::from_millis(number));
    }
    preview.until("/mail/2026-08-21/light", "It is number 39.");
    // The whole folder is another one.
    let other = Project::with(&[("content/2026-08-23/new.md", "---\ntitle: Another branch\n---\nText.\n")]);
    fs::rename(project.path("content"), project.path("before")).expect("renamed");
    fs::rename(other.path("content"), project.path("content")).expect("renamed");
    preview.until("/", "Issues <small>1</small>");
    project.write("content/2026-08-23/new.md", "---\ntitle: Edited there\n---\nText.\n");
    preview.until("/", "Edited there");
    // A folder that was not there is watched as well.
    project.write("templates/mail/item.html", "<p>templated</p>");
    preview.until("/mail/2026-08-23/light", "templated");
    project.write("templates/mail/item.html", "<p>and again</p>");
    preview.until("/mail/2026-08-23/light", "and again");
}

#[test]
fn a_fault_is_shown_beside_the_last_good_state() {
    let project = newsletter();
    let preview = Preview::start(&project);
    preview.until("/mail/2026-08-21/light", "today.");
    project.write(ITEM, "---\ntitle: A bridge opens\ntopcs: [<b>]\n---\nIt is broken.\n");
    let page = preview.until("/issue/2026-08-21", "unknown key");
    for part in ["topcs", "^^^^^", "bridge.md:3:1", "did you mean", "those of the last good build", "1 error"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains("<mark>topcs</mark>: [&lt;b&gt;]"), "{page}");
    assert!(preview.get("/mail/2026-08-21/light").body.contains("today."));
    assert!(preview.get("/site/2026/08/21/").body.contains("today."));
    // An issue that nobody opened before the fault.
    let other = preview.get("/issue/2026-08-22");
    assert!(other.status == 200 && other.body.contains("unknown key"));
    project.write(ITEM, "---\ntitle: A bridge opens\n---\nIt is mended.\n");
    preview.until("/mail/2026-08-21/light", "It is mended.");
    let page = preview.until("/issue/2026-08-22", "up to date");
    assert!(!page.contains("unknown key") && page.contains("/mail/2026-08-22/light"));
    // An issue goes while it is open, and another item is broken meanwhile.
    project.write(ITEM, "---\nx\n");
    fs::remove_dir_all(project.path("content/2026-08-22")).expect("removed");
    preview.until("/", "1 error");
    project.write(ITEM, "---\ntitle: A bridge opens\n---\nIt is mended again.\n");
    preview.until("/", "Issues <small>1</small>");
    assert_eq!(preview.get("/issue/2026-08-22").status, 404);
}

#[test]
fn a_newsletter_that_is_broken_from_the_start_is_shown_as_soon_as_it_is_mended() {
    let project = newsletter();
    let settings = project.read("content/newsletter.yaml");
    project.write("content/newsletter.yaml", "title: [\n");
    let preview = Preview::start(&project);
    let page = preview.until("/", "content/newsletter.yaml:");
    assert!(page.contains("Nothing has been built yet"), "{page}");
    assert_eq!(preview.get("/issue/2026-08-21").status, 404);
    project.write("content/newsletter.yaml", &settings);
    preview.until("/", "The morrow");
    preview.until("/issue/2026-08-21", "up to date");
}

#[test]
fn hostile_texts_are_shown_and_not_done() {
    let project = newsletter();
    let hostile = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\" onload=\"alert(1)";
    project.write(
        "content/2026-08-21/hostile.md",
        &format!("---\ntitle: '{hostile}'\nlead: true\ndraft: true\nsection: '{hostile}'\n---\n{hostile}\n"),
    );
    let preview = Preview::start(&project);
    let broken = preview.until("/", "does not exist");
    project.write(
        "content/2026-08-21/hostile.md",
        &format!("---\ntitle: '{hostile}'\nlead: true\n---\n{hostile}\n"),
    );
    let pages: Vec<String> = ["mail", "text", "source", "contents", "findings"]
        .iter()
        .map(|tab| preview.until(&format!("/issue/2026-08-21/{tab}"), "&lt;/title&gt;&lt;script&gt;"))
        .chain([broken, preview.get("/").body])
        .collect();
    for page in pages {
        assert!(
            !page.contains("<script>") && !page.contains("<img") && !page.contains("\" onload"),
            "{page}"
        );
        assert!(page.contains("<script src=\"/preview.js\" defer>"));
    }
    let mail = preview.get("/mail/2026-08-21/light").body;
    assert!(!mail.contains("<script") && !mail.contains("onerror=alert(1)>"), "{mail}");
}

#[test]
fn only_this_machine_asks_and_only_to_read() {
    let project = newsletter();
    let preview = Preview::start(&project);
    preview.until("/", "up to date");
    for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "localhost\r\nhost: evil.example"] {
        assert_eq!(preview.ask("GET", "/", host, "").status, 403, "{host}");
    }
    assert_eq!(preview.ask("GET", "/", "[::1]:4321", "").status, 200);
    assert_eq!(preview.ask("GET", "http://evil.example/", "localhost", "").status, 403);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        let refused = preview.ask(method, "/", "localhost", "");
        assert!(refused.status == 405 && refused.head.contains("allow: GET, HEAD"), "{}", refused.head);
    }
    let head = preview.ask("HEAD", "/", "localhost", "");
    assert!(head.status == 200 && head.body.is_empty());
    assert!(head.head.contains("frame-ancestors 'none'") && head.head.contains("script-src 'self'"));
    let cross = "sec-fetch-site: cross-site\r\n";
    assert_eq!(
        preview
            .ask("GET", "/issue/2026-08-21", "localhost", &format!("{cross}sec-fetch-mode: no-cors\r\n"))
            .status,
        403
    );
    let link = format!("{cross}sec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n");
    assert_eq!(preview.ask("GET", "/", "localhost", &link).status, 200);
    for path in [
        "/site/../manifest.json",
        "/site/..%2fmanifest.json",
        "/site/%2e%2e/%2e%2e/%2e%2e/content/newsletter.yaml",
        "/dark/..%2f..%2f..%2fcontent/newsletter.yaml",
        "/site//etc/passwd",
        "/site/%2fetc%2fpasswd",
        "/site/a%00b",
        "/site/.hidden",
        "/mail/..%2f..%2fmanifest.json/light",
        "/issue/..%2f..%2f/mail",
        "/etc/passwd",
    ] {
        let answer = preview.get(path);
        assert!(
            answer.status == 404 && !answer.body.contains("base_url") && !answer.body.contains("root:"),
            "{path}"
        );
    }
    assert!(TcpStream::connect(("127.0.0.2", preview.port)).is_err(), "it listens at more than one address");
}

#[test]
fn a_port_that_is_taken_is_passed_over() {
    let project = newsletter();
    let first = Preview::start(&project);
    let second = Preview::with(&project, &["--port", &first.port.to_string()]);
    assert!(second.port > first.port);
    second.until("/", "up to date");
    first.until("/", "up to date");
    // Each has a folder of its own.
    assert!(project.path(".out.preview").is_dir() && project.path(".out.preview-2").is_dir());
}

#[test]
fn it_ends_at_once_and_leaves_nothing_behind() {
    let project = newsletter();
    assert_eq!(project.run(&["build", "--all"]).code, 0);
    let built = tree(&project.path("out"));
    for name in ["INT", "TERM"] {
        let mut preview = Preview::start(&project);
        preview.until("/issue/2026-08-21", "up to date");
        let mut events = preview.events();
        assert!(events.next().is_some());
        let start = Instant::now();
        assert_eq!(preview.signal(name), Some(0));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        assert_eq!(tree(&project.path("out")), built);
        assert!(!project.path(".out.preview").exists());
    }
    // One that was killed leaves its folder, and the next one takes it over.
    let mut preview = Preview::start(&project);
    preview.until("/issue/2026-08-21", "up to date");
    preview.signal("KILL");
    assert!(project.path(".out.preview").is_dir());
    let mut preview = Preview::start(&project);
    preview.until("/issue/2026-08-21", "up to date");
    assert_eq!(preview.signal("INT"), Some(0));
    assert!(!project.path(".out.preview").exists());
}

#[test]
fn where_the_system_tells_nothing_files_are_looked_through() {
    let project = newsletter();
    let preview = Preview::with(&project, &["--port", "0", "--poll"]);
    let page = preview.until("/issue/2026-08-21", "up to date");
    assert!(page.contains("looked through"), "{page}");
    project.write(ITEM, "---\ntitle: A bridge opens\n---\nIt was looked for.\n");
    preview.until("/mail/2026-08-21/light", "It was looked for.");
    project.write("content/2026-08-21/more.md", "---\ntitle: One more\n---\nText.\n");
    preview.until("/issue/2026-08-21/contents", "One more");
}

#[test]
fn ten_thousand_issues_are_listed_page_by_page() {
    let project = newsletter();
    for number in 0..130 {
        let (month, day) = (number / 28 + 1, number % 28 + 1);
        project.write(&format!("content/2025-{month:02}-{day:02}/a.md"), "---\ntitle: Old\n---\nText.\n");
    }
    let preview = Preview::start(&project);
    let first = preview.until("/", "Page 1 of 3");
    assert_eq!(first.matches("<li><a href=\"/issue/").count(), 50);
    let last = preview.get("/?page=99").body;
    assert!(last.contains("Page 3 of 3") && last.contains("/issue/2025-01-01"), "{last}");
}
