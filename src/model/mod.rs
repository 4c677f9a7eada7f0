//! The vocabulary of the product: dates, slugs, addresses, colours, sources of text and what is said about them.
//!
//! Never knows: any other module, the disk, the network, the clock.

pub mod address;
pub mod colour;
pub mod composed;
pub mod date;
pub mod delivery;
pub mod descent;
pub mod diagnostic;
pub mod follow;
pub mod language;
pub mod network;
pub mod out_file;
pub mod run;
pub mod site_path;
pub mod slot;
pub mod slug;
pub mod source;
pub mod spoken;
pub mod stamp;
pub mod subscriber;
pub mod suggest;
pub mod web;
mod words;

pub use address::{DomainName, EmailAddress, Mailbox};
pub use colour::Colour;
pub use date::IssueDate;
pub use delivery::{
    Answer, Blame, DeliveryState, EnhancedCode, Lease, Outcome, Phase, Recorded, Reply, Verdict, Witness,
    judge,
};
pub use descent::descends;
pub use diagnostic::{Diagnostic, Fix, Location, Report, Severity};
pub use follow::follow;
pub use language::{Language, LanguageTag};
pub use network::Network;
pub use out_file::{Fingerprint, OutFile, hex, sha256, sha256_bytes};
pub use run::{RunState, SkipReason, Tally, UncertainPolicy};
pub use site_path::{SitePath, SitePathError};
pub use slot::{IssueKind, Slot};
pub use slug::Slug;
pub use source::{Fetch, Source, Spot};
pub use stamp::Stamp;
pub use subscriber::{
    Consent, ConsentKind, ConsentSource, Rhythm, Subscriber, Subscription, SuppressionReason,
};
pub use web::WebUrl;
