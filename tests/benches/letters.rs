//! How many letters a second one core fills and signs, beside the same letter built and signed afresh for each
//! reader by lettre, and beside the bare signing rate of the cryptographic library. `cargo bench --bench letters`

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use lettre::message::header::ContentType;
use lettre::message::{MultiPart, SinglePart};
use rotative::config;
use rotative::links::{ReaderToken, UNSUBSCRIBE_SLOT};
use rotative::mail::{Draft, Fill, Letters, Signer};
use rotative::model::{EmailAddress, IssueDate, Source};

const SETTINGS: &str = "title: Le journal\nlanguage: fr\nbase_url: https://journal.example\nsections: [{name: brief}]\n\
    mail: {from: Le journal <journal@news.example>}\n";

fn main() {
    let html = page(40_000);
    let text = "Une ligne de texte comme il y en a tant dans un journal du matin. ".repeat(100);
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let rsa_pem = pem(AsDer::<Pkcs8V1Der<'_>>::as_der(&rsa).expect("DER").as_ref());
    let ed_pem = pem(Ed25519KeyPair::generate().expect("a key").to_pkcs8v1().expect("DER").as_ref());
    let signer = |selector: &str, pem: &str| Signer::new("news.example", selector, pem).expect("a signer");
    let bare = rate(|| {
        let mut signature = [0; 256];
        rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), black_box(&[7; 1200]), &mut signature)
            .expect("signed");
        black_box(signature);
    });
    say(&format!("HTML of {} bytes, text of {} bytes; letters a second on one core", html.len(), text.len()));
    for (what, signers) in [
        ("unsigned", Vec::new()),
        ("Ed25519", vec![signer("ed", &ed_pem)]),
        ("RSA-2048", vec![signer("rsa", &rsa_pem)]),
        ("both", vec![signer("rsa", &rsa_pem), signer("ed", &ed_pem)]),
    ] {
        say(&format!("{what:>28}: {:>9.0}", filled(&html, &text, signers)));
    }
    say(&format!("{:>28}: {bare:>9.0}", "bare RSA-2048 signatures"));
    say(&format!("{:>28}: {:>9.0}", "afresh with lettre, unsigned", rate(|| afresh(&html, &text))));
    say(&format!("{:>28}: {:>9.0}", "afresh, each signed (RSA)", afresh_and_signed(&html, &text, &rsa_pem)));
}

/// One composition, many letters.
fn filled(html: &str, text: &str, signers: Vec<Signer>) -> f64 {
    let letters = compose(html, text, signers);
    let address = EmailAddress::parse("reader@example.org").expect("an address");
    let token = ReaderToken::sample();
    let fill = Fill {
        address: &address,
        unsubscribe: &token,
        preferences: &token,
        message_id: "0123456789abcdef0123456789abcdef",
    };
    let mut letter = Vec::new();
    rate(|| {
        letter.clear();
        letters.fill(&fill, &mut letter).expect("a letter");
        black_box(&letter);
    })
}

fn compose(html: &str, text: &str, signers: Vec<Signer>) -> Letters {
    let config =
        config::settle(&Source::new("newsletter.yaml", SETTINGS), &mut Vec::new()).expect("settings");
    let draft = Draft {
        title: &config.title,
        archive: config.base_url.as_str(),
        unsubscribe: Some("https://journal.example/unsubscribe/rotative-slot-for-a-readers-token0"),
        date: IssueDate::parse("2026-08-21").expect("a date"),
        time: 1_787_284_800,
        subject: "Un atelier ouvre à Rennes. C'est Le journal du 21 août 2026",
        html,
        text,
    };
    Letters::compose(&draft, config.mail.as_ref().expect("mail"), signers).expect("a message")
}

/// What a program does that knows no slots: the whole letter anew for each reader.
fn afresh(html: &str, text: &str) {
    let part = |kind: ContentType, text: &str| SinglePart::builder().header(kind).body(text.to_owned());
    let message = lettre::Message::builder()
        .from("Le journal <journal@news.example>".parse().expect("an address"))
        .to("reader@example.org".parse().expect("an address"))
        .subject("Un atelier ouvre à Rennes. C'est Le journal du 21 août 2026")
        .multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, text))
                .singlepart(part(ContentType::TEXT_HTML, html)),
        )
        .expect("a message");
    black_box(message.formatted());
}

/// The same with a signature of ours, composed again for each reader.
fn afresh_and_signed(html: &str, text: &str, pem: &str) -> f64 {
    let address = EmailAddress::parse("reader@example.org").expect("an address");
    let token = ReaderToken::sample();
    let fill = Fill {
        address: &address,
        unsubscribe: &token,
        preferences: &token,
        message_id: "0123456789abcdef0123456789abcdef",
    };
    rate(|| {
        let signer = Signer::new("news.example", "rsa", pem).expect("a signer");
        let mut letter = Vec::new();
        compose(html, text, vec![signer]).fill(&fill, &mut letter).expect("a letter");
        black_box(letter);
    })
}

/// The median of five measurements of half a second.
fn rate(mut work: impl FnMut()) -> f64 {
    let mut rates: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            let mut done = 0;
            while start.elapsed() < Duration::from_millis(500) {
                for _ in 0..8 {
                    work();
                }
                done += 8;
            }
            f64::from(done) / start.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[2]
}

fn page(size: usize) -> String {
    let paragraph = "<p style=\"margin:0 0 14px;font-size:17px;line-height:27px;color:#1a1a1a\">La ville étudie un \
        nouveau pont, annonce le maire ; il ouvrira l'été prochain.</p>\n";
    let body = paragraph.repeat(size / paragraph.len());
    format!(
        "<!DOCTYPE html><html><body>{body}<a href=\"https://journal.example/unsubscribe/{UNSUBSCRIBE_SLOT}\">x</a></body></html>\n"
    )
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
