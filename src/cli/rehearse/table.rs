//! The accounts of a rehearsal, for people and for programs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::rehearsal::{Accounts, Wrong};

use super::super::report::tally_json;
use super::rounds::Rounds;

/// What is told.
pub(super) struct Told<'a> {
    pub(super) seed: u64,
    pub(super) faults: String,
    pub(super) rounds: &'a Rounds,
    pub(super) accounts: &'a Accounts,
    pub(super) wrongs: &'a [Wrong],
}

impl Told<'_> {
    /// The table.
    pub(super) fn lines(&self) -> Vec<String> {
        let (rounds, accounts) = (self.rounds, self.accounts);
        let ledger = &accounts.ledger;
        let counts = [
            ("audience", ledger.audience),
            ("accepted by the relay", accounts.taken),
            ("accepted by the ledger", ledger.accepted),
            ("rejected", ledger.rejected),
            ("skipped", ledger.skipped),
            ("expired", ledger.expired),
            ("held", ledger.held),
            ("open", ledger.open()),
            ("lost", accounts.lost),
            ("doubled", accounts.doubled),
            ("false accepts", accounts.false_accepts),
            ("false rejects", accounts.false_rejects),
            ("unknown to the ledger", accounts.unbooked),
        ];
        let mut lines: Vec<String> =
            counts.iter().map(|(name, count)| format!("{name:<24}{count:>10}")).collect();
        let mut row = |name: &str, text: String| lines.push(format!("{name:<24}{text:>10}"));
        if rounds.kills_wanted > 0 {
            row("kills", format!("{} of {}", rounds.kills, rounds.kills_wanted));
            row("uncertain by kills", rounds.uncertain.to_string());
            row(
                "  by one kill at most",
                format!("{} of {} lines", rounds.most_uncertain, accounts.connections),
            );
            row("lines at a kill, most", rounds.most_lines.to_string());
            row("started again within", seconds(rounds.slowest_again));
        }
        if rounds.pauses > 0 {
            row("pauses", rounds.pauses.to_string());
        }
        row("letters a second", format!("{:.0}", self.rate()));
        row("processor a letter", format!("{:.0} µs", self.processor()));
        row("start to first letter", rounds.first_letter.map_or("none".to_owned(), seconds));
        row("memory at most", format!("{:.1} MB", rounds.memory as f64 / 1e6));
        row("faults", self.faults.clone());
        row("seed", self.seed.to_string());
        lines.extend(self.wrongs.iter().map(|wrong| format!("wrong: {wrong}")));
        if !rounds.is_over() {
            lines.push(format!("wrong: the sender did not come to its end: {}", rounds.end.reason));
        } else if self.wrongs.is_empty() {
            lines.push("nobody lost, nobody doubled beyond the policy, the sums agree".to_owned());
        }
        lines
    }

    /// The same for programs.
    pub(super) fn object(&self) -> Value {
        let (rounds, accounts) = (self.rounds, self.accounts);
        json!({
            "seed": self.seed, "faults": self.faults, "ledger": tally_json(&accounts.ledger),
            "readers": accounts.readers, "taken": accounts.taken, "letters": rounds.letters,
            "lost": accounts.lost, "doubled": accounts.doubled, "false_accepts": accounts.false_accepts,
            "false_rejects": accounts.false_rejects, "unbooked": accounts.unbooked,
            "strangers": accounts.strangers, "connections": accounts.connections,
            "kills": rounds.kills, "kills_wanted": rounds.kills_wanted, "starts": rounds.started,
            "pauses": rounds.pauses, "uncertain_by_kills": rounds.uncertain,
            "uncertain_by_one_kill": rounds.most_uncertain, "lines_at_a_kill": rounds.most_lines,
            "started_again_seconds": rounds.slowest_again.as_secs_f64(),
            "first_letter_seconds": rounds.first_letter.map(|span| span.as_secs_f64()),
            "letters_a_second": self.rate(), "processor_a_letter_us": self.processor(),
            "memory_bytes": rounds.memory, "code": rounds.end.code, "reason": rounds.end.reason,
            "wrong": self.wrongs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }

    fn rate(&self) -> f64 {
        self.rounds.letters as f64 / self.rounds.busy.as_secs_f64().max(1e-9)
    }

    fn processor(&self) -> f64 {
        self.rounds.processor.as_secs_f64() * 1e6 / (self.rounds.letters.max(1) as f64)
    }
}

fn seconds(span: Duration) -> String {
    format!("{:.2} s", span.as_secs_f64())
}
