//! The relays of the settings, with what the environment knows of them.

use anyhow::{Context, anyhow};

use crate::config::env::{self, SMTP};
use crate::config::{Config, Login as Way, MailSettings, RelayPlace, RelaySettings, Tls};
use crate::mail::wire::{Client, Endpoint, Login, LoginKind};

/// What opens lines to the relays, in the order of the settings.
pub(super) fn clients(mail: &MailSettings) -> anyhow::Result<Vec<Client>> {
    let authority = env::smtp_authority()?;
    let greeting = mail.from.address.domain().as_str();
    mail.relays
        .iter()
        .map(|relay| {
            let login = login(relay)?;
            Client::new(Endpoint::of(relay), greeting, login, authority.as_deref(), mail.timeouts)
                .map_err(|error| anyhow!(error).context(format!("the relay is `{}`", relay.name)))
        })
        .collect()
}

/// The settings for mail, with the relay of this machine where none is named.
pub(super) fn mail(config: &Config) -> anyhow::Result<MailSettings> {
    let mut mail = config.mail.clone().context("content/newsletter.yaml has no `mail`")?;
    if mail.relays.is_empty() {
        let place = RelayPlace::Host { host: "localhost".to_owned(), port: 25 };
        mail.relays.push(RelaySettings::at("localhost", place, Tls::None));
    }
    Ok(mail)
}

fn login(relay: &RelaySettings) -> anyhow::Result<Option<Login>> {
    let secret = |name| env::for_relay(name, relay);
    let Some((user, password)) = secret(SMTP.0)?.zip(secret(SMTP.1)?) else { return Ok(None) };
    let kind = match relay.login {
        Way::Plain => LoginKind::Auto,
        Way::Xoauth2 => LoginKind::XOAuth2,
    };
    Ok(Some(Login { user, password, kind }))
}
