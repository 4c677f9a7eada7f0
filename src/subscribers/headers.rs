//! What the columns of a list mean, by their headings: our own, those of seven services, and plain ones.

use std::fmt;

use crate::model::{Slug, Subscription, SuppressionReason};

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

/// The columns of a file.
#[derive(Debug, Clone)]
pub(super) struct Headings {
    pub(super) service: Service,
    columns: Vec<(Column, usize)>,
}

/// Headings without spaces, accents and marks, by what they mean. Earlier ones win.
const NAMES: [(Column, &[&str]); 13] = [
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
    (Column::Status, &["status", "state", "statut", "etat", "subscribertype", "subscriptionstatus", "type"]),
    (
        Column::Left,
        &["emaildisabled", "emailblacklisted", "blacklisted", "blocklisted", "unsubscribed", "optout"],
    ),
    (Column::Stayed, &["subscribedtoemails", "subscribed"]),
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
        let mut columns = Vec::new();
        for (column, headings) in NAMES {
            // Substack's type is what a reader pays.
            if column == Column::Status && service == Service::Substack {
                continue;
            }
            let at = headings.iter().find_map(|heading| names.iter().position(|name| name == heading));
            columns.extend(at.map(|at| (column, at)));
        }
        columns.iter().any(|(column, _)| *column == Column::Email).then_some(Self { service, columns })
    }

    /// A file without headings, whose addresses stand in one column.
    pub(super) fn only(email: usize) -> Self {
        Self { service: Service::Other, columns: vec![(Column::Email, email)] }
    }

    /// A cell of a row, empty where the file has no such column.
    pub(super) fn cell<'r>(&self, column: Column, row: &'r csv::StringRecord) -> &'r str {
        let at = self.columns.iter().find(|(found, _)| *found == column).map(|(_, at)| *at);
        at.and_then(|at| row.get(at)).unwrap_or("").trim()
    }

    /// What a row says of its reader, or the word that nobody understands.
    pub(super) fn standing(&self, row: &csv::StringRecord) -> Result<Standing, String> {
        let cell = |column| self.cell(column, row);
        let yes = |column| matches!(plain(cell(column)).as_str(), "true" | "yes" | "1" | "oui" | "t" | "y");
        let no = |column| matches!(plain(cell(column)).as_str(), "false" | "no" | "0" | "non" | "f" | "n");
        if !cell(Column::Suppressed).is_empty() {
            let word = cell(Column::Suppressed);
            return SuppressionReason::parse(word).map(Standing::Never).ok_or_else(|| word.to_owned());
        }
        if !cell(Column::BouncedAt).is_empty() {
            return Ok(Standing::Never(SuppressionReason::Bounced));
        }
        let said = match cell(Column::Status) {
            "" => Standing::In(Subscription::Confirmed),
            word => status(&plain(word)).ok_or_else(|| word.to_owned())?,
        };
        let left = yes(Column::Left) || no(Column::Stayed) || !cell(Column::LeftAt).is_empty();
        Ok(if left && matches!(said, Standing::In(_)) {
            Standing::In(Subscription::Unsubscribed)
        } else {
            said
        })
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
fn plain(text: &str) -> String {
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
