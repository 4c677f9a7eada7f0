//! How the newsletter is mailed: who writes, who takes the letters, who signs them, and how many go at first.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::{DomainName, EmailAddress, IssueDate, Mailbox};

use super::raw::{RawDkim, RawMail, RawProviderLimits, RawRelay, RawTimeouts, RawWarmUp};
use super::relay::{DomainRule, RelaySettings};
use super::settle::{ADDRESS_HINT, ONE_NAME, Settler};
use super::values::selector_name;
use super::yaml::Spanned;

/// How the newsletter is mailed.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Who writes.
    pub from: Mailbox,
    /// Where answers go.
    pub reply_to: Option<Mailbox>,
    /// The name of the list (RFC 2919).
    pub list_id: DomainName,
    /// Where bounces go.
    pub bounces: Option<EmailAddress>,
    /// Who takes the letters; no two have the same name.
    pub relays: Vec<RelaySettings>,
    /// The keys that sign them.
    pub dkim: Vec<DkimSettings>,
    /// What is known of domains besides the built-in table.
    pub domains: Vec<DomainRule>,
    /// Whether the limits of that table hold.
    pub provider_limits: ProviderLimits,
    /// How slowly a new sender begins, if it is one.
    pub warm_up: Option<WarmUp>,
    /// How long a relay is waited for.
    pub timeouts: Timeouts,
}

/// Whether the built-in limits of providers hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderLimits {
    /// They do, but for those that a rule of the settings replaces.
    Usual,
    /// They do not: the relay sees to them. Rules of the settings hold as ever.
    None,
}

/// How long a relay is waited for (RFC 5321, section 4.5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, and for TLS on it.
    pub connect: Duration,
    /// For the greeting and for the answer to EHLO, AUTH, MAIL and RCPT.
    pub command: Duration,
    /// For the answer to DATA.
    pub data: Duration,
    /// For any part of a letter to leave.
    pub write: Duration,
    /// For the answer to the final dot.
    pub dot: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connect: seconds(30),
            command: seconds(300),
            data: seconds(120),
            write: seconds(180),
            dot: seconds(600),
        }
    }
}

/// A key that signs letters (RFC 6376).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimSettings {
    /// The domain that signs.
    pub domain: DomainName,
    /// Which of its keys.
    pub selector: String,
    /// The file of the private key.
    pub key: PathBuf,
}

/// How many letters a new sender may send each day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WarmUp {
    /// The first day.
    pub start: IssueDate,
    /// The letters of that day.
    pub first: u32,
    /// How many times as many each following day, more than 1.
    pub growth: f64,
}

impl Settler<'_> {
    pub(super) fn mail(&mut self, raw: RawMail) -> Option<MailSettings> {
        let RawMail {
            from,
            reply_to,
            list_id,
            bounces,
            relays,
            dkim,
            domains,
            provider_limits,
            warm_up,
            timeouts,
        } = raw;
        let from = self.required("mail.from", from);
        let from = from.and_then(|text| self.parse(text, "address", Mailbox::parse, ADDRESS_HINT));
        let reply_to = self.optional(reply_to, "address", Mailbox::parse, ADDRESS_HINT);
        let list_id = self.optional(list_id, "domain", DomainName::parse, "write it as journal.news.example");
        let bounces = self.optional(bounces, "address", EmailAddress::parse, ADDRESS_HINT);
        let relays = self.relays(relays.unwrap_or_default());
        let dkim = dkim.unwrap_or_default().into_iter().filter_map(|key| self.dkim(key)).collect();
        let domains =
            domains.unwrap_or_default().into_iter().filter_map(|rule| self.domain_rule(rule)).collect();
        let provider_limits = match provider_limits {
            Some(RawProviderLimits::None) => ProviderLimits::None,
            Some(RawProviderLimits::Usual) | None => ProviderLimits::Usual,
        };
        let warm_up = warm_up.and_then(|plan| self.warm_up(plan));
        let timeouts = self.timeouts(timeouts.unwrap_or_default());
        let from = from?;
        let list_id = list_id.unwrap_or_else(|| from.address.domain().clone());
        Some(MailSettings {
            from,
            reply_to,
            list_id,
            bounces,
            relays,
            dkim,
            domains,
            provider_limits,
            warm_up,
            timeouts,
        })
    }

    fn timeouts(&mut self, raw: RawTimeouts) -> Timeouts {
        let RawTimeouts { connect, command, data, write, dot } = raw;
        let usual = Timeouts::default();
        let most = 3600;
        Timeouts {
            connect: self.span(connect, "connect", 1, most).unwrap_or(usual.connect),
            command: self.span(command, "command", 1, most).unwrap_or(usual.command),
            data: self.span(data, "data", 1, most).unwrap_or(usual.data),
            write: self.span(write, "write", 1, most).unwrap_or(usual.write),
            dot: self.span(dot, "dot", 1, most).unwrap_or(usual.dot),
        }
    }

    fn relays(&mut self, raw: Vec<RawRelay>) -> Vec<RelaySettings> {
        let mut relays: Vec<RelaySettings> = Vec::new();
        for raw in raw {
            let written = raw.name.as_ref().or(raw.host.as_ref()).or(raw.socket.as_ref());
            let place = written.map_or_else(|| self.yaml.start(), |text| self.yaml.place(text));
            let Some(relay) = self.relay(raw) else { continue };
            if relays.iter().any(|known| known.name.eq_ignore_ascii_case(&relay.name)) {
                let message = format!("there is a relay `{}` already", relay.name);
                self.fault("duplicate-name", &message, place, ONE_NAME);
                continue;
            }
            relays.push(relay);
        }
        relays
    }

    fn dkim(&mut self, raw: RawDkim) -> Option<DkimSettings> {
        let RawDkim { domain, selector, key } = raw;
        let domain = self.required("mail.dkim.domain", domain)?;
        let selector = self.required("mail.dkim.selector", selector)?;
        let key = self.required("mail.dkim.key", key)?;
        let domain = self.parse(domain, "domain", DomainName::parse, "write it as news.example")?;
        let hint = "a selector is letters, digits, hyphens and dots";
        let selector = self.parse(selector, "dkim-selector", selector_name, hint)?;
        Some(DkimSettings { domain, selector, key: PathBuf::from(key.value) })
    }

    fn warm_up(&mut self, raw: RawWarmUp) -> Option<WarmUp> {
        let RawWarmUp { start, first, growth } = raw;
        let start = self.required("mail.warm_up.start", start)?;
        let start = self.parse(start, "warm-up", IssueDate::parse, "write it as 2026-11-01")?;
        let hint = "a few hundred letters suit most first days";
        let first = self.within(first, "first", 1..=10_000_000, hint);
        let hint = "1.5 sends half as many again each day";
        let growth = self.within(growth, "growth", 1.01..=10.0, hint);
        Some(WarmUp { start, first: first.unwrap_or(500), growth: growth.unwrap_or(1.5) })
    }

    /// A number that has to lie within limits.
    pub(super) fn within<T: PartialOrd + std::fmt::Display>(
        &mut self,
        number: Option<Spanned<T>>,
        key: &str,
        limits: RangeInclusive<T>,
        hint: &str,
    ) -> Option<T> {
        let number = number?;
        if limits.contains(&number.value) {
            return Some(number.value);
        }
        let message = format!("`{key}` is {} to {}, and not {}", limits.start(), limits.end(), number.value);
        self.fault("out-of-range", &message, self.yaml.place(&number), hint);
        None
    }
}
