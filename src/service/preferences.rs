//! A reader's preferences: how often, which topics, a pause, the language; and the way to one's data.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use bytes::Bytes;
use chrono::DateTime;

use crate::links::{Claim, Purpose, ReaderId};
use crate::model::{ConsentSource, IssueDate, Language, Rhythm, Slug, Subscriber};
use crate::store::{Choice, LetterKind, Rate};
use crate::subscribers;

use super::Desk;
use super::asked::{self, Fields, Peer, Token, Wish};
use super::letters;
use super::pages::{Page, Saved};

/// The way to one's data is mailed twice within a quarter of an hour at most.
const DATA: Rate = Rate::of(450, 2);

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    Token(token): Token,
    headers: HeaderMap,
) -> Response<Body> {
    let (wish, usual) = (asked::wish(&headers), asked::language(&headers, desk.config.language));
    let Some(claim) = desk.claim(&token, Purpose::Preferences) else { return desk.invalid(wish, usual) };
    page(&desk, claim.reader.0, wish, usual, Saved::No).await
}

/// The page of a reader as the store knows them.
async fn page(desk: &Desk, id: u64, wish: Wish, usual: Language, saved: Saved) -> Response<Body> {
    match desk.read(move |transaction| transaction.subscriber(id)).await {
        Ok(Some(known)) => shown(desk, &known, wish, saved),
        Ok(None) => desk.invalid(wish, usual),
        Err(_) => desk.busy(wish, usual),
    }
}

fn shown(desk: &Desk, known: &Subscriber, wish: Wish, saved: Saved) -> Response<Body> {
    if wish == Wish::Json {
        let topics: Vec<&str> = known.topics.iter().map(Slug::as_str).collect();
        let body = serde_json::json!({
            "status": known.state.as_str(), "rhythm": known.rhythm.as_str(), "topics": topics,
            "paused_until": known.paused_until.map(|day| day.to_string()), "lang": known.language.as_str(),
        });
        return desk.response(StatusCode::OK, "application/json", Bytes::from(body.to_string()));
    }
    let moment = DateTime::from_timestamp(known.since, 0).unwrap_or_default();
    let since = IssueDate::from(moment.with_timezone(&desk.config.timezone).date_naive());
    let leave = Claim::lasting(Purpose::Leave, known.list.as_str(), ReaderId(known.id));
    let leave = letters::address(&desk.config, Purpose::Leave, desk.key.token(&leave).as_str());
    match desk.pages.preferences(known, since, known.language, leave, saved) {
        Ok(html) => desk.html(StatusCode::OK, Bytes::from(html)),
        Err(fault) => {
            desk.tell("template", &[("error", &fault.message)]);
            desk.busy(wish, known.language)
        }
    }
}

pub(super) async fn save(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    Token(token): Token,
    request: Request,
) -> Response<Body> {
    let headers = request.headers().clone();
    let (wish, usual) = (asked::wish(&headers), asked::language(&headers, desk.config.language));
    let body = match asked::body(request).await {
        Ok(body) => body,
        Err(status) => return desk.answer(wish, status, Page::Invalid, usual, None),
    };
    let Some(claim) = desk.claim(&token, Purpose::Preferences) else { return desk.invalid(wish, usual) };
    let id = claim.reader.0;
    let fields = Fields::read(wish, &body).unwrap_or_default();
    let origin = desk.origin(ConsentSource::Link, peer, &headers);
    let moment = desk.moment();
    if fields.get("action") == "data" {
        let sent = desk.write(move |transaction| {
            if transaction.subscriber(id)?.is_some()
                && transaction.within_rate(&format!("data {id}"), moment.now, DATA)?
            {
                subscribers::add_letter(transaction, id, LetterKind::Data, &origin.network, moment)?;
            }
            Ok(())
        });
        return match sent.await {
            Ok(()) => desk.answer(wish, StatusCode::OK, Page::DataSent, usual, None),
            Err(_) => desk.busy(wish, usual),
        };
    }
    let today = today(&desk);
    let topics = fields.has("topics").then(|| chosen_topics(&desk, &fields));
    // A pause that is over is none.
    let until = IssueDate::parse(fields.get("paused_until")).ok().filter(|day| *day > today);
    let until = fields.has("paused_until").then_some(until);
    let rhythm = Rhythm::parse(fields.get("rhythm"));
    let language = Language::parse(fields.get("lang"));
    let saved = desk.write(move |transaction| {
        let Some(known) = transaction.subscriber(id)? else { return Ok(()) };
        let choice = Choice {
            rhythm: rhythm.unwrap_or(known.rhythm),
            topics: topics.clone().unwrap_or(known.topics),
            paused_until: until.unwrap_or(known.paused_until),
            language: language.unwrap_or(known.language),
        };
        subscribers::choose(transaction, id, &choice, &origin, moment).map(drop)
    });
    match saved.await {
        Ok(()) => page(&desk, id, wish, usual, Saved::Yes).await,
        Err(_) => desk.busy(wish, usual),
    }
}

fn chosen_topics(desk: &Desk, fields: &Fields) -> Vec<Slug> {
    let keys = fields.all("topics").flat_map(|text| text.split([',', ' ']));
    let mut topics: Vec<Slug> =
        keys.filter_map(|key| Slug::parse(key).ok()).filter(|key| desk.pages.has_topic(key)).collect();
    topics.sort();
    topics.dedup();
    topics
}

fn today(desk: &Desk) -> IssueDate {
    let moment = DateTime::from_timestamp(desk.moment().now, 0).unwrap_or_default();
    IssueDate::from(moment.with_timezone(&desk.config.timezone).date_naive())
}
