//! Who takes letters about subscriptions: a server, or memory in tests.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lettre::Transport;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters, TlsVersion};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{SmtpTransport, client};
use thiserror::Error;

use crate::config::env::Secret;
use crate::config::{RelaySettings, Tls};
use crate::model::EmailAddress;

/// Takes letters.
pub trait Relay: Send {
    /// Hands one letter over. `Ok` means that the relay has answered for it.
    fn send(&mut self, from: &EmailAddress, to: &EmailAddress, letter: &[u8]) -> Result<(), RelayError>;
}

/// Why a relay did not take a letter.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the relay {}: {text}", if *.transient { "did not take the letter now" } else { "refused the letter" })]
pub struct RelayError {
    /// Whether trying later may help.
    pub transient: bool,
    /// What it said, without addresses.
    pub text: String,
}

/// A server that speaks SMTP.
pub struct SmtpRelay(SmtpTransport);

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
        let refused = |text: String| RelayError { transient: false, text };
        let mut transport = SmtpTransport::builder_dangerous(&settings.host)
            .port(settings.port)
            .timeout(Some(PATIENCE))
            .hello_name(ClientId::Domain(greeting.to_owned()));
        if settings.tls != Tls::None {
            let mut parameters =
                TlsParameters::builder(settings.host.clone()).set_min_tls_version(TlsVersion::Tlsv12);
            if let Some(pem) = authority {
                let certificate = Certificate::from_pem(pem.as_bytes());
                parameters =
                    parameters.add_root_certificate(certificate.map_err(|error| refused(error.to_string()))?);
            }
            let parameters = parameters.build().map_err(|error| refused(error.to_string()))?;
            transport = transport.tls(match settings.tls {
                Tls::Implicit => client::Tls::Wrapper(parameters),
                _ => client::Tls::Required(parameters),
            });
            if let Some((user, password)) = user {
                let credentials = Credentials::new(user.reveal().to_owned(), password.reveal().to_owned());
                transport = transport.credentials(credentials);
            }
        }
        Ok(Self(transport.build()))
    }
}

impl Relay for SmtpRelay {
    fn send(&mut self, from: &EmailAddress, to: &EmailAddress, letter: &[u8]) -> Result<(), RelayError> {
        let refused = |text: String| RelayError { transient: false, text };
        let parse = |address: &EmailAddress| {
            address.to_string().parse().map_err(|_| refused("an address cannot be written".to_owned()))
        };
        let envelope = Envelope::new(Some(parse(from)?), vec![parse(to)?]);
        let envelope = envelope.map_err(|error| refused(error.to_string()))?;
        self.0.send_raw(&envelope, letter).map(drop).map_err(|error| RelayError {
            transient: !error.is_permanent(),
            text: error.to_string().replace(&to.to_string(), &to.masked()),
        })
    }
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
