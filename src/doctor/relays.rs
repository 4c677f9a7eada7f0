//! Whether relays answer: greeting, TLS, login, and what they offer. No letter is sent.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::env::{self, SMTP, Secret, SecretError};
use crate::config::{self, Config, RelayPlace, RelaySettings, Tls};
use crate::mail::wire::{Client, Endpoint, Failure, Login, LoginKind, Offers, Times, Trust};
use crate::model::Answer;

use super::finding::{Finding, chain};

const CHECK: &str = "relay";

/// Opens a line to every relay of the settings. `letter` is the size of the largest letter, in bytes, where one is
/// built.
pub(super) fn examine(config: &Config, letter: Option<u64>) -> Vec<Finding> {
    let Some(mail) = &config.mail else { return Vec::new() };
    let place = RelayPlace::Host { host: "localhost".to_owned(), port: 25 };
    let local = [RelaySettings::at("localhost", place, Tls::None)];
    let relays = if mail.relays.is_empty() { &local[..] } else { &mail.relays };
    let greeting = mail.from.address.domain().as_str();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return vec![Finding::error(CHECK, format!("no line can be opened: {error}"))],
    };
    relays.iter().map(|relay| runtime.block_on(one(relay, greeting, letter))).collect()
}

async fn one(relay: &RelaySettings, greeting: &str, letter: Option<u64>) -> Finding {
    let place = match &relay.place {
        RelayPlace::Host { host, port } => format!("{} ({host}:{port})", relay.name),
        RelayPlace::Socket(file) => format!("{} ({})", relay.name, file.display()),
    };
    let client = match client(relay, greeting) {
        Ok(client) => client,
        Err(why) => {
            return Finding::error(CHECK, why)
                .at(place)
                .hint("see `mail.relays` and the secrets of the relay");
        }
    };
    let start = Instant::now();
    let finding = match client.open().await {
        Ok(line) => {
            let time = start.elapsed();
            let finding = offers(line.offers(), time, letter);
            line.quit().await;
            finding
        }
        Err(failure) => failed(&failure),
    };
    finding.at(place)
}

fn client(relay: &RelaySettings, greeting: &str) -> Result<Client, String> {
    let login = login(relay).map_err(|error| chain(&error))?;
    let kind = match relay.login {
        config::Login::Plain => LoginKind::Auto,
        config::Login::Xoauth2 => LoginKind::XOAuth2,
    };
    let login = login.map(|(user, password)| Login { user, password, kind });
    let authority = env::smtp_authority().map_err(|error| chain(&error))?;
    let (connect, command) = (Duration::from_secs(10), Duration::from_secs(20));
    let times = Times { connect, command, ..Times::default() };
    Client::new(Endpoint::of(relay), greeting, login, authority.as_deref(), times)
        .map_err(|error| error.to_string())
}

/// The user and the password for a relay: its own, or those for all.
fn login(relay: &RelaySettings) -> Result<Option<(Secret, Secret)>, SecretError> {
    Ok(env::for_relay(SMTP.0, relay)?.zip(env::for_relay(SMTP.1, relay)?))
}

fn offers(offers: &Offers, time: Duration, letter: Option<u64>) -> Finding {
    if let (Some(limit), Some(letter)) = (offers.limit, letter)
        && letter > limit
    {
        let message = format!("the newest letter has {letter} bytes, and the relay takes {limit}");
        return Finding::error(CHECK, message).hint("shorten the issue, or ask the relay for more");
    }
    let named = [
        ("PIPELINING", offers.pipelining),
        ("8BITMIME", offers.eight_bit),
        ("SMTPUTF8", offers.smtputf8),
        ("STARTTLS", offers.starttls),
        ("SIZE", offers.size),
    ];
    let mut words: Vec<String> =
        named.iter().filter(|(_, on)| *on).map(|(word, _)| (*word).to_owned()).collect();
    if let Some(limit) = offers.limit
        && let Some(size) = words.iter_mut().find(|word| *word == "SIZE")
    {
        *size = format!("SIZE {limit}");
    }
    let words = if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
    let message = format!("a line opens in {} ms; it offers {words}", time.as_millis());
    if offers.pipelining {
        Finding::ok(CHECK, message)
    } else {
        Finding::warning(CHECK, message).hint("without PIPELINING each letter waits for several answers")
    }
}

fn failed(failure: &Failure) -> Finding {
    let said = match &failure.answer {
        Answer::Reply(reply) => format!("the relay answered {}: {}", reply.code, reply.text),
        Answer::Lost(why) => why.clone(),
    };
    let hint = match failure.trust {
        Trust::Kept => "see whether the relay runs, and `host`, `port` and `tls` in `mail.relays`",
        Trust::Broken => {
            "nothing is sent over it until this is mended; see `tls` in `mail.relays`, ROTATIVE_SMTP_CA_FILE and the login"
        }
    };
    Finding::error(CHECK, format!("no line opens: {said}")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Health;

    #[test]
    fn what_a_relay_offers_is_weighed_against_the_letter() {
        let all = Offers {
            pipelining: true,
            eight_bit: true,
            smtputf8: true,
            size: true,
            limit: Some(1000),
            ..Offers::default()
        };
        let time = Duration::from_millis(7);
        let fine = offers(&all, time, Some(1000));
        assert_eq!(fine.message, "a line opens in 7 ms; it offers PIPELINING, 8BITMIME, SMTPUTF8, SIZE 1000");
        assert_eq!(fine.severity, Health::Ok);
        assert_eq!(offers(&all, time, Some(1001)).severity, Health::Error);
        assert_eq!(offers(&Offers::default(), time, None).severity, Health::Warning);
    }
}
