//! A reader's subscription to one list: what may be mailed, and the events that say why.

use super::words::words;
use super::{EmailAddress, IssueDate, IssueKind, Language, Slot, Slug};

/// How far a subscription has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subscription {
    /// Asked for, by somebody who has not proved that the address is theirs. Nothing is mailed but that question.
    Unconfirmed,
    /// Asked for and proved. Issues are mailed.
    Confirmed,
    /// Left. Nothing is mailed.
    Unsubscribed,
}

/// What happened to a subscription: the kinds of rows in the journal of consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConsentKind {
    /// Somebody asked for it.
    Subscribed,
    /// The owner of the address proved it.
    Confirmed,
    /// It was brought along from another list, with its proof elsewhere.
    Imported,
    /// The reader left.
    Unsubscribed,
    /// The address must not be mailed any more.
    Suppressed,
    /// The address may be mailed again.
    Released,
    /// The reader chose another rhythm, other topics, a pause or a language.
    Changed,
}

/// How an event came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConsentSource {
    /// The form of the service.
    Form,
    /// The service, from a program.
    Api,
    /// A page whose address was mailed.
    Link,
    /// The one-click address of a letter (RFC 8058).
    OneClick,
    /// A file.
    Import,
    /// The command line.
    Command,
    /// What came back from a relay.
    Bounce,
    /// A complaint of the reader's provider.
    Complaint,
}

/// How often a reader wants to hear of us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Rhythm {
    /// Every issue.
    #[default]
    Daily,
    /// The digest of the week.
    Weekly,
    /// The issues that hold one of the reader's topics.
    Topics,
}

/// Why an address is never to be mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SuppressionReason {
    /// It does not exist.
    Bounced,
    /// Its owner complained.
    Complained,
    /// Its owner never wants to be asked again.
    Refused,
    /// The publisher says so.
    Command,
}

/// A subscription, with all that a letter needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// The number that stands for it, in the store and in tokens.
    pub id: u64,
    /// The list.
    pub list: Slug,
    /// The address, as its owner writes it.
    pub address: EmailAddress,
    /// The language of pages and of mails about the subscription.
    pub language: Language,
    /// How far it has come.
    pub state: Subscription,
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// How often.
    pub rhythm: Rhythm,
    /// Which topics, for [`Rhythm::Topics`].
    pub topics: Vec<Slug>,
    /// The day on which a pause ends.
    pub paused_until: Option<IssueDate>,
}

/// One row of the journal of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// What happened.
    pub kind: ConsentKind,
    /// When, in seconds since 1970.
    pub at: i64,
    /// How it came to us.
    pub source: ConsentSource,
    /// What is to be known beside: the lines of a bounce, who gave the command.
    pub detail: String,
    /// The words that were shown to the reader, or the declaration of who brought the address.
    pub statement: String,
    /// Where from, truncated to a network (/24, /64), empty where no network was involved.
    pub network: String,
}

impl Subscriber {
    /// Whether an issue with these topics is for this reader, as far as state, rhythm and pause go.
    pub fn wants(&self, slot: Slot, topics: &[Slug]) -> bool {
        let chosen = match (slot.kind, self.rhythm) {
            (IssueKind::Daily, Rhythm::Daily) | (IssueKind::Weekly, Rhythm::Weekly) => true,
            (IssueKind::Daily, Rhythm::Topics) => self.topics.iter().any(|topic| topics.contains(topic)),
            _ => false,
        };
        chosen
            && self.state == Subscription::Confirmed
            && self.paused_until.is_none_or(|until| until <= slot.date)
    }
}

words! {
    Subscription { Unconfirmed = "unconfirmed", Confirmed = "confirmed", Unsubscribed = "unsubscribed" }
    ConsentKind {
        Subscribed = "subscribed", Confirmed = "confirmed", Imported = "imported",
        Unsubscribed = "unsubscribed", Suppressed = "suppressed", Released = "released", Changed = "changed"
    }
    ConsentSource {
        Form = "form", Api = "api", Link = "link", OneClick = "one-click", Import = "import",
        Command = "command", Bounce = "bounce", Complaint = "complaint"
    }
    Rhythm { Daily = "daily", Weekly = "weekly", Topics = "topics" }
    SuppressionReason {
        Bounced = "bounced", Complained = "complained", Refused = "refused", Command = "command"
    }
}

impl Subscription {
    /// The state after an event; `None` stands for a subscription that does not exist yet.
    ///
    /// Who left stays away until the owner of the address confirms again or the publisher brings a new proof:
    /// a mere request proves nothing.
    pub fn after(before: Option<Self>, kind: ConsentKind) -> Self {
        match (kind, before) {
            (ConsentKind::Confirmed | ConsentKind::Imported, _) => Self::Confirmed,
            (ConsentKind::Unsubscribed, _) => Self::Unsubscribed,
            (_, Some(state)) => state,
            (_, None) => Self::Unconfirmed,
        }
    }

    /// The state that a whole journal leads to.
    pub fn fold(kinds: impl IntoIterator<Item = ConsentKind>) -> Option<Self> {
        kinds.into_iter().fold(None, |state, kind| Some(Self::after(state, kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_left_stays_away_until_the_address_is_confirmed_again() {
        use ConsentKind::*;
        let fold = |kinds: &[ConsentKind]| Subscription::fold(kinds.iter().copied());
        assert_eq!(fold(&[]), None);
        assert_eq!(fold(&[Subscribed]), Some(Subscription::Unconfirmed));
        assert_eq!(fold(&[Subscribed, Confirmed, Subscribed]), Some(Subscription::Confirmed));
        assert_eq!(fold(&[Imported, Unsubscribed, Subscribed]), Some(Subscription::Unsubscribed));
        assert_eq!(fold(&[Imported, Unsubscribed, Subscribed, Confirmed]), Some(Subscription::Confirmed));
        assert_eq!(fold(&[Unsubscribed, Suppressed, Released]), Some(Subscription::Unsubscribed));
    }
}
