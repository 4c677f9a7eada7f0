//! What `content/newsletter.yaml` may hold, as it is written: everything optional, nothing judged.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use super::yaml::Spanned;

type Text = Option<Spanned<String>>;

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) title: Text,
    pub(super) tagline: Option<String>,
    pub(super) language: Text,
    pub(super) timezone: Text,
    pub(super) base_url: Text,
    pub(super) publisher: Option<RawPublisher>,
    pub(super) subject: Text,
    pub(super) sections: Option<Vec<RawSection>>,
    pub(super) blocks: Option<Vec<RawBlock>>,
    pub(super) typography: Option<RawTypography>,
    pub(super) calendar: Option<RawCalendar>,
    pub(super) check: Option<RawCheck>,
    pub(super) theme: Option<RawTheme>,
    pub(super) mail: Option<RawMail>,
    pub(super) store: Text,
    pub(super) lists: Option<Vec<RawList>>,
    pub(super) weekly: Option<RawWeekly>,
    pub(super) service: Option<RawService>,
    pub(super) delivery: Option<RawDelivery>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPublisher {
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
    pub(super) email: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSection {
    pub(super) name: Text,
    pub(super) title: Option<String>,
    pub(super) kind: Option<RawKind>,
    pub(super) min: Option<usize>,
    pub(super) max: Option<Spanned<usize>>,
    pub(super) longest: Option<usize>,
    pub(super) headlines: Option<RawHeadlines>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBlock {
    pub(super) name: Text,
    pub(super) file: Text,
    pub(super) after: Option<Spanned<RawAfter>>,
    pub(super) end: Option<bool>,
    pub(super) every_article: Option<bool>,
}

/// `off`, or a mapping of options.
#[derive(Debug)]
pub(super) enum RawTypography {
    Switch(bool),
    Options(RawTypographyOptions),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTypographyOptions {
    pub(super) spaces: Option<RawSpaces>,
    pub(super) insert: Option<bool>,
    pub(super) ordinals: Option<RawOrdinals>,
    pub(super) ligatures: Option<bool>,
    pub(super) hours: Option<RawHours>,
    pub(super) stray_nbsp: Option<RawStrayNbsp>,
    pub(super) widow: Option<RawWidow>,
    pub(super) dash: Option<RawDash>,
    pub(super) keep: Option<Vec<String>>,
    pub(super) units: Option<Vec<String>>,
}

macro_rules! words {
    ($($name:ident { $($word:ident),+ })+) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub(super) enum $name { $($word),+ }
    )+};
}

words! {
    RawKind { Brief, Quote, Figure, Appointment }
    RawHeadlines { Required, Optional }
    RawTls { None, Starttls, Implicit }
    RawProtocol { Smtp, Lmtp }
    RawLogin { Plain, Xoauth2 }
    RawApproval { Optional, Required }
    RawUncertain { Hold, Resend }
    RawProviderLimits { Usual, None }
    RawSpaces { Imprimerie, Nbsp, Narrow }
    RawOrdinals { Sup, Plain }
    RawHours { Keep, Spaced }
    RawStrayNbsp { Keep, Clean }
    RawWidow { Off, Headings }
    RawDash { En, Em }
    RawTypeface { Serif, Sans }
}

struct TypographyVisitor;

impl<'de> Visitor<'de> for TypographyVisitor {
    type Value = RawTypography;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`off` or a mapping of options")
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<RawTypography, E> {
        Ok(RawTypography::Switch(on))
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<RawTypography, E> {
        match word {
            "off" | "false" | "no" => Ok(RawTypography::Switch(false)),
            "on" | "true" | "yes" => Ok(RawTypography::Switch(true)),
            other => Err(E::unknown_variant(other, &["on", "off"])),
        }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<RawTypography, A::Error> {
        RawTypographyOptions::deserialize(MapAccessDeserializer::new(map)).map(RawTypography::Options)
    }
}

impl<'de> Deserialize<'de> for RawTypography {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypographyVisitor)
    }
}

/// `4`, `end` or `every_article`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RawAfter {
    Count(u64),
    End,
    EveryArticle,
}

struct AfterVisitor;

impl Visitor<'_> for AfterVisitor {
    type Value = RawAfter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of items, `end` or `every_article`")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<RawAfter, E> {
        Ok(RawAfter::Count(count))
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<RawAfter, E> {
        match word {
            "end" => Ok(RawAfter::End),
            "every_article" => Ok(RawAfter::EveryArticle),
            other => match other.parse() {
                Ok(count) => Ok(RawAfter::Count(count)),
                Err(_) => Err(E::unknown_variant(other, &["end", "every_article"])),
            },
        }
    }
}

impl<'de> Deserialize<'de> for RawAfter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AfterVisitor)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCalendar {
    pub(super) days: Option<Vec<Spanned<String>>>,
    pub(super) holidays: Option<Spanned<RawHolidays>>,
    pub(super) except: Option<Vec<Spanned<String>>>,
}

/// One word, or a list of them.
#[derive(Debug)]
pub(super) enum RawHolidays {
    One(String),
    Many(Vec<Spanned<String>>),
}

struct HolidaysVisitor;

impl<'de> Visitor<'de> for HolidaysVisitor {
    type Value = RawHolidays;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FR, a day, or a list of them")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<RawHolidays, E> {
        Ok(RawHolidays::One(word.to_owned()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut words: A) -> Result<RawHolidays, A::Error> {
        let mut all = Vec::new();
        while let Some(word) = words.next_element()? {
            all.push(word);
        }
        Ok(RawHolidays::Many(all))
    }
}

impl<'de> Deserialize<'de> for RawHolidays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HolidaysVisitor)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCheck {
    pub(super) allow: Option<Vec<Spanned<String>>>,
    pub(super) severity: Option<BTreeMap<String, Spanned<String>>>,
    pub(super) spelling: Option<BTreeMap<String, Spanned<String>>>,
    pub(super) words: Text,
    pub(super) links: Option<RawCheckLinks>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCheckLinks {
    pub(super) pause: Text,
    pub(super) hosts: Option<Spanned<usize>>,
    pub(super) timeout: Text,
    pub(super) age: Text,
    pub(super) patience: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTheme {
    pub(super) accent: Text,
    pub(super) accent_dark: Text,
    pub(super) ink: Text,
    pub(super) headings: Option<RawTypeface>,
    pub(super) text: Option<RawTypeface>,
    pub(super) logo: Option<RawLogo>,
    pub(super) cards: Option<bool>,
    pub(super) search: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLogo {
    pub(super) file: Text,
    pub(super) alt: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMail {
    pub(super) from: Text,
    pub(super) reply_to: Text,
    pub(super) list_id: Text,
    pub(super) bounces: Text,
    pub(super) relays: Option<Vec<RawRelay>>,
    pub(super) dkim: Option<Vec<RawDkim>>,
    pub(super) domains: Option<Vec<RawDomains>>,
    pub(super) provider_limits: Option<RawProviderLimits>,
    pub(super) warm_up: Option<RawWarmUp>,
    pub(super) timeouts: Option<RawTimeouts>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTimeouts {
    pub(super) connect: Text,
    pub(super) command: Text,
    pub(super) data: Text,
    pub(super) write: Text,
    pub(super) dot: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRelay {
    pub(super) name: Text,
    pub(super) host: Text,
    pub(super) port: Option<u16>,
    pub(super) socket: Text,
    pub(super) protocol: Option<RawProtocol>,
    pub(super) tls: Option<Spanned<RawTls>>,
    pub(super) login: Option<RawLogin>,
    pub(super) connections: Option<Spanned<usize>>,
    pub(super) letters_per_connection: Option<Spanned<u32>>,
    pub(super) weight: Option<Spanned<u32>>,
    pub(super) per_second: Option<Spanned<f64>>,
    pub(super) per_hour: Option<Spanned<u32>>,
    pub(super) per_day: Option<Spanned<u32>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDomains {
    pub(super) name: Text,
    pub(super) domains: Option<Vec<Spanned<String>>>,
    pub(super) per_second: Option<Spanned<f64>>,
    pub(super) connections: Option<Spanned<usize>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWarmUp {
    pub(super) start: Text,
    pub(super) first: Option<Spanned<u32>>,
    pub(super) growth: Option<Spanned<f64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDelivery {
    pub(super) approval: Option<RawApproval>,
    pub(super) cool_down: Text,
    pub(super) send_at: Text,
    pub(super) not_after: Text,
    pub(super) max_lateness: Text,
    pub(super) deadline: Text,
    pub(super) uncertain: Option<RawUncertain>,
    pub(super) drain: Text,
    pub(super) settle: Text,
    pub(super) notify: Option<Spanned<bool>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDkim {
    pub(super) domain: Text,
    pub(super) selector: Text,
    pub(super) key: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawService {
    pub(super) url: Text,
    pub(super) listen: Text,
    pub(super) admin: Text,
    pub(super) proxies: Option<Vec<Spanned<String>>>,
    pub(super) confirmations_per_hour: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawList {
    pub(super) name: Text,
    pub(super) title: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWeekly {
    pub(super) day: Text,
    pub(super) max: Option<usize>,
    pub(super) title: Option<String>,
}
