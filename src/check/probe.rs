//! Links over the network: what may come of an address, and what is said of it. Who asks, and how politely, is
//! somebody else's.

use std::collections::BTreeMap;

use crate::model::{Diagnostic, Location, WebUrl};

use super::rule::{Applied, Family, Rule};

/// Asks for addresses.
pub trait Probe {
    /// What came of each address, in the order of the addresses.
    fn ask(&self, urls: &[WebUrl]) -> Vec<Verdict>;
}

/// What came of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The page is there.
    There,
    /// It is there, and for good at another address.
    Moved(WebUrl),
    /// It is gone, or was never there: the status.
    Gone(u16),
    /// The host has no address.
    UnknownHost,
    /// The host does not let programs see it: the status.
    Closed(u16),
    /// The host had too much to do, for longer than is waited: the status.
    Busy(u16),
    /// The answer is a fault of the server, or of the way there.
    Faulty(String),
    /// Its certificate is not trusted.
    Untrusted(String),
    /// It redirects to what is no address of the web, as it is written.
    Astray(String),
    /// Redirects that do not end.
    Endless,
    /// A machine of a private network, here or at the end of a redirect.
    Private(String),
}

pub(super) const DEAD: Rule = network(
    "dead-link",
    "The page answers 404 or 410, its host has no address, or it sends readers on to what is no address of the web.",
    "find where the page is now, or an archived copy",
);
pub(super) const MOVED: Rule = network(
    "link-moved",
    "The page has moved for good (301, 308). `--fix` does not follow: what stands at the new address is for a person to see.",
    "look at the new address, and write that",
);
pub(super) const TROUBLE: Rule = network(
    "link-trouble",
    "The server did not answer in time, broke the connection, was too busy, or answered with a fault of its own. That may pass.",
    "try again later, and look at it in a browser",
);
pub(super) const CLOSED: Rule = network(
    "link-closed",
    "The host refuses programs, or wants a login (401, 403 and the like). Nobody can say from here whether the page is there.",
    "look at it in a browser; allow the rule with the reason if it is there",
);
pub(super) const CERTIFICATE: Rule = network(
    "link-certificate",
    "The certificate of the host is expired, made for another host, or of nobody's authority: browsers warn of it.",
    "link another page, or tell its owner",
);
pub(super) const ENDLESS: Rule = network(
    "link-endless",
    "The address redirects in a circle, or more than eight times.",
    "look at it in a browser; some hosts do so to whoever keeps no cookies",
);
pub(super) const PRIVATE: Rule = network(
    "link-private",
    "The address leads, itself or by a redirect, to a machine of a private network. No such machine is asked.",
    "readers cannot reach it: write the public address",
);

const fn network(name: &'static str, explanation: &'static str, hint: &'static str) -> Rule {
    Rule::new(name, Family::Links, explanation, hint).applied(Applied::WithLinks)
}

/// Has every address asked for once, and says at each of its places what is wrong.
pub fn probe(links: &[(WebUrl, Location)], probe: &dyn Probe) -> Vec<Diagnostic> {
    let mut places: BTreeMap<&str, (&WebUrl, Vec<&Location>)> = BTreeMap::new();
    for (url, place) in links {
        places.entry(url.as_str()).or_insert_with(|| (url, Vec::new())).1.push(place);
    }
    let urls: Vec<WebUrl> = places.values().map(|(url, _)| (*url).clone()).collect();
    let verdicts = probe.ask(&urls);
    let mut findings = Vec::new();
    for ((_, places), verdict) in places.values().zip(verdicts) {
        let Some(finding) = said(&verdict) else { continue };
        findings.extend(places.iter().map(|place| finding.clone().at((*place).clone())));
    }
    findings
}

fn said(verdict: &Verdict) -> Option<Diagnostic> {
    Some(match verdict {
        Verdict::There => return None,
        Verdict::Moved(to) => MOVED.say("the page has moved for good").hint(format!("it is at {to} now")),
        Verdict::Gone(status) => DEAD.say(format!("{status}, no such page")),
        Verdict::UnknownHost => DEAD.say("the host does not exist"),
        Verdict::Closed(status) => CLOSED.say(format!("the host does not show the page: {status}")),
        Verdict::Busy(status) => TROUBLE.say(format!("the host is too busy: {status}")),
        Verdict::Faulty(why) => TROUBLE.say(why.clone()),
        Verdict::Untrusted(why) => {
            CERTIFICATE.say(format!("the certificate of the host is not trusted: {why}"))
        }
        Verdict::Astray(to) => DEAD.say(format!("it redirects to `{to}`, which is no web address")),
        Verdict::Endless => ENDLESS.say("the address redirects without end"),
        Verdict::Private(why) => PRIVATE.say(why.clone()),
    })
}
