//! Asking for a list. The answer and the work are the same whoever asks for whichever address: the request is
//! written down, and judged later by somebody whom nobody can time.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, Response, StatusCode};

use crate::model::{ConsentSource, Language};
use crate::store;

use super::Desk;
use super::asked::{self, Fields, Peer, Wish};
use super::pages::Page;

/// More requests than this do not wait: the next is asked to come again.
const LONGEST_QUEUE: u64 = 20_000;

pub(super) async fn form(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response<Body> {
    let language = asked::language(&headers, desk.config.language);
    desk.answer(Wish::Page, StatusCode::OK, Page::Subscribe, language, None)
}

pub(super) async fn ask(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response<Body> {
    let headers = request.headers().clone();
    let wish = asked::wish(&headers);
    let usual = asked::language(&headers, desk.config.language);
    let proxies = desk.config.service.as_ref().map_or(&[][..], |service| &service.proxies);
    let network = asked::network(peer, &headers, proxies);
    if let Some(Err(seconds)) = network.map(|network| desk.limiter.admit(network, (desk.edges.clock)())) {
        desk.counters.limited.fetch_add(1, Ordering::Relaxed);
        let mut response = desk.answer(wish, StatusCode::TOO_MANY_REQUESTS, Page::TooMany, usual, None);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return response;
    }
    let fields = match asked::body(request).await {
        Ok(body) => Fields::read(wish, &body),
        Err(status) => return desk.answer(wish, status, Page::BadAddress, usual, None),
    };
    let Some(fields) = fields else {
        return desk.answer(wish, StatusCode::BAD_REQUEST, Page::BadAddress, usual, None);
    };
    let language = Language::parse(fields.get("lang")).unwrap_or(usual);
    let refused = |page| desk.answer(wish, StatusCode::UNPROCESSABLE_ENTITY, page, language, None);
    let list = match fields.get("list") {
        "" => desk.config.lists.first().map(|list| &list.name),
        name => desk.list(name),
    };
    let Some(list) = list.cloned() else { return refused(Page::NoSuchList) };
    if !is_plausible(fields.get("email")) {
        return refused(Page::BadAddress);
    }
    let Some(statement) = desk.statement(&fields, wish, || desk.pages.form_words(language, &list)) else {
        return desk.outcome(StatusCode::UNPROCESSABLE_ENTITY, "statement-too-long");
    };
    desk.counters.subscribe.fetch_add(1, Ordering::Relaxed);
    let thanks = |desk: &Desk| desk.answer(wish, StatusCode::OK, Page::Sent, language, Some(&list));
    // What no person sees, only a program fills in.
    if !fields.get("website").is_empty() {
        return thanks(&desk);
    }
    if desk.counters.waiting_requests.load(Ordering::Relaxed) > LONGEST_QUEUE {
        return desk.busy(wish, language);
    }
    let moment = desk.moment();
    let request = store::Request {
        id: moment.number(),
        at: moment.now,
        due: moment.now,
        address: fields.get("email").to_owned(),
        list: list.clone(),
        language,
        network: network.map(|network| network.to_string()).unwrap_or_default(),
        source: if wish == Wish::Json { ConsentSource::Api } else { ConsentSource::Form },
        statement,
    };
    match desk.write(move |transaction| transaction.add_request(&request)).await {
        Ok(()) => thanks(&desk),
        Err(_) => desk.busy(wish, language),
    }
}

/// The longest statement of a program, in characters.
const LONGEST_STATEMENT: usize = 2_000;

impl Desk {
    /// The words that were shown: those of our page, or those that a program says it has shown. None where they
    /// are too long to be kept.
    pub(super) fn statement(
        &self,
        fields: &Fields,
        wish: Wish,
        shown: impl FnOnce() -> String,
    ) -> Option<String> {
        match wish {
            Wish::Page => Some(shown()),
            Wish::Json => {
                let said = fields.get("statement");
                (said.chars().count() <= LONGEST_STATEMENT).then(|| said.to_owned())
            }
        }
    }
}

/// Something before an `@` and something after it, as short as an address. Whether it is one, and whose, is
/// not for this answer to tell.
fn is_plausible(text: &str) -> bool {
    let parts = text.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    parts && text.len() <= 254 && !text.chars().any(|letter| letter.is_control() || letter.is_whitespace())
}
