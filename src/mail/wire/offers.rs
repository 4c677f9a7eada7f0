//! What a relay offers: the keywords of its answer to EHLO (RFC 5321, section 4.1.1.1).

use super::reply::Said;

/// What a relay offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// Commands in groups (RFC 2920).
    pub pipelining: bool,
    /// Letters beyond ASCII (RFC 6152).
    pub eight_bit: bool,
    /// Addresses beyond ASCII (RFC 6531).
    pub smtputf8: bool,
    /// TLS (RFC 3207).
    pub starttls: bool,
    /// Sizes are declared (RFC 1870).
    pub size: bool,
    /// The largest letter, where there is a limit.
    pub limit: Option<u64>,
    /// Ways to log in, in capitals (RFC 4954).
    pub auth: Vec<String>,
}

impl Offers {
    /// Reads the answer to EHLO; its first line is a greeting.
    pub fn read(said: &Said) -> Self {
        let mut offers = Self::default();
        for line in said.lines().skip(1) {
            // Old relays write `AUTH=LOGIN`.
            let line = line.trim().to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
            let mut words = line.split_ascii_whitespace();
            match words.next().unwrap_or_default() {
                "PIPELINING" => offers.pipelining = true,
                "8BITMIME" => offers.eight_bit = true,
                "SMTPUTF8" => offers.smtputf8 = true,
                "STARTTLS" => offers.starttls = true,
                "SIZE" => {
                    offers.size = true;
                    offers.limit =
                        words.next().and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0);
                }
                "AUTH" => offers.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }

    /// Whether it knows a way to log in.
    pub fn knows(&self, mechanism: &str) -> bool {
        self.auth.iter().any(|known| known == mechanism)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::wire::Replies;

    #[test]
    fn keywords_are_read_in_any_case_and_strange_ones_passed_over() {
        let mut replies = Replies::new();
        replies.push(
            b"250-PIPELINING.example at your service\r\n250-pipelining\r\n250-SIZE 1000\r\n250-AUTH=LOGIN\r\n\
              250-AUTH PLAIN xoauth2\r\n250-X-STRANGE\r\n250 SMTPUTF8\r\n",
        );
        let offers = Offers::read(&replies.take().expect("a reply").expect("whole"));
        assert!(offers.pipelining && offers.smtputf8 && !offers.eight_bit && !offers.starttls);
        assert_eq!((offers.size, offers.limit), (true, Some(1000)));
        assert!(offers.knows("LOGIN") && offers.knows("PLAIN") && offers.knows("XOAUTH2"));
    }

    #[test]
    fn a_greeting_offers_nothing() {
        let mut replies = Replies::new();
        replies.push(b"250 PIPELINING\r\n");
        assert_eq!(Offers::read(&replies.take().expect("a reply").expect("whole")), Offers::default());
    }
}
