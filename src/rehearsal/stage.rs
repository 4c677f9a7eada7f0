//! The stage: a newsletter with one issue, and a list of readers who do not exist (RFC 2606).

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::config::{MailSettings, RelayPlace};

/// The issue that is rehearsed.
pub const SLOT: &str = "2026-08-21";

/// The file that marks a folder as made for a rehearsal; it names the port of the relay.
const MARK: &str = ".rehearsal";

/// How many domains the readers are spread over.
const DOMAINS: usize = 500;

/// Who plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cast {
    /// How many readers there are.
    pub readers: usize,
    /// At which port the relay is.
    pub port: u16,
    /// Over how many lines it is reached at most.
    pub connections: usize,
}

/// Whether a folder was made for a rehearsal, and letters from it can reach nobody but the relay of that rehearsal: only
/// then may a clock go faster than time.
pub fn is_stage(root: &Path, mail: &MailSettings) -> bool {
    let marked = fs::read_to_string(root.join(MARK)).ok().and_then(|text| text.trim().parse::<u16>().ok());
    let own = |place: &RelayPlace| match place {
        RelayPlace::Host { host, port } => host == "127.0.0.1" && Some(*port) == marked,
        RelayPlace::Socket(_) => false,
    };
    marked.is_some() && !mail.relays.is_empty() && mail.relays.iter().all(|relay| own(&relay.place))
}

/// Writes the settings of the newsletter.
pub fn lay_out(root: &Path, cast: Cast) -> io::Result<()> {
    let Cast { port, connections, .. } = cast;
    let settings = format!(
        "title: The Rehearsal\nlanguage: en\nbase_url: https://rehearsal.example\n\
         publisher: {{name: The Rehearsal, address: \"1 Stage Street, London EC4Y 1AA\"}}\n\
         sections: [{{name: briefs, kind: brief}}]\n\
         mail:\n  from: The Rehearsal <rehearsal@news.example>\n  list_id: rehearsal.news.example\n  \
         bounces: bounces@news.example\n  relays: [{{name: rehearsal, host: 127.0.0.1, port: {port}, tls: none, \
         connections: {connections}}}]\n\
         service: {{url: https://readers.news.example}}\n\
         delivery: {{settle: 0s, deadline: 7d}}\n"
    );
    fs::create_dir_all(root.join("content").join(SLOT))?;
    fs::write(root.join(MARK), format!("{port}\n"))?;
    fs::write(root.join("content/newsletter.yaml"), settings)
}

/// Writes the issue, with a text of about so many bytes.
pub fn write_issue(root: &Path, bytes: usize) -> io::Result<()> {
    const SENTENCE: &str =
        "The curtain rises, the prompter whispers, and every letter finds its reader once. ";
    let mut text = String::from(
        "---\ntitle: Curtain up\nlead: true\nsources: [{name: The stage manager}]\n---\nEverybody is in place.\n",
    );
    let sentences = bytes.div_ceil(SENTENCE.len());
    for at in 0..sentences {
        if at.is_multiple_of(6) {
            text.push_str("\n\n");
        }
        text.push_str(SENTENCE);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    fs::write(root.join("content").join(SLOT).join("curtain-up.md"), text)
}

/// Writes the list of readers, as a file that can be imported, in the order of addresses.
pub fn write_readers(file: &Path, readers: usize) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, File::create(file)?);
    let width = readers.saturating_sub(1).to_string().len();
    let mut line = String::new();
    writeln!(out, "email")?;
    for number in 0..readers {
        line.clear();
        // Writing into a text cannot fail.
        let _ = writeln!(line, "r{number:0width$}@d{}.example", number % DOMAINS);
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}

/// The number of a reader, from an address or a command that names one.
pub(super) fn number(line: &[u8]) -> Option<usize> {
    let at = line.iter().position(|byte| *byte == b'@')?;
    let local = line.get(..at)?;
    let start = local.iter().rposition(|byte| !byte.is_ascii_digit())?;
    if local.get(start) != Some(&b'r') {
        return None;
    }
    std::str::from_utf8(local.get(start + 1..)?).ok()?.parse().ok()
}

/// The number of a reader of the list.
pub fn reader(address: &str) -> Option<usize> {
    number(address.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Project;

    #[test]
    fn a_reader_is_known_by_the_address() {
        assert_eq!(number(b"RCPT TO:<r0123@d123.example>"), Some(123));
        assert_eq!(reader("r7@d7.example"), Some(7));
        assert_eq!(reader("ann7@d7.example"), None);
        assert_eq!(reader("r@d7.example"), None);
        assert_eq!(number(b"RCPT TO:<>"), None);
    }

    #[test]
    fn a_list_is_in_the_order_of_its_addresses() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("list.csv");
        write_readers(&file, 101).expect("a list");
        let text = fs::read_to_string(file).expect("a list");
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert!(lines.is_sorted() && lines.len() == 101, "{lines:?}");
        assert!(lines.iter().enumerate().all(|(at, line)| reader(line) == Some(at)));
    }

    #[test]
    fn only_a_marked_folder_whose_relay_is_the_rehearsals_is_a_stage() {
        let folder = tempfile::tempdir().expect("a folder");
        let cast = Cast { readers: 1, port: 2525, connections: 3 };
        lay_out(folder.path(), cast).expect("a stage");
        let mut findings = Vec::new();
        let project = Project::open(folder.path(), &mut findings).expect("a project");
        assert!(findings.is_empty(), "{findings:?}");
        let mut mail = project.config.mail.expect("mail");
        assert!(is_stage(folder.path(), &mail));
        let mark = folder.path().join(MARK);
        fs::write(&mark, "2526\n").expect("another relay's mark");
        assert!(!is_stage(folder.path(), &mail));
        fs::write(&mark, "2525\n").expect("a mark");
        let elsewhere = RelayPlace::Host { host: "relay.example".to_owned(), port: 2525 };
        mail.relays.push(crate::config::RelaySettings { place: elsewhere, ..mail.relays[0].clone() });
        assert!(!is_stage(folder.path(), &mail));
        mail.relays.pop();
        fs::remove_file(mark).expect("no mark");
        assert!(!is_stage(folder.path(), &mail));
    }
}
