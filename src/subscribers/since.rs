//! Whether a question is still open: who has left after it was asked does not come back by an old mail.

use crate::model::ConsentKind;
use crate::store::{StoreError, Transaction};

/// Links tell minutes, the journal tells seconds.
const MINUTE: i64 = 60;

/// Whether a reader has left since they were asked, at a moment in whole minutes.
pub fn has_left_since(transaction: &mut Transaction<'_>, id: u64, asked: i64) -> Result<bool, StoreError> {
    let journal = transaction.journal(id)?;
    let question = journal.iter().rposition(|event| {
        event.kind == ConsentKind::Subscribed && (asked..asked + MINUTE).contains(&event.at)
    });
    Ok(journal.iter().enumerate().any(|(at, event)| {
        event.kind == ConsentKind::Unsubscribed
            && question.map_or(event.at >= asked, |question| at > question)
    }))
}
