//! Whether links are alive: each host is asked one thing at a time, with a pause, and what was well yesterday is
//! believed.
//!
//! Never knows: texts, where a link stands, what is said of it.

mod journey;
mod memory;
mod turns;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::check::{Probe, Verdict};
use crate::config::LinkSettings;
use crate::fetch::{Client, Guard, Policy};
use crate::model::WebUrl;

use journey::Journey;
use memory::Memory;
use turns::Turns;

/// Where good answers are remembered, relative to the newsletter's root.
pub const MEMORY: &str = ".rotative/links.json";

/// Asks for links over the network.
#[derive(Debug)]
pub struct Inquiry {
    client: Client,
    settings: LinkSettings,
    memory: Mutex<Memory>,
    now: i64,
}

impl Inquiry {
    /// Prepares to ask. `now` is the moment, in seconds since 1970.
    pub fn new(root: &Path, settings: &LinkSettings, guard: Guard, now: i64) -> Self {
        // The page itself is not read: its head says whether it is there.
        const LONGEST: usize = 4096;
        let policy = Policy { timeout: settings.timeout, longest_body: LONGEST, guard };
        let memory = Memory::load(&root.join(MEMORY), settings.age, now);
        Self { client: Client::new(policy), settings: settings.clone(), memory: Mutex::new(memory), now }
    }

    /// Writes down what was learnt, for the next time.
    pub fn keep(&self) -> io::Result<()> {
        self.memory.lock().map_or(Ok(()), |memory| memory.save())
    }

    fn known(&self, url: &WebUrl) -> Option<Verdict> {
        self.memory.lock().ok().and_then(|memory| memory.get(url))
    }
}

impl Probe for Inquiry {
    fn ask(&self, urls: &[WebUrl]) -> Vec<Verdict> {
        let mut verdicts: Vec<Option<Verdict>> = urls.iter().map(|url| self.known(url)).collect();
        let mut hosts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, url) in urls.iter().enumerate().filter(|(at, _)| verdicts[*at].is_none()) {
            hosts.entry(url.authority()).or_default().push(at);
        }
        // The host with the most links takes the longest: it goes first.
        let mut hosts: Vec<Vec<usize>> = hosts.into_values().collect();
        hosts.sort_by_key(|links| std::cmp::Reverse(links.len()));
        let turns = Turns::new(self.settings.pause);
        let learnt: Mutex<Vec<(usize, Verdict)>> = Mutex::new(Vec::new());
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.settings.hosts.min(hosts.len()) {
                scope.spawn(|| {
                    while let Some(links) = hosts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        for at in links {
                            let journey = Journey::new(&self.client, &turns, &self.settings, self.now);
                            let verdict = journey.go(&urls[*at]);
                            if let Ok(mut learnt) = learnt.lock() {
                                learnt.push((*at, verdict));
                            }
                        }
                    }
                });
            }
        });
        for (at, verdict) in learnt.into_inner().unwrap_or_default() {
            if let Ok(mut memory) = self.memory.lock() {
                memory.put(&urls[at], &verdict, self.now);
            }
            verdicts[at] = Some(verdict);
        }
        let unasked = || Verdict::Faulty("nobody asked".to_owned());
        verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(unasked)).collect()
    }
}
