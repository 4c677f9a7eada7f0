//! Whether the settings say all that a morning needs.

use crate::config::{Config, Notify, StoreUrl, env};
use crate::links::TokenKey;
use crate::mail::Signer;

use super::finding::{Finding, chain};

const FILE: &str = "content/newsletter.yaml";
const CHECK: &str = "settings";

/// What the settings lack.
pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut lacks = |finding: Finding, hint: &str| findings.push(finding.at(FILE).hint(hint));
    if config.publisher.name.is_none() || config.publisher.address.is_none() {
        let message = "`publisher` lacks a name or a postal address, which every letter has to bear";
        lacks(Finding::error(CHECK, message), "add `publisher: {name: …, address: …}`");
    }
    match &config.service {
        None => {
            let message = "there is no `service`, so no reader can leave in one click";
            lacks(Finding::error(CHECK, message), "add `service: {url: https://…}` and run `rotative serve`");
        }
        Some(service) if !service.url.as_str().starts_with("https://") => {
            let message = "`service.url` is not https, and one-click needs it (RFC 8058)";
            lacks(Finding::error(CHECK, message), "serve it behind a proxy that has a certificate");
        }
        Some(_) => {}
    }
    let Some(mail) = &config.mail else {
        lacks(
            Finding::error(CHECK, "there is no `mail`, so no letter can be written"),
            "add `mail: {from: …}`",
        );
        return findings;
    };
    if mail.relays.is_empty() {
        let message = "no relay is named in `mail.relays`; port 25 of this machine is tried";
        lacks(Finding::warning(CHECK, message), "add `relays: [{host: …}]` under `mail`");
    }
    if mail.dkim.is_empty() {
        let message =
            "there is no key in `mail.dkim`, and large providers refuse letters without a signature";
        lacks(Finding::error(CHECK, message), "add `dkim: [{domain: …, selector: …, key: …}]` under `mail`");
    }
    if mail.bounces.is_none() {
        let message = "there is no `mail.bounces`, so what bounces comes to the address in From";
        lacks(Finding::warning(CHECK, message), "add `bounces: bounces@…` under `mail`");
    }
    if config.delivery.notify == Notify::Nobody {
        let message = "nobody is told when a mailing pauses";
        lacks(Finding::warning(CHECK, message), "add `delivery: {notify: true}` and `publisher: {email: …}`");
    }
    if findings.is_empty() {
        let list = mail.list_id.as_str();
        findings
            .push(Finding::ok(CHECK, format!("the settings are complete; the list is `{list}`")).at(FILE));
    }
    findings
}

/// Whether the secrets are there, long enough, and nobody else's to read.
pub(super) fn secrets(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "secrets";
    let mut findings = Vec::new();
    let hint = "set ROTATIVE_SECRET_FILE to a file of 32 characters at least, which you alone can read";
    let judged = env::secret(env::SECRET).map_err(|error| chain(&error)).and_then(|secret| {
        let key = TokenKey::new(secret.reveal()).map_err(|error| error.to_string())?;
        match env::optional(env::OLD_SECRETS).map_err(|error| chain(&error))? {
            Some(old) => {
                key.with_old(old.reveal()).map_err(|error| format!("one of the secrets before: {error}"))
            }
            None => Ok(key),
        }
    });
    findings.push(match judged {
        Ok(_) => Finding::ok(CHECK, "the key of tokens is there and long enough").at(env::SECRET),
        Err(why) => Finding::error(CHECK, why).at(env::SECRET).hint(hint),
    });
    if let (StoreUrl::Postgres(_), Err(error)) = (&config.store, env::optional(env::DATABASE_PASSWORD)) {
        let finding = Finding::error(CHECK, chain(&error)).at(env::DATABASE_PASSWORD);
        findings.push(finding.hint("`chmod 600` the file"));
    }
    findings
}

/// The keys that can sign, and what is wrong with the others.
pub(super) fn keys(config: &Config, root: &std::path::Path) -> (Vec<Signer>, Vec<Finding>) {
    const CHECK: &str = "keys";
    let (mut signers, mut findings) = (Vec::new(), Vec::new());
    for dkim in config.mail.iter().flat_map(|mail| &mail.dkim) {
        let file = root.join(&dkim.key);
        let place = file.display().to_string();
        let signer = env::private_file(&file)
            .map_err(|error| (chain(&error), "`chmod 600` it, or correct `mail.dkim`"));
        let signer = signer.and_then(|pem| {
            let made = Signer::new(dkim.domain.as_str(), &dkim.selector, pem.reveal());
            made.map_err(|error| {
                (
                    error.to_string(),
                    "`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048` makes one",
                )
            })
        });
        match signer {
            Ok(signer) => {
                let message =
                    format!("the {} key `{}` of {} can sign", signer.kind(), dkim.selector, dkim.domain);
                findings.push(Finding::ok(CHECK, message).at(place));
                signers.push(signer);
            }
            Err((why, hint)) => findings.push(Finding::error(CHECK, why).at(place).hint(hint)),
        }
    }
    (signers, findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settle;
    use crate::doctor::finding::Health;
    use crate::model::Source;

    fn said(more: &str) -> Vec<(Health, String)> {
        let text = format!(
            "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{{name: brief}}]\n{more}"
        );
        let mut faults = Vec::new();
        let config = settle(&Source::new(FILE, text), &mut faults);
        let config = config.unwrap_or_else(|| panic!("{faults:#?}"));
        let findings = examine(&config);
        findings.into_iter().map(|finding| (finding.severity, finding.message)).collect()
    }

    #[test]
    fn what_a_morning_needs_is_named() {
        let said = said("service: {url: \"http://daily.example\"}\nmail: {from: daily@news.example}\n");
        let words: Vec<&str> = said.iter().filter_map(|(_, message)| message.split('`').nth(1)).collect();
        assert_eq!(words, ["publisher", "service.url", "mail.relays", "mail.dkim", "mail.bounces"]);
    }

    #[test]
    fn complete_settings_are_well() {
        let said = said(
            "publisher: {name: We, address: 1 Main Street, email: we@daily.example}\nservice: {url: https://daily.example}\n\
             delivery: {notify: true}\nmail:\n  from: daily@news.example\n  bounces: b@news.example\n  \
             relays: [{host: relay.example}]\n  dkim: [{domain: news.example, selector: s, key: k.pem}]\n",
        );
        assert_eq!(said, [(Health::Ok, "the settings are complete; the list is `news.example`".to_owned())]);
    }
}
