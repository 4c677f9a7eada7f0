//! Who takes letters about subscriptions: a server, or memory in tests.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters, TlsVersion};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::{Address, transport::smtp};
use thiserror::Error;

use crate::config::env::Secret;
use crate::config::{Login, RelayPlace, RelaySettings, Tls};
use crate::model::EmailAddress;
use crate::model::delivery::{self, Answer, EnhancedCode, Outcome, Phase, Reply};

use super::wire::without_addresses;

/// Takes letters.
pub trait Relay: Send {
    /// Hands one letter over. `Ok` means that the relay has answered for it.
    fn send(&mut self, from: &EmailAddress, to: &EmailAddress, letter: &[u8]) -> Result<(), RelayError>;
}

/// Why a relay did not take a letter.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the relay {}: {text}", if *.transient { "did not take the letter now" } else { "refused the letter" })]
pub struct RelayError {
    /// Whether trying later may help: unless the recipient is refused, it may. A fault of ours is mended one day.
    pub transient: bool,
    /// What it said, without addresses.
    pub text: String,
}

/// A server that speaks SMTP.
pub struct SmtpRelay {
    host: String,
    port: u16,
    greeting: ClientId,
    tls: Option<(Tls, TlsParameters)>,
    login: Option<Credentials>,
    ways: &'static [Mechanism],
}

/// A relay that keeps everything in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryRelay(Arc<Mutex<Vec<Taken>>>);

/// To whom, and what.
type Taken = (EmailAddress, Vec<u8>);

/// Longer than this, no answer comes any more. What the relay does afterwards is not known, and the letter is
/// tried again: twice a confirmation is better than none.
const PATIENCE: Duration = Duration::from_secs(60);

impl SmtpRelay {
    /// Over a server of the settings. `greeting` is the name we give ourselves; `user` has a password with it;
    /// `authority` is a certificate in PEM that is trusted besides those of the system.
    pub fn new(
        settings: &RelaySettings,
        greeting: &str,
        user: Option<(Secret, Secret)>,
        authority: Option<&str>,
    ) -> Result<Self, RelayError> {
        let refused = |error: smtp::Error| RelayError { transient: false, text: error.to_string() };
        let RelayPlace::Host { host, port } = &settings.place else {
            let text = "letters about subscriptions go to a host, not to a socket".to_owned();
            return Err(RelayError { transient: false, text });
        };
        let (mut tls, mut login) = (None, None);
        if settings.tls != Tls::None {
            let mut parameters = TlsParameters::builder(host.clone()).set_min_tls_version(TlsVersion::Tlsv12);
            if let Some(pem) = authority {
                let certificate = Certificate::from_pem(pem.as_bytes()).map_err(refused)?;
                parameters = parameters.add_root_certificate(certificate);
            }
            tls = Some((settings.tls, parameters.build().map_err(refused)?));
            login = user.map(|(user, password)| {
                Credentials::new(user.reveal().to_owned(), password.reveal().to_owned())
            });
        }
        let greeting = ClientId::Domain(greeting.to_owned());
        let ways: &[Mechanism] = match settings.login {
            Login::Plain => DEFAULT_MECHANISMS,
            Login::Xoauth2 => &[Mechanism::Xoauth2],
        };
        Ok(Self { host: host.clone(), port: *port, greeting, tls, login, ways })
    }

    fn connect(&self) -> Result<SmtpConnection, smtp::Error> {
        let wrapper = self.tls.as_ref().filter(|(tls, _)| *tls == Tls::Implicit).map(|(_, tls)| tls);
        let place = (self.host.as_str(), self.port);
        let mut line = SmtpConnection::connect(place, Some(PATIENCE), &self.greeting, wrapper, None)?;
        if let (Some((_, tls)), None) = (&self.tls, wrapper) {
            line.starttls(tls, &self.greeting)?;
        }
        if let Some(login) = &self.login {
            line.auth(self.ways, login)?;
        }
        Ok(line)
    }
}

/// One letter on one line, and in which phase it failed.
fn hand_over(
    line: &mut SmtpConnection,
    from: Address,
    to: Address,
    letter: &[u8],
) -> Result<(), (Phase, smtp::Error)> {
    let mut options = Vec::new();
    if !is_ascii(&from) || !is_ascii(&to) {
        options.push(MailParameter::SmtpUtfEight);
    }
    if !letter.is_ascii() && line.server_info().supports_feature(Extension::EightBitMime) {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    line.command(Mail::new(Some(from), options)).map_err(|error| (Phase::Mail, error))?;
    line.command(Rcpt::new(to, Vec::new())).map_err(|error| (Phase::Rcpt, error))?;
    line.command(Data).map_err(|error| (Phase::Data, error))?;
    line.message(letter).map(drop).map_err(|error| (Phase::Dot, error))
}

fn is_ascii(address: &Address) -> bool {
    AsRef::<str>::as_ref(address).is_ascii()
}

/// Whether a refusal is about the recipient, so that no later attempt helps. What is about us (a login, a
/// sender, an address on a blocklist) or about the letter is mended, and then the letter leaves.
fn is_final(phase: Phase, reply: Reply) -> bool {
    let enhanced = reply.enhanced;
    let refused = delivery::judge(Phase::Rcpt, &Answer::Reply(reply)).outcome == Outcome::Rejected;
    refused
        && match enhanced {
            // The sender's address and domain (RFC 3463, section 3.2), and security or policy (section 3.8).
            Some(EnhancedCode(_, 1, 7 | 8) | EnhancedCode(_, 7, _)) => false,
            Some(EnhancedCode(_, 1 | 2, _)) => true,
            _ => phase == Phase::Rcpt,
        }
}

/// The reply within an error; `None` where the line broke or what came was none.
fn reply(error: &smtp::Error) -> Option<Reply> {
    let code = error.status()?.to_string().parse().ok()?;
    let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let mut numbers = text.split([' ', '-']).next().unwrap_or("").split('.');
    let class = numbers.next().and_then(|number| number.parse().ok());
    let mut number = || numbers.next().and_then(|number| number.parse().ok());
    let enhanced = class.zip(number()).zip(number()).map(|((a, b), c)| EnhancedCode(a, b, c));
    Some(Reply { code, enhanced, text })
}

impl Relay for SmtpRelay {
    fn send(&mut self, from: &EmailAddress, to: &EmailAddress, letter: &[u8]) -> Result<(), RelayError> {
        let parse = |address: &EmailAddress, transient| {
            let text = "an address cannot be written".to_owned();
            address.to_string().parse::<Address>().map_err(|_| RelayError { transient, text })
        };
        let (sender, recipient) = (parse(from, true)?, parse(to, false)?);
        let mut line = self.connect().map_err(|error| failed(Phase::Connect, &error, to))?;
        let international = line.server_info().supports_feature(Extension::SmtpUtfEight);
        let plain = is_ascii(&sender) && is_ascii(&recipient);
        if !plain && !international {
            line.abort();
            let text = "the relay takes no address beyond ASCII (SMTPUTF8, RFC 6531)".to_owned();
            return Err(RelayError { transient: true, text });
        }
        match hand_over(&mut line, sender, recipient, letter) {
            Ok(()) => {
                let _ = line.quit();
                Ok(())
            }
            Err((phase, error)) => {
                line.abort();
                Err(failed(phase, &error, to))
            }
        }
    }
}

fn failed(phase: Phase, error: &smtp::Error, to: &EmailAddress) -> RelayError {
    let transient = !reply(error).is_some_and(|reply| is_final(phase, reply));
    RelayError { transient, text: without_addresses(&error.to_string(), Some(to)) }
}

impl MemoryRelay {
    /// What was taken so far: to whom, and what.
    pub fn letters(&self) -> Vec<(EmailAddress, Vec<u8>)> {
        self.0.lock().map(|letters| letters.clone()).unwrap_or_default()
    }
}

impl Relay for MemoryRelay {
    fn send(&mut self, _from: &EmailAddress, to: &EmailAddress, letter: &[u8]) -> Result<(), RelayError> {
        if let Ok(mut letters) = self.0.lock() {
            letters.push((to.clone(), letter.to_vec()));
        }
        Ok(())
    }
}

impl fmt::Debug for SmtpRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpRelay")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_of_the_recipient_is_final() {
        let reply = |code, enhanced: Option<(u16, u16)>| Reply {
            code,
            enhanced: enhanced.map(|(subject, detail)| EnhancedCode((code / 100) as u8, subject, detail)),
            text: String::new(),
        };
        for (phase, code, enhanced, is_last) in [
            (Phase::Connect, 535, Some((7, 8)), false),
            (Phase::Mail, 550, Some((7, 1)), false),
            (Phase::Mail, 530, None, false),
            (Phase::Mail, 553, Some((1, 8)), false),
            (Phase::Rcpt, 550, Some((1, 1)), true),
            (Phase::Rcpt, 550, Some((4, 1)), true),
            (Phase::Rcpt, 550, None, true),
            (Phase::Rcpt, 530, None, false),
            (Phase::Rcpt, 554, Some((7, 1)), false),
            (Phase::Rcpt, 450, Some((1, 1)), false),
            (Phase::Rcpt, 552, Some((2, 2)), false),
            (Phase::Dot, 550, Some((1, 1)), true),
            (Phase::Dot, 554, Some((6, 0)), false),
            (Phase::Dot, 554, None, false),
        ] {
            assert_eq!(is_final(phase, reply(code, enhanced)), is_last, "{phase:?} {code} {enhanced:?}");
        }
    }
}
