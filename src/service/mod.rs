//! Where readers subscribe, confirm, choose and leave: GET shows, POST acts, and no answer tells who is known.
//!
//! Never knows: `content/`, `out/`, the terminal; clock and chance are given to it.

mod acts;
mod admin;
mod answer;
mod asked;
mod letters;
mod limit;
mod line;
mod outbox;
mod pages;
mod preferences;
mod router;
mod server;
mod style;
mod subscribe;
mod words;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::config::Config;
use crate::links::{Claim, Purpose, TokenKey};
use crate::mail::{Relay, Signer};
use crate::model::{Diagnostic, Slug};
use crate::render::Templates;
use crate::store::ledger::Ledger;
use crate::store::{Store, StoreError, Transaction};
use crate::subscribers::Moment;

pub use asked::{Fields, Wish};
pub use outbox::Outbox;
pub use server::{Listeners, ReaderSocket, Running, Signals, start};

use limit::Limiter;
use pages::Pages;

/// Clock, chance and log, which the service does not have by itself.
#[derive(Clone, Copy)]
pub struct Edges {
    /// The moment it is, in milliseconds since 1970.
    pub clock: fn() -> i64,
    /// Any number, each time another.
    pub chance: fn() -> u64,
    /// Takes what is worth telling: what happened, and facts of it. Never an address, never a token.
    pub log: fn(&str, &[(&str, &str)]),
}

/// What a service is made of.
pub struct Parts {
    /// The settings, with `service` and `mail`.
    pub config: Config,
    /// Readers and what is owed to them.
    pub store: Store,
    /// The key of tokens.
    pub key: TokenKey,
    /// The templates.
    pub templates: Templates,
    /// The topics that readers may choose, with their names.
    pub topics: Vec<(Slug, String)>,
    /// The ledger of what was mailed: who is erased is forgotten there as well.
    pub ledger: Option<Ledger>,
    /// Clock, chance and log.
    pub edges: Edges,
}

/// The service, ready to answer.
pub struct Desk {
    config: Config,
    store: Store,
    key: TokenKey,
    ledger: Option<Ledger>,
    pages: Pages,
    limiter: Limiter,
    edges: Edges,
    counters: Counters,
    stopping: AtomicBool,
}

/// What is counted since the start.
#[derive(Debug, Default)]
struct Counters {
    requests: [AtomicU64; 6],
    subscribe: AtomicU64,
    confirmed: AtomicU64,
    left: AtomicU64,
    limited: AtomicU64,
    mailed: AtomicU64,
    deferred: AtomicU64,
    rejected: AtomicU64,
    store_errors: AtomicU64,
    waiting_requests: AtomicU64,
    waiting_letters: AtomicU64,
}

impl Desk {
    /// Writes the pages and brings everything together.
    pub fn open(parts: Parts) -> Result<Arc<Self>, Diagnostic> {
        let Parts { config, store, key, templates, topics, ledger, edges } = parts;
        let pages = Pages::write(&config, templates, topics)?;
        Ok(Arc::new(Self {
            config,
            store,
            key,
            ledger,
            pages,
            limiter: Limiter::new(),
            edges,
            counters: Counters::default(),
            stopping: AtomicBool::new(false),
        }))
    }

    /// The part that mails.
    pub fn outbox(self: &Arc<Self>, relay: Box<dyn Relay>, signers: Vec<Signer>) -> Outbox {
        Outbox::new(Arc::clone(self), relay, signers)
    }

    /// Whether the service has been told to end.
    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn moment(&self) -> Moment {
        Moment { now: (self.edges.clock)().div_euclid(1000), chance: self.edges.chance }
    }

    fn confirmations_per_hour(&self) -> u32 {
        self.config.service.as_ref().map_or(1000, |service| service.confirmations_per_hour)
    }

    /// Whether a machine is a proxy of ours.
    fn is_proxy(&self, address: IpAddr) -> bool {
        let proxies = self.config.service.as_ref().map_or(&[][..], |service| &service.proxies);
        proxies.iter().any(|proxy| proxy.contains(address))
    }

    fn tell(&self, what: &str, facts: &[(&str, &str)]) {
        (self.edges.log)(what, facts);
    }

    /// What a token says, if it is ours and good for this now.
    fn claim(&self, token: &str, purpose: Purpose) -> Option<Claim<'_>> {
        let lists = self.config.lists.iter().map(|list| list.name.as_str());
        self.key.verify(token, purpose, lists, self.moment().now)
    }

    fn list(&self, name: &str) -> Option<&Slug> {
        self.config.lists.iter().map(|list| &list.name).find(|list| list.as_str() == name)
    }

    /// Writes and waits for the disk without holding up other requests.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = tokio::sync::oneshot::channel();
        self.store.submit(work, move |result| {
            let _ = tell.send(result);
        });
        self.noted(told.await.unwrap_or(Err(StoreError::Closed)))
    }

    /// Who is erased is forgotten in the ledger as well: a hash takes the place of the address.
    async fn forget(&self, address: String) -> Result<(), StoreError> {
        let Some(ledger) = self.ledger.clone() else { return Ok(()) };
        let hash = self.key.hashes(&address).into_iter().next().unwrap_or_default();
        let forgotten = tokio::task::spawn_blocking(move || ledger.forget(&address, &hash)).await;
        let forgotten = forgotten.unwrap_or(Err(StoreError::Closed.into()));
        self.noted(forgotten.map(drop).map_err(|error| StoreError::Refused(error.to_string())))
    }

    /// Reads without holding up other requests.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.store.clone();
        let read = tokio::task::spawn_blocking(move || store.read(work)).await;
        self.noted(read.unwrap_or(Err(StoreError::Closed)))
    }

    /// Makes sure, behind whoever asked, that what was deleted stands in no file any more. What cannot be done now
    /// is done with the next tidying up.
    fn purge(&self) {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || store.purge());
    }

    fn noted<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.counters.store_errors.fetch_add(1, Ordering::Relaxed);
            self.tell("store", &[("error", &error.to_string())]);
        }
        result
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}
