//! From the greeting to the login, without a socket: bytes in, bytes out (RFC 5321, section 3.1; RFC 3207; RFC 4954).

use std::collections::VecDeque;

use crate::config::Tls;
use crate::model::{Answer, Phase};

use super::reply::{Replies, Said};
use super::stream::Reach;
use super::{Failure, Login, LoginKind, Offers, Protocol, Trust};

/// The opening of a line. The driver does what [`Opening::ask`] asks for and tells what came of it.
pub struct Opening<'a> {
    greeting: &'a str,
    login: Option<&'a Login>,
    protocol: Protocol,
    tls: Tls,
    reach: Reach,
    replies: Replies,
    state: State,
    secure: bool,
    offers: Offers,
    out: Vec<u8>,
    login_lines: VecDeque<String>,
    failure: Option<Failure>,
}

/// What the driver is to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Ask<'a> {
    /// Write this, then say [`Opening::said`].
    Say(&'a [u8]),
    /// Read, then say [`Opening::received`] or [`Opening::ended`].
    Hear,
    /// Begin TLS, then say [`Opening::secured`].
    Secure,
    /// Nothing: the line is open.
    Ready,
    /// Close the socket.
    Fail(&'a Failure),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Greeting,
    Ehlo,
    Helo,
    StartTls,
    Securing,
    Login,
    Ready,
}

impl<'a> Opening<'a> {
    /// Waits for the greeting; with implicit TLS the socket is secure already.
    pub fn new(
        greeting: &'a str,
        login: Option<&'a Login>,
        protocol: Protocol,
        tls: Tls,
        reach: Reach,
    ) -> Self {
        Self {
            greeting,
            login,
            protocol,
            tls,
            reach,
            replies: Replies::new(),
            state: State::Greeting,
            secure: tls == Tls::Implicit,
            offers: Offers::default(),
            out: Vec::new(),
            login_lines: VecDeque::new(),
            failure: None,
        }
    }

    /// What is to be done next.
    pub fn ask(&self) -> Ask<'_> {
        match (&self.failure, self.state) {
            (Some(failure), _) => Ask::Fail(failure),
            (None, _) if !self.out.is_empty() => Ask::Say(&self.out),
            (None, State::Securing) => Ask::Secure,
            (None, State::Ready) => Ask::Ready,
            (None, _) => Ask::Hear,
        }
    }

    /// What was to be said has been said.
    pub fn said(&mut self) {
        self.out.clear();
    }

    /// Bytes have come in.
    pub fn received(&mut self, bytes: &[u8]) {
        self.replies.push(bytes);
        match self.replies.take() {
            Ok(None) => {}
            Ok(Some(said)) => {
                self.hear(&said);
                // The relay has to wait for our next command, whatever it is.
                if self.failure.is_none() && !self.replies.is_empty() {
                    self.fail(match self.state {
                        State::Securing => {
                            Failure::distrust("there was plaintext behind the answer to STARTTLS")
                        }
                        _ => Failure::lost("the relay spoke out of turn"),
                    });
                }
            }
            Err(garbage) => self.fail(Failure::lost(garbage.to_string())),
        }
    }

    /// No more bytes will come, or none in time.
    pub fn ended(&mut self, why: &str) {
        self.fail(Failure::lost(why));
    }

    /// TLS has begun: what was offered before is forgotten (RFC 3207, section 4.2).
    pub fn secured(&mut self) {
        self.secure = true;
        self.replies = Replies::new();
        self.offers = Offers::default();
        self.greet();
    }

    /// What the relay offers, once the line is open.
    pub fn offers(self) -> Offers {
        self.offers
    }

    fn hear(&mut self, said: &Said) {
        let never = (500..600).contains(&said.code);
        match (self.state, said.code) {
            (State::Greeting, 220) => self.greet(),
            (State::Ehlo, 250) => {
                self.offers = Offers::read(said);
                self.choose();
            }
            (State::Ehlo, _) if never && self.protocol == Protocol::Smtp && !self.must_start_tls() => {
                self.say(State::Helo, &format!("HELO {}", self.greeting));
            }
            (State::Helo, 250) => self.choose(),
            (State::StartTls, 220) => self.state = State::Securing,
            (State::Login, 235) => self.state = State::Ready,
            (State::Login, 334) => self.log_in(),
            (state, 400..600) => {
                let trust = if state == State::StartTls && never { Trust::Broken } else { Trust::Kept };
                let answer = Answer::Reply(said.reply(None));
                self.fail(Failure { phase: Phase::Connect, answer, trust });
            }
            _ => self.fail(Failure::lost(format!("the relay answered {} where it cannot", said.code))),
        }
    }

    fn must_start_tls(&self) -> bool {
        self.tls == Tls::StartTls && !self.secure
    }

    fn greet(&mut self) {
        let word = match self.protocol {
            Protocol::Smtp => "EHLO",
            Protocol::Lmtp => "LHLO",
        };
        self.say(State::Ehlo, &format!("{word} {}", self.greeting));
    }

    /// After the offers: TLS, login, or nothing more.
    fn choose(&mut self) {
        if self.must_start_tls() {
            if self.offers.starttls {
                self.say(State::StartTls, "STARTTLS");
            } else {
                self.fail(Failure::distrust("the relay does not offer STARTTLS"));
            }
            return;
        }
        let Some(login) = self.login else {
            self.state = State::Ready;
            return;
        };
        if !self.secure && self.reach == Reach::Afar {
            return self.fail(Failure::distrust("a login is said over TLS only"));
        }
        match login.lines(&self.offers) {
            Some(lines) => {
                self.login_lines = lines.into();
                self.log_in();
            }
            None => self.fail(Failure::distrust(format!(
                "the relay knows no login of ours; it offers `{}`",
                self.offers.auth.join(" ")
            ))),
        }
    }

    fn log_in(&mut self) {
        if let Some(line) = self.login_lines.pop_front() {
            if self.login_lines.is_empty() {
                // What is said to a challenge too many: XOAUTH2 shows its error after an empty line, others give up.
                let xoauth2 = self.login.is_some_and(|login| login.kind == LoginKind::XOAuth2);
                let last =
                    if line == "*" || line.is_empty() { None } else { Some(if xoauth2 { "" } else { "*" }) };
                self.login_lines.extend(last.map(str::to_owned));
            }
            self.say(State::Login, &line);
        } else {
            self.fail(Failure::lost("the relay goes on asking for a login"));
        }
    }

    fn say(&mut self, state: State, line: &str) {
        self.state = state;
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::{Secret, private_file};
    use std::os::unix::fs::PermissionsExt;

    fn secret(text: &str) -> Secret {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o600)).expect("rights");
        private_file(file.path()).expect("a secret")
    }

    fn login(kind: LoginKind) -> Login {
        Login { user: secret("ann"), password: secret("pass"), kind }
    }

    /// Plays a script: what the relay says, byte by byte, after each of our lines; gives what we said.
    fn play(opening: &mut Opening<'_>, script: &[&str]) -> Vec<String> {
        let (mut lines, mut script) = (Vec::new(), script.iter());
        loop {
            match opening.ask() {
                Ask::Say(bytes) => {
                    lines.push(String::from_utf8_lossy(bytes).trim_end().to_owned());
                    opening.said();
                }
                Ask::Hear => match script.next() {
                    Some(said) => said.bytes().for_each(|byte| opening.received(&[byte])),
                    None => opening.ended("the relay closed the connection"),
                },
                Ask::Secure => {
                    lines.push("(TLS)".to_owned());
                    opening.secured();
                }
                Ask::Ready | Ask::Fail(_) => return lines,
            }
        }
    }

    fn failure(opening: &Opening<'_>) -> (Trust, String) {
        match opening.ask() {
            Ask::Fail(Failure { trust, answer: Answer::Lost(why), .. }) => (*trust, why.clone()),
            Ask::Fail(Failure { trust, answer: Answer::Reply(reply), .. }) => {
                (*trust, reply.code.to_string())
            }
            ask => panic!("{ask:?}"),
        }
    }

    const OFFERS: &str =
        "250-relay.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN XOAUTH2\r\n";

    #[test]
    fn a_line_is_secured_before_we_log_in() {
        let login = login(LoginKind::Auto);
        let mut opening =
            Opening::new("news.example", Some(&login), Protocol::Smtp, Tls::StartTls, Reach::Afar);
        let script = [
            "220 relay.example ESMTP\r\n",
            "250-relay.example\r\n250-SMTPUTF8\r\n250 STARTTLS\r\n",
            "220 go\r\n",
            OFFERS,
            "235 welcome\r\n",
        ];
        let said = play(&mut opening, &script);
        assert_eq!(
            said,
            ["EHLO news.example", "STARTTLS", "(TLS)", "EHLO news.example", "AUTH PLAIN AGFubgBwYXNz"]
        );
        assert_eq!(opening.ask(), Ask::Ready);
        let offers = opening.offers();
        assert!(offers.pipelining && !offers.smtputf8, "what was offered before TLS is forgotten");
    }

    #[test]
    fn each_way_to_log_in_is_spoken() {
        for (kind, offered, script, said) in [
            (
                LoginKind::Auto,
                "AUTH LOGIN",
                vec!["334 a\r\n", "334 b\r\n", "235 c\r\n"],
                vec!["AUTH LOGIN", "YW5u", "cGFzcw=="],
            ),
            (
                LoginKind::XOAuth2,
                "AUTH XOAUTH2",
                vec!["235 c\r\n"],
                vec!["AUTH XOAUTH2 dXNlcj1hbm4BYXV0aD1CZWFyZXIgcGFzcwEB"],
            ),
            (
                LoginKind::XOAuth2,
                "AUTH XOAUTH2",
                vec!["334 eyJzdGF0dXMiOiI0MDEifQ==\r\n", "535 5.7.8 no\r\n"],
                vec!["AUTH XOAUTH2 dXNlcj1hbm4BYXV0aD1CZWFyZXIgcGFzcwEB", ""],
            ),
            (
                LoginKind::Auto,
                "AUTH PLAIN",
                vec!["334 \r\n", "501 no\r\n"],
                vec!["AUTH PLAIN AGFubgBwYXNz", "*"],
            ),
            (LoginKind::XOAuth2, "AUTH PLAIN LOGIN", vec![], vec![]),
        ] {
            let login = login(kind);
            let mut opening =
                Opening::new("n.example", Some(&login), Protocol::Smtp, Tls::None, Reach::Local);
            let offers = format!("250-x\r\n250 {offered}\r\n");
            let script = [vec!["220 x\r\n", &offers], script].concat();
            assert_eq!(play(&mut opening, &script).get(1..).unwrap_or_default(), said);
            let fine = script.last().is_some_and(|last| last.starts_with("235"));
            assert_eq!(opening.ask() == Ask::Ready, fine);
        }
        assert_eq!(format!("{:?}", login(LoginKind::Auto)), "Login(…)");
    }

    #[test]
    fn a_long_token_follows_on_its_own_line() {
        let login =
            Login { user: secret("ann"), password: secret(&"x".repeat(600)), kind: LoginKind::XOAuth2 };
        let mut opening = Opening::new("n.example", Some(&login), Protocol::Smtp, Tls::Implicit, Reach::Afar);
        let said = play(&mut opening, &["220 x\r\n", OFFERS, "334 \r\n", "235 c\r\n"]);
        assert_eq!((said.len(), said.get(1).map(String::as_str)), (3, Some("AUTH XOAUTH2")));
        assert_eq!(opening.ask(), Ask::Ready);
    }

    #[test]
    fn a_relay_that_cannot_be_trusted_learns_nothing() {
        let login = login(LoginKind::Auto);
        let start = |tls| Opening::new("n.example", Some(&login), Protocol::Smtp, tls, Reach::Afar);
        for (tls, script, why) in [
            (
                Tls::StartTls,
                vec!["220 x\r\n", "250-x\r\n250 AUTH PLAIN\r\n"],
                "the relay does not offer STARTTLS",
            ),
            (
                Tls::StartTls,
                vec!["220 x\r\n", OFFERS, "220 go\r\n250 injected\r\n"],
                "there was plaintext behind the answer to STARTTLS",
            ),
            (Tls::StartTls, vec!["220 x\r\n", OFFERS, "502 no\r\n"], "502"),
            (Tls::None, vec!["220 x\r\n", OFFERS], "a login is said over TLS only"),
        ] {
            let mut opening = start(tls);
            // The injected line has to come in one piece with the answer.
            let mut script = script.into_iter();
            let said = loop {
                match opening.ask() {
                    Ask::Say(bytes) => {
                        assert!(!String::from_utf8_lossy(bytes).contains("AUTH"));
                        opening.said();
                    }
                    Ask::Hear => opening.received(script.next().expect("a line").as_bytes()),
                    Ask::Fail(_) => break failure(&opening),
                    ask => panic!("{ask:?}"),
                }
            };
            assert_eq!(said, (Trust::Broken, why.to_owned()));
        }
    }

    #[test]
    fn an_old_relay_is_greeted_the_old_way() {
        let mut opening = Opening::new("n.example", None, Protocol::Smtp, Tls::None, Reach::Local);
        let said = play(&mut opening, &["220 x\r\n", "502 what\r\n", "250 hello\r\n"]);
        assert_eq!(
            (said, opening.ask()),
            (vec!["EHLO n.example".into(), "HELO n.example".into()], Ask::Ready)
        );
        let mut opening = Opening::new("n.example", None, Protocol::Lmtp, Tls::None, Reach::Local);
        assert_eq!(play(&mut opening, &["220 x\r\n", "250-x\r\n250 PIPELINING\r\n"]), ["LHLO n.example"]);
        assert!(opening.offers().pipelining);
    }

    #[test]
    fn refusals_and_silence_fail_the_opening() {
        for (script, why) in [
            (vec![], "the relay closed the connection"),
            (vec!["421 4.3.2 later\r\n"], "421"),
            (vec!["554 no\r\n"], "554"),
            (vec!["250 x\r\n"], "the relay answered 250 where it cannot"),
            (vec!["220 x\r\n", "421 x\r\n"], "421"),
            (vec!["220 x\r\n", "502 x\r\n", "502 x\r\n"], "502"),
            (vec!["SSH-2.0-x\r\n"], "what the relay says is no reply"),
        ] {
            let mut opening = Opening::new("n.example", None, Protocol::Smtp, Tls::None, Reach::Local);
            play(&mut opening, &script);
            assert_eq!(failure(&opening), (Trust::Kept, why.to_owned()));
        }
        let mut opening = Opening::new("n.example", None, Protocol::Smtp, Tls::None, Reach::Local);
        opening.received(b"220 x\r\n250 x\r\n");
        assert_eq!(failure(&opening).1, "the relay spoke out of turn");
    }
}
