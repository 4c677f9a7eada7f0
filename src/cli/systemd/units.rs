//! The texts of units, as values: settings and places in, files out.

use std::path::{Component, Path, PathBuf};

use chrono::{NaiveTime, TimeDelta, Timelike, Weekday};
use thiserror::Error;

use crate::config::{Config, Listen, StoreUrl};

/// Where a newsletter runs, and as whom.
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// The program, absolute.
    pub(super) program: &'a Path,
    /// The newsletter's folder, absolute.
    pub(super) root: &'a Path,
    /// The user, root without one.
    pub(super) user: Option<&'a str>,
    /// Variables that name files, and those files.
    pub(super) secrets: &'a [(String, PathBuf)],
}

/// Why no units can be written.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum UnitError {
    /// A path that a unit cannot hold.
    #[error("`{}` cannot stand in a unit", .0.display())]
    Path(PathBuf),
    /// A name that no user has.
    #[error("`{0}` is not the name of a user")]
    User(String),
}

const FILES: [(&str, &str); 6] = [
    ("rotative.socket", include_str!("serve.socket")),
    ("rotative-serve.service", include_str!("serve.service")),
    ("rotative-publish.service", include_str!("publish.service")),
    ("rotative-publish.timer", include_str!("publish.timer")),
    ("rotative-watch.service", include_str!("watch.service")),
    ("rotative-watch.timer", include_str!("watch.timer")),
];
const CONFINEMENT: &str = include_str!("confinement.conf");
/// How the variables of relays begin.
const SMTP: &str = "ROTATIVE_SMTP_";
const SERVICE: [&str; 2] = ["rotative.socket", "rotative-serve.service"];
/// How long after its time an issue is missed.
const WATCH: TimeDelta = TimeDelta::minutes(30);

/// The units of a newsletter, by file name; those of the service only where it has one.
pub(super) fn units(config: &Config, place: &Place<'_>) -> Result<Vec<(&'static str, String)>, UnitError> {
    let send_at = config.delivery.send_at;
    let watch = watch_time(send_at);
    let program = word(&path(place.program)?);
    let root = path(place.root)?;
    // The watchdog speaks to no relay.
    let others = place.secrets.iter().filter(|(variable, _)| !variable.starts_with(SMTP));
    let values = [
        ("{title}", one_line(&config.title)),
        ("{listen}", listen(config, place)?),
        ("{program}", program),
        ("{root_word}", word(&root)),
        ("{stop}", (config.delivery.drain.as_secs() + 30).to_string()),
        ("{publish_at}", on_calendar(config, send_at)),
        ("{watch_at}", on_calendar(config, watch)),
        ("{watch_time}", watch.format("%H:%M").to_string()),
        ("{confinement}", confinement(config, place, place.secrets.iter())?),
        ("{without_relays}", confinement(config, place, others)?),
    ];
    let files = FILES.into_iter().filter(|(name, _)| config.service.is_some() || !SERVICE.contains(name));
    Ok(files.map(|(name, text)| (name, fill(text, &values).trim_end().to_owned() + "\n")).collect())
}

/// Puts values in their places; what a value holds is not looked at again.
fn fill(text: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = values.iter().find(|(name, _)| rest.starts_with(name));
        let (name, value) = known.map_or(("{", "{"), |(name, value)| (*name, value.as_str()));
        out.push_str(value);
        rest = &rest[name.len()..];
    }
    out + rest
}

fn confinement<'a>(
    config: &Config,
    place: &Place<'_>,
    secrets: impl Iterator<Item = &'a (String, PathBuf)>,
) -> Result<String, UnitError> {
    let user = match place.user {
        Some(name) if is_user(name) => format!("User={name}\n"),
        Some(name) => return Err(UnitError::User(name.to_owned())),
        None => String::new(),
    };
    let mut credentials = String::new();
    for (variable, file) in secrets {
        let name = variable.trim_start_matches("ROTATIVE_").trim_end_matches("_FILE").to_lowercase();
        credentials.push_str(&format!("LoadCredential={name}:{}\n", path(file)?));
        credentials.push_str(&format!("Environment={variable}=%d/{name}\n"));
    }
    let root = path(place.root)?;
    let mut writable = vec![quoted(&root)];
    if let StoreUrl::Sqlite(file) = &config.store
        && let Some(folder) = place.root.join(file).parent()
        && !folder.starts_with(place.root)
    {
        writable.push(quoted(&path(folder)?));
    }
    let sources = ["content", "templates"].map(|folder| format!("{root}/{folder}"));
    // A folder that is not there is no reason to fail.
    let sources = sources.map(|folder| quoted(&format!("-{folder}"))).join(" ");
    let at_home = |file: &Path| ["/home", "/root", "/run/user"].iter().any(|home| file.starts_with(home));
    let keys =
        config.mail.iter().flat_map(|mail| &mail.dkim).any(|dkim| at_home(&place.root.join(&dkim.key)));
    let home = if at_home(place.root) || at_home(place.program) || keys { "read-only" } else { "true" };
    let values = [
        ("{user}", user),
        ("{root}", root),
        ("{credentials}", credentials),
        ("{home}", home.to_owned()),
        ("{writable}", writable.join(" ")),
        ("{sources}", sources),
    ];
    Ok(fill(CONFINEMENT, &values))
}

fn listen(config: &Config, place: &Place<'_>) -> Result<String, UnitError> {
    Ok(match config.service.as_ref().map(|service| &service.listen) {
        None => String::new(),
        Some(Listen::Tcp(address)) => format!("ListenStream={address}"),
        Some(Listen::Unix(file)) => {
            let user = place.user.map_or_else(String::new, |user| format!("\nSocketUser={user}"));
            let file = path(&place.root.join(file))?;
            format!(
                "ListenStream={file}{user}\n# Add SocketGroup= with the group of the proxy.\nSocketMode=0660"
            )
        }
    })
}

/// The days of publication at a time, in the newsletter's time zone.
fn on_calendar(config: &Config, time: NaiveTime) -> String {
    const WEEK: [(Weekday, &str); 7] = [
        (Weekday::Mon, "Mon"),
        (Weekday::Tue, "Tue"),
        (Weekday::Wed, "Wed"),
        (Weekday::Thu, "Thu"),
        (Weekday::Fri, "Fri"),
        (Weekday::Sat, "Sat"),
        (Weekday::Sun, "Sun"),
    ];
    let days = WEEK.iter().filter(|(day, _)| config.calendar.days.contains(day)).map(|(_, name)| *name);
    let days: Vec<&str> = days.collect();
    let days = if days.is_empty() || days.len() == WEEK.len() { String::new() } else { days.join(",") + " " };
    format!("{days}*-*-* {} {}", time.format("%H:%M:%S"), config.timezone.name())
}

/// When the morning has to be done; still on the same day.
fn watch_time(send_at: NaiveTime) -> NaiveTime {
    let (watch, over) = send_at.overflowing_add_signed(WATCH);
    let watch = if over == 0 { Some(watch) } else { NaiveTime::from_hms_opt(23, 59, 0) };
    watch.and_then(|watch| watch.with_second(0)).unwrap_or(send_at)
}

/// A path as a unit holds it where nothing is quoted: absolute, in one line, `%` doubled (systemd.unit(5)).
fn path(path: &Path) -> Result<String, UnitError> {
    let refused = || UnitError::Path(path.to_owned());
    let text = path.to_str().filter(|_| path.is_absolute()).ok_or_else(refused)?;
    let odd = text.chars().any(char::is_control)
        || text.ends_with(['\\', ' '])
        || path.components().any(|part| part == Component::ParentDir);
    if odd { Err(refused()) } else { Ok(text.replace('%', "%%")) }
}

/// A path among others in a line (systemd.syntax(7)).
fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A word of a command line, where `$` stands for variables (systemd.service(5)).
fn word(path: &str) -> String {
    quoted(&path.replace('$', "$$"))
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ").replace('%', "%%").trim_end_matches('\\').to_owned()
}

/// What systemd takes for a user's name (systemd.io/USER_NAMES), narrowly.
fn is_user(name: &str) -> bool {
    let first = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let rest = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter);
    first && name.len() <= 31 && name.chars().all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_so_that_systemd_reads_them_again() {
        let odd = path(Path::new("/srv/a b/100%/\"x\"/$y\\z")).expect("a path");
        assert_eq!(odd, "/srv/a b/100%%/\"x\"/$y\\z");
        assert_eq!(word(&odd), r#""/srv/a b/100%%/\"x\"/$$y\\z""#);
        assert_eq!(quoted(&odd), r#""/srv/a b/100%%/\"x\"/$y\\z""#);
        for bad in ["srv", "/a\nExecStart=/bin/sh", "/a\\", "/a/../b", "/a "] {
            assert_eq!(path(Path::new(bad)), Err(UnitError::Path(bad.into())));
        }
        assert_eq!(one_line("100 %\nUser=root\\"), "100 %% User=root");
    }

    #[test]
    fn a_value_cannot_bring_another_with_it() {
        let values = [("{a}", "{b}".to_owned()), ("{b}", "no".to_owned())];
        assert_eq!(fill("x={a} {c} {b}\n", &values), "x={b} {c} no\n");
    }

    #[test]
    fn users_have_plain_names() {
        assert!(is_user("rotative") && is_user("_news-1"));
        for bad in ["", "0day", "a b", "root\nx", "Ann", &"a".repeat(32)] {
            assert!(!is_user(bad), "{bad}");
        }
    }

    #[test]
    fn the_watch_stays_within_the_day() {
        let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).expect("a time");
        assert_eq!(watch_time(time(6, 0)), time(6, 30));
        assert_eq!(watch_time(time(23, 45)), time(23, 59));
    }
}
