//! What the world's name servers say of the domains that letters bear (EMAIL-SPEC 67).

use crate::config::MailSettings;
use crate::mail::Signer;

use super::dmarc::{self, Walk};
use super::dns::{DnsError, Records};
use super::finding::{Finding, Health};
use super::{dkim, spf};

const AGAIN: &str = "ask again later, or another server with `--dns`";

/// Everything that names say of the newsletter's mail.
pub(super) fn examine(mail: &MailSettings, signers: &[Signer], records: &dyn Records) -> Vec<Finding> {
    let from = mail.from.address.domain().as_str();
    let envelope = mail.bounces.as_ref().unwrap_or(&mail.from.address).domain().as_str();
    let mut findings: Vec<Finding> =
        signers.iter().map(|signer| dkim::judge(signer, records.txt(&signer.name()))).collect();
    findings.extend(dkim::choice(signers));
    findings.extend(spf::judge(records, envelope));
    match Walk::from(records, from) {
        Err(why) => findings.push(unanswered("dmarc", from, &why)),
        Ok(walk) => {
            findings.extend(dmarc::judge(&walk));
            findings.extend(signatures(records, &walk, signers));
            findings.push(envelopes(records, &walk, envelope));
        }
    }
    findings.push(returns(records, envelope));
    findings
}

fn unanswered(check: &'static str, place: &str, why: &DnsError) -> Finding {
    Finding::error(check, why.to_string()).at(place).hint(AGAIN)
}

/// One signature at least has to speak for the domain that readers see.
fn signatures(records: &dyn Records, from: &Walk, signers: &[Signer]) -> Vec<Finding> {
    let mut strangers = Vec::new();
    let mut ours = None;
    for domain in signers.iter().map(Signer::domain) {
        match dmarc::aligned(records, from, "adkim", domain) {
            Ok(None) => ours = Some(domain),
            Ok(Some(why)) => strangers.push((domain, why)),
            Err(why) => return vec![unanswered("alignment", domain, &why)],
        }
    }
    strangers.dedup();
    let severity = if ours.is_some() { Health::Warning } else { Health::Error };
    let hint = "sign with a key of the domain of `mail.from`";
    let strange = strangers.into_iter().map(|(domain, why)| Finding {
        severity,
        ..Finding::ok("alignment", format!("a signature does not speak for From: {why}"))
            .at(domain)
            .hint(hint)
    });
    let fine = ours.map(|domain| Finding::ok("alignment", "the signature speaks for From").at(domain));
    fine.into_iter().chain(strange).collect()
}

/// The envelope has to, where no signature survives.
fn envelopes(records: &dyn Records, from: &Walk, envelope: &str) -> Finding {
    match dmarc::aligned(records, from, "aspf", envelope) {
        Ok(None) => Finding::ok("alignment", "the envelope speaks for From").at(envelope),
        Ok(Some(why)) => {
            Finding::warning("alignment", format!("the envelope does not speak for From: {why}"))
                .at(envelope)
                .hint("let `mail.bounces` be at the domain of `mail.from`, or at one under it")
        }
        Err(why) => unanswered("alignment", envelope, &why),
    }
}

/// What comes back has to arrive somewhere (RFC 5321, section 5.1; RFC 7505).
fn returns(records: &dyn Records, envelope: &str) -> Finding {
    const CHECK: &str = "bounces";
    let hint = "publish an MX record for it: what bounces has to arrive somewhere";
    let judged = || -> Result<Finding, DnsError> {
        let servers = records.mx(envelope)?;
        if servers.iter().any(|(_, host)| host.is_empty()) {
            return Ok(Finding::error(CHECK, "the envelope domain says that it takes no mail").hint(hint));
        }
        if servers.is_empty() {
            return Ok(if records.addresses(envelope)?.is_empty() {
                Finding::error(CHECK, "nobody takes mail for the envelope domain").hint(hint)
            } else {
                Finding::warning(CHECK, "the envelope domain has an address, but no MX record").hint(hint)
            });
        }
        for (_, host) in &servers {
            if records.addresses(host)?.is_empty() {
                let message = format!("the mail server `{host}` of the envelope domain has no address");
                return Ok(
                    Finding::error(CHECK, message).hint("publish its address, or correct the MX record")
                );
            }
        }
        Ok(Finding::ok(CHECK, "the envelope domain takes mail"))
    };
    judged().map_or_else(|why| unanswered(CHECK, envelope, &why), |finding| finding.at(envelope))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::zone::Zone;

    fn said(finding: &Finding) -> (Health, &str) {
        (finding.severity, finding.message.as_str())
    }

    #[test]
    fn what_bounces_has_to_arrive_somewhere() {
        let name = "news.example";
        for (zone, health) in [
            (Zone::default(), Health::Error),
            (Zone::default().host(name), Health::Warning),
            (Zone::default().mx(name, 0, ""), Health::Error),
            (Zone::default().mx(name, 10, "mx.example"), Health::Error),
            (Zone::default().mx(name, 10, "mx.example").host("mx.example"), Health::Ok),
            (Zone::default().silent(name), Health::Error),
        ] {
            assert_eq!(returns(&zone, name).severity, health);
        }
    }

    #[test]
    fn one_signature_that_speaks_for_from_is_enough() {
        let signer = |domain| {
            let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
            Signer::new(domain, "s", &key.serialize_pem()).expect("a signer")
        };
        let zone = Zone::txt(&[("_dmarc.news.example", "v=DMARC1; p=none")]);
        let walk = Walk::from(&zone, "news.example").expect("answers");
        let of = |signers: &[Signer]| {
            let findings = signatures(&zone, &walk, signers);
            findings.iter().map(|finding| finding.severity).collect::<Vec<_>>()
        };
        assert_eq!(of(&[signer("news.example")]), [Health::Ok]);
        assert_eq!(of(&[signer("relay.test"), signer("mail.news.example")]), [Health::Ok, Health::Warning]);
        assert_eq!(of(&[signer("relay.test")]), [Health::Error]);
        let envelope = envelopes(&zone, &walk, "relay.test");
        let why = "the envelope does not speak for From: `relay.test` belongs to `relay.test`, and `news.example` to `news.example`";
        assert_eq!(said(&envelope), (Health::Warning, why));
    }
}
