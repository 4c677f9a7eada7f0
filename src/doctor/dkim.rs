//! Whether the record of a DKIM key is that of our private key (RFC 6376, section 3.6; RFC 8463).

use crate::mail::Signer;

use super::dns::DnsError;
use super::finding::Finding;
use super::tags::Tags;

const CHECK: &str = "dkim";

/// Judges what stands under the name of a key.
pub(super) fn judge(signer: &Signer, answer: Result<Vec<String>, DnsError>) -> Finding {
    let name = signer.name();
    let Ok(ours) = signer.public_key() else {
        return Finding::error(CHECK, "the public half of the key cannot be told").at(name);
    };
    let publish = format!("publish this text: v=DKIM1; k={}; p={ours}", signer.kind());
    let error = |message: &str| Finding::error(CHECK, message).at(&name).hint(&publish);
    let records = match answer {
        Ok(records) => records,
        Err(why) => {
            let hint = "ask again later, or another server with `--dns`";
            return Finding::error(CHECK, why.to_string()).at(&name).hint(hint);
        }
    };
    let record = match records.as_slice() {
        [] => return error("there is no record, so no signature can be verified"),
        [record] => Tags::read(record),
        _ => return error("there are several records, and receivers may take any"),
    };
    if record.get("v").is_some() && record.first() != Some(("v", "DKIM1")) {
        return error("the record does not begin with `v=DKIM1`");
    }
    let Some(published) = record.get("p") else { return error("the record holds no key") };
    let published: String = published.split_ascii_whitespace().collect();
    if published.is_empty() {
        return error("the record revokes the key");
    }
    let kind = record.get("k").unwrap_or("rsa");
    if kind != signer.kind() || published.trim_end_matches('=') != ours.trim_end_matches('=') {
        return error("the record holds another key than the one that signs");
    }
    if !record.allows("h", &["sha256"]) {
        return error("the record forbids SHA-256 in `h`");
    }
    if !record.allows("s", &["*", "email"]) {
        return error("the record does not allow mail in `s`");
    }
    let flagged = |flag| record.get("t").is_some() && record.allows("t", &[flag]);
    if flagged("y") {
        let finding =
            Finding::warning(CHECK, "the record says `t=y`: receivers take the signature for a test");
        return finding.at(&name).hint("take `t=y` out once letters arrive signed");
    }
    Finding::ok(CHECK, format!("the record of the {} key is that of our key", signer.kind())).at(name)
}

/// What is to be said of all keys together.
pub(super) fn choice(signers: &[Signer]) -> Option<Finding> {
    let only_ed25519 = !signers.is_empty() && signers.iter().all(|signer| signer.kind() == "ed25519");
    only_ed25519.then(|| {
        Finding::warning(CHECK, "letters are signed with Ed25519 alone, which many receivers do not verify")
            .hint("add an RSA key of 2048 bits beside it, with a selector of its own")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Health;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn said(key: &rcgen::KeyPair, records: &[&str]) -> (Health, String) {
        let signer = Signer::new("news.example", "ed", &key.serialize_pem()).expect("a key");
        let finding = judge(&signer, Ok(records.iter().map(|record| (*record).to_owned()).collect()));
        assert_eq!(finding.place.as_deref(), Some("ed._domainkey.news.example"));
        (finding.severity, finding.message)
    }

    fn key() -> rcgen::KeyPair {
        rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key")
    }

    #[test]
    fn a_record_is_that_of_our_key_or_it_is_not() {
        let key = key();
        let ours = STANDARD.encode(key.public_key_raw());
        let said = |records: &[&str]| said(&key, records);
        let right = format!("v=DKIM1; k=ed25519; p={ours}");
        assert_eq!(said(&[&right]).0, Health::Ok);
        let (spaced, bare) = (right.replace(&ours, &format!("{} {}", &ours[..9], &ours[9..])), &right[9..]);
        assert_eq!(said(&[&spaced]).0, Health::Ok);
        assert_eq!(said(&[bare]).0, Health::Ok);
        for (record, why) in [
            ("v=DKIM1; k=ed25519; p=AAAA", "the record holds another key than the one that signs"),
            (&right.replace("k=ed25519; ", ""), "the record holds another key than the one that signs"),
            ("v=DKIM1; p=", "the record revokes the key"),
            ("v=DKIM1; k=rsa", "the record holds no key"),
            (&format!("k=ed25519; v=DKIM1; p={ours}"), "the record does not begin with `v=DKIM1`"),
            (&format!("{right}; h=sha1"), "the record forbids SHA-256 in `h`"),
            (&format!("{right}; s=tlsrpt"), "the record does not allow mail in `s`"),
        ] {
            assert_eq!(said(&[record]), (Health::Error, why.to_owned()), "{record}");
        }
        assert_eq!(said(&[]).0, Health::Error);
        assert_eq!(said(&[&right, &right]).0, Health::Error);
        assert_eq!(said(&[&format!("{right}; t=y:s")]).0, Health::Warning);
        assert_eq!(said(&[&format!("{right}; t=s")]).0, Health::Ok);
    }

    #[test]
    fn a_lonely_modern_key_is_warned_about() {
        let signer = Signer::new("news.example", "ed", &key().serialize_pem()).expect("a key");
        assert_eq!(choice(&[signer]).map(|finding| finding.severity), Some(Health::Warning));
        assert_eq!(choice(&[]), None);
    }
}
