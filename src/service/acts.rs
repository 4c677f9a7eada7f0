//! Pages with one button: confirm, leave, never again, one's data. GET shows the button, POST presses it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, Response, StatusCode};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};

use crate::links::{Purpose, SHORT_LIVED};
use crate::model::{ConsentSource, Language, Slug, SuppressionReason};
use crate::store::StoreError;
use crate::subscribers::{self, Origin};

use super::Desk;
use super::asked::{self, Fields, Peer, Token, Wish};
use super::pages::Page;

type Answer = Response<Body>;

/// What a good token leads to.
struct Holder {
    id: u64,
    list: Slug,
    /// When the link was asked for, for one that does not last.
    asked: Option<i64>,
}

impl Desk {
    fn holder(&self, token: &str, purpose: Purpose) -> Option<Holder> {
        let claim = self.claim(token, purpose)?;
        let asked = claim.expires.map(|end| end - SHORT_LIVED);
        Some(Holder { id: claim.reader.0, list: self.list(claim.list)?.clone(), asked })
    }

    /// The page with the button.
    fn show(&self, token: &str, purpose: Purpose, page: Page, headers: &HeaderMap) -> Answer {
        let (wish, language) = (asked::wish(headers), asked::language(headers, self.config.language));
        match self.holder(token, purpose) {
            Some(holder) => self.answer(wish, StatusCode::OK, page, language, Some(&holder.list)),
            None => self.invalid(wish, language),
        }
    }

    pub(super) fn origin(&self, source: ConsentSource, peer: Peer, headers: &HeaderMap) -> Origin {
        let proxies = self.config.service.as_ref().map_or(&[][..], |service| &service.proxies);
        let network = asked::network(peer, headers, proxies).map(|network| network.to_string());
        Origin { network: network.unwrap_or_default(), ..Origin::new(source) }
    }
}

pub(super) async fn show_confirm(
    State(desk): State<Arc<Desk>>,
    Token(token): Token,
    headers: HeaderMap,
) -> Answer {
    desk.show(&token, Purpose::Confirm, Page::Confirm, &headers)
}

pub(super) async fn show_leave(
    State(desk): State<Arc<Desk>>,
    Token(token): Token,
    headers: HeaderMap,
) -> Answer {
    desk.show(&token, Purpose::Leave, Page::Leave, &headers)
}

pub(super) async fn show_refuse(
    State(desk): State<Arc<Desk>>,
    Token(token): Token,
    headers: HeaderMap,
) -> Answer {
    desk.show(&token, Purpose::Refuse, Page::Refuse, &headers)
}

pub(super) async fn show_data(
    State(desk): State<Arc<Desk>>,
    Token(token): Token,
    headers: HeaderMap,
) -> Answer {
    desk.show(&token, Purpose::Data, Page::Data, &headers)
}

/// A press of a button: the body says nothing that the token does not.
struct Press {
    wish: Wish,
    language: Language,
    headers: HeaderMap,
    holder: Holder,
    fields: Fields,
}

async fn press(desk: &Desk, token: &str, purpose: Purpose, request: Request) -> Result<Press, Answer> {
    let headers = request.headers().clone();
    let (wish, language) = (asked::wish(&headers), asked::language(&headers, desk.config.language));
    let body = asked::body(request).await;
    let body = body.map_err(|status| desk.answer(wish, status, Page::Invalid, language, None))?;
    let holder = desk.holder(token, purpose).ok_or_else(|| desk.invalid(wish, language))?;
    let fields = Fields::read(wish, &body).unwrap_or_default();
    Ok(Press { wish, language, headers, holder, fields })
}

impl Press {
    fn done<T>(&self, desk: &Desk, result: Result<T, StoreError>, page: Page) -> Answer {
        match result {
            Ok(_) => desk.answer(self.wish, StatusCode::OK, page, self.language, Some(&self.holder.list)),
            Err(_) => desk.busy(self.wish, self.language),
        }
    }
}

pub(super) async fn confirm(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    Token(token): Token,
    request: Request,
) -> Answer {
    let press = match press(&desk, &token, Purpose::Confirm, request).await {
        Ok(press) => press,
        Err(answer) => return answer,
    };
    let origin = desk.origin(ConsentSource::Link, peer, &press.headers);
    let shown = || desk.pages.confirm_words(press.language, &press.holder.list);
    let Some(statement) = desk.statement(&press.fields, press.wish, shown) else {
        return desk.outcome(StatusCode::UNPROCESSABLE_ENTITY, "statement-too-long");
    };
    let origin = Origin { statement, ..origin };
    let (id, key, moment) = (press.holder.id, desk.key.clone(), desk.moment());
    let asked = press.holder.asked.unwrap_or(moment.now);
    let result = desk.write(move |transaction| {
        if subscribers::has_left_since(transaction, id, asked)? {
            return Ok(None);
        }
        subscribers::confirm(transaction, id, &key, &origin, moment).map(Some)
    });
    let result = result.await;
    if let Ok(None) = result {
        return desk.invalid(press.wish, press.language);
    }
    desk.counters.confirmed.fetch_add(u64::from(result.is_ok()), Ordering::Relaxed);
    press.done(&desk, result, Page::Confirmed)
}

/// The button of the page, and the one-click of a mail program: both are a POST of whatever body (RFC 8058).
pub(super) async fn leave(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    Token(token): Token,
    request: Request,
) -> Answer {
    let press = match press(&desk, &token, Purpose::Leave, request).await {
        Ok(press) => press,
        Err(answer) => return answer,
    };
    let by_hand = press.fields.get("action") == "leave";
    let source = if by_hand { ConsentSource::Link } else { ConsentSource::OneClick };
    let origin = desk.origin(source, peer, &press.headers);
    let (id, moment) = (press.holder.id, desk.moment());
    let result =
        desk.write(move |transaction| subscribers::unsubscribe(transaction, id, &origin, moment)).await;
    desk.counters.left.fetch_add(u64::from(result.is_ok()), Ordering::Relaxed);
    press.done(&desk, result, Page::Left)
}

pub(super) async fn refuse(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    Token(token): Token,
    request: Request,
) -> Answer {
    let press = match press(&desk, &token, Purpose::Refuse, request).await {
        Ok(press) => press,
        Err(answer) => return answer,
    };
    let origin = desk.origin(ConsentSource::Link, peer, &press.headers);
    let (id, moment) = (press.holder.id, desk.moment());
    let result = desk
        .write(move |transaction| {
            let Some(known) = transaction.subscriber(id)? else { return Ok(()) };
            let reason = SuppressionReason::Refused;
            subscribers::suppress(transaction, &known.address, reason, &origin, moment).map(drop)
        })
        .await;
    press.done(&desk, result, Page::Refused)
}

pub(super) async fn data(State(desk): State<Arc<Desk>>, Token(token): Token, request: Request) -> Answer {
    let press = match press(&desk, &token, Purpose::Data, request).await {
        Ok(press) => press,
        Err(answer) => return answer,
    };
    let id = press.holder.id;
    match press.fields.get("action") {
        "export" => export(&desk, &press).await,
        "erase" => {
            let (key, now) = (desk.key.clone(), desk.moment().now);
            let result = desk
                .write(move |transaction| {
                    subscribers::erase_subscriber(transaction, id, &key, ConsentSource::Link, now)
                })
                .await;
            desk.purge();
            let forgotten = match result {
                Ok(Some(address)) => desk.forget(address.key()).await,
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            press.done(&desk, forgotten, Page::Erased)
        }
        _ => desk.answer(press.wish, StatusCode::UNPROCESSABLE_ENTITY, Page::Data, press.language, None),
    }
}

/// Everything that is kept about the holder, as a file.
async fn export(desk: &Desk, press: &Press) -> Answer {
    let id = press.holder.id;
    let data = desk.read(move |transaction| {
        let Some(known) = transaction.subscriber(id)? else { return Ok(None) };
        let when = |seconds| {
            let moment = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
            moment.to_rfc3339_opts(SecondsFormat::Secs, true)
        };
        subscribers::personal_data(transaction, &known.address, when).map(Some)
    });
    match data.await {
        Ok(Some(data)) => {
            let mut response =
                desk.response(StatusCode::OK, "application/json", Bytes::from(format!("{data:#}\n")));
            let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
            response
        }
        Ok(None) => desk.invalid(press.wish, press.language),
        Err(_) => desk.busy(press.wish, press.language),
    }
}
