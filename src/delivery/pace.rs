//! How fast letters go to a relay, and through it to each destination: rates, quotas, letters under way, and the
//! rests that a destination asks for.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::config::{DomainRule, Rate, RelaySettings};
use crate::model::{Blame, Outcome, Verdict};

use super::providers::Providers;
use super::rate::{Bucket, Quota, RateRow, Span};
use super::stamp::{Stamp, spread};

/// A relay, by its place in the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelayId(pub usize);

/// Whether a letter may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// It may, and is counted as under way until it has ended.
    Go,
    /// Not before this moment.
    Wait(Stamp),
    /// Not before another letter for the same destination has ended.
    Busy,
    /// Not at all: the destination is paused.
    Paused,
}

/// What every relay and every destination takes.
#[derive(Debug, Clone)]
pub struct Pace {
    relays: Vec<Meter>,
    providers: Providers,
    paused: HashSet<String>,
}

/// What one relay takes.
#[derive(Debug, Clone)]
struct Meter {
    name: String,
    rate: Option<Bucket>,
    quotas: Vec<Quota>,
    /// By provider, or by domain.
    destinations: HashMap<String, Destination>,
    swept: Stamp,
}

/// What one destination takes through one relay.
#[derive(Debug, Clone, Default)]
struct Destination {
    rate: Option<Bucket>,
    lines: Option<usize>,
    under_way: usize,
    /// Refusals for the time being since a letter was last accepted.
    strikes: u32,
    /// Rests since then.
    rests: u32,
    until: Stamp,
    proven: bool,
}

/// How many destinations are remembered of each relay. Beyond that, a destination is as if it were new.
const REMEMBERED: usize = 10_000;
const SWEEP: Duration = Duration::from_secs(1);

const SHORT_REST: Duration = Duration::from_secs(300);
const LONG_REST: Duration = Duration::from_secs(4000);

/// How many refusals in a row a destination that has accepted a letter needs before it is left alone: one full
/// mailbox should not stop a provider.
const PATIENCE: u32 = 3;

impl Pace {
    /// The pace of the settings, as far along as the ledger says.
    pub fn new(relays: &[RelaySettings], providers: Providers, rows: &[RateRow]) -> Self {
        let relays = relays.iter().map(|relay| Meter::new(relay, &providers, rows)).collect();
        Self { relays, providers, paused: HashSet::new() }
    }

    /// The destination of a domain: its provider, or the domain itself.
    pub fn destination<'a>(&'a self, domain: &'a str) -> &'a str {
        self.providers.destination(domain)
    }

    /// Whether a letter for `domain` may go to a relay now. Every `Go` is followed by one `ended` or
    /// `give_back`.
    pub fn may_send(&mut self, relay: RelayId, domain: &str, now: Stamp) -> Leave {
        let leave = self.look(relay, domain, now);
        if leave == Leave::Go
            && let Some(meter) = self.relays.get_mut(relay.0)
        {
            meter.take(self.providers.destination(domain), now);
        }
        leave
    }

    /// What `may_send` would say, without taking anything.
    pub fn look(&mut self, relay: RelayId, domain: &str, now: Stamp) -> Leave {
        let destination = self.providers.destination(domain);
        if self.paused.contains(destination) {
            return Leave::Paused;
        }
        match self.relays.get_mut(relay.0) {
            Some(meter) => meter.look(destination, now),
            None => Leave::Paused,
        }
    }

    /// From when a relay takes letters again for anybody, as far as rates and quotas go.
    pub fn frees(&mut self, relay: RelayId, now: Stamp) -> Stamp {
        self.relays.get_mut(relay.0).map_or(now, |meter| now.after(meter.wait(now)))
    }

    /// A letter that was let go has ended. `chance` is any number.
    pub fn ended(&mut self, relay: RelayId, domain: &str, verdict: Verdict, now: Stamp, chance: u64) {
        let destination = self.providers.destination(domain);
        let Some(meter) = self.relays.get_mut(relay.0) else { return };
        if let Some(known) = meter.destinations.get_mut(destination) {
            known.ended(verdict, now, chance);
        }
    }

    /// A letter that was let go is not tried after all. What it took of rates and quotas stays taken.
    pub fn give_back(&mut self, relay: RelayId, domain: &str) {
        let destination = self.providers.destination(domain);
        let known = self.relays.get_mut(relay.0).and_then(|meter| meter.destinations.get_mut(destination));
        if let Some(known) = known {
            known.under_way = known.under_way.saturating_sub(1);
        }
    }

    /// Lets nothing more go to the destination of a domain.
    pub fn pause(&mut self, domain: &str) {
        let destination = self.providers.destination(domain).to_owned();
        self.paused.insert(destination);
    }

    /// What the ledger has to write down together with the next attempts, so that it is durable before they are.
    pub fn rows(&mut self) -> Vec<RateRow> {
        let mut rows = Vec::new();
        for meter in &mut self.relays {
            meter.rows(self.providers.rules(), &mut rows);
        }
        rows
    }
}

impl Meter {
    fn new(relay: &RelaySettings, providers: &Providers, rows: &[RateRow]) -> Self {
        let resumed = |rate: Option<Rate>, key: &str| {
            let mut bucket = rate.map(bucket)?;
            if let Some(row) = rows.iter().find(|row| row.key == key) {
                bucket.resume(row);
            }
            Some(bucket)
        };
        let quota = |span, most: Option<u32>| {
            let mut quota = Quota::new(span, most?);
            quota.resume(&relay.name, rows);
            Some(quota)
        };
        let destination = |rule: &DomainRule| {
            let rate = resumed(rule.per_second, &format!("{}/{}", relay.name, rule.name));
            (rule.name.clone(), Destination { rate, lines: rule.connections, ..Destination::default() })
        };
        Self {
            rate: resumed(relay.per_second, &relay.name),
            quotas: [quota(Span::Hour, relay.per_hour), quota(Span::Day, relay.per_day)]
                .into_iter()
                .flatten()
                .collect(),
            destinations: providers.rules().iter().map(destination).collect(),
            name: relay.name.clone(),
            swept: Stamp::default(),
        }
    }

    fn wait(&mut self, now: Stamp) -> Duration {
        let rate = self.rate.as_mut().map_or(Duration::ZERO, |bucket| bucket.wait(now, 1));
        self.quotas.iter_mut().map(|quota| quota.wait(now)).fold(rate, Duration::max)
    }

    fn look(&mut self, destination: &str, now: Stamp) -> Leave {
        let wait = self.wait(now);
        let Some(known) = self.destinations.get_mut(destination) else { return leave(wait, now) };
        match leave(wait.max(known.wait(now)), now) {
            Leave::Go if known.is_busy() => Leave::Busy,
            leave => leave,
        }
    }

    fn take(&mut self, destination: &str, now: Stamp) {
        // Whether all of them let it through has been looked at.
        if let Some(bucket) = &mut self.rate {
            let _ = bucket.take(now, 1);
        }
        for quota in &mut self.quotas {
            let _ = quota.take(now);
        }
        if let Some(known) = self.destinations.get_mut(destination) {
            known.take(now);
            return;
        }
        self.sweep(now);
        if self.destinations.len() < REMEMBERED {
            self.destinations.entry(destination.to_owned()).or_default().take(now);
        }
    }

    /// Forgets destinations of which nothing needs to be known, when there are too many.
    fn sweep(&mut self, now: Stamp) {
        if self.destinations.len() < REMEMBERED || now.since(self.swept) < SWEEP {
            return;
        }
        self.swept = now;
        self.destinations.retain(|_, known| known.is_of_use(now));
    }

    /// Only destinations with a rule have a rate, and they are never forgotten.
    fn rows(&mut self, rules: &[DomainRule], rows: &mut Vec<RateRow>) {
        rows.extend(self.rate.as_mut().and_then(|bucket| bucket.row(&self.name)));
        for quota in &mut self.quotas {
            quota.rows(&self.name, rows);
        }
        for rule in rules {
            let rate = self.destinations.get_mut(&rule.name).and_then(|known| known.rate.as_mut());
            rows.extend(rate.and_then(|bucket| bucket.row(&format!("{}/{}", self.name, rule.name))));
        }
    }
}

impl Destination {
    fn wait(&mut self, now: Stamp) -> Duration {
        let rate = self.rate.as_mut().map_or(Duration::ZERO, |bucket| bucket.wait(now, 1));
        rate.max(self.until.since(now))
    }

    fn take(&mut self, now: Stamp) {
        self.under_way += 1;
        if let Some(bucket) = &mut self.rate {
            let _ = bucket.take(now, 1);
        }
    }

    /// After a rest one letter goes ahead.
    fn is_busy(&self) -> bool {
        let lines = if self.rests > 0 { Some(1) } else { self.lines };
        lines.is_some_and(|lines| self.under_way >= lines)
    }

    fn is_of_use(&self, now: Stamp) -> bool {
        self.rate.is_some() || self.lines.is_some() || self.under_way > 0 || self.until > now
    }

    fn ended(&mut self, verdict: Verdict, now: Stamp, chance: u64) {
        self.under_way = self.under_way.saturating_sub(1);
        // What was under way when a rest began says nothing new.
        if self.until > now {
            return;
        }
        if verdict.outcome == Outcome::Accepted {
            (self.strikes, self.rests, self.proven) = (0, 0, true);
        } else if verdict.blame == Blame::Domain {
            self.strikes += 1;
            if self.strikes >= if self.proven { PATIENCE } else { 1 } {
                let rest = SHORT_REST.saturating_mul(1 << self.rests.min(8)).min(LONG_REST);
                self.until = now.after(spread(rest, chance));
                self.rests += 1;
                (self.strikes, self.proven) = (0, false);
            }
        }
    }
}

fn leave(wait: Duration, now: Stamp) -> Leave {
    if wait > Duration::ZERO { Leave::Wait(now.after(wait)) } else { Leave::Go }
}

/// A tenth of a second's letters may go at once: timers are no finer than that.
fn bucket(rate: Rate) -> Bucket {
    let burst = 100_000 / rate.interval_us().max(1);
    Bucket::new(rate.interval_us(), u32::try_from(burst).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ProviderLimits, RelayPlace, Tls};

    const RELAY: RelayId = RelayId(0);
    const NOW: Stamp = Stamp::from_millis(1_700_000_000_000);
    const ACCEPTED: Verdict = Verdict { outcome: Outcome::Accepted, blame: Blame::Nobody };
    const LATER: Verdict = Verdict { outcome: Outcome::Deferred, blame: Blame::Domain };

    fn relay(change: impl FnOnce(&mut RelaySettings)) -> Vec<RelaySettings> {
        let place = RelayPlace::Host { host: "localhost".to_owned(), port: 25 };
        let mut relay = RelaySettings::at("main", place, Tls::None);
        change(&mut relay);
        vec![relay]
    }

    fn usual() -> Providers {
        Providers::new(&[], ProviderLimits::Usual)
    }

    fn pace() -> Pace {
        Pace::new(&relay(|_| ()), usual(), &[])
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_relay_holds_its_rate_and_its_quota_whoever_the_letters_are_for() {
        let relays = relay(|relay| {
            relay.per_second = Some(Rate::per_second(10.0));
            relay.per_hour = Some(3);
        });
        let mut pace = Pace::new(&relays, usual(), &[]);
        assert_eq!(pace.may_send(RELAY, "a.example", NOW), Leave::Go);
        let tenth = NOW.after(Duration::from_millis(100));
        assert_eq!(pace.may_send(RELAY, "b.example", NOW), Leave::Wait(tenth));
        assert_eq!(pace.may_send(RELAY, "b.example", tenth), Leave::Go);
        assert_eq!(pace.may_send(RELAY, "b.example", NOW.after(seconds(1))), Leave::Go);
        let Leave::Wait(until) = pace.may_send(RELAY, "c.example", NOW.after(seconds(2))) else {
            panic!("a fourth letter within the hour");
        };
        assert!(until > NOW.after(seconds(3500)));
        assert_eq!(pace.frees(RELAY, NOW.after(seconds(2))), until);
        let again = Pace::new(&relays, usual(), &pace.rows()).look(RELAY, "c.example", NOW.after(seconds(2)));
        assert_eq!(again, Leave::Wait(until));
    }

    #[test]
    fn the_domains_of_a_provider_share_its_lines_and_its_rate() {
        let mut pace = pace();
        assert_eq!(pace.may_send(RELAY, "orange.fr", NOW), Leave::Go);
        assert_eq!(pace.may_send(RELAY, "wanadoo.fr", NOW), Leave::Go);
        assert_eq!(pace.may_send(RELAY, "orange.fr", NOW.after(seconds(1))), Leave::Busy);
        assert_eq!(pace.may_send(RELAY, "free.fr", NOW), Leave::Go);
        pace.ended(RELAY, "wanadoo.fr", ACCEPTED, NOW, 0);
        assert_eq!(pace.may_send(RELAY, "orange.fr", NOW.after(seconds(1))), Leave::Go);
        assert!(pace.rows().iter().any(|row| row.key == "main/Orange"));
    }

    #[test]
    fn a_domain_that_asks_for_a_rest_gets_it_and_no_other_does() {
        let mut pace = pace();
        assert_eq!(pace.may_send(RELAY, "slow.example", NOW), Leave::Go);
        pace.ended(RELAY, "slow.example", LATER, NOW, 0);
        let rested = NOW.after(seconds(300));
        assert_eq!(pace.may_send(RELAY, "slow.example", NOW), Leave::Wait(rested));
        assert_eq!(pace.may_send(RELAY, "fast.example", NOW), Leave::Go);
        assert_eq!(pace.may_send(RELAY, "slow.example", rested), Leave::Go);
        assert_eq!(pace.may_send(RELAY, "slow.example", rested), Leave::Busy);
        pace.ended(RELAY, "slow.example", LATER, rested, u64::MAX);
        let Leave::Wait(until) = pace.look(RELAY, "slow.example", rested) else { panic!("no rest") };
        assert!((seconds(600)..=seconds(750)).contains(&until.since(rested)));
        pace.may_send(RELAY, "slow.example", until);
        pace.ended(RELAY, "slow.example", ACCEPTED, until, 0);
        assert_eq!(pace.may_send(RELAY, "slow.example", until), Leave::Go);
        assert_eq!(pace.may_send(RELAY, "slow.example", until), Leave::Go);
    }

    #[test]
    fn one_full_mailbox_does_not_stop_a_domain_that_takes_letters() {
        let mut pace = pace();
        let mut send = |verdict| {
            let leave = pace.may_send(RELAY, "big.example", NOW);
            if leave == Leave::Go {
                pace.ended(RELAY, "big.example", verdict, NOW, 0);
            }
            leave
        };
        for verdict in [ACCEPTED, LATER, LATER, ACCEPTED, LATER, LATER, LATER] {
            assert_eq!(send(verdict), Leave::Go);
        }
        assert_eq!(send(ACCEPTED), Leave::Wait(NOW.after(seconds(300))));
    }

    #[test]
    fn letters_under_way_when_a_rest_begins_do_not_lengthen_it() {
        let mut pace = pace();
        for _ in 0..16 {
            assert_eq!(pace.may_send(RELAY, "slow.example", NOW), Leave::Go);
        }
        for _ in 0..16 {
            pace.ended(RELAY, "slow.example", LATER, NOW, 0);
        }
        assert_eq!(pace.look(RELAY, "slow.example", NOW), Leave::Wait(NOW.after(seconds(300))));
    }

    #[test]
    fn a_paused_destination_gets_nothing_through_any_relay() {
        let mut pace = pace();
        pace.pause("hotmail.fr");
        assert_eq!(pace.may_send(RELAY, "outlook.com", NOW), Leave::Paused);
        assert_eq!(pace.may_send(RELAY, "gmail.com", NOW), Leave::Go);
    }

    #[test]
    fn no_flood_of_domains_fills_the_memory() {
        let mut pace = pace();
        for at in 0..25_000 {
            let domain = format!("d{at}.example");
            let now = NOW.after(Duration::from_millis(at));
            assert_eq!(pace.may_send(RELAY, &domain, now), Leave::Go);
            pace.ended(RELAY, &domain, if at < 100 { LATER } else { ACCEPTED }, now, 0);
            assert!(pace.relays[0].destinations.len() <= REMEMBERED);
        }
        assert!(matches!(pace.look(RELAY, "d7.example", NOW.after(seconds(30))), Leave::Wait(_)));
    }
}
