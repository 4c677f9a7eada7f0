//! One letter to one reader: how far an attempt came, what the relay answered, and what the rows about a recipient
//! add up to. The tables are those of the delivery specification, sections 1 and 2.

use std::fmt;

/// How far an attempt has come (RFC 5321, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Connecting, greeting, EHLO, TLS, AUTH.
    Connect,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA, until its 354.
    Data,
    /// The letter, before the final dot is handed to the kernel.
    Body,
    /// From the moment the final dot may have left.
    Dot,
}

/// An enhanced status code (RFC 3463): `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedCode(pub u8, pub u16, pub u16);

/// What a relay said, in one line, without addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Three digits, 200 to 599.
    pub code: u16,
    /// The enhanced status, if there was one.
    pub enhanced: Option<EnhancedCode>,
    /// The words, without control characters.
    pub text: String,
}

/// What came back in a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A reply.
    Reply(Reply),
    /// Nothing that can be read: the line broke, time ran out, or what came was no reply.
    Lost(String),
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The relay has answered for the letter.
    Accepted,
    /// It will never take this letter for this recipient.
    Rejected,
    /// It may take it later.
    Deferred,
    /// The dot was certainly not sent: as if there had been no attempt.
    Void,
    /// The dot may have been sent and its answer is not known.
    Uncertain,
    /// It was uncertain and will not be tried again; the publisher has it on a list.
    Held,
    /// The deadline passed first.
    Expired,
}

/// Whose fault an outcome is, that is, who has to slow down or stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// Nobody's, or the recipient's alone.
    Nobody,
    /// The recipient's domain: it wants fewer letters.
    Domain,
    /// The relay's: it wants fewer lines or a pause.
    Relay,
    /// The letter's: more of the same will be refused as well.
    Content,
    /// Ours: sender, login or rights are not accepted.
    Us,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// For the recipient.
    pub outcome: Outcome,
    /// For everybody else.
    pub blame: Blame,
}

/// Who wrote an outcome down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Witness {
    /// A start that found an attempt without an outcome.
    Recovery,
    /// The sender that made the attempt.
    Sender,
    /// What became known later: a late answer, a bounce, the relay's log.
    Evidence,
    /// The end of a run: what is still open is held or has expired.
    Settlement,
}

/// An outcome as it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recorded {
    /// The number of the attempt, from 1; 0 where none was made.
    pub attempt: u32,
    /// Who wrote it.
    pub witness: Witness,
    /// What became of it.
    pub outcome: Outcome,
}

/// Whether the sender of an open attempt may still be alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lease {
    /// It may.
    Live,
    /// It is not.
    Dead,
}

/// Where a recipient stands: what all rows about it add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Nothing has been sent.
    Pending,
    /// An attempt is under way.
    InFlight,
    /// To be tried again.
    Deferred,
    /// The answer was lost.
    Uncertain,
    /// The relay has it.
    Accepted,
    /// The relay refuses it.
    Rejected,
    /// Not to be mailed.
    Skipped,
    /// Uncertain for good.
    Held,
    /// Too late.
    Expired,
}

/// What an answer in a phase means for the recipient and for everybody else.
pub fn judge(phase: Phase, answer: &Answer) -> Verdict {
    let verdict = |outcome, blame| Verdict { outcome, blame };
    let lost = || match phase {
        Phase::Dot => verdict(Outcome::Uncertain, Blame::Relay),
        _ => verdict(Outcome::Void, Blame::Relay),
    };
    let Answer::Reply(reply) = answer else { return lost() };
    // 421 closes the line whatever it answers; 552 after RCPT is a full mailbox (RFC 5321, section 4.5.3.1.10).
    let later = (400..500).contains(&reply.code) || (phase == Phase::Rcpt && reply.code == 552);
    let never = (500..600).contains(&reply.code) && !later;
    match phase {
        Phase::Connect | Phase::Mail if later => verdict(Outcome::Void, Blame::Relay),
        Phase::Connect | Phase::Mail if never => verdict(Outcome::Void, Blame::Us),
        Phase::Rcpt if later && reply.code == 421 => verdict(Outcome::Deferred, Blame::Relay),
        Phase::Rcpt if later => verdict(Outcome::Deferred, Blame::Domain),
        Phase::Rcpt if never && reply.refuses_us() => verdict(Outcome::Void, Blame::Us),
        Phase::Rcpt if never => verdict(Outcome::Rejected, Blame::Nobody),
        Phase::Data | Phase::Body | Phase::Dot if later => {
            verdict(Outcome::Deferred, if reply.code == 421 { Blame::Relay } else { Blame::Domain })
        }
        Phase::Data | Phase::Body | Phase::Dot if never => verdict(Outcome::Rejected, Blame::Content),
        Phase::Dot if (200..300).contains(&reply.code) => verdict(Outcome::Accepted, Blame::Nobody),
        _ => lost(),
    }
}

impl Reply {
    /// Whether a refusal at RCPT is about us: relaying denied, login required.
    pub fn refuses_us(&self) -> bool {
        let text = self.text.to_ascii_lowercase();
        let words = [
            "relay access denied",
            "relaying denied",
            "relay not permitted",
            "relaying not",
            "unable to relay",
        ];
        // What Postfix's `reject` says to who has not logged in. With 550 it is Microsoft's word for an unknown reader.
        let rejects_client = self.code == 554 && text.contains("recipient address rejected: access denied");
        matches!(self.code, 530 | 535 | 538)
            || rejects_client
            || words.iter().any(|words| text.contains(words))
            || text.contains("authentication required")
    }
}

impl DeliveryState {
    /// Adds up the rows about a recipient, in whatever order they come. `begun` holds the numbers of the attempts
    /// that were begun.
    pub fn fold(begun: &[u32], outcomes: &[Recorded], skipped: bool, lease: Lease) -> Self {
        if outcomes.iter().any(|row| row.outcome == Outcome::Accepted) {
            return Self::Accepted;
        }
        if outcomes.iter().any(|row| row.outcome == Outcome::Rejected) {
            return Self::Rejected;
        }
        if skipped {
            return Self::Skipped;
        }
        let answered = |attempt: u32| outcomes.iter().any(|row| row.attempt == attempt);
        if begun.iter().any(|attempt| !answered(*attempt)) {
            return match lease {
                Lease::Live => Self::InFlight,
                Lease::Dead => Self::Uncertain,
            };
        }
        // A lost answer stays lost, whatever a later attempt came to, until somebody knows more of that very attempt.
        let settled = |attempt: u32| {
            let of = outcomes.iter().filter(|row| row.attempt == attempt);
            of.max_by_key(|row| row.witness).map(|row| row.outcome)
        };
        let lost = || outcomes.iter().any(|row| settled(row.attempt) == Some(Outcome::Uncertain));
        match outcomes.iter().max_by_key(|row| (row.attempt, row.witness)).map(|row| row.outcome) {
            Some(Outcome::Void | Outcome::Deferred) if lost() => Self::Uncertain,
            None | Some(Outcome::Void) => Self::Pending,
            Some(Outcome::Deferred) => Self::Deferred,
            Some(Outcome::Uncertain) => Self::Uncertain,
            Some(Outcome::Held) => Self::Held,
            Some(Outcome::Expired) => Self::Expired,
            Some(Outcome::Accepted) => Self::Accepted,
            Some(Outcome::Rejected) => Self::Rejected,
        }
    }

    /// Whether nothing more will happen by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected | Self::Skipped | Self::Held | Self::Expired)
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.enhanced {
            Some(enhanced) => write!(f, "{} {enhanced} {}", self.code, self.text),
            None => write!(f, "{} {}", self.code, self.text),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(reply) => reply.fmt(f),
            Self::Lost(why) => f.write_str(why),
        }
    }
}

super::words::words! {
    Phase { Connect = "connect", Mail = "mail", Rcpt = "rcpt", Data = "data", Body = "body", Dot = "dot" }
    Outcome {
        Accepted = "accepted", Rejected = "rejected", Deferred = "deferred", Void = "void",
        Uncertain = "uncertain", Held = "held", Expired = "expired"
    }
    Witness { Recovery = "recovery", Sender = "sender", Evidence = "evidence", Settlement = "settlement" }
    DeliveryState {
        Pending = "pending", InFlight = "in flight", Deferred = "deferred", Uncertain = "uncertain",
        Accepted = "accepted", Rejected = "rejected", Skipped = "skipped", Held = "held", Expired = "expired"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: u16, text: &str) -> Answer {
        Answer::Reply(Reply { code, enhanced: None, text: text.to_owned() })
    }

    #[test]
    fn every_cell_of_the_table_means_what_it_says() {
        use {Blame as B, Outcome as O, Phase as P};
        let lost = Answer::Lost("timeout".to_owned());
        for (phase, answer, outcome, blame) in [
            (P::Connect, said(421, "busy"), O::Void, B::Relay),
            (P::Connect, said(535, "no"), O::Void, B::Us),
            (P::Mail, said(451, "later"), O::Void, B::Relay),
            (P::Mail, said(550, "no"), O::Void, B::Us),
            (P::Rcpt, said(450, "grey"), O::Deferred, B::Domain),
            (P::Rcpt, said(552, "full"), O::Deferred, B::Domain),
            (P::Rcpt, said(550, "nobody"), O::Rejected, B::Nobody),
            (P::Rcpt, said(554, "Relay access denied"), O::Void, B::Us),
            (P::Rcpt, said(554, "<…>: Recipient address rejected: Access denied"), O::Void, B::Us),
            (P::Rcpt, said(550, "Recipient address rejected: Access denied"), O::Rejected, B::Nobody),
            (P::Data, said(451, "later"), O::Deferred, B::Domain),
            (P::Data, said(554, "spam"), O::Rejected, B::Content),
            (P::Body, said(552, "too large"), O::Rejected, B::Content),
            (P::Body, lost.clone(), O::Void, B::Relay),
            (P::Dot, said(250, "taken"), O::Accepted, B::Nobody),
            (P::Dot, said(421, "closing"), O::Deferred, B::Relay),
            (P::Dot, said(554, "spam"), O::Rejected, B::Content),
            (P::Dot, said(354, "what"), O::Uncertain, B::Relay),
            (P::Dot, lost.clone(), O::Uncertain, B::Relay),
            (P::Mail, said(354, "what"), O::Void, B::Relay),
        ] {
            assert_eq!(judge(phase, &answer), Verdict { outcome, blame }, "{phase} {answer}");
        }
    }

    #[test]
    fn rows_add_up_in_the_order_of_precedence() {
        let row = |attempt, witness, outcome| Recorded { attempt, witness, outcome };
        let fold = |begun: &[u32], rows: &[Recorded]| DeliveryState::fold(begun, rows, false, Lease::Dead);
        assert_eq!(fold(&[], &[]), DeliveryState::Pending);
        assert_eq!(fold(&[1], &[]), DeliveryState::Uncertain);
        assert_eq!(DeliveryState::fold(&[1], &[], false, Lease::Live), DeliveryState::InFlight);
        let lost = row(1, Witness::Recovery, Outcome::Uncertain);
        assert_eq!(fold(&[1], &[lost]), DeliveryState::Uncertain);
        assert_eq!(fold(&[1], &[lost, row(1, Witness::Settlement, Outcome::Held)]), DeliveryState::Held);
        let late = row(1, Witness::Evidence, Outcome::Accepted);
        assert_eq!(fold(&[1, 2], &[late, lost]), DeliveryState::Accepted);
        assert_eq!(fold(&[1], &[row(1, Witness::Evidence, Outcome::Void), lost]), DeliveryState::Pending);
        let refused = row(2, Witness::Sender, Outcome::Deferred);
        assert_eq!(fold(&[1, 2], &[lost, refused]), DeliveryState::Uncertain);
        let void = row(1, Witness::Evidence, Outcome::Void);
        assert_eq!(fold(&[1, 2], &[lost, void, refused]), DeliveryState::Deferred);
        assert_eq!(DeliveryState::fold(&[], &[], true, Lease::Dead), DeliveryState::Skipped);
    }
}
