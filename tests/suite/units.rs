//! The units for systemd, compared with those that were read and found right.

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{Project, Said, said, tree};

const SETTINGS: &str = "title: Le 100 % pur\nlanguage: fr\ntimezone: Europe/Paris\nbase_url: https://j.example\n\
    sections: [{name: brief}]\ncalendar: {days: [mon, wed, fri]}\ndelivery: {send_at: \"06:45\", drain: 60s}\n\
    service: {url: https://abonnement.j.example}\n\
    mail:\n  from: a@j.example\n  relays: [{name: main-1, host: smtp.example}]\n";

fn write(project: &Project, more: &[&str]) -> Said {
    let args = [&["systemd", "units"], more].concat();
    let mut command = project.command(&args);
    command.env("ROTATIVE_SMTP_USER_MAIN_1_FILE", "/etc/rotative/user");
    command.env("ROTATIVE_SMTP_PASSWORD_MAIN_1_FILE", "/etc/rotative/pass word %");
    said(command.output())
}

#[test]
fn units_are_those_that_were_read() {
    let project = Project::with(&[("content/newsletter.yaml", SETTINGS)]);
    let said = write(&project, &["--user", "rotative"]);
    assert_eq!(said.code, 0, "{said:?}");
    let root = project.root().canonicalize().expect("a folder").display().to_string();
    let program = PathBuf::from(assert_cmd::cargo::cargo_bin!("rotative")).display().to_string();
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/units");
    #[expect(clippy::disallowed_methods, reason = "BLESS concerns whoever runs the tests")]
    let bless = std::env::var_os("BLESS").is_some();
    let names = tree(&project.path("units"));
    for name in &names {
        let text = project.read(&format!("units/{name}"));
        let text = text.replace(&program, "/usr/local/bin/rotative").replace(&root, "/srv/journal");
        if bless {
            fs::create_dir_all(&expected).expect("a folder");
            fs::write(expected.join(name), &text).expect("written");
        }
        let right = fs::read_to_string(expected.join(name)).unwrap_or_default();
        assert_eq!(text, right, "{name}: `BLESS=1` takes it for right");
    }
    assert_eq!(names, tree(&expected), "an expectation that nobody meets");
}

#[test]
fn without_a_service_there_is_nothing_to_serve() {
    let project = Project::with(&[]);
    assert_eq!(write(&project, &[]).code, 0);
    let names = tree(&project.path("units"));
    let expected = [
        "rotative-publish.service",
        "rotative-publish.timer",
        "rotative-watch.service",
        "rotative-watch.timer",
    ];
    assert_eq!(names, expected);
    let timer = project.read("units/rotative-publish.timer");
    assert!(timer.contains("OnCalendar=") && timer.contains("*-*-* 06:00:00 "), "{timer}");
}

#[test]
fn names_that_would_break_a_unit_are_refused() {
    let project = Project::with(&[]);
    let said = write(&project, &["--user", "a b"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("`a b` is not the name of a user"), "{said:?}");
    assert!(!project.path("units").exists());
}

#[test]
fn a_secret_that_no_file_holds_is_not_written_down() {
    let project = Project::with(&[]);
    let output = project.command(&["systemd", "units"]).env("ROTATIVE_SMTP_PASSWORD", "hunter2").output();
    let said = said(output);
    assert!(said.err.contains("ROTATIVE_SMTP_PASSWORD is not in the units"), "{said:?}");
    for name in tree(&project.path("units")) {
        assert!(!project.read(&format!("units/{name}")).contains("hunter2"));
    }
}
