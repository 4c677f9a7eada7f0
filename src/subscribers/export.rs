//! The list as a table that any other program reads, and one person's data as that person may ask for it.

use serde_json::{Value, json};

use crate::model::{EmailAddress, Subscriber};
use crate::store::{Filter, Store, StoreError, Transaction};

/// The columns of an export, in order.
const COLUMNS: [&str; 11] = [
    "email",
    "list",
    "status",
    "since",
    "language",
    "rhythm",
    "topics",
    "paused_until",
    "suppressed",
    "consent_source",
    "consent_at",
];

/// How much was exported.
pub type Exported = u64;

/// Writes subscribers as CSV (RFC 4180), line by line. No cell can be taken for a formula by a spreadsheet.
pub fn export(
    store: &Store,
    filter: &Filter,
    moment: impl Fn(i64) -> String,
    mut line: impl FnMut(&str) -> Result<(), StoreError>,
) -> Result<Exported, StoreError> {
    line(&COLUMNS.map(cell).join(","))?;
    let mut count = 0;
    // One view for the rows, another for what belongs to each: a long export holds up no writer.
    store.stream(|transaction| {
        transaction.subscribers(filter, |subscriber| {
            let cells = store.read(|beside| cells(beside, &subscriber, &moment))?;
            count += 1;
            line(&cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(","))
        })
    })?;
    Ok(count)
}

fn cells(
    transaction: &mut Transaction<'_>,
    subscriber: &Subscriber,
    moment: &impl Fn(i64) -> String,
) -> Result<[String; 11], StoreError> {
    let suppression = transaction.suppression(&subscriber.address.key())?;
    let consent = transaction.journal(subscriber.id)?;
    let last = consent.last();
    let topics: Vec<&str> = subscriber.topics.iter().map(|topic| topic.as_str()).collect();
    Ok([
        subscriber.address.to_string(),
        subscriber.list.to_string(),
        subscriber.state.to_string(),
        moment(subscriber.since),
        subscriber.language.as_str().to_owned(),
        subscriber.rhythm.to_string(),
        topics.join(" "),
        subscriber.paused_until.map(|day| day.to_string()).unwrap_or_default(),
        suppression.map(|why| why.reason.to_string()).unwrap_or_default(),
        last.map(|event| event.source.to_string()).unwrap_or_default(),
        last.map(|event| moment(event.at)).unwrap_or_default(),
    ])
}

/// A quoted cell; what a spreadsheet would take for a formula is led by an apostrophe.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

/// Everything that is kept about an address (GDPR, articles 15 and 20).
pub fn personal_data(
    transaction: &mut Transaction<'_>,
    address: &EmailAddress,
    moment: impl Fn(i64) -> String,
) -> Result<Value, StoreError> {
    let key = address.key();
    let mut subscriptions = Vec::new();
    for known in transaction.subscriptions(&key)? {
        let events: Vec<Value> = transaction
            .journal(known.id)?
            .iter()
            .map(|event| {
                json!({
                    "event": event.kind.as_str(), "at": moment(event.at), "source": event.source.as_str(),
                    "detail": event.detail, "statement": event.statement, "network": event.network,
                })
            })
            .collect();
        subscriptions.push(json!({
            "id": known.id, "list": known.list.as_str(), "email": known.address.to_string(),
            "status": known.state.as_str(), "since": moment(known.since),
            "language": known.language.as_str(), "rhythm": known.rhythm.as_str(),
            "topics": known.topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>(),
            "paused_until": known.paused_until.map(|day| day.to_string()), "consent": events,
        }));
    }
    let suppression = transaction
        .suppression(&key)?
        .map(|why| json!({ "reason": why.reason.as_str(), "detail": why.detail, "at": moment(why.at) }));
    Ok(json!({ "email": address.to_string(), "subscriptions": subscriptions, "suppression": suppression }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_never_a_formula() {
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        for text in ["=1+1", "+1", "-1", "@x", "\tx", "\rx"] {
            assert!(cell(text).starts_with("\"'"), "{text:?}");
        }
    }
}
