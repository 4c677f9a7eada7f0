//! Who takes letters, and how many at a time; how many a domain takes.

use std::path::PathBuf;

use crate::model::DomainName;

use super::raw::{RawDomains, RawLogin, RawProtocol, RawRelay, RawTls};
use super::settle::Settler;
use super::yaml::Spanned;

/// A server that takes letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelaySettings {
    /// What it is called; its secrets are found under that name.
    pub name: String,
    /// Where it is.
    pub place: RelayPlace,
    /// What it speaks.
    pub protocol: Protocol,
    /// How the line is secured.
    pub tls: Tls,
    /// How a password is shown to it, if there is one.
    pub login: Login,
    /// How many lines are kept open at most, 1 at least.
    pub connections: usize,
    /// How many letters go over one line, 1 at least.
    pub letters_per_connection: u32,
    /// Its share of the letters, beside the weights of the others.
    pub weight: u32,
    /// How fast letters may follow each other.
    pub per_second: Option<Rate>,
    /// The most letters within any hour.
    pub per_hour: Option<u32>,
    /// The most letters within any 24 hours.
    pub per_day: Option<u32>,
}

/// Where a relay is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelayPlace {
    /// At a port of a host.
    Host {
        /// The name or address of the host.
        host: String,
        /// The port.
        port: u16,
    },
    /// At a socket in the file system.
    Socket(PathBuf),
}

/// What a relay speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// SMTP (RFC 5321).
    Smtp,
    /// LMTP (RFC 2033): the last answer speaks for the mailbox.
    Lmtp,
}

/// How a line to a relay is secured (RFC 8314).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: loopback and sockets only.
    None,
    /// With STARTTLS, required.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// How a password is shown to a relay (RFC 4954).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// With AUTH PLAIN, or AUTH LOGIN where nothing else is offered.
    Plain,
    /// With AUTH XOAUTH2: the password is a token.
    Xoauth2,
}

/// How fast letters may follow each other: the time between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u64);

/// What a provider of mailboxes takes. Its domains share these limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainRule {
    /// What it is called.
    pub name: String,
    /// Its domains.
    pub domains: Vec<DomainPattern>,
    /// How fast letters may follow each other, if that is limited.
    pub per_second: Option<Rate>,
    /// How many letters may be under way at once, if that is limited.
    pub connections: Option<usize>,
}

/// A domain, or all domains of one name: `outlook.*`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DomainPattern {
    /// One domain.
    Exact(String),
    /// A name under any country or purpose: `outlook.com`, `outlook.fr`, `outlook.co.th`.
    Everywhere(String),
}

impl RelaySettings {
    /// A relay of which nothing but its place is said.
    pub fn at(name: &str, place: RelayPlace, tls: Tls) -> Self {
        Self {
            name: name.to_owned(),
            place,
            protocol: Protocol::Smtp,
            tls,
            login: Login::Plain,
            connections: 16,
            letters_per_connection: 100,
            weight: 1,
            per_second: None,
            per_hour: None,
            per_day: None,
        }
    }
}

impl Rate {
    /// So many letters a second: from one in a hundred seconds to 100,000.
    pub fn per_second(letters: f64) -> Self {
        // Rounded up, so that nothing goes faster than was said. The cast saturates.
        Self((1_000_000.0 / letters.clamp(0.01, 100_000.0)).ceil() as u64)
    }

    /// The microseconds between two letters.
    pub fn interval_us(self) -> u64 {
        self.0
    }
}

impl DomainPattern {
    /// Reads `orange.fr` or `outlook.*`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refused = || format!("`{text}` is not a domain");
        match text.strip_suffix(".*") {
            // What may stand before the first dot of a domain may stand before `.*`.
            Some(name) if !name.contains('.') => match DomainName::parse(&format!("{name}.example")) {
                Ok(_) => Ok(Self::Everywhere(name.to_ascii_lowercase())),
                Err(_) => Err(refused()),
            },
            Some(_) => Err(refused()),
            None => match DomainName::parse(text) {
                Ok(domain) => Ok(Self::Exact(domain.as_str().to_owned())),
                Err(_) => Err(refused()),
            },
        }
    }
}

impl Settler<'_> {
    pub(super) fn relay(&mut self, raw: RawRelay) -> Option<RelaySettings> {
        let RawRelay {
            name,
            host,
            port,
            socket,
            protocol,
            tls,
            login,
            connections,
            letters_per_connection,
            weight,
            per_second,
            per_hour,
            per_day,
        } = raw;
        let protocol = match protocol {
            Some(RawProtocol::Lmtp) => Protocol::Lmtp,
            Some(RawProtocol::Smtp) | None => Protocol::Smtp,
        };
        let name = self.optional(name, "relay-name", relay_name, "write it as main, or relay-2");
        let (usual, place, tls) = self.place(host, port, socket, protocol, tls)?;
        let connections = self.within(connections, "connections", 1..=1000, "16 suits most relays");
        let letters = self.within(
            letters_per_connection,
            "letters_per_connection",
            1..=1_000_000,
            "100 suits most relays",
        );
        let weight =
            self.within(weight, "weight", 1..=1000, "a weight is a share beside those of the others");
        let hint = "leave it out where the relay has no quota";
        let per_hour = self.within(per_hour, "per_hour", 1..=1_000_000_000, hint);
        let per_day = self.within(per_day, "per_day", 1..=1_000_000_000, hint);
        let name = name.unwrap_or(usual);
        Some(RelaySettings {
            protocol,
            login: match login {
                Some(RawLogin::Xoauth2) => Login::Xoauth2,
                Some(RawLogin::Plain) | None => Login::Plain,
            },
            connections: connections.unwrap_or(16),
            letters_per_connection: letters.unwrap_or(100),
            weight: weight.unwrap_or(1),
            per_second: self.rate(per_second),
            per_hour,
            per_day,
            ..RelaySettings::at(&name, place, tls)
        })
    }

    /// Where a relay is, what it is called unless something else is said, and how its line is secured.
    fn place(
        &mut self,
        host: Option<Spanned<String>>,
        port: Option<u16>,
        socket: Option<Spanned<String>>,
        protocol: Protocol,
        tls: Option<Spanned<RawTls>>,
    ) -> Option<(String, RelayPlace, Tls)> {
        if let Some(socket) = socket {
            if host.is_some() || port.is_some() {
                let hint = "write `host` and `port`, or `socket`";
                let place = self.yaml.place(&socket);
                self.fault("relay-place", "a relay is at a host or at a socket, not at both", place, hint);
                return None;
            }
            if let Some(tls) = tls.filter(|tls| tls.value != RawTls::None) {
                let place = self.yaml.place(&tls);
                self.fault("relay-tls", "a socket of this machine has no TLS", place, "leave `tls` out");
            }
            let file = PathBuf::from(&socket.value);
            let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let name = if relay_name(&name).is_ok() { name } else { "socket".to_owned() };
            return Some((name, RelayPlace::Socket(file), Tls::None));
        }
        let host = self.required("mail.relays.host", host)?;
        let loopback = matches!(host.value.as_str(), "localhost" | "127.0.0.1" | "::1");
        let place = tls.as_ref().map(|tls| self.yaml.place(tls));
        let tls = match tls.map_or(RawTls::Starttls, |tls| tls.value) {
            RawTls::None => Tls::None,
            RawTls::Starttls => Tls::StartTls,
            RawTls::Implicit => Tls::Implicit,
        };
        if let (Tls::None, false, Some(place)) = (tls, loopback, place) {
            let hint = "write `starttls` or `implicit`; a line without TLS is for loopback only";
            let message = format!("letters to `{}` would travel in the open", host.value);
            self.fault("relay-tls", &message, place, hint);
        }
        let usual = match (protocol, tls) {
            (Protocol::Lmtp, _) => 24,
            (Protocol::Smtp, Tls::Implicit) => 465,
            (Protocol::Smtp, _) => 587,
        };
        let port = port.unwrap_or(usual);
        Some((host.value.clone(), RelayPlace::Host { host: host.value, port }, tls))
    }

    pub(super) fn domain_rule(&mut self, raw: RawDomains) -> Option<DomainRule> {
        let RawDomains { name, domains, per_second, connections } = raw;
        let name = self.required("mail.domains.name", name)?;
        let hint = "write it as Orange, or La Poste";
        let name = self.parse(name, "domain-name", provider_name, hint)?;
        let hint = "write them as [orange.fr, wanadoo.fr], or [outlook.*]";
        let domains: Vec<DomainPattern> = domains
            .unwrap_or_default()
            .into_iter()
            .filter_map(|domain| self.parse(domain, "domain", DomainPattern::parse, hint))
            .collect();
        let per_second = self.rate(per_second);
        let hint = "2 suit most providers; leave it out for no limit";
        let connections = self.within(connections, "connections", 1..=1000, hint);
        Some(DomainRule { name, domains, per_second, connections })
    }

    fn rate(&mut self, letters: Option<Spanned<f64>>) -> Option<Rate> {
        let hint = "leave it out for no limit; 0.5 is a letter every two seconds";
        self.within(letters, "per_second", 0.01..=100_000.0, hint).map(Rate::per_second)
    }
}

/// A name that can stand in the name of a secret and in a key of the ledger.
fn relay_name(text: &str) -> Result<String, String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=64).contains(&text.len()) && text.bytes().all(legal) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is not a name of letters, digits, hyphens and dots"))
    }
}

/// A name for people, which is part of a key of the ledger.
fn provider_name(text: &str) -> Result<String, String> {
    let legal = |letter: char| !letter.is_control() && letter != '/';
    if (1..=64).contains(&text.len()) && text.chars().all(legal) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` cannot be the name of a provider"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{MailSettings, ProviderLimits, settle};
    use crate::model::{Diagnostic, Source};

    fn read(mail: &str) -> (Option<MailSettings>, Vec<Diagnostic>) {
        let text = format!(
            "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{{name: brief}}]\n\
             mail:\n  from: daily@news.example\n{mail}"
        );
        let mut findings = Vec::new();
        let config = settle(&Source::new("content/newsletter.yaml", text), &mut findings);
        (config.and_then(|config| config.mail), findings)
    }

    fn rules(mail: &str) -> Vec<&'static str> {
        read(mail).1.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn a_relay_says_how_much_it_takes() {
        let (mail, findings) = read(
            "  relays:\n    - {name: main, host: smtp.example, connections: 8, weight: 3, per_hour: 20000, \
             per_day: 100000, per_second: 50, letters_per_connection: 20, login: xoauth2}\n    \
             - {socket: /run/dovecot/lmtp, protocol: lmtp}\n    - {host: mx.example, protocol: lmtp}\n",
        );
        assert!(findings.is_empty(), "{findings:#?}");
        let relays = mail.expect("settings").relays;
        let main = &relays[0];
        assert_eq!((main.name.as_str(), main.weight, main.letters_per_connection), ("main", 3, 20));
        assert_eq!((main.per_hour, main.per_day), (Some(20_000), Some(100_000)));
        assert_eq!(main.per_second.map(Rate::interval_us), Some(20_000));
        assert_eq!((main.login, main.tls), (Login::Xoauth2, Tls::StartTls));
        assert_eq!(main.place, RelayPlace::Host { host: "smtp.example".to_owned(), port: 587 });
        assert_eq!(relays[1].place, RelayPlace::Socket(PathBuf::from("/run/dovecot/lmtp")));
        assert_eq!(
            (relays[1].name.as_str(), relays[1].protocol, relays[1].tls),
            ("lmtp", Protocol::Lmtp, Tls::None)
        );
        assert_eq!(relays[2].place, RelayPlace::Host { host: "mx.example".to_owned(), port: 24 });
    }

    #[test]
    fn two_relays_of_one_name_are_refused() {
        assert_eq!(
            rules("  relays: [{host: a.example}, {host: A.example, port: 465}]\n"),
            ["duplicate-name"]
        );
        assert!(rules("  relays: [{host: a.example}, {name: b, host: a.example, port: 465}]\n").is_empty());
    }

    #[test]
    fn letters_travel_in_the_open_on_this_machine_only() {
        assert_eq!(rules("  relays: [{host: a.example, tls: none}]\n"), ["relay-tls"]);
        assert_eq!(rules("  relays: [{host: a.example, protocol: lmtp, tls: none}]\n"), ["relay-tls"]);
        assert!(rules("  relays: [{host: 127.0.0.1, tls: none}]\n").is_empty());
        assert!(rules("  relays: [{socket: /run/lmtp, tls: none}]\n").is_empty());
        assert_eq!(rules("  relays: [{socket: /run/lmtp, tls: starttls}]\n"), ["relay-tls"]);
        assert_eq!(rules("  relays: [{socket: /run/lmtp, host: a.example}]\n"), ["relay-place"]);
    }

    #[test]
    fn numbers_out_of_range_are_named_with_their_limits() {
        let (_, findings) = read("  relays: [{host: a.example, connections: 0, weight: 0, per_second: 0}]\n");
        let said: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            said,
            [
                "`connections` is 1 to 1000, and not 0",
                "`weight` is 1 to 1000, and not 0",
                "`per_second` is 0.01 to 100000, and not 0"
            ]
        );
    }

    #[test]
    fn domains_and_a_warm_up_are_read() {
        let (mail, findings) = read(
            "  domains: [{name: Orange, domains: [orange.fr, wanadoo.*], per_second: 0.5, connections: 2}]\n  \
             warm_up: {start: 2026-11-01, first: 300}\n  provider_limits: none\n",
        );
        assert!(findings.is_empty(), "{findings:#?}");
        let mail = mail.expect("settings");
        let patterns =
            [DomainPattern::Exact("orange.fr".to_owned()), DomainPattern::Everywhere("wanadoo".to_owned())];
        assert_eq!(mail.provider_limits, ProviderLimits::None);
        assert_eq!(mail.domains[0].domains, patterns);
        assert_eq!(mail.domains[0].per_second.map(Rate::interval_us), Some(2_000_000));
        assert_eq!(mail.warm_up.map(|plan| (plan.first, plan.growth)), Some((300, 1.5)));
        assert_eq!(
            rules("  domains: [{name: A, domains: [nowhere, a.b.*]}]\n  warm_up: {start: soon, growth: 1}\n"),
            ["domain", "domain", "warm-up"]
        );
    }
}
