//! One address, from the first question to the page at the end of its redirects.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chrono::DateTime;

use crate::check::Verdict;
use crate::config::LinkSettings;
use crate::fetch::{Client, FetchError, Page};
use crate::model::WebUrl;

use super::turns::Turns;

/// The most redirects that are followed.
const HOPS: usize = 8;
/// How often a busy host is asked again.
const AGAIN: usize = 2;

/// Follows one address.
pub(super) struct Journey<'a> {
    client: &'a Client,
    turns: &'a Turns,
    settings: &'a LinkSettings,
    now: i64,
    begun: Instant,
}

/// What one answer means.
enum Step {
    Arrived,
    Onwards { to: String, for_good: bool },
    Busy { status: u16, wait: Option<Duration> },
    End(Verdict),
}

impl<'a> Journey<'a> {
    pub(super) fn new(client: &'a Client, turns: &'a Turns, settings: &'a LinkSettings, now: i64) -> Self {
        Self { client, turns, settings, now, begun: Instant::now() }
    }

    pub(super) fn go(&self, url: &WebUrl) -> Verdict {
        let mut here = url.clone();
        // As far as all redirects were for good.
        let mut settled = url.clone();
        let mut only_good = true;
        let mut seen: HashSet<String> = HashSet::from([bare(url)]);
        let mut again = 0;
        loop {
            match self.step(&here) {
                Step::Arrived if bare(&settled) != bare(url) => return Verdict::Moved(settled),
                Step::Arrived => return Verdict::There,
                Step::Onwards { to, for_good } => {
                    let Ok(next) = here.join(&to) else {
                        return Verdict::Astray(short(&to));
                    };
                    if !seen.insert(bare(&next)) || seen.len() > HOPS + 1 {
                        return Verdict::Endless;
                    }
                    here = next;
                    only_good &= for_good;
                    if only_good {
                        settled = here.clone();
                    }
                }
                Step::Busy { status, wait } => {
                    again += 1;
                    let wait = wait.unwrap_or(self.settings.pause);
                    if again > AGAIN || wait > self.settings.patience {
                        return Verdict::Busy(status);
                    }
                    self.turns.rest(here.authority(), wait);
                }
                Step::End(verdict) => return verdict,
            }
        }
    }

    /// Asks for the head of a page, and for the page where a server does not know that question.
    fn step(&self, url: &WebUrl) -> Step {
        let said = {
            let _turn = self.turns.take(url.authority());
            self.client.head(url)
        };
        let doubtful = match &said {
            Ok(page) => page.status >= 400 && !matches!(page.status, 429 | 503),
            Err(FetchError::Connection(_) | FetchError::Protocol(_)) => true,
            Err(_) => false,
        };
        if !doubtful {
            return self.judge(said);
        }
        let _turn = self.turns.take(url.authority());
        self.judge(self.client.get(url))
    }

    fn judge(&self, said: Result<Page, FetchError>) -> Step {
        let page = match said {
            Ok(page) => page,
            Err(error) => return Step::End(failed(&error)),
        };
        match (page.status, &page.location) {
            (200..=299 | 304, _) => Step::Arrived,
            (301 | 302 | 303 | 307 | 308, Some(to)) => {
                Step::Onwards { to: to.clone(), for_good: matches!(page.status, 301 | 308) }
            }
            (status @ (404 | 410), _) => Step::End(Verdict::Gone(status)),
            (status @ (429 | 503), _) => Step::Busy { status, wait: self.retry_after(&page) },
            (status @ (401 | 402 | 403 | 405 | 406 | 407 | 451 | 999), _) => {
                Step::End(Verdict::Closed(status))
            }
            (status, _) => Step::End(Verdict::Faulty(format!("the server answers {status}"))),
        }
    }

    /// How long a busy host wants to be left alone: seconds, or a moment (RFC 9110 §10.2.3).
    fn retry_after(&self, page: &Page) -> Option<Duration> {
        let text = page.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let then = DateTime::parse_from_rfc2822(text).ok()?.timestamp();
        let elapsed = i64::try_from(self.begun.elapsed().as_secs()).unwrap_or(0);
        Some(Duration::from_secs(u64::try_from(then - self.now - elapsed).unwrap_or(0)))
    }
}

fn failed(error: &FetchError) -> Verdict {
    match error {
        FetchError::Refused(refused) => Verdict::Private(refused.to_string()),
        FetchError::UnknownHost(_) => Verdict::UnknownHost,
        FetchError::Certificate(why) => Verdict::Untrusted(why.clone()),
        other => Verdict::Faulty(other.to_string()),
    }
}

/// An address as a server sees it.
fn bare(url: &WebUrl) -> String {
    url.as_str().split('#').next().unwrap_or_default().to_owned()
}

fn short(text: &str) -> String {
    text.chars().filter(|ch| !ch.is_control()).take(60).collect()
}
