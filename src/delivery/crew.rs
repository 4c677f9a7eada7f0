//! How many lines are kept open to a relay: as many as it bears.

use std::time::Duration;

use super::stamp::{Stamp, spread};

/// The lines to one relay.
#[derive(Debug, Clone)]
pub struct Crew {
    most: usize,
    /// How many lines the relay bears, as far as is known.
    level: f64,
    /// Lines that are open or being opened.
    lines: usize,
    /// Lines over which letters can go.
    ready: usize,
    /// What a refused line has shown, and from when one more may be tried.
    ceiling: Option<(usize, Stamp)>,
    refusals: u32,
    /// Lines that failed since one last served.
    failed: usize,
    /// How many were open when the first of them failed.
    cohort: usize,
    until: Stamp,
    stops: u32,
    letters: u32,
    worn: (u32, u32),
}

/// Whether a line may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// One may, and is counted until it is refused or closed.
    Open,
    /// There are as many as the relay bears.
    Full,
    /// Not before this moment.
    Wait(Stamp),
}

/// How many lines are opened to a relay of which nothing is known.
const FIRST: f64 = 5.0;
const SHORT_STOP: Duration = Duration::from_secs(30);
/// With what chance adds, 300 s at most.
const LONG_STOP: Duration = Duration::from_secs(240);

/// How many lines in a row have to end after the same number of letters before that is believed.
const AGREEING: u32 = 3;

impl Crew {
    /// At most so many lines, and so many letters over each.
    pub fn new(most: usize, letters: u32) -> Self {
        let most = most.max(1);
        Self {
            most,
            level: FIRST.min(most as f64),
            lines: 0,
            ready: 0,
            ceiling: None,
            refusals: 0,
            failed: 0,
            cohort: 1,
            until: Stamp::default(),
            stops: 0,
            letters: letters.max(1),
            worn: (0, 0),
        }
    }

    /// Whether another line may be opened now.
    pub fn ask(&mut self, now: Stamp) -> Lines {
        if self.until > now {
            return Lines::Wait(self.until);
        }
        if self.lines < self.size(now) {
            self.lines += 1;
            return Lines::Open;
        }
        Lines::Full
    }

    /// How many lines there may be now, 1 at least.
    pub fn size(&self, now: Stamp) -> usize {
        let size = (self.level as usize).clamp(1, self.most);
        match self.ceiling {
            Some((ceiling, until)) if until > now => size.min(ceiling),
            _ => size,
        }
    }

    /// Whether a line without a letter under way should be closed, because the relay does not bear so many.
    pub fn is_crowded(&self, now: Stamp) -> bool {
        self.lines > self.size(now)
    }

    /// Until when no line may be opened, if that is so.
    pub fn stopped(&self, now: Stamp) -> Option<Stamp> {
        (self.until > now).then_some(self.until)
    }

    /// How many letters go over one line.
    pub fn letters(&self) -> u32 {
        self.letters
    }

    /// A line is ready: greeting, TLS and login are done.
    pub fn opened(&mut self) {
        self.ready += 1;
    }

    /// A line could not be opened. `chance` is any number.
    pub fn refused(&mut self, now: Stamp, chance: u64) {
        if self.ready == 0 {
            self.fail(now, chance);
            self.lines = self.lines.saturating_sub(1);
            return;
        }
        self.lines = self.lines.saturating_sub(1);
        // Others are open: the relay has told us how many it bears.
        self.level = self.level.min(self.ready as f64);
        self.ceiling = Some((self.ready, now.after(spread(stop(self.refusals), chance))));
        self.refusals += 1;
    }

    /// The relay has answered for a letter.
    pub fn served(&mut self) {
        (self.failed, self.stops) = (0, 0);
        if self.ceiling.is_some_and(|(ceiling, _)| self.ready > ceiling) {
            (self.ceiling, self.refusals) = (None, 0);
        }
        // Below a ceiling there is room for one line that tries whether it still holds.
        let most = self.ceiling.map_or(self.most, |(ceiling, _)| self.most.min(ceiling + 1));
        self.level = (self.level + 1.0 / self.level.max(1.0)).min(most as f64).max(1.0);
    }

    /// A line failed, by the relay's doing, after it had carried `letters`; `closed` follows. `chance` is any number.
    pub fn failed(&mut self, letters: u32, now: Stamp, chance: u64) {
        if letters == 0 {
            self.fail(now, chance);
            return;
        }
        // A relay that ends every line after so many letters is not ill.
        self.worn = if self.worn.0 == letters { (letters, self.worn.1 + 1) } else { (letters, 1) };
        if self.worn.1 >= AGREEING {
            self.letters = self.letters.min(letters);
        } else {
            self.lower();
        }
    }

    /// A line that was ready is closed, whatever for.
    pub fn closed(&mut self) {
        self.lines = self.lines.saturating_sub(1);
        self.ready = self.ready.saturating_sub(1);
    }

    fn lower(&mut self) {
        self.level = (self.level - 1.0 / self.level.max(1.0)).max(1.0);
    }

    /// A whole cohort that fails without one success between stops everything for a while.
    fn fail(&mut self, now: Stamp, chance: u64) {
        if self.until > now {
            return;
        }
        if self.failed == 0 {
            self.cohort = self.lines.max(self.size(now).min(FIRST as usize));
        }
        self.failed += 1;
        self.lower();
        if self.failed >= self.cohort {
            self.until = now.after(spread(stop(self.stops), chance));
            self.stops += 1;
            (self.failed, self.level) = (0, 1.0);
        }
    }
}

/// The length of the stop after so many others: doubling.
fn stop(before: u32) -> Duration {
    SHORT_STOP.saturating_mul(1 << before.min(8)).min(LONG_STOP)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Stamp = Stamp::from_millis(1_700_000_000_000);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// Opens as many lines as are allowed.
    fn open(crew: &mut Crew, now: Stamp) -> usize {
        let mut opened = 0;
        while crew.ask(now) == Lines::Open {
            crew.opened();
            opened += 1;
        }
        opened
    }

    #[test]
    fn a_crew_begins_with_five_and_grows_to_its_most() {
        let mut crew = Crew::new(16, 100);
        assert_eq!(open(&mut crew, NOW), 5);
        for _ in 0..5 {
            crew.served();
        }
        assert_eq!(crew.size(NOW), 5);
        crew.served();
        assert_eq!(crew.size(NOW), 6);
        for _ in 0..1000 {
            crew.served();
        }
        assert_eq!(crew.size(NOW), 16);
        assert_eq!(open(&mut crew, NOW), 11);
        assert_eq!(crew.ask(NOW), Lines::Full);
        assert_eq!(open(&mut Crew::new(2, 100), NOW), 2);
    }

    #[test]
    fn a_cohort_that_fails_stops_the_crew_longer_each_time() {
        let mut crew = Crew::new(16, 100);
        let mut now = NOW;
        for stop in [30, 60, 120, 240, 240] {
            for at in 0..16 {
                if crew.ask(now) != Lines::Open {
                    break;
                }
                assert!(at < 5);
                crew.refused(now, 0);
            }
            assert_eq!(crew.ask(now), Lines::Wait(now.after(seconds(stop))));
            now = now.after(seconds(stop));
        }
        assert_eq!(open(&mut crew, now), 1);
        crew.served();
        assert_eq!(crew.size(now), 2);
        assert_eq!(crew.stopped(now), None);
    }

    #[test]
    fn chance_never_stops_a_crew_for_more_than_five_minutes() {
        for stops in 0..20 {
            for chance in [0, 1, 59_999_999, 60_000_000, u64::MAX] {
                assert!((seconds(30)..=seconds(300)).contains(&spread(stop(stops), chance)));
            }
        }
    }

    #[test]
    fn a_success_between_failures_stops_nobody() {
        let mut crew = Crew::new(5, 100);
        open(&mut crew, NOW);
        for _ in 0..20 {
            crew.failed(0, NOW, 0);
            crew.closed();
            crew.served();
            open(&mut crew, NOW);
        }
        assert_eq!(crew.stopped(NOW), None);
        let mut crew = Crew::new(5, 100);
        open(&mut crew, NOW);
        for _ in 0..5 {
            crew.failed(0, NOW, 0);
            crew.closed();
        }
        assert_eq!(crew.stopped(NOW), Some(NOW.after(seconds(30))));
    }

    /// A relay that allows three lines, and ten letters over each (the fault F35).
    #[test]
    fn a_relay_that_allows_little_is_understood_within_one_cohort() {
        for early in [true, false] {
            let mut crew = Crew::new(16, 100);
            let mut now = NOW;
            let (mut lines, mut refused, mut cut) = (Vec::new(), 0, 0);
            for letter in 0..2000 {
                now = now.after(Duration::from_millis(5));
                let asked = (0..16).take_while(|_| crew.ask(now) == Lines::Open).count();
                let free = 3 - lines.len().min(3);
                let turned_away = asked.saturating_sub(free);
                // The relay may turn lines away before the others are ready.
                let refuse = |crew: &mut Crew| (0..turned_away).for_each(|_| crew.refused(now, 0));
                if early {
                    refuse(&mut crew);
                }
                (turned_away..asked).for_each(|_| crew.opened());
                lines.resize(lines.len() + asked - turned_away, 0);
                if !early {
                    refuse(&mut crew);
                }
                refused += turned_away;
                let at = letter % lines.len();
                let worn = lines[at] == 10;
                if worn {
                    cut += 1;
                    crew.failed(10, now, 0);
                } else {
                    lines[at] += 1;
                    crew.served();
                }
                if worn || lines[at] >= crew.letters() {
                    lines.remove(at);
                    crew.closed();
                }
            }
            assert!(crew.size(now) <= 4 && refused <= 3, "{refused}");
            assert_eq!((crew.letters(), crew.stopped(now)), (10, None));
            assert!(cut <= 3, "{cut}");
        }
    }

    #[test]
    fn a_ceiling_is_tried_again_by_one_line() {
        let mut crew = Crew::new(16, 100);
        for _ in 0..4 {
            crew.ask(NOW);
        }
        (0..3).for_each(|_| crew.opened());
        crew.refused(NOW, 0);
        (0..500).for_each(|_| crew.served());
        assert_eq!(crew.ask(NOW.after(seconds(29))), Lines::Full);
        let later = NOW.after(seconds(30));
        assert_eq!(open(&mut crew, later), 1);
        crew.served();
        assert!(crew.size(later) >= 4);
        (0..500).for_each(|_| crew.served());
        assert_eq!(crew.size(later), 16);
    }
}
