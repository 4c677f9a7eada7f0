//! The shape of the code: floors, owners of crates, opening words, lengths.

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{program, said};

/// Modules by floor: a file imports only from lower floors or from its own folder.
const FLOORS: [(&str, usize); 27] = [
    ("model", 0),
    ("config", 1),
    ("content", 2),
    ("fetch", 2),
    ("images", 2),
    ("links", 2),
    ("schema", 2),
    ("search", 2),
    ("store", 2),
    ("typography", 2),
    ("issue", 3),
    ("subscribers", 3),
    ("render", 4),
    ("site", 5),
    ("check", 5),
    ("mail", 5),
    ("build", 6),
    ("clipping", 6),
    ("delivery", 6),
    ("inquiry", 6),
    ("doctor", 7),
    ("importing", 7),
    ("preview", 7),
    ("rehearsal", 7),
    ("service", 7),
    ("cli", 8),
    ("main", 9),
];

/// Crates and the only places that may name them.
const OWNERS: [(&str, &[&str]); 41] = [
    ("pulldown_cmark", &["render/", "importing/markdown.rs"]),
    ("html5ever", &["clipping/facts.rs", "importing/html.rs"]),
    ("quick_xml", &["importing/wxr.rs"]),
    ("toml", &["importing/head.rs"]),
    ("ammonia", &["render/sanitise.rs"]),
    ("tera", &["render/templates.rs"]),
    ("include_dir", &["render/templates.rs"]),
    ("css_inline", &["render/inline.rs"]),
    ("serde_yaml", &["config/yaml.rs"]),
    ("image", &["images/"]),
    ("postcard", &["build/folds.rs", "build/state.rs"]),
    (
        "rustix",
        &["build/look.rs", "build/output.rs", "build/patch.rs", "doctor/disk.rs", "store/ledger/files.rs"],
    ),
    ("annotate_snippets", &["cli/terminal.rs"]),
    ("clap", &["cli/"]),
    ("anyhow", &["cli/"]),
    (
        "rayon",
        &[
            "content/mod.rs",
            "content/source.rs",
            "build/",
            "check/desk.rs",
            "check/linked.rs",
            "importing/plan.rs",
            "issue/",
            "search/",
            "site/search.rs",
        ],
    ),
    ("unicode_normalization", &["model/", "search/fold.rs"]),
    ("lettre", &["mail/"]),
    ("aws_lc_rs", &["model/out_file.rs", "links/token.rs", "mail/dkim.rs", "cli/edges.rs"]),
    ("rusqlite", &["store/sqlite.rs"]),
    ("postgres", &["store/"]),
    ("rustls", &["fetch/", "store/postgres.rs", "mail/wire/"]),
    ("rustls_native_certs", &["fetch/", "store/postgres.rs", "mail/wire/tls.rs"]),
    ("tokio_rustls", &["store/postgres.rs", "mail/wire/stream.rs"]),
    ("csv", &["subscribers/"]),
    ("encoding_rs", &["build/dictionaries.rs", "clipping/charset.rs", "subscribers/csv.rs"]),
    ("axum", &["preview/", "service/"]),
    ("hyper_util", &["service/server.rs"]),
    ("simdutf8", &["model/source.rs", "search/cache.rs"]),
    ("simple_dns", &["doctor/dns.rs"]),
    (
        "tokio",
        &[
            "cli/send.rs",
            "delivery/",
            "doctor/relays.rs",
            "preview/",
            "service/",
            "store/postgres.rs",
            "mail/wire/",
            "rehearsal/relay.rs",
        ],
    ),
    ("ureq", &["fetch/"]),
    ("spellbook", &["check/spelling.rs", "check/rules/spelling.rs"]),
    ("listenfd", &["cli/serve.rs"]),
    ("notify", &["preview/watch.rs"]),
    ("mimalloc", &["main.rs"]),
    ("memchr", &["mail/wire/", "rehearsal/relay.rs", "render/summary.rs", "search/", "site/head.rs"]),
    ("rustls_pki_types", &["mail/dkim.rs"]),
    ("base64", &["links/token.rs", "mail/", "service/pages.rs", "site/head.rs"]),
    ("ab_glyph", &["site/card/"]),
    ("png", &["site/card/"]),
];

/// The longest file, tests at its foot not counted.
const CEILING: usize = 400;

struct File {
    name: String,
    text: String,
}

impl File {
    /// The code without the tests at its foot.
    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or("")
    }

    fn module(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap_or("")
    }
}

fn files() -> Vec<File> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![src.clone()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let file = |path: PathBuf| File {
        name: path.strip_prefix(&src).expect("inside").to_string_lossy().into_owned(),
        text: fs::read_to_string(&path).expect("a file"),
    };
    files.into_iter().map(file).collect()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// The modules that a text imports by `crate::…`.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split('}').next().unwrap_or("");
            found.extend(group.split(',').map(|name| first_word(name.trim())));
        } else {
            found.push(first_word(rest));
        }
    }
    found
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn a_file_imports_only_from_lower_floors_or_its_own_folder() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| !matches!(file.name.as_str(), "lib.rs" | "main.rs")) {
        let own = file.module();
        let Some(here) = floor(own) else {
            faults.push(format!("{}: the module `{own}` stands on no floor", file.name));
            continue;
        };
        for module in imports(file.code()) {
            let lower = floor(&module).is_some_and(|there| there < here);
            if !lower && module != own && !module.is_empty() {
                faults.push(format!("{} (floor {here}) imports {module}", file.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_crate_has_one_owner() {
    let mut faults = Vec::new();
    for file in files() {
        for (name, places) in OWNERS {
            let named = file.code().lines().any(|line| {
                let line = line.trim_start();
                let word = format!("{name}::");
                let used = line.match_indices(&word).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                });
                !line.starts_with("//") && used
            });
            if named && !places.iter().any(|place| file.name.starts_with(place)) {
                faults.push(format!("{} names the crate `{name}`, which belongs to {places:?}", file.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_file_opens_with_what_it_does() {
    let faults: Vec<String> = files()
        .iter()
        .filter(|file| !file.text.starts_with("//! ") || file.name.ends_with("/mod.rs") && lacks_never(file))
        .map(|file| file.name.clone())
        .collect();
    assert!(
        faults.is_empty(),
        "without an opening `//!` (a floor's mod.rs also says `Never knows`): {faults:?}"
    );
}

/// The head of a floor says what it never knows; folders inside one need not, nor does the top floor.
fn lacks_never(file: &File) -> bool {
    file.name.matches('/').count() == 1 && file.module() != "cli" && !file.text.contains("//! Never knows: ")
}

#[test]
fn a_file_stays_under_the_ceiling() {
    let long: Vec<String> = files()
        .iter()
        .map(|file| (file, file.code().lines().count()))
        .filter(|(_, lines)| *lines > CEILING)
        .map(|(file, lines)| format!("{}: {lines} lines", file.name))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let empty = ["utils", "util", "helpers", "helper", "common", "manager", "misc"];
    let faults: Vec<String> = files()
        .iter()
        .filter(|file| file.name.split(['/', '.']).any(|part| empty.contains(&part)))
        .map(|file| file.name.clone())
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
}

/// Where findings are made; what builds say of disks and services has no rules.
const FINDERS: [&str; 11] = [
    "model/",
    "config/",
    "content/",
    "issue/",
    "typography/",
    "render/",
    "site/",
    "check/",
    "mail/mod.rs",
    "build/",
    "images/",
];
/// Files in which such words mean something else.
const NO_FINDERS: [&str; 2] = ["build/output.rs", "build/patch.rs"];

/// The names of rules in a code: the words alone that stand in the calls which make findings.
fn named_rules(code: &str) -> Vec<String> {
    const CALLS: [&str; 10] = [
        "Diagnostic::error(",
        "Diagnostic::warning(",
        "Rule::new(",
        "Rule::strict(",
        "network(",
        "fault(",
        ".parse(",
        ".optional(",
        "placed(",
        "say(",
    ];
    let starts = CALLS.iter().flat_map(|call| code.match_indices(call).map(|(at, call)| at + call.len()));
    let fields = code.match_indices("rule: ").map(|(at, field)| (at + field.len(), 1));
    let mut names = Vec::new();
    for (at, most) in starts.map(|at| (at, 3)).chain(fields) {
        let arguments = arguments(&code[at..]).into_iter().take(most).map(str::trim);
        let word = |text: &str| text.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
        let is_name = |text: &String| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        names.extend(arguments.filter_map(word).find(is_name));
    }
    names
}

/// The arguments of a call whose bracket has just been opened.
fn arguments(code: &str) -> Vec<&str> {
    let (mut depth, mut start, mut within, mut before) = (0, 0, false, ' ');
    let mut found = Vec::new();
    for (at, ch) in code.char_indices() {
        match ch {
            '"' if before != '\\' => within = !within,
            _ if within => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                found.push(&code[start..at]);
                return found;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' | ';' if depth == 0 => {
                found.push(&code[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        before = if before == '\\' { ' ' } else { ch };
    }
    found
}

#[test]
fn every_rule_that_a_finding_may_name_is_listed() {
    let said = said(program().args(["check", "--rules", "--format", "json"]).output());
    let rules: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let listed: Vec<&str> =
        rules.as_array().expect("a list").iter().filter_map(|rule| rule["name"].as_str()).collect();
    let mut faults = Vec::new();
    let mut found = 0;
    for file in files().iter().filter(|file| FINDERS.iter().any(|finder| file.name.starts_with(finder))) {
        if NO_FINDERS.contains(&file.name.as_str()) {
            continue;
        }
        for name in named_rules(file.code()) {
            found += 1;
            if !listed.contains(&name.as_str()) {
                faults.push(format!("{} names the rule `{name}`, which is not listed", file.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(found > listed.len(), "{found} names, and {} rules", listed.len());
}

#[test]
fn a_fault_would_be_found() {
    assert_eq!(
        imports("use crate::{cli, model::Slug};\nlet x = crate::build::build;"),
        ["cli", "model", "build"]
    );
    assert_eq!(
        named_rules("self.fault(\"two-leads\", x); yaml.parse(yaml, tag, \"alias\", f)"),
        ["two-leads", "alias"]
    );
    assert_eq!(floor("cli"), Some(8));
    assert!(floor("cli") > floor("render"));
}
