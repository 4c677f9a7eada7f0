//! When going on would do harm: breakers that pause a run, or one domain of it.

use std::collections::{HashMap, HashSet};

use crate::model::{Answer, Blame, Outcome, Phase, Verdict};

/// Watches the attempts of a run.
#[derive(Debug, Clone)]
pub struct Breaker {
    connections: u64,
    attempts: u64,
    rejected: u64,
    uncertain: u64,
    accepted: u64,
    /// Recipients whose answer was lost once.
    lost: HashSet<u64>,
    /// Refusals of ourselves in a row.
    ours: u32,
    /// Refusals of the letter in a row.
    content: u32,
    /// Refusals of policy in a row, by domain.
    policy: HashMap<String, u32>,
}

/// What became of one attempt.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The recipient's number in the run.
    pub recipient: u64,
    /// The recipient's domain, or the provider it belongs to.
    pub domain: &'a str,
    /// How far it came.
    pub phase: Phase,
    /// What it means.
    pub verdict: Verdict,
    /// What the relay said, without addresses.
    pub answer: &'a Answer,
}

/// What pauses, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pause {
    /// The run.
    Run {
        /// In a sentence.
        reason: String,
    },
    /// One domain, or one provider.
    Domain {
        /// Which.
        domain: String,
        /// In a sentence.
        reason: String,
    },
}

/// How many answers may be lost before the first comes.
const NEVER: u64 = 5;
const OURS: u32 = 3;
const CONTENT: u32 = 20;
const POLICY: u32 = 20;
/// From how many attempts on a tenth of them may not be rejected.
const ENOUGH: u64 = 200;
/// How many domains are counted at once; the run would be paused long before.
const DOMAINS: usize = 10_000;

impl Breaker {
    /// Watches a run over so many lines at most.
    pub fn new(connections: usize) -> Self {
        Self {
            connections: u64::try_from(connections).unwrap_or(u64::MAX),
            attempts: 0,
            rejected: 0,
            uncertain: 0,
            accepted: 0,
            lost: HashSet::new(),
            ours: 0,
            content: 0,
            policy: HashMap::new(),
        }
    }

    /// Recipients whose answer was lost before, as the ledger knows.
    pub fn remember(&mut self, lost: impl IntoIterator<Item = u64>) {
        self.lost.extend(lost);
    }

    /// Takes note of an attempt. What a crash or a stop left uncertain is not noted.
    pub fn note(&mut self, attempt: &Attempt<'_>) -> Option<Pause> {
        let Verdict { outcome, blame } = attempt.verdict;
        if outcome != Outcome::Void {
            self.attempts += 1;
        }
        self.rejected += u64::from(outcome == Outcome::Rejected);
        self.accepted += u64::from(outcome == Outcome::Accepted);
        self.ours(attempt, blame)
            .or_else(|| self.uncertain(attempt, outcome))
            .or_else(|| self.content(attempt, outcome, blame))
            .or_else(|| self.rejections(attempt, outcome))
            .or_else(|| self.policy(attempt, outcome))
    }

    /// Our sender, our login or our rights are refused: no reader's fault.
    fn ours(&mut self, attempt: &Attempt<'_>, blame: Blame) -> Option<Pause> {
        if blame != Blame::Us {
            // What came past RCPT was let in; what broke before says nothing.
            if attempt.phase >= Phase::Rcpt {
                self.ours = 0;
            }
            return None;
        }
        self.ours += 1;
        let what = match attempt.phase {
            Phase::Connect => "the relay does not let us in",
            Phase::Mail => "the relay does not take letters from this sender",
            _ => {
                return run(format!(
                    "the relay does not take letters from us for others: {}",
                    attempt.answer
                ));
            }
        };
        if self.ours < OURS {
            return None;
        }
        run(format!("{what}, {OURS} times in a row: {}", attempt.answer))
    }

    fn uncertain(&mut self, attempt: &Attempt<'_>, outcome: Outcome) -> Option<Pause> {
        if outcome != Outcome::Uncertain {
            return None;
        }
        self.uncertain += 1;
        if !self.lost.insert(attempt.recipient) {
            return run(format!(
                "the answer to a letter was lost a second time for the same recipient: {}",
                attempt.answer
            ));
        }
        if self.accepted == 0 && self.uncertain >= NEVER {
            return run(format!(
                "the relay has answered for no letter yet, {NEVER} answers were lost, last: {}",
                attempt.answer
            ));
        }
        let most = self.connections.saturating_mul(2).max(self.attempts / 1000);
        if self.uncertain <= most {
            return None;
        }
        run(format!(
            "the answers to {} of {} letters were lost, last: {}",
            self.uncertain, self.attempts, attempt.answer
        ))
    }

    fn content(&mut self, attempt: &Attempt<'_>, outcome: Outcome, blame: Blame) -> Option<Pause> {
        if outcome == Outcome::Accepted {
            self.content = 0;
        }
        if blame != Blame::Content {
            return None;
        }
        self.content += 1;
        if self.content < CONTENT {
            return None;
        }
        run(format!("the letter itself was refused {CONTENT} times in a row, last: {}", attempt.answer))
    }

    fn rejections(&mut self, attempt: &Attempt<'_>, outcome: Outcome) -> Option<Pause> {
        let many = self.attempts >= ENOUGH && self.rejected.saturating_mul(10) > self.attempts;
        if outcome != Outcome::Rejected || !many {
            return None;
        }
        run(format!("{} of {} letters were rejected, last: {}", self.rejected, self.attempts, attempt.answer))
    }

    fn policy(&mut self, attempt: &Attempt<'_>, outcome: Outcome) -> Option<Pause> {
        if outcome == Outcome::Accepted {
            self.policy.remove(attempt.domain);
        }
        if outcome != Outcome::Rejected || !is_policy(attempt) {
            return None;
        }
        if !self.policy.contains_key(attempt.domain) && self.policy.len() >= DOMAINS {
            return None;
        }
        let strikes = self.policy.entry(attempt.domain.to_owned()).or_default();
        *strikes += 1;
        if *strikes < POLICY {
            return None;
        }
        self.policy.remove(attempt.domain);
        let domain = attempt.domain.to_owned();
        let reason =
            format!("{domain} refused {POLICY} letters in a row by its policy, last: {}", attempt.answer);
        Some(Pause::Domain { domain, reason })
    }
}

/// Whether a rejection is about what we are or send, and not about the mailbox: 5.7.x (RFC 3463, section 3.8), or
/// anything after DATA; without an enhanced code, 554 (RFC 5321, section 4.2.3).
fn is_policy(attempt: &Attempt<'_>) -> bool {
    let Answer::Reply(reply) = attempt.answer else { return false };
    match reply.enhanced {
        Some(enhanced) => enhanced.1 == 7 || attempt.phase >= Phase::Data,
        None => reply.code == 554 || attempt.phase >= Phase::Data,
    }
}

fn run(reason: String) -> Option<Pause> {
    Some(Pause::Run { reason })
}

impl Pause {
    /// Why, in a sentence.
    pub fn reason(&self) -> &str {
        match self {
            Self::Run { reason } | Self::Domain { reason, .. } => reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EnhancedCode, Reply, judge};

    fn said(code: u16, enhanced: Option<(u8, u16, u16)>, text: &str) -> Answer {
        let enhanced = enhanced.map(|(class, subject, detail)| EnhancedCode(class, subject, detail));
        Answer::Reply(Reply { code, enhanced, text: text.to_owned() })
    }

    fn lost() -> Answer {
        Answer::Lost("the line broke".to_owned())
    }

    fn ok() -> Answer {
        said(250, None, "taken")
    }

    /// Notes the same answer for one recipient after the other.
    fn feed(breaker: &mut Breaker, first: u64, count: u64, phase: Phase, answer: &Answer) -> Option<Pause> {
        (first..first + count).find_map(|recipient| note(breaker, recipient, phase, answer))
    }

    fn note(breaker: &mut Breaker, recipient: u64, phase: Phase, answer: &Answer) -> Option<Pause> {
        let verdict = judge(phase, answer);
        breaker.note(&Attempt { recipient, domain: "reader.example", phase, verdict, answer })
    }

    #[test]
    fn three_refusals_of_our_sender_or_login_in_a_row_pause_the_run() {
        for (phase, code) in [(Phase::Mail, 550), (Phase::Connect, 535)] {
            let mut breaker = Breaker::new(16);
            let no = said(code, None, "not you");
            assert_eq!(feed(&mut breaker, 0, 2, phase, &no), None);
            assert_eq!(note(&mut breaker, 2, Phase::Mail, &said(421, None, "busy")), None);
            assert!(
                note(&mut breaker, 3, phase, &no).is_some_and(|pause| pause.reason().ends_with("not you"))
            );
            let mut breaker = Breaker::new(16);
            feed(&mut breaker, 0, 2, phase, &no);
            feed(&mut breaker, 2, 1, Phase::Dot, &ok());
            assert_eq!(feed(&mut breaker, 3, 2, phase, &no), None);
        }
        let denied = note(&mut Breaker::new(16), 0, Phase::Rcpt, &said(554, None, "Relay access denied"));
        assert_eq!(
            denied.as_ref().map(Pause::reason),
            Some("the relay does not take letters from us for others: 554 Relay access denied")
        );
    }

    #[test]
    fn lost_answers_pause_the_run_when_there_are_more_than_lines_explain() {
        let mut breaker = Breaker::new(5);
        feed(&mut breaker, 1_000, 1, Phase::Dot, &ok());
        assert_eq!(feed(&mut breaker, 0, 10, Phase::Dot, &lost()), None);
        let pause = note(&mut breaker, 10, Phase::Dot, &lost()).expect("a pause");
        assert_eq!(pause.reason(), "the answers to 11 of 12 letters were lost, last: the line broke");
        // A relay that has never answered is not asked eleven times.
        let mut breaker = Breaker::new(5);
        assert_eq!(feed(&mut breaker, 0, 4, Phase::Dot, &lost()), None);
        assert!(note(&mut breaker, 4, Phase::Dot, &lost()).is_some());
        let mut breaker = Breaker::new(5);
        feed(&mut breaker, 0, 100_000, Phase::Dot, &ok());
        assert_eq!(feed(&mut breaker, 100_000, 100, Phase::Dot, &lost()), None);
        assert!(note(&mut breaker, 200_000, Phase::Dot, &lost()).is_some());
    }

    #[test]
    fn a_recipient_whose_answer_is_lost_twice_pauses_the_run() {
        let mut breaker = Breaker::new(16);
        assert_eq!(note(&mut breaker, 7, Phase::Dot, &lost()), None);
        assert!(note(&mut breaker, 7, Phase::Dot, &lost()).is_some());
        let mut breaker = Breaker::new(16);
        breaker.remember([8]);
        assert!(note(&mut breaker, 8, Phase::Dot, &lost()).is_some());
        assert_eq!(note(&mut Breaker::new(16), 8, Phase::Body, &lost()), None);
    }

    #[test]
    fn twenty_refusals_of_the_letter_in_a_row_pause_the_run() {
        let spam = said(554, Some((5, 7, 1)), "spam");
        let mut breaker = Breaker::new(16);
        assert_eq!(feed(&mut breaker, 0, 19, Phase::Dot, &spam), None);
        assert_eq!(note(&mut breaker, 19, Phase::Rcpt, &said(550, Some((5, 1, 1)), "nobody")), None);
        assert_eq!(
            note(&mut breaker, 20, Phase::Data, &spam),
            run("the letter itself was refused 20 times in a row, last: 554 5.7.1 spam".to_owned())
        );
        let mut breaker = Breaker::new(16);
        feed(&mut breaker, 0, 19, Phase::Dot, &spam);
        feed(&mut breaker, 19, 1, Phase::Dot, &ok());
        assert_eq!(feed(&mut breaker, 20, 19, Phase::Dot, &spam), None);
    }

    #[test]
    fn more_than_a_tenth_rejected_pauses_the_run_once_there_are_enough() {
        let nobody = said(550, Some((5, 1, 1)), "no such mailbox");
        let mut breaker = Breaker::new(16);
        assert_eq!(feed(&mut breaker, 0, 199, Phase::Rcpt, &nobody), None);
        assert!(note(&mut breaker, 199, Phase::Rcpt, &nobody).is_some());
        let mut breaker = Breaker::new(16);
        feed(&mut breaker, 0, 900, Phase::Dot, &ok());
        assert_eq!(feed(&mut breaker, 900, 100, Phase::Rcpt, &nobody), None);
        let pause = note(&mut breaker, 1000, Phase::Rcpt, &nobody).expect("a pause");
        assert_eq!(pause.reason(), "101 of 1001 letters were rejected, last: 550 5.1.1 no such mailbox");
    }

    #[test]
    fn twenty_refusals_of_policy_pause_a_domain() {
        let policy = said(550, Some((5, 7, 1)), "blocked");
        let mut breaker = Breaker::new(16);
        feed(&mut breaker, 0, 1000, Phase::Dot, &ok());
        assert_eq!(feed(&mut breaker, 1000, 19, Phase::Rcpt, &policy), None);
        let other = said(550, Some((5, 1, 1)), "nobody");
        assert_eq!(note(&mut breaker, 1019, Phase::Rcpt, &other), None);
        let pause = note(&mut breaker, 1020, Phase::Rcpt, &policy).expect("a pause");
        assert_eq!(
            pause,
            Pause::Domain {
                domain: "reader.example".to_owned(),
                reason: "reader.example refused 20 letters in a row by its policy, last: 550 5.7.1 blocked"
                    .to_owned()
            }
        );
        feed(&mut breaker, 2000, 19, Phase::Rcpt, &policy);
        feed(&mut breaker, 2100, 1, Phase::Dot, &ok());
        assert_eq!(feed(&mut breaker, 2200, 19, Phase::Rcpt, &policy), None);
    }
}
