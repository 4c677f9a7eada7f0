//! What is said of an import: every place where something was changed or could not come along, and the sums.

use std::fmt::Write;

use serde::Serialize;

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// A whole post did not come along.
    PostLeftOut,
    /// A part of a post did not come along.
    LeftOut,
    /// It came along in another shape.
    Changed,
}

/// One place that somebody may want to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// The file of the source.
    pub file: String,
    /// Its line, counted from 1; 0 means the file as a whole.
    pub line: usize,
    /// What became of it.
    pub effect: Effect,
    /// What it is.
    pub what: String,
    /// What to do.
    pub next: String,
}

/// How much came along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The posts that were found.
    pub posts: usize,
    /// The posts that were written.
    pub carried: usize,
    /// Those that stood there already, byte for byte.
    pub already: usize,
    /// Those whose file exists with another text, which was kept.
    pub kept: usize,
    /// The posts that could not come along.
    pub left_out: usize,
    /// The pictures that were copied.
    pub pictures: usize,
    /// The former addresses that lead to the new ones.
    pub aliases: usize,
    /// The places that were changed.
    pub changes: usize,
    /// The parts of posts that were left out.
    pub parts_left_out: usize,
}

/// The whole account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The sums.
    pub counts: Counts,
    /// The places, by file and line.
    pub notes: Vec<Note>,
}

impl Account {
    /// Puts the notes in order and adds them up.
    pub(super) fn settle(mut self) -> Self {
        self.notes.sort();
        self.notes.dedup();
        let count = |effect: Effect| self.notes.iter().filter(|note| note.effect == effect).count();
        self.counts.changes = count(Effect::Changed);
        self.counts.parts_left_out = count(Effect::LeftOut);
        self
    }

    /// The sums in one sentence.
    pub fn sentence(&self) -> String {
        let Counts { posts, carried, already, kept, left_out, pictures, aliases, changes, parts_left_out } =
            self.counts;
        let mut text = format!("{} found: {carried} carried", many(posts, "post"));
        for (count, words) in [
            (already, "there already"),
            (kept, "kept as they stand in the newsletter"),
            (left_out, "left out"),
        ] {
            if count > 0 {
                let _ = write!(text, ", {count} {words}");
            }
        }
        let _ = write!(
            text,
            "; {}, {} kept; {} changed, {} left out inside posts",
            many(pictures, "picture"),
            if aliases == 1 { "1 former address".to_owned() } else { format!("{aliases} former addresses") },
            many(changes, "place"),
            many(parts_left_out, "thing"),
        );
        text
    }

    /// The account as people read it.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.sentence());
        for (effect, heading) in [
            (Effect::PostLeftOut, "Posts that were left out"),
            (Effect::LeftOut, "Left out of posts"),
            (Effect::Changed, "Changed"),
        ] {
            let notes: Vec<&Note> = self.notes.iter().filter(|note| note.effect == effect).collect();
            if notes.is_empty() {
                continue;
            }
            let _ = write!(text, "\n{heading} ({})\n\n", notes.len());
            for note in notes {
                let _ = writeln!(text, "{}", note.text());
            }
        }
        text
    }
}

impl Note {
    /// The note on one line, or two.
    pub fn text(&self) -> String {
        let place = if self.line == 0 { self.file.clone() } else { format!("{}:{}", self.file, self.line) };
        let next = if self.next.is_empty() { String::new() } else { format!("\n  hint: {}", self.next) };
        format!("{place}: {}{next}", self.what)
    }
}

fn many(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
