//! `rotative check --links` against a web that is slow, broken, busy, sly and dead: each fault on a port of its own.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::project::{Project, said};
use crate::smtp::{Authority, Good};

/// A server that answers every request as it is told.
pub(crate) struct Web {
    port: u16,
    asked: Arc<Mutex<Vec<(Instant, String)>>>,
}

/// A request as a behaviour sees it.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// How many requests came before.
    pub(crate) before: usize,
}

pub(crate) type Stream = dyn ReadWrite;
pub(crate) trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

impl Web {
    pub(crate) fn new(answer: impl Fn(&Asked<'_>, &mut Stream) + Send + Sync + 'static) -> Self {
        Self::with(None, answer)
    }

    /// The same answer to everything.
    pub(crate) fn saying(answer: &'static str) -> Self {
        Self::new(move |_, stream| write(stream, answer))
    }

    fn with(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&Asked<'_>, &mut Stream) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (asked.clone(), Arc::new(answer));
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (tls, log, answer) = (tls.clone(), log.clone(), answer.clone());
                thread::spawn(move || match tls {
                    None => serve(socket, &log, &*answer),
                    Some(tls) => {
                        let session = ServerConnection::new(tls).expect("a session");
                        serve(StreamOwned::new(session, socket), &log, &*answer);
                    }
                });
            }
        });
        Self { port, asked }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn asked(&self) -> Vec<(Instant, String)> {
        self.asked.lock().expect("the log").clone()
    }
}

fn serve(
    stream: impl ReadWrite + 'static,
    log: &Mutex<Vec<(Instant, String)>>,
    answer: &(dyn Fn(&Asked<'_>, &mut Stream) + Send + Sync),
) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    if reader.read_line(&mut first).is_err() || first.is_empty() {
        return;
    }
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        line.clear();
    }
    let before = {
        let mut log = log.lock().expect("the log");
        log.push((Instant::now(), first.trim_end().to_owned()));
        log.len() - 1
    };
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut stream = reader.into_inner();
    answer(&Asked { method, path, before }, &mut stream);
    let _ = stream.flush();
}

fn write(stream: &mut Stream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A newsletter whose one item leads to these addresses, one a line.
fn newsletter(links: &[(&str, String)]) -> Project {
    let project = Project::with(&[]);
    project.write(
        "content/newsletter.yaml",
        "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{name: brief}]\n\
         check: {allow: [link-form], links: {pause: 1s, timeout: 2s, patience: 5s, hosts: 32}}\n",
    );
    let mut text = "---\ntitle: Links\n---\n".to_owned();
    for (name, url) in links {
        let _ = writeln!(text, "- [{name}]({url})");
    }
    project.write("content/2026-08-21/links.md", &text);
    project
}

/// What is said of each link, by its name.
fn check(project: &Project, authority: Option<&str>) -> Vec<String> {
    let mut command = project.command(&["check", "--links", "--format", "json"]);
    command.env("ROTATIVE_FETCH_LOOPBACK", "1").env("ROTATIVE_NOW", "1787270400");
    if let Some(authority) = authority {
        project.write("authority.pem", authority);
        command.env("SSL_CERT_FILE", project.path("authority.pem"));
    }
    let said = said(command.output());
    let json: serde_json::Value =
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let name = |finding: &serde_json::Value| {
        let line = finding["excerpt"].as_str().unwrap_or_default().to_owned();
        line.split(['[', ']']).nth(1).unwrap_or_default().to_owned()
    };
    let findings = json["findings"].as_array().expect("a list").iter();
    let mut said: Vec<String> = findings
        .map(|finding| format!("{} [{}] {}", name(finding), text(finding, "rule"), text(finding, "message")))
        .collect();
    said.sort();
    said
}

fn text<'a>(finding: &'a serde_json::Value, key: &str) -> &'a str {
    finding[key].as_str().unwrap_or_default()
}

// not: dead-link link-moved link-trouble link-closed link-certificate link-endless link-private
#[test]
fn every_fault_of_the_web_is_told_apart_and_none_is_waited_for_too_long() {
    let ok = Web::saying(OK);
    let old = Web::saying("HTTP/1.0 200 OK\r\n\r\n");
    let gone = Web::saying("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let closed = Web::saying("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let faulty = Web::saying("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let slow = Web::new(|_, _| thread::sleep(Duration::from_secs(20)));
    let dripping = Web::new(|_, stream| {
        for byte in b"HTTP/1.1 200 OK\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" {
            let _ = stream.write_all(&[*byte]).and_then(|()| stream.flush());
            thread::sleep(Duration::from_millis(300));
        }
    });
    let round = Web::new(|asked, stream| {
        let to = if asked.path == "/a" { "/b" } else { "/a" };
        write(stream, &format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"));
    });
    let to = ok.url("/new");
    let moved = Web::new(move |_, stream| {
        write(stream, &format!("HTTP/1.1 301 Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"));
    });
    let to = ok.url("/today");
    let found = Web::new(move |_, stream| {
        write(stream, &format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"));
    });
    let inwards = Web::saying(
        "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n",
    );
    let script =
        Web::saying("HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\nContent-Length: 0\r\n\r\n");
    let reset = TcpListener::bind("127.0.0.1:0").expect("a port");
    let reset_url = format!("http://{}/", reset.local_addr().expect("an address"));
    thread::spawn(move || {
        for socket in reset.incoming().flatten() {
            let _ = socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO));
        }
    });
    let huge = Web::new(|asked, stream| match asked.method {
        "HEAD" => write(stream, "HTTP/1.1 405 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        _ => {
            write(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            while stream.write_all(&[b'x'; 65_536]).is_ok() {}
        }
    });
    let headless = Web::new(|_, stream| {
        write(stream, "HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"X-Y: zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\r\n").is_ok() {
        }
    });
    let noise = Web::saying("220 mail.example ESMTP\r\n");
    let busy = Web::new(|asked, stream| match asked.before {
        0 => write(stream, "HTTP/1.1 429 Slowly\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"),
        _ => write(stream, OK),
    });
    let busier = Web::saying(
        "HTTP/1.1 503 Later\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let (known, unknown) = (Authority::new(), Authority::new());
    let tls = |authority: &Authority, name: &str, good| {
        Web::with(Some(authority.tls(name, good)), |_, stream| write(stream, OK))
    };
    let right = tls(&known, "localhost", Good::Now);
    let [foreign, expired, other] = [
        tls(&unknown, "localhost", Good::Now),
        tls(&known, "localhost", Good::LongAgo),
        tls(&known, "elsewhere.example", Good::Now),
    ];
    let secure = |web: &Web| format!("https://localhost:{}/", web.port);
    let project = newsletter(&[
        ("ok", ok.url("/")),
        ("old", old.url("/")),
        ("gone", gone.url("/")),
        ("closed", closed.url("/")),
        ("faulty", faulty.url("/")),
        ("slow", slow.url("/")),
        ("dripping", dripping.url("/")),
        ("round", round.url("/a")),
        ("moved", moved.url("/old#part")),
        ("found", found.url("/")),
        ("inwards", inwards.url("/")),
        ("script", script.url("/")),
        ("private", "http://10.0.0.1/".to_owned()),
        ("mapped", "http://[::ffff:192.168.1.1]/".to_owned()),
        ("reset", reset_url),
        ("huge", huge.url("/")),
        ("headless", headless.url("/")),
        ("noise", noise.url("/")),
        ("busy", busy.url("/")),
        ("busier", busier.url("/")),
        ("right", secure(&right)),
        ("foreign", secure(&foreign)),
        ("expired", secure(&expired)),
        ("other", secure(&other)),
    ]);
    let begin = Instant::now();
    let said = check(&project, Some(known.pem()));
    let took = begin.elapsed();
    let starts = [
        "busier [link-trouble] the host is too busy: 503",
        "closed [link-closed] the host does not show the page: 403",
        "dripping [link-trouble] no answer within 2 s",
        "expired [link-certificate] the certificate of the host is not trusted: it has expired",
        "faulty [link-trouble] the server answers 500",
        "foreign [link-certificate] the certificate of the host is not trusted: no known authority vouches for it",
        "gone [dead-link] 404, no such page",
        "headless [link-trouble]",
        "inwards [link-private] `169.254.169.254` is a machine of a private network",
        "mapped [link-private]",
        "moved [link-moved] the page has moved for good",
        "noise [link-trouble] the answer cannot be read: it is not HTTP",
        "other [link-certificate] the certificate of the host is not trusted: it is made for another host",
        "private [link-private] `10.0.0.1` is a machine of a private network",
        "reset [link-trouble] the connection failed",
        "round [link-endless] the address redirects without end",
        "script [dead-link] it redirects to `javascript:alert(1)`",
        "slow [link-trouble] no answer within 2 s",
    ];
    assert_eq!(said.len(), starts.len(), "{said:#?}");
    for (said, start) in said.iter().zip(starts) {
        assert!(said.starts_with(start), "{said}\n{start}");
    }
    assert!(took < Duration::from_secs(30), "{took:?}");
    let busy = busy.asked();
    assert!(busy[1].0 - busy[0].0 >= Duration::from_millis(2900), "Retry-After was not heeded");
}

#[test]
fn a_host_is_asked_one_thing_at_a_time_and_what_was_well_is_believed_for_a_day() {
    let open = Arc::new(Mutex::new((0_usize, 0_usize)));
    let counted = open.clone();
    let web = Web::new(move |asked, stream| {
        let mut count = counted.lock().expect("a count");
        count.0 += 1;
        count.1 = count.1.max(count.0);
        drop(count);
        thread::sleep(Duration::from_millis(100));
        let status = if asked.path == "/gone" { "410 Gone" } else { "200 OK" };
        counted.lock().expect("a count").0 -= 1;
        write(stream, &format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    });
    let links = [
        ("first", web.url("/1")),
        ("first again", web.url("/1")),
        ("second", web.url("/2#a")),
        ("gone", web.url("/gone")),
    ];
    let project = newsletter(&links);
    let dead = |said: &[String]| said.iter().filter(|line| line.contains("[dead-link]")).count();
    assert_eq!(dead(&check(&project, None)), 1);
    let asked = web.asked();
    // A page that seems gone is asked for once more, by the question that every server knows.
    let lines: Vec<&str> = asked.iter().map(|(_, line)| line.split(" HTTP").next().unwrap_or("")).collect();
    assert_eq!(lines, ["HEAD /1", "HEAD /2", "HEAD /gone", "GET /gone"]);
    for pair in asked.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= Duration::from_millis(1000), "no pause");
    }
    assert_eq!(open.lock().expect("a count").1, 1, "two connections at once");
    assert!(project.read(".rotative/links.json").contains("/1\""));
    assert_eq!(dead(&check(&project, None)), 1);
    assert_eq!(web.asked().len(), asked.len() + 2, "only what was gone is asked for again");
}

#[test]
fn without_being_told_no_machine_of_this_house_is_asked() {
    let web = Web::saying(OK);
    let project = newsletter(&[("here", web.url("/")), ("name", format!("http://localhost:{}/", web.port))]);
    let said = project.run(&["check", "--links", "--format", "json"]);
    assert_eq!(said.out.matches("\"link-private\"").count(), 2, "{}", said.out);
    assert!(web.asked().is_empty());
}
