//! Commands as they are written on the wire: the only place where an address becomes part of one.

use crate::model::EmailAddress;

use super::{Refusal, WireError};

/// What may stand between `<` and `>`, checked once more where it is written: at most 254 bytes, 64 before the `@`
/// (RFC 5321, section 4.5.3.1), nothing that ends a path or a line.
pub fn path(address: &str) -> Result<&str, Refusal> {
    let (local, domain) = address.rsplit_once('@').ok_or(Refusal::Address)?;
    if legal(local, domain) { Ok(address) } else { Err(Refusal::Address) }
}

fn legal(local: &str, domain: &str) -> bool {
    let in_local =
        |letter: char| !letter.is_control() && !letter.is_whitespace() && !"<>()[],;:\\\"@".contains(letter);
    let in_domain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    (1..=64).contains(&local.len())
        && local.chars().all(in_local)
        && !domain.is_empty()
        && domain.bytes().all(in_domain)
        && local.len() + 1 + domain.len() <= 254
}

fn write_path(out: &mut Vec<u8>, address: &EmailAddress) -> Result<(), Refusal> {
    let (local, domain) = (address.local(), address.domain().as_str());
    if !legal(local, domain) {
        return Err(Refusal::Address);
    }
    for part in ["<", local, "@", domain, ">"] {
        out.extend_from_slice(part.as_bytes());
    }
    Ok(())
}

/// `MAIL FROM:<…>` with its parameters, each with a space before it.
pub(super) fn mail(out: &mut Vec<u8>, from: &EmailAddress, parameters: &[&str]) -> Result<(), Refusal> {
    out.extend_from_slice(b"MAIL FROM:");
    write_path(out, from)?;
    for parameter in parameters {
        out.push(b' ');
        out.extend_from_slice(parameter.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// `RCPT TO:<…>`.
pub(super) fn rcpt(out: &mut Vec<u8>, to: &EmailAddress) -> Result<(), Refusal> {
    out.extend_from_slice(b"RCPT TO:");
    write_path(out, to)?;
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// The name we greet with: a domain, or an address literal (RFC 5321, section 4.1.3).
pub(super) fn greeting(name: &str) -> Result<&str, WireError> {
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':');
    if (1..=253).contains(&inner.len()) && inner.bytes().all(legal) {
        Ok(name)
    } else {
        Err(WireError::Greeting(name.escape_default().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_holds_one_address_and_nothing_else() {
        for good in ["a@b.example", "o'neil+tag@c.example", "rémi@d.example"] {
            assert_eq!(path(good), Ok(good));
        }
        let long = format!("{}@b.example", "a".repeat(65));
        let longer = format!("a@{}", "b".repeat(253));
        for bad in [
            "a",
            "@b.example",
            "a@",
            "a b@c.example",
            "a@b.example>\r\nRCPT TO:<c@d.example",
            "a\r@b.example",
            "a\n@b.example",
            "a\0@b.example",
            "a\u{85}@b.example",
            "a\u{a0}@b.example",
            "<a@b.example",
            "a@b.example>",
            "a@b@c.example",
            "a@bücher.example",
            "a@b.example SIZE=1",
            &long,
            &longer,
        ] {
            assert_eq!(path(bad), Err(Refusal::Address), "{bad}");
        }
    }

    #[test]
    fn a_greeting_is_a_name() {
        assert!(greeting("mail.example").is_ok() && greeting("[IPv6:::1]").is_ok());
        for bad in ["", "a b", "a\r\nMAIL", "é.example"] {
            assert!(greeting(bad).is_err(), "{bad}");
        }
    }
}
