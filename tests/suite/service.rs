//! The service from outside: a port, a relay in memory, a clock that stands still.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use proptest::prelude::*;
use rotative::config::{self, Config, RelayPlace, RelaySettings, Tls};
use rotative::links::{Claim, Purpose, ReaderId, TOKEN_LENGTH};
use rotative::mail::{MemoryRelay, Relay, RelayError, SmtpRelay};
use rotative::model::{EmailAddress, Slug, Source};
use rotative::render::Templates;
use rotative::service::{self, Desk, Edges, Fields, Listeners, Outbox, Parts, ReaderSocket, Running, Wish};
use rotative::store::Store;

use crate::project::Project;
use crate::store::{MORNING, chance, dump, key};
use crate::stores::{self, Fault, Faulty, Fresh};

const SETTINGS: &str = "title: The Daily\nlanguage: en\ntimezone: Europe/Paris\nbase_url: https://daily.example\n\
    sections: [{name: brief}]\nweekly: {day: sat}\nlists: [{name: daily}, {name: markets, title: Markets}]\n\
    mail: {from: The Daily <daily@news.example>}\n\
    service: {url: 'https://readers.daily.example', proxies: [127.0.0.1], confirmations_per_hour: 500}\n";

struct Service {
    desk: Arc<Desk>,
    running: Running,
    outbox: Outbox,
    relay: MemoryRelay,
    fresh: Fresh,
    store: Store,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn settings() -> Config {
    settled(SETTINGS)
}

fn settled(text: &str) -> Config {
    let mut findings = Vec::new();
    let source = Source::decode("content/newsletter.yaml", text.into(), &mut findings).expect("a source");
    config::settle(&source, &mut findings).unwrap_or_else(|| panic!("{findings:?}"))
}

fn morning() -> i64 {
    MORNING * 1000
}

/// A port of its own for every service.
fn port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port")
}

fn open(fresh: Fresh, store: Store) -> Service {
    open_with(fresh, store, settings(), morning)
}

fn open_with(fresh: Fresh, store: Store, config: Config, clock: fn() -> i64) -> Service {
    let templates = Templates::load(Path::new("/nowhere"), &mut Vec::new()).expect("templates");
    let desk = Desk::open(Parts {
        config,
        store: store.clone(),
        key: key(),
        templates,
        topics: ["cnil", "rgpd"].map(|key| (Slug::parse(key).expect("a topic"), key.to_uppercase())).into(),
        ledger: None,
        edges: Edges { clock, chance, log: |_, _| {} },
    });
    let desk = desk.unwrap_or_else(|fault| panic!("{fault:?}"));
    let relay = MemoryRelay::default();
    let outbox = desk.outbox(Box::new(relay.clone()), Vec::new());
    let listeners = Listeners { readers: ReaderSocket::Tcp(port()), admin: port() };
    let running = service::start(Arc::clone(&desk), listeners).expect("a service");
    Service { desk, running, outbox, relay, fresh, store }
}

impl Service {
    fn start() -> Self {
        let fresh = stores::sqlite();
        let store = fresh.store();
        open(fresh, store)
    }

    fn at(&self) -> SocketAddr {
        self.running.readers().expect("a port")
    }

    fn get(&self, path: &str) -> Answer {
        ask(self.at(), "GET", path, &[], "")
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        let form = ("content-type", "application/x-www-form-urlencoded");
        ask(self.at(), "POST", path, &[form], body)
    }

    /// Subscribes from a network of its own.
    fn subscribe(&self, email: &str, network: &str) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", network)];
        ask(
            self.at(),
            "POST",
            "/subscribe",
            &headers,
            &format!("email={}&list=daily", email.replace('+', "%2B")),
        )
    }

    /// Mails all that is owed.
    fn mail(&mut self) -> Vec<(String, Vec<String>)> {
        while self.outbox.step().expect("a step") {}
        self.letters()
    }

    /// Every letter so far: its subject, and the paths of its links to the service.
    fn letters(&self) -> Vec<(String, Vec<String>)> {
        let read = |letter: &[u8]| {
            let message = MessageParser::new().parse(letter).expect("a message");
            let text = message.body_text(0).expect("a text").into_owned();
            let links = text.lines().filter_map(|line| line.strip_prefix("https://readers.daily.example"));
            (message.subject().unwrap_or_default().to_owned(), links.map(str::to_owned).collect())
        };
        self.relay.letters().iter().map(|(_, letter)| read(letter)).collect()
    }

    fn state(&self, email: &str) -> String {
        let known = self.store.read(|t| t.subscriptions(email)).expect("a read");
        known.first().map(|known| known.state.to_string()).unwrap_or_default()
    }
}

fn ask(at: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut line = TcpStream::connect(at).expect("a connection");
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    line.write_all(format!("{request}\r\n{body}").as_bytes()).expect("sent");
    let mut answer = String::new();
    line.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let head = head.lines().filter(|line| !line.starts_with("date:")).collect::<Vec<_>>().join("\n");
    Answer { status, head, body: body.to_owned() }
}

fn path<'a>(links: &'a [String], page: &str) -> &'a str {
    links.iter().find(|link| link.starts_with(page)).unwrap_or_else(|| panic!("{page} in {links:?}"))
}

#[test]
fn a_reader_subscribes_confirms_chooses_and_leaves() {
    let mut service = Service::start();
    let form = service.get("/subscribe");
    assert!(form.status == 200 && form.body.contains("<input id=\"email\"") && form.body.contains("Markets"));
    assert_eq!(service.subscribe("ann+x@reader.example", "192.0.2.1").status, 200);
    let letters = service.mail();
    let (subject, links) = &letters[0];
    assert_eq!(subject, "Confirm your subscription to The Daily");
    // Scanners open links, and nothing happens.
    let confirm = path(links, "/confirm/").to_owned();
    for _ in 0..2 {
        assert!(service.get(&confirm).body.contains("Confirm my subscription"));
    }
    assert_eq!(service.state("ann+x@reader.example"), "unconfirmed");
    assert!(service.post(&confirm, "").body.contains("Done"));
    assert_eq!(service.post(&confirm, "").status, 200);
    assert_eq!(service.state("ann+x@reader.example"), "confirmed");
    let letters = service.mail();
    assert_eq!((letters.len(), letters[1].0.as_str()), (2, "Welcome to The Daily"));
    let preferences = path(&letters[1].1, "/preferences/").to_owned();
    let shown = service.get(&preferences);
    assert!(shown.body.contains("since Friday, 21"), "{}", shown.body);
    let saved = service.post(
        &preferences,
        "rhythm=weekly&topics=cnil&topics=nonsense&paused_until=2026-09-01&lang=fr&action=save",
    );
    assert!(saved.body.contains("enregistrées"), "{}", saved.body);
    let known = service.store.read(|t| t.subscriptions("ann+x@reader.example")).expect("a read").remove(0);
    assert_eq!((known.rhythm.as_str(), known.topics.len()), ("weekly", 1));
    let leave = path(&letters[1].1, "/unsubscribe/").to_owned();
    let left = service.post(&leave, "List-Unsubscribe=One-Click");
    assert_eq!((left.status, service.state("ann+x@reader.example").as_str()), (200, "unsubscribed"));
    // The reader's data by a link that is mailed.
    assert_eq!(service.post(&preferences, "action=data").status, 200);
    let letters = service.mail();
    let data = path(&letters[2].1, "/data/").to_owned();
    assert!(!service.get(&data).body.contains("ann"));
    let export = service.post(&data, "action=export");
    assert!(export.body.contains("\"one-click\"") && export.head.contains("attachment"), "{}", export.body);
    assert!(
        service.post(&data, "action=erase").body.contains("effac")
            || service.state("ann+x@reader.example").is_empty()
    );
    assert_eq!(service.state("ann+x@reader.example"), "");
    assert_eq!(service.post(&leave, "").status, 200);
}

#[test]
fn the_same_journey_works_over_the_api() {
    let mut service = Service::start();
    let json = [("content-type", "application/json"), ("accept", "application/json")];
    let asked = ask(
        service.at(),
        "POST",
        "/subscribe",
        &json,
        r#"{"email":"bob@reader.example","list":"markets","lang":"fr"}"#,
    );
    assert_eq!((asked.status, asked.body.as_str()), (200, r#"{"outcome":"asked"}"#));
    let (subject, links) = service.mail().remove(0);
    assert_eq!(subject, "Confirmez votre abonnement à Markets");
    let confirmed = ask(service.at(), "POST", path(&links, "/confirm/"), &json, "");
    assert_eq!(confirmed.body, r#"{"outcome":"confirmed"}"#);
    let (_, links) = service.mail().remove(1);
    let left = ask(service.at(), "POST", path(&links, "/unsubscribe/"), &json, "{}");
    assert_eq!(left.body, r#"{"outcome":"unsubscribed"}"#);
    let refused = ask(service.at(), "POST", "/subscribe", &json, r#"{"email":"bob"}"#);
    assert_eq!((refused.status, refused.body.as_str()), (422, r#"{"outcome":"bad-address"}"#));
}

#[test]
fn one_click_takes_every_body_a_mail_program_may_send() {
    let service = Service::start();
    let multipart =
        "--x\r\ncontent-disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    for (number, (kind, body)) in [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=x", multipart),
        ("text/plain", ""),
        ("application/json", "not json"),
    ]
    .into_iter()
    .enumerate()
    {
        let token = key().token(&Claim::lasting(Purpose::Leave, "daily", ReaderId(number as u64)));
        let answer = ask(
            service.at(),
            "POST",
            &format!("/unsubscribe/{}", token.as_str()),
            &[("content-type", kind)],
            body,
        );
        assert_eq!(answer.status, 200, "{kind}");
        assert!(!answer.head.contains("location") && !answer.head.contains("set-cookie"), "{}", answer.head);
    }
}

#[test]
fn reading_changes_nothing_to_the_byte() {
    let mut service = Service::start();
    service.subscribe("ann@reader.example", "192.0.2.1");
    let letters = service.mail();
    service.post(path(&letters[0].1, "/confirm/"), "");
    let letters = service.mail();
    service.post(path(&letters[1].1, "/preferences/"), "action=data");
    let letters = service.mail();
    let links: HashSet<String> = letters.into_iter().flat_map(|(_, links)| links).collect();
    assert_eq!(links.len(), 5, "{links:?}");
    let before = dump(&service.store);
    for link in
        links.iter().map(String::as_str).chain(["/", "/subscribe", "/nowhere", "/unsubscribe/", "/hooks/ses"])
    {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
            ask(service.at(), method, link, &[], "");
        }
    }
    assert_eq!(dump(&service.store), before);
}

#[test]
fn nobody_learns_who_reads() {
    let mut service = Service::start();
    for (number, email) in
        ["known@reader.example", "never@reader.example", "left@reader.example"].iter().enumerate()
    {
        service.subscribe(email, &format!("192.0.{number}.1"));
        let letters = service.mail();
        let asked = letters.iter().rfind(|(subject, _)| subject.starts_with("Confirm"));
        let links = &asked.expect("a question").1;
        match *email {
            "never@reader.example" => service.post(path(links, "/never/"), ""),
            _ => service.post(path(links, "/confirm/"), ""),
        };
    }
    service.mail();
    let addresses = [
        "known@reader.example",
        "never@reader.example",
        "left@reader.example",
        "new@reader.example",
        "x@-bad-.example",
        "x@nodot",
    ];
    let answers: HashSet<(u16, String, String)> = addresses
        .iter()
        .map(|email| service.subscribe(email, "203.0.113.1"))
        .map(|answer| (answer.status, answer.head, answer.body))
        .collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    // A token of ours for nobody, and one for somebody.
    let token = |id| key().token(&Claim::lasting(Purpose::Leave, "daily", ReaderId(id)));
    let known = service.store.read(|t| t.subscriptions("left@reader.example")).expect("a read")[0].id;
    let [nobody, somebody] =
        [99, known].map(|id| service.post(&format!("/unsubscribe/{}", token(id).as_str()), ""));
    assert_eq!((nobody.status, nobody.head, nobody.body), (somebody.status, somebody.head, somebody.body));
}

#[test]
fn every_bad_token_meets_the_same_page() {
    let service = Service::start();
    let good = key().token(&Claim::lasting(Purpose::Leave, "daily", ReaderId(7)));
    let late = key().token(&Claim::until(Purpose::Confirm, "daily", ReaderId(7), MORNING));
    let flipped = format!(
        "{}{}",
        &good.as_str()[..TOKEN_LENGTH - 1],
        if good.as_str().ends_with('A') { "B" } else { "A" }
    );
    let answers: HashSet<(u16, String)> = [
        format!("/unsubscribe/{flipped}"),
        format!("/preferences/{}", good.as_str()),
        format!("/confirm/{}", good.as_str()),
        format!("/confirm/{}", late.as_str()),
        "/unsubscribe/x".to_owned(),
        "/data/%00%ff".to_owned(),
        format!("/never/{}", "A".repeat(4000)),
    ]
    .iter()
    .flat_map(|path| [service.get(path), service.post(path, "")])
    .map(|answer| (answer.status, answer.body))
    .collect();
    assert_eq!(answers.len(), 1, "{:?}", answers.iter().map(|(status, _)| status).collect::<Vec<_>>());
    assert_eq!(answers.into_iter().next().expect("an answer").0, 404);
}

#[test]
fn a_million_random_tokens_are_refused() {
    let (key, mut state) = (key(), 42_u64);
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let start = key.token(&Claim::lasting(Purpose::Leave, "daily", ReaderId(7)));
    for number in 0..1_000_000 {
        let mut token = start.as_str().as_bytes().to_vec();
        // Half of them look like ours up to the signature.
        for letter in token.iter_mut().skip(if number % 2 == 0 { 0 } else { 27 }) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *letter = alphabet[(state >> 58) as usize];
        }
        let token = String::from_utf8(token).expect("ASCII");
        assert!(key.verify(&token, Purpose::Leave, ["daily"], 0).is_none(), "{token}");
    }
}

#[test]
fn a_bombed_address_gets_one_letter_and_a_bombing_network_few() {
    let mut service = Service::start();
    for number in 0..600 {
        service.subscribe("victim@reader.example", &format!("10.{}.{}.1", number % 200, number / 200));
    }
    assert_eq!(service.mail().len(), 1);
    let statuses: Vec<u16> = (0..600)
        .map(|number| service.subscribe(&format!("v{number}@reader.example"), "192.0.2.9").status)
        .collect();
    assert!(statuses.contains(&429) && statuses[0] == 200);
    assert!(service.mail().len() <= 21, "{}", service.letters().len());
    // The honeypot looks like success.
    let form = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", "198.51.100.1")];
    let trapped = ask(service.at(), "POST", "/subscribe", &form, "email=bot@reader.example&website=x");
    assert_eq!(trapped.status, 200);
    service.mail();
    assert_eq!(service.state("bot@reader.example"), "");
}

/// A relay that answers one command with a refusal, or never where that is empty; and the number of its lines.
fn refusing(verb: &'static str, reply: &'static str) -> (SocketAddr, Arc<AtomicI64>) {
    let (socket, count) = (port(), Arc::new(AtomicI64::new(0)));
    let (at, counted) = (socket.local_addr().expect("an address"), Arc::clone(&count));
    std::thread::spawn(move || {
        for line in socket.incoming() {
            let mut line = line.expect("a line");
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = line.write_all(b"220 relay\r\n");
            let mut lines = BufReader::new(line.try_clone().expect("a line")).lines();
            while let Some(Ok(said)) = lines.next() {
                let known = said.get(..4).unwrap_or("").to_ascii_uppercase();
                let answer = match known.as_str() {
                    _ if known == verb => reply,
                    "DATA" => "354 go on",
                    _ => "250 ok",
                };
                if known == verb && reply.is_empty() {
                    continue;
                }
                if line.write_all(format!("{answer}\r\n").as_bytes()).is_err() || known == "QUIT" {
                    break;
                }
            }
        }
    });
    (at, count)
}

fn relay(at: SocketAddr) -> SmtpRelay {
    let place = RelayPlace::Host { host: at.ip().to_string(), port: at.port() };
    let settings = RelaySettings::at("main", place, Tls::None);
    SmtpRelay::new(&settings, "news.example", None, None).expect("a relay")
}

#[test]
fn a_fault_of_ours_costs_no_reader_their_letter_and_no_reply_shows_an_address() {
    let [from, to] = ["daily@news.example", "Ann.Lee@reader.example"].map(crate::store::address);
    for (verb, reply, is_last) in [
        ("MAIL", "550 5.7.1 sender <daily@news.example> not allowed to write to bob@b.example", false),
        ("RCPT", "554 5.7.1 <ANN.LEE@reader.example>: relay access denied", false),
        ("RCPT", "550 5.1.1 <ann.lee@READER.example> unknown; ask postmaster@reader.example", true),
        ("DATA", "554 no such policy", false),
    ] {
        let (at, _) = refusing(verb, reply);
        let error = relay(at).send(&from, &to, b"Subject: x\r\n\r\nx\r\n").expect_err("a refusal");
        assert_eq!(error.transient, !is_last, "{reply}: {error}");
        let shown = error.text.to_lowercase();
        for hidden in ["ann.lee", "bob@", "daily@", "postmaster@"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
}

#[test]
fn what_the_store_did_not_take_is_not_acknowledged() {
    let fresh = stores::sqlite();
    drop(fresh.store());
    let countdown = Arc::new(AtomicI64::new(i64::MAX));
    let faulty =
        Faulty { inner: Arc::clone(&fresh.connect), fault: Fault::Commit, countdown: Arc::clone(&countdown) };
    let store = Store::over(Arc::new(faulty)).expect("a store");
    let service = open(fresh, store);
    let before = dump(&service.fresh.store());
    countdown.store(0, Ordering::SeqCst);
    let refused = service.subscribe("ann@reader.example", "192.0.2.1");
    assert_eq!(refused.status, 503);
    assert!(refused.head.contains("retry-after: 30"), "{}", refused.head);
    assert_eq!(dump(&service.fresh.store()), before);
    assert_eq!(service.subscribe("ann@reader.example", "192.0.2.1").status, 200);
    let token = key().token(&Claim::lasting(Purpose::Leave, "daily", ReaderId(7)));
    countdown.store(0, Ordering::SeqCst);
    assert_eq!(service.post(&format!("/unsubscribe/{}", token.as_str()), "").status, 503);
}

#[test]
fn every_answer_is_armoured_and_large_bodies_are_refused() {
    let service = Service::start();
    let wrong = ask(service.at(), "DELETE", "/subscribe", &[], "");
    assert_eq!(wrong.status, 405);
    assert!(wrong.head.contains("allow: GET,HEAD,POST"), "{}", wrong.head);
    let home = service.get("/");
    assert!(home.status == 303 && home.head.contains("location: subscribe"), "{}", home.head);
    let heads = ["/subscribe", "/nowhere", "/unsubscribe/x"].map(|path| (path, service.get(path).head));
    for (path, head) in heads.into_iter().chain([("a wrong method", wrong.head), ("/", home.head)]) {
        for needed in [
            "cache-control: no-store",
            "referrer-policy: no-referrer",
            "default-src 'none'",
            "x-robots-tag: noindex",
        ] {
            assert!(head.contains(needed), "{path}: {needed} in {head}");
        }
        assert!(!head.contains("set-cookie"));
    }
    let large = format!("email=a@b.example&x={}", "x".repeat(20_000));
    assert_eq!(service.post("/subscribe", &large).status, 413);
    let injected = service.subscribe("<script>alert(1)</script>@x.example", "192.0.2.1");
    assert!(!injected.body.contains("<script"));
    let page = service.get("/subscribe").body;
    assert!(!page.contains("evil.example") && page.contains("https://daily.example/"));
}

/// Letters owed to so many readers, whose relay takes its time.
struct Slow {
    taken: Arc<AtomicI64>,
    pause: Duration,
}

impl Relay for Slow {
    fn send(&mut self, _from: &EmailAddress, _to: &EmailAddress, _letter: &[u8]) -> Result<(), RelayError> {
        self.taken.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(self.pause);
        Ok(())
    }
}

#[test]
fn a_service_told_to_stop_gives_back_the_letters_it_has_not_begun() {
    let mut service = Service::start();
    for number in 0..15 {
        service.subscribe(&format!("r{number}@reader{number}.example"), &format!("192.0.{number}.1"));
    }
    let taken = Arc::new(AtomicI64::new(0));
    let slow = Slow { taken: Arc::clone(&taken), pause: Duration::from_millis(400) };
    let outbox = service.desk.outbox(Box::new(slow), Vec::new());
    service.running.mail(outbox).expect("a thread");
    while taken.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    let (started, store) = (Instant::now(), service.store.clone());
    service.running.stop();
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    let taken = taken.load(Ordering::SeqCst);
    let owed = store.write(|t| t.claim_letters(MORNING, MORNING + 1, 100)).expect("letters");
    assert!(taken <= 2 && owed.len() as i64 == 15 - taken, "{taken} left, {} are owed now", owed.len());
}

/// A clock that goes on by eleven minutes with every letter.
static LETTERS: AtomicI64 = AtomicI64::new(0);

#[test]
fn a_slow_relay_is_handed_no_letter_that_somebody_else_may_have_by_now() {
    struct Slowest;
    impl Relay for Slowest {
        fn send(&mut self, _: &EmailAddress, _: &EmailAddress, _: &[u8]) -> Result<(), RelayError> {
            LETTERS.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    }
    let fresh = stores::sqlite();
    let store = fresh.store();
    let clock = || morning() + LETTERS.load(Ordering::SeqCst) * 660_000;
    let service = open_with(fresh, store, settings(), clock);
    for number in 0..5 {
        service.subscribe(&format!("r{number}@reader{number}.example"), &format!("192.0.{number}.1"));
    }
    let mut outbox = service.desk.outbox(Box::new(Slowest), Vec::new());
    outbox.step().expect("a step");
    assert_eq!(LETTERS.load(Ordering::SeqCst), 1);
    let owed = service.store.write(|t| t.claim_letters(MORNING, MORNING + 1, 100)).expect("letters");
    assert_eq!(owed.len(), 4);
}

#[test]
fn a_second_signal_ends_a_service_at_once() {
    let (silent, lines) = refusing("EHLO", "");
    let [readers, admin] = [port(), port()].map(|port| port.local_addr().expect("an address"));
    let project = Project::empty();
    project.write(
        "content/newsletter.yaml",
        &format!(
            "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{{name: brief}}]\n\
             mail:\n  from: daily@news.example\n  relays: [{{host: 127.0.0.1, port: {}, tls: none}}]\n\
             service: {{url: 'http://{readers}', listen: '{readers}', admin: '{admin}'}}\n",
            silent.port()
        ),
    );
    let mut command = project.command(&["serve"]);
    command.env("ROTATIVE_SECRET", "a secret of more than thirty-two characters");
    let mut served = command.stderr(std::process::Stdio::null()).spawn().expect("a service");
    let patiently = |what: &str, mut done: Box<dyn FnMut() -> bool + '_>| {
        let started = Instant::now();
        while !done() {
            assert!(started.elapsed() < Duration::from_secs(20), "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    patiently("it listens", Box::new(|| TcpStream::connect(readers).is_ok()));
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(ask(readers, "POST", "/subscribe", &form, "email=ann@reader.example").status, 200);
    patiently("it mails", Box::new(|| lines.load(Ordering::SeqCst) > 0));
    let id = served.id().to_string();
    let tell = || std::process::Command::new("kill").args(["-TERM", &id]).status().expect("told");
    tell();
    std::thread::sleep(Duration::from_millis(700));
    assert!(served.try_wait().expect("a state").is_none(), "the letter in hand is waited for");
    tell();
    patiently("it ends", Box::new(|| served.try_wait().expect("a state").is_some()));
}

#[test]
fn one_machine_has_a_hundred_lines_and_a_proxy_all() {
    let fresh = stores::sqlite();
    let store = fresh.store();
    let alone = open_with(fresh, store, settled(&SETTINGS.replace("proxies: [127.0.0.1], ", "")), morning);
    let proxied = Service::start();
    for (service, most) in [(&alone, 100), (&proxied, 120)] {
        let mut lines: Vec<TcpStream> =
            (0..120).map(|_| TcpStream::connect(service.at()).expect("a line")).collect();
        let answered = lines
            .iter_mut()
            .filter_map(|line| {
                line.write_all(b"HEAD /subscribe HTTP/1.1\r\nhost: x\r\n\r\n").ok()?;
                line.read(&mut [0; 64]).ok().filter(|read| *read > 0)
            })
            .count();
        assert_eq!(answered, most);
        drop(lines);
    }
}

#[test]
fn preferences_over_the_api_change_only_what_they_name() {
    let mut service = Service::start();
    service.subscribe("ann@reader.example", "192.0.2.1");
    let letters = service.mail();
    service.post(path(&letters[0].1, "/confirm/"), "");
    let letters = service.mail();
    let preferences = path(&letters[1].1, "/preferences/").to_owned();
    let json = [("content-type", "application/json")];
    let said = |body: &str| ask(service.at(), "POST", &preferences, &json, body).body;
    let all = said(
        "\n {\"topics\": [\"cnil\", \"rgpd\"], \"paused_until\": \"2026-09-01\", \"rhythm\": \"topics\"}",
    );
    assert!(all.contains("\"topics\":[\"cnil\",\"rgpd\"]") && all.contains("2026-09-01"), "{all}");
    let one = said("{\"rhythm\": \"daily\"}");
    assert!(one.contains("\"daily\"") && one.contains("\"rgpd\"") && one.contains("2026-09-01"), "{one}");
    let none = said("{\"topics\": [], \"paused_until\": null}");
    assert!(none.contains("\"topics\":[]") && none.contains("\"paused_until\":null"), "{none}");
    // A form holds all its fields: what is not ticked is not wanted.
    said("{\"topics\": [\"cnil\"]}");
    service.post(&preferences, "rhythm=daily&action=save");
    let known = service.store.read(|t| t.subscriptions("ann@reader.example")).expect("a read").remove(0);
    assert_eq!(known.topics, []);
    let honest = "{\"email\": \"bob@reader.example\", \"website\": null}";
    ask(service.at(), "POST", "/subscribe", &json, honest);
    service.mail();
    assert_eq!(service.state("bob@reader.example"), "unconfirmed");
}

#[test]
fn the_journal_keeps_the_words_that_were_shown_and_no_others() {
    let mut service = Service::start();
    let form = service.get("/subscribe").body;
    let kind = ("content-type", "application/x-www-form-urlencoded");
    ask(service.at(), "POST", "/subscribe", &[kind], "email=ann@reader.example&list=markets&lang=en");
    let json = [("content-type", "application/json")];
    let asked = |body: &str| ask(service.at(), "POST", "/subscribe", &json, body);
    asked(r#"{"email": "bob@reader.example"}"#);
    asked(r#"{"email": "cat@reader.example", "statement": "Send me the paper."}"#);
    let long = format!(r#"{{"email": "dan@reader.example", "statement": "{}"}}"#, "x".repeat(2_001));
    assert_eq!(asked(&long).body, r#"{"outcome":"statement-too-long"}"#);
    let letters = service.mail();
    let link = |to: &str| {
        let letters = service.relay.letters();
        let at = letters.iter().position(|(known, _)| known.to_string() == to).expect("a letter");
        path(&service.letters()[at].1, "/confirm/").to_owned()
    };
    assert_eq!(letters.len(), 3);
    let confirm = service.get(&link("ann@reader.example")).body;
    service.post(&link("ann@reader.example"), "");
    ask(service.at(), "POST", &link("bob@reader.example"), &json, "");
    let statements = |address: &str| -> Vec<String> {
        let read = service.store.read(|t| {
            let id = t.subscriptions(address)?[0].id;
            t.journal(id)
        });
        read.expect("a journal").into_iter().map(|event| event.statement).collect()
    };
    let shown = |page: &str, statement: &str| {
        let (text, button) =
            statement.strip_suffix(']').and_then(|all| all.split_once(" [")).expect("a button");
        assert!(page.contains(&format!(">{button}</button>")), "{button}");
        let sentences = text.split_inclusive(['.', '?']).map(str::trim);
        sentences.for_each(|text| assert!(page.contains(text.trim_end_matches('.')), "{text} in {page}"));
    };
    let [asked, confirmed] = statements("ann@reader.example").try_into().expect("two events");
    shown(&form, &asked);
    assert!(asked.contains("What would you like to receive? Markets. By subscribing I agree"), "{asked}");
    assert!(!asked.contains("The Daily"), "{asked}");
    shown(&confirm, &confirmed);
    assert_eq!(confirmed, "Press the button to receive Markets at this address. [Confirm my subscription]");
    assert_eq!(statements("bob@reader.example"), ["", ""]);
    assert_eq!(statements("cat@reader.example"), ["Send me the paper."]);
}

#[test]
fn a_list_that_does_not_exist_is_not_another() {
    let mut service = Service::start();
    let json = [("content-type", "application/json")];
    let body = r#"{"email": "ann@reader.example", "list": "nosuchlist"}"#;
    let refused = ask(service.at(), "POST", "/subscribe", &json, body);
    assert_eq!((refused.status, refused.body.as_str()), (422, r#"{"outcome":"unknown-list"}"#));
    let page = service.post("/subscribe", "email=ann@reader.example&list=nosuchlist");
    assert!(page.status == 422 && page.body.contains("There is no such list"), "{}", page.body);
    assert_eq!(service.mail().len(), 0);
}

#[test]
fn a_suppressed_reader_gets_their_data() {
    let mut service = Service::start();
    service.subscribe("ann@reader.example", "192.0.2.1");
    let links = service.mail().remove(0).1;
    service.post(path(&links, "/confirm/"), "");
    let welcome = service.mail().remove(1).1;
    service.post(path(&links, "/never/"), "");
    service.post(path(&welcome, "/preferences/"), "action=data");
    let letters = service.mail();
    assert_eq!((letters.len(), letters[2].0.as_str()), (3, "Your data at The Daily"));
    let erased = service.post(path(&letters[2].1, "/data/"), "action=erase");
    assert!(erased.body.contains("Everything is erased"), "{}", erased.body);
}

#[test]
fn an_old_question_brings_nobody_back() {
    let mut service = Service::start();
    service.subscribe("ann@reader.example", "192.0.2.1");
    let confirm = path(&service.mail()[0].1, "/confirm/").to_owned();
    assert_eq!(service.post(&confirm, "").status, 200);
    let leave = path(&service.mail()[1].1, "/unsubscribe/").to_owned();
    service.post(&leave, "List-Unsubscribe=One-Click");
    let again = service.post(&confirm, "");
    assert!(again.status == 404 && again.body.contains("subscribe again"), "{}", again.body);
    assert_eq!(service.state("ann@reader.example"), "unsubscribed");
}

#[test]
fn keepers_see_health_and_counts() {
    let service = Service::start();
    service.get("/subscribe");
    let admin = service.running.admin();
    assert_eq!(ask(admin, "GET", "/healthz", &[], "").body, "ok\n");
    let metrics = ask(admin, "GET", "/metrics", &[], "").body;
    assert!(metrics.contains("rotative_http_responses_total{class=\"2xx\"} 1"), "{metrics}");
    assert_eq!(service.get("/metrics").status, 404, "readers do not");
    service.running.stop();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn no_body_is_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "[{\"&=%+a-z:,}]{0,80}") {
        for body in [bytes.as_slice(), text.as_bytes()] {
            for wish in [Wish::Page, Wish::Json] {
                if let Some(fields) = Fields::read(wish, body) {
                    prop_assert!(fields.get("email").len() <= body.len() * 6 + 3);
                }
            }
        }
    }
}
