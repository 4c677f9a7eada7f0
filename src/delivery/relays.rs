//! Which relay takes the next letter: by weight, among those that are well and have quota left.

use crate::config::{MailSettings, RelaySettings};
use crate::model::{Blame, Outcome, Verdict};

use super::crew::{Crew, Lines};
use super::pace::{Leave, Pace, RelayId};
use super::providers::Providers;
use super::rate::RateRow;
use super::stamp::Stamp;
use super::warm_up::Allowance;

/// All relays, and what is known of them. A letter goes over when its relay is asked for again before an attempt:
/// never in the middle of one, so never after DATA.
#[derive(Debug, Clone)]
pub struct Relays {
    stations: Vec<Station>,
    pace: Pace,
    allowance: Option<Allowance>,
}

/// Where the next letter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Over this relay. The letter is under way until it has ended.
    Use(RelayId),
    /// Nowhere before this moment, or before another letter ends; only the latter where there is no moment.
    Wait(Option<Stamp>),
    /// Nowhere: the destination or all relays are paused.
    Paused,
}

#[derive(Debug, Clone)]
struct Station {
    name: String,
    weight: i64,
    /// What it is owed, in weights: who is owed most is next.
    credit: i64,
    under_way: usize,
    paused: bool,
    crew: Crew,
}

impl Relays {
    /// The relays of the settings, as far along as the ledger says, under what a new sender is allowed.
    pub fn new(settings: &MailSettings, allowance: Option<Allowance>, rows: &[RateRow]) -> Self {
        let station = |relay: &RelaySettings| Station {
            name: relay.name.clone(),
            weight: i64::from(relay.weight.max(1)),
            credit: 0,
            under_way: 0,
            paused: false,
            crew: Crew::new(relay.connections, relay.letters_per_connection),
        };
        Self {
            stations: settings.relays.iter().map(station).collect(),
            pace: Pace::new(&settings.relays, Providers::of(settings), rows),
            allowance,
        }
    }

    /// All relays, in the order of the settings.
    pub fn ids(&self) -> impl Iterator<Item = RelayId> + use<> {
        (0..self.stations.len()).map(RelayId)
    }

    /// The name of a relay.
    pub fn name(&self, relay: RelayId) -> &str {
        self.stations.get(relay.0).map_or("", |station| &station.name)
    }

    /// The destination of a domain: its provider, or the domain itself.
    pub fn destination<'a>(&'a self, domain: &'a str) -> &'a str {
        self.pace.destination(domain)
    }

    /// Chooses the relay of a letter for `domain`. Every `Use` is followed by one `ended` or
    /// `give_back`.
    pub fn choose(&mut self, domain: &str, now: Stamp) -> Choice {
        let mut ready = Vec::with_capacity(self.stations.len());
        let mut soonest = None;
        let mut open = false;
        for relay in self.ids() {
            match self.look(relay, domain, now) {
                Leave::Go => ready.push(relay),
                Leave::Wait(until) => soonest = Some(soonest.map_or(until, |known: Stamp| known.min(until))),
                Leave::Busy => open = true,
                Leave::Paused => {}
            }
        }
        let Some(relay) = self.next_by_weight(&ready) else {
            return if open || soonest.is_some() { Choice::Wait(soonest) } else { Choice::Paused };
        };
        self.take(relay, domain, now);
        Choice::Use(relay)
    }

    /// Whether a letter for `domain` may go over a relay that is chosen already. Every `Go` is followed by one
    /// `ended` or `give_back`.
    pub fn may_send(&mut self, relay: RelayId, domain: &str, now: Stamp) -> Leave {
        let leave = self.look(relay, domain, now);
        if leave == Leave::Go {
            self.take(relay, domain, now);
        }
        leave
    }

    /// Whether a letter for `domain` would not have to wait for its destination now. Nothing is taken.
    pub fn is_open(&mut self, relay: RelayId, domain: &str, now: Stamp) -> bool {
        self.pace.look(relay, domain, now) == Leave::Go
    }

    /// The attempt of a letter that was let go has ended, after its line had carried `letters` before. `chance` is
    /// any number. When the relay is to blame, its line is no longer used, and `closed` follows.
    pub fn ended(
        &mut self,
        relay: RelayId,
        domain: &str,
        verdict: Verdict,
        letters: u32,
        now: Stamp,
        chance: u64,
    ) {
        self.pace.ended(relay, domain, verdict, now, chance);
        let Some(station) = self.stations.get_mut(relay.0) else { return };
        station.under_way = station.under_way.saturating_sub(1);
        match (verdict.blame, verdict.outcome) {
            (Blame::Relay, _) => station.crew.failed(letters, now, chance),
            // A refusal of our login says nothing about how much the relay bears.
            (Blame::Us, _) => {}
            (_, Outcome::Accepted | Outcome::Rejected | Outcome::Deferred) => station.crew.served(),
            _ => {}
        }
    }

    /// A letter that was let go is not tried after all: no line could be opened, or we are stopping. What it took of
    /// rates and quotas stays taken.
    pub fn give_back(&mut self, relay: RelayId, domain: &str) {
        self.pace.give_back(relay, domain);
        if let Some(station) = self.stations.get_mut(relay.0) {
            station.under_way = station.under_way.saturating_sub(1);
        }
    }

    /// The lines of a relay: to be told when they are opened, refused and closed.
    pub fn crew(&mut self, relay: RelayId) -> Option<&mut Crew> {
        self.stations.get_mut(relay.0).map(|station| &mut station.crew)
    }

    /// Whether a line to a relay may be opened now.
    pub fn ask_line(&mut self, relay: RelayId, now: Stamp) -> Lines {
        match self.stations.get_mut(relay.0) {
            Some(station) if !station.paused => station.crew.ask(now),
            _ => Lines::Full,
        }
    }

    /// Gives nothing more to a relay.
    pub fn pause(&mut self, relay: RelayId) {
        if let Some(station) = self.stations.get_mut(relay.0) {
            station.paused = true;
        }
    }

    /// Gives nothing more to the destination of a domain.
    pub fn pause_domain(&mut self, domain: &str) {
        self.pace.pause(domain);
    }

    /// From when some relay takes letters again for anybody; nothing if all are paused.
    pub fn frees(&mut self, now: Stamp) -> Option<Stamp> {
        let allowed = self.allowed(now);
        let open = self.ids().filter(|relay| self.stations.get(relay.0).is_some_and(|known| !known.paused));
        let open: Vec<RelayId> = open.collect();
        let frees = open.into_iter().map(|relay| {
            let stopped = self.stations.get(relay.0).and_then(|known| known.crew.stopped(now));
            self.pace.frees(relay, now).max(stopped.unwrap_or(now)).max(allowed)
        });
        frees.min()
    }

    /// What the ledger has to write down together with the next attempts, so that it is durable before they are.
    pub fn rows(&mut self) -> Vec<RateRow> {
        let mut rows = self.pace.rows();
        rows.extend(self.allowance.as_mut().and_then(Allowance::row));
        rows
    }

    fn allowed(&mut self, now: Stamp) -> Stamp {
        self.allowance.as_mut().map_or(now, |allowance| allowance.frees(now))
    }

    fn look(&mut self, relay: RelayId, domain: &str, now: Stamp) -> Leave {
        let allowed = self.allowed(now);
        let Some(station) = self.stations.get(relay.0).filter(|station| !station.paused) else {
            return Leave::Paused;
        };
        let free = station.crew.stopped(now).unwrap_or(now).max(allowed);
        let busy = station.under_way >= station.crew.size(now);
        match self.pace.look(relay, domain, now) {
            Leave::Paused => Leave::Paused,
            Leave::Wait(until) => Leave::Wait(until.max(free)),
            _ if free > now => Leave::Wait(free),
            Leave::Go if busy => Leave::Busy,
            leave => leave,
        }
    }

    fn take(&mut self, relay: RelayId, domain: &str, now: Stamp) {
        self.pace.may_send(relay, domain, now);
        if let Some(allowance) = &mut self.allowance {
            allowance.take(now);
        }
        if let Some(station) = self.stations.get_mut(relay.0) {
            station.under_way += 1;
        }
    }

    /// Each is owed its weight; who is owed most is next, and pays for all. So a weight of 3 beside 1 gives
    /// `A A B A`, and who was away is owed nothing for it.
    fn next_by_weight(&mut self, ready: &[RelayId]) -> Option<RelayId> {
        let mut total = 0;
        for relay in ready {
            let station = self.stations.get_mut(relay.0)?;
            station.credit += station.weight;
            total += station.weight;
        }
        let credit = |relay: &RelayId| self.stations.get(relay.0).map_or(0, |station| station.credit);
        let next = ready.iter().copied().max_by_key(|relay| (credit(relay), usize::MAX - relay.0))?;
        let station = self.stations.get_mut(next.0)?;
        station.credit -= total;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::{ProviderLimits, RelayPlace, Tls, WarmUp};
    use crate::model::{IssueDate, Mailbox};

    const NOW: Stamp = Stamp::from_millis(1_700_000_000_000);
    const ACCEPTED: Verdict = Verdict { outcome: Outcome::Accepted, blame: Blame::Nobody };
    const FAILED: Verdict = Verdict { outcome: Outcome::Void, blame: Blame::Relay };
    const A: RelayId = RelayId(0);
    const B: RelayId = RelayId(1);

    fn settings(change: impl FnOnce(&mut [RelaySettings])) -> MailSettings {
        let from = Mailbox::parse("daily@news.example").expect("a sender");
        let relay = |name: &str| {
            let place = RelayPlace::Host { host: format!("{name}.example"), port: 587 };
            RelaySettings::at(name, place, Tls::StartTls)
        };
        let mut relays = vec![relay("a"), relay("b")];
        change(&mut relays);
        MailSettings {
            list_id: from.address.domain().clone(),
            from,
            reply_to: None,
            bounces: None,
            relays,
            dkim: Vec::new(),
            domains: Vec::new(),
            provider_limits: ProviderLimits::Usual,
            warm_up: None,
            timeouts: crate::config::Timeouts::default(),
        }
    }

    fn send(relays: &mut Relays, now: Stamp) -> Choice {
        let choice = relays.choose("reader.example", now);
        if let Choice::Use(relay) = choice {
            relays.ended(relay, "reader.example", ACCEPTED, 0, now, 0);
        }
        choice
    }

    #[test]
    fn letters_are_shared_by_weight() {
        let mut relays = Relays::new(&settings(|relays| relays[0].weight = 3), None, &[]);
        let taken: Vec<Choice> = (0..8).map(|_| send(&mut relays, NOW)).collect();
        assert_eq!(taken, [A, A, B, A, A, A, B, A].map(Choice::Use));
        assert_eq!(relays.name(B), "b");
    }

    #[test]
    fn a_relay_that_fails_leaves_its_letters_to_the_other_until_it_is_well() {
        let mut relays = Relays::new(&settings(|_| ()), None, &[]);
        for _ in 0..5 {
            assert_eq!(relays.ask_line(A, NOW), Lines::Open);
        }
        for _ in 0..5 {
            relays.crew(A).expect("a relay").refused(NOW, 0);
        }
        assert!((0..10).all(|_| send(&mut relays, NOW) == Choice::Use(B)));
        let well = NOW.after(Duration::from_secs(30));
        assert!((0..2).map(|_| send(&mut relays, well)).any(|choice| choice == Choice::Use(A)));
        relays.pause(B);
        assert_eq!(relays.frees(NOW), Some(well));
        assert_eq!(send(&mut relays, NOW), Choice::Wait(Some(well)));
        relays.pause(A);
        assert_eq!((send(&mut relays, well), relays.frees(well)), (Choice::Paused, None));
    }

    #[test]
    fn a_failure_in_a_letter_counts_against_the_relay_alone() {
        let mut relays = Relays::new(&settings(|_| ()), None, &[]);
        for _ in 0..5 {
            assert_eq!(relays.ask_line(A, NOW), Lines::Open);
            relays.crew(A).expect("a relay").opened();
        }
        for _ in 0..5 {
            assert_eq!(relays.may_send(A, "reader.example", NOW), Leave::Go);
            relays.ended(A, "reader.example", FAILED, 0, NOW, 0);
            relays.crew(A).expect("a relay").closed();
        }
        assert!(matches!(relays.may_send(A, "reader.example", NOW), Leave::Wait(_)));
        assert_eq!(relays.may_send(B, "reader.example", NOW), Leave::Go);
    }

    #[test]
    fn a_relay_gets_no_more_letters_at_once_than_it_has_lines() {
        let mut relays = Relays::new(&settings(|relays| relays[0].connections = 2), None, &[]);
        relays.pause(B);
        assert_eq!(relays.choose("a.example", NOW), Choice::Use(A));
        assert_eq!(relays.choose("b.example", NOW), Choice::Use(A));
        assert_eq!(relays.choose("c.example", NOW), Choice::Wait(None));
        relays.ended(A, "a.example", ACCEPTED, 0, NOW, 0);
        assert_eq!(relays.choose("c.example", NOW), Choice::Use(A));
        relays.give_back(A, "c.example");
        assert_eq!(relays.choose("d.example", NOW), Choice::Use(A));
    }

    #[test]
    fn a_quota_that_is_used_up_passes_the_letters_on() {
        let quota = settings(|relays| {
            relays[0].per_hour = Some(2);
            relays[1].per_day = Some(1);
        });
        let mut relays = Relays::new(&quota, None, &[]);
        assert!((0..3).all(|_| matches!(send(&mut relays, NOW), Choice::Use(_))));
        let Choice::Wait(Some(until)) = send(&mut relays, NOW) else { panic!("a fourth letter") };
        assert!((3600..=3660).contains(&until.since(NOW).as_secs()));
        let rows = relays.rows();
        assert_eq!(send(&mut Relays::new(&quota, None, &rows), NOW), Choice::Wait(Some(until)));
    }

    #[test]
    fn a_warm_up_holds_for_all_relays_together() {
        let start = IssueDate::parse("2023-11-14").expect("a date");
        let plan = WarmUp { start, first: 3, growth: 2.0 };
        let allowance = Allowance::new(plan, chrono_tz::Tz::UTC, 100, NOW, &[]);
        let mut relays = Relays::new(&settings(|_| ()), Some(allowance), &[]);
        assert!((0..3).all(|_| matches!(send(&mut relays, NOW), Choice::Use(_))));
        let Choice::Wait(Some(midnight)) = send(&mut relays, NOW) else { panic!("a fourth letter") };
        assert_eq!(relays.frees(NOW), Some(midnight));
        assert!((0..6).all(|_| matches!(send(&mut relays, midnight), Choice::Use(_))));
        assert!(matches!(send(&mut relays, midnight), Choice::Wait(Some(_))));
        assert!(relays.rows().iter().any(|row| row.key == "warm-up" && row.burst == 6));
    }

    #[test]
    fn a_paused_destination_is_paused_over_all_relays() {
        let mut relays = Relays::new(&settings(|_| ()), None, &[]);
        relays.pause_domain("reader.example");
        assert_eq!(send(&mut relays, NOW), Choice::Paused);
        assert!(matches!(relays.choose("other.example", NOW), Choice::Use(_)));
    }
}
