//! The dialogue with relays against a relay of our own: every fault that one line can meet, by its number in the list
//! of faults; each test prints what it did.

use std::future::{Future, ready};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rotative::config::Tls;
use rotative::config::env::{Secret, private_file};
use rotative::mail::wire::{
    Attempted, Client, Endpoint, Failure, Gate, Line, Login, LoginKind, Place, Protocol, Refusal, Replies,
    Stuffed, Times, Trust, path, without_addresses,
};
use rotative::model::{Answer, Blame, EmailAddress, Outcome, Phase, Verdict, judge};

use crate::smtp::{self, Authority, Does, Good, Point, Script, Secure, Server, Start};

const ANN: &str = "ann@reader.example";
const FROM: &str = "journal@news.example";

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse_international(text).expect("an address")
}

fn milliseconds(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// A letter of so many bytes at least, with lines that begin with dots.
fn letter(size: usize) -> Vec<u8> {
    let mut letter =
        b"Subject: Le journal\r\nMessage-ID: <1@news.example>\r\n\r\n.\r\n..two dots\r\n".to_vec();
    while letter.len() < size {
        letter.extend_from_slice(b"Une ligne comme il y en a tant dans un journal du matin.\r\n");
    }
    letter
}

fn times() -> Times {
    let time = milliseconds(5000);
    Times { connect: time, command: time, data: time, write: time, dot: time }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(work)
}

fn endpoint(server: &Server, host: &str, tls: Tls) -> Endpoint {
    Endpoint {
        place: Place::Tcp { host: host.to_owned(), port: server.port() },
        protocol: Protocol::Smtp,
        tls,
    }
}

fn client_with(server: &Server, times: Times) -> Client {
    Client::new(endpoint(server, "127.0.0.1", Tls::None), "news.example", None, None, times)
        .expect("a client")
}

async fn open(server: &Server, times: Times) -> Line {
    client_with(server, times).open().await.unwrap_or_else(|failure| panic!("{failure:?}"))
}

async fn deliver(line: &mut Line, to: &str, letter: &[u8]) -> Attempted {
    line.deliver(&address(FROM), &address(to), letter, ready(Gate::Open)).await
}

/// One letter on a line of its own.
fn one(server: &Server, times: Times, letter: &[u8]) -> (Attempted, bool) {
    run(async {
        let mut line = open(server, times).await;
        let attempted = deliver(&mut line, ANN, letter).await;
        (attempted, line.is_usable())
    })
}

fn code(attempted: &Attempted) -> (Phase, u16) {
    match attempted {
        Attempted::Answered { phase, answer: Answer::Reply(reply) } => (*phase, reply.code),
        Attempted::Answered { phase, answer: Answer::Lost(_) } => (*phase, 0),
        Attempted::Refused(refusal) => panic!("{refusal}"),
    }
}

fn verdict(attempted: &Attempted) -> Verdict {
    match attempted {
        Attempted::Answered { phase, answer } => judge(*phase, answer),
        Attempted::Refused(refusal) => panic!("{refusal}"),
    }
}

fn outcome(attempted: &Attempted) -> Outcome {
    verdict(attempted).outcome
}

fn failed(client: &Client) -> Failure {
    match run(client.open()) {
        Ok(_) => panic!("a line was opened"),
        Err(failure) => failure,
    }
}

fn secret(text: &str) -> Secret {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o600)).expect("rights");
    private_file(file.path()).expect("a secret")
}

fn login(kind: LoginKind) -> Login {
    Login { user: secret("journal"), password: secret("hunter2 é"), kind }
}

#[test]
fn letters_arrive_to_the_byte_on_one_line() {
    for (script, what) in
        [(Script::default(), "with PIPELINING"), (Script::default().without(&["PIPELINING"]), "without")]
    {
        let server = Server::start(script);
        let letters = [letter(100), letter(52_000), b".".to_vec(), letter(3_000_000)];
        run(async {
            let mut line = open(&server, times()).await;
            for letter in &letters {
                let attempted = deliver(&mut line, ANN, letter).await;
                assert_eq!(code(&attempted), (Phase::Dot, 250));
            }
            assert!(line.is_usable() && line.letters() == 4);
            line.quit().await;
        });
        let accepted = server.accepted();
        assert_eq!(accepted.len(), 4);
        for (taken, letter) in accepted.iter().zip(&letters) {
            let whole =
                if letter.ends_with(b"\n") { letter.clone() } else { [letter, &b"\r\n"[..]].concat() };
            assert!(taken.letter == whole, "{} bytes came as {}", whole.len(), taken.letter.len());
            assert_eq!((taken.to.as_str(), taken.from.as_str(), taken.line), (ANN, FROM, 1));
        }
        assert_eq!(server.heard().last().map(String::as_str), Some("QUIT"));
        println!("{what}: 4 letters of 1 byte to 3 MB on one line, the same bytes");
    }
}

#[test]
fn letters_go_to_a_socket_in_the_file_system_by_lmtp() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lmtp");
    let server =
        Server::start_at(&path, Script::default().to(ANN, 1, Point::Dot, Does::say("452 4.2.2 full")));
    let endpoint = Endpoint { place: Place::Unix(path), protocol: Protocol::Lmtp, tls: Tls::None };
    let client = Client::new(endpoint, "news.example", None, None, times()).expect("a client");
    run(async {
        let mut line = client.open().await.expect("a line");
        assert_eq!(code(&deliver(&mut line, ANN, &letter(52_000)).await), (Phase::Dot, 452));
        assert_eq!(code(&deliver(&mut line, "bob@b.example", &letter(52_000)).await), (Phase::Dot, 250));
        line.quit().await;
    });
    let heard = server.heard();
    assert_eq!(heard.first().map(String::as_str), Some("LHLO news.example"));
    assert_eq!((server.accepted_for(ANN), server.accepted_for("bob@b.example")), (0, 1));
    println!("LMTP: one deferred at the dot, one taken: {heard:?}");
}

#[test]
fn a_line_is_secured_and_logged_in_each_way() {
    let authority = Authority::new();
    for (start, tls) in [(Start::Command, Tls::StartTls), (Start::AtOnce, Tls::Implicit)] {
        for (ways, kind) in [
            ("PLAIN LOGIN", LoginKind::Auto),
            ("LOGIN", LoginKind::Auto),
            ("XOAUTH2 PLAIN", LoginKind::XOAuth2),
        ] {
            let secure = Secure { config: authority.tls("localhost", Good::Now), start };
            let known = smtp::Login {
                ways: ways.to_owned(),
                user: "journal".to_owned(),
                password: "hunter2 é".to_owned(),
            };
            let server =
                Server::start(Script { secure: Some(secure), login: Some(known), ..Script::default() });
            let client = Client::new(
                endpoint(&server, "localhost", tls),
                "news.example",
                Some(login(kind)),
                Some(authority.pem()),
                times(),
            )
            .expect("a client");
            let letters = [letter(52_000), letter(2_000_000)];
            run(async {
                let mut line = client.open().await.unwrap_or_else(|failure| panic!("{failure:?}"));
                for letter in &letters {
                    assert_eq!(code(&deliver(&mut line, ANN, letter).await), (Phase::Dot, 250));
                }
                line.quit().await;
            });
            let taken: Vec<Vec<u8>> = server.accepted().into_iter().map(|taken| taken.letter).collect();
            assert!(taken == letters);
            println!("{tls:?}, {ways}: in, and two letters taken");
        }
    }
}

#[test]
fn the_dot_is_not_sent_before_the_gate_opens() {
    for (gate, taken) in [(Gate::Open, 1), (Gate::Closed, 0)] {
        let server = Server::start(Script::default());
        let (attempted, usable) = run(async {
            let mut line = open(&server, times()).await;
            let waiting = async {
                tokio::time::sleep(milliseconds(150)).await;
                assert_eq!(server.accepted().len(), 0, "the dot was sent before the gate opened");
                assert!(server.heard().iter().any(|line| line == "DATA"), "the letter waits for the gate");
                gate
            };
            let attempted = line.deliver(&address(FROM), &address(ANN), &letter(52_000), waiting).await;
            (attempted, line.is_usable())
        });
        std::thread::sleep(milliseconds(50));
        assert_eq!(server.accepted().len(), taken);
        assert_eq!(usable, gate == Gate::Open);
        let expected = if gate == Gate::Open { Outcome::Accepted } else { Outcome::Void };
        assert_eq!(outcome(&attempted), expected);
        println!("gate {gate:?} after 150 ms: {attempted:?}, {taken} taken");
    }
}

#[test]
fn f17_the_relay_disconnects_at_each_command() {
    for pipelining in [true, false] {
        let offers = if pipelining { &[][..] } else { &["PIPELINING"][..] };
        for does in [Does::Drop, Does::Reset] {
            for point in [Point::Greeting, Point::Hello] {
                let server = Server::start(Script::default().without(offers).on(point, does.clone()));
                let failure = failed(&client_with(&server, times()));
                assert_eq!(judge(failure.phase, &failure.answer).outcome, Outcome::Void);
                assert_eq!((failure.phase, failure.trust), (Phase::Connect, Trust::Kept));
                println!("pipelining {pipelining}, {does:?} at {point:?}: {:?}", failure.answer);
            }
            for (point, phase) in [
                (Point::Mail, Phase::Mail),
                (Point::Rcpt, Phase::Rcpt),
                (Point::Data, Phase::Data),
                (Point::Body(30_000), Phase::Body),
            ] {
                let server = Server::start(Script::default().without(offers).on(point, does.clone()));
                let (attempted, usable) = run(async {
                    let mut line = open(&server, times()).await;
                    // The gate stays shut until the relay is gone: whatever it was, the dot has not left.
                    let gate = async {
                        server.has_come_to(point).await;
                        Gate::Open
                    };
                    let attempted = line.deliver(&address(FROM), &address(ANN), &letter(52_000), gate).await;
                    (attempted, line.is_usable())
                });
                let decided = server.decisions();
                let last = decided.last().map(|last| (last.line, last.point, &last.to, &last.did));
                println!("pipelining {pipelining}, {last:?}: {attempted:?}");
                // A reset throws away what had come before it: the phase may be an earlier one.
                let (came, code) = code(&attempted);
                assert!(code == 0 && came <= phase && (came == phase || matches!(does, Does::Reset)));
                assert_eq!(outcome(&attempted), Outcome::Void);
                assert!(!usable && server.accepted().is_empty());
            }
        }
    }
}

#[test]
fn f18_the_relay_takes_the_letter_and_closes() {
    let server = Server::start(Script::default().on(Point::Dot, Does::take(Does::Drop)));
    let (attempted, usable) = one(&server, times(), &letter(52_000));
    assert_eq!((code(&attempted), outcome(&attempted)), ((Phase::Dot, 0), Outcome::Uncertain));
    assert!(!usable && server.accepted_for(ANN) == 1);
    println!("taken and closed: {attempted:?}");
}

#[test]
fn f19_421_at_greeting_mail_rcpt_and_dot() {
    let said = "421 4.7.0 come back later";
    let server = Server::start(Script::default().on(Point::Greeting, Does::say(said)));
    let failure = failed(&client_with(&server, times()));
    assert!(matches!(&failure.answer, Answer::Reply(reply) if reply.code == 421));
    assert_eq!(
        judge(failure.phase, &failure.answer),
        Verdict { outcome: Outcome::Void, blame: Blame::Relay }
    );
    for (point, phase, expected) in [
        (Point::Mail, Phase::Mail, Outcome::Void),
        (Point::Rcpt, Phase::Rcpt, Outcome::Deferred),
        (Point::Dot, Phase::Dot, Outcome::Deferred),
    ] {
        let server = Server::start(Script::default().on(point, Does::say(said)));
        let (attempted, usable) = one(&server, times(), &letter(52_000));
        assert_eq!(code(&attempted), (phase, 421));
        assert_eq!(verdict(&attempted), Verdict { outcome: expected, blame: Blame::Relay });
        assert!(!usable && server.accepted().is_empty());
        println!("421 at {point:?}: {attempted:?}, line closed");
    }
}

#[test]
fn f20_450_on_rcpt_twice_then_250() {
    for pipelining in [true, false] {
        let offers = if pipelining { &[][..] } else { &["PIPELINING"][..] };
        let script =
            Script::default().without(offers).to(ANN, 2, Point::Rcpt, Does::say("450 4.2.0 greylisted"));
        let server = Server::start(script);
        run(async {
            let mut line = open(&server, times()).await;
            for expected in [Outcome::Deferred, Outcome::Deferred, Outcome::Accepted] {
                assert_eq!(outcome(&deliver(&mut line, ANN, &letter(52_000)).await), expected);
                assert!(line.is_usable());
            }
            assert_eq!(line.letters(), 1);
        });
        let resets = server.heard().iter().filter(|line| *line == "RSET").count();
        assert_eq!((resets, server.accepted_for(ANN), server.lines()), (2, 1, 1));
        println!("pipelining {pipelining}: deferred twice, then taken, one line, {resets} RSET");
    }
}

#[test]
fn f21_550_5_1_1_on_rcpt() {
    let said =
        "550-5.1.1 <ann@reader.example>: Recipient address rejected\r\n550 5.1.1 no such ANN@Reader.Example";
    let server = Server::start(Script::default().to(ANN, 9, Point::Rcpt, Does::say(said)));
    run(async {
        let mut line = open(&server, times()).await;
        let attempted = deliver(&mut line, ANN, &letter(52_000)).await;
        assert_eq!(verdict(&attempted), Verdict { outcome: Outcome::Rejected, blame: Blame::Nobody });
        let Attempted::Answered { answer: Answer::Reply(reply), .. } = &attempted else {
            panic!("{attempted:?}")
        };
        assert_eq!(
            reply.text,
            "<a***@reader.example>: Recipient address rejected no such A***@Reader.Example"
        );
        let bob = deliver(&mut line, "bob@b.example", &letter(52_000)).await;
        assert_eq!(outcome(&bob), Outcome::Accepted);
        println!("{reply:?}; the next one: {bob:?}");
    });
    assert_eq!((server.accepted_for(ANN), server.accepted_for("bob@b.example")), (0, 1));
}

#[test]
fn a_refused_recipient_whose_data_is_answered_354_closes_the_line() {
    let server =
        Server::start(Script::default().on(Point::Rcpt, Does::Raw(b"550 no\r\n354 go on\r\n".to_vec())));
    let (attempted, usable) = one(&server, times(), &letter(52_000));
    assert_eq!(code(&attempted), (Phase::Rcpt, 550));
    assert!(!usable && server.accepted().is_empty());
}

#[test]
fn f22_550_at_mail_and_535_at_auth() {
    let server = Server::start(Script::default().on(Point::Mail, Does::say("550 5.7.1 not you")));
    let (attempted, _) = one(&server, times(), &letter(52_000));
    assert_eq!(verdict(&attempted), Verdict { outcome: Outcome::Void, blame: Blame::Us });
    let known =
        smtp::Login { ways: "PLAIN".to_owned(), user: "journal".to_owned(), password: "x".to_owned() };
    let server = Server::start(Script { login: Some(known), ..Script::default() });
    let place = endpoint(&server, "127.0.0.1", Tls::None);
    let client = Client::new(place, "news.example", Some(login(LoginKind::Auto)), None, times());
    let failure = failed(&client.expect("a client"));
    assert_eq!(judge(failure.phase, &failure.answer), Verdict { outcome: Outcome::Void, blame: Blame::Us });
    assert!(server.accepted().is_empty() && !server.heard().iter().any(|line| line.starts_with("MAIL")));
    println!("MAIL: {attempted:?}; AUTH: {:?}", failure.answer);
}

#[test]
fn f24_552_during_the_letter_and_the_relay_reads_no_further() {
    let authority = Authority::new();
    for tls in [Tls::None, Tls::Implicit] {
        let secure = Secure { config: authority.tls("localhost", Good::Now), start: Start::AtOnce };
        let secure = (tls == Tls::Implicit).then_some(secure);
        let script = Script { secure, ..Script::default() }.without(&["SIZE"]);
        let server =
            Server::start(script.on(Point::Body(100_000), Does::SayAndHang("552 5.3.4 too much".to_owned())));
        let place = endpoint(&server, "localhost", tls);
        let client =
            Client::new(place, "news.example", None, Some(authority.pem()), times()).expect("a client");
        let begun = Instant::now();
        let (attempted, usable) = run(async {
            let mut line = client.open().await.unwrap_or_else(|failure| panic!("{failure:?}"));
            let attempted = deliver(&mut line, ANN, &letter(30_000_000)).await;
            (attempted, line.is_usable())
        });
        assert_eq!((code(&attempted), outcome(&attempted)), ((Phase::Body, 552), Outcome::Rejected));
        assert!(!usable && server.accepted().is_empty() && begun.elapsed() < times().write);
        println!("{tls:?}: {attempted:?} after {:?}", begun.elapsed());
    }
}

/// Two minutes of the world are 400 ms here.
#[test]
fn f25_the_dot_is_answered_late() {
    let late = Does::after(milliseconds(400), Does::say("250 2.0.0 at last"));
    let server = Server::start(Script::default().on(Point::Dot, late));
    let patient = Times { dot: milliseconds(2000), ..times() };
    let (attempted, usable) = one(&server, patient, &letter(52_000));
    assert_eq!((outcome(&attempted), usable, server.accepted_for(ANN)), (Outcome::Accepted, true, 1));
    println!("answered after 400 of 2000 ms: {attempted:?}");
}

#[test]
fn f26_the_dot_is_never_answered() {
    let server = Server::start(Script::default().on(Point::Dot, Does::take(Does::Hang)));
    let begun = Instant::now();
    let (attempted, usable) = one(&server, Times { dot: milliseconds(300), ..times() }, &letter(52_000));
    assert_eq!((code(&attempted), outcome(&attempted)), ((Phase::Dot, 0), Outcome::Uncertain));
    assert!(!usable && begun.elapsed() >= milliseconds(300) && begun.elapsed() < milliseconds(4000));
    println!("never answered: {attempted:?} after {:?}", begun.elapsed());
}

#[test]
fn each_silence_ends_in_its_own_time() {
    let short = milliseconds(200);
    for (point, phase, patience) in [
        (Point::Mail, Phase::Mail, Times { command: short, ..times() }),
        (Point::Rcpt, Phase::Rcpt, Times { command: short, ..times() }),
        (Point::Data, Phase::Data, Times { data: short, ..times() }),
        (Point::Body(1000), Phase::Body, Times { write: short, ..times() }),
    ] {
        let server = Server::start(Script::default().without(&["SIZE"]).on(point, Does::Hang));
        let begun = Instant::now();
        let (attempted, usable) = one(&server, patience, &letter(30_000_000));
        assert_eq!((code(&attempted), usable), ((phase, 0), false), "{attempted:?}");
        assert!(begun.elapsed() < milliseconds(4000), "{point:?} took {:?}", begun.elapsed());
    }
    let server = Server::start(Script::default().on(Point::Greeting, Does::Hang));
    let failure = failed(&client_with(&server, Times { command: short, ..times() }));
    assert_eq!(failure.answer, Answer::Lost("no answer in time".to_owned()));
}

#[test]
fn f27_the_dot_is_answered_after_our_timeout() {
    let late = Does::after(milliseconds(300), Does::say("250 2.0.0 for ann"));
    let script = Script::default().to(ANN, 1, Point::Dot, late);
    let server = Server::start(script.to("bob@b.example", 1, Point::Dot, Does::say("554 5.7.1 not for bob")));
    run(async {
        let mut line = open(&server, Times { dot: milliseconds(100), ..times() }).await;
        let ann = deliver(&mut line, ANN, &letter(52_000)).await;
        assert_eq!((outcome(&ann), line.is_usable()), (Outcome::Uncertain, false));
        tokio::time::sleep(milliseconds(300)).await;
        let again = deliver(&mut line, "bob@b.example", &letter(52_000)).await;
        assert_eq!(outcome(&again), Outcome::Void, "the old answer is nobody's");
        let mut fresh = open(&server, times()).await;
        let bob = deliver(&mut fresh, "bob@b.example", &letter(52_000)).await;
        assert_eq!(code(&bob), (Phase::Dot, 554));
        println!("ann: {ann:?}; bob on that line: {again:?}; bob on a fresh one: {bob:?}");
    });
    let mails = server.heard().iter().filter(|line| line.starts_with("MAIL")).count();
    assert_eq!((mails, server.accepted_for(ANN), server.accepted_for("bob@b.example")), (2, 1, 0));
}

#[test]
fn f28_rst_at_every_byte_offset_around_the_dot() {
    let letter = letter(3000);
    let end = Stuffed::new(&letter).expect("a letter").length();
    let (mut void, mut uncertain) = (0, 0);
    for offset in end - 8..=end + 3 {
        // Shut, the gate lets no dot out, whatever the relay does.
        if offset <= end {
            let server = Server::start(Script::default().on(Point::Body(offset), Does::Reset));
            let attempted = run(async {
                let mut line = open(&server, times()).await;
                let gate = async {
                    server.has_come_to(Point::Body(offset)).await;
                    Gate::Open
                };
                line.deliver(&address(FROM), &address(ANN), &letter, gate).await
            });
            assert_eq!((code(&attempted), outcome(&attempted)), ((Phase::Body, 0), Outcome::Void));
            assert!(server.accepted().is_empty());
            void += 1;
        }
        // Open, the dot leaves with the letter: what the relay read of it is not known here.
        let server = Server::start(Script::default().on(Point::Body(offset), Does::Reset));
        let (attempted, usable) = one(&server, times(), &letter);
        assert_eq!(code(&attempted), (Phase::Dot, 0), "{offset}");
        assert!(!usable && server.accepted().is_empty() && outcome(&attempted) == Outcome::Uncertain);
        uncertain += 1;
    }
    let server = Server::start(Script::default().on(Point::Dot, Does::take(Does::Reset)));
    let (attempted, _) = one(&server, times(), &letter);
    assert_eq!((outcome(&attempted), server.accepted_for(ANN)), (Outcome::Uncertain, 1));
    println!(
        "gate shut: {void} offsets void; gate open: {uncertain} offsets uncertain; after: uncertain, 1 taken"
    );
}

#[test]
fn f29_garbage_endless_multi_line_nul_and_bare_lf_replies() {
    let endless = b"250-and so on and so on and so on\r\n".repeat(20_000);
    let long = [&b"250 "[..], &vec![b'x'; 100_000]].concat();
    let kinds: [(&str, &[u8]); 8] = [
        ("garbage", b"\xff\xfe\x00garbage\r\n"),
        ("another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("endless", &endless),
        ("one long line", &long),
        ("disagreeing lines", b"250-a\r\n550 b\r\n"),
        ("NUL", b"250 a\0b\r\n"),
        ("bare LF", b"250 fine\n"),
        ("bare CR", b"250 fi\rne\r\n"),
    ];
    for (kind, bytes) in kinds {
        for point in [Point::Greeting, Point::Hello] {
            let server = Server::start(Script::default().on(point, Does::Raw(bytes.to_vec())));
            let failure = failed(&client_with(&server, times()));
            assert!(matches!(failure.answer, Answer::Lost(_)), "{kind}");
        }
        for (point, phase) in [
            (Point::Mail, Phase::Mail),
            (Point::Rcpt, Phase::Rcpt),
            (Point::Data, Phase::Data),
            (Point::Body(1000), Phase::Body),
            (Point::Dot, Phase::Dot),
        ] {
            let does = Does::Raw(bytes.to_vec());
            let server = Server::start(Script::default().without(&["SIZE"]).on(point, does));
            let size = if phase == Phase::Body { 30_000_000 } else { 52_000 };
            let (attempted, usable) = one(&server, times(), &letter(size));
            assert_eq!((code(&attempted), usable), ((phase, 0), false), "{kind} at {point:?}");
            assert!(server.accepted().is_empty());
            if point == Point::Dot {
                println!("{kind}: {attempted:?}");
            }
        }
    }
}

#[test]
fn f30_replies_byte_by_byte_300_ms_late_at_1_kb_a_second() {
    for tls in [Tls::None, Tls::StartTls] {
        let authority = Authority::new();
        let secure = Secure { config: authority.tls("localhost", Good::Now), start: Start::Command };
        let script = Script {
            latency: milliseconds(300),
            byte_by_byte: true,
            rate: Some(1000),
            secure: (tls != Tls::None).then_some(secure),
            ..Script::default()
        };
        let server = Server::start(script);
        let place = endpoint(&server, "localhost", tls);
        let client =
            Client::new(place, "news.example", None, Some(authority.pem()), times()).expect("a client");
        let begun = Instant::now();
        let attempted = run(async {
            let mut line = client.open().await.unwrap_or_else(|failure| panic!("{failure:?}"));
            deliver(&mut line, ANN, &letter(600)).await
        });
        assert_eq!(code(&attempted), (Phase::Dot, 250));
        assert!(server.accepted().first().is_some_and(|taken| taken.letter == letter(600)));
        println!("{tls:?}: taken after {:?}", begun.elapsed());
    }
}

#[test]
fn f31_starttls_stripped_expired_or_wrong_certificate() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (what, tls, start, config) in [
        ("stripped", Tls::StartTls, Start::Stripped, authority.tls("localhost", Good::Now)),
        ("expired", Tls::StartTls, Start::Command, authority.tls("localhost", Good::LongAgo)),
        ("wrong name", Tls::StartTls, Start::Command, authority.tls("other.example", Good::Now)),
        ("stranger", Tls::StartTls, Start::Command, stranger.tls("localhost", Good::Now)),
        ("expired, implicit", Tls::Implicit, Start::AtOnce, authority.tls("localhost", Good::LongAgo)),
        ("wrong name, implicit", Tls::Implicit, Start::AtOnce, authority.tls("other.example", Good::Now)),
        ("plaintext, implicit", Tls::Implicit, Start::Command, authority.tls("localhost", Good::Now)),
    ] {
        let known = smtp::Login {
            ways: "PLAIN LOGIN".to_owned(),
            user: "journal".to_owned(),
            password: "hunter2 é".to_owned(),
        };
        let secure = Some(Secure { config, start });
        let server = Server::start(Script { secure, login: Some(known), ..Script::default() });
        let client = Client::new(
            endpoint(&server, "localhost", tls),
            "news.example",
            Some(login(LoginKind::Auto)),
            Some(authority.pem()),
            times(),
        );
        let failure = failed(&client.expect("a client"));
        assert_eq!((failure.phase, failure.trust), (Phase::Connect, Trust::Broken), "{what}: {failure:?}");
        let heard = server.heard();
        assert!(!heard.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{heard:?}");
        println!("{what}: {:?}; the relay heard {heard:?}", failure.answer);
    }
}

#[test]
fn f32_plaintext_behind_the_starttls_reply() {
    let authority = Authority::new();
    let injected = b"220 2.0.0 go on\r\n250-relay.test\r\n250 AUTH PLAIN\r\n".to_vec();
    let secure = Secure { config: authority.tls("localhost", Good::Now), start: Start::Command };
    let script = Script { secure: Some(secure), ..Script::default() };
    let server = Server::start(script.on(Point::StartTls, Does::Raw(injected)));
    let place = endpoint(&server, "localhost", Tls::StartTls);
    let client =
        Client::new(place, "news.example", Some(login(LoginKind::Auto)), Some(authority.pem()), times());
    let failure = failed(&client.expect("a client"));
    assert_eq!(failure.trust, Trust::Broken);
    assert_eq!(server.heard(), ["EHLO news.example", "STARTTLS"]);
    println!("injected: {:?}", failure.answer);
}

#[test]
fn f33_a_relay_that_offers_little() {
    let server = Server::start(Script { offers: vec!["SIZE 60000".to_owned()], ..Script::default() });
    run(async {
        let mut line = open(&server, times()).await;
        assert_eq!(code(&deliver(&mut line, ANN, &letter(52_000)).await), (Phase::Dot, 250));
        let heard = server.heard().len();
        let refused = |refusal| Attempted::Refused(refusal);
        let utf8 = deliver(&mut line, "rémi@b.example", &letter(100)).await;
        assert_eq!(utf8, refused(Refusal::NeedsSmtputf8));
        let large = deliver(&mut line, ANN, &letter(60_001)).await;
        assert_eq!(large, refused(Refusal::TooLarge { limit: 60_000 }));
        let eight = deliver(&mut line, ANN, "é\r\n".as_bytes()).await;
        assert!(matches!(eight, Attempted::Refused(Refusal::Letter(_))));
        let bare = deliver(&mut line, ANN, b"a\nb\r\n").await;
        assert!(matches!(bare, Attempted::Refused(Refusal::Letter(_))));
        assert_eq!(server.heard().len(), heard, "nothing of it went on the wire");
        assert!(line.is_usable());
        assert_eq!(code(&deliver(&mut line, ANN, &letter(52_000)).await), (Phase::Dot, 250));
        println!("one by one: {:?}; refused here: {utf8:?}, {large:?}, {eight:?}, {bare:?}", server.heard());
    });
    let server = Server::start(Script::default());
    run(async {
        let mut line = open(&server, times()).await;
        let utf8 = deliver(&mut line, "rémi@bücher.example", "é\r\n".as_bytes()).await;
        assert_eq!(code(&utf8), (Phase::Dot, 250));
        let idn = deliver(&mut line, "ann@bücher.example", b"e\r\n").await;
        assert_eq!(code(&idn), (Phase::Dot, 250));
    });
    let heard = server.heard();
    assert!(
        heard.iter().any(|line| line == "MAIL FROM:<journal@news.example> SIZE=4 BODY=8BITMIME SMTPUTF8")
    );
    assert!(heard.iter().any(|line| line == "MAIL FROM:<journal@news.example> SIZE=3"));
    assert!(heard.iter().any(|line| line == "RCPT TO:<ann@xn--bcher-kva.example>"));
}

#[test]
fn a_relay_that_hangs_up_between_letters_is_noticed() {
    let late = Does::Raw(b"250 2.0.0 taken\r\n421 4.4.2 idle too long\r\n".to_vec());
    let server = Server::start(Script::default().first(1, Point::Dot, Does::take(late)));
    run(async {
        let mut line = open(&server, times()).await;
        let first = deliver(&mut line, ANN, &letter(100)).await;
        assert_eq!(outcome(&first), Outcome::Accepted);
        if line.is_usable() {
            let second = deliver(&mut line, ANN, &letter(100)).await;
            assert_eq!((outcome(&second), line.is_usable()), (Outcome::Void, false));
        }
    });
    assert_eq!(server.accepted().len(), 1);
}

#[test]
fn a_dropped_attempt_leaves_a_line_that_nobody_uses() {
    let server = Server::start(Script::default().on(Point::Dot, Does::take(Does::Hang)));
    run(async {
        let mut line = open(&server, times()).await;
        let (from, to, letter) = (address(FROM), address(ANN), letter(100));
        let attempt = line.deliver(&from, &to, &letter, ready(Gate::Open));
        assert!(tokio::time::timeout(milliseconds(200), attempt).await.is_err());
        assert!(!line.is_usable());
    });
}

#[test]
fn a_script_is_followed_the_same_way_for_the_same_seed() {
    let harvest = |seed| {
        let script = Script { seed, ..Script::default() };
        let server = Server::start(script.share(0.3, Point::Rcpt, Does::say("450 4.2.0 later")));
        run(async {
            let mut line = open(&server, times()).await;
            let mut outcomes = Vec::new();
            for number in 0..40 {
                outcomes.push(outcome(&deliver(&mut line, &format!("r{number}@b.example"), b"x\r\n").await));
            }
            outcomes
        })
    };
    let (first, second, other) = (harvest(7), harvest(7), harvest(8));
    assert_eq!(first, second);
    assert_ne!(first, other);
    assert!(first.contains(&Outcome::Deferred) && first.contains(&Outcome::Accepted));
}

#[test]
fn a_relay_takes_so_many_lines_and_letters() {
    let server = Server::start(Script { connections: 1, letters: 2, ..Script::default() });
    run(async {
        let mut line = open(&server, times()).await;
        let refused = client_with(&server, times()).open().await.err().expect("one line only");
        assert!(matches!(refused.answer, Answer::Reply(reply) if reply.code == 421));
        for code_of in [250, 250, 421] {
            assert_eq!(code(&deliver(&mut line, ANN, b"x\r\n").await).1, code_of);
        }
        assert!(!line.is_usable());
    });
}

/// How a strict receiver reads a letter from the wire (RFC 5321, section 4.5.2): line by line, up to the dot.
fn unstuffed(wire: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut letter = Vec::new();
    let mut at = 0;
    loop {
        let rest = wire.get(at..)?;
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = rest.get(..end)?;
        at += end + 2;
        if line == b"." {
            return Some((letter, at));
        }
        letter.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        letter.extend_from_slice(b"\r\n");
    }
}

fn on_the_wire(letter: &Stuffed<'_>, step: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    loop {
        let mut slices = [std::io::IoSlice::new(&[]); 3];
        let count = letter.between(wire.len(), letter.whole(), &mut slices);
        let bytes: Vec<u8> =
            slices.iter().take(count).flat_map(|slice| slice.iter().copied()).take(step).collect();
        if bytes.is_empty() {
            return wire;
        }
        wire.extend(bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_letter_comes_back_from_the_wire_or_is_refused(
        lines in prop::collection::vec("[.a\r\n\0é]{0,6}", 0..12), end in "(\r\n)?", step in 1_usize..9
    ) {
        let letter = lines.join("\r\n") + &end;
        let letter = letter.as_bytes();
        if let Ok(stuffed) = Stuffed::new(letter) {
            let wire = on_the_wire(&stuffed, step);
            let whole = if letter.ends_with(b"\r\n") { letter.to_vec() } else { [letter, b"\r\n"].concat() };
            prop_assert_eq!(unstuffed(&wire), Some((whole, wire.len())), "one end, and the same letter");
        } else {
            let text = String::from_utf8_lossy(letter).replace("\r\n", "");
            prop_assert!(letter.is_empty() || text.contains(['\r', '\n', '\0']));
        }
    }

    #[test]
    fn any_bytes_are_replies_or_garbage_however_they_are_cut(
        bytes in prop::collection::vec(prop_oneof![Just(b"250-a\r\n".to_vec()), Just(b"250 b\r\n".to_vec()),
            Just(b"354\r\n".to_vec()), prop::collection::vec(any::<u8>(), 0..8)], 0..8), step in 1_usize..9
    ) {
        let bytes = bytes.concat();
        let read = |step: usize| {
            let (mut replies, mut all) = (Replies::new(), Vec::new());
            for part in bytes.chunks(step.max(1)) {
                replies.push(part);
                loop {
                    match replies.take() {
                        Ok(Some(said)) => all.push(said),
                        Ok(None) => break,
                        Err(_) => return (all, true),
                    }
                }
            }
            (all, false)
        };
        let (whole, cut) = (read(bytes.len()), read(step));
        prop_assert_eq!(&whole, &cut);
        for said in whole.0 {
            let reply = said.reply(Some(&address(ANN)));
            prop_assert!((200..600).contains(&reply.code) && !reply.text.chars().any(char::is_control));
        }
    }

    #[test]
    fn a_path_never_ends_its_command(text in "[a@<> .\r\n\0é\u{85}-]{0,20}") {
        if let Ok(path) = path(&text) {
            prop_assert!(!path.chars().any(|c| c.is_control() || c.is_whitespace() || "<>".contains(c)));
            prop_assert!(path.len() <= 254 && path.matches('@').count() == 1);
        }
    }

    #[test]
    fn no_address_is_shown(before in "[ -~é]{0,20}", local in "[a-z0-9.+=]{2,20}", after in "[ -~]{0,20}") {
        let address = format!("{local}@reader.example");
        let shown = without_addresses(&format!("{before} <{address}> {after}"), None);
        prop_assert!(!shown.contains(&address), "{}", shown);
    }
}
