//! A relay on a port of this machine: it speaks enough SMTP (RFC 5321) for a sender, fails as it is told, and keeps
//! nothing but the truth.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use memchr::{memchr, memmem};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};

use super::dice::Dice;
use super::faults::{Fate, Faults};
use super::stage;
use super::truth::Truth;

/// A running relay. It stops when it is dropped.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    truth: Arc<Truth>,
    _runtime: Runtime,
}

#[derive(Debug)]
struct Shared {
    truth: Arc<Truth>,
    faults: Faults,
    dice: Dice,
    lines: AtomicU64,
}

impl Relay {
    /// Starts at a free port of 127.0.0.1, for so many readers.
    pub fn start(readers: usize, faults: Faults, dice: Dice) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let port = listener.local_addr()?.port();
        let truth = Arc::new(Truth::new(readers));
        let shared = Arc::new(Shared { truth: Arc::clone(&truth), faults, dice, lines: AtomicU64::new(0) });
        runtime.spawn(accept(listener, shared));
        Ok(Self { port, truth, _runtime: runtime })
    }

    /// Where it is.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it did.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors: some will come free.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        shared.truth.open_line();
        tokio::spawn(async move {
            let line = shared.lines.fetch_add(1, Ordering::Relaxed);
            // A sender that breaks off is part of the play.
            let _ = Call::new(stream, &shared).answer(line).await;
            shared.truth.close_line();
        });
    }
}

/// One connection.
struct Call<'a> {
    stream: TcpStream,
    shared: &'a Shared,
    heard: Vec<u8>,
    /// Where what is heard and not yet understood begins.
    at: usize,
    answers: Vec<u8>,
    sender: bool,
    to: Option<(usize, u8)>,
}

enum Step {
    /// There is more to understand.
    On,
    /// More has to be heard.
    Hear,
    Letter,
    Farewell,
}

const OFFERS: &str = "250-rehearsal.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
    250-SIZE 104857600\r\n250 ENHANCEDSTATUSCODES\r\n";
const END: &[u8] = b"\r\n.\r\n";
/// A longer command is none (RFC 5321, section 4.5.3.1.4, with room for extensions).
const LONGEST: usize = 4_096;
const BLOCK: usize = 64 * 1024;

impl<'a> Call<'a> {
    fn new(stream: TcpStream, shared: &'a Shared) -> Self {
        let (heard, answers) = (Vec::with_capacity(BLOCK), Vec::with_capacity(512));
        Self { stream, shared, heard, at: 0, answers, sender: false, to: None }
    }

    async fn answer(mut self, line: u64) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        if self.shared.faults.refuse(self.shared.dice, line) {
            self.say("421 4.3.2 not now");
            return self.farewell().await;
        }
        self.say("220 rehearsal.example ESMTP");
        loop {
            match self.step() {
                Step::On => {}
                Step::Hear => {
                    self.flush().await?;
                    if !self.hear().await? {
                        return Ok(());
                    }
                }
                Step::Letter => {
                    self.flush().await?;
                    if !self.letter().await? {
                        return Ok(());
                    }
                }
                Step::Farewell => return self.farewell().await,
            }
        }
    }

    fn say(&mut self, line: &str) {
        self.answers.extend_from_slice(line.as_bytes());
        self.answers.extend_from_slice(b"\r\n");
    }

    fn reply(&mut self, code: u16) {
        self.say(&format!("{code} {}.3.0 as rehearsed", code / 100));
    }

    async fn flush(&mut self) -> io::Result<()> {
        if !self.answers.is_empty() {
            self.stream.write_all(&self.answers).await?;
            self.answers.clear();
        }
        Ok(())
    }

    /// Hears more; `false` when the other side has gone.
    async fn hear(&mut self) -> io::Result<bool> {
        self.heard.drain(..self.at);
        self.at = 0;
        self.heard.reserve(BLOCK);
        Ok(self.stream.read_buf(&mut self.heard).await? > 0)
    }

    /// Understands one command.
    fn step(&mut self) -> Step {
        let rest = self.heard.get(self.at..).unwrap_or_default();
        let Some(end) = memchr(b'\n', rest) else {
            return if rest.len() > LONGEST { Step::Farewell } else { Step::Hear };
        };
        let line = rest.get(..end).unwrap_or_default().trim_ascii_end().to_owned();
        self.at += end + 1;
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match verb.as_slice() {
            b"EHLO" | b"HELO" => self.answers.extend_from_slice(OFFERS.as_bytes()),
            b"MAIL" => {
                (self.sender, self.to) = (true, None);
                self.say("250 2.1.0 go on");
            }
            b"RCPT" => return self.recipient(&line),
            b"DATA" if self.to.is_some() => {
                self.say("354 go on");
                return Step::Letter;
            }
            b"DATA" => self.say("503 5.5.1 for whom?"),
            b"RSET" | b"NOOP" => {
                (self.sender, self.to) = (false, None);
                self.say("250 2.0.0 well");
            }
            b"QUIT" => {
                self.say("221 2.0.0 goodbye");
                return Step::Farewell;
            }
            _ => self.say("500 5.5.2 what?"),
        }
        Step::On
    }

    fn recipient(&mut self, line: &[u8]) -> Step {
        if !self.sender {
            self.say("503 5.5.1 from whom?");
            return Step::On;
        }
        let Some((number, asked)) = self.shared.truth.ask(stage::number(line)) else {
            self.say("550 5.1.1 nobody of this name");
            return Step::On;
        };
        let Shared { faults, dice, truth, .. } = self.shared;
        match faults.at_rcpt(*dice, number as u64, u64::from(asked)) {
            Some(code) => {
                // A full mailbox may have room later (RFC 5321, section 4.5.3.1.10).
                if code >= 500 && code != 552 {
                    truth.refuse(number);
                }
                self.reply(code);
                if code == 421 { Step::Farewell } else { Step::On }
            }
            None => {
                self.to = Some((number, asked));
                self.say("250 2.1.5 go on");
                Step::On
            }
        }
    }

    /// Hears a letter and lets it meet its fate; `false` when the line is over.
    async fn letter(&mut self) -> io::Result<bool> {
        self.sender = false;
        let Some((number, asked)) = self.to.take() else { return Ok(false) };
        let Shared { faults, dice, truth, .. } = self.shared;
        let fate = faults.at_dot(*dice, number as u64, u64::from(asked));
        if fate == Fate::BreakBeforeDot {
            self.hear().await?;
            return Ok(false);
        }
        if !self.hear_out().await? {
            return Ok(false);
        }
        if matches!(fate, Fate::Take | Fate::TakeAndBreak) {
            truth.take(number);
        }
        if !faults.slow.is_zero() {
            sleep(faults.slow).await;
        }
        match fate {
            Fate::Take => self.say("250 2.0.0 taken"),
            Fate::Say(code) => {
                if code >= 500 {
                    truth.refuse(number);
                }
                self.reply(code);
                if code == 421 {
                    self.flush().await?;
                    return Ok(false);
                }
            }
            Fate::TakeAndBreak | Fate::BreakAfterDot | Fate::BreakBeforeDot => return Ok(false),
        }
        Ok(true)
    }

    /// Hears until the dot; `false` when the other side has gone before.
    async fn hear_out(&mut self) -> io::Result<bool> {
        loop {
            let rest = self.heard.get(self.at..).unwrap_or_default();
            if let Some(found) = memmem::find(rest, END) {
                self.at += found + END.len();
                return Ok(true);
            }
            // The end may be cut in two.
            self.at = self.heard.len().saturating_sub(END.len() - 1).max(self.at);
            if !self.hear().await? {
                return Ok(false);
            }
        }
    }

    /// Says the last words and waits for the other side to go, so that they are read.
    async fn farewell(mut self) -> io::Result<()> {
        self.flush().await?;
        self.stream.shutdown().await?;
        let mut rest = [0; 1024];
        let gone = async { while matches!(self.stream.read(&mut rest).await, Ok(read) if read > 0) {} };
        let _ = timeout(Duration::from_secs(1), gone).await;
        Ok(())
    }
}
