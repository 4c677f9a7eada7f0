//! What the letters about a subscription say, for whom, with which links.

use chrono::DateTime;

use crate::config::Config;
use crate::links::{Claim, Links, Place, Purpose, ReaderId, SHORT_LIVED, TokenKey};
use crate::mail::{Notice, NoticePart};
use crate::model::{IssueDate, Language, Subscriber, spoken};
use crate::store::{Letter, LetterKind};

use super::words::{Page, words};

/// Where a token of ours leads.
pub(super) fn address(config: &Config, purpose: Purpose, token: &str) -> String {
    let base = config.service.as_ref().map_or("", |service| service.url.as_str());
    let page = match purpose {
        Purpose::Leave => "unsubscribe",
        Purpose::Preferences => "preferences",
        Purpose::Confirm => "confirm",
        Purpose::Refuse => "never",
        Purpose::Data => "data",
    };
    format!("{base}{page}/{token}")
}

/// A letter as words and links.
pub(super) fn notice(letter: &Letter, known: &Subscriber, config: &Config, key: &TokenKey) -> Notice {
    let words = words(known.language);
    let mail = &words.mail;
    let until = letter.asked + SHORT_LIVED;
    let list = known.list.as_str();
    let title =
        config.lists.iter().find(|rule| rule.name == known.list).map_or(&config.title, |rule| &rule.title);
    let url = |purpose: Purpose| {
        let expires = if purpose.lasts() { None } else { Some(until) };
        let claim = Claim { expires, ..Claim::lasting(purpose, list, ReaderId(known.id)) };
        address(config, purpose, key.token(&claim).as_str())
    };
    let network = match letter.network.as_str() {
        "" => String::new(),
        network => mail.network.replace("{network}", network),
    };
    let moment = moment(letter.asked, known.language, config, mail.moment);
    let fill = |text: &str| {
        text.replace("{title}", title)
            .replace("{moment}", &moment)
            .replace("{until}", &self::moment(until, known.language, config, mail.moment))
            .replace("{network}", &network)
    };
    let said = |page: &Page| (fill(page.heading), NoticePart::Text { text: fill(page.text) });
    let text = |text: &str| NoticePart::Text { text: text.to_owned() };
    let button = |text: &str, url| NoticePart::Button { text: text.to_owned(), url };
    let link = |text: &str, url| NoticePart::Link { text: text.to_owned(), url };
    let ((subject, first), rest) = match letter.kind {
        LetterKind::Confirm => (
            said(&mail.confirm),
            vec![
                button(mail.confirm_button, url(Purpose::Confirm)),
                text(mail.ignore),
                link(mail.never, url(Purpose::Refuse)),
            ],
        ),
        LetterKind::Welcome => (
            said(&mail.welcome),
            vec![
                button(mail.latest, Links::new(config.base_url.clone()).absolute(&Place::latest())),
                link(mail.preferences, url(Purpose::Preferences)),
                link(mail.leave, url(Purpose::Leave)),
            ],
        ),
        LetterKind::Manage => (
            said(&mail.manage),
            vec![link(mail.preferences, url(Purpose::Preferences)), link(mail.leave, url(Purpose::Leave))],
        ),
        LetterKind::Data => {
            (said(&mail.data), vec![button(mail.data_button, url(Purpose::Data)), text(mail.data_ignore)])
        }
    };
    let parts = std::iter::once(first).chain(rest).collect();
    Notice { language: if words.lang == "fr" { Language::French } else { Language::English }, subject, parts }
}

/// A moment as it is said, in the newsletter's time zone.
fn moment(seconds: i64, language: Language, config: &Config, pattern: &str) -> String {
    let moment = DateTime::from_timestamp(seconds, 0).unwrap_or_default().with_timezone(&config.timezone);
    let date = spoken::long(IssueDate::from(moment.date_naive()), language);
    pattern.replace("{date}", &date).replace("{time}", &moment.format("%H:%M").to_string())
}
