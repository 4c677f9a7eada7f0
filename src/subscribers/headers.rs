//! What the columns of a list mean, by their headings: our own, those of seven services, and plain ones.

use std::fmt;

use crate::model::{Slug, Subscription, SuppressionReason};

use super::cells::Word;

/// Where a list comes from, as its headings tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// An export of ours.
    Rotative,
    /// Mailchimp.
    Mailchimp,
    /// Substack.
    Substack,
    /// Ghost.
    Ghost,
    /// Buttondown.
    Buttondown,
    /// Beehiiv.
    Beehiiv,
    /// listmonk.
    Listmonk,
    /// Brevo, formerly Sendinblue.
    Brevo,
    /// None of them.
    Other,
}

/// What a column tells of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// The address.
    Email,
    /// How far the subscription has come, in a word.
    Status,
    /// Set where the reader has left.
    Left,
    /// Set where the reader has not left.
    Stayed,
    /// When the reader proved the address: filled in where they did.
    Proved,
    /// When the reader left.
    LeftAt,
    /// When the address was found dead.
    BouncedAt,
    /// When the reader came.
    Since,
    /// The language.
    Language,
    /// The list.
    List,
    /// How often.
    Rhythm,
    /// Which topics.
    Topics,
    /// Until when nothing is mailed.
    PausedUntil,
    /// Why the address is never to be mailed.
    Suppressed,
}

/// What a file says of one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A subscription in a state.
    In(Subscription),
    /// An address that is never to be mailed.
    Never(SuppressionReason),
}

/// Why nobody can tell what a row says of its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unclear {
    /// The file tells everybody's state, and not this reader's.
    Empty,
    /// This is no word that we know.
    Word(String),
}

/// The columns of a file.
#[derive(Debug, Clone)]
pub(super) struct Headings {
    pub(super) service: Service,
    columns: Vec<(Column, usize)>,
    /// Whether nothing says what they are.
    bare: bool,
}

/// Headings without spaces, accents and marks, by what they mean. Of an address the earliest is read, of
/// everything else whichever is filled in; where several tell of a reader's standing, the worst counts.
const NAMES: [(Column, &[&str]); 14] = [
    (
        Column::Email,
        &[
            "email",
            "emailaddress",
            "mail",
            "courriel",
            "adressemail",
            "adresseemail",
            "adressee-mail",
            "adresse",
        ],
    ),
    (Column::Status, &["status", "statut", "subscriberstatus", "subscriptionstatus", "subscribertype"]),
    (
        Column::Left,
        &["emaildisabled", "emailblacklisted", "blacklisted", "blocklisted", "unsubscribed", "optout"],
    ),
    (Column::Stayed, &["subscribedtoemails", "subscribed"]),
    (Column::Proved, &["confirmtime", "optintime", "confirmedat"]),
    (Column::LeftAt, &["unsubtime", "unsubscribedat", "unsubscribedate", "unsubscriptiondate", "deletedat"]),
    (Column::BouncedAt, &["cleantime", "bouncedat"]),
    (
        Column::Since,
        &[
            "since",
            "confirmtime",
            "optintime",
            "confirmedat",
            "subscribedat",
            "createdat",
            "creationdate",
            "addedtime",
            "dateadded",
            "startdate",
        ],
    ),
    (Column::Language, &["language", "lang", "langue", "locale"]),
    (Column::List, &["list"]),
    (Column::Rhythm, &["rhythm"]),
    (Column::Topics, &["topics"]),
    (Column::PausedUntil, &["pauseduntil"]),
    (Column::Suppressed, &["suppressed"]),
];

/// Headings that tell of a standing where nothing clearer does: a state may be one of fifty.
const VAGUE: [&str; 3] = ["state", "etat", "type"];

/// By which headings each service is known.
const SERVICES: [(Service, &[&str]); 8] = [
    (Service::Rotative, &["email", "list", "status", "consentsource"]),
    (Service::Mailchimp, &["emailaddress", "leid", "euid"]),
    (Service::Substack, &["email", "emaildisabled"]),
    (Service::Ghost, &["email", "subscribedtoemails"]),
    (Service::Listmonk, &["uuid", "email", "attributes"]),
    (Service::Beehiiv, &["email", "status", "subscriptiontier"]),
    (Service::Beehiiv, &["email", "status", "utmsource", "createdat"]),
    (Service::Brevo, &["contactid", "email"]),
];
/// Buttondown has changed its headings: any of the second with one of the first.
const BUTTONDOWN: [&[&str]; 2] = [&["email", "emailaddress"], &["subscribertype", "creationdate"]];

impl Headings {
    /// Reads a line of headings; `None` when none of them is an address.
    pub(super) fn read<'a>(line: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let names: Vec<String> = line.into_iter().map(plain).collect();
        let has = |name: &&str| names.iter().any(|found| found == name);
        let known = SERVICES.iter().find(|(_, needed)| needed.iter().all(has)).map(|(service, _)| *service);
        let service = known.unwrap_or(if BUTTONDOWN.iter().all(|any| any.iter().any(has)) {
            Service::Buttondown
        } else {
            Service::Other
        });
        let all = |headings: &'static [&'static str]| {
            let places = |heading: &'static str| {
                let found = names.iter().enumerate().filter(move |(_, name)| *name == heading);
                found.map(|(at, _)| at)
            };
            headings.iter().flat_map(move |heading| places(heading))
        };
        let mut columns = Vec::new();
        for (column, headings) in NAMES {
            // Substack's type is what a reader pays.
            if column == Column::Status && service == Service::Substack {
                continue;
            }
            let most = if column == Column::Email { 1 } else { usize::MAX };
            columns.extend(all(headings).take(most).map(|at| (column, at)));
        }
        let clear = columns.iter().any(|(column, _)| *column == Column::Status);
        if !clear && !matches!(service, Service::Substack | Service::Mailchimp) {
            columns.extend(all(&VAGUE).take(1).map(|at| (Column::Status, at)));
        }
        columns.iter().any(|(column, _)| *column == Column::Email).then_some(Self {
            service,
            columns,
            bare: false,
        })
    }

    /// A file without headings, whose addresses stand in one column.
    pub(super) fn only(email: usize) -> Self {
        Self { service: Service::Other, columns: vec![(Column::Email, email)], bare: true }
    }

    /// A cell of a row, empty where the file has no such column.
    pub(super) fn cell<'r>(&self, column: Column, row: &'r csv::StringRecord) -> &'r str {
        self.cells(column, row).find(|cell| !cell.is_empty()).unwrap_or("")
    }

    fn cells<'r>(&self, column: Column, row: &'r csv::StringRecord) -> impl Iterator<Item = &'r str> {
        let places = self.columns.iter().filter(move |(found, _)| *found == column).map(|(_, at)| *at);
        places.map(|at| row.get(at).unwrap_or("").trim())
    }

    /// The first cell without a heading to explain it.
    pub(super) fn unexplained<'r>(&self, row: &'r csv::StringRecord) -> Option<&'r str> {
        let bare = self.bare.then(|| {
            row.iter().enumerate().find(|(at, cell)| {
                !cell.trim().is_empty() && self.columns.iter().all(|(_, known)| known != at)
            })
        });
        bare.flatten().map(|(_, cell)| cell)
    }

    /// What a row says of its reader: the worst that any of its cells says. Or why nobody can tell.
    pub(super) fn standing(&self, row: &csv::StringRecord) -> Result<Standing, Unclear> {
        let mut worst = Standing::In(Subscription::Confirmed);
        for (column, at) in &self.columns {
            let said = self::standing(*column, row.get(*at).unwrap_or("").trim())?;
            worst = said.map_or(worst, |said| if rank(said) > rank(worst) { said } else { worst });
        }
        let proofs = self.cells(Column::Proved, row);
        let unproved = self.columns.iter().any(|(column, _)| *column == Column::Proved)
            && proofs.into_iter().all(|cell| Word::read(cell) == Word::Nothing);
        let unconfirmed = Standing::In(Subscription::Unconfirmed);
        Ok(if unproved && rank(worst) < rank(unconfirmed) { unconfirmed } else { worst })
    }
}

/// What one cell says of a reader; None where its column is about something else, or it says nothing.
fn standing(column: Column, cell: &str) -> Result<Option<Standing>, Unclear> {
    use Column::{BouncedAt, Left, LeftAt, Status, Stayed, Suppressed};
    if !matches!(column, Status | Left | Stayed | LeftAt | BouncedAt | Suppressed) {
        return Ok(None);
    }
    let is = |state| Ok(Some(Standing::In(state)));
    let unclear = || Unclear::Word(cell.to_owned());
    let word = Word::read(cell);
    match (column, word) {
        (Status | Stayed, Word::Nothing) => Err(Unclear::Empty),
        (Status, _) => status(&plain(cell)).map(Some).ok_or_else(unclear),
        (Left, Word::Yes | Word::Date) => is(Subscription::Unsubscribed),
        (Left, Word::No | Word::Nothing) => Ok(None),
        (Stayed, Word::Yes | Word::Date) => is(Subscription::Confirmed),
        (Stayed, Word::No) => is(Subscription::Unsubscribed),
        (Left | Stayed, Word::Other) => status(&plain(cell)).map(Some).ok_or_else(unclear),
        (LeftAt | BouncedAt | Suppressed, Word::No | Word::Nothing) => Ok(None),
        (LeftAt, _) => is(Subscription::Unsubscribed),
        (BouncedAt, _) => Ok(Some(Standing::Never(SuppressionReason::Bounced))),
        (Suppressed, Word::Yes | Word::Date) => Ok(Some(Standing::Never(SuppressionReason::Command))),
        (Suppressed, Word::Other) => match SuppressionReason::parse(cell) {
            Some(reason) => Ok(Some(Standing::Never(reason))),
            None => status(&plain(cell)).map(Some).ok_or_else(unclear),
        },
        _ => Ok(None),
    }
}

/// From the best to the worst.
fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::In(Subscription::Confirmed) => 0,
        Standing::In(Subscription::Unconfirmed) => 1,
        Standing::In(Subscription::Unsubscribed) => 2,
        Standing::Never(SuppressionReason::Bounced) => 3,
        Standing::Never(SuppressionReason::Command) => 4,
        Standing::Never(SuppressionReason::Refused) => 5,
        Standing::Never(SuppressionReason::Complained) => 6,
    }
}

/// The words of all services for the state of a subscription.
fn status(word: &str) -> Option<Standing> {
    Some(match word {
        "subscribed" | "confirmed" | "active" | "enabled" | "regular" | "premium" | "gifted" | "trialed"
        | "free" | "paid" | "comp" | "abonne" | "inscrit" | "confirme" | "actif" => {
            Standing::In(Subscription::Confirmed)
        }
        "pending" | "unconfirmed" | "unactivated" | "validating" | "nonsubscribed" | "nonconfirme" => {
            Standing::In(Subscription::Unconfirmed)
        }
        "unsubscribed" | "inactive" | "disabled" | "optedout" | "removed" | "desabonne" | "desinscrit"
        | "cancelled" | "canceled" | "archived" | "past" => Standing::In(Subscription::Unsubscribed),
        "cleaned" | "bounced" | "invalid" | "undeliverable" | "hardbounced" => {
            Standing::Never(SuppressionReason::Bounced)
        }
        "complained" | "spam" | "spammy" | "abuse" | "junk" => Standing::Never(SuppressionReason::Complained),
        "blocklisted" | "blacklisted" | "blocked" | "suppressed" => {
            Standing::Never(SuppressionReason::Command)
        }
        _ => return None,
    })
}

/// A heading or a word in small letters, without accents, spaces and marks.
pub(super) fn plain(text: &str) -> String {
    let slug = Slug::from_text(text).map(|slug| slug.as_str().replace('-', ""));
    slug.unwrap_or_default()
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rotative => "Rotative",
            Self::Mailchimp => "Mailchimp",
            Self::Substack => "Substack",
            Self::Ghost => "Ghost",
            Self::Buttondown => "Buttondown",
            Self::Beehiiv => "Beehiiv",
            Self::Listmonk => "listmonk",
            Self::Brevo => "Brevo",
            Self::Other => "no service we know",
        })
    }
}
