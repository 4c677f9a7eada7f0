//! A rehearsal: a relay inside the program that fails as it is told and keeps the truth, readers who do not exist, and the
//! accounts of what the ledger says beside what the relay took.
//!
//! Never knows: how letters are sent; it sees what arrives, and reads what was written down.

mod accounts;
mod dice;
mod faults;
mod relay;
mod stage;
mod truth;

pub use accounts::{Accounts, Wrong};
pub use dice::Dice;
pub use faults::{Fate, FaultError, Faults, Place};
pub use relay::Relay;
pub use stage::{Cast, SLOT, is_stage, lay_out, reader, write_issue, write_readers};
pub use truth::{Seen, Truth};
