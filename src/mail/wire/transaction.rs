//! One letter to one recipient, without a socket: bytes in, bytes out (RFC 5321, section 3.3; RFC 2920).

use std::io::IoSlice;
use std::time::Duration;

use crate::model::{Answer, EmailAddress, Phase, Reply};

use super::reply::{Replies, Said};
use super::stuffing::Stuffed;
use super::{Attempted, Gate, Offers, Refusal, Times, commands};

/// One transaction. The driver writes what [`Transaction::output`] shows, reads, asks the gate, and tells what came
/// of it, until there is an [`Transaction::end`].
pub struct Transaction<'a> {
    replies: &'a mut Replies,
    to: &'a EmailAddress,
    letter: Stuffed<'a>,
    commands: Vec<u8>,
    /// Each command with the place where it ends.
    ends: Vec<(Command, usize)>,
    pipelining: bool,
    /// Bytes of commands that are handed over.
    said: usize,
    /// Replies to them that have come.
    answered: usize,
    /// Bytes of the letter that are handed over, the dot included.
    handed: usize,
    letter_wanted: bool,
    /// Whether what is handed over has left for the kernel.
    flushed: bool,
    hand_over: HandOver,
    gate: Option<Gate>,
    refused: Option<(Phase, Reply)>,
    mute: Option<String>,
    turn: u32,
    end: Option<(Attempted, Condition)>,
}

/// What a transaction starts from.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// What the relay offers.
    pub offers: &'a Offers,
    /// How the transaction before left the line.
    pub condition: Condition,
    /// How the socket takes bytes.
    pub hand_over: HandOver,
}

/// What a line is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The next letter.
    Clean,
    /// The next letter, after RSET.
    Refused,
    /// Nothing.
    Broken,
}

/// How a socket takes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandOver {
    /// What it takes is with the kernel: the dot may go together with the letter.
    Together,
    /// It keeps some: the dot goes when the letter has left.
    Apart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Reset,
    Mail,
    Rcpt,
    Data,
}

impl<'a> Transaction<'a> {
    /// Prepares everything; nothing goes on the wire of what cannot go through. `replies` are those of the line.
    pub fn new(
        replies: &'a mut Replies,
        start: Start<'_>,
        from: &EmailAddress,
        to: &'a EmailAddress,
        letter: &'a [u8],
    ) -> Result<Self, Refusal> {
        let letter = Stuffed::new(letter)?;
        let mut transaction = Self {
            replies,
            to,
            letter,
            commands: Vec::with_capacity(256),
            ends: Vec::with_capacity(4),
            pipelining: start.offers.pipelining,
            said: 0,
            answered: 0,
            handed: 0,
            letter_wanted: false,
            flushed: start.hand_over == HandOver::Together,
            hand_over: start.hand_over,
            gate: None,
            refused: None,
            mute: None,
            turn: 0,
            end: None,
        };
        transaction.prepare(start, from)?;
        match start.condition {
            Condition::Broken => transaction.lose("the line is broken"),
            _ if !transaction.replies.is_empty() => transaction.lose("the relay spoke out of turn"),
            _ => {}
        }
        Ok(transaction)
    }

    fn prepare(&mut self, start: Start<'_>, from: &EmailAddress) -> Result<(), Refusal> {
        let (offers, size) = (start.offers, self.letter.size() as u64);
        let international = !self.to.is_ascii() || !from.is_ascii();
        if international && !offers.smtputf8 {
            return Err(Refusal::NeedsSmtputf8);
        }
        if self.letter.is_eight_bit() && !offers.eight_bit {
            return Err(Refusal::Letter("it holds bytes beyond ASCII, which the relay does not take"));
        }
        if let Some(limit) = offers.limit.filter(|limit| size > *limit) {
            return Err(Refusal::TooLarge { limit });
        }
        let declared = format!("SIZE={size}");
        let parameters = [
            (offers.size, declared.as_str()),
            (self.letter.is_eight_bit(), "BODY=8BITMIME"),
            (international, "SMTPUTF8"),
        ];
        let parameters: Vec<&str> =
            parameters.iter().filter(|(given, _)| *given).map(|(_, word)| *word).collect();
        if start.condition == Condition::Refused {
            self.commands.extend_from_slice(b"RSET\r\n");
            self.ends.push((Command::Reset, self.commands.len()));
        }
        commands::mail(&mut self.commands, from, &parameters)?;
        self.ends.push((Command::Mail, self.commands.len()));
        commands::rcpt(&mut self.commands, self.to)?;
        self.ends.push((Command::Rcpt, self.commands.len()));
        self.commands.extend_from_slice(b"DATA\r\n");
        self.ends.push((Command::Data, self.commands.len()));
        Ok(())
    }

    /// How it ended and what the line is good for, once it has.
    pub fn end(&self) -> Option<&(Attempted, Condition)> {
        self.end.as_ref()
    }

    /// Whether the final dot may have left.
    pub fn is_handed_over(&self) -> bool {
        self.handed > self.letter.length()
    }

    /// Grows with every step forward: what is waited for next has its own time.
    pub fn turn(&self) -> u32 {
        self.turn
    }

    /// How long the next step may take.
    pub fn patience(&self, times: &Times) -> Duration {
        match self.phase() {
            Phase::Connect | Phase::Mail | Phase::Rcpt => times.command,
            Phase::Data => times.data,
            Phase::Body => times.write,
            Phase::Dot => times.dot,
        }
    }

    /// Whether nothing but the gate keeps the dot back. It is asked no earlier, so that who opens it knows that the
    /// dot leaves with the next write.
    pub fn wants_gate(&self) -> bool {
        let ready = self.letter_wanted && self.mute.is_none() && self.is_ready();
        self.gate.is_none() && self.end.is_none() && ready
    }

    /// The gate has opened, or never will.
    pub fn gate(&mut self, gate: Gate) {
        self.gate = Some(gate);
        if gate == Gate::Closed {
            self.lose("the ledger closed the gate");
        }
    }

    /// What can be written now, as pieces; says how many.
    pub fn output<'s>(&'s self, slices: &mut [IoSlice<'s>]) -> usize {
        if self.end.is_some() || self.mute.is_some() {
            return 0;
        }
        if self.letter_wanted {
            let to = if self.may_dot() { self.letter.whole() } else { self.letter.length() };
            return self.letter.between(self.handed, to, slices);
        }
        let limit = match self.ends.get(self.answered) {
            _ if self.pipelining => self.commands.len(),
            Some((_, end)) => *end,
            None => self.said,
        };
        match (slices.first_mut(), self.commands.get(self.said..limit)) {
            (Some(slice), Some(bytes)) if !bytes.is_empty() => {
                *slice = IoSlice::new(bytes);
                1
            }
            _ => 0,
        }
    }

    /// The dot leaves only when the ledger has the attempt and the relay has said nothing that is not understood.
    fn may_dot(&self) -> bool {
        self.is_handed_over() || (self.gate == Some(Gate::Open) && self.is_ready())
    }

    fn is_ready(&self) -> bool {
        let ready = match self.hand_over {
            HandOver::Together => true,
            HandOver::Apart => self.flushed && self.handed >= self.letter.length(),
        };
        self.replies.is_empty() && ready
    }

    /// So many bytes have been taken.
    pub fn wrote(&mut self, count: usize) {
        if self.letter_wanted {
            self.handed += count;
        } else {
            self.said += count;
        }
        self.turn += 1;
        self.flushed = self.hand_over == HandOver::Together;
    }

    /// What has been taken has left.
    pub fn flushed(&mut self) {
        if !self.flushed {
            self.flushed = true;
            self.turn += 1;
        }
    }

    /// Nothing more can be written; what the relay said before is still read.
    pub fn write_failed(&mut self, why: &str) {
        self.mute.get_or_insert_with(|| why.to_owned());
    }

    /// Bytes have come in.
    pub fn received(&mut self, bytes: &[u8]) {
        self.replies.push(bytes);
        while self.end.is_none() {
            match self.replies.take() {
                Ok(Some(said)) => self.hear(&said),
                Ok(None) => return,
                Err(garbage) => self.lose(&garbage.to_string()),
            }
        }
        if let Some((_, condition)) = &mut self.end
            && !self.replies.is_empty()
        {
            *condition = Condition::Broken;
        }
    }

    /// No more bytes will come.
    pub fn ended(&mut self, why: &str) {
        let why = self.mute.take().unwrap_or_else(|| why.to_owned());
        self.lose(&why);
    }

    /// The next step took too long.
    pub fn timed_out(&mut self) {
        let why = self.mute.take();
        self.lose(why.as_deref().unwrap_or("nothing happened in time"));
    }

    /// How far it has come.
    fn phase(&self) -> Phase {
        if self.letter_wanted {
            return if self.is_handed_over() { Phase::Dot } else { Phase::Body };
        }
        match self.ends.get(self.answered) {
            Some((Command::Reset | Command::Mail, _)) => Phase::Mail,
            Some((Command::Rcpt, _)) => Phase::Rcpt,
            Some((Command::Data, _)) | None => Phase::Data,
        }
    }

    fn hear(&mut self, said: &Said) {
        self.turn += 1;
        let (phase, to) = (self.phase(), self.to);
        let reply = || said.reply(Some(to));
        if self.letter_wanted {
            return self.hear_of_letter(phase, reply());
        }
        let Some((command, end)) = self.ends.get(self.answered).copied() else { return };
        let refusal = (400..600).contains(&said.code);
        if said.code == 421 || (refusal && self.said < end) {
            return self.refuse(phase, reply(), Condition::Broken);
        }
        if self.said < end {
            return self.lose("the relay spoke out of turn");
        }
        match (command, said.code) {
            (Command::Reset | Command::Mail | Command::Rcpt, 200..300) => self.answered += 1,
            // Beside a refused recipient an empty letter would be accepted for nobody: the line is closed instead.
            (Command::Data, 354) if self.refused.is_some() => self.refuse(phase, reply(), Condition::Broken),
            (Command::Data, 354) => self.letter_wanted = true,
            (Command::Mail | Command::Rcpt, 400..600) if self.pipelining => {
                self.answered += 1;
                self.refused.get_or_insert_with(|| (phase, reply()));
            }
            (Command::Mail | Command::Rcpt | Command::Data, 400..600) => {
                self.refuse(phase, reply(), Condition::Refused);
            }
            (_, code) => self.lose(&format!("the relay answered {code} where it cannot")),
        }
    }

    /// A reply after 354: to the dot, or before it.
    fn hear_of_letter(&mut self, phase: Phase, reply: Reply) {
        let condition = match (phase, reply.code) {
            // RFC 5321, section 4.1.1.4: nothing is answered before the dot, but some relays refuse early and then
            // read no further.
            (Phase::Body, 400..600) | (_, 421) => Condition::Broken,
            (Phase::Dot, 200..300) => Condition::Clean,
            (Phase::Dot, 400..600) => Condition::Refused,
            (_, code) => return self.lose(&format!("the relay answered {code} where it cannot")),
        };
        self.refuse(phase, reply, condition);
    }

    /// Ends with the first refusal, or with this reply.
    fn refuse(&mut self, phase: Phase, reply: Reply, condition: Condition) {
        let (phase, reply) = self.refused.take().unwrap_or((phase, reply));
        self.finish(phase, Answer::Reply(reply), condition);
    }

    /// Ends without an answer, unless there was a refusal before.
    fn lose(&mut self, why: &str) {
        let (phase, answer) = match self.refused.take() {
            Some((phase, reply)) => (phase, Answer::Reply(reply)),
            None => (self.phase(), Answer::Lost(why.to_owned())),
        };
        self.finish(phase, answer, Condition::Broken);
    }

    fn finish(&mut self, phase: Phase, answer: Answer, condition: Condition) {
        if self.end.is_none() {
            self.end = Some((Attempted::Answered { phase, answer }, condition));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &[u8] = b"Subject: x\r\n\r\n.dot\r\nend\r\n";
    const WIRE: &str = "Subject: x\r\n\r\n..dot\r\nend\r\n";

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse_international(text).expect("an address")
    }

    fn offers(pipelining: bool) -> Offers {
        Offers { pipelining, size: true, limit: Some(1000), ..Offers::default() }
    }

    fn start(offers: &Offers) -> Start<'_> {
        Start { offers, condition: Condition::Clean, hand_over: HandOver::Together }
    }

    /// Writes everything that may go out, at most `step` bytes at a time.
    fn written(transaction: &mut Transaction<'_>, step: usize) -> String {
        let mut out = Vec::new();
        loop {
            let mut slices = [IoSlice::new(&[]); 3];
            let count = transaction.output(&mut slices);
            let bytes: Vec<u8> = slices.iter().take(count).flat_map(|slice| slice.iter().copied()).collect();
            let bytes = bytes.get(..step.min(bytes.len())).unwrap_or_default();
            if bytes.is_empty() {
                return String::from_utf8(out).expect("ASCII");
            }
            out.extend_from_slice(bytes);
            transaction.wrote(bytes.len());
        }
    }

    /// A transaction with these offers that is told this; what it wrote, and how it ended.
    fn play(start: Start<'_>, replies: &[&str], gate: Gate) -> (Vec<String>, Option<(Attempted, Condition)>) {
        let (mut heard, to) = (Replies::new(), address("ann@reader.example"));
        let from = address("journal@news.example");
        let mut transaction = Transaction::new(&mut heard, start, &from, &to, LETTER).expect("a transaction");
        transaction.gate(gate);
        let mut lines = vec![written(&mut transaction, 7)];
        for reply in replies {
            reply.bytes().for_each(|byte| transaction.received(&[byte]));
            lines.push(written(&mut transaction, 7));
        }
        (lines, transaction.end().cloned())
    }

    fn answered(end: Option<(Attempted, Condition)>) -> (Phase, u16, Condition) {
        match end.expect("an end") {
            (Attempted::Answered { phase, answer: Answer::Reply(reply) }, left) => (phase, reply.code, left),
            (Attempted::Answered { phase, answer: Answer::Lost(_) }, left) => (phase, 0, left),
            (Attempted::Refused(refusal), _) => panic!("{refusal}"),
        }
    }

    #[test]
    fn commands_go_together_where_the_relay_offers_it() {
        let offers = offers(true);
        let (lines, end) =
            play(start(&offers), &["250 a\r\n", "250 b\r\n", "354 c\r\n", "250 d\r\n"], Gate::Open);
        let group = "MAIL FROM:<journal@news.example> SIZE=25\r\nRCPT TO:<ann@reader.example>\r\nDATA\r\n";
        assert_eq!(lines, [group, "", "", &format!("{WIRE}.\r\n"), ""]);
        assert_eq!(answered(end), (Phase::Dot, 250, Condition::Clean));
    }

    #[test]
    fn commands_go_one_by_one_where_it_does_not() {
        let offers = offers(false);
        let (lines, end) =
            play(start(&offers), &["250 a\r\n", "250 b\r\n", "354 c\r\n", "250 d\r\n"], Gate::Open);
        let mail = "MAIL FROM:<journal@news.example> SIZE=25\r\n";
        assert_eq!(
            lines,
            [mail, "RCPT TO:<ann@reader.example>\r\n", "DATA\r\n", &format!("{WIRE}.\r\n"), ""]
        );
        assert_eq!(answered(end), (Phase::Dot, 250, Condition::Clean));
    }

    #[test]
    fn each_refusal_belongs_to_its_phase() {
        use Condition::{Broken, Clean, Refused};
        let good = ["250 a\r\n", "250 b\r\n", "354 c\r\n", "250 d\r\n"];
        for (pipelining, at, reply, ended) in [
            (true, 0, "550 x\r\n503 x\r\n503 x\r\n", (Phase::Mail, 550, Refused)),
            (false, 0, "451 x\r\n", (Phase::Mail, 451, Refused)),
            (true, 0, "421 x\r\n", (Phase::Mail, 421, Broken)),
            (true, 0, "354 x\r\n", (Phase::Mail, 0, Broken)),
            (true, 1, "550 x\r\n554 x\r\n", (Phase::Rcpt, 550, Refused)),
            (true, 1, "550 x\r\n354 x\r\n", (Phase::Rcpt, 550, Broken)),
            (true, 1, "550 x\r\n250 x\r\n", (Phase::Rcpt, 550, Broken)),
            (true, 1, "550 x\r\n???", (Phase::Rcpt, 550, Broken)),
            (false, 1, "452 x\r\n", (Phase::Rcpt, 452, Refused)),
            (false, 1, "421 x\r\n", (Phase::Rcpt, 421, Broken)),
            (true, 2, "451 x\r\n", (Phase::Data, 451, Refused)),
            (true, 2, "250 x\r\n", (Phase::Data, 0, Broken)),
            (true, 3, "554 x\r\n", (Phase::Dot, 554, Refused)),
            (true, 3, "421 x\r\n", (Phase::Dot, 421, Broken)),
            (true, 3, "354 x\r\n", (Phase::Dot, 0, Broken)),
            (true, 3, "garbage", (Phase::Dot, 0, Broken)),
            (true, 3, "250 x\r\n", (Phase::Dot, 250, Clean)),
        ] {
            let replies = [good.get(..at).unwrap_or_default(), &[reply]].concat();
            let offers = offers(pipelining);
            let (lines, end) = play(start(&offers), &replies, Gate::Open);
            assert_eq!(answered(end), ended, "{reply:?} at {at}");
            assert_eq!(lines.concat().contains("end\r\n"), at == 3, "a letter goes out after 354 only");
        }
    }

    #[test]
    fn after_a_refusal_the_line_is_reset() {
        for pipelining in [true, false] {
            let offers = offers(pipelining);
            let refused = Start { condition: Condition::Refused, ..start(&offers) };
            let replies = ["250 r\r\n", "250 a\r\n", "250 b\r\n", "354 c\r\n", "250 d\r\n"];
            let (lines, end) = play(refused, &replies, Gate::Open);
            assert!(lines.concat().starts_with("RSET\r\nMAIL FROM:"));
            assert_eq!(answered(end), (Phase::Dot, 250, Condition::Clean));
            let (_, end) = play(refused, &["500 r\r\n"], Gate::Open);
            assert_eq!(answered(end), (Phase::Mail, 0, Condition::Broken));
        }
    }

    #[test]
    fn the_dot_waits_for_the_gate() {
        let (mut heard, to) = (Replies::new(), address("ann@reader.example"));
        let (from, offers) = (address("journal@news.example"), offers(true));
        for (gate, written_after) in [(Gate::Open, ".\r\n"), (Gate::Closed, "")] {
            let mut transaction =
                Transaction::new(&mut heard, start(&offers), &from, &to, LETTER).expect("a transaction");
            written(&mut transaction, 100);
            transaction.received(b"250 a\r\n250 b\r\n354 c\r\n");
            assert_eq!(written(&mut transaction, 100), WIRE);
            assert!(transaction.wants_gate() && !transaction.is_handed_over());
            transaction.gate(gate);
            assert_eq!(written(&mut transaction, 100), written_after);
            assert_eq!(transaction.is_handed_over(), gate == Gate::Open);
            transaction.ended("x");
            let phase = if gate == Gate::Open { Phase::Dot } else { Phase::Body };
            assert_eq!(answered(transaction.end().cloned()), (phase, 0, Condition::Broken));
        }
    }

    #[test]
    fn a_socket_that_keeps_bytes_gets_the_dot_last() {
        let (mut heard, to) = (Replies::new(), address("ann@reader.example"));
        let (from, offers) = (address("journal@news.example"), offers(true));
        let start = Start { hand_over: HandOver::Apart, ..start(&offers) };
        let mut transaction = Transaction::new(&mut heard, start, &from, &to, LETTER).expect("a transaction");
        transaction.gate(Gate::Open);
        written(&mut transaction, 100);
        transaction.flushed();
        transaction.received(b"250 a\r\n250 b\r\n354 c\r\n");
        assert_eq!(written(&mut transaction, 100), WIRE);
        transaction.flushed();
        assert_eq!(written(&mut transaction, 100), ".\r\n");
    }

    #[test]
    fn the_phase_is_known_at_every_byte() {
        let to = address("ann@reader.example");
        let (from, offers) = (address("journal@news.example"), offers(true));
        for bytes in 0..=WIRE.len() + 3 {
            let mut heard = Replies::new();
            let mut transaction =
                Transaction::new(&mut heard, start(&offers), &from, &to, LETTER).expect("a transaction");
            transaction.gate(Gate::Open);
            written(&mut transaction, 100);
            transaction.received(b"250 a\r\n250 b\r\n354 c\r\n");
            transaction.wrote(bytes);
            transaction.write_failed("reset");
            assert_eq!(written(&mut transaction, 1), "");
            transaction.ended("the end");
            let phase = if bytes > WIRE.len() { Phase::Dot } else { Phase::Body };
            let lost = Attempted::Answered { phase, answer: Answer::Lost("reset".to_owned()) };
            assert_eq!(transaction.end(), Some(&(lost, Condition::Broken)));
        }
    }

    #[test]
    fn a_relay_that_speaks_during_the_letter_gets_no_dot() {
        let (mut heard, to) = (Replies::new(), address("ann@reader.example"));
        let (from, offers) = (address("journal@news.example"), offers(true));
        for (said, code) in [("552 too much\r\n", 552), ("451 later\r\n", 451), ("250 fine\r\n", 0)] {
            heard = Replies::new();
            let mut transaction =
                Transaction::new(&mut heard, start(&offers), &from, &to, LETTER).expect("a transaction");
            transaction.gate(Gate::Open);
            written(&mut transaction, 100);
            transaction.received(b"250 a\r\n250 b\r\n354 c\r\n");
            transaction.wrote(3);
            let (begun, rest) = said.split_at(2);
            transaction.received(begun.as_bytes());
            assert!(!written(&mut transaction, 100).contains("\r\n.\r\n"), "half a reply holds the dot back");
            transaction.received(rest.as_bytes());
            assert_eq!(answered(transaction.end().cloned()), (Phase::Body, code, Condition::Broken));
        }
        drop(heard);
    }

    #[test]
    fn a_relay_out_of_turn_is_not_believed() {
        let (to, from, offers) =
            (address("ann@reader.example"), address("journal@news.example"), offers(true));
        for (said, end) in [("421 idle\r\n", 421), ("250 x\r\n", 0)] {
            let mut heard = Replies::new();
            let mut transaction =
                Transaction::new(&mut heard, start(&offers), &from, &to, LETTER).expect("a transaction");
            transaction.received(said.as_bytes());
            assert_eq!(answered(transaction.end().cloned()), (Phase::Mail, end, Condition::Broken));
        }
        let (_, end) = play(start(&offers), &["250 a\r\n", "250 b\r\n", "354 c\r\n250 d\r\n"], Gate::Open);
        assert_eq!(answered(end), (Phase::Body, 0, Condition::Broken));
        let mut heard = Replies::new();
        let mut transaction =
            Transaction::new(&mut heard, start(&offers), &from, &to, LETTER).expect("a transaction");
        transaction.gate(Gate::Open);
        written(&mut transaction, 100);
        transaction.received(b"250 a\r\n250 b\r\n354 c\r\n");
        written(&mut transaction, 100);
        transaction.received(b"250 d\r\n250 again\r\n");
        assert_eq!(answered(transaction.end().cloned()), (Phase::Dot, 250, Condition::Broken));
    }

    #[test]
    fn what_a_relay_cannot_take_is_not_sent() {
        let (from, ann, remi) =
            (address("j@news.example"), address("ann@bücher.example"), address("rémi@b.example"));
        let all = Offers { smtputf8: true, eight_bit: true, ..offers(true) };
        let refusal = |offers: &Offers, to: &EmailAddress, letter: &[u8]| {
            let mut heard = Replies::new();
            let made = Transaction::new(&mut heard, start(offers), &from, to, letter);
            made.map(|mut transaction| written(&mut transaction, 1000))
        };
        let large = "x\r\n".repeat(334);
        assert_eq!(refusal(&all, &ann, large.as_bytes()), Err(Refusal::TooLarge { limit: 1000 }));
        assert_eq!(refusal(&offers(true), &remi, LETTER), Err(Refusal::NeedsSmtputf8));
        let eight_bit = "é\r\n".as_bytes();
        assert!(matches!(refusal(&offers(true), &ann, eight_bit), Err(Refusal::Letter(_))));
        let said = refusal(&all, &remi, eight_bit).expect("commands");
        assert!(said.starts_with(
            "MAIL FROM:<j@news.example> SIZE=4 BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<rémi@b.example>"
        ));
        let said = refusal(&all, &ann, LETTER).expect("commands");
        assert!(
            said.starts_with("MAIL FROM:<j@news.example> SIZE=25\r\nRCPT TO:<ann@xn--bcher-kva.example>")
        );
    }
}
