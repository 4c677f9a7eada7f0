//! Whose turn it is: a host is asked one thing at a time, and left alone in between.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The hosts that are asked, and when each may be asked again.
#[derive(Debug)]
pub(super) struct Turns {
    pause: Duration,
    hosts: Mutex<HashMap<String, Host>>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy)]
struct Host {
    busy: bool,
    free_at: Instant,
}

/// The right to ask a host one thing.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    host: String,
}

impl Turns {
    pub(super) fn new(pause: Duration) -> Self {
        Self { pause, hosts: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits until a host may be asked. Whoever waits must hold no other turn.
    pub(super) fn take(&self, host: &str) -> Turn<'_> {
        let mut hosts = self.lock();
        loop {
            let now = Instant::now();
            let state = hosts.entry(host.to_owned()).or_insert(Host { busy: false, free_at: now });
            if !state.busy && state.free_at <= now {
                state.busy = true;
                return Turn { turns: self, host: host.to_owned() };
            }
            let wait = if state.busy { None } else { Some(state.free_at - now) };
            hosts = match wait {
                Some(wait) => self
                    .changed
                    .wait_timeout(hosts, wait)
                    .map_or_else(|poisoned| poisoned.into_inner().0, |(hosts, _)| hosts),
                None => self.changed.wait(hosts).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Leaves a host alone for longer than usual.
    pub(super) fn rest(&self, host: &str, time: Duration) {
        let until = Instant::now() + time;
        if let Some(state) = self.lock().get_mut(host) {
            state.free_at = state.free_at.max(until);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let free_at = Instant::now() + self.turns.pause;
        if let Some(state) = self.turns.lock().get_mut(&self.host) {
            *state = Host { busy: false, free_at };
        }
        self.turns.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_asked_one_thing_at_a_time_and_others_meanwhile() {
        let turns = Turns::new(Duration::from_millis(40));
        let begin = Instant::now();
        std::thread::scope(|scope| {
            for host in ["a", "a", "a", "b", "b", "b"] {
                let turns = &turns;
                scope.spawn(move || drop(turns.take(host)));
            }
        });
        let took = begin.elapsed();
        assert!(took >= Duration::from_millis(80) && took < Duration::from_millis(400), "{took:?}");
    }
}
