//! Which policy stands over a domain, and which domains belong together: the tree walk that takes the place of the
//! public suffix list (RFC 9989, section 4.10).

use super::dns::{DnsError, Records};
use super::finding::Finding;
use super::tags::Tags;

const CHECK: &str = "dmarc";
/// Names of more labels are cut to seven of them, so that nobody asks for ever (RFC 9989, section 4.10).
const MOST_LABELS: usize = 8;

/// What a walk from a domain towards the root has found.
#[derive(Debug)]
pub(super) struct Walk {
    start: String,
    /// The records, from the domain upwards.
    found: Vec<(String, Tags)>,
}

impl Walk {
    /// Asks for the record of a domain, and of those above it.
    pub(super) fn from(records: &dyn Records, domain: &str) -> Result<Self, DnsError> {
        let mut found = Vec::new();
        let labels: Vec<&str> = domain.split('.').collect();
        let first = if labels.len() >= MOST_LABELS { labels.len() - (MOST_LABELS - 1) } else { 1 };
        for at in std::iter::once(0).chain(first..labels.len()) {
            let name = labels.get(at..).unwrap_or_default().join(".");
            if let Some(tags) = record(records, &name)? {
                let ends =
                    matches!(tags.get("psd"), Some("y" | "n")) && (at > 0 || tags.get("psd") == Some("n"));
                found.push((name, tags));
                if ends {
                    break;
                }
            }
        }
        Ok(Self { start: domain.to_owned(), found })
    }

    /// The organisational domain (RFC 9989, section 4.10.2).
    pub(super) fn organisation(&self) -> &str {
        let says = |tags: &Tags, word: &str| tags.get("psd") == Some(word);
        if let Some((name, _)) = self.found.iter().find(|(_, tags)| says(tags, "n")) {
            return name;
        }
        let suffix = self.found.iter().find(|(name, tags)| *name != self.start && says(tags, "y"));
        if let Some((suffix, _)) = suffix {
            return below(&self.start, suffix);
        }
        self.found.last().map_or(&self.start, |(name, _)| name)
    }

    /// The record that stands over the domain: its own, or else that of its organisation, or else that of the
    /// registry above it (RFC 9989, section 4.10.1).
    pub(super) fn policy(&self) -> Option<(&str, &Tags)> {
        let of = |wanted: &str| self.found.iter().find(|(name, _)| name == wanted);
        let record = of(&self.start).or_else(|| of(self.organisation())).or_else(|| self.found.last());
        record.map(|(name, tags)| (name.as_str(), tags))
    }
}

/// The one record of a domain; several count as none.
fn record(records: &dyn Records, domain: &str) -> Result<Option<Tags>, DnsError> {
    let texts = records.txt(&format!("_dmarc.{domain}"))?;
    let mut found =
        texts.iter().map(|text| Tags::read(text)).filter(|tags| tags.first() == Some(("v", "DMARC1")));
    let only = found.next();
    Ok(only.filter(|_| found.next().is_none()))
}

/// The part of a name that has one label more than the name above it.
fn below<'a>(name: &'a str, above: &str) -> &'a str {
    let Some(rest) = name.strip_suffix(above).and_then(|rest| rest.strip_suffix('.')) else { return name };
    name.get(rest.rfind('.').map_or(0, |at| at + 1)..).unwrap_or(name)
}

/// Judges the policy over the domain of From.
pub(super) fn judge(walk: &Walk) -> Vec<Finding> {
    let Some((name, tags)) = walk.policy() else {
        let message = "there is no record, which large providers ask of whoever sends to many";
        let hint = "publish the text `v=DMARC1; p=none; rua=mailto:…` to begin with";
        return vec![Finding::error(CHECK, message).at(format!("_dmarc.{}", walk.start)).hint(hint)];
    };
    let place = format!("_dmarc.{name}");
    let mut findings = Vec::new();
    let policy = if name == walk.start { tags.get("p") } else { tags.get("sp").or_else(|| tags.get("p")) };
    match policy.map(str::to_ascii_lowercase).as_deref() {
        None => {
            let hint = "add `p=none`, `p=quarantine` or `p=reject`";
            findings.push(Finding::error(CHECK, "the record has no policy `p`").at(&place).hint(hint));
        }
        Some("none" | "quarantine" | "reject") => {}
        Some(policy) => {
            let hint = "write `none`, `quarantine` or `reject`";
            findings
                .push(Finding::error(CHECK, format!("the policy `{policy}` is none")).at(&place).hint(hint));
        }
    }
    for gone in ["pct", "rf", "ri"].into_iter().filter(|tag| tags.get(tag).is_some()) {
        let hint = match gone {
            "pct" => "take it out; `t=y` says that a policy is on trial",
            _ => "take it out",
        };
        let message = format!("the record has `{gone}`, which is no longer known (RFC 9989)");
        findings.push(Finding::warning(CHECK, message).at(&place).hint(hint));
    }
    if tags.get("rua").is_none() {
        let hint = "add `rua=mailto:…` to hear who sends in your name";
        findings.push(Finding::warning(CHECK, "nobody gets reports").at(&place).hint(hint));
    }
    if findings.is_empty() {
        let policy = policy.unwrap_or_default();
        findings.push(Finding::ok(CHECK, format!("the policy is `{policy}`")).at(place));
    }
    findings
}

/// Whether a domain speaks for that of From: the same where the policy is strict (`s` in `adkim` or `aspf`), of the
/// same organisation otherwise (RFC 9989, section 4.4).
pub(super) fn aligned(
    records: &dyn Records,
    from: &Walk,
    tag: &str,
    domain: &str,
) -> Result<Option<String>, DnsError> {
    if domain == from.start {
        return Ok(None);
    }
    let strict =
        from.policy().and_then(|(_, tags)| tags.get(tag)).is_some_and(|mode| mode.eq_ignore_ascii_case("s"));
    if strict {
        return Ok(Some(format!("`{domain}` is not `{}`, and the policy says `{tag}=s`", from.start)));
    }
    let other = Walk::from(records, domain)?;
    let (ours, theirs) = (from.organisation(), other.organisation());
    let same = ours == theirs;
    Ok((!same).then(|| format!("`{domain}` belongs to `{theirs}`, and `{}` to `{ours}`", from.start)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Health;
    use crate::doctor::zone::Zone;

    fn walk(zone: &[(&str, &str)], domain: &str) -> Walk {
        Walk::from(&Zone::txt(zone), domain).expect("answers")
    }

    fn said(record: &str) -> Vec<(Health, String)> {
        let findings = judge(&walk(&[("_dmarc.news.example", record)], "news.example"));
        findings.into_iter().map(|finding| (finding.severity, finding.message)).collect()
    }

    #[test]
    fn the_organisation_is_found_on_the_way_up() {
        let (plain, yes, no) = ("v=DMARC1; p=none", "v=DMARC1; p=none; psd=y", "v=DMARC1; p=none; psd=n");
        for (zone, organisation) in [
            (vec![], "a.news.example"),
            (vec![("_dmarc.example", plain)], "example"),
            (vec![("_dmarc.a.news.example", plain)], "a.news.example"),
            (vec![("_dmarc.a.news.example", plain), ("_dmarc.news.example", plain)], "news.example"),
            (vec![("_dmarc.news.example", plain), ("_dmarc.example", yes)], "news.example"),
            (vec![("_dmarc.a.news.example", no), ("_dmarc.news.example", plain)], "a.news.example"),
            (vec![("_dmarc.news.example", no), ("_dmarc.example", plain)], "news.example"),
            (vec![("_dmarc.news.example", plain), ("_dmarc.news.example", plain)], "a.news.example"),
            (vec![("_dmarc.news.example", "p=none; v=DMARC1")], "a.news.example"),
        ] {
            assert_eq!(walk(&zone, "a.news.example").organisation(), organisation, "{zone:?}");
        }
    }

    #[test]
    fn long_names_are_cut_before_they_are_walked() {
        let name = "a.b.c.d.e.f.g.h.i.example";
        let walk =
            |at: &str| walk(&[(&format!("_dmarc.{at}"), "v=DMARC1; p=none")], name).organisation().to_owned();
        assert_eq!(walk("d.e.f.g.h.i.example"), "d.e.f.g.h.i.example");
        assert_eq!(walk("c.d.e.f.g.h.i.example"), name);
        assert_eq!(walk(name), name);
    }

    #[test]
    fn a_policy_is_there_and_of_today() {
        assert_eq!(
            said("v=DMARC1; p=reject; rua=mailto:a@b.example"),
            [(Health::Ok, "the policy is `reject`".into())]
        );
        assert_eq!(
            said("v=DMARC1; rua=mailto:a@b.example"),
            [(Health::Error, "the record has no policy `p`".into())]
        );
        assert_eq!(said("v=DMARC1; p=all; rua=mailto:a@b.example")[0].0, Health::Error);
        let old = said("v=DMARC1; p=none; pct=50; rf=afrf; ri=3600; rua=mailto:a@b.example");
        assert_eq!(old.len(), 3);
        assert!(
            old.iter().all(|(health, message)| *health == Health::Warning && message.contains("RFC 9989"))
        );
        assert_eq!(said("v=DMARC1; p=none"), [(Health::Warning, "nobody gets reports".into())]);
        assert_eq!(said("")[0].0, Health::Error);
    }

    #[test]
    fn domains_of_one_organisation_are_aligned_unless_the_policy_is_strict() {
        let zone = Zone::txt(&[("_dmarc.example", "v=DMARC1; p=none; aspf=s")]);
        let from = Walk::from(&zone, "news.example").expect("answers");
        let aligned = |tag, domain| aligned(&zone, &from, tag, domain).expect("answers");
        assert_eq!(aligned("adkim", "news.example"), None);
        assert_eq!(aligned("adkim", "mail.example"), None);
        assert!(aligned("adkim", "relay.test").is_some());
        assert!(aligned("aspf", "mail.example").is_some());
    }
}
