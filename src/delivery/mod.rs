//! Sending an issue: when it is due, which relay takes a letter and how fast, when it is tried again, and when
//! going on would do harm.
//!
//! Never knows: how a page looks; clock and chance are given to it.

mod ahead;
mod books;
mod breaker;
mod clock;
mod crash;
mod crew;
mod desk;
mod feed;
mod halt;
mod letter;
mod lines;
mod pace;
mod parcel;
mod press;
mod proofs;
mod providers;
mod rate;
mod relays;
mod retry;
mod sender;
mod stamp;
mod supply;
mod timing;
mod warm_up;
mod watch;

pub use breaker::{Attempt, Breaker, Pause};
pub use clock::hasten;
pub use crash::plan as plan_crash;
pub use crew::{Crew, Lines};
pub use halt::{Brake, Halt};
pub use pace::{Leave, Pace, RelayId};
pub use parcel::{Parcel, ParcelError, Verp};
pub use press::Press;
pub use proofs::hand_out;
pub use providers::Providers;
pub use rate::{Bucket, Quota, RateRow, Span};
pub use relays::{Choice, Relays};
pub use retry::{Retry, retry};
pub use sender::{Campaign, Ending, Eyes, SendError, send};
pub use stamp::Stamp;
pub use timing::{Schedule, Timing};
pub use warm_up::{Allowance, letters};
pub use watch::Snapshot;
