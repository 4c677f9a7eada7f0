//! Looking at a run: how its recipients add up, row by row or by the counters of chunks, and who is in which state.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use crate::model::{DeliveryState, Tally};

use super::super::connection::{StoreError, Value};
use super::super::transaction::{Transaction, number, stored};
use super::history::{Leases, histories};
use super::run::{Run, run_by_id};
use super::{Ledger, LedgerError, RunId};

/// A recipient in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The number within the run.
    pub seq: u64,
    /// The subscription.
    pub subscriber: u64,
    /// The address; a hash once its owner has been forgotten.
    pub address: String,
    /// The number of the last attempt.
    pub attempt: u32,
    /// When its last row was written.
    pub at: i64,
    /// What was said last, or why it was skipped.
    pub said: String,
}

/// How the recipients of a domain add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainTally {
    /// The domain; empty for those that were too many to be told apart.
    pub domain: String,
    /// Its recipients.
    pub tally: Tally,
}

/// How many recipients are looked at at once.
const WINDOW: u64 = 20_000;

/// How many domains are told apart.
const DOMAINS: usize = 10_000;

impl Ledger {
    /// Adds up all rows of a run.
    pub fn tally(&self, run: RunId, now: i64) -> Result<Tally, LedgerError> {
        let clock = self.clock;
        self.read(|transaction| {
            let Some(run) = run_by_id(transaction, run)? else { return Ok(Tally::default()) };
            let now = clock.moment(transaction, now)?;
            let mut tally = Tally { audience: run.audience, ..Tally::default() };
            let sql = "SELECT COUNT(*) FROM recipient WHERE run = ?1";
            let there = transaction.first(sql, &[Value::Int(run.id.0)], |row| number(row.int(0)?))?;
            let mut with_rows = 0;
            each_window(transaction, &run, (0, now), |_, _, states| {
                states.iter().for_each(|(_, state)| tally.count(*state, 1));
                with_rows += states.len() as u64;
                Ok(true)
            })?;
            tally.count(DeliveryState::Pending, there.unwrap_or(0).saturating_sub(with_rows));
            Ok(tally)
        })
    }

    /// The same by the counters of chunks, as of their last renewal or release: what is under way counts as pending.
    pub fn progress(&self, run: RunId) -> Result<Tally, LedgerError> {
        let sum = |column: &str| format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)");
        let columns = ["size", "accepted", "rejected", "skipped", "expired", "held", "uncertain", "deferred"];
        let sql = format!("SELECT {} FROM chunk WHERE run = ?1", columns.map(sum).join(", "));
        let found = self.read(|transaction| {
            transaction.first(&sql, &[Value::Int(run.0)], |row| {
                let column = |at| number(row.int(at)?);
                Ok(Tally {
                    audience: column(0)?,
                    accepted: column(1)?,
                    rejected: column(2)?,
                    skipped: column(3)?,
                    expired: column(4)?,
                    held: column(5)?,
                    uncertain: column(6)?,
                    deferred: column(7)?,
                    ..Tally::default()
                })
            })
        })?;
        let mut tally = found.unwrap_or_default();
        tally.pending = tally.audience.saturating_sub(tally.finished() + tally.uncertain + tally.deferred);
        Ok(tally)
    }

    /// Who is in a state, after a number, at most so many. Of the pending, only those with a past.
    pub fn listed(
        &self,
        run: RunId,
        state: DeliveryState,
        now: i64,
        after: u64,
        most: usize,
    ) -> Result<Vec<Listed>, LedgerError> {
        let clock = self.clock;
        self.read(|transaction| {
            let Some(run) = run_by_id(transaction, run)? else { return Ok(Vec::new()) };
            let now = clock.moment(transaction, now)?;
            let mut found = Vec::new();
            each_window(transaction, &run, (after, now), |transaction, _, states| {
                for (seq, _) in states.iter().filter(|(seq, found)| *found == state && *seq > after) {
                    if found.len() < most {
                        found.extend(listed(transaction, run.id, *seq)?);
                    }
                }
                Ok(found.len() < most)
            })?;
            Ok(found)
        })
    }

    /// Hands over everybody of a run in order: the address, or a hash in its place, and the state.
    pub fn each_recipient(
        &self,
        run: RunId,
        now: i64,
        mut each: impl FnMut(&str, DeliveryState),
    ) -> Result<(), LedgerError> {
        let clock = self.clock;
        self.read(|transaction| {
            let Some(run) = run_by_id(transaction, run)? else { return Ok(()) };
            let now = clock.moment(transaction, now)?;
            each_window(transaction, &run, (0, now), |transaction, range, states| {
                let mut known = states.iter().copied().peekable();
                let sql = "SELECT seq, address FROM recipient WHERE run = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq";
                transaction.query(sql, &places(run.id, range)?, |row| {
                    let (seq, address) = (number(row.int(0)?)?, row.text(1)?);
                    let known = known.next_if(|(with, _)| *with == seq);
                    each(&address, known.map_or(DeliveryState::Pending, |(_, state)| state));
                    Ok(())
                })?;
                Ok(true)
            })
        })
    }

    /// The domains with the most recipients, and how each of them adds up.
    pub fn domains(&self, run: RunId, now: i64, most: usize) -> Result<Vec<DomainTally>, LedgerError> {
        let mut tallies: HashMap<String, Tally> = HashMap::new();
        self.each_recipient(run, now, |address, state| {
            let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
            let told = tallies.contains_key(domain) || tallies.len() < DOMAINS;
            let tally = tallies.entry(if told { domain } else { "" }.to_owned()).or_default();
            tally.audience += 1;
            tally.count(state, 1);
        })?;
        let mut found: Vec<DomainTally> =
            tallies.into_iter().map(|(domain, tally)| DomainTally { domain, tally }).collect();
        found.sort_by(|a, b| b.tally.audience.cmp(&a.tally.audience).then_with(|| a.domain.cmp(&b.domain)));
        found.truncate(most);
        Ok(found)
    }
}

/// Hands over the states of all recipients after a number that have rows, so many at once, until `each` has had enough.
fn each_window(
    transaction: &mut Transaction<'_>,
    run: &Run,
    (after, now): (u64, i64),
    mut each: impl FnMut(
        &mut Transaction<'_>,
        &RangeInclusive<u64>,
        &[(u64, DeliveryState)],
    ) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let leases = Leases::load(transaction, run.id, run.chunk_size, now)?;
    let mut states = Vec::new();
    let mut first = after + 1;
    while first <= run.audience {
        let range = first..=first + WINDOW - 1;
        states.clear();
        histories(transaction, run.id, &range, |history| {
            states.push((history.seq, history.state_among(&leases)));
            Ok(())
        })?;
        if !each(transaction, &range, &states)? {
            break;
        }
        first += WINDOW;
    }
    Ok(())
}

fn places(run: RunId, range: &RangeInclusive<u64>) -> Result<[Value<'static>; 3], StoreError> {
    Ok([Value::Int(run.0), Value::Int(stored(*range.start())?), Value::Int(stored(*range.end())?)])
}

fn listed(transaction: &mut Transaction<'_>, run: RunId, seq: u64) -> Result<Option<Listed>, StoreError> {
    let key = [Value::Int(run.0), Value::Int(stored(seq)?)];
    let sql = "SELECT subscriber, address FROM recipient WHERE run = ?1 AND seq = ?2";
    let found = transaction.first(sql, &key, |row| Ok((number(row.int(0)?)?, row.text(1)?)))?;
    let Some((subscriber, address)) = found else { return Ok(None) };
    let (mut attempt, mut at, mut said) = (0, 0, String::new());
    let sql = "SELECT attempt, at, code, enhanced, reply FROM outcome WHERE run = ?1 AND seq = ?2 ORDER BY attempt, at";
    transaction.query(sql, &key, |row| {
        (attempt, at) = (super::small(row.int(0)?)?, row.int(1)?);
        let code = row.int(2)?;
        let code = if code == 0 { String::new() } else { code.to_string() };
        let words: Vec<String> =
            [code, row.text(3)?, row.text(4)?].into_iter().filter(|word| !word.is_empty()).collect();
        if !words.is_empty() {
            said = words.join(" ");
        }
        Ok(())
    })?;
    transaction.query("SELECT at, reason FROM skip WHERE run = ?1 AND seq = ?2", &key, |row| {
        (at, said) = (row.int(0)?, row.text(1)?);
        Ok(())
    })?;
    Ok(Some(Listed { seq, subscriber, address, attempt, at, said }))
}
