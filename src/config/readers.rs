//! What the settings say about readers: where they are kept, lists, the digest of the week, the service.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::Weekday;

use crate::model::{Language, Network, Slug, WebUrl};

use super::raw::{RawList, RawService, RawWeekly};
use super::settle::{ONE_NAME, Settler};
use super::values::{base, weekday};

/// Where readers and the ledger are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A file, relative to the newsletter's root.
    Sqlite(PathBuf),
    /// A PostgreSQL database; its password comes from the environment.
    Postgres(String),
}

/// Where readers subscribe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSettings {
    /// The address that readers see.
    pub url: WebUrl,
    /// Where the service listens.
    pub listen: Listen,
    /// Where its keepers ask how it does.
    pub admin: SocketAddr,
    /// The proxies whose word on where a request comes from is taken.
    pub proxies: Vec<Network>,
    /// How many letters about subscriptions leave within an hour at most.
    pub confirmations_per_hour: u32,
}

/// Where the service listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// At a port.
    Tcp(SocketAddr),
    /// At a socket in the file system.
    Unix(PathBuf),
}

/// A list that readers subscribe to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRule {
    /// The name that commands, files and addresses use.
    pub name: Slug,
    /// The name that readers see.
    pub title: String,
}

/// The digest of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyRule {
    /// The day of the week that it is dated.
    pub day: Weekday,
    /// The most items it holds.
    pub max: usize,
    /// What it is called.
    pub title: String,
}

impl Settler<'_> {
    /// The lists, one at least: the only one is called `daily` and has the newsletter's name.
    pub(super) fn lists(&mut self, raw: Option<Vec<RawList>>, newsletter: &str) -> Vec<ListRule> {
        let mut lists: Vec<ListRule> = Vec::new();
        for RawList { name, title } in raw.unwrap_or_default() {
            let Some((place, name)) = self.name(name, "a list") else { continue };
            if lists.iter().any(|list| list.name == name) {
                self.fault("duplicate-name", &format!("there is a list `{name}` already"), place, ONE_NAME);
                continue;
            }
            let title = title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
            lists.push(ListRule { name, title: title.unwrap_or_else(|| newsletter.to_owned()) });
        }
        if lists.is_empty()
            && let Ok(name) = Slug::parse("daily")
        {
            lists.push(ListRule { name, title: newsletter.to_owned() });
        }
        lists
    }

    /// The digest of the week: on Saturdays, a dozen items.
    pub(super) fn weekly(&mut self, raw: RawWeekly, language: Option<Language>) -> WeeklyRule {
        let RawWeekly { day, max, title } = raw;
        let hint = "the days are mon, tue, wed, thu, fri, sat, sun";
        let usual = match language {
            Some(Language::French) => "La semaine",
            Some(Language::Arabic) => "الأسبوع",
            _ => "The week",
        };
        WeeklyRule {
            day: self.optional(day, "weekly", weekday, hint).unwrap_or(Weekday::Sat),
            max: max.unwrap_or(12).max(1),
            title: title.filter(|title| !title.trim().is_empty()).unwrap_or_else(|| usual.to_owned()),
        }
    }

    pub(super) fn service(&mut self, raw: RawService) -> Option<ServiceSettings> {
        let RawService { url, listen, admin, proxies, confirmations_per_hour } = raw;
        let url = self.required("service.url", url)?;
        let url = self.parse(url, "service-url", base, "write it as https://abonnement.example")?;
        let hint = "write it as 127.0.0.1:8080";
        let listen_hint = "write it as 127.0.0.1:8080, or unix:/run/rotative/http.sock";
        let place = self.optional(listen, "listen", listening, listen_hint);
        let admin = self.optional(admin, "listen", |text| text.parse::<SocketAddr>(), hint);
        let hint = "write an address, 10.0.0.7, or a network, 10.0.0.0/8";
        let proxies = proxies.unwrap_or_default();
        Some(ServiceSettings {
            url,
            listen: place.unwrap_or_else(|| Listen::Tcp(SocketAddr::from(([127, 0, 0, 1], 8080)))),
            admin: admin.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8081))),
            proxies: proxies
                .into_iter()
                .filter_map(|text| self.parse(text, "proxy", Network::parse, hint))
                .collect(),
            confirmations_per_hour: confirmations_per_hour.unwrap_or(1000).max(1),
        })
    }
}

fn listening(text: &str) -> Result<Listen, String> {
    if let Some(file) = text.strip_prefix("unix:").filter(|file| !file.is_empty()) {
        return Ok(Listen::Unix(PathBuf::from(file)));
    }
    text.parse().map(Listen::Tcp).map_err(|_| format!("`{text}` is no place to listen at"))
}
