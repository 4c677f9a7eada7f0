//! Whether the rows of a store agree with each other, and how they move to another store.

use crate::model::{ConsentKind, Subscription};
use crate::store::{Filling, Store, StoreError};

/// What is wrong with a store, in words; nothing when it is sound.
pub fn check(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut said = store.integrity()?;
    store.stream(|transaction| {
        let mut fold = Fold::default();
        transaction.all_events(|id, state, events, kind| {
            fold.next(id, state, events, kind, &mut said);
            Ok(())
        })?;
        fold.finish(&mut said);
        let orphans = transaction.orphans()?;
        if orphans > 0 {
            said.push(format!("{orphans} events of consent belong to no subscriber"));
        }
        let wordless = transaction.wordless()?;
        if wordless > 0 {
            said.push(format!("{wordless} events of consent refer to words that are not kept"));
        }
        transaction.subscribers(&Default::default(), |_| Ok(()))
    })?;
    Ok(said)
}

/// The journal of one subscriber after the other, folded.
#[derive(Default)]
struct Fold {
    current: Option<(u64, Subscription, u64)>,
    kinds: Vec<ConsentKind>,
}

impl Fold {
    fn next(
        &mut self,
        id: u64,
        state: Subscription,
        events: u64,
        kind: Option<ConsentKind>,
        said: &mut Vec<String>,
    ) {
        if self.current.is_some_and(|(current, ..)| current != id) {
            self.finish(said);
        }
        self.current = Some((id, state, events));
        self.kinds.extend(kind);
    }

    fn finish(&mut self, said: &mut Vec<String>) {
        let Some((id, state, events)) = self.current.take() else { return };
        let count = self.kinds.len() as u64;
        let folded = Subscription::fold(self.kinds.drain(..));
        match folded {
            None => said.push(format!("subscriber {id} has no consent")),
            Some(folded) if folded != state => {
                said.push(format!("subscriber {id} counts as {state}, but the journal says {folded}"));
            }
            Some(_) if count != events => {
                said.push(format!("subscriber {id} should have {events} events of consent, and has {count}"));
            }
            Some(_) => {}
        }
    }
}

/// Copies everything into an empty store, and says how many rows; a store that holds something is refused. All is
/// there in the end, or nothing.
pub fn copy(from: &Store, to: &Store) -> Result<u64, StoreError> {
    let from = from.clone();
    to.write(move |transaction| {
        let mut filling = Filling::begin(transaction)?;
        from.stream(|source| source.dump(|line| filling.line(transaction, line)))?;
        filling.end()
    })
}
