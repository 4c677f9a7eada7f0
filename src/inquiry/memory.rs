//! Good answers, kept in a file for a while: who asks each morning need not ask everybody each morning. Bad answers
//! are asked for again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::Verdict;
use crate::model::WebUrl;

/// What is remembered, and where.
#[derive(Debug, Default)]
pub(super) struct Memory {
    file: PathBuf,
    answers: BTreeMap<String, Answer>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Answer {
    /// When it was given, in seconds since 1970.
    at: i64,
    /// Where the page has moved for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved: Option<String>,
}

impl Memory {
    /// What a file remembers that is not too old. A file that cannot be read remembers nothing.
    pub(super) fn load(file: &Path, age: Duration, now: i64) -> Self {
        let read = fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut answers: BTreeMap<String, Answer> = read.unwrap_or_default();
        let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        answers.retain(|_, answer| (0..age).contains(&now.saturating_sub(answer.at)));
        Self { file: file.to_owned(), answers }
    }

    pub(super) fn get(&self, url: &WebUrl) -> Option<Verdict> {
        match &self.answers.get(url.as_str())?.moved {
            None => Some(Verdict::There),
            Some(to) => WebUrl::parse(to).ok().map(Verdict::Moved),
        }
    }

    pub(super) fn put(&mut self, url: &WebUrl, verdict: &Verdict, now: i64) {
        let moved = match verdict {
            Verdict::There => None,
            Verdict::Moved(to) => Some(to.to_string()),
            _ => return,
        };
        self.answers.insert(url.as_str().to_owned(), Answer { at: now, moved });
    }

    /// Writes the file anew; a reader sees the old one or the new one.
    pub(super) fn save(&self) -> io::Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let part = self.file.with_extension("json.part");
        let mut file = fs::File::create(&part)?;
        file.write_all(&serde_json::to_vec_pretty(&self.answers)?)?;
        file.sync_all()?;
        fs::rename(&part, &self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_answers_are_believed_for_a_while_and_bad_ones_never() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a/links.json");
        let url = |text: &str| WebUrl::parse(text).expect("an address");
        let day = Duration::from_secs(86_400);
        let mut memory = Memory::load(&file, day, 1000);
        memory.put(&url("https://a.example/"), &Verdict::There, 1000);
        memory.put(&url("https://b.example/"), &Verdict::Moved(url("https://c.example/")), 1000);
        memory.put(&url("https://d.example/"), &Verdict::Gone(404), 1000);
        memory.save().expect("written");
        let later = Memory::load(&file, day, 87_399);
        assert_eq!(later.get(&url("https://a.example/")), Some(Verdict::There));
        assert_eq!(later.get(&url("https://b.example/")), Some(Verdict::Moved(url("https://c.example/"))));
        assert_eq!(later.get(&url("https://d.example/")), None);
        assert_eq!(Memory::load(&file, day, 87_400).get(&url("https://a.example/")), None);
        fs::write(&file, "{").expect("written");
        assert!(Memory::load(&file, day, 1000).answers.is_empty());
    }
}
