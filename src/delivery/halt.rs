//! Why a run stops before its end.

use std::fmt;

use tokio::sync::watch;

use crate::store::ledger::LedgerError;

/// Why a run stops before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// The program is told to end.
    Interrupted,
    /// Going on would do harm; in a sentence.
    Paused(String),
    /// The publisher called it off.
    Cancelled,
    /// The ledger does not take what has to be written down.
    Ledger(LedgerError),
}

/// The first reason to stop; everybody looks at it before beginning anything.
#[derive(Debug, Clone)]
pub struct Brake(watch::Sender<Option<Halt>>);

impl Brake {
    /// Nothing speaks against going on.
    pub fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Stops, unless something has stopped it before. A ledger that fails weighs more than any other reason.
    pub fn pull(&self, halt: Halt) {
        self.0.send_if_modified(|known| {
            let weighs = match known {
                None => true,
                Some(Halt::Ledger(_)) => false,
                Some(_) => matches!(halt, Halt::Ledger(_)),
            };
            if weighs {
                *known = Some(halt);
            }
            weighs
        });
    }

    /// Why it is stopped, if it is.
    pub fn pulled(&self) -> Option<Halt> {
        self.0.borrow().clone()
    }

    /// Whether it is stopped.
    pub fn is_pulled(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Waits until it is stopped.
    pub async fn wait(&self) {
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }
}

impl Default for Brake {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str("told to stop"),
            Self::Paused(reason) => f.write_str(reason),
            Self::Cancelled => f.write_str("called off"),
            Self::Ledger(_) => f.write_str("the ledger does not take what has to be written down"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_counts_but_a_failing_ledger_weighs_more() {
        let brake = Brake::new();
        brake.pull(Halt::Interrupted);
        brake.pull(Halt::Cancelled);
        assert_eq!(brake.pulled(), Some(Halt::Interrupted));
        brake.pull(Halt::Ledger(LedgerError::Missing));
        brake.pull(Halt::Cancelled);
        assert_eq!(brake.pulled(), Some(Halt::Ledger(LedgerError::Missing)));
    }
}
