//! What would fail tomorrow morning: `rotative doctor` against a name server and a relay of the tests' own, and a
//! resolver against servers that answer wrongly.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rotative::doctor::{DnsError, Records, Resolver};
use serde_json::Value;

use crate::dns::{self, Data, Manner, Zone};
use crate::project::{Project, Said};
use crate::smtp::{Script, Server};

const SECRET: &str = "a secret of more than thirty-two characters, for tests";
const ITEM: &str = "---\ntitle: A bridge opens\n---\nThe city opens a bridge.\n";

/// A newsletter with all that a morning needs, its key, and the records that fit.
struct Morning {
    project: Project,
    zone: Zone,
    relay: Server,
}

impl Morning {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
            .expect("a key");
        let relay = Server::start(Script::default());
        let project = Project::with(&[("content/2026-08-21/bridge.md", ITEM)]);
        project.write(
            "content/newsletter.yaml",
            &format!(
                "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{{name: brief}}]\ncheck: {{allow: [source-missing]}}\n\
                 publisher: {{name: We, address: 1 Main Street, email: we@daily.example}}\n\
                 service: {{url: \"https://readers.daily.example\"}}\ndelivery: {{notify: true}}\n\
                 mail:\n  from: The Daily <daily@news.example>\n  bounces: bounces@bounce.news.example\n  \
                 relays: [{{name: main, host: 127.0.0.1, port: {}, tls: none}}]\n  \
                 dkim: [{{domain: news.example, selector: r2026, key: key.pem}}]\n",
                relay.port()
            ),
        );
        project.write("key.pem", &key.serialize_pem());
        rights(&project, "key.pem", 0o600);
        let public = STANDARD.encode(rcgen::PublicKeyData::subject_public_key_info(&key));
        let txt = |name: &str, text: &str| (name.to_owned(), Data::Txt(text.to_owned()));
        let zone = vec![
            txt("r2026._domainkey.news.example", &format!("v=DKIM1; k=rsa; p={public}")),
            txt("bounce.news.example", "site-verification=1"),
            txt("bounce.news.example", "v=spf1 include:relay.example -all"),
            txt("relay.example", "v=spf1 ip4:192.0.2.0/24 -all"),
            txt("_dmarc.news.example", "v=DMARC1; p=quarantine; rua=mailto:d@news.example"),
            ("bounce.news.example".to_owned(), Data::Mx(10, "mx.news.example")),
            ("mx.news.example".to_owned(), Data::A([192, 0, 2, 7])),
        ];
        Self { project, zone, relay }
    }

    /// Replaces the records of a name.
    fn with(mut self, name: &str, texts: &[&str]) -> Self {
        self.zone.retain(|(known, data)| known != name || !matches!(data, Data::Txt(_)));
        self.zone.extend(texts.iter().map(|text| (name.to_owned(), Data::Txt((*text).to_owned()))));
        self
    }

    fn ask(&self, server: &dns::Server, more: &[&str]) -> Said {
        let address = server.address().to_string();
        let args = [&["doctor", "--dns", &address], more].concat();
        let output = self.project.command(&args).env("ROTATIVE_SECRET", SECRET).output();
        crate::project::said(output)
    }

    /// What is no longer well: severity, what was looked at, what was said.
    fn findings(&self, manner: Manner) -> (i32, Vec<[String; 3]>) {
        let server = dns::Server::start(self.zone.clone(), manner);
        let said = self.ask(&server, &["--format", "json"]);
        let value: Value =
            serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        let findings = value["findings"].as_array().expect("findings").iter();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let bad = findings.filter(|finding| {
            finding["severity"] != "ok" && finding["check"] != "calendar" && finding["check"] != "store"
        });
        let bad = bad.map(|finding| ["severity", "check", "message"].map(|name| text(&finding[name])));
        (said.code, bad.collect())
    }

    fn one(&self, severity: &str, check: &str, words: &str) {
        let (code, found) = self.findings(Manner::Well);
        let fits = |finding: &[String; 3]| {
            finding[0] == severity && finding[1] == check && finding[2].contains(words)
        };
        assert!(found.len() == 1 && found.iter().all(fits), "wanted {severity} {check} {words}: {found:#?}");
        assert_eq!(code, i32::from(severity == "error"));
    }
}

fn rights(project: &Project, file: &str, mode: u32) {
    std::fs::set_permissions(project.path(file), std::fs::Permissions::from_mode(mode)).expect("rights");
}

#[test]
fn where_all_is_well_the_doctor_says_so() {
    let morning = Morning::new();
    assert_eq!(morning.findings(Manner::Well), (0, vec![]));
    let server = dns::Server::start(morning.zone.clone(), Manner::Well);
    let said = morning.ask(&server, &[]);
    for words in [
        "the record of the rsa key is that of our key",
        "one record, 1 of 10 look-ups",
        "the policy is `quarantine`",
        "the envelope speaks for From",
        "it offers PIPELINING, 8BITMIME, SMTPUTF8, SIZE 10485760",
        "the newest issue builds",
        "0 that would fail",
    ] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    assert!(morning.relay.heard().iter().any(|line| line == "QUIT"), "{:?}", morning.relay.heard());
    assert!(morning.relay.accepted().is_empty(), "no letter is sent");
}

#[test]
fn records_that_do_not_fit_are_named() {
    let key = "r2026._domainkey.news.example";
    Morning::new().with(key, &["v=DKIM1; k=rsa; p=AAAA"]).one("error", "dkim", "another key");
    Morning::new().with(key, &[]).one("error", "dkim", "there is no record");
    let two = ["v=spf1 -all", "v=spf1 mx -all"];
    Morning::new().with("bounce.news.example", &two).one("error", "spf", "there are 2 records");
    Morning::new().with("relay.example", &[]).one("error", "spf", "includes `relay.example`, which has none");
    let old = "v=DMARC1; p=none; pct=20; rua=mailto:d@news.example";
    Morning::new().with("_dmarc.news.example", &[old]).one("warning", "dmarc", "`pct`");
}

#[test]
fn domains_without_a_policy_or_of_strangers_are_named() {
    let (code, found) = Morning::new().with("_dmarc.news.example", &[]).findings(Manner::Well);
    assert_eq!(code, 1);
    assert!(found[0][1] == "dmarc" && found[0][2].contains("there is no record"), "{found:#?}");
    let morning =
        Morning::new().with("_dmarc.news.example", &["v=DMARC1; p=none; aspf=s; rua=mailto:d@news.example"]);
    morning.one("warning", "alignment", "the policy says `aspf=s`");
    let morning = Morning::new().with("_dmarc.bounce.news.example", &["v=DMARC1; p=none; psd=n"]);
    morning.one("warning", "alignment", "`bounce.news.example` belongs to `bounce.news.example`");
}

#[test]
fn answers_that_are_cut_come_whole_over_tcp() {
    let morning = Morning::new();
    for manner in [Manner::Truncated, Manner::Cut, Manner::Late] {
        assert_eq!(morning.findings(manner), (0, vec![]), "{manner:?}");
    }
    let (code, found) = morning.findings(Manner::Failing);
    assert_eq!(code, 1);
    assert!(found.iter().all(|[_, _, message]| message.contains("ServerFailure")), "{found:#?}");
}

fn seven() -> u64 {
    7
}

#[test]
fn silence_and_garbage_end_in_time() {
    let patience = Duration::from_millis(150);
    for (manner, silent) in [(Manner::Silent, true), (Manner::Garbage, false)] {
        let server = dns::Server::start(Vec::new(), manner);
        let resolver = Resolver::new(vec![server.address()], seven).with_patience(patience);
        let start = Instant::now();
        let expected =
            if silent { DnsError::Silent(server.address()) } else { DnsError::Garbage(server.address()) };
        assert_eq!(resolver.txt("a.example"), Err(expected.clone()));
        assert!(start.elapsed() >= 2 * patience && start.elapsed() < 20 * patience);
        assert_eq!(server.asked(), (2, 0), "each server is asked twice");
        let _ = resolver.txt("b.example");
        assert_eq!(server.asked().0, if silent { 2 } else { 4 }, "a silent server is given up");
    }
}

#[test]
fn another_server_answers_where_the_first_does_not() {
    let bad = dns::Server::start(Vec::new(), Manner::Failing);
    let zone = vec![("a.example".to_owned(), Data::Txt("x".repeat(700)))];
    let good = dns::Server::start(zone, Manner::Truncated);
    let resolver = Resolver::new(vec![bad.address(), good.address()], seven);
    assert_eq!(resolver.txt("A.example"), Ok(vec!["x".repeat(700)]));
    assert_eq!(resolver.txt("b.example"), Ok(Vec::new()));
    assert_eq!(good.asked(), (2, 2));
}

#[test]
fn offline_nobody_is_asked() {
    let morning = Morning::new();
    let said = morning.project.command(&["doctor", "--offline"]).env("ROTATIVE_SECRET", SECRET).output();
    let said = crate::project::said(said);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("names and relays were not asked"), "{said:?}");
    assert_eq!(morning.relay.lines(), 0);
}

#[test]
fn what_would_fail_on_this_machine_is_named() {
    let morning = Morning::new();
    rights(&morning.project, "key.pem", 0o644);
    let output = morning.project.command(&["doctor", "--offline"]).env("ROTATIVE_SECRET", "short").output();
    let said = crate::project::said(output);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("can be read by others (its rights are 644)"), "{said:?}");
    assert!(said.out.contains("the secret has 5 characters"), "{said:?}");
    morning.project.write("content/2026-08-21/bridge.md", "---\ntitel: x\n---\n");
    morning
        .project
        .write("data/rotative.db", "this is no database, but it is long enough to look like a file");
    let said = morning.project.run(&["doctor", "--offline"]);
    assert!(said.out.contains("content/2026-08-21/bridge.md:2:1"), "{said:?}");
    assert!(said.out.contains("neither ROTATIVE_SECRET nor ROTATIVE_SECRET_FILE is set"), "{said:?}");
    assert!(said.out.contains("error    store"), "{said:?}");
    morning.project.write("content/newsletter.yaml", "title: [\n");
    let said = morning.project.run(&["doctor", "--offline"]);
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("error    settings"), "{said:?}");
}

#[test]
fn a_credential_of_systemd_is_private_whatever_its_mask_looks_like() {
    let morning = Morning::new();
    morning.project.write("credentials/secret", SECRET);
    rights(&morning.project, "credentials/secret", 0o440);
    let ask = |folder: &str| {
        let mut command = morning.project.command(&["doctor", "--offline"]);
        command.env("ROTATIVE_SECRET_FILE", morning.project.path("credentials/secret"));
        crate::project::said(command.env("CREDENTIALS_DIRECTORY", morning.project.path(folder)).output()).code
    };
    assert_eq!((ask("credentials"), ask("elsewhere")), (0, 1));
    rights(&morning.project, "credentials/secret", 0o444);
    assert_eq!(ask("credentials"), 1, "nobody else may read it all the same");
}

#[test]
fn a_relay_that_does_not_answer_is_named() {
    let mut morning = Morning::new();
    morning.relay = Server::start(Script::default());
    let (code, found) = morning.findings(Manner::Well);
    assert_eq!((code, found.len()), (1, 1), "{found:#?}");
    assert!(found[0][1] == "relay" && found[0][2].starts_with("no line opens: no connection"), "{found:#?}");
}
