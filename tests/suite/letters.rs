//! Letters as a stranger's parser reads them: legal lines, and the same text after decoding.

use mail_parser::MessageParser;
use proptest::prelude::*;
use rotative::config::{self, Config};
use rotative::links::{Claim, Purpose, ReaderId, TokenKey};
use rotative::mail::{Draft, Fill, Letters, Signer};
use rotative::model::{EmailAddress, IssueDate, Slot, Source};

use crate::project::Project;

const SETTINGS: &str = "title: Le journal\nlanguage: fr\nbase_url: https://journal.example\nsections: [{name: brief}]\n\
    mail: {from: \"Le journal de l'été <journal@news.example>\", reply_to: redaction@news.example}\n";

fn settings() -> Config {
    config::settle(&Source::new("content/newsletter.yaml", SETTINGS), &mut Vec::new()).expect("settings")
}

fn key() -> TokenKey {
    TokenKey::new("a secret of more than thirty-two characters").expect("a key")
}

/// The letter of a reader, with a title and texts of any kind.
fn letter(subject: &str, html: &str, text: &str, reader: &str, signers: Vec<Signer>) -> Vec<u8> {
    let config = settings();
    let mail = config.mail.as_ref().expect("mail");
    let date = IssueDate::parse("2026-08-21").expect("a date");
    let draft = Draft {
        title: &config.title,
        archive: config.base_url.as_str(),
        unsubscribe: None,
        date,
        time: 1_787_284_800,
        subject,
        html,
        text,
    };
    let letters = Letters::compose(&draft, mail, signers).expect("a message");
    let address = EmailAddress::parse(reader).expect("an address");
    let token = key().token(&Claim::lasting(Purpose::Leave, "daily", ReaderId(7)));
    let message_id = key().message_id("journal", Slot::daily(date), ReaderId(7));
    let mut letter = Vec::new();
    letters
        .fill(
            &Fill { address: &address, unsubscribe: &token, preferences: &token, message_id: &message_id },
            &mut letter,
        )
        .expect("a letter");
    letter
}

/// RFC 5322, section 2.1.1; RFC 2047, section 2; no bare line ends (SMTP smuggling).
fn check_lines(letter: &[u8]) {
    let text = std::str::from_utf8(letter).expect("ASCII");
    assert!(text.is_ascii() && !text.contains('\0'));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
    assert!(text.split("\r\n").all(|line| line.len() <= 998));
    let (header, body) = text.split_once("\r\n\r\n").expect("a body");
    assert!(body.split("\r\n").all(|line| line.len() <= 77), "a line of the body is too long");
    for word in header.split(['\r', '\n', ' ']).filter(|word| word.starts_with("=?")) {
        assert!(word.len() <= 75 && word.ends_with("?="), "{word}");
    }
    for line in header.split("\r\n") {
        assert!(line.starts_with(' ') || line.contains(": "), "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_title_and_text_survive_the_journey(
        subject in "[^\\p{Cc}]{1,120}", text in "(?s)[^\r\0]{1,300}", local in "[a-z0-9!#$%&'*+/=^_`{|}~-]{1,64}"
    ) {
        let letter = letter(&subject, &format!("<p>{text}</p>"), &text, &format!("{local}@reader.example"), Vec::new());
        check_lines(&letter);
        let message = MessageParser::default().parse(&letter).expect("a message");
        let spaces = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(spaces(message.subject().unwrap_or("")), spaces(&subject));
        let read = message.body_text(0).expect("a text").replace("\r\n", "\n");
        prop_assert_eq!(read.trim_end_matches('\n'), text.trim_end_matches('\n'));
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or("");
        prop_assert_eq!(to, format!("{local}@reader.example"));
    }
}

#[test]
fn a_title_that_would_break_a_header_is_refused() {
    let config = settings();
    let draft = Draft {
        title: "x",
        archive: "https://journal.example/",
        unsubscribe: None,
        date: IssueDate::parse("2026-08-21").expect("a date"),
        time: 0,
        subject: "a\r\nBcc: eve@evil.example",
        html: "",
        text: "",
    };
    assert!(Letters::compose(&draft, config.mail.as_ref().expect("mail"), Vec::new()).is_err());
}

#[test]
fn the_letters_of_an_issue_are_written_for_the_readers_named() {
    let project = mailed();
    assert_eq!(project.run(&["build"]).code, 0);
    let said = send(&project, &["ann@reader.example", "bob@reader.example"]);
    assert_eq!(said.code, 0, "{said:?}");
    let ann = project.read("letters/000001.eml");
    check_lines(ann.as_bytes());
    assert!(
        ann.contains("\r\nTo: ann@reader.example\r\n")
            && !ann.contains("bob")
            && !ann.contains("rotative-slot")
    );
    assert_eq!(ann.matches("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n").count(), 1);
    assert!(ann.len() == project.read("letters/000002.eml").len());
}

#[test]
fn what_was_proofread_is_what_is_sent() {
    let project = mailed();
    let early = send(&project, &["ann@reader.example"]);
    assert!(
        early.code == 2 && early.err.contains("hint: `rotative build 2026-08-21` makes it anew"),
        "{early:?}"
    );
    assert_eq!(project.run(&["build"]).code, 0);
    let html = project.read("out/mail/2026-08-21/mail.html").replace("It opens", "It closes");
    project.write("out/mail/2026-08-21/mail.html", &html);
    let changed = send(&project, &["ann@reader.example"]);
    assert!(changed.code == 2 && changed.err.contains("is not the one that was built"), "{changed:?}");
}

#[test]
fn a_secret_is_needed_and_never_said() {
    let project = mailed();
    assert_eq!(project.run(&["build"]).code, 0);
    let args = ["send", "2026-08-21", "--dry-run", "letters", "--test", "ann@reader.example"];
    let missing = project.run(&args);
    assert!(missing.code == 2 && missing.err.contains("ROTATIVE_SECRET"), "{missing:?}");
    let mut short = project.command(&args);
    let short = crate::project::said(short.env("ROTATIVE_SECRET", "hunter2").output());
    assert!(short.code == 2 && !short.err.contains("hunter2"), "{short:?}");
}

#[test]
fn a_key_that_others_can_read_does_not_sign() {
    use std::os::unix::fs::PermissionsExt;
    let project = mailed();
    let settings = project.read("content/newsletter.yaml");
    let signed =
        settings.replace("mail: {", "mail: {dkim: [{domain: news.example, selector: a, key: key.pem}], ");
    project.write("content/newsletter.yaml", &signed);
    project.write("key.pem", "not a key\n");
    assert_eq!(project.run(&["build"]).code, 0);
    let rights = |mode| {
        std::fs::set_permissions(project.path("key.pem"), std::fs::Permissions::from_mode(mode))
            .expect("rights")
    };
    rights(0o644);
    let open = send(&project, &["ann@reader.example"]);
    assert!(open.code == 2 && open.err.contains("can be read by others (its rights are 644)"), "{open:?}");
    rights(0o600);
    let broken = send(&project, &["ann@reader.example"]);
    assert!(broken.code == 2 && broken.err.contains("is not a private key in PEM"), "{broken:?}");
    assert!(!broken.err.contains("not a key\n") && !open.err.contains("not a key"));
}

fn mailed() -> Project {
    let project =
        Project::with(&[("content/2026-08-21/a.md", "---\ntitle: A bridge opens\n---\nIt opens.\n")]);
    let settings = project.read("content/newsletter.yaml");
    let mail = "mail: {from: The Daily <daily@news.example>, list_id: daily.news.example}\n\
        service: {url: \"https://subscribe.example\"}\npublisher: {name: The House, address: \"1 Fleet Street\"}\n";
    project.write("content/newsletter.yaml", &format!("{settings}{mail}"));
    project
}

fn send(project: &Project, readers: &[&str]) -> crate::project::Said {
    let mut args = vec!["send", "2026-08-21", "--dry-run", "letters"];
    for reader in readers {
        args.extend(["--test", reader]);
    }
    let mut command = project.command(&args);
    crate::project::said(
        command.env("ROTATIVE_SECRET", "a secret of more than thirty-two characters").output(),
    )
}
