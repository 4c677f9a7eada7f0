//! Logging in: what is said for PLAIN, LOGIN and XOAUTH2 (RFC 4954).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Login, LoginKind, Offers, WireError};

/// The longest command line (RFC 5321, section 4.5.3.1.4); what is longer follows on a line of its own.
const LINE: usize = 510;

impl Login {
    /// A login that fits on its lines.
    pub(super) fn check(&self) -> Result<(), WireError> {
        let legal = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        let both = legal(self.user.reveal()) && legal(self.password.reveal());
        if both { Ok(()) } else { Err(WireError::Login) }
    }

    /// The lines to say, one after each 334; none where the relay knows no way that we know.
    pub(super) fn lines(&self, offers: &Offers) -> Option<Vec<String>> {
        let (user, password) = (self.user.reveal(), self.password.reveal());
        let encode = |text: &str| STANDARD.encode(text);
        match self.kind {
            LoginKind::XOAuth2 if offers.knows("XOAUTH2") => {
                let bearer = encode(&format!("user={user}\x01auth=Bearer {password}\x01\x01"));
                Some(with_start("AUTH XOAUTH2", bearer))
            }
            LoginKind::Auto if offers.knows("PLAIN") => {
                Some(with_start("AUTH PLAIN", encode(&format!("\0{user}\0{password}"))))
            }
            LoginKind::Auto if offers.knows("LOGIN") => {
                Some(vec!["AUTH LOGIN".to_owned(), encode(user), encode(password)])
            }
            _ => None,
        }
    }
}

fn with_start(command: &str, start: String) -> Vec<String> {
    if command.len() + 1 + start.len() <= LINE {
        vec![format!("{command} {start}")]
    } else {
        vec![command.to_owned(), start]
    }
}
