//! The spill: outcomes that came in and could not be committed, kept in a file until the next start.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;

use serde::{Deserialize, Serialize};

use crate::model::{Answer, EnhancedCode, Outcome, Phase, Reply, Witness};

use super::files::{sync_folder, unwritable};
use super::note::{Ended, outcome};
use super::{Ledger, LedgerError, RunId};

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    run: i64,
    seq: u64,
    attempt: u32,
    owner: String,
    witness: String,
    outcome: String,
    phase: Option<String>,
    code: Option<u16>,
    enhanced: Option<(u8, u16, u16)>,
    text: Option<String>,
    due: i64,
    at: i64,
}

impl Ledger {
    /// Keeps outcomes in the spill, durably. What has not begun need not be kept.
    pub fn spill(&self, outcomes: &[Ended]) -> Result<(), LedgerError> {
        let Some(files) = &self.files else { return Ok(()) };
        let refused = |error| unwritable(&files.spill, &error);
        let mut text = String::new();
        for ended in outcomes {
            let line = serde_json::to_string(&written(ended)).map_err(|error| refused(error.into()))?;
            text.push_str(&line);
            text.push('\n');
        }
        let mut options = OpenOptions::new();
        let mut file = options.append(true).create(true).mode(0o600).open(&files.spill).map_err(refused)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refused)?;
        sync_folder(&files.spill)
    }

    /// Takes the spill of the last run into the ledger, and removes it once that is durable.
    pub(super) fn import_spill(&self) -> Result<u64, LedgerError> {
        let Some(files) = &self.files else { return Ok(0) };
        let text = match fs::read(&files.spill) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(unwritable(&files.spill, &error)),
        };
        let mut outcomes = Vec::new();
        for (at, line) in text.split_inclusive('\n').enumerate() {
            // The end of the power may have torn the last line; what it said is not known.
            let Some(line) = line.strip_suffix('\n') else { continue };
            let wrong = || LedgerError::Damaged {
                place: files.spill.clone(),
                why: format!("line {} makes no sense", at + 1),
            };
            // An earlier torn line has the next one at its end.
            let line = line.rfind("{\"run\"").map_or(line, |start| &line[start..]);
            outcomes.push(serde_json::from_str(line).ok().and_then(read).ok_or_else(wrong)?);
        }
        let many = outcomes.len() as u64;
        self.write(move |transaction| outcomes.iter().try_for_each(|ended| outcome(transaction, ended, 0)))?;
        fs::remove_file(&files.spill).map_err(|error| unwritable(&files.spill, &error))?;
        sync_folder(&files.spill)?;
        Ok(many)
    }
}

fn written(ended: &Ended) -> Line {
    let (code, enhanced, text) = match &ended.answer {
        None => (None, None, None),
        Some(Answer::Lost(why)) => (None, None, Some(why.clone())),
        Some(Answer::Reply(reply)) => {
            let enhanced =
                reply.enhanced.map(|EnhancedCode(class, subject, detail)| (class, subject, detail));
            (Some(reply.code), enhanced, Some(reply.text.clone()))
        }
    };
    Line {
        run: ended.run.0,
        seq: ended.seq,
        attempt: ended.attempt,
        owner: ended.owner.clone(),
        witness: ended.witness.to_string(),
        outcome: ended.outcome.to_string(),
        phase: ended.phase.map(|phase| phase.to_string()),
        code,
        enhanced,
        text,
        due: ended.due,
        at: ended.at,
    }
}

fn read(line: Line) -> Option<Ended> {
    let Line { run, seq, attempt, owner, witness, outcome, phase, code, enhanced, text, due, at } = line;
    let enhanced = enhanced.map(|(class, subject, detail)| EnhancedCode(class, subject, detail));
    let answer = match (code, text) {
        (Some(code), text) => Some(Answer::Reply(Reply { code, enhanced, text: text.unwrap_or_default() })),
        (None, Some(why)) => Some(Answer::Lost(why)),
        (None, None) => None,
    };
    let phase = match phase {
        Some(word) => Some(Phase::parse(&word)?),
        None => None,
    };
    let (witness, outcome) = (Witness::parse(&witness)?, Outcome::parse(&outcome)?);
    Some(Ended { run: RunId(run), seq, attempt, owner, witness, outcome, phase, answer, due, at })
}
