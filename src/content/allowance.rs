//! Rules of the copy editor that one file may break, and why.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use crate::config::yaml::{Spanned, Yaml};
use crate::model::Spot;

/// A rule that a file may break.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Allowance {
    /// The rule's name as written.
    pub rule: String,
    /// Why, where somebody said so.
    pub why: Option<String>,
    /// Where it stands.
    pub spot: Spot,
}

/// `rule`, or `{rule: …, why: …}`.
#[derive(Debug)]
pub(super) enum RawAllowance {
    Name(String),
    Reasoned(RawReasoned),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReasoned {
    rule: String,
    why: Option<String>,
}

pub(super) fn allowances(yaml: &Yaml<'_>, raw: Option<Vec<Spanned<RawAllowance>>>) -> Vec<Allowance> {
    let settle = |written: Spanned<RawAllowance>| {
        let spot = yaml.spot(&written);
        let (rule, why) = match written.value {
            RawAllowance::Name(rule) => (rule, None),
            RawAllowance::Reasoned(RawReasoned { rule, why }) => (rule, why),
        };
        Allowance { rule: rule.trim().to_owned(), why: why.filter(|why| !why.trim().is_empty()), spot }
    };
    raw.unwrap_or_default().into_iter().map(settle).collect()
}

struct AllowanceVisitor;

impl<'de> Visitor<'de> for AllowanceVisitor {
    type Value = RawAllowance;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a rule, or {rule: …, why: …}")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<RawAllowance, E> {
        Ok(RawAllowance::Name(name.to_owned()))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<RawAllowance, A::Error> {
        RawReasoned::deserialize(MapAccessDeserializer::new(map)).map(RawAllowance::Reasoned)
    }
}

impl<'de> Deserialize<'de> for RawAllowance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AllowanceVisitor)
    }
}
