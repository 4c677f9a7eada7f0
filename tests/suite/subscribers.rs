//! `rotative subscribers` and `rotative store` as a publisher types them.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use proptest::prelude::*;
use rotative::model::{Language, Slug};
use rotative::subscribers::{Destination, Import};

use crate::project::{Project, Said, said};

const SECRET: &str = "a secret of more than thirty-two characters";

fn run(project: &Project, args: &[&str]) -> Said {
    said(command(project, args).output())
}

fn command(project: &Project, args: &[&str]) -> Command {
    let mut command = project.command(args);
    command.env("ROTATIVE_SECRET", SECRET);
    command
}

fn newsletter() -> Project {
    Project::with(&[])
}

fn import(project: &Project, bytes: &[u8], more: &[&str]) -> Said {
    fs::write(project.path("list.csv"), bytes).expect("a file");
    let mut args = vec!["subscribers", "import", "list.csv", "--by", "Ann"];
    args.extend(more);
    run(project, &args)
}

/// Address and state of everybody, in the order of addresses.
fn states(project: &Project) -> Vec<(String, String)> {
    let listed = run(project, &["subscribers", "list", "--format", "json"]);
    let mut states: Vec<(String, String)> = listed
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|row| {
            (row["email"].as_str().expect("email").into(), row["status"].as_str().expect("status").into())
        })
        .collect();
    states.sort();
    states
}

#[test]
fn the_exports_of_seven_services_keep_their_states() {
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);
    let cases: [Case<'_>; 8] = [
        (
            "Mailchimp",
            "\"Email Address\",\"First Name\",OPTIN_TIME,UNSUB_TIME,LEID,EUID\na@x.example,Ann,2019-01-02 03:04:05,,1,a\nb@x.example,Bob,2019-01-02 03:04:05,2020-01-01 00:00:00,2,b\n",
            &[("a@x.example", "confirmed"), ("b@x.example", "unsubscribed")],
        ),
        (
            "Substack",
            "email,active_subscription,email_disabled,created_at,type\na@x.example,false,false,2020-01-01T00:00:00.000Z,Free\nb@x.example,false,true,2020-01-01T00:00:00.000Z,Free\n",
            &[("a@x.example", "confirmed"), ("b@x.example", "unsubscribed")],
        ),
        (
            "Ghost",
            "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n1,a@x.example,,,true,false,,2020-01-01T00:00:00.000Z,,,\n2,b@x.example,,,false,false,,2020-01-01T00:00:00.000Z,,,\n",
            &[("a@x.example", "confirmed"), ("b@x.example", "unsubscribed")],
        ),
        (
            "Buttondown",
            "email_address,creation_date,subscriber_type\na@x.example,2020-01-01T00:00:00Z,regular\nb@x.example,2020-01-01T00:00:00Z,unsubscribed\nc@x.example,2020-01-01T00:00:00Z,unactivated\n",
            &[("a@x.example", "confirmed"), ("b@x.example", "unsubscribed"), ("c@x.example", "unconfirmed")],
        ),
        (
            "Beehiiv",
            "email,status,subscription_tier,created_at\na@x.example,active,free,2020-01-01\nb@x.example,inactive,free,2020-01-01\nc@x.example,pending,free,2020-01-01\n",
            &[("a@x.example", "confirmed"), ("b@x.example", "unsubscribed"), ("c@x.example", "unconfirmed")],
        ),
        (
            "listmonk",
            "uuid,email,name,attributes,status,created_at,updated_at\nu1,a@x.example,Ann,{},enabled,2020-01-01,2020-01-01\nu2,b@x.example,Bob,{},blocklisted,2020-01-01,2020-01-01\n",
            &[("a@x.example", "confirmed"), ("b@x.example", "unsubscribed")],
        ),
        (
            "Brevo",
            "CONTACT ID;EMAIL;FIRSTNAME;EMAIL_BLACKLISTED;ADDED_TIME\n1;a@x.example;Ann;false;2020-01-01\n2;b@x.example;Bob;true;2020-01-01\n",
            &[("a@x.example", "confirmed"), ("b@x.example", "unsubscribed")],
        ),
        (
            "no service we know",
            "Prénom;Courriel;Statut\nAnn;a@x.example;abonné\nBob;b@x.example;désabonné\nCat;c@x.example;bounced\n",
            &[("a@x.example", "confirmed"), ("b@x.example", "unsubscribed"), ("c@x.example", "unsubscribed")],
        ),
    ];
    for (service, csv, expected) in cases {
        let project = newsletter();
        let imported = import(&project, csv.as_bytes(), &["--format", "json"]);
        assert_eq!(imported.code, 0, "{service}: {imported:?}");
        assert!(imported.out.contains(&format!("\"service\":\"{service}\"")), "{imported:?}");
        let expected: Vec<(String, String)> =
            expected.iter().map(|(email, state)| ((*email).into(), (*state).into())).collect();
        assert_eq!(states(&project), expected, "{service}");
    }
}

#[test]
fn every_encoding_and_delimiter_is_read() {
    let text = "Name\tE-Mail\nRené\trene@x.example\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
        mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
    };
    let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin")).collect();
    for (encoding, bytes) in [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16LE", utf16(u16::to_le_bytes, b"\xff\xfe")),
        ("UTF-16BE", utf16(u16::to_be_bytes, b"")),
        ("windows-1252", latin),
    ] {
        let project = newsletter();
        let imported = import(&project, &bytes, &["--format", "json"]);
        assert!(imported.out.contains(&format!("\"encoding\":\"{encoding}\"")), "{imported:?}");
        assert_eq!(states(&project).len(), 1, "{encoding}");
    }
}

#[test]
fn every_refused_line_is_said_and_none_is_dropped() {
    let project = newsletter();
    let csv = "email,status\nann@x.example,subscribed\n,subscribed\nnonsense,subscribed\n\nbob@x.example,strange\nANN@X.example,subscribed\n=cmd@x.example,subscribed\n";
    let dry = import(&project, csv.as_bytes(), &["--dry-run"]);
    assert_eq!(dry.code, 1);
    assert!(dry.out.contains("would be: "), "{dry:?}");
    assert_eq!(states(&project).len(), 0);
    let imported = import(&project, csv.as_bytes(), &[]);
    assert_eq!(
        imported.out,
        "list.csv:3: there is no address\nlist.csv:4: `nonsense` is not an e-mail address\n\
         list.csv:6: `strange` is no state we know\n\
         2 added, 0 recorded without mailing them, 0 changed, 1 known already, 3 refused\n"
    );
    let again = import(&project, csv.as_bytes(), &[]);
    assert!(
        again
            .out
            .ends_with("0 added, 0 recorded without mailing them, 0 changed, 3 known already, 3 refused\n")
    );
    // No cell of an export is a formula, and an export comes back as it was.
    let exported = run(&project, &["subscribers", "export"]).out;
    assert!(exported.contains("\"'=cmd@x.example\"") && exported.contains("\"ann@x.example\""), "{exported}");
    let other = newsletter();
    assert_eq!(import(&other, exported.as_bytes(), &[]).code, 0);
    assert_eq!(states(&other), states(&project));
}

#[test]
fn the_worst_that_any_column_says_counts() {
    for (csv, expected) in [
        ("email,email_blacklisted,unsubscribed\na@x.example,false,true\n", "unsubscribed"),
        ("email,unsubscribed,blacklisted\na@x.example,no,x\n", "unsubscribed"),
        ("email,status,subscription_status\na@x.example,active,unsubscribed\n", "unsubscribed"),
        ("email,status,unsubscribed_at\na@x.example,active,08/06/2018 10:00\n", "unsubscribed"),
        ("email,unsubscribed\na@x.example,vrai\n", "unsubscribed"),
        ("email,unsubscribed\na@x.example,wahr\n", "unsubscribed"),
        ("email,unsubscribed\na@x.example,sí\n", "unsubscribed"),
        ("email,unsubscribed\na@x.example,2020-01-01 10:00:00\n", "unsubscribed"),
        ("email,subscribed\na@x.example,faux\n", "unsubscribed"),
        ("email,subscribed\na@x.example,falsch\n", "unsubscribed"),
        ("email,optout\na@x.example,unsubscribed\n", "unsubscribed"),
        ("Email Address,CONFIRM_TIME,OPTIN_TIME,LEID,EUID\na@x.example,,,1,a\n", "unconfirmed"),
        ("Email Address,CONFIRM_TIME,OPTIN_TIME,LEID,EUID\na@x.example,2020-01-01,,1,a\n", "confirmed"),
        ("email,unsubscribed,status,state\na@x.example,,subscribed,Texas\n", "confirmed"),
        ("email,unsubscribed\na@x.example,faux\n", "confirmed"),
        ("email,unsubscribed_at\na@x.example,0000-00-00 00:00:00\n", "confirmed"),
    ] {
        let project = newsletter();
        let imported = import(&project, csv.as_bytes(), &[]);
        assert_eq!(imported.code, 0, "{csv}: {imported:?}");
        assert_eq!(states(&project), [("a@x.example".to_owned(), expected.to_owned())], "{csv}");
    }
}

#[test]
fn what_nobody_can_tell_is_not_taken_for_consent() {
    for (csv, reason) in [
        ("email,status\na@x.example,\n", "list.csv:2: the state of this reader is not filled in"),
        ("email,unsubscribed\na@x.example,maybe\n", "list.csv:2: `maybe` is no state we know"),
        ("email,subscribed\na@x.example,2\n", "list.csv:2: `2` is no state we know"),
        ("a@x.example\nb@x.example,unsubscribed\n", "list.csv:2: there is no heading that explains"),
        ("\n\nnonsense@x.example\nnonsense\n", "list.csv:4: `nonsense` is not an e-mail address"),
    ] {
        let project = newsletter();
        let imported = import(&project, csv.as_bytes(), &[]);
        assert!(imported.code == 1 && imported.out.starts_with(reason), "{csv}: {imported:?}");
    }
    let project = newsletter();
    let imported = import(&project, b"a@x.example,unsubscribed\n", &[]);
    assert!(imported.code == 2 && imported.err.contains("2 columns and no headings"), "{imported:?}");
    assert_eq!(states(&project), []);
}

#[test]
fn a_line_without_headings_has_its_own_number() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    for text in ["\n\n\nann@x.example\nbob@x.example\n", "\r\n\r\n\r\nann@x.example\r\nbob@x.example\r\n"] {
        fs::write(file.path(), text).expect("written");
        let into = Destination::Only(Slug::parse("daily").expect("a list"));
        let import = Import::open(file.path(), into, Language::French).expect("a file");
        let numbers: Vec<u64> = import.map(|line| line.expect("a line").number).collect();
        assert_eq!(numbers, [4, 5], "{text:?}");
    }
}

#[test]
fn readers_come_into_lists_that_exist() {
    let project = newsletter();
    project.write(
        "content/newsletter.yaml",
        "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{name: brief}]\n\
         lists: [{name: daily}, {name: markets}]\n",
    );
    let csv = b"email,list\nann@x.example,markets\nbob@x.example,nosuchlist\ncat@x.example,\n";
    let imported = import(&project, csv, &[]);
    assert!(
        imported.out.contains("list.csv:3: there is no list `nosuchlist` in the settings"),
        "{imported:?}"
    );
    let lists = |list| run(&project, &["subscribers", "list", "--list", list]).out.lines().count();
    assert_eq!((lists("daily"), lists("markets")), (1, 1));
    assert_eq!(import(&project, csv, &["--list", "markets"]).code, 0);
    assert_eq!((lists("daily"), lists("markets")), (1, 3));
}

#[test]
fn an_apostrophe_is_taken_away_only_where_it_hides_a_formula() {
    let project = newsletter();
    assert_eq!(import(&project, b"email\n'b1@x.example\n'=b2@x.example\n", &[]).code, 0);
    let found: Vec<String> = states(&project).into_iter().map(|(email, _)| email).collect();
    assert_eq!(found, ["'b1@x.example", "=b2@x.example"]);
}

#[test]
fn a_proof_is_believed_once_and_never_against_a_refusal() {
    let project = newsletter();
    let add = |address: &str| {
        let args = ["subscribers", "add", address, "--proof", "paper form of 3 May", "--format", "json"];
        let added = run(&project, &args);
        let said: serde_json::Value = serde_json::from_str(&added.out).expect("JSON");
        (added.code, said["outcome"].as_str().expect("an outcome").to_owned())
    };
    assert_eq!(add("ann@x.example"), (0, "added".to_owned()));
    assert_eq!(add("ann@x.example"), (0, "known".to_owned()));
    run(&project, &["subscribers", "suppress", "ann@x.example"]);
    run(&project, &["subscribers", "suppress", "bob@x.example"]);
    assert_eq!(add("ann@x.example"), (1, "refused".to_owned()));
    assert_eq!(add("bob@x.example"), (1, "refused".to_owned()));
    assert_eq!(states(&project).len(), 1);
}

#[test]
fn a_backup_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let project = newsletter();
    import(&project, b"email\nann@x.example\n", &[]);
    project.write("victim", "theirs");
    let part = project.path("backup.jsonl.part");
    std::os::unix::fs::symlink(project.path("victim"), &part).expect("a link");
    assert_eq!(run(&project, &["store", "backup", "backup.jsonl"]).code, 0);
    assert_eq!(project.read("victim"), "theirs");
    project.write("other.jsonl.part", "left behind, open to all");
    assert_eq!(run(&project, &["store", "backup", "other.jsonl"]).code, 0);
    for file in ["backup.jsonl", "other.jsonl"] {
        let known = fs::symlink_metadata(project.path(file)).expect("a file");
        assert!(known.is_file() && known.permissions().mode() & 0o777 == 0o600, "{file}: {known:?}");
    }
}

#[test]
fn programs_read_what_becomes_of_a_store() {
    let project = newsletter();
    import(&project, b"email\nann@x.example\n", &[]);
    let full = run(&project, &["subscribers", "export", "--full"]).out;
    assert_eq!(run(&project, &["subscribers", "export", "--full", "--format", "json"]).out, full);
    assert_eq!(run(&project, &["subscribers", "export", "--full", "--format", "csv"]).code, 2);
    for (args, name) in [
        (&["check"][..], "sound"),
        (&["backup", "backup.jsonl"], "file"),
        (&["migrate"], "store"),
        (&["migrate", "--to", "sqlite:data/other.db"], "rows"),
    ] {
        let args = [&["store"], args, &["--format", "json"]].concat();
        let said = run(&project, &args).out;
        let said: serde_json::Value =
            serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
        assert!(!said[name].is_null(), "{args:?}: {said}");
    }
}

#[test]
fn an_open_quote_is_said_with_the_lines_it_swallows() {
    let project = newsletter();
    let mut csv = "email,name\nann@x.example,Ann\nbob@x.example,\"Bob\n".to_owned();
    (0..50).for_each(|number| csv.push_str(&format!("r{number}@x.example,R\n")));
    let imported = import(&project, csv.as_bytes(), &[]);
    assert!(imported.out.contains("list.csv:3: a quote opens and is not closed"), "{imported:?}");
    assert_eq!(imported.code, 1);
}

#[test]
fn who_left_or_was_erased_is_not_brought_back_by_a_file() {
    let project = newsletter();
    import(&project, b"email\nann@x.example\nbob@x.example\ncat@x.example\ndan@x.example\n", &[]);
    for args in [["unsubscribe", "ann@x.example"], ["erase", "BOB@x.example"], ["suppress", "cat@x.example"]]
    {
        for _ in 0..2 {
            let done = run(&project, &["subscribers", args[0], args[1], "--format", "json"]);
            assert_eq!(done.code, 0, "{done:?}");
        }
    }
    let again = import(&project, b"email\nann@x.example\nbob@x.example\ncat@x.example\ndan@x.example\n", &[]);
    assert!(again.out.contains("list.csv:2: the reader has left"), "{again:?}");
    assert!(again.out.contains("list.csv:3: this reader had everything erased"), "{again:?}");
    assert!(!states(&project).iter().any(|(email, _)| email == "bob@x.example"));
    let shown = run(&project, &["subscribers", "show", "cat@x.example"]).out;
    assert!(
        shown.contains("suppressed since") && shown.contains("imported by import: imported from list.csv"),
        "{shown}"
    );
    assert!(shown.contains("on the word of Ann"), "{shown}");
    let nobody = run(&project, &["subscribers", "show", "bob@x.example"]);
    assert_eq!((nobody.code, nobody.out.as_str()), (1, "bob@x.example  nothing is kept\n"));
}

#[test]
fn a_store_is_backed_up_restored_and_moved() {
    let project = newsletter();
    import(&project, "email\nann@x.example\nrené@bücher.example\n".as_bytes(), &[]);
    assert_eq!(run(&project, &["store", "check"]).code, 0);
    assert_eq!(run(&project, &["store", "backup", "backup.jsonl"]).code, 0);
    let full = run(&project, &["subscribers", "export", "--full"]).out;
    assert_eq!(fs::read_to_string(project.path("backup.jsonl")).expect("a backup"), full);
    assert!(full.contains("xn--bcher-kva.example"), "{full}");
    let other = newsletter();
    fs::write(other.path("backup.jsonl"), &full).expect("a file");
    assert_eq!(run(&other, &["store", "restore", "backup.jsonl"]).code, 0);
    assert_eq!(run(&other, &["subscribers", "export", "--full"]).out, full);
    let twice = run(&other, &["store", "restore", "backup.jsonl"]);
    assert_eq!(twice.code, 2, "nothing is mixed: {twice:?}");
    assert_eq!(run(&other, &["store", "migrate", "--to", "sqlite:data/other.db"]).code, 0);
    other.write(
        "content/newsletter.yaml",
        "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{name: brief}]\nstore: sqlite:data/other.db\n",
    );
    assert_eq!(run(&other, &["subscribers", "export", "--full"]).out, full);
}

#[test]
fn a_part_of_a_backup_is_refused() {
    let project = newsletter();
    import(&project, b"email\nann@x.example\nbob@x.example\n", &[]);
    run(&project, &["subscribers", "suppress", "bob@x.example"]);
    let full = run(&project, &["subscribers", "export", "--full"]).out;
    let until = full.find("[\"suppression\"").expect("a suppression");
    let other = newsletter();
    fs::write(other.path("half.jsonl"), &full[..until]).expect("a file");
    let restored = run(&other, &["store", "restore", "half.jsonl"]);
    assert!(restored.code == 2 && restored.err.contains("cut off"), "{restored:?}");
    assert!(states(&other).is_empty());
}

#[test]
fn a_password_is_never_shown() {
    let project = newsletter();
    for url in ["postgres://me:hunter2@127.0.0.1:1/news", "postgres://me@127.0.0.1:1/news?password=hunter2"] {
        let moved = run(&project, &["store", "migrate", "--to", url]);
        assert_eq!(moved.code, 2);
        assert!(!format!("{moved:?}").contains("hunter2"), "{moved:?}");
        let settings = format!(
            "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{{name: brief}}]\nstore: '{url}'\n"
        );
        let other = newsletter();
        other.write("content/newsletter.yaml", &settings);
        let listed = run(&other, &["subscribers", "list"]);
        assert!(listed.code == 1 && !format!("{listed:?}").contains("hunter2"), "{listed:?}");
    }
}

#[test]
fn another_secret_does_not_bring_the_erased_back() {
    let project = newsletter();
    assert_eq!(run(&project, &["subscribers", "erase", "zed@x.example"]).code, 0);
    fs::write(project.path("list.csv"), "email\nzed@x.example\n").expect("a file");
    let import = ["subscribers", "import", "list.csv", "--by", "Ann"];
    let with = |secret: &str, old: &str| {
        let mut command = project.command(&import);
        said(command.env("ROTATIVE_SECRET", secret).env("ROTATIVE_SECRET_OLD", old).output())
    };
    let other = "another secret, longer than thirty-two characters";
    let foreign = with(other, "");
    assert!(foreign.code == 2 && foreign.err.contains("belongs to another secret"), "{foreign:?}");
    let changed = with(other, SECRET);
    assert!(changed.code == 1 && changed.out.contains("everything erased"), "{changed:?}");
    // The backup holds the mark: the store that it fills belongs to the same secrets.
    let full = run(&project, &["subscribers", "export", "--full"]).out;
    let copy = newsletter();
    fs::write(copy.path("backup.jsonl"), full).expect("a file");
    assert_eq!(run(&copy, &["store", "restore", "backup.jsonl"]).code, 0);
    let mut command = copy.command(&["subscribers", "add", "zed@x.example", "--proof", "a form"]);
    let foreign = said(command.env("ROTATIVE_SECRET", "x".repeat(40)).output());
    assert_eq!(foreign.code, 2, "{foreign:?}");
    assert!(states(&project).is_empty() && states(&copy).is_empty());
}

#[test]
fn a_damaged_store_is_said_to_be_damaged() {
    let project = newsletter();
    import(&project, b"email\nann@x.example\n", &[]);
    fs::write(project.path("data/rotative.db"), vec![7; 8192]).expect("a file");
    let listed = run(&project, &["subscribers", "list"]);
    assert_eq!(listed.code, 2);
    assert!(listed.err.contains("damaged") && listed.err.contains("data/rotative.db"), "{listed:?}");
}

#[test]
fn an_import_that_is_killed_is_whole_after_another() {
    let project = newsletter();
    let mut csv = "email\n".to_owned();
    (0..120_000).for_each(|number| csv.push_str(&format!("r{number}@d{}.example\n", number % 97)));
    fs::write(project.path("list.csv"), &csv).expect("a file");
    let args = ["subscribers", "import", "list.csv", "--by", "Ann"];
    for round in 0..8 {
        let mut child =
            command(&project, &args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a run");
        std::thread::sleep(Duration::from_millis(40 + 130 * round));
        child.kill().expect("killed");
        child.wait().expect("gone");
        let checked = run(&project, &["store", "check"]);
        assert_eq!(checked.code, 0, "round {round}: {checked:?}");
    }
    let last = run(&project, &args);
    assert_eq!(last.code, 0, "{last:?}");
    assert_eq!(states(&project).len(), 120_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_file_is_too_strange(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        text in "(email|[a-c]@x.example|\"|,|;|\r|\n|é|\t| ){0,40}",
    ) {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let file = tempfile::NamedTempFile::new().expect("a file");
            fs::write(file.path(), bytes).expect("written");
            let list = Slug::parse("daily").expect("a list");
            let into = Destination::Named(vec![list]);
            let Ok(import) = Import::open(file.path(), into, Language::French) else { continue };
            let numbers: Vec<u64> =
                import.map(|line| line.map_or_else(|refused| refused.line, |line| line.number)).collect();
            prop_assert!(numbers.is_sorted(), "{numbers:?}");
        }
    }
}
