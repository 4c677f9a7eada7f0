//! Whether the record of SPF of a domain can be followed to its end (RFC 7208).

use super::dns::{DnsError, Records};
use super::finding::Finding;

const CHECK: &str = "spf";
/// More look-ups than these, and receivers give up (RFC 7208, section 4.6.4).
const LOOK_UPS: usize = 10;
const PUBLISH: &str = "publish one text, `v=spf1 include:relay.example -all`, as the relay's provider says";

/// Judges the record of the domain that envelopes name.
pub(super) fn judge(records: &dyn Records, domain: &str) -> Vec<Finding> {
    let mut walk = Walk { records, look_ups: 0, seen: Vec::new(), findings: Vec::new(), domain };
    let own = match walk.record(domain) {
        Ok(Some(record)) => record,
        Ok(None) => return walk.findings,
        Err(why) => {
            let hint = "ask again later, or another server with `--dns`";
            return vec![Finding::error(CHECK, why.to_string()).at(domain).hint(hint)];
        }
    };
    walk.end(&own);
    walk.follow(domain, &own);
    if walk.look_ups > LOOK_UPS {
        let message =
            format!("the record needs {} look-ups, and receivers stop after {LOOK_UPS}", walk.look_ups);
        walk.say(Finding::error(CHECK, message), "take out what no longer sends for you");
    }
    if walk.findings.is_empty() {
        let message = format!("one record, {} of {LOOK_UPS} look-ups, and it has an end", walk.look_ups);
        walk.findings.push(Finding::ok(CHECK, message).at(domain));
    }
    walk.findings
}

struct Walk<'a> {
    records: &'a dyn Records,
    domain: &'a str,
    look_ups: usize,
    seen: Vec<String>,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    fn say(&mut self, finding: Finding, hint: &str) {
        self.findings.push(finding.at(self.domain).hint(hint));
    }

    /// The one record of a domain; what is wrong with there being none or several is said.
    fn record(&mut self, domain: &str) -> Result<Option<String>, DnsError> {
        let texts = self.records.txt(domain)?;
        let mut found: Vec<String> = texts.into_iter().filter(|text| is_spf(text)).collect();
        let own = domain == self.domain;
        match (found.len(), own) {
            (1, _) => return Ok(found.pop()),
            (0, true) => self.say(Finding::error(CHECK, "the envelope domain has no record"), PUBLISH),
            (0, false) => {
                let message = format!("the record includes `{domain}`, which has none");
                self.say(Finding::error(CHECK, message), "take it out, or correct its name");
            }
            (count, true) => {
                let message = format!("there are {count} records, and receivers take none of them");
                self.say(Finding::error(CHECK, message), "join them into one");
            }
            (count, false) => {
                let message = format!("the record includes `{domain}`, which has {count} of them");
                self.say(Finding::error(CHECK, message), "tell whoever keeps it, or take it out");
            }
        }
        Ok(None)
    }

    /// How the record ends.
    fn end(&mut self, record: &str) {
        let terms: Vec<String> = record.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
        let all =
            terms.iter().position(|term| matches!(term.as_str(), "all" | "+all" | "-all" | "~all" | "?all"));
        let redirects = terms.iter().any(|term| term.starts_with("redirect="));
        match all.map(|at| (at, terms.get(at).map_or("", String::as_str))) {
            Some((_, "all" | "+all")) => {
                let finding = Finding::error(CHECK, "the record lets everybody send in your name");
                self.say(finding, "end it with `-all` or `~all`");
            }
            Some((_, "?all")) => {
                let finding = Finding::warning(CHECK, "the record ends in `?all` and so says nothing");
                self.say(finding, "end it with `-all` or `~all`");
            }
            Some((at, _)) if terms.iter().skip(at + 1).any(|term| !term.contains('=')) => {
                let finding = Finding::warning(CHECK, "what stands behind `all` is never read");
                self.say(finding, "move `all` to the end");
            }
            None if !redirects => {
                let finding = Finding::warning(CHECK, "the record has no end");
                self.say(finding, "end it with `-all` or `~all`");
            }
            _ => {}
        }
    }

    /// Counts the look-ups of a record and of those it includes.
    fn follow(&mut self, domain: &str, record: &str) {
        self.seen.push(domain.to_owned());
        let ends = record
            .to_ascii_lowercase()
            .split_ascii_whitespace()
            .any(|term| term.ends_with("all") && term.len() <= 4);
        for term in record.split_ascii_whitespace().skip(1) {
            // Beyond this, counting goes nowhere.
            if self.look_ups > 4 * LOOK_UPS {
                return;
            }
            let bare = term.trim_start_matches(['+', '-', '~', '?']);
            let (name, value) = match bare.find([':', '=', '/']) {
                Some(at) => (&bare[..at], bare[at..].trim_start_matches([':', '='])),
                None => (bare, ""),
            };
            match name.to_ascii_lowercase().as_str() {
                "include" => self.include(value),
                "redirect" if !ends => self.include(value),
                "a" | "mx" | "exists" => self.look_ups += 1,
                "ptr" => {
                    self.look_ups += 1;
                    let finding =
                        Finding::warning(CHECK, "the record uses `ptr`, which is slow and not to be used");
                    self.say(finding, "write `ip4:` or `include:` instead (RFC 7208, section 5.5)");
                }
                "ip4"
                    if value.split('/').next().is_some_and(|ip| ip.parse::<std::net::Ipv4Addr>().is_ok()) =>
                {
                    self.width(term, value);
                }
                "ip6"
                    if value.split('/').next().is_some_and(|ip| ip.parse::<std::net::Ipv6Addr>().is_ok()) => {
                }
                "all" | "exp" | "redirect" => {}
                _ if bare.contains('=') => {}
                _ => {
                    let finding =
                        Finding::error(CHECK, format!("`{term}` in the record of `{domain}` means nothing"));
                    self.say(finding, "correct it: receivers take none of the record");
                }
            }
        }
    }

    fn include(&mut self, domain: &str) {
        self.look_ups += 1;
        let domain = domain.trim_end_matches('.').to_ascii_lowercase();
        // A macro stands for what only a receiver knows.
        if domain.contains('%') {
            return;
        }
        if self.seen.contains(&domain) {
            let finding = Finding::error(CHECK, format!("the record includes `{domain}` twice, or itself"));
            return self.say(finding, "take one out");
        }
        match self.record(&domain) {
            Ok(Some(record)) => self.follow(&domain, &record),
            Ok(None) => {}
            Err(why) => {
                let finding = Finding::error(CHECK, format!("`{domain}` cannot be asked: {why}"));
                self.say(finding, "ask again later, or correct its name");
            }
        }
    }

    /// A network of millions of addresses vouches for strangers.
    fn width(&mut self, term: &str, value: &str) {
        let bits = value.split_once('/').map_or(Ok(32), |(_, bits)| bits.parse::<u8>());
        if bits.is_ok_and(|bits| bits < 10) {
            let finding =
                Finding::warning(CHECK, format!("`{term}` lets millions of addresses send in your name"));
            self.say(finding, "name the relay's addresses only");
        }
    }
}

fn is_spf(text: &str) -> bool {
    text.split_ascii_whitespace().next().is_some_and(|first| first.eq_ignore_ascii_case("v=spf1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Health;
    use crate::doctor::zone::Zone;

    fn said(zone: &[(&str, &str)]) -> Vec<(Health, String)> {
        let findings = judge(&Zone::txt(zone), "news.example");
        findings.into_iter().map(|finding| (finding.severity, finding.message)).collect()
    }

    fn one(record: &str) -> (Health, String) {
        let mut said = said(&[("news.example", record), ("relay.example", "v=spf1 ip4:192.0.2.0/24 -all")]);
        assert_eq!(said.len(), 1, "{record}: {said:?}");
        said.remove(0)
    }

    #[test]
    fn a_record_is_followed_and_counted() {
        let message = "one record, 2 of 10 look-ups, and it has an end".to_owned();
        assert_eq!(one("v=spf1 mx include:relay.example ip6:2001:db8::/32 ~all"), (Health::Ok, message));
        assert_eq!(one("v=spf1 redirect=relay.example").0, Health::Ok);
        assert_eq!(one("V=SPF1 include:%{i}.spf.example -ALL").0, Health::Ok);
    }

    #[test]
    fn what_is_wrong_with_a_record_is_said() {
        for (record, health, why) in [
            ("google-site-verification=x", Health::Error, "the envelope domain has no record"),
            ("v=spf10 -all", Health::Error, "the envelope domain has no record"),
            ("v=spf1 +all", Health::Error, "the record lets everybody send in your name"),
            ("v=spf1 ?all", Health::Warning, "the record ends in `?all` and so says nothing"),
            ("v=spf1 mx", Health::Warning, "the record has no end"),
            ("v=spf1 -all mx", Health::Warning, "what stands behind `all` is never read"),
            ("v=spf1 ptr -all", Health::Warning, "the record uses `ptr`, which is slow and not to be used"),
            ("v=spf1 ip4:x -all", Health::Error, "`ip4:x` in the record of `news.example` means nothing"),
            (
                "v=spf1 ip4:10.0.0.0/8 -all",
                Health::Warning,
                "`ip4:10.0.0.0/8` lets millions of addresses send in your name",
            ),
            (
                "v=spf1 include:none.example -all",
                Health::Error,
                "the record includes `none.example`, which has none",
            ),
            (
                "v=spf1 include:news.example -all",
                Health::Error,
                "the record includes `news.example` twice, or itself",
            ),
            (
                &format!("v=spf1 {}-all", "mx ".repeat(11)),
                Health::Error,
                "the record needs 11 look-ups, and receivers stop after 10",
            ),
        ] {
            assert_eq!(one(record), (health, why.to_owned()));
        }
    }

    #[test]
    fn two_records_are_none() {
        let said = said(&[("news.example", "v=spf1 -all"), ("news.example", "v=spf1 mx -all")]);
        assert_eq!(
            said,
            [(Health::Error, "there are 2 records, and receivers take none of them".to_owned())]
        );
    }

    #[test]
    fn records_that_include_each_other_for_ever_end() {
        let names: Vec<String> = (0..200).map(|at| format!("n{at}.example")).collect();
        let texts: Vec<String> = (1..=200).map(|at| format!("v=spf1 include:n{at}.example -all")).collect();
        let mut zone: Vec<_> =
            names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_str())).collect();
        zone.push(("news.example", "v=spf1 include:n0.example -all"));
        assert!(said(&zone).iter().any(|(_, message)| message.contains("look-ups")));
    }
}
