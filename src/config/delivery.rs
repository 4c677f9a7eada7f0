//! When an issue is sent, until when it is tried, and what happens to letters whose answer was lost.

use std::time::Duration;

use chrono::NaiveTime;

use crate::model::UncertainPolicy;

use super::raw::{RawApproval, RawDelivery, RawUncertain};
use super::settings::Publisher;
use super::settle::Settler;
use super::yaml::Spanned;

/// When and under which rules issues are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySettings {
    /// Whether somebody has to approve an issue before it is published.
    pub approval: Approval,
    /// How long after the approval nothing is sent yet.
    pub cool_down: Duration,
    /// The local time at which the day's issue is sent.
    pub send_at: NaiveTime,
    /// The local time of the issue's date after which it is stale, if it ever is.
    pub not_after: Option<NaiveTime>,
    /// How long after its time an issue may still begin.
    pub max_lateness: Duration,
    /// How long deferred letters are tried again.
    pub deadline: Duration,
    /// What happens to letters whose answer was lost.
    pub uncertain: UncertainPolicy,
    /// How long answers are waited for when the program is told to stop.
    pub drain: Duration,
    /// How long evidence is waited for before that policy is applied.
    pub settle: Duration,
    /// Whether the publisher is told of a run that pauses.
    pub notify: Notify,
}

/// Whether somebody has to approve an issue before it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// `publish` approves by itself.
    Optional,
    /// `publish` waits for `approve`.
    Required,
}

/// Whether the publisher is told of a run that pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notify {
    /// No.
    Nobody,
    /// By mail, at the publisher's address.
    Publisher,
}

const DAY: u64 = 86_400;

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            approval: Approval::Optional,
            cool_down: Duration::ZERO,
            send_at: NaiveTime::from_hms_opt(6, 0, 0).unwrap_or_default(),
            not_after: None,
            max_lateness: Duration::from_secs(DAY / 4),
            deadline: Duration::from_secs(DAY / 2),
            uncertain: UncertainPolicy::Hold,
            drain: Duration::from_secs(30),
            settle: Duration::from_secs(15 * 60),
            notify: Notify::Nobody,
        }
    }
}

impl Settler<'_> {
    pub(super) fn delivery(&mut self, raw: RawDelivery, publisher: &Publisher) -> DeliverySettings {
        let RawDelivery {
            approval,
            cool_down,
            send_at,
            not_after,
            max_lateness,
            deadline,
            uncertain,
            drain,
            settle,
            notify,
        } = raw;
        let usual = DeliverySettings::default();
        let clock_hint = "write it as \"06:30\"";
        let send_at = self.optional(send_at, "delivery-time", clock, clock_hint).unwrap_or(usual.send_at);
        let stale = not_after.as_ref().map(|text| self.yaml.place(text));
        let not_after = self.optional(not_after, "delivery-time", clock, clock_hint);
        if let (Some(end), Some(place)) = (not_after.filter(|end| *end <= send_at), stale) {
            let message = format!(
                "an issue that is sent at {} would be stale at {}",
                send_at.format("%H:%M"),
                end.format("%H:%M")
            );
            self.fault(
                "delivery-time",
                &message,
                place,
                "`not_after` is later on the same day than `send_at`",
            );
        }
        DeliverySettings {
            approval: match approval {
                Some(RawApproval::Required) => Approval::Required,
                Some(RawApproval::Optional) | None => Approval::Optional,
            },
            cool_down: self.span(cool_down, "cool_down", 0, DAY).unwrap_or(usual.cool_down),
            send_at,
            not_after,
            max_lateness: self.span(max_lateness, "max_lateness", 60, DAY).unwrap_or(usual.max_lateness),
            deadline: self.span(deadline, "deadline", 60, 7 * DAY).unwrap_or(usual.deadline),
            uncertain: match uncertain {
                Some(RawUncertain::Resend) => UncertainPolicy::Resend,
                Some(RawUncertain::Hold) | None => UncertainPolicy::Hold,
            },
            drain: self.span(drain, "drain", 0, 3600).unwrap_or(usual.drain),
            settle: self.span(settle, "settle", 0, DAY).unwrap_or(usual.settle),
            notify: self.notify(notify, publisher),
        }
    }

    fn notify(&mut self, notify: Option<Spanned<bool>>, publisher: &Publisher) -> Notify {
        let Some(place) = notify.filter(|on| on.value).map(|on| self.yaml.place(&on)) else {
            return Notify::Nobody;
        };
        if publisher.email.is_none() && !self.partial {
            let hint = "add `publisher: {email: redaction@news.example}`";
            self.fault("notify", "there is no address to tell when a run pauses", place, hint);
        }
        Notify::Publisher
    }

    /// A span of time between two limits, in seconds.
    /// A span of time within limits, in seconds.
    pub(super) fn span(
        &mut self,
        text: Option<Spanned<String>>,
        key: &'static str,
        least: u64,
        most: u64,
    ) -> Option<Duration> {
        let judge = |text: &str| {
            let span = span(text)?;
            let said = |seconds| written(Duration::from_secs(seconds));
            if (least..=most).contains(&span.as_secs()) {
                Ok(span)
            } else {
                Err(format!("`{key}` is {} to {}, and not {text}", said(least), said(most)))
            }
        };
        self.optional(text, "duration", judge, "write it as 90s, 10m or 6h")
    }
}

/// Reads `90s`, `10m`, `6h` or `2d`.
fn span(text: &str) -> Result<Duration, String> {
    let refused = || format!("`{text}` is not a span of time");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(refused)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => DAY,
        _ => return Err(refused()),
    };
    let digits = (1..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| digits).ok_or_else(refused)?;
    Ok(Duration::from_secs(number * unit))
}

/// A span as it would be written.
fn written(span: Duration) -> String {
    match span.as_secs() {
        seconds if seconds > 0 && seconds % DAY == 0 => format!("{}d", seconds / DAY),
        seconds if seconds > 0 && seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        seconds if seconds > 0 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// Reads `06:30`.
fn clock(text: &str) -> Result<NaiveTime, String> {
    let shape = text.len() == 5;
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| shape);
    time.ok_or_else(|| format!("`{text}` is not a time of day"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settle;
    use crate::model::{Diagnostic, Source};

    fn read(delivery: &str) -> (Option<DeliverySettings>, Vec<Diagnostic>) {
        let text = format!(
            "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{{name: brief}}]\n\
             publisher: {{email: office@news.example}}\n{delivery}"
        );
        let mut findings = Vec::new();
        let config = settle(&Source::new("content/newsletter.yaml", text), &mut findings);
        (config.map(|config| config.delivery), findings)
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        let (settings, findings) = read("");
        assert!(findings.is_empty(), "{findings:#?}");
        assert_eq!(settings, Some(DeliverySettings::default()));
        assert_eq!(read("delivery: {}\n").0, Some(DeliverySettings::default()));
    }

    #[test]
    fn everything_that_can_be_said_is_read() {
        let (settings, findings) = read(
            "delivery:\n  approval: required\n  cool_down: 10m\n  not_after: \"10:00\"\n  max_lateness: 2h\n  \
             send_at: 06:30\n  deadline: 1d\n  uncertain: resend\n  drain: 45s\n  settle: 5m\n  notify: true\n",
        );
        assert!(findings.is_empty(), "{findings:#?}");
        let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).expect("a time");
        assert_eq!(
            settings,
            Some(DeliverySettings {
                approval: Approval::Required,
                cool_down: Duration::from_secs(600),
                send_at: at(6, 30),
                not_after: Some(at(10, 0)),
                max_lateness: Duration::from_secs(7200),
                deadline: Duration::from_secs(86_400),
                uncertain: UncertainPolicy::Resend,
                drain: Duration::from_secs(45),
                settle: Duration::from_secs(300),
                notify: Notify::Publisher,
            })
        );
    }

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, seconds) in [("90s", 90), ("10m", 600), ("6h", 21_600), ("2d", 172_800), ("0s", 0)] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "10", "1.5h", "-3m", "10 m", "é", "9999999h", "+1h", "10M"] {
            assert!(span(text).is_err(), "{text}");
        }
        for text in ["6:30", "24:00", "06:30:00", "6h30", "06.30"] {
            assert!(clock(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_issue_is_not_stale_before_it_is_sent() {
        let (_, findings) = read("delivery: {send_at: \"08:00\", not_after: \"07:00\", drain: 2d}\n");
        let said: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            said,
            ["an issue that is sent at 08:00 would be stale at 07:00", "`drain` is 0s to 1h, and not 2d"]
        );
    }
}
