//! The contents page of the preview: every address, and what answers there.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Response, StatusCode, Uri};
use axum::middleware;
use axum::routing::get;

use crate::model::{IssueDate, Slot};

use super::files::{self, Answer, Found};
use super::look::{self, Scheme};
use super::tabs::{self, Show, TABS};
use super::{Desk, events, guard};

/// All addresses of the preview.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/go", get(go))
        .route("/board", get(board))
        .route("/issue/{slot}", get(first))
        .route("/issue/{slot}/{tab}", get(issue))
        .route("/mail/{slot}/{look}", get(mail))
        .route("/site", get(|| async { moved("/site/") }))
        .route("/site/", get(site))
        .route("/site/{*path}", get(site))
        .route("/light/", get(light))
        .route("/light/{*path}", get(light))
        .route("/dark/", get(dark))
        .route("/dark/{*path}", get(dark))
        .route("/events", get(follow))
        .route("/preview.css", get(style))
        .route("/preview.js", get(script))
        .fallback(nothing)
        .layer(middleware::from_fn(guard::admit))
        .with_state(desk)
}

async fn list(State(desk): State<Arc<Desk>>, RawQuery(query): RawQuery) -> Response<Body> {
    let page = asked(query.as_deref(), "page").and_then(|page| page.parse().ok()).unwrap_or(1);
    html(StatusCode::OK, desk.pages.list(&desk.now(), page))
}

/// To the issue of a day, or the nearest.
async fn go(State(desk): State<Arc<Desk>>, RawQuery(query): RawQuery) -> Response<Body> {
    let day = asked(query.as_deref(), "day").and_then(|day| IssueDate::parse(day).ok());
    let state = desk.now();
    let issues = state.survey.iter().flat_map(|survey| &survey.issues).map(|issue| issue.slot);
    let near = day.and_then(|day| {
        issues
            .min_by_key(|slot| (slot.date.day().signed_duration_since(day.day()).num_days().abs(), slot.kind))
    });
    near.map_or_else(|| moved("/"), |slot| moved(&format!("/issue/{slot}")))
}

/// How the next issue fills up.
async fn board(State(desk): State<Arc<Desk>>) -> Response<Body> {
    let state = desk.board().await;
    html(StatusCode::OK, desk.pages.board(&state))
}

async fn first(State(desk): State<Arc<Desk>>, Path(slot): Path<String>) -> Response<Body> {
    show(&desk, &slot, TABS[0].key).await
}

async fn issue(State(desk): State<Arc<Desk>>, Path((slot, tab)): Path<(String, String)>) -> Response<Body> {
    show(&desk, &slot, &tab).await
}

async fn show(desk: &Desk, slot: &str, tab: &str) -> Response<Body> {
    let (Ok(slot), Some(tab)) = (Slot::parse(slot), tabs::find(tab)) else { return missing(desk) };
    let mut state = desk.open(slot).await;
    if let Show::Board = tab.show {
        state = desk.board().await;
    }
    match desk.pages.issue(&state, slot, tab) {
        Some(page) => html(StatusCode::OK, page),
        None => missing(desk),
    }
}

/// A mail as a page of its own, for a screen.
async fn mail(State(desk): State<Arc<Desk>>, Path((slot, look)): Path<(String, String)>) -> Response<Body> {
    let (scheme, policy) = match look.as_str() {
        "light" => (Scheme::Light, guard::MAIL),
        "dark" => (Scheme::Dark, guard::MAIL),
        "bare" => (Scheme::Light, guard::BARE),
        _ => return missing(&desk),
    };
    let Ok(slot) = Slot::parse(&slot) else { return missing(&desk) };
    let state = desk.open(slot).await;
    let (Some(proof), Some(survey)) = (state.proofs.get(&slot), &state.survey) else { return missing(&desk) };
    let page = look::mail(&proof.mail.html, &survey.base_url, scheme);
    let mut response = html(StatusCode::OK, page);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// The web edition as it is.
async fn site(State(desk): State<Arc<Desk>>, uri: Uri) -> Response<Body> {
    web(&desk, "/site/", &uri, None).await
}

/// The web edition as it is by day.
async fn light(State(desk): State<Arc<Desk>>, uri: Uri) -> Response<Body> {
    web(&desk, "/light/", &uri, Some(Scheme::Light)).await
}

/// And by night.
async fn dark(State(desk): State<Arc<Desk>>, uri: Uri) -> Response<Body> {
    web(&desk, "/dark/", &uri, Some(Scheme::Dark)).await
}

async fn web(desk: &Desk, top: &str, uri: &Uri, scheme: Option<Scheme>) -> Response<Body> {
    let path = uri.path().strip_prefix(top).unwrap_or_default().to_owned();
    let (folder, asked) = (desk.site(), path.clone());
    let answer = tokio::task::spawn_blocking(move || files::read(&folder, &asked)).await;
    let lit = |found: Found| match scheme {
        Some(scheme) => found.lit(scheme),
        None => found,
    };
    match answer.unwrap_or(Answer::Nothing(None)) {
        Answer::File(found) => file(StatusCode::OK, lit(found), &path),
        Answer::Folder => moved(&format!("{top}{path}/")),
        Answer::Nothing(Some(found)) => file(StatusCode::NOT_FOUND, lit(found), &path),
        Answer::Nothing(None) => missing(desk),
    }
}

async fn follow(State(desk): State<Arc<Desk>>) -> Response<Body> {
    events::answer(desk.states.clone())
}

async fn style(State(desk): State<Arc<Desk>>) -> Response<Body> {
    text("text/css; charset=utf-8", desk.pages.style())
}

async fn script(State(desk): State<Arc<Desk>>) -> Response<Body> {
    text("text/javascript; charset=utf-8", desk.pages.script())
}

async fn nothing(State(desk): State<Arc<Desk>>) -> Response<Body> {
    missing(&desk)
}

fn missing(desk: &Desk) -> Response<Body> {
    html(StatusCode::NOT_FOUND, desk.pages.missing(&desk.now()))
}

fn file(status: StatusCode, found: Found, path: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(found.bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(found.kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(guard::SITE));
    // The name of a picture changes with its content.
    if path.starts_with("assets/img/") && status == StatusCode::OK {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    }
    response
}

fn html(status: StatusCode, page: String) -> Response<Body> {
    let mut response = text("text/html; charset=utf-8", &page);
    *response.status_mut() = status;
    response
}

fn text(kind: &'static str, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn moved(place: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(place) = HeaderValue::from_str(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// The value of a field of a query.
fn asked<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    query?.split('&').find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
}
