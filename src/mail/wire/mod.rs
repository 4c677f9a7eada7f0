//! The campaign's own SMTP and LMTP: a dialogue that takes bytes and gives bytes, and a thin driver around it. The
//! phase of every transaction is known, and the final dot waits for the ledger.
//!
//! Never knows: sockets, except in `client.rs`, `line.rs` and `stream.rs`; what a letter says; why the gate is closed.

mod auth;
mod client;
mod commands;
mod line;
mod offers;
mod opening;
mod redact;
mod reply;
mod stream;
mod stuffing;
mod tls;
mod transaction;

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use crate::config::env::Secret;
use crate::config::{RelayPlace, RelaySettings, Tls};
use crate::model::{Answer, Phase};

pub use crate::config::{Protocol, Timeouts as Times};
pub use client::Client;
pub use commands::path;
pub use line::Line;
pub use offers::Offers;
pub use opening::{Ask, Opening};
pub use redact::without_addresses;
pub use reply::{Garbage, Replies, Said};
pub use stuffing::Stuffed;
pub use transaction::{Condition, HandOver, Start, Transaction};

/// Where a relay is, what it speaks and how the line is secured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it is.
    pub place: Place,
    /// What it speaks.
    pub protocol: Protocol,
    /// How the line is secured.
    pub tls: Tls,
}

/// Where a relay is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At a port of a machine.
    Tcp {
        /// A name or an address.
        host: String,
        /// Its port.
        port: u16,
    },
    /// At a socket in the file system.
    Unix(PathBuf),
}

/// Who we are to a relay.
#[derive(Clone)]
pub struct Login {
    /// The name it knows us by.
    pub user: Secret,
    /// The password, or the token of XOAUTH2.
    pub password: Secret,
    /// How it is said.
    pub kind: LoginKind,
}

/// How a login is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginKind {
    /// PLAIN (RFC 4616) where it is offered, LOGIN where not.
    Auto,
    /// XOAUTH2: the password is a bearer token.
    XOAuth2,
}

/// Whether the final dot may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// The attempt is in the ledger.
    Open,
    /// It could not be written: the line is closed and the dot is never sent.
    Closed,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempted {
    /// The relay answered, or did not, in this phase.
    Answered {
        /// How far it came.
        phase: Phase,
        /// What came back.
        answer: Answer,
    },
    /// Nothing of it went on the wire.
    Refused(Refusal),
}

/// Why a letter never went on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The local part is not ASCII and the relay does not offer SMTPUTF8 (RFC 6531).
    #[error("the address needs SMTPUTF8, which the relay does not offer")]
    NeedsSmtputf8,
    /// The letter is larger than the relay takes (RFC 1870).
    #[error("the letter is larger than the {limit} bytes that the relay takes")]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// An address cannot stand on a command line.
    #[error("the address cannot be written in a command")]
    Address,
    /// The letter is not fit for SMTP.
    #[error("the letter cannot be sent: {0}")]
    Letter(&'static str),
}

/// Why no line to a relay could be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Always [`Phase::Connect`].
    pub phase: Phase,
    /// What came back.
    pub answer: Answer,
    /// Whether the relay can be trusted.
    pub trust: Trust,
}

/// Whether a relay can be trusted with a login and letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Nothing speaks against it: waiting may help.
    Kept,
    /// It offers no TLS, shows a wrong certificate, sends plaintext into TLS, or knows no login of ours: waiting does
    /// not help, somebody has to look.
    Broken,
}

/// Why a client cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WireError {
    /// The name we greet with is none.
    #[error("`{0}` is no name to greet a relay with")]
    Greeting(String),
    /// The host has no name that a certificate could bear.
    #[error("`{0}` is not the name of a host")]
    Host(String),
    /// A line without TLS leaves the machine.
    #[error("the line to `{0}` would be open: without TLS only this machine is reached")]
    Open(String),
    /// TLS needs a name.
    #[error("a socket in the file system has no TLS")]
    Socket,
    /// A login with a control character, or without a name.
    #[error("the login for the relay is empty or holds a control character")]
    Login,
    /// The certificate of the authority.
    #[error("the certificate of the relay's authority cannot be read: {0}")]
    Authority(String),
    /// TLS itself.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl Endpoint {
    /// The relay of the settings.
    pub fn of(settings: &RelaySettings) -> Self {
        let place = match &settings.place {
            RelayPlace::Host { host, port } => Place::Tcp { host: host.clone(), port: *port },
            RelayPlace::Socket(path) => Place::Unix(path.clone()),
        };
        Self { place, protocol: settings.protocol, tls: settings.tls }
    }
}

impl Failure {
    fn lost(why: impl Into<String>) -> Self {
        Self { phase: Phase::Connect, answer: Answer::Lost(why.into()), trust: Trust::Kept }
    }

    fn distrust(why: impl Into<String>) -> Self {
        Self { trust: Trust::Broken, ..Self::lost(why) }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_wait_as_long_as_the_standard_asks() {
        let times = Times::default();
        let seconds =
            [times.connect, times.command, times.data, times.write, times.dot].map(|time| time.as_secs());
        assert_eq!(seconds, [30, 300, 120, 180, 600]);
    }
}
