//! Addresses that cannot be meant as they are written, and those that still go without encryption.

use std::net::IpAddr;

use crate::check::canonical::addresses;
use crate::check::galley::Galley;
use crate::check::room::Room;
use crate::check::rule::{Family, Rule};
use crate::model::{Diagnostic, Location, WebUrl};

pub(super) const FORM: Rule = Rule::new(
    "link-form",
    Family::Links,
    "Slips of the pasting hand: two schemes in a row, one slash where there are two, a comma or a bracket at the end, a space inside, a host that only this house knows, a mail address without its @.",
    "copy the address again from the page",
);
pub(super) const HTTP: Rule = Rule::new(
    "link-http",
    Family::Links,
    "The host is known to answer https: it is a well-known one, or this newsletter has linked it so before. http lets everybody on the way read and change the page.",
    "write https://, and look whether the page is the same",
);

/// Hosts that answer https, and often stand in old addresses.
const ENCRYPTED: [&str; 28] = [
    "bbc.co.uk",
    "bbc.com",
    "bfmtv.com",
    "cnil.fr",
    "en.wikipedia.org",
    "europa.eu",
    "facebook.com",
    "fr.wikipedia.org",
    "github.com",
    "google.com",
    "gouvernement.fr",
    "instagram.com",
    "insee.fr",
    "lefigaro.fr",
    "legifrance.gouv.fr",
    "lemonde.fr",
    "lesechos.fr",
    "liberation.fr",
    "linkedin.com",
    "nytimes.com",
    "ouest-france.fr",
    "reuters.com",
    "service-public.fr",
    "theguardian.com",
    "theverge.com",
    "twitter.com",
    "vimeo.com",
    "youtube.com",
];

pub(super) fn check(galley: &Galley<'_>, room: &Room<'_>, findings: &mut Vec<Diagnostic>) {
    for (target, place) in targets(galley) {
        if let Some(message) = fault(&target) {
            findings.push(FORM.say(message).at(place()));
        } else if let Some(url) = WebUrl::parse(&target).ok().filter(|_| target.starts_with("http://")) {
            let host = url.bare_host();
            if ENCRYPTED.contains(&host) || room.memory.encrypts(host) {
                findings.push(HTTP.say(format!("`{host}` answers https")).at(place()));
            }
        }
    }
}

type Lazy<'a> = Box<dyn Fn() -> Location + 'a>;

/// Every address of a text: of its links, and of the front matter.
pub(super) fn targets<'a>(galley: &'a Galley<'_>) -> Vec<(String, Lazy<'a>)> {
    let head = galley.source.before(galley.body);
    let sources = addresses(head).into_iter().map(|range| {
        let place: Lazy<'a> = Box::new({
            let range = range.clone();
            move || galley.source.at_bytes(range.clone())
        });
        (head[range].to_owned(), place)
    });
    let links = galley.reading.links.iter().map(|link| {
        let place: Lazy<'a> =
            Box::new(|| galley.in_body(link.target_range.clone().unwrap_or_else(|| link.range.clone())));
        (link.target.clone(), place)
    });
    sources.chain(links).collect()
}

fn fault(target: &str) -> Option<String> {
    if let Some(address) = target.strip_prefix("mailto:") {
        return (!address.contains('@')).then(|| format!("`{address}` is no mail address"));
    }
    let slashes = |scheme: &str| target.strip_prefix(scheme).is_some_and(|rest| !rest.starts_with("//"));
    if let Some(scheme) = ["http:", "https:"].into_iter().find(|scheme| slashes(scheme)) {
        return Some(format!("two slashes follow `{scheme}`, and here they do not"));
    }
    let rest = target.strip_prefix("https://").or_else(|| target.strip_prefix("http://"))?;
    if rest.starts_with("http:") || rest.starts_with("https:") || rest.starts_with("//") {
        return Some("the address starts twice".to_owned());
    }
    if target.contains(char::is_whitespace) || target.ends_with("%20") {
        return Some("a space stands in the address".to_owned());
    }
    let unopened = target.ends_with(')') && target.matches(')').count() > target.matches('(').count();
    if unopened || target.ends_with([',', ';', '"', '”', '»', '’', '…', '>']) {
        let end = target.chars().next_back().unwrap_or(' ');
        return Some(format!("the address ends in `{end}`"));
    }
    let url = WebUrl::parse(target).ok()?;
    let host = url.host().trim_matches(['[', ']']);
    let inside = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_loopback() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local(),
        Err(_) => !host.contains('.') || host.ends_with(".local") || host.ends_with(".internal"),
    };
    inside.then(|| format!("nobody outside can reach the host `{host}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_and_odd_addresses_are_not() {
        for bad in [
            "https://https://a.example/",
            "https://a.example/b,",
            "https://a.example/b)",
            "https://a.example/b%20",
            "http://localhost:8000/",
            "https://192.168.1.1/x",
            "https://intranet/x",
            "mailto:redaction",
            "http:/a.example/b",
            "https:a.example/b",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
        for good in [
            "https://a.example/b_(c)",
            "https://a.example/a;b=1",
            "mailto:a@b.example",
            "../b.md",
            "https://1.1.1.1/",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }
}
