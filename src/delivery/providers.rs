//! Which domains belong to one provider, and what it takes: a built-in table that the settings correct.

use std::collections::HashMap;

use crate::config::{DomainPattern, DomainRule, MailSettings, ProviderLimits, Rate};

/// The table and what the settings say.
#[derive(Debug, Clone)]
pub struct Providers {
    rules: Vec<DomainRule>,
    exact: HashMap<String, usize>,
    everywhere: HashMap<String, usize>,
}

const TABLE: &str = include_str!("providers.tsv");

impl Providers {
    /// What the settings ask for.
    pub fn of(settings: &MailSettings) -> Self {
        Self::new(&settings.domains, settings.provider_limits)
    }

    /// The built-in table, where a rule of the settings takes the place of the one that has its name, and its
    /// domains go before those of the table. Domains are one destination also where its limits do not hold.
    pub fn new(settings: &[DomainRule], limits: ProviderLimits) -> Self {
        let replaced =
            |rule: &DomainRule| settings.iter().any(|own| own.name.eq_ignore_ascii_case(&rule.name));
        let mut rules: Vec<DomainRule> = table().into_iter().filter(|rule| !replaced(rule)).collect();
        if limits == ProviderLimits::None {
            rules.iter_mut().for_each(|rule| (rule.per_second, rule.connections) = (None, None));
        }
        rules.extend(settings.iter().cloned());
        let (mut exact, mut everywhere) = (HashMap::new(), HashMap::new());
        for (at, rule) in rules.iter().enumerate() {
            for domain in &rule.domains {
                match domain {
                    DomainPattern::Exact(name) => exact.insert(name.clone(), at),
                    DomainPattern::Everywhere(name) => everywhere.insert(name.clone(), at),
                };
            }
        }
        Self { rules, exact, everywhere }
    }

    /// The rule of a domain.
    pub fn rule(&self, domain: &str) -> Option<&DomainRule> {
        let family = || {
            let (name, rest) = domain.split_once('.')?;
            self.everywhere.get(name).filter(|_| is_public(rest))
        };
        let at = self.exact.get(domain).or_else(family)?;
        self.rules.get(*at)
    }

    /// The destination of a domain: its provider, or the domain itself. What shares a destination shares limits.
    pub fn destination<'a>(&'a self, domain: &'a str) -> &'a str {
        self.rule(domain).map_or(domain, |rule| &rule.name)
    }

    /// All rules.
    pub fn rules(&self) -> &[DomainRule] {
        &self.rules
    }
}

/// Whether what follows a name belongs to no company: `fr`, `com`, `co.uk`, `com.br`.
fn is_public(rest: &str) -> bool {
    let country = rest.strip_prefix("co.").or_else(|| rest.strip_prefix("com.")).unwrap_or(rest);
    !country.contains('.') && (2..=3).contains(&country.len())
}

fn table() -> Vec<DomainRule> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    rows.filter_map(row).collect()
}

fn row(line: &str) -> Option<DomainRule> {
    let mut cells = line.split('\t');
    let (name, rate, lines, domains) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    Some(DomainRule {
        name: name.to_owned(),
        domains: domains.split(' ').filter_map(|domain| DomainPattern::parse(domain).ok()).collect(),
        per_second: Some(Rate::per_second(rate.parse().ok()?)),
        connections: Some(lines.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_can_be_read_and_has_its_reason() {
        let lines: Vec<&str> = TABLE.lines().collect();
        let rows: Vec<usize> = (0..lines.len()).filter(|at| !lines[*at].starts_with('#')).collect();
        assert_eq!(table().len(), rows.len());
        for at in rows {
            assert!(lines[at - 1].starts_with("# "), "{}", lines[at]);
            let rule = row(lines[at]).expect("a row");
            let domains = lines[at].split('\t').nth(3).expect("domains").split(' ').count();
            assert_eq!(rule.domains.len(), domains, "{}", rule.name);
        }
    }

    #[test]
    fn all_domains_of_a_provider_are_one_destination() {
        let providers = Providers::new(&[], ProviderLimits::Usual);
        for (domain, name) in [
            ("gmail.com", "Gmail"),
            ("outlook.fr", "Microsoft"),
            ("hotmail.co.uk", "Microsoft"),
            ("live.com.mx", "Microsoft"),
            ("wanadoo.fr", "Orange"),
            ("club-internet.fr", "SFR"),
            ("laposte.net", "La Poste"),
            ("web.de", "GMX and WEB.DE"),
            ("outlook.example.org", "outlook.example.org"),
            ("live.museum", "live.museum"),
            ("news.example", "news.example"),
        ] {
            assert_eq!(providers.destination(domain), name, "{domain}");
        }
    }

    #[test]
    fn the_settings_correct_the_table() {
        let rule = |name: &str, domains: &[&str]| DomainRule {
            name: name.to_owned(),
            domains: domains.iter().map(|domain| DomainPattern::parse(domain).expect("a domain")).collect(),
            per_second: None,
            connections: Some(1),
        };
        let own = [rule("orange", &["orange.fr"]), rule("School", &["live.fr", "ac.example"])];
        let providers = Providers::new(&own, ProviderLimits::Usual);
        assert_eq!(providers.destination("wanadoo.fr"), "wanadoo.fr");
        assert_eq!(providers.rule("orange.fr").map(|rule| rule.per_second), Some(None));
        assert_eq!(providers.destination("live.fr"), "School");
        assert_eq!(providers.destination("live.be"), "Microsoft");
        let without = Providers::new(&own, ProviderLimits::None);
        assert_eq!(without.destination("live.be"), "Microsoft");
        let limits = |domain| without.rule(domain).map(|rule| (rule.per_second, rule.connections));
        assert_eq!((limits("gmail.com"), limits("orange.fr")), (Some((None, None)), Some((None, Some(1)))));
    }
}
